import type { PlainDate } from '#base/plain-date.ts'
import { legsOf } from '#domains/ledger/index.ts'
import type { Sql } from '#platform/database.ts'
import type { KeptResult } from './kept.ts'
import { type CountedBill, placeOf, replay } from './replay.ts'
import * as replays from './replays.store.ts'
import type { Settler } from './settle.ts'
import { movementsAt, personAt } from './statements.store.ts'
import { wholeBill } from './store.ts'
import type { Bill } from './types.ts'

export const { countSettledIn, personsSettledIn } = replays

/** What a fund paid for bills of a stretch, as it stood at a moment and as it comes out under other rules. In fen. */
export type Otherwise = {
  readonly bills: number
  /** Bills that the rules of one side refuse: they count in no sum. */
  readonly refused: number
  readonly stood: number
  readonly sums: readonly number[]
}

/**
 * Settles all bills of a person again under each of several rule books, from what was there before the first of them, and
 * tells what one fund pays of those with their day in a stretch. The facts are those of a moment: asked again, the same
 * comes out. Nothing is locked or written.
 */
export async function settledOtherwise(
  sql: Sql,
  tenant: string,
  person: string,
  {
    fund,
    from,
    until,
    at,
    settlers,
  }: replays.SettledIn & { readonly fund: string; readonly settlers: readonly Settler[] },
): Promise<Otherwise> {
  const body = await personAt(sql, tenant, person, at)
  const held = await replays.personToReplay(sql, tenant, person, '')
  if (!body || !held) throw new Error('unknown_person')
  const rows = (await replays.standingAt(sql, tenant, person, at))
    .map((row) => ({ ...row, bill: wholeBill(row.bill), kept: row.result as KeptResult }))
    .toSorted((a, b) => (placeOf(a.bill) < placeOf(b.bill) ? -1 : 1))
  const movements = (await movementsAt(sql, tenant, person, at)).map((each) => ({
    ...each,
    on: each.on as PlainDate,
  }))
  const sides = settlers.map((settler) => {
    const bills = rows.map(({ bill, rules, id, totalsBefore, kept, cleared }): CountedBill => {
      const { settlement, drawn, person: owner } = kept
      const standing = {
        id,
        kept: settlement,
        person: owner,
        totalsBefore,
        drawn,
        rules,
        cleared: cleared ?? undefined,
      }
      return { bill, rules, settler, standing, own: false }
    })
    const { opening } = held
    return new Map(
      replay({ person: body, bills, movements, opening }).bills.map((each) => [each.bill.id, each]),
    )
  })
  const paidOf = (settled: Parameters<typeof legsOf>[0], bill: Bill): number =>
    legsOf(settled, bill).reduce(
      (sum, leg) => (leg.fund === fund && leg.debit.startsWith('claims/') ? sum + leg.amount : sum),
      0,
    )
  const own = rows.filter(({ bill }) => bill.settled >= from && bill.settled <= until)
  const counted = own.filter(({ bill }) => sides.every((side) => side.get(bill.id)?.settlement))
  return {
    bills: own.length,
    refused: own.length - counted.length,
    stood: counted.reduce((sum, { kept, bill }) => sum + paidOf(kept.settlement, bill), 0),
    sums: sides.map((side) =>
      counted.reduce((sum, { bill }) => {
        const settlement = side.get(bill.id)?.settlement
        return settlement ? sum + paidOf(settlement, bill) : sum
      }, 0),
    ),
  }
}
