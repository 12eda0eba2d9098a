import { dayNumber } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attributes, Vocabulary } from '#rulebook/attributes.ts'
import type { ResolvedAdmission, ResolvedInsurance } from './resolve.ts'
import { totalKey } from './total-key.ts'
import type { Bill, Choice, Refusal, Step, Totals } from './types.ts'

/** Which admission a bill belongs to in one tier, and what is known of it from this bill on. */
export type PlacedAdmission = {
  /** Over what totals per admission run, and over what those of its deductible run. */
  readonly runsOver: string
  readonly deductibleRunsOver: string
  readonly counted: boolean
  /** How many times the stay is charged, and how many places after its own it takes. */
  readonly times: number
  readonly placesMore: number
  readonly known: readonly (readonly [key: string, value: number])[]
  readonly step: Omit<Extract<Step, { step: 'admission' }>, 'step' | 'tier'> | undefined
}

/**
 * Places a bill among the admissions of a tier that declares what counts as one.
 *
 * The last admission's days stand in the running totals, as numbers of days, so that a live bill, a year
 * that is settled again and a batch all decide from bills and totals alone. What the tier leaves undeclared
 * refuses the bill that needs it.
 */
export function placeAdmission(
  resolved: ResolvedInsurance,
  bill: Bill,
  periodKey: string,
  totals: Totals,
  attributes: Attributes,
  vocabulary: Vocabulary,
): Result<PlacedAdmission | undefined, Refusal> {
  const undeclared = undeclaredChoice(resolved, bill, attributes, vocabulary)
  if (undeclared) return err(undeclared)
  const { admission, tier } = resolved
  if (!admission) return ok(undefined)
  const joined = joinAdmission(resolved, bill, periodKey, totals)
  if (!joined.ok) return joined
  const { runsOver, joins, gapDays, known } = joined.value

  const { group, counts, chargedAgain } = admission
  const onceKey = group && `once:${periodKey}:${group.value}`
  const metOnce = onceKey && (totals.get(totalKey(`${tier.id}:ordinal`, onceKey)) ?? 0) > 0
  const stay = stretchesOf(resolved, bill, totals)
  const counted = counts?.value !== 'no'
  const within = admission.rule?.value.readmissionDays
  const citations = citationsOf(admission)
  const told = gapDays !== undefined || joins || group || !counted || stay.times > 1
  return ok({
    runsOver,
    deductibleRunsOver: onceKey ?? runsOver,
    counted,
    times: stay.times,
    placesMore: chargedAgain?.value.as === 'next' && counted ? stay.more : 0,
    known: [...known, ...stay.known],
    step: told
      ? {
          joins: metOnce ? 'once' : joins,
          gapDays,
          withinDays: within,
          group: group?.value,
          counted,
          stretches: stay.times,
          eachDays: chargedAgain?.value.eachDays,
          citations,
        }
      : undefined,
  })
}

/** What the bill needs to know and the tier does not say. */
function undeclaredChoice(
  { tier, admission, deductible }: ResolvedInsurance,
  bill: Bill,
  attributes: Attributes,
  vocabulary: Vocabulary,
): Refusal | undefined {
  const undeclared = (rule: string, choice: Choice): Refusal => ({
    code: 'choice_undeclared',
    rule,
    choice,
  })
  const perAdmission =
    deductible?.rule.kind === 'admission' ||
    tier.over === 'admission' ||
    tier.caps.some(({ per }) => per === 'admission')
  if (bill.transferFrom !== undefined && perAdmission && !admission?.rule?.value.transfer)
    return undeclared(`${tier.id}#admission`, 'transfer')
  const home = vocabulary.get('remote')?.whenAbsent
  const elsewhere = attributes.remote !== undefined && attributes.remote !== home
  const ordered = deductible?.rule.kind === 'admission' && deductible.rule.ordinal !== undefined
  if (elsewhere && ordered && !admission?.counts)
    return undeclared(`${tier.id}#deductible.counts`, 'counts')
  return undefined
}

type Joined = Pick<PlacedAdmission, 'runsOver' | 'known'> & {
  readonly joins: 'readmission' | 'transfer' | undefined
  readonly gapDays: number | undefined
}

/** The admission that a bill goes on with, or a new one. */
function joinAdmission(
  { tier, admission }: ResolvedInsurance,
  bill: Bill,
  periodKey: string,
  totals: Totals,
): Result<Joined, Refusal> {
  const ownStay = `stay:${bill.stay}`
  const get = (name: string, over: string) => totals.get(totalKey(`${tier.id}:${name}`, over)) ?? 0
  // A stay that began before the tier declared anything goes on as it began.
  const begunBefore = ['ordinal', 'axis', 'paid'].some((name) => get(name, ownStay) > 0)
  const rule = admission?.rule?.value
  if (!rule || begunBefore)
    return ok({ runsOver: ownStay, joins: undefined, gapDays: undefined, known: [] })

  const admitted = dayNumber(bill.admitted)
  const last = get('admission', 'lifetime')
  const same = get('admission', ownStay)
  const from = bill.transferFrom === undefined ? 0 : get('admission', `stay:${bill.transferFrom}`)
  if (bill.transferFrom !== undefined && from === 0)
    return err({ code: 'unknown_stay', stay: bill.transferFrom, tier: tier.id })
  let number = same
  let joins: Joined['joins']
  let gapDays: number | undefined
  if (number === 0 && from > 0 && rule.transfer === 'same') {
    number = from
    joins = 'transfer'
  } else if (number === 0 && last > 0 && rule.readmissionDays !== undefined) {
    if (admitted < get('began', `admission:${last}`))
      return err({ code: 'replay_needed', tier: tier.id, reason: 'order' })
    gapDays = Math.max(0, admitted - get('ended', `admission:${last}`))
    // A transfer that is declared a new admission is not taken back in as a readmission.
    if (from === 0 && gapDays <= rule.readmissionDays) {
      number = last
      joins = 'readmission'
    }
  }
  const period = periodNumber(periodKey)
  if (number > 0 && get('period', `admission:${number}`) !== period) {
    if (!rule.acrossPeriods)
      return err({
        code: 'choice_undeclared',
        rule: `${tier.id}#admission`,
        choice: 'acrossPeriods',
      })
    if (get('period', `admission:${number}`) > period)
      return err({ code: 'replay_needed', tier: tier.id, reason: 'order' })
    if (rule.acrossPeriods === 'new') {
      number = 0
      joins = undefined
    }
  }
  const isNew = number === 0
  if (isNew) number = last + 1
  const runsOver = `admission:${number}`
  const set = (name: string, over: string, value: number) =>
    [totalKey(`${tier.id}:${name}`, over), value] as const
  return ok({
    runsOver,
    joins,
    gapDays,
    known: [
      set('admission', ownStay, number),
      set('admission', 'lifetime', Math.max(last, number)),
      set('ended', runsOver, Math.max(get('ended', runsOver), dayNumber(bill.discharged))),
      ...(isNew ? [set('began', runsOver, admitted), set('period', runsOver, period)] : []),
    ],
  })
}

/** How many times the length of a stay has it charged, counted from its first day over all its bills. */
function stretchesOf({ tier, admission }: ResolvedInsurance, bill: Bill, totals: Totals) {
  const each = admission?.chargedAgain?.value.eachDays
  if (each === undefined) return { times: 1, more: 0, known: [] }
  const beganKey = totalKey(`${tier.id}:began`, `stay:${bill.stay}`)
  const timesKey = totalKey(`${tier.id}:times`, `stay:${bill.stay}`)
  const admitted = dayNumber(bill.admitted)
  const began = Math.min(totals.get(beganKey) ?? admitted, admitted)
  const days = dayNumber(bill.discharged) - began
  const before = totals.get(timesKey) ?? 1
  const times = Math.max(before, Math.ceil(days / each), 1)
  return {
    times,
    more: times - before,
    known: [[beganKey, began] as const, [timesKey, times] as const],
  }
}

function citationsOf({ rule, counts, chargedAgain, group }: ResolvedAdmission) {
  return [rule, counts, chargedAgain, group].flatMap((cited) => cited?.citation ?? [])
}

/** A period as a number that grows from one to the next: the digits of its first day. */
function periodNumber(periodKey: string): number {
  return periodKey === 'lifetime' ? 0 : Number(periodKey.replaceAll('-', '').padEnd(8, '0'))
}
