import { Link } from 'react-router'
import type { AttributeView, EntryView, RuleView } from '#web/api.ts'
import { GradeTag } from '#web/parts/badges.tsx'
import { Address } from '#web/parts/citations.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { RuleValue } from '#web/parts/rule-value.tsx'

/** One rule through time: each value, from when it holds, and where it stands written. */
export function RuleTimeline({
  rule,
  vocabulary,
}: {
  readonly rule: RuleView
  readonly vocabulary: readonly AttributeView[]
}) {
  const { lang, say } = useLanguage()
  return (
    <div className="rule" id={rule.rule}>
      <h3>
        {rule.label[lang]} <code className="quiet">{rule.rule.split('#')[1]}</code>
      </h3>
      <DataTable
        caption={rule.label[lang]}
        cards
        rows={rule.entries}
        rowKey={({ from }) => from}
        columns={[
          {
            key: 'from',
            title: say('holdsFrom'),
            heading: true,
            cell: (entry) => <Since entry={entry} />,
          },
          {
            key: 'value',
            title: say('value'),
            cell: ({ value }) => <RuleValue value={value} vocabulary={vocabulary} />,
          },
          { key: 'source', title: say('source'), cell: (entry) => <SourceCell entry={entry} /> },
        ]}
      />
    </div>
  )
}

export function Since({ entry }: { readonly entry: EntryView }) {
  const { say } = useLanguage()
  const { from, observed } = entry
  if (from !== 'unknown') return <span className="nowrap">{from}</span>
  return (
    <span>
      {say('notStated')}
      <span className="quiet block">{say('seenOn', { date: observed ?? '?' })}</span>
    </span>
  )
}

export function SourceCell({ entry }: { readonly entry: EntryView }) {
  const { source, article, file, line } = entry
  return (
    <div className="source-cell">
      <div>
        {source.title}
        {article && <strong> {article}</strong>}
      </div>
      <div>
        <GradeTag grade={source.grade} /> <Address address={source.address} />
      </div>
      <code className="quiet">
        {file}:{line}
      </code>
    </div>
  )
}

export const schemeAddress = (scheme: string): string => `/schemes/${scheme}`

export function SchemeLink({ scheme, title }: { readonly scheme: string; readonly title: string }) {
  return <Link to={schemeAddress(scheme)}>{title}</Link>
}
