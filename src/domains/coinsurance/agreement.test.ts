import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maySay } from './agreement.ts'
import type { SaidAct } from './types.ts'

test('a month is agreed with once; an objection waits for its answer; only an objection is answered', () => {
  const after = (last: SaidAct | undefined) =>
    (['agreed', 'objected', 'answered'] as const).map((act) => {
      const done = maySay(last, act, { month: '2023-01', insurer: 'R02' })
      return done.ok ? done.value : done.error.code
    })
  assert.deepEqual(after(undefined), ['agreed', 'objected', 'no_objection'])
  assert.deepEqual(after('objected'), ['agreed', 'objection_open', 'answered'])
  assert.deepEqual(after('answered'), ['agreed', 'objected', 'no_objection'])
  assert.deepEqual(after('agreed'), ['statement_agreed', 'statement_agreed', 'statement_agreed'])
})
