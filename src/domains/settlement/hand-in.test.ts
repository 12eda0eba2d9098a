import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadSchemes } from '#app/schemes-folder.ts'
import { fen } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from './settle.ts'
import type { Bill, Invoice, Person } from './types.ts'

const book = loadSchemes(join(import.meta.dirname, '../../../schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-11-01') })

const personOf = (scheme: string, klass: string): Person => ({
  id: 'p',
  born: plainDate('1980-01-01'),
  attributes: [],
  covers: [
    { scheme, from: plainDate('2020-01-01'), until: undefined, attributes: { class: klass } },
  ],
})
const worker = personOf('teaching/shifan/employee', '在职')

/** 1,000 yuan of outpatient care at level 3 on the last day of 2024, its invoice of the same day. */
function billOf(invoice: Partial<Invoice>): Bill {
  const day = plainDate('2024-12-31')
  const none = fen(0)
  return {
    id: 'b',
    person: 'p',
    admitted: day,
    discharged: day,
    settled: plainDate('2025-01-02'),
    stay: 'b',
    invoice: { number: '24112000000012345678', on: day, ...invoice },
    total: fen(100_000),
    parts: {
      inScope: fen(100_000),
      upfront: none,
      overLimit: none,
      outOfScope: none,
      specialDrug: none,
      separateItem: none,
    },
    lines: [],
    attributes: { medical: '普通门诊', level: '三级' },
    cause: 'illness',
    thirdParty: undefined,
    days: 1,
    events: [],
  }
}

const outcome = (bill: Bill, person = worker) => {
  const settled = settler.settle(bill, person, new Map())
  return settled.ok ? (settled.value.payers.basicPool ?? 0) / 100 : settled.error
}

test('a bill that was paid first counts to the year of its invoice, as the scheme says', () => {
  // Settled in 2025 by its own day: (1000 − 400) × 55 %.
  assert.equal(outcome(billOf({})), 330)
  // Handed in in March 2025 with an invoice of 2024: (1000 − 500) × 55 %.
  assert.equal(outcome(billOf({ handedIn: plainDate('2025-03-01') })), 275)
})

test('it is taken until the last day, and after it only by a person', () => {
  assert.equal(outcome(billOf({ handedIn: plainDate('2025-06-30') })), 275)
  const late = billOf({ handedIn: plainDate('2025-07-01') })
  const refused = outcome(late)
  assert(typeof refused === 'object' && refused.code === 'handed_in_late', JSON.stringify(refused))
  assert.equal(refused.last, '2025-06-30')
  assert.equal(refused.citation.rule, 'teaching/shifan/employee#handIn')
  assert(late.invoice)
  const lateAccepted = { by: 'handler', reason: '住院期间无法办理' }
  assert.equal(outcome({ ...late, invoice: { ...late.invoice, lateAccepted } }), 275)
})

test('a scheme that does not say until when refuses it by name', () => {
  const elsewhere = personOf('zhejiang/ningbo/employee', '在职')
  assert.deepEqual(outcome(billOf({ handedIn: plainDate('2025-03-01') }), elsewhere), {
    code: 'choice_undeclared',
    rule: 'zhejiang/ningbo/employee#handIn',
    choice: 'handIn',
  })
})
