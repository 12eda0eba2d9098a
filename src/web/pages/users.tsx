import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Select } from 'antd'
import { api, type Role } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
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
              rows={data.users}
              rowKey={({ id }) => id}
              columns={[
                { key: 'name', title: say('user'), heading: true, cell: ({ name }) => name },
                { key: 'role', title: say('role'), cell: ({ role }) => say(ROLE_WORDS[role]) },
              ]}
            />
          </div>
        )}
      </Await>
      <AddUser />
    </Page>
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
          <Alert
            className="problem"
            type="success"
            showIcon
            title={say('passwordOnce', { user: add.data.user.name })}
            description={<code>{add.data.password}</code>}
          />
        )}
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addUser')}
        </Button>
      </Form>
    </Section>
  )
}
