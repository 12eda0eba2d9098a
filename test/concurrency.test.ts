/**
 * Many requests at once, on a real database: whatever the order in which they happen to run, the outcome
 * is that of some order one after another.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACCOUNT_KEYS } from '#app/input.ts'
import type { PlainDate } from '#base/plain-date.ts'
import {
  createSettlementService,
  type Settled,
  type SettlementService,
} from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { nothingHalfSaved, replaysTheSame } from './crash/books.ts'
import { migratedDatabase } from './crash/database.ts'
import { readUpload, SCHEME_FILES, teachingUpload, type Upload } from './crash/teaching.ts'

const TENANT = 'city'
const TODAY = '2026-06-30' as PlainDate
const AT_ONCE = 50
const SERVERS = 3
const handler: Actor = { tenant: TENANT, user: 'u1', name: 'handler', role: 'handler' }
const author: Actor = { tenant: TENANT, user: 'u2', name: 'author', role: 'actuary' }
const publishers = ['one', 'two'].map(
  (name): Actor => ({ tenant: TENANT, user: name, name, role: 'admin' }),
)

const secrets = createSecrets(Buffer.alloc(32, 1))

describe('many requests at once', { timeout: 120_000 }, () => {
  let database: Database
  /** As many servers on one database: what they do at once meets only there. */
  let services: SettlementService[]
  let service: SettlementService
  let close: () => Promise<void>

  before(async () => {
    const opened = await migratedDatabase({ max: 12 })
    database = opened.database
    close = opened.close
    await database.query('insert into tenants (id, name) values ($1, $1)', [TENANT])
    services = Array.from({ length: SERVERS }, newService)
    service = services[0] as SettlementService
    await service.ensureRules(TENANT, SCHEME_FILES, 'test')
  })
  after(async () => {
    await nothingHalfSaved(database)
    await close()
  })

  /** A service that has read no rules yet, as after a start. */
  const newService = () =>
    createSettlementService({ database, today: () => TODAY, allowUndated: () => true, secrets })

  async function add(upload: Upload): Promise<string[]> {
    const { persons, bills } = readUpload(upload)
    const added = await service.addBills(handler, `add ${bills[0]?.id}`, { persons, bills })
    assert(added.ok, JSON.stringify(added))
    return bills.map(({ id }) => id)
  }

  const one = (i: number) => services[i % SERVERS] as SettlementService
  const settleAll = (bills: readonly string[]) =>
    Promise.all(bills.map((bill, i) => one(i).settle(handler, `settle ${bill}`, bill)))

  const startsWith = (accounts: number) => () => new Map([[ACCOUNT_KEYS.personal, accounts]])

  test('50 persons settle at once on a service that has just started', async () => {
    const upload = teachingUpload('cold', { persons: AT_ONCE, billsEach: 1 }, seeded(1))
    const bills = await add(upload)
    const cold = newService()
    const answers = await Promise.all(
      bills.map((bill) => cold.settle(handler, `settle ${bill}`, bill)),
    )
    for (const answer of answers) assert(answer.ok, JSON.stringify(answer))
    const replayed = await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'cold-%')
    assert.equal(replayed, AT_ONCE)
  })

  test('a transaction that finds rows by key keeps its plans, which read no table whole', async () => {
    await database.query('analyze rulebooks')
    const plansIn = (byKey: boolean) =>
      database.transaction(
        async (sql) => [
          await sql.query('show plan_cache_mode'),
          await sql.query('explain select from rulebooks where tenant_id = $1 and version = $2', [
            TENANT,
            1,
          ]),
        ],
        { byKey },
      )
    const byKey = JSON.stringify(await plansIn(true))
    assert.match(byKey, /force_generic_plan.*Index/)
    assert.doesNotMatch(byKey, /Seq Scan/)
    // Of one row, reading the table is the best plan, and what is set ends with its transaction.
    assert.match(JSON.stringify(await plansIn(false)), /force_custom_plan.*Seq Scan/)
  })

  test('a bill kept before a component came into use has none of it', async () => {
    const bills = await add(teachingUpload('kept', { persons: 2, billsEach: 1 }, seeded(2)))
    const [old = '', same = ''] = bills
    await database.query(
      `update bills set body = jsonb_set(body #- '{parts,separateItem}', '{lines}', coalesce(
         (select jsonb_agg(line #- '{parts,separateItem}') from jsonb_array_elements(body->'lines') as line), '[]'))
        where tenant_id = $1 and id = $2`,
      [TENANT, old],
    )
    for (const bill of [old, same]) {
      const answer = await service.settle(handler, `settle ${bill}`, bill)
      assert(answer.ok, JSON.stringify(answer))
      assert.equal(answer.value.settlement.components.separateItem.total, 0)
    }
  })

  test('50 bills of one person share one yearly cap, and not a fen more is paid', async () => {
    const upload = teachingUpload('capped', { persons: 1, billsEach: 0 }, seeded(2))
    const bills = Array.from({ length: AT_ONCE }, (_, i) => ({
      id: `capped-${i}`,
      person: 'capped-0',
      admitted: '2025-03-01',
      discharged: '2025-03-01',
      settled: '2025-03-01',
      answers: { medical: '普通门诊', level: '三级' },
      parts: { inScope: `${900 + i}.37`, outOfScope: '12.00' },
    }))
    const [person] = upload.persons
    assert(person)
    const covers = [
      { scheme: 'teaching/shifan/employee', from: '2018-01-01', answers: { class: '在职' } },
    ]
    const answers = await settleAll(
      await add({ amounts: 'yuan', persons: [{ ...person, covers }], bills }),
    )
    for (const answer of answers) assert(answer.ok, JSON.stringify(answer))
    const [paid] = await database.query<{ pool: number }>(
      `select sum((tier->>'paid')::bigint)::bigint as pool from settlements s
         cross join jsonb_array_elements(s.result->'settlement'->'tiers') as tier
        where s.tenant_id = $1 and s.person_id = $2 and s.state = 'settled' and tier->>'payer' = 'basicPool'`,
      [TENANT, 'capped-0'],
    )
    // 第二十三条: 6,000 yuan a year for the working.
    assert.equal(paid?.pool, 600_000)
    const replayed = await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'capped-%')
    assert.equal(replayed, AT_ONCE)
    const sequences = await database.query<{ sequence: number }>(
      'select sequence from settlements where tenant_id = $1 and person_id = $2 order by 1',
      [TENANT, 'capped-0'],
    )
    assert.deepEqual(
      sequences.map(({ sequence }) => sequence),
      Array.from({ length: sequences.length }, (_, i) => i + 1),
    )
  })

  test('one key sent 50 times at once is one settlement and 50 equal answers', async () => {
    const [bill = ''] = await add(teachingUpload('same', { persons: 1, billsEach: 1 }, seeded(3)))
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => one(i).settle(handler, 'same key', bill)),
    )
    const values = answers.map((answer): Settled => {
      assert(answer.ok, JSON.stringify(answer))
      return answer.value
    })
    assert.equal(values.filter(({ replayed }) => !replayed).length, 1)
    for (const { replayed: _, ...answer } of values) {
      const { replayed: __, ...first } = values[0] as Settled
      assert.deepEqual(answer, first)
    }
    assert.equal(await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'same-%'), 1)
  })

  test('50 keys for one bill: one settles it, the others hear that it is settled', async () => {
    const [bill = ''] = await add(teachingUpload('race', { persons: 1, billsEach: 1 }, seeded(4)))
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => one(i).settle(handler, `race ${i}`, bill)),
    )
    const outcomes = answers.map((answer) => (answer.ok ? 'settled' : answer.error.code))
    assert.equal(outcomes.filter((outcome) => outcome === 'settled').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'already_settled').length, AT_ONCE - 1)
  })

  test('one key for 50 bills of 50 persons at once settles one of them', async () => {
    const bills = await add(teachingUpload('key', { persons: AT_ONCE, billsEach: 1 }, seeded(5)))
    const answers = await Promise.all(
      bills.map((bill, i) => one(i).settle(handler, 'one key for many', bill)),
    )
    const outcomes = answers.map((answer) => (answer.ok ? 'settled' : answer.error.code))
    assert.equal(outcomes.filter((outcome) => outcome === 'settled').length, 1)
    assert.equal(
      outcomes.filter((outcome) => outcome === 'idempotency_key_reused').length,
      AT_ONCE - 1,
    )
    const open = await database.query(
      `select from bills where tenant_id = $1 and id = any($2) and state = 'open'`,
      [TENANT, bills],
    )
    assert.equal(open.length, AT_ONCE - 1)
  })

  test('a key that settled one bill is refused for another', async () => {
    const [one = '', two = ''] = await add(
      teachingUpload('reuse', { persons: 1, billsEach: 2 }, seeded(6)),
    )
    assert((await service.settle(handler, 'reused', one)).ok)
    const again = await service.settle(handler, 'reused', two)
    assert.deepEqual(again, { ok: false, error: { code: 'idempotency_key_reused' } })
  })

  test('settling, reversing and settling again race, and the totals follow', async () => {
    const random = seeded(7)
    const bills = await add(teachingUpload('again', { persons: 4, billsEach: 6 }, random))
    let attempt = 0
    const standing: string[] = []
    await Promise.all(
      Array.from({ length: 12 }, async (_, worker) => {
        const service = one(worker)
        for (let i = 0; i < 25; i++) {
          const settlement = random() < 0.4 ? standing.pop() : undefined
          const key = `again ${attempt++}`
          if (settlement === undefined) {
            const bill = bills[Math.floor(random() * bills.length)] as string
            const answer = await service.settle(handler, key, bill)
            if (answer.ok) standing.push(answer.value.id)
            else assert.equal(answer.error.code, 'already_settled')
          } else {
            const answer = await service.reverse(handler, key, settlement, 'entered wrongly')
            // Meanwhile another bill may have come between, and put a new settlement in its place.
            if (answer.ok) continue
            assert(answer.error.code === 'settlement_superseded', JSON.stringify(answer))
            standing.push(answer.error.by)
          }
        }
      }),
    )
    await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'again-%')
    const [row] = await database.query<{ reversed: number; settled: number }>(
      `select count(*) filter (where state = 'reversed') as reversed, count(*) filter (where state = 'settled') as settled
         from settlements where tenant_id = $1 and person_id like 'again-%'`,
      [TENANT],
    )
    assert((row?.reversed ?? 0) > 5 && (row?.settled ?? 0) > 5, JSON.stringify(row))
  })

  test('a settlement and its reversal by the same key twice at once', async () => {
    const [bill = ''] = await add(teachingUpload('twice', { persons: 1, billsEach: 1 }, seeded(8)))
    const settled = await service.settle(handler, 'twice', bill)
    assert(settled.ok)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        one(i).reverse(handler, 'twice back', settled.value.id, 'entered wrongly'),
      ),
    )
    for (const answer of answers) assert(answer.ok, JSON.stringify(answer))
    assert.equal(answers.filter((answer) => answer.ok && !answer.value.replayed).length, 1)
    const again = await service.settle(handler, 'twice again', bill)
    assert(again.ok, JSON.stringify(again))
    await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'twice-%')
  })

  test('one upload sent 20 times at once is one upload', async () => {
    const { persons, bills } = readUpload(
      teachingUpload('upload', { persons: 2, billsEach: 2 }, seeded(9)),
    )
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => one(i).addBills(handler, 'upload', { persons, bills })),
    )
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert(answers[0]?.ok)
    const again = await service.addBills(handler, 'upload, another key', { persons, bills })
    assert.equal(again.ok || again.error.code, 'duplicate_bill')
  })

  test('uploads that name the same persons in opposite orders do not block one another', async () => {
    const { persons } = readUpload(
      teachingUpload('order', { persons: 6, billsEach: 0 }, seeded(11)),
    )
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        one(i).addBills(handler, `order ${i}`, {
          persons: i % 2 === 0 ? persons : persons.toReversed(),
          bills: [],
        }),
      ),
    )
    for (const answer of answers) assert(answer.ok, JSON.stringify(answer))
  })

  test('uploads of the same bills in opposite orders: one is kept, the others hear of it', async () => {
    // Persons are known already, so that only the bills are there to be waited for.
    const upload = teachingUpload('opposite', { persons: 2, billsEach: 20 }, seeded(12))
    await add({ ...upload, bills: [] })
    const { bills } = readUpload(upload)
    for (let round = 0; round < 3; round++) {
      const fresh = bills.map((bill) => ({ ...bill, id: `${bill.id}-${round}` }))
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          one(i).addBills(handler, `opposite ${round} ${i}`, {
            persons: [],
            bills: i % 2 === 0 ? fresh : fresh.toReversed(),
          }),
        ),
      )
      const outcomes = answers.map((answer) => (answer.ok ? 'kept' : answer.error.code))
      assert.deepEqual(outcomes.toSorted(), [...Array(7).fill('duplicate_bill'), 'kept'])
    }
  })

  test('one publishes a draft by one key 10 times at once: 10 equal answers', async () => {
    const { version } = await service.rules(author)
    const { id } = await service.addDraft(author, 'same key', {
      'teaching/shifan/place.yaml': `${SCHEME_FILES['teaching/shifan/place.yaml']}\n# same\n`,
    })
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        one(i).publishDraft(publishers[0] as Actor, `publish ${id}`, id, 1),
      ),
    )
    for (const answer of answers)
      assert.deepEqual(answer, { ok: true, value: { version: version + 1 } })
  })

  test('two publish one draft at once: one version, and settlements go on meanwhile', async () => {
    const bills = await add(teachingUpload('publish', { persons: 30, billsEach: 1 }, seeded(10)))
    const current = (await service.rules(author)).version
    const { id } = await service.addDraft(author, 'notes', {
      'teaching/shifan/place.yaml': `${SCHEME_FILES['teaching/shifan/place.yaml']}\n# reviewed\n`,
    })
    const [published, settled] = await Promise.all([
      Promise.all(
        publishers.map((publisher, i) =>
          one(i).publishDraft(publisher, `publish by ${publisher.name}`, id, 1),
        ),
      ),
      settleAll(bills),
    ])
    const outcomes = published.map((answer) =>
      answer.ok ? answer.value.version : answer.error.code,
    )
    assert.deepEqual(outcomes.toSorted(), [current + 1, 'already_published'])
    for (const answer of settled) assert(answer.ok, JSON.stringify(answer))
    const versions = await database.query('select version from rulebooks where tenant_id = $1', [
      TENANT,
    ])
    assert.equal(versions.length, current + 1)
    await replaysTheSame(database, TENANT, startsWith(150_000), TODAY, 'publish-%')
  })

  test('a draft is changed and published at once: what is in force is what its publisher read', async () => {
    const path = 'teaching/shifan/place.yaml'
    const textOf = (word: string) => ({ [path]: `${SCHEME_FILES[path]}\n# ${word}\n` })
    const { id } = await service.addDraft(author, 'read', textOf('read'))
    const [changed, published] = await Promise.all([
      one(0).changeDraft(author, id, 1, { name: 'changed', files: textOf('changed') }),
      one(1).publishDraft(publishers[0] as Actor, `publish ${id}`, id, 1),
    ])
    assert.deepEqual(
      [changed, published].map((answer) => (answer.ok ? 'done' : answer.error.code)),
      changed.ok ? ['done', 'draft_changed'] : ['already_published', 'done'],
    )
    const inForce = (await service.rules(author)).files[path] ?? ''
    assert.equal(/# read\n$/.test(inForce), published.ok)
    assert.doesNotMatch(inForce, /# changed/)
  })

  test('two drafts published at once: one becomes the next version, the other is outdated', async () => {
    const { version } = await service.rules(author)
    const drafts = await Promise.all(
      publishers.map(({ name }) =>
        service.addDraft(author, name, {
          'teaching/shifan/place.yaml': `${SCHEME_FILES['teaching/shifan/place.yaml']}\n# ${name}\n`,
        }),
      ),
    )
    const answers = await Promise.all(
      drafts.map(({ id }, i) =>
        one(i).publishDraft(publishers[i] as Actor, `publish draft ${id}`, id, 1),
      ),
    )
    const outcomes = answers.map((answer) => (answer.ok ? answer.value.version : answer.error.code))
    assert.deepEqual(outcomes.toSorted(), [version + 1, 'draft_outdated'])
  })
})
