import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rate, yuan } from '#base/money.ts'
import { nextMonth } from '#base/month.ts'
import { balancesOf, type Leg } from '#domains/ledger/index.ts'
import { faultsOf, monthOf, NOTHING_HELD, yearOf } from './month.ts'
import { advancedLegs, deductedLegs, monthLegs, yearLegs } from './post.ts'
import type { MonthFacts, Standing, Terms } from './types.ts'

const TERMS: Terms = {
  institution: 'H1',
  fund: 'basicPool@teaching/shifan',
  from: '2026-01',
  depositRate: rate('5%'),
  prepayment: yuan('1000.00'),
  backFrom: '2026-03',
  release: [
    { score: 600, rate: rate('50%') },
    { score: 800, rate: rate('80%') },
    { score: 900, rate: rate('100%') },
  ],
  document: '服务协议',
}
const QUIET: MonthFacts = {
  opening: 0,
  claims: 0,
  deducted: 0,
  advanced: 0,
  given: 0,
  yearEnd: 0,
  paid: 0,
}

test('three months: an advance, 5 % held back, a deduction, and the advance given back', () => {
  const january = monthOf(
    TERMS,
    '2026-01',
    { ...QUIET, claims: yuan('10000.00'), advanced: yuan('1000.00'), given: yuan('1000.00') },
    NOTHING_HELD,
  )
  assert.equal(january.deposit, yuan('500.00'))
  assert.equal(january.offset, 0)
  assert.equal(january.payable, yuan('10500.00'), '10,000 − 500 held back + 1,000 in advance')
  const february = monthOf(
    TERMS,
    '2026-02',
    {
      ...QUIET,
      opening: january.payable,
      claims: yuan('4000.00'),
      deducted: yuan('1000.00'),
      paid: january.payable,
    },
    january.after,
  )
  assert.equal(february.deposit, yuan('150.00'), '5 % of what was claimed and not taken off')
  assert.equal(february.payable, yuan('2850.00'))
  const march = monthOf(
    TERMS,
    '2026-03',
    { ...QUIET, opening: february.payable, claims: yuan('600.00'), paid: february.payable },
    february.after,
  )
  assert.deepEqual(
    [march.deposit, march.offset, march.payable, march.after.prepaid],
    [yuan('30.00'), yuan('570.00'), 0, yuan('430.00')],
  )
})

test('a reversal in a later month gives its deposit back', () => {
  const before: Standing = { base: yuan('1000.00'), deposit: yuan('50.00'), prepaid: 0 }
  const { deposit, payable } = monthOf(
    { ...TERMS, prepayment: yuan('0') },
    '2026-02',
    { ...QUIET, claims: -yuan('400.00') },
    before,
  )
  assert.deepEqual([deposit, payable], [-yuan('20.00'), -yuan('380.00')])
})

test('the year: the step that the score reaches pays out, the rest is forfeited, the advance comes back', () => {
  const standing = { base: 0, deposit: yuan('680.01'), prepaid: yuan('430.00') }
  const of = (score: number) => {
    const { released, forfeited, prepaidBack } = yearOf(TERMS, score, standing)
    return [released, forfeited, prepaidBack]
  }
  assert.deepEqual(of(900), [yuan('680.01'), 0, yuan('430.00')])
  assert.deepEqual(of(899), [yuan('544.00'), yuan('136.01'), yuan('430.00')])
  assert.deepEqual(of(600), [yuan('340.00'), yuan('340.01'), yuan('430.00')])
  assert.deepEqual(of(599), [0, yuan('680.01'), yuan('430.00')])
})

test('terms that cannot be used are refused by name', () => {
  assert.deepEqual(faultsOf(TERMS), [])
  assert.deepEqual(faultsOf({ ...TERMS, from: '2026-13' }), ['month'])
  assert.deepEqual(faultsOf({ ...TERMS, backFrom: '2025-12' }), ['back_before'])
  assert.deepEqual(faultsOf({ ...TERMS, backFrom: '2027-01' }), ['back_before'])
  assert.deepEqual(faultsOf({ ...TERMS, depositRate: rate('21%') }), ['deposit_rate'])
  assert.deepEqual(faultsOf({ ...TERMS, release: [] }), ['release_empty'])
  const [low, ...high] = TERMS.release
  assert(low)
  assert.deepEqual(faultsOf({ ...TERMS, release: [low, low, ...high] }), ['release_score'])
  assert.deepEqual(faultsOf({ ...TERMS, release: [{ ...low, rate: rate('90%') }, ...high] }), [
    'release_falls',
  ])
})

test('over any year the ledger, the months and the sums say the same, and nothing is lost', () => {
  const amount = fc.integer({ min: -500_000, max: 5_000_000 })
  const month = fc.record({
    claims: amount,
    deducted: fc.integer({ min: 0, max: 200_000 }),
    pays: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(month, { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      (months, depositRate, prepayment, score) => {
        const terms = { ...TERMS, depositRate, prepayment } as Terms
        const legs: Leg[] = []
        let before = NOTHING_HELD
        let opening = 0
        let at = terms.from
        for (const { claims, deducted, pays } of months) {
          const paid = pays ? Math.max(0, opening) : 0
          const advanced = at === terms.from ? prepayment : 0
          const result = monthOf(
            terms,
            at,
            { ...QUIET, opening, claims, deducted, advanced, given: advanced, paid },
            before,
          )
          const owed = 'owed/institution/H1'
          const { fund } = terms
          if (claims > 0) legs.push({ fund, debit: 'claims/x', credit: owed, amount: claims })
          if (claims < 0) legs.push({ fund, debit: owed, credit: 'claims/x', amount: -claims })
          if (paid > 0) legs.push({ fund, debit: owed, credit: 'bank', amount: paid })
          legs.push(...advancedLegs(terms, advanced), ...deductedLegs(terms, deducted))
          legs.push(...monthLegs(terms, result))
          assert(result.offset >= 0 && result.after.prepaid >= 0)
          const balances = balancesOf(legs).get(fund)
          assert.equal(balances?.get(owed) ?? 0, result.payable, 'the ledger owes what is payable')
          assert.equal(balances?.get('deposit/institution/H1') ?? 0, result.after.deposit)
          assert.equal(0 - (balances?.get('prepaid/institution/H1') ?? 0), result.after.prepaid)
          ;[before, opening, at] = [result.after, result.payable, nextMonth(at)]
        }
        const base = months.reduce((sum, { claims, deducted }) => sum + claims - deducted, 0)
        const exact = (BigInt(Math.max(0, base)) * BigInt(depositRate)) / 1_000_000n
        assert.equal(BigInt(before.deposit), exact, 'as if the year were one month')
        const year = yearOf(terms, score, before)
        legs.push(...yearLegs(terms, year))
        const left = balancesOf(legs).get(terms.fund)
        assert.equal(left?.get('deposit/institution/H1'), undefined)
        assert.equal(left?.get('prepaid/institution/H1'), undefined)
        assert.equal(
          left?.get('owed/institution/H1') ?? 0,
          opening + year.released - year.prepaidBack,
        )
      },
    ),
  )
})
