import assert from 'node:assert/strict'
import { share, WHOLE } from '#base/money.ts'
import type { Leg } from '#domains/ledger/index.ts'
import type { Member } from './types.ts'

/**
 * Each member's part of an amount, in the order of the panel: floor(C·Pᵢ) − floor(C·Pᵢ₋₁), where Pᵢ are the shares added
 * up to it. The parts add up to the amount exactly, also below zero, and each is less than one fen off its exact share.
 * The part depends on the amount alone, so a sum that arrives in pieces is shared as if it had arrived at once.
 */
export function partsOf(amount: number, members: readonly Pick<Member, 'share'>[]): number[] {
  let shares = 0
  let before = 0
  const parts = members.map((member) => {
    shares += member.share
    const upTo = downwards(amount, shares)
    const part = upTo - before
    before = upTo
    return part
  })
  assert.equal(shares, WHOLE, 'the shares of a panel are the whole')
  return parts
}

/** What is shared anew when a sum of claims has moved: the parts of the new sum less those of the old one. */
export function movedParts(
  before: number,
  after: number,
  members: readonly Pick<Member, 'share'>[],
): number[] {
  const was = partsOf(before, members)
  return partsOf(after, members).map((part, i) => part - (was[i] ?? 0))
}

/** Down to the next whole fen, also below zero. */
const downwards = (amount: number, rate: number): number =>
  amount >= 0 ? share(amount, rate, 'down') : 0 - share(-amount, rate, 'up')

/** The account of what a member owes the lead of a panel. */
export const owedBy = (insurer: string, from: string): string =>
  `coinsurer/${insurer}/${from.slice(0, 7)}`

type OfPanel = {
  readonly fund: string
  readonly from: string
  readonly lead: string
  readonly members: readonly Member[]
}

/** What a closed month posts: each member but the lead owes its part, and the fund bears so much less. */
export function sharedLegs(
  { fund, from, lead, members }: OfPanel,
  moved: readonly number[],
): Leg[] {
  return members.flatMap(({ insurer }, i) =>
    insurer === lead ? [] : leg(fund, owedBy(insurer, from), 'ceded', moved[i] ?? 0),
  )
}

/** What money between a member and the lead posts. */
export const receivedLegs = (
  { fund, from }: Pick<OfPanel, 'fund' | 'from'>,
  { insurer, amount }: { readonly insurer: string; readonly amount: number },
): Leg[] => leg(fund, 'bank', owedBy(insurer, from), amount)

function leg(fund: string, debit: string, credit: string, amount: number): Leg[] {
  if (amount === 0) return []
  return amount > 0
    ? [{ fund, debit, credit, amount }]
    : [{ fund, debit: credit, credit: debit, amount: -amount }]
}
