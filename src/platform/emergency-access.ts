import { err, ok, type Result } from '#base/result.ts'
import { partsFor } from './access.ts'
import { inEmergency, logAccess } from './access-log.ts'
import type { Actor } from './actor.ts'
import type { Connection, Sql } from './database.ts'
import { instant } from './sessions.ts'

export const EMERGENCY_CATEGORIES = [
  'emergency-care',
  'complaint',
  'fraud',
  'system-fault',
  'other',
] as const
export type EmergencyCategory = (typeof EMERGENCY_CATEGORIES)[number]

/** The file of one person, opened to one user, for a reason, for an hour. */
export type EmergencyAccess = {
  readonly id: string
  readonly user: string
  readonly userName: string
  readonly person: string
  readonly category: EmergencyCategory
  readonly reason: string
  readonly grantedAt: string
  readonly expiresAt: string
  readonly live: boolean
  readonly ended?: { readonly at: string; readonly by: string } | undefined
  readonly acknowledged?:
    | { readonly at: string; readonly by: string; readonly note: string }
    | undefined
}

export type EmergencyAccesses = {
  /** Opens a person's file at once; every supervisor is told. One that is open already is answered again. */
  openInEmergency(
    by: Actor,
    asked: {
      readonly person: string
      readonly category: EmergencyCategory
      readonly reason: string
    },
  ): Promise<Result<EmergencyAccess, TooMany | { readonly code: 'unknown_person' | 'forbidden' }>>
  /** The latest first: a user's own, or the whole tenant's. */
  emergencyAccesses(tenant: string, user?: string): Promise<EmergencyAccess[]>
  /** How many no supervisor has acknowledged. */
  emergenciesWaiting(tenant: string): Promise<number>
  /** Closes a file before its time: whoever opened it, or a supervisor. */
  endEmergency(by: Actor, id: string): Promise<Result<EmergencyAccess, Unknown>>
  /** A supervisor has seen it, and it was not their own. */
  acknowledgeEmergency(
    by: Actor,
    id: string,
    note: string,
  ): Promise<Result<EmergencyAccess, Unknown | { readonly code: 'own_emergency' }>>
}

type TooMany = { readonly code: 'too_many_emergencies' }
type Unknown = { readonly code: 'unknown_emergency' }

const OF_A_PERSON = 'emergency_accesses_of_a_person'
const LASTS = "interval '60 minutes'"
/** Files that one user holds open at once: emergencies come singly, harvests do not. */
const MOST_AT_ONCE = 5
const MOST_SHOWN = 200

/** Live accesses of `u`, the row of a user, as an array of the persons they open. */
export const OPENED_PERSONS = `array(select e.person_id from emergency_accesses e
  where e.tenant_id = u.tenant_id and e.user_id = u.id and e.ended_at is null and e.expires_at > now())`

export function createEmergencyAccesses(database: Connection): EmergencyAccesses {
  return {
    async openInEmergency(by, { person, category, reason }) {
      if (partsFor('emergencies open', by.role) === undefined) return err({ code: 'forbidden' })
      const open = async (sql: Sql): Promise<Result<EmergencyAccess, TooMany>> => {
        // One at a time for each user, so that two requests do not pass the limit together.
        await sql.query('select 1 from users where tenant_id = $1 and id = $2 for update', [
          by.tenant,
          by.user,
        ])
        const live = await sql.query<Row>(
          `select ${VIEW} from emergency_accesses where tenant_id = $1 and user_id = $2 and ${LIVE}`,
          [by.tenant, by.user],
        )
        const same = live.find((row) => row.person === person)
        if (same) return ok(viewOf(same))
        if (live.length >= MOST_AT_ONCE) return err({ code: 'too_many_emergencies' })
        const [row] = await sql.query<Row>(
          `insert into emergency_accesses (tenant_id, user_id, user_name, person_id, category, reason, expires_at)
           values ($1, $2, $3, $4, $5, $6, now() + ${LASTS}) returning ${VIEW}`,
          [by.tenant, by.user, by.name, person, category, reason],
        )
        if (!row) throw new Error('an inserted row comes back')
        // Named as the person's own, so that who looked shows it.
        await logAccess(sql, by, `open in emergency: ${category}`, person)
        return ok(viewOf(row))
      }
      try {
        return await database.transaction(open)
      } catch (thrown) {
        // Whoever asks does not see the person; the table knows whether there is one.
        if ((thrown as { constraint?: string }).constraint !== OF_A_PERSON) throw thrown
        return err({ code: 'unknown_person' })
      }
    },

    async emergencyAccesses(tenant, user) {
      const rows = await database.query<Row>(
        `select ${VIEW} from emergency_accesses
          where tenant_id = $1 and ($2::uuid is null or user_id = $2)
          order by granted_at desc limit ${MOST_SHOWN}`,
        [tenant, user ?? null],
      )
      return rows.map(viewOf)
    },

    async emergenciesWaiting(tenant) {
      const [row] = await database.query<{ n: number }>(
        'select count(*)::int as n from emergency_accesses where tenant_id = $1 and acknowledged_at is null',
        [tenant],
      )
      return row?.n ?? 0
    },

    endEmergency: (by, id) =>
      database.transaction(async (sql) => {
        const [row] = await sql.query<Row>(
          `update emergency_accesses
              set ended_at = coalesce(ended_at, now()), ended_by = coalesce(ended_by, $3)
            where tenant_id = $1 and id = $2 and (user_id = $4 or $5) returning ${VIEW}`,
          [by.tenant, id, by.name, by.user, by.role === 'supervisor'],
        )
        if (!row) return err({ code: 'unknown_emergency' })
        await logAccess(sql, by, 'end emergency access', row.person)
        return ok(viewOf(row))
      }),

    acknowledgeEmergency: (by, id, note) =>
      database.transaction(async (sql) => {
        const [known] = await sql.query<{ user: string }>(
          'select user_id as user from emergency_accesses where tenant_id = $1 and id = $2 for update',
          [by.tenant, id],
        )
        if (!known) return err({ code: 'unknown_emergency' })
        if (known.user === by.user) return err({ code: 'own_emergency' })
        const [row] = await sql.query<Row>(
          `update emergency_accesses
              set acknowledged_at = coalesce(acknowledged_at, now()),
                  acknowledged_by = coalesce(acknowledged_by, $3), note = coalesce(note, $4)
            where tenant_id = $1 and id = $2 returning ${VIEW}`,
          [by.tenant, id, by.name, note],
        )
        if (!row) return err({ code: 'unknown_emergency' })
        await logAccess(sql, by, 'acknowledge emergency access', row.person)
        return ok(viewOf(row))
      }),
  }
}

/**
 * The actor with what emergencies have opened: one more person each, beside what the scope shows. A scope that
 * narrows nothing stays as it is: with a person named, it would narrow.
 */
export function withOpened(actor: Actor, opened: readonly string[]): Actor {
  if (opened.length === 0) return actor
  const { scope = {} } = actor
  const narrowed = Object.values(scope).some((names) => names !== undefined && names.length > 0)
  if (!narrowed) return { ...actor, emergency: opened }
  const persons = [...(scope.persons ?? []), ...opened.map((person) => ({ person }))]
  return { ...actor, scope: { ...scope, persons }, emergency: opened }
}

/**
 * An action as the access log names it: a look at somebody whose file an emergency has opened says so, whether it
 * names the person, or a bill, a settlement or a statement of theirs.
 */
export async function markEmergency(
  sql: Sql,
  { tenant, emergency = [] }: Actor,
  action: string,
  subject: string,
): Promise<string> {
  if (emergency.length === 0) return action
  const [row] = await sql.query<{ marked: boolean }>(
    `select $2::text[] && $3::text[]
         or exists (select 1 from bills
              where tenant_id = $1 and person_id = any($3) and id = any($2))
         or exists (select 1 from settlements
              where tenant_id = $1 and person_id = any($3) and id::text = any($2))
         or exists (select 1 from replays
              where tenant_id = $1 and person_id = any($3) and id::text = any($2)) as marked`,
    [tenant, subject.split(' '), emergency],
  )
  return row?.marked ? inEmergency(action) : action
}

// --- rows ----------------------------------------------------------------------------------------

type Row = Omit<EmergencyAccess, 'ended' | 'acknowledged'> & {
  readonly ended_at: string | null
  readonly ended_by: string
  readonly acknowledged_at: string | null
  readonly acknowledged_by: string
  readonly note: string | null
}

const LIVE = 'ended_at is null and expires_at > now()'
const VIEW = `id, user_id as user, user_name as "userName", person_id as person, category, reason,
  ${instant('granted_at')} as "grantedAt", ${instant('expires_at')} as "expiresAt", ${LIVE} as live,
  ${instant('ended_at')} as ended_at, ended_by, ${instant('acknowledged_at')} as acknowledged_at,
  acknowledged_by, note`

const viewOf = ({ ended_at, ended_by, acknowledged_at, acknowledged_by, note, ...row }: Row) => ({
  ...row,
  ...(ended_at ? { ended: { at: ended_at, by: ended_by } } : {}),
  ...(acknowledged_at
    ? { acknowledged: { at: acknowledged_at, by: acknowledged_by, note: note ?? '' } }
    : {}),
})
