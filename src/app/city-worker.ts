import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { compose, dayNumber } from '#base/plain-date.ts'
import {
  type Bills,
  BLOCK,
  CATEGORIES,
  CareMaker,
  type City,
  DISEASES,
  LEVELS,
  MEDICAL,
  type People,
  PeopleMaker,
  readRates,
  SEXES,
} from '#domains/population/index.ts'
import { type Column, writeParquet } from '#platform/parquet-write.ts'
import type { PlaceCovers } from './city-covers.ts'

/** What every thread of `kangyang city` begins with. */
export type CityWork = {
  readonly city: City
  readonly ratesFile: string
  readonly ratesText: string
  readonly places: readonly PlaceCovers[]
  readonly folder: string
  readonly lines: boolean
}

/** Some of the persons, and the number that their first bill has. */
export type CityTask = {
  readonly part: number
  readonly first: number
  readonly end: number
  readonly firstBill: number
}

export type CityAnswer = {
  readonly persons: number
  readonly covers: number
  readonly bills: number
  readonly lines: number
  readonly cost: number
}

const work = workerData as CityWork
const rates = readRates(work.ratesFile, work.ratesText)
const peopleMaker = new PeopleMaker(rates, work.city)
const careMaker = new CareMaker(rates, work.city)

parentPort?.on('message', (task: CityTask) => {
  parentPort?.postMessage(make(task))
})

/** Makes some of the persons, and their bills month by month. Every file appears whole or not at all. */
function make({ part, first, end, firstBill }: CityTask): CityAnswer {
  const people = peopleMaker.make(first, end)
  const name = String(part + 1).padStart(4, '0')
  const covers = writePersons(people, join(work.folder, `persons-${name}.parquet`))
  let [bills, lines, cost] = [0, 0, 0]
  for (let month = 0; month < 12; month++) {
    const made = careMaker.make(people, month)
    const label = `${String(month + 1).padStart(2, '0')}-${name}`
    writeBills(made, firstBill + bills, join(work.folder, `bills-${label}.parquet`))
    if (work.lines)
      lines += writeLines(made, firstBill + bills, join(work.folder, `lines-${label}.parquet`))
    for (let i = 0; i < made.count; i++) cost += costOf(made, i)
    bills += made.count
  }
  return { persons: people.count, covers, bills, lines, cost }
}

const PARTS = ['inScope', 'upfront', 'overLimit', 'outOfScope', 'specialDrug'] as const

function costOf(bills: Bills, row: number): number {
  let cost = 0
  for (const part of PARTS) cost += bills[part][row] as number
  return cost
}

function writeBills(bills: Bills, firstBill: number, file: string): void {
  const ids = new Float64Array(bills.count)
  for (let i = 0; i < bills.count; i++) ids[i] = firstBill + i
  const disease = bills.disease.map((d) => Math.min(d, DISEASES.length))
  writeParquet(
    file,
    [
      { name: 'bill', kind: 'bigint', values: ids },
      { name: 'person', kind: 'integer', values: bills.person },
      { name: 'admitted', kind: 'date', values: bills.admitted },
      { name: 'discharged', kind: 'date', values: bills.discharged },
      { name: 'settled', kind: 'date', values: bills.discharged },
      { name: 'medical', kind: 'enum', words: MEDICAL, values: bills.medical },
      { name: 'level', kind: 'enum', words: LEVELS, values: bills.level },
      { name: 'disease', kind: 'enum', words: DISEASES, values: disease, absent: true },
      ...PARTS.map((name) => ({ name, kind: 'integer' as const, values: bills[name] })),
    ],
    bills.count,
  )
}

/** One row for each cover of each person. */
function writePersons(people: People, file: string): number {
  const { places, city } = work
  const schemes = [
    ...new Set(
      places.flatMap(({ classes, product }) => [
        ...classes.map(({ scheme }) => scheme),
        ...(product ? [product] : []),
      ]),
    ),
  ]
  const words = [...new Set(places.flatMap(({ classes }) => classes.map(({ word }) => word)))]
  const codes = places.map(({ classes, product }) => ({
    schemes: classes.map(({ scheme }) => schemes.indexOf(scheme)),
    words: classes.map(({ word }) => words.indexOf(word)),
    product: product === undefined ? -1 : schemes.indexOf(product),
  }))

  const most = people.count * 2
  const person = new Int32Array(most)
  const scheme = new Uint8Array(most)
  const klass = new Uint8Array(most)
  const preexisting = new Uint8Array(most)
  let rows = 0
  for (let i = 0; i < people.count; i++) {
    // A household lives in one place, and so does the block of persons that it is formed among.
    const block = Math.floor((people.first + i - 1) / BLOCK)
    const place = codes[block % codes.length] as (typeof codes)[0]
    const of = people.klass[i] as number
    person[rows] = i
    scheme[rows] = place.schemes[of] as number
    klass[rows] = place.words[of] as number
    preexisting[rows++] = 2
    if (place.product < 0 || !people.supplementary[i]) continue
    person[rows] = i
    scheme[rows] = place.product
    klass[rows] = words.length
    preexisting[rows++] = (people.chronic[i] as number) & LISTED ? 1 : 0
  }
  const rowsOf = <T extends Int32Array | Uint8Array>(column: T): T => {
    const found = column.slice(0, 0).constructor as new (n: number) => T
    const gathered = new found(rows)
    for (let r = 0; r < rows; r++) gathered[r] = column[person[r] as number] as number
    return gathered
  }
  // Whoever was there before the year has been covered for a year, so that waiting periods are over.
  const before = dayNumber(compose(city.year - 1, 1, 1))
  const from = new Int32Array(people.count)
  const until = new Int32Array(people.count)
  const number = new Int32Array(people.count)
  for (let i = 0; i < people.count; i++) {
    const [left, died] = [people.left[i] as number, people.died[i] as number]
    number[i] = people.first + i
    from[i] = Math.max(before, people.born[i] as number, people.arrived[i] as number)
    until[i] = left && died ? Math.min(left, died) : left || died
  }
  // Day 0 is no day, but 1970-01-01 where there always is one.
  const day = (name: string, values: Int32Array, absent = true): Column => ({
    name,
    kind: 'date',
    values: rowsOf(values),
    absent,
  })
  const word = (name: string, words: readonly string[], values: Uint8Array): Column => ({
    name,
    kind: 'enum',
    words,
    values,
    absent: true,
  })
  writeParquet(
    file,
    [
      { name: 'person', kind: 'integer', values: rowsOf(number) },
      { name: 'household', kind: 'integer', values: rowsOf(people.household) },
      day('born', people.born, false),
      word('sex', SEXES, rowsOf(people.sex)),
      word('category', CATEGORIES, rowsOf(people.category)),
      word('civilServant', ['否', '是'], rowsOf(people.civilServant)),
      word('scheme', schemes, scheme),
      day('from', from, false),
      day('until', until),
      word('class', words, klass),
      word('preexisting', ['无', '有'], preexisting),
      word('chronic', CHRONIC, rowsOf(people.chronic)),
      day('arrived', people.arrived),
      day('left', people.left),
      day('died', people.died),
    ],
    rows,
  )
  return rows
}

/** What city products list as conditions that lower their rate. */
const LISTED = (1 << DISEASES.indexOf('恶性肿瘤')) | (1 << DISEASES.indexOf('透析'))

/** Every combination of diseases as one text; the first is none. */
const CHRONIC = Array.from({ length: 1 << DISEASES.length }, (_, bits) =>
  bits === 0 ? '无' : DISEASES.filter((_, d) => bits & (1 << d)).join('、'),
)

function writeLines(bills: Bills, firstBill: number, file: string): number {
  const bill: number[] = []
  const line: number[] = []
  const name: string[] = []
  const klass: number[] = []
  const amount: number[] = []
  const limit: number[] = []
  const share: number[] = []
  for (let row = 0; row < bills.count; row++) {
    for (const [n, each] of careMaker.lines(bills, row).entries()) {
      bill.push(firstBill + row)
      line.push(n + 1)
      name.push(each.name)
      klass.push(LINE_CLASSES.indexOf(each.class))
      amount.push(each.amount)
      limit.push(each.limitPrice ?? -1)
      share.push(each.upfrontShare === undefined ? 2 : SHARES.indexOf(each.upfrontShare))
    }
  }
  const names = [...new Set(name)]
  const placeOf = new Map(names.map((each, i) => [each, i]))
  writeParquet(
    file,
    [
      { name: 'bill', kind: 'bigint', values: Float64Array.from(bill) },
      { name: 'line', kind: 'integer', values: Int32Array.from(line) },
      {
        name: 'name',
        kind: 'enum',
        words: names,
        values: Uint8Array.from(name, (n) => placeOf.get(n) ?? 0),
      },
      { name: 'class', kind: 'enum', words: LINE_CLASSES, values: Uint8Array.from(klass) },
      { name: 'amount', kind: 'integer', values: Int32Array.from(amount) },
      { name: 'limitPrice', kind: 'integer', values: Int32Array.from(limit), absent: true },
      {
        name: 'upfrontShare',
        kind: 'enum',
        words: SHARES,
        values: Uint8Array.from(share),
        absent: true,
      },
    ],
    bill.length,
  )
  return bill.length
}

const LINE_CLASSES = ['甲', '乙', '丙', '特药'] as const
const SHARES: readonly string[] = ['10%', '100%']
