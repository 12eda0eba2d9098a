import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSecrets, hmacUnder, parseKey } from './secrets.ts'

const secrets = createSecrets(Buffer.alloc(32, 7))
const other = createSecrets(Buffer.alloc(32, 8))

test('what is sealed opens again, under its own key alone', () => {
  const sealed = secrets.seal('11010519491231002X')
  assert.equal(secrets.open(sealed), '11010519491231002X')
  assert(!sealed.includes('1949'))
  assert.notDeepEqual(sealed, secrets.seal('11010519491231002X'))
  assert.throws(() => other.open(sealed))
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
    Array.from({ length: 12_000 }, () => secrets.seal('x').subarray(1, 13).toString('hex')),
  )
  assert.equal(nonces.size, 12_000)
})

test('a key is 64 hexadecimal digits', () => {
  assert.equal(parseKey('0a'.repeat(32))?.length, 32)
  for (const wrong of ['', '0a'.repeat(31), 'x'.repeat(64)])
    assert.equal(parseKey(wrong), undefined)
})
