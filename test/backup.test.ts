/** Backing a lived-in database up and restoring it elsewhere, as the commands do it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plainDate } from '#base/plain-date.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { BackupError, openBackup } from '#platform/backup-file.ts'
import { type Database, openDatabase } from '#platform/database.ts'
import { openSecrets } from '#platform/kept-keys.ts'
import { createLogSealer } from '#platform/log-sealer.ts'
import { createSecrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { emptyDatabase, migratedDatabase, type Place } from './crash/database.ts'
import { BOOK, readUpload, SCHEME_FILES, teachingUpload } from './crash/teaching.ts'

const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))
const KEY = '01'.repeat(32)
const TODAY = plainDate('2025-12-31')
const handler: Actor = { tenant: 'main', user: 'u', name: 'handler', role: 'handler' }

type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs the command on a database, with a data key. */
function kangyang(url: string, args: readonly string[], key = KEY): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, DATABASE_URL: url, KANGYANG_DATA_KEY: key },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

/** What every table holds, whatever the order of its rows and whoever numbers the transactions. */
async function contents(url: string): Promise<Record<string, string>> {
  const database = openDatabase(url, { max: 1 })
  const tables = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  )
  const found: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await database.query<{ hash: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(r, E'\\n' order by r)), '') as hash
         from (select (to_jsonb(t) - 'written_in' - 'applied_at')::text as r from ${name} t) rows`,
    )
    found[name] = row?.hash ?? ''
  }
  await database.close()
  return found
}

describe('backup and restore', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-backup-'))
  const file = join(folder, 'first.backup')
  let database: Database
  let url: string
  let close: () => Promise<void>
  let place: Place

  before(async () => {
    ;({ database, url, close } = await migratedDatabase({ max: 6 }))
    place = await emptyDatabase()
    await database.query(
      `insert into tenants (id, name) values ('main', 'Main'), ('quiet', 'Quiet')`,
    )
    const secrets = await openSecrets(database, [Buffer.from(KEY, 'hex')])
    const service = createSettlementService({
      database,
      today: () => TODAY,
      allowUndated: () => true,
      secrets,
    })
    const own = Object.entries(SCHEME_FILES).filter(([path]) => /^teaching|^[^/]+$/.test(path))
    await service.ensureRules('main', Object.fromEntries(own), 'test')
    const enrolment = createEnrolmentService({
      database,
      today: () => TODAY,
      bookOf: async () => BOOK,
      secrets,
      settlement: service,
    })
    const person = { name: '示例\t甲\\乙', idNumber: '11010519491231002X' }
    assert((await enrolment.register(handler, 'register', person)).ok)
    const upload = readUpload(teachingUpload('old', { persons: 4, billsEach: 4 }, seeded(7)))
    assert((await service.addBills(handler, 'add', upload)).ok)
    for (const { id } of upload.bills) {
      const done = await service.settle(handler, `settle ${id}`, id)
      assert(done.ok, JSON.stringify(done))
    }
    const [last] = await database.query<{ id: string }>(
      `select id from settlements where person_id = 'old-0' order by sequence desc limit 1`,
    )
    assert((await service.reverse(handler, 'reverse', last?.id ?? '', 'again')).ok)
    await createLogSealer(database, secrets).sealAll()
    await logAccess(database, handler, 'read person', 'not sealed yet')
    // What is new while the backup is made is in it whole or not at all.
    const more = readUpload(teachingUpload('new', { persons: 6, billsEach: 4 }, seeded(8)))
    assert((await service.addBills(handler, 'add more', more)).ok)
    const settling = (async () => {
      for (const { id } of more.bills) await service.settle(handler, `settle ${id}`, id)
    })()
    const made = await kangyang(url, ['backup', file, '--lang', 'en'])
    await settling
    assert.deepEqual([made.code, made.err], [0, ''])
    assert.match(made.out, /backed \d+ rows up/)
  })
  after(async () => {
    await place?.remove()
    await close?.()
    rmSync(folder, { recursive: true, force: true })
  })

  test('nothing of it can be read without the key, and no part file stays behind', () => {
    const bytes = readFileSync(file)
    for (const word of ['示例', 'old-0', 'teaching/shifan']) assert(!bytes.includes(word), word)
    assert(!existsSync(`${file}.part`))
  })

  test('a file is never overwritten', async () => {
    const again = await kangyang(url, ['backup', file])
    assert.equal(again.code, 2)
    assert.match(again.err, /overwrites no file/)
  })

  test('a byte that was flipped anywhere, a cut and an addition are noticed', async () => {
    const bytes = readFileSync(file)
    const secrets = createSecrets(Buffer.from(KEY, 'hex'))
    const faultIn = async (content: Buffer): Promise<string | undefined> => {
      try {
        const { records } = await openBackup(Readable.from([content]))
        for await (const _ of records(secrets));
        return undefined
      } catch (error) {
        assert(error instanceof BackupError, String(error))
        return error.code
      }
    }
    assert.equal(await faultIn(bytes), undefined)
    const places = Array.from({ length: 40 }, (_, i) => Math.floor((i * (bytes.length - 1)) / 39))
    for (const at of [...places, 8, 11, 12, 30]) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ 1
      assert(await faultIn(flipped), `byte ${at}`)
    }
    assert.equal(await faultIn(bytes.subarray(0, bytes.length - 1)), 'cut_off')
    assert.equal(await faultIn(bytes.subarray(0, 2_000)), 'cut_off')
    assert.equal(await faultIn(Buffer.concat([bytes, Buffer.of(0)])), 'damaged')
    assert.equal(await faultIn(Buffer.from('a text')), 'not_a_backup')
  })

  test('what cannot be restored says why, and writes nothing', async () => {
    const broken = join(folder, 'broken.backup')
    const bytes = readFileSync(file)
    // The last frame: everything before it has been loaded by then.
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    writeFileSync(broken, bytes)
    const damaged = await kangyang(place.url, ['restore', broken])
    assert.equal(damaged.code, 2)
    assert.match(damaged.err, /damaged or was changed; nothing was restored/)
    const stranger = await kangyang(place.url, ['restore', file], '02'.repeat(32))
    assert.equal(stranger.code, 2)
    assert.match(stranger.err, /sealed under the key [0-9a-f]{8}, which is not in the ring/)
    const full = await kangyang(url, ['restore', file])
    assert.match(full.err, /the database is not empty/)
    assert.deepEqual(await contents(place.url), {}, 'nothing was left behind')
  })

  test('restored elsewhere the books hold, the log verifies, and every row is the same', async () => {
    const restored = await kangyang(place.url, ['restore', file, '--lang', 'en'])
    assert.deepEqual([restored.code, restored.err], [0, ''], restored.out)
    assert.match(
      restored.out,
      /books: \d+ settlements of \d+ persons made again; amounts and totals agree/,
    )
    assert.match(restored.out, /main: \d+ seals and \d+ entries are sound, 0 entries wait/)

    // What was restored goes on: a new settlement, a new entry, and numbers that nobody had before.
    const copy = openDatabase(place.url, { max: 2 })
    const secrets = await openSecrets(copy, [Buffer.from(KEY, 'hex')])
    await logAccess(copy, handler, 'read person', 'after the move')
    await createLogSealer(copy, secrets).sealAll()
    const [row] = await copy.query<{ sealed: Buffer }>(
      'select id_sealed as sealed from persons where id_sealed is not null',
    )
    assert.equal(secrets.open(row?.sealed ?? Buffer.alloc(0)), '11010519491231002X')
    await copy.close()
    const second = join(folder, 'second.backup')
    assert.equal((await kangyang(place.url, ['backup', second])).code, 0)
    const third = await emptyDatabase()
    try {
      assert.equal((await kangyang(third.url, ['restore', second])).code, 0)
      // Moving a chain adds a seal to it, and whatever was restored holds payments.
      const own = ['access_seals', 'access_checks', 'payment_holds']
      const others = async (url: string) =>
        Object.entries(await contents(url)).filter(([table]) => !own.includes(table))
      const [same, rows] = [await others(place.url), await others(third.url)]
      assert.deepEqual(rows, same)
    } finally {
      await third.remove()
    }
  })

  test('amounts, totals and records that were altered are named by verify', async () => {
    const books = async () => {
      const { code, out } = await kangyang(place.url, ['verify', '--lang', 'en'])
      return `${code} ${out}`
    }
    const copy = openDatabase(place.url, { max: 1 })
    const [row] = await copy.query<{ id: string; key: string; person: string }>(
      `select s.id, s.person_id as person, k.key from settlements s join persons p on p.id = s.person_id,
              jsonb_object_keys(p.totals) k(key)
        where s.state = 'settled' and k.key not like 'account:%' and p.totals->>k.key <> '0'
          and s.sequence = (select max(sequence) from settlements l where l.person_id = s.person_id and l.state = 'settled')
        order by 1 limit 1`,
    )
    assert(row)
    const add = (n: number) =>
      copy.query(
        `update persons set totals = jsonb_set(totals, array[$2], to_jsonb((totals->>$2)::bigint + $3::int)) where id = $1`,
        [row.person, row.key, n],
      )
    await add(1)
    assert.match(
      await books(),
      new RegExp(`^1 [\\s\\S]*the running total .* of the person ${row.person} is not`),
    )
    await add(-1)
    await copy.query('update settlements set patient = patient + 1 where id = $1', [row.id])
    assert.match(await books(), new RegExp(`^1 [\\s\\S]*settlement ${row.id} do not add up`))
    await copy.query('update settlements set patient = patient - 1 where id = $1', [row.id])
    await copy.query(`update bills set state = 'open' where state = 'settled' and person_id = $1`, [
      row.person,
    ])
    assert.match(await books(), /^1 [\s\S]*a record is half there/)
    await copy.close()
  })

  test('a stream that is read from a disk is read in bounded pieces', async () => {
    const { header, records } = await openBackup(createReadStream(file, { highWaterMark: 1_000 }))
    assert.equal(header.format, 1)
    let most = 0
    for await (const { bytes } of records(createSecrets(Buffer.from(KEY, 'hex'))))
      most = Math.max(most, bytes.length)
    assert(most < 1024 * 1024)
  })
})
