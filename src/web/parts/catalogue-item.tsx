import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { KINDS } from '#domains/catalogue/types.ts'
import { api, type CatalogueHistory } from '#web/api.ts'
import { GradeTag } from '#web/parts/badges.tsx'
import { nameOfPlace, type Places } from '#web/parts/catalogue-place.tsx'
import { shareText } from '#web/parts/catalogue-search.tsx'
import { Address, Citations } from '#web/parts/citations.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** One item: what holds on the day, and everything that was ever said of it, by whom. */
export function CatalogueItem({
  code,
  places,
}: {
  readonly code: string
  readonly places: Places
}) {
  const { lang, say } = useLanguage()
  const [query] = useSearchParams()
  const place = query.get('place') ?? ''
  const on = query.get('on') ?? ''
  const item = useQuery({
    queryKey: ['catalogue item', code, place, on],
    queryFn: () => api.catalogueItem({ code, place, on }),
  })
  const back = new URLSearchParams([...query].filter(([name]) => name !== 'code'))
  const where = (folder: string) => nameOfPlace(folder, places, lang, say)
  return (
    <>
      <p>
        <Link to={`/catalogue?${back.toString()}`}>← {say('backToCatalogue')}</Link>
      </p>
      <Await query={item}>
        {({ row, citations, history, on: day }) => (
          <>
            <Section
              title={`${row.name ?? history.at(-1)?.entry.name ?? code} · ${code}`}
              note={say('catalogueAsOf', { place: where(place), day })}
            >
              {row.inForce ? (
                <dl className="facts">
                  <div>
                    <dt>{say('itemKind')}</dt>
                    <dd>{KINDS[row.kind][lang]}</dd>
                  </div>
                  <div>
                    <dt>{say('itemClass')}</dt>
                    <dd>{row.class}</dd>
                  </div>
                  <div>
                    <dt>{say('upfrontShareOf')}</dt>
                    <dd>{shareText(row.upfrontShare)}</dd>
                  </div>
                  <div>
                    <dt>{say('limitPriceOf')}</dt>
                    <dd>{row.limitPrice === undefined ? '—' : money(row.limitPrice)}</dd>
                  </div>
                  <div>
                    <dt>{say('limitedTo')}</dt>
                    <dd>{row.limit ?? '—'}</dd>
                  </div>
                </dl>
              ) : (
                <p role="status">
                  {say('itemNotInForce')}
                  {row.next && ` · ${say('inForceFrom', { date: row.next })}`}
                </p>
              )}
              <Citations citations={citations} />
            </Section>
            <Section title={say('itemHistory')} note={say('itemHistoryNote')}>
              <DataTable
                cards
                caption={say('itemHistory')}
                rows={history}
                rowKey={({ entry, addedIn }) => `${entry.place} ${entry.from} ${addedIn}`}
                columns={[
                  {
                    key: 'from',
                    title: say('itemFrom'),
                    heading: true,
                    cell: ({ entry: { from, until } }) =>
                      until ? `${from} – ${until}` : say('inForceFrom', { date: from }),
                  },
                  {
                    key: 'place',
                    title: say('placeOfCatalogue'),
                    cell: ({ entry }) => where(entry.place),
                  },
                  {
                    key: 'class',
                    title: say('itemClass'),
                    cell: ({ entry }) => entry.class ?? '—',
                  },
                  {
                    key: 'share',
                    title: say('upfrontShareOf'),
                    numeric: true,
                    cell: ({ entry }) => shareText(entry.upfrontShare),
                  },
                  {
                    key: 'price',
                    title: say('limitPriceOf'),
                    numeric: true,
                    cell: ({ entry }) =>
                      entry.limitPrice === undefined ? '—' : money(entry.limitPrice),
                  },
                  {
                    key: 'version',
                    title: say('itemVersions'),
                    cell: ({ addedIn, removedIn }) =>
                      removedIn === null
                        ? say('sinceVersion', { n: addedIn })
                        : say('untilVersion', { n: addedIn, m: removedIn }),
                  },
                  {
                    key: 'source',
                    title: say('itemSource'),
                    cell: ({ entry }) => <SourceOf entry={entry} />,
                  },
                ]}
              />
            </Section>
          </>
        )}
      </Await>
    </>
  )
}

function SourceOf({ entry }: { readonly entry: CatalogueHistory['entry'] }) {
  const { source, article } = entry
  return (
    <>
      {source.title} {article && <strong>{article}</strong>} <Address address={source.address} />{' '}
      <GradeTag grade={source.grade} />
    </>
  )
}
