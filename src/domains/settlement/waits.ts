import type { PlainDate } from '#base/plain-date.ts'
import { filedOn } from './facts.ts'
import { waitOf } from './resolve.ts'
import type { Person, SchemeBook, Title } from './types.ts'

/** 等待期 of one cover under one tier: it pays from `until` on. */
export type Wait = {
  readonly scheme: string
  readonly from: PlainDate
  readonly tier: string
  readonly title: Title
  readonly until: PlainDate
}

/**
 * The waiting periods of a person's covers, as the rules of each cover's first day count them. A wait that a
 * rule cannot tell without a bill is left out: the bill is settled, or refused, by what holds on its own day.
 */
export function waitsOf(person: Person, { schemes }: SchemeBook): Wait[] {
  return person.covers.flatMap((cover) =>
    (schemes.get(cover.scheme)?.order ?? []).flatMap((entry): Wait[] => {
      if (!('tier' in entry)) return []
      const { tier } = entry
      const known = filedOn(person, cover, cover.from)
      const until = waitOf(tier, known, cover, { allowUndated: true })
      if (until === undefined || until <= cover.from) return []
      return [{ scheme: cover.scheme, from: cover.from, tier: tier.id, title: tier.title, until }]
    }),
  )
}
