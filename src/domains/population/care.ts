import { compose, dayNumber } from '#base/plain-date.ts'
import { Random, seedOf } from './random.ts'
import {
  type Bills,
  type City,
  CLASSES,
  DISEASES,
  type Frequency,
  type InventedLine,
  MEDICAL,
  type People,
  type Rates,
} from './types.ts'

const MONTH = 3
const LINES = 4
const OUTPATIENT = MEDICAL.indexOf('普通门诊')
const CHRONIC = MEDICAL.indexOf('门慢特')
const INPATIENT = MEDICAL.indexOf('住院')
const NONE = 255
const CANCER = DISEASES.indexOf('恶性肿瘤')
const EMPLOYEES = [CLASSES.indexOf('在职'), CLASSES.indexOf('退休')]
/** No invented bill is above 20 million yuan, so that every amount of it fits into 32 bits. */
const MOST_FEN = 2_000_000_000

/** Invents the care that persons need. The bills of a person and month are the same wherever they are made. */
export class CareMaker {
  readonly #rates: Rates
  readonly #city: City
  readonly #random = new Random(0)
  readonly #months: readonly { readonly first: number; readonly days: number }[]

  constructor(rates: Rates, city: City) {
    this.#rates = rates
    this.#city = city
    this.#months = Array.from({ length: 12 }, (_, i) => {
      const first = dayNumber(compose(city.year, i + 1, 1))
      const next = dayNumber(compose(i === 11 ? city.year + 1 : city.year, i === 11 ? 1 : i + 2, 1))
      return { first, days: next - first }
    })
  }

  /** The bills of some people in a month, 0 to 11, by the day care ended; within a day, by person. */
  make(people: People, month: number): Bills {
    const rows = new Rows(Math.ceil(people.count / 2) + 1_000)
    const { first, days } = this.#months[month] as { first: number; days: number }
    for (let i = 0; i < people.count; i++) this.#person(people, i, month, first, days, rows)
    return rows.inOrder(first, days)
  }

  #person(people: People, i: number, month: number, first: number, days: number, rows: Rows): void {
    const inpatient = people.inpatient[i] as number
    const outpatient = people.outpatient[i] as number
    const chronic = people.chronicVisits[i] as number
    const expected = inpatient + outpatient + chronic
    const random = this.#random
    const person = people.first + i
    random.begin(seedOf(this.#city.seed, MONTH, person, month))
    const times = random.times(expected)
    if (times === 0) return
    const from = Math.max(people.born[i] as number, people.arrived[i] as number)
    const until = Math.min(
      (people.left[i] as number) || Number.MAX_SAFE_INTEGER,
      (people.died[i] as number) || Number.MAX_SAFE_INTEGER,
    )
    for (let n = 0; n < times; n++) {
      const day = first + random.below(days)
      const what = random.next() * expected
      // The numbers are drawn in any case, so that a death changes no other bill.
      if (what < inpatient) this.#admission(people, i, day, from, until, rows)
      else if (what < inpatient + outpatient) this.#visit(people, i, day, from, until, rows)
      else this.#chronicVisit(people, i, day, from, until, rows)
    }
  }

  #admission(
    people: People,
    i: number,
    day: number,
    from: number,
    until: number,
    rows: Rows,
  ): void {
    const random = this.#random
    const { inpatient, coverage } = this.#rates
    const employee = EMPLOYEES.includes(people.klass[i] as number)
    const place = random.among(inpatient.shareByLevel)
    // Level 1 and below, level 2, level 3.
    const level = place + 1
    const stay = Math.min(90, Math.ceil(-Math.log(1 - random.next()) * inpatient.meanDays))
    const times = employee ? inpatient.employeesCostTimes : 1
    const cost = this.#cost(inpatient, place, times)
    const ill = (people.chronic[i] as number) & (1 << CANCER)
    const special = ill ? Math.floor(cost * coverage.specialDrug * random.next() * 2) : 0
    if (day - stay < from || day > until) return
    rows.add(people.first + i, day - stay, day, INPATIENT, level, NONE)
    this.#divide(rows, cost, 0, special)
  }

  #visit(people: People, i: number, day: number, from: number, until: number, rows: Rows): void {
    const { outpatient } = this.#rates
    const place = this.#random.among(outpatient.shareByLevel)
    const cost = this.#cost(outpatient, place, 1)
    if (day < from || day > until) return
    rows.add(people.first + i, day, day, OUTPATIENT, place, NONE)
    this.#divide(rows, cost, 1, 0)
  }

  #chronicVisit(
    people: People,
    i: number,
    day: number,
    from: number,
    until: number,
    rows: Rows,
  ): void {
    const random = this.#random
    const ill = people.chronic[i] as number
    let left = random.next() * (people.chronicVisits[i] as number) * 12
    let disease = 0
    for (const [d, { visits }] of this.#rates.chronicVisits.entries()) {
      if (!(ill & (1 << d))) continue
      disease = d
      left -= visits
      if (left < 0) break
    }
    const level = random.among(this.#rates.outpatient.shareByLevel)
    const usual = this.#rates.chronicVisits[disease]?.cost ?? 0
    const cost = Math.max(100, Math.round(usual * 100 * (0.5 + random.next())))
    if (day < from || day > until) return
    rows.add(people.first + i, day, day, CHRONIC, level, disease)
    this.#divide(rows, cost, 1, 0)
  }

  /** Lognormal about the published mean of the level, in fen. */
  #cost({ costByLevel, spread }: Frequency, place: number, times: number): number {
    const mean = (costByLevel[place] as number) * 100 * times
    const drawn = mean * Math.exp(spread * this.#random.normal() - (spread * spread) / 2)
    return Math.min(MOST_FEN, Math.max(100, Math.round(drawn)))
  }

  /** The parts of a cost, each drawn about its share. What is left of them is in scope. */
  #divide(rows: Rows, cost: number, at: number, special: number): void {
    const random = this.#random
    const { coverage } = this.#rates
    const rest = cost - special
    const part = (shares: readonly number[]) =>
      Math.floor(rest * (shares[at] as number) * random.next() * 2)
    const outOfScope = part(coverage.outOfScope)
    const upfront = part(coverage.upfront)
    const overLimit = part(coverage.overLimit)
    rows.parts(rest - outOfScope - upfront - overLimit, upfront, overLimit, outOfScope, special)
  }

  /** The charges of one bill of a chunk. They come to exactly the parts of the bill. */
  lines(bills: Bills, row: number): InventedLine[] {
    const random = this.#random
    const person = bills.person[row] as number
    random.begin(seedOf(this.#city.seed, LINES, person, (bills.discharged[row] as number) ^ row))
    const part = (column: Int32Array) => column[row] as number
    const upfront = part(bills.upfront)
    const lines: InventedLine[] = []
    const add = (
      name: string,
      klass: InventedLine['class'],
      amount: number,
      more: Partial<InventedLine> = {},
    ) => {
      if (amount > 0)
        lines.push({
          name,
          class: klass,
          amount,
          limitPrice: undefined,
          upfrontShare: undefined,
          ...more,
        })
    }
    let left = part(bills.inScope)
    // Ten times the upfront share as 乙 at 10% gives it back to the fen; the smallest bills take it at 100%.
    if (left >= upfront * 9) {
      add('乙类药品', '乙', upfront * 10, { upfrontShare: '10%' })
      left -= upfront * 9
    } else add('乙类药品', '乙', upfront, { upfrontShare: '100%' })
    const over = part(bills.overLimit)
    const limit = Math.floor(left / 4)
    if (over > 0) {
      add('耗材', '甲', limit + over, { limitPrice: limit })
      left -= limit
    }
    const pieces = bills.medical[row] === INPATIENT ? 4 + random.below(9) : 1 + random.below(3)
    for (let n = 1; n <= pieces; n++) {
      const amount = n === pieces ? left : Math.floor((left / (pieces - n + 1)) * random.next())
      add(NAMES[n % NAMES.length] as string, '甲', amount)
      left -= amount
    }
    add('自费项目', '丙', part(bills.outOfScope))
    add('特药', '特药', part(bills.specialDrug))
    return lines
  }
}

const NAMES = ['床位费', '西药费', '化验费', '检查费', '治疗费', '护理费', '手术费', '诊查费']

/** Columns that grow, and are put in order by day once they are full. */
class Rows {
  #columns: Bills
  #count = 0

  constructor(capacity: number) {
    this.#columns = emptyBills(capacity)
  }

  add(
    person: number,
    admitted: number,
    discharged: number,
    medical: number,
    level: number,
    disease: number,
  ): void {
    if (this.#count === this.#columns.person.length) this.#grow()
    const at = this.#count++
    const to = this.#columns
    to.person[at] = person
    to.admitted[at] = admitted
    to.discharged[at] = discharged
    to.medical[at] = medical
    to.level[at] = level
    to.disease[at] = disease
  }

  parts(
    inScope: number,
    upfront: number,
    overLimit: number,
    outOfScope: number,
    specialDrug: number,
  ): void {
    const at = this.#count - 1
    const to = this.#columns
    to.inScope[at] = inScope
    to.upfront[at] = upfront
    to.overLimit[at] = overLimit
    to.outOfScope[at] = outOfScope
    to.specialDrug[at] = specialDrug
  }

  #grow(): void {
    const larger = emptyBills(this.#columns.person.length * 2)
    for (const name of COLUMNS) larger[name].set(this.#columns[name])
    this.#columns = larger
  }

  /** A counting sort by the day care ended; persons keep their order within a day. */
  inOrder(first: number, days: number): Bills {
    const from = this.#columns
    const count = this.#count
    const starts = new Int32Array(days + 1)
    for (let i = 0; i < count; i++) {
      const after = (from.discharged[i] as number) - first + 1
      starts[after] = (starts[after] as number) + 1
    }
    for (let d = 0; d < days; d++) starts[d + 1] = (starts[d + 1] as number) + (starts[d] as number)
    const place = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const day = (from.discharged[i] as number) - first
      place[i] = starts[day] as number
      starts[day] = (starts[day] as number) + 1
    }
    const to = { ...emptyBills(count), count }
    for (const name of COLUMNS) {
      const [source, target] = [from[name], to[name]]
      for (let i = 0; i < count; i++) target[place[i] as number] = source[i] as number
    }
    return to
  }
}

const COLUMNS = [
  'person',
  'admitted',
  'discharged',
  'medical',
  'level',
  'disease',
  'inScope',
  'upfront',
  'overLimit',
  'outOfScope',
  'specialDrug',
] as const

function emptyBills(capacity: number): Bills {
  return {
    count: 0,
    person: new Int32Array(capacity),
    admitted: new Int32Array(capacity),
    discharged: new Int32Array(capacity),
    medical: new Uint8Array(capacity),
    level: new Uint8Array(capacity),
    disease: new Uint8Array(capacity),
    inScope: new Int32Array(capacity),
    upfront: new Int32Array(capacity),
    overLimit: new Int32Array(capacity),
    outOfScope: new Int32Array(capacity),
    specialDrug: new Int32Array(capacity),
  }
}
