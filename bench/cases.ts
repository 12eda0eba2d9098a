/**
 * How long the workbench takes to answer among many open cases.
 *
 *     npm run bench:cases -- 100000
 *
 * Puts so many open cases into a database of its own, in all states and with deadlines over two months, and asks the
 * service for what the page asks: the first page of a desk, a later one, by risk, those that stand out, by amount, one state of it, one's own, a bill's,
 * how many wait, and the next case for somebody. Client and database share the machine; HTTP is not in it.
 */
import assert from 'node:assert/strict'
import { readWorkingDays } from '#app/working-days.ts'
import { plainDate } from '#base/plain-date.ts'
import { CASE_STATES, type CaseState, deskOf } from '#domains/casework/index.ts'
import { createCaseService } from '#domains/casework/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import { openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from '../test/crash/database.ts'
import { describeMachine } from './machine.ts'

const CASES = Number(process.argv[2] ?? 100_000)
const ASKED = 500
const TENANT = 'city'
const WHO: Actor = { tenant: TENANT, user: 'wang', name: 'wang', role: 'reviewer' }

const { database, url, close } = await migratedDatabase({ max: 2 })
const server = openDatabase(url, { max: 4, role: SERVER_ROLE })
try {
  console.log(describeMachine())
  await fill()
  const settlement = createSettlementService({
    database: server,
    today: () => plainDate('2026-11-27'),
    allowUndated: () => true,
    secrets: createSecrets(Buffer.alloc(32, 1)),
  })
  const cases = createCaseService({
    database: server,
    settlement,
    statements: createStatementService({ database: server, settlement }),
    today: () => plainDate('2026-11-27'),
    workingDays: readWorkingDays(),
  })
  const page = { desk: 'review', order: 'due', limit: 51 } as const
  const rows = await cases.queue(WHO, page)
  assert.equal(rows.length, 51)
  const last = rows.at(-1)
  const after = {
    due: last?.dueOn ?? 'infinity',
    risk: last?.risk ?? 0,
    amount: 0,
    no: last?.no ?? 0,
  }
  await measure('the first page of a desk', () => cases.queue(WHO, page))
  await measure('the page after it', () => cases.queue(WHO, { ...page, after }))
  await measure('by risk', () => cases.queue(WHO, { ...page, order: 'risk' }))
  const high = { from: 50, below: 101 }
  await measure('what stands out much', () => cases.queue(WHO, { ...page, risk: high }))
  await measure('by amount', () => cases.queue(WHO, { ...page, order: 'amount' }))
  await measure('one state of it', () => cases.queue(WHO, { ...page, state: 'objected' }))
  await measure("one's own", () => cases.queue(WHO, { ...page, assignee: 'wang' }))
  await measure('about one bill', (i) => cases.about(WHO, `bill-${1 + (i % CASES)}`, 50))
  await measure('how many wait', () => cases.counts(WHO))
  await measure('the next case', () => cases.next(WHO))
} finally {
  await server.close()
  await close()
}

/** Open cases, spread over the states, 90 days of acceptance and as many deadlines. */
async function fill(): Promise<void> {
  const open = (Object.keys(CASE_STATES) as CaseState[])
    .flatMap((state) => (deskOf(state) ? [{ state, desk: deskOf(state) }] : []))
    .map((each, i) => ({ ...each, i }))
  await database.query('insert into tenants (id, name) values ($1, $1)', [TENANT])
  await database.query(
    `insert into persons (tenant_id, id, body, totals)
     select $1, 'person-' || n, jsonb_build_object('id', 'person-' || n, 'covers', '[]'::jsonb), '{}'
       from generate_series(1, $2::int) n`,
    [TENANT, CASES],
  )
  await database.query(
    `insert into bills (tenant_id, id, person_id, settled_on, body)
     select $1, 'bill-' || n, 'person-' || n, '2026-11-01', '{}' from generate_series(1, $2::int) n`,
    [TENANT, CASES],
  )
  await database.query(
    `insert into cases (tenant_id, id, bill_id, person_id, channel, state, desk, amount, accepted_on, due_on, assignee, acts, risk)
     select $1, gen_random_uuid(), 'bill-' || n, 'person-' || n, 'counter', s.state, s.desk, 1 + (n * 7919) % 5000000,
            '2026-09-01'::date + n % 90, case when n % 20 = 0 then null else '2026-10-01'::date + (n * 31) % 90 end,
            case when n % 50 = 0 then 'wang' when n % 3 = 0 then 'somebody' end, 1,
            case when n % 10 = 0 then 50 + (n * 13) % 51 else (n * 7) % 50 end
       from generate_series(1, $2::int) n
       join jsonb_to_recordset($3) as s (state text, desk text, i int) on s.i = n % $4::int`,
    [TENANT, CASES, JSON.stringify(open), open.length],
  )
  await database.query('vacuum analyze')
}

async function measure(what: string, ask: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 20; i++) await ask(i)
  const times: number[] = []
  for (let i = 0; i < ASKED; i++) {
    const began = performance.now()
    await ask(i + 20)
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1)
  console.log(`${what.padEnd(26)} p50 ${at(0.5).padStart(6)} ms   p99 ${at(0.99).padStart(6)} ms`)
}
