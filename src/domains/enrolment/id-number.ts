import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { IdNumberRefusal, Sex } from './types.ts'

/** What an id-card number says of its holder. */
export type IdNumber = { readonly number: string; readonly born: PlainDate; readonly sex: Sex }

/** Weights and check characters of GB 11643-1999 (ISO 7064, MOD 11-2). */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

/**
 * Reads an id-card number 公民身份号码 of 18 characters. Refused are: another shape, a birthday that is no
 * day or has not come, and a last character that does not belong to the others. `11010519491231002X` is a
 * woman born on 1949-12-31. The region in its first six digits is not looked up.
 */
export function readIdNumber(text: string, today: PlainDate): Result<IdNumber, IdNumberRefusal> {
  const number = text.normalize('NFKC').trim().toUpperCase()
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return err({ code: 'id_number_malformed' })
  const born = parsePlainDate(
    `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
  )
  if (!born || born > today) return err({ code: 'id_number_birthday' })
  if (checkOf(number) !== number[17]) return err({ code: 'id_number_check_digit' })
  return ok({ number, born, sex: Number(number[16]) % 2 === 1 ? 'male' : 'female' })
}

/** The last character of an id-card number, from the seventeen digits before it. */
export function checkOf(digits: string): string {
  let sum = 0
  for (let i = 0; i < WEIGHTS.length; i++) sum += Number(digits[i]) * (WEIGHTS[i] as number)
  return CHECKS[sum % 11] as string
}

/** What lists show of an id-card number: the first two and the last two characters. */
export const maskedIdNumber = (number: string): string =>
  `${number.slice(0, 2)}${'*'.repeat(Math.max(0, number.length - 4))}${number.slice(-2)}`
