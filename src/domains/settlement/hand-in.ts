import { compose, dayNumber, type PlainDate, yearOf } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { inForce } from '#rulebook/dated.ts'
import { cite } from './cite.ts'
import { withNewbornCovers } from './facts.ts'
import { publicSchemeOn } from './plan.ts'
import type { Bill, Person, Refusal, SchemeBook } from './types.ts'

/**
 * A bill that the person paid first and handed in later, as it is settled: on the day that the scheme says, if it was
 * handed in in time or a person took it all the same. Any other bill is settled as it is.
 *
 * Who covers the person is asked of the day care ended, as ever; where nobody does, that refusal comes first.
 */
export function asHandedIn(
  book: SchemeBook,
  bill: Bill,
  filed: Person,
  options: { readonly allowUndated: boolean },
): Result<Bill, Refusal> {
  const { invoice } = bill
  if (invoice?.handedIn === undefined) return ok(bill)
  const effective = withNewbornCovers(filed, book, options)
  if (!effective.ok) return effective
  const found = publicSchemeOn(book, effective.value.person, bill.discharged)
  if (!found.ok) return found
  const { scheme } = found.value
  const rule = scheme.handIn
  if (!rule)
    return err({ code: 'choice_undeclared', rule: `${scheme.id}#handIn`, choice: 'handIn' })
  const entry = inForce(rule, bill.discharged, options)
  if (!entry.ok) return entry
  const { value } = entry.value
  if (value === null)
    return err({ code: 'rule_not_in_force', rule: rule.rule, on: bill.discharged })
  const last = lastDay(bill.discharged, value.until)
  const late = dayNumber(invoice.handedIn) > dayNumber(last)
  if (late && !invoice.lateAccepted) {
    const citation = cite(rule.rule, entry.value)
    return err({ code: 'handed_in_late', last, handedIn: invoice.handedIn, citation })
  }
  return ok({ ...bill, settled: value.settledOn === 'invoice' ? invoice.on : invoice.handedIn })
}

/** The day in the year after the care, or the last one of its month where that year has no such day. */
function lastDay(discharged: PlainDate, until: string): PlainDate {
  const [month = 1, day = 1] = until.split('-').map(Number)
  const year = yearOf(discharged) + 1
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return compose(year, month, Math.min(day, days))
}

/** An invoice is that of another bill: of this one, for whoever may know it. */
export type InvoiceUsed =
  | { readonly code: 'invoice_used'; readonly bill: string; readonly by: string }
  | { readonly code: 'invoice_used_elsewhere'; readonly bill: string }

export const invoiceUsed = (bill: string, by: string | undefined): InvoiceUsed =>
  by === undefined ? { code: 'invoice_used_elsewhere', bill } : { code: 'invoice_used', bill, by }
