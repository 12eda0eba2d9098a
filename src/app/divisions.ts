import type { Divisions } from '#domains/crossregion/service.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'

/** What the rules say of places: the division in which a fund is, and what the place with a division is called. */
export function divisionsOf({ places }: SchemeBook): Divisions {
  const named = new Map(
    [...places.values()].flatMap(({ division, title }) =>
      division === undefined ? [] : [[division, title] as const],
    ),
  )
  return {
    homeOf: (fund) => places.get(fund.split('@')[1] ?? '')?.division,
    nameOf: (division) => named.get(division),
  }
}
