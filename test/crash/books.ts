import assert from 'node:assert/strict'
import { groupBy } from '#app/group-by.ts'
import type { PlainDate } from '#base/plain-date.ts'
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

/** Every way in which a stored record could be half there. Each query must find nothing. */
const HALF_THERE = {
  'a settlement without its bill': `select s.id from settlements s
     left join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id where b.id is null`,
  'a bill settled twice': `select bill_id from settlements where state = 'settled'
     group by tenant_id, bill_id having count(*) > 1`,
  'a bill that is settled without a standing settlement, or stands without being settled': `select b.id from bills b left join settlements s
       on s.tenant_id = b.tenant_id and s.bill_id = b.id and s.state = 'settled'
     where (b.state = 'settled') <> (s.id is not null)`,
  'a settlement without exactly one command, or made by a replay without one': `select s.id from settlements s
     left join replays r on r.tenant_id = s.tenant_id and r.id = s.replay_id
     left join (select tenant_id, body->>'settlement' as id, count(*) as n from commands
       where body ? 'settlement' and not body ? 'reversed' group by 1, 2) c
     on c.tenant_id = s.tenant_id and c.id = s.id::text
     where case when s.replay_id is null then c.n is distinct from 1 else c.n > 1 or r.id is null end`,
  'a reversal without exactly one command': `select s.id from settlements s
     left join (select tenant_id, body->>'settlement' as id, count(*) as n from commands
       where body ? 'reversed' group by 1, 2) c
     on c.tenant_id = s.tenant_id and c.id = s.id::text
     where coalesce(c.n, 0) <> case s.state when 'reversed' then 1 else 0 end`,
  'a command without its settlement': `select c.key from commands c
     left join settlements s on s.tenant_id = c.tenant_id and s.id::text = c.body->>'settlement'
     where c.body ? 'settlement' and s.id is null`,
  'a settlement without exactly one message': `select s.id from settlements s
     left join (select tenant_id, body->>'settlement' as id, count(*) as n from outbox
       where topic = 'settlement.settled' group by 1, 2) o
     on o.tenant_id = s.tenant_id and o.id = s.id::text where o.n is distinct from 1`,
  'a reversal without exactly one message': `select s.id from settlements s
     left join (select tenant_id, body->>'settlement' as id, count(*) as n from outbox
       where topic = 'settlement.reversed' group by 1, 2) o
     on o.tenant_id = s.tenant_id and o.id = s.id::text
     where coalesce(o.n, 0) <> case s.state when 'reversed' then 1 else 0 end`,
  'a message about nothing': `select o.id from outbox o
     left join settlements s on s.tenant_id = o.tenant_id and s.id::text = o.body->>'settlement'
     where o.topic like 'settlement.%' and s.id is null`,
  'settlements of a person that are not counted 1, 2, 3 …': `select p.id from persons p
     left join (select tenant_id, person_id, count(*) as n, max(sequence) as last from settlements
       group by 1, 2) s on s.tenant_id = p.tenant_id and s.person_id = p.id
     where p.settlements <> coalesce(s.n, 0) or p.settlements <> coalesce(s.last, 0)`,
  'a reversal half written': `select id from settlements where (state <> 'settled')
     <> (reversed_at is not null and reversed_by is not null and reason is not null and ended_by_replay is not null)`,
  'a settlement ended by a replay that is not there': `select s.id from settlements s
     left join replays r on r.tenant_id = s.tenant_id and r.id = s.ended_by_replay
     where s.ended_by_replay is not null and r.id is null`,
} as const

/** Throws where any record of the database is half there. */
export async function nothingHalfSaved(sql: Sql): Promise<void> {
  for (const [what, query] of Object.entries(HALF_THERE)) {
    const found = await sql.query(`${query} limit 3`)
    assert.deepEqual(found, [], what)
  }
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
