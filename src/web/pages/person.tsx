import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'
import { api, type EnrolmentFile, type PersonFile, Problem } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { PersonActsProvider } from '#web/parts/person-acts.tsx'
import { PersonBills } from '#web/parts/person-bills.tsx'
import { PersonCovers } from '#web/parts/person-covers.tsx'
import { PersonHeader } from '#web/parts/person-header.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await, Waiting } from '#web/parts/waiting.tsx'

const Statements = lazy(async () => ({
  default: (await import('#web/parts/statements.tsx')).Statements,
}))
const KnownAt = lazy(async () => ({
  default: (await import('#web/parts/known-at.tsx')).KnownAt,
}))
const PersonHealth = lazy(async () => ({
  default: (await import('#web/parts/person-health.tsx')).PersonHealth,
}))
const PersonMoney = lazy(async () => ({
  default: (await import('#web/parts/person-money.tsx')).PersonMoney,
}))
const PersonFamily = lazy(async () => ({
  default: (await import('#web/parts/person-family.tsx')).PersonFamily,
}))
const PersonHistory = lazy(async () => ({
  default: (await import('#web/parts/person-history.tsx')).PersonHistory,
}))

/** The file of one person: who they are, and under each tab one side of it. */
export default function PersonPage() {
  const { person: id = '' } = useParams()
  const { say } = useLanguage()
  const lists = useMay('persons list')
  const opens = useMay('emergencies open')
  const bills = useQuery({ queryKey: ['person', id], queryFn: () => api.person(id) })
  const enrolment = useQuery({
    queryKey: ['enrolment', id],
    queryFn: () => api.enrolmentFile(id),
  })
  const name = bills.data && (bills.data.person.name || bills.data.person.id)
  return (
    <Page
      title={name ? say('historyOf', { name }) : say('personPage')}
      lead={lists && <Link to="/persons">{say('backToPersons')}</Link>}
    >
      {opens && bills.error instanceof Problem && [403, 404].includes(bills.error.status) && (
        <p>
          {say('emergencyInstead')}{' '}
          <Link to={`/emergency?${new URLSearchParams({ person: id })}`}>
            {say('emergencyPage')}
          </Link>
        </p>
      )}
      <Await query={bills}>
        {(billFile) => (
          <Await query={enrolment}>
            {(file) => (
              <PersonActsProvider key={file.id} file={file}>
                <File bills={billFile} file={file} />
              </PersonActsProvider>
            )}
          </Await>
        )}
      </Await>
    </Page>
  )
}

const SIDES = {
  cover: 'tabCover',
  bills: 'tabBills',
  health: 'tabHealth',
  money: 'tabMoney',
  family: 'tabFamily',
  history: 'tabHistory',
} as const
type Side = keyof typeof SIDES

function File({ bills, file }: { readonly bills: PersonFile; readonly file: EnrolmentFile }) {
  const { say } = useLanguage()
  const book = useBook().data
  const [words] = useSearchParams()
  const asked = words.get('tab') ?? ''
  const side: Side = asked in SIDES ? (asked as Side) : 'cover'
  const shown: Readonly<Record<Side, ReactNode>> = {
    cover: <PersonCovers file={file} book={book} />,
    bills: (
      <>
        <PersonBills file={bills} book={book} />
        <Statements person={file.id} />
        <KnownAt person={file.id} book={book} />
      </>
    ),
    health: <PersonHealth file={file} book={book} />,
    money: <PersonMoney file={file} book={book} />,
    family: <PersonFamily file={file} />,
    history: <PersonHistory file={file} book={book} />,
  }
  return (
    <>
      <PersonHeader person={bills.person} file={file} book={book} />
      <nav className="sides" aria-label={say('personPage')}>
        <ul>
          {(Object.keys(SIDES) as Side[]).map((each) => (
            <li key={each}>
              <Link
                to={`?tab=${each}`}
                replace
                preventScrollReset
                aria-current={each === side ? 'page' : undefined}
              >
                {say(SIDES[each])}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Suspense key={side} fallback={<Waiting />}>
        {shown[side]}
      </Suspense>
    </>
  )
}
