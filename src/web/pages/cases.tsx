import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, Select, Tag } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import {
  bandOf,
  CASE_STATES,
  type CaseState,
  DESKS,
  DESKS_OF,
  type Desk,
  deskOf,
  RISK_BANDS,
  type RiskBand,
} from '#domains/casework/types.ts'
import { api, type CaseRow, type CasesWaiting } from '#web/api.ts'
import { CaseLimits } from '#web/parts/case-limits.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 案件: what waits at each desk, the most urgent first, and work for whoever asks for it. */
export default function CasesPage() {
  const { say } = useLanguage()
  const reads = useMay('cases read')
  return (
    <Page title={say('casesPage')} lead={say('casesLead')} actions={reads && <NextCase />}>
      {reads && <Queue />}
      {reads && <Counts />}
      <CaseLimits />
    </Page>
  )
}

function NextCase() {
  const { say } = useLanguage()
  const go = useNavigate()
  const client = useQueryClient()
  const next = useMutation({
    mutationFn: api.nextCase,
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['cases'] })
      void go(`/cases/${id}`)
    },
  })
  return (
    <>
      <Button type="primary" loading={next.isPending} onClick={() => next.mutate()}>
        {say('caseNext')}
      </Button>
      <ProblemAlert error={next.error} />
    </>
  )
}

function Queue() {
  const { lang, say } = useLanguage()
  const { user } = useSession()
  const [desk, setDesk] = useState<Desk>(DESKS_OF[user.role]?.[0] ?? 'review')
  const [state, setState] = useState<CaseState | ''>('')
  const [mine, setMine] = useState(false)
  const [order, setOrder] = useState<'due' | 'risk' | 'amount'>('due')
  const [risk, setRisk] = useState<RiskBand | ''>('')
  const [words, setWords] = useState('')
  const q = useDebounced(words.trim())
  const cases = useInfiniteQuery({
    queryKey: ['cases', desk, state, mine, order, risk, q],
    queryFn: ({ pageParam }) =>
      api.cases({ desk, state, mine: String(mine), order, risk, q, after: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const states = (Object.keys(CASE_STATES) as CaseState[]).filter((each) => deskOf(each) === desk)
  return (
    <Section title={say('caseQueue')}>
      <div className="filters">
        <div className="field">
          <label htmlFor="case-words">{say('caseSearch')}</label>
          <Input
            id="case-words"
            type="search"
            value={words}
            autoComplete="off"
            onChange={({ target }) => setWords(target.value)}
          />
        </div>
        {q === '' && (
          <>
            <div className="field">
              <label htmlFor="case-desk">{say('caseDesk')}</label>
              <Select
                id="case-desk"
                value={desk}
                options={(Object.keys(DESKS) as Desk[]).map((value) => ({
                  value,
                  label: DESKS[value][lang],
                }))}
                onChange={(next) => {
                  setDesk(next)
                  setState('')
                }}
              />
            </div>
            <div className="field">
              <label htmlFor="case-state">{say('state')}</label>
              <Select
                id="case-state"
                value={state}
                options={[
                  { value: '', label: say('caseEveryState') },
                  ...states.map((value) => ({ value, label: CASE_STATES[value][lang] })),
                ]}
                onChange={(next) => setState(next as CaseState | '')}
              />
            </div>
            <div className="field">
              <label htmlFor="case-order">{say('caseOrder')}</label>
              <Select
                id="case-order"
                value={order}
                options={[
                  { value: 'due', label: say('caseByDue') },
                  { value: 'risk', label: say('caseByRisk') },
                  { value: 'amount', label: say('caseByAmount') },
                ]}
                onChange={setOrder}
              />
            </div>
            <div className="field">
              <label htmlFor="case-risk">{say('caseRisk')}</label>
              <Select
                id="case-risk"
                value={risk}
                options={[
                  { value: '', label: say('caseEveryRisk') },
                  ...Object.entries(RISK_BANDS).map(([value, band]) => ({
                    value,
                    label: band[lang],
                  })),
                ]}
                onChange={(next) => setRisk(next as RiskBand | '')}
              />
            </div>
            <Checkbox checked={mine} onChange={({ target }) => setMine(target.checked)}>
              {say('caseMine')}
            </Checkbox>
          </>
        )}
      </div>
      <Await query={cases}>
        {({ pages }) => <CaseTable cases={pages.flatMap((page) => page.cases)} />}
      </Await>
      {cases.hasNextPage && (
        <Button loading={cases.isFetchingNextPage} onClick={() => void cases.fetchNextPage()}>
          {say('caseMore')}
        </Button>
      )}
    </Section>
  )
}

function CaseTable({ cases }: { readonly cases: readonly CaseRow[] }) {
  const { lang, say } = useLanguage()
  return (
    <DataTable
      caption={say('caseQueue')}
      cards
      rows={cases}
      rowKey={({ id }) => id}
      empty={say('caseNone')}
      columns={[
        {
          key: 'no',
          title: say('caseNo'),
          heading: true,
          cell: ({ id, no }) => (
            <Link to={`/cases/${id}`}>{say('caseOf', { no: String(no) })}</Link>
          ),
        },
        { key: 'state', title: say('state'), cell: ({ state }) => CASE_STATES[state][lang] },
        {
          key: 'due',
          title: say('caseDue'),
          cell: ({ dueOn, overdue }) =>
            dueOn === null ? (
              '—'
            ) : (
              <>
                {dueOn} {overdue && <Tag color="error">{say('caseOverdue')}</Tag>}
              </>
            ),
        },
        {
          key: 'risk',
          title: say('caseRisk'),
          cell: ({ risk }) => `${RISK_BANDS[bandOf(risk)][lang]} ${risk}`,
        },
        { key: 'bill', title: say('bill'), cell: ({ bill }) => bill },
        { key: 'person', title: say('person'), cell: ({ person }) => person },
        {
          key: 'amount',
          title: say('amountYuan'),
          numeric: true,
          cell: ({ amount }) => <Money fen={amount} />,
        },
        { key: 'accepted', title: say('caseAccepted'), cell: ({ acceptedOn }) => acceptedOn },
        { key: 'assignee', title: say('caseAssignee'), cell: ({ assignee }) => assignee ?? '—' },
      ]}
    />
  )
}

function Counts() {
  const { lang, say } = useLanguage()
  const counts = useQuery({ queryKey: ['cases', 'counts'], queryFn: api.caseCounts })
  return (
    <Section title={say('caseCounts')}>
      <Await query={counts}>
        {({ waiting }) => (
          <DataTable<CasesWaiting>
            caption={say('caseCounts')}
            rows={waiting}
            rowKey={({ state }) => state}
            empty={say('caseNone')}
            columns={[
              {
                key: 'state',
                title: say('state'),
                heading: true,
                cell: ({ state }) => CASE_STATES[state][lang],
              },
              { key: 'desk', title: say('caseDesk'), cell: ({ desk }) => DESKS[desk][lang] },
              {
                key: 'cases',
                title: say('caseCount'),
                numeric: true,
                cell: ({ cases }) => cases,
              },
              {
                key: 'overdue',
                title: say('caseOverdueCount'),
                numeric: true,
                cell: ({ overdue }) => overdue,
              },
            ]}
          />
        )}
      </Await>
    </Section>
  )
}
