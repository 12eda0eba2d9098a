import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '#base/result.ts'
import { type Actor, type Role, type Scope, type ScopeFault, scopeFault } from './actor.ts'
import type { Connection } from './database.ts'
import { fitsHash, hashPassword, oneTimePassword } from './passwords.ts'

export type Tenant = {
  readonly id: string
  readonly name: string
  readonly demonstration: boolean
}

/** A signed-in user. Only the SHA-256 of the token is kept: a copy of the table opens no session. */
export type Session = {
  readonly actor: Actor
  readonly tenant: Tenant
  readonly csrf: string
  readonly mustChangePassword: boolean
}

export type User = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly mustChangePassword: boolean
}

/** A user to be: without a password, a one-time one is made. */
export type NewUser = {
  readonly name: string
  readonly role: Role
  readonly scope?: Scope | undefined
  readonly password?: string | undefined
}

export type Attempt = {
  readonly tenant: string
  readonly user: string
  readonly password: string
  readonly address: string
}

type LoginRefusal =
  /** `left` is how many more attempts may fail before the door closes for a while. */
  | { readonly code: 'wrong_password'; readonly left: number }
  | { readonly code: 'throttled'; readonly seconds: number }

export type Identity = {
  login(attempt: Attempt): Promise<Result<{ token: string; session: Session }, LoginRefusal>>
  session(token: string): Promise<Session | undefined>
  logout(token: string): Promise<void>
  changePassword(
    session: Session,
    token: string,
    words: { readonly current: string; readonly next: string; readonly address: string },
  ): Promise<Result<undefined, LoginRefusal | { readonly code: 'same_password' }>>
  users(tenant: string): Promise<User[]>
  /** Adds a user whose password has to be changed at first login: the one given, or one made here. */
  addUser(
    tenant: string,
    user: NewUser,
  ): Promise<
    Result<{ user: User; password: string }, ScopeFault | { code: 'user_exists'; name: string }>
  >
  /** Gives a user another role or scope, from the next request on. */
  changeAccess(
    tenant: string,
    user: string,
    access: { readonly role: Role; readonly scope?: Scope | undefined },
  ): Promise<Result<User, ScopeFault | { code: 'unknown_user' }>>
  /**
   * Gives a user a one-time password, which is returned, in place of one that was lost: their sessions end,
   * and a door that failures had closed is open again.
   */
  resetPassword(
    tenant: string,
    user: string,
  ): Promise<Result<{ name: string; password: string }, { code: 'unknown_user' }>>
  /** Makes sure a demonstration user exists and has this password. */
  setDemonstrationUser(tenant: string, user: NewUser & { readonly password: string }): Promise<void>
  addTenant(tenant: Tenant): Promise<void>
}

const IDLE = "interval '8 hours'"
/** A session's end moves on at most this often, so that reading does not write each time. */
const TOUCHED_EVERY = "interval '5 minutes'"

/**
 * Tenants, users and sessions. `demonstration` says whether tenants made for demonstration may sign in:
 * their passwords are known to everybody.
 */
export function createIdentity(
  database: Connection,
  { demonstration }: { readonly demonstration: boolean },
): Identity {
  const throttle = createThrottle(database)
  const findUser = async (tenant: string, name: string) => {
    const [row] = await database.query<UserRow>(
      `select ${USER}, u.password_hash from users u join tenants t on t.id = u.tenant_id
        where u.tenant_id = $1 and u.name = $2`,
      [tenant, name],
    )
    return row?.demonstration && !demonstration ? undefined : row
  }

  return {
    async login({ tenant, user: name, password, address }) {
      const attempt = await throttle.begin(tenant, name, address)
      if (!attempt.ok) return attempt
      const row = await findUser(tenant, name)
      // An unknown name costs as much time as a wrong password, so that neither can be told from the other.
      const fits = await fitsHash(password, row?.password_hash ?? (await unknownHash()))
      if (!row || !fits) return err({ code: 'wrong_password', left: attempt.value.left })
      await throttle.forget(tenant, name, address)
      const token = randomBytes(32).toString('base64url')
      const csrf = randomBytes(32).toString('base64url')
      await database.query('delete from sessions where expires_at <= now()')
      await database.query(
        `insert into sessions (tenant_id, token_hash, user_id, csrf, expires_at)
         values ($1, $2, $3, $4, now() + ${IDLE})`,
        [row.tenant, hashOf(token), row.id, csrf],
      )
      return ok({ token, session: sessionOf(row, csrf) })
    },

    async session(token) {
      const [row] = await database.query<UserRow & { csrf: string; stale: boolean }>(
        `select ${USER}, s.csrf, s.expires_at < now() + ${IDLE} - ${TOUCHED_EVERY} as stale
           from sessions s join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
           join tenants t on t.id = s.tenant_id
          where s.token_hash = $1 and s.expires_at > now()`,
        [hashOf(token)],
      )
      if (!row || (row.demonstration && !demonstration)) return undefined
      if (row.stale)
        await database.query(
          `update sessions set expires_at = now() + ${IDLE} where token_hash = $1`,
          [hashOf(token)],
        )
      return sessionOf(row, row.csrf)
    },

    async logout(token) {
      await database.query('delete from sessions where token_hash = $1', [hashOf(token)])
    },

    async changePassword({ actor }, token, { current, next, address }) {
      const attempt = await throttle.begin(actor.tenant, actor.name, address)
      if (!attempt.ok) return attempt
      const row = await findUser(actor.tenant, actor.name)
      if (!row || !(await fitsHash(current, row.password_hash)))
        return err({ code: 'wrong_password', left: attempt.value.left })
      await throttle.forget(actor.tenant, actor.name, address)
      if (await fitsHash(next, row.password_hash)) return err({ code: 'same_password' })
      const hash = await hashPassword(next)
      await database.transaction(async (sql) => {
        await sql.query(
          'update users set password_hash = $3, must_change = false where tenant_id = $1 and id = $2',
          [actor.tenant, row.id, hash],
        )
        // Whoever knew the old password is signed out everywhere else.
        await sql.query(
          'delete from sessions where tenant_id = $1 and user_id = $2 and token_hash <> $3',
          [actor.tenant, row.id, hashOf(token)],
        )
      })
      return ok(undefined)
    },

    async users(tenant) {
      const rows = await database.query<UserRow>(
        `select ${USER} from users u join tenants t on t.id = u.tenant_id
          where u.tenant_id = $1 order by u.created_at, u.name`,
        [tenant],
      )
      return rows.map(userOf)
    },

    async addUser(tenant, { name, role, scope = {}, password = oneTimePassword() }) {
      const fault = scopeFault(role, scope)
      if (fault) return err(fault)
      const [row] = await database.query<{ id: string }>(
        `insert into users (tenant_id, name, password_hash, role, scope, must_change)
         values ($1, $2, $3, $4, $5, true) on conflict (tenant_id, name) do nothing returning id`,
        [tenant, name, await hashPassword(password), role, JSON.stringify(scope)],
      )
      if (!row) return err({ code: 'user_exists', name })
      return ok({ user: { id: row.id, name, role, scope, mustChangePassword: true }, password })
    },

    async changeAccess(tenant, user, { role, scope = {} }) {
      const fault = scopeFault(role, scope)
      if (fault) return err(fault)
      const [row] = await database.query<Pick<UserRow, 'name' | 'must_change'>>(
        `update users set role = $3, scope = $4 where tenant_id = $1 and id = $2
         returning name, must_change`,
        [tenant, user, role, JSON.stringify(scope)],
      )
      if (!row) return err({ code: 'unknown_user' })
      return ok({ id: user, name: row.name, role, scope, mustChangePassword: row.must_change })
    },

    async resetPassword(tenant, user) {
      const password = oneTimePassword()
      const hash = await hashPassword(password)
      return database.transaction(async (sql) => {
        const [row] = await sql.query<{ name: string }>(
          `update users set password_hash = $3, must_change = true
            where tenant_id = $1 and id = $2 returning name`,
          [tenant, user, hash],
        )
        if (!row) return err({ code: 'unknown_user' as const })
        await sql.query('delete from sessions where tenant_id = $1 and user_id = $2', [
          tenant,
          user,
        ])
        await sql.query('delete from login_attempts where tenant_id = $1 and user_name = $2', [
          tenant,
          row.name,
        ])
        return ok({ name: row.name, password })
      })
    },

    async setDemonstrationUser(tenant, { name, role, scope = {}, password }) {
      const row = await findUser(tenant, name)
      if (row && (await fitsHash(password, row.password_hash))) return
      await database.query(
        `insert into users (tenant_id, name, password_hash, role, scope, demonstration)
         values ($1, $2, $3, $4, $5, true)
         on conflict (tenant_id, name) do update set password_hash = excluded.password_hash, role = excluded.role,
           scope = excluded.scope, must_change = false`,
        [tenant, name, await hashPassword(password), role, JSON.stringify(scope)],
      )
    },

    async addTenant({ id, name, demonstration: forDemonstration }) {
      await database.query(
        `insert into tenants (id, name, demonstration) values ($1, $2, $3) on conflict do nothing`,
        [id, name, forDemonstration],
      )
    },
  }
}

/** Whether two secrets are equal, in a time that does not tell how nearly. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b))
}

// --- rows ----------------------------------------------------------------------------------------

type UserRow = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly must_change: boolean
  readonly tenant: string
  readonly tenant_name: string
  readonly demonstration: boolean
  readonly password_hash: string
}

const USER = `u.id, u.name, u.role, u.scope, u.must_change, u.tenant_id as tenant, t.name as tenant_name,
  t.demonstration`

const userOf = ({ id, name, role, scope, must_change }: UserRow): User => ({
  id,
  name,
  role,
  scope,
  mustChangePassword: must_change,
})

const sessionOf = (row: UserRow, csrf: string): Session => ({
  actor: {
    tenant: row.tenant,
    user: row.id,
    name: row.name,
    role: row.role,
    scope: row.scope,
  },
  tenant: { id: row.tenant, name: row.tenant_name, demonstration: row.demonstration },
  csrf,
  mustChangePassword: row.must_change,
})

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

let unknown: Promise<string> | undefined
const unknownHash = (): Promise<string> => {
  unknown ??= hashPassword(randomBytes(16).toString('hex'))
  return unknown
}

// --- throttle ------------------------------------------------------------------------------------

const ATTEMPTS = 5
const WINDOW = "interval '15 minutes'"

/**
 * Counts attempts per user and address, in the database: a restart forgets none, and servers count together.
 *
 * An attempt counts from its beginning, so that many at once cannot all slip in below the limit.
 */
function createThrottle(database: Connection) {
  return {
    /** Lets an attempt begin, or says how many seconds to wait. */
    async begin(
      tenant: string,
      user: string,
      address: string,
    ): Promise<Result<{ left: number }, LoginRefusal>> {
      await database.query(`delete from login_attempts where since <= now() - ${WINDOW}`)
      const [row] = await database.query<{ attempts: number; seconds: number }>(
        `insert into login_attempts as a (tenant_id, user_name, address, attempts)
         values ($1, $2, $3, 1)
         on conflict (tenant_id, user_name, address) do update
           set attempts = least(a.attempts + 1, ${ATTEMPTS + 1})
         returning attempts, ceil(extract(epoch from since + ${WINDOW} - now()))::int as seconds`,
        [tenant, user, address],
      )
      const { attempts = 1, seconds = 0 } = row ?? {}
      return attempts > ATTEMPTS
        ? err({ code: 'throttled', seconds: Math.max(seconds, 1) })
        : ok({ left: ATTEMPTS - attempts })
    },
    async forget(tenant: string, user: string, address: string): Promise<void> {
      await database.query(
        'delete from login_attempts where tenant_id = $1 and user_name = $2 and address = $3',
        [tenant, user, address],
      )
    },
  }
}
