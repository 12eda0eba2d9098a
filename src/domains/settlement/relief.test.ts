import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fen, ZERO } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { reliefPeriod, settleRelief } from './relief.ts'
import { readSchemes } from './scheme.ts'
import { createSettler } from './settle.ts'
import type { Bill, Person, ReliefResult, StandingBill, Totals } from './types.ts'

const ATTRIBUTES = `
category: { of: person, zh: 救助类别, en: Category, answers: { 普通: None, 低保: Poor }, whenAbsent: 普通 }
medical: { of: bill, zh: 就医类别, en: Kind of care, answers: { 住院: Inpatient }, whenAbsent: 住院 }
`
const PLACE = `
place: { zh: 某市, en: City }
sources: { notice: { title: 通知, address: 无, grade: A } }
`
const TIER = `
tier: { zh: 住院, en: Inpatient }
payer: basicPool
governing: settled
period: calendar-year
eligibility: [{ from: 2020-01-01, source: notice, value: {} }]
base: [inScope]
splits: true
rate: { axis: net, over: admission, bands: [{ from: 2020-01-01, source: notice, value: 60% }] }
paysDown: [inScope]
rounding: down
`
const RELIEF = `
relief: { zh: 年终补偿, en: Year-end relief }
kind: yearEnd
payer: medicalAid
governing: discharged
period: calendar-year
eligibility: [{ from: 2023-01-01, source: notice, value: { category: 低保 } }]
base: [inScope, deductible, upfront]
threshold: [{ from: 2023-01-01, source: notice, value: { share: 10%, of: [inScope, upfront] } }]
rate:
  axis: net
  bands:
    - from: 2023-01-01
      source: notice
      value: [{ above: 0元, upTo: 100元, rate: 33.33% }, { above: 100元, rate: 77.77% }]
cap: [{ from: 2023-01-01, source: notice, value: 3000元 }]
rounding: half-up
`
const scheme = (more: string) => `
scheme: { zh: 居民, en: Resident }
kind: public
tiers: [inpatient]
${more}
`

function read(relief = RELIEF, resident = scheme('reliefs: [year-end]')) {
  return readSchemes(
    Object.entries({
      'attributes.yaml': ATTRIBUTES,
      'city/place.yaml': PLACE,
      'city/inpatient.tier.yaml': TIER,
      'city/year-end.relief.yaml': relief,
      'city/resident.scheme.yaml': resident,
      'city/other.scheme.yaml': scheme(''),
    }).map(([path, text]) => ({ path, text })),
  )
}

const book = read()
const relief = book.reliefs.get('city/year-end')
assert(relief)
const year = reliefPeriod(relief, '2024')
assert(year)

const person = (id = 'city/resident', category = '低保'): Person => ({
  id: 'p',
  born: undefined,
  attributes: [{ from: plainDate('2024-01-01'), attributes: { category } }],
  covers: [{ scheme: id, from: plainDate('2020-01-01'), until: undefined, attributes: {} }],
})

/** Settles bills of in-scope cost and upfront share one after the other. */
function settled(amounts: readonly (readonly [number, number])[], day = '2024-05-01') {
  const settler = createSettler(book, { allowUndated: false, today: plainDate('2024-12-31') })
  let totals: Totals = new Map()
  return amounts.map(([inScope, upfront], i): StandingBill => {
    const on = plainDate(day)
    const none = { overLimit: ZERO, outOfScope: ZERO, specialDrug: ZERO, separateItem: ZERO }
    const bill: Bill = {
      id: `b${i}`,
      person: 'p',
      admitted: on,
      discharged: on,
      settled: on,
      stay: `b${i}`,
      total: fen(inScope + upfront),
      parts: { inScope: fen(inScope), upfront: fen(upfront), ...none },
      lines: [],
      attributes: {},
      cause: 'illness',
      thirdParty: undefined,
      days: 1,
      events: [],
    }
    const outcome = settler.settle(bill, person(), totals)
    assert(outcome.ok)
    totals = outcome.value.totals
    return { bill, settlement: outcome.value }
  })
}

const OPTIONS = { book, allowUndated: false, today: plainDate('2025-02-01') }

function amountOf(bills: readonly StandingBill[]): ReliefResult {
  assert(relief && year)
  const outcome = settleRelief(relief, year, person(), bills, OPTIONS)
  assert(outcome.ok, JSON.stringify(outcome))
  return outcome.value
}

test('a year by hand: 800 own of 1,500 in scope and 200 upfront', () => {
  // 40 % of 1,500 and the 200 are 800; 10 % of 1,700 is 170; 100 × 33.33 % + 530 × 77.77 % = 445.511.
  const { amount, steps, bills } = amountOf(settled([[150_000, 20_000]]))
  assert.equal(amount, 44_551)
  assert.deepEqual(bills, ['b0'])
  assert.deepEqual(
    steps.map(({ step, citation }) => `${step} ${citation.rule}`),
    [
      'own-cost city/year-end#eligibility',
      'threshold city/year-end#threshold',
      'rate city/year-end#rate.bands',
      'cap city/year-end#cap',
    ],
  )
})

test('however a year’s cost is divided into bills, the relief is the same', () => {
  // What is paid of a bill is whole fen here (60 % of 5 fen is 3), so that the own cost is the same too.
  const five = fc.integer({ min: 0, max: 200_000 }).map((n) => n * 5)
  const bills = fc.array(fc.tuple(five, fc.nat(100_000)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(bills, (amounts) => {
      const all = amounts.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
      const divided = amountOf(settled(amounts))
      assert.equal(divided.amount, amountOf(settled([all])).amount)
      const own = divided.steps.find(({ step }) => step === 'own-cost')
      assert(own?.step === 'own-cost' && divided.amount <= own.amount && divided.amount >= 0)
    }),
  )
})

test('the settlements it rests on are left as they were', () => {
  const bills = settled([[150_000, 20_000]])
  const before = structuredClone(bills)
  amountOf(bills)
  assert.deepEqual(bills, before)
})

test('bills of other days, other people and other schemes do not count', () => {
  const [one] = settled([[150_000, 20_000]])
  assert(one)
  const others: StandingBill[] = [
    ...settled([[150_000, 0]], '2023-12-31'),
    { ...one, bill: { ...one.bill, person: 'q' } },
    { ...one, settlement: { ...one.settlement, scheme: 'city/other' } },
  ]
  assert.equal(amountOf([one, ...others]).amount, amountOf([one]).amount)
  assert.equal(amountOf(others).amount, 0)
})

test('refused by name: too early, not insured, a scheme without it, a day without rules', () => {
  assert(relief && year)
  const code = (who: Person, key: string, today: string) => {
    const period = reliefPeriod(relief, key)
    assert(period)
    const options = { ...OPTIONS, today: plainDate(today) }
    const outcome = settleRelief(relief, period, who, [], options)
    return outcome.ok ? outcome.value.amount : outcome.error.code
  }
  assert.equal(code(person(), '2024', '2024-12-30'), 'period_not_over')
  assert.equal(code(person(), '2024', '2024-12-31'), 0)
  assert.equal(code({ ...person(), covers: [] }, '2024', '2025-01-01'), 'not_covered')
  assert.equal(code(person('city/other'), '2024', '2025-01-01'), 'relief_not_declared')
  assert.equal(code(person(), '2022', '2025-01-01'), 'rule_not_in_force')
})

test('a year is written as running totals name it', () => {
  assert(relief)
  assert.deepEqual(reliefPeriod(relief, '2024'), {
    key: '2024',
    from: '2024-01-01',
    until: '2024-12-31',
  })
  const july = { ...relief, period: { kind: 'year', starts: '07-01' } } as const
  assert.equal(reliefPeriod(july, '2023-07-01')?.until, '2024-06-30')
  for (const key of ['24', '2024-01-01', '2024-07', 'lifetime'])
    assert.equal(reliefPeriod(relief, key), undefined)
  assert.equal(reliefPeriod(july, '2024'), undefined)
})

test('what a file leaves open, or asks of a single bill, is refused with its line', () => {
  const message = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      assert(error instanceof RuleFileError)
      return error.message
    }
    return 'read'
  }
  const without = (key: string) => RELIEF.replace(new RegExp(`^${key}:.*\n`, 'm'), '')
  for (const key of ['kind', 'payer', 'governing', 'period', 'base', 'threshold', 'rounding'])
    assert.match(
      message(() => read(without(key))),
      new RegExp(`year-end.relief.yaml:.*${key}`),
    )
  assert.match(
    message(() => read(RELIEF.replace('calendar-year', 'lifetime'))),
    /period: a relief is of a calendar-year/,
  )
  assert.match(
    message(() => read(RELIEF.replace('category: 低保', 'medical: 住院'))),
    /"medical" is answered by a bill/,
  )
  assert.match(
    message(() => read(RELIEF.replace('[inScope, upfront] }', '[deductible] }'))),
    /threshold/,
  )
  assert.match(
    message(() => read(RELIEF, scheme('reliefs: [year-ends]'))),
    /\[unknown_relief\]/,
  )
  assert.match(
    message(() => read(RELIEF, scheme('reliefs: [year-end]').replace('public', 'group'))),
    /only a public scheme has reliefs/,
  )
})
