import { type PlainDate, plainDate } from '#base/plain-date.ts'

// Making a format costs more than settling a bill, so it is made once.
const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' })

/** Today in China, wherever this machine stands. The only clock of the program. */
export function todayInChina(): PlainDate {
  return plainDate(format.format(Date.now()))
}
