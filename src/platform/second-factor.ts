import { err, ok, type Result } from '#base/result.ts'
import type { Actor, Role } from './actor.ts'
import type { Connection, Sql } from './database.ts'
import type { Secrets } from './secrets.ts'
import { instant } from './sessions.ts'
import type { Throttle, Throttled } from './throttle.ts'
import { hashOfCode, newRecoveryCodes, newSecret, secretAddress, stepOf } from './totp.ts'

export type CodeRefusal = { readonly code: 'wrong_code'; readonly left: number } | Throttled

/** What a user has of a second factor. */
export type SecondFactorState = {
  /** Since when; absent where there is none. */
  readonly since?: string | undefined
  /** Recovery codes that are not used yet. */
  readonly recoveryCodes: number
  /** Whether the tenant asks it of the user's role. */
  readonly required: boolean
}

export type SecondFactorStore = ReturnType<typeof createSecondFactors>

/** Authenticator codes (TOTP) and recovery codes: what a user has beside the password. */
export function createSecondFactors(
  database: Connection,
  { secrets, throttle }: { readonly secrets: Secrets; readonly throttle: Throttle },
) {
  /** The period of a good code is kept, so that no code is good twice; two requests with one code wait for each other. */
  const takeCode = (tenant: string, user: string, code: string): Promise<boolean> =>
    database.transaction(async (sql) => {
      const [row] = await sql.query<{ secret: Buffer; lastStep: number; seconds: number }>(
        `select secret_sealed as secret, last_step as "lastStep", extract(epoch from now())::float8 as seconds
           from second_factors where tenant_id = $1 and user_id = $2 for update`,
        [tenant, user],
      )
      const step = row && stepOf(code, secrets.open(row.secret), row)
      if (step === undefined) return false
      await sql.query(
        'update second_factors set last_step = $3 where tenant_id = $1 and user_id = $2',
        [tenant, user, step],
      )
      return true
    })

  const takeRecoveryCode = async (tenant: string, user: string, code: string): Promise<boolean> => {
    const used = await database.query(
      `update recovery_codes set used_at = now()
        where tenant_id = $1 and user_id = $2 and hash = $3 and used_at is null returning hash`,
      [tenant, user, hashOfCode(code)],
    )
    return used.length > 0
  }

  return {
    async state({ tenant, user, role }: Actor): Promise<SecondFactorState> {
      const [row] = await database.query<{ since: string | null; left: number; required: boolean }>(
        `select ${instant('(select confirmed_at from second_factors where tenant_id = $1 and user_id = $2)')} as since,
                (select count(*)::int from recovery_codes
                  where tenant_id = $1 and user_id = $2 and used_at is null) as left,
                exists (select 1 from sign_in_policies
                  where tenant_id = $1 and $3 = any(second_factor_roles)) as required`,
        [tenant, user, role],
      )
      return {
        ...(row?.since ? { since: row.since } : {}),
        recoveryCodes: row?.left ?? 0,
        required: row?.required ?? false,
      }
    },

    /** Uses up a code of the authenticator, or a recovery code. */
    async take(
      { tenant, user, name }: Pick<Actor, 'tenant' | 'user' | 'name'>,
      code: string,
    ): Promise<Result<undefined, CodeRefusal>> {
      const attempt = await throttle.beginCode(tenant, name)
      if (!attempt.ok) return attempt
      const text = code.trim()
      const good = /^\d{6}$/.test(text)
        ? await takeCode(tenant, user, text)
        : await takeRecoveryCode(tenant, user, text)
      if (!good) return err({ code: 'wrong_code', left: attempt.value.left })
      await throttle.forgetCodes(tenant, name)
      return ok(undefined)
    },

    /** A new secret, which counts once a code of it is confirmed; undefined where one counts already. */
    async begin({ tenant, user, name }: Actor, issuer: string) {
      const secret = newSecret()
      const [row] = await database.query(
        `insert into second_factors as f (tenant_id, user_id, secret_sealed) values ($1, $2, $3)
         on conflict (tenant_id, user_id) do update
           set secret_sealed = excluded.secret_sealed, last_step = 0, created_at = now() where f.confirmed_at is null
         returning user_id`,
        [tenant, user, secrets.seal(secret)],
      )
      return row && { secret, address: secretAddress(secret, issuer, name) }
    },

    /** From now on the secret counts; the recovery codes are told this once. */
    async confirm(sql: Sql, { tenant, user }: Actor): Promise<readonly string[] | undefined> {
      const [row] = await sql.query(
        `update second_factors set confirmed_at = now()
          where tenant_id = $1 and user_id = $2 and confirmed_at is null returning user_id`,
        [tenant, user],
      )
      return row && renewCodes(sql, tenant, user)
    },

    renewCodes: (sql: Sql, { tenant, user }: Actor) => renewCodes(sql, tenant, user),
  }
}

async function renewCodes(sql: Sql, tenant: string, user: string): Promise<readonly string[]> {
  const codes = newRecoveryCodes()
  await sql.query('delete from recovery_codes where tenant_id = $1 and user_id = $2', [
    tenant,
    user,
  ])
  await sql.query(
    `insert into recovery_codes (tenant_id, user_id, hash) select $1, $2, unnest($3::bytea[])`,
    [tenant, user, codes.map(({ hash }) => hash)],
  )
  return codes.map(({ code }) => code)
}

/** Takes a user's second factor away. */
export async function removeSecondFactor(sql: Sql, tenant: string, user: string): Promise<void> {
  await sql.query('delete from recovery_codes where tenant_id = $1 and user_id = $2', [
    tenant,
    user,
  ])
  await sql.query('delete from second_factors where tenant_id = $1 and user_id = $2', [
    tenant,
    user,
  ])
}

/** The roles of a tenant that have to bring a second factor. */
export async function secondFactorRoles(sql: Sql, tenant: string): Promise<readonly Role[]> {
  const [row] = await sql.query<{ roles: Role[] }>(
    'select second_factor_roles as roles from sign_in_policies where tenant_id = $1',
    [tenant],
  )
  return row?.roles ?? []
}
