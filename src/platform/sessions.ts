import { hash, randomBytes } from 'node:crypto'
import type { Connection, Sql } from './database.ts'

/** How somebody signed in. */
export type Method = 'password' | 'provider'
export type Origin = { readonly address: string; readonly device: string }

/** One place where a user is signed in. */
export type SessionView = Origin & {
  readonly id: string
  readonly method: Method
  readonly since: string
  /** Up to five minutes old: a session is not written each time it is used. */
  readonly seenAt: string
  readonly endsAt: string
}

export type Sessions = {
  /** Where a user is signed in, the latest first. */
  sessionsOf(tenant: string, user: string): Promise<SessionView[]>
  /** Ends one session of a user; false where there is none. */
  endSession(tenant: string, user: string, session: string): Promise<boolean>
  /** Ends a user's sessions but the one to be kept; answers with how many. */
  endSessions(tenant: string, user: string, keep?: string): Promise<number>
}

/** A session that nobody uses for this long ends. */
export const IDLE = "interval '8 hours'"
/** And so does any session after this time: a working day. */
export const LONGEST = "interval '12 hours'"
/** A session's end moves on at most this often, so that reading does not write each time. */
export const TOUCHED_EVERY = "interval '5 minutes'"

export function createSessions(database: Connection): Sessions {
  return {
    sessionsOf: (tenant, user) =>
      database.query<SessionView>(
        `select id, method, address, device, ${instant('created_at')} as since,
                ${instant('seen_at')} as "seenAt", ${instant('least(expires_at, ends_at)')} as "endsAt"
           from sessions
          where tenant_id = $1 and user_id = $2 and expires_at > now() and ends_at > now()
          order by seen_at desc, created_at desc`,
        [tenant, user],
      ),
    async endSession(tenant, user, session) {
      const ended = await database.query(
        'delete from sessions where tenant_id = $1 and user_id = $2 and id = $3 returning id',
        [tenant, user, session],
      )
      return ended.length > 0
    },
    endSessions: (tenant, user, keep) => endSessions(database, tenant, user, keep),
  }
}

/** Opens a session; only the SHA-256 of its token is kept: a copy of the table opens none. */
export async function openSession(
  sql: Sql,
  { tenant, user }: { readonly tenant: string; readonly user: string },
  { address, device, method }: Origin & { readonly method: Method },
): Promise<{ readonly token: string; readonly csrf: string; readonly id: string }> {
  const [token, csrf] = [randomToken(), randomToken()]
  await sql.query('delete from sessions where expires_at <= now() or ends_at <= now()')
  const [row] = await sql.query<{ id: string }>(
    `insert into sessions (tenant_id, token_hash, user_id, csrf, address, device, method, expires_at, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7, now() + ${IDLE}, now() + ${LONGEST}) returning id`,
    [tenant, hashOf(token), user, csrf, address, device, method],
  )
  return { token, csrf, id: row?.id ?? '' }
}

/** Gives a session another token: what was learnt of the old one is worth nothing. */
export async function rotate(sql: Sql, session: string): Promise<string> {
  const token = randomToken()
  await sql.query('update sessions set token_hash = $2 where id = $1', [session, hashOf(token)])
  return token
}

export async function endSessions(
  sql: Sql,
  tenant: string,
  user: string,
  keep?: string,
): Promise<number> {
  const ended = await sql.query(
    'delete from sessions where tenant_id = $1 and user_id = $2 and id is distinct from $3 returning id',
    [tenant, user, keep ?? null],
  )
  return ended.length
}

export const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')
const randomToken = (): string => randomBytes(32).toString('base64url')

/** An instant as ISO 8601 in UTC, to the second. */
export const instant = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
