import assert from 'node:assert/strict'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { Amounts, BillRows } from '#domains/settlement/index.ts'
import type { RowStore } from './batch-rows.ts'

/**
 * Rows on their way to the bucket of their person, as numbers of 32 bits in files of this run alone. A row is
 *
 *     bill, bill / 2^32, person, settled · 2^16 + answers, admitted before it · 2^16 + discharged before it, parts…
 *
 * where 65535 stands for the answers of a row that columns cannot hold: its text is in a file beside, and the place there
 * in the last word. Rows stand in blocks that name the input file they are from, so that their order can be told whatever
 * thread read them.
 */
const HEADER = 5
const ITSELF = 0xffff
const BLOCK_ROWS = 1_500

const HIGH = 4_294_967_296

/** A loop that is called for some rows at a time is compiled well once, and not in the middle of every group. */
const STRIDE = 4_096

/** The files of a bucket, once there is something for them. */
type Bucket = { file: number; side: number; texts: string[]; written: number }

export class Spill {
  readonly #folder: string
  readonly #width: number
  readonly #files: (Bucket | undefined)[]
  /** The block of each bucket that is being filled, all in one array, and how many rows each has. */
  readonly #words: Int32Array
  readonly #rows: Int32Array
  #ordinal = 0

  constructor(folder: string, buckets: number, parts: number) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
    this.#width = widthOf(parts)
    this.#files = Array.from({ length: buckets }, () => undefined)
    this.#words = new Int32Array(buckets * this.#block)
    this.#rows = new Int32Array(buckets)
  }

  get #block(): number {
    return 2 + BLOCK_ROWS * this.#width
  }

  /** What is added from here on is from this input file. */
  begin(ordinal: number): void {
    this.#ordinal = ordinal
  }

  /** The rows of a store, each to the bucket of its person. */
  add(store: RowStore): void {
    const { rows } = store
    const parts = rows.parts.map(({ values }) => values)
    for (let from = 0; from < store.count; from += STRIDE)
      this.#add(store, rows, parts, from, Math.min(store.count, from + STRIDE))
  }

  #add(
    { names, itself }: RowStore,
    { bill, person, admitted, discharged, settled, answers }: BillRows,
    parts: readonly Amounts[],
    from: number,
    end: number,
  ): void {
    const width = this.#width
    const block = this.#block
    const words = this.#words
    const filled = this.#rows
    const buckets = filled.length
    const alone = names === undefined && itself.size === 0
    for (let i = from; i < end; i++) {
      const who = person[i] as number
      const bucket = who < 0 ? 0 : who % buckets
      let rows = filled[bucket] as number
      if (rows === BLOCK_ROWS) {
        this.#flush(bucket)
        rows = 0
      }
      filled[bucket] = rows + 1
      let at = bucket * block + 2 + rows * width
      const id = bill[i] as number
      const code = answers[i] as number
      const own = code < 0 || (!alone && itself.has(i))
      const last = settled[i] as number
      words[at++] = id
      words[at++] = Math.floor(id / HIGH)
      words[at++] = who
      words[at++] = (Math.max(0, last) << 16) | (own ? ITSELF : code)
      words[at++] =
        (clamp(last - (admitted[i] as number)) << 16) | clamp(last - (discharged[i] as number))
      for (let p = 0; p < parts.length; p++) words[at++] = (parts[p] as Amounts)[i] as number
      words[at] = -1
      if (alone || (names === undefined && !itself.has(i))) continue
      const { written, texts } = this.#filesOf(bucket)
      words[at] = written + texts.length
      texts.push(JSON.stringify([names?.[i] ?? null, itself.get(i) ?? null]))
    }
  }

  /** Ends the blocks of an input file. */
  end(): void {
    for (let bucket = 0; bucket < this.#rows.length; bucket++)
      if ((this.#rows[bucket] as number) > 0) this.#flush(bucket)
  }

  close(): void {
    this.end()
    for (const files of this.#files) {
      if (!files) continue
      closeSync(files.file)
      if (files.side >= 0) closeSync(files.side)
    }
    this.#files.fill(undefined)
  }

  #filesOf(bucket: number): Bucket {
    const known = this.#files[bucket]
    if (known) return known
    const path = join(this.#folder, `${bucket}-${threadId}.rows`)
    const made: Bucket = { file: openSync(path, 'w'), side: -1, texts: [], written: 0 }
    this.#files[bucket] = made
    return made
  }

  #flush(bucket: number): void {
    const files = this.#filesOf(bucket)
    const rows = this.#rows[bucket] as number
    const from = bucket * this.#block
    this.#words[from] = this.#ordinal
    this.#words[from + 1] = rows
    this.#rows[bucket] = 0
    writeAll(files.file, new Uint8Array(this.#words.buffer, from * 4, (2 + rows * this.#width) * 4))
    if (files.texts.length === 0) return
    if (files.side < 0)
      files.side = openSync(join(this.#folder, `${bucket}-${threadId}.texts`), 'w')
    writeAll(files.side, Buffer.from(files.texts.map((text) => `${text}\n`).join('')))
    files.written += files.texts.length
    files.texts = []
  }
}

const widthOf = (parts: number): number => HEADER + parts + 1
const clamp = (days: number): number => Math.min(ITSELF, Math.max(0, days))

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

type Block = {
  readonly ordinal: number
  readonly at: number
  readonly rows: number
  readonly texts: readonly string[]
}

/**
 * The rows of one bucket, by person, and of each person as the input files had them. They are put in that order while they
 * are still whole rows, which lie together in memory; the days of a person are put in theirs by the store.
 */
export function readSpill(
  folder: string,
  bucket: number,
  { buckets, parts }: { readonly buckets: number; readonly parts: number },
  store: RowStore,
): void {
  const width = widthOf(parts)
  const { words, blocks } = blocksOf(folder, bucket, width)
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  // Of each row, in the order of the input files, where it lies and whose it is.
  const places = new Int32Array(rows)
  const persons = new Int32Array(rows)
  let done = 0
  for (const block of blocks) {
    look(words, block, width, buckets, places, persons, done)
    done += block.rows
  }
  const order = byPerson(places, persons)
  store.reserve(rows)
  for (let from = 0; from < rows; from += STRIDE)
    take(words, order, from, Math.min(rows, from + STRIDE), store)
  if (blocks.every(({ texts }) => texts.length === 0)) return
  takeTexts(words, order, blocks, width, store)
}

/** The number of a person within the bucket. Whoever nobody knows comes first. */
const within = (who: number, buckets: number): number => (who < 0 ? 0 : (who / buckets) | 0)

function look(
  words: Int32Array,
  { at, rows }: Block,
  width: number,
  buckets: number,
  places: Int32Array,
  persons: Int32Array,
  done: number,
): void {
  for (let i = 0; i < rows; i++) {
    const from = at + i * width
    places[done + i] = from
    persons[done + i] = within(words[from + 2] as number, buckets)
  }
}

/** Places in the order of their persons, and those of one person as they came: by counting. */
function byPerson(places: Int32Array, persons: Int32Array): Int32Array {
  const n = persons.length
  const strides = (each: (from: number, end: number) => void) => {
    for (let from = 0; from < n; from += STRIDE) each(from, Math.min(n, from + STRIDE))
  }
  let furthest = 0
  strides((from, end) => {
    for (let i = from; i < end; i++) furthest = Math.max(furthest, persons[i] as number)
  })
  const starts = new Int32Array(furthest + 2)
  strides((from, end) => {
    for (let i = from; i < end; i++) {
      const after = (persons[i] as number) + 1
      starts[after] = (starts[after] as number) + 1
    }
  })
  for (let p = 1; p < starts.length; p++)
    starts[p] = (starts[p] as number) + (starts[p - 1] as number)
  const order = new Int32Array(n)
  strides((from, end) => {
    for (let i = from; i < end; i++) {
      const p = persons[i] as number
      order[starts[p] as number] = places[i] as number
      starts[p] = (starts[p] as number) + 1
    }
  })
  return order
}

/** Rows from where they lie to the end of the columns. */
function take(
  words: Int32Array,
  order: Int32Array,
  from: number,
  end: number,
  store: RowStore,
): void {
  const { at: to, bill, person, admitted, discharged, settled, answers, parts } = store.room(0)
  for (let k = from, row = to; k < end; k++, row++) {
    const at = order[k] as number
    const when = words[at + 3] as number
    const before = words[at + 4] as number
    const last = when >>> 16
    const code = when & 0xffff
    bill[row] = (words[at + 1] as number) * HIGH + ((words[at] as number) >>> 0)
    person[row] = words[at + 2] as number
    settled[row] = last
    admitted[row] = last - (before >>> 16)
    discharged[row] = last - (before & 0xffff)
    answers[row] = code === ITSELF ? -1 : code
    for (let p = 0; p < parts.length; p++)
      (parts[p] as Int32Array)[row] = words[at + HEADER + p] as number
  }
  store.took(end - from)
}

/** Names and rows themselves, which are in files beside. */
function takeTexts(
  words: Int32Array,
  order: Int32Array,
  blocks: readonly Block[],
  width: number,
  store: RowStore,
): void {
  const byPlace = blocks.toSorted((a, b) => a.at - b.at)
  const blockOf = (at: number): Block => {
    let [low, high] = [0, byPlace.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((byPlace[middle] as Block).at <= at) low = middle
      else high = middle - 1
    }
    return byPlace[low] as Block
  }
  for (let row = 0; row < order.length; row++) {
    const at = order[row] as number
    const text = words[at + width - 1] as number
    if (text < 0) continue
    const [name, itself] = JSON.parse(blockOf(at).texts[text] ?? '[null,null]') as [
      string | null,
      string | null,
    ]
    store.names?.push(name ?? '')
    if (itself !== null) store.itself.set(row, itself)
  }
}

/** All that was put away for a bucket, and its blocks in the order of the input files. */
function blocksOf(
  folder: string,
  bucket: number,
  width: number,
): { readonly words: Int32Array; readonly blocks: readonly Block[] } {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(`${bucket}-`) && name.endsWith('.rows'))
    .map((name) => join(folder, name))
  const sizes = files.map((file) => statSync(file).size)
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
  const words = new Int32Array(bytes.buffer)
  const blocks: Block[] = []
  let begins = 0
  for (const [i, path] of files.entries()) {
    const end = begins + (sizes[i] as number)
    readAll(path, bytes.subarray(begins, end))
    const side = path.replace(/rows$/, 'texts')
    const texts = existsSync(side) ? readFileSync(side, 'utf8').split('\n') : []
    for (let at = begins / 4; at < end / 4; ) {
      const rows = words[at + 1] as number
      blocks.push({ ordinal: words[at] as number, at: at + 2, rows, texts })
      at += 2 + rows * width
    }
    begins = end
  }
  // One thread reads a whole input file, so the blocks of a file are in its order already.
  return { words, blocks: blocks.toSorted((a, b) => a.ordinal - b.ordinal) }
}

function readAll(path: string, into: Uint8Array): void {
  const file = openSync(path, 'r')
  try {
    for (let at = 0; at < into.length; ) {
      const read = readSync(file, into, at, into.length - at, at)
      assert(read > 0, `${path} became shorter`)
      at += read
    }
  } finally {
    closeSync(file)
  }
}
