import { createHash, randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import { setImmediate as breath } from 'node:timers/promises'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Person, SchemeBook } from '#domains/settlement/index.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import { DOOR, type Guarded, type Sql, type Transaction } from '#platform/database.ts'
import { keepName } from '#platform/person-name.ts'
import { faultOf } from '#platform/problem.ts'
import type { Secrets } from '#platform/secrets.ts'
import { rowsOf, type SheetPart, sheetParts } from '#platform/sheet.ts'
import { SheetError } from '#platform/sheet-error.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { inParallel, openThreads } from '#platform/threads.ts'
import type { Circumstances } from './enrol.ts'
import {
  importRows,
  type Known,
  type PendingRow,
  premiumKey,
  type RowFault,
} from './import-batch.ts'
import { readHeader } from './import-row.ts'
import * as store from './imports.store.ts'
import { type PartRead, partReader, type Reading, textReader } from './imports.thread.ts'
import type { ImportRow, Insured } from './types.ts'

export type ImportRefusal =
  | { readonly code: 'idempotency_key_reused' | 'unknown_import' | 'file_empty' }
  | { readonly code: 'import_running' | 'import_not_running' | 'import_done' | 'import_failed' }

type Answer<T> = Promise<Result<T, ImportRefusal>>
type Run = NonNullable<Awaited<ReturnType<typeof store.takeRun>>>

/** An import as people follow it. */
export type ImportView = Omit<store.ImportRecord, 'lanes' | 'faults'> & {
  /** Rows that the pass under way, or the last one, has been through. */
  readonly rowsDone: number
  readonly rowsFaulty: number
  readonly outcome: Omit<store.LaneRow, 'pass' | 'lane'>
}

export type ImportService = ReturnType<typeof createImportService>

const PIECE_BYTES = 1024 * 1024
/** Rows that are carried out in one transaction, about. */
const BATCH = 20_000
/** Bytes of rows that are held before they are set aside. */
const HELD_BYTES = 32 * 1024 * 1024
/** The first byte of a person's digest says the bucket. Digests are evenly spread, and so are persons. */
const BUCKETS = 256
const DIGEST_BYTES = 16
/** After so many persons whoever else waits for this thread has a turn. */
const PERSONS_AT_ONCE = 500
const TRIES = 3
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
  batch = BATCH,
}: {
  readonly database: Guarded
  readonly today: () => PlainDate
  readonly bookOf: (actor: Actor) => Promise<SchemeBook>
  readonly secrets: Secrets
  readonly batch?: number
}) {
  const runner = randomUUID()
  const worker = (tenant: string) => database.as({ tenant, role: 'system' })
  const change = changesIn<ImportRefusal>(database)
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
    const asked = database.as(actor)
    await store.deleteBroken(asked, tenant)
    const id = await store.insertImport(asked, tenant, { name, author: actor.name })
    const hash = createHash('sha256')
    let bytes = 0
    let no = 0
    for await (const piece of inPieces(content)) {
      hash.update(piece)
      bytes += piece.length
      await store.insertPiece(asked, tenant, id, no++, secrets.sealBytes(piece))
    }
    if (bytes === 0) return err({ code: 'file_empty' })
    await asked.transaction(async (sql) => {
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
    const done = await change(
      actor,
      key,
      [`${mode} import`, id],
      async (sql): Answer<{ id: string }> => {
        const found = await store.lockImport(sql, tenant, id)
        if (!found || found.state === 'receiving') return err({ code: 'unknown_import' })
        if (found.state === 'running') return err({ code: 'import_running' })
        if (found.state === 'done') return err({ code: 'import_done' })
        if (found.state === 'failed') return err({ code: 'import_failed' })
        await store.startRun(sql, tenant, id, mode)
        return ok({ id })
      },
    )
    if (done.ok) work()
    return done
  }

  /** Stops an import that is under way. What was carried out stays; it can be run again, from its beginning. */
  async function cancel(actor: Actor, key: string, id: string): Answer<{ readonly id: string }> {
    const { tenant } = actor
    return change(actor, key, ['cancel import', id], async (sql): Answer<{ id: string }> => {
      const found = await store.lockImport(sql, tenant, id)
      if (!found || found.state === 'receiving') return err({ code: 'unknown_import' })
      if (found.state !== 'running') return err({ code: 'import_not_running' })
      await store.stopRun(sql, tenant, id)
      return ok({ id })
    })
  }

  async function view(actor: Actor, id: string): Answer<ImportView> {
    const found = await store.findImport(database.as(actor), actor.tenant, id)
    return found ? ok(viewOf(found)) : err({ code: 'unknown_import' })
  }

  const list = async (actor: Actor): Promise<ImportView[]> =>
    (await store.listImports(database.as(actor), actor.tenant, 50)).map(viewOf)

  /** Every fault of an import, in the order of the file, as they are asked for. */
  async function* faults(actor: Actor, id: string): AsyncGenerator<store.FaultRow> {
    const { tenant } = actor
    let after = { line: 0, pass: '', no: 0 }
    for (;;) {
      const rows = await store.listFaults(database.as(actor), tenant, id, after, 1_000)
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
      const taken = await takeRun()
      if (!taken) return
      try {
        await carryOut(taken)
      } finally {
        await store.leaveRun(worker(taken.tenant), taken.tenant, taken.id, runner)
      }
    }
  }

  /** Every tenant is asked for itself: no query sees two. */
  async function takeRun(): Promise<Run | undefined> {
    for (const tenant of await tenantsOf(database.as(DOOR))) {
      const taken = await store.takeRun(worker(tenant), tenant, runner)
      if (taken) return taken
    }
    return undefined
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
    const progress = { rows: 0, lost: false }
    const signs = signsOfLife(async () => {
      progress.lost = !(await store.keepRun(worker(tenant), tenant, id, runner, progress.rows))
    })
    const finish = (sql: Sql, state: 'checked' | 'done' | 'failed', failure: Failure = null) =>
      store.finishRun(sql, tenant, id, runner, { state, failure })
    try {
      const book = await bookOf(actor)
      if (taken.rowsTotal === null) {
        const failure = await read(taken, book, progress)
        if (failure) return void (await finish(worker(tenant), 'failed', failure))
      }
      if (mode !== 'good' && !(await pass(taken, book, 'check'))) return
      const faulty = mode === 'all' && (await store.countFaults(worker(tenant), tenant, id)) > 0
      if (mode === 'check' || faulty) return void (await finish(worker(tenant), 'checked'))
      if (mode === 'all') {
        if (!(await applyAll(taken, book, progress))) return
      } else if (!(await pass(taken, book, 'apply'))) return
      await worker(tenant).transaction(async (sql) => {
        // Whoever stopped it at the last moment may begin it again, and needs the file.
        if (await finish(sql, 'done')) await store.deleteContents(sql, tenant, id)
      })
    } catch (error) {
      if (error instanceof Interrupted) return
      // A database that is away comes back, and the run goes on; what nobody foresaw would come again each time.
      if (faultOf(error).code === 'unavailable') throw error
      await finish(worker(tenant), 'failed', { code: 'import_broke', facts: {} })
    } finally {
      signs.end()
    }
  }

  // --- reading ------------------------------------------------------------------------------------

  /** Reads a file and sets its rows aside by person. Answers with what makes the whole file unreadable. */
  async function read(
    { tenant, id }: Run,
    book: SchemeBook,
    progress: Progress,
  ): Promise<store.ImportRecord['failure'] | undefined> {
    try {
      await worker(tenant).transaction(async (sql) => {
        await store.deleteRead(sql, tenant, id)
        const buckets = new Buckets()
        let faults: RowFault[] = []
        let writing = Promise.resolve()
        const setAside = async (full: readonly FullBucket[], found: readonly RowFault[]) => {
          for (const { bucket, no, rows, bytes } of full) {
            const sealed = secrets.sealBytes(zstdCompressSync(bytes))
            await store.insertPart(sql, tenant, id, { bucket, no, rows, sealed })
          }
          await store.insertFaults(sql, tenant, id, 'read', found)
        }
        for await (const part of partsRead({ tenant, id }, book)) {
          if (stopping || progress.lost) throw new Interrupted()
          const { unreadable } = part
          if (unreadable) throw new Unreadable(unreadable.code, unreadable)
          progress.rows += part.rows
          faults.push(...part.faults)
          eachRow(part, (idNumber, text) => buckets.add(secrets.digest(`id ${idNumber}`), text))
          if (buckets.bytes < HELD_BYTES && faults.length < BATCH) continue
          await writing
          // Rows go on being read while the others are written.
          writing = setAside(buckets.empty(), faults)
          writing.catch(() => {})
          faults = []
        }
        await writing
        await setAside(buckets.empty(), faults)
        // Not held before: reading takes long, and the signs of life change the same row.
        if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
        await store.setRowsTotal(sql, tenant, id, progress.rows)
      })
      return undefined
    } catch (error) {
      if (error instanceof Unreadable) return error.failure
      if (error instanceof SheetError) {
        const { code, line = null, what, remedy } = error
        return { code, facts: { line, what, remedy } }
      }
      throw error
    }
  }

  /** What each stretch of a file holds, in their order. All but the first are read on other threads. */
  async function* partsRead(
    { tenant, id }: Pick<Run, 'tenant' | 'id'>,
    { vocabulary }: SchemeBook,
  ): AsyncGenerator<PartRead, void, void> {
    const parts = sheetParts(Readable.from(pieces(tenant, id)))
    try {
      let rows: ReturnType<typeof rowsOf> = []
      while (rows.length === 0) {
        const next = await parts.next()
        if (next.done) throw new Unreadable('file_empty', {})
        rows = rowsOf(next.value)
      }
      const [titles, ...others] = rows
      const columns = readHeader(titles?.cells ?? [], vocabulary)
      if (!columns.ok) {
        const { code, ...facts } = columns.error
        throw new Unreadable(code, facts)
      }
      const reading: Reading = { columns: columns.value, today: today() }
      yield partReader(reading)({ rows: others })
      const second = await parts.next()
      if (second.done) return
      const count = availableParallelism()
      const threads = openThreads<Reading, SheetPart, PartRead>(
        new URL('./imports.thread.ts', import.meta.url),
        count,
        reading,
      )
      try {
        yield* inParallel(after(second.value, parts), 2 * count, (part) => threads.run(part))
      } finally {
        await threads.close()
      }
    } finally {
      await parts.return()
    }
  }

  async function* pieces(tenant: string, id: string): AsyncGenerator<Buffer> {
    for (let no = 0; ; no++) {
      const sealed = await store.findPiece(worker(tenant), tenant, id, no)
      if (!sealed) return
      yield secrets.openBytes(sealed)
    }
  }

  // --- carrying out -------------------------------------------------------------------------------

  /** One pass over the file in two lanes. False where it was interrupted. */
  async function pass(taken: Run, book: SchemeBook, what: 'check' | 'apply'): Promise<boolean> {
    const { tenant, id } = taken
    const lanes = await store.lanesOf(worker(tenant), tenant, id, what, [BUCKETS / 2, BUCKETS])
    const sizes = await store.bucketsOf(worker(tenant), tenant, id)
    const done = await Promise.all(
      lanes.map(async (lane) => {
        for (const stretch of stretchesOf(sizes, lane, batch)) {
          if (stopping) return false
          await persistently(() =>
            worker(tenant).transaction(async (sql) => {
              if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
              await batchOf(sql, taken, book, what, stretch)
            }),
          )
        }
        return true
      }),
    )
    return done.every(Boolean)
  }

  /** The whole file in one transaction: a row that is refused now undoes it all. */
  async function applyAll(taken: Run, book: SchemeBook, progress: Progress): Promise<boolean> {
    const { tenant, id } = taken
    try {
      await worker(tenant).transaction(async (sql) => {
        const sizes = await store.bucketsOf(sql, tenant, id)
        const [lane] = await store.lanesOf(sql, tenant, id, 'apply', [BUCKETS])
        for (const stretch of lane ? stretchesOf(sizes, lane, batch) : []) {
          if (stopping || progress.lost) throw new Interrupted()
          await batchOf(sql, taken, book, 'apply', stretch)
        }
        if ((await store.countFaults(sql, tenant, id)) > 0) throw new FaultyAfterAll()
        if (!(await store.holdRun(sql, tenant, id, runner))) throw new Interrupted()
      })
      return true
    } catch (error) {
      if (!(error instanceof FaultyAfterAll) && !isTaken(error)) throw error
      // Something changed between the check and now: it is checked again, and shown.
      await worker(tenant).transaction((sql) => store.startRun(sql, tenant, id, 'check'))
      return false
    }
  }

  /** Decides on the rows of a stretch of buckets, and writes what comes of it and how far the lane is. */
  async function batchOf(
    sql: Transaction,
    { tenant, id }: Run,
    book: SchemeBook,
    what: 'check' | 'apply',
    stretch: Stretch,
  ): Promise<void> {
    await store.lookUpByKey(sql)
    const groups = new Map<string, PendingRow[]>()
    const readText = textReader()
    for (const sealed of await store.partsOf(sql, tenant, id, stretch)) {
      unpack(zstdDecompressSync(secrets.openBytes(sealed)), readText, groups)
      await breath()
    }
    const decided = await decide(sql, tenant, groups, book, what === 'apply')
    if (what === 'apply') await store.saveBatch(sql, tenant, id, decided.batch)
    await store.insertFaults(sql, tenant, id, what, decided.faults)
    await store.advanceLane(sql, tenant, id, what, stretch.lane, {
      next: stretch.beyond,
      ...decided.counts,
      refused: new Set(decided.faults.map(({ line }) => line)).size,
    })
  }

  async function decide(
    sql: Sql,
    tenant: string,
    groups: ReadonlyMap<string, readonly PendingRow[]>,
    book: SchemeBook,
    lock: boolean,
  ) {
    // In their order: whatever is sorted by them then grows at one place.
    const digests = [...groups.keys()].sort()
    const persons = await store.personsOf(sql, tenant, digests, lock)
    const ids = persons.map(({ id }) => id)
    const history = await historyByPerson(sql, tenant, ids)
    const employers = new Set<string>()
    for (const rows of groups.values())
      for (const { row } of rows) if (row.employer !== undefined) employers.add(row.employer)
    const roster = await store.rostersOf(sql, tenant, [...employers], ids)
    const known = new Map(persons.map((person) => [person.digest, person]))
    const numbers = lock ? await store.takePersonNumbers(sql, groups.size - known.size) : UNNAMED
    const counts = { personsNew: 0, added: 0, changed: 0, unchanged: 0 }
    const faults: RowFault[] = []
    const facts = (of: 'new' | 'known') => ({
      of,
      memberships: [] as store.Facts['memberships'][number][],
      premiums: [] as store.Facts['premiums'][number][],
    })
    const [ofNew, ofKnown] = [facts('new'), facts('known')]
    const batch = {
      persons: [] as store.NewPerson[],
      bodies: [] as Person[],
      facts: [ofNew, ofKnown],
    }
    const day = today()
    for (const [i, digest] of digests.entries()) {
      if (i % PERSONS_AT_ONCE === 0) await breath()
      const pending = groups.get(digest) as PendingRow[]
      const [{ row: first }] = pending as [PendingRow]
      const person = known.get(digest)
      const personId = person?.id ?? numbers.next()
      const circumstances = {
        kindOf: (scheme: string) => book.schemes.get(scheme)?.kind,
        vocabulary: book.vocabulary,
        today: day,
        onRoster: onRosterOf(roster, personId),
      }
      const before = knownOf(secrets, personId, first, person, history.get(personId))
      const done = importRows(pending, before, circumstances)
      faults.push(...done.faults)
      counts.added += done.counts.added
      counts.changed += done.counts.changed
      counts.unchanged += done.counts.unchanged
      if (done.counts.added + done.counts.changed === 0) continue
      if (person) batch.bodies.push(done.body)
      else {
        counts.personsNew++
        const { name, sex, idNumber } = first
        const idSealed = lock ? secrets.seal(idNumber) : undefined
        const kept = lock ? keepName(secrets, name) : undefined
        batch.persons.push({ body: done.body, name: kept, sex, idSealed, idDigest: digest })
      }
      const { memberships, premiums } = person ? ofKnown : ofNew
      for (const membership of done.memberships)
        memberships.push({ person: personId, ...membership })
      for (const premium of done.premiums) premiums.push({ person: personId, ...premium })
    }
    return { batch, counts, faults }
  }

  return { receive, run, cancel, view, list, faults, start, stop }
}

// --- parts ---------------------------------------------------------------------------------------

type Failure = store.ImportRecord['failure']

/** How far the reading is, and whether the run is another's by now, or nobody's. */
type Progress = { rows: number; lost: boolean }

/** The server stops, another has taken over, or somebody stopped the import: what was done stays done, and the rest waits. */
class Interrupted extends Error {}
class FaultyAfterAll extends Error {}
/** What makes a whole file unreadable, with the facts that its words need. */
class Unreadable extends Error {
  readonly failure: NonNullable<store.ImportRecord['failure']>
  constructor(code: string, facts: Readonly<Record<string, unknown>>) {
    super(code)
    this.failure = { code, facts }
  }
}

/** Somebody else has recorded one of the persons meanwhile, or both waited for each other: at the next try it is known. */
const isTaken = (error: unknown): boolean => TAKEN.includes((error as { code?: string }).code ?? '')
const TAKEN = ['23505', '40P01']

async function persistently(work: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried === TRIES || !isTaken(error)) throw error
    }
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

// --- rows by person ------------------------------------------------------------------------------

type FullBucket = {
  readonly bucket: number
  readonly no: number
  readonly rows: number
  readonly bytes: Buffer
}

/** Rows that wait to be set aside: of each person, digest and text one after another, in the order of the file. */
class Buckets {
  bytes = 0
  #held: Buffer[][] = Array.from({ length: BUCKETS }, () => [])
  #no = 0

  add(digest: Buffer, text: Buffer): void {
    this.#held[digest[0] as number]?.push(digest, text)
    this.bytes += digest.length + text.length
  }

  empty(): FullBucket[] {
    const held = this.#held
    this.#held = held.map(() => [])
    this.bytes = 0
    const no = this.#no++
    return held.flatMap((parts, bucket) =>
      parts.length > 0 ? [{ bucket, no, rows: parts.length / 2, bytes: Buffer.concat(parts) }] : [],
    )
  }
}

const ID_NUMBER_LENGTH = 18
const LINE_FEED = 0x0a

/** The rows of a stretch: of each the id-card number, and the text up to its line feed. */
function eachRow(
  { idNumbers, texts }: PartRead,
  use: (idNumber: string, text: Buffer) => void,
): void {
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength)
  for (let i = 0, start = 0; start < bytes.length; i += ID_NUMBER_LENGTH) {
    const end = bytes.indexOf(LINE_FEED, start) + 1
    use(idNumbers.slice(i, i + ID_NUMBER_LENGTH), bytes.subarray(start, end))
    start = end
  }
}

/** The rows that `Buckets` put together, by the digest of their person. */
function unpack(
  bytes: Buffer,
  readText: (text: string) => PendingRow,
  groups: Map<string, PendingRow[]>,
): void {
  for (let at = 0; at < bytes.length; ) {
    const digest = bytes.toString('hex', at, at + DIGEST_BYTES)
    const end = bytes.indexOf(LINE_FEED, at + DIGEST_BYTES)
    const row = readText(bytes.toString('utf8', at + DIGEST_BYTES, end))
    const group = groups.get(digest)
    if (group) group.push(row)
    else groups.set(digest, [row])
    at = end + 1
  }
}

/** Buckets that are carried out together. */
type Stretch = { readonly lane: number; readonly first: number; readonly beyond: number }

/** What is left of a lane, in stretches of at least `least` rows; the last one goes to its end. */
function* stretchesOf(
  sizes: ReadonlyMap<number, number>,
  { lane, next, beyond }: store.Lane,
  least: number,
): Generator<Stretch> {
  let first = next
  let rows = 0
  for (let bucket = next; bucket < beyond; bucket++) {
    rows += sizes.get(bucket) ?? 0
    if (rows < least && bucket < beyond - 1) continue
    yield { lane, first, beyond: bucket + 1 }
    first = bucket + 1
    rows = 0
  }
}

async function* after<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  yield first
  yield* others
}

/** A check gives nobody a number. */
const UNNAMED: store.PersonNumbers = { next: () => '' }

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
  secrets: Pick<Secrets, 'open'>,
  id: string,
  first: ImportRow,
  person: store.BatchPerson | undefined,
  history: PersonHistory = EMPTY,
): Known {
  const { premiums, ...lists } = history
  return {
    known: person !== undefined,
    name: person?.nameSealed ? secrets.open(person.nameSealed) : null,
    mergedInto: person?.mergedInto ?? undefined,
    insured: {
      id,
      born: person?.born ?? first.born,
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
