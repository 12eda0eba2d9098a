import type { Book } from '#web/api.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { provinceTitle } from '#web/parts/place-groups.ts'

export type Places = Book['places']

/** Which place's catalogue: the nation, a province, or a city. */
export function PlaceSelect({
  places,
  place,
  onChange,
}: {
  readonly places: Places
  readonly place: string
  readonly onChange: (place: string) => void
}) {
  const { lang, say } = useLanguage()
  return (
    <label className="field">
      <span>{say('placeOfCatalogue')}</span>
      <select value={place} onChange={({ target }) => onChange(target.value)}>
        {foldersOf(places).map((folder) => (
          <option key={folder} value={folder}>
            {nameOfPlace(folder, places, lang, say)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A place by its own name; a folder above places by the name that they share. */
export function nameOfPlace(folder: string, places: Places, lang: Language, say: Say): string {
  if (folder === '') return say('theNation')
  const place = places.find((each) => each.folder === folder)
  if (place) return place.title[lang]
  const below = places.filter((each) => each.folder.startsWith(`${folder}/`))
  if (below.length === 0) return folder
  return below.every(({ teaching }) => teaching)
    ? say('teachingPlaces')
    : say('allOfPlace', { name: provinceTitle(places, folder)[lang] })
}

/** Every place, and every folder above one. */
function foldersOf(places: Places): string[] {
  const folders = places.flatMap(({ folder }) => {
    const steps = folder.split('/')
    return steps.map((_, i) => steps.slice(0, i + 1).join('/'))
  })
  return ['', ...new Set(folders)].toSorted()
}

/** Where to begin: in a teaching city, if there is one, because its catalogue comes with the program. */
export const firstPlace = (places: Places): string =>
  (places.find(({ teaching }) => teaching) ?? places[0])?.folder ?? ''
