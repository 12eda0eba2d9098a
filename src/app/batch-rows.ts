import type { BillRows, NativeComponent } from '#domains/settlement/index.ts'
import type { Chunk } from '#platform/columns.ts'

/** Where further rows go. */
export type RowRoom = {
  readonly at: number
  readonly bill: Float64Array
  readonly person: Int32Array
  readonly admitted: Int32Array
  readonly discharged: Int32Array
  readonly settled: Int32Array
  readonly answers: Int32Array
  readonly parts: readonly Int32Array[]
}

/** Bills of one bucket in memory, as they were read. Grows as needed. */
export class RowStore {
  readonly #components: readonly NativeComponent[]
  #count = 0
  #bill: Float64Array
  #person: Int32Array
  #admitted: Int32Array
  #discharged: Int32Array
  #settled: Int32Array
  #answers: Int32Array
  #parts: Int32Array[]
  /** Takes the place of a column whose rows are put into another order. */
  #spare: Int32Array
  #spareBill: Float64Array
  /** Names of bills, where they have names and not numbers. */
  names: string[] | undefined
  /** Rows that columns cannot hold, as JSON, by their place. */
  itself = new Map<number, string>()

  constructor(components: readonly NativeComponent[], named: boolean, capacity: number) {
    this.#components = components
    this.names = named ? [] : undefined
    this.#bill = new Float64Array(capacity)
    this.#person = new Int32Array(capacity)
    this.#admitted = new Int32Array(capacity)
    this.#discharged = new Int32Array(capacity)
    this.#settled = new Int32Array(capacity)
    this.#answers = new Int32Array(capacity)
    this.#parts = components.map(() => new Int32Array(capacity))
    this.#spare = new Int32Array(capacity)
    this.#spareBill = new Float64Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  get rows(): BillRows {
    const n = this.#count
    return {
      bill: this.#bill.subarray(0, n),
      person: this.#person.subarray(0, n),
      admitted: this.#admitted.subarray(0, n),
      discharged: this.#discharged.subarray(0, n),
      settled: this.#settled.subarray(0, n),
      answers: this.#answers.subarray(0, n),
      parts: this.#components.map((component, i) => ({
        component,
        values: (this.#parts[i] as Int32Array).subarray(0, n),
      })),
    }
  }

  clear(): void {
    this.#count = 0
    this.itself.clear()
    if (this.names) this.names.length = 0
  }

  /** Room for so many more rows. */
  reserve(more: number): void {
    const needed = this.#count + more
    if (needed <= this.#person.length) return
    const capacity = Math.max(needed, this.#person.length * 2)
    const ints = (old: Int32Array) => {
      const larger = new Int32Array(capacity)
      larger.set(old)
      return larger
    }
    const doubles = new Float64Array(capacity)
    doubles.set(this.#bill)
    this.#bill = doubles
    this.#person = ints(this.#person)
    this.#admitted = ints(this.#admitted)
    this.#discharged = ints(this.#discharged)
    this.#settled = ints(this.#settled)
    this.#answers = ints(this.#answers)
    this.#parts = this.#parts.map(ints)
    this.#spare = new Int32Array(capacity)
    this.#spareBill = new Float64Array(capacity)
  }

  /**
   * Puts the rows into the order in which bills are settled everywhere: by person, and those of one person by day of
   * settlement, then of admission, then as they came.
   */
  sort(): void {
    const order = settlingOrder(this.rows)
    if (!order) return
    const ints = (column: Int32Array) => {
      const sorted = this.#spare
      for (let i = 0; i < order.length; i++) sorted[i] = column[order[i] as number] as number
      this.#spare = column
      return sorted
    }
    const bill = this.#spareBill
    for (let i = 0; i < order.length; i++) bill[i] = this.#bill[order[i] as number] as number
    this.#spareBill = this.#bill
    this.#bill = bill
    this.#person = ints(this.#person)
    this.#admitted = ints(this.#admitted)
    this.#discharged = ints(this.#discharged)
    this.#settled = ints(this.#settled)
    this.#answers = ints(this.#answers)
    this.#parts = this.#parts.map(ints)
    const { names, itself } = this
    if (names) this.names = Array.from(order, (row) => names[row] as string)
    if (itself.size === 0) return
    this.itself = new Map()
    for (let i = 0; i < order.length; i++) {
      const text = itself.get(order[i] as number)
      if (text !== undefined) this.itself.set(i, text)
    }
  }

  /** Takes a chunk of the query that `billQuery` writes. `personOf` finds a person by name. */
  add(chunk: Chunk, personOf: ((name: string) => number) | undefined): void {
    const n = chunk.rows
    this.reserve(n)
    const at = this.#count
    if (this.names) {
      const names = chunk.texts(0)
      for (let i = 0; i < n; i++) {
        this.names.push(names[i] ?? '')
        this.#bill[at + i] = nameNumber(names[i] ?? '')
      }
    } else this.#bill.set(chunk.doubles(0), at)
    if (personOf) {
      const names = chunk.texts(1)
      for (let i = 0; i < n; i++) {
        const number = personOf(names[i] ?? '')
        this.#person[at + i] = number
        // The name of somebody nobody knows is kept, to be told.
        if (number < 0) this.itself.set(at + i, JSON.stringify({ person: names[i] }))
      }
    } else this.#person.set(chunk.ints(1), at)
    this.#admitted.set(chunk.ints(2), at)
    this.#discharged.set(chunk.ints(3), at)
    this.#settled.set(chunk.ints(4), at)
    const answers = chunk.ints(5)
    this.#answers.set(answers, at)
    for (const [i, part] of this.#parts.entries()) part.set(chunk.ints(6 + i), at)
    for (let i = 0; i < n; i++)
      if ((answers[i] as number) < 0)
        this.itself.set(at + i, chunk.text(6 + this.#parts.length, i) ?? '{}')
    this.#count += n
  }

  /** The place behind the last row, with room for so many more: `took` tells how many of them are filled. */
  room(more: number): RowRoom {
    this.reserve(more)
    return {
      at: this.#count,
      bill: this.#bill,
      person: this.#person,
      admitted: this.#admitted,
      discharged: this.#discharged,
      settled: this.#settled,
      answers: this.#answers,
      parts: this.#parts,
    }
  }

  took(rows: number): void {
    this.#count += rows
  }
}

/** The number by which a bill with a name enters the hash of results: 31 bits of its letters. */
export function nameNumber(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 1
}

/**
 * The places of rows by person, and of one person by day of settlement, then of admission, then by place: the order in
 * which bills are settled everywhere. Undefined where they stand in it.
 */
function settlingOrder({ person, settled, admitted }: BillRows): Int32Array | undefined {
  const n = person.length
  let byPerson = true
  let ordered = true
  let [least, most] = [Number.MAX_SAFE_INTEGER, -1]
  for (let i = 0; i < n; i++) {
    const p = person[i] as number
    const before = i > 0 ? (person[i - 1] as number) : p
    if (p < before) byPerson = false
    if (i > 0 && p === before) {
      const later = (settled[i - 1] as number) - (settled[i] as number)
      if (later > 0 || (later === 0 && (admitted[i - 1] as number) > (admitted[i] as number)))
        ordered = false
    }
    if (p < least) least = p
    if (p > most) most = p
  }
  if (byPerson && ordered) return undefined
  const order = new Int32Array(n)
  if (byPerson) for (let i = 0; i < n; i++) order[i] = i
  else if (most - least < n * 64 + 1024) byCounting(person, least, most, order)
  else {
    const places = Float64Array.from(person, (p, i) => (p + 1) * 4_194_304 + i)
    places.sort()
    for (let i = 0; i < n; i++) order[i] = (places[i] as number) % 4_194_304
  }
  // Bills mostly come in the order of their days: each finds its place a few steps back at most.
  for (let k = 1; k < n; k++) {
    const row = order[k] as number
    let at = k
    while (at > 0) {
      const before = order[at - 1] as number
      if (person[before] !== person[row]) break
      const later = (settled[before] as number) - (settled[row] as number)
      if (later < 0 || (later === 0 && (admitted[before] as number) <= (admitted[row] as number)))
        break
      order[at] = before
      at--
    }
    if (at !== k) order[at] = row
  }
  return order
}

function byCounting(person: Int32Array, least: number, most: number, order: Int32Array): void {
  const starts = new Int32Array(most - least + 2)
  for (let i = 0; i < person.length; i++) {
    const after = (person[i] as number) - least + 1
    starts[after] = (starts[after] as number) + 1
  }
  for (let p = 1; p < starts.length; p++)
    starts[p] = (starts[p] as number) + (starts[p - 1] as number)
  for (let i = 0; i < person.length; i++) {
    const p = (person[i] as number) - least
    order[starts[p] as number] = i
    starts[p] = (starts[p] as number) + 1
  }
}
