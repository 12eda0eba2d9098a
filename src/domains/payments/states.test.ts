import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { adoptedLegs, orderedLegs, paidLegs, returnedLegs, unpaidLegs } from './post.ts'
import { effectOf, isAnswered, moved } from './states.ts'
import {
  ANSWERS,
  type AnswerStatus,
  BATCH_ACTS,
  BATCH_STATES,
  type BatchAct,
  type BatchState,
} from './types.ts'

describe('a batch moves by its table, and in no other way', () => {
  test('from a draft to closed', () => {
    let state: BatchState = 'draft'
    for (const act of ['submit', 'release', 'send', 'answer', 'close'] as const) {
      const next = moved(state, act)
      assert(next.ok)
      state = next.value
    }
    assert.equal(state, 'closed')
  })
  test('every other move is refused by name, with the states that it is done from', () => {
    let refused = 0
    for (const state of Object.keys(BATCH_STATES) as BatchState[])
      for (const act of Object.keys(BATCH_ACTS) as BatchAct[]) {
        const { from } = BATCH_ACTS[act]
        const done = moved(state, act)
        assert.equal(done.ok, (from as readonly BatchState[]).includes(state))
        if (done.ok) continue
        assert.deepEqual(done.error, { code: 'illegal_move', act, state, from })
        refused++
      }
    assert.equal(refused, 7 * 7 - 8)
  })
  test('it is answered when no order waits; what was left out was never ordered', () => {
    assert(isAnswered(['settled', 'failed', 'left-out']))
    assert(!isAnswered(['settled', 'accepted']))
  })
})

describe('what an answer does to an order of 80.00', () => {
  const order = { amount: 80_00, wasReturned: false }
  const rows = [
    ['ordered', { status: 'accepted' }, 'accepted'],
    ['accepted', { status: 'settled', amount: 80_00 }, 'settled'],
    ['ordered', { status: 'failed', reason: 'AC04 account closed' }, 'failed'],
    ['settled', { status: 'returned' }, 'returned'],
    // The same again, and what later answers have overtaken, change nothing.
    ['settled', { status: 'settled', amount: 80_00 }, 'same'],
    ['settled', { status: 'accepted' }, 'stale'],
    ['returned', { status: 'settled', amount: 80_00 }, 'stale'],
    // Late success: before anybody confirmed the failure, it is simply paid.
    ['failed', { status: 'settled', amount: 80_00 }, 'settled'],
    ['unpaid', { status: 'settled', amount: 80_00 }, 'late'],
    // What does not fit is for a person.
    ['ordered', { status: 'settled', amount: 79_99 }, 'amount_differs'],
    ['settled', { status: 'settled', amount: 80_01 }, 'amount_differs'],
    ['settled', { status: 'failed' }, 'contradiction'],
    // A duplicate that is refused says nothing about the first one, which may be on its way.
    ['ordered', { status: 'failed', reason: 'AM05 duplicate' }, 'duplicate_order'],
    ['settled', { status: 'failed', reason: 'DU04' }, 'duplicate_order'],
  ] as const
  for (const [state, answer, expected] of rows)
    test(`${state}, and the bank says ${Object.values(answer).join(' ')}: ${expected}`, () => {
      const effect = effectOf({ ...order, state }, answer)
      const word =
        effect.kind === 'moved' ? effect.to : effect.kind === 'break' ? effect.break : effect.kind
      assert.equal(word, expected)
    })
  test('what came back, and whose failure was confirmed, was paid once and is not late', () => {
    const effect = effectOf(
      { state: 'unpaid', amount: 80_00, wasReturned: true },
      { status: 'settled' },
    )
    assert.deepEqual(effect, { kind: 'stale' })
  })
})

/**
 * One debt of 80.00 and a bank that carries each order out once at most, and says what it did in any order, as often as
 * it likes. Somebody confirms failures and orders again at any moment at which that is allowed.
 */
test('property: a debt is paid once at most, and the postings come to it, in whatever order answers come', () => {
  const DEBT = 80_00
  type State = Parameters<typeof effectOf>[0]['state']
  const step = fc.oneof(
    fc.record({
      do: fc.constant('answer' as const),
      of: fc.nat(3),
      status: fc.constantFrom(...ANSWERS),
    }),
    fc.record({
      do: fc.constant('confirm' as const),
      of: fc.nat(3),
      status: fc.constant('failed' as const),
    }),
    fc.record({
      do: fc.constant('order' as const),
      of: fc.nat(3),
      status: fc.constant('failed' as const),
    }),
  )
  // What each order comes to at the bank, whatever is heard of it and when.
  const fate = fc.constantFrom('pays', 'fails', 'comes back', 'pays late')
  fc.assert(
    fc.property(
      fc.array(fate, { minLength: 4, maxLength: 4 }),
      fc.array(step, { maxLength: 40 }),
      (fates, steps) => {
        const says: Readonly<Record<(typeof fates)[number], readonly AnswerStatus[]>> = {
          pays: ['accepted', 'settled'],
          fails: ['accepted', 'failed'],
          'comes back': ['accepted', 'settled', 'returned'],
          // A bank that says no, and pays after all.
          'pays late': ['failed', 'settled'],
        }
        const orders: { state: State; returned: boolean; holds: boolean }[] = []
        const balance = { owed: DEBT, paying: 0, bank: 0 }
        const book = (legs: ReturnType<typeof paidLegs>) => {
          for (const { debit, credit, amount } of legs) {
            balance[debit.split('/')[0] as 'owed'] -= amount
            balance[credit.split('/')[0] as 'owed'] += amount
          }
        }
        const posted = { fund: 'f', payee: 'person/P1', amount: DEBT }
        for (const { do: what, of, status } of steps) {
          const order = orders[of]
          if (what === 'order' && orders.length < 4 && orders.every(({ holds }) => !holds)) {
            orders.push({ state: 'ordered', returned: false, holds: true })
            book(orderedLegs(posted))
          }
          if (!order) continue
          if (what === 'confirm' && (order.state === 'failed' || order.state === 'returned')) {
            order.state = 'unpaid'
            order.holds = false
            book(unpaidLegs(posted))
          }
          if (what === 'answer' && says[fates[of] ?? 'fails'].includes(status)) {
            const before = order.state
            const effect = effectOf(
              { state: before, amount: DEBT, wasReturned: order.returned },
              { status, amount: DEBT },
            )
            if (status === 'returned') order.returned = true
            // No before yes, read the other way round: somebody looks at it, and the books stay.
            if (effect.kind === 'break') assert.equal(fates[of], 'pays late')
            if (effect.kind === 'late' && orders.every(({ holds }) => !holds)) {
              order.state = 'settled'
              order.holds = true
              book([{ fund: 'f', debit: 'owed/person/P1', credit: 'bank', amount: DEBT }])
            }
            if (effect.kind !== 'moved') continue
            order.state = effect.to
            if (effect.to === 'settled') book(paidLegs(posted))
            if (effect.to === 'returned' && before === 'settled') book(returnedLegs(posted))
          }
        }
        const paid = orders.filter(({ state }) => state === 'settled').length
        assert(paid <= 1, 'paid once at most')
        assert.equal(balance.bank, paid * DEBT)
        assert.equal(balance.owed + balance.paying + balance.bank, DEBT)
        const under = orders.filter(({ state }) =>
          ['ordered', 'accepted', 'failed', 'returned'].includes(state),
        )
        assert.equal(balance.paying, under.length * DEBT)
        assert(orders.filter(({ holds }) => holds).length <= 1)
      },
    ),
  )
})

test('money that left without an order is taken off what is owed; too little that left is owed', () => {
  const of = { fund: 'f', payee: 'institution/H1' }
  assert.deepEqual(adoptedLegs({ ...of, amount: 5 }), [
    { fund: 'f', debit: 'owed/institution/H1', credit: 'bank', amount: 5 },
  ])
  assert.deepEqual(adoptedLegs({ ...of, amount: -5 }), [
    { fund: 'f', debit: 'bank', credit: 'owed/institution/H1', amount: 5 },
  ])
  assert.deepEqual(adoptedLegs({ ...of, amount: 0 }), [])
})
