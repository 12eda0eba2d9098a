import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteDays } from './site-days.ts'

const worker = (person: string, from: string, until: string) => ({ person, name: '', from, until })

test('an entry for each day on which the number of workers changes', () => {
  const workers = [
    worker('a', '2025-03-01', '2025-06-30'),
    worker('b', '2025-05-10', '2025-09-20'),
    // One leaves and another comes on the next day: the number stays.
    worker('c', '2025-07-01', '2025-07-31'),
  ]
  assert.deepEqual(siteDays({ from: '2025-01-01', until: '2025-12-31', workers }), [
    { from: '2025-01-01', named: 0 },
    { from: '2025-03-01', named: 1 },
    { from: '2025-05-10', named: 2 },
    { from: '2025-08-01', named: 1 },
    { from: '2025-09-21', named: 0 },
  ])
})

test('a worker until the last day of the policy leaves no entry after it', () => {
  const workers = [worker('a', '2025-01-01', '2025-12-31')]
  assert.deepEqual(siteDays({ from: '2025-01-01', until: '2025-12-31', workers }), [
    { from: '2025-01-01', named: 1 },
  ])
})
