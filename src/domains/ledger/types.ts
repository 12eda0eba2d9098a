/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/**
 * The chart of accounts: the first word of every account, and the side on which it grows. What follows says of
 * which rule, institution or person: `claims/teaching/shifan/resident-inpatient`, `owed/institution/H1`.
 */
export const CHART = {
  claims: { zh: '待遇支出', en: 'Claims incurred', side: 'debit' },
  spent: { zh: '个人账户其他支出', en: 'Other uses of personal accounts', side: 'debit' },
  waived: { zh: '免予追回', en: 'Recoveries waived', side: 'debit' },
  coinsurer: { zh: '应收共保人款', en: 'Receivable from co-insurers', side: 'debit' },
  ceded: { zh: '共保摊回赔款', en: 'Claims borne by co-insurers', side: 'credit' },
  proposed: { zh: '拟向个人追回', en: 'Proposed recoveries from persons', side: 'debit' },
  due: { zh: '应收个人款', en: 'Receivable from persons', side: 'debit' },
  income: { zh: '个人账户划入', en: 'Paid into personal accounts', side: 'credit' },
  opening: { zh: '期初余额', en: 'Opening balances', side: 'debit' },
  transit: { zh: '账户划转', en: 'Moved between accounts', side: 'credit' },
  between: { zh: '基金往来', en: 'Between funds', side: 'credit' },
  balance: { zh: '个人账户余额', en: 'Balances of personal accounts', side: 'credit' },
  owed: { zh: '应付待遇款', en: 'Payable to institutions and persons', side: 'credit' },
  region: {
    zh: '应付就医地（待清算）',
    en: 'Owed to regions of care, to be cleared',
    side: 'credit',
  },
  paying: { zh: '在途付款', en: 'Payments under way', side: 'credit' },
  reserved: { zh: '提取未决赔款准备金', en: 'Change in reserves', side: 'debit' },
  ibnr: { zh: '未报案未决赔款准备金', en: 'Reserve for claims not reported', side: 'credit' },
  contract: { zh: '承办合同收支', en: 'Contracts with insurers', side: 'debit' },
  insurer: { zh: '应付承办机构', en: 'Payable to insurers', side: 'credit' },
  held: { zh: '考核预留', en: 'Held back for performance', side: 'credit' },
  reserve: { zh: '风险调节金', en: 'Risk-adjustment reserve', side: 'credit' },
  deposit: { zh: '预留金', en: 'Held back from institutions', side: 'credit' },
  prepaid: { zh: '预付金', en: 'Paid to institutions in advance', side: 'debit' },
  deducted: { zh: '审核扣款与考核扣减', en: 'Deductions from institutions', side: 'credit' },
  bank: { zh: '银行存款', en: 'At the bank', side: 'debit' },
} as const satisfies Readonly<Record<string, Title & { readonly side: 'debit' | 'credit' }>>

export type AccountClass = keyof typeof CHART

/** What happened. An event of a subject is posted once. */
export const ENTRY_KINDS = {
  settled: { zh: '结算', en: 'Settled' },
  ended: { zh: '结算被撤销或替换', en: 'Settlement reversed or replaced' },
  redirected: { zh: '补付与追回', en: 'Supplements and recoveries' },
  confirmed: { zh: '确认追回', en: 'Recovery confirmed' },
  waived: { zh: '免予追回', en: 'Recovery waived' },
  account: { zh: '个人账户变动', en: 'Entry of a personal account' },
  opened: { zh: '期初余额', en: 'Opening balance' },
  merged: { zh: '档案合并', en: 'Files merged' },
  unmerged: { zh: '撤销合并', en: 'Merge undone' },
  cleared: { zh: '清算', en: 'Cleared' },
  ordered: { zh: '付款下达', en: 'Payment ordered' },
  paid: { zh: '付款成功', en: 'Paid' },
  returned: { zh: '退汇', en: 'Returned by the bank' },
  unpaid: { zh: '付款失败转回', en: 'Payment failed, owed again' },
  'contract-year': { zh: '承办合同年度结算', en: 'Year of a contract' },
  advanced: { zh: '预付', en: 'Paid in advance' },
  deducted: { zh: '扣款', en: 'Deducted' },
  restored: { zh: '退还扣款', en: 'Deduction given back' },
  'month-end': { zh: '月结', en: 'Month closed' },
  'year-end': { zh: '年终清算', en: 'Year closed' },
  reserved: { zh: '提取准备金', en: 'Reserve booked' },
  adopted: { zh: '认领付款', en: 'Payment taken on' },
  shared: { zh: '共保分摊', en: 'Shared among co-insurers' },
  received: { zh: '共保款到账', en: 'Received from a co-insurer' },
  'region-month': { zh: '异地清算确认', en: 'Month between regions confirmed' },
  'region-prepayment': { zh: '异地预付金', en: 'Prepayment to a region' },
} as const satisfies Readonly<Record<string, Title>>

export type EntryKind = keyof typeof ENTRY_KINDS

/**
 * One movement within one fund: `amount` fen, above zero, from the account `credit` to the account `debit`. So each
 * leg adds up to zero, and with it every entry, every fund and the whole book.
 */
export type Leg = {
  readonly fund: string
  readonly debit: string
  readonly credit: string
  readonly amount: number
}

/** One event, and what leads back from it. */
export type Entry = {
  readonly subject: string
  readonly kind: EntryKind
  readonly bill?: string | undefined
  readonly settlement?: string | undefined
  readonly replay?: string | undefined
  readonly legs: readonly Leg[]
}

/** Legs as they are kept: arrays of one length. */
export type LegColumns = {
  readonly funds: readonly string[]
  readonly debits: readonly string[]
  readonly credits: readonly string[]
  readonly amounts: readonly number[]
}

/** 异地就医: the region that insures, and the region that gave the care and paid its hospital first. */
export type Regions = { readonly insured: string; readonly treating: string }

/** Care elsewhere: what these payers pay of it is owed to the region of care, which has paid the hospital. */
export type Elsewhere = Regions & { readonly payers: readonly string[] }

/** As much of a settlement as is posted. */
export type Settled = {
  readonly elsewhere?: Elsewhere | undefined
  readonly tiers: readonly {
    readonly tier: string
    readonly payer: string
    readonly paid: number
  }[]
  readonly benefits: readonly {
    readonly benefit: string
    readonly payer: string
    readonly amount: number
  }[]
}

/** As much of a bill as says who is owed its money. */
export type OfBill = {
  readonly person: string
  readonly institution?: string | undefined
  readonly invoice?: { readonly handedIn?: string | undefined } | undefined
  readonly attributes: Readonly<Record<string, string | number | undefined>>
}

/** A payer's sum that has to move to or from another party of a bill, `person`, `institution` or a payer. */
export type Owing = { readonly from: string; readonly to: string; readonly amount: number }
