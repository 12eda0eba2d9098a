import { useQuery } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import { useId, useState } from 'react'
import { api, type EnrolmentFile } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { useActs } from '#web/parts/person-acts.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useBook, useSchemeTitle } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await, Working } from '#web/parts/waiting.tsx'

/** Two files side by side before they become one: what differs is marked, and the other file is merged into this one. */
export function MergeFiles({
  file,
  onClose,
}: {
  readonly file: EnrolmentFile
  readonly onClose: () => void
}) {
  const { say } = useLanguage()
  const ids = useId()
  const { refresh } = useActs()
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState<string>()
  const [reason, setReason] = useState('')
  const other = useQuery({
    queryKey: ['enrolment', asked],
    queryFn: () => api.enrolmentFile(asked ?? ''),
    enabled: asked !== undefined,
  })
  const merge = useCommand(api.merge, async () => {
    await refresh()
    onClose()
  })
  return (
    <Modal
      open
      width={860}
      title={say('mergeFiles')}
      okText={say('mergeNow')}
      cancelText={say('cancel')}
      okButtonProps={{
        danger: true,
        disabled: !other.data || reason.trim() === '' || merge.isPending,
      }}
      onCancel={onClose}
      onOk={() => merge.mutate({ from: asked ?? '', into: file.id, reason: reason.trim() })}
    >
      <p className="quiet act-note">{say('mergeExplains', { into: file.id })}</p>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim()) setAsked(typed.trim())
        }}
      >
        <label htmlFor={`${ids}-other`}>{say('otherFile')}</label>
        <Input
          id={`${ids}-other`}
          value={typed}
          autoComplete="off"
          maxLength={200}
          onChange={({ target }) => setTyped(target.value)}
        />
        <Button htmlType="submit">{say('compareFiles')}</Button>
      </form>
      {asked !== undefined && (
        <Await query={other}>
          {(data) => (
            <>
              <Comparison kept={file} other={data} />
              <label htmlFor={`${ids}-reason`}>{say('changeReason')}</label>
              <Input
                id={`${ids}-reason`}
                value={reason}
                maxLength={500}
                onChange={({ target }) => setReason(target.value)}
              />
            </>
          )}
        </Await>
      )}
      {merge.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={merge.error} />
    </Modal>
  )
}

function Comparison({
  kept,
  other,
}: {
  readonly kept: EnrolmentFile
  readonly other: EnrolmentFile
}) {
  const { say } = useLanguage()
  const book = useBook()
  const title = useSchemeTitle(book.data)
  const [left, right] = [factsOf(kept, say, title), factsOf(other, say, title)]
  const rows = left.map(([name, ours], i) => {
    const theirs = right[i]?.[1] ?? []
    return { name, ours, theirs, differs: ours.join('\n') !== theirs.join('\n') }
  })
  return (
    <DataTable
      caption={say('comparison')}
      cards
      rows={rows}
      rowKey={({ name }) => name}
      rowClass={({ differs }) => (differs ? 'differs' : undefined)}
      columns={[
        { key: 'name', title: say('comparedFact'), heading: true, cell: ({ name }) => name },
        {
          key: 'kept',
          title: say('keptFileOf', { id: kept.id }),
          cell: ({ ours }) => <Lines of={ours} />,
        },
        {
          key: 'other',
          title: say('mergedFileOf', { id: other.id }),
          cell: ({ theirs }) => <Lines of={theirs} />,
        },
        {
          key: 'same',
          title: say('comparisonResult'),
          cell: ({ differs }) => say(differs ? 'factsDiffer' : 'factsSame'),
        },
      ]}
    />
  )
}

function Lines({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return '—'
  return of.map((line) => (
    <span key={line} className="block">
      {line}
    </span>
  ))
}

function factsOf(
  file: EnrolmentFile,
  say: Say,
  title: (scheme: string) => string,
): (readonly [name: string, lines: readonly string[]])[] {
  const days = ({ from, until }: { readonly from: string; readonly until: string | null }) =>
    `${from} – ${until ?? say('goesOn')}`
  const one = (text: string | null | undefined) => (text ? [text] : [])
  return [
    [say('personName'), one(file.name)],
    [say('idNumber'), one(file.idNumber)],
    [say('sex'), one(file.sex && say(file.sex))],
    [say('born'), one(file.born)],
    [say('died'), one(file.died)],
    [say('covers'), file.memberships.map((each) => `${title(each.scheme)} ${days(each)}`)],
    [say('statuses'), file.statuses.map((each) => `${each.value} ${days(each)}`)],
    [say('conditions'), file.conditions.map(({ disease, since }) => `${disease} ${since}`)],
    [say('premiums'), file.premiums.map(({ scheme, from }) => `${title(scheme)} ${from}`)],
    [
      say('accountPersonal'),
      one(file.accounts.personal === null ? null : money(file.accounts.personal)),
    ],
  ]
}
