import { addDays, ageOn, type PlainDate } from '#base/plain-date.ts'
import type { Cover, Person, ProductKind } from '#domains/settlement/index.ts'
import type { Attributes, Vocabulary } from '#rulebook/attributes.ts'
import type { Condition, Insured, Membership, Status } from './types.ts'

/** What a history is read with: what each scheme is, and what the rules may ask. */
export type Reading = {
  kindOf(scheme: string): 'public' | ProductKind | undefined
  readonly vocabulary: Vocabulary
}

/**
 * A person as settlements know them: each membership as a cover with its answers, each status from its
 * first day. Years of unbroken and of interrupted cover are counted from the memberships; an earlier
 * history that is not kept here may be stated with the first of them.
 */
export function insure(insured: Insured, reading: Reading): Person {
  return {
    id: insured.id,
    born: insured.born,
    attributes: attributesOf(insured.statuses, reading.vocabulary),
    covers: inOrder(insured.memberships).map(
      (membership): Cover => ({
        scheme: membership.scheme,
        from: membership.from,
        until: membership.until,
        attributes: { ...membership.answers, ...computed(membership, insured, reading) },
        ...conditionsOf(membership, insured),
        ...(membership.newborn ? { newborn: true } : {}),
      }),
    ),
    ...(insured.registrations ? { registrations: insured.registrations } : {}),
    ...(insured.certificates ? { certificates: insured.certificates } : {}),
  }
}

function computed(membership: Membership, insured: Insured, reading: Reading): Attributes {
  const { gapYears, repairedYears, continuousYears } = continuityOf(
    membership,
    insured,
    reading.kindOf,
  )
  const known = (name: string) => reading.vocabulary.has(name)
  return {
    ...(known('continuousYears') ? { continuousYears } : {}),
    ...(known('gapYears') ? { gapYears } : {}),
    ...(known('repairedYears') && repairedYears > 0 ? { repairedYears } : {}),
    ...(known('preexisting') && insured.conditions.some((each) => counts(each, membership.from))
      ? { preexisting: '有' }
      : {}),
  }
}

function conditionsOf({ from }: Membership, { conditions }: Insured): Pick<Cover, 'conditions'> {
  const names = conditions.filter((each) => counts(each, from)).map(({ disease }) => disease)
  return names.length > 0 ? { conditions: names } : {}
}

/** A condition that was there before the cover began. What was merely found waits for a person. */
const counts = ({ state, since }: Condition, from: PlainDate): boolean =>
  (state === 'declared' || state === 'confirmed') && since <= from

// --- continuity ----------------------------------------------------------------------------------

type Stretch = { readonly from: PlainDate; readonly until: PlainDate | undefined }

/**
 * 连续参保年数 and 断保年数 of one membership, on its first day.
 *
 * All public schemes are one history, each product is its own. Cover is unbroken where one stretch begins
 * on the day after another ends, or a break was paid for afterwards. A year of interruption is a whole one:
 * whoever signs up some months late has none. `gapYears` counts all of them, `repairedYears` those of them
 * that were paid for afterwards.
 * OPEN: a place may forgive a short break (some forgive three months); no such rule is kept, so it has to be
 * recorded as a repair.
 */
export function continuityOf(
  membership: Membership,
  { memberships, repairs }: Pick<Insured, 'memberships' | 'repairs'>,
  kindOf: Reading['kindOf'],
): {
  readonly continuousYears: number
  readonly gapYears: number
  readonly repairedYears: number
} {
  const isPublic = kindOf(membership.scheme) === 'public'
  const related = (scheme: string) =>
    isPublic ? kindOf(scheme) === 'public' : scheme === membership.scheme
  const earlier = inOrder(
    memberships.filter(({ scheme, from }) => related(scheme) && from < membership.from),
  )
  const paid = repairs.filter(({ scheme, from }) => related(scheme) && from < membership.from)
  const stretches = joined([...earlier, ...paid, { from: membership.from, until: undefined }])
  const present = stretches.at(-1) as Stretch
  const stated = [...earlier, membership].findLast(
    ({ from, answers }) => from >= present.from && answers.continuousYears !== undefined,
  )
  const since = stated
    ? Number(stated.answers.continuousYears) + ageOn(stated.from, membership.from)
    : ageOn(present.from, membership.from)
  const { gapYears, repairedYears } = membership.answers
  const whole = gapBefore(
    joined([...earlier, { from: membership.from, until: undefined }]),
    earlier,
  )
  return {
    continuousYears: since,
    gapYears: gapYears === undefined ? whole : Number(gapYears),
    repairedYears:
      repairedYears === undefined ? whole - gapBefore(stretches, earlier) : Number(repairedYears),
  }
}

/** Whole years without cover, from the last membership before the present stretch to its first day. */
function gapBefore(stretches: readonly Stretch[], earlier: readonly Membership[]): number {
  let years = 0
  for (let i = stretches.length - 1; i > 0; i--) {
    const [before, after] = [stretches[i - 1] as Stretch, stretches[i] as Stretch]
    if (before.until !== undefined) years += ageOn(addDays(before.until, 1), after.from)
    const insured = earlier.some(({ from }) => from >= before.from && from < after.from)
    if (insured) return years
  }
  return years
}

/** Stretches that touch or overlap become one, oldest first. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = []
  for (const { from, until } of inOrder(stretches)) {
    const last = result.at(-1)
    if (!last || (last.until !== undefined && from > addDays(last.until, 1))) {
      result.push({ from, until })
      continue
    }
    const open = last.until === undefined || until === undefined
    const latest = open
      ? undefined
      : (last.until as string) > (until as string)
        ? last.until
        : until
    result[result.length - 1] = { from: last.from, until: latest }
  }
  return result
}

// --- statuses ------------------------------------------------------------------------------------

/** Statuses as entries that override one another: where one ends, what silence means begins. */
function attributesOf(statuses: readonly Status[], vocabulary: Vocabulary): Person['attributes'] {
  const days = new Map<PlainDate, Record<string, string>>()
  const on = (day: PlainDate) => {
    const known = days.get(day) ?? {}
    days.set(day, known)
    return known
  }
  for (const { attribute, until } of statuses) {
    const silence = vocabulary.get(attribute)?.whenAbsent
    if (until !== undefined && silence !== undefined) on(addDays(until, 1))[attribute] = silence
  }
  // What begins on the day after another ends takes its place.
  for (const { attribute, from, value } of statuses) on(from)[attribute] = value
  return [...days]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, attributes]) => ({ from, attributes }))
}

const inOrder = <T extends Stretch>(stretches: readonly T[]): T[] =>
  stretches.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))

// --- the other way -------------------------------------------------------------------------------

/**
 * A person who came with an upload of bills, taken over with what is known: covers become memberships,
 * attributes become statuses that hold until the next.
 */
export function adopt(person: Person): Insured {
  return {
    id: person.id,
    born: person.born,
    died: undefined,
    memberships: person.covers.map(({ scheme, from, until, attributes, newborn }) => ({
      scheme,
      from,
      until,
      enrolledOn: from,
      answers: attributes,
      employer: undefined,
      ...(newborn ? { newborn } : {}),
    })),
    statuses: person.attributes.flatMap(({ from, attributes }, i) =>
      Object.entries(attributes).flatMap(([attribute, value]): Status[] => {
        if (value === undefined) return []
        const next = person.attributes
          .slice(i + 1)
          .find((later) => later.attributes[attribute] !== undefined)
        const until = next && addDays(next.from, -1)
        return [{ attribute, from, until, value: String(value) }]
      }),
    ),
    repairs: [],
    conditions: declaredIn(person.covers),
    registrations: person.registrations,
    certificates: person.certificates,
  }
}

/** What covers say the person had before: each disease from the first cover that names it. */
function declaredIn(covers: readonly Cover[]): Condition[] {
  const since = new Map<string, PlainDate>()
  for (const { from, conditions = [] } of inOrder(covers))
    for (const disease of conditions) if (!since.has(disease)) since.set(disease, from)
  return [...since].map(([disease, first]) => ({ disease, since: first, state: 'declared' }))
}
