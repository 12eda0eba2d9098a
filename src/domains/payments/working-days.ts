import { addDays, dayNumber, type PlainDate, yearOf } from '#base/plain-date.ts'
import type { WorkingDays } from './types.ts'

/** The day so many working days after another; undefined where it needs a year whose holidays nobody has given. */
export function workingDayAfter(
  { years, holidays, madeUp }: WorkingDays,
  day: PlainDate,
  count: number,
): PlainDate | undefined {
  let [at, left] = [day, count]
  while (left > 0) {
    at = addDays(at, 1)
    if (!years.includes(yearOf(at))) return undefined
    if (madeUp.has(at) || (!isWeekend(at) && !holidays.has(at))) left--
  }
  return at
}

/** 1970-01-01 was a Thursday. */
const isWeekend = (day: PlainDate): boolean => [2, 3].includes(((dayNumber(day) % 7) + 7) % 7)
