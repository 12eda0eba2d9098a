import type { OwedEntry } from './types.ts'

/** What one fund owes one payee, and by which entries of the ledger. */
export type Gathered = {
  readonly fund: string
  readonly payee: string
  /** In fen: the sum of the entries. */
  readonly amount: number
  readonly entries: readonly Pick<OwedEntry, 'subject' | 'kind' | 'amount'>[]
}

/**
 * Gathers what is owed by fund and payee. Entries that take back are part of it, so that a payee who was paid too much
 * gets less; where that leaves nothing, or less than nothing, nothing is ordered and the entries wait for more.
 */
export function gather(entries: readonly OwedEntry[]): {
  readonly owed: readonly Gathered[]
  readonly below: readonly Omit<Gathered, 'entries'>[]
} {
  const groups = groupBy(entries, ({ fund, payee }) => JSON.stringify([fund, payee]))
  const all = [...groups.values()]
    .map((own): Gathered => {
      const [{ fund, payee } = { fund: '', payee: '' }] = own
      const amount = own.reduce((sum, each) => sum + each.amount, 0)
      return { fund, payee, amount, entries: own }
    })
    .toSorted((a, b) => compare(a.fund, b.fund) || compare(a.payee, b.payee))
  return {
    owed: all.filter(({ amount }) => amount > 0),
    below: all
      .filter(({ amount }) => amount < 0)
      .map(({ fund, payee, amount }) => ({ fund, payee, amount })),
  }
}

/** Things by what they have in common, in the order in which they come. */
export function groupBy<K, T>(things: readonly T[], keyOf: (thing: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group) group.push(thing)
    else groups.set(key, [thing])
  }
  return groups
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
