import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amendRule } from './amend.ts'

const RULE = `# Care elsewhere is paid less.
rate:
  - { from: 2024-01-01, value: 80% }
  - from: 2025-07-01
    value:
      by level: { 一级: 86%, 三级: 68% } # the newest
tiers:
  - inpatient
  - outpatient
`

test('a value is put in the place of another, by the day on which it begins; everything else stays', () => {
  const at = ['rate', '2025-07-01', 'value', 'by level', '三级']
  const amended = amendRule(RULE, { at, set: '70%' })
  assert(amended.ok)
  assert.equal(amended.value, RULE.replace('68%', '70%'))
})

test('a tier is taken away, another added', () => {
  const less = amendRule(RULE, { at: ['tiers', 'outpatient'], remove: true })
  assert(less.ok)
  assert.equal(less.value, RULE.replace('  - outpatient\n', ''))
  const more = amendRule(RULE, { at: ['tiers'], add: 'maternity' })
  assert(more.ok)
  assert.equal(more.value, `${RULE}  - maternity\n`)
})

test('a path that leads nowhere is refused with what stands there', () => {
  const at = ['rate', '2025-01-01', 'value']
  assert.deepEqual(amendRule(RULE, { at, set: '70%' }), {
    ok: false,
    error: { at: ['rate', '2025-01-01'], known: ['2024-01-01', '2025-07-01'] },
  })
  assert.deepEqual(amendRule(RULE, { at: ['rates'], set: [] }), {
    ok: false,
    error: { at: ['rates'], known: ['rate', 'tiers'] },
  })
  assert.equal(amendRule(RULE, { at: ['rate', 2], set: {} }).ok, false)
  assert.equal(amendRule(RULE, { at: ['tiers', 'inpatient', 'x'], set: 1 }).ok, false)
})
