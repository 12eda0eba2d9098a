/** Two persons who share an account as a family. */
export type FamilyLink = { readonly owner: string; readonly member: string }

/**
 * Which persons live together, as far as it is known: whoever shares an account with somebody, and whoever shares one with
 * them. A household is named by the first of its persons; of somebody who is not told, nothing is known.
 */
export function householdsOf(links: Iterable<FamilyLink>): ReadonlyMap<string, string> {
  const above = new Map<string, string>()
  const first = (person: string): string => {
    let top = person
    for (let next = above.get(top); next !== undefined && next !== top; next = above.get(top))
      top = next
    // Whoever was passed on the way is nearer the next time.
    for (let at = person; at !== top; ) {
      const next = above.get(at) ?? top
      above.set(at, top)
      at = next
    }
    return top
  }
  for (const { owner, member } of links) {
    const [a, b] = [first(owner), first(member)]
    const [lower, higher] = a < b ? [a, b] : [b, a]
    above.set(lower, lower)
    above.set(higher, lower)
  }
  return new Map([...above.keys()].map((person) => [person, first(person)]))
}
