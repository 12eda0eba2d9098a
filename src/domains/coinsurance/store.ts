import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type {
  Claim,
  ClosedMonth,
  Enrolled,
  Member,
  PanelTerms,
  RecordState,
  SaidAct,
} from './types.ts'

/** Whoever changes what is shared does so one after another. */
export async function lockCoinsurance(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [tenant])
}

/** Who entered something, who decided about it, and why. */
type Recorded = {
  readonly state: RecordState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}

const recorded = (
  of: string,
) => `${of}.state, ${of}.made_by as "madeBy", ${MOMENT(`${of}.made_at`)} as "madeAt",
  ${of}.decided_by as "decidedBy", ${MOMENT(`${of}.decided_at`)} as "decidedAt", ${of}.reason`

// --- panels --------------------------------------------------------------------------------------

export type PanelRow = PanelTerms &
  Recorded & {
    readonly id: string
    readonly rules: readonly string[]
    /** The last month that is closed. */
    readonly closedUntil: Month | null
  }

const PANEL = `p.id, p.scheme, p.fund, p.from_day as "from", p.until_day as until, p.lead, p.rules, p.source, p.grade, ${recorded('p')},
  (select jsonb_agg(jsonb_build_object('insurer', m.insurer, 'name', m.name, 'share', m.share) order by m.place)
     from coinsurance_members m where m.tenant_id = p.tenant_id and m.panel_id = p.id) as members,
  (select to_char(max(c.month), 'YYYY-MM') from coinsurance_months c where c.tenant_id = p.tenant_id and c.panel_id = p.id) as "closedUntil"`

/** Every panel, the newest period first. */
export async function panelsOf(sql: Sql, tenant: string): Promise<PanelRow[]> {
  return sql.query(
    `select ${PANEL} from coinsurance_panels p where p.tenant_id = $1 order by p.from_day desc, p.no desc limit 500`,
    [tenant],
  )
}

export async function findPanel(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<PanelRow | undefined> {
  const [row] = await sql.query<PanelRow>(
    `select ${PANEL} from coinsurance_panels p where p.tenant_id = $1 and p.id = $2`,
    [tenant, id],
  )
  return row
}

/** Confirmed panels of a fund, in the order of their periods. */
export async function confirmedOf(sql: Sql, tenant: string, fund: string): Promise<PanelRow[]> {
  return sql.query(
    `select ${PANEL} from coinsurance_panels p
      where p.tenant_id = $1 and p.fund = $2 and p.state = 'confirmed' order by p.from_day, p.no`,
    [tenant, fund],
  )
}

export async function insertPanel(
  sql: Sql,
  tenant: string,
  {
    id,
    terms,
    rules,
    user,
  }: {
    readonly id: string
    readonly terms: PanelTerms
    readonly rules: readonly string[]
    readonly user: string
  },
): Promise<void> {
  const { scheme, fund, from, until, lead, source, grade, members } = terms
  await sql.query(
    `insert into coinsurance_panels (tenant_id, id, scheme, fund, from_day, until_day, lead, rules, source, grade, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'proposed', $11)`,
    [tenant, id, scheme, fund, from, until, lead, rules, source, grade, user],
  )
  await sql.query(
    `insert into coinsurance_members (tenant_id, panel_id, place, insurer, name, share)
     select $1, $2, g.* from unnest($3::int[], $4::text[], $5::text[], $6::int[]) as g`,
    [
      tenant,
      id,
      members.map((_, i) => i + 1),
      members.map(({ insurer }) => insurer),
      members.map(({ name }) => name),
      members.map(({ share }) => share),
    ],
  )
}

type Deciding = {
  readonly state: Exclude<RecordState, 'proposed'>
  readonly user: string
  readonly reason?: string | undefined
}

export async function decidePanel(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user, reason, rules }: Deciding & { readonly rules?: readonly string[] },
): Promise<void> {
  await sql.query(
    `update coinsurance_panels set state = $3, decided_by = $4, decided_at = now(), reason = $5, rules = coalesce($6, rules)
      where tenant_id = $1 and id = $2`,
    [tenant, id, state, user, reason ?? null, rules ?? null],
  )
}

// --- months --------------------------------------------------------------------------------------

/** The closed months of a panel, in order. */
export async function monthsOf(sql: Sql, tenant: string, panel: string): Promise<ClosedMonth[]> {
  const rows = await sql.query<
    Omit<ClosedMonth, 'claims' | 'enrolled'> &
      Enrolled & { readonly rules: string[]; readonly amounts: number[] }
  >(
    `select to_char(month, 'YYYY-MM') as month, rules, to_jsonb(amounts) as amounts, insured, ever_insured as "everInsured",
            preexisting, premium_due as "premiumDue", premium_collected as "premiumCollected",
            premium_refunded as "premiumRefunded", closed_by as "closedBy", ${MOMENT('closed_at')} as "closedAt"
       from coinsurance_months where tenant_id = $1 and panel_id = $2 order by coinsurance_months.month`,
    [tenant, panel],
  )
  return rows.map(({ rules, amounts, month, closedBy, closedAt, ...enrolled }) => ({
    month,
    claims: rules.map((rule, i) => ({ rule, amount: amounts[i] ?? 0 })),
    enrolled,
    closedBy,
    closedAt,
  }))
}

export async function insertMonth(
  sql: Sql,
  tenant: string,
  {
    panel,
    month,
    claims,
    enrolled,
    members,
    moved,
    cumulative,
    user,
  }: {
    readonly panel: string
    readonly month: Month
    readonly claims: readonly Claim[]
    readonly enrolled: Enrolled
    readonly members: readonly Member[]
    readonly moved: readonly number[]
    readonly cumulative: readonly number[]
    readonly user: string
  },
): Promise<void> {
  await sql.query(
    `insert into coinsurance_months (tenant_id, panel_id, month, rules, amounts, insured, ever_insured, preexisting, premium_due,
       premium_collected, premium_refunded, closed_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tenant,
      panel,
      `${month}-01`,
      claims.map(({ rule }) => rule),
      claims.map(({ amount }) => amount),
      enrolled.insured,
      enrolled.everInsured,
      enrolled.preexisting,
      enrolled.premiumDue,
      enrolled.premiumCollected,
      enrolled.premiumRefunded,
      user,
    ],
  )
  await sql.query(
    `insert into coinsurance_shares (tenant_id, panel_id, month, insurer, moved, cumulative)
     select $1, $2, $3, g.* from unnest($4::text[], $5::bigint[], $6::bigint[]) as g`,
    [tenant, panel, `${month}-01`, members.map(({ insurer }) => insurer), moved, cumulative],
  )
}

export type ShareRow = {
  readonly insurer: string
  readonly moved: number
  readonly cumulative: number
}

/** What was kept as each insurer's part of a month. */
export async function sharesOf(
  sql: Sql,
  tenant: string,
  panel: string,
  month: Month,
): Promise<ShareRow[]> {
  return sql.query(
    `select insurer, moved, cumulative from coinsurance_shares
      where tenant_id = $1 and panel_id = $2 and month = $3`,
    [tenant, panel, `${month}-01`],
  )
}

// --- what was said of a month --------------------------------------------------------------------

export type ActRow = {
  readonly id: string
  readonly month: Month
  readonly insurer: string
  readonly act: SaidAct
  readonly reason: string | null
  /** What the insurer owed at the end of the month, as it stood when this was said. */
  readonly closing: number
  readonly madeBy: string
  readonly madeAt: string
}

/** What was said of the months of a panel, newest first. */
export async function actsOf(sql: Sql, tenant: string, panel: string): Promise<ActRow[]> {
  return sql.query(
    `select a.id, to_char(a.month, 'YYYY-MM') as month, a.insurer, a.act, a.reason, a.closing, a.made_by as "madeBy",
            ${MOMENT('a.made_at')} as "madeAt"
       from coinsurance_acts a where a.tenant_id = $1 and a.panel_id = $2 order by a.no desc`,
    [tenant, panel],
  )
}

export async function insertAct(
  sql: Sql,
  tenant: string,
  panel: string,
  row: Omit<ActRow, 'madeAt'>,
): Promise<void> {
  await sql.query(
    `insert into coinsurance_acts (tenant_id, id, panel_id, month, insurer, act, reason, closing, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenant,
      row.id,
      panel,
      `${row.month}-01`,
      row.insurer,
      row.act,
      row.reason,
      row.closing,
      row.madeBy,
    ],
  )
}

// --- receipts ------------------------------------------------------------------------------------

export type ReceiptRow = Recorded & {
  readonly id: string
  readonly panel: string
  readonly insurer: string
  readonly on: PlainDate
  readonly amount: number
  readonly reference: string
}

const RECEIPT = `r.id, r.panel_id as panel, r.insurer, r.on_day as "on", r.amount, r.reference, ${recorded('r')}`

/**
 * What payments have ordered to the insurers of a panel, less what came back: by insurer and day, below zero from the lead
 * to the insurer. What shared months and receipts posted themselves is none of it.
 */
export async function paidTo(
  sql: Sql,
  tenant: string,
  { fund, from }: { readonly fund: string; readonly from: string },
): Promise<{ readonly insurer: string; readonly on: PlainDate; readonly amount: number }[]> {
  return sql.query(
    `select split_part(l.account, '/', 2) as insurer, e.booked_on as "on", sum(l.amount)::bigint as amount
       from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
      cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)
      where e.tenant_id = $1 and t.fund = $2 and starts_with(l.account, 'coinsurer/') and split_part(l.account, '/', 3) = $3
        and e.kind in ('ordered', 'paid', 'unpaid', 'adopted')
      group by 1, 2 having sum(l.amount) <> 0 order by 2, 1`,
    [tenant, fund, from.slice(0, 7)],
  )
}

/** What was received of a panel, newest first. */
export async function receiptsOf(sql: Sql, tenant: string, panel: string): Promise<ReceiptRow[]> {
  return sql.query(
    `select ${RECEIPT} from coinsurance_receipts r where r.tenant_id = $1 and r.panel_id = $2 order by r.no desc`,
    [tenant, panel],
  )
}

export async function findReceipt(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<ReceiptRow | undefined> {
  const [row] = await sql.query<ReceiptRow>(
    `select ${RECEIPT} from coinsurance_receipts r where r.tenant_id = $1 and r.id = $2`,
    [tenant, id],
  )
  return row
}

export async function insertReceipt(
  sql: Sql,
  tenant: string,
  row: Pick<ReceiptRow, 'id' | 'panel' | 'insurer' | 'on' | 'amount' | 'reference' | 'madeBy'>,
): Promise<void> {
  await sql.query(
    `insert into coinsurance_receipts (tenant_id, id, panel_id, insurer, on_day, amount, reference, state, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, 'proposed', $8)`,
    [tenant, row.id, row.panel, row.insurer, row.on, row.amount, row.reference, row.madeBy],
  )
}

export async function decideReceipt(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user, reason }: Deciding,
): Promise<void> {
  await sql.query(
    `update coinsurance_receipts set state = $3, decided_by = $4, decided_at = now(), reason = $5
      where tenant_id = $1 and id = $2`,
    [tenant, id, state, user, reason ?? null],
  )
}
