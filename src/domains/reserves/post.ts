import type { Leg } from '#domains/ledger/index.ts'

/** 提转差: what a reserve has grown by is an expense of the period, and what it has shrunk by is taken back from it. */
export function reserveLegs(fund: string, before: number, now: number): Leg[] {
  const moved = now - before
  if (moved === 0) return []
  return moved > 0
    ? [{ fund, debit: 'reserved', credit: 'ibnr', amount: moved }]
    : [{ fund, debit: 'ibnr', credit: 'reserved', amount: -moved }]
}
