import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useId, useState } from 'react'
import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import { api, type Book, type KnownView } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RunningTotals } from '#web/parts/running-totals.tsx'
import { useAnswers } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 当时所知: who covered the person and what stood at a past moment, whatever has come to be known since. */
export function KnownAt({
  person,
  book,
}: {
  readonly person: string
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const field = useId()
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')
  const known = useQuery({
    queryKey: ['known', person, asked],
    queryFn: () => api.knownAt(person, `${asked}:00+08:00`),
    enabled: asked !== '',
  })
  return (
    <Section title={say('knownAt')} note={say('knownAtNote')}>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(typed)
        }}
      >
        <label htmlFor={field}>{say('momentInChina')}</label>
        <Input
          id={field}
          type="datetime-local"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          required
        />
        <Button htmlType="submit">{say('showKnown')}</Button>
      </form>
      {asked !== '' && <Await query={known}>{(data) => <Known known={data} book={book} />}</Await>}
    </Section>
  )
}

function Known({ known, book }: { readonly known: KnownView; readonly book: Book | undefined }) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const titleOf = (scheme: string) =>
    book?.schemes.find(({ id }) => id === scheme)?.title[lang] ?? scheme
  return (
    <>
      <DataTable
        caption={say('coversThen')}
        cards
        rows={known.covers}
        rowKey={({ scheme, from }) => `${scheme} ${from}`}
        empty={say('noCoversThen')}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme }) => titleOf(scheme),
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
          {
            key: 'answers',
            title: say('answersThen'),
            cell: ({ from, attributes }) =>
              [
                ...Object.entries(attributes),
                ...known.attributes
                  .filter((each) => each.from >= from)
                  .flatMap((each) => Object.entries(each.attributes)),
              ]
                .map(([name, value]) =>
                  answer(name, value === undefined ? undefined : String(value)),
                )
                .filter(Boolean)
                .join(say('listComma')) || '—',
          },
        ]}
      />
      <DataTable
        caption={say('billsThen')}
        cards
        rows={known.bills}
        rowKey={({ bill }) => bill}
        empty={say('noBillsThen')}
        columns={[
          { key: 'bill', title: say('bill'), heading: true, cell: ({ bill }) => bill },
          { key: 'day', title: say('discharged'), cell: ({ discharged }) => discharged },
          {
            key: 'payers',
            title: say('paidByOthers'),
            cell: ({ payers }) =>
              (Object.entries(payers) as [Payer, number][]).map(([payer, amount]) => (
                <span key={payer} className="block">
                  {PAYERS[payer][lang]} <Money fen={amount} />
                </span>
              )),
          },
          {
            key: 'patient',
            title: say('patient'),
            numeric: true,
            cell: ({ patient }) => <Money fen={patient} />,
          },
          {
            key: 'cleared',
            title: say('state'),
            cell: ({ cleared }) => say(cleared ? 'stateCleared' : 'stateSettled'),
          },
        ]}
      />
      <RunningTotals totals={known.totals} book={book} />
    </>
  )
}
