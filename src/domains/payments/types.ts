import type { PlainDate } from '#base/plain-date.ts'

/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/** Where a batch stands. */
export const BATCH_STATES = {
  draft: { zh: '草稿', en: 'Draft' },
  submitted: { zh: '待复核', en: 'Waiting for release' },
  withdrawn: { zh: '已作废', en: 'Withdrawn' },
  released: { zh: '已放行', en: 'Released' },
  sent: { zh: '已送银行', en: 'Sent to the bank' },
  answered: { zh: '已回盘', en: 'Answered' },
  closed: { zh: '已关闭', en: 'Closed' },
} as const satisfies Readonly<Record<string, Title>>
export type BatchState = keyof typeof BATCH_STATES

/** What is done to a batch, from which states, and where it then stands. `answer` happens, when every order is answered. */
export const BATCH_ACTS = {
  submit: { zh: '提交复核', en: 'Submit', from: ['draft'], to: 'submitted' },
  rework: { zh: '退回修改', en: 'Send back', from: ['submitted'], to: 'draft' },
  withdraw: { zh: '作废', en: 'Withdraw', from: ['draft', 'submitted'], to: 'withdrawn' },
  release: { zh: '放行', en: 'Release', from: ['submitted'], to: 'released' },
  send: { zh: '登记送盘', en: 'Record as sent', from: ['released'], to: 'sent' },
  answer: { zh: '回盘完毕', en: 'Answered', from: ['sent'], to: 'answered' },
  close: { zh: '关闭', en: 'Close', from: ['answered'], to: 'closed' },
} as const satisfies Readonly<
  Record<string, Title & { readonly from: readonly BatchState[]; readonly to: BatchState }>
>
export type BatchAct = keyof typeof BATCH_ACTS

/** Where one order of a batch stands. */
export const ITEM_STATES = {
  drafted: { zh: '待下达', en: 'In the draft' },
  'left-out': { zh: '已移出', en: 'Left out' },
  ordered: { zh: '已下达', en: 'Ordered' },
  accepted: { zh: '银行已受理', en: 'Accepted by the bank' },
  settled: { zh: '付款成功', en: 'Paid' },
  failed: { zh: '付款失败，待确认', en: 'Failed, to be confirmed' },
  returned: { zh: '已退汇，待确认', en: 'Returned, to be confirmed' },
  unpaid: { zh: '已转回应付', en: 'Owed again' },
} as const satisfies Readonly<Record<string, Title>>
export type ItemState = keyof typeof ITEM_STATES

/** What a bank says of an order. */
export const ANSWERS = ['accepted', 'settled', 'failed', 'returned'] as const
export type AnswerStatus = (typeof ANSWERS)[number]

/** One thing that a bank said, as its file has it. */
export type Answer = {
  readonly endToEnd: string
  readonly status: AnswerStatus
  /** In fen, where the bank says how much. */
  readonly amount?: number | undefined
  /** Why, as the bank has it: a code of ISO 20022, its words, or both. */
  readonly reason?: string | undefined
}

/** An order that a bank refused as a whole message: every order of the message is answered so. */
export type MessageAnswer = Omit<Answer, 'endToEnd'> & { readonly message: string }

/** What does not fit and waits for somebody to decide. `missing` is found when it is looked for, and never kept. */
export const BREAKS = {
  unknown_order: { zh: '银行已付，本系统无此指令', en: 'Paid, but no such order is known' },
  amount_differs: { zh: '实付金额与指令不符', en: 'Another amount was paid than ordered' },
  contradiction: { zh: '先后回盘相互矛盾', en: 'Answered twice, with different answers' },
  paid_again: {
    zh: '确认失败并重新下达后，原指令又付款成功',
    en: 'Paid late, after it was ordered again',
  },
  duplicate_order: { zh: '银行以重复指令拒收', en: 'Refused by the bank as a duplicate' },
  missing: { zh: '逾期未回盘', en: 'Not answered in time' },
} as const satisfies Readonly<Record<string, Title>>
export type BreakKind = keyof typeof BREAKS

/** What the ledger owes somebody by one entry: `amount` fen, below zero where the entry takes back. */
export type OwedEntry = {
  readonly subject: string
  readonly kind: string
  readonly fund: string
  /** `institution/H1`, `person/P1`, `region/990200`, `insurer/I1`, `coinsurer/R02/2026-01`: see `accountOf`. */
  readonly payee: string
  readonly amount: number
}

export const HOLDERS = ['fund', 'institution', 'person', 'region', 'insurer', 'coinsurer'] as const
export type Holder = (typeof HOLDERS)[number]

/** A bank account as somebody gives it: a person's card, or an account of either. */
export type BankAccount = {
  readonly holder: Holder
  readonly holderId: string
  readonly from: PlainDate
  readonly kind: 'card' | 'account'
  readonly name: string
  readonly number: string
  /** 联行号: twelve digits of the payment system, the last of them a check digit. */
  readonly bankCode: string
  readonly bankName: string
  /** Of a fund: within how many working days its bank has agreed to answer. */
  readonly answerDays?: number | undefined
  /** What says so: the form, the agreement, the letter. */
  readonly document: string
}

/** What is ordered from one fund to one payee. */
export type Order = {
  readonly endToEnd: string
  /** In fen. */
  readonly amount: number
  readonly payee: {
    readonly name: string
    readonly number: string
    readonly bankCode: string
    readonly bankName: string
  }
}

/** The orders of one fund: they leave one account. */
export type OrdersOfFund = {
  readonly fund: string
  readonly debtor: Order['payee']
  readonly orders: readonly Order[]
}

/** Everything that is ordered from the bank at once. */
export type Message = {
  readonly id: string
  /** When it was released, in China: `2026-11-27T09:30:00+08:00`. */
  readonly at: string
  readonly payOn: PlainDate
  readonly initiator: string
  readonly funds: readonly OrdersOfFund[]
}
