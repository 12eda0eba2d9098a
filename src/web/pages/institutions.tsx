import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Select } from 'antd'
import { api, type InstitutionKind } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useAnswers, useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const KINDS = {
  hospital: 'kindHospital',
  clinic: 'kindClinic',
  pharmacy: 'kindPharmacy',
  care: 'kindCare',
} as const

/** Institutions with the level and the agreements of today, and how they came to be. */
export default function InstitutionsPage() {
  const { say } = useLanguage()
  const answer = useAnswers()
  const handles = useMay('institutions write')
  const list = useQuery({ queryKey: ['institutions'], queryFn: () => api.institutions('') })
  return (
    <Page title={say('institutionsPage')} lead={say('institutionsLead')}>
      <Await query={list}>
        {({ institutions }) => (
          <div className="paper">
            <DataTable
              caption={say('institutionsPage')}
              cards
              rows={institutions}
              rowKey={({ id }) => id}
              empty={say('noInstitutions')}
              columns={[
                {
                  key: 'name',
                  title: say('institution'),
                  heading: true,
                  cell: ({ id, name }) => `${name} ${id}`,
                },
                {
                  key: 'kind',
                  title: say('institutionKind'),
                  cell: ({ kind }) => say(KINDS[kind]),
                },
                {
                  key: 'level',
                  title: say('levelToday'),
                  cell: ({ levelOn }) => answer('level', levelOn) || '—',
                },
                {
                  key: 'levels',
                  title: say('levelHistory'),
                  cell: ({ levels }) =>
                    levels
                      .map(({ from, level }) => `${from} ${answer('level', level)}`)
                      .join(say('listComma')) || '—',
                },
                {
                  key: 'agreements',
                  title: say('agreementsToday'),
                  cell: ({ agreementsOn }) => agreementsOn.join(say('listComma')) || '—',
                },
              ]}
            />
          </div>
        )}
      </Await>
      {handles && <AddInstitution />}
      {handles && <AddLevel />}
    </Page>
  )
}

function AddInstitution() {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<{ id: string; name: string; kind: InstitutionKind }>()
  const add = useCommand(api.addInstitution, async () => {
    form.resetFields()
    await client.invalidateQueries({ queryKey: ['institutions'] })
  })
  const needed = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Section title={say('addInstitution')}>
      <Form
        form={form}
        name="institution"
        layout="vertical"
        className="narrow"
        initialValues={{ kind: 'hospital' }}
        onFinish={(body) => add.mutate(body)}
      >
        <Form.Item name="id" label={say('institutionNumber')} rules={needed}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="name" label={say('institutionName')} rules={needed}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="kind" label={say('institutionKind')}>
          <Select
            options={Object.entries(KINDS).map(([value, word]) => ({ value, label: say(word) }))}
          />
        </Form.Item>
        <ProblemAlert error={add.error} />
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addInstitution')}
        </Button>
      </Form>
    </Section>
  )
}

type LevelFields = {
  readonly institution: string
  readonly from: string
  readonly level: string
  readonly document: string
}

function AddLevel() {
  const { say } = useLanguage()
  const client = useQueryClient()
  const answer = useAnswers()
  const book = useBook()
  const [form] = Form.useForm<LevelFields>()
  const add = useCommand(api.addLevel, async () => {
    form.resetFields()
    await client.invalidateQueries({ queryKey: ['institutions'] })
  })
  const levels = book.data?.vocabulary.find(({ name }) => name === 'level')?.answers
  const needed = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Section title={say('addLevel')}>
      <Form
        form={form}
        name="level"
        layout="vertical"
        className="narrow"
        onFinish={(body) => add.mutate({ ...body })}
      >
        <Form.Item name="institution" label={say('institutionNumber')} rules={needed}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="level" label={say('institutionLevel')} rules={needed}>
          <Select
            options={Object.keys(typeof levels === 'object' ? levels : {}).map((value) => ({
              value,
              label: answer('level', value),
            }))}
          />
        </Form.Item>
        <Form.Item name="from" label={say('coverFrom')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="document" label={say('institutionDocument')} rules={needed}>
          <Input maxLength={200} />
        </Form.Item>
        <ProblemAlert error={add.error} />
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addLevel')}
        </Button>
      </Form>
    </Section>
  )
}
