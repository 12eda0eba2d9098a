import { err, ok, type Result } from '#base/result.ts'
import { logAccess } from './access-log.ts'
import { type Actor, type Role, type Scope, type ScopeFault, scopeFault } from './actor.ts'
import type { Connection, Sql } from './database.ts'
import { hashPassword, oneTimePassword } from './passwords.ts'
import { removeSecondFactor, secondFactorRoles } from './second-factor.ts'
import { endSessions, instant } from './sessions.ts'
import { forgetAttempts, LOCKED_UNTIL } from './throttle.ts'

export type User = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly mustChangePassword: boolean
}

/** A user as an administrator sees one. */
export type UserView = User & {
  readonly lastLoginAt?: string | undefined
  /** Until when failures keep a door closed, somewhere. */
  readonly lockedUntil?: string | undefined
  readonly disabled?:
    | { readonly at: string; readonly by: string; readonly reason: string }
    | undefined
  readonly secondFactor: boolean
  readonly sessions: number
  /** The identity provider's own name of the user. */
  readonly subject?: string | undefined
}

/** A user to be: without a password, a one-time one is made. */
export type NewUser = {
  readonly name: string
  readonly role: Role
  readonly scope?: Scope | undefined
  readonly password?: string | undefined
}

export type Access = { readonly role: Role; readonly scope?: Scope | undefined }

export type UserFilter = {
  readonly q?: string | undefined
  readonly role?: Role | undefined
  readonly state?: 'active' | 'disabled' | 'locked' | undefined
}

type UnknownUser = { readonly code: 'unknown_user' }
/** Whoever asked is no administrator any more, by the time it was their turn. */
type Forbidden = { readonly code: 'forbidden' }
/** What nobody does to themselves: so an administrator always remains. */
type Own = { readonly code: 'own_access' }
type Change<T> = Promise<Result<T, UnknownUser | Forbidden | Own>>

/** What administrators do with the users of their tenant. Each is on record in the same transaction. */
export type Users = {
  users(tenant: string, filter?: UserFilter): Promise<UserView[]>
  /** Adds a user whose password has to be changed at first login: the one given, or one made here. */
  addUser(
    tenant: string,
    user: NewUser,
  ): Promise<
    Result<{ user: User; password: string }, ScopeFault | { code: 'user_exists'; name: string }>
  >
  /** Gives a user another role or scope; their sessions end, so that nothing goes on under the old one. */
  changeAccess(
    by: Actor,
    user: string,
    access: Access,
  ): Promise<Result<User, ScopeFault | UnknownUser | Forbidden | Own>>
  /** Ends all sessions of a user and opens none, until they are enabled again. */
  disableUser(by: Actor, user: string, reason: string): Change<undefined>
  enableUser(by: Actor, user: string, reason: string): Change<undefined>
  /**
   * Gives a user a one-time password, which is returned, in place of one that was lost: their sessions end,
   * and a door that failures had closed is open again.
   */
  resetPassword(
    by: Actor,
    user: string,
  ): Change<{ readonly name: string; readonly password: string }>
  /** Takes away a second factor that was lost; the password stays. */
  resetSecondFactor(by: Actor, user: string, reason: string): Change<undefined>
  /** Opens the doors that failures had closed. */
  unlockUser(by: Actor, user: string): Change<undefined>
  endUserSessions(by: Actor, user: string, session?: string): Change<{ readonly ended: number }>
  /** Says whom the identity provider means by a subject; nobody, where it is absent. */
  linkUser(
    by: Actor,
    user: string,
    link: { readonly provider: string; readonly subject: string } | undefined,
  ): Promise<Result<undefined, UnknownUser | Forbidden | { readonly code: 'subject_taken' }>>
  secondFactorRoles(tenant: string): Promise<readonly Role[]>
  /** Sets which roles bring a second factor: whoever has none sets it up before anything else. */
  setSecondFactorRoles(by: Actor, roles: readonly Role[]): Promise<Result<undefined, Forbidden>>
}

/** A one-time password that nobody has used by then opens nothing. */
const ONE_TIME = "now() + interval '7 days'"

export function createUsers(database: Connection): Users {
  /** One change at a time in a tenant, by somebody who is an administrator when it is their turn. */
  const asAdmin = <T, E extends { readonly code: string }>(
    by: Actor,
    work: (sql: Sql) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | Forbidden>> =>
    database.transaction(async (sql) => {
      await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `users of ${by.tenant}`,
      ])
      const [admin] = await sql.query(
        `select 1 from users where tenant_id = $1 and id = $2 and role = 'admin' and disabled_at is null`,
        [by.tenant, by.user],
      )
      return admin ? work(sql) : err({ code: 'forbidden' })
    })

  /** Changes one user of the administrator's tenant: `set` is a list of assignments, with values from $3 on. */
  const change = <T>(
    by: Actor,
    user: string,
    { action, set, values = [] }: { action: string; set: string; values?: readonly unknown[] },
    work: (sql: Sql, name: string) => Promise<T>,
    said = '',
  ): Promise<Result<T, UnknownUser | Forbidden>> =>
    asAdmin(by, async (sql) => {
      const [row] = await sql.query<{ name: string }>(
        `update users set ${set} where tenant_id = $1 and id = $2 returning name`,
        [by.tenant, user, ...values],
      )
      if (!row) return err({ code: 'unknown_user' })
      await logAccess(sql, by, action, said === '' ? user : `${user} ${said}`)
      return ok(await work(sql, row.name))
    })

  const nothing = async () => undefined
  const ownAccess = err({ code: 'own_access' } as const)

  return {
    async users(tenant, { q = '', role, state } = {}) {
      const rows = await database.query<ViewRow>(
        `select ${VIEW} from users u
          where u.tenant_id = $1 and ($2 = '' or strpos(lower(u.name), lower($2)) > 0)
            and ($3::text is null or u.role = $3)
          order by u.created_at, u.name`,
        [tenant, q, role ?? null],
      )
      const views = rows.map(viewOf)
      if (state === 'disabled') return views.filter(({ disabled }) => disabled)
      if (state === 'locked') return views.filter(({ lockedUntil }) => lockedUntil)
      return state === 'active' ? views.filter(({ disabled }) => !disabled) : views
    },

    async addUser(tenant, { name, role, scope = {}, password = oneTimePassword() }) {
      const fault = scopeFault(role, scope)
      if (fault) return err(fault)
      const [row] = await database.query<{ id: string }>(
        `insert into users (tenant_id, name, password_hash, role, scope, must_change, one_time_until)
         values ($1, $2, $3, $4, $5, true,
           case when exists (select 1 from users where tenant_id = $1) then ${ONE_TIME} end)
         on conflict (tenant_id, name) do nothing returning id`,
        [tenant, name, await hashPassword(password), role, JSON.stringify(scope)],
      )
      if (!row) return err({ code: 'user_exists', name })
      return ok({ user: { id: row.id, name, role, scope, mustChangePassword: true }, password })
    },

    async changeAccess(by, user, { role, scope = {} }) {
      if (user === by.user) return ownAccess
      const fault = scopeFault(role, scope)
      if (fault) return err(fault)
      const values = [role, JSON.stringify(scope)]
      return change(
        by,
        user,
        { action: 'change access', set: 'role = $3, scope = $4', values },
        async (sql, name) => {
          await endSessions(sql, by.tenant, user)
          const [row] = await sql.query<{ must_change: boolean }>(
            'select must_change from users where tenant_id = $1 and id = $2',
            [by.tenant, user],
          )
          return { id: user, name, role, scope, mustChangePassword: row?.must_change ?? false }
        },
        role,
      )
    },

    async disableUser(by, user, reason) {
      if (user === by.user) return ownAccess
      const set =
        'disabled_at = coalesce(disabled_at, now()), disabled_by = $3, disabled_reason = $4'
      return change(
        by,
        user,
        { action: 'disable user', set, values: [by.name, reason] },
        async (sql) => void (await endSessions(sql, by.tenant, user)),
        reason,
      )
    },

    async enableUser(by, user, reason) {
      const set = 'disabled_at = null, disabled_by = null, disabled_reason = null'
      return change(by, user, { action: 'enable user', set }, nothing, reason)
    },

    async resetPassword(by, user) {
      if (user === by.user) return ownAccess
      const password = oneTimePassword()
      const set = `password_hash = $3, must_change = true, one_time_until = ${ONE_TIME}`
      const values = [await hashPassword(password)]
      return change(by, user, { action: 'reset password', set, values }, async (sql, name) => {
        await endSessions(sql, by.tenant, user)
        await forgetAttempts(sql, by.tenant, name)
        return { name, password }
      })
    },

    async resetSecondFactor(by, user, reason) {
      if (user === by.user) return ownAccess
      return change(
        by,
        user,
        { action: 'reset second factor', set: 'name = name' },
        async (sql, name) => {
          await removeSecondFactor(sql, by.tenant, user)
          await endSessions(sql, by.tenant, user)
          await forgetAttempts(sql, by.tenant, name)
          return undefined
        },
        reason,
      )
    },

    unlockUser: (by, user) =>
      change(by, user, { action: 'unlock user', set: 'name = name' }, async (sql, name) => {
        await forgetAttempts(sql, by.tenant, name)
        return undefined
      }),

    endUserSessions: (by, user, session) =>
      change(by, user, { action: 'end sessions', set: 'name = name' }, async (sql) => {
        if (session === undefined) return { ended: await endSessions(sql, by.tenant, user) }
        const ended = await sql.query(
          'delete from sessions where tenant_id = $1 and user_id = $2 and id = $3 returning id',
          [by.tenant, user, session],
        )
        return { ended: ended.length }
      }),

    async linkUser(by, user, link) {
      try {
        const values = [link?.provider ?? null, link?.subject ?? null]
        return await change(
          by,
          user,
          { action: 'link user', set: 'provider = $3, subject = $4', values },
          // Whoever was signed in by the old name at the provider may be somebody else.
          async (sql) => void (await endSessions(sql, by.tenant, user)),
          link?.subject,
        )
      } catch (thrown) {
        if ((thrown as { constraint?: string }).constraint !== 'users_of_provider') throw thrown
        return err({ code: 'subject_taken' })
      }
    },

    secondFactorRoles: (tenant) => secondFactorRoles(database, tenant),

    setSecondFactorRoles: (by, roles) =>
      asAdmin(by, async (sql) => {
        await sql.query(
          `insert into sign_in_policies (tenant_id, second_factor_roles, changed_by) values ($1, $2, $3)
           on conflict (tenant_id) do update set second_factor_roles = excluded.second_factor_roles,
             changed_by = excluded.changed_by, changed_at = now()`,
          [by.tenant, roles, by.name],
        )
        await logAccess(sql, by, 'set second factor roles', roles.join(' '))
        return ok(undefined)
      }),
  }
}

// --- rows ----------------------------------------------------------------------------------------

type ViewRow = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly must_change: boolean
  readonly last_login_at: string | null
  readonly locked_until: string | null
  readonly disabled_at: string | null
  readonly disabled_by: string
  readonly disabled_reason: string
  readonly second_factor: boolean
  readonly sessions: number
  readonly subject: string | null
}

const VIEW = `u.id, u.name, u.role, u.scope, u.must_change, u.disabled_by, u.disabled_reason, u.subject,
  ${instant('u.last_login_at')} as last_login_at, ${instant('u.disabled_at')} as disabled_at,
  ${instant(LOCKED_UNTIL)} as locked_until,
  exists (select 1 from second_factors f
    where f.tenant_id = u.tenant_id and f.user_id = u.id and f.confirmed_at is not null) as second_factor,
  (select count(*)::int from sessions s where s.tenant_id = u.tenant_id and s.user_id = u.id
    and s.expires_at > now() and s.ends_at > now()) as sessions`

const viewOf = (row: ViewRow): UserView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  scope: row.scope,
  mustChangePassword: row.must_change,
  secondFactor: row.second_factor,
  sessions: row.sessions,
  ...(row.last_login_at ? { lastLoginAt: row.last_login_at } : {}),
  ...(row.locked_until ? { lockedUntil: row.locked_until } : {}),
  ...(row.subject ? { subject: row.subject } : {}),
  ...(row.disabled_at
    ? { disabled: { at: row.disabled_at, by: row.disabled_by, reason: row.disabled_reason } }
    : {}),
})
