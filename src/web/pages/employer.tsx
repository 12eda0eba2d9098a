import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { Link, useParams } from 'react-router'
import { api, type Employer } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** One employer: figures, its own staff with the cover it takes out for them, its sites. */
export default function EmployerPage() {
  const { employer: id = '' } = useParams()
  const { say } = useLanguage()
  const handles = useMay('employers write')
  const employer = useQuery({ queryKey: ['employer', id], queryFn: () => api.employer(id) })
  return (
    <Page
      title={employer.data?.name ?? say('employer')}
      lead={<Link to="/employers">{say('backToEmployers')}</Link>}
    >
      <Await query={employer}>{(data) => <Roster employer={data} />}</Await>
      {handles && <AddStaff employer={id} />}
    </Page>
  )
}

function Roster({ employer }: { readonly employer: Employer }) {
  const opens = useMay('persons list')
  const { lang, say } = useLanguage()
  const book = useBook()
  const { figures, staff, sites } = employer
  const title = (scheme: string) =>
    book.data?.schemes.find(({ id }) => id === scheme)?.title[lang] ?? scheme
  const facts = [
    [say('employerNumber'), employer.id],
    [say('staffNow'), figures.staff],
    [say('women'), figures.women],
    [say('men'), figures.men],
    ...figures.covers.map(({ scheme, persons }) => [title(scheme), persons] as const),
  ] as const
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Section title={say('roster')}>
        <DataTable
          caption={say('roster')}
          cards
          rows={staff}
          rowKey={({ person, from }) => `${person} ${from}`}
          empty={say('nothingYet')}
          columns={[
            {
              key: 'person',
              title: say('person'),
              heading: true,
              cell: ({ person, name }) => {
                const called = `${name || say('noName')} ${person}`
                const file = `/persons/${encodeURIComponent(person)}`
                return opens ? <Link to={file}>{called}</Link> : called
              },
            },
            { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
            { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
            {
              key: 'covers',
              title: say('employerCovers'),
              cell: ({ covers }) => covers.map(title).join(say('listComma')) || '—',
            },
          ]}
        />
      </Section>
      {sites.length > 0 && (
        <Section title={say('sites')}>
          <DataTable
            caption={say('sites')}
            cards
            rows={sites}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                title: say('sites'),
                heading: true,
                cell: ({ id, name }) => `${name} ${id}`,
              },
              { key: 'scheme', title: say('scheme'), cell: ({ scheme }) => title(scheme) },
              { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
              { key: 'until', title: say('coverUntil'), cell: ({ until }) => until },
              {
                key: 'basis',
                title: say('siteBasis'),
                cell: ({ headcount, areaM2 }) =>
                  headcount === null
                    ? say('siteArea', { n: areaM2 ?? 0 })
                    : say('siteHeadcount', { n: headcount }),
              },
              { key: 'named', title: say('siteNamed'), numeric: true, cell: ({ named }) => named },
            ]}
          />
        </Section>
      )}
    </>
  )
}

function AddStaff({ employer }: { readonly employer: string }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<{ person: string; from: string; until?: string }>()
  const add = useCommand(api.changeRoster, async () => {
    form.resetFields()
    await client.invalidateQueries({ queryKey: ['employer', employer] })
  })
  const needed = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Section title={say('addStaff')}>
      <Form
        form={form}
        layout="vertical"
        className="narrow"
        onFinish={({ person, from, until }) =>
          add.mutate({ employer, person: person.trim(), from, ...(until ? { until } : {}) })
        }
      >
        <Form.Item name="person" label={say('personNumber')} rules={needed}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="from" label={say('coverFrom')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="until" label={say('coverUntil')}>
          <Input type="date" />
        </Form.Item>
        <ProblemAlert error={add.error} />
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {say('addStaff')}
        </Button>
      </Form>
    </Section>
  )
}
