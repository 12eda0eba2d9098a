import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addDays, type PlainDate, plainDate } from '#base/plain-date.ts'
import { parseVocabulary } from '#rulebook/attributes.ts'
import { recordCondition } from './enrol.ts'
import { adopt, continuityOf, insure, type Reading } from './insure.ts'
import type { Insured, Membership, Repair } from './types.ts'

const reading: Reading = {
  kindOf: (scheme) =>
    (({ employee: 'public', resident: 'public', huimin: 'supplementary' }) as const)[scheme],
  vocabulary: parseVocabulary(
    'attributes.yaml',
    `
class: { of: cover, zh: 人群, en: Class, answers: { 在职: Working, 成年居民: Resident } }
preexisting: { of: cover, zh: 既往症, en: Condition, answers: { 有: Yes, 无: No } }
continuousYears: { of: cover, zh: 连续, en: Unbroken, answers: number, whenAbsent: 0 }
gapYears: { of: cover, zh: 断保, en: Gap, answers: number, whenAbsent: 0 }
category: { of: person, zh: 类别, en: Category, answers: { 普通: None, 低保: Allowance }, whenAbsent: 普通 }
`,
  ),
}

const membership = (
  scheme: string,
  from: string,
  until?: string,
  answers: Membership['answers'] = {},
): Membership => ({
  scheme,
  from: plainDate(from),
  until: until === undefined ? undefined : plainDate(until),
  enrolledOn: plainDate(from),
  answers,
  employer: undefined,
})
const repair = (scheme: string, from: string, until: string): Repair => ({
  scheme,
  from: plainDate(from),
  until: plainDate(until),
  paidOn: plainDate('2024-01-10'),
})
const nobody: Insured = {
  id: 'p',
  born: plainDate('1980-01-01'),
  died: undefined,
  memberships: [],
  statuses: [],
  repairs: [],
  conditions: [],
}
/** Years unbroken, years missed, and of these the years that were paid for afterwards. */
const yearsOf = (memberships: Membership[], repairs: Repair[] = []) => {
  const last = memberships.at(-1) as Membership
  const years = continuityOf(last, { memberships, repairs }, reading.kindOf)
  return [years.continuousYears, years.gapYears, years.repairedYears]
}

test('the first membership has no years before it', () => {
  assert.deepEqual(yearsOf([membership('resident', '2024-01-01', '2024-12-31')]), [0, 0, 0])
})

test('each year that follows without a break adds one', () => {
  const years = [2021, 2022, 2023, 2024].map((y) =>
    membership('resident', `${y}-01-01`, `${y}-12-31`),
  )
  assert.deepEqual(yearsOf(years), [3, 0, 0])
})

test('changing from one public scheme to another is no break', () => {
  const moved = [
    membership('employee', '2015-03-01', '2022-12-31'),
    membership('resident', '2023-01-01'),
  ]
  assert.deepEqual(yearsOf(moved), [7, 0, 0])
})

test('a product has a history of its own', () => {
  const both = [
    membership('resident', '2018-01-01'),
    membership('huimin', '2023-01-01', '2023-12-31'),
    membership('huimin', '2024-01-01', '2024-12-31'),
  ]
  assert.deepEqual(yearsOf(both), [1, 0, 0])
})

test('a day too late breaks the history; a gap is counted in whole years', () => {
  const late = [
    membership('resident', '2022-01-01', '2022-12-31'),
    membership('resident', '2023-01-02', '2023-12-31'),
  ]
  assert.deepEqual(yearsOf(late), [0, 0, 0])
  const twoYears = [
    membership('resident', '2020-01-01', '2021-12-31'),
    membership('resident', '2024-01-01'),
  ]
  assert.deepEqual(yearsOf(twoYears), [0, 2, 0])
  const oneDayShort = [
    membership('resident', '2020-01-01', '2022-01-01'),
    membership('resident', '2024-01-01'),
  ]
  assert.deepEqual(yearsOf(oneDayShort), [0, 1, 0])
})

test('a break that was paid for is none; one paid for in part is shorter', () => {
  const broken = [
    membership('resident', '2020-01-01', '2021-12-31'),
    membership('resident', '2024-01-01'),
  ]
  assert.deepEqual(yearsOf(broken, [repair('resident', '2022-01-01', '2023-12-31')]), [4, 2, 2])
  assert.deepEqual(yearsOf(broken, [repair('resident', '2023-01-01', '2023-12-31')]), [1, 2, 1])
  // The year that was paid for stands in the middle: what lies on both sides of it is still a break.
  const longer = [
    membership('resident', '2020-01-01', '2020-12-31'),
    membership('resident', '2024-01-01'),
  ]
  assert.deepEqual(yearsOf(longer, [repair('resident', '2022-01-01', '2022-12-31')]), [0, 3, 1])
})

test('an earlier history that is not kept here is stated, and goes on from there', () => {
  const stated = [
    membership('resident', '2023-01-01', '2023-12-31', { continuousYears: 7 }),
    membership('resident', '2024-01-01', '2024-12-31'),
  ]
  assert.deepEqual(yearsOf(stated), [8, 0, 0])
})

test('a condition counts from the day it was known, once a person has confirmed it', () => {
  const huimin = membership('huimin', '2024-01-01', '2024-12-31', { preexisting: '无' })
  const of = (state: 'declared' | 'found' | 'confirmed' | 'rejected', since: string) => {
    const conditions = [{ disease: '糖尿病', since: plainDate(since), state }]
    const [cover] = insure({ ...nobody, memberships: [huimin], conditions }, reading).covers
    return cover?.attributes.preexisting
  }
  assert.equal(of('confirmed', '2023-05-01'), '有')
  assert.equal(of('declared', '2024-01-01'), '有')
  assert.equal(of('confirmed', '2024-01-02'), '无', 'it came after the cover began')
  assert.equal(of('found', '2023-05-01'), '无', 'nobody has decided yet')
  assert.equal(of('rejected', '2023-05-01'), '无')
})

test('a condition that nobody asked about is not answered', () => {
  const [cover] = insure(
    { ...nobody, memberships: [membership('huimin', '2024-01-01')] },
    reading,
  ).covers
  assert.equal(cover?.attributes.preexisting, undefined)
})

test('where a status ends, what silence means begins', () => {
  const status = (value: string, from: string, until?: string) => ({
    attribute: 'category',
    value,
    from: plainDate(from),
    until: until === undefined ? undefined : plainDate(until),
  })
  const of = (...statuses: ReturnType<typeof status>[]) =>
    insure({ ...nobody, statuses }, reading).attributes
  assert.deepEqual(of(status('低保', '2024-03-01', '2024-12-31')), [
    { from: '2024-03-01', attributes: { category: '低保' } },
    { from: '2025-01-01', attributes: { category: '普通' } },
  ])
  assert.deepEqual(of(status('低保', '2024-03-01', '2024-12-31'), status('低保', '2025-01-01')), [
    { from: '2024-03-01', attributes: { category: '低保' } },
    { from: '2025-01-01', attributes: { category: '低保' } },
  ])
})

test('whoever came with bills is taken over as they were', () => {
  const person = {
    id: 'p',
    born: plainDate('1980-01-01'),
    attributes: [
      { from: plainDate('2020-01-01'), attributes: { category: '低保' } },
      { from: plainDate('2022-01-01'), attributes: { category: '普通' } },
    ],
    covers: [
      {
        scheme: 'resident',
        from: plainDate('2020-01-01'),
        until: undefined,
        attributes: { class: '成年居民', continuousYears: 7, gapYears: 0 },
        conditions: ['E11'],
        newborn: true,
      },
    ],
    registrations: [{ kind: '市外转诊', from: plainDate('2024-01-01') }],
    certificates: [{ kind: '门慢特' as const, of: '糖尿病', from: plainDate('2024-01-01') }],
  }
  const taken = insure(adopt(person), reading)
  // What the cover says of earlier diseases is now the answer to the question as well.
  const [cover] = person.covers
  assert.deepEqual(taken, {
    ...person,
    covers: [{ ...cover, attributes: { ...cover?.attributes, preexisting: '有' } }],
  })
})

test('a condition that is declared later joins those that a cover came with; one that is rejected leaves them', () => {
  const cover = {
    scheme: 'resident',
    from: plainDate('2020-01-01'),
    until: undefined,
    attributes: {},
    conditions: ['C34'],
  }
  const came = adopt({ id: 'p', born: undefined, attributes: [], covers: [cover] })
  const since = plainDate('2019-05-01')
  const declared = recordCondition(came, { disease: 'E11', since, state: 'declared' })
  assert.deepEqual(insure(declared, reading).covers[0]?.conditions, ['C34', 'E11'])
  const rejected = recordCondition(declared, { disease: 'C34', since, state: 'rejected' })
  assert.deepEqual(insure(rejected, reading).covers[0]?.conditions, ['E11'])
})

test('unbroken and broken years never exceed the years that passed', () => {
  const length = fc.integer({ min: 0, max: 1500 })
  fc.assert(
    fc.property(fc.array(fc.tuple(length, length), { minLength: 1, maxLength: 6 }), (stretches) => {
      let day: PlainDate = plainDate('2000-01-01')
      const memberships: Membership[] = []
      for (const [gap, days] of stretches) {
        const from = addDays(day, gap)
        day = addDays(from, days)
        memberships.push(membership('resident', from, day))
        day = addDays(day, 1)
      }
      const last = memberships.at(-1) as Membership
      const first = memberships[0] as Membership
      const passed = Number(last.from.slice(0, 4)) - Number(first.from.slice(0, 4))
      const [continuous = 0, gap = 0] = yearsOf(memberships)
      assert(continuous >= 0 && gap >= 0 && continuous + gap <= passed)
    }),
  )
})
