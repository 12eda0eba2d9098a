import { type Fen, fen, ZERO } from '#base/money.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Bill } from '#domains/settlement/index.ts'
import type { Cut } from './types.ts'

export type CutRefusal =
  | { readonly code: 'unknown_line'; readonly line: string }
  | {
      readonly code: 'cut_too_large'
      readonly line: string
      readonly amount: Fen
      readonly most: Fen
    }
  | { readonly code: 'cut_twice'; readonly line: string }

/**
 * A bill with some amounts taken out of what the tiers pay on: of each line, so much of its in-scope part becomes out of
 * scope 自费. The line and the bill come to what they came to. A bill without lines is cut as a whole, as the line ''.
 */
export function withCuts(bill: Bill, cuts: readonly Cut[]): Result<Bill, CutRefusal> {
  const lines = new Map(bill.lines.map((line) => [line.id, line]))
  const whole = lines.size === 0
  const seen = new Set<string>()
  for (const { line, amount } of cuts) {
    const parts = whole && line === '' ? bill.parts : lines.get(line)?.parts
    if (!parts) return err({ code: 'unknown_line', line })
    if (seen.has(line)) return err({ code: 'cut_twice', line })
    if (amount > parts.inScope)
      return err({ code: 'cut_too_large', line, amount, most: parts.inScope })
    seen.add(line)
  }
  return ok(shifted(bill, cuts, 1))
}

/** The bill as it was before these cuts were made. */
export const withoutCuts = (bill: Bill, cuts: readonly Cut[]): Bill => shifted(bill, cuts, -1)

/** What some cuts come to, in fen. */
export const sumOf = (cuts: readonly Cut[]): Fen =>
  cuts.reduce((sum, { amount }) => fen(sum + amount), ZERO)

/** Moves what is cut out of scope, or back. */
function shifted(bill: Bill, cuts: readonly Cut[], way: 1 | -1): Bill {
  const of = new Map(cuts.map(({ line, amount }) => [line, amount]))
  const moved = (parts: Bill['parts'], amount: Fen): Bill['parts'] => ({
    ...parts,
    inScope: fen(parts.inScope - way * amount),
    outOfScope: fen(parts.outOfScope + way * amount),
  })
  return {
    ...bill,
    parts: moved(bill.parts, sumOf(cuts)),
    lines: bill.lines.map((line) => ({
      ...line,
      parts: moved(line.parts, of.get(line.id) ?? ZERO),
    })),
  }
}
