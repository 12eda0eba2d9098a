import { randomUUID } from 'node:crypto'
import { firstDay, lastDay, type Month, nextMonth } from '#base/month.ts'
import { addDays, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { productFigures } from '#domains/enrolment/figures.service.ts'
import { columnsOf } from '#domains/ledger/index.ts'
import { balancesUnder, booksUntil, claimsOfFund, findLegs, post } from '#domains/ledger/service.ts'
import { turnOfPayments } from '#domains/payments/service.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { maySay, type SayRefusal } from './agreement.ts'
import { checkPanel, closable, type MonthRefusal, openMonth, type PanelFault } from './panel.ts'
import { movedParts, owedBy, partsOf, receivedLegs, sharedLegs } from './shares.ts'
import { accountOf, statementOf, totalOf } from './statement.ts'
import * as store from './store.ts'
import type { Claim, PanelTerms, Product, RecordState, SaidAct } from './types.ts'

export type CoinsuranceRefusal =
  | PanelFault
  | MonthRefusal
  | SayRefusal
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_panel' | 'unknown_receipt' }
  | { readonly code: 'record_decided'; readonly state: RecordState; readonly by: string }
  | { readonly code: 'another_person_confirms'; readonly made: string }
  | { readonly code: 'panel_in_use'; readonly month: Month }
  | { readonly code: 'panel_has_receipts'; readonly receipts: number }
  | { readonly code: 'panel_not_confirmed'; readonly state: RecordState }
  | {
      readonly code: 'claims_without_panel'
      readonly from: string
      readonly until: string
      readonly claims: readonly Claim[]
    }
  | { readonly code: 'month_open'; readonly month: Month }
  | { readonly code: 'no_month_closed' }
  | { readonly code: 'not_a_coinsurer'; readonly insurer: string }
  | { readonly code: 'receipt_known'; readonly insurer: string; readonly reference: string }
  | { readonly code: 'received_in_future'; readonly today: string }
  | { readonly code: 'received_before_panel'; readonly from: string }
  | { readonly code: 'coinsurer_owed_less'; readonly insurer: string; readonly owed: number }

type Answered<T> = Promise<Result<T, CoinsuranceRefusal>>

export type CoinsuranceService = ReturnType<typeof createCoinsuranceService>

/**
 * 共保: insurers who share a product. What they agreed is confirmed by a second person; the claims of a month are shared
 * once, when the ledger has nothing more to book in it; what insurers pay the lead is confirmed by a second person too.
 */
export function createCoinsuranceService({
  database,
  products,
  today,
}: {
  readonly database: Guarded
  /** What can be shared, by the rules as they are now. */
  products(actor: Actor, sql?: Sql): Promise<readonly Product[]>
  today(): PlainDate
}) {
  /** Commands about co-insurance take turns within a tenant. */
  const change = changesIn<CoinsuranceRefusal>(database, store.lockCoinsurance)

  // --- panels -------------------------------------------------------------------------------------

  /** The product of a panel as it could be confirmed now, or what is in the way. */
  async function checked(sql: Sql, actor: Actor, terms: PanelTerms) {
    const standing = await store.confirmedOf(sql, actor.tenant, terms.fund)
    return checkPanel(terms, await products(actor, sql), standing)
  }

  /** Enters what insurers agreed. It holds when another person has confirmed it. */
  const propose = (
    actor: Actor,
    key: string,
    terms: PanelTerms,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['enter panel', terms.scheme, terms], async (sql) => {
      const product = await checked(sql, actor, terms)
      if (!product.ok) return product
      const id = randomUUID()
      const rules = product.value.rules.map(({ rule }) => rule)
      await store.insertPanel(sql, actor.tenant, { id, terms, rules, user: actor.name })
      return ok({ id })
    })

  const confirm = (actor: Actor, key: string, id: string): Answered<{ readonly id: string }> =>
    change(actor, key, ['confirm panel', id], async (sql) => {
      const panel = await store.findPanel(sql, actor.tenant, id)
      if (!panel) return err({ code: 'unknown_panel' })
      const second = bySecond(panel, actor)
      if (!second.ok) return second
      const product = await checked(sql, actor, panel)
      if (!product.ok) return product
      const rules = product.value.rules.map(({ rule }) => rule)
      await store.decidePanel(sql, actor.tenant, id, {
        state: 'confirmed',
        user: actor.name,
        rules,
      })
      return ok({ id })
    })

  /** Gives a panel up: one that nobody has confirmed, or under which nothing was shared or paid. */
  const withdraw = (
    actor: Actor,
    key: string,
    id: string,
    reason: string,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['withdraw panel', id, reason], async (sql) => {
      const panel = await store.findPanel(sql, actor.tenant, id)
      if (!panel) return err({ code: 'unknown_panel' })
      if (panel.state === 'withdrawn') return err(decided(panel))
      if (panel.closedUntil !== null) return err({ code: 'panel_in_use', month: panel.closedUntil })
      const paid = (await store.receiptsOf(sql, actor.tenant, id)).filter(
        ({ state }) => state !== 'withdrawn',
      )
      if (paid.length > 0) return err({ code: 'panel_has_receipts', receipts: paid.length })
      await store.decidePanel(sql, actor.tenant, id, {
        state: 'withdrawn',
        user: actor.name,
        reason,
      })
      return ok({ id })
    })

  const panels = (actor: Actor) => store.panelsOf(database.as(actor), actor.tenant)

  // --- months -------------------------------------------------------------------------------------

  /** Shares the claims of a month: what each insurer owes the lead by it is posted, and never changed. */
  const close = (
    actor: Actor,
    key: string,
    id: string,
    month: Month,
  ): Answered<{ readonly month: Month; readonly claims: number; readonly shared: number }> =>
    change(actor, key, ['close coinsurance month', id, month], async (sql) => {
      const { tenant, name: user } = actor
      const panel = await store.findPanel(sql, tenant, id)
      if (!panel) return err({ code: 'unknown_panel' })
      if (panel.state !== 'confirmed')
        return err({ code: 'panel_not_confirmed', state: panel.state })
      const done = await store.monthsOf(sql, tenant, id)
      const last = done.at(-1)
      const may = closable(panel, month, {
        last: last?.month,
        booksUntil: await booksUntil(sql, tenant),
      })
      if (!may.ok) return may
      const rules = await rulesOf(sql, actor, panel)
      const covered = await nothingForgotten(sql, tenant, { panel, rules, month })
      if (!covered.ok) return covered
      const { fund, from, members } = panel
      const claims = (
        await claimsOfFund(sql, tenant, { fund, from, until: lastDay(month) })
      ).filter(({ rule }) => rules.has(rule))
      const [before, after] = [totalOf(last?.claims ?? []), totalOf(claims)]
      const enrolled = await productFigures(sql, tenant, {
        scheme: panel.scheme,
        from,
        until: lastDay(month),
      })
      const moved = movedParts(before, after, members)
      const cumulative = partsOf(after, members)
      await store.insertMonth(sql, tenant, {
        panel: id,
        month,
        claims,
        enrolled,
        members,
        moved,
        cumulative,
        user,
      })
      const legs = sharedLegs(panel, moved)
      await post(sql, actor, [{ subject: subjectOf(id, month), kind: 'shared', legs }])
      const shared = totalOf(
        legs.map(({ credit, amount }) => ({ amount: credit === 'ceded' ? amount : -amount })),
      )
      return ok({ month, claims: after - before, shared })
    })

  /** The rules of a panel: those that were confirmed, and what the product has gained since. */
  async function rulesOf(sql: Sql, actor: Actor, panel: store.PanelRow): Promise<Set<string>> {
    const product = (await products(actor, sql)).find(
      ({ scheme, fund }) => scheme === panel.scheme && fund === panel.fund,
    )
    return new Set([...panel.rules, ...(product?.rules.map(({ rule }) => rule) ?? [])])
  }

  /** Whether everything that the fund was claimed in a month, and since the panel before, belongs to a panel. */
  async function nothingForgotten(
    sql: Sql,
    tenant: string,
    {
      panel,
      rules,
      month,
    }: {
      readonly panel: store.PanelRow
      readonly rules: ReadonlySet<string>
      readonly month: Month
    },
  ): Answered<object> {
    const { fund, scheme, from } = panel
    const all = await store.confirmedOf(sql, tenant, fund)
    const [begin, end] = [firstDay(month), lastDay(month)]
    const others = all.filter((each) => each.from <= begin && end <= each.until)
    const shared = new Set([...rules, ...others.flatMap((each) => each.rules)])
    const left = (await claimsOfFund(sql, tenant, { fund, from: begin, until: end })).filter(
      ({ rule, amount }) => amount !== 0 && !shared.has(rule),
    )
    if (left.length > 0)
      return err({ code: 'claims_without_panel', from: begin, until: end, claims: left })
    if (begin !== from) return ok({})
    const earlier = all.findLast((each) => each.scheme === scheme && each.until < from)
    if (!earlier) return ok({})
    const open = openMonth(earlier, earlier.closedUntil ?? undefined)
    if (open !== undefined) return err({ code: 'earlier_month_open', month: open })
    const gap = { from: addDays(earlier.until, 1), until: addDays(from, -1) }
    const lost = (await claimsOfFund(sql, tenant, { fund, ...gap })).filter(
      ({ rule, amount }) => amount !== 0 && rules.has(rule),
    )
    return lost.length > 0 ? err({ code: 'claims_without_panel', ...gap, claims: lost }) : ok({})
  }

  // --- receipts -----------------------------------------------------------------------------------

  /** Records money between an insurer and the lead. It counts when another person has confirmed it. */
  const receive = (
    actor: Actor,
    key: string,
    id: string,
    receipt: {
      readonly insurer: string
      readonly on: PlainDate
      readonly amount: number
      readonly reference: string
    },
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['record coinsurance receipt', id, receipt], async (sql) => {
      const { tenant, name: madeBy } = actor
      const panel = await store.findPanel(sql, tenant, id)
      if (!panel) return err({ code: 'unknown_panel' })
      if (panel.state !== 'confirmed')
        return err({ code: 'panel_not_confirmed', state: panel.state })
      const { insurer, on, reference } = receipt
      if (insurer === panel.lead || !panel.members.some((each) => each.insurer === insurer))
        return err({ code: 'not_a_coinsurer', insurer })
      if (on > today()) return err({ code: 'received_in_future', today: today() })
      if (on < panel.from) return err({ code: 'received_before_panel', from: panel.from })
      const known = (await store.receiptsOf(sql, tenant, id)).some(
        (each) =>
          each.insurer === insurer && each.reference === reference && each.state !== 'withdrawn',
      )
      if (known) return err({ code: 'receipt_known', insurer, reference })
      const own = randomUUID()
      await store.insertReceipt(sql, tenant, { ...receipt, id: own, panel: id, madeBy })
      return ok({ id: own })
    })

  const confirmReceipt = (
    actor: Actor,
    key: string,
    id: string,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['confirm coinsurance receipt', id], async (sql) => {
      const { tenant, name: user } = actor
      const receipt = await store.findReceipt(sql, tenant, id)
      const panel = receipt && (await store.findPanel(sql, tenant, receipt.panel))
      if (!panel) return err({ code: 'unknown_receipt' })
      const second = bySecond(receipt, actor)
      if (!second.ok) return second
      const owed = receipt.amount < 0 ? await owedTo(sql, tenant, panel, receipt.insurer) : 0
      // What a payment batch has ordered to the insurer is not owed any more: it is not paid by hand as well.
      if (-receipt.amount > owed)
        return err({ code: 'coinsurer_owed_less', insurer: receipt.insurer, owed })
      await store.decideReceipt(sql, tenant, id, { state: 'confirmed', user })
      const legs = receivedLegs(panel, receipt)
      await post(sql, actor, [{ subject: `coinsurance ${id}`, kind: 'received', legs }])
      return ok({ id })
    })

  /** What the lead of a panel owes an insurer now; nothing where the insurer owes it. */
  async function owedTo(
    sql: Sql,
    tenant: string,
    { fund, from }: store.PanelRow,
    insurer: string,
  ): Promise<number> {
    await turnOfPayments(sql, tenant)
    const account = owedBy(insurer, from)
    const found = (await balancesUnder(sql, tenant, 'coinsurer')).find(
      (each) => each.fund === fund && each.account === account,
    )
    return Math.max(0, -(found?.amount ?? 0))
  }

  const withdrawReceipt = (
    actor: Actor,
    key: string,
    id: string,
    reason: string,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['withdraw coinsurance receipt', id, reason], async (sql) => {
      const receipt = await store.findReceipt(sql, actor.tenant, id)
      if (!receipt) return err({ code: 'unknown_receipt' })
      if (receipt.state !== 'proposed') return err(decided(receipt))
      await store.decideReceipt(sql, actor.tenant, id, {
        state: 'withdrawn',
        user: actor.name,
        reason,
      })
      return ok({ id })
    })

  async function receipts(actor: Actor, id: string) {
    const sql = database.as(actor)
    if (!(await store.findPanel(sql, actor.tenant, id)))
      return err({ code: 'unknown_panel' } as const)
    return ok(await store.receiptsOf(sql, actor.tenant, id))
  }

  // --- what is said of a month --------------------------------------------------------------------

  /** Says something of an insurer's part of a closed month, with what the insurer owed by it as it stands now. */
  const say = (
    actor: Actor,
    key: string,
    id: string,
    said: {
      readonly month: Month
      readonly insurer: string
      readonly act: SaidAct
      readonly reason: string | null
    },
  ): Answered<{ readonly id: string }> =>
    change(actor, key, [`${VERBS[said.act]} coinsurance statement`, id, said], async (sql) => {
      const { tenant, name: madeBy } = actor
      const { month, insurer, act } = said
      const panel = await store.findPanel(sql, tenant, id)
      if (!panel) return err({ code: 'unknown_panel' })
      if (insurer === panel.lead) return err({ code: 'not_a_coinsurer', insurer })
      const share = (await store.sharesOf(sql, tenant, id, month)).find(
        (each) => each.insurer === insurer,
      )
      if (!share)
        return panel.members.some((each) => each.insurer === insurer)
          ? err({ code: 'month_open', month })
          : err({ code: 'not_a_coinsurer', insurer })
      const last = (await store.actsOf(sql, tenant, id)).find(
        (each) => each.month === month && each.insurer === insurer,
      )
      const may = maySay(last?.act, act, { month, insurer })
      if (!may.ok) return may
      const paid = (await store.receiptsOf(sql, tenant, id)).filter(
        (each) =>
          each.insurer === insurer &&
          each.state === 'confirmed' &&
          each.on < `${nextMonth(month)}-01`,
      )
      const own = randomUUID()
      const closing = share.cumulative - totalOf(paid)
      await store.insertAct(sql, tenant, id, { ...said, id: own, closing, madeBy })
      return ok({ id: own })
    })

  /** 确认或异议: what an insurer says of its own part of a month. */
  const agree = (
    actor: Actor,
    key: string,
    id: string,
    said: {
      readonly month: Month
      readonly act: 'agreed' | 'objected'
      readonly reason: string | null
    },
  ) => say(actor, key, id, { ...said, insurer: insurerOf(actor) ?? '' })

  /** 答复: what whoever keeps the lead's books says to an objection. */
  const answer = (
    actor: Actor,
    key: string,
    id: string,
    said: { readonly month: Month; readonly insurer: string; readonly reason: string },
  ) => say(actor, key, id, { ...said, act: 'answered' })

  async function acts(actor: Actor, id: string) {
    const sql = database.as(actor)
    if (!(await store.findPanel(sql, actor.tenant, id)))
      return err({ code: 'unknown_panel' } as const)
    return ok(await store.actsOf(sql, actor.tenant, id))
  }

  // --- statements ---------------------------------------------------------------------------------

  /** The closed months of a panel, and which is closed next. */
  async function months(actor: Actor, id: string) {
    const sql = database.as(actor)
    const panel = await store.findPanel(sql, actor.tenant, id)
    if (!panel) return err({ code: 'unknown_panel' } as const)
    const closed = await store.monthsOf(sql, actor.tenant, id)
    const next = panel.state === 'confirmed' ? openMonth(panel, closed.at(-1)?.month) : undefined
    return ok({
      months: closed.map(({ claims, ...month }, i) => {
        const inYear = totalOf(claims)
        return {
          ...month,
          claims: { inMonth: inYear - totalOf(closed[i - 1]?.claims ?? []), inYear },
        }
      }),
      next:
        next === undefined
          ? null
          : { month: next, over: ((await booksUntil(sql, actor.tenant)) ?? '') >= lastDay(next) },
    })
  }

  /** 对账单: everything about a panel up to a month that is closed, the last one where none is named. */
  async function statement(
    actor: Actor,
    id: string,
    asked: { readonly month?: Month | undefined; readonly insurer?: string | undefined },
  ) {
    const { tenant } = actor
    const own = insurerOf(actor)
    // Another insurer's part is not there, nor is a panel that is not one's own.
    if (own !== undefined && asked.insurer !== undefined && asked.insurer !== own)
      return err({ code: 'unknown_panel' } as const)
    if (!(await store.findPanel(database.as(actor), tenant, id)))
      return err({ code: 'unknown_panel' } as const)
    const of = own ?? asked.insurer
    // What one owes follows from everybody's shares, in their order: the program works it out, and shows one's own.
    return database.as({ tenant, role: 'system' }).transaction(async (sql) => {
      const panel = await store.findPanel(sql, tenant, id)
      if (!panel) return err({ code: 'unknown_panel' } as const)
      const closed = await store.monthsOf(sql, tenant, id)
      const month = asked.month ?? closed.at(-1)?.month
      if (month === undefined) return err({ code: 'no_month_closed' } as const)
      const shared = closed.find((each) => each.month === month)
      if (!shared) return err({ code: 'month_open', month } as const)
      if (of !== undefined && !panel.members.some(({ insurer }) => insurer === of))
        return err({ code: 'not_a_coinsurer', insurer: of } as const)
      const { scheme, fund } = panel
      const all = await store.receiptsOf(sql, tenant, id)
      const received = [
        ...all.filter(({ state }) => state === 'confirmed'),
        ...(await store.paidTo(sql, tenant, panel)),
      ]
      const found = statementOf(panel, month, { closed, received })
      const product = (await products(actor, sql)).find(
        (each) => each.scheme === scheme && each.fund === fund,
      )
      const titles = new Map(product?.rules.map(({ rule, title }) => [rule, title]))
      const leadName =
        panel.members.find(({ insurer }) => insurer === panel.lead)?.name ?? panel.lead
      return ok({
        ...found,
        of,
        panel: {
          ...panel,
          leadName,
          members: panel.members.filter(({ insurer }) => own === undefined || insurer === own),
        },
        product: product?.title ?? { zh: scheme, en: scheme },
        teaching: product?.teaching ?? false,
        enrolled: shared.enrolled,
        account: of === undefined ? [] : accountOf(panel, of, month, { closed, received }),
        asOf: shared.closedAt.slice(0, 10),
        printedOn: today(),
        liabilities: found.liabilities.map((each) => ({
          ...each,
          title: titles.get(each.rule) ?? { zh: each.rule, en: each.rule },
        })),
        insurers: found.insurers.filter(({ insurer }) => of === undefined || insurer === of),
      })
    })
  }

  return {
    products: (actor: Actor) => products(actor),
    propose,
    confirm,
    withdraw,
    panels,
    months,
    close,
    receive,
    confirmReceipt,
    withdrawReceipt,
    receipts,
    agree,
    answer,
    acts,
    statement,
  }
}

/** What a statement has, with the names of everything on it. */
export type FullStatement = Extract<
  Awaited<ReturnType<CoinsuranceService['statement']>>,
  { readonly ok: true }
>['value']

/** For whom somebody speaks who signs in for an insurer: for it alone. */
const insurerOf = ({ role, scope }: Actor): string | undefined =>
  role === 'insurer' ? (scope?.insurer ?? '') : undefined

const VERBS = { agreed: 'agree', objected: 'object', answered: 'answer' } as const

type Entered = Pick<store.ReceiptRow, 'state' | 'madeBy' | 'decidedBy'>

const decided = ({ state, decidedBy }: Entered) =>
  ({ code: 'record_decided', state, by: decidedBy ?? '' }) as const

/** Whether somebody may confirm what another entered. */
function bySecond(record: Entered, { name }: Actor): Result<object, CoinsuranceRefusal> {
  if (record.state !== 'proposed') return err(decided(record))
  if (record.madeBy === name) return err({ code: 'another_person_confirms', made: record.madeBy })
  return ok({})
}

const subjectOf = (panel: string, month: Month): string => `coinsurance ${panel} ${month}`

// --- verifying -----------------------------------------------------------------------------------

/** What does not hold between closed months, receipts and the ledger, and where. */
export type CoinsuranceFault =
  | {
      readonly code: 'claims_differ' | 'shares_differ' | 'shared_otherwise'
      readonly panel: string
      readonly month: Month
    }
  | { readonly code: 'received_otherwise'; readonly receipt: string }
  | { readonly code: 'owes_differs'; readonly fund: string; readonly account: string }

/**
 * Compares every closed month with the ledger: its claims are what was booked by its end, its shares are the parts of
 * them, its entry is their movement; and what insurers owe on the books is what was shared less what was received.
 */
export async function verifyCoinsurance(
  sql: Sql,
  tenant: string,
): Promise<readonly CoinsuranceFault[]> {
  const faults: CoinsuranceFault[] = []
  const owed = new Map<string, number>()
  const add = (fund: string, account: string, amount: number) => {
    const key = `${fund} ${account}`
    owed.set(key, (owed.get(key) ?? 0) + amount)
  }
  const same = (a: readonly object[], b: readonly object[]) =>
    JSON.stringify(a) === JSON.stringify(b)
  for (const panel of await store.panelsOf(sql, tenant)) {
    const { id, fund, from, members, lead } = panel
    let before = 0
    for (const { month, claims } of await store.monthsOf(sql, tenant, id)) {
      const at = { panel: id, month }
      const booked = new Map(
        (await claimsOfFund(sql, tenant, { fund, from, until: lastDay(month) })).map(
          ({ rule, amount }) => [rule, amount],
        ),
      )
      if (claims.some(({ rule, amount }) => (booked.get(rule) ?? 0) !== amount))
        faults.push({ code: 'claims_differ', ...at })
      const after = totalOf(claims)
      const moved = movedParts(before, after, members)
      const parts = partsOf(after, members)
      const kept = await store.sharesOf(sql, tenant, id, month)
      const expected = members.map(({ insurer }, i) => ({
        insurer,
        moved: moved[i],
        cumulative: parts[i],
      }))
      const inOrder = members.flatMap(({ insurer }) =>
        kept.filter((each) => each.insurer === insurer),
      )
      if (!same(expected, inOrder) || kept.length !== members.length)
        faults.push({ code: 'shares_differ', ...at })
      const legs = await findLegs(sql, tenant, subjectOf(id, month), 'shared')
      if (!same([columnsOf(legs)], [columnsOf(sharedLegs(panel, moved))]))
        faults.push({ code: 'shared_otherwise', ...at })
      for (const { insurer, moved: part } of kept)
        if (insurer !== lead) add(fund, owedBy(insurer, from), part)
      before = after
    }
    for (const receipt of await store.receiptsOf(sql, tenant, id)) {
      const legs = await findLegs(sql, tenant, `coinsurance ${receipt.id}`, 'received')
      const counts = receipt.state === 'confirmed'
      if (!same([columnsOf(legs)], [columnsOf(counts ? receivedLegs(panel, receipt) : [])]))
        faults.push({ code: 'received_otherwise', receipt: receipt.id })
      if (counts) add(fund, owedBy(receipt.insurer, from), -receipt.amount)
    }
    for (const { insurer, amount } of await store.paidTo(sql, tenant, panel))
      add(fund, owedBy(insurer, from), -amount)
  }
  for (const { fund, account, amount } of await balancesUnder(sql, tenant, 'coinsurer')) {
    if (owed.get(`${fund} ${account}`) !== amount)
      faults.push({ code: 'owes_differs', fund, account })
    owed.delete(`${fund} ${account}`)
  }
  for (const [key, amount] of owed) {
    const [fund = '', account = ''] = key.split(' ')
    if (amount !== 0) faults.push({ code: 'owes_differs', fund, account })
  }
  return faults.slice(0, MOST_FAULTS)
}

/** Enough to see what kind of fault it is. */
const MOST_FAULTS = 20
