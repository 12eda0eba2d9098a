import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Tag } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useParams } from 'react-router'
import {
  ACTS,
  bandOf,
  CASE_ACTS,
  CASE_STATES,
  type CaseAct,
  CHANNELS,
  DESKS,
  DESKS_OF,
  OUTCOMES,
  RISK_BANDS,
  RISK_FACTORS,
  type Risk,
} from '#domains/casework/types.ts'
import { DEDUCTION_STATES } from '#domains/monthend/types.ts'
import { api, type CaseDecision, type CaseFile } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { CaseDocuments } from '#web/parts/case-documents.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { DecideCase } from '#web/parts/decide-case.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { Result } from '#web/parts/result.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** One case: what can be done now, until when, what the bill and the rules say, and how it came here. */
export default function CasePage() {
  const { case: id = '' } = useParams()
  const { say } = useLanguage()
  const file = useQuery({ queryKey: ['cases', 'file', id], queryFn: () => api.case(id) })
  const no = file.data?.no
  return (
    <Page
      title={no === undefined ? say('casesPage') : say('caseOf', { no: String(no) })}
      lead={<Link to="/cases">{say('caseBack')}</Link>}
    >
      <Await query={file}>{(data) => <OneCase file={data} />}</Await>
    </Page>
  )
}

function OneCase({ file }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  const { bill, person, channel, amount, state, outcome, assignee, overdue } = file
  const facts: Readonly<Record<string, ReactNode>> = {
    [say('state')]: (
      <>
        <strong>{CASE_STATES[state][lang]}</strong>{' '}
        {overdue && <Tag color="error">{say('caseOverdue')}</Tag>}
      </>
    ),
    [say('caseDecision')]: outcome === null ? '—' : OUTCOMES[outcome][lang],
    [say('person')]: <Link to={`/persons/${encodeURIComponent(person)}`}>{person}</Link>,
    [say('bill')]: bill,
    [say('amountYuan')]: <Money fen={amount} />,
    [say('caseChannel')]: CHANNELS[channel][lang],
    [say('caseAssignee')]: assignee ?? '—',
  }
  return (
    <>
      <dl className="facts">
        {Object.entries(facts).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Acts file={file} />
      <RiskWhy file={file} />
      <Clocks clocks={file.clocks} />
      <CaseDocuments file={file} />
      <Basis file={file} />
      <Borne file={file} />
      <History file={file} />
    </>
  )
}

// --- what can be done ------------------------------------------------------------------------------

const DECIDING: readonly CaseAct[] = ['decide', 'propose', 'revise']

function Acts({ file }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  const { user } = useSession()
  const client = useQueryClient()
  const again = () => client.invalidateQueries()
  const move = useCommand(api.actOnCase, again)
  const assign = useCommand((to: 'me' | 'nobody') => api.assignCase(file.id, to), again)
  const [act, setAct] = useState<Act>()
  const [deciding, setDeciding] = useState<CaseAct>()
  const rules = useRules(file)
  const mine = DESKS_OF[user.role] ?? []
  const { limit, amount, acts: seen } = file
  const alone = limit !== null && amount <= limit
  const possible = (Object.keys(CASE_ACTS) as CaseAct[]).filter((each) => {
    const { from, desk, once } = ACTS[each]
    const done = once && file.history.some(({ act: before }) => before === each)
    // Above the limit one person proposes; within it nobody has to.
    const fits = each !== 'decide' || alone
    return from.includes(file.state) && mine.includes(desk) && !done && fits
  })
  const start = (each: CaseAct) => {
    if (DECIDING.includes(each)) return setDeciding(each)
    const { reasons } = ACTS[each]
    const adverse = each === 'approve' && file.proposal?.outcome !== 'pay'
    setAct({
      title: ACTS[each][lang],
      ok: ACTS[each][lang],
      danger: each === 'withdraw',
      note: each === 'approve' && file.proposal && <Decided decision={file.proposal} />,
      fields: [
        {
          name: 'why',
          label: say('caseReason'),
          kind: 'text',
          needed: Boolean(reasons) || adverse,
        },
      ],
      send: ({ why }) =>
        move.mutateAsync({ of: file.id, act: each, seen, ...(why === undefined ? {} : { why }) }),
    })
  }
  return (
    <Section title={say('caseNow')}>
      {file.proposal && (
        <p>
          {say('caseProposed', {
            outcome: OUTCOMES[file.proposal.outcome][lang],
            by: file.history.findLast(({ act: each }) => each === 'propose')?.by ?? '',
          })}
        </p>
      )}
      <div className="actions">
        {possible.map((each, i) => (
          <Button key={each} type={i === 0 ? 'primary' : 'default'} onClick={() => start(each)}>
            {ACTS[each][lang]}…
          </Button>
        ))}
        {file.desk !== null && mine.includes(file.desk) && (
          <Button
            loading={assign.isPending}
            onClick={() => assign.mutate(file.assignee === user.name ? 'nobody' : 'me')}
          >
            {say(file.assignee === user.name ? 'casePutBack' : 'caseTake')}
          </Button>
        )}
      </div>
      {possible.length === 0 && file.desk !== null && (
        <p className="quiet">{say('caseNotYours', { desk: DESKS[file.desk][lang] })}</p>
      )}
      <ProblemAlert error={assign.error} />
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
      {deciding && (
        <DecideCase
          file={file}
          title={ACTS[deciding][lang]}
          rules={rules}
          send={(decided) => move.mutateAsync({ of: file.id, act: deciding, seen, ...decided })}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </Section>
  )
}

/** The tiers that the trial settlement goes through, to be named by a decision. */
function useRules(file: CaseFile) {
  const { lang } = useLanguage()
  const explained = useExplained(file)
  return (explained.data?.settlement.tiers ?? []).map(({ tier, title }) => ({
    value: tier,
    label: title[lang],
  }))
}

// --- what stands out ---------------------------------------------------------------------------------

function RiskWhy({ file: { risk, riskWhy } }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  const found = ({ factor, value, usual, bills }: Risk['factors'][number]): string => {
    if (value !== undefined && usual !== undefined)
      return say('riskAmount', { value: money(value), usual: money(usual) })
    if (factor === 'soon-after-cover') return say('riskDays', { n: String(value ?? 0) })
    return bills.join(say('listComma')) || '—'
  }
  return (
    <Section
      title={say('caseRiskOf', { band: RISK_BANDS[bandOf(risk)][lang], score: String(risk) })}
      note={say(riskWhy === null ? 'caseRiskNone' : 'caseRiskNote', {
        version: riskWhy?.version ?? '',
      })}
    >
      {riskWhy && (
        <DataTable
          caption={say('caseRisk')}
          cards
          rows={riskWhy.factors}
          rowKey={({ factor }) => factor}
          empty={say('caseRiskNothing')}
          columns={[
            {
              key: 'factor',
              title: say('caseRiskFactor'),
              heading: true,
              cell: ({ factor }) => RISK_FACTORS[factor][lang],
            },
            { key: 'found', title: say('caseRiskFound'), cell: found },
            {
              key: 'points',
              title: say('caseRiskPoints'),
              numeric: true,
              cell: ({ points }) => points,
            },
          ]}
        />
      )}
    </Section>
  )
}

// --- until when ------------------------------------------------------------------------------------

function Clocks({ clocks }: { readonly clocks: CaseFile['clocks'] }) {
  const { lang, say } = useLanguage()
  const stand = ({ kind, due = '', left = 0, on = '', late }: CaseFile['clocks'][number]) => {
    if (kind === 'running') return say('caseRunning', { due })
    if (kind === 'stopped') return say('caseStopped', { left: String(left) })
    if (kind === 'unknown') return say('caseClockUnknown')
    return say(late ? 'caseMetLate' : 'caseMet', { on, due })
  }
  return (
    <Section title={say('caseClocks')}>
      <DataTable
        caption={say('caseClocks')}
        cards
        rows={clocks}
        rowKey={({ id }) => id}
        columns={[
          { key: 'clock', title: say('caseClock'), heading: true, cell: (clock) => clock[lang] },
          {
            key: 'days',
            title: say('caseDue'),
            cell: ({ days, unit }) =>
              say(unit === 'calendar' ? 'caseCalendarDays' : 'caseWorkingDays', {
                n: String(days),
              }),
          },
          { key: 'stand', title: say('state'), cell: stand },
          {
            key: 'rule',
            title: say('caseClockRule'),
            cell: ({ source, grade }) => `${source} (${say('caseGrade', { grade })})`,
          },
        ]}
      />
    </Section>
  )
}

// --- what the bill and the rules say -----------------------------------------------------------------

/** The bill as it is settled; tried out while it is not. */
function useExplained({ bill, person, billState }: CaseFile) {
  const standing = useQuery({
    queryKey: ['person', person],
    queryFn: () => api.person(person),
    enabled: billState === 'settled',
  })
  const settlement = standing.data?.bills.find(({ id }) => id === bill)?.settlement
  return useQuery({
    queryKey: ['cases', 'basis', bill, billState, settlement],
    queryFn: () =>
      billState === 'settled' ? api.settlement(settlement ?? '') : api.trial({ bill }),
    enabled: billState !== 'settled' || Boolean(settlement),
  })
}

function Basis({ file }: { readonly file: CaseFile }) {
  const { say } = useLanguage()
  const explained = useExplained(file)
  const trial = file.billState !== 'settled'
  return (
    <Section title={say('caseBasis')} note={trial && say('caseBasisTrial')}>
      <Await query={explained}>{(data) => <Result explained={data} trial={trial} />}</Await>
    </Section>
  )
}

// --- what the hospital bears -------------------------------------------------------------------------

function Borne({ file: { deductions } }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const months = useMay('months read')
  if (deductions.length === 0) return null
  return (
    <Section
      title={say('caseBorne')}
      note={say('caseBorneNote')}
      actions={months && <Link to="/month-ends">{say('monthDeductions')}</Link>}
    >
      <DataTable
        caption={say('caseBorne')}
        cards
        rows={deductions}
        rowKey={({ id }) => id}
        columns={[
          { key: 'name', title: say('institution'), heading: true, cell: ({ name }) => name },
          { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          { key: 'state', title: say('state'), cell: ({ state }) => DEDUCTION_STATES[state][lang] },
        ]}
      />
    </Section>
  )
}

// --- how it came here --------------------------------------------------------------------------------

function Decided({ decision }: { readonly decision: CaseDecision }) {
  const { lang, say } = useLanguage()
  const { outcome, rules = [], cuts = [], bearer } = decision
  return [
    OUTCOMES[outcome][lang],
    ...(bearer === 'hospital' ? [say('caseBorneByHospital')] : []),
    ...cuts.map(({ line, amount }) => `${line} −${money(amount)}`),
    ...rules,
  ].join(' · ')
}

function History({ file }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  return (
    <Section
      title={say('caseHistory')}
      actions={
        file.outcome !== null && (
          <a href={api.noticeAddress(file.id)} target="_blank" rel="noreferrer">
            {say('caseNotice')}
          </a>
        )
      }
    >
      <DataTable
        caption={say('caseHistory')}
        cards
        rows={file.history}
        rowKey={({ no }) => String(no)}
        columns={[
          {
            key: 'act',
            title: say('caseAct'),
            heading: true,
            cell: ({ act }) => CASE_ACTS[act][lang],
          },
          { key: 'by', title: say('caseBy'), cell: ({ by }) => by },
          { key: 'at', title: say('payAt'), cell: ({ at }) => moment(at) },
          {
            key: 'decision',
            title: say('caseDecision'),
            cell: ({ decision }) => (decision ? <Decided decision={decision} /> : '—'),
          },
          { key: 'why', title: say('caseReason'), cell: ({ why }) => why ?? '—' },
          {
            key: 'statement',
            title: say('caseStatement'),
            cell: ({ statement }) =>
              statement === null ? (
                '—'
              ) : (
                <a href={api.statementAddress(statement)} target="_blank" rel="noreferrer">
                  PDF
                </a>
              ),
          },
        ]}
      />
    </Section>
  )
}
