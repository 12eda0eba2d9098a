/**
 * Persons and who covers them, over HTTP on a real PostgreSQL: a bill settles from an enrolled person, and
 * the end of a membership makes the next one refused.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { todayInChina } from '#app/clock.ts'
import { DEMONSTRATION, letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { prepareDemonstrationPeople } from '#app/demonstration-people.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { createServer } from '#app/server.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { checkOf } from '#domains/enrolment/index.ts'
import { createReferralService } from '#domains/enrolment/referrals.service.ts'
import { createRegistryService } from '#domains/enrolment/registry.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { verifyPostings } from '#domains/settlement/postings.service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database, Guarded } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { SCHEME_FILES } from './crash/teaching.ts'
import { servicesOver } from './services.ts'

const WOMAN = '11010519491231002X'
const MAN = '110101198001010010'
const RESIDENT = 'teaching/shifan/resident'
const EMPLOYEE = 'teaching/shifan/employee'
const HUIMIN = 'teaching/shifan/products/huimin'

const secrets = createSecrets(Buffer.alloc(32, 1))

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>

describe('enrolment', { timeout: 120_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let app: Awaited<ReturnType<typeof createServer>>
  let identity: ReturnType<typeof createIdentity>
  const clients: Record<string, { cookie: string; csrf: string }> = {}
  let keys = 0
  let demonstration: Parameters<typeof prepareDemonstrationPeople>[0]
  let anotherServer: (batch?: number, through?: Guarded) => ReturnType<typeof createImportService>

  before(async () => {
    const opened = await migratedDatabase({ max: 10 })
    database = opened.database
    close = opened.close
    identity = createIdentity(database, { demonstration: true, secrets })
    const service = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    const catalogue = createCatalogueService({ database, isTeaching: async () => true })
    await letVisitorsIn(identity)
    await prepareDemonstration({
      service,
      catalogue,
      rules: SCHEME_FILES,
      catalogues: async () => [],
      samples: ['samples/teaching-city.json'],
    })
    await identity.addTenant({ id: 'other', name: 'other', demonstration: false })
    await service.ensureRules('other', SCHEME_FILES, 'test')
    const stranger = { name: 'stranger', role: 'handler' } as const
    await identity.setDemonstrationUsers('other', [stranger], DEMONSTRATION.password)
    const bookOf = async (actor: Actor) => (await service.rules(actor)).book
    const shared = { database, today: todayInChina, bookOf }
    const enrolment = createEnrolmentService({ ...shared, secrets, settlement: service })
    const registry = createRegistryService({ ...shared, secrets })
    const referrals = createReferralService({ database, enrolment, secrets, today: todayInChina })
    demonstration = { service, catalogue, enrolment, referrals, registry }
    const imports = createImportService({ ...shared, secrets })
    anotherServer = (batch, through = database) =>
      createImportService({
        ...shared,
        database: through,
        secrets,
        ...(batch ? { batch } : {}),
      })
    app = await createServer({
      database,
      identity,
      service,
      ...servicesOver({ database, service, secrets }),
      catalogue,
      codeLists: createCodeLists(packsFolder(undefined)),
      enrolment,
      imports,
      registry,
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: DEMONSTRATION.tenant.id,
      demonstration: [],
      log: false,
    })
    const hospital = (name: string, institution: string) =>
      ({ name, role: 'hospital', scope: { institutions: [institution] } }) as const
    const own = { name: 'own', role: 'insured', scope: { persons: [{ person: 'own-1' }] } } as const
    const users = [
      own,
      hospital('refers', 'H701'),
      hospital('taken', 'H702'),
      hospital('other hospital', 'H9'),
    ]
    await identity.setDemonstrationUsers('demo', users, DEMONSTRATION.password)
    for (const [user, tenant] of [
      ['own', 'demo'],
      ['refers', 'demo'],
      ['taken', 'demo'],
      ['other hospital', 'demo'],
      ['handler', 'demo'],
      ['actuary', 'demo'],
      ['admin', 'demo'],
      ['stranger', 'other'],
    ] as const) {
      const login = await app.inject({
        method: 'POST',
        url: '/api/login',
        payload: { user, tenant, password: DEMONSTRATION.password },
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

  async function send(
    method: 'GET' | 'POST',
    url: string,
    {
      body,
      user = 'handler',
      key = `key ${keys++}`,
    }: { body?: Json; user?: string; key?: string } = {},
  ): Promise<{ status: number; body: Json }> {
    const { cookie = '', csrf = '' } = clients[user] ?? {}
    const response = await app.inject({
      method,
      url: `/api${url}`,
      headers: { cookie, 'x-kangyang-csrf': csrf, 'idempotency-key': key },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: response.statusCode, body: response.json() }
  }
  const done = async (url: string, body: Json, user?: string): Promise<Json> => {
    const answer = await send('POST', url, { body, ...(user ? { user } : {}) })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }
  const refused = async (url: string, body: Json): Promise<string> => {
    const answer = await send('POST', url, { body })
    assert(answer.status >= 400, JSON.stringify(answer.body))
    assert(answer.body.zh && answer.body.en && answer.body.remedy)
    return answer.body.code
  }
  const change = (person: string, asked: Json, reason?: string) =>
    done(`/enrolment/persons/${person}/changes`, { change: asked, ...(reason ? { reason } : {}) })
  const bill = (id: string, person: string, day: string, more: Json = {}) =>
    done('/bills', {
      amounts: 'yuan',
      bills: [
        {
          id,
          person,
          admitted: day,
          discharged: day,
          settled: day,
          answers: { medical: '住院', level: '二级', ...more },
          parts: { inScope: '10450.00' },
        },
      ],
    })
  const resident = (from: string, until?: string) => ({
    kind: 'enrol',
    scheme: RESIDENT,
    from,
    ...(until ? { until } : {}),
    enrolledOn: '2023-12-01',
    answers: { class: '成年居民' },
  })

  test('a bill settles from an enrolled person; after the end of cover the next is refused', async () => {
    const { person } = await done('/enrolment/persons', { name: '王一', idNumber: WOMAN })
    assert.match(person, /^P\d{10}$/)
    await change(person, resident('2024-01-01'))
    await bill('e-1', person, '2025-03-01')
    const settled = await done('/settlements', { bill: 'e-1' })
    assert.equal(settled.settlement.payers.basicPool, 750_000)

    const ended = await change(person, {
      kind: 'end',
      scheme: RESIDENT,
      from: '2024-01-01',
      until: '2025-04-30',
    })
    assert.deepEqual(ended.replay, [], 'the settled bill is not touched')
    await bill('e-2', person, '2025-05-02')
    assert.equal(await refused('/settlements', { bill: 'e-2' }), 'not_covered')

    const earlier = await change(person, {
      kind: 'end',
      scheme: RESIDENT,
      from: '2024-01-01',
      until: '2025-02-28',
    })
    assert.deepEqual(earlier.replay, ['e-1'], 'the bill cannot be settled by the new facts')
    const { body: statement } = await send('GET', `/replays/${earlier.statement}`)
    const [held] = statement.differences
    assert.deepEqual(
      [held.bill, held.refusal, held.payers.basicPool],
      ['e-1', 'not_covered', { before: 750_000, after: 750_000 }],
      'nothing is taken back until somebody decides',
    )
  })

  test('the id-card number is kept sealed, shown masked and found by itself', async () => {
    const { body: found } = await send('POST', '/enrolment/persons/find', {
      body: { idNumber: WOMAN.toLowerCase() },
    })
    const { body: file } = await send('GET', `/enrolment/persons/${found.person}`)
    assert.deepEqual(
      [file.idNumber, file.born, file.sex, file.name],
      ['11**************2X', '1949-12-31', 'female', '王*'],
    )
    const rows = await database.query('select * from persons where tenant_id = $1 and id = $2', [
      'demo',
      found.person,
    ])
    const commands = await database.query('select * from commands')
    assert(!JSON.stringify([rows, commands]).includes(WOMAN.slice(0, 17)))
    const [row] = rows as { id_sealed: Buffer }[]
    assert(!row?.id_sealed.toString('latin1').includes(WOMAN))
    const again = await send('POST', '/enrolment/persons', {
      body: { name: '王', idNumber: WOMAN },
    })
    assert.deepEqual([again.status, again.body.code], [409, 'id_number_taken'])
    assert.equal(again.body.facts.person, found.person)
  })

  test('what an id-card number contradicts is refused by name', async () => {
    const of = (body: Json) => refused('/enrolment/persons', { name: '李', ...body })
    assert.equal(await of({ idNumber: '110105194912310021' }), 'id_number_check_digit')
    assert.equal(await of({ idNumber: MAN, born: '1980-01-02' }), 'birthday_differs')
    assert.equal(await of({ idNumber: MAN, sex: 'female' }), 'sex_differs')
    assert.equal(await of({ sex: 'female' }), 'birthday_needed')
    assert.equal(await of({ born: '2999-01-01', sex: 'female' }), 'born_in_future')
    assert.equal(await of({ id: 'employee', born: '1999-01-01', sex: 'male' }), 'person_exists')
  })

  test('a number that comes later: refused where it belongs to another or contradicts', async () => {
    const born = { born: '1980-01-01', sex: 'male' }
    const { person } = await done('/enrolment/persons', { name: '赵', id: 'late', ...born })
    const url = `/enrolment/persons/${person}/id-number`
    assert.equal(await refused(url, { idNumber: WOMAN }), 'birthday_differs')
    await done(url, { idNumber: MAN })
    assert.equal(await refused(url, { idNumber: MAN }), 'id_number_known')
  })

  test('the same key answers the same and changes nothing; another request with it is refused', async () => {
    const body = { name: '孙', born: '1990-01-01', sex: 'female' }
    const first = await send('POST', '/enrolment/persons', { body, key: 'once' })
    const again = await send('POST', '/enrolment/persons', { body, key: 'once' })
    assert.deepEqual(again.body, first.body)
    const other = await send('POST', '/enrolment/persons', {
      body: { ...body, name: '钱' },
      key: 'once',
    })
    assert.equal(other.body.code, 'idempotency_key_reused')
    const { body: file } = await send('GET', `/enrolment/persons/${first.body.person}`)
    assert.equal(file.changes.length, 1)
  })

  test('a refusal keeps nothing, not even its premium', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '周',
      born: '1990-01-01',
      sex: 'male',
    })
    await change(person, resident('2024-01-01'))
    const url = `/enrolment/persons/${person}/changes`
    const overlap = {
      kind: 'enrol',
      scheme: EMPLOYEE,
      from: '2024-06-01',
      enrolledOn: '2024-05-01',
    }
    const asked = {
      ...overlap,
      answers: { class: '在职' },
      premiums: [{ payer: 'self', due: 100 }],
    }
    assert.equal(await refused(url, { change: asked }), 'two_public_schemes')
    const { body: file } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual([file.memberships.length, file.premiums], [1, []])
  })

  test('premiums: due from self and assistance, collected, refunded', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '吴',
      born: '1960-01-01',
      sex: 'male',
    })
    const premiums = [
      { payer: 'self', due: 19_000 },
      { payer: 'assistance', due: 19_000 },
    ]
    await change(person, { ...resident('2024-01-01', '2024-12-31'), premiums })
    const url = `/enrolment/persons/${person}/premiums`
    const self = { scheme: RESIDENT, from: '2024-01-01', payer: 'self' }
    await done(url, { ...self, posting: 'collected', amount: 19_000 })
    assert.equal(
      await refused(url, { ...self, posting: 'collected', amount: 1 }),
      'collected_beyond_due',
    )
    await done(url, { ...self, posting: 'refunded', amount: 9_000, reason: '转为职工参保' })
    const other = { ...self, from: '2023-01-01', posting: 'collected', amount: 1 }
    assert.equal(await refused(url, other), 'unknown_membership')
    const { body: file } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(
      file.premiums.map((p: Json) => [p.payer, p.due, p.collected, p.refunded]),
      [
        ['assistance', 19_000, 0, 0],
        ['self', 19_000, 19_000, 9_000],
      ],
    )
  })

  test('a disease in earlier bills is found, and counts once a person has confirmed it', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '郑',
      born: '1970-01-01',
      sex: 'male',
    })
    await change(person, resident('2023-01-01'), '补登历年参保')
    await bill('e-3', person, '2023-05-01', { medical: '门慢特', disease: '糖尿病' })
    const huimin = {
      scheme: HUIMIN,
      from: '2024-01-01',
      until: '2024-12-31',
      enrolledOn: '2023-12-01',
    }
    await change(person, { kind: 'enrol', ...huimin, answers: { preexisting: '无' } })
    const on = async () =>
      (
        await send('GET', `/enrolment/persons/${person}/eligibility?on=2024-06-01`)
      ).body.covers.find((cover: Json) => cover.scheme === HUIMIN).attributes.preexisting
    await change(person, { kind: 'search-history' })
    const { body: file } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(file.conditions, [{ disease: '糖尿病', since: '2023-05-01', state: 'found' }])
    assert.equal(await on(), '无')
    await change(person, { kind: 'decide', disease: '糖尿病', confirmed: true }, '门诊病历')
    assert.equal(await on(), '有')
  })

  test('whoever came with bills is taken over by the first change, and no upload replaces them then', async () => {
    const before = (await send('GET', '/enrolment/persons/adult')).body
    assert.equal(before.enrolled, false)
    const status = { kind: 'status', attribute: 'category', value: '低保', from: '2025-01-01' }
    await change('adult', status, '民政文书')
    const { body: file } = await send('GET', '/enrolment/persons/adult')
    assert.equal(file.enrolled, true)
    const byScheme = (a: Json, b: Json) => (a.scheme < b.scheme ? -1 : 1)
    assert.deepEqual(file.memberships.toSorted(byScheme), before.memberships.toSorted(byScheme))
    const upload = { amounts: 'yuan', persons: [{ id: 'adult', covers: [] }], bills: [] }
    assert.equal(await refused('/bills', upload), 'person_enrolled')
    assert.deepEqual((await send('GET', '/enrolment/persons/adult')).body.statuses, [
      { attribute: 'category', value: '低保', from: '2025-01-01', until: null },
    ])
  })

  test('a family shares an account', async () => {
    const url = '/enrolment/persons/employee/family'
    await done(url, { member: 'child', relation: 'child', from: '2025-01-01' })
    assert.equal(
      await refused(url, { member: 'employee', relation: 'other', from: '2025-01-01' }),
      'family_is_self',
    )
    assert.equal(
      await refused(url, { member: 'nobody', relation: 'child', from: '2025-01-01' }),
      'unknown_person',
    )
    const { body: child } = await send('GET', '/enrolment/persons/child')
    assert.deepEqual(child.family, [
      { owner: 'employee', member: 'child', relation: 'child', from: '2025-01-01', until: null },
    ])
  })

  test('a personal account: what happens to it between bills, and what bills take from it', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '沈',
      born: '1985-01-01',
      sex: 'male',
    })
    const employee = {
      kind: 'enrol',
      scheme: EMPLOYEE,
      from: '2024-01-01',
      enrolledOn: '2023-12-01',
    }
    await change(person, { ...employee, answers: { class: '在职' } })
    const url = `/enrolment/persons/${person}/account`
    const act = async (name: string, amount: number, more: Json = {}) =>
      (await done(url, { act: name, amount, on: '2025-01-31', reference: '凭证', ...more })).balance
    assert.equal(await act('credit', 50_000), 50_000)
    await bill('account-1', person, '2025-03-01', { medical: '普通门诊', level: '一级' })
    const settled = await done('/settlements', { bill: 'account-1' })
    const taken = settled.settlement.payers.personalAccount
    assert(taken > 0, JSON.stringify(settled.settlement.payers))
    assert.equal(await act('credit', 10_000, { on: '2025-03-31' }), 60_000 - taken)
    await done(`/settlements/${settled.id}/reverse`, { reason: '录错' })
    const { body: file } = await send('GET', `/enrolment/persons/${person}`)
    assert.equal(file.accounts.personal, 60_000, 'the credit after the bill stays')

    const use = { act: 'use', amount: 1_000, on: '2025-02-01', purpose: '购药', reference: '小票' }
    assert.equal(await refused(url, use), 'purpose_unknown')
    const rule = { purpose: '购药', from: '2020-01-01', permitted: true, source: '示例文件' }
    await done('/enrolment/account-uses', rule, 'admin')
    assert.equal((await done(url, use)).balance, 59_000)
    const share = {
      act: 'share',
      amount: 9_000,
      on: '2025-02-01',
      counterpart: 'child',
      reference: '申请',
    }
    assert.equal(await refused(url, share), 'not_family')
    const link = { member: 'child', relation: 'child', from: '2025-01-01' }
    await done(`/enrolment/persons/${person}/family`, link)
    const before = (await send('GET', '/enrolment/persons/child')).body.accounts.family ?? 0
    assert.equal((await done(url, share)).balance, 50_000)
    const { body: child } = await send('GET', '/enrolment/persons/child')
    assert.equal(child.accounts.family, before + 9_000)

    await change(person, { kind: 'death', on: '2025-06-01' }, '死亡证明')
    const left = { act: 'left', on: '2025-07-01', counterpart: 'adult', reference: '公证书' }
    assert.equal(await refused(url, { ...left, amount: 1 }), 'whole_balance_wanted')
    assert.equal((await done(url, { ...left, amount: 50_000 })).balance, 0)
    const entries = (await send('GET', `/enrolment/persons/${person}`)).body.accounts.entries
    const sum = entries.reduce((all: number, { amount }: Json) => all + amount, 0)
    assert.equal(sum, 0, 'the reversed bill took nothing, so the entries alone make the balance')
  })

  test('two files of one person become one, bills and totals with them, and two again', async () => {
    const born = { born: '1975-05-05', sex: 'male' }
    const { person: from } = await done('/enrolment/persons', {
      name: '韩',
      id: 'old-file',
      ...born,
    })
    const { person: into } = await done('/enrolment/persons', { name: '韩', ...born })
    await change(from, resident('2024-01-01', '2024-12-31'))
    await change(into, resident('2025-01-01', '2025-12-31'))
    await bill('merge-1', from, '2024-06-01')
    await bill('merge-2', into, '2025-06-01')
    for (const one of ['merge-1', 'merge-2']) await done('/settlements', { bill: one })
    await bill('merge-3', from, '2024-07-01')
    const { id: held } = await done('/cases', { bill: 'merge-3', channel: 'counter' })
    const personOfCase = async () => (await send('GET', `/cases/${held}`)).body.person
    const totalsOf = async (id: string) =>
      (await send('GET', `/persons/${id}`)).body.totals.map(
        (t: Json) => `${t.slot}@${t.period} ${t.value}`,
      )
    const [a, b] = [await totalsOf(from), await totalsOf(into)]
    const asked = { from, into, reason: '同一人两份档案' }
    await change(from, { kind: 'declare', disease: '哮喘', since: '2020-01-01' })
    const { merge } = await done('/enrolment/merges', asked)
    assert.deepEqual((await totalsOf(into)).toSorted(), [...a, ...b].toSorted())
    const { body: kept } = await send('GET', `/persons/${into}`)
    assert.deepEqual(
      kept.bills.map(({ id }: Json) => id),
      ['merge-1', 'merge-3', 'merge-2'],
    )
    assert.equal(await personOfCase(), into, 'a case goes with its bill')
    const url = `/enrolment/persons/${from}/changes`
    assert.equal(await refused(url, { change: { kind: 'search-history' } }), 'person_merged')
    const [row] = await database.query<{ id: string }>(
      `select id from settlements where bill_id = 'merge-1' and state = 'settled'`,
    )
    assert.equal(
      (await send('GET', `/settlements/${row?.id}`)).status,
      200,
      'it can still be explained',
    )
    const waiting = await database.query(
      `select cause->>'change' as change from replays_due where person_id = $1`,
      [into],
    )
    assert.deepEqual(waiting, [{ change: 'merge' }], 'the facts of one hold for the bills of both')
    await done(`/enrolment/merges/${merge}/undo`, { reason: '不是同一人' })
    assert.deepEqual([await totalsOf(from), await totalsOf(into)], [a, b])
    assert.equal(await personOfCase(), from)
    const conditions = async (id: string) =>
      (await send('GET', `/enrolment/persons/${id}`)).body.conditions.length
    assert.deepEqual([await conditions(from), await conditions(into)], [1, 0])
    assert.equal(await refused(`/enrolment/merges/${merge}/undo`, { reason: 'x' }), 'merge_undone')

    await change(from, { kind: 'end', scheme: RESIDENT, from: '2024-01-01', until: '2024-11-30' })
    const { merge: again } = await done('/enrolment/merges', asked)
    await change(into, { kind: 'declare', disease: '高血压', since: '2026-01-01' })
    await change(into, { kind: 'status', attribute: 'category', value: '低保', from: '2026-01-01' })
    assert.equal(
      await refused(`/enrolment/merges/${again}/undo`, { reason: 'x' }),
      'changed_since_merge',
    )
  })

  test('two files with bills in one year count the deductible once, as if one person had had both', async () => {
    const born = { born: '1976-06-06', sex: 'female' }
    const standing = (person: string) =>
      database.query<{ bill: string; patient: number }>(
        `select b.settled_on::text as bill, s.patient from settlements s
           join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
          where s.person_id = $1 and s.state = 'settled' order by 1`,
        [person],
      )
    const totalsOf = async (id: string) =>
      (await send('GET', `/persons/${id}`)).body.totals
        .filter((t: Json) => !String(t.period).startsWith('stay:'))
        .map((t: Json) => `${t.slot}@${t.period} ${t.value}`)
        .toSorted()
    const opened = async (name: string) =>
      (await done('/enrolment/persons', { name, ...born })).person as string
    const settled = async (id: string, person: string, day: string) => {
      await bill(id, person, day)
      await done('/settlements', { bill: id })
    }
    const one = await opened('唐')
    await change(one, resident('2025-01-01', '2025-12-31'))
    await settled('once-1', one, '2025-03-01')
    await settled('once-2', one, '2025-06-01')

    // The later bill is in the kept file in one round, and the earlier one in the other; either is settled first.
    for (const [round, days] of [
      ['2025-03-01', '2025-06-01'],
      ['2025-06-01', '2025-03-01'],
    ].entries()) {
      const [from, into] = [await opened('唐'), await opened('唐')]
      await change(from, resident('2025-01-01', '2025-12-31'))
      await settled(`twice-${round}-1`, from, days[0] ?? '')
      await change(into, resident('2025-01-01', '2025-12-31'))
      await settled(`twice-${round}-2`, into, days[1] ?? '')
      const before = [...(await standing(from)), ...(await standing(into))]
      const answer = await done('/enrolment/merges', { from, into, reason: '同一人两份档案' })
      const after = await standing(into)
      assert.deepEqual(after, await standing(one))
      assert.deepEqual(await totalsOf(into), await totalsOf(one))
      const sum = (rows: readonly { patient: number }[]) =>
        rows.reduce((all, { patient }) => all + Number(patient), 0)
      assert.ok(sum(after) < sum(before), 'the deductible was counted twice and counts once')
      assert.ok(answer.statement, 'a statement says what changed')
      const { faults } = await verifyPostings(database, DEMONSTRATION.tenant.id)
      assert.deepEqual(faults, [])
    }
  })

  test('files with accounts, one of whose bills was paid: the ledger follows to the kept number', async () => {
    const employed = async (credit: number) => {
      const { person } = await done('/enrolment/persons', {
        name: '许',
        born: '1984-04-04',
        sex: 'male',
      })
      await change(person, {
        kind: 'enrol',
        scheme: EMPLOYEE,
        from: '2024-01-01',
        enrolledOn: '2023-12-01',
        answers: { class: '在职' },
      })
      const entry = { act: 'credit', amount: credit, on: '2025-01-31', reference: '凭证' }
      await done(`/enrolment/persons/${person}/account`, entry)
      return person as string
    }
    const clinic = { medical: '普通门诊', level: '一级' }
    const [from, into] = [await employed(50_000), await employed(30_000)]
    await bill('paid-1', from, '2025-09-10', clinic)
    await bill('paid-2', into, '2025-09-09', clinic)
    for (const one of ['paid-1', 'paid-2']) await done('/settlements', { bill: one })
    await done('/clearings', { from: '2025-09-10', until: '2025-09-10' })
    const { statement } = await done('/enrolment/merges', { from, into, reason: '同一人两份档案' })
    const owed = await database.query<{ bill: string; state: string; payer: string }>(
      `select bill_id as bill, state, from_party as payer from adjustments where replay_id = $1`,
      [statement],
    )
    assert.ok(owed.length > 0, 'what was paid is corrected by who owes whom')
    for (const each of owed) {
      assert.equal(each.bill, 'paid-1', 'nothing is owed for a bill of which no money has moved')
      assert.equal(each.state, each.payer === 'person' ? 'proposed' : 'ordered')
    }
    const { faults } = await verifyPostings(database, DEMONSTRATION.tenant.id)
    assert.deepEqual(faults, [])
    const { body: file } = await send('GET', `/enrolment/persons/${into}`)
    assert.ok(file.accounts.personal >= 0)
  })

  test('a referral and a certificate are recorded with their documents, and settlements use them', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '郑九',
      born: '1970-02-02',
      sex: 'male',
    })
    await change(person, resident('2024-01-01'))
    const url = `/enrolment/persons/${person}/changes`
    const referral = {
      kind: 'registration',
      registration: { kind: '市外转诊', place: '310000', from: '2025-03-01', until: '2025-05-31' },
      document: '转诊单 001',
      source: '示例医院',
    }
    await change(person, referral)
    const elsewhere = (id: string, day: string) =>
      done('/bills', {
        amounts: 'yuan',
        bills: [
          {
            id,
            person,
            admitted: day,
            discharged: day,
            settled: day,
            placeOfCare: '310101',
            answers: { medical: '住院', level: '三级' },
            parts: { inScope: '10450.00' },
          },
        ],
      })
    const remoteOf = async (id: string, day: string) => {
      await elsewhere(id, day)
      const tried = await send('POST', '/settlements/trial', { body: { bill: id } })
      assert.equal(tried.status, 200, JSON.stringify(tried.body))
      return tried.body.steps.find((step: Json) => step.step === 'answer').answer
    }
    assert.equal(await remoteOf('f-1', '2025-05-31'), '市外转诊')
    assert.equal(await remoteOf('f-2', '2025-06-01'), '市外未转诊')

    const certificate = {
      kind: 'certificate',
      certificate: { kind: '门慢特', of: '糖尿病', from: '2025-01-01' },
      document: '认定表 7',
      source: '窗口',
    }
    await change(person, certificate)
    const { body: file } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(file.registrations, [
      { ...referral.registration, document: '转诊单 001', source: '示例医院' },
    ])
    assert.deepEqual(file.certificates, [
      { ...certificate.certificate, until: null, document: '认定表 7', source: '窗口' },
    ])
    // A change of something else leaves them alone.
    await change(person, { kind: 'declare', disease: 'E11', since: '2024-06-01' })
    const again = {
      ...certificate,
      certificate: { ...certificate.certificate, from: '2026-01-01' },
    }
    assert.equal(await refused(url, { change: again }), 'filing_overlaps')
    const { kind, of, from } = certificate.certificate
    await change(person, { kind: 'withdraw-certificate', certificate: { kind, of, from } }, '误录')
    const { body: after } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual([after.certificates, after.registrations.length], [[], 1])
    assert.deepEqual(after.changes.map((each: Json) => each.change).slice(0, 3), [
      'withdraw-certificate',
      'declare',
      'certificate',
    ])
  })

  test('a referral entered later settles the bill of its stay again; withdrawn, it settles as before', async () => {
    for (const [id, name] of [
      ['H701', '转出医院'],
      ['H702', '转入医院'],
    ])
      await done('/institutions', { id, name, kind: 'hospital' })
    const { person } = await done('/enrolment/persons', {
      name: '沈十二',
      idNumber: '11010519850202001X',
    })
    await change(person, resident('2024-01-01'))
    const stay = { admitted: '2025-03-31', discharged: '2025-04-20', settled: '2025-04-20' }
    await done('/bills', {
      amounts: 'yuan',
      bills: [
        {
          id: 'r-1',
          person,
          ...stay,
          institution: 'H702',
          placeOfCare: '310101',
          answers: { medical: '住院', level: '三级' },
          parts: { inScope: '10450.00' },
        },
      ],
    })
    const first = await done('/settlements', { bill: 'r-1' })
    const terms = {
      kind: '市外转诊',
      from: 'H701',
      to: 'H702',
      place: '310000',
      since: '2025-03-01',
      until: '2025-03-31',
      reason: '本院不能确诊',
      document: '转诊单 88',
    }
    // A hospital that comes too late changes no settled bill: the office does.
    assert.deepEqual(
      await send('POST', '/referrals', { user: 'refers', body: { ...terms, person } }).then(
        ({ status, body }) => [status, body.code],
      ),
      [404, 'unknown_person'],
    )
    const card = { ...terms, idNumber: '11010519850202001X' }
    const late = await send('POST', '/referrals', { user: 'refers', body: card })
    assert.deepEqual([late.status, late.body.code], [409, 'referral_changes_bills'])
    assert.equal(
      (await send('POST', '/referrals', { user: 'refers', body: { ...card, from: 'H702' } })).body
        .code,
      'referral_not_yours',
    )

    const entered = await done('/referrals', { ...terms, person })
    assert.deepEqual([entered.replay, entered.state], [['r-1'], 'valid'])
    const { body: statement } = await send('GET', `/replays/${entered.statement}`)
    const pool = statement.differences[0].payers.basicPool
    assert.equal(pool.before, first.settlement.payers.basicPool)
    // Worked by hand in the case OWN-17-REMOTE: referred care is paid by another rate, over a lower deductible.
    assert(pool.after > pool.before, JSON.stringify(pool))
    const { body: file } = await send('GET', `/persons/${person}`)
    const { body: settled } = await send('GET', `/settlements/${file.bills[0].settlement}`)
    const because = settled.steps.find((each: Json) => each.step === 'answer')
    assert.deepEqual(
      [because.answer, because.registration.record, because.registration.institution],
      ['市外转诊', entered.record, 'H702'],
    )

    const { body: kept } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(
      [kept.registrations, kept.changes[0].change, kept.changes[0].facts.record],
      [[], 'enter referral', entered.record],
    )
    assert.equal(
      await refused('/referrals', { ...terms, person, since: '2025-03-31', until: '2025-04-30' }),
      'referral_overlaps',
    )
    assert.equal(
      await refused('/referrals', { ...terms, person, to: 'H701' }),
      'referral_to_itself',
    )
    assert.equal(await refused('/referrals', { ...terms, person, to: 'H0' }), 'unknown_institution')

    const act = (body: Json, user?: string) =>
      send('POST', `/referrals/${entered.id}/acts`, { body, ...(user ? { user } : {}) })
    const own = await act({ act: 'withdraw', why: '开错' }, 'refers')
    assert.equal(own.body.code, 'referral_changes_bills')
    assert.equal(
      (await act({ act: 'withdraw', why: '开错' }, 'taken')).body.code,
      'referral_not_yours',
    )
    assert.equal((await act({ act: 'withdraw', why: '开错' }, 'stranger')).status, 404)
    const extended = await act({ act: 'extend', until: '2025-04-30', why: '继续治疗' }, 'refers')
    assert.deepEqual([extended.status, extended.body.replay], [200, undefined])
    const ended = await act({ act: 'end', until: '2025-03-30', why: '提前回来' })
    assert.deepEqual([ended.body.state, ended.body.replay], ['ended', ['r-1']])
    const again = await act({ act: 'extend', until: '2025-05-30', why: '继续治疗' })
    assert.deepEqual([again.status, again.body.code], [409, 'illegal_referral_move'])
    assert.match(again.body.zh, /已提前终止.*不能延期/)
    const gone = await act({ act: 'withdraw', why: '开错' })
    assert.deepEqual([gone.status, gone.body.state, gone.body.replay], [200, 'withdrawn', []])

    const listed = async (user: string, query = '') =>
      (await send('GET', `/referrals${query}`, { user })).body.referrals.map(
        (each: Json) => `${each.record} ${each.state} ${each.history.length}`,
      )
    const row = `${entered.record} withdrawn 4`
    assert.deepEqual(await listed('handler', `?person=${person}`), [row])
    assert.deepEqual(await listed('refers'), [row])
    assert.deepEqual(await listed('taken'), [row])
    assert.deepEqual(await listed('other hospital'), [])
    assert.deepEqual(await listed('stranger'), [])
    await assert.rejects(
      database.query(`update referral_acts set why = 'x'`),
      /what was done to a referral is never changed/,
    )
    await assert.rejects(
      database.query(`update referrals set reason = 'x'`),
      /what a referral says is never changed/,
    )

    // The stay that begins on the last day counts, without a word on the bill of where it was.
    const silent = await done('/referrals', { ...terms, person })
    await done('/bills', {
      amounts: 'yuan',
      bills: [
        {
          id: 'r-2',
          person,
          admitted: '2025-03-31',
          discharged: '2025-04-25',
          settled: '2025-04-25',
          institution: 'H702',
          answers: { medical: '住院', level: '三级' },
          parts: { inScope: '1000.00' },
        },
      ],
    })
    const tried = await send('POST', '/settlements/trial', { body: { bill: 'r-2' } })
    const answer = tried.body.steps.find((each: Json) => each.step === 'answer')
    assert.deepEqual(
      [answer.answer, answer.place, answer.registration.record],
      ['市外转诊', '310000', silent.record],
    )
  })

  test('a case that a person hands in shows nothing that the office notes', async () => {
    await done('/enrolment/persons', {
      id: 'own-1',
      name: '何十三',
      born: '1950-02-02',
      sex: 'male',
    })
    await change('own-1', resident('2024-01-01'))
    await bill('own-bill', 'own-1', '2025-03-01')
    const own = (url: string, body: Json) => send('POST', url, { body, user: 'own' })
    const { body: before } = await send('GET', '/own-cases', { user: 'own' })
    assert.deepEqual(
      before.bills.map((each: Json) => [each.bill, each.total]),
      [['own-bill', 1_045_000]],
    )
    const handed = await own('/own-cases', { bill: 'own-bill' })
    assert.equal(handed.status, 201, JSON.stringify(handed.body))
    const url = `/own-cases/${handed.body.id}`
    const { body: file } = await send('GET', url, { user: 'own' })
    assert.deepEqual(Object.keys(file).toSorted(), [
      'acceptedOn',
      'acts',
      'amount',
      'bill',
      'channel',
      'clocks',
      'id',
      'may',
      'no',
      'person',
      'state',
      'steps',
    ])
    assert.deepEqual([file.state, file.channel, file.may], ['accepted', 'online', ['withdraw']])
    assert.equal((await send('GET', url, { user: 'taken' })).status, 404)
    assert.equal((await send('GET', url, { user: 'stranger' })).status, 403)
    assert.equal((await send('GET', `/cases/${handed.body.id}`, { user: 'own' })).status, 403)
    const notice = await send('GET', `${url}/notice.pdf`, { user: 'own' })
    assert.deepEqual([notice.status, notice.body.code], [409, 'case_not_decided'])
    const late = await own(`${url}/acts`, { act: 'object', why: '不服', seen: 1 })
    assert.deepEqual([late.status, late.body.code], [409, 'illegal_case_move'])
    const back = await own(`${url}/acts`, { act: 'withdraw', why: '自己留着', seen: 1 })
    assert.deepEqual([back.status, back.body.state], [200, 'withdrawn'])
  })

  test('a trial says what differs from the institution on the day, and changes no amount', async () => {
    await done('/institutions', { id: 'H777', name: '第七医院', kind: 'hospital' })
    const level = (from: string, name: string) =>
      done('/institutions/H777/levels', { from, level: name, document: '一号文' })
    await level('2020-01-01', '二级')
    await level('2025-03-01', '三级')
    const { person } = await done('/enrolment/persons', {
      name: '冯十',
      born: '1971-02-02',
      sex: 'male',
    })
    await change(person, resident('2024-01-01'))
    await bill('h-1', person, '2025-03-01', { hospital: 'H777' })
    const tried = await send('POST', '/settlements/trial', { body: { bill: 'h-1' } })
    const codes = (found: Json) => found.findings.map((each: Json) => each.code)
    assert.deepEqual(codes(tried.body), ['level_differs', 'no_agreement'])
    assert.match(tried.body.findings[0].zh, /二级.*第七医院.*三级/)
    await done('/institutions/H777/agreements', {
      kind: '住院',
      from: '2025-03-01',
      document: '二号文',
    })
    const settled = await done('/settlements', { bill: 'h-1' })
    assert.equal(settled.settlement.payers.basicPool, tried.body.settlement.payers.basicPool)
    const { body: kept } = await send('GET', `/settlements/${settled.id}`)
    assert.deepEqual(codes(kept), ['level_differs'])
  })

  test('a status or a repair that should not be there is taken back; a name is shown once it is recorded who asks', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '陈十一',
      born: '1972-02-02',
      sex: 'female',
    })
    await change(person, resident('2022-01-01', '2022-12-31'), '补录')
    await change(person, resident('2024-01-01'))
    await change(person, {
      kind: 'status',
      attribute: 'category',
      value: '低保',
      from: '2025-03-01',
    })
    const repair = { scheme: RESIDENT, from: '2023-01-01' }
    await change(person, { kind: 'repair', ...repair, until: '2023-12-31', paidOn: '2024-01-15' })
    const fileOf = async () => (await send('GET', `/enrolment/persons/${person}`)).body
    const yearsOf = (file: Json) => file.memberships.at(-1).answers.continuousYears
    assert.equal(yearsOf(await fileOf()), 2)
    await change(person, { kind: 'withdraw-repair', ...repair }, '误录')
    await change(
      person,
      { kind: 'withdraw-status', attribute: 'category', from: '2025-03-01' },
      '误录',
    )
    const file = await fileOf()
    assert.deepEqual([file.repairs, file.statuses, yearsOf(file)], [[], [], 0])
    // The first tier that makes a resident wait, and until when.
    assert(file.waits.every((each: Json) => each.until > each.from))

    assert.equal(file.name, '陈**')
    const shown = await send('POST', `/enrolment/persons/${person}/reveal`)
    assert.deepEqual(shown.body, { id: person, name: '陈十一', idNumber: null })
    assert.equal((await fileOf()).looked[1].action, 'reveal person')
    const denied = await send('POST', `/enrolment/persons/${person}/reveal`, { user: 'actuary' })
    assert.equal(denied.status, 403)
  })

  test('the demonstration has people with a past; started again, it changes nothing', async () => {
    await prepareDemonstrationPeople(demonstration)
    const fileOf = async (person: string) => {
      const { status, body } = await send('GET', `/enrolment/persons/${person}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body
    }
    const newborn = await fileOf('newborn')
    assert.equal(newborn.memberships[0].from, newborn.born)
    assert.deepEqual([newborn.premiums[0].collected, newborn.family.length], [40_000, 1])
    const [shared] = newborn.accounts.entries
    assert.deepEqual([shared.kind, shared.counterpart], ['shared', 'mother'])
    // The bill is older than what the mother shared, whenever either came in.
    assert.equal(newborn.accounts.family, 180_000)
    const mother = await fileOf('mother')
    assert.deepEqual([mother.memberships.length, mother.accounts.entries.length], [2, 3])
    const returned = await fileOf('returned')
    assert.deepEqual([returned.repairs.length, returned.conditions[0].state], [1, 'declared'])
    assert.equal((await fileOf('assisted')).statuses[0].from, '2025-03-01')
    const kept = await fileOf('twice-filed')
    assert.deepEqual([kept.memberships.length, kept.merges.length], [2, 1])
    assert.deepEqual([kept.certificates.length, kept.registrations.length], [1, 1])
    assert.equal(kept.conditions[0].state, 'found')
    assert.equal((await fileOf('twice-filed-2')).mergedInto, 'twice-filed')
    const { body: site } = await send('GET', '/sites/S101')
    assert.deepEqual(
      site.workers.map((each: Json) => each.person),
      ['builder-a', 'builder-b'],
    )
    const bills = await database.query(
      `select state, count(*) from bills where tenant_id = 'demo' and id = any($1) group by state`,
      [['newborn-2025-05', 'assisted-2025-04', 'builder-2025-08', 'twice-filed-2025-02']],
    )
    assert.deepEqual(bills, [{ state: 'settled', count: 4 }])

    const changes = await database.query('select count(*) from person_changes')
    await prepareDemonstrationPeople(demonstration)
    assert.deepEqual(await database.query('select count(*) from person_changes'), changes)
  })

  test('death ends cover on that day, and cannot be recorded twice', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '冯',
      born: '1940-01-01',
      sex: 'male',
    })
    await change(person, resident('2024-01-01'))
    await change(person, { kind: 'death', on: '2025-02-01' }, '死亡证明')
    const on = async (day: string) =>
      (await send('GET', `/enrolment/persons/${person}/eligibility?on=${day}`)).body.covers.length
    assert.deepEqual([await on('2025-02-01'), await on('2025-02-02')], [1, 0])
    const again = { change: { kind: 'death', on: '2025-02-02' } }
    assert.equal(await refused(`/enrolment/persons/${person}/changes`, again), 'person_died')
  })

  test('another tenant finds nothing; roles that may not are refused; who looked is on record', async () => {
    const calls: ['GET' | 'POST', string, Json?][] = [
      ['GET', '/enrolment/persons/adult'],
      ['GET', '/enrolment/persons/adult/eligibility?on=2025-01-01'],
      ['POST', '/enrolment/persons/adult/changes', { change: { kind: 'search-history' } }],
      ['POST', '/enrolment/persons/find', { idNumber: WOMAN }],
    ]
    for (const [method, url, body] of calls) {
      const more = body ? { body } : {}
      const stranger = await send(method, url, { ...more, user: 'stranger' })
      assert.deepEqual([stranger.status, stranger.body.code], [404, 'unknown_person'], url)
      const admin = await send(method, url, { ...more, user: 'admin' })
      assert.equal(admin.status, 403, url)
    }
    const actuary = await send('POST', '/enrolment/persons/adult/changes', {
      body: { change: { kind: 'search-history' } },
      user: 'actuary',
    })
    assert.equal(actuary.status, 403)
    const { body: file } = await send('GET', '/enrolment/persons/adult', { user: 'actuary' })
    assert.deepEqual([file.looked[0].user, file.looked[0].action], ['actuary', 'read person'])
  })

  test('an employer insures its own staff, and sees figures and covers of them alone', async () => {
    await done('/employers', { id: 'mill', name: '示例纺织厂' })
    const { person } = await done('/enrolment/persons', {
      name: '褚',
      born: '1990-01-01',
      sex: 'female',
    })
    const group = {
      kind: 'enrol',
      scheme: 'teaching/shifan/products/group',
      from: '2025-01-01',
      enrolledOn: '2024-12-20',
      employer: 'mill',
    }
    const url = `/enrolment/persons/${person}/changes`
    assert.equal(await refused(url, { change: group }), 'not_on_roster')
    await done('/employers/mill/roster', { person, from: '2024-07-01' })
    assert.equal(
      await refused('/employers/mill/roster', { person, from: '2024-08-01' }),
      'on_roster_already',
    )
    await change(person, group)
    await change(person, { kind: 'declare', disease: '高血压', since: '2020-01-01' })
    const { body: employer } = await send('GET', '/employers/mill')
    assert.deepEqual(employer.figures, {
      staff: 1,
      women: 1,
      men: 0,
      covers: [{ scheme: group.scheme, persons: 1 }],
    })
    assert.deepEqual(employer.staff, [
      { person, name: '褚', from: '2024-07-01', until: null, covers: [group.scheme] },
    ])
    assert(!JSON.stringify(employer).includes('高血压'))
    assert.equal((await send('GET', '/employers/mill', { user: 'stranger' })).status, 404)
  })

  test('workers of a site are named afterwards, never more at a time than it is insured for', async () => {
    await done('/employers', { id: 'builder', name: '示例建筑公司' })
    const site = { id: 'site-1', name: '一号工地', from: '2025-01-01', until: '2025-12-31' }
    const group = 'teaching/shifan/products/group'
    const sites = '/employers/builder/sites'
    assert.equal(await refused(sites, { ...site, scheme: group }), 'basis_needed')
    assert.equal(
      await refused(sites, { ...site, scheme: HUIMIN, headcount: 1 }),
      'not_for_employers',
    )
    await done(sites, { ...site, scheme: group, headcount: 1 })
    const persons = []
    for (const name of ['卫', '蒋'])
      persons.push(
        (await done('/enrolment/persons', { name, born: '1985-01-01', sex: 'male' })).person,
      )
    const [first = '', second = ''] = persons
    const work = (from: string, until: string) => ({ kind: 'site', site: 'site-1', from, until })
    // Two at once for the one place: the site is locked, so one of them is refused.
    const both = await Promise.all(
      persons.map((person) =>
        send('POST', `/enrolment/persons/${person}/changes`, {
          body: { change: work('2025-03-01', '2025-03-31') },
        }),
      ),
    )
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 422])
    const left = both[0]?.status === 201 ? second : first
    await change(left, work('2025-04-01', '2025-04-30'))
    const url = `/enrolment/persons/${left}/changes`
    assert.equal(await refused(url, { change: work('2025-12-01', '2026-01-01') }), 'outside_site')
    const { body } = await send('GET', `/enrolment/persons/${left}/eligibility?on=2025-04-15`)
    assert.deepEqual(
      body.covers.map((cover: Json) => cover.scheme),
      [group],
    )
  })

  test('an institution has levels and agreements through time', async () => {
    await done('/institutions', { id: 'H001', name: '示例医院', kind: 'hospital' })
    const url = '/institutions/H001'
    await done(`${url}/levels`, { from: '2020-01-01', level: '二级', document: '评审文件' })
    await done(`${url}/levels`, { from: '2025-01-01', level: '三级', document: '评审文件' })
    const wrong = { from: '2026-01-01', level: '四级', document: '评审文件' }
    assert.equal(await refused(`${url}/levels`, wrong), 'unknown_answer')
    const agreement = { kind: '住院', from: '2024-01-01', until: '2024-12-31', document: '协议' }
    await done(`${url}/agreements`, agreement)
    const on = async (day: string) => {
      const { body } = await send('GET', `/institutions?q=H001&on=${day}`)
      const [found] = body.institutions
      return [found.levelOn, found.agreementsOn]
    }
    assert.deepEqual(await on('2019-12-31'), [null, []])
    assert.deepEqual(await on('2024-12-31'), ['二级', ['住院']])
    assert.deepEqual(await on('2025-01-01'), ['三级', []])
    const nowhere = { from: '2025-01-01', level: '三级', document: '评审文件' }
    assert.equal(await refused('/institutions/none/levels', nowhere), 'unknown_institution')
  })

  // --- imports -------------------------------------------------------------------------------------

  const HEAD = '证件号码,姓名,方案,起始日,终止日,登记日,参保人群,缴费方,应收保费,已收保费,追溯原因'
  /** An invented person of a file: the serial number makes the id-card number. */
  const idNumber = (n: number) => {
    const digits = `11010119${70 + (n % 30)}0101${String(n % 1000).padStart(3, '0')}`
    return digits + checkOf(digits)
  }
  const line = (n: number, more: Json = {}) =>
    [
      more.id ?? idNumber(n),
      more.name ?? `示例${n}`,
      more.scheme ?? RESIDENT,
      more.from ?? '2026-01-01',
      more.until ?? '2026-12-31',
      '2025-11-20',
      more.class ?? '成年居民',
      more.payer ?? '个人',
      more.due ?? '400.00',
      '400',
      '',
    ].join(',')
  async function upload(text: string, type = 'text/csv'): Promise<string> {
    const { cookie = '', csrf = '' } = clients.handler ?? {}
    const response = await app.inject({
      method: 'POST',
      url: '/api/imports?name=test',
      headers: { cookie, 'x-kangyang-csrf': csrf, 'content-type': type },
      payload: Buffer.from(text),
    })
    assert.equal(response.statusCode, 201, response.body)
    return response.json().id
  }
  async function ended(id: string): Promise<Json> {
    for (;;) {
      const { body } = await send('GET', `/imports/${id}`)
      if (body.state !== 'running') return body
      await sleep(20)
    }
  }
  async function run(id: string, mode: string): Promise<Json> {
    await done(`/imports/${id}/run`, { mode })
    return ended(id)
  }
  const importing = async (text: string, mode: string) => run(await upload(text), mode)
  const persons = async () =>
    (await database.query<{ n: number }>('select count(*) as n from persons'))[0]?.n ?? 0

  test('a file is checked, carried out, and changes nothing when it comes again', async () => {
    const file = [HEAD, ...Array.from({ length: 30 }, (_, n) => line(n))].join('\r\n')
    const before = await persons()
    const id = await upload(file)
    const checked = await run(id, 'check')
    assert.deepEqual([checked.state, checked.outcome.added, checked.rowsFaulty], ['checked', 30, 0])
    assert.equal(await persons(), before, 'a check changes nothing')
    const carried = await run(id, 'all')
    assert.deepEqual(
      [carried.state, carried.outcome.personsNew, carried.outcome.added],
      ['done', 30, 30],
    )
    const again = await importing(file, 'good')
    assert.deepEqual(again.outcome, {
      personsNew: 0,
      added: 0,
      changed: 0,
      unchanged: 30,
      refused: 0,
    })
    assert.equal(await persons(), before + 30)
    const { person } = (
      await send('POST', '/enrolment/persons/find', { body: { idNumber: idNumber(7) } })
    ).body
    const { body: file7 } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(file7.premiums[0], {
      scheme: RESIDENT,
      from: '2026-01-01',
      payer: 'self',
      due: 40_000,
      collected: 40_000,
      refunded: 0,
    })
    assert.deepEqual(
      file7.changes.map((each: Json) => [each.change, each.user, each.facts]),
      [['import', 'handler', { import: id, file: 'test' }]],
    )
    const on = (await send('GET', `/enrolment/persons/${person}/eligibility?on=2026-02-01`)).body
    assert.equal(on.covers[0].attributes.class, '成年居民')
    const kept = await database.query('select 1 from import_parts where import_id = $1', [id])
    assert.equal(kept.length, 0, 'the file is not kept a second time')
    assert.equal(
      (await send('POST', `/imports/${id}/run`, { body: { mode: 'all' } })).body.code,
      'import_done',
    )
  })

  test('every wrong row is named with line, column, masked value, reason and remedy', async () => {
    const wrong = idNumber(101).replace(/.$/, (check) => (check === '1' ? '2' : '1'))
    const file = [
      HEAD,
      line(100),
      line(101, { id: wrong }),
      line(102, { class: '外星人' }),
      line(103, { from: '2026-13-01' }),
      line(104, { scheme: 'nowhere' }),
      line(105),
      line(105, { from: '2026-06-01', until: '2026-09-30' }),
      line(106, { payer: '外公' }),
    ].join('\n')
    const id = await upload(file)
    const before = await persons()
    const all = await run(id, 'all')
    assert.deepEqual([all.state, all.rowsFaulty], ['checked', 6])
    assert.equal(await persons(), before, 'all or none: none')
    const { body } = await send('GET', `/imports/${id}/faults`)
    assert.deepEqual(
      body.faults.map((f: Json) => [f.line, f.column, f.code]),
      [
        [3, '证件号码', 'id_number_check_digit'],
        [4, '参保人群', 'unknown_answer'],
        [5, '起始日', 'not_a_day'],
        [6, '方案', 'unknown_scheme'],
        [8, '起始日', 'same_scheme_twice'],
        [9, '缴费方', 'unknown_payer'],
      ],
    )
    assert.match(body.faults[0].value, /^11\*{14}\d[\dX]$/)
    const { cookie = '' } = clients.handler ?? {}
    const csv = await app.inject({ url: `/api/imports/${id}/faults.csv`, headers: { cookie } })
    assert.equal(csv.body.split('\n').length, 8)
    assert(!csv.body.includes(wrong))
    const good = await run(id, 'good')
    assert.deepEqual([good.state, good.outcome.added, good.rowsFaulty], ['done', 2, 6])
  })

  test('a file that cannot be read says why', async () => {
    const failed = async (text: string) => (await importing(text, 'check')).failure.code
    assert.equal(await failed('姓名,方案\n张三,x'), 'column_missing')
    assert.equal(await failed(`${HEAD},星座\n${line(1)},白羊`), 'unknown_column')
    assert.equal(await failed(`${HEAD},姓名\n${line(1)},x`), 'column_twice')
    assert.equal(await failed(`${HEAD}\n"张,x`), 'bad_quotes')
  })

  test('a workbook is read like a file of text, and the template is one', async () => {
    const { cookie = '', csrf = '' } = clients.handler ?? {}
    const template = await app.inject({ url: '/api/imports/template.xlsx', headers: { cookie } })
    const response = await app.inject({
      method: 'POST',
      url: '/api/imports?name=template.xlsx',
      headers: { cookie, 'x-kangyang-csrf': csrf, 'content-type': 'application/octet-stream' },
      payload: template.rawPayload,
    })
    const checked = await run(response.json().id, 'check')
    assert.equal(checked.state, 'checked', JSON.stringify(checked.failure))
    assert.equal(checked.rowsRead, 1)
  })

  test('a day that no database holds is a wrong request, and rows that were tampered with end their import', async () => {
    const body = { name: '杨', born: '0000-01-01', sex: 'male' }
    const { person } = await done('/enrolment/persons', { ...body, born: '1990-01-01' })
    const wrong = {
      change: { kind: 'status', attribute: 'category', value: '低保', from: '0000-01-01' },
    }
    const answer = await send('POST', `/enrolment/persons/${person}/changes`, { body: wrong })
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'])
    const id = await upload(`${HEAD}\n${line(400)}`)
    await run(id, 'check')
    await database.query(
      // What was sealed and then changed is not opened.
      `update import_parts set sealed = overlay(sealed placing '\\x0000'::bytea from 30) where import_id = $1`,
      [id],
    )
    const broken = await run(id, 'good')
    assert.deepEqual([broken.state, broken.failure.code], ['failed', 'import_broke'])
  })

  test('a run that was left lying is taken up by another server, and nothing happens twice', async () => {
    const file = [HEAD, ...Array.from({ length: 40 }, (_, n) => line(n + 200))].join('\n')
    const id = await upload(file)
    await run(id, 'check')
    const before = await persons()
    // As a server leaves it that was killed after the first of its two lanes.
    await database.query(
      `update imports set state = 'running', mode = 'good', runner = gen_random_uuid(), lease = now() - interval '1 second' where id = $1`,
      [id],
    )
    const other = anotherServer()
    other.start()
    const carried = await ended(id)
    await other.stop()
    assert.deepEqual([carried.state, carried.outcome.added], ['done', 40])
    assert.equal(await persons(), before + 40)
  })

  const lying = async (ids: readonly string[]) => {
    // The server that checked a file looks once more for work; it is not to find this.
    await sleep(200)
    await database.query(
      `update imports set state = 'running', mode = 'good', lease = null where id = any($1::uuid[])`,
      [ids],
    )
  }

  test('a run that stops between two of its transactions goes on from there', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => line(n + 500))
    const id = await upload([HEAD, ...rows].join('\n'))
    const before = await persons()
    await lying([id])
    // As small as they can be: a transaction for each bucket.
    const first = anotherServer(1)
    first.start()
    while ((await persons()) === before) await sleep(1)
    await first.stop()
    const halfway = await persons()
    assert(halfway > before && halfway < before + 300, `${halfway - before} of 300 are there`)
    const second = anotherServer(1)
    second.start()
    const carried = await ended(id)
    await second.stop()
    const once = { personsNew: 300, added: 300, changed: 0, unchanged: 0, refused: 0 }
    assert.deepEqual([carried.state, carried.outcome], ['done', once])
    assert.equal(await persons(), before + 300)
    const changed = await database.query('select 1 from person_imports where import_id = $1', [id])
    assert.equal(changed.length, 300)
  })

  /** The database, with something done before each transaction. */
  const beforeTransactions = (act: () => Promise<unknown>): Guarded => ({
    as(who) {
      const asked = database.as(who)
      return {
        ...asked,
        async transaction(work, options) {
          await act()
          return asked.transaction(work, options)
        },
      }
    },
  })

  test('an import is stopped by hand, keeps what it did, and is begun again; the same file is known', async () => {
    const rows = Array.from({ length: 120 }, (_, n) => line(n + 950))
    const file = [HEAD, ...rows].join('\n')
    const id = await upload(file)
    assert.equal((await send('GET', `/imports/${id}`)).body.sameAs, null)
    const before = await persons()
    await lying([id])
    // One person a transaction: some are there when it is stopped, and most are not.
    let transactions = 0
    const server = anotherServer(
      1,
      beforeTransactions(async () => {
        if (++transactions === 20) await done(`/imports/${id}/cancel`, {})
      }),
    )
    server.start()
    while (transactions < 20) await sleep(5)
    await server.stop()
    const stopped = (await send('GET', `/imports/${id}`)).body
    const kept = await persons()
    assert.equal(stopped.state, 'stopped')
    assert(kept > before && kept < before + 120, `${kept - before} of 120 are there`)
    assert.equal(await refused(`/imports/${id}/cancel`, {}), 'import_not_running')
    const carried = await run(id, 'good')
    assert.deepEqual(
      [carried.state, carried.outcome.added, carried.outcome.unchanged],
      ['done', before + 120 - kept, kept - before],
    )
    const again = (await send('GET', `/imports/${await upload(file)}`)).body
    assert.deepEqual([again.state, again.sameAs.id], ['received', id])
  })

  test('whoever stops an import after its last row still has the file, and can begin it again', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => line(n + 400, { name: '示例' }))
    const id = await upload([HEAD, ...rows].join('\n'))
    await run(id, 'check')
    await lying([id])
    // Two lanes, each one transaction: the third says that it is done.
    let transactions = 0
    const server = anotherServer(
      1_000,
      beforeTransactions(async () => {
        if (++transactions === 3)
          await database.query(`update imports set state = 'stopped' where id = $1`, [id])
      }),
    )
    server.start()
    while (transactions < 3) await sleep(5)
    await server.stop()
    assert.equal((await send('GET', `/imports/${id}`)).body.state, 'stopped')
    const carried = await run(id, 'good')
    assert.deepEqual([carried.state, carried.outcome.unchanged], ['done', 20])
  })

  test('two servers carry out the same persons at once: each person is there once', async () => {
    const file = [HEAD, ...Array.from({ length: 100 }, (_, n) => line(n + 820))].join('\n')
    const ids = [await upload(file), await upload(file)]
    const before = await persons()
    await lying(ids)
    const servers = [anotherServer(30), anotherServer(30)]
    for (const server of servers) server.start()
    const outcomes = await Promise.all(ids.map(ended))
    for (const server of servers) await server.stop()
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['done', 'done'],
    )
    const sum = (name: string) => outcomes.reduce((all, { outcome }) => all + outcome[name], 0)
    assert.deepEqual([sum('personsNew'), sum('added'), sum('unchanged')], [100, 100, 100])
    assert.equal(await persons(), before + 100)
  })

  test('a long file is read on several threads, and a fault is where it stands', async () => {
    const rows = Array.from({ length: 6_000 }, (_, n) =>
      line(n, { name: `示例${n}，一二三四五六` }),
    )
    rows[4_321] = line(4_321, { from: '2026-02-30' })
    const checked = await importing([HEAD, ...rows].join('\n'), 'check')
    const wrongDay = await database.query(
      `select line, column_title from import_faults where import_id = $1 and code = 'not_a_day'`,
      [checked.id],
    )
    assert.deepEqual([checked.rowsRead, checked.rowsTotal], [6_000, 6_000])
    assert.deepEqual(wrongDay, [{ line: 4_323, column_title: '起始日' }])
  })

  test('an import of another tenant is not there', async () => {
    const id = await upload(`${HEAD}\n${line(300)}`)
    for (const url of [`/imports/${id}`, `/imports/${id}/faults`]) {
      const { status } = await send('GET', url, { user: 'stranger' })
      assert.equal(status, 404, url)
    }
    const theirs = await send('POST', `/imports/${id}/run`, {
      body: { mode: 'good' },
      user: 'stranger',
    })
    assert.equal(theirs.body.code, 'unknown_import')
    assert.equal((await send('GET', '/imports', { user: 'actuary' })).status, 403)
  })

  test('two changes of one person at once: one waits for the other, and both are kept', async () => {
    const { person } = await done('/enrolment/persons', {
      name: '陈',
      born: '1950-01-01',
      sex: 'male',
    })
    await Promise.all([
      change(person, resident('2024-01-01')),
      change(person, { kind: 'status', attribute: 'category', value: '特困', from: '2024-01-01' }),
      change(person, { kind: 'declare', disease: '高血压', since: '2020-01-01' }),
    ])
    const { body } = await send('GET', `/enrolment/persons/${person}`)
    assert.deepEqual(
      [body.memberships.length, body.statuses.length, body.conditions.length],
      [1, 1, 1],
    )
  })
})
