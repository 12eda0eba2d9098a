/** A cell of a table of persons with fewer of them than this could tell who they are. */
export const FEWEST = 10

/**
 * Which rows of a table are hidden: those of fewer than `FEWEST` persons, and where that is a single one the smallest
 * of the others as well, for else it would be the total less what is shown. Rows of nobody tell nothing and stay.
 */
export function hiddenRows(persons: readonly number[]): ReadonlySet<number> {
  const filled = persons.map((count, i) => ({ count, i })).filter(({ count }) => count > 0)
  const hidden = filled.filter(({ count }) => count < FEWEST)
  if (hidden.length === 1) {
    const [smallest] = filled
      .filter(({ count }) => count >= FEWEST)
      .toSorted((a, b) => a.count - b.count)
    if (smallest) hidden.push(smallest)
  }
  return new Set(hidden.map(({ i }) => i))
}
