import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVocabulary } from './attributes.ts'

const LEVEL =
  'level: { of: bill, zh: 医院级别, en: Level, answers: { 三级: Level 3, 社区: Community } }'

test('an attribute has an owner, a name in both languages, and its answers', () => {
  const vocabulary = parseVocabulary('attributes.yaml', LEVEL)
  assert.deepEqual(vocabulary.get('level'), {
    name: 'level',
    of: 'bill',
    title: { zh: '医院级别', en: 'Level' },
    answers: { 三级: 'Level 3', 社区: 'Community' },
    unit: undefined,
    unregistered: undefined,
    whenAbsent: undefined,
    place: { file: 'attributes.yaml', line: 1 },
  })
})

test('silence can have a meaning: one of the answers, or a number', () => {
  const text = `
remote: { of: bill, zh: 就医地, en: Place, answers: { 市内: In the city, 市外: Outside }, whenAbsent: 市内 }
gapYears: { of: cover, zh: 断保年数, en: Gap, answers: number, whenAbsent: 0 }
plan: { of: cover, zh: 方案, en: Plan, answers: text, whenAbsent: 基础 }
`
  const vocabulary = parseVocabulary('attributes.yaml', text)
  assert.equal(vocabulary.get('remote')?.whenAbsent, '市内')
  assert.equal(vocabulary.get('gapYears')?.whenAbsent, '0')
  assert.equal(vocabulary.get('plan')?.whenAbsent, '基础')
})

const bad: { name: string; text: string; error: RegExp }[] = [
  {
    name: 'a meaning of silence that is not an answer',
    text: `${LEVEL}\nremote: { of: bill, zh: 地, en: Place, answers: { 市内: In }, whenAbsent: 海外 }`,
    error:
      /^attributes\.yaml:2: remote\.whenAbsent: 海外 is not one of the answers.*\[bad_value\]$/,
  },
  {
    name: 'a word that every object knows is still not an answer',
    text: 'remote: { of: bill, zh: 地, en: Place, answers: { 市内: In }, whenAbsent: constructor }',
    error: /constructor is not one of the answers/,
  },
  {
    name: 'silence that means a word where a number is asked',
    text: 'age: { of: person, zh: 年龄, en: Age, answers: number, whenAbsent: old }',
    error: /old is not one of the answers of age \[bad_value\]/,
  },
  {
    name: 'a name that is not in camelCase',
    text: 'hospital-level: { of: bill, zh: 级别, en: Level, answers: text }',
    error: /an attribute is named in camelCase \[bad_value\]/,
  },
  {
    name: 'an owner that does not exist',
    text: 'level: { of: hospital, zh: 级别, en: Level, answers: text }',
    error: /level\.of: "hospital" is not one of person, bill, cover \[bad_value\]/,
  },
  {
    name: 'no English name',
    text: 'level: { of: bill, zh: 级别, answers: text }',
    error: /attributes\.yaml:1: level\.en: missing.* \[missing_key\]/,
  },
  {
    name: 'a key that does not exist',
    text: 'level: { of: bill, zh: 级别, en: Level, answers: text, default: 三级 }',
    error: /level\.default: no such key here.* \[unknown_key\]/,
  },
]

for (const { name, text, error } of bad)
  test(`refused: ${name}`, () => {
    assert.throws(() => parseVocabulary('attributes.yaml', text), { message: error })
  })
