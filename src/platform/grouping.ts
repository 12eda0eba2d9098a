/**
 * Work that costs the same for many as for one, such as a transaction, done for whoever waits.
 *
 * An item goes out at once while a lane is free. Otherwise it waits for the next lane, which takes up to
 * `most` items of one `kin` along. Two items of the same `name` never go out together: the second must see
 * what became of the first. Each caller gets the outcome of its own item, when the group's work is done.
 *
 * A group that fails says nothing about which item was at fault, so each of its items is tried once more,
 * alone: a fault meets its own caller only.
 */
export function createGrouper<Item, Outcome>({
  lanes,
  most,
  kin,
  name,
  work,
}: {
  readonly lanes: number
  readonly most: number
  readonly kin: (item: Item) => string
  readonly name: (item: Item) => string
  /** The outcome of each item, in their order. */
  readonly work: (items: readonly Item[]) => Promise<readonly Outcome[]>
}): (item: Item) => Promise<Outcome> {
  type Waiting = {
    readonly item: Item
    readonly resolve: (outcome: Outcome) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let busy = 0

  function takeGroup(): Waiting[] {
    const [first] = waiting
    if (!first) return []
    const family = kin(first.item)
    const names = new Set<string>()
    const group: Waiting[] = []
    const rest: Waiting[] = []
    for (const each of waiting) {
      const called = name(each.item)
      const goes = group.length < most && kin(each.item) === family && !names.has(called)
      // Whoever comes after a namesake that stays behind stays behind as well.
      names.add(called)
      if (goes) group.push(each)
      else rest.push(each)
    }
    waiting = rest
    return group
  }

  async function settleGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await work(group.map(({ item }) => item))
      for (const [i, { resolve }] of group.entries()) resolve(outcomes[i] as Outcome)
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else for (const each of group) await settleGroup([each])
    }
  }

  async function drain(): Promise<void> {
    busy++
    // What arrives in the same turn of the loop goes out together.
    await Promise.resolve()
    for (let group = takeGroup(); group.length > 0; group = takeGroup()) await settleGroup(group)
    busy--
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (busy < lanes) void drain()
    })
}
