import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { SHORT_BYTES, shortSealer } from './short-seal.ts'

/** What may not stand in the database as text: kept sealed, and found again by a keyed digest. */
export type Secrets = {
  /**
   * AES-256-GCM: a version byte, the id of the key, the nonce, the tag, the sealed text. The same text seals
   * differently each time.
   */
  seal(text: string): Buffer
  /** The text that was sealed. Throws where it was changed, or sealed under a key that is not in the ring. */
  open(sealed: Buffer): string
  /** The same for bytes, such as the pieces of a file. */
  sealBytes(bytes: Buffer): Buffer
  openBytes(sealed: Buffer): Buffer
  /** HMAC-SHA-256, the first 16 bytes: equal texts have equal digests, and nobody without the key can test a guess. */
  digest(text: string): Buffer
  /** A code that only a holder of the key can make: HMAC-SHA-256 under the first key of the ring. */
  sign(bytes: Buffer): { readonly key: string; readonly code: Buffer }
  /** Whether a code is right; undefined where its key is not in the ring. */
  isSigned(bytes: Buffer, key: string, code: Buffer): boolean | undefined
  /** The id of the key that seals: the first of the ring. */
  readonly key: string
  /** A key of another purpose, made from the key of this id; undefined where that is not in the ring. */
  derive(purpose: string, key: string): Buffer | undefined
}

/** Keys as the environment gives them. What is new is sealed under the first; the others still open. */
export type KeyRing = readonly [Buffer, ...Buffer[]]

export const KEY_BYTES = 32
/** Values without the id of a key were sealed before there was more than one. */
const WITHOUT_KEY_ID = 1
const WITH_KEY_ID = 2
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const DIGEST_BYTES = 16
/** Random bytes are asked for in one go: each request of its own costs more than sealing. */
const POOL_BYTES = 64 * 1024

/**
 * Seals under the first key of a ring, opens under any, digests under one key that outlives them. Plain
 * bytes in, so that a worker thread can make its own.
 */
export function createSecrets(
  ring: Buffer | KeyRing,
  digestKey: Buffer = digestKeyOf(Buffer.isBuffer(ring) ? ring : ring[0]),
): Secrets {
  const keys = (Buffer.isBuffer(ring) ? [ring] : ring).map((key) => {
    // A key object: a plain buffer would be looked at and wrapped at every call, which costs more than sealing.
    const sealing = createSecretKey(derived(key, 'kangyang seal 1'))
    const signing = createSecretKey(derived(key, 'kangyang sign 1'))
    return {
      key,
      id: keyId(key),
      sealing,
      code: (bytes: Buffer) => createHmac('sha256', signing).update(bytes).digest(),
    }
  })
  const [first] = keys as [(typeof keys)[number]]
  const prefix = Buffer.concat([Buffer.of(WITH_KEY_ID), Buffer.from(first.id, 'hex')])
  const byId = new Map(keys.map((each) => [each.id, each]))
  const hmac = hmacUnder(digestKey)
  let pool: Buffer = Buffer.alloc(0)
  let used = 0
  const nonce = (): Buffer => {
    if (used + NONCE_BYTES > pool.length) {
      pool = randomBytes(POOL_BYTES)
      used = 0
    }
    used += NONCE_BYTES
    return pool.subarray(used - NONCE_BYTES, used)
  }
  let sealShort: ReturnType<typeof shortSealer> | undefined
  const sealBytes = (bytes: Buffer): Buffer => {
    const iv = nonce()
    if (bytes.length <= SHORT_BYTES) {
      sealShort ??= shortSealer(first.sealing)
      const sealed = Buffer.allocUnsafe(prefix.length + NONCE_BYTES + TAG_BYTES + bytes.length)
      sealed.set(prefix)
      sealed.set(iv, prefix.length)
      sealShort(iv, bytes, sealed, prefix.length + NONCE_BYTES)
      return sealed
    }
    const cipher = createCipheriv('aes-256-gcm', first.sealing, iv)
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
    return Buffer.concat([prefix, iv, cipher.getAuthTag(), sealed])
  }
  const openBytes = (sealed: Buffer): Buffer => {
    if (sealed[0] === WITH_KEY_ID) {
      const id = keyIdOf(sealed)
      const named = byId.get(id)
      if (!named) throw new Error(`sealed under the key ${id}, which is not in the ring`)
      return opened(named.sealing, sealed.subarray(1 + KEY_ID_BYTES))
    }
    if (sealed[0] !== WITHOUT_KEY_ID) throw new Error('sealed under a version that is not known')
    let failure: unknown
    for (const { sealing } of keys) {
      try {
        return opened(sealing, sealed.subarray(1))
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
  return {
    seal: (text) => sealBytes(Buffer.from(text)),
    open: (sealed) => openBytes(sealed).toString(),
    sealBytes,
    openBytes,
    digest: (text) => hmac(text).subarray(0, DIGEST_BYTES),
    sign: (bytes) => ({ key: first.id, code: first.code(bytes) }),
    isSigned(bytes, key, code) {
      const right = byId.get(key)?.code(bytes)
      return right && right.length === code.length && timingSafeEqual(right, code)
    },
    key: first.id,
    derive(purpose, key) {
      const named = byId.get(key)
      return named && derived(named.key, purpose)
    },
  }
}

/** The nonce, the tag, the sealed bytes. */
function opened(key: KeyObject, sealed: Buffer): Buffer {
  const [iv, rest] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES)]
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(rest.subarray(0, TAG_BYTES))
  return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()])
}

function derived(key: Buffer, purpose: string): Buffer {
  if (key.length !== KEY_BYTES) throw new Error(`a data key has ${KEY_BYTES} bytes`)
  return Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES))
}

/** The key of digests that goes with a data key, until a database keeps one of its own. */
export const digestKeyOf = (key: Buffer): Buffer => derived(key, 'kangyang digest 1')

/** What names a key without giving it away: eight hexadecimal digits. */
export const keyId = (key: Buffer): string =>
  derived(key, 'kangyang key id 1').subarray(0, KEY_ID_BYTES).toString('hex')

/** The id of the key a value is sealed under; nothing in values from before keys had ids. */
export const keyIdOf = (sealed: Buffer): string =>
  sealed[0] === WITH_KEY_ID ? sealed.subarray(1, 1 + KEY_ID_BYTES).toString('hex') : ''

const BLOCK_BYTES = 64
const HASH_BYTES = 32

/**
 * HMAC-SHA-256 under one key, as RFC 2104 writes it. Two hashes in one call each are far quicker than an object, and
 * a hash that comes as a text is far quicker than one in a buffer of its own.
 */
export function hmacUnder(key: Buffer): (text: string) => Buffer {
  const padded = (byte: number, more: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES + more, byte)
    for (const [i, value] of key.entries()) block[i] = value ^ byte
    return block
  }
  const outer = padded(0x5c, HASH_BYTES)
  let inner = padded(0x36, 1024)
  return (text) => {
    // A character takes three bytes at most.
    if (inner.length < BLOCK_BYTES + 3 * text.length) inner = padded(0x36, 3 * text.length)
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES)
    outer.write(hash('sha256', inner.subarray(0, end), 'hex'), BLOCK_BYTES, 'hex')
    return Buffer.from(hash('sha256', outer, 'hex'), 'hex')
  }
}

/** A data key as the environment gives one: 64 hexadecimal digits. Undefined where it is anything else. */
export function parseKey(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/i.test(text.trim()) ? Buffer.from(text.trim(), 'hex') : undefined
}
