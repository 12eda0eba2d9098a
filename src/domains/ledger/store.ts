import type { Snapshot, Sql } from '#platform/database.ts'
import type { EntryKind, LegColumns } from './types.ts'

export type EntryRow = LegColumns & {
  readonly subject: string
  readonly kind: EntryKind
  readonly user: string
  readonly bill: string | null
  readonly settlement: string | null
  readonly replay: string | null
}

/** Writes entries. One that is there already, by its subject and kind, fails: an event is posted once. */
export async function insertEntries(
  sql: Sql,
  tenant: string,
  entries: readonly EntryRow[],
): Promise<void> {
  await sql.query(
    `insert into ledger_entries (tenant_id, subject, kind, user_name, bill_id, settlement_id, replay_id, funds, debits, credits, amounts)
     select $1, subject, kind, "user", bill, settlement, replay, funds, debits, credits, amounts
       from jsonb_to_recordset($2) as g (subject text, kind text, "user" text, bill text, settlement uuid, replay uuid,
         funds text[], debits text[], credits text[], amounts bigint[])`,
    [tenant, JSON.stringify(entries)],
  )
}

/** Entries of the past, each on the day it happened, or today where nobody knows. Those that are there stay. */
export async function insertPast(
  sql: Sql,
  tenant: string,
  entries: readonly (EntryRow & { readonly at: string | null })[],
): Promise<void> {
  await sql.query(
    `insert into ledger_entries (tenant_id, subject, kind, user_name, bill_id, settlement_id, replay_id, funds, debits, credits,
       amounts, booked_at, booked_on)
     select $1, subject, kind, "user", bill, settlement, replay, funds, debits, credits, amounts, coalesce(at, now()),
            (coalesce(at, now()) at time zone 'Asia/Shanghai')::date
       from jsonb_to_recordset($2) as g (subject text, kind text, "user" text, bill text, settlement uuid, replay uuid,
         funds text[], debits text[], credits text[], amounts bigint[], at timestamptz)
     on conflict do nothing`,
    [tenant, JSON.stringify(entries)],
  )
}

export async function findLegs(
  sql: Sql,
  tenant: string,
  subject: string,
  kind: EntryKind,
): Promise<LegColumns | undefined> {
  const [row] = await sql.query<LegColumns>(
    `select funds, debits, credits, to_jsonb(amounts) as amounts from ledger_entries
      where tenant_id = $1 and subject = $2 and kind = $3`,
    [tenant, subject, kind],
  )
  return row
}

/** What settlements posted when they were made. */
export async function settledLegs(
  sql: Sql,
  tenant: string,
  settlements: readonly string[],
): Promise<(LegColumns & Pick<EntryRow, 'subject' | 'bill' | 'settlement'>)[]> {
  return sql.query(
    `select subject, bill_id as bill, settlement_id as settlement, funds, debits, credits, to_jsonb(amounts) as amounts
       from ledger_entries where tenant_id = $1 and subject = any($2) and kind = 'settled'`,
    [tenant, settlements],
  )
}

// --- reading -------------------------------------------------------------------------------------

/** Both sides of one account, in fen. Persons' own accounts are summed up under one. */
export type AccountSums = {
  readonly fund: string
  readonly account: string
  readonly debit: number
  readonly credit: number
}

/** The day up to which a tenant's days are closed; undefined where none is. */
export async function closedUntil(sql: Sql, tenant: string): Promise<string | undefined> {
  const [row] = await sql.query<{ day: string }>(
    'select day from ledger_closed where tenant_id = $1',
    [tenant],
  )
  return row?.day
}

/** Legs of entries as rows of one account each. */
const SIDES = `cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debited, credited, amount)
  cross join lateral (values (t.debited, t.amount, 0::bigint), (t.credited, 0::bigint, t.amount)) as l (account, debit, credit)`

/**
 * What was booked on each account from one day to another, by day where `daily` says so. Closed days are read as they
 * were closed, the others from their entries.
 */
const MOVED = `(
  select day, fund, account, debit, credit from ledger_days where tenant_id = $1 and day between $2 and $3 and day <= $4
  union all
  select e.booked_on as day, t.fund, ledger_control(l.account), l.debit, l.credit from ledger_entries e ${SIDES}
   where e.tenant_id = $1 and e.booked_on between $2 and $3 and e.booked_on > $4) as moved`

const BEFORE_ALL = '0001-01-01'

/** The sums of every account from the beginning to the end of a day. */
export async function sumsUntil(sql: Sql, tenant: string, day: string): Promise<AccountSums[]> {
  const closed = (await closedUntil(sql, tenant)) ?? BEFORE_ALL
  return sql.query(
    `select fund, account, sum(debit)::bigint as debit, sum(credit)::bigint as credit from ${MOVED}
      group by 1, 2 order by 1, 2`,
    [tenant, BEFORE_ALL, day, closed],
  )
}

/** What each day moved on the accounts of a fund, or of all of them, by the first word of the account. */
export async function movedByDay(
  sql: Sql,
  tenant: string,
  {
    fund,
    from,
    until,
  }: { readonly fund: string | undefined; readonly from: string; readonly until: string },
): Promise<
  {
    readonly day: string
    readonly class: string
    readonly debit: number
    readonly credit: number
  }[]
> {
  const closed = (await closedUntil(sql, tenant)) ?? BEFORE_ALL
  return sql.query(
    `select day, split_part(account, '/', 1) as class, sum(debit)::bigint as debit, sum(credit)::bigint as credit
       from ${MOVED} where $5::text is null or fund = $5 group by 1, 2 order by 1, 2`,
    [tenant, from, until, closed, fund ?? null],
  )
}

/** What bills with their day in a stretch came to on the claims of a fund, whenever that was booked. */
export async function claimsOfBills(
  sql: Sql,
  tenant: string,
  { fund, from, until }: { readonly fund: string; readonly from: string; readonly until: string },
): Promise<number> {
  const [row] = await sql.query<{ amount: number }>(
    `select coalesce(sum(l.debit) - sum(l.credit), 0)::bigint as amount
       from ledger_entries e join bills b on b.tenant_id = e.tenant_id and b.id = e.bill_id ${SIDES}
      where e.tenant_id = $1 and b.settled_on between $3 and $4 and t.fund = $2 and starts_with(l.account, 'claims/')`,
    [tenant, fund, from, until],
  )
  return row?.amount ?? 0
}

/** One leg on one account: what it did there, what stands against it, and what it leads back to. */
export type AccountLine = {
  readonly no: number
  readonly at: string
  readonly day: string
  readonly subject: string
  readonly kind: EntryKind
  readonly user: string
  readonly bill: string | null
  readonly settlement: string | null
  readonly replay: string | null
  readonly account: string
  readonly against: string
  readonly debit: number
  readonly credit: number
}

/**
 * The postings of an account, or of everything under it, in the order in which they were booked: of some days, after a
 * number, and so many entries at most.
 */
export async function linesOf(
  sql: Sql,
  tenant: string,
  {
    fund,
    account,
    from,
    until,
    after,
    limit,
  }: {
    readonly fund: string
    readonly account: string
    readonly from: string
    readonly until: string
    readonly after: number
    readonly limit: number
  },
): Promise<AccountLine[]> {
  return sql.query(
    `with own as (
       select e.* from ledger_entries e
        where e.tenant_id = $1 and e.booked_on between $4 and $5 and e.no > $6
          and exists (select from unnest(e.funds, e.debits, e.credits) as t (fund, debited, credited)
                where t.fund = $2 and (t.debited = $3 or t.credited = $3
                  or starts_with(t.debited, $3 || '/') or starts_with(t.credited, $3 || '/')))
        order by e.no limit $7
     )
     select e.no, to_char(e.booked_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as at, e.booked_on as day,
            e.subject, e.kind, e.user_name as user, e.bill_id as bill, e.settlement_id as settlement, e.replay_id as replay,
            l.account, l.against, l.debit, l.credit
       from own e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) with ordinality as t (fund, debited, credited, amount, leg)
      cross join lateral (values (t.debited, t.credited, t.amount, 0::bigint), (t.credited, t.debited, 0::bigint, t.amount))
        as l (account, against, debit, credit)
      where t.fund = $2 and (l.account = $3 or starts_with(l.account, $3 || '/'))
      order by e.no, t.leg`,
    [tenant, fund, account, from, until, after, limit],
  )
}

/** The sums of one account, or of everything under it, before a day. */
export async function sumsBefore(
  sql: Sql,
  tenant: string,
  { fund, account, day }: { readonly fund: string; readonly account: string; readonly day: string },
): Promise<{ readonly debit: number; readonly credit: number }> {
  const closed = (await closedUntil(sql, tenant)) ?? BEFORE_ALL
  const [row] = await sql.query<{ debit: number; credit: number }>(
    `select coalesce(sum(debit), 0)::bigint as debit, coalesce(sum(credit), 0)::bigint as credit from (
       select day, debit, credit from ledger_days
        where tenant_id = $1 and fund = $2 and (account = $3 or starts_with(account, $3 || '/')) and day < $4 and day <= $5
       union all
       select e.booked_on, l.debit, l.credit from ledger_entries e ${SIDES}
        where e.tenant_id = $1 and e.booked_on < $4 and e.booked_on > $5 and t.fund = $2
          and (l.account = $3 or starts_with(l.account, $3 || '/'))) as moved`,
    [tenant, fund, account, day, closed],
  )
  return row ?? { debit: 0, credit: 0 }
}

/** What the accounts under one came to on the days from one to another, debits less credits; of closed days alone. */
export async function movedOnClosedDays(
  sql: Sql,
  tenant: string,
  {
    fund,
    under,
    from,
    until,
  }: {
    readonly fund: string
    readonly under: string
    readonly from: string
    readonly until: string
  },
): Promise<{ readonly account: string; readonly amount: number }[]> {
  return sql.query(
    `select account, sum(debit - credit)::bigint as amount from ledger_days
      where tenant_id = $1 and fund = $2 and starts_with(account, $3 || '/') and day between $4 and $5
      group by account order by account collate "C"`,
    [tenant, fund, under, from, until],
  )
}

/** The balances, debits less credits, of every account under one that is not zero, in every fund. */
export async function balancesUnder(
  sql: Sql,
  tenant: string,
  under: string,
): Promise<{ readonly fund: string; readonly account: string; readonly amount: number }[]> {
  const closed = (await closedUntil(sql, tenant)) ?? BEFORE_ALL
  return sql.query(
    `select fund, account, sum(debit - credit)::bigint as amount from ${MOVED} where starts_with(account, $5 || '/')
      group by 1, 2 having sum(debit - credit) <> 0 order by 1, 2`,
    [tenant, BEFORE_ALL, '9999-12-31', closed, under],
  )
}

// --- closing days --------------------------------------------------------------------------------

/** Closes every day up to this one: what each moved on each account is kept as a sum. */
export async function closeDays(sql: Sql, tenant: string, until: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [tenant])
  const closed = (await closedUntil(sql, tenant)) ?? BEFORE_ALL
  if (closed >= until) return
  await sql.query(
    `insert into ledger_days (tenant_id, day, fund, account, debit, credit)
     select $1, e.booked_on, t.fund, ledger_control(l.account), sum(l.debit), sum(l.credit) from ledger_entries e ${SIDES}
      where e.tenant_id = $1 and e.booked_on > $2 and e.booked_on <= $3 group by 2, 3, 4`,
    [tenant, closed, until],
  )
  await sql.query(
    `insert into ledger_closed (tenant_id, day) values ($1, $2)
     on conflict (tenant_id) do update set day = excluded.day`,
    [tenant, until],
  )
}

/** Closed days that are not the sum of their entries, a few of them. */
export async function daysThatDiffer(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ day: string }>(
    `with booked as (
       select e.booked_on as day, t.fund, ledger_control(l.account) as account, sum(l.debit) as debit, sum(l.credit) as credit
         from ledger_entries e ${SIDES}
        where e.tenant_id = $1 and e.booked_on <= (select day from ledger_closed where tenant_id = $1) group by 1, 2, 3
     )
     select distinct coalesce(b.day, d.day) as day from booked b
       full join (select * from ledger_days where tenant_id = $1) d on d.day = b.day and d.fund = b.fund and d.account = b.account
      where b.debit is distinct from d.debit or b.credit is distinct from d.credit order by 1 limit 20`,
    [tenant],
  )
  return rows.map(({ day }) => day)
}

export async function countEntries(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from ledger_entries where tenant_id = $1',
    [tenant],
  )
  return row?.n ?? 0
}

/** Every entry of a tenant as it was booked, in the order of booking: text of COPY, to be hashed. */
export const allEntries = (sql: Snapshot, tenant: string): AsyncIterable<Buffer> =>
  sql.copyOut(
    `copy (select subject, kind, booked_on, user_name, bill_id, settlement_id, replay_id, funds, debits, credits, amounts
       from ledger_entries where tenant_id = ${literal(tenant)} order by no) to stdout`,
  )

/** The balance of every account of a tenant that is not zero: the same whenever the same facts are on the books. */
export const allBalances = (sql: Snapshot, tenant: string): AsyncIterable<Buffer> =>
  sql.copyOut(
    `copy (select t.fund, l.account, sum(l.credit) - sum(l.debit) from ledger_entries e ${SIDES}
       where e.tenant_id = ${literal(tenant)} group by 1, 2 having sum(l.credit) <> sum(l.debit)
       order by t.fund collate "C", l.account collate "C") to stdout`,
  )

/** COPY takes no parameters. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
