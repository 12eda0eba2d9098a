import { PAYERS } from '#domains/settlement/types.ts'
import type { Book, PlaceView, SchemeView, TierView } from '#web/api.ts'
import { GradeTag, TeachingTag } from '#web/parts/badges.tsx'
import { Address } from '#web/parts/citations.tsx'
import { PAYER_COLOURS } from '#web/parts/colours.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Say, useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { RuleTimeline } from '#web/parts/rule-timeline.tsx'
import { KIND_WORDS } from '#web/parts/scheme-kinds.ts'

/** One scheme: its tiers in the order in which a bill meets them, and the documents behind them. */
export function SchemeSheet({
  scheme,
  book,
}: {
  readonly scheme: SchemeView
  readonly book: Book
}) {
  const { lang, say } = useLanguage()
  const place = book.places.find(({ folder }) => folder === scheme.place)
  const benefits = scheme.benefits.flatMap(
    (id) => book.benefits.find((benefit) => benefit.id === id) ?? [],
  )
  const reliefs = scheme.reliefs.flatMap(
    (id) => book.reliefs.find((relief) => relief.id === id) ?? [],
  )
  return (
    <>
      <header className="sheet-head">
        <h2>{scheme.title[lang]}</h2>
        <p>
          {say(KIND_WORDS[scheme.kind])} · {place?.title[lang]} · <code>{scheme.id}</code>{' '}
          {scheme.teaching && <TeachingTag />}
        </p>
      </header>
      <Section title={say('tiersInOrder')} note={say('tiersInOrderNote')}>
        <ol className="tiers">
          {scheme.tiers.map((step, i) => {
            if (typeof step !== 'string')
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: the order of tiers is the data
                <li key={i} className="tier-gap">
                  {say('gapFor', {
                    kind: say(KIND_WORDS[step.covers as keyof typeof KIND_WORDS]),
                  })}
                </li>
              )
            const tier = book.tiers.find(({ id }) => id === step)
            return <li key={step}>{tier ? <TierCard tier={tier} book={book} /> : step}</li>
          })}
        </ol>
      </Section>
      {reliefs.length > 0 && (
        <Section title={say('reliefs')}>
          <ol className="tiers">
            {reliefs.map((relief) => (
              <li key={relief.id}>
                <TierCard tier={relief} book={book} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {benefits.length > 0 && (
        <Section title={say('benefits')} note={say('benefitNote')}>
          <ol className="tiers">
            {benefits.map((benefit) => (
              <li key={benefit.id}>
                <TierCard tier={benefit} book={book} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {place && place.indexes.length > 0 && (
        <Section title={say('publishedIndexes')} note={say('publishedIndexesNote')}>
          {place.indexes.map(({ title, rule, entries }) => (
            <RuleTimeline
              key={rule}
              rule={{ rule, entries, label: title }}
              vocabulary={book.vocabulary}
            />
          ))}
        </Section>
      )}
      {place && <Sources place={place} />}
    </>
  )
}

function TierCard({ tier, book }: { readonly tier: TierView; readonly book: Book }) {
  const { lang, say } = useLanguage()
  const { title, payer, rules, governing, period, id } = tier
  return (
    <details className="tier-card">
      <summary>
        <span className="dot" style={{ background: PAYER_COLOURS[payer] }} aria-hidden="true" />
        <strong>{title[lang]}</strong> <span className="quiet">{PAYERS[payer][lang]}</span>
      </summary>
      <p className="quiet">
        {say('governedBy', { date: say(GOVERNING[governing]) })} · {periodWords(period, say)} ·{' '}
        <code>{id}</code>
      </p>
      {rules.map((rule) => (
        <RuleTimeline key={rule.rule} rule={rule} vocabulary={book.vocabulary} />
      ))}
    </details>
  )
}

const GOVERNING = {
  admitted: 'admitted',
  discharged: 'discharged',
  settled: 'settledOn',
} as const

function periodWords({ kind, starts }: TierView['period'], say: Say): string {
  if (kind === 'lifetime') return say('periodLifetime')
  if (kind === 'policy-year') return say('periodPolicyYear')
  return starts === undefined || starts === '01-01'
    ? say('periodCalendarYear')
    : say('periodYearFrom', { starts })
}

function Sources({ place }: { readonly place: PlaceView }) {
  const { say } = useLanguage()
  return (
    <Section title={say('sources')} note={say('sourcesNote')}>
      <DataTable
        caption={say('sources')}
        cards
        rows={place.sources}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'title',
            title: say('document'),
            heading: true,
            cell: ({ title, note }) => (
              <>
                {title}
                {note && <span className="quiet block">{note}</span>}
              </>
            ),
          },
          { key: 'grade', title: say('grade'), cell: ({ grade }) => <GradeTag grade={grade} /> },
          {
            key: 'address',
            title: say('address'),
            cell: ({ address }) => <Address address={address} />,
          },
        ]}
      />
    </Section>
  )
}
