import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstDay, isMonth, lastDay, monthOf, nextMonth } from './month.ts'

test('a month has its days, and the next one follows over the end of a year', () => {
  assert.equal(firstDay('2026-03'), '2026-03-01')
  assert.equal(lastDay('2026-02'), '2026-02-28')
  assert.equal(lastDay('2028-02'), '2028-02-29')
  assert.equal(nextMonth('2026-12'), '2027-01')
  assert.equal(monthOf('2026-03-31'), '2026-03')
})

test('what is no month is not taken for one', () => {
  assert.deepEqual(
    ['2026-01', '2026-12', '2026-13', '2026-00', '2026-1', '26-01', '2026-01-01'].map(isMonth),
    [true, true, false, false, false, false, false],
  )
})
