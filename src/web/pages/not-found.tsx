import { Link } from 'react-router'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'

export default function NotFoundPage() {
  const { say } = useLanguage()
  return (
    <Page title={say('notFoundPage')} lead={say('notFoundLead')}>
      <p>
        <Link to="/about">{say('aboutPage')}</Link>
      </p>
    </Page>
  )
}
