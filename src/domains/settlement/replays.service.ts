import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { legsIn, legsOf } from '#domains/ledger/index.ts'
import { post } from '#domains/ledger/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Sql } from '#platform/database.ts'
import { type Adjustment, adjustmentsOf } from './adjustments.ts'
import { type KeptResult, keptOf } from './kept.ts'
import { atKeptNumber, type PostedBill, postingsOf } from './postings.ts'
import {
  type BillDifference,
  type CountedBill,
  differencesOf,
  type Replay,
  replay,
  type Standing,
} from './replay.ts'
import * as store from './replays.store.ts'
import { ENGINE, type Settler } from './settle.ts'
import { findBill, findSettlement, latestVersion, wholeBill } from './store.ts'
import type { Bill, Person, Refusal } from './types.ts'

/** What made it necessary to settle a person's bills again. */
export type Cause =
  | { readonly kind: 'late-bill'; readonly bill: string }
  | { readonly kind: 'reversal'; readonly bill: string }
  | { readonly kind: 'correction'; readonly bill: string }
  | { readonly kind: 'person'; readonly change: string }
  | { readonly kind: 'account'; readonly change: string }
  /** A payment failed for good: its bills are no longer cleared. */
  | { readonly kind: 'payment' }
  | { readonly kind: 'rules'; readonly version: number }

/** What is to be settled again, and what is new about it. */
export type Asked = {
  readonly person: string
  readonly cause: Cause
  readonly reason?: string | undefined
  /** A bill of which nothing stands yet. */
  readonly settle?: string | undefined
  /** A settlement that is to stand no longer. */
  readonly reverse?: string | undefined
  /** A bill that stands, as it should have been. */
  readonly correct?: Bill | undefined
  /** Settles every bill by this version of the rules, and not by its own. */
  readonly rules?: number | undefined
  /**
   * Whether a bill may fall that cannot be settled even by what was known of the person before. A fact is a fact,
   * whatever it does to bills; one more bill, or one less, is only taken where the others can still be settled.
   */
  readonly mayFall: boolean
}

export type ReplayRefusal =
  | { readonly code: 'unknown_person' }
  | { readonly code: 'unknown_bill' }
  | { readonly code: 'already_settled'; readonly bill: string }
  | { readonly code: 'already_reversed' }
  /** A replay has put another in its place. */
  | { readonly code: 'settlement_superseded'; readonly bill: string; readonly by: string }
  | { readonly code: 'refused'; readonly refusal: Refusal }
  /** Another bill could not be settled any more. */
  | { readonly code: 'replay_refused'; readonly bill: string; readonly reason: Refusal['code'] }

/** A replay that was decided and not written yet. */
export type Decided = {
  readonly asked: Asked
  readonly replay: Replay
  readonly differences: readonly BillDifference[]
  readonly adjustments: readonly Adjustment[]
  readonly row: Omit<store.ReplayRow, 'id' | 'user'>
  readonly posted: readonly PostedBill[]
  readonly counted: readonly CountedBill[]
  readonly person: Person
}

/** What a replay needs to know of the rules: a settler of one version for today. */
export type ReplayTools = {
  settlerOf(sql: Sql, tenant: string, version: number): Promise<Settler>
}

/**
 * Decides what a person's bills come to now. With `lock` the person's row stays locked, and the decision may be
 * written in the same transaction; without, it is a preview.
 *
 * Each bill keeps the version of the rules it was settled by, so that a late bill brings no other change with
 * it; a bill of which nothing stands is settled by the version in force.
 */
export async function decideReplay(
  sql: Sql,
  tenant: string,
  asked: Asked,
  tools: ReplayTools,
  lock: '' | 'for update',
): Promise<Result<Decided, ReplayRefusal>> {
  const held = await store.personToReplay(sql, tenant, asked.person, lock)
  if (!held) return err({ code: 'unknown_person' })
  const rows = (await store.standingToReplay(sql, tenant, asked.person)).map((row) => ({
    ...row,
    bill: wholeBill(row.bill),
  }))
  const newest = await latestVersion(sql, tenant)
  const rulesSince = Math.max(held.rulesSince, asked.rules ?? 0)
  const stands = new Map(rows.map((row) => [row.bill.id, row]))
  const reversed = rows.find(({ id }) => id === asked.reverse)
  if (asked.reverse !== undefined && !reversed) {
    const { bill, state } = (await findSettlement(sql, tenant, asked.reverse)) ?? {}
    const by = stands.get(bill ?? '')?.id
    return state === 'superseded' && bill !== undefined && by !== undefined
      ? err({ code: 'settlement_superseded', bill, by })
      : err({ code: 'already_reversed' })
  }

  const counted: CountedBill[] = []
  for (const row of rows) {
    if (row === reversed) continue
    const corrected = asked.correct?.id === row.bill.id ? asked.correct : undefined
    const rules = Math.max(row.rulesVersion, rulesSince)
    counted.push({
      bill: corrected ?? row.bill,
      rules,
      settler: await tools.settlerOf(sql, tenant, rules),
      standing: standingOf(row),
      own: corrected !== undefined,
    })
  }
  if (asked.settle !== undefined) {
    const open = await findBill(sql, tenant, asked.settle)
    if (!open) return err({ code: 'unknown_bill' })
    if (open.state === 'settled') return err({ code: 'already_settled', bill: asked.settle })
    const settler = await tools.settlerOf(sql, tenant, newest)
    counted.push({ bill: open.bill, rules: newest, settler, standing: undefined, own: true })
  }

  const done = replay({
    person: held.person,
    bills: counted,
    movements: (await store.movementsOf(sql, tenant, asked.person)).map((each) => ({
      ...each,
      on: each.on as PlainDate,
    })),
    opening: held.opening,
  })
  for (const { bill, refusal, settlement } of done.bills) {
    if (!refusal) continue
    if (bill.id === asked.settle || bill.id === asked.correct?.id)
      return err({ code: 'refused', refusal })
    if (!settlement && !asked.mayFall)
      return err({ code: 'replay_refused', bill: bill.id, reason: refusal.code })
  }

  const gone = reversed ? [{ bill: reversed.bill.id, standing: standingOf(reversed) }] : []
  const differences = differencesOf(done.bills, gone)
  const adjustments = differences.flatMap((difference) =>
    stands.get(difference.bill)?.clearing
      ? adjustmentsOf(difference, {
          paidFirst: stands.get(difference.bill)?.bill.invoice?.handedIn !== undefined,
        })
      : [],
  )
  const changed = done.bills.filter((each) => each.changed)
  let settlements = held.settlements
  const made = changed.flatMap((each): store.MadeRow[] => {
    if (!each.settlement) return []
    const { totals: _, ...settlement } = each.settlement
    const row = stands.get(each.bill.id)
    settlements++
    return [
      {
        id: randomUUID(),
        bill: each.bill.id,
        sequence: settlements,
        total: settlement.total,
        patient: settlement.patient,
        result: {
          settlement: keptOf(settlement),
          person: each.person,
          drawn: each.drawn,
          engine: ENGINE,
        } satisfies KeptResult,
        totalsBefore: each.totalsBefore,
        rulesVersion: each.rules,
        clearing: row?.clearing ?? null,
      },
    ]
  })
  const ended = [
    ...gone.map(({ bill, standing: { id } }) => ({
      id,
      bill,
      state: 'reversed' as const,
      fallen: true,
    })),
    ...changed.flatMap(({ bill, standing, settlement }) =>
      standing
        ? [{ id: standing.id, bill: bill.id, state: 'superseded' as const, fallen: !settlement }]
        : [],
    ),
  ]
  const posted = [...new Set([...ended, ...made].map(({ bill }) => bill))].map((id): PostedBill => {
    const row = stands.get(id)
    const again = done.bills.find((each) => each.bill.id === id)
    const bill = again?.bill ?? row?.bill
    assert(bill, 'what a replay ends or makes is of a bill')
    const legs = again?.settlement && legsOf(again.settlement, bill)
    return {
      bill,
      ended: row && {
        id: row.id,
        legs: atKeptNumber(
          asked.person,
          row.posted ? legsIn(row.posted) : [],
          row.cleared !== null,
        ),
      },
      made: legs && { id: made.find((each) => each.bill === id)?.id ?? '', legs },
      owings: adjustments.filter((each) => each.bill === id),
      elsewhere: again?.settlement
        ? again.settlement.elsewhere
        : (row?.result as KeptResult | undefined)?.settlement.elsewhere,
    }
  })
  return ok({
    asked,
    replay: done,
    differences,
    adjustments,
    posted,
    counted,
    person: held.person,
    row: {
      person: asked.person,
      cause: asked.cause,
      reason: asked.reason,
      differences,
      adjustments,
      ended,
      made,
      totals: done.totals,
      settlements,
      latest: done.latest,
      rulesSince,
    },
  })
}

/** Writes what was decided, under the lock it was decided under. Nothing is written where nothing changed. */
export async function saveDecided(
  sql: Sql,
  actor: Pick<Actor, 'tenant' | 'name'>,
  { row, differences, posted }: Decided,
): Promise<string | undefined> {
  const { tenant, name } = actor
  if (row.made.length + row.ended.length === 0 && differences.length === 0) {
    await store.setRulesSince(sql, tenant, row.person, row.rulesSince)
    return undefined
  }
  const id = randomUUID()
  await store.saveReplay(sql, tenant, { ...row, id, user: name })
  await post(sql, actor, postingsOf(id, posted))
  return id
}

function standingOf(row: store.StandingRow): Standing {
  const { settlement, person, drawn } = row.result as KeptResult
  return {
    id: row.id,
    kept: settlement,
    person,
    totalsBefore: row.totalsBefore,
    drawn,
    rules: row.rulesVersion,
    cleared: row.cleared ?? undefined,
  }
}
