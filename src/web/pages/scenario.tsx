import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Popconfirm, Select, Tag } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { RUN_STATES, type ScenarioContent } from '#domains/pricing/types.ts'
import { api, type Scenario, type ScenarioRunRow } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { ScenarioForm } from '#web/parts/scenario-form.tsx'
import { ScenarioRunView } from '#web/parts/scenario-run.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { useUnsaved } from '#web/parts/use-unsaved.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** One scenario: what it is of, and what its runs came to. */
export default function ScenarioPage() {
  const { scenario: id = '' } = useParams()
  const { say } = useLanguage()
  const scenario = useQuery({ queryKey: ['scenario', id], queryFn: () => api.scenario(id) })
  return (
    <Await query={scenario}>
      {(found) => (
        <Page
          title={found.name}
          lead={
            <>
              {say('scenarioBy', { owner: found.ownerName, at: moment(found.changedAt) })}{' '}
              {found.shared && <Tag>{say('scenarioShared')}</Tag>}
            </>
          }
          actions={<Copy scenario={found} />}
        >
          <Content key={found.id} scenario={found} runs={found.runs} />
        </Page>
      )}
    </Await>
  )
}

function Copy({ scenario }: { readonly scenario: Scenario }) {
  const { say } = useLanguage()
  const go = useNavigate()
  const copy = useCommand(api.copyScenario, ({ id }) => go(`/scenarios/${id}`))
  if (!useMay('scenarios write')) return null
  const name = say('scenarioCopyOf', { name: scenario.name }).slice(0, 100)
  return (
    <>
      <Button loading={copy.isPending} onClick={() => copy.mutate({ of: scenario.id, name })}>
        {say('scenarioCopy')}
      </Button>
      {scenario.mine && <Delete id={scenario.id} />}
      <ProblemAlert error={copy.error} />
    </>
  )
}

function Delete({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const go = useNavigate()
  const client = useQueryClient()
  const remove = useCommand(api.deleteScenario, async () => {
    await client.invalidateQueries({ queryKey: ['scenarios'] })
    await go('/scenarios')
  })
  return (
    <>
      <Popconfirm
        title={say('scenarioDeleteQuestion')}
        okText={say('remove')}
        okButtonProps={{ danger: true }}
        cancelText={say('cancel')}
        onConfirm={() => remove.mutate(id)}
      >
        <Button danger loading={remove.isPending}>
          {say('remove')}
        </Button>
      </Popconfirm>
      <ProblemAlert error={remove.error} />
    </>
  )
}

type Kept = ScenarioContent & { readonly shared: boolean }

function Content({
  scenario,
  runs,
}: {
  readonly scenario: Scenario
  readonly runs: readonly ScenarioRunRow[]
}) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const { message } = App.useApp()
  const { name, draft, data, assumptions, shared, id, mine } = scenario
  const kept: Kept = { name, draft, data, assumptions, shared }
  const [typed, setTyped] = useState(kept)
  const [valid, setValid] = useState(true)
  const changed = JSON.stringify(typed) !== JSON.stringify(kept)
  useUnsaved(changed)
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ['scenario', id] })
    await client.invalidateQueries({ queryKey: ['scenarios'] })
  }
  const save = useCommand(api.changeScenario, refresh)
  const run = useCommand(api.runScenario, refresh)
  const ready = valid && typed.name.trim() !== ''
  const body = { of: id, ...typed, name: typed.name.trim() }
  return (
    <>
      <ScenarioForm value={typed} onChange={setTyped} onValid={setValid} readOnly={!mine} />
      {mine && (
        <div className="actions form-actions">
          <Button
            disabled={!changed || !ready}
            loading={save.isPending}
            onClick={() =>
              save.mutate(body, { onSuccess: () => void message.success(say('scenarioSaved')) })
            }
          >
            {say('scenarioSave')}
          </Button>
          <Button
            type="primary"
            disabled={!ready}
            loading={run.isPending || save.isPending}
            onClick={() =>
              changed ? save.mutate(body, { onSuccess: () => run.mutate(id) }) : run.mutate(id)
            }
          >
            {say(changed ? 'scenarioSaveAndRun' : 'scenarioDoRun')}
          </Button>
        </div>
      )}
      <ProblemAlert error={save.error} />
      <ProblemAlert error={run.error} />
      <Runs scenario={scenario} runs={runs} />
    </>
  )
}

/** The run that is shown, the newest unless another is chosen. */
function Runs({
  scenario,
  runs,
}: {
  readonly scenario: Scenario
  readonly runs: readonly ScenarioRunRow[]
}) {
  const { lang, say } = useLanguage()
  const [chosen, setChosen] = useState<{ readonly run: string; readonly newest: string }>()
  const newest = runs[0]?.id
  if (newest === undefined)
    return (
      <Section title={say('scenarioRun')}>
        <p className="quiet">{say('scenarioNoRun')}</p>
      </Section>
    )
  // A run that was begun since is shown, whatever was chosen before it.
  const shown = chosen?.newest === newest ? chosen.run : newest
  return (
    <>
      {runs.length > 1 && (
        <div className="filters">
          <div className="field">
            <label htmlFor="scenario-run">{say('scenarioRuns')}</label>
            <Select
              id="scenario-run"
              value={shown}
              popupMatchSelectWidth={false}
              onChange={(next) => setChosen({ run: next, newest })}
              options={runs.map((each) => ({
                value: each.id,
                label: [moment(each.at), RUN_STATES[each.state][lang], each.hash ?? '']
                  .filter((part) => part !== '')
                  .join(' · '),
              }))}
            />
          </div>
        </div>
      )}
      <ScenarioRunView key={shown} scenario={scenario} run={shown} />
    </>
  )
}
