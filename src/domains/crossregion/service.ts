import { randomUUID } from 'node:crypto'
import { firstDay, lastDay, type Month, monthOf, nextMonth } from '#base/month.ts'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { WorkingDays } from '#base/working-days.ts'
import { columnsOf, type Leg, regionAccount } from '#domains/ledger/index.ts'
import { balancesUnder, booksUntil, findLegs, post } from '#domains/ledger/service.ts'
import { paidBy } from '#domains/payments/service.ts'
import { markPaid } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import {
  amountOf,
  type ClearingFault,
  type CloseRefusal,
  closable,
  faultsOf,
  payUntil,
  positionOf,
  quarterBefore,
  rebaseOf,
  rebaseUntil,
  statedMonth,
  stateUntil,
  termsOf,
} from './month.ts'
import { monthLegs, prepaidAccount, prepaymentLegs } from './post.ts'
import * as store from './store.ts'
import type {
  ClearingTerms,
  EnteredState,
  KeptClearingTerms,
  PaidState,
  PairView,
  Prepayment,
  PrepaymentKind,
  Rebase,
  RegionBill,
  RegionMonth,
  RegionMonthView,
  Regions,
  Warning,
} from './types.ts'

export type RegionRefusal =
  | CloseRefusal
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_regions' | 'unknown_region_terms' | 'unknown_prepayment' }
  | { readonly code: 'one_region' }
  | { readonly code: 'bad_region_terms'; readonly faults: readonly ClearingFault[] }
  | { readonly code: 'region_terms_stand'; readonly month: Month }
  | { readonly code: 'region_terms_too_late'; readonly month: Month }
  | { readonly code: 'no_clearing_rule'; readonly month: Month }
  | { readonly code: 'region_month_not_closed'; readonly month: Month }
  | { readonly code: 'region_month_confirmed'; readonly month: Month; readonly by: string }
  | { readonly code: 'region_decided'; readonly state: EnteredState; readonly by: string }
  | { readonly code: 'another_person_for_region'; readonly made: string }
  | { readonly code: 'prepayment_fund_elsewhere'; readonly fund: string; readonly insured: string }
  | { readonly code: 'prepayment_amount_needed' }
  | { readonly code: 'prepayment_not_red'; readonly warning: Warning }
  | { readonly code: 'prepayment_stands'; readonly kind: PrepaymentKind }
  | { readonly code: 'quarter_not_confirmed'; readonly months: readonly Month[] }
  | { readonly code: 'rebase_changes_nothing'; readonly target: number }
  | { readonly code: 'rebase_moved'; readonly difference: number }

type Answered<T> = Promise<Result<T, RegionRefusal>>
type Title = { readonly zh: string; readonly en: string }

/** What the rules say of places: which division the place of a fund is, and what a division is called. */
export type Divisions = {
  homeOf(fund: string): string | undefined
  nameOf(division: string): Title | undefined
}

export type RegionService = ReturnType<typeof createRegionService>

/**
 * 异地就医清算, as the region of insurance: what regions of care paid first for our insured is stated month by month,
 * confirmed by a second person and then paid; what they hold in advance is agreed and moved by two persons.
 */
export function createRegionService({
  database,
  divisions,
  rules,
  workingDays,
  today,
}: {
  readonly database: Guarded
  divisions(actor: Actor, sql?: Sql): Promise<Divisions>
  /** What holds where two regions have agreed on nothing, newest or oldest first. */
  readonly rules: readonly ClearingTerms[]
  readonly workingDays: WorkingDays
  today(): PlainDate
}) {
  /** What two persons decide, and what locks the files of everybody whose bills are cleared, is for the program to write. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }
  const change = changesIn<RegionRefusal>(program, store.lockRegions)

  // --- terms --------------------------------------------------------------------------------------

  async function agreedOf(sql: Sql, tenant: string, of: Regions): Promise<ClearingTerms[]> {
    const all = await store.allTerms(sql, tenant)
    return all.flatMap((row) => (row.state === 'confirmed' && isOf(row, of) ? [row.terms] : []))
  }

  const terms = async (actor: Actor) => ({
    terms: await store.allTerms(database.as(actor), actor.tenant),
    rules,
  })

  /** Keeps what two regions agreed, for a second person to confirm. Months that are closed rest on what held then. */
  const propose = (
    actor: Actor,
    key: string,
    { insured, treating, ...asked }: Regions & ClearingTerms,
  ): Answered<{ readonly id: string }> => {
    const id = randomUUID()
    const of = { insured, treating }
    return change(actor, key, ['propose region terms', nameOf(of), asked], async (sql) => {
      const { tenant, name: madeBy } = actor
      if (insured === treating) return err({ code: 'one_region' })
      const faults = faultsOf(asked)
      if (faults.length > 0) return err({ code: 'bad_region_terms', faults })
      const last = (await store.closedMonths(sql, tenant, of)).at(-1)
      if (last && asked.from <= last.month)
        return err({ code: 'region_terms_too_late', month: last.month })
      if (!(await store.insertTerms(sql, tenant, { id, ...of, terms: asked, madeBy })))
        return err({ code: 'region_terms_stand', month: asked.from })
      return ok({ id })
    })
  }

  const decideTerms = (
    actor: Actor,
    key: string,
    id: string,
    { state, reason }: Decision,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${state} region terms`, id, reason], async (sql) => {
      const { tenant, name: user } = actor
      const row = (await store.allTerms(sql, tenant)).find((each) => each.id === id)
      if (!row) return err({ code: 'unknown_region_terms' })
      const may = mayDecide(row, actor, state)
      if (!may.ok) return may
      const last = (await store.closedMonths(sql, tenant, row)).at(-1)
      if (state === 'confirmed' && last && row.terms.from <= last.month)
        return err({ code: 'region_terms_too_late', month: last.month })
      await store.decide(sql, tenant, 'region_terms', { id, state, user, reason })
      return ok({ id })
    })

  // --- months -------------------------------------------------------------------------------------

  /** The first month of two regions in which anything was booked; this month where nothing was. */
  async function firstMonth(sql: Sql, tenant: string, of: Regions): Promise<Month> {
    const pair = (await store.pairsBooked(sql, tenant)).find((each) => isOf(each, of))
    return monthOf(pair?.since ?? today())
  }

  async function stated(sql: Sql, tenant: string, of: Regions, month: Month): Promise<RegionMonth> {
    const days = { from: firstDay(month), until: lastDay(month) }
    return statedMonth(month, await store.flowsBetween(sql, tenant, of, days))
  }

  /** Closes a month: what it came to is kept, and never changed. Nothing is owed by it until another person confirms. */
  const close = (
    actor: Actor,
    key: string,
    { month, ...of }: Regions & { readonly month: Month },
  ): Answered<{ readonly month: Month; readonly amount: number }> =>
    change(actor, key, ['close region month', nameOf(of), month], async (sql) => {
      const { tenant, name: closedBy } = actor
      const done = await store.closedMonths(sql, tenant, of)
      const pairs = await store.pairsBooked(sql, tenant)
      const booked = pairs.find((each) => isOf(each, of))
      if (!booked) return err({ code: 'unknown_regions' })
      const first = monthOf(booked.since)
      const last = done.at(-1)?.month
      const until = await booksUntil(sql, tenant)
      const may = closable(month, { first, last, booksUntil: until })
      if (!may.ok) return may
      const held = termsOf(month, await agreedOf(sql, tenant, of), rules)
      if (!held) return err({ code: 'no_clearing_rule', month })
      const { funds, amount } = await stated(sql, tenant, of, month)
      await store.insertMonth(sql, tenant, { ...of, month, funds, amount, terms: held, closedBy })
      return ok({ month, amount })
    })

  /** Confirms what another person closed: the funds owe the region of care, and its bills count as cleared. */
  const confirm = (
    actor: Actor,
    key: string,
    { month, ...of }: Regions & { readonly month: Month },
  ): Answered<{ readonly month: Month; readonly amount: number }> =>
    change(actor, key, ['confirm region month', nameOf(of), month], async (sql) => {
      const { tenant, name: user } = actor
      const months = await store.closedMonths(sql, tenant, of)
      const row = months.find((each) => each.month === month)
      if (!row) return err({ code: 'region_month_not_closed', month })
      if (row.confirmedBy !== null)
        return err({ code: 'region_month_confirmed', month, by: row.confirmedBy })
      if (row.closedBy === user) return err({ code: 'another_person_for_region', made: user })
      const next = months.find(({ confirmedBy }) => confirmedBy === null)?.month ?? month
      if (next !== month) return err({ code: 'region_month_out_of_order', month, next })
      const clearing = randomUUID()
      await store.confirmMonth(sql, tenant, of, { month, user, clearing })
      const days = { from: firstDay(month), until: lastDay(month) }
      const settlements = await store.settlementsBetween(sql, tenant, of, days)
      if (settlements.length > 0) await markPaid(sql, actor, clearing, settlements)
      const legs = monthLegs(of, row.funds)
      await post(sql, actor, [{ subject: subjectOf(of, month), kind: 'region-month', legs }])
      return ok({ month, amount: row.amount })
    })

  // --- prepayments --------------------------------------------------------------------------------

  async function prepayments(sql: Sql, tenant: string, of?: Regions): Promise<Prepayment[]> {
    const rows = await store.prepaymentsOf(sql, tenant, of)
    const ids = rows.flatMap(({ id, state }) => (state === 'confirmed' ? [id] : []))
    const paid = await paidBy(sql, tenant, 'region-prepayment', ids)
    return rows.map((row) => ({
      ...row,
      paid:
        row.state === 'confirmed'
          ? (paid.find(({ subject }) => subject === row.id)?.state ?? 'owed')
          : null,
    }))
  }

  /** What the months of two regions that are confirmed have come to and the bank has not paid, by month. */
  async function unpaidMonths(sql: Sql, tenant: string, months: readonly store.RegionMonthRow[]) {
    const confirmed = months.filter(({ confirmedBy }) => confirmedBy !== null)
    const subjects = confirmed.map((row) => subjectOf(row, row.month))
    const paid = await paidBy(sql, tenant, 'region-month', subjects)
    const states = new Map(paid.map((each) => [`${each.subject} ${each.fund}`, each.state]))
    return new Map(
      confirmed.map((row) => {
        const subject = subjectOf(row, row.month)
        const open = row.funds.filter(
          (each) => amountOf(each) !== 0 && states.get(`${subject} ${each.fund}`) !== 'paid',
        )
        return [subject, sum(open.map(amountOf))] as const
      }),
    )
  }

  /** The prepayment between two regions as it stands, by the books and by what the bank has paid. */
  async function standing(
    sql: Sql,
    tenant: string,
    of: Regions,
    held: ClearingTerms,
    moves: readonly Prepayment[],
  ) {
    const months = await store.closedMonths(sql, tenant, of)
    const unpaid = sum([...(await unpaidMonths(sql, tenant, months)).values()])
    const books = await balancesUnder(sql, tenant, 'region')
    const unconfirmed = -sum(
      books.flatMap(({ account, amount }) => (account === regionAccount(of) ? [amount] : [])),
    )
    const due = sum(moves.flatMap(({ state, amount }) => (state === 'confirmed' ? [amount] : [])))
    const paid = sum(moves.flatMap((move) => (move.paid === 'paid' ? [move.amount] : [])))
    return { position: positionOf({ due, paid, used: unconfirmed + unpaid }, held), unconfirmed }
  }

  /** The prepayment of a year by the rule; which months of its quarter are missing, where some are. */
  async function rebased(
    sql: Sql,
    tenant: string,
    of: Regions,
    year: number,
    held: ClearingTerms,
    due: number,
  ): Promise<{ readonly rebase: Rebase } | { readonly missing: readonly Month[] }> {
    const first = await firstMonth(sql, tenant, of)
    const months = await store.closedMonths(sql, tenant, of)
    const quarter = quarterBefore(year).map((month) => ({
      month,
      row: months.find((each) => each.month === month),
    }))
    const missing = quarter.filter(({ month, row }) => month >= first && !row?.confirmedBy)
    if (missing.length > 0) return { missing: missing.map(({ month }) => month) }
    const stood = quarter.map(({ month, row }) => ({ month, amount: row?.amount ?? 0 }))
    return { rebase: rebaseOf(year, stood, due, held) }
  }

  /**
   * Enters what is to move the prepayment. A year's is worked out, and no amount is given; an emergency top-up is for a
   * red warning alone. Nothing is owed by it until another person confirms.
   */
  const prepay = (
    actor: Actor,
    key: string,
    {
      insured,
      treating,
      ...asked
    }: Regions & {
      readonly kind: PrepaymentKind
      readonly fund: string
      readonly year: number
      readonly amount?: number | undefined
      readonly document: string
    },
  ): Answered<{ readonly id: string; readonly amount: number }> => {
    const id = randomUUID()
    const of = { insured, treating }
    return change(actor, key, ['propose prepayment', nameOf(of), asked], async (sql) => {
      const { tenant, name: madeBy } = actor
      const { kind, fund, year, document } = asked
      if (insured === treating) return err({ code: 'one_region' })
      const { homeOf } = await divisions(actor, sql)
      if (homeOf(fund) !== insured) return err({ code: 'prepayment_fund_elsewhere', fund, insured })
      const amount = await amountFor(sql, tenant, of, asked)
      if (!amount.ok) return amount
      const row = { id, ...of, kind, fund, year, amount: amount.value, document, madeBy }
      if (!(await store.insertPrepayment(sql, tenant, row)))
        return err({ code: 'prepayment_stands', kind })
      return ok({ id, amount: amount.value })
    })
  }

  /** How much a prepayment moves, or why it may not. */
  async function amountFor(
    sql: Sql,
    tenant: string,
    of: Regions,
    asked: {
      readonly kind: PrepaymentKind
      readonly year: number
      readonly amount?: number | undefined
    },
  ): Answered<number> {
    const month = monthOf(today())
    const held = termsOf(month, await agreedOf(sql, tenant, of), rules)
    if (!held) return err({ code: 'no_clearing_rule', month })
    const moves = await prepayments(sql, tenant, of)
    const { position } = await standing(sql, tenant, of, held, moves)
    if (asked.kind === 'rebase') {
      const found = await rebased(sql, tenant, of, asked.year, held, position.due)
      if ('missing' in found) return err({ code: 'quarter_not_confirmed', months: found.missing })
      const { difference, target } = found.rebase
      return difference === 0 ? err({ code: 'rebase_changes_nothing', target }) : ok(difference)
    }
    if (asked.kind === 'emergency' && position.warning !== 'red')
      return err({ code: 'prepayment_not_red', warning: position.warning })
    return asked.amount === undefined || asked.amount <= 0
      ? err({ code: 'prepayment_amount_needed' })
      : ok(asked.amount)
  }

  const decidePrepayment = (
    actor: Actor,
    key: string,
    id: string,
    { state, reason }: Decision,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${state} prepayment`, id, reason], async (sql) => {
      const { tenant, name: user } = actor
      const row = await store.findPrepayment(sql, tenant, id)
      if (!row) return err({ code: 'unknown_prepayment' })
      const may = mayDecide(row, actor, state)
      if (!may.ok) return may
      if (state === 'confirmed') {
        // What stood was moved in the meantime: the difference is another by now.
        if (row.kind === 'rebase') {
          const now = await amountFor(sql, tenant, row, row)
          const difference = now.ok ? now.value : 0
          if (difference !== row.amount) return err({ code: 'rebase_moved', difference })
        }
        const legs = prepaymentLegs(row, row.fund, row.amount)
        await post(sql, actor, [{ subject: id, kind: 'region-prepayment', legs }])
      }
      await store.decide(sql, tenant, 'region_prepayments', { id, state, user, reason })
      return ok({ id })
    })

  // --- reading ------------------------------------------------------------------------------------

  /** Every two regions that clear: what stands between them, and what is to be done next. */
  const pairs = (actor: Actor): Promise<readonly PairView[]> =>
    database.as(actor).transaction(async (sql) => {
      const { tenant } = actor
      const booked = await store.pairsBooked(sql, tenant)
      const moves = await prepayments(sql, tenant)
      const agreed = await store.allTerms(sql, tenant)
      const { nameOf: title } = await divisions(actor, sql)
      const until = (await booksUntil(sql, tenant)) ?? ''
      const all = new Map(
        [...booked, ...moves, ...agreed].map(({ insured, treating }) => {
          const of = { insured, treating }
          return [nameOf(of), of]
        }),
      )
      const views: PairView[] = []
      for (const of of [...all.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
        const own = await agreedOf(sql, tenant, of)
        const held = termsOf(monthOf(today()), own, rules)
        if (!held) continue
        const stands = await standing(
          sql,
          tenant,
          of,
          held,
          moves.filter((move) => isOf(move, of)),
        )
        const last = (await store.closedMonths(sql, tenant, of)).at(-1)
        const next = last ? nextMonth(last.month) : await firstMonth(sql, tenant, of)
        views.push({
          ...of,
          insuredName: title(of.insured) ?? unnamed(of.insured),
          treatingName: title(of.treating) ?? unnamed(of.treating),
          terms: held,
          ...stands,
          next,
          isOver: until >= lastDay(next),
          rebase: await rebaseDue(sql, tenant, of, held, stands.position.due, moves),
        })
      }
      return views
    })

  /** What the yearly re-base of this year would come to, until it is entered; null where it cannot be worked out. */
  async function rebaseDue(
    sql: Sql,
    tenant: string,
    of: Regions,
    held: ClearingTerms,
    due: number,
    moves: readonly Prepayment[],
  ): Promise<Rebase | null> {
    const year = Number(today().slice(0, 4))
    const isDone = moves.some(
      (move) => isOf(move, of) && move.kind === 'rebase' && move.year === year && isStanding(move),
    )
    if (isDone || due === 0 || rebaseUntil(year, held) < today()) return null
    const found = await rebased(sql, tenant, of, year, held, due)
    return 'rebase' in found ? found.rebase : null
  }

  /** The months of two regions, newest first: closed ones as they were kept, the others as they stand. */
  async function months(actor: Actor, of: Regions): Answered<readonly RegionMonthView[]> {
    return database.as(actor).transaction(async (sql): Answered<readonly RegionMonthView[]> => {
      const { tenant } = actor
      const closed = await store.closedMonths(sql, tenant, of)
      const booked = (await store.pairsBooked(sql, tenant)).find((each) => isOf(each, of))
      if (!booked) return err({ code: 'unknown_regions' })
      const agreed = await agreedOf(sql, tenant, of)
      const unpaid = await unpaidMonths(sql, tenant, closed)
      const until = (await booksUntil(sql, tenant)) ?? ''
      const views = closed.map((row) =>
        viewOf(of, row, row.terms, {
          row,
          isPaid: unpaid.get(subjectOf(of, row.month)) === 0,
          isOver: true,
        }),
      )
      const last = closed.at(-1)
      const now = monthOf(today())
      const from = last ? nextMonth(last.month) : monthOf(booked.since)
      const days = { from: firstDay(from), until: lastDay(now) }
      const flows = from > now ? [] : await store.flowsBetween(sql, tenant, of, days)
      for (let month = from; month <= now; month = nextMonth(month)) {
        const held = termsOf(month, agreed, rules)
        if (!held) continue
        const own = statedMonth(
          month,
          flows.filter((flow) => flow.month === month),
        )
        views.push(viewOf(of, own, held, { isPaid: false, isOver: until >= lastDay(month) }))
      }
      return ok(views.toReversed())
    })
  }

  function viewOf(
    of: Regions,
    { month, funds, amount }: RegionMonth,
    held: ClearingTerms,
    at: {
      readonly row?: store.RegionMonthRow
      readonly isPaid: boolean
      readonly isOver: boolean
    },
  ): RegionMonthView {
    const { row, isPaid, isOver } = at
    const { confirmedAt = null, confirmedBy = null, closedAt = null, closedBy = null } = row ?? {}
    const state = ((): RegionMonthView['state'] => {
      if (confirmedAt !== null) return isPaid ? 'paid' : 'confirmed'
      if (row) return 'closed'
      return isOver ? 'open' : 'running'
    })()
    const pay =
      confirmedAt === null
        ? null
        : (payUntil(plainDate(confirmedAt.slice(0, 10)), held, workingDays) ?? null)
    const stateBy = stateUntil(month, held)
    const isLate =
      state === 'confirmed' ? pay !== null && pay < today() : !row && isOver && stateBy < today()
    return {
      ...of,
      month,
      funds,
      amount,
      state,
      closedBy,
      closedAt,
      confirmedBy,
      confirmedAt,
      stateUntil: stateBy,
      payUntil: pay,
      isLate,
      terms: held,
    }
  }

  /** One month with its first bills, and what the regions are called. */
  async function statement(
    actor: Actor,
    { month, ...of }: Regions & { readonly month: Month },
    most: number,
  ): Answered<RegionStatement> {
    const found = await months(actor, of)
    if (!found.ok) return found
    const view = found.value.find((each) => each.month === month)
    if (!view) return err({ code: 'no_clearing_rule', month })
    const sql = database.as(actor)
    const days = { from: firstDay(month), until: lastDay(month) }
    const bills = await store.billsBetween(sql, actor.tenant, of, days, most)
    const { nameOf: title } = await divisions(actor, sql)
    return ok({
      view,
      bills,
      insuredName: title(of.insured) ?? unnamed(of.insured),
      treatingName: title(of.treating) ?? unnamed(of.treating),
      printedOn: today(),
    })
  }

  return {
    pairs,
    months,
    statement,
    close,
    confirm,
    terms,
    propose,
    decideTerms,
    prepayments: (actor: Actor, of?: Regions) =>
      database.as(actor).transaction((sql) => prepayments(sql, actor.tenant, of)),
    prepay,
    decidePrepayment,
  }
}

type Decision = {
  readonly state: Exclude<EnteredState, 'proposed'>
  readonly reason?: string | undefined
}

/** 清算单: a month of two regions with its bills. */
export type RegionStatement = {
  readonly view: RegionMonthView
  readonly bills: readonly RegionBill[]
  readonly insuredName: Title
  readonly treatingName: Title
  readonly printedOn: PlainDate
}

type Entered = Pick<KeptClearingTerms, 'state' | 'madeBy' | 'decidedBy'>

/** Whether somebody may decide what another entered: whoever entered it may take it back, and not confirm it. */
function mayDecide(
  { state, madeBy, decidedBy }: Entered,
  { name }: Actor,
  to: Decision['state'],
): Result<object, RegionRefusal> {
  if (state !== 'proposed') return err({ code: 'region_decided', state, by: decidedBy ?? '' })
  if (to === 'confirmed' && madeBy === name)
    return err({ code: 'another_person_for_region', made: madeBy })
  return ok({})
}

const isStanding = ({ state }: Pick<Prepayment, 'state'>): boolean => state !== 'withdrawn'
const isOf = (a: Regions, b: Regions): boolean =>
  a.insured === b.insured && a.treating === b.treating
const nameOf = ({ insured, treating }: Regions): string => `${insured} ${treating}`
const subjectOf = (of: Regions, month: Month): string => `${month} ${nameOf(of)}`
const unnamed = (division: string): Title => ({ zh: division, en: division })
const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0)

// --- verifying -----------------------------------------------------------------------------------

/** What does not hold between months, prepayments and the ledger, and where. */
export type RegionFault =
  | {
      readonly code: 'region_month_differs' | 'region_month_posted_otherwise' | 'region_month_gap'
      readonly insured: string
      readonly treating: string
      readonly month: Month
    }
  | { readonly code: 'prepayment_posted_otherwise'; readonly prepayment: string }
  | { readonly code: 'prepaid_differs'; readonly fund: string; readonly account: string }

/** Works every month out again from what was booked in it, and compares what was posted by months and prepayments. */
export async function verifyRegions(sql: Sql, tenant: string): Promise<readonly RegionFault[]> {
  const faults: RegionFault[] = []
  const same = (a: readonly Leg[], b: readonly Leg[]) =>
    JSON.stringify(columnsOf(a)) === JSON.stringify(columnsOf(b))
  const months = await store.closedMonths(sql, tenant)
  for (const [i, row] of months.entries()) {
    const { insured, treating, month } = row
    const at = { insured, treating, month }
    const before = months[i - 1]
    if (before && isOf(before, row) && nextMonth(before.month) !== month)
      faults.push({ code: 'region_month_gap', ...at })
    const days = { from: firstDay(month), until: lastDay(month) }
    const again = statedMonth(month, await store.flowsBetween(sql, tenant, row, days))
    if (
      again.amount !== row.amount ||
      JSON.stringify(again.funds.map(figures)) !== JSON.stringify(row.funds.map(figures))
    )
      faults.push({ code: 'region_month_differs', ...at })
    const legs = row.confirmedBy === null ? [] : monthLegs(row, row.funds)
    if (!same(legs, await findLegs(sql, tenant, subjectOf(row, month), 'region-month')))
      faults.push({ code: 'region_month_posted_otherwise', ...at })
  }
  const standing = new Map<string, number>()
  for (const row of await store.prepaymentsOf(sql, tenant)) {
    const legs = row.state === 'confirmed' ? prepaymentLegs(row, row.fund, row.amount) : []
    if (!same(legs, await findLegs(sql, tenant, row.id, 'region-prepayment')))
      faults.push({ code: 'prepayment_posted_otherwise', prepayment: row.id })
    if (row.state !== 'confirmed') continue
    const key = `${row.fund} ${prepaidAccount(row)}`
    standing.set(key, (standing.get(key) ?? 0) + row.amount)
  }
  for (const { fund, account, amount } of await balancesUnder(sql, tenant, 'prepaid/region')) {
    const key = `${fund} ${account}`
    if ((standing.get(key) ?? 0) !== amount) faults.push({ code: 'prepaid_differs', fund, account })
    standing.delete(key)
  }
  for (const [key, amount] of standing) {
    const [fund = '', account = ''] = key.split(' ')
    if (amount !== 0) faults.push({ code: 'prepaid_differs', fund, account })
  }
  return faults.slice(0, MOST_FAULTS)
}

/** The figures of a fund in one order, however the database has it. */
const figures = ({ fund, bills, settled, changed }: RegionMonth['funds'][number]) => [
  fund,
  bills,
  settled,
  changed,
]

/** Enough to see what kind of fault it is. */
const MOST_FAULTS = 20

export type { PaidState }
