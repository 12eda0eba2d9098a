import { randomBytes, timingSafeEqual } from 'node:crypto'
import { judgePassword, type PasswordFault } from '#base/password-strength.ts'
import { err, ok, type Result } from '#base/result.ts'
import { logAccess } from './access-log.ts'
import type { Actor, Role, Scope } from './actor.ts'
import type { Connection } from './database.ts'
import {
  createEmergencyAccesses,
  type EmergencyAccesses,
  OPENED_PERSONS,
  withOpened,
} from './emergency-access.ts'
import { fitsHash, hashPassword } from './passwords.ts'
import {
  type CodeRefusal,
  createSecondFactors,
  removeSecondFactor,
  type SecondFactorState,
} from './second-factor.ts'
import type { Secrets } from './secrets.ts'
import {
  createSessions,
  endSessions,
  hashOf,
  IDLE,
  type Method,
  type Origin,
  openSession,
  rotate,
  type Sessions,
  TOUCHED_EVERY,
} from './sessions.ts'
import { createThrottle, type Throttled } from './throttle.ts'
import { createUsers, type NewUser, type Users } from './users.ts'

export type { NewUser, User, UserView } from './users.ts'

export type Tenant = {
  readonly id: string
  readonly name: string
  readonly demonstration: boolean
}

/** A signed-in user. */
export type Session = {
  /** Which of the user's sessions it is. */
  readonly id: string
  readonly actor: Actor
  readonly tenant: Tenant
  readonly csrf: string
  readonly method: Method
  readonly mustChangePassword: boolean
  /** The tenant asks a second factor of the user's role, and there is none yet. */
  readonly mustSetSecondFactor: boolean
}

export type Attempt = Origin & {
  readonly tenant: string
  readonly user: string
  readonly password: string
  /** A code of the authenticator or a recovery code, where the user has a second factor. */
  readonly code?: string | undefined
}

type WrongPassword =
  /** `left` is how many more attempts may fail before the door closes for a while. */
  { readonly code: 'wrong_password'; readonly left: number } | Throttled
type LoginRefusal =
  | WrongPassword
  | CodeRefusal
  /** The password fits; a code is wanted as well. */
  | { readonly code: 'code_required' }
  | { readonly code: 'user_disabled' }
  /** Nobody used the one-time password in time. */
  | { readonly code: 'one_time_expired' }
type Opened = { readonly token: string; readonly session: Session }
type Proof = {
  readonly password: string
  readonly code?: string | undefined
  readonly address: string
}

export type Identity = Users &
  Sessions &
  EmergencyAccesses & {
    login(attempt: Attempt): Promise<Result<Opened, LoginRefusal>>
    /** Signs in whom the identity provider has named; `strong` says whether it asked for a second factor. */
    loginByProvider(
      claim: Origin & {
        readonly tenant: string
        readonly provider: string
        readonly subject: string
        readonly strong: boolean
      },
    ): Promise<
      Result<
        Opened,
        {
          readonly code:
            | 'provider_user_unknown'
            | 'user_disabled'
            | 'provider_second_factor_missing'
        }
      >
    >
    session(token: string): Promise<Session | undefined>
    logout(token: string): Promise<void>
    /** Answers with the session's new token; the user's other sessions end. */
    changePassword(
      session: Session,
      words: { readonly current: string; readonly next: string; readonly address: string },
    ): Promise<Result<{ readonly token: string }, WrongPassword | PasswordRefusal>>
    /** Whether a password may be set: long enough, and none that would be tried early. */
    checkPassword(
      tenant: Tenant,
      user: string,
      password: string,
    ): Promise<PasswordRefusal | undefined>
    secondFactor(actor: Actor): Promise<SecondFactorState>
    /** A new secret for the authenticator, which counts once a code of it is confirmed. */
    beginSecondFactor(
      session: Session,
      proof: Proof,
    ): Promise<
      Result<
        { readonly secret: string; readonly address: string },
        WrongPassword | { readonly code: 'second_factor_set' }
      >
    >
    confirmSecondFactor(
      session: Session,
      code: string,
    ): Promise<
      Result<
        { readonly token: string; readonly recoveryCodes: readonly string[] },
        CodeRefusal | { readonly code: 'second_factor_set' }
      >
    >
    /** Ten new recovery codes in place of those there were. */
    renewRecoveryCodes(
      session: Session,
      proof: Proof,
    ): Promise<Result<{ readonly recoveryCodes: readonly string[] }, WrongPassword | CodeRefusal>>
    removeSecondFactor(
      session: Session,
      proof: Proof,
    ): Promise<Result<{ readonly token: string }, WrongPassword | CodeRefusal>>
    /** Makes sure demonstration users exist, have this password, and nothing that a visitor may have set. */
    setDemonstrationUsers(
      tenant: string,
      users: readonly NewUser[],
      password: string,
    ): Promise<void>
    addTenant(tenant: Tenant): Promise<void>
  }

export type PasswordRefusal =
  | { readonly code: 'same_password' }
  | { readonly code: 'weak_password'; readonly fault: PasswordFault }

/**
 * Tenants, users and sessions. `demonstration` says whether tenants made for demonstration may sign in:
 * their passwords are known to everybody.
 */
export function createIdentity(
  database: Connection,
  { demonstration, secrets }: { readonly demonstration: boolean; readonly secrets: Secrets },
): Identity {
  const throttle = createThrottle(database)
  const factors = createSecondFactors(database, { secrets, throttle })

  const findUser = async (condition: string, values: readonly unknown[]) => {
    const [row] = await database.query<UserRow & { password_hash: string; overdue: boolean }>(
      `select ${USER}, u.password_hash,
              coalesce(u.must_change and u.one_time_until <= now(), false) as overdue
         from ${FROM_USERS} where u.tenant_id = $1 and ${condition}`,
      values,
    )
    return row?.demonstration && !demonstration ? undefined : row
  }
  const findByName = (tenant: string, name: string) => findUser('u.name = $2', [tenant, name])

  const open = (row: UserRow, origin: Origin & { readonly method: Method }): Promise<Opened> =>
    database.transaction(async (sql) => {
      const user = { tenant: row.tenant, user: row.id }
      const { token, csrf, id } = await openSession(sql, user, origin)
      await sql.query('update users set last_login_at = now() where tenant_id = $1 and id = $2', [
        row.tenant,
        row.id,
      ])
      await sql.query(
        `insert into login_addresses (tenant_id, user_id, address) values ($1, $2, $3)
         on conflict (tenant_id, user_id, address) do update set last_at = now()`,
        [row.tenant, row.id, origin.address],
      )
      return { token, session: sessionOf({ ...row, csrf, session: id, method: origin.method }) }
    })

  /** The password of somebody who is signed in, asked again before what it protects is changed. */
  const askPassword = async (
    { tenant, name }: Actor,
    password: string,
    address: string,
  ): Promise<Result<{ readonly hash: string }, WrongPassword>> => {
    const attempt = await throttle.begin(tenant, name, address)
    if (!attempt.ok) return attempt
    const row = await findByName(tenant, name)
    if (!row || !(await fitsHash(password, row.password_hash)))
      return err({ code: 'wrong_password', left: attempt.value.left })
    await throttle.forget(tenant, name, address)
    return ok({ hash: row.password_hash })
  }

  /** Password and code together: whoever found a screen unlocked has neither. */
  const askBoth = async (
    actor: Actor,
    { password, code = '', address }: Proof,
  ): Promise<Result<undefined, WrongPassword | CodeRefusal>> => {
    const known = await askPassword(actor, password, address)
    return known.ok ? factors.take(actor, code) : known
  }

  /** What changes how somebody signs in ends their other sessions, and gives this one another token. */
  const afresh = <T>(
    session: Session,
    action: string,
    work: (sql: Parameters<typeof rotate>[0]) => Promise<T>,
  ): Promise<T & { readonly token: string }> =>
    database.transaction(async (sql) => {
      const { tenant, user, name } = session.actor
      const done = await work(sql)
      await endSessions(sql, tenant, user, session.id)
      await logAccess(sql, session.actor, action, name)
      return { ...done, token: await rotate(sql, session.id) }
    })

  const judge = async (
    { id, name }: Pick<Tenant, 'id' | 'name'>,
    user: string,
    password: string,
  ): Promise<PasswordRefusal | undefined> => {
    const { fault } = await judgePassword(password, [user, id, name])
    return fault && { code: 'weak_password', fault }
  }

  return {
    ...createUsers(database),
    ...createSessions(database),
    ...createEmergencyAccesses(database),

    async login({ tenant, user: name, password, code, address, device }) {
      const attempt = await throttle.begin(tenant, name, address)
      if (!attempt.ok) return attempt
      const row = await findByName(tenant, name)
      // An unknown name costs as much time as a wrong password, so that neither can be told from the other.
      const fits = await fitsHash(password, row?.password_hash ?? (await unknownHash()))
      if (!row || !fits) {
        if (row) await logAccess(database, actorOf(row), 'login refused', address)
        return err({ code: 'wrong_password', left: attempt.value.left })
      }
      if (row.disabled) return err({ code: 'user_disabled' })
      if (row.overdue) return err({ code: 'one_time_expired' })
      if (row.second_factor) {
        if (code === undefined) {
          await throttle.undo(tenant, name, address)
          return err({ code: 'code_required' })
        }
        const used = await factors.take(actorOf(row), code)
        if (!used.ok) {
          await logAccess(database, actorOf(row), 'code refused', address)
          return used
        }
      }
      await throttle.forget(tenant, name, address)
      return ok(await open(row, { address, device, method: 'password' }))
    },

    async loginByProvider({ tenant, provider, subject, strong, address, device }) {
      const row = await findUser('u.provider = $2 and u.subject = $3', [tenant, provider, subject])
      if (!row) return err({ code: 'provider_user_unknown' })
      if (row.disabled) return err({ code: 'user_disabled' })
      if (!strong && (row.second_factor || row.factor_required))
        return err({ code: 'provider_second_factor_missing' })
      return ok(await open(row, { address, device, method: 'provider' }))
    },

    async session(token) {
      const [row] = await database.query<SessionRow & { stale: boolean }>(
        `select ${USER}, s.id as session, s.csrf, s.method,
                s.expires_at < now() + ${IDLE} - ${TOUCHED_EVERY} as stale
           from sessions s join ${FROM_USERS} on u.tenant_id = s.tenant_id and u.id = s.user_id
          where s.token_hash = $1 and s.expires_at > now() and s.ends_at > now() and u.disabled_at is null`,
        [hashOf(token)],
      )
      if (!row || (row.demonstration && !demonstration)) return undefined
      if (row.stale)
        await database.query(
          `update sessions set expires_at = now() + ${IDLE}, seen_at = now() where token_hash = $1`,
          [hashOf(token)],
        )
      return sessionOf(row)
    },

    async logout(token) {
      await database.query('delete from sessions where token_hash = $1', [hashOf(token)])
    },

    async changePassword(session, { current, next, address }) {
      const { actor, tenant } = session
      const known = await askPassword(actor, current, address)
      if (!known.ok) return known
      if (await fitsHash(next, known.value.hash)) return err({ code: 'same_password' })
      const refusal = await judge(tenant, actor.name, next)
      if (refusal) return err(refusal)
      const hash = await hashPassword(next)
      return ok(
        await afresh(session, 'change password', async (sql) => {
          await sql.query(
            `update users set password_hash = $3, must_change = false, one_time_until = null
              where tenant_id = $1 and id = $2`,
            [actor.tenant, actor.user, hash],
          )
          return {}
        }),
      )
    },

    checkPassword: judge,
    secondFactor: (actor) => factors.state(actor),

    async beginSecondFactor({ actor }, { password, address }) {
      const known = await askPassword(actor, password, address)
      if (!known.ok) return known
      const begun = await factors.begin(actor, ISSUER)
      return begun ? ok(begun) : err({ code: 'second_factor_set' })
    },

    async confirmSecondFactor(session, code) {
      const { actor } = session
      if ((await factors.state(actor)).since) return err({ code: 'second_factor_set' })
      const used = await factors.take(actor, code)
      if (!used.ok) return used
      return ok(
        await afresh(session, 'set second factor', async (sql) => ({
          recoveryCodes: (await factors.confirm(sql, actor)) ?? [],
        })),
      )
    },

    async renewRecoveryCodes({ actor }, proof) {
      const known = await askBoth(actor, proof)
      if (!known.ok) return known
      return ok(
        await database.transaction(async (sql) => {
          await logAccess(sql, actor, 'renew recovery codes', actor.name)
          return { recoveryCodes: await factors.renewCodes(sql, actor) }
        }),
      )
    },

    async removeSecondFactor(session, proof) {
      const known = await askBoth(session.actor, proof)
      if (!known.ok) return known
      const { tenant, user } = session.actor
      return ok(
        await afresh(session, 'remove second factor', async (sql) => {
          await removeSecondFactor(sql, tenant, user)
          return {}
        }),
      )
    },

    async setDemonstrationUsers(tenant, users, password) {
      const rows = await Promise.all(users.map(({ name }) => findByName(tenant, name)))
      const kept = new Set(rows.flatMap((row) => row?.password_hash ?? []))
      // Everybody knows this password, so its users may share one hash: a start that tries each would take seconds.
      let fitting: string | undefined
      for (const hash of kept) if (await fitsHash(password, hash)) fitting = hash
      const wanting = users.filter((_, i) => {
        const row = rows[i]
        return !row || row.password_hash !== fitting || row.disabled || row.second_factor
      })
      if (wanting.length === 0) return
      const hash = fitting ?? (await hashPassword(password))
      await database.transaction(async (sql) => {
        for (const { name, role, scope = {} } of wanting) {
          const [user] = await sql.query<{ id: string }>(
            `insert into users (tenant_id, name, password_hash, role, scope, demonstration)
             values ($1, $2, $3, $4, $5, true)
             on conflict (tenant_id, name) do update set password_hash = excluded.password_hash,
               role = excluded.role, scope = excluded.scope, must_change = false, disabled_at = null
             returning id`,
            [tenant, name, hash, role, JSON.stringify(scope)],
          )
          if (user) await removeSecondFactor(sql, tenant, user.id)
        }
      })
    },

    async addTenant({ id, name, demonstration: forDemonstration }) {
      await database.query(
        `insert into tenants (id, name, demonstration) values ($1, $2, $3) on conflict do nothing`,
        [id, name, forDemonstration],
      )
    },
  }
}

/** How an authenticator names us. */
const ISSUER = '康养 Kangyang'

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
  readonly disabled: boolean
  readonly second_factor: boolean
  readonly factor_required: boolean
  readonly tenant: string
  readonly tenant_name: string
  readonly demonstration: boolean
  readonly opened: readonly string[]
}
type SessionRow = UserRow & {
  readonly session: string
  readonly csrf: string
  readonly method: Method
}

const USER = `u.id, u.name, u.role, u.scope, u.must_change, u.disabled_at is not null as disabled,
  f.confirmed_at is not null as second_factor, coalesce(u.role = any(p.second_factor_roles), false) as factor_required,
  u.tenant_id as tenant, t.name as tenant_name, t.demonstration, ${OPENED_PERSONS} as opened`
const FROM_USERS = `(users u join tenants t on t.id = u.tenant_id
  left join second_factors f on f.tenant_id = u.tenant_id and f.user_id = u.id
  left join sign_in_policies p on p.tenant_id = u.tenant_id)`

const actorOf = ({ tenant, id, name, role, scope, opened }: UserRow): Actor =>
  withOpened({ tenant, user: id, name, role, scope }, opened)

const sessionOf = (row: SessionRow): Session => ({
  id: row.session,
  actor: actorOf(row),
  tenant: { id: row.tenant, name: row.tenant_name, demonstration: row.demonstration },
  csrf: row.csrf,
  method: row.method,
  // What the identity provider has asked of somebody is not asked again.
  mustChangePassword: row.must_change && row.method === 'password',
  mustSetSecondFactor: row.factor_required && !row.second_factor && row.method === 'password',
})

let unknown: Promise<string> | undefined
const unknownHash = (): Promise<string> => {
  unknown ??= hashPassword(randomBytes(16).toString('hex'))
  return unknown
}
