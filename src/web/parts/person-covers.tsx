import { Button } from 'antd'
import { Link } from 'react-router'
import type { Book, EnrolmentFile, Membership } from '#web/api.ts'
import type { ActField } from '#web/parts/act-dialog.tsx'
import { CoverChart } from '#web/parts/cover-chart.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { useActs } from '#web/parts/person-acts.tsx'
import { PREMIUM_PAYER_WORDS } from '#web/parts/person-money.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useAnswers, useSchemeTitle } from '#web/parts/use-book.ts'

type Props = { readonly file: EnrolmentFile; readonly book: Book | undefined }

/** Who covers the person through time, and what can be done about it. */
export function PersonCovers({ file, book }: Props) {
  return (
    <>
      <CoverChart file={file} book={book} />
      <Memberships file={file} book={book} />
      <Repairs file={file} book={book} />
      <Statuses file={file} book={book} />
    </>
  )
}

/** The answers to one word of the vocabulary, as choices. */
export function useChoices(book: Book | undefined) {
  const answer = useAnswers()
  return (attribute: string): NonNullable<ActField['options']> => {
    const answers = book?.vocabulary.find(({ name }) => name === attribute)?.answers
    return Object.keys(typeof answers === 'object' ? answers : {}).map((value) => ({
      value,
      label: answer(attribute, value),
    }))
  }
}

export function useSchemeChoices(book: Book | undefined): NonNullable<ActField['options']> {
  const { lang } = useLanguage()
  return (book?.schemes ?? []).map(({ id, title }) => ({ value: id, label: title[lang] }))
}

function Memberships({ file, book }: Props) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const title = useSchemeTitle(book)
  const { may, ask, change } = useActs()
  const fields = useMembershipFields(book)
  return (
    <Section
      title={say('covers')}
      actions={
        may && (
          <Button
            type="primary"
            onClick={() =>
              ask({
                title: say('addCover'),
                ok: say('addCover'),
                fields: fields(undefined),
                send: (typed) => change(...enrolmentOf(typed)),
              })
            }
          >
            {say('addCover')}…
          </Button>
        )
      }
    >
      <DataTable
        caption={say('covers')}
        cards
        rows={file.memberships.toSorted((a, b) => (a.from < b.from ? 1 : -1))}
        rowKey={({ scheme, from }) => `${scheme} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme }) => <Link to={`/schemes/${scheme}`}>{title(scheme)}</Link>,
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
          {
            key: 'class',
            title: say('insuredClass'),
            cell: ({ answers }) => answer('class', String(answers.class ?? '')) || '—',
          },
          {
            key: 'years',
            title: say('continuousYears'),
            numeric: true,
            cell: ({ answers }) => answers.continuousYears ?? '—',
          },
          {
            key: 'waits',
            title: say('waitsUntil'),
            cell: ({ scheme, from }) => <Waits file={file} scheme={scheme} from={from} />,
          },
          { key: 'enrolled', title: say('enrolledOn'), cell: ({ enrolledOn }) => enrolledOn },
          { key: 'employer', title: say('employer'), cell: ({ employer }) => employer ?? '—' },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Membership) => <MembershipActs each={each} book={book} />,
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

function Waits({ file, scheme, from }: { file: EnrolmentFile; scheme: string; from: string }) {
  const { lang } = useLanguage()
  const waits = file.waits.filter((each) => each.scheme === scheme && each.from === from)
  if (waits.length === 0) return '—'
  return waits.map(({ tier, title, until }) => (
    <span key={tier} className="block">
      {until} <span className="quiet">{title[lang]}</span>
    </span>
  ))
}

function useMembershipFields(book: Book | undefined) {
  const { say } = useLanguage()
  const choices = useChoices(book)
  const schemes = useSchemeChoices(book)
  return (of: Membership | undefined): ActField[] => [
    {
      name: 'scheme',
      label: say('scheme'),
      kind: 'choice',
      options: schemes,
      needed: true,
      value: of?.scheme,
      fixed: of !== undefined,
    },
    {
      name: 'from',
      label: say('coverFrom'),
      kind: 'day',
      needed: true,
      value: of?.from,
      fixed: of !== undefined,
      ...(of ? { note: say('firstDayNote') } : {}),
    },
    { name: 'until', label: say('coverUntil'), kind: 'day', value: of?.until ?? undefined },
    {
      name: 'enrolledOn',
      label: say('enrolledOn'),
      kind: 'day',
      needed: true,
      value: of?.enrolledOn,
    },
    {
      name: 'class',
      label: say('insuredClass'),
      kind: 'choice',
      options: choices('class'),
      value: textOf(of?.answers.class),
    },
    { name: 'plan', label: say('plan'), kind: 'text', value: textOf(of?.answers.plan) },
    {
      name: 'employer',
      label: say('employerNumber'),
      kind: 'text',
      value: of?.employer ?? undefined,
    },
    {
      name: 'newborn',
      label: say('newborn'),
      kind: 'flag',
      note: say('newbornNote'),
      value: of?.newborn ?? false,
    },
    ...(of
      ? []
      : [
          {
            name: 'payer',
            label: say('premiumPayer'),
            kind: 'choice' as const,
            options: Object.entries(PREMIUM_PAYER_WORDS).map(([value, word]) => ({
              value,
              label: say(word),
            })),
          },
          { name: 'due', label: say('premiumDueYuan'), kind: 'yuan' as const },
        ]),
    { name: 'reason', label: say('changeReason'), kind: 'text', note: say('changeReasonNote') },
  ]
}

const textOf = (answer: string | number | undefined) =>
  answer === undefined ? undefined : String(answer)

/** The change that a filled form asks for. `known` are answers that the form does not show. */
function enrolmentOf(
  typed: Readonly<Record<string, string | number | boolean | undefined>>,
  known: Readonly<Record<string, string | number | undefined>> = {},
): [change: object, reason: unknown] {
  const { reason, class: insured, plan, payer, due, newborn, ...membership } = typed
  const answers = { ...known, class: insured, plan }
  return [
    {
      kind: 'enrol',
      ...membership,
      ...(newborn ? { newborn } : {}),
      answers: Object.fromEntries(
        Object.entries(answers).filter(([, value]) => value !== undefined),
      ),
      ...(payer && due !== undefined ? { premiums: [{ payer, due }] } : {}),
    },
    reason,
  ]
}

/** Answers that are computed from the history, and so are never stated again. */
const COMPUTED = ['continuousYears', 'gapYears', 'repairedYears', 'preexisting']

function MembershipActs({
  each,
  book,
}: {
  readonly each: Membership
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const { ask, change } = useActs()
  const fields = useMembershipFields(book)
  const choices = useChoices(book)
  const title = useSchemeTitle(book)
  const { scheme, from, until } = each
  const named = { scheme, from }
  const of = title(scheme)
  const why: ActField = { name: 'reason', label: say('changeReason'), kind: 'text' }
  const known = Object.fromEntries(
    Object.entries(each.answers).filter(([name]) => !COMPUTED.includes(name)),
  )
  return (
    <RowActs
      of={`${of} ${from}`}
      acts={[
        {
          word: 'endCover',
          start: () =>
            ask({
              title: say('endCoverLead', { scheme: of }),
              ok: say('endCover'),
              danger: true,
              fields: [
                {
                  name: 'until',
                  label: say('lastDay'),
                  kind: 'day',
                  needed: true,
                  value: until ?? undefined,
                },
                why,
              ],
              send: ({ until: last, reason }) =>
                change({ kind: 'end', ...named, until: last }, reason),
            }),
        },
        ...(until === null
          ? []
          : [
              {
                word: 'liftEnd' as const,
                start: () =>
                  ask({
                    title: say('liftEndLead', { scheme: of, day: until }),
                    ok: say('liftEnd'),
                    fields: [why],
                    send: ({ reason }) => change({ kind: 'end', ...named }, reason),
                  }),
              },
            ]),
        {
          word: 'changeClass',
          start: () =>
            ask({
              title: say('changeClassLead', { scheme: of }),
              ok: say('changeClass'),
              note: say('changeClassNote'),
              fields: [
                { name: 'on', label: say('changesOn'), kind: 'day', needed: true },
                {
                  name: 'class',
                  label: say('insuredClass'),
                  kind: 'choice',
                  options: choices('class'),
                  needed: true,
                },
                why,
              ],
              send: ({ on, class: insured, reason }) =>
                change({ kind: 'change-class', ...named, on, answers: { class: insured } }, reason),
            }),
        },
        {
          word: 'correct',
          start: () =>
            ask({
              title: say('correctCoverLead', { scheme: of }),
              ok: say('correct'),
              fields: fields(each),
              send: (typed) => change(...enrolmentOf(typed, known)),
            }),
        },
        {
          word: 'withdraw',
          start: () =>
            ask({
              title: say('withdrawCoverLead', { scheme: of, from }),
              ok: say('withdraw'),
              note: say('withdrawCoverNote'),
              danger: true,
              fields: [{ ...why, needed: true }],
              send: ({ reason }) => change({ kind: 'withdraw', ...named }, reason),
            }),
        },
      ]}
    />
  )
}

function Repairs({ file, book }: Props) {
  const { say } = useLanguage()
  const title = useSchemeTitle(book)
  const schemes = useSchemeChoices(book)
  const { may, ask, change } = useActs()
  if (file.repairs.length === 0 && !may) return null
  return (
    <Section
      title={say('repairs')}
      note={say('repairsNote')}
      actions={
        may && (
          <Button
            onClick={() =>
              ask({
                title: say('addRepair'),
                ok: say('addRepair'),
                fields: [
                  {
                    name: 'scheme',
                    label: say('scheme'),
                    kind: 'choice',
                    options: schemes,
                    needed: true,
                    value: file.memberships.find(({ kind }) => kind === 'public')?.scheme,
                  },
                  { name: 'from', label: say('repairFrom'), kind: 'day', needed: true },
                  { name: 'until', label: say('repairUntil'), kind: 'day', needed: true },
                  { name: 'paidOn', label: say('paidOn'), kind: 'day', needed: true },
                ],
                send: (repair) => change({ kind: 'repair', ...repair }),
              })
            }
          >
            {say('addRepair')}…
          </Button>
        )
      }
    >
      <DataTable
        caption={say('repairs')}
        cards
        rows={file.repairs}
        rowKey={({ scheme, from }) => `${scheme} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme }) => title(scheme),
          },
          { key: 'from', title: say('repairFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('repairUntil'), cell: ({ until }) => until },
          { key: 'paid', title: say('paidOn'), cell: ({ paidOn }) => paidOn },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: ({ scheme, from }: EnrolmentFile['repairs'][number]) => (
                    <RowActs
                      of={`${say('repairs')} ${from}`}
                      acts={[
                        {
                          word: 'withdraw',
                          start: () =>
                            ask({
                              title: say('withdrawRepairLead', { from }),
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
                              send: ({ reason }) =>
                                change({ kind: 'withdraw-repair', scheme, from }, reason),
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

function Statuses({ file, book }: Props) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const choices = useChoices(book)
  const { may, ask, change } = useActs()
  // The age is computed; what has no list of answers is not a status that lasts.
  const kinds = (book?.vocabulary ?? []).filter(
    ({ of, answers }) => of === 'person' && typeof answers === 'object',
  )
  const title = (attribute: string) =>
    book?.vocabulary.find(({ name }) => name === attribute)?.title[lang] ?? attribute
  const valueChoices = (attribute: string): ActField => ({
    name: 'value',
    label: say('value'),
    kind: 'choice',
    options: choices(attribute),
    needed: true,
  })
  return (
    <Section
      title={say('statuses')}
      actions={
        may && (
          <Button
            onClick={() =>
              ask({
                title: say('addStatus'),
                ok: say('addStatus'),
                fields: [
                  {
                    name: 'status',
                    label: say('statuses'),
                    kind: 'choice',
                    needed: true,
                    // One list, for the answers depend on what is answered.
                    options: kinds.flatMap(({ name }) =>
                      choices(name).map(({ value, label }) => ({
                        value: `${name} ${value}`,
                        label: `${title(name)}${say('colon')}${label}`,
                      })),
                    ),
                  },
                  { name: 'from', label: say('coverFrom'), kind: 'day', needed: true },
                  { name: 'until', label: say('coverUntil'), kind: 'day' },
                  { name: 'reason', label: say('evidence'), kind: 'text' },
                ],
                send: ({ reason, status, ...days }) => {
                  const [attribute, value] = String(status).split(' ')
                  return change({ kind: 'status', attribute, value, ...days }, reason)
                },
              })
            }
          >
            {say('addStatus')}…
          </Button>
        )
      }
    >
      <DataTable
        caption={say('statuses')}
        cards
        rows={file.statuses}
        rowKey={({ attribute, from }) => `${attribute} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'attribute',
            title: say('statusKind'),
            heading: true,
            cell: ({ attribute }) => title(attribute),
          },
          {
            key: 'value',
            title: say('value'),
            cell: ({ attribute, value }) => answer(attribute, value),
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: ({ attribute, value, from, until }: EnrolmentFile['statuses'][number]) => (
                    <RowActs
                      of={`${title(attribute)} ${from}`}
                      acts={[
                        {
                          word: 'correct',
                          start: () =>
                            ask({
                              title: say('correctStatusLead', { title: title(attribute), from }),
                              ok: say('correct'),
                              fields: [
                                { ...valueChoices(attribute), value },
                                {
                                  name: 'until',
                                  label: say('coverUntil'),
                                  kind: 'day',
                                  value: until ?? undefined,
                                },
                                { name: 'reason', label: say('evidence'), kind: 'text' },
                              ],
                              send: ({ reason, ...status }) =>
                                change({ kind: 'status', attribute, from, ...status }, reason),
                            }),
                        },
                        {
                          word: 'withdraw',
                          start: () =>
                            ask({
                              title: say('withdrawStatusLead', { title: title(attribute), from }),
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
                              send: ({ reason }) =>
                                change({ kind: 'withdraw-status', attribute, from }, reason),
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
