import { err, ok, type Result } from '#base/result.ts'
import { sumOf } from './cuts.ts'
import {
  ACTS,
  type Bearer,
  type CaseAct,
  type CaseState,
  type Decision,
  type Desk,
  type Done,
} from './types.ts'

/** Why an act is not done. Each names what stands in its way. */
export type MoveRefusal =
  | {
      readonly code: 'illegal_case_move'
      readonly act: CaseAct
      readonly state: CaseState | undefined
      readonly from: readonly CaseState[]
    }
  | { readonly code: 'other_desk'; readonly act: CaseAct; readonly desk: Desk }
  | { readonly code: 'once_only'; readonly act: CaseAct; readonly on: string }
  | { readonly code: 'other_person_needed'; readonly act: CaseAct; readonly decidedBy: string }
  | { readonly code: 'reasons_missing'; readonly act: CaseAct }
  | { readonly code: 'decision_missing' | 'decision_misplaced'; readonly act: CaseAct }
  | { readonly code: 'rule_missing' | 'cuts_missing'; readonly act: CaseAct }
  /** An objection makes nobody worse off. */
  | { readonly code: 'not_in_favour'; readonly was: Decision['outcome'] }
  | { readonly code: 'date_before_last'; readonly act: CaseAct; readonly last: string }
  | { readonly code: 'above_limit'; readonly amount: number; readonly limit: number }

/** Where a case stands: where its last act brought it. Undefined where nothing was done. */
export const stateOf = (history: readonly Done[]): CaseState | undefined => {
  const last = history.at(-1)
  return last && ACTS[last.act].to
}

/** What was decided last and stands: a proposal that nobody approved does not. */
export const decisionOf = (history: readonly Done[]): Decision | undefined =>
  history.findLast(({ act }) => FINAL.includes(act))?.decision

/** What is proposed and waits for another person. */
export const proposalOf = (history: readonly Done[]): Decision | undefined =>
  history.findLast(({ act }) => act === 'propose')?.decision

const FINAL: readonly CaseAct[] = ['decide', 'approve', 'uphold', 'revise']

/** Whom a decision takes something from. */
export const bearerOf = (decision: Decision): Bearer =>
  decision.outcome === 'cut' ? (decision.bearer ?? 'patient') : 'patient'

/** How much of what the case is about a decision takes away from somebody. */
function takenFrom(bearer: Bearer, decision: Decision, amount: number): number {
  if (decision.outcome === 'pay' || bearerOf(decision) !== bearer) return 0
  return decision.outcome === 'cut' ? sumOf(decision.cuts ?? []) : amount
}

/**
 * Whether a revision is in favour of whoever the decision took from: it takes less from them. What was the hospital's never
 * becomes the person's; what was the person's may become the hospital's.
 */
function isInFavour(revised: Decision, stood: Decision, amount: number): boolean {
  const bearer = bearerOf(stood)
  const less = takenFrom(bearer, revised, amount) < takenFrom(bearer, stood, amount)
  return less && (bearer === 'patient' || takenFrom('patient', revised, amount) === 0)
}

/**
 * Where a case stands after one more act, or why that act is refused. `desks` are those at which the person sits.
 * `amount` is what the case is about and `limit` up to which one person decides alone, both in fen.
 */
export function moved(
  history: readonly Done[],
  done: Done,
  {
    desks,
    sends,
    amount,
    limit,
  }: {
    readonly desks: readonly Desk[]
    /** Whether the act is done from outside the office, by somebody who may. */
    readonly sends?: boolean | undefined
    readonly amount: number
    readonly limit: number
  },
): Result<CaseState, MoveRefusal> {
  const { act, by, why, decision } = done
  const { from, to, desk, once, apart, reasons, decides } = ACTS[act]
  const state = stateOf(history)
  const fits = state === undefined ? from.length === 0 : from.includes(state)
  if (!fits) return err({ code: 'illegal_case_move', act, state, from })
  if (!sends && !desks.includes(desk)) return err({ code: 'other_desk', act, desk })
  const last = history.at(-1)
  if (last && done.on < last.on) return err({ code: 'date_before_last', act, last: last.on })
  const before = once && history.find((each) => each.act === act)
  if (before) return err({ code: 'once_only', act, on: before.on })
  if (apart && history.some((each) => ACTS[each.act].decides && each.by === by))
    return err({ code: 'other_person_needed', act, decidedBy: by })
  if (decides && !decision) return err({ code: 'decision_missing', act })
  if (!decides && decision) return err({ code: 'decision_misplaced', act })
  const adverse = decision !== undefined && decision.outcome !== 'pay'
  if ((reasons || adverse) && !why?.trim()) return err({ code: 'reasons_missing', act })
  if (adverse && decision.rules.length === 0) return err({ code: 'rule_missing', act })
  if (decision?.outcome === 'cut' && !decision.cuts?.length)
    return err({ code: 'cuts_missing', act })
  const stood = act === 'revise' ? decisionOf(history) : undefined
  if (stood && decision && !isInFavour(decision, stood, amount))
    return err({ code: 'not_in_favour', was: stood.outcome })
  if (act === 'decide' && amount > limit) return err({ code: 'above_limit', amount, limit })
  return ok(to)
}
