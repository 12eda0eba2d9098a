import { Button, Form, Input, Select } from 'antd'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useCommand } from '#web/parts/use-command.ts'

type Fields = {
  readonly name: string
  readonly idNumber?: string
  readonly born?: string
  readonly sex?: 'male' | 'female'
}

/** Adds a person to those who can be enrolled. */
export function RegisterPerson({ onDone }: { readonly onDone: (person: string) => void }) {
  const { say } = useLanguage()
  const [form] = Form.useForm<Fields>()
  const register = useCommand(api.registerPerson, ({ person }) => onDone(person))
  return (
    <Section title={say('enrolPerson')} note={say('enrolPersonNote')}>
      <Form<Fields>
        form={form}
        name="register"
        layout="vertical"
        className="narrow"
        onFinish={({ name, idNumber, born, sex }) =>
          register.mutate({
            name: name.trim(),
            ...(idNumber ? { idNumber } : {}),
            ...(born ? { born } : {}),
            ...(sex ? { sex } : {}),
          })
        }
      >
        <Form.Item
          name="name"
          label={say('personName')}
          rules={[{ required: true, whitespace: true, message: say('required') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="idNumber" label={say('idNumber')}>
          <Input autoComplete="off" maxLength={30} />
        </Form.Item>
        <Form.Item name="born" label={say('born')}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="sex" label={say('sex')}>
          <Select
            allowClear
            options={(['male', 'female'] as const).map((value) => ({ value, label: say(value) }))}
          />
        </Form.Item>
        <ProblemAlert error={register.error} />
        <Button type="primary" htmlType="submit" loading={register.isPending}>
          {say('enrolPerson')}
        </Button>
      </Form>
    </Section>
  )
}
