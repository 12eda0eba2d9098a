import type { LegColumns } from '#domains/ledger/index.ts'
import { type CommandRow, findCommand } from '#platform/commands.ts'
import type { Sql } from '#platform/database.ts'
import type { KeptName } from '#platform/person-name.ts'
import { type Bill, NATIVE_COMPONENTS, type Person } from './types.ts'

/** A person's row, as a settlement locks it. `totals` are running totals by key. */
export type PersonRow = {
  readonly id: string
  readonly person: Person
  readonly totals: Readonly<Record<string, number>>
  readonly settlements: number
  /** The place of the last bill that stands, and the day of the last entry of an account: what is before is late. */
  readonly latestBill: string | null
  readonly latestEntry: string | null
}

export type BillState = 'open' | 'settled' | 'reversed'
export type BillRow = {
  readonly bill: Bill
  readonly state: BillState
  /** The case that decides about it: nobody else settles, corrects or reverses it meanwhile. */
  readonly heldBy: string | null
}

/** A settlement as it is kept: enough to compute it again, with the rules and totals of its moment. */
export type SettlementRow = {
  readonly id: string
  readonly bill: string
  readonly person: string
  readonly sequence: number
  readonly state: 'settled' | 'superseded' | 'reversed'
  readonly total: number
  readonly patient: number
  readonly result: unknown
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly rulesVersion: number
  readonly createdAt: string
  readonly createdBy: string
  readonly reversedAt: string | null
  readonly reversedBy: string | null
  readonly reason: string | null
}

export type RulebookRow = {
  readonly version: number
  readonly hash: string
  readonly files: Readonly<Record<string, string>>
  readonly note: string
  readonly author: string
  readonly publisher: string
  readonly publishedAt: string
}

export type DraftRow = {
  readonly id: string
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly baseVersion: number
  readonly author: string
  readonly state: 'open' | 'published'
  /** Counts the changes: which text somebody has read. */
  readonly revision: number
  readonly createdAt: string
  readonly changedAt: string
}

/** What settlements read before they decide, with the persons and the bills locked. */
export type Locked = {
  readonly rulesVersion: number
  /** Which commands were carried out before, by key. */
  readonly commands: ReadonlyMap<string, CommandRow>
  /** The bills that are there, by number. Bills of one person share one row of the person. */
  readonly bills: ReadonlyMap<string, BillRow & { readonly person: PersonRow }>
}

/**
 * Reads the keys of some commands, the rules in force, and the bills they settle with their persons; locks
 * the last two, persons in the order of their numbers, so that no two groups wait for each other.
 */
export async function lockBills(
  sql: Sql,
  tenant: string,
  wanted: readonly { readonly key: string; readonly bill: string }[],
): Promise<Locked> {
  const found = await sql.query<{
    key: string
    command: { request_hash: string; status: number; body: unknown } | null
    version: number
    person: Person
    totals: Record<string, number>
    settlements: number
    latestBill: string | null
    latestEntry: string | null
    bill: Bill
    state: BillState
    heldBy: string | null
  }>(
    `select w.key, (select to_jsonb(c) from commands c where c.tenant_id = $1 and c.key = w.key) as command,
            (select max(version) from rulebooks r where r.tenant_id = $1) as version,
            p.body as person, p.totals, p.settlements, p.latest_bill as "latestBill",
            p.latest_entry as "latestEntry", b.body as bill, b.state, b.case_id as "heldBy"
       from unnest($2::text[], $3::text[]) as w (bill, key)
       join bills b on b.tenant_id = $1 and b.id = w.bill
       join persons p on p.tenant_id = b.tenant_id and p.id = b.person_id
      order by p.id, b.id
        for update of p, b`,
    [tenant, wanted.map(({ bill }) => bill), wanted.map(({ key }) => key)],
  )
  const commands = new Map<string, CommandRow>()
  const persons = new Map<string, PersonRow>()
  const bills = new Map<string, BillRow & { readonly person: PersonRow }>()
  for (const {
    key,
    command,
    person,
    totals,
    settlements,
    latestBill,
    latestEntry,
    bill,
    state,
    heldBy,
  } of found) {
    if (command)
      commands.set(key, {
        requestHash: command.request_hash,
        status: command.status,
        body: command.body,
      })
    const known = persons.get(person.id) ?? {
      id: person.id,
      person,
      totals,
      settlements,
      latestBill,
      latestEntry,
    }
    persons.set(person.id, known)
    bills.set(bill.id, { bill: wholeBill(bill), state, heldBy, person: known })
  }
  // A key may have carried out something else than the settlement of a bill that is not there.
  for (const { key, bill } of wanted) {
    const command = bills.has(bill) ? undefined : await findCommand(sql, tenant, key)
    if (command) commands.set(key, command)
  }
  const rulesVersion = found[0]?.version ?? (await latestVersion(sql, tenant))
  return { rulesVersion, commands, bills }
}

/** A bill as it was kept: a component that came into use after it is zero in it. */
export function wholeBill(body: Bill): Bill {
  const whole = (parts: Bill['parts']): Bill['parts'] => ({ ...NO_PARTS, ...parts })
  const lines = body.lines.map((line) => ({ ...line, parts: whole(line.parts) }))
  return { ...body, parts: whole(body.parts), lines }
}

const NO_PARTS = Object.fromEntries(NATIVE_COMPONENTS.map((component) => [component, 0]))

/** One settlement to be kept, with the command that asked for it. */
export type NewSettlement = Pick<
  SettlementRow,
  | 'id'
  | 'bill'
  | 'person'
  | 'sequence'
  | 'total'
  | 'patient'
  | 'result'
  | 'totalsBefore'
  | 'rulesVersion'
  | 'createdBy'
> &
  LegColumns & { readonly key: string; readonly requestHash: string }

/**
 * Everything that some settlements write, in one statement; of each person, what is known after the last. Their
 * entries of the ledger are among it: one more statement would cost as much as all of them.
 */
export async function insertSettlements(
  sql: Sql,
  tenant: string,
  settlements: readonly NewSettlement[],
  persons: readonly Pick<PersonRow, 'id' | 'totals' | 'settlements' | 'latestBill'>[],
): Promise<void> {
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($2) as g (id uuid, bill text, person text, sequence int, total bigint,
         patient bigint, result jsonb, "totalsBefore" jsonb, "rulesVersion" int, "createdBy" text, key text,
         "requestHash" text, funds text[], debits text[], credits text[], amounts bigint[])
     ), person as (
       update persons p set totals = g.totals, settlements = g.settlements, latest_bill = g."latestBill"
         from jsonb_to_recordset($3) as g (id text, totals jsonb, settlements int, "latestBill" text)
        where p.tenant_id = $1 and p.id = g.id
     ), bill as (
       update bills b set state = 'settled' from given g where b.tenant_id = $1 and b.id = g.bill
     ), settled as (
       insert into settlements (tenant_id, id, bill_id, person_id, sequence, total, patient, result, totals_before, rules_version, created_by)
       select $1, id, bill, person, sequence, total, patient, result, "totalsBefore", "rulesVersion", "createdBy" from given
     ), posted as (
       insert into ledger_entries (tenant_id, subject, kind, user_name, bill_id, settlement_id, funds, debits, credits, amounts)
       select $1, id::text, 'settled', "createdBy", bill, id, funds, debits, credits, amounts from given
        where cardinality(amounts) > 0
     ), told as (
       insert into outbox (tenant_id, topic, body)
       select $1, 'settlement.settled', jsonb_build_object('settlement', id, 'bill', bill) from given
     ), answered as (
       insert into commands (tenant_id, key, request_hash, status, body)
       select $1, key, "requestHash", 201, jsonb_build_object('settlement', id) from given
     )
     insert into access_log (tenant_id, user_name, action, subject)
     select $1, "createdBy", 'settle', bill from given`,
    [tenant, JSON.stringify(settlements), JSON.stringify(persons)],
  )
}

/** Lets one transaction at a time make a new version of a tenant's rules. */
export async function lockRules(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [tenant])
}

const SETTLEMENT = `id, bill_id as bill, person_id as person, sequence, state, total, patient, result,
  totals_before as "totalsBefore", rules_version as "rulesVersion",
  to_char(created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as "createdAt",
  created_by as "createdBy",
  to_char(reversed_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as "reversedAt",
  reversed_by as "reversedBy", reason`

export async function findSettlement(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<SettlementRow | undefined> {
  const [row] = await sql.query<SettlementRow>(
    `select ${SETTLEMENT} from settlements where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

/** The bill of a settlement as it was when it was settled; it may have been corrected since. */
export async function billOfSettlement(
  sql: Sql,
  tenant: string,
  settlement: string,
): Promise<Bill | undefined> {
  const [row] = await sql.query<{ body: Bill }>(
    `select coalesce((select v.body from bill_versions v
               where v.tenant_id = b.tenant_id and v.bill_id = b.id and v.until > s.created_at
               order by v.version limit 1), b.body) as body
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.id = $2`,
    [tenant, settlement],
  )
  return row && wholeBill(row.body)
}

/** The answer to a command that settled a late bill. */
export async function answerSettle(
  sql: Sql,
  tenant: string,
  {
    key,
    requestHash,
    settlement,
    user,
    bill,
  }: Record<'key' | 'requestHash' | 'settlement' | 'user' | 'bill', string>,
): Promise<void> {
  await sql.query(
    `with answered as (
       insert into commands (tenant_id, key, request_hash, status, body)
       values ($1, $2, $3, 201, jsonb_build_object('settlement', $4::uuid))
     )
     insert into access_log (tenant_id, user_name, action, subject) values ($1, $5, 'settle', $6)`,
    [tenant, key, requestHash, settlement, user, bill],
  )
}

/** What is kept of a person's settlements that stand, each with its bill, in the order in which they were made. */
export async function standingResults(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<{ readonly bill: Bill; readonly result: unknown }[]> {
  const rows = await sql.query<{ bill: Bill; result: unknown }>(
    `select b.body as bill, s.result from settlements s
       join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.person_id = $2 and s.state = 'settled' order by s.sequence`,
    [tenant, person],
  )
  return rows.map(({ bill, result }) => ({ bill: wholeBill(bill), result }))
}

export async function findPerson(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<(PersonRow & { readonly nameSealed: Buffer | null }) | undefined> {
  const [row] = await sql.query<Omit<PersonRow, 'id'> & { nameSealed: Buffer | null }>(
    `select body as person, name_sealed as "nameSealed", totals, settlements, latest_bill as "latestBill",
            latest_entry as "latestEntry"
       from persons where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row && { id, ...row }
}

// --- persons and bills -------------------------------------------------------------------------

/**
 * Adds a person, or replaces what is known of one; running totals are set only for a new one. Nothing is
 * written where enrolment keeps the person.
 */
export async function savePerson(
  sql: Sql,
  tenant: string,
  person: Person,
  name: KeptName | undefined,
  totals: Readonly<Record<string, number>>,
): Promise<'added' | 'replaced' | 'same' | undefined> {
  const [known] = await sql.query<{ body: Person }>(
    'select body from persons where tenant_id = $1 and id = $2 for update',
    [tenant, person.id],
  )
  const rows = await sql.query<{ added: boolean; body: Person }>(
    `insert into persons (tenant_id, id, name_sealed, name_digest, body, totals) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, id) do update set body = excluded.body,
       name_sealed = coalesce(excluded.name_sealed, persons.name_sealed),
       name_digest = coalesce(excluded.name_digest, persons.name_digest)
      where not persons.enrolled returning xmax = 0 as added, body`,
    [
      tenant,
      person.id,
      name?.sealed ?? null,
      name?.digest ?? null,
      JSON.stringify(person),
      JSON.stringify(totals),
    ],
  )
  const [row] = rows
  if (!row) return undefined
  if (row.added) return 'added'
  return JSON.stringify(row.body) === JSON.stringify(known?.body) ? 'same' : 'replaced'
}

/**
 * Keeps the invoice of a bill in place of the one it had. Where another bill has it already, whoever's it is, nothing is
 * kept: the answer names that bill to whoever may see it, and to nobody else.
 */
export async function keepInvoice(
  sql: Sql,
  tenant: string,
  bill: Bill,
): Promise<{ readonly by: string | undefined } | undefined> {
  await sql.query('delete from invoices where tenant_id = $1 and bill_id = $2', [tenant, bill.id])
  if (!bill.invoice) return undefined
  const { number, code = '' } = bill.invoice
  const kept = await sql.query(
    'insert into invoices (tenant_id, number, code, bill_id) values ($1, $2, $3, $4) on conflict do nothing returning 1',
    [tenant, number, code, bill.id],
  )
  if (kept.length > 0) return undefined
  const [row] = await sql.query<{ bill: string }>(
    'select bill_id as bill from invoices where tenant_id = $1 and number = $2 and code = $3',
    [tenant, number, code],
  )
  return { by: row?.bill }
}

/** Adds a bill; false where the tenant already has one of this number. */
/** Adds bills, and answers with the numbers of those that were not there yet. */
export async function insertBills(
  sql: Sql,
  tenant: string,
  bills: readonly Bill[],
): Promise<Set<string>> {
  const rows = await sql.query<{ id: string }>(
    `insert into bills (tenant_id, id, person_id, settled_on, body)
     select $1, g.* from unnest($2::text[], $3::text[], $4::date[], $5::jsonb[]) as g on conflict do nothing returning id`,
    [
      tenant,
      bills.map(({ id }) => id),
      bills.map(({ person }) => person),
      bills.map(({ settled }) => settled),
      bills.map((bill) => JSON.stringify(bill)),
    ],
  )
  return new Set(rows.map(({ id }) => id))
}

export async function findBill(sql: Sql, tenant: string, id: string): Promise<BillRow | undefined> {
  const [row] = await sql.query<{ body: Bill; state: BillState; heldBy: string | null }>(
    'select body, state, case_id as "heldBy" from bills where tenant_id = $1 and id = $2',
    [tenant, id],
  )
  return row && { bill: wholeBill(row.body), state: row.state, heldBy: row.heldBy }
}

export type InstitutionBill = BillSummary & {
  readonly person: string
  readonly name: string | null
  readonly institution: string
}

/** The bills that name an institution and that whoever asks may see, newest first. */
export async function listInstitutionBills(
  sql: Sql,
  tenant: string,
  limit: number,
): Promise<InstitutionBill[]> {
  return sql.query(
    `select b.id, b.person_id as person, p.name, b.institution_id as institution,
            b.body->>'admitted' as admitted, b.body->>'discharged' as discharged,
            b.body->>'settled' as settled, (b.body->>'total')::bigint as total,
            b.body->'attributes'->>'medical' as medical, b.body->'attributes'->>'level' as level, b.state,
            b.case_id as "case",
            (select s.id from settlements s where s.tenant_id = b.tenant_id and s.bill_id = b.id
              order by s.sequence desc limit 1) as settlement
       from bills b join persons p on p.tenant_id = b.tenant_id and p.id = b.person_id
      where b.tenant_id = $1 and b.institution_id is not null
      order by b.settled_on desc, b.id limit $2`,
    [tenant, limit],
  )
}

export type MonthFigures = {
  readonly month: string
  readonly settlements: number
  readonly persons: number
  readonly total: number
  readonly patient: number
}

/** What was settled in each month and stands, newest first. */
export async function monthFigures(sql: Sql, tenant: string): Promise<MonthFigures[]> {
  return sql.query(
    `select to_char(b.settled_on, 'YYYY-MM') as month, count(*) as settlements, count(distinct s.person_id) as persons,
            sum(s.total)::bigint as total, sum(s.patient)::bigint as patient
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.state = 'settled' group by 1 order by 1 desc limit 36`,
    [tenant],
  )
}

/** The newest bills, to try rules out on. */
export async function sampleBills(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    'select id from bills where tenant_id = $1 order by settled_on desc, id limit 50',
    [tenant],
  )
  return rows.map(({ id }) => id)
}

export type PersonSummary = {
  readonly id: string
  readonly nameSealed: Buffer | null
  readonly person: Person
  readonly bills: number
  readonly settled: number
}

/**
 * How a number begins or, by its digest, a whole name; a scheme or product that they hold or once held; after which
 * number; and how many at most.
 */
export type PersonsAsked = {
  readonly q: string
  readonly nameDigest: Buffer
  readonly scheme: string | undefined
  readonly after: string
  readonly limit: number
}

/** The persons asked for, in the order of their numbers. */
export async function listPersons(
  sql: Sql,
  tenant: string,
  { q, nameDigest, scheme, after, limit }: PersonsAsked,
): Promise<PersonSummary[]> {
  return sql.query(
    `select p.id, p.name_sealed as "nameSealed", p.body as person,
            (select count(*) from bills b where b.tenant_id = p.tenant_id and b.person_id = p.id) as bills,
            (select count(*) from bills b where b.tenant_id = p.tenant_id and b.person_id = p.id and b.state = 'settled') as settled
       from persons p
      where p.tenant_id = $1 and p.id > $6 and (p.id ilike $2 or p.name_digest = $5)
        and ($4::text is null or p.body->'covers' @> jsonb_build_array(jsonb_build_object('scheme', $4::text)))
      order by p.id limit $3`,
    [tenant, `${q.replace(/[\\%_]/g, '\\$&')}%`, limit, scheme ?? null, nameDigest, after],
  )
}

export type BillSummary = {
  readonly id: string
  readonly admitted: string
  readonly discharged: string
  readonly settled: string
  readonly total: number
  readonly medical: string | null
  readonly level: string | null
  readonly state: BillState
  readonly settlement: string | null
  /** The case that holds it. */
  readonly case: string | null
}

/** A person's bills in the order in which they are settled. */
export async function listBills(sql: Sql, tenant: string, person: string): Promise<BillSummary[]> {
  return sql.query(
    `select b.id, b.body->>'admitted' as admitted, b.body->>'discharged' as discharged,
            b.body->>'settled' as settled, (b.body->>'total')::bigint as total,
            b.body->'attributes'->>'medical' as medical, b.body->'attributes'->>'level' as level,
            b.state, b.case_id as "case",
            (select s.id from settlements s where s.tenant_id = b.tenant_id and s.bill_id = b.id
              order by s.sequence desc limit 1) as settlement
       from bills b where b.tenant_id = $1 and b.person_id = $2
      order by b.settled_on, b.body->>'admitted', b.created_at, b.id`,
    [tenant, person],
  )
}

/** The numbers of a person's bills and settlements. */
export async function numbersOf(sql: Sql, tenant: string, person: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select id from bills where tenant_id = $1 and person_id = $2
     union all select id::text from settlements where tenant_id = $1 and person_id = $2`,
    [tenant, person],
  )
  return rows.map(({ id }) => id)
}

// --- rule books and drafts ---------------------------------------------------------------------

export async function latestVersion(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ version: number | null }>(
    'select max(version) as version from rulebooks where tenant_id = $1',
    [tenant],
  )
  return row?.version ?? 0
}

const RULEBOOK = `version, hash, files, note, author, publisher,
  to_char(published_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as "publishedAt"`

export async function findRulebook(
  sql: Sql,
  tenant: string,
  version: number,
): Promise<RulebookRow | undefined> {
  const [row] = await sql.query<RulebookRow>(
    `select ${RULEBOOK} from rulebooks where tenant_id = $1 and version = $2`,
    [tenant, version],
  )
  return row
}

export async function insertRulebook(
  sql: Sql,
  tenant: string,
  book: Omit<RulebookRow, 'publishedAt'>,
): Promise<void> {
  await sql.query(
    `insert into rulebooks (tenant_id, version, hash, files, note, author, publisher)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tenant,
      book.version,
      book.hash,
      JSON.stringify(book.files),
      book.note,
      book.author,
      book.publisher,
    ],
  )
}

const DRAFT = `id, name, files, base_version as "baseVersion", author, state, revision,
  to_char(changed_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as "changedAt",
  to_char(created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as "createdAt"`

export async function listDrafts(sql: Sql, tenant: string): Promise<DraftRow[]> {
  return sql.query(`select ${DRAFT} from drafts where tenant_id = $1 order by created_at desc`, [
    tenant,
  ])
}

export async function findDraft(
  sql: Sql,
  tenant: string,
  id: string,
  lock: '' | 'for update' = '',
): Promise<DraftRow | undefined> {
  const [row] = await sql.query<DraftRow>(
    `select ${DRAFT} from drafts where tenant_id = $1 and id = $2 ${lock}`,
    [tenant, id],
  )
  return row
}

export async function insertDraft(
  sql: Sql,
  tenant: string,
  draft: Pick<DraftRow, 'name' | 'files' | 'baseVersion' | 'author'>,
): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    'insert into drafts (tenant_id, name, files, base_version, author) values ($1, $2, $3, $4, $5) returning id',
    [tenant, draft.name, JSON.stringify(draft.files), draft.baseVersion, draft.author],
  )
  return row?.id ?? ''
}

export async function updateDraft(
  sql: Sql,
  tenant: string,
  id: string,
  { name, files }: Pick<DraftRow, 'name' | 'files'>,
): Promise<void> {
  await sql.query(
    `update drafts set name = $3, files = $4, revision = revision + 1, changed_at = now()
      where tenant_id = $1 and id = $2`,
    [tenant, id, name, JSON.stringify(files)],
  )
}

export async function markPublished(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query(`update drafts set state = 'published' where tenant_id = $1 and id = $2`, [
    tenant,
    id,
  ])
}

/** Records that somebody looked at or changed something. Throws where it cannot be written. */
export async function logAccess(
  sql: Sql,
  tenant: string,
  user: string,
  action: string,
  subject: string,
): Promise<void> {
  await sql.query(
    'insert into access_log (tenant_id, user_name, action, subject) values ($1, $2, $3, $4)',
    [tenant, user, action, subject],
  )
}
