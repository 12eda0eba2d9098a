/**
 * Payments to insurers on a real PostgreSQL: what a contract owes and what a panel's lead owes a co-insurer go the way of
 * every other payment. Released twice, answered twice, failed and paid after all: no money moves twice, and what is
 * taken back is netted.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { todayInChina } from '#app/clock.ts'
import { productsOf } from '#app/coinsured-products.ts'
import { verifyLedger } from '#app/ledger-command.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { yuan } from '#base/money.ts'
import { addMonths, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { type CoinsuranceService, createCoinsuranceService } from '#domains/coinsurance/service.ts'
import { createLedgerService, postPast } from '#domains/ledger/service.ts'
import type { BankAccount } from '#domains/payments/index.ts'
import { createPaymentService, type PaymentService } from '#domains/payments/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { BOOK } from './crash/teaching.ts'

const TENANT = 'city'
const CRITICAL = 'residentCriticalIllness@teaching/shifan'
const SHARED = 'citySupplementary@teaching/shifan/products'
const HUIMIN = 'teaching/shifan/products/huimin'
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const [HANDLER, MAKER, SECOND, THIRD] = [
  who('lin', 'handler'),
  who('cashier', 'cashier'),
  who('cashier2', 'cashier'),
  who('cashier3', 'cashier'),
]
const EVER = { until: plainDate('9999-12-31'), payOn: plainDate('2099-12-31') }

let keys = 0
const key = () => `key ${keys++}`
function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

describe('payments to insurers', { timeout: 300_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let payments: PaymentService
  let coinsurance: CoinsuranceService

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    ;({ database, close } = opened)
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    payments = createPaymentService({
      database,
      secrets: createSecrets(Buffer.alloc(32, 1)),
      today: todayInChina,
      workingDays: readWorkingDays(),
    })
    coinsurance = createCoinsuranceService({
      database,
      products: async () => productsOf(BOOK),
      today: todayInChina,
    })
  })
  after(() => close?.())

  const give = (
    holder: BankAccount['holder'],
    holderId: string,
    number: string,
    by: Actor = HANDLER,
  ) =>
    payments.addAccount(by, key(), {
      holder,
      holderId,
      from: plainDate('2020-01-01'),
      kind: 'account',
      name: `${holderId} 户`,
      number,
      bankCode: '999000000006',
      bankName: '示例银行',
      document: '账户函（虚构）',
      ...(holder === 'fund' ? { answerDays: 2 } : {}),
    })
  /** What a confirmed year of a contract owes its insurer; below zero, what a year that was stated again takes back. */
  async function owes(subject: string, amount: number): Promise<void> {
    const [debit, credit] =
      amount > 0 ? ['contract/c/handling', 'insurer/I1'] : ['insurer/I1', 'contract/c/handling']
    await postPast(database, TENANT, [
      {
        subject,
        kind: 'contract-year',
        at: '2026-03-02T10:00:00+08:00',
        user: 'actuary',
        legs: [{ fund: CRITICAL, debit, credit, amount: Math.abs(amount) }],
      },
    ])
  }
  async function balance(account: string): Promise<number> {
    const [row] = await database.query<{ amount: number }>(
      `select coalesce(sum(case when t.credit = $2 then t.amount when t.debit = $2 then -t.amount else 0 end), 0)::bigint as amount
         from ledger_entries e cross join lateral unnest(e.debits, e.credits, e.amounts) as t (debit, credit, amount)
        where e.tenant_id = $1`,
      [TENANT, account],
    )
    return row?.amount ?? 0
  }
  /** What has left the funds' accounts, less what came in. */
  const moved = () => balance('bank')
  async function sound(): Promise<void> {
    const { text, sound: holds } = await verifyLedger(database, 'en')
    assert(holds, text)
  }
  async function submitted(): Promise<{ id: string; orders: number; amount: number }> {
    const { id } = granted(await payments.make(MAKER, key(), EVER))
    granted(await payments.submit(MAKER, key(), id))
    const [{ orders, amount } = { orders: 0, amount: 0 }] = granted(
      await payments.batch(MAKER, id, 0),
    ).sums
    return { id, orders, amount }
  }
  const ordersOf = async (id: string) => granted(await payments.batch(MAKER, id, 0)).orders
  let files = 0
  const answer = async (...rows: readonly string[]) =>
    granted(
      await payments.takeIn(MAKER, key(), {
        name: `answers ${files++}.csv`,
        text: ['end_to_end_id,status,amount,reason', ...rows, ...'\n'.repeat(files)].join('\n'),
      }),
    )

  test('an insurer whom the ledger does not know has no account; whoever gives one does not release to it', async () => {
    assert.equal(refusal(await give('insurer', 'I1', '10010000000001')), 'unknown_holder')
    assert.equal(refusal(await give('coinsurer', 'R02', '10010000000002')), 'unknown_holder')
    await owes('year 2025', yuan('900.00'))
    const { left } = await payments.preview(MAKER, EVER)
    assert.deepEqual(left, [
      { fund: CRITICAL, payee: 'insurer/I1', amount: yuan('900.00'), why: 'no_account' },
    ])
    granted(await give('fund', CRITICAL, '20010000000001'))
    // A handler who becomes a cashier keeps the name.
    granted(await give('insurer', 'I1', '10010000000001', who('cashier2', 'handler')))
    const { id, orders, amount } = await submitted()
    assert.equal(
      refusal(await payments.release(SECOND, key(), id, { orders, amount })),
      'own_account',
    )
    assert.equal(
      refusal(await payments.release(MAKER, key(), id, { orders, amount })),
      'another_person_releases',
    )
    granted(await payments.withdraw(MAKER, key(), id, '先改'))
  })

  test('what a year took back when it was stated again is netted, and nothing is ordered below zero', async () => {
    await owes('year 2025 again', -yuan('100.00'))
    const { id, orders, amount } = await submitted()
    assert.deepEqual([orders, amount], [1, yuan('800.00')])
    // More is taken back while the draft waits: what it orders is not owed any more.
    await owes('year 2025 once more', -yuan('50.00'))
    assert.equal(
      refusal(await payments.release(THIRD, key(), id, { orders, amount })),
      'owed_less_now',
    )
    granted(await payments.withdraw(MAKER, key(), id, '重新汇集'))
  })

  test('released many times at once and answered many times, it is paid once', async () => {
    const { id, orders, amount } = await submitted()
    assert.equal(amount, yuan('750.00'))
    const seen = { orders, amount }
    const tries = await Promise.all(
      [THIRD, THIRD, who('x', 'cashier'), who('y', 'supervisor')].map((by) =>
        payments.release(by, key(), id, seen),
      ),
    )
    assert.deepEqual(tries.map(refusal).toSorted(), [
      'granted',
      'illegal_move',
      'illegal_move',
      'illegal_move',
    ])
    assert.equal(refusal(await payments.make(MAKER, key(), EVER)), 'nothing_to_pay')
    assert.equal(await balance('insurer/I1'), 0)
    assert.equal(await balance('paying/insurer/I1'), amount)
    const [{ endToEnd } = assert.fail()] = await ordersOf(id)
    for (let i = 0; i < 3; i++) await answer(`${endToEnd},settled,,`)
    await answer(`${endToEnd},accepted,,`)
    assert.equal(await moved(), amount)
    assert.equal(refusal(await payments.make(MAKER, key(), EVER)), 'nothing_to_pay')
    await sound()
  })

  test('refused, believed, ordered again, and the first paid after all: a break, and a person decides', async () => {
    const before = await moved()
    await owes('year 2026', yuan('400.00'))
    const first = await submitted()
    granted(await payments.release(THIRD, key(), first.id, first))
    const [one = assert.fail()] = await ordersOf(first.id)
    await answer(`${one.endToEnd},failed,,AC04 账号不存在`)
    assert.equal(refusal(await payments.make(MAKER, key(), EVER)), 'nothing_to_pay')
    granted(await payments.confirmFailure(MAKER, key(), one.id, '银行来函'))
    assert.equal(await balance('insurer/I1'), yuan('400.00'))
    const again = await submitted()
    granted(await payments.release(THIRD, key(), again.id, again))
    const [two = assert.fail()] = await ordersOf(again.id)
    assert.notEqual(two.endToEnd, one.endToEnd)
    await answer(`${two.endToEnd},settled,,`)
    assert.equal((await answer(`${one.endToEnd},settled,,`)).breaks, 1)
    const { breaks } = await payments.breaks(MAKER, { open: true })
    const [found = assert.fail()] = breaks
    assert.equal(found.kind, 'paid_again')
    assert.equal(await moved(), before + yuan('400.00'), 'the books wait for somebody')
    const decided = { decision: 'booked', reason: '银行确认两次付款' } as const
    granted(await payments.decide(SECOND, key(), found.id, decided))
    assert.equal(await balance('insurer/I1'), -yuan('400.00'), 'the insurer has to give it back')
    await owes('year 2027', yuan('300.00'))
    assert.deepEqual((await payments.preview(MAKER, EVER)).left, [
      { fund: CRITICAL, payee: 'insurer/I1', amount: -yuan('100.00'), why: 'below_zero' },
    ])
    await sound()
  })

  test('a co-insurer who paid, and whose claims were reversed, is paid back once; its statement says so', async () => {
    const members = [
      ['R01', 700_000],
      ['R02', 300_000],
    ].map(([insurer, share]) => ({
      insurer: String(insurer),
      name: `虚构保险 ${insurer}`,
      share: Number(share),
    }))
    const { id } = granted(
      await coinsurance.propose(who('gu', 'actuary'), key(), {
        scheme: HUIMIN,
        fund: SHARED,
        from: plainDate('2023-01-01'),
        until: plainDate('2023-12-31'),
        lead: 'R01',
        members,
        source: '共保协议（虚构）',
        grade: 'invented',
      }),
    )
    granted(await coinsurance.confirm(who('admin', 'admin'), key(), id))
    const claims = `claims/${HUIMIN}-in-scope`
    for (const [month, debit, credit, amount] of [
      ['2023-01', claims, 'opening', yuan('1000.00')],
      ['2023-02', 'opening', claims, yuan('400.00')],
    ] as const)
      await postPast(database, TENANT, [
        {
          subject: `past ${month}`,
          kind: 'opened',
          at: `${month}-10T10:00:00+08:00`,
          user: 'test',
          legs: [{ fund: SHARED, debit, credit, amount }],
        },
      ])
    const closeMonth = async (month: string) => {
      const now = () => new Date(`${addMonths(plainDate(`${month}-01`), 1)}T02:00:00+08:00`)
      await createLedgerService({ database, now }).closeDays()
      granted(await coinsurance.close(MAKER, key(), id, month))
    }
    await closeMonth('2023-01')
    const receipt = granted(
      await coinsurance.receive(MAKER, key(), id, {
        insurer: 'R02',
        on: plainDate('2023-02-01'),
        amount: yuan('300.00'),
        reference: 'HD-1',
      }),
    )
    granted(await coinsurance.confirmReceipt(SECOND, key(), receipt.id))
    await closeMonth('2023-02')
    granted(await give('fund', SHARED, '20010000000002'))
    granted(await give('coinsurer', 'R02', '10010000000002'))
    assert.equal(await balance('coinsurer/R02/2023-01'), yuan('120.00'))
    // Paid by hand at the same time as by a batch: one of the two is refused.
    const byHand = granted(
      await coinsurance.receive(MAKER, key(), id, {
        insurer: 'R02',
        on: plainDate('2023-03-05'),
        amount: -yuan('120.00'),
        reference: 'HD-2',
      }),
    )
    const before = await moved()
    const batch = await submitted()
    assert.deepEqual([batch.orders, batch.amount], [1, yuan('120.00')])
    granted(await payments.release(THIRD, key(), batch.id, batch))
    const [{ endToEnd, payee, name } = assert.fail()] = await ordersOf(batch.id)
    assert.deepEqual([payee, name], ['coinsurer/R02/2023-01', 'R02 户'])
    for (let i = 0; i < 2; i++) await answer(`${endToEnd},settled,,`)
    assert.equal((await moved()) - before, yuan('120.00'))
    assert.equal(await balance('coinsurer/R02/2023-01'), 0)
    assert.equal(
      refusal(await coinsurance.confirmReceipt(SECOND, key(), byHand.id)),
      'coinsurer_owed_less',
    )
    assert.equal(refusal(await payments.make(MAKER, key(), EVER)), 'nothing_to_pay')
    const shown = granted(await coinsurance.statement(MAKER, id, { insurer: 'R02' }))
    assert.equal(shown.insurers[0]?.owes, 0, 'nobody owes the other anything')
    await sound()
  })
})
