import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { yuan } from '#base/money.ts'
import { balancesOf } from '#domains/ledger/index.ts'
import { movedParts, partsOf, receivedLegs, sharedLegs } from './shares.ts'

/** Eleven insurers: the lead with 30 %, the others with what is written here. All of it is invented. */
const ELEVEN = [
  300_000, 120_000, 100_000, 90_000, 80_000, 70_000, 65_000, 60_000, 50_000, 40_000, 25_000,
].map((share) => ({ share }))

test('1,000,000.00 yuan of eleven insurers: each gets its share, and all of it is shared', () => {
  assert.deepEqual(
    partsOf(yuan('1000000'), ELEVEN),
    [
      '300000',
      '120000',
      '100000',
      '90000',
      '80000',
      '70000',
      '65000',
      '60000',
      '50000',
      '40000',
      '25000',
    ].map(yuan),
  )
})

test('0.10 yuan of three thirds: the fen that is over falls where the shares added up pass it', () => {
  const thirds = [333_333, 333_333, 333_334].map((share) => ({ share }))
  // floor(10 × 0.333333) = 3, floor(10 × 0.666666) = 6, 10
  assert.deepEqual(partsOf(10, thirds), [3, 3, 4])
  assert.deepEqual(partsOf(1, thirds), [0, 0, 1])
  assert.deepEqual(partsOf(-1, thirds), [-1, 0, 0])
  assert.deepEqual(partsOf(0, thirds), [0, 0, 0])
})

test('two months share what one month of both would have: 0.05 and 0.05 are 0.10', () => {
  const thirds = [333_333, 333_333, 333_334].map((share) => ({ share }))
  assert.deepEqual(movedParts(0, 5, thirds), [1, 2, 2])
  assert.deepEqual(movedParts(5, 10, thirds), [2, 1, 2])
})

test('a reversal in a later month gives back to the fen what was shared', () => {
  const shared = movedParts(0, 123_457, ELEVEN)
  const back = movedParts(123_457, 0, ELEVEN)
  assert.deepEqual(
    back.map((part, i) => part + (shared[i] ?? 0)),
    ELEVEN.map(() => 0),
  )
})

/** Shares that are the whole: cuts of a million, in order. */
const members = fc
  .uniqueArray(fc.integer({ min: 1, max: 999_999 }), { maxLength: 10 })
  .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), 1_000_000])
  .map((cuts) => cuts.slice(1).map((cut, i) => ({ share: cut - (cuts[i] ?? 0) })))
const sum = (amounts: readonly number[]) => amounts.reduce((all, each) => all + each, 0)
/** Up to the largest sum that is safe: ninety thousand billion yuan. */
const amount = fc.oneof(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.maxSafeInteger())

test('the parts add up, and each is less than one fen off its exact share', () => {
  fc.assert(
    fc.property(amount, members, (claims, all) => {
      const parts = partsOf(claims, all)
      assert.equal(sum(parts), claims)
      for (const [i, { share }] of all.entries()) {
        const off = BigInt(parts[i] ?? 0) * 1_000_000n - BigInt(claims) * BigInt(share)
        assert(-1_000_000n < off && off < 1_000_000n, `${off}`)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('in whatever order and in however many months sums arrive, each insurer bears the same', () => {
  const movements = fc.array(fc.integer({ min: -50_000_000, max: 50_000_000 }), { maxLength: 30 })
  fc.assert(
    fc.property(movements, fc.func(fc.nat()), members, (moves, order, all) => {
      const shuffled = moves
        .map((move, i) => ({ move, place: order(i) }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ move }) => move)
      const borneIn = (sums: readonly number[]) => {
        let claims = 0
        const borne = all.map(() => 0)
        for (const each of sums) {
          for (const [i, part] of movedParts(claims, claims + each, all).entries())
            borne[i] = (borne[i] ?? 0) + part
          claims += each
        }
        return borne
      }
      assert.deepEqual(borneIn(moves), borneIn(shuffled))
      assert.deepEqual(borneIn(moves), partsOf(sum(moves), all))
    }),
    { numRuns: 500 },
  )
})

test('shares that are not the whole are a bug, and stop', () => {
  assert.throws(() => partsOf(100, [{ share: 500_000 }, { share: 400_000 }]), /the whole/)
})

const PANEL = {
  fund: 'citySupplementary@teaching/shifan/products',
  from: '2026-01-01',
  lead: 'R01',
  members: [
    { insurer: 'R01', name: '甲', share: 600_000 },
    { insurer: 'R02', name: '乙', share: 300_000 },
    { insurer: 'R03', name: '丙', share: 100_000 },
  ],
}

test('the lead keeps its own part; the others owe theirs, and owe less where claims went back', () => {
  const legs = [
    ...sharedLegs(PANEL, movedParts(0, 10_000, PANEL.members)),
    ...sharedLegs(PANEL, movedParts(10_000, 8_000, PANEL.members)),
    ...receivedLegs(PANEL, { insurer: 'R02', amount: 3_000 }),
    ...receivedLegs(PANEL, { insurer: 'R02', amount: -600 }),
  ]
  assert.deepEqual(
    [...(balancesOf(legs).get(PANEL.fund) ?? [])],
    [
      ['ceded', 3_200],
      ['coinsurer/R03/2026-01', -800],
      ['bank', -2_400],
    ],
  )
})
