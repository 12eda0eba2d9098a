import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { formatRate } from '#base/money.ts'
import { type KeptTerms, type Release, TERMS_STATES } from '#domains/monthend/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog, type Typed } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** As many steps as an agreement usually has. */
const STEPS = [1, 2, 3] as const

/** 结算约定: what fund and institution agreed for a year; kept by one person, confirmed by another. */
export function MonthTerms() {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const prepares = useMay('months prepare')
  const confirms = useMay('months confirm')
  const client = useQueryClient()
  const terms = useQuery({ queryKey: ['month terms'], queryFn: api.monthTerms })
  const add = useCommand(api.addMonthTerms, () => client.invalidateQueries())
  const decide = useCommand(api.decideMonthTerms, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const startAdd = () =>
    setAct({
      title: say('monthAddTerms'),
      ok: say('monthAddTerms'),
      note: say('monthTermsNote'),
      fields: [
        { name: 'institution', label: say('monthInstitution'), kind: 'text', needed: true },
        {
          name: 'fund',
          label: say('ledgerFund'),
          kind: 'text',
          needed: true,
          note: say('monthFundNote'),
        },
        { name: 'from', label: say('monthFrom'), kind: 'month', needed: true },
        { name: 'depositRate', label: say('monthDepositRate'), kind: 'percent', needed: true },
        { name: 'prepayment', label: say('monthAdvanced'), kind: 'yuan', needed: true },
        { name: 'backFrom', label: say('monthBackFrom'), kind: 'month', needed: true },
        ...STEPS.flatMap((step) => [
          {
            name: `score${step}`,
            label: say('monthScoreFrom', { step: String(step) }),
            kind: 'score' as const,
          },
          {
            name: `rate${step}`,
            label: say('monthReleased', { step: String(step) }),
            kind: 'percent' as const,
          },
        ]),
        { name: 'document', label: say('monthTermsDocument'), kind: 'text', needed: true },
      ],
      send: (typed) => add.mutateAsync(termsOf(typed)),
    })
  const start = ({ id, terms: of, name }: KeptTerms, to: 'confirm' | 'withdraw') =>
    setAct({
      title: say(to === 'confirm' ? 'monthConfirmTerms' : 'monthWithdraw'),
      ok: say(to === 'confirm' ? 'monthConfirmTerms' : 'monthWithdraw'),
      note: `${name} · ${of.from} · ${of.document}`,
      fields: [],
      send: () => decide.mutateAsync({ id, to }),
    })
  return (
    <Section
      title={say('monthTerms')}
      note={say('monthTermsNote')}
      actions={prepares && <Button onClick={startAdd}>{say('monthAddTerms')}…</Button>}
    >
      <Await query={terms}>
        {({ terms: rows }) => (
          <DataTable
            caption={say('monthTerms')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('monthNoTerms')}
            columns={[
              { key: 'name', title: say('institution'), heading: true, cell: ({ name }) => name },
              {
                key: 'fund',
                title: say('ledgerFund'),
                cell: ({ terms: { fund } }) => fundName(fund),
              },
              { key: 'from', title: say('monthFrom'), cell: ({ terms: { from } }) => from },
              {
                key: 'rate',
                title: say('monthDepositRate'),
                numeric: true,
                cell: ({ terms: { depositRate } }) => formatRate(depositRate),
              },
              {
                key: 'prepayment',
                title: say('monthAdvanced'),
                numeric: true,
                cell: ({ terms: { prepayment } }) => <Money fen={prepayment} />,
              },
              {
                key: 'release',
                title: say('monthRelease'),
                cell: ({ terms: { release } }) =>
                  release
                    .map(({ score, rate }) => `≥ ${score / 10}: ${formatRate(rate)}`)
                    .join(say('listComma')),
              },
              {
                key: 'document',
                title: say('monthTermsDocument'),
                cell: ({ terms: { document: text } }) => text,
              },
              {
                key: 'state',
                title: say('state'),
                cell: ({ state, madeBy, decidedBy }) =>
                  [TERMS_STATES[state][lang], madeBy, decidedBy].filter(Boolean).join(' · '),
              },
              {
                key: 'acts',
                title: say('doSomething'),
                cell: (row) => {
                  const acts = [
                    ...(confirms
                      ? ([
                          { word: 'monthConfirmTerms', start: () => start(row, 'confirm') },
                        ] as const)
                      : []),
                    ...(prepares
                      ? ([{ word: 'monthWithdraw', start: () => start(row, 'withdraw') }] as const)
                      : []),
                  ]
                  return row.state === 'draft' && acts.length > 0 ? (
                    <RowActs of={row.name} acts={acts} />
                  ) : (
                    '—'
                  )
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

function termsOf(typed: Typed) {
  const release = STEPS.flatMap((step): Release[] => {
    const [score, rate] = [typed[`score${step}`], typed[`rate${step}`]]
    return typeof score === 'number' && typeof rate === 'number' ? [{ score, rate }] : []
  })
  const { institution, fund, from, depositRate, prepayment, backFrom, document } = typed
  return { institution, fund, from, depositRate, prepayment, backFrom, release, document }
}
