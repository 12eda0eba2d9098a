/**
 * The HTTP interface on a real PostgreSQL and a real port: what each request answers, to whom, and what
 * it refuses.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { todayInChina } from '#app/clock.ts'
import { DEMONSTRATION, letVisitorsIn, prepareDemonstration } from '#app/demonstration.ts'
import { createCodeLists, packsFolder } from '#app/packs.ts'
import { readSchemeTexts } from '#app/schemes-folder.ts'
import { createServer } from '#app/server.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { createLogSealer } from '#platform/log-sealer.ts'
import { isMigrated } from '#platform/migrate.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { servicesOver } from './services.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const MIGRATIONS = path('db/migrations')
const PAGE = '<!doctype html><title>page</title>'

const secrets = createSecrets(Buffer.alloc(32, 1))

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>
type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Json
}
type Options = {
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Record<string, string>
  readonly key?: string
}

describe('the HTTP interface', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-http-'))
  const pages = join(folder, 'pages')
  const log = new PassThrough()
  let logged = ''
  log.on('data', (chunk) => {
    logged += chunk
  })
  let database: Database
  let close: () => Promise<void>
  let identity: ReturnType<typeof createIdentity>
  let parts: Parameters<typeof createServer>[0]
  let app: Awaited<ReturnType<typeof createServer>>
  let base = ''

  before(async () => {
    mkdirSync(join(pages, 'assets'), { recursive: true })
    writeFileSync(join(pages, 'index.html'), PAGE)
    writeFileSync(join(pages, 'assets', 'main-1a2b3c.js'), 'export {}')
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
    const rules = Object.fromEntries(
      readSchemeTexts(path('schemes')).map(({ path, text }) => [path, text]),
    )
    const catalogue = createCatalogueService({ database, isTeaching: async () => true })
    await letVisitorsIn(identity)
    await prepareDemonstration({
      service,
      catalogue,
      rules,
      catalogues: async () => [],
      samples: [path('samples/teaching-city.json')],
    })
    await identity.addTenant({ id: 'other', name: 'other', demonstration: false })
    await service.ensureRules('other', rules, 'test')
    parts = {
      database,
      identity,
      service,
      ...servicesOver({ database, service, secrets }),
      catalogue,
      codeLists: createCodeLists(packsFolder(undefined)),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: () => isMigrated(database, MIGRATIONS),
      tenant: DEMONSTRATION.tenant.id,
      demonstration: [{ user: 'handler', password: DEMONSTRATION.password }],
      pages,
      log,
    }
    app = await createServer(parts)
    base = await app.listen({ host: '127.0.0.1', port: 0 })
    for (const name of ['handler', 'handler2', 'actuary', 'admin'])
      clients[name] = await signIn(name, DEMONSTRATION.password)
  })

  after(async () => {
    await app?.close()
    await close?.()
    rmSync(folder, { recursive: true, force: true })
  })

  /** An administrator of the other tenant, made when first asked for. */
  async function chiefOfOther(): Promise<Actor> {
    const chief = { name: 'chief', role: 'admin' } as const
    await identity.addUser('other', chief)
    const user = (await identity.users('other')).find(({ name }) => name === 'chief')
    return { ...chief, tenant: 'other', user: user?.id ?? '' }
  }

  async function ask(
    method: string,
    address: string,
    { body, raw, headers = {}, key }: Options = {},
  ): Promise<Answer> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(base + address, {
      method,
      headers: {
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text: answer,
      body: json ? JSON.parse(answer) : {},
    }
  }

  type Client = {
    readonly cookie: string
    readonly csrf: string
    get(address: string, options?: Options): Promise<Answer>
    post(address: string, options?: Options): Promise<Answer>
    put(address: string, options?: Options): Promise<Answer>
  }
  const clients: Record<string, Client> = {}
  const client = (name: string) => clients[name] as Client

  async function signIn(user: string, password: string, tenant?: string): Promise<Client> {
    const login = await ask('POST', '/api/login', { body: { user, password, tenant } })
    assert.equal(login.status, 200, login.text)
    let cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const { csrf } = login.body
    const change =
      (method: string) =>
      async (address: string, options: Options = {}) => {
        const headers = { cookie, 'x-kangyang-csrf': csrf, ...options.headers }
        const answer = await ask(method, address, { ...options, headers })
        // A changed password gives the session another token.
        const [fresh] = answer.headers.getSetCookie()
        if (fresh) cookie = fresh.split(';')[0] ?? ''
        return answer
      }
    return {
      cookie,
      csrf,
      get: (address, { headers } = {}) => ask('GET', address, { headers: { cookie, ...headers } }),
      post: change('POST'),
      put: change('PUT'),
    }
  }

  /** Every problem has the same shape, in both languages, and tells nothing of the inside. */
  function problem(answer: Answer, status: number, code: string): Json {
    assert.equal(answer.status, status, answer.text)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    const { body } = answer
    assert.equal(body.code, code)
    assert.equal(body.status, status)
    assert.equal(body.type, `urn:kangyang:problem:${code}`)
    for (const name of ['title', 'detail', 'remedy', 'zh', 'en'])
      assert(typeof body[name] === 'string' && body[name].length > 0, `${name} of ${code}`)
    assert.match(body.zh, /\p{Script=Han}/u)
    assert.doesNotMatch(answer.text, /node_modules|\.ts:\d|\bat .+\(|postgres|select /i)
    return body
  }

  // --- signing in --------------------------------------------------------------------------------

  test('a session cookie is out of reach of scripts and other sites', async () => {
    const login = await ask('POST', '/api/login', {
      body: { user: 'handler', password: DEMONSTRATION.password },
    })
    const [cookie = ''] = login.headers.getSetCookie()
    assert.match(cookie, /^kangyang_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.deepEqual(
      [login.body.user.name, login.body.user.role, login.body.user.mustChangePassword],
      ['handler', 'handler', false],
    )
    const session = await client('handler').get('/api/session')
    assert.equal(session.body.csrf, client('handler').csrf)
    assert.deepEqual(session.body.tenant, DEMONSTRATION.tenant)
  })

  test('only the hash of a session token is kept', async () => {
    const rows = await database.query<{ token_hash: Buffer }>('select token_hash from sessions')
    const token = client('handler').cookie.split('=')[1] ?? ''
    assert(rows.length > 0)
    for (const { token_hash } of rows) {
      assert.equal(token_hash.length, 32)
      assert(!token_hash.includes(token))
    }
  })

  test('without a session nothing is told, and a demonstration says who may come in', async () => {
    problem(await ask('GET', '/api/session'), 401, 'not_signed_in')
    const door = await ask('GET', '/api/door')
    assert.deepEqual(door.body, {
      signedIn: false,
      demonstration: [{ user: 'handler', password: DEMONSTRATION.password }],
    })
    assert.deepEqual((await client('handler').get('/api/door')).body, {
      signedIn: true,
      demonstration: [],
    })
    problem(await ask('GET', '/api/persons'), 401, 'not_signed_in')
    problem(
      await ask('GET', '/api/persons', { headers: { cookie: 'kangyang_session=x' } }),
      401,
      'not_signed_in',
    )
  })

  test('an expired session is no session; signing out ends one', async () => {
    const guest = await signIn('handler', DEMONSTRATION.password)
    assert.equal((await guest.get('/api/session')).status, 200)
    assert.equal((await guest.post('/api/logout')).status, 204)
    problem(await guest.get('/api/session'), 401, 'not_signed_in')

    const idle = await signIn('handler', DEMONSTRATION.password)
    await database.query(
      `update sessions set expires_at = now() - interval '1 second' where csrf = $1`,
      [idle.csrf],
    )
    problem(await idle.get('/api/session'), 401, 'not_signed_in')
  })

  test('a used session lives on; an idle one has eight hours', async () => {
    const busy = await signIn('handler', DEMONSTRATION.password)
    const left = async () => {
      const [row] = await database.query<{ minutes: number }>(
        'select round(extract(epoch from expires_at - now()) / 60)::int as minutes from sessions where csrf = $1',
        [busy.csrf],
      )
      return row?.minutes
    }
    assert.equal(await left(), 480)
    await database.query(
      `update sessions set expires_at = now() + interval '1 hour' where csrf = $1`,
      [busy.csrf],
    )
    await busy.get('/api/session')
    assert.equal(await left(), 480)
  })

  test('five failures close the door for that name and address', async () => {
    await identity.addUser('demo', {
      name: 'forgetful',
      role: 'handler',
      password: 'the right words',
    })
    const attempt = (password: string) =>
      ask('POST', '/api/login', { body: { user: 'forgetful', password } })
    const first = problem(await attempt('wrong words'), 401, 'wrong_password')
    assert.match(first.en, /wrong 4 times more, this name cannot sign in from here for 15 minutes/)
    // All at once: none slips in below the limit.
    const more = await Promise.all(Array.from({ length: 6 }, () => attempt('wrong words')))
    assert.deepEqual(more.map(({ status }) => status).toSorted(), [401, 401, 401, 401, 429, 429])
    const closed = await attempt('the right words')
    problem(closed, 429, 'throttled')
    assert(Number(closed.headers.get('retry-after')) > 800)
    problem(
      await ask('POST', '/api/login', { body: { user: 'nobody', password: 'wrong words' } }),
      401,
      'wrong_password',
    )
    // A server that has just started, or another one, finds the door as it is; other addresses may try.
    const restarted = createIdentity(database, { demonstration: true, secrets })
    const words = { tenant: 'demo', user: 'forgetful', password: 'the right words', device: '' }
    const there = await restarted.login({ ...words, address: '127.0.0.1' })
    assert.equal(there.ok || there.error.code, 'throttled')
    assert.equal((await restarted.login({ ...words, address: '192.0.2.1' })).ok, true)
    await database.query(
      `update login_attempts set since = since - interval '15 minutes' where user_name = 'forgetful'`,
    )
    assert.equal((await attempt('the right words')).status, 200)
  })

  test('an administrator resets a lost password: one-time, and what was open is closed', async () => {
    await identity.addUser('demo', { name: 'lost', role: 'handler', password: 'the lost words' })
    await database.query(`update users set must_change = false where name = 'lost'`)
    const before = await signIn('lost', 'the lost words')
    const attempt = (password: string) =>
      ask('POST', '/api/login', { body: { user: 'lost', password } })
    for (let i = 0; i < 5; i++) await attempt('not these')
    const { users } = (await client('admin').get('/api/users')).body
    const { id } = users.find(({ name }: Json) => name === 'lost')
    const address = `/api/users/${id}/password`
    problem(await client('actuary').post(address), 403, 'forbidden')
    const reset = await client('admin').post(address)
    assert.equal(reset.status, 201, reset.text)
    assert.equal(reset.body.name, 'lost')
    problem(await before.get('/api/persons'), 401, 'not_signed_in')
    problem(await attempt('the lost words'), 401, 'wrong_password')
    const after = await signIn('lost', reset.body.password)
    problem(await after.get('/api/persons'), 403, 'password_change_required')
    const [entry] = await database.query(
      `select user_name, subject from access_log where action = 'reset password'`,
    )
    assert.deepEqual(entry, { user_name: 'admin', subject: id })

    const own = (await client('admin').get('/api/session')).body.user.id
    problem(await client('admin').post(`/api/users/${own}/password`), 409, 'own_password')
    const { ok: known } = await identity.resetPassword(await chiefOfOther(), id)
    assert.equal(known, false, 'a user of another tenant is not there')
    const nobody = '00000000-0000-4000-8000-000000000000'
    problem(await client('admin').post(`/api/users/${nobody}/password`), 404, 'unknown_user')
  })

  test('a one-time password opens nothing but its own change', async () => {
    const admin = client('admin')
    const added = await admin.post('/api/users', { body: { name: '新同事', role: 'handler' } })
    assert.equal(added.status, 201, added.text)
    assert.equal(added.body.user.mustChangePassword, true)
    const fresh = await signIn('新同事', added.body.password)
    problem(await fresh.get('/api/persons'), 403, 'password_change_required')
    assert.equal((await fresh.get('/api/session')).body.user.mustChangePassword, true)

    const change = (current: string, next: string) =>
      fresh.post('/api/password', { body: { current, next } })
    problem(await change(added.body.password, 'too short'), 400, 'invalid_request')
    problem(await change('not the one', 'a better password'), 401, 'wrong_password')
    problem(await change(added.body.password, added.body.password), 422, 'same_password')
    assert.equal((await change(added.body.password, 'a better password')).status, 204)
    problem(
      await ask('POST', '/api/login', {
        body: { user: '新同事', password: added.body.password },
      }),
      401,
      'wrong_password',
    )
    assert.equal((await fresh.get('/api/persons')).status, 200)
    problem(
      await admin.post('/api/users', { body: { name: '新同事', role: 'admin' } }),
      409,
      'user_exists',
    )
    const { users } = (await admin.get('/api/users')).body
    assert(users.some(({ name }: Json) => name === '新同事'))
    assert.doesNotMatch(JSON.stringify(users), /scrypt|hash/)
  })

  test('a role and its scope are given by an administrator, and hold from the next request on', async () => {
    const admin = client('admin')
    const add = (body: Json) => admin.post('/api/users', { body })
    const desk = { name: 'desk', role: 'hospital' }
    const missing = problem(await add(desk), 422, 'scope_missing')
    assert.match(missing.en, /scope\.institutions is missing/)
    problem(
      await add({ ...desk, role: 'handler', scope: { institutions: ['h1'] } }),
      422,
      'scope_not_for_role',
    )
    problem(await add({ ...desk, scope: { tenant: 'other' } }), 400, 'invalid_request')
    const agent = { name: 'niece', role: 'agent', scope: { persons: [{ person: 'elder' }] } }
    problem(await add(agent), 422, 'scope_authorisation')

    const scope = { institutions: ['h1'] }
    const added = await add({ ...desk, scope, password: 'the desk of h1' })
    assert.equal(added.status, 201, added.text)
    assert.deepEqual(added.body.user.scope, scope)
    const user = client('handler2')
    const { id } = (await user.get('/api/session')).body.user
    assert.equal((await user.get('/api/persons')).status, 200)
    const changed = await admin.post(`/api/users/${id}/access`, { body: { role: 'admin' } })
    assert.deepEqual([changed.status, changed.body.user?.role], [200, 'admin'], changed.text)
    // Nothing goes on under the old role: whoever was signed in signs in again.
    problem(await user.get('/api/persons'), 401, 'not_signed_in')

    const own = (await admin.get('/api/session')).body.user.id
    problem(
      await admin.post(`/api/users/${own}/access`, { body: { role: 'handler' } }),
      409,
      'own_access',
    )
    const elsewhere = await identity.changeAccess(await chiefOfOther(), id, { role: 'handler' })
    assert.deepEqual(elsewhere, { ok: false, error: { code: 'unknown_user' } })
    await assert.rejects(
      database.query(`update users set role = 'hospital', scope = '{}' where id = $1`, [id]),
      /users_scope_check/,
    )
  })

  test('a demonstration user cannot sign in where nothing is demonstrated', async () => {
    const strict = createIdentity(database, { demonstration: false, secrets })
    const password = DEMONSTRATION.password
    const attempt = { tenant: 'demo', user: 'admin', password, address: '', device: '' }
    const refused = await strict.login(attempt)
    assert.equal(refused.ok || refused.error.code, 'wrong_password')
    assert.equal(await strict.session(client('admin').cookie.split('=')[1] ?? ''), undefined)
  })

  // --- who may do what ---------------------------------------------------------------------------

  test('what changes something must come from our own page, with the session’s word', async () => {
    const handler = client('handler')
    const body = { bill: '2025-03-inpatient' }
    const withHeaders = (headers: Record<string, string>) =>
      handler.post('/api/settlements/trial', { body, headers })
    problem(await withHeaders({ 'x-kangyang-csrf': '' }), 403, 'csrf_mismatch')
    problem(await withHeaders({ 'x-kangyang-csrf': client('admin').csrf }), 403, 'csrf_mismatch')
    problem(await withHeaders({ origin: 'https://evil.example' }), 403, 'origin_mismatch')
    problem(await withHeaders({ origin: 'null' }), 403, 'origin_mismatch')
    problem(await withHeaders({ 'sec-fetch-site': 'cross-site' }), 403, 'origin_mismatch')
    assert.equal((await withHeaders({ origin: base })).status, 200)
    problem(
      await ask('POST', '/api/login', {
        body: { user: 'handler', password: DEMONSTRATION.password },
        headers: { origin: 'https://evil.example' },
      }),
      403,
      'origin_mismatch',
    )
  })

  test('each role has its own requests', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000'
    const table: [string, string, readonly string[]][] = [
      ['GET', '/api/schemes', ['handler', 'actuary', 'admin']],
      ['GET', '/api/schemes/lint', ['handler', 'actuary', 'admin']],
      ['GET', '/api/schemes/files', ['actuary', 'admin']],
      ['GET', '/api/persons', ['handler', 'actuary']],
      ['GET', '/api/persons/employee', ['handler', 'actuary']],
      ['POST', '/api/bills', ['handler']],
      ['POST', '/api/settlements/trial', ['handler', 'actuary']],
      ['POST', '/api/persons/elder/reliefs/trial', ['handler', 'actuary']],
      ['POST', '/api/settlements', ['handler']],
      ['GET', '/api/drafts', ['actuary', 'admin']],
      ['POST', '/api/drafts', ['actuary', 'admin']],
      ['GET', '/api/users', ['admin']],
      ['POST', '/api/users', ['admin']],
      ['POST', `/api/users/${nobody}/password`, ['admin']],
    ]
    for (const [method, address, roles] of table)
      for (const role of ['handler', 'actuary', 'admin']) {
        const { get, post } = client(role)
        const { status } = await (method === 'GET' ? get(address) : post(address, { body: {} }))
        assert.equal(
          status !== 403,
          roles.includes(role),
          `${role} ${method} ${address}: ${status}`,
        )
      }
    const anywhere = '00000000-0000-4000-8000-000000000000'
    const publish = await client('actuary').post(`/api/drafts/${anywhere}/publish`, { key: 'k' })
    problem(publish, 403, 'forbidden')
  })

  test('another tenant’s records are not there', async () => {
    await identity.addUser('other', { name: 'clerk', role: 'handler', password: 'another tenant' })
    await database.query('update users set must_change = false where tenant_id = $1', ['other'])
    const clerk = await signIn('clerk', 'another tenant', 'other')
    const { bills } = (await client('handler').get('/api/persons/employee')).body
    const { settlement } = bills.find(({ state }: Json) => state === 'settled')
    assert.equal((await client('handler').get(`/api/settlements/${settlement}`)).status, 200)
    problem(await clerk.get(`/api/settlements/${settlement}`), 404, 'unknown_settlement')
    problem(await clerk.get(`/api/settlements/${settlement}/slip.pdf`), 404, 'unknown_settlement')
    problem(await clerk.get('/api/persons/employee'), 404, 'unknown_person')
    assert.deepEqual((await clerk.get('/api/persons')).body, { persons: [] })
    problem(
      await clerk.post('/api/settlements', { body: { bill: '2025-03-inpatient' }, key: 'other' }),
      404,
      'unknown_bill',
    )
    problem(
      await clerk.post(`/api/settlements/${settlement}/reverse`, {
        body: { reason: 'mine now' },
        key: 'other 2',
      }),
      404,
      'unknown_settlement',
    )
    problem(await clerk.get('/api/commands/demonstration'), 404, 'unknown_command')
  })

  // --- settling ----------------------------------------------------------------------------------

  test('names are masked, and every look is on record', async () => {
    const { persons } = (await client('handler').get('/api/persons?q=elder')).body
    assert.deepEqual(persons, [
      {
        id: 'elder',
        name: '示**',
        born: '1948-11-08',
        scheme: 'teaching/shifan/resident',
        class: '成年居民',
        category: '低保',
        bills: 2,
        settled: 0,
      },
    ])
    const { person, bills } = (await client('actuary').get('/api/persons/elder')).body
    assert.equal(person.covers[0].attributes.class, '成年居民')
    assert.deepEqual(
      bills.map(({ id, total, state }: Json) => [id, total, state]),
      [
        ['2025-08-inpatient', bills[0].total, 'open'],
        ['2025-10-inpatient', bills[1].total, 'open'],
      ],
    )
    const rows = await database.query<{ user_name: string; action: string; subject: string }>(
      `select user_name, action, subject from access_log where tenant_id = 'demo' and subject = 'elder' order by id`,
    )
    assert.deepEqual(rows, [
      { user_name: 'handler', action: 'list persons', subject: 'elder' },
      { user_name: 'actuary', action: 'read person', subject: 'elder' },
    ])
    problem(await client('handler').get('/api/persons/nobody'), 404, 'unknown_person')
  })

  test('persons are found by the scheme that covers them, however many others there are', async () => {
    const ids = async (query: string) =>
      (await client('handler').get(`/api/persons?${query}`)).body.persons.map(({ id }: Json) => id)
    assert.deepEqual(await ids('scheme=teaching/shifan/resident&limit=2'), ['adult', 'child'])
    assert.deepEqual(await ids('scheme=teaching/shifan/products/group'), ['well-insured'])
    assert.deepEqual(await ids('scheme=teaching/shifan/resident&q=el'), ['elder'])
    assert.deepEqual(await ids('scheme=nowhere'), [])
  })

  test('what cannot be put on record is not shown', async () => {
    const changed = 'select count(*)::int as n from persons'
    const before = await database.query(changed)
    await database.query('alter table access_log rename to access_log_away')
    try {
      problem(await client('handler').get('/api/persons/elder'), 500, 'internal')
      const person = { id: 'unrecorded', name: '无记', born: '1980-01-01', sex: 'male' }
      const asked = { body: person, key: 'unrecorded' }
      problem(await client('handler').post('/api/enrolment/persons', asked), 500, 'internal')
      const settle = { body: { bill: '2025-08-inpatient' }, key: 'unrecorded settlement' }
      problem(await client('handler').post('/api/settlements', settle), 500, 'internal')
    } finally {
      await database.query('alter table access_log_away rename to access_log')
    }
    assert.deepEqual(await database.query(changed), before, 'nor changed')
    const { bills } = (await client('handler').get('/api/persons/elder')).body
    assert.equal(bills[0].state, 'open', 'nor settled')
  })

  test('whoever supervises finds who read what and why, and asking is recorded as well', async () => {
    const purpose = { 'x-kangyang-purpose': encodeURIComponent('电话核实') }
    await client('handler').get('/api/enrolment/persons/elder', { headers: purpose })
    await client('handler').post('/api/settlements/trial', { body: { bill: '2025-08-inpatient' } })
    const found = await client('admin').get('/api/access-log?subject=elder&user=handler')
    assert.equal(found.status, 200)
    const entries = found.body.entries.map(({ action, subject, purpose }: Json) => ({
      action,
      subject,
      purpose,
    }))
    assert.deepEqual(entries.slice(0, 2), [
      { action: 'trial', subject: '2025-08-inpatient', purpose: null },
      { action: 'read person', subject: 'elder', purpose: '电话核实' },
    ])
    const file = await client('handler').get('/api/enrolment/persons/elder')
    assert(file.body.looked.some(({ purpose }: Json) => purpose === '电话核实'))
    const own = (await client('admin').get('/api/access-log?user=admin')).body.entries
    assert.equal(own[1].action, 'read access log')
    assert.match(own[1].subject, /^elder handler \d{4}-\d\d-\d\d \d{4}-\d\d-\d\d$/)
    const earlier = '/api/access-log?from=2020-01-01&until=2020-12-31'
    assert.deepEqual((await client('admin').get(earlier)).body, { entries: [], next: null })
    problem(await client('handler').get('/api/access-log'), 403, 'forbidden')
    problem(await client('handler').get('/api/access-log/chain'), 403, 'forbidden')
  })

  test('the log is read page by page, and says how far it is sealed', async () => {
    await database.query(
      `insert into access_log (tenant_id, user_name, action, subject) select 'demo', 'many', 'read person', n from generate_series(1, 250) n`,
    )
    const seen: string[] = []
    for (let next: number | null = Number.MAX_SAFE_INTEGER; next !== null; ) {
      const page: Json = (await client('admin').get(`/api/access-log?user=many&before=${next}`))
        .body
      seen.push(...page.entries.map(({ subject }: Json) => subject))
      next = page.next
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 250 }, (_, i) => String(250 - i)),
    )
    const before = (await client('admin').get('/api/access-log/chain')).body
    assert.equal(before.head, null)
    assert(before.waiting > 250)
    await createLogSealer(database, createSecrets(Buffer.alloc(32, 1))).sealAll()
    const { head, check } = (await client('admin').get('/api/access-log/chain')).body
    assert.deepEqual([head.tenant, head.number, check], ['demo', 1, null])
    assert.match(head.hash, /^[0-9a-f]{64}$/)
  })

  test('what somebody may not do is on record, and an hour full of it stands out', async () => {
    const standing = async (asked: string) =>
      (await client('admin').get(`/api/access-log/unusual?${asked}`)).body.hours.map(
        ({ from: _, ...rest }: Json) => rest,
      )
    const refusalsOf = async () =>
      (await standing('refusals=1')).find(({ user }: Json) => user === 'handler')?.refusals ?? 0
    const before = await refusalsOf()
    for (let i = 0; i < 10; i++)
      problem(await client('handler').get('/api/users?q=a'), 403, 'forbidden')
    assert.equal(await refusalsOf(), before + 10)
    const { entries } = (await client('admin').get('/api/access-log?user=handler')).body
    assert.deepEqual(
      [entries[0].action, entries[0].subject],
      ['refused forbidden', 'GET /api/users'],
      'without what was asked after the path',
    )
    await database.query(
      `insert into access_log (tenant_id, user_name, action, subject)
       select 'demo', 'curious', 'read person', n % 200 from generate_series(1, 400) n`,
    )
    await database.query(
      `insert into access_log (tenant_id, user_name, action, subject) values ('demo', 'curious', 'list persons', '1 2 x y'), ('demo', 'curious', 'export month', 'h1')`,
    )
    const curious = { user: 'curious', records: 202, exports: 1, refusals: 0 }
    const found = (await standing('refusals=1000')).find(({ user }: Json) => user === 'curious')
    assert.deepEqual(found, curious, 'each person is counted once')
    const more = await standing('records=203&refusals=1000')
    assert(more.every(({ user }: Json) => user !== 'curious'))
    problem(await client('handler').get('/api/access-log/unusual'), 403, 'forbidden')
  })

  test('a trial of a known bill adds up and keeps nothing', async () => {
    const { status, body } = await client('handler').post('/api/settlements/trial', {
      body: { bill: '2025-08-inpatient' },
    })
    assert.equal(status, 200)
    const { settlement, steps } = body
    const paid = Object.values<number>(settlement.payers).reduce((a, b) => a + b, 0)
    assert.equal(paid + settlement.patient, settlement.total)
    assert.equal('totals' in settlement, false)
    assert(steps.some(({ step }: Json) => step === 'bands'))
    const { bills } = (await client('handler').get('/api/persons/elder')).body
    assert(bills.every(({ state }: Json) => state === 'open'))
    problem(
      await client('handler').post('/api/settlements/trial', { body: { bill: 'none' } }),
      404,
      'unknown_bill',
    )
  })

  test('a relief of a year is worked out from the settlements that stand, and nothing is kept', async () => {
    const relief = 'teaching/shifan/year-end'
    const trial = (who: string, period: string, named = relief) =>
      client('actuary').post(`/api/persons/${who}/reliefs/trial`, {
        body: { relief: named, period },
      })
    const nothing = (await trial('elder', '2025')).body
    assert.deepEqual([nothing.amount, nothing.bills], [0, []])
    const settled: string[] = []
    for (const bill of ['2025-08-inpatient', '2025-10-inpatient']) {
      const { status, body } = await client('handler').post('/api/settlements', {
        body: { bill },
        key: `relief ${bill}`,
      })
      assert.equal(status, 201)
      settled.unshift(body.id)
    }
    const { status, body } = await trial('elder', '2025')
    assert.equal(status, 200)
    // The year's own cost is 13,469.45, 5 % of its in-scope cost 9,235.45; half of what lies above it.
    assert.equal(body.amount, 211_700)
    assert.equal(body.steps[2].says.en, 'due: 4,234.00 × 50% = 2,117.00')
    assert.equal(body.steps[2].citation.article, '第十七条')
    for (const id of settled)
      await client('handler').post(`/api/settlements/${id}/reverse`, {
        body: { reason: 'test' },
        key: `relief ${id}`,
      })
    assert.equal((await trial('elder', '2025')).body.amount, 0, 'what is reversed counts no more')

    problem(await trial('nobody', '2025'), 404, 'unknown_person')
    problem(await trial('elder', '2025', 'teaching/shifan/none'), 404, 'unknown_relief')
    problem(await trial('elder', '2025-07-01'), 422, 'unknown_period')
    problem(await trial('elder', '2099'), 422, 'period_not_over')
    const [read] = await database.query<{ n: number }>(
      "select count(*)::int as n from access_log where action = 'trial relief' and subject = 'elder'",
    )
    assert.equal(read?.n, 6)
  })

  const input = (bill: Json, persons?: Json[]) => ({
    amounts: 'yuan',
    ...(persons ? { persons } : {}),
    bills: [
      {
        id: 'new-1',
        person: 'elder',
        admitted: '2025-11-01',
        discharged: '2025-11-05',
        settled: '2025-11-05',
        answers: { medical: '住院', level: '二级' },
        ...bill,
      },
    ],
  })

  test('our own shape and the national one are the same bill', async () => {
    const parts = { total: '9000', inScope: '8000', upfront: '400', outOfScope: '600' }
    const national = {
      medfee_sumamt: '9000.00',
      inscp_scp_amt: '8000.00',
      preselfpay_amt: '400.00',
      fulamt_ownpay_amt: '600.00',
    }
    const trial = async (bill: Json) => {
      const { status, body, text } = await client('handler').post('/api/settlements/trial', {
        body: { input: input(bill) },
      })
      assert.equal(status, 200, text)
      return body.settlement
    }
    const own = await trial({ parts })
    assert.deepEqual(await trial({ national }), own)
    assert.equal(own.total, 900000)

    const { status, body, text } = await client('handler').post('/api/national/settle-trial', {
      body: {
        setlinfo: {
          setl_id: 'new-1',
          psn_no: 'elder',
          setl_begn_date: '2025-11-01',
          setl_end_date: '2025-11-05',
          setl_time: '2025-11-05 10:20:30',
          ...national,
        },
        answers: { medical: '住院', level: '二级' },
      },
    })
    assert.equal(status, 200, text)
    assert.deepEqual(body.settlement, own)
    assert.equal(body.setlinfo.medfee_sumamt, '9000.00')
    assert.equal(body.setlinfo.inscp_scp_amt, '8000.00')
  })

  test('a bill of a person nobody knows brings the person along', async () => {
    const stranger = {
      id: 'stranger',
      covers: [
        {
          scheme: 'teaching/shifan/resident',
          from: '2025-01-01',
          answers: { class: '成年居民', gapYears: 0 },
        },
      ],
    }
    const bill = { person: 'stranger', parts: { inScope: '5000' } }
    const unknown = await client('handler').post('/api/settlements/trial', {
      body: { input: input(bill) },
    })
    const fault = problem(unknown, 422, 'unknown_person')
    assert.equal(fault.errors[0].field, 'bills[0].person')
    const known = await client('handler').post('/api/settlements/trial', {
      body: { input: input(bill, [stranger]) },
    })
    assert.equal(known.status, 200, known.text)
  })

  test('a refusal of the rules says which rule and what to do', async () => {
    const refused = await client('handler').post('/api/settlements/trial', {
      body: { input: input({ answers: { medical: '住院' }, parts: { inScope: '5000' } }) },
    })
    const { zh, en, facts } = problem(refused, 422, 'attribute_missing')
    assert.match(zh, /医院级别/)
    assert.match(en, /hospital level/)
    assert.equal(facts.attribute, 'level')
  })

  test('once settled: the same key answers the same, another body does not', async () => {
    const handler = client('handler')
    const settle = (bill: string, key: string) =>
      handler.post('/api/settlements', { body: { bill }, key })
    const first = await settle('2025-08-inpatient', 'once')
    assert.equal(first.status, 201, first.text)
    assert.equal(first.headers.get('idempotent-replayed'), null)
    const again = await settle('2025-08-inpatient', 'once')
    assert.equal(again.status, 201)
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(again.body, first.body)
    problem(await settle('2025-10-inpatient', 'once'), 409, 'idempotency_key_reused')
    problem(await settle('2025-08-inpatient', 'twice'), 409, 'already_settled')
    problem(
      await handler.post('/api/settlements', { body: { bill: '2025-10-inpatient' } }),
      400,
      'idempotency_key_missing',
    )
    const command = await handler.get('/api/commands/once')
    assert.deepEqual(command.body, { state: 'done', status: 201, body: first.body })
    problem(await handler.get('/api/commands/never'), 404, 'unknown_command')

    const { settlement, steps, ...stored } = (
      await handler.get(`/api/settlements/${first.body.id}`)
    ).body
    assert.deepEqual(stored.recomputed, { engine: { kept: 1, now: 1 }, differences: [] })
    assert.deepEqual({ settlement, steps, id: stored.id }, first.body)
    assert.equal(stored.state, 'settled')
    assert.equal(stored.settledBy, 'handler')
    assert.equal(stored.rules.version, 1)
    assert.match(stored.settledAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/)
  })

  test('a settlement asked for without its steps is told again without them', async () => {
    const handler = client('handler')
    const settle = (body: Json) => handler.post('/api/settlements', { body, key: 'in a hurry' })
    const bill = '2025-03-inpatient'
    const first = await settle({ bill, steps: false })
    assert.equal(first.status, 201, first.text)
    assert.deepEqual(first.body.steps, [])
    assert.deepEqual((await settle({ bill, steps: false })).body, first.body)
    assert.deepEqual((await handler.get('/api/commands/in a hurry')).body.body, first.body)
    problem(await settle({ bill }), 409, 'idempotency_key_reused')
    const read = (await handler.get(`/api/settlements/${first.body.id}`)).body
    assert(read.steps.length > 0)
  })

  test('what was settled stays as it was kept, and a different result of today is said', async () => {
    const handler = client('handler')
    const { bills } = (await handler.get('/api/persons/employee')).body
    const { settlement: id } = bills.find(({ state }: Json) => state === 'settled')
    const address = `/api/settlements/${id}`
    const { settlement } = (await handler.get(address)).body
    // As an older release would have left it: of an engine without a number, with another result.
    await database.query(
      `update settlements set result = jsonb_set(result, '{settlement,patientParts,inScope}', $2::jsonb) - 'engine' where id = $1`,
      [id, settlement.patientParts.inScope - 7],
    )
    try {
      const { body } = await handler.get(address)
      assert.equal(body.settlement.patient, settlement.patient - 7)
      assert.deepEqual(body.recomputed, {
        engine: { kept: null, now: 1 },
        differences: [
          {
            of: 'patientParts.inScope',
            kept: settlement.patientParts.inScope - 7,
            now: settlement.patientParts.inScope,
          },
        ],
      })
      assert.equal((await handler.get(`${address}/slip.pdf`)).status, 200)
    } finally {
      await database.query(
        `update settlements set result = jsonb_set(result, '{settlement,patientParts,inScope}', $2::jsonb) where id = $1`,
        [id, settlement.patientParts.inScope],
      )
    }
  })

  test('fifty requests with one key settle once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        client('handler').post('/api/settlements', {
          body: { bill: '2025-07-inpatient' },
          key: 'all at once',
        }),
      ),
    )
    const first = answers[0]?.body
    for (const answer of answers) {
      assert.equal(answer.status, 201, answer.text)
      assert.deepEqual(answer.body, first)
    }
    const rows = await database.query(`select 1 from settlements where bill_id = $1`, [
      '2025-07-inpatient',
    ])
    assert.equal(rows.length, 1)
  })

  test('a second bill goes on from the first; a reversal of the first settles it again', async () => {
    const handler = client('handler')
    const trial = async () =>
      (await handler.post('/api/settlements/trial', { body: { bill: '2025-10-inpatient' } })).body
    const ordinalOf = ({ steps }: Json) =>
      steps.find(({ step, ordinal }: Json) => step === 'deductible' && ordinal)?.ordinal
    const totals = async () => (await handler.get('/api/persons/elder')).body.totals
    const { bills } = (await handler.get('/api/persons/elder')).body
    const first = bills[0].settlement
    const before = await totals()

    const tried = await trial()
    assert.equal(ordinalOf(tried), 2)
    const second = await handler.post('/api/settlements', {
      body: { bill: '2025-10-inpatient' },
      key: 'second',
    })
    assert.deepEqual(second.body.settlement, tried.settlement)
    const reverse = (id: string, key: string) =>
      handler.post(`/api/settlements/${id}/reverse`, { body: { reason: '录入有误' }, key })
    // Before it is done: the second stay would be the first of the year.
    const preview = await handler.post(`/api/settlements/${first}/reverse/trial`)
    assert.equal(preview.status, 200, preview.text)
    assert.deepEqual(
      preview.body.differences.map(({ bill, reasons, total }: Json) => [
        bill,
        reasons,
        total.after,
      ]),
      [
        [bills[0].id, ['own'], 0],
        ['2025-10-inpatient', ['totals'], second.body.settlement.total],
      ],
    )
    assert.deepEqual(preview.body.adjustments, [], 'nothing was cleared')
    const reversed = await reverse(second.body.id, 'r2')
    assert.deepEqual(reversed.body, {
      id: second.body.id,
      state: 'reversed',
      statement: reversed.body.statement,
    })
    assert.deepEqual(await totals(), before)
    assert.equal((await reverse(second.body.id, 'r2')).headers.get('idempotent-replayed'), 'true')
    assert.deepEqual((await handler.get('/api/commands/r2')).body.body, reversed.body)
    problem(await reverse(second.body.id, 'r3'), 409, 'already_reversed')
    const stored = (await handler.get(`/api/settlements/${second.body.id}`)).body
    assert.deepEqual(
      [stored.state, stored.reversedBy, stored.reason],
      ['reversed', 'handler', '录入有误'],
    )
    const once = await handler.post('/api/settlements', {
      body: { bill: '2025-10-inpatient' },
      key: 'third',
    })
    assert.equal(once.status, 201, once.text)
    assert.deepEqual(once.body.settlement, tried.settlement)
  })

  test('a reversal gives back to each account what the bill took from it, and turns the year back', async () => {
    const handler = client('handler')
    const covers = [
      { scheme: 'zhejiang/ningbo/employee', from: '2020-01-01', answers: { class: '退休' } },
    ]
    const accounts = {
      personal: '70.00',
      currentYear: '500.00',
      year: 2023,
      previousYears: '200.00',
    }
    const on = (day: string) => ({
      id: `saver ${day}`,
      person: 'saver',
      admitted: day,
      discharged: day,
      settled: day,
      answers: { medical: '普通门诊', level: '三级', amounts: '全额' },
      parts: { inScope: '100.00' },
    })
    const bills = [on('2023-03-01'), on('2024-03-01')]
    const body = { amounts: 'yuan', persons: [{ id: 'saver', covers, accounts }], bills }
    assert.equal((await handler.post('/api/bills', { body, key: 'saver' })).status, 201)
    const totals = async () => (await handler.get('/api/persons/saver')).body.totals
    const before = await totals()
    // In 2023 the account of the year pays; in 2024 its 500 have joined the 200 of the years before.
    for (const [bill, payers] of [
      ['saver 2023-03-01', { personalAccount: 10_000 }],
      ['saver 2024-03-01', {}],
    ] as const) {
      const settled = await handler.post('/api/settlements', { body: { bill }, key: bill })
      assert.deepEqual(settled.body.settlement.payers, payers)
      assert.notDeepEqual(await totals(), before)
      const reversed = await handler.post(`/api/settlements/${settled.body.id}/reverse`, {
        body: { reason: '录入有误' },
        key: `${bill} back`,
      })
      assert.equal(reversed.status, 201, reversed.text)
      assert.deepEqual(await totals(), before)
    }
  })

  test('an upload is kept whole or not at all', async () => {
    const handler = client('handler')
    const body = input({ parts: { inScope: '5000' } })
    const added = await handler.post('/api/bills', { body, key: 'upload' })
    assert.deepEqual([added.status, added.body], [201, { bills: ['new-1'], persons: [] }])
    assert.deepEqual((await handler.post('/api/bills', { body, key: 'upload' })).body, added.body)
    const two = { ...body, bills: [{ ...body.bills[0], id: 'new-2' }, body.bills[0]] }
    problem(await handler.post('/api/bills', { body: two, key: 'two' }), 409, 'duplicate_bill')
    const { bills } = (await handler.get('/api/persons/elder')).body
    assert(!bills.some(({ id }: Json) => id === 'new-2'))
    const bad = input({ parts: { inScope: '50.001' } })
    const fault = problem(
      await handler.post('/api/bills', { body: bad, key: 'bad' }),
      422,
      'bad_amount',
    )
    assert.equal(fault.errors[0].field, 'bills[0].parts.inScope')
    for (const odd of [
      [],
      'text',
      3,
      null,
      { amounts: 'yuan', persons: 5, bills: [] },
      { bills: 1 },
    ])
      assert.equal((await handler.post('/api/bills', { body: odd, key: 'odd' })).status, 422)
  })

  test('the national fields add up, and the slip is a PDF', async () => {
    const { bills } = (await client('handler').get('/api/persons/employee')).body
    const { settlement, total } = bills[0]
    const { body } = await client('handler').get(`/api/settlements/${settlement}/national`)
    const fen = (field: string) => Number(body[field].replace('.', ''))
    assert.equal(fen('medfee_sumamt'), total)
    assert.equal(fen('fund_pay_sumamt') + fen('hosp_part_amt') + fen('psn_part_amt'), total)
    assert.equal(
      fen('psn_part_amt'),
      fen('acct_pay') + fen('acct_mulaid_pay') + fen('psn_cash_pay'),
    )
    const slip = await fetch(`${base}/api/settlements/${settlement}/slip.pdf`, {
      headers: { cookie: client('handler').cookie },
    })
    const bytes = Buffer.from(await slip.arrayBuffer())
    assert.equal(slip.headers.get('content-type'), 'application/pdf')
    assert.equal(bytes.subarray(0, 5).toString(), '%PDF-')
    assert(bytes.length > 20_000 && bytes.length < 500_000)
  })

  // --- rules -------------------------------------------------------------------------------------

  test('the rules are shown as their files write them, with their sources', async () => {
    const { body } = await client('actuary').get('/api/schemes')
    assert.equal(body.version, 1)
    const tier = body.tiers.find(({ id }: Json) => id === 'teaching/shifan/resident-inpatient')
    const rule = tier.rules.find(({ rule }: Json) => rule.endsWith('#deductible.amount'))
    assert.equal(rule.label.zh, '起付线')
    assert.equal(rule.entries[0].value['by class'].成年居民['by level'].三级, '800元')
    assert.equal(rule.entries[0].source.grade, 'invented')
    const { changes } = (
      await client('actuary').get(
        '/api/schemes/changes?from=2024-06-01&to=2025-06-01&scheme=teaching/shifan/resident',
      )
    ).body
    const change = changes.find(({ rule }: Json) => rule.endsWith('inpatient#deductible.amount'))
    assert.equal(change.before.from, '2024-01-01')
    assert.equal(change.after.from, '2025-01-01')
    assert.equal(change.after.value['by class'].成年居民['by level'].三级, '900元')
    problem(
      await client('actuary').get('/api/schemes/changes?from=yesterday&to=2025-06-01'),
      400,
      'invalid_request',
    )
  })

  test('a draft is checked, compared, and published by a second person', async () => {
    const { files } = (await client('actuary').get('/api/schemes/files')).body
    const path = 'teaching/shifan/resident-inpatient.tier.yaml'
    const { text } = files.find((file: Json) => file.path === path)
    const save = (who: string, changed: string) =>
      client(who).post('/api/drafts', {
        body: { name: '提高三级支付比例', files: [{ path, text: changed }] },
      })
    const broken = await save('actuary', text.replace('rate:', 'rat:'))
    const check = await client('actuary').post(`/api/drafts/${broken.body.id}/check`)
    assert.equal(check.body.ok, false)
    assert.deepEqual([check.body.fault.file, check.body.fault.code], [path, 'unknown_key'])
    const faulty = await client('admin').post(`/api/drafts/${broken.body.id}/publish`, {
      key: 'b',
      body: { revision: 1 },
    })
    problem(faulty, 422, 'bad_rules')

    const raised = text.replaceAll('三级: 68%', '三级: 70%')
    assert.notEqual(raised, text)
    const draft = await save('admin', raised)
    assert.equal(draft.status, 201, draft.text)
    const { id } = draft.body
    const stored = (await client('actuary').get(`/api/drafts/${id}`)).body
    assert.deepEqual([stored.author, stored.state, stored.files[0].path], ['admin', 'open', path])
    assert.equal((await client('actuary').post(`/api/drafts/${id}/check`)).body.ok, true)
    const { rows } = (
      await client('actuary').post(`/api/drafts/${id}/compare`, { body: { bills: 'samples' } })
    ).body
    assert.equal(rows.length > 10, true)
    const changed = rows.filter((row: Json) => row.before.patient !== row.after.patient)
    assert(changed.length > 0 && changed.length < rows.length)

    const publish = (who: Client, key: string, revision = 1) =>
      who.post(`/api/drafts/${id}/publish`, { key, body: { revision } })
    problem(await publish(client('admin'), 'p1'), 403, 'second_person_required')
    await identity.addUser('demo', { name: 'second', role: 'admin', password: 'a second person' })
    await database.query(`update users set must_change = false where name = 'second'`)
    const second = await signIn('second', 'a second person')
    const changed2 = await client('admin').put(`/api/drafts/${id}`, {
      body: { name: '提高三级支付比例', files: [{ path, text: `${raised}# 说明\n` }], revision: 1 },
    })
    assert.deepEqual([changed2.status, changed2.body], [200, { id, revision: 2 }])
    // Nobody publishes what they have not read.
    const stale = problem(await publish(second, 'p2'), 409, 'draft_changed')
    assert.deepEqual(stale.facts, { revision: 1, current: 2 })
    const published = await publish(second, 'p2', 2)
    assert.deepEqual([published.status, published.body], [201, { version: 2 }])
    problem(await publish(second, 'p3', 2), 409, 'already_published')
    assert.equal((await client('handler').get('/api/schemes')).body.version, 2)
    const inForce = (await client('actuary').get('/api/schemes/files')).body.files
    assert.match(inForce.find((file: Json) => file.path === path).text, /# 说明\n$/)
  })

  test('a draft is changed in place, by its author, from the text that was read', async () => {
    const path = 'teaching/shifan/resident-inpatient.tier.yaml'
    const body = (text: string, revision = 1) => ({
      name: '草稿',
      files: [{ path, text }],
      revision,
    })
    const { id } = (await client('actuary').post('/api/drafts', { body: body('one') })).body
    const address = `/api/drafts/${id}`
    const actuary = client('actuary')
    assert.equal((await actuary.put(address, { body: body('two') })).body.revision, 2)
    problem(await actuary.put(address, { body: body('lost') }), 409, 'draft_changed')
    const stored = (await actuary.get(address)).body
    assert.deepEqual([stored.revision, stored.files], [2, [{ path, text: 'two' }]])
    problem(await client('admin').put(address, { body: body('mine', 2) }), 403, 'not_your_draft')
    problem(await client('handler').put(address, { body: body('mine', 2) }), 403, 'forbidden')
    problem(await actuary.put(address, { body: body('', 0) }), 400, 'invalid_request')
    const nothing = '/api/drafts/00000000-0000-4000-8000-000000000000'
    problem(await actuary.put(nothing, { body: body('x') }), 404, 'unknown_draft')
    const drafts = (await actuary.get('/api/drafts')).body.drafts
    assert.equal(drafts.filter(({ name }: Json) => name === '草稿').length, 1)
  })

  test('a draft cannot name a file outside the rules', async () => {
    for (const path of ['../etc/passwd.yaml', '/a.yaml', 'a/../../b.yaml', 'a.txt', 'a//b.yaml'])
      problem(
        await client('actuary').post('/api/drafts', {
          body: { name: 'x', files: [{ path, text: '' }] },
        }),
        400,
        'invalid_request',
      )
  })

  // --- requests that are not right ---------------------------------------------------------------

  test('whatever is sent, the answer is a problem that helps', async () => {
    const handler = client('handler')
    const raw = (text: string, headers: Record<string, string> = {}) =>
      handler.post('/api/settlements/trial', { raw: text, headers })
    const torn = problem(await raw('{"bill": '), 400, 'malformed_json')
    assert.match(torn.errors[0].field, /^body:1:\d+$/)
    problem(await raw('{"bill":"a","bill":"b"}'), 400, 'malformed_json')
    problem(await raw('{"__proto__":{"bill":"a"}}'), 400, 'malformed_json')
    problem(await raw('['.repeat(200_000)), 400, 'malformed_json')
    problem(await raw(''), 400, 'invalid_request')
    problem(await raw('null'), 400, 'invalid_request')
    problem(await raw('{"bill":{}}'), 400, 'invalid_request')
    problem(await raw('{"bill":"a\\u0000b"}'), 400, 'invalid_request')
    problem(await raw('a=b', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type')
    const large = JSON.stringify({ bill: 'x'.repeat(8 * 1024 * 1024) })
    problem(await raw(large), 413, 'body_too_large')
    problem(await handler.get('/api/nothing'), 404, 'not_found')
    problem(await handler.get('/api/settlements/not-a-number'), 404, 'not_found')
    problem(await ask('DELETE', '/api/persons/elder'), 404, 'not_found')
    problem(await handler.get('/api/persons?limit=0'), 400, 'invalid_request')
    const two = { ...input({ parts: { inScope: '1' } }) }
    two.bills.push({ ...two.bills[0], id: 'b' } as never)
    problem(
      await handler.post('/api/settlements/trial', { body: { input: two } }),
      422,
      'one_bill_wanted',
    )
  })

  test('a problem speaks the reader’s language', async () => {
    const zh = (await ask('GET', '/api/session')).body
    const en = (await ask('GET', '/api/session', { headers: { 'accept-language': 'en-GB' } })).body
    assert.match(zh.detail, /登录/)
    assert.match(en.detail, /signed in/)
    assert.equal(zh.en, en.en)
  })

  // --- around it ---------------------------------------------------------------------------------

  test('the interface describes itself, and every reference in it leads somewhere', async () => {
    const { body } = await ask('GET', '/api/openapi.json')
    assert.match(body.openapi, /^3\.1\./)
    const schemas = body.components.schemas
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)]
    assert(references.length > 50)
    for (const [, reference = ''] of references)
      assert(schemas[reference.replace('#/components/schemas/', '')], reference)
    for (const [address, methods] of Object.entries<Json>(body.paths))
      for (const [method, operation] of Object.entries<Json>(methods)) {
        const name = `${method} ${address}`
        assert(operation.summary && operation.tags?.length === 1, name)
        assert(
          Object.keys(operation.responses).some((status) => /^2/.test(status)),
          name,
        )
        assert(operation.responses['4XX'], name)
        const wanted = [...address.matchAll(/\{(\w+)\}/g)].map(([, param]) => param)
        const given = (operation.parameters ?? [])
          .filter((parameter: Json) => parameter.in === 'path')
          .map((parameter: Json) => parameter.name)
        assert.deepEqual(given, wanted, name)
      }
    const registered = Object.keys(body.paths)
    for (const address of ['/api/login', '/api/settlements', '/api/national/settle-trial'])
      assert(registered.includes(address), address)
    const docs = await ask('GET', '/api/docs/')
    assert.match(docs.text, /js\/scalar\.js/)
    assert.doesNotMatch(docs.text, /https?:\/\/(?!127)/)
    assert.match(docs.headers.get('content-security-policy') ?? '', /'sha256-/)
  })

  test('pages are served, unknown ones by the page that routes them', async () => {
    const html = { headers: { accept: 'text/html' } }
    const root = await ask('GET', '/', html)
    assert.equal(root.text, PAGE)
    assert.equal(root.headers.get('cache-control'), 'no-cache')
    assert.equal((await ask('GET', '/persons/elder', html)).text, PAGE)
    const asset = await ask('GET', '/assets/main-1a2b3c.js')
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
    problem(await ask('GET', '/assets/gone.js', html), 404, 'not_found')
    problem(await ask('GET', '/api/gone', html), 404, 'not_found')
    problem(await ask('GET', '/../package.json'), 404, 'not_found')
    for (const header of ['content-security-policy', 'x-content-type-options', 'referrer-policy'])
      assert(root.headers.get(header), header)
    assert.match(root.headers.get('content-security-policy') ?? '', /script-src 'self';/)
  })

  test('health and metrics say how it goes, and nothing of anybody', async () => {
    assert.equal((await ask('GET', '/health/live')).body.status, 'ok')
    assert.deepEqual((await ask('GET', '/health/ready')).body, {
      status: 'ok',
      database: 'ok',
      migrations: 'ok',
    })
    const { text } = await ask('GET', '/metrics')
    assert.match(text, /kangyang_settlements_total\{outcome="settled"\} [1-9]/)
    assert.match(text, /kangyang_refusals_total\{code="already_settled"\} [1-9]/)
    assert.match(text, /kangyang_http_request_duration_seconds_count\{[^}]*\/api\/persons\/:id/)
    assert.doesNotMatch(text, /elder|示例/)
  })

  test('metrics are for this machine, or for whoever brings the token', async () => {
    // A proxy on this machine asks for somebody else.
    const proxied = await ask('GET', '/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } })
    problem(proxied, 403, 'metrics_closed')
    const get = (server: typeof app, headers: Record<string, string>, remoteAddress: string) =>
      server.inject({ url: '/metrics', headers, remoteAddress })
    assert.equal((await get(app, {}, '192.0.2.1')).statusCode, 403)
    assert.equal((await get(app, {}, '::ffff:127.0.0.1')).statusCode, 200)

    const guarded = await createServer({ ...parts, metricsToken: 'a token of some length' })
    const authorization = 'Bearer a token of some length'
    assert.equal((await get(guarded, { authorization }, '192.0.2.1')).statusCode, 200)
    assert.equal((await get(guarded, {}, '127.0.0.1')).statusCode, 403)
    assert.equal((await get(guarded, { authorization: 'Bearer x' }, '127.0.0.1')).statusCode, 403)
    for (const url of ['/health/live', '/health/ready'])
      assert.equal((await guarded.inject({ url, remoteAddress: '192.0.2.1' })).statusCode, 200)
    await guarded.close()
  })

  test('nothing about a person is cached or logged', async () => {
    const person = await client('handler').get('/api/persons/elder')
    assert.equal(person.headers.get('cache-control'), 'no-store')
    assert.match(logged, /"route":"\/api\/persons\/:id"/)
    assert.doesNotMatch(logged, /elder|示例|1948-11-08|kangyang_session=|csrf|kangyang-demo/)
  })
})
