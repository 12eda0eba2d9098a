import assert from 'node:assert/strict'
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SHORT_BYTES, shortSealer } from './short-seal.ts'

test('it seals every length as the cipher of Node does', () => {
  const key = createSecretKey(randomBytes(32))
  const seal = shortSealer(key)
  for (let length = 0; length <= SHORT_BYTES; length++) {
    const [nonce, bytes] = [randomBytes(12), randomBytes(length)]
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
    const into = Buffer.alloc(3 + 16 + length)
    seal(nonce, bytes, into, 3)
    assert.deepEqual(into.subarray(3), Buffer.concat([cipher.getAuthTag(), sealed]), `${length}`)
  }
})

test('it seals as the specification of the mode shows (its test case 15, without further data)', () => {
  const hex = (text: string) => Buffer.from(text, 'hex')
  const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
  const bytes = hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
  )
  const into = Buffer.alloc(16 + bytes.length)
  shortSealer(createSecretKey(key))(hex('cafebabefacedbaddecaf888'), bytes, into, 0)
  assert.equal(
    into.toString('hex'),
    'b094dac5d93471bdec1a502270e3cc6c522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
  )
})
