import { createHash } from 'node:crypto'
import { z } from 'zod'
import { BackupError, type BackupRecord } from './backup-file.ts'
import type { Database, Snapshot, Sql, Transaction } from './database.ts'
import { settleIn } from './log-sealer.ts'
import { applyMigrations, LOCK_MARK, migrationsIn } from './migrate.ts'
import type { Secrets } from './secrets.ts'
import { ensureServerRole } from './server-role.ts'

/**
 * What is not kept: the migrations, which the restored tables stand on already, and who is signed in or was
 * shut out, which must not come back from the past.
 */
const NOT_KEPT = ['migrations', 'sessions', 'login_attempts', 'login_addresses']

/** Columns that are filled anew: transactions are counted otherwise in the database that is restored. */
const FILLED_ANEW: Readonly<Record<string, readonly string[]>> = { access_log: ['written_in'] }

type Table = { readonly table: string; readonly columns: readonly string[] }
export type TableSum = { readonly table: string; readonly rows: number; readonly sha256: string }

const TableShape = z.object({ table: z.string(), columns: z.array(z.string()) })
const SumShape = z.object({ table: z.string(), rows: z.number(), sha256: z.string() })
const EndShape = z.object({
  tables: z.array(SumShape),
  sequences: z.array(z.object({ name: z.string(), value: z.string(), called: z.boolean() })),
})

const json = (kind: string, value: unknown): BackupRecord => ({
  kind,
  bytes: Buffer.from(JSON.stringify(value)),
})

// --- backing up ----------------------------------------------------------------------------------

export type Extent = {
  readonly migrations: readonly string[]
  readonly databaseBytes: number
  /** About how many rows there are. */
  readonly rows: number
}

/** What a backup would hold, before it is made. */
export async function extentOf(sql: Sql): Promise<Extent> {
  const migrations = await sql.query<{ name: string }>(
    'select name from migrations where not starts_with(name, $1) order by name',
    [LOCK_MARK],
  )
  const [size] = await sql.query<{ bytes: number; rows: number }>(
    `select pg_database_size(current_database()) as bytes,
            (select coalesce(sum(greatest(reltuples, 0)), 0)::bigint from pg_class
              where relkind = 'r' and relnamespace = current_schema()::regnamespace) as rows`,
  )
  return {
    migrations: migrations.map(({ name }) => name),
    databaseBytes: size?.bytes ?? 0,
    rows: size?.rows ?? 0,
  }
}

/** The moment that a snapshot shows, in China. */
export async function momentOf(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ at: string }>(
    `select to_char(now() at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as at`,
  )
  return row?.at ?? ''
}

/** Every row of the database at one moment, as records. `step` is told of rows. */
export async function* databaseRecords(
  sql: Snapshot,
  step: (rows: number) => void,
): AsyncGenerator<BackupRecord> {
  // Whom policies bind sees a part of the rows only: better no backup than a part of one.
  await sql.query('set local row_security = off')
  const tables: TableSum[] = []
  for (const { table, columns } of await tablesOf(sql)) {
    yield json('T', { table, columns } satisfies Table)
    const hash = createHash('sha256')
    let rows = 0
    for await (const bytes of sql.copyOut(`copy ${named(table)} (${list(columns)}) to stdout`)) {
      hash.update(bytes)
      const more = newlinesIn(bytes)
      rows += more
      step(more)
      yield { kind: 'D', bytes }
    }
    const sum: TableSum = { table, rows, sha256: hash.digest('hex') }
    tables.push(sum)
    yield json('E', sum)
  }
  const sequences = await sequencesOf(sql)
  yield json('M', { tables, sequences } satisfies z.infer<typeof EndShape>)
}

async function tablesOf(sql: Sql): Promise<Table[]> {
  const tables = await sql.query<Table>(
    `select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and c.relname <> all($1)
      group by c.relname order by c.relname`,
    [NOT_KEPT],
  )
  return tables.map(({ table, columns }) => ({
    table,
    columns: columns.filter((column) => !FILLED_ANEW[table]?.includes(column)),
  }))
}

async function sequencesOf(sql: Sql): Promise<z.infer<typeof EndShape>['sequences']> {
  const names = await sql.query<{ name: string }>(
    `select relname as name from pg_class
      where relkind = 'S' and relnamespace = current_schema()::regnamespace order by relname`,
  )
  const found: z.infer<typeof EndShape>['sequences'] = []
  for (const { name } of names) {
    const [row] = await sql.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${named(name)}`,
    )
    if (row) found.push({ name, ...row })
  }
  return found
}

/** In COPY's text format a newline ends a row, and stands nowhere else. */
function newlinesIn(bytes: Buffer): number {
  let count = 0
  for (let i = bytes.indexOf(10); i !== -1; i = bytes.indexOf(10, i + 1)) count++
  return count
}

// --- restoring -----------------------------------------------------------------------------------

/** Whether there is nothing at all in a database: no table, no sequence, no function. */
export async function isEmpty(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ n: number }>(
    `select (select count(*) from pg_class where relnamespace = current_schema()::regnamespace)
          + (select count(*) from pg_proc where pronamespace = current_schema()::regnamespace) as n`,
  )
  return row?.n === 0
}

/**
 * Fills an empty database with a backup: the tables as its migrations make them, every row, every sequence. All
 * of it in one transaction, or nothing. Throws a `BackupError` where the file is damaged, or knows migrations
 * that `folder` does not have.
 */
export async function restoreRecords(
  database: Database,
  folder: string,
  migrations: readonly string[],
  records: AsyncIterable<BackupRecord>,
  secrets: Pick<Secrets, 'sign'>,
  step: (rows: number) => void,
): Promise<readonly TableSum[]> {
  const known = migrationsIn(folder)
  const newer = migrations.find((name) => !known.includes(name))
  if (newer !== undefined) throw new BackupError('newer_schema', { migration: newer })
  await ensureServerRole(database)
  return database.transaction(async (sql) => {
    await applyMigrations(sql, folder, migrations)
    await sql.query('set local row_security = off')
    const tables = await tablesOf(sql)
    const links = await dropLinks(sql)
    for (const { table } of tables) {
      await sql.query(`alter table ${named(table)} disable trigger user`)
      await sql.query(`delete from ${named(table)}`)
    }
    const sums = await load(sql, new Set(tables.map(({ table }) => table)), records, step)
    // Checked for all rows at once, which is far quicker than row by row as they come.
    for (const { table, name, definition } of links)
      await sql.query(`alter table ${named(table)} add constraint ${named(name)} ${definition}`)
    for (const { table } of tables)
      await sql.query(`alter table ${named(table)} enable trigger user`)
    await settleIn(sql, secrets, { moved: true })
    return sums
  })
}

type Link = { readonly table: string; readonly name: string; readonly definition: string }

/** Foreign keys, dropped: tables can then be filled in any order. */
async function dropLinks(sql: Sql): Promise<Link[]> {
  const links = await sql.query<Link>(
    `select r.relname as table, c.conname as name, pg_get_constraintdef(c.oid) as definition
       from pg_constraint c join pg_class r on r.oid = c.conrelid
      where c.contype = 'f' and c.connamespace = current_schema()::regnamespace and c.conparentid = 0
      order by 1, 2`,
  )
  for (const { table, name } of links)
    await sql.query(`alter table ${named(table)} drop constraint ${named(name)}`)
  return links
}

async function load(
  sql: Transaction,
  known: ReadonlySet<string>,
  records: AsyncIterable<BackupRecord>,
  step: (rows: number) => void,
): Promise<readonly TableSum[]> {
  const source = records[Symbol.asyncIterator]()
  const next = async (): Promise<BackupRecord> => {
    const { done, value } = await source.next()
    if (done) throw new BackupError('cut_off')
    return value
  }
  const sums: TableSum[] = []
  for (;;) {
    const { kind, bytes } = await next()
    if (kind === 'M') {
      const { tables, sequences } = EndShape.parse(JSON.parse(bytes.toString()))
      if (JSON.stringify(tables) !== JSON.stringify(sums)) throw new BackupError('damaged')
      for (const { name, value, called } of sequences)
        await sql.query('select setval($1::regclass, $2::bigint, $3)', [named(name), value, called])
      // Reads on to the last frame: whatever was put behind is seen.
      if (!(await source.next()).done) throw new BackupError('damaged')
      return sums
    }
    if (kind !== 'T') throw new BackupError('damaged')
    const { table, columns } = TableShape.parse(JSON.parse(bytes.toString()))
    if (!known.has(table)) throw new BackupError('damaged')
    sums.push(await loadTable(sql, table, columns, next, step))
  }
}

async function loadTable(
  sql: Transaction,
  table: string,
  columns: readonly string[],
  next: () => Promise<BackupRecord>,
  step: (rows: number) => void,
): Promise<TableSum> {
  const hash = createHash('sha256')
  let rows = 0
  let end: BackupRecord | undefined
  async function* lines(): AsyncGenerator<Buffer> {
    for (;;) {
      const record = await next()
      if (record.kind !== 'D') {
        end = record
        return
      }
      hash.update(record.bytes)
      const more = newlinesIn(record.bytes)
      rows += more
      step(more)
      yield record.bytes
    }
  }
  await sql.copyIn(`copy ${named(table)} (${list(columns)}) from stdin`, lines())
  if (end?.kind !== 'E') throw new BackupError('damaged')
  const sum = SumShape.parse(JSON.parse(end.bytes.toString()))
  const [count] = await sql.query<{ n: number }>(`select count(*) as n from ${named(table)}`)
  if (sum.sha256 !== hash.digest('hex') || sum.rows !== rows || count?.n !== rows)
    throw new BackupError('rows_missing', { table })
  return sum
}

/** Names come from the database's own catalogue or from a sealed file, and are quoted all the same. */
const named = (name: string): string => `"${name.replaceAll('"', '""')}"`
const list = (names: readonly string[]): string => names.map(named).join(', ')
