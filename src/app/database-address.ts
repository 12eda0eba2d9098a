import { UsageError } from './exit-codes.ts'

const HERE = /^(localhost|127(\.\d+){3}|\[?::1\]?|)$/
const MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify']

/**
 * The address of a database, as it was given. Throws a `UsageError` where it is on another machine and does not say
 * whether what goes there is encrypted: the driver would then send it in the clear.
 */
export function databaseAddress(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text)
  if (!url) return text
  // What stands among the options goes before what stands in the address, as the driver has it.
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname)
  const here = host.startsWith('/') || HERE.test(host)
  if (here || MODES.includes(url.searchParams.get('sslmode') ?? '')) return text
  throw new UsageError({
    zh: `数据库在另一台机器（${host}）上，地址须写明加密方式：加上 ?sslmode=verify-full；网络可信、确要明文的写 ?sslmode=disable`,
    en: `the database is on another machine (${host}), so its address says how it is encrypted: add ?sslmode=verify-full, or ?sslmode=disable where the network between is trusted`,
  })
}
