import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { Link, useParams } from 'react-router'
import { formatRate } from '#base/money.ts'
import { ENTRY_KINDS, type EntryKind } from '#domains/ledger/types.ts'
import { MONTH_STATES, type MonthBill, type MonthView } from '#domains/monthend/types.ts'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { MonthLines } from '#web/parts/month-lines.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 机构月结单: one month of one institution, from what was claimed to what is payable. */
export default function MonthEndPage() {
  const { institution = '', fund = '', month = '' } = useParams()
  const of = { institution, fund, month }
  const found = useQuery({ queryKey: ['month end', of], queryFn: () => api.monthEnd(of) })
  return (
    <Await query={found}>{({ month: view, bills }) => <Shown view={view} bills={bills} />}</Await>
  )
}

function Shown({
  view,
  bills,
}: {
  readonly view: MonthView
  readonly bills: readonly MonthBill[]
}) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const { name, month, fund, state, terms, result, closedBy, closedAt } = view
  const facts: readonly (readonly [string, string])[] = [
    [say('state'), MONTH_STATES[state][lang]],
    [say('ledgerFund'), fundName(fund)],
    [say('monthTermsDocument'), terms.document],
    [say('monthDepositRate'), formatRate(terms.depositRate)],
    [say('monthBackFrom'), terms.backFrom],
    ...(closedBy && closedAt
      ? ([[say('monthClosedBy'), `${closedBy} · ${moment(closedAt)}`]] as const)
      : []),
  ]
  return (
    <Page title={`${name} · ${month}`} lead={say('monthEndLead')}>
      {state !== 'closed' && (
        <Alert
          className="problem"
          type="info"
          showIcon
          title={say(state === 'open' ? 'monthOpenNote' : 'monthRunningNote')}
        />
      )}
      <dl className="facts">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="inline-form">
        <Link to={`/month-ends?month=${month}`}>{say('monthBack')}</Link>
        <a href={api.monthFile(view, 'one.pdf')} target="_blank" rel="noreferrer">
          {say('monthPdf')}
        </a>
        <a href={api.monthFile(view, 'one/bills.csv')}>{say('monthCsv')}</a>
      </p>
      <MonthLines result={result} />
      <Section title={say('monthSince', { month: terms.from })} note={say('monthSinceNote')}>
        <dl className="facts">
          <div>
            <dt>{say('monthBase')}</dt>
            <dd>
              <Money fen={result.after.base} />
            </dd>
          </div>
          <div>
            <dt>{say('monthHeld')}</dt>
            <dd>
              <Money fen={result.after.deposit} />
            </dd>
          </div>
          <div>
            <dt>{say('monthPrepaidLeft')}</dt>
            <dd>
              <Money fen={result.after.prepaid} />
            </dd>
          </div>
        </dl>
      </Section>
      <Section title={say('monthBills')} note={say('monthBillsNote')}>
        <DataTable
          caption={say('monthBills')}
          cards
          rows={bills}
          rowKey={({ bill, kind, settlement, day }) => `${bill} ${kind} ${settlement} ${day}`}
          empty={say('monthNoBills')}
          columns={[
            { key: 'bill', title: say('bill'), heading: true, cell: ({ bill }) => bill },
            { key: 'day', title: say('ledgerBookedOn'), cell: ({ day }) => day },
            {
              key: 'kind',
              title: say('action'),
              cell: ({ kind }) => ENTRY_KINDS[kind as EntryKind][lang],
            },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => <Money fen={amount} />,
            },
          ]}
        />
      </Section>
    </Page>
  )
}
