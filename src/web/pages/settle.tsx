import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { api, type BillRow, type Explained } from '#web/api.ts'
import { BillActions } from '#web/parts/bill-actions.tsx'
import { BillList, BillState } from '#web/parts/bill-list.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Page } from '#web/parts/page.tsx'
import { PersonPicker } from '#web/parts/person-picker.tsx'
import { Recomputed } from '#web/parts/recomputed.tsx'
import { Result } from '#web/parts/result.tsx'
import { Side } from '#web/parts/side.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await, Waiting } from '#web/parts/waiting.tsx'

const NewBill = lazy(() => import('#web/parts/new-bill.tsx'))

/** A result that nobody keeps: of a bill that is known, or of one that is not (`of` is empty). */
type Trial = { readonly of: string; readonly explained: Explained }

/** 结算台: one person, one bill, and what every tier pays of it. */
export default function SettlePage() {
  const { say } = useLanguage()
  const [words, setWords] = useSearchParams()
  const scheme = words.get('scheme') ?? ''
  const person = words.get('person') ?? undefined
  const bill = words.get('bill') ?? undefined
  const [trial, setTrial] = useState<Trial>()
  const [adding, setAdding] = useState(false)
  const book = useBook()
  const file = useQuery({
    queryKey: ['person', person],
    queryFn: () => api.person(person ?? ''),
    enabled: person !== undefined,
  })
  const go = (next: Record<string, string | undefined>) =>
    setWords(
      Object.fromEntries(
        Object.entries({ scheme, person, bill, ...next }).filter((pair): pair is [string, string] =>
          Boolean(pair[1]),
        ),
      ),
    )
  const chosen = file.data?.bills.find(({ id }) => id === bill)
  return (
    <Page
      title={say('settlePage')}
      lead={say('settleLead')}
      actions={
        <Button type="primary" ghost onClick={() => setAdding(true)}>
          {say('newBill')}
        </Button>
      }
    >
      <div className="workbench">
        <Side label={say('choosePersonBill')} chosen={bill}>
          <PersonPicker
            book={book.data}
            scheme={scheme}
            onScheme={(next) => go({ scheme: next, person: undefined, bill: undefined })}
            person={person}
            onPerson={(next) => go({ person: next, bill: undefined })}
          />
          {person !== undefined && (
            <>
              <div className="side-head">
                <h2>{say('bills')}</h2>
                <Link to={`/persons/${encodeURIComponent(person)}`}>{say('personHistory')}</Link>
              </div>
              <Await query={file}>
                {({ bills }) => (
                  <BillList bills={bills} chosen={bill} onChoose={(next) => go({ bill: next })} />
                )}
              </Await>
            </>
          )}
        </Side>
        <div className="workbench-main">
          {chosen ? (
            <ChosenBill
              key={`${chosen.id} ${chosen.state}`}
              bill={chosen}
              trial={trial?.of === chosen.id ? trial.explained : undefined}
              onTrial={(explained) =>
                setTrial(explained ? { of: chosen.id, explained } : undefined)
              }
            />
          ) : trial?.of === '' ? (
            <Result explained={trial.explained} trial />
          ) : (
            <Start onPerson={(next) => go({ person: next, bill: undefined })} />
          )}
        </div>
      </div>
      {adding && (
        <Suspense fallback={<Waiting />}>
          <NewBill
            person={file.data?.person}
            book={book.data}
            onClose={() => setAdding(false)}
            onSaved={(savedPerson, savedBill) => {
              setAdding(false)
              go({ scheme: undefined, person: savedPerson, bill: savedBill })
            }}
            onTrial={(explained) => {
              setAdding(false)
              setTrial({ of: '', explained })
              go({ bill: undefined })
            }}
          />
        </Suspense>
      )}
    </Page>
  )
}

/** Before anybody is chosen: whose bills are waiting, and how the desk works. */
function Start({ onPerson }: { readonly onPerson: (person: string) => void }) {
  const { say } = useLanguage()
  const persons = useQuery({ queryKey: ['persons', '', ''], queryFn: () => api.persons('') })
  const waiting = (persons.data?.persons ?? []).filter(({ bills, settled }) => bills > settled)
  return (
    <>
      {waiting.length > 0 && (
        <section className="start" aria-label={say('waitingBills')}>
          <h2>{say('waitingBills')}</h2>
          <ul className="waiting">
            {waiting.map(({ id, name, bills, settled }) => (
              <li key={id}>
                <button type="button" className="choice" onClick={() => onPerson(id)}>
                  <span className="choice-main">
                    <strong>{name || say('noName')}</strong> <span className="quiet">{id}</span>
                  </span>
                  <span className="choice-side">{say('waitingCount', { n: bills - settled })}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="start" aria-label={say('howItWorks')}>
        <h2>{say('howItWorks')}</h2>
        <ol>
          <li>{say('start1')}</li>
          <li>{say('start2')}</li>
          <li>{say('start3')}</li>
          <li>{say('start4')}</li>
        </ol>
      </section>
    </>
  )
}

function ChosenBill({
  bill,
  trial,
  onTrial,
}: {
  readonly bill: BillRow
  readonly trial: Explained | undefined
  readonly onTrial: (explained: Explained | undefined) => void
}) {
  const { say } = useLanguage()
  const { id, admitted, discharged, settled, total, state, settlement } = bill
  const stored = useQuery({
    queryKey: ['settlement', settlement],
    queryFn: () => api.settlement(settlement ?? ''),
    enabled: state === 'settled' && Boolean(settlement),
  })
  return (
    <>
      <header className="bill-head">
        <div>
          <h2>
            {say('bill')} {id} <BillState state={state} />
          </h2>
          <p className="quiet">
            {say('billDates', { admitted, discharged, settled })} · {say('total')}{' '}
            <span className="money">{money(total)}</span>
          </p>
        </div>
        <BillActions bill={bill} onTrial={onTrial} />
      </header>
      {trial ? (
        <Result explained={trial} trial />
      ) : state === 'settled' && settlement ? (
        <Await query={stored}>
          {(data) => (
            <>
              <Recomputed {...data.recomputed} />
              <Result explained={data} trial={false} />
              <p className="quiet">
                {say('settledByAt', { user: data.settledBy, at: moment(data.settledAt) })}
                {data.rules && ` · ${say('rulesVersion', { version: data.rules.version })}`}
              </p>
            </>
          )}
        </Await>
      ) : (
        <p className="empty">{say('notSettledYet')}</p>
      )}
    </>
  )
}
