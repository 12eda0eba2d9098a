import assert from 'node:assert/strict'
import { ACCOUNT_KEYS } from '#app/input.ts'
import {
  accountLeg,
  balancesOf,
  clearedLegs,
  decided,
  type Entry,
  type Leg,
  legsOf,
} from '#domains/ledger/index.ts'
import { gather } from '#domains/payments/gather.ts'
import type {
  AnswerStatus,
  BatchAct,
  BatchState,
  ItemState,
  OwedEntry,
} from '#domains/payments/index.ts'
import {
  adoptedLegs,
  orderedLegs,
  type Posted as PaidOrder,
  paidLegs,
  returnedLegs,
  unpaidLegs,
} from '#domains/payments/post.ts'
import { effectOf, isAnswered, moved } from '#domains/payments/states.ts'
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
import {
  answersTo,
  BOOKS,
  concernsAll,
  type Fact,
  rulingOn,
  TODAY,
  WITHOUT_ACCOUNT,
} from './facts.ts'

/** A difference, and whether the bill's money had moved before. */
export type Posted = BillDifference & { readonly cleared: boolean }

export type Stands = {
  readonly bill: Bill
  readonly settlement: Settlement
  readonly standing: Standing
  /** What it is posted under. */
  readonly subject: string
  /** What it posted when it was made. */
  readonly legs: readonly Leg[]
  /** Under what its money moved: the run, or the clearing by hand. */
  readonly clearing: string | undefined
}

/** What has to move between whom, what the ledger says of it, and where it stands. */
export type Asked = Omit<Adjustment, 'state'> & {
  readonly redirects: readonly Leg[]
  readonly state: Adjustment['state'] | 'confirmed-once' | 'confirmed' | 'waived'
}

/** One order to the bank, with the entries that it pays. */
export type Order = PaidOrder & {
  readonly run: string
  readonly claims: readonly Pick<OwedEntry, 'subject' | 'kind' | 'amount'>[]
  state: ItemState
  /** Whether nobody else may pay these entries. */
  held: boolean
  wasReturned: boolean
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
  adjustments: readonly Asked[]
  /** What is on the books of this person alone, in the order of booking. */
  readonly ledger: Side[]
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
  /** What is posted of a replay. */
  readonly enter: (entries: readonly Entry[]) => readonly Entry[]
  /** Of what is owed, whatever no order holds. */
  readonly open: (owed: readonly OwedEntry[], isHeld: (entry: OwedEntry) => boolean) => OwedEntry[]
  /** What an order posts at each step. */
  readonly order: Readonly<
    Record<
      'ordered' | 'paid' | 'returned' | 'unpaid' | 'late' | 'adopted',
      (order: PaidOrder) => Leg[]
    >
  >
  readonly decide: typeof decided
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
  enter: (entries) => entries,
  open: (owed, isHeld) => owed.filter((entry) => !isHeld(entry)),
  order: {
    ordered: orderedLegs,
    paid: paidLegs,
    returned: returnedLegs,
    unpaid: unpaidLegs,
    late: ({ fund, payee, amount }) => [{ fund, debit: `owed/${payee}`, credit: 'bank', amount }],
    adopted: adoptedLegs,
  },
  decide: decided,
}

const settlers = BOOKS.map((book) => createSettler(book, { allowUndated: true, today: TODAY }))

/**
 * An office without a database: it does to facts what the services do, by the same pure decisions, and keeps
 * what they would keep. A bill in its order is settled from the running totals; everything else replays.
 */
export class Office {
  readonly files = new Map<string, File>()
  /** Every entry, and both sides of it, in the order of booking. */
  readonly entries: Entry[] = []
  readonly ledger: Side[] = []
  readonly orders: Order[] = []
  /** Where each run stands. */
  readonly runs = new Map<string, BatchState>()
  /** Orders that were paid late, when what they pay had been ordered again. */
  readonly adopted: PaidOrder[] = []
  /** What was owed for bills when they were cleared by hand. */
  readonly clearedByHand: Leg[] = []
  readonly #parts: Parts
  readonly #settlers: readonly Pick<Settler, 'settle'>[]
  #version = 1
  #numbers = 0
  /** Settlements whose money moved, under what, and what each had drawn. */
  #cleared: {
    readonly subject: string
    readonly bill: string
    readonly clearing: string
    readonly drawn: Standing['drawn']
  }[] = []

  constructor(parts: Parts = HONEST) {
    this.#parts = parts
    this.#settlers = settlers.map(parts.settle)
  }

  /** Takes note of a fact, or refuses it: then nothing has changed. */
  learn(fact: Fact): { readonly taken: boolean; readonly changed: readonly File[] } {
    const taken = this.#take(fact)
    const all = concernsAll(fact)
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
        const kind = fact.amount < 0 ? 'use' : 'credit'
        const leg = accountLeg('personal', kind, fact.person, fact.amount)
        const subject = this.#number('account')
        this.#book([{ subject, kind: 'account', legs: leg ? [leg] : [] }], file)
        return this.#replay(file, { mayFall: true })
      }
      case 'clearing': {
        const clearing = this.#number('clearing')
        for (const file of this.files.values())
          for (const each of file.stands.values()) {
            if (each.standing.cleared !== undefined) continue
            const { subject, bill } = each
            const legs = this.#parts.pay(each.legs)
            this.#book([{ subject, kind: 'cleared', bill: bill.id, legs }], file)
            this.clearedByHand.push(...clearedLegs(each.legs))
            this.#clear(file, each, clearing)
          }
        return true
      }
      case 'payment':
        return this.#pay(fact.run)
      case 'answers':
        return this.#answer(fact.run)
      case 'late-answers':
        return this.#answerLate(fact.run)
      case 'decision':
        for (const file of this.files.values()) this.#decide(file, fact.sitting)
        return true
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
    const { subject, legs } = this.#stand(file, first)
    this.#book([{ subject, kind: 'settled', bill: bill.id, legs }], file)
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

  /** Books entries: with a file, as those of one person alone. */
  #book(entries: readonly Entry[], file?: File): void {
    for (const entry of entries) {
      if (entry.legs.length === 0) continue
      const sides = this.#parts.book(entry.legs)
      file?.ledger.push(...sides)
      this.ledger.push(...sides)
      this.entries.push(entry)
    }
  }

  /** A name that nothing else in this office has. */
  #number(of: string): string {
    this.#numbers++
    return `${of} ${this.#numbers}`
  }

  // --- payments ---------------------------------------------------------------------------------

  /** A run as one cashier makes and another releases it. */
  #pay(run: string): boolean {
    const isHeld = ({ subject, kind, fund, payee }: OwedEntry) =>
      this.orders.some(
        (order) =>
          order.held &&
          order.fund === fund &&
          order.payee === payee &&
          order.claims.some((claim) => claim.subject === subject && claim.kind === kind),
      )
    const { owed } = gather(this.#parts.open(owedEntries(this.entries), isHeld))
    const orders = owed
      .filter(({ payee }) => payee !== WITHOUT_ACCOUNT)
      .map(
        ({ entries, ...order }): Order => ({
          ...order,
          run,
          claims: entries,
          state: 'drafted',
          held: true,
          wasReturned: false,
        }),
      )
    if (orders.length === 0) return false
    this.orders.push(...orders)
    this.runs.set(run, 'draft')
    this.#move(run, 'submit')
    this.#move(run, 'release')
    this.#markPaid(run, orders)
    for (const order of orders) {
      order.state = 'ordered'
      this.#postOrder('ordered', order)
    }
    this.#move(run, 'send')
    return true
  }

  #ordersOf(run: string): readonly Order[] {
    return this.orders.filter((each) => each.run === run)
  }

  #answer(run: string): boolean {
    const orders = this.#ordersOf(run)
    if (orders.length === 0) return false
    for (const order of orders)
      for (const status of answersTo(run, order.fund, order.payee).files) this.#hear(order, status)
    if (isAnswered(orders.map(({ state }) => state))) this.#move(run, 'answer')
    for (const order of orders)
      if (order.state === 'failed' || order.state === 'returned') {
        const settlements = this.#settlementsOf([order])
        order.state = 'unpaid'
        order.held = false
        this.#markUnpaid(run, settlements)
        this.#postOrder('unpaid', order)
      }
    this.#move(run, 'close')
    return true
  }

  #answerLate(run: string): boolean {
    const orders = this.#ordersOf(run)
    for (const order of orders) {
      const { late } = answersTo(run, order.fund, order.payee)
      if (late) this.#hear(order, late)
    }
    return orders.length > 0
  }

  #move(run: string, act: BatchAct): void {
    const to = moved(this.runs.get(run) ?? 'draft', act)
    assert(to.ok, `${act} of ${run}`)
    this.runs.set(run, to.value)
  }

  #hear(order: Order, status: AnswerStatus): void {
    const { state } = order
    assert(state !== 'drafted' && state !== 'left-out')
    const effect = effectOf({ ...order, state }, { status })
    if (status === 'returned') order.wasReturned = true
    if (effect.kind === 'moved') {
      order.state = effect.to
      if (effect.to === 'settled') this.#postOrder('paid', order)
      if (effect.to === 'returned' && state === 'settled') this.#postOrder('returned', order)
    } else if (effect.kind === 'late' && this.#isHeldByAnother(order)) {
      // It was ordered again: a person takes the second payment off what is owed.
      this.adopted.push(order)
      this.#postOrder('adopted', order)
    } else if (effect.kind === 'late') {
      order.state = 'settled'
      order.held = true
      this.#markPaid(order.run, [order])
      this.#postOrder('late', order)
    } else assert.fail(`${status} of an order that is ${state}: ${effect.kind}`)
  }

  #isHeldByAnother({ fund, payee, claims }: Order): boolean {
    const own = new Set(claims.map(({ subject, kind }) => `${subject} ${kind}`))
    return this.orders.some(
      (each) =>
        each.held &&
        each.fund === fund &&
        each.payee === payee &&
        each.claims.some(({ subject, kind }) => own.has(`${subject} ${kind}`)),
    )
  }

  #postOrder(step: keyof Parts['order'], order: Order): void {
    const kind = step === 'late' ? 'paid' : step
    const subject = `${order.run} ${order.fund} ${order.payee}`
    this.#book([{ subject, kind, legs: this.#parts.order[step](order) }])
  }

  /** Settlements that orders pay, and that no other has been ordered to pay. */
  #settlementsOf(orders: readonly Order[]): ReadonlySet<string> {
    const settled = (order: Order) =>
      order.claims.flatMap(({ kind, subject }) => (kind === 'settled' ? [subject] : []))
    const others = this.orders.filter((each) => each.held && !orders.includes(each))
    const elsewhere = new Set(others.filter(({ state }) => state !== 'drafted').flatMap(settled))
    return new Set(orders.flatMap(settled).filter((subject) => !elsewhere.has(subject)))
  }

  #markPaid(run: string, orders: readonly Order[]): void {
    const settlements = this.#settlementsOf(orders)
    for (const file of this.files.values())
      for (const each of file.stands.values())
        if (settlements.has(each.subject) && each.clearing === undefined)
          this.#clear(file, each, run)
  }

  #markUnpaid(run: string, settlements: ReadonlySet<string>): void {
    const gone = this.#cleared.filter(
      ({ subject, clearing }) => clearing === run && settlements.has(subject),
    )
    this.#cleared = this.#cleared.filter((each) => !gone.includes(each))
    for (const file of this.files.values())
      for (const each of file.stands.values())
        if (each.clearing === run && gone.some(({ bill }) => bill === each.bill.id))
          this.#restand(file, each, settlements.has(each.subject) ? undefined : run)
  }

  /** The money of a settlement has moved. */
  #clear(file: File, each: Stands, clearing: string): void {
    const { subject, bill, standing } = each
    this.#cleared.push({ subject, bill: bill.id, clearing, drawn: standing.drawn })
    this.#restand(file, each, clearing)
  }

  /** What a bill had drawn when it was cleared: a replay carries a clearing on, so the first in it is what was paid. */
  #restand(file: File, each: Stands, clearing: string | undefined): void {
    const { bill, standing } = each
    const first = this.#cleared.find((row) => row.clearing === clearing && row.bill === bill.id)
    const cleared = clearing === undefined ? undefined : first?.drawn
    file.stands.set(bill.id, { ...each, clearing, standing: { ...standing, cleared } })
  }

  #decide(file: File, sitting: string): void {
    file.adjustments = file.adjustments.map((asked) => {
      const { bill, state } = asked
      if (state !== 'proposed' && state !== 'confirmed-once') return asked
      const ruling = state === 'proposed' ? rulingOn(sitting, asked) : 'confirmed'
      if (ruling === 'confirmed-once') return { ...asked, state: ruling }
      const to = ruling === 'confirmed' ? ruling : 'waived'
      const legs = this.#parts.decide(asked.redirects, asked, file.person.id, to)
      this.#book([{ subject: this.#number('decision'), kind: to, bill, legs }], file)
      return { ...asked, state: to }
    })
  }

  // --- replays ----------------------------------------------------------------------------------

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
    this.#post(file, differences, isCleared)
    const changed = done.bills.filter((each) => each.changed)
    const ended = new Map([
      ...(gone ? [[gone.bill.id, gone] as const] : []),
      ...changed.flatMap(({ bill: { id } }) => {
        const was = file.stands.get(id)
        return was ? [[id, was] as const] : []
      }),
    ])
    for (const id of ended.keys()) file.stands.delete(id)
    const bills = [
      ...(gone ? [{ bill: gone.bill, made: undefined }] : []),
      ...changed.map((each) => ({
        bill: each.bill,
        made: each.settlement && this.#stand(file, each, ended.get(each.bill.id)?.clearing),
      })),
    ]
    const postings = postingsOf(
      this.#number('replay'),
      bills.map(({ bill, made }) => {
        const was = ended.get(bill.id)
        return {
          bill,
          ended: was && { id: was.subject, legs: this.#parts.undo(was.legs) },
          made: made && { id: made.subject, legs: made.legs },
          owings: adjustments.filter((each) => each.bill === bill.id),
        }
      }),
    )
    const entries = this.#parts.enter(postings)
    this.#book(entries, file)
    const asked = this.#parts.adjust(adjustments).map((each) => {
      const own = entries.find(({ kind, bill }) => kind === 'redirected' && bill === each.bill)
      return { ...each, redirects: own?.legs ?? [] }
    })
    file.adjustments = [...file.adjustments, ...asked]
    file.totals = done.totals
    file.latest = done.latest
  }

  #stand(
    file: File,
    each: Pick<Replayed, 'bill' | 'rules' | 'standing' | 'totalsBefore' | 'drawn' | 'person'> & {
      readonly settlement: Settlement
    },
    clearing?: string,
  ): Stands {
    const { bill, rules, totalsBefore, drawn, person, settlement } = each
    const kept = JSON.parse(JSON.stringify(keptOf(settlement)))
    const cleared = each.standing?.cleared
    const standing = { id: bill.id, kept, person, totalsBefore, drawn, rules, cleared }
    const subject = this.#number('settlement')
    const legs = legsOf(settlement, bill)
    const stands = { bill, settlement, standing, subject, legs, clearing }
    file.stands.set(bill.id, stands)
    if (clearing !== undefined) this.#cleared.push({ subject, bill: bill.id, clearing, drawn })
    return stands
  }
}

function concerns(fact: Fact, { person, bills }: File): boolean {
  if (fact.kind === 'person') return fact.person.id === person.id
  if (fact.kind === 'account') return fact.person === person.id
  if (fact.kind === 'reversal') return bills.has(fact.bill)
  return 'bill' in fact && bills.has(fact.bill.id)
}

/** What the ledger owes, entry by entry; what orders themselves posted is none of it. */
function owedEntries(entries: readonly Entry[]): OwedEntry[] {
  return entries.flatMap(({ subject, kind, legs }) => {
    if (['ordered', 'paid', 'returned', 'unpaid'].includes(kind)) return []
    return [...balancesOf(legs)].flatMap(([fund, accounts]) =>
      [...accounts].flatMap(([account, amount]) =>
        account.startsWith('owed/')
          ? [{ subject, kind, fund, payee: account.slice('owed/'.length), amount }]
          : [],
      ),
    )
  })
}
