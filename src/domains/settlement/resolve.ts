import assert from 'node:assert/strict'
import { type Fen, fen, type Rate, share, WHOLE } from '#base/money.ts'
import { addMonths, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { type Dated, inForce } from '#rulebook/dated.ts'
import { isOfficial } from '#rulebook/source.ts'
import { lookup, type Table } from '#rulebook/table.ts'
import { cite } from './cite.ts'
import { certificateKey, certificatesIn } from './facts.ts'
import type {
  AccountTier,
  AdmissionRule,
  AmountRule,
  Badge,
  Band,
  Cap,
  ChargedAgain,
  Citation,
  Component,
  Conditions,
  Cover,
  Deductible,
  Derivation,
  DerivedAmount,
  DerivedLimit,
  Growth,
  InsuranceTier,
  NotApplicable,
  Ordinal,
  Portion,
  Refusal,
  Tier,
  Title,
  Waiting,
} from './types.ts'

/**
 * A tier's rules turned into plain numbers for one day and one set of answers, each with the rule
 * that gave it. Amounts in fen, rates in ppm.
 */
export type ResolvedTier = ResolvedInsurance | ResolvedAccount

type ResolvedShared = {
  readonly base: readonly {
    readonly component: Component
    readonly weight: Rate
    readonly citation: Citation | undefined
  }[]
  readonly baseWeight: Cited<Rate> | undefined
  readonly eligibility: Citation
  /** Every rule used, for badges. */
  readonly citations: readonly Citation[]
}

export type ResolvedAccount = ResolvedShared & {
  readonly kind: 'account'
  readonly tier: AccountTier
}

export type ResolvedInsurance = ResolvedShared & {
  readonly kind: 'insurance'
  readonly tier: InsuranceTier
  readonly transferUpfront: Cited<Rate> | undefined
  /** In the order of the tier's own list; nothing where a limit is repealed. */
  readonly counted: readonly (Cited<Fen> | undefined)[]
  readonly eligibleCap: DerivedCited | undefined
  readonly deductible: ResolvedDeductible | undefined
  /** What makes stays one admission, and how admissions are charged. */
  readonly admission: ResolvedAdmission | undefined
  readonly bands: readonly Band[]
  readonly bandCitations: readonly Citation[]
  readonly dueFactor: Cited<Rate> | undefined
  readonly guaranteedRatio: Cited<Rate> | undefined
  readonly caps: readonly ResolvedCap[]
  /** The rules that say that there is no cap. */
  readonly uncapped: readonly Citation[]
}

export type ResolvedDeductible = {
  readonly rule: Deductible
  /** What the 1st, 2nd, … admission is charged; the last holds from there on. One step for a period. */
  readonly ladder: readonly Fen[]
  /** Where it is a share of the stay: what makes up the ladder, which is empty then. */
  readonly ofStay: ResolvedStayAmount | undefined
  /** The day from which it counts anew, where the person's standing changed. */
  readonly since: PlainDate | undefined
  readonly periodTotal: Fen | undefined
  readonly derivations: readonly Derivation[]
  readonly citations: readonly Citation[]
}

export type ResolvedAdmission = {
  readonly rule: Cited<AdmissionRule> | undefined
  readonly counts: Cited<'yes' | 'no'> | undefined
  readonly chargedAgain: Cited<ChargedAgain> | undefined
  readonly group: Cited<string> | undefined
}

/** A deductible that follows what the stay comes to: the share, and what each admission is charged of it. */
export type ResolvedStayAmount = {
  readonly basis: 'stayCost' | 'stayBase'
  readonly factor: Rate
  readonly atLeast: Fen | undefined
  readonly atMost: Fen | undefined
  readonly steps: readonly Portion[]
  readonly floor: Fen
}

export type DerivedCited = Cited<Fen> & { readonly derivation: Derivation | undefined }

export type ResolvedCap = {
  readonly rule: Cap
  readonly limit: Fen
  readonly since: PlainDate | undefined
  readonly derivation: Derivation | undefined
  readonly citations: readonly Citation[]
}

export type Cited<T> = { readonly value: T; readonly citation: Citation }

export type Applicability =
  | { readonly applies: true; readonly resolved: ResolvedTier }
  | {
      readonly applies: false
      readonly reason: NotApplicable
      readonly citation: Citation | undefined
    }

/** Thrown inside this file to leave rules half resolved; never leaves `resolved`. */
class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/**
 * What a tier's rules say on one day for one set of answers.
 *
 * A tier that does not concern the bill says why. A rule that has no value for the day or the answers
 * refuses the bill by name: a neighbour's value is never used instead.
 */
export function resolveTier(
  tier: Tier,
  on: PlainDate,
  attributes: Attributes,
  cover: Cover,
  options: { readonly allowUndated: boolean },
): Result<Applicability, Refusal> {
  return resolved(() => resolve(tier, on, attributes, cover, options))
}

/** What rules say that are asked one by one; or the first that has no answer. */
export function resolved<T>(ask: () => T): Result<T, Refusal> {
  try {
    return ok(ask())
  } catch (thrown) {
    if (thrown instanceof Refused) return err(thrown.refusal)
    throw thrown
  }
}

function resolve(
  tier: Tier,
  on: PlainDate,
  attributes: Attributes,
  cover: Cover,
  options: { readonly allowUndated: boolean },
): Applicability {
  const citations: Citation[] = []
  const rules = new Rules(on, attributes, options.allowUndated, citations)

  const eligibility = eligibilityOf(tier.eligibility, rules, attributes)
  if (eligibility.reason)
    return { applies: false, reason: eligibility.reason, citation: eligibility.citation }

  const certificate = tier.certificate && rules.standing(tier.certificate)
  if (tier.certificate && certificate) {
    const { kind, by } = certificate.value
    const of = attributes[by.name] ?? by.whenAbsent
    if (of === undefined)
      throw new Refused({
        code: 'attribute_missing',
        attribute: by.name,
        rule: tier.certificate.rule,
      })
    if (!certificatesIn(attributes).includes(certificateKey(kind, String(of)))) {
      const reason = { code: 'certificate', kind, of: String(of) } as const
      return { applies: false, reason, citation: certificate.citation }
    }
  }

  if (tier.kind === 'insurance' && tier.waiting) {
    const { value, citation } = rules.entry(tier.waiting)
    const until = value && waitsUntil(value, tier.waiting.rule, cover, attributes)
    if (until && on < until) return { applies: false, reason: { code: 'waiting', until }, citation }
  }

  const shared = {
    eligibility: eligibility.citation,
    base: tier.base.map(({ component, weight }) => {
      const found = weight && rules.get(weight)
      return { component, weight: found?.value ?? WHOLE, citation: found?.citation }
    }),
    baseWeight: tier.baseWeight && rules.get(tier.baseWeight),
  }
  if (tier.kind === 'account')
    return { applies: true, resolved: { ...shared, kind: 'account', tier, citations } }

  const transferUpfront = tier.transferUpfront && rules.find(tier.transferUpfront)
  const caps = tier.caps.map((cap) => resolveCap(rules, cap, attributes))
  const counted = tier.counted.map(({ amount }) => rules.find(amount))
  const eligibleCap = tier.eligibleCap && rules.find(tier.eligibleCap.amount)
  const bands = rules.get(tier.rate)
  const bandGrowth = tier.rateGrows && rules.entry(tier.rateGrows)
  return {
    applies: true,
    resolved: {
      ...shared,
      kind: 'insurance',
      tier,
      transferUpfront,
      counted,
      eligibleCap:
        eligibleCap?.value === undefined || eligibleCap.value === 'none'
          ? undefined
          : rules.amountOf('eligibleCap', { ...eligibleCap, value: eligibleCap.value }),
      deductible: tier.deductible && resolveDeductible(rules, tier.deductible),
      admission: resolveAdmission(rules, tier),
      bands:
        tier.rateGrows && bandGrowth?.value
          ? raiseBands(
              bands.value,
              { rule: tier.rateGrows.rule, growth: bandGrowth.value },
              attributes,
            )
          : bands.value,
      bandCitations: bandGrowth ? [bands.citation, bandGrowth.citation] : [bands.citation],
      dueFactor: tier.dueFactor && rules.find(tier.dueFactor),
      guaranteedRatio: tier.guaranteedRatio && rules.find(tier.guaranteedRatio.ratio),
      caps: caps.flatMap((cap) => (cap && 'limit' in cap ? [cap] : [])),
      uncapped: caps.flatMap((cap) => (cap && !('limit' in cap) ? [cap.citation] : [])),
      citations,
    },
  }
}

/** Whether the conditions of a day hold for these answers, and if not, why. */
export function eligibilityOf(
  rule: Dated<Conditions>,
  rules: Rules,
  attributes: Attributes,
): { readonly citation: Citation; readonly reason: NotApplicable | undefined } {
  const eligibility = rules.entry(rule)
  const { citation } = eligibility
  if (eligibility.value === null) return { reason: { code: 'repealed' }, citation }
  const conditions = eligibility.value.map(({ attribute, holds }) => ({
    attribute,
    found: lookup(holds, attributes),
  }))
  // A condition known not to hold settles the matter: what else is asked need not be answered.
  for (const { attribute, found } of conditions) {
    if (found.ok || found.error.code !== 'no_value_for') continue
    const reason = {
      code: 'condition',
      attribute: attribute.name,
      answer: found.error.answer,
    } as const
    return { reason, citation }
  }
  for (const { found } of conditions)
    if (!found.ok) throw new Refused({ ...found.error, rule: rule.rule })
  return { reason: undefined, citation }
}

/** The first day on which a tier pays under a cover that has to wait for it, by the rules of the cover's first day. */
export function waitOf(
  tier: Tier,
  attributes: Attributes,
  cover: Cover,
  options: { readonly allowUndated: boolean },
): PlainDate | undefined {
  if (tier.kind !== 'insurance' || !tier.waiting) return undefined
  const { waiting } = tier
  const found = resolved(() => {
    const { value } = new Rules(cover.from, attributes, options.allowUndated, []).entry(waiting)
    return value ? waitsUntil(value, waiting.rule, cover, attributes) : undefined
  })
  return found.ok ? found.value : undefined
}

/** No one waits longer than this, whatever a count of years would make of it. */
const LONGEST_WAIT_MONTHS = 1_200

/** The first day on which a cover pays. */
function waitsUntil(
  { months, grows, repair, atLeast }: Waiting,
  rule: string,
  cover: Cover,
  attributes: Attributes,
): PlainDate {
  const added = grows ? growthOf({ rule, growth: grows }, months, attributes) : 0
  const less = repair ? growthOf({ rule, growth: repair }, months, attributes) : 0
  const least = atLeast ? lookup(atLeast, attributes) : ok(0)
  if (!least.ok) throw new Refused({ ...least.error, rule })
  const wait = Math.max(months + Math.max(0, added - less), least.value)
  return addMonths(cover.from, Math.min(wait, LONGEST_WAIT_MONTHS))
}

function resolveDeductible(rules: Rules, rule: Deductible): ResolvedDeductible | undefined {
  const found = rules.find(rule.amount)
  if (!found) return undefined
  const ofStay = stayShareOf(found.value)
  const amount = ofStay ? undefined : rules.amountOf('deductible', found)
  const ordinal = rule.ordinal && rules.find(rule.ordinal)
  const floor = rule.floor && rules.findAmount('floor', rule.floor)
  const periodTotal = rule.periodTotal && rules.findAmount('periodTotal', rule.periodTotal)
  const least = floor?.value ?? (0 as Fen)
  return {
    rule,
    ladder: amount ? ladderOf(amount.value, ordinal?.value, least) : [],
    since: undefined,
    ofStay: ofStay && { ...ofStay, steps: stepsOf(ordinal?.value), floor: least },
    periodTotal: periodTotal?.value,
    derivations: [amount, floor, periodTotal].flatMap((cited) => cited?.derivation ?? []),
    citations: [found, ordinal, floor, periodTotal].flatMap((cited) => cited?.citation ?? []),
  }
}

/** Nothing where the tier says nothing about admissions, or no longer does. */
function resolveAdmission(
  rules: Rules,
  { admission, deductible }: InsuranceTier,
): ResolvedAdmission | undefined {
  const rule = admission && rules.standing(admission)
  const counts = deductible?.counts && rules.find(deductible.counts)
  const chargedAgain = deductible?.chargedAgain && rules.standing(deductible.chargedAgain)
  const group = deductible?.onceAPeriod && rules.find(deductible.onceAPeriod)
  return rule || counts || chargedAgain || group
    ? { rule, counts, chargedAgain, group: group?.value === 'no' ? undefined : group }
    : undefined
}

/**
 * A tier's rules for a stay so long that it is charged several times: as the same admission each time, or as
 * the ones that follow it.
 */
export function chargedTimes(
  resolved: ResolvedInsurance,
  times: number,
  as: ChargedAgain['as'],
): ResolvedInsurance {
  const { deductible } = resolved
  if (!deductible || times === 1) return resolved
  const { ladder } = deductible
  const charged = (at: number) => {
    let sum = 0
    for (let i = 0; i < times; i++)
      sum += ladder[Math.min(as === 'next' ? at + i : at, ladder.length - 1)] ?? 0
    return sum as Fen
  }
  return { ...resolved, deductible: { ...deductible, ladder: ladder.map((_, at) => charged(at)) } }
}

/** The share of a stay that an amount is, where it follows one. */
function stayShareOf(rule: AmountRule): Omit<ResolvedStayAmount, 'steps' | 'floor'> | undefined {
  if (typeof rule === 'number') return undefined
  const { factor, of, atLeast, atMost } = rule
  return of.kind === 'stayCost' || of.kind === 'stayBase'
    ? { basis: of.kind, factor: factor as Rate, atLeast, atMost }
    : undefined
}

/** What each admission is charged of a share of its stay; the reader lets no lessEach pass here. */
function stepsOf(ordinal: Ordinal | undefined): readonly Portion[] {
  return ordinal && 'steps' in ordinal ? ordinal.steps : [{ rate: WHOLE }]
}

/** What each admission of a period is charged, until it no longer changes. */
function ladderOf(amount: Fen, ordinal: Ordinal | undefined, floor: Fen): Fen[] {
  if (!ordinal) return [amount]
  const least = Math.min(amount, floor)
  if ('steps' in ordinal)
    return ordinal.steps.map((step) => {
      const reduced = 'fixed' in step ? step.fixed : share(amount, step.rate, 'half-up')
      return Math.max(reduced, least) as Fen
    })
  const { lessEach } = ordinal
  const less = 'fixed' in lessEach ? lessEach.fixed : share(amount, lessEach.rate, 'half-up')
  const ladder: Fen[] = [amount]
  while (less > 0 && (ladder.at(-1) ?? 0) > least)
    ladder.push(Math.max((ladder.at(-1) ?? 0) - less, least) as Fen)
  return ladder
}

/** A cap, the rule that says there is none, or nothing where the rule is repealed. */
function resolveCap(
  rules: Rules,
  rule: Cap,
  attributes: Attributes,
): ResolvedCap | { readonly citation: Citation } | undefined {
  const found = rules.find(rule.amount)
  if (!found) return undefined
  if (found.value === 'none') return { citation: found.citation }
  const amount = rules.amountOf('cap', { ...found, value: found.value })
  const grows = rule.grows && rules.entry(rule.grows)
  const growth =
    rule.grows && grows?.value
      ? growthOf({ rule: rule.grows.rule, growth: grows.value }, amount.value, attributes)
      : 0
  return {
    rule,
    limit: Math.max(0, amount.value + growth) as Fen,
    since: undefined,
    derivation: amount.derivation,
    citations: grows ? [amount.citation, grows.citation] : [amount.citation],
  }
}

type RuledGrowth = { readonly rule: string; readonly growth: Growth }

/** Growth is bounded above; what is taken away is not. */
function growthOf(
  { rule, growth: { terms, atMost } }: RuledGrowth,
  amount: number,
  attributes: Attributes,
): number {
  let growth = 0
  for (const { each, per, after, less } of terms) {
    const answer = attributes[per.name] ?? per.whenAbsent
    if (answer === undefined)
      throw new Refused({ code: 'attribute_missing', attribute: per.name, rule })
    const count = Math.max(0, Number(answer) - after)
    growth += less ? -each * count : each * count
  }
  if (!atMost) return growth
  const most = 'fixed' in atMost ? atMost.fixed : share(amount, atMost.rate, 'down')
  return Math.min(growth, most)
}

/** Adds points to every band that pays at all; nothing pays more than the whole. */
function raiseBands(
  bands: readonly Band[],
  { rule, growth }: RuledGrowth,
  attributes: Attributes,
): readonly Band[] {
  const most = growth.atMost && 'rate' in growth.atMost ? growth.atMost.rate : WHOLE
  const unbounded = { rule, growth: { ...growth, atMost: undefined } }
  const points = Math.min(most, growthOf(unbounded, 0, attributes))
  return bands.map((band) =>
    band.rate === 0
      ? band
      : { ...band, rate: Math.max(0, Math.min(WHOLE, band.rate + points)) as Rate },
  )
}

/** Looks rules up for one day and one set of answers, and remembers which were used. */
export class Rules {
  readonly #on: PlainDate
  readonly #attributes: Attributes
  readonly #allowUndated: boolean
  readonly #used: Citation[]

  constructor(on: PlainDate, attributes: Attributes, allowUndated: boolean, used: Citation[]) {
    this.#on = on
    this.#attributes = attributes
    this.#allowUndated = allowUndated
    this.#used = used
  }

  /** The entry of the day, repealed or not. */
  entry<T>(dated: Dated<T>): { readonly value: T | null; readonly citation: Citation } {
    const found = inForce(dated, this.#on, { allowUndated: this.#allowUndated })
    if (!found.ok) throw new Refused(found.error)
    const citation = cite(dated.rule, found.value)
    this.#used.push(citation)
    return { value: found.value.value, citation }
  }

  /** The value of the day where it asks nothing; nothing where the rule is repealed. */
  standing<T>(dated: Dated<T>): Cited<T> | undefined {
    const { value, citation } = this.entry(dated)
    return value === null ? undefined : { value, citation }
  }

  /** The value for the day and the answers; nothing where the rule is repealed. */
  find<T>(dated: Dated<Table<T>>): Cited<T> | undefined {
    const { value: table, citation } = this.entry(dated)
    if (table === null) return undefined
    const found = lookup(table, this.#attributes)
    if (!found.ok) throw new Refused({ ...found.error, rule: dated.rule })
    return { value: found.value, citation }
  }

  /** An amount that may be derived, for the day and the answers; nothing where the rule is repealed. */
  findAmount(limit: DerivedLimit, dated: Dated<Table<AmountRule>>): DerivedCited | undefined {
    const found = this.find(dated)
    return found && this.amountOf(limit, found)
  }

  /** What an amount comes to. A figure it is taken from has a value on the day, or the bill is refused. */
  amountOf(limit: DerivedLimit, { value, citation }: Cited<AmountRule>): DerivedCited {
    if (typeof value === 'number') return { value, citation, derivation: undefined }
    const { factor, atLeast, atMost } = value
    const basis = this.#basisOf(value, citation.rule)
    const product = productOf(basis.value, factor)
    const least = atLeast ?? 0
    const amount = Math.max(least, Math.min(atMost ?? product, product)) as Fen
    const { title, citations } = basis
    const derivation = { limit, title, factor, product, atLeast, atMost, amount, citations }
    return { value: amount, citation, derivation: { ...derivation, basis: basis.value } }
  }

  #basisOf(
    { of }: DerivedAmount,
    rule: string,
  ): { readonly value: Fen; readonly title: Title; readonly citations: readonly Citation[] } {
    if (of.kind === 'index') {
      const { value, citation } = this.get(of.index.amount)
      return { value, title: of.index.title, citations: [citation] }
    }
    assert(of.kind === 'attribute', 'what follows the stay is left to the settling code')
    const { name, title, whenAbsent } = of.attribute
    const answer = this.#attributes[name] ?? whenAbsent
    if (answer === undefined)
      throw new Refused({ code: 'attribute_missing', attribute: name, rule })
    return { value: fen(Number(answer) * 100), title, citations: [] }
  }

  /** The value for the day and the answers; refuses where the rule is repealed. */
  get<T>(dated: Dated<Table<T>>): Cited<T> {
    const found = this.find(dated)
    if (!found) throw new Refused({ code: 'rule_not_in_force', rule: dated.rule, on: this.#on })
    return found
  }
}

/** A share or a multiple of an amount, half-up to the fen, at any size. */
function productOf(basis: Fen, factor: number): Fen {
  return Number((BigInt(basis) * BigInt(factor) + 500_000n) / BigInt(WHOLE)) as Fen
}

/** What must be said beside every amount that rests on these rules, most serious first. */
export function badgesOf(citations: readonly Citation[], more: readonly Badge[] = []): Badge[] {
  const badges = new Set<Badge>(more)
  if (citations.some(({ from }) => from === 'unknown')) badges.add('undated')
  for (const { source } of citations) {
    if (source.grade === 'invented') badges.add('invented')
    else if (!isOfficial(source.grade)) badges.add(`grade-${source.grade}` as Badge)
  }
  return BADGE_ORDER.filter((badge) => badges.has(badge))
}

const BADGE_ORDER: readonly Badge[] = ['invented', 'undated', 'grade-D', 'grade-C', 'grade-B']
