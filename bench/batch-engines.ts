import { Session } from 'chdb'
import type { PlainDate } from '#base/plain-date.ts'
import { compileSql, type DialectName, type SchemeBook } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { settledOf, summed } from '../test/engines/kernel.ts'

/** How long an engine takes for the same bills by the compiled SQL, from Parquet to their number and hash: nothing is written. */
export type Beside = { readonly name: string; readonly seconds: number; readonly hash: bigint }

const BILLS = ['bill', 'person', 'admitted', 'discharged', 'settled', 'medical', 'level']
const PARTS = ['inScope', 'upfront', 'outOfScope']

/** The five tiers in DuckDB and in ClickHouse, each with two threads, one after the other. */
export async function sqlBeside(
  book: SchemeBook,
  files: { readonly bills: string; readonly persons: string; readonly temporary: string },
): Promise<Beside[]> {
  const five = book.schemes.get('bench/five/five')
  if (!five) throw new Error('the uniform plan is not there')
  const query = (dialect: DialectName): string => {
    const compiled = compileSql(book, {
      schemes: [five],
      from: '2024-01-01' as PlainDate,
      until: '2024-12-31' as PlainDate,
      allowUndated: true,
      dialect,
      bills: { from: { parquet: files.bills }, columns: [...BILLS, ...PARTS] },
      persons: { from: { parquet: files.persons }, columns: ['person', 'scheme', 'from'] },
    })
    if (!compiled.ok) throw new Error('the uniform plan does not compile')
    return summed(compiled.sql, dialect)
  }
  const timed = async (name: string, ask: () => Promise<readonly string[]>): Promise<Beside> => {
    const began = performance.now()
    const { hash } = settledOf(await ask())
    return { name, hash, seconds: (performance.now() - began) / 1000 }
  }
  const duckdb = await ColumnFiles.open({
    threads: 2,
    memoryMb: 6144,
    temporary: files.temporary,
  })
  const first = await timed('DuckDB', async () =>
    Object.values((await duckdb.rows(query('duckdb')))[0] ?? {}).map(String),
  )
  duckdb.close()
  const session = new Session()
  const second = await timed('ClickHouse (chDB)', () =>
    Promise.resolve(
      session
        .query(`${query('clickhouse')}SETTINGS max_threads = 2`, 'TSV')
        .trim()
        .split('\t'),
    ),
  )
  session.cleanup()
  return [first, second]
}
