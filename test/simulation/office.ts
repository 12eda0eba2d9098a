import assert from 'node:assert/strict'
import { ACCOUNT_KEYS } from '#app/input.ts'
import { clearedLegs, type Leg, legsOf } from '#domains/ledger/index.ts'
import { type Adjustment, adjustmentsOf } from '#domains/settlement/adjustments.ts'
import {
  type Bill,
  createSettler,
  keptOf,
  type Person,
  type Settlement,
  type Settler,
} from '#domains/settlement/index.ts'
import { postingsOf } from '#domains/settlement/postings.ts'
import {
  type BillDifference,
  type CountedBill,
  differencesOf,
  drawnBetween,
  type Movement,
  placeOf,
  type Replay,
  type Replayed,
  replay,
  type Standing,
  totalsNeeded,
} from '#domains/settlement/replay.ts'
import { BOOKS, type Fact, TODAY } from './facts.ts'

/** A difference, and whether the bill's money had moved before. */
export type Posted = BillDifference & { readonly cleared: boolean }

export type Stands = {
  readonly bill: Bill
  readonly settlement: Settlement
  readonly standing: Standing
  /** What it posted when it was made. */
  readonly legs: readonly Leg[]
}

/** Both sides of an account, as one leg moved it. */
export type Side = {
  readonly fund: string
  readonly account: string
  readonly debit: number
  readonly credit: number
}

/** What an office holds of one person. */
export type File = {
  person: Person
  readonly bills: Map<string, Bill>
  readonly stands: Map<string, Stands>
  readonly movements: Movement[]
  totals: Readonly<Record<string, number>>
  latest: string | undefined
  rulesSince: number
  /** Everything that moved an amount: a bill as it was first settled, and every difference since. */
  readonly posted: Posted[]
  readonly adjustments: Adjustment[]
  /** The ledger, in the order of booking. */
  readonly ledger: Side[]
  /** What was owed for bills when they were cleared, in fen. */
  paidOut: number
}

/** A part of the office that may be replaced by one that errs, to see that it is noticed. */
export type Parts = {
  readonly settle: (settler: Settler) => Pick<Settler, 'settle'>
  readonly replay: typeof replay
  /** Whether a bill is before another that stands. */
  readonly isLate: (file: File, bill: Bill) => boolean
  readonly post: (differences: readonly BillDifference[]) => readonly BillDifference[]
  readonly adjust: (adjustments: readonly Adjustment[]) => readonly Adjustment[]
  /** Both sides of what is booked. */
  readonly book: (legs: readonly Leg[]) => readonly Side[]
  /** What a settlement that ended posted, to be undone. */
  readonly undo: (legs: readonly Leg[]) => readonly Leg[]
  /** What leaves the bank when a bill is cleared. */
  readonly pay: (legs: readonly Leg[]) => readonly Leg[]
}

export const HONEST: Parts = {
  settle: (settler) => settler,
  replay,
  isLate: ({ latest }, bill) => placeOf(bill) < (latest ?? ''),
  post: (differences) => differences,
  adjust: (adjustments) => adjustments,
  book: (legs) =>
    legs.flatMap(({ fund, debit, credit, amount }) => [
      { fund, account: debit, debit: amount, credit: 0 },
      { fund, account: credit, debit: 0, credit: amount },
    ]),
  undo: (legs) => legs,
  pay: clearedLegs,
}

const settlers = BOOKS.map((book) => createSettler(book, { allowUndated: true, today: TODAY }))

/**
 * An office without a database: it does to facts what the services do, by the same pure decisions, and keeps
 * what they would keep. A bill in its order is settled from the running totals; everything else replays.
 */
export class Office {
  readonly files = new Map<string, File>()
  readonly #parts: Parts
  readonly #settlers: readonly Pick<Settler, 'settle'>[]
  #version = 1

  constructor(parts: Parts = HONEST) {
    this.#parts = parts
    this.#settlers = settlers.map(parts.settle)
  }

  /** Takes note of a fact, or refuses it: then nothing has changed. */
  learn(fact: Fact): { readonly taken: boolean; readonly changed: readonly File[] } {
    const taken = this.#take(fact)
    const all = fact.kind === 'clearing' || fact.kind === 'rules'
    const concerned = [...this.files.values()].filter((file) => all || concerns(fact, file))
    return { taken, changed: taken ? concerned : [] }
  }

  #take(fact: Fact): boolean {
    switch (fact.kind) {
      case 'person':
        return this.#person(fact.person)
      case 'bill': {
        const file = this.#fileOf(fact.bill.person)
        file.bills.set(fact.bill.id, fact.bill)
        return this.#settle(file, fact.bill)
      }
      case 'reversal': {
        const file = [...this.files.values()].find(({ stands }) => stands.has(fact.bill))
        return file !== undefined && this.#replay(file, { reverse: fact.bill })
      }
      case 'correction': {
        const file = this.#fileOf(fact.bill.person)
        if (!file.bills.has(fact.bill.id)) return false
        const stands = file.stands.has(fact.bill.id)
        if (stands && !this.#replay(file, { correct: fact.bill })) return false
        file.bills.set(fact.bill.id, fact.bill)
        return true
      }
      case 'account': {
        const file = this.#fileOf(fact.person)
        const balance = file.totals[ACCOUNT_KEYS.personal] ?? 0
        if (balance + fact.amount < 0) return false
        file.movements.push({ account: 'personal', on: fact.on, amount: fact.amount })
        return this.#replay(file, { mayFall: true })
      }
      case 'clearing': {
        for (const file of this.files.values())
          for (const [id, each] of file.stands) {
            if (each.standing.cleared === undefined) {
              this.#book(file, this.#parts.pay(each.legs))
              file.paidOut += owedBy(each.legs)
            }
            file.stands.set(id, clear(each))
          }
        return true
      }
      case 'rules': {
        this.#version = 2
        for (const file of this.files.values()) {
          file.rulesSince = 2
          this.#replay(file, { mayFall: true })
        }
        return true
      }
    }
  }

  #fileOf(person: string): File {
    const file = this.files.get(person)
    assert(file, `${person} is known`)
    return file
  }

  #person(person: Person): boolean {
    const file = this.files.get(person.id)
    if (!file) {
      this.files.set(person.id, {
        person,
        bills: new Map(),
        stands: new Map(),
        movements: [],
        totals: {},
        latest: undefined,
        rulesSince: 1,
        posted: [],
        adjustments: [],
        ledger: [],
        paidOut: 0,
      })
      return true
    }
    file.person = person
    return this.#replay(file, { mayFall: true })
  }

  #settle(file: File, bill: Bill): boolean {
    const beforeEntry = file.movements.some(({ on }) => bill.settled < on)
    if (this.#parts.isLate(file, bill) || beforeEntry) return this.#replay(file, { settle: bill })
    const before = new Map(Object.entries(file.totals))
    const settled = this.#settlerOf(this.#version).settle(bill, file.person, before)
    if (!settled.ok)
      return settled.error.code === 'replay_needed' && this.#replay(file, { settle: bill })
    const { totals: after } = settled.value
    const first = {
      bill,
      rules: this.#version,
      standing: undefined,
      totalsBefore: totalsNeeded(before, after, bill),
      drawn: drawnBetween(before, after),
      person: file.person,
      reasons: ['own'],
      spentSince: 0,
      changed: true,
      settlement: settled.value,
      refusal: undefined,
    } as const
    this.#stand(file, first)
    this.#book(file, legsOf(settled.value, bill))
    file.totals = Object.fromEntries(after)
    file.latest = placeOf(bill)
    this.#post(file, differencesOf([first]), () => false)
    return true
  }

  #post(
    file: File,
    differences: readonly BillDifference[],
    isCleared: (difference: BillDifference) => boolean,
  ): void {
    const posted = this.#parts.post(differences)
    file.posted.push(...posted.map((each) => ({ ...each, cleared: isCleared(each) })))
  }

  #book(file: File, legs: readonly Leg[]): void {
    file.ledger.push(...this.#parts.book(legs))
  }

  /** What a replay posts of the bills that it changed, and of the one that it reversed. */
  #bookReplay(
    file: File,
    done: Replay,
    gone: Stands | undefined,
    adjustments: readonly Adjustment[],
  ) {
    const changed = done.bills.filter((each) => each.changed)
    const bills = [
      ...(gone ? [{ bill: gone.bill, ended: gone, made: undefined }] : []),
      ...changed.map(({ bill, settlement }) => ({
        bill,
        ended: file.stands.get(bill.id),
        made: settlement && legsOf(settlement, bill),
      })),
    ]
    const entries = postingsOf(
      'replay',
      bills.map(({ bill, ended, made }) => ({
        bill,
        ended: ended && { id: bill.id, legs: this.#parts.undo(ended.legs) },
        made: made && { id: bill.id, legs: made },
        owings: adjustments.filter((each) => each.bill === bill.id),
      })),
    )
    this.#book(
      file,
      entries.flatMap(({ legs }) => legs),
    )
  }

  #settlerOf(version: number): Pick<Settler, 'settle'> {
    const settler = this.#settlers[version - 1]
    assert(settler)
    return settler
  }

  #replay(
    file: File,
    asked: {
      readonly settle?: Bill
      readonly reverse?: string
      readonly correct?: Bill
      readonly mayFall?: boolean
    },
  ): boolean {
    const counted = [...file.stands.values()].flatMap(({ bill, standing }): CountedBill[] => {
      if (bill.id === asked.reverse) return []
      const corrected = asked.correct?.id === bill.id ? asked.correct : undefined
      const rules = Math.max(standing.rules, file.rulesSince)
      const settler = this.#settlerOf(rules)
      return [{ bill: corrected ?? bill, rules, settler, standing, own: corrected !== undefined }]
    })
    if (asked.settle) {
      const settler = this.#settlerOf(this.#version)
      const rules = this.#version
      counted.push({ bill: asked.settle, rules, settler, standing: undefined, own: true })
    }
    const { person, movements } = file
    const done = this.#parts.replay({ person, bills: counted, movements, opening: {} })
    for (const { bill, refusal, settlement } of done.bills) {
      if (!refusal) continue
      if (bill.id === asked.settle?.id || bill.id === asked.correct?.id) return false
      if (!settlement && !asked.mayFall) return false
    }
    this.#save(file, done, asked.reverse)
    return true
  }

  #save(file: File, done: Replay, reversed: string | undefined): void {
    const gone = file.stands.get(reversed ?? '')
    const differences = differencesOf(
      done.bills,
      gone ? [{ bill: gone.bill.id, standing: gone.standing }] : [],
    )
    const isCleared = ({ bill }: BillDifference) =>
      file.stands.get(bill)?.standing.cleared !== undefined
    const adjustments = differences
      .filter(isCleared)
      .flatMap((difference) => adjustmentsOf(difference, { paidFirst: false }))
    file.adjustments.push(...this.#parts.adjust(adjustments))
    this.#bookReplay(file, done, gone, adjustments)
    this.#post(file, differences, isCleared)
    if (gone) file.stands.delete(gone.bill.id)
    for (const each of done.bills) {
      if (!each.changed) continue
      if (each.settlement) this.#stand(file, each)
      else file.stands.delete(each.bill.id)
    }
    file.totals = done.totals
    file.latest = done.latest
  }

  #stand(
    file: File,
    each: Pick<Replayed, 'bill' | 'rules' | 'standing' | 'totalsBefore' | 'drawn' | 'person'> & {
      readonly settlement: Settlement
    },
  ): void {
    const { bill, rules, totalsBefore, drawn, person, settlement } = each
    const kept = JSON.parse(JSON.stringify(keptOf(settlement)))
    const cleared = each.standing?.cleared
    const standing = { id: bill.id, kept, person, totalsBefore, drawn, rules, cleared }
    file.stands.set(bill.id, { bill, settlement, standing, legs: legsOf(settlement, bill) })
  }
}

function concerns(fact: Fact, { person, bills }: File): boolean {
  if (fact.kind === 'person') return fact.person.id === person.id
  if (fact.kind === 'account') return fact.person === person.id
  if (fact.kind === 'reversal') return bills.has(fact.bill)
  return 'bill' in fact && bills.has(fact.bill.id)
}

const owedBy = (legs: readonly Leg[]): number =>
  legs
    .filter(({ credit }) => credit.startsWith('owed/'))
    .reduce((sum, { amount }) => sum + amount, 0)

/** What is cleared again stays as it was when its money moved. */
function clear({ standing, ...each }: Stands): Stands {
  return { ...each, standing: { ...standing, cleared: standing.cleared ?? standing.drawn } }
}
