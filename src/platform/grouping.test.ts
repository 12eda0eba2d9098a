import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGrouper } from './grouping.ts'

type Item = { readonly kin: string; readonly name: string }
const item = (name: string, kin = 'city'): Item => ({ kin, name })

/** A grouper whose groups take a moment, and what they were. A group with a `bad` item fails. */
function recorded({ lanes = 1, most = 3 } = {}) {
  const groups: string[] = []
  const add = createGrouper<Item, string>({
    lanes,
    most,
    kin: ({ kin }) => kin,
    name: ({ name }) => name,
    async work(items) {
      groups.push(items.map(({ name }) => name).join(' '))
      await sleep(1)
      if (items.some(({ name }) => name === 'bad')) throw new Error('bad')
      return items.map(({ kin, name }) => `${kin}:${name}`)
    },
  })
  return { add, groups }
}

test('what waits goes out together, up to the most', async () => {
  const { add, groups } = recorded()
  const outcomes = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => add(item(name))))
  assert.deepEqual(groups, ['a b c', 'd e'])
  assert.deepEqual(outcomes, ['city:a', 'city:b', 'city:c', 'city:d', 'city:e'])
})

test('an item alone does not wait for company', async () => {
  const { add, groups } = recorded()
  await add(item('a'))
  await add(item('b'))
  assert.deepEqual(groups, ['a', 'b'])
})

test('tenants do not share a group, and namesakes follow one another', async () => {
  const { add, groups } = recorded()
  const items = [item('a'), item('a'), item('b', 'other'), item('c'), item('a')]
  await Promise.all(items.map(add))
  assert.deepEqual(groups, ['a c', 'a', 'b', 'a'])
})

test('a free lane takes what comes while another is busy', async () => {
  const { add, groups } = recorded({ lanes: 2 })
  const first = add(item('a'))
  await Promise.resolve()
  await Promise.resolve()
  await Promise.all([first, add(item('b'))])
  assert.deepEqual(groups, ['a', 'b'])
})

test('a fault meets its own caller only', async () => {
  const { add, groups } = recorded()
  const outcomes = await Promise.allSettled(['a', 'bad', 'c', 'd'].map((name) => add(item(name))))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  assert.deepEqual(groups, ['a bad c', 'a', 'bad', 'c', 'd'])
})
