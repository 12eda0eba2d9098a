import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { Booked, Reserve, ReserveState } from './types.ts'

/** Commands about reserves wait for one another within a tenant. */
export async function lockReserves(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 310))', [tenant])
}

/** Funds with claims on the books, or a history. */
export async function funds(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ fund: string }>(
    `select distinct fund from (
       select fund from ledger_days where tenant_id = $1 and starts_with(account, 'claims/')
       union all select t.fund from ledger_entries e cross join lateral unnest(e.funds, e.debits) as t (fund, debit)
        where e.tenant_id = $1 and e.booked_on > coalesce((select day from ledger_closed where tenant_id = $1), '0001-01-01')
          and starts_with(t.debit, 'claims/')
       union all select fund from reserve_history where tenant_id = $1) as f order by fund`,
    [tenant],
  )
  return rows.map(({ fund }) => fund)
}

/**
 * What a fund was claimed by month of care and month of booking, up to a day: on the books, and before them. Care is of the
 * day by which its bill was settled; what leads to no bill counts as care of the month in which it was booked.
 */
export async function bookedUntil(
  sql: Sql,
  tenant: string,
  fund: string,
  until: PlainDate,
): Promise<Booked[]> {
  return sql.query(
    `select care, booked, sum(amount)::bigint as amount from (
       select least(to_char(coalesce(b.settled_on, e.booked_on), 'YYYY-MM'), to_char(e.booked_on, 'YYYY-MM')) as care,
              to_char(e.booked_on, 'YYYY-MM') as booked, l.amount
         from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.debit, t.amount), (t.credit, -t.amount)) as l (account, amount)
         left join bills b on b.tenant_id = e.tenant_id and b.id = e.bill_id
        where e.tenant_id = $1 and t.fund = $2 and e.booked_on <= $3 and starts_with(l.account, 'claims/')
       union all
       select care, booked, amount from reserve_history where tenant_id = $1 and fund = $2 and booked <= to_char($3::date, 'YYYY-MM')
     ) as all_of_them group by 1, 2 having sum(amount) <> 0 order by 1, 2`,
    [tenant, fund, until],
  )
}

/** The first month in which a fund was claimed anything on the books. */
export async function firstBooked(
  sql: Sql,
  tenant: string,
  fund: string,
): Promise<Month | undefined> {
  const [row] = await sql.query<{ month: string | null }>(
    `select to_char(min(e.booked_on), 'YYYY-MM') as month
       from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits) as t (fund, debit, credit)
      where e.tenant_id = $1 and t.fund = $2 and (starts_with(t.debit, 'claims/') or starts_with(t.credit, 'claims/'))`,
    [tenant, fund],
  )
  return row?.month ?? undefined
}

/** Keeps the history of a fund in the place of what was kept before. */
export async function replaceHistory(
  sql: Sql,
  tenant: string,
  fund: string,
  {
    rows,
    document,
    user,
  }: { readonly rows: readonly Booked[]; readonly document: string; readonly user: string },
): Promise<void> {
  await sql.query('delete from reserve_history where tenant_id = $1 and fund = $2', [tenant, fund])
  await sql.query(
    `insert into reserve_history (tenant_id, fund, care, booked, amount, document, user_name)
     select $1, $2, h.care, h.booked, h.amount, $4, $5 from jsonb_to_recordset($3) as h (care text, booked text, amount bigint)`,
    [tenant, fund, JSON.stringify(rows), document, user],
  )
}

const RESERVE = `id, fund, month, basis, estimate, reason, state, made_by as "madeBy", ${MOMENT('made_at')} as "madeAt",
  decided_by as "decidedBy", ${MOMENT('decided_at')} as "decidedAt"`

/** The reserves of a fund, the newest month first. */
export async function reservesOf(sql: Sql, tenant: string, fund: string): Promise<Reserve[]> {
  return sql.query(
    `select ${RESERVE} from reserves where tenant_id = $1 and fund = $2 order by month desc, no desc`,
    [tenant, fund],
  )
}

export async function findReserve(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<Reserve | undefined> {
  const [row] = await sql.query<Reserve>(
    `select ${RESERVE} from reserves where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

export async function insertReserve(
  sql: Sql,
  tenant: string,
  row: Pick<Reserve, 'id' | 'fund' | 'month' | 'basis' | 'estimate' | 'reason' | 'madeBy'>,
): Promise<void> {
  await sql.query(
    `insert into reserves (tenant_id, id, fund, month, basis, estimate, reason, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, 'proposed', $8)`,
    [
      tenant,
      row.id,
      row.fund,
      row.month,
      JSON.stringify(row.basis),
      JSON.stringify(row.estimate),
      row.reason,
      row.madeBy,
    ],
  )
}

export async function decideReserve(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user }: { readonly state: ReserveState; readonly user: string },
): Promise<void> {
  await sql.query(
    'update reserves set state = $3, decided_by = $4, decided_at = now() where tenant_id = $1 and id = $2',
    [tenant, id, state, user],
  )
}
