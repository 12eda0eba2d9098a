import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Registration } from '#domains/settlement/index.ts'
import { recordRegistration } from './filings.ts'
import type { Reading } from './insure.ts'
import {
  type EnrolRefusal,
  type Insured,
  REFERRAL_ACTS,
  type ReferralAct,
  type ReferralRefusal,
  type ReferralState,
  type ReferralTerms,
} from './types.ts'

/** A referral as it stands: none has a state before it is entered. */
export type Referral = ReferralTerms & {
  readonly record: string
  readonly state: ReferralState | undefined
}

/** The number of a referral, as explanations and papers name it. */
export const recordOf = (no: number): string => `R${no}`

/**
 * A referral after one more act. `until` is the last day that an extension or an early end sets; both say why, as every
 * act does, so that is asked where requests are read.
 */
export function referralAfter(
  referral: Referral,
  act: ReferralAct,
  until?: PlainDate,
): Result<Referral, ReferralRefusal | EnrolRefusal> {
  const move = REFERRAL_ACTS[act]
  const { state, since, until: now } = referral
  const from: readonly ReferralState[] = move.from
  const fits = state === undefined ? from.length === 0 : from.includes(state)
  if (!fits) return err({ code: 'illegal_referral_move', act, state, from })
  if (act === 'enter') {
    if (referral.from === referral.to)
      return err({ code: 'referral_to_itself', institution: referral.from })
    if (now < since) return err({ code: 'ends_before_begins', from: since, until: now })
  }
  if (!('until' in move)) return ok({ ...referral, state: move.to })
  const wanted = until !== undefined && (move.until === 'later' ? until > now : until < now)
  if (!wanted) return err({ code: 'referral_until_wrong', act, until, now })
  if (until < since) return err({ code: 'ends_before_begins', from: since, until })
  return ok({ ...referral, until, state: move.to })
}

/**
 * A person with what a referral allows, or without it once it is withdrawn. Refused where it allows what another referral
 * to the same institution and place allows on some of its days: nobody could say which of them a bill is by.
 */
export function withReferral(
  insured: Insured,
  referral: Referral,
  reading: Reading,
): Result<Insured, ReferralRefusal | EnrolRefusal> {
  const { record, state, kind, place, since: from, until, to } = referral
  const others = (insured.registrations ?? []).filter((each) => each.record !== record)
  if (state === 'withdrawn') return ok({ ...insured, registrations: others })
  const allowed: Registration = {
    kind,
    place,
    from,
    until,
    record,
    ...(to === undefined ? {} : { institution: to }),
  }
  const clash = others.find(
    (each) =>
      each.record !== undefined &&
      each.place === place &&
      each.institution === allowed.institution &&
      each.from <= until &&
      from <= (each.until ?? '9999-12-31'),
  )
  if (clash?.record !== undefined)
    return err({ code: 'referral_overlaps', record: clash.record, from: clash.from })
  return recordRegistration({ ...insured, registrations: others }, allowed, reading)
}
