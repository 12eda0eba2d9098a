import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextMonth } from '#base/month.ts'
import { estimate, runOffs, triangleOf } from './estimate.ts'
import { reserveLegs } from './post.ts'
import type { Basis, Booked } from './types.ts'

const CHAIN: Basis = { method: 'chain-ladder', window: 24, tail: 1_000_000 }

/**
 * The triangle of Taylor and Ashe (1983), the worked example of most texts on the method, with the reserves that its chain
 * ladder is commonly said to give (Mack 1993 has them in thousands, 18,681 in all). Both from general knowledge: grade D.
 * Origin years are months here.
 */
const TAYLOR_ASHE = [
  [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
  [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
  [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
  [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
  [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
  [396132, 1333217, 2180715, 2985752, 3691712],
  [440832, 1288463, 2419861, 3483130],
  [359480, 1421128, 2864498],
  [376686, 1363294],
  [344014],
]
const RESERVES = [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]

const monthAt = (n: number): string => {
  let month = '2025-01'
  for (let i = 0; i < n; i++) month = nextMonth(month)
  return month
}
const bookedOf = (rows: readonly (readonly number[])[]): Booked[] =>
  rows.flatMap((sums, i) =>
    sums.map((sum, age) => ({
      care: monthAt(i),
      booked: monthAt(i + age),
      amount: sum - (sums[age - 1] ?? 0),
    })),
  )

test('the chain ladder of the triangle of Taylor and Ashe, to the unit', () => {
  const triangle = triangleOf(bookedOf(TAYLOR_ASHE), '2025-10', 24)
  assert.deepEqual(
    triangle.rows.map(({ sums }) => sums),
    TAYLOR_ASHE,
  )
  const found = estimate(triangle, CHAIN)
  assert(found.ok)
  assert.deepEqual(
    found.value.months.map(({ ibnr }) => ibnr),
    RESERVES,
  )
  assert.equal(found.value.ibnr, 18_680_856, 'the sum of what was rounded')
})

test('three months by hand: 100 grows to 150, and 150 to 165', () => {
  const triangle = triangleOf(bookedOf([[100, 150, 165], [200, 300], [400]]), '2025-03', 24)
  const found = estimate(triangle, CHAIN)
  assert(found.ok)
  assert.deepEqual(found.value.factors, [
    { age: 0, from: 300, to: 450 },
    { age: 1, from: 150, to: 165 },
  ])
  assert.deepEqual(
    found.value.months.map(({ ultimate, ibnr }) => [ultimate, ibnr]),
    [
      [165, 0],
      [330, 30],
      [660, 260],
    ],
  )
})

test('what is expected and not there yet, by Bornhuetter-Ferguson', () => {
  const triangle = triangleOf(bookedOf([[100, 150, 165], [200, 300], [0]]), '2025-03', 24)
  const asked = { ...CHAIN, method: 'bornhuetter-ferguson', expected: 660 } as const
  const found = estimate(triangle, asked)
  assert(found.ok)
  // 100 of 165 parts are there after no month, 150 after one: 65/165 and 15/165 of 660 are not.
  assert.deepEqual(
    found.value.months.map(({ ibnr }) => ibnr),
    [0, 60, 260],
  )
})

test('the window ends development, and the tail is said and not guessed', () => {
  const rows = [[100, 150, 165], [200, 300], [400]]
  const triangle = triangleOf(bookedOf(rows), '2025-03', 1)
  assert.deepEqual(
    triangle.rows.map(({ sums }) => sums),
    [[100, 165], [200, 300], [400]],
  )
  const found = estimate(triangle, { ...CHAIN, window: 1, tail: 1_100_000 })
  assert(found.ok)
  assert.deepEqual(
    found.value.months.map(({ ibnr }) => ibnr),
    [17, 30, 282],
  )
})

test('what cannot be estimated is refused by name', () => {
  const refusal = (rows: number[][], basis: Basis = CHAIN) => {
    const found = estimate(triangleOf(bookedOf(rows), monthAt(rows.length - 1), 24), basis)
    return found.ok ? 'estimated' : found.error.code
  }
  assert.equal(refusal([[100, 150], [200]]), 'too_few_months')
  assert.equal(refusal([[0, 150, 165], [0, 300], [400]]), 'age_without_claims')
  assert.equal(
    refusal([[100, 150, 165], [200, 300], [400]], { ...CHAIN, method: 'bornhuetter-ferguson' }),
    'expected_needed',
  )
})

test('run-off: what a reserve of 100 turned out to be worth when 70 were claimed and 20 are still held', () => {
  const month = (care: string, ibnr: number) => ({ care, claimed: 0, ultimate: ibnr, ibnr })
  const reserves = [
    { month: '2025-03', estimate: { factors: [], months: [], ibnr: 100 } },
    {
      month: '2025-04',
      estimate: { factors: [], months: [month('2025-03', 20), month('2025-04', 90)], ibnr: 110 },
    },
  ]
  const booked = [
    { care: '2025-03', booked: '2025-03', amount: 500 },
    { care: '2025-02', booked: '2025-04', amount: 70 },
    { care: '2025-04', booked: '2025-04', amount: 300 },
  ]
  assert.deepEqual(runOffs(reserves, booked, '2025-04'), [
    { month: '2025-03', reserved: 100, claimedSince: 70, stillHeld: 20, result: 10 },
    { month: '2025-04', reserved: 110, claimedSince: 0, stillHeld: 110, result: 0 },
  ])
})

test('a triangle holds every fen that was booked, in whatever order; reserves post their movement', () => {
  const one = fc.record({
    care: fc.integer({ min: 0, max: 11 }).map(monthAt),
    booked: fc.integer({ min: 0, max: 11 }).map(monthAt),
    amount: fc.integer({ min: -1_000_000, max: 5_000_000 }),
  })
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (booked, window) => {
        const whole = booked.reduce((sum, { amount }) => sum + amount, 0)
        const rows = triangleOf(booked, '2025-12', window).rows
        assert.equal(
          rows.reduce((sum, { sums }) => sum + (sums.at(-1) ?? 0), 0),
          whole,
        )
        assert.deepEqual(triangleOf(booked.toReversed(), '2025-12', window).rows, rows)
      },
    ),
  )
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 })), (reserves) => {
      const legs = reserves.flatMap((now, i) => reserveLegs('f', reserves[i - 1] ?? 0, now))
      const held = legs.reduce(
        (sum, { credit, amount }) => sum + (credit === 'ibnr' ? amount : -amount),
        0,
      )
      assert.equal(held, reserves.at(-1) ?? 0)
    }),
  )
})
