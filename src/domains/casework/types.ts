import type { Fen } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'

/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/** Where a case stands, and at which desk it waits there. */
export const CASE_STATES = {
  accepted: { zh: '已受理', en: 'Accepted', desk: 'review' },
  'awaiting-documents': { zh: '待补材料', en: 'Waiting for documents', desk: 'counter' },
  review: { zh: '审核中', en: 'Under review', desk: 'review' },
  'hospital-query': { zh: '待医院回复', en: 'Waiting for the hospital', desk: 'review' },
  investigation: { zh: '稽核中', en: 'Under investigation', desk: 'investigation' },
  proposed: { zh: '待复核', en: 'Waiting for a second person', desk: 'review' },
  decided: { zh: '已决定', en: 'Decided', desk: 'counter' },
  notified: { zh: '已送达', en: 'Notified', desk: 'counter' },
  objected: { zh: '异议复核中', en: 'Objected to', desk: 'review' },
  reviewed: { zh: '复核已决定', en: 'Decided on objection', desk: 'counter' },
  closed: { zh: '已办结', en: 'Closed' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title & { readonly desk?: Desk }>>
export type CaseState = keyof typeof CASE_STATES

/** The desk that acts next on a case in this state; none where it is over. */
export const deskOf = (state: CaseState): Desk | undefined =>
  (CASE_STATES[state] as { readonly desk?: Desk }).desk

/** The desks at which acts are done. A person may sit at several. */
export const DESKS = {
  counter: { zh: '受理岗', en: 'Acceptance' },
  review: { zh: '审核岗', en: 'Review' },
  investigation: { zh: '稽核岗', en: 'Investigation' },
} as const satisfies Readonly<Record<string, Title>>
export type Desk = keyof typeof DESKS

/** At which desks a role sits. */
export const DESKS_OF: Readonly<Record<string, readonly Desk[]>> = {
  handler: ['counter'],
  reviewer: ['review'],
  investigator: ['investigation'],
  supervisor: ['review'],
}

/** By which way a case comes in. */
export const CHANNELS = {
  counter: { zh: '柜面', en: 'Counter' },
  'hospital-desk': { zh: '医院服务台', en: 'Hospital desk' },
  online: { zh: '线上', en: 'Online' },
  agent: { zh: '代办', en: 'Agent' },
} as const satisfies Readonly<Record<string, Title>>
export type Channel = keyof typeof CHANNELS

/** Whoever hands in a case themselves, and follows it from outside the office. */
export const SENDERS = {
  hospital: { zh: '医院服务台', en: 'Hospital desk' },
  insured: { zh: '参保人', en: 'Insured person' },
  agent: { zh: '代办人', en: 'Agent' },
} as const satisfies Readonly<Record<string, Title>>
export type Sender = keyof typeof SENDERS
const EVERY_SENDER = Object.keys(SENDERS) as Sender[]

/** Where a case stands for whoever looks from outside. */
export const OWN_STATES = {
  accepted: { zh: '已受理', en: 'Accepted' },
  documents: { zh: '请补材料', en: 'Documents are missing' },
  queried: { zh: '请回复查询', en: 'A question for the hospital' },
  'in-hand': { zh: '审核中', en: 'Under review' },
  decided: { zh: '已决定', en: 'Decided' },
  objected: { zh: '异议复核中', en: 'Objection under review' },
  'decided-again': { zh: '异议已复核', en: 'Objection decided' },
  closed: { zh: '已办结', en: 'Closed' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title>>
export type OwnState = keyof typeof OWN_STATES

type Move = Title & {
  /** The states it is done from; a case that is not there yet has none. */
  readonly from: readonly CaseState[]
  readonly to: CaseState
  readonly desk: Desk
  /** Who may do it from outside the office as well, in a case of their own. */
  readonly senders?: readonly Sender[]
  /** At most once in a case. */
  readonly once?: true
  /** Somebody who has not decided anything in this case so far. */
  readonly apart?: true
  /** It says why. */
  readonly reasons?: true
  /** It says what becomes of the claim, and counts as deciding. */
  readonly decides?: true
}

/** What is done to a case, from which states, by whom, and where it then stands. */
export const CASE_ACTS = {
  accept: {
    zh: '受理',
    en: 'Accept',
    from: [],
    to: 'accepted',
    desk: 'counter',
    senders: EVERY_SENDER,
  },
  'ask-documents': {
    zh: '一次性告知补正',
    en: 'Ask for documents, once',
    from: ['accepted', 'review'],
    to: 'awaiting-documents',
    desk: 'counter',
    once: true,
    reasons: true,
  },
  'receive-documents': {
    zh: '收到补正材料',
    en: 'Receive the documents',
    from: ['awaiting-documents'],
    to: 'review',
    desk: 'counter',
    senders: EVERY_SENDER,
  },
  review: {
    zh: '开始审核',
    en: 'Begin the review',
    from: ['accepted'],
    to: 'review',
    desk: 'review',
  },
  'query-hospital': {
    zh: '向医院查询',
    en: 'Query the hospital',
    from: ['review'],
    to: 'hospital-query',
    desk: 'review',
    reasons: true,
  },
  'hospital-answers': {
    zh: '医院回复',
    en: 'The hospital answers',
    from: ['hospital-query'],
    to: 'review',
    desk: 'review',
    senders: ['hospital'],
  },
  investigate: {
    zh: '转稽核',
    en: 'Investigate',
    from: ['review'],
    to: 'investigation',
    desk: 'review',
    reasons: true,
  },
  report: {
    zh: '稽核报告',
    en: 'Report of the investigation',
    from: ['investigation'],
    to: 'review',
    desk: 'investigation',
    reasons: true,
  },
  decide: {
    zh: '决定',
    en: 'Decide',
    from: ['review'],
    to: 'decided',
    desk: 'review',
    decides: true,
  },
  propose: {
    zh: '提交复核',
    en: 'Propose a decision',
    from: ['review'],
    to: 'proposed',
    desk: 'review',
    decides: true,
  },
  approve: {
    zh: '复核同意',
    en: 'Approve',
    from: ['proposed'],
    to: 'decided',
    desk: 'review',
    apart: true,
    decides: true,
  },
  'send-back': {
    zh: '复核退回',
    en: 'Send back',
    from: ['proposed'],
    to: 'review',
    desk: 'review',
    apart: true,
    reasons: true,
  },
  notify: { zh: '送达', en: 'Notify', from: ['decided'], to: 'notified', desk: 'counter' },
  object: {
    zh: '提出异议',
    en: 'Object',
    from: ['notified'],
    to: 'objected',
    desk: 'counter',
    senders: EVERY_SENDER,
    reasons: true,
  },
  uphold: {
    zh: '维持原决定',
    en: 'Uphold',
    from: ['objected'],
    to: 'reviewed',
    desk: 'review',
    apart: true,
    reasons: true,
    decides: true,
  },
  revise: {
    zh: '改变原决定',
    en: 'Revise',
    from: ['objected'],
    to: 'reviewed',
    desk: 'review',
    apart: true,
    reasons: true,
    decides: true,
  },
  close: {
    zh: '办结',
    en: 'Close the case',
    from: ['notified', 'reviewed'],
    to: 'closed',
    desk: 'counter',
  },
  withdraw: {
    zh: '申请人撤回',
    en: 'Withdraw, at the wish of the person',
    from: ['accepted', 'awaiting-documents', 'review', 'hospital-query', 'investigation'],
    to: 'withdrawn',
    desk: 'counter',
    senders: EVERY_SENDER,
    reasons: true,
  },
} as const satisfies Readonly<Record<string, Move>>
export type CaseAct = keyof typeof CASE_ACTS
export const ACTS: Readonly<Record<CaseAct, Move>> = CASE_ACTS

/** What a person decided. A cut and a refusal name the rules that they rest on, as the settlement's trace has them. */
export type Decision =
  | { readonly outcome: 'pay' }
  | {
      readonly outcome: 'cut' | 'refuse'
      readonly rules: readonly string[]
      /** Of a cut: which lines, and by how much. */
      readonly cuts?: readonly Cut[] | undefined
      /** Of a cut: who bears it; the person where it says nothing. */
      readonly bearer?: Bearer | undefined
    }

/** Who bears what is cut: the person, or the hospital whose conduct it was. */
export const BEARERS = {
  patient: { zh: '参保人', en: 'The person' },
  hospital: { zh: '医疗机构', en: 'The hospital' },
} as const satisfies Readonly<Record<string, Title>>
export type Bearer = keyof typeof BEARERS

export const OUTCOMES = {
  pay: { zh: '给付', en: 'Pay' },
  cut: { zh: '核减', en: 'Cut' },
  refuse: { zh: '不予给付', en: 'Refuse' },
} as const satisfies Readonly<Record<Decision['outcome'], Title>>

/** So much of a line of the bill is not paid on. */
export type Cut = { readonly line: string; readonly amount: Fen }

/** One thing that was done to a case. The history of a case is these, and nothing is taken out of it. */
export type Done = {
  readonly act: CaseAct
  readonly by: string
  readonly on: PlainDate
  readonly why?: string | undefined
  readonly decision?: Decision | undefined
}

/** A published text, and how far it can be relied on. */
export type ClockSource = {
  readonly title: string
  readonly address: string
  readonly grade: 'A' | 'B' | 'C' | 'D'
  readonly note: string
}

/** Until when something is to be done: so many days after the first of some acts, met by the first of others. */
export type ClockRule = {
  readonly id: string
  readonly zh: string
  readonly en: string
  /** In force from this day on, for cases accepted on it or later, until a later entry of the same id. */
  readonly from: PlainDate
  readonly days: number
  readonly unit: 'calendar' | 'working'
  readonly starts: readonly CaseAct[]
  /** Only where the starting act decided so. */
  readonly outcomes?: readonly Decision['outcome'][] | undefined
  readonly ends: readonly CaseAct[]
  /** Whether days do not count while documents are asked for. */
  readonly pauses: boolean
  readonly source: ClockSource
}

/** What is handed in with a case. */
export const DOCUMENT_KINDS = {
  invoice: { zh: '票据', en: 'Invoice' },
  record: { zh: '病历', en: 'Medical record' },
  certificate: { zh: '证明', en: 'Certificate' },
  identity: { zh: '身份材料', en: 'Proof of identity' },
  other: { zh: '其他', en: 'Other' },
} as const satisfies Readonly<Record<string, Title>>
export type DocumentKind = keyof typeof DOCUMENT_KINDS

/** What is taken, and the bytes with which it begins. */
export const DOCUMENT_TYPES = {
  'image/png': { ending: 'png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  'image/jpeg': { ending: 'jpg', begins: [0xff, 0xd8, 0xff] },
  'application/pdf': { ending: 'pdf', begins: [0x25, 0x50, 0x44, 0x46, 0x2d] },
} as const
export type DocumentType = keyof typeof DOCUMENT_TYPES

/** One thing that was handed in; what was taken out again has left its name and nothing else. */
export type CaseDocument = {
  readonly id: string
  readonly kind: DocumentKind
  readonly type: DocumentType
  readonly name: string
  readonly size: number
  readonly user: string
  readonly at: string
  readonly removedBy: string | null
  readonly removedAt: string | null
  readonly removedWhy: string | null
}

/** What may stand out in a case. */
export const RISK_FACTORS = {
  'amount-of-person': { zh: '金额远高于本人以往', en: 'Much more than the person’s usual' },
  'amount-of-hospital': { zh: '金额远高于本院同类', en: 'Much more than the hospital’s usual' },
  'soon-after-cover': { zh: '参保不久的首次理赔', en: 'A first claim soon after cover began' },
  'same-amount': { zh: '相近日期有同额账单', en: 'Another bill of the same amount, days apart' },
  'invoice-alike': { zh: '票据号与另一张极相近', en: 'An invoice number almost like another' },
  'several-hospitals': { zh: '同期在几家医院就医', en: 'Several hospitals in the same days' },
  'stays-overlap': { zh: '住院时间重叠', en: 'Stays that overlap' },
  'many-stays': { zh: '短期内多次住院', en: 'Many stays within a short time' },
  'weekend-admission': { zh: '周末入院', en: 'Admitted at a weekend' },
} as const satisfies Readonly<Record<string, Title>>

/** When a factor gives how many points. Amounts are compared with the one in the middle of at least so many. */
export type RiskRule = { readonly points: number } & (
  | {
      readonly factor: 'amount-of-person' | 'amount-of-hospital'
      readonly times: number
      readonly atLeast: number
    }
  | {
      readonly factor: 'soon-after-cover' | 'same-amount' | 'several-hospitals'
      readonly days: number
    }
  | { readonly factor: 'invoice-alike'; readonly characters: number }
  | { readonly factor: 'many-stays'; readonly days: number; readonly atLeast: number }
  | { readonly factor: 'stays-overlap' | 'weekend-admission' }
)
export type RiskRules = {
  readonly version: string
  readonly note: string
  readonly factors: readonly RiskRule[]
}

/** One factor that gave points: what was found, what is usual, and the bills that it is about. */
export type RiskFactor = {
  readonly factor: keyof typeof RISK_FACTORS
  readonly points: number
  /** Fen, days or stays, by the factor. */
  readonly value?: number | undefined
  /** In fen. */
  readonly usual?: number | undefined
  readonly bills: readonly string[]
}

/** A score, from 0 to 100, and all that it is made of. */
export type Risk = {
  readonly version: string
  readonly score: number
  readonly factors: readonly RiskFactor[]
}

/** From which score on a case stands out much, or somewhat. */
export const RISK_BANDS = {
  high: { zh: '高', en: 'High', from: 50 },
  middle: { zh: '中', en: 'Middle', from: 20 },
  low: { zh: '低', en: 'Low', from: 0 },
} as const satisfies Readonly<Record<string, Title & { readonly from: number }>>
export type RiskBand = keyof typeof RISK_BANDS

export const bandOf = (score: number): RiskBand =>
  score >= RISK_BANDS.high.from ? 'high' : score >= RISK_BANDS.middle.from ? 'middle' : 'low'
