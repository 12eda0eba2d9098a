import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Progress } from 'antd'
import { RUN_STATES } from '#domains/pricing/types.ts'
import { api, type Scenario, type ScenarioRun } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { ScenarioReport } from '#web/parts/scenario-report.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const ASKED_EVERY_MS = 1_000
/** Before so much is done, what is left cannot be told from it. */
const TOLD_FROM = 0.05

const isOpen = (run: ScenarioRun | undefined): boolean =>
  run?.state === 'queued' || run?.state === 'running'

/** One run: how far it is, and then what came of it. */
export function ScenarioRunView({
  scenario,
  run: id,
}: {
  readonly scenario: Scenario
  readonly run: string
}) {
  const client = useQueryClient()
  const run = useQuery({
    queryKey: ['scenario run', scenario.id, id],
    queryFn: async () => {
      const found = await api.scenarioRun(scenario.id, id)
      if (!isOpen(found) && scenario.run === id && scenario.runState !== found.state) {
        void client.invalidateQueries({ queryKey: ['scenario', scenario.id] })
        void client.invalidateQueries({ queryKey: ['scenarios'] })
      }
      return found
    },
    refetchInterval: ({ state }) => (isOpen(state.data) ? ASKED_EVERY_MS : false),
  })
  return (
    <Await query={run}>
      {(found) => (
        <>
          <State scenario={scenario} run={found} />
          {found.report && <ScenarioReport scenario={scenario} run={found} report={found.report} />}
        </>
      )}
    </Await>
  )
}

function State({ scenario, run }: { readonly scenario: Scenario; readonly run: ScenarioRun }) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const cancel = useCommand(api.cancelScenario, () =>
    client.invalidateQueries({ queryKey: ['scenario run', scenario.id, run.id] }),
  )
  const { state, fault, before, askedBy, at } = run
  const older = run.scenarioVersion !== scenario.version
  return (
    <Section
      title={say('scenarioRun')}
      note={say('scenarioAsked', { by: askedBy, at: moment(at) })}
      actions={
        isOpen(run) &&
        scenario.mine && (
          <Button
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ of: scenario.id, run: run.id })}
          >
            {say('scenarioCancel')}
          </Button>
        )
      }
    >
      <div aria-live="polite">
        <p>
          <strong>
            {RUN_STATES[state][lang]}
            {state === 'queued' && before > 0 && say('scenarioBefore', { n: before })}
          </strong>
        </p>
        {state === 'running' && <HowFar run={run} />}
        {fault && <Alert type="error" showIcon title={fault[lang]} />}
        {older && !isOpen(run) && (
          <Alert type="info" showIcon title={say('scenarioChangedSince')} />
        )}
      </div>
      <ProblemAlert error={cancel.error} />
    </Section>
  )
}

function HowFar({ run }: { readonly run: ScenarioRun }) {
  const { say } = useLanguage()
  const { progress, seconds } = run
  if (!progress) return <p>{say('scenarioBegins')}</p>
  const { step, done, of, pass = 1, passes = 1 } = progress
  const share = of > 0 ? Math.min(1, done / of) : 0
  const all = step === 'settling' ? (pass - 1 + share) / passes : step === 'reading' ? share : 0
  const left = step === 'settling' && all >= TOLD_FROM && seconds !== null
  return (
    <>
      <Progress percent={Math.floor(100 * all)} aria-label={say('scenarioHowFar')} />
      <p>
        {step === 'settling'
          ? say('scenarioSettling', { pass, passes, done: whole(done), of: whole(of) })
          : step === 'reading'
            ? say('scenarioReading', { done: whole(done), of: whole(of) })
            : say('scenarioMaking', { of: whole(of) })}
        {left && say('scenarioLeft', { seconds: Math.ceil((seconds * (1 - all)) / all) })}
      </p>
    </>
  )
}

const whole = (n: number): string => n.toLocaleString('en-US')
