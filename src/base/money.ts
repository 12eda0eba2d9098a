import assert from 'node:assert/strict'

declare const unit: unique symbol

/** An amount of money in whole fen (分). 100 fen = 1 yuan. Never a fraction, never yuan. */
export type Fen = number & { readonly [unit]: 'fen' }

/** A share of an amount, in whole parts per million: 85% is 850_000. Exact, unlike 0.85. */
export type Rate = number & { readonly [unit]: 'ppm' }

/** How to settle the last fraction of a fen. Every caller says; there is no default. */
export type Rounding = 'half-up' | 'down' | 'up'

export const ZERO = 0 as Fen
export const WHOLE = 1_000_000 as Rate

/** Up to here fen × ppm, plus the largest rounding bump, stays a safe integer: 90 million yuan. */
export const EXACT_PRODUCT_LIMIT = 9_000_000_000

/** Brands a whole number of fen. Throws on a fraction or overflow: that is a bug, not bad input. */
export function fen(n: number): Fen {
  // The words are put together for a bug only: this is asked a hundred times for one bill.
  if (!Number.isSafeInteger(n)) assert.fail(`not a whole number of fen: ${n}`)
  return n as Fen
}

/** `parseYuan('69.35')` is 6935 fen, read digit by digit: 69.35 * 100 is 6934.999…. */
export function parseYuan(text: string): Fen | undefined {
  const m = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text)
  if (!m) return undefined
  const [, sign, whole, cents = ''] = m
  // Adding zero turns "-0.00" into a plain zero, which prints and compares as one.
  return fen(Number(`${sign}${whole}${cents.padEnd(2, '0')}`) + 0)
}

/** `yuan('69.35')` is 6935 fen. Throws on bad text: for figures typed into code and tests. */
export function yuan(text: string): Fen {
  const amount = parseYuan(text)
  assert(amount !== undefined, `not an amount in yuan: ${text}`)
  return amount
}

/** `formatYuan(6935)` is `69.35`: always two decimals, never a float on the way. */
export function formatYuan(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(3, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `parseRate('85%')` is 850_000 ppm: a percentage from 0% to 100%, at most four decimals. */
export function parseRate(text: string): Rate | undefined {
  const m = /^(\d{1,3})(?:\.(\d{1,4}))?%$/.exec(text)
  if (!m) return undefined
  const ppm = Number(m[1]) * 10_000 + Number((m[2] ?? '').padEnd(4, '0'))
  return ppm <= WHOLE ? (ppm as Rate) : undefined
}

/** `rate('85%')` is 850_000 ppm. Throws on bad text: for figures typed into code and tests. */
export function rate(text: string): Rate {
  const ppm = parseRate(text)
  assert(ppm !== undefined, `not a percentage from 0% to 100%: ${text}`)
  return ppm
}

/** `formatRate(850_000)` is `85%`. */
export function formatRate(ppm: number): string {
  const decimals = String(ppm % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '')
  return `${Math.floor(ppm / 10_000)}${decimals ? `.${decimals}` : ''}%`
}

/** `formatFactor(850_000)` is `85%`; what is more than the whole is written as a multiple, `6`. */
export function formatFactor(ppm: number): string {
  if (ppm <= WHOLE) return formatRate(ppm)
  const decimals = String(ppm % WHOLE)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${Math.floor(ppm / WHOLE)}${decimals ? `.${decimals}` : ''}`
}

/**
 * The `rate` share of a non-negative amount, in fen, exact at any size.
 *
 * Plain numbers while the product is a safe integer, split at the million beyond.
 */
export function share(amount: number, rate: number, rounding: Rounding): Fen {
  assert(amount >= 0, 'share() is defined for amounts, not for refunds')
  const bump = rounding === 'half-up' ? 500_000 : rounding === 'up' ? 999_999 : 0
  if (amount <= EXACT_PRODUCT_LIMIT) return Math.floor((amount * rate + bump) / WHOLE) as Fen
  const high = Math.floor(amount / WHOLE)
  const low = amount - high * WHOLE
  return fen(high * rate + Math.floor((low * rate + bump) / WHOLE))
}
