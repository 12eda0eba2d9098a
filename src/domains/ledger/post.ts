import assert from 'node:assert/strict'
import type { Elsewhere, Leg, LegColumns, OfBill, Owing, Regions, Settled } from './types.ts'

/**
 * Who bears a part of a bill without any fund's money moving: a hospital that takes it on itself, and a third party who
 * pays on their own. Neither is posted.
 */
const OUTSIDE: readonly string[] = ['hospital', 'liableThirdParty']

/** Balances that belong to persons: what a bill draws is taken from the person's own. */
const ACCOUNTS: readonly string[] = ['personalAccount', 'familyAccount']

/** The account of a person's balance, in the fund `personalAccount` or `familyAccount`. */
export const balanceAccount = (person: string): string => `balance/person/${person}`

/**
 * The fund that a payer's part of a rule belongs to: the payer in the place of the rule, such as
 * `basicPool@teaching/shifan`. Balances of persons are one fund wherever they are drawn.
 */
export const fundOf = (payer: string, rule: string): string =>
  ACCOUNTS.includes(payer) ? payer : `${payer}@${rule.slice(0, Math.max(0, rule.lastIndexOf('/')))}`

/** The payer of a fund. */
export const payerOf = (fund: string): string => fund.split('@')[0] ?? fund

/** What the region of care has paid first, and is owed until a month of theirs is confirmed. */
export const regionAccount = ({ insured, treating }: Regions): string =>
  `region/${insured}/${treating}`

/**
 * Who is owed what a payer pays on a bill: the person who paid it first, the region of care that did, or the
 * institution.
 */
export function payeeOf(
  { person, institution, invoice, attributes }: OfBill,
  payer: string,
  elsewhere?: Elsewhere,
): string {
  if (invoice?.handedIn !== undefined) return `owed/person/${person}`
  if (elsewhere?.payers.includes(payer)) return regionAccount(elsewhere)
  return `owed/institution/${institution ?? attributes.hospital ?? '-'}`
}

/**
 * What a settlement posts: each payer's part of the bill becomes a claim on its fund, owed to whoever is to have it;
 * fixed benefits are owed to the person. What the patient bears is between patient and institution, and is not posted.
 */
export function legsOf({ tiers, benefits, elsewhere }: Settled, bill: OfBill): Leg[] {
  const legs: Leg[] = []
  for (const { tier, payer, paid } of tiers) {
    if (paid === 0 || OUTSIDE.includes(payer)) continue
    const debit = ACCOUNTS.includes(payer) ? balanceAccount(bill.person) : `claims/${tier}`
    const credit = payeeOf(bill, payer, elsewhere)
    legs.push({ fund: fundOf(payer, tier), debit, credit, amount: paid })
  }
  for (const { benefit, payer, amount } of benefits) {
    if (amount === 0 || OUTSIDE.includes(payer)) continue
    const credit = `owed/person/${bill.person}`
    legs.push({ fund: fundOf(payer, benefit), debit: `claims/${benefit}`, credit, amount })
  }
  for (const { amount } of legs) assert(amount > 0, 'a payer pays no less than nothing')
  return legs
}

/** The same the other way round: what was posted is undone by another entry, and never taken out. */
export const reversed = (legs: readonly Leg[]): Leg[] =>
  legs.map(({ fund, debit, credit, amount }) => ({ fund, debit: credit, credit: debit, amount }))

/** What the settlement of a bill was owed has left the funds' accounts, by whatever way. */
export const clearedLegs = (settled: readonly Leg[]): Leg[] =>
  settled
    .filter(({ credit }) => credit.startsWith('owed/'))
    .map(({ fund, credit, amount }) => ({ fund, debit: credit, credit: 'bank', amount }))

export const columnsOf = (legs: readonly Leg[]): LegColumns => ({
  funds: legs.map(({ fund }) => fund),
  debits: legs.map(({ debit }) => debit),
  credits: legs.map(({ credit }) => credit),
  amounts: legs.map(({ amount }) => amount),
})

export const legsIn = ({ funds, debits, credits, amounts }: LegColumns): Leg[] =>
  funds.map((fund, i) => ({
    fund,
    debit: debits[i] ?? '',
    credit: credits[i] ?? '',
    amount: amounts[i] ?? 0,
  }))

/** The balances that legs leave, by fund and account; what is owed counts above zero. */
export function balancesOf(legs: Iterable<Leg>): Map<string, Map<string, number>> {
  const funds = new Map<string, Map<string, number>>()
  const add = (fund: string, account: string, amount: number) => {
    const accounts = funds.get(fund) ?? new Map<string, number>()
    funds.set(fund, accounts)
    const balance = (accounts.get(account) ?? 0) + amount
    if (balance === 0) accounts.delete(account)
    else accounts.set(account, balance)
  }
  for (const { fund, debit, credit, amount } of legs) {
    add(fund, debit, -amount)
    add(fund, credit, amount)
  }
  return funds
}

/**
 * Where the differences of a bill belong that had been paid. `moved` is what its replay posted: the settlement that
 * ended, the other way round, and the one that took its place. That leaves each difference with whoever was paid, as
 * if the institution had to give back or were owed everything. `owings` say who really owes whom: a person, after all,
 * or another fund. The legs move each fund's difference to the accounts of those parties, and change no claim.
 */
export function redirect(
  moved: readonly Leg[],
  owings: readonly Owing[],
  { person, payee }: { readonly person: string; payee(payer: string): string },
): Leg[] {
  const legs: Leg[] = []
  const funds = [...balancesOf(moved)].map(([fund, accounts]) => {
    const owed = [...accounts].filter(([account]) => /^(owed|region)\//.test(account))
    return { fund, owed: new Map(owed), left: sum(owed.map(([, amount]) => amount)) }
  })
  const wanted = funds.map(() => new Map<string, number>())
  for (const { party, account, amount } of wantsOf(owings, person)) {
    const own = funds.flatMap(({ fund }, i) => (payerOf(fund) === party ? [i] : []))
    let open = amount
    for (const [n, i] of own.entries()) {
      const fund = funds[i]
      if (!fund) continue
      // Each fund takes what it can of the same sign; what then is open falls to the last.
      const most =
        open > 0 ? Math.max(0, Math.min(open, fund.left)) : Math.min(0, Math.max(open, fund.left))
      const taken = n === own.length - 1 ? open : most
      if (taken === 0) continue
      fund.left -= taken
      open -= taken
      const wants = wanted[i] as Map<string, number>
      wants.set(account, (wants.get(account) ?? 0) + taken)
    }
    assert.equal(open, 0, `${party} has a fund on the bill`)
  }
  for (const [i, { fund, owed, left }] of funds.entries()) {
    const wants = wanted[i] as Map<string, number>
    if (wants.size === 0) continue
    // The region of care has paid the institution, and stands for it.
    const institutions = [...owed].filter(([account]) =>
      /^(owed\/institution|region)\//.test(account),
    )
    const rest = (wants.get(INSTITUTION) ?? 0) + left
    wants.delete(INSTITUTION)
    const targets = new Map(wants)
    const main = mainOf(institutions, rest)
    const holder = main ?? payee(payerOf(fund))
    // Several institutions keep what each has; the one that moved most takes the difference.
    const others =
      main === undefined ? 0 : sum(institutions.map(([, amount]) => amount)) - (owed.get(main) ?? 0)
    for (const [account, amount] of institutions) targets.set(account, amount)
    targets.set(holder, (main === undefined ? (wants.get(holder) ?? 0) : 0) + rest - others)
    legs.push(...between(fund, owed, targets))
  }
  return legs
}

const INSTITUTION = 'institution'

const hasFund = (party: string): boolean =>
  party !== INSTITUTION && party !== 'person' && !OUTSIDE.includes(party)

/** What each payer's fund should owe to which account in the end; below zero, what it is owed there. */
function wantsOf(owings: readonly Owing[], person: string) {
  const accountOf = (party: string, owes: boolean): string => {
    // What a hospital takes on itself it simply is not paid.
    if (party === INSTITUTION || party === 'hospital') return INSTITUTION
    if (party !== 'person') return `between/${party}`
    return owes ? `proposed/person/${person}` : `owed/person/${person}`
  }
  return owings.flatMap(({ from, to, amount }) => [
    ...(hasFund(from) ? [{ party: from, account: accountOf(to, false), amount }] : []),
    ...(hasFund(to) ? [{ party: to, account: accountOf(from, true), amount: -amount }] : []),
  ])
}

/** The institution whose difference is the largest the way `rest` has to move. */
function mainOf(
  institutions: readonly (readonly [string, number])[],
  rest: number,
): string | undefined {
  const now = sum(institutions.map(([, amount]) => amount))
  const way = Math.sign(now - rest) || 1
  return institutions.toSorted(([a, x], [b, y]) => way * (y - x) || (a < b ? -1 : 1))[0]?.[0]
}

/** Legs that bring accounts of one fund from balances to others of the same sum. */
function between(
  fund: string,
  now: ReadonlyMap<string, number>,
  then: ReadonlyMap<string, number>,
): Leg[] {
  const changes = [...new Set([...now.keys(), ...then.keys()])].map((account) => ({
    account,
    change: (then.get(account) ?? 0) - (now.get(account) ?? 0),
  }))
  const gives = changes.filter(({ change }) => change < 0)
  const legs: Leg[] = []
  for (const { account, change } of changes.filter((each) => each.change > 0)) {
    let open = change
    for (const give of gives) {
      const amount = Math.min(open, -give.change)
      if (amount === 0) continue
      open -= amount
      give.change += amount
      legs.push({ fund, debit: give.account, credit: account, amount })
    }
    assert.equal(open, 0, 'what some accounts get others give')
  }
  return legs
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0)

/**
 * The legs of a decision about what was to be taken back from a person: owed by them now, or waived. None where it
 * goes to an institution, which is paid at its counter.
 */
export function decided(
  redirects: readonly Leg[],
  { to, amount }: Pick<Owing, 'to' | 'amount'>,
  person: string,
  state: 'confirmed' | 'waived',
): Leg[] {
  if (!hasFund(to)) return []
  const proposed = `proposed/person/${person}`
  const own = redirects.filter(({ fund, debit }) => debit === proposed && payerOf(fund) === to)
  assert.equal(sum(own.map((leg) => leg.amount)), amount, 'what is decided was proposed')
  const debit = state === 'confirmed' ? `due/person/${person}` : 'waived'
  return own.map((leg) => ({ fund: leg.fund, debit, credit: proposed, amount: leg.amount }))
}

/** What stands on the other side of an entry of a personal account. Two halves of one move meet in `transit`. */
const OTHER_SIDE: Readonly<Record<string, string>> = {
  credit: 'income',
  'transfer-in': 'income',
  refund: 'spent/use',
  use: 'spent/use',
  'transfer-out': 'spent/transfer-out',
  'paid-out': 'spent/paid-out',
  share: 'transit/share',
  shared: 'transit/share',
  left: 'transit/inheritance',
  inherited: 'transit/inheritance',
}

/** The leg of an entry of a personal account: `amount` is what it does to the balance. */
export function accountLeg(
  account: 'personal' | 'family',
  kind: string,
  person: string,
  amount: number,
): Leg | undefined {
  const other = OTHER_SIDE[kind]
  assert(other !== undefined, `no account stands against ${kind}`)
  return balanceLeg(account, person, amount, other)
}

/** A balance that moves for another reason; nothing where it does not. */
export function balanceLeg(
  account: 'personal' | 'family',
  person: string,
  amount: number,
  other: string,
): Leg | undefined {
  const fund = account === 'personal' ? 'personalAccount' : 'familyAccount'
  const own = balanceAccount(person)
  if (amount === 0) return undefined
  return amount > 0
    ? { fund, debit: other, credit: own, amount }
    : { fund, debit: own, credit: other, amount: -amount }
}
