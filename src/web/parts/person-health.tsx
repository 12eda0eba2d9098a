import { Button } from 'antd'
import { CERTIFICATE_KINDS } from '#domains/settlement/types.ts'
import type { Book, EnrolmentFile } from '#web/api.ts'
import type { ActField } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { useActs } from '#web/parts/person-acts.tsx'
import { useChoices } from '#web/parts/person-covers.tsx'
import { Referrals } from '#web/parts/referrals.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useAnswers } from '#web/parts/use-book.ts'

const CONDITION_WORDS = {
  found: 'conditionFound',
  declared: 'conditionDeclared',
  confirmed: 'conditionConfirmed',
  rejected: 'conditionRejected',
} as const

type Props = { readonly file: EnrolmentFile; readonly book: Book | undefined }
type Condition = EnrolmentFile['conditions'][number]
type Registration = EnrolmentFile['registrations'][number]
type Certificate = EnrolmentFile['certificates'][number]

/** Pre-existing conditions, registrations for care elsewhere, certificates: what a bill may turn on. */
export function PersonHealth(props: Props) {
  return (
    <>
      <Conditions {...props} />
      <Registrations {...props} />
      <Referrals person={props.file.id} />
      <Certificates {...props} />
    </>
  )
}

function Conditions({ file }: Props) {
  const { say } = useLanguage()
  const { may, ask, change } = useActs()
  const decide = ({ disease }: Condition, confirmed: boolean) =>
    ask({
      title: say(confirmed ? 'confirmConditionQuestion' : 'rejectConditionQuestion', { disease }),
      ok: say(confirmed ? 'confirm' : 'reject'),
      note: say('decideConditionExplains'),
      danger: confirmed,
      fields: [{ name: 'reason', label: say('changeReason'), kind: 'text', needed: true }],
      send: ({ reason }) => change({ kind: 'decide', disease, confirmed }, reason),
    })
  return (
    <Section
      title={say('conditions')}
      actions={
        may && (
          <>
            <Button
              onClick={() =>
                ask({
                  title: say('declareCondition'),
                  ok: say('declareCondition'),
                  note: say('declareConditionNote'),
                  fields: [
                    {
                      name: 'disease',
                      label: say('disease'),
                      kind: 'text',
                      needed: true,
                      note: say('diseaseNote'),
                    },
                    { name: 'since', label: say('since'), kind: 'day', needed: true },
                    { name: 'reason', label: say('evidence'), kind: 'text' },
                  ],
                  send: ({ reason, ...condition }) =>
                    change({ kind: 'declare', ...condition }, reason),
                })
              }
            >
              {say('declareCondition')}…
            </Button>
            <Button
              onClick={() =>
                ask({
                  title: say('searchHistory'),
                  ok: say('searchHistory'),
                  note: say('searchHistoryNote'),
                  fields: [],
                  send: () => change({ kind: 'search-history' }),
                })
              }
            >
              {say('searchHistory')}…
            </Button>
          </>
        )
      }
    >
      <DataTable
        caption={say('conditions')}
        cards
        rows={file.conditions}
        rowKey={({ disease }) => disease}
        empty={say('nothingYet')}
        columns={[
          { key: 'disease', title: say('disease'), heading: true, cell: ({ disease }) => disease },
          { key: 'since', title: say('since'), cell: ({ since }) => since },
          { key: 'state', title: say('state'), cell: ({ state }) => say(CONDITION_WORDS[state]) },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Condition) => (
                    <span className="actions">
                      {each.state !== 'confirmed' && (
                        <Button size="small" onClick={() => decide(each, true)}>
                          {say('confirm')}…
                        </Button>
                      )}
                      {each.state !== 'rejected' && (
                        <Button size="small" onClick={() => decide(each, false)}>
                          {say('reject')}…
                        </Button>
                      )}
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

/** The days and the evidence of a registration or certificate. `of` fills them for a correction. */
function useFiledFields() {
  const { say } = useLanguage()
  return (of?: Registration | Certificate): ActField[] => [
    {
      name: 'from',
      label: say('coverFrom'),
      kind: 'day',
      needed: true,
      value: of?.from,
      fixed: of !== undefined,
    },
    { name: 'until', label: say('lastDay'), kind: 'day', value: of?.until ?? undefined },
    {
      name: 'document',
      label: say('evidence'),
      kind: 'text',
      needed: true,
      value: of?.document ?? undefined,
    },
    {
      name: 'source',
      label: say('filedBy'),
      kind: 'text',
      needed: true,
      note: say('filedByNote'),
      value: of?.source ?? undefined,
    },
  ]
}

function Registrations({ file, book }: Props) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const choices = useChoices(book)
  const filed = useFiledFields()
  const { may, ask, change } = useActs()
  const remote = book?.vocabulary.find(({ name }) => name === 'remote')
  const kinds = choices('remote').filter(
    ({ value }) => value !== remote?.whenAbsent && value !== remote?.unregistered,
  )
  const form = (of?: Registration) =>
    ask({
      title: say(of ? 'correctRegistration' : 'addRegistration'),
      ok: say('record'),
      fields: [
        {
          name: 'kind',
          label: say('registrationKind'),
          kind: 'choice',
          needed: true,
          options: kinds,
          value: of?.kind,
          fixed: of !== undefined,
        },
        {
          name: 'place',
          label: say('registrationPlace'),
          kind: 'text',
          note: say('registrationPlaceNote'),
          value: of?.place ?? undefined,
          fixed: of !== undefined,
        },
        ...filed(of),
      ],
      send: ({ document, source, ...registration }) =>
        change({ kind: 'registration', registration, document, source }),
    })
  return (
    <Section
      title={say('registrations')}
      note={say('registrationsNote')}
      actions={may && <Button onClick={() => form()}>{say('addRegistration')}…</Button>}
    >
      <DataTable
        caption={say('registrations')}
        cards
        rows={file.registrations}
        rowKey={({ kind, place, from }) => `${kind} ${place} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'kind',
            title: say('registrationKind'),
            heading: true,
            cell: ({ kind }) => answer('remote', kind),
          },
          {
            key: 'place',
            title: say('registrationPlace'),
            cell: ({ place }) => place ?? say('everywhere'),
          },
          ...filedColumns(say),
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Registration) => (
                    <RowActs
                      of={`${answer('remote', each.kind)} ${each.from}`}
                      acts={[
                        { word: 'correctOrEnd', start: () => form(each) },
                        {
                          word: 'withdraw',
                          start: () =>
                            ask({
                              title: say('withdrawFilingLead', {
                                what: answer('remote', each.kind),
                                from: each.from,
                              }),
                              ok: say('withdraw'),
                              danger: true,
                              fields: [
                                {
                                  name: 'reason',
                                  label: say('changeReason'),
                                  kind: 'text',
                                  needed: true,
                                },
                              ],
                              send: ({ reason }) => {
                                const { kind, place, from } = each
                                const registration = { kind, from, ...(place ? { place } : {}) }
                                return change(
                                  { kind: 'withdraw-registration', registration },
                                  reason,
                                )
                              },
                            }),
                        },
                      ]}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

function Certificates({ file, book }: Props) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const choices = useChoices(book)
  const filed = useFiledFields()
  const { may, ask, change } = useActs()
  const form = (of?: Certificate) =>
    ask({
      title: say(of ? 'correctCertificate' : 'addCertificate'),
      ok: say('record'),
      fields: [
        {
          name: 'kind',
          label: say('certificateKind'),
          kind: 'choice',
          needed: true,
          options: CERTIFICATE_KINDS.map((value) => ({ value, label: value })),
          value: of?.kind,
          fixed: of !== undefined,
        },
        {
          name: 'of',
          label: say('certificateOf'),
          kind: 'text',
          needed: true,
          note: say('certificateOfNote', {
            diseases: choices('disease')
              .map(({ value }) => value)
              .join(say('listComma')),
          }),
          value: of?.of,
          fixed: of !== undefined,
        },
        ...filed(of),
      ],
      send: ({ document, source, ...certificate }) =>
        change({ kind: 'certificate', certificate, document, source }),
    })
  return (
    <Section
      title={say('certificates')}
      note={say('certificatesNote')}
      actions={may && <Button onClick={() => form()}>{say('addCertificate')}…</Button>}
    >
      <DataTable
        caption={say('certificates')}
        cards
        rows={file.certificates}
        rowKey={({ kind, of, from }) => `${kind} ${of} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'of',
            title: say('certificateOf'),
            heading: true,
            cell: ({ of }) => answer('disease', of),
          },
          { key: 'kind', title: say('certificateKind'), cell: ({ kind }) => kind },
          ...filedColumns(say),
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Certificate) => (
                    <RowActs
                      of={`${each.kind} ${each.of} ${each.from}`}
                      acts={[
                        { word: 'correctOrEnd', start: () => form(each) },
                        {
                          word: 'withdraw',
                          start: () =>
                            ask({
                              title: say('withdrawFilingLead', {
                                what: `${each.kind} ${each.of}`,
                                from: each.from,
                              }),
                              ok: say('withdraw'),
                              danger: true,
                              fields: [
                                {
                                  name: 'reason',
                                  label: say('changeReason'),
                                  kind: 'text',
                                  needed: true,
                                },
                              ],
                              send: ({ reason }) => {
                                const { kind, of, from } = each
                                const certificate = { kind, of, from }
                                return change({ kind: 'withdraw-certificate', certificate }, reason)
                              },
                            }),
                        },
                      ]}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

const filedColumns = (say: ReturnType<typeof useLanguage>['say']) => [
  { key: 'from', title: say('coverFrom'), cell: ({ from }: Registration | Certificate) => from },
  {
    key: 'until',
    title: say('coverUntil'),
    cell: ({ until }: Registration | Certificate) => until ?? '—',
  },
  {
    key: 'document',
    title: say('evidence'),
    cell: ({ document }: Registration | Certificate) => document ?? say('cameWithBills'),
  },
  {
    key: 'source',
    title: say('filedBy'),
    cell: ({ source }: Registration | Certificate) => source ?? '—',
  },
]
