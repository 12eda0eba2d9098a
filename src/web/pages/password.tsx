import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input } from 'antd'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

type Fields = { readonly current: string; readonly next: string; readonly again: string }

/** Choose a new password; where the first one was given by somebody else, nothing else can be done. */
export default function PasswordPage({ forced = false }: { readonly forced?: boolean }) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const change = useMutation({
    mutationFn: ({ current, next }: Fields) => api.changePassword(current, next),
    onSuccess: async () => {
      form.resetFields()
      await client.invalidateQueries({ queryKey: ['session'] })
      void message.success(say('passwordChanged'))
    },
  })
  return (
    <Page title={say('passwordPage')} lead={forced ? say('passwordForced') : undefined}>
      <Form<Fields>
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
        <Form.Item
          name="next"
          label={say('newPassword')}
          extra={say('passwordRule')}
          rules={[{ required: true, min: 12, message: say('passwordRule') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={say('newPasswordAgain')}
          dependencies={['next']}
          rules={[
            { required: true, message: say('required') },
            ({ getFieldValue }) => ({
              validator: async (_, value: string | undefined) => {
                if (value && value !== getFieldValue('next'))
                  throw new Error(say('passwordsDiffer'))
              },
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <ProblemAlert error={change.error} />
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {say('changePassword')}
        </Button>
      </Form>
    </Page>
  )
}
