/** `kangyang city` as a user meets it: files in a temporary folder, the same on any number of threads. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ColumnFiles } from '#platform/columns.ts'

const BIN = fileURLToPath(new URL('../bin/kangyang', import.meta.url))
const FOLDER = mkdtempSync(join(tmpdir(), 'kangyang-city-'))
after(() => rmSync(FOLDER, { recursive: true, force: true }))
const ROOT = fileURLToPath(new URL('../schemes', import.meta.url))
const SCHEMES = join(FOLDER, 'schemes')
for (const name of ['attributes.yaml', 'exclusions.yaml', 'teaching'])
  cpSync(join(ROOT, name), join(SCHEMES, name), { recursive: true })

const city = (name: string, ...more: string[]) =>
  spawnSync(
    BIN,
    [
      'city',
      '--persons',
      '52000',
      '--year',
      '2025',
      '--schemes',
      SCHEMES,
      '--out',
      join(FOLDER, name),
      ...more,
    ],
    { encoding: 'utf8' },
  )

test('the same seed writes the same files on one thread and on three', () => {
  const one = city('one', '--seed', '5', '--workers', '1')
  assert.equal(one.status, 0, one.stderr)
  assert.match(one.stdout, /52,000 人/)
  assert.equal(city('three', '--seed', '5', '--workers', '3').status, 0)
  const names = readdirSync(join(FOLDER, 'one'))
  assert(names.includes('persons-0002.parquet') && names.includes('bills-12-0001.parquet'))
  assert.deepEqual(readdirSync(join(FOLDER, 'three')), names)
  for (const name of names.filter((each) => each.endsWith('.parquet')))
    assert(
      readFileSync(join(FOLDER, 'one', name)).equals(readFileSync(join(FOLDER, 'three', name))),
      name,
    )
})

test('with lines, the bills are the same, and the lines add up to them', async () => {
  assert.equal(city('lines', '--seed', '5', '--lines').status, 0)
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: FOLDER })
  const of = (name: string, kind: string) => `read_parquet('${join(FOLDER, name, kind)}-*.parquet')`
  const cost = '"inScope" + "upfront" + "overLimit" + "outOfScope" + "specialDrug"'
  const [all] = await files.rows(`
    SELECT (SELECT sum(amount) FROM ${of('lines', 'lines')}) = sum(${cost}) AS whole,
      count(*) = count(DISTINCT bill) AS once, count(*)::INTEGER AS bills FROM ${of('lines', 'bills')}`)
  assert.deepEqual({ whole: all?.whole, once: all?.once }, { whole: true, once: true })
  const [other] = await files.rows(`SELECT count(*)::INTEGER AS bills FROM
    (FROM ${of('lines', 'bills')} EXCEPT FROM ${of('one', 'bills')})`)
  assert.equal(other?.bills, 0)
  files.close()
})

test('whoever was born on 1970-01-01, the day from which days are counted, has that birthday', async () => {
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: FOLDER })
  const [all] = await files.rows(`
    SELECT count(*) = count(born) AS everybody, count(*) FILTER (born = DATE '1970-01-01') > 0 AS some
      FROM read_parquet('${join(FOLDER, 'one', 'persons')}-*.parquet')`)
  assert.deepEqual(all, { everybody: true, some: true })
  files.close()
})

test('a folder that holds something is refused, and so is a place without a scheme', () => {
  const again = city('one', '--seed', '6')
  assert.equal(again.status, 2)
  assert.match(again.stderr, /is not empty/)
  const nowhere = city('nowhere', '--place', 'no/where')
  assert.equal(nowhere.status, 2)
  assert.match(nowhere.stderr, /no public scheme of no\/where/)
})
