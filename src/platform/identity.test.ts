import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sameSecret } from './identity.ts'

test('secrets of any length are compared whole', () => {
  assert.equal(sameSecret('abc', 'abc'), true)
  assert.equal(sameSecret('abc', 'abcd'), false)
  assert.equal(sameSecret('', 'abc'), false)
})
