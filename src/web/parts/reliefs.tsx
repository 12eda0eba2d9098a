import { useMutation } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useId, useState } from 'react'
import { PAYERS } from '#domains/settlement/types.ts'
import { api, type BillRow, type Book, type ReliefView, type TierView } from '#web/api.ts'
import { Badges } from '#web/parts/badges.tsx'
import { Citations } from '#web/parts/citations.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

/** What the reliefs of the person's scheme would come to, year by year, with every step. Nothing is kept. */
export function Reliefs({
  person,
  scheme,
  bills,
  book,
}: {
  readonly person: string
  readonly scheme: string | null | undefined
  readonly bills: readonly BillRow[]
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const named = book?.schemes.find(({ id }) => id === scheme)?.reliefs ?? []
  const reliefs = named.flatMap((id) => book?.reliefs.find((relief) => relief.id === id) ?? [])
  const years = [...new Set(bills.map(({ settled }) => settled.slice(0, 4)))].toSorted().reverse()
  if (reliefs.length === 0 || years.length === 0) return null
  return (
    <Section title={say('reliefs')} note={say('reliefsNote')}>
      {reliefs.map((relief) => (
        <ReliefCard key={relief.id} person={person} relief={relief} years={years} />
      ))}
    </Section>
  )
}

function ReliefCard({
  person,
  relief,
  years,
}: {
  readonly person: string
  readonly relief: TierView
  readonly years: readonly string[]
}) {
  const { lang, say } = useLanguage()
  const label = useId()
  const { period: of } = relief
  const starts = of.starts && of.starts !== '01-01' ? `-${of.starts}` : ''
  const [year, setYear] = useState(years[0] ?? '')
  const trial = useMutation({
    mutationFn: () => api.trialRelief(person, { relief: relief.id, period: `${year}${starts}` }),
  })
  return (
    <>
      <h3>
        {relief.title[lang]} <span className="quiet">{PAYERS[relief.payer][lang]}</span>
      </h3>
      <div className="actions">
        <span id={label}>{say('reliefYear')}</span>
        <Select
          aria-labelledby={label}
          value={year}
          options={years.map((value) => ({ value, label: `${value}${starts}` }))}
          onChange={(value) => {
            setYear(value)
            trial.reset()
          }}
        />
        <Button loading={trial.isPending} onClick={() => trial.mutate()}>
          {say('reliefTry')}
        </Button>
      </div>
      <ProblemAlert error={trial.error} retry={() => trial.mutate()} />
      <div className="relief" aria-live="polite">
        {trial.data && <Worked relief={trial.data} />}
      </div>
    </>
  )
}

function Worked({ relief }: { readonly relief: ReliefView }) {
  const { lang, say } = useLanguage()
  const { amount, badges, from, until, on, bills, steps } = relief
  return (
    <>
      <p>
        <strong>
          {say('reliefAmount')} <Money fen={amount} />
        </strong>{' '}
        <Badges badges={badges} />
      </p>
      <p className="quiet">{say('reliefBasis', { from, until, on, n: bills.length })}</p>
      <ol>
        {steps.map(({ step, says, citation }) => (
          <li key={step}>
            {says[lang]}
            <Citations citations={[citation]} />
          </li>
        ))}
      </ol>
    </>
  )
}
