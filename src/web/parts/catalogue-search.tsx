import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { CLASSES, KINDS, type Kind } from '#domains/catalogue/types.ts'
import { api, type CatalogueRow } from '#web/api.ts'
import { firstPlace, PlaceSelect, type Places } from '#web/parts/catalogue-place.tsx'
import { type Column, DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'

/** What to look for stands in the address, so that a search can be kept and sent. */
export function CatalogueSearch({ places }: { readonly places: Places }) {
  const { lang, say } = useLanguage()
  const [query, setQuery] = useSearchParams()
  const asked = {
    q: query.get('q') ?? '',
    place: query.get('place') ?? firstPlace(places),
    kind: query.get('kind') ?? '',
    class: query.get('class') ?? '',
    on: query.get('on') ?? '',
  }
  const set = (change: Partial<typeof asked>) =>
    setQuery(
      Object.fromEntries(
        Object.entries({ ...asked, ...change }).filter(
          ([name, value]) => value !== '' || name === 'place',
        ),
      ),
      { replace: true },
    )
  const still = useDebounced(asked.q)
  const found = useInfiniteQuery({
    queryKey: ['catalogue', still, asked.place, asked.kind, asked.class, asked.on],
    queryFn: ({ pageParam }) => api.catalogue({ ...asked, q: still, after: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const addressOf = (code: string) =>
    `/catalogue?${new URLSearchParams({ ...asked, code }).toString()}`
  return (
    <>
      <search className="filters">
        <label className="field" htmlFor="catalogue-words">
          <span>{say('catalogueWords')}</span>
          <Input
            id="catalogue-words"
            value={asked.q}
            maxLength={100}
            onChange={({ target }) => set({ q: target.value })}
          />
        </label>
        <PlaceSelect places={places} place={asked.place} onChange={(place) => set({ place })} />
        <label className="field">
          <span>{say('itemKind')}</span>
          <select value={asked.kind} onChange={({ target }) => set({ kind: target.value })}>
            <option value="">{say('anyOfThem')}</option>
            {(Object.entries(KINDS) as [Kind, { zh: string; en: string }][]).map(
              ([kind, title]) => (
                <option key={kind} value={kind}>
                  {title[lang]}
                </option>
              ),
            )}
          </select>
        </label>
        <label className="field">
          <span>{say('itemClass')}</span>
          <select value={asked.class} onChange={({ target }) => set({ class: target.value })}>
            <option value="">{say('anyOfThem')}</option>
            {CLASSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{say('catalogueDay')}</span>
          <input
            type="date"
            value={asked.on}
            onChange={({ target }) => set({ on: target.value })}
          />
        </label>
      </search>
      <Await query={found}>
        {({ pages }) => (
          <>
            <p role="status" className="quiet">
              {say('catalogueFound', {
                n: pages.reduce((sum, { rows }) => sum + rows.length, 0),
                day: pages[0]?.on ?? '',
              })}
            </p>
            <DataTable
              cards
              caption={say('catalogueItems')}
              columns={columnsOf(lang, say, addressOf)}
              rows={pages.flatMap(({ rows }) => rows)}
              rowKey={({ code }) => code}
              empty={say('catalogueNone')}
            />
            {found.hasNextPage && (
              <Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {say('showMore')}
              </Button>
            )}
          </>
        )}
      </Await>
    </>
  )
}

type Words = ReturnType<typeof useLanguage>

function columnsOf(
  lang: Words['lang'],
  say: Words['say'],
  addressOf: (code: string) => string,
): Column<CatalogueRow>[] {
  return [
    {
      key: 'name',
      title: say('itemName'),
      heading: true,
      cell: ({ code, name }) => <Link to={addressOf(code)}>{name ?? code}</Link>,
    },
    { key: 'code', title: say('itemCode'), cell: ({ code }) => <code>{code}</code> },
    { key: 'kind', title: say('itemKind'), cell: ({ kind }) => KINDS[kind][lang] },
    {
      key: 'class',
      title: say('itemClass'),
      cell: (row) => (row.inForce ? row.class : say('itemNotInForce')),
    },
    {
      key: 'share',
      title: say('upfrontShareOf'),
      numeric: true,
      cell: ({ upfrontShare }) => shareText(upfrontShare),
    },
    {
      key: 'price',
      title: say('limitPriceOf'),
      numeric: true,
      cell: ({ limitPrice, unit }) =>
        limitPrice === undefined ? '—' : `${money(limitPrice)}${unit ? ` / ${unit}` : ''}`,
    },
    { key: 'limit', title: say('limitedTo'), cell: ({ limit }) => limit ?? '—' },
  ]
}

/** Parts per million as a percentage. */
export const shareText = (ppm: number | undefined): string =>
  ppm === undefined ? '—' : `${ppm / 10_000}%`
