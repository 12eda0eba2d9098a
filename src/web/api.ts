import type {
  CaseAct,
  Bearer as CaseBearer,
  CaseDocument,
  CaseState,
  Channel,
  Decision,
  Desk,
  DocumentKind,
  OwnState,
  Risk,
} from '#domains/casework/types.ts'
import type { Entry, ItemClass, Kind, RowFault } from '#domains/catalogue/types.ts'
import type { RecordState, SaidAct, SourceGrade } from '#domains/coinsurance/types.ts'
import type {
  Bearer,
  CLAIMS_BY,
  Clause,
  COUNTED,
  ContractLine,
  ProofState,
  State,
  TermName,
  TermValues,
  YearLineCode,
} from '#domains/contracts/types.ts'
import type {
  ClearingTerms,
  KeptClearingTerms,
  PairView,
  Prepayment,
  RegionBill,
  RegionMonthView,
  Regions,
} from '#domains/crossregion/types.ts'
import type { ReferralAct, ReferralState } from '#domains/enrolment/types.ts'
import type { AccountClass, EntryKind } from '#domains/ledger/types.ts'
import type {
  Deduction,
  DeductionAct,
  KeptTerms,
  MonthBill,
  MonthView,
  YearEnd,
} from '#domains/monthend/types.ts'
import type {
  AnswerStatus,
  BatchAct,
  BatchState,
  BreakKind,
  Holder,
  ItemState,
} from '#domains/payments/types.ts'
import type {
  Progress,
  RunFault,
  RunState,
  ScenarioContent,
  Whatif,
  YearSettled,
} from '#domains/pricing/types.ts'
import type {
  Basis,
  Booked,
  Estimate,
  EstimateRefusal,
  Reserve,
  RunOff,
  Triangle,
} from '#domains/reserves/types.ts'
import type {
  CertificateKind,
  Citation,
  Component,
  Payer,
  ReliefResult,
  Scheme,
  Settlement,
  Step,
  Title,
} from '#domains/settlement/types.ts'

/** What the server says and is told: the HTTP contract of `/api/openapi.json`, as the console uses it. */

export const ROLES = [
  'handler',
  'reviewer',
  'investigator',
  'cashier',
  'supervisor',
  'actuary',
  'hospital',
  'employer',
  'insured',
  'agent',
  'insurer',
  'regulator',
  'admin',
] as const
export type Role = (typeof ROLES)[number]
/** A draft of rules with what it is tried on and what is assumed: somebody's own, or shared. */
export type Scenario = ScenarioContent & {
  readonly id: string
  readonly mine: boolean
  readonly ownerName: string
  readonly shared: boolean
  readonly version: number
  readonly changedAt: string
  readonly run: string | null
  readonly runState: RunState | null
}
export type ScenarioRunRow = {
  readonly id: string
  readonly state: RunState
  readonly scenarioVersion: number
  readonly askedBy: string
  readonly rules: number | null
  readonly progress: Progress | null
  readonly fault: RunFault | null
  readonly at: string
  readonly seconds: number | null
  readonly before: number
  readonly hash?: string
}
export type ScenarioRun = ScenarioRunRow & {
  readonly content: ScenarioContent
  readonly report: Whatif | null
  readonly settled: YearSettled | null
}
export type DraftRead = {
  readonly title: Title
  readonly changes: number
  readonly unknown?: { readonly from: number; readonly to: number; readonly step: number }
}
export type ScenarioParameters = {
  readonly version: number
  readonly schemes: readonly {
    readonly scheme: string
    readonly title: Title
    readonly tiers: readonly {
      readonly tier: string
      readonly title: Title
      readonly file: string
    }[]
  }[]
  readonly values?: readonly {
    readonly at: readonly (string | number)[]
    readonly value: string
    readonly from?: string
  }[]
}
/** What a role is narrowed to; what is absent narrows nothing. */
export type Scope = {
  readonly regions?: readonly string[] | undefined
  readonly institutions?: readonly string[] | undefined
  readonly schemes?: readonly string[] | undefined
  readonly employer?: string | undefined
  readonly insurer?: string | undefined
  readonly persons?: readonly OpenPerson[] | undefined
}
export type OpenPerson = {
  readonly person: string
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly document?: string | undefined
}
export type NewUser = {
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly password?: string
}
export type User = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scope: Scope
  readonly mustChangePassword: boolean
}
export type Session = {
  readonly user: User
  readonly csrf: string
  readonly tenant: { readonly id: string; readonly name: string; readonly demonstration: boolean }
  /** What the role may do. The server decides so again at each request. */
  readonly may: readonly string[]
  /** Which of the user's sessions it is. */
  readonly id: string
  readonly method: 'password' | 'provider'
  readonly mustSetSecondFactor: boolean
}
/** A user as an administrator sees one. */
export type UserView = User & {
  readonly lastLoginAt?: string
  readonly lockedUntil?: string
  readonly disabled?: { readonly at: string; readonly by: string; readonly reason: string }
  readonly secondFactor: boolean
  readonly sessions: number
  readonly subject?: string
}
/** One place where a user is signed in. */
export type SignedInPlace = {
  readonly id: string
  readonly method: 'password' | 'provider'
  readonly device: string
  readonly address: string
  readonly since: string
  readonly seenAt: string
  readonly endsAt: string
}
export type SecondFactor = {
  readonly since?: string
  readonly recoveryCodes: number
  readonly required: boolean
}
export type EmergencyCategory = 'emergency-care' | 'complaint' | 'fraud' | 'system-fault' | 'other'
/** The file of one person, opened to one user, for a reason, for an hour. */
export type EmergencyAccess = {
  readonly id: string
  readonly user: string
  readonly userName: string
  readonly person: string
  readonly category: EmergencyCategory
  readonly reason: string
  readonly grantedAt: string
  readonly expiresAt: string
  readonly live: boolean
  readonly ended?: { readonly at: string; readonly by: string }
  readonly acknowledged?: { readonly at: string; readonly by: string; readonly note: string }
}
export type UserState = 'active' | 'disabled' | 'locked'
export type Door = {
  readonly session: Session | undefined
  readonly demonstration: readonly DemonstrationUser[]
  /** The name of the identity provider, if there is one. */
  readonly provider: string | undefined
}
export type DemonstrationUser = { readonly user: string; readonly password: string }

/** A settlement as it travels: without the running totals, which are the server's own. */
export type SettlementView = Omit<Settlement, 'totals'>
export type Explained = {
  readonly settlement: SettlementView
  readonly steps: readonly Step[]
  /** What to look at in the bill; a settlement answers with none, and has them when it is read. */
  readonly findings?: readonly BillFinding[]
}
export type BillFinding = { readonly code: string; readonly zh: string; readonly en: string }
export type StoredSettlement = Explained & {
  readonly id: string
  readonly state: 'settled' | 'superseded' | 'reversed'
  readonly settledAt: string
  readonly settledBy: string
  readonly reversedAt?: string | null
  readonly reversedBy?: string | null
  readonly reason?: string | null
  readonly rules?: { readonly version: number; readonly hash: string }
  /** What computing it again today came to; amounts in fen. */
  readonly recomputed: {
    readonly engine: { readonly kept: number | null; readonly now: number }
    readonly differences: readonly {
      readonly of: string
      readonly kept: number
      readonly now: number
    }[]
    readonly refusal?: string
  }
}

/** Fields of the national interface, in yuan; payers without one stand apart. */
export type NationalFieldsView = {
  readonly withoutField?: readonly { readonly payer: Payer; readonly amount: string }[]
} & Readonly<Record<string, unknown>>

export type Grade = 'A' | 'B' | 'C' | 'D' | 'invented'
export type SourceView = {
  readonly id: string
  readonly title: string
  readonly address: string
  readonly grade: Grade
  readonly note?: string
}
export type EntryView = {
  readonly from: string
  readonly observed?: string
  readonly source: SourceView
  readonly article?: string
  readonly file: string
  readonly line: number
  /** As the scheme file writes it. */
  readonly value: unknown
}
export type RuleView = {
  readonly rule: string
  readonly label: Title
  readonly entries: readonly EntryView[]
}
export type TierView = {
  readonly id: string
  readonly title: Title
  readonly payer: Payer
  readonly governing: 'admitted' | 'discharged' | 'settled'
  readonly period: {
    readonly kind: 'year' | 'policy-year' | 'lifetime'
    readonly starts?: string
  }
  /** Totals that it counts into together with other tiers. */
  readonly pools: readonly string[]
  readonly rules: readonly RuleView[]
}
export type AttributeView = {
  readonly name: string
  readonly of: 'person' | 'bill' | 'cover'
  readonly title: Title
  readonly answers: 'number' | 'text' | Readonly<Record<string, string>>
  readonly unit?: '元' | null
  readonly whenAbsent?: string | null
  /** What holds elsewhere without a registration 备案. */
  readonly unregistered?: string | null
}
export type PlaceView = {
  readonly folder: string
  readonly title: Title
  readonly teaching: boolean
  readonly sources: readonly SourceView[]
  readonly indexes: readonly (RuleView & { readonly title: Title })[]
}
export type SchemeView = {
  readonly id: string
  readonly title: Title
  readonly kind: Scheme['kind']
  readonly teaching: boolean
  readonly place: string
  readonly tiers: readonly (string | { readonly covers: string })[]
  readonly benefits: readonly string[]
  readonly reliefs: readonly string[]
}
export type Book = {
  readonly vocabulary: readonly AttributeView[]
  readonly places: readonly PlaceView[]
  readonly schemes: readonly SchemeView[]
  readonly tiers: readonly TierView[]
  readonly benefits: readonly TierView[]
  readonly reliefs: readonly TierView[]
  readonly version: number
  readonly hash: string
  readonly publishedAt: string
}
export type ReliefView = Omit<ReliefResult, 'steps'> & {
  readonly steps: readonly {
    readonly step: string
    readonly says: Title
    readonly citation: Citation
  }[]
}
export type CatalogueRow = {
  readonly code: string
  readonly kind: Kind
  readonly inForce: boolean
  readonly name?: string
  readonly class?: ItemClass
  readonly upfrontShare?: number
  readonly limitPrice?: number
  readonly unit?: string
  readonly limit?: string
  readonly next?: string
}
export type CatalogueHistory = {
  readonly entry: Entry
  readonly addedIn: number
  readonly removedIn: number | null
}
export type CatalogueVersion = {
  readonly place: string
  readonly version: number
  readonly note: string
  readonly author: string
  readonly publisher: string
  readonly publishedAt: string
  readonly entries: number
}
export type CatalogueDraft = {
  readonly id: string
  readonly place: string
  readonly fileName: string
  readonly entries: number
  readonly author: string
  readonly createdAt: string
}
export type CatalogueImported = {
  readonly entries: number
  readonly faultCount: number
  readonly faults: readonly RowFault[]
  readonly changes?: {
    readonly added: number
    readonly changed: number
    readonly removed: number
    readonly same: number
  }
  readonly draft?: string
}
export type CodeList = 'icd10' | 'icd9cm3' | 'nrdl'

export type Finding = {
  readonly severity: 'error' | 'warning' | 'note'
  readonly code: string
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly zh: string
  readonly en: string
}
export type Change = {
  readonly tier: string
  readonly title?: Title
  readonly rule: string
  readonly before: EntryView | null
  readonly after: EntryView | null
}

export type PersonRow = {
  readonly id: string
  readonly name: string
  readonly born?: string | null
  readonly scheme?: string | null
  readonly class?: string | null
  readonly category?: string | null
  readonly bills: number
  readonly settled: number
}
export type BillRow = {
  readonly id: string
  readonly admitted: string
  readonly discharged: string
  readonly settled: string
  readonly total: number
  readonly medical?: string | null
  readonly level?: string | null
  readonly state: 'open' | 'settled' | 'reversed'
  readonly settlement?: string | null
  readonly case?: string
}
export type Moved = { readonly before: number; readonly after: number }
export type BillDifference = {
  readonly bill: string
  readonly reasons: readonly ('own' | 'rules' | 'arithmetic' | 'facts' | 'totals')[]
  readonly total: Moved
  readonly payers: Readonly<Partial<Record<Payer, Moved>>>
  readonly patient: Moved
  readonly benefits: Readonly<Partial<Record<Payer, Moved>>>
  readonly spentSince: number
  readonly refusal?: string
}
export type Adjustment = {
  readonly bill: string
  readonly kind: 'supplement' | 'recovery'
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly state: 'ordered' | 'proposed' | 'confirmed-once' | 'confirmed' | 'waived'
}
export type StoredAdjustment = Adjustment & {
  readonly id: string
  readonly person: string
  readonly firstBy: string | null
  readonly firstReason: string | null
  readonly decidedBy: string | null
  readonly reason: string | null
}
export type PreviewView = {
  readonly differences: readonly BillDifference[]
  readonly adjustments: readonly Adjustment[]
}
export type StatementView = {
  readonly id: string
  readonly at: string
  readonly user: string
  readonly cause: {
    readonly kind:
      | 'late-bill'
      | 'reversal'
      | 'correction'
      | 'person'
      | 'account'
      | 'payment'
      | 'rules'
    readonly bill?: string
    readonly version?: number
  }
  readonly reason: string | null
  readonly differences: readonly BillDifference[]
}
export type KnownView = {
  readonly covers: readonly (Cover & {
    readonly attributes: Readonly<Record<string, string | number | undefined>>
  })[]
  readonly attributes: readonly {
    readonly from: string
    readonly attributes: Readonly<Record<string, string | number | undefined>>
  }[]
  readonly bills: readonly {
    readonly bill: string
    readonly discharged: string
    readonly cleared: boolean
    readonly payers: Readonly<Partial<Record<Payer, number>>>
    readonly patient: number
  }[]
  readonly totals: PersonFile['totals']
}
/** What is to be cleared: days of settlement, and a hospital where one is named. */
export type ToClear = { readonly from: string; readonly until: string; readonly hospital?: string }
export type ClearingView = {
  readonly settlements: number
  readonly total: number
  readonly patient: number
  readonly payers: readonly { readonly payer: Payer; readonly amount: number }[]
}
/** 试算平衡表: every account of every fund at the end of a day, in fen. */
export type TrialBalance = {
  readonly day: string
  readonly debit: number
  readonly credit: number
  readonly funds: readonly {
    readonly fund: string
    readonly debit: number
    readonly credit: number
    readonly accounts: readonly {
      readonly account: string
      readonly class: AccountClass
      readonly debit: number
      readonly credit: number
      readonly balance: number
    }[]
  }[]
}
export type LedgerSeries = {
  readonly days: readonly string[]
  readonly classes: Readonly<Partial<Record<AccountClass, readonly number[]>>>
}
export type LedgerLine = {
  readonly no: number
  readonly day: string
  readonly subject: string
  readonly kind: EntryKind
  readonly bill: string | null
  readonly settlement: string | null
  readonly account: string
  readonly against: string
  readonly debit: number
  readonly credit: number
}
type OfLedgerAccount = Readonly<Record<'fund' | 'account' | 'from' | 'until', string>>
export type PaymentAccount = {
  readonly id: string
  readonly holder: Holder
  readonly holderId: string
  readonly from: string
  readonly name: string
  readonly number: string
  readonly bankCode: string
  readonly bankName: string
  readonly document: string
  readonly user: string
}
export type ToPay = {
  readonly until: string
  readonly payOn: string
  readonly fund?: string
  readonly payee?: string
}
export type PaymentPreview = {
  readonly orders: readonly {
    readonly fund: string
    readonly payee: string
    readonly amount: number
    readonly name: string
    readonly number: string
  }[]
  readonly left: readonly {
    readonly fund: string
    readonly payee: string
    readonly amount: number
    readonly why: 'unnamed' | 'no_account' | 'no_fund_account' | 'below_zero'
  }[]
}
type PaymentSums = readonly {
  readonly state: ItemState
  readonly orders: number
  readonly amount: number
}[]
type PaymentBatchHead = {
  readonly id: string
  readonly no: number
  readonly state: BatchState
  readonly until: string
  readonly payOn: string
  readonly madeBy: string
  readonly madeAt: string
  readonly messageId: string | null
}
export type PaymentBatchRow = PaymentBatchHead & { readonly items: PaymentSums }
export type PaymentOrder = {
  readonly id: string
  readonly batch: string
  readonly no: number
  readonly state: ItemState
  readonly fund: string
  readonly payee: string
  readonly amount: number
  readonly endToEnd: string | null
  readonly reason: string | null
  readonly name: string
  readonly number: string
  readonly bankName: string
}
export type PaymentBatch = PaymentBatchHead & {
  readonly sums: PaymentSums
  readonly moves: readonly {
    readonly act: BatchAct | 'make'
    readonly user: string
    readonly at: string
    readonly reason: string | null
  }[]
  readonly orders: readonly PaymentOrder[]
  readonly next?: number
}
export type PaymentOrderDetail = PaymentOrder & {
  readonly entries: readonly {
    readonly subject: string
    readonly kind: EntryKind
    readonly amount: number
    readonly day: string
    readonly bill: string | null
    readonly settlement: string | null
    readonly rules: readonly string[]
  }[]
  readonly answers: readonly {
    readonly at: string
    readonly file: string
    readonly status: AnswerStatus
    readonly amount: number | null
    readonly reason: string | null
  }[]
}
export type PaymentBreak = {
  readonly id: string
  readonly kind: Exclude<BreakKind, 'missing'>
  readonly endToEnd: string
  readonly item: string | null
  readonly status: string
  readonly amount: number | null
  readonly fund: string | null
  readonly payee: string | null
  readonly raisedBy: string
  readonly raisedAt: string
}
export type PaymentBreaks = {
  readonly breaks: readonly PaymentBreak[]
  readonly missing: readonly {
    readonly item: string
    readonly endToEnd: string
    readonly payee: string
    readonly amount: number
    readonly sentOn: string
    readonly due: string | null
  }[]
  readonly uncounted: number
}
export type RunSums = {
  readonly persons: number
  readonly bills: number
  readonly refused: number
  readonly payers: Readonly<Partial<Record<Payer, Moved>>>
  readonly patient: Moved
}
export type ReplayRun = {
  readonly id: string
  readonly rules: number
  readonly state: 'checking' | 'checked' | 'applying' | 'done' | 'cancelled'
  readonly persons: number
  readonly waiting: number
  readonly failed: number
  readonly checked: RunSums
  readonly applied: RunSums
  readonly author: string
  readonly reason: string
  readonly at: string
}
export type CaseCut = { readonly line: string; readonly amount: number }
export type CaseRow = {
  readonly id: string
  readonly no: number
  readonly bill: string
  readonly person: string
  readonly channel: Channel
  readonly state: CaseState
  readonly desk: Desk | null
  readonly amount: number
  readonly acceptedOn: string
  readonly dueOn: string | null
  readonly overdue: boolean
  readonly assignee: string | null
  readonly outcome: Decision['outcome'] | null
  /** From 0 to 100: how much of it stands out. */
  readonly risk: number
  readonly acts: number
}
export type CasesWaiting = {
  readonly desk: Desk
  readonly state: CaseState
  readonly cases: number
  readonly overdue: number
}
/** What was decided, as it is shown. */
export type CaseDecision = {
  readonly outcome: Decision['outcome']
  readonly rules?: readonly string[]
  readonly cuts?: readonly CaseCut[]
  readonly bearer?: CaseBearer
}
export type CaseFile = CaseRow & {
  readonly history: readonly {
    readonly no: number
    readonly act: CaseAct
    readonly by: string
    readonly on: string
    readonly at: string
    readonly why?: string
    readonly decision?: CaseDecision
    readonly statement: string | null
  }[]
  readonly clocks: readonly {
    readonly id: string
    readonly zh: string
    readonly en: string
    readonly days: number
    readonly unit: 'calendar' | 'working'
    readonly source: string
    readonly grade: string
    readonly kind: 'running' | 'stopped' | 'met' | 'unknown'
    readonly due?: string
    readonly left?: number
    readonly on?: string
    readonly late?: boolean
  }[]
  readonly proposal?: CaseDecision
  readonly riskWhy: Risk | null
  readonly deductions: readonly Pick<
    Deduction,
    'id' | 'no' | 'name' | 'fund' | 'amount' | 'state'
  >[]
  readonly billState: BillRow['state']
  readonly lines: readonly {
    readonly line: string
    readonly name?: string
    readonly amount: number
    readonly inScope: number
  }[]
  readonly limit: number | null
}
/** A case of one's own, as it is seen from outside the office. */
export type OwnCaseRow = Pick<
  CaseRow,
  'id' | 'no' | 'bill' | 'person' | 'channel' | 'amount' | 'acceptedOn'
> & {
  readonly state: OwnState
  readonly asked?: { readonly why: string; readonly on: string }
}
export type OwnBill = {
  readonly bill: string
  readonly person: string
  readonly discharged: string
  readonly total: number
  readonly hospital: string | null
}
export type OwnCaseFile = OwnCaseRow & {
  readonly acts: number
  readonly may: readonly CaseAct[]
  readonly decision?: {
    readonly outcome: Decision['outcome']
    readonly bearer?: CaseBearer
    readonly why: string
    readonly on: string
    readonly rules: readonly string[]
    readonly cuts: readonly (CaseCut & { readonly name?: string })[]
  }
  readonly steps: readonly { readonly act: CaseAct; readonly on: string; readonly why?: string }[]
  readonly clocks: readonly { readonly zh: string; readonly en: string; readonly due: string }[]
}
export type CaseTrial = {
  readonly total: number
  readonly patient: number
  readonly payers: readonly { readonly payer: Payer; readonly amount: number }[]
  /** What a hospital would bear of it. */
  readonly borne: readonly { readonly payer: Payer; readonly amount: number }[]
}
export type OfRegionMonth = Regions & { readonly month: string }
export type RegionStatement = {
  readonly view: RegionMonthView
  readonly bills: readonly RegionBill[]
  readonly insuredName: Title
  readonly treatingName: Title
  readonly printedOn: string
}

export type CoinsuranceProduct = {
  readonly scheme: string
  readonly title: Title
  readonly fund: string
  readonly teaching: boolean
  readonly rules: readonly { readonly rule: string; readonly title: Title }[]
}
/** What somebody entered and another confirms. */
type Recorded = {
  readonly state: RecordState
  readonly madeBy: string
  readonly madeAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}
export type CoinsurancePanel = Recorded & {
  readonly id: string
  readonly scheme: string
  readonly fund: string
  readonly from: string
  readonly until: string
  readonly lead: string
  readonly members: readonly {
    readonly insurer: string
    readonly name: string
    /** Parts per million. */
    readonly share: number
  }[]
  readonly source: string
  readonly grade: SourceGrade
  readonly closedUntil: string | null
}
/** Fen in a month, and since the first day of the panel. */
export type InMonthAndYear = { readonly inMonth: number; readonly inYear: number }
export type CoinsuranceMonths = {
  readonly months: readonly {
    readonly month: string
    readonly closedBy: string
    readonly closedAt: string
    readonly claims: InMonthAndYear
  }[]
  readonly next: { readonly month: string; readonly over: boolean } | null
}
export type CoinsuranceReceipt = Recorded & {
  readonly id: string
  readonly insurer: string
  readonly on: string
  readonly amount: number
  readonly reference: string
}
export type CoinsuranceAct = {
  readonly id: string
  readonly month: string
  readonly insurer: string
  readonly act: SaidAct
  readonly reason: string | null
  readonly closing: number
  readonly madeBy: string
  readonly madeAt: string
}
export type OfCoinsuranceStatement = { readonly month: string; readonly insurer: string }
export type CoinsuranceStatement = {
  readonly month: string
  /** The day on which the month was shared. */
  readonly asOf: string
  readonly panel: CoinsurancePanel & { readonly leadName: string }
  readonly product: Title
  readonly teaching: boolean
  readonly enrolled: {
    readonly insured: number
    readonly everInsured: number
    readonly preexisting: number
    readonly premiumDue: number
    readonly premiumCollected: number
    readonly premiumRefunded: number
  }
  readonly premium: number
  readonly claims: InMonthAndYear
  readonly liabilities: readonly (InMonthAndYear & {
    readonly rule: string
    readonly title: Title
  })[]
  readonly lossRatio?: number
  /** Of the insurer that was asked for, month by month. */
  readonly account: readonly {
    readonly month: string
    readonly opening: number
    readonly claims: number
    readonly paid: number
    readonly closing: number
  }[]
  readonly insurers: readonly {
    readonly insurer: string
    readonly name: string
    readonly share: number
    readonly leads: boolean
    readonly premium: number
    readonly claims: InMonthAndYear
    readonly opening: number
    readonly paid: InMonthAndYear
    readonly closing: number
    readonly owes: number
  }[]
}
export type CaseLimit = {
  readonly from: string
  readonly amount: number
  readonly document: string
  readonly user: string
  readonly at: string
}
/** A bill as it is kept: amounts in fen. */
export type KeptBill = Omit<
  InputBill,
  'answers' | 'lines' | 'parts' | 'thirdParty' | 'diagnosis'
> & {
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly diagnosis?: { readonly code?: string; readonly name?: string }
  readonly thirdParty?: { readonly share: number; readonly advance: boolean }
  readonly parts: Readonly<Record<string, number>>
  readonly lines: readonly {
    readonly id: string
    readonly name?: string
    readonly amount: number
    readonly parts: Readonly<Record<string, number>>
    readonly category?: string
    readonly genericName?: string
    readonly item?: { readonly code: string }
  }[]
  readonly events?: readonly string[]
}

export type Cover = { readonly scheme: string; readonly from: string; readonly until?: string }
export type PersonFile = {
  readonly person: PersonRow & { readonly covers: readonly Cover[] }
  readonly bills: readonly BillRow[]
  readonly totals: readonly {
    readonly slot: string
    readonly period: string
    readonly value: number
  }[]
}

/** A bill as the input file of `kangyang settle` writes it; amounts in yuan, as text. */
export type InputLine = {
  readonly id: string
  readonly name?: string
  readonly class: '甲' | '乙' | '丙' | '特药' | '单列'
  readonly amount: string
  readonly quantity?: string
  readonly limitPrice?: string
  readonly upfrontShare?: string
  readonly category?: string
  readonly genericName?: string
}
export type InputBill = {
  readonly id: string
  readonly person: string
  readonly admitted: string
  readonly discharged: string
  readonly settled: string
  readonly stay?: string
  readonly transferFrom?: string
  readonly placeOfCare?: string
  readonly diagnosis?: { readonly code: string }
  readonly invoice?: {
    readonly number: string
    readonly code?: string
    readonly on: string
    readonly handedIn?: string
  }
  readonly answers?: Readonly<Record<string, string | number>>
  readonly cause?: string
  readonly thirdParty?: { readonly share: string; readonly advance: boolean }
  readonly days?: number
  readonly lines?: readonly InputLine[]
  readonly parts?: Readonly<Record<string, string>>
}
export type InputFile = {
  readonly amounts: 'yuan' | 'fen'
  readonly persons: readonly unknown[]
  readonly bills: readonly InputBill[]
}

export type DraftFile = { readonly path: string; readonly text: string }
export type DraftRow = {
  readonly id: string
  readonly name: string
  readonly baseVersion: number
  readonly author: string
  readonly state: 'open' | 'published'
  readonly revision: number
  readonly createdAt: string
  readonly changedAt: string
  readonly files: readonly string[]
}
export type Draft = Omit<DraftRow, 'files'> & { readonly files: readonly DraftFile[] }
export type Fault = {
  readonly file: string
  readonly line: number
  readonly code: string
  readonly message: string
}
export type CheckResult = {
  readonly ok: boolean
  readonly fault?: Fault | null
  readonly findings?: readonly Finding[]
}
export type Side =
  | {
      readonly payers: Readonly<Partial<Record<Payer, number>>>
      readonly patient: number
    }
  | { readonly refusal: { readonly code: string; readonly zh: string; readonly en: string } }
export type Comparison = {
  readonly rows: readonly {
    readonly bill: string
    readonly total: number
    readonly before: Side
    readonly after: Side
  }[]
}

/** What enrolment keeps of one person. */
export type Membership = {
  readonly scheme: string
  readonly kind: string | null
  readonly from: string
  readonly until: string | null
  readonly enrolledOn: string
  readonly answers: Readonly<Record<string, string | number | undefined>>
  readonly employer: string | null
  readonly newborn: boolean
}
/** What every registration and certificate has; those that came with bills lack the last two. */
type Filed = {
  readonly from: string
  readonly until: string | null
  readonly document: string | null
  readonly source: string | null
}
/** 转诊单, with what was done to it. */
export type Referral = {
  readonly id: string
  readonly record: string
  readonly person: string
  readonly kind: string
  readonly from: string
  readonly fromName: string
  readonly to: string | null
  readonly toName: string | null
  readonly place: string
  readonly since: string
  readonly until: string
  readonly reason: string
  readonly document: string
  readonly state: ReferralState
  readonly history: readonly {
    readonly no: number
    readonly act: ReferralAct
    readonly by: string
    readonly on: string
    readonly why: string
  }[]
}
export type EnrolmentFile = {
  readonly id: string
  readonly name: string
  readonly born: string | null
  readonly enrolled: boolean
  readonly sex: 'male' | 'female' | null
  readonly died: string | null
  readonly mergedInto: string | null
  readonly idNumber: string | null
  readonly memberships: readonly Membership[]
  readonly statuses: readonly {
    readonly attribute: string
    readonly value: string
    readonly from: string
    readonly until: string | null
  }[]
  readonly repairs: readonly {
    readonly scheme: string
    readonly from: string
    readonly until: string
    readonly paidOn: string
  }[]
  readonly waits: readonly {
    readonly scheme: string
    readonly from: string
    readonly tier: string
    readonly title: Title
    readonly until: string
  }[]
  readonly registrations: readonly ({
    readonly kind: string
    readonly place: string | null
  } & Filed)[]
  readonly certificates: readonly ({
    readonly kind: CertificateKind
    readonly of: string
  } & Filed)[]
  readonly sites: readonly {
    readonly site: string
    readonly name: string
    readonly employer: string
    readonly from: string
    readonly until: string
  }[]
  readonly merges: readonly {
    readonly id: string
    readonly from: string
    readonly into: string
    readonly at: string
    readonly user: string
    readonly reason: string
    readonly undoneBy: string | null
  }[]
  readonly changes: readonly {
    readonly at: string
    readonly user: string
    readonly change: string
    readonly facts: Readonly<Record<string, unknown>>
    readonly reason: string | null
  }[]
  readonly conditions: readonly {
    readonly disease: string
    readonly since: string
    readonly state: 'declared' | 'found' | 'confirmed' | 'rejected'
  }[]
  readonly family: readonly {
    readonly owner: string
    readonly member: string
    readonly relation: 'spouse' | 'parent' | 'child' | 'other'
    readonly from: string
    readonly until: string | null
  }[]
  readonly roster: readonly {
    readonly employer: string
    readonly employerName: string
    readonly from: string
    readonly until: string | null
  }[]
  readonly premiums: readonly {
    readonly scheme: string
    readonly from: string
    readonly payer: PremiumPayer
    readonly due: number
    readonly collected: number
    readonly refunded: number
  }[]
  readonly accounts: {
    readonly personal: number | null
    readonly family: number | null
    readonly entries: readonly {
      readonly account: 'personal' | 'family'
      readonly kind: AccountKind
      readonly amount: number
      readonly balance: number
      readonly on: string
      readonly purpose?: string | null
      readonly counterpart?: string | null
      readonly reference: string
      readonly user: string
    }[]
  }
  readonly looked: readonly {
    readonly at: string
    readonly user: string
    readonly action: string
    readonly purpose: string | null
  }[]
}
/** What the access log is asked. An empty text asks for everything. */
export type AccessQuestion = {
  readonly subject: string
  readonly user: string
  readonly from: string
  readonly until: string
}
export type AccessEntry = EnrolmentFile['looked'][number] & {
  readonly id: number
  readonly subject: string | null
}
/** A fund, a month, and by what its reserve is estimated. */
export type ReserveQuestion = Basis & { readonly fund: string; readonly month: string }

const queryOf = (asked: ReserveQuestion): string =>
  query(Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)])))

type OfMonth = { readonly institution: string; readonly fund: string; readonly month: string }

/** An hour in which a user opened very much, or was refused often. */
export type UnusualHour = {
  readonly user: string
  readonly from: string
  readonly records: number
  readonly exports: number
  readonly refusals: number
}

export type AccessChain = {
  readonly head: {
    readonly number: number
    readonly sealedAt: string
    readonly hash: string
  } | null
  readonly waiting: number
  readonly waitingSeconds: number
  readonly check: {
    readonly at: string
    readonly seals: number
    readonly entries: number
    readonly sound: boolean
  } | null
}
export type AccountKind =
  | 'credit'
  | 'use'
  | 'refund'
  | 'share'
  | 'shared'
  | 'transfer-in'
  | 'transfer-out'
  | 'inherited'
  | 'left'
  | 'paid-out'
export type PersonPath = 'changes' | 'premiums' | 'account' | 'family' | 'id-number'
export type PremiumPayer = 'self' | 'employer' | 'government' | 'assistance'
export type Changed = {
  readonly person: string
  readonly replay: readonly string[]
  readonly statement: string | null
}

export type ImportMode = 'check' | 'good' | 'all'
export type ImportView = {
  readonly id: string
  readonly name: string
  readonly author: string
  readonly createdAt: string
  readonly state: 'received' | 'running' | 'stopped' | 'checked' | 'done' | 'failed'
  readonly mode: ImportMode | null
  readonly sameAs: {
    readonly id: string
    readonly name: string
    readonly finishedAt: string
  } | null
  readonly rowsRead: number
  readonly rowsTotal: number | null
  readonly rowsDone: number
  readonly rowsFaulty: number
  readonly outcome: {
    readonly personsNew: number
    readonly added: number
    readonly changed: number
    readonly unchanged: number
    readonly refused: number
  }
  readonly failure: {
    readonly code: string
    readonly line: number | null
    readonly what: Title
    readonly remedy: Title
  } | null
}
export type ImportFault = {
  readonly line: number
  readonly column: string
  readonly value: string
  readonly code: string
  readonly what: Title
  readonly remedy: Title
}

export type AccountUse = {
  readonly purpose: string
  readonly from: string
  readonly permitted: boolean
  readonly source: string
  readonly article: string | null
}
export type Site = {
  readonly id: string
  readonly name: string
  readonly employer: string
  readonly employerName: string
  readonly scheme: string
  readonly from: string
  readonly until: string
  readonly headcount: number | null
  readonly areaM2: number | null
  readonly on: string
  readonly workers: readonly {
    readonly person: string
    readonly name: string
    readonly from: string
    readonly until: string
  }[]
}
export type EmployerRow = { readonly id: string; readonly name: string; readonly staff: number }
export type Employer = {
  readonly id: string
  readonly name: string
  readonly on: string
  readonly figures: {
    readonly staff: number
    readonly women: number
    readonly men: number
    readonly covers: readonly { readonly scheme: string; readonly persons: number }[]
  }
  readonly staff: readonly {
    readonly person: string
    readonly name: string
    readonly from: string
    readonly until: string | null
    readonly covers: readonly string[]
  }[]
  readonly sites: readonly {
    readonly id: string
    readonly name: string
    readonly scheme: string
    readonly from: string
    readonly until: string
    readonly headcount: number | null
    readonly areaM2: number | null
    readonly named: number
  }[]
}
export type InstitutionKind = 'hospital' | 'clinic' | 'pharmacy' | 'care'
export type Institution = {
  readonly id: string
  readonly name: string
  readonly kind: InstitutionKind
  readonly levels: readonly {
    readonly from: string
    readonly level: string
    readonly document: string
  }[]
  readonly agreements: readonly {
    readonly kind: string
    readonly from: string
    readonly until: string | null
    readonly document: string
  }[]
  readonly levelOn: string | null
  readonly agreementsOn: readonly string[]
}

export type TrialRequest = { readonly bill: string } | { readonly input: InputFile }
export type Components = Readonly<Record<Component, number>>

// --- speaking to the server ----------------------------------------------------------------------

type ProblemBody = {
  readonly status?: number
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly remedy?: string
  readonly zh?: string
  readonly en?: string
  readonly errors?: readonly {
    readonly field: string
    readonly reason: string
    readonly remedy?: string
  }[]
}

/** An answer that is a "no", or no answer at all (`status` 0). */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly body: ProblemBody
  /** The language in which `detail` and `remedy` were asked for. */
  readonly language = document.documentElement.lang.slice(0, 2)
  constructor(status: number, body: ProblemBody) {
    super(body.title ?? body.code ?? String(status))
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? (status === 0 ? 'unreachable' : 'unexpected')
    this.body = body
  }
  /** Whether the server decided: then the same request gets the same answer, and a new intent is needed. */
  get decided(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429
  }
}

/** How many persons one search shows. */
export const MOST_PERSONS = 100

const PATIENCE_MS = 30_000
let csrf = ''

type Options = { readonly body?: unknown; readonly key?: string }

async function request<T>(method: string, path: string, { body, key }: Options = {}): Promise<T> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-language': document.documentElement.lang,
  }
  if (method !== 'GET') headers['x-kangyang-csrf'] = csrf
  const whole = body instanceof Blob
  if (body !== undefined)
    headers['content-type'] = whole ? 'application/octet-stream' : 'application/json'
  if (body instanceof File) headers['x-kangyang-name'] = encodeURIComponent(body.name.slice(0, 200))
  if (key !== undefined) headers['idempotency-key'] = key
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: whole ? body : JSON.stringify(body) }),
    })
  } catch {
    throw new Problem(0, {})
  }
  if (response.status === 204) return undefined as T
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw new Problem(response.status, (answer ?? {}) as ProblemBody)
  return answer as T
}

// --- contracts with insurers ---------------------------------------------------------------------

type Named = { readonly zh: string; readonly en: string }

/** One version of a contract. */
export type ContractRow = {
  readonly id: string
  readonly version: number
  readonly state: State
  readonly author: string
  readonly at: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
  readonly title: Named
  readonly line: ContractLine
  readonly bears: Bearer
  readonly bureau: Named
  readonly insurer: Named
  readonly fund: string
  readonly financedBy: string
  readonly from: string
  readonly until: string
  readonly claims: keyof typeof CLAIMS_BY
  readonly counted: keyof typeof COUNTED
  readonly schemes: readonly string[]
}

/** A term from a day on, with where it stands. */
export type ContractTerm = Omit<Clause, 'from'> & {
  readonly from: string
  readonly value: TermValues[TermName]
}

export type ContractYearRow = {
  readonly id: string
  readonly no: number
  readonly contract: string
  readonly version: number
  readonly year: number
  readonly state: State
  readonly author: string
  readonly at: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
  readonly toInsurer: number
}

type ProofRules = {
  readonly version: number
  readonly draft?: { readonly id: string; readonly name: string }
  readonly hash: string
}

/** A year replayed under two rule books. */
export type ContractProof = {
  readonly id: string
  readonly no: number
  readonly year: number
  readonly before: ProofRules
  readonly after: ProofRules
  readonly asOf: string
  readonly againOf: string | null
  readonly state: ProofState
  readonly personsTotal: number | null
  readonly persons: number
  readonly bills: number
  readonly refused: number
  readonly stood: number
  readonly sumBefore: number
  readonly sumAfter: number
  readonly difference: number
  readonly same?: boolean
  readonly failure: string | null
  readonly user: string
  readonly at: string
}

export type ContractFile = {
  readonly versions: readonly (ContractRow & {
    readonly text: string
    readonly terms: readonly ContractTerm[]
  })[]
  readonly periods: readonly {
    readonly year: number
    readonly from: string
    readonly until: string
  }[]
  readonly years: readonly ContractYearRow[]
  readonly proofs: readonly ContractProof[]
}

export type ContractYearLine = {
  readonly code: YearLineCode
  readonly of: 'source' | 'use' | 'note'
  readonly amount: number
  readonly formula: string
  readonly clause?: Clause
  readonly by?: string
}

export type ContractYearFile = ContractYearRow & {
  readonly title: Named
  readonly insurer: Named
  readonly bears: Bearer
  readonly counted: keyof typeof COUNTED
  readonly claimsBy: keyof typeof CLAIMS_BY
  readonly from: string
  readonly until: string
  readonly heads: number
  readonly days: number
  readonly score?: {
    readonly points: number
    readonly released: string
    readonly reason: string
    readonly by: string
  }
  readonly lines: readonly ContractYearLine[]
  readonly proof?: ContractProof
}

export type RulesAsked = { readonly version: number } | { readonly draft: string }

const get = <T>(path: string) => request<T>('GET', path)
const post = <T>(path: string, body: unknown = {}) => request<T>('POST', path, { body })
const put = <T>(path: string, body: unknown) => request<T>('PUT', path, { body })

/**
 * A request that must happen once. Where no answer comes, it asks what became of it before giving up;
 * the caller keeps `key` and sends the same request again.
 */
async function command<T>(path: string, body: unknown, key: string): Promise<T> {
  try {
    return await request<T>('POST', path, { body, key })
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 0) throw error
    const done = await get<{ status: number; body: unknown }>(
      `/api/commands/${encodeURIComponent(key)}`,
    ).catch(() => undefined)
    if (!done) throw error
    if (done.status >= 400) throw new Problem(done.status, done.body as ProblemBody)
    return done.body as T
  }
}

/** How much of a file has been sent, from 0 to 1. */
export type OnSent = (share: number) => void

/**
 * Sends a file as it is, and says how much of it is there. A million rows are a hundred megabytes, so nobody waits
 * with a watch. XMLHttpRequest, because fetch does not tell how much it has sent.
 */
function sendFile(path: string, file: File, onSent: OnSent): Promise<Blob> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.responseType = 'blob'
    request.setRequestHeader('accept-language', document.documentElement.lang)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.setRequestHeader('x-kangyang-csrf', csrf)
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0)
    request.onerror = () => fail(new Problem(0, {}))
    request.onload = async () => {
      if (request.status < 300) return done(request.response as Blob)
      const problem = await jsonOf<ProblemBody>(request.response as Blob).catch(() => ({}))
      fail(new Problem(request.status, problem))
    }
    request.send(file)
  })
}

const jsonOf = async <T>(blob: Blob): Promise<T> => JSON.parse(await blob.text())

const importPath = (file: File, words: Readonly<Record<string, string>>) =>
  `/api/catalogue/imports?${query({ name: file.name.slice(0, 200), ...words })}`

const id = encodeURIComponent
const withoutEmpty = (words: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(words).filter(([, text]) => text !== ''))
const query = (words: Readonly<Record<string, string>>) => new URLSearchParams(words).toString()

export const api = {
  /** Who is signed in, or whom a visitor may sign in as. */
  door: async (): Promise<Door> => {
    const { signedIn, demonstration, provider } = await get<{
      signedIn: boolean
      demonstration: readonly DemonstrationUser[]
      provider?: string
    }>('/api/door')
    if (!signedIn) return { session: undefined, demonstration, provider }
    const session = await get<Session>('/api/session')
    csrf = session.csrf
    return { session, demonstration, provider }
  },
  login: (user: string, password: string, code?: string) =>
    post<unknown>('/api/login', { user, password, ...(code ? { code } : {}) }),
  loginByProvider: () => post<{ next: string }>('/api/provider/login'),
  /** Answers with where the identity provider signs out, if it is to. */
  logout: () => post<{ next: string } | undefined>('/api/logout'),
  changePassword: (current: string, next: string) => post<void>('/api/password', { current, next }),

  mySessions: () =>
    get<{ current: string; sessions: readonly SignedInPlace[] }>('/api/account/sessions'),
  endMySession: (session?: string) =>
    post<{ ended: number }>('/api/account/sessions/end', session ? { session } : {}),
  secondFactor: () => get<SecondFactor>('/api/account/second-factor'),
  beginSecondFactor: (password: string) =>
    post<{ secret: string; address: string }>('/api/account/second-factor', { password }),
  confirmSecondFactor: (code: string) =>
    post<{ recoveryCodes: readonly string[] }>('/api/account/second-factor/confirm', { code }),
  removeSecondFactor: (proof: { password: string; code: string }) =>
    post<void>('/api/account/second-factor/remove', proof),
  renewRecoveryCodes: (proof: { password: string; code: string }) =>
    post<{ recoveryCodes: readonly string[] }>('/api/account/recovery-codes', proof),

  book: () => get<Book>('/api/schemes'),
  files: () => get<{ version: number; files: readonly DraftFile[] }>('/api/schemes/files'),
  lint: () => get<{ findings: readonly Finding[] }>('/api/schemes/lint'),
  changes: (from: string, to: string, scheme: string) =>
    get<{ changes: readonly Change[] }>(
      `/api/schemes/changes?${query({ from, to, ...(scheme ? { scheme } : {}) })}`,
    ),

  persons: (q: string, scheme = '') =>
    get<{ persons: readonly PersonRow[] }>(
      `/api/persons?${query({ q, limit: String(MOST_PERSONS), ...(scheme ? { scheme } : {}) })}`,
    ),
  /** A page of persons, and after which number the next one goes on. */
  personsAfter: ({ q, scheme, after }: { q: string; scheme: string; after: string }) =>
    get<{ persons: readonly PersonRow[]; next?: string }>(
      `/api/persons?${query({ ...withoutEmpty({ q, scheme, after }), limit: '50' })}`,
    ),
  person: (person: string) => get<PersonFile>(`/api/persons/${id(person)}`),

  enrolmentFile: (person: string) => get<EnrolmentFile>(`/api/enrolment/persons/${id(person)}`),
  registerPerson: (body: object, key: string) =>
    command<Changed>('/api/enrolment/persons', body, key),
  reveal: (person: string) =>
    post<{ id: string; name: string; idNumber: string | null }>(
      `/api/enrolment/persons/${id(person)}/reveal`,
    ),
  findByIdNumber: (idNumber: string) =>
    post<{ person: string }>('/api/enrolment/persons/find', { idNumber }),
  /** One of the commands about a person: `path` says which. Some answer with the bills to be settled again. */
  personCommand: (
    { person, path, body }: { person: string; path: PersonPath; body: object },
    key: string,
  ) => command<Partial<Changed>>(`/api/enrolment/persons/${id(person)}/${path}`, body, key),
  merge: (body: { from: string; into: string; reason: string }, key: string) =>
    command<{ merge: string; statement: string | null }>('/api/enrolment/merges', body, key),
  undoMerge: ({ merge, reason }: { merge: string; reason: string }, key: string) =>
    command<{ merge: string }>(`/api/enrolment/merges/${id(merge)}/undo`, { reason }, key),
  accountUses: () => get<{ uses: readonly AccountUse[] }>('/api/enrolment/account-uses'),
  addAccountUse: (body: object, key: string) =>
    command<{ purpose: string }>('/api/enrolment/account-uses', body, key),
  site: (site: string) => get<Site>(`/api/sites/${id(site)}`),
  addSite: ({ employer, ...body }: { employer: string; [field: string]: unknown }, key: string) =>
    command<{ id: string }>(`/api/employers/${id(employer)}/sites`, body, key),

  imports: () => get<{ imports: readonly ImportView[] }>('/api/imports'),
  importView: (one: string) => get<ImportView>(`/api/imports/${id(one)}`),
  importFaults: (one: string, limit: number) =>
    get<{ faults: readonly ImportFault[] }>(`/api/imports/${id(one)}/faults?limit=${limit}`),
  uploadImport: async (file: File, onSent: OnSent) =>
    jsonOf<{ id: string }>(
      await sendFile(`/api/imports?${query({ name: file.name })}`, file, onSent),
    ),
  runImport: ({ one, mode }: { one: string; mode: ImportMode }, key: string) =>
    command<{ id: string }>(`/api/imports/${id(one)}/run`, { mode }, key),
  cancelImport: (one: string, key: string) =>
    command<{ id: string }>(`/api/imports/${id(one)}/cancel`, {}, key),
  importFaultsAddress: (one: string) => `/api/imports/${id(one)}/faults.csv`,
  templateAddress: (kind: 'csv' | 'xlsx', language: 'zh' | 'en') =>
    `/api/imports/template.${kind}?language=${language}`,

  employers: (q: string) =>
    get<{ employers: readonly EmployerRow[] }>(`/api/employers?${query({ q })}`),
  employer: (employer: string) => get<Employer>(`/api/employers/${id(employer)}`),
  addEmployer: (body: object, key: string) => command<{ id: string }>('/api/employers', body, key),
  changeRoster: (
    { employer, ...body }: { employer: string; [field: string]: unknown },
    key: string,
  ) => command<{ id: string }>(`/api/employers/${id(employer)}/roster`, body, key),
  institutions: (q: string) =>
    get<{ on: string; institutions: readonly Institution[] }>(`/api/institutions?${query({ q })}`),
  addInstitution: (body: object, key: string) =>
    command<{ id: string }>('/api/institutions', body, key),
  addAgreement: (
    { institution, ...body }: { institution: string; [field: string]: unknown },
    key: string,
  ) => command<{ id: string }>(`/api/institutions/${id(institution)}/agreements`, body, key),
  addLevel: (
    { institution, ...body }: { institution: string; [field: string]: unknown },
    key: string,
  ) => command<{ id: string }>(`/api/institutions/${id(institution)}/levels`, body, key),

  referrals: (asked: { readonly person?: string }) =>
    get<{ referrals: readonly Referral[] }>(`/api/referrals?${query(asked)}`),
  enterReferral: (body: object, key: string) =>
    command<Partial<Changed>>('/api/referrals', body, key),
  changeReferral: (
    { referral, ...body }: { referral: string; [field: string]: unknown },
    key: string,
  ) => command<Partial<Changed>>(`/api/referrals/${id(referral)}/acts`, body, key),

  saveBills: (input: InputFile, key: string) =>
    command<{ bills: readonly string[]; persons: readonly string[] }>('/api/bills', input, key),
  trial: (body: TrialRequest) => post<Explained>('/api/settlements/trial', body),
  trialRelief: (person: string, body: { readonly relief: string; readonly period: string }) =>
    post<ReliefView>(`/api/persons/${id(person)}/reliefs/trial`, body),
  settle: (bill: string, key: string) =>
    command<Explained & { id: string }>('/api/settlements', { bill }, key),
  settlement: (settlement: string) => get<StoredSettlement>(`/api/settlements/${id(settlement)}`),
  reverse: ({ settlement, reason }: { settlement: string; reason: string }, key: string) =>
    command<{ id: string; state: 'reversed' }>(
      `/api/settlements/${id(settlement)}/reverse`,
      { reason },
      key,
    ),
  previewReversal: (settlement: string) =>
    post<PreviewView>(`/api/settlements/${id(settlement)}/reverse/trial`),
  keptBill: (bill: string) =>
    get<{ versions: readonly { version: number; bill: KeptBill; reason: string | null }[] }>(
      `/api/bills/${id(bill)}`,
    ),
  previewCorrection: ({ bill, input }: { bill: string; input: InputFile }) =>
    post<PreviewView>(`/api/bills/${id(bill)}/correct/trial`, { input }),
  correct: ({ bill, ...body }: { bill: string; input: InputFile; reason: string }, key: string) =>
    command<{ bill: string; statement: string | null }>(
      `/api/bills/${id(bill)}/correct`,
      body,
      key,
    ),
  acceptLate: ({ bill, reason }: { bill: string; reason: string }, key: string) =>
    command<{ bill: string; statement: string | null }>(
      `/api/bills/${id(bill)}/accept-late`,
      { reason },
      key,
    ),
  statements: (person: string) =>
    get<{ statements: readonly StatementView[] }>(`/api/persons/${id(person)}/replays`),
  statement: (statement: string) =>
    get<StatementView & { adjustments: readonly StoredAdjustment[] }>(
      `/api/replays/${id(statement)}`,
    ),
  statementAddress: (statement: string) => `/api/replays/${id(statement)}/statement.pdf`,
  adjustmentsWaiting: () => get<{ adjustments: readonly StoredAdjustment[] }>('/api/adjustments'),
  decideAdjustment: (
    { adjustment, act, reason }: { adjustment: string; act: 'confirm' | 'waive'; reason: string },
    key: string,
  ) => command<{ id: string }>(`/api/adjustments/${id(adjustment)}/${act}`, { reason }, key),
  knownAt: (person: string, at: string) =>
    get<KnownView>(`/api/persons/${id(person)}/known?${query({ at })}`),
  previewClearing: (asked: ToClear) => post<ClearingView>('/api/clearings/trial', asked),
  clear: (asked: ToClear, key: string) =>
    command<{ id: string; settlements: number }>('/api/clearings', asked, key),
  trialBalance: (day: string) =>
    get<TrialBalance>(`/api/ledger/trial?${query(withoutEmpty({ day }))}`),
  trialAddress: (day: string) => `/api/ledger/trial.csv?${query(withoutEmpty({ day }))}`,
  ledgerSeries: (asked: Readonly<Record<'fund' | 'from' | 'until', string>>) =>
    get<LedgerSeries>(`/api/ledger/series?${query(asked)}`),
  ledgerPostings: (asked: OfLedgerAccount & { readonly after: string }) =>
    get<{ opening: number; lines: readonly LedgerLine[]; next?: number }>(
      `/api/ledger/postings?${query(asked)}`,
    ),
  postingsAddress: (asked: OfLedgerAccount) => `/api/ledger/postings.csv?${query(asked)}`,
  paymentAccounts: () => get<{ accounts: readonly PaymentAccount[] }>('/api/payment-accounts'),
  addPaymentAccount: (body: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string }>('/api/payment-accounts', body, key),
  previewPayment: (asked: ToPay) => post<PaymentPreview>('/api/payments/trial', asked),
  reserveFunds: () => get<{ funds: readonly string[] }>('/api/reserves/funds'),
  reserveOutlook: (asked: ReserveQuestion) =>
    get<{
      triangle: Triangle
      estimate: Estimate | null
      why: EstimateRefusal['code'] | null
      before: number
    }>(`/api/reserves/outlook?${queryOf(asked)}`),
  triangleFile: (asked: ReserveQuestion) => `/api/reserves/triangle.csv?${queryOf(asked)}`,
  reserves: (fund: string, until: string) =>
    get<{ reserves: readonly Reserve[]; runOffs: readonly RunOff[] }>(
      `/api/reserves?${query({ fund, until })}`,
    ),
  proposeReserve: (asked: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string; ibnr: number }>('/api/reserves', asked, key),
  decideReserve: (of: { id: string; to: 'confirm' | 'withdraw' }, key: string) =>
    command<{ id: string }>(`/api/reserves/${id(of.id)}/${of.to}`, {}, key),
  keepReserveHistory: (
    history: { fund: string; document: string; rows: readonly Booked[] },
    key: string,
  ) => command<{ rows: number }>('/api/reserves/history', history, key),
  monthEnds: (month: string) =>
    get<{ months: readonly MonthView[] }>(`/api/month-ends?${query({ month })}`),
  monthEnd: (of: OfMonth) =>
    get<{ month: MonthView; bills: readonly MonthBill[] }>(
      `/api/month-ends/one?${query({ ...of })}`,
    ),
  monthFile: ({ institution, fund, month }: OfMonth, file: 'one.pdf' | 'one/bills.csv') =>
    `/api/month-ends/${file}?${query({ institution, fund, month })}`,
  closeMonth: (month: string, key: string) =>
    command<{ closed: number }>(`/api/month-ends/${month}/close`, {}, key),
  monthTerms: () => get<{ terms: readonly KeptTerms[] }>('/api/month-terms'),
  addMonthTerms: (terms: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string }>('/api/month-terms', terms, key),
  decideMonthTerms: (of: { id: string; to: 'confirm' | 'withdraw' }, key: string) =>
    command<{ id: string }>(`/api/month-terms/${id(of.id)}/${of.to}`, {}, key),
  monthDeductions: () => get<{ deductions: readonly Deduction[] }>('/api/month-deductions'),
  proposeDeduction: (asked: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string }>('/api/month-deductions', asked, key),
  moveDeduction: (
    { id: of, act, ...body }: { id: string; act: DeductionAct } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/month-deductions/${id(of)}/${act}`, body, key),
  yearEnds: () => get<{ years: readonly YearEnd[] }>('/api/year-ends'),
  proposeYearEnd: (asked: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string }>('/api/year-ends', asked, key),
  decideYearEnd: (of: { id: string; to: 'confirm' | 'withdraw' }, key: string) =>
    command<{ id: string }>(`/api/year-ends/${id(of.id)}/${of.to}`, {}, key),
  regionPairs: () => get<{ pairs: readonly PairView[] }>('/api/regions/pairs'),
  regionMonths: (of: Regions) =>
    get<{ months: readonly RegionMonthView[] }>(`/api/regions/months?${query({ ...of })}`),
  regionStatement: (of: OfRegionMonth) =>
    get<RegionStatement>(`/api/regions/statement?${query({ ...of })}`),
  regionFile: ({ insured, treating, month }: OfRegionMonth, ending: 'pdf' | 'csv') =>
    `/api/regions/statement.${ending}?${query({ insured, treating, month })}`,
  moveRegionMonth: (
    { act, ...body }: OfRegionMonth & { readonly act: 'close' | 'confirm' },
    key: string,
  ) => command<{ month: string; amount: number }>(`/api/regions/months/${act}`, body, key),
  regionTerms: () =>
    get<{ rules: readonly ClearingTerms[]; terms: readonly KeptClearingTerms[] }>(
      '/api/regions/terms',
    ),
  regionPrepayments: () => get<{ prepayments: readonly Prepayment[] }>('/api/regions/prepayments'),
  addForRegion: (
    { what, ...body }: { what: 'terms' | 'prepayments' } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/regions/${what}`, body, key),
  decideForRegion: (
    {
      what,
      of,
      act,
      ...body
    }: {
      what: 'terms' | 'prepayments'
      of: string
      act: 'confirm' | 'withdraw'
    } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/regions/${what}/${id(of)}/${act}`, body, key),
  makePayment: (asked: ToPay, key: string) => command<{ id: string }>('/api/payments', asked, key),
  paymentBatches: (before: string) =>
    get<{
      batches: readonly PaymentBatchRow[]
      held: { since: string; cause: string } | null
      next?: number
    }>(`/api/payments?${query(withoutEmpty({ before }))}`),
  paymentBatch: (batch: string, after: string) =>
    get<PaymentBatch>(`/api/payments/${id(batch)}?${query({ after })}`),
  movePayment: (
    { batch, act, ...body }: { batch: string; act: BatchAct } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string; state: BatchState }>(`/api/payments/${id(batch)}/${act}`, body, key),
  paymentFile: (batch: string, file: 'pain001.xml' | 'orders.csv') =>
    `/api/payments/${id(batch)}/${file}`,
  paymentOrder: (order: string) => get<PaymentOrderDetail>(`/api/payment-orders/${id(order)}`),
  leavePaymentOut: (order: string, key: string) =>
    command<{ id: string }>(`/api/payment-orders/${id(order)}/leave-out`, {}, key),
  confirmPaymentFailure: ({ order, reason }: { order: string; reason: string }, key: string) =>
    command<{ id: string }>(`/api/payment-orders/${id(order)}/confirm-failure`, { reason }, key),
  takePaymentAnswers: (file: { name: string; text: string }, key: string) =>
    command<{ again: boolean; answers: number; moved: number; same: number; breaks: number }>(
      '/api/payment-answers',
      file,
      key,
    ),
  paymentBreaks: () => get<PaymentBreaks>('/api/payment-breaks?open=true'),
  decidePaymentBreak: (
    { of, ...body }: { of: string } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/payment-breaks/${id(of)}/decide`, body, key),
  cases: (
    asked: Readonly<Record<'desk' | 'state' | 'mine' | 'order' | 'risk' | 'q' | 'after', string>>,
  ) =>
    get<{ cases: readonly CaseRow[]; next?: string }>(`/api/cases?${query(withoutEmpty(asked))}`),
  caseCounts: () => get<{ waiting: readonly CasesWaiting[] }>('/api/cases/counts'),
  nextCase: () => post<{ id: string }>('/api/cases/next'),
  acceptCase: (body: { bill: string; channel: Channel; why?: string }, key: string) =>
    command<{ id: string }>('/api/cases', body, key),
  case: (of: string) => get<CaseFile>(`/api/cases/${id(of)}`),
  caseDocuments: (of: string) =>
    get<{ documents: readonly CaseDocument[] }>(`/api/cases/${id(of)}/documents`),
  caseDocumentAddress: (of: string, document: string) =>
    `/api/cases/${id(of)}/documents/${id(document)}`,
  /** What tells two files apart stands beside the file: the intent is known by it. */
  addCaseDocument: (
    asked: { of: string; kind: DocumentKind; name: string; size: number; file: File },
    key: string,
  ) =>
    command<{ id: string }>(
      `/api/cases/${id(asked.of)}/documents?${query({ kind: asked.kind })}`,
      asked.file,
      key,
    ),
  removeCaseDocument: (
    { of, document, ...body }: { of: string; document: string } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/cases/${id(of)}/documents/${id(document)}/remove`, body, key),
  noticeAddress: (of: string) => `/api/cases/${id(of)}/notice.pdf`,
  trialCase: (of: string, cuts: readonly CaseCut[]) =>
    post<CaseTrial>(`/api/cases/${id(of)}/trial`, { cuts }),
  actOnCase: ({ of, ...body }: { of: string } & Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string; state: CaseState }>(`/api/cases/${id(of)}/acts`, body, key),
  assignCase: (of: string, to: 'me' | 'nobody') =>
    post<{ id: string; assignee: string | null }>(`/api/cases/${id(of)}/assign`, { to }),
  ownCases: () =>
    get<{ cases: readonly OwnCaseRow[]; bills: readonly OwnBill[] }>('/api/own-cases'),
  ownCase: (of: string) => get<OwnCaseFile>(`/api/own-cases/${id(of)}`),
  sendOwnCase: (body: { bill: string }, key: string) =>
    command<{ id: string }>('/api/own-cases', body, key),
  actOnOwnCase: (
    { of, ...body }: { of: string } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/own-cases/${id(of)}/acts`, body, key),
  ownDocuments: (of: string) =>
    get<{ documents: readonly CaseDocument[] }>(`/api/own-cases/${id(of)}/documents`),
  ownDocumentAddress: (of: string, document: string) =>
    `/api/own-cases/${id(of)}/documents/${id(document)}`,
  addOwnDocument: (
    asked: { of: string; kind: DocumentKind; name: string; size: number; file: File },
    key: string,
  ) =>
    command<{ id: string }>(
      `/api/own-cases/${id(asked.of)}/documents?${query({ kind: asked.kind })}`,
      asked.file,
      key,
    ),
  ownNoticeAddress: (of: string) => `/api/own-cases/${id(of)}/notice.pdf`,
  contracts: () => get<{ contracts: readonly ContractRow[] }>('/api/contracts'),
  contract: (of: string) => get<ContractFile>(`/api/contracts/${id(of)}`),
  draftContract: (text: string, key: string) =>
    command<{ id: string; version: number }>('/api/contracts', { text }, key),
  decideContract: (
    { of, version, ...body }: { of: string; version: number; act: string; reason?: string },
    key: string,
  ) => command<{ state: State }>(`/api/contracts/${id(of)}/versions/${version}/decide`, body, key),
  draftContractYear: (
    { of, ...body }: { of: string } & Readonly<Record<string, unknown>>,
    key: string,
  ) => command<{ id: string }>(`/api/contracts/${id(of)}/years`, body, key),
  contractYear: (statement: string) =>
    get<ContractYearFile>(`/api/contract-years/${id(statement)}`),
  contractYearAddress: (statement: string) => `/api/contract-years/${id(statement)}/pdf`,
  decideContractYear: (
    { of, ...body }: { of: string; act: string; reason?: string },
    key: string,
  ) => command<{ state: State }>(`/api/contract-years/${id(of)}/decide`, body, key),
  openProof: (
    { of, ...body }: { of: string; year: number; before: RulesAsked; after: RulesAsked },
    key: string,
  ) => command<{ id: string }>(`/api/contracts/${id(of)}/proofs`, body, key),
  contractProof: (proof: string) => get<ContractProof>(`/api/contract-proofs/${id(proof)}`),
  proveAgain: (proof: string, key: string) =>
    command<{ id: string }>(`/api/contract-proofs/${id(proof)}/again`, {}, key),
  coinsuranceProducts: () =>
    get<{ products: readonly CoinsuranceProduct[] }>('/api/coinsurance/products'),
  coinsurancePanels: () => get<{ panels: readonly CoinsurancePanel[] }>('/api/coinsurance/panels'),
  addCoinsurancePanel: (body: Readonly<Record<string, unknown>>, key: string) =>
    command<{ id: string }>('/api/coinsurance/panels', body, key),
  decideCoinsurancePanel: (
    { of, act, ...body }: { of: string; act: 'confirm' | 'withdraw'; reason?: string },
    key: string,
  ) => command<{ id: string }>(`/api/coinsurance/panels/${id(of)}/${act}`, body, key),
  coinsuranceMonths: (of: string) =>
    get<CoinsuranceMonths>(`/api/coinsurance/panels/${id(of)}/months`),
  closeCoinsuranceMonth: ({ of, month }: { of: string; month: string }, key: string) =>
    command<{ month: string; claims: number; shared: number }>(
      `/api/coinsurance/panels/${id(of)}/months`,
      { month },
      key,
    ),
  coinsuranceReceipts: (of: string) =>
    get<{ receipts: readonly CoinsuranceReceipt[] }>(`/api/coinsurance/panels/${id(of)}/receipts`),
  addCoinsuranceReceipt: (
    { of, ...body }: { readonly of: string; readonly [field: string]: unknown },
    key: string,
  ) => command<{ id: string }>(`/api/coinsurance/panels/${id(of)}/receipts`, body, key),
  decideCoinsuranceReceipt: (
    { of, act, ...body }: { of: string; act: 'confirm' | 'withdraw'; reason?: string },
    key: string,
  ) => command<{ id: string }>(`/api/coinsurance/receipts/${id(of)}/${act}`, body, key),
  coinsuranceActs: (of: string) =>
    get<{ acts: readonly CoinsuranceAct[] }>(`/api/coinsurance/panels/${id(of)}/agreements`),
  sayOfCoinsurance: (
    { of, what, ...body }: { of: string; what: 'agreements' | 'answers'; [field: string]: unknown },
    key: string,
  ) => command<{ id: string }>(`/api/coinsurance/panels/${id(of)}/${what}`, body, key),
  coinsuranceStatement: (of: string, asked: OfCoinsuranceStatement) =>
    get<CoinsuranceStatement>(
      `/api/coinsurance/panels/${id(of)}/statement?${query(withoutEmpty(asked))}`,
    ),
  coinsuranceAddress: (of: string, asked: OfCoinsuranceStatement, ending: 'csv' | 'pdf') =>
    `/api/coinsurance/panels/${id(of)}/statement.${ending}?${query(withoutEmpty(asked))}`,
  caseLimits: () => get<{ limits: readonly CaseLimit[] }>('/api/case-limits'),
  setCaseLimit: (body: Readonly<Record<string, unknown>>, key: string) =>
    command<{ from: string }>('/api/case-limits', body, key),
  scenarios: () => get<{ scenarios: readonly Scenario[] }>('/api/scenarios'),
  scenario: (of: string) =>
    get<Scenario & { readonly runs: readonly ScenarioRunRow[] }>(`/api/scenarios/${id(of)}`),
  addScenario: (body: ScenarioContent, key: string) =>
    command<{ id: string }>('/api/scenarios', body, key),
  changeScenario: (
    { of, ...body }: ScenarioContent & { readonly of: string; readonly shared: boolean },
    key: string,
  ) => request<{ id: string }>('PUT', `/api/scenarios/${id(of)}`, { body, key }),
  deleteScenario: (of: string, key: string) =>
    request<{ id: string }>('DELETE', `/api/scenarios/${id(of)}`, { key }),
  copyScenario: ({ of, name }: { of: string; name: string }, key: string) =>
    command<{ id: string }>(`/api/scenarios/${id(of)}/copy`, { name }, key),
  checkScenario: (draft: string) => post<DraftRead>('/api/scenarios/check', { draft }),
  scenarioParameters: (file?: string) =>
    get<ScenarioParameters>(`/api/scenarios/parameters?${query(file ? { file } : {})}`),
  runScenario: (of: string, key: string) =>
    command<{ id: string }>(`/api/scenarios/${id(of)}/runs`, {}, key),
  scenarioRun: (of: string, run: string) =>
    get<ScenarioRun>(`/api/scenarios/${id(of)}/runs/${id(run)}`),
  cancelScenario: ({ of, run }: { of: string; run: string }, key: string) =>
    command<{ id: string }>(`/api/scenarios/${id(of)}/runs/${id(run)}/cancel`, {}, key),
  scenarioReportAddress: (of: string, run: string, kind: 'pdf' | 'json') =>
    `/api/scenarios/${id(of)}/runs/${id(run)}/report.${kind}`,
  replayRuns: () =>
    get<{ runs: readonly ReplayRun[]; waiting: number; failed: number }>('/api/replay-runs'),
  openRun: (reason: string, key: string) =>
    command<{ id: string }>('/api/replay-runs', { reason }, key),
  decideRun: ({ run, act }: { run: string; act: 'start' | 'cancel' }, key: string) =>
    command<{ id: string }>(`/api/replay-runs/${id(run)}/${act}`, {}, key),
  national: (settlement: string) =>
    get<NationalFieldsView>(`/api/settlements/${id(settlement)}/national`),
  slipAddress: (settlement: string) => `/api/settlements/${id(settlement)}/slip.pdf`,

  catalogue: (asked: Readonly<Record<string, string>>) =>
    get<{ on: string; rows: readonly CatalogueRow[]; next?: string }>(
      `/api/catalogue?${query(withoutEmpty(asked))}`,
    ),
  catalogueItem: (asked: { code: string; place: string; on: string }) =>
    get<{
      on: string
      row: CatalogueRow
      citations: readonly Citation[]
      history: readonly CatalogueHistory[]
    }>(`/api/catalogue/item?${query(withoutEmpty(asked))}`),
  catalogueVersions: () =>
    get<{ versions: readonly CatalogueVersion[] }>('/api/catalogue/versions'),
  catalogueDrafts: () => get<{ drafts: readonly CatalogueDraft[] }>('/api/catalogue/drafts'),
  importCatalogue: async (
    file: File,
    { place, whole, check }: { place: string; whole: boolean; check: boolean },
    onSent: OnSent,
  ): Promise<CatalogueImported> => {
    const words = { place, whole: String(whole), check: String(check) }
    return jsonOf(await sendFile(importPath(file, words), file, onSent))
  },
  /** The faults of a file, as a file of its own. */
  catalogueFaults: async (
    file: File,
    { place, whole }: { place: string; whole: boolean },
    onSent: OnSent,
  ) => {
    const words = { place, whole: String(whole), check: 'true', faults: 'csv' }
    const answer = await sendFile(importPath(file, words), file, onSent)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(answer)
    link.download = 'catalogue-faults.csv'
    link.click()
    URL.revokeObjectURL(link.href)
  },
  publishCatalogue: (draft: string, key: string) =>
    command<{ version: number }>(`/api/catalogue/drafts/${id(draft)}/publish`, {}, key),
  codes: (list: CodeList, q: string) =>
    get<{ codes: readonly { code: string; name: string; note?: string }[] }>(
      `/api/codes?${query({ list, q })}`,
    ),

  drafts: () => get<{ drafts: readonly DraftRow[] }>('/api/drafts'),
  draft: (draft: string) => get<Draft>(`/api/drafts/${id(draft)}`),
  saveDraft: (name: string, files: readonly DraftFile[]) =>
    post<{ id: string }>('/api/drafts', { name, files }),
  changeDraft: (draft: string, revision: number, name: string, files: readonly DraftFile[]) =>
    put<{ id: string; revision: number }>(`/api/drafts/${id(draft)}`, { name, files, revision }),
  checkDraft: (draft: string) => post<CheckResult>(`/api/drafts/${id(draft)}/check`),
  compareDraft: (draft: string) =>
    post<Comparison>(`/api/drafts/${id(draft)}/compare`, { bills: 'samples' }),
  publishDraft: ({ draft, revision }: { draft: string; revision: number }, key: string) =>
    command<{ version: number }>(`/api/drafts/${id(draft)}/publish`, { revision }, key),

  accessLog: (asked: AccessQuestion, before?: number) =>
    get<{ entries: readonly AccessEntry[]; next: number | null }>(
      `/api/access-log?${query(withoutEmpty({ ...asked, before: String(before ?? '') }))}`,
    ),
  accessChain: () => get<AccessChain>('/api/access-log/chain'),
  unusualHours: (from: string, until: string) =>
    get<{ hours: readonly UnusualHour[] }>(`/api/access-log/unusual?${query({ from, until })}`),

  users: (asked: { q: string; role: string; state: string }) =>
    get<{ users: readonly UserView[] }>(`/api/users?${query(withoutEmpty(asked))}`),
  addUser: (body: NewUser) => post<{ user: User; password?: string }>('/api/users', body),
  resetPassword: (user: string) =>
    post<{ name: string; password: string }>(`/api/users/${id(user)}/password`),
  changeAccess: (user: string, access: { role: Role; scope: Scope }) =>
    post<{ user: User }>(`/api/users/${id(user)}/access`, access),
  disableUser: (user: string, reason: string) =>
    post<void>(`/api/users/${id(user)}/disable`, { reason }),
  enableUser: (user: string, reason: string) =>
    post<void>(`/api/users/${id(user)}/enable`, { reason }),
  resetSecondFactor: (user: string, reason: string) =>
    post<void>(`/api/users/${id(user)}/second-factor/reset`, { reason }),
  unlockUser: (user: string) => post<void>(`/api/users/${id(user)}/unlock`),
  userSessions: (user: string) =>
    get<{ sessions: readonly SignedInPlace[] }>(`/api/users/${id(user)}/sessions`),
  endUserSessions: (user: string, session?: string) =>
    post<{ ended: number }>(`/api/users/${id(user)}/sessions/end`, session ? { session } : {}),
  linkUser: (user: string, subject: string) =>
    post<void>(`/api/users/${id(user)}/subject`, subject ? { subject } : {}),
  openInEmergency: (body: { person: string; category: EmergencyCategory; reason: string }) =>
    post<EmergencyAccess>('/api/emergency-accesses', body),
  myEmergencies: () =>
    get<{ accesses: readonly EmergencyAccess[] }>('/api/emergency-accesses/mine'),
  emergencies: () => get<{ accesses: readonly EmergencyAccess[] }>('/api/emergency-accesses'),
  emergenciesWaiting: () => get<{ waiting: number }>('/api/emergency-accesses/waiting'),
  endEmergency: (access: string) =>
    post<EmergencyAccess>(`/api/emergency-accesses/${id(access)}/end`),
  acknowledgeEmergency: (access: string, note: string) =>
    post<EmergencyAccess>(`/api/emergency-accesses/${id(access)}/acknowledge`, { note }),
  signInPolicy: () => get<{ secondFactorRoles: readonly Role[] }>('/api/sign-in-policy'),
  setSignInPolicy: (secondFactorRoles: readonly Role[]) =>
    put<{ secondFactorRoles: readonly Role[] }>('/api/sign-in-policy', { secondFactorRoles }),
}
