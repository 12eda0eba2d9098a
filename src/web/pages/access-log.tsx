import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Alert, Button, Input, Space } from 'antd'
import { type FormEvent, useId, useState } from 'react'
import { addDays } from '#base/plain-date.ts'
import { type AccessChain, type AccessQuestion, api } from '#web/api.ts'
import { useAction } from '#web/parts/access-actions.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment, today } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** Who read and changed what, for whoever supervises, and whether anybody touched the record of it. */
export default function AccessLogPage() {
  const { say } = useLanguage()
  const chain = useQuery({ queryKey: ['access-chain'], queryFn: api.accessChain })
  const [asked, setAsked] = useState<AccessQuestion>()
  return (
    <Page title={say('accessLogPage')} lead={say('accessLogLead')}>
      <Section title={say('accessEntries')} note={say('accessEntriesNote')}>
        <Question onAsk={setAsked} />
        {asked && <Entries asked={asked} />}
      </Section>
      <Section title={say('unusualReading')} note={say('unusualReadingNote')}>
        <Unusual />
      </Section>
      <Section title={say('accessChain')} note={say('accessChainNote')}>
        <Await query={chain}>{(data) => <Chain chain={data} />}</Await>
      </Section>
    </Page>
  )
}

/** Asking is recorded too, so nothing is asked before somebody says so. */
function Question({ onAsk }: { readonly onAsk: (asked: AccessQuestion) => void }) {
  const { say } = useLanguage()
  const ids = useId()
  const [subject, setSubject] = useState('')
  const [user, setUser] = useState('')
  const [from, setFrom] = useState<string>(today)
  const [until, setUntil] = useState<string>(today)
  const ready = from !== '' && until !== '' && from <= until
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (ready) onAsk({ subject: subject.trim(), user: user.trim(), from, until })
  }
  return (
    <form className="filters" onSubmit={ask}>
      <div className="field">
        <label htmlFor={`${ids}-subject`}>{say('accessSubject')}</label>
        <Input
          id={`${ids}-subject`}
          value={subject}
          maxLength={200}
          autoComplete="off"
          onChange={({ target }) => setSubject(target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${ids}-user`}>{say('user')}</label>
        <Input
          id={`${ids}-user`}
          value={user}
          maxLength={200}
          autoComplete="off"
          onChange={({ target }) => setUser(target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${ids}-from`}>{say('fromDay')}</label>
        <Input
          id={`${ids}-from`}
          type="date"
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${ids}-until`}>{say('toDay')}</label>
        <Input
          id={`${ids}-until`}
          type="date"
          value={until}
          onChange={({ target }) => setUntil(target.value)}
        />
      </div>
      <Button type="primary" htmlType="submit" disabled={!ready}>
        {say('accessAsk')}
      </Button>
      {!ready && (
        <p role="alert" className="field-fault">
          {say('datesOrder')}
        </p>
      )}
    </form>
  )
}

function Entries({ asked }: { readonly asked: AccessQuestion }) {
  const { say } = useLanguage()
  const action = useAction()
  const found = useInfiniteQuery({
    queryKey: ['access-log', asked],
    queryFn: ({ pageParam }) => api.accessLog(asked, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  return (
    <Await query={found}>
      {({ pages }) => (
        <>
          <DataTable
            caption={say('accessEntries')}
            cards
            rows={pages.flatMap(({ entries }) => entries)}
            rowKey={({ id }) => String(id)}
            empty={say('nothingYet')}
            columns={[
              { key: 'at', title: say('moment'), heading: true, cell: ({ at }) => moment(at) },
              { key: 'user', title: say('user'), cell: ({ user }) => user },
              { key: 'action', title: say('action'), cell: (entry) => action(entry.action) },
              {
                key: 'subject',
                title: say('accessAbout'),
                cell: ({ subject }) => <span className="wraps">{subject ?? '—'}</span>,
              },
              { key: 'purpose', title: say('purpose'), cell: ({ purpose }) => purpose ?? '—' },
            ]}
          />
          {found.hasNextPage && (
            <Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              {say('older')}
            </Button>
          )}
        </>
      )}
    </Await>
  )
}

const UNUSUAL_DAYS = [1, 7, 30] as const

/** Who opened very much in an hour, or asked again and again for what they may not do. */
function Unusual() {
  const { say } = useLanguage()
  const [days, setDays] = useState<number>()
  const until = today()
  const from = addDays(until, 1 - (days ?? 1))
  const found = useQuery({
    queryKey: ['unusual-hours', from, until],
    queryFn: () => api.unusualHours(from, until),
    enabled: days !== undefined,
  })
  return (
    <>
      <Space wrap>
        {UNUSUAL_DAYS.map((each) => (
          <Button key={each} aria-pressed={days === each} onClick={() => setDays(each)}>
            {say('lastDays', { days: String(each) })}
          </Button>
        ))}
      </Space>
      {days !== undefined && (
        <Await query={found}>
          {({ hours }) => (
            <DataTable
              caption={say('unusualReading')}
              cards
              rows={hours}
              rowKey={({ user, from: hour }) => `${user} ${hour}`}
              empty={say('unusualNone')}
              columns={[
                { key: 'from', title: say('hourFrom'), cell: (row) => moment(row.from) },
                { key: 'user', title: say('user'), heading: true, cell: ({ user }) => user },
                { key: 'records', title: say('recordsOpened'), cell: ({ records }) => records },
                { key: 'exports', title: say('filesTaken'), cell: ({ exports }) => exports },
                { key: 'refusals', title: say('refusedRequests'), cell: (row) => row.refusals },
              ]}
            />
          )}
        </Await>
      )}
    </>
  )
}

/** Longer than any transaction should take. */
const WAITS_LONG_SECONDS = 600

function Chain({ chain }: { readonly chain: AccessChain }) {
  const { say } = useLanguage()
  const { head, waiting, waitingSeconds, check } = chain
  const facts: readonly [string, string][] = [
    [say('chainSealedTo'), head ? moment(head.sealedAt) : say('chainNotYet')],
    [say('chainSeals'), String(head?.number ?? 0)],
    [say('chainWaiting'), String(waiting)],
    [say('chainChecked'), check ? moment(check.at) : say('chainNeverChecked')],
  ]
  return (
    <>
      {check && !check.sound && (
        <Alert
          className="problem"
          type="error"
          showIcon
          title={say('chainUnsound')}
          description={say('chainUnsoundRemedy')}
        />
      )}
      {waitingSeconds > WAITS_LONG_SECONDS && (
        <Alert className="problem" type="warning" showIcon title={say('chainLate')} />
      )}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {check?.sound && (
        <p>{say('chainSound', { entries: String(check.entries), seals: String(check.seals) })}</p>
      )}
      {head && (
        <p className="quiet">
          {say('chainHead')} <code>{head.hash}</code>
        </p>
      )}
    </>
  )
}
