import { type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import {
  api,
  type BillRow,
  type Book,
  type EnrolmentFile,
  type PersonFile,
  Problem,
} from '#web/api.ts'
import { BillState } from '#web/parts/bill-list.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { EnrolmentSections } from '#web/parts/enrolment-file.tsx'
import { KnownAt } from '#web/parts/known-at.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { Reliefs } from '#web/parts/reliefs.tsx'
import { RunningTotals } from '#web/parts/running-totals.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Statements } from '#web/parts/statements.tsx'
import { useAnswers, useBook } from '#web/parts/use-book.ts'
import { UsedLimits } from '#web/parts/used-limits.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** One person: their bills, what was settled, and how far each limit of the year is used. */
export default function PersonPage() {
  const { person: id = '' } = useParams()
  const { say } = useLanguage()
  const lists = useMay('persons list')
  const opens = useMay('emergencies open')
  const file = useQuery({ queryKey: ['person', id], queryFn: () => api.person(id) })
  const enrolment = useQuery({
    queryKey: ['enrolment', id],
    queryFn: () => api.enrolmentFile(id),
  })
  const book = useBook()
  const name = file.data && (file.data.person.name || file.data.person.id)
  return (
    <Page
      title={name ? say('historyOf', { name }) : say('personHistory')}
      lead={lists && <Link to="/persons">{say('backToPersons')}</Link>}
    >
      {opens && file.error instanceof Problem && [403, 404].includes(file.error.status) && (
        <p>
          {say('emergencyInstead')}{' '}
          <Link to={`/emergency?${new URLSearchParams({ person: id })}`}>
            {say('emergencyPage')}
          </Link>
        </p>
      )}
      <Await query={file}>
        {(data) => <History file={data} enrolment={enrolment} book={book.data} />}
      </Await>
    </Page>
  )
}

function History({
  file,
  enrolment,
  book,
}: {
  readonly file: PersonFile
  readonly enrolment: UseQueryResult<EnrolmentFile>
  readonly book: Book | undefined
}) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const { person, bills, totals } = file
  const settled = bills.filter(({ state, settlement }) => state === 'settled' && settlement)
  const stored = useQueries({
    queries: settled.map(({ settlement }) => ({
      queryKey: ['settlement', settlement],
      queryFn: () => api.settlement(settlement ?? ''),
    })),
  })
  const settlements = stored.flatMap(({ data }) => (data ? [data] : []))
  const patientOf = (bill: BillRow) =>
    settlements.find(({ id }) => id === bill.settlement)?.settlement.patient
  const title = book?.schemes.find(({ id }) => id === person.scheme)?.title[lang] ?? person.scheme
  const facts = [
    [say('personNumber'), person.id],
    [say('idNumber'), enrolment.data?.idNumber],
    [say('sex'), enrolment.data?.sex ? say(enrolment.data.sex) : undefined],
    [say('born'), person.born],
    [say('died'), enrolment.data?.died],
    [say('scheme'), title],
    [say('insuredClass'), answer('class', person.class)],
    [say('assistance'), answer('category', person.category)],
    [
      say('worksFor'),
      enrolment.data?.roster
        .filter(({ until }) => until === null)
        .map(({ employerName }) => employerName)
        .join(say('listComma')),
    ],
  ].filter((pair): pair is [string, string] => Boolean(pair[1]))
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <UsedLimits settlements={settlements} />
      <Section title={say('bills')}>
        <DataTable
          caption={say('bills')}
          cards
          rows={bills.toSorted((a, b) => (a.settled < b.settled ? -1 : 1))}
          rowKey={({ id }) => id}
          empty={say('noBills')}
          columns={[
            {
              key: 'bill',
              title: say('bill'),
              heading: true,
              cell: ({ id }) => (
                <Link to={`/?${new URLSearchParams({ person: person.id, bill: id }).toString()}`}>
                  {id}
                </Link>
              ),
            },
            { key: 'admitted', title: say('admitted'), cell: ({ admitted }) => admitted },
            { key: 'settled', title: say('settledOn'), cell: ({ settled }) => settled },
            {
              key: 'total',
              title: say('total'),
              numeric: true,
              cell: ({ total }) => <Money fen={total} />,
            },
            {
              key: 'paid',
              title: say('paidByOthers'),
              numeric: true,
              cell: (bill) => {
                const patient = patientOf(bill)
                return patient === undefined ? '—' : <Money fen={bill.total - patient} />
              },
            },
            {
              key: 'patient',
              title: say('patient'),
              numeric: true,
              cell: (bill) => {
                const patient = patientOf(bill)
                return patient === undefined ? '—' : <Money fen={patient} />
              },
            },
            {
              key: 'state',
              title: say('state'),
              cell: ({ state }) => <BillState state={state} />,
            },
          ]}
        />
      </Section>
      <Statements person={person.id} />
      <Reliefs person={person.id} scheme={person.scheme} bills={bills} book={book} />
      <Await query={enrolment}>{(data) => <EnrolmentSections file={data} book={book} />}</Await>
      <RunningTotals totals={totals} book={book} />
      <KnownAt person={person.id} book={book} />
    </>
  )
}
