/**
 * Sends requests that nobody foresaw, as each role, to every operation of the interface's own description.
 *
 *     npm run test:fuzz          FUZZ_SECONDS=600 in all, FUZZ_SEED to repeat a run
 *
 * No answer may be 5xx, and afterwards nothing may be half saved. Schemathesis makes the requests; it is
 * installed from PyPI into .data/fuzz, so this needs Python 3.10 or newer with venv; PYTHON names another one
 * than python3.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDatabase, type Sql } from '#platform/database.ts'
import { seeded } from '../chance.ts'
import { nothingHalfSaved } from '../crash/books.ts'
import { type Client, signIn } from '../crash/client.ts'
import { databaseOf, PASSWORD, startServer, TENANT } from '../crash/server-process.ts'
import { teachingUpload } from '../crash/teaching.ts'
import { pythonWith } from '../python.ts'
import { withRecords } from './records.ts'

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url))
/** Each role's share of the time: handlers may change the most. */
const ROLES = { handler: 0.6, actuary: 0.2, admin: 0.2 } as const
const CHECKS = 'not_a_server_error,response_schema_conformance,content_type_conformance'
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 600)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(1_000_000))

/** Something of everything, so that requests can meet it: open, settled and reversed bills, and a draft. */
async function prepare({ handler, actuary, admin }: Record<keyof typeof ROLES, Client>) {
  const post = async <T = { id: string }>(
    client: Client,
    path: string,
    body: object,
    key: string,
  ) => {
    const answer = await client.send({ method: 'POST', path, body, key })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body as T
  }
  const upload = teachingUpload('fuzz', { persons: 12, billsEach: 6 }, seeded(SEED))
  await post(handler, '/api/bills', upload, 'fuzz bills')
  const bills = upload.bills.map(({ id }) => id)
  const settlements: string[] = []
  for (const bill of bills.filter((_, i) => i % 6 === 0)) {
    const { id } = await post(handler, '/api/settlements', { bill }, `fuzz ${bill}`)
    settlements.push(id)
  }
  const last = settlements.at(-1) as string
  await post(handler, `/api/settlements/${last}/reverse`, { reason: 'fuzz' }, 'fuzz reverse')
  const files = [{ path: 'teaching/shifan/notes.yaml', text: 'title: { zh: 注, en: Notes }\n' }]
  const draft = await post(actuary, '/api/drafts', { name: 'fuzz', files }, 'fuzz draft')
  const stranger = { id: 'fuzz-enrolled', name: '例七', born: '1980-01-01', sex: 'male' }
  await post(handler, '/api/enrolment/persons', stranger, 'fuzz enrolled')
  const clerk = { name: 'fuzz', role: 'handler' }
  const { user } = await post<{ user: { id: string } }>(admin, '/api/users', clerk, 'fuzz user')
  return {
    users: [user.id],
    enrolled: [stranger.id],
    persons: upload.persons.map(({ id }) => id),
    bills: bills.filter((_, i) => i % 6 !== 0),
    settlements,
    drafts: [draft.id],
    keys: ['fuzz bills', 'fuzz reverse', `fuzz ${bills[0]}`],
    newKeys: Array.from({ length: 500 }, (_, i) => `key ${i}`),
    uploads: Array.from({ length: 40 }, (_, i) =>
      teachingUpload(`more${i}`, { persons: 1, billsEach: 2 }, seeded(SEED + i)),
    ),
  }
}

/** Every settlement can be read back, and comes out the same when it is computed again. */
async function readsBack(sql: Sql, handler: Client): Promise<number> {
  const rows = await sql.query<{ id: string }>('select id from settlements where tenant_id = $1', [
    TENANT,
  ])
  for (const { id } of rows) {
    const { status, body } = await handler.send({ method: 'GET', path: `/api/settlements/${id}` })
    assert.equal(status, 200, `${id}: ${JSON.stringify(body)}`)
    const { engine, ...found } = (body as { recomputed: { engine: object } }).recomputed
    assert.deepEqual(found, { differences: [] }, `${id} ${JSON.stringify(engine)}`)
  }
  return rows.length
}

/** What the server counted of its answers, by operation: it must agree that none was its own fault. */
async function answersOf(address: string): Promise<Record<string, Record<string, number>>> {
  const text = await (await fetch(`${address}/metrics`)).text()
  const answers: Record<string, Record<string, number>> = {}
  const lines = text.matchAll(
    /^kangyang_http_request_duration_seconds_count\{method="(\w+)",route="([^"]*)",status="(\d+)".*\} (\d+)$/gm,
  )
  for (const [, method, route, status = '', count] of lines) {
    const operation = `${method} ${route}`
    answers[operation] = { ...answers[operation], [status]: Number(count) }
  }
  return answers
}

const countsOf = async (sql: Sql): Promise<Record<string, number>> => {
  const tables = [
    'users',
    'persons',
    'bills',
    'settlements',
    'commands',
    'outbox',
    'drafts',
    'rulebooks',
  ]
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const [row] = await sql.query<{ n: number }>(`select count(*) as n from ${table}`)
    counts[table] = row?.n ?? 0
  }
  return counts
}

const python = pythonWith('fuzz', REQUIREMENTS)
const folder = mkdtempSync(join(tmpdir(), 'kangyang-fuzz-'))
const { server } = await startServer(join(folder, 'data'), { within: 60_000 })
const { address } = server
const database = openDatabase(databaseOf(server.folder).url, { max: 1 })
try {
  const clientOf = (user: string) => signIn(address, { user, password: PASSWORD }, 1)
  const clients = {
    handler: await clientOf('handler'),
    actuary: await clientOf('actuary'),
    admin: await clientOf('admin'),
  }
  const records = await prepare(clients)
  const description = await (await fetch(`${address}/api/openapi.json`)).json()
  const descriptions = {
    'any names': description,
    'known names': withRecords(description, records),
  }
  const before = await countsOf(database)

  let failed = false
  let readBack = 0
  let seed = SEED
  for (const role of ['handler', 'actuary', 'admin'] as const) {
    // An administrator may reset the password of whoever reads back, which ends that session. The connection
    // that it was opened on has been idle for too long by now.
    if (role === 'admin') readBack = await readsBack(database, clients.handler.at(address))
    for (const [names, content] of Object.entries(descriptions)) {
      console.log(`\n== as ${role}, ${names}, seed ${seed}`)
      const file = join(folder, 'openapi.json')
      writeFileSync(file, JSON.stringify(content))
      const { headers } = clients[role]
      const { status } = spawnSync(
        python,
        [
          ...['-m', 'schemathesis.cli', 'run', file, '--url', address],
          ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
          // Signing out would end the session that every other request needs.
          ...['--exclude-path', '/api/logout', '--checks', CHECKS],
          ...['--max-time', String(Math.max(1, Math.floor((SECONDS * ROLES[role]) / 2)))],
          ...['--seed', String(seed++), '--continue-on-failure', '--suppress-health-check', 'all'],
          ...['--request-timeout', '20', '--warnings', 'off', '--no-color'],
        ],
        { stdio: 'inherit', cwd: folder },
      )
      failed ||= status !== 0
    }
  }

  const answers = await answersOf(address)
  console.log('\nanswers by operation')
  for (const [operation, counts] of Object.entries(answers).toSorted())
    console.log(`  ${operation.padEnd(44)} ${JSON.stringify(counts)}`)
  console.log(`rows before ${JSON.stringify(before)}`)
  console.log(`rows after  ${JSON.stringify(await countsOf(database))}`)
  const faults = Object.values(answers).flatMap((counts) =>
    Object.keys(counts).filter((status) => status.startsWith('5')),
  )
  assert.deepEqual(faults, [], 'the server was at fault')
  await nothingHalfSaved(database)
  console.log(`nothing is half saved; ${readBack} settlements read back`)
  assert(!failed, 'Schemathesis found something: see above')
} finally {
  console.log(server.output().slice(-4_000))
  await database.close()
  server.kill('SIGTERM')
  await server.exited
  rmSync(folder, { recursive: true, force: true })
}
