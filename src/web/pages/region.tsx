import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'
import {
  type FundMonth,
  REGION_MONTH_STATES,
  type RegionBill,
  type RegionMonthView,
  type Regions,
} from '#domains/crossregion/types.ts'
import { ENTRY_KINDS, type EntryKind } from '#domains/ledger/types.ts'
import { api, type RegionStatement } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { usePairName } from '#web/parts/region-pairs.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 两地各月清算: every month of two regions, and the statement of one. */
export default function RegionPage() {
  const { say } = useLanguage()
  const { insured = '', treating = '' } = useParams()
  const of = { insured, treating }
  const [params] = useSearchParams()
  const months = useQuery({ queryKey: ['region months', of], queryFn: () => api.regionMonths(of) })
  return (
    <Page title={`${insured} → ${treating}`} lead={say('regionLead')}>
      <p className="inline-form">
        <Link to="/regions">{say('regionBack')}</Link>
      </p>
      <Await query={months}>
        {({ months: rows }) => {
          const asked = params.get('month')
          const month = rows.find((each) => each.month === asked)?.month ?? rows[0]?.month
          return (
            <>
              <Months rows={rows} />
              {month !== undefined && <Statement of={of} month={month} />}
            </>
          )
        }}
      </Await>
    </Page>
  )
}

function Months({ rows }: { readonly rows: readonly RegionMonthView[] }) {
  const { lang, say } = useLanguage()
  return (
    <Section title={say('regionMonths')} note={say('regionMonthsNote')}>
      <DataTable<RegionMonthView>
        caption={say('regionMonths')}
        cards
        rows={rows}
        rowKey={({ month }) => month}
        columns={[
          {
            key: 'month',
            title: say('month'),
            heading: true,
            cell: ({ month }) => (
              <Link to={`?month=${month}`} preventScrollReset>
                {month}
              </Link>
            ),
          },
          {
            key: 'state',
            title: say('state'),
            cell: ({ state, isLate }) =>
              [REGION_MONTH_STATES[state][lang], isLate && say('regionLate')]
                .filter(Boolean)
                .join(' · '),
          },
          {
            key: 'amount',
            title: say('regionAmount'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          {
            key: 'stateUntil',
            title: say('regionStateUntil'),
            cell: ({ stateUntil }) => stateUntil,
          },
          {
            key: 'payUntil',
            title: say('regionPayUntil'),
            cell: ({ payUntil }) => payUntil ?? '—',
          },
          {
            key: 'closedBy',
            title: say('monthClosedBy'),
            cell: ({ closedBy }) => closedBy ?? '—',
          },
          {
            key: 'confirmedBy',
            title: say('regionConfirmedBy'),
            cell: ({ confirmedBy }) => confirmedBy ?? '—',
          },
        ]}
      />
    </Section>
  )
}

function Statement({ of, month }: { readonly of: Regions; readonly month: string }) {
  const asked = { ...of, month }
  const found = useQuery({
    queryKey: ['region statement', asked],
    queryFn: () => api.regionStatement(asked),
  })
  return <Await query={found}>{(statement) => <Shown statement={statement} />}</Await>
}

function Shown({ statement }: { readonly statement: RegionStatement }) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const nameOf = usePairName()
  const closes = useMay('regions close')
  const confirms = useMay('regions confirm')
  const client = useQueryClient()
  const move = useCommand(api.moveRegionMonth, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const { view, bills } = statement
  const { insured, treating, month, state, amount, closedBy, closedAt, terms } = view
  const { confirmedBy, confirmedAt, funds } = view
  const start = (what: 'close' | 'confirm') => {
    const word = say(what === 'close' ? 'monthClose' : 'regionConfirm')
    setAct({
      title: `${month} ${word}`,
      ok: word,
      note: say(what === 'close' ? 'regionCloseNote' : 'regionConfirmNote', {
        amount: money(amount),
      }),
      fields: [],
      send: () => move.mutateAsync({ insured, treating, month, act: what }),
    })
  }
  const facts: readonly (readonly [string, string])[] = [
    [say('regionPair'), nameOf({ ...statement, insured, treating })],
    [say('state'), REGION_MONTH_STATES[state][lang]],
    [say('regionAmount'), money(amount)],
    ...(closedBy && closedAt
      ? ([[say('monthClosedBy'), `${closedBy} · ${moment(closedAt)}`]] as const)
      : []),
    ...(confirmedBy && confirmedAt
      ? ([[say('regionConfirmedBy'), `${confirmedBy} · ${moment(confirmedAt)}`]] as const)
      : []),
    [say('monthTermsDocument'), terms.source],
  ]
  return (
    <>
      <Section
        title={say('regionStatement', { month })}
        note={say('regionStatementNote')}
        actions={
          <>
            {closes && state === 'open' && (
              <Button onClick={() => start('close')}>{say('monthClose')}…</Button>
            )}
            {confirms && state === 'closed' && (
              <Button onClick={() => start('confirm')}>{say('regionConfirm')}…</Button>
            )}
          </>
        }
      >
        <dl className="facts">
          {facts.map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p className="inline-form">
          <a href={api.regionFile(view, 'pdf')} target="_blank" rel="noreferrer">
            {say('regionPdf')}
          </a>
          <a href={api.regionFile(view, 'csv')}>{say('monthCsv')}</a>
        </p>
        <DataTable<FundMonth>
          caption={say('regionFunds')}
          cards
          rows={funds}
          rowKey={({ fund }) => fund}
          empty={say('regionNothing')}
          columns={[
            {
              key: 'fund',
              title: say('ledgerFund'),
              heading: true,
              cell: ({ fund }) => fundName(fund),
            },
            { key: 'bills', title: say('monthBills'), numeric: true, cell: ({ bills: n }) => n },
            {
              key: 'settled',
              title: say('regionSettled'),
              numeric: true,
              cell: ({ settled }) => <Money fen={settled} />,
            },
            {
              key: 'changed',
              title: say('regionChanged'),
              numeric: true,
              cell: ({ changed }) => <Money fen={changed} />,
            },
            {
              key: 'amount',
              title: say('regionAmount'),
              numeric: true,
              cell: ({ settled, changed }) => <Money fen={settled + changed} />,
            },
          ]}
        />
        {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
      </Section>
      {bills.length > 0 && (
        <Section title={say('monthBills')} note={say('monthBillsNote')}>
          <DataTable<RegionBill>
            caption={say('monthBills')}
            cards
            rows={bills}
            rowKey={({ bill, kind, settlement, fund }) => `${bill} ${kind} ${settlement} ${fund}`}
            columns={[
              { key: 'bill', title: say('bill'), heading: true, cell: ({ bill }) => bill },
              {
                key: 'institution',
                title: say('institution'),
                cell: ({ institution }) => institution || '—',
              },
              { key: 'day', title: say('ledgerBookedOn'), cell: ({ day }) => day },
              {
                key: 'kind',
                title: say('action'),
                cell: ({ kind }) => ENTRY_KINDS[kind as EntryKind][lang],
              },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount: fen }) => <Money fen={fen} />,
              },
            ]}
          />
        </Section>
      )}
    </>
  )
}
