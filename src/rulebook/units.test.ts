import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { Amount, Day, Days, Months, Percent } from './units.ts'

function complaint(unit: z.ZodType, value: unknown): string | undefined {
  return unit.safeParse(value).error?.issues[0]?.message
}

test('each value carries its unit', () => {
  assert.equal(Amount.parse('1200元'), 120_000)
  assert.equal(Amount.parse('0.05元'), 5)
  assert.equal(Percent.parse('85%'), 850_000)
  assert.equal(Percent.parse('0%'), 0)
  assert.equal(Percent.parse('100%'), 1_000_000)
  assert.equal(Percent.parse('33.3333%'), 333_333)
  assert.equal(Days.parse('15天'), 15)
  assert.equal(Months.parse('3个月'), 3)
  assert.equal(Day.parse('2024-02-29'), '2024-02-29')
})

test('60元 never passes for 60%, nor the other way round', () => {
  assert.equal(
    complaint(Percent, '60元'),
    'expected a percentage from 0% to 100% such as 85%, got "60元"',
  )
  assert.equal(complaint(Amount, '60%'), 'expected an amount in yuan such as 1200元, got "60%"')
})

test('a number without a unit is refused', () => {
  assert.equal(complaint(Percent, 60), 'expected a percentage with its sign, such as 85%, got 60')
  assert.match(complaint(Percent, '60') ?? '', /got "60"/)
  assert.equal(
    complaint(Amount, 1200),
    'expected an amount with its unit, such as 1200元, got 1200',
  )
  assert.match(complaint(Amount, '1200') ?? '', /got "1200"/)
  assert.match(complaint(Days, 3) ?? '', /such as 3天/)
  assert.match(complaint(Months, '3') ?? '', /such as 3个月, got "3"/)
})

test('the wrong unit of time is refused', () => {
  assert.match(complaint(Months, '3天') ?? '', /months such as 3个月, got "3天"/)
  assert.match(complaint(Days, '3个月') ?? '', /days such as 3天, got "3个月"/)
  assert.match(complaint(Months, '3月') ?? '', /got "3月"/)
})

test('amounts have no sign, no separators and no more than two decimals', () => {
  for (const text of ['-100元', '1,200元', '1.234元', '1200 元', '1.2万元', '元', '￥1200'])
    assert.match(complaint(Amount, text) ?? '', /expected an amount in yuan/, text)
})

test('a percentage is at most the whole', () => {
  for (const text of ['101%', '100.0001%', '-5%', '85 %', '85％', '0.85', '1.23456%'])
    assert.match(complaint(Percent, text) ?? '', /expected a percentage/, text)
})

test('a day is a day of the calendar', () => {
  assert.equal(complaint(Day, '2023-02-29'), '2023-02-29 is not a day of the calendar')
  assert.equal(
    complaint(Day, '2023-7-1'),
    'expected a calendar date such as 2024-07-01, got "2023-7-1"',
  )
})
