import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { api, type DemonstrationUser } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { LanguageSwitch } from '#web/parts/language-switch.tsx'
import { Mark } from '#web/parts/mark.tsx'
import { Page } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

type Fields = { readonly user: string; readonly password: string }

export default function LoginPage({
  demonstration,
}: {
  readonly demonstration: readonly DemonstrationUser[]
}) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const login = useMutation({
    mutationFn: ({ user, password }: Fields) => api.login(user.trim(), password),
    onSuccess: () => client.resetQueries({ queryKey: ['session'] }),
  })
  return (
    <main className="door" id="main">
      <div className="door-head">
        <Mark />
        <LanguageSwitch />
      </div>
      <Page title={say('loginPage')} lead={say('loginLead')}>
        <Form<Fields> form={form} layout="vertical" onFinish={(fields) => login.mutate(fields)}>
          <Form.Item
            name="user"
            label={say('user')}
            rules={[{ required: true, message: say('required') }]}
          >
            <Input autoComplete="username" autoFocus size="large" />
          </Form.Item>
          <Form.Item
            name="password"
            label={say('password')}
            rules={[{ required: true, message: say('required') }]}
          >
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          <ProblemAlert error={login.error} />
          <Button type="primary" htmlType="submit" size="large" block loading={login.isPending}>
            {say('login')}
          </Button>
        </Form>
        {demonstration.length > 0 && (
          <section className="demo" aria-label={say('demonstration')}>
            <h2>{say('demonstration')}</h2>
            <p className="quiet">{say('demonstrationNote')}</p>
            <ul className="plain">
              {demonstration.map((each) => (
                <li key={each.user}>
                  <Button
                    onClick={() => {
                      form.setFieldsValue(each)
                      login.mutate(each)
                    }}
                  >
                    {say('loginAs', { user: each.user })}
                  </Button>{' '}
                  <code>
                    {each.user} / {each.password}
                  </code>
                </li>
              ))}
            </ul>
          </section>
        )}
      </Page>
    </main>
  )
}
