import { type Fen, fen, type Rounding, share, WHOLE } from '#base/money.ts'
import { addDays, addMonths, type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { segmentsOf } from './explain.ts'
import { filedOn } from './facts.ts'
import { publicSchemeOn } from './plan.ts'
import { badgesOf, eligibilityOf, Rules, resolved } from './resolve.ts'
import type {
  Citation,
  Person,
  Relief,
  ReliefRefusal,
  ReliefResult,
  ReliefStep,
  SchemeBook,
  StandingBill,
} from './types.ts'

/** One year of a relief, named as running totals name it. */
export type ReliefPeriod = {
  readonly key: string
  readonly from: PlainDate
  readonly until: PlainDate
}

/** The year that `2024`, or `2024-07-01` for a year from that day, names; nothing where it names none. */
export function reliefPeriod({ period }: Relief, key: string): ReliefPeriod | undefined {
  const named = period.starts === '01-01' ? /^\d{4}$/ : new RegExp(`^\\d{4}-${period.starts}$`)
  const from = named.test(key) ? parsePlainDate(`${key.slice(0, 4)}-${period.starts}`) : undefined
  return from && { key, from, until: addDays(addMonths(from, 12), -1) }
}

/**
 * What a relief comes to for one person and one year.
 *
 * Worked out from the settlements that stand, and from them alone: it keeps no running total and changes no bill, so
 * however a year's cost was divided into bills, the relief is the same. A relief at the year's end follows the rules
 * and answers of its last day, one on application those of the day of application, `today`, or of the last day where
 * it is made later. Bills count by the governing day, and only those of schemes that have the relief.
 */
export function settleRelief(
  relief: Relief,
  period: ReliefPeriod,
  person: Person,
  standing: readonly StandingBill[],
  {
    book,
    allowUndated,
    today,
  }: { readonly book: SchemeBook; readonly allowUndated: boolean; readonly today: PlainDate },
): Result<ReliefResult, ReliefRefusal> {
  const { from, until } = period
  const first = relief.kind === 'yearEnd' ? until : from
  if (today < first) return err({ code: 'period_not_over', relief: relief.id, until, today })
  const on = today < until ? today : until
  const found = publicSchemeOn(book, person, on)
  if (!found.ok) return found
  const { scheme, cover } = found.value
  if (!scheme.reliefs.includes(relief))
    return err({ code: 'relief_not_declared', relief: relief.id, scheme: scheme.id })

  const bills = standing.filter(({ bill, settlement }) => {
    const day = bill[relief.governing]
    const has = book.schemes.get(settlement.scheme)?.reliefs.includes(relief)
    return bill.person === person.id && from <= day && day <= until && has
  })
  const citations: Citation[] = []
  const attributes = filedOn(person, cover, on)
  const rules = new Rules(on, attributes, allowUndated, citations)
  const worked = resolved(() => workOut(relief, bills, rules, attributes))
  if (!worked.ok) return worked
  if ('code' in worked.value) return err(worked.value)
  const { id, title, kind, payer } = relief
  return ok({
    relief: id,
    title,
    kind,
    payer,
    person: person.id,
    scheme: scheme.id,
    teaching: scheme.teaching,
    period: period.key,
    from,
    until,
    on,
    bills: bills.map(({ bill }) => bill.id),
    ...worked.value,
    badges: badgesOf(
      citations,
      bills.flatMap(({ settlement }) => settlement.badges),
    ),
  })
}

function workOut(
  relief: Relief,
  bills: readonly StandingBill[],
  rules: Rules,
  attributes: ReturnType<typeof filedOn>,
): Pick<ReliefResult, 'amount' | 'steps' | 'notApplicable'> | ReliefRefusal {
  const { citation, reason } = eligibilityOf(relief.eligibility, rules, attributes)
  if (reason) {
    const step = { step: 'not-applicable', reason, citation } as const
    return { amount: 0 as Fen, steps: [step], notApplicable: reason }
  }
  const parts = relief.base.map((component) => {
    const amount = sum(bills.map(({ settlement }) => settlement.patientParts[component]))
    return { component, amount }
  })
  const own = sum(parts.map(({ amount }) => amount))
  const threshold = thresholdOf(relief, bills, rules)
  const above = fen(Math.max(0, own - threshold.limit))

  const rate = rules.get(relief.rate)
  const last = rate.value.at(-1)
  if (last?.unknown && above > last.above)
    return { code: 'rate_unknown', rule: relief.rate.rule, above: last.above }
  const segments = segmentsOf(rate.value, 0, above)
  const { rounding } = relief
  const due = paidOver(segments, rounding)

  const cap = relief.cap && rules.find(relief.cap)
  const amount = cap && cap.value !== 'none' ? fen(Math.min(due, cap.value)) : due
  const steps: ReliefStep[] = [
    { step: 'own-cost', amount: own, parts, citation },
    { step: 'threshold', ...threshold, above },
    { step: 'rate', segments, due, rounding, citation: rate.citation },
  ]
  if (cap?.value === 'none') steps.push({ step: 'no-cap', citation: cap.citation })
  else if (cap)
    steps.push({ step: 'cap', limit: cap.value, cut: fen(due - amount), citation: cap.citation })
  return { amount, steps, notApplicable: undefined }
}

/** A fixed amount, or a share of what the bills of the year came to, half-up to the fen. */
function thresholdOf({ threshold }: Relief, bills: readonly StandingBill[], rules: Rules) {
  const { value, citation } = rules.get(threshold)
  if (typeof value === 'number')
    return { share: undefined, of: [], cost: 0 as Fen, limit: value, citation }
  const { of } = value
  const cost = sum(
    bills.flatMap(({ settlement }) => of.map((native) => settlement.components[native].total)),
  )
  const limit = share(cost, value.share, 'half-up')
  return { share: value.share, of, cost, limit, citation }
}

/** What stretches at their rates come to, rounded once. */
function paidOver(segments: ReturnType<typeof segmentsOf>, rounding: Rounding): Fen {
  const exact = segments.reduce((all, s) => all + BigInt(s.to - s.from) * BigInt(s.rate), 0n)
  const bump = rounding === 'half-up' ? 500_000n : rounding === 'up' ? 999_999n : 0n
  return fen(Number((exact + bump) / BigInt(WHOLE)))
}

const sum = (amounts: readonly number[]): Fen => fen(amounts.reduce((a, b) => a + b, 0))
