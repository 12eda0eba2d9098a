import { Input, Tag } from 'antd'
import { useId, useState } from 'react'
import type { Book, PlaceView, SchemeView } from '#web/api.ts'
import { GRADE_WORDS } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { groupPlaces, type PlaceGroup } from '#web/parts/place-groups.ts'
import { KIND_WORDS } from '#web/parts/scheme-kinds.ts'

/** With more provinces than this, those that nobody looks at are closed. */
const FEW = 4

/** Places by province, each with its schemes; a word narrows them down. */
export function PlaceTree({
  book,
  chosen,
  onChoose,
}: {
  readonly book: Book
  readonly chosen: string | undefined
  readonly onChoose: (scheme: string) => void
}) {
  const { say } = useLanguage()
  const field = useId()
  const [words, setWords] = useState('')
  const groups = groupPlaces(book, words)
  const places = groups.flatMap((group) => group.places)
  const open = ({ province }: PlaceGroup) =>
    groups.length <= FEW || words.trim() !== '' || chosen?.split('/')[0] === province
  return (
    <div className="picker">
      <label htmlFor={field}>{say('findScheme')}</label>
      <Input
        id={field}
        value={words}
        onChange={({ target }) => setWords(target.value)}
        autoComplete="off"
      />
      <p className="quiet" role="status">
        {places.length === 0
          ? say('noSchemes')
          : say('placesFound', {
              places: places.length,
              schemes: places.reduce((sum, { schemes }) => sum + schemes.length, 0),
            })}
      </p>
      {groups.map((group) => (
        // Another word opens and closes anew; between words the reader does.
        <Province
          key={`${group.province} ${open(group)}`}
          group={group}
          open={open(group)}
          chosen={chosen}
          onChoose={onChoose}
        />
      ))}
    </div>
  )
}

function Province({
  group,
  open,
  chosen,
  onChoose,
}: {
  readonly group: PlaceGroup
  readonly open: boolean
  readonly chosen: string | undefined
  readonly onChoose: (scheme: string) => void
}) {
  const { lang, say } = useLanguage()
  return (
    <details className="tree-province" open={open}>
      <summary>
        {group.teaching ? say('teachingPlaces') : group.title[lang]}{' '}
        <span className="quiet">{group.places.length}</span>
      </summary>
      <ul className="tree">
        {group.places.map(({ place, schemes }) => {
          return (
            <li key={place.folder}>
              <p className="tree-place">
                <strong>{place.title[lang]}</strong> {!place.teaching && <Grades place={place} />}
              </p>
              {schemes.length === 0 ? (
                <p className="quiet tree-place">{say('placeWithoutScheme')}</p>
              ) : (
                <ul>
                  {schemes.map((scheme) => (
                    <li key={scheme.id}>
                      <SchemeChoice
                        scheme={scheme}
                        chosen={chosen}
                        onChoose={onChoose}
                        lang={lang}
                      />
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ul>
    </details>
  )
}

/** How far the documents of a place can be trusted, in short; the whole words are its title. */
function Grades({ place }: { readonly place: PlaceView }) {
  const { say } = useLanguage()
  const grades = [...new Set(place.sources.map(({ grade }) => grade))].toSorted()
  return grades.map((grade) => (
    <Tag key={grade} className={`badge badge-grade-${grade}`} title={say(GRADE_WORDS[grade])}>
      {say('gradeShort', { grade })}
    </Tag>
  ))
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
