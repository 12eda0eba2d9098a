import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection, Sql } from './database.ts'
import { ensureServerRole } from './server-role.ts'

/** Any number of servers may start at once; this lock lets one of them migrate. */
const MIGRATION_LOCK = 7_202_411

/** Grants and policies, beside the folder of the migrations: carried out again whenever they or the tables change. */
const SECOND_LOCK = '../second-lock.sql'

/**
 * Applies, as the owner of the tables, the dated SQL files of `folder` that the database has not seen, in order of their names, each
 * in the transaction that records it. Forward only. Returns the names applied now.
 */
export async function migrate(database: Connection, folder: string): Promise<string[]> {
  await ensureServerRole(database)
  return database.transaction(async (sql) => {
    const { pending, applied } = await applyMigrations(sql, folder, migrationsIn(folder))
    const lock = readFileSync(join(folder, SECOND_LOCK), 'utf8')
    const mark = `${LOCK_MARK}${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`
    if (pending.length > 0 || !applied.has(mark)) {
      await sql.query(lock)
      await sql.query('insert into migrations (name) values ($1) on conflict do nothing', [mark])
    }
    return pending
  })
}

/** Which version of the second lock holds stands among the migrations, behind these words. */
export const LOCK_MARK = 'second-lock '

/** The names of the migrations of a folder, in their order. */
export const migrationsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()

/** Applies some of them, in a transaction of the caller; the second lock is another matter. */
export async function applyMigrations(
  sql: Sql,
  folder: string,
  names: readonly string[],
): Promise<{ readonly pending: string[]; readonly applied: ReadonlySet<string> }> {
  await sql.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
  await sql.query(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  )
  const applied = new Set(
    (await sql.query<{ name: string }>('select name from migrations')).map((r) => r.name),
  )
  const pending = names.filter((name) => !applied.has(name))
  for (const name of pending) {
    await sql.query(readFileSync(join(folder, name), 'utf8'))
    await sql.query('insert into migrations (name) values ($1)', [name])
  }
  return { pending, applied }
}

/** Whether every migration of `folder` has been applied. */
export async function isMigrated(database: Sql, folder: string): Promise<boolean> {
  const names = migrationsIn(folder)
  const [row] = await database.query<{ n: number }>(
    'select count(*) as n from migrations where name = any($1)',
    [names],
  )
  return row?.n === names.length
}
