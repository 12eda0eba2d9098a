import assert from 'node:assert/strict'
import { test } from 'node:test'
import { householdsOf } from './households.ts'

test('whoever shares an account lives together, over any number of links and in whatever order they come', () => {
  const links = [
    { owner: 'd', member: 'e' },
    { owner: 'b', member: 'c' },
    { owner: 'x', member: 'y' },
    { owner: 'c', member: 'a' },
    { owner: 'e', member: 'b' },
  ]
  for (const order of [links, links.toReversed()])
    assert.deepEqual(Object.fromEntries([...householdsOf(order)].toSorted()), {
      ...{ a: 'a', b: 'a', c: 'a', d: 'a', e: 'a' },
      ...{ x: 'x', y: 'x' },
    })
})

test('somebody of whom no link is known is not told', () => {
  assert.equal(householdsOf([]).get('a'), undefined)
})
