import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, type Employer } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useBook, useSchemeTitle } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** One employer: figures, its own staff with the cover it takes out for them, its sites. */
export default function EmployerPage() {
  const { employer: id = '' } = useParams()
  const { say } = useLanguage()
  const employer = useQuery({ queryKey: ['employer', id], queryFn: () => api.employer(id) })
  return (
    <Page
      title={employer.data?.name ?? say('employer')}
      lead={<Link to="/employers">{say('backToEmployers')}</Link>}
    >
      <Await query={employer}>{(data) => <Roster employer={data} />}</Await>
    </Page>
  )
}

function Roster({ employer }: { readonly employer: Employer }) {
  const opens = useMay('persons list')
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const book = useBook()
  const handles = useMay('employers write')
  const [act, setAct] = useState<Act>()
  const refresh = () => client.invalidateQueries()
  const change = useCommand(api.changeRoster, refresh)
  const addSite = useCommand(api.addSite, refresh)
  const title = useSchemeTitle(book.data)
  const { figures, staff, sites } = employer
  const hire = () =>
    setAct({
      title: say('addStaff'),
      ok: say('addStaff'),
      fields: [
        { name: 'person', label: say('personNumber'), kind: 'text', needed: true },
        { name: 'from', label: say('worksFrom'), kind: 'day', needed: true },
        { name: 'until', label: say('worksUntil'), kind: 'day' },
      ],
      send: (typed) => change.mutateAsync({ employer: employer.id, ...typed }),
    })
  const leave = ({ person, from, until }: Employer['staff'][number]) =>
    setAct({
      title: say('endStaffLead', { person }),
      ok: say('endStaff'),
      note: say('endStaffNote'),
      danger: true,
      fields: [
        {
          name: 'until',
          label: say('worksUntil'),
          kind: 'day',
          needed: true,
          value: until ?? undefined,
        },
      ],
      send: ({ until: last }) =>
        change.mutateAsync({ employer: employer.id, person, from, until: last }),
    })
  const insureSite = () =>
    setAct({
      title: say('addSite'),
      ok: say('addSite'),
      note: say('addSiteNote'),
      fields: [
        { name: 'id', label: say('siteNumber'), kind: 'text', needed: true },
        { name: 'name', label: say('siteName'), kind: 'text', needed: true },
        {
          name: 'scheme',
          label: say('scheme'),
          kind: 'choice',
          needed: true,
          options: (book.data?.schemes ?? [])
            .filter(({ kind }) => kind === 'group')
            .map(({ id, title: of }) => ({ value: id, label: of[lang] })),
        },
        { name: 'from', label: say('coverFrom'), kind: 'day', needed: true },
        { name: 'until', label: say('coverUntil'), kind: 'day', needed: true },
        { name: 'headcount', label: say('headcount'), kind: 'count', note: say('basisNote') },
        { name: 'areaM2', label: say('areaM2'), kind: 'count' },
      ],
      send: (typed) => addSite.mutateAsync({ employer: employer.id, ...typed }),
    })
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
      <Section
        title={say('roster')}
        actions={
          handles && (
            <Button type="primary" onClick={hire}>
              {say('addStaff')}…
            </Button>
          )
        }
      >
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
            ...(handles
              ? [
                  {
                    key: 'action',
                    title: say('action'),
                    cell: (each: Employer['staff'][number]) => (
                      <Button
                        size="small"
                        aria-label={`${say('endStaff')} ${each.person}`}
                        onClick={() => leave(each)}
                      >
                        {say('endStaff')}…
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </Section>
      {(sites.length > 0 || handles) && (
        <Section
          title={say('sites')}
          note={say('sitesNote')}
          actions={handles && <Button onClick={insureSite}>{say('addSite')}…</Button>}
        >
          <DataTable
            caption={say('sites')}
            cards
            rows={sites}
            rowKey={({ id }) => id}
            empty={say('nothingYet')}
            columns={[
              {
                key: 'name',
                title: say('sites'),
                heading: true,
                cell: ({ id, name }) => (
                  <Link to={`/sites/${encodeURIComponent(id)}`}>
                    {name} {id}
                  </Link>
                ),
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
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}
