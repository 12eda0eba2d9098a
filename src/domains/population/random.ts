/** Stirs 32 bits so that each one depends on all of them. */
export function mix(bits: number): number {
  let h = bits | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Where the numbers of one thing of one city begin: of a person, of a person's month, of a block. */
export function seedOf(seed: number, kind: number, a: number, b = 0): number {
  return mix(mix(mix(seed ^ Math.imul(kind, 0x9e3779b1)) ^ a) ^ Math.imul(b, 0x27d4eb2f))
}

/** Numbers that follow from where they begin and from nothing else. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  begin(seed: number): void {
    this.#state = seed | 0
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return (mix(this.#state) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Of the standard normal distribution. */
  normal(): number {
    const u = 1 - this.next()
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next())
  }

  /** How often something happens that is expected `mean` times. */
  times(mean: number): number {
    let left = this.next()
    let chance = Math.exp(-mean)
    let n = 0
    while (left >= chance && n < 200) {
      left -= chance
      n++
      chance *= mean / n
    }
    return n
  }

  /** The place in a list of shares that add up to one. */
  among(shares: readonly number[]): number {
    let left = this.next()
    for (let i = 0; i < shares.length - 1; i++) {
      left -= shares[i] as number
      if (left < 0) return i
    }
    return shares.length - 1
  }
}
