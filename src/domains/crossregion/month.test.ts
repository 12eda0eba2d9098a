import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { rate, yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { balancesOf } from '#domains/ledger/index.ts'
import {
  amountOf,
  closable,
  type Flow,
  faultsOf,
  payUntil,
  positionOf,
  quarterBefore,
  rebaseOf,
  rebaseUntil,
  statedMonth,
  stateUntil,
  termsOf,
} from './month.ts'
import { monthLegs, prepaymentLegs } from './post.ts'
import type { ClearingTerms } from './types.ts'

const RULE: ClearingTerms = {
  from: '2023-01',
  prepaymentMonths: 2,
  yellow: rate('70%'),
  red: rate('90%'),
  stateUntilDay: 20,
  payWithinDays: 10,
  rebaseUntil: '01-31',
  source: 'a rule',
  grade: 'D',
}
const REGIONS = { insured: '990100', treating: '990200' }
const POOL = 'basicPool@teaching/shifan'
const flow = (kind: string, amount: number, bills = 1, fund = POOL): Flow => ({
  fund,
  kind,
  bills,
  amount,
})

describe('a month', () => {
  test('8,000.00 settled on three bills and 500.00 taken back of an earlier one: 7,500.00 is owed', () => {
    const month = statedMonth('2026-03', [
      flow('settled', yuan('8000.00'), 3),
      flow('ended', -yuan('1200.00')),
      flow('redirected', yuan('700.00')),
    ])
    const changed = -yuan('500.00')
    assert.deepEqual(month.funds, [{ fund: POOL, bills: 3, settled: yuan('8000.00'), changed }])
    assert.equal(month.amount, yuan('7500.00'))
  })

  test('more was taken back than settled: it is owed less, and takes back from what is payable', () => {
    const { amount, funds } = statedMonth('2026-03', [flow('settled', 100), flow('ended', -300)])
    assert.equal(amount, -200)
    assert.deepEqual(monthLegs(REGIONS, funds), [
      { fund: POOL, debit: 'owed/region/990200', credit: 'region/990100/990200', amount: 200 },
    ])
  })

  test('whatever falls into whichever month: the months add up, and leave nothing on the account', () => {
    const Flows = fc.array(
      fc.record({
        month: fc.constantFrom('2026-01', '2026-02', '2026-03'),
        fund: fc.constantFrom(POOL, 'medicalAid@teaching/shifan', 'personalAccount'),
        kind: fc.constantFrom('settled', 'ended', 'redirected'),
        bills: fc.integer({ min: 0, max: 3 }),
        amount: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(Flows, (flows) => {
        const months = ['2026-01', '2026-02', '2026-03'].map((month) =>
          statedMonth(
            month,
            flows.filter((each) => each.month === month),
          ),
        )
        const total = flows.reduce((sum, { amount }) => sum + amount, 0)
        assert.equal(
          months.reduce((sum, { amount }) => sum + amount, 0),
          total,
        )
        const arisen = flows.flatMap(({ fund, amount }) =>
          amount === 0
            ? []
            : [
                amount > 0
                  ? { fund, debit: 'claims/x', credit: 'region/990100/990200', amount }
                  : { fund, debit: 'region/990100/990200', credit: 'claims/x', amount: -amount },
              ],
        )
        const books = balancesOf([
          ...arisen,
          ...months.flatMap(({ funds }) => monthLegs(REGIONS, funds)),
        ])
        for (const accounts of books.values()) assert(!accounts.has('region/990100/990200'))
        const owed = [...books.values()].reduce(
          (sum, accounts) => sum + (accounts.get('owed/region/990200') ?? 0),
          0,
        )
        assert.equal(owed, total)
        for (const { funds, amount } of months)
          assert.equal(
            funds.reduce((sum, each) => sum + amountOf(each), 0),
            amount,
          )
      }),
    )
  })

  test('is closed once, in order, and when the ledger has closed its last day', () => {
    const at = (month: string, last: string | undefined, booksUntil: string | undefined) => {
      const may = closable(month, { first: '2026-01', last, booksUntil })
      return may.ok ? 'may' : may.error.code
    }
    assert.equal(at('2026-01', undefined, undefined), 'region_month_not_over')
    assert.equal(at('2026-01', undefined, '2026-01-30'), 'region_month_not_over')
    assert.equal(at('2026-01', undefined, '2026-01-31'), 'may')
    assert.equal(at('2026-02', undefined, '2026-12-31'), 'region_month_out_of_order')
    assert.equal(at('2026-01', '2026-01', '2026-12-31'), 'region_month_closed')
    assert.equal(at('2026-03', '2026-01', '2026-12-31'), 'region_month_out_of_order')
    assert.equal(at('2026-02', '2026-01', '2026-12-31'), 'may')
  })
})

describe('terms', () => {
  test('what two regions agreed comes before the rule, from its month on; before the rule there is none', () => {
    const agreed = { ...RULE, from: '2026-03', prepaymentMonths: 3 }
    assert.equal(termsOf('2022-12', [], [RULE]), undefined)
    assert.equal(termsOf('2023-01', [], [RULE]), RULE)
    assert.equal(termsOf('2026-02', [agreed], [RULE]), RULE)
    assert.equal(termsOf('2026-03', [agreed], [RULE]), agreed)
    const later = { ...agreed, from: '2026-05' }
    assert.equal(termsOf('2026-06', [agreed, later], [RULE]), later)
  })

  test('each fault by its name', () => {
    assert.deepEqual(faultsOf(RULE), [])
    assert.deepEqual(faultsOf({ ...RULE, from: '2026-13' }), ['month'])
    assert.deepEqual(faultsOf({ ...RULE, yellow: rate('90%') }), ['lines'])
    assert.deepEqual(faultsOf({ ...RULE, prepaymentMonths: 13 }), ['prepayment_months'])
    assert.deepEqual(faultsOf({ ...RULE, stateUntilDay: 29 }), ['state_day'])
    assert.deepEqual(faultsOf({ ...RULE, payWithinDays: 0 }), ['pay_days'])
    assert.deepEqual(faultsOf({ ...RULE, rebaseUntil: '02-29' }), ['rebase_day'])
  })

  test('March is stated until 20 April; what is confirmed on 28 April is paid in ten working days', () => {
    assert.equal(stateUntil('2026-03', RULE), '2026-04-20')
    assert.equal(rebaseUntil(2027, RULE), '2027-01-31')
    const holidays = new Set(['2026-05-01', '2026-05-02', '2026-05-03', '2026-05-04', '2026-05-05'])
    const days = { years: [2026], holidays, madeUp: new Set(['2026-05-09']) }
    assert.equal(payUntil(plainDate('2026-04-28'), RULE, days), '2026-05-14')
    assert.equal(payUntil(plainDate('2026-12-28'), RULE, days), undefined)
  })
})

describe('a prepayment', () => {
  test('the lines are reached at 70 % and at 90 % used, and not a fen before', () => {
    const at = (used: number, paid = 100_000) => positionOf({ due: paid, paid, used }, RULE).warning
    assert.equal(at(69_999), 'normal')
    assert.equal(at(70_000), 'yellow')
    assert.equal(at(89_999), 'yellow')
    assert.equal(at(90_000), 'red')
    assert.equal(at(120_000), 'red')
    assert.equal(at(-500), 'normal')
    assert.equal(at(1, 0), 'none')
    assert.deepEqual(positionOf({ due: 300, paid: 200, used: 150 }, RULE), {
      due: 300,
      paid: 200,
      used: 150,
      left: 50,
      usedShare: rate('75%'),
      warning: 'yellow',
    })
  })

  test('of a year: twice the mean month of the last quarter, rounded once, less what stands', () => {
    assert.deepEqual(quarterBefore(2027), ['2026-10', '2026-11', '2026-12'])
    const months = [100, 101, 100].map((amount, i) => ({
      month: quarterBefore(2027)[i] ?? '',
      amount,
    }))
    // 2 × 301 ÷ 3 = 200.67
    assert.deepEqual(rebaseOf(2027, months, 150, RULE), {
      year: 2027,
      months,
      target: 201,
      standing: 150,
      difference: 51,
    })
    assert.equal(rebaseOf(2027, months, 500, RULE).difference, -299)
    const back = months.map((each) => ({ ...each, amount: -5 }))
    assert.equal(rebaseOf(2027, back, 500, RULE).target, 0)
  })

  test('stands with the region of care and is owed to it; what comes back goes the other way', () => {
    assert.deepEqual(prepaymentLegs(REGIONS, POOL, 500), [
      {
        fund: POOL,
        debit: 'prepaid/region/990100/990200',
        credit: 'owed/region/990200',
        amount: 500,
      },
    ])
    assert.deepEqual(prepaymentLegs(REGIONS, POOL, -200), [
      {
        fund: POOL,
        debit: 'owed/region/990200',
        credit: 'prepaid/region/990100/990200',
        amount: 200,
      },
    ])
  })
})
