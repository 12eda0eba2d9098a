import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal, Select } from 'antd'
import { type ReactNode, useId, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { api, type EmergencyAccess, type EmergencyCategory } from '#web/api.ts'
import { type Column, DataTable } from '#web/parts/data-table.tsx'
import { EMERGENCY_CATEGORIES } from '#web/parts/emergency-words.ts'
import { type Say, useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useActive } from '#web/parts/use-active.ts'
import { Await } from '#web/parts/waiting.tsx'

/** Opens a file that the role or scope does not show; supervisors see who did, and why. */
export default function EmergencyPage() {
  const { say } = useLanguage()
  const { user } = useSession()
  return (
    <Page title={say('emergencyPage')} lead={say('emergencyLead')}>
      {user.role === 'supervisor' && <OfEverybody />}
      <Ask />
      <Mine />
    </Page>
  )
}

type Fields = {
  readonly person: string
  readonly category: EmergencyCategory
  readonly reason: string
}

function Ask() {
  const { say } = useLanguage()
  const { modal, message } = App.useApp()
  const client = useQueryClient()
  const [words] = useSearchParams()
  const [form] = Form.useForm<Fields>()
  const open = useMutation({
    mutationFn: api.openInEmergency,
    onSuccess: async () => {
      form.resetFields()
      // What was hidden may be there now.
      await client.invalidateQueries()
      void message.success(say('emergencyOpened'))
    },
  })
  const ask = ({ person, category, reason }: Fields) =>
    modal.confirm({
      title: say('emergencyQuestion', { person: person.trim() }),
      content: say('emergencyExplains'),
      okText: say('emergencyOpen'),
      cancelText: say('cancel'),
      onOk: () => open.mutate({ person: person.trim(), category, reason: reason.trim() }),
    })
  const required = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Section title={say('emergencyAsk')} note={say('emergencyAskNote')}>
      <Form<Fields>
        form={form}
        layout="vertical"
        className="narrow"
        initialValues={{ person: words.get('person') ?? '' }}
        onFinish={ask}
      >
        <Form.Item name="person" label={say('scopePerson')} rules={required}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="category"
          label={say('emergencyCategory')}
          rules={[{ required: true, message: say('required') }]}
        >
          <Select
            options={Object.entries(EMERGENCY_CATEGORIES).map(([value, word]) => ({
              value,
              label: say(word),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="reason"
          label={say('emergencyReason')}
          rules={[{ required: true, whitespace: true, min: 10, message: say('emergencyReason') }]}
        >
          <Input.TextArea rows={3} maxLength={1_000} />
        </Form.Item>
        <ProblemAlert error={open.error} />
        <Button type="primary" htmlType="submit" loading={open.isPending}>
          {say('emergencyOpen')}…
        </Button>
      </Form>
    </Section>
  )
}

/** What both tables show of an access. */
const columnsIn = (say: Say): Column<EmergencyAccess>[] => [
  {
    key: 'person',
    title: say('person'),
    heading: true,
    cell: ({ person, live }) =>
      live ? <Link to={`/persons/${encodeURIComponent(person)}`}>{person}</Link> : person,
  },
  {
    key: 'why',
    title: say('emergencyCategory'),
    cell: ({ category, reason }) => (
      <>
        {say(EMERGENCY_CATEGORIES[category])}
        <br />
        <span className="quiet">{reason}</span>
      </>
    ),
  },
  { key: 'when', title: say('emergencyWhen'), cell: ({ grantedAt }) => moment(grantedAt) },
  { key: 'state', title: say('state'), cell: (access) => stateOf(access, say) },
]

function stateOf({ live, expiresAt, ended, acknowledged }: EmergencyAccess, say: Say): ReactNode {
  return (
    <>
      {ended
        ? say('emergencyEndedBy', { by: ended.by, at: moment(ended.at) })
        : live
          ? say('emergencyLiveUntil', { at: moment(expiresAt) })
          : say('emergencyExpired')}
      <br />
      <span className="quiet">
        {acknowledged
          ? say('emergencySeenBy', { by: acknowledged.by, at: moment(acknowledged.at) })
          : say('emergencyWaiting')}
        {acknowledged?.note && ` · ${acknowledged.note}`}
      </span>
    </>
  )
}

function Mine() {
  const { say } = useLanguage()
  const mine = useQuery({ queryKey: ['my-emergencies'], queryFn: api.myEmergencies })
  const end = useEnd()
  return (
    <Section title={say('emergencyMine')}>
      <Await query={mine}>
        {({ accesses }) => (
          <DataTable
            caption={say('emergencyMine')}
            cards
            rows={accesses}
            rowKey={({ id }) => id}
            empty={say('emergencyNone')}
            columns={[
              ...columnsIn(say),
              {
                key: 'help',
                title: say('help'),
                cell: (access) => (access.live ? <EndButton access={access} end={end} /> : ''),
              },
            ]}
          />
        )}
      </Await>
      <ProblemAlert error={end.error} />
    </Section>
  )
}

function useEnd() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (access: string) => api.endEmergency(access),
    onSuccess: () => client.invalidateQueries(),
  })
}

function EndButton({
  access: { id, person },
  end,
}: {
  readonly access: EmergencyAccess
  readonly end: ReturnType<typeof useEnd>
}) {
  const { say } = useLanguage()
  return (
    <Button
      size="small"
      loading={end.isPending}
      aria-label={say('emergencyEndOf', { person })}
      onClick={() => end.mutate(id)}
    >
      {say('emergencyEnd')}
    </Button>
  )
}

function OfEverybody() {
  const { say } = useLanguage()
  const { user } = useSession()
  const active = useActive()
  const all = useQuery({
    queryKey: ['emergencies'],
    queryFn: api.emergencies,
    refetchInterval: active ? 30_000 : false,
  })
  const end = useEnd()
  return (
    <Section title={say('emergencyAll')} note={say('emergencyAllNote')}>
      <Await query={all}>
        {({ accesses }) => (
          <DataTable
            caption={say('emergencyAll')}
            cards
            rows={accesses}
            rowKey={({ id }) => id}
            empty={say('emergencyNone')}
            columns={[
              { key: 'user', title: say('user'), cell: ({ userName }) => userName },
              ...columnsIn(say),
              {
                key: 'help',
                title: say('help'),
                cell: (access) => (
                  <span className="actions">
                    {!access.acknowledged && access.user !== user.id && (
                      <Acknowledge access={access} />
                    )}
                    {access.live && <EndButton access={access} end={end} />}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Await>
      <ProblemAlert error={end.error} />
    </Section>
  )
}

function Acknowledge({ access }: { readonly access: EmergencyAccess }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const [note, setNote] = useState('')
  const field = useId()
  const who = { user: access.userName, person: access.person }
  const send = useMutation({
    mutationFn: () => api.acknowledgeEmergency(access.id, note.trim()),
    onSuccess: async () => {
      setOpen(false)
      await client.invalidateQueries({ queryKey: ['emergencies'] })
      await client.invalidateQueries({ queryKey: ['emergencies-waiting'] })
    },
  })
  return (
    <>
      <Button
        size="small"
        aria-label={say('emergencyAcknowledgeOf', who)}
        onClick={() => setOpen(true)}
      >
        {say('emergencyAcknowledge')}
      </Button>
      <Modal
        open={open}
        title={say('emergencyAcknowledgeQuestion', who)}
        onCancel={() => setOpen(false)}
        onOk={() => send.mutate()}
        okText={say('emergencyAcknowledge')}
        cancelText={say('cancel')}
        okButtonProps={{ loading: send.isPending }}
        destroyOnHidden
      >
        <div className="dialog">
          <p>{access.reason}</p>
          <label htmlFor={field}>{say('emergencyNote')}</label>
          <Input.TextArea
            id={field}
            value={note}
            onChange={({ target }) => setNote(target.value)}
            rows={3}
            maxLength={1_000}
          />
          <ProblemAlert error={send.error} />
        </div>
      </Modal>
    </>
  )
}
