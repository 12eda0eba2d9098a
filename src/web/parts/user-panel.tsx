import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Drawer, Form, Input, Modal } from 'antd'
import { type ReactNode, useId, useState } from 'react'
import { Link } from 'react-router'
import { api, type Role, type UserView } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import {
  fieldsFrom,
  ROLE_WORDS,
  RoleAndScope,
  type ScopeFields,
  scopeOf,
} from '#web/parts/role-and-scope.tsx'
import { useSession } from '#web/parts/session.tsx'
import { SessionList } from '#web/parts/session-list.tsx'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

/** One user: what they may do, and what an administrator can do for them. */
export function UserPanel({
  user,
  close,
}: {
  readonly user: UserView
  readonly close: () => void
}) {
  const { say } = useLanguage()
  const { user: self } = useSession()
  const own = user.id === self.id
  return (
    <Drawer
      open
      onClose={close}
      title={say('manageUser', { user: user.name })}
      size={560}
      closable={{ 'aria-label': say('close') }}
    >
      <dl className="facts">
        <Fact name="role">{say(ROLE_WORDS[user.role])}</Fact>
        <Fact name="lastLogin">{user.lastLoginAt ? moment(user.lastLoginAt) : say('never')}</Fact>
        <Fact name="password">
          {say(user.mustChangePassword ? 'passwordOneTime' : 'passwordOwn')}
        </Fact>
        <Fact name="secondFactor">{say(user.secondFactor ? 'factorIsSet' : 'factorIsNot')}</Fact>
      </dl>
      {user.disabled && (
        <Alert
          type="warning"
          showIcon
          title={say('disabledBy', { by: user.disabled.by, at: moment(user.disabled.at) })}
          description={user.disabled.reason}
        />
      )}
      {user.lockedUntil && <Locked user={user} until={user.lockedUntil} />}
      {own ? (
        <p>
          {say('ownAccount')} <Link to="/account">{say('accountPage')}</Link>
        </p>
      ) : (
        <>
          <Part title="accessTitle">
            <ChangeAccess user={user} />
          </Part>
          <Part title="helpTitle">
            <div className="actions">
              <ResetPassword user={user} />
              {user.secondFactor && (
                <WithReason
                  user={user}
                  act={api.resetSecondFactor}
                  words={['factorReset', 'factorResetQuestion', 'factorResetExplains']}
                />
              )}
              {user.disabled ? (
                <WithReason
                  user={user}
                  act={api.enableUser}
                  words={['enableUser', 'enableQuestion', 'enableExplains']}
                />
              ) : (
                <WithReason
                  user={user}
                  act={api.disableUser}
                  words={['disableUser', 'disableQuestion', 'disableExplains']}
                  danger
                />
              )}
            </div>
          </Part>
        </>
      )}
      <Part title="sessions">
        <UserSessions user={user} />
      </Part>
      <Part title="providerSubject">
        <Subject user={user} />
      </Part>
    </Drawer>
  )
}

function Fact({ name, children }: { readonly name: WordKey; readonly children: ReactNode }) {
  const { say } = useLanguage()
  return (
    <div>
      <dt>{say(name)}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Part({ title, children }: { readonly title: WordKey; readonly children: ReactNode }) {
  const { say } = useLanguage()
  return (
    <section className="panel-part">
      <h3>{say(title)}</h3>
      {children}
    </section>
  )
}

/** What is done to a user shows in the list at once. */
function useDone() {
  const client = useQueryClient()
  const { message } = App.useApp()
  const { say } = useLanguage()
  return async () => {
    await client.invalidateQueries({ queryKey: ['users'] })
    await client.invalidateQueries({ queryKey: ['user-sessions'] })
    void message.success(say('done'))
  }
}

function Locked({ user, until }: { readonly user: UserView; readonly until: string }) {
  const { say } = useLanguage()
  const done = useDone()
  const unlock = useMutation({ mutationFn: () => api.unlockUser(user.id), onSuccess: done })
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={say('lockedUntil', { at: moment(until) })}
        description={say('lockedExplains')}
        action={
          <Button loading={unlock.isPending} onClick={() => unlock.mutate()}>
            {say('unlock')}
          </Button>
        }
      />
      <ProblemAlert error={unlock.error} />
    </>
  )
}

type AccessFields = { readonly role: Role; readonly scope?: ScopeFields }

function ChangeAccess({ user }: { readonly user: UserView }) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const done = useDone()
  const [form] = Form.useForm<AccessFields>()
  const role = Form.useWatch('role', form) ?? user.role
  const change = useMutation({
    mutationFn: ({ role, scope }: AccessFields) => {
      const others = role === user.role ? user.scope.persons?.slice(1) : []
      return api.changeAccess(user.id, { role, scope: scopeOf(role, scope, others) })
    },
    onSuccess: done,
  })
  const ask = (fields: AccessFields) =>
    modal.confirm({
      title: say('accessQuestion', { user: user.name }),
      content: say('accessExplains'),
      okText: say('accessSave'),
      cancelText: say('cancel'),
      onOk: () => change.mutate(fields),
    })
  return (
    <Form<AccessFields>
      name="access"
      form={form}
      layout="vertical"
      initialValues={{ role: user.role, scope: fieldsFrom(user.scope) }}
      onFinish={ask}
    >
      <RoleAndScope role={role} />
      <ProblemAlert error={change.error} />
      <Button htmlType="submit" loading={change.isPending}>
        {say('accessSave')}…
      </Button>
    </Form>
  )
}

/** For somebody who has lost a password: a one-time one, shown only here and now. */
function ResetPassword({ user }: { readonly user: UserView }) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const done = useDone()
  const reset = useMutation({ mutationFn: () => api.resetPassword(user.id), onSuccess: done })
  const ask = () =>
    modal.confirm({
      title: say('resetQuestion', { user: user.name }),
      content: say('resetExplains'),
      okText: say('resetPassword'),
      cancelText: say('cancel'),
      onOk: () => reset.mutate(),
    })
  return (
    <>
      <Button loading={reset.isPending} onClick={ask}>
        {say('resetPassword')}…
      </Button>
      <ProblemAlert error={reset.error} />
      {reset.data && <PasswordOnce user={reset.data.name} password={reset.data.password} />}
    </>
  )
}

export function PasswordOnce({
  user,
  password,
}: {
  readonly user: string
  readonly password: string
}) {
  const { say } = useLanguage()
  return (
    <Alert
      className="problem"
      type="success"
      showIcon
      role="status"
      title={say('passwordOnce', { user })}
      description={<code>{password}</code>}
    />
  )
}

/** Something that is done to a user for a reason, which is kept. */
function WithReason({
  user,
  act,
  words: [word, question, explains],
  danger = false,
}: {
  readonly user: UserView
  readonly act: (user: string, reason: string) => Promise<void>
  readonly words: readonly [WordKey, WordKey, WordKey]
  readonly danger?: boolean
}) {
  const { say } = useLanguage()
  const done = useDone()
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const field = useId()
  const send = useMutation({
    mutationFn: () => act(user.id, reason.trim()),
    onSuccess: async () => {
      setOpen(false)
      setReason('')
      await done()
    },
  })
  return (
    <>
      <Button danger={danger} onClick={() => setOpen(true)}>
        {say(word)}…
      </Button>
      <Modal
        open={open}
        title={say(question, { user: user.name })}
        onCancel={() => setOpen(false)}
        onOk={() => send.mutate()}
        okText={say(word)}
        cancelText={say('cancel')}
        okButtonProps={{ danger, disabled: reason.trim().length < 4, loading: send.isPending }}
        destroyOnHidden
      >
        <div className="dialog">
          <p>{say(explains)}</p>
          <label htmlFor={field}>{say('reasonWanted')}</label>
          <Input.TextArea
            id={field}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            rows={3}
            maxLength={500}
            required
          />
          <ProblemAlert error={send.error} />
        </div>
      </Modal>
    </>
  )
}

function UserSessions({ user }: { readonly user: UserView }) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const done = useDone()
  const { id: current } = useSession()
  const sessions = useQuery({
    queryKey: ['user-sessions', user.id],
    queryFn: () => api.userSessions(user.id),
  })
  const end = useMutation({
    mutationFn: (session: string | undefined) => api.endUserSessions(user.id, session),
    onSuccess: done,
  })
  const ask = (session?: string) =>
    modal.confirm({
      title: say(session ? 'endSessionQuestion' : 'endAllQuestion', { user: user.name }),
      content: say('endSessionExplains'),
      okText: say('endSession'),
      cancelText: say('cancel'),
      onOk: () => end.mutate(session),
    })
  return (
    <Await query={sessions}>
      {(data) => (
        <>
          <SessionList
            sessions={data.sessions}
            current={current}
            ending={end.isPending}
            end={(session) => ask(session)}
          />
          <ProblemAlert error={end.error} />
          {data.sessions.some(({ id }) => id !== current) &&
            !data.sessions.some(({ id }) => id === current) && (
              <Button danger loading={end.isPending} onClick={() => ask()}>
                {say('endAll')}…
              </Button>
            )}
        </>
      )}
    </Await>
  )
}

/** The identity provider's own name of the user: whoever it names so, signs in as this user. */
function Subject({ user }: { readonly user: UserView }) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const done = useDone()
  const link = useMutation({
    mutationFn: (subject: string) => api.linkUser(user.id, subject),
    onSuccess: done,
  })
  const ask = ({ subject = '' }: { readonly subject?: string }) =>
    modal.confirm({
      title: say('subjectQuestion', { user: user.name }),
      content: say('subjectExplains'),
      okText: say('subjectSave'),
      cancelText: say('cancel'),
      onOk: () => link.mutate(subject.trim()),
    })
  return (
    <Form
      name="link"
      layout="vertical"
      initialValues={{ subject: user.subject ?? '' }}
      onFinish={ask}
    >
      <Form.Item name="subject" label={say('subject')} extra={say('subjectNote')}>
        <Input autoComplete="off" maxLength={255} />
      </Form.Item>
      <ProblemAlert error={link.error} />
      <Button htmlType="submit" loading={link.isPending}>
        {say('subjectSave')}…
      </Button>
    </Form>
  )
}
