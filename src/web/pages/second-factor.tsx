import { useQueryClient } from '@tanstack/react-query'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { SecondFactorSettings } from '#web/parts/second-factor.tsx'

/** The tenant asks a second factor of this role: until there is one, nothing else can be done. */
export default function SecondFactorPage() {
  const { say } = useLanguage()
  const client = useQueryClient()
  return (
    <Page title={say('secondFactor')} lead={say('factorForced')}>
      <SecondFactorSettings
        onSet={() => void client.invalidateQueries({ queryKey: ['session'] })}
      />
    </Page>
  )
}
