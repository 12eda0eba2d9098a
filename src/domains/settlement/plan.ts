import { addMonths, compose, type PlainDate, yearOf } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Elsewhere } from '#domains/ledger/index.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { type PlacedAdmission, placeAdmission } from './admissions.ts'
import { elsewhereOf } from './elsewhere.ts'
import { type Emitted, emit, type PlanStep } from './emit.ts'
import {
  CERTIFICATES,
  type Facts,
  factsOn,
  type NewbornCover,
  type WorkedOut,
  withNewbornCovers,
} from './facts.ts'
import {
  type Applicability,
  chargedTimes,
  type ResolvedInsurance,
  type ResolvedTier,
  resolveTier,
} from './resolve.ts'
import { attributesWithin, indexesWithin, rulesWithin } from './rules-within.ts'
import { type Restated, restate, statusNames } from './status.ts'
import type {
  Bill,
  Citation,
  Cover,
  NotApplicable,
  Period,
  Person,
  ProductKind,
  Refusal,
  Scheme,
  SchemeBook,
  Tier,
  Totals,
} from './types.ts'

/** A tier's place in one bill: what its rules say, or why it does not take part. */
export type PlannedTier = {
  readonly tier: Tier
  readonly cover: Cover
  /** The period its totals run over: `2024`, `2024-07-01`, `lifetime`. */
  readonly periodKey: string
  /** Answers that were worked out for it, and the newborn's cover under which it stands. */
  readonly workedOut: readonly WorkedOut[]
  readonly newborn: NewbornCover | undefined
  /** Limits that changed with the person's standing, and what is known of it from this bill on. */
  readonly restated: Pick<Restated, 'steps' | 'known'> | undefined
} & (
  | {
      readonly applies: true
      readonly step: number
      readonly resolved: ResolvedTier
      /** Which admission the bill belongs to, where the tier declares what counts as one. */
      readonly admission: PlacedAdmission | undefined
    }
  | {
      readonly applies: false
      readonly reason: NotApplicable
      readonly citation: Citation | undefined
    }
)

/** The compiled plan of one bill, and the tiers it does not concern. */
export type Plan = {
  readonly scheme: Scheme
  readonly cover: Cover
  /** The public scheme first, then each product that the person holds. */
  readonly held: readonly { readonly scheme: Scheme; readonly cover: Cover }[]
  readonly tiers: readonly PlannedTier[]
  readonly steps: readonly PlanStep[]
  readonly code: Emitted
  readonly elsewhere: Elsewhere | undefined
  /** What may be asked of this bill on a day under one of its covers. */
  facts(cover: Cover, on: PlainDate, asked: readonly string[]): Result<Facts, Refusal>
}

/** Compiles plans and keeps them: two bills under the same rules and answers share one. */
export class Planner {
  readonly #book: SchemeBook
  readonly #allowUndated: boolean
  readonly #emitted = new Map<string, Emitted>()
  readonly #resolved = new Map<string, Result<Applicability, Refusal>>()
  readonly #profiles = new Map<Tier, Profile>()
  readonly #numbers = new WeakMap<object, number>()
  readonly #restated = new Map<string, ResolvedInsurance>()
  readonly #chargedTimes = new WeakMap<ResolvedInsurance, Map<number, ResolvedInsurance>>()
  #lastNumber = 0

  constructor(book: SchemeBook, { allowUndated }: { readonly allowUndated: boolean }) {
    this.#book = book
    this.#allowUndated = allowUndated
  }

  /** The plan for one bill of one person with these running totals, or why there is none. */
  plan(bill: Bill, filed: Person, totals: Totals): Result<Plan, Refusal> {
    const effective = withNewbornCovers(filed, this.#book, { allowUndated: this.#allowUndated })
    if (!effective.ok) return effective
    const { person, newborns } = effective.value
    const found = publicSchemeOn(this.#book, person, bill.discharged)
    if (!found.ok) return found
    const { scheme, cover } = found.value
    const held = [found.value]
    const entries = scheme.order.flatMap((entry): { tier: Tier; cover: Cover }[] => {
      if ('tier' in entry) return [{ tier: entry.tier, cover }]
      const products = this.#products(bill, person, entry.covers)
      held.push(...products)
      return products.flatMap((product) =>
        product.scheme.order.flatMap((step) =>
          'tier' in step ? [{ tier: step.tier, cover: product.cover }] : [],
        ),
      )
    })
    const names = held.map((each) => each.scheme.id)
    const twice = names.filter((name, i) => names.indexOf(name) < i)
    if (twice.length > 0) return err({ code: 'several_schemes', schemes: twice })
    const homeless = coversOn(person, bill.discharged).find((each) => !names.includes(each.scheme))
    if (homeless)
      return err({ code: 'no_place_for_cover', scheme: scheme.id, cover: homeless.scheme })

    const tiers: PlannedTier[] = []
    const liable = bill.cause === 'thirdParty' && !bill.thirdParty?.advance
    const steps: PlanStep[] = liable ? [{ kind: 'thirdParty' }] : []
    const facts: Plan['facts'] = (under, on, asked) =>
      factsOn(bill, person, under, on, { book: this.#book, home: scheme.id, asked })
    for (const { tier, cover: under } of entries) {
      const on = bill[tier.governing]
      const { asked } = this.#profileOf(tier)
      const known = facts(under, on, asked)
      if (!known.ok) return known
      const { attributes } = known.value
      const found = this.#resolve(tier, on, attributes, under)
      if (!found.ok) return found
      const shared = {
        tier,
        cover: under,
        periodKey: periodKeyOf(tier.period, on, under),
        workedOut: known.value.workedOut.filter(({ attribute }) => asked.includes(attribute)),
        newborn: newborns.find((each) => each.scheme === under.scheme),
      }
      if (!found.value.applies) {
        tiers.push({ ...shared, ...found.value, restated: undefined })
        continue
      }
      const restated = this.#restate(
        found.value.resolved,
        { bill, person, cover: under, totals },
        shared.periodKey,
        attributes,
      )
      if (!restated.ok) return restated
      const placed = this.#place(
        restated.value?.resolved ?? found.value.resolved,
        bill,
        shared.periodKey,
        totals,
        attributes,
      )
      if (!placed.ok) return placed
      tiers.push({
        ...shared,
        applies: true,
        step: steps.length,
        restated: restated.value,
        ...placed.value,
      })
      steps.push(placed.value.resolved)
    }
    const elsewhere = elsewhereOf(bill, scheme.id, this.#book)
    return ok({ scheme, cover, held, tiers, steps, code: this.#emit(steps), elsewhere, facts })
  }

  #products(bill: Bill, person: Person, kind: ProductKind) {
    return coversOn(person, bill.discharged).flatMap((cover) => {
      const scheme = this.#book.schemes.get(cover.scheme)
      return scheme?.kind === kind ? [{ scheme, cover }] : []
    })
  }

  /** What a tier's rules say; asked once for each edition of them and each set of answers. */
  #resolve(
    tier: Tier,
    on: PlainDate,
    attributes: Attributes,
    cover: Cover,
  ): Result<Applicability, Refusal> {
    const { changeDates, asked } = this.#profileOf(tier)
    let edition = 0
    while (edition < changeDates.length && (changeDates[edition] as PlainDate) <= on) edition++
    let key = `${tier.id} ${edition}`
    for (const name of asked) key += `|${attributes[name] ?? ''}`
    // Waiting is counted from the cover's own first day.
    if (tier.kind === 'insurance' && tier.waiting) key += `|${cover.from} ${on}`
    const known = this.#resolved.get(key)
    if (known) return known
    const found = resolveTier(tier, on, attributes, cover, { allowUndated: this.#allowUndated })
    // A refusal names its day, so it is never another day's answer.
    if (found.ok) this.#resolved.set(key, found)
    return found
  }

  /** The tier's limits where the person's standing changed within the period; undefined where none could. */
  #restate(
    resolved: ResolvedTier,
    who: { bill: Bill; person: Person; cover: Cover; totals: Totals },
    periodKey: string,
    attributes: Attributes,
  ): Result<Restated | undefined, Refusal> {
    const { tier } = resolved
    const { standing } = this.#profileOf(tier)
    if (resolved.kind === 'account' || standing.length === 0) return ok(undefined)
    const on = who.bill[tier.governing]
    const restated = restate(who, resolved, standing, periodKey, (answers) => {
      const found = this.#resolve(tier, on, { ...attributes, ...answers }, who.cover)
      const with_ = found.ok && found.value.applies ? found.value.resolved : undefined
      return with_?.kind === 'insurance' ? with_ : undefined
    })
    if (!restated.ok || restated.value.resolved === resolved) return restated
    // Equal limits share one object, so that they share one plan.
    const { deductible, caps } = restated.value.resolved
    const limits = [
      deductible?.ladder,
      deductible?.since,
      caps.map((cap) => [cap.limit, cap.since]),
    ]
    const key = `${this.#numberOf(resolved)} ${JSON.stringify(limits)}`
    const known = this.#restated.get(key) ?? restated.value.resolved
    this.#restated.set(key, known)
    return ok({ ...restated.value, resolved: known })
  }

  /** Which admission the bill belongs to, and the rules for an admission of its length. */
  #place(
    resolved: ResolvedTier,
    bill: Bill,
    periodKey: string,
    totals: Totals,
    attributes: Attributes,
  ): Result<
    { readonly resolved: ResolvedTier; readonly admission: PlacedAdmission | undefined },
    Refusal
  > {
    if (resolved.kind === 'account') return ok({ resolved, admission: undefined })
    const { vocabulary } = this.#book
    const placed = placeAdmission(resolved, bill, periodKey, totals, attributes, vocabulary)
    if (!placed.ok) return placed
    const admission = placed.value
    const times = admission?.times ?? 1
    return ok({ resolved: times > 1 ? this.#charged(resolved, times) : resolved, admission })
  }

  #charged(resolved: ResolvedInsurance, times: number): ResolvedInsurance {
    const byTimes = this.#chargedTimes.get(resolved) ?? new Map<number, ResolvedInsurance>()
    this.#chargedTimes.set(resolved, byTimes)
    const as = resolved.admission?.chargedAgain?.value.as ?? 'same'
    const known = byTimes.get(times) ?? chargedTimes(resolved, times, as)
    byTimes.set(times, known)
    return known
  }

  #profileOf(tier: Tier): Profile {
    const known = this.#profiles.get(tier)
    if (known) return known
    const rules = [...rulesWithin(tier), ...indexesWithin(tier).map(({ amount }) => amount)]
    const dates = rules.flatMap(({ entries }) =>
      entries.flatMap(({ from }) => (from === 'unknown' ? [] : [from])),
    )
    const profile = {
      changeDates: [...new Set(dates)].toSorted(),
      standing: tier.kind === 'insurance' ? statusNames(tier) : [],
      asked: [
        ...new Set([...attributesWithin(tier), ...(tier.certificate ? [CERTIFICATES] : [])]),
      ].toSorted(),
    }
    this.#profiles.set(tier, profile)
    return profile
  }

  #emit(steps: readonly PlanStep[]): Emitted {
    let key = ''
    for (const step of steps) key += `${this.#numberOf(step)} `
    const known = this.#emitted.get(key)
    if (known) return known
    const emitted = emit(steps)
    this.#emitted.set(key, emitted)
    return emitted
  }

  /** A short name for a step. What is resolved once is one object, so it has one name. */
  #numberOf(step: PlanStep): number {
    if (step.kind === 'thirdParty') return -1
    const known = this.#numbers.get(step) ?? ++this.#lastNumber
    this.#numbers.set(step, known)
    return known
  }
}

/** The days on which a tier's rules change, and the questions they ask. */
type Profile = {
  readonly changeDates: readonly PlainDate[]
  readonly asked: readonly string[]
  /** What a person's standing is told by, as far as limits of the period ask for it. */
  readonly standing: readonly string[]
}

/** The covers in force on a day, in the order in which the person's file lists them. */
function coversOn(person: Person, on: PlainDate): Cover[] {
  return person.covers.filter(
    ({ from, until }) => from <= on && (until === undefined || on <= until),
  )
}

/** The one public scheme that covers a person on a day: of a bill, the day care ended. */
export function publicSchemeOn(
  book: SchemeBook,
  person: Person,
  on: PlainDate,
): Result<{ scheme: Scheme; cover: Cover }, Refusal> {
  const found: { scheme: Scheme; cover: Cover }[] = []
  for (const cover of coversOn(person, on)) {
    const scheme = book.schemes.get(cover.scheme)
    if (!scheme) return err({ code: 'unknown_scheme', scheme: cover.scheme })
    if (scheme.kind === 'public') found.push({ scheme, cover })
  }
  const [first, second] = found
  if (!first) return err({ code: 'not_covered', on })
  if (second) return err({ code: 'several_schemes', schemes: found.map(({ scheme }) => scheme.id) })
  return ok(first)
}

export function periodKeyOf(period: Period, on: PlainDate, cover: Cover): string {
  switch (period.kind) {
    case 'lifetime':
      return 'lifetime'
    case 'policy-year': {
      let years = Math.max(0, yearOf(on) - yearOf(cover.from))
      if (addMonths(cover.from, years * 12) > on) years--
      return addMonths(cover.from, Math.max(0, years) * 12)
    }
    case 'year': {
      if (period.starts === '01-01') return on.slice(0, 4)
      const year = on.slice(5) >= period.starts ? yearOf(on) : yearOf(on) - 1
      const [month = 1, day = 1] = period.starts.split('-').map(Number)
      return compose(year, month, day)
    }
  }
}
