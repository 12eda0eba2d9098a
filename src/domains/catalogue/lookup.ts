import { formatRate, formatYuan } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import {
  type Catalogue,
  type Entry,
  type Given,
  type GivenField,
  hasUpfrontShare,
  type Item,
  type ItemCitation,
  type LookupRefusal,
} from './types.ts'

/** `a/b` asks the nation's catalogue first, then that of `a`, then its own. */
export function placesAbove(place: string): string[] {
  const steps = place === '' ? [] : place.split('/')
  return ['', ...steps.map((_, i) => steps.slice(0, i + 1).join('/'))]
}

/**
 * What the catalogues of a place say of a code on a day. A narrower place's line overrides the wider one's in
 * what it fills in, and inherits the rest; where it has ended, the wider one holds again. A neighbour's line,
 * or one of another day, is never used: without a line in force the answer is no.
 */
export function lookUp(
  catalogue: Catalogue,
  code: string,
  place: string,
  on: PlainDate,
): Result<Item, LookupRefusal> {
  const known = placesAbove(place).map((each) => catalogue.find(each, code))
  const entries = known.flatMap((lines) => inForceOn(lines, on) ?? [])
  const [first] = entries
  if (!first) {
    const all = known.flat()
    if (all.length === 0) return err({ code: 'unknown_item', item: code, place })
    const next = all
      .map(({ from }) => from)
      .filter((from) => from > on)
      .toSorted()[0]
    return err({ code: 'item_not_in_force', item: code, place, on, next })
  }
  const last = <K extends keyof Entry>(key: K): Entry[K] | undefined =>
    entries.findLast((entry) => entry[key] !== undefined)?.[key]
  const [name, itemClass] = [last('name'), last('class')]
  // Another class's share would be nonsense: a share belongs to the line that sets the class, or to a later one.
  const classAt = entries.findLastIndex((entry) => entry.class !== undefined)
  const upfrontShare = entries
    .slice(Math.max(0, classAt))
    .findLast((entry) => entry.upfrontShare !== undefined)?.upfrontShare
  const missing = (field: 'name' | 'class' | 'upfrontShare') =>
    err({ code: 'item_incomplete', item: code, place, on, missing: field } as const)
  if (name === undefined) return missing('name')
  if (itemClass === undefined) return missing('class')
  if (hasUpfrontShare(itemClass) && upfrontShare === undefined) return missing('upfrontShare')
  return ok({
    place,
    on,
    kind: first.kind,
    code,
    name,
    class: itemClass,
    upfrontShare: hasUpfrontShare(itemClass) ? upfrontShare : undefined,
    limitPrice: last('limitPrice'),
    unit: last('unit'),
    category: last('category'),
    genericName: last('genericName'),
    limits: last('limits'),
    layers: entries.map((entry) => ({ entry, version: catalogue.version(entry.place) })),
  })
}

/** The line with the latest first day that has come, unless it has ended. */
function inForceOn(lines: readonly Entry[], on: PlainDate): Entry | undefined {
  const begun = lines.filter(({ from }) => from <= on)
  const latest = begun.reduce<Entry | undefined>(
    (best, entry) => (best && best.from >= entry.from ? best : entry),
    undefined,
  )
  return latest && (latest.until === undefined || on <= latest.until) ? latest : undefined
}

/** The rules that an item rests on, as settlements cite them. */
export function citationsOf({ code, layers }: Item): ItemCitation[] {
  return layers.map(({ entry, version }) => citationOf(code, entry, version))
}

function citationOf(code: string, entry: Entry, version: string | undefined): ItemCitation {
  const { place, from, source, article } = entry
  const name = `${place === '' ? '' : `${place}/`}catalogue${version ? `@${version}` : ''}`
  return {
    rule: `${name}#${code}`,
    from,
    observed: undefined,
    source: { ...source, id: name },
    article,
  }
}

/**
 * The first value that a line of a bill gives and the catalogue gives otherwise. What the catalogue leaves
 * open the line may say, but for a limit price: an item without one has none.
 */
export function contradiction(item: Item, given: Given): LookupRefusal | undefined {
  const shown: Record<GivenField, (of: Given | Item) => string | undefined> = {
    class: (of) => of.class,
    upfrontShare: (of) => (of.upfrontShare === undefined ? undefined : formatRate(of.upfrontShare)),
    limitPrice: (of) => (of.limitPrice === undefined ? undefined : formatYuan(of.limitPrice)),
    category: (of) => of.category,
    genericName: (of) => of.genericName,
  }
  for (const field of Object.keys(shown) as GivenField[]) {
    const said = shown[field](given)
    const holds = shown[field](item)
    const open = holds === undefined && (field === 'category' || field === 'genericName')
    if (said === undefined || said === holds || open) continue
    // 甲 and 丙 have no share of their own; saying so is no contradiction.
    if (field === 'upfrontShare' && holds === undefined && given.upfrontShare === 0) continue
    const { code, place, on, layers } = item
    const setting = layers.findLast(({ entry }) => entry[field] !== undefined) ?? layers[0]
    if (!setting) throw new Error('an item rests on a line')
    return {
      code: 'item_contradicted',
      item: code,
      place,
      on,
      field,
      given: said,
      catalogue: holds ?? '',
      citation: citationOf(code, setting.entry, setting.version),
    }
  }
  return undefined
}
