import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainDate } from '#base/plain-date.ts'
import { ACCOUNT_ACTS, type AccountFacts, type AskedOfAccount, askAccount } from './account.ts'

const facts: AccountFacts = {
  balance: 150_000,
  died: undefined,
  today: plainDate('2026-06-30'),
  uses: [
    {
      purpose: '定点药店购药',
      from: plainDate('2020-01-01'),
      permitted: true,
      source: '示例文件',
      article: '第一条',
    },
    {
      purpose: '健身',
      from: plainDate('2020-01-01'),
      permitted: true,
      source: '示例文件',
      article: null,
    },
    {
      purpose: '健身',
      from: plainDate('2024-01-01'),
      permitted: false,
      source: '示例文件二',
      article: null,
    },
  ],
  isFamily: undefined,
}
const result = (asked: Partial<AskedOfAccount>, more: Partial<AccountFacts> = {}) => {
  const whole = {
    act: 'use' as const,
    amount: 100,
    on: plainDate('2026-06-30'),
    purpose: undefined,
  }
  const done = askAccount({ ...whole, ...asked }, { ...facts, ...more })
  return done.ok ? done.value : done.error.code
}

test('money comes in and goes out', () => {
  assert.equal(result({ act: 'credit', amount: 20_000 }), 20_000)
  assert.equal(result({ act: 'transfer-out', amount: 150_000 }), -150_000)
  assert.equal(result({ act: 'transfer-out', amount: 150_001 }), 'account_short')
})

test('a purpose is permitted by a rule of the day, and by nothing else', () => {
  assert.equal(result({ purpose: '定点药店购药' }), -100)
  assert.equal(result({}), 'purpose_needed')
  assert.equal(result({ purpose: '旅游' }), 'purpose_unknown')
  assert.equal(result({ purpose: '定点药店购药', on: plainDate('2019-12-31') }), 'purpose_unknown')
  assert.equal(result({ purpose: '健身', on: plainDate('2023-12-31') }), -100)
  assert.equal(result({ purpose: '健身', on: plainDate('2024-01-01') }), 'purpose_not_permitted')
})

test('an account is shared with family alone', () => {
  assert.equal(result({ act: 'share' }), 'counterpart_needed')
  assert.equal(result({ act: 'share' }, { isFamily: false }), 'not_family')
  assert.equal(result({ act: 'share' }, { isFamily: true }), -100)
})

test('after a death the whole balance goes to an heir or is paid out, and nothing else happens', () => {
  const dead = { died: plainDate('2026-01-01'), isFamily: false }
  assert.equal(result({ act: 'credit' }, dead), 'account_closed')
  assert.equal(result({ act: 'left', amount: 100 }, dead), 'whole_balance_wanted')
  assert.equal(result({ act: 'left', amount: 150_000 }, dead), -150_000)
  assert.equal(result({ act: 'paid-out', amount: 150_000 }), 'owner_lives')
})

test('whatever is asked, no balance falls below zero', () => {
  const asked = fc.record({
    act: fc.constantFrom(...ACCOUNT_ACTS),
    amount: fc.integer({ min: 1, max: 50_000 }),
    on: fc.constant(plainDate('2026-01-01')),
    purpose: fc.constant('定点药店购药'),
  })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 40 }), (all) => {
      let balance = 0
      for (const each of all) {
        const done = askAccount(each, { ...facts, balance, isFamily: true })
        if (done.ok) balance += done.value
        assert(balance >= 0)
      }
    }),
  )
})
