/** The access log on a real database: it only grows, nothing in it is lost, and every touch is found. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { logAccess } from '#platform/access-log.ts'
import { type Database, openDatabase } from '#platform/database.ts'
import { createLogSealer, settleIn } from '#platform/log-sealer.ts'
import { headsOf, verifyLog } from '#platform/log-verify.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'

const secrets = createSecrets(Buffer.alloc(32, 1))
const actor = { tenant: 'main', name: 'handler' }
let database: Database
let url: string
let close: () => Promise<void>

before(async () => {
  ;({ database, url, close } = await migratedDatabase({ max: 12 }))
  await database.query(`insert into tenants (id, name) values ('main', 'Main'), ('other', 'Other')`)
})
after(() => close())

/** Seals until nothing waits: a statistics run of the database itself may be a transaction that still runs. */
async function seal() {
  const deadline = Date.now() + 10_000
  do await createLogSealer(database, secrets).sealAll()
  while ((await verified()).waiting > 0 && Date.now() < deadline)
}
const write = (action: string, sql: Pick<Database, 'query'> = database, tenant = 'main') =>
  logAccess(sql, { ...actor, tenant }, action, 'p-1')
const verified = async (options: Parameters<typeof verifyLog>[2] = {}) => {
  const [main] = (await verifyLog(database, secrets, options)).filter(
    ({ tenant }) => tenant === 'main',
  )
  assert(main)
  return main
}
/** What only the owner of the tables can do, and leaves undone again. */
async function tampered<T>(change: string, back: string, look: () => Promise<T>): Promise<T> {
  const owner = (statement: string) =>
    database.query(
      `alter table access_log disable trigger user; alter table access_seals disable trigger user; ${statement};
       alter table access_log enable trigger user; alter table access_seals enable trigger user`,
    )
  await owner(change)
  const found = await look()
  await owner(back)
  return found
}

test('entries can be written and neither changed, removed nor emptied, even by their owner', async () => {
  await write('read person')
  for (const statement of [
    `update access_log set action = 'nothing'`,
    'delete from access_log',
    'truncate access_log',
    'truncate access_seals',
  ])
    await assert.rejects(database.query(statement), /only grows/, statement)
})

test('an entry that is committed late, with a smaller number, is sealed all the same', async () => {
  const slow = openDatabase(url, { max: 1 })
  let commit = () => {}
  let written = () => {}
  const isWritten = new Promise<void>((done) => {
    written = done
  })
  const late = slow.transaction(async (sql) => {
    await write('late', sql)
    written()
    await new Promise<void>((done) => {
      commit = done
    })
  })
  await isWritten
  await write('early')
  await write('other tenant', database, 'other')
  await createLogSealer(database, secrets).sealAll()
  const waiting = await verified()
  assert.equal(waiting.fault, undefined)
  assert(waiting.waiting >= 1, 'what is younger than a transaction that still runs waits')
  commit()
  await late
  await slow.close()
  await seal()
  const all = await verified()
  assert.deepEqual([all.fault, all.waiting], [undefined, 0])
  const [count] = await database.query<{ n: number }>(
    `select count(*) as n from access_log where tenant_id = 'main'`,
  )
  assert.equal(all.entries, count?.n)
})

test('many writers and several sealers at once: every entry is sealed once', async () => {
  const sealers = [createLogSealer(database, secrets), createLogSealer(database, secrets)]
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 40; i++)
      await database
        .transaction(async (sql) => {
          await write(`w${writer}`, sql)
          await write(`w${writer}`, sql)
          // A number that is used up by a transaction that failed leaves a gap.
          if (i % 7 === 0) throw new Error('undone')
        })
        .catch((error: Error) => assert.equal(error.message, 'undone'))
  })
  let busy = true
  const sealing = sealers.map(async (each) => {
    while (busy) await each.sealAll()
  })
  await Promise.all(writers)
  busy = false
  await Promise.all(sealing)
  await seal()
  const all = await verified()
  assert.deepEqual([all.fault, all.waiting], [undefined, 0])
  const [twice] = await database.query<{ n: number }>(
    `select count(*) as n from (select unnest(ids) as id from access_seals group by 1 having count(*) > 1) t`,
  )
  assert.equal(twice?.n, 0)
})

test('whoever changes, removes or slips in an entry is found, and the entry is named', async () => {
  const [entry] = await database.query<{ id: number }>(
    `select min(id) as id from access_log where tenant_id = 'main' and action = 'early'`,
  )
  const id = entry?.id ?? 0
  const changed = await tampered(
    `update access_log set user_name = 'somebody else' where id = ${id}`,
    `update access_log set user_name = 'handler' where id = ${id}`,
    verified,
  )
  assert(changed.fault && 'entry' in changed.fault)
  assert.deepEqual([changed.fault.what, changed.fault.entry], ['entry_changed', id])
  const removed = await tampered(
    `create table aside as select * from access_log where id = ${id}; delete from access_log where id = ${id}`,
    'insert into access_log overriding system value select * from aside; drop table aside',
    verified,
  )
  assert(removed.fault && 'entry' in removed.fault)
  assert.deepEqual([removed.fault.what, removed.fault.entry], ['entry_missing', id])
  const slipped = await tampered(
    `insert into access_log (tenant_id, user_name, action, written_in) values ('main', 'x', 'x', '1')`,
    `delete from access_log where user_name = 'x'`,
    verified,
  )
  assert.equal(slipped.fault?.what, 'entry_slipped_in')
  assert.equal((await verified()).fault, undefined, 'all of it is back')
})

test('without the key nobody makes the chain again: the code of the batch is wrong', async () => {
  const kept = await database.query(
    `select encode(code, 'hex') as code from access_seals where tenant_id = 'main' order by number desc limit 1`,
  )
  const newest = `tenant_id = 'main' and number = (select max(number) from access_seals where tenant_id = 'main')`
  const found = await tampered(
    `update access_seals set code = sha256(code) where ${newest}`,
    `update access_seals set code = decode('${(kept[0] as { code: string }).code}', 'hex') where ${newest}`,
    verified,
  )
  assert.equal(found.fault?.what, 'code_wrong')
  const stranger = createSecrets(Buffer.alloc(32, 2))
  const [unknown] = await verifyLog(database, stranger, {})
  assert.equal(unknown?.fault?.what, 'key_unknown')
})

test('a tail that was cut off looks sound by itself and is found by a head kept elsewhere', async () => {
  await write('last')
  await seal()
  const heads = await headsOf(database)
  const head = heads.find(({ tenant }) => tenant === 'main')
  assert.equal((await verified({ heads })).fault, undefined)
  const last = `tenant_id = 'main' and number = ${head?.number}`
  const cut = `create table entries_aside as select * from access_log where id = any(select unnest(ids) from access_seals where ${last});
    create table seals_aside as select * from access_seals where ${last};
    delete from access_log where id in (select id from entries_aside); delete from access_seals where ${last}`
  const back = `insert into access_log overriding system value select * from entries_aside;
    insert into access_seals select * from seals_aside; drop table entries_aside; drop table seals_aside`
  await tampered(cut, back, async () => {
    assert.equal((await verified()).fault, undefined, 'the chain alone cannot know')
    assert.deepEqual((await verified({ heads })).fault, { what: 'cut_off', seal: head?.number })
  })
  const other = heads.map((each) => ({ ...each, hash: '00'.repeat(32) }))
  assert.equal((await verified({ heads: other })).fault?.what, 'rewritten')
})

test('a copy in another database, which counts its transactions anew, goes on with its chain', async () => {
  const { database: copy, close: closeCopy } = await migratedDatabase({ max: 2 })
  try {
    await write('not sealed yet')
    await copy.query(`insert into tenants (id, name) values ('main', 'Main'), ('other', 'Other')`)
    for (const table of ['access_log', 'access_seals']) {
      const rows = await database.query(`select to_jsonb(t) as row from ${table} t`)
      await copy.query(
        `insert into ${table} overriding system value select (jsonb_populate_record(null::${table}, r)).* from jsonb_array_elements($1) r`,
        [JSON.stringify(rows.map((each) => (each as { row: unknown }).row))],
      )
    }
    await copy.query(`select setval('access_log_id_seq', (select max(id) from access_log))`)
    // Entries of transactions far ahead of the copy's own count.
    await copy.query(
      `insert into access_log (tenant_id, user_name, action, written_in) values ('main', 'x', 'x', '900000000')`,
    )
    await copy.transaction((sql) => settleIn(sql, secrets))
    const first = (await verifyLog(copy, secrets, {})).find(({ tenant }) => tenant === 'main')
    assert.deepEqual([first?.fault, first?.waiting], [undefined, 0])
    await write('after the move', copy)
    await createLogSealer(copy, secrets).sealAll()
    await copy.transaction((sql) => settleIn(sql, secrets))
    const then = (await verifyLog(copy, secrets, {})).find(({ tenant }) => tenant === 'main')
    assert.deepEqual(
      [then?.fault, then?.waiting, then?.entries],
      [undefined, 0, (first?.entries ?? 0) + 1],
    )
  } finally {
    await closeCopy()
  }
})
