import type { Book } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'

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
            {nameOfPlace(folder, places, lang, say('theNation'))}
          </option>
        ))}
      </select>
    </label>
  )
}

export function nameOfPlace(
  folder: string,
  places: Places,
  lang: 'zh' | 'en',
  nation: string,
): string {
  if (folder === '') return nation
  return places.find((each) => each.folder === folder)?.title[lang] ?? folder
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
