import { type Leg, payerOf, reversed } from '#domains/ledger/index.ts'
import type { Contract, YearStatement } from './types.ts'

/**
 * What a confirmed year posts, in the fund that pays and in the one that the insurer answers for. What the contract's own
 * accounts of the latter then come to is what was claimed in the year: its income and its outgo are one sum.
 */
export function yearLegs(contract: Contract, { amounts }: YearStatement): Leg[] {
  const { id, bears, fund, financedBy } = contract
  const insurer = `insurer/${contract.insurer.id}`
  const own = (line: string) => `contract/${id}/${line}`
  const [held, reserve] = [`held/${id}`, `reserve/${id}`]
  const legs: Leg[] = []
  const move = (of: string, debit: string, credit: string, amount: number) => {
    if (amount > 0) legs.push({ fund: of, debit, credit, amount })
  }
  const { released, forfeited } = amounts
  if (bears === 'fund') {
    move(financedBy, own('fee'), insurer, amounts.fee - amounts['held-back'])
    move(financedBy, own('fee'), held, amounts['held-back'])
    move(financedBy, held, insurer, released)
    move(financedBy, held, own('forfeited'), forfeited)
    return legs
  }
  const [toPot, toPayer] = [`between/${payerOf(fund)}`, `between/${payerOf(financedBy)}`]
  const shared = amounts['policy-shared'] + amounts['business-shared']
  const atOnce = amounts.premium - amounts['held-back']
  move(financedBy, own('premium'), toPot, atOnce)
  move(financedBy, own('premium'), held, amounts['held-back'])
  move(financedBy, toPot, own('returned'), amounts.returned)
  move(financedBy, own('shared'), toPot, shared)
  move(financedBy, held, toPot, released)
  move(financedBy, held, own('forfeited'), forfeited)

  move(fund, toPayer, own('premium'), atOnce)
  move(fund, held, own('premium'), amounts['held-back'])
  move(fund, own('handling'), insurer, amounts.handling)
  move(fund, own('profit'), insurer, amounts.profit)
  move(fund, own('returned'), toPayer, amounts.returned)
  move(fund, toPayer, own('shared'), shared)
  move(fund, insurer, own('borne'), amounts.borne)
  move(fund, own('reserved'), reserve, amounts['reserve-in'])
  move(fund, reserve, own('reserved'), amounts['reserve-out'])
  move(fund, toPayer, held, released)
  move(fund, insurer, held, forfeited)
  return legs
}

/**
 * What a year that is stated again posts: what it comes to now, less what it came to when it was stated before. Nothing
 * where that is the same.
 */
export function differenceLegs(now: readonly Leg[], before: readonly Leg[]): Leg[] {
  const net = new Map<string, Leg>()
  for (const leg of [...now, ...reversed(before)]) {
    const { fund, debit, credit, amount } = leg
    const [same, other] = [[fund, debit, credit].join(' '), [fund, credit, debit].join(' ')]
    const against = net.get(other)
    if (!against) net.set(same, { ...leg, amount: (net.get(same)?.amount ?? 0) + amount })
    else if (against.amount > amount)
      net.set(other, { ...against, amount: against.amount - amount })
    else {
      net.delete(other)
      if (against.amount < amount) net.set(same, { ...leg, amount: amount - against.amount })
    }
  }
  return [...net.values()]
}
