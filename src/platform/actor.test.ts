import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlainDate } from '#base/plain-date.ts'
import { NARROWINGS, ROLES, scopeFault } from './actor.ts'

const day = (text: string) => text as PlainDate

test('staff may be left as wide as their tenant, or narrowed to places and schemes', () => {
  assert.equal(scopeFault('handler'), undefined)
  assert.equal(scopeFault('reviewer', { regions: ['teaching/shifan'] }), undefined)
  assert.equal(scopeFault('regulator', { schemes: ['teaching/shifan/employee'] }), undefined)
  assert.deepEqual(scopeFault('cashier', { employer: 'mill' }), {
    code: 'scope_not_for_role',
    field: 'employer',
  })
})

test('whoever stands outside the office cannot go without a scope', () => {
  for (const role of ['hospital', 'employer', 'insured', 'agent'] as const) {
    const field = NARROWINGS[role].must[0]
    assert.deepEqual(scopeFault(role), { code: 'scope_missing', field })
  }
  assert.deepEqual(scopeFault('hospital', { institutions: [] }), {
    code: 'scope_missing',
    field: 'institutions',
  })
  assert.deepEqual(scopeFault('employer', { employer: 'mill', regions: ['teaching/shifan'] }), {
    code: 'scope_not_for_role',
    field: 'regions',
  })
})

test('an insured person has one file; an agent acts by a document, from a day to a day', () => {
  assert.equal(scopeFault('insured', { persons: [{ person: 'child' }] }), undefined)
  assert.deepEqual(scopeFault('insured', { persons: [{ person: 'a' }, { person: 'b' }] }), {
    code: 'scope_one_person',
  })
  const dated = { person: 'elder', from: day('2026-01-01'), until: day('2026-12-31') }
  assert.equal(scopeFault('agent', { persons: [{ ...dated, document: '委托书 1' }] }), undefined)
  assert.deepEqual(scopeFault('agent', { persons: [dated] }), {
    code: 'scope_authorisation',
    person: 'elder',
  })
})

test('every role says how it is narrowed', () => {
  assert.deepEqual(Object.keys(NARROWINGS).toSorted(), [...ROLES].toSorted())
})
