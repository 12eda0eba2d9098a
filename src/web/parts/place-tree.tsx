import { Input } from 'antd'
import { useId, useState } from 'react'
import type { Book, PlaceView, SchemeView } from '#web/api.ts'
import { TeachingTag } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { KIND_WORDS } from '#web/parts/scheme-kinds.ts'

/** Places by folder, each with its schemes; a word narrows them down. */
export function PlaceTree({
  book,
  chosen,
  onChoose,
}: {
  readonly book: Book
  readonly chosen: string | undefined
  readonly onChoose: (scheme: string) => void
}) {
  const { lang, say } = useLanguage()
  const field = useId()
  const [words, setWords] = useState('')
  const wanted = words.trim().toLowerCase()
  const fits = (...texts: readonly string[]) =>
    texts.some((text) => text.toLowerCase().includes(wanted))
  const places = book.places
    .map((place) => ({
      place,
      schemes: book.schemes.filter(
        (scheme) =>
          scheme.place === place.folder &&
          fits(place.title.zh, place.title.en, scheme.title.zh, scheme.title.en, scheme.id),
      ),
    }))
    .filter(({ schemes }) => schemes.length > 0)
    .toSorted((a, b) => (a.place.folder < b.place.folder ? -1 : 1))
  return (
    <div className="picker">
      <label htmlFor={field}>{say('findScheme')}</label>
      <Input
        id={field}
        value={words}
        onChange={({ target }) => setWords(target.value)}
        allowClear
        autoComplete="off"
      />
      {places.length === 0 && <p className="quiet">{say('noSchemes')}</p>}
      <ul className="tree">
        {places.map(({ place, schemes }) => (
          <li key={place.folder}>
            <Place place={place} />
            <ul>
              {schemes.map((scheme) => (
                <li key={scheme.id}>
                  <SchemeChoice scheme={scheme} chosen={chosen} onChoose={onChoose} lang={lang} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Place({ place }: { readonly place: PlaceView }) {
  const { lang } = useLanguage()
  return (
    <p className="tree-place">
      <strong>{place.title[lang]}</strong> <code className="quiet">{place.folder}</code>
      {place.teaching && <TeachingTag />}
    </p>
  )
}

function SchemeChoice({
  scheme,
  chosen,
  onChoose,
  lang,
}: {
  readonly scheme: SchemeView
  readonly chosen: string | undefined
  readonly onChoose: (scheme: string) => void
  readonly lang: 'zh' | 'en'
}) {
  const { say } = useLanguage()
  return (
    <button
      type="button"
      className="choice"
      aria-pressed={scheme.id === chosen}
      onClick={() => onChoose(scheme.id)}
    >
      <span className="choice-main">{scheme.title[lang]}</span>
      <span className="choice-side">{say(KIND_WORDS[scheme.kind])}</span>
    </button>
  )
}
