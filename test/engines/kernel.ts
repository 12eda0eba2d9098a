import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LISTED_YEAR } from '#app/compile-command.ts'
import { parquetColumns } from '#app/parquet-columns.ts'
import { compose } from '#base/plain-date.ts'
import { compileSql, type DialectName, type SchemeBook } from '#domains/settlement/index.ts'
import { ColumnFiles, quote } from '#platform/columns.ts'
import { filesOf, type Group, placeSql } from './city.ts'

const CLI = fileURLToPath(new URL('../../src/app/cli.ts', import.meta.url))

/** How many bills of some persons were settled, and the hash of their results. */
export type Settled = { readonly bills: number; readonly hash: bigint }

export const hashOf = (hash: bigint): string =>
  BigInt.asUintN(64, hash).toString(16).padStart(16, '0')

/**
 * What `kangyang batch settle` makes of a city: for each group, and how long and with how much memory. Goes on where an
 * earlier run in the same folder was stopped.
 */
export async function settleByKernel(
  folder: string,
  groups: number,
): Promise<{
  readonly settled: readonly Settled[]
  readonly seconds: number
  readonly mb: number
}> {
  const out = join(folder, 'out')
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[CLI, 'batch', 'settle', '--lang', 'en', '--allow-undated', '--out', out],
      ...['--today', compose(LISTED_YEAR, 12, 31)],
      ...['--bills', join(folder, 'bills/*/*/*.parquet')],
      ...['--persons', join(folder, 'persons/*/*.parquet')],
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0 && status !== 1) throw new Error(`kangyang batch settle: ${stderr}`)
  const seconds = (performance.now() - began) / 1000
  const files = await ColumnFiles.open({ threads: 2, memoryMb: 2048, temporary: folder })
  const results = `read_parquet(${quote(join(out, 'bills/*.parquet'))}, union_by_name = true)`
  const described = await files.rows(`DESCRIBE SELECT * FROM ${results}`)
  const paid = described
    .map((row) => String(row.column_name))
    .filter((name) => /^paid_\d+$/.test(name))
  const weighed = paid.map(
    (name) => `${2 * Number(name.slice(5)) + 1} * COALESCE(${name}, 0)::BIGINT`,
  )
  const rows = await files.rows(
    `SELECT ${placeSql('person', groups)} AS place, COUNT(*) AS bills, CAST(SUM(((${['patient::BIGINT', ...weighed].join(' + ')}) % 2147483647) * (bill % 1048573 + 1)) AS VARCHAR) AS hash FROM ${results} GROUP BY 1`,
  )
  files.close()
  rmSync(out, { recursive: true })
  const settled = Array.from({ length: groups }, (): Settled => ({ bills: 0, hash: 0n }))
  for (const { place, bills, hash } of rows)
    settled[Number(place)] = { bills: Number(bills), hash: BigInt(String(hash)) }
  return {
    settled,
    seconds,
    mb: Number(/at most ([\d,]+) MB/.exec(stdout)?.[1]?.replaceAll(',', '')),
  }
}

/** Compiles the query of each group over its files. */
export async function queriesOf(
  book: SchemeBook,
  groups: readonly Group[],
  folder: string,
  dialect: DialectName,
): Promise<string[]> {
  const columns = {
    bills: await parquetColumns('bills', filesOf(folder, 0).bills),
    persons: await parquetColumns('persons', filesOf(folder, 0).persons),
  }
  return groups.map(({ name, schemes }, g) => {
    const { bills, persons } = filesOf(folder, g)
    const compiled = compileSql(book, {
      schemes,
      from: compose(LISTED_YEAR, 1, 1),
      until: compose(LISTED_YEAR, 12, 31),
      allowUndated: true,
      dialect,
      bills: { from: { parquet: bills }, columns: columns.bills },
      persons: { from: { parquet: persons }, columns: columns.persons },
    })
    if (!compiled.ok) throw new Error(`${name} does not compile`)
    return compiled.sql
  })
}

/** A query with one fen more for the first tier of one bill in a thousand. */
export const faulty = (sql: string): string => {
  const wrong = sql.replace(/ \* \(bill_0 % 1048573 \+ 1\) AS row_hash/, (text) =>
    text.replace(
      ' AS row_hash',
      ' + CASE WHEN bill_0 % 1000 = 0 THEN 3 * (bill_0 % 1048573 + 1) ELSE 0 END AS row_hash',
    ),
  )
  if (wrong === sql) throw new Error('the fault found no place')
  return wrong
}

/** How many bills a query settles, and the sum of their hashes, which is beyond 64 bits in a large city. */
export function summed(sql: string, dialect: DialectName): string {
  const text = { duckdb: 'VARCHAR', clickhouse: 'String', spark: 'STRING' }[dialect]
  const hash = 'CAST(row_hash AS DECIMAL(38, 0))'
  return `SELECT COUNT(*), CAST(COALESCE(SUM(${hash}), 0) AS ${text}) FROM (\n${sql}\n)`
}

/** What an engine answers to that. */
export function settledOf([bills = '', hash = '']: readonly string[]): Settled {
  return { bills: Number(bills), hash: BigInt(hash) }
}
