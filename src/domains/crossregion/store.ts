import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type {
  ClearingTerms,
  EnteredState,
  FundMonth,
  KeptClearingTerms,
  Prepayment,
  PrepaymentKind,
  RegionBill,
  Regions,
} from './types.ts'

/** Commands about regions wait for one another within a tenant. */
export async function lockRegions(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 350))', [tenant])
}

const RECORDED = `state, made_by as "madeBy", ${MOMENT('made_at')} as "madeAt", decided_by as "decidedBy",
  ${MOMENT('decided_at')} as "decidedAt", reason`

// --- terms ---------------------------------------------------------------------------------------

const TERMS = `id, insured, treating, body as terms, ${RECORDED}`

export async function allTerms(sql: Sql, tenant: string): Promise<KeptClearingTerms[]> {
  return sql.query(`select ${TERMS} from region_terms where tenant_id = $1 order by no desc`, [
    tenant,
  ])
}

/** Adds terms; false where some of the same regions and month stand already. */
export async function insertTerms(
  sql: Sql,
  tenant: string,
  row: Regions & {
    readonly id: string
    readonly terms: ClearingTerms
    readonly madeBy: string
  },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into region_terms (tenant_id, id, insured, treating, from_month, body, state, made_by)
     values ($1, $2, $3, $4, $5, $6, 'proposed', $7) on conflict do nothing returning 1`,
    [
      tenant,
      row.id,
      row.insured,
      row.treating,
      row.terms.from,
      JSON.stringify(row.terms),
      row.madeBy,
    ],
  )
  return rows.length > 0
}

/** Decides terms or a prepayment that somebody has entered. */
export async function decide(
  sql: Sql,
  tenant: string,
  table: 'region_terms' | 'region_prepayments',
  {
    id,
    state,
    user,
    reason,
  }: {
    readonly id: string
    readonly state: EnteredState
    readonly user: string
    readonly reason?: string | undefined
  },
): Promise<void> {
  await sql.query(
    `update ${table} set state = $3, decided_by = $4, decided_at = now(), reason = $5 where tenant_id = $1 and id = $2`,
    [tenant, id, state, user, reason ?? null],
  )
}

// --- what was booked -----------------------------------------------------------------------------

const MOVED = `ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
  cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)`
const ACCOUNT = ({ insured, treating }: Regions): string => `region/${insured}/${treating}`

/** Every two regions between which anything was booked, and the first day of it. */
export async function pairsBooked(
  sql: Sql,
  tenant: string,
): Promise<(Regions & { readonly since: string })[]> {
  return sql.query(
    `select split_part(account, '/', 2) as insured, split_part(account, '/', 3) as treating, min(day) as since from (
       select account, day from ledger_days where tenant_id = $1 and starts_with(account, 'region/')
       union all
       select l.account, e.booked_on from ${MOVED}
        where e.tenant_id = $1 and e.booked_on > coalesce((select day from ledger_closed where tenant_id = $1), '0001-01-01')
          and starts_with(l.account, 'region/')) as booked
      group by 1, 2 order by 1, 2`,
    [tenant],
  )
}

/** What days moved between two regions, by month, fund and kind of entry; what months themselves posted is none of it. */
export async function flowsBetween(
  sql: Sql,
  tenant: string,
  regions: Regions,
  days: { readonly from: PlainDate; readonly until: PlainDate },
): Promise<
  {
    readonly month: Month
    readonly fund: string
    readonly kind: string
    readonly bills: number
    readonly amount: number
  }[]
> {
  return sql.query(
    `select to_char(e.booked_on, 'YYYY-MM') as month, t.fund, e.kind, count(distinct e.bill_id) as bills, sum(l.amount)::bigint as amount
       from ${MOVED}
      where e.tenant_id = $1 and e.booked_on between $3 and $4 and l.account = $2 and e.kind <> 'region-month'
      group by 1, 2, 3 order by 1, 2, 3`,
    [tenant, ACCOUNT(regions), days.from, days.until],
  )
}

/** The bills of some days, each as it was booked. */
export async function billsBetween(
  sql: Sql,
  tenant: string,
  regions: Regions,
  days: { readonly from: PlainDate; readonly until: PlainDate },
  limit: number,
): Promise<RegionBill[]> {
  return sql.query(
    `select e.bill_id as bill, e.settlement_id as settlement, e.booked_on as day, e.kind, t.fund, sum(l.amount)::bigint as amount,
            coalesce((select coalesce(i.name, b.institution_id, b.body->'attributes'->>'hospital')
              from bills b left join institutions i on i.tenant_id = b.tenant_id and i.id = b.institution_id
             where b.tenant_id = e.tenant_id and b.id = e.bill_id), '') as institution
       from ${MOVED}
      where e.tenant_id = $1 and e.booked_on between $3 and $4 and l.account = $2 and e.kind <> 'region-month' and e.bill_id is not null
      group by e.tenant_id, e.no, 1, 2, 3, 4, 5 order by e.no, 5 limit $5`,
    [tenant, ACCOUNT(regions), days.from, days.until, limit],
  )
}

/** Settlements that were made in some days and stand. */
export async function settlementsBetween(
  sql: Sql,
  tenant: string,
  regions: Regions,
  days: { readonly from: PlainDate; readonly until: PlainDate },
): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select distinct e.settlement_id as id from ledger_entries e
      where e.tenant_id = $1 and e.booked_on between $3 and $4 and e.kind = 'settled' and $2 = any(e.credits)`,
    [tenant, ACCOUNT(regions), days.from, days.until],
  )
  return rows.map(({ id }) => id)
}

// --- months --------------------------------------------------------------------------------------

export type RegionMonthRow = Regions & {
  readonly month: Month
  readonly funds: readonly FundMonth[]
  readonly amount: number
  readonly terms: ClearingTerms
  readonly closedBy: string
  readonly closedAt: string
  readonly confirmedBy: string | null
  readonly confirmedAt: string | null
}

/** The months that were closed, in their order: of all regions, or of two. */
export async function closedMonths(
  sql: Sql,
  tenant: string,
  of?: Regions,
): Promise<RegionMonthRow[]> {
  return sql.query(
    `select insured, treating, month, funds, amount, terms, closed_by as "closedBy", ${MOMENT('closed_at')} as "closedAt",
            confirmed_by as "confirmedBy", ${MOMENT('confirmed_at')} as "confirmedAt"
       from region_months where tenant_id = $1 and ($2::text is null or insured = $2) and ($3::text is null or treating = $3)
      order by insured, treating, month`,
    [tenant, of?.insured ?? null, of?.treating ?? null],
  )
}

export async function insertMonth(
  sql: Sql,
  tenant: string,
  row: Pick<
    RegionMonthRow,
    'insured' | 'treating' | 'month' | 'funds' | 'amount' | 'terms' | 'closedBy'
  >,
): Promise<void> {
  await sql.query(
    `insert into region_months (tenant_id, insured, treating, month, funds, amount, terms, closed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tenant,
      row.insured,
      row.treating,
      row.month,
      JSON.stringify(row.funds),
      row.amount,
      JSON.stringify(row.terms),
      row.closedBy,
    ],
  )
}

export async function confirmMonth(
  sql: Sql,
  tenant: string,
  { insured, treating }: Regions,
  {
    month,
    user,
    clearing,
  }: { readonly month: Month; readonly user: string; readonly clearing: string },
): Promise<void> {
  await sql.query(
    `update region_months set confirmed_by = $5, confirmed_at = now(), clearing_id = $6
      where tenant_id = $1 and insured = $2 and treating = $3 and month = $4`,
    [tenant, insured, treating, month, user, clearing],
  )
}

// --- prepayments ---------------------------------------------------------------------------------

export type PrepaymentRow = Omit<Prepayment, 'paid'>

const PREPAYMENT = `id, insured, treating, kind, fund, year, amount, document, ${RECORDED}`

/** What moved prepayments, newest first: of all regions, or of two. */
export async function prepaymentsOf(
  sql: Sql,
  tenant: string,
  of?: Regions,
): Promise<PrepaymentRow[]> {
  return sql.query(
    `select ${PREPAYMENT} from region_prepayments
      where tenant_id = $1 and ($2::text is null or insured = $2) and ($3::text is null or treating = $3) order by no desc`,
    [tenant, of?.insured ?? null, of?.treating ?? null],
  )
}

export async function findPrepayment(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<PrepaymentRow | undefined> {
  const [row] = await sql.query<PrepaymentRow>(
    `select ${PREPAYMENT} from region_prepayments where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

/** Adds what is to move a prepayment; false where the first one, or the one of that year, stands already. */
export async function insertPrepayment(
  sql: Sql,
  tenant: string,
  row: Regions & {
    readonly id: string
    readonly kind: PrepaymentKind
    readonly fund: string
    readonly year: number
    readonly amount: number
    readonly document: string
    readonly madeBy: string
  },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into region_prepayments (tenant_id, id, insured, treating, kind, fund, year, amount, document, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10) on conflict do nothing returning 1`,
    [
      tenant,
      row.id,
      row.insured,
      row.treating,
      row.kind,
      row.fund,
      row.year,
      row.amount,
      row.document,
      row.madeBy,
    ],
  )
  return rows.length > 0
}
