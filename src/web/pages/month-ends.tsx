import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useId, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { monthOf } from '#base/month.ts'
import { MONTH_STATES, type MonthView } from '#domains/monthend/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { today } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { MonthDeductions } from '#web/parts/month-deductions.tsx'
import { MonthTerms } from '#web/parts/month-terms.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'
import { YearEnds } from '#web/parts/year-ends.tsx'

const thisMonth = (): string => monthOf(today())

/** 机构月结: what funds owe institutions, month by month; what was agreed, what is taken off, and how a year ends. */
export default function MonthEndsPage() {
  const { say } = useLanguage()
  return (
    <Page title={say('monthEndsPage')} lead={say('monthEndsLead')}>
      <Months />
      <MonthDeductions />
      <MonthTerms />
      <YearEnds />
    </Page>
  )
}

function Months() {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const closes = useMay('months close')
  const field = useId()
  const client = useQueryClient()
  const [params, setParams] = useSearchParams()
  const month = params.get('month') ?? thisMonth()
  const months = useQuery({ queryKey: ['month ends', month], queryFn: () => api.monthEnds(month) })
  const close = useCommand(api.closeMonth, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const rows = months.data?.months ?? []
  const open = rows.filter(({ state }) => state === 'open')
  const start = () =>
    setAct({
      title: say('monthCloseTitle', { month }),
      ok: say('monthClose'),
      note: say('monthCloseNote', { count: String(open.length) }),
      fields: [],
      send: () => close.mutateAsync(month),
    })
  return (
    <Section
      title={say('months')}
      note={say('monthsNote')}
      actions={closes && open.length > 0 && <Button onClick={start}>{say('monthClose')}…</Button>}
    >
      <div className="filters">
        <div className="field">
          <label htmlFor={field}>{say('month')}</label>
          <Input
            id={field}
            type="month"
            value={month}
            max={thisMonth()}
            onChange={({ target }) => {
              if (/^20\d\d-\d\d$/.test(target.value)) setParams({ month: target.value })
            }}
          />
        </div>
      </div>
      <Await query={months}>
        {({ months: shown }) => (
          <DataTable<MonthView>
            caption={say('months')}
            cards
            rows={shown}
            rowKey={({ institution, fund }) => `${institution} ${fund}`}
            empty={say('monthNone')}
            columns={[
              {
                key: 'institution',
                title: say('institution'),
                heading: true,
                cell: ({ institution, name, fund }) => (
                  <Link
                    to={`/month-ends/${month}/${encodeURIComponent(institution)}/${encodeURIComponent(fund)}`}
                  >
                    {name}
                  </Link>
                ),
              },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              { key: 'state', title: say('state'), cell: ({ state }) => MONTH_STATES[state][lang] },
              {
                key: 'claims',
                title: say('monthClaims'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.claims} />,
              },
              {
                key: 'deducted',
                title: say('monthDeducted'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.deducted} />,
              },
              {
                key: 'deposit',
                title: say('monthDeposit'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.deposit} />,
              },
              {
                key: 'payable',
                title: say('monthPayable'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.payable} />,
              },
            ]}
          />
        )}
      </Await>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
