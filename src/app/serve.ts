import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { readSchemes, type SchemeBook } from '#domains/settlement/index.ts'
import { countUnposted, postMissing } from '#domains/settlement/postings.service.ts'
import { createSettlementService, rulesHash } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { type Database, DOOR, type Guarded, openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { createIdentity } from '#platform/identity.ts'
import { openSecrets } from '#platform/kept-keys.ts'
import { createLogSealer, settleIn } from '#platform/log-sealer.ts'
import { isMigrated, migrate } from '#platform/migrate.ts'
import { countOpenNames, sealOpenNames } from '#platform/person-name.ts'
import type { KeyRing, Secrets } from '#platform/secrets.ts'
import { assertBound, DatabaseRolesError } from '#platform/server-role.ts'
import { rememberSessions } from '#platform/session-memory.ts'
import { buildPages } from './build-pages.ts'
import { catalogueFilesIn, type PlaceCatalogue, readCatalogueFiles } from './catalogue-files.ts'
import { todayInChina } from './clock.ts'
import { isUnreachable, MIGRATIONS } from './command-database.ts'
import type { Hold } from './data-folder.ts'
import { asUsage } from './data-key.ts'
import {
  DEMONSTRATION,
  FIRST_CATALOGUE,
  fillOnce,
  letVisitorsIn,
  prepareDemonstration,
} from './demonstration.ts'
import { prepareDemonstrationCases } from './demonstration-cases.ts'
import { prepareDemonstrationCoinsurance } from './demonstration-coinsurance.ts'
import { CONTRACT_FILE, prepareDemonstrationContract } from './demonstration-contract.ts'
import { prepareDemonstrationMonths } from './demonstration-months.ts'
import { prepareDemonstrationPayments } from './demonstration-payments.ts'
import { prepareDemonstrationPeople } from './demonstration-people.ts'
import { bookDemonstrationRegions, prepareDemonstrationRegions } from './demonstration-regions.ts'
import { prepareDemonstrationReserves } from './demonstration-reserves.ts'
import { prepareDemonstrationYear, RATES_FILE } from './demonstration-year.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { createCodeLists, packsFolder } from './packs.ts'
import { programVersion } from './program-version.ts'
import { progressOver } from './progress.ts'
import { progress, tell } from './say.ts'
import { readSchemeTexts } from './schemes-folder.ts'
import type { Settings } from './serve-settings.ts'
import { createServer } from './server.ts'
import { createServices, type Services } from './services.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const SAMPLES = ['samples/teaching-city.json', 'samples/codes-only.json'].map((path) =>
  join(PROJECT, path),
)
const PORTS_TRIED = 50
const STOPS_WITHIN_MS = 15_000

/** The rules of the schemes folder, with which a tenant begins that has none yet. */
export type FirstRules = {
  readonly files: Readonly<Record<string, string>>
  readonly hash: string
  readonly book: SchemeBook
}

/** Throws a `RuleFileError` if any file of the folder cannot be used. */
export function readRules(folder: string): FirstRules {
  const texts = readSchemeTexts(folder)
  const files = Object.fromEntries(texts.map(({ path, text }) => [path, text]))
  return { files, hash: rulesHash(files), book: readSchemes(texts) }
}

/** Serves on a database until it is told to stop. `own` is the folder and the database that the program keeps itself. */
export async function serve(
  settings: Settings,
  rules: FirstRules,
  databaseUrl: string,
  own?: { readonly hold: Hold; readonly lost: Promise<Error> },
): Promise<ExitCode> {
  const { demonstration, publicOrigin } = settings
  const stop = stopSignal()
  const database = openDatabase(databaseUrl, { role: SERVER_ROLE })
  let app: FastifyInstance | undefined
  let stopWork = async () => {}
  try {
    const owner = settings.ownerUrl ?? databaseUrl
    const secrets = await prepareTables(owner, settings.dataKeys)
    await assertBound(database)
    const door = database.as(DOOR)
    const identity = rememberSessions(createIdentity(door, { demonstration, secrets }))
    // Only a demonstration settles on values whose first day no source gives.
    const allowUndated = (tenant: string) => tenant === DEMONSTRATION.tenant.id
    const service = createSettlementService({
      database,
      today: todayInChina,
      allowUndated,
      secrets,
      books: new Map([[rules.hash, rules.book]]),
    })
    const services = createServices({
      database,
      service,
      secrets,
      today: todayInChina,
      allowUndated,
      folder: join(settings.folder, 'whatif'),
    })
    const catalogues: Parts['catalogues'] = (book) =>
      readCatalogueFiles(catalogueFilesIn(settings.schemes), book)
    const parts = { ...services, database, service, identity, rules: rules.files, catalogues }
    const welcome = demonstration
      ? await welcomeVisitors({ ...parts, schemes: settings.schemes })
      : await welcomeAdmin(parts)
    const pages = await buildPages(PROJECT, progress)
    app = await createServer({
      ...services,
      database,
      identity,
      service,
      codeLists: createCodeLists(packsFolder(undefined)),
      version: programVersion(),
      today: todayInChina,
      isMigrated: () => isMigrated(database, MIGRATIONS),
      tenant: demonstration ? DEMONSTRATION.tenant.id : TENANT.id,
      demonstration: demonstration
        ? DEMONSTRATION.users.map(([user]) => ({ user, password: DEMONSTRATION.password }))
        : [],
      provider: settings.provider && createIdentityProvider(settings.provider, secrets),
      publicOrigin,
      metricsToken: settings.metricsToken,
      pages,
      log: logOf(settings),
    })
    const sealer = createLogSealer(database, secrets)
    const { imports, due, ledger, contracts, scenarios } = services
    const workers = [imports, due, ledger, contracts.proofs, scenarios]
    for (const worker of workers) worker.start()
    sealer.start()
    stopWork = async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
      await sealer.stop()
    }
    const address = await listen(app, settings)
    own?.hold.announce(address)
    tell(welcomeText(address, welcome, settings))
    const gone = await Promise.race(own ? [stop.asked, own.lost] : [stop.asked])
    progress('正在停止 / stopping …')
    if (gone instanceof Error) {
      progress(
        `数据库停止后无法恢复 / the database died and could not be brought back: ${gone.message}`,
      )
      return EXIT.refused
    }
    return EXIT.done
  } catch (error) {
    if (error instanceof DatabaseRolesError) {
      progress(rolesText(error))
      return EXIT.refused
    }
    if (!isUnreachable(error)) throw asUsage(error)
    progress(`无法连接数据库 / the database cannot be reached: ${(error as Error).message}`)
    return EXIT.refused
  } finally {
    // Requests under way are answered first; whoever does not come to an end is cut off.
    const limit = setTimeout(() => process.exit(EXIT.bug), STOPS_WITHIN_MS)
    await app?.close()
    await stopWork()
    await database.close()
    clearTimeout(limit)
    stop.forget()
  }
}

/**
 * Prepares the database as the owner of its tables, who has no part in what the server does afterwards:
 * the tables, the keys, the names that an earlier version left open, the ledger of what was settled before there was one,
 * the place of the access log's chains.
 */
async function prepareTables(url: string, keys: () => KeyRing): Promise<Secrets> {
  const owner = openDatabase(url, { max: 1 })
  try {
    await migrate(owner, MIGRATIONS)
    const secrets = await openSecrets(owner, keys())
    await sealNames(owner, secrets)
    await postBooks(owner)
    await owner.transaction((sql) => settleIn(sql, secrets))
    return secrets
  } finally {
    await owner.close()
  }
}

/** Before anybody is served: what is undone or replaced from now on has to be in the ledger. */
async function postBooks(owner: Database): Promise<void> {
  const missing = await countUnposted(owner)
  if (missing > 0)
    progress(`正在为 ${missing} 笔结算补记总账 / posting ${missing} settlements to the ledger …`)
  const bar = progressOver(missing)
  await postMissing(owner, bar.step)
  bar.stop()
}

/** Before anybody is served: no change of a person whose name is open would be let through. */
async function sealNames(owner: Database, secrets: Secrets): Promise<void> {
  const open = await countOpenNames(owner)
  if (open === 0) return
  progress(`正在封存 ${open} 个姓名 / sealing ${open} names …`)
  const bar = progressOver(open)
  await sealOpenNames(owner, secrets, bar.step)
  bar.stop()
}

/** On a terminal the log would bury what is said there, so it goes into the data folder. */
function logOf({ folder, databaseUrl }: Settings): NodeJS.WritableStream {
  if (!process.stderr.isTTY || databaseUrl !== undefined) return process.stderr
  return createWriteStream(join(folder, 'server.log'), { flags: 'a', mode: 0o600 })
}

// --- listening and stopping ----------------------------------------------------------------------

/** Listens on the port asked for, or on the next one that is free. */
async function listen(app: FastifyInstance, { host, port }: Settings): Promise<string> {
  for (let tried = port; ; tried++) {
    try {
      const address = await app.listen({ host, port: tried })
      if (tried !== port)
        progress(`端口 ${port} 已被占用，改用 ${tried} / port ${port} is taken, using ${tried}`)
      return address
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && tried < Math.min(port + PORTS_TRIED, 65_535)) continue
      if (!/^(EADDRINUSE|EADDRNOTAVAIL|EACCES|ENOTFOUND|EAI_AGAIN)$/.test(code)) throw error
      throw new UsageError({
        zh: `无法监听 ${host} 的端口 ${tried}（${code}）；换一个 --host 或 --port`,
        en: `cannot listen on ${host}, port ${tried} (${code}); choose another --host or --port`,
      })
    }
  }
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
function stopSignal(): { readonly asked: Promise<void>; forget(): void } {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let stop: () => void = () => {}
  let count = 0
  const asked = new Promise<void>((done) => {
    stop = () => {
      if (count++ > 0) process.exit(EXIT.bug)
      done()
    }
  })
  for (const signal of signals) process.on(signal, stop)
  return {
    asked,
    forget: () => {
      for (const signal of signals) process.off(signal, stop)
    },
  }
}

const ROLES_SAY = {
  no_server_role: [
    `数据库没有角色 ${SERVER_ROLE}，当前用户无权创建；请数据库管理员执行 create role ${SERVER_ROLE} nologin; grant ${SERVER_ROLE} to 当前用户`,
    `the database has no role ${SERVER_ROLE}, and the user may not create it; its administrator runs: create role ${SERVER_ROLE} nologin; grant ${SERVER_ROLE} to the user`,
  ],
  not_a_member: [
    `当前用户不是角色 ${SERVER_ROLE} 的成员；请数据库管理员执行 grant ${SERVER_ROLE} to 当前用户`,
    `the user is no member of the role ${SERVER_ROLE}; the administrator of the database runs: grant ${SERVER_ROLE} to the user`,
  ],
  owner_bound: [
    '建表用户受行级策略约束，不能升级表；请数据库管理员执行 alter role 用户 bypassrls，或以 DATABASE_OWNER_URL 另给一位建表用户',
    'the user who owns the tables is bound by row-level policies and cannot migrate them; the administrator of the database runs: alter role the_user bypassrls, or DATABASE_OWNER_URL names another owner',
  ],
  server_unbound: [
    `角色 ${SERVER_ROLE} 不受行级策略约束；请数据库管理员执行 alter role ${SERVER_ROLE} nosuperuser nobypassrls`,
    `no row-level policy binds the role ${SERVER_ROLE}; the administrator of the database runs: alter role ${SERVER_ROLE} nosuperuser nobypassrls`,
  ],
} as const satisfies Record<DatabaseRolesError['code'], readonly [string, string]>

const rolesText = ({ code }: DatabaseRolesError): string => ROLES_SAY[code].join(' / ')

// --- who is welcome ------------------------------------------------------------------------------

type Parts = Services & {
  readonly database: Guarded
  readonly service: ReturnType<typeof createSettlementService>
  readonly catalogues: (book: SchemeBook) => Promise<readonly PlaceCatalogue[]>
  readonly identity: ReturnType<typeof createIdentity>
  readonly rules: Readonly<Record<string, string>>
}

/** Who sees or decides most begins with a second factor; the tenant may decide otherwise. */
const SECOND_FACTOR_ROLES = ['admin', 'supervisor', 'investigator'] as const
const TENANT = { id: 'main', name: '医疗保障经办机构', demonstration: false }
const INSTALLER: Actor = { tenant: TENANT.id, user: '', name: 'installation', role: 'admin' }

async function welcomeVisitors({
  identity,
  schemes,
  ...parts
}: Parts & { readonly schemes: string }): Promise<string[]> {
  await letVisitorsIn(identity)
  const catalogueFiles = catalogueFilesIn(schemes).map(({ path }) => path)
  const from = [...SAMPLES, CONTRACT_FILE, RATES_FILE, ...catalogueFiles]
  await fillOnce(parts.database, from, async () => {
    await prepareDemonstration({ ...parts, samples: SAMPLES })
    await prepareDemonstrationPeople(parts)
    await prepareDemonstrationPayments(parts.payments)
    await prepareDemonstrationCases(parts.cases)
    await prepareDemonstrationContract(parts)
    await prepareDemonstrationMonths(parts.months, todayInChina())
    await prepareDemonstrationReserves(parts.reserves, todayInChina())
    // Before days are closed: what is of past months is booked in them.
    await bookDemonstrationRegions(parts.database, todayInChina())
    await prepareDemonstrationCoinsurance({ ...parts, today: todayInChina })
    await prepareDemonstrationRegions({ ...parts, today: todayInChina })
    await prepareDemonstrationYear({ ...parts, identity })
  })
  // Whoever comes first need not wait for them.
  await parts.service.rules({ ...INSTALLER, tenant: DEMONSTRATION.tenant.id })
  const names = DEMONSTRATION.users.map(([name]) => name).join('、')
  return [
    `演示用户 / demonstration users: ${names}`,
    `密码 / password: ${DEMONSTRATION.password}`,
    '演示数据均为虚构，密码人人皆知：不要存放真实数据 / all of it is invented and the password is public: keep no real data here',
  ]
}

/** The first start makes the first user, whose password is told this once. */
async function welcomeAdmin(parts: Parts): Promise<string[]> {
  const { service, catalogue, identity, rules, catalogues } = parts
  await identity.addTenant(TENANT)
  await service.ensureRules(TENANT.id, rules, '初始规则 The rules that came with the program')
  const { book } = await service.rules(INSTALLER)
  for (const { place, entries } of await catalogues(book))
    await catalogue.ensureCatalogue(TENANT.id, place, entries, FIRST_CATALOGUE)
  if ((await identity.users(TENANT.id)).length > 0) return []
  const added = await identity.addUser(TENANT.id, { name: 'admin', role: 'admin' })
  // Another server on the same database was first, and told the password there.
  if (!added.ok) return []
  const admin: Actor = { ...added.value.user, tenant: TENANT.id, user: added.value.user.id }
  await identity.setSecondFactorRoles(admin, SECOND_FACTOR_ROLES)
  return [
    '首位管理员 / first administrator: admin',
    `一次性密码，首次登录须修改 / one-time password, to be changed at first login: ${added.value.password}`,
  ]
}

function welcomeText(address: string, welcome: readonly string[], settings: Settings): string {
  const { publicOrigin, databaseUrl, folder, host } = settings
  const open = !/^(127\.|localhost$|::1$)/.test(host)
  const lines = [
    `接口文档 / interface: ${publicOrigin ?? address}/api/docs`,
    ...(databaseUrl === undefined ? [`数据 / data: ${folder}`] : []),
    ...welcome,
    ...(open && publicOrigin === undefined
      ? [
          '未加密的 http：在别的机器上使用请经 https 代理并加 --public-url / plain http: for use from other machines put an https proxy in front and add --public-url',
        ]
      : []),
    'Ctrl-C 停止 / to stop',
  ]
  return `康养 Kangyang: ${publicOrigin ?? address}\n${lines.map((line) => `  ${line}`).join('\n')}`
}
