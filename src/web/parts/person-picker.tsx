import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import { useId, useState } from 'react'
import { api, type Book, MOST_PERSONS, type PersonRow } from '#web/api.ts'
import { TeachingTag } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useAnswers } from '#web/parts/use-book.ts'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'

/** Find one person: by scheme, then by number or name. Names come masked from the server. */
export function PersonPicker({
  book,
  scheme,
  onScheme,
  person,
  onPerson,
}: {
  readonly book: Book | undefined
  readonly scheme: string
  readonly onScheme: (scheme: string) => void
  readonly person: string | undefined
  readonly onPerson: (person: string) => void
}) {
  const { lang, say } = useLanguage()
  const ids = useId()
  const [words, setWords] = useState('')
  const q = useDebounced(words.trim())
  const persons = useQuery({
    queryKey: ['persons', q, scheme],
    queryFn: () => api.persons(q, scheme),
    placeholderData: keepPreviousData,
  })
  const groups = (book?.places ?? []).flatMap((place) => {
    const options = (book?.schemes ?? [])
      .filter((each) => each.place === place.folder && each.kind === 'public')
      .map((each) => ({ value: each.id, label: each.title[lang] }))
    return options.length > 0 ? [{ label: place.title[lang], options }] : []
  })
  const teaching = book?.schemes.find(({ id }) => id === scheme)?.teaching
  return (
    <div className="picker">
      <label htmlFor={`${ids}-scheme`}>{say('scheme')}</label>
      <Select
        id={`${ids}-scheme`}
        value={scheme}
        onChange={onScheme}
        showSearch={{ optionFilterProp: 'label' }}
        options={[{ value: '', label: say('allSchemes') }, ...groups]}
      />
      {teaching && (
        <p>
          <TeachingTag />
        </p>
      )}
      <label htmlFor={`${ids}-person`}>{say('person')}</label>
      <Input.Search
        id={`${ids}-person`}
        value={words}
        onChange={({ target }) => setWords(target.value)}
        placeholder={say('searchPerson')}
        allowClear
        autoComplete="off"
      />
      <Await query={persons}>
        {(data) => (
          <>
            <PersonList persons={data.persons} book={book} chosen={person} onChoose={onPerson} />
            {data.persons.length === MOST_PERSONS && (
              <p className="quiet">{say('firstPersons', { n: MOST_PERSONS })}</p>
            )}
          </>
        )}
      </Await>
    </div>
  )
}

function PersonList({
  persons,
  book,
  chosen,
  onChoose,
}: {
  readonly persons: readonly PersonRow[]
  readonly book: Book | undefined
  readonly chosen: string | undefined
  readonly onChoose: (person: string) => void
}) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  if (persons.length === 0) return <p className="quiet">{say('noPersons')}</p>
  return (
    <ul className="choices" aria-label={say('persons')}>
      {persons.map((person) => {
        const { id, name, born, scheme, bills, settled } = person
        const title = book?.schemes.find((each) => each.id === scheme)?.title[lang] ?? scheme
        return (
          <li key={id}>
            <button
              type="button"
              className="choice"
              aria-pressed={id === chosen}
              onClick={() => onChoose(id)}
            >
              <span className="choice-main">
                <strong>{name || say('noName')}</strong> <span className="quiet">{id}</span>
              </span>
              <span className="choice-side">{say('settledOf', { settled, bills })}</span>
              <span className="choice-note">
                {[
                  title,
                  answer('class', person.class),
                  answer('category', person.category),
                  born?.slice(0, 4),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
