import assert from 'node:assert/strict'
import { test } from 'node:test'
import { yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { accountOf, statementOf } from './statement.ts'

/** The worked example of the README: 60 / 30 / 10 %, 1,000 insured who paid 158 yuan each. */
const PANEL = {
  lead: 'R01',
  members: [
    { insurer: 'R01', name: '甲', share: 600_000 },
    { insurer: 'R02', name: '乙', share: 300_000 },
    { insurer: 'R03', name: '丙', share: 100_000 },
  ],
}
/** As enrolment had it throughout. */
const ENROLLED = {
  insured: 1_000,
  everInsured: 1_000,
  preexisting: 120,
  premiumDue: yuan('158000'),
  premiumCollected: yuan('158158'),
  premiumRefunded: yuan('158'),
}
const month = (name: string, inScope: string, drug: string) => ({
  month: name,
  claims: [
    { rule: 'in-scope', amount: yuan(inScope) },
    { rule: 'drug', amount: yuan(drug) },
  ],
  enrolled: ENROLLED,
  closedBy: 'cashier',
  closedAt: '',
})
const FACTS = {
  closed: [
    month('2026-01', '10000.00', '0.00'),
    month('2026-02', '9000.00', '4000.01'),
    month('2026-03', '20000.00', '5000.00'),
  ],
  received: [
    { insurer: 'R02', on: plainDate('2026-02-10'), amount: yuan('3000.00') },
    { insurer: 'R02', on: plainDate('2026-03-10'), amount: yuan('900.00') },
    { insurer: 'R03', on: plainDate('2026-03-01'), amount: yuan('1300.00') },
  ],
}

test('February: claims 3,000.01 more, and what each owes before and after', () => {
  const found = statementOf(PANEL, '2026-02', FACTS)
  assert.deepEqual(found.claims, { inMonth: yuan('3000.01'), inYear: yuan('13000.01') })
  assert.deepEqual(found.liabilities, [
    { rule: 'in-scope', inMonth: yuan('-1000'), inYear: yuan('9000') },
    { rule: 'drug', inMonth: yuan('4000.01'), inYear: yuan('4000.01') },
  ])
  assert.equal(found.premium, yuan('158000'))
  // 13,000.01 ÷ 158,000.00 = 8.2279 %
  assert.equal(found.lossRatio, 82_300)
  const [lead, second, third] = found.insurers
  // floor(1,300,001 × 0.6) = 780,000; floor(× 0.9) = 1,170,000; the fen that is over is the last one's.
  assert.deepEqual(lead?.claims, { inMonth: yuan('1800'), inYear: yuan('7800') })
  assert.deepEqual([lead?.opening, lead?.closing, lead?.owes], [0, 0, 0])
  assert.deepEqual(second, {
    insurer: 'R02',
    name: '乙',
    share: 300_000,
    leads: false,
    premium: yuan('47400'),
    claims: { inMonth: yuan('900'), inYear: yuan('3900') },
    opening: yuan('3000'),
    paid: { inMonth: yuan('3000'), inYear: yuan('3000') },
    closing: yuan('900'),
    // 30 % of 25,000.00 by March, less 3,900.00.
    owes: yuan('3600'),
  })
  assert.deepEqual(third?.claims, { inMonth: yuan('300.01'), inYear: yuan('1300.01') })
  assert.deepEqual(
    [third?.opening, third?.closing, third?.owes],
    [yuan('1000'), yuan('1300.01'), yuan('1200')],
  )
})

test('without a premium there is no loss ratio', () => {
  const enrolled = { ...ENROLLED, premiumCollected: 0, premiumRefunded: 0 }
  const closed = FACTS.closed.map((each) => ({ ...each, enrolled }))
  assert.equal(statementOf(PANEL, '2026-01', { ...FACTS, closed }).lossRatio, undefined)
})

test('the account of an insurer, month by month, ends where its statement does', () => {
  assert.deepEqual(accountOf(PANEL, 'R02', '2026-03', FACTS), [
    { month: '2026-01', opening: 0, claims: yuan('3000'), paid: 0, closing: yuan('3000') },
    {
      month: '2026-02',
      opening: yuan('3000'),
      claims: yuan('900'),
      paid: yuan('3000'),
      closing: yuan('900'),
    },
    {
      month: '2026-03',
      opening: yuan('900'),
      claims: yuan('3600'),
      paid: yuan('900'),
      closing: yuan('3600'),
    },
  ])
  for (const { month } of FACTS.closed)
    for (const { insurer, opening, closing } of statementOf(PANEL, month, FACTS).insurers) {
      const last = accountOf(PANEL, insurer, month, FACTS).at(-1)
      assert.deepEqual([last?.opening, last?.closing], [opening, closing])
    }
})
