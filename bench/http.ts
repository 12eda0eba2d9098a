/**
 * Settlements a second over HTTP, and what is left of the speed of the bare database driver.
 *
 *     npm run bench:http
 *
 * Client, server and database share this machine. The server is `kangyang serve` in a process of its own
 * with its own database; the floor writes the same rows into the same tables of the same database with
 * nothing but the driver: begin, one locking read, one statement that writes everything, commit.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openDatabase } from '#platform/database.ts'
import { seeded } from '../test/chance.ts'
import { nothingHalfSaved } from '../test/crash/books.ts'
import { type Client, signIn } from '../test/crash/client.ts'
import { databaseOf, PASSWORD, startServer, TENANT } from '../test/crash/server-process.ts'
import { readUpload, teachingUpload } from '../test/crash/teaching.ts'
import { describeMachine } from './machine.ts'
import { type ProcessorTime, processorTime } from './processor-time.ts'

const CONNECTIONS = 32
/** As many database connections as the server opens. */
const POOL = 10
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10)
/** A server that has just started spends most of its first ten thousand settlements on compiling itself. */
const WARM_UP_SECONDS = 8
/** The bare driver has less to compile. */
const FLOOR_WARM_UP_SECONDS = 2
/** More than can be settled in all the seconds together. */
const BILLS = Math.ceil((WARM_UP_SECONDS + FLOOR_WARM_UP_SECONDS + 2 * SECONDS) * 2_500)

type Figures = {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly cost: Cost | undefined
}

/** Milliseconds of processor time for one settlement, and the part of all that was used by others. */
type Cost = {
  readonly client: number
  readonly server: number
  readonly database: number
  readonly others: number
}

/** Keeps `CONNECTIONS` requests under way for some seconds; one that fails ends the benchmark. */
async function measure(seconds: number, one: () => Promise<void>): Promise<Figures> {
  const times: number[] = []
  const spentBefore = processorTime(server.pid, databaseOf(folder).pid)
  const began = performance.now()
  const until = began + seconds * 1_000
  const worker = async () => {
    for (let now = performance.now(); now < until; ) {
      await one()
      const after = performance.now()
      times.push(after - now)
      now = after
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  const elapsed = (performance.now() - began) / 1_000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  const spent = processorTime(server.pid, databaseOf(folder).pid)
  const cost = spentBefore && spent && costOf(spentBefore, spent, times.length)
  return { rate: times.length / elapsed, p50: at(0.5), p99: at(0.99), cost }
}

function costOf(before: ProcessorTime, after: ProcessorTime, count: number): Cost {
  const each = (part: keyof ProcessorTime) => (after[part] - before[part]) / count
  const [client, server, database] = [each('client'), each('server'), each('database')]
  const others = Math.max(0, 1 - (client + server + database) / each('machine'))
  return { client, server, database, others }
}

const allOf = ({ client, server, database }: Cost): number => client + server + database

/** Bills of as many persons, so that no two settlements wait for one person. */
async function prepare(pool: pg.Pool): Promise<string[]> {
  const random = seeded(20_250_101)
  const ids: string[] = []
  while (ids.length < BILLS) {
    const upload = teachingUpload(`bench${ids.length}`, { persons: 1_000, billsEach: 1 }, random)
    const { persons, bills } = readUpload(upload)
    await pool.query(
      `insert into persons (tenant_id, id, body, totals)
       select $1, p.id, p.body, p.totals from jsonb_to_recordset($2) as p (id text, body jsonb, totals jsonb)`,
      [
        TENANT,
        JSON.stringify(
          persons.map(({ person, totals }) => ({
            id: person.id,
            body: person,
            totals: Object.fromEntries(totals),
          })),
        ),
      ],
    )
    await pool.query(
      `insert into bills (tenant_id, id, person_id, settled_on, body)
       select $1, b.id, b.person, b.settled, b.body
         from jsonb_to_recordset($2) as b (id text, person text, settled date, body jsonb)`,
      [TENANT, JSON.stringify(bills.map((body) => ({ ...body, body })))],
    )
    ids.push(...bills.map(({ id }) => id))
  }
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
  return ids
}

// --- over HTTP -----------------------------------------------------------------------------------

function overHttp(client: Client, bills: string[]) {
  return async () => {
    const bill = bills.pop()
    assert(bill, 'too few bills were prepared')
    const answer = await client.send({
      method: 'POST',
      path: '/api/settlements',
      body: { bill, steps: false },
      key: `settle ${bill}`,
    })
    if (answer.status !== 201) assert.fail(JSON.stringify(answer.body))
  }
}

// --- the floor -----------------------------------------------------------------------------------

/** What one settlement of the server wrote, to be written again for other bills. */
type Written = {
  readonly total: number
  readonly patient: number
  readonly result: string
  readonly before: string
  readonly after: string
  readonly rules_version: number
  readonly request_hash: string
}

async function someWritten(pool: pg.Pool): Promise<Written[]> {
  const { rows } = await pool.query<Written>(
    `select s.total, s.patient, s.result::text, s.totals_before::text as before,
            p.totals::text as after, s.rules_version, c.request_hash
       from settlements s
       join persons p on p.tenant_id = s.tenant_id and p.id = s.person_id
       join commands c on c.tenant_id = s.tenant_id and c.body->>'settlement' = s.id::text
      where s.tenant_id = $1 and s.person_id like 'bench%' limit 500`,
    [TENANT],
  )
  return rows
}

const LOCK = `select p.id, p.body, p.totals, p.settlements, b.body as bill, b.state
  from bills b join persons p on p.tenant_id = b.tenant_id and p.id = b.person_id
 where b.tenant_id = $1 and b.id = $2 for update of p, b`

const WRITE = `with person as (
    update persons set totals = $6, settlements = 1 where tenant_id = $1 and id = $4
  ), bill as (
    update bills set state = 'settled' where tenant_id = $1 and id = $3
  ), settled as (
    insert into settlements (tenant_id, id, bill_id, person_id, sequence, total, patient, result, totals_before, rules_version, created_by)
    values ($1, $2, $3, $4, 1, $7, $8, $9, $5, $10, 'floor')
  ), told as (
    insert into outbox (tenant_id, topic, body)
    values ($1, 'settlement.settled', jsonb_build_object('settlement', $2::uuid, 'bill', $3::text))
  ), answered as (
    insert into commands (tenant_id, key, request_hash, status, body)
    values ($1, $11, $12, 201, jsonb_build_object('settlement', $2::uuid))
  )
  insert into access_log (tenant_id, user_name, action, subject) values ($1, 'floor', 'settle', $3)`

function bareDriver(pool: pg.Pool, bills: string[], written: readonly Written[]) {
  let next = 0
  return async () => {
    const bill = bills.pop()
    assert(bill, 'too few bills were prepared')
    const { total, patient, result, before, after, rules_version, request_hash } = written[
      next++ % written.length
    ] as Written
    const client = await pool.connect()
    try {
      await client.query('begin')
      const { rows } = await client.query(LOCK, [TENANT, bill])
      const key = `floor ${bill}`
      const values = [TENANT, randomUUID(), bill, rows[0].id, before, after]
      await client.query(WRITE, [
        ...values,
        total,
        patient,
        result,
        rules_version,
        key,
        request_hash,
      ])
      await client.query('commit')
    } finally {
      client.release()
    }
  }
}

// --- the report ----------------------------------------------------------------------------------

function show(label: string, { rate, p50, p99, cost }: Figures): void {
  const times = `p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`
  const whole = Math.round(rate).toLocaleString('en-US').padStart(6)
  console.log(`${label.padEnd(18)} ${whole} settlements/s   ${times}`)
  if (!cost) return
  const parts = (['client', 'server', 'database'] as const).map(
    (part) => `${part} ${cost[part].toFixed(2)}`,
  )
  const others = `others took ${Math.round(cost.others * 100)}% of what was used`
  console.log(`  processor time of one, ms: ${parts.join(', ')}; ${others}`)
}

const folder = mkdtempSync(join(tmpdir(), 'kangyang-bench-'))
const profile = process.env.BENCH_PROFILE
const { server } = await startServer(folder, {
  within: 60_000,
  ...(profile ? { nodeOptions: `--cpu-prof --cpu-prof-dir=${profile}` } : {}),
})
const pool = new pg.Pool({ connectionString: databaseOf(folder).url, max: POOL })
// A connection that is being closed may still hear that its server stops.
pool.on('error', () => {})
try {
  console.log(describeMachine())
  const client = await signIn(server.address, { user: 'handler', password: PASSWORD }, CONNECTIONS)
  const bills = await prepare(pool)
  const http = overHttp(client, bills)
  await measure(WARM_UP_SECONDS, http)
  const ours = await measure(SECONDS, http)
  client.close()

  const floorOf = bareDriver(pool, bills, await someWritten(pool))
  await measure(FLOOR_WARM_UP_SECONDS, floorOf)
  const floor = await measure(SECONDS, floorOf)

  const database = openDatabase(databaseOf(folder).url, { max: 1 })
  await nothingHalfSaved(database)
  await database.close()

  console.log(
    `${CONNECTIONS} connections, ${SECONDS} s; client, server and database on this machine`,
  )
  show('over HTTP', ours)
  show('the bare driver', floor)
  const wanted = `(wanted 0.60), p99 ${ours.p99.toFixed(1)} ms (wanted 25)`
  console.log(`ratio ${(ours.rate / floor.rate).toFixed(2)} ${wanted}`)
  if (ours.cost && floor.cost)
    console.log(
      `ratio of processor time ${(allOf(floor.cost) / allOf(ours.cost)).toFixed(2)}, whatever others do on the machine`,
    )
} finally {
  await pool.end()
  server.kill('SIGTERM')
  await server.exited
  rmSync(folder, { recursive: true, force: true })
}
