import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input } from 'antd'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { NewPassword } from '#web/parts/new-password.tsx'
import { Page } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

/** A first password was given by somebody else: until it is changed, nothing else can be done. */
export default function PasswordPage({ words }: { readonly words: readonly string[] }) {
  const { say } = useLanguage()
  return (
    <Page title={say('passwordPage')} lead={say('passwordForced')}>
      <PasswordForm words={words} />
    </Page>
  )
}

type Fields = { readonly current: string; readonly next: string; readonly again: string }

export function PasswordForm({ words }: { readonly words: readonly string[] }) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const change = useMutation({
    mutationFn: ({ current, next }: Fields) => api.changePassword(current, next),
    onSuccess: async () => {
      form.resetFields()
      await client.invalidateQueries({ queryKey: ['session'] })
      await client.invalidateQueries({ queryKey: ['my-sessions'] })
      void message.success(say('passwordChanged'))
    },
  })
  return (
    <Form<Fields>
      name="change"
      form={form}
      layout="vertical"
      className="narrow"
      onFinish={(fields) => change.mutate(fields)}
    >
      <Form.Item
        name="current"
        label={say('currentPassword')}
        rules={[{ required: true, message: say('required') }]}
      >
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <NewPassword words={words} />
      <ProblemAlert error={change.error} />
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {say('changePassword')}
      </Button>
    </Form>
  )
}
