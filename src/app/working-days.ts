import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { addDays, type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import type { WorkingDays } from '#base/working-days.ts'

const FILE = fileURLToPath(new URL('../../calendars/china.yaml', import.meta.url))

const Day = z.string().refine((text) => parsePlainDate(text) !== undefined, 'a calendar date')
const Calendar = z.strictObject({
  sources: z.record(
    z.string(),
    z.strictObject({
      title: z.string(),
      address: z.string(),
      grade: z.enum(['A', 'B', 'C', 'D']),
      note: z.string(),
    }),
  ),
  years: z.record(
    z.string().regex(/^\d{4}$/),
    z.strictObject({
      source: z.string(),
      holidays: z.array(z.tuple([Day, Day])),
      worked: z.array(Day),
    }),
  ),
})

/** China's working days, of the years that have been given. Throws where the file is wrong: half a calendar counts wrong. */
export function readWorkingDays(text: string = readFileSync(FILE, 'utf8')): WorkingDays {
  const { sources, years } = Calendar.parse(parse(text, { schema: 'failsafe' }))
  const holidays = new Set<string>()
  const madeUp = new Set<string>()
  for (const [year, { source, holidays: spans, worked }] of Object.entries(years)) {
    if (!(source in sources)) throw new Error(`calendars/china.yaml: ${year} names no source`)
    for (const [first, last] of spans)
      for (let day = first as PlainDate; day <= last; day = addDays(day, 1)) holidays.add(day)
    for (const day of worked) madeUp.add(day)
    const stray = [...spans.flat(), ...worked].find((day) => !day.startsWith(year))
    if (stray !== undefined) throw new Error(`calendars/china.yaml: ${stray} is no day of ${year}`)
  }
  return { years: Object.keys(years).map(Number), holidays, madeUp }
}
