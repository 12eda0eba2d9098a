import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { todayInChina } from '#app/clock.ts'
import { ACCOUNT_KEYS } from '#app/input.ts'
import { verifyLedger } from '#app/ledger-command.ts'
import { openDatabase, type Sql } from '#platform/database.ts'
import { pick, seeded } from '../chance.ts'
import { nothingHalfSaved, replaysTheSame } from './books.ts'
import { type Answer, type Client, signIn } from './client.ts'
import {
  databaseOf,
  isReady,
  PASSWORD,
  type ServerProcess,
  startServer,
  TENANT,
} from './server-process.ts'
import { teachingUpload } from './teaching.ts'

export type Report = {
  readonly kills: Readonly<Record<Victim, number>>
  readonly acknowledged: number
  /** Commands under way when the server died, asked again with their key afterwards. */
  readonly unanswered: number
  readonly askedAgain: number
  readonly replayed: number
  /** How many starts in all: more than one for a kill where a server could not start at first. */
  readonly starts: number
  /** From the kill until the server was ready again, in milliseconds: half of the kills, 95 of 100, all. */
  readonly readyMs: {
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly most: number
  }
}

type Victim = 'server' | 'database' | 'both'

/** The first start makes the database and may build the pages. */
const FIRST_READY_WITHIN_MS = 60_000
const AT_ONCE = 8
const PERSONS = 24
const BILLS_EACH = 8
/** Of every round's acknowledged commands so many are asked again over HTTP; all are looked up. */
const ASKED_AGAIN = 20
const CHECKED_WHOLE_EVERY = 50

/**
 * Kills a server, its database or both, again and again under load, and checks after each restart that
 * every command that was acknowledged is there once, and that nothing is half there. Throws where a
 * server is not ready again `withinMs` after a kill.
 */
export async function surviveKills({
  kills,
  seed,
  withinMs,
  say,
}: {
  readonly kills: number
  readonly seed: number
  readonly withinMs: number
  readonly say: (text: string) => void
}): Promise<Report> {
  // Its own numbers, so that a seed kills the same at the same moments however the load runs.
  const random = seeded(seed)
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-crash-'))
  const counts = { server: 0, database: 0, both: 0 }
  const sums = { acknowledged: 0, unanswered: 0, askedAgain: 0, replayed: 0, starts: 0 }
  const readyMs: number[] = []
  let { server } = await startServer(folder, { within: FIRST_READY_WITHIN_MS })
  let client = await signIn(server.address, { user: 'handler', password: PASSWORD }, AT_ONCE)
  try {
    for (let round = 0; round < kills; round++) {
      const victim = pick(random, ['server', 'database', 'both'] as const)
      counts[victim]++
      const loadRandom = seeded(seed + round)
      const load = await beginLoad(client, `k${round}`, loadRandom)
      await sleep(50 + 400 * random())
      const began = performance.now()
      const dead = databaseOf(folder).pid
      kill(server, victim, random)
      const restarted = await untilReady(server, victim, dead, withinMs)
      const ms = performance.now() - began
      await load.ended
      server = restarted.server
      readyMs.push(Math.round(ms))
      client.close()
      client = client.at(server.address)
      assert(ms <= withinMs, `ready ${Math.round(ms)} ms after a kill of ${victim}`)

      const unanswered = load.commands.filter(({ answer }) => answer === undefined)
      await checkRound(client, load.commands, loadRandom)
      const whole = round === kills - 1 || round % CHECKED_WHOLE_EVERY === CHECKED_WHOLE_EVERY - 1
      sums.replayed += await checkBooks(folder, `k${round}`, load.commands, whole)
      sums.acknowledged += load.commands.length - unanswered.length
      sums.unanswered += unanswered.length
      sums.askedAgain += Math.min(ASKED_AGAIN, load.commands.length - unanswered.length)
      sums.starts += restarted.starts
      say(
        `${round + 1}/${kills} ${victim}: ${load.commands.length} commands, ${unanswered.length} unanswered, ready after ${Math.round(ms)} ms`,
      )
    }
    return { kills: counts, ...sums, readyMs: spread(readyMs) }
  } finally {
    client.close()
    server.kill('SIGTERM')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
}

function spread(values: readonly number[]): Report['readyMs'] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) }
}

// --- killing -------------------------------------------------------------------------------------

function kill(server: ServerProcess, victim: Victim, random: () => number): void {
  const database = databaseOf(server.folder).pid
  const targets = { server: [server.pid], database: [database], both: [server.pid, database] }
  const pids = targets[victim]
  for (const pid of random() < 0.5 ? pids : pids.toReversed()) process.kill(pid, 'SIGKILL')
}

/** A server that lost only its database may bring it back itself, or end and be started again. */
async function untilReady(server: ServerProcess, victim: Victim, dead: number, within: number) {
  if (victim === 'database') {
    const deadline = performance.now() + within
    while (!server.ended() && performance.now() < deadline) {
      // What the dead one left running may answer a moment longer: only a new one counts.
      if (isAnother(server.folder, dead) && (await isReady(server))) return { server, starts: 0 }
      await sleep(20)
    }
    assert(server.ended(), `neither ready nor ended:\n${server.output()}`)
  }
  await server.exited
  return startServer(server.folder, { within })
}

function isAnother(folder: string, dead: number): boolean {
  try {
    return databaseOf(folder).pid !== dead
  } catch {
    return false
  }
}

// --- load ----------------------------------------------------------------------------------------

/** A command that was sent, and its answer if one arrived. */
type Sent = {
  readonly key: string
  readonly path: string
  readonly body: object
  readonly answer: Answer | undefined
}

type Load = {
  readonly commands: readonly Sent[]
  /** Resolves when every worker has met the dead server, or has nothing left to do. */
  readonly ended: Promise<unknown>
}

/** Uploads a round's bills and begins to settle them, with a reversal now and then. */
async function beginLoad(client: Client, round: string, random: () => number): Promise<Load> {
  const upload = teachingUpload(round, { persons: PERSONS, billsEach: BILLS_EACH }, random)
  const commands: Sent[] = []
  const send = async (key: string, path: string, body: object) => {
    const answer = await client.send({ method: 'POST', path, body, key }).catch(() => undefined)
    // A server without its database says so: what became of the command is as unknown as in silence.
    const known = answer && answer.status < 500 ? answer : undefined
    commands.push({ key, path, body, answer: known })
    return known
  }
  const uploaded = await send(`${round} upload`, '/api/bills', upload)
  assert.equal(uploaded?.status, 201, JSON.stringify(uploaded?.body))
  const bills = upload.bills.map(({ id }) => id)
  let next = 0
  const worker = async () => {
    while (next < bills.length) {
      const bill = bills[next++] as string
      let settled = await send(`${bill} settle`, '/api/settlements', { bill })
      if (settled === undefined) return
      assert.equal(settled.status, 201, JSON.stringify(settled.body))
      if (random() > 0.1) continue
      const { id } = settled.body as { id: string }
      const reason = { reason: 'entered wrongly' }
      const reversed = await send(`${bill} reverse`, `/api/settlements/${id}/reverse`, reason)
      if (reversed === undefined) return
      // Another worker may have settled a later bill of this person meanwhile.
      if (reversed.status === 409) commands.pop()
      if (reversed.status === 409) continue
      assert.equal(reversed.status, 201, JSON.stringify(reversed.body))
      settled = await send(`${bill} settle again`, '/api/settlements', { bill })
      if (settled === undefined) return
      assert.equal(settled.status, 201, JSON.stringify(settled.body))
    }
  }
  return { commands, ended: Promise.all(Array.from({ length: AT_ONCE }, worker)) }
}

// --- checking ------------------------------------------------------------------------------------

/**
 * Sends again what was not answered, and some of what was: the first has to succeed now, the second has
 * to be answered as before.
 */
async function checkRound(
  client: Client,
  commands: readonly Sent[],
  random: () => number,
): Promise<void> {
  const again = ({ key, path, body }: Sent) => client.send({ method: 'POST', path, body, key })
  for (const sent of commands.filter(({ answer }) => answer === undefined)) {
    const { status, body } = await again(sent)
    const refused = sent.path.endsWith('/reverse') && status === 409
    assert(status === 201 || refused, `${sent.key}: ${status} ${JSON.stringify(body)}`)
  }
  const acknowledged = commands.filter(({ answer }) => answer !== undefined)
  for (let i = 0; i < ASKED_AGAIN && acknowledged.length > 0; i++) {
    const sent = pick(random, acknowledged)
    const { status, body } = await again(sent)
    assert.equal(status, 201, `${sent.key}: ${JSON.stringify(body)}`)
    assert.deepEqual(body, sent.answer?.body, sent.key)
  }
}

/** Looks every acknowledged command up in the database, and replays what stands. */
async function checkBooks(
  folder: string,
  round: string,
  commands: readonly Sent[],
  whole: boolean,
): Promise<number> {
  const database = openDatabase(databaseOf(folder).url, { max: 1 })
  try {
    await checkKept(database, commands)
    if (whole) {
      // A database that is killed every other second never comes to count its rows.
      await database.query('analyze')
      await nothingHalfSaved(database)
      const { text, sound } = await verifyLedger(database, 'en')
      assert(sound, text)
    }
    const start = new Map([[ACCOUNT_KEYS.personal, 150_000]])
    return await replaysTheSame(database, TENANT, () => start, todayInChina(), `${round}-%`)
  } finally {
    await database.close()
  }
}

async function checkKept(sql: Sql, commands: readonly Sent[]): Promise<void> {
  const settled = commands.flatMap(({ key, path, answer }) =>
    path === '/api/settlements' && answer
      ? [{ key, ...(answer.body as { id: string; settlement: { patient: number } }) }]
      : [],
  )
  const rows = await sql.query<{ key: string; id: string; patient: number }>(
    `select c.key, s.id, s.patient from commands c
       join settlements s on s.tenant_id = c.tenant_id and s.id = (c.body->>'settlement')::uuid
      where c.tenant_id = $1 and c.key = any($2)`,
    [TENANT, settled.map(({ key }) => key)],
  )
  const kept = new Map(rows.map(({ key, ...row }) => [key, row]))
  for (const { key, id, settlement } of settled)
    assert.deepEqual(kept.get(key), { id, patient: settlement.patient }, key)
}
