import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type {
  Bearer,
  CaseAct,
  CaseState,
  Channel,
  Cut,
  Decision,
  Desk,
  Done,
  Risk,
} from './types.ts'

// --- limits --------------------------------------------------------------------------------------

export type LimitRow = {
  readonly from: string
  /** In fen. */
  readonly amount: number
  readonly document: string
  readonly user: string
  readonly at: string
}

/** Every limit that was ever set, the newest day first. */
export async function limitsOf(sql: Sql, tenant: string): Promise<LimitRow[]> {
  return sql.query<LimitRow>(
    `select from_day as "from", amount, document, user_name as user, ${MOMENT('at')} as at
       from case_limits where tenant_id = $1 order by from_day desc, no desc`,
    [tenant],
  )
}

export async function insertLimit(
  sql: Sql,
  tenant: string,
  { from, amount, document, user }: Omit<LimitRow, 'at'>,
): Promise<void> {
  await sql.query(
    'insert into case_limits (tenant_id, from_day, amount, document, user_name) values ($1, $2, $3, $4, $5)',
    [tenant, from, amount, document, user],
  )
}

// --- bills ---------------------------------------------------------------------------------------

/** A bill with what stands in the way of a case about it; its person and it are locked. */
export async function lockBill(
  sql: Sql,
  tenant: string,
  bill: string,
): Promise<
  { readonly state: string; readonly heldBy: string | null; readonly open: boolean } | undefined
> {
  await sql.query(
    `select from persons p join bills b on b.tenant_id = p.tenant_id and b.person_id = p.id
      where b.tenant_id = $1 and b.id = $2 for update of p`,
    [tenant, bill],
  )
  const [row] = await sql.query<{ state: string; heldBy: string | null; open: boolean }>(
    `select b.state, b.case_id as "heldBy",
            exists (select from cases c where c.tenant_id = b.tenant_id and c.id = b.case_id and c.desk is not null) as open
       from bills b where b.tenant_id = $1 and b.id = $2 for update`,
    [tenant, bill],
  )
  return row
}

export async function holdBill(
  sql: Sql,
  tenant: string,
  bill: string,
  by: string | null,
): Promise<void> {
  await sql.query('update bills set case_id = $3 where tenant_id = $1 and id = $2', [
    tenant,
    bill,
    by,
  ])
}

/** The case that refused a bill before this one, and was the last that decided about it; null where none did. */
export async function refusedBefore(
  sql: Sql,
  tenant: string,
  { bill, id }: Pick<CaseRow, 'bill' | 'id'>,
): Promise<string | null> {
  const [row] = await sql.query<{ id: string; outcome: Decision['outcome'] }>(
    `select id, outcome from cases
      where tenant_id = $1 and bill_id = $2 and id <> $3 and outcome is not null order by no desc limit 1`,
    [tenant, bill, id],
  )
  return row?.outcome === 'refuse' ? row.id : null
}

// --- what a score looks at -------------------------------------------------------------------------

export type ScoredBill = {
  readonly bill: string
  readonly stay: string
  readonly admitted: PlainDate
  readonly discharged: PlainDate
  readonly total: number
  readonly medical: string | null
  readonly institution: string | null
  readonly invoice: string | null
}

/** More bills of a person than any score needs, and enough of a hospital to know what is usual there. */
const MOST_OTHERS = 200
const MOST_USUAL = 100

/** Bills of a person, the newest first, what its institution's last bills of the kind came to, and since when they are covered. */
export async function factsOfBill(
  sql: Sql,
  tenant: string,
  { person, bill }: { readonly person: string; readonly bill: string },
): Promise<{
  readonly bills: readonly ScoredBill[]
  readonly usual: readonly number[]
  readonly coveredSince: PlainDate | undefined
}> {
  const bills = await sql.query<ScoredBill>(
    `select id as bill, coalesce(body->>'stay', id) as stay, body->>'admitted' as admitted,
            body->>'discharged' as discharged, (body->>'total')::bigint as total,
            body->'attributes'->>'medical' as medical, institution_id as institution, body->'invoice'->>'number' as invoice
       from bills where tenant_id = $1 and person_id = $2
      order by (id = $3) desc, settled_on desc limit ${MOST_OTHERS}`,
    [tenant, person, bill],
  )
  const own = bills[0]
  const usual =
    own?.institution == null
      ? []
      : await sql.query<{ total: number }>(
          `select total from (
             select (body->>'total')::bigint as total, body->'attributes'->>'medical' as medical from bills
              where tenant_id = $1 and institution_id = $2 and id <> $3 order by settled_on desc, id limit ${MOST_USUAL}
           ) last where medical is not distinct from $4`,
          [tenant, own.institution, bill, own.medical],
        )
  const [covered] = await sql.query<{ since: PlainDate | null }>(
    `select (select min(c->>'from') from jsonb_array_elements(body->'covers') c) as since
       from persons where tenant_id = $1 and id = $2`,
    [tenant, person],
  )
  return {
    bills,
    usual: usual.map(({ total }) => total),
    coveredSince: covered?.since ?? undefined,
  }
}

// --- cases ---------------------------------------------------------------------------------------

export type CaseRow = {
  readonly id: string
  readonly no: number
  readonly bill: string
  readonly person: string
  readonly channel: Channel
  readonly state: CaseState
  readonly desk: Desk | null
  readonly amount: number
  readonly acceptedOn: string
  readonly dueOn: string | null
  readonly assignee: string | null
  readonly outcome: Decision['outcome'] | null
  /** From 0 to 100: how much of it stands out. */
  readonly risk: number
  /** How many acts there are: whoever acts says how many they saw. */
  readonly acts: number
}

const CASE = `c.id, c.no, c.bill_id as bill, c.person_id as person, c.channel, c.state, c.desk, c.amount,
  c.accepted_on as "acceptedOn", c.due_on as "dueOn", c.assignee, c.outcome, c.risk, c.acts`

export async function insertCase(
  sql: Sql,
  tenant: string,
  row: Pick<CaseRow, 'id' | 'bill' | 'person' | 'channel' | 'amount' | 'acceptedOn'>,
): Promise<void> {
  await sql.query(
    `insert into cases (tenant_id, id, bill_id, person_id, channel, state, amount, accepted_on)
     values ($1, $2, $3, $4, $5, 'accepted', $6, $7)`,
    [tenant, row.id, row.bill, row.person, row.channel, row.amount, row.acceptedOn],
  )
}

export async function findCase(
  sql: Sql,
  tenant: string,
  id: string,
  lock: '' | 'for update' = '',
): Promise<CaseRow | undefined> {
  const [row] = await sql.query<CaseRow>(
    `select ${CASE} from cases c where c.tenant_id = $1 and c.id = $2 ${lock}`,
    [tenant, id],
  )
  return row
}

/** The newest cases that whoever asks may see, also those that are over. */
export async function newestCases(sql: Sql, tenant: string, limit: number): Promise<CaseRow[]> {
  return sql.query<CaseRow>(
    `select ${CASE} from cases c where c.tenant_id = $1 order by c.no desc limit $2`,
    [tenant, limit],
  )
}

export type BillToHandIn = {
  readonly bill: string
  readonly person: string
  readonly discharged: string
  readonly total: number
  readonly hospital: string | null
}

/** Bills that whoever asks may see, of which nothing stands and which no open case holds, newest first. */
export async function billsToHandIn(
  sql: Sql,
  tenant: string,
  limit: number,
): Promise<BillToHandIn[]> {
  return sql.query<BillToHandIn>(
    `select b.id as bill, b.person_id as person, b.body->>'discharged' as discharged, (b.body->>'total')::bigint as total,
            coalesce((select i.name from institutions i where i.tenant_id = b.tenant_id and i.id = b.institution_id),
                     b.body->'attributes'->>'hospital', b.institution_id) as hospital
       from bills b
      where b.tenant_id = $1 and b.state <> 'settled'
        and not exists (select from cases c where c.tenant_id = b.tenant_id and c.id = b.case_id and c.desk is not null)
      order by b.settled_on desc, b.id limit $2`,
    [tenant, limit],
  )
}

export type ActRow = Done & {
  readonly no: number
  readonly at: string
  readonly statement: string | null
  /** What the case was scored at it. */
  readonly risk: Risk | null
}

/** What was done to a case, in its order. */
export async function actsOf(sql: Sql, tenant: string, id: string): Promise<ActRow[]> {
  const rows = await sql.query<{
    no: number
    act: CaseAct
    by: string
    on: PlainDate
    at: string
    why: string | null
    outcome: Decision['outcome'] | null
    rules: string[]
    cuts: Cut[]
    bearer: Bearer | null
    statement: string | null
    risk: Risk | null
  }>(
    `select no, act, user_name as by, on_day as "on", ${MOMENT('at')} as at, why, outcome, rules, cuts, bearer, statement, risk
       from case_acts where tenant_id = $1 and case_id = $2 order by no`,
    [tenant, id],
  )
  return rows.map(({ why, outcome, rules, cuts, bearer, ...row }) => ({
    ...row,
    why: why ?? undefined,
    decision:
      outcome === null
        ? undefined
        : outcome === 'pay'
          ? { outcome }
          : { outcome, rules, cuts, ...(bearer === null ? {} : { bearer }) },
  }))
}

/** Keeps one more act, and where the case stands since. */
export async function moveCase(
  sql: Sql,
  tenant: string,
  id: string,
  {
    done,
    no,
    statement,
    risk,
  }: {
    readonly done: Done
    readonly no: number
    readonly statement?: string | undefined
    readonly risk?: Risk | undefined
  },
  after: {
    readonly state: CaseState
    readonly desk: Desk | undefined
    readonly dueOn: string | undefined
    readonly outcome: Decision['outcome'] | undefined
    readonly assignee: string | null
  },
): Promise<void> {
  const { act, by, on, why, decision } = done
  const adverse = decision && decision.outcome !== 'pay' ? decision : undefined
  await sql.query(
    `with done as (
       insert into case_acts (tenant_id, case_id, no, act, user_name, on_day, why, outcome, rules, cuts, bearer, statement, risk)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $18)
     )
     update cases set state = $13, desk = $14, due_on = $15, outcome = $16, assignee = $17, acts = $3, risk = coalesce(($18::jsonb->>'score')::int, risk),
            deciders = case when $8::text is null or $5 = any (deciders) then deciders else deciders || $5::text end
      where tenant_id = $1 and id = $2`,
    [
      tenant,
      id,
      no,
      act,
      by,
      on,
      why ?? null,
      decision?.outcome ?? null,
      adverse?.rules ?? [],
      JSON.stringify(adverse?.cuts ?? []),
      adverse?.outcome === 'cut' ? (adverse.bearer ?? 'patient') : null,
      statement ?? null,
      after.state,
      after.desk ?? null,
      after.dueOn ?? null,
      after.outcome ?? null,
      after.assignee,
      risk === undefined ? null : JSON.stringify(risk),
    ],
  )
}

// --- the queue -----------------------------------------------------------------------------------

/** By deadline and within a day by risk, by risk and then by deadline, or by what the bill comes to. */
export type QueueOrder = 'due' | 'risk' | 'amount'

export type QueueAsked = {
  readonly desk: Desk
  readonly state?: CaseState | undefined
  readonly assignee?: string | undefined
  readonly order: QueueOrder
  /** The last case that was seen: `due` is its day, or `infinity`. */
  readonly after?:
    | { readonly due: string; readonly risk: number; readonly amount: number; readonly no: number }
    | undefined
  /** Cases that stand out at least so much, and less than so much. */
  readonly risk?: { readonly from: number; readonly below: number } | undefined
  readonly limit: number
}

/** What each order goes by; the last case that was seen is compared with the same. */
const DUE = `coalesce(c.due_on, 'infinity'::date)`
const ORDERS: Readonly<Record<QueueOrder, string>> = {
  due: `${DUE}, (-c.risk), c.no`,
  risk: `(-c.risk), ${DUE}, c.no`,
  amount: '(-c.amount), c.no',
}
const SEEN: Readonly<Record<QueueOrder, string>> = {
  due: '$5::date, -$6::int, $8::bigint',
  risk: '-$6::int, $5::date, $8::bigint',
  amount: '-$7::bigint, $8::bigint',
}

/** Cases that wait at a desk, the most urgent first. */
export async function waitingCases(
  sql: Sql,
  tenant: string,
  { desk, state, assignee, order, after, risk, limit }: QueueAsked,
): Promise<CaseRow[]> {
  return sql.query<CaseRow>(
    `select ${CASE} from cases c
      where c.tenant_id = $1 and c.desk = $2
        and ($3::text is null or c.state = $3) and ($4::text is null or c.assignee = $4)
        and ($10::int is null or c.risk >= $10) and ($11::int is null or c.risk < $11)
        and ($5::date is null or $6::int is null or $7::bigint is null or $8::bigint is null
             or (${ORDERS[order]}) > (${SEEN[order]}))
      order by ${ORDERS[order]} limit $9`,
    [
      tenant,
      desk,
      state ?? null,
      assignee ?? null,
      after?.due ?? null,
      after?.risk ?? null,
      after?.amount ?? null,
      after?.no ?? null,
      limit,
      risk?.from ?? null,
      risk?.below ?? null,
    ],
  )
}

/** Cases about a bill, of a person, or of this number, newest first, also those that are over. */
export async function casesAbout(
  sql: Sql,
  tenant: string,
  q: string,
  limit: number,
): Promise<CaseRow[]> {
  const no = /^\d{1,15}$/.test(q) ? Number(q) : 0
  return sql.query<CaseRow>(
    `select ${CASE} from cases c
      where c.tenant_id = $1 and (c.bill_id = $2 or c.person_id = $2 or c.no = $3) order by c.no desc limit $4`,
    [tenant, q, no, limit],
  )
}

export type Waiting = {
  readonly desk: Desk
  readonly state: CaseState
  readonly cases: number
  readonly overdue: number
}

/** How many cases wait at each desk, and of how many a clock has run out. */
export async function waitingCounts(sql: Sql, tenant: string, today: string): Promise<Waiting[]> {
  return sql.query<Waiting>(
    `select desk, state, count(*)::int as cases, (count(*) filter (where due_on < $2))::int as overdue
       from cases where tenant_id = $1 and desk is not null group by desk, state order by desk, state`,
    [tenant, today],
  )
}

/**
 * Gives a person the most urgent case at their desks that nobody has. Two who ask at once get two cases. What needs
 * another person than those who decided is no case for them.
 */
export async function takeNext(
  sql: Sql,
  tenant: string,
  user: string,
  desks: readonly Desk[],
): Promise<string | undefined> {
  const atDesk = (_: Desk, i: number) => `select * from (
      select id, due_on, risk, no from cases
       where tenant_id = $1 and desk = $${i + 3} and assignee is null
         and not (state in ('proposed', 'objected') and $2 = any (deciders))
       order by coalesce(due_on, 'infinity'::date), (-risk), no limit 1 for update skip locked) found`
  const [row] = await sql.query<{ id: string }>(
    `update cases set assignee = $2 where tenant_id = $1 and id = (
       select id from (${desks.map(atDesk).join(' union all ')}) first
        order by coalesce(due_on, 'infinity'::date), (-risk), no limit 1
     ) returning id`,
    [tenant, user, ...desks],
  )
  return row?.id
}

/** Puts a case into somebody's hands, or back into the queue. */
export async function assign(
  sql: Sql,
  tenant: string,
  id: string,
  user: string | null,
): Promise<void> {
  await sql.query('update cases set assignee = $3 where tenant_id = $1 and id = $2', [
    tenant,
    id,
    user,
  ])
}
