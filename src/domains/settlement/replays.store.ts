import type { PlainDate } from '#base/plain-date.ts'
import type { LegColumns } from '#domains/ledger/index.ts'
import type { Sql } from '#platform/database.ts'
import type { Bill, Person } from './types.ts'

/** A settlement that stands, with the bill it settles as that is now. */
export type StandingRow = {
  readonly id: string
  readonly sequence: number
  readonly result: unknown
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly rulesVersion: number
  readonly bill: Bill
  readonly clearing: string | null
  /** What the bill had drawn from each account when it was cleared; null where it was not. */
  readonly cleared: Readonly<Record<string, number>> | null
  /** What it posted to the ledger; null where nobody but the patient pays anything. */
  readonly posted: LegColumns | null
}

/** Of a settlement `s` cleared by `c`: a replay carries a clearing on, so the first one in it is what was paid. */
const DRAWN_WHEN_CLEARED = `(select f.result->'drawn' from cleared_settlements fc
   join settlements f on f.tenant_id = fc.tenant_id and f.id = fc.settlement_id
  where fc.tenant_id = c.tenant_id and fc.clearing_id = c.clearing_id and f.bill_id = s.bill_id
  order by f.sequence limit 1)`

/** What a replay reads of a person besides the bills. */
export type ReplayedPerson = {
  readonly person: Person
  readonly totals: Readonly<Record<string, number>>
  readonly settlements: number
  readonly rulesSince: number
  readonly opening: Readonly<Record<string, number>>
}

export async function personToReplay(
  sql: Sql,
  tenant: string,
  id: string,
  lock: '' | 'for update',
): Promise<ReplayedPerson | undefined> {
  // Locked in a statement of its own, so that what is read next is what the lock protects.
  if (lock)
    await sql.query('select 1 from persons where tenant_id = $1 and id = $2 for update', [
      tenant,
      id,
    ])
  const [row] = await sql.query<ReplayedPerson>(
    `select body as person, totals, settlements, rules_since as "rulesSince",
            coalesce((select o.totals from opening_totals o where o.tenant_id = p.tenant_id and o.person_id = p.id), '{}') as opening
       from persons p where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

export async function standingToReplay(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<StandingRow[]> {
  return sql.query(
    `select s.id, s.sequence, s.result, s.totals_before as "totalsBefore", s.rules_version as "rulesVersion",
            b.body as bill, c.clearing_id as clearing, ${DRAWN_WHEN_CLEARED} as cleared,
            (select jsonb_build_object('funds', e.funds, 'debits', e.debits, 'credits', e.credits, 'amounts', e.amounts)
               from ledger_entries e where e.tenant_id = s.tenant_id and e.subject = s.id::text and e.kind = 'settled') as posted
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
       left join cleared_settlements c on c.tenant_id = s.tenant_id and c.settlement_id = s.id
      where s.tenant_id = $1 and s.person_id = $2 and s.state = 'settled'`,
    [tenant, person],
  )
}

export type StandingAt = {
  readonly id: string
  readonly person: string
  readonly result: unknown
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly rules: number
  readonly bill: Bill
  /** What the bill had drawn from each account when it was cleared; null where it was not. */
  readonly cleared: Readonly<Record<string, number>> | null
}

/** What stood of some persons at a moment, each with its bill as that was then. */
export async function standingAt(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
  at: string,
): Promise<StandingAt[]> {
  return sql.query(
    `select s.id, s.person_id as person, s.result, s.totals_before as "totalsBefore", s.rules_version as rules,
            coalesce((select v.body from bill_versions v
               where v.tenant_id = b.tenant_id and v.bill_id = b.id and v.until > s.created_at order by v.version limit 1), b.body) as bill,
            ${DRAWN_WHEN_CLEARED} as cleared
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
       left join (cleared_settlements c join clearings k on k.tenant_id = c.tenant_id and k.id = c.clearing_id and k.at <= $3)
         on c.tenant_id = s.tenant_id and c.settlement_id = s.id
      where s.tenant_id = $1 and s.person_id = any($2) and s.created_at <= $3 and (s.reversed_at is null or s.reversed_at > $3)`,
    [tenant, persons, at],
  )
}

/** Persons of whom a bill with its day in a stretch stood at a moment, by number: those after one, and so many at most. */
export async function personsSettledIn(
  sql: Sql,
  tenant: string,
  asked: SettledIn & { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await sql.query<{ person: string }>(
    `select distinct b.person_id as person from ${SETTLED_IN} and b.person_id > $5 order by 1 limit $6`,
    [tenant, asked.from, asked.until, asked.at, asked.after, asked.limit],
  )
  return rows.map(({ person }) => person)
}

export async function countSettledIn(
  sql: Sql,
  tenant: string,
  { from, until, at }: SettledIn,
): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    `select count(distinct b.person_id) as n from ${SETTLED_IN}`,
    [tenant, from, until, at],
  )
  return row?.n ?? 0
}

export type SettledIn = {
  readonly from: PlainDate
  readonly until: PlainDate
  readonly at: string
}

/** A bill that was corrected since may have been of another day then. */
const SETTLED_IN = `bills b
 where b.tenant_id = $1
   and (b.settled_on between $2 and $3
     or exists (select from bill_versions v where v.tenant_id = b.tenant_id and v.bill_id = b.id and v.until > $4
          and v.body->>'settled' between $2::text and $3::text))
   and exists (select from settlements s where s.tenant_id = b.tenant_id and s.bill_id = b.id
          and s.created_at <= $4 and (s.reversed_at is null or s.reversed_at > $4))`

/** What was there before the first bill of some persons; whoever is not named had nothing. */
export async function openingsOf(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
): Promise<{ readonly person: string; readonly totals: Readonly<Record<string, number>> }[]> {
  return sql.query(
    'select person_id as person, totals from opening_totals where tenant_id = $1 and person_id = any($2)',
    [tenant, persons],
  )
}

export async function movementsOf(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<{ account: 'personal' | 'family'; on: string; amount: number }[]> {
  return sql.query(
    'select account, on_day as "on", amount from account_entries where tenant_id = $1 and person_id = $2 order by id',
    [tenant, person],
  )
}

/** What was there before the first bill of a new person. */
export async function insertOpening(
  sql: Sql,
  tenant: string,
  person: string,
  totals: Readonly<Record<string, number>>,
): Promise<void> {
  await sql.query(
    'insert into opening_totals (tenant_id, person_id, totals) values ($1, $2, $3) on conflict do nothing',
    [tenant, person, JSON.stringify(totals)],
  )
}

/** One settlement that a replay makes. */
export type MadeRow = {
  readonly id: string
  readonly bill: string
  readonly sequence: number
  readonly total: number
  readonly patient: number
  readonly result: unknown
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly rulesVersion: number
  readonly clearing: string | null
}

/** One that it ends: reversed by somebody, or superseded by what the replay came to. */
export type EndedRow = {
  readonly id: string
  readonly bill: string
  readonly state: 'superseded' | 'reversed'
  /** Nothing stands of its bill any more. */
  readonly fallen: boolean
}

export type ReplayRow = {
  readonly id: string
  readonly person: string
  readonly user: string
  readonly cause: unknown
  readonly reason: string | undefined
  readonly differences: unknown
  readonly adjustments: readonly object[]
  readonly ended: readonly EndedRow[]
  readonly made: readonly MadeRow[]
  readonly totals: Readonly<Record<string, number>>
  readonly settlements: number
  readonly latest: string | undefined
  readonly rulesSince: number
}

/**
 * Writes a replay. Its moment is read from the clock after the lock was had, and not when the transaction began:
 * so what it ends began before it.
 */
export async function saveReplay(sql: Sql, tenant: string, replay: ReplayRow): Promise<void> {
  const { id, person, user, reason, ended, made } = replay
  const [clock] = await sql.query<{ at: string }>('select clock_timestamp()::text as at')
  const at = clock?.at
  const ids = ended.map((each) => each.id)
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (id uuid, bill text, state text, fallen boolean)
     ), settlement as (
       update settlements s set state = g.state, reversed_at = $4, reversed_by = $5, reason = $6, ended_by_replay = $2
         from given g where s.tenant_id = $1 and s.id = g.id
     ), bill as (
       update bills b set state = 'reversed' from given g where b.tenant_id = $1 and b.id = g.bill and g.fallen
     )
     insert into outbox (tenant_id, topic, body)
     select $1, 'settlement.' || g.state, jsonb_build_object('settlement', g.id, 'bill', g.bill, 'replay', $2::uuid) from given g`,
    [tenant, id, JSON.stringify(ended), at, user, reason ?? ''],
  )
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (id uuid, bill text, sequence int, total bigint,
         patient bigint, result jsonb, "totalsBefore" jsonb, "rulesVersion" int, clearing uuid)
     ), settled as (
       insert into settlements (tenant_id, id, bill_id, person_id, sequence, total, patient, result, totals_before,
         rules_version, created_at, created_by, replay_id)
       select $1, id, bill, $6, sequence, total, patient, result, "totalsBefore", "rulesVersion", $4, $5, $2 from given
     ), bill as (
       update bills b set state = 'settled' from given g where b.tenant_id = $1 and b.id = g.bill and b.state <> 'settled'
     ), told as (
       insert into outbox (tenant_id, topic, body)
       select $1, 'settlement.settled', jsonb_build_object('settlement', id, 'bill', bill, 'replay', $2::uuid) from given
     ), kept as (
       insert into replays (tenant_id, id, person_id, at, user_name, cause, reason, differences)
       values ($1, $2, $6, $4, $5, $7, $8, $9)
     )
     update persons set totals = $10, settlements = $11, latest_bill = $12, rules_since = $13 where tenant_id = $1 and id = $6`,
    [
      tenant,
      id,
      JSON.stringify(made),
      at,
      user,
      person,
      JSON.stringify(replay.cause),
      reason ?? null,
      JSON.stringify(replay.differences),
      JSON.stringify(replay.totals),
      replay.settlements,
      replay.latest ?? null,
      replay.rulesSince,
    ],
  )
  const cleared = made.filter(({ clearing }) => clearing !== null)
  if (cleared.length > 0)
    await sql.query(
      `insert into cleared_settlements (tenant_id, settlement_id, clearing_id)
       select $1, g.id, g.clearing from jsonb_to_recordset($2) as g (id uuid, clearing uuid)`,
      [tenant, JSON.stringify(cleared)],
    )
  if (replay.adjustments.length > 0)
    await sql.query(
      `insert into adjustments (tenant_id, replay_id, no, bill_id, kind, from_party, to_party, amount, state)
       select $1, $2, g.no, g.bill, g.kind, g."from", g."to", g.amount, g.state
         from jsonb_to_recordset($3) as g (no int, bill text, kind text, "from" text, "to" text, amount bigint, state text)`,
      [tenant, id, JSON.stringify(replay.adjustments.map((each, no) => ({ ...each, no })))],
    )
  if (ids.length + made.length > 0)
    await sql.query(
      'insert into access_log (tenant_id, user_name, action, subject) values ($1, $2, $3, $4)',
      [tenant, user, 'replay', person],
    )
}

/** Bills of the person are settled by this version of the rules from now on, even where nothing came of it. */
export async function setRulesSince(
  sql: Sql,
  tenant: string,
  person: string,
  version: number,
): Promise<void> {
  await sql.query('update persons set rules_since = $3 where tenant_id = $1 and id = $2', [
    tenant,
    person,
    version,
  ])
}

/** Keeps what a bill said, and makes it say something else. */
export async function correctBill(
  sql: Sql,
  tenant: string,
  bill: Bill,
  user: string,
  reason: string,
): Promise<void> {
  await sql.query(
    `with was as (
       insert into bill_versions (tenant_id, bill_id, version, body, until, user_name, reason)
       select tenant_id, id, version, body, clock_timestamp(), $4, $5 from bills where tenant_id = $1 and id = $2
     )
     update bills set body = $3, version = version + 1, settled_on = $6 where tenant_id = $1 and id = $2`,
    [tenant, bill.id, JSON.stringify(bill), user, reason, bill.settled],
  )
}
