import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Progress } from 'antd'
import { useId, useState } from 'react'
import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import { api, type Moved, type ReplayRun, type RunSums } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const STATES = {
  checking: 'runChecking',
  checked: 'runChecked',
  applying: 'runApplying',
  done: 'runDone',
  cancelled: 'runCancelled',
} as const
const isBusy = ({ state }: ReplayRun) => state === 'checking' || state === 'applying'

/** Settling again by a corrected version of the rules: first checked, then carried out by somebody. */
export function ReplayRuns() {
  const { say } = useLanguage()
  const starts = useMay('runs start')
  const client = useQueryClient()
  const field = useId()
  const [reason, setReason] = useState('')
  const runs = useQuery({
    queryKey: ['replay runs'],
    queryFn: api.replayRuns,
    refetchInterval: ({ state }) => (state.data?.runs.some(isBusy) ? 1_000 : false),
  })
  const open = useCommand(api.openRun, async () => {
    setReason('')
    await client.invalidateQueries({ queryKey: ['replay runs'] })
  })
  return (
    <Section title={say('replayRuns')} note={say('replayRunsNote')}>
      {starts && (
        <form
          className="inline-form"
          onSubmit={(event) => {
            event.preventDefault()
            open.mutate(reason.trim())
          }}
        >
          <label htmlFor={field}>{say('runReason')}</label>
          <Input
            id={field}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            maxLength={500}
            required
          />
          <Button htmlType="submit" disabled={reason.trim() === ''} loading={open.isPending}>
            {say('openRun')}
          </Button>
        </form>
      )}
      <ProblemAlert error={open.error} retry={() => open.mutate(reason.trim())} />
      <Await query={runs}>
        {({ runs: all }) =>
          all.length === 0 ? (
            <p className="quiet">{say('noRuns')}</p>
          ) : (
            all.map((run) => <RunCard key={run.id} run={run} starts={starts} />)
          )
        }
      </Await>
    </Section>
  )
}

function RunCard({ run, starts }: { readonly run: ReplayRun; readonly starts: boolean }) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const client = useQueryClient()
  const decide = useCommand(api.decideRun, () =>
    client.invalidateQueries({ queryKey: ['replay runs'] }),
  )
  const { persons, waiting, state, rules, checked, applied } = run
  const start = () =>
    modal.confirm({
      title: say('startRunQuestion', { version: String(rules) }),
      content: say('startRunExplains', {
        persons: String(checked.persons),
        bills: String(checked.bills),
      }),
      okText: say('startRun'),
      cancelText: say('cancel'),
      onOk: () => decide.mutate({ run: run.id, act: 'start' }),
    })
  return (
    <details className="statement" open={state !== 'done' && state !== 'cancelled'}>
      <summary>
        <strong>{run.reason}</strong> · {say(STATES[state])}{' '}
        <span className="quiet">
          {moment(run.at)} · {run.author}
        </span>
      </summary>
      {isBusy(run) && (
        <>
          <Progress percent={Math.floor((100 * (persons - waiting)) / Math.max(1, persons))} />
          <p role="status">
            {say('runProgress', { done: String(persons - waiting), persons: String(persons) })}
          </p>
        </>
      )}
      {run.failed > 0 && <p>{say('runFailed', { n: String(run.failed) })}</p>}
      {state !== 'checking' && (
        <Sums sums={state === 'done' || state === 'applying' ? applied : checked} />
      )}
      {starts && (
        <div className="actions">
          {state === 'checked' && (
            <Button type="primary" onClick={start}>
              {say('startRun')}…
            </Button>
          )}
          {(isBusy(run) || state === 'checked') && (
            <Button onClick={() => decide.mutate({ run: run.id, act: 'cancel' })}>
              {say('cancelRun')}
            </Button>
          )}
        </div>
      )}
      <ProblemAlert error={decide.error} />
    </details>
  )
}

/** Both sides of everything that a run changes. */
function Sums({ sums }: { readonly sums: RunSums }) {
  const { lang, say } = useLanguage()
  const rows = [
    ...(Object.entries(sums.payers) as [Payer, Moved][]).map(([payer, moved]) => ({
      name: PAYERS[payer][lang],
      moved,
    })),
    { name: say('patient'), moved: sums.patient },
  ]
  return (
    <>
      <p>
        {say('runBills', { persons: String(sums.persons), bills: String(sums.bills) })}
        {sums.refused > 0 && ` · ${say('runRefused', { n: String(sums.refused) })}`}
      </p>
      <DataTable
        caption={say('replayRuns')}
        rows={rows}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: say('party'), heading: true, cell: ({ name }) => name },
          {
            key: 'before',
            title: say('beforeReplay'),
            numeric: true,
            cell: ({ moved }) => <Money fen={moved.before} />,
          },
          {
            key: 'after',
            title: say('afterReplay'),
            numeric: true,
            cell: ({ moved }) => <Money fen={moved.after} />,
          },
        ]}
      />
    </>
  )
}
