/**
 * A province of persons, and how long it takes over HTTP to ask about one of them.
 *
 *     npm run bench:persons -- 1000000 10000000 23790000
 *
 * Loads persons with memberships up to each size into the database of a server (`kangyang serve` in a process of its
 * own), checks a sample against what the service itself would write, and prints time, disk, memory, and how long
 * eligibility on a day and the whole file of a person take: of persons nobody has asked for since the server and its
 * database started, and of the same ones again. Client, server and database share the machine. BENCH_FOLDER names a
 * folder that is kept: what was loaded there is measured again, and goes on growing from where it is. BENCH_ASKED is how
 * often each question is asked; 0 loads alone.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { plainDate } from '#base/plain-date.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { type Database, openDatabase } from '#platform/database.ts'
import { csvRow } from '#platform/sheet-out.ts'
import { type Client, signIn } from '../test/crash/client.ts'
import { databaseOf, PASSWORD, startServer, TENANT } from '../test/crash/server-process.ts'
import { ACTOR, BOOK, DATA_KEY, idNumberOf, SECRETS } from './enrolled.ts'
import { idOf, membershipsOf, nameOf } from './invented-persons.ts'
import { load, loadedIn } from './load-persons.ts'
import { describeMachine } from './machine.ts'
import { type Used, watch } from './resources.ts'

const SIZES = process.argv.slice(2).map(Number)
if (SIZES.length === 0) SIZES.push(100_000)
const ASKED = Number(process.env.BENCH_ASKED ?? 2_000)
const COMPARED = 500
const WITHIN_MS = 600_000
const DAY = '2026-06-01'
const WHO: Actor = { ...ACTOR, tenant: TENANT }

// --- the sample ----------------------------------------------------------------------------------

const anyOf = (size: number): number => Math.floor(Math.random() * size)

/** A file with what a sample holds already must change nothing, and neither must asking for it by hand. */
async function compareWithService(database: Database, size: number): Promise<void> {
  const shared = { database, today: () => plainDate('2026-11-25'), bookOf: async () => BOOK }
  const imports = createImportService({ ...shared, secrets: SECRETS })
  const settlement = createSettlementService({
    database,
    today: shared.today,
    allowUndated: () => true,
    secrets: SECRETS,
  })
  const enrolment = createEnrolmentService({ ...shared, secrets: SECRETS, settlement })
  const sample = [...new Set(Array.from({ length: COMPARED }, () => anyOf(size)))]
  const titles = '证件号码,姓名,方案,起始日,终止日,登记日,追溯原因,参保人群,特定既往症'.split(',')
  const rows = sample.flatMap((n) =>
    membershipsOf(n).map(({ scheme, from, until, enrolledOn, answers }) => {
      const { class: of = '', preexisting = '' } = answers
      const days = [from, until ?? '', enrolledOn]
      return [idNumberOf(n), nameOf(n), scheme, ...days, '', String(of), String(preexisting)]
    }),
  )
  const file = Readable.from([Buffer.from([titles, ...rows].map((row) => csvRow(row)).join(''))])
  const received = await imports.receive(WHO, 'sample', file)
  assert(received.ok)
  await imports.run(WHO, `sample ${received.value.id}`, received.value.id, 'check')
  for (;;) {
    const found = await imports.view(WHO, received.value.id)
    assert(found.ok)
    const { state, outcome } = found.value
    if (state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    const nothing = { personsNew: 0, added: 0, changed: 0, refused: 0 }
    assert.deepEqual([state, outcome], ['checked', { ...nothing, unchanged: rows.length }])
    break
  }
  await imports.stop()
  const bodyNow = (n: number) =>
    database.query('select body from persons where tenant_id = $1 and id = $2', [TENANT, idOf(n)])
  for (const n of sample) {
    const before = await bodyNow(n)
    const [membership] = membershipsOf(n)
    assert(membership)
    const asked = { kind: 'enrol', membership, premiums: [] } as const
    const done = await enrolment.change(
      WHO,
      `sample ${received.value.id} ${n}`,
      idOf(n),
      asked,
      undefined,
    )
    assert(done.ok, JSON.stringify(done))
    assert.deepEqual(await bodyNow(n), before)
  }
  console.log(`  ${sample.length} persons compared: what was loaded is what the service writes`)
}

// --- asking --------------------------------------------------------------------------------------

async function times(ask: (n: number) => Promise<void>, persons: readonly number[]) {
  const taken: number[] = []
  for (const n of persons) {
    const began = performance.now()
    await ask(n)
    taken.push(performance.now() - began)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => (taken[Math.floor(taken.length * share)] ?? 0).toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

const asking = (client: Client, pathOf: (n: number) => string) => async (n: number) => {
  const { status, body } = await client.send({ method: 'GET', path: pathOf(n) })
  assert.equal(status, 200, JSON.stringify(body))
}

/** Nothing of the files stays in memory, where the system lets us say so. */
function forgetFiles(): string {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
    return 'nothing in memory'
  } catch {
    return 'the files perhaps in memory'
  }
}

const memory = (used: Used | undefined): string =>
  used
    ? `memory at most: server ${Math.round(used.programMiB)} MiB, database ${Math.round(used.databaseMiB)} MiB`
    : 'memory is not told by this system'

const seconds = (since: number): number => (performance.now() - since) / 1_000
const thousands = (n: number): string => Math.round(n).toLocaleString('en-US')

process.env.KANGYANG_DATA_KEY = DATA_KEY.toString('hex')
const kept = process.env.BENCH_FOLDER
const folder = kept ?? mkdtempSync(join(tmpdir(), 'kangyang-bench-'))
let { server } = await startServer(folder, { within: WITHIN_MS })
const restart = async () => {
  server.kill('SIGTERM')
  await server.exited
  ;({ server } = await startServer(folder, { within: WITHIN_MS }))
}
try {
  console.log(describeMachine())
  for (const size of SIZES) {
    const database = openDatabase(databaseOf(folder).url, { max: 4 })
    try {
      const loaded = await loadedIn(database)
      const began = performance.now()
      const used = watch(server.pid)
      if (loaded < size) await load(database, loaded, size)
      const took = seconds(began)
      const [disk] = await database.query<{ bytes: number }>(
        'select pg_database_size(current_database()) as bytes',
      )
      const bytes = disk?.bytes ?? 0
      console.log(
        `${thousands(size)} persons: ${thousands(size - loaded)} loaded in ${took.toFixed(0)} s (${thousands((size - loaded) / took)}/s), ${(bytes / 2 ** 30).toFixed(2)} GiB on disk (${thousands(bytes / size)} bytes a person)`,
      )
      console.log(
        `  ${memory(used.end())}, this program ${thousands(process.memoryUsage.rss() / 2 ** 20)} MiB`,
      )
      await compareWithService(database, size)
    } finally {
      await database.close()
    }
    if (ASKED === 0) continue
    await restart()
    const cold = forgetFiles()
    const used = watch(server.pid)
    const client = await signIn(server.address, { user: 'handler', password: PASSWORD }, 1)
    const questions = [
      [
        'eligibility on a day',
        (n: number) => `/api/enrolment/persons/${idOf(n)}/eligibility?on=${DAY}`,
      ],
      ['file of a person', (n: number) => `/api/enrolment/persons/${idOf(n)}`],
    ] as const
    // The server itself is warm; the persons are not.
    const persons = Array.from({ length: 500 }, () => anyOf(size))
    for (const [, pathOf] of questions) await times(asking(client, pathOf), persons.slice(0, 200))
    for (const [question, pathOf] of questions) {
      const asked = Array.from({ length: ASKED }, () => anyOf(size))
      const ask = asking(client, pathOf)
      console.log(`  ${question}, asked for the first time (${cold}): ${await times(ask, asked)}`)
      console.log(`  ${question}, the same persons again: ${await times(ask, asked)}`)
    }
    client.close()
    console.log(`  ${memory(used.end())}`)
  }
} finally {
  server.kill('SIGTERM')
  await server.exited
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
