import assert from 'node:assert/strict'
import { test } from 'node:test'
import { yuan } from '#base/money.ts'
import { type Attributes, parseVocabulary } from './attributes.ts'
import { readRuleFile } from './rule-file.ts'
import { attributesOf, leavesOf, lookup, readTable, table } from './table.ts'
import { Amount } from './units.ts'

const vocabulary = parseVocabulary(
  'attributes.yaml',
  `
level: { of: bill, zh: 医院级别, en: Level, answers: { 社区: Community, 二级: Two, 三级: Three } }
class: { of: cover, zh: 参保人群, en: Class, answers: { 在职: Working, 退休: Retired } }
plan: { of: cover, zh: 方案, en: Plan, answers: text }
age: { of: person, zh: 年龄, en: Age, answers: number }
years: { of: cover, zh: 连续参保年数, en: Years, answers: number, whenAbsent: 0 }
remote: { of: bill, zh: 就医地, en: Place, answers: { 市内: In, 市外: Out }, whenAbsent: 市内 }
`,
)

function read(text: string) {
  const file = readRuleFile('rules.yaml', text)
  return readTable(file, [], file.parse(table(Amount)), vocabulary)
}

/** The value in yuan, or the refusal. */
function ask(text: string, attributes: Attributes) {
  const found = lookup(read(text), attributes)
  return found.ok ? found.value / 100 : found.error
}

test('a value alone holds for everyone', () => {
  assert.equal(ask('1200元', {}), 1200)
  assert.deepEqual(attributesOf(read('1200元')), [])
})

const BY_LEVEL = 'by level: { 三级: 1200元, 二级: 600元, 社区: 300元 }'

test('a table asks one attribute', () => {
  assert.equal(ask(BY_LEVEL, { level: '三级' }), 1200)
  assert.equal(ask(BY_LEVEL, { level: '社区' }), 300)
})

test('no answer is a question back, never a guess', () => {
  assert.deepEqual(ask(BY_LEVEL, {}), { code: 'attribute_missing', attribute: 'level' })
})

test('an answer without a row is refused, never given a neighbour’s value', () => {
  assert.deepEqual(ask('by level: { 三级: 1200元, 二级: 600元 }', { level: '社区' }), {
    code: 'no_value_for',
    attribute: 'level',
    answer: '社区',
  })
})

test('otherwise takes every answer that no row names', () => {
  const text = 'by level: { 三级: 1200元, otherwise: 600元 }'
  assert.equal(ask(text, { level: '三级' }), 1200)
  assert.equal(ask(text, { level: '社区' }), 600)
  assert.deepEqual(ask(text, {}), { code: 'attribute_missing', attribute: 'level' })
})

test('one row can stand for several answers', () => {
  const text = 'by level: { 二级|三级: 600元, 社区: 100元 }'
  assert.equal(ask(text, { level: '二级' }), 600)
  assert.equal(ask(text, { level: '三级' }), 600)
  assert.equal(ask('by level: { 二级 | 三级: 600元 }', { level: '三级' }), 600)
})

test('tables nest, and each row may ask something else', () => {
  const text = `
by level:
  三级: { by class: { 在职: 1200元, 退休: 600元 } }
  社区: { by age: { 0-59: 300元, 60+: 150元 } }
  otherwise: 400元
`
  assert.equal(ask(text, { level: '三级', class: '退休' }), 600)
  assert.equal(ask(text, { level: '社区', age: 60 }), 150)
  assert.equal(ask(text, { level: '二级' }), 400, 'a row that asks nothing needs no answer')
  assert.deepEqual(ask(text, { level: '三级' }), { code: 'attribute_missing', attribute: 'class' })
  assert.deepEqual(
    attributesOf(read(text)).map(({ name }) => name),
    ['level', 'class', 'age'],
  )
})

test('numbers: a single one, from–to, and from on; both ends belong to the row', () => {
  const text = 'by age: { 0: 10元, 1-17: 20元, 18-59: 30元, 60+: 40元 }'
  const paid = [0, 1, 17, 18, 59, 60, 120].map((age) => ask(text, { age }))
  assert.deepEqual(paid, [10, 20, 20, 30, 30, 40, 40])
})

test('rows of numbers may stand in any order, single numbers among ranges too', () => {
  const text = 'by age: { 4+: 30元, 0-2: 10元, 3: 20元 }'
  assert.deepEqual(
    [0, 3, 4].map((age) => ask(text, { age })),
    [10, 20, 30],
  )
  assert.equal(ask('by age: { 60: 10元, otherwise: 20元 }', { age: 59 }), 20)
})

test('numbers before the first row and after the last are refused', () => {
  assert.deepEqual(ask('by age: { 18-59: 30元 }', { age: 17 }), {
    code: 'no_value_for',
    attribute: 'age',
    answer: 17,
  })
  assert.deepEqual(ask('by age: { 18-59: 30元 }', { age: 60 }), {
    code: 'no_value_for',
    attribute: 'age',
    answer: 60,
  })
})

test('where silence has a meaning, the table hears it', () => {
  assert.equal(ask('by remote: { 市内: 1元, 市外: 2元 }', {}), 1)
  assert.equal(ask('by remote: { 市内: 1元, 市外: 2元 }', { remote: '市外' }), 2)
  assert.equal(ask('by years: { 0: 16000元, 1+: 14000元 }', {}), 16_000)
})

test('an open text matches word for word', () => {
  const text = 'by plan: { 99元: 1元, 299元: 2元, 69: 3元 }'
  assert.equal(ask(text, { plan: '299元' }), 2)
  assert.equal(ask(text, { plan: '69' }), 3)
  assert.deepEqual(ask(text, { plan: '99' }), {
    code: 'no_value_for',
    attribute: 'plan',
    answer: '99',
  })
})

test('the leaves of a table and the words that lead there', () => {
  assert.deepEqual(leavesOf(read('by level: { 三级: { by class: { 在职: 1元 } }, 社区: 2元 }')), [
    { value: yuan('1'), words: ['三级', '在职'] },
    { value: yuan('2'), words: ['社区'] },
  ])
})

const bad: [name: string, text: string, error: RegExp][] = [
  [
    'two questions at once',
    'by level: { 三级: 1元 }\nby class: { 在职: 1元 }',
    /:1: .*\[bad_table\]/,
  ],
  [
    'a table that does not say "by"',
    'level: { 三级: 1元 }',
    /:1: level: .*"by level:".*\[bad_value\]/,
  ],
  ['rows that are none', 'by level: 三级', /by level: expected one row for each answer.*bad_value/],
  [
    'an unknown attribute',
    'by levels: { 三级: 1元 }',
    /"levels" is not in .*\[unknown_attribute\]/,
  ],
  ['an unknown answer', 'by level:\n  三级: 1元\n  五级: 1元', /:3: .*"五级".*\[unknown_answer\]/],
  [
    'one stranger among joined answers',
    'by level: { 三级|五级: 1元 }',
    /"五级".*\[unknown_answer\]/,
  ],
  ['a word every object knows', 'by level: { constructor: 1元 }', /\[unknown_answer\]/],
  [
    'an answer in two rows',
    'by level:\n  三级: 1元\n  二级|三级: 1元',
    /:3: .*already.*\[overlap\]/,
  ],
  [
    'otherwise before other rows',
    'by level:\n  otherwise: 1元\n  三级: 1元',
    /:2: .*\[unreachable\]/,
  ],
  ['a word among numbers', 'by age: { 老年: 1元 }', /write 3, 0-59 or 60\+.*\[bad_key\]/],
  ['a number below zero', 'by age: { -1: 1元 }', /\[bad_key\]/],
  ['ranges that overlap', 'by age:\n  0-60: 1元\n  60+: 1元', /:3: .*overlaps.*\[overlap\]/],
  ['a gap between ranges', 'by age:\n  0-58: 1元\n  60+: 1元', /:3: .*covers 59 .*\[gap\]/],
  ['a range that ends before it begins', 'by age: { 60-18: 1元 }', /empty range.*\[unreachable\]/],
  ['a row after the one with no end', 'by age: { 60+: 1元, 80+: 1元 }', /\[overlap\]/],
]

for (const [name, text, error] of bad)
  test(`refused: ${name}`, () => {
    assert.throws(() => read(text), { message: error })
  })
