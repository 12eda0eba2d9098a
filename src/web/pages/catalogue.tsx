import { Tabs } from 'antd'
import { useSearchParams } from 'react-router'
import { CatalogueImport } from '#web/parts/catalogue-import.tsx'
import { CatalogueItem } from '#web/parts/catalogue-item.tsx'
import { CatalogueSearch } from '#web/parts/catalogue-search.tsx'
import { CatalogueVersions } from '#web/parts/catalogue-versions.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { PublicCodes } from '#web/parts/public-codes.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 目录: what an item is, in which place, on which day, and who says so. */
export default function CataloguePage() {
  const { say } = useLanguage()
  const book = useBook()
  const [query, setQuery] = useSearchParams()
  const tab = query.get('tab') ?? 'items'
  const code = query.get('code')
  const authors = useMay('catalogue draft')
  return (
    <Page title={say('cataloguePage')} lead={say('catalogueLead')}>
      <Await query={book}>
        {({ places }) => (
          <Tabs
            activeKey={tab}
            onChange={(key) => setQuery({ tab: key })}
            items={[
              {
                key: 'items',
                label: say('catalogueItems'),
                children: code ? (
                  <CatalogueItem code={code} places={places} />
                ) : (
                  <div className="paper">
                    <CatalogueSearch places={places} />
                  </div>
                ),
              },
              {
                key: 'codes',
                label: say('publicCodes'),
                children: (
                  <div className="paper">
                    <PublicCodes />
                  </div>
                ),
              },
              ...(authors
                ? [
                    {
                      key: 'import',
                      label: say('catalogueImport'),
                      children: <CatalogueImport places={places} />,
                    },
                  ]
                : []),
              {
                key: 'versions',
                label: say('catalogueVersions'),
                children: (
                  <div className="paper">
                    <CatalogueVersions places={places} />
                  </div>
                ),
              },
            ]}
          />
        )}
      </Await>
    </Page>
  )
}
