import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rate, yuan } from '#base/money.ts'
import { type RawLine, splitLine } from './split-line.ts'

const raw = (change: Partial<RawLine>): RawLine => ({
  id: '1',
  class: '甲',
  amount: yuan('100'),
  quantity: 10_000,
  limitPrice: undefined,
  upfrontShare: undefined,
  category: undefined,
  genericName: undefined,
  ...change,
})
const partsOf = (change: Partial<RawLine>) =>
  Object.fromEntries(Object.entries(splitLine(raw(change)).parts).filter(([, fen]) => fen > 0))

test('甲: all of it is in scope', () => {
  assert.deepEqual(partsOf({}), { inScope: 10_000 })
})

test('乙: the upfront share goes first, half-up to the fen', () => {
  assert.deepEqual(partsOf({ class: '乙', upfrontShare: rate('10%'), amount: yuan('500') }), {
    inScope: 45_000,
    upfront: 5_000,
  })
  assert.deepEqual(partsOf({ class: '乙', upfrontShare: rate('10%'), amount: yuan('0.05') }), {
    inScope: 4,
    upfront: 1,
  })
})

test('丙 is out of scope; a listed special drug stands apart', () => {
  assert.deepEqual(partsOf({ class: '丙' }), { outOfScope: 10_000 })
  assert.deepEqual(partsOf({ class: '特药' }), { specialDrug: 10_000 })
})

test('an implant of 50,000 under a limit of 40,000 with 30% upfront', () => {
  assert.deepEqual(
    partsOf({
      class: '乙',
      amount: yuan('50000'),
      limitPrice: yuan('40000'),
      upfrontShare: rate('30%'),
    }),
    { inScope: 2_800_000, upfront: 1_200_000, overLimit: 1_000_000 },
  )
})

test('an item paid at a rate of its own stands apart, after its limit price and its upfront share', () => {
  assert.deepEqual(
    partsOf({
      class: '单列',
      amount: yuan('50000'),
      limitPrice: yuan('40000'),
      upfrontShare: rate('30%'),
    }),
    { separateItem: 2_800_000, upfront: 1_200_000, overLimit: 1_000_000 },
  )
})

test('the limit price is per unit: two and a half boxes at most 12.00 each', () => {
  assert.deepEqual(
    partsOf({ amount: yuan('35.00'), quantity: 25_000, limitPrice: yuan('12.00') }),
    { inScope: 3_000, overLimit: 500 },
  )
})
