import type { Database } from './database.ts'
import { createSecrets, digestKeyOf, type KeyRing, type Secrets } from './secrets.ts'

/** A ring that this database was not made with, or a new key before the old one was ever used here. */
export class WrongKeyError extends Error {
  readonly code: 'wrong_key' | 'first_key_unclear'
  constructor(code: WrongKeyError['code']) {
    super(code)
    this.name = 'WrongKeyError'
    this.code = code
  }
}

/** The two that make secrets: what a worker thread has to be handed. */
export type SecretKeys = { readonly ring: KeyRing; readonly digestKey: Buffer }

/**
 * The keys of a database: the ring of the environment, and the digest key that the database keeps sealed
 * under it. The first start makes that one from the data key of the day, and every later ring must open it.
 * Throws a `WrongKeyError` where it cannot.
 */
export async function keptKeys(database: Database, ring: KeyRing): Promise<SecretKeys> {
  const [kept] = await database.query<{ sealed: Buffer }>(
    `select sealed from kept_keys where name = 'digest'`,
  )
  if (kept) return { ring, digestKey: opened(ring, kept.sealed) }
  // Which of several keys the digests were made with, nothing says.
  if (ring.length > 1) throw new WrongKeyError('first_key_unclear')
  const sealed = createSecrets(ring).sealBytes(digestKeyOf(ring[0]))
  await database.query(
    `insert into kept_keys (name, sealed) values ('digest', $1) on conflict (name) do nothing`,
    [sealed],
  )
  // Another server may have been first.
  return keptKeys(database, ring)
}

export async function openSecrets(database: Database, keys: KeyRing): Promise<Secrets> {
  const { ring, digestKey } = await keptKeys(database, keys)
  return createSecrets(ring, digestKey)
}

function opened(ring: KeyRing, sealed: Buffer): Buffer {
  try {
    return createSecrets(ring).openBytes(sealed)
  } catch {
    throw new WrongKeyError('wrong_key')
  }
}
