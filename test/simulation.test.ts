/**
 * Years of real life, made of seeds and played through the pure decisions: late bills, reversals, corrections,
 * categories approved afterwards, accounts, clearing, payment runs with whatever a bank may answer, decisions, merges of
 * persons, corrected rules. `npm run test:simulation` plays ten thousand of them on a real database, which is killed now
 * and then. SEED and SEEDS choose others.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Settler } from '#domains/settlement/index.ts'
import { replay } from '#domains/settlement/replay.ts'
import { seeded } from './chance.ts'
import { check, type Invariant, outcomeOf } from './simulation/books.ts'
import { type Fact, shuffled, type Year, yearOf } from './simulation/facts.ts'
import { HONEST, Office, type Parts } from './simulation/office.ts'

const FIRST = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? 300)
const seeds = Array.from({ length: SEEDS }, (_, i) => FIRST + i)
/** In these years every planted fault has to show. */
const years = Array.from({ length: 60 }, (_, i) => 1 + i)

/** A year is made once, however many offices it is played in. */
const made = new Map<number, Year>()
function yearMade(seed: number): Year {
  const year = made.get(seed) ?? yearOf(seed)
  made.set(seed, year)
  return year
}

/** Plays a year, and checks after each fact every file that it changed. */
function play(seed: number, parts: Parts = HONEST, only?: Invariant): void {
  const office = new Office(parts)
  for (const fact of yearMade(seed).facts) check(office, office.learn(fact).changed, only)
}

/** The files at the end, of facts that came in this order. */
function outcome(facts: readonly Fact[], parts: Parts = HONEST) {
  const office = new Office(parts)
  for (const fact of facts) office.learn(fact)
  return Object.fromEntries([...office.files].map(([id, file]) => [id, outcomeOf(file)]))
}

function differsInAnotherOrder(seed: number, parts: Parts = HONEST): boolean {
  const { facts, ordered } = yearMade(seed)
  if (ordered) return false
  try {
    assert.deepEqual(outcome(shuffled(facts, seeded(seed)), parts), outcome(facts, parts))
    return false
  } catch {
    return true
  }
}

describe('years of people of the teaching city', () => {
  test(`the invariants hold after every fact of ${SEEDS} years`, () => {
    for (const seed of seeds) {
      try {
        play(seed)
      } catch (cause) {
        throw new Error(`to see it again: SEED=${seed} SEEDS=1`, { cause })
      }
    }
  })

  test('whatever order the same facts come in, the sums and the totals are the same', () => {
    const differing = seeds.filter((seed) => differsInAnotherOrder(seed))
    assert.deepEqual(differing, [], 'these seeds differ')
  })
})

describe('an office that errs is found out', () => {
  const settling = (err: (settler: Settler) => Settler['settle']): Parts => ({
    ...HONEST,
    settle: (settler) => ({ settle: err(settler) }),
  })

  const ordering = (order: Partial<Parts['order']>): Parts => ({
    ...HONEST,
    order: { ...HONEST.order, ...order },
  })

  const FAULTS: Readonly<Record<Invariant, Parts | readonly Parts[]>> = {
    // One fen too much is put on the patient's part of a line.
    'payers and patient are the bill, on every line': settling(
      (settler) => (bill, person, totals) => {
        const settled = settler.settle(bill, person, totals)
        if (!settled.ok) return settled
        const [first, ...rest] = settled.value.lines
        const lines = first ? [{ ...first, patient: (first.patient + 1) as never }, ...rest] : []
        return { ...settled, value: { ...settled.value, lines } }
      },
    ),
    // What a tier has paid before is forgotten.
    'no cap is exceeded': settling((settler) => (bill, person, totals) => {
      const forgotten = [...totals].filter(([key]) => !/-(in|out)patient:(paid|due)/.test(key))
      return settler.settle(bill, person, new Map(forgotten))
    }),
    // A use of the account is not seen.
    'no account is overdrawn': {
      ...HONEST,
      replay: (given) =>
        replay({ ...given, movements: given.movements.filter(({ amount }) => amount > 0) }),
    },
    // A late bill is settled after the others.
    'what stands comes out again': { ...HONEST, isLate: () => false },
    // A difference is not posted.
    'what was posted adds up to what stands': { ...HONEST, post: (posted) => posted.slice(1) },
    // Money that has to move does not.
    'what is paid and taken back afterwards is the difference': {
      ...HONEST,
      adjust: (adjustments) => adjustments.slice(1),
    },
    // One side of an entry is lost.
    'debits and credits are the same sum': {
      ...HONEST,
      book: (legs) => HONEST.book(legs).slice(0, -1),
    },
    // A settlement that ended is not undone as it was posted.
    'the ledger claims what the rules came to': { ...HONEST, undo: (legs) => legs.slice(1) },
    // What is waived is claimed all the same.
    'what is to come back from a person stands where it was decided': {
      ...HONEST,
      decide: (redirects, asked, person) => HONEST.decide(redirects, asked, person, 'confirmed'),
    },
    'what the bank paid was owed, and left the accounts once': [
      // What is cleared is paid twice.
      { ...HONEST, pay: (legs) => [...HONEST.pay(legs), ...HONEST.pay(legs)] },
      // What came back does not come back to the account.
      ordering({ returned: () => [] }),
      // What is paid late is taken for paid already.
      ordering({ late: () => [] }),
      // What is paid a second time is booked nowhere.
      ordering({ adopted: () => [] }),
    ],
    // What came back does not come back to the account, or what was paid too much is booked nowhere.
    'the account is what the bank says that it paid': [
      ordering({ returned: () => [] }),
      ordering({ adopted: () => [] }),
    ],
    // A bill whose payment failed stays cleared.
    'a bill counts as paid while an order pays it, and no longer': { ...HONEST, ends: () => false },
    // What was in the account of a file that is merged stays there.
    'a balance stands under the number that was kept': {
      ...HONEST,
      merge: (...given) => ({ ...HONEST.merge(...given), legs: [] }),
    },
    // What an order holds is gathered again.
    'no entry is paid by two orders': { ...HONEST, open: (owed) => [...owed] },
    'what is under way was ordered, and has no end yet': [
      // What was not paid after all is not owed again.
      ordering({ unpaid: () => [] }),
      // What is paid late is booked as if it were still under way.
      ordering({ late: HONEST.order.paid }),
    ],
    // Whoever really owes or is owed a difference is not told to the ledger.
    'owed, under way and paid are what rules and decisions came to': {
      ...HONEST,
      enter: (entries) => entries.filter(({ kind }) => kind !== 'redirected'),
    },
  }

  for (const [invariant, faults] of Object.entries(FAULTS))
    test(invariant, () => {
      const isCaught = (seed: number, parts: Parts) => {
        try {
          play(seed, parts, invariant as Invariant)
          return false
        } catch (error) {
          return (error as Error).message === invariant
        }
      }
      for (const [i, parts] of [faults].flat().entries())
        assert(
          years.some((seed) => isCaught(seed, parts)),
          `fault ${i} is not noticed`,
        )
    })

  test('whatever order the same facts come in', () => {
    assert(years.some((seed) => differsInAnotherOrder(seed, { ...HONEST, settlesMerged: false })))
    assert(years.some((seed) => differsInAnotherOrder(seed, { ...HONEST, isLate: () => false })))
  })
})
