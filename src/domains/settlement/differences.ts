/** An amount that came out otherwise: what it is of, in fen, as it was kept and as it is computed now. */
export type Difference = { readonly of: string; readonly kept: number; readonly now: number }

/**
 * Every amount in which two results of one bill differ, such as `tiers.resident-inpatient.paid`. What only
 * one of them has counts as zero in the other; words are not compared.
 */
export function differencesBetween(kept: unknown, now: unknown): Difference[] {
  const [before, after] = [amountsOf(kept), amountsOf(now)]
  const all = [...new Set([...before.keys(), ...after.keys()])]
  return all.flatMap((of) => {
    const pair = { of, kept: before.get(of) ?? 0, now: after.get(of) ?? 0 }
    return pair.kept === pair.now ? [] : [pair]
  })
}

/** Every number within a value, by its path. */
function amountsOf(value: unknown): ReadonlyMap<string, number> {
  const amounts = new Map<string, number>()
  const walk = (part: unknown, path: string): void => {
    if (typeof part === 'number') amounts.set(path, part)
    if (typeof part !== 'object' || part === null) return
    for (const [key, inner] of Object.entries(part))
      walk(inner, `${path}${path && '.'}${nameOf(inner) ?? key}`)
  }
  walk(value, '')
  return amounts
}

/** Entries of a list go by their own name, so that one more in between moves none of the others. */
function nameOf(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined
  const { tier, benefit, id } = part as { tier?: string; benefit?: string; id?: string }
  return tier ?? benefit ?? id
}
