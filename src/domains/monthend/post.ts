import type { Leg } from '#domains/ledger/index.ts'
import type { MonthResult, Terms, YearResult } from './types.ts'

type Of = Pick<Terms, 'institution' | 'fund'>

const accounts = ({ institution }: Of) => ({
  owed: `owed/institution/${institution}`,
  deposit: `deposit/institution/${institution}`,
  prepaid: `prepaid/institution/${institution}`,
  deducted: `deducted/institution/${institution}`,
})

/** Legs above zero alone; below zero they go the other way round. */
const moves = (fund: string, ...legs: readonly (readonly [string, string, number])[]): Leg[] =>
  legs.flatMap(([debit, credit, amount]) => {
    if (amount === 0) return []
    return amount > 0
      ? [{ fund, debit, credit, amount }]
      : [{ fund, debit: credit, credit: debit, amount: -amount }]
  })

/** 预付: owed in advance, and to be given back. */
export function advancedLegs(of: Of, prepayment: number): Leg[] {
  const { prepaid, owed } = accounts(of)
  return moves(of.fund, [prepaid, owed, prepayment])
}

/** 扣款: owed less. Its `reversed` gives it back. */
export function deductedLegs(of: Of, amount: number): Leg[] {
  const { owed, deducted } = accounts(of)
  return moves(of.fund, [owed, deducted, amount])
}

/** 月结: what is held back, and what gives back the prepayment, is not owed now. */
export function monthLegs(
  of: Of,
  { deposit, offset }: Pick<MonthResult, 'deposit' | 'offset'>,
): Leg[] {
  const own = accounts(of)
  return moves(of.fund, [own.owed, own.deposit, deposit], [own.owed, own.prepaid, offset])
}

/** 年终清算: the deposit is owed or forfeited, and the rest of the prepayment comes back. */
export function yearLegs(of: Of, { released, forfeited, prepaidBack }: YearResult): Leg[] {
  const own = accounts(of)
  return moves(
    of.fund,
    [own.deposit, own.owed, released],
    [own.deposit, own.deducted, forfeited],
    [own.owed, own.prepaid, prepaidBack],
  )
}
