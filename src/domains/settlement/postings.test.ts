import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { balancesOf, decided, legsOf, redirect, reversed } from '#domains/ledger/index.ts'
import { type Adjustment, adjustmentsOf } from './adjustments.ts'
import { accountsIn, atKeptNumber, openingEntry, postingsOf } from './postings.ts'
import type { Payer } from './types.ts'

const PAYERS = [
  'basicPool',
  'residentCriticalIllness',
  'medicalAid',
  'personalAccount',
  'hospital',
] as const
const BILL = { id: 'B1', person: 'P1', institution: 'H1', attributes: {} }

/** A bill of some total and what each payer bears of it. */
const Sides = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 5, maxLength: 5 }),
    fc.integer({ min: 0, max: 900_000 }),
    fc.integer({ min: 0, max: 50_000 }),
  )
  .map(([paid, patient, benefit]) => ({ paid, patient, benefit }))
type OneSide = {
  readonly paid: readonly number[]
  readonly patient: number
  readonly benefit: number
}

const settledOf = ({ paid, benefit }: OneSide) => ({
  tiers: PAYERS.map((payer, i) => ({ tier: `land/city/${payer}`, payer, paid: paid[i] ?? 0 })),
  benefits: [{ benefit: 'land/city/allowance', payer: 'medicalAid' as const, amount: benefit }],
})

/** What had to move, as a replay works it out. */
function adjusted(before: OneSide, after: OneSide, paidFirst: boolean): Adjustment[] {
  const pair = (a: number, b: number) => ({ before: a, after: b })
  const totalOf = ({ paid, patient }: OneSide) => paid.reduce((a, b) => a + b, patient)
  const payers = PAYERS.map((payer, i) => [payer, pair(before.paid[i] ?? 0, after.paid[i] ?? 0)])
  return adjustmentsOf(
    {
      bill: 'B1',
      reasons: ['facts'],
      total: pair(totalOf(before), totalOf(after)),
      payers: Object.fromEntries(payers),
      patient: pair(before.patient, after.patient),
      benefits: { medicalAid: pair(before.benefit, after.benefit) },
      spentSince: 0,
      refusal: undefined,
    },
    { paidFirst },
  )
}

describe('the postings of a replay', () => {
  test('whoever owes whom by the adjustments owes it on the books as well, to the fen', () => {
    fc.assert(
      fc.property(Sides, Sides, fc.boolean(), (before, after, paidFirst) => {
        const bill = paidFirst ? { ...BILL, invoice: { handedIn: '2025-01-01' } } : BILL
        const owings = adjusted(before, after, paidFirst)
        const moved = [
          ...reversed(legsOf(settledOf(before), bill)),
          ...legsOf(settledOf(after), bill),
        ]
        const payee = paidFirst ? 'owed/person/P1' : 'owed/institution/H1'
        const all = [...moved, ...redirect(moved, owings, { person: 'P1', payee: () => payee })]
        const funds = balancesOf(all)
        const expected = new Map<string, number>()
        const owe = (payer: string, account: string, amount: number) =>
          expected.set(`${payer} ${account}`, (expected.get(`${payer} ${account}`) ?? 0) + amount)
        for (const { from, to, amount } of owings) {
          // A hospital that bears a part has no fund: whoever is paid for the bill is paid so much less.
          const isPayer = (party: string): party is Payer =>
            party !== 'person' && party !== 'institution' && party !== 'hospital'
          if (isPayer(from))
            owe(
              from,
              isPayer(to) ? `between/${to}` : to === 'person' ? 'owed/person/P1' : payee,
              amount,
            )
          if (isPayer(to))
            owe(
              to,
              isPayer(from) ? `between/${from}` : from === 'person' ? 'proposed/person/P1' : payee,
              -amount,
            )
        }
        const found = new Map<string, number>()
        for (const [fund, accounts] of funds)
          for (const [account, amount] of accounts)
            if (!/^(claims|balance)\//.test(account))
              found.set(`${fund.split('@')[0]} ${account}`, amount)
        assert.deepEqual(
          Object.fromEntries([...found].toSorted()),
          Object.fromEntries([...expected].filter(([, amount]) => amount !== 0).toSorted()),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  test('what a person owes a hospital is decided, and is on no fund’s books', () => {
    assert.deepEqual(decided([], { to: 'institution', amount: 100 }, 'P1', 'confirmed'), [])
    assert.deepEqual(decided([], { to: 'hospital', amount: 100 }, 'P1', 'waived'), [])
  })

  test('what ended is undone, what took its place is posted, and each leads back to both', () => {
    const old = legsOf(settledOf({ paid: [100, 0, 0, 0, 0], patient: 0, benefit: 0 }), BILL)
    const now = legsOf(settledOf({ paid: [80, 20, 0, 0, 0], patient: 0, benefit: 0 }), BILL)
    const bills = [
      { bill: BILL, ended: { id: 's1', legs: old }, made: { id: 's2', legs: now }, owings: [] },
    ]
    const entries = postingsOf('r1', bills)
    assert.deepEqual(
      entries.map(({ subject, kind, bill, replay }) => [subject, kind, bill, replay]),
      [
        ['s1', 'ended', 'B1', 'r1'],
        ['s2', 'settled', 'B1', 'r1'],
      ],
    )
  })
})

test('what is in the accounts of a person is one balance, whatever year it is of', () => {
  const totals = {
    'account:personal@lifetime': 5,
    'account:currentYear@2025': 30,
    'account:previousYears@lifetime': 100,
    'account:family@lifetime': 7,
    'land/city/tier:paid@2025': 900,
  }
  assert.deepEqual(accountsIn(totals), { personal: 135, family: 7 })
  assert.deepEqual(
    openingEntry('P1', totals).legs.map(({ fund, amount }) => [fund, amount]),
    [
      ['personalAccount', 135],
      ['familyAccount', 7],
    ],
  )
})

test('what a merged file was paid is not owed again: the undoing follows to the kept number once money has moved', () => {
  const legs = [{ fund: 'f', debit: 'claims/x', credit: 'owed/person/old', amount: 100 }]
  const creditOf = (isCleared: boolean) => atKeptNumber('kept', legs, isCleared)[0]?.credit
  assert.equal(creditOf(true), 'owed/person/kept')
  assert.equal(creditOf(false), 'owed/person/old')
})
