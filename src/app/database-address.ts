import { UsageError } from './exit-codes.ts'

const HERE = /^(localhost|127(\.\d+){3}|\[::1\]|)$/

/**
 * The address of a database, as it was given. Throws a `UsageError` where it is on another machine and does not say
 * whether what goes there is encrypted: the driver would then send it in the clear.
 */
export function databaseAddress(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text)
  if (!url) return text
  const { hostname, searchParams } = url
  const socket = searchParams.get('host')?.startsWith('/') || hostname.startsWith('%2F')
  if (socket || HERE.test(hostname) || searchParams.has('sslmode')) return text
  throw new UsageError({
    zh: `数据库在另一台机器（${hostname}）上，地址须写明加密方式：加上 ?sslmode=verify-full；网络可信、确要明文的写 ?sslmode=disable`,
    en: `the database is on another machine (${hostname}), so its address says how it is encrypted: add ?sslmode=verify-full, or ?sslmode=disable where the network between is trusted`,
  })
}
