import type { PlainDate } from '#base/plain-date.ts'
import { type Dated, type Entry, editionOn } from '#rulebook/dated.ts'
import { indexesWithin, rulesWithin } from './rules-within.ts'
import type { Benefit, Relief, SchemeBook, Tier, Title } from './types.ts'

/** A rule whose value on one date is not its value on another. */
export type Change = {
  readonly tier: string
  readonly title: Title
  readonly rule: string
  readonly before: Entry<unknown> | undefined
  readonly after: Entry<unknown> | undefined
}

/** What changed between two dates in the rules of one scheme, or of all of them. */
export function changesBetween(
  book: SchemeBook,
  scheme: string | undefined,
  from: PlainDate,
  to: PlainDate,
): Change[] {
  const named = scheme === undefined ? undefined : book.schemes.get(scheme)
  const parts = named
    ? [
        ...named.order.flatMap((step) => ('tier' in step ? [step.tier] : [])),
        ...named.benefits,
        ...named.reliefs,
      ]
    : scheme === undefined
      ? [...book.tiers.values(), ...book.benefits.values(), ...book.reliefs.values()]
      : []
  return parts.flatMap((part) =>
    rulesOf(part).flatMap((rule): Change[] => {
      const before = entryOn(rule, from)
      const after = entryOn(rule, to)
      if (before === after) return []
      return [{ tier: part.id, title: part.title, rule: rule.rule, before, after }]
    }),
  )
}

/** A tier's own rules, and the published figures that its amounts are taken from. */
const rulesOf = (part: Tier | Benefit | Relief) => [
  ...rulesWithin(part),
  ...indexesWithin(part).map(({ amount }) => amount),
]

const entryOn = (rule: Dated<unknown>, on: PlainDate) => rule.entries[editionOn(rule, on)]
