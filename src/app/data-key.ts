import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WrongKeyError } from '#platform/kept-keys.ts'
import { KEY_BYTES, type KeyRing, parseKey } from '#platform/secrets.ts'
import { UsageError } from './exit-codes.ts'

const VARIABLE = 'KANGYANG_DATA_KEY'
const OTHERS = 'KANGYANG_OTHER_DATA_KEYS'

/** The file of the data folder that holds the keys, one a line, the one that seals first. */
export const keyFile = (folder: string): string => join(folder, 'data-key')

/**
 * The keys under which names and id-card numbers are kept: from the environment, or from the data folder of
 * the embedded database, where `make` has one made at the first start. A database of one's own lives on
 * without the folder, so its keys have to be given.
 */
export function dataKeys({
  folder,
  make = false,
}: {
  readonly folder: string | undefined
  readonly make?: boolean
}): KeyRing {
  const given = process.env[VARIABLE]
  if (given !== undefined && given !== '') {
    const others = (process.env[OTHERS] ?? '').split(/[\s,]+/).filter((text) => text !== '')
    return [keyOf(given, VARIABLE), ...others.map((text) => keyOf(text, OTHERS))]
  }
  if (folder === undefined)
    throw new UsageError({
      zh: `使用自己的数据库须以环境变量 ${VARIABLE} 给出数据密钥（64 位十六进制，如 openssl rand -hex 32），并妥善保管`,
      en: `a database of your own needs a data key in the environment variable ${VARIABLE} (64 hexadecimal digits, such as openssl rand -hex 32); keep it safe`,
    })
  const file = keyFile(folder)
  if (!existsSync(file) && make) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, `${newKey()}\n`, { mode: 0o600 })
  }
  if (!existsSync(file))
    throw new UsageError({
      zh: `没有数据密钥：设环境变量 ${VARIABLE}，或把密钥放进 ${file}`,
      en: `there is no data key: set the environment variable ${VARIABLE}, or put the key into ${file}`,
    })
  const [first, ...others] = readFileSync(file, 'utf8').trim().split(/\s+/)
  return [keyOf(first ?? '', file), ...others.map((text) => keyOf(text, file))]
}

export const newKey = (): string => randomBytes(KEY_BYTES).toString('hex')

function keyOf(text: string, from: string): Buffer {
  const key = parseKey(text)
  if (key) return key
  throw new UsageError({
    zh: `${from} 不是 64 位十六进制的数据密钥`,
    en: `${from} is not a data key of 64 hexadecimal digits`,
  })
}

/** What is wrong with a ring of keys, said to whoever typed the command; anything else goes on as it was. */
export function asUsage(error: unknown): unknown {
  if (!(error instanceof WrongKeyError)) return error
  return error.code === 'wrong_key'
    ? new UsageError({
        zh: `数据密钥与这个数据库不符：${VARIABLE} 或 ${OTHERS} 中须有封存它的那一把`,
        en: `these data keys do not belong to this database: ${VARIABLE} or ${OTHERS} has to hold the one it was sealed under`,
      })
    : new UsageError({
        zh: `先以原来的数据密钥单独启动一次，再加入新的：不能确定哪一把是原来的`,
        en: 'start once with the old data key alone before a new one is added: nothing says which of them is the old one',
      })
}
