import { CASE_ACTS, type CaseAct } from '#domains/casework/types.ts'
import type { Language } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

type Words = Readonly<Record<Language, string>>
const t = (zh: string, en: string): Words => ({ zh, en })

/** What somebody does, by the first word of what the access log calls it. */
const VERBS: Readonly<Record<string, Words>> = {
  accept: t('受理', 'Accepted'),
  acknowledge: t('签认', 'Acknowledged'),
  add: t('登记', 'Added'),
  again: t('重新运行', 'Ran again'),
  assign: t('指派', 'Assigned'),
  cancel: t('取消', 'Cancelled'),
  change: t('更改', 'Changed'),
  close: t('关闭', 'Closed'),
  confirm: t('确认', 'Confirmed'),
  confirmed: t('确认', 'Confirmed'),
  create: t('新建', 'Created'),
  copy: t('复制', 'Copied'),
  decide: t('处理', 'Decided'),
  delete: t('删除', 'Deleted'),
  disable: t('停用', 'Disabled'),
  download: t('下载', 'Downloaded'),
  draft: t('起草', 'Drafted'),
  enable: t('启用', 'Enabled'),
  end: t('结束', 'Ended'),
  enter: t('登记', 'Entered'),
  export: t('导出', 'Exported'),
  leave: t('移出', 'Left out'),
  link: t('绑定', 'Linked'),
  list: t('查看', 'Listed'),
  make: t('生成', 'Made'),
  open: t('开始', 'Opened'),
  print: t('打印', 'Printed'),
  propose: t('提出', 'Proposed'),
  read: t('查阅', 'Read'),
  reconcile: t('核对', 'Reconciled'),
  record: t('登记', 'Recorded'),
  release: t('放行', 'Released'),
  remove: t('移除', 'Took out'),
  rename: t('改名', 'Renamed'),
  renew: t('更换', 'Renewed'),
  reset: t('重置', 'Reset'),
  restore: t('退还', 'Gave back'),
  rework: t('退回', 'Sent back'),
  run: t('运行', 'Ran'),
  save: t('保存', 'Saved'),
  send: t('登记送盘', 'Recorded as sent'),
  set: t('设置', 'Set'),
  share: t('共享', 'Shared'),
  start: t('开始', 'Started'),
  stop: t('停止', 'Stopped'),
  submit: t('提交', 'Submitted'),
  trial: t('试算', 'Tried'),
  unlock: t('解锁', 'Unlocked'),
  unshare: t('不再共享', 'No longer shared'),
  withdraw: t('撤回', 'Withdrew'),
  withdrawn: t('撤回', 'Withdrew'),
}

/** What it is done to, by the rest. */
const NOUNS: Readonly<Record<string, Words>> = {
  access: t('权限', 'a role and its scope'),
  adjustments: t('补付与追回', 'supplements and recoveries'),
  bill: t('账单', 'a bill'),
  bills: t('账单列表', 'bills'),
  case: t('案件', 'a case'),
  'case notice': t('核定通知书', 'the notice of a decision'),
  'case document': t('案件材料', 'a document of a case'),
  'case limit': t('案件限额', 'a limit of cases'),
  cases: t('案件列表', 'cases'),
  'coinsurance month': t('共保月结', 'a month of co-insurance'),
  'coinsurance receipt': t('共保款', 'money of a co-insurer'),
  'coinsurance statement': t('共保对账单', 'a statement of co-insurance'),
  contract: t('承办合同', 'a contract'),
  'contract proof': t('合同年度重放', 'a replay of a contract’s year'),
  'contract proof again': t('合同年度重放（再次）', 'a replay of a contract’s year again'),
  'contract year': t('合同年度', 'a contract’s year'),
  correction: t('更正', 'a correction'),
  deduction: t('扣款', 'a deduction'),
  'emergency access': t('紧急访问', 'emergency access'),
  figures: t('统计数', 'figures'),
  month: t('机构月结', 'a month of an institution'),
  'month terms': t('结算约定', 'terms of months'),
  'own sessions': t('自己的登录', 'own sessions'),
  panel: t('共保体', 'a panel'),
  payment: t('付款指令', 'an order'),
  'payment accounts': t('收付款账户', 'bank accounts'),
  'payment batch': t('付款批次', 'a payment batch'),
  'payment break': t('对账差异', 'a break'),
  'payment failure': t('付款失败', 'that a payment failed'),
  'payment file': t('付款文件', 'a payment file'),
  'payment out': t('付款', 'a payment'),
  payments: t('付款', 'payments'),
  'person as known': t('当时所知的档案', 'a file as it was known'),
  postings: t('分录', 'postings'),
  'recovery codes': t('恢复码', 'recovery codes'),
  'replay run': t('批量重算', 'a run of replays'),
  reserve: t('准备金', 'a reserve'),
  reversal: t('撤销', 'a reversal'),
  scenario: t('情景', 'a scenario'),
  'second factor': t('两步验证', 'a second factor'),
  'second factor roles': t('须两步验证的角色', 'which roles bring a second factor'),
  sessions: t('登录', 'sessions'),
  site: t('工地', 'a site'),
  statement: t('重算说明', 'a statement'),
  statements: t('重算说明列表', 'statements'),
  'trial balance': t('试算平衡表', 'the trial balance'),
  triangle: t('赔付三角形', 'a triangle'),
  user: t('用户', 'a user'),
  'year end': t('年终清算', 'the end of a year'),
}

/** Those that have a word of their own among the page's. */
const OWN: Readonly<Record<string, WordKey>> = {
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

/** Those that are no verb with a noun. */
const WHOLE: Readonly<Record<string, Words>> = {
  clear: t('清算', 'Cleared'),
  correct: t('更正账单', 'Corrected a bill'),
  'payment account': t('登记账户', 'Gave an account'),
  'payment answers': t('导入回盘', 'Took a bank’s answers in'),
  'reserve history': t('导入赔付历史', 'Brought in claims of before'),
  'adjustment confirmed': t('确认追回', 'Confirmed a recovery'),
  'adjustment confirmed once': t('初次确认追回', 'Confirmed a recovery, the first of two'),
  'adjustment waived': t('免予追回', 'Waived a recovery'),
  'kangyang keys rotate': t('更换数据密钥', 'Changed the data key'),
  'login refused': t('登录被拒绝', 'Was refused at the door'),
}

const CASE = 'case '

/** The word of an action that has one among the page's. */
export const ownWordOf = (action: string): WordKey | undefined => OWN[action]

/** Any other action of the access log in words; undefined where it has none. */
export function wordsOfAction(action: string, lang: Language): string | undefined {
  const whole = WHOLE[action]
  if (whole) return whole[lang]
  if (action.startsWith(CASE)) {
    const act = CASE_ACTS[action.slice(CASE.length) as CaseAct]
    return act && (lang === 'zh' ? `案件：${act.zh}` : `Case: ${act.en}`)
  }
  const [first = ''] = action.split(' ', 1)
  const verb = VERBS[first]
  const noun = NOUNS[action.slice(first.length + 1)]
  if (!verb || !noun) return undefined
  return lang === 'zh' ? verb.zh + noun.zh : `${verb.en} ${noun.en}`
}
