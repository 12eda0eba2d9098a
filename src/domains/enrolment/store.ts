import assert from 'node:assert/strict'
import type { PlainDate } from '#base/plain-date.ts'
import type { Person } from '#domains/settlement/index.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { KeptName } from '#platform/person-name.ts'
import type {
  AccountUse,
  Condition,
  Evidence,
  Insured,
  Membership,
  Repair,
  Sex,
  Site,
  Status,
  Work,
} from './types.ts'

/** A person's row with everything that enrolment keeps of them. */
export type PersonRow = {
  readonly id: string
  readonly nameSealed: Buffer | null
  readonly body: Person
  readonly enrolled: boolean
  readonly sex: Sex | null
  readonly died: PlainDate | null
  readonly mergedInto: string | null
  readonly idSealed: Buffer | null
  readonly totals: Readonly<Record<string, number>>
  readonly settlements: number
  readonly memberships: readonly Nullable<Membership>[]
  readonly statuses: readonly Nullable<Status>[]
  readonly repairs: readonly Repair[]
  readonly conditions: readonly Condition[]
}

/** JSON of the database says null where the program says undefined. */
type Nullable<T> = { readonly [K in keyof T]: undefined extends T[K] ? T[K] | null : T[K] }

const MEMBERSHIPS = `coalesce((select jsonb_agg(jsonb_build_object('scheme', m.scheme, 'from', m.from_day, 'until', m.until_day,
    'enrolledOn', m.enrolled_on, 'answers', m.answers, 'employer', m.employer_id, 'newborn', m.newborn) order by m.from_day, m.scheme)
  from memberships m where m.tenant_id = p.tenant_id and m.person_id = p.id), '[]') as memberships`
const STATUSES = `coalesce((select jsonb_agg(jsonb_build_object('attribute', s.attribute, 'from', s.from_day, 'until', s.until_day,
    'value', s.value) order by s.from_day, s.attribute)
  from statuses s where s.tenant_id = p.tenant_id and s.person_id = p.id), '[]') as statuses`
const REPAIRS = `coalesce((select jsonb_agg(jsonb_build_object('scheme', r.scheme, 'from', r.from_day, 'until', r.until_day,
    'paidOn', r.paid_on) order by r.from_day)
  from repairs r where r.tenant_id = p.tenant_id and r.person_id = p.id), '[]') as repairs`
const CONDITIONS = `coalesce((select jsonb_agg(jsonb_build_object('disease', c.disease, 'since', c.since, 'state', c.state)
    order by c.since, c.disease)
  from conditions c where c.tenant_id = p.tenant_id and c.person_id = p.id), '[]') as conditions`
const PERSON = `p.id, p.name_sealed as "nameSealed", p.body, p.enrolled, p.sex, p.died_on as died, p.merged_into as "mergedInto",
  p.id_sealed as "idSealed", p.totals, p.settlements, ${MEMBERSHIPS}, ${STATUSES}, ${REPAIRS}, ${CONDITIONS}`

/**
 * One person, with the row locked: every other change of the person, and every settlement, waits. The lock
 * comes first and by itself: a statement that waits for it would read memberships as they were before.
 */
export async function lockPerson(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<PersonRow | undefined> {
  await sql.query('select 1 from persons where tenant_id = $1 and id = $2 for update', [tenant, id])
  return findPerson(sql, tenant, id)
}

export async function findPerson(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<PersonRow | undefined> {
  const [row] = await sql.query<PersonRow>(
    `select ${PERSON} from persons p where p.tenant_id = $1 and p.id = $2`,
    [tenant, id],
  )
  return row
}

/** What a settlement reads of a person, and nothing else. */
export async function findBody(sql: Sql, tenant: string, id: string): Promise<Person | undefined> {
  const [row] = await sql.query<{ body: Person }>(
    'select body from persons where tenant_id = $1 and id = $2',
    [tenant, id],
  )
  return row?.body
}

export async function findByIdNumber(
  sql: Sql,
  tenant: string,
  digest: Buffer,
): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>(
    'select id from persons where tenant_id = $1 and id_digest = $2',
    [tenant, digest],
  )
  return row?.id
}

/** A number for a person who comes without one. */
export async function nextPersonNumber(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ n: number }>(`select nextval('person_numbers') as n`)
  return `P${String(row?.n).padStart(10, '0')}`
}

/** Adds a person; false where the number is taken. */
export async function insertPerson(
  sql: Sql,
  tenant: string,
  person: {
    readonly body: Person
    readonly name: KeptName
    readonly sex: Sex
    readonly idSealed: Buffer | undefined
    readonly idDigest: Buffer | undefined
  },
): Promise<boolean> {
  const { body, name, sex, idSealed, idDigest } = person
  const rows = await sql.query(
    `insert into persons (tenant_id, id, name_sealed, name_digest, body, enrolled, sex, id_sealed, id_digest)
     values ($1, $2, $3, $4, $5, true, $6, $7, $8) on conflict (tenant_id, id) do nothing returning id`,
    [
      tenant,
      body.id,
      name.sealed,
      name.digest,
      JSON.stringify(body),
      sex,
      idSealed ?? null,
      idDigest ?? null,
    ],
  )
  return rows.length > 0
}

export async function setIdNumber(
  sql: Sql,
  tenant: string,
  id: string,
  { sex, sealed, digest }: { readonly sex: Sex; readonly sealed: Buffer; readonly digest: Buffer },
): Promise<void> {
  await sql.query(
    'update persons set id_sealed = $3, id_digest = $4, sex = $5 where tenant_id = $1 and id = $2',
    [tenant, id, sealed, digest, sex],
  )
}

/** Writes everything that decides who covers a person, and the body that settlements read. */
export async function saveInsured(
  sql: Sql,
  tenant: string,
  insured: Insured,
  body: Person,
): Promise<void> {
  const { id, died } = insured
  await sql.query(
    `update persons set body = $3, died_on = $4, enrolled = true where tenant_id = $1 and id = $2`,
    [tenant, id, JSON.stringify(body), died ?? null],
  )
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (scheme text, "from" date, until date, "enrolledOn" date, answers jsonb, employer text, newborn boolean)
     ), gone as (
       delete from memberships m where m.tenant_id = $1 and m.person_id = $2
          and not exists (select 1 from given g where g.scheme = m.scheme and g."from" = m.from_day)
     )
     insert into memberships (tenant_id, person_id, scheme, from_day, until_day, enrolled_on, answers, employer_id, newborn)
     select $1, $2, scheme, "from", until, "enrolledOn", answers, employer, coalesce(newborn, false) from given
     on conflict (tenant_id, person_id, scheme, from_day) do update
       set until_day = excluded.until_day, enrolled_on = excluded.enrolled_on, answers = excluded.answers,
           employer_id = excluded.employer_id, newborn = excluded.newborn`,
    [tenant, id, JSON.stringify(insured.memberships)],
  )
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (attribute text, "from" date, until date, value text)
     ), gone as (
       delete from statuses s where s.tenant_id = $1 and s.person_id = $2
          and not exists (select 1 from given g where g.attribute = s.attribute and g."from" = s.from_day)
     )
     insert into statuses (tenant_id, person_id, attribute, from_day, until_day, value)
     select $1, $2, attribute, "from", until, value from given
     on conflict (tenant_id, person_id, attribute, from_day) do update
       set until_day = excluded.until_day, value = excluded.value`,
    [tenant, id, JSON.stringify(insured.statuses)],
  )
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (scheme text, "from" date, until date, "paidOn" date)
     ), gone as (
       delete from repairs r where r.tenant_id = $1 and r.person_id = $2
          and not exists (select 1 from given g where g.scheme = r.scheme and g."from" = r.from_day)
     )
     insert into repairs (tenant_id, person_id, scheme, from_day, until_day, paid_on)
     select $1, $2, scheme, "from", until, "paidOn" from given
     on conflict do nothing`,
    [tenant, id, JSON.stringify(insured.repairs)],
  )
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($3) as g (disease text, since date, state text)
     ), gone as (
       delete from conditions c where c.tenant_id = $1 and c.person_id = $2
          and not exists (select 1 from given g where g.disease = c.disease)
     )
     insert into conditions (tenant_id, person_id, disease, since, state)
     select $1, $2, disease, since, state from given
     on conflict (tenant_id, person_id, disease) do update set since = excluded.since, state = excluded.state`,
    [tenant, id, JSON.stringify(insured.conditions)],
  )
}

// --- registrations and certificates ---------------------------------------------------------------

/** What stands behind a registration or certificate: it is named as the person's body names it. */
export type FilingRow = Evidence & {
  readonly what: 'registration' | 'certificate'
  readonly kind: string
  readonly subject: string
  readonly from: PlainDate
}

export async function listFilings(sql: Sql, tenant: string, person: string): Promise<FilingRow[]> {
  return sql.query(
    `select what, kind, subject, from_day as "from", document, source from filings
      where tenant_id = $1 and person_id = $2`,
    [tenant, person],
  )
}

export async function saveFiling(
  sql: Sql,
  tenant: string,
  person: string,
  { what, kind, subject, from, document, source }: FilingRow,
): Promise<void> {
  await sql.query(
    `insert into filings (tenant_id, person_id, what, kind, subject, from_day, document, source)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (tenant_id, person_id, what, kind, subject, from_day) do update
       set document = excluded.document, source = excluded.source`,
    [tenant, person, what, kind, subject, from, document, source],
  )
}

/** The evidence goes along with what it stands behind. The other file keeps its own. */
export async function copyFilings(
  sql: Sql,
  tenant: string,
  from: string,
  into: string,
): Promise<void> {
  await sql.query(
    `insert into filings (tenant_id, person_id, what, kind, subject, from_day, document, source)
     select tenant_id, $3, what, kind, subject, from_day, document, source from filings
      where tenant_id = $1 and person_id = $2
     on conflict do nothing`,
    [tenant, from, into],
  )
}

// --- what changed, and who looked ----------------------------------------------------------------

export async function insertChange(
  sql: Sql,
  tenant: string,
  entry: {
    readonly person: string
    readonly user: string
    readonly change: string
    readonly facts: object
    readonly reason: string | undefined
  },
): Promise<void> {
  await sql.query(
    `insert into person_changes (tenant_id, person_id, user_name, change, facts, reason) values ($1, $2, $3, $4, $5, $6)`,
    [
      tenant,
      entry.person,
      entry.user,
      entry.change,
      JSON.stringify(entry.facts),
      entry.reason ?? null,
    ],
  )
}

export type ChangeRow = {
  readonly at: string
  readonly user: string
  readonly change: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly reason: string | null
}

/** The newest changes first. An import is one change of each person in it, and says who and from which file. */
export async function listChanges(
  sql: Sql,
  tenant: string,
  person: string,
  limit: number,
): Promise<ChangeRow[]> {
  return sql.query(
    `select ${MOMENT('at')} as at, "user", change, facts, reason from (
       (select at, id, user_name as "user", change, facts, reason from person_changes
         where tenant_id = $1 and person_id = $2 order by id desc limit $3)
       union all
       select p.at, null, i.author, 'import', jsonb_build_object('import', i.id, 'file', i.name), null
         from person_imports p join imports i on i.tenant_id = p.tenant_id and i.id = p.import_id
        where p.tenant_id = $1 and p.person_id = $2
     ) as c order by c.at desc, id desc limit $3`,
    [tenant, person, limit],
  )
}

/** Diseases that a person's earlier bills name, each with the day it first did. */
export async function diseasesInBills(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<{ readonly disease: string; readonly since: PlainDate }[]> {
  return sql.query(
    `select body->'attributes'->>'disease' as disease, min(body->>'discharged') as since from bills
      where tenant_id = $1 and person_id = $2 and body->'attributes'->>'disease' is not null
      group by 1 order by 2, 1`,
    [tenant, person],
  )
}

// --- accounts ------------------------------------------------------------------------------------

export type AccountEntry = {
  readonly account: 'personal' | 'family'
  readonly kind: string
  readonly amount: number
  readonly on: PlainDate
  readonly purpose: string | null | undefined
  readonly counterpart: string | null | undefined
  readonly reference: string
  readonly user: string
}

/**
 * Changes a balance among the person's totals, with the entry that says why, and gives the number of that. The row is
 * locked already.
 */
export async function moveAccount(
  sql: Sql,
  tenant: string,
  person: string,
  total: string,
  entry: AccountEntry,
): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    `with moved as (
       update persons set totals = totals || jsonb_build_object($3::text, coalesce((totals->>$3)::bigint, 0) + $4::bigint),
              latest_entry = greatest(latest_entry, $7::date)
        where tenant_id = $1 and id = $2 returning (totals->>$3)::bigint as balance
     )
     insert into account_entries (tenant_id, person_id, account, kind, amount, balance, on_day, purpose, counterpart, reference, user_name)
     select $1, $2, $5, $6, $4, balance, $7, $8, $9, $10, $11 from moved returning id`,
    [
      tenant,
      person,
      total,
      entry.amount,
      entry.account,
      entry.kind,
      entry.on,
      entry.purpose ?? null,
      entry.counterpart ?? null,
      entry.reference,
      entry.user,
    ],
  )
  assert(row, `${person} is kept`)
  return row.id
}

/** What is in an account now. */
export async function balanceOf(
  sql: Sql,
  tenant: string,
  person: string,
  total: string,
): Promise<number> {
  const [row] = await sql.query<{ balance: number }>(
    'select coalesce((totals->>$3)::bigint, 0) as balance from persons where tenant_id = $1 and id = $2',
    [tenant, person, total],
  )
  return row?.balance ?? 0
}

/** The newest entries first. */
export async function listAccount(
  sql: Sql,
  tenant: string,
  person: string,
  limit: number,
): Promise<(AccountEntry & { readonly balance: number })[]> {
  return sql.query(
    `select account, kind, amount, balance, on_day as "on", purpose, counterpart, reference, user_name as "user"
       from account_entries where tenant_id = $1 and person_id = $2 order by id desc limit $3`,
    [tenant, person, limit],
  )
}

export async function listAccountUses(sql: Sql, tenant: string): Promise<AccountUse[]> {
  return sql.query(
    `select purpose, from_day as "from", permitted, source, article from account_uses where tenant_id = $1
      order by purpose, from_day`,
    [tenant],
  )
}

export async function saveAccountUse(
  sql: Sql,
  tenant: string,
  { purpose, from, permitted, source, article }: AccountUse,
  author: string,
): Promise<void> {
  await sql.query(
    `insert into account_uses (tenant_id, purpose, from_day, permitted, source, article, author) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant_id, purpose, from_day) do update
       set permitted = excluded.permitted, source = excluded.source, article = excluded.article, author = excluded.author`,
    [tenant, purpose, from, permitted, source, article, author],
  )
}

// --- families ------------------------------------------------------------------------------------

export type FamilyRow = {
  readonly owner: string
  readonly member: string
  readonly relation: string
  readonly from: PlainDate
  readonly until: PlainDate | null
}

/** The links in which a person shares an account, as its owner or as a member. */
export async function listFamily(sql: Sql, tenant: string, person: string): Promise<FamilyRow[]> {
  return sql.query(
    `select owner_id as owner, member_id as member, relation, from_day as "from", until_day as until
       from families where tenant_id = $1 and (owner_id = $2 or member_id = $2)
      order by from_day, owner_id, member_id`,
    [tenant, person],
  )
}

/** Adds a link, or sets the last day of the one that begins on the same day. */
export async function saveFamily(sql: Sql, tenant: string, link: FamilyRow): Promise<void> {
  await sql.query(
    `insert into families (tenant_id, owner_id, member_id, relation, from_day, until_day)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, owner_id, member_id, from_day) do update
       set relation = excluded.relation, until_day = excluded.until_day`,
    [tenant, link.owner, link.member, link.relation, link.from, link.until],
  )
}

// --- employers and rosters -----------------------------------------------------------------------

export type RosterRow = {
  readonly employer: string
  readonly employerName: string
  readonly from: PlainDate
  readonly until: PlainDate | null
}

/** Where a person works and has worked. */
export async function rosterOf(sql: Sql, tenant: string, person: string): Promise<RosterRow[]> {
  return sql.query(
    `select r.employer_id as employer, e.name as "employerName", r.from_day as "from", r.until_day as until
       from rosters r join employers e on e.tenant_id = r.tenant_id and e.id = r.employer_id
      where r.tenant_id = $1 and r.person_id = $2 order by r.from_day`,
    [tenant, person],
  )
}

export async function employerExists(sql: Sql, tenant: string, id: string): Promise<boolean> {
  const rows = await sql.query('select 1 from employers where tenant_id = $1 and id = $2', [
    tenant,
    id,
  ])
  return rows.length > 0
}

// --- sites ---------------------------------------------------------------------------------------

/** A site, locked: two workers are never named at once, so the headcount holds. */
export async function lockSite(sql: Sql, tenant: string, id: string): Promise<Site | undefined> {
  const [row] = await sql.query<Nullable<Site>>(
    `select id, name, employer_id as employer, scheme, from_day as "from", until_day as until, headcount, area_m2 as "areaM2"
       from sites where tenant_id = $1 and id = $2 for update`,
    [tenant, id],
  )
  return row && { ...row, headcount: row.headcount ?? undefined, areaM2: row.areaM2 ?? undefined }
}

export async function siteWorkers(sql: Sql, tenant: string, site: string): Promise<Work[]> {
  return sql.query(
    `select person_id as person, from_day as "from", until_day as until from site_workers
      where tenant_id = $1 and site_id = $2 order by from_day, person_id`,
    [tenant, site],
  )
}

export async function insertSiteWorker(
  sql: Sql,
  tenant: string,
  site: string,
  { person, from, until }: Work,
): Promise<void> {
  await sql.query(
    'insert into site_workers (tenant_id, site_id, person_id, from_day, until_day) values ($1, $2, $3, $4, $5)',
    [tenant, site, person, from, until],
  )
}

/** The sites at which a person was named, and when. */
export async function sitesOf(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<
  {
    readonly site: string
    readonly name: string
    readonly employer: string
    readonly from: PlainDate
    readonly until: PlainDate
  }[]
> {
  return sql.query(
    `select s.id as site, s.name, s.employer_id as employer, w.from_day as "from", w.until_day as until
       from site_workers w join sites s on s.tenant_id = w.tenant_id and s.id = w.site_id
      where w.tenant_id = $1 and w.person_id = $2 order by w.from_day`,
    [tenant, person],
  )
}

// --- premiums ------------------------------------------------------------------------------------

export type PremiumRow = {
  readonly scheme: string
  readonly from: PlainDate
  readonly payer: string
  readonly due: number
  readonly collected: number
  readonly refunded: number
}

export async function listPremiums(
  sql: Sql,
  tenant: string,
  person: string,
): Promise<PremiumRow[]> {
  return sql.query(
    `select scheme, from_day as "from", payer, due, collected, refunded from premiums
      where tenant_id = $1 and person_id = $2 order by from_day, scheme, payer`,
    [tenant, person],
  )
}

export async function savePremium(
  sql: Sql,
  tenant: string,
  person: string,
  premium: PremiumRow,
): Promise<void> {
  const { scheme, from, payer, due, collected, refunded } = premium
  await sql.query(
    `insert into premiums (tenant_id, person_id, scheme, from_day, payer, due, collected, refunded)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (tenant_id, person_id, scheme, from_day, payer) do update
       set due = excluded.due, collected = excluded.collected, refunded = excluded.refunded`,
    [tenant, person, scheme, from, payer, due, collected, refunded],
  )
}

// --- merges --------------------------------------------------------------------------------------

/** Which rows moved from one file to the other, by what names them. */
export type Moved = {
  readonly bills: readonly string[]
  readonly settlements: readonly string[]
  readonly entries: readonly number[]
}

/** A person's row as a merge found it. */
export type Snapshot = {
  readonly body: Person
  readonly insured: Insured
  readonly totals: Readonly<Record<string, number>>
  readonly settlements: number
  readonly sex: Sex | null
}

export type MergeRecord = {
  readonly from: Snapshot
  readonly into: Snapshot
  readonly became: Pick<Snapshot, 'body' | 'totals' | 'settlements'>
  readonly moved: Moved
  readonly premiums: readonly PremiumRow[]
  /** Whether the id-card number came from the file that was merged away. */
  readonly idMoved: boolean
}

/** Gives some bills to the person $3, and the cases about them. */
const moveBills = (which: string): string => `with moved as (
    update bills set person_id = $3, body = jsonb_set(body, '{person}', to_jsonb($3::text))
     where tenant_id = $1 and ${which} returning id
  ), cased as (
    update cases set person_id = $3 where tenant_id = $1 and bill_id in (select id from moved)
  ) select id from moved`

/** Moves everything that names a person, and answers with what it was. Sequences go on after the other's. */
export async function moveRows(
  sql: Sql,
  tenant: string,
  from: string,
  into: string,
  sequences: number,
): Promise<Moved> {
  const settlements = await sql.query<{ id: string }>(
    `update settlements set person_id = $3, sequence = sequence + $4 where tenant_id = $1 and person_id = $2 returning id`,
    [tenant, from, into, sequences],
  )
  const bills = await sql.query<{ id: string }>(moveBills('person_id = $2'), [tenant, from, into])
  const entries = await sql.query<{ id: number }>(
    'update account_entries set person_id = $3 where tenant_id = $1 and person_id = $2 returning id',
    [tenant, from, into],
  )
  // What was there before their first bills, and what is late from now on, go together as the totals do.
  await sql.query(
    `with other as (
       select latest_bill, latest_entry, rules_since from persons where tenant_id = $1 and id = $2
     )
     update persons p set latest_bill = greatest(p.latest_bill, o.latest_bill),
            latest_entry = greatest(p.latest_entry, o.latest_entry), rules_since = greatest(p.rules_since, o.rules_since)
       from other o where p.tenant_id = $1 and p.id = $3`,
    [tenant, from, into],
  )
  await sql.query(
    `insert into opening_totals as o (tenant_id, person_id, totals)
     select tenant_id, $3, totals from opening_totals where tenant_id = $1 and person_id = $2
     on conflict (tenant_id, person_id) do update set totals = (
       select jsonb_object_agg(key, value) from (
         select key, sum(value::bigint) as value from (
           select * from jsonb_each_text(o.totals) union all select * from jsonb_each_text(excluded.totals)
         ) as both_totals group by key
       ) as summed)`,
    [tenant, from, into],
  )
  return {
    settlements: settlements.map(({ id }) => id),
    bills: bills.map(({ id }) => id),
    entries: entries.map(({ id }) => id),
  }
}

/** Moves back exactly those rows, and takes what the other file had opened with out of the one that was kept. */
export async function moveRowsBack(
  sql: Sql,
  tenant: string,
  { settlements, bills, entries }: Moved,
  { from: person, into }: Record<'from' | 'into', string>,
  sequences: number,
): Promise<void> {
  await sql.query(
    'update settlements set person_id = $3, sequence = sequence - $4 where tenant_id = $1 and id = any($2::uuid[])',
    [tenant, settlements, person, sequences],
  )
  await sql.query(moveBills('id = any($2)'), [tenant, bills, person])
  await sql.query(
    'update account_entries set person_id = $3 where tenant_id = $1 and id = any($2::bigint[])',
    [tenant, entries, person],
  )
  await sql.query(
    `update opening_totals o set totals = (
       select coalesce(jsonb_object_agg(k.key, k.value::bigint - coalesce((f.totals->>k.key)::bigint, 0)), '{}')
         from jsonb_each_text(o.totals) as k
        where k.value::bigint <> coalesce((f.totals->>k.key)::bigint, 0))
       from opening_totals f
      where o.tenant_id = $1 and o.person_id = $3 and f.tenant_id = $1 and f.person_id = $2`,
    [tenant, person, into],
  )
}

/** Bills of the person wait to be settled again. */
export async function queueReplay(
  sql: Sql,
  tenant: string,
  person: string,
  change: string,
): Promise<void> {
  await sql.query(
    `insert into replays_due (tenant_id, person_id, cause)
     values ($1, $2, jsonb_build_object('kind', 'person', 'change', $3::text)) on conflict do nothing`,
    [tenant, person, change],
  )
}

/** Sets what a merge, or its undoing, makes of a row besides who covers the person. */
export async function setMerged(
  sql: Sql,
  tenant: string,
  id: string,
  row: Pick<Snapshot, 'totals' | 'settlements' | 'sex'> & { readonly mergedInto: string | null },
): Promise<void> {
  await sql.query(
    'update persons set totals = $3, settlements = $4, sex = $5, merged_into = $6 where tenant_id = $1 and id = $2',
    [tenant, id, JSON.stringify(row.totals), row.settlements, row.sex, row.mergedInto],
  )
}

/** Hands an id-card number on: nobody else may have it meanwhile. */
export async function moveIdNumber(
  sql: Sql,
  tenant: string,
  from: string,
  into: string,
): Promise<void> {
  const [held] = await sql.query<{ sealed: Buffer | null; digest: Buffer | null }>(
    'select id_sealed as sealed, id_digest as digest from persons where tenant_id = $1 and id = $2',
    [tenant, from],
  )
  await sql.query(
    'update persons set id_sealed = null, id_digest = null where tenant_id = $1 and id = $2',
    [tenant, from],
  )
  await sql.query(
    'update persons set id_sealed = $3, id_digest = $4 where tenant_id = $1 and id = $2',
    [tenant, into, held?.sealed ?? null, held?.digest ?? null],
  )
}

export async function deletePremiums(sql: Sql, tenant: string, person: string): Promise<void> {
  await sql.query('delete from premiums where tenant_id = $1 and person_id = $2', [tenant, person])
}

export async function insertMerge(
  sql: Sql,
  tenant: string,
  merge: {
    readonly from: string
    readonly into: string
    readonly reason: string
    readonly user: string
    readonly record: MergeRecord
  },
): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `insert into merges (tenant_id, from_id, into_id, reason, user_name, record) values ($1, $2, $3, $4, $5, $6) returning id`,
    [tenant, merge.from, merge.into, merge.reason, merge.user, JSON.stringify(merge.record)],
  )
  return row?.id ?? ''
}

export async function findMerge(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<
  | {
      readonly from: string
      readonly into: string
      readonly undone: boolean
      readonly record: MergeRecord
    }
  | undefined
> {
  const [row] = await sql.query<{
    from: string
    into: string
    undone: boolean
    record: MergeRecord
  }>(
    `select from_id as "from", into_id as "into", undone_at is not null as undone, record from merges
      where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

export type MergeRow = {
  readonly id: string
  readonly from: string
  readonly into: string
  readonly at: string
  readonly user: string
  readonly reason: string
  readonly undoneBy: string | null
}

/** The merges of a person, on either side, newest first. */
export async function listMerges(sql: Sql, tenant: string, person: string): Promise<MergeRow[]> {
  return sql.query(
    `select id, from_id as "from", into_id as "into", ${MOMENT('at')} as at, user_name as "user", reason, undone_by as "undoneBy"
       from merges m where tenant_id = $1 and (from_id = $2 or into_id = $2) order by m.at desc`,
    [tenant, person],
  )
}

export async function markUndone(
  sql: Sql,
  tenant: string,
  id: string,
  user: string,
): Promise<void> {
  await sql.query(
    'update merges set undone_at = now(), undone_by = $3 where tenant_id = $1 and id = $2',
    [tenant, id, user],
  )
}
