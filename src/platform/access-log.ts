import type { Actor } from './actor.ts'
import type { Database } from './database.ts'

/** The longest subject that is kept: enough for a page of numbers. */
const MOST_SUBJECT = 4_000

/** Records who read what. Throws where it cannot be written: then nothing may be shown. */
export async function logAccess(
  database: Database,
  { tenant, name }: Actor,
  action: string,
  subject: string,
): Promise<void> {
  await database.query(
    'insert into access_log (tenant_id, user_name, action, subject) values ($1, $2, $3, $4)',
    [tenant, name, action, subject.slice(0, MOST_SUBJECT)],
  )
}
