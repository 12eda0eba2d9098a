import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import { useId, useState } from 'react'
import { api, type Book, type EntryView } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { SourceCell } from '#web/parts/rule-timeline.tsx'
import { RuleValue } from '#web/parts/rule-value.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** What a scheme says on one day that it did not say on another. */
export function Changes({ scheme, book }: { readonly scheme: string; readonly book: Book }) {
  const { lang, say } = useLanguage()
  const ids = useId()
  const [from, setFrom] = useState('2024-06-30')
  const [to, setTo] = useState('2025-12-31')
  const ready = isDay(from) && isDay(to) && from <= to
  const changes = useQuery({
    queryKey: ['changes', from, to, scheme],
    queryFn: () => api.changes(from, to, scheme),
    enabled: ready,
  })
  const titleOf = (rule: string) => {
    const [owner = ''] = rule.split('#')
    const part = [...book.tiers, ...book.benefits].find(({ id }) => id === owner)
    const label = part?.rules.find((each) => each.rule === rule)?.label
    return { tier: part?.title[lang] ?? owner, label: label?.[lang] ?? rule }
  }
  const side = (entry: EntryView | null) =>
    entry ? (
      <>
        <RuleValue value={entry.value} vocabulary={book.vocabulary} />
        <span className="quiet block">
          {entry.from === 'unknown'
            ? say('undatedSeen', { date: entry.observed ?? '?' })
            : say('inForceFrom', { date: entry.from })}
        </span>
      </>
    ) : (
      <span className="quiet">{say('noRuleYet')}</span>
    )
  return (
    <Section title={say('whatChanged')} note={say('whatChangedNote')}>
      <div className="form-grid dates">
        <div>
          <label htmlFor={`${ids}-from`}>{say('fromDay')}</label>
          <Input
            id={`${ids}-from`}
            type="date"
            value={from}
            onChange={({ target }) => setFrom(target.value)}
          />
        </div>
        <div>
          <label htmlFor={`${ids}-to`}>{say('toDay')}</label>
          <Input
            id={`${ids}-to`}
            type="date"
            value={to}
            onChange={({ target }) => setTo(target.value)}
          />
        </div>
      </div>
      {!ready ? (
        <p role="alert" className="field-fault">
          {say('datesOrder')}
        </p>
      ) : (
        <Await query={changes}>
          {(data) => (
            <DataTable
              caption={say('whatChanged')}
              cards
              rows={data.changes}
              rowKey={({ tier, rule }) => `${tier} ${rule}`}
              empty={say('nothingChanged')}
              columns={[
                {
                  key: 'rule',
                  title: say('rule'),
                  heading: true,
                  cell: ({ rule }) => {
                    const { tier, label } = titleOf(rule)
                    return (
                      <>
                        {tier}
                        <span className="block">{label}</span>
                      </>
                    )
                  },
                },
                { key: 'before', title: from, cell: ({ before }) => side(before) },
                { key: 'after', title: to, cell: ({ after }) => side(after) },
                {
                  key: 'source',
                  title: say('source'),
                  cell: ({ after, before }) => {
                    const entry = after ?? before
                    return entry && <SourceCell entry={entry} />
                  },
                },
              ]}
            />
          )}
        </Await>
      )}
    </Section>
  )
}

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)
