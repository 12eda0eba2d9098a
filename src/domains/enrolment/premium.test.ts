import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Posting, type Premium, postPremium } from './premium.ts'

const due = (amount: number): Premium => ({ due: amount, collected: 0, refunded: 0 })
const after = (premium: Premium, ...postings: [Posting['posting'], number][]) =>
  postings.reduce((current, [posting, amount]) => {
    const done = postPremium(current, { posting, amount })
    assert(done.ok, posting)
    return done.value
  }, premium)

test('158 yuan are due, come in, go back, and can come in again', () => {
  const paid = after(due(15_800), ['collected', 15_800])
  assert.deepEqual(paid, { due: 15_800, collected: 15_800, refunded: 0 })
  const back = after(paid, ['refunded', 15_800])
  assert.deepEqual(after(back, ['collected', 15_800]), {
    due: 15_800,
    collected: 31_600,
    refunded: 15_800,
  })
})

test('no more comes in than is due, no more goes back than came in', () => {
  const over = postPremium(due(15_800), { posting: 'collected', amount: 15_801 })
  assert.deepEqual(over, { ok: false, error: { code: 'collected_beyond_due', open: 15_800 } })
  const nothing = postPremium(due(15_800), { posting: 'refunded', amount: 1 })
  assert.deepEqual(nothing, { ok: false, error: { code: 'refunded_beyond_collected', held: 0 } })
})

test('a premium that is lowered leaves what is held beyond it to be refunded', () => {
  const lowered = after(due(15_800), ['collected', 15_800], ['due', 10_000])
  const more = postPremium(lowered, { posting: 'collected', amount: 1 })
  assert.deepEqual(more, { ok: false, error: { code: 'collected_beyond_due', open: 0 } })
  assert.equal(after(lowered, ['refunded', 5_800]).refunded, 5_800)
})

test('whatever is posted, what is held is never below zero', () => {
  const posting = fc.record({
    posting: fc.constantFrom<Posting['posting']>('due', 'collected', 'refunded'),
    amount: fc.nat(20_000),
  })
  fc.assert(
    fc.property(fc.array(posting, { maxLength: 30 }), (postings) => {
      let premium = due(0)
      for (const each of postings) {
        const done = postPremium(premium, each)
        if (done.ok) premium = done.value
        assert(premium.refunded >= 0 && premium.refunded <= premium.collected)
      }
    }),
  )
})
