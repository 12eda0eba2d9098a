import assert from 'node:assert/strict'
import { type Month, nextMonth } from '#base/month.ts'
import { err, ok, type Result } from '#base/result.ts'
import type {
  Basis,
  Booked,
  Estimate,
  EstimateRefusal,
  Factor,
  MonthReserve,
  Reserve,
  RunOff,
  Triangle,
} from './types.ts'

/** Fewer say nothing about how care grows. */
const LEAST_MONTHS = 3

/** The months from one to another, both of them. */
export function monthsBetween(from: Month, until: Month): Month[] {
  const months: Month[] = []
  for (let month = from; month <= until; month = nextMonth(month)) months.push(month)
  return months
}

/**
 * The triangle of what was booked by the end of a month. What was booked before its own month of care counts in that month;
 * what was booked after the window counts as its last age.
 */
export function triangleOf(booked: readonly Booked[], until: Month, window: number): Triangle {
  const known = booked.filter((each) => each.booked <= until && each.care <= until)
  const first = known.map(({ care }) => care).toSorted()[0]
  if (first === undefined) return { until, rows: [] }
  const months = monthsBetween(first, until)
  const place = new Map(months.map((month, i) => [month, i]))
  const rows = months.map((care, i) => ({
    care,
    moved: Array.from({ length: Math.min(months.length - i, window + 1) }, () => 0),
  }))
  for (const { care, booked: at, amount } of known) {
    const row = rows[place.get(care) ?? -1]
    assert(row, `${care} is a month of the triangle`)
    const age = Math.max(0, (place.get(at) ?? 0) - (place.get(care) ?? 0))
    const last = Math.min(age, row.moved.length - 1)
    row.moved[last] = (row.moved[last] ?? 0) + amount
  }
  return {
    until,
    rows: rows.map(({ care, moved }) => {
      let sum = 0
      return { care, sums: moved.map((amount) => (sum += amount)) }
    }),
  }
}

/**
 * What is still to come, by month of care. A factor is the sum of an age over that of the age before, of the months that
 * have both; it is kept as these two sums and never rounded, so each amount is rounded once, half up.
 *
 * Chain ladder: what was claimed grows by every factor that is still ahead. Bornhuetter-Ferguson: of what a month is
 * expected to cost, the part that those factors say is not there yet.
 */
export function estimate(
  { rows }: Triangle,
  { method, window, tail, expected }: Basis,
): Result<Estimate, EstimateRefusal> {
  if (rows.length < LEAST_MONTHS)
    return err({ code: 'too_few_months', months: rows.length, least: LEAST_MONTHS })
  if (method === 'bornhuetter-ferguson' && expected === undefined)
    return err({ code: 'expected_needed' })
  const factors: Factor[] = []
  for (let age = 0; age < Math.min(window, rows.length - 1); age++) {
    const both = rows.filter(({ sums }) => sums.length > age + 1)
    const from = both.reduce((sum, { sums }) => sum + (sums[age] ?? 0), 0)
    const to = both.reduce((sum, { sums }) => sum + (sums[age + 1] ?? 0), 0)
    if (from <= 0 || to <= 0) return err({ code: 'age_without_claims', age })
    factors.push({ age, from, to })
  }
  const months = rows.map(({ care, sums }): MonthReserve => {
    const claimed = sums.at(-1) ?? 0
    const ahead = factors.slice(sums.length - 1)
    // Of a whole of `grown`, `now` is there.
    const grown = ahead.reduce((product, { to }) => product * BigInt(to), BigInt(tail))
    const now = ahead.reduce((product, { from }) => product * BigInt(from), 1_000_000n)
    const ibnr =
      method === 'chain-ladder'
        ? halfUp(BigInt(claimed) * (grown - now), now)
        : halfUp(BigInt(expected ?? 0) * (grown - now), grown)
    return { care, claimed, ultimate: claimed + ibnr, ibnr }
  })
  return ok({ factors, months, ibnr: months.reduce((sum, each) => sum + each.ibnr, 0) })
}

/** A quotient to the next whole fen, half of one away from zero. `below` is above zero. */
function halfUp(above: bigint, below: bigint): number {
  const size = above < 0n ? -above : above
  const rounded = Number((2n * size + below) / (2n * below))
  assert(Number.isSafeInteger(rounded), 'a reserve is an amount of money')
  return above < 0n ? 0 - rounded : rounded
}

/** What each reserve that was booked has turned out to be worth, by what is known and held now. */
export function runOffs(
  reserves: readonly Pick<Reserve, 'month' | 'estimate'>[],
  booked: readonly Booked[],
  until: Month,
): RunOff[] {
  const inOrder = reserves.toSorted((a, b) => (a.month < b.month ? -1 : 1))
  const newest = inOrder.at(-1)
  return inOrder.map(({ month, estimate: { ibnr } }) => {
    const claimedSince = booked
      .filter((each) => each.care <= month && each.booked > month && each.booked <= until)
      .reduce((sum, { amount }) => sum + amount, 0)
    const stillHeld = (newest?.estimate.months ?? [])
      .filter(({ care }) => care <= month)
      .reduce((sum, each) => sum + each.ibnr, 0)
    return {
      month,
      reserved: ibnr,
      claimedSince,
      stillHeld,
      result: ibnr - claimedSince - stillHeld,
    }
  })
}
