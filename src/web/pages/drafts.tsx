import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { Link } from 'react-router'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { DraftState } from '#web/parts/draft-state.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page } from '#web/parts/page.tsx'
import { ReplayRuns } from '#web/parts/replay-runs.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 方案草稿: changes to the rules that are not in force yet. */
export default function DraftsPage() {
  const { say } = useLanguage()
  const drafts = useQuery({ queryKey: ['drafts'], queryFn: api.drafts })
  return (
    <Page
      title={say('draftsPage')}
      lead={say('draftsLead')}
      actions={
        <Link to="/drafts/new">
          <Button type="primary" tabIndex={-1}>
            {say('newDraft')}
          </Button>
        </Link>
      }
    >
      <Await query={drafts}>
        {(data) => (
          <div className="paper">
            <DataTable
              caption={say('draftsPage')}
              cards
              rows={data.drafts}
              rowKey={({ id }) => id}
              empty={say('noDrafts')}
              columns={[
                {
                  key: 'name',
                  title: say('draftName'),
                  heading: true,
                  cell: ({ id, name }) => <Link to={`/drafts/${id}`}>{name}</Link>,
                },
                {
                  key: 'state',
                  title: say('state'),
                  cell: (draft) => <DraftState draft={draft} />,
                },
                { key: 'author', title: say('author'), cell: ({ author }) => author },
                {
                  key: 'created',
                  title: say('created'),
                  cell: ({ changedAt }) => moment(changedAt),
                },
                {
                  key: 'files',
                  title: say('files'),
                  cell: ({ files }) =>
                    files.map((file) => (
                      <code key={file} className="block">
                        {file}
                      </code>
                    )),
                },
              ]}
            />
          </div>
        )}
      </Await>
      <ReplayRuns />
    </Page>
  )
}
