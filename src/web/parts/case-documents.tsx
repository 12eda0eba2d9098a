import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Select, Upload } from 'antd'
import { useId, useState } from 'react'
import { type CaseDocument, DOCUMENT_KINDS, type DocumentKind } from '#domains/casework/types.ts'
import { api, type CaseFile } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await, Working } from '#web/parts/waiting.tsx'

/** 材料与明细: what was handed in, beside the lines of the bill that it has to show. */
export function CaseDocuments({ file }: { readonly file: CaseFile }) {
  const { say } = useLanguage()
  const found = useQuery({
    queryKey: ['cases', 'documents', file.id],
    queryFn: () => api.caseDocuments(file.id),
  })
  const works = useMay('cases work') && file.desk !== null
  return (
    <Section title={say('caseDocuments')} note={say('caseDocumentsNote')}>
      <Await query={found}>
        {({ documents }) => <Beside file={file} documents={documents} works={works} />}
      </Await>
      {works && <HandIn file={file} />}
    </Section>
  )
}

function Beside({
  file,
  documents,
  works,
}: {
  readonly file: CaseFile
  readonly documents: readonly CaseDocument[]
  readonly works: boolean
}) {
  const { say } = useLanguage()
  const standing = documents.filter(({ removedBy }) => removedBy === null)
  const [chosen, setChosen] = useState<string>()
  const shown = standing.find(({ id }) => id === chosen) ?? standing[0]
  return (
    <>
      <Handed file={file} documents={documents} works={works} shown={shown} onShow={setChosen} />
      {shown && (
        <div className="beside">
          <Viewed file={file} document={shown} />
          <DataTable
            caption={say('caseLines')}
            rows={file.lines}
            rowKey={({ line }) => line}
            columns={[
              {
                key: 'line',
                title: say('caseLines'),
                heading: true,
                cell: ({ line, name }) => [line, name].filter(Boolean).join(' '),
              },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
            ]}
          />
        </div>
      )}
    </>
  )
}

function Viewed({ file, document }: { readonly file: CaseFile; readonly document: CaseDocument }) {
  const { lang, say } = useLanguage()
  const address = api.caseDocumentAddress(file.id, document.id)
  const name = `${DOCUMENT_KINDS[document.kind][lang]} · ${document.name}`
  return (
    <figure className="document">
      <figcaption>
        <a href={address} target="_blank" rel="noreferrer">
          {say('caseDocumentOpen', { name })}
        </a>
      </figcaption>
      {document.type !== 'application/pdf' && <img src={address} alt={name} />}
    </figure>
  )
}

function Handed({
  file,
  documents,
  works,
  shown,
  onShow,
}: {
  readonly file: CaseFile
  readonly documents: readonly CaseDocument[]
  readonly works: boolean
  readonly shown: CaseDocument | undefined
  readonly onShow: (document: string) => void
}) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const remove = useCommand(api.removeCaseDocument, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = ({ id, name }: CaseDocument) =>
    setAct({
      title: say('caseDocumentRemove'),
      ok: say('caseDocumentRemove'),
      note: name,
      danger: true,
      fields: [{ name: 'why', label: say('caseReason'), kind: 'text', needed: true }],
      send: (typed) => remove.mutateAsync({ of: file.id, document: id, ...typed }),
    })
  return (
    <>
      <DataTable
        caption={say('caseDocuments')}
        cards
        rows={documents}
        rowKey={({ id }) => id}
        empty={say('caseNoDocuments')}
        columns={[
          {
            key: 'name',
            title: say('caseDocuments'),
            heading: true,
            cell: ({ id, name, kind, removedBy }) => (
              <Button
                type="link"
                className="link-in-cell"
                aria-pressed={shown?.id === id}
                disabled={removedBy !== null}
                onClick={() => onShow(id)}
              >
                {`${DOCUMENT_KINDS[kind][lang]} · ${name}`}
              </Button>
            ),
          },
          {
            key: 'size',
            title: say('caseDocumentSize'),
            numeric: true,
            cell: ({ size }) => `${Math.max(1, Math.round(size / 1024))} KiB`,
          },
          {
            key: 'user',
            title: say('caseBy'),
            cell: ({ user, at }) => `${user} · ${moment(at)}`,
          },
          {
            key: 'removed',
            title: say('caseDocumentRemoved'),
            cell: ({ removedBy, removedAt, removedWhy }) =>
              removedBy === null
                ? '—'
                : [removedBy, moment(removedAt ?? ''), removedWhy].join(' · '),
          },
          ...(works
            ? [
                {
                  key: 'acts',
                  title: say('doSomething'),
                  cell: (row: CaseDocument) =>
                    row.removedBy === null ? (
                      <Button size="small" onClick={() => start(row)}>
                        {say('caseDocumentRemove')}…
                      </Button>
                    ) : (
                      '—'
                    ),
                },
              ]
            : []),
        ]}
      />
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

function HandIn({ file }: { readonly file: CaseFile }) {
  const { lang, say } = useLanguage()
  const field = useId()
  const client = useQueryClient()
  const [kind, setKind] = useState<DocumentKind>('invoice')
  const add = useCommand(api.addCaseDocument, () => client.invalidateQueries())
  return (
    <>
      <div className="filters">
        <div className="field">
          <label htmlFor={field}>{say('caseDocumentKind')}</label>
          <Select
            id={field}
            value={kind}
            onChange={setKind}
            options={Object.entries(DOCUMENT_KINDS).map(([value, title]) => ({
              value: value as DocumentKind,
              label: title[lang],
            }))}
          />
        </div>
      </div>
      <Upload.Dragger
        accept="image/png,image/jpeg,application/pdf"
        showUploadList={false}
        beforeUpload={(chosen) => {
          const { name, size } = chosen
          add.mutate({ of: file.id, kind, name, size, file: chosen })
          return false
        }}
      >
        <p>
          <strong>{say('caseDocumentChoose')}</strong>
        </p>
      </Upload.Dragger>
      {add.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={add.error} />
    </>
  )
}
