import type { PlainDate } from '#base/plain-date.ts'
import { decisionOf, stateOf } from './move.ts'
import {
  ACTS,
  type CaseAct,
  type CaseState,
  type Channel,
  type Decision,
  type Done,
  type OwnState,
  type Sender,
} from './types.ts'

/** What somebody outside the office sees of a case: where it stands, what is asked of them, and what was decided. */
export type OwnView = {
  readonly state: OwnState
  /** The one-time request for documents, or a query to the hospital, while it waits for an answer. */
  readonly asked: { readonly why: string; readonly on: PlainDate } | undefined
  /** From the day it was sent on, and not before. */
  readonly decision:
    | { readonly decision: Decision; readonly why: string; readonly on: PlainDate }
    | undefined
  /** Which acts are theirs to do now. */
  readonly may: readonly CaseAct[]
  /** What was done that concerns them. */
  readonly steps: readonly {
    readonly act: CaseAct
    readonly on: PlainDate
    readonly why?: string
  }[]
}

const OWN_STATE: Readonly<Record<CaseState, OwnState>> = {
  accepted: 'accepted',
  'awaiting-documents': 'documents',
  review: 'in-hand',
  'hospital-query': 'in-hand',
  investigation: 'in-hand',
  proposed: 'in-hand',
  decided: 'in-hand',
  notified: 'decided',
  objected: 'objected',
  reviewed: 'decided-again',
  closed: 'closed',
  withdrawn: 'withdrawn',
}

/** Acts that are told to everybody concerned, and what is said with them: nobody reads what is noted in the office. */
const TOLD: Readonly<Partial<Record<CaseAct, 'why' | 'only'>>> = {
  accept: 'only',
  'ask-documents': 'why',
  'receive-documents': 'only',
  notify: 'only',
  object: 'why',
  uphold: 'only',
  revise: 'only',
  close: 'only',
  withdraw: 'only',
}
/** What a hospital is told besides. */
const TOLD_HOSPITALS: typeof TOLD = { 'query-hospital': 'why', 'hospital-answers': 'why' }

/** States in which a decision has been sent. */
const SENT: readonly CaseState[] = ['notified', 'objected', 'reviewed', 'closed']

/**
 * A case as whoever handed it in, or could have, sees it. Investigations, proposals, names of the office and what it notes stay
 * inside; a decision shows with its reasons once it is sent.
 */
export function ownView(history: readonly Done[], channel: Channel, sender: Sender): OwnView {
  const state = stateOf(history) ?? 'accepted'
  const told = sender === 'hospital' ? { ...TOLD, ...TOLD_HOSPITALS } : TOLD
  const queried = sender === 'hospital' && state === 'hospital-query'
  const last = history.at(-1)
  const waits = state === 'awaiting-documents' || queried
  const final = SENT.includes(state) ? decisionOf(history) : undefined
  const said = history.findLast(({ decision }) => decision !== undefined)
  return {
    state: queried ? 'queried' : OWN_STATE[state],
    asked: waits && last ? { why: last.why ?? '', on: last.on } : undefined,
    decision: final && said ? { decision: final, why: reasonOf(history), on: said.on } : undefined,
    may: (Object.keys(ACTS) as CaseAct[]).filter(
      (act) => ACTS[act].from.includes(state) && maySend(act, channel, sender),
    ),
    steps: history.flatMap(({ act, on, why }) => {
      const how = told[act]
      if (how === undefined) return []
      return [{ act, on, ...(how === 'why' && why !== undefined ? { why } : {}) }]
    }),
  }
}

/** Whether an act may be done from outside; to take a case back is for whoever handed it in. */
export function maySend(act: CaseAct, channel: Channel, sender: Sender): boolean {
  const { senders = [] } = ACTS[act]
  return senders.includes(sender) && (act !== 'withdraw' || CHANNEL_OF[sender] === channel)
}

/** The way by which each hands in. */
export const CHANNEL_OF: Readonly<Record<Sender, Channel>> = {
  hospital: 'hospital-desk',
  insured: 'online',
  agent: 'agent',
}

/** The reasons of what was decided last: of a proposal that was approved, those of whoever proposed it. */
function reasonOf(history: readonly Done[]): string {
  const last = history.findLast(({ decision }) => decision !== undefined)
  if (last?.act !== 'approve') return last?.why ?? ''
  return history.findLast(({ act }) => act === 'propose')?.why ?? last.why ?? ''
}
