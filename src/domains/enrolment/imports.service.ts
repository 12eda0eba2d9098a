import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { commandOnce } from '#platform/commands.ts'
import type { Database, Sql, Transaction } from '#platform/database.ts'
import { faultOf } from '#platform/problem.ts'
import type { Secrets } from '#platform/secrets.ts'
import { readSheet, type SheetRow } from '#platform/sheet.ts'
import { SheetError } from '#platform/sheet-error.ts'
import type { Circumstances } from './enrol.ts'
import {
  importRows,
  type Known,
  type PendingRow,
  premiumKey,
  type RowFault,
} from './import-batch.ts'
import { type Columns, readHeader, readRow } from './import-row.ts'
import * as store from './imports.store.ts'
import type { Insured } from './types.ts'

export type ImportRefusal =
  | { readonly code: 'idempotency_key_reused' | 'unknown_import' | 'file_empty' }
  | { readonly code: 'import_running' | 'import_done' | 'import_failed' }

type Answer<T> = Promise<Result<T, ImportRefusal>>
type Run = NonNullable<Awaited<ReturnType<typeof store.takeRun>>>

/** An import as people follow it. */
export type ImportView = Omit<store.ImportRecord, 'lanes' | 'faults'> & {
  /** Rows that the pass under way, or the last one, has been through. */
  readonly rowsDone: number
  readonly rowsFaulty: number
  readonly outcome: Omit<store.LaneRow, 'pass' | 'lane' | 'finished'>
}

export type ImportService = ReturnType<typeof createImportService>

const PIECE_BYTES = 1024 * 1024
/** Rows that are read, or carried out, between two signs of life. */
const BATCH = 10_000
/** The digests of persons are evenly spread, so halves of their range are halves of the work. */
const HALF = Buffer.of(0x80)
const NOTHING = Buffer.alloc(0)
const TAKEN_EVERY_MS = 2_000
const SIGN_EVERY_MS = 2_000

/**
 * Imports of enrolments. A file is received whole and sealed, then read, then carried out in batches, each
 * of them one transaction that also says how far it is: whoever goes on after a stop or a crash goes on
 * from there, and nothing happens twice. Any server may take a run up; a lease says who has it.
 */
export function createImportService({
  database,
  today,
  bookOf,
  secrets,
}: {
  readonly database: Database
  readonly today: () => PlainDate
  readonly bookOf: (actor: Actor) => Promise<SchemeBook>
  readonly secrets: Secrets
}) {
  const runner = randomUUID()
  let stopping = false
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  // --- requests -----------------------------------------------------------------------------------

  /** Keeps a file, sealed and in pieces. Nothing of it is read yet. */
  async function receive(
    actor: Actor,
    name: string,
    content: AsyncIterable<Buffer>,
  ): Answer<{ readonly id: string }> {
    const { tenant } = actor
    await store.deleteBroken(database, tenant)
    const id = await store.insertImport(database, tenant, { name, author: actor.name })
    const hash = createHash('sha256')
    let bytes = 0
    let no = 0
    for await (const piece of inPieces(content)) {
      hash.update(piece)
      bytes += piece.length
      await store.insertPiece(database, tenant, id, no++, secrets.sealBytes(piece))
    }
    if (bytes === 0) return err({ code: 'file_empty' })
    await database.transaction(async (sql) => {
      await store.markReceived(sql, tenant, id, { bytes, sha256: hash.digest('hex') })
      await logAccess(sql, actor, 'receive import', id)
    })
    return ok({ id })
  }

  /** Has an import checked, or carried out: the good rows, or all of them or none. */
  async function run(
    actor: Actor,
    key: string,
    id: string,
    mode: store.ImportMode,
  ): Answer<{ readonly id: string }> {
    const { tenant } = actor
    const request = ['run import', id, mode]
    const done = await commandOnce(
      database,
      { tenant, key, request },
      async (sql): Answer<{ id: string }> => {
        const found = await store.lockImport(sql, tenant, id)
        if (!found || found.state === 'receiving') return err({ code: 'unknown_import' })
        if (found.state === 'running') return err({ code: 'import_running' })
        if (found.state === 'done') return err({ code: 'import_done' })
        if (found.state === 'failed') return err({ code: 'import_failed' })
        await store.startRun(sql, tenant, id, mode)
        await logAccess(sql, actor, `${mode} import`, id)
        return ok({ id })
      },
    )
    if (!done.ok) return done
    work()
    return ok(done.value.answer)
  }

  async function view({ tenant }: Actor, id: string): Answer<ImportView> {
    const found = await store.findImport(database, tenant, id)
    return found ? ok(viewOf(found)) : err({ code: 'unknown_import' })
  }

  const list = async ({ tenant }: Actor): Promise<ImportView[]> =>
    (await store.listImports(database, tenant, 50)).map(viewOf)

  /** Every fault of an import, in the order of the file, as they are asked for. */
  async function* faults({ tenant }: Actor, id: string): AsyncGenerator<store.FaultRow> {
    let after = { line: 0, pass: '', no: 0 }
    for (;;) {
      const rows = await store.listFaults(database, tenant, id, after, 1_000)
      yield* rows
      const last = rows.at(-1)
      if (!last) return
      after = last
    }
  }

  // --- the worker ---------------------------------------------------------------------------------

  /** Takes up whatever waits, now and every two seconds: also what another server left lying. */
  function start(): void {
    timer = setInterval(work, TAKEN_EVERY_MS)
    timer.unref()
    work()
  }

  function work(): void {
    if (stopping || working) return
    working = untilNothingWaits()
      // The database may be away; the next tick asks again.
      .catch(() => {})
      .finally(() => {
        working = undefined
      })
  }

  async function untilNothingWaits(): Promise<void> {
    for (;;) {
      if (stopping) return
      const taken = await store.takeRun(database, runner)
      if (!taken) return
      try {
        await carryOut(taken)
      } finally {
        await store.leaveRun(database, taken.tenant, taken.id, runner)
      }
    }
  }

  /** Stops between two batches. What is left is taken up again by the next server, or the next start. */
  async function stop(): Promise<void> {
    stopping = true
    clearInterval(timer)
    await working
  }

  async function carryOut(taken: Run): Promise<void> {
    const { tenant, id, mode } = taken
    const actor: Actor = { tenant, user: '', name: taken.author, role: 'handler' }
    const progress = { rows: 0 }
    const signs = signsOfLife(() => store.keepRun(database, tenant, id, runner, progress.rows))
    try {
      const book = await bookOf(actor)
      if (taken.rowsTotal === null) {
        const failure = await read(taken, book, progress)
        if (failure) return await store.finishRun(database, tenant, id, 'failed', failure)
      }
      if (mode !== 'good' && !(await pass(taken, book, 'check'))) return
      const faulty = mode === 'all' && (await store.countFaults(database, tenant, id)) > 0
      if (mode === 'check' || faulty)
        return await store.finishRun(database, tenant, id, 'checked', null)
      if (mode === 'all') {
        if (!(await applyAll(taken, book))) return
      } else if (!(await pass(taken, book, 'apply'))) return
      await store.finishRun(database, tenant, id, 'done', null)
      await store.deleteContents(database, tenant, id)
    } catch (error) {
      if (error instanceof Interrupted) return
      // A database that is away comes back, and the run goes on; what nobody foresaw would come again each time.
      if (faultOf(error).code === 'unavailable') throw error
      const failure = { code: 'import_broke', facts: {} }
      await store.finishRun(database, tenant, id, 'failed', failure)
    } finally {
      signs.end()
    }
  }

  // --- reading ------------------------------------------------------------------------------------

  /** Reads a file into rows ordered by person. Answers with what makes the whole file unreadable. */
  async function read(
    { tenant, id }: Run,
    book: SchemeBook,
    progress: { rows: number },
  ): Promise<store.ImportRecord['failure'] | undefined> {
    try {
      await database.transaction(async (sql) => {
        await store.deleteReadFaults(sql, tenant, id)
        const faults: RowFault[] = []
        await store.copyRows(sql, tenant, id, rowsOf({ tenant, id }, book, progress, faults))
        // Not held before: reading takes long, and the signs of life change the same row.
        if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
        // COPY has the connection to itself, so what is wrong is written after it.
        for (let i = 0; i < faults.length; i += BATCH)
          await store.insertFaults(sql, tenant, id, 'read', faults.slice(i, i + BATCH))
        await store.setRowsTotal(sql, tenant, id, progress.rows)
      })
      return undefined
    } catch (error) {
      if (error instanceof BadHeader) return error.failure
      if (error instanceof SheetError) {
        const { code, line = null, what, remedy } = error
        return { code, facts: { line, what, remedy } }
      }
      throw error
    }
  }

  async function* rowsOf(
    { tenant, id }: Pick<Run, 'tenant' | 'id'>,
    book: SchemeBook,
    progress: { rows: number },
    faults: RowFault[],
  ): AsyncGenerator<readonly store.ReadRow[]> {
    let columns: Columns | undefined
    let batch: store.ReadRow[] = []
    const day = today()
    for await (const { line, cells } of sheetOf(tenant, id)) {
      if (!columns) {
        const header = readHeader(cells, book.vocabulary)
        if (!header.ok) {
          const { code, ...facts } = header.error
          throw new BadHeader({ code, facts })
        }
        columns = header.value
        continue
      }
      progress.rows++
      const row = readRow(cells, columns, day)
      if (!row.ok) for (const fault of row.error) faults.push({ line, ...fault })
      else {
        const { idNumber } = row.value
        const digest = secrets.digest(`id ${idNumber}`)
        batch.push({ digest, line, idSealed: secrets.seal(idNumber), row: row.value })
      }
      if (progress.rows % BATCH > 0) continue
      yield batch
      batch = []
      if (stopping) throw new Interrupted()
    }
    if (!columns) throw new BadHeader({ code: 'file_empty', facts: {} })
    yield batch
  }

  const sheetOf = (tenant: string, id: string): AsyncIterable<SheetRow> =>
    readSheet(Readable.from(pieces(tenant, id)))

  async function* pieces(tenant: string, id: string): AsyncGenerator<Buffer> {
    for (let no = 0; ; no++) {
      const sealed = await store.findPiece(database, tenant, id, no)
      if (!sealed) return
      yield secrets.openBytes(sealed)
    }
  }

  // --- carrying out -------------------------------------------------------------------------------

  /** One pass over the file in two lanes. False where it was interrupted. */
  async function pass(taken: Run, book: SchemeBook, what: 'check' | 'apply'): Promise<boolean> {
    const { tenant, id } = taken
    const lanes = await store.lanesOf(database, tenant, id, what, [NOTHING, HALF])
    const done = await Promise.all(
      lanes.map(async (lane) => {
        let after = lane.digest
        for (let finished = lane.finished; !finished; ) {
          if (stopping) return false
          const next = await database.transaction(async (sql) => {
            if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
            return batchOf(sql, taken, book, what, { ...lane, after })
          })
          if (next) after = next
          else finished = true
        }
        return true
      }),
    )
    return done.every(Boolean)
  }

  /** The whole file in one transaction: a row that is refused now undoes it all. */
  async function applyAll(taken: Run, book: SchemeBook): Promise<boolean> {
    const { tenant, id } = taken
    try {
      await database.transaction(async (sql) => {
        const [lane] = await store.lanesOf(sql, tenant, id, 'apply', [NOTHING])
        for (let after: Buffer | undefined; lane; ) {
          if (stopping) throw new Interrupted()
          after = await batchOf(sql, taken, book, 'apply', { ...lane, after })
          if (!after) break
        }
        if ((await store.countFaults(sql, tenant, id)) > 0) throw new FaultyAfterAll()
        if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
      })
      return true
    } catch (error) {
      if (!(error instanceof FaultyAfterAll)) throw error
      // Something changed between the check and now: it is checked again, and shown.
      await database.transaction((sql) => store.startRun(sql, tenant, id, 'check'))
      return false
    }
  }

  /** The next persons of a lane. Answers with how far it is now; undefined at the end. */
  async function batchOf(
    sql: Transaction,
    { tenant, id }: Run,
    book: SchemeBook,
    what: 'check' | 'apply',
    lane: Pick<store.Lane, 'lane' | 'first' | 'beyond'> & { readonly after: Buffer | undefined },
  ): Promise<Buffer | undefined> {
    await store.lookUpByKey(sql)
    const rows = await store.nextRows(sql, tenant, id, lane, BATCH)
    const last = rows.at(-1)
    if (!last) {
      await store.finishLane(sql, tenant, id, what, lane.lane)
      return undefined
    }
    const groups = groupByDigest(rows)
    const decided = await decide(sql, tenant, groups, book, what === 'apply')
    if (what === 'apply') await store.saveBatch(sql, tenant, id, decided.batch)
    await store.insertFaults(sql, tenant, id, what, decided.faults)
    await store.advanceLane(sql, tenant, id, what, lane.lane, {
      digest: last.digest,
      ...decided.counts,
      refused: new Set(decided.faults.map(({ line }) => line)).size,
    })
    return last.digest
  }

  async function decide(
    sql: Sql,
    tenant: string,
    groups: ReadonlyMap<string, readonly store.StagedRow[]>,
    book: SchemeBook,
    lock: boolean,
  ) {
    const firsts = [...groups.values()].map(([first]) => (first as store.StagedRow).digest)
    const persons = await store.personsOf(sql, tenant, firsts, lock)
    const ids = persons.map(({ id }) => id)
    const history = await historyByPerson(sql, tenant, ids)
    const employers = [...groups.values()].flat().flatMap(({ body }) => body.employer ?? [])
    const roster = await store.rostersOf(sql, tenant, [...new Set(employers)], ids)
    const known = new Map(persons.map((person) => [person.digest.toString('hex'), person]))
    const numbers = await store.takePersonNumbers(sql, lock ? groups.size - known.size : 0)
    const counts = { personsNew: 0, added: 0, changed: 0, unchanged: 0 }
    const faults: RowFault[] = []
    const batch = {
      persons: [] as store.NewPerson[],
      bodies: [] as Parameters<typeof store.saveBatch>[3]['bodies'][number][],
      memberships: [] as Parameters<typeof store.saveBatch>[3]['memberships'][number][],
      premiums: [] as Parameters<typeof store.saveBatch>[3]['premiums'][number][],
    }
    const day = today()
    for (const [digest, staged] of groups) {
      const person = known.get(digest)
      const [first] = staged as [store.StagedRow]
      const personId = person?.id ?? numbers.pop() ?? ''
      const circumstances = {
        kindOf: (scheme: string) => book.schemes.get(scheme)?.kind,
        vocabulary: book.vocabulary,
        today: day,
        onRoster: onRosterOf(roster, personId),
      }
      const before = knownOf(personId, first, person, history.get(personId))
      const pending = staged.map(
        ({ line, body }): PendingRow => ({ line, row: { ...body, idNumber: '' } }),
      )
      const done = importRows(pending, before, circumstances)
      faults.push(...done.faults)
      counts.added += done.counts.added
      counts.changed += done.counts.changed
      counts.unchanged += done.counts.unchanged
      if (done.counts.added + done.counts.changed === 0) continue
      if (person) batch.bodies.push(done.body)
      else {
        counts.personsNew++
        const { name, sex } = first.body
        const { idSealed, digest: idDigest } = first
        batch.persons.push({ body: done.body, name, sex, idSealed, idDigest })
      }
      for (const membership of done.memberships)
        batch.memberships.push({ person: personId, ...membership })
      for (const premium of done.premiums) batch.premiums.push({ person: personId, ...premium })
    }
    return { batch, counts, faults }
  }

  return { receive, run, view, list, faults, start, stop }
}

// --- parts ---------------------------------------------------------------------------------------

/** The server stops, or another has taken over: what was done stays done, and the rest waits. */
class Interrupted extends Error {}
class FaultyAfterAll extends Error {}
class BadHeader extends Error {
  readonly failure: NonNullable<store.ImportRecord['failure']>
  constructor(failure: NonNullable<store.ImportRecord['failure']>) {
    super(failure.code)
    this.failure = failure
  }
}

/** Gives a sign every few seconds, one at a time: a database that is slow is not asked twice at once. */
function signsOfLife(sign: () => Promise<unknown>): { end(): void } {
  let waiting = false
  const timer = setInterval(() => {
    if (waiting) return
    waiting = true
    void sign()
      .catch(() => {})
      .finally(() => {
        waiting = false
      })
  }, SIGN_EVERY_MS)
  return { end: () => clearInterval(timer) }
}

async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const chunk of content) {
    held.push(chunk)
    size += chunk.length
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(held)
    held = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(held)
}

function groupByDigest(rows: readonly store.StagedRow[]): Map<string, store.StagedRow[]> {
  const groups = new Map<string, store.StagedRow[]>()
  for (const row of rows) {
    const digest = row.digest.toString('hex')
    const group = groups.get(digest)
    if (group) group.push(row)
    else groups.set(digest, [row])
  }
  return groups
}

type PersonHistory = Pick<Insured, 'memberships' | 'statuses' | 'repairs' | 'conditions'> & {
  readonly premiums: Known['premiums']
}

async function historyByPerson(
  sql: Sql,
  tenant: string,
  persons: readonly string[],
): Promise<Map<string, PersonHistory>> {
  const { memberships, statuses, repairs, conditions, premiums } = await store.historyOf(
    sql,
    tenant,
    persons,
  )
  const of = { memberships: byPerson(memberships), statuses: byPerson(statuses) }
  const more = { repairs: byPerson(repairs), conditions: byPerson(conditions) }
  const paid = byPerson(premiums)
  return new Map(
    persons.map((person) => [
      person,
      {
        memberships: of.memberships.get(person) ?? [],
        statuses: of.statuses.get(person) ?? [],
        repairs: more.repairs.get(person) ?? [],
        conditions: more.conditions.get(person) ?? [],
        premiums: new Map(
          (paid.get(person) ?? []).map((each) => [
            premiumKey(each.scheme, each.from, each.payer),
            each,
          ]),
        ),
      },
    ]),
  )
}

function byPerson<T extends { readonly person: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.person)
    if (group) group.push(row)
    else groups.set(row.person, [row])
  }
  return groups
}

const EMPTY: PersonHistory = {
  memberships: [],
  statuses: [],
  repairs: [],
  conditions: [],
  premiums: new Map(),
}

function knownOf(
  id: string,
  { body }: store.StagedRow,
  person: store.BatchPerson | undefined,
  history: PersonHistory = EMPTY,
): Known {
  const { premiums, ...lists } = history
  return {
    known: person !== undefined,
    name: person?.name ?? null,
    mergedInto: person?.mergedInto ?? undefined,
    insured: {
      id,
      born: person?.born ?? body.born,
      died: person?.died ?? undefined,
      registrations: person?.registrations ?? undefined,
      certificates: person?.certificates ?? undefined,
      ...lists,
    },
    premiums,
  }
}

function onRosterOf(
  { employers, rosters }: Awaited<ReturnType<typeof store.rostersOf>>,
  person: string,
): Circumstances['onRoster'] {
  return (employer, on) =>
    employers.includes(employer)
      ? rosters.some(
          (each) =>
            each.employer === employer &&
            each.person === person &&
            each.from <= on &&
            on <= (each.until ?? '9999-12-31'),
        )
      : undefined
}

function viewOf({ lanes, faults, ...record }: store.ImportRecord): ImportView {
  const shown = lanes.some(({ pass }) => pass === 'apply') ? 'apply' : 'check'
  const sum = { personsNew: 0, added: 0, changed: 0, unchanged: 0, refused: 0 }
  for (const lane of lanes.filter(({ pass }) => pass === shown)) {
    sum.personsNew += lane.personsNew
    sum.added += lane.added
    sum.changed += lane.changed
    sum.unchanged += lane.unchanged
    sum.refused += lane.refused
  }
  const { added, changed, unchanged, refused } = sum
  const readFaulty = faults - refused
  const begun = lanes.length > 0
  return {
    ...record,
    rowsFaulty: faults,
    rowsDone: begun ? added + changed + unchanged + refused + Math.max(0, readFaulty) : 0,
    outcome: sum,
  }
}
