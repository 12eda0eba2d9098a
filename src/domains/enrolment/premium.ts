import { err, ok, type Result } from '#base/result.ts'
import type { PremiumRefusal } from './types.ts'

/** What one membership costs one payer, in fen: what is due, what came in, what went back. */
export type Premium = {
  readonly due: number
  readonly collected: number
  readonly refunded: number
}

/** Something that happens to a premium: it becomes due anew, money comes in, money goes back. */
export type Posting = {
  readonly posting: 'due' | 'collected' | 'refunded'
  readonly amount: number
}

/**
 * The premium after a posting. What was paid back makes room to be collected again. Never more is kept
 * than is due, and nothing goes back that did not come in.
 */
export function postPremium(
  premium: Premium,
  { posting, amount }: Posting,
): Result<Premium, PremiumRefusal> {
  const { due, collected, refunded } = premium
  switch (posting) {
    case 'due':
      // What is held beyond a lower premium is still to be refunded; the page shows it.
      return ok({ ...premium, due: amount })
    case 'collected': {
      const open = due - (collected - refunded)
      if (amount > open) return err({ code: 'collected_beyond_due', open: Math.max(0, open) })
      return ok({ ...premium, collected: collected + amount })
    }
    case 'refunded': {
      const held = collected - refunded
      if (amount > held) return err({ code: 'refunded_beyond_collected', held })
      return ok({ ...premium, refunded: refunded + amount })
    }
  }
}
