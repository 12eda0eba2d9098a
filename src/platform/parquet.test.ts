/** Files of columns as DuckDB understands them: what is written here it reads, what it writes is read here. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ColumnFiles, quote } from './columns.ts'
import { NotPlain, PlainParquet } from './parquet-read.ts'
import { type Column, writeParquet } from './parquet-write.ts'

const folder = mkdtempSync(join(tmpdir(), 'kangyang-parquet-'))
const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: folder })
after(() => {
  files.close()
  rmSync(folder, { recursive: true, force: true })
})
const FILE = join(folder, 'some.parquet')
const DAY_0 = Date.UTC(1970, 0, 1)
const dayOf = (date: unknown) => ((date as Date).getTime() - DAY_0) / 86_400_000

const WORDS = ['住院', 'outpatient', '特药']
/** Few or many different numbers, near each other or not. */
const numbers = fc.oneof(
  fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }),
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 100, max: 9_000 }),
  fc.constant(7),
)
const rows = fc.array(
  fc.record({
    whole: numbers,
    few: fc.integer({ min: -2, max: 2 }),
    day: fc.integer({ min: -40_000, max: 40_000 }),
    large: fc.oneof(numbers, fc.maxSafeInteger()),
    word: fc.integer({ min: 0, max: WORDS.length }),
    text: fc.option(fc.string({ unit: 'grapheme' })),
  }),
  { maxLength: 300 },
)

test('what is written is what DuckDB reads, and what is read here', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (list) => {
      const columns: Column[] = [
        { name: 'whole', kind: 'integer', values: Int32Array.from(list, ({ whole }) => whole) },
        {
          name: 'few',
          kind: 'integer',
          values: Int32Array.from(list, ({ few }) => few),
          absent: true,
        },
        {
          name: 'day',
          kind: 'date',
          values: Int32Array.from(list, ({ day }) => day),
          absent: true,
        },
        { name: 'large', kind: 'bigint', values: Float64Array.from(list, ({ large }) => large) },
        {
          name: 'word',
          kind: 'enum',
          words: WORDS,
          values: Uint8Array.from(list, ({ word }) => word),
          absent: true,
        },
        { name: 'text', kind: 'text', values: list.map(({ text }) => text) },
      ]
      writeParquet(FILE, columns, list.length)
      const found = await files.rows(`SELECT * FROM ${quote(FILE)}`)
      assert.deepEqual(
        found.map((row) => ({
          ...row,
          day: row.day === null ? 0 : dayOf(row.day),
          large: Number(row.large),
        })),
        list.map(({ whole, few, day, large, word, text }) => ({
          whole,
          few: few === -1 ? null : few,
          day,
          large,
          word: WORDS[word] ?? null,
          text,
        })),
      )
      const file = PlainParquet.open(FILE)
      assert(file)
      const at = { whole: new Int32Array(300), few: new Int32Array(300), word: new Int32Array(300) }
      const large = new Float64Array(300)
      for (const [group] of file.groups.entries()) {
        file.ints(group, 'whole', at.whole, 0)
        file.ints(group, 'few', at.few, 0, -1)
        file.doubles(group, 'large', large, 0)
        file.codes(group, 'word', (word) => WORDS.indexOf(String(word)), at.word, 0)
      }
      file.close()
      for (const [i, { whole, few, word, large: most }] of list.entries()) {
        assert.equal(at.whole[i], whole)
        assert.equal(at.few[i], few)
        assert.equal(large[i], most)
        assert.equal(at.word[i], word === WORDS.length ? -1 : word)
      }
    }),
  )
})

test('several groups of rows, whose limits let a reader leave some out', async () => {
  const values = Int32Array.from({ length: 600_000 }, (_, i) => i * 3)
  writeParquet(FILE, [{ name: 'n', kind: 'integer', values }], values.length)
  const [row] = await files.rows(
    `SELECT count(*)::INTEGER AS n, sum(n)::DOUBLE AS sum FROM ${quote(FILE)} WHERE n >= 900000`,
  )
  assert.deepEqual(row, { n: 300_000, sum: 900_000 * 300_000 + (3 * 300_000 * 299_999) / 2 })
  const groups = await files.rows(
    `SELECT CAST(stats_min_value AS INTEGER) AS least, CAST(stats_max_value AS INTEGER) AS most FROM parquet_metadata(${quote(FILE)})`,
  )
  assert.deepEqual(groups[1], { least: 262_144 * 3, most: 524_287 * 3 })
})

const FORMS = [
  'COMPRESSION zstd',
  'COMPRESSION gzip',
  'COMPRESSION uncompressed',
  'COMPRESSION zstd, ROW_GROUP_SIZE 2048',
  'COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 1',
]
for (const form of FORMS)
  test(`what DuckDB writes with ${form}`, async () => {
    await files.rows(
      `COPY (SELECT i::INTEGER AS i, (i * 4294967311)::BIGINT AS large, (i % 700)::INTEGER AS few,
               CASE WHEN i % 7 = 0 THEN NULL ELSE i::SMALLINT END AS some, NULL::INTEGER AS none,
               DATE '2020-01-01' + (i % 366)::INTEGER AS day, ['甲', '乙', NULL][i % 3 + 1] AS word
             FROM range(0, 5000) AS t(i)) TO ${quote(FILE)} (FORMAT parquet, ${form})`,
    )
    const file = PlainParquet.open(FILE)
    assert(file)
    let first = 0
    for (const [g, { rows: n }] of file.groups.entries()) {
      const ints = () => new Int32Array(n + 1)
      const [i, few, some, day, word, none] = [ints(), ints(), ints(), ints(), ints(), ints()]
      const large = new Float64Array(n)
      file.ints(g, 'i', i, 1)
      file.ints(g, 'few', few, 0)
      file.ints(g, 'some', some, 0, -1)
      file.ints(g, 'none', none, 0, -5)
      file.ints(g, 'day', day, 0)
      file.doubles(g, 'large', large, 0)
      file.codes(g, 'word', (value) => ['甲', '乙', undefined].indexOf(value as string), word, 0)
      assert(file.isEmpty(g, 'none') && !file.isEmpty(g, 'some'))
      for (let k = 0; k < n; k++) {
        const row = first + k
        assert.equal(i[k + 1], row)
        assert.equal(large[k], row * 4_294_967_311)
        assert.equal(few[k], row % 700)
        assert.equal(some[k], row % 7 === 0 ? -1 : row)
        assert.equal(none[k], -5)
        assert.equal(day[k], 18_262 + (row % 366))
        assert.equal(word[k], row % 3)
      }
      first += n
    }
    assert.equal(first, 5000)
    assert.throws(() => file.ints(0, 'some', new Int32Array(9_000), 0), NotPlain)
    assert.throws(() => file.ints(0, 'word', new Int32Array(9_000), 0), NotPlain)
    assert.throws(() => file.ints(0, 'large', new Int32Array(9_000), 0), NotPlain)
    assert.throws(() => file.ints(0, 'elsewhere', new Int32Array(9_000), 0), NotPlain)
    file.close()
  })

test('what is not read here is left to DuckDB', async () => {
  const refused = (of: string) => {
    const file = PlainParquet.open(FILE)
    if (file)
      try {
        assert.throws(() => file.ints(0, 'n', new Int32Array(9), 0, 0), NotPlain, of)
      } finally {
        file.close()
      }
  }
  for (const [columns, options] of [
    ['1::INTEGER AS n', ', COMPRESSION snappy'],
    ['1::DOUBLE AS n', ''],
    ['1.5::DECIMAL(9, 2) AS n', ''],
    ['1::UINTEGER AS n', ''],
    ['[1] AS n', ''],
    ["TIMESTAMP '2020-01-01' AS n", ''],
    ['range::INTEGER AS n FROM range(5)', ", PARQUET_VERSION 'V2', DICTIONARY_SIZE_LIMIT 1"],
  ] as const) {
    await files.rows(`COPY (SELECT ${columns}) TO ${quote(FILE)} (FORMAT parquet${options})`)
    refused(columns)
  }
  writeFileSync(FILE, 'PAR1 is all that this file has of one, PAR1')
  assert.equal(PlainParquet.open(FILE), undefined)
  truncateSync(FILE, 3)
  assert.equal(PlainParquet.open(FILE), undefined)
})
