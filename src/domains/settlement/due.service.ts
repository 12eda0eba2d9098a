import { err, ok, type Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { commandOnce } from '#platform/commands.ts'
import { DOOR, type Guarded, type Sql } from '#platform/database.ts'
import { tenantsOf } from '#platform/tenants.ts'
import * as store from './due.store.ts'
import type { BillDifference, Moved } from './replay.ts'
import type { Cause } from './replays.service.ts'
import type { SettlementService } from './service.ts'
import { latestVersion, logAccess } from './store.ts'
import type { Payer } from './types.ts'

export type RunRefusal =
  | { readonly code: 'idempotency_key_reused' | 'unknown_run' }
  | { readonly code: 'run_open'; readonly run: string }
  | { readonly code: 'run_not_checked'; readonly state: store.RunState }
  | { readonly code: 'run_over'; readonly state: store.RunState }
  | { readonly code: 'nobody_to_replay'; readonly version: number }

/** What a run comes to: of how many persons and bills an amount changes, and both sides per payer. */
export type RunSums = {
  readonly persons: number
  readonly bills: number
  readonly refused: number
  readonly payers: Readonly<Partial<Record<Payer, Moved>>>
  readonly patient: Moved
}
const NOTHING: RunSums = {
  persons: 0,
  bills: 0,
  refused: 0,
  payers: {},
  patient: { before: 0, after: 0 },
}

export type Run = Omit<store.RunRow, 'checked' | 'applied'> & {
  readonly checked: RunSums
  readonly applied: RunSums
}

const TAKEN_EVERY_MS = 2_000

export type DueService = ReturnType<typeof createDueService>

/**
 * Works off replays that wait: of persons whose facts an import changed, and of runs by a corrected version of the
 * rules. One person is one transaction, so that whoever stops loses nothing and anybody goes on.
 */
export function createDueService({
  database,
  settlement,
}: {
  readonly database: Guarded
  readonly settlement: SettlementService
}) {
  const { decide, carryOut } = settlement.replays
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let stopping = false

  function start(): void {
    timer = setInterval(work, TAKEN_EVERY_MS)
    timer.unref()
    work()
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

  async function stop(): Promise<void> {
    stopping = true
    clearInterval(timer)
    await working
  }

  /** Works off everything that waits, and says how many persons that were. */
  async function workOff(onPerson: () => void = () => {}): Promise<number> {
    for (let done = 0; ; done++) {
      if (stopping || !(await workOne())) return done
      onPerson()
    }
  }

  /** Every tenant is asked for itself: no query sees two. */
  async function workOne(): Promise<boolean> {
    for (const tenant of await tenantsOf(database.as(DOOR)))
      if (await workOneOf(tenant)) return true
    return false
  }

  async function workOneOf(tenant: string): Promise<boolean> {
    const program = database.as({ tenant, role: 'system' })
    let taken: store.DueRow | undefined
    try {
      return await program.transaction(async (sql) => {
        taken = await store.takeDue(sql, tenant)
        if (!taken) return false
        await replayDue(sql, taken)
        await store.doneDue(sql, taken)
        if (taken.run !== store.NO_RUN) await store.goOn(sql, taken.tenant, taken.run)
        return true
      })
    } catch (thrown) {
      if (!taken) throw thrown
      const failed = taken
      await program.transaction(async (sql) => {
        await store.failDue(sql, failed, codeOf(thrown))
        if (failed.run !== store.NO_RUN) await store.goOn(sql, tenant, failed.run)
      })
      return true
    }
  }

  async function replayDue(sql: Sql, { tenant, person, run, step, cause }: store.DueRow) {
    const why = cause as Cause
    const rules = why.kind === 'rules' ? why.version : undefined
    const asked = { person, cause: why, rules, mayFall: true }
    // Rows of persons are locked before the row of a run, by whoever works.
    const actor = { tenant, user: '', name: why.kind, role: 'handler' } as const
    const carried =
      step === 'check'
        ? await decide(sql, actor, asked)
        : await carryOut(sql, { tenant, name: why.kind }, asked)
    if (!carried.ok) throw new Error(carried.error.code)
    if (run === store.NO_RUN) return
    const { differences } = 'decided' in carried.value ? carried.value.decided : carried.value
    if (differences.length === 0) return
    const row = await store.lockRun(sql, tenant, run)
    const known = (step === 'check' ? row?.checked : row?.applied) as Partial<RunSums> | undefined
    await store.addToRun(sql, tenant, run, step, added({ ...NOTHING, ...known }, differences))
  }

  /** Runs tell numbers and no person, also to whoever sees none. */
  const counting = ({ tenant }: Actor) => database.as({ tenant, role: 'system' })

  // --- runs ---------------------------------------------------------------------------------------

  const runs = async (actor: Actor): Promise<Run[]> =>
    (await store.listRuns(counting(actor), actor.tenant)).map(runOf)

  /** Begins a run by the version in force: it is checked, and changes nothing until it is started. */
  async function openRun(
    actor: Actor,
    key: string,
    reason: string,
  ): Promise<Result<{ readonly id: string }, RunRefusal>> {
    const { tenant, name } = actor
    const request = ['open run', reason]
    const done = await commandOnce(
      database,
      { actor, key, request },
      async (sql): Promise<Result<{ readonly id: string }, RunRefusal>> => {
        const rules = await latestVersion(sql, tenant)
        const open = await store.openRun(sql, tenant)
        if (open !== undefined) return err({ code: 'run_open', run: open })
        const cause = { kind: 'rules', version: rules } as const
        const id = await store.insertRun(sql, tenant, { rules, author: name, reason, cause })
        const row = await store.lockRun(sql, tenant, id)
        if (!row || row.persons === 0) return err({ code: 'nobody_to_replay', version: rules })
        await logAccess(sql, tenant, name, 'open replay run', id)
        return ok({ id })
      },
    )
    if (!done.ok) return done
    work()
    return ok(done.value.answer)
  }

  /** Carries a checked run out, or gives one up. What was carried out stays. */
  async function decideRun(
    actor: Actor,
    key: string,
    id: string,
    act: 'start' | 'cancel',
  ): Promise<Result<{ readonly id: string }, RunRefusal>> {
    const { tenant, name } = actor
    const request = ['decide run', id, act]
    const done = await commandOnce(
      database,
      { actor, key, request },
      async (sql): Promise<Result<{ readonly id: string }, RunRefusal>> => {
        const row = await store.lockRun(sql, tenant, id)
        if (!row) return err({ code: 'unknown_run' })
        const { state } = row
        if (state === 'done' || state === 'cancelled') return err({ code: 'run_over', state })
        if (act === 'start' && state !== 'checked') return err({ code: 'run_not_checked', state })
        if (act === 'start') await store.startRun(sql, tenant, id, name)
        else await store.cancelRun(sql, tenant, id)
        await logAccess(sql, tenant, name, `${act} replay run`, id)
        return ok({ id })
      },
    )
    if (!done.ok) return done
    work()
    return ok(done.value.answer)
  }

  const waiting = (actor: Actor) => store.countDue(counting(actor), actor.tenant)

  return { start, stop, workOff, runs, openRun, decideRun, waiting }
}

const runOf = (row: store.RunRow): Run => ({
  ...row,
  checked: { ...NOTHING, ...(row.checked as Partial<RunSums>) },
  applied: { ...NOTHING, ...(row.applied as Partial<RunSums>) },
})

/** One more person in the sums. */
function added(sums: RunSums, differences: readonly BillDifference[]): RunSums {
  const payers: Partial<Record<Payer, Moved>> = { ...sums.payers }
  let { patient } = sums
  const plus = (a: Moved | undefined, b: Moved): Moved => ({
    before: (a?.before ?? 0) + b.before,
    after: (a?.after ?? 0) + b.after,
  })
  for (const difference of differences) {
    for (const [payer, moved] of Object.entries(difference.payers) as [Payer, Moved][])
      payers[payer] = plus(payers[payer], moved)
    patient = plus(patient, difference.patient)
  }
  return {
    persons: sums.persons + 1,
    bills: sums.bills + differences.length,
    refused: sums.refused + differences.filter(({ refusal }) => refusal !== undefined).length,
    payers,
    patient,
  }
}

/** Why a replay failed, in a word that tells nothing of anybody. */
function codeOf(thrown: unknown): string {
  const { code, message } = thrown as { readonly code?: string; readonly message?: string }
  return (code ?? message ?? 'unknown').slice(0, 100)
}
