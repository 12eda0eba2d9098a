import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainDate } from '#base/plain-date.ts'
import { type BillSeen, type RiskFacts, riskOf } from './risk.ts'
import { RISK_RULES } from './risk-rules.ts'
import { bandOf, RISK_FACTORS } from './types.ts'

const RULES = RISK_RULES[0]
assert(RULES)

/** A stay from Monday 2 March to Friday 6 March 2026 of 5,000.00. */
const stay = (
  bill: string,
  more: Partial<Omit<BillSeen, 'admitted' | 'discharged'>> & { from?: string; to?: string } = {},
): BillSeen => {
  const { from = '2026-03-02', to = '2026-03-06', ...rest } = more
  return {
    bill,
    stay: bill,
    total: 5_000_00,
    medical: '住院',
    institution: 'H1',
    invoice: undefined,
    ...rest,
    admitted: plainDate(from),
    discharged: plainDate(to),
  }
}
const scored = (
  bill: BillSeen,
  others: readonly BillSeen[] = [],
  more: Partial<RiskFacts> = {},
) => {
  const { score, factors } = riskOf(
    { bill, others, coveredSince: undefined, usual: [], ...more },
    RULES,
  )
  return [score, ...factors.map(({ factor }) => factor)]
}
const past = (bill: string, total: number) =>
  stay(bill, { from: '2025-03-03', to: '2025-03-07', total })

test('six times the person’s usual, admitted on a Saturday: 15 and 5 points, each with what it rests on', () => {
  const bill = stay('b', { from: '2026-03-07', to: '2026-03-10', total: 30_000_00 })
  const others = [
    past('x', 4_000_00),
    stay('y', { from: '2025-06-02', to: '2025-06-05', total: 6_000_00 }),
  ]
  const risk = riskOf({ bill, others, coveredSince: undefined, usual: [] }, RULES)
  assert.deepEqual(risk, {
    version: '2026-11',
    score: 20,
    factors: [
      { factor: 'amount-of-person', points: 15, value: 30_000_00, usual: 5_000_00, bills: [] },
      { factor: 'weekend-admission', points: 5, bills: [] },
    ],
  })
  assert.equal(bandOf(risk.score), 'middle')
})

test('three times is much and a fen less is not; one bill before says nothing of what is usual', () => {
  const others = [
    past('x', 1_000_00),
    stay('y', { from: '2025-06-02', to: '2025-06-05', total: 1_000_00 }),
  ]
  assert.deepEqual(scored(stay('b', { total: 3_000_00 }), others), [15, 'amount-of-person'])
  assert.deepEqual(scored(stay('b', { total: 2_999_99 }), others), [0])
  assert.deepEqual(scored(stay('b', { total: 3_000_00 }), others.slice(1)), [0])
  const usual = Array.from({ length: 10 }, () => 1_000_00)
  assert.deepEqual(scored(stay('b', { total: 3_000_00 }), [], { usual }), [
    15,
    'amount-of-hospital',
  ])
  assert.deepEqual(scored(stay('b', { total: 3_000_00 }), [], { usual: usual.slice(1) }), [0])
})

test('a first claim on the 60th day after cover began, and not on the 61st, nor where it is not the first', () => {
  const since = (day: string) => ({ coveredSince: plainDate(day) })
  assert.deepEqual(scored(stay('b'), [], since('2026-01-01')), [15, 'soon-after-cover'])
  assert.deepEqual(scored(stay('b'), [], since('2025-12-31')), [0])
  assert.deepEqual(scored(stay('b'), [past('x', 1)], since('2026-01-01')), [0])
  assert.deepEqual(
    scored(stay('b'), [], since('2026-03-03')),
    [0],
    'care before the cover is no claim on it',
  )
})

test('the same amount within seven days, an invoice number that differs in one place', () => {
  const near = stay('x', { from: '2026-03-09', to: '2026-03-13' })
  const far = stay('x', { from: '2026-03-09', to: '2026-03-14' })
  assert.deepEqual(scored(stay('b'), [near]), [25, 'same-amount'])
  assert.deepEqual(scored(stay('b'), [far]), [0])
  const numbered = (invoice: string) =>
    scored(stay('b', { invoice: '3200123456' }), [{ ...past('x', 1), invoice }])
  assert.deepEqual(numbered('3200123457'), [25, 'invoice-alike'])
  assert.deepEqual(numbered('3200123477'), [0])
  assert.deepEqual(numbered('320012345'), [0])
})

test('another hospital on the day after, stays that overlap, three stays within thirty days', () => {
  const other = { institution: 'H2', total: 5_000_01 }
  assert.deepEqual(
    scored(stay('b'), [stay('x', { ...other, from: '2026-03-07', to: '2026-03-09' })]),
    [20, 'several-hospitals'],
  )
  assert.deepEqual(
    scored(stay('b'), [stay('x', { ...other, from: '2026-03-08', to: '2026-03-09' })]),
    [0],
  )
  assert.deepEqual(
    scored(stay('b'), [stay('x', { total: 5_000_01, from: '2026-03-05', to: '2026-03-09' })]),
    [30, 'stays-overlap'],
  )
  // One discharged on the day on which the other is admitted is moved, and does not lie in two beds.
  assert.deepEqual(
    scored(stay('b'), [stay('x', { total: 5_000_01, from: '2026-03-06', to: '2026-03-09' })]),
    [0],
  )
  // Two bills of one stay are one stay.
  const parts = [
    stay('x', { total: 5_000_01, stay: 's' }),
    stay('y', { total: 5_000_02, stay: 's' }),
  ]
  assert.deepEqual(scored(stay('b', { stay: 's' }), parts), [0])
  const three = ['2026-02-09', '2026-02-16'].map((from, i) =>
    stay(`s${i}`, {
      total: 5_000_01 + i,
      from,
      to: `${from.slice(0, 8)}${Number(from.slice(8)) + 2}`,
    }),
  )
  assert.deepEqual(scored(stay('b'), three), [15, 'many-stays'])
})

test('property: a score is the sum of its factors and never above 100, whatever is known', () => {
  const days = ['2026-02-28', '2026-03-01', '2026-03-02', '2026-03-07', '2026-03-15']
  const one = fc
    .record({
      from: fc.constantFrom(...days),
      to: fc.constantFrom(...days),
      total: fc.constantFrom(100, 5_000_00, 20_000_00),
      institution: fc.constantFrom('H1', 'H2', undefined),
      invoice: fc.constantFrom('3200123456', '3200123457', undefined),
    })
    .map(({ from, to, ...rest }) => {
      const [first = from, last = to] = [from, to].toSorted()
      return stay('b', { ...rest, from: first, to: last })
    })
  const every = new Set<string>()
  fc.assert(
    fc.property(one, fc.array(one, { maxLength: 8 }), (bill, some) => {
      const others = some.map((each, i) => ({ ...each, bill: `x${i}`, stay: `x${i}` }))
      const facts = {
        bill,
        others,
        coveredSince: plainDate('2026-02-01'),
        usual: Array(10).fill(100),
      }
      const { score, factors } = riskOf(facts, RULES)
      assert.equal(
        score,
        Math.min(
          100,
          factors.reduce((sum, { points }) => sum + points, 0),
        ),
      )
      for (const { factor } of factors) every.add(factor)
    }),
    { numRuns: 500 },
  )
  assert.deepEqual([...every].toSorted(), Object.keys(RISK_FACTORS).toSorted(), 'each was met')
})
