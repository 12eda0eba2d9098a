import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from './database.ts'
import { createIdentity, sameSecret } from './identity.ts'

/** A database in which nobody is known; `test/http.test.ts` covers the real one. */
const nobody: Database = {
  query: async () => [],
  transaction: async () => assert.fail('a failed login changes nothing'),
  close: async () => {},
}

test('five failures in a quarter of an hour, for one name from one address', async () => {
  let time = 0
  const identity = createIdentity(nobody, { demonstration: true, now: () => time })
  const attempt = async (user: string, address: string) => {
    const login = await identity.login({ tenant: 't', user, password: 'wrong', address })
    assert(!login.ok)
    return login.error
  }
  // All at once: none slips in below the limit.
  const codes = (await Promise.all(Array.from({ length: 7 }, () => attempt('ann', 'home')))).map(
    ({ code }) => code,
  )
  assert.equal(codes.filter((code) => code === 'wrong_password').length, 5)
  time = 60_000
  assert.deepEqual(await attempt('ann', 'home'), { code: 'throttled', seconds: 14 * 60 })
  assert.equal((await attempt('ann', 'office')).code, 'wrong_password')
  assert.equal((await attempt('bob', 'home')).code, 'wrong_password')
  time = 15 * 60_000
  assert.equal((await attempt('ann', 'home')).code, 'wrong_password')
})

test('secrets of any length are compared whole', () => {
  assert.equal(sameSecret('abc', 'abc'), true)
  assert.equal(sameSecret('abc', 'abcd'), false)
  assert.equal(sameSecret('', 'abc'), false)
})
