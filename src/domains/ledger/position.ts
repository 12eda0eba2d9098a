import { addDays, type PlainDate } from '#base/plain-date.ts'
import { type AccountClass, CHART } from './types.ts'

/** Both sides of an account. */
type Sums = {
  readonly fund: string
  readonly account: string
  readonly debit: number
  readonly credit: number
}

export type TrialLine = Sums & {
  readonly class: AccountClass
  /** On the side on which accounts of this class grow: below zero where it stands on the other one. */
  readonly balance: number
}

/** A fund's accounts at the end of a day; its debits and its credits are the same sum. */
export type TrialFund = {
  readonly fund: string
  readonly debit: number
  readonly credit: number
  readonly accounts: readonly TrialLine[]
}

export type TrialBalance = {
  readonly day: PlainDate
  readonly funds: readonly TrialFund[]
  readonly debit: number
  readonly credit: number
}

/** The first word of an account says what it is. */
export const classOf = (account: string): AccountClass => account.split('/', 1)[0] as AccountClass

/** 试算平衡表: every account of every fund, with the sums of both sides. */
export function trialOf(day: PlainDate, sums: readonly Sums[]): TrialBalance {
  const funds = new Map<string, TrialLine[]>()
  for (const each of sums) {
    const ofClass = classOf(each.account)
    const onCredit = each.credit - each.debit
    const balance = CHART[ofClass].side === 'credit' ? onCredit : -onCredit + 0
    const lines = funds.get(each.fund) ?? []
    funds.set(each.fund, lines)
    lines.push({ ...each, class: ofClass, balance })
  }
  const order = Object.keys(CHART)
  const place = (line: TrialLine) => order.indexOf(line.class)
  const all = [...funds].map(([fund, accounts]) => ({
    fund,
    ...bothSides(accounts),
    accounts: accounts.toSorted((a, b) => place(a) - place(b) || (a.account < b.account ? -1 : 1)),
  }))
  return { day, funds: all, ...bothSides(all) }
}

function bothSides(rows: readonly Pick<Sums, 'debit' | 'credit'>[]) {
  return {
    debit: rows.reduce((sum, { debit }) => sum + debit, 0),
    credit: rows.reduce((sum, { credit }) => sum + credit, 0),
  }
}

/** A class of accounts at the end of each day, as it was booked by then. */
export type Series = {
  readonly days: readonly PlainDate[]
  readonly classes: Readonly<Partial<Record<AccountClass, readonly number[]>>>
}

/** Balances day by day: what stood before the first day, and what each day moved. */
export function seriesOf(
  { from, until }: { readonly from: PlainDate; readonly until: PlainDate },
  before: readonly Pick<Sums, 'account' | 'debit' | 'credit'>[],
  moved: readonly {
    readonly day: string
    readonly class: string
    readonly debit: number
    readonly credit: number
  }[],
): Series {
  const days: PlainDate[] = []
  for (let day = from; day <= until; day = addDays(day, 1)) days.push(day)
  const start = new Map<AccountClass, number>()
  const signed = (of: AccountClass, debit: number, credit: number) =>
    CHART[of].side === 'credit' ? credit - debit : debit - credit
  for (const { account, debit, credit } of before) {
    const of = classOf(account)
    start.set(of, (start.get(of) ?? 0) + signed(of, debit, credit))
  }
  const changes = new Map<string, number>()
  const known = new Set<AccountClass>(start.keys())
  for (const { day, class: of, debit, credit } of moved) {
    known.add(of as AccountClass)
    changes.set(`${of} ${day}`, signed(of as AccountClass, debit, credit))
  }
  const classes = (Object.keys(CHART) as AccountClass[]).filter((each) => known.has(each))
  return {
    days,
    classes: Object.fromEntries(
      classes.map((of) => {
        let balance = start.get(of) ?? 0
        return [
          of,
          days.map((day) => {
            balance += changes.get(`${of} ${day}`) ?? 0
            return balance
          }),
        ]
      }),
    ),
  }
}
