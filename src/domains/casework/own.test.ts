import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fen } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { maySend, ownView } from './own.ts'
import { ACTS, type CaseAct, type Done, SENDERS, type Sender } from './types.ts'

const CUT = {
  outcome: 'cut',
  rules: ['resident-inpatient/limit-price'],
  cuts: [{ line: '1', amount: fen(100_00) }],
} as const
const did = (act: CaseAct, more: Partial<Done> = {}): Done => ({
  act,
  by: 'wang',
  on: plainDate('2026-03-02'),
  ...more,
})
const seen = (history: readonly Done[], sender: Sender = 'insured') =>
  ownView(history, 'online', sender)

test('what is missing is asked in the words of whoever asked, and may be answered', () => {
  const history = [did('accept'), did('ask-documents', { why: '缺出院小结' })]
  const { state, asked, may } = seen(history)
  assert.deepEqual(
    [state, asked?.why, may],
    ['documents', '缺出院小结', ['receive-documents', 'withdraw']],
  )
  assert.equal(seen([...history, did('receive-documents')]).asked, undefined)
})

test('a decision shows once it is sent, with the reasons of whoever proposed it, and not before', () => {
  const proposed = [
    did('accept'),
    did('review', { why: '先看看' }),
    did('investigate', { why: '疑似冒用' }),
    did('report', { why: '查无实据' }),
    did('propose', { why: '同一材料记了两次', decision: CUT }),
  ]
  const decided = [...proposed, did('approve', { why: '同意', decision: CUT })]
  for (const history of [proposed, decided]) {
    const { state, decision } = seen(history)
    assert.deepEqual([state, decision], ['in-hand', undefined])
  }
  const notified = seen([...decided, did('notify')])
  assert.deepEqual(
    [notified.state, notified.decision?.why, notified.may],
    ['decided', '同一材料记了两次', ['object']],
  )
  // What the office noted for itself stays there.
  assert.deepEqual(
    notified.steps.map(({ act, why }) => [act, why]),
    [
      ['accept', undefined],
      ['notify', undefined],
    ],
  )
})

test('a question to the hospital is for the hospital alone', () => {
  const history = [did('accept'), did('review'), did('query-hospital', { why: '材料费两次' })]
  assert.deepEqual(seen(history).asked, undefined)
  const { state, asked, may } = seen(history, 'hospital')
  assert.deepEqual([state, asked?.why, may], ['queried', '材料费两次', ['hospital-answers']])
})

test('what may be done from outside is handing in, answering, objecting, and taking back what one handed in', () => {
  const all = (Object.keys(SENDERS) as Sender[]).map((sender) => [
    sender,
    (Object.keys(ACTS) as CaseAct[]).filter((act) => maySend(act, 'online', sender)).join(' '),
  ])
  assert.deepEqual(all, [
    ['hospital', 'accept receive-documents hospital-answers object'],
    ['insured', 'accept receive-documents object withdraw'],
    ['agent', 'accept receive-documents object'],
  ])
})
