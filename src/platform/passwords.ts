import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** The cost of one guess: 32 MiB of memory, three passes. Older hashes keep the cost they were made with. */
const COST = { log2N: 15, r: 8, p: 3 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** A hash that carries its salt and its cost: `scrypt$15$8$3$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, COST)
  const { log2N, r, p } = COST
  return ['scrypt', log2N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** Whether a password fits a hash, in a time that does not tell how nearly. */
export async function fitsHash(password: string, stored: string): Promise<boolean> {
  const [, log2N, r, p, salt = '', hash = ''] = stored.split('$')
  const wanted = Buffer.from(hash, 'base64url')
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) }
  const found = await derive(password, Buffer.from(salt, 'base64url'), wanted.length, cost)
  return timingSafeEqual(found, wanted)
}

/** A password to be changed at first use: 30 characters that cannot be misread for one another, 148 bits. */
export const oneTimePassword = (): string => randomWord(30)

/** Random letters and digits in groups of five, about five bits each. */
export function randomWord(length: number): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const text = [...randomBytes(3 * length)]
    // Bytes beyond the last whole multiple would favour the first letters.
    .filter((byte) => byte < 256 - (256 % letters.length))
    .slice(0, length)
    .map((byte) => letters[byte % letters.length])
    .join('')
  return text.replace(/(.{5})(?=.)/g, '$1-')
}

function derive(
  password: string,
  salt: Buffer,
  length: number,
  { log2N, r, p }: { readonly log2N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  const N = 2 ** log2N
  return new Promise((resolve, reject) => {
    // The same word typed on two keyboards may be two sequences of code points; NFKC makes them one.
    const text = password.normalize('NFKC')
    scrypt(text, salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
