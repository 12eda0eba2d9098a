import { addDays, dayNumber, type PlainDate, yearOf } from './plain-date.ts'

/** A day's holidays and make-up days of the years that are known. */
export type WorkingDays = {
  readonly years: readonly number[]
  readonly holidays: ReadonlySet<string>
  /** Days of a weekend on which people work. */
  readonly madeUp: ReadonlySet<string>
}

/** The day so many working days after another; undefined where it needs a year whose holidays nobody has given. */
export function workingDayAfter(
  calendar: WorkingDays,
  day: PlainDate,
  count: number,
): PlainDate | undefined {
  let [at, left] = [day, count]
  while (left > 0) {
    at = addDays(at, 1)
    const worked = isWorkingDay(calendar, at)
    if (worked === undefined) return undefined
    if (worked) left--
  }
  return at
}

/** Whether people work on a day; undefined where nobody has given the holidays of its year. */
export function isWorkingDay(
  { years, holidays, madeUp }: WorkingDays,
  day: PlainDate,
): boolean | undefined {
  if (!years.includes(yearOf(day))) return undefined
  return madeUp.has(day) || (!isWeekend(day) && !holidays.has(day))
}

/** 1970-01-01 was a Thursday. */
const isWeekend = (day: PlainDate): boolean => [2, 3].includes(((dayNumber(day) % 7) + 7) % 7)
