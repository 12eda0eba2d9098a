import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import type { Bill, Person, PersonYear } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { readInput } from './input.ts'
import { loadSchemes } from './schemes-folder.ts'
import { writeYear } from './whatif-year.ts'

const book = loadSchemes(join(import.meta.dirname, '../../schemes'))
const folder = mkdtempSync(join(tmpdir(), 'kangyang-year-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const { persons, bills } = readInput(
  'year',
  JSON.stringify({
    amounts: 'yuan',
    persons: [
      {
        id: 'p',
        born: '1980-05-01',
        covers: [
          {
            scheme: 'teaching/shifan/resident',
            from: '2020-01-01',
            answers: { class: '成年居民' },
          },
        ],
      },
    ],
    bills: ['2025-03-01', '2025-06-01'].map((day, i) => ({
      ...{ id: `b${i}`, person: 'p', admitted: day, discharged: day, settled: day },
      answers: { medical: '住院', level: '三级', hospital: '示例市第一人民医院' },
      parts: { inScope: '9000.00' },
    })),
  }),
  book.vocabulary,
)
const person = persons[0]?.person as Person
const [first, second] = bills as [Bill, Bill]
const PLAIN: PersonYear = {
  ...{ person, bills: [first, second], opening: {}, movements: [] },
  settled: { paid: 0, patient: 0 },
}

/** Which of the bills stand whole, as they are kept, beside the columns. */
async function keptOf(of: PersonYear): Promise<readonly string[]> {
  const own = mkdtempSync(join(folder, 'x'))
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 128, temporary: own })
  async function* some() {
    yield [of]
  }
  await writeYear(own, some(), { year: 2025, books: [book], households: new Map() })
  const rows = await files.rows(
    `SELECT known FROM read_parquet('${join(own, 'bills-*.parquet')}') WHERE kept IS NOT NULL ORDER BY 1`,
  )
  files.close()
  return rows.map(({ known }) => String(known))
}

test('columns hold a plain person with plain bills; the name of a hospital is asked by no rule', async () => {
  assert.deepEqual(await keptOf(PLAIN), [])
})

test('a bill of which columns would lose something stands whole, and its person’s others in columns', async () => {
  const bills: readonly Bill[] = [
    { ...second, stay: '2025-03-01/b0' },
    { ...second, transferFrom: '2025-03-01/b0' },
    { ...second, placeOfCare: '310000' },
    { ...second, cause: 'traffic' as Bill['cause'] },
    { ...second, events: ['手术'] },
    { ...second, days: 3 },
  ]
  for (const bill of bills)
    assert.deepEqual(await keptOf({ ...PLAIN, bills: [first, bill] }), ['b1'], JSON.stringify(bill))
})

test('all bills stand whole of somebody of whom columns would lose something', async () => {
  const [cover] = person.covers
  assert(cover)
  const from = plainDate('2025-02-01')
  const others: readonly PersonYear[] = [
    { ...PLAIN, opening: { 'teaching/shifan/resident-inpatient:met@2025': 1 } },
    { ...PLAIN, movements: [{ account: 'personal', on: from, amount: 100 }] },
    { ...PLAIN, person: { ...person, covers: [{ ...cover, conditions: ['I10'] }] } },
    { ...PLAIN, person: { ...person, covers: [cover, { ...cover, from }] } },
    {
      ...PLAIN,
      person: {
        ...person,
        certificates: [{ kind: '门慢特', of: '糖尿病', from, until: undefined }],
      },
    },
    // From some day of the year on it is another category.
    {
      ...PLAIN,
      person: {
        ...person,
        attributes: [{ from: plainDate('2025-05-01'), attributes: { category: '低保' } }],
      },
    },
    // The earlier care was settled later: the order of days is not the order that counts.
    { ...PLAIN, bills: [{ ...first, settled: plainDate('2025-07-01') }, second] },
  ]
  for (const of of others) assert.deepEqual(await keptOf(of), ['b0', 'b1'], JSON.stringify(of))
})
