import assert from 'node:assert/strict'
import type { Rate } from '#base/money.ts'
import { type Month, monthOf, nextMonth } from '#base/month.ts'
import { movedParts, partsOf } from './shares.ts'
import type { ClosedMonth, PanelTerms, Receipt } from './types.ts'

/** A sum of a month and the sum since the first day of the panel, in fen. */
export type Moved = { readonly inMonth: number; readonly inYear: number }

export type InsurerLine = {
  readonly insurer: string
  readonly name: string
  readonly share: number
  readonly leads: boolean
  readonly premium: number
  readonly claims: Moved
  /** What it owed the lead when the month began; nothing of the lead itself. */
  readonly opening: number
  readonly paid: Moved
  /** What it owed when the month ended; below zero, the lead owes it. */
  readonly closing: number
  /** What it owes by now: of every closed month, less everything that was received. */
  readonly owes: number
}

export type Statement = {
  readonly month: Month
  readonly claims: Moved
  readonly liabilities: readonly (Moved & { readonly rule: string })[]
  /** Collected less refunded. */
  readonly premium: number
  /** Claims of the year to the month as a share of the premium; undefined where none was collected. */
  readonly lossRatio: Rate | undefined
  readonly insurers: readonly InsurerLine[]
}

/** 对账: what a panel came to by the end of a month; `closed` are its months in order, `received` what was confirmed. */
export function statementOf(
  { members, lead }: Pick<PanelTerms, 'members' | 'lead'>,
  month: Month,
  {
    closed,
    received,
  }: { readonly closed: readonly ClosedMonth[]; readonly received: readonly Receipt[] },
): Statement {
  const at = closed.findIndex((each) => each.month === month)
  const shared = closed[at]
  assert(shared, `${month} is closed`)
  const { claims, enrolled } = shared
  const earlier = closed[at - 1]?.claims ?? []
  const before = totalOf(earlier)
  const after = totalOf(claims)
  const now = totalOf(closed.at(-1)?.claims ?? [])
  const premium = enrolled.premiumCollected - enrolled.premiumRefunded
  const [parts, partsBefore, partsNow, premiums] = [after, before, now, premium].map((sum) =>
    partsOf(sum, members),
  )
  const insurers = members.map(({ insurer, name, share }, i): InsurerLine => {
    const leads = insurer === lead
    const own = received.filter((each) => each.insurer === insurer)
    const paidBefore = totalOf(own.filter(({ on }) => on < `${month}-01`))
    const paidAfter = totalOf(own.filter(({ on }) => on < `${nextMonth(month)}-01`))
    const part = (of: readonly number[] | undefined) => of?.[i] ?? 0
    return {
      insurer,
      name,
      share,
      leads,
      premium: part(premiums),
      claims: { inMonth: part(parts) - part(partsBefore), inYear: part(parts) },
      opening: leads ? 0 : part(partsBefore) - paidBefore,
      paid: { inMonth: paidAfter - paidBefore, inYear: paidAfter },
      closing: leads ? 0 : part(parts) - paidAfter,
      owes: leads ? 0 : part(partsNow) - totalOf(own),
    }
  })
  return {
    month,
    claims: { inMonth: after - before, inYear: after },
    liabilities: claims.map(({ rule, amount }) => ({
      rule,
      inMonth: amount - (earlier.find((each) => each.rule === rule)?.amount ?? 0),
      inYear: amount,
    })),
    premium,
    lossRatio: lossRatioOf(after, premium),
    insurers,
  }
}

/** A month of what one insurer and the lead have between them; the lead itself owes nothing. */
export type AccountMonth = {
  readonly month: Month
  readonly opening: number
  readonly claims: number
  readonly paid: number
  readonly closing: number
}

/** 往来: what one insurer owed, bore and paid month by month, up to one that is closed. */
export function accountOf(
  { members, lead }: Pick<PanelTerms, 'members' | 'lead'>,
  insurer: string,
  until: Month,
  {
    closed,
    received,
  }: { readonly closed: readonly ClosedMonth[]; readonly received: readonly Receipt[] },
): AccountMonth[] {
  const place = members.findIndex((each) => each.insurer === insurer)
  let before = 0
  let closing = 0
  return closed
    .filter(({ month }) => month <= until)
    .map(({ month, claims: sums }) => {
      const after = totalOf(sums)
      const claims = movedParts(before, after, members)[place] ?? 0
      const paid = totalOf(
        received.filter((each) => each.insurer === insurer && monthOf(each.on) === month),
      )
      const opening = closing
      before = after
      closing = insurer === lead ? 0 : opening + claims - paid
      return { month, opening, claims, paid, closing }
    })
}

export const totalOf = (claims: readonly { readonly amount: number }[]): number =>
  claims.reduce((sum, { amount }) => sum + amount, 0)

/** `percent(1_234_500)` is `123.45%`: a ratio for people to read. */
export const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)}%`

/** 赔付率, to the hundredth of a per cent: it is read, and nothing is computed from it. It may be above the whole. */
function lossRatioOf(claims: number, premium: number): Rate | undefined {
  return premium > 0 ? ((Math.round((claims / premium) * 10_000) * 100) as Rate) : undefined
}
