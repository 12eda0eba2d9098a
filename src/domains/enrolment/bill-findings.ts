import type { PlainDate } from '#base/plain-date.ts'
import { type Bill, CERTIFICATE_KINDS, type Person } from '#domains/settlement/index.ts'
import { agreementsOn, levelOn } from './institution.ts'
import type { Institution } from './types.ts'

/** Something about a bill that a person should look at. It changes no amount and refuses nothing. */
export type BillFinding =
  | { readonly code: 'institution_unknown'; readonly hospital: string }
  | {
      readonly code: 'institution_differs'
      readonly institution: string
      readonly stated: string
    }
  | {
      readonly code: 'level_differs'
      readonly institution: string
      readonly stated: string
      readonly known: string
      readonly on: PlainDate
    }
  | { readonly code: 'level_unknown'; readonly institution: string; readonly on: PlainDate }
  | { readonly code: 'no_agreement'; readonly institution: string; readonly on: PlainDate }
  | { readonly code: 'no_certificate'; readonly of: string; readonly on: PlainDate }

/**
 * By what a bill names its institution: its number, or, where it gives none, the name that rules may ask for.
 */
export const institutionOf = ({ institution, attributes }: Bill): string | undefined =>
  institution ?? (attributes.hospital === undefined ? undefined : String(attributes.hospital))

/**
 * What a bill says, compared with what is kept on the day of discharge: the level and the agreements of the
 * institution it names, whether its number and its name are of the same one, and the certificate for the disease or drug it is for. Where the rules ask for one of
 * these themselves, they decide as well; this only says it aloud.
 */
export function findingsOf(
  bill: Bill,
  person: Person | undefined,
  institution: Institution | undefined,
): BillFinding[] {
  const { discharged: on, attributes } = bill
  const findings: BillFinding[] = []
  const { hospital, level, medical, disease, drug } = attributes
  const named = institutionOf(bill)
  if (named !== undefined && !institution)
    findings.push({ code: 'institution_unknown', hospital: named })
  if (institution) {
    const { id, name } = institution
    if (hospital !== undefined && hospital !== id && hospital !== name)
      findings.push({ code: 'institution_differs', institution: name, stated: String(hospital) })
    const known = levelOn(institution, on)
    const shared = { institution: institution.name, on }
    if (known === undefined) findings.push({ code: 'level_unknown', ...shared })
    else if (level !== undefined && level !== known)
      findings.push({ code: 'level_differs', ...shared, stated: String(level), known })
    if (agreementsOn(institution, on).length === 0)
      findings.push({ code: 'no_agreement', ...shared })
  }
  const isCertified = CERTIFICATE_KINDS.some((kind) => kind === medical)
  for (const wanted of [isCertified ? disease : undefined, drug]) {
    if (wanted === undefined || !person) continue
    const held = (person.certificates ?? []).some(
      (each) => each.of === wanted && each.from <= on && on <= (each.until ?? '9999-12-31'),
    )
    if (!held) findings.push({ code: 'no_certificate', of: String(wanted), on })
  }
  return findings
}
