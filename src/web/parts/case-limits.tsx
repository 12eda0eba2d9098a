import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** Up to what one person decides alone, from which day, and by which document. */
export function CaseLimits() {
  const { say } = useLanguage()
  const sets = useMay('case limits write')
  const client = useQueryClient()
  const limits = useQuery({ queryKey: ['case limits'], queryFn: api.caseLimits })
  const set = useCommand(api.setCaseLimit, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = () =>
    setAct({
      title: say('caseSetLimit'),
      ok: say('caseSetLimit'),
      note: say('caseLimitsNote'),
      fields: [
        { name: 'from', label: say('caseLimitFrom'), kind: 'day', needed: true },
        { name: 'amount', label: say('caseLimit'), kind: 'yuan', needed: true },
        { name: 'document', label: say('caseLimitDocument'), kind: 'text', needed: true },
      ],
      send: (typed) => set.mutateAsync(typed),
    })
  return (
    <Section
      title={say('caseLimits')}
      note={say('caseLimitsNote')}
      actions={sets && <Button onClick={start}>{say('caseSetLimit')}…</Button>}
    >
      <Await query={limits}>
        {({ limits: rows }) => (
          <DataTable
            caption={say('caseLimits')}
            rows={rows}
            rowKey={({ at, from }) => at + from}
            empty={say('caseNoLimits')}
            columns={[
              {
                key: 'from',
                title: say('caseLimitFrom'),
                heading: true,
                cell: ({ from }) => from,
              },
              {
                key: 'amount',
                title: say('caseLimit'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
              {
                key: 'document',
                title: say('caseLimitDocument'),
                cell: ({ document: text }) => text,
              },
              { key: 'user', title: say('caseBy'), cell: ({ user }) => user },
            ]}
          />
        )}
      </Await>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
