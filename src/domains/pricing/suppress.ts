/** A cell of a table of persons with fewer of them than this could tell who they are. */
export const FEWEST = 10

/** Whether a number of persons is too few to be told of. Nobody is nobody, and tells nothing. */
export const tooFew = (persons: number): boolean => persons > 0 && persons < FEWEST

/** Of a row of a table: how many persons are in it, and for how many of them anything changes. */
export type Counted = { readonly persons: number; readonly changed: number }

/**
 * Which rows of a table are hidden: those of fewer than `FEWEST` persons, those whose two sums differ by what concerns
 * so few, and where that is a single row the smallest of the others as well, for else it would be the total less what
 * is shown. Rows of nobody tell nothing and stay.
 */
export function hiddenRows(rows: readonly Counted[]): ReadonlySet<number> {
  const filled = rows.map((row, i) => ({ ...row, i })).filter(({ persons }) => persons > 0)
  const hides = (row: Counted) => tooFew(row.persons) || tooFew(row.changed)
  const hidden = filled.filter(hides)
  if (hidden.length === 1) {
    const [smallest] = filled.filter((row) => !hides(row)).toSorted((a, b) => a.persons - b.persons)
    if (smallest) hidden.push(smallest)
  }
  return new Set(hidden.map(({ i }) => i))
}

/**
 * A column of counts of a table whose sum may be known from elsewhere: what is too few is not told, and where that is a
 * single count the smallest of the others is not either. `hidden` rows are not told as it is.
 */
export function toldCounts(
  counts: readonly number[],
  hidden: ReadonlySet<number> = new Set(),
): readonly (number | null)[] {
  const filled = counts.map((count, i) => ({ count, i })).filter(({ count }) => count > 0)
  const untold = new Set(
    filled.filter(({ count, i }) => hidden.has(i) || tooFew(count)).map(({ i }) => i),
  )
  if (untold.size === 1) {
    const [smallest] = filled
      .filter(({ i }) => !untold.has(i))
      .toSorted((a, b) => a.count - b.count)
    if (smallest) untold.add(smallest.i)
  }
  return counts.map((count, i) => (untold.has(i) ? null : count))
}

/** How many are on one side of a line before and after, and how many cross it each way. */
export type Crossing = Record<'before' | 'after' | 'entering' | 'leaving', number>

/**
 * Of these four one follows from the other three. What is too few is not told, and neither is a second one, for the first
 * would follow from it.
 */
export function toldCrossing(counts: Crossing): Record<keyof Crossing, number | null> {
  const names = ['before', 'after', 'entering', 'leaving'] as const
  const untold = new Set(names.filter((name) => tooFew(counts[name])))
  if (untold.size === 1) untold.add(untold.has('after') ? 'entering' : 'after')
  const told = (name: keyof Crossing) => (untold.has(name) ? null : counts[name])
  return {
    before: told('before'),
    after: told('after'),
    entering: told('entering'),
    leaving: told('leaving'),
  }
}
