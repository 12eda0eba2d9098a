/**
 * Payments on a real PostgreSQL: a run with a failed item that is paid again, four eyes, files out and in, breaks, two
 * cashiers at once, and a database that was restored in the middle. No money moves twice, and the books agree throughout.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { verifyLedger } from '#app/ledger-command.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { checkLedger, createLedgerService } from '#domains/ledger/service.ts'
import { type AnswerStatus, pain001 } from '#domains/payments/index.ts'
import {
  createPaymentService,
  holdPayments,
  type PaymentService,
  verifyPayments,
} from '#domains/payments/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import {
  createStatementService,
  type StatementService,
} from '#domains/settlement/statements.service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import { databaseRecords, extentOf, restoreRecords } from '#platform/backup.ts'
import { type Database, openDatabase } from '#platform/database.ts'
import { openSecrets } from '#platform/kept-keys.ts'
import type { Secrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { emptyDatabase, migratedDatabase } from './crash/database.ts'
import { readUpload, SCHEME_FILES } from './crash/teaching.ts'

const TENANT = 'city'
const BASIC = 'basicPool@teaching/shifan'
const LARGE = 'employeeLargeAmount@teaching/shifan'
const EMPLOYEE = 'teaching/shifan/employee'
let today = plainDate('2026-11-27')
const DAY = { until: plainDate('9999-12-31'), payOn: plainDate('2026-12-31') }
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const HANDLER = who('handler', 'handler')
const MAKER = who('cashier', 'cashier')
const SECOND = who('cashier2', 'cashier')
const KEY = '01'.repeat(32)
const RUN = fileURLToPath(new URL('crash/payment-run.ts', import.meta.url))
const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))
let secrets: Secrets

/** Runs the command on a database, with the data key of these tests. */
function kangyang(url: string, args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, DATABASE_URL: url, KANGYANG_DATA_KEY: KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...said })),
  )
}

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

let keys = 0
const key = () => `key ${keys++}`
const csv = (...rows: readonly (readonly string[])[]) =>
  ['end_to_end_id,status,amount,reason', ...rows.map((row) => row.join(','))].join('\n')

describe('payments', { timeout: 300_000 }, () => {
  let database: Database
  let url: string
  let close: () => Promise<void>
  let payments: PaymentService
  let settlement: SettlementService
  let statements: StatementService

  const servicesOn = (on: Database) =>
    createPaymentService({
      database: on,
      secrets,
      today: () => today,
      workingDays: readWorkingDays(),
    })

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    database = opened.database
    url = opened.url
    close = opened.close
    secrets = await openSecrets(database, [Buffer.from(KEY, 'hex')])
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    await database.query(
      `insert into institutions (tenant_id, id, name, kind) values ($1, 'H1', '第一医院', 'hospital'), ($1, 'H2', '第二医院', 'hospital')`,
      [TENANT],
    )
    settlement = createSettlementService({
      database,
      today: () => today,
      allowUndated: () => true,
      secrets,
    })
    await settlement.ensureRules(TENANT, SCHEME_FILES, 'test')
    statements = createStatementService({ database, settlement })
    payments = servicesOn(database)
    for (const [holder, holderId, number] of [
      ['fund', BASIC, '20010000000001'],
      ['institution', 'H1', '10010000000001'],
      ['institution', 'H2', '10010000000002'],
    ] as const)
      granted(
        await payments.addAccount(HANDLER, key(), {
          holder,
          holderId,
          from: plainDate('2020-01-01'),
          kind: 'account',
          name: `${holderId} 户`,
          number,
          bankCode: '999000000006',
          bankName: '示例银行',
          document: '登记表',
          ...(holder === 'fund' ? { answerDays: 2 } : {}),
        }),
      )
  })
  after(() => close?.())

  /** A person with one settled stay at a hospital; paid first by the person where `first`. Answers with the fund's part. */
  async function bill(
    person: string,
    institution: string,
    yuan: number,
    { first = false, medical = '普通门诊' } = {},
  ): Promise<number> {
    const id = `bill-${person}`
    const day = '2025-04-01'
    const input = {
      amounts: 'yuan' as const,
      persons: [
        {
          id: person,
          born: '1980-01-01',
          covers: [{ scheme: EMPLOYEE, from: '2020-01-01', answers: { class: '在职' } }],
        },
      ],
      bills: [
        {
          id,
          person,
          admitted: day,
          discharged: day,
          settled: day,
          institution,
          answers: { medical, level: '三级' },
          parts: { inScope: yuan.toFixed(2) },
          ...(first ? { invoice: { number: `24${person}`, on: day, handedIn: day } } : {}),
        },
      ],
    }
    const { persons, bills } = readUpload(input)
    granted(await settlement.addBills(HANDLER, key(), { persons, bills }))
    const { settlement: done } = granted(await settlement.settle(HANDLER, key(), id))
    return done.tiers
      .filter(({ payer }) => payer === 'basicPool')
      .reduce((sum, { paid }) => sum + paid, 0)
  }

  const balances = async (on = database): Promise<Record<string, number>> => {
    const { funds } = await createLedgerService({ database: on }).trial(
      HANDLER,
      '9999-12-31' as PlainDate,
    )
    const own = funds.find(({ fund }) => fund === BASIC)
    return Object.fromEntries(
      (own?.accounts ?? []).map(({ account, balance }) => [account, balance]),
    )
  }
  async function sound(on = database): Promise<void> {
    const { text, sound: isSound } = await verifyLedger(on, 'en')
    assert(isSound, text)
  }
  const batchOf = async (id: string) => granted(await payments.batch(HANDLER, id, 0))
  async function released(asked: object = {}, service = payments): Promise<string> {
    const { id } = granted(await service.make(MAKER, key(), { ...DAY, ...asked }))
    granted(await service.submit(MAKER, key(), id))
    const { sums } = granted(await service.batch(HANDLER, id, 0))
    const drafted = sums.find(({ state }) => state === 'drafted') ?? { orders: 0, amount: 0 }
    granted(
      await service.release(SECOND, key(), id, { orders: drafted.orders, amount: drafted.amount }),
    )
    return id
  }
  const answer = async (text: string, by = MAKER, service = payments) =>
    granted(await service.takeIn(by, key(), { name: 'answers.csv', text }))

  test('an account is kept sealed and shown masked; one whose numbers do not hold is refused', async () => {
    const wrong = {
      holder: 'person',
      holderId: 'nobody',
      from: today,
      kind: 'card',
      name: '某人',
      number: '6200000000000000019',
      bankCode: '999000000006',
      bankName: '示例银行',
      document: '登记表',
    } as const
    assert.equal(refusal(await payments.addAccount(HANDLER, key(), wrong)), 'bad_account')
    const right = { ...wrong, number: '6200000000000000018' }
    assert.equal(refusal(await payments.addAccount(HANDLER, key(), right)), 'unknown_holder')
    const [account] = await payments.accounts(HANDLER, { holder: 'institution', holderId: 'H1' })
    assert.equal(account?.number, '****0001')
    const rows = await database.query<{ it: string }>(
      `select payment_accounts::text as it from payment_accounts`,
    )
    assert(rows.every(({ it }) => !it.includes('10010000000001')))
    const commands = await database.query<{ it: string }>(
      'select commands::text as it from commands',
    )
    assert(commands.every(({ it }) => !it.includes('10010000000001')))
  })

  test('a run: made, reviewed by another, sent, answered, one item failed and paid again in the next', async () => {
    const one = await bill('a1', 'H1', 1000)
    const two = await bill('a2', 'H2', 2000)
    const { id } = granted(await payments.make(MAKER, key(), DAY))
    assert.equal(refusal(await payments.make(SECOND, key(), DAY)), 'nothing_to_pay')
    const seen = { orders: 2, amount: one + two }
    assert.equal(refusal(await payments.release(SECOND, key(), id, seen)), 'illegal_move')
    granted(await payments.submit(MAKER, key(), id))
    assert.equal(refusal(await payments.release(MAKER, key(), id, seen)), 'another_person_releases')
    assert.equal(
      refusal(await payments.release(SECOND, key(), id, { ...seen, amount: 1 })),
      'batch_changed',
    )
    assert.equal(refusal(await payments.message(MAKER, id)), 'not_released')
    granted(await payments.release(SECOND, key(), id, seen))
    assert.equal(refusal(await payments.release(SECOND, key(), id, seen)), 'illegal_move')
    let books = await balances()
    assert.equal(books['owed/institution/H1'], 0)
    assert.equal(books['paying/institution/H1'], one)

    const message = granted(await payments.message(MAKER, id))
    const xml = pain001(message)
    assert.equal(pain001(granted(await payments.message(MAKER, id))), xml, 'the same file again')
    assert.match(xml, /<Nm>H1 户<\/Nm>/)
    granted(await payments.send(MAKER, key(), id))
    const { orders } = await batchOf(id)
    const [first, second] = orders
    assert(first?.endToEnd && second?.endToEnd)
    const yuan = (one / 100).toFixed(2)
    const text = csv(
      [first.endToEnd, 'settled', yuan, ''],
      [second.endToEnd, 'failed', '', 'AC04 销户'],
    )
    assert.deepEqual(await answer(text), { again: false, answers: 2, moved: 2, same: 0, breaks: 0 })
    assert.deepEqual(await answer(text), { again: true, answers: 0, moved: 0, same: 0, breaks: 0 })
    // The same answers in another file are no news either.
    assert.equal((await answer(`${text}\n`)).same, 2)
    assert.equal((await batchOf(id)).state, 'answered')

    // Until somebody confirms the failure, nothing of it can be ordered again.
    assert.equal(refusal(await payments.make(MAKER, key(), DAY)), 'nothing_to_pay')
    assert.equal(refusal(await payments.close(MAKER, key(), id)), 'failure_not_confirmed')
    granted(await payments.confirmFailure(MAKER, key(), second.id, '银行来函'))
    assert.equal(
      refusal(await payments.confirmFailure(MAKER, key(), second.id, '银行来函')),
      'not_failed',
    )
    granted(await payments.close(MAKER, key(), id))
    books = await balances()
    assert.equal(books['owed/institution/H2'], two)
    assert.equal(books.bank, -one)
    await sound()

    const again = await released()
    const [retry] = (await batchOf(again)).orders
    assert(retry?.endToEnd && retry.endToEnd !== second.endToEnd)
    await answer(csv([retry.endToEnd, 'settled', (two / 100).toFixed(2), '']))
    granted(await payments.close(MAKER, key(), again))
    books = await balances()
    assert.equal(books.bank, -(one + two))
    assert.equal(books['owed/institution/H2'], 0)
    const { entries } = granted(await payments.item(HANDLER, retry.id))
    assert.deepEqual(
      entries.map(({ bill: id, rules }) => [id, rules.length]),
      [['bill-a2', 1]],
    )
    await sound()
  })

  test('two cashiers at once: one batch holds what is owed, and one release counts', async () => {
    const amount = await bill('b1', 'H1', 3000)
    const made = await Promise.all(
      [MAKER, SECOND, MAKER, SECOND].map((by) => payments.make(by, key(), DAY)),
    )
    assert.deepEqual(made.map(refusal).toSorted(), [
      'granted',
      'nothing_to_pay',
      'nothing_to_pay',
      'nothing_to_pay',
    ])
    const { id } = granted(made.find(({ ok }) => ok) ?? assert.fail())
    const { madeBy } = await batchOf(id)
    granted(await payments.submit(madeBy === 'cashier' ? MAKER : SECOND, key(), id))
    const others = ['x', 'y', 'z'].map((name) => who(name, 'cashier'))
    const done = await Promise.all(
      others.map((by) => payments.release(by, key(), id, { orders: 1, amount })),
    )
    assert.deepEqual(done.map(refusal).toSorted(), ['granted', 'illegal_move', 'illegal_move'])
    const [{ n = 0 } = {}] = await database.query<{ n: number }>(
      `select count(*) as n from ledger_entries e join payment_items i on i.id::text = e.subject where i.batch_id = $1`,
      [id],
    )
    assert.equal(n, 1)
    // Two answers at once as well.
    const [order] = (await batchOf(id)).orders
    const yuan = (amount / 100).toFixed(2)
    await Promise.all(
      ['', '\n', '\n\n'].map((end) =>
        answer(csv([order?.endToEnd ?? '', 'settled', yuan, '']) + end),
      ),
    )
    granted(await payments.close(MAKER, key(), id))
    await sound()
  })

  test('the database itself holds an entry for one item at a time, and an event of an order once', async () => {
    await assert.rejects(
      database.query(
        `insert into payment_claims (tenant_id, item_id, subject, kind, fund, payee, amount)
         select c.tenant_id, i.id, c.subject, c.kind, c.fund, c.payee, c.amount from payment_claims c, payment_items i
          where c.held and i.id <> c.item_id limit 1`,
      ),
      /payment_claims_held/,
    )
    await assert.rejects(
      database.query(
        `insert into ledger_entries (tenant_id, subject, kind, user_name, funds, debits, credits, amounts)
         select tenant_id, subject, kind, user_name, funds, debits, credits, amounts from ledger_entries where kind = 'paid' limit 1`,
      ),
      /ledger_entries_pkey/,
    )
  })

  test('what is taken back after the draft is not paid: the release is refused, and the next batch nets it', async () => {
    const kept = await bill('c1', 'H1', 1000)
    await bill('c2', 'H1', 2000)
    const { id } = granted(await payments.make(MAKER, key(), DAY))
    granted(await payments.submit(MAKER, key(), id))
    const { orders } = await batchOf(id)
    const [{ settlement: number = '' } = {}] = await database.query<{ settlement: string }>(
      `select id as settlement from settlements where bill_id = 'bill-c2'`,
    )
    granted(await settlement.reverse(who('handler', 'handler'), key(), number, '录错'))
    const amount = orders[0]?.amount ?? 0
    assert.equal(
      refusal(await payments.release(SECOND, key(), id, { orders: 1, amount })),
      'owed_less_now',
    )
    granted(await payments.rework(SECOND, key(), id, '应付减少'))
    granted(await payments.withdraw(MAKER, key(), id, '重新生成'))
    const next = await released()
    const [order] = (await batchOf(next)).orders
    assert.equal(order?.amount, kept)
    await answer(csv([order?.endToEnd ?? '', 'settled', (kept / 100).toFixed(2), '']))
    granted(await payments.close(MAKER, key(), next))
    await sound()
  })

  test('a bill that was reversed after it was paid is due back, as of any that was cleared', async () => {
    const paid = await bill('d1', 'H1', 1500)
    const id = await released()
    const [order] = (await batchOf(id)).orders
    await answer(csv([order?.endToEnd ?? '', 'settled', (paid / 100).toFixed(2), '']))
    granted(await payments.close(MAKER, key(), id))
    const [{ settlement: number = '' } = {}] = await database.query<{ settlement: string }>(
      `select id as settlement from settlements where bill_id = 'bill-d1'`,
    )
    granted(await settlement.reverse(HANDLER, key(), number, '录错'))
    const books = await balances()
    assert.equal(books['owed/institution/H1'], -paid)
    // The next bill of the hospital is paid with what it has to give back taken off.
    const more = await bill('d2', 'H1', 4000)
    const next = await released()
    const [netted] = (await batchOf(next)).orders
    assert.equal(netted?.amount, more - paid)
    await answer(csv([netted?.endToEnd ?? '', 'settled', ((more - paid) / 100).toFixed(2), '']))
    granted(await payments.close(MAKER, key(), next))
    await sound()
  })

  test('a person who paid first is paid back; what turns out too much is proposed, and never netted in silence', async () => {
    const paid = await bill('k1', 'H1', 1500, { first: true })
    const left = (await payments.preview(HANDLER, DAY)).left
    assert.deepEqual(
      left.filter(({ payee }) => payee === 'person/k1').map(({ amount, why }) => [amount, why]),
      [[paid, 'no_account']],
    )
    granted(
      await payments.addAccount(HANDLER, key(), {
        holder: 'person',
        holderId: 'k1',
        from: plainDate('2020-01-01'),
        kind: 'card',
        name: '王小明',
        number: '6200000000000000018',
        bankCode: '999000000006',
        bankName: '示例银行',
        document: '登记表',
      }),
    )
    const id = await released({ payee: 'person/k1' })
    const [order] = (await batchOf(id)).orders
    assert.deepEqual([order?.name, order?.number, order?.amount], ['王**', '****0018', paid])
    await answer(csv([order?.endToEnd ?? '', 'settled', (paid / 100).toFixed(2), '']))
    granted(await payments.close(MAKER, key(), id))
    const [{ settlement: number = '' } = {}] = await database.query<{ settlement: string }>(
      `select id as settlement from settlements where bill_id = 'bill-k1'`,
    )
    granted(await settlement.reverse(HANDLER, key(), number, '录错'))
    const books = await balances()
    assert.equal(books['owed/person'], 0)
    assert.equal(books['proposed/person'], paid)
    await sound()
  })

  test('a bill whose parts fail in two runs that overlap is cleared by neither, whichever fails first', async () => {
    granted(
      await payments.addAccount(HANDLER, key(), {
        holder: 'fund',
        holderId: LARGE,
        from: plainDate('2020-01-01'),
        kind: 'account',
        name: '大额户',
        number: '20010000000002',
        bankCode: '999000000006',
        bankName: '示例银行',
        answerDays: 2,
        document: '登记表',
      }),
    )
    const isCleared = async (of: string) => {
      const rows = await database.query(
        `select from cleared_settlements c join settlements s on s.id = c.settlement_id where s.bill_id = $1`,
        [of],
      )
      return rows.length > 0
    }
    for (const [person, firstFails] of [
      ['o1', 0],
      ['o2', 1],
    ] as const) {
      await bill(person, 'H2', 900_000, { medical: '住院' })
      const runs = [await released({ fund: BASIC }), await released({ fund: LARGE })]
      const [one, two] = firstFails === 0 ? runs : runs.toReversed()
      const fail = async (run = '') => {
        for (const { id, endToEnd } of (await batchOf(run)).orders) {
          await answer(csv([endToEnd ?? '', 'failed', '', 'AC04']))
          granted(await payments.confirmFailure(MAKER, key(), id, '银行来函'))
        }
      }
      await fail(one)
      assert.equal(await isCleared(`bill-${person}`), true, 'the other part is under way')
      await fail(two)
      assert.equal(
        await isCleared(`bill-${person}`),
        false,
        'nothing was paid, and nothing is under way',
      )
      // So a reversal cancels it: nobody has to give anything back, and nothing is owed.
      const [{ id = '' } = {}] = await database.query<{ id: string }>(
        'select id from settlements where bill_id = $1',
        [`bill-${person}`],
      )
      granted(await settlement.reverse(HANDLER, key(), id, '录错'))
      const asked = await database.query('select from adjustments where bill_id = $1', [
        `bill-${person}`,
      ])
      assert.equal(asked.length, 0)
      await sound()
    }
    assert.equal(refusal(await payments.make(MAKER, key(), DAY)), 'nothing_to_pay')
  })

  test('cleared by hand is paid outside: it is on the books and in no batch', async () => {
    await bill('e1', 'H1', 900)
    const cashier = who('cashier', 'cashier')
    const asked = { from: plainDate('2025-01-01'), until: plainDate('2025-12-31') }
    granted(await statements.clear(cashier, key(), asked))
    assert.equal((await balances())['owed/institution/H1'], 0)
    assert.equal(refusal(await payments.make(MAKER, key(), DAY)), 'nothing_to_pay')
    await sound()
  })

  test('breaks: unknown, another amount, contradiction, late after it was ordered again; decided by another', async () => {
    const amount = await bill('f1', 'H1', 1000)
    const other = await bill('f2', 'H2', 1000)
    const yuan = (fen: number) => (fen / 100).toFixed(2)
    const id = await released()
    granted(await payments.send(MAKER, key(), id))
    const [one, two] = (await batchOf(id)).orders
    assert(one?.endToEnd && two?.endToEnd)
    const done = await answer(
      csv(
        [one.endToEnd, 'settled', yuan(amount - 100), ''],
        [two.endToEnd, 'settled', yuan(other), ''],
        [two.endToEnd, 'failed', '', 'AC04'],
        ['KYNOBODYS', 'settled', '12.34', ''],
      ),
    )
    assert.deepEqual(done, { again: false, answers: 4, moved: 1, same: 0, breaks: 3 })
    const { breaks } = await payments.breaks(HANDLER, { open: true })
    const kinds = new Map(breaks.map((each) => [each.kind, each]))
    assert.deepEqual([...kinds.keys()].toSorted(), [
      'amount_differs',
      'contradiction',
      'unknown_order',
    ])
    const decide = (
      kind: 'amount_differs' | 'contradiction' | 'unknown_order',
      by: Actor,
      decision: 'booked' | 'dismissed',
      more = {},
    ) =>
      payments.decide(by, key(), kinds.get(kind)?.id ?? '', { decision, reason: '查明', ...more })
    assert.equal(refusal(await decide('amount_differs', MAKER, 'booked')), 'another_person_decides')
    assert.equal(refusal(await payments.close(MAKER, key(), id)), 'illegal_move')
    granted(await decide('amount_differs', SECOND, 'booked'))
    assert.equal(refusal(await decide('amount_differs', SECOND, 'booked')), 'break_decided')
    // The bank paid one yuan too little: it is owed still.
    assert.equal((await balances())['owed/institution/H1'], 100)
    granted(await decide('contradiction', SECOND, 'dismissed'))
    assert.equal(refusal(await decide('unknown_order', SECOND, 'booked')), 'payee_needed')
    granted(
      await decide('unknown_order', SECOND, 'booked', { fund: BASIC, payee: 'institution/H2' }),
    )
    assert.equal((await balances())['owed/institution/H2'], -1234)
    assert.equal((await answer(csv(['KYNOBODYS', 'settled', '12.34', 'again']))).same, 1)
    granted(await payments.close(MAKER, key(), id))
    await sound()

    // A bank that said no, was believed, and paid after all: once it is ordered again, a person decides.
    await bill('f3', 'H2', 5000)
    const late = await released({ payee: 'institution/H2' })
    const [first] = (await batchOf(late)).orders
    assert(first?.endToEnd)
    await answer(csv([first.endToEnd, 'failed', '', 'AC04']))
    granted(await payments.confirmFailure(MAKER, key(), first.id, '银行来函'))
    const again = await released({ payee: 'institution/H2' })
    assert.equal((await answer(csv([first.endToEnd, 'settled', yuan(first.amount), '']))).breaks, 1)
    const [paidAgain] = (await payments.breaks(HANDLER, { open: true })).breaks
    assert.equal(paidAgain?.kind, 'paid_again')
    granted(
      await payments.decide(SECOND, key(), paidAgain?.id ?? '', {
        decision: 'booked',
        reason: '银行多付',
      }),
    )
    assert.equal((await balances())['owed/institution/H2'], -first.amount)
    const [second] = (await batchOf(again)).orders
    await answer(csv([second?.endToEnd ?? '', 'settled', yuan(second?.amount ?? 0), '']))
    await sound()
  })

  test('paid late, before it was ordered again: it is paid, and leaves the draft it stood in', async () => {
    // The hospital owes from the test before: a new bill is netted, so it is larger.
    await bill('g1', 'H2', 9000)
    const id = await released({ payee: 'institution/H2' })
    const [order] = (await batchOf(id)).orders
    assert(order?.endToEnd)
    await answer(csv([order.endToEnd, 'failed', '', 'AC04']))
    granted(await payments.confirmFailure(MAKER, key(), order.id, '银行来函'))
    const { id: draft } = granted(
      await payments.make(MAKER, key(), { ...DAY, payee: 'institution/H2' }),
    )
    const yuan = (order.amount / 100).toFixed(2)
    assert.equal((await answer(csv([order.endToEnd, 'settled', yuan, '']))).moved, 1)
    assert.deepEqual(
      (await batchOf(draft)).orders.map(({ state }) => state),
      ['left-out'],
    )
    assert.equal(refusal(await payments.submit(MAKER, key(), draft)), 'batch_empty')
    granted(await payments.withdraw(MAKER, key(), draft, '已付'))
    await sound()
  })

  test('not answered in time: after two working days it is on the list; without a calendar nobody counts', async () => {
    await bill('h1', 'H1', 700)
    const id = await released()
    granted(await payments.send(MAKER, key(), id))
    const { missing } = await payments.breaks(HANDLER, { open: true })
    assert.equal(missing.length, 0)
    // 2026-11-27 is a Friday: two working days are Tuesday.
    today = plainDate('2026-12-01')
    assert.equal((await payments.breaks(HANDLER, { open: true })).missing.length, 0)
    today = plainDate('2026-12-02')
    const late = await payments.breaks(HANDLER, { open: true })
    assert.deepEqual(
      late.missing.map(({ due }) => due),
      ['2026-12-01'],
    )
    today = plainDate('2026-11-27')
    const [order] = (await batchOf(id)).orders
    await answer(
      csv([order?.endToEnd ?? '', 'settled', ((order?.amount ?? 0) / 100).toFixed(2), '']),
    )
    granted(await payments.close(MAKER, key(), id))
  })

  /** A backup of this moment: what it is restored into is as this database was. */
  async function backup(): Promise<(into: Database) => Promise<unknown>> {
    const { migrations } = await extentOf(database)
    const records: unknown[] = []
    await database.snapshot(async (sql) => {
      for await (const record of databaseRecords(sql, () => {})) records.push(record)
    })
    return (into) =>
      restoreRecords(
        into,
        'db/migrations',
        migrations,
        (async function* () {
          yield* records as never[]
        })(),
        secrets,
        () => {},
      )
  }

  test('restored from before the release: the same order has the same number, and nothing goes out before it is reconciled', async () => {
    const amount = await bill('r1', 'H1', 6000)
    const yuan = (fen: number) => (fen / 100).toFixed(2)
    const { id } = granted(await payments.make(MAKER, key(), DAY))
    granted(await payments.submit(MAKER, key(), id))
    const [{ amount: ordered = 0 } = {}] = (await batchOf(id)).orders
    assert.equal(ordered, amount)
    // The backup is of this moment; then the batch is released, sent and paid.
    const restoreInto = await backup()
    const place = await emptyDatabase()
    const older = openDatabase(place.url, { max: 4 })
    await older.query('create database unheld')
    const unheld = openDatabase(Object.assign(new URL(place.url), { pathname: '/unheld' }).href, {
      max: 4,
    })
    try {
      await restoreInto(older)
      granted(await payments.release(SECOND, key(), id, { orders: 1, amount }))
      const sent = pain001(granted(await payments.message(MAKER, id)))
      const [order] = (await batchOf(id)).orders
      assert(order?.endToEnd)
      const paid = csv([order.endToEnd, 'settled', yuan(amount), ''])
      await answer(paid)
      granted(await payments.close(MAKER, key(), id))

      // The older database knows nothing of it. Its commands begin with `kangyang restore`, which holds payments.
      const restored = servicesOn(older)
      await holdPayments(older, TENANT, 'backup of yesterday')
      const seen = { orders: 1, amount }
      assert.equal(refusal(await restored.release(SECOND, key(), id, seen)), 'reconcile_first')
      const by = who('operator', 'supervisor')
      const reconcile = (answers: readonly string[]) =>
        restored.reconcile(by, {
          sent: [sent],
          answers: answers.map((text) => ({ name: 'answers.csv', text })),
          taken: { orders: 1, amount },
          reason: '恢复备份',
        })
      // Sent, not answered yet: it may still be paid.
      const open = granted(await reconcile([]))
      assert.deepEqual([open.known, open.unanswered, open.held], [0, [order.endToEnd], true])
      assert.equal(refusal(await restored.release(SECOND, key(), id, seen)), 'reconcile_first')
      const closed = granted(await reconcile([paid]))
      assert.deepEqual([closed.booked, closed.held], [1, false])
      // What was paid is taken off: the batch would pay it once more, and is refused; gathered anew there is nothing.
      assert.equal(refusal(await restored.release(SECOND, key(), id, seen)), 'owed_less_now')
      granted(await restored.withdraw(MAKER, key(), id, '已付'))
      assert.equal(refusal(await restored.make(MAKER, key(), DAY)), 'nothing_to_pay')
      const [here, there] = [await balances(), await balances(older)]
      assert.equal(there['owed/institution/H1'], here['owed/institution/H1'])
      assert.equal(there.bank, here.bank)
      await sound(older)

      // The same by the command, with the files: whatever was taken in is not taken in again.
      const folder = mkdtempSync(join(tmpdir(), 'kangyang-payments-'))
      const files = [join(folder, 'sent.xml'), join(folder, 'answers.csv')]
      writeFileSync(files[0] ?? '', sent)
      writeFileSync(files[1] ?? '', paid)
      const command = (...args: string[]) =>
        kangyang(place.url, ['payments', ...args, '--reason', '恢复备份', '--lang', 'en'])
      const hold = await command('hold')
      assert.deepEqual([hold.code, hold.err], [0, ''])
      const vague = await command('reconcile', '--by', 'operator')
      assert.deepEqual([vague.code, /--nothing-sent/.test(vague.err)], [2, true])
      const unasked = await command('reconcile', ...files, '--by', 'operator')
      assert.deepEqual([unasked.code, /--bank-orders/.test(unasked.err)], [2, true])
      const bank = (orders: number) => ['--bank-orders', `${orders}`, '--bank-yuan', yuan(amount)]
      const more = await command('reconcile', ...files, ...bank(2), '--by', 'operator')
      assert.deepEqual([more.code, /not what the bank says/.test(more.out)], [1, true])
      const known = await command('reconcile', ...files, ...bank(1), '--by', 'operator')
      assert.equal(known.code, 0, known.out + known.err)
      assert.match(known.out, /1 orders were sent, 0 of them known here; 0 were paid and not known/)
      assert.match(known.out, /payments go on/)
      rmSync(folder, { recursive: true })

      // Had nobody held it: the number is that of the order that was paid. A bank refuses it, and that is no failure.
      await restoreInto(unheld)
      const careless = servicesOn(unheld)
      granted(await careless.release(SECOND, key(), id, seen))
      const [twin] = granted(await careless.batch(HANDLER, id, 0)).orders
      assert.equal(twin?.endToEnd, order.endToEnd)
      assert.equal(
        pain001(granted(await careless.message(MAKER, id))).includes(order.endToEnd),
        true,
      )
      await answer(csv([order.endToEnd, 'failed', '', 'DU04']), MAKER, careless)
      assert.equal(refusal(await careless.make(MAKER, key(), DAY)), 'nothing_to_pay')
      await answer(paid, MAKER, careless)
      assert.equal((await balances(unheld)).bank, here.bank)
      await sound(unheld)
    } finally {
      await unheld.close()
      await older.close()
      await place.remove()
    }
  })

  test('a file that was sent since the backup and is forgotten is missed: nothing is ordered until the bank’s count agrees', async () => {
    await bill('u1', 'H1', 2000)
    await bill('u2', 'H2', 30_000)
    const restoreInto = await backup()
    // Then each hospital is paid by a batch of its own; one of the two sums comes back.
    const sent: string[] = []
    const numbers: string[] = []
    let sum = 0
    for (const payee of ['institution/H1', 'institution/H2']) {
      const id = await released({ payee })
      sent.push(pain001(granted(await payments.message(MAKER, id))))
      for (const { id: item, endToEnd, amount } of (await batchOf(id)).orders) {
        sum += amount
        numbers.push(endToEnd ?? '')
        await answer(csv([endToEnd ?? '', 'settled', '', '']))
        if (payee !== 'institution/H2') continue
        await answer(csv([endToEnd ?? '', 'returned', '', 'AC04']))
        granted(await payments.confirmFailure(MAKER, key(), item, '退汇'))
      }
    }
    const place = await emptyDatabase()
    const older = openDatabase(place.url, { max: 4 })
    try {
      await restoreInto(older)
      await holdPayments(older, TENANT, 'backup of yesterday')
      const restored = servicesOn(older)
      const paid = csv(
        [numbers[0] ?? '', 'settled', '', ''],
        [numbers[1] ?? '', 'settled', '', ''],
        [numbers[1] ?? '', 'returned', '', 'AC04'],
      )
      const taken = { orders: 2, amount: sum }
      const reconcile = async (files: readonly string[], answers: string) =>
        granted(
          await restored.reconcile(who('operator', 'supervisor'), {
            sent: files,
            answers: [{ name: 'answers.csv', text: answers }],
            taken,
            reason: '恢复备份',
          }),
        )
      const first = csv([numbers[0] ?? '', 'settled', '', ''])
      const forgot = await reconcile(sent.slice(0, 1), first)
      assert.deepEqual([forgot.differs, forgot.unanswered, forgot.held], [true, [], true])
      const whole = await reconcile(sent, paid)
      assert.deepEqual([whole.differs, whole.held], [false, false])
      // What was paid is off what is owed; what came back is owed again, once.
      const [here, there] = [await balances(), await balances(older)]
      for (const account of ['owed/institution/H1', 'owed/institution/H2', 'bank'])
        assert.equal(there[account] ?? 0, here[account] ?? 0, account)
      await answer(csv([numbers[1] ?? '', 'returned', '', 'again']), MAKER, restored)
      assert.deepEqual((await restored.breaks(HANDLER, { open: true })).breaks, [])
      await sound(older)

      // Nobody held this one: an answer to an order that nobody here gave stops the next release.
      const { id } = granted(await restored.make(MAKER, key(), DAY))
      granted(await restored.submit(MAKER, key(), id))
      const { sums } = granted(await restored.batch(HANDLER, id, 0))
      const [{ orders = 0, amount = 0 } = {}] = sums
      await answer(csv(['KYFORGOTTEN', 'settled', '1.00', '']), MAKER, restored)
      const release = () => restored.release(SECOND, key(), id, { orders, amount })
      assert.equal(refusal(await release()), 'break_open')
      const [open] = (await restored.breaks(HANDLER, { open: true })).breaks
      const decision = { decision: 'dismissed', reason: '他户' } as const
      granted(await restored.decide(SECOND, key(), open?.id ?? '', decision))
      granted(await release())
    } finally {
      await older.close()
      await place.remove()
    }
    // Nothing stays owed for the tests that follow.
    const rest = await released()
    for (const { endToEnd } of (await batchOf(rest)).orders)
      await answer(csv([endToEnd ?? '', 'settled', '', 'rest']))
  })

  test('an order that the bank refuses as a duplicate stays under way until the first one is answered', async () => {
    const amount = await bill('s1', 'H1', 800)
    const id = await released()
    const [order] = (await batchOf(id)).orders
    assert(order?.endToEnd)
    const done = await answer(csv([order.endToEnd, 'failed', '', 'AM05 重复指令']))
    assert.equal(done.breaks, 1)
    assert.equal((await balances())['paying/institution/H1'], amount)
    assert.equal(
      refusal(await payments.confirmFailure(MAKER, key(), order.id, '重复')),
      'not_failed',
    )
    await answer(csv([order.endToEnd, 'settled', (amount / 100).toFixed(2), '']))
    const [open] = (await payments.breaks(HANDLER, { open: true })).breaks
    granted(
      await payments.decide(SECOND, key(), open?.id ?? '', {
        decision: 'dismissed',
        reason: '首笔已付',
      }),
    )
    granted(await payments.close(MAKER, key(), id))
    await sound()
  })

  test('property: whatever answers come, in any order and any number, each debt is paid once at most and the book is zero', async () => {
    const statuses: AnswerStatus[] = ['accepted', 'settled', 'failed', 'returned']
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ of: fc.nat(1), status: fc.constantFrom(...statuses), retry: fc.boolean() }),
          { minLength: 1, maxLength: 8 },
        ),
        async (steps) => {
          round++
          const before = await balances()
          const debts = [
            await bill(`p${round}-1`, 'H1', 1000),
            await bill(`p${round}-2`, 'H2', 20_000),
          ]
          const id = await released()
          const batches = [id]
          for (const [i, { of, status, retry }] of steps.entries()) {
            const orders = (await Promise.all(batches.map(batchOf))).flatMap((each) => each.orders)
            const order = orders[of % orders.length]
            if (!order?.endToEnd) continue
            await answer(csv([order.endToEnd, status, '', `step ${round}-${i}`]))
            const { state } = granted(await payments.item(HANDLER, order.id))
            if (retry && (state === 'failed' || state === 'returned')) {
              const confirmed = await payments.confirmFailure(MAKER, key(), order.id, '银行来函')
              const made = confirmed.ok ? await payments.make(MAKER, key(), DAY) : confirmed
              if (made.ok) {
                const batch = (made.value as { id: string }).id
                granted(await payments.submit(MAKER, key(), batch))
                const { sums } = await batchOf(batch)
                const [{ orders: n = 0, amount = 0 } = {}] = sums
                granted(await payments.release(SECOND, key(), batch, { orders: n, amount }))
                batches.push(batch)
              }
            }
          }
          for (const each of await payments
            .breaks(HANDLER, { open: true })
            .then(({ breaks }) => breaks))
            granted(
              await payments.decide(SECOND, key(), each.id, {
                decision: 'dismissed',
                reason: '查明',
              }),
            )
          const now = await balances()
          const change = (account: string) => (now[account] ?? 0) - (before[account] ?? 0)
          const owed = ['H1', 'H2'].map(
            (h) => change(`owed/institution/${h}`) + change(`paying/institution/${h}`),
          )
          const owedAll = debts.reduce((sum, each) => sum + each, 0)
          // What was not paid is owed or under way, and what was paid has left: to the fen, and never more than the debt.
          assert.equal(owed.reduce((sum, each) => sum + each, 0) - change('bank'), owedAll)
          assert.deepEqual(await database.snapshot((sql) => verifyPayments(sql, TENANT)), [])
          const rows = await database.query<{ n: number }>(
            `select count(*) as n from payment_claims c join payment_items i on i.tenant_id = c.tenant_id and i.id = c.item_id
              where i.state = 'settled' group by c.subject, c.kind, c.fund, c.payee order by 1 desc limit 1`,
          )
          assert((rows[0]?.n ?? 0) <= 1, 'an entry is paid once at most')
          // Nothing stays open for the next round.
          for (const batch of batches)
            for (const order of (await batchOf(batch)).orders) {
              if (!order.endToEnd) continue
              if (order.state === 'ordered' || order.state === 'accepted')
                await answer(csv([order.endToEnd, 'settled', '', `end ${round}`]))
              if (order.state === 'failed' || order.state === 'returned')
                granted(await payments.confirmFailure(MAKER, key(), order.id, '银行来函'))
            }
          const rest = await payments.make(MAKER, key(), DAY)
          if (rest.ok) {
            granted(await payments.submit(MAKER, key(), rest.value.id))
            const [{ orders = 0, amount = 0 } = {}] = (await batchOf(rest.value.id)).sums
            granted(await payments.release(SECOND, key(), rest.value.id, { orders, amount }))
            for (const { endToEnd } of (await batchOf(rest.value.id)).orders)
              await answer(csv([endToEnd ?? '', 'settled', '', `rest ${round}`]))
          }
        },
      ),
      { numRuns: 8 },
    )
    const { debit, credit } = await database.snapshot((sql) => checkLedger(sql, TENANT))
    assert.equal(debit, credit)
    await sound()
  })

  test('killed at any point of a run and started again, everything is paid once, as by a run that nobody killed', async () => {
    const random = seeded(Number(process.env.SEED ?? 1))
    const kills = Number(process.env.KILLS ?? 4)
    const before = await balances()
    let debt = 0
    for (const [i, institution] of ['H1', 'H2', 'H1'].entries())
      debt += await bill(`z${i}`, institution, 1000 * (i + 1))
    let killed = 0
    for (let ended = false; !ended; ) {
      const child = spawn(process.execPath, [RUN, url, `run ${kills}`, KEY], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = once(child, 'exit')
      await once(child.stdout, 'data')
      if (killed < kills) setTimeout(() => child.kill('SIGKILL'), random() * 150)
      const [code, signal] = await gone
      if (signal === 'SIGKILL') killed++
      else assert.equal(code, 0)
      ended = signal === null
    }
    const now = await balances()
    const change = (account: string) => (now[account] ?? 0) - (before[account] ?? 0)
    assert(killed > 0)
    assert.equal(change('bank'), -debt)
    for (const payee of ['institution/H1', 'institution/H2'])
      assert.deepEqual([change(`owed/${payee}`), change(`paying/${payee}`)], [0, 0])
    await sound()
  })

  test('the guards bite: payments that do not agree with the ledger are found', async () => {
    const [{ id = '' } = {}] = await database.query<{ id: string }>(
      `select id from payment_items where state = 'settled' limit 1`,
    )
    await database.query(`update payment_items set amount = amount + 1 where id = $1`, [id])
    assert.deepEqual(await database.snapshot((sql) => verifyPayments(sql, TENANT)), [
      { code: 'order_differs', item: id },
    ])
    await database.query(
      `update payment_items set amount = amount - 1, state = 'accepted' where id = $1`,
      [id],
    )
    const [fault] = await database.snapshot((sql) => verifyPayments(sql, TENANT))
    assert.equal(fault?.code, 'paying_differs')
    await database.query(`update payment_items set state = 'settled' where id = $1`, [id])
    await sound()
  })
})
