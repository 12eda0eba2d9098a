import assert from 'node:assert/strict'
import { groupBy } from '#app/group-by.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { findHalfThere } from '#domains/settlement/books.store.ts'
import {
  type Bill,
  createSettler,
  keptOf,
  type Person,
  type Totals,
} from '#domains/settlement/index.ts'
import { placeOf } from '#domains/settlement/replay.ts'
import type { Sql } from '#platform/database.ts'
import { BOOK } from './teaching.ts'

/** Throws where any record of the database is half there. */
export async function nothingHalfSaved(sql: Sql): Promise<void> {
  assert.deepEqual(await findHalfThere(sql), [])
}

type Kept = {
  readonly id: string
  readonly person: Person
  readonly bill: Bill
  readonly settlement: unknown
}

/**
 * Settles each person's standing settlements again in the order of their bills, with the pure settler
 * and from the totals that `before` gives: the amounts and the totals at the end must come out the same.
 * Returns how many settlements were replayed.
 */
export async function replaysTheSame(
  sql: Sql,
  tenant: string,
  before: (person: string) => Totals,
  today: PlainDate,
  likePerson = '%',
): Promise<number> {
  const settler = createSettler(BOOK, { allowUndated: true, today })
  const persons = await sql.query<{ id: string; totals: Record<string, number> }>(
    'select id, totals from persons where tenant_id = $1 and id like $2',
    [tenant, likePerson],
  )
  const kept = await sql.query<Kept & { owner: string }>(
    `select s.id, s.person_id as owner, s.result->'person' as person, s.result->'settlement' as settlement,
            b.body as bill
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.person_id like $2 and s.state = 'settled'
      order by s.person_id`,
    [tenant, likePerson],
  )
  const ofPerson = groupBy(kept, ({ owner }) => owner)
  for (const { id, totals } of persons) {
    let current = before(id)
    const inOrder = (ofPerson.get(id) ?? []).toSorted((a, b) =>
      placeOf(a.bill) < placeOf(b.bill) ? -1 : 1,
    )
    for (const { id: settlement, bill, person, settlement: stored } of inOrder) {
      const settled = settler.settle(bill, person, current)
      assert(settled.ok, `${settlement} cannot be settled again`)
      const { totals: after, ...visible } = settled.value
      assert.deepEqual(
        stored,
        JSON.parse(JSON.stringify(keptOf(visible))),
        `${settlement} of ${id}`,
      )
      current = after
    }
    assert.deepEqual(totals, Object.fromEntries(current), `the running totals of ${id}`)
  }
  return kept.length
}
