import { Tabs } from 'antd'
import { useNavigate, useParams } from 'react-router'
import type { Book } from '#web/api.ts'
import { Changes } from '#web/parts/changes.tsx'
import { Findings } from '#web/parts/findings.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { PlaceTree } from '#web/parts/place-tree.tsx'
import { SchemeSheet } from '#web/parts/scheme-sheet.tsx'
import { Side } from '#web/parts/side.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 方案: every place, every tier, every value with its day and its source. */
export default function SchemesPage() {
  const { say } = useLanguage()
  const book = useBook()
  return (
    <Page title={say('schemesPage')} lead={say('schemesLead')}>
      <Await query={book}>{(data) => <Browser book={data} />}</Await>
    </Page>
  )
}

function Browser({ book }: { readonly book: Book }) {
  const { say } = useLanguage()
  const { '*': id = '' } = useParams()
  const go = useNavigate()
  const chosen = book.schemes.find((scheme) => scheme.id === id)
  return (
    <div className="workbench">
      <Side label={say('places')} chosen={chosen?.id}>
        <PlaceTree
          book={book}
          chosen={chosen?.id}
          onChoose={(scheme) => void go(`/schemes/${scheme}`)}
        />
      </Side>
      <div className="workbench-main">
        {chosen ? (
          <Tabs
            key={chosen.id}
            items={[
              {
                key: 'tiers',
                label: say('tiersAndRules'),
                children: <SchemeSheet scheme={chosen} book={book} />,
              },
              {
                key: 'changes',
                label: say('whatChanged'),
                children: <Changes scheme={chosen.id} book={book} />,
              },
              {
                key: 'findings',
                label: say('lintFindings'),
                children: <Findings folder={chosen.place} />,
              },
            ]}
          />
        ) : (
          <>
            {id !== '' && <p role="alert">{say('noSuchScheme', { id })}</p>}
            <p className="empty">{say('chooseScheme')}</p>
          </>
        )}
      </div>
    </div>
  )
}
