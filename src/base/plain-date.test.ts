import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addDays,
  addMonths,
  ageOn,
  compose,
  parsePlainDate,
  plainDate,
  yearOf,
} from './plain-date.ts'

test('a date is a day of the calendar, written YYYY-MM-DD', () => {
  assert.equal(parsePlainDate('2024-02-29'), '2024-02-29')
  assert.equal(parsePlainDate('1999-12-31'), '1999-12-31')
  const wrong = ['2023-02-29', '2024-02-30', '2024-13-01', '2024-00-10', '2024-04-31']
  const misspelt = ['2024-2-3', '2024/02/03', '20240203', '2024-02-03T00:00', ' 2024-02-03', '今天']
  for (const text of [...wrong, ...misspelt, '2024-02-03\n', ''])
    assert.equal(parsePlainDate(text), undefined, JSON.stringify(text))
  assert.throws(() => plainDate('2024-02-30'), /not a calendar date: 2024-02-30/)
})

test('centuries: 2000 was a leap year, 1900 and 2100 are not', () => {
  assert(parsePlainDate('2000-02-29'))
  assert.equal(parsePlainDate('1900-02-29'), undefined)
  assert.equal(parsePlainDate('2100-02-29'), undefined)
})

test('dates compare as text', () => {
  assert(plainDate('2023-12-31') < plainDate('2024-01-01'))
  assert(plainDate('2024-09-30') < plainDate('2024-10-01'))
})

test('months later: the same day, or the last of a shorter month', () => {
  assert.equal(addMonths(plainDate('2024-03-15'), 3), '2024-06-15')
  assert.equal(addMonths(plainDate('2024-11-30'), 3), '2025-02-28')
  assert.equal(addMonths(plainDate('2023-11-30'), 3), '2024-02-29')
  assert.equal(addMonths(plainDate('2024-02-29'), 12), '2025-02-28')
  assert.equal(addMonths(plainDate('2024-12-31'), 0), '2024-12-31')
  assert.equal(addMonths(plainDate('2024-01-31'), -2), '2023-11-30')
})

test('days later, across months and leap days', () => {
  assert.equal(addDays(plainDate('2024-02-28'), 1), '2024-02-29')
  assert.equal(addDays(plainDate('2023-12-31'), 1), '2024-01-01')
  assert.equal(addDays(plainDate('2024-03-01'), -1), '2024-02-29')
  assert.equal(addDays(plainDate('2024-03-01'), 0), '2024-03-01')
})

test('age: the birthday itself counts', () => {
  const born = plainDate('1964-07-01')
  assert.equal(ageOn(born, plainDate('2024-06-30')), 59)
  assert.equal(ageOn(born, plainDate('2024-07-01')), 60)
  assert.equal(ageOn(born, plainDate('2024-12-31')), 60)
  assert.equal(ageOn(born, born), 0)
})

test('someone born on 29 February comes of age on 1 March of a common year', () => {
  const born = plainDate('2004-02-29')
  assert.equal(ageOn(born, plainDate('2022-02-28')), 17)
  assert.equal(ageOn(born, plainDate('2022-03-01')), 18)
  assert.equal(ageOn(born, plainDate('2024-02-29')), 20)
})

test('a date from its numbers, and the year of a date', () => {
  assert.equal(compose(2024, 7, 1), '2024-07-01')
  assert.equal(yearOf(plainDate('2024-07-01')), 2024)
  assert.throws(() => compose(2024, 2, 30), /not a calendar date/)
})

test('whole years later a person is that much older, but for a 29 February', () => {
  const day = fc.record({
    year: fc.integer({ min: 1900, max: 2100 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  })
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 110 }), ({ year, month, day }, years) => {
      const born = compose(year, month, day)
      assert.equal(ageOn(born, addMonths(born, years * 12)), years)
    }),
  )
})
