import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Select } from 'antd'
import { Link } from 'react-router'
import { api, type Role, type User } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

const ROLES = ['handler', 'actuary', 'admin'] as const
export const ROLE_WORDS = {
  handler: 'roleHandler',
  actuary: 'roleActuary',
  admin: 'roleAdmin',
} as const

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

type Fields = { readonly name: string; readonly role: Role; readonly password?: string }

function AddUser() {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
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
        onFinish={({ name, role, password }) =>
          add.mutate({ name: name.trim(), role, ...(password ? { password } : {}) })
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
