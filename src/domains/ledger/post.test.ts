import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  balancesOf,
  columnsOf,
  decided,
  legsIn,
  legsOf,
  payeeOf,
  redirect,
  reversed,
} from './post.ts'
import type { Leg, Settled } from './types.ts'

const BASIC = 'teaching/shifan/employee-inpatient'
const LARGE = 'teaching/shifan/employee-large-amount'
const BILL = { person: 'P1', institution: 'H1', attributes: {} }

const settled = (amounts: Readonly<Record<string, number>>): Settled => ({
  tiers: [
    { tier: BASIC, payer: 'basicPool', paid: amounts.basic ?? 0 },
    { tier: LARGE, payer: 'employeeLargeAmount', paid: amounts.large ?? 0 },
    {
      tier: 'teaching/shifan/personal-account',
      payer: 'personalAccount',
      paid: amounts.account ?? 0,
    },
    { tier: 'teaching/shifan/hospital-part', payer: 'hospital', paid: amounts.hospital ?? 0 },
  ],
  benefits: amounts.allowance
    ? [
        {
          benefit: 'teaching/shifan/products/allowance',
          payer: 'groupCommercial',
          amount: amounts.allowance,
        },
      ]
    : [],
})

const plain = (legs: readonly Leg[]) =>
  Object.fromEntries(
    [...balancesOf(legs)].map(([fund, accounts]) => [fund, Object.fromEntries(accounts)]),
  )

describe('a settlement', () => {
  test('each fund owes the institution its part; an account pays out of the balance; a hospital’s own part moves nothing', () => {
    const legs = legsOf(settled({ basic: 8_000, account: 500, hospital: 300 }), BILL)
    assert.deepEqual(plain(legs), {
      'basicPool@teaching/shifan': { [`claims/${BASIC}`]: -8_000, 'owed/institution/H1': 8_000 },
      personalAccount: { 'balance/person/P1': -500, 'owed/institution/H1': 500 },
    })
  })

  test('who paid the bill first is owed the refund; a fixed benefit is always the person’s', () => {
    const paidFirst = { ...BILL, invoice: { handedIn: '2025-03-01' } }
    assert.equal(payeeOf(paidFirst, 'basicPool'), 'owed/person/P1')
    const legs = legsOf(settled({ basic: 8_000, allowance: 1_000 }), BILL)
    assert.equal(legs.at(-1)?.credit, 'owed/person/P1')
  })

  test('a bill that names no institution is owed to the hospital of its answers, or to nobody known', () => {
    assert.equal(
      payeeOf({ person: 'P1', attributes: { hospital: '甲院' } }, 'basicPool'),
      'owed/institution/甲院',
    )
    assert.equal(payeeOf({ person: 'P1', attributes: {} }, 'basicPool'), 'owed/institution/-')
  })

  test('whatever is settled and undone leaves nothing, and every fund adds up to zero', () => {
    const amount = fc.integer({ min: 0, max: 10_000_000 })
    const any = fc.record({ basic: amount, large: amount, account: amount, allowance: amount })
    fc.assert(
      fc.property(any, (amounts) => {
        const legs = legsOf(settled(amounts), BILL)
        for (const accounts of balancesOf(legs).values())
          assert.equal(
            [...accounts.values()].reduce((a, b) => a + b, 0),
            0,
          )
        assert.equal(
          balancesOf([...legs, ...reversed(legs)])
            .values()
            .next().value?.size ?? 0,
          0,
        )
        assert.deepEqual(legsIn(columnsOf(legs)), legs)
      }),
    )
  })
})

describe('the differences of a bill that was paid', () => {
  const parties = { person: 'P1', payee: () => 'owed/institution/H1' }
  const moved = (before: Settled, after: Settled): Leg[] => [
    ...reversed(legsOf(before, BILL)),
    ...legsOf(after, BILL),
  ]

  test('the fund paid 20.00 too much and the patient too little: the person owes it, once somebody confirms', () => {
    const changed = moved(settled({ basic: 10_000 }), settled({ basic: 8_000 }))
    const owings = [{ from: 'person', to: 'basicPool', amount: 2_000 }]
    const redirects = redirect(changed, owings, parties)
    assert.deepEqual(plain([...changed, ...redirects])['basicPool@teaching/shifan'], {
      [`claims/${BASIC}`]: 2_000,
      'proposed/person/P1': -2_000,
    })
    const [owing] = owings
    assert(owing)
    const confirmed = decided(redirects, owing, 'P1', 'confirmed')
    assert.deepEqual(plain([...redirects, ...confirmed]), {
      'basicPool@teaching/shifan': { 'owed/institution/H1': 2_000, 'due/person/P1': -2_000 },
    })
    const waived = decided(redirects, owing, 'P1', 'waived')
    assert.equal(waived[0]?.debit, 'waived')
  })

  test('the patient paid too much: the fund owes the person, and the institution nothing more', () => {
    const changed = moved(settled({ basic: 8_000 }), settled({ basic: 10_000 }))
    const redirects = redirect(
      changed,
      [{ from: 'basicPool', to: 'person', amount: 2_000 }],
      parties,
    )
    assert.deepEqual(plain([...changed, ...redirects])['basicPool@teaching/shifan'], {
      [`claims/${BASIC}`]: -2_000,
      'owed/person/P1': 2_000,
    })
  })

  test('one fund paid for another: they owe each other, and nobody else', () => {
    const changed = moved(settled({ basic: 10_000 }), settled({ basic: 7_000, large: 3_000 }))
    const owings = [{ from: 'employeeLargeAmount', to: 'basicPool', amount: 3_000 }]
    const after = plain([...changed, ...redirect(changed, owings, parties)])
    assert.deepEqual(after['basicPool@teaching/shifan'], {
      [`claims/${BASIC}`]: 3_000,
      'between/employeeLargeAmount': -3_000,
    })
    assert.deepEqual(after['employeeLargeAmount@teaching/shifan'], {
      [`claims/${LARGE}`]: -3_000,
      'between/basicPool': 3_000,
    })
  })

  test('the bill itself came to less: the institution has to give back, and that is where it stays', () => {
    const changed = moved(settled({ basic: 10_000 }), settled({ basic: 8_000 }))
    const owings = [{ from: 'institution', to: 'basicPool', amount: 2_000 }]
    assert.deepEqual(redirect(changed, owings, parties), [])
  })

  test('a corrected institution: the one gives back, the other is owed, whatever else a person owes', () => {
    const other = { ...BILL, institution: 'H2' }
    const changed = [
      ...reversed(legsOf(settled({ basic: 10_000 }), BILL)),
      ...legsOf(settled({ basic: 8_000 }), other),
    ]
    const owings = [{ from: 'person', to: 'basicPool', amount: 2_000 }]
    const after = plain([
      ...changed,
      ...redirect(changed, owings, { person: 'P1', payee: () => 'owed/institution/H2' }),
    ])
    assert.deepEqual(after['basicPool@teaching/shifan'], {
      [`claims/${BASIC}`]: 2_000,
      'owed/institution/H1': -8_000,
      'owed/institution/H2': 8_000,
      'proposed/person/P1': -2_000,
    })
  })
})
