import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { Referrals } from '#web/parts/referrals.tsx'

/** Every referral that whoever looks may see: the office's, or those from and to a hospital. */
export default function ReferralsPage() {
  const { say } = useLanguage()
  return (
    <Page title={say('referralsPage')} lead={say('referralsLead')}>
      <Referrals />
    </Page>
  )
}
