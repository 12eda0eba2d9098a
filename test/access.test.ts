/**
 * Who may do what, over HTTP: each request of the matrix as each role, and whoever asks for what belongs to
 * another tenant, region, hospital, employer or person.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { todayInChina } from '#app/clock.ts'
import { letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { createIdentityProvider } from '#app/identity-provider.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { readSchemeTexts } from '#app/schemes-folder.ts'
import { createServer } from '#app/server.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Role, Scope } from '#platform/actor.ts'
import { createIdentity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { MATRIX, ROLE_ORDER, VISITOR } from './access/matrix.ts'
import { printMatrix } from './access/print.ts'
import { migratedDatabase } from './crash/database.ts'
import { servicesOver } from './services.ts'

const SCHEME_FILES = Object.fromEntries(
  readSchemeTexts('schemes').map(({ path, text }) => [path, text]),
)
const CARD = '11010519491231002X'
const PASSWORD = 'everybody knows it'

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = any

const AUTHORISED = { from: '2020-01-01', until: '2099-12-31', document: '委托书' } as const
/** Each role once, with the scope in which the matrix is asked; then those who see less of the same. */
const USERS: Readonly<Record<string, { readonly role: Role; readonly scope?: object }>> = {
  handler: { role: 'handler' },
  reviewer: { role: 'reviewer' },
  investigator: { role: 'investigator' },
  cashier: { role: 'cashier' },
  supervisor: { role: 'supervisor' },
  actuary: { role: 'actuary' },
  hospital: { role: 'hospital', scope: { institutions: ['h1'] } },
  employer: { role: 'employer', scope: { employer: 'mill' } },
  insured: { role: 'insured', scope: { persons: [{ person: 'employee' }] } },
  agent: { role: 'agent', scope: { persons: [{ person: 'employee', ...AUTHORISED }] } },
  insurer: { role: 'insurer', scope: { insurer: 'R02' } },
  regulator: { role: 'regulator' },
  admin: { role: 'admin' },
  elsewhere: { role: 'handler', scope: { regions: ['land/elsewhere'] } },
  otherHospital: { role: 'hospital', scope: { institutions: ['h2'] } },
  otherEmployer: { role: 'employer', scope: { employer: 'shop' } },
  otherPerson: { role: 'insured', scope: { persons: [{ person: 'retiree' }] } },
  lapsed: {
    role: 'agent',
    scope: { persons: [{ person: 'employee', ...AUTHORISED, until: '2020-12-31' }] },
  },
}

const billOf = (id: string, institution: string | undefined, person = 'employee') => ({
  id,
  person,
  admitted: '2025-04-01',
  discharged: '2025-04-05',
  settled: '2025-04-05',
  ...(institution ? { institution } : {}),
  diagnosis: { code: 'I10', name: '高血压' },
  answers: { medical: '住院', level: '三级' },
  lines: [
    { id: '1', name: '床位费', class: '甲', amount: '500.00', quantity: '4', category: 'bed' },
  ],
})
const MARCH = { admitted: '2025-03-01', discharged: '2025-03-05', settled: '2025-03-05' }
/** Pages about the interface: public, and about nobody. */
const DESCRIPTION = /^GET \/api\/(openapi\.json|docs(\/.*)?)$/
const upload = (...bills: object[]) => ({ amounts: 'yuan', bills })

describe('who may do what', { timeout: 300_000 }, () => {
  let app: Awaited<ReturnType<typeof createServer>>
  let close: () => Promise<void>
  let enter: (tenant: string, name: string, role: Role, scope?: object) => Promise<void>
  /** Records that the requests of the matrix name by what they are. */
  const records = { SETTLED: '', STATEMENT: '', SITE: 'yard' }
  const clients: Record<string, { cookie: string; csrf: string }> = {}
  let keys = 0

  async function send(
    user: string,
    request: string,
    body?: object,
    { headers = {}, key = `key ${keys++}` }: { headers?: object; key?: string } = {},
  ): Promise<{ status: number; body: Json; code: string }> {
    const [method, address] = request
      .replace(/SETTLED|STATEMENT|SITE/, (name) => records[name as keyof typeof records])
      .split(' ') as ['GET', string]
    const { cookie = '', csrf = '' } = clients[user] ?? {}
    const answer = await app.inject({
      method,
      url: `/api${address}`,
      headers: { cookie, 'x-kangyang-csrf': csrf, 'idempotency-key': key, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    })
    const json = /json/.test(String(answer.headers['content-type'])) ? answer.json() : {}
    return { status: answer.statusCode, body: json, code: json.code ?? '' }
  }

  before(async () => {
    const opened = await migratedDatabase({ max: 6 })
    const { database } = opened
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
    app = await createServer({
      database,
      identity,
      service,
      ...servicesOver({ database, service, secrets }),
      catalogue,
      codeLists: createCodeLists(packsFolder(undefined)),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: 'demo',
      demonstration: [],
      // Nobody answers there; its routes are there all the same.
      provider: createIdentityProvider(
        {
          issuer: new URL('http://127.0.0.1:9'),
          clientId: 'kangyang',
          clientSecret: 'nobody knows it',
          name: 'nobody',
          callback: new URL('http://127.0.0.1:9/api/provider/callback'),
        },
        secrets,
      ),
      log: false,
    })
    enter = async (tenant, name, role, scope = {}) => {
      await identity.setDemonstrationUsers(
        tenant,
        [{ name, role, scope: scope as Scope }],
        PASSWORD,
      )
      const attempt = { tenant, user: name, password: PASSWORD, address: '', device: '' }
      const login = await identity.login(attempt)
      assert(login.ok)
      const { token, session } = login.value
      clients[name] = { cookie: `kangyang_session=${token}`, csrf: session.csrf }
    }
    for (const [name, { role, scope }] of Object.entries(USERS))
      await enter('demo', name, role, scope)
    await enter('other', 'stranger', 'handler')

    const done = async (request: string, body: object) => {
      const answer = await send('handler', request, body)
      assert(answer.status < 300, `${request}: ${JSON.stringify(answer.body)}`)
      return answer.body
    }
    await done('POST /enrolment/persons', { id: 'card', name: '示例卡', idNumber: CARD })
    await done('POST /institutions', { id: 'h1', name: '甲医院', kind: 'hospital' })
    await done('POST /employers', { id: 'mill', name: '厂' })
    await done('POST /employers/mill/roster', { person: 'employee', from: '2020-01-01' })
    await done(
      'POST /bills',
      upload(billOf('own-bill', 'h1'), billOf('foreign-bill', 'h2', 'retiree')),
    )
    const site = { id: 'yard', name: '工地', scheme: 'teaching/shifan/products/group' }
    const year = { from: '2025-01-01', until: '2025-12-31' }
    await done('POST /employers/mill/sites', { ...site, ...year, headcount: 5 })
    await done('POST /enrolment/persons/employee/changes', {
      change: { kind: 'site', site: 'yard', ...year },
    })
    await done('POST /settlements', { bill: 'own-bill' })
    // It comes late: what was settled before is settled again, and a statement says so.
    const late = { ...billOf('late-bill', undefined), ...MARCH }
    await done('POST /bills', upload(late))
    await done('POST /settlements', { bill: 'late-bill' })
    const { statements } = (await send('handler', 'GET /persons/employee/replays')).body
    records.STATEMENT = statements[0].id
    const { bills } = (await send('handler', 'GET /persons/employee')).body
    records.SETTLED = bills.find(({ id }: Json) => id === 'own-bill').settlement
    foreign = (await done('POST /settlements', { bill: 'foreign-bill' })).id
  })
  let foreign = ''
  after(async () => {
    await app?.close()
    await close?.()
  })

  /** What each request that changes or asks something sends; where it is let in, it may still find a fault. */
  const BODIES: Readonly<Record<string, object>> = {
    'POST /enrolment/eligibility': { idNumber: CARD, on: '2026-01-01' },
    'POST /enrolment/persons/find': { idNumber: CARD },
    'POST /persons/employee/reliefs/trial': { relief: 'none', period: '2025' },
    'POST /settlements/trial': { bill: 'own-bill' },
    'POST /clearings/trial': { from: '2025-01-01', until: '2025-12-31' },
    'POST /payments/trial': { until: '2025-12-31', payOn: '2099-12-31' },
  }

  /** Of these routes, written `GET /api/bills/:id`, the one that a request of the matrix goes to. */
  function routeOf(request: string, routes: readonly string[]): string | undefined {
    const asked = request.replace(' ', ' /api').replace(/\?.*/, '').split('/')
    return routes
      .filter((route) => {
        const parts = route.split('/')
        return (
          parts.length === asked.length &&
          parts.every((part, i) => part.startsWith(':') || part === asked[i])
        )
      })
      .toSorted((one, other) => one.split(':').length - other.split(':').length)[0]
  }

  /** The answer that the interface's own description promises. */
  function described(request: string): z.ZodType | undefined {
    const { paths, components } = app.swagger() as Json
    const operations = new Map<string, Json>()
    for (const [path, methods] of Object.entries<Json>(paths))
      for (const [method, operation] of Object.entries<Json>(methods))
        operations.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, operation)
    const operation = operations.get(routeOf(request, [...operations.keys()]) ?? '')
    const answer = operation?.responses['200']?.content?.['application/json']
    if (!answer) return undefined
    const whole = { ...answer.schema, $defs: components.schemas }
    return z.fromJSONSchema(
      JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')),
    )
  }

  for (const { request, what, marks = {}, roles } of MATRIX)
    test(`${request}: ${what}`, async () => {
      for (const role of [...ROLE_ORDER, VISITOR]) {
        const asked = request.startsWith('GET') ? undefined : (BODIES[request] ?? {})
        const { status, body, code } = await send(role, request, asked)
        const cell = roles[role]
        if (cell === undefined) {
          const refusal = role === VISITOR ? [401, 'not_signed_in'] : [403, 'forbidden']
          assert.deepEqual([role, status, code], [role, ...refusal])
          continue
        }
        assert.notEqual(status, 403, `${role} may`)
        if (status === 200) {
          const { error } = described(request)?.safeParse(body) ?? {}
          assert.equal(error, undefined, `as described, for ${role}: ${error?.message}`)
        }
        if (request === 'POST /logout') {
          const { role: own = role as Role, scope } = USERS[role] ?? {}
          await enter('demo', role, own, scope)
        }
        if (cell === 'may') continue
        assert.equal(status, 200, `${role}: ${JSON.stringify(body).slice(0, 300)}`)
        const seen = Object.entries(marks).filter(([, path]) => at(body, path) !== undefined)
        assert.deepEqual([role, seen.map(([mark]) => mark).join(' ')], [role, cell])
      }
    })

  test('docs/access.md is the print of the matrix', () => {
    assert.equal(readFileSync('docs/access.md', 'utf8'), printMatrix())
  })

  test('every route of the server has its line in the matrix, and every line its route', () => {
    const routes = routesOf(app)
    const known = new Set(
      MATRIX.map(
        ({ request }) => routeOf(request, routes) ?? assert.fail(`no such route: ${request}`),
      ),
    )
    const missing = routes.filter((route) => !known.has(route) && !DESCRIPTION.test(route))
    assert.deepEqual(missing, [], 'give these their line in test/access/matrix.ts')
  })

  test('what the interface describes as always there reaches every role that may ask', () => {
    const { paths, components } = app.swagger() as Json
    const wanted = (operation: Json, ...path: readonly string[]): readonly string[] => {
      let schema = operation.responses['200'].content['application/json'].schema
      for (const step of ['', ...path]) {
        if (step !== '') schema = schema.properties[step]
        const name = schema.$ref?.replace('#/components/schemas/', '')
        if (name) schema = components.schemas[name]
        schema = schema.items ?? schema
      }
      return schema.required
    }
    const persons = wanted(paths['/api/persons'].get, 'persons')
    assert(persons.includes('id') && !persons.includes('name'), persons.join())
    const list = wanted(paths['/api/persons'].get)
    assert(list.includes('persons'), list.join())
    const file = wanted(paths['/api/enrolment/persons/{id}'].get)
    assert(file.includes('id') && !file.includes('name'), file.join())
    const settlement = wanted(paths['/api/settlements/{id}'].get)
    assert(settlement.includes('settledAt') && !settlement.includes('steps'), settlement.join())
    const staff = wanted(paths['/api/employers/{id}'].get, 'staff')
    assert(staff.includes('person') && !staff.includes('name'), staff.join())
    // What nobody is kept from stays required, and so does a shape that other answers share.
    assert(wanted(paths['/api/institutions'].get).includes('institutions'))
  })

  // --- whose records ------------------------------------------------------------------------------

  const FOREIGN = [
    'GET /persons/employee',
    'GET /enrolment/persons/employee',
    'GET /enrolment/persons/employee/eligibility?on=2025-03-01',
    'GET /bills/own-bill',
    'GET /settlements/SETTLED',
    'GET /settlements/SETTLED/slip.pdf',
    'GET /settlements/SETTLED/national',
  ]

  for (const user of ['stranger', 'elsewhere'])
    test(`${user}: what another tenant’s or region’s is, is not there`, async () => {
      for (const request of FOREIGN) {
        const { status } = await send(user, request)
        assert.equal(status, 404, `${user} ${request}`)
      }
      const { body } = await send(user, 'GET /persons?limit=200')
      const ids = body.persons.map(({ id }: Json) => id)
      assert(!ids.includes('employee') && !ids.includes('retiree'), ids.join())
      const changes: readonly (readonly [string, object])[] = [
        ['POST /settlements', { bill: '2025-01-outpatient' }],
        ['POST /settlements/trial', { bill: 'own-bill' }],
        ['POST /settlements/SETTLED/reverse', { reason: 'x' }],
        ['POST /persons/employee/reliefs/trial', { relief: 'none', period: '2025' }],
        [
          'POST /enrolment/persons/employee/changes',
          { change: { kind: 'death', on: '2026-01-01' } },
        ],
      ]
      for (const [request, body] of changes)
        assert.equal((await send(user, request, body)).status, 404, `${user} ${request}`)
      const added = await send(user, 'POST /bills', upload(billOf('smuggled', undefined)))
      assert(added.status >= 400, 'a bill of a person who is not theirs')
    })

  test('a scope ends where its region ends: no scheme of another one, no import, no clearing', async () => {
    const registered = await send('elsewhere', 'POST /enrolment/persons', {
      id: 'newcomer',
      name: '示例新',
      born: '1990-01-01',
      sex: 'male',
    })
    assert.equal(registered.status, 201)
    const membership = {
      scheme: 'teaching/shifan/employee',
      from: '2026-01-01',
      enrolledOn: '2026-01-01',
    }
    const change = { kind: 'enrol', ...membership, answers: { class: '在职' } }
    const enrolled = await send('elsewhere', 'POST /enrolment/persons/newcomer/changes', { change })
    assert.equal(enrolled.code, 'unknown_scheme')
    for (const request of ['GET /imports', 'POST /clearings/trial'])
      assert.equal(
        (await send('elsewhere', request, request.startsWith('GET') ? undefined : {})).code,
        'scope_too_narrow',
      )
  })

  test('a hospital sees its own bills and settlements, and nobody else’s', async () => {
    const { bills } = (await send('hospital', 'GET /bills')).body
    assert.deepEqual(
      bills.map(({ id }: Json) => id),
      ['own-bill'],
    )
    for (const request of ['GET /bills/foreign-bill', `GET /settlements/${foreign}`])
      assert.equal((await send('hospital', request)).status, 404)
    assert.equal((await send('otherHospital', 'GET /settlements/SETTLED')).status, 404)
    assert.equal(
      (await send('otherHospital', 'POST /settlements', { bill: 'own-bill' })).status,
      404,
    )

    const add = (...bills: object[]) => send('hospital', 'POST /bills', upload(...bills))
    assert.equal((await add(billOf('x', 'h2'))).code, 'institution_not_yours')
    assert.equal((await add(billOf('x', undefined))).code, 'institution_not_yours')
    const persons = [{ id: 'employee', covers: [] }]
    const brought = await send('hospital', 'POST /bills', { ...upload(billOf('x', 'h1')), persons })
    assert.equal(brought.code, 'persons_not_for_you')
    assert.equal((await add(billOf('counter-bill', 'h1', 'retiree'))).status, 201)
    const split = await send('hospital', 'POST /settlements', { bill: 'counter-bill' })
    assert.equal(split.status, 201, JSON.stringify(split.body))
    assert.equal((await send('hospital', `GET /settlements/${split.body.id}`)).status, 200)
  })

  test('an employer sees its own staff, an insured person their own file, an agent while authorised', async () => {
    assert.equal((await send('otherEmployer', 'GET /employers/mill')).status, 404)
    const { employers } = (await send('otherEmployer', 'GET /employers')).body
    assert.deepEqual(employers, [])
    for (const request of [
      'GET /persons/employee',
      'GET /enrolment/persons/employee',
      'GET /settlements/SETTLED',
    ])
      for (const user of ['otherPerson', 'lapsed'])
        assert.equal((await send(user, request)).status, 404, `${user} ${request}`)
  })

  test('the answer to a command is for whoever gave it, where not everybody sees all', async () => {
    const key = 'shared words'
    const own = await send('hospital', 'POST /settlements', { bill: 'own-bill' }, { key })
    assert.equal(own.code, 'already_settled')
    const given = await send(
      'handler',
      'POST /institutions',
      { id: 'h9', name: '九', kind: 'clinic' },
      { key },
    )
    assert.equal(given.status, 201)
    for (const user of ['hospital', 'elsewhere', 'stranger', 'insured', 'admin'])
      assert.equal((await send(user, 'GET /commands/shared%20words')).code, 'unknown_command', user)
    assert.equal((await send('handler', 'GET /commands/shared%20words')).status, 200)
  })

  test('who somebody is comes from the session: said otherwise, it is refused by name', async () => {
    const list = 'GET /persons'
    for (const name of [
      'x-tenant',
      'x-kangyang-tenant',
      'x-role',
      'x-scope-regions',
      'x-kangyang-user',
    ])
      assert.equal(
        (await send('handler', list, undefined, { headers: { [name]: 'other' } })).code,
        'scope_forged',
        name,
      )
    for (const query of [
      'tenant=other',
      'tenant_id=other',
      'role=admin',
      'region=land',
      'kangyang.scope=all',
    ])
      assert.equal((await send('handler', `${list}?${query}`)).code, 'scope_forged', query)
    for (const body of [
      { tenant: 'other' },
      { tenantId: 'other' },
      { role: 'admin' },
      { scope: {} },
    ]) {
      const { code, body: problem } = await send('handler', 'POST /settlements', {
        bill: 'own-bill',
        ...body,
      })
      assert.equal(code, 'scope_forged')
      assert.match(problem.en, new RegExp(`body\\.${Object.keys(body)[0]}`))
    }
  })
})

function at(value: Json, path: string): unknown {
  return path.split('.').reduce((inner, name) => inner?.[name], value)
}

/** The routes of the router itself, also those that the description hides. */
function routesOf(app: Awaited<ReturnType<typeof createServer>>): string[] {
  const found: string[] = []
  const above: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).trim().split('\n')) {
    const [, indent = '', path = '', methods = ''] =
      /^([│ ]*)[├└]── (.*) \((.*)\)$/.exec(line) ?? assert.fail(line)
    above.length = indent.length / 4
    above.push(path)
    for (const method of methods.split(', '))
      if (method !== 'HEAD') found.push(`${method} ${above.join('')}`)
  }
  return found.filter((route) => route.includes(' /api/'))
}
