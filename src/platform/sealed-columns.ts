import type { Database, Sql } from './database.ts'
import type { Secrets } from './secrets.ts'

/** Where sealed values stand: every column of bytes whose name says so, with the key of its rows. */
export type SealedColumn = {
  readonly table: string
  readonly column: string
  readonly keys: readonly string[]
}

/** Read from the database itself, so that a new table cannot be forgotten. */
export async function sealedColumns(sql: Sql): Promise<SealedColumn[]> {
  return sql.query(
    `select c.relname as table, a.attname as column,
            (select array_agg(k.attname::text order by array_position(i.indkey::int2[], k.attnum)) from pg_index i
               join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey::int2[])
              where i.indrelid = c.oid and i.indisprimary) as keys
       from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and a.atttypid = 'bytea'::regtype and a.attname ~ '(^|_)sealed$'
      order by 1, 2`,
  )
}

export type KeyUse = {
  readonly table: string
  readonly column: string
  readonly key: string
  readonly values: number
}

/** How many values are sealed under which key; no key where they are from before keys had ids. */
export async function keysInUse(sql: Sql): Promise<KeyUse[]> {
  const uses: KeyUse[] = []
  for (const { table, column } of await sealedColumns(sql)) {
    const rows = await sql.query<Pick<KeyUse, 'key' | 'values'>>(
      `select case get_byte("${column}", 0) when 2 then encode(substring("${column}" from 2 for 4), 'hex') else '' end as key,
              count(*) as values
         from "${table}" where "${column}" is not null group by 1 order by 1`,
    )
    uses.push(...rows.map((row) => ({ table, column, ...row })))
  }
  return uses
}

/** Small enough that nobody waits long for a row that is being sealed anew; pieces of files are large. */
const ROWS_AT_ONCE = 500
const PIECES_AT_ONCE = 8
const LARGE = /^import_|\.content_sealed$/

/**
 * Seals whatever is not under the first key of the ring anew under it, while everybody works on. May be
 * stopped and begun again: what is done is passed over. `step` is told of the values that were sealed anew.
 */
export async function resealAll(
  database: Database,
  secrets: Secrets,
  step: (values: number) => void = () => {},
): Promise<number> {
  let all = 0
  for (const column of await sealedColumns(database)) {
    const atOnce = LARGE.test(`${column.table}.${column.column}`) ? PIECES_AT_ONCE : ROWS_AT_ONCE
    for (let last: readonly string[] | undefined = []; last; ) {
      const after: readonly string[] = last
      const lot = await database.transaction((sql) =>
        resealLot(sql, secrets, column, after, atOnce),
      )
      all += lot.resealed
      step(lot.resealed)
      last = lot.last
    }
  }
  return all
}

/** One lot, in the order of its keys: the order in which everybody else locks rows, too. */
async function resealLot(
  sql: Sql,
  secrets: Secrets,
  { table, column, keys }: SealedColumn,
  after: readonly string[],
  limit: number,
): Promise<{ readonly resealed: number; readonly last: readonly string[] | undefined }> {
  const list = keys.map((key) => `"${key}"`).join(', ')
  const beyond =
    after.length > 0 ? `and (${list}) > (${after.map((_, i) => `$${i + 3}`).join(', ')})` : ''
  const rows = await sql.query<Record<string, string> & { sealed: Buffer; place: string }>(
    `select ${keys.map((key) => `"${key}"::text`).join(', ')}, "${column}" as sealed, ctid::text as place from "${table}"
      where "${column}" is not null and substring("${column}" from 1 for 5) <> $2 ${beyond}
      order by ${list} limit $1 for update`,
    [limit, secrets.seal('').subarray(0, 5), ...after],
  )
  if (rows.length > 0)
    // A row that is locked stays where it is.
    await sql.query(
      `update "${table}" t set "${column}" = g.sealed from unnest($1::bytea[], $2::tid[]) as g (sealed, place)
        where t.ctid = any($2::tid[]) and t.ctid = g.place`,
      [
        rows.map(({ sealed }) => secrets.sealBytes(secrets.openBytes(sealed))),
        rows.map(({ place }) => place),
      ],
    )
  const last = rows.length === limit ? rows.at(-1) : undefined
  return { resealed: rows.length, last: last && keys.map((key) => last[key] as string) }
}
