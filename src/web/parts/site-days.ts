import { addDays, type PlainDate } from '#base/plain-date.ts'
import type { Site } from '#web/api.ts'

/** From this day on, until the next entry, so many workers are named. */
export type SiteDays = { readonly from: string; readonly named: number }

/** How many workers a site has, from the first day of its policy: an entry for each day on which that changes. */
export function siteDays({
  from,
  until,
  workers,
}: Pick<Site, 'from' | 'until' | 'workers'>): SiteDays[] {
  const changes = [
    from,
    ...workers.flatMap((each) => [each.from, addDays(each.until as PlainDate, 1)]),
  ]
  const days = [...new Set(changes)].filter((day) => from <= day && day <= until).toSorted()
  return days
    .map((day) => ({
      from: day,
      named: workers.filter((each) => each.from <= day && day <= each.until).length,
    }))
    .filter(({ named }, i, all) => named !== all[i - 1]?.named)
}
