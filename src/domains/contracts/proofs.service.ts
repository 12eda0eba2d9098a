import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Settler } from '#domains/settlement/index.ts'
import {
  countSettledIn,
  personsSettledIn,
  settledOtherwise,
} from '#domains/settlement/otherwise.service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import { DOOR, type Guarded, type Sql } from '#platform/database.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { type RuleFault, RuleFileError } from '#rulebook/rule-file.ts'
import { readContract } from './read-contract.ts'
import * as store from './store.ts'
import { yearIn } from './year.ts'

export type ProofRefusal =
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_contract' | 'contract_not_confirmed' | 'unknown_proof' }
  | { readonly code: 'no_such_contract_year'; readonly year: number }
  | { readonly code: 'unknown_rules'; readonly version: number; readonly newest: number }
  | { readonly code: 'unknown_draft' }
  | { readonly code: 'bad_rules'; readonly fault: RuleFault }
  | { readonly code: 'same_rules' | 'proof_not_done' }

type Answered<T> = Promise<Result<T, ProofRefusal>>

/** Rules as a person names them: a published version, or a draft with what it was drafted on. */
export type RulesNamed = { readonly version: number } | { readonly draft: string }

const TAKEN_EVERY_MS = 2_000
/** Somebody else is at a piece: it is asked again after this. */
const WAITS_MS = 200
/** A book takes some megabytes: those of two proofs are kept. */
const MOST_BOOKS = 4
/** Persons whose years are in memory at once. Each piece is a transaction: whoever stops loses one at most. */
const PERSONS_AT_ONCE = 100

export type ProofService = ReturnType<typeof createProofService>

/**
 * Proves what a change of policy cost a fund in a year of a contract: every person's bills are settled again under the old
 * and under the new rules, as the facts stood at one moment. The proof keeps that moment, both books by their hash, how
 * many persons and bills were counted, and both sums: run again, it comes to the same.
 */
export function createProofService({
  database,
  settlement,
  today,
  personsAtOnce = PERSONS_AT_ONCE,
}: {
  readonly database: Guarded
  readonly settlement: Pick<SettlementService, 'rules' | 'draft' | 'replays'>
  today(): PlainDate
  readonly personsAtOnce?: number
}) {
  const own = (tenant: string) => database.as({ tenant, role: 'system' })
  const change = changesIn<ProofRefusal>({ as: ({ tenant }) => own(tenant) })
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let stopping = false

  function start(): void {
    timer = setInterval(work, TAKEN_EVERY_MS)
    timer.unref()
    work()
  }

  function work(): void {
    if (timer === undefined || stopping || working) return
    working = workOff()
      // The database may be away; the next tick asks again.
      .catch(() => {})
      .finally(() => {
        working = undefined
      })
  }

  async function stop(): Promise<void> {
    stopping = true
    clearInterval(timer)
    await working
  }

  /** Replays whatever waits, piece by piece. */
  async function workOff(): Promise<void> {
    for (const tenant of await tenantsOf(database.as(DOOR)))
      while (!stopping && (await workPiece(tenant))) {}
  }

  /** Replays one proof to its end, beside whoever else is at it, and tells how far it has come. */
  async function run(
    tenant: string,
    id: string,
    step: (done: number, of: number) => void = () => {},
  ): Promise<store.ProofRow | undefined> {
    for (;;) {
      const worked = await workPiece(tenant, id)
      const row = await store.findProof(own(tenant), tenant, id)
      if (row) step(row.persons, row.personsTotal ?? 0)
      if (row?.state !== 'running') return row
      if (!worked) await setTimeout(WAITS_MS)
    }
  }

  /** The next persons of a proof that is not done; false where none is. */
  async function workPiece(tenant: string, id?: string): Promise<boolean> {
    const sql = own(tenant)
    let taken: store.ProofRow | undefined
    try {
      return await sql.transaction(async (within) => {
        taken = await store.takeRunning(within, tenant, id)
        if (!taken) return false
        await replayPiece(within, tenant, taken)
        return true
      })
    } catch (thrown) {
      if (!taken) throw thrown
      await store.endProof(sql, tenant, taken.id, 'failed', codeOf(thrown))
      return true
    }
  }

  async function replayPiece(sql: Sql, tenant: string, proof: store.ProofRow): Promise<void> {
    const {
      id,
      fund,
      from,
      until,
      asOf: at,
      day,
      before,
      beforeHash,
      after,
      afterHash,
      reached,
    } = proof
    const asked = { from, until, at }
    if (proof.personsTotal === null)
      await store.setPersonsTotal(sql, tenant, id, await countSettledIn(sql, tenant, asked))
    const persons = await personsSettledIn(sql, tenant, {
      ...asked,
      after: reached,
      limit: personsAtOnce,
    })
    const last = persons.at(-1)
    if (last === undefined) return store.endProof(sql, tenant, id, 'done')
    const settlers = [
      await settlerOf(sql, tenant, { rules: before, hash: beforeHash, day }),
      await settlerOf(sql, tenant, { rules: after, hash: afterHash, day }),
    ]
    let piece = { bills: 0, refused: 0, stood: 0, before: 0, after: 0 }
    for (const one of await settledOtherwise(sql, tenant, persons, { ...asked, fund, settlers }))
      piece = {
        bills: piece.bills + one.bills,
        refused: piece.refused + one.refused,
        stood: piece.stood + one.stood,
        before: piece.before + (one.sums[0] ?? 0),
        after: piece.after + (one.sums[1] ?? 0),
      }
    await store.addPiece(sql, tenant, id, { ...piece, reached: last, persons: persons.length })
  }

  /** Both books of a proof are read once and not for each piece of it. */
  const books = new Map<string, Settler>()

  async function settlerOf(
    sql: Sql,
    tenant: string,
    {
      rules,
      hash,
      day,
    }: { readonly rules: store.KeptRules; readonly hash: string; readonly day: PlainDate },
  ): Promise<Settler> {
    const key = `${tenant} ${hash} ${day}`
    const known = books.get(key)
    if (known) return known
    if (books.size >= MOST_BOOKS) books.clear()
    const { settler } = await settlement.replays.settlerUnder(sql, tenant, rules, day)
    books.set(key, settler)
    return settler
  }

  /** The rules that somebody names, with the files of a draft as they are now. */
  async function rulesNamed(
    sql: Sql,
    actor: Actor,
    named: RulesNamed,
  ): Answered<{ readonly kept: store.KeptRules; readonly hash: string }> {
    const { version: newest } = await settlement.rules(actor, sql)
    let kept: store.KeptRules
    if ('version' in named) {
      const { version } = named
      if (version < 1 || version > newest) return err({ code: 'unknown_rules', version, newest })
      kept = { version }
    } else {
      const draft = await settlement.draft(actor, named.draft)
      if (!draft.ok) return err({ code: 'unknown_draft' })
      const { id, name, baseVersion: version, files } = draft.value
      kept = { version, draft: { id, name }, files }
    }
    try {
      const { hash } = await settlement.replays.settlerUnder(sql, actor.tenant, kept, today())
      return ok({ kept, hash })
    } catch (thrown) {
      if (thrown instanceof RuleFileError) return err({ code: 'bad_rules', fault: thrown.fault })
      throw thrown
    }
  }

  /** Begins a proof: the year as it stands now, under the rules before a change and after it. */
  async function open(
    actor: Actor,
    key: string,
    { contract: of, year }: { readonly contract: string; readonly year: number },
    rules: { readonly before: RulesNamed; readonly after: RulesNamed },
  ): Answered<{ readonly id: string }> {
    const { tenant, name: user } = actor
    const asked = ['open contract proof', `${of} ${year}`, rules] as const
    const done = await change(actor, key, asked, async (sql): Answered<{ readonly id: string }> => {
      const versions = await store.versionsOf(sql, tenant, of)
      if (versions.length === 0) return err({ code: 'unknown_contract' })
      const row = versions.find(({ state }) => state === 'confirmed')
      if (!row) return err({ code: 'contract_not_confirmed' })
      const contract = readContract(`${of}.contract.yaml`, row.text)
      const period = yearIn(contract, year)
      if (!period) return err({ code: 'no_such_contract_year', year })
      const before = await rulesNamed(sql, actor, rules.before)
      if (!before.ok) return before
      const after = await rulesNamed(sql, actor, rules.after)
      if (!after.ok) return after
      if (before.value.hash === after.value.hash) return err({ code: 'same_rules' })
      const id = randomUUID()
      await store.insertProof(sql, tenant, {
        id,
        contract: of,
        year,
        fund: contract.fund,
        from: period.from,
        until: period.until,
        before: before.value.kept,
        after: after.value.kept,
        beforeHash: before.value.hash,
        afterHash: after.value.hash,
        asOf: undefined,
        day: today(),
        againOf: null,
        user,
      })
      return ok({ id })
    })
    if (done.ok) work()
    return done
  }

  /** Runs a proof again, from the facts of the same moment: whoever doubts it compares. */
  async function again(actor: Actor, key: string, id: string): Answered<{ readonly id: string }> {
    const { tenant, name: user } = actor
    const done = await change(
      actor,
      key,
      ['run contract proof again', id],
      async (sql): Answered<{ readonly id: string }> => {
        const row = await store.findProof(sql, tenant, id)
        if (!row) return err({ code: 'unknown_proof' })
        if (row.state !== 'done') return err({ code: 'proof_not_done' })
        const next = randomUUID()
        await store.insertProof(sql, tenant, { ...row, id: next, againOf: row.againOf ?? id, user })
        return ok({ id: next })
      },
    )
    if (done.ok) work()
    return done
  }

  async function proof(actor: Actor, id: string): Answered<Proof> {
    const sql = database.as(actor)
    const row = await store.findProof(sql, actor.tenant, id)
    if (!row) return err({ code: 'unknown_proof' })
    const first = row.againOf ? await store.findProof(sql, actor.tenant, row.againOf) : undefined
    const [compared] = comparedProofs(first ? [row, first] : [row])
    assert(compared, 'what is there is compared')
    return ok(compared)
  }

  return { start, stop, workOff, run, open, again, proof }
}

/** A proof, and for one that was run again whether it came to the same. */
export type Proof = store.ProofRow & { readonly same: boolean | undefined }

/** Proofs of a contract, those that were run again compared with the first. */
export const comparedProofs = (rows: readonly store.ProofRow[]): Proof[] =>
  rows.map((row) => {
    const first = rows.find(({ id }) => id === row.againOf)
    return { ...row, same: first && row.state === 'done' ? isSame(first, row) : undefined }
  })

const COMPARED = [
  'beforeHash',
  'afterHash',
  'persons',
  'bills',
  'refused',
  'stood',
  'sumBefore',
  'sumAfter',
] as const satisfies readonly (keyof store.ProofRow)[]

const isSame = (first: store.ProofRow, second: store.ProofRow): boolean =>
  COMPARED.every((key) => first[key] === second[key])

/** Why a replay failed, in a word that tells nothing of anybody. */
function codeOf(thrown: unknown): string {
  const { code, message } = thrown as { readonly code?: string; readonly message?: string }
  return (code ?? message ?? 'unknown').slice(0, 100)
}
