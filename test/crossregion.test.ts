/**
 * Care elsewhere on a real PostgreSQL: what a region of care paid first arises with the settlement, is stated once and in
 * order, confirmed by a second person and paid by a batch; late reversals come with the next month; the prepayment between
 * two regions warns, is topped up and worked out anew. The books agree throughout.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readClearingRules } from '#app/clearing-rules.ts'
import { todayInChina } from '#app/clock.ts'
import { divisionsOf } from '#app/divisions.ts'
import { verifyLedger } from '#app/ledger-command.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { rate, yuan } from '#base/money.ts'
import { firstDay, monthOf, nextMonth } from '#base/month.ts'
import { addDays, addMonths, type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import {
  createRegionService,
  type RegionService,
  verifyRegions,
} from '#domains/crossregion/service.ts'
import { createLedgerService } from '#domains/ledger/service.ts'
import { createPaymentService, type PaymentService } from '#domains/payments/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { BOOK, readUpload, SCHEME_FILES } from './crash/teaching.ts'

const TENANT = 'city'
const POOL = 'basicPool@teaching/shifan'
const REGIONS = { insured: '990100', treating: '990200' }
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const [HANDLER, MAKER, SECOND] = [
  who('lin', 'handler'),
  who('cashier', 'cashier'),
  who('cashier2', 'cashier'),
]

/** What is booked by the services is of today; what these tests need in the month before is moved there. */
const THIS = monthOf(todayInChina())
const LAST = monthOf(addMonths(firstDay(THIS), -1))
let today: PlainDate = plainDate(`${THIS}-27`)

let keys = 0
const key = () => `key ${keys++}`
function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

describe('clearing between regions', { timeout: 300_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let settlement: SettlementService
  let regions: RegionService
  let payments: PaymentService

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    ;({ database, close } = opened)
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    await database.query(
      `insert into institutions (tenant_id, id, name, kind) values ($1, 'X1', '邻市第一医院', 'hospital')`,
      [TENANT],
    )
    const secrets = createSecrets(Buffer.alloc(32, 1))
    settlement = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    await settlement.ensureRules(TENANT, SCHEME_FILES, 'test')
    const workingDays = readWorkingDays()
    payments = createPaymentService({ database, secrets, today: todayInChina, workingDays })
    regions = createRegionService({
      database,
      divisions: async () => divisionsOf(BOOK),
      rules: readClearingRules(),
      workingDays,
      today: () => today,
    })
    for (const [holder, holderId] of [
      ['fund', POOL],
      ['region', '990200'],
    ] as const)
      granted(
        await payments.addAccount(HANDLER, key(), {
          holder,
          holderId,
          from: plainDate('2020-01-01'),
          kind: 'account',
          name: `${holderId} 户`,
          number: holder === 'fund' ? '20010000000001' : '10010000000001',
          bankCode: '999000000006',
          bankName: '示例银行',
          document: '登记表',
          ...(holder === 'fund' ? { answerDays: 2 } : {}),
        }),
      )
  })
  after(() => close?.())

  /** A settled visit of one of our insured to a hospital; answers with the settlement and what the pool pays. */
  async function bill(id: string, parts: number, own: Readonly<Record<string, unknown>> = {}) {
    const day = '2025-04-01'
    const { persons, bills } = readUpload({
      amounts: 'yuan',
      persons: [
        {
          id,
          born: '1980-01-01',
          covers: [
            { scheme: 'teaching/shifan/employee', from: '2020-01-01', answers: { class: '在职' } },
          ],
          registrations: [{ kind: '异地长期居住', from: '2020-01-01' }],
        },
      ],
      bills: [
        {
          id: `bill-${id}`,
          person: id,
          admitted: day,
          discharged: day,
          settled: day,
          institution: 'X1',
          placeOfCare: '990203',
          answers: { medical: '普通门诊', level: '三级' },
          parts: { inScope: parts.toFixed(2) },
          ...own,
        },
      ],
    })
    granted(await settlement.addBills(HANDLER, key(), { persons, bills }))
    const done = granted(await settlement.settle(HANDLER, key(), `bill-${id}`))
    const pool = done.settlement.payers.basicPool ?? 0
    assert(pool > 0)
    return { id: done.id, pool, elsewhere: done.settlement.elsewhere }
  }

  /** As the books stand, by account of the pool; what is owed counts above zero. */
  async function books(): Promise<Record<string, number>> {
    const rows = await database.query<{ account: string; amount: number }>(
      `select l.account, sum(l.amount)::bigint as amount from ledger_entries e
        cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)
        where e.tenant_id = $1 and t.fund = $2 group by 1 having sum(l.amount) <> 0`,
      [TENANT, POOL],
    )
    return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]))
  }
  /** Moves everything that was booked so far into the month before, and closes the days before another. */
  async function lastMonth(): Promise<void> {
    await database.transaction(async (sql) => {
      await sql.query(`set local session_replication_role = replica`)
      await sql.query(
        `update ledger_entries set booked_on = $1, booked_at = $1::date + interval '4 hours' where booked_on >= $2`,
        [`${LAST}-15`, `${THIS}-01`],
      )
    })
  }
  async function daysUntil(day: string): Promise<void> {
    await database.query('delete from ledger_days; delete from ledger_closed')
    await createLedgerService({
      database,
      now: () => new Date(`${day}T12:00:00+08:00`),
    }).closeDays()
  }
  async function sound(): Promise<void> {
    const { text, sound: holds } = await verifyLedger(database, 'en')
    assert(holds, text)
  }
  /** Orders everything that is owed, released by another, and the bank pays it. */
  async function paidByBank(): Promise<number> {
    const asked = { until: plainDate('9999-12-31'), payOn: plainDate('2099-12-31') }
    const { id } = granted(await payments.make(MAKER, key(), asked))
    granted(await payments.submit(MAKER, key(), id))
    const { sums } = granted(await payments.batch(MAKER, id, 0))
    const [{ orders, amount } = { orders: 0, amount: 0 }] = sums
    granted(await payments.release(SECOND, key(), id, { orders, amount }))
    const batch = granted(await payments.batch(MAKER, id, 0))
    const rows = batch.orders.map((order) => `${order.endToEnd},settled,,`)
    const text = ['end_to_end_id,status,amount,reason', ...rows].join('\n')
    granted(await payments.takeIn(MAKER, key(), { name: 'answers.csv', text }))
    // Told twice, it is paid once.
    granted(await payments.takeIn(MAKER, key(), { name: 'again.csv', text: `${text}\n` }))
    return amount
  }
  const position = async () =>
    (await regions.pairs(MAKER)).find(({ treating }) => treating === '990200')?.position

  let first: Awaited<ReturnType<typeof bill>>

  test('the settlement itself owes the region of care; the person who paid first, and care at home, are as ever', async () => {
    first = await bill('p1', 1000)
    const all = ['basicPool', 'civilServant', 'employeeLargeAmount', 'residentCriticalIllness']
    assert.deepEqual(first.elsewhere, {
      ...REGIONS,
      payers: [...all, 'medicalAid', 'enterpriseSupplement', 'personalAccount', 'familyAccount'],
    })
    assert.equal((await books())['region/990100/990200'], first.pool)
    const home = await bill('p2', 1000, { placeOfCare: '990105' })
    assert.equal(home.elsewhere, undefined)
    assert.equal((await books())['owed/institution/X1'], home.pool)
    const paidFirst = await bill('p3', 1000, {
      invoice: { number: '24p3', on: '2025-04-01', handedIn: '2025-04-01' },
    })
    assert.equal((await books())['owed/person/p3'], paidFirst.pool)
    // Nothing of it can be ordered before a month is confirmed.
    const { left, orders } = await payments.preview(MAKER, {
      until: plainDate('9999-12-31'),
      payOn: plainDate('2099-12-31'),
    })
    assert(![...orders, ...left].some(({ payee }) => payee.startsWith('region/')))
    await sound()
  })

  test('a month is closed by one and confirmed by another, once, in order, when it is over', async () => {
    await lastMonth()
    const of = { ...REGIONS, month: LAST }
    assert.equal(refusal(await regions.close(MAKER, key(), of)), 'region_month_not_over')
    await daysUntil(`${THIS}-02`)
    const early = { ...REGIONS, month: THIS }
    assert.equal(refusal(await regions.close(MAKER, key(), early)), 'region_month_out_of_order')
    const none = { insured: '990100', treating: '990300', month: LAST }
    assert.equal(refusal(await regions.close(MAKER, key(), none)), 'unknown_regions')
    assert.equal(refusal(await regions.confirm(SECOND, key(), of)), 'region_month_not_closed')
    const closed = await Promise.all([
      regions.close(MAKER, key(), of),
      regions.close(MAKER, key(), of),
    ])
    assert.deepEqual(closed.map(refusal).toSorted(), ['granted', 'region_month_closed'])
    assert.equal((await books())['region/990100/990200'], first.pool, 'nothing is owed by closing')
    assert.equal(refusal(await regions.confirm(MAKER, key(), of)), 'another_person_for_region')
    assert.equal(granted(await regions.confirm(SECOND, key(), of)).amount, first.pool)
    assert.equal(refusal(await regions.confirm(SECOND, key(), of)), 'region_month_confirmed')
    const now = await books()
    assert.equal(now['region/990100/990200'], undefined)
    assert.equal(now['owed/region/990200'], first.pool)
    const { settlement: shown } = granted(await settlement.settlement(HANDLER, first.id))
    assert.equal(shown.bill, 'bill-p1')
    const [cleared] = await database.query(
      'select from cleared_settlements where settlement_id = $1',
      [first.id],
    )
    assert(cleared, 'the bill counts as cleared: what changes now is paid or taken back')
    const found = granted(await regions.statement(MAKER, of, 10))
    assert.deepEqual(found.view.funds, [{ fund: POOL, bills: 1, settled: first.pool, changed: 0 }])
    assert.deepEqual(
      found.bills.map(({ bill: id, institution, amount }) => [id, institution, amount]),
      [['bill-p1', '邻市第一医院', first.pool]],
    )
    assert.equal(found.insuredName.en, 'Shifan, an invented city for teaching')
    await sound()
  })

  test('what is confirmed is paid by the batch that pays hospitals: once, and the month says so', async () => {
    const months = async () => granted(await regions.months(MAKER, REGIONS))
    assert.equal((await months()).find(({ month }) => month === LAST)?.state, 'confirmed')
    assert.equal(await paidByBank(), first.pool)
    assert.equal((await months()).find(({ month }) => month === LAST)?.state, 'paid')
    assert.equal((await books())['owed/region/990200'], undefined)
    const asked = { until: plainDate('9999-12-31'), payOn: plainDate('2099-12-31') }
    assert.equal(refusal(await payments.make(MAKER, key(), asked)), 'nothing_to_pay')
    await sound()
  })

  test('a reversal after the month was closed comes with the next', async () => {
    granted(await settlement.reverse(HANDLER, key(), first.id, '账单录错'))
    const next = await bill('p4', 800)
    const [open] = granted(await regions.months(MAKER, REGIONS))
    assert.equal(open?.month, THIS)
    assert.deepEqual(open?.funds, [
      { fund: POOL, bills: 1, settled: next.pool, changed: -first.pool },
    ])
    const again = granted(await regions.statement(MAKER, { ...REGIONS, month: LAST }, 10))
    assert.equal(again.view.amount, first.pool, 'a month that was closed says the same for ever')
    await sound()
  })

  test('a prepayment: two persons, paid, yellow and red; topped up when it is red, worked out anew for a year', async () => {
    today = plainDate(`${nextMonth(THIS)}-10`)
    const ask = (kind: 'initial' | 'rebase' | 'emergency', amount?: number, fund = POOL) =>
      regions.prepay(MAKER, key(), {
        ...REGIONS,
        kind,
        fund,
        year: Number(today.slice(0, 4)),
        ...(amount === undefined ? {} : { amount }),
        document: '核定通知（虚构）',
      })
    assert.equal(refusal(await ask('initial')), 'prepayment_amount_needed')
    assert.equal(
      refusal(await ask('initial', 100, 'basicPool@jiangsu/nanjing')),
      'prepayment_fund_elsewhere',
    )
    assert.equal(refusal(await ask('emergency', 100)), 'prepayment_not_red')
    const { id } = granted(await ask('initial', yuan('2000.00')))
    assert.equal(refusal(await ask('initial', 100)), 'prepayment_stands')
    const yes = { state: 'confirmed' } as const
    assert.equal(
      refusal(await regions.decidePrepayment(MAKER, key(), id, yes)),
      'another_person_for_region',
    )
    granted(await regions.decidePrepayment(SECOND, key(), id, yes))
    assert.equal(refusal(await regions.decidePrepayment(SECOND, key(), id, yes)), 'region_decided')
    assert.equal((await position())?.warning, 'none', 'owed, and not paid yet')
    await paidByBank()
    const paid = await position()
    assert.equal(paid?.paid, yuan('2000.00'))
    assert.equal(paid?.warning, 'normal')
    await sound()

    const used = async () => (await position())?.used ?? 0
    for (const [n, warning] of [
      ['a', 'yellow'],
      ['b', 'red'],
    ] as const) {
      while (((await position())?.warning ?? '') !== warning)
        await bill(`${n}${Math.round((await used()) / 100)}x${keys}`, 800)
    }
    const more = granted(await ask('emergency', yuan('1000.00')))
    granted(await regions.decidePrepayment(SECOND, key(), more.id, yes))
    const asked = granted(await ask('emergency', yuan('1.00')))
    granted(
      await regions.decidePrepayment(MAKER, key(), asked.id, {
        state: 'withdrawn',
        reason: '不需要',
      }),
    )
    await paidByBank()
    assert.notEqual((await position())?.warning, 'red')

    // The first months of these tests are the last quarter of no year but their own; whatever it is, the sum is theirs.
    const year = Number(THIS.slice(0, 4)) + 1
    const rebase = await regions.prepay(MAKER, key(), {
      ...REGIONS,
      kind: 'rebase',
      fund: POOL,
      year,
      document: '年度核定',
    })
    assert.equal(
      refusal(rebase),
      Number(THIS.slice(5)) === 12 || Number(THIS.slice(5)) < 10
        ? 'granted'
        : 'quarter_not_confirmed',
    )
    await sound()
  })

  test('the next month: what was reversed in it takes back from what was settled', async () => {
    await daysUntil(addDays(firstDay(nextMonth(THIS)), 1))
    const of = { ...REGIONS, month: THIS }
    const { amount } = granted(await regions.close(MAKER, key(), of))
    const before = (await books())['region/990100/990200']
    assert.equal(amount, before)
    granted(await regions.confirm(SECOND, key(), of))
    const now = await books()
    assert.equal(now['region/990100/990200'], undefined)
    assert.equal(now['owed/region/990200'], amount)
    const [{ funds = [] } = {}] = granted(await regions.months(MAKER, REGIONS)).filter(
      ({ month }) => month === THIS,
    )
    assert.equal(funds[0]?.changed, -first.pool)
    assert.deepEqual(await verifyRegions(database, TENANT), [])
  })

  test('what two regions agree is confirmed by another, and holds for no month that is closed', async () => {
    const rule = readClearingRules()[0] ?? assert.fail()
    const terms = {
      ...REGIONS,
      ...rule,
      from: nextMonth(THIS),
      prepaymentMonths: 3,
      grade: 'invented' as const,
    }
    const add = (own: object) => regions.propose(MAKER, key(), { ...terms, ...own })
    assert.equal(refusal(await add({ treating: '990100' })), 'one_region')
    assert.equal(refusal(await add({ red: rate('50%') })), 'bad_region_terms')
    assert.equal(refusal(await add({ from: THIS })), 'region_terms_too_late')
    const { id } = granted(await add({}))
    assert.equal(refusal(await add({})), 'region_terms_stand')
    const yes = { state: 'confirmed' } as const
    assert.equal(
      refusal(await regions.decideTerms(MAKER, key(), id, yes)),
      'another_person_for_region',
    )
    granted(await regions.decideTerms(SECOND, key(), id, yes))
    const pair = (await regions.pairs(MAKER)).find(({ treating }) => treating === '990200')
    assert.equal(pair?.terms.prepaymentMonths, 3)
  })

  test('whoever changes what was stated is refused, and found', async () => {
    await assert.rejects(
      database.query('update region_months set amount = amount + 1 where confirmed_by is not null'),
      /never changed/,
    )
    await assert.rejects(database.query('delete from region_months'), /never changed/)
    await database.transaction(async (sql) => {
      await sql.query('set local session_replication_role = replica')
      await sql.query('update region_months set amount = amount + 1 where month = $1', [LAST])
      await sql.query(`update region_prepayments set amount = amount + 1 where kind = 'initial'`)
    })
    const codes = (await verifyRegions(database, TENANT)).map(({ code }) => code)
    assert.deepEqual(codes, [
      'region_month_differs',
      'prepayment_posted_otherwise',
      'prepaid_differs',
    ])
  })
})
