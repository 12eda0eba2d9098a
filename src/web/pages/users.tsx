import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input, Select } from 'antd'
import { useId, useState } from 'react'
import { api, type NewUser, ROLES, type Role, type UserState, type UserView } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import {
  ROLE_WORDS,
  RoleAndScope,
  type ScopeFields,
  scopeOf,
  scopeText,
} from '#web/parts/role-and-scope.tsx'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { PasswordOnce, UserPanel } from '#web/parts/user-panel.tsx'
import { Await } from '#web/parts/waiting.tsx'

const STATES = {
  active: 'stateActive',
  disabled: 'stateDisabled',
  locked: 'stateLocked',
} as const satisfies Record<UserState, string>

/** Who may sign in, as what, and what helps whoever cannot. */
export default function UsersPage() {
  const { say } = useLanguage()
  const [asked, setAsked] = useState({ q: '', role: '', state: '' })
  const [open, setOpen] = useState<string>()
  const q = useDebounced(asked.q, 250)
  const users = useQuery({
    queryKey: ['users', q, asked.role, asked.state],
    queryFn: () => api.users({ ...asked, q }),
    placeholderData: (before) => before,
  })
  const chosen = users.data?.users.find(({ id }) => id === open)
  return (
    <Page title={say('usersPage')} lead={say('usersLead')}>
      <Filters asked={asked} change={(part) => setAsked({ ...asked, ...part })} />
      <Await query={users}>
        {(data) => (
          <div className="paper">
            <UserTable users={data.users} open={setOpen} />
          </div>
        )}
      </Await>
      {chosen && <UserPanel key={chosen.id} user={chosen} close={() => setOpen(undefined)} />}
      <AddUser />
      <Policy />
    </Page>
  )
}

type Asked = { readonly q: string; readonly role: string; readonly state: string }

function Filters({
  asked,
  change,
}: {
  readonly asked: Asked
  readonly change: (part: Partial<Asked>) => void
}) {
  const { say } = useLanguage()
  const field = useId()
  return (
    <search className="filters">
      <div className="field">
        <label htmlFor={`${field}-q`}>{say('userFind')}</label>
        <Input
          id={`${field}-q`}
          type="search"
          value={asked.q}
          onChange={({ target }) => change({ q: target.value })}
          maxLength={100}
        />
      </div>
      <div className="field">
        <label htmlFor={`${field}-role`}>{say('role')}</label>
        <select
          id={`${field}-role`}
          value={asked.role}
          onChange={({ target }) => change({ role: target.value })}
        >
          <option value="">{say('all')}</option>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {say(ROLE_WORDS[role])}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${field}-state`}>{say('state')}</label>
        <select
          id={`${field}-state`}
          value={asked.state}
          onChange={({ target }) => change({ state: target.value })}
        >
          <option value="">{say('all')}</option>
          {Object.entries(STATES).map(([state, word]) => (
            <option key={state} value={state}>
              {say(word)}
            </option>
          ))}
        </select>
      </div>
    </search>
  )
}

function UserTable({
  users,
  open,
}: {
  readonly users: readonly UserView[]
  readonly open: (user: string) => void
}) {
  const { say } = useLanguage()
  const stateOf = ({ disabled, lockedUntil, mustChangePassword }: UserView) => {
    if (disabled) return say('stateDisabled')
    if (lockedUntil) return say('lockedUntil', { at: moment(lockedUntil) })
    return mustChangePassword ? say('passwordOneTime') : say('stateActive')
  }
  return (
    <DataTable
      caption={say('usersPage')}
      cards
      rows={users}
      rowKey={({ id }) => id}
      empty={say('noUsers')}
      columns={[
        { key: 'name', title: say('user'), heading: true, cell: ({ name }) => name },
        { key: 'role', title: say('role'), cell: ({ role }) => say(ROLE_WORDS[role]) },
        {
          key: 'scope',
          title: say('scope'),
          cell: ({ scope }) => scopeText(scope) || say('scopeWhole'),
        },
        { key: 'state', title: say('state'), cell: stateOf },
        {
          key: 'factor',
          title: say('secondFactor'),
          cell: ({ secondFactor }) => say(secondFactor ? 'factorIsSet' : 'factorIsNot'),
        },
        {
          key: 'last',
          title: say('lastLogin'),
          cell: ({ lastLoginAt }) => (lastLoginAt ? moment(lastLoginAt) : say('never')),
        },
        {
          key: 'manage',
          title: say('help'),
          cell: ({ id, name }) => (
            <Button
              size="small"
              aria-label={say('manageUser', { user: name })}
              onClick={() => open(id)}
            >
              {say('manage')}
            </Button>
          ),
        },
      ]}
    />
  )
}

type Fields = Omit<NewUser, 'scope'> & { readonly scope?: ScopeFields }

function AddUser() {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const role = Form.useWatch('role', form) ?? 'handler'
  const add = useMutation({
    mutationFn: api.addUser,
    onSuccess: async () => {
      form.resetFields()
      await client.invalidateQueries({ queryKey: ['users'] })
      void message.success(say('userAdded'))
    },
  })
  return (
    <Section title={say('addUser')} note={say('addUserNote')}>
      <Form<Fields>
        name="add"
        form={form}
        layout="vertical"
        className="narrow"
        initialValues={{ role: 'handler' }}
        onFinish={({ name, role, scope, password }) =>
          add.mutate({
            name: name.trim(),
            role,
            scope: scopeOf(role, scope),
            ...(password ? { password } : {}),
          })
        }
      >
        <Form.Item
          name="name"
          label={say('user')}
          rules={[{ required: true, whitespace: true, message: say('required') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <RoleAndScope role={role} />
        <Form.Item
          name="password"
          label={say('firstPassword')}
          extra={say('firstPasswordNote')}
          rules={[{ min: 12, message: say('passwordTooShort') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <ProblemAlert error={add.error} />
        {add.data?.password && (
          <PasswordOnce user={add.data.user.name} password={add.data.password} />
        )}
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addUser')}
        </Button>
      </Form>
    </Section>
  )
}

/** Which roles of the tenant have to bring a second factor. */
function Policy() {
  const { say } = useLanguage()
  const { modal, message } = App.useApp()
  const client = useQueryClient()
  const field = useId()
  const policy = useQuery({ queryKey: ['sign-in-policy'], queryFn: api.signInPolicy })
  const [chosen, setChosen] = useState<readonly Role[]>()
  const save = useMutation({
    mutationFn: api.setSignInPolicy,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['sign-in-policy'] })
      await client.invalidateQueries({ queryKey: ['session'] })
      setChosen(undefined)
      void message.success(say('policySaved'))
    },
  })
  const ask = (roles: readonly Role[]) =>
    modal.confirm({
      title: say('policyQuestion'),
      content: say('policyExplains'),
      okText: say('policySave'),
      cancelText: say('cancel'),
      onOk: () => save.mutate(roles),
    })
  return (
    <Section title={say('policyTitle')} note={say('policyNote')}>
      <Await query={policy}>
        {({ secondFactorRoles }) => (
          <div className="narrow">
            <label htmlFor={field}>{say('policyRoles')}</label>
            <Select<Role[]>
              id={field}
              mode="multiple"
              className="whole"
              value={[...(chosen ?? secondFactorRoles)]}
              onChange={setChosen}
              optionFilterProp="label"
              options={ROLES.map((role) => ({ value: role, label: say(ROLE_WORDS[role]) }))}
            />
            <ProblemAlert error={save.error} />
            <div className="actions form-actions">
              <Button
                type="primary"
                disabled={chosen === undefined}
                loading={save.isPending}
                onClick={() => ask(chosen ?? [])}
              >
                {say('policySave')}…
              </Button>
            </div>
          </div>
        )}
      </Await>
    </Section>
  )
}
