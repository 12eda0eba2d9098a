import type { Month } from '#base/month.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { SaidAct } from './types.ts'

export type SayRefusal =
  | { readonly code: 'statement_agreed'; readonly month: Month; readonly insurer: string }
  | { readonly code: 'objection_open'; readonly month: Month; readonly insurer: string }
  | { readonly code: 'no_objection'; readonly month: Month; readonly insurer: string }

/**
 * 对账确认: whether something may be said of an insurer's part of a month after what was said last. What was agreed is
 * settled; one objection at a time waits for its answer, and may be given up by agreeing; only an objection is answered.
 */
export function maySay(
  last: SaidAct | undefined,
  act: SaidAct,
  about: { readonly month: Month; readonly insurer: string },
): Result<SaidAct, SayRefusal> {
  if (last === 'agreed') return err({ code: 'statement_agreed', ...about })
  if (act === 'answered' && last !== 'objected') return err({ code: 'no_objection', ...about })
  if (act === 'objected' && last === 'objected') return err({ code: 'objection_open', ...about })
  return ok(act)
}
