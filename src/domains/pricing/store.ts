import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { Progress, RunFault, RunState, ScenarioContent, Whatif, YearSettled } from './types.ts'

// --- scenarios -----------------------------------------------------------------------------------

export type ScenarioRow = ScenarioContent & {
  readonly id: string
  readonly owner: string
  readonly ownerName: string
  readonly shared: boolean
  readonly version: number
  readonly changedAt: string
  /** The newest run, and what came of it. */
  readonly run: string | null
  readonly runState: RunState | null
}

const SCENARIO = `s.id, s.name, s.owner, s.owner_name as "ownerName", s.shared, s.draft, s.data, s.assumptions, s.version,
  ${MOMENT('s.changed_at')} as "changedAt", r.id as run, r.state as "runState"`
const NEWEST_RUN = `left join lateral (select r.id, r.state from scenario_runs r
   where r.tenant_id = s.tenant_id and r.scenario_id = s.id order by r.at desc limit 1) r on true`

/** One's own and those that are shared, the last changed first. */
export async function listScenarios(
  sql: Sql,
  tenant: string,
  owner: string,
): Promise<ScenarioRow[]> {
  return sql.query<ScenarioRow>(
    `select ${SCENARIO} from scenarios s ${NEWEST_RUN}
      where s.tenant_id = $1 and (s.owner = $2 or s.shared) order by s.changed_at desc, s.id limit 200`,
    [tenant, owner],
  )
}

export async function findScenario(
  sql: Sql,
  tenant: string,
  owner: string,
  id: string,
  lock: '' | 'for update of s' = '',
): Promise<ScenarioRow | undefined> {
  const [row] = await sql.query<ScenarioRow>(
    `select ${SCENARIO} from scenarios s ${NEWEST_RUN}
      where s.tenant_id = $1 and s.id = $3 and (s.owner = $2 or s.shared) ${lock}`,
    [tenant, owner, id],
  )
  return row
}

export async function insertScenario(
  sql: Sql,
  tenant: string,
  id: string,
  owner: { readonly user: string; readonly name: string },
  { name, draft, data, assumptions }: ScenarioContent,
): Promise<void> {
  await sql.query(
    `insert into scenarios (tenant_id, id, name, owner, owner_name, draft, data, assumptions)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tenant,
      id,
      name,
      owner.user,
      owner.name,
      draft,
      JSON.stringify(data),
      JSON.stringify(assumptions),
    ],
  )
}

export async function updateScenario(
  sql: Sql,
  tenant: string,
  id: string,
  { name, draft, data, assumptions, shared }: ScenarioContent & { readonly shared: boolean },
): Promise<void> {
  await sql.query(
    `update scenarios set name = $3, draft = $4, data = $5, assumptions = $6, shared = $7, changed_at = now(),
            version = version + case when draft = $4 and data = $5::jsonb and assumptions = $6::jsonb then 0 else 1 end
      where tenant_id = $1 and id = $2`,
    [tenant, id, name, draft, JSON.stringify(data), JSON.stringify(assumptions), shared],
  )
}

export async function deleteScenario(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query('delete from scenario_runs where tenant_id = $1 and scenario_id = $2', [
    tenant,
    id,
  ])
  await sql.query('delete from scenarios where tenant_id = $1 and id = $2', [tenant, id])
}

// --- runs ----------------------------------------------------------------------------------------

export type RunRow = {
  readonly id: string
  readonly state: RunState
  readonly content: ScenarioContent
  readonly scenarioVersion: number
  readonly askedBy: string
  readonly rules: number | null
  readonly progress: Progress | null
  readonly report: Whatif | null
  readonly settled: YearSettled | null
  readonly fault: RunFault | null
  readonly at: string
  /** Seconds since it was begun, or that it took. */
  readonly seconds: number | null
  /** How many wait before it. */
  readonly before: number
}

const RUN = `r.id, r.state, r.content, r.scenario_version as "scenarioVersion", r.asked_by as "askedBy", r.rules_version as rules,
  r.progress, r.report, r.settled, r.fault, ${MOMENT('r.at')} as at,
  extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::float8 as seconds,
  case when r.state = 'queued' then (select count(*) from scenario_runs w where w.tenant_id = r.tenant_id
    and w.state in ('queued', 'running') and w.at < r.at) else 0 end as before`

/** Runs of one scenario, the newest first. */
export async function listRuns(sql: Sql, tenant: string, scenario: string): Promise<RunRow[]> {
  return sql.query<RunRow>(
    `select ${RUN} from scenario_runs r where r.tenant_id = $1 and r.scenario_id = $2 order by r.at desc limit 20`,
    [tenant, scenario],
  )
}

export async function findRun(
  sql: Sql,
  tenant: string,
  scenario: string,
  id: string,
): Promise<RunRow | undefined> {
  const [row] = await sql.query<RunRow>(
    `select ${RUN} from scenario_runs r where r.tenant_id = $1 and r.scenario_id = $2 and r.id = $3`,
    [tenant, scenario, id],
  )
  return row
}

export async function findPaper(
  sql: Sql,
  tenant: string,
  scenario: string,
  id: string,
): Promise<Buffer | undefined> {
  const [row] = await sql.query<{ paper: Buffer | null }>(
    'select paper from scenario_runs where tenant_id = $1 and scenario_id = $2 and id = $3',
    [tenant, scenario, id],
  )
  return row?.paper ?? undefined
}

/** A run of the scenario that has not come to its end. */
export async function openRun(
  sql: Sql,
  tenant: string,
  scenario: string,
): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>(
    `select id from scenario_runs where tenant_id = $1 and scenario_id = $2 and state in ('queued', 'running') limit 1`,
    [tenant, scenario],
  )
  return row?.id
}

export async function insertRun(
  sql: Sql,
  tenant: string,
  { id: scenario, name, draft, data, assumptions, version }: ScenarioRow,
  { id, by }: { readonly id: string; readonly by: string },
): Promise<void> {
  const content: ScenarioContent = { name, draft, data, assumptions }
  await sql.query(
    `insert into scenario_runs (tenant_id, scenario_id, id, content, scenario_version, asked_by) values ($1, $2, $3, $4, $5, $6)`,
    [tenant, scenario, id, JSON.stringify(content), version, by],
  )
}

/** False where it had come to its end. */
export async function cancelRun(
  sql: Sql,
  tenant: string,
  scenario: string,
  id: string,
): Promise<boolean> {
  const rows = await sql.query(
    `update scenario_runs set state = 'cancelled', runner = null, lease = null, progress = null, finished_at = now()
      where tenant_id = $1 and scenario_id = $2 and id = $3 and state in ('queued', 'running') returning 1`,
    [tenant, scenario, id],
  )
  return rows.length > 0
}

// --- the worker ----------------------------------------------------------------------------------

const LEASE = `interval '20 seconds'`

export type TakenRun = {
  readonly tenant: string
  readonly scenario: string
  readonly id: string
  readonly content: ScenarioContent
  readonly rules: number | null
  readonly attempts: number
}

/** Takes the oldest run that nobody works on. */
export async function takeRun(
  sql: Sql,
  tenant: string,
  runner: string,
): Promise<TakenRun | undefined> {
  const [row] = await sql.query<TakenRun>(
    `with next as materialized (
       select scenario_id, id from scenario_runs where tenant_id = $2 and state in ('queued', 'running') and (lease is null or lease < now())
        order by at limit 1 for update skip locked
     )
     update scenario_runs r set runner = $1, lease = now() + ${LEASE}, state = 'running', attempts = attempts + 1,
            started_at = coalesce(started_at, now())
       from next where r.tenant_id = $2 and r.scenario_id = next.scenario_id and r.id = next.id
      returning r.tenant_id as tenant, r.scenario_id as scenario, r.id, r.content, r.rules_version as rules, r.attempts`,
    [runner, tenant],
  )
  return row
}

/** Says that it is worked on, and how far it is. False where it is no longer ours. */
export async function keepRun(
  sql: Sql,
  { tenant, scenario, id }: TakenRun,
  runner: string,
  { progress, rules }: { readonly progress: Progress | undefined; readonly rules: number },
): Promise<boolean> {
  const rows = await sql.query(
    `update scenario_runs set lease = now() + ${LEASE}, progress = coalesce($5, progress), rules_version = $6
      where tenant_id = $1 and scenario_id = $2 and id = $3 and runner = $4 and state = 'running' returning 1`,
    [tenant, scenario, id, runner, progress ? JSON.stringify(progress) : null, rules],
  )
  return rows.length > 0
}

/** Gives a run back, for whoever is free. */
export async function leaveRun(
  sql: Sql,
  { tenant, scenario, id }: TakenRun,
  runner: string,
): Promise<void> {
  await sql.query(
    `update scenario_runs set runner = null, lease = null, attempts = attempts - 1
      where tenant_id = $1 and scenario_id = $2 and id = $3 and runner = $4 and state = 'running'`,
    [tenant, scenario, id, runner],
  )
}

export async function finishRun(
  sql: Sql,
  { tenant, scenario, id }: TakenRun,
  runner: string,
  came:
    | { readonly report: Whatif; readonly settled: YearSettled | undefined; readonly paper: Buffer }
    | { readonly fault: RunFault },
): Promise<void> {
  const [state, report, settled, paper, fault] =
    'fault' in came
      ? (['failed', null, null, null, JSON.stringify(came.fault)] as const)
      : ([
          'done',
          JSON.stringify(came.report),
          came.settled ? JSON.stringify(came.settled) : null,
          came.paper,
          null,
        ] as const)
  await sql.query(
    `update scenario_runs set state = $5, report = $6, settled = $7, paper = $8, fault = $9, runner = null, lease = null,
            progress = null, finished_at = now()
      where tenant_id = $1 and scenario_id = $2 and id = $3 and runner = $4 and state = 'running'`,
    [tenant, scenario, id, runner, state, report, settled, paper, fault],
  )
}

/** Runs of a tenant that have not come to their end. */
export async function openRuns(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select id from scenario_runs where tenant_id = $1 and state in ('queued', 'running')`,
    [tenant],
  )
  return rows.map(({ id }) => id)
}
