import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { formatRate } from '#base/money.ts'
import { TERMS_STATES, type YearEnd } from '#domains/monthend/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 年终清算: the score of a year, and what of the deposit it pays out. */
export function YearEnds() {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const prepares = useMay('months prepare')
  const confirms = useMay('months confirm')
  const client = useQueryClient()
  const years = useQuery({ queryKey: ['year ends'], queryFn: api.yearEnds })
  const propose = useCommand(api.proposeYearEnd, () => client.invalidateQueries())
  const decide = useCommand(api.decideYearEnd, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const startPropose = () =>
    setAct({
      title: say('yearPropose'),
      ok: say('yearPropose'),
      note: say('yearEndsNote'),
      fields: [
        { name: 'institution', label: say('monthInstitution'), kind: 'text', needed: true },
        {
          name: 'fund',
          label: say('ledgerFund'),
          kind: 'text',
          needed: true,
          note: say('monthFundNote'),
        },
        { name: 'year', label: say('yearEndYear'), kind: 'count', needed: true },
        { name: 'score', label: say('yearScore'), kind: 'score', needed: true },
        { name: 'reason', label: say('monthReason'), kind: 'text', needed: true },
      ],
      send: (typed) => propose.mutateAsync(typed),
    })
  const start = ({ id, name, year, reason }: YearEnd, to: 'confirm' | 'withdraw') =>
    setAct({
      title: say(to === 'confirm' ? 'yearConfirm' : 'monthWithdraw'),
      ok: say(to === 'confirm' ? 'yearConfirm' : 'monthWithdraw'),
      note: `${name} · ${year} · ${reason}`,
      danger: to === 'confirm',
      fields: [],
      send: () => decide.mutateAsync({ id, to }),
    })
  return (
    <Section
      title={say('yearEnds')}
      note={say('yearEndsNote')}
      actions={prepares && <Button onClick={startPropose}>{say('yearPropose')}…</Button>}
    >
      <Await query={years}>
        {({ years: rows }) => (
          <DataTable
            caption={say('yearEnds')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('yearNone')}
            columns={[
              { key: 'name', title: say('institution'), heading: true, cell: ({ name }) => name },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              { key: 'year', title: say('yearEndYear'), cell: ({ year }) => year },
              {
                key: 'score',
                title: say('yearScore'),
                numeric: true,
                cell: ({ result: { score, rate } }) => `${score / 10} · ${formatRate(rate)}`,
              },
              {
                key: 'deposit',
                title: say('monthHeld'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.deposit} />,
              },
              {
                key: 'released',
                title: say('yearReleased'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.released} />,
              },
              {
                key: 'forfeited',
                title: say('yearForfeited'),
                numeric: true,
                cell: ({ result }) => <Money fen={result.forfeited} />,
              },
              {
                key: 'state',
                title: say('state'),
                cell: ({ state, madeBy, decidedBy, reason }) =>
                  [TERMS_STATES[state][lang], reason, madeBy, decidedBy]
                    .filter(Boolean)
                    .join(' · '),
              },
              {
                key: 'acts',
                title: say('doSomething'),
                cell: (row) => {
                  const acts = [
                    ...(confirms
                      ? ([{ word: 'yearConfirm', start: () => start(row, 'confirm') }] as const)
                      : []),
                    ...(prepares
                      ? ([{ word: 'monthWithdraw', start: () => start(row, 'withdraw') }] as const)
                      : []),
                  ]
                  return row.state === 'draft' && acts.length > 0 ? (
                    <RowActs of={`${row.name} ${row.year}`} acts={acts} />
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
