import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { loadSchemes } from '#app/schemes-folder.ts'
import { fen } from '#base/money.ts'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import { adjustmentsOf } from './adjustments.ts'
import { keptOf } from './kept.ts'
import {
  type BillDifference,
  type CountedBill,
  differencesOf,
  type Movement,
  placeOf,
  type Replay,
  replay,
  type Standing,
} from './replay.ts'
import { createSettler } from './settle.ts'
import type { Bill, Person } from './types.ts'

const book = loadSchemes(join(import.meta.dirname, '../../../schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-11-01') })

// --- a year of the teaching city, in yuan ---------------------------------------------------------

type Given = {
  readonly medical?: string
  readonly level?: string
  readonly stay?: string
  readonly from?: string
}

/** A bill of so many yuan in scope; outpatient at a hospital of level 3 where nothing else is said. */
function billOf(id: string, day: string, yuan: number, given: Given = {}): Bill {
  const { medical = '普通门诊', level = '三级', stay = id, from = day } = given
  const amount = fen(yuan * 100)
  const none = fen(0)
  return {
    id,
    person: 'p',
    admitted: plainDate(from),
    discharged: plainDate(day),
    settled: plainDate(day),
    stay,
    total: amount,
    parts: {
      inScope: amount,
      upfront: none,
      overLimit: none,
      outOfScope: none,
      specialDrug: none,
      separateItem: none,
    },
    lines: [],
    attributes: { medical, level },
    cause: 'illness',
    thirdParty: undefined,
    days: 0,
    events: [],
  }
}

const worker: Person = {
  id: 'p',
  born: plainDate('1985-05-01'),
  attributes: [],
  covers: [
    {
      scheme: 'teaching/shifan/employee',
      from: plainDate('2020-01-01'),
      until: undefined,
      attributes: { class: '在职' },
    },
  ],
}

const villager = (from?: string): Person => ({
  ...worker,
  attributes: from ? [{ from: plainDate(from), attributes: { category: '低保' } }] : [],
  covers: [
    {
      scheme: 'teaching/shifan/resident',
      from: plainDate('2020-01-01'),
      until: undefined,
      attributes: { class: '成年居民' },
    },
  ],
})

type Facts = {
  readonly person?: Person
  readonly movements?: readonly Movement[]
  readonly opening?: Readonly<Record<string, number>>
}

/** The bills settled from nothing, or after others that stand. */
function settled(
  bills: readonly Bill[],
  { person = worker, movements = [], opening = {} }: Facts = {},
  stands: Replay | undefined = undefined,
  cleared: Readonly<Record<string, Standing['drawn']>> = {},
): Replay {
  const counted = bills.map((bill): CountedBill => {
    const before = stands?.bills.find((each) => each.bill.id === bill.id)
    const standing = before && standingOf(before, cleared[bill.id])
    return { bill, rules: 1, settler, standing, own: standing === undefined }
  })
  return replay({ person, bills: counted, movements, opening })
}

function standingOf(each: Replay['bills'][number], cleared: Standing['cleared']): Standing {
  assert(each.settlement)
  return {
    id: each.bill.id,
    kept: JSON.parse(JSON.stringify(keptOf(each.settlement))),
    person: each.person,
    totalsBefore: each.totalsBefore,
    drawn: each.drawn,
    rules: each.rules,
    cleared,
  }
}

/** What each payer bears of each bill, in yuan. */
const payersOf = ({ bills }: Replay) =>
  Object.fromEntries(
    bills.map(({ bill, settlement, refusal }) => [
      bill.id,
      settlement
        ? {
            ...Object.fromEntries(
              Object.entries(settlement.payers).map(([payer, amount]) => [payer, amount / 100]),
            ),
            patient: settlement.patient / 100,
          }
        : refusal.code,
    ]),
  )

/** Before → after, in yuan, of each bill whose amounts changed. */
const movedOf = (differences: readonly BillDifference[]) =>
  Object.fromEntries(
    differences.map(({ bill, payers, patient, reasons }) => [
      bill,
      [
        ...Object.entries(payers).map(
          ([payer, { before, after }]) => `${payer} ${before / 100} → ${after / 100}`,
        ),
        `patient ${patient.before / 100} → ${patient.after / 100}`,
        reasons.join(' '),
      ],
    ]),
  )

describe('a late bill', () => {
  // 第二十一条: the working bear the first 400 yuan of a year; 第二十二条: then 55 % is paid at level 3.
  const march = billOf('b-march', '2025-03-10', 300)
  const may = billOf('b-may', '2025-05-10', 500)
  const stands = settled([march, may])

  test('before it, the deductible of the year is met in March and May', () => {
    assert.deepEqual(payersOf(stands), {
      'b-march': { patient: 300 },
      // 100 is left of the deductible: (500 − 100) × 55 % = 220.
      'b-may': { basicPool: 220, patient: 280 },
    })
  })

  test('of January, below the deductible: March and May reach the rate sooner', () => {
    const done = settled([may, billOf('b-january', '2025-01-20', 200), march], {}, stands)
    assert.deepEqual(movedOf(differencesOf(done.bills)), {
      'b-january': ['patient 0 → 200', 'own'],
      // 200 is left: (300 − 200) × 55 % = 55.
      'b-march': ['basicPool 0 → 55', 'patient 300 → 245', 'totals'],
      // Nothing is left: 500 × 55 % = 275.
      'b-may': ['basicPool 220 → 275', 'patient 280 → 225', 'totals'],
    })
  })

  test('of January, above the deductible: it bears all of it', () => {
    const done = settled([march, may, billOf('b-january', '2025-01-20', 1_000)], {}, stands)
    assert.deepEqual(payersOf(done), {
      'b-january': { basicPool: 330, patient: 670 },
      'b-march': { basicPool: 165, patient: 135 },
      'b-may': { basicPool: 275, patient: 225 },
    })
  })

  test('of December of another year changes nothing of this one', () => {
    const done = settled([march, may, billOf('b-december', '2024-12-20', 1_000)], {}, stands)
    assert.deepEqual(movedOf(differencesOf(done.bills)), {
      // 2024: (1000 − 500) × 55 %.
      'b-december': ['basicPool 0 → 275', 'patient 0 → 725', 'own'],
    })
    assert.deepEqual(
      done.bills.map(({ changed }) => changed),
      [true, false, false],
    )
  })

  test('a cap that is hit moves to the later bill', () => {
    // 第二十三条: 6,000 a year. 7,600 × 55 % = 4,180, and of 2,750 only 1,820 are left.
    const [february, april] = [
      billOf('b-february', '2025-02-10', 8_000),
      billOf('b-april', '2025-04-10', 5_000),
    ]
    const before = settled([february, april])
    assert.deepEqual(payersOf(before), {
      'b-february': { basicPool: 4_180, patient: 3_820 },
      'b-april': { basicPool: 1_820, patient: 3_180 },
    })
    const done = settled([february, april, billOf('b-january', '2025-01-20', 1_000)], {}, before)
    assert.deepEqual(movedOf(differencesOf(done.bills)), {
      'b-january': ['basicPool 0 → 330', 'patient 0 → 670', 'own'],
      'b-february': ['basicPool 4180 → 4400', 'patient 3820 → 3600', 'totals'],
      // 6,000 − 330 − 4,400.
      'b-april': ['basicPool 1820 → 1270', 'patient 3180 → 3730', 'totals'],
    })
  })

  test('what changed nothing keeps standing, and so does what was before it', () => {
    const done = settled([march, may, billOf('b-june', '2025-06-01', 100)], {}, stands)
    assert.deepEqual(
      done.bills.map(({ bill, changed }) => [bill.id, changed]),
      [
        ['b-march', false],
        ['b-may', false],
        ['b-june', true],
      ],
    )
  })
})

test('a reversal in the middle gives its part of the deductible back to the later bills', () => {
  const [january, march, may] = [
    billOf('b-january', '2025-01-20', 200),
    billOf('b-march', '2025-03-10', 300),
    billOf('b-may', '2025-05-10', 500),
  ]
  const stands = settled([january, march, may])
  const done = settled([january, may], {}, stands)
  const [, reversed] = stands.bills
  assert(reversed)
  const gone = [{ bill: 'b-march', standing: standingOf(reversed, undefined) }]
  assert.deepEqual(movedOf(differencesOf(done.bills, gone)), {
    'b-march': ['basicPool 55 → 0', 'patient 245 → 0', 'own'],
    'b-may': ['basicPool 275 → 165', 'patient 225 → 335', 'totals'],
  })
  assert.deepEqual(done.totals, settled([january, may]).totals)
})

describe('assistance is approved in June, from March on', () => {
  const stay = (id: string, from: string, day: string, yuan: number) =>
    billOf(id, day, yuan, { medical: '住院', level: '二级', from })
  const bills = [
    stay('s-february', '2025-02-01', '2025-02-10', 10_000),
    stay('s-april', '2025-04-01', '2025-04-10', 8_000),
    stay('s-may', '2025-05-01', '2025-05-10', 6_000),
  ]
  const stands = settled(bills, { person: villager() })

  test('before it, the basic pool alone pays', () => {
    assert.deepEqual(payersOf(stands), {
      // 第五十一条: 450, 350, 250 off the first, second and third stay; 第五十二条: 75 % at level 2.
      's-february': { basicPool: 7_162.5, patient: 2_837.5 },
      's-april': { basicPool: 5_737.5, patient: 2_262.5 },
      's-may': { basicPool: 4_312.5, patient: 1_687.5 },
    })
  })

  test('after it, assistance pays 80 % of what is left of April and May, and February stays', () => {
    const done = settled(bills, { person: villager('2025-03-01') }, stands)
    assert.deepEqual(movedOf(differencesOf(done.bills)), {
      's-april': [
        'basicPool 5737.5 → 5737.5',
        'medicalAid 0 → 1810',
        'patient 2262.5 → 452.5',
        'facts',
      ],
      's-may': [
        'basicPool 4312.5 → 4312.5',
        'medicalAid 0 → 1350',
        'patient 1687.5 → 337.5',
        'facts',
      ],
    })
    assert.deepEqual(done.totals, settled(bills, { person: villager('2025-03-01') }).totals)
  })

  test('cover that turns out never to have been takes nothing back by itself', () => {
    const uncovered = { ...villager(), covers: [] }
    const done = settled(bills, { person: uncovered }, stands)
    const differences = differencesOf(done.bills)
    assert.deepEqual(
      differences.map(({ bill, refusal, patient }) => [
        bill,
        refusal,
        patient.after - patient.before,
      ]),
      [
        ['s-february', 'not_covered', 0],
        ['s-april', 'not_covered', 0],
        ['s-may', 'not_covered', 0],
      ],
    )
  })
})

describe('personal accounts', () => {
  const opening = { 'account:personal@lifetime': 50_000 }
  const bill = billOf('b-march', '2025-03-10', 300)
  const stands = settled([bill], { opening })

  test('a late bill draws first, and the account pays what is left of the next', () => {
    assert.deepEqual(payersOf(stands), { 'b-march': { personalAccount: 300, patient: 0 } })
    const done = settled([bill, billOf('b-january', '2025-01-20', 400)], { opening }, stands)
    assert.deepEqual(payersOf(done), {
      'b-january': { personalAccount: 400, patient: 0 },
      'b-march': { basicPool: 165, personalAccount: 100, patient: 35 },
    })
    assert.equal(done.totals['account:personal@lifetime'], 0)
  })

  test('what was spent meanwhile cannot be drawn by a late bill, and is no debt', () => {
    const movements: Movement[] = [
      { account: 'personal', on: plainDate('2025-04-01'), amount: -15_000 },
    ]
    const after = settled([bill], { opening, movements }, stands)
    assert.equal(after.totals['account:personal@lifetime'], 5_000)
    const done = settled(
      [bill, billOf('b-january', '2025-01-20', 400)],
      { opening, movements },
      after,
    )
    // 500 were there in January; 150 of them have been spent in April.
    assert.deepEqual(payersOf(done), {
      'b-january': { personalAccount: 350, patient: 50 },
      'b-march': { basicPool: 165, patient: 135 },
    })
    assert.deepEqual(
      done.bills.map(({ spentSince }) => spentSince),
      [15_000, 0],
    )
    assert.equal(done.totals['account:personal@lifetime'], 0)
  })

  test('a credit is there from its day on', () => {
    const movements: Movement[] = [
      { account: 'personal', on: plainDate('2025-03-01'), amount: 10_000 },
    ]
    const done = settled([billOf('b-january', '2025-01-20', 400), bill], { movements })
    assert.deepEqual(payersOf(done), {
      'b-january': { patient: 400 },
      'b-march': { basicPool: 165, personalAccount: 100, patient: 35 },
    })
  })

  test('what a cleared bill drew is not taken back for an earlier one', () => {
    const late = billOf('b-january', '2025-01-20', 400)
    const paid = { 'b-march': stands.bills[0]?.drawn ?? {} }
    const done = settled([bill, late], { opening }, stands, paid)
    assert.deepEqual(payersOf(done), {
      'b-january': { personalAccount: 200, patient: 200 },
      // The pool pays 55 % now, so the account needs only 135 of the 300 it paid.
      'b-march': { basicPool: 165, personalAccount: 135, patient: 0 },
    })
    assert.equal(done.totals['account:personal@lifetime'], 16_500)
    // What it gave back goes to later bills; settled once more, the earlier one gets none of it.
    assert.deepEqual(payersOf(settled([bill, late], { opening }, done, paid)), payersOf(done))
  })
})

describe('who owes whom once a bill was paid', () => {
  const moved = (before: number, after: number) => ({ before, after })
  const difference = (given: Partial<BillDifference>): BillDifference => ({
    bill: 'b',
    reasons: ['totals'],
    total: moved(1_000, 1_000),
    payers: {},
    patient: moved(0, 0),
    benefits: {},
    spentSince: 0,
    refusal: undefined,
    ...given,
  })
  const told = (given: Partial<BillDifference>, paidFirst = false) =>
    adjustmentsOf(difference(given), { paidFirst }).map(
      ({ kind, from, to, amount, state }) => `${kind} ${from} → ${to} ${amount} ${state}`,
    )

  test('a payer that paid too little pays the person', () => {
    assert.deepEqual(told({ payers: { basicPool: moved(600, 700) }, patient: moved(400, 300) }), [
      'supplement basicPool → person 100 ordered',
    ])
  })

  test('a person who received too much is asked only after a person confirms it', () => {
    assert.deepEqual(told({ payers: { basicPool: moved(700, 600) }, patient: moved(300, 400) }), [
      'recovery person → basicPool 100 proposed',
    ])
  })

  test('between payers the person has no part', () => {
    const payers = { basicPool: moved(700, 600), medicalAid: moved(0, 130) }
    assert.deepEqual(told({ payers, patient: moved(300, 270) }), [
      'recovery medicalAid → basicPool 100 ordered',
      'supplement medicalAid → person 30 ordered',
    ])
  })

  test('a bill that was too high is given back by the institution, to payers and patient', () => {
    const payers = { basicPool: moved(700, 560) }
    assert.deepEqual(told({ total: moved(1_000, 800), payers, patient: moved(300, 240) }), [
      'recovery institution → basicPool 140 ordered',
      'recovery institution → person 60 ordered',
    ])
  })

  test('where the person had paid the bill, the institution has no part', () => {
    const payers = { basicPool: moved(700, 560) }
    assert.deepEqual(told({ total: moved(1_000, 800), payers, patient: moved(300, 240) }, true), [
      'recovery person → basicPool 140 proposed',
    ])
  })
})

// --- whatever the order --------------------------------------------------------------------------

const visit = fc.record({
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  year: fc.constantFrom(2024, 2025),
  yuan: fc.integer({ min: 1, max: 30_000 }),
  medical: fc.constantFrom('住院', '普通门诊', '普通门诊'),
  level: fc.constantFrom('一级', '二级', '三级'),
})
const lifeOf = fc.record({
  person: fc.constantFrom(worker, villager(), villager('2025-03-01')),
  visits: fc.array(visit, { minLength: 1, maxLength: 7 }),
  credits: fc.array(fc.record({ month: fc.integer({ min: 1, max: 12 }), yuan: fc.nat(500) }), {
    maxLength: 3,
  }),
  balance: fc.nat(800),
  order: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
})

test('the order in which bills come to be known changes no amount and no total', () => {
  fc.assert(
    fc.property(lifeOf, ({ person, visits, credits, balance, order }) => {
      const bills = visits.map(({ year, month, day, yuan, medical, level }, i) =>
        billOf(`b${i}`, dayOf(year, month, day), yuan, { medical, level }),
      )
      const movements = credits.map(
        ({ month, yuan }): Movement => ({
          account: 'personal',
          on: dayOf(2025, month, 1),
          amount: yuan * 100,
        }),
      )
      const opening = { 'account:personal@lifetime': balance * 100 }
      const facts = { person, movements, opening }
      const atOnce = settled(bills, facts)
      const arriving = bills
        .map((bill, i) => ({ bill, at: order[i] ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ bill }) => bill)
      let current = settled([], facts)
      for (const [i] of arriving.entries())
        current = settled(arriving.slice(0, i + 1), facts, current)
      assert.deepEqual(payersOf(current), payersOf(atOnce))
      assert.deepEqual(current.totals, atOnce.totals)
      for (const { settlement, bill } of current.bills) {
        assert(settlement)
        const paid = Object.values(settlement.payers).reduce((sum, amount) => sum + amount, 0)
        assert.equal(paid + settlement.patient, bill.total)
      }
      // What was last known is what stands: once more changes nothing.
      const again = settled(arriving, facts, current)
      assert(again.bills.every(({ changed }) => !changed))
    }),
    { numRuns: 150 },
  )
})

function dayOf(year: number, month: number, day: number): PlainDate {
  return plainDate(`${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`)
}

test('bills stand by the day care ended, then began, transfers last, then by number', () => {
  const bills = [
    { ...billOf('w', '2025-03-10', 1), transferFrom: 'y' },
    billOf('y', '2025-03-10', 1),
    billOf('x', '2025-03-10', 1, { from: '2025-03-01' }),
    billOf('a', '2025-03-11', 1),
  ]
  const inOrder = bills.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  assert.deepEqual(
    inOrder.map(({ id }) => id),
    ['x', 'y', 'w', 'a'],
  )
})
