import assert from 'node:assert/strict'
import type { PlainDate } from '#base/plain-date.ts'
import { legsOf } from '#domains/ledger/index.ts'
import type { Sql } from '#platform/database.ts'
import type { KeptResult } from './kept.ts'
import { type CountedBill, type Movement, replay } from './replay.ts'
import * as replays from './replays.store.ts'
import type { Settler } from './settle.ts'
import { movementsAt, personsAt } from './statements.store.ts'
import { wholeBill } from './store.ts'
import type { Bill, Person } from './types.ts'

export const { countSettledIn, personsSettledIn } = replays

/** What a fund paid for bills of a stretch, as it stood at a moment and as it comes out under other rules. In fen. */
export type Otherwise = {
  readonly bills: number
  /** Bills that the rules of one side refuse: they count in no sum. */
  readonly refused: number
  readonly stood: number
  readonly sums: readonly number[]
}

type Asked = replays.SettledIn & { readonly fund: string; readonly settlers: readonly Settler[] }

/**
 * Settles all bills of some persons again under each of several rule books, from what was there before the first of them,
 * and tells what one fund pays of those with their day in a stretch, for each person. The facts are those of a moment:
 * asked again, the same comes out. Nothing is locked or written.
 */
export async function settledOtherwise(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
  asked: Asked,
): Promise<Otherwise[]> {
  const bodies = await personsAt(sql, tenant, persons, asked.at)
  const standing = groupedBy(await replays.standingAt(sql, tenant, persons, asked.at))
  const movements = groupedBy(await movementsAt(sql, tenant, persons, asked.at))
  const openings = await replays.openingsOf(sql, tenant, persons)
  assert.equal(bodies.length, persons.length, 'whoever has bills is there')
  return bodies.map(({ id, body }) =>
    onePersonOtherwise(asked, {
      body,
      rows: (standing.get(id) ?? []).map((row) => ({
        ...row,
        bill: wholeBill(row.bill),
        kept: row.result as KeptResult,
      })),
      movements: (movements.get(id) ?? []).map((each) => ({ ...each, on: each.on as PlainDate })),
      opening: openings.find(({ person }) => person === id)?.totals ?? {},
    }),
  )
}

type Facts = {
  readonly body: Person
  readonly rows: readonly (replays.StandingAt & { readonly kept: KeptResult })[]
  readonly movements: readonly Movement[]
  readonly opening: Readonly<Record<string, number>>
}

function onePersonOtherwise(
  { fund, from, until, settlers }: Asked,
  { body, rows, movements, opening }: Facts,
): Otherwise {
  const sides = settlers.map((settler) => {
    const bills = rows.map(({ bill, rules, id, totalsBefore, kept, cleared }): CountedBill => {
      const { settlement, drawn, person } = kept
      const standing = {
        id,
        kept: settlement,
        person,
        totalsBefore,
        drawn,
        rules,
        cleared: cleared ?? undefined,
      }
      // Nobody asks which step moved an amount, and to find out costs more than settling.
      return { bill, rules, settler, standing, own: true }
    })
    const replayed = replay({ person: body, bills, movements, opening })
    return new Map(replayed.bills.map((each) => [each.bill.id, each]))
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

function groupedBy<Row extends { readonly person: string }>(
  rows: readonly Row[],
): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.person)
    if (group) group.push(row)
    else groups.set(row.person, [row])
  }
  return groups
}
