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
  const { heads, claims, cost, score, policy } = facts
  // Where a clerk finds the sum: these accounts of the ledger, in this stretch of days.
  const claimsAs = `${contract.fund} claims ${period.from} – ${period.until}`
  const raised = perHead ? portion(perHead.value * heads.sum, heads.days, rounding) : 0
  const raisedAs = perHead ? `${yuan(perHead.value)} × ${headsText(heads)} = ${yuan(raised)}` : ''
  const paid = handlingOf(handling.value, { heads, raised, cost: cost?.amount ?? 0, rounding })

  if (!profit || !surplus || !loss || !perHead) {
    account.add('fee', paid.amount, paid.formula, handling.clause, cost?.by)
    account.add('claims', claims, claimsAs, undefined)
    const held = heldBack(account, holdBack, paid.amount, score, rounding)
    account.add('to-insurer', paid.amount - held, less(paid.amount, held), undefined)
    return ok({ contract: contract.id, year: period, ...account.told() })
  }

  account.add('premium', raised, raisedAs, perHead.clause)
  account.add('claims', claims, claimsAs, undefined)
  account.add('handling', paid.amount, paid.formula, handling.clause, cost?.by)

  const room = reserve
    ? Math.max(0, part(raised, reserve.value.ceiling, rounding) - facts.reserveBefore)
    : 0
  const reserved = (of: 'premium' | 'returned', amount: number): number => {
    if (reserve?.value.paidIn.of !== of) return 0
    const { rate } = reserve.value.paidIn
    const asked = part(amount, rate, rounding)
    const into = Math.min(asked, room)
    account.add(
      'reserve-in',
      into,
      `min(${yuan(amount)} × ${formatRate(rate)} = ${yuan(asked)}; ${yuan(room)}) = ${yuan(into)}`,
      reserve.clause,
    )
    return into
  }
  let into = reserved('premium', raised)
  const result = raised - claims - paid.amount - into
  const resultAs = less(raised, claims, paid.amount, ...(into ? [into] : []))

  let [drawn, kept, borne] = [0, 0, 0]
  if (result >= 0) {
    account.add('surplus', result, resultAs, undefined)
    const most = part(raised, profit.value.atMost, rounding)
    const banded = overBands(surplus.value.returned, result, raised, rounding)
    const above = Math.max(0, result - banded.amount - most)
    const back = banded.amount + above
    into += reserved('returned', back)
    const toFund = back - (reserve?.value.paidIn.of === 'returned' ? into : 0)
    kept = result - back
    account.add(
      'returned',
      toFund,
      [
        banded.formula,
        ...(above > 0
          ? [`max(0; ${yuan(result - banded.amount)} − ${yuan(most)}) = ${yuan(above)}`]
          : []),
        ...(toFund === back ? [] : [`${yuan(back)} − ${yuan(into)} = ${yuan(toFund)}`]),
      ].join(' ; '),
      surplus.clause,
    )
    account.add(
      'profit',
      kept,
      `${yuan(result)} − ${yuan(back)} = ${yuan(kept)} ≤ ${yuan(raised)} × ${formatRate(profit.value.atMost)} = ${yuan(most)}`,
      profit.clause,
    )
  } else {
    const lost = -result
    account.add('loss', lost, resultAs, undefined)
    const proven = Math.max(0, policy?.difference ?? 0)
    const byPolicy = Math.min(lost, proven)
    account.add(
      'policy-loss',
      byPolicy,
      `min(${yuan(lost)}; ${yuan(proven)}) = ${yuan(byPolicy)}`,
      loss.clause,
      policy?.by,
    )
    account.add(
      'business-loss',
      lost - byPolicy,
      `${yuan(lost)} − ${yuan(byPolicy)} = ${yuan(lost - byPolicy)}`,
      loss.clause,
    )
    const open: Record<Cause, number> = { policy: byPolicy, business: lost - byPolicy }
    if (reserve) {
      // What was paid in this year is there to be drawn as well.
      let left = facts.reserveBefore + into
      const available = left
      const met: number[] = []
      for (const cause of reserve.value.covers) {
        const taken = Math.min(left, open[cause])
        left -= taken
        open[cause] -= taken
        drawn += taken
        met.push(taken)
      }
      account.add(
        'reserve-out',
        drawn,
        `${met.map(yuan).join(' + ')} = ${yuan(drawn)} ≤ ${yuan(available)}`,
        reserve.clause,
      )
    }
    let shared = 0
    for (const cause of Object.keys(CAUSES) as Cause[]) {
      const { amount, formula } = overBands(loss.value[cause], open[cause], raised, rounding)
      account.add(`${cause}-shared`, amount, formula, loss.clause)
      shared += amount
    }
    borne = lost - drawn - shared
    account.add('borne', borne, less(lost, drawn, shared), loss.clause)
  }
  if (reserve) {
    const after = facts.reserveBefore + into - drawn
    account.add(
      'reserve-after',
      after,
      `${yuan(facts.reserveBefore)} + ${yuan(into)} − ${yuan(drawn)} = ${yuan(after)}`,
      reserve.clause,
    )
  }
  const held = heldBack(account, holdBack, raised, score, rounding)
  const due = paid.amount + kept - borne - held
  const taken = [kept, borne, held].map(yuan).join(' − ')
  account.add('to-insurer', due, `${yuan(paid.amount)} + ${taken} = ${yuan(due)}`, undefined)
  const told = account.told()
  assert.equal(sideOf(told.lines, 'source'), sideOf(told.lines, 'use'), 'both sides are one sum')
  return ok({ contract: contract.id, year: period, ...told })
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
    case 'per-head': {
      const amount = portion(handling.amount * heads.sum, heads.days, rounding)
      return {
        amount,
        formula: `${yuan(handling.amount)} × ${headsText(heads)} = ${yuan(amount)}`,
      }
    }
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

/** An amount divided by a whole number, rounded as said. */
const portion = (amount: number, by: number, rounding: Rounding): Fen =>
  rounded(BigInt(amount), BigInt(by), rounding)

/** A quotient above or at zero in whole fen. */
function rounded(dividend: bigint, divisor: bigint, rounding: Rounding): Fen {
  assert(dividend >= 0n && divisor > 0n, 'amounts of a contract are not below zero')
  const bump = rounding === 'half-up' ? divisor / 2n : rounding === 'up' ? divisor - 1n : 0n
  return fen(Number((dividend + bump) / divisor))
}

const yuan = formatYuan
const headsText = ({ sum, days }: YearFacts['heads']): string =>
  days === 1 ? String(sum) : `${sum} ÷ ${days}`
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
