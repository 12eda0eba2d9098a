import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsHash, hashPassword, oneTimePassword } from './passwords.ts'

test('a password fits its own hash and no other does', async () => {
  const hash = await hashPassword('correct horse 电池')
  assert.match(hash, /^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
  assert.equal(await fitsHash('correct horse 电池', hash), true)
  assert.equal(await fitsHash('correct horse 电池 ', hash), false)
  assert.equal(await fitsHash('', hash), false)
})

test('two users with one password have two hashes', async () => {
  const [a, b] = await Promise.all([
    hashPassword('same words here'),
    hashPassword('same words here'),
  ])
  assert.notEqual(a, b)
})

test('a word composed in two ways is one password', async () => {
  assert.equal(await fitsHash('cafe\u0301-au-lait', await hashPassword('café-au-lait')), true)
})

test('one-time passwords are long enough and never repeat', () => {
  const made = new Set(Array.from({ length: 500 }, oneTimePassword))
  assert.equal(made.size, 500)
  for (const password of made) assert.match(password, /^([a-z2-9]{5}-){5}[a-z2-9]{5}$/)
})
