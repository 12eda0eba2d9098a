import type { PlainDate } from '#base/plain-date.ts'

const CHINA = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'short',
})

/** `2026-11-01T02:03:04Z` is `2026-11-01 10:03`: an instant on the wall clocks of China. */
export function moment(instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? instant : CHINA.format(time)
}

/** Today, as calendars in China have it. */
export const today = (): PlainDate =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date()) as PlainDate
