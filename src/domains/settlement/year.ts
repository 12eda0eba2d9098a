import { type Movement, placeOf } from './replay.ts'
import { totalKey } from './total-key.ts'
import type { Bill, Person } from './types.ts'

/** What stands of a person, with the totals that each settlement started from. */
export type StandingOfPerson = {
  readonly bill: Bill
  readonly totalsBefore: Readonly<Record<string, number | null>>
  /** What it took from each account, by the key of its balance. */
  readonly drawn: Readonly<Record<string, number>> | null
  readonly total: number
  readonly patient: number
}

/** A person's year, ready to be settled again from its first bill on. */
export type PersonYear = {
  readonly person: Person
  /** In the order in which they count. */
  readonly bills: readonly Bill[]
  /** The running totals before the first of them. */
  readonly opening: Readonly<Record<string, number>>
  /** What moved the accounts in the year and after it. */
  readonly movements: readonly Movement[]
  /** What was settled of these bills, in fen. */
  readonly settled: { readonly paid: number; readonly patient: number }
}

const MOVED = {
  personal: totalKey('account:personal', 'lifetime'),
  family: totalKey('account:family', 'lifetime'),
} as const

/**
 * The bills of a person that were settled in a year, and what was there before them; nothing of somebody who was neither
 * covered in it nor had a bill.
 *
 * A total is known from the first settlement of the year that read it. A balance is worked out from its movements and
 * from what earlier bills drew, for the year's own movements are counted by their days.
 */
export function yearOf(
  {
    person,
    opening,
    movements,
    standing,
  }: {
    readonly person: Person
    readonly opening: Readonly<Record<string, number>>
    readonly movements: readonly Movement[]
    readonly standing: readonly StandingOfPerson[]
  },
  year: number,
): PersonYear | undefined {
  const [first, last] = [`${year}-01-01`, `${year}-12-31`]
  const own = standing
    .filter(({ bill }) => bill.settled >= first && bill.settled <= last)
    .toSorted((a, b) => (placeOf(a.bill) < placeOf(b.bill) ? -1 : 1))
  const covered = person.covers.some(
    ({ from, until }) => from <= last && (until === undefined || until >= first),
  )
  if (own.length === 0 && !covered) return undefined
  const totals = new Map<string, number | null>()
  for (const { totalsBefore } of own)
    for (const [key, value] of Object.entries(totalsBefore))
      if (!totals.has(key)) totals.set(key, value)
  const earlier = standing.filter(({ bill }) => bill.settled < first)
  for (const [account, key] of Object.entries(MOVED)) {
    const before = movements.filter((each) => each.account === account && each.on < first)
    totals.delete(key)
    if (opening[key] === undefined && before.length === 0) continue
    const moved = before.reduce((sum, { amount }) => sum + amount, opening[key] ?? 0)
    const drawn = earlier.reduce((sum, each) => sum + (each.drawn?.[key] ?? 0), 0)
    totals.set(key, moved - drawn)
  }
  const sum = (of: (each: StandingOfPerson) => number) =>
    own.reduce((all, each) => all + of(each), 0)
  return {
    person,
    bills: own.map(({ bill }) => bill),
    opening: Object.fromEntries(
      [...totals].flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
    movements: movements.filter(({ on }) => on >= first),
    settled: {
      paid: sum(({ total, patient }) => total - patient),
      patient: sum(({ patient }) => patient),
    },
  }
}
