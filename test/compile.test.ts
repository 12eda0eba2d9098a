import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Session } from 'chdb'
import { compileList, LISTED_YEAR } from '#app/compile-command.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import { compose } from '#base/plain-date.ts'
import { compileSql, type DialectName, type Scheme } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { comparePlans } from './plans/compare.ts'
import { type Invented, invent, settleInvented, tablesOf } from './plans/invented.ts'

const root = join(import.meta.dirname, '..')
const book = loadSchemes(join(root, 'schemes'))
const from = compose(LISTED_YEAR, 1, 1)
const until = compose(LISTED_YEAR, 12, 31)
let files: ColumnFiles

before(async () => {
  files = await ColumnFiles.open({ threads: 1, memoryMb: 512, temporary: tmpdir() })
})
after(() => files.close())

const compiled = (schemes: readonly Scheme[], dialect: DialectName = 'duckdb') =>
  compileSql(book, {
    schemes,
    from,
    until,
    allowUndated: true,
    dialect,
    bills: { from: { table: 'bills' }, columns: undefined },
    persons: { from: { table: 'persons' }, columns: undefined },
  })

type Engine = (sql: string, invented: Invented) => Promise<unknown[][]>

const duckdb: Engine = async (sql, invented) => {
  for (const [name, { columns, values }] of Object.entries(tablesOf(invented))) {
    const list = columns.map(([column, type]) => `"${column}" ${type}`).join(', ')
    await files.rows(`CREATE OR REPLACE TABLE ${name} (${list})`)
    await files.rows(`INSERT INTO ${name} VALUES ${values.join(', ')}`)
  }
  return (await files.rows(sql)).map((row) => Object.values(row))
}

const clickhouseRows = (session: Session, sql: string): unknown[][] =>
  session
    .query(sql, 'JSONCompactEachRow')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown[]]))

/** ClickHouse as a library; it says of every column whether it may be empty. */
const clickhouse =
  (session: Session): Engine =>
  async (sql, invented) => {
    const types: Record<string, string> = { BIGINT: 'Int64', DATE: 'Date32', VARCHAR: 'String' }
    for (const [name, { columns, values }] of Object.entries(tablesOf(invented))) {
      const list = columns.map(([column, type]) => `"${column}" Nullable(${types[type]})`)
      session.query(`DROP TABLE IF EXISTS ${name}`)
      session.query(`CREATE TABLE ${name} (${list.join(', ')}) ENGINE = Memory`)
      session.query(`INSERT INTO ${name} VALUES ${values.join(', ').replaceAll('DATE ', '')}`)
    }
    return clickhouseRows(session, sql)
  }

/** What the SQL settles, in the order of bills, and the hash of it. */
async function run(engine: Engine, sql: string, invented: Invented) {
  const found = await engine(sql, invented)
  let hash = 0n
  const rows = found.map((row) => {
    const [bill, person, plan, ...amounts] = row.map(Number)
    hash += BigInt(amounts.pop() as number)
    const patient = amounts.pop()
    return [bill, person, plan, patient, ...amounts]
  })
  return { rows: rows.toSorted(([a = 0], [b = 0]) => a - b), hash }
}

/** Compares every so many schemes that compile with the kernel: each bill, and the hash of all. */
async function compareSchemes(engine: Engine, dialect: DialectName, persons: number, each: number) {
  const publics = [...book.schemes.values()].filter(({ kind }) => kind === 'public')
  let [schemes, settled] = [0, 0]
  for (const [i, scheme] of publics.entries()) {
    if (i % each !== 0) continue
    const found = compiled([scheme], dialect)
    if (!found.ok) continue
    const invented = invent(book, scheme, { year: LISTED_YEAR, persons, seed: i + 1 })
    const expected = settleInvented(book, invented, until)
    const { rows, hash } = await run(engine, found.sql, invented)
    assert.deepEqual(rows, expected.rows, scheme.id)
    assert.equal(hash, expected.hash, scheme.id)
    schemes++
    settled += rows.length
  }
  return { schemes, settled }
}

test('the SQL of every scheme that compiles settles invented bills like the kernel, by bill and by hash', async () => {
  const { schemes, settled } = await compareSchemes(duckdb, 'duckdb', 25, 1)
  assert(schemes >= 30 && settled >= 2_000, `${schemes} schemes, ${settled} bills`)
})

test('ClickHouse settles the same bills to the same fen, and random plans', async () => {
  const session = new Session()
  try {
    session.query('CREATE DATABASE settled')
    session.query('USE settled')
    const { schemes, settled } = await compareSchemes(clickhouse(session), 'clickhouse', 10, 5)
    assert(schemes >= 5 && settled >= 100, `${schemes} schemes, ${settled} bills`)
    const { compared } = await comparePlans(
      10,
      'clickhouse',
      async (sql) => clickhouseRows(session, sql).map((row) => row.map(Number)),
      20_251_126,
    )
    assert(compared >= 3, `${compared} plans`)
  } finally {
    session.cleanup()
  }
})

test('schemes that have tiers in common compile together', async () => {
  const schemes = ['employee', 'resident'].map(
    (name) => book.schemes.get(`jiangsu/jiangyin/${name}`) as Scheme,
  )
  const found = compiled(schemes)
  assert(found.ok)
  for (const [i, scheme] of schemes.entries()) {
    const invented = invent(book, scheme, { year: LISTED_YEAR, persons: 15, seed: i + 1 })
    const { rows } = await run(duckdb, found.sql, invented)
    // A row has as many amounts as the longest of the plans.
    const expected = settleInvented(book, invented, until).rows
    const width = rows[0]?.length ?? 0
    assert.deepEqual(
      rows,
      expected.map((row) => [...row, ...Array.from({ length: width - row.length }, () => 0)]),
    )
    assert(rows.length > 10)
  }
})

test('random plans come to the same fen in SQL as in the kernel', async () => {
  const { compared } = await comparePlans(
    120,
    'duckdb',
    async (sql) => (await files.rows(sql)).map((row) => Object.values(row).map(Number)),
    20_251_126,
  )
  assert(compared >= 40, `${compared} plans`)
})

test('one fen more in the SQL is seen', async () => {
  const scheme = book.schemes.get('jiangsu/suzhou/resident') as Scheme
  const found = compiled([scheme])
  assert(found.ok)
  const invented = invent(book, scheme, { year: LISTED_YEAR, persons: 20, seed: 1 })
  const expected = settleInvented(book, invented, until)
  const faulty = found.sql.replace(
    / AS paid_1/,
    ' + CASE WHEN bill_0 % 9 = 0 THEN 1 ELSE 0 END AS paid_1',
  )
  const { rows } = await run(duckdb, faulty, invented)
  assert.notDeepEqual(rows, expected.rows)
})

test('docs/scale.md lists the schemes that compile, and why the others do not', () => {
  const text = readFileSync(join(root, 'docs/scale.md'), 'utf8')
  assert(
    text.includes(compileList(book)),
    'print the list again with "npx kangyang compile" and put it into docs/scale.md',
  )
})
