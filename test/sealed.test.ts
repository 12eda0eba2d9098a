/** Names and id-card numbers at rest: nothing in the database says them, and a new data key takes over. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plainDate } from '#base/plain-date.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { openSecrets, WrongKeyError } from '#platform/kept-keys.ts'
import { sealOpenNames } from '#platform/person-name.ts'
import { keysInUse, resealAll, sealedColumns } from '#platform/sealed-columns.ts'
import { keyId, type Secrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { migratedDatabase } from './crash/database.ts'
import { BOOK, readUpload, SCHEME_FILES, teachingUpload } from './crash/teaching.ts'

const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))
const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const TODAY = plainDate('2025-12-31')
const handler: Actor = { tenant: 'main', user: 'u', name: 'handler', role: 'handler' }
const NAME = '欧阳示例'
const NUMBER = '11010519491231002X'
const IN_FILE = { name: '司马示例', number: '110101199001011237' }

describe('sealed at rest', { timeout: 120_000 }, () => {
  let database: Database
  let url: string
  let close: () => Promise<void>
  let secrets: Secrets

  before(async () => {
    ;({ database, url, close } = await migratedDatabase({ max: 6 }))
    await database.query(
      `insert into tenants (id, name) values ('main', 'Main'), ('other', 'Other')`,
    )
    secrets = await openSecrets(database, [OLD])
  })
  after(() => close())

  const settlements = () =>
    createSettlementService({ database, today: () => TODAY, allowUndated: () => true, secrets })
  const shared = () => ({ database, today: () => TODAY, bookOf: async () => BOOK, secrets })
  const found = async (q: string, tenant = 'main') => {
    const asked = { q, scheme: undefined, after: '', limit: 10 }
    return (await settlements().persons({ ...handler, tenant }, asked)).map(({ name }) => name)
  }

  /** Every table that says a text anywhere, as text or in any other writing of it. */
  async function tablesThatSay(text: string): Promise<string[]> {
    const hex = Buffer.from(text).toString('hex')
    const tables = await database.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    )
    const say: string[] = []
    for (const { name } of tables) {
      const [row] = await database.query<{ n: number }>(
        `select count(*) as n from ${name} t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0`,
        [text, hex],
      )
      if (row?.n) say.push(name)
    }
    return say
  }

  test('no table says a name or an id-card number, however it came in', async () => {
    const service = settlements()
    const own = Object.entries(SCHEME_FILES).filter(([path]) => /^teaching|^[^/]+$/.test(path))
    await service.ensureRules('main', Object.fromEntries(own), 'test')
    const enrolment = createEnrolmentService({ ...shared(), settlement: settlements() })
    assert((await enrolment.register(handler, 'one', { name: NAME, idNumber: NUMBER })).ok)
    const upload = readUpload(teachingUpload('two', { persons: 1, billsEach: 1 }, seeded(3)))
    const persons = upload.persons.map((each) => ({ ...each, name: NAME }))
    assert((await service.addBills(handler, 'two', { ...upload, persons })).ok)
    const imports = createImportService(shared())
    const file = `证件号码,姓名,方案,起始日,登记日,特定既往症\n${IN_FILE.number},${IN_FILE.name},teaching/shifan/products/huimin,2026-01-01,2025-11-20,无\n`
    const received = await imports.receive(
      handler,
      'file.csv',
      (async function* () {
        yield Buffer.from(file)
      })(),
    )
    assert(received.ok)
    // Read and checked, and not yet carried out: its rows are set aside.
    assert((await imports.run(handler, 'check', received.value.id, 'check')).ok)
    const state = async () => {
      const view = await imports.view(handler, received.value.id)
      return view.ok ? view.value.state : undefined
    }
    while ((await state()) === 'running') await new Promise((done) => setTimeout(done, 50))
    assert.equal(await state(), 'checked')
    for (const text of [NAME, NUMBER, IN_FILE.name, IN_FILE.number])
      assert.deepEqual(await tablesThatSay(text), [], text)
    assert((await imports.run(handler, 'good', received.value.id, 'good')).ok)
    while ((await state()) === 'running') await new Promise((done) => setTimeout(done, 50))
    await imports.stop()
    assert.deepEqual(await found(IN_FILE.name), [IN_FILE.name])
    for (const text of [NAME, NUMBER, IN_FILE.name, IN_FILE.number])
      assert.deepEqual(await tablesThatSay(text), [], text)
  })

  test('a whole name finds its persons, a part of one nobody, and no other tenant’s', async () => {
    assert.deepEqual(await found(NAME), [NAME, NAME])
    assert.deepEqual(await found(' 欧阳 示例'), [NAME, NAME])
    assert.deepEqual(await found('欧阳'), [])
    assert.deepEqual(await found(NAME, 'other'), [])
    assert.deepEqual(await found('two-'), [NAME], 'a number by its beginning, as before')
  })

  test('names that an earlier version left open are sealed once, and none comes in open again', async () => {
    await database.query('alter table persons drop constraint name_is_sealed')
    await database.query(
      `insert into persons (tenant_id, id, name, body) select 'other', 'open-' || n, '示例' || n, '{}' from generate_series(1, 7) n`,
    )
    await database.query(
      'alter table persons add constraint name_is_sealed check (name is null) not valid',
    )
    assert.equal(await sealOpenNames(database, secrets), 7)
    assert.equal(await sealOpenNames(database, secrets), 0)
    assert.deepEqual(await found('示例3', 'other'), ['示例3'])
    await assert.rejects(
      database.query(
        `insert into persons (tenant_id, id, name, body) values ('other', 'x', '示例', '{}')`,
      ),
      /name_is_sealed/,
    )
  })

  test('every column that says it is sealed is found, with the key of its rows', async () => {
    const columns = new Map(
      (await sealedColumns(database)).map(({ table, column, keys }) => [
        `${table}.${column}`,
        keys,
      ]),
    )
    assert.deepEqual(columns.get('persons.id_sealed'), ['tenant_id', 'id'])
    assert.deepEqual(columns.get('persons.name_sealed'), ['tenant_id', 'id'])
    assert.deepEqual(columns.get('kept_keys.sealed'), ['name'])
    assert.deepEqual(columns.get('second_factors.secret_sealed'), ['tenant_id', 'user_id'])
    assert.deepEqual(columns.get('import_pieces.sealed'), ['tenant_id', 'import_id', 'no'])
  })

  test('a new key takes over while people work; afterwards the old one opens nothing and nothing is lost', async () => {
    const both = await openSecrets(database, [NEW, OLD])
    const underOld = async () =>
      (await keysInUse(database))
        .filter(({ key }) => key !== keyId(NEW))
        .reduce((sum, { values }) => sum + values, 0)
    await database.query(
      `insert into persons (tenant_id, id, name_sealed, name_digest, body)
       select 'other', 'many-' || n, p.name_sealed, p.name_digest, '{}' from persons p, generate_series(1, 1200) n where p.id = 'open-3'`,
    )
    assert((await underOld()) > 1_200)
    await assert.rejects(
      resealAll(database, both, () => {
        throw new Error('stopped half way')
      }),
      /half way/,
    )
    const left = await underOld()
    assert(left > 0)
    const enrolment = createEnrolmentService({ ...shared(), settlement: settlements() })
    const [resealed] = await Promise.all([
      resealAll(database, both),
      (async () => {
        // A server that still seals under the old key, as one that was not restarted yet.
        for (let i = 0; i < 20; i++) {
          const person = { id: `during-${i}`, name: '示例', born: TODAY, sex: 'male' as const }
          assert((await enrolment.register(handler, `during ${i}`, person)).ok)
        }
      })(),
    ])
    assert(resealed >= left)
    await resealAll(database, both)
    assert.equal(await underOld(), 0)
    assert.equal(await resealAll(database, both), 0, 'the same again does nothing')
    const alone = await openSecrets(database, [NEW])
    secrets = alone
    assert.deepEqual(await found(NAME), [NAME, NAME], 'digests are the old ones')
    assert.equal((await found('示例3', 'other')).length, 10)
    assert.equal((await found('示例')).length, 10)
    await assert.rejects(openSecrets(database, [OLD]), WrongKeyError)
  })

  test('the command tells what each key seals, and refuses a key that is not the database’s', async () => {
    const run = (key: Buffer, others: string, ...args: string[]) =>
      new Promise<{ code: number | null; out: string }>((resolve) => {
        const child = spawn(process.execPath, [CLI, 'keys', ...args, '--lang', 'en'], {
          env: {
            ...process.env,
            DATABASE_URL: url,
            KANGYANG_DATA_KEY: key.toString('hex'),
            KANGYANG_OTHER_DATA_KEYS: others,
          },
        })
        let out = ''
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk) => {
            out += chunk
          })
        child.once('close', (code) => resolve({ code, out }))
      })
    const wrong = await run(OLD, '', 'status')
    assert.equal(wrong.code, 2)
    assert.match(wrong.out, /do not belong to this database/)
    const third = Buffer.alloc(32, 3)
    const rotated = await run(third, NEW.toString('hex'), 'rotate')
    assert.equal(rotated.code, 0, rotated.out)
    assert.match(rotated.out, new RegExp(`\\d+ values sealed anew under the key ${keyId(third)}`))
    assert.match(rotated.out, new RegExp(`${keyId(NEW)} +0 +opens only`))
    assert.match(rotated.out, /the other keys seal nothing any more/)
    const [sealed] = await database.query<{ key: string }>(
      `select key from access_seals where tenant_id = 'main' order by number desc limit 1`,
    )
    assert.equal(sealed?.key, keyId(third), 'the log is vouched for by the new key')
  })
})
