import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOfCode, newRecoveryCodes, newSecret, secretAddress, stepOf } from './totp.ts'

/** The secret of RFC 6238, appendix B, in base 32; its codes of eight digits end in these six. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const CODES = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of CODES)
    assert.equal(stepOf(code, SECRET, { lastStep: 0, seconds }), Math.floor(seconds / 30), code)
})

test('a code is good in its 30 seconds and the 30 after them, and no longer', () => {
  const begins = Math.floor(1_234_567_890 / 30) * 30
  const at = (seconds: number) => stepOf('005924', SECRET, { lastStep: 0, seconds })
  assert.equal(at(begins - 1), undefined)
  assert.equal(at(begins), begins / 30)
  assert.equal(at(begins + 59), begins / 30)
  assert.equal(at(begins + 60), undefined)
})

test('a code that was used is used, and so is any before it', () => {
  const seconds = 1_111_111_111
  const step = Math.floor(seconds / 30)
  assert.equal(stepOf('050471', SECRET, { lastStep: step - 1, seconds }), step)
  assert.equal(stepOf('050471', SECRET, { lastStep: step, seconds }), undefined)
  assert.equal(stepOf('081804', SECRET, { lastStep: step, seconds }), undefined)
})

test('what is no code is none', () => {
  for (const code of ['', '28708', '2870820', '28708a', '287 82', '２８７０８２'])
    assert.equal(stepOf(code, SECRET, { lastStep: 0, seconds: 59 }), undefined, code)
})

test('a secret has 160 random bits and an address that authenticators read', () => {
  const secrets = new Set(Array.from({ length: 100 }, newSecret))
  assert.equal(secrets.size, 100)
  for (const secret of secrets) assert.match(secret, /^[A-Z2-7]{32}$/)
  const address = new URL(secretAddress(SECRET, '康养', '李 明'))
  assert.equal(address.protocol, 'otpauth:')
  assert.equal(address.searchParams.get('secret'), SECRET)
  assert.equal(address.searchParams.get('issuer'), '康养')
})

test('there are ten recovery codes, found again however they are typed', () => {
  const codes = newRecoveryCodes()
  assert.equal(new Set(codes.map(({ code }) => code)).size, 10)
  for (const { code, hash } of codes) {
    assert.match(code, /^([a-z2-9]{5}-){4}[a-z2-9]{5}$/)
    assert.deepEqual(hashOfCode(code.toUpperCase().replaceAll('-', ' ')), hash)
  }
})
