import { EXACT_PRODUCT_LIMIT } from '#base/money.ts'

/**
 * Divides `amount` over `weights` by largest remainder: each part is its exact share rounded down, and
 * the fen that are left go one each to the largest remainders, first line first among equals.
 *
 * The parts add up to `amount`, and none exceeds its weight while `amount` is not above their sum.
 * Writes into `parts` at `at`, takes the parts off `weights`, and allocates nothing.
 */
export function allocate(
  amount: number,
  weights: Float64Array,
  count: number,
  parts: Float64Array,
  at: number,
  remainders: Float64Array,
): void {
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[i] as number
  if (amount === 0 || sum === 0) {
    for (let i = 0; i < count; i++) parts[at + i] = 0
    return
  }
  let left = amount
  const exact = sum <= Number.MAX_SAFE_INTEGER / amount && sum <= EXACT_PRODUCT_LIMIT
  for (let i = 0; i < count; i++) {
    const weight = weights[i] as number
    let part: number
    if (exact) {
      const product = amount * weight
      part = Math.floor(product / sum)
      remainders[i] = product - part * sum
    } else {
      const product = BigInt(amount) * BigInt(weight)
      part = Number(product / BigInt(sum))
      remainders[i] = Number(product % BigInt(sum))
    }
    parts[at + i] = part
    left -= part
  }
  while (left > 0) {
    let largest = 0
    for (let i = 1; i < count; i++)
      if ((remainders[i] as number) > (remainders[largest] as number)) largest = i
    remainders[largest] = -1
    parts[at + largest] = (parts[at + largest] as number) + 1
    left--
  }
  for (let i = 0; i < count; i++) weights[i] = (weights[i] as number) - (parts[at + i] as number)
}
