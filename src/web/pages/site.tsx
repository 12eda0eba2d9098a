import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, type Site } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { SiteChart } from '#web/parts/site-chart.tsx'
import { useBook, useSchemeTitle } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** One construction site: how it is insured, who was named for which days, and how full it was. */
export default function SitePage() {
  const { site: id = '' } = useParams()
  const { say } = useLanguage()
  const site = useQuery({ queryKey: ['site', id], queryFn: () => api.site(id) })
  return (
    <Page
      title={site.data?.name ?? say('site')}
      lead={
        site.data && (
          <Link to={`/employers/${encodeURIComponent(site.data.employer)}`}>
            ← {site.data.employerName}
          </Link>
        )
      }
    >
      <Await query={site}>{(data) => <Details site={data} />}</Await>
    </Page>
  )
}

function Details({ site }: { readonly site: Site }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const title = useSchemeTitle(useBook().data)
  const handles = useMay('files write')
  const [act, setAct] = useState<Act>()
  const name = useCommand(api.personCommand, () => client.invalidateQueries())
  const { headcount, areaM2, workers, from, until } = site
  const today = workers.filter((each) => each.from <= site.on && site.on <= each.until).length
  const facts = [
    [say('siteNumber'), site.id],
    [say('scheme'), title(site.scheme)],
    [say('insuredDays'), `${from} – ${until}`],
    [
      say('siteBasis'),
      headcount === null
        ? say('siteArea', { n: areaM2 ?? 0 })
        : say('siteHeadcount', { n: headcount }),
    ],
    [say('siteNamed'), today],
  ] as const
  const nameWorker = () =>
    setAct({
      title: say('nameWorker'),
      ok: say('nameWorker'),
      note: say('nameWorkerNote'),
      fields: [
        { name: 'person', label: say('personNumber'), kind: 'text', needed: true },
        { name: 'from', label: say('worksFrom'), kind: 'day', needed: true },
        { name: 'until', label: say('worksUntil'), kind: 'day', needed: true },
        { name: 'reason', label: say('changeReason'), kind: 'text' },
      ],
      send: ({ person, from: first, until: last, reason }) =>
        name.mutateAsync({
          person: String(person),
          path: 'changes',
          body: {
            change: { kind: 'site', site: site.id, from: first, until: last },
            ...(reason ? { reason } : {}),
          },
        }),
    })
  return (
    <>
      <dl className="facts">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {workers.length > 0 && <SiteChart site={site} />}
      <Section
        title={say('namedWorkers')}
        note={say('namedWorkersNote')}
        actions={
          handles && (
            <Button type="primary" onClick={nameWorker}>
              {say('nameWorker')}…
            </Button>
          )
        }
      >
        <DataTable
          caption={say('namedWorkers')}
          cards
          rows={workers}
          rowKey={({ person, from: first }) => `${person} ${first}`}
          empty={say('nothingYet')}
          columns={[
            {
              key: 'person',
              title: say('person'),
              heading: true,
              cell: ({ person, name: shown }) => (
                <Link to={`/persons/${encodeURIComponent(person)}`}>
                  {shown || say('noName')} {person}
                </Link>
              ),
            },
            { key: 'from', title: say('worksFrom'), cell: (each) => each.from },
            { key: 'until', title: say('worksUntil'), cell: (each) => each.until },
          ]}
        />
      </Section>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}
