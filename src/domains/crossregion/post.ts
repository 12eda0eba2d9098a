import { type Leg, regionAccount } from '#domains/ledger/index.ts'
import { amountOf } from './month.ts'
import type { FundMonth, Regions } from './types.ts'

/** To whom it is paid: the office of the region of care, as payments know it. */
export const payeeOf = ({ treating }: Pick<Regions, 'treating'>): string => `region/${treating}`

/** What two regions have paid each other in advance. */
export const prepaidAccount = ({ insured, treating }: Regions): string =>
  `prepaid/region/${insured}/${treating}`

/** 清算确认: what the month came to is payable now. Below zero it takes back from what is payable. */
export const monthLegs = (regions: Regions, funds: readonly FundMonth[]): Leg[] =>
  funds.flatMap((each) =>
    leg(each.fund, regionAccount(regions), `owed/${payeeOf(regions)}`, amountOf(each)),
  )

/** 预付金: payable, and standing with the region of care. Below zero it comes back. */
export const prepaymentLegs = (regions: Regions, fund: string, amount: number): Leg[] =>
  leg(fund, prepaidAccount(regions), `owed/${payeeOf(regions)}`, amount)

function leg(fund: string, debit: string, credit: string, amount: number): Leg[] {
  if (amount === 0) return []
  return amount > 0
    ? [{ fund, debit, credit, amount }]
    : [{ fund, debit: credit, credit: debit, amount: -amount }]
}
