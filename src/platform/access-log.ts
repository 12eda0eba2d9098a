import type { Actor } from './actor.ts'
import type { Sql } from './database.ts'
import { MOMENT } from './moment.ts'

/** The longest subject that is kept: enough for a page of numbers. */
const MOST_SUBJECT = 4_000

/**
 * Records who read or changed what, and why where they said so. Throws where it cannot be written: then
 * nothing may be shown or changed. A change records itself in its own transaction.
 */
export async function logAccess(
  sql: Sql,
  { tenant, name, purpose }: Pick<Actor, 'tenant' | 'name' | 'purpose'>,
  action: string,
  subject: string,
): Promise<void> {
  await sql.query(
    'insert into access_log (tenant_id, user_name, action, subject, purpose) values ($1, $2, $3, $4, $5)',
    [tenant, name, action, subject.slice(0, MOST_SUBJECT), purpose ?? null],
  )
}

/** How an action is named that only an emergency made possible. */
export const inEmergency = (action: string): string => `${action} (emergency)`

/**
 * Records that somebody reads what belongs to a person, in the very round trip that reads it: where the person is not
 * there for whoever asks, nothing is read and nothing recorded.
 */
export async function logReading(
  sql: Sql,
  { tenant, name, purpose, emergency = [] }: Actor,
  action: string,
  person: string,
): Promise<void> {
  await sql.query(
    `insert into access_log (tenant_id, user_name, action, subject, purpose)
     select $1::text, $2::text, $3::text, $4::text, $5::text
      where exists (select from persons where tenant_id = $1 and id = $4)`,
    [
      tenant,
      name,
      emergency.includes(person) ? inEmergency(action) : action,
      person,
      purpose ?? null,
    ],
  )
}

/** How an action is named that somebody asked for and may not do. */
export const refusedAction = (code: string): string => `refused ${code}`

const MOST_ENTRIES = 50

export type Looked = {
  readonly at: string
  readonly user: string
  readonly action: string
  readonly purpose: string | null
}

/** Who read or changed what belongs to a person, newest first: entries that name the person alone. */
export async function whoLooked(sql: Sql, { tenant }: Actor, person: string): Promise<Looked[]> {
  return sql.query(
    `select ${MOMENT('at')} as at, user_name as "user", action, purpose
       from access_log where tenant_id = $1 and subject = $2 and length(subject) <= 200 order by id desc limit ${MOST_ENTRIES}`,
    [tenant, person],
  )
}

export type LogQuestion = {
  /** Numbers, any of which an entry may be about; none asks for all. */
  readonly subjects: readonly string[]
  readonly user: string | undefined
  /** The first and the last day, in China. */
  readonly from: string
  readonly until: string
  /** Older than this entry: where the page before ended. */
  readonly before: number | undefined
  readonly limit: number
}

export type LogRow = Looked & { readonly id: number; readonly subject: string | null }

/** An hour of a user that stands out. */
export type UnusualHour = {
  readonly user: string
  /** When the hour began. */
  readonly from: string
  /** Persons, bills, settlements and the like that were shown, each once, one by one or in lists. */
  readonly records: number
  /** Files that were taken along. */
  readonly exports: number
  /** What was asked for and refused. */
  readonly refusals: number
}

/** Hours in which a user was shown, took along or was refused at least as much as is asked for, the most records first. */
export async function unusualHours(
  sql: Sql,
  tenant: string,
  asked: {
    readonly from: string
    readonly until: string
    readonly records: number
    readonly exports: number
    readonly refusals: number
    readonly limit: number
  },
): Promise<UnusualHour[]> {
  return sql.query(
    `with hours as (
       select user_name, date_trunc('hour', at) as hour,
              count(distinct record) filter (where action ~ '^(read|reveal|explain|print|list|find) ') as records,
              count(distinct id) filter (where action ~ '^(export|download) ') as exports,
              count(distinct id) filter (where action ~ '^refused ') as refusals
         -- A list has the numbers of all that it showed.
         from access_log cross join lateral unnest(
                case when action ~ '^(list|find) ' then string_to_array(subject, ' ') else array[subject] end) as shown (record)
        where tenant_id = $1 and at >= $2::date::timestamp at time zone 'Asia/Shanghai'
          and at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
        group by user_name, hour
     )
     select user_name as "user", ${MOMENT('hour')} as "from", records, exports, refusals from hours
      where records >= $4 or refusals >= $5 or exports >= $6
      order by records desc, exports desc, refusals desc, hour desc, user_name limit $7`,
    [tenant, asked.from, asked.until, asked.records, asked.refusals, asked.exports, asked.limit],
  )
}

/** The entries of some days, newest first. Those of a page of persons are found by none of them. */
export async function searchLog(
  sql: Sql,
  tenant: string,
  { subjects, user, from, until, before, limit }: LogQuestion,
): Promise<LogRow[]> {
  // The index on subjects knows short ones alone; the condition has to say so to be found by it.
  const bySubject = subjects.length === 0 ? '' : 'and subject = any($7) and length(subject) <= 200'
  return sql.query(
    `select id, ${MOMENT('at')} as at, user_name as "user", action, subject, purpose from access_log
      where tenant_id = $1 and at >= $2::date::timestamp at time zone 'Asia/Shanghai'
        and at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
        and ($4::text is null or user_name = $4) and ($5::bigint is null or id < $5) ${bySubject}
      order by id desc limit $6`,
    [
      tenant,
      from,
      until,
      user ?? null,
      before ?? null,
      limit,
      ...(subjects.length === 0 ? [] : [subjects]),
    ],
  )
}
