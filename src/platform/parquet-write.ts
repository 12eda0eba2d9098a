import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import { type Written, writeStruct } from './thrift.ts'

/**
 * A column to be written. With `absent`, a day 0, a number -1 or a place behind the last word is no value.
 */
export type Column = { readonly name: string; readonly absent?: boolean } & (
  | { readonly kind: 'integer' | 'date'; readonly values: Int32Array }
  | { readonly kind: 'bigint'; readonly values: Int32Array | Float64Array }
  | { readonly kind: 'enum'; readonly words: readonly string[]; readonly values: Uint8Array }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] }
)

const GROUP_ROWS = 262_144
const MAGIC = Buffer.from('PAR1')

/** As Parquet numbers them. */
const TYPE = { int32: 1, int64: 2, bytes: 6 }
const CONVERTED = { text: 0, date: 6 }
const ENCODING = { plain: 0, rle: 3, dictionary: 8 }
const ZSTD = 6
const DATA_PAGE = 0
const DICTIONARY_PAGE = 2

/** Writes columns to a Parquet file, as `encodeParquet` does. The file appears whole or not at all. */
export function writeParquet(file: string, columns: readonly Column[], rows: number): void {
  const temporary = `${file}.tmp`
  const target = openSync(temporary, 'w')
  try {
    encodeParquet(columns, rows, (bytes) => {
      for (let done = 0; done < bytes.length; ) done += writeSync(target, bytes, done)
    })
  } finally {
    closeSync(target)
  }
  renameSync(temporary, file)
}

/**
 * Columns as a Parquet file, piece by piece: zstd, in groups of 262,144 rows of one page a column. Whole numbers that are
 * few, and near each other, are a dictionary and places in it, others stand plainly. No piece is a view of a column.
 */
export function encodeParquet(
  columns: readonly Column[],
  rows: number,
  write: (bytes: Uint8Array) => void,
): void {
  let at = 0
  const put = (bytes: Uint8Array) => {
    write(bytes)
    at += bytes.length
  }
  put(MAGIC)
  const groups: Written[] = []
  for (let from = 0; from < rows; from += GROUP_ROWS) {
    const end = Math.min(rows, from + GROUP_ROWS)
    const begins = at
    const chunks = columns.map((column) => writeChunk(column, from, end, put, () => at))
    groups.push({
      struct: [
        [1, { list: chunks }],
        [2, { i64: at - begins }],
        [3, { i64: end - from }],
      ],
    })
  }
  const footer = writeStruct([
    [1, { i32: 1 }],
    [2, { list: [rootOf(columns), ...columns.map(schemaOf)] }],
    [3, { i64: rows }],
    [4, { list: groups }],
    [6, { text: 'kangyang' }],
    // Limits are in the order of the type.
    [7, { list: columns.map(() => ({ struct: [[1, { struct: [] }]] })) }],
  ])
  put(footer)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  put(length)
  put(MAGIC)
}

const rootOf = (columns: readonly Column[]): Written => ({
  struct: [
    [4, { text: 'rows' }],
    [5, { i32: columns.length }],
  ],
})

const physicalOf = ({ kind }: Column): number =>
  kind === 'bigint' ? TYPE.int64 : kind === 'enum' || kind === 'text' ? TYPE.bytes : TYPE.int32

/** A column that has a value in every row says so, and needs no mark for each. */
const isOptional = ({ kind, absent }: Column): boolean => absent === true || kind === 'text'

function schemaOf(column: Column): Written {
  const { kind, name } = column
  const converted =
    kind === 'date'
      ? CONVERTED.date
      : physicalOf(column) === TYPE.bytes
        ? CONVERTED.text
        : undefined
  return {
    struct: [
      [1, { i32: physicalOf(column) }],
      [3, { i32: isOptional(column) ? 1 : 0 }],
      [4, { text: name }],
      ...(converted === undefined ? [] : [[6, { i32: converted }] as const]),
    ],
  }
}

/** One column of one group of rows: a dictionary where there is one, and a page of values. */
function writeChunk(
  column: Column,
  from: number,
  end: number,
  write: (bytes: Uint8Array) => void,
  place: () => number,
): Written {
  const begins = place()
  let whole = 0
  const page = (
    type: number,
    body: Uint8Array,
    header: readonly (readonly [number, Written])[],
  ) => {
    const packed = zstdCompressSync(body, {
      chunkSize: body.length + 4096,
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    })
    const head = writeStruct([
      [1, { i32: type }],
      [2, { i32: body.length }],
      [3, { i32: packed.length }],
      ...header,
    ])
    write(head)
    write(packed)
    whole += head.length + body.length
  }
  const { marks, nulls, values } = presentOf(column, from, end)
  const limits = limitsOf(column, values)
  const dictionary = dictionaryOf(column, values, limits)
  let dictionaryAt: number | undefined
  if (dictionary) {
    dictionaryAt = begins
    page(DICTIONARY_PAGE, dictionary.body, [
      [
        7,
        {
          struct: [
            [1, { i32: dictionary.count }],
            [2, { i32: ENCODING.plain }],
          ],
        },
      ],
    ])
  }
  const encoding = dictionary ? ENCODING.dictionary : ENCODING.plain
  const dataAt = place()
  const body = dictionary?.places ?? plain(column, values)
  page(DATA_PAGE, marks ? Buffer.concat([marks, body]) : body, [
    [
      5,
      {
        struct: [
          [1, { i32: end - from }],
          [2, { i32: encoding }],
          [3, { i32: ENCODING.rle }],
          [4, { i32: ENCODING.rle }],
        ],
      },
    ],
  ])
  const details: (readonly [number, Written])[] = [
    [1, { i32: physicalOf(column) }],
    [2, { list: [{ i32: encoding }, { i32: ENCODING.rle }, ...(dictionary ? [{ i32: 0 }] : [])] }],
    [3, { list: [{ text: column.name }] }],
    [4, { i32: ZSTD }],
    [5, { i64: end - from }],
    [6, { i64: whole }],
    [7, { i64: place() - begins }],
    [9, { i64: dataAt }],
    ...(dictionaryAt === undefined ? [] : [[11, { i64: dictionaryAt }] as const]),
    [
      12,
      {
        struct: [
          [3, { i64: nulls }],
          ...(limits
            ? ([
                [5, { bytes: wordOf(limits.most) }],
                [6, { bytes: wordOf(limits.least) }],
              ] as const)
            : []),
        ],
      },
    ],
  ]
  return {
    struct: [
      [2, { i64: begins }],
      [3, { struct: details }],
    ],
  }
}

type Values = Int32Array | Float64Array | Uint8Array | readonly string[]

/** The values that are there, and a mark for each row where some may be missing. */
function presentOf(
  column: Column,
  from: number,
  end: number,
): { readonly marks: Uint8Array | undefined; readonly nulls: number; readonly values: Values } {
  if (!isOptional(column))
    return {
      marks: undefined,
      nulls: 0,
      values: (column.values as Int32Array).subarray(from, end),
    }
  const { kind } = column
  const bits = new Uint8Array(Math.ceil((end - from) / 8))
  const present: number[] | string[] = []
  const none =
    kind === 'date' ? 0 : kind === 'enum' ? column.words.length : kind === 'text' ? null : -1
  for (let i = from; i < end; i++) {
    const value = column.values[i] as number
    if (value === none) continue
    const bit = i - from
    bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7))
    ;(present as number[]).push(value)
  }
  const header = varint((bits.length << 1) | 1)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length + bits.length)
  const values =
    kind === 'text'
      ? (present as unknown as string[])
      : new (column.values.constructor as Int32ArrayConstructor)(present as number[])
  return {
    marks: Buffer.concat([length, header, bits]),
    nulls: end - from - present.length,
    values,
  }
}

const varint = (value: number): Uint8Array => {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return Uint8Array.from(bytes)
}

function plain({ kind }: Column, values: Values): Uint8Array {
  if (kind === 'text') return words(values as readonly string[])
  if (kind !== 'bigint') {
    const { buffer, byteOffset, byteLength } = values as Int32Array
    return new Uint8Array(buffer, byteOffset, byteLength)
  }
  const amounts = values as Int32Array | Float64Array
  const halves = new Int32Array(amounts.length * 2)
  for (let i = 0; i < amounts.length; i++) {
    const value = amounts[i] as number
    halves[2 * i] = value
    halves[2 * i + 1] = Math.floor(value / 4_294_967_296)
  }
  return new Uint8Array(halves.buffer)
}

/** Texts, each behind its length. */
function words(texts: readonly string[]): Uint8Array {
  const bodies = texts.map((text) => Buffer.from(text))
  const bytes = Buffer.alloc(bodies.reduce((sum, body) => sum + body.length + 4, 0))
  let at = 0
  for (const body of bodies) {
    at = bytes.writeUInt32LE(body.length, at)
    at += body.copy(bytes, at)
  }
  return bytes
}

type Dictionary = { readonly body: Uint8Array; readonly count: number; readonly places: Uint8Array }

/** Numbers further apart than this are not looked at for a dictionary, nor is one of more entries written. */
const WIDEST = 65_536
const MOST_ENTRIES = 4_096

function dictionaryOf(
  column: Column,
  values: Values,
  limits: Limits | undefined,
): Dictionary | undefined {
  if (column.kind === 'enum') {
    const places = values as Uint8Array
    return {
      body: words(column.words),
      count: column.words.length,
      places: pack(places, column.words.length),
    }
  }
  if (!(values instanceof Int32Array) || !limits) return undefined
  const { least, most } = limits
  if (most - least >= WIDEST) return undefined
  const placeOf = new Int32Array(most - least + 1)
  const entries: number[] = []
  const places = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    let place = placeOf[value - least] as number
    if (place === 0) {
      if (entries.push(value) > MOST_ENTRIES) return undefined
      place = entries.length
      placeOf[value - least] = place
    }
    places[i] = place - 1
  }
  const body = new Uint8Array(Int32Array.from(entries).buffer)
  return { body, count: entries.length, places: pack(places, entries.length) }
}

/** Places in a dictionary, each in as few bits as the last of them needs; one place again and again in one go. */
function pack(places: Uint8Array | Uint16Array, count: number): Uint8Array {
  const n = places.length
  const width = Math.max(1, 32 - Math.clz32(Math.max(0, count - 1)))
  if (count <= 1) return Uint8Array.from([width, ...varint(n << 1), 0])
  const groups = Math.ceil(n / 8)
  const header = varint((groups << 1) | 1)
  const bytes = new Uint8Array(1 + header.length + groups * width)
  bytes[0] = width
  bytes.set(header, 1)
  let [at, held, bits] = [1 + header.length, 0, 0]
  for (let i = 0; i < n; i++) {
    held |= (places[i] as number) << bits
    bits += width
    while (bits >= 8) {
      bytes[at++] = held
      held >>>= 8
      bits -= 8
    }
  }
  if (bits > 0) bytes[at] = held
  return bytes
}

type Limits = { readonly least: number; readonly most: number }

/** The least and the most of whole numbers, by which readers leave out what they do not look for. */
function limitsOf({ kind }: Column, values: Values): Limits | undefined {
  if (!(values instanceof Int32Array) || kind === 'bigint' || values.length === 0) return undefined
  const limits = { least: values[0] as number, most: values[0] as number }
  for (let from = 0; from < values.length; from += STRIDE)
    widen(limits, values, from, Math.min(values.length, from + STRIDE))
  return limits
}

/** A loop that is called for some rows at a time is compiled well once, and not in the middle of every column. */
const STRIDE = 4_096

function widen(
  limits: { least: number; most: number },
  values: Int32Array,
  from: number,
  end: number,
): void {
  let { least, most } = limits
  for (let i = from; i < end; i++) {
    const value = values[i] as number
    least = Math.min(value, least)
    most = Math.max(value, most)
  }
  limits.least = least
  limits.most = most
}

const wordOf = (value: number) => new Uint8Array(Int32Array.of(value).buffer)
