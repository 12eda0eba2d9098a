import { z } from 'zod'
import { type Fen, parseRate, parseYuan, type Rate } from '#base/money.ts'
import { parsePlainDate } from '#base/plain-date.ts'

/**
 * Values as a rule file writes them: each carries its unit, so that 60 元 can never pass for 60 %.
 */

/** `1200元` → 120000 fen. */
export const Amount = z
  .string({ error: withUnit('an amount with its unit, such as 1200元') })
  .regex(/^\d{1,13}(\.\d{1,2})?元$/, { error: wrongUnit('an amount in yuan such as 1200元') })
  .transform((text): Fen => parseYuan(text.slice(0, -1)) as Fen)

/** `85%` → 850000 parts per million. */
export const Percent = z
  .string({ error: withUnit('a percentage with its sign, such as 85%') })
  .regex(/^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)%$/, {
    error: wrongUnit('a percentage from 0% to 100% such as 85%'),
  })
  .transform((text): Rate => parseRate(text) as Rate)

/** `6倍` → 6000000 parts per million: how many times something else. */
export const Times = z
  .string({ error: 'expected a multiple with its unit, such as 6倍' })
  .regex(/^\d{1,3}(\.\d{1,4})?倍$/, { error: wrongUnit('a multiple such as 6倍') })
  .transform((text): number => {
    const [whole = '0', decimals = ''] = text.slice(0, -1).split('.')
    return Number(whole) * 1_000_000 + Number(decimals.padEnd(6, '0'))
  })

/** `15天` → 15. */
export const Days = z
  .string({ error: withUnit('a number of days with its unit, such as 3天') })
  .regex(/^\d{1,4}天$/, { error: wrongUnit('a number of days such as 3天') })
  .transform((text): number => Number(text.slice(0, -1)))

/** `3个月` → 3. */
export const Months = z
  .string({ error: withUnit('a number of months with its unit, such as 3个月') })
  .regex(/^\d{1,3}个月$/, { error: wrongUnit('a number of months such as 3个月') })
  .transform((text): number => Number(text.slice(0, -2)))

/** A calendar date, `2024-07-01`. */
export const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: wrongUnit('a calendar date such as 2024-07-01') })
  .transform((text, context) => {
    const date = parsePlainDate(text)
    if (date) return date
    context.addIssue({ code: 'custom', message: `${text} is not a day of the calendar` })
    return z.NEVER
  })

function wrongUnit(expected: string) {
  return (issue: { input?: unknown }) => `expected ${expected}, got "${String(issue.input)}"`
}

/** A number alone, or no text at all: what is wanted, and what stands there. */
function withUnit(expected: string) {
  return ({ input }: { input?: unknown }) =>
    typeof input === 'number' ? `expected ${expected}, got ${input}` : `expected ${expected}`
}
