import assert from 'node:assert/strict'

declare const kind: unique symbol

/**
 * A calendar date in China time, `YYYY-MM-DD`, with no clock and no zone. Compares with `<`, sorts as
 * text, is a Postgres `date`. Never pass it to `new Date()`, which reads it as UTC midnight.
 */
export type PlainDate = string & { readonly [kind]: 'PlainDate' }

/** The date a text names, or undefined if it names none (2024-02-30, 2024-2-3, words). */
export function parsePlainDate(text: string): PlainDate | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && isRealDay(text) ? (text as PlainDate) : undefined
}

/** Throws on bad text: for dates typed into code and tests. */
export function plainDate(text: string): PlainDate {
  const date = parsePlainDate(text)
  assert(date, `not a calendar date: ${text}`)
  return date
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isRealDay(text: string): boolean {
  const { year, month, day } = parts(text)
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const last = month === 2 && leap ? 29 : (LENGTHS[month - 1] ?? 0)
  return day >= 1 && day <= last
}

/** The same day of the month, `months` later; the last day of that month where there is none. */
export function addMonths(date: PlainDate, months: number): PlainDate {
  const { year, month, day } = parts(date)
  const index = year * 12 + (month - 1) + months
  const last = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate()
  return compose(Math.floor(index / 12), (index % 12) + 1, Math.min(day, last))
}

/** The day `days` later, or earlier where `days` is below zero. */
export function addDays(date: PlainDate, days: number): PlainDate {
  const { year, month, day } = parts(date)
  const later = new Date(Date.UTC(year, month - 1, day + days))
  return compose(later.getUTCFullYear(), later.getUTCMonth() + 1, later.getUTCDate())
}

/** Whole years from `birth` to `on`: the birthday itself counts; 29 February comes of age on 1 March. */
export function ageOn(birth: PlainDate, on: PlainDate): number {
  const years = yearOf(on) - yearOf(birth)
  return on.slice(5) < birth.slice(5) ? years - 1 : years
}

/** Whole days since 1970-01-01: dates as numbers, so that days between them can be counted and kept. */
export function dayNumber(date: PlainDate): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000
}

/** The date of a number that `dayNumber` gave. */
export function dateOfDay(day: number): PlainDate {
  return plainDate(new Date(day * 86_400_000).toISOString().slice(0, 10))
}

export function yearOf(date: PlainDate): number {
  return Number(date.slice(0, 4))
}

/** `compose(2024, 7, 1)` is 2024-07-01. Throws if there is no such day. */
export function compose(year: number, month: number, day: number): PlainDate {
  const two = (n: number) => String(n).padStart(2, '0')
  return plainDate(`${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`)
}

function parts(date: string) {
  const [year, month, day] = [date.slice(0, 4), date.slice(5, 7), date.slice(8, 10)]
  return { year: Number(year), month: Number(month), day: Number(day) }
}
