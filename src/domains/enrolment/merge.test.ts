import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import type { Circumstances } from './enrol.ts'
import { mergeFiles } from './merge.ts'
import type { Insured } from './types.ts'

const circumstances: Circumstances = {
  kindOf: () => 'public',
  vocabulary: new Map(),
  today: plainDate('2026-06-30'),
  reason: '合并',
  onRoster: () => true,
}
const person = (id: string, from: string, until: string): Insured => ({
  id,
  born: plainDate('1980-01-01'),
  died: undefined,
  memberships: [
    {
      scheme: 'resident',
      from: plainDate(from),
      until: plainDate(until),
      enrolledOn: plainDate(from),
      answers: {},
      employer: undefined,
    },
  ],
  statuses: [],
  repairs: [],
  conditions: [],
})
const old = { insured: person('a', '2024-01-01', '2024-12-31'), identified: false }
const kept = { insured: person('b', '2025-01-01', '2025-12-31'), identified: true }
const totals = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, 100]))
const codeOf = (from: object, into: object): string => {
  const whole = { totals: {} }
  const done = mergeFiles(
    { ...whole, ...old, ...from },
    { ...whole, ...kept, ...into },
    circumstances,
  )
  return done.ok ? 'ok' : done.error.code
}

test('two files become one: memberships together, balances added, totals of different years side by side', () => {
  const done = mergeFiles(
    { ...old, totals: totals('x:met@2024', 'account:personal@lifetime') },
    { ...kept, totals: totals('x:met@2025', 'account:personal@lifetime') },
    circumstances,
  )
  assert(done.ok)
  assert.equal(done.value.insured.memberships.length, 2)
  assert.deepEqual(done.value.totals, {
    'x:met@2024': 100,
    'x:met@2025': 100,
    'account:personal@lifetime': 200,
  })
})

test('periods in which both files have settled bills are named; balances and stays are none', () => {
  const done = mergeFiles(
    {
      ...old,
      totals: totals('x:met@2025', 'x:met@2024', 'x:met@stay:1', 'account:personal@lifetime'),
    },
    { ...kept, totals: totals('y:paid@2025', 'x:met@stay:1', 'account:personal@lifetime') },
    circumstances,
  )
  assert(done.ok)
  assert.deepEqual(done.value.shared, ['2025'])
})

test('what contradicts is refused by name', () => {
  assert.equal(codeOf({ insured: kept.insured }, {}), 'merge_with_self')
  assert.equal(codeOf({ identified: true }, {}), 'different_id_numbers')
  const other = { ...old.insured, born: plainDate('1981-01-01') }
  assert.equal(codeOf({ insured: other }, {}), 'birthday_differs')
  assert.equal(
    codeOf({ insured: person('a', '2025-06-01', '2025-09-30') }, {}),
    'same_scheme_twice',
  )
})
