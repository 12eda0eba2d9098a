import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { logReading, whoLooked } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { type Database, openDatabase, SERVER_ROLE, type Transaction } from '#platform/database.ts'
import { migratedDatabase } from './crash/database.ts'

const HANDLER: Actor = { tenant: 'here', user: '', name: 'li', role: 'handler' }
const ELSEWHERE: Actor = { ...HANDLER, tenant: 'elsewhere' }

let database: Database
let url: string
let close: () => Promise<void>
before(async () => {
  // One connection: what one round trip leaves behind, the next would find.
  ;({ database, url, close } = await migratedDatabase({ max: 1 }))
  await database.query(`insert into tenants (id, name) values ('here', ''), ('elsewhere', '')`)
  await database.query(`insert into persons (tenant_id, id, body) values ('here', 'P1', '{}')`)
})
after(() => close())

const PERSON = 'select id from persons where id = $1'
const entries = () =>
  database.query('select user_name, action, subject from access_log order by id')

test('a reading and its record go together, and whoever does not see the person leaves none', async () => {
  const read = (actor: Actor) =>
    database
      .as(actor)
      .together((sql) =>
        Promise.all([
          logReading(sql, actor, 'read person', 'P1'),
          sql.query(PERSON, ['P1']),
          sql.query('select 1 as one'),
          whoLooked(sql, actor, 'P1'),
        ]),
      )
  const [, rows, one, looked] = await read(HANDLER)
  assert.deepEqual(rows, [{ id: 'P1' }])
  assert.deepEqual(one, [{ one: 1 }])
  assert.deepEqual(
    looked.map(({ user, action }) => [user, action]),
    [['li', 'read person']],
  )
  const [, none, , nobody] = await read(ELSEWHERE)
  assert.deepEqual([none, nobody], [[], []])
  assert.equal((await entries()).length, 1)
})

test('a look that an emergency made possible says so', async () => {
  const actor: Actor = { ...HANDLER, emergency: ['P1'] }
  await database.as(actor).together((sql) => logReading(sql, actor, 'read person', 'P1'))
  const [newest] = (await entries()).slice(-1)
  assert.deepEqual(newest, { user_name: 'li', action: 'read person (emergency)', subject: 'P1' })
})

test('what a round trip was told is forgotten with it', async () => {
  const server = openDatabase(url, { max: 1, role: SERVER_ROLE })
  try {
    const settings = `select coalesce(current_setting('kangyang.tenant', true), '') as tenant,
      current_setting('plan_cache_mode') as plans, current_setting('enable_seqscan') as seqscan`
    const within = await server.as(HANDLER).together((sql) => sql.query(settings), { byKey: true })
    assert.deepEqual(within, [{ tenant: 'here', plans: 'force_generic_plan', seqscan: 'off' }])
    const left = await server.query(settings)
    assert.deepEqual(left, [{ tenant: '', plans: 'force_custom_plan', seqscan: 'on' }])
    assert.deepEqual(await server.query(PERSON, ['P1']), [])
  } finally {
    await server.close()
  }
})

test('where one statement fails nothing is kept or answered, and the connection works on', async () => {
  const before = (await entries()).length
  const divide = async (by: number) =>
    database.as(HANDLER).together((sql) =>
      Promise.all([
        logReading(sql, HANDLER, 'read person', 'P1'),
        sql.query<{ n: number }>('select 6 / $1::int as n', [by]),
        // The server never comes to this one where the one before fails.
        sql.query('select $1::int as by', [by]),
      ]),
    )
  // The first time the statement is new to the connection, the second time it is known.
  await assert.rejects(divide(0), { code: '22012' })
  assert.deepEqual((await divide(2))[1], [{ n: 3 }])
  await assert.rejects(divide(0), { code: '22012' })
  assert.deepEqual((await divide(3))[1], [{ n: 2 }])
  assert.equal((await entries()).length, before + 2)
})

test('a statement that a round trip told the connection is known to transactions as well', async () => {
  const text = 'select 12 / $1::int as n'
  const actor = database.as(HANDLER)
  assert.deepEqual(await actor.query(text, [2]), [{ n: 6 }])
  const divide = (by: number) => actor.transaction((sql) => sql.query(text, [by]))
  await assert.rejects(divide(0), { code: '22012' })
  assert.deepEqual(await divide(3), [{ n: 4 }])
  assert.deepEqual(await actor.query(text, [4]), [{ n: 3 }])
})

const ENTRY = `insert into access_log (tenant_id, user_name, action, subject) values ('here', 'li', $1, 'P1')`

test('the last statement of a transaction is durable with the commit that goes out with it', async () => {
  const before = (await entries()).length
  const written = await database.as(HANDLER).transaction(async (sql) => {
    await sql.query(ENTRY, ['first'])
    return sql.last<{ action: string }>(`${ENTRY} returning action`, ['last'])
  })
  assert.deepEqual(written, [{ action: 'last' }])
  await database.as(HANDLER).transaction((sql) => sql.last(ENTRY, ['first and last']))
  assert.equal((await entries()).length, before + 3)
})

test('where the last statement of a transaction fails nothing of it is kept, and the connection works on', async () => {
  const before = (await entries()).length
  const writing = (action: string | null) =>
    database.as(HANDLER).transaction(async (sql) => {
      await sql.query(ENTRY, ['first'])
      await sql.last(ENTRY, [action])
    })
  await assert.rejects(writing(null), { code: '23502' })
  assert.equal((await entries()).length, before)
  await writing('last')
  await assert.rejects(writing(null), { code: '23502' })
  assert.equal((await entries()).length, before + 2)
})

test('whatever a transaction does first, it is within', async () => {
  const before = (await entries()).length
  const broken = new Error('broken off')
  const breaksOff = (work: (sql: Transaction) => Promise<unknown>) =>
    database.as(HANDLER).transaction(async (sql) => {
      await work(sql)
      throw broken
    })
  const plain = ENTRY.replace('$1', "'plain'")
  await assert.rejects(
    breaksOff((sql) => sql.query(ENTRY, ['with a value'])),
    broken,
  )
  await assert.rejects(
    breaksOff((sql) => sql.query(plain)),
    broken,
  )
  await assert.rejects(
    breaksOff((sql) => Promise.all([sql.query(plain), sql.query(ENTRY, ['beside it'])])),
    broken,
  )
  await assert.rejects(
    breaksOff((sql) => Promise.all([sql.query(ENTRY, ['at once']), sql.query(plain)])),
    broken,
  )
  await assert.rejects(
    breaksOff(async () => {}),
    broken,
  )
  assert.equal((await entries()).length, before)
})

test('where nothing can be recorded nothing is shown', async () => {
  await database.query('revoke insert on access_log from kangyang_server')
  try {
    const shown = database
      .as(HANDLER)
      .together((sql) =>
        Promise.all([sql.query(PERSON, ['P1']), logReading(sql, HANDLER, 'read person', 'P1')]),
      )
    await assert.rejects(shown, { code: '42501' })
  } finally {
    await database.query('grant insert on access_log to kangyang_server')
  }
})

test('a number that is not safe is refused', async () => {
  const asked = database.as(HANDLER).query('select $1::bigint as n', ['9007199254740993'])
  await assert.rejects(asked, /beyond the safe integers/)
  assert.deepEqual(await database.as(HANDLER).query('select $1::bigint as n', [5]), [{ n: 5 }])
})

test('a statement that comes after the round trip is refused', async () => {
  const late = database.as(HANDLER).together(async (sql) => {
    await sql.query('select 1')
    return sql.query('select 2')
  })
  await assert.rejects(late, /came after its round trip/)
})
