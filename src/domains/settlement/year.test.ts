import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadSchemes } from '#app/schemes-folder.ts'
import { fen } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { type Movement, replay } from './replay.ts'
import { createSettler } from './settle.ts'
import type { Bill, Person } from './types.ts'
import { yearOf } from './year.ts'

const book = loadSchemes(join(import.meta.dirname, '../../../schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-11-01') })

const worker: Person = {
  id: 'p',
  born: plainDate('1985-05-01'),
  attributes: [],
  covers: [
    {
      scheme: 'teaching/shifan/employee',
      from: plainDate('2020-01-01'),
      until: plainDate('2025-12-31'),
      attributes: { class: '在职' },
    },
  ],
}

/** A bill of a day, a stay of its own or the second of two, of so many yuan in scope. */
function billOf(id: string, day: string, yuan: number, medical: string, stay = id): Bill {
  const amount = fen(yuan * 100)
  const none = fen(0)
  const on = plainDate(day)
  return {
    ...{ id, person: 'p', admitted: on, discharged: on, settled: on, stay, total: amount },
    parts: {
      ...{ inScope: amount, upfront: none, overLimit: none },
      ...{ outOfScope: none, specialDrug: none, separateItem: none },
    },
    ...{ lines: [], attributes: { medical, level: '三级' }, cause: 'illness' },
    ...{ thirdParty: undefined, days: 0, events: [] },
  }
}

/** Settles in order from what was there, and says what each comes to. */
function settled(
  bills: readonly Bill[],
  opening: Readonly<Record<string, number>>,
  movements: readonly Movement[],
) {
  const counted = bills.map((bill) => ({
    ...{ bill, rules: 1, settler, standing: undefined, own: true },
  }))
  return replay({ person: worker, bills: counted, movements, opening }).bills.map((each) => {
    assert(each.settlement)
    const { total, patient, payers } = each.settlement
    return { ...each, total, patient, payers }
  })
}

const PERSONAL = 'account:personal@lifetime'

test('a year begins with what the bills of earlier years left, in totals and in accounts', () => {
  const bills = [
    billOf('old', '2024-03-01', 900, '普通门诊'),
    billOf('new', '2025-03-01', 900, '普通门诊'),
  ]
  const opening = { [PERSONAL]: 50_000 }
  const movements: Movement[] = [
    { account: 'personal', on: plainDate('2024-06-01'), amount: 1_000 },
    { account: 'personal', on: plainDate('2025-02-01'), amount: 2_000 },
  ]
  const [old, now] = settled(bills, opening, movements)
  assert(old && now)
  const standing = [old, now]
  const year = yearOf({ person: worker, opening, movements, standing }, 2025)
  assert(year)
  assert.deepEqual(
    year.bills.map(({ id }) => id),
    ['new'],
  )
  // 500 yuan less what the old bill drew, and the ten of June; those of February are still to come.
  assert.equal(year.opening[PERSONAL], 50_000 - (old.drawn[PERSONAL] ?? 0) + 1_000)
  assert.deepEqual(year.movements, [movements[1]])
  assert.deepEqual(year.settled, { paid: now.total - now.patient, patient: now.patient })
  const nobody = yearOf({ person: worker, opening, movements, standing }, 2026)
  assert.equal(nobody, undefined, 'neither covered nor with a bill')
})

test('a year settled again by itself comes to what it came to after all the years before it', () => {
  const days = fc
    .integer({ min: 0, max: 729 })
    .map((n) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10))
  const bill = fc.record({
    day: days,
    yuan: fc.integer({ min: 20, max: 40_000 }),
    medical: fc.constantFrom('住院', '普通门诊'),
    together: fc.boolean(),
  })
  const movement = fc.record({ day: days, yuan: fc.integer({ min: -100, max: 800 }) })
  fc.assert(
    fc.property(
      fc.array(bill, { minLength: 1, maxLength: 10 }),
      fc.array(movement, { maxLength: 5 }),
      (given, moved) => {
        const ordered = given.toSorted((a, b) => (a.day < b.day ? -1 : 1))
        const bills = ordered.map(({ day, yuan, medical, together }, i) => {
          // Some are the next bill of the stay before, also over the turn of the year.
          const before = ordered[i - 1]
          const stay = together && before?.medical === medical ? `b${i - 1}` : `b${i}`
          return billOf(`b${i}`, day, yuan, medical, stay)
        })
        const opening = { [PERSONAL]: 500_00 }
        const movements = moved.map(
          ({ day, yuan }): Movement => ({
            ...{ account: 'personal', on: plainDate(day), amount: yuan * 100 },
          }),
        )
        const standing = settled(bills, opening, movements)
        const year = yearOf({ person: worker, opening, movements, standing }, 2025)
        assert(year)
        const again = settled(year.bills, year.opening, year.movements)
        for (const each of again) {
          const was = standing.find(({ bill }) => bill.id === each.bill.id)
          assert.deepEqual([each.payers, each.patient], [was?.payers, was?.patient])
        }
        assert.equal(
          again.reduce((sum, { patient }) => sum + patient, 0),
          year.settled.patient,
        )
      },
    ),
    { numRuns: 300 },
  )
})
