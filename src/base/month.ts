import { addDays, addMonths, type PlainDate, plainDate } from './plain-date.ts'

/** A calendar month: `2026-03`. Compares with `<`, as days do. */
export type Month = string

export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text)

export const monthOf = (day: string): Month => day.slice(0, 7)
export const firstDay = (month: Month): PlainDate => plainDate(`${month}-01`)
export const lastDay = (month: Month): PlainDate => addDays(addMonths(firstDay(month), 1), -1)
export const nextMonth = (month: Month): Month => monthOf(addMonths(firstDay(month), 1))
