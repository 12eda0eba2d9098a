import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import fastifyCookie from '@fastify/cookie'
import fastifyStatic from '@fastify/static'
import { type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import helmet from 'helmet'
import type { PlainDate } from '#base/plain-date.ts'
import { documentRoutes } from '#domains/casework/documents.routes.ts'
import { ownCaseRoutes } from '#domains/casework/own.routes.ts'
import { caseRoutes } from '#domains/casework/routes.ts'
import { catalogueRoutes } from '#domains/catalogue/routes.ts'
import { coinsuranceRoutes } from '#domains/coinsurance/routes.ts'
import { contractRoutes } from '#domains/contracts/routes.ts'
import { regionRoutes } from '#domains/crossregion/routes.ts'
import { importRoutes } from '#domains/enrolment/imports.routes.ts'
import { referralRoutes } from '#domains/enrolment/referrals.routes.ts'
import { registryRoutes } from '#domains/enrolment/registry.routes.ts'
import { enrolmentRoutes } from '#domains/enrolment/routes.ts'
import { ledgerRoutes } from '#domains/ledger/routes.ts'
import { monthRoutes } from '#domains/monthend/routes.ts'
import { paymentRoutes } from '#domains/payments/routes.ts'
import { scenarioRoutes } from '#domains/pricing/routes.ts'
import { reserveRoutes } from '#domains/reserves/routes.ts'
import { dueRoutes } from '#domains/settlement/due.routes.ts'
import { type RouteTools, settlementRoutes } from '#domains/settlement/routes.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import { statementRoutes } from '#domains/settlement/statements.routes.ts'
import { logAccess, refusedAction } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import type { Guarded } from '#platform/database.ts'
import { markEmergency } from '#platform/emergency-access.ts'
import { type Identity, sameSecret } from '#platform/identity.ts'
import { faultOf, PROBLEM_TYPE, problemOf, Refused } from '#platform/problem.ts'
import { accountRoutes } from './account-routes.ts'
import { printNotice } from './case-notice.ts'
import { coinsurancePaper } from './coinsurance-paper.ts'
import { printContractYear } from './contract-print.ts'
import { emergencyRoutes } from './emergency-routes.ts'
import { describeFinding } from './enrolment-messages.ts'
import { guard } from './guard.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { InputError } from './input-fault.ts'
import { readJson } from './json-text.ts'
import { logRoutes } from './log-routes.ts'
import { describeReliefRefusal } from './messages.ts'
import { type Metrics, measure } from './metrics.ts'
import { printMonth } from './month-print.ts'
import { describeApi } from './openapi.ts'
import type { CodeLists } from './packs.ts'
import { describeFault } from './problems.ts'
import { codesIn, missingPersons, readUpload } from './read-upload.ts'
import { printRegionMonth } from './region-print.ts'
import { describeReliefStep } from './relief-report.ts'
import type { Services } from './services.ts'
import { printSlip } from './slip.ts'
import { printStatement } from './statement-print.ts'
import { userRoutes } from './user-routes.ts'
import { parameterPlaces, parametersOf } from './whatif-parameters.ts'

const MOST_BYTES = 8 * 1024 * 1024

export type ServerParts = Services & {
  readonly database: Guarded
  readonly identity: Identity
  readonly service: SettlementService
  readonly codeLists: CodeLists
  readonly version: string
  today(): PlainDate
  /** Whether the tables are those that this program knows. */
  isMigrated(): Promise<boolean>
  /** The tenant of a login that names none. */
  readonly tenant: string
  /** Users whom a visitor may sign in as, on a demonstration server alone. */
  readonly demonstration: readonly { readonly user: string; readonly password: string }[]
  /** Where people may sign in as well, if it is configured. */
  readonly provider?: IdentityProvider | undefined
  /** The address that browsers know, where it is not the one this server listens on. */
  readonly publicOrigin?: string | undefined
  /** What reads /metrics from elsewhere than this machine has to bring; without it nobody does. */
  readonly metricsToken?: string | undefined
  /** The folder of the built pages; without it only the interface is served. */
  readonly pages?: string | undefined
  /** Where the log goes; false for none. */
  readonly log?: NodeJS.WritableStream | false
}

/** The HTTP server, wired and not yet listening. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const { database, identity, service, publicOrigin, pages, log = process.stderr } = parts
  const secure = publicOrigin?.startsWith('https:') ?? false
  const app = fastify({
    bodyLimit: MOST_BYTES,
    // A proxy on this machine may say for whom it asks; nobody else is believed.
    trustProxy: publicOrigin === undefined ? false : 'loopback',
    logger: log === false ? false : { stream: log, level: 'info', serializers: SERIALIZERS },
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 60_000,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 1_000 },
  })
  app.setValidatorCompiler(validatorCompiler)
  // Answers are typed where they are made; checking a whole settlement again on its way out costs more than
  // settling it. The schemas of answers describe the interface.
  app.setSerializerCompiler(() => JSON.stringify)
  readStrictJson(app)
  const metrics = measure(app)
  answerWithProblems(app, metrics)
  logRequests(app)

  await app.register(fastifyCookie)
  const secured = securityHeaders(secure)
  app.addHook('onRequest', async (_, reply) => void reply.headers(secured))
  await describeApi(app, parts.version)
  /** What was seen only because an emergency opened it says so. */
  const logRead = async (actor: Actor, action: string, subject: string): Promise<void> => {
    const sql = database.as(actor)
    await logAccess(sql, actor, await markEmergency(sql, actor, action, subject), subject)
  }
  await app.register(
    async (api) => {
      guard(api, identity, {
        publicOrigin,
        secure,
        today: parts.today,
        logRefusal: (actor, code, asked) =>
          logAccess(database.as(actor), actor, refusedAction(code), asked),
      })
      api.addHook('onSend', async (_, reply) => {
        // Nothing about a person may stay in a cache.
        reply.header('cache-control', 'no-store')
      })
      await api.register(accountRoutes, {
        identity,
        tenant: parts.tenant,
        secure,
        demonstration: parts.demonstration,
        provider: parts.provider,
        logCommand: logRead,
      })
      await api.register(emergencyRoutes, { identity })
      await api.register(userRoutes, {
        identity,
        provider: parts.provider?.issuer,
        logCommand: logRead,
      })
      const settling: Pick<
        RouteTools,
        'service' | 'missingPersons' | 'readUpload' | 'describeRefusal' | 'logRead'
      > = {
        service,
        missingPersons,
        readUpload: async (actor, upload, book, known) =>
          readUpload(
            upload,
            book,
            known,
            await parts.catalogue.catalogueFor(actor, codesIn(upload)),
          ),
        describeRefusal: (refusal, vocabulary) => {
          const { zh, en, remedyZh, remedyEn } = describeReliefRefusal(refusal, vocabulary)
          return { what: { zh, en }, remedy: { zh: remedyZh, en: remedyEn } }
        },
        logRead,
      }
      await api.register(settlementRoutes, {
        ...settling,
        today: parts.today,
        describeReliefStep,
        findings: async (actor, bill, person) => {
          const found = await parts.registry.billFindings(actor, bill, person)
          if (found.length === 0) return []
          const { book } = await service.rules(actor)
          return found.map((finding) => describeFinding(finding, book.vocabulary))
        },
        slip: printSlip,
      })
      await api.register(statementRoutes, {
        ...settling,
        statements: parts.statements,
        printStatement,
      })
      await api.register(dueRoutes, { due: parts.due })
      await api.register(ledgerRoutes, { ledger: parts.ledger, today: parts.today, logRead })
      await api.register(paymentRoutes, { payments: parts.payments, logRead })
      await api.register(reserveRoutes, { reserves: parts.reserves, logRead })
      await api.register(monthRoutes, { months: parts.months, logRead, printMonth })
      await api.register(documentRoutes, { documents: parts.documents })
      await api.register(ownCaseRoutes, { cases: parts.cases, printNotice, logRead })
      await api.register(caseRoutes, {
        cases: parts.cases,
        printNotice,
        describeRefusal: async (actor, refusal) => {
          const { book } = await service.rules(actor)
          return settling.describeRefusal(refusal, book.vocabulary)
        },
        logRead,
      })
      await api.register(contractRoutes, {
        contracts: parts.contracts,
        printYear: printContractYear,
        logRead,
      })
      await api.register(coinsuranceRoutes, {
        coinsurance: parts.coinsurance,
        paper: coinsurancePaper,
        logRead,
      })
      await api.register(regionRoutes, { regions: parts.regions, logRead, printRegionMonth })
      await api.register(scenarioRoutes, {
        scenarios: parts.scenarios,
        parameters: async (actor, file) => {
          const { book, files, version } = await service.rules(actor)
          const text = file === undefined ? undefined : files[file]
          if (file !== undefined && text === undefined) return undefined
          const values = text === undefined ? undefined : parametersOf(text)
          return { version, schemes: parameterPlaces(book, files), values }
        },
        logRead,
      })
      await api.register(catalogueRoutes, {
        service: parts.catalogue,
        today: parts.today,
        searchCodes: parts.codeLists.search,
        describeMissingPack: parts.codeLists.describeMissing,
      })
      await api.register(enrolmentRoutes, { service: parts.enrolment, logRead })
      await api.register(referralRoutes, { referrals: parts.referrals, logRead })
      await api.register(registryRoutes, { service: parts.registry, logRead })
      await api.register(logRoutes, {
        database,
        today: parts.today,
        belongingTo: service.belongingTo,
      })
      await api.register(importRoutes, {
        service: parts.imports,
        bookOf: async (actor) => (await service.rules(actor)).book,
        logRead,
        describe: (code, facts) => describeFault({ code, facts }),
      })
    },
    { prefix: '/api' },
  )
  operate(app, parts, metrics)
  await servePages(app, pages)
  return app
}

// --- security ------------------------------------------------------------------------------------

const SECURITY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'script-src': ["'self'"],
      // The pages' components write their styles while they run.
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:', 'blob:'],
      'font-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' as const },
}

/** What helmet says of an answer is the same for every one, so it is asked once. */
function securityHeaders(secure: boolean): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  const answer = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value
    },
    removeHeader() {},
  } as unknown as ServerResponse
  helmet({ ...SECURITY, hsts: secure })({} as IncomingMessage, answer, () => {})
  return headers
}

/** The same JSON as input files: no key twice, no bottomless nesting, and the place of a fault is named. */
function readStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    if (text === '') return done(null, undefined)
    try {
      done(null, readJson('body', String(text)).value)
    } catch (thrown) {
      done(thrown instanceof InputError ? malformed(thrown) : (thrown as Error))
    }
  })
}

function malformed({ fault, place }: InputError): Refused {
  const { what, remedy } = fault
  const field = place.line === undefined ? 'body' : `body:${place.line}:${place.column ?? 1}`
  return new Refused({ code: 'malformed_json', errors: [{ field, reason: what, remedy }] })
}

// --- problems and logs ---------------------------------------------------------------------------

function answerWithProblems(app: FastifyInstance, metrics: Metrics): void {
  app.setErrorHandler((error, request, reply) => {
    const fault = faultOf(error)
    const problem = problemOf(fault, describeFault(fault), languageOf(request))
    metrics.refused(problem.code)
    // What went wrong inside is for the log alone; of a refusal the log needs the code and no more.
    if (problem.status >= 500) request.log.error({ err: error }, problem.code)
    if (problem.code === 'throttled' && fault.facts && 'seconds' in fault.facts)
      reply.header('retry-after', String(fault.facts.seconds))
    return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
  })
}

const languageOf = ({ headers }: FastifyRequest): 'zh' | 'en' =>
  /^\s*en\b/i.test(headers['accept-language'] ?? '') ? 'en' : 'zh'

/** A request is its route: the address itself may hold a person's number, and a body is never logged. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? '(none)',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(request.session
          ? { tenant: request.session.tenant.id, user: request.session.actor.user }
          : {}),
      },
      'request',
    )
  })
}

const SERIALIZERS = {
  /** The message and detail of a database error may quote a person's data; its code and place do not. */
  err: (error: Error & { readonly code?: string }) => ({
    type: error.name,
    message: '',
    ...(error.code ? { code: error.code } : {}),
    stack: (error.stack ?? '').split('\n').slice(1).join('\n'),
    ...(error.code ? {} : { what: error.message.slice(0, 200) }),
  }),
}

// --- operation -----------------------------------------------------------------------------------

function operate(app: FastifyInstance, parts: ServerParts, { registry }: Metrics): void {
  const hidden = { schema: { hide: true } }
  app.get('/health/live', hidden, async () => ({ status: 'ok', version: parts.version }))
  app.get('/health/ready', hidden, async (_, reply) => {
    const migrated = await parts.isMigrated().catch(() => undefined)
    const checks = {
      database: migrated === undefined ? 'unreachable' : 'ok',
      migrations: migrated ? 'ok' : 'pending',
    }
    return reply
      .code(migrated ? 200 : 503)
      .send({ status: migrated ? 'ok' : 'not ready', ...checks })
  })
  app.get('/metrics', hidden, async (request, reply) => {
    if (!mayMeasure(request, parts.metricsToken)) throw new Refused({ code: 'metrics_closed' })
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

/** Whoever brings the token; without one a program on this machine, but no proxy on it that asks for others. */
function mayMeasure({ headers, socket }: FastifyRequest, token: string | undefined): boolean {
  if (token !== undefined) return sameSecret(headers.authorization ?? '', `Bearer ${token}`)
  const forwarded = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'].some(
    (name) => headers[name] !== undefined,
  )
  return !forwarded && /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '')
}

async function servePages(app: FastifyInstance, pages: string | undefined): Promise<void> {
  const built = pages !== undefined && existsSync(join(pages, 'index.html'))
  if (built)
    await app.register(fastifyStatic, {
      root: pages,
      // Only the files that are there have a route: whatever else is asked for is answered like any unknown address.
      wildcard: false,
      cacheControl: false,
      setHeaders(reply, path) {
        // The names of built files change with their contents; the page that names them must be fresh.
        const lasting = path.includes(`${join(pages, 'assets')}`)
        reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  app.setNotFoundHandler((request, reply) => {
    const { method, url, headers } = request
    const page =
      built &&
      method === 'GET' &&
      !/^\/(api|health|metrics|assets)(\/|\?|$)/.test(url) &&
      (headers.accept ?? '').includes('text/html')
    if (page) return reply.sendFile('index.html')
    throw new Refused({ code: 'not_found' })
  })
}
