import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KEY_BYTES, parseKey } from '#platform/secrets.ts'
import { UsageError } from './exit-codes.ts'

const VARIABLE = 'KANGYANG_DATA_KEY'

/**
 * The key under which id-card numbers are kept: from the environment, or from the data folder of the
 * embedded database, where one is made at the first start. A database of one's own lives on without the
 * folder, so its key has to be given.
 */
export function dataKey({ folder }: { readonly folder: string | undefined }): Buffer {
  const given = process.env[VARIABLE]
  if (given !== undefined && given !== '') return keyOf(given, VARIABLE)
  if (folder === undefined)
    throw new UsageError({
      zh: `使用自己的数据库须以环境变量 ${VARIABLE} 给出数据密钥（64 位十六进制，如 openssl rand -hex 32），并妥善保管`,
      en: `a database of your own needs a data key in the environment variable ${VARIABLE} (64 hexadecimal digits, such as openssl rand -hex 32); keep it safe`,
    })
  const file = join(folder, 'data-key')
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600 })
  }
  return keyOf(readFileSync(file, 'utf8'), file)
}

function keyOf(text: string, from: string): Buffer {
  const key = parseKey(text)
  if (key) return key
  throw new UsageError({
    zh: `${from} 不是 64 位十六进制的数据密钥`,
    en: `${from} is not a data key of 64 hexadecimal digits`,
  })
}
