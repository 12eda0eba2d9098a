import type { PlainDate } from '#base/plain-date.ts'
import type { Person } from '#domains/settlement/index.ts'
import { copyLine, type Sql, type Transaction } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { KeptName } from '#platform/person-name.ts'
import type { CellFault, Condition, Membership, Repair, Status } from './types.ts'

export type ImportMode = 'check' | 'good' | 'all'
export type ImportPass = 'read' | 'check' | 'apply'

export type ImportRecord = {
  readonly id: string
  readonly name: string
  readonly author: string
  readonly createdAt: string
  readonly finishedAt: string | null
  readonly state: 'receiving' | 'received' | 'running' | 'stopped' | 'checked' | 'done' | 'failed'
  readonly mode: ImportMode | null
  readonly bytes: number
  readonly rowsRead: number
  readonly rowsTotal: number | null
  readonly failure: { readonly code: string; readonly facts: Record<string, unknown> } | null
  /** The last import of the very same file that was carried out before. */
  readonly sameAs: {
    readonly id: string
    readonly name: string
    readonly finishedAt: string
  } | null
  readonly lanes: readonly LaneRow[]
  readonly faults: number
}

export type LaneRow = {
  readonly pass: 'check' | 'apply'
  readonly lane: number
  readonly personsNew: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: number
}

const IMPORT = `i.id, i.name, i.author, ${MOMENT('i.created_at')} as "createdAt", ${MOMENT('i.finished_at')} as "finishedAt",
  i.state, i.mode, i.bytes, i.rows_read as "rowsRead", i.rows_total as "rowsTotal", i.failure,
  coalesce((select jsonb_agg(jsonb_build_object('pass', l.pass, 'lane', l.lane, 'personsNew', l.persons_new,
      'added', l.added, 'changed', l.changed, 'unchanged', l.unchanged, 'refused', l.refused) order by l.pass, l.lane)
    from import_lanes l where l.tenant_id = i.tenant_id and l.import_id = i.id), '[]') as lanes,
  (select jsonb_build_object('id', o.id, 'name', o.name, 'finishedAt', ${MOMENT('o.finished_at')})
    from imports o where o.tenant_id = i.tenant_id and o.sha256 = i.sha256 and o.state = 'done' and o.created_at < i.created_at
    order by o.created_at desc limit 1) as "sameAs",
  (select count(distinct f.line) from import_faults f where f.tenant_id = i.tenant_id and f.import_id = i.id) as faults`

export async function findImport(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<ImportRecord | undefined> {
  const [row] = await sql.query<ImportRecord>(
    `select ${IMPORT} from imports i where i.tenant_id = $1 and i.id = $2`,
    [tenant, id],
  )
  return row
}

export async function listImports(
  sql: Sql,
  tenant: string,
  limit: number,
): Promise<ImportRecord[]> {
  return sql.query(
    `select ${IMPORT} from imports i where i.tenant_id = $1 and i.state <> 'receiving'
      order by i.created_at desc limit $2`,
    [tenant, limit],
  )
}

// --- receiving -----------------------------------------------------------------------------------

export async function insertImport(
  sql: Sql,
  tenant: string,
  { name, author }: { readonly name: string; readonly author: string },
): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `insert into imports (tenant_id, name, author, state) values ($1, $2, $3, 'receiving') returning id`,
    [tenant, name, author],
  )
  return row?.id ?? ''
}

export async function insertPiece(
  sql: Sql,
  tenant: string,
  id: string,
  no: number,
  sealed: Buffer,
): Promise<void> {
  await sql.query(
    'insert into import_pieces (tenant_id, import_id, no, sealed) values ($1, $2, $3, $4)',
    [tenant, id, no, sealed],
  )
}

export async function markReceived(
  sql: Sql,
  tenant: string,
  id: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Promise<void> {
  await sql.query(
    `update imports set state = 'received', bytes = $3, sha256 = $4 where tenant_id = $1 and id = $2`,
    [tenant, id, bytes, sha256],
  )
}

export async function findPiece(
  sql: Sql,
  tenant: string,
  id: string,
  no: number,
): Promise<Buffer | undefined> {
  const [row] = await sql.query<{ sealed: Buffer }>(
    'select sealed from import_pieces where tenant_id = $1 and import_id = $2 and no = $3',
    [tenant, id, no],
  )
  return row?.sealed
}

/** What was left behind by an upload that broke off. */
export async function deleteBroken(sql: Sql, tenant: string): Promise<void> {
  await sql.query(
    `with broken as (
       delete from imports where tenant_id = $1 and state = 'receiving' and created_at < now() - interval '1 day' returning id
     )
     delete from import_pieces p using broken b where p.tenant_id = $1 and p.import_id = b.id`,
    [tenant],
  )
}

// --- who works on it -----------------------------------------------------------------------------

const LEASE = "interval '20 seconds'"

export async function lockImport(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<{ readonly state: ImportRecord['state'] } | undefined> {
  const [row] = await sql.query<{ state: ImportRecord['state'] }>(
    'select state from imports where tenant_id = $1 and id = $2 for update',
    [tenant, id],
  )
  return row
}

/** Says what is to be done; whoever is free takes it up. What an earlier pass found is done anew. */
export async function startRun(
  sql: Sql,
  tenant: string,
  id: string,
  mode: ImportMode,
): Promise<void> {
  await sql.query(
    `update imports set state = 'running', mode = $3, failure = null, runner = null, lease = null, finished_at = null
      where tenant_id = $1 and id = $2`,
    [tenant, id, mode],
  )
  await sql.query(`delete from import_lanes where tenant_id = $1 and import_id = $2`, [tenant, id])
  await sql.query(
    `delete from import_faults where tenant_id = $1 and import_id = $2 and pass <> 'read'`,
    [tenant, id],
  )
}

/** A tenant's run that nobody works on, taken by `runner`; undefined where there is none. */
export async function takeRun(
  sql: Sql,
  tenant: string,
  runner: string,
): Promise<
  | {
      readonly tenant: string
      readonly id: string
      readonly mode: ImportMode
      readonly author: string
      readonly rowsTotal: number | null
    }
  | undefined
> {
  const [row] = await sql.query<{
    tenant: string
    id: string
    mode: ImportMode
    author: string
    rowsTotal: number | null
  }>(
    // On its own, and once: asked again for each row it would lock, and lose, a second run.
    `with next as materialized (
       select id from imports where tenant_id = $2 and state = 'running' and (lease is null or lease < now())
        order by created_at limit 1 for update skip locked
     )
     update imports i set runner = $1, lease = now() + ${LEASE} from next
      where i.tenant_id = $2 and i.id = next.id
      returning i.tenant_id as tenant, i.id, i.mode, i.author, i.rows_total as "rowsTotal"`,
    [runner, tenant],
  )
  return row
}

/** A sign of life, and how many rows have been read. False where another has taken over, or somebody stopped it. */
export async function keepRun(
  sql: Sql,
  tenant: string,
  id: string,
  runner: string,
  rowsRead: number,
): Promise<boolean> {
  const rows = await sql.query(
    `update imports set lease = now() + ${LEASE}, rows_read = greatest(rows_read, $4)
      where tenant_id = $1 and id = $2 and runner = $3 and state = 'running' returning 1`,
    [tenant, id, runner, rowsRead],
  )
  return rows.length > 0
}

/** Takes a run from whoever works on it: the next thing they write, they cannot. */
export async function stopRun(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query(
    `update imports set state = 'stopped', runner = null, lease = null, finished_at = now()
      where tenant_id = $1 and id = $2 and state = 'running'`,
    [tenant, id],
  )
}

/** Gives a run back, for whoever is free. */
export async function leaveRun(
  sql: Sql,
  tenant: string,
  id: string,
  runner: string,
): Promise<void> {
  await sql.query(
    'update imports set runner = null, lease = null where tenant_id = $1 and id = $2 and runner = $3',
    [tenant, id, runner],
  )
}

/** Whether the run is still ours; until the transaction ends nobody can take it. */
export async function holdRun(
  sql: Sql,
  tenant: string,
  id: string,
  runner: string,
): Promise<boolean> {
  const rows = await sql.query(
    `select 1 from imports where tenant_id = $1 and id = $2 and runner = $3 and state = 'running' for share`,
    [tenant, id, runner],
  )
  return rows.length > 0
}

/** Says what came of a run. False where it is no longer ours: then nothing is said. */
export async function finishRun(
  sql: Sql,
  tenant: string,
  id: string,
  runner: string,
  {
    state,
    failure = null,
  }: {
    readonly state: 'checked' | 'done' | 'failed'
    readonly failure?: ImportRecord['failure']
  },
): Promise<boolean> {
  const rows = await sql.query(
    `update imports set state = $4, failure = $5, runner = null, lease = null, finished_at = now()
      where tenant_id = $1 and id = $2 and runner = $3 and state = 'running' returning 1`,
    [tenant, id, runner, state, failure === null ? null : JSON.stringify(failure)],
  )
  return rows.length > 0
}

/** Once a file is carried out its personal data is not kept a second time. */
export async function deleteContents(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query('delete from import_parts where tenant_id = $1 and import_id = $2', [tenant, id])
  await sql.query('delete from import_pieces where tenant_id = $1 and import_id = $2', [tenant, id])
}

// --- rows ----------------------------------------------------------------------------------------

/** Forgets what an earlier reading found. */
export async function deleteRead(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query('delete from import_faults where tenant_id = $1 and import_id = $2', [tenant, id])
  await sql.query('delete from import_parts where tenant_id = $1 and import_id = $2', [tenant, id])
}

/** Sets rows aside; `no` is the order among those of the same bucket. */
export async function insertPart(
  sql: Sql,
  tenant: string,
  id: string,
  part: {
    readonly bucket: number
    readonly no: number
    readonly rows: number
    readonly sealed: Buffer
  },
): Promise<void> {
  await sql.query(
    'insert into import_parts (tenant_id, import_id, bucket, no, rows, sealed) values ($1, $2, $3, $4, $5, $6)',
    [tenant, id, part.bucket, part.no, part.rows, part.sealed],
  )
}

/** How many rows are in each bucket. */
export async function bucketsOf(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ bucket: number; rows: number }>(
    'select bucket, sum(rows) as rows from import_parts where tenant_id = $1 and import_id = $2 group by bucket',
    [tenant, id],
  )
  return new Map(rows.map((row) => [row.bucket, row.rows]))
}

/** The rows of some buckets, in the order in which they were set aside. */
export async function partsOf(
  sql: Sql,
  tenant: string,
  id: string,
  { first, beyond }: { readonly first: number; readonly beyond: number },
): Promise<Buffer[]> {
  const rows = await sql.query<{ sealed: Buffer }>(
    `select sealed from import_parts where tenant_id = $1 and import_id = $2 and bucket >= $3 and bucket < $4
      order by bucket, no`,
    [tenant, id, first, beyond],
  )
  return rows.map(({ sealed }) => sealed)
}

/**
 * Every statement of a batch looks rows up by their keys. Plans that were made while the tables were small
 * would read them whole, until somebody analyses them.
 */
export async function lookUpByKey(sql: Sql): Promise<void> {
  await sql.query('set local enable_seqscan = off')
}

export async function setRowsTotal(
  sql: Sql,
  tenant: string,
  id: string,
  rows: number,
): Promise<void> {
  await sql.query(
    'update imports set rows_total = $3, rows_read = $3 where tenant_id = $1 and id = $2',
    [tenant, id, rows],
  )
}

// --- lanes ---------------------------------------------------------------------------------------

export type Lane = { readonly lane: number; readonly next: number; readonly beyond: number }

/** The lanes of a pass, made where there are none: each goes from where the one before ends to a bucket of `ends`. */
export async function lanesOf(
  sql: Sql,
  tenant: string,
  id: string,
  pass: 'check' | 'apply',
  ends: readonly number[],
): Promise<Lane[]> {
  for (const [lane, beyond] of ends.entries())
    await sql.query(
      `insert into import_lanes (tenant_id, import_id, pass, lane, next, beyond) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing`,
      [tenant, id, pass, lane, ends[lane - 1] ?? 0, beyond],
    )
  return sql.query(
    `select lane, next, beyond from import_lanes where tenant_id = $1 and import_id = $2 and pass = $3 order by lane`,
    [tenant, id, pass],
  )
}

export async function advanceLane(
  sql: Sql,
  tenant: string,
  id: string,
  pass: 'check' | 'apply',
  lane: number,
  step: Omit<LaneRow, 'pass' | 'lane'> & { readonly next: number },
): Promise<void> {
  const { next, personsNew, added, changed, unchanged, refused } = step
  await sql.query(
    `update import_lanes set next = $5, persons_new = persons_new + $6, added = added + $7, changed = changed + $8,
            unchanged = unchanged + $9, refused = refused + $10
      where tenant_id = $1 and import_id = $2 and pass = $3 and lane = $4`,
    [tenant, id, pass, lane, next, personsNew, added, changed, unchanged, refused],
  )
}

// --- faults --------------------------------------------------------------------------------------

export type FaultRow = CellFault & { readonly line: number }

export async function insertFaults(
  sql: Sql,
  tenant: string,
  id: string,
  pass: ImportPass,
  faults: readonly FaultRow[],
): Promise<void> {
  if (faults.length === 0) return
  await sql.query(
    `insert into import_faults (tenant_id, import_id, pass, line, no, column_title, value, code, facts)
     select $1, $2, $3, line, row_number() over (partition by line order by no), "column", value, code, facts
       from rows from (json_to_recordset($4) as (line int, "column" text, value text, code text, facts jsonb))
            with ordinality as f (line, "column", value, code, facts, no)
     on conflict do nothing`,
    [tenant, id, pass, JSON.stringify(faults)],
  )
}

export async function countFaults(sql: Sql, tenant: string, id: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from import_faults where tenant_id = $1 and import_id = $2',
    [tenant, id],
  )
  return row?.n ?? 0
}

/** The faults after a line, in the order of the file. */
export async function listFaults(
  sql: Sql,
  tenant: string,
  id: string,
  after: { readonly line: number; readonly pass: string; readonly no: number },
  limit: number,
): Promise<(FaultRow & { readonly pass: string; readonly no: number })[]> {
  return sql.query(
    `select line, pass, no, column_title as "column", value, code, facts from import_faults
      where tenant_id = $1 and import_id = $2 and (line, pass, no) > ($3, $4, $5)
      order by line, pass, no limit $6`,
    [tenant, id, after.line, after.pass, after.no, limit],
  )
}

// --- the persons of a batch ----------------------------------------------------------------------

export type BatchPerson = {
  readonly id: string
  /** In hexadecimal digits, as all digests of a batch are. */
  readonly digest: string
  readonly nameSealed: Buffer | null
  readonly born: PlainDate | null
  readonly died: PlainDate | null
  readonly mergedInto: string | null
  readonly registrations: Person['registrations'] | null
  readonly certificates: Person['certificates'] | null
}

/** The persons of these id-card numbers; with `lock` their rows are locked, in one order. */
export async function personsOf(
  sql: Sql,
  tenant: string,
  digests: readonly string[],
  lock: boolean,
): Promise<BatchPerson[]> {
  return sql.query(
    `select id, encode(id_digest, 'hex') as digest, name_sealed as "nameSealed", body->>'born' as born, died_on as died, merged_into as "mergedInto",
            body->'registrations' as registrations, body->'certificates' as certificates
       from persons where tenant_id = $1 and id_digest = any($2::bytea[]) order by id ${lock ? 'for update' : ''}`,
    [tenant, byteaArray(digests)],
  )
}

type Of<T> = T & { readonly person: string }
export type History = {
  readonly memberships: readonly Of<Membership>[]
  readonly statuses: readonly Of<Status>[]
  readonly repairs: readonly Of<Repair>[]
  readonly conditions: readonly Of<Condition>[]
  readonly premiums: readonly Of<{
    readonly scheme: string
    readonly from: PlainDate
    readonly payer: string
    readonly due: number
    readonly collected: number
    readonly refunded: number
  }>[]
}

/** Everything kept of these persons, each kind in one go. */
export async function historyOf(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
): Promise<History> {
  if (persons.length === 0)
    return { memberships: [], statuses: [], repairs: [], conditions: [], premiums: [] }
  const of = <T extends object>(columns: string, table: string): Promise<T[]> =>
    sql.query<T>(
      `select person_id as person, ${columns} from ${table} where tenant_id = $1 and person_id = any($2)`,
      [tenant, persons],
    )
  type Row<T> = {
    readonly [K in keyof Of<T>]: Of<T>[K] | (undefined extends Of<T>[K] ? null : never)
  }
  const memberships = await of<Row<Membership>>(
    'scheme, from_day as "from", until_day as until, enrolled_on as "enrolledOn", answers, employer_id as employer, newborn',
    'memberships',
  )
  const statuses = await of<Row<Status>>(
    'attribute, from_day as "from", until_day as until, value',
    'statuses',
  )
  return {
    memberships: memberships.map((row) => ({
      ...row,
      until: row.until ?? undefined,
      employer: row.employer ?? undefined,
      newborn: row.newborn || undefined,
    })),
    statuses: statuses.map((row) => ({ ...row, until: row.until ?? undefined })),
    repairs: await of(
      'scheme, from_day as "from", until_day as until, paid_on as "paidOn"',
      'repairs',
    ),
    conditions: await of('disease, since, state', 'conditions'),
    premiums: await of('scheme, from_day as "from", payer, due, collected, refunded', 'premiums'),
  }
}

/** Who works for these employers, as far as these persons do. */
export async function rostersOf(
  sql: Sql,
  tenant: string,
  employers: readonly string[],
  persons: readonly string[],
): Promise<{
  readonly employers: readonly string[]
  readonly rosters: readonly {
    readonly employer: string
    readonly person: string
    readonly from: PlainDate
    readonly until: PlainDate | null
  }[]
}> {
  if (employers.length === 0) return { employers: [], rosters: [] }
  const known = await sql.query<{ id: string }>(
    'select id from employers where tenant_id = $1 and id = any($2)',
    [tenant, employers],
  )
  return {
    employers: known.map(({ id }) => id),
    rosters: await sql.query(
      `select employer_id as employer, person_id as person, from_day as "from", until_day as until from rosters
        where tenant_id = $1 and employer_id = any($2) and person_id = any($3)`,
      [tenant, employers, persons],
    ),
  }
}

/** Numbers that no person has yet, one after another. */
export type PersonNumbers = { next(): string }

export async function takePersonNumbers(sql: Sql, count: number): Promise<PersonNumbers> {
  if (count === 0) return { next: () => '' }
  const [row] = await sql.query<{ numbers: string }>(
    `select string_agg(nextval('person_numbers')::text, ' ') as numbers from generate_series(1, $1::int)`,
    [count],
  )
  const numbers = (row?.numbers ?? '').split(' ')
  let taken = 0
  return { next: () => `P${(numbers[taken++] ?? '').padStart(10, '0')}` }
}

export type NewPerson = {
  readonly body: Person
  /** Sealed, as the number is; neither of a check, which keeps nothing. */
  readonly name: KeptName | undefined
  readonly sex: string
  readonly idSealed: Buffer | undefined
  readonly idDigest: string
}

/** What hangs on persons: of those who are new with the batch nothing can be there yet. */
export type Facts = {
  readonly of: 'new' | 'known'
  readonly memberships: readonly Of<Membership>[]
  readonly premiums: readonly History['premiums'][number][]
}

export type Batch = {
  readonly persons: readonly NewPerson[]
  readonly bodies: readonly Person[]
  readonly facts: readonly Facts[]
}

/** Writes what a batch decided: persons first, then what hangs on them. */
export async function saveBatch(
  sql: Transaction,
  tenant: string,
  importId: string,
  { persons, bodies, facts }: Batch,
): Promise<void> {
  if (persons.length > 0) await insertPersons(sql, tenant, persons)
  if (bodies.length > 0)
    await sql.query(
      // Settled bills of whoever is now another are settled again, by whoever works off what waits.
      `with given as (
         select * from json_to_recordset($2) as g (id text, body jsonb)
       ), due as (
         insert into replays_due (tenant_id, person_id, cause)
         select p.tenant_id, p.id, '{"kind":"person","change":"import"}' from persons p join given g on g.id = p.id
          where p.tenant_id = $1 and p.settlements > 0 and p.body is distinct from g.body
         on conflict do nothing
       )
       update persons p set body = g.body, enrolled = true from given g where p.tenant_id = $1 and p.id = g.id`,
      [tenant, JSON.stringify(bodies.map((body) => ({ id: body.id, body })))],
    )
  for (const each of facts) {
    await saveMemberships(sql, tenant, importId, each)
    await savePremiums(sql, tenant, each)
  }
  const changed = [...persons.map(({ body }) => body.id), ...bodies.map(({ id }) => id)]
  if (changed.length > 0)
    await sql.query(
      'insert into person_imports (tenant_id, person_id, import_id) select $1, person, $2 from unnest($3::text[]) as c (person)',
      [tenant, importId, changed],
    )
}

/** Rows come in by COPY, and from there into their table: COPY itself would know no row-level policy. */
async function insertPersons(
  sql: Transaction,
  tenant: string,
  persons: readonly NewPerson[],
): Promise<void> {
  await sql.query(
    `create temporary table if not exists import_persons
       (id text, name_sealed bytea, name_digest bytea, body jsonb, sex text, id_sealed bytea, id_digest bytea) on commit drop`,
  )
  async function* lines() {
    let text = ''
    for (const { body, name, sex, idSealed, idDigest } of persons) {
      const person = [body.id, name?.sealed, name?.digest, JSON.stringify(body), sex]
      text += copyLine([...person, idSealed, `\\x${idDigest}`])
      if (text.length < COPY_CHARACTERS) continue
      yield text
      text = ''
    }
    yield text
  }
  await sql.copyIn('copy import_persons from stdin', lines())
  await sql.query(
    `insert into persons (tenant_id, id, name_sealed, name_digest, body, enrolled, sex, id_sealed, id_digest)
     select $1, id, name_sealed, name_digest, body, true, sex, id_sealed, id_digest from import_persons`,
    [tenant],
  )
  // Further batches of the same transaction begin with an empty one.
  await sql.query('truncate import_persons')
}

const COPY_CHARACTERS = 256 * 1024

/** To look for a conflict first costs as much as writing. */
const MEMBERSHIP_CORRECTED = `on conflict (tenant_id, person_id, scheme, from_day) do update
  set until_day = excluded.until_day, enrolled_on = excluded.enrolled_on, answers = excluded.answers,
      employer_id = excluded.employer_id, import_id = excluded.import_id`
const PREMIUM_CORRECTED = `on conflict (tenant_id, person_id, scheme, from_day, payer) do update
  set due = excluded.due, collected = excluded.collected`

/** A file holds few different memberships, of many persons: each is sent once. */
async function saveMemberships(
  sql: Sql,
  tenant: string,
  importId: string,
  { of, memberships }: Facts,
): Promise<void> {
  if (memberships.length === 0) return
  const answersText = remembered(JSON.stringify)
  const { owners, shapes, shapeOf } = byShape(
    memberships,
    ({ scheme, from, until, enrolledOn, answers, employer }) =>
      `${from} ${until} ${enrolledOn} ${answersText(answers)} ${employer} ${scheme}`,
  )
  await sql.query(
    `insert into memberships (tenant_id, person_id, scheme, from_day, until_day, enrolled_on, answers, employer_id, import_id)
     select $1, m.person, s.scheme, s."from", s.until, s."enrolledOn", s.answers, s.employer, $2
       from unnest($3::text[], $4::int[]) as m (person, shape)
       join json_to_recordset($5)
         as s (shape int, scheme text, "from" date, until date, "enrolledOn" date, answers jsonb, employer text) using (shape)
     ${of === 'new' ? '' : MEMBERSHIP_CORRECTED}`,
    [tenant, importId, owners, shapeOf, shapes],
  )
}

async function savePremiums(sql: Sql, tenant: string, { of, premiums }: Facts): Promise<void> {
  if (premiums.length === 0) return
  const { owners, shapes, shapeOf } = byShape(
    premiums,
    ({ scheme, from, payer, due, collected, refunded }) =>
      `${from} ${payer} ${due} ${collected} ${refunded} ${scheme}`,
  )
  await sql.query(
    `insert into premiums (tenant_id, person_id, scheme, from_day, payer, due, collected, refunded)
     select $1, p.person, s.scheme, s."from", s.payer, s.due, s.collected, s.refunded
       from unnest($2::text[], $3::int[]) as p (person, shape)
       join json_to_recordset($4)
         as s (shape int, scheme text, "from" date, payer text, due bigint, collected bigint, refunded bigint) using (shape)
     ${of === 'new' ? '' : PREMIUM_CORRECTED}`,
    [tenant, owners, shapeOf, shapes],
  )
}

/** Facts of persons as the different ones among them, numbered, and whose is which. Equal keys are equal facts. */
function byShape<T extends object>(
  facts: readonly Of<T>[],
  keyOf: (fact: Of<T>) => string,
): {
  readonly owners: readonly string[]
  readonly shapeOf: readonly number[]
  readonly shapes: string
} {
  const known = new Map<string, number>()
  const shapes: object[] = []
  const owners: string[] = []
  const shapeOf: number[] = []
  for (const fact of facts) {
    const key = keyOf(fact)
    const shape = known.get(key) ?? shapes.push({ ...fact, shape: known.size }) - 1
    known.set(key, shape)
    owners.push(fact.person)
    shapeOf.push(shape)
  }
  return { owners, shapeOf, shapes: JSON.stringify(shapes) }
}

/** The same function, asked once for each object. */
function remembered(of: (value: object) => string): (value: object) => string {
  const known = new Map<object, string>()
  return (value) => {
    const text = known.get(value) ?? of(value)
    known.set(value, text)
    return text
  }
}

/** The text form of an array of bytes that are given in hexadecimal digits. */
const byteaArray = (digests: readonly string[]): string =>
  digests.length === 0 ? '{}' : `{"\\\\x${digests.join('","\\\\x')}"}`
