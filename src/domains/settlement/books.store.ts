import type { Sql } from '#platform/database.ts'
import type { Bill, Person } from './types.ts'

/** Every way in which a stored record could be half there. Each query must find nothing. */
const HALF_THERE = {
  'a settlement without its bill': `select s.id from settlements s
     left join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id where b.id is null`,
  'a bill settled twice': `select bill_id as id from settlements where state = 'settled'
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
  'a command without its settlement': `select c.key as id from commands c
     left join settlements s on s.tenant_id = c.tenant_id and s.id = (c.body->>'settlement')::uuid
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
  'a message about nothing': `select o.id::text as id from outbox o
     left join settlements s on s.tenant_id = o.tenant_id and s.id = (o.body->>'settlement')::uuid
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

export type HalfThere = keyof typeof HALF_THERE

/**
 * Records of the whole database that are half there, a few of each kind. Each query is carried out whole: planned for its
 * first rows alone it would compare every settlement with every message.
 */
export async function findHalfThere(
  sql: Sql,
): Promise<{ readonly what: HalfThere; readonly id: string }[]> {
  const found: { what: HalfThere; id: string }[] = []
  for (const [what, query] of Object.entries(HALF_THERE))
    for (const { id } of await sql.query<{ id: string }>(
      `with found as materialized (${query}) select id from found limit 3`,
    ))
      found.push({ what: what as HalfThere, id: String(id) })
  return found
}

/** A standing settlement with everything that makes it again. */
export type StandingRow = {
  readonly id: string
  readonly total: number
  readonly patient: number
  readonly result: {
    readonly settlement: unknown
    readonly person: Person
    readonly engine?: number
  }
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly rulesVersion: number
  readonly bill: Bill
}

export type SettledPerson = {
  readonly tenant: string
  readonly id: string
  readonly totals: Readonly<Record<string, number>>
  /** What was there before the first bill. */
  readonly opening: Readonly<Record<string, number>>
  /** Waits to be settled again: what stands need not follow from what is known. */
  readonly due: boolean
  readonly standing: readonly StandingRow[]
}

/** Everybody with a settlement that stands, each with theirs in no order; `limit` persons at a time. */
export async function* settledPersons(sql: Sql, limit: number): AsyncGenerator<SettledPerson> {
  let [tenant, person] = ['', '']
  for (;;) {
    const rows = await sql.query<SettledPerson>(
      `select p.tenant_id as tenant, p.id, p.totals, coalesce(o.totals, '{}') as opening, s.standing,
              exists (select from replays_due d where d.tenant_id = p.tenant_id and d.person_id = p.id) as due
         from persons p left join opening_totals o on o.tenant_id = p.tenant_id and o.person_id = p.id
        cross join lateral (select jsonb_agg(jsonb_build_object('id', s.id, 'total', s.total, 'patient', s.patient,
            'result', s.result, 'totalsBefore', s.totals_before, 'rulesVersion', s.rules_version, 'bill', b.body)) as standing
          from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
         where s.tenant_id = p.tenant_id and s.person_id = p.id and s.state = 'settled') s
        where (p.tenant_id, p.id) > ($1, $2) and p.settlements > 0 and s.standing is not null
        order by p.tenant_id, p.id limit $3`,
      [tenant, person, limit],
    )
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    ;[tenant, person] = [last.tenant, last.id]
  }
}

export async function countStanding(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    `select count(*) as n from settlements where state = 'settled'`,
  )
  return row?.n ?? 0
}
