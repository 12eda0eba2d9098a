import { WHOLE } from '#base/money.ts'
import { lastDay, type Month, monthOf, nextMonth } from '#base/month.ts'
import { addDays, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { PanelTerms, Product } from './types.ts'

export type PanelFault =
  | { readonly code: 'not_whole_months'; readonly from: string; readonly until: string }
  | { readonly code: 'insurer_twice'; readonly insurer: string }
  | { readonly code: 'lead_not_in_panel'; readonly lead: string }
  | { readonly code: 'shares_do_not_add_up'; readonly sum: number }
  | { readonly code: 'unknown_product'; readonly scheme: string; readonly fund: string }
  | {
      readonly code: 'panel_overlaps'
      readonly scheme: string
      readonly from: string
      readonly until: string
    }

/** As much of another panel as may stand in the way of one. */
export type Standing = Pick<PanelTerms, 'scheme' | 'fund' | 'from' | 'until'> & {
  readonly rules: readonly string[]
}

/** The product of a panel, or the first thing that is wrong with the panel. Panels that share a rule never overlap. */
export function checkPanel(
  terms: PanelTerms,
  products: readonly Product[],
  standing: readonly Standing[],
): Result<Product, PanelFault> {
  const { scheme, fund, from, until, lead, members } = terms
  if (!isWhole(from, until)) return err({ code: 'not_whole_months', from, until })
  const seen = new Set<string>()
  for (const { insurer } of members) {
    if (seen.has(insurer)) return err({ code: 'insurer_twice', insurer })
    seen.add(insurer)
  }
  if (!seen.has(lead)) return err({ code: 'lead_not_in_panel', lead })
  const sum = members.reduce((all, { share }) => all + share, 0)
  if (sum !== WHOLE) return err({ code: 'shares_do_not_add_up', sum })
  const product = products.find((each) => each.scheme === scheme && each.fund === fund)
  if (!product) return err({ code: 'unknown_product', scheme, fund })
  const rules = new Set(product.rules.map(({ rule }) => rule))
  const other = standing.find(
    (each) =>
      each.fund === fund &&
      each.from <= until &&
      from <= each.until &&
      (each.scheme === scheme || each.rules.some((rule) => rules.has(rule))),
  )
  if (other)
    return err({
      code: 'panel_overlaps',
      scheme: other.scheme,
      from: other.from,
      until: other.until,
    })
  return ok(product)
}

const isWhole = (from: PlainDate, until: PlainDate): boolean =>
  from < until && from.endsWith('-01') && addDays(until, 1).endsWith('-01')

export type MonthRefusal =
  | {
      readonly code: 'month_without_panel'
      readonly month: Month
      readonly from: string
      readonly until: string
    }
  | { readonly code: 'month_closed'; readonly month: Month }
  | { readonly code: 'earlier_month_open'; readonly month: Month }
  | { readonly code: 'month_not_over'; readonly month: Month; readonly until: string }

/** The month of a panel that is closed next; undefined where all of them are. */
export function openMonth(
  { from, until }: Pick<PanelTerms, 'from' | 'until'>,
  last: Month | undefined,
): Month | undefined {
  const next = last === undefined ? monthOf(from) : nextMonth(last)
  return next <= monthOf(until) ? next : undefined
}

/**
 * Whether a month may be closed: it has the panel, no earlier one of it is open, and every day of it is over in the
 * ledger, so that nothing is booked in it any more.
 */
export function closable(
  panel: Pick<PanelTerms, 'from' | 'until'>,
  month: Month,
  {
    last,
    booksUntil,
  }: { readonly last: Month | undefined; readonly booksUntil: string | undefined },
): Result<Month, MonthRefusal> {
  const { from, until } = panel
  if (month < monthOf(from) || month > monthOf(until))
    return err({ code: 'month_without_panel', month, from, until })
  const next = openMonth(panel, last)
  if (next === undefined || month < next) return err({ code: 'month_closed', month })
  if (month > next) return err({ code: 'earlier_month_open', month: next })
  const end = lastDay(month)
  if ((booksUntil ?? '') < end) return err({ code: 'month_not_over', month, until: end })
  return ok(month)
}
