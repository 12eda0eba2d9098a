import { type Fen, fen, ZERO } from '#base/money.ts'
import type { Leg } from '#domains/ledger/index.ts'

/** What a hospital bears of a cut: what each fund owes it less. */
export type Borne = {
  readonly institution: string
  readonly amounts: readonly { readonly fund: string; readonly amount: Fen }[]
}

const OWED = 'owed/institution/'

/**
 * What each fund owes the institution more for a bill as it is settled than it would after a cut. A fund that would owe
 * more after the cut has paid nothing on what is cut, and takes nothing off. None where the institution is owed nothing of
 * it: the person was refunded, or no fund pays on what is cut.
 *
 * By hand: of 10,000.00 in scope the pool pays 80 % after 1,000.00, 7,200.00; without a material of 500.00 it would have
 * paid 6,800.00. The hospital bears 400.00, and the 100.00 that the person paid of it stay as they are.
 */
export function borneByHospital(
  settled: readonly Leg[],
  afterCut: readonly Leg[],
): Borne | undefined {
  const owed = new Map<string, Fen>()
  let institution: string | undefined
  const add = (legs: readonly Leg[], way: 1 | -1) => {
    for (const { fund, credit, amount } of legs) {
      if (!credit.startsWith(OWED)) continue
      institution ??= credit.slice(OWED.length)
      owed.set(fund, fen((owed.get(fund) ?? ZERO) + way * amount))
    }
  }
  add(settled, 1)
  add(afterCut, -1)
  const amounts = [...owed].flatMap(([fund, amount]) => (amount > 0 ? [{ fund, amount }] : []))
  return institution === undefined || amounts.length === 0 ? undefined : { institution, amounts }
}
