/**
 * What the access log costs: a reading with its record and without, and entries sealed and verified a second.
 *
 *     npm run bench:log -- 200000
 *
 * Program and database share the machine, and work through one connection.
 */
import { logReading } from '#platform/access-log.ts'
import type { Sql } from '#platform/database.ts'
import { createLogSealer } from '#platform/log-sealer.ts'
import { verifyLog } from '#platform/log-verify.ts'
import { migratedDatabase } from '../test/crash/database.ts'
import { ACTOR, SECRETS } from './enrolled.ts'
import { describeMachine } from './machine.ts'
import { describeUse, watch } from './resources.ts'

const ENTRIES = Number(process.argv[2] ?? 100_000)
const READINGS = 2_000
const PERSON = 'P0000000001'

const { database, close } = await migratedDatabase({ max: 1 })
try {
  console.log(describeMachine())
  await database.query(`insert into tenants (id, name) values ($1, '')`, [ACTOR.tenant])
  await database.query(`insert into persons (tenant_id, id, body) values ($1, $2, '{}')`, [
    ACTOR.tenant,
    PERSON,
  ])
  const read = (sql: Sql) =>
    sql.query('select body from persons where tenant_id = $1 and id = $2', [ACTOR.tenant, PERSON])
  const guarded = database.as(ACTOR)
  await times('without a record', () => guarded.together(read, { byKey: true }))
  await times('with its record', () =>
    guarded.together(
      (sql) => Promise.all([read(sql), logReading(sql, ACTOR, 'read person', PERSON)]),
      { byKey: true },
    ),
  )
  await database.query(
    `insert into access_log (tenant_id, user_name, action, subject)
     select $1, 'li', 'read person', 'P' || n from generate_series(1, $2) as n`,
    [ACTOR.tenant, ENTRIES],
  )
  await rate('sealed', () => createLogSealer(database, SECRETS).sealAll())
  await rate('verified', async () => {
    const chains = await verifyLog(database, SECRETS, {})
    if (chains.some(({ fault }) => fault)) throw new Error(JSON.stringify(chains))
    return chains.reduce((sum, { entries }) => sum + entries, 0)
  })
} finally {
  await close()
}

async function times(what: string, ask: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < READINGS / 10; i++) await ask()
  const used = watch()
  const taken: number[] = []
  for (let i = 0; i < READINGS; i++) {
    const began = performance.now()
    await ask()
    taken.push(performance.now() - began)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => (taken[Math.floor(READINGS * share)] ?? 0).toFixed(2)
  console.log(`a reading ${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${perReading(used.end())}`)
}

function perReading(used: ReturnType<ReturnType<typeof watch>['end']>): string {
  if (!used) return 'processor time is not told by this system'
  const each = (seconds: number) => ((seconds * 1_000) / READINGS).toFixed(2)
  return `processor: program ${each(used.programSeconds)} ms, database ${each(used.databaseSeconds)} ms`
}

async function rate(what: string, work: () => Promise<number>): Promise<void> {
  const used = watch()
  const began = performance.now()
  const entries = await work()
  const seconds = (performance.now() - began) / 1_000
  const speed = Math.round(entries / seconds).toLocaleString('en-US')
  console.log(
    `${entries.toLocaleString('en-US')} entries ${what} in ${seconds.toFixed(1)} s, ${speed} a second`,
  )
  console.log(`  ${describeUse(used.end())}`)
}
