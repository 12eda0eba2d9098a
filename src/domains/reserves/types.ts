import type { Month } from '#base/month.ts'

/** What was claimed for care of one month and booked in another, in fen; below zero what was taken back. */
export type Booked = {
  readonly care: Month
  readonly booked: Month
  readonly amount: number
}

/** 赔付三角形: what care of each month had come to, so many months later. */
export type Triangle = {
  /** The month at whose end it is looked at. */
  readonly until: Month
  /** Care by month, the oldest first, each with its sums after 0, 1, 2 … months: as many as have passed. */
  readonly rows: readonly { readonly care: Month; readonly sums: readonly number[] }[]
}

export const METHODS = {
  'chain-ladder': { zh: '链梯法', en: 'Chain ladder' },
  'bornhuetter-ferguson': { zh: 'Bornhuetter-Ferguson 法', en: 'Bornhuetter-Ferguson' },
} as const
export type Method = keyof typeof METHODS

/** What a reserve is worked out by. */
export type Basis = {
  readonly method: Method
  /** After so many months nothing more is expected but by `tail`. */
  readonly window: number
  /** What care still grows by after the window, in parts per million: 1,000,000 is nothing. */
  readonly tail: number
  /** What a month of care is expected to cost, in fen; asked for by Bornhuetter-Ferguson. */
  readonly expected?: number | undefined
}

/** How much the sums of one age grow to those of the next: of the months that have both. */
export type Factor = { readonly age: number; readonly from: number; readonly to: number }

export type MonthReserve = {
  readonly care: Month
  readonly claimed: number
  /** What all of it will have come to. */
  readonly ultimate: number
  /** 未报案未决赔款: what is still to come, in fen; below zero where more is expected back. */
  readonly ibnr: number
}

export type Estimate = {
  readonly factors: readonly Factor[]
  readonly months: readonly MonthReserve[]
  readonly ibnr: number
}

/** Why nothing can be estimated. */
export type EstimateRefusal =
  | { readonly code: 'too_few_months'; readonly months: number; readonly least: number }
  | { readonly code: 'age_without_claims'; readonly age: number }
  | { readonly code: 'expected_needed' }

export const RESERVE_STATES = {
  proposed: { zh: '待确认', en: 'To be confirmed' },
  confirmed: { zh: '已入账', en: 'Booked' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
} as const
export type ReserveState = keyof typeof RESERVE_STATES

/** 准备金: what was set aside for a fund at the end of a month. */
export type Reserve = {
  readonly id: string
  readonly fund: string
  readonly month: Month
  readonly basis: Basis
  readonly estimate: Estimate
  readonly reason: string
  readonly state: ReserveState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}

/** 回溯: what a reserve turned out to be worth. Above zero it was more than enough. */
export type RunOff = {
  readonly month: Month
  readonly reserved: number
  /** Claimed since for care up to then. */
  readonly claimedSince: number
  /** What the newest reserve still holds for it. */
  readonly stillHeld: number
  readonly result: number
}
