import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input, Select, Upload } from 'antd'
import { useId, useState } from 'react'
import { useSearchParams } from 'react-router'
import { formatYuan, parseRate, parseYuan } from '#base/money.ts'
import { isMonth, monthOf } from '#base/month.ts'
import { addMonths } from '#base/plain-date.ts'
import { METHODS, type Method, RESERVE_STATES, type Reserve } from '#domains/reserves/types.ts'
import { api, type ReserveQuestion } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { today } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { readHistory } from '#web/parts/read-history.ts'
import { Development, StillToCome } from '#web/parts/reserve-charts.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const WHY = {
  too_few_months: 'reserveTooFew',
  age_without_claims: 'reserveNoClaims',
  expected_needed: 'reserveNeedsExpected',
} as const

const lastMonth = (): string => monthOf(addMonths(today(), -1))

/** 准备金: what an insurer still owes for care that was given, how it was estimated, and what earlier reserves were worth. */
export default function ReservesPage() {
  const { say } = useLanguage()
  const funds = useQuery({ queryKey: ['reserve funds'], queryFn: api.reserveFunds })
  return (
    <Page title={say('reservesPage')} lead={say('reservesLead')}>
      <Await query={funds}>
        {({ funds: all }) =>
          all.length === 0 ? <p>{say('reserveNoFunds')}</p> : <OfFund funds={all} />
        }
      </Await>
    </Page>
  )
}

function OfFund({ funds }: { readonly funds: readonly string[] }) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const ids = useId()
  const [params, setParams] = useSearchParams()
  const [typed, setTyped] = useState({ window: '24', tail: '0', expected: '' })
  const fund = params.get('fund') ?? funds[0] ?? ''
  const asked = params.get('month') ?? ''
  const month = isMonth(asked) ? asked : lastMonth()
  const method = (params.get('method') ?? 'chain-ladder') as Method
  const set = (name: string, value: string) =>
    setParams((now) => {
      now.set(name, value)
      return now
    })
  const expected = parseYuan(typed.expected)
  const more = parseRate(`${typed.tail}%`)
  const window = Number(typed.window)
  const wrong = more === undefined || !Number.isInteger(window) || window < 1 || window > 60
  const question: ReserveQuestion = {
    fund,
    month,
    method,
    window: wrong ? 24 : window,
    tail: 1_000_000 + (more ?? 0),
    ...(method === 'bornhuetter-ferguson' && expected !== undefined ? { expected } : {}),
  }
  const outlook = useQuery({
    queryKey: ['reserve outlook', question],
    queryFn: () => api.reserveOutlook(question),
    enabled: !wrong,
  })
  return (
    <>
      <Section title={say('reserveBasis')} note={say('reserveBasisNote')}>
        <div className="filters">
          <div className="field">
            <label htmlFor={`${ids}-fund`}>{say('ledgerFund')}</label>
            <Select
              id={`${ids}-fund`}
              value={fund}
              onChange={(chosen) => set('fund', chosen)}
              popupMatchSelectWidth={false}
              options={funds.map((each) => ({ value: each, label: fundName(each) }))}
            />
          </div>
          <div className="field">
            <label htmlFor={`${ids}-month`}>{say('reserveUntil')}</label>
            <Input
              id={`${ids}-month`}
              type="month"
              value={month}
              onChange={({ target }) => isMonth(target.value) && set('month', target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor={`${ids}-method`}>{say('reserveMethod')}</label>
            <Select
              id={`${ids}-method`}
              value={method}
              onChange={(chosen) => set('method', chosen)}
              popupMatchSelectWidth={false}
              options={Object.entries(METHODS).map(([value, title]) => ({
                value,
                label: title[lang],
              }))}
            />
          </div>
          <div className="field">
            <label htmlFor={`${ids}-window`}>{say('reserveWindow')}</label>
            <Input
              id={`${ids}-window`}
              inputMode="numeric"
              value={typed.window}
              maxLength={2}
              onChange={({ target }) => setTyped({ ...typed, window: target.value })}
            />
          </div>
          <div className="field">
            <label htmlFor={`${ids}-tail`}>{say('reserveTail')}</label>
            <Input
              id={`${ids}-tail`}
              inputMode="decimal"
              value={typed.tail}
              maxLength={8}
              onChange={({ target }) => setTyped({ ...typed, tail: target.value.trim() })}
            />
          </div>
          {method === 'bornhuetter-ferguson' && (
            <div className="field">
              <label htmlFor={`${ids}-expected`}>{say('reserveExpected')}</label>
              <Input
                id={`${ids}-expected`}
                inputMode="decimal"
                value={typed.expected}
                maxLength={15}
                onChange={({ target }) => setTyped({ ...typed, expected: target.value.trim() })}
              />
            </div>
          )}
          {wrong && (
            <p role="alert" className="field-fault">
              {say('reserveBasisWrong')}
            </p>
          )}
        </div>
      </Section>
      <Await query={outlook}>
        {({ triangle, estimate, why, before }) =>
          estimate === null ? (
            <Alert type="info" showIcon title={why === null ? '' : say(WHY[why])} />
          ) : (
            <>
              <Section
                title={say('reserveEstimate', { month })}
                actions={<Propose question={question} ibnr={estimate.ibnr} />}
              >
                <dl className="facts">
                  {(
                    [
                      ['reserveIbnr', estimate.ibnr],
                      ['reserveBefore', before],
                      ['reserveMoves', estimate.ibnr - before],
                    ] as const
                  ).map(([word, fen]) => (
                    <div key={word}>
                      <dt>{say(word)}</dt>
                      <dd>
                        <Money fen={fen} />
                      </dd>
                    </div>
                  ))}
                </dl>
                <p>
                  <a href={api.triangleFile(question)}>{say('reserveCsv')}</a>
                </p>
              </Section>
              <StillToCome estimate={estimate} />
              <Development triangle={triangle} estimate={estimate} />
            </>
          )
        }
      </Await>
      <Kept fund={fund} />
      <History fund={fund} />
    </>
  )
}

function Propose({
  question,
  ibnr,
}: {
  readonly question: ReserveQuestion
  readonly ibnr: number
}) {
  const { say } = useLanguage()
  const proposes = useMay('reserves propose')
  const client = useQueryClient()
  const propose = useCommand(api.proposeReserve, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  if (!proposes) return null
  const { fund, month, ...basis } = question
  const start = () =>
    setAct({
      title: say('reservePropose'),
      ok: say('reservePropose'),
      note: say('reserveProposeNote', { month, amount: money(ibnr) }),
      fields: [{ name: 'reason', label: say('monthReason'), kind: 'text', needed: true }],
      send: (typed) => propose.mutateAsync({ fund, month, basis, ...typed }),
    })
  return (
    <>
      <Button type="primary" onClick={start}>
        {say('reservePropose')}…
      </Button>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

/** What was set aside, and what it turned out to be worth. */
function Kept({ fund }: { readonly fund: string }) {
  const { lang, say } = useLanguage()
  const proposes = useMay('reserves propose')
  const confirms = useMay('reserves confirm')
  const client = useQueryClient()
  const until = monthOf(today())
  const kept = useQuery({
    queryKey: ['reserves', fund, until],
    queryFn: () => api.reserves(fund, until),
  })
  const decide = useCommand(api.decideReserve, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = ({ id, month, estimate }: Reserve, to: 'confirm' | 'withdraw') =>
    setAct({
      title: say(to === 'confirm' ? 'reserveConfirm' : 'monthWithdraw'),
      ok: say(to === 'confirm' ? 'reserveConfirm' : 'monthWithdraw'),
      note: say('reserveProposeNote', { month, amount: money(estimate.ibnr) }),
      fields: [],
      send: () => decide.mutateAsync({ id, to }),
    })
  return (
    <>
      <Await query={kept}>
        {({ reserves, runOffs }) => (
          <>
            <Section title={say('reservesKept')} note={say('reservesKeptNote')}>
              <DataTable
                caption={say('reservesKept')}
                cards
                rows={reserves}
                rowKey={({ id }) => id}
                empty={say('reserveNone')}
                columns={[
                  { key: 'month', title: say('month'), heading: true, cell: ({ month }) => month },
                  {
                    key: 'ibnr',
                    title: say('reserveIbnr'),
                    numeric: true,
                    cell: ({ estimate }) => <Money fen={estimate.ibnr} />,
                  },
                  {
                    key: 'basis',
                    title: say('reserveMethod'),
                    cell: ({ basis: { method, window, tail, expected } }) =>
                      [
                        METHODS[method][lang],
                        `${say('reserveWindow')} ${window}`,
                        `${say('reserveTail')} ${(tail - 1_000_000) / 10_000}`,
                        ...(expected === undefined
                          ? []
                          : [`${say('reserveExpected')} ${formatYuan(expected)}`]),
                      ].join(' · '),
                  },
                  {
                    key: 'state',
                    title: say('state'),
                    cell: ({ state, reason, madeBy, decidedBy }) =>
                      [RESERVE_STATES[state][lang], reason, madeBy, decidedBy]
                        .filter(Boolean)
                        .join(' · '),
                  },
                  {
                    key: 'acts',
                    title: say('doSomething'),
                    cell: (row) => {
                      const acts = [
                        ...(confirms
                          ? ([
                              { word: 'reserveConfirm', start: () => start(row, 'confirm') },
                            ] as const)
                          : []),
                        ...(proposes
                          ? ([
                              { word: 'monthWithdraw', start: () => start(row, 'withdraw') },
                            ] as const)
                          : []),
                      ]
                      return row.state === 'proposed' && acts.length > 0 ? (
                        <RowActs of={row.month} acts={acts} />
                      ) : (
                        '—'
                      )
                    },
                  },
                ]}
              />
            </Section>
            {runOffs.length > 0 && (
              <Section title={say('runOffs')} note={say('runOffsNote')}>
                <DataTable
                  caption={say('runOffs')}
                  cards
                  rows={runOffs}
                  rowKey={({ month }) => month}
                  columns={[
                    {
                      key: 'month',
                      title: say('month'),
                      heading: true,
                      cell: ({ month }) => month,
                    },
                    {
                      key: 'reserved',
                      title: say('runOffReserved'),
                      numeric: true,
                      cell: ({ reserved }) => <Money fen={reserved} />,
                    },
                    {
                      key: 'claimed',
                      title: say('runOffClaimed'),
                      numeric: true,
                      cell: ({ claimedSince }) => <Money fen={claimedSince} />,
                    },
                    {
                      key: 'held',
                      title: say('runOffHeld'),
                      numeric: true,
                      cell: ({ stillHeld }) => <Money fen={stillHeld} />,
                    },
                    {
                      key: 'result',
                      title: say('runOffResult'),
                      numeric: true,
                      cell: ({ result }) => <Money fen={result} />,
                    },
                  ]}
                />
              </Section>
            )}
          </>
        )}
      </Await>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

/** What was claimed before the books were kept here, as a file of three columns. */
function History({ fund }: { readonly fund: string }) {
  const { say } = useLanguage()
  const proposes = useMay('reserves propose')
  const client = useQueryClient()
  const keep = useCommand(api.keepReserveHistory, () => client.invalidateQueries())
  const [line, setLine] = useState<number>()
  if (!proposes) return null
  const read = async (file: File) => {
    const found = readHistory(await file.text())
    setLine('line' in found ? found.line : undefined)
    if ('rows' in found) keep.mutate({ fund, document: file.name, rows: found.rows })
  }
  return (
    <Section title={say('reserveHistory')} note={say('reserveHistoryNote')}>
      <Upload.Dragger
        accept=".csv,text/csv"
        showUploadList={false}
        beforeUpload={(file) => {
          void read(file)
          return false
        }}
      >
        <p>
          <strong>{say('reserveHistoryChoose')}</strong>
        </p>
      </Upload.Dragger>
      {line !== undefined && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={say('reserveHistoryFault', { line: String(line) })}
        />
      )}
      <ProblemAlert error={keep.error} />
      {keep.data && (
        <Alert
          type="success"
          showIcon
          role="status"
          title={say('reserveHistoryKept', { rows: String(keep.data.rows) })}
        />
      )}
    </Section>
  )
}
