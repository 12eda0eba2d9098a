import type { Elsewhere } from '#domains/ledger/index.ts'
import { isWithin } from './facts.ts'
import { type Bill, type Payer, PUBLIC_PAYERS, type SchemeBook } from './types.ts'

/**
 * Whose part of a bill the region of care pays first, and clears with the region of insurance: the public funds and
 * persons' accounts. What a commercial insurer pays it owes the hospital, wherever that is.
 */
const CLEARED_BETWEEN_REGIONS: readonly Payer[] = [
  ...PUBLIC_PAYERS,
  'enterpriseSupplement',
  'personalAccount',
  'familyAccount',
]

/**
 * Between which regions a bill is cleared: the home of its public scheme, and the city in which care was given. None
 * where both are one, where the bill does not say, and where the person paid the hospital and hands the invoice in.
 */
export function elsewhereOf(
  { placeOfCare, invoice }: Pick<Bill, 'placeOfCare' | 'invoice'>,
  scheme: string,
  book: SchemeBook,
): Elsewhere | undefined {
  const insured = book.places.get(scheme.slice(0, scheme.lastIndexOf('/')))?.division
  if (placeOfCare === undefined || insured === undefined || invoice?.handedIn !== undefined)
    return undefined
  if (isWithin(placeOfCare, insured)) return undefined
  return { insured, treating: regionOf(placeOfCare), payers: CLEARED_BETWEEN_REGIONS }
}

/** The city of a division, by the first four of its six digits: hospitals are paid by the office of their city. */
export const regionOf = (division: string): string => `${division.slice(0, 4)}00`
