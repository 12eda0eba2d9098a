import type { PlainDate } from '#base/plain-date.ts'
import type { Person } from '#domains/settlement/index.ts'
import type { Attributes } from '#rulebook/attributes.ts'

export type Sex = 'male' | 'female'

/**
 * 参保关系 — one stretch of a person's life under one scheme or product, first and last day included.
 * Scheme and first day name it.
 */
export type Membership = {
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate | undefined
  /** The day on which the person signed up. */
  readonly enrolledOn: PlainDate
  /** What was stated of the cover: class, plan or contribution grade, a pre-existing condition. */
  readonly answers: Attributes
  readonly employer: string | undefined
  /** Signed up as a newborn on the first day: the scheme says from when such a cover pays. */
  readonly newborn?: boolean | undefined
}

/** A fact of the person that holds for a time: an assistance category, being a civil servant. */
export type Status = {
  readonly attribute: string
  readonly from: PlainDate
  readonly until: PlainDate | undefined
  readonly value: string
}

/** 断保补缴 — a break that was paid for afterwards: it counts as cover for continuity and pays no bill. */
export type Repair = {
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate
  readonly paidOn: PlainDate
}

/** A disease the person had before a cover began: declared, or found in history and then decided on. */
export type Condition = {
  readonly disease: string
  readonly since: PlainDate
  readonly state: 'declared' | 'found' | 'confirmed' | 'rejected'
}

/** Everything about one person that decides who covers them. */
export type Insured = {
  readonly id: string
  readonly born: PlainDate | undefined
  readonly died: PlainDate | undefined
  readonly memberships: readonly Membership[]
  readonly statuses: readonly Status[]
  readonly repairs: readonly Repair[]
  readonly conditions: readonly Condition[]
  /** 备案 and 待遇资格: settlements ask for them. */
  readonly registrations?: Person['registrations']
  readonly certificates?: Person['certificates']
}

/** What stands behind a registration or a certificate, and where it came from. */
export type Evidence = { readonly document: string; readonly source: string }

/** What became of a membership that was asked for. */
export type EnrolChange = 'new' | 'changed' | 'unchanged'

export type IdNumberRefusal = {
  readonly code: 'id_number_malformed' | 'id_number_birthday' | 'id_number_check_digit'
}

type Stretch = {
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate | undefined
}

/** Why a membership or a fact of a person is not recorded. `README.md` has them in the order they are asked. */
export type EnrolRefusal =
  | { readonly code: 'unknown_scheme'; readonly scheme: string }
  | { readonly code: 'unknown_attribute'; readonly attribute: string }
  | { readonly code: 'unknown_answer'; readonly attribute: string; readonly answer: string }
  | { readonly code: 'ends_before_begins'; readonly from: PlainDate; readonly until: PlainDate }
  | {
      readonly code: 'enrolled_in_future'
      readonly enrolledOn: PlainDate
      readonly today: PlainDate
    }
  | { readonly code: 'begins_before_birth'; readonly from: PlainDate; readonly born: PlainDate }
  | { readonly code: 'lasts_beyond_death'; readonly died: PlainDate }
  | {
      readonly code: 'retroactive_without_reason'
      readonly from: PlainDate
      readonly enrolledOn: PlainDate
    }
  | { readonly code: 'employer_needed'; readonly scheme: string }
  | { readonly code: 'unknown_employer'; readonly employer: string }
  | { readonly code: 'not_on_roster'; readonly employer: string; readonly on: PlainDate }
  | ({ readonly code: 'two_public_schemes' } & Stretch)
  | ({ readonly code: 'same_scheme_twice' } & Stretch)
  | { readonly code: 'unknown_membership'; readonly scheme: string; readonly from: PlainDate }
  | { readonly code: 'status_overlaps'; readonly attribute: string; readonly from: PlainDate }
  | { readonly code: 'covered_already'; readonly scheme: string; readonly from: PlainDate }
  | { readonly code: 'unknown_status'; readonly attribute: string; readonly from: PlainDate }
  | { readonly code: 'unknown_repair'; readonly scheme: string; readonly from: PlainDate }
  | { readonly code: 'unknown_place'; readonly place: string }
  | { readonly code: 'filing_overlaps'; readonly kind: string; readonly from: PlainDate }
  | { readonly code: 'unknown_filing'; readonly kind: string; readonly from: PlainDate }

type Title = { readonly zh: string; readonly en: string }

/** Where a referral stands. That its last day has come is no act, and so no state. */
export const REFERRAL_STATES = {
  valid: { zh: '有效', en: 'In force' },
  ended: { zh: '已提前终止', en: 'Ended early' },
  withdrawn: { zh: '已撤销', en: 'Withdrawn' },
} as const satisfies Readonly<Record<string, Title>>
export type ReferralState = keyof typeof REFERRAL_STATES

/** What is done to a referral, from which states, and where it then stands; `until` is what its last day becomes. */
export const REFERRAL_ACTS = {
  enter: { zh: '登记', en: 'Enter', from: [], to: 'valid' },
  extend: { zh: '延期', en: 'Extend', from: ['valid'], to: 'valid', until: 'later' },
  end: { zh: '提前终止', en: 'End early', from: ['valid'], to: 'ended', until: 'earlier' },
  withdraw: { zh: '撤销', en: 'Withdraw', from: ['valid', 'ended'], to: 'withdrawn' },
} as const satisfies Readonly<
  Record<
    string,
    Title & {
      readonly from: readonly ReferralState[]
      readonly to: ReferralState
      readonly until?: 'later' | 'earlier'
    }
  >
>
export type ReferralAct = keyof typeof REFERRAL_ACTS

/** 转诊单: what a referral says, and never says otherwise but for its last day. */
export type ReferralTerms = {
  /** What it allows, as an answer to `remote`. */
  readonly kind: string
  /** The institution that refers. */
  readonly from: string
  /** The institution that it is to; any in the place where it names none. */
  readonly to?: string | undefined
  /** 行政区划代码 of where care is. */
  readonly place: string
  readonly since: PlainDate
  readonly until: PlainDate
  readonly reason: string
  readonly document: string
}

/** Why a referral is not entered or changed. */
export type ReferralRefusal =
  | {
      readonly code: 'illegal_referral_move'
      readonly act: ReferralAct
      readonly state: ReferralState | undefined
      readonly from: readonly ReferralState[]
    }
  | {
      readonly code: 'referral_until_wrong'
      readonly act: ReferralAct
      readonly until: PlainDate | undefined
      readonly now: PlainDate
    }
  | { readonly code: 'referral_to_itself'; readonly institution: string }
  | { readonly code: 'referral_overlaps'; readonly record: string; readonly from: PlainDate }

/** Who pays a premium. 资助参保 is `assistance`. */
export const PREMIUM_PAYERS = ['self', 'employer', 'government', 'assistance'] as const

export type PremiumRefusal =
  | { readonly code: 'collected_beyond_due'; readonly open: number }
  | { readonly code: 'refunded_beyond_collected'; readonly held: number }

/** A construction site whose workers are insured unnamed: so many at a time, or so many square metres. */
export type Site = {
  readonly id: string
  readonly name: string
  readonly employer: string
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate
  readonly headcount: number | undefined
  readonly areaM2: number | undefined
}

/** A stretch of days on which somebody worked at a site. */
export type Work = {
  readonly person: string
  readonly from: PlainDate
  readonly until: PlainDate
}

export type SiteRefusal =
  | { readonly code: 'ends_before_begins'; readonly from: PlainDate; readonly until: PlainDate }
  | { readonly code: 'outside_site'; readonly from: PlainDate; readonly until: PlainDate }
  | { readonly code: 'at_site_already'; readonly from: PlainDate; readonly until: PlainDate }
  | { readonly code: 'headcount_reached'; readonly headcount: number; readonly on: PlainDate }

export const INSTITUTION_KINDS = ['hospital', 'clinic', 'pharmacy', 'care'] as const

/** A hospital, clinic, pharmacy or care provider, with its levels and agreements through time. */
export type Institution = {
  readonly id: string
  readonly name: string
  readonly kind: (typeof INSTITUTION_KINDS)[number]
  readonly levels: readonly {
    readonly from: PlainDate
    readonly level: string
    readonly document: string
  }[]
  readonly agreements: readonly {
    readonly kind: string
    readonly from: PlainDate
    readonly until: PlainDate | undefined
    readonly document: string
  }[]
}

/** One enrolment of a file, its cells read. */
export type ImportRow = {
  readonly idNumber: string
  readonly born: PlainDate
  readonly sex: Sex
  readonly name: string
} & ImportTerms

/** What a row of a file says besides who it is about: many rows say the same. Money in fen. */
export type ImportTerms = {
  readonly scheme: string
  readonly from: PlainDate
  readonly until: PlainDate | undefined
  readonly enrolledOn: PlainDate
  readonly answers: Readonly<Record<string, string | number>>
  readonly employer: string | undefined
  readonly payer: (typeof PREMIUM_PAYERS)[number] | undefined
  readonly due: number
  readonly collected: number
  readonly reason: string | undefined
}

/** What is wrong with one cell. The value is masked where it is personal. */
export type CellFault = {
  readonly column: string
  readonly value: string
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>
}

export type AccountRefusal =
  | { readonly code: 'account_day_in_future'; readonly on: PlainDate; readonly today: PlainDate }
  | { readonly code: 'owner_lives' | 'purpose_needed' | 'counterpart_needed' | 'not_family' }
  | { readonly code: 'account_closed'; readonly died: PlainDate }
  | { readonly code: 'purpose_unknown'; readonly purpose: string; readonly on: PlainDate }
  | { readonly code: 'purpose_not_permitted'; readonly purpose: string; readonly source: string }
  | { readonly code: 'whole_balance_wanted' | 'account_short'; readonly balance: number }

/** Whether an account may be used for a purpose, from a day on, and who says so. */
export type AccountUse = {
  readonly purpose: string
  readonly from: PlainDate
  readonly permitted: boolean
  readonly source: string
  readonly article: string | null
}

export type MergeRefusal =
  | { readonly code: 'merge_with_self' | 'different_id_numbers' }
  | { readonly code: 'birthday_differs'; readonly stated: PlainDate }
