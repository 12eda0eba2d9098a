import { createHash } from 'node:crypto'
import { err, ok, type Result } from '#base/result.ts'
import type { Database, Sql } from './database.ts'

/** What a command answered, and whether it had answered before. */
export type Commanded<T> = { readonly answer: T; readonly replayed: boolean }

/**
 * Carries a command out once. The same key and request get the same answer; the same key and another
 * request are refused. `work` runs in the command's own transaction: a refusal undoes all of it, and leaves
 * the key unused. Commands of one key wait for one another.
 */
export async function commandOnce<T extends object, E extends { readonly code: string }>(
  database: Database,
  {
    tenant,
    key,
    request,
  }: {
    readonly tenant: string
    readonly key: string
    readonly request: readonly unknown[]
  },
  work: (sql: Sql) => Promise<Result<T, E>>,
): Promise<Result<Commanded<T>, E | { readonly code: 'idempotency_key_reused' }>> {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
  try {
    return await database.transaction(async (sql) => {
      await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tenant} ${key}`])
      const [known] = await sql.query<{ request_hash: string; body: T }>(
        'select request_hash, body from commands where tenant_id = $1 and key = $2',
        [tenant, key],
      )
      if (known)
        return known.request_hash === requestHash
          ? ok({ answer: known.body, replayed: true })
          : err({ code: 'idempotency_key_reused' } as const)
      const done = await work(sql)
      // Leaving by an exception rolls back what was written before the refusal.
      if (!done.ok) throw new Undo(done.error)
      await sql.query(
        'insert into commands (tenant_id, key, request_hash, status, body) values ($1, $2, $3, 201, $4)',
        [tenant, key, requestHash, JSON.stringify(done.value)],
      )
      return ok({ answer: done.value, replayed: false })
    })
  } catch (thrown) {
    if (thrown instanceof Undo) return err(thrown.refusal as E)
    throw thrown
  }
}

class Undo extends Error {
  readonly refusal: { readonly code: string }
  constructor(refusal: { readonly code: string }) {
    super(refusal.code)
    this.refusal = refusal
  }
}
