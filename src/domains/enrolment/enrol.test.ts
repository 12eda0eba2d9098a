import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import { parseVocabulary } from '#rulebook/attributes.ts'
import {
  type Circumstances,
  changeClass,
  endMembership,
  enrol,
  recordDeath,
  recordStatus,
  repairBreak,
  withdraw,
} from './enrol.ts'
import type { Insured, Membership } from './types.ts'

const circumstances: Circumstances = {
  kindOf: (scheme) =>
    (
      ({
        employee: 'public',
        resident: 'public',
        huimin: 'supplementary',
        group: 'group',
      }) as const
    )[scheme],
  vocabulary: parseVocabulary(
    'attributes.yaml',
    `
class: { of: cover, zh: 人群, en: Class, answers: { 在职: Working, 退休: Retired, 成年居民: Resident } }
plan: { of: cover, zh: 档次, en: Plan, answers: text }
continuousYears: { of: cover, zh: 连续, en: Unbroken, answers: number, whenAbsent: 0 }
category: { of: person, zh: 类别, en: Category, answers: { 普通: None, 低保: Allowance }, whenAbsent: 普通 }
age: { of: person, zh: 年龄, en: Age, answers: number }
`,
  ),
  today: plainDate('2025-06-30'),
  reason: undefined,
  onRoster: (employer, on) =>
    employer === 'mill' ? on >= '2024-01-01' && on <= '2024-12-31' : undefined,
}
const person: Insured = {
  id: 'p',
  born: plainDate('1980-05-01'),
  died: undefined,
  memberships: [],
  statuses: [],
  repairs: [],
  conditions: [],
}
const asked = (more: Partial<Record<keyof Membership, unknown>> = {}): Membership =>
  ({
    scheme: 'resident',
    from: '2025-01-01',
    until: '2025-12-31',
    enrolledOn: '2024-11-15',
    answers: { class: '成年居民' },
    employer: undefined,
    ...more,
  }) as Membership
const holding = (...memberships: Membership[]): Insured => ({ ...person, memberships })
const codeOf = (
  insured: Insured,
  membership: Membership,
  more: Partial<Circumstances> = {},
): string => {
  const done = enrol(insured, membership, { ...circumstances, ...more })
  return done.ok ? done.value.change : done.error.code
}

test('a membership is new, then unchanged, then changed', () => {
  assert.equal(codeOf(person, asked()), 'new')
  assert.equal(codeOf(holding(asked()), asked()), 'unchanged')
  assert.equal(codeOf(holding(asked()), asked({ until: '2025-06-30' })), 'changed')
  assert.equal(codeOf(holding(asked()), asked({ answers: { class: '退休' } })), 'changed')
})

test('every refusal, in the order in which they are asked', () => {
  assert.equal(codeOf(person, asked({ scheme: 'nowhere' })), 'unknown_scheme')
  assert.equal(codeOf(person, asked({ answers: { category: '低保' } })), 'unknown_attribute')
  assert.equal(codeOf(person, asked({ answers: { colour: 'red' } })), 'unknown_attribute')
  assert.equal(codeOf(person, asked({ answers: { class: '学生' } })), 'unknown_answer')
  assert.equal(codeOf(person, asked({ answers: { continuousYears: -1 } })), 'unknown_answer')
  assert.equal(codeOf(person, asked({ until: '2024-12-31' })), 'ends_before_begins')
  assert.equal(codeOf(person, asked({ enrolledOn: '2025-07-01' })), 'enrolled_in_future')
  assert.equal(codeOf(person, asked({ from: '1980-04-30' })), 'begins_before_birth')
  const late = { from: '2025-01-01', enrolledOn: '2025-01-02' }
  assert.equal(codeOf(person, asked(late)), 'retroactive_without_reason')
  assert.equal(codeOf(person, asked({ scheme: 'group' })), 'employer_needed')
  assert.equal(codeOf(person, asked({ employer: 'bank' })), 'unknown_employer')
  assert.equal(codeOf(person, asked({ employer: 'mill' })), 'not_on_roster')
  assert.equal(codeOf(holding(asked({ from: '2024-06-01' })), asked()), 'same_scheme_twice')
  assert.equal(codeOf(holding(asked({ scheme: 'employee' })), asked()), 'two_public_schemes')
})

test('a newborn may be enrolled back to the day of birth, with the reason, and no further', () => {
  const newborn = { ...person, born: plainDate('2025-05-01') }
  const fromBirth = asked({ from: '2025-05-01', enrolledOn: '2025-06-20' })
  assert.equal(codeOf(newborn, fromBirth), 'retroactive_without_reason')
  assert.equal(codeOf(newborn, fromBirth, { reason: '新生儿落地参保' }), 'new')
  const earlier = asked({ from: '2025-04-30', enrolledOn: '2025-06-20' })
  assert.equal(codeOf(newborn, earlier, { reason: '新生儿落地参保' }), 'begins_before_birth')
})

test('on the last day two public schemes overlap; on the day after they do not', () => {
  const employee = (until: string) =>
    holding(asked({ scheme: 'employee', from: '2020-01-01', until }))
  assert.equal(codeOf(employee('2025-01-01'), asked()), 'two_public_schemes')
  assert.equal(codeOf(employee('2024-12-31'), asked()), 'new')
})

test('products stand beside a public scheme and beside one another', () => {
  const held = holding(asked(), asked({ scheme: 'huimin' }))
  assert.equal(
    codeOf(
      held,
      asked({ scheme: 'group', from: '2024-12-31', enrolledOn: '2024-12-01', employer: 'mill' }),
    ),
    'new',
  )
})

test('an open end lasts until somebody ends it', () => {
  const open = holding(asked({ scheme: 'employee', from: '2020-01-01', until: undefined }))
  assert.equal(codeOf(open, asked()), 'two_public_schemes')
  const key = { scheme: 'employee', from: plainDate('2020-01-01') }
  const ended = endMembership(open, { ...key, until: plainDate('2024-12-31') }, circumstances)
  assert(ended.ok)
  assert.equal(codeOf(ended.value.insured, asked()), 'new')
  const other = endMembership(open, { ...key, scheme: 'resident', until: undefined }, circumstances)
  assert.equal(!other.ok && other.error.code, 'unknown_membership')
})

test('lifting a last day is refused where something else has begun since', () => {
  const both = holding(
    asked({ scheme: 'employee', from: '2020-01-01', until: '2024-12-31' }),
    asked(),
  )
  const key = { scheme: 'employee', from: plainDate('2020-01-01'), until: undefined }
  const lifted = endMembership(both, key, circumstances)
  assert.equal(!lifted.ok && lifted.error.code, 'two_public_schemes')
})

test('a new class ends the old membership on the day before', () => {
  const working = holding(
    asked({ scheme: 'employee', from: '2010-01-01', until: undefined, answers: { class: '在职' } }),
  )
  const key = { scheme: 'employee', from: plainDate('2010-01-01') }
  const retired = changeClass(
    working,
    { ...key, on: plainDate('2025-05-01'), answers: { class: '退休' } },
    { ...circumstances, reason: '退休' },
  )
  assert(retired.ok)
  const rows = retired.value.insured.memberships.map((m) => [m.from, m.until, m.answers.class])
  assert.deepEqual(rows, [
    ['2010-01-01', '2025-04-30', '在职'],
    ['2025-05-01', undefined, '退休'],
  ])
})

test('what should never have been recorded is taken back', () => {
  const taken = withdraw(holding(asked()), asked())
  assert.deepEqual(taken.ok && taken.value.memberships, [])
  const again = withdraw(person, asked())
  assert.equal(!again.ok && again.error.code, 'unknown_membership')
})

test('a status holds for a time; two of one kind do not contradict each other', () => {
  const allowance = (from: string, until?: string) => ({
    attribute: 'category',
    value: '低保',
    from: plainDate(from),
    until: until === undefined ? undefined : plainDate(until),
  })
  const first = recordStatus(person, allowance('2024-01-01', '2024-12-31'), circumstances)
  assert(first.ok)
  const code = (from: string, until?: string) => {
    const done = recordStatus(first.value, allowance(from, until), circumstances)
    return done.ok ? 'ok' : done.error.code
  }
  assert.equal(code('2025-01-01'), 'ok')
  assert.equal(code('2024-12-31'), 'status_overlaps')
  assert.equal(code('2023-01-01', '2024-01-01'), 'status_overlaps')
  assert.equal(code('2023-01-01', '2023-12-31'), 'ok')
  assert.equal(code('2023-01-01'), 'ok', 'it lasts until the next one begins')
  assert.equal(code('2024-01-01', '2024-06-30'), 'ok', 'a correction of the same one')
  const age = { ...allowance('2024-01-01'), attribute: 'age', value: '44' }
  const stated = recordStatus(person, age, circumstances)
  assert.equal(!stated.ok && stated.error.code, 'unknown_attribute')
})

test('only days of the break can be paid for', () => {
  const held = holding(asked({ from: '2022-01-01', until: '2022-12-31' }))
  const code = (from: string, until: string) => {
    const repair = { scheme: 'resident', from: plainDate(from), until: plainDate(until) }
    const done = repairBreak(held, { ...repair, paidOn: plainDate('2025-01-10') }, circumstances)
    return done.ok ? 'ok' : done.error.code
  }
  assert.equal(code('2023-01-01', '2024-12-31'), 'ok')
  assert.equal(code('2022-12-31', '2024-12-31'), 'covered_already')
  assert.equal(code('2024-12-31', '2023-01-01'), 'ends_before_begins')
})

test('death ends every cover and takes back what would begin later', () => {
  const held = holding(
    asked({ scheme: 'employee', from: '2020-01-01', until: undefined }),
    asked({ scheme: 'huimin', from: '2024-01-01', until: '2024-12-31' }),
    asked({ scheme: 'huimin', from: '2026-01-01', until: '2026-12-31' }),
  )
  const dead = recordDeath(held, plainDate('2025-03-10'))
  assert.deepEqual(
    dead.memberships.map(({ scheme, until }) => [scheme, until]),
    [
      ['employee', '2025-03-10'],
      ['huimin', '2024-12-31'],
    ],
  )
  assert.equal(
    codeOf(dead, asked({ from: '2025-04-01', enrolledOn: '2025-04-01' })),
    'lasts_beyond_death',
  )
})
