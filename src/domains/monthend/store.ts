import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type {
  Deduction,
  DeductionAct,
  DeductionState,
  KeptTerms,
  MonthBill,
  MonthResult,
  Terms,
  TermsState,
  YearEnd,
} from './types.ts'

/** Commands about months wait for one another within a tenant. */
export async function lockMonths(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 290))', [tenant])
}

/** Whether this is an institution as bills name it: by its number, or by its name where they have no number. */
export async function isInstitution(sql: Sql, tenant: string, named: string): Promise<boolean> {
  const rows = await sql.query(
    'select from institutions where tenant_id = $1 and (id = $2 or name = $2)',
    [tenant, named],
  )
  return rows.length > 0
}

/** Whether a fund has ever owed an institution anything under this name: what is agreed or taken off elsewhere moves nothing. */
export async function owes(
  sql: Sql,
  tenant: string,
  { institution, fund }: Pick<Terms, 'institution' | 'fund'>,
): Promise<boolean> {
  const account = `owed/institution/${institution}`
  const rows = await sql.query(
    `select from ledger_days where tenant_id = $1 and fund = $2 and account = $3
     union all
     select from ledger_entries where tenant_id = $1
        and booked_on > coalesce((select day from ledger_closed where tenant_id = $1), '0001-01-01')
        and $2 = any(funds) and ($3 = any(credits) or $3 = any(debits)) limit 1`,
    [tenant, fund, account],
  )
  return rows.length > 0
}

// --- terms ---------------------------------------------------------------------------------------

const NAME = (of: string) =>
  `coalesce((select i.name from institutions i where i.tenant_id = ${of}.tenant_id and i.id = ${of}.institution_id), ${of}.institution_id) as name`

const TERMS = `id, ${NAME('month_terms')}, body as terms, state, made_by as "madeBy", ${MOMENT('made_at')} as "madeAt",
  decided_by as "decidedBy", ${MOMENT('decided_at')} as "decidedAt"`

export async function allTerms(sql: Sql, tenant: string): Promise<KeptTerms[]> {
  return sql.query(`select ${TERMS} from month_terms where tenant_id = $1 order by no desc`, [
    tenant,
  ])
}

export async function findTerms(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<KeptTerms | undefined> {
  const [row] = await sql.query<KeptTerms>(
    `select ${TERMS} from month_terms where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

/** The confirmed terms that a month falls under: of one institution and fund, or of all of them. */
export async function termsInForce(
  sql: Sql,
  tenant: string,
  month: Month,
  of: Partial<Pick<Terms, 'institution' | 'fund'>> = {},
): Promise<KeptTerms[]> {
  return sql.query(
    `select ${TERMS} from month_terms
      where tenant_id = $1 and state = 'confirmed' and year = left($2, 4)::int and from_month <= $2
        and ($3::text is null or institution_id = $3) and ($4::text is null or fund = $4)
      order by institution_id, fund`,
    [tenant, month, of.institution ?? null, of.fund ?? null],
  )
}

export async function insertTerms(
  sql: Sql,
  tenant: string,
  { id, terms, madeBy }: Pick<KeptTerms, 'id' | 'terms' | 'madeBy'>,
): Promise<void> {
  await sql.query(
    `insert into month_terms (tenant_id, id, institution_id, fund, from_month, body, state, made_by)
     values ($1, $2, $3, $4, $5, $6, 'draft', $7)`,
    [tenant, id, terms.institution, terms.fund, terms.from, JSON.stringify(terms), madeBy],
  )
}

export async function decideTerms(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user }: { readonly state: TermsState; readonly user: string },
): Promise<void> {
  await sql.query(
    `update month_terms set state = $3, decided_by = $4, decided_at = now() where tenant_id = $1 and id = $2`,
    [tenant, id, state, user],
  )
}

// --- months --------------------------------------------------------------------------------------

export type MonthEndRow = {
  readonly institution: string
  readonly fund: string
  readonly month: Month
  readonly result: MonthResult
  readonly closedBy: string
  readonly closedAt: string
}

const MONTH_END = `institution_id as institution, fund, month, body as result, closed_by as "closedBy",
  ${MOMENT('closed_at')} as "closedAt"`

/** What was closed of a month. */
export async function monthEnds(sql: Sql, tenant: string, month: Month): Promise<MonthEndRow[]> {
  return sql.query(`select ${MONTH_END} from month_ends where tenant_id = $1 and month = $2`, [
    tenant,
    month,
  ])
}

/** The last month that was closed of each institution and fund, before another month. */
export async function lastEnds(sql: Sql, tenant: string, before: Month): Promise<MonthEndRow[]> {
  return sql.query(
    `select distinct on (institution_id, fund) ${MONTH_END} from month_ends
      where tenant_id = $1 and month < $2 order by institution_id, fund, month desc`,
    [tenant, before],
  )
}

export async function insertMonthEnds(
  sql: Sql,
  tenant: string,
  rows: readonly (Omit<MonthEndRow, 'closedAt'> & { readonly terms: string })[],
): Promise<void> {
  await sql.query(
    `insert into month_ends (tenant_id, institution_id, fund, month, terms_id, body, closed_by)
     select $1, institution, fund, month, terms, result, "closedBy"
       from jsonb_to_recordset($2) as m (institution text, fund text, month text, terms uuid, result jsonb, "closedBy" text)`,
    [tenant, JSON.stringify(rows)],
  )
}

/** What the ledger moved on what is owed to an institution, by kind of entry; above zero is owed more. */
export type Flow = {
  readonly institution: string
  readonly fund: string
  readonly kind: string
  readonly amount: number
}

const OWED = `ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
  cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)`

export async function flowsBetween(
  sql: Sql,
  tenant: string,
  from: PlainDate,
  until: PlainDate,
): Promise<Flow[]> {
  return sql.query(
    `select substr(l.account, 18) as institution, t.fund, e.kind, sum(l.amount)::bigint as amount
       from ${OWED}
      where e.tenant_id = $1 and e.booked_on between $2 and $3 and starts_with(l.account, 'owed/institution/')
      group by 1, 2, 3`,
    [tenant, from, until],
  )
}

/** What ends of months before one moved that were booked only when it had begun. */
export async function endsBookedSince(
  sql: Sql,
  tenant: string,
  month: Month,
  from: PlainDate,
): Promise<Flow[]> {
  return sql.query(
    `select substr(l.account, 18) as institution, t.fund, e.kind, sum(l.amount)::bigint as amount
       from ${OWED}
      where e.tenant_id = $1 and e.booked_on >= $3 and e.kind = 'month-end' and split_part(e.subject, ' ', 1) < $2
        and starts_with(l.account, 'owed/institution/')
      group by 1, 2, 3`,
    [tenant, month, from],
  )
}

/** When the prepayments of some terms were owed, and how much. */
export async function advancesOf(
  sql: Sql,
  tenant: string,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly on: string; readonly amount: number }[]> {
  return sql.query(
    `select subject as id, booked_on as "on", amounts[1] as amount from ledger_entries
      where tenant_id = $1 and subject = any($2) and kind = 'advanced'`,
    [tenant, ids],
  )
}

/** What bills moved in some days, but for what other lines of a month count. */
export async function billsOf(
  sql: Sql,
  tenant: string,
  of: { readonly institution: string; readonly fund: string },
  days: { readonly from: PlainDate; readonly until: PlainDate },
  { limit, others }: { readonly limit: number; readonly others: readonly string[] },
): Promise<MonthBill[]> {
  return sql.query(
    `select e.bill_id as bill, e.settlement_id as settlement, e.booked_on as day, e.kind, sum(l.amount)::bigint as amount
       from ${OWED}
      where e.tenant_id = $1 and e.booked_on between $4 and $5 and t.fund = $3
        and l.account = 'owed/institution/' || $2 and e.bill_id is not null
        and e.kind <> all($7)
      group by e.no, 1, 2, 3, 4 order by e.no limit $6`,
    [tenant, of.institution, of.fund, days.from, days.until, limit, others],
  )
}

// --- deductions ----------------------------------------------------------------------------------

const DEDUCTION = `d.id, d.no, ${NAME('d')}, d.institution_id as institution, d.fund, d.amount, d.reason, d.rule, d.bill_id as bill, d.case_id as "case", d.state,
  d.made_by as "madeBy", ${MOMENT('d.made_at')} as "madeAt",
  coalesce((select jsonb_agg(jsonb_build_object('act', a.act, 'user', a.user_name, 'at', ${MOMENT('a.at')}, 'reason', a.reason) order by a.at)
    from month_deduction_acts a where a.tenant_id = d.tenant_id and a.deduction_id = d.id), '[]') as acts`

export async function deductions(sql: Sql, tenant: string, limit: number): Promise<Deduction[]> {
  return sql.query(
    `select ${DEDUCTION} from month_deductions d where d.tenant_id = $1 order by d.no desc limit $2`,
    [tenant, limit],
  )
}

/** What follows from the decisions of a case. */
export async function deductionsOf(sql: Sql, tenant: string, id: string): Promise<Deduction[]> {
  return sql.query(
    `select ${DEDUCTION} from month_deductions d where d.tenant_id = $1 and d.case_id = $2 order by d.no`,
    [tenant, id],
  )
}

export async function findDeduction(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<Deduction | undefined> {
  const [row] = await sql.query<Deduction>(
    `select ${DEDUCTION} from month_deductions d where d.tenant_id = $1 and d.id = $2`,
    [tenant, id],
  )
  return row
}

export async function insertDeduction(
  sql: Sql,
  tenant: string,
  row: Pick<
    Deduction,
    'id' | 'institution' | 'fund' | 'amount' | 'reason' | 'rule' | 'bill' | 'case' | 'madeBy'
  >,
): Promise<void> {
  await sql.query(
    `insert into month_deductions (tenant_id, id, institution_id, fund, amount, reason, rule, bill_id, case_id, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10)`,
    [
      tenant,
      row.id,
      row.institution,
      row.fund,
      row.amount,
      row.reason,
      row.rule,
      row.bill,
      row.case,
      row.madeBy,
    ],
  )
}

export async function moveDeduction(
  sql: Sql,
  tenant: string,
  id: string,
  moved: {
    readonly act: DeductionAct
    readonly to: DeductionState
    readonly user: string
    readonly reason: string | undefined
  },
): Promise<void> {
  await sql.query(
    `update month_deductions set state = $3, confirmed_by = case $4 when 'confirm' then $5 else confirmed_by end,
            restored_by = case $4 when 'restore' then $5 else restored_by end where tenant_id = $1 and id = $2`,
    [tenant, id, moved.to, moved.act, moved.user],
  )
  await sql.query(
    'insert into month_deduction_acts (tenant_id, deduction_id, act, user_name, reason) values ($1, $2, $3, $4, $5)',
    [tenant, id, moved.act, moved.user, moved.reason ?? null],
  )
}

/** The institution of a bill; undefined where there is no such bill. */
export async function institutionOf(
  sql: Sql,
  tenant: string,
  bill: string,
): Promise<string | undefined> {
  const [row] = await sql.query<{ institution: string | null }>(
    `select coalesce(institution_id, body->'attributes'->>'hospital', '') as institution from bills where tenant_id = $1 and id = $2`,
    [tenant, bill],
  )
  return row?.institution ?? undefined
}

// --- years ---------------------------------------------------------------------------------------

const YEAR_END = `id, ${NAME('year_ends')}, institution_id as institution, fund, year, body as result, reason, state, made_by as "madeBy",
  ${MOMENT('made_at')} as "madeAt", decided_by as "decidedBy", ${MOMENT('decided_at')} as "decidedAt"`

export async function yearEnds(sql: Sql, tenant: string): Promise<YearEnd[]> {
  return sql.query(`select ${YEAR_END} from year_ends where tenant_id = $1 order by no desc`, [
    tenant,
  ])
}

export async function findYearEnd(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<YearEnd | undefined> {
  const [row] = await sql.query<YearEnd>(
    `select ${YEAR_END} from year_ends where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

export async function openYearEnd(
  sql: Sql,
  tenant: string,
  { institution, fund, year }: Pick<YearEnd, 'institution' | 'fund' | 'year'>,
): Promise<boolean> {
  const rows = await sql.query(
    `select from year_ends where tenant_id = $1 and institution_id = $2 and fund = $3 and year = $4 and state <> 'withdrawn'`,
    [tenant, institution, fund, year],
  )
  return rows.length > 0
}

export async function insertYearEnd(
  sql: Sql,
  tenant: string,
  row: Pick<YearEnd, 'id' | 'institution' | 'fund' | 'year' | 'result' | 'reason' | 'madeBy'> & {
    readonly terms: string
  },
): Promise<void> {
  await sql.query(
    `insert into year_ends (tenant_id, id, institution_id, fund, year, terms_id, body, reason, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9)`,
    [
      tenant,
      row.id,
      row.institution,
      row.fund,
      row.year,
      row.terms,
      JSON.stringify(row.result),
      row.reason,
      row.madeBy,
    ],
  )
}

export async function decideYearEnd(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user }: { readonly state: TermsState; readonly user: string },
): Promise<void> {
  await sql.query(
    'update year_ends set state = $3, decided_by = $4, decided_at = now() where tenant_id = $1 and id = $2',
    [tenant, id, state, user],
  )
}
