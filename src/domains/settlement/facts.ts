import { ageOn, dayNumber, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { inForce } from '#rulebook/dated.ts'
import { cite } from './cite.ts'
import type {
  Bill,
  CertificateKind,
  Cover,
  Person,
  Refusal,
  Registration,
  SchemeBook,
  Step,
} from './types.ts'

/** An answer worked out from the bill and the person's file, and from what. */
export type WorkedOut = Omit<Extract<Step, { step: 'answer' }>, 'step' | 'tier'>

export type Facts = { readonly attributes: Attributes; readonly workedOut: readonly WorkedOut[] }

/**
 * Everything a rule may ask about, as known on its governing date.
 *
 * Two answers are worked out: whether care was elsewhere and what allows it, where the bill gives its place
 * of care or a referral to its institution is on record; and whether the claim is for a condition the person had before, where the cover lists some. An answer
 * that says otherwise is refused, and so is a bill that leaves open what is needed.
 */
export function factsOn(
  bill: Bill,
  person: Person,
  cover: Cover,
  on: PlainDate,
  { book, home, asked }: { book: SchemeBook; home: string; asked: readonly string[] },
): Result<Facts, Refusal> {
  const known = { ...filedOn(person, cover, on), ...bill.attributes }
  const workedOut: WorkedOut[] = []
  const place = bill.placeOfCare ?? placeReferredTo(bill, person)
  if (place !== undefined) {
    const remote = remoteOn(bill, place, person, on, book, home)
    if (!remote.ok) return remote
    workedOut.push(remote.value)
  }
  if (cover.conditions && asked.includes('preexisting')) {
    const preexisting = preexistingOf(cover, cover.conditions, bill)
    if (!preexisting.ok) return preexisting
    workedOut.push(preexisting.value)
  }
  for (const { attribute, answer } of workedOut) known[attribute] = answer
  if (asked.includes(CERTIFICATES))
    known[CERTIFICATES] = (person.certificates ?? [])
      .filter((each) => holds(each, on))
      .map(({ kind, of }) => certificateKey(kind, of))
      .toSorted()
      .join('\n')
  return ok({ attributes: known, workedOut })
}

/** What the person's file and the cover answer on a day, whatever the bill. */
export function filedOn(
  person: Person,
  cover: Cover,
  on: PlainDate,
): Record<string, string | number | undefined> {
  const known: Record<string, string | number | undefined> = {}
  for (const { from, attributes } of person.attributes) {
    if (from <= on) Object.assign(known, attributes)
  }
  if (person.born) known.age = ageOn(person.born, on)
  return Object.assign(known, cover.attributes)
}

type Stretch = { readonly from: PlainDate; readonly until?: PlainDate | undefined }
const holds = ({ from, until }: Stretch, on: PlainDate): boolean =>
  from <= on && (until === undefined || on <= until)

// --- care elsewhere ------------------------------------------------------------------------------

/** Where a bill that says neither its place of care nor what allowed it was for, by a referral to its institution. */
function placeReferredTo(bill: Bill, { registrations = [] }: Person): string | undefined {
  if (bill.attributes.remote !== undefined) return undefined
  return registrations.find(
    (each) => each.institution !== undefined && isReferral(each) && allows(each, bill, undefined),
  )?.place
}

const isReferral = ({ record }: Registration): boolean => record !== undefined

/** Whether a registration is for the care of a bill: on the governing date, or from its admission on for a referral. */
function allows(each: Registration, bill: Bill, on: PlainDate | undefined): boolean {
  const day = isReferral(each) ? bill.admitted : on
  if (day === undefined || !holds(each, day)) return false
  const { institution = bill.attributes.hospital } = bill
  return (
    each.institution === undefined || institution === undefined || each.institution === institution
  )
}

/** The answer to `remote`, from the place of insurance, the place of care and the registrations. */
function remoteOn(
  bill: Bill,
  place: string,
  person: Person,
  on: PlainDate,
  book: SchemeBook,
  scheme: string,
): Result<WorkedOut, Refusal> {
  const attribute = book.vocabulary.get('remote')
  const given = bill.attributes.remote
  const home = book.places.get(scheme.slice(0, scheme.lastIndexOf('/')))?.division
  if (!attribute?.whenAbsent || !attribute.unregistered || home === undefined)
    return err({ code: 'place_without_division', scheme })
  const answered = (answer: string, registration?: Registration): Result<WorkedOut, Refusal> => {
    if (given !== undefined && given !== answer)
      return err({
        code: 'answer_contradicted',
        attribute: 'remote',
        answer: String(given),
        computed: answer,
      })
    return ok({ attribute: 'remote', answer, place, registration, ...NO_CONDITION })
  }
  if (isWithin(place, home)) return answered(attribute.whenAbsent)
  const allowing = (person.registrations ?? [])
    .filter(
      (each) => allows(each, bill, on) && (each.place === undefined || isWithin(place, each.place)),
    )
    // A referral says more than a registration of its kind: it is the one that is named.
    .toSorted((a, b) => Number(isReferral(b)) - Number(isReferral(a)))
  // Where several allow it, the bill says for which it was: their terms may differ.
  const named = allowing.find(({ kind }) => kind === given) ?? allowing[0]
  const kinds = [...new Set(allowing.map(({ kind }) => kind))]
  if (kinds.length > 1 && given === undefined) return err({ code: 'several_registrations', kinds })
  return named ? answered(named.kind, named) : answered(attribute.unregistered)
}

const NO_CONDITION = { diagnosis: undefined, condition: undefined }

/** A code that ends in zeros names all that begins like it: 320100 a city, 310000 a province. */
export function isWithin(place: string, region: string): boolean {
  return place.startsWith(region.replace(/(0000|00)$/, ''))
}

// --- conditions ----------------------------------------------------------------------------------

/** The answer to `preexisting`: whether the diagnosis is one of the conditions that the cover lists. */
function preexistingOf(
  { scheme }: Cover,
  conditions: readonly string[],
  { diagnosis }: Bill,
): Result<WorkedOut, Refusal> {
  let met: string | undefined
  for (const condition of conditions) {
    // A condition listed by code needs the code of the diagnosis, one listed by name its name.
    const given = isCode(condition) ? diagnosis?.code : diagnosis?.name
    if (given === undefined) return err({ code: 'diagnosis_missing', scheme, condition })
    const meets = isCode(condition)
      ? given.toUpperCase().startsWith(condition.toUpperCase())
      : given === condition
    if (meets) met ??= condition
  }
  return ok({
    attribute: 'preexisting',
    answer: met === undefined ? '无' : '有',
    place: undefined,
    registration: undefined,
    diagnosis: diagnosis?.code ?? diagnosis?.name,
    condition: met,
  })
}

const isCode = (condition: string): boolean => /^[A-Z]\d/i.test(condition)

// --- certificates --------------------------------------------------------------------------------

/** No attribute is called so: its name holds spaces. */
export const CERTIFICATES = 'certificates in force'
export const certificateKey = (kind: CertificateKind, of: string): string => `${kind}:${of}`
export const certificatesIn = (attributes: Attributes): readonly string[] =>
  String(attributes[CERTIFICATES] ?? '').split('\n')

// --- newborns ------------------------------------------------------------------------------------

export type NewbornCover = Omit<Extract<Step, { step: 'newborn' }>, 'step' | 'tier'> & {
  readonly scheme: string
}

/**
 * A person whose newborn covers begin on the day their schemes say: at birth where the child was enrolled
 * in time, else on the day of enrolment.
 */
export function withNewbornCovers(
  person: Person,
  { schemes }: SchemeBook,
  options: { readonly allowUndated: boolean },
): Result<{ readonly person: Person; readonly newborns: readonly NewbornCover[] }, Refusal> {
  const { born } = person
  if (!born || !person.covers.some(({ newborn }) => newborn)) return ok({ person, newborns: [] })
  const newborns: NewbornCover[] = []
  const covers: Cover[] = []
  for (const cover of person.covers) {
    const scheme = cover.newborn ? schemes.get(cover.scheme) : undefined
    if (!scheme) {
      covers.push(cover)
      continue
    }
    const rule = scheme.newborn
    if (!rule)
      return err({ code: 'choice_undeclared', rule: `${scheme.id}#newborn`, choice: 'newborn' })
    const found = inForce(rule, cover.from, options)
    if (!found.ok) return found
    const days = dayNumber(cover.from) - dayNumber(born)
    // A repealed rule goes back to no day but the day of enrolment.
    const withinDays = found.value.value ?? 0
    const from = days <= withinDays ? born : cover.from
    const citation = cite(rule.rule, found.value)
    covers.push({ ...cover, from })
    newborns.push({
      scheme: scheme.id,
      born,
      enrolled: cover.from,
      days,
      withinDays,
      from,
      citation,
    })
  }
  return ok({ person: { ...person, covers }, newborns })
}
