import type { Fen, Rate } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Source } from '#rulebook/source.ts'

/** A text in both languages. */
export type Text = { readonly zh: string; readonly en: string }

/** The three catalogues 三大目录. */
export const KINDS = {
  drug: { zh: '药品', en: 'Drug' },
  item: { zh: '诊疗项目', en: 'Medical service item' },
  consumable: { zh: '医用耗材', en: 'Consumable' },
} as const satisfies Record<string, Text>

export type Kind = keyof typeof KINDS

/** 特药 is a drug of a product's own list, outside the catalogue; 单列 is paid at a rate of its own. */
export const CLASSES = ['甲', '乙', '丙', '特药', '单列'] as const
export type ItemClass = (typeof CLASSES)[number]

/** The classes of which the patient bears an upfront share. */
export const hasUpfrontShare = (itemClass: ItemClass | undefined): boolean =>
  itemClass === '乙' || itemClass === '单列'

/** What becomes of a line that does not meet a limit: a person looks at it, and until then it is out of scope or not. */
export const WHEN_UNMET = ['丙', '复核'] as const
export type WhenUnmet = (typeof WHEN_UNMET)[number]

/**
 * 限定支付 as far as a machine can check it. Each is asked of what is known of the bill and the person;
 * `text` is the wording for people.
 */
export type Limits = {
  readonly text: string | undefined
  readonly minAge: number | undefined
  readonly maxAge: number | undefined
  readonly sex: string | undefined
  readonly levels: readonly string[]
  readonly medical: readonly string[]
  /** Beginnings of ICD-10 codes. */
  readonly diagnoses: readonly string[]
  /** In ten-thousandths of a unit, for one line. */
  readonly maxQuantity: number | undefined
  readonly maxDays: number | undefined
  readonly whenUnmet: WhenUnmet | undefined
}

/**
 * One line of one place's catalogue: what it says of a code from its first day until the next line's, or
 * until its own last day. A place below another may leave out what it does not change.
 */
export type Entry = {
  /** The folder of the place: `teaching/shifan`, a province, or nothing for the nation. */
  readonly place: string
  readonly kind: Kind
  readonly code: string
  readonly name: string | undefined
  readonly class: ItemClass | undefined
  readonly upfrontShare: Rate | undefined
  readonly limitPrice: Fen | undefined
  readonly unit: string | undefined
  readonly category: string | undefined
  readonly genericName: string | undefined
  readonly limits: Limits | undefined
  readonly from: PlainDate
  readonly until: PlainDate | undefined
  readonly source: Omit<Source, 'id'>
  readonly article: string | undefined
}

/** The entries of codes, from every place, each with the version of its place's catalogue. */
export type Catalogue = {
  /** Every entry of a code in a place, in no order. */
  find(place: string, code: string): readonly Entry[]
  /** Whether a place, or one above it, has a catalogue at all. */
  covers(place: string): boolean
  /** How the catalogue of a place is named: the version in the database, or the files' own mark. */
  version(place: string): string | undefined
}

/** The rule behind a looked-up value. Of the shape that settlements cite. */
export type ItemCitation = {
  readonly rule: string
  readonly from: PlainDate
  readonly observed: undefined
  readonly source: Source
  readonly article: string | undefined
}

/** What the catalogues of a place say of a code on a day, and which line said each thing. */
export type Item = {
  readonly place: string
  readonly on: PlainDate
  readonly kind: Kind
  readonly code: string
  readonly name: string
  readonly class: ItemClass
  readonly upfrontShare: Rate | undefined
  readonly limitPrice: Fen | undefined
  readonly unit: string | undefined
  readonly category: string | undefined
  readonly genericName: string | undefined
  readonly limits: Limits | undefined
  /** The lines that it rests on: the widest place first, a narrower one after what it overrides. */
  readonly layers: readonly { readonly entry: Entry; readonly version: string | undefined }[]
}

export type LookupRefusal =
  | { readonly code: 'unknown_item'; readonly item: string; readonly place: string }
  | {
      readonly code: 'item_not_in_force'
      readonly item: string
      readonly place: string
      readonly on: PlainDate
      /** The first day from which there is a line, if any is to come. */
      readonly next: PlainDate | undefined
    }
  | {
      readonly code: 'item_incomplete'
      readonly item: string
      readonly place: string
      readonly on: PlainDate
      readonly missing: 'name' | 'class' | 'upfrontShare'
    }
  | {
      readonly code: 'item_contradicted'
      readonly item: string
      readonly place: string
      readonly on: PlainDate
      readonly field: GivenField
      readonly given: string
      readonly catalogue: string
      readonly citation: ItemCitation
    }

/** What a line of a bill may say itself, and the catalogue says too. */
export type GivenField = 'class' | 'upfrontShare' | 'limitPrice' | 'category' | 'genericName'

export type Given = {
  readonly class: ItemClass | undefined
  readonly upfrontShare: Rate | undefined
  readonly limitPrice: Fen | undefined
  readonly category: string | undefined
  readonly genericName: string | undefined
}

/** What limits may ask about. Undefined: nobody said. */
export type Facts = {
  readonly age: number | undefined
  readonly sex: string | undefined
  readonly level: string | undefined
  readonly medical: string | undefined
  readonly diagnosis: string | undefined
  readonly quantity: number
  readonly days: number
}

export const LIMIT_KINDS = {
  age: { zh: '年龄', en: 'age' },
  sex: { zh: '性别', en: 'sex' },
  level: { zh: '医院级别', en: 'hospital level' },
  medical: { zh: '医疗类别', en: 'kind of care' },
  diagnosis: { zh: '诊断', en: 'diagnosis' },
  quantity: { zh: '数量', en: 'quantity' },
  days: { zh: '天数', en: 'days' },
} as const satisfies Record<string, Text>

export type LimitKind = keyof typeof LIMIT_KINDS

/** One limit that is not met, or that nobody can check because the fact is not known. */
export type LimitFinding = {
  readonly limit: LimitKind
  readonly met: 'no' | 'unknown'
  readonly asked: string
  readonly found: string | undefined
}

/** One thing wrong with one line of a catalogue file. */
export type RowFault = {
  readonly line: number
  readonly column: string
  readonly value: string
  readonly code: RowCode
  readonly reason: Text
  readonly remedy: Text
}

export type RowCode =
  | 'missing_column'
  | 'unknown_column'
  | 'missing_value'
  | 'bad_value'
  | 'bad_dates'
  | 'duplicate'
  | 'mixed_invention'
  | 'too_long'
