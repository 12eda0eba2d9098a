/**
 * The ledger on a real PostgreSQL: what settlements, replays, accounts and decisions post, that nothing of it can be
 * changed, that it agrees with the settlements, and that what was kept before there was a ledger is posted the same.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { todayInChina } from '#app/clock.ts'
import { DEMONSTRATION, letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { verifyLedger } from '#app/ledger-command.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { createServer } from '#app/server.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { addDays } from '#base/plain-date.ts'
import { createDocumentService } from '#domains/casework/documents.service.ts'
import { createCaseService } from '#domains/casework/service.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createCoinsuranceService } from '#domains/coinsurance/service.ts'
import { createContractService } from '#domains/contracts/service.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createRegistryService } from '#domains/enrolment/registry.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { checkLedger, createLedgerService } from '#domains/ledger/service.ts'
import { createMonthService } from '#domains/monthend/service.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import { createReserveService } from '#domains/reserves/service.ts'
import { createDueService } from '#domains/settlement/due.service.ts'
import { countUnposted, postMissing } from '#domains/settlement/postings.service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { SCHEME_FILES } from './crash/teaching.ts'
import { idleScenarios } from './idle-scenarios.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>

const EMPLOYEE = 'teaching/shifan/employee'
const BASIC = 'basicPool@teaching/shifan'
const TENANT = DEMONSTRATION.tenant.id
const TODAY = todayInChina()

describe('the ledger', { timeout: 300_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let app: Awaited<ReturnType<typeof createServer>>
  const clients: Record<string, { cookie: string; csrf: string }> = {}
  let keys = 0

  before(async () => {
    const opened = await migratedDatabase({ max: 6 })
    database = opened.database
    close = opened.close
    const secrets = createSecrets(Buffer.alloc(32, 1))
    const identity = createIdentity(database, { demonstration: true, secrets })
    const service = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    const catalogue = createCatalogueService({ database, isTeaching: async () => true })
    const data = { rules: SCHEME_FILES, catalogues: async () => [], samples: [] }
    await letVisitorsIn(identity)
    await prepareDemonstration({ service, catalogue, ...data })
    const bookOf = async (actor: Actor) => (await service.rules(actor)).book
    const shared = { database, today: todayInChina, bookOf }
    app = await createServer({
      database,
      identity,
      service,
      statements: createStatementService({ database, settlement: service }),
      due: createDueService({ database, settlement: service }),
      ledger: createLedgerService({ database }),
      payments: createPaymentService({
        database,
        secrets,
        today: todayInChina,
        workingDays: readWorkingDays(),
      }),
      scenarios: idleScenarios(database, service),
      months: createMonthService({ database }),
      reserves: createReserveService({ database }),
      documents: createDocumentService({ database, secrets }),
      cases: createCaseService({
        database,
        settlement: service,
        statements: createStatementService({ database, settlement: service }),
        today: todayInChina,
        workingDays: readWorkingDays(),
      }),
      contracts: createContractService({ database, settlement: service, today: todayInChina }),
      coinsurance: createCoinsuranceService({
        database,
        products: async () => [],
        today: todayInChina,
      }),
      catalogue,
      codeLists: createCodeLists(packsFolder(undefined)),
      enrolment: createEnrolmentService({ ...shared, secrets, settlement: service }),
      imports: createImportService({ ...shared, secrets }),
      registry: createRegistryService({ ...shared, secrets }),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: TENANT,
      demonstration: [],
      log: false,
    })
    for (const user of ['handler', 'supervisor', 'actuary', 'admin']) {
      const login = await app.inject({
        method: 'POST',
        url: '/api/login',
        payload: { user, password: DEMONSTRATION.password },
      })
      assert.equal(login.statusCode, 200, login.body)
      const cookie = String(login.headers['set-cookie']).split(';')[0] ?? ''
      clients[user] = { cookie, csrf: login.json().csrf }
    }
  })
  after(async () => {
    await app?.close()
    await close?.()
  })

  async function send(method: 'GET' | 'POST', url: string, body?: Json, user = 'handler') {
    const { cookie = '', csrf = '' } = clients[user] ?? {}
    const response = await app.inject({
      method,
      url: `/api${url}`,
      headers: { cookie, 'x-kangyang-csrf': csrf, 'idempotency-key': `key ${keys++}` },
      ...(body === undefined ? {} : { payload: body }),
    })
    const isJson = String(response.headers['content-type']).includes('json')
    return { status: response.statusCode, body: (isJson ? response.json() : {}) as Json, response }
  }
  async function get(url: string): Promise<Json> {
    const answer = await send('GET', url)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  async function done(url: string, body: Json = {}, user?: string): Promise<Json> {
    const answer = await send('POST', url, body, user)
    assert(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }

  const billOf = (id: string, person: string, day: string, yuan: number, more: Json = {}) => ({
    id,
    person,
    admitted: day,
    discharged: day,
    settled: day,
    institution: 'H1',
    answers: { medical: '普通门诊', level: '三级' },
    parts: { inScope: yuan.toFixed(2) },
    ...more,
  })
  const bills = (...all: Json[]) => ({ amounts: 'yuan', bills: all })

  async function personWith(id: string, own: readonly Json[], more: Json = {}): Promise<void> {
    const covers = [{ scheme: EMPLOYEE, from: '2020-01-01', answers: { class: '在职' } }]
    const persons = [{ id, born: '1980-01-01', covers, ...more }]
    await done('/bills', { ...bills(...own), persons })
  }
  const settle = async (bill: string): Promise<string> => (await done('/settlements', { bill })).id

  /** The balances of a fund as the trial balance of today shows them. */
  async function fundOf(fund: string): Promise<Record<string, number>> {
    const { funds } = await get('/ledger/trial')
    const found = funds.find((each: Json) => each.fund === fund)
    return Object.fromEntries((found?.accounts ?? []).map((a: Json) => [a.account, a.balance]))
  }
  const verified = async () => {
    const { text, sound } = await verifyLedger(database, 'en')
    assert(sound, text)
    return text
  }
  const check = () => database.snapshot((sql) => checkLedger(sql, TENANT))

  test('a settlement is posted in its own transaction, and leads back to its bill', async () => {
    await personWith('settled', [billOf('settled-1', 'settled', '2025-03-01', 3_000)])
    const before = await fundOf(BASIC)
    const id = await settle('settled-1')
    const { settlement } = await get(`/settlements/${id}`)
    const now = await fundOf(BASIC)
    const paid = settlement.payers.basicPool
    assert(paid > 0)
    assert.equal((now['owed/institution/H1'] ?? 0) - (before['owed/institution/H1'] ?? 0), paid)
    const asked = new URLSearchParams({
      fund: BASIC,
      account: 'owed/institution/H1',
      from: TODAY,
      until: TODAY,
    })
    const { lines } = await get(`/ledger/postings?${asked}`)
    const line = lines.find((each: Json) => each.settlement === id)
    assert.deepEqual(
      [line.bill, line.kind, line.credit, line.against.startsWith('claims/teaching/shifan/')],
      ['settled-1', 'settled', paid, true],
    )
    const { response } = await send('GET', `/ledger/postings.csv?${asked}`)
    assert.match(response.body, /settled-1/)
    await verified()
  })

  test('a refused settlement posts nothing', async () => {
    const { entries } = await check()
    assert((await send('POST', '/settlements', { bill: 'settled-1' })).status >= 400)
    assert((await send('POST', '/settlements', { bill: 'nowhere' })).status >= 400)
    assert.equal((await check()).entries, entries)
  })

  test('a late bill, a reversal and a correction post their differences; what is left is what stands', async () => {
    await personWith('late', [
      billOf('late-1', 'late', '2025-03-01', 4_000),
      billOf('late-2', 'late', '2025-05-01', 9_000),
      billOf('late-3', 'late', '2025-04-01', 2_500),
    ])
    await settle('late-1')
    await settle('late-2')
    const third = await settle('late-3')
    await verified()
    await done(`/settlements/${third}/reverse`, { reason: 'entered twice' })
    await verified()
    await done('/bills/late-1/correct', {
      input: bills(billOf('late-1', 'late', '2025-03-01', 3_500, { institution: 'H2' })),
      reason: 'another hospital',
    })
    await verified()
    const fund = await fundOf(BASIC)
    assert(Object.keys(fund).includes('owed/institution/H2'))
    assert(Object.values(fund).every((balance) => balance >= 0))
  })

  test('a paid bill that comes to less: the person owes the fund once two people confirmed it', async () => {
    await personWith('paid', [billOf('paid-1', 'paid', '2025-06-01', 6_000, { institution: 'H3' })])
    await settle('paid-1')
    await done('/clearings', { from: '2025-06-01', until: '2025-06-01' })
    // The same bill, less of it in scope: payers bear less, the person more.
    const parts = { inScope: '4000.00', outOfScope: '2000.00' }
    await done('/bills/paid-1/correct', {
      input: bills(billOf('paid-1', 'paid', '2025-06-01', 0, { institution: 'H3', parts })),
      reason: 'out of scope',
    })
    await verified()
    const { adjustments } = await get('/adjustments?state=proposed')
    const own = adjustments.find((each: Json) => each.person === 'paid')
    assert.equal(own.to, 'basicPool')
    const { 'proposed/person': proposed, 'due/person': due = 0 } = await fundOf(BASIC)
    assert.equal(proposed, own.amount)
    await done(`/adjustments/${own.id}/confirm`, { reason: 'seen' })
    assert.equal((await fundOf(BASIC))['proposed/person'], proposed)
    await done(`/adjustments/${own.id}/confirm`, { reason: 'agreed' }, 'supervisor')
    const now = await fundOf(BASIC)
    assert.equal(now['proposed/person'], 0)
    assert.equal((now['due/person'] ?? 0) - due, own.amount)
    await verified()
  })

  test('a personal account: paid into, shared with family, drawn on by a bill; the balance is the running total', async () => {
    await done(
      '/enrolment/account-uses',
      { purpose: '购药', from: '2020-01-01', permitted: true, source: '示例' },
      'admin',
    )
    await personWith('saver', [billOf('saver-1', 'saver', '2025-07-01', 1_000)], {
      accounts: { personal: '300.00' },
    })
    await settle('saver-1')
    const account = (act: string, amount: number, more: Json = {}) =>
      done('/enrolment/persons/saver/account', {
        act,
        amount,
        on: '2025-07-02',
        reference: 'r',
        ...more,
      })
    await account('credit', 20_000)
    await account('use', 5_000, { purpose: '购药' })
    await verified()
    const { totals } = await get('/persons/saver')
    const own = totals.find(({ slot }: Json) => slot === 'account:personal')
    const { 'balance/person': balance } = await fundOf('personalAccount')
    assert.equal(balance, own.value)
  })

  test('nobody changes or takes out an entry, and none that does not add up gets in', async () => {
    for (const statement of [
      `update ledger_entries set amounts = '{1}'`,
      'delete from ledger_entries',
      'truncate ledger_entries',
    ]) {
      await assert.rejects(database.query(statement), /never changed/)
      const server = database.as({ tenant: TENANT, role: 'system' })
      await assert.rejects(server.query(statement), /permission denied/)
    }
    const add = (debits: string, amounts: string) =>
      database.query(
        `insert into ledger_entries (tenant_id, subject, kind, user_name, funds, debits, credits, amounts)
         values ($1, 'x', 'settled', 'x', '{f}', $2, '{c}', $3)`,
        [TENANT, debits, amounts],
      )
    await assert.rejects(add('{a,b}', '{5}'), /ledger_entries_legs/)
    await assert.rejects(add('{a}', '{0}'), /ledger_entries_legs/)
    await assert.rejects(add('{a}', '{-5}'), /ledger_entries_legs/)
  })

  test('a closed day is the sum of its entries: the position is the same before and after', async () => {
    const ledger = createLedgerService({
      database,
      now: () => new Date(Date.now() + 2 * 86_400_000),
    })
    const handler: Actor = { tenant: TENANT, user: '', name: 'handler', role: 'handler' }
    const open = await ledger.trial(handler, TODAY)
    await ledger.closeDays()
    await ledger.closeDays()
    assert.deepEqual(await ledger.trial(handler, TODAY), open)
    assert.equal(open.debit, open.credit)
    const { days, classes } = await ledger.series(handler, {
      fund: BASIC,
      from: addDays(TODAY, -2),
      until: TODAY,
    })
    assert.equal(days.length, 3)
    assert.equal(classes.claims?.[0], 0)
    const claims = open.funds
      .find(({ fund }) => fund === BASIC)
      ?.accounts.filter(({ class: of }) => of === 'claims')
      .reduce((sum, { balance }) => sum + balance, 0)
    assert.equal(classes.claims?.[2], claims)
    await verified()
    // The tests after this one post on the day again, so it is opened.
    await database.query('delete from ledger_days')
    await database.query('delete from ledger_closed')
  })

  test('what was kept before there was a ledger is posted the same', async () => {
    const { balancesHash, entries } = await check()
    await unlocked('delete from ledger_entries')
    await database.query('insert into ledger_due (tenant_id) values ($1)', [TENANT])
    const before = await verifyLedger(database, 'en')
    assert.match(before.text, /is not posted/)
    assert((await countUnposted(database)) > 0)
    await postMissing(database)
    assert.equal(await countUnposted(database), 0)
    const now = await check()
    assert.deepEqual([now.balancesHash, now.entries], [balancesHash, entries])
    await verified()
    // Once more changes nothing.
    await database.query('insert into ledger_due (tenant_id) values ($1)', [TENANT])
    await postMissing(database)
    assert.deepEqual((await check()).entries, entries)
  })

  test('whatever is changed past the lock is found and named', async () => {
    const { entriesHash } = await check()
    await unlocked(
      `update ledger_entries set amounts[1] = amounts[1] + 1 where no = (select min(no) from ledger_entries where kind = 'settled')`,
    )
    const { text, sound } = await verifyLedger(database, 'en')
    assert.equal(sound, false)
    assert.match(text, /is posted with other amounts/)
    assert.notEqual((await check()).entriesHash, entriesHash)
  })

  /** As the owner of the tables, who can take a lock off. */
  const unlocked = (statement: string) =>
    database.transaction(async (sql) => {
      await sql.query('alter table ledger_entries disable trigger user')
      await sql.query(statement)
      await sql.query('alter table ledger_entries enable trigger user')
    })
})
