import { type Fen, fen } from '#base/money.ts'
import { err, ok, type Result } from '#base/result.ts'
import { type Dated, inForce } from '#rulebook/dated.ts'
import { lookup, type Table } from '#rulebook/table.ts'
import { cite } from './cite.ts'
import { type Plan, periodKeyOf } from './plan.ts'
import { badgesOf } from './resolve.ts'
import { attributesWithin } from './rules-within.ts'
import type { Benefit, BenefitResult, Bill, Citation, Cover, Refusal } from './types.ts'

/**
 * The fixed benefits that a bill gives rise to. They stand beside the bill: nothing of them pays down
 * what is unpaid, and together they may exceed it. Counts their days and amounts into `totals`.
 */
export function settleBenefits(
  plan: Plan,
  bill: Bill,
  totals: Map<string, number>,
  { allowUndated }: { readonly allowUndated: boolean },
): Result<BenefitResult[], Refusal> {
  const results: BenefitResult[] = []
  for (const { scheme, cover } of plan.held) {
    for (const benefit of scheme.benefits) {
      const settled = settleBenefit(benefit, plan, bill, cover, totals, allowUndated)
      if (!settled.ok) return settled
      if (settled.value) results.push(settled.value)
    }
  }
  return ok(results)
}

function settleBenefit(
  benefit: Benefit,
  plan: Plan,
  bill: Bill,
  cover: Cover,
  totals: Map<string, number>,
  allowUndated: boolean,
): Result<BenefitResult | undefined, Refusal> {
  if (benefit.event !== undefined && !bill.events.includes(benefit.event)) return ok(undefined)
  const on = bill[benefit.governing]
  const known = plan.facts(cover, on, attributesWithin(benefit))
  if (!known.ok) return known
  const { attributes } = known.value
  const citations: Citation[] = []
  let refusal: Refusal | undefined

  const eligibility = inForce(benefit.eligibility, on, { allowUndated })
  if (!eligibility.ok) return eligibility
  citations.push(cite(benefit.eligibility.rule, eligibility.value))
  if (eligibility.value.value === null) return ok(undefined)
  for (const { holds } of eligibility.value.value) {
    const found = lookup(holds, attributes)
    if (found.ok) continue
    if (found.error.code === 'no_value_for') return ok(undefined)
    return err({ ...found.error, rule: benefit.eligibility.rule })
  }

  /** The value of one parameter; nothing where it is not declared or repealed. */
  const find = <T>(dated: Dated<Table<T>> | undefined): T | undefined => {
    if (!dated || refusal) return undefined
    const entry = inForce(dated, on, { allowUndated })
    if (!entry.ok) {
      refusal = entry.error
      return undefined
    }
    citations.push(cite(dated.rule, entry.value))
    if (entry.value.value === null) return undefined
    const found = lookup(entry.value.value, attributes)
    if (!found.ok) refusal = { ...found.error, rule: dated.rule }
    return found.ok ? found.value : undefined
  }

  const periodKey = periodKeyOf(benefit.period, on, cover)
  const paidKey = `${benefit.id}:paid@${periodKey}`
  const daysKey = `${benefit.id}:days@${periodKey}`
  const paidBefore = totals.get(paidKey) ?? 0
  let amount = 0
  let days: number | undefined
  if (benefit.kind === 'lumpSum') {
    // A lump sum falls due once a period, however often its event is reported.
    amount = Math.max(0, (find(benefit.amount) ?? 0) - paidBefore)
  } else {
    const perDay = find(benefit.perDay) ?? 0
    const daysBefore = totals.get(daysKey) ?? 0
    const mostDays = find(benefit.maximumDays) ?? Number.POSITIVE_INFINITY
    const counted = Math.max(0, bill.days - (find(benefit.freeDays) ?? 0))
    days = Math.max(0, Math.min(counted, mostDays - daysBefore))
    const most = find(benefit.maximum) ?? Number.POSITIVE_INFINITY
    const due = days > 0 ? Math.max(perDay * days, find(benefit.minimum) ?? 0) : 0
    amount = Math.max(0, Math.min(due, most - paidBefore))
    if (days > 0) totals.set(daysKey, daysBefore + days)
  }
  if (refusal) return err(refusal)
  if (amount === 0) return ok(undefined)
  totals.set(paidKey, paidBefore + amount)
  const { id, title, payer } = benefit
  const badges = badgesOf(citations)
  return ok({ benefit: id, title, payer, amount: fen(amount) as Fen, days, citations, badges })
}
