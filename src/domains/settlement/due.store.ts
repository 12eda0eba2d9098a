import type { Sql } from '#platform/database.ts'

export const NO_RUN = '00000000-0000-0000-0000-000000000000'

/** A replay that waits. */
export type DueRow = {
  readonly tenant: string
  readonly person: string
  readonly run: string
  readonly step: 'check' | 'apply'
  readonly cause: unknown
  readonly attempts: number
}

export type RunState = 'checking' | 'checked' | 'applying' | 'done' | 'cancelled'
export type RunRow = {
  readonly id: string
  readonly rules: number
  readonly state: RunState
  readonly persons: number
  readonly waiting: number
  readonly failed: number
  readonly checked: unknown
  readonly applied: unknown
  readonly author: string
  readonly reason: string
  readonly at: string
  readonly startedBy: string | null
}

const MOST_ATTEMPTS = 3

/** Takes the oldest replay that waits; whoever asks meanwhile gets another. */
export async function takeDue(sql: Sql, tenant: string): Promise<DueRow | undefined> {
  const [row] = await sql.query<DueRow>(
    `select tenant_id as tenant, person_id as person, run_id as run, step, cause, attempts from replays_due
      where tenant_id = $1 and step in ('check', 'apply') order by at, person_id limit 1 for update skip locked`,
    [tenant],
  )
  return row
}

/** It is done: a checked one waits to be carried out, one that was carried out is gone. */
export async function doneDue(sql: Sql, { tenant, person, run, step }: DueRow): Promise<void> {
  await sql.query(
    step === 'check'
      ? `update replays_due set step = 'checked', attempts = 0 where tenant_id = $1 and person_id = $2 and run_id = $3`
      : 'delete from replays_due where tenant_id = $1 and person_id = $2 and run_id = $3',
    [tenant, person, run],
  )
}

/** It failed: it waits behind the others, and after the last attempt for a person. */
export async function failDue(sql: Sql, row: DueRow, fault: string): Promise<void> {
  await sql.query(
    `update replays_due set attempts = attempts + 1, fault = $4, at = clock_timestamp(),
            step = case when attempts + 1 >= ${MOST_ATTEMPTS} then 'failed' else step end
      where tenant_id = $1 and person_id = $2 and run_id = $3`,
    [row.tenant, row.person, row.run, fault],
  )
}

export async function countDue(
  sql: Sql,
  tenant: string,
): Promise<{ readonly waiting: number; readonly failed: number }> {
  const [row] = await sql.query<{ waiting: number; failed: number }>(
    `select count(*) filter (where step <> 'failed') as waiting, count(*) filter (where step = 'failed') as failed
       from replays_due where tenant_id = $1 and run_id = '${NO_RUN}'`,
    [tenant],
  )
  return row ?? { waiting: 0, failed: 0 }
}

// --- runs ----------------------------------------------------------------------------------------

const RUN = `r.id, r.rules_version as rules, r.state, r.persons, r.checked, r.applied, r.author, r.reason,
  to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') as at, r.started_by as "startedBy",
  (select count(*) from replays_due d where d.tenant_id = r.tenant_id and d.run_id = r.id and d.step in ('check', 'apply')) as waiting,
  (select count(*) from replays_due d where d.tenant_id = r.tenant_id and d.run_id = r.id and d.step = 'failed') as failed`

export async function listRuns(sql: Sql, tenant: string): Promise<RunRow[]> {
  return sql.query(
    `select ${RUN} from replay_runs r where r.tenant_id = $1 order by r.at desc limit 50`,
    [tenant],
  )
}

export async function lockRun(sql: Sql, tenant: string, id: string): Promise<RunRow | undefined> {
  const [row] = await sql.query<RunRow>(
    `select ${RUN} from replay_runs r where r.tenant_id = $1 and r.id = $2 for update of r`,
    [tenant, id],
  )
  return row
}

/** Another run of the tenant that has not come to its end. */
export async function openRun(sql: Sql, tenant: string): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>(
    `select id from replay_runs where tenant_id = $1 and state in ('checking', 'checked', 'applying') limit 1`,
    [tenant],
  )
  return row?.id
}

/** A run over everybody of whom a settlement stands that was made by an older version. */
export async function insertRun(
  sql: Sql,
  tenant: string,
  {
    rules,
    author,
    reason,
    cause,
  }: { readonly rules: number; readonly cause: object } & Record<'author' | 'reason', string>,
): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `insert into replay_runs (tenant_id, rules_version, state, author, reason) values ($1, $2, 'checking', $3, $4) returning id`,
    [tenant, rules, author, reason],
  )
  const id = row?.id ?? ''
  await sql.query(
    `with due as (
       insert into replays_due (tenant_id, person_id, run_id, step, cause)
       select distinct s.tenant_id, s.person_id, $2::uuid, 'check', $4::jsonb
         from settlements s join persons p on p.tenant_id = s.tenant_id and p.id = s.person_id
        where s.tenant_id = $1 and s.state = 'settled' and s.rules_version < $3 and p.rules_since < $3
       returning 1
     )
     update replay_runs set persons = (select count(*) from due) where tenant_id = $1 and id = $2`,
    [tenant, id, rules, JSON.stringify(cause)],
  )
  return id
}

/** Adds to what a run has come to, and goes on to the next state where nobody waits any more. */
export async function addToRun(
  sql: Sql,
  tenant: string,
  id: string,
  step: 'check' | 'apply',
  sums: object,
): Promise<void> {
  const column = step === 'check' ? 'checked' : 'applied'
  await sql.query(
    `update replay_runs set ${column} = $3, changed_at = now() where tenant_id = $1 and id = $2`,
    [tenant, id, JSON.stringify(sums)],
  )
}

/**
 * The state a run has come to, where nobody waits in the present one. Whoever finishes at the same moment waits for
 * the row, and then sees that the other has finished.
 */
export async function goOn(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query('select 1 from replay_runs where tenant_id = $1 and id = $2 for update', [
    tenant,
    id,
  ])
  await sql.query(
    `update replay_runs r set state = case r.state when 'checking' then 'checked' else 'done' end, changed_at = now()
      where r.tenant_id = $1 and r.id = $2 and r.state in ('checking', 'applying')
        and not exists (select 1 from replays_due d where d.tenant_id = $1 and d.run_id = $2 and d.step in ('check', 'apply'))`,
    [tenant, id],
  )
}

export async function startRun(sql: Sql, tenant: string, id: string, user: string): Promise<void> {
  await sql.query(
    `with due as (
       update replays_due set step = 'apply', attempts = 0, at = clock_timestamp() where tenant_id = $1 and run_id = $2
     )
     update replay_runs set state = 'applying', started_by = $3, changed_at = now() where tenant_id = $1 and id = $2`,
    [tenant, id, user],
  )
}

export async function cancelRun(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query(
    `with due as (
       delete from replays_due where tenant_id = $1 and run_id = $2
     )
     update replay_runs set state = 'cancelled', changed_at = now() where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
}
