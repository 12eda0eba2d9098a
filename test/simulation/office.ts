import assert from 'node:assert/strict'
import { ACCOUNT_KEYS } from '#app/input.ts'
import { adopt, insure } from '#domains/enrolment/insure.ts'
import { mergedEntry, mergeFiles } from '#domains/enrolment/merge.ts'
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
  BatchAct,
  BatchState,
  BreakKind,
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
import { atKeptNumber, postingsOf } from '#domains/settlement/postings.ts'
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
  fundOfRun,
  type Heard,
  isBooked,
  rulingOn,
  strangerIn,
  TODAY,
  WITHOUT_ACCOUNT,
} from './facts.ts'

/** A difference, under which number the person was known, and whether the bill's money had moved before. */
export type Posted = BillDifference & { readonly cleared: boolean; readonly person: string }

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
  /** Whether it took the place of one whose money had moved. */
  readonly carried: boolean
}

/** What has to move between whom, what the ledger says of it, and where it stands. */
export type Asked = Omit<Adjustment, 'state'> & {
  readonly person: string
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

/** What a bank said that does not fit, until somebody has decided about it. */
export type Break = PaidOrder & {
  readonly run: string
  readonly kind: Exclude<BreakKind, 'missing'>
  readonly order: Order | undefined
  booked: boolean | undefined
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
  /** Every number that the person was known under. */
  numbers: readonly string[]
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
  /** What a merge posts. */
  readonly merge: typeof mergedEntry
  /** Whether a merged file is settled again. */
  readonly settlesMerged: boolean
  /** Whether a clearing under a number ends with the last order of a run. */
  readonly ends: (clearing: string) => boolean
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
  merge: mergedEntry,
  settlesMerged: true,
  ends: () => true,
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
  /** Runs that pay from one fund alone. */
  readonly fundOf = new Map<string, string | undefined>()
  /** Runs of which the bank has said what it says late. */
  readonly late = new Set<string>()
  readonly breaks: Break[] = []
  /** What left the bank without an order that is under way, and what came back of it; below zero, too little left. */
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

  /** The number that a person goes by now. */
  readonly #keptAs = new Map<string, string>()

  /** A fact about somebody who had another number, under the one that was kept. */
  asKept(fact: Fact): Fact {
    const keptOf = (person: string) => this.#keptAs.get(person) ?? person
    if (fact.kind === 'bill' || fact.kind === 'correction')
      return { ...fact, bill: { ...fact.bill, person: keptOf(fact.bill.person) } }
    return fact.kind === 'account' ? { ...fact, person: keptOf(fact.person) } : fact
  }

  /** Takes note of a fact, or refuses it: then nothing has changed. */
  learn(said: Fact): { readonly taken: boolean; readonly changed: readonly File[] } {
    const fact = this.asKept(said)
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
      case 'merge':
        return this.#merge(this.#fileOf(fact.from), this.#fileOf(fact.into))
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
        numbers: [person.id],
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

  /** Two files as one, settled again: what stood under either number stands in one order now. */
  #merge(from: File, into: File): boolean {
    const fileOf = ({ person, totals }: File) => ({
      insured: adopt(person),
      totals,
      identified: false,
    })
    const [book] = BOOKS
    const reading = {
      kindOf: (scheme: string) => book.schemes.get(scheme)?.kind,
      vocabulary: book.vocabulary,
    }
    const circumstances = { ...reading, today: TODAY, reason: 'merged', onRoster: () => true }
    const done = mergeFiles(fileOf(from), fileOf(into), circumstances)
    if (!done.ok) return false
    const { id } = into.person
    const entry = this.#parts.merge(
      this.#number('merge'),
      'merged',
      from.totals,
      from.person.id,
      id,
    )
    for (const [bill, body] of from.bills) into.bills.set(bill, { ...body, person: id })
    for (const [bill, each] of from.stands)
      into.stands.set(bill, { ...each, bill: { ...each.bill, person: id } })
    into.movements.push(...from.movements)
    into.posted.push(...from.posted)
    into.ledger.push(...from.ledger)
    into.person = insure(done.value.insured, reading)
    into.numbers = [...into.numbers, ...from.numbers]
    into.adjustments = [...into.adjustments, ...from.adjustments]
    into.totals = done.value.totals
    into.latest = [into.latest, from.latest]
      .flatMap((each) => each ?? [])
      .toSorted()
      .at(-1)
    into.rulesSince = Math.max(into.rulesSince, from.rulesSince)
    this.files.delete(from.person.id)
    this.#keptAs.set(from.person.id, id)
    this.#book([entry], into)
    if (this.#parts.settlesMerged) this.#replay(into, { mayFall: true })
    return true
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
    const { id: person } = file.person
    file.posted.push(...posted.map((each) => ({ ...each, cleared: isCleared(each), person })))
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
    const payable = owed.filter(({ payee }) => payee !== WITHOUT_ACCOUNT)
    const only = fundOfRun(run, [...new Set(payable.map(({ fund }) => fund))])
    this.fundOf.set(run, only)
    const orders = payable
      .filter(({ fund }) => only === undefined || fund === only)
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
    const stranger = strangerIn(run)
    const [{ fund, payee } = { fund: '', payee: '' }] = orders
    const answers = (order: Order) => answersTo(run, order.fund, order.payee)
    const strange = { run, kind: 'unknown_order', order: undefined, booked: undefined } as const
    if (stranger) this.breaks.push({ ...strange, fund, payee, amount: stranger.amount })
    for (const file of [0, 1])
      for (const order of orders) {
        const heard = answers(order).files[file]
        if (heard) this.#hear(order, heard)
      }
    this.#decideBreaks(run)
    for (const order of orders) {
      const { afterwards } = answers(order)
      if (afterwards) this.#hear(order, afterwards)
    }
    if (stranger?.comesBack && isBooked(run, 'unknown_order', payee))
      this.breaks.push({ ...strange, kind: 'contradiction', fund, payee, amount: stranger.amount })
    this.#decideBreaks(run)
    const unpaid = new Set<File>()
    if (isAnswered(orders.map(({ state }) => state))) this.#move(run, 'answer')
    for (const order of orders)
      if (order.state === 'failed' || order.state === 'returned') {
        const settlements = this.#settlementsOf([order])
        order.state = 'unpaid'
        order.held = false
        for (const file of this.#markUnpaid(settlements)) unpaid.add(file)
        this.#postOrder('unpaid', order)
      }
    this.#move(run, 'close')
    // What cleared bills had drawn may go to others now.
    for (const file of unpaid) this.#replay(file, { mayFall: true })
    return true
  }

  /** A second person decides what does not fit. */
  #decideBreaks(run: string): void {
    for (const each of this.breaks) {
      if (each.run !== run || each.booked !== undefined) continue
      const { kind, payee, order, amount } = each
      each.booked = isBooked(run, kind, payee)
      if (!each.booked) continue
      if (kind === 'contradiction' && order) {
        order.state = 'returned'
        this.#postOrder('returned', order)
      } else if (kind === 'amount_differs' && order) {
        order.state = 'settled'
        this.#postOrder('paid', order)
        this.#adopt({ ...order, amount: amount - order.amount })
      } else this.#adopt({ ...each, amount: kind === 'contradiction' ? -amount : amount })
    }
  }

  #adopt({ fund, payee, amount }: PaidOrder): void {
    const adopted = { fund, payee, amount }
    this.adopted.push(adopted)
    const legs = this.#parts.order.adopted(adopted)
    this.#book([{ subject: this.#number('adopted'), kind: 'adopted', legs }])
  }

  #answerLate(run: string): boolean {
    const orders = this.#ordersOf(run)
    if (orders.length > 0) this.late.add(run)
    for (const order of orders) {
      const { late } = answersTo(run, order.fund, order.payee)
      if (late) this.#hear(order, late)
    }
    this.#decideBreaks(run)
    return orders.length > 0
  }

  #move(run: string, act: BatchAct): void {
    const to = moved(this.runs.get(run) ?? 'draft', act)
    assert(to.ok, `${act} of ${run}`)
    this.runs.set(run, to.value)
  }

  #hear(order: Order, { status, more, reason }: Heard): void {
    const { run, state, fund, payee } = order
    assert(state !== 'drafted' && state !== 'left-out')
    const amount = more === undefined ? undefined : order.amount + more
    const effect = effectOf({ ...order, state }, { status, amount, reason })
    const raise = (kind: Break['kind']) =>
      this.breaks.push({
        ...{ run, kind, order, fund, payee },
        amount: amount ?? order.amount,
        booked: undefined,
      })
    if (status === 'returned') order.wasReturned = true
    if (effect.kind === 'moved') {
      order.state = effect.to
      if (effect.to === 'settled') this.#postOrder('paid', order)
      if (effect.to === 'returned' && state === 'settled') this.#postOrder('returned', order)
    } else if (effect.kind === 'late' && this.#isHeldByAnother(order)) raise('paid_again')
    else if (effect.kind === 'late') {
      order.state = 'settled'
      order.held = true
      this.#markPaid(run, [order])
      this.#postOrder('late', order)
    } else if (effect.kind === 'break') raise(effect.break)
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

  /** Their files, of which something may have changed. */
  #markUnpaid(settlements: ReadonlySet<string>): readonly File[] {
    const ends = ({ subject, clearing }: { subject: string; clearing: string }) =>
      settlements.has(subject) && this.runs.has(clearing) && this.#parts.ends(clearing)
    const gone = this.#cleared.filter(ends)
    this.#cleared = this.#cleared.filter((each) => !gone.includes(each))
    for (const file of this.files.values())
      for (const each of file.stands.values()) {
        const { subject, clearing, bill } = each
        if (clearing === undefined) continue
        if (ends({ subject, clearing })) this.#restand(file, each, undefined)
        else if (gone.some((row) => row.clearing === clearing && row.bill === bill.id))
          this.#restand(file, each, clearing)
      }
    return [...this.files.values()].filter(({ stands }) =>
      [...stands.values()].some(({ subject }) => settlements.has(subject)),
    )
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
      const legs = this.#parts.decide(asked.redirects, asked, asked.person, to)
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
          ended: was && {
            id: was.subject,
            legs: this.#parts.undo(
              atKeptNumber(file.person.id, was.legs, was.standing.cleared !== undefined),
            ),
          },
          made: made && { id: made.subject, legs: made.legs },
          owings: adjustments.filter((each) => each.bill === bill.id),
        }
      }),
    )
    const entries = this.#parts.enter(postings)
    this.#book(entries, file)
    const asked = this.#parts.adjust(adjustments).map((each) => {
      const own = entries.find(({ kind, bill }) => kind === 'redirected' && bill === each.bill)
      return { ...each, redirects: own?.legs ?? [], person: file.person.id }
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
    const carried = clearing !== undefined
    const stands = { bill, settlement, standing, subject, legs, clearing, carried }
    file.stands.set(bill.id, stands)
    if (clearing !== undefined) this.#cleared.push({ subject, bill: bill.id, clearing, drawn })
    return stands
  }
}

function concerns(fact: Fact, { person, bills }: File): boolean {
  if (fact.kind === 'person') return fact.person.id === person.id
  if (fact.kind === 'account') return fact.person === person.id
  if (fact.kind === 'merge') return fact.into === person.id
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
