import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  faultOf,
  hashSeal,
  type LogEntry,
  NOTHING_BEFORE,
  type Seal,
  sealEntries,
} from './log-chain.ts'

const entry = (id: number, action = 'read person'): LogEntry => ({
  id,
  tenant: 'main',
  at: '2026-11-26T01:02:03.000004Z',
  user: 'handler',
  action,
  subject: 'p-1',
  purpose: null,
})
const entries = [entry(3), entry(1), entry(7)]
const sealed = (number: number, previous: Buffer, of = entries) =>
  sealEntries({ tenant: 'main', number, sealedAt: '2026-11-26T01:02:04.000Z' }, previous, of)
const first = sealed(1, NOTHING_BEFORE)
const second = sealed(2, first.hash, [entry(8)])
const there = (...list: LogEntry[]) => new Map(list.map((each) => [each.id, each]))
const all = there(...entries, entry(8))

test('a chain that nobody touched holds', () => {
  assert.equal(faultOf(first, undefined, all, true), undefined)
  assert.equal(faultOf(second, first, all, true), undefined)
  assert.equal(faultOf(second, first, all, undefined), undefined, 'the key is no longer known')
})

test('the entry that was changed or removed is named', () => {
  const changed = there(entry(3), entry(1, 'print slip'), entry(7))
  assert.deepEqual(faultOf(first, undefined, changed, true), {
    seal: 1,
    what: 'entry_changed',
    entry: 1,
  })
  const gone = there(entry(3), entry(1))
  assert.deepEqual(faultOf(first, undefined, gone, true), {
    seal: 1,
    what: 'entry_missing',
    entry: 7,
  })
})

test('a seal made again for other entries breaks the next one, and its code', () => {
  const again = sealed(1, NOTHING_BEFORE, [entry(3), entry(1)])
  assert.equal(faultOf(again, undefined, all, true), undefined, 'by itself it looks right')
  assert.deepEqual(faultOf(again, undefined, all, false), { seal: 1, what: 'code_wrong' })
  assert.deepEqual(faultOf(second, again, all, true), { seal: 2, what: 'chain_broken' })
})

test('whatever a seal says is covered by its hash', () => {
  const touched: Partial<Seal>[] = [
    { sealedAt: '2026-11-26T01:02:05.000Z' },
    { root: Buffer.alloc(32) },
    { tenant: 'other' },
    { ids: [3, 1] },
  ]
  for (const part of touched)
    assert.equal(faultOf({ ...first, ...part }, undefined, all, true)?.what, 'seal_changed')
  assert.notDeepEqual(hashSeal({ ...first, number: 2 }), first.hash)
})

test('a seal that is missing is named, not the one after it', () => {
  assert.deepEqual(faultOf(second, undefined, all, true), { seal: 1, what: 'seal_missing' })
})
