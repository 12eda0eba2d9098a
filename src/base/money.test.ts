import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  EXACT_PRODUCT_LIMIT,
  fen,
  formatRate,
  formatYuan,
  parseRate,
  parseYuan,
  type Rounding,
  rate,
  share,
  yuan,
} from './money.ts'

test('yuan text is read digit by digit', () => {
  assert.equal(parseYuan('69.35'), 6935)
  assert.equal(parseYuan('0'), 0)
  assert.equal(parseYuan('0.1'), 10)
  assert.equal(parseYuan('0.01'), 1)
  assert.equal(parseYuan('-12.5'), -1250)
  assert.equal(parseYuan('9999999999999.99'), 999_999_999_999_999)
  assert(Object.is(parseYuan('-0.00'), 0), 'minus nothing is nothing')
})

test('text that is not an amount in yuan is not read as one', () => {
  const wrong = ['', ' 1', '1 ', '+1', '1.', '.5', '1.234', '1,000', '1e3', '12元', 'NaN', '１２']
  for (const text of [...wrong, '12345678901234', '0x10', '--1', '1\n'])
    assert.equal(parseYuan(text), undefined, JSON.stringify(text))
  assert.throws(() => yuan('12元'), /not an amount in yuan: 12元/)
})

test('fen are printed as yuan with two decimals', () => {
  assert.equal(formatYuan(6935), '69.35')
  assert.equal(formatYuan(5), '0.05')
  assert.equal(formatYuan(0), '0.00')
  assert.equal(formatYuan(-5), '-0.05')
  assert.equal(formatYuan(Number.MAX_SAFE_INTEGER), '90071992547409.91')
})

test('every amount comes back from its text', () => {
  const most = 999_999_999_999_999
  fc.assert(
    fc.property(fc.integer({ min: -most, max: most }), (amount) => {
      assert.equal(parseYuan(formatYuan(amount)), amount)
    }),
  )
})

test('an amount is a whole number of fen', () => {
  assert.equal(fen(1), 1)
  for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])
    assert.throws(() => fen(wrong), /not a whole number of fen/)
})

test('a rate is a percentage of at most the whole, with at most four decimals', () => {
  assert.equal(parseRate('85%'), 850_000)
  assert.equal(parseRate('0%'), 0)
  assert.equal(parseRate('100%'), 1_000_000)
  assert.equal(parseRate('33.3333%'), 333_333)
  assert.equal(parseRate('0.0001%'), 1)
  for (const wrong of [
    '85',
    '85 %',
    '0.85',
    '-1%',
    '100.0001%',
    '101%',
    '1.23456%',
    '%',
    '',
    '85％',
  ])
    assert.equal(parseRate(wrong), undefined, wrong)
  assert.throws(() => rate('85'), /not a percentage from 0% to 100%: 85/)
})

test('a rate is printed without needless decimals, and comes back from its text', () => {
  assert.equal(formatRate(850_000), '85%')
  assert.equal(formatRate(333_300), '33.33%')
  assert.equal(formatRate(1), '0.0001%')
  assert.equal(formatRate(0), '0%')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (ppm) => {
      assert.equal(parseRate(formatRate(ppm)), ppm)
    }),
  )
})

test('65% of 123.45 yuan is 80.2425: each rounding says what becomes of the last quarter fen', () => {
  assert.equal(share(yuan('123.45'), rate('65%'), 'half-up'), yuan('80.24'))
  assert.equal(share(yuan('123.45'), rate('65%'), 'down'), yuan('80.24'))
  assert.equal(share(yuan('123.45'), rate('65%'), 'up'), yuan('80.25'))
})

test('half a fen goes up, and only half-up says so', () => {
  assert.equal(share(1, rate('50%'), 'half-up'), 1)
  assert.equal(share(1, rate('50%'), 'down'), 0)
  assert.equal(share(1, rate('49.9999%'), 'half-up'), 0)
  assert.equal(share(3, rate('50%'), 'half-up'), 2, 'not to the even neighbour')
  assert.equal(share(1, rate('0.0001%'), 'up'), 1)
})

test('nothing and everything are exact under every rounding', () => {
  for (const rounding of ['half-up', 'down', 'up'] as const) {
    assert.equal(share(0, rate('85%'), rounding), 0)
    assert.equal(share(12_345, rate('0%'), rounding), 0)
    assert.equal(share(12_345, rate('100%'), rounding), 12_345)
    assert.equal(share(Number.MAX_SAFE_INTEGER, rate('100%'), rounding), Number.MAX_SAFE_INTEGER)
  }
})

test('a share of a refund is a mistake of the caller', () => {
  assert.throws(() => share(-1, rate('50%'), 'half-up'), /not for refunds/)
})

const exact = (amount: number, ppm: number, rounding: Rounding): number => {
  const bump = { 'half-up': 500_000n, down: 0n, up: 999_999n }[rounding]
  return Number((BigInt(amount) * BigInt(ppm) + bump) / 1_000_000n)
}

test('a share is exact at any size: the same as with whole numbers of unlimited length', () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 1_000_000 }),
    fc.integer({ min: EXACT_PRODUCT_LIMIT - 1000, max: EXACT_PRODUCT_LIMIT + 1000 }),
    fc.maxSafeNat(),
  )
  const ppm = fc.integer({ min: 0, max: 1_000_000 })
  const rounding = fc.constantFrom<Rounding>('half-up', 'down', 'up')
  fc.assert(
    fc.property(amount, ppm, rounding, (a, r, how) => {
      assert.equal(share(a, r, how), exact(a, r, how))
    }),
    { numRuns: 20_000 },
  )
})

test('an exact half goes up on either side of 90 million yuan', () => {
  // Every odd amount has half a fen at 50%; 9,000,000,001 fen is the first beyond plain products.
  for (const amount of [EXACT_PRODUCT_LIMIT - 1, EXACT_PRODUCT_LIMIT + 1, 9_007_199_254_740_991]) {
    assert.equal(share(amount, rate('50%'), 'half-up'), (amount + 1) / 2)
    assert.equal(share(amount, rate('50%'), 'down'), (amount - 1) / 2)
  }
})
