import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { columnsOf, legsOf } from '#domains/ledger/index.ts'
import { post } from '#domains/ledger/service.ts'
import { atCounter } from '#platform/access.ts'
import type { Actor } from '#platform/actor.ts'
import {
  type CommandRow,
  commandOnce,
  findCommand,
  hashOf,
  keyOf,
  retryOnConflict,
} from '#platform/commands.ts'
import { type Guarded, type Sql, seesAll, type Transaction } from '#platform/database.ts'
import { createGrouper } from '#platform/grouping.ts'
import { keepName, nameDigest } from '#platform/person-name.ts'
import type { Secrets } from '#platform/secrets.ts'
import { type RuleFault, RuleFileError } from '#rulebook/rule-file.ts'
import { type Change, changesBetween } from './changes.ts'
import { type Difference, differencesBetween } from './differences.ts'
import { type InvoiceUsed, invoiceUsed } from './hand-in.ts'
import { type KeptResult, keptOf, settlementOf } from './kept.ts'
import { type LintFinding, lintBook } from './lint.ts'
import { openingEntry } from './postings.ts'
import { reliefPeriod, settleRelief } from './relief.ts'
import { drawnBetween, placeOf, totalsNeeded, totalsThen } from './replay.ts'
import { type Asked, decideReplay, type ReplayRefusal, saveDecided } from './replays.service.ts'
import * as replays from './replays.store.ts'
import { readSchemes } from './scheme.ts'
import { createSettler, ENGINE, type Settler } from './settle.ts'
import * as store from './store.ts'
import { parseTotalKey } from './total-key.ts'
import type {
  Bill,
  Explanation,
  Person,
  Refusal,
  ReliefRefusal,
  ReliefResult,
  SchemeBook,
  Settlement,
  Totals,
} from './types.ts'

/** Why a request is not carried out. `refusal` says why the rules themselves say no. */
export type ServiceRefusal =
  | ReplayRefusal
  | { readonly code: 'unknown_settlement' | 'unknown_draft' }
  | { readonly code: 'unknown_command' }
  | { readonly code: 'persons_not_for_you' }
  | { readonly code: 'institution_not_yours'; readonly bill: string }
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'duplicate_bill'; readonly bill: string }
  | InvoiceUsed
  | { readonly code: 'person_enrolled'; readonly person: string }
  /** A case decides about the bill, and nobody else meanwhile. */
  | { readonly code: 'under_case'; readonly bill: string }
  | { readonly code: 'unknown_relief' | 'unknown_period' }
  | { readonly code: 'refused'; readonly refusal: ReliefRefusal }
  | { readonly code: 'bad_rules'; readonly fault: RuleFault }
  | { readonly code: 'second_person_required'; readonly author: string }
  | { readonly code: 'not_your_draft'; readonly author: string }
  | { readonly code: 'draft_changed'; readonly revision: number; readonly current: number }
  | { readonly code: 'already_published' }
  | { readonly code: 'draft_outdated'; readonly base: number; readonly current: number }

type Answer<T> = Promise<Result<T, ServiceRefusal>>

type SettleCommand = {
  readonly actor: Actor
  readonly key: string
  readonly bill: string
  readonly steps: boolean
}

/** What settling a bill changes in the row of its person. */
type PersonAfter = 'id' | 'totals' | 'settlements' | 'latestBill'

/** How many transactions of settlements run at once, and how many settlements one of them holds at most. */
const LANES = 2
const MOST_TOGETHER = 16

/** A settlement as readers see it: without the running totals, which are the person's own. */
export type SettledBill = Omit<Settlement, 'totals'>
export type Settled = {
  readonly id: string
  readonly replayed: boolean
  readonly settlement: SettledBill
  readonly steps: Explanation['steps']
}

/**
 * What became of a kept settlement when it was computed again today: the amounts that differ, none as long
 * as program and rules are what they were. `refusal` stands where it would not be settled at all any more.
 */
export type Recomputed = {
  /** The versions of the arithmetic; null where none was kept. */
  readonly engine: { readonly kept: number | null; readonly now: number }
  readonly differences: readonly Difference[]
  readonly refusal?: Refusal['code']
}

/** One version of a tenant's rules, read and ready. */
export type Rules = {
  readonly version: number
  readonly hash: string
  readonly book: SchemeBook
  readonly files: Readonly<Record<string, string>>
  readonly publishedAt: string
  settler(today: PlainDate): Settler
}

export type SettlementService = ReturnType<typeof createSettlementService>

/**
 * Settles, reverses and explains bills for the users of a tenant, and keeps its rule books.
 *
 * A settlement is one transaction: the person and the bill are locked, and the result, the new running
 * totals, the outbox message and the answer to the command are written together or not at all. `today`
 * is asked for the calendar date in China each time. `allowUndated` says whether a tenant settles on
 * values without a first day (a demonstration does).
 */
export function createSettlementService({
  database,
  today,
  allowUndated,
  secrets,
  books = new Map(),
}: {
  readonly database: Guarded
  readonly today: () => PlainDate
  readonly allowUndated: (tenant: string) => boolean
  readonly secrets: Pick<Secrets, 'seal' | 'open' | 'digest'>
  /** Rule books that were read already, by the hash of their files. */
  readonly books?: ReadonlyMap<string, SchemeBook>
}) {
  const bookOf = (files: Readonly<Record<string, string>>, hash = rulesHash(files)) =>
    books.get(hash) ?? readFiles(files)
  const rulesOf = createRulesCache({ allowUndated, bookOf })

  /**
   * The rules in force for a tenant now; `asked` is where their number is asked for. Throws where none have been
   * published yet: a set-up fault.
   */
  async function currentRules(tenant: string, asked?: Sql): Promise<Rules> {
    const sql = database.as({ tenant, role: 'system' })
    return rulesOf(sql, tenant, await store.latestVersion(asked ?? sql, tenant))
  }

  async function trial(
    actor: Actor,
    bill: Bill,
    given?: { readonly person: Person; readonly totals: Totals },
  ): Answer<Omit<Settled, 'id' | 'replayed'>> {
    const { tenant } = actor
    const rules = await currentRules(tenant)
    const there = database.as(atCounter(actor, [bill.person]))
    const row = await store.findPerson(there, tenant, bill.person)
    const person = given?.person ?? row?.person
    if (!person) return err({ code: 'unknown_person' })
    const totals = given?.totals ?? totalsOf(row?.totals ?? {})
    const explained = rules.settler(today()).explain(bill, person, totals)
    if (!explained.ok) return err({ code: 'refused', refusal: explained.error })
    return ok(present(explained.value))
  }

  async function trialOf(actor: Actor, billId: string): Answer<Omit<Settled, 'id' | 'replayed'>> {
    const row = await store.findBill(database.as(actor), actor.tenant, billId)
    if (!row) return err({ code: 'unknown_bill' })
    const person = await store.findPerson(database.as(actor), actor.tenant, row.bill.person)
    return person && row.state !== 'settled' && isLate(row.bill, person)
      ? trialLate(actor, row.bill)
      : trial(actor, row.bill)
  }

  /** What settling a bill among those that stand already would give it. */
  async function trialLate(actor: Actor, bill: Bill): Answer<Omit<Settled, 'id' | 'replayed'>> {
    return database.as(actor).transaction(async (sql): Answer<Omit<Settled, 'id' | 'replayed'>> => {
      const { tenant } = actor
      const cause = { kind: 'late-bill', bill: bill.id } as const
      const asked = { person: bill.person, cause, settle: bill.id, mayFall: false }
      const decided = await decideReplay(sql, tenant, asked, { settlerOf }, '')
      if (!decided.ok) return decided
      const made = decided.value.replay.bills.find((each) => each.bill.id === bill.id)
      assert(made, 'a bill that is not refused is settled')
      const settler = await settlerOf(sql, tenant, made.rules)
      const explained = settler.explain(made.bill, made.person, totalsThen(made))
      if (!explained.ok) return err({ code: 'refused', refusal: explained.error })
      return ok(present(explained.value))
    })
  }

  /** What a relief would come to for a person and a year, from the settlements that stand. Nothing is kept. */
  async function trialRelief(
    actor: Actor,
    { person: id, relief: name, period: key }: Record<'person' | 'relief' | 'period', string>,
  ): Answer<ReliefResult> {
    const { tenant } = actor
    const { book } = await currentRules(tenant)
    const row = await store.findPerson(database.as(actor), tenant, id)
    if (!row) return err({ code: 'unknown_person' })
    const relief = book.reliefs.get(name)
    if (!relief) return err({ code: 'unknown_relief' })
    const period = reliefPeriod(relief, key)
    if (!period) return err({ code: 'unknown_period' })
    const kept = await store.standingResults(database.as(actor), tenant, id)
    const standing = kept.map(({ bill, result }) => ({
      bill,
      settlement: settlementOf((result as KeptResult).settlement, bill, book),
    }))
    const worked = settleRelief(relief, period, row.person, standing, {
      book,
      allowUndated: allowUndated(tenant),
      today: today(),
    })
    return worked.ok ? worked : err({ code: 'refused', refusal: worked.error })
  }

  /**
   * Settles a bill once: the same key answers again what it answered before. A caller in a hurry leaves the
   * steps for later and reads them with the settlement.
   *
   * Bills that arrive while others are being settled are settled together in the next transaction. Each is
   * answered when that transaction is durable.
   */
  async function settle(
    actor: Actor,
    key: string,
    bill: string,
    { steps = true }: { readonly steps?: boolean } = {},
  ): Answer<Settled> {
    // Whoever does not see every bill is asked for this one first.
    if (seesAll(actor) || (await store.findBill(database.as(actor), actor.tenant, bill)))
      return settleInGroup({ actor, key: keyOf(actor, key), bill, steps })
    return err({ code: 'unknown_bill' })
  }

  const settleInGroup = createGrouper<SettleCommand, Result<Settled, ServiceRefusal>>({
    lanes: LANES,
    most: MOST_TOGETHER,
    kin: ({ actor }) => actor.tenant,
    name: ({ key }) => key,
    // A settlement rests on everything that a person ever had, so it is made in the program's own name.
    work: (commands) => {
      const tenant = commands[0]?.actor.tenant ?? ''
      const program = database.as({ tenant, role: 'system' })
      return retryOnConflict(() =>
        program.transaction((sql) => settleTogether(sql, commands), { byKey: true }),
      )
    },
  })

  /** Settles the bills of one tenant one after another, and writes them all at once. */
  async function settleTogether(
    sql: Transaction,
    commands: readonly SettleCommand[],
  ): Promise<readonly Result<Settled, ServiceRefusal>[]> {
    const tenant = commands[0]?.actor.tenant ?? ''
    const locked = await store.lockBills(sql, tenant, commands)
    const made = new Map<string, store.NewSettlement>()
    const persons = new Map<string, Pick<store.PersonRow, PersonAfter>>()
    /** Persons with a bill that came late: their bills wait until the others are written. */
    const waiting = new Set<string>()

    /** Settles a bill that comes after all the others of its person; a late one is left to a replay. */
    async function settleOne(command: SettleCommand): Promise<Awaited<Answer<Settled>> | 'late'> {
      const { actor, key, bill, steps } = command
      const requestHash = settleHash(bill, steps)
      const known = locked.commands.get(key)
      if (known) return replay(sql, tenant, known, requestHash)
      const row = locked.bills.get(bill)
      if (!row) return err({ code: 'unknown_bill' })
      if (row.state === 'settled' || made.has(bill)) {
        // The key was looked up before the lock was ours: whoever held it may have used this very key.
        const done = await findCommand(sql, tenant, key)
        if (done) return replay(sql, tenant, done, requestHash)
        return err({ code: 'already_settled', bill })
      }
      if (row.heldBy) return err({ code: 'under_case', bill })
      const rules = await rulesOf(sql, tenant, locked.rulesVersion)
      const settler = rules.settler(today())
      const last = persons.get(row.person.id) ?? row.person
      const { id: person, totals: current, settlements, latestBill } = last
      const { latestEntry } = row.person
      if (waiting.has(person) || isLate(row.bill, { latestBill, latestEntry })) {
        waiting.add(person)
        return 'late'
      }
      const before = totalsOf(current)
      const explained = steps
        ? settler.explain(row.bill, row.person.person, before)
        : unexplained(settler.settle(row.bill, row.person.person, before))
      if (!explained.ok) {
        if (explained.error.code !== 'replay_needed')
          return err({ code: 'refused', refusal: explained.error })
        waiting.add(person)
        return 'late'
      }
      const { totals, ...settlement } = explained.value.settlement
      const id = randomUUID()
      const sequence = settlements + 1
      persons.set(person, {
        id: person,
        totals: Object.fromEntries(totals),
        settlements: sequence,
        latestBill: placeOf(row.bill),
      })
      made.set(bill, {
        id,
        bill,
        person,
        sequence,
        total: settlement.total,
        patient: settlement.patient,
        result: {
          settlement: keptOf(settlement),
          person: row.person.person,
          drawn: drawnBetween(before, totals),
          engine: ENGINE,
        } satisfies KeptResult,
        totalsBefore: totalsNeeded(before, totals, row.bill),
        rulesVersion: rules.version,
        createdBy: actor.name,
        key,
        requestHash,
        ...columnsOf(legsOf(settlement, row.bill)),
      })
      return ok({ id, replayed: false, ...present(explained.value) })
    }

    const answers: (Result<Settled, ServiceRefusal> | 'late')[] = []
    for (const command of commands) answers.push(await settleOne(command))
    // Where no bill came late, nothing follows what is written: it goes out with the commit.
    const writing = answers.includes('late') ? sql : { query: sql.last }
    if (made.size > 0)
      await store.insertSettlements(writing, tenant, [...made.values()], [...persons.values()])
    const all: Result<Settled, ServiceRefusal>[] = []
    for (const [i, command] of commands.entries()) {
      const answer = answers[i]
      all.push(answer === 'late' || !answer ? await settleLate(sql, command) : answer)
    }
    return all
  }

  /** Settles a bill among others that stand already: those after it are settled again. */
  async function settleLate(
    sql: Sql,
    { actor, key, bill, steps }: SettleCommand,
  ): Promise<Result<Settled, ServiceRefusal>> {
    const { tenant } = actor
    const row = await store.findBill(sql, tenant, bill)
    if (!row) return err({ code: 'unknown_bill' })
    const cause = { kind: 'late-bill', bill } as const
    const asked = { person: row.bill.person, cause, settle: bill, mayFall: false }
    const carried = await carryOut(sql, actor, asked)
    if (!carried.ok) return carried
    const made = carried.value.decided.row.made.find((each) => each.bill === bill)
    assert(made, 'a bill that is not refused is settled')
    await store.answerSettle(sql, tenant, {
      key,
      requestHash: settleHash(bill, steps),
      settlement: made.id,
      user: actor.name,
      bill,
    })
    const found = await recompute(sql, tenant, made.id)
    assert(found, 'what was just written is there')
    const { explained } = found
    return ok({ id: made.id, replayed: false, ...explained, steps: steps ? explained.steps : [] })
  }

  async function replay(
    sql: Sql,
    tenant: string,
    command: CommandRow,
    requestHash: string,
  ): Answer<Settled> {
    if (command.requestHash !== requestHash) return err({ code: 'idempotency_key_reused' })
    const { settlement } = command.body as { settlement: string }
    const found = await recompute(sql, tenant, settlement)
    if (!found) return err({ code: 'unknown_settlement' })
    const { row, explained } = found
    const steps = requestHash === settleHash(row.bill, true) ? explained.steps : []
    return ok({ id: settlement, replayed: true, ...explained, steps })
  }

  /**
   * A kept settlement: its amounts as they were kept, for these were paid, and its steps computed again from
   * its own rules and totals. Where the two no longer agree, `recomputed` says so.
   */
  async function recompute(sql: Sql, tenant: string, id: string) {
    const row = await store.findSettlement(sql, tenant, id)
    if (!row) return undefined
    const bill = await store.billOfSettlement(sql, tenant, row.id)
    if (!bill) return undefined
    const kept = row.result as KeptResult
    const rules = await rulesOf(sql, tenant, row.rulesVersion)
    const again = rules.settler(today()).explain(bill, kept.person, totalsThen(row))
    const engine = { kept: kept.engine ?? null, now: ENGINE }
    if (!again.ok) {
      const asKept = settlementOf(kept.settlement, bill, rules.book)
      const explained = { settlement: asKept, steps: [] }
      const recomputed: Recomputed = { engine, differences: [], refusal: again.error.code }
      return { row, rules, explained, recomputed }
    }
    const shown = present(again.value)
    const differences = differencesBetween(kept.settlement, keptOf(shown.settlement))
    const explained =
      differences.length > 0
        ? { ...shown, settlement: settlementOf(kept.settlement, bill, rules.book) }
        : shown
    const recomputed: Recomputed = { engine, differences }
    return { row, rules, explained, recomputed }
  }

  async function settlement(actor: Actor, id: string) {
    if (!isUuid(id)) return err({ code: 'unknown_settlement' } as const)
    const found = await recompute(database.as(actor), actor.tenant, id)
    if (!found) return err({ code: 'unknown_settlement' } as const)
    const { row, rules, explained, recomputed } = found
    const { state, createdAt, createdBy, reversedAt, reversedBy, reason } = row
    return ok({
      id,
      state,
      settledAt: createdAt,
      settledBy: createdBy,
      reversedAt,
      reversedBy,
      reason,
      rules: { version: rules.version, hash: rules.hash },
      recomputed,
      ...explained,
    })
  }

  /** Reverses a settlement: the later bills of the person are settled again as if it had never been. */
  async function reverse(
    actor: Actor,
    key: string,
    id: string,
    reason: string,
  ): Answer<{
    readonly id: string
    readonly replayed: boolean
    readonly statement: string | null
  }> {
    const { tenant, name } = actor
    if (!isUuid(id)) return err({ code: 'unknown_settlement' })
    const request = ['reverse', id, reason]
    type Reversed = {
      readonly settlement: string
      readonly reversed: true
      readonly statement: string | null
    }
    const done = await commandOnce(
      database,
      { actor, key, request },
      async (sql): Answer<Reversed> => {
        const row = await store.findSettlement(sql, tenant, id)
        if (!row) return err({ code: 'unknown_settlement' })
        const bill = await store.findBill(sql, tenant, row.bill)
        if (bill?.heldBy) return err({ code: 'under_case', bill: row.bill })
        const cause = { kind: 'reversal', bill: row.bill } as const
        const asked = { person: row.person, cause, reason, reverse: id, mayFall: false }
        const carried = await carryOut(sql, actor, asked)
        if (!carried.ok) return carried
        await store.logAccess(sql, tenant, name, 'reverse', row.bill)
        const { replay: statement = null } = carried.value
        return ok({ settlement: id, reversed: true, statement })
      },
    )
    if (!done.ok) return done
    const { answer, replayed } = done.value
    return ok({ id, replayed, statement: answer.statement ?? null })
  }

  /** Settles a person's bills again in the caller's transaction, with the person's row locked. */
  async function carryOut(sql: Sql, actor: Pick<Actor, 'tenant' | 'name'>, asked: Asked) {
    const decided = await decideReplay(sql, actor.tenant, asked, { settlerOf }, 'for update')
    if (!decided.ok) return decided
    const replay = await saveDecided(sql, actor, decided.value)
    return ok({ replay, decided: decided.value } as const)
  }

  /**
   * For whoever changed a fact about a person in this transaction: settles their bills again under the same
   * lock. A bill that the rules now refuse falls, and the statement says so.
   */
  async function replayWithin(
    sql: Sql,
    actor: Pick<Actor, 'tenant' | 'name'>,
    asked: Pick<Asked, 'person' | 'cause' | 'reason'>,
  ): Promise<{ readonly statement: string | null; readonly bills: readonly string[] }> {
    const carried = await carryOut(sql, actor, { ...asked, mayFall: true })
    if (!carried.ok) throw new Error(`${asked.person} cannot be replayed: ${carried.error.code}`)
    const { replay = null, decided } = carried.value
    return { statement: replay, bills: decided.differences.map(({ bill }) => bill) }
  }

  const settlerOf = async (sql: Sql, tenant: string, version: number): Promise<Settler> =>
    (await rulesOf(sql, tenant, version)).settler(today())

  /** A version of a tenant's rules, or those in force: for work that is done beside the requests. */
  const rulesFor = async (tenant: string, version?: number): Promise<Rules> =>
    version === undefined
      ? currentRules(tenant)
      : rulesOf(database.as({ tenant, role: 'system' }), tenant, version)

  /** What became of a command whose answer was lost on the way. */
  async function command(actor: Actor, key: string) {
    const row = await findCommand(database.as(actor), actor.tenant, keyOf(actor, key))
    if (!row) return err({ code: 'unknown_command' } as const)
    const { settlement } = row.body as { settlement?: string }
    const bill =
      settlement && (await store.findSettlement(database.as(actor), actor.tenant, settlement))?.bill
    // A settlement that was asked for without its steps is told again without them.
    const steps = bill === undefined || row.requestHash !== settleHash(bill, false)
    return ok({ status: row.status, body: row.body, steps })
  }

  /**
   * A settler of a version of the rules, or of one with other files in place of its own, as it settled on a day; and the
   * hash of what it goes by. Throws a `RuleFileError` where those files cannot be used.
   */
  async function settlerUnder(
    sql: Sql,
    tenant: string,
    { version, files }: { readonly version: number; readonly files?: Rules['files'] | undefined },
    day: PlainDate,
  ): Promise<{ readonly hash: string; readonly settler: Settler }> {
    const rules = await rulesOf(sql, tenant, version)
    if (!files) return { hash: rules.hash, settler: rules.settler(day) }
    const all = { ...rules.files, ...files }
    const hash = rulesHash(all)
    const options = { allowUndated: allowUndated(tenant), today: day }
    return { hash, settler: createSettler(bookOf(all, hash), options) }
  }

  // --- persons and bills -----------------------------------------------------------------------

  const nameOf = (sealed: Buffer | null): string | null => sealed && secrets.open(sealed)

  /** Persons whose number begins so, or whose whole name it is. Their names are open: whoever shows them masks. */
  async function persons(actor: Actor, asked: Omit<store.PersonsAsked, 'nameDigest'>) {
    const digest = nameDigest(secrets, asked.q)
    const question = { ...asked, nameDigest: digest }
    const rows = await store.listPersons(database.as(actor), actor.tenant, question)
    return rows.map(({ nameSealed, ...row }) => ({ ...row, name: nameOf(nameSealed) }))
  }

  async function person(actor: Actor, id: string) {
    const row = await store.findPerson(database.as(actor), actor.tenant, id)
    if (!row) return err({ code: 'unknown_person' } as const)
    const bills = await store.listBills(database.as(actor), actor.tenant, id)
    const totals = Object.entries(row.totals).map(([key, value]) => ({
      ...parseTotalKey(key),
      value,
    }))
    return ok({ id, name: nameOf(row.nameSealed), person: row.person, bills, totals })
  }

  /** Numbers alone: whoever supervises the access log may see no bill, and still find who read one. */
  const belongingTo = ({ tenant }: Actor, person: string): Promise<string[]> =>
    store.numbersOf(database.as({ tenant, role: 'system' }), tenant, person)

  async function bill(actor: Actor, id: string): Answer<store.BillRow> {
    const row = await store.findBill(database.as(actor), actor.tenant, id)
    return row ? ok(row) : err({ code: 'unknown_bill' })
  }

  const institutionBills = (actor: Actor, limit: number) =>
    store.listInstitutionBills(database.as(actor), actor.tenant, limit)

  /**
   * What was settled month by month, for whoever looks after the whole and sees no single case: so it is counted
   * in the program's name. Where fewer than ten persons stand behind a month, only that is said.
   */
  async function figures({ tenant }: Actor) {
    const rows = await store.monthFigures(database.as({ tenant, role: 'system' }), tenant)
    return rows.map(({ month, persons, ...sums }) =>
      persons < FEWEST_PERSONS
        ? { month, persons: null, settlements: null, total: null, patient: null }
        : { month, persons, ...sums },
    )
  }

  /** Whether every one of these persons is known to the tenant. */
  async function knownPersons(actor: Actor, ids: readonly string[]): Promise<Person[]> {
    const rows = await Promise.all(
      ids.map((id) => store.findPerson(database.as(atCounter(actor, ids)), actor.tenant, id)),
    )
    return rows.flatMap((row) => (row ? [row.person] : []))
  }

  /** Adds the persons and bills of one upload: all of them or none. */
  async function addBills(
    actor: Actor,
    key: string,
    upload: {
      readonly persons: readonly {
        readonly person: Person
        readonly totals: Totals
        readonly name?: string
      }[]
      readonly bills: readonly Bill[]
    },
  ): Answer<{ readonly bills: readonly string[]; readonly persons: readonly string[] }> {
    const { tenant, name } = actor
    const request = [
      upload.persons.map(({ person, totals }) => [person, [...totals]]),
      upload.bills,
    ]
    const foreign = foreignUpload(actor, upload)
    if (foreign) return err(foreign)
    const whoAsks = atCounter(
      actor,
      upload.bills.map(({ person }) => person),
    )
    const done = await commandOnce(database, { actor: whoAsks, key, request }, async (sql) => {
      // Two uploads that name the same persons and bills take them in one order, whatever order they came
      // in: so one of them waits for the other, and never both.
      const inOrder = upload.persons.toSorted((a, b) => (a.person.id < b.person.id ? -1 : 1))
      for (const { person, totals, name: called } of inOrder) {
        const before = Object.fromEntries(totals)
        const kept = called === undefined ? undefined : keepName(secrets, called)
        const saved = await store.savePerson(sql, tenant, person, kept, before)
        if (!saved) return refused({ code: 'person_enrolled', person: person.id })
        if (saved === 'added' && totals.size > 0) {
          await replays.insertOpening(sql, tenant, person.id, before)
          await post(sql, actor, [openingEntry(person.id, before)])
        }
        if (saved === 'replaced') {
          const change = { kind: 'person', change: 'upload' } as const
          await carryOut(sql, actor, { person: person.id, cause: change, mayFall: true })
        }
      }
      const billsInOrder = upload.bills.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const added = await store.insertBills(sql, tenant, billsInOrder)
      for (const bill of billsInOrder) {
        if (!added.has(bill.id)) return refused({ code: 'duplicate_bill', bill: bill.id })
        const used = bill.invoice && (await store.keepInvoice(sql, tenant, bill))
        if (used) return refused(invoiceUsed(bill.id, used.by))
      }
      const bills = upload.bills.map(({ id }) => id)
      await store.logAccess(sql, tenant, name, 'add bills', bills.slice(0, 20).join(' '))
      return ok({ bills, persons: upload.persons.map(({ person }) => person.id) })
    })
    return done.ok ? ok(done.value.answer) : done
  }

  // --- rules -----------------------------------------------------------------------------------

  const rules = (actor: Actor, asked?: Sql): Promise<Rules> => currentRules(actor.tenant, asked)

  const lint = async (actor: Actor): Promise<LintFinding[]> =>
    lintBook((await currentRules(actor.tenant)).book)

  async function changes(
    actor: Actor,
    scheme: string | undefined,
    from: PlainDate,
    to: PlainDate,
  ): Promise<Change[]> {
    return changesBetween((await currentRules(actor.tenant)).book, scheme, from, to)
  }

  /** Publishes a first rule book for a tenant that has none; otherwise does nothing. */
  async function ensureRules(
    tenant: string,
    files: Readonly<Record<string, string>>,
    note: string,
  ): Promise<void> {
    await database.as({ tenant, role: 'system' }).transaction(async (sql) => {
      await store.lockRules(sql, tenant)
      if ((await store.latestVersion(sql, tenant)) > 0) return
      bookOf(files)
      await store.insertRulebook(sql, tenant, {
        version: 1,
        hash: rulesHash(files),
        files,
        note,
        author: 'installation',
        publisher: 'installation',
      })
    })
  }

  const drafts = (actor: Actor) => store.listDrafts(database.as(actor), actor.tenant)

  async function draft(actor: Actor, id: string): Answer<store.DraftRow> {
    const row = isUuid(id) ? await store.findDraft(database.as(actor), actor.tenant, id) : undefined
    return row ? ok(row) : err({ code: 'unknown_draft' })
  }

  /** Keeps files that replace or add to the published ones. They need not be right yet. */
  async function addDraft(
    actor: Actor,
    name: string,
    files: Readonly<Record<string, string>>,
  ): Promise<{ readonly id: string }> {
    const baseVersion = await store.latestVersion(database.as(actor), actor.tenant)
    const id = await store.insertDraft(database.as(actor), actor.tenant, {
      name,
      files,
      baseVersion,
      author: actor.name,
    })
    await store.logAccess(database.as(actor), actor.tenant, actor.name, 'add draft', id)
    return { id }
  }

  /**
   * Changes an open draft, by its author alone: whoever publishes it is a second person for every word of it.
   * `revision` is the one that was changed; where another was saved meanwhile, nothing is.
   */
  async function changeDraft(
    actor: Actor,
    id: string,
    revision: number,
    changed: { readonly name: string; readonly files: Readonly<Record<string, string>> },
  ): Answer<{ readonly id: string; readonly revision: number }> {
    const { tenant, name } = actor
    if (!isUuid(id)) return err({ code: 'unknown_draft' })
    return database.as(actor).transaction(async (sql): Answer<{ id: string; revision: number }> => {
      const row = await store.findDraft(sql, tenant, id, 'for update')
      if (!row) return err({ code: 'unknown_draft' })
      if (row.author !== name) return err({ code: 'not_your_draft', author: row.author })
      if (row.state === 'published') return err({ code: 'already_published' })
      if (row.revision !== revision)
        return err({ code: 'draft_changed', revision, current: row.revision })
      await store.updateDraft(sql, tenant, id, changed)
      await store.logAccess(sql, tenant, name, 'change draft', id)
      return ok({ id, revision: revision + 1 })
    })
  }

  /** The rules as they would be with a draft, or what is wrong with it. */
  async function withDraft(actor: Actor, id: string) {
    const found = await draft(actor, id)
    if (!found.ok) return found
    const current = await currentRules(actor.tenant)
    const files = { ...current.files, ...found.value.files }
    try {
      return ok({ draft: found.value, current, files, book: bookOf(files) })
    } catch (thrown) {
      if (thrown instanceof RuleFileError)
        return err({ code: 'bad_rules', fault: thrown.fault } as const)
      throw thrown
    }
  }

  async function checkDraft(actor: Actor, id: string) {
    const drafted = await withDraft(actor, id)
    if (!drafted.ok) return drafted
    const changed = new Set(Object.keys(drafted.value.draft.files))
    return ok({
      findings: lintBook(drafted.value.book).filter(({ file }) => changed.has(file)),
    })
  }

  /**
   * The same bills under the published rules and under the draft, each as a person's first of the year. The
   * program chooses samples for whoever sees no bill: they learn a number and its amounts.
   */
  async function compareDraft(actor: Actor, id: string, asked: readonly string[] | 'samples') {
    const drafted = await withDraft(actor, id)
    if (!drafted.ok) return drafted
    const { current, book } = drafted.value
    const options = { allowUndated: allowUndated(actor.tenant), today: today() }
    const settlers = { before: current.settler(options.today), after: createSettler(book, options) }
    const { tenant, role } = actor
    const sampled = asked === 'samples' && role === 'admin'
    const sql = database.as(sampled ? { tenant, role: 'system' } : actor)
    const bills = asked === 'samples' ? await store.sampleBills(sql, tenant) : asked
    const rows = []
    for (const billId of bills) {
      const row = await store.findBill(sql, tenant, billId)
      const owner = row && (await store.findPerson(sql, tenant, row.bill.person))
      if (!row || !owner) return err({ code: 'unknown_bill' } as const)
      const outcome = (settler: Settler) => {
        // From nothing, so that a bill that is settled already compares like one that is not.
        const settled = settler.settle(row.bill, owner.person, new Map())
        return settled.ok
          ? { payers: settled.value.payers, patient: settled.value.patient }
          : { refusal: settled.error }
      }
      rows.push({
        bill: billId,
        total: row.bill.total,
        before: outcome(settlers.before),
        after: outcome(settlers.after),
      })
    }
    return ok({ rows })
  }

  /**
   * Makes a draft the rules in force, as it was read: `revision` says which text that was. Nobody publishes
   * their own draft.
   */
  async function publishDraft(
    actor: Actor,
    key: string,
    id: string,
    revision: number,
  ): Answer<{ readonly version: number }> {
    const { tenant, name } = actor
    const drafted = await withDraft(actor, id)
    if (!drafted.ok) return drafted
    const request = ['publish', id, revision]
    const done = await commandOnce(database, { actor, key, request }, async (sql) => {
      await store.lockRules(sql, tenant)
      const row = await store.findDraft(sql, tenant, id, 'for update')
      if (!row) return refused({ code: 'unknown_draft' })
      if (row.state === 'published') return refused({ code: 'already_published' })
      // The files were read before the row was locked, so they have to be of this revision as well.
      const { draft: read, files } = drafted.value
      if (row.revision !== revision || read.revision !== revision)
        return refused({ code: 'draft_changed', revision, current: row.revision })
      if (row.author === name)
        return refused({ code: 'second_person_required', author: row.author })
      const current = await store.latestVersion(sql, tenant)
      if (row.baseVersion !== current)
        return refused({ code: 'draft_outdated', base: row.baseVersion, current })
      const version = current + 1
      await store.insertRulebook(sql, tenant, {
        version,
        hash: rulesHash(files),
        files,
        note: row.name,
        author: row.author,
        publisher: name,
      })
      await store.markPublished(sql, tenant, id)
      await store.logAccess(sql, tenant, name, 'publish', id)
      return ok({ version })
    })
    return done.ok ? ok(done.value.answer) : done
  }

  return {
    /** For whoever changes or asks about a person's settlements in a transaction of their own. */
    replays: {
      /** What a replay would come to. Nothing is locked or written. */
      decide: (sql: Sql, { tenant }: Actor, asked: Asked) =>
        decideReplay(sql, tenant, asked, { settlerOf }, ''),
      carryOut,
      settlerOf,
      settlerUnder,
      /** A bill as it is within the transaction. */
      billWithin: (sql: Sql, { tenant }: Actor, id: string) => store.findBill(sql, tenant, id),
    },
    replayWithin,
    trial,
    trialOf,
    trialRelief,
    settle,
    settlement,
    reverse,
    command,
    persons,
    person,
    belongingTo,
    bill,
    institutionBills,
    figures,
    knownPersons,
    addBills,
    rules,
    rulesFor,
    lint,
    changes,
    ensureRules,
    drafts,
    draft,
    addDraft,
    changeDraft,
    checkDraft,
    compareDraft,
    publishDraft,
  }
}

/**
 * Reads each version of a tenant's rules once, and keeps a settler for each day it is used.
 *
 * Inside a transaction the rules are read on its own connection: a second one might never come, when every
 * other holder of a connection waits for the same rules.
 */
function createRulesCache({
  allowUndated,
  bookOf,
}: {
  readonly allowUndated: (tenant: string) => boolean
  readonly bookOf: (files: Rules['files'], hash: string) => SchemeBook
}) {
  const known = new Map<string, Rules>()
  return async (sql: Sql, tenant: string, version: number): Promise<Rules> => {
    const key = `${tenant} ${version}`
    const rules = known.get(key) ?? (await load(sql, tenant, version))
    known.set(key, rules)
    return rules
  }

  async function load(sql: Sql, tenant: string, version: number): Promise<Rules> {
    const row = await store.findRulebook(sql, tenant, version)
    if (!row) throw new Error(`tenant ${tenant} has no rule book ${version}`)
    return rulesIn(row, bookOf(row.files, row.hash), allowUndated(tenant))
  }
}

function rulesIn(row: store.RulebookRow, book: SchemeBook, allowUndated: boolean): Rules {
  let latest: { day: PlainDate; settler: Settler } | undefined
  return {
    ...row,
    book,
    settler(day) {
      if (latest?.day !== day)
        latest = { day, settler: createSettler(book, { allowUndated, today: day }) }
      return latest.settler
    },
  }
}

/** The hash of the files of a rule book, in whatever order they come. */
export const rulesHash = (files: Rules['files']): string =>
  hashOf(Object.fromEntries(inOrder(files)))

const readFiles = (files: Rules['files']): SchemeBook =>
  readSchemes(inOrder(files).map(([path, text]) => ({ path, text })))

const inOrder = (files: Rules['files']): readonly (readonly [path: string, text: string])[] =>
  Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** A hospital sends bills of its own, of persons whom the office knows. */
function foreignUpload(
  { role, scope }: Actor,
  { persons, bills }: { readonly persons: readonly unknown[]; readonly bills: readonly Bill[] },
): ServiceRefusal | undefined {
  if (role !== 'hospital') return undefined
  if (persons.length > 0) return { code: 'persons_not_for_you' }
  const own = scope?.institutions ?? []
  const bill = bills.find(({ institution = '' }) => !own.includes(institution))
  return bill && { code: 'institution_not_yours', bill: bill.id }
}

/** A figure about fewer could tell who they are. */
const FEWEST_PERSONS = 10

const refused = (refusal: ServiceRefusal): Result<never, ServiceRefusal> => err(refusal)

/** Whether a bill comes before another that stands, or before an entry of an account. */
const isLate = (
  bill: Bill,
  { latestBill, latestEntry }: Pick<store.PersonRow, 'latestBill' | 'latestEntry'>,
): boolean => placeOf(bill) < (latestBill ?? '') || bill.settled < (latestEntry ?? '')

const totalsOf = (totals: Readonly<Record<string, number>>): Totals =>
  new Map(Object.entries(totals))

/** A settlement without its steps, in the shape of one that has them. */
function unexplained(settled: Result<Settlement, Refusal>): Result<Explanation, Refusal> {
  return settled.ok ? ok({ settlement: settled.value, steps: [] }) : settled
}

function present({ settlement, steps }: Explanation) {
  const { totals: _, ...visible } = settlement
  return { settlement: visible as SettledBill, steps }
}

/** What a command to settle asks for. With its steps, as most do, it is hashed as it always was. */
const settleHash = (bill: string, steps: boolean): string =>
  hashOf(steps ? ['settle', bill] : ['settle', bill, 'without steps'])

const isUuid = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text)
