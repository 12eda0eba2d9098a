import type { Steps } from './types.ts'

/** What a value of the unknown comes to, in fen. */
export type Tried = { readonly x: number; readonly spent: number }

export type Solution = {
  /** The value nearest to the limit that keeps it; nothing where none does. */
  readonly best: Tried | undefined
  /** Everything that was tried, in the order of `x`. */
  readonly tried: readonly Tried[]
}

export const countOf = ({ from, to, step }: Steps): number => Math.floor((to - from) / step) + 1
export const valueAt = ({ from, step }: Steps, i: number): number => from + i * step

/**
 * The value at which a fund spends as much as it may and no more, by bisection: `spentAt` settles everything again.
 * What is spent has to rise or to fall with the value all the way, as it does with a deductible, a rate or a cap.
 */
export async function solve(
  steps: Steps,
  most: number,
  spentAt: (x: number) => Promise<number>,
): Promise<Solution> {
  const known = new Map<number, Tried>()
  const at = async (i: number): Promise<Tried> => {
    const found = known.get(i) ?? { x: valueAt(steps, i), spent: await spentAt(valueAt(steps, i)) }
    known.set(i, found)
    return found
  }
  const last = countOf(steps) - 1
  const ends = [await at(0), await at(last)] as const
  const rises = ends[1].spent > ends[0].spent
  // The side on which what is spent is low, and the one on which it is high.
  let [low, high] = rises ? [0, last] : [last, 0]
  const keeps = async (i: number) => (await at(i)).spent <= most
  let best: Tried | undefined
  if (await keeps(high)) best = await at(high)
  else if (await keeps(low)) {
    while (Math.abs(high - low) > 1) {
      const middle = Math.trunc((low + high) / 2)
      if (await keeps(middle)) low = middle
      else high = middle
    }
    best = await at(low)
  }
  return { best, tried: [...known.values()].toSorted((a, b) => a.x - b.x) }
}
