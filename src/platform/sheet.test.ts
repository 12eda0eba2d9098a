import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { writeXlsx } from 'hucre'
import { readSheet, type SheetRow } from './sheet.ts'
import { SheetError } from './sheet-error.ts'
import { BYTE_ORDER_MARK, csvRow, textWorkbook } from './sheet-out.ts'

const folder = mkdtempSync(join(tmpdir(), 'kangyang-sheet-test-'))
after(() => rmSync(folder, { recursive: true }))

const allOf = async (rows: AsyncIterable<SheetRow>) => {
  const all: SheetRow[] = []
  for await (const row of rows) all.push(row)
  return all
}
const rowsOf = (bytes: Uint8Array | string) => allOf(readSheet(Readable.from([Buffer.from(bytes)])))
const cellsOf = async (bytes: Uint8Array | string) =>
  (await rowsOf(bytes)).map(({ cells }) => cells)
const faultOf = async (bytes: Uint8Array | string) => {
  const fault = await rowsOf(bytes).then(
    () => undefined,
    (error) => error,
  )
  assert(fault instanceof SheetError, String(fault))
  return [fault.code, fault.line, fault.column].filter((part) => part !== undefined).join(' ')
}

test('a CSV file: each row with the line it begins on, line breaks inside cells counted', async () => {
  const text = 'code,name\n\nA1,"阿司匹林, 肠溶\n片"\r\n , \nA2,布洛芬\n'
  assert.deepEqual(await rowsOf(text), [
    { line: 1, cells: ['code', 'name'] },
    { line: 3, cells: ['A1', '阿司匹林, 肠溶\n片'] },
    { line: 6, cells: ['A2', '布洛芬'] },
  ])
})

test('UTF-8 with the byte-order mark, UTF-8 without, and GB18030 are one and the same table', async () => {
  const gb18030 = Buffer.from([
    ...Buffer.from('name\n'),
    ...[0xb0, 0xa2, 0xcb, 0xbe, 0xc6, 0xa5, 0xc1, 0xd6], // 阿司匹林
    ...[0x0a],
    ...[0x95, 0x32, 0x82, 0x36], // 𠀀, four bytes
  ])
  const table = [['name'], ['阿司匹林'], ['𠀀']]
  assert.deepEqual(await cellsOf('name\n阿司匹林\n𠀀'), table)
  assert.deepEqual(await cellsOf('\uFEFFname\n阿司匹林\n𠀀'), table)
  assert.deepEqual(await cellsOf(gb18030), table)
})

test('bytes that are text in neither encoding are refused with their line, not replaced', async () => {
  assert.equal(
    await faultOf(Buffer.from([0x61, 0x0a, 0x62, 0x0a, 0xff, 0xff, 0x0a])),
    'bad_encoding 3',
  )
})

test('what is not a table says so', async () => {
  assert.equal(
    await faultOf(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])),
    'not_a_sheet',
  )
  assert.equal(await faultOf('<html><table>'), 'not_a_sheet')
  assert.equal(await faultOf(Buffer.from('\uFEFFcode', 'utf16le')), 'not_a_sheet')
  assert.equal(await faultOf(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1])), 'old_workbook')
  assert.equal(await faultOf(Buffer.from([0x50, 0x4b, 0x03, 0x04, 1, 2, 3])), 'damaged_workbook')
})

test('a quotation mark that is never closed does not swallow the file', async () => {
  assert.equal(await faultOf('a\nb\n"c\nd\n'), 'bad_quotes 3')
  assert.equal(await faultOf(`a\n"${'字'.repeat(1_000_001)}`), 'row_too_long 2')
})

test('a file with a quotation mark in it and one without are read alike, in two ways', async () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '字', ' ', ',', '\r\n', '\n', '\uFEFF', ';'),
  })
  const plain = fc.array(cell, { maxLength: 30 }).map((cells) => `x${cells.join('')}`)
  await fc.assert(
    fc.asyncProperty(plain, async (text) => {
      const quoted = await rowsOf(`"y"\n${text}`)
      const below = quoted.slice(1).map(({ line, cells }) => ({ line: line - 1, cells }))
      assert.deepEqual(await rowsOf(text), below)
    }),
    { numRuns: 200 },
  )
})

test('rows whose cells hold line breaks are never parted, however long the file', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => [`${n}`, n % 3 ? '一\n二\r\n三' : '"', 'x'])
  const text = rows.map((row) => csvRow(row)).join('')
  assert.deepEqual(await cellsOf(text), rows)
})

const workbook = (rows: unknown[][], formats: Record<number, string> = {}) =>
  writeXlsx({
    sheets: [
      { name: 'hidden', hidden: true, rows: [['not this one']] },
      {
        name: 'Sheet1',
        columns: (rows[0] ?? []).map((_, i) => (formats[i] ? { numFmt: formats[i] } : {})),
        rows: rows as never,
      },
    ],
    activeSheet: 1,
  })

test('a workbook: cells come out as a person sees them, days always as YYYY-MM-DD', async () => {
  const day = new Date(Date.UTC(2024, 6, 1))
  const bytes = await workbook(
    [
      ['A1', '阿司匹林\n片', 0.075, 1234.5, 12, day, day, 0.1 + 0.2, true, null],
      ['A2', '', 0.1, 0, 7, null, null, 12.34, false, 'x'],
    ],
    { 2: '0.0%', 3: '#,##0.00', 4: '00000', 5: 'm/d/yy', 6: 'yyyy"年"m"月"d"日"' },
  )
  assert.deepEqual(await rowsOf(bytes), [
    {
      line: 1,
      cells: [
        'A1',
        '阿司匹林\n片',
        '7.5%',
        '1234.50',
        '00012',
        '2024-07-01',
        '2024-07-01',
        '0.3',
        'TRUE',
      ],
    },
    { line: 2, cells: ['A2', '', '10.0%', '0.00', '00007', '', '', '12.34', 'FALSE', 'x'] },
  ])
})

test('a number that lost its last digits to the spreadsheet is refused, not guessed', async () => {
  assert.equal(await faultOf(await workbook([['id'], [3.20219196001011e17]])), 'digits_lost 2 1')
  assert.deepEqual(await cellsOf(await workbook([['320219196001011234']])), [
    ['320219196001011234'],
  ])
})

test('a damaged part, and a part that unpacks to far more than it should, end the reading', async () => {
  const good = Buffer.from(await workbook([['a']]))
  assert.equal(await faultOf(good.subarray(0, good.length - 30)), 'damaged_workbook')
  const bomb = await writeXlsx({
    sheets: [{ name: 'a', rows: Array(1200).fill(['x'.repeat(30_000)]) }],
    stringMode: 'inline',
  })
  assert.equal(await faultOf(bomb), 'too_large')
})

test('a template comes back as it was written; codes keep their zeros', async () => {
  const rows = [
    ['编码', '名称'],
    ['00123', '阿司匹林'],
  ]
  assert.deepEqual(await cellsOf(await textWorkbook('目录', rows)), rows)
})

test('every table of texts comes back from CSV and from a workbook', async () => {
  const cell = fc
    .string({ unit: fc.constantFrom(...'ab,"\n 药é𠀀_x000D_') })
    .filter((text) => text.trim() === text)
  const table = fc.array(fc.tuple(fc.constant('k'), cell, cell, fc.constant('k')), {
    minLength: 1,
    maxLength: 5,
  })
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      assert.deepEqual(await cellsOf(BYTE_ORDER_MARK + rows.map(csvRow).join('')), rows)
      assert.deepEqual(await cellsOf(await textWorkbook('t', rows)), rows)
    }),
    { numRuns: 30 },
  )
})

test('texts that a spreadsheet would take for formulas are written as texts', () => {
  assert.equal(csvRow(['=1+1', 'a']), `'=1+1,a\n`)
  assert.equal(csvRow(['-1+1', '@x', '＋1', '+1']), `'-1+1,'@x,'＋1,'+1\n`)
})

test('an amount below zero stays a number that can be added up', () => {
  assert.equal(csvRow(['-12.30', '-5', '0.00']), '-12.30,-5,0.00\n')
})

test('a reader who stops early leaves no file behind', async () => {
  const before = leftovers()
  for await (const { line } of readSheet(
    Readable.from(Array.from({ length: 10_000 }, (_, i) => Buffer.from(`${i}\n`))),
  )) {
    if (line === 3) break
  }
  assert.deepEqual(leftovers(), before)
  const path = join(folder, 'kept.csv')
  writeFileSync(path, 'a\n')
  assert.deepEqual(await allOf(readSheet(path)), [{ line: 1, cells: ['a'] }])
})

const leftovers = () =>
  readdirSync(tmpdir()).filter((name) => /^kangyang-sheet-(?!test)/.test(name))
