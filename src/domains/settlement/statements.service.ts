import { randomUUID } from 'node:crypto'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { decided } from '#domains/ledger/index.ts'
import { findLegs, post, postCleared } from '#domains/ledger/service.ts'
import type { Actor } from '#platform/actor.ts'
import { commandOnce } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import type { Adjustment } from './adjustments.ts'
import { invoiceUsed } from './hand-in.ts'
import type { KeptResult } from './kept.ts'
import { redirectedSubject } from './postings.ts'
import { type BillDifference, type CountedBill, placeOf, replay as settleAgain } from './replay.ts'
import type { Asked, Cause } from './replays.service.ts'
import * as replays from './replays.store.ts'
import type { ServiceRefusal, SettlementService } from './service.ts'
import * as store from './statements.store.ts'
import { findBill, findSettlement, keepInvoice, logAccess, wholeBill } from './store.ts'
import { parseTotalKey } from './total-key.ts'
import type { Bill, Payer, Person } from './types.ts'

export type StatementRefusal =
  | ServiceRefusal
  | { readonly code: 'unknown_statement' | 'unknown_adjustment' }
  | { readonly code: 'already_decided'; readonly state: string }
  | { readonly code: 'another_person_confirms' }
  | { readonly code: 'nothing_to_decide'; readonly from: string }
  | { readonly code: 'bill_of_another_person'; readonly person: string }
  | { readonly code: 'another_bill_number'; readonly bill: string }
  | { readonly code: 'not_paid_first'; readonly bill: string }
  | { readonly code: 'nothing_to_clear' }
  | { readonly code: 'moment_in_future' }

type Answer<T> = Promise<Result<T, StatementRefusal>>

/** A replay in words of money: what it changed and why. A preview has no number and no moment. */
export type Statement = {
  readonly id: string
  readonly person: string
  readonly at: string
  readonly user: string
  readonly cause: Cause
  readonly reason: string | null
  readonly differences: readonly BillDifference[]
}

type Correction = {
  readonly id: string
  readonly bill: Bill
  readonly reason: string
  /** The case that decided so. */
  readonly by?: string | undefined
}

export type Preview = {
  readonly differences: readonly BillDifference[]
  readonly adjustments: readonly Adjustment[]
}

/** What stood of one bill at a moment. */
export type KnownBill = {
  readonly bill: string
  readonly discharged: PlainDate
  readonly settlement: string
  readonly cleared: boolean
  readonly total: number
  readonly payers: Readonly<Partial<Record<Payer, number>>>
  readonly patient: number
}

export type Known = {
  readonly person: Person
  readonly bills: readonly KnownBill[]
  readonly totals: readonly {
    readonly slot: string
    readonly period: string
    readonly value: number
  }[]
}

/**
 * These settlements are being paid by a batch: from now on a change of theirs is paid or taken back, as of any that was
 * cleared. The files of their persons are locked until the transaction ends.
 */
export const markPaid = (
  sql: Sql,
  { tenant, name }: Pick<Actor, 'tenant' | 'name'>,
  batch: string,
  settlements: readonly string[],
): Promise<void> => store.clearForBatch(sql, tenant, batch, name, settlements)

/** And were not, after all, by this batch or any other. What changed in the meantime stays as it was decided. */
export const markUnpaid = (
  sql: Sql,
  { tenant }: Pick<Actor, 'tenant'>,
  settlements: readonly string[],
): Promise<void> => store.unclear(sql, tenant, settlements)

export type StatementService = ReturnType<typeof createStatementService>

/**
 * What became of settlements after they were made: previews of a change, statements of what it changed,
 * corrections of bills, clearing, the decisions about what is asked of a person, and what was known at any
 * past moment.
 */
export function createStatementService({
  database,
  settlement,
  now = () => new Date(),
}: {
  readonly database: Guarded
  readonly settlement: SettlementService
  readonly now?: () => Date
}) {
  const { decide, carryOut, settlerOf } = settlement.replays

  // --- before it is done --------------------------------------------------------------------------

  const preview = (actor: Actor, asked: Asked): Answer<Preview> =>
    database.as(actor).transaction(async (sql) => {
      const decided = await decide(sql, actor, asked)
      if (!decided.ok) return decided
      const { differences, adjustments } = decided.value
      return ok({ differences, adjustments })
    })

  async function previewReversal(actor: Actor, id: string): Answer<Preview> {
    const row = await findSettlement(database.as(actor), actor.tenant, id)
    if (!row) return err({ code: 'unknown_settlement' })
    const cause = { kind: 'reversal', bill: row.bill } as const
    return preview(actor, { person: row.person, cause, reverse: id, mayFall: false })
  }

  async function previewCorrection(actor: Actor, id: string, bill: Bill): Answer<Preview> {
    const asked = await correctionOf(database.as(actor), actor, { id, bill, reason: '' })
    if (!asked.ok) return asked
    if (asked.value === undefined) return ok({ differences: [], adjustments: [] })
    return preview(actor, asked.value)
  }

  // --- corrections --------------------------------------------------------------------------------

  /** The replay that a correction asks for; none where nothing stands of the bill. */
  async function correctionOf(
    sql: Sql,
    { tenant }: Actor,
    { id, bill, reason, by }: Correction,
  ): Answer<Asked | undefined> {
    const known = await findBill(sql, tenant, id)
    if (!known) return err({ code: 'unknown_bill' })
    if (known.heldBy && known.heldBy !== by) return err({ code: 'under_case', bill: id })
    if (bill.id !== id) return err({ code: 'another_bill_number', bill: id })
    if (bill.person !== known.bill.person)
      return err({ code: 'bill_of_another_person', person: known.bill.person })
    if (known.state !== 'settled') return ok(undefined)
    const cause = { kind: 'correction', bill: id } as const
    return ok({ person: bill.person, cause, reason, correct: bill, mayFall: false })
  }

  /**
   * Makes a bill say what it should have said, in the caller's transaction. What it said is kept; what stood of it is
   * settled again.
   */
  async function correctWithin(
    sql: Sql,
    actor: Actor,
    { id, bill, reason, by }: Correction,
  ): Answer<{ readonly bill: string; readonly statement: string | null }> {
    const { tenant, name } = actor
    // Settling and correcting lock the person first, so neither decides on what the other is changing.
    await replays.personToReplay(sql, tenant, bill.person, 'for update')
    const asked = await correctionOf(sql, actor, { id, bill, reason, by })
    if (!asked.ok) return asked
    // Before the replay, so that a settlement was made of what the bill said at its moment.
    await replays.correctBill(sql, tenant, bill, name, reason)
    const used = await keepInvoice(sql, tenant, bill)
    if (used) return err(invoiceUsed(id, used.by))
    const carried = asked.value && (await carryOut(sql, actor, asked.value))
    if (carried && !carried.ok) return carried
    await logAccess(sql, tenant, name, 'correct', id)
    return ok({ bill: id, statement: carried?.value.replay ?? null })
  }

  /** The same as a command of its own. */
  async function correct(
    actor: Actor,
    key: string,
    id: string,
    bill: Bill,
    reason: string,
  ): Answer<{ readonly bill: string; readonly statement: string | null }> {
    const request = ['correct', id, bill, reason]
    type Corrected = { readonly bill: string; readonly statement: string | null }
    const done = await commandOnce(
      database,
      { actor, key, request },
      (sql): Answer<Corrected> => correctWithin(sql, actor, { id, bill, reason }),
    )
    return done.ok ? ok(done.value.answer) : done
  }

  /**
   * Takes a bill that was handed in too late: only a person refuses, and a person may take it. Who and why stay with
   * the bill, as a version of its own.
   */
  async function acceptLate(
    actor: Actor,
    key: string,
    id: string,
    reason: string,
  ): Answer<{ readonly bill: string; readonly statement: string | null }> {
    const known = await findBill(database.as(actor), actor.tenant, id)
    if (!known) return err({ code: 'unknown_bill' })
    const { invoice } = known.bill
    if (invoice?.handedIn === undefined) return err({ code: 'not_paid_first', bill: id })
    const lateAccepted = { by: actor.name, reason }
    return correct(actor, key, id, { ...known.bill, invoice: { ...invoice, lateAccepted } }, reason)
  }

  /** A bill with everything it ever said. */
  async function versions(actor: Actor, id: string) {
    const rows = await store.versionsOf(database.as(actor), actor.tenant, id)
    if (rows.length === 0) return err({ code: 'unknown_bill' } as const)
    return ok(rows.map((row) => ({ ...row, bill: wholeBill(row.bill) })))
  }

  // --- statements and adjustments -----------------------------------------------------------------

  const statementsOf = async (actor: Actor, person: string): Promise<Statement[]> =>
    (await store.statementsOf(database.as(actor), actor.tenant, person)).map(statementOf)

  async function statement(actor: Actor, id: string) {
    const row = await store.findStatement(database.as(actor), actor.tenant, id)
    if (!row) return err({ code: 'unknown_statement' } as const)
    const adjustments = await store.adjustmentsOfStatement(database.as(actor), actor.tenant, id)
    return ok({ ...statementOf(row), adjustments })
  }

  const adjustments = (actor: Actor, states: readonly store.AdjustmentRow['state'][]) =>
    store.adjustmentsIn(database.as(actor), actor.tenant, states, MOST_ADJUSTMENTS)

  /**
   * Whether something is taken back from a person: two people confirm it, one after the other, each with a reason;
   * one suffices to waive it.
   */
  async function decideAdjustment(
    actor: Actor,
    key: string,
    id: string,
    state: 'confirmed' | 'waived',
    reason: string,
  ): Answer<{ readonly id: string; readonly state: Decided }> {
    const { tenant, name } = actor
    const request = ['decide adjustment', id, state, reason]
    type Done = { readonly id: string; readonly state: Decided }
    const done = await commandOnce(database, { actor, key, request }, async (sql): Answer<Done> => {
      const row = await store.lockAdjustment(sql, tenant, id)
      if (!row) return err({ code: 'unknown_adjustment' })
      if (row.state === 'ordered') return err({ code: 'nothing_to_decide', from: row.from })
      const first = row.state === 'proposed'
      if (!first && row.state !== 'confirmed-once')
        return err({ code: 'already_decided', state: row.state })
      if (state === 'confirmed') {
        if (first) {
          await store.confirmAdjustmentOnce(sql, tenant, id, { user: name, reason })
          await logAccess(sql, tenant, name, 'adjustment confirmed once', row.person)
          return ok({ id, state: 'confirmed-once' })
        }
        if (row.firstBy === name) return err({ code: 'another_person_confirms' })
      }
      await store.decideAdjustment(sql, tenant, id, { state, user: name, reason })
      const { bill, statement: replay, person } = row
      const subject = redirectedSubject(replay, bill)
      const redirects = await findLegs(sql, tenant, subject, 'redirected')
      const legs = decided(redirects, row, person, state)
      await post(sql, actor, [{ subject: id, kind: state, bill, replay, legs }])
      await logAccess(sql, tenant, name, `adjustment ${state}`, row.person)
      return ok({ id, state })
    })
    return done.ok ? ok(done.value.answer) : done
  }

  // --- clearing -----------------------------------------------------------------------------------

  const previewClearing = (actor: Actor, asked: store.ToClear) =>
    store.sumsToClear(database.as(actor), actor.tenant, asked)

  /** Records that the money of these settlements has moved. From now on a change of theirs is paid or taken back. */
  async function clear(
    actor: Actor,
    key: string,
    asked: store.ToClear,
  ): Answer<{ readonly id: string; readonly settlements: number }> {
    const { tenant, name } = actor
    const request = ['clear', asked]
    type Cleared = { readonly id: string; readonly settlements: number }
    // Clearing locks the files of everybody whose bills it clears, which only the program may.
    const program: Guarded = { as: () => database.as({ tenant, role: 'system' }) }
    const done = await commandOnce(
      program,
      { actor, key, request },
      async (sql): Answer<Cleared> => {
        const id = randomUUID()
        const cleared = await store.clear(sql, tenant, id, name, asked)
        if (cleared.length === 0) return err({ code: 'nothing_to_clear' })
        await postCleared(sql, actor, cleared)
        await logAccess(sql, tenant, name, 'clear', id)
        return ok({ id, settlements: cleared.length })
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  // --- as known at a moment -----------------------------------------------------------------------

  /** A person as known at a moment: who covered them, what stood, and the running totals. */
  async function knownAt(actor: Actor, person: string, at: Date): Answer<Known> {
    if (at > now()) return err({ code: 'moment_in_future' })
    const { tenant } = actor
    const moment = at.toISOString()
    return database.as(actor).transaction(async (sql): Answer<Known> => {
      const [{ body } = {}] = await store.personsAt(sql, tenant, [person], moment)
      const held = await replays.personToReplay(sql, tenant, person, '')
      if (!body || !held) return err({ code: 'unknown_person' })
      const rows = (await replays.standingAt(sql, tenant, [person], moment))
        .map((row) => ({ ...row, bill: wholeBill(row.bill) }))
        .toSorted((a, b) => (placeOf(a.bill) < placeOf(b.bill) ? -1 : 1))
      const counted: CountedBill[] = []
      for (const { bill, rules, id, totalsBefore, result, ...row } of rows) {
        const { settlement: kept, drawn, person: owner } = result as KeptResult
        const cleared = row.cleared ?? undefined
        const standing = { id, kept, person: owner, totalsBefore, drawn, rules, cleared }
        const settler = await settlerOf(sql, tenant, rules)
        counted.push({ bill, rules, settler, standing, own: false })
      }
      const movements = await store.movementsAt(sql, tenant, [person], moment)
      const { totals } = settleAgain({
        person: body,
        bills: counted,
        movements: movements.map((each) => ({ ...each, on: each.on as PlainDate })),
        opening: held.opening,
      })
      return ok({
        person: body,
        bills: rows.map(({ id, bill, cleared, result }): KnownBill => {
          const { tiers, patientParts } = (result as KeptResult).settlement
          const payers: Partial<Record<Payer, number>> = {}
          for (const { payer, paid } of tiers)
            if (paid > 0) payers[payer] = (payers[payer] ?? 0) + paid
          const patient = Object.values(patientParts).reduce((sum, amount) => sum + amount, 0)
          const { discharged, total } = bill
          return {
            bill: bill.id,
            discharged,
            settlement: id,
            cleared: cleared !== null,
            total,
            payers,
            patient,
          }
        }),
        totals: Object.entries(totals).map(([key, value]) => ({ ...parseTotalKey(key), value })),
      })
    })
  }

  return {
    previewReversal,
    previewCorrection,
    correct,
    correctWithin,
    acceptLate,
    versions,
    statementsOf,
    statement,
    adjustments,
    decideAdjustment,
    previewClearing,
    clear,
    knownAt,
  }
}

const MOST_ADJUSTMENTS = 500

type Decided = 'confirmed-once' | 'confirmed' | 'waived'

const statementOf = (row: store.StatementRow): Statement => ({
  ...row,
  cause: row.cause as Cause,
  differences: row.differences as readonly BillDifference[],
})
