/** A name in both languages of the product. */
type Title = { readonly zh: string; readonly en: string }

/** Whole numbers from `from` to `to`, `step` apart. */
export type Steps = { readonly from: number; readonly to: number; readonly step: number }

// --- a report ------------------------------------------------------------------------------------

export type Moved = { readonly before: number; readonly after: number }

/**
 * What one fund pays in one period under both rules, in fen. Where it would tell of too few persons it is hidden, and
 * has its names alone.
 */
export type FundRow = {
  readonly scheme: string
  readonly tier: string
  readonly payer: string
  readonly period: string
} & (Moved | { readonly hidden: true })

/**
 * Persons of one group: how many gain and lose, and what they bear under both rules, in fen. A count that would tell of
 * too few persons is null.
 */
export type GroupRow = {
  readonly group: string
  readonly persons: number
  readonly gain: number | null
  readonly lose: number | null
  readonly before: number
  readonly after: number
}

/** How many persons reach a cap of a tier; null where that would tell of a few. */
export type CapRow = {
  readonly scheme: string
  readonly tier: string
  readonly before: number | null
  readonly after: number | null
  /** Who reaches it under the draft alone, and no longer. */
  readonly entering: number | null
  readonly leaving: number | null
}

/** By what persons are told apart. */
export const GROUPS = {
  class: { zh: '人员类别', en: 'Class' },
  category: { zh: '救助身份', en: 'Category' },
  sex: { zh: '性别', en: 'Sex' },
  age: { zh: '年龄', en: 'Age' },
  level: { zh: '医院级别', en: 'Hospital level' },
  burden: { zh: '原个人负担（元）', en: 'Borne before (yuan)' },
} as const satisfies Record<string, Title>
export type Grouping = keyof typeof GROUPS

/** A table of groups. A row that would tell of too few persons is hidden: it has its name alone. */
export type GroupTable = {
  readonly by: Grouping
  readonly rows: readonly (GroupRow | { readonly group: string; readonly hidden: true })[]
}

/** What a draft changes. Amounts in fen; shares of the whole burden as fractions. */
export type Comparison = {
  readonly bills: Moved
  readonly refused: { readonly before: number | null; readonly after: number | null }
  readonly patient: Moved
  /** By every fund together. */
  readonly paid: Moved
  readonly funds: readonly FundRow[]
  /** Persons of whose bills a cap cut what a tier would have paid. */
  readonly caps: readonly CapRow[]
  readonly groups: readonly GroupTable[]
  /**
   * Tenths of all persons in the order of what they bear, lightest first: what part of all is theirs. Nothing where a
   * tenth would be too few persons.
   */
  readonly lorenz:
    | { readonly before: readonly number[]; readonly after: readonly number[] }
    | undefined
  readonly gini: Moved
  /** Households that bear more than 40 % of what they can pay; nothing where that was not said. */
  readonly catastrophic: Catastrophic | undefined
  /** What care would cost more, or less, if its price to patients moved how much of it they take; if that was assumed. */
  readonly induced: Induced | undefined
}
/** Whole fen, and who would bear them at the shares of the draft. */
export type Induced = { readonly cost: number; readonly funds: number; readonly patients: number }
/** Numbers of households; null where they would tell of a few. */
export type Catastrophic = {
  readonly households: number
  readonly before: number | null
  readonly after: number | null
  /** Above the line under the draft alone, and no longer above it. */
  readonly entering: number | null
  readonly leaving: number | null
}

/**
 * What every fund together, and the patients, bear at one value of the unknown, in fen; hidden where it would tell of what
 * a few persons bear.
 */
export type FanRow = { readonly x: number } & (
  | { readonly spent: number; readonly paid: number; readonly patient: number }
  | { readonly hidden: true }
)

/**
 * What is asked of a product: shares in parts per million; `selection` in thousandths says how many times likelier, by
 * their odds, those hold it whom it would pay something.
 */
export type PremiumAsked = {
  readonly scheme: string
  readonly takeUp: number
  readonly selection: number
  readonly lossRatio: number
}
/** Fen for each who holds it, at one take-up. */
export type PremiumRow = {
  readonly takeUp: number
  readonly claimsAHead: number
  readonly premium: number
}
/** A product's premium, from what it would pay if everybody of the data held it. */
export type Premium = PremiumAsked & {
  readonly persons: number
  readonly claimants: number
  readonly claims: number
  readonly rows: readonly PremiumRow[]
  /** The hash over every bill, settled as if everybody held it. */
  readonly result: string
}

/** What a run found, and from what: the same again gives the same `hash`. */
export type Whatif = {
  readonly format: 'kangyang/whatif@2'
  readonly program: string
  readonly engine: number
  readonly data: { readonly bills: readonly DataFile[]; readonly persons: readonly DataFile[] }
  readonly baseline: RulesUsed
  readonly draft: RulesUsed
  readonly capacity: number | undefined
  /** Where the capacity to pay is from, as whoever assumed it says. */
  readonly capacitySource: string | undefined
  readonly elasticity: number | undefined
  /** The value of `$x` that the comparison is of. */
  readonly x: number | undefined
  readonly fan: readonly FanRow[] | undefined
  readonly kept:
    | { readonly tier: string; readonly most: number; readonly best: number | null }
    | undefined
  readonly comparison: Comparison | undefined
  readonly premium: Premium | undefined
  readonly hash: string
}
export type DataFile = { readonly file: string; readonly bytes: number; readonly sha256: string }
/** `rules` and `result` are hashes: of all rule files, and of every row that was settled by them. */
export type RulesUsed = { readonly title: Title; readonly rules: string; readonly result: string }

// --- scenarios -----------------------------------------------------------------------------------

/** What is settled again: a year of one's own, as the database has it, or a year of an invented city. */
export type DataChoice =
  | { readonly kind: 'own'; readonly year: number }
  | {
      readonly kind: 'city'
      readonly place: string
      readonly persons: number
      readonly year: number
      readonly seed: number
    }

/** What somebody assumes, and what is looked for. Amounts in fen. */
export type Assumptions = {
  /** What one member of a household can pay in a year beside what they need to live. */
  readonly capacity?: number | undefined
  /** Where that is from: a statistic, a regulation. */
  readonly capacitySource?: string | undefined
  /** By how many per cent care grows where its price to a patient falls by one, in thousandths. */
  readonly elasticity?: number | undefined
  /** The tier whose payments the value of `$x` is to keep within an amount. */
  readonly keep?: { readonly tier: string; readonly most: number } | undefined
  /** The product whose premium is asked, under the draft. */
  readonly premium?: PremiumAsked | undefined
}

/** What a scenario is made of; a run is of these as they were when it was asked for. */
export type ScenarioContent = {
  readonly name: string
  readonly draft: string
  readonly data: DataChoice
  readonly assumptions: Assumptions
}

export const RUN_STATES = {
  queued: { zh: '排队中', en: 'Waiting' },
  running: { zh: '推演中', en: 'Running' },
  done: { zh: '已完成', en: 'Done' },
  failed: { zh: '未能完成', en: 'Not carried out' },
  cancelled: { zh: '已取消', en: 'Cancelled' },
} as const satisfies Readonly<Record<string, Title>>
export type RunState = keyof typeof RUN_STATES

/** How far a run is. Of a step that does not count, `of` is 0. */
export type Progress = {
  readonly step: 'reading' | 'making' | 'settling' | 'comparing'
  readonly done: number
  readonly of: number
  /** Which of how many settlements of everything. */
  readonly pass?: number | undefined
  readonly passes?: number | undefined
}

/**
 * A year of one's own as it had been settled, in fen, to be held against the baseline; no amounts where they would tell
 * of a few who were settled otherwise.
 */
export type YearSettled = {
  readonly persons: number
  readonly bills: number
  readonly amounts: { readonly paid: number; readonly patient: number } | undefined
  /** Persons of whom it is known with whom they live; null where they are a few, absent of a run of an earlier version. */
  readonly together?: number | null | undefined
}

/** Why a run came to no report, in words. */
export type RunFault = { readonly zh: string; readonly en: string }
