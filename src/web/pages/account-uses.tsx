import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** What personal accounts may be used for: an administrator keeps the rules, each with its first day and document. */
export default function AccountUsesPage() {
  const { say } = useLanguage()
  const client = useQueryClient()
  const keeps = useMay('accounts rule')
  const uses = useQuery({ queryKey: ['account-uses'], queryFn: api.accountUses })
  const [act, setAct] = useState<Act>()
  const add = useCommand(api.addAccountUse, () =>
    client.invalidateQueries({ queryKey: ['account-uses'] }),
  )
  const start = () =>
    setAct({
      title: say('addAccountUse'),
      ok: say('record'),
      fields: [
        { name: 'purpose', label: say('purposeOfUse'), kind: 'text', needed: true },
        { name: 'from', label: say('holdsFrom'), kind: 'day', needed: true },
        { name: 'permitted', label: say('permitted'), kind: 'flag', value: true },
        { name: 'source', label: say('document'), kind: 'text', needed: true },
        { name: 'article', label: say('articleOf'), kind: 'text' },
      ],
      send: ({ permitted, ...use }) => add.mutateAsync({ ...use, permitted: permitted === true }),
    })
  return (
    <Page title={say('accountUsesPage')} lead={say('accountUsesLead')}>
      <Section
        title={say('accountUsesPage')}
        actions={
          keeps && (
            <Button type="primary" onClick={start}>
              {say('addAccountUse')}…
            </Button>
          )
        }
      >
        <Await query={uses}>
          {(data) => (
            <DataTable
              caption={say('accountUsesPage')}
              cards
              rows={data.uses}
              rowKey={({ purpose, from }) => `${purpose} ${from}`}
              empty={say('noAccountUses')}
              columns={[
                {
                  key: 'purpose',
                  title: say('purposeOfUse'),
                  heading: true,
                  cell: ({ purpose }) => purpose,
                },
                { key: 'from', title: say('holdsFrom'), cell: ({ from }) => from },
                {
                  key: 'permitted',
                  title: say('permitted'),
                  cell: ({ permitted }) => say(permitted ? 'permitted' : 'notPermitted'),
                },
                { key: 'source', title: say('document'), cell: ({ source }) => source },
                { key: 'article', title: say('articleOf'), cell: ({ article }) => article ?? '—' },
              ]}
            />
          )}
        </Await>
      </Section>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Page>
  )
}
