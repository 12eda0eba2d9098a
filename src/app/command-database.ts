import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '#platform/database.ts'
import { EmbeddedPostgresError, findEmbedded, startEmbedded } from '#platform/embedded-postgres.ts'
import { openSecrets } from '#platform/kept-keys.ts'
import { isMigrated } from '#platform/migrate.ts'
import type { KeyRing, Secrets } from '#platform/secrets.ts'
import { defaultFolder } from './data-folder.ts'
import { asUsage, dataKeys } from './data-key.ts'
import { databaseAddress } from './database-address.ts'
import { UsageError } from './exit-codes.ts'
import type { Options } from './options.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
export const MIGRATIONS = join(PROJECT, 'db/migrations')

/** Where a command finds the database: the one that is named, or the embedded one of a data folder. */
export type Whereabouts = { readonly url: string | undefined; readonly folder: string }

export function whereaboutsOf(options: Options): Whereabouts {
  const folder = options.text('data')
  const { DATABASE_URL, DATABASE_OWNER_URL } = process.env
  return {
    // Whatever a command does to the whole database, it does as the owner of its tables.
    url: databaseAddress(
      options.text('database-url') ?? (DATABASE_OWNER_URL || DATABASE_URL || undefined),
    ),
    folder: folder === undefined ? defaultFolder(PROJECT) : resolve(folder),
  }
}

export type CommandDatabase = {
  readonly database: Database
  readonly secrets: Secrets
  readonly ring: KeyRing
}

/**
 * Runs `work` on the database that a server serves, whether or not it runs: an embedded one is started for
 * as long as it takes. The tables must be those of this program.
 */
export async function withDatabase<T>(
  options: Options,
  work: (parts: CommandDatabase) => Promise<T>,
): Promise<T> {
  const where = whereaboutsOf(options)
  return withConnection(where, async (database) => {
    if (!(await isMigrated(database, MIGRATIONS).catch(noTables)))
      throw new UsageError({
        zh: '数据库里还没有这一版本的表；先用 kangyang serve 启动一次',
        en: 'the database does not have the tables of this version yet; start kangyang serve on it once',
      })
    const ring = dataKeys({ folder: where.url === undefined ? where.folder : undefined })
    const secrets = await openSecrets(database, ring).catch((error: unknown) => {
      throw asUsage(error)
    })
    return work({ database, secrets, ring })
  })
}

/** A database without any table has no list of migrations either. */
function noTables(error: { readonly code?: string }): false {
  if (error.code !== '42P01') throw error
  return false
}

/** The same without a look at what is in the database. */
export async function withConnection<T>(
  { url, folder }: Whereabouts,
  work: (database: Database, url: string) => Promise<T>,
  { make = false }: { readonly make?: boolean } = {},
): Promise<T> {
  const stops: (() => Promise<void>)[] = []
  try {
    let address = url
    if (address === undefined) {
      if (!make && !existsSync(join(folder, 'postgres', 'PG_VERSION'))) throw noDatabase(folder)
      address = findEmbedded(folder)
      if (address === undefined) {
        const postgres = await startEmbedded({ folder })
        stops.push(() => postgres.stop())
        address = postgres.url
      }
    }
    const database = openDatabase(address, { max: 4 })
    stops.unshift(() => database.close())
    return await work(database, address)
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || isUnreachable(error)) throw unreachable(error)
    throw error
  } finally {
    for (const stop of stops) await stop()
  }
}

export const isUnreachable = (error: unknown): boolean =>
  /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|28P01|28000|3D000|57P03)$/.test(
    (error as { code?: string }).code ?? '',
  )

const noDatabase = (folder: string): UsageError =>
  new UsageError({
    zh: `${folder} 里没有数据库；用 --data 指定文件夹，或设 DATABASE_URL`,
    en: `there is no database in ${folder}; name its folder with --data, or set DATABASE_URL`,
  })

const unreachable = (error: unknown): UsageError =>
  new UsageError({
    zh: `无法连接数据库（${(error as Error).message}）`,
    en: `the database cannot be reached (${(error as Error).message})`,
  })

/** The text of a file that the user named. */
export function readNamed(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError({
      zh: `无法读取 ${path}（${(error as Error).message}）`,
      en: `cannot read ${path} (${(error as Error).message})`,
    })
  }
}
