import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { api, type Draft } from '#web/api.ts'
import { DraftActions } from '#web/parts/draft-actions.tsx'
import { DraftEditor } from '#web/parts/draft-editor.tsx'
import { DraftState } from '#web/parts/draft-state.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { useSession } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** One draft: its files, what is wrong with them, what they would change, and putting them in force. */
export default function DraftPage() {
  const { say } = useLanguage()
  const { draft: id = 'new' } = useParams()
  const isNew = id === 'new'
  const draft = useQuery({
    queryKey: ['draft', id],
    queryFn: () => api.draft(id),
    enabled: !isNew,
  })
  return (
    <Page
      title={isNew ? say('newDraft') : (draft.data?.name ?? say('draft'))}
      lead={<Link to="/drafts">{say('backToDrafts')}</Link>}
    >
      {isNew ? (
        <DraftEditor key="new" />
      ) : (
        <Await query={draft}>{(data) => <OneDraft key={data.id} draft={data} />}</Await>
      )}
    </Page>
  )
}

function OneDraft({ draft }: { readonly draft: Draft }) {
  const { say } = useLanguage()
  const { user } = useSession()
  const { id, author, changedAt, baseVersion, revision, state } = draft
  const own = author === user.name
  return (
    <>
      <p>
        <DraftState draft={draft} />{' '}
        {say('draftBy', { author, at: moment(changedAt), revision, version: baseVersion })}
      </p>
      {/* What was found out about one revision says nothing about the next. */}
      <DraftActions key={revision} draft={draft} />
      <Section
        title={say('files')}
        note={say(state === 'published' ? 'publishedNote' : own ? 'editNote' : 'editOtherNote')}
      >
        {/* Who reads it sees the newest text; who writes it keeps what they have typed. */}
        <DraftEditor key={own ? id : revision} draft={draft} />
      </Section>
    </>
  )
}
