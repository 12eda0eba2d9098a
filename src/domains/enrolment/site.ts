import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Site, SiteRefusal, Work } from './types.ts'

/**
 * Names a worker of a site for a stretch of days. A site insured by headcount covers that many at a time,
 * whoever they are; one insured by area covers everybody who works there. `workers` are those named so far.
 */
export function nameWorker(
  site: Site,
  workers: readonly Work[],
  asked: Work,
): Result<Work, SiteRefusal> {
  const { person, from, until } = asked
  if (until < from) return err({ code: 'ends_before_begins', from, until })
  if (from < site.from || until > site.until)
    return err({ code: 'outside_site', from: site.from, until: site.until })
  const twice = workers.find((each) => each.person === person && overlaps(each, asked))
  if (twice) return err({ code: 'at_site_already', from: twice.from, until: twice.until })
  if (site.headcount !== undefined) {
    const full = fullDay(
      workers.filter((each) => overlaps(each, asked)),
      from,
      site.headcount,
    )
    if (full) return err({ code: 'headcount_reached', headcount: site.headcount, on: full })
  }
  return ok(asked)
}

/** The first day, from `from` on, on which the site is full: workers change only on days when one begins. */
function fullDay(
  workers: readonly Work[],
  from: PlainDate,
  headcount: number,
): PlainDate | undefined {
  const days = [from, ...workers.map((each) => each.from).filter((day) => day > from)].toSorted()
  return days.find(
    (day) => workers.filter((each) => each.from <= day && day <= each.until).length >= headcount,
  )
}

const overlaps = (a: Work, b: Work): boolean => a.from <= b.until && b.from <= a.until
