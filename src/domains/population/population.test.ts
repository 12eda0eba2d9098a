import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayNumber, plainDate } from '#base/plain-date.ts'
import { type RawLine, splitLine } from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { CareMaker } from './care.ts'
import { BLOCK, PeopleMaker } from './people.ts'
import { readRates } from './rates.ts'
import { CLASSES, DISEASES, MEDICAL } from './types.ts'

const text = readFileSync('rates/china.rates.yaml', 'utf8')
const rates = readRates('china.rates.yaml', text)
const city = { persons: 60_000, year: 2025, seed: 7 }
const people = new PeopleMaker(rates, city).make(1, city.persons + 1)
const year = Array.from({ length: 12 }, (_, month) =>
  new CareMaker(rates, city).make(people, month),
)

const share = (test: (i: number) => boolean) => {
  let n = 0
  for (let i = 0; i < people.count; i++) if (test(i)) n++
  return n / people.count
}
const near = (found: number, wanted: number, within: number) =>
  assert(Math.abs(found / wanted - 1) <= within, `${found} is not within ${within} of ${wanted}`)

test('a city comes to the published shares of classes, and to the published size of a household', () => {
  const of = (klass: string) => share((i) => CLASSES[people.klass[i] as number] === klass)
  near(of('在职'), 27491.84 / 132662.08, 0.03)
  near(of('退休'), 10457.5 / 132662.08, 0.04)
  near(people.count / new Set(people.household).size, 2.62, 0.02)
})

test('diseases come to the published shares of adults', () => {
  const adult = (i: number) => (people.born[i] as number) < dayNumber(plainDate('2007-01-01'))
  const ill = share((i) => adult(i) && ((people.chronic[i] as number) & 1) === 1) / share(adult)
  near(ill, 0.275, 0.1)
})

test('a year of care comes to the published rates and costs', () => {
  const employee = (i: number) => (people.klass[i] as number) <= 1
  const admissions = (employees: boolean) => {
    let n = 0
    for (const bills of year)
      for (let b = 0; b < bills.count; b++)
        if (
          MEDICAL[bills.medical[b] as number] === '住院' &&
          employee((bills.person[b] as number) - 1) === employees
        )
          n++
    return n / (people.count * share((i) => employee(i) === employees))
  }
  near(admissions(true), 0.176, 0.06)
  near(admissions(false), 0.163, 0.06)
  let [cost, n] = [0, 0]
  for (const bills of year)
    for (let b = 0; b < bills.count; b++) {
      if (
        MEDICAL[bills.medical[b] as number] !== '住院' ||
        employee((bills.person[b] as number) - 1)
      )
        continue
      n++
      cost +=
        (bills.inScope[b] as number) +
        (bills.upfront[b] as number) +
        (bills.overLimit[b] as number) +
        (bills.outOfScope[b] as number) +
        (bills.specialDrug[b] as number)
    }
  near(cost / n / 100, 0.275 * 3623 + 0.42 * 6626 + 0.305 * 13942, 0.05)
})

test('the same seed makes the same persons and bills, in whatever parts they are made', () => {
  const maker = new PeopleMaker(rates, city)
  const part = maker.make(1 + 20 * BLOCK, 1 + 22 * BLOCK)
  for (const name of ['born', 'klass', 'household', 'died', 'chronic'] as const)
    assert.deepEqual(part[name], people[name].slice(20 * BLOCK, 22 * BLOCK), name)
  const alone = new CareMaker(rates, city).make(part, 5)
  const all = year[5]
  assert(all)
  const wanted: number[] = []
  for (let b = 0; b < all.count; b++) {
    const person = all.person[b] as number
    if (person > 20 * BLOCK && person <= 22 * BLOCK) wanted.push(person, all.inScope[b] as number)
  }
  const found: number[] = []
  for (let b = 0; b < alone.count; b++)
    found.push(alone.person[b] as number, alone.inScope[b] as number)
  assert.deepEqual(found, wanted)
  const other = new PeopleMaker(rates, { ...city, seed: 8 }).make(1, 1 + BLOCK)
  assert.notDeepEqual(other.born, people.born.slice(0, BLOCK))
})

test('nobody has care before birth or arrival, or after leaving or death', () => {
  for (const bills of year)
    for (let b = 0; b < bills.count; b++) {
      const i = (bills.person[b] as number) - 1
      const begins = Math.max(people.born[i] as number, people.arrived[i] as number)
      assert((bills.admitted[b] as number) >= begins)
      for (const end of [people.left[i] as number, people.died[i] as number])
        assert(end === 0 || (bills.discharged[b] as number) <= end)
    }
})

test('the charges of a bill come to its parts to the fen', () => {
  const maker = new CareMaker(rates, city)
  const bills = year[3]
  assert(bills)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bills.count - 1 }), (row) => {
      const sums = { inScope: 0, upfront: 0, overLimit: 0, outOfScope: 0, specialDrug: 0 }
      for (const [i, line] of maker.lines(bills, row).entries()) {
        const share =
          line.upfrontShare === undefined
            ? undefined
            : Number.parseInt(line.upfrontShare, 10) * 10_000
        const { parts } = splitLine({
          ...line,
          id: String(i),
          quantity: 10_000,
          upfrontShare: share,
          category: undefined,
          genericName: undefined,
        } as RawLine)
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += parts[name]
      }
      for (const name of Object.keys(sums) as (keyof typeof sums)[])
        assert.equal(sums[name], bills[name][row], name)
    }),
  )
})

test('a figure whose source is not listed is refused, with its line', () => {
  const broken = text.replace(
    '{ value: 2.62, source: census-2020 }',
    '{ value: 2.62, source: census }',
  )
  assert.throws(
    () => readRates('broken.yaml', broken),
    (error) => error instanceof RuleFileError && error.fault.code === 'unknown_source',
  )
  assert.equal(DISEASES.length, rates.chronic.length)
})
