import { randomUUID } from 'node:crypto'
import { err, ok, type Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import { DOOR, type Guarded, type Sql } from '#platform/database.ts'
import { faultOf } from '#platform/problem.ts'
import { tenantsOf } from '#platform/tenants.ts'
import * as store from './store.ts'
import type { Progress, RunFault, ScenarioContent, Whatif, YearSettled } from './types.ts'

export type ScenarioRefusal =
  | { readonly code: 'unknown_scenario' | 'not_your_scenario' | 'idempotency_key_reused' }
  | { readonly code: 'unknown_scenario_run' | 'scenario_run_open' | 'scenario_run_over' }
  /** The draft cannot be read, or changes what is not there. */
  | ({ readonly code: 'draft_refused' } & DraftFault)

/** What a draft says, once it was read. */
export type DraftRead = {
  readonly title: { readonly zh: string; readonly en: string }
  readonly changes: number
  readonly unknown:
    | { readonly from: number; readonly to: number; readonly step: number }
    | undefined
}
export type DraftFault = { readonly line: number; readonly zh: string; readonly en: string }

/** The rules of a tenant as files, with their version. */
export type RuleFiles = {
  readonly version: number
  readonly files: Readonly<Record<string, string>>
}

/** One run as whoever carries it out is asked for it. It goes on where an earlier try of the same was stopped. */
export type RunAsked = {
  readonly tenant: string
  readonly id: string
  readonly content: ScenarioContent
  readonly rules: RuleFiles
}
export type RunCame =
  | { readonly report: Whatif; readonly settled: YearSettled | undefined; readonly paper: Buffer }
  | { readonly fault: RunFault }

/** Carries runs out beside the requests. */
export type Runner = {
  /** Ends with the signal, and then answers nothing. */
  run(
    asked: RunAsked,
    told: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<RunCame | undefined>
  /** Takes away whatever a run left on the disk. */
  forget(run: string): Promise<void>
  /** Runs of which something is left on the disk. */
  left(): Promise<readonly string[]>
}

type Answered<T> = Promise<Result<T, ScenarioRefusal>>
type ById = { readonly id: string }

const TAKEN_EVERY_MS = 2_000
const SIGN_EVERY_MS = 1_000
const MOST_ATTEMPTS = 3
const STOPPED: RunFault = {
  zh: '推演三次都未能完成：程序在中途停止',
  en: 'the program stopped in the middle of it three times',
}
const BROKEN: RunFault = {
  zh: '推演因内部错误中断；请把草案和数据选择报告给维护者',
  en: 'a fault inside ended it; please report the draft and the choice of data',
}

export type ScenarioService = ReturnType<typeof createScenarioService>

/**
 * Scenarios, and their runs. A scenario is its owner's: others of the tenant read it where it is shared. A run waits in
 * the database until a server takes it; one that died is taken up again by the next.
 */
export function createScenarioService({
  database,
  runner: carrier,
  rulesOf,
  readDraft,
}: {
  readonly database: Guarded
  readonly runner: Runner
  /** The rules in force, or those of a version. */
  rulesOf(tenant: string, version?: number): Promise<RuleFiles>
  readDraft(text: string, files: RuleFiles['files']): Result<DraftRead, DraftFault>
}) {
  const runner = randomUUID()
  const worker = (tenant: string) => database.as({ tenant, role: 'system' })
  const command = changesIn<ScenarioRefusal>(database)
  let stopping = false
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let atWork: { readonly run: string; readonly stop: AbortController } | undefined

  // --- scenarios ----------------------------------------------------------------------------------

  const seen = ({ owner, ...row }: store.ScenarioRow, actor: Actor) => ({
    ...row,
    mine: owner === actor.user,
  })

  const list = async (actor: Actor) =>
    (await store.listScenarios(database.as(actor), actor.tenant, actor.user)).map((row) =>
      seen(row, actor),
    )

  async function one(actor: Actor, id: string) {
    const sql = database.as(actor)
    const row = await store.findScenario(sql, actor.tenant, actor.user, id)
    if (!row) return err({ code: 'unknown_scenario' } as const)
    const runs = await store.listRuns(sql, actor.tenant, id)
    return ok({
      ...seen(row, actor),
      runs: runs.map(({ report, settled, content, ...run }) => ({
        ...run,
        hash: report?.hash,
      })),
    })
  }

  async function check(actor: Actor, draft: string): Answered<DraftRead> {
    const { files } = await rulesOf(actor.tenant)
    const read = readDraft(draft, files)
    return read.ok ? read : err({ code: 'draft_refused', ...read.error })
  }

  async function create(actor: Actor, key: string, content: ScenarioContent): Answered<ById> {
    return command(actor, key, ['create scenario', content.name, content], async (sql) => {
      const id = randomUUID()
      await store.insertScenario(sql, actor.tenant, id, actor, content)
      return ok({ id })
    })
  }

  async function copy(actor: Actor, key: string, id: string, name: string): Answered<ById> {
    return command(actor, key, ['copy scenario', id, name], async (sql) => {
      const row = await store.findScenario(sql, actor.tenant, actor.user, id)
      if (!row) return err({ code: 'unknown_scenario' })
      const made = randomUUID()
      await store.insertScenario(sql, actor.tenant, made, actor, { ...row, name })
      return ok({ id: made })
    })
  }

  async function change(
    actor: Actor,
    key: string,
    id: string,
    content: ScenarioContent & { readonly shared: boolean },
  ): Answered<ById> {
    return command(actor, key, ['change scenario', id, content], async (sql) => {
      const own = await lockOwn(sql, actor, id)
      if (!own.ok) return own
      await store.updateScenario(sql, actor.tenant, id, content)
      return ok({ id })
    })
  }

  /** With its runs. One that is under way is stopped. */
  async function remove(actor: Actor, key: string, id: string): Answered<ById> {
    return command(actor, key, ['delete scenario', id], async (sql) => {
      const own = await lockOwn(sql, actor, id)
      if (!own.ok) return own
      await store.deleteScenario(sql, actor.tenant, id)
      return ok({ id })
    })
  }

  async function lockOwn(sql: Sql, actor: Actor, id: string): Answered<store.ScenarioRow> {
    const row = await store.findScenario(sql, actor.tenant, actor.user, id, 'for update of s')
    if (!row) return err({ code: 'unknown_scenario' })
    return row.owner === actor.user ? ok(row) : err({ code: 'not_your_scenario' })
  }

  // --- runs ---------------------------------------------------------------------------------------

  /** Has a scenario run, as it is now. Its draft has to be readable under the rules in force. */
  async function run(actor: Actor, key: string, id: string): Answered<ById> {
    const { files } = await rulesOf(actor.tenant)
    const done = await command(actor, key, ['run scenario', id], async (sql) => {
      const own = await lockOwn(sql, actor, id)
      if (!own.ok) return own
      if (await store.openRun(sql, actor.tenant, id)) return err({ code: 'scenario_run_open' })
      const read = readDraft(own.value.draft, files)
      if (!read.ok) return err({ code: 'draft_refused', ...read.error })
      const made = randomUUID()
      await store.insertRun(sql, actor.tenant, own.value, { id: made, by: actor.name })
      return ok({ id: made })
    })
    if (done.ok) work()
    return done
  }

  async function cancel(actor: Actor, key: string, id: string, run: string): Answered<ById> {
    const done = await command(actor, key, ['cancel scenario', id, run], async (sql) => {
      const own = await lockOwn(sql, actor, id)
      if (!own.ok) return own
      if (!(await store.findRun(sql, actor.tenant, id, run)))
        return err({ code: 'unknown_scenario_run' })
      if (!(await store.cancelRun(sql, actor.tenant, id, run)))
        return err({ code: 'scenario_run_over' })
      return ok({ id: run })
    })
    if (done.ok && atWork?.run === run) atWork.stop.abort()
    return done
  }

  async function runOf(actor: Actor, id: string, run: string): Answered<store.RunRow> {
    const sql = database.as(actor)
    const row = await store.findScenario(sql, actor.tenant, actor.user, id)
    const found = row && (await store.findRun(sql, actor.tenant, id, run))
    return found ? ok(found) : err({ code: 'unknown_scenario_run' })
  }

  async function paper(actor: Actor, id: string, run: string): Answered<Buffer> {
    const found = await runOf(actor, id, run)
    if (!found.ok) return found
    const bytes = await store.findPaper(database.as(actor), actor.tenant, id, run)
    return bytes ? ok(bytes) : err({ code: 'unknown_scenario_run' })
  }

  // --- the worker ---------------------------------------------------------------------------------

  /** Takes up whatever waits, now and every two seconds: also what another server left lying. */
  function start(): void {
    timer = setInterval(work, TAKEN_EVERY_MS)
    timer.unref()
    working = sweep()
      .catch(() => {})
      .finally(() => {
        working = undefined
        work()
      })
  }

  /** What is left of runs that nobody goes on with holds persons: it is taken away. */
  async function sweep(): Promise<void> {
    const left = await carrier.left()
    if (left.length === 0) return
    const open = new Set<string>()
    for (const tenant of await tenantsOf(database.as(DOOR)))
      for (const id of await store.openRuns(worker(tenant), tenant)) open.add(id)
    for (const id of left) if (!open.has(id)) await carrier.forget(id)
  }

  function work(): void {
    if (timer === undefined || stopping || working) return
    working = workOff()
      // The database may be away; the next tick asks again.
      .then(() => {})
      .catch(() => {})
      .finally(() => {
        working = undefined
      })
  }

  /** Carries out whatever waits, one run after another, and says how many that were. */
  async function workOff(): Promise<number> {
    for (let done = 0; ; done++) {
      const taken = stopping ? undefined : await takeRun()
      if (!taken) return done
      await carryOut(taken)
    }
  }

  async function takeRun(): Promise<store.TakenRun | undefined> {
    for (const tenant of await tenantsOf(database.as(DOOR))) {
      const taken = await store.takeRun(worker(tenant), tenant, runner)
      if (taken) return taken
    }
    return undefined
  }

  async function carryOut(taken: store.TakenRun): Promise<void> {
    const { tenant, id, content } = taken
    const sql = worker(tenant)
    if (taken.attempts > MOST_ATTEMPTS) {
      await carrier.forget(id)
      return await store.finishRun(sql, taken, runner, { fault: STOPPED })
    }
    const stop = new AbortController()
    atWork = { run: id, stop }
    if (stopping) stop.abort()
    let progress: Progress | undefined
    let signs: NodeJS.Timeout | undefined
    try {
      const rules = await rulesOf(tenant, taken.rules ?? undefined)
      const sign = async () => {
        const ours = await store.keepRun(sql, taken, runner, { progress, rules: rules.version })
        if (!ours) stop.abort()
      }
      await sign()
      // A database that is away comes back; where it does not in time, somebody else takes the run.
      signs = setInterval(() => void sign().catch(() => {}), SIGN_EVERY_MS)
      const came = await carrier.run(
        { tenant, id, content, rules },
        (next) => {
          progress = next
        },
        stop.signal,
      )
      if (came) await store.finishRun(sql, taken, runner, came)
      // Stopped with the server it goes on from here; cancelled, nothing of it is left.
      if (came || !stopping) await carrier.forget(id)
      else await store.leaveRun(sql, taken, runner)
    } catch (error) {
      if (faultOf(error).code === 'unavailable') throw error
      // What it says may name a bill, so it is not kept.
      await store.finishRun(sql, taken, runner, { fault: BROKEN })
      await carrier.forget(id)
    } finally {
      clearInterval(signs)
      atWork = undefined
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    clearInterval(timer)
    atWork?.stop.abort()
    await working
  }

  return {
    ...{ list, one, check, create, copy, change, remove, run, cancel, runOf, paper },
    ...{ start, stop, workOff },
  }
}
