import { Button } from 'antd'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'

/** What is shown where a page itself fails: that is a bug, and reloading is the way on. */
export function Crash() {
  const { say } = useLanguage()
  return (
    <main id="main">
      <Page title={say('crashTitle')} lead={say('crashLead')}>
        <Button type="primary" onClick={() => location.reload()}>
          {say('reload')}
        </Button>
      </Page>
    </main>
  )
}
