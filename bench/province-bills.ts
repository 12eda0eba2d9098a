/** Nine months of care of a province of residents: which bills there are, and how dear care has to be for the source's count. */
import { readFileSync } from 'node:fs'
import { readInput } from '#app/input.ts'
import type { Fen } from '#base/money.ts'
import { dateOfDay } from '#base/plain-date.ts'
import {
  BLOCK,
  CareMaker,
  CLASSES,
  DISEASES,
  LEVELS,
  MEDICAL,
  PeopleMaker,
  readRates,
} from '#domains/population/index.ts'
import { type Bill, createSettler, type Person } from '#domains/settlement/index.ts'
import { BOOK } from './enrolled.ts'
import { idOf, personOf } from './invented-persons.ts'

export const YEAR = 2025
export const MONTHS = 9
/** The numbers of the province's bills; the demonstration has others. */
export const OWN_BILLS = `${YEAR}__-_______`
const RATES = 'rates/china.rates.yaml'
const SEED = 1
const BLOCKS_AT_ONCE = 50
const RESIDENTS = ['成年居民', '学生儿童', '大学生'].map((of) => CLASSES.indexOf(of as '成年居民'))
const INPATIENT = MEDICAL.indexOf('住院')
const CHRONIC = MEDICAL.indexOf('门慢特')
/** Outpatient care that critical-illness insurance looks at: of these, other visits are left out. */
const GRAVE = ['恶性肿瘤', '透析'].map((of) => DISEASES.indexOf(of as '透析'))
const PARTS = ['inScope', 'upfront', 'overLimit', 'outOfScope', 'specialDrug'] as const
const HOSPITALS = 400
const NONE = 255

/** The bills of a month by the day care ended, as columns; amounts in fen. `person` is the place in the province. */
export type MonthOfBills = {
  readonly count: number
  readonly columns: Int32Array
}

/** person, admitted, discharged, medical, level, disease, and the parts. */
const WIDTH = 6 + PARTS.length

class Rows {
  #rows = new Int32Array(WIDTH * 1024)
  #count = 0

  add(row: readonly number[]): void {
    const at = this.#count++ * WIDTH
    if (at + WIDTH > this.#rows.length) {
      const more = new Int32Array(this.#rows.length * 2)
      more.set(this.#rows)
      this.#rows = more
    }
    this.#rows.set(row, at)
  }

  done(): MonthOfBills {
    return { count: this.#count, columns: this.#rows }
  }
}

/**
 * Draws what so many residents need in nine months: every admission, and every visit for cancer or dialysis. The residents
 * of an invented city, in their order, are the persons of the province.
 */
export function drawBills(insured: number, onPerson: (done: number) => void): MonthOfBills[] {
  const rates = readRates(RATES, readFileSync(RATES, 'utf8'))
  const most = Math.ceil((insured * 3) / BLOCK) * BLOCK + BLOCK * BLOCKS_AT_ONCE
  const city = { persons: most, year: YEAR, seed: SEED }
  const people = new PeopleMaker(rates, city)
  const care = new CareMaker(rates, city)
  const months = Array.from({ length: MONTHS }, () => new Rows())
  let done = 0
  for (let first = 1; done < insured; first += BLOCK * BLOCKS_AT_ONCE) {
    const some = people.make(first, first + BLOCK * BLOCKS_AT_ONCE)
    const places = new Int32Array(some.count).fill(-1)
    for (let i = 0; i < some.count && done < insured; i++)
      if (RESIDENTS.includes(some.klass[i] as number)) places[i] = done++
    for (const [month, rows] of months.entries()) {
      const bills = care.make(some, month)
      for (let b = 0; b < bills.count; b++) {
        const place = places[(bills.person[b] as number) - first] as number
        const [medical, disease] = [bills.medical[b] as number, bills.disease[b] as number]
        const counts = medical === INPATIENT || (medical === CHRONIC && GRAVE.includes(disease))
        if (place < 0 || !counts) continue
        const days = [bills.admitted[b] as number, bills.discharged[b] as number]
        const parts = PARTS.map((part) => bills[part][b] as number)
        rows.add([place, ...days, medical, bills.level[b] as number, disease, ...parts])
      }
    }
    onPerson(done)
  }
  return months.map((rows) => rows.done())
}

/** One bill of each kind as the program reads it; the others differ in person, days and amounts alone. */
const patterns = new Map<string, Bill>()

function patternOf(medical: number, level: number, disease: number): Bill {
  const name = `${medical} ${level} ${disease}`
  const known = patterns.get(name)
  if (known) return known
  const answers = {
    medical: MEDICAL[medical],
    level: LEVELS[level],
    ...(disease === NONE ? {} : { disease: DISEASES[disease] }),
  }
  const on = `${YEAR}-01-01`
  const days = { admitted: on, discharged: on, settled: on }
  const upload = {
    amounts: 'fen',
    persons: [personOf(0)].map(({ id, born }) => ({ id, born, covers: [] })),
    bills: [{ id: 'b', person: idOf(0), ...days, answers, parts: { inScope: 100 } }],
  }
  const [read] = readInput('pattern', JSON.stringify(upload), BOOK.vocabulary).bills
  if (!read) throw new Error('one bill was given')
  patterns.set(name, read)
  return read
}

/** The n-th bill of a month, its amounts `times` as high as they were drawn. */
export function billOf(month: number, { columns }: MonthOfBills, n: number, times: number): Bill {
  const row = columns.subarray(n * WIDTH, (n + 1) * WIDTH)
  const [person, admitted, discharged, medical, level, disease, ...amounts] = row as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    ...number[],
  ]
  const pattern = patternOf(medical, level, disease)
  const id = `${YEAR}${String(month + 1).padStart(2, '0')}-${String(n + 1).padStart(7, '0')}`
  const parts = { ...pattern.parts, inScope: 0 as Fen }
  let total = 0
  for (const [i, name] of PARTS.entries()) {
    parts[name] = Math.round((amounts[i] ?? 0) * times) as Fen
    total += parts[name]
  }
  const [from, until] = [dateOfDay(admitted), dateOfDay(discharged)]
  return {
    ...pattern,
    id,
    person: idOf(person),
    admitted: from,
    discharged: until,
    settled: until,
    stay: `${from}/${id}`,
    days: Math.max(1, discharged - admitted),
    institution: hospitalOf((person * 7 + level) % HOSPITALS),
    total: total as Fen,
    parts,
  }
}

export const hospitalOf = (n: number): string => `H${String(n + 1).padStart(4, '0')}`
export const hospitals = (): string[] => Array.from({ length: HOSPITALS }, (_, n) => hospitalOf(n))

export const CRITICAL = 'residentCriticalIllness'

/** What critical-illness insurance pays for some of the persons: how often, and how much. */
export function paysFor(
  months: readonly MonthOfBills[],
  persons: number,
  times: number,
): { readonly paid: number; readonly amount: number; readonly bills: number } {
  const settler = createSettler(BOOK, { allowUndated: true, today: dateOfDay(LAST_DAY) })
  const totals = new Map<number, Parameters<typeof settler.settle>[2]>()
  const known = new Map<number, Person>()
  let [paid, amount, bills] = [0, 0, 0]
  for (const [month, drawn] of months.entries())
    for (let n = 0; n < drawn.count; n++) {
      const place = drawn.columns[n * WIDTH] as number
      if (place >= persons) continue
      const person = known.get(place) ?? personOf(place)
      known.set(place, person)
      const done = settler.settle(
        billOf(month, drawn, n, times),
        person,
        totals.get(place) ?? new Map(),
      )
      if (!done.ok) throw new Error(JSON.stringify(done.error))
      totals.set(place, done.value.totals)
      const critical = done.value.payers[CRITICAL] ?? 0
      bills++
      amount += critical
      if (critical > 0) paid++
    }
  return { paid, amount, bills }
}

/** The last day of the year, so that no bill of it lies ahead. */
const LAST_DAY = Math.floor(Date.UTC(YEAR, 11, 31) / 86_400_000)

/** How many times as dear as drawn care has to be for payments to reach a share of the insured, by halving on some of them. */
export function timesFor(months: readonly MonthOfBills[], persons: number, share: number): number {
  let [low, high] = [0.25, 8]
  for (let i = 0; i < 10; i++) {
    const middle = Math.sqrt(low * high)
    if (paysFor(months, persons, middle).paid / persons < share) low = middle
    else high = middle
  }
  return Number(Math.sqrt(low * high).toFixed(3))
}
