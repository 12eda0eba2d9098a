import assert from 'node:assert/strict'
import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSecrets, digestKeyOf, hmacUnder, keyId, keyIdOf, parseKey } from './secrets.ts'

const secrets = createSecrets(Buffer.alloc(32, 7))
const other = createSecrets(Buffer.alloc(32, 8))

test('what is sealed opens again, under its own key alone', () => {
  const sealed = secrets.seal('11010519491231002X')
  assert.equal(secrets.open(sealed), '11010519491231002X')
  assert(!sealed.includes('1949'))
  assert.notDeepEqual(sealed, secrets.seal('11010519491231002X'))
  assert.throws(() => other.open(sealed))
})

test('values of every length open again, short and long', () => {
  for (const length of [0, 1, 15, 16, 17, 255, 256, 257, 5_000]) {
    const text = 'x'.repeat(length)
    assert.equal(secrets.open(secrets.seal(text)), text, `${length}`)
  }
})

test('a seal that was touched does not open', () => {
  const sealed = secrets.seal('11010519491231002X')
  for (const i of [0, 5, 20, sealed.length - 1]) {
    const touched = Buffer.from(sealed)
    touched[i] = (touched[i] as number) ^ 1
    assert.throws(() => secrets.open(touched), `byte ${i}`)
  }
})

test('equal texts have equal digests, under one key', () => {
  assert.deepEqual(secrets.digest('a'), secrets.digest('a'))
  assert.notDeepEqual(secrets.digest('a'), secrets.digest('b'))
  assert.notDeepEqual(secrets.digest('a'), other.digest('a'))
})

test('the digest is the HMAC that everybody knows', () => {
  for (let length = 0; length < 300; length += 7) {
    const [key, text] = [randomBytes(32), randomBytes(length).toString('hex')]
    assert.deepEqual(hmacUnder(key)(text), createHmac('sha256', key).update(text).digest())
  }
})

test('no nonce comes twice, across the pool', () => {
  const nonces = new Set(
    Array.from({ length: 12_000 }, () => secrets.seal('x').subarray(5, 17).toString('hex')),
  )
  assert.equal(nonces.size, 12_000)
})

test('what was sealed under an older key opens as long as that key is in the ring', () => {
  const [older, newer] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)]
  const rotated = createSecrets([newer, older], digestKeyOf(older))
  const sealed = secrets.seal('11010519491231002X')
  assert.equal(keyIdOf(sealed), keyId(older))
  assert.equal(rotated.open(sealed), '11010519491231002X')
  assert.equal(keyIdOf(rotated.seal('x')), keyId(newer))
  assert.throws(() => createSecrets(newer).open(sealed), /not in the ring/)
  assert.deepEqual(rotated.digest('a'), secrets.digest('a'), 'digests outlive the keys')
})

test('what was sealed before keys had ids opens under whichever key of the ring it was', () => {
  // Sealed by the version before: a version byte of 1, nonce, tag, text.
  const key = hkdfSync('sha256', Buffer.alloc(32, 7), '', 'kangyang seal 1', 32)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.alloc(12, 5))
  const text = Buffer.concat([cipher.update('110105'), cipher.final()])
  const sealed = Buffer.concat([Buffer.of(1), Buffer.alloc(12, 5), cipher.getAuthTag(), text])
  assert.equal(keyIdOf(sealed), '')
  assert.equal(secrets.open(sealed), '110105')
  assert.equal(createSecrets([Buffer.alloc(32, 8), Buffer.alloc(32, 7)]).open(sealed), '110105')
  assert.throws(() => other.open(sealed))
})

test('a signature is right for its own bytes, and unknown where its key is', () => {
  const bytes = Buffer.from('head')
  const { key, code } = secrets.sign(bytes)
  assert.equal(secrets.isSigned(bytes, key, code), true)
  assert.equal(secrets.isSigned(Buffer.from('hand'), key, code), false)
  assert.equal(other.isSigned(bytes, key, code), undefined)
})

test('a key is 64 hexadecimal digits', () => {
  assert.equal(parseKey('0a'.repeat(32))?.length, 32)
  for (const wrong of ['', '0a'.repeat(31), 'x'.repeat(64)])
    assert.equal(parseKey(wrong), undefined)
})
