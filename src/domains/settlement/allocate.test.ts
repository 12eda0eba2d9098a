import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allocate } from './allocate.ts'

function divide(amount: number, weights: readonly number[]): number[] {
  const left = Float64Array.from(weights)
  const parts = new Float64Array(weights.length)
  allocate(amount, left, weights.length, parts, 0, new Float64Array(weights.length))
  assert.deepEqual(
    [...left],
    weights.map((weight, i) => weight - (parts[i] ?? 0)),
  )
  return [...parts]
}

test('1.00 over three equal lines: the odd fen goes to the first', () => {
  assert.deepEqual(divide(100, [50, 50, 50]), [34, 33, 33])
})

test('the odd fen goes to the largest remainder, wherever it stands', () => {
  // 10 over 3, 3 and 8 of 14 is 2.14, 2.14 and 5.71: rounded down 2, 2 and 5, one left for the 0.71.
  assert.deepEqual(divide(10, [3, 3, 8]), [2, 2, 6])
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
