import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KeyRing } from '#platform/secrets.ts'
import { defaultFolder } from './data-folder.ts'
import { dataKeys } from './data-key.ts'
import { databaseAddress } from './database-address.ts'
import { UsageError } from './exit-codes.ts'
import { type ProviderSettings, providerSettings } from './identity-provider.ts'
import { type Options, schemesFolderOf } from './options.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/** What `kangyang serve` was asked for, by options and environment. */
export type Settings = {
  readonly host: string
  readonly port: number
  readonly folder: string
  readonly databaseUrl: string | undefined
  /** Who owns the tables, where it is somebody else than the server signs in as. */
  readonly ownerUrl: string | undefined
  readonly demonstration: boolean
  readonly publicOrigin: string | undefined
  readonly provider: ProviderSettings | undefined
  readonly metricsToken: string | undefined
  readonly schemes: string
  /** The keys under which names and id-card numbers are kept. Throws where there are none. */
  dataKeys(): KeyRing
}

/** Throws a `UsageError` where something asked for cannot be. */
export function settingsOf(options: Options): Settings {
  const databaseUrl = databaseAddress(
    options.text('database-url') ?? (process.env.DATABASE_URL || undefined),
  )
  if (options.flag('demo') && options.flag('no-demo'))
    throw new UsageError({
      zh: '--demo 和 --no-demo 只能选一个',
      en: 'choose one of --demo and --no-demo',
    })
  const folder = options.text('data')
  const home = folder === undefined ? defaultFolder(PROJECT) : resolve(folder)
  const publicOrigin = originOf(options.text('public-url'))
  return {
    host: options.text('host') ?? '127.0.0.1',
    port: portOf(options.text('port') ?? '8080'),
    folder: home,
    databaseUrl,
    ownerUrl: databaseAddress(process.env.DATABASE_OWNER_URL || undefined),
    // A database of one's own is not for playing unless that is said.
    demonstration: options.flag('demo') || (!options.flag('no-demo') && databaseUrl === undefined),
    publicOrigin,
    provider: providerSettings(process.env, publicOrigin),
    metricsToken: metricsTokenOf(process.env.KANGYANG_METRICS_TOKEN),
    schemes: schemesFolderOf(options),
    dataKeys: () => dataKeys({ folder: databaseUrl === undefined ? home : undefined, make: true }),
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (port >= 0 && port <= 65_535) return port
  throw new UsageError({
    zh: `--port 须为 0 到 65535 的整数，而不是 "${text}"`,
    en: `--port is a whole number from 0 to 65535, not "${text}"`,
  })
}

function originOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin
  throw new UsageError({
    zh: `--public-url 须为不带路径的 http 或 https 地址，而不是 "${text}"`,
    en: `--public-url is an http or https address without a path, not "${text}"`,
  })
}

/** From the environment alone, which the list of processes does not show. */
function metricsTokenOf(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined
  if (/^[!-~]{16,}$/.test(token)) return token
  throw new UsageError({
    zh: 'KANGYANG_METRICS_TOKEN 须至少 16 个字符，不含空格',
    en: 'KANGYANG_METRICS_TOKEN has at least 16 characters and no space among them',
  })
}
