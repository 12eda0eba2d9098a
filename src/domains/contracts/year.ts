import assert from 'node:assert/strict'
import { type Fen, fen, formatRate, formatYuan, type Rounding } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { yearsBetween } from './read-contract.ts'
import {
  type Band,
  CAUSES,
  type Cause,
  type Clause,
  type Contract,
  type ContractYear,
  type Term,
  type TermName,
  type TermValues,
  YEAR_LINES,
  type YearFacts,
  type YearLine,
  type YearLineCode,
  type YearStatement,
} from './types.ts'

/** Why a year cannot be stated. */
export type YearRefusal =
  | { readonly code: 'no_such_contract_year'; readonly year: number }
  | { readonly code: 'term_not_in_force'; readonly term: TermName; readonly on: PlainDate }
  /** The contract pays what handling cost, and nobody has said what that was. */
  | { readonly code: 'handling_cost_missing' }
  /** The contract pays handling another way, or holds nothing back. */
  | { readonly code: 'handling_cost_misplaced' | 'score_misplaced' | 'policy_loss_misplaced' }
  /** Whatever is released or kept of the hold-back, a person says why. */
  | { readonly code: 'score_reason_missing' }

/** The year of a contract that begins in a calendar year. */
export const yearIn = ({ from, until }: Contract, year: number): ContractYear | undefined =>
  yearsBetween(from, until).find((each) => each.year === year)

/** Which share of the hold-back the contract releases for a score. A person decides, and may release another. */
export const releasedFor = ({ released }: TermValues['holdBack'], points: number): number =>
  released.find(({ atLeast }) => points >= atLeast)?.rate ?? 0

/**
 * A year of a contract: what was raised and what became of it, to the fen. Terms are those in force on the first day of
 * the year.
 *
 * Where the insurer bears the result, premium, what the reserve gives and what each side bears of a loss are one sum with
 * claims, handling, what goes into the reserve, profit and what is returned. Each band is F(end) − F(begin) of one
 * cumulative amount, so that bands add up whatever is rounded.
 */
export function yearOf(
  contract: Contract,
  year: number,
  facts: YearFacts,
): Result<YearStatement, YearRefusal> {
  const period = yearIn(contract, year)
  if (!period) return err({ code: 'no_such_contract_year', year })
  const on = period.from
  const inForce = <N extends TermName>(name: N): Term<TermValues[N]> | undefined =>
    contract.terms[name]?.findLast(({ clause }) => clause.from <= on)
  const late = (Object.keys(contract.terms) as TermName[]).find(
    (name) => contract.terms[name] !== undefined && !inForce(name),
  )
  if (late) return err({ code: 'term_not_in_force', term: late, on })

  const [perHead, handling] = [inForce('perHead'), inForce('handling')]
  const [profit, surplus, loss] = [inForce('profit'), inForce('surplus'), inForce('loss')]
  const [reserve, holdBack] = [inForce('reserve'), inForce('holdBack')]
  assert(handling, 'every contract says how handling is paid')
  const actual = handling.value.kind === 'actual'
  if (actual && !facts.cost) return err({ code: 'handling_cost_missing' })
  if (!actual && facts.cost) return err({ code: 'handling_cost_misplaced' })
  if (facts.score && !holdBack) return err({ code: 'score_misplaced' })
  if (facts.policy && !loss) return err({ code: 'policy_loss_misplaced' })
  if (facts.score && !facts.score.reason.trim()) return err({ code: 'score_reason_missing' })

  const { rounding } = contract
  const account = new Account()
  const { heads, claims, cost, score } = facts
  // Where a clerk finds the sum: these accounts of the ledger, in this stretch of days.
  const claimsAs = `${contract.fund} claims ${period.from} – ${period.until}`
  const raised = perHead ? perHeads(perHead.value, heads, rounding) : ZERO_RAISED
  const paid = handlingOf(handling.value, {
    heads,
    raised: raised.amount,
    cost: cost?.amount ?? 0,
    rounding,
  })
  if (!profit || !surplus || !loss || !perHead) {
    account.add('fee', paid.amount, paid.formula, handling.clause, cost?.by)
    account.add('claims', claims, claimsAs, undefined)
    const held = heldBack(account, holdBack, paid.amount, score, rounding)
    account.add('to-insurer', paid.amount - held, less(paid.amount, held), undefined)
    return ok({ contract: contract.id, year: period, ...account.told() })
  }

  const premium = raised.amount
  account.add('premium', premium, raised.formula, perHead.clause)
  account.add('claims', claims, claimsAs, undefined)
  account.add('handling', paid.amount, paid.formula, handling.clause, cost?.by)
  const pot = { premium, rounding, before: facts.reserveBefore, reserve }
  const paidIn = intoReserve(account, pot, 'premium', premium)
  const result = premium - claims - paid.amount - paidIn
  const resultAs = less(premium, claims, paid.amount, ...(paidIn ? [paidIn] : []))
  const ended =
    result >= 0
      ? whatIsLeft(account, pot, { result, resultAs, surplus, profit })
      : whatLacks(account, pot, { lost: -result, resultAs, loss, policy: facts.policy, paidIn })
  const { kept, borne, into, drawn } = ended
  if (reserve) {
    const [inAll, after] = [paidIn + into, facts.reserveBefore + paidIn + into - drawn]
    const formula = `${yuan(facts.reserveBefore)} + ${yuan(inAll)} − ${yuan(drawn)} = ${yuan(after)}`
    account.add('reserve-after', after, formula, reserve.clause)
  }
  const held = heldBack(account, holdBack, premium, score, rounding)
  const due = paid.amount + kept - borne - held
  const taken = [kept, borne, held].map(yuan).join(' − ')
  account.add('to-insurer', due, `${yuan(paid.amount)} + ${taken} = ${yuan(due)}`, undefined)
  const told = account.told()
  assert.equal(sideOf(told.lines, 'source'), sideOf(told.lines, 'use'), 'both sides are one sum')
  return ok({ contract: contract.id, year: period, ...told })
}

/** What every part of a year goes by: its premium, how shares are rounded, and the reserve as it stood before. */
type Pot = {
  readonly premium: number
  readonly rounding: Rounding
  readonly before: number
  readonly reserve: Term<TermValues['reserve']> | undefined
}

/** How a year ended: what the insurer keeps or bears, and what went into the reserve and out of it at its end. */
type Ended = {
  readonly kept: number
  readonly borne: number
  readonly into: number
  readonly drawn: number
}

/** What goes into the reserve, as far as it has room; nothing where the contract feeds it otherwise. */
function intoReserve(
  account: Account,
  { premium, rounding, before, reserve }: Pot,
  of: 'premium' | 'returned',
  amount: number,
): number {
  if (reserve?.value.paidIn.of !== of) return 0
  const { paidIn, ceiling } = reserve.value
  const asked = part(amount, paidIn.rate, rounding)
  const room = Math.max(0, part(premium, ceiling, rounding) - before)
  const into = Math.min(asked, room)
  account.add(
    'reserve-in',
    into,
    `min(${yuan(amount)} × ${formatRate(paidIn.rate)} = ${yuan(asked)}; ${yuan(room)}) = ${yuan(into)}`,
    reserve.clause,
  )
  return into
}

/** A surplus: bands are returned, and so is what would be more profit than the cap; the rest is kept. */
function whatIsLeft(
  account: Account,
  pot: Pot,
  {
    result,
    resultAs,
    surplus,
    profit,
  }: {
    readonly result: number
    readonly resultAs: string
    readonly surplus: Term<TermValues['surplus']>
    readonly profit: Term<TermValues['profit']>
  },
): Ended {
  const { premium, rounding } = pot
  const { atMost } = profit.value
  account.add('surplus', result, resultAs, undefined)
  const banded = overBands(surplus.value.returned, result, premium, rounding)
  const most = part(premium, atMost, rounding)
  const unbanded = result - banded.amount
  const above = Math.max(0, unbanded - most)
  const back = banded.amount + above
  const into = intoReserve(account, pot, 'returned', back)
  const sums = [
    banded.formula,
    ...(above > 0 ? [`max(0; ${yuan(unbanded)} − ${yuan(most)}) = ${yuan(above)}`] : []),
    ...(into > 0 ? [less(back, into)] : []),
  ]
  account.add('returned', back - into, sums.join(' ; '), surplus.clause)
  const kept = result - back
  const cap = `${yuan(premium)} × ${formatRate(atMost)} = ${yuan(most)}`
  account.add('profit', kept, `${less(result, back)} ≤ ${cap}`, profit.clause)
  return { kept, borne: 0, into, drawn: 0 }
}

/** A loss: of each cause the reserve is drawn first, the fund bears its bands, and the rest is the insurer's. */
function whatLacks(
  account: Account,
  { premium, rounding, before, reserve }: Pot,
  {
    lost,
    resultAs,
    loss,
    policy,
    paidIn,
  }: {
    readonly lost: number
    readonly resultAs: string
    readonly loss: Term<TermValues['loss']>
    readonly policy: YearFacts['policy']
    readonly paidIn: number
  },
): Ended {
  account.add('loss', lost, resultAs, undefined)
  const proven = Math.max(0, policy?.difference ?? 0)
  const byPolicy = Math.min(lost, proven)
  const byPolicyAs = `min(${yuan(lost)}; ${yuan(proven)}) = ${yuan(byPolicy)}`
  account.add('policy-loss', byPolicy, byPolicyAs, loss.clause, policy?.by)
  account.add('business-loss', lost - byPolicy, less(lost, byPolicy), loss.clause)
  const open: Record<Cause, number> = { policy: byPolicy, business: lost - byPolicy }
  let drawn = 0
  if (reserve) {
    // What was paid in this year is there to be drawn as well.
    const there = before + paidIn
    const met = reserve.value.covers.map((cause) => {
      const taken = Math.min(there - drawn, open[cause])
      open[cause] -= taken
      drawn += taken
      return taken
    })
    const formula = `${met.map(yuan).join(' + ')} = ${yuan(drawn)} ≤ ${yuan(there)}`
    account.add('reserve-out', drawn, formula, reserve.clause)
  }
  let shared = 0
  for (const cause of Object.keys(CAUSES) as Cause[]) {
    const { amount, formula } = overBands(loss.value[cause], open[cause], premium, rounding)
    account.add(`${cause}-shared`, amount, formula, loss.clause)
    shared += amount
  }
  const borne = lost - drawn - shared
  account.add('borne', borne, less(lost, drawn, shared), loss.clause)
  return { kept: 0, borne, into: 0, drawn }
}

/** What the sources, or the uses, of a year come to. */
export const sideOf = (lines: readonly YearLine[], of: 'source' | 'use'): number =>
  lines.reduce((sum, { code, amount }) => (YEAR_LINES[code].of === of ? sum + amount : sum), 0)

/** The hold-back and what became of it; answers with what the insurer does not have of it, for now or for good. */
function heldBack(
  account: Account,
  term: Term<TermValues['holdBack']> | undefined,
  of: number,
  score: YearFacts['score'],
  rounding: Rounding,
): number {
  if (!term) return 0
  const { rate } = term.value
  const held = part(of, rate, rounding)
  account.add('held-back', held, `${yuan(of)} × ${formatRate(rate)} = ${yuan(held)}`, term.clause)
  if (!score) return held
  const released = part(held, score.released, rounding)
  account.add(
    'released',
    released,
    `${yuan(held)} × ${formatRate(score.released)} = ${yuan(released)}`,
    term.clause,
    score.by,
  )
  account.add('forfeited', held - released, less(held, released), term.clause, score.by)
  return held - released
}

function handlingOf(
  handling: TermValues['handling'],
  {
    heads,
    raised,
    cost,
    rounding,
  }: {
    readonly heads: YearFacts['heads']
    readonly raised: number
    readonly cost: number
    readonly rounding: Rounding
  },
): { readonly amount: number; readonly formula: string } {
  switch (handling.kind) {
    case 'actual': {
      const most = part(raised, handling.atMost, rounding)
      const amount = Math.min(cost, most)
      return {
        amount,
        formula: `min(${yuan(cost)}; ${yuan(raised)} × ${formatRate(handling.atMost)} = ${yuan(most)}) = ${yuan(amount)}`,
      }
    }
    case 'per-head':
      return perHeads(handling.amount, heads, rounding)
    case 'rate': {
      const amount = part(raised, handling.rate, rounding)
      return {
        amount,
        formula: `${yuan(raised)} × ${formatRate(handling.rate)} = ${yuan(amount)}`,
      }
    }
  }
}

/**
 * The share of an amount that bands give: F(amount), where F grows by each band's rate within the band and is rounded
 * once. Where a band ends is its share of the premium, in whole fen downwards.
 */
export function overBands(
  bands: readonly Band[],
  amount: number,
  premium: number,
  rounding: Rounding,
): { readonly amount: Fen; readonly formula: string } {
  const terms: string[] = []
  let exact = 0n
  for (const { above, upTo, rate } of bands) {
    const start = part(premium, above, 'down')
    const end = upTo === undefined ? amount : part(premium, upTo, 'down')
    const within = Math.max(0, Math.min(amount, end) - start)
    if (within === 0) continue
    exact += BigInt(within) * BigInt(rate)
    terms.push(`${yuan(within)} × ${formatRate(rate)}`)
  }
  const share = rounded(exact, MILLION, rounding)
  return { amount: share, formula: `${terms.join(' + ') || yuan(0)} = ${yuan(share)}` }
}

const MILLION = 1_000_000n

/** A share of an amount in parts per million, rounded as said. */
const part = (amount: number, rate: number, rounding: Rounding): Fen =>
  rounded(BigInt(amount) * BigInt(rate), MILLION, rounding)

/** An amount for each insured, where several days were counted for their average. */
function perHeads(
  amount: number,
  { sum, days }: YearFacts['heads'],
  rounding: Rounding,
): { readonly amount: number; readonly formula: string } {
  const all = rounded(BigInt(amount) * BigInt(sum), BigInt(days), rounding)
  const heads = days === 1 ? String(sum) : `${sum} ÷ ${days}`
  return { amount: all, formula: `${yuan(amount)} × ${heads} = ${yuan(all)}` }
}
const ZERO_RAISED = { amount: 0, formula: '' }

/** A quotient above or at zero in whole fen. */
function rounded(dividend: bigint, divisor: bigint, rounding: Rounding): Fen {
  assert(dividend >= 0n && divisor > 0n, 'amounts of a contract are not below zero')
  const bump = rounding === 'half-up' ? divisor / 2n : rounding === 'up' ? divisor - 1n : 0n
  return fen(Number((dividend + bump) / divisor))
}

const yuan = formatYuan
const less = (from: number, ...taken: readonly number[]): string =>
  `${[from, ...taken].map(yuan).join(' − ')} = ${yuan(taken.reduce((left, each) => left - each, from))}`

/** Lines of a year as they come up. */
class Account {
  readonly #lines: YearLine[] = []

  add(
    code: YearLineCode,
    amount: number,
    formula: string,
    clause: Clause | undefined,
    by?: string,
  ): void {
    assert(Number.isSafeInteger(amount), `${code} is whole fen`)
    assert(amount >= 0 || code === 'to-insurer', `${code} is not below zero`)
    this.#lines.push({ code, amount, formula, clause, by })
  }

  told(): Pick<YearStatement, 'lines' | 'amounts'> {
    const amounts = Object.fromEntries(
      (Object.keys(YEAR_LINES) as YearLineCode[]).map((code) => [
        code,
        this.#lines.find((line) => line.code === code)?.amount ?? 0,
      ]),
    ) as Record<YearLineCode, number>
    return { lines: this.#lines, amounts }
  }
}
