import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { masked } from '#base/mask.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { WorkingDays } from '#base/working-days.ts'
import {
  deductionsOfCase,
  deductWithin,
  type MonthRefusal,
  undoDeductions,
} from '#domains/monthend/service.ts'
import type { Bill } from '#domains/settlement/index.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { StatementRefusal, StatementService } from '#domains/settlement/statements.service.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { commandOnce } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { type Borne, borneByHospital } from './bearing.ts'
import { type Clock, clockOf, clockOn } from './clocks.ts'
import { type CutRefusal, withCuts, withoutCuts } from './cuts.ts'
import { INSURANCE_LAW_CLOCKS } from './insurance-law.ts'
import { bearerOf, decisionOf, type MoveRefusal, moved, proposalOf } from './move.ts'
import { CHANNEL_OF, maySend, ownView } from './own.ts'
import { NEWS, riskOf } from './risk.ts'
import { RISK_RULES } from './risk-rules.ts'
import * as store from './store.ts'
import {
  type CaseAct,
  type CaseState,
  type Channel,
  type ClockRule,
  type Cut,
  DESKS_OF,
  type Decision,
  type Desk,
  type Done,
  deskOf,
  type Risk,
  SENDERS,
  type Sender,
} from './types.ts'

export type CaseRefusal =
  | MoveRefusal
  | CutRefusal
  | StatementRefusal
  | MonthRefusal
  | { readonly code: 'nothing_to_bear'; readonly bill: string }
  | { readonly code: 'unknown_case' | 'no_case_waits' | 'case_not_decided' }
  | { readonly code: 'bill_in_case'; readonly bill: string }
  | { readonly code: 'case_changed'; readonly acts: number }
  | { readonly code: 'assigned_to_another'; readonly assignee: string }

type Answered<T> = Promise<Result<T, CaseRefusal>>

/** What somebody says of a case. A decision is needed where the act decides anew. */
export type ActAsked = {
  readonly act: Exclude<CaseAct, 'accept'>
  readonly why?: string | undefined
  readonly decision?: Decision | undefined
  /** How many acts they saw: where there are more by now, they look again. */
  readonly seen: number
}

/** A clock with the rule that it goes by. */
export type ClockSeen = {
  readonly rule: ClockRule
  /** None where the holidays of a year are unknown. */
  readonly clock: Clock | undefined
}

export type CaseService = ReturnType<typeof createCaseService>

/**
 * Cases: bills on which people decide. A case holds its bill, so that nobody settles around it; what is decided is
 * settled in the transaction of the decision, in the name of whoever decided.
 */
export function createCaseService({
  database,
  settlement,
  statements,
  today,
  workingDays,
}: {
  readonly database: Guarded
  readonly settlement: Pick<SettlementService, 'bill' | 'person' | 'trial' | 'replays'>
  readonly statements: Pick<StatementService, 'correctWithin'>
  today(): PlainDate
  readonly workingDays: WorkingDays
}) {
  /** A settlement rests on everything that a person ever had, so what a case comes to is made in the program's name. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }
  const desksOf = ({ role }: Actor): readonly Desk[] => DESKS_OF[role] ?? []
  const sends = ({ role }: Actor, act: CaseAct, channel: Channel): boolean =>
    isSender(role) && maySend(act, channel, role)

  // --- limits -------------------------------------------------------------------------------------

  const limits = (actor: Actor) => store.limitsOf(database.as(actor), actor.tenant)

  async function setLimit(
    actor: Actor,
    key: string,
    limit: { readonly from: PlainDate; readonly amount: number; readonly document: string },
  ): Answered<{ readonly from: string }> {
    const request = ['case limit', limit]
    const done = await commandOnce(
      database,
      { actor, key, request },
      async (sql): Answered<{ readonly from: string }> => {
        await store.insertLimit(sql, actor.tenant, { ...limit, user: actor.name })
        await logAccess(sql, actor, 'set case limit', limit.from)
        return ok({ from: limit.from })
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  /** Up to what one person decides alone today. Where nobody has said, nobody does. */
  const limitToday = async (sql: Sql, tenant: string): Promise<number> =>
    (await store.limitsOf(sql, tenant)).find(({ from }) => from <= today())?.amount ?? -1

  // --- acts ---------------------------------------------------------------------------------------

  /** Takes a bill in: from now on it is settled, corrected and reversed by its case alone. */
  async function accept(
    actor: Actor,
    key: string,
    {
      bill: number,
      why,
      ...asked
    }: { readonly bill: string; readonly channel: Channel; readonly why?: string | undefined },
  ): Answered<{ readonly id: string }> {
    // Whoever hands in from outside comes by their own way, whatever they say.
    const channel = isSender(actor.role) ? CHANNEL_OF[actor.role] : asked.channel
    const seen = await settlement.bill(actor, number)
    if (!seen.ok) return seen
    const id = randomUUID()
    const request = ['accept case', number, channel, why]
    const { tenant, name } = actor
    const done = await commandOnce(
      program,
      { actor, key, request },
      async (sql): Answered<{ readonly id: string }> => {
        const held = await store.lockBill(sql, tenant, number)
        if (!held) return err({ code: 'unknown_bill' })
        if (held.state === 'settled') return err({ code: 'already_settled', bill: number })
        if (held.open) return err({ code: 'bill_in_case', bill: number })
        const done: Done = { act: 'accept', by: name, on: today(), why }
        const { total, person } = seen.value.bill
        const outside = sends(actor, 'accept', channel)
        const facts = { desks: desksOf(actor), sends: outside, amount: total, limit: 0 }
        const state = moved([], done, facts)
        if (!state.ok) return state
        await store.insertCase(sql, tenant, {
          id,
          bill: number,
          person,
          channel,
          amount: total,
          acceptedOn: done.on,
        })
        await store.holdBill(sql, tenant, number, id)
        const of = { id, person, bill: number }
        await keep(sql, tenant, of, { history: [], done, state: state.value, assignee: null })
        await logAccess(sql, actor, 'accept case', number)
        return ok({ id })
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  /** Does one act to a case. Where it decides, what was decided is settled with it, or nothing is done. */
  async function act(
    actor: Actor,
    key: string,
    id: string,
    asked: ActAsked,
  ): Answered<{
    readonly id: string
    readonly state: CaseState
    readonly statement: string | null
  }> {
    type Acted = {
      readonly id: string
      readonly state: CaseState
      readonly statement: string | null
    }
    const { tenant, name } = actor
    if (!(await store.findCase(database.as(actor), tenant, id)))
      return err({ code: 'unknown_case' })
    const request = ['case act', id, asked]
    const done = await commandOnce(
      program,
      { actor, key, request },
      async (sql): Answered<Acted> => {
        const row = await store.findCase(sql, tenant, id, 'for update')
        if (!row) return err({ code: 'unknown_case' })
        if (row.acts !== asked.seen) return err({ code: 'case_changed', acts: row.acts })
        const history = await store.actsOf(sql, tenant, id)
        const decision = decisionIn(history, asked)
        const done: Done = { act: asked.act, by: name, on: today(), why: asked.why, decision }
        const limit = await limitToday(sql, tenant)
        const state = moved(history, done, {
          desks: desksOf(actor),
          sends: sends(actor, asked.act, row.channel),
          amount: row.amount,
          limit,
        })
        if (!state.ok) return state
        const settled = await carryOut(sql, actor, { row, history, done, state: state.value })
        if (!settled.ok) return settled
        const statement = settled.value
        const assignee = deskOf(state.value) === (row.desk ?? undefined) ? row.assignee : null
        await keep(sql, tenant, row, { history, done, state: state.value, statement, assignee })
        await logAccess(sql, actor, `case ${asked.act}`, row.bill)
        return ok({ id, state: state.value, statement: statement ?? null })
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  /** What an act does to the bill: a decision is settled, and a case that is over lets go of a bill that it did not refuse. */
  async function carryOut(
    sql: Sql,
    actor: Actor,
    {
      row,
      history,
      done,
      state,
    }: {
      readonly row: store.CaseRow
      readonly history: readonly Done[]
      readonly done: Done
      readonly state: CaseState
    },
  ): Answered<string | undefined> {
    const stood = decisionOf(history)
    const stands = decisionOf([...history, done])
    if (stands && stands !== stood && done.act !== 'uphold')
      return settleDecided(sql, actor, row, {
        stood,
        stands,
        why: reasonsOf(history, done),
        proposedBy: done.act === 'approve' ? proposerOf(history) : undefined,
      })
    const { tenant } = actor
    if (state === 'closed' && stands?.outcome !== 'refuse')
      await store.holdBill(sql, tenant, row.bill, null)
    // What was refused before stays refused: withdrawing a new case is no way around it.
    if (state === 'withdrawn')
      await store.holdBill(sql, tenant, row.bill, await store.refusedBefore(sql, tenant, row))
    return ok(undefined)
  }

  /** Makes the bill what was decided of it, and settles it unless nothing is paid. */
  async function settleDecided(
    sql: Sql,
    actor: Actor,
    { id, bill: number, person }: store.CaseRow,
    {
      stood,
      stands,
      why,
      proposedBy,
    }: {
      readonly stood: Decision | undefined
      readonly stands: Decision
      readonly why: string | undefined
      /** Who proposed what another now approves: two have said so, and what it takes off needs nobody else. */
      readonly proposedBy: string | undefined
    },
  ): Answered<string | undefined> {
    const known = await settlement.replays.billWithin(sql, actor, number)
    assert(known, 'the bill of a case is there')
    const { bill, state } = known
    const was = withoutCuts(bill, cutsOf(stood))
    const decided = withCuts(was, cutsOf(stands))
    if (!decided.ok) return decided
    if (stood?.outcome === 'cut' && bearerOf(stood) === 'hospital') {
      const undone = await undoDeductions(sql, actor, id, why ?? '')
      if (!undone.ok) return undone
    }
    let statement: string | undefined
    if (cutsOf(stood).length + cutsOf(stands).length > 0) {
      const reason = why ?? ''
      const corrected = await statements.correctWithin(sql, actor, {
        id: number,
        bill: decided.value,
        reason,
        by: id,
      })
      if (!corrected.ok) return corrected
      statement = corrected.value.statement ?? undefined
    }
    if (stands.outcome === 'refuse') return ok(statement)
    if (state !== 'settled') {
      const cause = { kind: 'late-bill', bill: number } as const
      const carried = await settlement.replays.carryOut(sql, actor, {
        person,
        cause,
        settle: number,
        mayFall: false,
      })
      if (!carried.ok) return carried
      statement = carried.value.replay
    }
    if (stands.outcome !== 'cut' || bearerOf(stands) !== 'hospital') return ok(statement)
    const borne = await borneOf(sql, actor, { number, person }, stands)
    if (!borne.ok) return borne
    const deducted = await deductWithin(sql, actor, {
      ...borne.value,
      case: id,
      bill: number,
      rule: stands.rules.join('；'),
      reason: why ?? '',
      proposedBy,
    })
    return deducted.ok ? ok(statement) : deducted
  }

  /** What the hospital bears of a cut: the bill as it stands, and as it would stand after it, which is not kept. */
  async function borneOf(
    sql: Sql,
    actor: Actor,
    { number, person }: { readonly number: string; readonly person: string },
    { cuts = [] }: { readonly cuts?: readonly Cut[] | undefined },
  ): Answered<Borne> {
    const known = await settlement.replays.billWithin(sql, actor, number)
    assert(known, 'the bill of a case is there')
    const correct = withCuts(known.bill, cuts)
    if (!correct.ok) return correct
    const decided = await settlement.replays.decide(sql, actor, {
      person,
      cause: { kind: 'correction', bill: number },
      correct: correct.value,
      mayFall: true,
    })
    if (!decided.ok) return decided
    const posted = decided.value.posted.find(({ bill }) => bill.id === number)
    const borne = borneByHospital(posted?.ended?.legs ?? [], posted?.made?.legs ?? [])
    return borne ? ok(borne) : err({ code: 'nothing_to_bear', bill: number })
  }

  /** How much of a bill stands out by what is known now, by the newest rules. */
  async function score(
    sql: Sql,
    tenant: string,
    of: Pick<store.CaseRow, 'person' | 'bill'>,
  ): Promise<Risk> {
    const rules = RISK_RULES.at(-1)
    assert(rules, 'there are rules of risk')
    const { bills, usual, coveredSince } = await store.factsOfBill(sql, tenant, of)
    const seen = bills.map(({ medical, institution, invoice, ...bill }) => ({
      ...bill,
      medical: medical ?? undefined,
      institution: institution ?? undefined,
      invoice: invoice ?? undefined,
    }))
    const bill = seen.find((each) => each.bill === of.bill)
    assert(bill, 'the bill of a case is there')
    return riskOf(
      { bill, others: seen.filter((each) => each !== bill), coveredSince, usual },
      rules,
    )
  }

  async function keep(
    sql: Sql,
    tenant: string,
    { id, ...of }: Pick<store.CaseRow, 'id' | 'person' | 'bill'>,
    {
      history,
      done,
      state,
      statement,
      assignee,
    }: {
      readonly history: readonly Done[]
      readonly done: Done
      readonly state: CaseState
      readonly statement?: string | undefined
      readonly assignee: string | null
    },
  ): Promise<void> {
    const acts = [...history, done]
    const desk = deskOf(state)
    const risk = NEWS.includes(done.act) ? await score(sql, tenant, of) : undefined
    await store.moveCase(
      sql,
      tenant,
      id,
      { done, no: acts.length, statement, risk },
      { state, desk, dueOn: dueOf(clocksOf(acts)), outcome: decisionOf(acts)?.outcome, assignee },
    )
  }

  /** Every clock of a case that has begun, by the edition in force when it was accepted. */
  function clocksOf(history: readonly Done[]): ClockSeen[] {
    const from = history[0]?.on
    if (from === undefined) return []
    return [...new Set(INSURANCE_LAW_CLOCKS.map((each) => each.id))].flatMap((id): ClockSeen[] => {
      const rule = clockOn(INSURANCE_LAW_CLOCKS, id, from)
      if (!rule.ok) return []
      const clock = clockOf(rule.value, history, workingDays)
      if (!clock.ok) return [{ rule: rule.value, clock: undefined }]
      return clock.value ? [{ rule: rule.value, clock: clock.value }] : []
    })
  }

  // --- reading ------------------------------------------------------------------------------------

  async function file(actor: Actor, id: string) {
    const sql = database.as(actor)
    const row = await store.findCase(sql, actor.tenant, id)
    const known = row && (await settlement.bill(actor, row.bill))
    if (!row || !known?.ok) return err({ code: 'unknown_case' } as const)
    const acts = await store.actsOf(sql, actor.tenant, id)
    const limit = await limitToday(sql, actor.tenant)
    return ok({
      ...seen(row),
      history: acts,
      riskWhy: acts.findLast(({ risk }) => risk !== null)?.risk ?? null,
      clocks: clocksOf(acts),
      proposal: row.state === 'proposed' ? proposalOf(acts) : undefined,
      deductions: await deductionsOfCase(sql, actor.tenant, id),
      billState: known.value.state,
      lines: linesOf(known.value.bill),
      limit: limit < 0 ? undefined : limit,
    })
  }

  /** What is sent to whoever is concerned: the decision that stands, its reasons, and who had a hand in it. */
  async function notice(actor: Actor, id: string) {
    const found = await file(actor, id)
    if (!found.ok) return found
    const { history } = found.value
    const decision = decisionOf(history)
    const last = history.findLast((done) => done.decision !== undefined && done.act !== 'propose')
    if (!decision || !last) return err({ code: 'case_not_decided' } as const)
    // What one proposes and another approves has the reasons of the first.
    const acts = last.act === 'approve' ? history.filter(isHand).slice(-2) : [last]
    const why = acts.map((done) => done.why ?? '').find((text) => text !== '') ?? ''
    const person = await settlement.person(actor, found.value.person)
    const name = person.ok ? masked(person.value.name ?? '') : ''
    return ok({ file: found.value, decision, decided: { on: last.on, why, acts }, name })
  }

  /** What the bill of a case would come to with some cuts, and without; nothing is kept. */
  async function trial(actor: Actor, id: string, cuts: readonly Cut[]) {
    const row = await store.findCase(database.as(actor), actor.tenant, id)
    const known = row && (await settlement.bill(actor, row.bill))
    if (!row || !known?.ok) return err({ code: 'unknown_case' } as const)
    if (known.value.state === 'settled')
      return err({ code: 'already_settled', bill: row.bill } as const)
    const cut = withCuts(known.value.bill, cuts)
    if (!cut.ok) return cut
    const after = await settlement.trial(actor, cut.value)
    if (!after.ok) return after
    const whole = await settlement.trial(actor, known.value.bill)
    return whole.ok ? ok({ after: after.value, whole: whole.value }) : whole
  }

  const seen = (row: store.CaseRow) => ({
    ...row,
    overdue: row.dueOn !== null && row.dueOn < today(),
  })

  const queue = async (actor: Actor, asked: store.QueueAsked) =>
    (await store.waitingCases(database.as(actor), actor.tenant, asked)).map(seen)

  const about = async (actor: Actor, q: string, limit: number) =>
    (await store.casesAbout(database.as(actor), actor.tenant, q, limit)).map(seen)

  const counts = (actor: Actor) => store.waitingCounts(database.as(actor), actor.tenant, today())

  // --- from outside -------------------------------------------------------------------------------

  /** One's own cases, newest first, and bills that could be handed in. */
  async function ownCases(actor: Actor, limit: number) {
    const sql = database.as(actor)
    const { tenant, role } = actor
    if (!isSender(role)) return { cases: [], bills: [] }
    const rows = await store.newestCases(sql, tenant, limit)
    const cases = await Promise.all(
      rows.map(async (row) => ({
        ...fromOutside(row),
        ...ownView(await store.actsOf(sql, tenant, row.id), row.channel, role),
      })),
    )
    return { cases, bills: await store.billsToHandIn(sql, tenant, limit) }
  }

  /** One of them: what is asked, what was decided, what may be done. */
  async function ownCase(actor: Actor, id: string) {
    const sql = database.as(actor)
    const { tenant, role } = actor
    const row = isSender(role) ? await store.findCase(sql, tenant, id) : undefined
    const known = row && (await settlement.bill(actor, row.bill))
    if (!row || !known?.ok || !isSender(role)) return err({ code: 'unknown_case' } as const)
    const acts = await store.actsOf(sql, tenant, id)
    return ok({
      ...fromOutside(row),
      acts: row.acts,
      ...ownView(acts, row.channel, role),
      clocks: clocksOf(acts),
      lines: linesOf(known.value.bill),
    })
  }

  // --- who is at it -------------------------------------------------------------------------------

  /** Gives somebody the most urgent case at their desks that nobody is at. */
  async function next(actor: Actor): Answered<{ readonly id: string }> {
    const desks = desksOf(actor)
    const id = await database
      .as(actor)
      .transaction((sql) => store.takeNext(sql, actor.tenant, actor.name, desks))
    return id === undefined ? err({ code: 'no_case_waits' }) : ok({ id })
  }

  /** Takes a case in hand, or puts it back into the queue: one's own, and a supervisor anybody's. */
  const assign = (
    actor: Actor,
    id: string,
    to: 'me' | 'nobody',
  ): Answered<{ readonly id: string; readonly assignee: string | null }> =>
    database
      .as(actor)
      .transaction(
        async (sql): Answered<{ readonly id: string; readonly assignee: string | null }> => {
          const row = await store.findCase(sql, actor.tenant, id, 'for update')
          if (!row) return err({ code: 'unknown_case' })
          if (row.assignee !== null && row.assignee !== actor.name && actor.role !== 'supervisor')
            return err({ code: 'assigned_to_another', assignee: row.assignee })
          const assignee = to === 'me' ? actor.name : null
          await store.assign(sql, actor.tenant, id, assignee)
          await logAccess(sql, actor, 'assign case', row.bill)
          return ok({ id, assignee })
        },
      )

  return {
    limits,
    setLimit,
    accept,
    act,
    file,
    ownCases,
    ownCase,
    notice,
    trial,
    queue,
    about,
    counts,
    next,
    assign,
  }
}

/** Approving and upholding repeat what is there; whoever does so decides about it and not anew. */
function decisionIn(history: readonly Done[], { act, decision }: ActAsked): Decision | undefined {
  if (act === 'approve') return proposalOf(history)
  if (act === 'uphold') return decisionOf(history)
  return decision
}

/** What a decision cuts of the bill: what the hospital bears is cut of nothing that the person has to do with. */
const cutsOf = (decision: Decision | undefined): readonly Cut[] =>
  decision?.outcome === 'cut' && bearerOf(decision) === 'patient' ? (decision.cuts ?? []) : []

const proposerOf = (history: readonly Done[]): string | undefined =>
  history.findLast(({ act }) => act === 'propose')?.by

/** The reasons of a decision: those of whoever proposed it, where another approves. */
const reasonsOf = (history: readonly Done[], { act, why }: Done): string | undefined =>
  act === 'approve' ? (history.findLast((each) => each.act === 'propose')?.why ?? why) : why

/** The first day on which a running clock ends. */
const dueOf = (clocks: readonly ClockSeen[]): PlainDate | undefined =>
  clocks
    .flatMap(({ clock }) => (clock?.kind === 'running' ? [clock.due] : []))
    .reduce<PlainDate | undefined>((first, due) => (first && first < due ? first : due), undefined)

/** 核定通知书: a decision as it is sent. */
export type CaseNotice = Extract<
  Awaited<ReturnType<CaseService['notice']>>,
  { readonly ok: true }
>['value']

/** What of a case's own row is shown outside: not who is at it, and no outcome that has not been sent. */
const fromOutside = ({ id, no, bill, person, channel, amount, acceptedOn }: store.CaseRow) => ({
  id,
  no,
  bill,
  person,
  channel,
  amount,
  acceptedOn,
})

const isSender = (role: Actor['role']): role is Actor['role'] & Sender => role in SENDERS

const isHand = ({ act }: Done): boolean => act === 'propose' || act === 'approve'

/** What may be cut, line by line; a bill without lines is one line without a number. */
function linesOf(bill: Bill) {
  if (bill.lines.length === 0)
    return [{ line: '', name: undefined, amount: bill.total, inScope: bill.parts.inScope }]
  return bill.lines.map(({ id, name, item, amount, parts }) => ({
    line: id,
    name: name ?? item?.name,
    amount,
    inScope: parts.inScope,
  }))
}
