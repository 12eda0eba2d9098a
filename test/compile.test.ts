import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { compileList, LISTED_YEAR } from '#app/compile-command.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import { compose } from '#base/plain-date.ts'
import { compileSql, type Scheme } from '#domains/settlement/index.ts'
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

const compiled = (schemes: readonly Scheme[]) =>
  compileSql(book, {
    schemes,
    from,
    until,
    allowUndated: true,
    dialect: 'duckdb',
    bills: { from: { table: 'bills' }, columns: undefined },
    persons: { from: { table: 'persons' }, columns: undefined },
  })

/** The rows of a query over invented bills: what the SQL settles, in the order of bills. */
async function run(sql: string, invented: Invented) {
  for (const [name, { columns, values }] of Object.entries(tablesOf(invented))) {
    const list = columns.map(([column, type]) => `"${column}" ${type}`).join(', ')
    await files.rows(`CREATE OR REPLACE TABLE ${name} (${list})`)
    await files.rows(`INSERT INTO ${name} VALUES ${values.join(', ')}`)
  }
  const found = await files.rows(`SELECT * FROM (${sql}) ORDER BY bill`)
  let hash = 0n
  const rows = found.map((row) => {
    hash += BigInt(row.row_hash as bigint)
    const paid = Object.keys(row).filter((name) => name.startsWith('paid_'))
    return [row.bill, row.person, row.plan, row.patient, ...paid.map((name) => row[name])].map(
      Number,
    )
  })
  return { rows, hash }
}

test('the SQL of every scheme that compiles settles invented bills like the kernel, by bill and by hash', async () => {
  const publics = [...book.schemes.values()].filter(({ kind }) => kind === 'public')
  let [schemes, settled] = [0, 0]
  for (const [i, scheme] of publics.entries()) {
    const found = compiled([scheme])
    if (!found.ok) continue
    const invented = invent(book, scheme, { year: LISTED_YEAR, persons: 25, seed: i + 1 })
    const expected = settleInvented(book, invented, until)
    const { rows, hash } = await run(found.sql, invented)
    assert.deepEqual(rows, expected.rows, scheme.id)
    assert.equal(hash, expected.hash, scheme.id)
    schemes++
    settled += rows.length
  }
  assert(schemes >= 30 && settled >= 2_000, `${schemes} schemes, ${settled} bills`)
})

test('random plans come to the same fen in SQL as in the kernel', async () => {
  const { compared } = await comparePlans(
    200,
    'duckdb',
    async (sql) => (await files.rows(sql)).map((row) => Object.values(row).map(Number)),
    20_251_126,
  )
  assert(compared >= 100, `${compared} plans`)
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
  const { rows } = await run(faulty, invented)
  assert.notDeepEqual(rows, expected.rows)
})

test('docs/scale.md lists the schemes that compile, and why the others do not', () => {
  const text = readFileSync(join(root, 'docs/scale.md'), 'utf8')
  assert(
    text.includes(compileList(book)),
    'print the list again with "npx kangyang compile" and put it into docs/scale.md',
  )
})
