import { dayNumber, type PlainDate } from '#base/plain-date.ts'
import type { CaseAct, Risk, RiskFactor, RiskRule, RiskRules } from './types.ts'

/** What of a bill a score looks at. */
export type BillSeen = {
  readonly bill: string
  readonly stay: string
  readonly admitted: PlainDate
  readonly discharged: PlainDate
  /** In fen. */
  readonly total: number
  readonly medical: string | undefined
  readonly institution: string | undefined
  readonly invoice: string | undefined
}

/** What is known around a bill when it is scored. */
export type RiskFacts = {
  readonly bill: BillSeen
  /** Others of the person, whatever became of them. */
  readonly others: readonly BillSeen[]
  /** The first day on which anything covered the person. */
  readonly coveredSince: PlainDate | undefined
  /** What the institution's last bills of the kind came to, in fen. */
  readonly usual: readonly number[]
}

/** Acts that bring something new: then a case is scored again. */
export const NEWS: readonly CaseAct[] = [
  'accept',
  'receive-documents',
  'hospital-answers',
  'report',
  'object',
]

/**
 * How much of a case stands out, from 0 to 100, and every factor that gave points with what it rests on. A score refuses
 * nothing and pays nothing: it says which of two cases people look at first.
 *
 * By hand: a bill of 30,000.00 where the person's others came to 4,000.00 and 6,000.00 (5,000.00 in the middle) is 6 times
 * their usual, 15 points; admitted on a Saturday, 5 more: 20.
 */
export function riskOf(facts: RiskFacts, { version, factors }: RiskRules): Risk {
  const found = factors.flatMap((rule): RiskFactor[] => {
    const because = findingOf(facts, rule)
    return because ? [{ factor: rule.factor, points: rule.points, ...because }] : []
  })
  const sum = found.reduce((all, { points }) => all + points, 0)
  return { version, score: Math.min(100, sum), factors: found }
}

type Because = Pick<RiskFactor, 'value' | 'usual' | 'bills'>

function findingOf(facts: RiskFacts, rule: RiskRule): Because | undefined {
  const { bill, others, coveredSince, usual } = facts
  switch (rule.factor) {
    case 'amount-of-person': {
      const alike = others.filter(({ medical }) => medical === bill.medical)
      return above(
        bill.total,
        alike.map(({ total }) => total),
        rule,
      )
    }
    case 'amount-of-hospital':
      return above(bill.total, usual, rule)
    case 'soon-after-cover': {
      if (coveredSince === undefined) return undefined
      const days = dayNumber(bill.admitted) - dayNumber(coveredSince)
      const first = others.every(({ admitted }) => admitted >= bill.admitted)
      return first && days >= 0 && days <= rule.days ? { value: days, bills: [] } : undefined
    }
    case 'same-amount':
      return named(
        others.filter(
          (each) =>
            each.total === bill.total && apart(each.discharged, bill.discharged) <= rule.days,
        ),
      )
    case 'invoice-alike':
      return named(
        others.filter(
          ({ invoice }) =>
            invoice !== undefined &&
            bill.invoice !== undefined &&
            differing(invoice, bill.invoice) <= rule.characters,
        ),
      )
    case 'several-hospitals':
      return named(
        others.filter(
          ({ institution, admitted, discharged }) =>
            institution !== undefined &&
            bill.institution !== undefined &&
            institution !== bill.institution &&
            dayNumber(admitted) - dayNumber(bill.discharged) <= rule.days &&
            dayNumber(bill.admitted) - dayNumber(discharged) <= rule.days,
        ),
      )
    case 'stays-overlap':
      return named(
        others.filter(
          (each) =>
            isStay(each) &&
            isStay(bill) &&
            each.stay !== bill.stay &&
            each.admitted < bill.discharged &&
            bill.admitted < each.discharged,
        ),
      )
    case 'many-stays': {
      const near = others.filter(
        (each) =>
          isStay(each) &&
          each.stay !== bill.stay &&
          apart(each.admitted, bill.admitted) <= rule.days,
      )
      const stays = new Set(near.map(({ stay }) => stay)).size + 1
      return isStay(bill) && stays >= rule.atLeast
        ? { value: stays, bills: near.map((each) => each.bill) }
        : undefined
    }
    case 'weekend-admission':
      return isStay(bill) && isWeekend(bill.admitted) ? { bills: [] } : undefined
  }
}

/** So many times what is usual: the one in the middle of those before, where there are enough of them. */
function above(
  total: number,
  before: readonly number[],
  { times, atLeast }: { readonly times: number; readonly atLeast: number },
): Because | undefined {
  if (before.length < atLeast) return undefined
  const sorted = before.toSorted((a, b) => a - b)
  const [low = 0, high = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ]
  const usual = Math.floor((low + high) / 2)
  return usual > 0 && total >= times * usual ? { value: total, usual, bills: [] } : undefined
}

const named = (bills: readonly BillSeen[]): Because | undefined =>
  bills.length > 0 ? { bills: bills.map(({ bill }) => bill) } : undefined

const apart = (a: PlainDate, b: PlainDate): number => Math.abs(dayNumber(a) - dayNumber(b))

/** A night in hospital: what begins and ends on one day is no stay that another could overlap. */
const isStay = ({ admitted, discharged }: BillSeen): boolean => admitted < discharged

/** 1970-01-01 was a Thursday. */
const isWeekend = (day: PlainDate): boolean => {
  const weekday = (((dayNumber(day) - dayNumber('1970-01-01' as PlainDate) + 3) % 7) + 7) % 7
  return weekday >= 5
}

/** In how many places two numbers of one length differ; others have nothing to do with each other. */
function differing(a: string, b: string): number {
  if (a.length !== b.length || a.length < 6) return Number.POSITIVE_INFINITY
  return [...a].filter((character, i) => character !== b[i]).length
}
