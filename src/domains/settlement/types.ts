import type { Fen, Rate, Rounding } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Elsewhere } from '#domains/ledger/index.ts'
import type { Attribute, Vocabulary } from '#rulebook/attributes.ts'
import type { Dated, RuleRefusal } from '#rulebook/dated.ts'
import type { Place } from '#rulebook/rule-file.ts'
import type { Source, Sources } from '#rulebook/source.ts'
import type { Table, TableRefusal } from '#rulebook/table.ts'

/** A name in both languages of the product. */
export type Title = { readonly zh: string; readonly en: string }

// ---------------------------------------------------------------------------------------------
// Who pays
// ---------------------------------------------------------------------------------------------

/**
 * Every party that can bear part of a bill, in the order in which statements list them, with the
 * national interface's field where there is one.
 */
export const PAYERS = {
  liableThirdParty: { zh: '责任第三方', en: 'Liable third party', field: undefined },
  basicPool: { zh: '基本医保统筹基金', en: 'Basic pooled fund', field: 'hifp_pay' },
  civilServant: { zh: '公务员医疗补助', en: 'Civil-servant subsidy', field: 'cvlserv_pay' },
  employeeLargeAmount: {
    zh: '职工大额医疗补助',
    en: 'Employee large-amount subsidy',
    field: 'hifob_pay',
  },
  residentCriticalIllness: {
    zh: '居民大病保险',
    en: 'Resident critical-illness insurance',
    field: 'hifmi_pay',
  },
  medicalAid: { zh: '医疗救助', en: 'Medical assistance', field: 'maf_pay' },
  enterpriseSupplement: {
    zh: '企业补充医疗保险',
    en: 'Enterprise supplement',
    field: 'hifes_pay',
  },
  citySupplementary: { zh: '惠民保', en: 'City supplementary insurance', field: 'oth_pay' },
  groupCommercial: { zh: '团体商业保险', en: 'Group commercial insurance', field: undefined },
  individualCommercial: {
    zh: '个人商业保险',
    en: 'Individual commercial insurance',
    field: undefined,
  },
  hospital: { zh: '医院负担', en: "Hospital's own part", field: 'hosp_part_amt' },
  personalAccount: { zh: '个人账户', en: 'Personal account', field: 'acct_pay' },
  familyAccount: { zh: '账户共济', en: 'Family account', field: 'acct_mulaid_pay' },
} as const satisfies Record<string, Title & { field: string | undefined }>

export type Payer = keyof typeof PAYERS

/** Payers under social insurance law: what excludes a bill from one excludes it from all of these. */
export const PUBLIC_PAYERS: readonly Payer[] = [
  'basicPool',
  'civilServant',
  'employeeLargeAmount',
  'residentCriticalIllness',
  'medicalAid',
]

// ---------------------------------------------------------------------------------------------
// What a bill is made of
// ---------------------------------------------------------------------------------------------

/** The parts of a bill as it arrives. Every line is the sum of its parts. */
export const NATIVE_COMPONENTS = [
  'inScope',
  'upfront',
  'overLimit',
  'outOfScope',
  'specialDrug',
  'separateItem',
] as const

/**
 * What can be unpaid: the native parts, and those into which the first tier splits the in-scope
 * cost it does not pay. What then stays `inScope` is the ratio share 比例自付.
 */
export const COMPONENTS = [
  ...NATIVE_COMPONENTS,
  'deductible',
  'aboveCap',
  'transferUpfront',
] as const

export type NativeComponent = (typeof NATIVE_COMPONENTS)[number]
export type Component = (typeof COMPONENTS)[number]

/** The part of the bill that each component came from. */
export const NATIVE_OF: Readonly<Record<Component, NativeComponent>> = {
  inScope: 'inScope',
  upfront: 'upfront',
  overLimit: 'overLimit',
  outOfScope: 'outOfScope',
  specialDrug: 'specialDrug',
  separateItem: 'separateItem',
  deductible: 'inScope',
  aboveCap: 'inScope',
  transferUpfront: 'inScope',
}

/** `input` names a component of a bill, `left` the part of the patient's share it ends as. */
export const COMPONENT_TITLES: Readonly<
  Record<Component, { readonly input: Title; readonly left: Title }>
> = {
  inScope: {
    input: { zh: '政策范围内费用', en: 'In-scope cost' },
    left: { zh: '比例自付', en: 'Ratio share' },
  },
  upfront: {
    input: { zh: '先行自付', en: 'Upfront share' },
    left: { zh: '先行自付', en: 'Upfront share' },
  },
  overLimit: {
    input: { zh: '超限价', en: 'Over limit price' },
    left: { zh: '超限价自费', en: 'Over limit price' },
  },
  outOfScope: {
    input: { zh: '自费', en: 'Out of scope' },
    left: { zh: '自费', en: 'Out of scope' },
  },
  specialDrug: {
    input: { zh: '特药', en: 'Listed special drugs' },
    left: { zh: '特药自费', en: 'Listed special drugs' },
  },
  separateItem: {
    input: { zh: '单列项目', en: 'Items paid at a rate of their own' },
    left: { zh: '单列项目自付', en: 'Items paid at a rate of their own' },
  },
  deductible: {
    input: { zh: '起付线以下', en: 'Below the deductible' },
    left: { zh: '起付线以下自付', en: 'Below the deductible' },
  },
  aboveCap: {
    input: { zh: '超封顶线', en: 'Above the cap' },
    left: { zh: '超封顶线自付', en: 'Above the cap' },
  },
  transferUpfront: {
    input: { zh: '转外自付', en: 'Upfront share for care elsewhere' },
    left: { zh: '转外自付', en: 'Upfront share for care elsewhere' },
  },
}

/** One charge. Amounts in fen; `parts` add up to `amount`. */
export type Line = {
  readonly id: string
  /** What the hospital calls it; no rule asks. */
  readonly name?: string | undefined
  readonly amount: Fen
  readonly parts: Readonly<Record<NativeComponent, Fen>>
  /** What limits may count by: drug, device, …; and the name under which it is counted. */
  readonly category: string | undefined
  readonly genericName: string | undefined
  /** What the catalogue said of its code, kept with the bill so that it can be settled again. */
  readonly item?: LineItem | undefined
}

/** Why a line has the class it has: the catalogue's entry for its code, and the limits that were checked. */
export type LineItem = {
  readonly code: string
  readonly name: string
  /** The place whose catalogue was asked: the place of care. */
  readonly place: string
  readonly on: PlainDate
  readonly class: string
  /** The class the line was divided by; another one where a limit is not met and the rule says so. */
  readonly chargedAs: string
  readonly upfrontShare: Rate | undefined
  readonly limitPrice: Fen | undefined
  readonly limit: string | undefined
  readonly findings: readonly {
    readonly limit: 'age' | 'sex' | 'level' | 'medical' | 'diagnosis' | 'quantity' | 'days'
    readonly met: 'no' | 'unknown'
    readonly asked: string
    readonly found: string | undefined
  }[]
  /** Marked for a person: a limit is not met, or nobody can tell. */
  readonly review: boolean
  readonly citations: readonly Citation[]
}

/** Why the care was needed. Anything but illness may be somebody else's to pay. */
export const CAUSES = ['illness', 'workInjury', 'thirdParty', 'publicHealth', 'overseas'] as const
export type Cause = (typeof CAUSES)[number]

export type Bill = {
  readonly id: string
  readonly person: string
  readonly admitted: PlainDate
  readonly discharged: PlainDate
  readonly settled: PlainDate
  /** The stay this bill belongs to: later bills of one stay are not a new admission. */
  readonly stay: string
  /** 转院: the stay that this one continues in another hospital. Bills kept from before lack it. */
  readonly transferFrom?: string | undefined
  /** 定点医药机构: the number of the institution that gave the care. No rule asks for it. */
  readonly institution?: string | undefined
  /** 就医地: the 行政区划代码 of the place of care, six digits. */
  readonly placeOfCare?: string | undefined
  /** The diagnosis for which the bill claims, by its code, its name or both. */
  readonly diagnosis?: { readonly code?: string | undefined; readonly name?: string | undefined }
  /** 电子票据: the invoice of a bill that the person paid, or that is known by its invoice. */
  readonly invoice?: Invoice | undefined
  readonly total: Fen
  readonly parts: Readonly<Record<NativeComponent, Fen>>
  readonly lines: readonly Line[]
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly cause: Cause
  /** The share of a third party who is liable, and whether the funds are asked to pay first. */
  readonly thirdParty: { readonly share: Rate; readonly advance: boolean } | undefined
  readonly days: number
  /** Things that fixed benefits pay for: a first diagnosis, an operation. */
  readonly events: readonly string[]
}

/** The e-invoice of a bill. Whoever paid first 手工报销 hands it in later, and is refunded. */
export type Invoice = {
  readonly number: string
  readonly code?: string | undefined
  /** 开票日期. */
  readonly on: PlainDate
  /** The day the person handed it in; absent where the institution was paid at once. */
  readonly handedIn?: PlainDate | undefined
  /** A person took it although it was handed in too late, and said why. */
  readonly lateAccepted?: { readonly by: string; readonly reason: string } | undefined
}

/** One stretch of a person's life under one scheme or product. `until` is the last day. */
export type Cover = {
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate | undefined
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  /** 既往症: what the person had before, by ICD code or its beginning, or by name. */
  readonly conditions?: readonly string[]
  /** Enrolled as a newborn on the first day: the scheme says from when such a cover pays. */
  readonly newborn?: boolean
}

/** 备案: allows care elsewhere, in one place or everywhere, as one of the answers to `remote`. */
export type Registration = {
  readonly kind: string
  readonly place?: string | undefined
  readonly from: PlainDate
  readonly until?: PlainDate | undefined
  /** 转诊单: the number of the referral that it comes from. A referral is for stays that begin within its days. */
  readonly record?: string | undefined
  /** The institution that a referral is to; it allows care in no other. */
  readonly institution?: string | undefined
}

/** 待遇资格: 门慢特 and 两病 by disease, 双通道 by drug. */
export const CERTIFICATE_KINDS = ['门慢特', '两病', '双通道'] as const
export type CertificateKind = (typeof CERTIFICATE_KINDS)[number]
export type Certificate = {
  readonly kind: CertificateKind
  /** The disease or drug, as bills name it. */
  readonly of: string
  readonly from: PlainDate
  readonly until?: PlainDate | undefined
}

export type Person = {
  readonly id: string
  readonly born: PlainDate | undefined
  /** What is known from each day on, oldest first; later entries override the same words. */
  readonly attributes: readonly {
    readonly from: PlainDate
    readonly attributes: Readonly<Record<string, string | number | undefined>>
  }[]
  readonly covers: readonly Cover[]
  /** Files kept from before lack these. */
  readonly registrations?: readonly Registration[] | undefined
  readonly certificates?: readonly Certificate[] | undefined
}

/** Running totals of one person, in fen or counts, by slot and period. Absent is zero. */
export type Totals = ReadonlyMap<string, number>

// ---------------------------------------------------------------------------------------------
// What rules say
// ---------------------------------------------------------------------------------------------

/** An amount that a rule states, or takes from something else when it is asked. */
export type AmountRule = Fen | DerivedAmount

/** A share or a multiple of something else, in ppm, rounded half-up to the fen and kept within two amounts. */
export type DerivedAmount = {
  readonly factor: number
  readonly of: AmountBasis
  readonly atLeast: Fen | undefined
  readonly atMost: Fen | undefined
}

/** `stayCost` is all that the bills of the stay have charged so far, `stayBase` what of it the deductible is taken off. */
export type AmountBasis =
  | { readonly kind: 'stayCost' | 'stayBase' }
  | { readonly kind: 'index'; readonly index: PublishedIndex }
  | { readonly kind: 'attribute'; readonly attribute: Attribute }

/** A figure that a place publishes from time to time, such as last year's average wage. */
export type PublishedIndex = {
  readonly name: string
  readonly title: Title
  readonly amount: Dated<Table<Fen>>
}

/**
 * A segment of the cost axis, in fen, and what is paid of it. The last one has no upper end, and may be
 * unknown: no source says what is paid there, and a bill that reaches it is refused.
 */
export type Band = {
  readonly above: Fen
  readonly upTo: Fen | undefined
  readonly rate: Rate
  readonly unknown?: true
}

/** Part of an amount, or an amount of its own. */
export type Portion = { readonly rate: Rate } | { readonly fixed: Fen }

/**
 * A limit or a rate that grows: so much (fen, or ppm for a rate) for each unit of a number, counted
 * after the first few. `atMost` bounds the growth: of the limit itself where it is a rate.
 */
export type Growth = {
  readonly terms: readonly {
    readonly each: number
    readonly per: Attribute
    readonly after: number
    readonly less: boolean
  }[]
  readonly atMost: Portion | undefined
}

/** 等待期: months from the first day of the cover, and more for each unit of a number. */
export type Waiting = {
  readonly months: number
  readonly grows: Growth | undefined
  /** 修复: what paying for missed years takes off what was added. */
  readonly repair: Growth | undefined
  readonly atLeast: Table<number> | undefined
}

/** Which certificate a tier asks for, and by which answer of the bill. */
export type CertificateRule = { readonly kind: CertificateKind; readonly by: Attribute }

/** What the second, third … admission of a period changes. The last step holds from there on. */
export type Ordinal = { readonly steps: readonly Portion[] } | { readonly lessEach: Portion }

export type Conditions = readonly { readonly attribute: Attribute; readonly holds: Table<true> }[]

export type Period =
  | { readonly kind: 'year'; readonly starts: string }
  | { readonly kind: 'policy-year' }
  | { readonly kind: 'lifetime' }

export type GoverningDate = 'admitted' | 'discharged' | 'settled'

/**
 * 身份中途变更: what becomes of a limit of the period. `catch-up`: the new one, less what was met or paid before;
 * `restart`: the new one, for what comes from the change on; `replay`: the whole period is settled under it.
 */
export type OnChange = 'catch-up' | 'restart' | 'replay'

/** 当年账户 holds what its year credited; what is left of it joins 历年账户 when the next year begins. */
export const ACCOUNTS = ['personal', 'family', 'currentYear', 'previousYears'] as const
export type Account = (typeof ACCOUNTS)[number]

export type CountedLimit = {
  readonly component: NativeComponent
  readonly category: string
  readonly per: 'genericName' | 'category'
  readonly amount: Dated<Table<Fen>>
}

/**
 * What makes two stays one admission: a readmission within so many days of the last discharge, a
 * transfer, a stay that goes on in another period. What is undefined is undeclared.
 */
export type AdmissionRule = {
  readonly readmissionDays: number | undefined
  readonly transfer: 'same' | 'new' | undefined
  readonly acrossPeriods: 'same' | 'new' | undefined
}

/** A long stay is charged again for each further stretch: as this admission, or as the next ones. */
export type ChargedAgain = { readonly eachDays: number; readonly as: 'same' | 'next' }

export type Deductible = {
  readonly kind: 'admission' | 'period'
  readonly amount: Dated<Table<AmountRule>>
  readonly ordinal: Dated<Table<Ordinal>> | undefined
  readonly floor: Dated<Table<AmountRule>> | undefined
  readonly periodTotal: Dated<Table<AmountRule>> | undefined
  /** Which admissions take a place in the order of the period. */
  readonly counts: Dated<Table<'yes' | 'no'>> | undefined
  readonly chargedAgain: Dated<ChargedAgain> | undefined
  /** Admissions of one group are charged one deductible in the period; `no` is no group. */
  readonly onceAPeriod: Dated<Table<string>> | undefined
  readonly onChange: OnChange | undefined
  readonly pool: string | undefined
  readonly offsetBy: readonly Payer[]
}

export type Cap = {
  readonly amount: Dated<Table<AmountRule | 'none'>>
  readonly per: 'admission' | 'period'
  readonly pool: string | undefined
  readonly excess: 'cost' | 'payment' | undefined
  readonly onChange: OnChange | undefined
  readonly grows: Dated<Growth> | undefined
}

/**
 * 保底比例: what the tier and the counted ones before it pay of a stay is at least this share of what its
 * bills charged in some native components.
 */
export type GuaranteedRatio = {
  readonly ratio: Dated<Table<Rate>>
  readonly of: readonly NativeComponent[]
  /** Whether the deductible is taken off what the share is of. */
  readonly lessDeductible: boolean
  /** The earlier tiers whose payments count towards it. */
  readonly countedTiers: readonly string[]
  readonly stage: 'before-caps' | 'after-caps'
}

/** 待遇档 — one tier: what it looks at, what it pays, whose unpaid parts it pays down. */
export type Tier = {
  readonly id: string
  readonly title: Title
  readonly payer: Payer
  readonly place: Place
  readonly governing: GoverningDate
  readonly period: Period
  readonly eligibility: Dated<Conditions>
  readonly certificate: Dated<CertificateRule> | undefined
  readonly base: readonly {
    readonly component: Component
    readonly weight: Dated<Table<Rate>> | undefined
  }[]
  /** Another tier of the same scheme: the base is what stood unpaid before that tier paid. */
  readonly baseBefore: string | undefined
  readonly baseWeight: Dated<Table<Rate>> | undefined
  readonly counted: readonly CountedLimit[]
  readonly paysDown: readonly Component[]
} & (
  | { readonly kind: 'account'; readonly account: Account }
  | {
      readonly kind: 'insurance'
      readonly splits: boolean
      /** 转外先行自付: the share of the base that the patient bears before anything else; splits only. */
      readonly transferUpfront: Dated<Table<Rate>> | undefined
      readonly waiting: Dated<Waiting> | undefined
      readonly admission: Dated<AdmissionRule> | undefined
      readonly deductible: Deductible | undefined
      readonly eligibleCap: Omit<Cap, 'excess' | 'grows' | 'onChange'> | undefined
      readonly axis: 'gross' | 'net'
      readonly over: 'admission' | 'period'
      readonly rate: Dated<Table<readonly Band[]>>
      readonly rateGrows: Dated<Growth> | undefined
      /** What becomes of the amount due before the caps: 本地支付额 × 80%. */
      readonly dueFactor: Dated<Table<Rate>> | undefined
      readonly guaranteedRatio: GuaranteedRatio | undefined
      readonly caps: readonly Cap[]
      readonly rounding: Rounding
    }
)

export type InsuranceTier = Extract<Tier, { kind: 'insurance' }>
export type AccountTier = Extract<Tier, { kind: 'account' }>

/** A fixed benefit 定额给付: stands beside the bill, never in it, and may exceed it. */
export type Benefit = {
  readonly id: string
  readonly title: Title
  readonly payer: Payer
  readonly place: Place
  readonly governing: GoverningDate
  readonly period: Period
  readonly eligibility: Dated<Conditions>
  readonly event: string | undefined
} & (
  | { readonly kind: 'lumpSum'; readonly amount: Dated<Table<Fen>> }
  | {
      readonly kind: 'dailyAllowance'
      readonly perDay: Dated<Table<Fen>>
      readonly freeDays: Dated<Table<number>> | undefined
      readonly minimum: Dated<Table<Fen>> | undefined
      readonly maximum: Dated<Table<Fen>> | undefined
      readonly maximumDays: Dated<Table<number>> | undefined
    }
)

/** A share of some parts of a period's bills, as they arrived. */
export type ShareOfCost = { readonly share: Rate; readonly of: readonly NativeComponent[] }

/**
 * 年终补偿、依申请救助: what is due of what the bills of one year have left to the patient. It stands beside the
 * bills: it is worked out from their settlements and changes none of them.
 */
export type Relief = {
  readonly id: string
  readonly title: Title
  readonly kind: 'yearEnd' | 'onApplication'
  readonly payer: Payer
  readonly place: Place
  /** Which day of a bill says of which year it is. */
  readonly governing: GoverningDate
  readonly period: Extract<Period, { kind: 'year' }>
  readonly eligibility: Dated<Conditions>
  /** The parts of the patient's share that count. */
  readonly base: readonly Component[]
  readonly threshold: Dated<Table<Fen | ShareOfCost>>
  /** Bands on what lies above the threshold. */
  readonly rate: Dated<Table<readonly Band[]>>
  readonly cap: Dated<Table<Fen | 'none'>> | undefined
  readonly rounding: Rounding
}

export type ProductKind = 'enterprise' | 'supplementary' | 'group' | 'individual'

/** `until` is a day of the year after the care, MM-DD; `settledOn` says which day stands for that of settlement. */
export type HandIn = { readonly until: string; readonly settledOn: 'invoice' | 'handedIn' }

/** What settles a bill: tiers in order, with gaps that the person's own covers fill. */
export type Scheme = {
  readonly id: string
  readonly title: Title
  readonly teaching: boolean
  readonly kind: 'public' | ProductKind
  readonly order: readonly (
    | { readonly tier: Tier }
    | { readonly covers: ProductKind; readonly place: Place }
  )[]
  readonly benefits: readonly Benefit[]
  readonly reliefs: readonly Relief[]
  /** Until which day of the year after the care ended a bill that was paid first may be handed in. */
  readonly handIn: Dated<HandIn> | undefined
  /** Within how many days of birth a newborn has to be enrolled to be covered from birth. */
  readonly newborn: Dated<number> | undefined
}

/** A cause of care that social insurance does not pay for, or pays only in advance. */
export type Exclusion = {
  readonly cause: Exclude<Cause, 'illness'>
  readonly treatment: Dated<'refuse' | 'thirdParty'>
}

/** The documents that one file lists as sources. */
export type SourceDocuments = {
  readonly folder: string
  readonly file: string
  readonly sources: Sources
  /** The line on which a source is listed. */
  lineOf(source: string): number
}

/** A place's own part of the book: its name and the documents its values come from. */
export type SchemePlace = SourceDocuments & {
  readonly title: Title
  /** 行政区划代码 of the pooling area: what is within it is care at home. */
  readonly division: string | undefined
  readonly teaching: boolean
  readonly indexes: ReadonlyMap<string, PublishedIndex>
}

/** Every scheme of a folder, ready to compile. */
export type SchemeBook = {
  readonly places: ReadonlyMap<string, SchemePlace>
  readonly vocabulary: Vocabulary
  readonly schemes: ReadonlyMap<string, Scheme>
  readonly tiers: ReadonlyMap<string, Tier>
  readonly benefits: ReadonlyMap<string, Benefit>
  readonly reliefs: ReadonlyMap<string, Relief>
  readonly exclusions: readonly Exclusion[]
  /** Absent where the folder has no exclusions.yaml. */
  readonly exclusionSources: SourceDocuments | undefined
}

// ---------------------------------------------------------------------------------------------
// What comes out
// ---------------------------------------------------------------------------------------------

/** The rule behind an amount: what a reader can go and check. */
export type Citation = {
  readonly rule: string
  readonly from: PlainDate | 'unknown'
  readonly observed: PlainDate | undefined
  readonly source: Source
  readonly article: string | undefined
}

/** A warning that travels with an amount: what it rests on is not an official, dated rule. */
export type Badge = 'undated' | 'grade-B' | 'grade-C' | 'grade-D' | 'invented'

/** Why a tier does not take part in a bill. None of these is a refusal of the bill. */
export type NotApplicable =
  | { readonly code: 'repealed' }
  | { readonly code: 'condition'; readonly attribute: string; readonly answer: string | number }
  | { readonly code: 'waiting'; readonly until: PlainDate }
  | { readonly code: 'certificate'; readonly kind: CertificateKind; readonly of: string }

/** What one tier paid, and of which components. */
export type TierResult = {
  readonly tier: string
  readonly title: Title
  readonly payer: Payer
  /** The period its totals run over: `2024`, `2024-07-01` (a year from that day), `lifetime`. */
  readonly period?: string
  readonly paid: Fen
  readonly parts: Readonly<Partial<Record<Component, Fen>>>
  readonly notApplicable: NotApplicable | undefined
  readonly badges: readonly Badge[]
}

export type LineResult = {
  readonly id: string
  readonly name?: string
  readonly amount: Fen
  /** What each tier pays of this line, in the order of `Settlement.tiers`; allocated by largest remainder. */
  readonly paid: readonly Fen[]
  readonly patient: Fen
  readonly item?: LineItem | undefined
}

export type BenefitResult = {
  readonly benefit: string
  readonly title: Title
  readonly payer: Payer
  readonly amount: Fen
  readonly days: number | undefined
  readonly citations: readonly Citation[]
  readonly badges: readonly Badge[]
}

/** What a fund paid in advance for a liable third party, and may claim from them. */
export type Recovery = { readonly tier: string; readonly payer: Payer; readonly amount: Fen }

/** One bill settled: payers plus patient equal the bill, in total, per component and per line. */
export type Settlement = {
  readonly bill: string
  readonly person: string
  readonly scheme: string
  /** 异地就医直接结算: the region of care pays the hospital first, and these payers owe it. */
  readonly elsewhere?: Elsewhere
  readonly title: Title
  readonly teaching: boolean
  readonly settled: PlainDate
  readonly total: Fen
  readonly tiers: readonly TierResult[]
  readonly payers: Readonly<Partial<Record<Payer, Fen>>>
  readonly patient: Fen
  /** The patient's own share in its named parts; they add up to `patient`. */
  readonly patientParts: Readonly<Record<Component, Fen>>
  /** The bill's native parts and what became of each: payers in the order of `tiers`, then the patient. */
  readonly components: Readonly<
    Record<
      NativeComponent,
      { readonly total: Fen; readonly paid: readonly Fen[]; readonly patient: Fen }
    >
  >
  readonly lines: readonly LineResult[]
  readonly benefits: readonly BenefitResult[]
  readonly recoveries: readonly Recovery[]
  readonly badges: readonly Badge[]
  /** The running totals after this bill: what this bill touched, and everything before it. */
  readonly totals: Totals
}

/** The limits of a tier that may be derived from something else. */
export const DERIVED_LIMITS = ['deductible', 'floor', 'periodTotal', 'eligibleCap', 'cap'] as const
export type DerivedLimit = (typeof DERIVED_LIMITS)[number]

/** How a limit was derived from something else. */
export type Derivation = {
  readonly limit: DerivedLimit
  readonly title: Title
  readonly basis: Fen
  readonly factor: number
  readonly product: Fen
  readonly atLeast: Fen | undefined
  readonly atMost: Fen | undefined
  readonly amount: Fen
  readonly citations: readonly Citation[]
}

/**
 * One step that a clerk would redo by hand. Amounts in fen, rates in ppm; the first step of a tier
 * opens it, the last says what it paid.
 */
export type Step =
  | {
      readonly step: 'third-party'
      readonly share: Rate
      readonly amount: Fen
      readonly citation: Citation
    }
  | {
      readonly step: 'not-applicable'
      readonly tier: string
      readonly reason: NotApplicable
      readonly citation: Citation | undefined
    }
  | {
      readonly step: 'base'
      readonly tier: string
      readonly amount: Fen
      readonly parts: readonly {
        readonly component: Component
        readonly unpaid: Fen
        readonly notCounted: Fen
        readonly weight: Rate
        readonly citation: Citation | undefined
      }[]
      readonly weight: Rate | undefined
      readonly citations: readonly Citation[]
    }
  | {
      readonly step: 'transfer-upfront'
      readonly tier: string
      readonly of: Fen
      readonly share: Rate
      readonly amount: Fen
      readonly citation: Citation
    }
  | {
      readonly step: 'eligible-cap'
      readonly tier: string
      readonly limit: Fen
      readonly used: Fen
      readonly over: Fen
      readonly citation: Citation
    }
  | {
      /** From which day a newborn's cover pays. */
      readonly step: 'newborn'
      readonly tier: string
      readonly born: PlainDate
      readonly enrolled: PlainDate
      readonly days: number
      readonly withinDays: number
      readonly from: PlainDate
      readonly citation: Citation
    }
  | {
      /** An answer that is worked out from the bill and the person's file. */
      readonly step: 'answer'
      readonly tier: string
      readonly attribute: string
      readonly answer: string
      /** The place of care, and the registration that allows it; or the diagnosis, and the condition it meets. */
      readonly place: string | undefined
      readonly registration: Registration | undefined
      readonly diagnosis: string | undefined
      readonly condition: string | undefined
    }
  | {
      /** A limit of the period that changed with the person's standing. No cap is undefined. */
      readonly step: 'status'
      readonly tier: string
      readonly limit: 'deductible' | 'cap'
      readonly on: PlainDate
      readonly before: Fen | undefined
      readonly after: Fen | undefined
      readonly how: OnChange
    }
  | {
      /** Which admission the bill belongs to, where that is not plain from its stay. */
      readonly step: 'admission'
      readonly tier: string
      /** Why it is no admission of its own; undefined where it is one. */
      readonly joins: 'readmission' | 'transfer' | 'once' | undefined
      /** Days since the last discharge, and within how many a readmission is the same admission. */
      readonly gapDays: number | undefined
      readonly withinDays: number | undefined
      /** The group whose admissions are charged one deductible in the period. */
      readonly group: string | undefined
      /** Whether it takes a place in the order of the period. */
      readonly counted: boolean
      /** How many times its length has it charged: once, and again for each further stretch. */
      readonly stretches: number
      readonly eachDays: number | undefined
      readonly citations: readonly Citation[]
    }
  /** How much a limit is that the step after this one uses, where it is derived from something else. */
  | ({ readonly step: 'derived-amount'; readonly tier: string } & Derivation)
  | {
      readonly step: 'deductible'
      readonly tier: string
      /** Which admission of the period this is, from 1; undefined for a yearly deductible. */
      readonly ordinal: number | undefined
      readonly limit: Fen
      readonly met: Fen
      readonly offset: Fen
      readonly applied: Fen
      readonly citations: readonly Citation[]
    }
  | {
      readonly step: 'bands'
      readonly tier: string
      readonly axis: 'gross' | 'net'
      readonly over: 'admission' | 'period'
      readonly from: Fen
      readonly to: Fen
      readonly segments: readonly { readonly from: Fen; readonly to: Fen; readonly rate: Rate }[]
      /** F at the end and at the start of the stretch; what is due is their difference. */
      readonly after: Fen
      readonly before: Fen
      readonly due: Fen
      readonly rounding: Rounding
      readonly citations: readonly Citation[]
    }
  | {
      readonly step: 'due-factor'
      readonly tier: string
      readonly factor: Rate
      /** What the bands give, and what of it is due; `after` and `before` are the factor's share of theirs. */
      readonly of: Fen
      readonly after: Fen
      readonly before: Fen
      readonly due: Fen
      readonly rounding: Rounding
      readonly citation: Citation
    }
  | {
      readonly step: 'guaranteed-ratio'
      readonly tier: string
      readonly ratio: Rate
      /** Everything over the stay so far: what the share is of, and the share. */
      readonly of: Fen
      readonly share: Fen
      /** What the counted tiers paid, what this tier is due by its own rules, and what it was due before this bill. */
      readonly counted: Fen
      readonly ordinary: Fen
      readonly before: Fen
      /** What of this bill is left to pay; no more of it is due now. */
      readonly unpaid: Fen
      readonly due: Fen
      readonly rounding: Rounding
      readonly citation: Citation
    }
  | {
      readonly step: 'cap'
      readonly tier: string
      readonly per: 'admission' | 'period'
      readonly limit: Fen
      readonly used: Fen
      readonly cut: Fen
      readonly citations: readonly Citation[]
    }
  | { readonly step: 'no-cap'; readonly tier: string; readonly citation: Citation }
  | {
      readonly step: 'unpaid-limit'
      readonly tier: string
      readonly unpaid: Fen
      readonly cut: Fen
    }
  | { readonly step: 'balance'; readonly tier: string; readonly balance: Fen }
  | {
      readonly step: 'paid'
      readonly tier: string
      readonly amount: Fen
      readonly parts: readonly { readonly component: Component; readonly amount: Fen }[]
      /** What this tier named: its upfront share for care elsewhere, below its deductible, above its cap. */
      readonly transferUpfront: Fen
      readonly deductible: Fen
      readonly aboveCap: Fen
      readonly eligibility: Citation
    }

export type Explanation = { readonly settlement: Settlement; readonly steps: readonly Step[] }

/**
 * Every reason why a bill is not settled, most general first: the first that applies is the answer.
 * `README.md` explains each; `cases/refusals.yaml` has one case each, in this order.
 */
export type Refusal =
  | { readonly code: 'date_in_future'; readonly date: PlainDate; readonly today: PlainDate }
  | { readonly code: 'excluded_cause'; readonly cause: Cause; readonly citation: Citation }
  | { readonly code: 'unknown_scheme'; readonly scheme: string }
  | { readonly code: 'not_covered'; readonly on: PlainDate }
  | { readonly code: 'several_schemes'; readonly schemes: readonly string[] }
  | {
      readonly code: 'handed_in_late'
      readonly last: PlainDate
      readonly handedIn: PlainDate
      readonly citation: Citation
    }
  | { readonly code: 'no_place_for_cover'; readonly scheme: string; readonly cover: string }
  | { readonly code: 'place_without_division'; readonly scheme: string }
  | { readonly code: 'several_registrations'; readonly kinds: readonly string[] }
  | {
      readonly code: 'answer_contradicted'
      readonly attribute: string
      readonly answer: string
      readonly computed: string
    }
  | { readonly code: 'diagnosis_missing'; readonly scheme: string; readonly condition: string }
  | RuleRefusal
  | (TableRefusal & { readonly rule: string })
  | {
      readonly code: 'choice_undeclared'
      readonly rule: string
      readonly choice: Choice
    }
  | { readonly code: 'unknown_stay'; readonly stay: string; readonly tier: string }
  | { readonly code: 'replay_needed'; readonly tier: string; readonly reason: ReplayReason }
  | { readonly code: 'lines_needed'; readonly rule: string }
  | { readonly code: 'rate_unknown'; readonly rule: string; readonly above: Fen }

/** What a tier has to say before a bill that needs it can be settled. */
export type Choice = 'transfer' | 'acrossPeriods' | 'counts' | 'newborn' | 'onChange' | 'handIn'

/** Why bills of the period have to be reversed and settled again, in the order of their days. */
export type ReplayReason = 'order' | 'status'

export type RefusalCode = Refusal['code']

// ---------------------------------------------------------------------------------------------
// Relief
// ---------------------------------------------------------------------------------------------

/** A settlement that stands, with the days of its bill: what a relief is worked out from. */
export type StandingBill = {
  readonly bill: Pick<Bill, 'id' | 'person' | GoverningDate>
  readonly settlement: Pick<Settlement, 'scheme' | 'patientParts' | 'components' | 'badges'>
}

/** The sums of a relief, in the order in which a clerk would redo them. */
export type ReliefStep =
  | { readonly step: 'not-applicable'; readonly reason: NotApplicable; readonly citation: Citation }
  | {
      readonly step: 'own-cost'
      readonly amount: Fen
      readonly parts: readonly { readonly component: Component; readonly amount: Fen }[]
      readonly citation: Citation
    }
  | {
      readonly step: 'threshold'
      /** Where it is a share: of which parts of the bills, and what these come to. */
      readonly share: Rate | undefined
      readonly of: readonly NativeComponent[]
      readonly cost: Fen
      readonly limit: Fen
      readonly above: Fen
      readonly citation: Citation
    }
  | {
      readonly step: 'rate'
      readonly segments: readonly { readonly from: Fen; readonly to: Fen; readonly rate: Rate }[]
      readonly due: Fen
      readonly rounding: Rounding
      readonly citation: Citation
    }
  | { readonly step: 'cap'; readonly limit: Fen; readonly cut: Fen; readonly citation: Citation }
  | { readonly step: 'no-cap'; readonly citation: Citation }

/** A relief worked out for one person and one year. */
export type ReliefResult = {
  readonly relief: string
  readonly title: Title
  readonly kind: Relief['kind']
  readonly payer: Payer
  readonly person: string
  readonly scheme: string
  readonly teaching: boolean
  /** As running totals name it: `2024`, or `2024-07-01` for a year from that day. */
  readonly period: string
  readonly from: PlainDate
  readonly until: PlainDate
  /** The day whose rules and answers are used. */
  readonly on: PlainDate
  readonly bills: readonly string[]
  readonly amount: Fen
  readonly notApplicable: NotApplicable | undefined
  readonly steps: readonly ReliefStep[]
  /** Those of its own rules and of the settlements it rests on. */
  readonly badges: readonly Badge[]
}

/** Why a relief is not worked out. The first that applies is the answer. */
export type ReliefRefusal =
  | Refusal
  | {
      /** A relief at the year's end before its last day, or one of a year that has not begun. */
      readonly code: 'period_not_over'
      readonly relief: string
      readonly until: PlainDate
      readonly today: PlainDate
    }
  | { readonly code: 'relief_not_declared'; readonly relief: string; readonly scheme: string }
