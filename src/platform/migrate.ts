import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'

/** Any number of servers may start at once; this lock lets one of them migrate. */
const MIGRATION_LOCK = 7_202_411

/**
 * Applies the dated SQL files of `folder` that the database has not seen, in order of their names, each
 * in the transaction that records it. Forward only. Returns the names applied now.
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
  return database.transaction(async (sql) => {
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
    return pending
  })
}

/** Whether every migration of `folder` has been applied. */
export async function isMigrated(database: Database, folder: string): Promise<boolean> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  const [row] = await database.query<{ n: number }>(
    'select count(*) as n from migrations where name = any($1)',
    [names],
  )
  return row?.n === names.length
}
