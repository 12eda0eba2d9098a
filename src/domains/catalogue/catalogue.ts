import { placesAbove } from './lookup.ts'
import type { Catalogue, Entry } from './types.ts'

/** The catalogue that these entries make. `versions` names the edition of each place. */
export function createCatalogue(
  entries: Iterable<Entry>,
  versions: ReadonlyMap<string, string>,
): Catalogue {
  const byPlace = new Map<string, Map<string, Entry[]>>()
  for (const entry of entries) {
    const codes = byPlace.get(entry.place) ?? new Map<string, Entry[]>()
    byPlace.set(entry.place, codes)
    const known = codes.get(entry.code)
    if (known) known.push(entry)
    else codes.set(entry.code, [entry])
  }
  return {
    find: (place, code) => byPlace.get(place)?.get(code) ?? [],
    covers: (place) => placesAbove(place).some((each) => versions.has(each)),
    version: (place) => versions.get(place),
  }
}
