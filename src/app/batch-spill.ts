import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
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

type Bucket = {
  words: Int32Array
  rows: number
  file: number
  texts: string[]
  written: number
  side: number
}

export class Spill {
  readonly #folder: string
  readonly #width: number
  readonly #buckets: (Bucket | undefined)[]
  #ordinal = 0

  constructor(folder: string, buckets: number, parts: number) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
    this.#width = widthOf(parts)
    this.#buckets = Array.from({ length: buckets }, () => undefined)
  }

  /** What is added from here on is from this input file. */
  begin(ordinal: number): void {
    this.#ordinal = ordinal
  }

  /** The rows of a store, each to the bucket of its person. */
  add(store: RowStore): void {
    const { rows, itself, names } = store
    const { bill, person, admitted, discharged, settled, answers, parts } = rows
    const width = this.#width
    const n = store.count
    for (let i = 0; i < n; i++) {
      const who = person[i] as number
      const bucket = this.#bucketOf(who < 0 ? 0 : who % this.#buckets.length)
      if (bucket.rows === BLOCK_ROWS) this.#flush(bucket)
      const { words } = bucket
      let at = 2 + bucket.rows++ * width
      const id = bill[i] as number
      const code = answers[i] as number
      const apart = names !== undefined || itself.has(i)
      words[at++] = id
      words[at++] = Math.floor(id / HIGH)
      words[at++] = who
      const own = code < 0 || itself.has(i)
      const last = settled[i] as number
      words[at++] = (Math.max(0, last) << 16) | (own ? ITSELF : code)
      words[at++] =
        (clamp(last - (admitted[i] as number)) << 16) | clamp(last - (discharged[i] as number))
      for (let p = 0; p < parts.length; p++) words[at++] = parts[p]?.values[i] as number
      words[at] = apart ? bucket.written + bucket.texts.length : -1
      if (apart) bucket.texts.push(JSON.stringify([names?.[i] ?? null, itself.get(i) ?? null]))
    }
  }

  /** Ends the blocks of an input file. */
  end(): void {
    for (const bucket of this.#buckets) if (bucket && bucket.rows > 0) this.#flush(bucket)
  }

  close(): void {
    this.end()
    for (const bucket of this.#buckets) {
      if (!bucket) continue
      closeSync(bucket.file)
      if (bucket.side >= 0) closeSync(bucket.side)
    }
    this.#buckets.fill(undefined)
  }

  #bucketOf(number: number): Bucket {
    const known = this.#buckets[number]
    if (known) return known
    const path = join(this.#folder, `${number}-${threadId}.rows`)
    const made: Bucket = {
      words: new Int32Array(2 + BLOCK_ROWS * this.#width),
      rows: 0,
      file: openSync(path, 'w'),
      texts: [],
      written: 0,
      side: -1,
    }
    this.#buckets[number] = made
    return made
  }

  #flush(bucket: Bucket): void {
    const { words, rows } = bucket
    words[0] = this.#ordinal
    words[1] = rows
    writeAll(bucket.file, new Uint8Array(words.buffer, 0, (2 + rows * this.#width) * 4))
    bucket.rows = 0
    if (bucket.texts.length === 0) return
    if (bucket.side < 0) {
      const number = this.#buckets.indexOf(bucket)
      bucket.side = openSync(join(this.#folder, `${number}-${threadId}.texts`), 'w')
    }
    writeAll(bucket.side, Buffer.from(bucket.texts.map((text) => `${text}\n`).join('')))
    bucket.written += bucket.texts.length
    bucket.texts = []
  }
}

const widthOf = (parts: number): number => HEADER + parts + 1
const clamp = (days: number): number => Math.min(ITSELF, Math.max(0, days))

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** The rows of one bucket, in the order of the input files. */
export function readSpill(folder: string, bucket: number, parts: number, store: RowStore): void {
  const width = widthOf(parts)
  const blocks: {
    ordinal: number
    words: Int32Array
    at: number
    rows: number
    texts: string[]
  }[] = []
  for (const name of readdirSync(folder)) {
    const m = /^(\d+)-(\d+)\.rows$/.exec(name)
    if (!m || Number(m[1]) !== bucket) continue
    const bytes = readFileSync(join(folder, name))
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    const side = join(folder, `${m[1]}-${m[2]}.texts`)
    const texts = existsSync(side) ? readFileSync(side, 'utf8').split('\n') : []
    for (let at = 0; at < words.length; ) {
      const rows = words[at + 1] as number
      blocks.push({ ordinal: words[at] as number, words, at: at + 2, rows, texts })
      at += 2 + rows * width
    }
  }
  // One thread reads a whole input file, so the blocks of a file are in its order already.
  blocks.sort((a, b) => a.ordinal - b.ordinal)
  store.reserve(blocks.reduce((sum, { rows }) => sum + rows, 0))
  for (const { words, at: start, rows, texts } of blocks) {
    for (let i = 0; i < rows; i++) {
      const at = start + i * width
      const low = words[at] as number
      const high = words[at + 1] as number
      const when = words[at + 3] as number
      const before = words[at + 4] as number
      const settled = when >>> 16
      const code = when & 0xffff
      const place = words[at + width - 1] as number
      const row = store.count
      store.put(
        high * HIGH + (low >>> 0),
        words[at + 2] as number,
        [settled - (before >>> 16), settled - (before & 0xffff), settled],
        code === ITSELF ? -1 : code,
        words,
        at + HEADER,
      )
      if (place < 0) continue
      const [name, itself] = JSON.parse(texts[place] ?? '[null,null]') as [
        string | null,
        string | null,
      ]
      store.names?.push(name ?? '')
      if (itself !== null) store.itself.set(row, itself)
    }
  }
}
