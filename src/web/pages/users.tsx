import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Select } from 'antd'
import { Link } from 'react-router'
import { api, type NewUser, ROLES, type Role, type Scope, type User } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const ROLE_WORDS = {
  handler: 'roleHandler',
  reviewer: 'roleReviewer',
  investigator: 'roleInvestigator',
  cashier: 'roleCashier',
  supervisor: 'roleSupervisor',
  actuary: 'roleActuary',
  hospital: 'roleHospital',
  employer: 'roleEmployer',
  insured: 'roleInsured',
  agent: 'roleAgent',
  regulator: 'roleRegulator',
  admin: 'roleAdmin',
} as const satisfies Record<Role, WordKey>

type ScopeFields = {
  readonly regions?: string
  readonly schemes?: string
  readonly institutions?: string
  readonly employer?: string
  readonly person?: string
  readonly document?: string
  readonly from?: string
  readonly until?: string
}

const SCOPE_WORDS = {
  regions: 'scopeRegions',
  schemes: 'scopeSchemes',
  institutions: 'scopeInstitutions',
  employer: 'scopeEmployer',
  person: 'scopePerson',
  document: 'scopeDocument',
  from: 'scopeFrom',
  until: 'scopeUntil',
} as const satisfies Record<keyof ScopeFields, WordKey>
const SEVERAL: readonly (keyof ScopeFields)[] = ['regions', 'schemes', 'institutions']

/** What is asked of each role to narrow it; all but regions and schemes has to be answered. */
const SCOPE_FIELDS: Partial<Record<Role, readonly (keyof ScopeFields)[]>> = {
  hospital: ['institutions'],
  employer: ['employer'],
  insured: ['person'],
  agent: ['person', 'document', 'from', 'until'],
  admin: [],
}
const STAFF_FIELDS: readonly (keyof ScopeFields)[] = ['regions', 'schemes']
const fieldsOf = (role: Role) => SCOPE_FIELDS[role] ?? STAFF_FIELDS

/** Who may sign in, and as what. */
export default function UsersPage() {
  const { say } = useLanguage()
  const users = useQuery({ queryKey: ['users'], queryFn: api.users })
  return (
    <Page title={say('usersPage')} lead={say('usersLead')}>
      <Await query={users}>
        {(data) => (
          <div className="paper">
            <DataTable
              caption={say('usersPage')}
              cards
              rows={data.users}
              rowKey={({ id }) => id}
              columns={[
                { key: 'name', title: say('user'), heading: true, cell: ({ name }) => name },
                { key: 'role', title: say('role'), cell: ({ role }) => say(ROLE_WORDS[role]) },
                {
                  key: 'scope',
                  title: say('scope'),
                  cell: ({ scope }) => scopeText(scope) || say('scopeWhole'),
                },
                {
                  key: 'password',
                  title: say('password'),
                  cell: (user) =>
                    user.mustChangePassword ? say('passwordOneTime') : say('passwordOwn'),
                },
                { key: 'reset', title: say('help'), cell: (user) => <ResetPassword user={user} /> },
              ]}
            />
          </div>
        )}
      </Await>
      <AddUser />
    </Page>
  )
}

/** For somebody who has lost a password: a one-time one, shown only here and now. */
function ResetPassword({ user }: { readonly user: User }) {
  const { say } = useLanguage()
  const { user: self } = useSession()
  const { modal } = App.useApp()
  const client = useQueryClient()
  const reset = useMutation({
    mutationFn: () => api.resetPassword(user.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  })
  if (user.id === self.id) return <Link to="/password">{say('changePassword')}</Link>
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
      <Button size="small" loading={reset.isPending} onClick={ask}>
        {say('resetPassword')}…
      </Button>
      <ProblemAlert error={reset.error} />
      {reset.data && <PasswordOnce user={reset.data.name} password={reset.data.password} />}
    </>
  )
}

function PasswordOnce({ user, password }: { readonly user: string; readonly password: string }) {
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
        <Form.Item name="role" label={say('role')}>
          <Select options={ROLES.map((role) => ({ value: role, label: say(ROLE_WORDS[role]) }))} />
        </Form.Item>
        {fieldsOf(role).map((field) => (
          <Form.Item
            key={field}
            name={['scope', field]}
            label={say(SCOPE_WORDS[field])}
            {...(SEVERAL.includes(field) ? { extra: say('scopeSeveral') } : {})}
            rules={
              STAFF_FIELDS.includes(field) ? [] : [{ required: true, message: say('required') }]
            }
          >
            <Input
              autoComplete="off"
              maxLength={2_000}
              {...(field === 'from' || field === 'until' ? { type: 'date' } : {})}
            />
          </Form.Item>
        ))}
        <Form.Item
          name="password"
          label={say('firstPassword')}
          extra={say('firstPasswordNote')}
          rules={[{ min: 12, message: say('passwordRule') }]}
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

function scopeOf(role: Role, given: ScopeFields = {}): Scope {
  const text = (field: keyof ScopeFields) =>
    (fieldsOf(role).includes(field) && given[field]?.trim()) || undefined
  const several = (field: keyof ScopeFields) => text(field)?.split(/[\s,，、;；]+/)
  const person = text('person')
  return {
    regions: several('regions'),
    schemes: several('schemes'),
    institutions: several('institutions'),
    employer: text('employer'),
    persons: person
      ? [{ person, document: text('document'), from: text('from'), until: text('until') }]
      : undefined,
  }
}

/** A scope in one line: what it names, and the days of an authorisation. */
function scopeText({ regions, institutions, schemes, employer, persons = [] }: Scope): string {
  const open = persons.map(({ person, from, until }) =>
    from && until ? `${person} (${from} – ${until})` : person,
  )
  const named = [regions, institutions, schemes, employer ? [employer] : [], open]
  return named.flatMap((each) => each ?? []).join('、')
}
