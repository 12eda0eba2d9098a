import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rate, yuan } from '#base/money.ts'
import { compose, plainDate } from '#base/plain-date.ts'
import { createCatalogue } from './catalogue.ts'
import { applyLimits } from './limits.ts'
import { citationsOf, lookUp, placesAbove } from './lookup.ts'
import { RowReader } from './read-rows.ts'
import { resolveLine } from './resolve-line.ts'
import type { Entry, Facts, Given, RowFault } from './types.ts'

/** Entries as a file of the place has them, in a short form: code, class, share, price, from, until. */
const entriesOf = (place: string, text: string): Entry[] => {
  const faults: RowFault[] = []
  const reader = new RowReader(place, { teaching: true })
  const rest = '源,无地址,invented'
  const lines = text
    .trim()
    .split('\n')
    .map((line) => `药品,${line.trim()},${rest}`)
  const head = 'kind,code,name,class,upfrontShare,limitPrice,from,until,source,address,grade'
  const entries = [head, ...lines].flatMap(
    (line, i) => reader.read({ line: i + 1, cells: line.split(',') }, faults) ?? [],
  )
  assert.deepEqual(faults, [])
  return entries
}

const PROVINCE = entriesOf(
  'p',
  `A1,阿司匹林,甲,,0.20,2024-01-01,
   B2,美罗培南,乙,15%,96.00,2024-01-01,
   B2,美罗培南,乙,10%,88.00,2025-01-01,
   C3,旧引流管,甲,,,2024-01-01,2024-12-31
   D4,替尼,丙,,,2024-01-01,
   D4,替尼,乙,30%,128.00,2025-01-01,`,
)
const CITY = entriesOf(
  'p/c',
  `B2,,,,90.00,2024-07-01,2025-06-30
   D4,,乙,20%,,2025-07-01,`,
)
const catalogue = createCatalogue(
  [...PROVINCE, ...CITY],
  new Map([
    ['p', '1'],
    ['p/c', '4'],
  ]),
)

const seen = (code: string, place: string, on: string): string => {
  const found = lookUp(catalogue, code, place, plainDate(on))
  if (!found.ok) return found.error.code
  const { class: itemClass, upfrontShare = 0, limitPrice = 0 } = found.value
  return `${itemClass} ${upfrontShare / 10_000}% ${limitPrice / 100}`
}

test('the day before a change has the old values, its first day the new ones', () => {
  assert.equal(seen('B2', 'p', '2023-12-31'), 'item_not_in_force')
  assert.equal(seen('B2', 'p', '2024-01-01'), '乙 15% 96')
  assert.equal(seen('B2', 'p', '2024-12-31'), '乙 15% 96')
  assert.equal(seen('B2', 'p', '2025-01-01'), '乙 10% 88')
  assert.equal(seen('D4', 'p', '2024-12-31'), '丙 0% 0')
  assert.equal(seen('D4', 'p', '2025-01-01'), '乙 30% 128')
})

test('an entry holds on its last day, and after it nothing does', () => {
  assert.equal(seen('C3', 'p', '2024-12-31'), '甲 0% 0')
  assert.equal(seen('C3', 'p', '2025-01-01'), 'item_not_in_force')
})

test('a city overrides what it fills in, from its first day to its last, and inherits the rest', () => {
  assert.equal(seen('B2', 'p/c', '2024-06-30'), '乙 15% 96')
  assert.equal(seen('B2', 'p/c', '2024-07-01'), '乙 15% 90')
  assert.equal(seen('B2', 'p/c', '2025-01-01'), '乙 10% 90')
  assert.equal(seen('B2', 'p/c', '2025-06-30'), '乙 10% 90')
  assert.equal(seen('B2', 'p/c', '2025-07-01'), '乙 10% 88')
  assert.equal(seen('D4', 'p/c', '2025-07-01'), '乙 20% 128')
  assert.equal(seen('B2', 'p/other', '2024-07-01'), '乙 15% 96', 'a neighbour does not override')
})

test('a code that no catalogue of the place has is refused by name', () => {
  const found = lookUp(catalogue, 'X9', 'p/c', plainDate('2024-07-01'))
  assert.deepEqual(found.ok || found.error, { code: 'unknown_item', item: 'X9', place: 'p/c' })
  assert.deepEqual(placesAbove('p/c'), ['', 'p', 'p/c'])
})

test('before its first day, the answer says from when there is one', () => {
  const found = lookUp(catalogue, 'A1', 'p', plainDate('2023-12-31'))
  assert.equal(
    !found.ok && found.error.code === 'item_not_in_force' && found.error.next,
    '2024-01-01',
  )
})

test('an override without an entry above it is incomplete, not guessed', () => {
  const alone = createCatalogue(entriesOf('p/c', 'Z1,,,,9.00,2024-01-01,'), new Map([['p/c', '1']]))
  const found = lookUp(alone, 'Z1', 'p/c', plainDate('2024-01-01'))
  assert.equal(!found.ok && found.error.code === 'item_incomplete' && found.error.missing, 'name')
})

test('what was looked up names its place, version, first day and source', () => {
  const found = lookUp(catalogue, 'B2', 'p/c', plainDate('2024-07-01'))
  assert(found.ok)
  assert.deepEqual(
    citationsOf(found.value).map(({ rule, from, source }) => [rule, from, source.grade]),
    [
      ['p/catalogue@1#B2', '2024-01-01', 'invented'],
      ['p/c/catalogue@4#B2', '2024-07-01', 'invented'],
    ],
  )
})

const NOTHING: Given = {
  class: undefined,
  upfrontShare: undefined,
  limitPrice: undefined,
  category: undefined,
  genericName: undefined,
}
const FACTS: Facts = {
  age: 63,
  sex: '女',
  level: '三级',
  medical: '住院',
  diagnosis: 'E11.900',
  quantity: 20_000,
  days: 7,
}
const line = (code: string, given: Partial<Given> = {}) =>
  resolveLine(catalogue, {
    code,
    place: 'p',
    on: plainDate('2024-06-01'),
    given: { ...NOTHING, ...given },
    facts: FACTS,
  })

test('a line may repeat what the catalogue says; what contradicts it is refused by field', () => {
  assert(line('B2').ok)
  assert(line('B2', { class: '乙', upfrontShare: rate('15%'), limitPrice: yuan('96') }).ok)
  const code = (given: Partial<Given>) => {
    const found = line('B2', given)
    return !found.ok && found.error.code === 'item_contradicted' ? found.error.field : 'accepted'
  }
  assert.equal(code({ class: '甲' }), 'class')
  assert.equal(code({ upfrontShare: rate('10%') }), 'upfrontShare')
  assert.equal(code({ limitPrice: yuan('95') }), 'limitPrice')
  assert.equal(code({ category: 'drug' }), 'accepted', 'the catalogue leaves it open')
})

test('a line outside the catalogue stands on its own class, or is refused', () => {
  assert.deepEqual(line('X9', { class: '丙' }), { ok: true, value: undefined })
  const refused = line('X9')
  assert.equal(!refused.ok && refused.error.code, 'unknown_item')
})

test('a line that says its class is still refused where the code has no entry in force', () => {
  const found = resolveLine(catalogue, {
    code: 'C3',
    place: 'p',
    on: plainDate('2025-01-01'),
    given: { ...NOTHING, class: '甲' },
    facts: FACTS,
  })
  assert.equal(!found.ok && found.error.code, 'item_not_in_force')
})

const limited = (limits: string, facts: Partial<Facts>) => {
  const faults: RowFault[] = []
  const reader = new RowReader('p', { teaching: true })
  const [names = '', values = ''] = limits.split('=')
  const head = `kind,code,name,class,from,source,address,grade,${names}`.split(',')
  reader.read({ line: 1, cells: head }, faults)
  const cells = `药品,L1,限药,甲,2024-01-01,源,无,invented,${values}`.split(',')
  const entry = reader.read({ line: 2, cells }, faults)
  assert(entry, JSON.stringify(faults))
  const one = createCatalogue([entry], new Map([['p', '1']]))
  const found = lookUp(one, 'L1', 'p', plainDate('2024-01-01'))
  assert(found.ok)
  const { class: itemClass, review, findings } = applyLimits(found.value, { ...FACTS, ...facts })
  return `${itemClass}${review ? ' review' : ''} ${findings.map((f) => `${f.limit} ${f.met}`).join()}`
}

test('limits: met, not met with 丙 or 复核, and not known', () => {
  const child = 'maxAge,whenUnmet=14,丙'
  assert.equal(limited(child, { age: 14 }), '甲 ')
  assert.equal(limited(child, { age: 15 }), '丙 review age no')
  assert.equal(limited(child, { age: undefined }), '甲 review age unknown')
  assert.equal(limited('diagnoses,whenUnmet=E10|E11,复核', {}), '甲 ')
  assert.equal(
    limited('diagnoses,whenUnmet=E10|E11,复核', { diagnosis: 'I10' }),
    '甲 review diagnosis no',
  )
  assert.equal(limited('levels,whenUnmet=二级|三级,丙', { level: '社区' }), '丙 review level no')
  assert.equal(limited('sex,whenUnmet=男,丙', {}), '丙 review sex no')
  assert.equal(limited('medical,whenUnmet=普通门诊,丙', {}), '丙 review medical no')
})

test('too many units or days never move a line by themselves: a person looks', () => {
  assert.equal(limited('maxQuantity,whenUnmet=1.5,丙', {}), '甲 review quantity no')
  assert.equal(limited('maxQuantity,whenUnmet=2,丙', {}), '甲 ')
  assert.equal(limited('maxDays,whenUnmet=6,丙', {}), '甲 review days no')
})

test('on any day there is one answer: that of the latest first day that has come', () => {
  const day = fc
    .integer({ min: 0, max: 700 })
    .map((n) => compose(2024 + Math.floor(n / 360), 1 + (Math.floor(n / 30) % 12), 1 + (n % 28)))
  fc.assert(
    fc.property(fc.uniqueArray(day, { minLength: 1, maxLength: 5 }), day, (days, on) => {
      const lines = days.map((from, i) => `K1,名,乙,${i}%,,${from},`).join('\n')
      const one = createCatalogue(entriesOf('p', lines), new Map([['p', '1']]))
      const found = lookUp(one, 'K1', 'p', on)
      const latest = days
        .filter((from) => from <= on)
        .toSorted()
        .at(-1)
      if (latest === undefined) assert(!found.ok)
      else assert.equal(found.ok && found.value.upfrontShare, days.indexOf(latest) * 10_000)
    }),
  )
})
