import type { Month } from '#base/month.ts'

/** What a fund and an institution have agreed for one year, from a month on until its December. */
export type Terms = {
  /** As bills name it: by its number, or by its name where they have no number. */
  readonly institution: string
  /** The payer in the place of its rules, as the ledger names funds. */
  readonly fund: string
  readonly from: Month
  /** 预留金: the part of what is claimed that is held back until the year is assessed, in parts per million. */
  readonly depositRate: number
  /** 预付金: paid in advance when the terms are confirmed, in fen. */
  readonly prepayment: number
  /** The first month whose payment gives the prepayment back; what is left then comes back with the year. */
  readonly backFrom: Month
  /** What part of the deposit is paid out from which score on; below the lowest, none of it. */
  readonly release: readonly Release[]
  /** What says so. */
  readonly document: string
}

/** A score in tenths of a point, from 0 to 1000, and the part that it pays out, in parts per million. */
export type Release = { readonly score: number; readonly rate: number }

/** What a month moved between fund and institution by the ledger, in fen. */
export type MonthFacts = {
  /** Not paid yet when the month began, after every month before it had been closed. */
  readonly opening: number
  /** Settled, less what was reversed and settled again. */
  readonly claims: number
  /** Taken off by decisions of people, less what was given back of it. */
  readonly deducted: number
  /** Prepayments that were agreed in the month, whichever terms they are of. */
  readonly advanced: number
  /** Of these, the one of these very terms. */
  readonly given: number
  /** What the end of an earlier year paid out, less what came back. */
  readonly yearEnd: number
  /** Ordered from the bank, or cleared by hand. */
  readonly paid: number
}

/** What the months before have held and given back, since the terms began. */
export type Standing = {
  /** Claims less deductions: what the deposit is a part of. */
  readonly base: number
  readonly deposit: number
  readonly prepaid: number
}

/** A month worked out: `payable` is what is left to pay, below zero what the institution has to give back. */
export type MonthResult = MonthFacts & {
  /** Held back for this month; below zero what comes back, because earlier claims were reversed. */
  readonly deposit: number
  /** Of the prepayment, given back by this month. */
  readonly offset: number
  readonly payable: number
  readonly after: Standing
}

/** A year worked out: the deposit is paid out or forfeited, and what is left of the prepayment comes back. */
export type YearResult = {
  readonly score: number
  readonly rate: number
  readonly deposit: number
  readonly released: number
  readonly forfeited: number
  readonly prepaidBack: number
}

export const TERMS_STATES = {
  draft: { zh: '待确认', en: 'To be confirmed' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
} as const
export type TermsState = keyof typeof TERMS_STATES

export const DEDUCTION_STATES = {
  proposed: { zh: '拟扣款', en: 'Proposed' },
  confirmed: { zh: '已扣款', en: 'Taken off' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
  restored: { zh: '申诉成立，已退还', en: 'Objection upheld, given back' },
} as const
export type DeductionState = keyof typeof DEDUCTION_STATES

/** What is done to a deduction, from which state, and where it then stands. */
export const DEDUCTION_ACTS = {
  confirm: { zh: '确认扣款', en: 'Confirm', from: 'proposed', to: 'confirmed' },
  withdraw: { zh: '撤回', en: 'Withdraw', from: 'proposed', to: 'withdrawn' },
  restore: { zh: '申诉成立，退还', en: 'Uphold the objection', from: 'confirmed', to: 'restored' },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly zh: string
      readonly en: string
      readonly from: DeductionState
      readonly to: DeductionState
    }
  >
>
export type DeductionAct = keyof typeof DEDUCTION_ACTS

/** Where a month of an institution and fund stands. */
export const MONTH_STATES = {
  running: { zh: '未到期', en: 'Running' },
  open: { zh: '待关账', en: 'To be closed' },
  closed: { zh: '已关账', en: 'Closed' },
} as const
export type MonthState = keyof typeof MONTH_STATES

/** A month of one institution and fund, as it stands or as it was closed. */
export type MonthView = {
  readonly institution: string
  readonly name: string
  readonly fund: string
  readonly month: Month
  readonly state: MonthState
  readonly terms: Terms
  readonly result: MonthResult
  readonly closedBy: string | null
  readonly closedAt: string | null
}

/** Terms as they are kept: who made them, who decided. */
export type KeptTerms = {
  readonly id: string
  /** The institution's. */
  readonly name: string
  readonly terms: Terms
  readonly state: TermsState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}

/** One bill of a month: what its settlements moved. */
export type MonthBill = {
  readonly bill: string
  readonly settlement: string | null
  readonly day: string
  readonly kind: string
  readonly amount: number
}

/** 扣款: what people took off, or propose to, in fen. */
export type Deduction = {
  readonly id: string
  readonly no: number
  readonly name: string
  readonly institution: string
  readonly fund: string
  readonly amount: number
  readonly reason: string
  readonly rule: string
  readonly bill: string | null
  /** The case whose decision it follows from. */
  readonly case: string | null
  readonly state: DeductionState
  readonly madeBy: string
  readonly madeAt: string
  readonly acts: readonly {
    readonly act: DeductionAct
    readonly user: string
    readonly at: string
    readonly reason: string | null
  }[]
}

/** 年终清算: the score of a year and what it comes to. */
export type YearEnd = {
  readonly id: string
  readonly name: string
  readonly institution: string
  readonly fund: string
  readonly year: number
  readonly result: YearResult
  readonly reason: string
  readonly state: TermsState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}
