import type { Guarded } from '#platform/database.ts'
import { wholeBill } from './store.ts'
import * as store from './year.store.ts'
import { type PersonYear, yearOf } from './year.ts'

const PERSONS_AT_ONCE = 200

/** How far the reading of a year is. */
export type Reading = { readonly persons: number; readonly ofPersons: number }

/**
 * Everybody who was covered in a year or had a bill settled in it, some at a time, each with what is needed to settle the
 * year again. Read in the program's name: whoever asks has to be somebody who sees the whole office.
 */
export async function* personsOfYear(
  database: Guarded,
  tenant: string,
  year: number,
  told: (reading: Reading) => void = () => {},
): AsyncGenerator<readonly PersonYear[]> {
  const sql = database.as({ tenant, role: 'system' })
  const ofPersons = await store.countPersons(sql, tenant)
  let after = ''
  for (let persons = 0; ; ) {
    const rows = await store.personsAfter(sql, tenant, after, PERSONS_AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    after = last.id
    yield rows.flatMap(({ standing, ...row }) => {
      const whole = standing.map((each) => ({ ...each, bill: wholeBill(each.bill) }))
      return yearOf({ ...row, standing: whole }, year) ?? []
    })
    persons += rows.length
    told({ persons, ofPersons })
  }
}
