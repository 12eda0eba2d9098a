import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { Link } from 'react-router'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** The employers, and how many work for each. */
export default function EmployersPage() {
  const { say } = useLanguage()
  const handles = useMay('employers write')
  const list = useQuery({ queryKey: ['employers'], queryFn: () => api.employers('') })
  return (
    <Page title={say('employersPage')} lead={say('employersLead')}>
      <Await query={list}>
        {({ employers }) => (
          <div className="paper">
            <DataTable
              caption={say('employersPage')}
              cards
              rows={employers}
              rowKey={({ id }) => id}
              empty={say('noEmployers')}
              columns={[
                {
                  key: 'name',
                  title: say('employer'),
                  heading: true,
                  cell: ({ id, name }) => (
                    <Link to={`/employers/${encodeURIComponent(id)}`}>{name}</Link>
                  ),
                },
                { key: 'id', title: say('employerNumber'), cell: ({ id }) => id },
                { key: 'staff', title: say('staffNow'), numeric: true, cell: ({ staff }) => staff },
              ]}
            />
          </div>
        )}
      </Await>
      {handles && <AddEmployer />}
    </Page>
  )
}

function AddEmployer() {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<{ id: string; name: string }>()
  const add = useCommand(api.addEmployer, async () => {
    form.resetFields()
    await client.invalidateQueries({ queryKey: ['employers'] })
  })
  const needed = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Section title={say('addEmployer')}>
      <Form form={form} layout="vertical" className="narrow" onFinish={(body) => add.mutate(body)}>
        <Form.Item name="id" label={say('employerNumber')} rules={needed}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="name" label={say('employerName')} rules={needed}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <ProblemAlert error={add.error} />
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addEmployer')}
        </Button>
      </Form>
    </Section>
  )
}
