import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { PersonPicker } from '#web/parts/person-picker.tsx'
import { RegisterPerson } from '#web/parts/register-person.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useBook } from '#web/parts/use-book.ts'

/** Find a person to see what has been settled for them. */
export default function PersonsPage() {
  const { say } = useLanguage()
  const go = useNavigate()
  const [scheme, setScheme] = useState('')
  const book = useBook()
  const handles = useMay('files write')
  return (
    <Page title={say('personsPage')} lead={say('personsLead')}>
      <div className="paper narrow">
        <PersonPicker
          book={book.data}
          scheme={scheme}
          onScheme={setScheme}
          person={undefined}
          onPerson={(person) => void go(`/persons/${encodeURIComponent(person)}`)}
        />
      </div>
      {handles && (
        <RegisterPerson onDone={(person) => void go(`/persons/${encodeURIComponent(person)}`)} />
      )}
    </Page>
  )
}
