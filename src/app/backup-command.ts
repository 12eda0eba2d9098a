import {
  createReadStream,
  createWriteStream,
  existsSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { link, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { holdPayments } from '#domains/payments/service.ts'
import { postMissing } from '#domains/settlement/postings.service.ts'
import {
  databaseRecords,
  extentOf,
  isEmpty,
  momentOf,
  restoreRecords,
  type TableSum,
} from '#platform/backup.ts'
import { BackupError, type BackupHeader, openBackup, writeBackup } from '#platform/backup-file.ts'
import { keptKeys } from '#platform/kept-keys.ts'
import { migrate } from '#platform/migrate.ts'
import { createSecrets, type KeyRing, keyId, type Secrets } from '#platform/secrets.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { MIGRATIONS, whereaboutsOf, withConnection, withDatabase } from './command-database.ts'
import { holdFolder } from './data-folder.ts'
import { dataKeys } from './data-key.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { languageOf, type Options } from './options.ts'
import { programVersion } from './program-version.ts'
import { progressOver } from './progress.ts'
import { verifyAll } from './verify-command.ts'

/** A compressed backup is far smaller than the database; with less room than this it will not fit. */
const SMALLEST_SHARE = 1 / 10

/** `kangyang backup FILE`: the whole database at one moment, compressed and sealed, into one file. */
export async function backupCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const file = fileOf(options, 'backup')
  if (existsSync(file))
    throw new UsageError({
      zh: `${file} 已存在；备份从不覆盖文件`,
      en: `${file} is there already; a backup overwrites no file`,
    })
  return withDatabase(options, async ({ database, secrets }) => {
    const extent = await extentOf(database)
    needRoom(dirname(file), extent.databaseBytes * SMALLEST_SHARE)
    const bar = progressOver(extent.rows)
    const began = performance.now()
    let rows = 0
    const part = `${file}.part`
    try {
      await database.snapshot(async (sql) => {
        const { migrations, databaseBytes, rows: about } = extent
        const madeAt = await momentOf(sql)
        const head = { program: programVersion(), madeAt, migrations, databaseBytes, rows: about }
        const records = databaseRecords(sql, (more) => {
          rows += more
          bar.step(more)
        })
        const output = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true })
        await pipeline(writeBackup(head, records, secrets), output)
      })
      await appear(part, file)
    } catch (error) {
      throw asFileFault(error, file)
    } finally {
      rmSync(part, { force: true })
      bar.stop()
    }
    const size = mebibytes(statSync(file).size)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    say(
      lang === 'zh'
        ? `已备份 ${rows} 行到 ${file}（${size} MiB，用时 ${seconds} 秒，以密钥 ${secrets.key} 封存）`
        : `backed ${rows} rows up into ${file} (${size} MiB, in ${seconds} s, sealed under the key ${secrets.key})`,
    )
    return EXIT.done
  })
}

/** `kangyang restore FILE`: a backup into an empty database, all of it or nothing; then everything is verified. */
export async function restoreCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const file = fileOf(options, 'restore')
  const where = whereaboutsOf(options)
  try {
    const { header, records } = await openFile(file)
    const ring = dataKeys({ folder: where.url === undefined ? where.folder : undefined })
    needKey(header, ring)
    if (where.url !== undefined) return await restore()
    const held = await holdFolder(where.folder)
    if ('running' in held)
      throw new UsageError({
        zh: `${where.folder} 正有服务器在运行；恢复须在空的数据文件夹中进行`,
        en: `a server runs on ${where.folder}; a backup is restored into an empty data folder`,
      })
    try {
      needRoom(where.folder, header.databaseBytes)
      return await restore()
    } finally {
      held.hold.release()
    }

    async function restore(): Promise<ExitCode> {
      return withConnection(
        where,
        async (database) => {
          if (!(await isEmpty(database)))
            throw new UsageError({
              zh: '数据库不是空的；恢复只写入空的数据库，不会覆盖任何数据',
              en: 'the database is not empty; a backup is restored into an empty one and overwrites nothing',
            })
          const signer = createSecrets(ring)
          const tables = await fill(database, signer)
          await migrate(database, MIGRATIONS)
          await database.query('analyze')
          const rows = tables.reduce((sum, each) => sum + each.rows, 0)
          say(
            lang === 'zh'
              ? `已恢复 ${header.madeAt} 的备份：${tables.length} 张表，${rows} 行。正在核对…`
              : `restored the backup of ${header.madeAt}: ${tables.length} tables, ${rows} rows. Verifying …`,
          )
          const { digestKey } = await keptKeys(database, ring)
          const secrets = createSecrets(ring, digestKey)
          await postMissing(database)
          // What its banks were sent since, an older database does not know.
          for (const tenant of await tenantsOf(database))
            await holdPayments(database, tenant, `backup of ${header.madeAt}`)
          say(
            lang === 'zh'
              ? '付款已暂停：备份之后送过银行的，这里不知道。用 kangyang payments reconcile 对账后放开'
              : 'payments are held: what a bank was sent since, this database does not know. kangyang payments reconcile lets them go on',
          )
          const verified = await verifyAll({ database, secrets }, [], lang)
          process.stdout.write(verified.text)
          return verified.sound ? EXIT.done : EXIT.refused
        },
        { make: true },
      )
    }

    async function fill(
      database: Parameters<typeof restoreRecords>[0],
      secrets: Secrets,
    ): Promise<readonly TableSum[]> {
      const bar = progressOver(header.rows)
      try {
        return await restoreRecords(
          database,
          MIGRATIONS,
          header.migrations,
          records(secrets),
          secrets,
          bar.step,
        )
      } finally {
        bar.stop()
      }
    }
  } catch (error) {
    throw asFileFault(error, file)
  }
}

// --- parts ---------------------------------------------------------------------------------------

function fileOf({ positionals }: Options, command: string): string {
  const [, file] = positionals
  if (file !== undefined) return resolve(file)
  throw new UsageError({
    zh: `缺少文件，例如 kangyang ${command} kangyang-2026-11-26.backup`,
    en: `a file is missing, as in kangyang ${command} kangyang-2026-11-26.backup`,
  })
}

const openFile = (file: string) =>
  openBackup(createReadStream(file, { highWaterMark: 1024 * 1024 }))

/** Appears whole and under its name at once, and never in the place of another file. */
async function appear(part: string, file: string): Promise<void> {
  await link(part, file)
  const folder = await open(dirname(file))
  await folder.sync().finally(() => folder.close())
}

function needRoom(folder: string, bytes: number): void {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  if (bavail * bsize >= bytes) return
  const [free, needed] = [mebibytes(bavail * bsize), mebibytes(bytes)]
  throw new UsageError({
    zh: `${place} 只剩 ${free} MiB，至少需要 ${needed} MiB`,
    en: `${place} has ${free} MiB left, and at least ${needed} MiB are needed`,
  })
}

function needKey({ key }: BackupHeader, ring: KeyRing): void {
  if (!ring.some((each) => keyId(each) === key)) throw new BackupError('key_unknown', { key })
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 30 ? 1 : 0)

const say = (text: string) => process.stdout.write(`${text}\n`)

/** What is wrong with a file, said to whoever named it; anything else goes on as it was. */
function asFileFault(error: unknown, file: string): unknown {
  if (error instanceof BackupError) return new UsageError(FAULTS[error.code](file, error.facts))
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (syscall === undefined || code === undefined) return error
  return new UsageError({
    zh: `无法读写 ${file}（${message}）`,
    en: `cannot read or write ${file} (${message})`,
  })
}

type Facts = BackupError['facts']
const FAULTS: Readonly<
  Record<BackupError['code'], (file: string, facts: Facts) => { zh: string; en: string }>
> = {
  not_a_backup: (file) => ({
    zh: `${file} 不是 kangyang backup 的备份文件`,
    en: `${file} is no file of kangyang backup`,
  }),
  format_unknown: (file, { format }) => ({
    zh: `${file} 的格式 ${format} 是更新的版本写的；用那个版本恢复`,
    en: `${file} has the format ${format} of a newer version; restore it with that one`,
  }),
  key_unknown: (file, { key }) => ({
    zh: `${file} 以密钥 ${key} 封存，密钥环中没有它；把它设为 KANGYANG_DATA_KEY、加入 KANGYANG_OTHER_DATA_KEYS，或放进数据文件夹的 data-key`,
    en: `${file} is sealed under the key ${key}, which is not in the ring: set it as KANGYANG_DATA_KEY, add it to KANGYANG_OTHER_DATA_KEYS, or put it into data-key in the data folder`,
  }),
  damaged: (file) => ({
    zh: `${file} 已损坏或被改动；未恢复任何数据，请用另一份备份`,
    en: `${file} is damaged or was changed; nothing was restored, use another backup`,
  }),
  cut_off: (file) => ({
    zh: `${file} 不完整；未恢复任何数据，请用另一份备份`,
    en: `${file} is cut off; nothing was restored, use another backup`,
  }),
  newer_schema: (file, { migration }) => ({
    zh: `${file} 来自更新的版本（${migration}）；先升级程序`,
    en: `${file} comes from a newer version (${migration}); upgrade the program first`,
  }),
  rows_missing: (file, { table }) => ({
    zh: `${file} 中表 ${table} 的行数或内容不符；未恢复任何数据`,
    en: `the rows of ${table} in ${file} do not come to what it says; nothing was restored`,
  }),
}
