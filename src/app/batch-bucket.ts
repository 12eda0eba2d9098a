import assert from 'node:assert/strict'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import {
  type Amounts,
  type Bill,
  type BillRows,
  billOf,
  ColumnSettler,
  type CountedBill,
  capBit,
  createSettler,
  type FundTotal,
  type Movement,
  type Person,
  type Persons,
  personOf,
  planNumber,
  type Refusal,
  type ResultSink,
  replay,
  type SchemeBook,
  type Settlement,
  type Settler,
  type Totals,
  weightOf,
} from '#domains/settlement/index.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { type RawRow, rawBill, rawPerson } from './batch-raw.ts'
import type { RowStore } from './batch-rows.ts'
import { type Input, type InputPerson, readInput } from './input.ts'
import { InputError } from './input-fault.ts'
import { type Items, NO_ITEMS } from './items.ts'
import { describeRefusal } from './messages.ts'

/** A bill that is not settled, and why: its row cannot be read, or the rules refuse it. */
export type Reject = {
  readonly bill: string
  readonly person: string
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly kind: 'input' | 'refusal'
}

/** Counts and sums of bills, in fen. */
export type Tally = {
  bills: number
  cost: number
  settled: number
  settledCost: number
  paid: number
  patient: number
  benefits: number
  refused: number
  refusedCost: number
  rejected: number
  /** Of rows that could not be read: what their amounts come to, as far as they are amounts. */
  rejectedCost: number
}

export const emptyTally = (): Tally => ({
  bills: 0,
  cost: 0,
  settled: 0,
  settledCost: 0,
  paid: 0,
  patient: 0,
  benefits: 0,
  refused: 0,
  refusedCost: 0,
  rejected: 0,
  rejectedCost: 0,
})

/** The results of one bucket, in the order of persons and days. Rows that were rejected are left out. */
export type BucketResult = {
  readonly rows: number
  readonly bill: Float64Array
  readonly names: readonly string[] | undefined
  readonly person: Int32Array
  readonly plan: Int32Array
  readonly paid: readonly Amounts[]
  readonly thirdParty: Float64Array | undefined
  readonly benefits: Float64Array | undefined
  readonly patient: Amounts
  readonly codes: ResultSink['codes']
  readonly capped: ResultSink['capped']
  readonly persons: {
    readonly rows: number
    readonly person: Int32Array
    readonly bills: Int32Array
    readonly cost: Float64Array
    readonly patient: Float64Array
  }
  readonly rejects: readonly Reject[]
  readonly tally: Tally
  /** What each tier paid. */
  readonly funds: readonly FundTotal[]
  readonly hash: bigint
}

/** The rows behind persons whom columns cannot hold, by number. */
export type RowsItself = ReadonlyMap<number, readonly string[]>

/** A person as a server keeps one: with what was there before the first of these bills, and what moved the accounts. */
export type KeptPerson = {
  readonly person: Person
  readonly opening: Readonly<Record<string, number>>
  readonly movements: readonly Movement[]
}
type KnownPerson = InputPerson & { readonly movements?: readonly Movement[] }

/** A bill as a server keeps it: it was read when it came, and is not judged again. */
function keptBill(text: unknown): Bill {
  const bill = JSON.parse(String(text)) as Bill
  const sum = Object.values(bill.parts).reduce((total: number, part) => total + part, 0)
  assert.equal(sum, bill.total, `the parts of bill ${bill.id} add up to it`)
  return bill
}

/** Settles buckets of bills: in columns where a person's bills allow it, and else one by one like a live bill. */
export class BucketSettler {
  readonly #book: SchemeBook
  readonly #persons: Persons
  readonly #personNames: readonly string[] | undefined
  readonly #itself: RowsItself
  readonly #answers: readonly Attributes[]
  readonly #columns: ColumnSettler
  readonly #settler: Settler
  readonly #items: Items
  readonly #codes: boolean
  readonly #caps: boolean
  readonly #plans = new Map<string, number>()
  readonly #space = new Space()
  /** Places in the order of the bucket at hand whose bills are not settled. */
  readonly #rejected = new Set<number>()
  readonly #funds = new Map<string, { total: FundTotal; payments: number; paid: number }>()
  /** How many bills went the general way so far. */
  general = 0

  constructor(
    book: SchemeBook,
    persons: Persons,
    options: {
      readonly allowUndated: boolean
      readonly today: PlainDate
      readonly answers: readonly Attributes[]
      readonly personNames: readonly string[] | undefined
      readonly itself: RowsItself
      readonly codes: boolean
      /** Tells which tiers a cap cut. */
      readonly caps: boolean
      readonly items?: Items
    },
  ) {
    this.#book = book
    this.#persons = persons
    this.#personNames = options.personNames
    this.#itself = options.itself
    this.#answers = options.answers
    this.#columns = new ColumnSettler(book, persons, options.answers, options)
    this.#settler = createSettler(book, options)
    this.#items = options.items ?? NO_ITEMS
    this.#codes = options.codes
    this.#caps = options.caps
  }

  /** Which scheme and tiers each plan number stands for. */
  plans(): Record<string, { readonly scheme: string; readonly tiers: readonly string[] }> {
    const all = [...this.#columns.plans, ...this.#plans]
    return Object.fromEntries(
      all.map(([name, number]) => {
        const [scheme = '', ...tiers] = name.split('\n')
        return [number, { scheme, tiers }]
      }),
    )
  }

  get codeKeys(): readonly (readonly string[])[] {
    return this.#columns.codeKeys
  }

  /** What each tier paid since this was last asked. */
  #takeFunds(): FundTotal[] {
    const all = [
      ...this.#columns.takeFunds(),
      ...[...this.#funds.values()].map(({ total, payments, paid }) => ({
        ...total,
        payments,
        paid,
      })),
    ]
    this.#funds.clear()
    const merged = new Map<string, FundTotal>()
    for (const each of all) addFund(merged, each)
    return [...merged.values()]
  }

  /** The arrays of a result hold until the next bucket. */
  settle(store: RowStore): BucketResult {
    const before = this.general
    try {
      return this.#settle(store, false)
    } catch (error) {
      if (!(error instanceof TooDear)) throw error
      this.#takeFunds()
      this.general = before
      return this.#settle(store, true)
    }
  }

  #settle(store: RowStore, wide: boolean): BucketResult {
    this.#rejected.clear()
    store.sort()
    const { rows } = store
    const n = store.count
    const tiers = Math.max(1, this.#columns.mostTiers())
    const place = (name: string) =>
      wide ? this.#space.doubles(name, n) : this.#space.ints(name, n)
    const sink: ResultSink = {
      paid: Array.from({ length: tiers }, (_, t) => place(`paid ${t}`).fill(0)),
      patient: place('patient'),
      cost: place('cost'),
      weighed: this.#space.doubles('weighed', n),
      plan: this.#space.ints('plan', n),
      codes: this.#codes ? { keys: new Int32Array(n).fill(-1), values: [] } : undefined,
      capped: this.#caps ? this.#space.ints('capped', n).fill(0) : undefined,
    }
    const general = new GeneralResults([...sink.paid], n)
    const rejects: Reject[] = []
    const tally = emptyTally()
    this.#columns.settle(rows, sink, (from, end) =>
      this.#general(store, rows, from, end, sink, general, rejects, tally),
    )
    return this.#collect(store, rows, sink, general, rejects, tally)
  }

  /** One person's bills, one after another, by the code that settles a live bill. */
  #general(
    store: RowStore,
    rows: BillRows,
    from: number,
    end: number,
    sink: ResultSink,
    general: GeneralResults,
    rejects: Reject[],
    tally: Tally,
  ): void {
    const number = rows.person[from] as number
    const first = store.itself.get(from)
    const name =
      number >= 0
        ? (this.#personNames?.[number] ?? String(number))
        : String((JSON.parse(first ?? '{}') as RawRow).person ?? '')
    const found = this.#person(number, name)
    let totals: Totals = found.ok ? found.value.totals : new Map()
    const replayed =
      found.ok && found.value.movements
        ? this.#replayed(found.value, found.value.movements, store, from, end)
        : undefined
    for (let k = from; k < end; k++) {
      const id = store.names?.[k] ?? String(rows.bill[k])
      sink.plan[k] = REJECTED
      this.general++
      const turn = (kind: Reject['kind'], code: string, zh: string, en: string, cost: number) => {
        this.#rejected.add(k)
        rejects.push({ bill: id, person: name, code, zh, en, kind })
        if (kind === 'input') {
          tally.rejected++
          tally.rejectedCost += cost
        } else {
          tally.refused++
          tally.refusedCost += cost
        }
      }
      const read = found.ok ? this.#bill(store, rows, k, found.value, id) : found
      // The amounts of a row that columns cannot hold are known once it is read.
      if (store.itself.has(k)) tally.cost += read.ok ? read.value.total : costOf(rows, k)
      if (!found.ok || !read.ok) {
        const { code, zh, en } = found.ok ? (read as { error: Fault }).error : found.error
        turn('input', code, zh, en, costOf(rows, k))
        continue
      }
      const settled =
        replayed?.get(read.value.id) ?? this.#telling.settle(read.value, found.value.person, totals)
      if (!settled.ok) {
        const { zh, en } = describeRefusal(settled.error, this.#book.vocabulary)
        turn('refusal', settled.error.code, zh, en, read.value.total)
        continue
      }
      totals = settled.value.totals
      this.#write(settled.value, k, sink, general, tally)
    }
  }

  /** The bills of a person as a server keeps them, all together: in their order, and from accounts by their days. */
  #replayed(
    { person, totals }: InputPerson,
    movements: readonly Movement[],
    store: RowStore,
    from: number,
    end: number,
  ): ReadonlyMap<string, Result<Settlement, Refusal>> {
    const bills: CountedBill[] = []
    for (let k = from; k < end; k++) {
      const { kept } = JSON.parse(store.itself.get(k) ?? '{}') as RawRow
      if (kept === undefined || kept === null) continue
      const settler = this.#telling
      bills.push({ bill: keptBill(kept), rules: 0, settler, standing: undefined, own: true })
    }
    const done = replay({ person, bills, movements, opening: Object.fromEntries(totals) })
    return new Map(
      done.bills.map(({ bill, settlement, refusal }) => [
        bill.id,
        settlement ? ok(settlement) : err(refusal as Refusal),
      ]),
    )
  }

  /** Tiers that a cap cut, of the bills at hand, where that is wanted. */
  readonly #cut = new Map<string, readonly string[]>()

  /** Settles as it is; where it is to be told which caps cut, by the steps of an explanation. */
  readonly #telling: Pick<Settler, 'settle'> = {
    settle: (bill, person, totals) => {
      if (!this.#caps) return this.#settler.settle(bill, person, totals)
      const explained = this.#settler.explain(bill, person, totals)
      if (!explained.ok) return explained
      const cut = explained.value.steps.flatMap((step) =>
        step.step === 'cap' && step.cut > 0 ? [step.tier] : [],
      )
      if (cut.length > 0) this.#cut.set(bill.id, cut)
      return ok(explained.value.settlement)
    },
  }

  #write(
    settlement: Settlement,
    k: number,
    sink: ResultSink,
    general: GeneralResults,
    tally: Tally,
  ): void {
    if (settlement.total > LARGEST && sink.patient instanceof Int32Array) throw new TooDear()
    const [first, ...rest] = settlement.tiers
    const liable = first?.payer === 'liableThirdParty'
    const tiers = liable ? rest : settlement.tiers
    if (liable) general.thirdParty(k, first.paid)
    let weighed: number = settlement.patient
    for (const [t, { paid }] of tiers.entries()) {
      general.paid(t)[k] = paid
      weighed += weightOf(t) * paid
    }
    for (let t = tiers.length; t < general.columns.length; t++) general.paid(t)[k] = 0
    if (sink.capped) {
      const cut = this.#cut.get(settlement.bill) ?? []
      sink.capped[k] = tiers.reduce(
        (bits, { tier }, place) => (cut.includes(tier) ? bits | capBit(place) : bits),
        0,
      )
      this.#cut.delete(settlement.bill)
    }
    sink.patient[k] = settlement.patient
    sink.cost[k] = settlement.total
    sink.weighed[k] = weighed
    sink.plan[k] = planNumber(this.#plans, settlement.scheme, tiers)
    const benefits = settlement.benefits.reduce((sum, { amount }) => sum + amount, 0)
    if (benefits > 0) general.benefits(k, benefits)
    tally.benefits += benefits
    for (const { tier, payer, paid, period = '' } of tiers) {
      if (paid === 0) continue
      const total = { tier, payer, period, scheme: settlement.scheme, payments: 0, paid: 0 }
      const key = fundKey(total)
      const known = this.#funds.get(key) ?? { total, payments: 0, paid: 0 }
      known.payments++
      known.paid += paid
      this.#funds.set(key, known)
    }
  }

  #person(number: number, name: string): Outcome<KnownPerson> {
    const itself = this.#itself.get(number)
    const profile = number < 0 ? -1 : (this.#persons.profileOf[number] ?? -1)
    if (!itself && profile < 0) {
      return {
        ok: false,
        error: {
          code: 'unknown_person',
          zh: `参保人员文件里没有 ${name}`,
          en: `the files of persons have no ${name}`,
        },
      }
    }
    if (!itself)
      return {
        ok: true,
        value: { person: personOf(this.#persons, number, name), totals: new Map() },
      }
    const raw = itself.map((text) => JSON.parse(text) as RawRow)
    const [{ kept } = {}] = raw
    if (typeof kept === 'string') {
      const { person, opening, movements } = JSON.parse(kept) as KeptPerson
      const known = this.#withCovers(person, raw.slice(1))
      if (!known.ok) return known
      const totals = new Map(Object.entries(opening))
      return { ok: true, value: { person: known.value, totals, movements } }
    }
    const input = this.#read({ persons: [rawPerson(raw, name, this.#book.vocabulary)], bills: [] })
    if (!input.ok) return input
    return { ok: true, value: input.value.persons[0] as InputPerson }
  }

  /** Somebody as a server keeps them, with the covers that further rows add. */
  #withCovers(person: Person, rows: readonly RawRow[]): Outcome<Person> {
    if (rows.length === 0) return { ok: true, value: person }
    const added = rawPerson(rows, person.id, this.#book.vocabulary)
    const read = this.#read({ persons: [added], bills: [] })
    if (!read.ok) return read
    const covers = read.value.persons.flatMap((each) => each.person.covers)
    return { ok: true, value: { ...person, covers: [...person.covers, ...covers] } }
  }

  #bill(
    store: RowStore,
    rows: BillRows,
    row: number,
    { person }: { readonly person: Person },
    id: string,
  ): Outcome<Bill> {
    const itself = store.itself.get(row)
    if (itself === undefined)
      return { ok: true, value: billOf(rows, row, this.#answers, { bill: id, person: person.id }) }
    const raw = JSON.parse(itself) as RawRow
    if (raw.kept !== undefined && raw.kept !== null) return { ok: true, value: keptBill(raw.kept) }
    const input = this.#read({
      persons: [{ id: person.id, covers: [] }],
      bills: [rawBill({ ...raw, bill: id }, person.id, this.#book.vocabulary)],
    })
    if (!input.ok) return input
    return { ok: true, value: input.value.bills[0] as Bill }
  }

  /** The one reader of input judges it, so a batch refuses what the command and the server refuse. */
  #read(content: { persons: readonly object[]; bills: readonly object[] }): Outcome<Input> {
    try {
      const text = JSON.stringify({ amounts: 'fen', ...content })
      return { ok: true, value: readInput('batch', text, this.#book.vocabulary, this.#items) }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const { code, what } = error.fault
      const at = error.place.path.replace(/^(bills|persons)\[0\]\.?/, '')
      const where = at === '' ? '' : `${at}: `
      return { ok: false, error: { code, zh: `${where}${what.zh}`, en: `${where}${what.en}` } }
    }
  }

  /** Leaves rejected rows out, adds up, and hashes. */
  #collect(
    store: RowStore,
    rows: BillRows,
    sink: ResultSink,
    general: GeneralResults,
    rejects: readonly Reject[],
    tally: Tally,
  ): BucketResult {
    const { columns, liable, beside } = general
    const { patient, cost, weighed, plan, codes, capped } = sink
    let { bill, person } = rows
    let { names } = store
    if (rejects.length > 0) {
      bill = this.#space.doubles('bill', store.count)
      bill.set(rows.bill)
      person = this.#space.ints('person', store.count)
      person.set(rows.person)
      names = names?.filter((_, k) => !this.#rejected.has(k))
      const others = [liable, beside, capped].filter((each) => each !== undefined)
      const kept = codes ? [codes.keys, ...codes.values] : []
      leaveOut(plan, [bill, person, ...columns, patient, cost, weighed, ...others, ...kept])
    }
    const settled = store.count - rejects.length
    const persons = this.#ofPersons(person, cost, patient, settled)
    const hash = new ResultHash()
    strides(settled, (from, end) => hash.add(bill, weighed, from, end))
    const funds = this.#takeFunds()
    tally.bills = store.count
    tally.settled = settled
    for (const { paid } of funds) tally.paid += paid
    if (liable) for (let k = 0; k < settled; k++) tally.paid += liable[k] as number
    strides(persons.rows, (from, end) => {
      tally.settledCost += sumOf(persons.cost, from, end)
      tally.patient += sumOf(persons.patient, from, end)
    })
    tally.cost += costRead(rows, store)
    return {
      rows: settled,
      bill,
      names,
      person,
      plan,
      paid: columns,
      thirdParty: liable,
      benefits: beside,
      patient,
      codes,
      capped,
      persons,
      rejects,
      tally,
      funds,
      hash: hash.value,
    }
  }

  /** Adds up each person's bills. */
  #ofPersons(
    person: Int32Array,
    cost: Amounts,
    patient: Amounts,
    n: number,
  ): BucketResult['persons'] {
    const who = this.#space.ints('persons', n)
    const bills = this.#space.ints('bills of persons', n)
    const costs = this.#space.doubles('cost of persons', n)
    const patients = this.#space.doubles('share of persons', n)
    bills.fill(0)
    costs.fill(0)
    patients.fill(0)
    let rows = 0
    strides(n, (from, end) => {
      for (let k = from; k < end; k++) {
        const one = person[k] as number
        if (rows === 0 || who[rows - 1] !== one) who[rows++] = one
        const at = rows - 1
        bills[at] = (bills[at] as number) + 1
        costs[at] = (costs[at] as number) + (cost[k] as number)
        patients[at] = (patients[at] as number) + (patient[k] as number)
      }
    })
    return { rows, person: who, bills, cost: costs, patient: patients }
  }
}

/** Loops that are called for some rows at a time are compiled well once, and not in the middle of every bucket. */
const STRIDE = 4_096
const strides = (n: number, each: (from: number, end: number) => void): void => {
  for (let from = 0; from < n; from += STRIDE) each(from, Math.min(n, from + STRIDE))
}

function sumOf(values: Amounts, from: number, end: number): number {
  let sum = 0
  for (let i = from; i < end; i++) sum += values[i] as number
  return sum
}

/** What was read, added up apart from what became of it: the summary compares the two. */
function costRead(rows: BillRows, store: RowStore): number {
  let cost = 0
  for (const { values } of rows.parts)
    strides(values.length, (from, end) => {
      cost += sumOf(values, from, end)
    })
  for (const row of store.itself.keys())
    for (const { values } of rows.parts) cost -= values[row] as number
  return cost
}

/** Moves what was settled to the front of each column. */
function leaveOut(plan: Int32Array, columns: readonly Amounts[]): void {
  let to = 0
  for (let k = 0; k < plan.length; k++) {
    if (plan[k] === REJECTED) continue
    for (const column of columns) column[to] = column[k] as number
    plan[to++] = plan[k] as number
  }
}

/** A bill that does not fit into 32 bits, which the columns of most buckets have. */
class TooDear extends Error {}

const LARGEST = 2_147_483_647

/** Columns that are used again for every bucket: a bucket's results are written before the next is begun. */
class Space {
  readonly #ints = new Map<string, Int32Array>()
  readonly #doubles = new Map<string, Float64Array>()

  ints(name: string, n: number): Int32Array {
    const known = this.#ints.get(name)
    const found = known && known.length >= n ? known : new Int32Array(n)
    this.#ints.set(name, found)
    return found.subarray(0, n)
  }

  doubles(name: string, n: number): Float64Array {
    const known = this.#doubles.get(name)
    const found = known && known.length >= n ? known : new Float64Array(n)
    this.#doubles.set(name, found)
    return found.subarray(0, n)
  }
}

const REJECTED = -1

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Fault }

type Fault = { readonly code: string; readonly zh: string; readonly en: string }

function costOf({ parts }: BillRows, row: number): number {
  return parts.reduce((sum, { values }) => sum + Math.max(0, values[row] as number), 0)
}

/** Columns that only bills of the general way need, made when the first of them comes. */
class GeneralResults {
  readonly columns: Amounts[]
  readonly #rows: number
  liable: Float64Array | undefined
  beside: Float64Array | undefined

  constructor(columns: Amounts[], rows: number) {
    this.columns = columns
    this.#rows = rows
  }

  paid(tier: number): Amounts {
    while (this.columns.length <= tier) this.columns.push(new Float64Array(this.#rows))
    return this.columns[tier] as Amounts
  }

  thirdParty(at: number, amount: number): void {
    this.liable ??= new Float64Array(this.#rows)
    this.liable[at] = amount
  }

  benefits(at: number, amount: number): void {
    this.beside ??= new Float64Array(this.#rows)
    this.beside[at] = amount
  }
}

const HASH_PRIME = 2_147_483_647
const HASH_IDS = 1_048_573
const HALF = 67_108_864

/**
 * A hash of result rows that does not depend on their order: the sum over rows of
 * (patient + 3 · paid_1 + 5 · paid_2 + …) mod 2147483647, times (bill mod 1048573 + 1); modulo 2^64. Whole numbers that any
 * engine can compute.
 */
export class ResultHash {
  #high = 0
  #low = 0

  /** Some rows: numbers of bills, and what `weightOf` makes of each. */
  add(bill: Float64Array, weighed: Float64Array, from: number, end: number): void {
    let [sumHigh, sumLow] = [0, 0]
    for (let k = from; k < end; k++) {
      const one = weighed[k] as number
      const id = bill[k] as number
      const left = one < HASH_PRIME ? one : one - Math.floor(one / HASH_PRIME) * HASH_PRIME
      const row = left * (id - Math.floor(id / HASH_IDS) * HASH_IDS + 1)
      const high = Math.floor(row / HALF)
      sumHigh += high
      sumLow += row - high * HALF
    }
    this.#high += sumHigh
    this.#low += sumLow
  }

  get value(): bigint {
    return (BigInt(this.#high) * BigInt(HALF) + BigInt(this.#low)) % 2n ** 64n
  }
}

export const hashText = (hash: bigint): string => hash.toString(16).padStart(16, '0')

export const fundKey = ({ scheme, tier, period }: FundTotal): string =>
  `${scheme}\n${tier}\n${period}`

export function addFund(funds: Map<string, FundTotal>, each: FundTotal): void {
  const key = fundKey(each)
  const known = funds.get(key)
  funds.set(
    key,
    known
      ? { ...known, payments: known.payments + each.payments, paid: known.paid + each.paid }
      : each,
  )
}
