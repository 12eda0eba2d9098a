import type { Sql } from './database.ts'
import type { Head, LogEntry, Seal } from './log-chain.ts'

/** A seal as it is kept, with the code of whoever made it. */
export type SealRow = Seal & {
  readonly key: string
  readonly code: Buffer
} & Reached

/** How far a chain has come: younger transactions wait, of entries that were written here. */
export type Reached = { readonly untilTransaction: string; readonly untilId: number }
export const NOTHING_SEALED: Reached = { untilTransaction: '0', untilId: 0 }

const UTC = (column: string, digits: 'MS' | 'US') =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.${digits}"Z"')`
const ENTRY = `id, tenant_id as tenant, ${UTC('at', 'US')} as at, user_name as "user", action, subject, purpose`
const SEAL = `tenant_id as tenant, number, ${UTC('sealed_at', 'MS')} as "sealedAt", hash, key, code,
  until_transaction::text as "untilTransaction", until_id as "untilId"`

/** One sealer at a time works on a tenant's chain. False where another does. */
export async function holdChain(sql: Sql, tenant: string): Promise<boolean> {
  const [row] = await sql.query<{ held: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 60)) as held',
    [tenant],
  )
  return row?.held ?? false
}

/** No transaction older than this one runs any more, so what they wrote is there to be seen. */
export async function horizon(sql: Sql): Promise<{ readonly oldest: string; readonly at: string }> {
  const [row] = await sql.query<{ oldest: string; at: string }>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as oldest, ${UTC('clock_timestamp()', 'MS')} as at`,
  )
  if (!row) throw new Error('the database gives no snapshot')
  return row
}

/**
 * Where a batch of about `most` entries ends: entries of one transaction stay together. Undefined where
 * nothing waits. `below` is the transaction from which on entries may still be missing.
 */
export async function batchEnd(
  sql: Sql,
  tenant: string,
  { untilTransaction, untilId }: Reached,
  below: string,
  most: number,
): Promise<string | undefined> {
  const [row] = await sql.query<{ last: string | null; waiting: boolean }>(
    `with waiting as (
       select written_in from access_log where tenant_id = $1 and written_in >= $2::xid8 and written_in < $3::xid8 and id > $5
        order by written_in limit $4
     )
     select max(written_in)::text as last, count(*) > 0 as waiting from waiting`,
    [tenant, untilTransaction, below, most, untilId],
  )
  return row?.waiting && row.last !== null ? String(BigInt(row.last) + 1n) : undefined
}

export async function entriesBetween(
  sql: Sql,
  tenant: string,
  { untilTransaction, untilId }: Reached,
  until: string,
): Promise<LogEntry[]> {
  return sql.query(
    `select ${ENTRY} from access_log where tenant_id = $1 and written_in >= $2::xid8 and written_in < $3::xid8 and id > $4
      order by written_in, id`,
    [tenant, untilTransaction, until, untilId],
  )
}

/** The newest seal, without the list of its entries. */
export type LastSeal = Omit<SealRow, 'ids' | 'marks' | 'root' | 'previous'>

export async function lastSeal(sql: Sql, tenant: string): Promise<LastSeal | undefined> {
  const [row] = await sql.query<LastSeal>(
    `select ${SEAL} from access_seals where tenant_id = $1 order by number desc limit 1`,
    [tenant],
  )
  return row
}

/** Some seals after a number, in order. */
export async function sealsAfter(
  sql: Sql,
  tenant: string,
  number: number,
  limit: number,
): Promise<SealRow[]> {
  const rows = await sql.query<SealRow>(
    `select ${SEAL}, ids, marks, root, previous from access_seals where tenant_id = $1 and number > $2 order by number limit $3`,
    [tenant, number, limit],
  )
  // Numbers in an array arrive as text.
  return rows.map((row) => ({ ...row, ids: row.ids.map(Number) }))
}

export async function insertSeal(sql: Sql, row: SealRow): Promise<void> {
  await sql.query(
    `insert into access_seals (tenant_id, number, sealed_at, ids, marks, root, previous, hash, key, code, until_transaction, until_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::xid8, $12)`,
    [
      row.tenant,
      row.number,
      row.sealedAt,
      row.ids,
      row.marks,
      row.root,
      row.previous,
      row.hash,
      row.key,
      row.code,
      row.untilTransaction,
      row.untilId,
    ],
  )
}

/** How many entries are sealed, of all tenants. */
export async function countSealed(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select coalesce(sum(cardinality(ids)), 0)::bigint as n from access_seals',
  )
  return row?.n ?? 0
}

/** The entries of these numbers that are there. */
export async function entriesOf(
  sql: Sql,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, LogEntry>> {
  const rows = await sql.query<LogEntry>(
    `select ${ENTRY} from access_log where tenant_id = $1 and id = any($2::bigint[])`,
    [tenant, ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Entries younger than the newest seal, and how long the oldest of them has waited. */
export type Waiting = { readonly waiting: number; readonly seconds: number }

export async function countEntries(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from access_log where tenant_id = $1',
    [tenant],
  )
  return row?.n ?? 0
}

export async function countWaiting(
  sql: Sql,
  tenant: string,
  { untilTransaction, untilId }: Reached,
): Promise<Waiting> {
  const [row] = await sql.query<Waiting>(
    `select count(*) as waiting, coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
       from access_log where tenant_id = $1 and written_in >= $2::xid8 and id > $3`,
    [tenant, untilTransaction, untilId],
  )
  return row ?? { waiting: 0, seconds: 0 }
}

/** An entry that no seal covers although it is older than the newest one: somebody slipped it in. */
export async function strayEntry(
  sql: Sql,
  tenant: string,
  { untilTransaction, untilId }: Reached,
): Promise<number | undefined> {
  const [row] = await sql.query<{ id: number }>(
    `select id from access_log where tenant_id = $1 and not (written_in >= $2::xid8 and id > $3)
     except select unnest(ids) from access_seals where tenant_id = $1 order by id limit 1`,
    [tenant, untilTransaction, untilId],
  )
  return row?.id
}

/**
 * Whether a chain, or an entry, is ahead of this database's own count of transactions: then it was copied
 * from another one. `next` is a transaction of this one, `newest` the last entry that was copied.
 */
export async function whereabouts(
  sql: Sql,
  tenant: string,
  { untilTransaction }: Reached,
): Promise<{ readonly elsewhere: boolean; readonly newest: number }> {
  const [row] = await sql.query<{ elsewhere: boolean; newest: number }>(
    `select greatest($2::xid8, coalesce(max(written_in), '0')) > pg_snapshot_xmax(pg_current_snapshot()) as elsewhere,
            coalesce(max(id), 0) as newest
       from access_log where tenant_id = $1`,
    [tenant, untilTransaction],
  )
  return row ?? { elsewhere: false, newest: 0 }
}

export async function thisTransaction(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ id: string }>('select pg_current_xact_id()::text as id')
  return row?.id ?? '0'
}

/** The entries that no seal covers. */
export async function unsealedEntries(sql: Sql, tenant: string): Promise<LogEntry[]> {
  return sql.query(
    `select ${ENTRY} from access_log where tenant_id = $1
        and id not in (select unnest(ids) from access_seals where tenant_id = $1) order by id`,
    [tenant],
  )
}

export type Check = {
  readonly at: string
  readonly seals: number
  readonly entries: number
  readonly sound: boolean
  readonly finding: string | null
}

export async function insertCheck(
  sql: Sql,
  tenant: string,
  { seals, entries, sound, finding }: Omit<Check, 'at'>,
): Promise<void> {
  await sql.query(
    'insert into access_checks (tenant_id, seals, entries, sound, finding) values ($1, $2, $3, $4, $5)',
    [tenant, seals, entries, sound, finding],
  )
}

export async function lastCheck(sql: Sql, tenant: string): Promise<Check | undefined> {
  const [row] = await sql.query<Check>(
    `select to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as at, seals, entries, sound, finding
       from access_checks where tenant_id = $1 order by id desc limit 1`,
    [tenant],
  )
  return row
}

export const headOf = ({ tenant, number, sealedAt, hash }: LastSeal): Head => ({
  tenant,
  number,
  sealedAt,
  hash: hash.toString('hex'),
})
