import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, type Book, type Changed, type EnrolmentFile, type Membership } from '#web/api.ts'
import { ACCOUNT_KINDS, useAction } from '#web/parts/access-actions.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useAnswers } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'

const PAYERS = {
  self: 'payerSelf',
  employer: 'payerEmployer',
  government: 'payerGovernment',
  assistance: 'payerAssistance',
} as const
const CONDITIONS = {
  found: 'conditionFound',
  declared: 'conditionDeclared',
  confirmed: 'conditionConfirmed',
  rejected: 'conditionRejected',
} as const
const RELATIONS = {
  spouse: 'relationSpouse',
  parent: 'relationParent',
  child: 'relationChild',
  other: 'relationOther',
} as const

type Props = { readonly file: EnrolmentFile; readonly book: Book | undefined }

/** Who covers a person through time, and everything that decides it. */
export function EnrolmentSections({ file, book }: Props) {
  const { say } = useLanguage()
  const handles = useMay('files write') && file.mergedInto === null
  const client = useQueryClient()
  const { message } = App.useApp()
  const [replay, setReplay] = useState<readonly string[]>([])
  const change = useCommand(api.changePerson, async (done: Changed) => {
    setReplay(done.replay)
    void message.success(say('changeDone'))
    await client.invalidateQueries({ queryKey: ['enrolment', file.id] })
    await client.invalidateQueries({ queryKey: ['person', file.id] })
  })
  const send = (asked: object, reason?: string) =>
    change.mutate({ person: file.id, change: asked, ...(reason ? { reason } : {}) })
  return (
    <>
      {handles && !file.enrolled && <p className="quiet">{say('notEnrolled')}</p>}
      {replay.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={say('replayNeeded', { bills: replay.join(say('listComma')) })}
        />
      )}
      <ProblemAlert error={change.error} />
      <Memberships file={file} book={book} send={handles ? send : undefined} />
      {handles && <Enrol book={book} send={send} pending={change.isPending} />}
      <Statuses file={file} book={book} />
      <Conditions file={file} send={handles ? send : undefined} />
      <Premiums file={file} book={book} />
      <Accounts file={file} />
      <Family file={file} />
      <Looked file={file} />
    </>
  )
}

type Send = (asked: object, reason?: string) => void

function useSchemeTitle(book: Book | undefined) {
  const { lang } = useLanguage()
  return (scheme: string) => book?.schemes.find(({ id }) => id === scheme)?.title[lang] ?? scheme
}

function Memberships({ file, book, send }: Props & { readonly send: Send | undefined }) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const title = useSchemeTitle(book)
  const [ending, setEnding] = useState<Membership>()
  return (
    <Section title={say('covers')}>
      <DataTable
        caption={say('covers')}
        cards
        rows={file.memberships.toSorted((a, b) => (a.from < b.from ? 1 : -1))}
        rowKey={({ scheme, from }) => `${scheme} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme }) => <Link to={`/schemes/${scheme}`}>{title(scheme)}</Link>,
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
          {
            key: 'class',
            title: say('insuredClass'),
            cell: ({ answers }) => answer('class', String(answers.class ?? '')) || '—',
          },
          {
            key: 'years',
            title: say('continuousYears'),
            numeric: true,
            cell: ({ answers }) => answers.continuousYears ?? '—',
          },
          { key: 'enrolled', title: say('enrolledOn'), cell: ({ enrolledOn }) => enrolledOn },
          ...(send
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Membership) => (
                    <Button size="small" onClick={() => setEnding(each)}>
                      {say('endCover')}…
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {ending && send && (
        <EndCover
          title={say('endCoverLead', { scheme: title(ending.scheme) })}
          ending={ending}
          onClose={() => setEnding(undefined)}
          send={send}
        />
      )}
    </Section>
  )
}

function EndCover({
  title,
  ending,
  onClose,
  send,
}: {
  readonly title: string
  readonly ending: Membership
  readonly onClose: () => void
  readonly send: Send
}) {
  const { say } = useLanguage()
  const [form] = Form.useForm<{ until: string; reason?: string }>()
  return (
    <Modal
      open
      title={title}
      okText={say('endCover')}
      cancelText={say('cancel')}
      onCancel={onClose}
      onOk={() =>
        void form.validateFields().then(({ until, reason }) => {
          const { scheme, from } = ending
          send({ kind: 'end', scheme, from, until }, reason)
          onClose()
        })
      }
    >
      <Form form={form} name="end" layout="vertical">
        <Form.Item
          name="until"
          label={say('lastDay')}
          rules={[{ required: true, message: say('required') }]}
        >
          <Input type="date" />
        </Form.Item>
        <Form.Item name="reason" label={say('changeReason')}>
          <Input maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  )
}

type EnrolFields = {
  readonly scheme: string
  readonly from: string
  readonly until?: string
  readonly enrolledOn: string
  readonly class?: string
  readonly reason?: string
}

function Enrol({
  book,
  send,
  pending,
}: {
  readonly book: Book | undefined
  readonly send: Send
  readonly pending: boolean
}) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const [form] = Form.useForm<EnrolFields>()
  const classes = book?.vocabulary.find(({ name }) => name === 'class')?.answers
  const needed = [{ required: true, message: say('required') }]
  return (
    <details className="more section">
      <summary>{say('addCover')}</summary>
      <Form<EnrolFields>
        form={form}
        name="enrol"
        layout="vertical"
        className="narrow"
        onFinish={({ reason, until, class: insured, ...asked }) =>
          send(
            {
              kind: 'enrol',
              ...asked,
              ...(until ? { until } : {}),
              ...(insured ? { answers: { class: insured } } : {}),
            },
            reason,
          )
        }
      >
        <Form.Item name="scheme" label={say('scheme')} rules={needed}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={(book?.schemes ?? []).map(({ id, title }) => ({
              value: id,
              label: title[lang],
            }))}
          />
        </Form.Item>
        <Form.Item name="class" label={say('insuredClass')}>
          <Select
            allowClear
            options={Object.keys(typeof classes === 'object' ? classes : {}).map((value) => ({
              value,
              label: answer('class', value),
            }))}
          />
        </Form.Item>
        <Form.Item name="from" label={say('coverFrom')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="until" label={say('coverUntil')}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="enrolledOn" label={say('enrolledOn')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="reason" label={say('changeReason')} extra={say('changeReasonNote')}>
          <Input maxLength={500} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={pending}>
          {say('addCover')}
        </Button>
      </Form>
    </details>
  )
}

function Statuses({ file, book }: Props) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const title = (attribute: string) =>
    book?.vocabulary.find(({ name }) => name === attribute)?.title[lang] ?? attribute
  if (file.statuses.length === 0) return null
  return (
    <Section title={say('statuses')}>
      <DataTable
        caption={say('statuses')}
        cards
        rows={file.statuses}
        rowKey={({ attribute, from }) => `${attribute} ${from}`}
        columns={[
          {
            key: 'attribute',
            title: say('statusKind'),
            heading: true,
            cell: ({ attribute }) => title(attribute),
          },
          {
            key: 'value',
            title: say('value'),
            cell: ({ attribute, value }) => answer(attribute, value),
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
        ]}
      />
    </Section>
  )
}

function Conditions({
  file,
  send,
}: {
  readonly file: EnrolmentFile
  readonly send: Send | undefined
}) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const decide = (disease: string, confirmed: boolean) =>
    modal.confirm({
      title: say(confirmed ? 'confirmConditionQuestion' : 'rejectConditionQuestion', { disease }),
      content: say('decideConditionExplains'),
      okText: say(confirmed ? 'confirm' : 'reject'),
      cancelText: say('cancel'),
      onOk: () => send?.({ kind: 'decide', disease, confirmed }),
    })
  return (
    <Section
      title={say('conditions')}
      actions={
        send && (
          <Button onClick={() => send({ kind: 'search-history' })}>{say('searchHistory')}</Button>
        )
      }
    >
      <DataTable
        caption={say('conditions')}
        cards
        rows={file.conditions}
        rowKey={({ disease }) => disease}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'disease',
            title: say('disease'),
            heading: true,
            cell: ({ disease }) => disease,
          },
          { key: 'since', title: say('since'), cell: ({ since }) => since },
          { key: 'state', title: say('state'), cell: ({ state }) => say(CONDITIONS[state]) },
          {
            key: 'action',
            title: say('action'),
            cell: ({ disease, state }) =>
              send && state === 'found' ? (
                <span className="actions">
                  <Button size="small" onClick={() => decide(disease, true)}>
                    {say('confirm')}…
                  </Button>
                  <Button size="small" onClick={() => decide(disease, false)}>
                    {say('reject')}…
                  </Button>
                </span>
              ) : (
                '—'
              ),
          },
        ]}
      />
    </Section>
  )
}

function Premiums({ file, book }: Props) {
  const { say } = useLanguage()
  const title = useSchemeTitle(book)
  if (file.premiums.length === 0) return null
  return (
    <Section title={say('premiums')}>
      <DataTable
        caption={say('premiums')}
        cards
        rows={file.premiums}
        rowKey={({ scheme, from, payer }) => `${scheme} ${from} ${payer}`}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme, from }) => `${title(scheme)} ${from}`,
          },
          { key: 'payer', title: say('premiumPayer'), cell: ({ payer }) => say(PAYERS[payer]) },
          {
            key: 'due',
            title: say('premiumDue'),
            numeric: true,
            cell: ({ due }) => <Money fen={due} />,
          },
          {
            key: 'collected',
            title: say('premiumCollected'),
            numeric: true,
            cell: ({ collected }) => <Money fen={collected} />,
          },
          {
            key: 'refunded',
            title: say('premiumRefunded'),
            numeric: true,
            cell: ({ refunded }) => <Money fen={refunded} />,
          },
        ]}
      />
    </Section>
  )
}

function Accounts({ file }: { readonly file: EnrolmentFile }) {
  const { say } = useLanguage()
  const { personal, family, entries } = file.accounts
  if (personal === null && family === null) return null
  return (
    <Section title={say('accounts')} note={say('accountsNote')}>
      <dl className="facts">
        {personal !== null && (
          <div>
            <dt>{say('accountPersonal')}</dt>
            <dd>
              <Money fen={personal} />
            </dd>
          </div>
        )}
        {family !== null && (
          <div>
            <dt>{say('accountFamily')}</dt>
            <dd>
              <Money fen={family} />
            </dd>
          </div>
        )}
      </dl>
      <DataTable
        caption={say('accounts')}
        cards
        rows={entries}
        rowKey={({ on, kind, reference }, i) => `${on} ${kind} ${reference} ${i}`}
        empty={say('nothingYet')}
        columns={[
          { key: 'on', title: say('accountDay'), heading: true, cell: ({ on }) => on },
          { key: 'kind', title: say('action'), cell: ({ kind }) => say(ACCOUNT_KINDS[kind]) },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          {
            key: 'balance',
            title: say('accountBalance'),
            numeric: true,
            cell: ({ balance }) => <Money fen={balance} />,
          },
          {
            key: 'purpose',
            title: say('accountPurpose'),
            cell: ({ purpose, counterpart }) => purpose ?? counterpart ?? '—',
          },
          {
            key: 'reference',
            title: say('accountReference'),
            cell: ({ reference }) => reference,
          },
        ]}
      />
    </Section>
  )
}

function Family({ file }: { readonly file: EnrolmentFile }) {
  const { say } = useLanguage()
  const person = (id: string) =>
    id === file.id ? id : <Link to={`/persons/${encodeURIComponent(id)}`}>{id}</Link>
  if (file.family.length === 0) return null
  return (
    <Section title={say('family')}>
      <DataTable
        caption={say('family')}
        cards
        rows={file.family}
        rowKey={({ owner, member, from }) => `${owner} ${member} ${from}`}
        columns={[
          { key: 'owner', title: say('familyOwner'), cell: ({ owner }) => person(owner) },
          { key: 'member', title: say('familyMember'), cell: ({ member }) => person(member) },
          {
            key: 'relation',
            title: say('relation'),
            cell: ({ relation }) => say(RELATIONS[relation]),
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
        ]}
      />
    </Section>
  )
}

function Looked({ file }: { readonly file: EnrolmentFile }) {
  const { say } = useLanguage()
  const done = useAction()
  return (
    <details className="more section">
      <summary>{say('whoLooked')}</summary>
      <DataTable
        caption={say('whoLooked')}
        cards
        rows={file.looked}
        rowKey={({ at, action }, i) => `${at} ${action} ${i}`}
        columns={[
          {
            key: 'at',
            title: say('moment'),
            heading: true,
            cell: ({ at }) => moment(at),
          },
          { key: 'user', title: say('user'), cell: ({ user }) => user },
          { key: 'action', title: say('action'), cell: ({ action }) => done(action) },
          { key: 'purpose', title: say('purpose'), cell: ({ purpose }) => purpose ?? '—' },
        ]}
      />
    </details>
  )
}
