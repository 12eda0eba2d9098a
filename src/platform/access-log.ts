import type { Actor } from './actor.ts'
import type { Sql } from './database.ts'

/** The longest subject that is kept: enough for a page of numbers. */
const MOST_SUBJECT = 4_000

/** Records who read what. Throws where it cannot be written: then nothing may be shown. */
export async function logAccess(
  sql: Sql,
  { tenant, name }: Actor,
  action: string,
  subject: string,
): Promise<void> {
  await sql.query(
    'insert into access_log (tenant_id, user_name, action, subject) values ($1, $2, $3, $4)',
    [tenant, name, action, subject.slice(0, MOST_SUBJECT)],
  )
}

const MOST_ENTRIES = 50

/** Who read or changed what belongs to a person, newest first: entries that name the person alone. */
export async function whoLooked(
  sql: Sql,
  { tenant }: Actor,
  person: string,
): Promise<{ readonly at: string; readonly user: string; readonly action: string }[]> {
  return sql.query(
    `select to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as at,
            user_name as "user", action
       from access_log where tenant_id = $1 and subject = $2 and length(subject) <= 200 order by id desc limit ${MOST_ENTRIES}`,
    [tenant, person],
  )
}
