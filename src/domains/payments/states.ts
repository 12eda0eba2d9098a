import { err, ok, type Result } from '#base/result.ts'
import type { Answer, BatchAct, BatchState, BreakKind, ItemState } from './types.ts'
import { BATCH_ACTS } from './types.ts'

export type IllegalMove = {
  readonly code: 'illegal_move'
  readonly act: BatchAct
  readonly state: BatchState
  readonly from: readonly BatchState[]
}

/** Where a batch stands after an act; refused by name where the act is none of its state. */
export function moved(state: BatchState, act: BatchAct): Result<BatchState, IllegalMove> {
  const { from, to } = BATCH_ACTS[act]
  const allowed: readonly BatchState[] = from
  return allowed.includes(state) ? ok(to) : err({ code: 'illegal_move', act, state, from })
}

/** States in which nothing more is expected from the bank, as far as it has said. */
const FINAL: readonly ItemState[] = ['settled', 'failed', 'returned', 'unpaid']

/** Whether every order of a batch has its answer. What was left out was never ordered. */
export const isAnswered = (items: readonly ItemState[]): boolean =>
  items.every((state) => state === 'left-out' || FINAL.includes(state))

/** Reasons of ISO 20022 for which a bank refuses what it has already: that says nothing about the first one. */
const DUPLICATES: readonly string[] = ['AM05', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05']

export const isDuplicate = (reason: string | undefined): boolean =>
  reason !== undefined && DUPLICATES.includes(reason.slice(0, 4))

/**
 * What one answer does to an order. `moved`: where it stands then. `same`: it says what is known. `stale`: it says what
 * later answers have overtaken. `late`: it was paid after all, when somebody had confirmed that it was not. Otherwise it
 * does not fit, and somebody decides.
 */
export type Effect =
  | {
      readonly kind: 'moved'
      readonly to: Exclude<ItemState, 'drafted' | 'left-out' | 'ordered' | 'unpaid'>
    }
  | { readonly kind: 'same' | 'stale' | 'late' }
  | {
      readonly kind: 'break'
      readonly break: Exclude<BreakKind, 'missing' | 'paid_again' | 'unknown_order'>
    }

type Sent = Exclude<ItemState, 'drafted' | 'left-out'>

/**
 * One row per state of an order, one column per answer. Files come in any order: what a bank says first it may say
 * again later, and money that came back had left before, whichever of the two is read first.
 */
const EFFECTS: Readonly<
  Record<Sent, Readonly<Record<Answer['status'], Sent | 'stale' | 'contradiction' | 'late'>>>
> = {
  ordered: { accepted: 'accepted', settled: 'settled', failed: 'failed', returned: 'returned' },
  accepted: { accepted: 'accepted', settled: 'settled', failed: 'failed', returned: 'returned' },
  settled: { accepted: 'stale', settled: 'settled', failed: 'contradiction', returned: 'returned' },
  failed: { accepted: 'stale', settled: 'settled', failed: 'failed', returned: 'stale' },
  returned: { accepted: 'stale', settled: 'stale', failed: 'stale', returned: 'returned' },
  unpaid: { accepted: 'stale', settled: 'late', failed: 'stale', returned: 'stale' },
}

export function effectOf(
  order: { readonly state: Sent; readonly amount: number; readonly wasReturned: boolean },
  { status, amount, reason }: Omit<Answer, 'endToEnd'>,
): Effect {
  if (status === 'failed' && isDuplicate(reason)) return { kind: 'break', break: 'duplicate_order' }
  const to = EFFECTS[order.state][status]
  // Of what came back it is known that it had been paid.
  if (to === 'late' && order.wasReturned) return { kind: 'stale' }
  if (to === 'stale' || to === 'late') {
    if (to === 'late' && differs(order, amount)) return { kind: 'break', break: 'amount_differs' }
    return { kind: to }
  }
  if (to === 'contradiction') return { kind: 'break', break: 'contradiction' }
  if (status === 'settled' && differs(order, amount))
    return { kind: 'break', break: 'amount_differs' }
  if (to === order.state) return { kind: 'same' }
  if (to === 'accepted' || to === 'settled' || to === 'failed' || to === 'returned')
    return { kind: 'moved', to }
  return { kind: 'stale' }
}

const differs = (order: { readonly amount: number }, amount: number | undefined): boolean =>
  amount !== undefined && amount !== order.amount
