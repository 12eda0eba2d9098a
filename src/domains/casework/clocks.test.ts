import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import { clockOf, clockOn } from './clocks.ts'
import { INSURANCE_LAW_CLOCKS } from './insurance-law.ts'
import type { CaseAct, ClockRule, Decision, Done } from './types.ts'

/** 2026 as the State Council's notice 国办发明电〔2025〕7号 has its spring: holidays 15 to 23 February, work on 14 and 28. */
const CALENDAR = {
  years: [2026],
  holidays: new Set(
    [15, 16, 17, 18, 19, 20, 21, 22, 23].map((day) => `2026-02-${String(day).padStart(2, '0')}`),
  ),
  madeUp: new Set(['2026-02-14', '2026-02-28']),
}

const did = (act: CaseAct, on: string, outcome?: Decision['outcome']): Done => ({
  act,
  by: 'wang',
  on: plainDate(on),
  ...(outcome === 'pay'
    ? { decision: { outcome } }
    : outcome && { decision: { outcome, rules: ['a-rule'] } }),
})

/** The clock of this name as it stands for a case accepted on the first day of its history. */
function clock(
  id: string,
  history: readonly Done[],
  rules: readonly ClockRule[] = INSURANCE_LAW_CLOCKS,
) {
  const rule = clockOn(rules, id, history[0]?.on ?? plainDate('2026-01-01'))
  assert(rule.ok)
  const read = clockOf(rule.value, history, CALENDAR)
  return read.ok ? read.value : read.error
}

describe('insurance law, in calendar days', () => {
  test('accepted on 2 March: decided by 1 April, 30 days later; the certain part by 1 May', () => {
    const history = [did('accept', '2026-03-02')]
    assert.deepEqual(clock('decide', history), { kind: 'running', due: '2026-04-01' })
    assert.deepEqual(clock('certain-part', history), { kind: 'running', due: '2026-05-01' })
    assert.equal(clock('pay', history), undefined)
  })
  test('while documents are asked for the thirty days stand still; the sixty do not', () => {
    const asked = [did('accept', '2026-03-02'), did('ask-documents', '2026-03-07')]
    assert.deepEqual(clock('decide', asked), { kind: 'stopped', left: 25 })
    const came = [...asked, did('receive-documents', '2026-03-17')]
    // Ten days late, so ten days later.
    assert.deepEqual(clock('decide', came), { kind: 'running', due: '2026-04-11' })
    assert.deepEqual(clock('certain-part', came), { kind: 'running', due: '2026-05-01' })
  })
  test('documents that come on the day they are asked for cost no day', () => {
    const history = [
      did('accept', '2026-03-02'),
      did('ask-documents', '2026-03-07'),
      did('receive-documents', '2026-03-07'),
    ]
    assert.deepEqual(clock('decide', history), { kind: 'running', due: '2026-04-01' })
  })
  test('decided on the last day is in time, a day later is late', () => {
    const met = (on: string) =>
      clock('decide', [
        did('accept', '2026-03-02'),
        did('review', '2026-03-03'),
        did('decide', on, 'pay'),
      ])
    assert.deepEqual(met('2026-04-01'), {
      kind: 'met',
      due: '2026-04-01',
      on: '2026-04-01',
      late: false,
    })
    assert.deepEqual(met('2026-04-02'), {
      kind: 'met',
      due: '2026-04-01',
      on: '2026-04-02',
      late: true,
    })
  })
  test('what is paid is paid within 10 days; a refusal is sent within 3, and starts no payment', () => {
    const decided = (outcome: Decision['outcome']) => [
      did('accept', '2026-03-02'),
      did('decide', '2026-03-10', outcome),
    ]
    assert.deepEqual(clock('pay', decided('cut')), { kind: 'running', due: '2026-03-20' })
    assert.equal(clock('refusal-notice', decided('pay')), undefined)
    assert.deepEqual(clock('refusal-notice', decided('refuse')), {
      kind: 'running',
      due: '2026-03-13',
    })
    assert.equal(clock('pay', decided('refuse')), undefined)
  })
  test('a case withdrawn while documents are asked for waits for nothing', () => {
    const history = [
      did('accept', '2026-03-02'),
      did('ask-documents', '2026-03-07'),
      did('withdraw', '2026-03-09'),
    ]
    const read = clock('decide', history)
    assert(read && 'kind' in read && read.kind === 'met' && !read.late)
  })
  test('before the interpretation of 2013 nothing stops the clock; before the law of 2009 there is none', () => {
    const history = [did('accept', '2013-06-07'), did('ask-documents', '2013-06-08')]
    assert.deepEqual(clock('decide', history), { kind: 'running', due: '2013-07-07' })
    const day = plainDate('2009-09-30')
    const none = clockOn(INSURANCE_LAW_CLOCKS, 'decide', day)
    assert.deepEqual(none, { ok: false, error: { code: 'no_clock_for_day', id: 'decide', day } })
  })
})

describe('working days, with an invented clock of five', () => {
  const FIVE: readonly ClockRule[] = [
    {
      id: 'five',
      zh: '五个工作日',
      en: 'Five working days',
      from: plainDate('2026-01-01'),
      days: 5,
      unit: 'working',
      starts: ['accept'],
      ends: ['decide'],
      pauses: true,
      source: { title: '虚构', address: '无', grade: 'D', note: 'Invented for this test.' },
    },
  ]
  test('from Thursday 12 February over the spring festival: 13, 14 made up, 24, 25, 26', () => {
    assert.deepEqual(clock('five', [did('accept', '2026-02-12')], FIVE), {
      kind: 'running',
      due: '2026-02-26',
    })
  })
  test('a year whose holidays nobody has given is refused, not guessed', () => {
    assert.deepEqual(clock('five', [did('accept', '2026-12-30')], FIVE), {
      code: 'calendar_unknown',
      id: 'five',
      year: 2027,
    })
  })
})
