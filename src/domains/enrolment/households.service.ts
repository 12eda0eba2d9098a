import { type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Guarded } from '#platform/database.ts'
import * as store from './households.store.ts'
import { householdsOf } from './households.ts'

/**
 * Who lives with whom at the end of a year, by the accounts that families share. Read in the program's name: whoever asks has
 * to be somebody who sees the whole office.
 */
export async function householdsOfYear(
  database: Guarded,
  tenant: string,
  year: number,
): Promise<ReadonlyMap<string, string>> {
  const on: PlainDate = plainDate(`${year}-12-31`)
  return householdsOf(await store.linksOn(database.as({ tenant, role: 'system' }), tenant, on))
}
