import { useQuery } from '@tanstack/react-query'
import { Button, Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { RUN_STATES } from '#domains/pricing/types.ts'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { emptyDraft } from '#web/parts/scenario-draft.ts'
import { useMay } from '#web/parts/session.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 情景推演: what a change of the rules would do to a year, before it is made. */
export default function ScenariosPage() {
  const { lang, say } = useLanguage()
  const scenarios = useQuery({ queryKey: ['scenarios'], queryFn: api.scenarios })
  return (
    <Page
      title={say('scenariosPage')}
      lead={say('scenariosLead')}
      actions={useMay('scenarios write') && <NewScenario />}
    >
      <Await query={scenarios}>
        {(data) => (
          <div className="paper">
            <DataTable
              caption={say('scenariosPage')}
              cards
              rows={data.scenarios}
              rowKey={({ id }) => id}
              empty={say('scenariosNone')}
              columns={[
                {
                  key: 'name',
                  title: say('scenarioName'),
                  heading: true,
                  cell: ({ id, name, shared }) => (
                    <>
                      <Link to={`/scenarios/${id}`}>{name}</Link>{' '}
                      {shared && <Tag>{say('scenarioShared')}</Tag>}
                    </>
                  ),
                },
                {
                  key: 'data',
                  title: say('scenarioData'),
                  cell: ({ data }) =>
                    data.kind === 'own'
                      ? say('scenarioOwnOf', { year: data.year })
                      : say('scenarioCityOf', {
                          persons: data.persons.toLocaleString('en-US'),
                          year: data.year,
                        }),
                },
                {
                  key: 'state',
                  title: say('scenarioRun'),
                  cell: ({ runState }) => (runState === null ? '—' : RUN_STATES[runState][lang]),
                },
                { key: 'owner', title: say('scenarioOwner'), cell: ({ ownerName }) => ownerName },
                {
                  key: 'changed',
                  title: say('scenarioChanged'),
                  cell: ({ changedAt }) => moment(changedAt),
                },
              ]}
            />
          </div>
        )}
      </Await>
    </Page>
  )
}

function NewScenario() {
  const { say } = useLanguage()
  const go = useNavigate()
  const book = useBook()
  const add = useCommand(api.addScenario, ({ id }) => go(`/scenarios/${id}`))
  const { places = [], schemes = [] } = book.data ?? {}
  const settled = places.filter(({ folder }) => schemes.some(({ place }) => place === folder))
  const first = settled.find(({ teaching }) => teaching) ?? settled[0]
  return (
    <>
      <Button
        type="primary"
        loading={add.isPending}
        disabled={!first}
        onClick={() =>
          add.mutate({
            name: say('scenarioNew'),
            draft: emptyDraft('新草案', 'A new draft'),
            data: {
              kind: 'city',
              place: first?.folder ?? '',
              persons: 20_000,
              year: new Date().getFullYear() - 1,
              seed: 1,
            },
            assumptions: {},
          })
        }
      >
        {say('scenarioNew')}
      </Button>
      <ProblemAlert error={add.error} />
    </>
  )
}
