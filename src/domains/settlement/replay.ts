import assert from 'node:assert/strict'
import type { PlainDate } from '#base/plain-date.ts'
import { differencesBetween } from './differences.ts'
import { type Kept, keptOf } from './kept.ts'
import type { Settler } from './settle.ts'
import { parseTotalKey, totalKey } from './total-key.ts'
import {
  type Bill,
  PAYERS,
  type Payer,
  type Person,
  type Refusal,
  type Settlement,
  type Totals,
} from './types.ts'

/** What stands of a bill before a replay, with everything that made it. */
export type Standing = {
  readonly id: string
  readonly kept: Kept
  readonly person: Person
  readonly totalsBefore: Readonly<Record<string, number | null>>
  /** What it took from each account, by the key of its balance. */
  readonly drawn: Readonly<Record<string, number>>
  readonly rules: number
  /**
   * What it had taken from each account when its money moved: that is not taken back for an earlier bill, however
   * often its bills are settled again. Undefined as long as it has not moved.
   */
  readonly cleared: Readonly<Record<string, number>> | undefined
}

/** A bill that counts, the rules it is settled by, and what stands of it. */
export type CountedBill = {
  readonly bill: Bill
  readonly rules: number
  readonly settler: Pick<Settler, 'settle'>
  readonly standing: Standing | undefined
  /** The bill itself is what changed: it is new, or corrected. */
  readonly own: boolean
}

/** What happened to an account besides bills. */
export type Movement = {
  readonly account: 'personal' | 'family'
  readonly on: PlainDate
  /** What it did to the balance, in fen. */
  readonly amount: number
}

/** Why the amounts of a bill changed. More than one may hold. */
export const REASONS = ['own', 'rules', 'arithmetic', 'facts', 'totals'] as const
export type Reason = (typeof REASONS)[number]

/** What became of one bill. */
export type Replayed = {
  readonly bill: Bill
  readonly rules: number
  readonly standing: Standing | undefined
  readonly totalsBefore: Readonly<Record<string, number | null>>
  readonly drawn: Readonly<Record<string, number>>
  readonly reasons: readonly Reason[]
  /** Was in an account on the day of the bill and has been spent since, in fen: the bill could not draw it. */
  readonly spentSince: number
  /** Whether what stands has to be replaced: an amount, or something it was worked out from, is another. */
  readonly changed: boolean
  /** The person it was settled for. */
  readonly person: Person
} & (
  | { readonly settlement: Settlement; readonly refusal: undefined }
  /** The rules refuse it for what is known of the person now; it is settled by what was known, until somebody decides. */
  | { readonly settlement: Settlement; readonly refusal: Refusal }
  | { readonly settlement: undefined; readonly refusal: Refusal }
)

export type Replay = {
  readonly bills: readonly Replayed[]
  readonly totals: Readonly<Record<string, number>>
  /** The place of the last bill that stands, as the next bill is compared with it. */
  readonly latest: string | undefined
}

/**
 * The place of a bill among those of a person: by the day its care ended, then the day it began, then what was
 * transferred after what it was transferred from, then by number. Nothing of it depends on when a bill came.
 */
export function placeOf({ discharged, admitted, transferFrom, id }: Bill): string {
  return `${discharged} ${admitted} ${transferFrom === undefined ? 0 : 1} ${id}`
}

/** Totals that entries move as well as bills, so that a replay has to work them out by their days. */
const MOVED = {
  personal: totalKey('account:personal', 'lifetime'),
  family: totalKey('account:family', 'lifetime'),
} as const

/**
 * Settles all bills of a person again, in their order, from what was there before the first.
 *
 * The answer is a function of the facts alone: of the bills, the person, the rules of each bill and the
 * movements of the accounts, in whatever order they came to be known.
 *
 * No machine takes back what was paid: a bill that stands and is refused for what is known of the person now is
 * settled by what was known when it was, and says so. One that is refused even so leaves no trace in the totals;
 * whoever asks decides whether that may be.
 */
export function replay({
  person,
  bills,
  movements,
  opening,
}: {
  readonly person: Person
  readonly bills: readonly CountedBill[]
  readonly movements: readonly Movement[]
  readonly opening: Readonly<Record<string, number>>
}): Replay {
  const inOrder = bills.toSorted((a, b) => (placeOf(a.bill) < placeOf(b.bill) ? -1 : 1))
  const accounts = Object.entries(MOVED).map(([name, key]) => {
    const own = movements.filter(({ account }) => account === name)
    return new Account(key, opening[key], own, inOrder)
  })
  let totals = new Map(Object.entries(opening))
  for (const { key } of accounts) totals.delete(key)

  const replayed = inOrder.map((counted): Replayed => {
    const { bill, settler, standing, rules } = counted
    const before = new Map(totals)
    for (const account of accounts) account.open(counted, before)
    const asKnown = settler.settle(bill, person, before)
    const { person: owner, settled } =
      asKnown.ok || !standing
        ? { person, settled: asKnown }
        : { person: standing.person, settled: settler.settle(bill, standing.person, before) }
    const refusal = asKnown.ok ? undefined : asKnown.error
    const after = settled.ok ? new Map(settled.value.totals) : before
    const spent = accounts.map((account) => account.close(counted, after))
    totals = new Map(after)
    for (const { key } of accounts) totals.delete(key)
    const shared = {
      bill,
      rules,
      standing,
      person: owner,
      totalsBefore: totalsNeeded(before, after, bill),
      drawn: drawnBetween(before, after),
      spentSince: Math.max(0, ...spent),
    }
    if (!settled.ok) {
      const changed = standing !== undefined
      const reasons: Reason[] = counted.own ? ['own'] : ['facts']
      return { ...shared, reasons, changed, settlement: undefined, refusal: settled.error }
    }
    const settlement = settled.value
    const reasons = reasonsOf(counted, owner, settlement)
    const changed = reasons.length > 0 || !standing || reads(shared, standing, settlement)
    return { ...shared, reasons, changed, settlement, refusal }
  })

  for (const account of accounts) account.settle(totals)
  const last = replayed.findLast(({ settlement }) => settlement !== undefined)
  return {
    bills: replayed,
    totals: Object.fromEntries(totals),
    latest: last && placeOf(last.bill),
  }
}

/**
 * One account by its days. A bill may draw what is in it on its day and has not been spent since: so no replay
 * makes a balance negative, and what was spent meanwhile is said and not owed. What a cleared bill drew has
 * been paid; it draws that again and no more.
 */
class Account {
  readonly key: string
  readonly #known: boolean
  readonly #steps: { readonly on: PlainDate; amount: number }[]
  readonly #opening: number
  #offered = 0
  #spent = 0

  constructor(
    key: string,
    opening: number | undefined,
    movements: readonly Movement[],
    bills: readonly CountedBill[],
  ) {
    this.key = key
    this.#opening = opening ?? 0
    const cleared = bills.flatMap(({ bill, standing }) =>
      standing?.cleared ? [{ on: bill.settled, amount: -(standing.cleared[key] ?? 0) }] : [],
    )
    this.#known = opening !== undefined || movements.length > 0
    this.#steps = [...movements.map(({ on, amount }) => ({ on, amount })), ...cleared]
  }

  /** Puts into the totals what a bill may draw. */
  open({ bill, standing }: CountedBill, totals: Map<string, number>): void {
    if (!this.#known) return
    const there = this.#balanceOn(bill.settled)
    const fixed = standing?.cleared && (standing.cleared[this.key] ?? 0)
    this.#offered = Math.max(0, fixed ?? this.#leastFrom(bill.settled))
    this.#spent = fixed === undefined ? Math.max(0, there - this.#offered) : 0
    totals.set(this.key, this.#offered)
  }

  /** Takes off what it drew, and tells what it could not draw for it was spent since. */
  close({ bill, standing }: CountedBill, totals: Map<string, number>): number {
    if (!this.#known) return 0
    const left = totals.get(this.key) ?? 0
    const paid = standing?.cleared?.[this.key] ?? 0
    const drawn = this.#offered - left
    this.#steps.push({ on: bill.settled, amount: paid - drawn })
    return drawn > 0 && left === 0 ? this.#spent : 0
  }

  /** Puts the balance after everything into the totals. */
  settle(totals: Map<string, number>): void {
    if (!this.#known) return
    const balance = this.#steps.reduce((sum, { amount }) => sum + amount, this.#opening)
    assert(balance >= 0, `${this.key} is overdrawn`)
    totals.set(this.key, balance)
  }

  #balanceOn(day: PlainDate): number {
    return this.#steps.reduce(
      (sum, { on, amount }) => (on <= day ? sum + amount : sum),
      this.#opening,
    )
  }

  #leastFrom(day: PlainDate): number {
    const later = new Set(this.#steps.flatMap(({ on }) => (on > day ? [on] : [])))
    return Math.min(this.#balanceOn(day), ...[...later].map((on) => this.#balanceOn(on)))
  }
}

// --- what changed, and why -----------------------------------------------------------------------

/** Each step from what stands to what should stand, as far as it moves an amount. */
function reasonsOf(
  { bill, settler, standing, rules, own }: CountedBill,
  person: Person,
  now: Settlement,
): Reason[] {
  if (own || !standing) return ['own']
  const amounts = plain(keptOf(now))
  if (differencesBetween(standing.kept, amounts).length === 0) return []
  const then = totalsThen(standing)
  const reasons: Reason[] = []
  const byRules = settler.settle(bill, standing.person, then)
  const afterRules = byRules.ok ? plain(keptOf(byRules.value)) : undefined
  if (differs(standing.kept, afterRules))
    reasons.push(rules === standing.rules ? 'arithmetic' : 'rules')
  const byFacts = settler.settle(bill, person, then)
  const afterFacts = byFacts.ok ? plain(keptOf(byFacts.value)) : undefined
  if (differs(afterRules, afterFacts)) reasons.push('facts')
  if (differs(afterFacts, amounts)) reasons.push('totals')
  return reasons
}

const differs = (before: Kept | undefined, after: Kept | undefined): boolean =>
  (before === undefined) !== (after === undefined) || differencesBetween(before, after).length > 0

/** As it is read back from the database: what is undefined is not there. */
const plain = (kept: Kept): Kept => JSON.parse(JSON.stringify(kept))

/**
 * Whether a bill started from other totals than it did, of those it had a part in. Balances are not among them,
 * nor what belongs to tiers that take no part.
 */
function reads(
  { bill, totalsBefore }: Pick<Replayed, 'bill' | 'totalsBefore'>,
  standing: Standing,
  { tiers }: Settlement,
): boolean {
  const taking = tiers.filter(({ notApplicable }) => notApplicable === undefined)
  const periods = new Set([
    'lifetime',
    `stay:${bill.stay}`,
    ...taking.flatMap(({ period }) => period ?? []),
  ])
  const others = tiers.filter(({ notApplicable }) => notApplicable !== undefined)
  const keys = new Set([...Object.keys(totalsBefore), ...Object.keys(standing.totalsBefore)])
  return [...keys].some((key) => {
    const { slot, period } = parseTotalKey(key)
    if (slot.startsWith('account:')) return false
    if (!periods.has(period) && !/^(admission|once):/.test(period)) return false
    if (others.some(({ tier }) => slot.startsWith(`${tier}:`))) return false
    return (totalsBefore[key] ?? 0) !== (standing.totalsBefore[key] ?? 0)
  })
}

/** The running totals from which a settlement that stands was made. */
export function totalsThen({ totalsBefore }: Pick<Standing, 'totalsBefore'>): Totals {
  return new Map(
    Object.entries(totalsBefore).flatMap(([key, value]): [string, number][] =>
      value === null ? [] : [[key, value]],
    ),
  )
}

/**
 * What a settlement took from each account, by the key of its balance. Less than nothing where the year turned
 * with it and what was left of the year before joined the balance.
 */
export function drawnBetween(before: Totals, after: Totals): Record<string, number> {
  const drawn: Record<string, number> = {}
  for (const [key, balance] of after) {
    const taken = (before.get(key) ?? 0) - balance
    if (key.startsWith('account:') && taken !== 0) drawn[key] = taken
  }
  return drawn
}

/**
 * The running totals before a settlement, as far as it read or changed them: other stays' own totals
 * are left out, and null stands for what was not there.
 */
export function totalsNeeded(
  before: Totals,
  after: Totals,
  { stay, transferFrom }: Bill,
): Record<string, number | null> {
  const needed: Record<string, number | null> = {}
  const stays = [`stay:${stay}`, `stay:${transferFrom ?? stay}`]
  for (const key of after.keys()) {
    const { period } = parseTotalKey(key)
    if (period.startsWith('stay:') && !stays.includes(period)) continue
    needed[key] = before.get(key) ?? null
  }
  return needed
}

/** One party's amount of a bill, before and after. */
export type Moved = { readonly before: number; readonly after: number }

/** What a replay changed of one bill, to the fen: payers and patient add up to the bill on both sides. */
export type BillDifference = {
  readonly bill: string
  readonly reasons: readonly Reason[]
  readonly total: Moved
  readonly payers: Readonly<Partial<Record<Payer, Moved>>>
  readonly patient: Moved
  /** Fixed benefits beside the bill, by who pays them. */
  readonly benefits: Readonly<Partial<Record<Payer, Moved>>>
  readonly spentSince: number
  /** Why it cannot be settled by what is known now: it stands as it was until somebody decides, or fell. */
  readonly refusal: Refusal['code'] | undefined
}

/**
 * The bills of which an amount changed, or that came to stand or fell. Of those in `gone` nothing stands any
 * more: they were reversed.
 */
export function differencesOf(
  bills: readonly Replayed[],
  gone: readonly { readonly bill: string; readonly standing: Standing }[] = [],
): BillDifference[] {
  const reversed = gone.map(({ bill, standing }): BillDifference => {
    const sides = between(sidesOf(standing.kept), NOTHING)
    return { bill, reasons: ['own'], ...sides, spentSince: 0, refusal: undefined }
  })
  const changed = bills.flatMap((each): BillDifference[] => {
    const { bill, standing, settlement, reasons, spentSince, refusal } = each
    if (!standing && !settlement) return []
    const before = standing ? sidesOf(standing.kept) : NOTHING
    const after = settlement ? sidesOf(keptOf(settlement)) : NOTHING
    const same = standing && settlement && differencesBetween(before, after).length === 0
    if (same && !refusal) return []
    const sides = between(before, after)
    return [{ bill: bill.id, reasons, ...sides, spentSince, refusal: refusal?.code }]
  })
  return [...reversed, ...changed]
}

type Sides = {
  readonly payers: Partial<Record<Payer, number>>
  readonly patient: number
  readonly benefits: Partial<Record<Payer, number>>
}
const NOTHING: Sides = { payers: {}, patient: 0, benefits: {} }

/** What each party has of a settlement. */
function sidesOf({ tiers, patientParts, benefits }: Kept): Sides {
  const add = (all: Partial<Record<Payer, number>>, payer: Payer, amount: number) => {
    if (amount !== 0) all[payer] = (all[payer] ?? 0) + amount
  }
  const sides = { payers: {}, benefits: {} }
  for (const { payer, paid } of tiers) add(sides.payers, payer, paid)
  for (const { payer, amount } of benefits) add(sides.benefits, payer, amount)
  const patient = Object.values(patientParts).reduce((sum, amount) => sum + amount, 0)
  return { ...sides, patient }
}

function between(
  before: Sides,
  after: Sides,
): Pick<BillDifference, 'total' | 'payers' | 'patient' | 'benefits'> {
  const totalOf = ({ payers, patient }: Sides) =>
    Object.values(payers).reduce((sum, amount) => sum + amount, patient)
  return {
    total: { before: totalOf(before), after: totalOf(after) },
    payers: pairs(before.payers, after.payers),
    patient: { before: before.patient, after: after.patient },
    benefits: pairs(before.benefits, after.benefits),
  }
}

function pairs(
  before: Sides['payers'],
  after: Sides['payers'],
): Readonly<Partial<Record<Payer, Moved>>> {
  const concerned = (Object.keys(PAYERS) as Payer[]).filter(
    (payer) => before[payer] !== undefined || after[payer] !== undefined,
  )
  return Object.fromEntries(
    concerned.map((payer) => [payer, { before: before[payer] ?? 0, after: after[payer] ?? 0 }]),
  )
}
