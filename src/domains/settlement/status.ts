import type { Fen } from '#base/money.ts'
import { addDays, addMonths, compose, dayNumber, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import type { ResolvedInsurance } from './resolve.ts'
import { attributesAsked } from './rules-within.ts'
import { totalKey } from './total-key.ts'
import type {
  Bill,
  Cover,
  InsuranceTier,
  OnChange,
  Person,
  Refusal,
  Step,
  Totals,
} from './types.ts'

/** What a change of status makes of a tier's limits for one bill. */
export type Restated = {
  readonly resolved: ResolvedInsurance
  readonly steps: readonly Omit<Extract<Step, { step: 'status' }>, 'step' | 'tier'>[]
  readonly known: readonly (readonly [key: string, value: number])[]
}

/** A person's answers from a day of the period on, as far as limits of the period ask for them. */
type Status = { readonly from: PlainDate; readonly answers: Attributes }

/** The words by which a person's standing chooses the limits of a period. Ages and counts of years are none. */
export function statusNames(tier: InsuranceTier): string[] {
  const rules = [
    ...(tier.deductible?.kind === 'period' ? [tier.deductible.amount] : []),
    ...tier.caps.flatMap(({ per, amount }) => (per === 'period' ? [amount] : [])),
  ]
  const names = attributesAsked(rules).flatMap(({ name, of, answers }) =>
    of !== 'bill' && answers !== 'number' && name !== 'preexisting' ? [name] : [],
  )
  return [...new Set(names)]
}

/**
 * The limits of a period where the person's standing changed within it, told from the dated file alone. What
 * becomes of what was met or paid before is the tier's to declare; where it does not, and the limits differ,
 * the bill is refused.
 *
 * `resolvedWith` gives the tier's rules for other answers; nothing where they do not reach the bill.
 */
export function restate(
  { bill, person, cover, totals }: { bill: Bill; person: Person; cover: Cover; totals: Totals },
  resolved: ResolvedInsurance,
  names: readonly string[],
  periodKey: string,
  resolvedWith: (answers: Attributes) => ResolvedInsurance | undefined,
): Result<Restated, Refusal> {
  const unchanged = ok({ resolved, steps: [], known: [] })
  const { tier } = resolved
  const begins = firstDayOf(periodKey)
  if (begins === undefined) return unchanged
  const on = bill[tier.governing]
  const whole = statusesOf(person, cover, names, begins, lastDayOf(begins))
  const replays = [tier.deductible, ...tier.caps].some((limit) => limit?.onChange === 'replay')
  if (whole.length < 2 && !replays) return unchanged
  const past = whole.filter(({ from }) => from <= on)
  const latest = whole.at(-1)
  if (!latest) return unchanged

  const key = totalKey(`${tier.id}:status`, periodKey)
  const settledAs = totals.get(key)
  // The standings of this bill and of those that were settled before it, which may be later ones.
  const settled = whole.filter(({ from }) => from <= on || dayNumber(from) <= (settledAs ?? 0))
  const known = new Map<string, number>()
  let result = resolved
  const steps: Restated['steps'][number][] = []
  /** Applies the declared way to one limit; answers with a refusal where none is declared. */
  const judge = (
    limit: 'deductible' | 'cap',
    onChange: OnChange | undefined,
    rule: string,
    amountOf: (with_: ResolvedInsurance) => Fen | undefined,
    change: (since: PlainDate | undefined, from: ResolvedInsurance) => void,
  ): Refusal | undefined => {
    const seen = onChange === undefined ? settled : onChange === 'replay' ? whole : past
    // A standing under which the tier takes no part chooses no amount: it is compared across.
    const amounts = seen.flatMap(({ from, answers }) => {
      const with_ = resolvedWith(answers)
      return with_ ? [{ from, with_, amount: amountOf(with_) }] : []
    })
    const at = amounts.findLastIndex(({ amount }, i) => i > 0 && amount !== amounts[i - 1]?.amount)
    const now = amounts[at]
    const before = amounts[at - 1]
    if (!now || !before) return undefined
    if (onChange === undefined) {
      // Where every bill of the period came after the change, there is nothing to choose.
      const since = dayNumber(now.from)
      const early = now.from > on
      if (settledAs === undefined && !usedWithin(tier, periodKey, totals)) known.set(key, since)
      else if (early || settledAs !== since)
        return { code: 'choice_undeclared', rule, choice: 'onChange' }
      return undefined
    }
    steps.push({
      limit,
      on: now.from,
      before: before.amount,
      after: now.amount,
      how: onChange,
    })
    if (onChange === 'restart') change(now.from, result)
    if (onChange === 'replay') change(undefined, now.with_)
    return undefined
  }

  if (resolved.deductible && tier.deductible?.kind === 'period') {
    const refusal = judge(
      'deductible',
      tier.deductible.onChange,
      `${tier.id}#deductible.onChange`,
      ({ deductible }) => deductible?.ladder[0],
      (since, { deductible }) => {
        result = { ...result, deductible: deductible && { ...deductible, since } }
      },
    )
    if (refusal) return err(refusal)
  }
  for (const [i, rule] of tier.caps.entries()) {
    if (rule.per !== 'period') continue
    const refusal = judge(
      'cap',
      rule.onChange,
      `${tier.id}#caps.${i}.onChange`,
      ({ caps }) => caps.find((cap) => cap.rule === rule)?.limit,
      (since, { caps }) => {
        const own = caps.find((cap) => cap.rule === rule)
        const others = result.caps.filter((cap) => cap.rule !== rule)
        const changed = own ? [...others, { ...own, since }] : others
        result = {
          ...result,
          caps: changed.toSorted((a, b) => tier.caps.indexOf(a.rule) - tier.caps.indexOf(b.rule)),
        }
      },
    )
    if (refusal) return err(refusal)
  }
  if (!replays) return ok({ resolved: result, steps, known: [...known] })

  // Bills of the period are settled under its last standing: those that were not have to be settled again.
  const standing = dayNumber(latest.from)
  if (settledAs !== undefined && settledAs !== standing)
    return err({ code: 'replay_needed', tier: tier.id, reason: 'status' })
  return ok({ resolved: result, steps, known: [[key, standing]] })
}

/** Whether a bill of the period has left anything in the totals of a tier, or of those it shares with. */
function usedWithin(tier: InsuranceTier, periodKey: string, totals: Totals): boolean {
  const owners = [tier.id, tier.deductible?.pool, ...tier.caps.map(({ pool }) => pool)]
  return [...totals.keys()].some(
    (key) =>
      key.endsWith(`@${periodKey}`) &&
      owners.some((owner) => owner !== undefined && key.startsWith(`${owner}:`)),
  )
}

/** The standings of a stretch of days, in order; one that says the same as the one before is left out. */
function statusesOf(
  person: Person,
  { scheme }: Cover,
  names: readonly string[],
  begins: PlainDate,
  ends: PlainDate,
): Status[] {
  const covers = person.covers.filter((cover) => cover.scheme === scheme)
  const days = [begins, ...person.attributes.map(({ from }) => from), ...covers.map((c) => c.from)]
  const statuses: Status[] = []
  for (const from of [...new Set(days)].toSorted()) {
    const cover = covers.find((c) => c.from <= from && (c.until === undefined || from <= c.until))
    if (from < begins || from > ends || !cover) continue
    const known: Record<string, string | number | undefined> = {}
    for (const entry of person.attributes)
      if (entry.from <= from) Object.assign(known, entry.attributes)
    Object.assign(known, cover.attributes)
    const answers = Object.fromEntries(names.map((name) => [name, known[name]]))
    const last = statuses.at(-1)
    if (!last || names.some((name) => last.answers[name] !== answers[name]))
      statuses.push({ from, answers })
  }
  return statuses
}

/** A lifetime has no first day that limits could begin anew on. */
function firstDayOf(periodKey: string): PlainDate | undefined {
  if (periodKey === 'lifetime') return undefined
  return periodKey.length === 4 ? compose(Number(periodKey), 1, 1) : (periodKey as PlainDate)
}

/** Every period but a lifetime is a year long. */
function lastDayOf(begins: PlainDate): PlainDate {
  return addDays(addMonths(begins, 12), -1)
}
