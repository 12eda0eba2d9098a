import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { useState } from 'react'
import { api, type DemonstrationUser, Problem } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { LanguageSwitch } from '#web/parts/language-switch.tsx'
import { Mark } from '#web/parts/mark.tsx'
import { Page } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

type Fields = { readonly user: string; readonly password: string; readonly code?: string }

const wantsCode = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'code_required'

export default function LoginPage({
  demonstration,
  provider,
}: {
  readonly demonstration: readonly DemonstrationUser[]
  readonly provider: string | undefined
}) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const [codeWanted, setCodeWanted] = useState(false)
  const login = useMutation({
    mutationFn: ({ user, password, code }: Fields) =>
      api.login(user.trim(), password, code?.trim()),
    onSuccess: () => client.resetQueries({ queryKey: ['session'] }),
    onError: (error) => {
      if (wantsCode(error)) setCodeWanted(true)
    },
  })
  const required = [{ required: true, message: say('required') }]
  return (
    <main className="door" id="main">
      <div className="door-head">
        <Mark />
        <LanguageSwitch />
      </div>
      <Page title={say('loginPage')} lead={say('loginLead')}>
        <ProviderProblem />
        <Form<Fields> form={form} layout="vertical" onFinish={(fields) => login.mutate(fields)}>
          <Form.Item name="user" label={say('user')} rules={required}>
            <Input
              autoComplete="username"
              autoFocus
              size="large"
              onChange={() => setCodeWanted(false)}
            />
          </Form.Item>
          <Form.Item name="password" label={say('password')} rules={required}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          {codeWanted && (
            <Form.Item
              name="code"
              label={say('codeOrRecovery')}
              extra={say('codeNote')}
              rules={required}
            >
              <Input autoComplete="one-time-code" autoFocus size="large" maxLength={60} />
            </Form.Item>
          )}
          {!wantsCode(login.error) && <ProblemAlert error={login.error} />}
          <Button type="primary" htmlType="submit" size="large" block loading={login.isPending}>
            {say('login')}
          </Button>
        </Form>
        {provider !== undefined && <ByProvider name={provider} />}
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

/** Leaves for the identity provider, which sends people back signed in. */
function ByProvider({ name }: { readonly name: string }) {
  const { say } = useLanguage()
  const begin = useMutation({
    mutationFn: api.loginByProvider,
    onSuccess: ({ next }) => window.location.assign(next),
  })
  return (
    <div className="by-provider">
      <ProblemAlert error={begin.error} />
      <Button size="large" block loading={begin.isPending} onClick={() => begin.mutate()}>
        {say('loginByProvider', { name })}
      </Button>
    </div>
  )
}

const PROBLEMS = {
  provider_user_unknown: 'providerUserUnknown',
  provider_second_factor_missing: 'providerSecondFactor',
  provider_answer_refused: 'providerRefused',
  provider_unreachable: 'providerUnreachable',
  user_disabled: 'userDisabled',
} as const

/** Why the way back from the identity provider ended here, as the address says. */
function ProviderProblem() {
  const { say } = useLanguage()
  const words = new URLSearchParams(window.location.search)
  const problem = words.get('problem') ?? ''
  if (!Object.hasOwn(PROBLEMS, problem)) return null
  const subject = (words.get('subject') ?? '').slice(0, 255)
  return (
    <Alert
      className="problem"
      type="error"
      showIcon
      role="alert"
      title={say(PROBLEMS[problem as keyof typeof PROBLEMS])}
      description={subject && <code>{subject}</code>}
    />
  )
}
