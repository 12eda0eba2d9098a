import assert from 'node:assert/strict'
import { ACCOUNT_KEYS } from '#app/input.ts'
import { trialOf } from '#domains/ledger/position.ts'
import { fundOf } from '#domains/ledger/post.ts'
import { createSettler, type Kept, PAYERS } from '#domains/settlement/index.ts'
import { type CountedBill, differencesOf, replay } from '#domains/settlement/replay.ts'
import { answersTo, BOOKS, isBooked, strangerIn, TODAY } from './facts.ts'
import type { Asked, File, Office, Order, Stands } from './office.ts'

/** What must hold of a person's file, whatever came to be known in whatever order. Each throws where it does not. */
export const INVARIANTS = {
  'payers and patient are the bill, on every line': ({ stands }) => {
    for (const { bill, settlement } of stands.values()) {
      const { payers, patient, lines, total } = settlement
      assert.equal(total, bill.total, `${bill.id}: the bill`)
      assert.equal(sum(Object.values(payers)) + patient, bill.total, `${bill.id}: the whole bill`)
      for (const { id, amount, paid, patient: own } of lines)
        assert.equal(sum(paid) + own, amount, `${bill.id}: line ${id}`)
    }
  },

  'no cap is exceeded': ({ stands, person, rulesSince }) => {
    for (const [tier, cap] of capsOf(String(person.covers[0]?.attributes.class), rulesSince)) {
      const paid = sum([...stands.values()].map((each) => paidBy(each, tier)))
      assert(paid <= cap, `${person.id}: ${tier} paid ${paid} of at most ${cap}`)
    }
  },

  'no account is overdrawn': ({ totals, movements, stands, person }) => {
    const drawn = sum([...stands.values()].map(({ standing }) => standing.drawn[PERSONAL] ?? 0))
    const credited = sum(movements.map(({ amount }) => amount))
    assert.equal(totals[PERSONAL] ?? 0, credited - drawn, `${person.id}: the balance`)
    assert(credited >= drawn, `${person.id}: overdrawn`)
  },

  'what stands comes out again': (file) => {
    const counted = [...file.stands.values()].map(({ bill, standing }): CountedBill => {
      const { rules } = standing
      return { bill, rules, settler: settlerOf(rules), standing, own: false }
    })
    const { person, movements } = file
    const again = replay({ person, bills: counted, movements, opening: {} })
    assert.deepEqual(differencesOf(again.bills), [], `${person.id}: nothing changes`)
    assert.deepEqual(again.totals, file.totals, `${person.id}: the running totals`)
    assert.equal(again.latest, file.latest, `${person.id}: the latest bill`)
  },

  'what was posted adds up to what stands': ({ posted, stands, person }) => {
    const balance = new Map<string, number>()
    for (const { bill, payers, patient, benefits } of posted) {
      const moved = [
        ...Object.entries(payers).map(([payer, m]) => [`${payer} of ${bill}`, m] as const),
        ...Object.entries(benefits).map(([payer, m]) => [`${payer} beside ${bill}`, m] as const),
        [`patient of ${bill}`, patient] as const,
      ]
      for (const [account, { before, after }] of moved) {
        assert.equal(balance.get(account) ?? 0, before, `${account}: where the posting begins`)
        balance.set(account, after)
      }
    }
    const standing = new Map(
      [...stands.values()].flatMap(({ bill, standing: { kept } }) => sidesOf(bill.id, kept)),
    )
    for (const account of new Set([...balance.keys(), ...standing.keys()]))
      assert.equal(
        balance.get(account) ?? 0,
        standing.get(account) ?? 0,
        `${person.id}: ${account}`,
      )
  },

  'what is paid and taken back afterwards is the difference': ({ posted, adjustments }) => {
    const owed = new Map<string, number>()
    const move = (account: string, amount: number) =>
      owed.set(account, (owed.get(account) ?? 0) + amount)
    for (const { bill, cleared, payers, benefits } of posted) {
      if (!cleared) continue
      for (const [payer, { before, after }] of [
        ...Object.entries(payers),
        ...Object.entries(benefits),
      ])
        move(`${payer} of ${bill}`, after - before)
    }
    for (const { bill, from, to, amount } of adjustments) {
      assert(amount > 0, `${bill}: an adjustment of nothing`)
      if (from in PAYERS) move(`${from} of ${bill}`, -amount)
      if (to in PAYERS) move(`${to} of ${bill}`, amount)
    }
    for (const [account, left] of owed) assert.equal(left, 0, `${account}: not adjusted`)
  },

  'the ledger claims what the rules came to': ({ ledger, stands, person }) => {
    const claimed = new Map<string, number>()
    const add = (rule: string, amount: number) =>
      claimed.set(rule, (claimed.get(rule) ?? 0) + amount)
    for (const { account, debit, credit } of ledger)
      if (account.startsWith('claims/')) add(account.slice('claims/'.length), debit - credit)
    for (const { settlement } of stands.values()) {
      for (const { tier, payer, paid } of settlement.tiers)
        if (!NOT_CLAIMED.includes(payer)) add(tier, -paid)
      for (const { benefit, amount } of settlement.benefits) add(benefit, -amount)
    }
    for (const [rule, left] of claimed) assert.equal(left, 0, `${person.id}: ${rule}`)
  },

  'a balance stands under the number that was kept': ({ ledger, person, numbers, totals }) => {
    for (const number of numbers) {
      const account = `balance/person/${number}`
      const own = ledger.filter((side) => side.account === account)
      assert.equal(
        sum(own.map(({ debit, credit }) => credit - debit)),
        number === person.id ? (totals[PERSONAL] ?? 0) : 0,
        account,
      )
    }
  },

  'what is to come back from a person stands where it was decided': ({
    ledger,
    adjustments,
    person,
    numbers,
  }) => {
    const open = (of: string) =>
      sum(
        numbers.flatMap((number) =>
          ledger.map(({ account, debit, credit }) =>
            account === `${of}/person/${number}` ? debit - credit : 0,
          ),
        ),
      )
    const waived = sum(
      ledger.map((side) => (side.account === 'waived' ? side.debit - side.credit : 0)),
    )
    const asked = (...states: readonly Asked['state'][]) =>
      sum(
        adjustments.map(({ from, to, amount, state }) =>
          from === 'person' && hasFund(to) && states.includes(state) ? amount : 0,
        ),
      )
    const { id } = person
    assert.equal(open('proposed'), asked('proposed', 'confirmed-once'), `${id}: asked`)
    assert.equal(open('due'), asked('confirmed'), `${id}: due`)
    assert.equal(waived, asked('waived'), `${id}: waived`)
  },
} as const satisfies Readonly<Record<string, (file: File) => void>>

/** What must hold of an office, over all its files. */
export const HOUSE_INVARIANTS = {
  'debits and credits are the same sum': ({ ledger }) => {
    const { funds } = trialOf(TODAY, ledger)
    for (const { fund, debit, credit } of funds)
      assert.equal(debit, credit, `${fund} does not balance`)
  },

  'what the bank paid was owed, and left the accounts once': (office) => {
    const { ledger, orders, adopted, clearedByHand } = office
    const left = new Sums()
    for (const { fund, account, debit, credit } of ledger)
      if (account === 'bank') left.add(fund, credit - debit)
    for (const { fund, amount } of [...settledOf(orders), ...adopted]) left.add(fund, -amount)
    for (const { fund, amount } of clearedByHand) left.add(fund, -amount)
    left.areNothing('left the bank')
  },

  'the account is what the bank says that it paid': (office) => {
    const { ledger, orders, runs, late, clearedByHand } = office
    const left = new Sums()
    for (const { account, debit, credit } of ledger)
      if (account === 'bank') left.add('all', credit - debit)
    for (const { amount } of clearedByHand) left.add('all', -amount)
    for (const [run, state] of runs) {
      if (state !== 'closed') continue
      const own = orders.filter((order) => order.run === run)
      for (const { fund, payee, amount } of own) {
        const { paid, files } = answersTo(run, fund, payee)
        const kind = files.some(({ more }) => more !== undefined)
          ? 'amount_differs'
          : 'contradiction'
        left.add('all', -paid(amount, isBooked(run, kind, payee), late.has(run)))
      }
      const stranger = strangerIn(run)
      const isOurs = isBooked(run, 'unknown_order', own[0]?.payee ?? '')
      // What came back is booked only where a person believes it.
      const isBack = stranger?.comesBack && isBooked(run, 'contradiction', own[0]?.payee ?? '')
      if (stranger && isOurs && !isBack) left.add('all', -stranger.amount)
    }
    left.areNothing('left the bank')
  },

  'a bill counts as paid while an order pays it, and no longer': ({ orders, files, runs }) => {
    const held = new Set(
      orders.flatMap(({ held, claims }) => (held ? claims : [])).map(({ subject }) => subject),
    )
    for (const { stands } of files.values())
      for (const { bill, subject, clearing, carried } of stands.values()) {
        if (held.has(subject)) assert(clearing !== undefined, `${bill.id}: paid, and not cleared`)
        else if (clearing !== undefined && runs.has(clearing))
          assert(carried, `${bill.id}: cleared, and no order pays it`)
      }
  },

  'no entry is paid by two orders': ({ orders }) => {
    const payers = new Map<string, string>()
    for (const { run, fund, payee, amount, claims, held } of orders) {
      assert.equal(sum(claims.map((each) => each.amount)), amount, `${run}: ${fund} to ${payee}`)
      for (const { subject, kind } of held ? claims : []) {
        const entry = `${subject} ${kind} ${fund} ${payee}`
        assert.equal(payers.get(entry), undefined, `${entry}: paid by ${run} as well`)
        payers.set(entry, run)
      }
    }
  },

  'what is under way was ordered, and has no end yet': ({ ledger, orders }) => {
    const way = new Sums()
    for (const { fund, account, debit, credit } of ledger)
      if (account.startsWith('paying/')) way.add(`${fund} ${account}`, credit - debit)
    for (const { fund, payee, amount, state } of orders)
      if (['ordered', 'accepted', 'failed', 'returned'].includes(state))
        way.add(`${fund} paying/${payee}`, -amount)
    way.areNothing('under way')
  },

  'owed, under way and paid are what rules and decisions came to': (office) => {
    const { files, ledger, orders, adopted, clearedByHand } = office
    const due = new Sums()
    for (const side of ledger) {
      const payee = /^(?:owed|paying)\/(.*)$/.exec(side.account)?.[1]
      if (payee !== undefined) due.add(`${side.fund} ${payee}`, side.credit - side.debit)
    }
    for (const { fund, payee, amount } of [...settledOf(orders), ...adopted])
      due.add(`${fund} ${payee}`, amount)
    for (const { fund, debit, amount } of clearedByHand)
      due.add(`${fund} ${debit.slice('owed/'.length)}`, amount)
    for (const file of files.values()) promised(file, due)
    due.areNothing('owed')
  },
} as const satisfies Readonly<Record<string, (office: Office) => void>>

/**
 * Takes off what a person's bills came to, by fund and payee: of bills whose money had not moved the difference itself,
 * of the others what had to be paid or taken back because of it.
 */
function promised({ bills, posted, adjustments }: File, due: Sums): void {
  const institutionOf = (bill: string) => `institution/${bills.get(bill)?.institution}`
  const take = (payer: string, payee: string, amount: number) => {
    if (hasFund(payer)) due.add(`${fundOf(payer, RULE)} ${payee}`, -amount)
  }
  for (const { bill, cleared, payers, benefits, person } of posted) {
    if (cleared) continue
    for (const [payer, { before, after }] of Object.entries(payers))
      take(payer, institutionOf(bill), after - before)
    for (const [payer, { before, after }] of Object.entries(benefits))
      take(payer, `person/${person}`, after - before)
  }
  for (const { bill, from, to, amount, person } of adjustments) {
    if (to === 'person') take(from, `person/${person}`, amount)
    if (atCounter(to)) take(from, institutionOf(bill), amount)
    if (atCounter(from)) take(to, institutionOf(bill), -amount)
  }
}

/** Whoever settles a difference at an institution's counter, or with it: what a hospital bears it is not paid. */
const atCounter = (party: string): boolean => party === 'institution' || party === 'hospital'

const hasFund = (party: string): boolean =>
  !['institution', 'person', 'hospital', 'liableThirdParty'].includes(party)

/** Any rule of the teaching city: each of its payers is one fund. */
const RULE = 'teaching/shifan/any'

const settledOf = (orders: readonly Order[]) => orders.filter(({ state }) => state === 'settled')

/** Sums by name, which have to come to nothing. */
class Sums {
  readonly #sums = new Map<string, number>()
  add(name: string, amount: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + amount)
  }
  areNothing(what: string): void {
    for (const [name, amount] of this.#sums) assert.equal(amount, 0, `${what}: ${name}`)
  }
}

/** Payers whose part is no claim on a fund: balances of persons, and whoever pays on their own. */
const NOT_CLAIMED: readonly string[] = [
  'personalAccount',
  'familyAccount',
  'hospital',
  'liableThirdParty',
]

export type Invariant = keyof typeof INVARIANTS | keyof typeof HOUSE_INVARIANTS

/** Throws at the first invariant that does not hold of an office and some of its files, and names it. */
export function check(office: Office, files: Iterable<File>, only?: Invariant): void {
  const holds = (what: string, look: () => void) => {
    if (only !== undefined && only !== what) return
    try {
      look()
    } catch (cause) {
      throw new Error(what, { cause })
    }
  }
  for (const file of files)
    for (const [what, look] of Object.entries(INVARIANTS)) holds(what, () => look(file))
  for (const [what, look] of Object.entries(HOUSE_INVARIANTS)) holds(what, () => look(office))
}

/** What of the files must not depend on the order in which the facts came: who pays what, and the totals. */
export const outcomeOf = ({ stands, totals }: File) => ({
  totals,
  stands: Object.fromEntries(
    [...stands.values()]
      .toSorted((a, b) => (a.bill.id < b.bill.id ? -1 : 1))
      .map(({ bill, standing: { kept } }) => [bill.id, Object.fromEntries(sidesOf(bill.id, kept))]),
  ),
})

const PERSONAL = ACCOUNT_KEYS.personal

const settlers = BOOKS.map((book) => createSettler(book, { allowUndated: true, today: TODAY }))
function settlerOf(rules: number) {
  const settler = settlers[rules - 1]
  assert(settler)
  return settler
}

/**
 * The most that a tier of the teaching city pays one person in 2025, in fen, as its documents say and copied by
 * hand: 职工 第十三条 and 2025 第二条, 第二十三条; 居民 第五十三条 and 2024 第四条, 第六十三条; 大病 第七条, raised by
 * at most a fifth; 救助 第六条 and 2025 第五条. A poor villager has no cap in critical-illness insurance.
 */
function capsOf(ofClass: string, rules: number): readonly (readonly [string, number])[] {
  const yuan = (amount: number) => amount * 100
  const outpatient = ofClass === '退休' ? 8_000 : rules === 1 ? 6_000 : 5_000
  return ofClass === '成年居民'
    ? [
        ['teaching/shifan/resident-inpatient', yuan(220_000)],
        ['teaching/shifan/resident-outpatient', yuan(1_000)],
        ['teaching/shifan/medical-aid-inpatient', yuan(100_000)],
        ['teaching/shifan/medical-aid-outpatient', yuan(10_000)],
        ['teaching/shifan/medical-aid-tilt', yuan(50_000)],
      ]
    : [
        ['teaching/shifan/employee-inpatient', yuan(550_000)],
        ['teaching/shifan/employee-outpatient', yuan(outpatient)],
        ['teaching/shifan/employee-large-amount', yuan(300_000)],
      ]
}

const paidBy = ({ standing: { kept } }: Stands, tier: string): number =>
  sum(kept.tiers.filter((each) => each.tier === tier).map(({ paid }) => paid))

/** Who bears how much of a bill, under names that no two bills share. */
function sidesOf(bill: string, { tiers, patientParts, benefits }: Kept): [string, number][] {
  const sides = new Map([[`patient of ${bill}`, sum(Object.values(patientParts))]])
  const add = (account: string, amount: number) => {
    if (amount !== 0) sides.set(account, (sides.get(account) ?? 0) + amount)
  }
  for (const { payer, paid } of tiers) add(`${payer} of ${bill}`, paid)
  for (const { payer, amount } of benefits) add(`${payer} beside ${bill}`, amount)
  return [...sides]
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0)
