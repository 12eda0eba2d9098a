import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fen } from '#base/money.ts'
import { borneByHospital } from './bearing.ts'

const owed = (fund: string, amount: number, credit = 'owed/institution/H1') => ({
  fund,
  debit: 'claims/x',
  credit,
  amount: fen(amount),
})

test('the hospital bears what each fund paid it on what is cut, and no more', () => {
  // 10,000.00 less 1,000.00, of that 80 %; and the same of 9,500.00. Of the rest critical illness pays half.
  const settled = [owed('city basic', 7_200_00), owed('city critical', 900_00)]
  const after = [owed('city basic', 6_800_00), owed('city critical', 850_00)]
  assert.deepEqual(borneByHospital(settled, after), {
    institution: 'H1',
    amounts: [
      { fund: 'city basic', amount: 400_00 },
      { fund: 'city critical', amount: 50_00 },
    ],
  })
})

test('a product that would pay more after the cut has paid nothing on it', () => {
  const settled = [owed('city basic', 7_200_00), owed('product', 100_00)]
  const after = [owed('city basic', 6_800_00), owed('product', 300_00)]
  assert.deepEqual(borneByHospital(settled, after)?.amounts, [
    { fund: 'city basic', amount: 400_00 },
  ])
})

test('where the person was refunded, or no fund pays on what is cut, there is nothing to bear', () => {
  const refunded = [owed('city basic', 7_200_00, 'owed/person/p')]
  assert.equal(borneByHospital(refunded, [owed('city basic', 1_00, 'owed/person/p')]), undefined)
  assert.equal(borneByHospital([owed('a', 5)], [owed('a', 5)]), undefined)
  assert.equal(borneByHospital([], []), undefined)
})

test('what was paid whole on a bill that comes to nothing after the cut is borne whole', () => {
  assert.deepEqual(borneByHospital([owed('a', 5_00)], [])?.amounts, [{ fund: 'a', amount: 5_00 }])
})
