import { lastDay, monthOf, nextMonth } from '#base/month.ts'
import { addMonths, type PlainDate } from '#base/plain-date.ts'
import type { Booked } from '#domains/reserves/index.ts'
import type { ReserveService } from '#domains/reserves/service.ts'
import type { Actor } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'

const ACTUARY: Actor = {
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name: 'actuary',
  role: 'actuary',
}
const FUND = 'enterpriseSupplement@teaching/shifan/products'
const MONTHS = 12
/** Invented: what care of a month comes to in fen, and which part of it is claimed so many months later. */
const A_MONTH = [1_820_000, 1_690_000, 2_050_000, 1_940_000, 1_770_000, 1_880_000]
const CLAIMED = [310_000, 340_000, 180_000, 90_000, 50_000, 20_000, 10_000]

/** A year of claims before the books were kept here, so that there is a triangle to look at: all of it is invented. */
export async function prepareDemonstrationReserves(
  reserves: ReserveService,
  today: PlainDate,
): Promise<void> {
  const until = monthOf(addMonths(today, -1))
  let care = monthOf(addMonths(lastDay(until), 1 - MONTHS))
  const rows: Booked[] = []
  for (let n = 0; care <= until; n++, care = nextMonth(care)) {
    let booked = care
    for (const part of CLAIMED) {
      if (booked > until) break
      // Each month runs a little faster or slower than the others.
      const slower = ((n * 7 + rows.length * 3) % 11) - 5
      const amount = Math.round(((A_MONTH[n % A_MONTH.length] ?? 0) * part) / 1_000_000)
      rows.push({ care, booked, amount: amount + Math.round((amount * slower) / 100) })
      booked = nextMonth(booked)
    }
  }
  const history = { rows, document: '启用前赔付明细（虚构）' }
  await reserves.keepHistory(ACTUARY, `demonstration history to ${until}`, FUND, history)
}
