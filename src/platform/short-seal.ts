import { createCipheriv, type KeyObject } from 'node:crypto'

const BLOCK = 16
const NONCE_BYTES = 12
/** Beyond this the cipher that comes with Node is as quick. */
export const SHORT_BYTES = 256

/** Writes the sealed bytes behind `at` + 16, where the tag goes, of `into`; `nonce` has twelve bytes. */
type SealShort = (nonce: Buffer, bytes: Buffer, into: Buffer, at: number) => void

/**
 * AES-256-GCM of short values without further data, as NIST SP 800-38D writes it. To set up Node's cipher for each
 * costs several times what sealing does: here one cipher, set up once, encrypts the counters of a value in one call,
 * and the tag, a sum of products with a fixed factor, is read from tables. What it seals is what Node's would.
 */
export function shortSealer(key: KeyObject): SealShort {
  const aes = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  const products = productsWith(aes.update(Buffer.alloc(BLOCK)))
  const counters = Buffer.alloc(BLOCK * (1 + SHORT_BYTES / BLOCK))
  for (let i = 0; i < counters.length / BLOCK; i++)
    counters.writeUInt32BE(i + 1, i * BLOCK + NONCE_BYTES)
  const sum = Buffer.alloc(BLOCK)
  const multiply = multiplierBy(products, sum)
  return (nonce, bytes, into, at) => {
    const blocks = Math.ceil(bytes.length / BLOCK)
    for (let i = 0; i <= blocks; i++) counters.set(nonce, i * BLOCK)
    const stream = aes.update(counters.subarray(0, (blocks + 1) * BLOCK))
    const start = at + BLOCK
    sum.fill(0)
    for (let from = 0; from < bytes.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, bytes.length)
      for (let i = from; i < to; i++) {
        const sealed = byteOf(bytes, i) ^ byteOf(stream, BLOCK + i)
        into[start + i] = sealed
        sum[i - from] = byteOf(sum, i - from) ^ sealed
      }
      multiply()
    }
    // The last factor of the sum is how many bits there are.
    sum.writeUInt32BE((sum.readUInt32BE(12) ^ (bytes.length * 8)) >>> 0, 12)
    multiply()
    for (let i = 0; i < BLOCK; i++) into[at + i] = byteOf(sum, i) ^ byteOf(stream, i)
  }
}

/** The product of each byte, at each of the sixteen places, with a factor: four words each. */
function productsWith(factor: Buffer): Uint32Array {
  const products = new Uint32Array(BLOCK * 256 * 4)
  const power = [0, 4, 8, 12].map((at) => factor.readUInt32BE(at))
  for (let place = 0; place < BLOCK; place++)
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      // A byte is the sum of its bits: those with this bit are those without it and this power of the factor.
      for (let byte = 0; byte < 256; byte++)
        if (byte & bit)
          for (let word = 0; word < 4; word++) {
            const index = (place * 256 + byte) * 4 + word
            products[index] = wordOf(products, index) ^ (power[word] as number)
          }
      timesX(power)
    }
  return products
}

/** The polynomial x^128 + x^7 + x^2 + x + 1, as the first byte of what is left. */
const REDUCTION = 0xe1000000

function timesX(power: number[]): void {
  const [a, b, c, d] = power as [number, number, number, number]
  power[0] = ((a >>> 1) ^ (d & 1 ? REDUCTION : 0)) >>> 0
  power[1] = ((b >>> 1) | (a << 31)) >>> 0
  power[2] = ((c >>> 1) | (b << 31)) >>> 0
  power[3] = ((d >>> 1) | (c << 31)) >>> 0
}

/** Multiplies `sum`, in its place. */
const multiplierBy = (products: Uint32Array, sum: Buffer) => (): void => {
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let place = 0; place < BLOCK; place++) {
    const index = (place * 256 + byteOf(sum, place)) * 4
    a ^= wordOf(products, index)
    b ^= wordOf(products, index + 1)
    c ^= wordOf(products, index + 2)
    d ^= wordOf(products, index + 3)
  }
  sum.writeUInt32BE(a >>> 0, 0)
  sum.writeUInt32BE(b >>> 0, 4)
  sum.writeUInt32BE(c >>> 0, 8)
  sum.writeUInt32BE(d >>> 0, 12)
}

const byteOf = (bytes: Uint8Array, index: number): number => bytes[index] as number
const wordOf = (words: Uint32Array, index: number): number => words[index] as number
