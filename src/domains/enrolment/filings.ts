import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Certificate, Registration } from '#domains/settlement/index.ts'
import { wrongAnswer } from './enrol.ts'
import type { Reading } from './insure.ts'
import type { EnrolRefusal, Insured } from './types.ts'

/** The word of a bill that a certificate is about: a bill asks for the certificate of its disease or drug. */
const CERTIFIED = { 门慢特: 'disease', 两病: 'disease', 双通道: 'drug' } as const

/** Records a 备案, or corrects the one of the same kind and place that begins on the same day. */
export function recordRegistration(
  insured: Insured,
  registration: Registration,
  reading: Reading,
): Result<Insured, EnrolRefusal> {
  const { kind, place, from, until } = registration
  const remote = reading.vocabulary.get('remote')
  // Being at home, and being elsewhere without a registration, are answers that no registration gives.
  const unfiled = kind === remote?.whenAbsent || kind === remote?.unregistered
  const wrong = wrongAnswer({ remote: kind }, 'bill', reading)
  if (wrong || unfiled) return err({ code: 'unknown_answer', attribute: 'remote', answer: kind })
  if (place !== undefined && !/^\d{6}$/.test(place)) return err({ code: 'unknown_place', place })
  if (until !== undefined && until < from) return err({ code: 'ends_before_begins', from, until })
  const others = insured.registrations ?? []
  const placed = placedAmong(
    others,
    registration,
    // Referrals are by themselves: what else is on file of the kind says less than they do.
    (each) =>
      each.kind === kind &&
      each.place === place &&
      each.record === undefined &&
      !registration.record,
  )
  if (!placed.ok) return placed
  return ok({ ...insured, registrations: placed.value })
}

/** Records a 待遇资格, or corrects the one for the same disease or drug that begins on the same day. */
export function recordCertificate(
  insured: Insured,
  certificate: Certificate,
  reading: Reading,
): Result<Insured, EnrolRefusal> {
  const { kind, of, from, until } = certificate
  const wrong = wrongAnswer({ [CERTIFIED[kind]]: of }, 'bill', reading)
  if (wrong) return err(wrong)
  if (until !== undefined && until < from) return err({ code: 'ends_before_begins', from, until })
  const others = insured.certificates ?? []
  const placed = placedAmong(others, certificate, (each) => each.kind === kind && each.of === of)
  if (!placed.ok) return placed
  return ok({ ...insured, certificates: placed.value })
}

/** Takes back a registration that should never have been recorded. */
export function withdrawRegistration(
  insured: Insured,
  asked: Pick<Registration, 'kind' | 'place' | 'from'>,
): Result<Insured, EnrolRefusal> {
  const { kind, place, from } = asked
  const all = insured.registrations ?? []
  const left = all.filter(
    (each) =>
      each.record !== undefined || each.kind !== kind || each.place !== place || each.from !== from,
  )
  if (left.length === all.length) return err({ code: 'unknown_filing', kind, from })
  return ok({ ...insured, registrations: left })
}

/** Takes back a certificate that should never have been recorded. */
export function withdrawCertificate(
  insured: Insured,
  asked: Pick<Certificate, 'kind' | 'of' | 'from'>,
): Result<Insured, EnrolRefusal> {
  const { kind, of, from } = asked
  const all = insured.certificates ?? []
  const left = all.filter((each) => each.kind !== kind || each.of !== of || each.from !== from)
  if (left.length === all.length) return err({ code: 'unknown_filing', kind, from })
  return ok({ ...insured, certificates: left })
}

type Filed = {
  readonly kind: string
  readonly from: PlainDate
  readonly until?: PlainDate | undefined
}

/** The list with this one in it, in place of the one that begins on the same day. Two of a kind never overlap. */
function placedAmong<T extends Filed>(
  all: readonly T[],
  asked: T,
  isRelated: (each: T) => boolean,
): Result<T[], EnrolRefusal> {
  const others = all.filter((each) => !isRelated(each) || each.from !== asked.from)
  const last = (each: T) => each.until ?? '9999-12-31'
  const clash = others.find(
    (each) => isRelated(each) && each.from <= last(asked) && asked.from <= last(each),
  )
  if (clash) return err({ code: 'filing_overlaps', kind: asked.kind, from: clash.from })
  return ok([...others, asked].toSorted((a, b) => (a.from < b.from ? -1 : 1)))
}
