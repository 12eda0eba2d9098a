/**
 * The catalogues over HTTP on a real PostgreSQL: a file is checked, kept as a draft, published by a second person;
 * a bill of codes alone is settled by it and can be explained ever after.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { catalogueFilesIn, readCatalogueFiles, teachingOf } from '#app/catalogue-files.ts'
import { todayInChina } from '#app/clock.ts'
import { DEMONSTRATION, letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { createServer } from '#app/server.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { createDocumentService } from '#domains/casework/documents.service.ts'
import { createCaseService } from '#domains/casework/service.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createCoinsuranceService } from '#domains/coinsurance/service.ts'
import { createContractService } from '#domains/contracts/service.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createRegistryService } from '#domains/enrolment/registry.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createLedgerService } from '#domains/ledger/service.ts'
import { createMonthService } from '#domains/monthend/service.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import { createReserveService } from '#domains/reserves/service.ts'
import { createDueService } from '#domains/settlement/due.service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Database } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { textWorkbook } from '#platform/sheet-out.ts'
import { migratedDatabase } from './crash/database.ts'
import { SCHEME_FILES } from './crash/teaching.ts'
import { idleScenarios } from './idle-scenarios.ts'

const CITY = 'teaching/shifan'
const HEAD = '类别,编码,名称,甲乙丙,先行自付比例,限价,施行日期,来源,来源地址,来源等级'
const ROW = '药品,TT01,测试药片,乙,10%,5.00,2024-01-01,测试文件,无地址,invented'

const secrets = createSecrets(Buffer.alloc(32, 1))

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>

describe('the catalogues', { timeout: 120_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let app: Awaited<ReturnType<typeof createServer>>
  const clients: Record<string, { cookie: string; csrf: string }> = {}
  let keys = 0

  before(async () => {
    const opened = await migratedDatabase({ max: 10 })
    database = opened.database
    close = opened.close
    const identity = createIdentity(database, { demonstration: true, secrets })
    const service = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    const bookOf = async (actor: Parameters<typeof service.rules>[0]) =>
      (await service.rules(actor)).book
    const shared = { database, today: todayInChina, bookOf }
    const catalogue = createCatalogueService({
      database,
      isTeaching: async (actor, place) => teachingOf(place, await bookOf(actor)),
    })
    await letVisitorsIn(identity)
    await prepareDemonstration({
      service,
      catalogue,
      rules: SCHEME_FILES,
      catalogues: (book) => readCatalogueFiles(catalogueFilesIn('schemes'), book),
      samples: ['samples/codes-only.json'],
    })
    await identity.addTenant({ id: 'other', name: 'other', demonstration: false })
    await service.ensureRules('other', SCHEME_FILES, 'test')
    const stranger = { name: 'stranger', role: 'actuary' } as const
    await identity.setDemonstrationUsers('other', [stranger], DEMONSTRATION.password)
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
      registry: createRegistryService({ ...shared, secrets }),
      imports: createImportService({ ...shared, secrets }),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: DEMONSTRATION.tenant.id,
      demonstration: [],
      log: false,
    })
    for (const [user, tenant] of [
      ['handler', 'demo'],
      ['actuary', 'demo'],
      ['admin', 'demo'],
      ['stranger', 'other'],
    ] as const)
      clients[user] = await signIn(user, tenant)
  })

  after(async () => {
    await app?.close()
    await close?.()
  })

  async function signIn(user: string, tenant: string) {
    const login = await app.inject({
      method: 'POST',
      url: '/api/login',
      payload: { user, password: DEMONSTRATION.password, tenant },
    })
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? ''
    const session = await app.inject({ url: '/api/session', headers: { cookie } })
    return { cookie, csrf: session.json().csrf as string }
  }

  const get = async (user: string, url: string): Promise<{ status: number; body: Json }> => {
    const answer = await app.inject({ url, headers: { cookie: clients[user]?.cookie ?? '' } })
    return { status: answer.statusCode, body: answer.json() }
  }

  const send = async (
    user: string,
    url: string,
    payload: string | Buffer | object,
    type = 'application/json',
  ) => {
    const answer = await app.inject({
      method: 'POST',
      url,
      payload,
      headers: {
        cookie: clients[user]?.cookie ?? '',
        'x-kangyang-csrf': clients[user]?.csrf ?? '',
        'content-type': type,
        'idempotency-key': `catalogue-${++keys}`,
      },
    })
    const text = answer.body
    return {
      status: answer.statusCode,
      text,
      body: (text.startsWith('{') ? JSON.parse(text) : {}) as Json,
    }
  }
  const importCsv = (user: string, rows: readonly string[], more = '') =>
    send(
      user,
      `/api/catalogue/imports?place=${CITY}&name=test.csv${more}`,
      rows.join('\n'),
      'text/csv',
    )

  test('a bill of codes alone is settled, and says why each line has its class', async () => {
    const person = await get('handler', '/api/persons/heart-patient')
    const { settlement } = person.body.bills.find((bill: Json) => bill.id === '2024-12-stent')
    const { body } = await get('handler', `/api/settlements/${settlement}`)
    const lines = Object.fromEntries(body.settlement.lines.map(({ id, item }: Json) => [id, item]))
    assert.equal(lines['5'].class, '乙')
    assert.equal(lines['5'].upfrontShare, 100_000, 'on 31 December 2024 still 10%')
    assert.equal(lines['5'].citations[0].rule, 'teaching/catalogue@1#SFH0003')
    assert.equal(lines['5'].citations[0].from, '2024-01-01')
    assert.deepEqual(
      [lines['8'].class, lines['8'].chargedAs, lines['8'].review],
      ['乙', '丙', true],
      'albumin is not for this diagnosis: out of scope by the rule, and a person looks',
    )
    assert(body.settlement.badges.includes('invented'))
  })

  test('found by pinyin, initials, part of a name and code; filtered by kind and class', async () => {
    const codes = async (query: string) =>
      (await get('handler', `/api/catalogue?place=${CITY}&on=2025-03-01&${query}`)).body.rows.map(
        ({ code }: Json) => code,
      )
    assert.deepEqual(await codes('q=asipilin'), ['SFY0014'])
    assert.deepEqual(await codes('q=aspl'), ['SFY0014'])
    assert.deepEqual(await codes(`q=${encodeURIComponent('吻合')}`), ['SFH0006'])
    assert.deepEqual(await codes('q=sfz0013'), ['SFZ0013'])
    assert.deepEqual(await codes(`q=sf&kind=consumable&class=${encodeURIComponent('丙')}`), [
      'SFH0010',
      'SFH0012',
    ])
    assert.deepEqual(await codes('q=nothing-like-it'), [])
  })

  test('one item on the day before and the first day of a change, with its history', async () => {
    const on = async (day: string) =>
      (await get('handler', `/api/catalogue/item?code=SFZ0012&place=${CITY}&on=${day}`)).body
    assert.equal((await on('2024-12-31')).row.upfrontShare, 80_000)
    const { row, history } = await on('2025-01-01')
    assert.deepEqual([row.upfrontShare, row.setBy], [50_000, ['teaching', CITY]])
    assert.equal(history.length, 2)
    assert.equal((await get('handler', `/api/catalogue/item?code=NO&place=${CITY}`)).status, 404)
  })

  test('a file with faults keeps nothing and gives every fault as a file', async () => {
    const bad = [HEAD, ROW, ROW.replace('TT01', 'TT02').replace('10%', '0.1')]
    const answer = await importCsv('actuary', bad)
    assert.equal(answer.status, 200)
    assert.deepEqual(
      [answer.body.faultCount, answer.body.draft, answer.body.faults[0].line],
      [1, undefined, 3],
    )
    const file = await importCsv('actuary', bad, '&faults=csv')
    assert.match(file.text, /^\uFEFF行 line,/)
    assert.match(file.text, /3,先行自付比例,0\.1,bad_value,/)
    assert.equal((await get('actuary', '/api/catalogue/drafts')).body.drafts.length, 0)
    assert.equal((await importCsv('handler', bad)).status, 403)
    const html = await importCsv('actuary', ['<html>'])
    assert.deepEqual([html.status, html.body.code], [422, 'not_a_sheet'])
    const nowhere = await send('actuary', '/api/catalogue/imports?place=no/where', HEAD, 'text/csv')
    assert.equal(nowhere.body.code, 'unknown_place')
  })

  test('checked, kept, published by a second person; the same file again changes nothing', async () => {
    const check = await importCsv('admin', [HEAD, ROW], '&check=true')
    assert.deepEqual(check.body.changes, { added: 1, changed: 0, removed: 0, same: 4 })
    assert.equal(check.body.draft, undefined)
    const { body } = await importCsv('admin', [HEAD, ROW])
    const own = await send('admin', `/api/catalogue/drafts/${body.draft}/publish`, {})
    assert.deepEqual([own.status, own.body.code], [403, 'second_person_required'])

    const kept = await importCsv('actuary', [HEAD, ROW])
    const done = await send('admin', `/api/catalogue/drafts/${kept.body.draft}/publish`, {})
    assert.deepEqual([done.status, done.body.version], [201, 2])
    const again = await importCsv('actuary', [HEAD, ROW])
    assert.deepEqual(again.body.changes, { added: 0, changed: 0, removed: 0, same: 5 })
    assert.equal(again.body.draft, undefined, 'nothing to publish')
    const late = await send('actuary', `/api/catalogue/drafts/${body.draft}/publish`, {})
    assert.equal(late.status, 403, 'only administrators publish')
    const item = await get('handler', `/api/catalogue/item?code=TT01&place=${CITY}`)
    assert.equal(item.body.row.limitPrice, 500)
  })

  test('a workbook with a new price: the old entry stays in the history, and its settlements stand', async () => {
    const rows = [HEAD.split(','), ROW.replace('5.00', '4.00').split(',')]
    const answer = await send(
      'actuary',
      `/api/catalogue/imports?place=${CITY}`,
      Buffer.from(await textWorkbook('t', rows)),
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    )
    assert.deepEqual(answer.body.changes, { added: 0, changed: 1, removed: 0, same: 4 })
    const bill = (id: string) => ({
      amounts: 'yuan',
      bills: [
        {
          id,
          person: 'heart-patient',
          admitted: '2025-03-01',
          discharged: '2025-03-02',
          settled: '2025-03-02',
          answers: { medical: '住院', level: '二级' },
          lines: [{ id: '1', code: 'TT01', amount: '600.00', quantity: '100' }],
        },
      ],
    })
    assert.equal((await send('handler', '/api/bills', bill('before'))).status, 201)
    const settled = await send('handler', '/api/settlements', { bill: 'before' })
    assert.equal(settled.status, 201, settled.text)
    assert.equal(settled.body.settlement.components.overLimit.total, 10_000)

    const done = await send('admin', `/api/catalogue/drafts/${answer.body.draft}/publish`, {})
    assert.equal(done.body.version, 3)
    const { history } = (await get('handler', `/api/catalogue/item?code=TT01&place=${CITY}`)).body
    assert.deepEqual(
      history.map(({ entry, addedIn, removedIn }: Json) => [entry.limitPrice, addedIn, removedIn]),
      [
        [500, 2, 3],
        [400, 3, null],
      ],
    )
    const trial = await send('handler', '/api/settlements/trial', { input: bill('after') })
    assert.equal(trial.body.settlement.components.overLimit.total, 20_000)
    const kept = await get('handler', `/api/settlements/${settled.body.id}`)
    assert.equal(kept.body.settlement.components.overLimit.total, 10_000)
    assert.equal(kept.body.settlement.lines[0].item.citations[0].rule, `${CITY}/catalogue@2#TT01`)
  })

  test('an unknown code and a contradiction are refused by field; another place of care has no such catalogue', async () => {
    const trial = async (line: Json, more: Json = {}) => {
      const input = {
        amounts: 'yuan',
        bills: [
          {
            id: 'x',
            person: 'heart-patient',
            admitted: '2025-03-01',
            discharged: '2025-03-02',
            settled: '2025-03-02',
            answers: { medical: '住院', level: '二级' },
            ...more,
            lines: [{ id: '1', amount: '60.00', quantity: '1', ...line }],
          },
        ],
      }
      const { body } = await send('handler', '/api/settlements/trial', { input })
      return `${body.code} ${body.errors?.[0]?.field ?? JSON.stringify(body)}`
    }
    assert.equal(await trial({ code: 'NONE' }), 'unknown_item bills[0].lines[0].code')
    assert.equal(
      await trial({ code: 'SFY0014', class: '丙' }),
      'item_contradicted bills[0].lines[0].class',
    )
    assert.equal(
      await trial({ code: 'SFH0014' }),
      'item_not_in_force bills[0].lines[0].code',
      'it ended on the last day of 2024',
    )
    assert.equal(
      await trial({ code: 'SFY0014' }, { placeOfCare: '330200' }),
      'unknown_item bills[0].lines[0].code',
    )
  })

  test('another tenant sees nothing of it', async () => {
    const { body } = await get('stranger', `/api/catalogue?place=${CITY}&q=aspl`)
    assert.deepEqual(body.rows, [])
    const item = await get('stranger', `/api/catalogue/item?code=SFY0014&place=${CITY}`)
    assert.equal(item.status, 404)
    assert.deepEqual((await get('stranger', '/api/catalogue/versions')).body.versions, [])
  })

  test('a template that can be filled in and sent', async () => {
    const answer = await app.inject({
      url: '/api/catalogue/template?format=csv',
      headers: { cookie: clients.handler?.cookie ?? '' },
    })
    assert.match(answer.body, /^\uFEFF类别,编码,名称/)
  })

  test('an empty folder of packs is said to be empty, with where to put them', async () => {
    const lists = createCodeLists('/nowhere')
    assert.equal(await lists.search('icd10', 'a'), undefined)
    assert.match(lists.describeMissing().en, /KANGYANG_PACKS/)
  })

  test('diseases by name, pinyin and code', async (context) => {
    const { status, body } = await get('handler', '/api/codes?list=icd10&q=huoluan')
    if (status === 404) return context.skip('skipped: no pack codes')
    assert(body.codes.some(({ code }: Json) => code === 'A00.000'))
    const procedures = await get('handler', '/api/codes?list=icd9cm3&q=00.0100')
    assert.equal(procedures.body.codes[0].name, '头和颈部血管治疗性超声')
  })

  test('the files of the project are the catalogue of the demonstration', () => {
    assert.equal(readFileSync('schemes/teaching/catalogue.csv', 'utf8').split('\n').length, 75)
  })
})
