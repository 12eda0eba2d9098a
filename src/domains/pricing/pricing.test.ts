import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { premiumAt, premiumFan } from './premium.ts'
import { countOf, solve, valueAt } from './solve.ts'
import { hiddenRows, toldCounts, toldCrossing, tooFew } from './suppress.ts'

const unchanged = (...persons: number[]) => persons.map((each) => ({ persons: each, changed: 0 }))

test('rows of fewer than ten persons are hidden, and never one row alone', () => {
  assert.deepEqual(hiddenRows(unchanged(120, 9, 40)), new Set([1, 2]))
  assert.deepEqual(hiddenRows(unchanged(120, 9, 3, 40)), new Set([1, 2]))
  assert.deepEqual(hiddenRows(unchanged(120, 0, 40)), new Set())
  // Where nobody else is there, nothing but the total could tell.
  assert.deepEqual(hiddenRows(unchanged(9, 0)), new Set([0]))
})

test('a row of many is hidden where its two sums differ by what concerns a few', () => {
  const rows = [
    { persons: 500, changed: 3 },
    { persons: 400, changed: 0 },
    { persons: 600, changed: 200 },
  ]
  assert.deepEqual(hiddenRows(rows), new Set([0, 1]))
})

test('a count of a few is not told, and never one count alone', () => {
  assert.deepEqual(toldCounts([23, 4, 0, 12]), [23, null, 0, null])
  assert.deepEqual(toldCounts([23, 4, 3, 12]), [23, null, null, 12])
  assert.deepEqual(toldCounts([23, 14, 0]), [23, 14, 0])
  assert.deepEqual(toldCounts([23, 14, 40], new Set([2])), [23, null, null])
})

test('of those who cross a line nothing follows from the rest: four reached a cap, 270 do, 266 are new', () => {
  const told = toldCrossing({ before: 4, after: 270, entering: 266, leaving: 0 })
  assert.deepEqual(told, { before: null, after: null, entering: 266, leaving: 0 })
  const count = fc.nat(40)
  fc.assert(
    fc.property(count, count, count, (stay, entering, leaving) => {
      const counts = { before: stay + leaving, after: stay + entering, entering, leaving }
      const left = Object.entries(toldCrossing(counts))
      for (const [name, n] of left) {
        if (n === null) continue
        assert(!tooFew(n))
        assert.equal(n, counts[name as keyof typeof counts])
      }
      const untold = left.filter(([, n]) => n === null).length
      assert(untold !== 1)
      assert(untold === 0 || Object.values(counts).some(tooFew))
    }),
  )
})

test('of the rows that are hidden none can be had from the total and the others', () => {
  const row = fc
    .tuple(fc.nat(60), fc.nat(60))
    .map(([persons, changed]) => ({ persons, changed: Math.min(persons, changed) }))
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 9 }), (rows) => {
      const hidden = hiddenRows(rows)
      for (const [i, { persons, changed }] of rows.entries())
        assert((!tooFew(persons) && !tooFew(changed)) || hidden.has(i))
      const filled = rows.filter(({ persons }) => persons > 0).length
      assert(hidden.size !== 1 || filled === 1)
    }),
  )
})

test('which deductible keeps the fund at 700 yuan: 250 yuan do, and 200 do not', async () => {
  const bills = [80_000, 40_000, 20_000]
  const spentAt = async (x: number) =>
    bills.reduce((sum, bill) => sum + Math.max(0, bill - x * 100), 0)
  const steps = { from: 0, to: 1_000, step: 50 }
  const { best, tried } = await solve(steps, 70_000, spentAt)
  assert.deepEqual(best, { x: 250, spent: 70_000 })
  assert.equal(await spentAt(200), 80_000)
  assert(tried.length <= 8)
})

test('the best of all values is found, whether what is spent rises or falls, and none where none keeps the limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(1_000), { minLength: 2, maxLength: 40 }),
      fc.boolean(),
      fc.nat(1_200),
      async (amounts, falls, most) => {
        const spent = amounts.toSorted((a, b) => (falls ? b - a : a - b))
        const steps = { from: 100, to: 100 + (spent.length - 1) * 7, step: 7 }
        assert.equal(countOf(steps), spent.length)
        const { best } = await solve(steps, most, async (x) => spent[(x - 100) / 7] as number)
        const kept = spent.filter((each) => each <= most)
        assert.equal(best?.spent, kept.length === 0 ? undefined : Math.max(...kept))
        if (best)
          assert(spent.some((each, i) => valueAt(steps, i) === best.x && each === best.spent))
      },
    ),
  )
})

const ALL = { persons: 1_000, claimants: 100, claims: 8_000_000 }
const asked = (takeUp: number, selection = 1_000, lossRatio = 1_000_000) => ({
  takeUp,
  selection,
  lossRatio,
})

test('a product that pays 80,000 yuan to 100 of 1,000 persons costs 80 yuan, whoever holds it, where nobody selects', () => {
  for (const takeUp of [100_000, 400_000, 1_000_000])
    assert.equal(Math.round(premiumAt(ALL, asked(takeUp)).premium / 10), 800)
  // Of which 80 % are paid out: 100 yuan.
  assert.equal(premiumAt(ALL, asked(1_000_000, 1_000, 800_000)).premium, 10_000)
})

test('with odds four times as high for those whom it pays, forty in a hundred holders cost more, and everybody the same', () => {
  // 100·4x/(1+4x) + 900·x/(1+x) = 400 has x = 0.5794 for its root: 69.86 in a hundred of the first hold it.
  const { premium } = premiumAt(ALL, asked(400_000, 4_000))
  assert.equal(Math.round(premium / 10), 1_397)
  assert.equal(premiumAt(ALL, asked(1_000_000, 4_000)).premium, 8_000)
})

test('the premium falls as more hold it, and lies between that of all and of the selected', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1_000, max: 20_000 }),
      (n, selection) => {
        const all = { persons: 1_000, claimants: n, claims: n * 50_000 }
        const premiums = premiumFan(all, asked(250_000, selection)).map(({ premium }) => premium)
        assert.equal(premiums.length, 11)
        for (const [i, premium] of premiums.entries()) {
          if (i > 0) assert(premium <= (premiums[i - 1] ?? 0) + 1)
          assert(premium >= n * 50 - 1 && premium <= (n * 50 * selection) / 1000 + 1)
        }
      },
    ),
  )
})
