import assert from 'node:assert/strict'
import { type Fen, fen, share, WHOLE, ZERO } from '#base/money.ts'
import { type PlainDate, yearOf } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { inForce } from '#rulebook/dated.ts'
import { settleBenefits } from './benefits.ts'
import { cite } from './cite.ts'
import { BILL_NOT_COUNTED, BILL_THIRD_PARTY } from './emit.ts'
import { Explainer } from './explain.ts'
import { asHandedIn } from './hand-in.ts'
import { LINE_WIDTH, LineAllocator } from './lines.ts'
import { type Plan, type PlannedTier, Planner } from './plan.ts'
import { badgesOf, type ResolvedInsurance } from './resolve.ts'
import { parseTotalKey, totalKey } from './total-key.ts'
import {
  type Badge,
  type Bill,
  type Citation,
  COMPONENTS,
  type Component,
  type Explanation,
  type Line,
  type LineResult,
  NATIVE_COMPONENTS,
  NATIVE_OF,
  type NativeComponent,
  type Payer,
  type Person,
  PUBLIC_PAYERS,
  type Recovery,
  type Refusal,
  type SchemeBook,
  type Settlement,
  type TierResult,
  type Totals,
} from './types.ts'

/**
 * The version of the arithmetic. It goes up with every release under which some bill would settle otherwise
 * than under the release before, from the same rules, person and totals; a settlement keeps it beside the
 * version of its rules.
 */
export const ENGINE = 1

/** Settles bills under the rules of one book, as known on `today`. */
export type Settler = {
  settle(bill: Bill, person: Person, totals: Totals): Result<Settlement, Refusal>
  explain(bill: Bill, person: Person, totals: Totals): Result<Explanation, Refusal>
}

/**
 * A settler for one rule book. `allowUndated` opts in to values whose first day no source gives; every
 * amount that rests on one carries a badge. `today` is the last day a bill may name.
 */
export function createSettler(
  book: SchemeBook,
  { allowUndated, today }: { readonly allowUndated: boolean; readonly today: PlainDate },
): Settler {
  const planner = new Planner(book, { allowUndated })
  const run = (arrived: Bill, person: Person, totals: Totals, traced: boolean) => {
    const liability = judgeCause(book, arrived, today, { allowUndated })
    if (!liability.ok) return liability
    const handedIn = asHandedIn(book, arrived, person, { allowUndated })
    if (!handedIn.ok) return handedIn
    const bill = handedIn.value
    const plan = planner.plan(bill, person, totals)
    if (!plan.ok) return plan
    const settled = settlePlanned(plan.value, bill, totals, { allowUndated, traced })
    return settled.ok ? ok({ ...settled.value, liability: liability.value }) : settled
  }
  return {
    settle(bill, person, totals) {
      const settled = run(bill, person, totals, false)
      return settled.ok ? ok(settled.value.settlement) : settled
    },
    explain(bill, person, totals) {
      const settled = run(bill, person, totals, true)
      if (!settled.ok) return settled
      const { plan, settlement, trace, out, liability } = settled.value
      return ok({ settlement, steps: new Explainer(plan).explain(bill, out, trace, liability) })
    },
  }
}

/**
 * Refuses what no tier is asked about: days that have not come, and causes that are others' to pay for.
 * Answers with the rule that holds a third party liable, where one is.
 */
function judgeCause(
  book: SchemeBook,
  bill: Bill,
  today: PlainDate,
  options: { readonly allowUndated: boolean },
): Result<Citation | undefined, Refusal> {
  for (const date of [bill.admitted, bill.discharged, bill.settled])
    if (date > today) return err({ code: 'date_in_future', date, today })
  if (bill.cause === 'illness') return ok(undefined)
  const exclusion = book.exclusions.find(({ cause }) => cause === bill.cause)
  const rule = exclusion?.treatment ?? { rule: `exclusions#${bill.cause}`, entries: [] }
  const found = inForce(rule, bill.discharged, options)
  if (!found.ok) return found
  const citation = cite(rule.rule, found.value)
  return found.value.value === 'refuse'
    ? err({ code: 'excluded_cause', cause: bill.cause, citation })
    : ok(citation)
}

function settlePlanned(
  plan: Plan,
  bill: Bill,
  before: Totals,
  { allowUndated, traced }: { readonly allowUndated: boolean; readonly traced: boolean },
) {
  const { code } = plan
  const totals = withYearTurned(plan, bill, before)
  const after = new Map(totals)
  const numbers = new Float64Array(code.billLength)
  for (const [i, component] of NATIVE_COMPONENTS.entries()) numbers[i] = bill.parts[component]
  numbers[BILL_THIRD_PARTY] = bill.thirdParty?.share ?? WHOLE
  const refusal = countLimits(plan, bill, after, numbers)
  if (refusal) return err(refusal)

  const keys = code.slots.map(({ slot, runsOver, step }) => {
    if (runsOver === 'lifetime') return totalKey(slot, 'lifetime')
    const tier = plan.tiers.find((each) => each.applies && each.step === step)
    return totalKey(slot, runsOver === 'stay' ? stayOf(slot, tier, bill) : (tier?.periodKey ?? ''))
  })
  const state = Float64Array.from(keys, (key) => totals.get(key) ?? 0)
  presetOrdinals(plan, keys, state)
  const out = new Float64Array(code.outLength)
  const trace = new Float64Array(code.traceLength)
  const kernel = traced ? code.traced : code.run
  kernel(numbers, 0, state, 0, out, 0, trace)
  const unknown = reachedUnknown(plan, state)
  if (unknown) return err(unknown)
  for (const [i, key] of keys.entries()) {
    const value = state[i] as number
    if (value !== 0 || after.has(key)) after.set(key, value)
  }
  keepAdmissions(plan, after)

  const tiers = tierResults(plan, out)
  const patientParts = recordOf(COMPONENTS, (_, i) => fen(out[code.left + i] as number))
  const patient = sum(Object.values(patientParts))
  assert.equal(sum(tiers.map(({ paid }) => paid)) + patient, bill.total, 'payers + patient = bill')

  const benefits = settleBenefits(plan, bill, after, { allowUndated })
  if (!benefits.ok) return benefits
  const settlement: Settlement = {
    bill: bill.id,
    person: bill.person,
    scheme: plan.scheme.id,
    ...(plan.elsewhere && { elsewhere: plan.elsewhere }),
    title: plan.scheme.title,
    teaching: plan.held.some(({ scheme }) => scheme.teaching),
    settled: bill.settled,
    total: bill.total,
    tiers,
    payers: byPayer(tiers),
    patient,
    patientParts,
    components: componentTable(bill, tiers),
    lines: allocateLines(plan, bill.lines, out, tiers),
    benefits: benefits.value,
    recoveries: recoveriesOf(bill, tiers),
    badges: badgesOfAll(tiers, bill.lines),
    totals: after,
  }
  return ok({ plan, settlement, trace, out })
}

/**
 * The totals with what is left of the accounts of past years joined to 历年账户, where a tier of the plan asks for
 * either. So the year turns with the first bill of the next, and not by a job that may come late.
 */
function withYearTurned(plan: Plan, bill: Bill, totals: Totals): Totals {
  const asked = plan.tiers.find(
    ({ tier }) =>
      tier.kind === 'account' &&
      (tier.account === 'currentYear' || tier.account === 'previousYears'),
  )
  if (!asked) return totals
  // The year of an account is the calendar year, over whatever period the tier that asks may run.
  const year = String(yearOf(bill[asked.tier.governing]))
  const turned = new Map(totals)
  const joined = totalKey('account:previousYears', 'lifetime')
  for (const [key, value] of totals) {
    const { slot, period } = parseTotalKey(key)
    if (slot !== 'account:currentYear' || value === 0 || period >= year) continue
    turned.set(joined, (turned.get(joined) ?? 0) + value)
    turned.set(key, 0)
  }
  return turned
}

/** Over what a total per admission runs: the stay, unless the tier says what counts as one admission. */
function stayOf(slot: string, planned: PlannedTier | undefined, bill: Bill): string {
  const admission = planned?.applies ? planned.admission : undefined
  if (!admission) return `stay:${bill.stay}`
  const deductible = /:(met|ordinal|stayCost|stayBase)$/.test(slot)
  return deductible ? admission.deductibleRunsOver : admission.runsOver
}

/** An admission that does not count is charged like a first one and takes no place in the order. */
function presetOrdinals(plan: Plan, keys: readonly string[], state: Float64Array): void {
  for (const planned of plan.tiers) {
    if (!planned.applies || !planned.admission || planned.admission.counted) continue
    const key = totalKey(`${planned.tier.id}:ordinal`, planned.admission.deductibleRunsOver)
    const at = keys.indexOf(key)
    if (at >= 0 && state[at] === 0) state[at] = 1
  }
}

/** What is known of admissions from this bill on, in tiers that say what counts as one. */
function keepAdmissions(plan: Plan, after: Map<string, number>): void {
  for (const planned of plan.tiers) {
    for (const [key, value] of planned.restated?.known ?? []) after.set(key, value)
    if (!planned.applies || !planned.admission) continue
    const { known, placesMore } = planned.admission
    for (const [key, value] of known) after.set(key, value)
    const taken = totalKey(`${planned.tier.id}:admissions`, planned.periodKey)
    if (placesMore > 0) after.set(taken, (after.get(taken) ?? 0) + placesMore)
  }
}

/** A bill that reaches a stretch of the axis for which no source gives a rate. */
function reachedUnknown(plan: Plan, state: Float64Array): Refusal | undefined {
  for (const planned of plan.tiers) {
    if (!planned.applies || planned.resolved.kind !== 'insurance') continue
    const { bands, tier } = planned.resolved
    const last = bands.at(-1)
    const slot = plan.code.tiers[planned.step]?.axisSlot
    if (last?.unknown && slot !== undefined && (state[slot] as number) > last.above)
      return { code: 'rate_unknown', rule: tier.rate.rule, above: last.above }
  }
  return undefined
}

/**
 * What counted limits leave out of each tier's base, by the names on the lines. Writes the numbers into
 * the bill and the new counts into the totals.
 */
function countLimits(
  plan: Plan,
  bill: Bill,
  totals: Map<string, number>,
  numbers: Float64Array,
): Refusal | undefined {
  let at = BILL_NOT_COUNTED
  for (const planned of plan.tiers) {
    if (!planned.applies || planned.resolved.kind !== 'insurance') continue
    const { tier, counted }: ResolvedInsurance = planned.resolved
    // The kernel reads the limits in the order of the base, so they are counted in that order.
    for (const { component } of tier.base) {
      for (const [i, limit] of tier.counted.entries()) {
        if (limit.component !== component) continue
        const most = counted[i]
        if (!most) {
          numbers[at++] = 0
          continue
        }
        if (bill.lines.length === 0 && bill.parts[component] > 0)
          return { code: 'lines_needed', rule: limit.amount.rule }
        let over = 0
        for (const line of bill.lines) {
          const amount = line.parts[component]
          if (line.category !== limit.category || amount === 0) continue
          const name = limit.per === 'genericName' ? `:${line.genericName ?? line.id}` : ''
          const key = totalKey(`${tier.id}:counted:${limit.category}${name}`, planned.periodKey)
          const used = totals.get(key) ?? 0
          const counts = Math.min(amount, Math.max(0, most.value - used))
          totals.set(key, used + counts)
          over += amount - counts
        }
        numbers[at++] = over
      }
    }
  }
  return undefined
}

function tierResults(plan: Plan, out: Float64Array): TierResult[] {
  const results: TierResult[] = []
  if (plan.steps[0]?.kind === 'thirdParty') results.push(thirdPartyResult(plan, out))
  for (const planned of plan.tiers) {
    const { id, title, payer } = planned.tier
    const shared = { tier: id, title, payer, period: planned.periodKey }
    if (!planned.applies) {
      const { reason } = planned
      results.push({ ...shared, paid: ZERO, parts: {}, notApplicable: reason, badges: [] })
      continue
    }
    results.push({
      ...shared,
      ...paidOf(plan, planned.step, out),
      notApplicable: undefined,
      badges: badgesOf(planned.resolved.citations),
    })
  }
  return results
}

function thirdPartyResult(plan: Plan, out: Float64Array): TierResult {
  return {
    tier: 'liable-third-party',
    title: { zh: '责任第三方', en: 'Liable third party' },
    payer: 'liableThirdParty',
    ...paidOf(plan, 0, out),
    notApplicable: undefined,
    badges: [],
  }
}

function paidOf(plan: Plan, step: number, out: Float64Array): Pick<TierResult, 'paid' | 'parts'> {
  const layout = plan.code.tiers[step]
  assert(layout, `step ${step} is in the plan`)
  const parts: Partial<Record<Component, Fen>> = {}
  for (const { component, at } of layout.parts)
    if (out[at] !== 0) parts[component] = fen(out[at] as number)
  return { paid: fen(out[layout.paid] as number), parts }
}

/** What must be said beside the settlement: of its tiers' rules, and of the entries that its lines' classes are from. */
export function badgesOfAll(tiers: readonly TierResult[], lines: readonly Line[]): Badge[] {
  const ofItems = lines.flatMap(({ item }) => (item ? badgesOf(item.citations) : []))
  return [...new Set([...tiers.flatMap(({ badges }) => badges), ...ofItems])]
}

export function byPayer(tiers: readonly TierResult[]): Partial<Record<Payer, Fen>> {
  const payers: Partial<Record<Payer, Fen>> = {}
  for (const { payer, paid } of tiers)
    if (paid > 0) payers[payer] = fen((payers[payer] ?? 0) + paid)
  return payers
}

/** A native component, and what came from it, however it was named later. */
const CAME_FROM = recordOf(NATIVE_COMPONENTS, (native) =>
  COMPONENTS.filter((component) => NATIVE_OF[component] === native),
)

function paidOfNative({ parts }: TierResult, native: NativeComponent): Fen {
  let paid = 0
  for (const component of CAME_FROM[native]) paid += parts[component] ?? 0
  return fen(paid)
}

export function componentTable(bill: Bill, tiers: readonly TierResult[]): Settlement['components'] {
  return recordOf(NATIVE_COMPONENTS, (native) => {
    const paid = tiers.map((tier) => paidOfNative(tier, native))
    const total = bill.parts[native]
    return { total, paid, patient: fen(total - sum(paid)) }
  })
}

function allocateLines(
  plan: Plan,
  lines: readonly Line[],
  out: Float64Array,
  results: readonly TierResult[],
): LineResult[] {
  const { tiers } = plan.code
  const parts = new Float64Array(lines.length * LINE_WIDTH)
  for (const [i, line] of lines.entries())
    for (const [k, native] of NATIVE_COMPONENTS.entries())
      parts[i * LINE_WIDTH + k] = line.parts[native]
  const paid = new Float64Array(lines.length * tiers.length)
  new LineAllocator(tiers).allocate(out, parts, 0, lines.length, paid)
  // A tier that takes no part has a place among the results but none in the code.
  let step = 0
  const stepOf = results.map(({ notApplicable }) => (notApplicable ? -1 : step++))
  return lines.map(({ id, name, amount, item }, i) => {
    const row = stepOf.map((t) => fen(t < 0 ? 0 : (paid[i * tiers.length + t] as number)))
    const called = name === undefined ? {} : { name }
    const known = item ? { item } : {}
    return { id, ...called, amount, paid: row, patient: fen(amount - sum(row)), ...known }
  })
}

/** What the public funds paid in advance for a liable third party. */
function recoveriesOf({ cause, thirdParty }: Bill, tiers: readonly TierResult[]): Recovery[] {
  if (cause !== 'thirdParty' || !thirdParty?.advance) return []
  return tiers.flatMap(({ tier, payer, paid }) => {
    const amount = share(paid, thirdParty.share, 'half-up')
    return PUBLIC_PAYERS.includes(payer) && amount > 0 ? [{ tier, payer, amount }] : []
  })
}

function recordOf<K extends string, V>(
  keys: readonly K[],
  value: (key: K, index: number) => V,
): Record<K, V> {
  const record: Partial<Record<K, V>> = {}
  for (const [i, key] of keys.entries()) record[key] = value(key, i)
  return record as Record<K, V>
}

function sum(amounts: readonly number[]): Fen {
  let total = 0
  for (const amount of amounts) total += amount
  return fen(total)
}
