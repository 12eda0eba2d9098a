import { randomUUID } from 'node:crypto'
import { firstDay, lastDay, type Month, nextMonth } from '#base/month.ts'
import { addDays } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { type EntryKind, type Leg, reversed } from '#domains/ledger/index.ts'
import { balancesUntil, booksUntil, findLegs, post } from '#domains/ledger/service.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { faultsOf, lastMonth, monthOf, NOTHING_HELD, type TermsFault, yearOf } from './month.ts'
import { advancedLegs, deductedLegs, monthLegs, yearLegs } from './post.ts'
import * as store from './store.ts'
import {
  DEDUCTION_ACTS,
  type Deduction,
  type DeductionAct,
  type DeductionState,
  type KeptTerms,
  type MonthFacts,
  type MonthResult,
  type MonthState,
  type MonthView,
  type Terms,
  type TermsState,
} from './types.ts'

export type MonthRefusal =
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_terms' | 'unknown_deduction' | 'unknown_year_end' }
  | { readonly code: 'institution_unknown'; readonly institution: string }
  | { readonly code: 'bad_terms'; readonly faults: readonly TermsFault[] }
  | { readonly code: 'terms_in_force' | 'prepayment_too_late'; readonly year: number }
  | { readonly code: 'fund_owes_nothing'; readonly institution: string; readonly fund: string }
  | { readonly code: 'decided_already'; readonly state: TermsState }
  | { readonly code: 'second_person_needed'; readonly made: string }
  | { readonly code: 'no_terms'; readonly month: Month }
  | { readonly code: 'institution_month_not_over'; readonly month: Month }
  | {
      readonly code: 'institution_month_out_of_order'
      readonly institution: string
      readonly month: Month
    }
  | { readonly code: 'institution_month_closed'; readonly month: Month }
  | { readonly code: 'deduction_moved'; readonly state: DeductionState; readonly act: DeductionAct }
  | { readonly code: 'bill_elsewhere'; readonly bill: string; readonly institution: string }
  | { readonly code: 'institution_year_not_over'; readonly year: number }
  | { readonly code: 'year_in_hand'; readonly year: number }

type Answered<T> = Promise<Result<T, MonthRefusal>>

export type MonthService = ReturnType<typeof createMonthService>

/**
 * Months of institutions: what a fund owes one is closed month by month, with what is held back, given back and taken off.
 * All of it is entries of the ledger, so payments pay what is left without knowing why.
 */
export function createMonthService({ database }: { readonly database: Guarded }) {
  /** What a month comes to rests on entries of everybody, and is agreed by two people: the program keeps both. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }

  /** Commands about months take turns within a tenant. */
  const change = changesIn<MonthRefusal>(program, store.lockMonths)

  // --- terms --------------------------------------------------------------------------------------

  const terms = (actor: Actor) => store.allTerms(database.as(actor), actor.tenant)

  /** Keeps what fund and institution agreed, for a second person to confirm. */
  const addTerms = (actor: Actor, key: string, asked: Terms): Answered<{ readonly id: string }> => {
    const id = randomUUID()
    return change(actor, key, ['add month terms', asked.institution, asked], async (sql) => {
      const faults = faultsOf(asked)
      if (faults.length > 0) return err({ code: 'bad_terms', faults })
      const { institution } = asked
      if (!(await store.isInstitution(sql, actor.tenant, institution)))
        return err({ code: 'institution_unknown', institution })
      const owes = await store.owes(sql, actor.tenant, asked)
      if (!owes) return err({ code: 'fund_owes_nothing', institution, fund: asked.fund })
      await store.insertTerms(sql, actor.tenant, { id, terms: asked, madeBy: actor.name })
      return ok({ id })
    })
  }

  /** Confirms terms, and owes the prepayment; or takes a draft back. */
  const decideTerms = (
    actor: Actor,
    key: string,
    id: string,
    to: 'confirmed' | 'withdrawn',
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${to} month terms`, id, to], async (sql) => {
      const { tenant, name } = actor
      const row = await store.findTerms(sql, tenant, id)
      if (!row) return err({ code: 'unknown_terms' })
      if (row.state !== 'draft') return err({ code: 'decided_already', state: row.state })
      if (to === 'confirmed') {
        if (row.madeBy === name) return err({ code: 'second_person_needed', made: row.madeBy })
        const { from, prepayment } = row.terms
        const over = (await booksUntil(sql, tenant)) ?? ''
        if (prepayment > 0 && over >= lastDay(lastMonth(row.terms)))
          return err({ code: 'prepayment_too_late', year: Number(from.slice(0, 4)) })
        const others = await store.termsInForce(sql, tenant, lastMonth(row.terms), row.terms)
        if (others.length > 0)
          return err({ code: 'terms_in_force', year: Number(from.slice(0, 4)) })
        const legs = advancedLegs(row.terms, prepayment)
        await post(sql, actor, [{ subject: id, kind: 'advanced', legs }])
      }
      await store.decideTerms(sql, tenant, id, { state: to, user: name })
      return ok({ id })
    })

  // --- months -------------------------------------------------------------------------------------

  /** A month that is not closed, with the month with which closing has to go on. */
  type Open = { readonly row: KeptTerms; readonly next: Month; readonly result: MonthResult }

  /** Works out the months up to one that are not closed, and answers with that one. */
  async function openMonths(sql: Sql, tenant: string, month: Month): Promise<Open[]> {
    const closed = new Set((await store.monthEnds(sql, tenant, month)).map(keyOf))
    const last = new Map((await store.lastEnds(sql, tenant, month)).map((end) => [keyOf(end), end]))
    const open = (await store.termsInForce(sql, tenant, month))
      .filter((row) => !closed.has(keyOf(row.terms)))
      .map((row) => {
        const end = last.get(keyOf(row.terms))
        const goesOn = end !== undefined && end.month >= row.terms.from
        return {
          row,
          next: goesOn ? nextMonth(end.month) : row.terms.from,
          before: goesOn ? end.result.after : NOTHING_HELD,
          opening: undefined as number | undefined,
          result: undefined as MonthResult | undefined,
        }
      })
    const advances = new Map(
      (
        await store.advancesOf(
          sql,
          tenant,
          open.map(({ row }) => row.id),
        )
      ).map((one) => [one.id, one]),
    )
    for (const each of open) {
      const advance = advances.get(each.row.id)
      // What was agreed before the first month is among what was not paid when it began.
      if (advance && each.before === NOTHING_HELD && advance.on < firstDay(each.next))
        each.before = { ...NOTHING_HELD, prepaid: advance.amount }
    }
    const first = open.map(({ next }) => next).toSorted()[0]
    for (let at = first; at !== undefined && at <= month; at = nextMonth(at)) {
      const flows = groupFlows(await store.flowsBetween(sql, tenant, firstDay(at), lastDay(at)))
      const starts = open.some(({ next }) => next === at)
      const openings = starts ? await openingsOf(sql, tenant, at) : new Map<string, number>()
      for (const each of open.filter(({ next }) => next <= at)) {
        const key = keyOf(each.row.terms)
        const opening = each.opening ?? openings.get(key) ?? 0
        const advance = advances.get(each.row.id)
        const given = advance && advance.on.slice(0, 7) === at ? advance.amount : 0
        const facts: MonthFacts = { ...(flows.get(key) ?? NO_FLOWS), opening, given }
        each.result = monthOf(each.row.terms, at, facts, each.before)
        each.before = each.result.after
        each.opening = each.result.payable
      }
    }
    return open.flatMap(({ row, next, result }) => (result ? [{ row, next, result }] : []))
  }

  /** What was not paid when a month began, as if every month before it had been closed on its last day. */
  async function openingsOf(sql: Sql, tenant: string, month: Month): Promise<Map<string, number>> {
    const openings = new Map<string, number>()
    const add = (of: { institution: string; fund: string }, amount: number) =>
      openings.set(keyOf(of), (openings.get(keyOf(of)) ?? 0) + amount)
    const owed = 'owed/institution/'
    for (const each of await balancesUntil(sql, tenant, addDays(firstDay(month), -1)))
      if (each.account.startsWith(owed))
        add(
          { institution: each.account.slice(owed.length), fund: each.fund },
          each.credit - each.debit,
        )
    for (const late of await store.endsBookedSince(sql, tenant, month, firstDay(month)))
      add(late, late.amount)
    return openings
  }

  /** A month of every institution under terms that whoever asks may see. */
  async function months(actor: Actor, month: Month): Promise<readonly MonthView[]> {
    const { tenant } = actor
    const seen = new Set((await store.termsInForce(database.as(actor), tenant, month)).map(idOf))
    return program.as(actor).transaction(async (sql) => {
      const over = (await booksUntil(sql, tenant)) ?? ''
      const state: MonthState = over >= lastDay(month) ? 'open' : 'running'
      const open = await openMonths(sql, tenant, month)
      const closed = new Map(
        (await store.monthEnds(sql, tenant, month)).map((end) => [keyOf(end), end]),
      )
      const rows = await store.termsInForce(sql, tenant, month)
      return rows
        .filter((row) => seen.has(row.id))
        .flatMap((row): MonthView[] => {
          const { institution, fund } = row.terms
          const shared = { institution, name: row.name, fund, month, terms: row.terms }
          const end = closed.get(keyOf(row.terms))
          if (end) {
            const { result, closedBy, closedAt } = end
            return [{ ...shared, state: 'closed', result, closedBy, closedAt }]
          }
          const worked = open.find((each) => each.row.id === row.id)
          return worked
            ? [{ ...shared, state, result: worked.result, closedBy: null, closedAt: null }]
            : []
        })
    })
  }

  /** One of them. */
  async function month(
    actor: Actor,
    asked: { readonly institution: string; readonly fund: string; readonly month: Month },
  ): Answered<MonthView> {
    const found = (await months(actor, asked.month)).find((each) => keyOf(each) === keyOf(asked))
    return found ? ok(found) : err({ code: 'no_terms', month: asked.month })
  }

  /** The bills behind what was claimed in a month, so many at most. */
  const bills = (
    actor: Actor,
    asked: { readonly institution: string; readonly fund: string; readonly month: Month },
    limit: number,
  ) =>
    store.billsOf(
      database.as(actor),
      actor.tenant,
      asked,
      { from: firstDay(asked.month), until: lastDay(asked.month) },
      { limit, others: Object.keys(LINES) },
    )

  /** Terms of the year before that still have a month to close, of institutions whose year is about to begin. */
  async function yearBefore(sql: Sql, tenant: string, open: readonly Open[]) {
    for (const { row, next } of open.filter(({ row, next }) => next === row.terms.from)) {
      const december = `${Number(next.slice(0, 4)) - 1}-12`
      const [older] = await store.termsInForce(sql, tenant, december, row.terms)
      if (!older) continue
      const last = (await store.lastEnds(sql, tenant, next)).find(
        (end) => keyOf(end) === keyOf(row.terms),
      )
      const closed = last && last.month >= older.terms.from
      if (last?.month !== december)
        return { row, next: closed ? nextMonth(last.month) : older.terms.from }
    }
    return undefined
  }

  /** Closes a month of every institution under terms, once it is over and every month before it is closed. */
  const close = (
    actor: Actor,
    key: string,
    month: Month,
  ): Answered<{ readonly month: Month; readonly closed: number }> =>
    change(actor, key, ['close month', month], async (sql) => {
      const { tenant, name } = actor
      const over = (await booksUntil(sql, tenant)) ?? ''
      if (over < lastDay(month)) return err({ code: 'institution_month_not_over', month })
      const open = await openMonths(sql, tenant, month)
      if (open.length === 0) {
        const under = await store.termsInForce(sql, tenant, month)
        return err({ code: under.length === 0 ? 'no_terms' : 'institution_month_closed', month })
      }
      const early = open.find(({ next }) => next < month) ?? (await yearBefore(sql, tenant, open))
      if (early)
        return err({
          code: 'institution_month_out_of_order',
          institution: early.row.terms.institution,
          month: early.next,
        })
      await store.insertMonthEnds(
        sql,
        tenant,
        open.map(({ row, result }) => ({
          institution: row.terms.institution,
          fund: row.terms.fund,
          month,
          terms: row.id,
          result,
          closedBy: name,
        })),
      )
      await post(
        sql,
        actor,
        open.map(({ row, result }) => ({
          subject: `${month} ${keyOf(row.terms)}`,
          kind: 'month-end',
          legs: monthLegs(row.terms, result),
        })),
      )
      return ok({ month, closed: open.length })
    })

  // --- deductions ---------------------------------------------------------------------------------

  const deductions = (actor: Actor) =>
    store.deductions(database.as(actor), actor.tenant, MOST_DEDUCTIONS)

  /** Proposes to take something off what an institution is owed. Nothing moves until another person confirms it. */
  const propose = (
    actor: Actor,
    key: string,
    asked: {
      readonly institution: string
      readonly fund: string
      readonly amount: number
      readonly reason: string
      readonly rule: string
      readonly bill?: string | undefined
    },
  ): Answered<{ readonly id: string }> => {
    const id = randomUUID()
    return change(actor, key, ['propose deduction', asked.institution, asked], async (sql) => {
      const { institution, bill } = asked
      if (!(await store.isInstitution(sql, actor.tenant, institution)))
        return err({ code: 'institution_unknown', institution })
      const owes = await store.owes(sql, actor.tenant, asked)
      if (!owes) return err({ code: 'fund_owes_nothing', institution, fund: asked.fund })
      if (
        bill !== undefined &&
        (await store.institutionOf(sql, actor.tenant, bill)) !== institution
      )
        return err({ code: 'bill_elsewhere', bill, institution })
      const row = { ...asked, id, bill: bill ?? null, case: null, madeBy: actor.name }
      await store.insertDeduction(sql, actor.tenant, row)
      return ok({ id })
    })
  }

  /** Confirms, withdraws or gives back a deduction; who decides is another than whoever said the opposite. */
  const decide = (
    actor: Actor,
    key: string,
    id: string,
    { act, reason }: { readonly act: DeductionAct; readonly reason?: string | undefined },
  ): Answered<{ readonly id: string; readonly state: DeductionState }> =>
    change(actor, key, [`${act} deduction`, id, reason], async (sql) => {
      const row = await store.findDeduction(sql, actor.tenant, id)
      return row
        ? decideDeduction(sql, actor, row, act, reason)
        : err({ code: 'unknown_deduction' })
    })

  // --- years --------------------------------------------------------------------------------------

  const years = (actor: Actor) => store.yearEnds(database.as(actor), actor.tenant)

  /** Gives the score of a year whose months are all closed. Nothing moves until another person confirms it. */
  const proposeYear = (
    actor: Actor,
    key: string,
    asked: {
      readonly institution: string
      readonly fund: string
      readonly year: number
      readonly score: number
      readonly reason: string
    },
  ): Answered<{ readonly id: string }> => {
    const id = randomUUID()
    return change(actor, key, ['propose year end', asked.institution, asked], async (sql) => {
      const { tenant } = actor
      const { year } = asked
      const december = `${year}-12`
      const [row] = await store.termsInForce(sql, tenant, december, asked)
      if (!row) return err({ code: 'no_terms', month: december })
      const ends = await store.monthEnds(sql, tenant, december)
      const last = ends.find((end) => keyOf(end) === keyOf(asked))
      if (!last) return err({ code: 'institution_year_not_over', year })
      if (await store.openYearEnd(sql, tenant, asked)) return err({ code: 'year_in_hand', year })
      const result = yearOf(row.terms, asked.score, last.result.after)
      const { name: madeBy } = actor
      await store.insertYearEnd(sql, tenant, { ...asked, id, terms: row.id, result, madeBy })
      return ok({ id })
    })
  }

  const decideYear = (
    actor: Actor,
    key: string,
    id: string,
    to: 'confirmed' | 'withdrawn',
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${to} year end`, id, to], async (sql) => {
      const { tenant, name } = actor
      const row = await store.findYearEnd(sql, tenant, id)
      if (!row) return err({ code: 'unknown_year_end' })
      if (row.state !== 'draft') return err({ code: 'decided_already', state: row.state })
      if (to === 'confirmed') {
        if (row.madeBy === name) return err({ code: 'second_person_needed', made: row.madeBy })
        const subject = `${row.year} ${keyOf(row)}`
        await post(sql, actor, [{ subject, kind: 'year-end', legs: yearLegs(row, row.result) }])
      }
      await store.decideYearEnd(sql, tenant, id, { state: to, user: name })
      return ok({ id })
    })

  return {
    terms,
    addTerms,
    decideTerms,
    months,
    month,
    bills,
    close,
    deductions,
    propose,
    decide,
    years,
    proposeYear,
    decideYear,
  }
}

// --- what follows from a case -----------------------------------------------------------------------

/**
 * 扣款 that a decision of a case gives rise to, in its transaction: said there by one person and approved by another, it is
 * taken off at once; said by one alone, it waits for another here.
 */
export async function deductWithin(
  sql: Sql,
  actor: Actor,
  {
    institution,
    amounts,
    proposedBy,
    ...asked
  }: {
    readonly institution: string
    readonly amounts: readonly { readonly fund: string; readonly amount: number }[]
    readonly case: string
    readonly bill: string
    readonly reason: string
    readonly rule: string
    readonly proposedBy: string | undefined
  },
): Answered<readonly string[]> {
  const { tenant } = actor
  await store.lockMonths(sql, tenant)
  if (!(await store.isInstitution(sql, tenant, institution)))
    return err({ code: 'institution_unknown', institution })
  const ids: string[] = []
  for (const { fund, amount } of amounts) {
    const id = randomUUID()
    const madeBy = proposedBy ?? actor.name
    await store.insertDeduction(sql, tenant, { ...asked, id, institution, fund, amount, madeBy })
    await logAccess(sql, actor, 'propose deduction', institution)
    const row = proposedBy === undefined ? undefined : await store.findDeduction(sql, tenant, id)
    const done = row && (await decideDeduction(sql, actor, row, 'confirm', asked.reason))
    if (done && !done.ok) return done
    ids.push(id)
  }
  return ok(ids)
}

/** Gives back what followed from a decision that stands no longer, and takes back what waited. */
export async function undoDeductions(
  sql: Sql,
  actor: Actor,
  id: string,
  reason: string,
): Answered<undefined> {
  await store.lockMonths(sql, actor.tenant)
  for (const row of await store.deductionsOf(sql, actor.tenant, id)) {
    if (row.state !== 'proposed' && row.state !== 'confirmed') continue
    const act = row.state === 'proposed' ? 'withdraw' : 'restore'
    const done = await decideDeduction(sql, actor, row, act, reason)
    if (!done.ok) return done
  }
  return ok(undefined)
}

export const deductionsOfCase = (sql: Sql, tenant: string, id: string): Promise<Deduction[]> =>
  store.deductionsOf(sql, tenant, id)

async function decideDeduction(
  sql: Sql,
  actor: Actor,
  row: Deduction,
  act: DeductionAct,
  reason: string | undefined,
): Answered<{ readonly id: string; readonly state: DeductionState }> {
  const { tenant, name } = actor
  const { from, to } = DEDUCTION_ACTS[act]
  if (row.state !== from) return err({ code: 'deduction_moved', state: row.state, act })
  const made =
    act === 'restore' ? row.acts.find((done) => done.act === 'confirm')?.user : row.madeBy
  if (act !== 'withdraw' && made === name) return err({ code: 'second_person_needed', made: name })
  await store.moveDeduction(sql, tenant, row.id, { act, to, user: name, reason })
  const moved = await legsOfAct(sql, tenant, row, act)
  if (moved) await post(sql, actor, [{ subject: row.id, bill: row.bill ?? undefined, ...moved }])
  return ok({ id: row.id, state: to })
}

async function legsOfAct(
  sql: Sql,
  tenant: string,
  row: Deduction,
  act: DeductionAct,
): Promise<{ readonly kind: EntryKind; readonly legs: readonly Leg[] } | undefined> {
  if (act === 'confirm') return { kind: 'deducted', legs: deductedLegs(row, row.amount) }
  if (act === 'restore')
    return { kind: 'restored', legs: reversed(await findLegs(sql, tenant, row.id, 'deducted')) }
  return undefined
}

const MOST_DEDUCTIONS = 500

const keyOf = ({
  institution,
  fund,
}: {
  readonly institution: string
  readonly fund: string
}): string => `${institution} ${fund}`
const idOf = ({ id }: { readonly id: string }): string => id

const NO_FLOWS = { claims: 0, deducted: 0, advanced: 0, yearEnd: 0, paid: 0 }
type Flows = { -readonly [Name in keyof typeof NO_FLOWS]: number }

/** Which line of a month an entry counts in; whatever else moves what is owed is part of what was claimed. */
const LINES: Readonly<Record<string, keyof Flows | 'none'>> = {
  deducted: 'deducted',
  restored: 'deducted',
  advanced: 'advanced',
  'year-end': 'yearEnd',
  // The month's own end is what is being worked out.
  'month-end': 'none',
  ordered: 'paid',
  unpaid: 'paid',
  adopted: 'paid',
  cleared: 'paid',
}
/** These lines count what is taken off. */
const TAKES: readonly string[] = ['deducted', 'paid']

function groupFlows(flows: readonly store.Flow[]): Map<string, Flows> {
  const all = new Map<string, Flows>()
  for (const flow of flows) {
    const line = LINES[flow.kind] ?? 'claims'
    if (line === 'none') continue
    const own = all.get(keyOf(flow)) ?? { ...NO_FLOWS }
    all.set(keyOf(flow), own)
    own[line] += TAKES.includes(line) ? -flow.amount : flow.amount
  }
  return all
}
