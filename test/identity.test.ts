/**
 * Signing in on a real PostgreSQL, over HTTP: passwords, second factors, sessions, closed doors, the users of a
 * tenant, and a real identity provider.
 */
import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { generateSync } from 'otplib'
import { todayInChina } from '#app/clock.ts'
import { createIdentityProvider, providerSettings } from '#app/identity-provider.ts'
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
import { whoLooked } from '#platform/access-log.ts'
import type { Actor, Role } from '#platform/actor.ts'
import { type Database, DOOR } from '#platform/database.ts'
import { markEmergency } from '#platform/emergency-access.ts'
import { createIdentity, type Identity } from '#platform/identity.ts'
import { createSecrets } from '#platform/secrets.ts'
import { rememberSessions } from '#platform/session-memory.ts'
import { migratedDatabase } from './crash/database.ts'
import { SCHEME_FILES } from './crash/teaching.ts'
import { type Forgery, startForger } from './forger.ts'
import { idleScenarios } from './idle-scenarios.ts'
import { startProvider } from './provider.ts'

const PASSWORD = 'seven herons over the rice'
/** A hash carries its cost; this one costs little, because the tests sign in a hundred times. */
const HASH = `scrypt$10$8$1$c2FsdA$${scryptSync(PASSWORD, 'salt', 32, { N: 1024 }).toString('base64url')}`
const secrets = createSecrets(Buffer.alloc(32, 1))

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server sends.
type Json = Record<string, any>
type Answer = { readonly status: number; readonly headers: Headers; readonly body: Json }

describe('signing in', { timeout: 120_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let identity: Identity
  let parts: Parameters<typeof createServer>[0]
  let app: Awaited<ReturnType<typeof createServer>>
  let base = ''

  before(async () => {
    const opened = await migratedDatabase({ max: 10 })
    database = opened.database
    close = opened.close
    identity = rememberSessions(
      createIdentity(database.as(DOOR), { demonstration: false, secrets }),
    )
    for (const id of ['town', 'village'])
      await identity.addTenant({ id, name: `${id} bureau`, demonstration: false })
    const service = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    await service.ensureRules('town', SCHEME_FILES, 'test')
    const bookOf = async (actor: Actor) => (await service.rules(actor)).book
    const shared = { database, today: todayInChina, bookOf }
    parts = {
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
      enrolment: createEnrolmentService({ ...shared, secrets, settlement: service }),
      registry: createRegistryService({ ...shared, secrets }),
      imports: createImportService({ ...shared, secrets }),
      catalogue: createCatalogueService({ database, isTeaching: async () => true }),
      codeLists: createCodeLists(packsFolder(undefined)),
      version: '0.0.0',
      today: todayInChina,
      isMigrated: async () => true,
      tenant: 'town',
      publicOrigin: 'http://kangyang.test',
      demonstration: [],
      log: false,
    }
    app = await createServer(parts)
    base = await app.listen({ host: '127.0.0.1', port: 0 })
    await addUser('chief', 'admin')
  })

  after(async () => {
    await app?.close()
    await close?.()
  })

  // --- helpers -----------------------------------------------------------------------------------

  /** A user with a password of their own. */
  async function addUser(name: string, role: Role = 'handler', tenant = 'town'): Promise<string> {
    const [row] = await database.query<{ id: string }>(
      'insert into users (tenant_id, name, password_hash, role) values ($1, $2, $3, $4) returning id',
      [tenant, name, HASH, role],
    )
    return row?.id ?? ''
  }

  type Browser = {
    address: string
    cookies: Map<string, string>
    csrf: string
    ask(method: string, address: string, body?: unknown, headers?: object): Promise<Answer>
    get(address: string): Promise<Answer>
    post(address: string, body?: unknown): Promise<Answer>
  }

  let browsers = 0
  /** Keeps cookies, as a browser does; each stands at an address of its own, behind a proxy. */
  function browser(address = `10.0.0.${++browsers}`): Browser {
    const cookies = new Map<string, string>()
    const self: Browser = {
      address,
      cookies,
      csrf: '',
      async ask(method, path, body, headers = {}) {
        const response = await fetch(base + path, {
          method,
          redirect: 'manual',
          headers: {
            cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            'x-kangyang-csrf': self.csrf,
            'x-forwarded-for': address,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          if (value === '') cookies.delete(name)
          else cookies.set(name, value)
        }
        const text = await response.text()
        const json = /json/.test(response.headers.get('content-type') ?? '')
        const { status } = response
        return { status, headers: response.headers, body: json ? JSON.parse(text) : {} }
      },
      get: (address) => self.ask('GET', address),
      post: (address, body) => self.ask('POST', address, body),
    }
    return self
  }

  const login = (at: Browser, user: string, more: object = {}) =>
    at.post('/api/login', { user, password: PASSWORD, ...more })

  async function signIn(user: string, more: object = {}, at = browser(), headers = {}) {
    const body = { user, password: PASSWORD, ...more }
    const answer = await at.ask('POST', '/api/login', body, headers)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    at.csrf = answer.body.csrf
    return at
  }

  const refused = (answer: Answer, status: number, code: string): Json => {
    assert.deepEqual([answer.status, answer.body.code], [status, code])
    return answer.body
  }
  const codeOf = (secret: string): string => generateSync({ secret })
  /** As if half a minute had passed since codes were used: the present one is good once more. */
  const aged = () => database.query('update second_factors set last_step = last_step - 1')

  /** Sets up a second factor, and answers with its secret and recovery codes. */
  async function setSecondFactor(at: Browser) {
    const begun = await at.post('/api/account/second-factor', { password: PASSWORD })
    assert.equal(begun.status, 201, JSON.stringify(begun.body))
    const { secret } = begun.body
    const code = codeOf(secret)
    const confirmed = await at.post('/api/account/second-factor/confirm', { code })
    assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body))
    await aged()
    return { secret, recoveryCodes: confirmed.body.recoveryCodes as string[] }
  }
  const logged = (action: string) =>
    database.query<{ user_name: string; subject: string }>(
      'select user_name, subject from access_log where action = $1 order by id',
      [action],
    )

  // --- passwords ---------------------------------------------------------------------------------

  test('a new password is long enough, and none that is tried first', async () => {
    await addUser('ling')
    const at = await signIn('ling')
    const change = (next: string) => at.post('/api/password', { current: PASSWORD, next })
    refused(await change('eleven char'), 400, 'invalid_request')
    refused(await change('x'.repeat(300)), 400, 'invalid_request')
    for (const [next, fault] of [
      ['P@ssw0rd2026', 'common'],
      ['kangyang2026', 'context'],
      ['town bureau 1', 'context'],
      ['abcdefghijkl', 'pattern'],
    ] as const) {
      const body = refused(await change(next), 422, 'weak_password')
      assert.equal(body.facts.fault, fault, next)
      assert.equal(body.errors[0].field, 'password')
    }
    const chief = await signIn('chief')
    const given = { name: 'weak', role: 'handler', password: 'P@ssw0rd2026' }
    refused(await chief.post('/api/users', given), 422, 'weak_password')
    // 128 characters of any kind.
    assert.equal(
      (await change('长句子不易猜到 and easy to keep; '.repeat(4).slice(0, 128))).status,
      204,
    )
  })

  test('a password that is changed ends the other sessions, and gives this one another token', async () => {
    await addUser('mei')
    const [desk, phone] = [await signIn('mei'), await signIn('mei')]
    const before = desk.cookies.get('kangyang_session')
    const next = 'a grey boat and nine lamps'
    assert.equal((await desk.post('/api/password', { current: PASSWORD, next })).status, 204)
    assert.notEqual(desk.cookies.get('kangyang_session'), before)
    assert.equal((await desk.get('/api/session')).status, 200)
    refused(await phone.get('/api/session'), 401, 'not_signed_in')
    const thief = browser()
    thief.cookies.set('kangyang_session', before ?? '')
    refused(await thief.get('/api/session'), 401, 'not_signed_in')
  })

  test('a one-time password that nobody used in seven days opens nothing', async () => {
    const chief = await signIn('chief')
    const added = await chief.post('/api/users', { name: 'late', role: 'handler' })
    const { password } = added.body
    const [row] = await database.query<{ days: number }>(
      `select round(extract(epoch from one_time_until - now()) / 86400)::int as days from users where name = 'late'`,
    )
    assert.equal(row?.days, 7)
    await database.query(`update users set one_time_until = now() where name = 'late'`)
    refused(await login(browser(), 'late', { password }), 403, 'one_time_expired')
  })

  // --- the second factor -------------------------------------------------------------------------

  test('a second factor is set up with a code, and asked for from then on, each code once', async () => {
    await addUser('tang')
    const at = await signIn('tang')
    refused(
      await at.post('/api/account/second-factor', { password: 'not the one' }),
      401,
      'wrong_password',
    )
    const { body } = await at.post('/api/account/second-factor', { password: PASSWORD })
    assert.match(body.address, /^otpauth:\/\/totp\/.*tang\?secret=[A-Z2-7]{32}&issuer=/)
    refused(
      await at.post('/api/account/second-factor/confirm', { code: '000000' }),
      401,
      'wrong_code',
    )
    const { secret, recoveryCodes } = await setSecondFactor(at)
    assert.equal(recoveryCodes.length, 10)
    const [kept] = await database.query<{ secret: Buffer }>(
      'select secret_sealed as secret from second_factors',
    )
    assert(!kept?.secret.includes(secret), 'the secret is sealed')

    refused(await login(browser(), 'tang'), 401, 'code_required')
    const now = codeOf(secret)
    await signIn('tang', { code: now })
    refused(await login(browser(), 'tang', { code: now }), 401, 'wrong_code')
    assert((await logged('code refused')).some(({ user_name }) => user_name === 'tang'))
  })

  test('a recovery code opens once; ten new ones take the place of the old', async () => {
    await addUser('rui')
    const first = await signIn('rui')
    const { recoveryCodes, secret } = await setSecondFactor(first)
    const [one = '', two = ''] = recoveryCodes
    const at = await signIn('rui', { code: one.toUpperCase().replaceAll('-', ' ') })
    refused(await login(browser(), 'rui', { code: one }), 401, 'wrong_code')
    assert.equal((await at.get('/api/account/second-factor')).body.recoveryCodes, 9)
    const renewed = await at.post('/api/account/recovery-codes', {
      password: PASSWORD,
      code: codeOf(secret),
    })
    assert.equal(renewed.body.recoveryCodes.length, 10)
    refused(await login(browser(), 'rui', { code: two }), 401, 'wrong_code')
    const code = renewed.body.recoveryCodes[0]
    const removed = { password: PASSWORD, code }
    assert.equal((await at.post('/api/account/second-factor/remove', removed)).status, 204)
    assert.equal((await at.get('/api/account/second-factor')).body.since, undefined)
    await signIn('rui')
    const rows = await database.query<{ hash: Buffer }>('select hash from recovery_codes')
    assert(rows.every(({ hash }) => hash.length === 32))
  })

  test('five wrong codes close the door from every address, and only who knows the password can do that', async () => {
    await addUser('xu')
    const { secret } = await setSecondFactor(await signIn('xu'))
    for (let i = 0; i < 5; i++)
      refused(await login(browser(), 'xu', { code: `00000${i}` }), 401, 'wrong_code')
    const attempt = { tenant: 'town', user: 'xu', password: PASSWORD, device: '' }
    const there = await identity.login({ ...attempt, code: codeOf(secret), address: '192.0.2.7' })
    assert.equal(there.ok || there.error.code, 'throttled')
    // Without the password nobody comes as far as the code.
    await addUser('xu2')
    for (let i = 0; i < 5; i++)
      await identity.login({
        ...attempt,
        user: 'xu2',
        password: 'no',
        code: '000000',
        address: 'a',
      })
    const [codes] = await database.query(
      `select 1 from login_attempts where user_name = 'xu2' and address = '(code)'`,
    )
    assert.equal(codes, undefined)
  })

  test('a role may be asked for a second factor: until there is one, nothing else is open', async () => {
    await addUser('shen', 'supervisor', 'town')
    const chief = await signIn('chief')
    const policy = (roles: Role[]) =>
      chief.ask('PUT', '/api/sign-in-policy', { secondFactorRoles: roles })
    assert.equal((await policy(['supervisor'])).status, 200)
    assert.deepEqual((await chief.get('/api/sign-in-policy')).body, {
      secondFactorRoles: ['supervisor'],
    })
    const at = await signIn('shen')
    refused(await at.get('/api/schemes'), 403, 'second_factor_required')
    refused(await at.get('/api/account/sessions'), 403, 'second_factor_required')
    assert.equal((await at.get('/api/session')).body.mustSetSecondFactor, true)
    await setSecondFactor(at)
    assert.equal((await at.get('/api/session')).body.mustSetSecondFactor, false)
    assert.notEqual((await at.get('/api/account/sessions')).status, 403)
    await policy([])
    assert.deepEqual(
      (await logged('set second factor roles')).map(({ subject }) => subject),
      ['supervisor', ''],
    )
  })

  test('an administrator takes away a second factor that was lost, for a reason, and it is on record', async () => {
    const id = await addUser('lost')
    const at = await signIn('lost')
    await setSecondFactor(at)
    const chief = await signIn('chief')
    const address = `/api/users/${id}/second-factor/reset`
    refused(await chief.post(address, { reason: 'x' }), 400, 'invalid_request')
    assert.equal((await chief.post(address, { reason: '手机遗失，本人到场' })).status, 204)
    refused(await at.get('/api/session'), 401, 'not_signed_in')
    await signIn('lost')
    assert.deepEqual(await logged('reset second factor'), [
      { user_name: 'chief', subject: `${id} 手机遗失，本人到场` },
    ])
  })

  test('a lost password that is reset still asks for the second factor', async () => {
    const id = await addUser('both')
    const { recoveryCodes } = await setSecondFactor(await signIn('both'))
    const chief = await signIn('chief')
    const { password } = (await chief.post(`/api/users/${id}/password`)).body
    refused(await login(browser(), 'both', { password }), 401, 'code_required')
    await signIn('both', { password, code: recoveryCodes[0] })
  })

  // --- sessions ----------------------------------------------------------------------------------

  test('everybody sees where they are signed in, and ends one place or all others', async () => {
    await addUser('song')
    await addUser('other')
    const agent = {
      'user-agent': 'Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36',
    }
    const desk = await signIn('song')
    const phone = await signIn('song', {}, browser('10.9.8.7'), agent)
    const tablet = await signIn('song')
    const list = async () => (await desk.get('/api/account/sessions')).body
    const { current, sessions } = await list()
    assert.equal(sessions.length, 3)
    const mobile = sessions.find(({ device }: Json) => device === 'Chrome · Android')
    assert.equal(mobile.address, '10.9.8.7')
    assert.match(mobile.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

    const end = (session?: string) =>
      desk.post('/api/account/sessions/end', session ? { session } : {})
    assert.deepEqual((await end(mobile.id)).body, { ended: 1 })
    // At once on this server, which had just remembered the session.
    refused(await phone.get('/api/session'), 401, 'not_signed_in')
    refused(await end(mobile.id), 404, 'unknown_session')
    const strangers = (await (await signIn('other')).get('/api/account/sessions')).body.current
    refused(await end(strangers), 404, 'unknown_session')
    assert.deepEqual((await end()).body, { ended: 1 })
    refused(await tablet.get('/api/session'), 401, 'not_signed_in')
    assert.deepEqual(
      (await list()).sessions.map(({ id }: Json) => id),
      [current],
    )
  })

  test('what another server ends, this one sees within a second', async () => {
    const user = await addUser('qiu')
    const at = await signIn('qiu')
    assert.equal((await at.get('/api/session')).status, 200)
    const elsewhere = createIdentity(database.as(DOOR), { demonstration: false, secrets })
    await elsewhere.endSessions('town', user)
    const ended = Date.now()
    while ((await at.get('/api/session')).status === 200) {
      assert(Date.now() - ended < 1_500, 'the session still lives')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })

  test('a session ends after eight hours without use, and after twelve whatever it does', async () => {
    await addUser('wu')
    const at = await signIn('wu')
    const [row] = await database.query<{ idle: number; longest: number }>(
      `select round(extract(epoch from expires_at - now()) / 3600)::int as idle,
              round(extract(epoch from ends_at - now()) / 3600)::int as longest
         from sessions where csrf = $1`,
      [at.csrf],
    )
    assert.deepEqual(row, { idle: 8, longest: 12 })
    const plain = createIdentity(database.as(DOOR), { demonstration: false, secrets })
    const token = at.cookies.get('kangyang_session') ?? ''
    assert(await plain.session(token))
    await database.query(`update sessions set ends_at = now() where csrf = $1`, [at.csrf])
    assert.equal(await plain.session(token), undefined)
  })

  test('signing in gives a new token and ends the session that was there', async () => {
    await addUser('hu')
    const at = await signIn('hu')
    const old = browser()
    old.cookies.set('kangyang_session', at.cookies.get('kangyang_session') ?? '')
    assert.equal((await login(at, 'hu')).status, 200)
    assert.notEqual(at.cookies.get('kangyang_session'), old.cookies.get('kangyang_session'))
    refused(await old.get('/api/session'), 401, 'not_signed_in')
  })

  test('over https the cookie keeps to this host and to https', async () => {
    const secure = await createServer({ ...parts, publicOrigin: 'https://kangyang.example.cn' })
    await addUser('https')
    const answer = await secure.inject({
      method: 'POST',
      url: '/api/login',
      payload: { user: 'https', password: PASSWORD },
      headers: { host: 'kangyang.example.cn' },
    })
    const cookie = String(answer.headers['set-cookie'])
    assert.match(
      cookie,
      /^__Host-kangyang_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    assert.match(String(answer.headers['strict-transport-security']), /max-age=31536000/)
    const session = await secure.inject({
      url: '/api/session',
      headers: { cookie: cookie.split(';')[0] ?? '' },
    })
    assert.equal(session.statusCode, 200)
    await secure.close()
  })

  test('pages tell browsers what they may load, and from where nothing comes', async () => {
    const { headers } = await browser().get('/api/door')
    const policy = headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'self'",
      "script-src 'self'",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
      assert(policy.split(';').includes(part), part)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('access-control-allow-origin'), null)
  })

  // --- closed doors ------------------------------------------------------------------------------

  test('many addresses that guess are stopped, and cannot keep a user out of where they work', async () => {
    await addUser('target')
    const desk = await signIn('target')
    const attempt = { tenant: 'town', user: 'target', password: 'guess', device: '' }
    await database.query(
      `insert into login_attempts (tenant_id, user_name, address, attempts)
       select 'town', 'target', '198.51.100.' || n, 5 from generate_series(1, 10) as n`,
    )
    const stranger = await identity.login({ ...attempt, address: '203.0.113.9' })
    assert.equal(stranger.ok || stranger.error.code, 'throttled')
    // From the usual desk the door is open all the while.
    await signIn('target', {}, browser(desk.address))

    const chief = await signIn('chief')
    const { users } = (await chief.get('/api/users?state=locked')).body
    const locked = users.find(({ name }: Json) => name === 'target')
    assert.match(locked.lockedUntil, /Z$/)
    assert.equal((await chief.post(`/api/users/${locked.id}/unlock`)).status, 204)
    const after = await identity.login({
      ...attempt,
      password: PASSWORD,
      address: '203.0.113.10',
    })
    assert.equal(after.ok, true)
    assert.equal((await logged('unlock user')).length, 1)
  })

  test('sign-ins are on record, those that were refused as well', async () => {
    await addUser('noted')
    await login(browser(), 'noted', { password: 'no' })
    await signIn('noted')
    const of = (entries: readonly { user_name: string }[]) =>
      entries.filter(({ user_name }) => user_name === 'noted').length
    assert.equal(of(await logged('login refused')), 1)
    assert.equal(of(await logged('login')), 1)
  })

  // --- the users of a tenant ---------------------------------------------------------------------

  test('a disabled user has no session and opens none, until they are enabled again', async () => {
    const id = await addUser('leaver')
    const at = await signIn('leaver')
    const chief = await signIn('chief')
    const reason = { reason: '调离岗位' }
    assert.equal((await chief.post(`/api/users/${id}/disable`, reason)).status, 204)
    refused(await at.get('/api/session'), 401, 'not_signed_in')
    refused(await login(browser(), 'leaver'), 403, 'user_disabled')
    refused(await login(browser(), 'leaver', { password: 'no' }), 401, 'wrong_password')
    const { users } = (await chief.get('/api/users?state=disabled&q=LEAV')).body
    assert.equal(users.length, 1)
    assert.deepEqual([users[0].disabled.by, users[0].disabled.reason], ['chief', '调离岗位'])
    assert.equal((await chief.post(`/api/users/${id}/enable`, { reason: '调回岗位' })).status, 204)
    const again = await signIn('leaver')
    // A sign-in that was under way when somebody was disabled opens nothing either.
    await database.query('update users set disabled_at = now() where id = $1', [id])
    const plain = createIdentity(database.as(DOOR), { demonstration: false, secrets })
    assert.equal(await plain.session(again.cookies.get('kangyang_session') ?? ''), undefined)
  })

  test('users are found by name, role and state, with what helps whoever cannot sign in', async () => {
    await addUser('finder', 'cashier')
    const chief = await signIn('chief')
    await signIn('finder')
    const { users } = (await chief.get('/api/users?role=cashier')).body
    assert.deepEqual(
      users.map(({ name, secondFactor, sessions }: Json) => [name, secondFactor, sessions]),
      [['finder', false, 1]],
    )
    assert.match(users[0].lastLoginAt, /Z$/)
    assert.doesNotMatch(JSON.stringify(users), /scrypt|hash/)
    const address = `/api/users/${users[0].id}/sessions`
    assert.equal((await chief.get(address)).body.sessions.length, 1)
    assert.deepEqual((await chief.post(`${address}/end`, {})).body, { ended: 1 })
    const handler = await signIn('finder')
    refused(await handler.get('/api/users'), 403, 'forbidden')
  })

  test('no administrator takes their own right, and of two that take each other’s one remains', async () => {
    const [a, b] = [
      await addUser('first', 'admin', 'village'),
      await addUser('second', 'admin', 'village'),
    ]
    const actor = (user: string, name: string): Actor => ({
      tenant: 'village',
      user,
      name,
      role: 'admin',
    })
    const [first, second] = [actor(a, 'first'), actor(b, 'second')]
    const own = [
      await identity.changeAccess(first, a, { role: 'handler' }),
      await identity.disableUser(first, a, 'reason'),
      await identity.resetSecondFactor(first, a, 'reason'),
    ]
    for (const done of own) assert.equal(done.ok || done.error.code, 'own_access')
    const done = await Promise.all([
      identity.changeAccess(first, b, { role: 'handler' }),
      identity.disableUser(second, a, 'reason'),
    ])
    assert.equal(done.filter(({ ok }) => ok).length, 1)
    assert.deepEqual(
      done.flatMap((each) => (each.ok ? [] : [each.error.code])),
      ['forbidden'],
    )
    const left = await identity.users('village', { role: 'admin', state: 'active' })
    assert.equal(left.length, 1)
  })

  test('another tenant’s users are not there, whatever is asked of them', async () => {
    const id = await addUser('neighbour', 'handler', 'village')
    const chief = await signIn('chief')
    const asked = await Promise.all([
      chief.post(`/api/users/${id}/access`, { role: 'admin' }),
      chief.post(`/api/users/${id}/disable`, { reason: 'reason' }),
      chief.post(`/api/users/${id}/password`),
      chief.post(`/api/users/${id}/second-factor/reset`, { reason: 'reason' }),
      chief.post(`/api/users/${id}/unlock`),
      chief.post(`/api/users/${id}/sessions/end`, {}),
    ])
    for (const answer of asked) refused(answer, 404, 'unknown_user')
    assert.deepEqual((await chief.get(`/api/users/${id}/sessions`)).body, { sessions: [] })
  })

  // --- emergency access --------------------------------------------------------------------------

  describe('in an emergency', () => {
    const COVERS = [{ scheme: 'teaching/shifan/resident', from: '2024-01-01', attributes: {} }]
    const REASON = '昏迷送医，家属不在，须核对过敏史'
    let person = 0
    /** A person nobody has looked at. */
    async function addPerson(): Promise<string> {
      const id = `patient-${++person}`
      await database.query(`insert into persons (tenant_id, id, body) values ('town', $1, $2)`, [
        id,
        JSON.stringify({ id, born: '1960-01-01', covers: COVERS, attributes: [] }),
      ])
      return id
    }
    const ask = (at: Browser, patient: string, more: object = {}) =>
      at.post('/api/emergency-accesses', {
        person: patient,
        category: 'emergency-care',
        reason: REASON,
        ...more,
      })
    const actorOf = async (at: Browser): Promise<Actor | undefined> =>
      (await identity.session(at.cookies.get('kangyang_session') ?? ''))?.actor

    test('a file is opened at once for an hour, supervisors are told, and the person sees who looked', async () => {
      const patient = await addPerson()
      await addUser('em-desk')
      await addUser('em-boss', 'supervisor')
      const [desk, boss] = [await signIn('em-desk'), await signIn('em-boss')]
      const waiting = async () => (await boss.get('/api/emergency-accesses/waiting')).body.waiting
      const before = await waiting()
      refused(await ask(desk, patient, { reason: '看看' }), 400, 'invalid_request')
      refused(await ask(desk, 'nobody'), 404, 'unknown_person')
      assert.equal((await actorOf(desk))?.emergency, undefined)

      const opened = await ask(desk, patient)
      assert.equal(opened.status, 201, JSON.stringify(opened.body))
      const minutes = Date.parse(opened.body.expiresAt) - Date.parse(opened.body.grantedAt)
      assert.equal(minutes, 60 * 60_000)
      // Asked again, it is the same one: an hour is not made longer by asking.
      assert.equal((await ask(desk, patient)).body.id, opened.body.id)
      const actor = await actorOf(desk)
      assert.deepEqual(actor?.scope, {}, 'a scope that narrows nothing is not narrowed by it')
      assert.deepEqual(actor?.emergency, [patient])

      assert.equal((await waiting()) - before, 1)
      const { accesses } = (await boss.get('/api/emergency-accesses')).body
      assert.deepEqual(
        [accesses[0].userName, accesses[0].person, accesses[0].reason, accesses[0].live],
        ['em-desk', patient, REASON, true],
      )
      const looked = await whoLooked(database, { ...(actor as Actor) }, patient)
      assert.deepEqual(
        looked.map(({ user, action }) => [user, action]),
        [['em-desk', 'open in emergency: emergency-care']],
      )
    })

    test('every look under it is marked in the access log, and others are not', async () => {
      const [opened, other] = [await addPerson(), await addPerson()]
      await addUser('em-reader')
      const at = await signIn('em-reader')
      await ask(at, opened)
      for (const id of [opened, other])
        assert.equal((await at.get(`/api/persons/${id}`)).status, 200)
      await at.get('/api/persons/nobody')
      const rows = await database.query<{ action: string; subject: string }>(
        `select action, subject from access_log where user_name = 'em-reader' and action like 'read person%' order by id`,
      )
      assert.deepEqual(rows, [
        { action: 'read person (emergency)', subject: opened },
        { action: 'read person', subject: other },
      ])
      // Whatever of the person is named: here a bill.
      for (const [bill, owner] of [
        ['bill-1', opened],
        ['bill-2', other],
      ])
        await database.query(
          `insert into bills (tenant_id, id, person_id, settled_on, body) values ('town', $1, $2, '2026-01-01', '{}')`,
          [bill, owner],
        )
      const reader = await actorOf(at)
      assert(reader)
      const marked = (subject: string) =>
        markEmergency(database.as(reader), reader, 'read bill', subject)
      assert.equal(await marked('bill-1'), 'read bill (emergency)')
      assert.equal(await marked('bill-2'), 'read bill')
    })

    test('somebody of another region finds nobody, and in an emergency this one person', async () => {
      const [patient, other] = [await addPerson(), await addPerson()]
      const id = await addUser('em-away')
      await database.query(
        `update users set scope = '{"regions":["elsewhere/town"]}' where id = $1`,
        [id],
      )
      const at = await signIn('em-away')
      const look = async (who: string) => (await at.get(`/api/persons/${who}`)).status
      assert.deepEqual([await look(patient), await look(other)], [404, 404])
      const opened = await ask(at, patient)
      assert.deepEqual([await look(patient), await look(other)], [200, 404])
      await at.post(`/api/emergency-accesses/${opened.body.id}/end`)
      assert.deepEqual([await look(patient), await look(other)], [404, 404])
    })

    test('it ends when its user or a supervisor ends it, and when its time is over', async () => {
      const patients = [await addPerson(), await addPerson(), await addPerson()]
      await addUser('em-ends')
      await addUser('em-chief', 'supervisor')
      await addUser('em-other')
      const [at, boss, other] = [
        await signIn('em-ends'),
        await signIn('em-chief'),
        await signIn('em-other'),
      ]
      const ids: string[] = []
      for (const patient of patients) ids.push((await ask(at, patient)).body.id)
      const [own, chiefs, late] = ids
      const open = async () => (await actorOf(at))?.emergency?.length ?? 0
      assert.equal(await open(), 3)
      refused(await other.post(`/api/emergency-accesses/${own}/end`), 404, 'unknown_emergency')
      assert.equal((await at.post(`/api/emergency-accesses/${own}/end`)).body.ended.by, 'em-ends')
      assert.equal(await open(), 2)
      const ended = await boss.post(`/api/emergency-accesses/${chiefs}/end`)
      assert.deepEqual([ended.body.ended.by, ended.body.live], ['em-chief', false])
      assert.equal(await open(), 1)
      await database.query('update emergency_accesses set expires_at = now() where id = $1', [late])
      await identity.emergenciesWaiting('town')
      assert.equal(await open(), 0)
    })

    test('a supervisor acknowledges it with a note, and nobody their own', async () => {
      const patient = await addPerson()
      await addUser('em-sup', 'supervisor')
      await addUser('em-sup2', 'supervisor')
      const [at, second] = [await signIn('em-sup'), await signIn('em-sup2')]
      const { id } = (await ask(at, patient)).body
      const address = `/api/emergency-accesses/${id}/acknowledge`
      refused(await at.post(address, { note: '' }), 409, 'own_emergency')
      const seen = await second.post(address, { note: '属实' })
      assert.deepEqual(
        [seen.body.acknowledged.by, seen.body.acknowledged.note],
        ['em-sup2', '属实'],
      )
      await addUser('em-plain')
      const plain = await signIn('em-plain')
      for (const answer of [
        await plain.get('/api/emergency-accesses'),
        await plain.post(address, { note: '' }),
      ])
        refused(answer, 403, 'forbidden')
    })

    test('five files at once, however many are asked for together; roles without persons ask for none', async () => {
      const patients = await Promise.all(Array.from({ length: 8 }, addPerson))
      await addUser('em-many')
      await addUser('em-actuary', 'actuary')
      const at = await signIn('em-many')
      const answers = await Promise.all(patients.map((patient) => ask(at, patient)))
      assert.equal(answers.filter(({ status }) => status === 201).length, 5)
      for (const answer of answers.filter(({ status }) => status !== 201))
        refused(answer, 409, 'too_many_emergencies')
      const actuary = await signIn('em-actuary')
      refused(await ask(actuary, patients[0] ?? ''), 403, 'forbidden')
    })
  })

  // --- an identity provider ----------------------------------------------------------------------

  describe('by an identity provider', () => {
    let provider: Awaited<ReturnType<typeof startProvider>>
    let joined: Awaited<ReturnType<typeof createServer>>
    let alone = ''
    let id = ''

    before(async () => {
      provider = await startProvider('http://kangyang.test/api/provider/callback')
      const settings = providerSettings(
        {
          KANGYANG_OIDC_ISSUER: provider.issuer,
          KANGYANG_OIDC_CLIENT_ID: provider.client_id,
          KANGYANG_OIDC_CLIENT_SECRET: provider.client_secret,
          KANGYANG_OIDC_NAME: '政务统一认证',
        },
        'http://kangyang.test',
      )
      assert(settings)
      joined = await createServer({ ...parts, provider: createIdentityProvider(settings, secrets) })
      alone = base
      base = await joined.listen({ host: '127.0.0.1', port: 0 })
      id = await addUser('zhou')
    })
    after(async () => {
      base = alone
      await joined?.close()
      await provider?.stop()
    })

    const begin = async (at: Browser): Promise<string> => {
      const begun = await at.post('/api/provider/login')
      assert.equal(begun.status, 200, JSON.stringify(begun.body))
      return begun.body.next
    }
    /** To the provider and back; answers with where the console is sent to. */
    async function visit(at: Browser, subject: string, amr: string[] = []): Promise<string> {
      const back = await provider.visit(await begin(at), subject, amr)
      const answer = await at.get(`${back.pathname}${back.search}`)
      assert.equal(answer.status, 302)
      return answer.headers.get('location') ?? ''
    }
    const link = async (subject?: string) => {
      const chief = await signIn('chief')
      return chief.post(`/api/users/${id}/subject`, subject ? { subject } : {})
    }

    test('the door names it, and where there is none nothing of it is there', async () => {
      assert.equal((await browser().get('/api/door')).body.provider, '政务统一认证')
      const plain = await app.inject({ url: '/api/door' })
      assert.equal(plain.json().provider, undefined)
      const headers = { host: 'kangyang.test' }
      const there = await app.inject({ method: 'POST', url: '/api/provider/login', headers })
      assert.equal(there.statusCode, 404)
    })

    test('the way there carries PKCE, state and nonce', async () => {
      const { searchParams } = new URL(await begin(browser()))
      assert.equal(searchParams.get('response_type'), 'code')
      assert.equal(searchParams.get('code_challenge_method'), 'S256')
      for (const name of ['code_challenge', 'state', 'nonce'])
        assert.match(searchParams.get(name) ?? '', /^[\w-]{43}$/, name)
    })

    test('whom an administrator has linked signs in; nobody else does, and no account is made', async () => {
      const at = browser()
      assert.equal(await visit(at, 'sub-4711'), '/?problem=provider_user_unknown&subject=sub-4711')
      refused(await at.get('/api/session'), 401, 'not_signed_in')
      assert.equal((await link('sub-4711')).status, 204)
      assert.equal(await visit(at, 'sub-4711'), '/')
      const { body } = await at.get('/api/session')
      assert.deepEqual(
        [body.user.name, body.user.role, body.method],
        ['zhou', 'handler', 'provider'],
      )
      assert.equal((await logged('login by provider')).at(-1)?.user_name, 'zhou')

      const second = await addUser('zhou2')
      const chief = await signIn('chief')
      refused(
        await chief.post(`/api/users/${second}/subject`, { subject: 'sub-4711' }),
        409,
        'subject_taken',
      )
      at.csrf = body.csrf
      const left = await at.post('/api/logout')
      assert.match(
        left.body.next,
        new RegExp(`^${provider.issuer}/session/end\\?client_id=kangyang`),
      )
    })

    test('an answer counts once, in the browser that asked, and for its own question', async () => {
      await link('sub-once')
      const at = browser()
      const back = await provider.visit(await begin(at), 'sub-once')
      const memory = at.cookies.get('kangyang_provider') ?? ''
      const path = `${back.pathname}${back.search}`
      const answerOf = async (who: Browser, where = path) =>
        (await who.get(where)).headers.get('location')
      const REFUSED = '/?problem=provider_answer_refused'
      // Somebody else's browser: without a question of its own, and with another one.
      const thief = browser()
      assert.equal(await answerOf(thief), REFUSED)
      await begin(thief)
      assert.equal(await answerOf(thief), REFUSED)
      // A state that was changed on the way.
      const forged = new URL(back)
      forged.searchParams.set('state', 'x'.repeat(43))
      const victim = browser()
      victim.cookies.set('kangyang_provider', memory)
      assert.equal(await answerOf(victim, `${forged.pathname}${forged.search}`), REFUSED)
      assert.equal(await answerOf(at), '/')
      // The code has been used.
      at.cookies.set('kangyang_provider', memory)
      assert.equal(await answerOf(at), REFUSED)
    })

    test('a second factor that the role needs must have been asked for there', async () => {
      await link('sub-strong')
      const chief = await signIn('chief')
      const policy = (roles: Role[]) =>
        chief.ask('PUT', '/api/sign-in-policy', { secondFactorRoles: roles })
      await policy(['handler'])
      assert.equal(
        await visit(browser(), 'sub-strong', ['pwd']),
        '/?problem=provider_second_factor_missing',
      )
      assert.equal(await visit(browser(), 'sub-strong', ['pwd', 'otp', 'mfa']), '/')
      await policy([])
      await chief.post(`/api/users/${id}/disable`, { reason: '调离岗位' })
      assert.equal(await visit(browser(), 'sub-strong'), '/?problem=user_disabled')
    })

    test('an answer that somebody else signed is refused', async (context) => {
      const forger = await startForger('kangyang')
      context.after(forger.stop)
      const made = createIdentityProvider(
        {
          issuer: forger.issuer,
          clientId: 'kangyang',
          clientSecret: 'secret',
          name: 'forger',
          callback: new URL('http://kangyang.test/api/provider/callback'),
        },
        secrets,
      )
      const finish = async (forgery: Forgery) => {
        const begun = await made.begin()
        assert(begun.ok)
        const { next, memory } = begun.value
        const claim = await made.finish(memory, forger.answerTo(next, forgery))
        return claim.ok ? claim.value.subject : claim.error.code
      }
      assert.equal(await finish({}), 'forged')
      const past = Math.floor(Date.now() / 1000) - 3_600
      const forgeries: Record<string, Forgery> = {
        'another key': { otherKey: true },
        'no signature': { algorithm: 'none' },
        'for another client': { claims: { aud: 'somebody else' } },
        'by another issuer': { claims: { iss: 'https://id.example.cn' } },
        'for another question': { claims: { nonce: 'x'.repeat(43) } },
        'out of date': { claims: { iat: past, exp: past + 60 } },
        'of nobody': { claims: { sub: undefined } },
      }
      for (const [what, forgery] of Object.entries(forgeries))
        assert.equal(await finish(forgery), 'provider_answer_refused', what)
    })

    test('a provider that does not answer is said to be away, and passwords go on', async () => {
      const settings = {
        issuer: new URL('http://127.0.0.1:9'),
        clientId: 'kangyang',
        clientSecret: 'secret',
        name: 'away',
        callback: new URL('http://kangyang.test/api/provider/callback'),
      }
      const away = createIdentityProvider(settings, secrets)
      const begun = await away.begin()
      assert.equal(begun.ok || begun.error.code, 'provider_unreachable')
    })
  })

  test('settings of an identity provider that cannot work stop the start, and say which', () => {
    const good = {
      KANGYANG_OIDC_ISSUER: 'https://id.example.cn/realm',
      KANGYANG_OIDC_CLIENT_ID: 'kangyang',
      KANGYANG_OIDC_CLIENT_SECRET: 'secret',
    }
    const origin = 'https://kangyang.example.cn'
    assert.equal(providerSettings({}, origin), undefined)
    assert.equal(
      providerSettings(good, origin)?.callback.href,
      'https://kangyang.example.cn/api/provider/callback',
    )
    const wrong: [Record<string, string>, string | undefined, RegExp][] = [
      [{ ...good, KANGYANG_OIDC_CLIENT_SECRET: '' }, origin, /KANGYANG_OIDC_CLIENT_SECRET missing/],
      [
        { ...good, KANGYANG_OIDC_ISSUER: 'id.example.cn' },
        origin,
        /KANGYANG_OIDC_ISSUER is an https/,
      ],
      [{ ...good, KANGYANG_OIDC_ISSUER: 'http://id.example.cn' }, origin, /is an https address/],
      [good, undefined, /--public-url/],
    ]
    for (const [environment, address, message] of wrong)
      assert.throws(() => providerSettings(environment, address), message)
  })
})
