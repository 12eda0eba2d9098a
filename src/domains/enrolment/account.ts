import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { AccountRefusal, AccountUse } from './types.ts'

/** What may be asked of an account. Those in the second line move money to another person's. */
export const ACCOUNT_ACTS = [
  ...(['credit', 'use', 'refund', 'transfer-in', 'transfer-out', 'paid-out'] as const),
  ...(['share', 'left'] as const),
] as const
export type AccountAct = (typeof ACCOUNT_ACTS)[number]

export type AskedOfAccount = {
  readonly act: AccountAct
  readonly amount: number
  readonly on: PlainDate
  readonly purpose: string | undefined
}

/** What is known of the owner when an account is asked for something. */
export type AccountFacts = {
  readonly balance: number
  readonly died: PlainDate | undefined
  readonly today: PlainDate
  readonly uses: readonly AccountUse[]
  /** Whether the person who is to have the money is linked as family on the day; undefined where nobody is. */
  readonly isFamily: boolean | undefined
}

/** What leaves an account. The others come in. */
const LEAVES: readonly AccountAct[] = ['use', 'transfer-out', 'paid-out', 'share', 'left']
/** What may still happen once the owner has died: the balance goes to an heir or is paid out, whole. */
const AFTER_DEATH: readonly AccountAct[] = ['left', 'paid-out']

/**
 * The change of the balance, in fen, or why there is none. A purpose is permitted where a dated rule says
 * so; where no rule speaks of it on the day, it is refused.
 */
export function askAccount(
  asked: AskedOfAccount,
  facts: AccountFacts,
): Result<number, AccountRefusal> {
  const { act, amount, on, purpose } = asked
  const { balance, died, today, uses, isFamily } = facts
  if (on > today) return err({ code: 'account_day_in_future', on, today })
  const closing = AFTER_DEATH.includes(act)
  if (closing && died === undefined) return err({ code: 'owner_lives' })
  if (!closing && died !== undefined) return err({ code: 'account_closed', died })
  if (act === 'use') {
    if (purpose === undefined) return err({ code: 'purpose_needed' })
    const rule = uses
      .filter((each) => each.purpose === purpose && each.from <= on)
      .toSorted((a, b) => (a.from < b.from ? -1 : 1))
      .at(-1)
    if (!rule) return err({ code: 'purpose_unknown', purpose, on })
    if (!rule.permitted) return err({ code: 'purpose_not_permitted', purpose, source: rule.source })
  }
  if ((act === 'share' || act === 'left') && isFamily === undefined)
    return err({ code: 'counterpart_needed' })
  if (act === 'share' && !isFamily) return err({ code: 'not_family' })
  if (closing && amount !== balance) return err({ code: 'whole_balance_wanted', balance })
  if (!LEAVES.includes(act)) return ok(amount)
  if (amount > balance) return err({ code: 'account_short', balance })
  return ok(-amount)
}
