import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { api, type Draft, type DraftFile } from '#web/api.ts'
import { DraftActions } from '#web/parts/draft-actions.tsx'
import { DraftEditor } from '#web/parts/draft-editor.tsx'
import { DraftState } from '#web/parts/draft-state.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

const NO_FILES: readonly DraftFile[] = []

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
        <DraftEditor key="new" name="" files={NO_FILES} editable />
      ) : (
        <Await query={draft}>{(data) => <OneDraft key={data.id} draft={data} />}</Await>
      )}
    </Page>
  )
}

function OneDraft({ draft }: { readonly draft: Draft }) {
  const { say } = useLanguage()
  const { name, author, createdAt, baseVersion, files, state } = draft
  return (
    <>
      <p>
        <DraftState draft={draft} />{' '}
        {say('draftBy', { author, at: moment(createdAt), version: baseVersion })}
      </p>
      <DraftActions draft={draft} />
      <Section
        title={say('files')}
        note={state === 'open' ? say('editNote') : say('publishedNote')}
      >
        <DraftEditor name={name} files={files} editable={state === 'open'} />
      </Section>
    </>
  )
}
