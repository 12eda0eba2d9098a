import { EXACT_PRODUCT_LIMIT } from '#base/money.ts'

/**
 * Divides amounts by largest remainder: each part is its exact share rounded down, and the fen that are
 * left go one each to the largest remainders, first line first among equals.
 *
 * Keeps its working space between calls, so that dividing allocates no memory.
 */
export class LargestRemainder {
  #remainders = new Float64Array(0)

  /**
   * Divides `amount` over the first `count` of `weights`, whose sum is `sum`, into `parts`.
   *
   * The parts add up to `amount`; none exceeds its weight while `amount` is not above `sum`.
   */
  divide(
    amount: number,
    weights: Float64Array,
    sum: number,
    count: number,
    parts: Float64Array,
  ): void {
    if (amount === 0 || sum === 0) {
      parts.fill(0, 0, count)
      return
    }
    if (this.#remainders.length < count) this.#remainders = new Float64Array(count)
    const left =
      sum <= EXACT_PRODUCT_LIMIT && amount <= Number.MAX_SAFE_INTEGER / sum
        ? this.#shareOut(amount, weights, sum, count, parts)
        : this.#shareOutExactly(amount, weights, sum, count, parts)
    if (left * 2 <= count) this.#giveToLargest(left, count, parts)
    else this.#giveToAllButSmallest(count - left, count, parts)
  }

  /** Rounds every share down; returns the fen left over. For products that are safe integers. */
  #shareOut(
    amount: number,
    weights: Float64Array,
    sum: number,
    count: number,
    parts: Float64Array,
  ): number {
    const remainders = this.#remainders
    const inverse = 1 / sum
    let left = amount
    for (let i = 0; i < count; i++) {
      const product = amount * (weights[i] as number)
      // Multiplying by the inverse may miss by one; the remainder says so, exactly.
      let part = Math.floor(product * inverse)
      let remainder = product - part * sum
      if (remainder < 0) {
        part--
        remainder += sum
      } else if (remainder >= sum) {
        part++
        remainder -= sum
      }
      parts[i] = part
      remainders[i] = remainder
      left -= part
    }
    return left
  }

  /** The same for amounts whose products leave the safe integers. */
  #shareOutExactly(
    amount: number,
    weights: Float64Array,
    sum: number,
    count: number,
    parts: Float64Array,
  ): number {
    let left = amount
    for (let i = 0; i < count; i++) {
      const product = BigInt(amount) * BigInt(weights[i] as number)
      const part = Number(product / BigInt(sum))
      parts[i] = part
      this.#remainders[i] = Number(product % BigInt(sum))
      left -= part
    }
    return left
  }

  #giveToLargest(left: number, count: number, parts: Float64Array): void {
    const remainders = this.#remainders
    for (let given = 0; given < left; given++) {
      let largest = 0
      let most = -1
      for (let i = 0; i < count; i++) {
        const remainder = remainders[i] as number
        if (remainder > most) {
          most = remainder
          largest = i
        }
      }
      remainders[largest] = -1
      parts[largest] = (parts[largest] as number) + 1
    }
  }

  /** The same choice made from the other end, which is shorter when most lines receive a fen. */
  #giveToAllButSmallest(spared: number, count: number, parts: Float64Array): void {
    const remainders = this.#remainders
    for (let i = 0; i < count; i++) parts[i] = (parts[i] as number) + 1
    for (let taken = 0; taken < spared; taken++) {
      let smallest = 0
      let least = Number.POSITIVE_INFINITY
      // The last among equals gives its fen back, so that the first keeps it.
      for (let i = 0; i < count; i++) {
        const remainder = remainders[i] as number
        if (remainder <= least) {
          least = remainder
          smallest = i
        }
      }
      remainders[smallest] = Number.POSITIVE_INFINITY
      parts[smallest] = (parts[smallest] as number) - 1
    }
  }
}
