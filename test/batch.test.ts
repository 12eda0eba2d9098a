/** `kangyang batch settle` as a user meets it, on an invented city and on files written by hand. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { readInput } from '#app/input.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import { settleInput } from '#app/settle-input.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'

const BIN = fileURLToPath(new URL('../bin/kangyang', import.meta.url))
const FOLDER = mkdtempSync(join(tmpdir(), 'kangyang-batch-'))
const CITY = join(FOLDER, 'city')
const ROOT = fileURLToPath(new URL('../schemes', import.meta.url))
/** The teaching city alone: reading every place would take longer than what is tested. */
const SCHEMES = join(FOLDER, 'schemes')
for (const name of ['attributes.yaml', 'exclusions.yaml', 'teaching'])
  cpSync(join(ROOT, name), join(SCHEMES, name), { recursive: true })
const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: FOLDER })
after(() => {
  files.close()
  rmSync(FOLDER, { recursive: true, force: true })
})

const withSchemes = (args: readonly string[]) =>
  args.includes('--explain') ? args : [...args, '--schemes', SCHEMES]
const kangyang = (...args: string[]) =>
  spawnSync(BIN, withSchemes(args), { encoding: 'utf8', cwd: FOLDER })
const settleArgs = (out: string, ...more: string[]) => [
  'batch',
  'settle',
  '--bills',
  'city/bills-*.parquet',
  '--persons',
  'city/persons-*.parquet',
  '--out',
  out,
  ...more,
]
const summaryOf = (out: string) =>
  JSON.parse(readFileSync(join(FOLDER, out, 'summary.json'), 'utf8')) as {
    hash: string
    general: number
    tally: Record<string, number>
    funds: { tier: string; paid: number }[]
  }

describe('an invented city', () => {
  before(() => {
    const made = kangyang(
      'city',
      '--persons',
      '6000',
      '--year',
      '2025',
      '--seed',
      '3',
      '--out',
      CITY,
    )
    assert.equal(made.status, 0, made.stderr)
    const settled = kangyang(...settleArgs('one', '--workers', '1', '--codes'))
    assert.equal(settled.status, 0, settled.stderr + settled.stdout)
  })

  test('every bill comes out as it does alone, to the fen', async () => {
    const book = loadSchemes(SCHEMES)
    const persons = await files.rows(
      `SELECT * REPLACE (CAST("from" AS VARCHAR) AS "from", CAST("until" AS VARCHAR) AS "until", CAST(born AS VARCHAR) AS born) FROM '${CITY}/persons-*.parquet' WHERE person % 20 = 0`,
    )
    const bills = await files.rows(
      `SELECT * REPLACE (CAST(admitted AS VARCHAR) AS admitted, CAST(discharged AS VARCHAR) AS discharged, CAST(settled AS VARCHAR) AS settled) FROM '${CITY}/bills-*.parquet' WHERE person % 20 = 0 ORDER BY bill`,
    )
    const input = readInput(
      'city',
      JSON.stringify({
        amounts: 'fen',
        persons: persons.map((p) => ({
          id: String(p.person),
          born: p.born,
          attributes: [
            {
              from: '1900-01-01',
              answers: { sex: p.sex, category: p.category, civilServant: p.civilServant },
            },
          ],
          covers: [
            {
              scheme: p.scheme,
              from: p.from,
              ...(p.until ? { until: p.until } : {}),
              answers: { class: p.class },
            },
          ],
        })),
        bills: bills.map((b) => ({
          id: String(b.bill),
          person: String(b.person),
          admitted: b.admitted,
          discharged: b.discharged,
          settled: b.settled,
          answers: {
            medical: b.medical,
            level: b.level,
            ...(b.disease ? { disease: b.disease } : {}),
          },
          parts: {
            inScope: b.inScope,
            upfront: b.upfront,
            overLimit: b.overLimit,
            outOfScope: b.outOfScope,
            specialDrug: b.specialDrug,
          },
        })),
      }),
      book.vocabulary,
    )
    const settler = createSettler(book, { allowUndated: false, today: plainDate('2026-11-26') })
    const { outcomes } = settleInput(input, settler, () => false)
    const kept = await files.rows(
      `SELECT * FROM read_parquet('${FOLDER}/one/bills/*.parquet', union_by_name = true) WHERE person % 20 = 0`,
    )
    const byBill = new Map(kept.map((row) => [String(row.bill), row]))
    assert(outcomes.length > 800, `${outcomes.length} bills`)
    assert.equal(byBill.size, outcomes.length)
    for (const outcome of outcomes) {
      assert(outcome.settled)
      const { tiers, patient } = outcome.settlement
      const row = byBill.get(outcome.bill.id)
      const paid = tiers.map((_, t) => Number(row?.[`paid_${t + 1}`] ?? 0))
      assert.deepEqual(
        { paid, patient: Number(row?.patient) },
        { paid: tiers.map((tier) => tier.paid), patient },
        `bill ${outcome.bill.id}`,
      )
    }
  })

  test('most bills are settled in columns', () => {
    const { tally, general } = summaryOf('one')
    assert(general < (tally.bills ?? 0) / 20, `${general} of ${tally.bills} went the general way`)
  })

  test('the summary adds up, and so do the funds and the results themselves', async () => {
    const { tally, funds } = summaryOf('one')
    assert.equal(tally.cost, (tally.paid ?? 0) + (tally.patient ?? 0))
    assert.equal(
      funds.reduce((sum, { paid }) => sum + paid, 0),
      tally.paid,
    )
    const [persons] = await files.rows(
      `SELECT sum(bills)::DOUBLE AS bills, sum(cost)::DOUBLE AS cost, sum(patient)::DOUBLE AS patient FROM '${FOLDER}/one/persons/*.parquet'`,
    )
    assert.deepEqual(persons, { bills: tally.bills, cost: tally.cost, patient: tally.patient })
  })

  test('the hash is what any engine computes from the results, on any number of threads', async () => {
    const { hash } = summaryOf('one')
    const three = kangyang(...settleArgs('three', '--workers', '3', '--bucket-persons', '700'))
    assert.equal(three.status, 0, three.stderr)
    assert.equal(summaryOf('three').hash, hash)
    const columns = await files.rows(`DESCRIBE SELECT * FROM '${FOLDER}/one/bills/*.parquet'`)
    const paid = columns
      .map((c) => String(c.column_name))
      .filter((name) => name.startsWith('paid_'))
    const weighed = paid.map(
      (name) => `${2 * Number(name.slice(5)) + 1} * COALESCE(${name}, 0)::BIGINT`,
    )
    const [row] = await files.rows(
      `SELECT sum((((patient + ${weighed.join(' + ')}) % 2147483647) * (bill % 1048573 + 1))::HUGEINT)::VARCHAR AS sum FROM '${FOLDER}/one/bills/*.parquet'`,
    )
    assert.equal(BigInt(String(row?.sum)).toString(16).padStart(16, '0'), hash)
  })

  test('a run that is stopped leaves nothing half written, goes on where it was, and comes to the same', async () => {
    const out = join(FOLDER, 'stopped')
    const args = settleArgs('stopped', '--workers', '2', '--bucket-persons', '700')
    let code: number | null = null
    // On a machine with much to do the run may be over before it is told to stop: then it is tried again.
    for (let tries = 0; code !== 1 && tries < 5; tries++) {
      rmSync(out, { recursive: true, force: true })
      const child = spawn(BIN, withSchemes(args), { cwd: FOLDER })
      const ended = once(child, 'close')
      while (!existsSync(join(out, 'run.json'))) await sleep(2)
      child.kill('SIGINT')
      ;[code] = (await ended) as [number | null]
    }
    assert.equal(code, 1)
    assert(!existsSync(join(out, 'summary.json')), 'it was stopped before its end')
    assert.deepEqual(globSync('**/*.tmp', { cwd: out }), [])
    const again = kangyang(...args)
    assert.equal(again.status, 0, again.stderr)
    assert.match(again.stdout, /接续/)
    assert.equal(summaryOf('stopped').hash, summaryOf('one').hash)

    // As if it had been killed after some buckets.
    const parts = readdirSync(join(out, 'done'))
    for (const part of parts.slice(3)) rmSync(join(out, 'done', part))
    rmSync(join(out, 'summary.json'))
    writeFileSync(join(out, 'bills', `${parts[4]}.parquet.tmp`), 'half of it')
    const third = kangyang(...args)
    assert.equal(third.status, 0, third.stderr)
    assert.equal(summaryOf('stopped').hash, summaryOf('one').hash)
    assert.deepEqual(globSync('**/*.tmp', { cwd: out }), [])

    const other = kangyang(...args, '--allow-undated')
    assert.equal(other.status, 2)
    assert.match(other.stderr, /other bills, rules or options/)
  })

  test("a person's year is explained as a live bill is, also from what a bill was settled from", async () => {
    const [most] = await files.rows(
      `SELECT person, max(bill)::VARCHAR AS bill FROM '${FOLDER}/one/bills/*.parquet' GROUP BY person ORDER BY count(*) DESC, person LIMIT 1`,
    )
    const person = String(most?.person)
    const year = kangyang('batch', 'settle', '--out', 'one', '--explain', person, '--lang', 'en')
    assert.equal(year.status, 0, year.stderr)
    assert.match(year.stdout, /\d+ bills: \d+ settled, 0 refused/)
    const bill = kangyang(
      ...['batch', 'settle', '--out', 'one', '--explain', person, '--bill', String(most?.bill)],
      ...['--lang', 'en'],
    )
    assert.equal(bill.status, 0, bill.stderr)
    assert.match(bill.stdout, /rule teaching\/shifan\//)
  })
})

const PERSONS = `person,born,sex,category,scheme,from,until,class
甲,1980-02-29,男,普通,teaching/shifan/resident,2023-01-01,,成年居民
乙,1990-01-01,女,低保,teaching/shifan/resident,2023-01-01,2025-06-30,成年居民
`
const BILLS = `bill,person,admitted,discharged,settled,medical,level,inScope,upfront,total
b1,甲,2025-03-01,2025-03-09,2025-03-09,住院,三级,2000000,50000,2050000
b2,乙,2025-03-01,2025-03-09,2025-03-09,住院,二级,1000000,,1000000
b3,乙,2025-08-01,2025-08-02,2025-08-02,住院,二级,1000000,,1000000
b4,甲,2025-03-31,2025-02-30,2025-04-01,住院,三级,100,0,100
b5,甲,2025-05-01,2025-05-02,2025-05-02,住院,特级,100,0,100
b6,丙,2025-05-01,2025-05-02,2025-05-02,住院,三级,100,0,100
b7,甲,2025-05-01,2025-05-02,2025-05-02,住院,三级,100.5,0,100
b8,甲,2025-05-03,2025-05-04,2025-05-04,住院,三级,900,50,1000
`

test('a bad row is put aside with its reason and stops nothing', () => {
  writeFileSync(join(FOLDER, 'persons.csv'), PERSONS)
  writeFileSync(join(FOLDER, 'bills.csv.gz'), gzipSync(BILLS))
  const run = kangyang(
    ...['batch', 'settle', '--bills', 'bills.csv.gz', '--persons', 'persons.csv', '--out', 'csv'],
  )
  assert.equal(run.status, 1, run.stderr)
  const rejects = globSync(join(FOLDER, 'csv/rejects/*.ndjson'))
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { bill: string; person: string; code: string; kind: string })
    .map(({ bill, person, code, kind }) => `${bill} ${person} ${kind} ${code}`)
    .toSorted()
  assert.deepEqual(rejects, [
    'b3 乙 refusal not_covered',
    'b4 甲 input bad_date',
    'b5 甲 input unknown_answer',
    'b6 丙 input unknown_person',
    'b7 甲 input bad_amount',
    'b8 甲 input parts_do_not_add_up',
  ])
  const { tally } = summaryOf('csv')
  assert.deepEqual([tally.bills, tally.settled, tally.refused, tally.rejected], [8, 2, 1, 5])
})

test('a Parquet file is read the same whether or not all its rows are for columns', async () => {
  const persons = Array.from(
    { length: 500 },
    (_, i) => `${i + 1},1980-05-06,男,普通,teaching/shifan/resident,2023-01-01,成年居民`,
  )
  writeFileSync(
    join(FOLDER, 'numbered.csv'),
    `person,born,sex,category,scheme,from,class\n${persons.join('\n')}\n`,
  )
  await files.rows(
    `COPY (SELECT * REPLACE (person::INTEGER AS person) FROM read_csv('${join(FOLDER, 'numbered.csv')}', all_varchar = true)) TO '${join(FOLDER, 'numbered.parquet')}' (FORMAT parquet)`,
  )
  // Groups of 2,048 rows: nothing is wrong in the first, something in the second, and nothing in the third.
  const rows = (wrong: string) => `
    SELECT i::INTEGER AS bill, (i * 7 % 503 + 1)::INTEGER AS person,
      DATE '2025-01-01' + (i // 20)::INTEGER AS admitted, DATE '2025-01-01' + (i // 20 + i % 9)::INTEGER AS discharged,
      DATE '2025-01-01' + (i // 20 + i % 9)::INTEGER AS settled, '住院' AS medical,
      CASE WHEN i % 5 = 0 THEN '三级' ELSE '二级' END AS level,
      (100000 + i * 911 % 900000)::BIGINT AS "inScope", CASE WHEN i % 3 = 0 THEN NULL ELSE i END::INTEGER AS upfront ${wrong}
    FROM range(0, 6000) AS t(i)`
  const wrong = `, CASE WHEN i BETWEEN 3000 AND 3010 THEN 1 ELSE (100000 + i * 911 % 900000) + CASE WHEN i % 3 = 0 THEN 0 ELSE i END END AS total`
  const settled: Record<
    string,
    { tally: { settled: number; rejected: number }; hash: string; general: number }
  > = {}
  for (const [name, query] of [
    ['plain', rows('')],
    ['mixed', rows(wrong)],
    [
      'badly',
      rows('').replace(
        "'住院' AS medical",
        "CASE WHEN i = 2500 THEN '其他' ELSE '住院' END AS medical",
      ),
    ],
  ] as const)
    for (const [kind, options] of [
      ['parquet', 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048'],
      ['snappy.parquet', 'FORMAT parquet, COMPRESSION snappy'],
      ['csv', 'FORMAT csv'],
    ] as const)
      for (const bucketed of kind === 'parquet' ? [false, true] : [false]) {
        const file = `${name}.${kind}`
        await files.rows(`COPY (${query}) TO '${join(FOLDER, file)}' (${options})`)
        const out = `${file}-${bucketed}`
        const persons = kind === 'csv' ? 'numbered.csv' : 'numbered.parquet'
        const run = kangyang(
          ...['batch', 'settle', '--bills', file, '--persons', persons, '--out', out],
          ...(bucketed ? ['--bucketed'] : []),
        )
        assert(run.status === 0 || run.status === 1, run.stderr)
        const summary = JSON.parse(readFileSync(join(FOLDER, out, 'summary.json'), 'utf8'))
        const { tally, general } = summary
        // A bill of a CSV file has a name, and its hash is that of the name.
        const hash = kind === 'csv' ? settled[name]?.hash : summary.hash
        settled[name] ??= { tally, hash, general }
        assert.deepEqual({ tally, hash, general }, settled[name], out)
      }
  const { plain, mixed, badly } = settled
  assert((plain?.tally.settled ?? 0) > 4000)
  assert.equal(mixed?.tally.rejected, (plain?.tally.rejected ?? 0) + 11)
  assert.notEqual(plain?.hash, badly?.hash)
  // Persons of a CSV file have names, and a number is nobody's name: no bill may be settled for somebody else.
  const named = kangyang(
    ...['batch', 'settle', '--bills', 'plain.parquet', '--persons', 'numbered.csv'],
    ...['--out', 'named'],
  )
  assert.equal(named.status, 1, named.stderr)
  assert.equal(summaryOf('named').tally.rejected, 6_000)
})

test('files without a column that is needed, and options that do not fit, are refused', () => {
  writeFileSync(join(FOLDER, 'few.csv'), 'bill,person\nb1,p1\n')
  const few = kangyang(
    ...['batch', 'settle', '--bills', 'few.csv', '--persons', 'persons.csv', '--out', 'few'],
  )
  assert.equal(few.status, 2)
  assert.match(few.stderr, /no column admitted/)
  const none = kangyang(
    'batch',
    'settle',
    '--bills',
    'none-*.parquet',
    '--persons',
    'x',
    '--out',
    'y',
  )
  assert.equal(none.status, 2)
  assert.match(none.stderr, /names no file/)
})
