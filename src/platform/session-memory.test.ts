import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity, Session } from './identity.ts'
import { rememberSessions } from './session-memory.ts'

const SESSION: Session = {
  id: 's1',
  actor: { tenant: 'city', user: 'u1', name: 'handler', role: 'handler' },
  tenant: { id: 'city', name: 'City', demonstration: false },
  csrf: 'csrf',
  method: 'password',
  mustSetSecondFactor: false,
  mustChangePassword: false,
}

/** An identity of one session that counts how often it is asked. */
function counted() {
  let asked = 0
  let open = true
  const identity = {
    session: async (token) => {
      asked++
      if (token === 'database away') throw new Error('database away')
      return open && token === 'token' ? SESSION : undefined
    },
    logout: async () => {
      open = false
    },
    endSessions: async () => {
      open = false
      return 1
    },
  } satisfies Partial<Identity> as unknown as Identity
  return { identity, asked: () => asked }
}

test('a session is asked for once a second', async () => {
  let at = 0
  const { identity, asked } = counted()
  const remembering = rememberSessions(identity, () => at)
  assert.equal(await remembering.session('token'), SESSION)
  at = 999
  assert.equal(await remembering.session('token'), SESSION)
  assert.equal(asked(), 1)
  at = 1_000
  await remembering.session('token')
  assert.equal(asked(), 2)
})

test('a logout is seen at once, also by a request that was asking meanwhile', async () => {
  const { identity } = counted()
  const remembering = rememberSessions(identity)
  await remembering.session('token')
  await remembering.logout('token')
  assert.equal(await remembering.session('token'), undefined)
})

test('so is an end that a user or an administrator puts to it', async () => {
  const { identity } = counted()
  const remembering = rememberSessions(identity)
  await remembering.session('token')
  await remembering.endSessions('city', 'u1')
  assert.equal(await remembering.session('token'), undefined)
})

test('neither an unknown token nor a failure is remembered', async () => {
  const { identity, asked } = counted()
  const remembering = rememberSessions(identity)
  for (const token of ['unknown', 'unknown']) await remembering.session(token)
  for (const token of ['database away', 'database away'])
    await assert.rejects(remembering.session(token), /database away/)
  assert.equal(asked(), 4)
})
