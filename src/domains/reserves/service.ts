import { randomUUID } from 'node:crypto'
import { lastDay, type Month } from '#base/month.ts'
import { err, ok, type Result } from '#base/result.ts'
import { booksUntil, post } from '#domains/ledger/service.ts'
import { PUBLIC_PAYERS } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { estimate, runOffs, triangleOf } from './estimate.ts'
import { reserveLegs } from './post.ts'
import * as store from './store.ts'
import type {
  Basis,
  Booked,
  Estimate,
  EstimateRefusal,
  Reserve,
  ReserveState,
  RunOff,
  Triangle,
} from './types.ts'

export type ReserveRefusal =
  | EstimateRefusal
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'fund_on_cash_basis'; readonly fund: string }
  | { readonly code: 'unknown_reserve' }
  | { readonly code: 'reserve_month_not_over'; readonly month: Month }
  | { readonly code: 'reserve_month_taken'; readonly month: Month; readonly state: ReserveState }
  | { readonly code: 'another_reserve_waits'; readonly month: Month }
  | { readonly code: 'later_month_reserved'; readonly month: Month; readonly later: Month }
  | { readonly code: 'reserve_decided'; readonly state: ReserveState }
  | { readonly code: 'another_person_books'; readonly made: string }
  | { readonly code: 'history_overlaps'; readonly booked: Month; readonly first: Month }
  | { readonly code: 'history_booked_before_care'; readonly care: Month; readonly booked: Month }
  | { readonly code: 'history_reserved'; readonly month: Month }

type Answered<T> = Promise<Result<T, ReserveRefusal>>

/** What a fund still owes at the end of a month, as it would be set aside. */
export type Outlook = {
  readonly triangle: Triangle
  /** Or why nothing can be estimated. */
  readonly estimated: Result<Estimate, EstimateRefusal>
  /** What is set aside already, by the last reserve that was booked before this month. */
  readonly before: number
}

export type ReserveService = ReturnType<typeof createReserveService>

/**
 * 准备金: insurers book what they owe for care that was given, claimed or not. What is not claimed yet is estimated from how
 * claims grew before, proposed by one person and booked by another; a month takes the place of the one before it.
 */
export function createReserveService({ database }: { readonly database: Guarded }) {
  /** Booked by two people: that is for the program to keep. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }

  const change = changesIn<ReserveRefusal>(program, store.lockReserves)

  /** Funds that reserves are made for: those of insurers. Public funds keep their books by what was paid. */
  async function funds(actor: Actor): Promise<readonly string[]> {
    return (await store.funds(database.as(actor), actor.tenant)).filter((fund) => !isPublic(fund))
  }

  async function outlookIn(
    sql: Sql,
    tenant: string,
    { fund, month, basis }: { readonly fund: string; readonly month: Month; readonly basis: Basis },
  ): Answered<Outlook> {
    if (isPublic(fund)) return err({ code: 'fund_on_cash_basis', fund })
    const booked = await store.bookedUntil(sql, tenant, fund, lastDay(month))
    const triangle = triangleOf(booked, month, basis.window)
    const estimated = estimate(triangle, basis)
    const standing = await store.reservesOf(sql, tenant, fund)
    const last = standing.find((each) => each.state === 'confirmed' && each.month < month)
    return ok({ triangle, estimated, before: last?.estimate.ibnr ?? 0 })
  }

  /** What would be set aside; nothing is kept. */
  const outlook = (
    actor: Actor,
    asked: { readonly fund: string; readonly month: Month; readonly basis: Basis },
  ): Answered<Outlook> =>
    database.as(actor).transaction((sql) => outlookIn(sql, actor.tenant, asked))

  /** The reserves of a fund, and what those that were booked turned out to be worth by the end of a month. */
  async function reserves(
    actor: Actor,
    fund: string,
    until: Month,
  ): Promise<{ readonly reserves: readonly Reserve[]; readonly runOffs: readonly RunOff[] }> {
    const sql = database.as(actor)
    const all = await store.reservesOf(sql, actor.tenant, fund)
    const booked = await store.bookedUntil(sql, actor.tenant, fund, lastDay(until))
    const standing = all.filter(({ state }) => state === 'confirmed')
    return { reserves: all, runOffs: runOffs(standing, booked, until) }
  }

  /** Proposes to set aside what is estimated at the end of a month that is over. Nothing is booked yet. */
  const propose = (
    actor: Actor,
    key: string,
    asked: {
      readonly fund: string
      readonly month: Month
      readonly basis: Basis
      readonly reason: string
    },
  ): Answered<{ readonly id: string; readonly ibnr: number }> =>
    change(actor, key, ['propose reserve', asked.fund, asked], async (sql) => {
      const { tenant, name: madeBy } = actor
      const { fund, month } = asked
      if (((await booksUntil(sql, tenant)) ?? '') < lastDay(month))
        return err({ code: 'reserve_month_not_over', month })
      const standing = (await store.reservesOf(sql, tenant, fund)).filter(
        ({ state }) => state !== 'withdrawn',
      )
      const same = standing.find((each) => each.month === month)
      if (same) return err({ code: 'reserve_month_taken', month, state: same.state })
      // One at a time: whoever books the second must know what the first came to.
      const waits = standing.find((each) => each.state === 'proposed')
      if (waits) return err({ code: 'another_reserve_waits', month: waits.month })
      const later = standing.find((each) => each.month > month)
      if (later) return err({ code: 'later_month_reserved', month, later: later.month })
      const found = await outlookIn(sql, tenant, asked)
      if (!found.ok) return found
      const { estimated } = found.value
      if (!estimated.ok) return estimated
      const id = randomUUID()
      await store.insertReserve(sql, tenant, { ...asked, id, estimate: estimated.value, madeBy })
      return ok({ id, ibnr: estimated.value.ibnr })
    })

  /** Books a reserve in the place of the one before it, or takes the proposal back. */
  const decide = (
    actor: Actor,
    key: string,
    id: string,
    to: 'confirmed' | 'withdrawn',
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${to} reserve`, id], async (sql) => {
      const { tenant, name } = actor
      const row = await store.findReserve(sql, tenant, id)
      if (!row) return err({ code: 'unknown_reserve' })
      if (row.state !== 'proposed') return err({ code: 'reserve_decided', state: row.state })
      if (to === 'confirmed') {
        if (row.madeBy === name) return err({ code: 'another_person_books', made: row.madeBy })
        const { fund, month } = row
        const before = (await store.reservesOf(sql, tenant, fund)).find(
          (each) => each.state === 'confirmed' && each.month < month,
        )
        const legs = reserveLegs(fund, before?.estimate.ibnr ?? 0, row.estimate.ibnr)
        await post(sql, actor, [{ subject: `${month} ${fund}`, kind: 'reserved', legs }])
      }
      await store.decideReserve(sql, tenant, id, { state: to, user: name })
      return ok({ id })
    })

  /** Keeps what a fund was claimed before the program kept its books: the beginning of its triangle. */
  const keepHistory = (
    actor: Actor,
    key: string,
    fund: string,
    { rows, document }: { readonly rows: readonly Booked[]; readonly document: string },
  ): Answered<{ readonly rows: number }> =>
    change(actor, key, ['reserve history', fund, rows, document], async (sql) => {
      const { tenant, name: user } = actor
      if (isPublic(fund)) return err({ code: 'fund_on_cash_basis', fund })
      const [reserve] = (await store.reservesOf(sql, tenant, fund)).filter(
        ({ state }) => state !== 'withdrawn',
      )
      if (reserve) return err({ code: 'history_reserved', month: reserve.month })
      const first = await store.firstBooked(sql, tenant, fund)
      for (const { care, booked } of rows) {
        if (booked < care) return err({ code: 'history_booked_before_care', care, booked })
        if (first !== undefined && booked >= first)
          return err({ code: 'history_overlaps', booked, first })
      }
      await store.replaceHistory(sql, tenant, fund, { rows, document, user })
      return ok({ rows: rows.length })
    })

  return { funds, outlook, reserves, propose, decide, keepHistory }
}

/** 收付实现制: public funds book what was paid, and set nothing aside. */
const isPublic = (fund: string): boolean =>
  [...PUBLIC_PAYERS, 'personalAccount', 'familyAccount'].some(
    (payer) => fund === payer || fund.startsWith(`${payer}@`),
  )
