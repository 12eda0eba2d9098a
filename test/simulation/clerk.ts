/**
 * Plays years into a real database, through the services, and compares what is kept with what an office without a
 * database comes to. A process of its own, so that it can be killed: `play.ts` starts it again where it was, and every
 * command is given again with its key.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { readWorkingDays } from '#app/working-days.ts'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { columnsOf, type LegColumns, legsIn } from '#domains/ledger/index.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import { createDueService } from '#domains/settlement/due.service.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import { createSettlementService, rulesHash } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import { type Database, openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { check } from './books.ts'
import {
  type Answers,
  answersTo,
  BOOKS,
  concernsAll,
  type Fact,
  type Heard,
  INSTITUTIONS,
  isBooked,
  RULES,
  rulingOn,
  strangerIn,
  TODAY,
  WITHOUT_ACCOUNT,
  type Year,
  yearOf,
} from './facts.ts'
import { type File, Office } from './office.ts'
import { again } from './patience.ts'

const [url = '', seeds = '', round = ''] = process.argv.slice(2)

/** A transaction waits for the disk more than for anybody: so many years are played at once. */
const AT_ONCE = 6
/** Years that concern nobody else share a tenant, where no round is named. */
const SHARED = 'shared'
const PURPOSE = '购药'
/** An order that nobody gave. */
const STRANGER = 'KYNOBODY'

const database = openDatabase(url, { max: 2 * AT_ONCE, role: SERVER_ROLE })
const owner = openDatabase(url, { max: AT_ONCE })
const { settlement, statements, enrolment, due, payments } = openDesk(database)

await again(() =>
  owner.query(
    `create table if not exists told_facts (key text primary key, taken boolean not null);
     create table if not exists agendas (key text primary key, agenda jsonb not null)`,
  ),
)

process.stdout.write('begun\n')
const years = seeds.split(',').map(Number)
await Promise.all(Array.from({ length: AT_ONCE }, playOn))
await Promise.all([database.close(), owner.close()])

async function playOn(): Promise<void> {
  for (let seed = years.shift(); seed !== undefined; seed = years.shift()) {
    try {
      await playInto(yearOf(seed))
    } catch (cause) {
      throw new Error(`to see it again: SEED=${seed} SEEDS=1 npm run test:simulation`, { cause })
    }
    process.stdout.write(`${seed}\n`)
  }
}

function openDesk(on: Database) {
  const today = () => TODAY
  const secrets = createSecrets(Buffer.alloc(32, 1))
  const settlement = createSettlementService({
    database: on,
    today,
    allowUndated: () => true,
    secrets,
    books: new Map(RULES.map((files, i) => [rulesHash(files), BOOKS[i] as SchemeBook])),
  })
  return {
    settlement,
    statements: createStatementService({ database: on, settlement }),
    due: createDueService({ database: on, settlement }),
    enrolment: createEnrolmentService({
      database: on,
      today,
      bookOf: async (actor) => (await settlement.rules(actor)).book,
      secrets,
      settlement,
    }),
    payments: createPaymentService({
      database: on,
      secrets,
      today,
      workingDays: readWorkingDays(),
    }),
  }
}

async function playInto({ seed, facts }: Year): Promise<void> {
  const alone = facts.some(concernsAll) || round !== ''
  const tenant = alone ? `year-${seed}${round}` : SHARED
  const actor: Actor = { tenant, user: '', name: 'handler', role: 'handler' }
  await again(() => prepare(actor))
  const office = new Office()
  for (const [i, fact] of facts.entries()) {
    const { taken } = office.learn(fact)
    const said = office.asKept(fact)
    const told = await again(() => tellOnce(actor, `${seed} ${i}`, said, office))
    assert.equal(told, taken, `fact ${i}, ${fact.kind}, is taken or refused alike`)
  }
  check(office, office.files.values())
  for (const file of office.files.values()) await again(() => compare(actor, file))
  await again(() => compareBooks(actor, office, alone ? undefined : `s${seed}-`))
}

async function prepare(actor: Actor): Promise<void> {
  const { tenant } = actor
  await owner.query(
    'insert into tenants (id, name, demonstration) values ($1, $1, false) on conflict do nothing',
    [tenant],
  )
  await owner.query(
    `insert into institutions (tenant_id, id, name, kind) select $1, g, g, 'hospital' from unnest($2::text[]) as g
     on conflict do nothing`,
    [tenant, [...new Set(INSTITUTIONS)]],
  )
  await settlement.ensureRules(tenant, RULES[0], 'the rules of a simulated year')
  const use = { purpose: PURPOSE, from: '2020-01-01' as PlainDate, permitted: true }
  const source = { source: '示例', article: null }
  const admin: Actor = { ...actor, name: 'admin', role: 'admin' }
  const used = await enrolment.accountUse(admin, 'use', { ...use, ...source })
  assert(used.ok, JSON.stringify(used))
}

/**
 * What was answered is noted, and not asked again after a kill: a refusal leaves its key unused, and so does a clearing
 * that found nothing, and either might be taken then, because of what came later.
 */
async function tellOnce(actor: Actor, key: string, fact: Fact, office: Office): Promise<boolean> {
  const name = `${actor.tenant} ${key}`
  const [known] = await owner.query<{ taken: boolean }>(
    'select taken from told_facts where key = $1',
    [name],
  )
  if (known) return known.taken
  const taken = await tell(actor, key, fact, office)
  await owner.query('insert into told_facts (key, taken) values ($1, $2) on conflict do nothing', [
    name,
    taken,
  ])
  return taken
}

/** Gives one fact to the services. Whether it was taken; given again, it is what it was. */
async function tell(actor: Actor, key: string, fact: Fact, office: Office): Promise<boolean> {
  const known = await settlement.command(actor, key)
  if (known.ok) return true
  switch (fact.kind) {
    case 'person': {
      const persons = [{ person: fact.person, totals: new Map() }]
      return isTaken(await settlement.addBills(actor, key, { persons, bills: [] }))
    }
    case 'bill': {
      const { bill } = fact
      const upload = { persons: [], bills: [bill] }
      assert(isTaken(await settlement.addBills(actor, `${key} upload`, upload)))
      return isTaken(await settlement.settle(actor, key, bill.id, { steps: false }))
    }
    case 'reversal': {
      const [row] = await owner.query<{ id: string }>(
        `select id from settlements where tenant_id = $1 and bill_id = $2 and state = 'settled'`,
        [actor.tenant, fact.bill],
      )
      return row !== undefined && isTaken(await settlement.reverse(actor, key, row.id, 'reversed'))
    }
    case 'correction': {
      const { bill } = fact
      return isTaken(await statements.correct(actor, key, bill.id, bill, 'corrected'))
    }
    case 'account': {
      const { person, on, amount } = fact
      const asked =
        amount < 0
          ? ({ act: 'use', purpose: PURPOSE, amount: -amount } as const)
          : ({ act: 'credit', purpose: undefined, amount } as const)
      const more = { on, counterpart: undefined, reference: key }
      return isTaken(await enrolment.account(actor, key, person, { ...asked, ...more }))
    }
    case 'clearing': {
      const cleared = await statements.clear(actor, key, {
        from: '2025-01-01',
        until: '2025-12-31',
      })
      assert(cleared.ok || cleared.error.code === 'nothing_to_clear', JSON.stringify(cleared))
      return true
    }
    case 'payment':
      await giveAccounts(actor.tenant, office)
      return pay(actor.tenant, fact.run, office)
    // A run that had nothing to pay was never made.
    case 'answers':
      return office.runs.has(fact.run) && (await answer(actor.tenant, fact.run, office))
    case 'late-answers':
      return office.runs.has(fact.run) && (await answerLate(actor.tenant, fact.run, office))
    case 'merge': {
      const asked = { from: fact.from, into: fact.into, reason: 'merged' }
      const merged = isTaken(await enrolment.merge(actor, key, asked))
      await settleWaiting(actor.tenant)
      return merged
    }
    case 'decision':
      await decide(actor, key, fact.sitting)
      return true
    case 'rules':
      await correctRules(actor, key)
      return true
  }
}

// --- payments ------------------------------------------------------------------------------------

/** Who makes a run and who releases it, the run made, and the keys of what is done to it. */
async function runOf(tenant: string, run: string, office: Office) {
  const cashier = (name: string): Actor => ({ tenant, user: name, name, role: 'cashier' })
  const [maker, second] = [cashier('maker'), cashier('second')]
  const key = (step: string) => `${run} ${step}`
  const asked = { until: plainDate('9999-12-31'), payOn: TODAY, fund: office.fundOf.get(run) }
  const made = await payments.make(maker, key('make'), asked)
  const id = made.ok ? made.value.id : undefined
  if (!made.ok) assert.equal(made.error.code, 'nothing_to_pay')
  const orders = id === undefined ? [] : granted(await payments.batch(maker, id, 0)).orders
  return { maker, second, key, id, orders }
}

/** Made by one cashier, released by another, and sent. */
async function pay(tenant: string, run: string, office: Office): Promise<boolean> {
  const { maker, second, key, id, orders } = await runOf(tenant, run, office)
  if (id === undefined) return false
  granted(await payments.submit(maker, key('submit'), id))
  const amount = orders.reduce((sum, each) => sum + each.amount, 0)
  const seen = { orders: orders.length, amount }
  granted(await payments.release(second, key('release'), id, seen))
  granted(await payments.send(maker, key('send'), id))
  return true
}

/** The bank's files, what does not fit decided, what failed confirmed, and the run closed. */
async function answer(tenant: string, run: string, office: Office): Promise<boolean> {
  const { maker, key, id = '', orders } = await runOf(tenant, run, office)
  const [first] = orders
  const stranger = strangerIn(run)
  const row = (status: string) =>
    stranger
      ? [`${STRANGER}${run.replace(' ', '-')},${status},${(stranger.amount / 100).toFixed(2)},`]
      : []
  const isBack = stranger?.comesBack && isBooked(run, 'unknown_order', first?.payee ?? '')
  await takeIn(tenant, run, 'first', office, ({ files }) => files[0], row('settled'))
  await takeIn(tenant, run, 'next', office, ({ files }) => files[1])
  await decideBreaks(tenant, run, office)
  await takeIn(
    tenant,
    run,
    'afterwards',
    office,
    ({ afterwards }) => afterwards,
    isBack ? row('returned') : [],
  )
  await decideBreaks(tenant, run, office)
  for (const { id: item, no } of orders) {
    const { state } = granted(await payments.item(maker, item))
    if (state === 'failed' || state === 'returned' || state === 'unpaid')
      granted(await payments.confirmFailure(maker, key(`confirm ${no}`), item, '银行来函'))
  }
  granted(await payments.close(maker, key('close'), id))
  await settleWaiting(tenant)
  return true
}

/** A second person decides about everything that does not fit. */
async function decideBreaks(tenant: string, run: string, office: Office): Promise<void> {
  const { second, key, orders } = await runOf(tenant, run, office)
  const [first] = orders
  for (const each of (await payments.breaks(second, { open: true })).breaks) {
    const { id, kind, endToEnd } = each
    const [fund, payee] = [each.fund ?? first?.fund, each.payee ?? first?.payee ?? '']
    const decision = isBooked(run, kind, payee) ? 'booked' : 'dismissed'
    const asked = { decision, reason: '银行来函', fund, payee } as const
    granted(await payments.decide(second, key(`decide ${kind} ${endToEnd}`), id, asked))
  }
}

/** What is paid after all, and taken on by a second person where it had been ordered again. */
async function answerLate(tenant: string, run: string, office: Office): Promise<boolean> {
  await takeIn(tenant, run, 'late', office, ({ late }) => late)
  await decideBreaks(tenant, run, office)
  return true
}

/** One file of a bank, which may send it twice. */
async function takeIn(
  tenant: string,
  run: string,
  name: string,
  office: Office,
  heardOf: (answers: Answers) => Heard | undefined,
  more: readonly string[] = [],
): Promise<void> {
  const { maker, key, orders } = await runOf(tenant, run, office)
  const rows = orders.flatMap(({ fund, payee, endToEnd, amount }) => {
    const heard = heardOf(answersTo(run, fund, payee))
    if (!heard) return []
    const { status, more: extra, reason = '' } = heard
    const yuan = extra === undefined ? '' : ((amount + extra) / 100).toFixed(2)
    return [`${endToEnd},${status},${yuan},${reason}`]
  })
  if (rows.length + more.length === 0) return
  const text = ['end_to_end_id,status,amount,reason', ...more, ...rows].join('\n')
  for (const copy of [name, `${name} again`])
    granted(await payments.takeIn(maker, key(copy), { name, text }))
}

/** Everybody who waits to be settled again is. */
async function settleWaiting(tenant: string): Promise<void> {
  for (;;) {
    await due.workOff()
    const waiting = await owner.query(
      `select from replays_due where tenant_id = $1 and step in ('check', 'apply') limit 1`,
      [tenant],
    )
    if (waiting.length === 0) return
    await sleep(10)
  }
}

/** Everybody has an account by now but one institution. */
async function giveAccounts(tenant: string, office: Office): Promise<void> {
  const handler: Actor = { tenant, user: '', name: 'handler', role: 'handler' }
  const institutions = INSTITUTIONS.filter((id) => `institution/${id}` !== WITHOUT_ACCOUNT)
  const holders = [
    ...[...new Set(office.ledger.map(({ fund }) => fund))].map((id) => ['fund', id] as const),
    ...[...new Set(institutions)].map((id) => ['institution', id] as const),
    ...[...office.files.keys()].map((id) => ['person', id] as const),
  ]
  for (const [holder, holderId] of holders)
    granted(
      await payments.addAccount(handler, `account of ${holder} ${holderId}`, {
        holder,
        holderId,
        from: plainDate('2020-01-01'),
        kind: 'account',
        name: `${holderId} 户`,
        number: '10010000000001',
        bankCode: '999000000006',
        bankName: '示例银行',
        document: '登记表',
        ...(holder === 'fund' ? { answerDays: 2 } : {}),
      }),
    )
}

/**
 * Two people decide what is proposed. What there is to decide is noted before the first word: after a kill in the middle
 * the first one's confirmations must not pass for an earlier sitting's.
 */
async function decide(actor: Actor, key: string, sitting: string): Promise<void> {
  const { tenant } = actor
  const name = `${tenant} ${key}`
  const open = await statements.adjustments(actor, ['proposed', 'confirmed-once'])
  await owner.query('insert into agendas (key, agenda) values ($1, $2) on conflict do nothing', [
    name,
    JSON.stringify(open),
  ])
  const [noted] = await owner.query<{ agenda: typeof open }>(
    'select agenda from agendas where key = $1',
    [name],
  )
  const second: Actor = { ...actor, name: 'supervisor', role: 'supervisor' }
  for (const asked of noted?.agenda ?? []) {
    const say = async (by: Actor, act: 'confirmed' | 'waived') => {
      const step = `${key} ${by.name} ${asked.id}`
      granted(await statements.decideAdjustment(by, step, asked.id, act, '会商'))
    }
    if (asked.state === 'confirmed-once') {
      await say(second, 'confirmed')
      continue
    }
    const ruling = rulingOn(sitting, asked)
    await say(actor, ruling === 'waived' ? 'waived' : 'confirmed')
    if (ruling === 'confirmed') await say(second, 'confirmed')
    if (ruling === 'waived by the second') await say(second, 'waived')
  }
}

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, JSON.stringify(done))
  return done.value
}

// --- rules ---------------------------------------------------------------------------------------

/** Publishes the corrected rules and settles everybody again by them, from wherever it was left. */
async function correctRules(actor: Actor, key: string): Promise<void> {
  const author: Actor = { ...actor, name: 'author', role: 'actuary' }
  const publisher: Actor = { ...actor, name: 'publisher', role: 'admin' }
  if ((await settlement.rules(actor)).version === 1) {
    const { id } = await settlement.addDraft(author, 'corrected', RULES[1])
    const published = await settlement.publishDraft(publisher, `${key} publish`, id, 1)
    assert(published.ok, JSON.stringify(published))
  }
  const [open] = await due.runs(actor)
  if (!open) {
    const opened = await due.openRun(actor, `${key} open`, 'corrected')
    if (!opened.ok) return assert.equal(opened.error.code, 'nobody_to_replay')
  }
  for (;;) {
    await due.workOff()
    const [run] = await due.runs(actor)
    assert(run)
    if (run.state === 'done') return
    if (run.state === 'checked') await due.decideRun(actor, `${key} start`, run.id, 'start')
    else await sleep(10)
  }
}

/** What a refusal says is left to the tests of each; only that there is one counts here. */
function isTaken(answer: Result<unknown, { readonly code: string }>): boolean {
  return answer.ok
}

/** What is kept of a person has to be what the office keeps: settlements, totals, statements and adjustments. */
async function compare({ tenant }: Actor, file: File): Promise<void> {
  const { id } = file.person
  const [person] = await owner.query<{ totals: object; latest: string | null }>(
    'select totals, latest_bill as latest from persons where tenant_id = $1 and id = $2',
    [tenant, id],
  )
  assert(person, `${id} is kept`)
  assert.deepEqual(person.totals, file.totals, `${id}: the running totals`)
  assert.equal(person.latest ?? undefined, file.latest, `${id}: the latest bill`)
  const standing = await owner.query<{ bill: string; kept: object; rules: number }>(
    `select bill_id as bill, result->'settlement' as kept, rules_version as rules from settlements
      where tenant_id = $1 and person_id = $2 and state = 'settled' order by bill_id collate "C"`,
    [tenant, id],
  )
  const stands = [...file.stands.values()]
    .toSorted((a, b) => (a.bill.id < b.bill.id ? -1 : 1))
    .map(({ bill, standing: { kept, rules } }) => ({ bill: bill.id, kept, rules }))
  assert.deepEqual(standing, stands, `${id}: what stands`)
  const adjusted = await owner.query(
    `select a.bill_id as bill, a.kind, a.from_party as "from", a.to_party as "to", a.amount, a.state
       from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 and r.person_id = any($2)`,
    [tenant, file.numbers],
  )
  assert.deepEqual(
    inOrder(adjusted),
    inOrder(
      file.adjustments.map(({ bill, kind, from, to, amount, state }) => ({
        bill,
        kind,
        from,
        to,
        amount,
        state,
      })),
    ),
    `${id}: supplements and recoveries`,
  )
}

function inOrder(all: readonly object[]): string[] {
  return all.map((each) => JSON.stringify(each)).toSorted()
}

/** Every entry of the ledger, leg by leg, every order and every run; in a tenant of many years those of the year's persons. */
async function compareBooks(
  { tenant }: Actor,
  office: Office,
  persons: string | undefined,
): Promise<void> {
  const entries = await owner.query<LegColumns & { kind: string; bill: string | null }>(
    `select kind, bill_id as bill, funds, debits, credits, to_jsonb(amounts) as amounts from ledger_entries e
      where tenant_id = $1 and ($2::text is null or starts_with(bill_id, $2)
         or exists (select from unnest(debits || credits) as a where starts_with(a, 'balance/person/' || $2)))`,
    [tenant, persons ?? null],
  )
  assert.deepEqual(
    inOrder(entries.map(({ kind, bill, ...legs }) => ({ kind, bill, legs: legsIn(legs) }))),
    inOrder(
      office.entries.map(({ kind, bill = null, legs }) => ({
        kind,
        bill,
        legs: legsIn(columnsOf(legs)),
      })),
    ),
    `${tenant}: the entries of the ledger`,
  )
  if (persons !== undefined) return
  const orders = await owner.query(
    `select i.fund, i.payee, i.amount, i.state from payment_items i
       join payment_batches b on b.tenant_id = i.tenant_id and b.id = i.batch_id where i.tenant_id = $1 order by b.no, i.no`,
    [tenant],
  )
  assert.deepEqual(
    orders,
    office.orders.map(({ fund, payee, amount, state }) => ({ fund, payee, amount, state })),
    `${tenant}: the orders`,
  )
  const runs = await owner.query<{ state: string }>(
    'select state from payment_batches where tenant_id = $1 order by no',
    [tenant],
  )
  assert.deepEqual(
    runs.map(({ state }) => state),
    [...office.runs.values()],
    `${tenant}: the runs`,
  )
  const broken = await owner.query(
    'select kind, amount, decision from payment_breaks where tenant_id = $1',
    [tenant],
  )
  assert.deepEqual(
    inOrder(broken),
    inOrder(
      office.breaks.map(({ kind, amount, booked }) => ({
        kind,
        amount,
        decision: booked ? 'booked' : 'dismissed',
      })),
    ),
    `${tenant}: what did not fit`,
  )
}
