import { addDays, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import type { Reading } from './insure.ts'
import type {
  Condition,
  EnrolChange,
  EnrolRefusal,
  Insured,
  Membership,
  Repair,
  Status,
} from './types.ts'

/** What is known when a membership is asked for. */
export type Circumstances = Reading & {
  readonly today: PlainDate
  /** Whether the employer's roster holds the person on a day; undefined where there is no such employer. */
  onRoster(employer: string, on: PlainDate): boolean | undefined
  /** Why cover may begin before the day of signing up: a newborn, a decision. */
  readonly reason: string | undefined
}

type Recorded = { readonly insured: Insured; readonly change: EnrolChange }

/**
 * Records a membership, or corrects the one that begins on the same day under the same scheme. The first
 * reason against it is the answer; then nothing is recorded.
 */
export function enrol(
  insured: Insured,
  asked: Membership,
  circumstances: Circumstances,
): Result<Recorded, EnrolRefusal> {
  const { scheme, from, until, enrolledOn, employer } = asked
  const kind = circumstances.kindOf(scheme)
  if (kind === undefined) return err({ code: 'unknown_scheme', scheme })
  const wrong = wrongAnswer(asked.answers, 'cover', circumstances)
  if (wrong) return err(wrong)
  if (until !== undefined && until < from) return err({ code: 'ends_before_begins', from, until })
  const { today } = circumstances
  if (enrolledOn > today) return err({ code: 'enrolled_in_future', enrolledOn, today })
  const { born, died } = insured
  if (born !== undefined && from < born) return err({ code: 'begins_before_birth', from, born })
  if (died !== undefined && (until ?? '9999-12-31') > died)
    return err({ code: 'lasts_beyond_death', died })
  const others = insured.memberships.filter((each) => each.scheme !== scheme || each.from !== from)
  const before = insured.memberships.find((each) => each.scheme === scheme && each.from === from)
  if (!before && from < enrolledOn && !circumstances.reason)
    return err({ code: 'retroactive_without_reason', from, enrolledOn })
  if ((kind === 'group' || kind === 'enterprise') && employer === undefined)
    return err({ code: 'employer_needed', scheme })
  if (employer !== undefined) {
    const there = circumstances.onRoster(employer, from)
    if (there === undefined) return err({ code: 'unknown_employer', employer })
    if (!there) return err({ code: 'not_on_roster', employer, on: from })
  }
  for (const other of others) {
    if (!overlap(other, asked)) continue
    const stretch = { scheme: other.scheme, from: other.from, until: other.until }
    if (other.scheme === scheme) return err({ code: 'same_scheme_twice', ...stretch })
    if (kind === 'public' && circumstances.kindOf(other.scheme) === 'public')
      return err({ code: 'two_public_schemes', ...stretch })
  }
  if (before && same(before, asked)) return ok({ insured, change: 'unchanged' })
  const memberships = [...others, asked]
  return ok({ insured: { ...insured, memberships }, change: before ? 'changed' : 'new' })
}

/** Sets the last day of a membership, or lifts it. Everything `enrol` asks is asked again. */
export function endMembership(
  insured: Insured,
  { scheme, from, until }: Pick<Membership, 'scheme' | 'from' | 'until'>,
  circumstances: Circumstances,
): Result<Recorded, EnrolRefusal> {
  const found = insured.memberships.find((each) => each.scheme === scheme && each.from === from)
  if (!found) return err({ code: 'unknown_membership', scheme, from })
  return enrol(insured, { ...found, until }, circumstances)
}

/** Takes back a membership that should never have been recorded. */
export function withdraw(
  insured: Insured,
  { scheme, from }: Pick<Membership, 'scheme' | 'from'>,
): Result<Insured, EnrolRefusal> {
  const left = insured.memberships.filter((each) => each.scheme !== scheme || each.from !== from)
  if (left.length === insured.memberships.length)
    return err({ code: 'unknown_membership', scheme, from })
  return ok({ ...insured, memberships: left })
}

/** Records a status for a time, or corrects the one that begins on the same day. */
export function recordStatus(
  insured: Insured,
  status: Status,
  reading: Reading,
): Result<Insured, EnrolRefusal> {
  const { attribute, from, until, value } = status
  const wrong = wrongAnswer({ [attribute]: value }, 'person', reading)
  if (wrong) return err(wrong)
  if (until !== undefined && until < from) return err({ code: 'ends_before_begins', from, until })
  const others = insured.statuses.filter(
    (each) => each.attribute !== attribute || each.from !== from,
  )
  const related = others.filter((each) => each.attribute === attribute)
  // A status without a last day lasts until the next one begins; only a stated last day can be contradicted.
  const later = related.find(
    (each) => until !== undefined && each.from > from && each.from <= until,
  )
  const earlier = related.find(
    (each) => each.from < from && each.until !== undefined && each.until >= from,
  )
  const clash = later ?? earlier
  if (clash) return err({ code: 'status_overlaps', attribute, from: clash.from })
  return ok({ ...insured, statuses: [...others, status] })
}

/** Takes back a status that should never have been recorded: what silence means holds instead. */
export function withdrawStatus(
  insured: Insured,
  { attribute, from }: Pick<Status, 'attribute' | 'from'>,
): Result<Insured, EnrolRefusal> {
  const left = insured.statuses.filter((each) => each.attribute !== attribute || each.from !== from)
  if (left.length === insured.statuses.length)
    return err({ code: 'unknown_status', attribute, from })
  return ok({ ...insured, statuses: left })
}

/** Takes back a repair: the break counts again. */
export function withdrawRepair(
  insured: Insured,
  { scheme, from }: Pick<Repair, 'scheme' | 'from'>,
): Result<Insured, EnrolRefusal> {
  const left = insured.repairs.filter((each) => each.scheme !== scheme || each.from !== from)
  if (left.length === insured.repairs.length) return err({ code: 'unknown_repair', scheme, from })
  return ok({ ...insured, repairs: left })
}

/** Records that a break was paid for afterwards. A day on which the person was covered needs no repair. */
export function repairBreak(
  insured: Insured,
  repair: Repair,
  { kindOf }: Reading,
): Result<Insured, EnrolRefusal> {
  const { scheme, from, until } = repair
  if (kindOf(scheme) === undefined) return err({ code: 'unknown_scheme', scheme })
  if (until < from) return err({ code: 'ends_before_begins', from, until })
  const related = (other: string) =>
    kindOf(scheme) === 'public' ? kindOf(other) === 'public' : other === scheme
  const covered = [...insured.memberships, ...insured.repairs].find(
    (each) => related(each.scheme) && overlap(each, repair),
  )
  if (covered) return err({ code: 'covered_already', scheme: covered.scheme, from: covered.from })
  return ok({ ...insured, repairs: [...insured.repairs, repair] })
}

/** Records a pre-existing condition, or what became of one that was found. */
export function recordCondition(insured: Insured, condition: Condition): Insured {
  const others = insured.conditions.filter(({ disease }) => disease !== condition.disease)
  return { ...insured, conditions: [...others, condition] }
}

/** Ends everything on the day of death: what would begin later is taken back. */
export function recordDeath(insured: Insured, died: PlainDate): Insured {
  const memberships = insured.memberships.flatMap((each): Membership[] => {
    if (each.from > died) return []
    return [{ ...each, until: each.until !== undefined && each.until < died ? each.until : died }]
  })
  return { ...insured, died, memberships }
}

/** Moves a membership into another class from a day on: the old one ends the day before. */
export function changeClass(
  insured: Insured,
  {
    scheme,
    from,
    on,
    answers,
  }: {
    readonly scheme: string
    readonly from: PlainDate
    readonly on: PlainDate
    readonly answers: Attributes
  },
  circumstances: Circumstances,
): Result<Recorded, EnrolRefusal> {
  const found = insured.memberships.find((each) => each.scheme === scheme && each.from === from)
  if (!found) return err({ code: 'unknown_membership', scheme, from })
  const ended = endMembership(insured, { scheme, from, until: addDays(on, -1) }, circumstances)
  if (!ended.ok) return ended
  const next = { ...found, from: on, answers: { ...found.answers, ...answers } }
  return enrol(ended.value.insured, next, circumstances)
}

const overlap = (
  a: { readonly from: PlainDate; readonly until: PlainDate | undefined },
  b: { readonly from: PlainDate; readonly until: PlainDate | undefined },
): boolean => a.from <= (b.until ?? '9999-12-31') && b.from <= (a.until ?? '9999-12-31')

/** The first answer that the vocabulary does not know, or that is asked of something else. */
export function wrongAnswer(
  answers: Attributes,
  of: 'cover' | 'person' | 'bill',
  { vocabulary }: Reading,
): EnrolRefusal | undefined {
  for (const [attribute, answer] of Object.entries(answers)) {
    if (answer === undefined) continue
    const known = vocabulary.get(attribute)
    // The age is computed from the birthday; nobody states it.
    if (!known || known.of !== of || attribute === 'age')
      return { code: 'unknown_attribute', attribute }
    const fits =
      known.answers === 'text'
        ? String(answer).length <= 200
        : known.answers === 'number'
          ? /^\d{1,3}$/.test(String(answer))
          : Object.hasOwn(known.answers, answer)
    if (!fits) return { code: 'unknown_answer', attribute, answer: String(answer) }
  }
  return undefined
}

function same(a: Membership, b: Membership): boolean {
  const names = new Set([...Object.keys(a.answers), ...Object.keys(b.answers)])
  return (
    a.until === b.until &&
    a.enrolledOn === b.enrolledOn &&
    a.employer === b.employer &&
    (a.newborn ?? false) === (b.newborn ?? false) &&
    [...names].every((name) => a.answers[name] === b.answers[name])
  )
}
