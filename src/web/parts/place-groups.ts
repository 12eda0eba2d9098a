import type { Title } from '#domains/settlement/types.ts'
import type { Book, PlaceView, SchemeView } from '#web/api.ts'

type ListedPlace = { readonly place: PlaceView; readonly schemes: readonly SchemeView[] }

/** The places of one province, by the first step of their folders. */
export type PlaceGroup = {
  readonly province: string
  readonly title: Title
  readonly teaching: boolean
  readonly places: readonly ListedPlace[]
}

/**
 * Places by province, teaching places first. `words` narrows them down by the names of places and schemes in either
 * language, and by their folders, which are pinyin. A place whose own name fits keeps all its schemes; one that has none
 * is listed all the same.
 */
export function groupPlaces(
  { places, schemes }: Pick<Book, 'places' | 'schemes'>,
  words: string,
): PlaceGroup[] {
  const wanted = words.trim().toLowerCase()
  const fits = (...texts: readonly string[]) =>
    texts.some((text) => text.toLowerCase().includes(wanted))
  const groups = new Map<string, ListedPlace[]>()
  for (const place of places.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))) {
    const own = schemes.filter((scheme) => scheme.place === place.folder)
    const named = fits(place.title.zh, place.title.en, place.folder)
    const found = named ? own : own.filter(({ id, title }) => fits(title.zh, title.en, id))
    if (!named && found.length === 0) continue
    const province = place.folder.split('/')[0] ?? ''
    groups.set(province, [...(groups.get(province) ?? []), { place, schemes: found }])
  }
  return [...groups]
    .map(
      ([province, listed]): PlaceGroup => ({
        province,
        title: provinceTitle(places, province),
        teaching: listed.every(({ place }) => place.teaching),
        places: listed,
      }),
    )
    .toSorted((a, b) => Number(b.teaching) - Number(a.teaching))
}

/** The name of the first step of places' folders: 江苏省 and Jiangsu of `jiangsu`. */
export function provinceTitle(places: readonly PlaceView[], province: string): Title {
  const titles = places
    .filter(({ folder }) => folder.split('/')[0] === province)
    .map(({ title }) => title.zh)
  return { zh: provinceOf(titles) ?? province, en: capital(province) }
}

/** What the names of a province's places begin with: 江苏省 of 江苏省苏州市, or the city itself, as 上海市. */
function provinceOf(titles: readonly string[]): string | undefined {
  for (const shape of [/^.+?(?:省|自治区)/, /^.+?市/])
    for (const title of titles) {
      const [found] = shape.exec(title) ?? []
      if (found) return found
    }
  return undefined
}

const capital = (folder: string): string =>
  folder.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
