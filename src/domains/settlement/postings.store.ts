import type { LegColumns } from '#domains/ledger/index.ts'
import type { Sql } from '#platform/database.ts'
import type { Bill } from './types.ts'

/** A settlement with everything it posts: the bill as it was then, what it was replaced by, and who owed whom. */
export type PostedRow = {
  readonly id: string
  readonly result: unknown
  readonly bill: Bill
  readonly at: string
  readonly user: string
  readonly state: 'settled' | 'superseded' | 'reversed'
  readonly endedAt: string | null
  readonly endedBy: string | null
  readonly endedIn: string | null
  readonly madeIn: string | null
  readonly posted: LegColumns | null
  readonly undone: LegColumns | null
}

const LEGS = (kind: 'settled' | 'ended') =>
  `(select jsonb_build_object('funds', e.funds, 'debits', e.debits, 'credits', e.credits, 'amounts', e.amounts)
      from ledger_entries e where e.tenant_id = s.tenant_id and e.subject = s.id::text and e.kind = '${kind}')`

const POSTED = `s.id, s.result, s.created_at::text as at, s.created_by as user, s.state, s.reversed_at::text as "endedAt",
  s.reversed_by as "endedBy", s.ended_by_replay as "endedIn", s.replay_id as "madeIn",
  coalesce((select v.body from bill_versions v
     where v.tenant_id = b.tenant_id and v.bill_id = b.id and v.until > s.created_at order by v.version limit 1), b.body) as bill,
  ${LEGS('settled')} as posted, ${LEGS('ended')} as undone`

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Every settlement of a tenant, `limit` at a time, in the order of their numbers. */
export async function* settlementsToPost(
  sql: Sql,
  tenant: string,
  limit: number,
): AsyncGenerator<readonly PostedRow[]> {
  for (let after = NOBODY; ; ) {
    const rows = await sql.query<PostedRow>(
      `select ${POSTED} from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
        where s.tenant_id = $1 and s.id > $2 order by s.id limit $3`,
      [tenant, after, limit],
    )
    if (rows.length === 0) return
    yield rows
    after = rows.at(-1)?.id ?? NOBODY
  }
}

export async function countSettlements(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from settlements where tenant_id = $1',
    [tenant],
  )
  return row?.n ?? 0
}

/** What a replay ordered or proposed for one bill, as it was decided since, with the settlements of the bill in it. */
export type ReplayToPost = {
  readonly replay: string
  readonly at: string
  readonly user: string
  readonly bill: string
  readonly ended: string | null
  readonly made: string | null
  readonly adjustments: readonly {
    readonly id: string
    readonly from: string
    readonly to: string
    readonly amount: number
    readonly state: string
    readonly at: string | null
    readonly user: string | null
  }[]
}

export async function replaysToPost(sql: Sql, tenant: string): Promise<ReplayToPost[]> {
  return sql.query(
    `select r.id as replay, r.at::text as at, r.user_name as user, a.bill_id as bill,
            (select s.id from settlements s where s.tenant_id = $1 and s.bill_id = a.bill_id and s.ended_by_replay = r.id) as ended,
            (select s.id from settlements s where s.tenant_id = $1 and s.bill_id = a.bill_id and s.replay_id = r.id) as made,
            jsonb_agg(jsonb_build_object('id', a.id, 'from', a.from_party, 'to', a.to_party, 'amount', a.amount,
              'state', a.state, 'at', a.decided_at::text, 'user', a.decided_by) order by a.no) as adjustments
       from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 group by r.id, r.at, r.user_name, a.bill_id`,
    [tenant],
  )
}

/** A few settlements by their numbers. */
export async function postedRows(
  sql: Sql,
  tenant: string,
  ids: readonly string[],
): Promise<PostedRow[]> {
  return sql.query(
    `select ${POSTED} from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.id = any($2::uuid[])`,
    [tenant, ids],
  )
}

export async function accountEntriesToPost(
  sql: Sql,
  tenant: string,
): Promise<
  {
    readonly id: number
    readonly person: string
    readonly account: 'personal' | 'family'
    readonly kind: string
    readonly amount: number
    readonly at: string
    readonly user: string
  }[]
> {
  return sql.query(
    `select id, person_id as person, account, kind, amount, at::text as at, user_name as user
       from account_entries where tenant_id = $1 order by id`,
    [tenant],
  )
}

export async function openingsToPost(
  sql: Sql,
  tenant: string,
): Promise<{ readonly person: string; readonly totals: Readonly<Record<string, number>> }[]> {
  return sql.query(
    `select person_id as person, totals from opening_totals where tenant_id = $1 order by person_id`,
    [tenant],
  )
}

/**
 * Settlements whose money had moved before the ledger knew of it. One that took the place of another that was cleared
 * carries the clearing on, and moved nothing itself.
 */
export async function clearingsToPost(
  sql: Sql,
  tenant: string,
): Promise<
  {
    readonly settlement: string
    readonly bill: string
    readonly at: string
    readonly user: string
  }[]
> {
  return sql.query(
    `select s.id as settlement, s.bill_id as bill, k.at::text as at, k.user_name as user
       from cleared_settlements c join clearings k on k.tenant_id = c.tenant_id and k.id = c.clearing_id
       join settlements s on s.tenant_id = c.tenant_id and s.id = c.settlement_id
      where c.tenant_id = $1 and not (k.asked ? 'batch')
        and not exists (select from settlements w join cleared_settlements o on o.tenant_id = w.tenant_id and o.settlement_id = w.id
              where w.tenant_id = s.tenant_id and w.bill_id = s.bill_id and w.ended_by_replay = s.replay_id)
        and not exists (select from ledger_entries e where e.tenant_id = $1 and e.subject = s.id::text and e.kind = 'cleared')
      order by k.at, s.id`,
    [tenant],
  )
}

export async function tenantsToPost(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ tenant: string }>(
    'select tenant_id as tenant from ledger_due order by 1',
  )
  return rows.map(({ tenant }) => tenant)
}

export async function markPosted(sql: Sql, tenant: string): Promise<void> {
  await sql.query('delete from ledger_due where tenant_id = $1', [tenant])
}

/** Persons whose files have become one: what stands under the one name may have been posted under the other. */
export async function mergesOf(
  sql: Sql,
  tenant: string,
): Promise<{ readonly from: string; readonly into: string }[]> {
  return sql.query(
    'select from_id as "from", into_id as "into" from merges where tenant_id = $1 and undone_at is null order by at',
    [tenant],
  )
}

/** Persons whose running totals and whose accounts in the ledger are not the same, a few of them. */
export async function balancesThatDiffer(
  sql: Sql,
  tenant: string,
): Promise<{ readonly person: string; readonly account: string }[]> {
  return sql.query(
    `with posted as (
       select l.fund, substr(l.account, length('balance/person/') + 1) as person, sum(l.amount)::bigint as amount
         from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.fund, t.debit, -t.amount), (t.fund, t.credit, t.amount)) as l (fund, account, amount)
        where e.tenant_id = $1 and l.account like 'balance/person/%' group by 1, 2
     ), kept as (
       select case when k.key like 'account:family@%' then 'familyAccount' else 'personalAccount' end as fund, p.id as person,
              sum(k.value::bigint)::bigint as amount
         from persons p cross join lateral jsonb_each_text(p.totals) as k
        where p.tenant_id = $1 and k.key like 'account:%' group by 1, 2
     )
     select coalesce(k.person, p.person) as person, coalesce(k.fund, p.fund) as account
       from posted p full join kept k on k.person = p.person and k.fund = p.fund
      where coalesce(p.amount, 0) <> coalesce(k.amount, 0) order by 1 limit 20`,
    [tenant],
  )
}

/** Entries about settlements that are not there. */
export async function entriesOfNothing(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ subject: string }>(
    `select e.subject from ledger_entries e
      where e.tenant_id = $1 and e.kind in ('settled', 'ended')
        and not exists (select from settlements s where s.tenant_id = e.tenant_id and s.id = e.settlement_id) limit 20`,
    [tenant],
  )
  return rows.map(({ subject }) => subject)
}
