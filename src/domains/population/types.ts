import type { Source } from '#rulebook/source.ts'

/** The words of `schemes/attributes.yaml` that invented persons and bills are described with. */
export const SEXES = ['男', '女'] as const
export const CLASSES = ['在职', '退休', '成年居民', '学生儿童', '大学生'] as const
export const CATEGORIES = ['普通', '特困', '低保', '低保边缘', '返贫致贫'] as const
export const DISEASES = ['高血压', '糖尿病', '恶性肿瘤', '透析'] as const
export const MEDICAL = ['普通门诊', '门慢特', '住院'] as const
export const LEVELS = ['社区', '一级', '二级', '三级'] as const

export type InsuredClass = (typeof CLASSES)[number]
export type Disease = (typeof DISEASES)[number]

/** What an invented city is made from. Shares are from 0 to 1, costs in yuan, populations in any unit. */
export type Rates = {
  readonly sources: ReadonlyMap<string, Source>
  readonly population: { readonly men: readonly number[]; readonly women: readonly number[] }
  /** Deaths per million and year at the ages 0, 1–4, 5–9, …. */
  readonly deaths: { readonly men: readonly number[]; readonly women: readonly number[] }
  readonly moves: { readonly arrive: number; readonly leave: number }
  readonly householdMean: number
  readonly insurance: {
    readonly insured: number
    readonly working: number
    readonly retired: number
    readonly residentAdults: number
    readonly residentPupils: number
    readonly universityStudents: number
    readonly retirementAgeMen: number
    readonly retirementAgeWomen: number
    readonly civilServants: number
    readonly supplementaryTakeUp: number
  }
  /** Of households, by CATEGORIES; the first takes the rest. */
  readonly categories: readonly number[]
  /** By DISEASES: the share of adults, and how much of it each of four age groups has. */
  readonly chronic: readonly { readonly adults: number; readonly byAge: readonly number[] }[]
  readonly inpatient: Frequency & {
    readonly withCancer: number
    readonly employeesCostTimes: number
    readonly meanDays: number
  }
  readonly outpatient: Frequency
  /** By DISEASES: visits a year and the cost of one. */
  readonly chronicVisits: readonly { readonly visits: number; readonly cost: number }[]
  readonly coverage: {
    readonly outOfScope: readonly number[]
    readonly upfront: readonly number[]
    readonly overLimit: readonly number[]
    readonly specialDrug: number
  }
}

/** How often care is needed, where, and what it costs there. */
export type Frequency = {
  readonly employees: number
  readonly residents: number
  readonly byAge: readonly number[]
  readonly shareByLevel: readonly number[]
  readonly costByLevel: readonly number[]
  readonly spread: number
}

/** Which city: the same numbers always give the same persons and bills. */
export type City = { readonly persons: number; readonly year: number; readonly seed: number }

/** Persons as columns. Days are days since 1970-01-01, and 0 where there is none. */
export type People = {
  /** The number of the first person; persons of a city are numbered from 1. */
  readonly first: number
  readonly count: number
  readonly household: Int32Array
  readonly born: Int32Array
  /** Places in SEXES, CLASSES and CATEGORIES. */
  readonly sex: Uint8Array
  readonly klass: Uint8Array
  readonly category: Uint8Array
  readonly civilServant: Uint8Array
  readonly supplementary: Uint8Array
  /** One bit for each of DISEASES. */
  readonly chronic: Uint8Array
  readonly arrived: Int32Array
  readonly left: Int32Array
  readonly died: Int32Array
  /** What is to be expected in a month: admissions, visits, and visits for a recognised disease. */
  readonly inpatient: Float32Array
  readonly outpatient: Float32Array
  readonly chronicVisits: Float32Array
}

/** Bills as columns, in the order of their days. Amounts in fen; places in MEDICAL, LEVELS and DISEASES (255: none). */
export type Bills = {
  readonly count: number
  readonly person: Int32Array
  readonly admitted: Int32Array
  readonly discharged: Int32Array
  readonly medical: Uint8Array
  readonly level: Uint8Array
  readonly disease: Uint8Array
  readonly inScope: Int32Array
  readonly upfront: Int32Array
  readonly overLimit: Int32Array
  readonly outOfScope: Int32Array
  readonly specialDrug: Int32Array
}

/** One charge of a bill, as the input file writes it. Amounts in fen. */
export type InventedLine = {
  readonly name: string
  readonly class: '甲' | '乙' | '丙' | '特药'
  readonly amount: number
  readonly limitPrice: number | undefined
  readonly upfrontShare: string | undefined
}
