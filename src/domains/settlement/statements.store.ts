import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { Bill, Person } from './types.ts'

/** What a replay left: its cause, what it changed, and what has to move between whom. */
export type StatementRow = {
  readonly id: string
  readonly person: string
  readonly at: string
  readonly user: string
  readonly cause: unknown
  readonly reason: string | null
  readonly differences: unknown
}

export type AdjustmentRow = {
  readonly id: string
  readonly statement: string
  readonly person: string
  readonly bill: string
  readonly kind: 'supplement' | 'recovery'
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly state: 'ordered' | 'proposed' | 'confirmed-once' | 'confirmed' | 'waived'
  /** Who confirmed it first: a second person confirms it, or either waives it. */
  readonly firstAt: string | null
  readonly firstBy: string | null
  readonly firstReason: string | null
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly reason: string | null
}

const STATEMENT = `r.id, r.person_id as person, ${MOMENT('r.at')} as at, r.user_name as user, r.cause, r.reason, r.differences`
const ADJUSTMENT = `a.id, a.replay_id as statement, r.person_id as person, a.bill_id as bill, a.kind, a.from_party as "from",
  a.to_party as "to", a.amount, a.state, ${MOMENT('a.first_at')} as "firstAt",
  a.first_by as "firstBy", a.first_reason as "firstReason", ${MOMENT('a.decided_at')} as "decidedAt", a.decided_by as "decidedBy", a.reason`

/** The statements of a person, newest first; those that changed no amount are left out. */
export async function statementsOf(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<StatementRow[]> {
  return sql.query(
    `select ${STATEMENT} from replays r
      where r.tenant_id = $1 and r.person_id = $2 and r.differences <> '[]'::jsonb order by r.at desc, r.id limit 200`,
    [tenant, person],
  )
}

export async function findStatement(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<StatementRow | undefined> {
  const [row] = await sql.query<StatementRow>(
    `select ${STATEMENT} from replays r where r.tenant_id = $1 and r.id = $2`,
    [tenant, id],
  )
  return row
}

export async function adjustmentsOfStatement(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<AdjustmentRow[]> {
  return sql.query(
    `select ${ADJUSTMENT} from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 and a.replay_id = $2 order by a.no`,
    [tenant, id],
  )
}

/** Adjustments in these states, oldest first. */
export async function adjustmentsIn(
  sql: Sql,
  tenant: string,
  states: readonly AdjustmentRow['state'][],
  limit: number,
): Promise<AdjustmentRow[]> {
  return sql.query(
    `select ${ADJUSTMENT} from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 and a.state = any($2) order by r.at, a.no limit $3`,
    [tenant, states, limit],
  )
}

/** The adjustment with its row locked: two decisions about it wait for one another. */
export async function lockAdjustment(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<AdjustmentRow | undefined> {
  const [row] = await sql.query<AdjustmentRow>(
    `select ${ADJUSTMENT} from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 and a.id = $2 for update of a`,
    [tenant, id],
  )
  return row
}

/** The first of two confirmations. */
export async function confirmAdjustmentOnce(
  sql: Sql,
  tenant: string,
  id: string,
  { user, reason }: Readonly<Record<'user' | 'reason', string>>,
): Promise<void> {
  await sql.query(
    `update adjustments set state = 'confirmed-once', first_at = now(), first_by = $3, first_reason = $4
      where tenant_id = $1 and id = $2`,
    [tenant, id, user, reason],
  )
}

export async function decideAdjustment(
  sql: Sql,
  tenant: string,
  id: string,
  {
    state,
    user,
    reason,
  }: { readonly state: 'confirmed' | 'waived' } & Record<'user' | 'reason', string>,
): Promise<void> {
  await sql.query(
    `update adjustments set state = $3, decided_at = now(), decided_by = $4, reason = $5 where tenant_id = $1 and id = $2`,
    [tenant, id, state, user, reason],
  )
}

// --- clearing ------------------------------------------------------------------------------------

/** Which settlements: by the day of settlement, and the hospital where one is named. */
export type ToClear = {
  readonly from: string
  readonly until: string
  readonly hospital?: string | undefined
}

const UNCLEARED = `settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
  where s.tenant_id = $1 and s.state = 'settled' and b.settled_on between $2 and $3
    and ($4::text is null or b.institution_id = $4 or b.body->'attributes'->>'hospital' = $4)
    and not exists (select 1 from cleared_settlements c where c.tenant_id = s.tenant_id and c.settlement_id = s.id)`

/** What a clearing would clear: how many, and the sums of each payer and of the patients. */
export async function sumsToClear(
  sql: Sql,
  tenant: string,
  { from, until, hospital }: ToClear,
): Promise<{
  readonly settlements: number
  readonly total: number
  readonly patient: number
  readonly payers: readonly { readonly payer: string; readonly amount: number }[]
}> {
  const values = [tenant, from, until, hospital ?? null]
  const [sums] = await sql.query<{ settlements: number; total: number; patient: number }>(
    `select count(*) as settlements, coalesce(sum(s.total), 0)::bigint as total, coalesce(sum(s.patient), 0)::bigint as patient
       from ${UNCLEARED}`,
    values,
  )
  const payers = await sql.query<{ payer: string; amount: number }>(
    `select t->>'payer' as payer, sum((t->>'paid')::bigint)::bigint as amount
       from (select s.result from ${UNCLEARED}) as open cross join jsonb_array_elements(open.result->'settlement'->'tiers') as t
      group by 1 having sum((t->>'paid')::bigint) <> 0 order by 1`,
    values,
  )
  return { settlements: 0, total: 0, patient: 0, ...sums, payers }
}

/**
 * Clears them. The rows of their persons are locked first, in one order, as by everything that ends a settlement:
 * so none is cleared that a replay is replacing.
 */
export async function clear(
  sql: Sql,
  tenant: string,
  id: string,
  user: string,
  asked: ToClear,
): Promise<string[]> {
  const values = [tenant, asked.from, asked.until, asked.hospital ?? null]
  await sql.query(
    `select 1 from persons p where p.tenant_id = $1 and p.id in (select s.person_id from ${UNCLEARED}) order by p.id for update`,
    values,
  )
  await sql.query(
    'insert into clearings (tenant_id, id, user_name, asked) values ($1, $2, $3, $4)',
    [tenant, id, user, JSON.stringify(asked)],
  )
  const rows = await sql.query<{ id: string }>(
    `insert into cleared_settlements (tenant_id, settlement_id, clearing_id)
     select s.tenant_id, s.id, $5 from ${UNCLEARED} returning settlement_id as id`,
    [...values, id],
  )
  return rows.map((row) => row.id)
}

/** Clears what a payment batch orders, under its number, with the files of the persons locked in one order. */
export async function clearForBatch(
  sql: Sql,
  tenant: string,
  batch: string,
  user: string,
  settlements: readonly string[],
): Promise<void> {
  await sql.query(
    `select 1 from persons p where p.tenant_id = $1 and p.id in (
       select person_id from settlements where tenant_id = $1 and id = any($2::uuid[])) order by p.id for update`,
    [tenant, settlements],
  )
  await sql.query(
    'insert into clearings (tenant_id, id, user_name, asked) values ($1, $2, $3, $4) on conflict do nothing',
    [tenant, batch, user, JSON.stringify({ batch })],
  )
  await sql.query(
    `insert into cleared_settlements (tenant_id, settlement_id, clearing_id)
     select s.tenant_id, s.id, $3 from settlements s where s.tenant_id = $1 and s.id = any($2::uuid[]) and s.state = 'settled'
     on conflict do nothing`,
    [tenant, settlements, batch],
  )
}

/**
 * Settlements that no batch pays any more are not cleared. Several batches may have paid parts of one, each of another
 * fund, and only the first of them has its number on it; a clearing by hand stays. What a cleared bill has drawn from an
 * account is not moved to another bill; now it may be, so their persons wait to be settled again.
 */
export async function unclear(
  sql: Sql,
  tenant: string,
  settlements: readonly string[],
): Promise<void> {
  await sql.query(
    `delete from cleared_settlements c using clearings k
      where c.tenant_id = $1 and c.settlement_id = any($2::uuid[])
        and k.tenant_id = c.tenant_id and k.id = c.clearing_id and k.asked ? 'batch'`,
    [tenant, settlements],
  )
  await sql.query(
    `insert into replays_due (tenant_id, person_id, cause)
     select distinct tenant_id, person_id, '{"kind": "payment"}'::jsonb from settlements
      where tenant_id = $1 and id = any($2::uuid[]) on conflict do nothing`,
    [tenant, settlements],
  )
}

// --- as known at a moment ------------------------------------------------------------------------

/** The bodies of some persons at a moment. */
export async function personsAt(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
  at: string,
): Promise<{ readonly id: string; readonly body: Person }[]> {
  return sql.query(
    `select p.id, coalesce((select v.body from person_bodies v
               where v.tenant_id = p.tenant_id and v.person_id = p.id and v.until > $3 order by v.until, v.id limit 1), p.body) as body
       from persons p where p.tenant_id = $1 and p.id = any($2)`,
    [tenant, persons, at],
  )
}

export async function movementsAt(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
  at: string,
): Promise<{ person: string; account: 'personal' | 'family'; on: string; amount: number }[]> {
  return sql.query(
    `select person_id as person, account, on_day as "on", amount from account_entries
      where tenant_id = $1 and person_id = any($2) and at <= $3 order by id`,
    [tenant, persons, at],
  )
}

/** What a bill said, from its first version to the present one. */
export async function versionsOf(
  sql: Sql,
  tenant: string,
  bill: string,
): Promise<
  {
    readonly version: number
    readonly bill: Bill
    readonly until: string | null
    readonly user: string | null
    readonly reason: string | null
  }[]
> {
  return sql.query(
    `select version, body as bill, ${MOMENT('until')} as until, user_name as user, reason from bill_versions
      where tenant_id = $1 and bill_id = $2
     union all
     select version, body, null, null, null from bills where tenant_id = $1 and id = $2 order by version`,
    [tenant, bill],
  )
}
