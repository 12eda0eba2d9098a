import { createHash, randomUUID } from 'node:crypto'
import { masked } from '#base/mask.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { type WorkingDays, workingDayAfter } from '#base/working-days.ts'
import type { Entry, Leg } from '#domains/ledger/index.ts'
import { post } from '#domains/ledger/service.ts'
import { markPaid, markUnpaid } from '#domains/settlement/statements.service.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn, hashOf } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import type { Secrets } from '#platform/secrets.ts'
import { tenantName } from '#platform/tenants.ts'
import { type AccountFault, faultsOf, holderOf, maskedNumber } from './account-number.ts'
import { type Gathered, gather, groupBy } from './gather.ts'
import { accountOf, adoptedLegs, orderedLegs, paidLegs, returnedLegs, unpaidLegs } from './post.ts'
import { effectOf, type IllegalMove, isAnswered, isDuplicate, moved } from './states.ts'
import { readSent, readStatusFile, type StatusFile, StatusFileFault } from './status-file.ts'
import * as store from './store.ts'
import type {
  Answer,
  BankAccount,
  BatchAct,
  BatchState,
  ItemState,
  Message,
  OrdersOfFund,
} from './types.ts'

export type PaymentRefusal =
  | IllegalMove
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_batch' | 'unknown_item' | 'unknown_break' }
  | { readonly code: 'unknown_holder'; readonly holder: string; readonly id: string }
  | { readonly code: 'bad_account'; readonly faults: readonly AccountFault[] }
  | { readonly code: 'nothing_to_pay'; readonly left: readonly Left[] }
  | { readonly code: 'pay_day_past'; readonly today: string }
  | { readonly code: 'another_person_releases'; readonly made: string }
  | { readonly code: 'own_account'; readonly payees: readonly string[] }
  | { readonly code: 'batch_changed'; readonly orders: number; readonly amount: number }
  | { readonly code: 'owed_less_now'; readonly payees: readonly string[] }
  | { readonly code: 'batch_empty' }
  | { readonly code: 'reconcile_first'; readonly since: string; readonly cause: string }
  | { readonly code: 'not_in_draft'; readonly state: BatchState }
  | { readonly code: 'not_failed'; readonly state: ItemState }
  | { readonly code: 'break_open'; readonly orders: readonly string[] }
  | { readonly code: 'failure_not_confirmed'; readonly orders: number }
  | { readonly code: 'break_decided'; readonly state: string }
  | { readonly code: 'another_person_decides'; readonly raised: string }
  | { readonly code: 'cannot_be_booked'; readonly kind: string }
  | { readonly code: 'payee_needed' }
  | { readonly code: 'not_released'; readonly state: BatchState }
  | {
      readonly code: 'bad_status_file'
      readonly fault: StatusFileFault['fault']
      readonly value: string
      readonly line: number | undefined
    }

type Answered<T> = Promise<Result<T, PaymentRefusal>>

/** What is owed and is not gathered, and why. */
export type Left = {
  readonly fund: string
  readonly payee: string
  readonly amount: number
  readonly why: 'unnamed' | 'no_account' | 'no_fund_account' | 'below_zero'
}

export type ToGather = {
  readonly until: PlainDate
  readonly payOn: PlainDate
  readonly fund?: string | undefined
  readonly payee?: string | undefined
}

export type PaymentService = ReturnType<typeof createPaymentService>

/**
 * What funds owe, paid: gathered into batches, released by a second person, ordered from the bank, answered by it. What
 * an order pays is claimed by it alone, so nothing is ordered twice while the first order may still be paid.
 */
export function createPaymentService({
  database,
  secrets,
  today,
  workingDays,
}: {
  readonly database: Guarded
  readonly secrets: Pick<Secrets, 'seal' | 'open' | 'digest'>
  today(): PlainDate
  readonly workingDays: WorkingDays
}) {
  /**
   * Releasing, what is paid late and what was not paid after all concern the files of everybody whose bills are paid: only
   * the program may.
   */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }

  /** Commands about payments take turns within a tenant. */
  const change = changesIn<PaymentRefusal>(database, store.lockPayments)
  const changeAsProgram = changesIn<PaymentRefusal>(program, store.lockPayments)

  // --- accounts -----------------------------------------------------------------------------------

  /** Keeps where somebody is paid, from a day on. What was in force before stays on record. */
  const addAccount = (
    actor: Actor,
    key: string,
    account: BankAccount,
  ): Answered<{ readonly id: string }> => {
    // What is hashed and kept with the key tells nobody the number.
    const digest = secrets.digest(JSON.stringify(account)).toString('hex')
    return change(actor, key, ['payment account', account.holderId, digest], async (sql) => {
      const { tenant, name: user } = actor
      const { holder, holderId } = account
      const faults = faultsOf(account)
      if (faults.length > 0) return err({ code: 'bad_account', faults })
      if (!(await store.isHolder(sql, tenant, account)))
        return err({ code: 'unknown_holder', holder, id: holderId })
      const id = await store.insertAccount(sql, tenant, {
        holder,
        holderId,
        from: account.from,
        kind: account.kind,
        name: secrets.seal(account.name),
        number: secrets.seal(account.number),
        digest: secrets.digest(account.number),
        bankCode: account.bankCode,
        bankName: account.bankName,
        answerDays: account.answerDays ?? null,
        document: account.document,
        user,
      })
      return ok({ id })
    })
  }

  async function accounts(
    actor: Actor,
    asked: { readonly holder?: string | undefined; readonly holderId?: string | undefined },
  ) {
    const rows = await store.accountsOf(database.as(actor), actor.tenant, asked)
    return rows.map(({ name, number, ...row }) => ({
      ...row,
      name: shownName(row.holder, secrets.open(name)),
      number: maskedNumber(secrets.open(number)),
    }))
  }

  // --- gathering ----------------------------------------------------------------------------------

  /** What could be paid, with the accounts it would move between, and what could not and why. */
  async function gathered(sql: Sql, tenant: string, asked: ToGather) {
    const { owed, below } = gather(await store.owedEntries(sql, tenant, asked))
    const holders = owed.flatMap(({ fund, payee }) => [
      { holder: 'fund' as const, holderId: fund },
      holderOf(payee),
    ])
    const rows = await store.accountsInForce(sql, tenant, distinct(holders), asked.payOn)
    const inForce = new Map(rows.map((row) => [`${row.holder}/${row.asked}`, row]))
    const orders: (Gathered & {
      readonly account: store.AccountRow
      readonly source: store.AccountRow
    })[] = []
    const left: Left[] = below.map((each) => ({ ...each, why: 'below_zero' }))
    for (const each of owed) {
      const { fund, payee, amount } = each
      const { holder, holderId } = holderOf(payee)
      const account = inForce.get(`${holder}/${holderId}`)
      const source = inForce.get(`fund/${fund}`)
      if (account && source) orders.push({ ...each, account, source })
      else left.push({ fund, payee, amount, why: whyLeft(payee, account !== undefined) })
    }
    return { orders, left }
  }

  /** What a batch would order; nothing is kept. */
  async function preview(actor: Actor, asked: ToGather) {
    const { orders, left } = await gathered(database.as(actor), actor.tenant, asked)
    return {
      orders: orders.map(({ fund, payee, amount, account }) => ({
        fund,
        payee,
        amount,
        name: shownName(account.holder, secrets.open(account.name)),
        number: maskedNumber(secrets.open(account.number)),
      })),
      left,
    }
  }

  /** Makes the draft of a batch of everything that is owed by a day and held by no other. */
  const make = (actor: Actor, key: string, asked: ToGather): Answered<{ readonly id: string }> => {
    const id = randomUUID()
    return change(actor, key, ['make payment batch', asked.until, asked], async (sql) => {
      const { tenant, name } = actor
      if (asked.payOn < today()) return err({ code: 'pay_day_past', today: today() })
      const { orders, left } = await gathered(sql, tenant, asked)
      if (orders.length === 0) return err({ code: 'nothing_to_pay', left })
      await store.insertBatch(sql, tenant, {
        id,
        until: asked.until,
        payOn: asked.payOn,
        fund: asked.fund ?? null,
        payee: asked.payee ?? null,
        madeBy: name,
      })
      const items = orders.map((each, i) => ({
        ...each,
        id: randomUUID(),
        no: i + 1,
        accountId: each.account.id,
        fundAccountId: each.source.id,
      }))
      const claims = items.flatMap(({ id: item, fund, payee, entries }) =>
        entries.map((entry) => ({ ...entry, item, fund, payee })),
      )
      await store.insertItems(sql, tenant, id, items)
      await store.count(sql, 'payment_items', claims.length)
      await store.insertClaims(sql, tenant, claims)
      await store.count(sql, 'payment_claims', claims.length)
      await store.moveBatch(sql, tenant, id, { act: 'make', to: 'draft', user: name })
      return ok({ id })
    })
  }

  // --- moving a batch -----------------------------------------------------------------------------

  /** Moves a batch, if its state has the act; `also` does what comes with it, or refuses. */
  const act = (
    actor: Actor,
    key: string,
    { batch, act, reason, request }: Moving,
    also: (sql: Sql, row: store.BatchSums) => Answered<object> = async () => ok({}),
    carryOut = change,
  ): Answered<{ readonly id: string; readonly state: BatchState }> =>
    carryOut(actor, key, [`${act} payment batch`, batch, [reason, request]], async (sql) => {
      const { tenant, name } = actor
      const row = await store.findBatch(sql, tenant, batch)
      if (!row) return err({ code: 'unknown_batch' })
      const to = moved(row.state, act)
      if (!to.ok) return to
      const done = await also(sql, row)
      if (!done.ok) return done
      await store.moveBatch(sql, tenant, batch, { act, to: to.value, user: name, reason })
      return ok({ id: batch, state: to.value })
    })

  const submit = (actor: Actor, key: string, batch: string) =>
    act(actor, key, { batch, act: 'submit' }, async (_, { items }) =>
      items.some(({ state }) => state === 'drafted') ? ok({}) : err({ code: 'batch_empty' }),
    )

  const rework = (actor: Actor, key: string, batch: string, reason: string) =>
    act(actor, key, { batch, act: 'rework', reason })

  /** Gives up a batch that was not released: what it holds may be gathered anew. */
  const withdraw = (actor: Actor, key: string, batch: string, reason: string) =>
    act(actor, key, { batch, act: 'withdraw', reason }, async (sql) => {
      const items = await store.itemsOf(sql, actor.tenant, batch)
      for (const { id, state } of items)
        if (state === 'drafted') await store.setItemState(sql, actor.tenant, id, 'left-out')
      await store.freeClaims(
        sql,
        actor.tenant,
        items.map(({ id }) => id),
      )
      return ok({})
    })

  /** Takes one order out of a draft: what it holds may be gathered anew. */
  const leaveOut = (actor: Actor, key: string, item: string): Answered<{ readonly id: string }> =>
    change(actor, key, ['leave payment out', item], async (sql) => {
      const { tenant } = actor
      const row = await store.findItem(sql, tenant, item)
      if (!row) return err({ code: 'unknown_item' })
      const batch = await store.findBatch(sql, tenant, row.batch)
      if (batch?.state !== 'draft' || row.state !== 'drafted')
        return err({ code: 'not_in_draft', state: batch?.state ?? 'draft' })
      await store.setItemState(sql, tenant, item, 'left-out')
      await store.freeClaims(sql, tenant, [item])
      return ok({ id: item })
    })

  /**
   * Releases a batch: a second person orders it. `seen` is what they reviewed. From here on the bills count as paid, and
   * what is owed is under way. Refused where any payee is owed less by now than is ordered.
   */
  const release = (
    actor: Actor,
    key: string,
    batch: string,
    seen: { readonly orders: number; readonly amount: number },
  ) =>
    act(
      actor,
      key,
      { batch, act: 'release', request: seen },
      async (sql, row) => {
        const { tenant, name } = actor
        const held = await store.openHold(sql, tenant)
        if (held) return err({ code: 'reconcile_first', since: held.since, cause: held.cause })
        // Paid, and nobody here gave the order: what it paid may stand in this batch as well.
        const unknown = await store.openUnknown(sql, tenant)
        if (unknown.length > 0)
          return err({ code: 'break_open', orders: unknown.map(({ endToEnd }) => endToEnd) })
        const moves = await store.movesOf(sql, tenant, batch)
        if (
          row.madeBy === name ||
          moves.some((move) => move.act === 'submit' && move.user === name)
        )
          return err({ code: 'another_person_releases', made: row.madeBy })
        if (row.payOn < today()) return err({ code: 'pay_day_past', today: today() })
        const items = (await store.itemsOf(sql, tenant, batch)).filter(
          ({ state }) => state === 'drafted',
        )
        const own = items.filter(({ accountBy }) => accountBy === name)
        if (own.length > 0)
          return err({ code: 'own_account', payees: own.map(({ payee }) => payee) })
        const amount = items.reduce((sum, each) => sum + each.amount, 0)
        if (items.length !== seen.orders || amount !== seen.amount)
          return err({ code: 'batch_changed', orders: items.length, amount })
        const numbers = items.map(({ id }) => id)
        await markPaid(sql, actor, batch, await store.settlementsOf(sql, tenant, numbers))
        // After the files are locked: nothing of theirs can end any more that was not seen here.
        const less = await owedLess(sql, tenant, items)
        if (less.length > 0) return err({ code: 'owed_less_now', payees: less })
        const ordered = await numbered(sql, tenant, items)
        await store.orderItems(sql, tenant, ordered)
        await store.markReleased(
          sql,
          tenant,
          batch,
          numberOf(ordered.map(({ endToEnd }) => endToEnd)),
        )
        await post(
          sql,
          actor,
          ordered.map((item) => entryOf('ordered', item, orderedLegs(item))),
        )
        return ok({})
      },
      changeAsProgram,
    )

  /** Payees to whom a fund owes less than is ordered: what took back since the draft is not in it. */
  async function owedLess(
    sql: Sql,
    tenant: string,
    items: readonly store.ItemRow[],
  ): Promise<string[]> {
    const { below } = gather(await store.owedEntries(sql, tenant, { until: '9999-12-31' }))
    const short = new Set(below.map(({ fund, payee }) => JSON.stringify([fund, payee])))
    return items
      .filter(({ fund, payee }) => short.has(JSON.stringify([fund, payee])))
      .map(({ payee }) => payee)
  }

  /**
   * The number of each order at the bank, made from what it pays and how often that has failed for good: the same entries
   * ordered once more from an older copy of the database get the same number, which a bank refuses.
   */
  async function numbered(sql: Sql, tenant: string, items: readonly store.PaidTo[]) {
    const [first] = items
    const claims = first ? await store.claimsOfBatch(sql, tenant, first.batch) : []
    const byItem = groupBy(claims, ({ item }) => item)
    return items.map((item) => {
      const own = (byItem.get(item.id) ?? []).map(({ subject, kind, failed }) => [
        subject,
        kind,
        failed,
      ])
      return { ...item, endToEnd: numberOf([tenant, item.fund, item.payee, ...own]) }
    })
  }

  const send = (actor: Actor, key: string, batch: string) =>
    act(actor, key, { batch, act: 'send' }, async (sql) => {
      const held = await store.openHold(sql, actor.tenant)
      if (held) return err({ code: 'reconcile_first', since: held.since, cause: held.cause })
      await store.markSent(sql, actor.tenant, batch, today())
      return ok({})
    })

  /** Closes a batch in which nothing is open: every failure is confirmed, every break decided. */
  const close = (actor: Actor, key: string, batch: string) =>
    act(actor, key, { batch, act: 'close' }, async (sql) => {
      const items = await store.itemsOf(sql, actor.tenant, batch)
      const open = await store.openBreaksOf(
        sql,
        actor.tenant,
        items.map(({ id }) => id),
      )
      if (open.length > 0)
        return err({ code: 'break_open', orders: open.map(({ endToEnd }) => endToEnd) })
      const failed = items.filter(({ state }) => state === 'failed' || state === 'returned')
      if (failed.length > 0) return err({ code: 'failure_not_confirmed', orders: failed.length })
      return ok({})
    })

  /** What is handed to the bank, with names and accounts whole. The same however often it is asked for. */
  async function message(actor: Actor, batch: string): Answered<Message> {
    const { tenant } = actor
    const sql = database.as(actor)
    const row = await store.findBatch(sql, tenant, batch)
    if (!row) return err({ code: 'unknown_batch' })
    const { state, messageId, releasedAt } = row
    if (messageId === null || releasedAt === null) return err({ code: 'not_released', state })
    const held = await store.openHold(sql, tenant)
    if (held) return err({ code: 'reconcile_first', since: held.since, cause: held.cause })
    const items = (await store.itemsOf(sql, tenant, batch)).filter(
      ({ endToEnd }) => endToEnd !== null,
    )
    const funds: OrdersOfFund[] = []
    for (const [source, own] of groupBy(items, ({ fundAccountId }) => fundAccountId)) {
      const account = await store.accountById(sql, tenant, source)
      const [{ fund } = { fund: '' }] = own
      if (!account) continue
      funds.push({
        fund,
        debtor: whole(account),
        orders: own.map((item) => ({
          endToEnd: item.endToEnd ?? '',
          amount: item.amount,
          payee: whole(item),
        })),
      })
    }
    await logAccess(sql, actor, 'download payment file', batch)
    const initiator = await tenantName(sql, tenant)
    return ok({ id: messageId, at: releasedAt, payOn: row.payOn as PlainDate, initiator, funds })
  }

  const whole = ({
    name,
    number,
    bankCode,
    bankName,
  }: Pick<store.PaidTo, 'name' | 'number' | 'bankCode' | 'bankName'>) => ({
    name: secrets.open(name),
    number: secrets.open(number),
    bankCode,
    bankName,
  })

  // --- what the bank answers ----------------------------------------------------------------------

  /** Takes a status file in, all of it or nothing. The same file again changes nothing. */
  async function takeIn(
    actor: Actor,
    key: string,
    { name, text }: { readonly name: string; readonly text: string },
  ): Answered<TakenIn> {
    const file = readOrRefuse(() => readStatusFile(text))
    if (!file.ok) return file
    const asked = ['payment answers', name, digestOf(text).toString('hex')] as const
    return changeAsProgram(actor, key, asked, async (sql) =>
      ok(await takeFile(sql, actor, { name, text, file: file.value })),
    )
  }

  async function takeFile(
    sql: Sql,
    actor: Actor,
    {
      name,
      text,
      file,
    }: { readonly name: string; readonly text: string; readonly file: StatusFile },
    payees?: Payees,
  ): Promise<TakenIn> {
    const { tenant, name: user } = actor
    const answers = [...file.answers]
    for (const { message: number, ...answer } of file.messages) {
      const batch = await store.findBatchOfMessage(sql, tenant, number)
      const items = batch ? await store.itemsOf(sql, tenant, batch.id) : []
      const orders = items.flatMap(({ endToEnd }) => (endToEnd === null ? [] : [endToEnd]))
      for (const endToEnd of batch ? orders : [number]) answers.push({ ...answer, endToEnd })
    }
    const digest = digestOf(text)
    const kept = { digest, name, format: file.format, answers: answers.length, user }
    if (!(await store.insertAnswerFile(sql, tenant, kept))) return { ...NOTHING_TAKEN, again: true }
    return { ...(await takeAnswers(sql, actor, digest, answers, payees)), again: false }
  }

  /** What each answer does, one after another; then the batches that they complete are answered. */
  async function takeAnswers(
    sql: Sql,
    actor: Actor,
    digest: Buffer,
    answers: readonly Answer[],
    payees: Payees = new Map(),
  ): Promise<Omit<TakenIn, 'again'>> {
    const { tenant } = actor
    const rows = await store.itemsByOrder(
      sql,
      tenant,
      answers.map(({ endToEnd }) => endToEnd),
    )
    const items = new Map(rows.map((row) => [row.endToEnd, row]))
    const returned = await store.returnedAmong(
      sql,
      tenant,
      rows.map(({ id }) => id),
    )
    const kept: Parameters<typeof store.insertAnswers>[3][number][] = []
    for (const answer of answers) {
      const item = items.get(answer.endToEnd)
      const effect = item
        ? await answerItem(sql, actor, item, answer, returned)
        : await answerUnknown(sql, actor, answer, payees.get(answer.endToEnd))
      if (item) items.set(answer.endToEnd, { ...item, state: effect.state ?? item.state })
      if (item && answer.status === 'returned') returned.add(item.id)
      kept.push({
        endToEnd: answer.endToEnd,
        item: item?.id ?? null,
        status: answer.status,
        amount: answer.amount ?? null,
        reason: answer.reason ?? null,
        effect: effect.kind,
      })
    }
    await store.insertAnswers(sql, tenant, digest, kept)
    for (const batch of new Set(rows.map((row) => row.batch))) await answerBatch(sql, actor, batch)
    const count = (...kinds: readonly string[]) =>
      kept.filter(({ effect }) => kinds.includes(effect)).length
    return {
      answers: kept.length,
      moved: count('moved', 'late'),
      same: count('same', 'stale'),
      breaks: kept.length - count('moved', 'late', 'same', 'stale'),
    }
  }

  async function answerItem(
    sql: Sql,
    actor: Actor,
    item: store.ItemRow,
    answer: Answer,
    returned: ReadonlySet<string>,
  ): Promise<{ readonly kind: string; readonly state?: ItemState }> {
    const { tenant } = actor
    const { state } = item
    if (state === 'drafted' || state === 'left-out') return { kind: 'stale' }
    const effect = effectOf(
      { state, amount: item.amount, wasReturned: returned.has(item.id) },
      answer,
    )
    if (effect.kind === 'moved') {
      await store.setItemState(sql, tenant, item.id, effect.to, answer.reason)
      if (effect.to === 'settled') await post(sql, actor, [entryOf('paid', item, paidLegs(item))])
      if (effect.to === 'returned' && state === 'settled')
        await post(sql, actor, [entryOf('returned', item, returnedLegs(item))])
      return { kind: 'moved', state: effect.to }
    }
    if (effect.kind === 'late') return paidLate(sql, actor, item, answer)
    if (effect.kind === 'break') {
      await raise(sql, actor, effect.break, answer, item)
      return { kind: effect.break }
    }
    return { kind: effect.kind }
  }

  /**
   * An order was paid after all, when its failure had been confirmed. What it paid is taken out of any draft; where it
   * was ordered again already, somebody decides what becomes of the second payment.
   */
  async function paidLate(
    sql: Sql,
    actor: Actor,
    item: store.ItemRow,
    answer: Answer,
  ): Promise<{ readonly kind: string; readonly state?: ItemState }> {
    const { tenant } = actor
    const now = await store.holdersNow(sql, tenant, item.id)
    if (now.some(({ state }) => state !== 'drafted')) {
      await raise(sql, actor, 'paid_again', answer, item)
      return { kind: 'paid_again' }
    }
    for (const { id } of now) await store.setItemState(sql, tenant, id, 'left-out')
    await store.freeClaims(
      sql,
      tenant,
      now.map(({ id }) => id),
    )
    await store.holdClaims(sql, tenant, item.id)
    await store.setItemState(sql, tenant, item.id, 'settled')
    await markPaid(sql, actor, item.batch, await store.settlementsOf(sql, tenant, [item.id]))
    const { fund, payee, amount } = item
    const paid: Leg = { fund, debit: accountOf(payee), credit: 'bank', amount }
    await post(sql, actor, [entryOf('paid', item, [paid])])
    return { kind: 'late', state: 'settled' }
  }

  /** An order that nobody here gave: a database that was restored may have forgotten it. */
  async function answerUnknown(
    sql: Sql,
    actor: Actor,
    answer: Answer,
    sent: SentTo | undefined,
  ): Promise<{ readonly kind: string; readonly state?: ItemState }> {
    const { status, endToEnd } = answer
    const known = await store.breaksOfOrder(sql, actor.tenant, endToEnd)
    const cameBack = known.some(({ kind }) => kind === 'contradiction')
    if (status === 'settled' && known.some(({ decision }) => decision === 'booked'))
      return { kind: 'same' }
    if (status === 'settled') {
      await raise(sql, actor, 'unknown_order', answer, undefined, sent)
      return { kind: 'unknown_order' }
    }
    // It was paid, as far as is known here, and the money came back: it is owed again once somebody says so.
    const paid = known.find(
      ({ kind, decision }) => kind === 'unknown_order' && decision !== 'dismissed',
    )
    if (status === 'returned' && paid && !cameBack) {
      const { amount, fund, payee } = paid
      const of = fund !== null && payee !== null ? { fund, payee, amount } : sent
      const back = { ...answer, amount: amount ?? undefined }
      await raise(sql, actor, 'contradiction', back, undefined, of)
      return { kind: 'contradiction' }
    }
    return { kind: isDuplicate(answer.reason) ? 'duplicate_order' : 'stale' }
  }

  async function raise(
    sql: Sql,
    { tenant, name }: Actor,
    kind: store.BreakRow['kind'],
    { endToEnd, status, amount }: Answer,
    item: store.ItemRow | undefined,
    sent?: SentTo | undefined,
  ): Promise<void> {
    await store.raiseBreak(sql, tenant, {
      kind,
      endToEnd,
      item: item?.id ?? null,
      status,
      amount: amount ?? item?.amount ?? sent?.amount ?? null,
      fund: item?.fund ?? sent?.fund ?? null,
      payee: item?.payee ?? sent?.payee ?? null,
      raisedBy: name,
    })
  }

  /** A person confirms that a failed or returned order stays unpaid: what it was to pay is owed again. */
  const confirmFailure = (
    actor: Actor,
    key: string,
    item: string,
    reason: string,
  ): Answered<{ readonly id: string }> =>
    changeAsProgram(actor, key, ['confirm payment failure', item, reason], async (sql) => {
      const { tenant } = actor
      const row = await store.findItem(sql, tenant, item)
      if (!row) return err({ code: 'unknown_item' })
      if (row.state !== 'failed' && row.state !== 'returned')
        return err({ code: 'not_failed', state: row.state })
      const open = await store.openBreaksOf(sql, tenant, [item])
      if (open.length > 0)
        return err({ code: 'break_open', orders: open.map(({ endToEnd }) => endToEnd) })
      const paid = await store.settlementsOf(sql, tenant, [item])
      await store.setItemState(sql, tenant, item, 'unpaid')
      await store.freeClaims(sql, tenant, [item])
      await markUnpaid(sql, actor, paid)
      await post(sql, actor, [entryOf('unpaid', row, unpaidLegs(row))])
      return ok({ id: item })
    })

  // --- breaks -------------------------------------------------------------------------------------

  /** What does not fit: what answers raised, and the orders that have waited too long for one. */
  async function breaks(actor: Actor, { open }: { readonly open: boolean }) {
    const { tenant } = actor
    const sql = database.as(actor)
    const rows = await store.listBreaks(sql, tenant, open)
    const waiting = open ? await store.waitingOrders(sql, tenant, MOST_WAITING) : []
    const due = waiting.map((order) => ({
      ...order,
      due: workingDayAfter(workingDays, order.sentOn as PlainDate, order.answerDays) ?? null,
    }))
    return {
      breaks: rows,
      missing: due.filter((order) => order.due !== null && order.due < today()),
      /** Days that cannot be counted: the holidays of their year have not been given. */
      uncounted: due.filter((order) => order.due === null).length,
    }
  }

  /**
   * Decides a break. `booked` takes what the bank says into the books: money that left is taken off what the payee is
   * owed. `dismissed` leaves them as they are. Whoever took the answers in does not decide about them.
   */
  const decide = (
    actor: Actor,
    key: string,
    id: string,
    asked: {
      readonly decision: 'booked' | 'dismissed'
      readonly reason: string
      readonly fund?: string | undefined
      readonly payee?: string | undefined
    },
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['decide payment break', id, asked], async (sql) => {
      const { tenant, name } = actor
      const row = await store.findBreak(sql, tenant, id)
      if (!row) return err({ code: 'unknown_break' })
      if (row.decision !== null) return err({ code: 'break_decided', state: row.decision })
      if (row.raisedBy === name)
        return err({ code: 'another_person_decides', raised: row.raisedBy })
      const fund = row.fund ?? asked.fund ?? null
      const payee = row.payee ?? asked.payee ?? null
      if (asked.decision === 'booked') {
        const booked = await book(sql, actor, row, fund, payee)
        if (!booked.ok) return booked
      }
      await store.decideBreak(sql, tenant, id, { ...asked, user: name, fund, payee })
      return ok({ id })
    })

  async function book(
    sql: Sql,
    actor: Actor,
    { id, kind, item, amount, endToEnd }: store.BreakRow,
    fund: string | null,
    payee: string | null,
  ): Answered<object> {
    const { tenant } = actor
    if (fund === null || payee === null) return err({ code: 'payee_needed' })
    const row = item === null ? undefined : await store.findItem(sql, tenant, item)
    const adopt = (more: number) =>
      post(sql, actor, [
        { subject: id, kind: 'adopted', legs: adoptedLegs({ fund, payee, amount: more }) },
      ])
    const paid = amount ?? 0
    switch (kind) {
      case 'unknown_order':
        if (amount === null || (await wasBooked(sql, tenant, endToEnd)))
          return err({ code: 'cannot_be_booked', kind })
        await adopt(paid)
        return ok({})
      case 'paid_again':
        await adopt(paid)
        return ok({})
      case 'amount_differs': {
        if (!row) return err({ code: 'unknown_item' })
        if (row.state === 'unpaid') await adopt(paid)
        else if (row.state === 'settled') await adopt(paid - row.amount)
        else if (row.state === 'returned') return err({ code: 'cannot_be_booked', kind })
        else {
          await store.setItemState(sql, tenant, row.id, 'settled')
          await post(sql, actor, [entryOf('paid', row, paidLegs(row))])
          await adopt(paid - row.amount)
          await answerBatch(sql, actor, row.batch)
        }
        return ok({})
      }
      case 'contradiction':
        if (item === null && (await wasBooked(sql, tenant, endToEnd))) {
          await adopt(-paid)
          return ok({})
        }
        if (row?.state !== 'settled') return err({ code: 'cannot_be_booked', kind })
        await store.setItemState(sql, tenant, row.id, 'returned')
        await post(sql, actor, [entryOf('returned', row, returnedLegs(row))])
        return ok({})
      case 'duplicate_order':
        return err({ code: 'cannot_be_booked', kind })
    }
  }

  /** Whether what an order paid that nobody here gave is on the books. */
  const wasBooked = async (sql: Sql, tenant: string, endToEnd: string): Promise<boolean> =>
    (await store.breaksOfOrder(sql, tenant, endToEnd)).some(
      ({ kind, decision }) => kind === 'unknown_order' && decision === 'booked',
    )

  /** An answer shows that a batch was sent, whether or not anybody recorded it; with the last one it is answered. */
  async function answerBatch(sql: Sql, actor: Actor, batch: string): Promise<void> {
    const { tenant, name: user } = actor
    const row = await store.findBatch(sql, tenant, batch)
    if (row?.state === 'released') await sendNow(sql, actor, batch)
    const sent = row?.state === 'released' || row?.state === 'sent'
    if (sent && isAnswered(await store.statesOf(sql, tenant, batch)))
      await store.moveBatch(sql, tenant, batch, { act: 'answer', to: 'answered', user })
  }

  async function sendNow(sql: Sql, { tenant, name: user }: Actor, batch: string): Promise<void> {
    await store.markSent(sql, tenant, batch, today())
    await store.moveBatch(sql, tenant, batch, { act: 'send', to: 'sent', user })
  }

  // --- after a restore ----------------------------------------------------------------------------

  /**
   * Makes an older database know what its bank was sent since: from the files that were sent and the answers to them.
   * What was paid and is not known here is taken off what its payee is owed. Only when every order in those files is
   * known or answered, and the files come to what the bank says it took, may anything be ordered again: a file that is
   * forgotten would be paid a second time.
   */
  async function reconcile(
    actor: Actor,
    {
      sent,
      answers,
      taken,
      reason,
    }: {
      readonly sent: readonly string[]
      readonly answers: readonly { readonly name: string; readonly text: string }[]
      /** How many orders the bank took in the days of these files, and what they come to, as the bank says. */
      readonly taken: { readonly orders: number; readonly amount: number }
      readonly reason: string
    },
  ): Answered<Reconciled> {
    const { tenant, name } = actor
    const read = readOrRefuse(() => ({
      messages: sent.map(readSent),
      files: answers.map(({ name: file, text }) => ({
        name: file,
        text,
        file: readStatusFile(text),
      })),
    }))
    if (!read.ok) return read
    const { messages, files } = read.value
    return program.as(actor).transaction(async (sql): Answered<Reconciled> => {
      await store.lockPayments(sql, tenant)
      const byNumber = new Map(
        messages.flatMap((message) => message.orders).map((order) => [order.endToEnd, order]),
      )
      const orders = [...byNumber.values()]
      const amount = orders.reduce((sum, order) => sum + order.amount, 0)
      const known = new Set(
        (
          await store.itemsByOrder(
            sql,
            tenant,
            orders.map(({ endToEnd }) => endToEnd),
          )
        ).map(({ endToEnd }) => endToEnd),
      )
      for (const { id } of messages) {
        const batch = await store.findBatchOfMessage(sql, tenant, id)
        if (batch?.state === 'released') await sendNow(sql, actor, batch.id)
      }
      const unknown = orders.filter(({ endToEnd }) => !known.has(endToEnd))
      const payees = new Map<string, SentTo>()
      for (const { endToEnd, account, debtorAccount, amount: sum } of unknown) {
        const funds = await store.holdersOf(sql, tenant, secrets.digest(debtorAccount))
        const holders = await store.holdersOf(sql, tenant, secrets.digest(account))
        const fund = funds.find(({ holder }) => holder === 'fund')?.holderId
        // Of a co-insurer it is not known for which panel it was paid: a person says so.
        const [payee, another] = holders.filter(({ holder }) => holder !== 'fund')
        if (fund !== undefined && payee && payee.holder !== 'coinsurer' && !another)
          payees.set(endToEnd, { fund, payee: `${payee.holder}/${payee.holderId}`, amount: sum })
      }
      for (const file of files) await takeFile(sql, actor, file, payees)
      let booked = 0
      // As they were raised: what came back had been paid before.
      for (const row of (await store.listBreaks(sql, tenant, true)).toReversed()) {
        const isUnknown = row.kind === 'unknown_order'
        if (!isUnknown && !(row.kind === 'contradiction' && row.item === null)) continue
        const { fund, payee, amount: sum } = payees.get(row.endToEnd) ?? row
        if (!fund || !payee) continue
        // A bank need not say how much it paid: then it is what was ordered.
        const done = await book(sql, actor, { ...row, amount: row.amount ?? sum }, fund, payee)
        if (!done.ok) continue
        const decision = { decision: 'booked', user: name, reason, fund, payee } as const
        await store.decideBreak(sql, tenant, row.id, decision)
        if (isUnknown) booked++
      }
      const answered = await store.answeredAmong(
        sql,
        tenant,
        unknown.map(({ endToEnd }) => endToEnd),
      )
      const unanswered = unknown.filter(({ endToEnd }) => !answered.has(endToEnd))
      const open = await store.openUnknown(sql, tenant)
      const differs = orders.length !== taken.orders || amount !== taken.amount
      const isOpen = differs || unanswered.length + open.length > 0
      if (!isOpen) await store.endHolds(sql, tenant, { user: name, reason })
      await logAccess(sql, actor, 'reconcile payments', reason)
      return ok({
        orders: orders.length,
        amount,
        differs,
        known: orders.length - unknown.length,
        booked,
        unanswered: unanswered.map(({ endToEnd }) => endToEnd),
        open: open.map(({ endToEnd }) => endToEnd),
        held: isOpen,
      })
    })
  }

  // --- reading ------------------------------------------------------------------------------------

  async function batches(actor: Actor, before: number) {
    const rows = await store.listBatches(
      database.as(actor),
      actor.tenant,
      before,
      BATCHES_OF_A_PAGE,
    )
    const last = rows.at(-1)?.no
    return {
      batches: rows,
      held: (await store.openHold(database.as(actor), actor.tenant)) ?? null,
      next: rows.length === BATCHES_OF_A_PAGE ? last : undefined,
    }
  }

  async function batch(actor: Actor, id: string, after: number): Answered<BatchShown> {
    const sql = database.as(actor)
    const row = await store.findBatch(sql, actor.tenant, id)
    if (!row) return err({ code: 'unknown_batch' })
    const items = await store.itemsOf(sql, actor.tenant, id, { after, limit: ITEMS_OF_A_PAGE })
    const moves = await store.movesOf(sql, actor.tenant, id)
    const { items: sums, ...head } = row
    return ok({
      ...head,
      sums,
      moves,
      orders: items.map(shown),
      next: items.length === ITEMS_OF_A_PAGE ? items.at(-1)?.no : undefined,
    })
  }

  async function item(actor: Actor, id: string): Answered<ItemShown> {
    const sql = database.as(actor)
    const row = await store.findItem(sql, actor.tenant, id)
    if (!row) return err({ code: 'unknown_item' })
    return ok({
      ...shown(row),
      entries: await store.claimsOf(sql, actor.tenant, id, MOST_ENTRIES),
      answers: await store.answersOf(sql, actor.tenant, id),
    })
  }

  const shown = ({ name, number, accountId, fundAccountId, accountBy, ...row }: store.PaidTo) => ({
    ...row,
    name: shownName(holderOf(row.payee).holder, secrets.open(name)),
    number: maskedNumber(secrets.open(number)),
  })

  return {
    addAccount,
    accounts,
    preview,
    make,
    submit,
    rework,
    withdraw,
    leaveOut,
    release,
    send,
    close,
    message,
    takeIn,
    reconcile,
    confirmFailure,
    breaks,
    decide,
    batches,
    batch,
    item,
  }
}

type Moving = {
  readonly batch: string
  readonly act: BatchAct
  readonly reason?: string
  readonly request?: unknown
}

/** What became of the answers in a file. `again`: the file had been taken in before, and nothing changed. */
export type TakenIn = {
  readonly again: boolean
  readonly answers: number
  readonly moved: number
  readonly same: number
  readonly breaks: number
}

type OrderShown = Omit<store.ItemRow, 'accountId' | 'fundAccountId'> & {
  readonly name: string
  readonly number: string
  readonly bankCode: string
  readonly bankName: string
}
export type BatchShown = store.BatchRow & {
  readonly sums: store.BatchSums['items']
  readonly moves: readonly store.MoveRow[]
  readonly orders: readonly OrderShown[]
  readonly next: number | undefined
}
export type ItemShown = OrderShown & {
  readonly entries: readonly store.ClaimRow[]
  readonly answers: readonly store.AnswerRow[]
}

/** What is known of unknown orders: of which fund, to whom. */
type Payees = ReadonlyMap<string, SentTo>
type SentTo = { readonly fund: string; readonly payee: string; readonly amount: number | null }

/** What a database knows of the orders in files that were sent. `held`: nothing may be ordered yet. */
export type Reconciled = {
  readonly orders: number
  /** What the orders in the files come to, in fen. */
  readonly amount: number
  /** The files are not what the bank says it took: one is missing, or one too many. */
  readonly differs: boolean
  readonly known: number
  /** Paid and not known here: taken off what the payees are owed. */
  readonly booked: number
  /** Not known here and not answered: they may still be paid. */
  readonly unanswered: readonly string[]
  /** Paid, and nobody can tell from the files to whom. */
  readonly open: readonly string[]
  readonly held: boolean
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

function readOrRefuse<T>(read: () => T): Result<T, PaymentRefusal> {
  try {
    return ok(read())
  } catch (thrown) {
    if (!(thrown instanceof StatusFileFault)) throw thrown
    const { fault, value, line } = thrown
    return err({ code: 'bad_status_file', fault, value, line })
  }
}

const NOTHING_TAKEN = { answers: 0, moved: 0, same: 0, breaks: 0 }
const BATCHES_OF_A_PAGE = 50
const ITEMS_OF_A_PAGE = 100
const MOST_ENTRIES = 500
const MOST_WAITING = 1_000

/** An institution’s name is known to everybody, a person’s is not. */
const shownName = (holder: string, name: string): string =>
  holder === 'person' ? masked(name) : name

/** A bill that names no institution leaves nobody to pay. */
const whyLeft = (payee: string, hasAccount: boolean): Left['why'] =>
  payee === 'institution/-' ? 'unnamed' : hasAccount ? 'no_fund_account' : 'no_account'

/** An event of an order is posted once: the order and the kind are the key of the entry. */
const entryOf = (
  kind: Entry['kind'],
  { id }: Pick<store.ItemRow, 'id'>,
  legs: readonly Leg[],
): Entry => ({
  subject: id,
  kind,
  legs,
})

/** A number of 32 characters for the bank, the same for the same facts: ISO 20022 allows 35. */
const numberOf = (facts: readonly unknown[]): string =>
  `KY${hashOf(facts).slice(0, 30).toUpperCase()}`

function distinct<T extends { readonly holder: string; readonly holderId: string }>(
  holders: readonly T[],
): T[] {
  return [...new Map(holders.map((each) => [`${each.holder}/${each.holderId}`, each])).values()]
}

// --- after a restore, and verifying ----------------------------------------------------------------

/** What payments of a tenant do not agree with the ledger. */
export type PaymentFault =
  | { readonly code: 'paying_differs'; readonly fund: string; readonly payee: string }
  | { readonly code: 'order_differs'; readonly item: string }

export async function verifyPayments(sql: Sql, tenant: string): Promise<readonly PaymentFault[]> {
  const paying = await store.payingThatDiffers(sql, tenant)
  const items = await store.itemsThatDiffer(sql, tenant)
  return [
    ...paying.map((each) => ({ code: 'paying_differs' as const, ...each })),
    ...items.map((item) => ({ code: 'order_differs' as const, item })),
  ]
}

/** What became of what these entries owe, by fund: ordered, or paid by the bank. What no order holds is not among it. */
export const paidBy = store.paidBy

/** Waits for whatever payments are being ordered, so that nobody pays by hand what is ordered at the same time. */
export const turnOfPayments = store.lockPayments

/** Nothing is ordered from here on until somebody says what the bank was sent since. */
export const holdPayments = store.insertHold
