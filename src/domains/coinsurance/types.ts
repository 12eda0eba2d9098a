import type { Month } from '#base/month.ts'
import type { PlainDate } from '#base/plain-date.ts'

/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/** Where a panel or a payment stands: one person enters it, another confirms it. */
export const RECORD_STATES = {
  proposed: { zh: '待复核', en: 'Waiting for a second person' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  withdrawn: { zh: '已作废', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title>>
export type RecordState = keyof typeof RECORD_STATES

/** What may be said about an insurer's part of a month: by the insurer, or by the lead. */
export const SAID_ACTS = {
  agreed: { zh: '已确认', en: 'Agreed' },
  objected: { zh: '有异议，待答复', en: 'Objected, to be answered' },
  answered: { zh: '已答复，待确认', en: 'Answered, to be agreed with' },
} as const satisfies Readonly<Record<string, Title>>
export type SaidAct = keyof typeof SAID_ACTS

/** How far a source can be relied on; `invented` says that nobody published it. */
export const SOURCE_GRADES = ['A', 'B', 'C', 'D', 'invented'] as const
export type SourceGrade = (typeof SOURCE_GRADES)[number]

/** One insurer of a panel, and its share of everything in whole parts per million. */
export type Member = {
  /** Its number, as the insurers of a panel are known by: `R02`. */
  readonly insurer: string
  readonly name: string
  readonly share: number
}

/** What insurers agree: which product they share, for which months, in which shares, and who pays first. */
export type PanelTerms = {
  readonly scheme: string
  /** The payer in the place of the product's rules, as the ledger names funds. */
  readonly fund: string
  /** The first day of the first month. */
  readonly from: PlainDate
  /** The last day of the last month. */
  readonly until: PlainDate
  readonly lead: string
  readonly members: readonly Member[]
  readonly source: string
  readonly grade: SourceGrade
}

/** A product that can be shared: the rules of a scheme that one fund pays by. */
export type Product = {
  readonly scheme: string
  readonly title: Title
  readonly fund: string
  readonly teaching: boolean
  readonly rules: readonly { readonly rule: string; readonly title: Title }[]
}

/** Who is insured and what they paid, as enrolment had it when a month was shared. */
export type Enrolled = {
  /** At the end of the month. */
  readonly insured: number
  /** Anybody who was insured on a day of the panel up to then. */
  readonly everInsured: number
  /** Of those: a disease that was declared or confirmed before the cover began, or an answer that says so. */
  readonly preexisting: number
  readonly premiumDue: number
  readonly premiumCollected: number
  readonly premiumRefunded: number
}

/** What a rule came to from the first day of a panel to the end of a month, in fen. */
export type Claim = { readonly rule: string; readonly amount: number }

/** A month whose claims were shared: never changed again. */
export type ClosedMonth = {
  readonly month: Month
  /** From the first day of the panel. */
  readonly claims: readonly Claim[]
  readonly enrolled: Enrolled
  readonly closedBy: string
  readonly closedAt: string
}

/** Money between an insurer and the lead: above zero to the lead, below zero from it. */
export type Receipt = {
  readonly insurer: string
  /** The day on which it arrived. */
  readonly on: PlainDate
  readonly amount: number
}
