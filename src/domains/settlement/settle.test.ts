import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadSchemes } from '#app/schemes-folder.ts'
import { type Fen, fen, type Rate } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { keptOf, settlementOf } from './kept.ts'
import { createSettler } from './settle.ts'
import { splitLine } from './split-line.ts'
import { totalKey } from './total-key.ts'
import {
  type Bill,
  COMPONENTS,
  NATIVE_COMPONENTS,
  type NativeComponent,
  type Person,
  type Settlement,
  type Totals,
} from './types.ts'

const book = loadSchemes(join(import.meta.dirname, '../../../schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-11-01') })

// --- random years of one insured person -------------------------------------------------------

const amount = fc.oneof(
  fc.integer({ min: 1, max: 2_000 }),
  fc.integer({ min: 1, max: 3_000_000 }),
  fc.integer({ min: 1, max: 60_000_000 }),
)
const line = fc.record({
  class: fc.constantFrom('甲', '乙', '丙', '特药'),
  amount,
  limitPrice: fc.option(amount, { nil: undefined }),
  upfrontShare: fc.constantFrom(50_000, 100_000, 300_000),
  category: fc.constantFrom('drug', 'device', undefined),
  genericName: fc.constantFrom('药甲', '药乙', '支架'),
})
const visit = fc.record({
  day: fc.integer({ min: 1, max: 28 }),
  month: fc.integer({ min: 1, max: 12 }),
  medical: fc.constantFrom('住院', '普通门诊', '门慢特', '特药'),
  level: fc.constantFrom('社区', '一级', '二级', '三级'),
  remote: fc.constantFrom('市内', '市外转诊'),
  disease: fc.constantFrom('高血压', '恶性肿瘤'),
  lines: fc.array(line, { minLength: 1, maxLength: 8 }),
  cause: fc.constantFrom('illness', 'illness', 'illness', 'thirdParty'),
  advance: fc.boolean(),
  share: fc.integer({ min: 0, max: 100 }),
  days: fc.integer({ min: 0, max: 60 }),
})
const year = fc.record({
  scheme: fc.constantFrom('teaching/shifan/employee', 'teaching/shifan/resident'),
  category: fc.constantFrom('普通', '低保', '特困'),
  class: fc.constantFrom('在职', '退休', '成年居民', '学生儿童'),
  products: fc.subarray(['enterprise', 'huimin', 'group', 'individual']),
  balance: fc.integer({ min: 0, max: 500_000 }),
  visits: fc.array(visit, { minLength: 1, maxLength: 6 }),
})
type Year = typeof year extends fc.Arbitrary<infer T> ? T : never

function personOf({ scheme, category, class: klass, products }: Year): Person {
  const employee = scheme.endsWith('employee')
  const own = employee === (klass === '在职' || klass === '退休')
  const cover = (id: string, attributes: Record<string, string>) => ({
    scheme: id,
    from: plainDate('2020-01-01'),
    until: undefined,
    attributes,
  })
  return {
    id: 'p',
    born: plainDate('1960-05-01'),
    attributes: [{ from: plainDate('2020-01-01'), attributes: { category } }],
    covers: [
      cover(scheme, { class: own ? klass : employee ? '在职' : '成年居民', preexisting: '无' }),
      ...products
        .filter((name) => employee || name !== 'enterprise')
        .map((name) =>
          cover(`teaching/shifan/products/${name}`, { preexisting: '无', plan: '基础' }),
        ),
    ],
  }
}

function billsOf({ visits }: Year): Bill[] {
  return visits
    .toSorted((a, b) => a.month - b.month || a.day - b.day)
    .map((visit, i): Bill => {
      const two = (n: number) => String(n).padStart(2, '0')
      const date = plainDate(`2025-${two(visit.month)}-${two(visit.day)}`)
      const lines = visit.lines.map((raw, k) =>
        splitLine({
          ...raw,
          id: String(k),
          name: raw.genericName,
          class: raw.class as '甲',
          amount: raw.amount as Fen,
          limitPrice: raw.limitPrice as Fen | undefined,
          upfrontShare: raw.upfrontShare as Rate,
          quantity: 10_000,
        }),
      )
      const parts = Object.fromEntries(
        NATIVE_COMPONENTS.map((c) => [c, sum(lines.map(({ parts }) => parts[c]))]),
      ) as Record<NativeComponent, Fen>
      const { medical, level, remote, disease } = visit
      return {
        id: `b${i}`,
        person: 'p',
        admitted: date,
        discharged: date,
        settled: date,
        stay: `b${i}`,
        total: sum(Object.values(parts)),
        parts,
        lines,
        attributes: { medical, level, remote, disease },
        cause: visit.cause as Bill['cause'],
        thirdParty:
          visit.cause === 'thirdParty'
            ? { share: (visit.share * 10_000) as Rate, advance: visit.advance }
            : undefined,
        days: visit.days,
        events: [],
      }
    })
}

const sum = (amounts: readonly number[]): Fen => fen(amounts.reduce((a, b) => a + b, 0))

/** Settles a year in order; a refused bill leaves no trace. */
function settleYear(bills: readonly Bill[], person: Person, balance: number) {
  let totals: Totals = new Map([[totalKey('account:personal', 'lifetime'), balance]])
  const settled: Settlement[] = []
  let refused = 0
  for (const bill of bills) {
    const result = settler.settle(bill, person, totals)
    if (!result.ok) {
      refused++
      continue
    }
    settled.push(result.value)
    totals = result.value.totals
  }
  return { settled, totals, refused }
}

test('in any year of the teaching city: payers plus patient equal the bill, in total, per component and per line', () => {
  let bills = 0
  let refused = 0
  fc.assert(
    fc.property(year, (one) => {
      const person = personOf(one)
      const given = billsOf(one)
      const { settled, refused: no } = settleYear(given, person, one.balance)
      bills += settled.length
      refused += no
      for (const settlement of settled) {
        const bill = given.find(({ id }) => id === settlement.bill) as Bill
        const paid = settlement.tiers.map((tier) => tier.paid)
        assert.equal(sum([...paid, settlement.patient]), bill.total)
        assert.equal(sum(Object.values(settlement.payers)), sum(paid))
        assert.equal(sum(COMPONENTS.map((c) => settlement.patientParts[c])), settlement.patient)
        for (const native of NATIVE_COMPONENTS) {
          const row = settlement.components[native]
          assert.equal(row.total, bill.parts[native])
          assert.equal(sum([...row.paid, row.patient]), row.total)
          assert(row.patient >= 0)
        }
        const columns = paid.map(() => 0)
        for (const [i, row] of settlement.lines.entries()) {
          assert.equal(sum([...row.paid, row.patient]), bill.lines[i]?.amount)
          assert(row.patient >= 0 && row.paid.every((part) => part >= 0))
          for (const [t, part] of row.paid.entries()) columns[t] = (columns[t] ?? 0) + part
        }
        assert.deepEqual(columns, paid)
        assert(settlement.recoveries.every(({ amount }) => amount > 0 && amount <= bill.total))
      }
    }),
    { numRuns: 2_000 },
  )
  assert(bills > 4_000 && refused === 0, `${bills} settled, ${refused} refused`)
})

test('replaying a year changes nothing, and explaining it changes nothing', () => {
  fc.assert(
    fc.property(year, (one) => {
      const person = personOf(one)
      const bills = billsOf(one)
      const first = settleYear(bills, person, one.balance)
      assert.deepEqual(settleYear(bills, person, one.balance), first)
      let totals: Totals = new Map([[totalKey('account:personal', 'lifetime'), one.balance]])
      for (const settlement of first.settled) {
        const bill = bills.find(({ id }) => id === settlement.bill) as Bill
        const explained = settler.explain(bill, person, totals)
        assert(explained.ok)
        assert.deepEqual(explained.value.settlement, settlement)
        for (const tier of settlement.tiers)
          if (tier.tier !== 'liable-third-party')
            assert(explained.value.steps.some((step) => 'tier' in step && step.tier === tier.tier))
        totals = settlement.totals
      }
    }),
    { numRuns: 300 },
  )
})

test('what is kept of a settlement gives every amount of it again', () => {
  fc.assert(
    fc.property(year, (one) => {
      const bills = billsOf(one)
      for (const { totals: _, ...settlement } of settleYear(bills, personOf(one), one.balance)
        .settled) {
        const bill = bills.find(({ id }) => id === settlement.bill) as Bill
        const kept = JSON.parse(JSON.stringify(keptOf(settlement)))
        const again = settlementOf(kept, bill, book)
        assert.deepEqual(keptOf(again), keptOf(settlement))
        assert.deepEqual(again.payers, settlement.payers)
        assert.equal(again.patient, settlement.patient)
        assert.deepEqual(again.patientParts, settlement.patientParts)
        const patientOf = ({ components }: typeof settlement) =>
          NATIVE_COMPONENTS.map((native) => components[native].patient)
        assert.deepEqual(patientOf(again), patientOf(settlement))
        assert.deepEqual(
          again.lines.map(({ paid: _, ...line }) => line),
          settlement.lines.map(({ paid: _, ...line }) => line),
        )
        assert.deepEqual(again.badges, settlement.badges)
      }
    }),
    { numRuns: 300 },
  )
})

const NOTHING = Object.fromEntries(NATIVE_COMPONENTS.map((name) => [name, fen(0)])) as Record<
  NativeComponent,
  Fen
>

test('a first admission that is reversed gives back its place and its days', () => {
  const person: Person = {
    id: 'p',
    born: undefined,
    attributes: [],
    covers: [
      {
        scheme: 'jiangsu/taizhou/resident',
        from: plainDate('2021-01-01'),
        until: undefined,
        attributes: {},
      },
    ],
  }
  const stay = (id: string, admitted: string, discharged: string): Bill => ({
    id,
    person: 'p',
    admitted: plainDate(admitted),
    discharged: plainDate(discharged),
    settled: plainDate(discharged),
    stay: id,
    total: fen(1_000_000),
    parts: { ...NOTHING, inScope: fen(1_000_000) },
    lines: [],
    attributes: { medical: '住院', level: '三级', disease: '其他', criticalIllnessReached: '否' },
    cause: 'illness',
    thirdParty: undefined,
    days: 1,
    events: [],
  })
  const first = stay('first', '2021-03-01', '2021-03-10')
  const soonAfter = stay('soon after', '2021-03-25', '2021-04-01')
  const later = stay('later', '2021-03-26', '2021-04-01')
  const charged = (bill: Bill, totals: Totals) => {
    const settled = settler.settle(bill, person, totals)
    assert(settled.ok, JSON.stringify(settled))
    return { deductible: settled.value.patientParts.deductible, after: settled.value.totals }
  }
  const before: Totals = new Map()
  const { deductible, after } = charged(first, before)
  assert.equal(deductible, 80_000)
  // While the first stands: 15 days later it is the same admission, 16 days later the second of the year.
  assert.equal(charged(soonAfter, after).deductible, 0)
  assert.equal(charged(later, after).deductible, 40_000)
  // A reversal puts the totals back to what they were: whichever comes next is the first.
  assert.equal(charged(soonAfter, before).deductible, 80_000)
  assert.equal(charged(later, before).deductible, 80_000)
})
