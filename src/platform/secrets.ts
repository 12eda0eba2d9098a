import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto'

/** What may not stand in the database as text: kept sealed, and found again by a keyed digest. */
export type Secrets = {
  /** AES-256-GCM: a version byte, the nonce, the tag, the sealed text. The same text seals differently each time. */
  seal(text: string): Buffer
  /** The text that was sealed. Throws where it was changed, or sealed under another key. */
  open(sealed: Buffer): string
  /** The same for bytes, such as the pieces of a file. */
  sealBytes(bytes: Buffer): Buffer
  openBytes(sealed: Buffer): Buffer
  /** HMAC-SHA-256, the first 16 bytes: equal texts have equal digests, and nobody without the key can test a guess. */
  digest(text: string): Buffer
}

export const KEY_BYTES = 32
const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const DIGEST_BYTES = 16
/** Random bytes are asked for in one go: each request of its own costs more than sealing. */
const POOL_BYTES = 64 * 1024

/** Seals and digests under two keys that are derived from one. */
export function createSecrets(key: Buffer): Secrets {
  if (key.length !== KEY_BYTES) throw new Error(`a data key has ${KEY_BYTES} bytes`)
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES))
  // A key object: a plain buffer would be looked at and wrapped at every call, which costs more than sealing.
  const sealing = createSecretKey(derive('kangyang seal 1'))
  const hmac = hmacUnder(derive('kangyang digest 1'))
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
  const sealBytes = (bytes: Buffer): Buffer => {
    const iv = nonce()
    const cipher = createCipheriv('aes-256-gcm', sealing, iv)
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), sealed])
  }
  const openBytes = (sealed: Buffer): Buffer => {
    if (sealed[0] !== VERSION) throw new Error('sealed under a version that is not known')
    const [iv, tag] = [sealed.subarray(1, 1 + NONCE_BYTES), sealed.subarray(13, 13 + TAG_BYTES)]
    const decipher = createDecipheriv('aes-256-gcm', sealing, iv).setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()])
  }
  return {
    seal: (text) => sealBytes(Buffer.from(text)),
    open: (sealed) => openBytes(sealed).toString(),
    sealBytes,
    openBytes,
    digest: (text) => hmac(text).subarray(0, DIGEST_BYTES),
  }
}

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
