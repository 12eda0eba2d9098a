import { useQuery } from '@tanstack/react-query'
import { api } from '#web/api.ts'
import { nameOfPlace, type Places } from '#web/parts/catalogue-place.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Await } from '#web/parts/waiting.tsx'

/** Every version of every place's catalogue: who sent it, who published it, and when. */
export function CatalogueVersions({ places }: { readonly places: Places }) {
  const { lang, say } = useLanguage()
  const versions = useQuery({
    queryKey: ['catalogue versions'],
    queryFn: () => api.catalogueVersions(),
  })
  return (
    <Await query={versions}>
      {({ versions }) => (
        <DataTable
          cards
          caption={say('catalogueVersions')}
          rows={versions}
          rowKey={({ place, version }) => `${place} ${version}`}
          empty={say('catalogueNone')}
          columns={[
            {
              key: 'place',
              title: say('placeOfCatalogue'),
              heading: true,
              cell: ({ place }) => nameOfPlace(place, places, lang, say),
            },
            {
              key: 'version',
              title: say('itemVersions'),
              numeric: true,
              cell: ({ version }) => version,
            },
            {
              key: 'entries',
              title: say('catalogueEntries'),
              numeric: true,
              cell: ({ entries }) => entries,
            },
            { key: 'note', title: say('files'), cell: ({ note }) => note },
            { key: 'author', title: say('catalogueSentBy'), cell: ({ author }) => author },
            {
              key: 'publisher',
              title: say('cataloguePublishedBy'),
              cell: ({ publisher, publishedAt }) => `${publisher} · ${moment(publishedAt)}`,
            },
          ]}
        />
      )}
    </Await>
  )
}
