import { hash } from 'node:crypto'
import { err, ok, type Result } from '#base/result.ts'
import { logAccess } from './access-log.ts'
import type { Actor } from './actor.ts'
import { type Guarded, type Sql, seesAll } from './database.ts'

/** What a command answered, and whether it had answered before. */
export type Commanded<T> = { readonly answer: T; readonly replayed: boolean }

/**
 * Carries a command out once. The same key and request get the same answer; the same key and another
 * request are refused. `work` runs in the command's own transaction: a refusal undoes all of it, and leaves
 * the key unused. Commands of one key wait for one another.
 */
export async function commandOnce<T extends object, E extends { readonly code: string }>(
  database: Guarded,
  {
    actor,
    key,
    request,
  }: {
    readonly actor: Actor
    readonly key: string
    readonly request: readonly unknown[]
  },
  work: (sql: Sql) => Promise<Result<T, E>>,
): Promise<Result<Commanded<T>, E | { readonly code: 'idempotency_key_reused' }>> {
  const { tenant } = actor
  const kept = keyOf(actor, key)
  const requestHash = hashOf(request)
  const once = async (sql: Sql) => {
    await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tenant} ${kept}`])
    const known = await findCommand(sql, tenant, kept)
    if (known)
      return known.requestHash === requestHash
        ? ok({ answer: known.body as T, replayed: true })
        : err({ code: 'idempotency_key_reused' } as const)
    const done = await work(sql)
    // Leaving by an exception rolls back what was written before the refusal.
    if (!done.ok) throw new Undo(done.error)
    await sql.query(
      'insert into commands (tenant_id, key, request_hash, status, body) values ($1, $2, $3, 201, $4)',
      [tenant, kept, requestHash, JSON.stringify(done.value)],
    )
    return ok({ answer: done.value, replayed: false })
  }
  try {
    return await retryOnConflict(() => database.as(actor).transaction(once))
  } catch (thrown) {
    if (thrown instanceof Undo) return err(thrown.refusal as E)
    throw thrown
  }
}

/**
 * Commands that stand in the access log, each under its action and what it is about, in its own transaction. They are
 * carried out in the name that `database` gives; with a `turn` they wait for one another, so that each sees what those
 * before it did. `E` are their refusals.
 */
export const changesIn =
  <E extends { readonly code: string }>(
    database: Guarded,
    turn?: (sql: Sql, tenant: string) => Promise<void>,
  ) =>
  async <T extends object>(
    actor: Actor,
    key: string,
    [action, subject, ...facts]: readonly [action: string, subject: string, ...facts: unknown[]],
    work: (sql: Sql) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | { readonly code: 'idempotency_key_reused' }>> => {
    const request = [action, subject, ...facts]
    const done = await commandOnce(database, { actor, key, request }, async (sql) => {
      await turn?.(sql, actor.tenant)
      const answer = await work(sql)
      if (answer.ok) await logAccess(sql, actor, action, subject)
      return answer
    })
    return done.ok ? ok(done.value.answer) : done
  }

/** Those who see the whole office share their keys; whoever is narrowed has keys of their own. */
export const keyOf = (actor: Actor, key: string): string =>
  seesAll(actor) ? key : `${actor.user} ${key}`

/** A command that was carried out, by its key. */
export type CommandRow = {
  readonly requestHash: string
  readonly status: number
  readonly body: unknown
}

export async function findCommand(
  sql: Sql,
  tenant: string,
  key: string,
): Promise<CommandRow | undefined> {
  const [row] = await sql.query<CommandRow>(
    'select request_hash as "requestHash", status, body from commands where tenant_id = $1 and key = $2',
    [tenant, key],
  )
  return row
}

/** What a command asks for, in short: two requests are the same where this is. */
export const hashOf = (request: unknown): string => hash('sha256', JSON.stringify(request))

const UNIQUE_VIOLATION = '23505'

/**
 * Two requests with one key may both find it unused; the second then fails on the key and asks again,
 * when the first one's answer is there to be given.
 */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== UNIQUE_VIOLATION || attempt === 3) throw thrown
    }
  }
}

class Undo extends Error {
  readonly refusal: { readonly code: string }
  constructor(refusal: { readonly code: string }) {
    super(refusal.code)
    this.refusal = refusal
  }
}
