import type { Fen, Rate, Rounding } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Grade } from '#rulebook/source.ts'

/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/** What an insurer is engaged for. */
export const LINES = {
  'critical-illness': { zh: '大病保险', en: 'Critical-illness insurance' },
  'long-term-care': { zh: '长期护理保险', en: 'Long-term-care insurance' },
  handling: { zh: '经办服务', en: 'Handling' },
} as const satisfies Readonly<Record<string, Title>>
export type ContractLine = keyof typeof LINES

/** Who bears what is left or lacking at the end of a year. */
export const BEARERS = {
  insurer: { zh: '承办机构按合同承担盈亏', en: 'The insurer, as far as the contract says' },
  fund: { zh: '基金承担盈亏，只付经办费', en: 'The fund; handling alone is paid' },
} as const satisfies Readonly<Record<string, Title>>
export type Bearer = keyof typeof BEARERS

/** Which claims belong to a year. */
export const CLAIMS_BY = {
  bill: { zh: '按账单的结算日', en: 'By the day on which the bill was settled' },
  booked: { zh: '按入账日', en: 'By the day of booking' },
} as const satisfies Readonly<Record<string, Title>>

/** On which days the insured are counted. */
export const COUNTED = {
  'first-day': { zh: '合同年度首日', en: 'On the first day of the year of contract' },
  monthly: { zh: '十二个月初的平均', en: 'The average of the first days of its twelve months' },
} as const satisfies Readonly<Record<string, Title>>

/** Why a year ends below zero. */
export const CAUSES = {
  policy: { zh: '政策性亏损', en: 'Loss by a change of policy' },
  business: { zh: '经营性亏损', en: 'Loss of business' },
} as const satisfies Readonly<Record<string, Title>>
export type Cause = keyof typeof CAUSES

/** A stretch of a surplus or a loss, in parts per million of the year's premium, and the share of it that goes to the fund. */
export type Band = {
  readonly above: number
  /** Undefined: without an end. */
  readonly upTo: number | undefined
  readonly rate: Rate
}

/** How handling is paid: what it cost up to a share of the premium, an amount per head, or a share of what is raised. */
export type Handling =
  | { readonly kind: 'actual'; readonly atMost: Rate }
  | { readonly kind: 'per-head'; readonly amount: Fen }
  | { readonly kind: 'rate'; readonly rate: Rate }

export type Reserve = {
  readonly paidIn: { readonly of: 'premium' | 'returned'; readonly rate: Rate }
  /** It holds no more than this share of the year's premium. */
  readonly ceiling: Rate
  /** Which losses are met from it before anybody shares them, in this order. */
  readonly covers: readonly Cause[]
  /** What was in it when the contract began. */
  readonly opening: Fen
}

export type HoldBack = {
  /** Of the premium, or of the handling fee where the fund bears the result. */
  readonly rate: Rate
  /** What the contract releases for a score; from the highest score down. */
  readonly released: readonly { readonly atLeast: number; readonly rate: Rate }[]
}

/** What the terms of a contract say, each by its name. */
export type TermValues = {
  readonly perHead: Fen
  readonly handling: Handling
  readonly profit: { readonly atMost: Rate }
  readonly surplus: { readonly returned: readonly Band[] }
  readonly loss: Readonly<Record<Cause, readonly Band[]>>
  readonly reserve: Reserve
  readonly holdBack: HoldBack
}
export type TermName = keyof TermValues

export const TERMS = {
  perHead: { zh: '人均筹资标准', en: 'Amount raised per head' },
  handling: { zh: '承办成本', en: 'Cost of handling' },
  profit: { zh: '盈利率上限', en: 'Most profit' },
  surplus: { zh: '结余返还', en: 'Return of surplus' },
  loss: { zh: '亏损分担', en: 'Sharing of losses' },
  reserve: { zh: '风险调节金', en: 'Risk-adjustment reserve' },
  holdBack: { zh: '考核预留', en: 'Hold-back for performance' },
} as const satisfies Readonly<Record<TermName, Title>>

/** Where a term stands: the clause of the contract or document, and how far it can be relied on. */
export type Clause = {
  readonly term: TermName
  readonly from: PlainDate
  readonly article: string
  readonly title: string
  readonly address: string
  readonly grade: Grade
  readonly note: string | undefined
}

/** One entry of a term: what it says from a day on. */
export type Term<T> = { readonly clause: Clause; readonly value: T }

/** A contract as its file says it. */
export type Contract = {
  readonly id: string
  readonly title: Title
  readonly line: ContractLine
  readonly bears: Bearer
  readonly bureau: Title
  readonly insurer: Title & { readonly id: string }
  /** Whose claims it is about, and which fund pays for it: the payer in the place of its rules, as the ledger names funds. */
  readonly fund: string
  readonly financedBy: string
  readonly from: PlainDate
  readonly until: PlainDate
  readonly claims: keyof typeof CLAIMS_BY
  readonly rounding: Rounding
  readonly insured: { readonly schemes: readonly string[]; readonly counted: keyof typeof COUNTED }
  readonly terms: { readonly [N in TermName]?: readonly Term<TermValues[N]>[] | undefined }
}

/** One year of a contract, named by the calendar year of its first day. */
export type ContractYear = {
  readonly year: number
  readonly from: PlainDate
  readonly until: PlainDate
}

/** What a person said, and who. */
type Said = { readonly by: string }

/** What happened in a year of a contract. */
export type YearFacts = {
  /** The insured of the counted days together, and how many days were counted. */
  readonly heads: { readonly sum: number; readonly days: number }
  readonly claims: Fen
  /** What the insurer asks for its handling; only where the contract pays what it cost. */
  readonly cost: (Said & { readonly amount: Fen }) | undefined
  /** What a replay of the year proved; below zero where the change of policy saved the fund money. */
  readonly policy: (Said & { readonly proof: string; readonly difference: number }) | undefined
  /** The score, and which share of the hold-back a person releases for it. Nothing is withheld or released before that. */
  readonly score:
    | (Said & { readonly points: number; readonly released: Rate; readonly reason: string })
    | undefined
  /** What the reserve held at the end of the year before. */
  readonly reserveBefore: Fen
}

/** What a line of the year is. `of` says to which side of the account it belongs; a note belongs to neither. */
export const YEAR_LINES = {
  premium: { zh: '保费', en: 'Premium', of: 'source' },
  fee: { zh: '经办费', en: 'Fee for handling', of: 'note' },
  claims: { zh: '待遇支出', en: 'Claims', of: 'use' },
  handling: { zh: '承办成本', en: 'Cost of handling', of: 'use' },
  'reserve-in': { zh: '计入风险调节金', en: 'Into the reserve', of: 'use' },
  surplus: { zh: '结余', en: 'Surplus', of: 'note' },
  returned: { zh: '结余返还基金', en: 'Surplus returned to the fund', of: 'use' },
  profit: { zh: '承办机构盈利', en: 'Profit of the insurer', of: 'use' },
  loss: { zh: '亏损', en: 'Loss', of: 'note' },
  'policy-loss': { zh: '其中政策性亏损', en: 'Of it by a change of policy', of: 'note' },
  'business-loss': { zh: '其中经营性亏损', en: 'Of it of business', of: 'note' },
  'reserve-out': { zh: '动用风险调节金', en: 'Drawn from the reserve', of: 'source' },
  'policy-shared': {
    zh: '基金分担政策性亏损',
    en: 'Loss by policy shared by the fund',
    of: 'source',
  },
  'business-shared': {
    zh: '基金分担经营性亏损',
    en: 'Loss of business shared by the fund',
    of: 'source',
  },
  borne: { zh: '承办机构自担亏损', en: 'Loss borne by the insurer', of: 'source' },
  'held-back': { zh: '考核预留', en: 'Held back', of: 'note' },
  released: { zh: '考核后拨付', en: 'Released after the score', of: 'note' },
  forfeited: { zh: '考核扣减', en: 'Kept for the score', of: 'note' },
  'reserve-after': { zh: '风险调节金年末余额', en: 'In the reserve at the end', of: 'note' },
  'to-insurer': { zh: '承办机构应得', en: 'Due to the insurer', of: 'note' },
} as const satisfies Readonly<Record<string, Title & { readonly of: 'source' | 'use' | 'note' }>>
export type YearLineCode = keyof typeof YEAR_LINES

/** One amount of the year, how a clerk redoes it, and what it rests on. */
export type YearLine = {
  readonly code: YearLineCode
  /** In fen; below zero only for what is due to the insurer, who then owes it. */
  readonly amount: number
  /** A sum to redo by hand: `1200.00 × 12 = 14400.00`. */
  readonly formula: string
  readonly clause: Clause | undefined
  /** Who said or decided what it rests on. */
  readonly by: string | undefined
}

/** A year of a contract as it comes out. Sources and uses are one sum. */
export type YearStatement = {
  readonly contract: string
  readonly year: ContractYear
  readonly lines: readonly YearLine[]
  readonly amounts: Readonly<Record<YearLineCode, number>>
}

export const STATES = {
  draft: { zh: '待复核', en: 'Waiting for a second person' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  withdrawn: { zh: '已作废', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title>>
export type State = keyof typeof STATES

export const PROOF_STATES = {
  running: { zh: '重放中', en: 'Replaying' },
  done: { zh: '已完成', en: 'Done' },
  failed: { zh: '未能完成', en: 'Failed' },
} as const satisfies Readonly<Record<string, Title>>
export type ProofState = keyof typeof PROOF_STATES

/** Rules under which a year is replayed: a published version, and the files of a draft that stand in place of its own. */
export type RulesSide = {
  readonly version: number
  readonly draft?: { readonly id: string; readonly name: string } | undefined
}
