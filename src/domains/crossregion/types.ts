import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Regions } from '#domains/ledger/index.ts'

/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

export type { Regions }

/** How far a source can be relied on; `invented` says that nobody published it. */
export const TERMS_GRADES = ['A', 'B', 'C', 'D', 'invented'] as const
export type TermsGrade = (typeof TERMS_GRADES)[number]

/** How two regions clear, from a month on. Shares are in whole parts per million. */
export type ClearingTerms = {
  readonly from: Month
  /** 预付金: months of the mean month of the last quarter of the year before. */
  readonly prepaymentMonths: number
  /** 黄色预警、红色预警: the share of the prepayment that is used. */
  readonly yellow: number
  readonly red: number
  /** The day of the next month until which a month is to be stated. */
  readonly stateUntilDay: number
  /** Working days after the confirmation within which it is to be paid. */
  readonly payWithinDays: number
  /** Month and day until which the prepayment of a year is worked out anew: `01-31`. */
  readonly rebaseUntil: string
  readonly source: string
  readonly grade: TermsGrade
}

/** One person enters it, another confirms it. */
export const ENTERED_STATES = {
  proposed: { zh: '待复核', en: 'Waiting for a second person' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  withdrawn: { zh: '已作废', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title>>
export type EnteredState = keyof typeof ENTERED_STATES

/** Where a month of two regions stands. */
export const REGION_MONTH_STATES = {
  running: { zh: '未到期', en: 'Running' },
  open: { zh: '待关账', en: 'To be closed' },
  closed: { zh: '已关账，待确认', en: 'Closed, to be confirmed' },
  confirmed: { zh: '已确认，待付款', en: 'Confirmed, to be paid' },
  paid: { zh: '已付清', en: 'Paid' },
} as const satisfies Readonly<Record<string, Title>>
export type RegionMonthState = keyof typeof REGION_MONTH_STATES

/** 预付金的变动: what moves the prepayment. */
export const PREPAYMENT_KINDS = {
  initial: { zh: '初始额度', en: 'First prepayment' },
  rebase: { zh: '年度核定', en: 'Worked out anew for a year' },
  emergency: { zh: '紧急调增', en: 'Emergency top-up' },
} as const satisfies Readonly<Record<string, Title>>
export type PrepaymentKind = keyof typeof PREPAYMENT_KINDS

/** How much of the prepayment is used. */
export const WARNINGS = {
  none: { zh: '无预付金', en: 'No prepayment' },
  normal: { zh: '正常', en: 'Normal' },
  yellow: { zh: '黄色预警', en: 'Yellow warning' },
  red: { zh: '红色预警', en: 'Red warning' },
} as const satisfies Readonly<Record<string, Title>>
export type Warning = keyof typeof WARNINGS

/** What a month moved between two regions in one fund, in fen: above zero is owed to the region of care. */
export type FundMonth = {
  readonly fund: string
  /** Bills that were settled in it. */
  readonly bills: number
  readonly settled: number
  /** Reversed, settled again or moved to others, of this month's bills and of earlier ones. */
  readonly changed: number
}

/** A month as it is stated: its funds, and its sum. */
export type RegionMonth = {
  readonly month: Month
  readonly funds: readonly FundMonth[]
  readonly amount: number
}

/** What became of money that was owed: not ordered, ordered, or paid by the bank. */
export type PaidState = 'owed' | 'ordered' | 'paid'

/** 预付金 as it stands, in fen. */
export type Position = {
  /** Confirmed, paid or not. */
  readonly due: number
  /** Of it, what the bank has paid. */
  readonly paid: number
  /** What the region of care has paid hospitals and has not got back. */
  readonly used: number
  /** Of what is paid; below zero where more was used. */
  readonly left: number
  /** Used of paid, in parts per million; null where nothing is paid. */
  readonly usedShare: number | null
  readonly warning: Warning
}

/** The prepayment of a year as the rule has it. */
export type Rebase = {
  readonly year: number
  /** The months of the last quarter of the year before, as they were stated. */
  readonly months: readonly { readonly month: Month; readonly amount: number }[]
  readonly target: number
  readonly standing: number
  /** What is to be paid more; below zero what comes back. */
  readonly difference: number
}

/** One bill of a month: what its settlements moved. */
export type RegionBill = {
  readonly bill: string
  readonly settlement: string | null
  readonly institution: string
  readonly day: PlainDate
  readonly kind: string
  readonly fund: string
  readonly amount: number
}

/** A month of two regions, as it stands or as it was closed. */
export type RegionMonthView = Regions &
  RegionMonth & {
    readonly state: RegionMonthState
    readonly closedBy: string | null
    readonly closedAt: string | null
    readonly confirmedBy: string | null
    readonly confirmedAt: string | null
    /** The last day to state it, and to pay it: null where it is not known yet. */
    readonly stateUntil: PlainDate
    readonly payUntil: PlainDate | null
    readonly isLate: boolean
    readonly terms: ClearingTerms
  }

/** Two regions that clear with each other. */
export type PairView = Regions & {
  readonly insuredName: Title
  readonly treatingName: Title
  readonly terms: ClearingTerms
  readonly position: Position
  /** Not confirmed yet: what months that are open or run have come to so far. */
  readonly unconfirmed: number
  readonly next: Month
  readonly isOver: boolean
  readonly rebase: Rebase | null
}

export type KeptClearingTerms = Regions & {
  readonly id: string
  readonly terms: ClearingTerms
  readonly state: EnteredState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}

export type Prepayment = Regions & {
  readonly id: string
  readonly kind: PrepaymentKind
  readonly fund: string
  readonly year: number
  readonly amount: number
  readonly document: string
  readonly state: EnteredState
  readonly paid: PaidState | null
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}
