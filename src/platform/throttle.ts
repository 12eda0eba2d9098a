import { err, ok, type Result } from '#base/result.ts'
import type { Connection, Sql } from './database.ts'

export type Throttled = { readonly code: 'throttled'; readonly seconds: number }

/** Failed attempts that one address has for one name. */
export const ATTEMPTS = 5
/**
 * Failed attempts that all addresses together have for one name. Beyond it only addresses from which the user
 * has signed in lately may try: a crowd that guesses is stopped, and cannot keep the user out of their office.
 */
export const ATTEMPTS_IN_ALL = 50
const WINDOW = "interval '15 minutes'"
const KNOWN_FOR = "interval '30 days'"
/** Stands for the address where codes are counted: from wherever they come, they are one user's. */
const CODES = '(code)'

export type Throttle = ReturnType<typeof createThrottle>

/**
 * Counts attempts in the database: a restart forgets none, and servers count together.
 *
 * An attempt counts from its beginning, so that many at once cannot all slip in below the limit.
 */
export function createThrottle(database: Connection) {
  const begin = async (
    tenant: string,
    user: string,
    address: string,
  ): Promise<Result<{ left: number }, Throttled>> => {
    await database.query(`delete from login_attempts where since <= now() - ${WINDOW}`)
    const [row] = await database.query<{ attempts: number; seconds: number; elsewhere: number }>(
      `insert into login_attempts as a (tenant_id, user_name, address, attempts)
       values ($1, $2, $3, 1)
       on conflict (tenant_id, user_name, address) do update
         set attempts = least(a.attempts + 1, ${ATTEMPTS + 1})
       returning attempts, ceil(extract(epoch from since + ${WINDOW} - now()))::int as seconds,
         (select coalesce(sum(o.attempts), 0)::int from login_attempts o
           where o.tenant_id = $1 and o.user_name = $2 and o.address <> $3) as elsewhere`,
      [tenant, user, address],
    )
    const { attempts = 1, seconds = 0, elsewhere = 0 } = row ?? {}
    const closed =
      attempts > ATTEMPTS ||
      (attempts + elsewhere > ATTEMPTS_IN_ALL && !(await isKnown(tenant, user, address)))
    return closed
      ? err({ code: 'throttled', seconds: Math.max(seconds, 1) })
      : ok({ left: ATTEMPTS - attempts })
  }

  const isKnown = async (tenant: string, user: string, address: string): Promise<boolean> => {
    const rows = await database.query(
      `select 1 from login_addresses l join users u on u.tenant_id = l.tenant_id and u.id = l.user_id
        where l.tenant_id = $1 and u.name = $2 and l.address = $3 and l.last_at > now() - ${KNOWN_FOR}`,
      [tenant, user, address],
    )
    return rows.length > 0
  }

  const forget = async (tenant: string, user: string, address: string): Promise<void> => {
    await database.query(
      'delete from login_attempts where tenant_id = $1 and user_name = $2 and address = $3',
      [tenant, user, address],
    )
  }

  return {
    /** Lets an attempt begin, or says how many seconds to wait. */
    begin,
    /** The attempt was no failure, and no success yet either. */
    async undo(tenant: string, user: string, address: string): Promise<void> {
      await database.query(
        `update login_attempts set attempts = greatest(attempts - 1, 0)
          where tenant_id = $1 and user_name = $2 and address = $3`,
        [tenant, user, address],
      )
    },
    forget,
    /** Only who knows the password comes this far, so that a closed door locks nobody out but them. */
    beginCode: (tenant: string, user: string) => begin(tenant, user, CODES),
    forgetCodes: (tenant: string, user: string) => forget(tenant, user, CODES),
  }
}

/** Opens every door that failures had closed to a user. */
export async function forgetAttempts(sql: Sql, tenant: string, user: string): Promise<void> {
  await sql.query('delete from login_attempts where tenant_id = $1 and user_name = $2', [
    tenant,
    user,
  ])
}

/** Until when a door is closed to each user of a tenant: an expression over `u`, the row of the user. */
export const LOCKED_UNTIL = `(select max(a.since) + ${WINDOW} from login_attempts a
  where a.tenant_id = u.tenant_id and a.user_name = u.name and a.attempts >= ${ATTEMPTS}
    and a.since > now() - ${WINDOW})`
