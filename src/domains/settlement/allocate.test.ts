import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LargestRemainder } from './allocate.ts'

function divide(amount: number, weights: readonly number[]): number[] {
  const parts = new Float64Array(weights.length)
  const sum = weights.reduce((a, b) => a + b, 0)
  new LargestRemainder().divide(amount, Float64Array.from(weights), sum, weights.length, parts)
  return [...parts]
}

test('1.00 over three equal lines: the odd fen goes to the first', () => {
  assert.deepEqual(divide(100, [50, 50, 50]), [34, 33, 33])
})

test('the odd fen goes to the largest remainder, wherever it stands', () => {
  // 10 over 3, 3 and 8 of 14 is 2.14, 2.14 and 5.71: rounded down 2, 2 and 5, one left for the 0.71.
  assert.deepEqual(divide(10, [3, 3, 8]), [2, 2, 6])
})

test('equal remainders: the first lines receive the fen that are left', () => {
  // 8 over five lines of 2: 1.6 each, rounded down 1 each, three left; the first three receive them.
  assert.deepEqual(divide(8, [2, 2, 2, 2, 2]), [2, 2, 2, 1, 1])
  assert.deepEqual(divide(9, [2, 2, 2, 2, 2]), [2, 2, 2, 2, 1])
})

test('nothing to divide, and nothing to divide it over', () => {
  assert.deepEqual(divide(0, [5, 7]), [0, 0])
  assert.deepEqual(divide(0, [0, 0]), [0, 0])
  assert.deepEqual(divide(12, [5, 7]), [5, 7])
})

test('parts add up, none exceeds its line, and each is within a fen of its exact share', () => {
  const weight = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 1_000 }),
    fc.integer({ min: 1, max: 4_000_000_000_000 }),
  )
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (weights, ppm) => {
        const sum = weights.reduce((a, b) => a + b, 0)
        const amount = Number((BigInt(sum) * BigInt(ppm)) / 1_000_000n)
        const parts = divide(amount, weights)
        assert.equal(
          parts.reduce((a, b) => a + b, 0),
          amount,
        )
        for (const [i, part] of parts.entries()) {
          const weight = weights[i] ?? 0
          assert(part >= 0 && part <= weight)
          const exact = BigInt(amount) * BigInt(weight)
          const distance = BigInt(part) * BigInt(sum) - exact
          assert(sum === 0 || (distance < BigInt(sum) && distance > -BigInt(sum)), 'within a fen')
        }
      },
    ),
    { numRuns: 20_000 },
  )
})

test('the fen that are left go to the largest remainders, exactly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (weights, ppm) => {
        const sum = weights.reduce((a, b) => a + b, 0)
        const amount = Math.floor((sum * ppm) / 1_000_000)
        const down = weights.map((weight) => Math.floor((amount * weight) / (sum || 1)))
        const left = amount - down.reduce((a, b) => a + b, 0)
        const order = weights
          .map((weight, i) => ({ i, remainder: (amount * weight) % (sum || 1) }))
          .toSorted((a, b) => b.remainder - a.remainder || a.i - b.i)
        for (const { i } of order.slice(0, left)) down[i] = (down[i] ?? 0) + 1
        assert.deepEqual(divide(amount, weights), down)
      },
    ),
    { numRuns: 20_000 },
  )
})
