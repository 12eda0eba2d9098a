import assert from 'node:assert/strict'
import type { BillDifference } from './replay.ts'
import { PAYERS, type Payer } from './types.ts'

/** Whoever can owe or be owed something once a bill has been paid. */
export type Party = Payer | 'person' | 'institution'

/**
 * 补付 a supplement: a payer pays what it paid too little. 追回 a recovery: whoever received too much gives it
 * back. Nothing is taken back from a person before a person has confirmed it.
 */
export type Adjustment = {
  readonly bill: string
  readonly kind: 'supplement' | 'recovery'
  readonly from: Party
  readonly to: Party
  /** In fen, above zero. */
  readonly amount: number
  readonly state: 'ordered' | 'proposed'
}

/**
 * What has to move between whom because a bill that was paid comes to other amounts.
 *
 * The institution was paid the whole bill, by payers and patient, so it is a party only where the bill itself
 * comes to more or less; and not where the person had paid it and was refunded (`paidFirst`). Who bears less
 * than before is owed the difference, who bears more owes it. Debts are matched in one order: the institution
 * first, then the payers, the person last.
 */
export function adjustmentsOf(
  { bill, total, payers, patient, benefits }: BillDifference,
  { paidFirst }: { readonly paidFirst: boolean },
): Adjustment[] {
  const owes = new Map<Party, number>()
  const bear = (party: Party, amount: number) => owes.set(party, (owes.get(party) ?? 0) + amount)
  for (const [payer, { before, after }] of entriesOf(payers)) bear(payer, after - before)
  for (const [payer, { before, after }] of entriesOf(benefits)) {
    bear(payer, after - before)
    bear('person', before - after)
  }
  bear('person', patient.after - patient.before)
  bear(paidFirst ? 'person' : 'institution', total.before - total.after)
  assert.equal(
    [...owes.values()].reduce((sum, amount) => sum + amount, 0),
    0,
    'what some owe others are owed',
  )
  const parties: readonly Party[] = ['institution', ...(Object.keys(PAYERS) as Payer[]), 'person']
  const debts = parties.map((party) => ({ party, left: Math.max(0, owes.get(party) ?? 0) }))
  const claims = parties.map((party) => ({ party, left: Math.max(0, -(owes.get(party) ?? 0)) }))
  const adjustments: Adjustment[] = []
  for (const debt of debts) {
    for (const claim of claims) {
      const amount = Math.min(debt.left, claim.left)
      if (amount === 0) continue
      debt.left -= amount
      claim.left -= amount
      const [from, to] = [debt.party, claim.party]
      const isSupplement =
        from !== 'person' && from !== 'institution' && (to === 'person' || to === 'institution')
      adjustments.push({
        bill,
        kind: isSupplement ? 'supplement' : 'recovery',
        from,
        to,
        amount,
        state: from === 'person' ? 'proposed' : 'ordered',
      })
    }
  }
  return adjustments
}

function entriesOf(moved: BillDifference['payers']) {
  return Object.entries(moved) as [Payer, { readonly before: number; readonly after: number }][]
}
