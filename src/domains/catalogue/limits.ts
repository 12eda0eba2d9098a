import type { Facts, Item, ItemClass, LimitFinding, LimitKind, Limits } from './types.ts'

/** What the limits of an item come to for one line of a bill. */
export type LimitOutcome = {
  readonly class: ItemClass
  readonly findings: readonly LimitFinding[]
  /** Somebody has to look at the line: a limit is not met, or nobody can tell. */
  readonly review: boolean
}

/**
 * Checks 限定支付 as far as it is written for a machine. A limit that is not met moves the line out of scope
 * only where the rule says `丙`; otherwise, and wherever the fact is not known, the class stays and a person
 * looks. Too many units or days never move a line: how much of it is too much is a person's decision.
 */
export function applyLimits(item: Item, facts: Facts): LimitOutcome {
  const findings = item.limits ? check(item.limits, facts) : []
  const broken = findings.some(({ met, limit }) => met === 'no' && !COUNTS.includes(limit))
  const falls = broken && item.limits?.whenUnmet === '丙'
  return { class: falls ? '丙' : item.class, findings, review: findings.length > 0 }
}

const COUNTS: readonly LimitKind[] = ['quantity', 'days']

function check(limits: Limits, facts: Facts): LimitFinding[] {
  const { minAge, maxAge, sex, levels, medical, diagnoses, maxQuantity, maxDays } = limits
  const { age, quantity, days } = facts
  const oneOf = (limit: LimitKind, words: readonly string[], found: string | undefined) =>
    finding(limit, words.join('、'), found, (known) => words.includes(known))
  return [
    ...(minAge === undefined && maxAge === undefined
      ? []
      : finding('age', `${minAge ?? 0}–${maxAge ?? ''}`, age, (known) => {
          return known >= (minAge ?? 0) && known <= (maxAge ?? Number.POSITIVE_INFINITY)
        })),
    ...(sex === undefined ? [] : oneOf('sex', [sex], facts.sex)),
    ...(levels.length === 0 ? [] : oneOf('level', levels, facts.level)),
    ...(medical.length === 0 ? [] : oneOf('medical', medical, facts.medical)),
    ...(diagnoses.length === 0
      ? []
      : finding('diagnosis', diagnoses.join('、'), facts.diagnosis, (known) =>
          diagnoses.some((prefix) => known.toUpperCase().startsWith(prefix.toUpperCase())),
        )),
    ...(maxQuantity === undefined
      ? []
      : finding('quantity', `≤${maxQuantity / 10_000}`, quantity / 10_000, (known) => {
          return known <= maxQuantity / 10_000
        })),
    ...(maxDays === undefined
      ? []
      : finding('days', `≤${maxDays}`, days, (known) => known <= maxDays)),
  ]
}

function finding<T extends string | number>(
  limit: LimitKind,
  asked: string,
  found: T | undefined,
  holds: (known: T) => boolean,
): LimitFinding[] {
  if (found === undefined) return [{ limit, met: 'unknown', asked, found }]
  return holds(found) ? [] : [{ limit, met: 'no', asked, found: String(found) }]
}
