import { Progress } from 'antd'
import type { Step } from '#domains/settlement/types.ts'
import type { SettlementView, StoredSettlement } from '#web/api.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Section } from '#web/parts/page.tsx'

type Limit = {
  readonly key: string
  readonly tier: string
  readonly kind: 'deductible' | 'cap' | 'eligible-cap'
  readonly limit: number
  readonly used: number
  readonly period: string
}

/**
 * How far each limit of a period is used: as the last settled bill of each tier left it. The period is the
 * tier's own: a calendar year, a policy year, a lifetime. The figures are those of the bill's steps, so a
 * limit that depends on the bill is the limit of that bill.
 */
export function UsedLimits({ settlements }: { readonly settlements: readonly StoredSettlement[] }) {
  const { lang, say } = useLanguage()
  const ordered = settlements.toSorted((a, b) =>
    a.settlement.settled === b.settlement.settled
      ? a.settledAt.localeCompare(b.settledAt)
      : a.settlement.settled.localeCompare(b.settlement.settled),
  )
  const last = new Map<string, Limit>()
  for (const { settlement, steps } of ordered)
    for (const limit of limitsOf(settlement, steps, lang)) last.set(limit.key, limit)
  const limits = [...last.values()]
  const periods = [...new Set(limits.map(({ period }) => period))].toSorted(latestFirst)
  return (
    <Section title={say('usedLimits')} note={say('usedLimitsNote')}>
      {limits.length === 0 && <p className="quiet">{say('noLimitsYet')}</p>}
      {periods.map((period) => (
        <div key={period}>
          <h3>{wordsOf(period, say)}</h3>
          <ul className="limits">
            {limits
              .filter((limit) => limit.period === period)
              .map(({ key, tier, kind, limit, used }) => (
                <li key={key}>
                  <div className="limit-name">
                    <strong>{tier}</strong> <span>{say(KIND_WORDS[kind])}</span>
                  </div>
                  <Progress
                    aria-label={`${tier} ${say(KIND_WORDS[kind])}`}
                    percent={limit === 0 ? 100 : Math.min(100, Math.floor((used / limit) * 100))}
                    size="small"
                    status="normal"
                    strokeColor={kind === 'deductible' ? '#0f5f6b' : '#c2541b'}
                  />
                  <p className="quiet money">
                    {say('usedOf', {
                      used: money(used),
                      limit: money(limit),
                      left: money(Math.max(0, limit - used)),
                    })}
                  </p>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </Section>
  )
}

const KIND_WORDS = {
  deductible: 'limitDeductible',
  cap: 'limitCap',
  'eligible-cap': 'limitEligible',
} as const

/** Years first, the latest on top; then what never starts again. */
const latestFirst = (a: string, b: string): number =>
  a === 'lifetime' || b === 'lifetime'
    ? Number(a === 'lifetime') - Number(b === 'lifetime')
    : a < b
      ? 1
      : -1

function wordsOf(period: string, say: Say): string {
  if (period === 'lifetime') return say('lifetime')
  return /^\d{4}$/.test(period) ? say('yearOf', { year: period }) : say('yearFrom', { day: period })
}

function limitsOf({ tiers }: SettlementView, steps: readonly Step[], lang: Language): Limit[] {
  return steps.flatMap((step): Limit[] => {
    if (!('tier' in step)) return []
    const tier = tiers.find((each) => each.tier === step.tier)
    if (tier?.period === undefined) return []
    const shared = { tier: tier.title[lang], period: tier.period }
    const key = `${tier.period} ${step.tier} ${step.step}`
    if (step.step === 'deductible' && step.ordinal === undefined)
      return [
        {
          ...shared,
          key,
          kind: 'deductible',
          limit: step.limit,
          used: Math.min(step.limit, step.met + step.offset + step.applied),
        },
      ]
    if (step.step === 'cap' && step.per === 'period') {
      const paid = steps.find((each) => each.step === 'paid' && each.tier === step.tier)
      const amount = paid?.step === 'paid' ? paid.amount : 0
      return [{ ...shared, key, kind: 'cap', limit: step.limit, used: step.used + amount }]
    }
    return []
  })
}
