import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import {
  DEDUCTION_ACTS,
  DEDUCTION_STATES,
  type Deduction,
  type DeductionAct,
} from '#domains/monthend/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const WORD_OF = {
  confirm: 'monthConfirmDeduction',
  withdraw: 'monthWithdraw',
  restore: 'monthRestore',
} as const satisfies Record<DeductionAct, string>

/** 审核扣款: proposed by one person, confirmed by another; an objection that is upheld gives it back. */
export function MonthDeductions() {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const prepares = useMay('months prepare')
  const confirms = useMay('months confirm')
  const opens = useMay('cases read')
  const client = useQueryClient()
  const deductions = useQuery({ queryKey: ['month deductions'], queryFn: api.monthDeductions })
  const propose = useCommand(api.proposeDeduction, () => client.invalidateQueries())
  const move = useCommand(api.moveDeduction, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const startPropose = () =>
    setAct({
      title: say('monthPropose'),
      ok: say('monthPropose'),
      note: say('monthDeductionsNote'),
      fields: [
        { name: 'institution', label: say('monthInstitution'), kind: 'text', needed: true },
        {
          name: 'fund',
          label: say('ledgerFund'),
          kind: 'text',
          needed: true,
          note: say('monthFundNote'),
        },
        { name: 'amount', label: say('amountYuan'), kind: 'yuan', needed: true },
        { name: 'reason', label: say('monthReason'), kind: 'text', needed: true },
        { name: 'rule', label: say('monthRule'), kind: 'text', needed: true },
        { name: 'bill', label: say('monthBill'), kind: 'text' },
      ],
      send: (typed) => propose.mutateAsync(typed),
    })
  const start = (row: Deduction, what: DeductionAct) =>
    setAct({
      title: DEDUCTION_ACTS[what][lang],
      ok: say(WORD_OF[what]),
      note: `${row.name} · ${row.reason} · ${row.rule}`,
      danger: what === 'confirm',
      fields: [{ name: 'reason', label: say('monthReason'), kind: 'text', needed: true }],
      send: (typed) => move.mutateAsync({ id: row.id, act: what, ...typed }),
    })
  const mayDo = (what: DeductionAct) => (what === 'withdraw' ? prepares : confirms)
  return (
    <Section
      title={say('monthDeductions')}
      note={say('monthDeductionsNote')}
      actions={prepares && <Button onClick={startPropose}>{say('monthPropose')}…</Button>}
    >
      <Await query={deductions}>
        {({ deductions: rows }) => (
          <DataTable
            caption={say('monthDeductions')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('monthNoDeductions')}
            columns={[
              { key: 'name', title: say('institution'), heading: true, cell: ({ name }) => name },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
              {
                key: 'reason',
                title: say('monthReason'),
                cell: ({ reason, rule, bill, case: of }) => (
                  <>
                    {[reason, rule, bill].filter(Boolean).join(' · ')}
                    {of !== null && opens && (
                      <>
                        {' · '}
                        <Link to={`/cases/${of}`}>{say('monthCase')}</Link>
                      </>
                    )}
                  </>
                ),
              },
              {
                key: 'state',
                title: say('state'),
                cell: ({ state, madeBy, madeAt, acts }) =>
                  [
                    DEDUCTION_STATES[state][lang],
                    `${madeBy} ${moment(madeAt)}`,
                    ...acts.map(({ user, at, reason }) => `${user} ${moment(at)}：${reason ?? ''}`),
                  ].join(' · '),
              },
              {
                key: 'acts',
                title: say('doSomething'),
                cell: (row) => {
                  const acts = (Object.keys(DEDUCTION_ACTS) as DeductionAct[])
                    .filter((what) => DEDUCTION_ACTS[what].from === row.state && mayDo(what))
                    .map((what) => ({ word: WORD_OF[what], start: () => start(row, what) }))
                  return acts.length > 0 ? <RowActs of={row.reason} acts={acts} /> : '—'
                },
              },
            ]}
          />
        )}
      </Await>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
