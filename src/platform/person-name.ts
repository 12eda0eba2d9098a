import type { Database, Sql } from './database.ts'
import type { Secrets } from './secrets.ts'

/** A person's name as it is kept: sealed, and found whole by its digest. */
export type KeptName = { readonly sealed: Buffer; readonly digest: Buffer }

export const keepName = (secrets: Pick<Secrets, 'seal' | 'digest'>, name: string): KeptName => ({
  sealed: secrets.seal(name),
  digest: nameDigest(secrets, name),
})

/** Spaces, case and the width of characters make no difference: a name is found however it was typed. */
export const nameDigest = (secrets: Pick<Secrets, 'digest'>, name: string): Buffer =>
  secrets.digest(`name ${name.normalize('NFKC').replace(/\s+/g, '').toLowerCase()}`)

/** Names that an earlier version left open. */
export async function countOpenNames(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from persons where name is not null',
  )
  return row?.n ?? 0
}

const AT_ONCE = 5_000

/**
 * Seals the names that an earlier version left open, some thousand at a time. It may be stopped and goes on
 * where it was. `step` is told of each lot. Answers with how many there were.
 */
export async function sealOpenNames(
  database: Database,
  secrets: Pick<Secrets, 'seal' | 'digest'>,
  step: (names: number) => void = () => {},
): Promise<number> {
  for (let all = 0; ; ) {
    const sealed = await database.transaction(async (sql) => {
      const rows = await sql.query<{ tenant: string; id: string; name: string }>(
        `select tenant_id as tenant, id, name from persons where name is not null
          order by tenant_id, id limit ${AT_ONCE} for update skip locked`,
      )
      const kept = rows.map(({ name }) => keepName(secrets, name))
      await sql.query(
        `update persons p set name = null, name_sealed = g.sealed, name_digest = g.digest
           from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as g (tenant, id, sealed, digest)
          where p.tenant_id = g.tenant and p.id = g.id`,
        [
          rows.map(({ tenant }) => tenant),
          rows.map(({ id }) => id),
          kept.map((each) => each.sealed),
          kept.map((each) => each.digest),
        ],
      )
      return rows.length
    })
    if (sealed === 0) return all
    all += sealed
    step(sealed)
  }
}
