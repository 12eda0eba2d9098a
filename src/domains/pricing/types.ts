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
/** Numbers of households; null for too few to be told. */
export type Catastrophic = {
  readonly households: number
  readonly before: number | null
  readonly after: number | null
  /** Above the line under the draft alone, and no longer above it. */
  readonly entering: number | null
  readonly leaving: number | null
}

/** What every fund together, and the patients, bear at one value of the unknown, in fen. */
export type FanRow = {
  readonly x: number
  readonly spent: number
  readonly paid: number
  readonly patient: number
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
  readonly elasticity: number | undefined
  /** The value of `$x` that the comparison is of. */
  readonly x: number | undefined
  readonly fan: readonly FanRow[] | undefined
  readonly kept:
    | { readonly tier: string; readonly most: number; readonly best: number | null }
    | undefined
  readonly comparison: Comparison | undefined
  readonly hash: string
}
export type DataFile = { readonly file: string; readonly bytes: number; readonly sha256: string }
/** `rules` and `result` are hashes: of all rule files, and of every row that was settled by them. */
export type RulesUsed = { readonly title: Title; readonly rules: string; readonly result: string }
