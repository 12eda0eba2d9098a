/**
 * What comes late, over HTTP and on a real PostgreSQL: late bills, reversals, corrections, clearing, statuses that
 * changed after the fact, corrected rules, and what was known at a past moment.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { todayInChina } from '#app/clock.ts'
import { DEMONSTRATION, letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { createServer } from '#app/server.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createDueService, type DueService } from '#domains/settlement/due.service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { keepInvoice } from '#domains/settlement/store.ts'
import type { Bill } from '#domains/settlement/types.ts'
import type { Database } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { nothingHalfSaved } from './crash/books.ts'
import { migratedDatabase } from './crash/database.ts'
import { SCHEME_FILES } from './crash/teaching.ts'
import { servicesOver } from './services.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>

const EMPLOYEE = 'teaching/shifan/employee'
const RESIDENT = 'teaching/shifan/resident'

describe('time', { timeout: 180_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let app: Awaited<ReturnType<typeof createServer>>
  let due: DueService
  const clients: Record<string, { cookie: string; csrf: string }> = {}
  let keys = 0

  before(async () => {
    const opened = await migratedDatabase({ max: 10 })
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
    due = createDueService({ database, settlement: service })
    app = await createServer({
      database,
      identity,
      service,
      ...servicesOver({ database, service, secrets }),
      due,
      catalogue,
      codeLists: createCodeLists(packsFolder(undefined)),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: DEMONSTRATION.tenant.id,
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
    await nothingHalfSaved(database)
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
  async function get(url: string, user?: string): Promise<Json> {
    const answer = await send('GET', url, undefined, user)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  async function done(url: string, body: Json = {}, user?: string): Promise<Json> {
    const answer = await send('POST', url, body, user)
    assert(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }
  async function refused(url: string, body: Json = {}, user?: string): Promise<string> {
    const answer = await send('POST', url, body, user)
    assert(answer.status >= 400, JSON.stringify(answer.body))
    assert(answer.body.zh && answer.body.en && answer.body.remedy)
    return answer.body.code
  }

  /** A bill of so many yuan; outpatient at a hospital of level 3 where nothing else is said. */
  const inputOf = (id: string, person: string, day: string, yuan: number, answers: Json = {}) => ({
    amounts: 'yuan',
    bills: [
      {
        id,
        person,
        admitted: day,
        discharged: day,
        settled: day,
        answers: { medical: '普通门诊', level: '三级', ...answers },
        parts: { inScope: yuan.toFixed(2) },
      },
    ],
  })

  /** A person of the teaching city, with a bill for each day, settled in the order given. */
  async function personWith(
    id: string,
    bills: readonly (readonly [name: string, day: string, yuan: number, answers?: Json])[],
    scheme = EMPLOYEE,
  ): Promise<Record<string, string>> {
    const answers = { class: scheme === EMPLOYEE ? '在职' : '成年居民' }
    await done('/bills', {
      amounts: 'yuan',
      persons: [{ id, born: '1980-01-01', covers: [{ scheme, from: '2020-01-01', answers }] }],
      bills: bills.flatMap(
        ([name, day, yuan, more]) => inputOf(`${id}-${name}`, id, day, yuan, more).bills,
      ),
    })
    const settlements: Record<string, string> = {}
    for (const [name] of bills) {
      settlements[name] = (await done('/settlements', { bill: `${id}-${name}` })).id
    }
    return settlements
  }

  /** What each payer bears of each bill that stands, in yuan. */
  async function standingOf(id: string, at = new Date().toISOString()): Promise<Json> {
    const { bills } = await get(`/persons/${id}/known?at=${encodeURIComponent(at)}`)
    return Object.fromEntries(
      bills.map(({ bill, payers, patient }: Json) => [
        bill.slice(id.length + 1),
        [(payers.basicPool ?? 0) / 100, patient / 100],
      ]),
    )
  }
  const statementsOf = async (id: string): Promise<Json[]> =>
    (await get(`/persons/${id}/replays`)).statements

  test('a late bill of January is settled in its place, and the statement says what moved', async () => {
    await personWith('late', [
      ['march', '2025-03-10', 300],
      ['may', '2025-05-10', 500],
    ])
    const then = new Date().toISOString()
    await done('/bills', inputOf('late-january', 'late', '2025-01-20', 200))
    const tried = await done('/settlements/trial', { bill: 'late-january' })
    const settled = await done('/settlements', { bill: 'late-january' })
    assert.deepEqual(settled.settlement, tried.settlement, 'tried in its place as well')
    assert.equal(settled.settlement.patient, 20_000)
    assert(settled.steps.length > 0)
    assert.deepEqual(await standingOf('late'), {
      january: [0, 200],
      march: [55, 245],
      may: [275, 225],
    })
    const [statement] = await statementsOf('late')
    assert(statement)
    assert.deepEqual(statement.cause, { kind: 'late-bill', bill: 'late-january' })
    assert.deepEqual(
      statement.differences.map(({ bill, reasons, patient }: Json) => [bill, reasons, patient]),
      [
        ['late-january', ['own'], { before: 0, after: 20_000 }],
        ['late-march', ['totals'], { before: 30_000, after: 24_500 }],
        ['late-may', ['totals'], { before: 28_000, after: 22_500 }],
      ],
    )
    assert.deepEqual(await standingOf('late', then), { march: [0, 300], may: [220, 280] })
    const { totals: before } = await get(`/persons/late/known?at=${encodeURIComponent(then)}`)
    const paid = (rows: Json[]) =>
      rows.find(({ slot }) => slot.endsWith('employee-outpatient:paid'))
    assert.equal(paid(before)?.value, 22_000)
    assert.equal(paid((await get('/persons/late')).totals)?.value, 33_000)
    const printed = await send('GET', `/replays/${statement.id}/statement.pdf`)
    assert.equal(printed.response.rawPayload.subarray(0, 5).toString(), '%PDF-')
  })

  test('a settlement in the middle is reversed; one that was replaced is not reversed twice', async () => {
    const first = await personWith('middle', [
      ['january', '2025-01-20', 200],
      ['march', '2025-03-10', 300],
      ['may', '2025-05-10', 500],
    ])
    const preview = await done(`/settlements/${first.march}/reverse/trial`)
    assert.deepEqual(
      preview.differences.map(({ bill, patient }: Json) => [bill, patient.after]),
      [
        ['middle-march', 0],
        ['middle-may', 33_500],
      ],
    )
    await done(`/settlements/${first.march}/reverse`, { reason: '录入有误' })
    assert.deepEqual(await standingOf('middle'), { january: [0, 200], may: [165, 335] })
    assert.equal(
      await refused(`/settlements/${first.may}/reverse`, { reason: '重复' }),
      'settlement_superseded',
    )
    const old = await get(`/settlements/${first.may}`)
    assert.equal(old.state, 'superseded')
    assert.deepEqual(old.recomputed.differences, [], 'it can still be explained')
  })

  test('a bill is corrected: what it said is kept, and the next one follows', async () => {
    await personWith('wrong', [
      ['march', '2025-03-10', 300],
      ['may', '2025-05-10', 500],
    ])
    const input = inputOf('wrong-march', 'wrong', '2025-03-10', 350)
    const correct = '/bills/wrong-march/correct'
    const preview = await done(`${correct}/trial`, { input })
    assert.equal(preview.differences.length, 2)
    assert.deepEqual(await standingOf('wrong'), { march: [0, 300], may: [220, 280] })
    const { statement } = await done(correct, { input, reason: '漏录一项' })
    assert.deepEqual(await standingOf('wrong'), { march: [0, 350], may: [247.5, 252.5] })
    const { versions } = await get('/bills/wrong-march')
    assert.deepEqual(
      versions.map(({ version, bill, reason }: Json) => [version, bill.total, reason]),
      [
        [1, 30_000, '漏录一项'],
        [2, 35_000, null],
      ],
    )
    assert.equal((await get(`/replays/${statement}`)).cause.kind, 'correction')
    const other = inputOf('wrong-march', 'late', '2025-03-10', 350)
    assert.equal(await refused(correct, { input: other, reason: '误' }), 'bill_of_another_person')
    const renamed = inputOf('other', 'wrong', '2025-03-10', 350)
    assert.equal(await refused(correct, { input: renamed, reason: '误' }), 'another_bill_number')
  })

  test('after clearing, a change is paid or taken back: from a person only when a person says so', async () => {
    const cleared = await personWith('paid', [
      ['march', '2025-03-11', 600, { hospital: '甲医院' }],
      ['may', '2025-05-11', 500, { hospital: '甲医院' }],
    ])
    const days = { from: '2025-03-01', until: '2025-05-31', hospital: '甲医院' }
    assert.deepEqual(await done('/clearings/trial', days), {
      settlements: 2,
      total: 110_000,
      patient: 71_500,
      payers: [{ payer: 'basicPool', amount: 38_500 }],
    })
    assert.equal((await done('/clearings', days)).settlements, 2)
    assert.equal(await refused('/clearings', days), 'nothing_to_clear')

    // The hospital had charged 200 too much: the deductible of the year is met by May alone.
    const input = inputOf('paid-march', 'paid', '2025-03-11', 400, { hospital: '甲医院' })
    const { statement } = await done('/bills/paid-march/correct', { input, reason: '多收' })
    const told = ({ adjustments }: Json) =>
      adjustments.map(
        ({ bill, kind, from, to, amount, state }: Json) =>
          `${bill} ${kind} ${from} → ${to} ${amount} ${state}`,
      )
    assert.deepEqual(told(await get(`/replays/${statement}`)), [
      // 600: the pool paid (600 − 400) × 55 %. 400: nothing.
      'paid-march recovery institution → basicPool 11000 ordered',
      'paid-march recovery institution → person 9000 ordered',
    ])
    assert.deepEqual(await standingOf('paid'), { march: [0, 400], may: [275, 225] })

    // A bill of January that nobody knew leaves May as it is, and March 55 % of what January met.
    await done('/bills', inputOf('paid-january', 'paid', '2025-01-11', 100))
    await done('/settlements', { bill: 'paid-january' })
    const [late] = await statementsOf('paid')
    assert.deepEqual(told(await get(`/replays/${late?.id}`)), [
      'paid-march supplement basicPool → person 5500 ordered',
    ])

    // It was another's: what the pool paid in addition is asked back, and a person decides.
    const { bills } = await get('/persons/paid')
    const january = bills.find(({ id }: Json) => id === 'paid-january')
    const back = await done(`/settlements/${january.settlement}/reverse`, { reason: '他人费用' })
    const { adjustments } = await get(`/replays/${back.statement}`)
    assert.deepEqual(told({ adjustments }), [
      'paid-march recovery person → basicPool 5500 proposed',
    ])
    const [asked] = adjustments
    assert((await get('/adjustments')).adjustments.some(({ id }: Json) => id === asked.id))
    const decide = (act: string) => `/adjustments/${asked.id}/${act}`
    // Two people take something back from a person: the first one does not confirm it alone.
    assert.equal((await done(decide('confirm'), { reason: '追回' })).state, 'confirmed-once')
    assert.equal(await refused(decide('confirm'), { reason: '追回' }), 'another_person_confirms')
    assert((await get('/adjustments')).adjustments.some(({ id }: Json) => id === asked.id))
    await done(decide('waive'), { reason: '本人无过错' })
    assert.equal(await refused(decide('confirm'), { reason: '追回' }), 'already_decided')
    const [decided] = (await get(`/replays/${back.statement}`)).adjustments
    assert.deepEqual(
      [decided.state, decided.decidedBy, decided.reason],
      ['waived', 'handler', '本人无过错'],
    )

    await done('/bills', inputOf('paid-february', 'paid', '2025-02-11', 100))
    const february = await done('/settlements', { bill: 'paid-february' })
    const again = await done(`/settlements/${february.id}/reverse`, { reason: '他人费用' })
    const [second] = (await get(`/replays/${again.statement}`)).adjustments
    const confirm = `/adjustments/${second.id}/confirm`
    await done(confirm, { reason: '本人已退回' })
    await done(confirm, { reason: '核对无误' }, 'supervisor')
    const [confirmed] = (await get(`/replays/${again.statement}`)).adjustments
    assert.deepEqual(
      [confirmed.state, confirmed.firstBy, confirmed.firstReason, confirmed.decidedBy],
      ['confirmed', 'handler', '本人已退回', 'supervisor'],
    )
    assert.equal(await refused(confirm, { reason: '再次' }), 'already_decided')
    const [ordered] = (await get(`/replays/${statement}`)).adjustments
    assert.equal(
      await refused(`/adjustments/${ordered.id}/waive`, { reason: '试' }),
      'nothing_to_decide',
    )
    assert.notEqual(cleared.march, undefined)
  })

  test('assistance is approved in June, from March on: three bills, and February stays', async () => {
    const stay = { medical: '住院', level: '二级' }
    await personWith(
      'aided',
      [
        ['february', '2025-02-10', 10_000, stay],
        ['april', '2025-04-10', 8_000, stay],
        ['may', '2025-05-10', 6_000, stay],
      ],
      RESIDENT,
    )
    const then = new Date().toISOString()
    const status = { kind: 'status', attribute: 'category', value: '低保', from: '2025-03-01' }
    const changed = await done('/enrolment/persons/aided/changes', {
      change: status,
      reason: '民政文书',
    })
    assert.deepEqual(changed.replay, ['aided-april', 'aided-may'])
    assert.deepEqual(await standingOf('aided'), {
      february: [7_162.5, 2_837.5],
      april: [5_737.5, 452.5],
      may: [4_312.5, 337.5],
    })
    const known = await get(`/persons/aided/known?at=${encodeURIComponent(then)}`)
    assert.deepEqual(known.attributes, [], 'nobody knew of it then')
    assert.equal(known.bills[1].patient, 226_250)
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const future = await send('GET', `/persons/aided/known?at=${encodeURIComponent(tomorrow)}`)
    assert.equal(future.body.code, 'moment_in_future')
  })

  test('50 bills of one person in a random order, many at once, come to what their order gives', async () => {
    const random = seeded(20)
    const bills = Array.from({ length: 50 }, (_, i) => ({
      name: `b${String(i).padStart(2, '0')}`,
      day: `2025-${String(1 + (i % 12)).padStart(2, '0')}-${String(1 + ((i * 7) % 28)).padStart(2, '0')}`,
      yuan: 50 + Math.floor(random() * 900),
    }))
    const inOrder = bills.toSorted((a, b) => (a.day + a.name < b.day + b.name ? -1 : 1))
    await personWith(
      'one',
      inOrder.map(({ name, day, yuan }) => [name, day, yuan] as const),
    )
    await personWith('any', [])
    await done('/bills', {
      amounts: 'yuan',
      bills: bills.flatMap(({ name, day, yuan }) => inputOf(`any-${name}`, 'any', day, yuan).bills),
    })
    const shuffled = bills
      .map((bill) => ({ bill, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ bill }) => bill)
    await Promise.all(shuffled.map(({ name }) => done('/settlements', { bill: `any-${name}` })))
    assert.deepEqual(await standingOf('any'), await standingOf('one'))
    assert.deepEqual((await get('/persons/any')).totals, (await get('/persons/one')).totals)
  })

  test('an invoice that another insurer has paid is refused, and nothing is said of whom it paid', async () => {
    await database.query(`insert into tenants (id, name) values ('pingan-life', '')`)
    await database.query(
      `insert into persons (tenant_id, id, body) values ('pingan-life', 'P', '{}')`,
    )
    await database.query(
      `insert into bills (tenant_id, id, person_id, settled_on, body)
       select 'pingan-life', id, 'P', '2024-01-20', '{}' from unnest(array['theirs', 'race']) id`,
    )
    await personWith('doubly', [['march', '2024-03-10', 300]])
    const used = { code: '044031900111', number: '24112000000087654321', on: '2024-01-20' }
    const theirs = { id: 'theirs', invoice: used } as unknown as Bill
    const insurer = database.as({ tenant: 'pingan-life', role: 'system' })
    assert.equal(
      await insurer.transaction((sql) => keepInvoice(sql, 'pingan-life', theirs)),
      undefined,
    )

    const input = inputOf('doubly-insured', 'doubly', '2024-01-20', 800)
    const handedIn = {
      ...input,
      bills: input.bills.map((bill) => ({ ...bill, invoice: { ...used, handedIn: '2024-02-01' } })),
    }
    const refusal = await send('POST', '/bills', handedIn)
    assert.deepEqual([refusal.status, refusal.body.code], [409, 'invoice_used_elsewhere'])
    assert.deepEqual(refusal.body.facts, { bill: 'doubly-insured' })
    assert.doesNotMatch(JSON.stringify(refusal.body), /pingan-life|theirs/)
    assert.equal((await send('GET', '/bills/doubly-insured')).status, 404)
    // The same number under another code is another invoice.
    const other = handedIn.bills.map((bill) => ({
      ...bill,
      invoice: { ...bill.invoice, code: '044031900112' },
    }))
    await done('/bills', { ...handedIn, bills: other })

    const atOnce = { number: '24112000000011112222', on: '2024-01-20' }
    const ours = database.as({ tenant: 'demo', role: 'system' })
    const outcomes = await Promise.all([
      ours.transaction((sql) =>
        keepInvoice(sql, 'demo', { id: 'doubly-insured', invoice: atOnce } as unknown as Bill),
      ),
      insurer.transaction((sql) =>
        keepInvoice(sql, 'pingan-life', { id: 'race', invoice: atOnce } as unknown as Bill),
      ),
    ])
    assert.deepEqual(
      outcomes.filter((used) => used !== undefined),
      [{ by: undefined }],
    )
  })

  test('a bill that was paid first: one invoice is paid once, and too late only a person takes it', async () => {
    await personWith('payer', [['march', '2024-03-10', 300]])
    const paidFirst = (id: string, invoice: Json) => {
      const input = inputOf(id, 'payer', '2024-01-20', 800)
      return { ...input, bills: input.bills.map((bill) => ({ ...bill, invoice })) }
    }
    const invoice = { number: '24112000000012345678', on: '2024-01-20', handedIn: '2025-07-01' }
    await done('/bills', paidFirst('payer-january', invoice))
    const twice = await send('POST', '/bills', paidFirst('payer-again', invoice))
    assert.deepEqual([twice.status, twice.body.code], [409, 'invoice_used'])
    assert.deepEqual(twice.body.facts, { bill: 'payer-again', by: 'payer-january' })
    assert.equal(await refused('/settlements', { bill: 'payer-january' }), 'handed_in_late')
    await done('/bills/payer-january/accept-late', { reason: '住院期间无法办理' })
    await done('/settlements', { bill: 'payer-january' })
    // It counts to 2024: 500 of the year are the patient's, and of March 55 % of all it costs is paid.
    assert.deepEqual(await standingOf('payer'), { january: [165, 635], march: [165, 135] })
    const { versions } = await get('/bills/payer-january')
    assert.deepEqual(versions.at(-1).bill.invoice.lateAccepted, {
      by: 'handler',
      reason: '住院期间无法办理',
    })
    assert.equal(
      await refused('/bills/payer-march/accept-late', { reason: '无' }),
      'not_paid_first',
    )
  })

  test('a version that corrects the rules settles nobody again until somebody starts it', async () => {
    await personWith('ruled', [['march', '2025-03-20', 1_000]])
    assert.deepEqual(await standingOf('ruled'), { march: [330, 670] })
    assert.equal(await refused('/replay-runs', { reason: '试' }, 'actuary'), 'nobody_to_replay')

    const path = 'teaching/shifan/employee-outpatient.tier.yaml'
    const text = SCHEME_FILES[path]?.replaceAll('三级: 55%', '三级: 60%') ?? ''
    const draft = { name: '更正三级比例', files: [{ path, text }] }
    const { id } = await done('/drafts', draft, 'actuary')
    await done(`/drafts/${id}/publish`, { revision: 1 }, 'admin')
    assert.deepEqual(await standingOf('ruled'), { march: [330, 670] })

    // A late bill brings the correction to nobody else.
    await done('/bills', inputOf('ruled-january', 'ruled', '2025-01-20', 500))
    await done('/settlements', { bill: 'ruled-january' })
    assert.deepEqual(await standingOf('ruled'), { january: [60, 440], march: [550, 450] })

    assert.equal((await send('POST', '/replay-runs', { reason: '更正' })).status, 403)
    const run = await done('/replay-runs', { reason: '更正三级比例' }, 'actuary')
    assert.equal(await refused('/replay-runs', { reason: '再试' }, 'actuary'), 'run_open')
    await due.workOff()
    const runOf = async () =>
      (await get('/replay-runs')).runs.find((each: Json) => each.id === run.id)
    const checked = await runOf()
    assert.equal(checked.state, 'checked')
    assert(checked.checked.bills > 3, JSON.stringify(checked))
    const { before, after } = checked.checked.payers.basicPool
    assert(after > before)
    assert.deepEqual((await standingOf('ruled')).march, [550, 450], 'nothing has changed yet')

    await done(`/replay-runs/${run.id}/start`, {}, 'actuary')
    await due.workOff()
    const over = await runOf()
    assert.equal(over.state, 'done')
    assert.deepEqual(over.applied, over.checked)
    assert.deepEqual(await standingOf('ruled'), { january: [60, 440], march: [600, 400] })
    assert.equal((await statementsOf('ruled'))[0]?.cause.kind, 'rules')
    assert.equal(await refused(`/replay-runs/${run.id}/cancel`, {}, 'actuary'), 'run_over')
    assert.equal(await refused('/replay-runs', { reason: '再来' }, 'actuary'), 'nobody_to_replay')
  })

  test('what waits is worked off, and what fails three times waits for a person', async () => {
    await personWith('waits', [['march', '2025-03-20', 1_000]])
    const queue = (cause: Json) =>
      database.query(
        `insert into replays_due (tenant_id, person_id, cause) values ('demo', 'waits', $1)`,
        [JSON.stringify(cause)],
      )
    await queue({ kind: 'person', change: 'import' })
    assert.equal((await get('/replay-runs')).waiting, 1)
    assert.equal(await due.workOff(), 1)
    assert.deepEqual(
      await get('/replay-runs').then(({ waiting, failed }) => [waiting, failed]),
      [0, 0],
    )
    await queue({ kind: 'rules', version: 99 })
    await due.workOff()
    assert.deepEqual(
      await get('/replay-runs').then(({ waiting, failed }) => [waiting, failed]),
      [0, 1],
    )
  })
})
