import { WHOLE } from '#base/money.ts'
import { firstDay, isMonth, lastDay, type Month, nextMonth } from '#base/month.ts'
import { addDays, type PlainDate, parsePlainDate, plainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { type WorkingDays, workingDayAfter } from '#base/working-days.ts'
import type { ClearingTerms, FundMonth, Position, Rebase, RegionMonth, Warning } from './types.ts'

/** What the ledger moved in a month on the account of two regions: by fund and kind of entry, above zero owed more. */
export type Flow = {
  readonly fund: string
  readonly kind: string
  readonly bills: number
  readonly amount: number
}

/**
 * A month from what was booked in it. What changed of earlier bills was booked in this month and is part of it: a month
 * that was closed is never opened again, and the months add up to whatever order things arrived in.
 */
export function statedMonth(month: Month, flows: readonly Flow[]): RegionMonth {
  const funds = [...new Set(flows.map(({ fund }) => fund))].toSorted().map((fund): FundMonth => {
    const own = flows.filter((flow) => flow.fund === fund)
    const isNew = ({ kind }: Flow) => kind === 'settled'
    return {
      fund,
      bills: sum(own.filter(isNew).map(({ bills }) => bills)),
      settled: sum(own.filter(isNew).map(({ amount }) => amount)),
      changed: sum(own.filter((flow) => !isNew(flow)).map(({ amount }) => amount)),
    }
  })
  return { month, funds, amount: sum(funds.map(amountOf)) }
}

export const amountOf = ({ settled, changed }: Pick<FundMonth, 'settled' | 'changed'>): number =>
  settled + changed

/**
 * The terms of a month: what the two regions have agreed, from its first month on, or else the rule that holds for
 * everybody. Undefined where neither holds yet.
 */
export function termsOf(
  month: Month,
  agreed: readonly ClearingTerms[],
  rules: readonly ClearingTerms[],
): ClearingTerms | undefined {
  const latest = (all: readonly ClearingTerms[]) =>
    all.filter(({ from }) => from <= month).toSorted((a, b) => (a.from < b.from ? 1 : -1))[0]
  return latest(agreed) ?? latest(rules)
}

export type CloseRefusal =
  | { readonly code: 'region_month_not_over'; readonly month: Month }
  | { readonly code: 'region_month_closed'; readonly month: Month }
  | { readonly code: 'region_month_out_of_order'; readonly month: Month; readonly next: Month }

/** Whether a month may be closed: it is over on the books, and the one after the last that was closed. */
export function closable(
  month: Month,
  {
    first,
    last,
    booksUntil,
  }: {
    /** The first month in which anything was booked between the two. */
    readonly first: Month
    readonly last: Month | undefined
    readonly booksUntil: string | undefined
  },
): Result<object, CloseRefusal> {
  if (last !== undefined && month <= last) return err({ code: 'region_month_closed', month })
  const next = last === undefined ? first : nextMonth(last)
  if (month !== next) return err({ code: 'region_month_out_of_order', month, next })
  if ((booksUntil ?? '') < lastDay(month)) return err({ code: 'region_month_not_over', month })
  return ok({})
}

/** How much of the prepayment is used: by what the region of care has paid and has not got back. */
export function positionOf(
  { due, paid, used }: Pick<Position, 'due' | 'paid' | 'used'>,
  { yellow, red }: Pick<ClearingTerms, 'yellow' | 'red'>,
): Position {
  const usedShare =
    paid > 0 ? Number((BigInt(Math.max(0, used)) * BigInt(WHOLE)) / BigInt(paid)) : null
  const warning = ((): Warning => {
    if (usedShare === null) return 'none'
    if (usedShare >= red) return 'red'
    return usedShare >= yellow ? 'yellow' : 'normal'
  })()
  return { due, paid, used, left: paid - used, usedShare, warning }
}

/** The months whose mean the prepayment of a year rests on: the last quarter of the year before. */
export const quarterBefore = (year: number): Month[] =>
  ['10', '11', '12'].map((month) => `${year - 1}-${month}`)

/**
 * 年度核定: so many months of the mean month, rounded half up to a fen once, less what stands. A month in which nothing
 * was cleared counts as zero; below zero, as where more was reversed than settled, the target is zero.
 */
export function rebaseOf(
  year: number,
  months: Rebase['months'],
  standing: number,
  { prepaymentMonths }: Pick<ClearingTerms, 'prepaymentMonths'>,
): Rebase {
  const total = Math.max(0, sum(months.map(({ amount }) => amount)))
  const [part, count] = [BigInt(total) * BigInt(prepaymentMonths), BigInt(months.length)]
  const target = Number((2n * part + count) / (2n * count))
  return { year, months, target, standing, difference: target - standing }
}

/** The last day to state a month. */
export const stateUntil = (month: Month, { stateUntilDay }: ClearingTerms): PlainDate =>
  addDays(firstDay(nextMonth(month)), stateUntilDay - 1)

/** The last day to pay what was confirmed on a day; undefined where the year's holidays are not given. */
export const payUntil = (
  confirmedOn: PlainDate,
  { payWithinDays }: ClearingTerms,
  workingDays: WorkingDays,
): PlainDate | undefined => workingDayAfter(workingDays, confirmedOn, payWithinDays)

/** The last day on which the prepayment of a year is worked out anew. */
export const rebaseUntil = (year: number, terms: Pick<ClearingTerms, 'rebaseUntil'>): PlainDate =>
  plainDate(`${year}-${terms.rebaseUntil}`)

export type ClearingFault =
  | 'month'
  | 'lines'
  | 'prepayment_months'
  | 'state_day'
  | 'pay_days'
  | 'rebase_day'

/** What keeps terms from being used: each fault by name. */
export function faultsOf(terms: ClearingTerms): ClearingFault[] {
  const { from, yellow, red, prepaymentMonths, stateUntilDay, payWithinDays } = terms
  const faults: ClearingFault[] = []
  if (!isMonth(from)) faults.push('month')
  if (!(yellow > 0 && yellow < red && red <= WHOLE)) faults.push('lines')
  if (prepaymentMonths < 0 || prepaymentMonths > 12) faults.push('prepayment_months')
  if (stateUntilDay < 1 || stateUntilDay > 28) faults.push('state_day')
  if (payWithinDays < 1 || payWithinDays > 90) faults.push('pay_days')
  // 29 February is no day of every year.
  if (parsePlainDate(`2023-${terms.rebaseUntil}`) === undefined) faults.push('rebase_day')
  return faults
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0)
