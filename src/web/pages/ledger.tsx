import { useQuery } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useId, useState } from 'react'
import { addDays, type PlainDate } from '#base/plain-date.ts'
import { api, type TrialBalance } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { LedgerChart } from '#web/parts/ledger-chart.tsx'
import { useAccountName, useFundName } from '#web/parts/ledger-names.ts'
import { LedgerPostings } from '#web/parts/ledger-postings.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** How many days the chart and the postings go back. */
const DAYS_BACK = 30

type Line = Omit<TrialBalance['funds'][number]['accounts'][number], 'class'>
/** The last row: no account has an empty name. */
const SUM = ''

/** 总账: what every account of every fund stands at on any day, and the postings behind it. */
export default function LedgerPage() {
  const { say } = useLanguage()
  const [day, setDay] = useState('')
  const field = useId()
  const trial = useQuery({ queryKey: ['ledger', day], queryFn: () => api.trialBalance(day) })
  return (
    <Page
      title={say('ledgerPage')}
      lead={say('ledgerLead')}
      actions={<a href={api.trialAddress(day)}>{say('ledgerCsv')}</a>}
    >
      <form className="inline-form" onSubmit={(event) => event.preventDefault()}>
        <label htmlFor={field}>{say('ledgerDay')}</label>
        <Input
          id={field}
          type="date"
          value={day || (trial.data?.day ?? '')}
          onChange={({ target }) => setDay(target.value)}
        />
      </form>
      <Await query={trial}>{(found) => <Trial key={found.day} trial={found} />}</Await>
    </Page>
  )
}

function Trial({ trial }: { readonly trial: TrialBalance }) {
  const { say } = useLanguage()
  const fundName = useFundName()
  const accountName = useAccountName()
  const [fund, setFund] = useState(trial.funds[0]?.fund)
  const [account, setAccount] = useState<string>()
  const field = useId()
  const shown = trial.funds.find((each) => each.fund === fund)
  const days = { from: addDays(trial.day as PlainDate, -DAYS_BACK), until: trial.day }
  if (!fund || !shown) return <p className="quiet">{say('ledgerEmpty')}</p>
  const name = fundName(fund)
  return (
    <>
      <p>
        {say(trial.debit === trial.credit ? 'ledgerBalanced' : 'ledgerUnbalanced', {
          debit: money(trial.debit),
          credit: money(trial.credit),
        })}
      </p>
      <div className="inline-form">
        <label htmlFor={field}>{say('ledgerFund')}</label>
        <Select
          id={field}
          value={fund}
          onChange={(chosen) => {
            setFund(chosen)
            setAccount(undefined)
          }}
          popupMatchSelectWidth={false}
          options={trial.funds.map((each) => ({ value: each.fund, label: fundName(each.fund) }))}
        />
      </div>
      <LedgerChart fund={fund} name={name} days={days} />
      <Section title={say('ledgerTrial', { fund: name })} note={say('ledgerTrialNote')}>
        <DataTable<Line>
          caption={say('ledgerTrial', { fund: name })}
          cards
          rows={[...shown.accounts, { ...shown, account: SUM, balance: 0 }]}
          rowKey={({ account }) => account}
          columns={[
            {
              key: 'account',
              title: say('ledgerAccount'),
              heading: true,
              cell: (line) =>
                line.account === SUM ? (
                  say('sum')
                ) : (
                  <Button
                    type="link"
                    className="link-in-cell"
                    onClick={() => setAccount(line.account)}
                  >
                    {accountName(line.account)}
                  </Button>
                ),
            },
            {
              key: 'debit',
              title: say('ledgerDebit'),
              numeric: true,
              cell: ({ debit }) => <Money fen={debit} />,
            },
            {
              key: 'credit',
              title: say('ledgerCredit'),
              numeric: true,
              cell: ({ credit }) => <Money fen={credit} />,
            },
            {
              key: 'balance',
              title: say('ledgerBalance'),
              numeric: true,
              cell: ({ account: of, balance }) => (of === SUM ? '' : <Money fen={balance} />),
            },
          ]}
        />
      </Section>
      {account !== undefined && (
        <LedgerPostings key={account} fund={fund} account={account} days={days} />
      )}
    </>
  )
}
