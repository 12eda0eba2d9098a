import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logAccess } from '#platform/access-log.ts'
import { createLogSealer } from '#platform/log-sealer.ts'
import { type KeyUse, keysInUse, resealAll } from '#platform/sealed-columns.ts'
import { keyId } from '#platform/secrets.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { type CommandDatabase, whereaboutsOf, withDatabase } from './command-database.ts'
import { keyFile, newKey } from './data-key.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { verifyChains } from './log-command.ts'
import { type Language, languageOf, type Options } from './options.ts'
import { progressOver } from './progress.ts'

const WORDS = ['status', 'new', 'rotate'] as const

/** `kangyang keys status | new | rotate`: which keys are in use, a new one, and everything sealed under it. */
export async function keysCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const asked = WORDS.find((each) => each === options.positionals[1])
  if (!asked)
    throw new UsageError({
      zh: `keys 后面须是 ${WORDS.join('、')} 之一`,
      en: `after keys comes one of ${WORDS.join(', ')}`,
    })
  const { url, folder } = whereaboutsOf(options)
  if (asked === 'new') return addKey(url === undefined ? folder : undefined, lang)
  if (asked === 'rotate' && url === undefined) needRestarted(folder)
  return withDatabase(options, (parts) =>
    asked === 'status' ? status(parts, lang) : rotate(parts, lang),
  )
}

async function status({ database, ring }: CommandDatabase, lang: Language): Promise<ExitCode> {
  say(statusText(await keysInUse(database), ring.map(keyId), lang))
  return EXIT.done
}

/** What each key of the ring still seals, and what is sealed under none of them. */
function statusText(uses: readonly KeyUse[], ring: readonly string[], lang: Language): string {
  const zh = lang === 'zh'
  const ids = [...new Set([...ring, ...uses.map(({ key }) => key)])]
  const lines = ids.map((id) => {
    const values = uses.filter(({ key }) => key === id).reduce((sum, each) => sum + each.values, 0)
    const place = ring.indexOf(id)
    const role =
      id === ''
        ? zh
          ? '未注明密钥（早期版本封存）'
          : 'no key named: sealed by an early version'
        : place === 0
          ? zh
            ? '现用：新值以它封存'
            : 'in use: what is new is sealed under it'
          : place > 0
            ? zh
              ? '仅用于打开'
              : 'opens only'
            : zh
              ? '不在密钥环中：这些值打不开'
              : 'not in the ring: these values cannot be opened'
    return `${id === '' ? '--------' : id}  ${String(values).padStart(10)}  ${role}`
  })
  const stale = uses.some(({ key }) => key !== ring[0])
  const last = stale
    ? zh
      ? '→ kangyang keys rotate 把其余的值改以现用密钥封存'
      : '→ kangyang keys rotate seals the rest under the key in use'
    : ring.length > 1
      ? zh
        ? '其余密钥已不再封存任何值：除旧备份外不再需要，可从密钥环中移除'
        : 'the other keys seal nothing any more: but for old backups they are not needed, and may leave the ring'
      : zh
        ? '全部值都以现用密钥封存'
        : 'everything is sealed under the key in use'
  return [...lines, last].join('\n')
}

/** A new key: into the data folder of an embedded database, else for whoever keeps the environment. */
function addKey(folder: string | undefined, lang: Language): ExitCode {
  const key = newKey()
  const id = keyId(Buffer.from(key, 'hex'))
  const zh = lang === 'zh'
  if (folder === undefined || process.env.KANGYANG_DATA_KEY) {
    say(key)
    tell(
      zh
        ? `新密钥 ${id}。依次：① 各服务器加入 KANGYANG_OTHER_DATA_KEYS 并重启；② 设为 KANGYANG_DATA_KEY、原密钥移到 KANGYANG_OTHER_DATA_KEYS，再重启；③ kangyang keys rotate；④ kangyang keys status 确认后移除原密钥。`
        : `the new key ${id}. In this order: (1) add it to KANGYANG_OTHER_DATA_KEYS of every server and restart; (2) make it KANGYANG_DATA_KEY, move the old one to KANGYANG_OTHER_DATA_KEYS and restart again; (3) kangyang keys rotate; (4) remove the old one once kangyang keys status says so.`,
    )
    return EXIT.done
  }
  const file = keyFile(folder)
  if (!existsSync(file))
    throw new UsageError({
      zh: `${folder} 里没有数据密钥；首次启动服务器时会生成`,
      en: `there is no data key in ${folder}; the first start of a server makes one`,
    })
  writeFileSync(`${file}.new`, `${key}\n${readFileSync(file, 'utf8').trim()}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  say(
    zh
      ? `已把新密钥 ${id} 写在 ${file} 的第一行。重启服务器，然后 kangyang keys rotate。`
      : `the new key ${id} stands first in ${file}. Restart the server, then run kangyang keys rotate.`,
  )
  return EXIT.done
}

/** A server that started before the new key was there could not open what is sealed under it. */
function needRestarted(folder: string): void {
  const [server, keys] = [join(folder, 'server.json'), keyFile(folder)]
  if (!existsSync(server) || !existsSync(keys)) return
  if (statSync(server).mtimeMs >= statSync(keys).mtimeMs) return
  throw new UsageError({
    zh: '服务器启动于新密钥写入之前，还不认识它；先重启服务器',
    en: 'the server started before the new key was written and does not know it yet; restart it first',
  })
}

/**
 * The log first: what a new key vouches for has to be sound before. Then everything is sealed anew while
 * servers run, and the log gets a seal under the new key.
 */
async function rotate(parts: CommandDatabase, lang: Language): Promise<ExitCode> {
  const { database, secrets, ring } = parts
  const zh = lang === 'zh'
  await createLogSealer(database, secrets).sealAll()
  const log = await verifyChains(database, secrets, [], lang)
  if (!log.sound) {
    tell(log.text)
    tell(
      zh
        ? '访问日志核对不符，未更换密钥：更换后新密钥会为它作保'
        : 'the access log does not hold, so no key was changed: the new one would vouch for it',
    )
    return EXIT.refused
  }
  const before = await keysInUse(database)
  const stale = before.filter(({ key }) => key !== secrets.key)
  const bar = progressOver(stale.reduce((sum, { values }) => sum + values, 0))
  const began = performance.now()
  const resealed = await resealAll(database, secrets, bar.step)
  bar.stop()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  for (const tenant of await tenantsOf(database))
    await logAccess(database, { tenant, name: 'kangyang keys rotate' }, 'rotate keys', secrets.key)
  await createLogSealer(database, secrets).sealAll()
  say(
    zh
      ? `${resealed} 个值改以密钥 ${secrets.key} 封存，用时 ${seconds} 秒`
      : `${resealed} values sealed anew under the key ${secrets.key} in ${seconds} s`,
  )
  say(statusText(await keysInUse(database), ring.map(keyId), lang))
  return EXIT.done
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const tell = (text: string) => process.stderr.write(`${text}\n`)
