import { type PlainDate, plainDate } from '#base/plain-date.ts'

/** Today in China, wherever this machine stands. The only clock of the program. */
export function todayInChina(): PlainDate {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' })
  return plainDate(format.format(Date.now()))
}
