import type { RiskRules } from './types.ts'

/**
 * What stands out in a case, and how many points each gives. Newest last. No published table of points was found: the factors
 * are those that audits of the bureau name (重复收费、分解住院、挂床、集中住院), the thresholds and points are our own (grade D), to
 * be set by a bureau from its own findings.
 */
export const RISK_RULES: readonly RiskRules[] = [
  {
    version: '2026-11',
    note: '分值与阈值为自拟（D 级），没有找到公布的评分表 · points and thresholds are our own, grade D',
    factors: [
      { factor: 'amount-of-person', points: 15, times: 3, atLeast: 2 },
      { factor: 'amount-of-hospital', points: 15, times: 3, atLeast: 10 },
      { factor: 'soon-after-cover', points: 15, days: 60 },
      { factor: 'same-amount', points: 25, days: 7 },
      { factor: 'invoice-alike', points: 25, characters: 1 },
      { factor: 'several-hospitals', points: 20, days: 1 },
      { factor: 'stays-overlap', points: 30 },
      { factor: 'many-stays', points: 15, days: 30, atLeast: 3 },
      { factor: 'weekend-admission', points: 5 },
    ],
  },
]
