import { ownWordOf, wordsOfAction } from '#web/parts/action-words.ts'
import { emergencyAction } from '#web/parts/emergency-words.ts'
import { useLanguage } from '#web/parts/language.tsx'

/** What can happen to an account, as its entries and the access log call it. */
export const ACCOUNT_KINDS = {
  credit: 'accountCredit',
  use: 'accountUse',
  refund: 'accountRefund',
  share: 'accountShare',
  shared: 'accountShared',
  'transfer-in': 'accountTransferIn',
  'transfer-out': 'accountTransferOut',
  inherited: 'accountInherited',
  left: 'accountLeft',
  'paid-out': 'accountPaidOut',
} as const

/** What the access log calls an action, in the language of the page; an action without a word keeps its name. */
export function useAction(): (action: string) => string {
  const { lang, say } = useLanguage()
  const said = (action: string): string => {
    const emergency = emergencyAction(action, say, said)
    if (emergency) return emergency
    const moved = Object.entries(ACCOUNT_KINDS).find(([kind]) => action === `account ${kind}`)
    if (moved) return `${say('account')}${say('colon')}${say(moved[1])}`
    if (action.startsWith('refused ')) return say('didRefused')
    const own = ownWordOf(action)
    return own ? say(own) : (wordsOfAction(action, lang) ?? action)
  }
  return said
}
