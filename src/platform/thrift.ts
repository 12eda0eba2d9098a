/**
 * As much of Thrift's compact protocol as the headers of Parquet files need. A structure is its fields by number; what is
 * read of it and what is written are plain values.
 */
export type Struct = ReadonlyMap<number, Value>
export type Value = number | boolean | Uint8Array | readonly Value[] | Struct

const TRUE = 1
const FALSE = 2
const BYTE = 3
const I16 = 4
const I32 = 5
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

/** A structure, and where the bytes behind it begin. */
export function readStruct(bytes: Uint8Array, from: number): { fields: Struct; end: number } {
  let at = from
  const byte = (): number => {
    const found = bytes[at++]
    if (found === undefined) throw new Error('a header ends before its time')
    return found
  }
  /** Whole numbers of up to 53 bits: larger ones do not occur in headers. */
  const varint = (): number => {
    let [value, times] = [0, 1]
    for (;;) {
      const next = byte()
      value += (next & 0x7f) * times
      if (next < 0x80) return value
      times *= 128
    }
  }
  const zigzag = (): number => {
    const n = varint()
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2
  }
  const value = (type: number): Value => {
    switch (type) {
      case TRUE:
        return true
      case FALSE:
        return false
      case BYTE:
        return byte()
      case I16:
      case I32:
      case I64:
        return zigzag()
      case DOUBLE:
        at += 8
        return 0
      case BINARY: {
        const length = varint()
        at += length
        return bytes.subarray(at - length, at)
      }
      case LIST:
      case SET: {
        const head = byte()
        const count = head >> 4 === 15 ? varint() : head >> 4
        // A truth in a list is a byte of its own.
        return Array.from({ length: count }, () =>
          (head & 15) <= FALSE ? byte() === TRUE : value(head & 15),
        )
      }
      case STRUCT:
        return struct()
      default:
        throw new Error(`a header has a field of the unknown type ${type}`)
    }
  }
  const struct = (): Struct => {
    const fields = new Map<number, Value>()
    let last = 0
    for (;;) {
      const head = byte()
      if (head === 0) return fields
      last = head >> 4 === 0 ? zigzag() : last + (head >> 4)
      fields.set(last, value(head & 15))
    }
  }
  return { fields: struct(), end: at }
}

/** A value to be written: what is a whole number of 64 bits, or of 32, is to be said. */
export type Written =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly bytes: Uint8Array }
  | { readonly text: string }
  | { readonly list: readonly Written[] }
  | { readonly struct: readonly (readonly [field: number, value: Written])[] }

/** The bytes of a structure whose fields stand in the order of their numbers. */
export function writeStruct(fields: readonly (readonly [number, Written])[]): Uint8Array {
  const bytes: number[] = []
  const varint = (value: number) => {
    let left = value
    while (left >= 128) {
      bytes.push((left % 128) + 128)
      left = Math.floor(left / 128)
    }
    bytes.push(left)
  }
  const zigzag = (value: number) => varint(value < 0 ? -value * 2 - 1 : value * 2)
  const raw = (content: Uint8Array) => {
    varint(content.length)
    for (const each of content) bytes.push(each)
  }
  const value = (one: Written) => {
    if ('i32' in one) zigzag(one.i32)
    else if ('i64' in one) zigzag(one.i64)
    else if ('bytes' in one) raw(one.bytes)
    else if ('text' in one) raw(Buffer.from(one.text))
    else if ('struct' in one) struct(one.struct)
    else {
      const type = one.list[0] ? typeOf(one.list[0]) : I32
      if (one.list.length < 15) bytes.push((one.list.length << 4) | type)
      else {
        bytes.push(0xf0 | type)
        varint(one.list.length)
      }
      for (const each of one.list) value(each)
    }
  }
  const struct = (all: readonly (readonly [number, Written])[]) => {
    let last = 0
    for (const [field, one] of all) {
      bytes.push(((field - last) << 4) | typeOf(one))
      last = field
      value(one)
    }
    bytes.push(0)
  }
  struct(fields)
  return Uint8Array.from(bytes)
}

function typeOf(one: Written): number {
  if ('i32' in one) return I32
  if ('i64' in one) return I64
  if ('list' in one) return LIST
  return 'struct' in one ? STRUCT : BINARY
}
