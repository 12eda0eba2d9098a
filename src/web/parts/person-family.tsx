import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, type EnrolmentFile } from '#web/api.ts'
import type { ActField } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { MergeFiles } from '#web/parts/merge-files.tsx'
import { moment } from '#web/parts/moment.ts'
import { Section } from '#web/parts/page.tsx'
import { useActs } from '#web/parts/person-acts.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useCommand } from '#web/parts/use-command.ts'

const RELATION_WORDS = {
  spouse: 'relationSpouse',
  parent: 'relationParent',
  child: 'relationChild',
  other: 'relationOther',
} as const

type Props = { readonly file: EnrolmentFile }
type FamilyLink = EnrolmentFile['family'][number]

/** With whom the account is shared, where the person works, and other files of the same person. */
export function PersonFamily({ file }: Props) {
  return (
    <>
      <Family file={file} />
      <Work file={file} />
      <Merges file={file} />
    </>
  )
}

function PersonLink({ id, here }: { readonly id: string; readonly here: string }) {
  return id === here ? id : <Link to={`/persons/${encodeURIComponent(id)}`}>{id}</Link>
}

function Family({ file }: Props) {
  const { say } = useLanguage()
  const { may, ask, send } = useActs()
  const relations: ActField['options'] = Object.entries(RELATION_WORDS).map(([value, word]) => ({
    value,
    label: say(word),
  }))
  const end = ({ member, relation, from, until }: FamilyLink) =>
    ask({
      title: say('endFamilyLead', { member }),
      ok: say('endCover'),
      note: say('endFamilyNote'),
      danger: true,
      fields: [
        {
          name: 'until',
          label: say('lastDay'),
          kind: 'day',
          needed: true,
          value: until ?? undefined,
        },
      ],
      send: ({ until: last }) => send('family', { member, relation, from, until: last }),
    })
  return (
    <Section
      title={say('family')}
      note={say('familyNote')}
      actions={
        may && (
          <Button
            onClick={() =>
              ask({
                title: say('addFamily'),
                ok: say('addFamily'),
                fields: [
                  { name: 'member', label: say('familyMemberNumber'), kind: 'text', needed: true },
                  {
                    name: 'relation',
                    label: say('relation'),
                    kind: 'choice',
                    options: relations,
                    needed: true,
                  },
                  { name: 'from', label: say('coverFrom'), kind: 'day', needed: true },
                  { name: 'until', label: say('coverUntil'), kind: 'day' },
                ],
                send: (link) => send('family', link),
              })
            }
          >
            {say('addFamily')}…
          </Button>
        )
      }
    >
      <DataTable
        caption={say('family')}
        cards
        rows={file.family}
        rowKey={({ owner, member, from }) => `${owner} ${member} ${from}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'owner',
            title: say('familyOwner'),
            cell: ({ owner }) => <PersonLink id={owner} here={file.id} />,
          },
          {
            key: 'member',
            title: say('familyMember'),
            heading: true,
            cell: ({ member }) => <PersonLink id={member} here={file.id} />,
          },
          {
            key: 'relation',
            title: say('relation'),
            cell: ({ relation }) => say(RELATION_WORDS[relation]),
          },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  // The owner shares: only from the owner's file is a link ended.
                  cell: (each: FamilyLink) =>
                    each.owner === file.id ? (
                      <RowActs
                        of={`${say('family')} ${each.member}`}
                        acts={[{ word: 'endCover', start: () => end(each) }]}
                      />
                    ) : (
                      '—'
                    ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

function Work({ file }: Props) {
  const { say } = useLanguage()
  const rows = [
    ...file.roster.map(({ employer, employerName, from, until }) => ({
      key: `employer ${employer} ${from}`,
      where: <Link to={`/employers/${encodeURIComponent(employer)}`}>{employerName}</Link>,
      as: say('onRoster'),
      from,
      until,
    })),
    ...file.sites.map(({ site, name, from, until }) => ({
      key: `site ${site} ${from}`,
      where: <Link to={`/sites/${encodeURIComponent(site)}`}>{name}</Link>,
      as: say('onSite'),
      from,
      until,
    })),
  ]
  return (
    <Section title={say('work')}>
      <DataTable
        caption={say('work')}
        cards
        rows={rows}
        rowKey={({ key }) => key}
        empty={say('nothingYet')}
        columns={[
          { key: 'where', title: say('worksFor'), heading: true, cell: ({ where }) => where },
          { key: 'as', title: say('kind'), cell: ({ as }) => as },
          { key: 'from', title: say('coverFrom'), cell: ({ from }) => from },
          { key: 'until', title: say('coverUntil'), cell: ({ until }) => until ?? '—' },
        ]}
      />
    </Section>
  )
}

function Merges({ file }: Props) {
  const { say } = useLanguage()
  const { may, ask, refresh } = useActs()
  const [merging, setMerging] = useState(false)
  const undo = useCommand(api.undoMerge, refresh)
  return (
    <Section
      title={say('merges')}
      note={say('mergesNote')}
      actions={may && <Button onClick={() => setMerging(true)}>{say('mergeFiles')}…</Button>}
    >
      <DataTable
        caption={say('merges')}
        cards
        rows={file.merges}
        rowKey={({ id }) => id}
        empty={say('noMerges')}
        columns={[
          {
            key: 'from',
            title: say('mergedFile'),
            heading: true,
            cell: ({ from }) => <PersonLink id={from} here={file.id} />,
          },
          {
            key: 'into',
            title: say('keptFile'),
            cell: ({ into }) => <PersonLink id={into} here={file.id} />,
          },
          { key: 'at', title: say('moment'), cell: ({ at }) => moment(at) },
          { key: 'user', title: say('user'), cell: ({ user }) => user },
          { key: 'reason', title: say('changeReason'), cell: ({ reason }) => reason },
          {
            key: 'state',
            title: say('state'),
            cell: ({ id, undoneBy }) =>
              undoneBy !== null ? (
                say('mergeUndoneBy', { user: undoneBy })
              ) : may ? (
                <Button
                  size="small"
                  onClick={() =>
                    ask({
                      title: say('undoMerge'),
                      ok: say('undoMerge'),
                      note: say('undoMergeNote'),
                      danger: true,
                      fields: [
                        {
                          name: 'reason',
                          label: say('changeReason'),
                          kind: 'text',
                          needed: true,
                        },
                      ],
                      send: ({ reason }) => undo.mutateAsync({ merge: id, reason: String(reason) }),
                    })
                  }
                >
                  {say('undoMerge')}…
                </Button>
              ) : (
                say('mergeStands')
              ),
          },
        ]}
      />
      {merging && <MergeFiles file={file} onClose={() => setMerging(false)} />}
    </Section>
  )
}
