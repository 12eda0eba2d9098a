import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHistory } from './read-history.ts'

test('a history is read with or without its titles, and what was taken back stands below zero', () => {
  assert.deepEqual(
    readHistory('\uFEFF就医月份,入账月份,元\r\n2025-01,2025-02,1234.50\r\n2025-01,2025-03,-10\r\n'),
    {
      rows: [
        { care: '2025-01', booked: '2025-02', amount: 123_450 },
        { care: '2025-01', booked: '2025-03', amount: -1_000 },
      ],
    },
  )
})

test('the first line at fault is named', () => {
  assert.deepEqual(readHistory('2025-01,2025-02,1\n2025-13,2025-02,1'), { line: 2 })
  assert.deepEqual(readHistory('2025-01,2025-02,many'), { line: 1 })
  assert.deepEqual(readHistory(''), { line: 1 })
})
