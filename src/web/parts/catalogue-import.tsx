import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Checkbox, Upload } from 'antd'
import { useState } from 'react'
import { api, type CatalogueImported } from '#web/api.ts'
import { firstPlace, nameOfPlace, PlaceSelect, type Places } from '#web/parts/catalogue-place.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { Sending, useSent } from '#web/parts/sending.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** A catalogue file: checked first, kept as a draft if it has no fault, published by another person. */
export function CatalogueImport({ places }: { readonly places: Places }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [place, setPlace] = useState(() => firstPlace(places))
  const [whole, setWhole] = useState(false)
  const [file, setFile] = useState<File>()
  const { sent, onSent } = useSent()
  const send = useMutation({
    mutationFn: ({ file, check }: { file: File; check: boolean }) =>
      api.importCatalogue(file, { place, whole, check }, onSent),
    onMutate: () => onSent(0),
    onSuccess: () => client.invalidateQueries({ queryKey: ['catalogue drafts'] }),
  })
  const faults = useMutation({
    mutationFn: (file: File) => api.catalogueFaults(file, { place, whole }, onSent),
    onMutate: () => onSent(0),
  })
  return (
    <>
      <Section title={say('catalogueImport')} note={say('catalogueImportNote')}>
        <p>
          <a href="/api/catalogue/template?format=xlsx">{say('templateXlsx')}</a> ·{' '}
          <a href="/api/catalogue/template?format=csv">{say('templateCsv')}</a>
        </p>
        <div className="filters">
          <PlaceSelect places={places} place={place} onChange={setPlace} />
          <Checkbox checked={whole} onChange={({ target }) => setWhole(target.checked)}>
            {say('wholeCatalogue')}
          </Checkbox>
        </div>
        <Upload.Dragger
          accept=".csv,.xlsx"
          showUploadList={false}
          beforeUpload={(chosen) => {
            setFile(chosen)
            send.mutate({ file: chosen, check: true })
            return false
          }}
        >
          <p>
            <strong>{say('chooseCatalogueFile')}</strong>
          </p>
          <p className="quiet">{say('catalogueFileNote')}</p>
        </Upload.Dragger>
        {(send.isPending || faults.isPending) && (
          <Sending sent={sent} then={say('catalogueReading')} />
        )}
        <ProblemAlert error={send.error} />
        {file && send.data && !send.isPending && (
          <Result
            file={file}
            imported={send.data}
            onKeep={() => send.mutate({ file, check: false })}
            onFaults={() => faults.mutate(file)}
          />
        )}
        <ProblemAlert error={faults.error} />
      </Section>
      <Drafts places={places} />
    </>
  )
}

function Result({
  file,
  imported,
  onKeep,
  onFaults,
}: {
  readonly file: File
  readonly imported: CatalogueImported
  readonly onKeep: () => void
  readonly onFaults: () => void
}) {
  const { lang, say } = useLanguage()
  const { faultCount, faults, changes, draft, entries } = imported
  if (faultCount > 0)
    return (
      <div role="alert">
        <p className="field-fault">
          {file.name}: {say('catalogueFaults', { n: faultCount })}
        </p>
        <p>
          <Button onClick={onFaults}>{say('downloadFaults')}</Button>
        </p>
        <DataTable
          cards
          caption={say('catalogueFaults', { n: faultCount })}
          rows={faults}
          rowKey={(_, i) => String(i)}
          columns={[
            { key: 'line', title: say('faultLine'), heading: true, cell: ({ line }) => line },
            { key: 'column', title: say('faultColumn'), cell: ({ column }) => column },
            { key: 'value', title: say('value'), cell: ({ value }) => value || '—' },
            { key: 'reason', title: say('faultReason'), cell: ({ reason }) => reason[lang] },
            { key: 'remedy', title: say('importRemedy'), cell: ({ remedy }) => remedy[lang] },
          ]}
        />
      </div>
    )
  const { added = 0, changed = 0, removed = 0, same = 0 } = changes ?? {}
  const nothing = added + changed + removed === 0
  return (
    <div role="status">
      <p>
        <strong>{file.name}</strong> —{' '}
        {say('catalogueChanges', { n: entries, added, changed, removed, same })}
      </p>
      {draft ? (
        <Alert type="success" showIcon title={say('catalogueKept')} />
      ) : nothing ? (
        <p className="quiet">{say('catalogueNothingNew')}</p>
      ) : (
        <Button type="primary" onClick={onKeep}>
          {say('keepAsDraft')}
        </Button>
      )}
    </div>
  )
}

function Drafts({ places }: { readonly places: Places }) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const publishes = useMay('catalogue publish')
  const drafts = useQuery({ queryKey: ['catalogue drafts'], queryFn: () => api.catalogueDrafts() })
  const publish = useCommand(api.publishCatalogue, () => client.invalidateQueries())
  const { modal } = App.useApp()
  const ask = (id: string, name: string, place: string) =>
    modal.confirm({
      title: say('publishCatalogueQuestion', { name }),
      content: say('publishCatalogueExplains', { place }),
      okText: say('publishCatalogue'),
      cancelText: say('cancel'),
      onOk: () => publish.mutate(id),
    })
  return (
    <Section title={say('catalogueDrafts')} note={say('catalogueDraftsNote')}>
      <ProblemAlert error={publish.error} />
      {publish.data && (
        <Alert
          type="success"
          showIcon
          role="status"
          title={say('cataloguePublished', { n: publish.data.version })}
        />
      )}
      <Await query={drafts}>
        {({ drafts }) => (
          <DataTable
            cards
            caption={say('catalogueDrafts')}
            rows={drafts}
            rowKey={({ id }) => id}
            empty={say('noCatalogueDrafts')}
            columns={[
              {
                key: 'file',
                title: say('files'),
                heading: true,
                cell: ({ fileName }) => fileName,
              },
              {
                key: 'place',
                title: say('placeOfCatalogue'),
                cell: ({ place }) => nameOfPlace(place, places, lang, say),
              },
              {
                key: 'entries',
                title: say('catalogueEntries'),
                numeric: true,
                cell: ({ entries }) => entries,
              },
              {
                key: 'author',
                title: say('catalogueSentBy'),
                cell: ({ author, createdAt }) => `${author} · ${moment(createdAt)}`,
              },
              {
                key: 'act',
                title: say('state'),
                cell: ({ id, fileName, place }) =>
                  publishes ? (
                    <Button
                      loading={publish.isPending}
                      aria-label={`${say('publishCatalogue')} ${fileName}`}
                      onClick={() => ask(id, fileName, nameOfPlace(place, places, lang, say))}
                    >
                      {say('publishCatalogue')}…
                    </Button>
                  ) : (
                    say('waitsForSecond')
                  ),
              },
            ]}
          />
        )}
      </Await>
    </Section>
  )
}
