import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import { type Dated, datedList, editionOn, inForce, readDated } from './dated.ts'
import { readRuleFile } from './rule-file.ts'
import type { Source } from './source.ts'
import { Percent } from './units.ts'

const notice: Source = {
  id: 'notice',
  title: '关于调整支付比例的通知',
  address: 'https://example.gov.cn/1',
  grade: 'A',
  note: undefined,
}
const sources = new Map([['notice', notice]])

function read(text: string): Dated<number> {
  const file = readRuleFile('rate.yaml', text)
  const raw = file.parse(datedList(Percent))
  return readDated<number, number>(file, [], raw, 'rate', sources, (value) => value)
}

/** 70% from 2023, 75% from 1 July 2024, repealed with the year 2026. */
const RATE = read(`
- { from: 2023-01-01, source: notice, article: 第三条, value: 70% }
- { from: 2024-07-01, source: notice, value: 75% }
- { from: 2026-01-01, source: notice, value: repealed }
`)

/** The value in percent, `null` where repealed, or the refusal. */
function on(rule: Dated<number>, day: string, allowUndated = false) {
  const found = inForce(rule, plainDate(day), { allowUndated })
  if (!found.ok) return found.error
  return found.value.value === null ? null : found.value.value / 10_000
}

test('the day before a rule exists is refused, never given the first value', () => {
  assert.deepEqual(on(RATE, '2022-12-31'), {
    code: 'rule_not_in_force',
    rule: 'rate',
    on: '2022-12-31' as PlainDate,
  })
})

test('a value holds from its first day until the day before the next', () => {
  assert.equal(on(RATE, '2023-01-01'), 70)
  assert.equal(on(RATE, '2024-06-30'), 70)
  assert.equal(on(RATE, '2024-07-01'), 75)
  assert.equal(on(RATE, '2025-12-31'), 75)
})

test('from its repeal on, a rule answers that it is repealed', () => {
  assert.equal(on(RATE, '2026-01-01'), null)
  assert.equal(on(RATE, '2030-01-01'), null)
})

test('a rule can come back after its repeal', () => {
  const rule = read(`
- { from: 2023-01-01, source: notice, value: 70% }
- { from: 2024-01-01, source: notice, value: repealed }
- { from: 2025-01-01, source: notice, value: 60% }
`)
  assert.equal(on(rule, '2024-12-31'), null)
  assert.equal(on(rule, '2025-01-01'), 60)
})

const UNDATED = read(`
- { from: unknown, observed: 2022-05-18, source: notice, value: 60% }
- { from: 2024-01-01, source: notice, value: 65% }
`)

test('a value whose first day nobody knows is used only by those who ask for it', () => {
  assert.deepEqual(on(UNDATED, '2023-03-01'), {
    code: 'rule_undated',
    rule: 'rate',
    on: '2023-03-01' as PlainDate,
    observed: '2022-05-18' as PlainDate,
  })
  assert.equal(on(UNDATED, '2023-03-01', true), 60)
  assert.equal(on(UNDATED, '1999-01-01', true), 60)
  assert.equal(on(UNDATED, '2024-01-01'), 65, 'a dated value after it needs no asking')
})

test('which edition holds on a day', () => {
  const editions = ['2022-12-31', '2023-01-01', '2024-07-01', '2026-05-01']
  assert.deepEqual(
    editions.map((day) => editionOn(RATE, plainDate(day))),
    [-1, 0, 1, 2],
  )
})

test('each value carries its source, its article and its line', () => {
  const found = inForce(RATE, plainDate('2023-01-01'), { allowUndated: false })
  assert(found.ok)
  assert.equal(found.value.source.title, notice.title)
  assert.equal(found.value.article, '第三条')
  assert.deepEqual(found.value.place, { file: 'rate.yaml', line: 2 })
})

const entry = (from: string, more = '') =>
  `- { from: ${from}, source: notice, value: 70%${more} }\n`

const bad: [name: string, text: string, error: RegExp][] = [
  ['no values', '[]', /\[bad_value\]/],
  ['two values from one day', entry('2024-01-01').repeat(2), /:2: 1\.from: .*\[overlap\]/],
  ['dates that go back', entry('2024-01-01') + entry('2023-01-01'), /is not after.*\[overlap\]/],
  [
    'an unknown first day that is not first',
    entry('2024-01-01') + entry('unknown'),
    /\[bad_order\]/,
  ],
  ['an unknown first day nobody saw', entry('unknown'), /:1: .*observed.*\[missing_observed\]/],
  ['no source', '- { from: 2024-01-01, value: 70% }', /missing source.*\[missing_source\]/],
  [
    'a source not listed',
    '- { from: 2024-01-01, source: rumour, value: 70% }',
    /\[missing_source\]/,
  ],
  ['no first day', '- { source: notice, value: 70% }', /0\.from: missing.*\[missing_key\]/],
  ['a first day that is none', entry('2024-02-30'), /not a day of the calendar \[bad_value\]/],
  [
    'a key that does not exist',
    entry('2024-01-01', ', until: 2025-01-01'),
    /until.*\[unknown_key\]/,
  ],
  ['a value in the wrong unit', entry('2024-01-01').replace('%', '元'), /got "70元" \[bad_value\]/],
]

for (const [name, text, error] of bad)
  test(`refused: ${name}`, () => {
    assert.throws(() => read(text), { message: error })
  })
