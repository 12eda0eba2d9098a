import assert from 'node:assert/strict'
import { Interner } from '#base/interner.ts'
import { compose, dateOfDay, dayNumber, type PlainDate } from '#base/plain-date.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import type { ColumnKernel, KernelColumns } from './emit.ts'
import { type Plan, type PlannedTier, Planner } from './plan.ts'
import { attributesWithin, indexesWithin, rulesWithin } from './rules-within.ts'
import { totalKey } from './total-key.ts'
import {
  type Bill,
  type GoverningDate,
  NATIVE_COMPONENTS,
  type NativeComponent,
  type Payer,
  type Person,
  type Scheme,
  type SchemeBook,
} from './types.ts'

/** What many persons have in common: who they are but for their name and their birth. */
export type Profile = Pick<Person, 'attributes' | 'covers'>

/**
 * Bills as columns, person by person, and those of a person in the order in which they are settled. Persons are profiles and
 * days of birth; days are days since 1970-01-01.
 */
export type BillRows = {
  readonly bill: Float64Array
  /** Which person, as `Persons` numbers them. */
  readonly person: Int32Array
  readonly admitted: Int32Array
  readonly discharged: Int32Array
  readonly settled: Int32Array
  /** Which answers, as the list of them numbers them; below zero, the row is not for columns. */
  readonly answers: Int32Array
  /** Fen; a component without a column is zero. */
  readonly parts: readonly {
    readonly component: NativeComponent
    readonly values: Int32Array | Float64Array
  }[]
}

export type Amounts = Int32Array | Float64Array

export type Persons = {
  readonly profiles: readonly Profile[]
  readonly profileOf: Int32Array
  readonly born: Int32Array
}

export const UNBORN = -2_147_483_648

/** Where results go: one place a row. */
export type ResultSink = {
  /** Fen that each tier paid, by its place in the order of the settlement: wide enough for the bills at hand, and all zero. */
  readonly paid: readonly Amounts[]
  readonly patient: Amounts
  /** The whole bill: what was paid and the patient's share. */
  readonly cost: Amounts
  /** The patient's share and what each tier paid, by `weightOf` its place. */
  readonly weighed: Float64Array
  readonly plan: Int32Array
  /** The running totals that each bill was settled from, where they are wanted; keys are below zero. */
  readonly codes: { readonly keys: Int32Array; readonly values: Float64Array[] } | undefined
  /** Which tiers a cap cut, as bits by `capBit` of their places, where that is wanted. */
  readonly capped: Int32Array | undefined
}

/** What a payment counts for in the hash of results, by the place of its tier. The patient's share counts once. */
export const weightOf = (place: number): number => 2 * place + 3

/** The bit of a tier, by its place; tiers behind the thirty-first are not told. */
export const capBit = (place: number): number => (place < 31 ? 1 << place : 0)

/** What a tier is in the results: the same for every bill of a plan. */
export type PlanEntry = { readonly tier: string; readonly payer: Payer; readonly period: string }

/** One way in which bills are settled: an emitted function and the totals it works on. */
type Binding = {
  readonly run: ColumnKernel
  readonly plan: number
  /** The person's totals as the function numbers them, each with its place among all. */
  readonly totals: Int32Array
  readonly carried: Int32Array
  readonly codeKeys: number
  /** The place in the settlement of each tier that takes part, in their order. */
  readonly places: readonly number[]
  /** Native components of which a counted limit asks for the charges of the bill. */
  readonly counted: Int32Array
  /** Waiting periods that were over on these days, and so on every later one of the same edition. */
  readonly waits: { readonly governing: GoverningDate; since: number }[]
  /** Tiers that say what counts as one admission. */
  readonly admissions: readonly {
    readonly tier: number
    readonly within: number
    readonly longest: number
  }[]
  readonly state: Float64Array
  readonly weights: Float64Array
  readonly bits: Int32Array
  readonly sums: Float64Array
  readonly payments: Float64Array
  readonly entries: readonly PlanEntry[]
  readonly scheme: string
  /** The columns of the rows at hand, where the function has been given them. */
  columns: KernelColumns | undefined
}

export type FundTotal = PlanEntry & {
  readonly scheme: string
  readonly payments: number
  readonly paid: number
}

/** Days from 1990 to 2069: outside them, and where more than a day matters, a bill goes the general way. */
const FIRST_YEAR = 1990
const LAST_YEAR = 2069
const FIRST_DAY = dayNumber(compose(FIRST_YEAR, 1, 1))
const LAST_DAY = dayNumber(compose(LAST_YEAR, 12, 31))
const MOST_EDITIONS = 1_024
const MOST_COVERS = 12

/**
 * Settles bills that stand in columns by the same emitted code as single ones, without an object a bill.
 *
 * A bill's plan follows from few things: the person's profile, the answers, which of the person's covers are in force,
 * and which edition of the rules and which period each of its three days falls into. Bills in which all of them are
 * equal share a binding. Where more than that decides (a readmission that joins an earlier stay, a waiting period that
 * still runs, a policy year, limits that count single charges, a change of standing, an account of the year, a benefit
 * beside the bill), or anything is to be refused, `settle` leaves the person to the general way.
 */
export class ColumnSettler {
  readonly #book: SchemeBook
  readonly #planner: Planner
  readonly #persons: Persons
  readonly #answers: readonly Attributes[]
  readonly #today: number
  readonly #keys = new Interner(4)
  readonly #last = { profile: -1, edition: -1, answers: -1, more: -1, key: -1 }
  /** By key; undefined where no row of a key has been planned, or only one that needs more; null where none can. */
  readonly #bindings: (Binding | null | undefined)[] = []
  readonly #editions: Int16Array | undefined
  readonly #profiles: (ProfileFacts | undefined)[] = []
  readonly #totalNumbers = new Map<string, number>()
  readonly #codeKeys = new Map<string, number>()
  readonly #plans = new Map<string, number>()
  #store = new Float64Array(1024)
  readonly #touched: number[] = []
  #rows: BillRows = NO_ROWS
  /** The binding of each row, where its person has more than one. */
  #chosen = new Int32Array(0)
  /** Rows before which their person had an admission of the kind: with codes alone. */
  #again = new Uint8Array(0)
  #sink: ResultSink = NO_SINK
  /** Persons who follow each other with one binding are settled in one go: those who wait for more of them. */
  readonly #open = { from: 0, binding: NONE }
  #most = 0
  #parts: readonly (Int32Array | Float64Array | undefined)[] = []
  /** The day on which a person's last admission of each tier ended, and the tiers that have one. */
  readonly #tierNumbers = new Map<string, number>()
  #lastEnded = new Int32Array(64).fill(NEVER)
  readonly #admitted: number[] = []

  constructor(
    book: SchemeBook,
    persons: Persons,
    answers: readonly Attributes[],
    { allowUndated, today }: { readonly allowUndated: boolean; readonly today: PlainDate },
  ) {
    this.#book = book
    this.#planner = new Planner(book, { allowUndated })
    this.#persons = persons
    this.#answers = answers
    this.#today = dayNumber(today)
    this.#editions = editionsOf(book, persons.profiles)
  }

  /** The lists of totals that codes refer to, by number: how `codes.keys` is read. */
  get codeKeys(): readonly (readonly string[])[] {
    return [...this.#codeKeys.keys()].map((keys) => (keys === '' ? [] : keys.split('\n')))
  }

  /** Which tiers stand behind each plan number, in the order of the paid columns. */
  get plans(): ReadonlyMap<string, number> {
    return this.#plans
  }

  /** What each tier of each scheme paid since this was last asked. */
  takeFunds(): FundTotal[] {
    return this.#bindings.flatMap((binding) => {
      if (!binding) return []
      const { entries, sums, payments, scheme } = binding
      const found = entries.flatMap((entry, i) =>
        (payments[i] as number) > 0
          ? [{ ...entry, scheme, payments: payments[i] as number, paid: sums[i] as number }]
          : [],
      )
      sums.fill(0)
      payments.fill(0)
      return found
    })
  }

  /**
   * Settles rows into the same places of the sink. Each person of whose bills one needs the general way is given to
   * `general`, as the rows from the first to before the second number; nothing is counted for them.
   */
  settle(rows: BillRows, sink: ResultSink, general: (from: number, end: number) => void): void {
    this.#begin(rows, sink)
    const n = rows.person.length
    for (let from = 0; from < n; )
      from = this.#settleSome(from, Math.min(n, from + STRIDE), general)
    this.#runOpen(n, general)
  }

  /** The persons who begin before `until`; answers with the row behind their last. */
  #settleSome(first: number, until: number, general: (from: number, end: number) => void): number {
    const { person } = this.#rows
    const n = person.length
    const open = this.#open
    let from = first
    while (from < until) {
      const who = person[from]
      let end = from + 1
      while (end < n && person[end] === who) end++
      const binding = this.#choose(from, end)
      if (binding !== open.binding || binding < 0) {
        this.#runOpen(from, general)
        open.from = from
        open.binding = binding
      }
      if (binding === NONE || (binding === SEVERAL && !this.#runSeveral(from, end)))
        general(from, end)
      from = end
    }
    return from
  }

  /** Settles the persons who wait, up to a row. */
  #runOpen(end: number, general: (from: number, end: number) => void): void {
    const { from, binding } = this.#open
    this.#open.binding = NONE
    if (binding >= 0) this.#runPersons(binding, from, end, general)
  }

  #begin(rows: BillRows, sink: ResultSink): void {
    const n = rows.person.length
    this.#rows = rows
    this.#sink = sink
    if (this.#chosen.length < n) this.#chosen = new Int32Array(n)
    if (sink.codes && this.#again.length < n) this.#again = new Uint8Array(n)
    this.#again.fill(0)
    // No payment is more than its bill, so a bill that fits is settled into what fits.
    this.#most = sink.patient instanceof Int32Array ? LARGEST : Number.MAX_SAFE_INTEGER
    this.#parts = NATIVE_COMPONENTS.map(
      (name) => rows.parts.find(({ component }) => component === name)?.values,
    )
    for (const binding of this.#bindings) if (binding) binding.columns = undefined
  }

  /** The bills of whole persons, all with one binding. */
  #runPersons(
    key: number,
    from: number,
    end: number,
    general: (from: number, end: number) => void,
  ): void {
    const { person } = this.#rows
    const binding = this.#bindings[key] as Binding
    for (let at = from; at < end; ) {
      binding.state.fill(0)
      const stopped = this.#run(binding, at, end)
      if (stopped === end) {
        this.#note(binding, at, end)
        return
      }
      let first = stopped
      while (first > at && person[first - 1] === person[stopped]) first--
      let next = stopped + 1
      while (next < end && person[next] === person[stopped]) next++
      this.#note(binding, at, first)
      takeBack(binding, first, stopped)
      general(first, next)
      at = next
    }
  }

  /** The bills of one person with several bindings; false, and nothing counted, where one of them is not for columns. */
  #runSeveral(from: number, end: number): boolean {
    const chosen = this.#chosen
    let stopped = from
    let before: Binding | undefined
    while (stopped < end) {
      const key = chosen[stopped] as number
      let until = stopped + 1
      while (until < end && chosen[until] === key) until++
      const binding = this.#bindings[key] as Binding
      if (before) this.#putBack(before)
      binding.state.fill(0)
      if (before) this.#takeOut(binding)
      before = binding
      stopped = this.#run(binding, stopped, until)
      if (stopped < until) break
    }
    for (const at of this.#touched) this.#store[at] = 0
    this.#touched.length = 0
    for (let k = from; k < stopped; k++) {
      const binding = this.#bindings[chosen[k] as number] as Binding
      if (stopped < end) takeBack(binding, k, k + 1)
      else this.#note(binding, k, k + 1)
    }
    return stopped === end
  }

  #run(binding: Binding, from: number, end: number): number {
    binding.columns ??= this.#columnsOf(binding)
    const { state, sums, payments, columns } = binding
    const { person } = this.#rows
    let at = from
    while (at < end) {
      const until = Math.min(end, at + STRIDE)
      // Where a person ends with a stride, the next one begins at nothing.
      if (at > from && person[at] !== person[at - 1]) state.fill(0)
      at = binding.run(at, until, columns, state, sums, payments, this.#most)
      if (at < until) return at
    }
    return end
  }

  #columnsOf({ places, weights, bits, carried }: Binding): KernelColumns {
    const { paid, patient, cost, weighed, codes, capped } = this.#sink
    if (codes)
      while (codes.values.length < carried.length)
        codes.values.push(new Float64Array(codes.keys.length))
    return {
      person: this.#rows.person,
      parts: this.#parts,
      paid: places.map((place) => paid[place] as Amounts),
      weights,
      patient,
      cost,
      weighed,
      capped: capped ?? NO_ROWS.person,
      bits,
      before: codes?.values ?? [],
    }
  }

  /** Writes to rows that are settled by which plan they are, and from which totals. */
  #note({ plan, codeKeys }: Binding, from: number, end: number): void {
    this.#sink.plan.fill(plan, from, end)
    const { codes } = this.#sink
    if (!codes) return
    // An earlier admission is explained too, and columns do not keep its days.
    for (let k = from; k < end; k++) if (this.#again[k] === 0) codes.keys[k] = codeKeys
  }

  /** A person's totals between two ways of settling: only what both may ask is carried. */
  #putBack({ state, totals, carried }: Binding): void {
    for (let i = 0; i < carried.length; i++) {
      const at = totals[carried[i] as number] as number
      const value = state[carried[i] as number] as number
      if (value !== 0 && this.#store[at] === 0) this.#touched.push(at)
      this.#store[at] = value
    }
  }

  #takeOut({ state, totals, carried }: Binding): void {
    for (let i = 0; i < carried.length; i++)
      state[carried[i] as number] = this.#store[totals[carried[i] as number] as number] as number
  }

  /** The most tiers that a plan of these bills has: how many paid columns are needed. */
  mostTiers(): number {
    let most = 0
    for (const { covers } of this.#persons.profiles) {
      let tiers = 0
      for (const { scheme } of covers) tiers += tiersOf(this.#book.schemes.get(scheme)).length
      most = Math.max(most, tiers)
    }
    return most
  }

  /** The binding of all rows of a person; `SEVERAL`, and written for each row, or `NONE`. */
  #choose(from: number, end: number): number {
    const person = this.#rows.person[from] as number
    const number = this.#persons.profileOf[person] as number
    // A person nobody knows has no profile.
    if (!(number >= 0)) return NONE
    const profile = this.#profiles[number] ?? this.#factsOf(number)
    if (!profile.simple) return NONE
    let all = NONE
    for (let k = from; k < end; k++) {
      const key = this.#bind(k, person, number, profile)
      if (key < 0) {
        all = NONE
        break
      }
      this.#chosen[k] = key
      if (k === from) all = key
      else if (key !== all) all = SEVERAL
    }
    for (const tier of this.#admitted) this.#lastEnded[tier] = NEVER
    this.#admitted.length = 0
    return all
  }

  /** The number of a row's binding; below zero where the row needs the general way. */
  #bind(row: number, person: number, number: number, profile: ProfileFacts): number {
    const rows = this.#rows
    const answers = rows.answers[row] as number
    const editions = this.#editions
    if (answers < 0 || !editions) return NONE
    const admitted = rows.admitted[row] as number
    const discharged = rows.discharged[row] as number
    const settled = rows.settled[row] as number
    if (admitted < FIRST_DAY || settled > this.#today || settled > LAST_DAY) return NONE
    if (admitted > discharged || discharged > settled) return NONE
    const { from, until } = profile
    let covered = 0
    for (let i = 0; i < from.length; i++)
      if ((from[i] as number) <= discharged && discharged <= (until[i] as number)) covered |= 1 << i
    let ages = 0
    if (profile.asksAge) {
      const born = this.#persons.born[person] as number
      const one = ageOnDay(born, admitted)
      // A birthday within the stay: the tiers may ask on different days.
      if (one < 0 || one !== ageOnDay(born, settled)) return NONE
      ages = one + 1
    }
    const edition =
      ((editions[admitted - FIRST_DAY] as number) * MOST_EDITIONS +
        (editions[discharged - FIRST_DAY] as number)) *
        MOST_EDITIONS +
      (editions[settled - FIRST_DAY] as number)
    const key = this.#keyOf(number, edition, answers, covered * 256 + ages)
    if (this.#bindings[key] === undefined) this.#bindings[key] = this.#bindingOf(row)
    const binding = this.#bindings[key]
    return binding && this.#holds(binding, row) && this.#admits(binding, row) ? key : NONE
  }

  /** Most rows have the key of the row before them. */
  #keyOf(profile: number, edition: number, answers: number, more: number): number {
    const last = this.#last
    if (
      last.profile === profile &&
      last.edition === edition &&
      last.answers === answers &&
      last.more === more
    )
      return last.key
    last.profile = profile
    last.edition = edition
    last.answers = answers
    last.more = more
    last.key = this.#keys.of(profile, edition, answers, more)
    return last.key
  }

  /** What a binding asks of each of its rows. */
  #holds({ counted, waits }: Binding, row: number): boolean {
    for (let i = 0; i < counted.length; i++) {
      const amounts = this.#parts[counted[i] as number]
      if (amounts && (amounts[row] as number) > 0) return false
    }
    for (const wait of waits) {
      const day = this.#rows[wait.governing][row] as number
      if (day >= wait.since) continue
      // Earlier than any row that was planned: whether the waiting was over then is asked anew.
      if (!this.#bindingOf(row)) return false
      wait.since = day
    }
    return true
  }

  /**
   * Opens an admission of its own for a row in each tier that asks. False where it may belong to an earlier one, or is so
   * long that it is charged again.
   */
  #admits({ admissions }: Binding, row: number): boolean {
    if (admissions.length === 0) return true
    const admitted = this.#rows.admitted[row] as number
    const discharged = this.#rows.discharged[row] as number
    for (const { tier, within, longest } of admissions) {
      const ended = this.#lastEnded[tier] as number
      if (discharged - admitted > longest) return false
      if (ended === NEVER) this.#admitted.push(tier)
      else if (admitted - ended <= within) return false
      else if (this.#sink.codes) this.#again[row] = 1
      this.#lastEnded[tier] = discharged
    }
    return true
  }

  #factsOf(number: number): ProfileFacts {
    const facts = factsOfProfile(this.#book, this.#persons.profiles[number] as Profile)
    this.#profiles[number] = facts
    return facts
  }

  /**
   * One row as a bill of a person, planned like any other. Null where the plan follows from more than the key, undefined
   * where it does so for this row alone: a stay so long that it is charged twice, a waiting period that still runs.
   */
  #bindingOf(row: number): Binding | null | undefined {
    const person = personOf(this.#persons, this.#rows.person[row] as number)
    const bill = billOf(this.#rows, row, this.#answers)
    const planned = this.#planner.plan(bill, person, NOTHING)
    if (!planned.ok || !planned.value.tiers.every(isPlain)) return null
    const plan = planned.value
    if (plan.tiers.some(isOfThisRow)) return undefined
    if (plan.held.some(({ scheme }) => scheme.benefits.some(({ event }) => event === undefined)))
      return null
    return this.#bindingFrom(plan, row)
  }

  #bindingFrom(plan: Plan, row: number): Binding {
    const { code, tiers } = plan
    const entries = tiers.map(({ tier, periodKey }) => ({
      tier: tier.id,
      payer: tier.payer,
      period: periodKey,
    }))
    const keys = code.slots.map(({ slot, runsOver, step }) => {
      if (runsOver === 'stay') return undefined
      if (runsOver === 'lifetime') return totalKey(slot, 'lifetime')
      const tier = tiers.find((each) => each.applies && each.step === step)
      return totalKey(slot, tier?.periodKey ?? '')
    })
    const carried = keys.flatMap((key, i) => (key === undefined ? [] : [i]))
    const places = tiers.flatMap(({ applies }, place) => (applies ? [place] : []))
    const parts = this.#parts.flatMap((values, i) => (values ? [i] : []))
    return {
      run: code.columns({
        parts,
        keep: this.#sink.codes !== undefined,
        caps: this.#sink.capped !== undefined,
      }),
      plan: planNumber(this.#plans, plan.scheme.id, entries),
      totals: Int32Array.from(keys, (key) => (key === undefined ? 0 : this.#numberOf(key))),
      carried: Int32Array.from(carried),
      codeKeys: numberIn(this.#codeKeys, carried.map((i) => keys[i]).join('\n')),
      places,
      counted: Int32Array.from(countedOf(tiers), (name) => NATIVE_COMPONENTS.indexOf(name)),
      waits: tiers.flatMap(({ applies, tier }) =>
        applies && tier.kind === 'insurance' && tier.waiting
          ? [
              {
                governing: tier.governing,
                since: this.#rows[tier.governing][row] as number,
              },
            ]
          : [],
      ),
      admissions: tiers.flatMap((planned) => {
        if (!planned.applies || !planned.admission) return []
        const { resolved, tier } = planned
        const rule = resolved.kind === 'insurance' ? resolved.admission : undefined
        return [
          {
            tier: this.#tierNumber(tier.id),
            within: rule?.rule?.value.readmissionDays ?? -1,
            longest: rule?.chargedAgain?.value.eachDays ?? Number.MAX_SAFE_INTEGER,
          },
        ]
      }),
      state: new Float64Array(code.slots.length),
      weights: Float64Array.from(places, weightOf),
      bits: Int32Array.from(places, capBit),
      sums: new Float64Array(places.length),
      payments: new Float64Array(places.length),
      entries: places.map((place) => entries[place] as PlanEntry),
      scheme: plan.scheme.id,
      columns: undefined,
    }
  }

  #tierNumber(id: string): number {
    const number = numberIn(this.#tierNumbers, id)
    if (number >= this.#lastEnded.length) {
      const larger = new Int32Array(this.#lastEnded.length * 2).fill(NEVER)
      larger.set(this.#lastEnded)
      this.#lastEnded = larger
    }
    return number
  }

  #numberOf(key: string): number {
    const number = numberIn(this.#totalNumbers, key)
    if (number < this.#store.length) return number
    const larger = new Float64Array(this.#store.length * 2)
    larger.set(this.#store)
    this.#store = larger
    return number
  }
}

/** Counts rows out again that were settled and then are not. */
function takeBack({ columns, sums, payments }: Binding, from: number, end: number): void {
  for (const [step, paid] of (columns?.paid ?? []).entries())
    for (let k = from; k < end; k++) {
      const amount = paid[k] as number
      if (amount === 0) continue
      sums[step] = (sums[step] as number) - amount
      payments[step] = (payments[step] as number) - 1
    }
}

/**
 * So many rows at a time: what they touch stays near the processor, and a loop that is called often is compiled well once,
 * while one that runs through a bucket is compiled anew, in the middle of it, for every bucket.
 */
const STRIDE = 4_096

const NONE = -1
const SEVERAL = -2
const NEVER = -2_147_483_648
const LARGEST = 2_147_483_647
const NOTHING: ReadonlyMap<string, number> = new Map()
const NO_ROWS: BillRows = {
  bill: new Float64Array(0),
  person: new Int32Array(0),
  admitted: new Int32Array(0),
  discharged: new Int32Array(0),
  settled: new Int32Array(0),
  answers: new Int32Array(0),
  parts: [],
}
const NO_SINK: ResultSink = {
  paid: [],
  patient: new Float64Array(0),
  cost: new Float64Array(0),
  weighed: new Float64Array(0),
  plan: new Int32Array(0),
  codes: undefined,
  capped: undefined,
}

function numberIn(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, numbers.size)
  return numbers.size - 1
}

/** Whether a tier's place in a plan follows from what a binding asks of its rows. */
function isPlain(planned: PlannedTier): boolean {
  if (!planned.applies) return true
  const { tier, resolved, admission } = planned
  if (tier.period.kind === 'policy-year') return false
  if (resolved.kind === 'account')
    return resolved.tier.account === 'personal' || resolved.tier.account === 'family'
  const { deductible, caps } = resolved.tier
  if ([deductible, ...caps].some((limit) => limit?.onChange === 'replay')) return false
  return !admission || (admission.counted && !resolved.admission?.group)
}

/** What keeps one row from a binding, and not every row like it. */
const isOfThisRow = (planned: PlannedTier): boolean =>
  planned.applies ? (planned.admission?.times ?? 1) > 1 : planned.reason.code === 'waiting'

/** The native components that counted limits of a plan look at. */
function countedOf(tiers: readonly PlannedTier[]): NativeComponent[] {
  return tiers.flatMap((planned) =>
    planned.applies && planned.resolved.kind === 'insurance'
      ? planned.resolved.tier.counted.map(({ component }) => component)
      : [],
  )
}

type ProfileFacts = {
  readonly simple: boolean
  readonly asksAge: boolean
  readonly from: Int32Array
  readonly until: Int32Array
}

function factsOfProfile(book: SchemeBook, { covers, attributes }: Profile): ProfileFacts {
  const names = covers.map(({ scheme }) => scheme)
  const plain = covers.every(({ conditions, newborn }) => !conditions && !newborn)
  const tiers = names.flatMap((name) => tiersOf(book.schemes.get(name)))
  return {
    simple:
      plain &&
      covers.length <= MOST_COVERS &&
      new Set(names).size === names.length &&
      attributes.length <= 1,
    asksAge: tiers.some((tier) => attributesWithin(tier).includes('age')),
    from: Int32Array.from(covers, ({ from }) => dayNumber(from)),
    until: Int32Array.from(covers, ({ until }) =>
      until === undefined ? 2_147_483_647 : dayNumber(until),
    ),
  }
}

const tiersOf = (scheme: Scheme | undefined) =>
  (scheme?.order ?? []).flatMap((step) => ('tier' in step ? [step.tier] : []))

/**
 * For each day, which edition of the rules and which periods it falls into: a number that is equal for two days only if
 * no rule of these persons' schemes changes and no period begins between them. Undefined where they are too many.
 */
function editionsOf(book: SchemeBook, profiles: readonly Profile[]): Int16Array | undefined {
  const names = new Set(profiles.flatMap(({ covers }) => covers.map(({ scheme }) => scheme)))
  const days = new Set<number>()
  const starts = new Set<string>()
  for (const name of names)
    for (const tier of tiersOf(book.schemes.get(name))) {
      const rules = [...rulesWithin(tier), ...indexesWithin(tier).map(({ amount }) => amount)]
      for (const { entries } of rules)
        for (const { from } of entries) if (from !== 'unknown') days.add(dayNumber(from))
      if (tier.period.kind === 'year') starts.add(tier.period.starts)
    }
  for (const start of starts)
    for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
      const [month = 1, day = 1] = start.split('-').map(Number)
      days.add(dayNumber(compose(year, month, day)))
    }
  if (days.size >= MOST_EDITIONS) return undefined
  const editions = new Int16Array(LAST_DAY - FIRST_DAY + 1)
  let edition = 0
  for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
    if (days.has(day)) edition++
    editions[day - FIRST_DAY] = edition
  }
  return editions
}

/** Years and days of the year by day number, for ages. */
const CALENDAR_FIRST = dayNumber('1900-01-01' as PlainDate)
let calendar: { readonly year: Int16Array; readonly day: Int16Array } | undefined
function calendarDays() {
  if (calendar) return calendar
  const days = LAST_DAY - CALENDAR_FIRST + 1
  const year = new Int16Array(days)
  const day = new Int16Array(days)
  for (let i = 0; i < days; i++) {
    const date = dateOfDay(CALENDAR_FIRST + i)
    year[i] = Number(date.slice(0, 4))
    day[i] = Number(date.slice(5, 7)) * 100 + Number(date.slice(8))
  }
  calendar = { year, day }
  return calendar
}

/** Whole years from a day of birth to a day; below zero where either is unknown. */
function ageOnDay(born: number, on: number): number {
  const { year, day } = calendarDays()
  const [a, b] = [born - CALENDAR_FIRST, on - CALENDAR_FIRST]
  if (a < 0 || b < 0 || a >= year.length || b >= year.length) return -1
  const years = (year[b] as number) - (year[a] as number)
  return (day[b] as number) < (day[a] as number) ? years - 1 : years
}

/**
 * The number of a plan as results name it: what follows from the scheme and its tiers in order, and from nothing else,
 * so that it is the same in every run and on every thread.
 */
export function planNumber(
  plans: Map<string, number>,
  scheme: string,
  entries: readonly Pick<PlanEntry, 'tier'>[],
): number {
  const name = [scheme, ...entries.map(({ tier }) => tier)].join('\n')
  const known = plans.get(name)
  if (known !== undefined) return known
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++)
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) ^ (hash >>> 15)
  const number = hash >>> 1
  assert(![...plans.values()].includes(number), `two plans have the number ${number}`)
  plans.set(name, number)
  return number
}

/** A person of the columns as the general way knows them. */
export function personOf(
  { profiles, profileOf, born }: Persons,
  number: number,
  id = String(number),
): Person {
  const { attributes, covers } = profiles[profileOf[number] as number] as Profile
  const day = born[number] as number
  return { id, born: day === UNBORN ? undefined : dateOfDay(day), attributes, covers }
}

/** A bill of the columns as the general way knows it. */
export function billOf(
  rows: BillRows,
  row: number,
  answers: readonly Attributes[],
  names: { readonly bill?: string; readonly person?: string } = {},
): Bill {
  const day = (column: Int32Array) => dateOfDay(column[row] as number)
  const parts = Object.fromEntries(NATIVE_COMPONENTS.map((name) => [name, 0])) as Record<
    NativeComponent,
    Bill['total']
  >
  let total = 0
  for (const { component, values } of rows.parts) {
    parts[component] = values[row] as Bill['total']
    total += values[row] as number
  }
  const id = names.bill ?? String(rows.bill[row])
  const admitted = day(rows.admitted)
  const nights = (rows.discharged[row] as number) - (rows.admitted[row] as number)
  return {
    id,
    person: names.person ?? String(rows.person[row]),
    admitted,
    discharged: day(rows.discharged),
    settled: day(rows.settled),
    stay: `${admitted}/${id}`,
    total: total as Bill['total'],
    parts,
    lines: [],
    attributes: answers[rows.answers[row] as number] ?? {},
    cause: 'illness',
    thirdParty: undefined,
    days: Math.max(1, nights),
    events: [],
  }
}
