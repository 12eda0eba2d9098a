import { emergencyAction } from '#web/parts/emergency-words.ts'
import { useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

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

const ACTIONS: Readonly<Record<string, WordKey>> = {
  'read person': 'didRead',
  'list persons': 'didList',
  'find person': 'didFind',
  'read eligibility': 'didReadEligibility',
  register: 'didRegister',
  identify: 'didIdentify',
  enrol: 'didEnrol',
  end: 'didEnd',
  'change-class': 'didChangeClass',
  withdraw: 'didWithdraw',
  status: 'didStatus',
  repair: 'didRepair',
  declare: 'didDeclare',
  'search-history': 'didSearchHistory',
  decide: 'didDecide',
  death: 'didDeath',
  site: 'didSite',
  'reveal person': 'didReveal',
  'withdraw-status': 'didWithdrawStatus',
  'withdraw-repair': 'didWithdrawRepair',
  registration: 'didRegistration',
  'withdraw-registration': 'didWithdrawRegistration',
  certificate: 'didCertificate',
  'withdraw-certificate': 'didWithdrawCertificate',
  premium: 'didPremium',
  import: 'didImport',
  'cancel import': 'importCancel',
  family: 'didFamily',
  merge: 'didMerge',
  'undo merge': 'didUndoMerge',
  'account use': 'didAccountUse',
  trial: 'didTry',
  'trial relief': 'didTryRelief',
  settle: 'didSettle',
  reverse: 'didReverse',
  'read settlement': 'didReadSettlement',
  'print slip': 'didPrint',
  'add bills': 'didAddBills',
  'receive import': 'didReceiveImport',
  'check import': 'didCheckImport',
  'good import': 'didImport',
  'all import': 'didImport',
  'read import': 'didReadImport',
  'read roster': 'didReadRoster',
  roster: 'didRoster',
  'add employer': 'didEmployer',
  'add site': 'didAddSite',
  'add institution': 'didInstitution',
  'institution level': 'didLevel',
  'institution agreement': 'didAgreement',
  'add draft': 'didAddDraft',
  'change draft': 'didChangeDraft',
  'compare draft': 'didCompareDraft',
  publish: 'didPublish',
  'import catalogue': 'didImportCatalogue',
  'publish catalogue': 'didPublishCatalogue',
  login: 'didSignIn',
  'change password': 'didChangePassword',
  'add user': 'didAddUser',
  'reset password': 'didResetPassword',
  'read access log': 'didReadLog',
  'rotate keys': 'didRotateKeys',
}

/** What the access log calls an action, in the language of the page; an action without a word keeps its name. */
export function useAction(): (action: string) => string {
  const { say } = useLanguage()
  const said = (action: string): string => {
    const emergency = emergencyAction(action, say, said)
    if (emergency) return emergency
    const moved = Object.entries(ACCOUNT_KINDS).find(([kind]) => action === `account ${kind}`)
    if (moved) return `${say('account')}${say('colon')}${say(moved[1])}`
    if (action.startsWith('refused ')) return say('didRefused')
    const word = ACTIONS[action]
    return word ? say(word) : action
  }
  return said
}
