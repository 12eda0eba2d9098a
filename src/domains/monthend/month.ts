import { share } from '#base/money.ts'
import { isMonth, type Month } from '#base/month.ts'
import type { MonthFacts, MonthResult, Standing, Terms, YearResult } from './types.ts'

/** The last month of terms: they end with their year. */
export const lastMonth = ({ from }: Pick<Terms, 'from'>): Month => `${from.slice(0, 4)}-12`

/** Before the first month nothing is held. A prepayment that was agreed before it stands there already. */
export const NOTHING_HELD: Standing = { base: 0, deposit: 0, prepaid: 0 }

/**
 * What a month of an institution comes to. The deposit of a year is a part of what was claimed and not taken off since the
 * terms began, rounded down to a fen once: a month holds the difference to what the months before it hold, so that the sum
 * never depends on how claims fell into months, and what is reversed later gives its deposit back. From the agreed
 * month on, whatever is payable gives back the prepayment first.
 */
export function monthOf(
  terms: Terms,
  month: Month,
  facts: MonthFacts,
  before: Standing,
): MonthResult {
  const { opening, claims, deducted, advanced, given, yearEnd, paid } = facts
  const base = before.base + claims - deducted
  const held = share(Math.max(0, base), terms.depositRate, 'down')
  const deposit = held - before.deposit
  const open = opening + claims - deducted + advanced + yearEnd - paid - deposit
  const prepaid = before.prepaid + given
  const offset = month < terms.backFrom ? 0 : Math.min(prepaid, Math.max(0, open))
  return {
    ...facts,
    deposit,
    offset,
    payable: open - offset,
    after: { base, deposit: held, prepaid: prepaid - offset },
  }
}

/**
 * What a year comes to by the score that people gave: the highest step that the score reaches says which part of the
 * deposit is paid out, rounded down; the rest is forfeited to the fund. What is left of the prepayment comes back.
 */
export function yearOf(
  { release }: Pick<Terms, 'release'>,
  score: number,
  { deposit, prepaid }: Standing,
): YearResult {
  const reached = release.filter((step) => step.score <= score)
  // A higher score pays out no less.
  const rate = Math.max(0, ...reached.map((step) => step.rate))
  const released = share(deposit, rate, 'down')
  return {
    score,
    rate,
    deposit,
    released,
    forfeited: deposit - released,
    prepaidBack: prepaid,
  }
}

export type TermsFault =
  | 'month'
  | 'back_before'
  | 'deposit_rate'
  | 'release_empty'
  | 'release_score'
  | 'release_falls'

/** What keeps terms from being used: each fault by name. */
export function faultsOf(terms: Terms): TermsFault[] {
  const { from, backFrom, depositRate, release } = terms
  const faults: TermsFault[] = []
  if (!isMonth(from) || !isMonth(backFrom)) faults.push('month')
  else if (backFrom < from || backFrom > lastMonth(terms)) faults.push('back_before')
  if (depositRate > 200_000) faults.push('deposit_rate')
  if (depositRate > 0 && release.length === 0) faults.push('release_empty')
  const steps = release.toSorted((a, b) => a.score - b.score)
  if (new Set(steps.map(({ score }) => score)).size < steps.length) faults.push('release_score')
  if (steps.some(({ rate }, i) => rate < (steps[i - 1]?.rate ?? 0))) faults.push('release_falls')
  return faults
}
