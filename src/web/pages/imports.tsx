import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Popconfirm, Progress, Upload } from 'antd'
import { useRef, useState } from 'react'
import { api, type ImportMode, type ImportView } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { Sending, useSent } from '#web/parts/sending.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const STATES = {
  received: 'importReceived',
  running: 'importRunning',
  stopped: 'importStopped',
  checked: 'importChecked',
  done: 'importDone',
  failed: 'importFailed',
} as const
const ASKED_EVERY_MS = 1_000
const FIRST_FAULTS = 50

/** Files of enrolments: upload, check, import, and what was wrong. */
export default function ImportsPage() {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const [chosen, setChosen] = useState<string>()
  const list = useQuery({ queryKey: ['imports'], queryFn: api.imports })
  const refresh = () => client.invalidateQueries({ queryKey: ['imports'] })
  const { sent, onSent } = useSent()
  const upload = useMutation({
    mutationFn: (file: File) => api.uploadImport(file, onSent),
    onMutate: () => onSent(0),
    onSuccess: async ({ id }) => {
      setChosen(id)
      await refresh()
      run.mutate({ one: id, mode: 'check' })
    },
  })
  const run = useCommand(api.runImport, async (_, { one }) => {
    await client.invalidateQueries({ queryKey: ['import', one] })
    await refresh()
  })
  return (
    <Page
      title={say('importsPage')}
      lead={say('importsLead')}
      actions={(['xlsx', 'csv'] as const).map((kind) => (
        <Button key={kind} href={api.templateAddress(kind, lang)}>
          {say('template')} {kind.toUpperCase()}
        </Button>
      ))}
    >
      <div className="paper">
        <Upload.Dragger
          accept=".csv,.xlsx"
          showUploadList={false}
          beforeUpload={(file) => {
            upload.mutate(file)
            return false
          }}
        >
          <p>
            <strong>{say('chooseImport')}</strong>
          </p>
        </Upload.Dragger>
        {upload.isPending && <Sending sent={sent} then={say('uploading')} />}
        <ProblemAlert error={upload.error} />
        <ProblemAlert error={run.error} />
      </div>
      {chosen && <OneImport id={chosen} onRun={(mode) => run.mutate({ one: chosen, mode })} />}
      <Section title={say('uploadedFiles')}>
        <Await query={list}>
          {({ imports }) => (
            <DataTable
              caption={say('uploadedFiles')}
              cards
              rows={imports}
              rowKey={({ id }) => id}
              empty={say('noImports')}
              columns={[
                {
                  key: 'name',
                  title: say('importName'),
                  heading: true,
                  cell: ({ id, name }) => (
                    <Button type="link" size="small" onClick={() => setChosen(id)}>
                      {name}
                    </Button>
                  ),
                },
                { key: 'state', title: say('state'), cell: ({ state }) => say(STATES[state]) },
                {
                  key: 'outcome',
                  title: say('importState'),
                  cell: (one) => <Outcome one={one} />,
                },
                { key: 'author', title: say('user'), cell: ({ author }) => author },
                {
                  key: 'at',
                  title: say('moment'),
                  cell: ({ createdAt }) => moment(createdAt),
                },
              ]}
            />
          )}
        </Await>
      </Section>
    </Page>
  )
}

function Outcome({ one }: { readonly one: ImportView }) {
  const { say } = useLanguage()
  const { outcome, rowsFaulty } = one
  const { added, changed, unchanged, personsNew } = outcome
  return say('importOutcome', {
    added,
    changed,
    unchanged,
    faulty: rowsFaulty,
    persons: personsNew,
  })
}

function OneImport({
  id,
  onRun,
}: {
  readonly id: string
  readonly onRun: (mode: ImportMode) => void
}) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const one = useQuery({
    queryKey: ['import', id],
    queryFn: async () => {
      const view = await api.importView(id)
      if (view.state !== 'running') void client.invalidateQueries({ queryKey: ['imports'] })
      return view
    },
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? ASKED_EVERY_MS : false),
  })
  const cancel = useCommand(api.cancelImport, () =>
    client.invalidateQueries({ queryKey: ['import', id] }),
  )
  return (
    <Await query={one}>
      {(view) => {
        const { state, rowsTotal, rowsRead, rowsDone, rowsFaulty, failure, name, sameAs } = view
        const percent =
          state === 'done' || state === 'checked'
            ? 100
            : Math.floor((100 * rowsDone) / Math.max(1, rowsTotal ?? 1))
        return (
          <Section title={name}>
            <div aria-live="polite">
              <p>
                <strong>
                  {state === 'running' && rowsTotal === null
                    ? say('importReading', { n: rowsRead })
                    : say(STATES[state])}
                </strong>
              </p>
              {sameAs && state !== 'done' && (
                <Alert
                  type="info"
                  showIcon
                  title={say('importSame', { name: sameAs.name, at: moment(sameAs.finishedAt) })}
                />
              )}
              {failure ? (
                <Alert
                  type="error"
                  showIcon
                  title={failure.what[lang]}
                  description={
                    failure.line === null
                      ? failure.remedy[lang]
                      : `${say('faultLine')} ${failure.line}${say('colon')}${failure.remedy[lang]}`
                  }
                />
              ) : (
                <>
                  <Progress
                    percent={percent}
                    // A file with faults ends, but not in green; neither does one that was stopped.
                    {...(rowsFaulty > 0 || state === 'stopped' ? { status: 'normal' } : {})}
                    aria-label={say('importOf', { name })}
                  />
                  {state === 'running' && <Pace one={view} />}
                  <p>
                    <Outcome one={view} />
                  </p>
                </>
              )}
              {state === 'running' && (
                <div className="actions">
                  <Popconfirm
                    placement="topLeft"
                    title={say('importCancelAsk')}
                    description={say('importCancelNote')}
                    okText={say('importCancel')}
                    cancelText={say('cancel')}
                    onConfirm={() => cancel.mutate(id)}
                  >
                    <Button danger loading={cancel.isPending}>
                      {say('importCancel')}
                    </Button>
                  </Popconfirm>
                </div>
              )}
              <ProblemAlert error={cancel.error} />
              {(state === 'checked' || state === 'received' || state === 'stopped') && (
                <div className="actions">
                  <Button onClick={() => onRun('check')}>{say('importCheck')}</Button>
                  <Button type="primary" onClick={() => onRun('good')}>
                    {say('importGood')}
                  </Button>
                  <Button onClick={() => onRun('all')}>{say('importAll')}</Button>
                </div>
              )}
            </div>
            {rowsFaulty > 0 && state !== 'running' && <Faults id={id} />}
          </Section>
        )
      }}
    </Await>
  )
}

/** How many rows of how many, how fast, and for how much longer: from what was seen since this stage began. */
function Pace({ one }: { readonly one: ImportView }) {
  const { say, lang } = useLanguage()
  const { rowsTotal, rowsRead, rowsDone, mode } = one
  const reading = rowsTotal === null
  const rows = reading ? rowsRead : rowsDone
  const stage = `${mode} ${reading}`
  const seen = useRef({ stage, rows, at: performance.now() })
  if (seen.current.stage !== stage || rows < seen.current.rows)
    seen.current = { stage, rows, at: performance.now() }
  const elapsed = (performance.now() - seen.current.at) / 1_000
  const rate = elapsed > 2 ? (rows - seen.current.rows) / elapsed : 0
  const left = reading || rate === 0 ? undefined : ((rowsTotal ?? 0) - rows) / rate
  const number = (n: number) => Math.round(n).toLocaleString(lang)
  const parts = [
    ...(reading ? [] : [say('importRowsOf', { n: number(rows), total: number(rowsTotal ?? 0) })]),
    ...(rate > 0 ? [say('importRate', { n: number(rate) })] : []),
    ...(left === undefined ? [] : [say('importLeft', { time: timeOf(left, say) })]),
  ]
  return <p className="quiet">{parts.join(' · ')}</p>
}

const timeOf = (left: number, say: ReturnType<typeof useLanguage>['say']): string =>
  left < 90
    ? say('seconds', { n: Math.max(1, Math.ceil(left)) })
    : say('minutes', { n: Math.ceil(left / 60) })

function Faults({ id }: { readonly id: string }) {
  const { lang, say } = useLanguage()
  const faults = useQuery({
    queryKey: ['import faults', id],
    queryFn: () => api.importFaults(id, FIRST_FAULTS),
  })
  const more = faults.data?.faults.length === FIRST_FAULTS
  return (
    <Section
      title={say('importFaults')}
      {...(more ? { note: say('importFaultsFirst', { n: FIRST_FAULTS }) } : {})}
      actions={<Button href={api.importFaultsAddress(id)}>{say('importFaultsFile')}</Button>}
    >
      <Await query={faults}>
        {(data) => (
          <DataTable
            caption={say('importFaults')}
            cards
            rows={data.faults}
            rowKey={({ line, column, code }) => `${line} ${column} ${code}`}
            columns={[
              { key: 'line', title: say('faultLine'), heading: true, cell: ({ line }) => line },
              { key: 'column', title: say('faultColumn'), cell: ({ column }) => column },
              { key: 'value', title: say('faultValue'), cell: ({ value }) => <code>{value}</code> },
              { key: 'what', title: say('faultReason'), cell: ({ what }) => what[lang] },
              { key: 'remedy', title: say('importRemedy'), cell: ({ remedy }) => remedy[lang] },
            ]}
          />
        )}
      </Await>
    </Section>
  )
}
