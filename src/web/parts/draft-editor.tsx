import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Select, Upload } from 'antd'
import { useId, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, type Draft, type DraftFile } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useUnsaved } from '#web/parts/use-unsaved.tsx'

const NOTHING = { name: '', files: [] as readonly DraftFile[], revision: 0 }

/**
 * The files of a draft as plain text, or of a new one. Saving changes the author's own draft, unless it was
 * saved elsewhere since it was read here; whoever else has changed something keeps it as a draft of their own.
 */
export function DraftEditor({ draft }: { readonly draft?: Draft }) {
  const { say } = useLanguage()
  const { user } = useSession()
  const ids = useId()
  const go = useNavigate()
  const client = useQueryClient()
  const { message } = App.useApp()
  // What the server keeps, as far as this editor has read or written it.
  const [kept, setKept] = useState<Pick<Draft, 'name' | 'files' | 'revision'>>(draft ?? NOTHING)
  const [name, setName] = useState(kept.name)
  const [files, setFiles] = useState(kept.files)
  const [open, setOpen] = useState(files[0]?.path)
  const pass = useUnsaved(name !== kept.name || files !== kept.files)
  const editable = draft?.state !== 'published'
  const own = draft?.author === user.name
  const change = useMutation({
    mutationFn: (id: string) => api.changeDraft(id, kept.revision, name.trim(), files),
    onSuccess: async ({ id, revision }) => {
      setKept({ name, files, revision })
      await client.invalidateQueries({ queryKey: ['draft', id] })
      await client.invalidateQueries({ queryKey: ['drafts'] })
      void message.success(say('draftSaved'))
    },
  })
  const add = useMutation({
    mutationFn: () => api.saveDraft(name.trim(), files),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['drafts'] })
      void message.success(say('draftSaved'))
      pass()
      await go(`/drafts/${id}`)
    },
  })
  const put = (file: DraftFile) => {
    setFiles((files) => [...files.filter(({ path }) => path !== file.path), file])
    setOpen(file.path)
  }
  const shown = files.find(({ path }) => path === open)
  const ready = name.trim() !== '' && files.length > 0 && files.every(({ path }) => isPath(path))
  return (
    <div className="editor">
      {editable && (
        <div className="form-grid">
          <div>
            <label htmlFor={`${ids}-name`}>{say('draftName')}</label>
            <Input
              id={`${ids}-name`}
              value={name}
              maxLength={200}
              onChange={({ target }) => setName(target.value)}
            />
          </div>
          <PublishedFiles taken={files.map(({ path }) => path)} onTake={put} />
        </div>
      )}
      {editable && (
        <div className="actions">
          <Upload
            accept=".yaml,.yml"
            multiple
            showUploadList={false}
            beforeUpload={(file) => {
              void file.text().then((text) => put({ path: pathOf(file.name, files), text }))
              return false
            }}
          >
            <Button>{say('uploadYaml')}</Button>
          </Upload>
        </div>
      )}
      {files.length === 0 ? (
        <p className="empty">{say('noFilesYet')}</p>
      ) : (
        <div className="editor-panes">
          <ul className="choices" aria-label={say('files')}>
            {files.map(({ path }) => (
              <li key={path}>
                <button
                  type="button"
                  className="choice"
                  aria-pressed={path === open}
                  onClick={() => setOpen(path)}
                >
                  <code>{path}</code>
                </button>
              </li>
            ))}
          </ul>
          {shown && (
            <div className="editor-text">
              {editable && (
                <>
                  <label htmlFor={`${ids}-path`}>{say('path')}</label>
                  <Input
                    id={`${ids}-path`}
                    value={shown.path}
                    {...(isPath(shown.path) ? {} : { status: 'error' as const })}
                    onChange={({ target }) => {
                      const path = target.value
                      setFiles((files) =>
                        files.map((file) => (file === shown ? { ...file, path } : file)),
                      )
                      setOpen(path)
                    }}
                  />
                  {!isPath(shown.path) && (
                    <p role="alert" className="field-fault">
                      {say('badPath')}
                    </p>
                  )}
                </>
              )}
              <label htmlFor={`${ids}-text`}>{say('text')}</label>
              <Input.TextArea
                id={`${ids}-text`}
                className="code-area"
                value={shown.text}
                readOnly={!editable}
                spellCheck={false}
                rows={24}
                onChange={({ target }) =>
                  setFiles((files) =>
                    files.map((file) => (file === shown ? { ...file, text: target.value } : file)),
                  )
                }
              />
              {editable && (
                <Button
                  danger
                  type="text"
                  onClick={() => {
                    const rest = files.filter((file) => file !== shown)
                    setFiles(rest)
                    setOpen(rest[0]?.path)
                  }}
                >
                  {say('removeFile')}
                </Button>
              )}
            </div>
          )}
        </div>
      )}
      {editable && (
        <div className="actions form-actions">
          {draft && own && (
            <Button
              type="primary"
              disabled={!ready}
              loading={change.isPending}
              onClick={() => {
                add.reset()
                change.mutate(draft.id)
              }}
            >
              {say('saveDraft')}
            </Button>
          )}
          <Button
            type={own ? 'default' : 'primary'}
            disabled={!ready}
            loading={add.isPending}
            onClick={() => {
              change.reset()
              add.mutate()
            }}
          >
            {say(draft ? 'saveAsNewDraft' : 'saveDraft')}
          </Button>
          {!ready && <span className="quiet">{say('saveDraftNeeds')}</span>}
        </div>
      )}
      <ProblemAlert error={change.error ?? add.error} />
    </div>
  )
}

/** A file in force, to begin from. */
function PublishedFiles({
  taken,
  onTake,
}: {
  readonly taken: readonly string[]
  readonly onTake: (file: DraftFile) => void
}) {
  const { say } = useLanguage()
  const id = useId()
  const published = useQuery({ queryKey: ['files'], queryFn: api.files, staleTime: 60_000 })
  return (
    <div>
      <label htmlFor={id}>{say('startFromPublished')}</label>
      <Select
        id={id}
        className="full"
        showSearch
        value={null}
        loading={published.isPending}
        placeholder={say('choosePublished')}
        options={(published.data?.files ?? [])
          .filter(({ path }) => !taken.includes(path))
          .map(({ path }) => ({ value: path, label: path }))}
        onChange={(path: string | null) => {
          const file = published.data?.files.find((each) => each.path === path)
          if (file) onTake(file)
        }}
      />
      <ProblemAlert error={published.error} retry={() => void published.refetch()} />
    </div>
  )
}

/** A picked file has a name but no folder: it takes that of its neighbours. */
function pathOf(name: string, files: readonly DraftFile[]): string {
  const [first] = files
  const folder = first ? first.path.slice(0, first.path.lastIndexOf('/') + 1) : ''
  return folder + name.replace(/\.yml$/, '.yaml')
}

const isPath = (path: string) => /^(?![/.])(?!.*(\.\.|\/\/))[\w./-]+\.yaml$/.test(path)
