import { useQuery } from '@tanstack/react-query'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { PrepaymentGauge, RegionPairs } from '#web/parts/region-pairs.tsx'
import { RegionPrepayments } from '#web/parts/region-prepayments.tsx'
import { RegionTerms } from '#web/parts/region-terms.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 异地清算: what regions of care paid first for our insured, what they hold in advance, and what was agreed. */
export default function RegionsPage() {
  const { say } = useLanguage()
  const pairs = useQuery({ queryKey: ['region pairs'], queryFn: api.regionPairs })
  return (
    <Page title={say('regionsPage')} lead={say('regionsLead')}>
      <Await query={pairs}>
        {({ pairs: rows }) => (
          <>
            <RegionPairs pairs={rows} />
            {rows.some(({ position }) => position.usedShare !== null) && (
              <PrepaymentGauge pairs={rows} />
            )}
          </>
        )}
      </Await>
      <RegionPrepayments />
      <RegionTerms />
    </Page>
  )
}
