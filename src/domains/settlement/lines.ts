import { LargestRemainder } from './allocate.ts'
import type { TierLayout } from './emit.ts'
import { NATIVE_COMPONENTS, NATIVE_OF } from './types.ts'

/** How many numbers a line has in a flat array of lines: its native components in their order. */
export const LINE_WIDTH = NATIVE_COMPONENTS.length

/**
 * Gives each line of a bill its part of what each tier paid.
 *
 * Tiers act on the bill; a line's part is an allocation by largest remainder, in proportion to what of
 * the line is still unpaid when the tier's turn comes. What a tier paid below the deductible or above
 * the cap came from the in-scope cost, and is allocated over it. Per line, payers plus patient equal its
 * amount. Keeps its working space between bills: make one per plan and use it for all of them.
 */
export class LineAllocator {
  readonly #tiers: readonly TierLayout[]
  /** For each native component, for each tier, where the out array holds what was paid of it. */
  readonly #paidAt: readonly (readonly (readonly number[])[])[]
  readonly #amounts: Float64Array
  readonly #byRemainder = new LargestRemainder()
  #rows = new Int32Array(0)
  #unpaid = new Float64Array(0)
  #parts = new Float64Array(0)

  constructor(tiers: readonly TierLayout[]) {
    this.#tiers = tiers
    this.#amounts = new Float64Array(tiers.length)
    this.#paidAt = NATIVE_COMPONENTS.map((native) =>
      tiers.map(({ parts }) =>
        parts.flatMap(({ component, at }) => (NATIVE_OF[component] === native ? [at] : [])),
      ),
    )
  }

  /**
   * `lines` holds, from `linesAt`, `count` lines of LINE_WIDTH parts each; `paid` receives `count` rows of
   * one amount per tier. `out` is what the kernel wrote. All in fen.
   */
  allocate(
    out: Float64Array,
    lines: Float64Array,
    linesAt: number,
    count: number,
    paid: Float64Array,
  ): void {
    if (this.#rows.length < count) {
      this.#rows = new Int32Array(count)
      this.#unpaid = new Float64Array(count)
      this.#parts = new Float64Array(count)
    }
    paid.fill(0, 0, count * this.#tiers.length)
    for (let native = 0; native < LINE_WIDTH; native++)
      this.#allocateNative(native, out, lines, linesAt + native, count, paid)
  }

  #allocateNative(
    native: number,
    out: Float64Array,
    lines: Float64Array,
    linesAt: number,
    count: number,
    paid: Float64Array,
  ): void {
    const paidAt = this.#paidAt[native] as readonly (readonly number[])[]
    const amounts = this.#amounts
    let anything = 0
    for (let t = 0; t < paidAt.length; t++) {
      const places = paidAt[t] as readonly number[]
      let amount = 0
      for (let k = 0; k < places.length; k++) amount += out[places[k] as number] as number
      amounts[t] = amount
      anything += amount
    }
    if (anything === 0) return

    const rows = this.#rows
    const unpaid = this.#unpaid
    const parts = this.#parts
    const width = this.#tiers.length
    let active = 0
    let sum = 0
    for (let i = 0; i < count; i++) {
      const amount = lines[linesAt + i * LINE_WIDTH] as number
      if (amount === 0) continue
      rows[active] = i * width
      unpaid[active++] = amount
      sum += amount
    }
    for (let t = 0; t < width; t++) {
      const amount = amounts[t] as number
      if (amount === 0) continue
      this.#byRemainder.divide(amount, unpaid, sum, active, parts)
      sum -= amount
      for (let i = 0; i < active; i++) {
        const part = parts[i] as number
        const at = (rows[i] as number) + t
        unpaid[i] = (unpaid[i] as number) - part
        paid[at] = (paid[at] as number) + part
      }
    }
  }
}
