import type { Book, EnrolmentFile } from '#web/api.ts'
import { useAction } from '#web/parts/access-actions.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Section } from '#web/parts/page.tsx'
import { useSchemeTitle } from '#web/parts/use-book.ts'

/** What was changed, by whom and why, and who looked: both newest first, and neither can be altered. */
export function PersonHistory({
  file,
  book,
}: {
  readonly file: EnrolmentFile
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const title = useSchemeTitle(book)
  const deedOf = useAction()
  return (
    <>
      <Section title={say('changesMade')} note={say('changesMadeNote')}>
        <DataTable
          caption={say('changesMade')}
          cards
          rows={file.changes}
          rowKey={({ at, change }, i) => `${at} ${change} ${i}`}
          empty={say('nothingYet')}
          columns={[
            { key: 'at', title: say('moment'), heading: true, cell: ({ at }) => moment(at) },
            { key: 'change', title: say('action'), cell: ({ change }) => deedOf(change) },
            {
              key: 'facts',
              title: say('value'),
              cell: ({ facts }) => summary(facts, title) || '—',
            },
            { key: 'reason', title: say('changeReason'), cell: ({ reason }) => reason ?? '—' },
            { key: 'user', title: say('user'), cell: ({ user }) => user },
          ]}
        />
      </Section>
      <Section title={say('whoLooked')} note={say('whoLookedNote')}>
        <DataTable
          caption={say('whoLooked')}
          cards
          rows={file.looked}
          rowKey={({ at, action }, i) => `${at} ${action} ${i}`}
          columns={[
            { key: 'at', title: say('moment'), heading: true, cell: ({ at }) => moment(at) },
            { key: 'user', title: say('user'), cell: ({ user }) => user },
            { key: 'action', title: say('action'), cell: ({ action }) => deedOf(action) },
            { key: 'purpose', title: say('purpose'), cell: ({ purpose }) => purpose ?? '—' },
          ]}
        />
      </Section>
    </>
  )
}

/** The facts of a change in one line: what is nested stands beside the rest, amounts as yuan. */
function summary(
  facts: Readonly<Record<string, unknown>>,
  title: (scheme: string) => string,
): string {
  return Object.entries(facts)
    .flatMap(([name, value]): string[] => {
      if (value === null || value === undefined || value === '' || name === 'merge') return []
      if (Array.isArray(value)) return value.flatMap((each) => nested(each, title))
      if (typeof value === 'object') return nested(value, title)
      if (typeof value === 'number')
        return [name === 'amount' || name === 'due' ? money(value) : String(value)]
      return [name === 'scheme' ? title(String(value)) : String(value)]
    })
    .join(' · ')
}

const nested = (value: unknown, title: (scheme: string) => string): string[] => {
  if (typeof value !== 'object' || value === null) return [String(value)]
  const text = summary(value as Readonly<Record<string, unknown>>, title)
  return text ? [text] : []
}
