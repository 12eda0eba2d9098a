import type { Leg } from '#domains/ledger/index.ts'

/**
 * The account on which a payee is owed. Insurers have accounts of their own in the ledger, on which they may owe as well;
 * everybody else is owed on `owed`.
 */
export const accountOf = (payee: string): string =>
  /^(insurer|coinsurer)\//.test(payee) ? payee : `owed/${payee}`

/** An order in the ledger's words. */
export type Posted = { readonly fund: string; readonly payee: string; readonly amount: number }

/** 下达: what was owed is under way. */
export const orderedLegs = ({ fund, payee, amount }: Posted): Leg[] => [
  { fund, debit: accountOf(payee), credit: `paying/${payee}`, amount },
]

/** 付款成功: what was under way has left the fund's account. */
export const paidLegs = ({ fund, payee, amount }: Posted): Leg[] => [
  { fund, debit: `paying/${payee}`, credit: 'bank', amount },
]

/** 退汇: it came back. */
export const returnedLegs = ({ fund, payee, amount }: Posted): Leg[] => [
  { fund, debit: 'bank', credit: `paying/${payee}`, amount },
]

/** 转回应付: it was not paid, and is owed again. */
export const unpaidLegs = ({ fund, payee, amount }: Posted): Leg[] => [
  { fund, debit: `paying/${payee}`, credit: accountOf(payee), amount },
]

/** 认领: money left without an order that is under way; whoever got it is owed so much less. Below zero, it is owed. */
export function adoptedLegs({ fund, payee, amount }: Posted): Leg[] {
  if (amount === 0) return []
  const owed = accountOf(payee)
  return amount > 0
    ? [{ fund, debit: owed, credit: 'bank', amount }]
    : [{ fund, debit: 'bank', credit: owed, amount: -amount }]
}
