/**
 * Months of institutions on a real PostgreSQL: terms that two people agree to, a month that is closed once, deductions, an
 * objection, the end of a year, and payments that pay what is left. The ledger agrees throughout.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { todayInChina } from '#app/clock.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { rate, yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import type { Leg } from '#domains/ledger/index.ts'
import { createLedgerService, postPast } from '#domains/ledger/service.ts'
import type { Terms } from '#domains/monthend/index.ts'
import { createMonthService, type MonthService } from '#domains/monthend/service.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'

const TENANT = 'city'
const FUND = 'basicPool@teaching/shifan'
const OTHER = 'medicalAid@teaching/shifan'
const who = (name: string, role: Role, institutions?: string[]): Actor => ({
  tenant: TENANT,
  user: name,
  name,
  role,
  ...(institutions ? { scope: { institutions } } : {}),
})
const HANDLER = who('handler', 'handler')
const REVIEWER = who('reviewer', 'reviewer')
const CASHIER = who('cashier', 'cashier')
const CHIEF = who('chief', 'supervisor')
const DEPUTY = who('deputy', 'supervisor')

/** What is booked by the services is of today, so these years go with it. */
const YEAR = Number(todayInChina().slice(0, 4))

const TERMS: Terms = {
  institution: 'H1',
  fund: FUND,
  from: `${YEAR}-01`,
  depositRate: rate('5%'),
  prepayment: 0,
  backFrom: `${YEAR}-01`,
  release: [{ score: 800, rate: rate('80%') }],
  document: '服务协议',
}

let keys = 0
const key = () => `key ${keys++}`
function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

describe('months of institutions', { timeout: 120_000 }, () => {
  let database: Database
  let shut: () => Promise<void>
  let months: MonthService

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    ;({ database } = opened)
    shut = opened.close
    await database.query(`insert into tenants (id, name) values ($1, '示例市')`, [TENANT])
    await database.query(
      `insert into institutions (tenant_id, id, name, kind) values ($1, 'H1', '第一医院', 'hospital'), ($1, 'H2', '第二医院', 'hospital')`,
      [TENANT],
    )
    months = createMonthService({ database })
    await claimed(`${YEAR - 1}-12-20`, yuan('300.00'))
    await claimed(`${YEAR - 1}-12-20`, yuan('100.00'), 'H2')
    await claimed(`${YEAR - 1}-12-21`, -yuan('100.00'), 'H2')
    await claimed(`${YEAR - 1}-12-20`, 1, 'H1', OTHER)
  })
  after(() => shut?.())

  let entries = 0
  /** What a bill of a day owes a hospital; below zero, what its reversal takes back. */
  async function claimed(
    day: string,
    amount: number,
    institution = 'H1',
    fund = FUND,
  ): Promise<void> {
    const owed = `owed/institution/${institution}`
    const leg: Leg =
      amount > 0
        ? { fund, debit: 'claims/teaching/shifan/x', credit: owed, amount }
        : { fund, debit: owed, credit: 'claims/teaching/shifan/x', amount: -amount }
    await database.transaction((sql) =>
      postPast(sql, TENANT, [
        {
          subject: `bill ${entries++}`,
          kind: 'settled',
          legs: [leg],
          at: `${day}T12:00:00+08:00`,
          user: 'handler',
        },
      ]),
    )
  }
  const paid = (amount: number, day: string) =>
    database.transaction((sql) =>
      postPast(sql, TENANT, [
        {
          subject: `order ${entries++}`,
          kind: 'ordered',
          legs: [
            { fund: FUND, debit: 'owed/institution/H1', credit: 'paying/institution/H1', amount },
          ],
          at: `${day}T12:00:00+08:00`,
          user: 'cashier',
        },
      ]),
    )
  /** Closes the days before one, as the server does by itself; anew, because these tests book today what is of other months. */
  async function daysUntil(day: string): Promise<void> {
    await database.query('delete from ledger_days; delete from ledger_closed')
    const now = () => new Date(`${day}T12:00:00+08:00`)
    await createLedgerService({ database, now }).closeDays()
  }
  /** Read from the entries: what these tests book today falls on days that they have closed already. */
  async function balance(account: string): Promise<number> {
    const [row] = await database.query<{ credit: number }>(
      `select coalesce(sum(case when t.credit = $2 then t.amount when t.debit = $2 then -t.amount else 0 end), 0)::bigint as credit
         from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        where e.tenant_id = $1 and t.fund = $3`,
      [TENANT, account, FUND],
    )
    return row?.credit ?? 0
  }
  const viewOf = async (month: string, actor = HANDLER) =>
    granted(await months.month(actor, { institution: 'H1', fund: FUND, month }))

  test('terms are kept by one person and confirmed by another, once for a year', async () => {
    assert.equal(
      refusal(await months.addTerms(HANDLER, key(), { ...TERMS, institution: 'H9' })),
      'institution_unknown',
    )
    assert.equal(
      refusal(await months.addTerms(HANDLER, key(), { ...TERMS, depositRate: 300_000 })),
      'bad_terms',
    )
    assert.equal(
      refusal(await months.addTerms(HANDLER, key(), { ...TERMS, fund: 'basicPool@nowhere' })),
      'fund_owes_nothing',
    )
    assert.equal(
      refusal(await months.addTerms(HANDLER, key(), { ...TERMS, institution: '第一医院' })),
      'fund_owes_nothing',
      'bills have its number',
    )
    const { id } = granted(await months.addTerms(CHIEF, key(), TERMS))
    assert.equal(
      refusal(await months.decideTerms(CHIEF, key(), id, 'confirmed')),
      'second_person_needed',
    )
    assert.equal(
      refusal(await months.close(CASHIER, key(), `${YEAR}-01`)),
      'institution_month_not_over',
    )
    granted(await months.decideTerms(DEPUTY, key(), id, 'confirmed'))
    assert.equal(
      refusal(await months.decideTerms(DEPUTY, key(), id, 'withdrawn')),
      'decided_already',
    )
    const again = granted(
      await months.addTerms(HANDLER, key(), {
        ...TERMS,
        from: `${YEAR}-05`,
        backFrom: `${YEAR}-05`,
      }),
    )
    assert.equal(
      refusal(await months.decideTerms(CHIEF, key(), again.id, 'confirmed')),
      'terms_in_force',
    )
    granted(await months.decideTerms(HANDLER, key(), again.id, 'withdrawn'))
    const other = granted(
      await months.addTerms(HANDLER, key(), { ...TERMS, institution: 'H2', prepayment: 5_000 }),
    )
    granted(await months.decideTerms(CHIEF, key(), other.id, 'confirmed'))
    assert.equal(await balance('prepaid/institution/H2'), -5_000)
  })

  test('a month is closed once, in its order, and holds the deposit back', async () => {
    await claimed(`${YEAR}-01-10`, yuan('10000.00'))
    await claimed(`${YEAR}-02-10`, yuan('2000.00'))
    await paid(yuan('300.00'), `${YEAR}-01-15`)
    await daysUntil(`${YEAR}-03-01`)
    const { result, state } = await viewOf(`${YEAR}-01`)
    assert.equal(state, 'open')
    assert.deepEqual(
      [result.opening, result.claims, result.paid, result.deposit, result.payable],
      [yuan('300.00'), yuan('10000.00'), yuan('300.00'), yuan('500.00'), yuan('9500.00')],
    )
    assert.equal(
      refusal(await months.close(CASHIER, key(), `${YEAR}-02`)),
      'institution_month_out_of_order',
    )
    const twice = await Promise.all([
      months.close(CASHIER, key(), `${YEAR}-01`),
      months.close(CASHIER, key(), `${YEAR}-01`),
    ])
    assert.deepEqual(twice.map(refusal).toSorted(), ['granted', 'institution_month_closed'])
    assert.equal(await balance('deposit/institution/H1'), yuan('500.00'))
    assert.deepEqual(
      (await viewOf(`${YEAR}-01`)).result,
      result,
      'what was shown is what was closed',
    )
    assert.equal(
      refusal(await months.close(CASHIER, key(), `${YEAR}-12`)),
      'institution_month_not_over',
    )
  })

  test('a month that follows starts with what the one before left, though that was booked later', async () => {
    const { result } = await viewOf(`${YEAR}-02`)
    assert.equal(result.opening, yuan('9500.00'))
    assert.equal(result.payable, yuan('11400.00'))
    granted(await months.close(CASHIER, key(), `${YEAR}-02`))
    assert.equal((await viewOf(`${YEAR}-03`)).result.opening, yuan('11400.00'))
  })

  test('a run that pays a month leaves out what was held back for it, though that was booked later', async () => {
    const payments = createPaymentService({
      database,
      secrets: createSecrets(Buffer.alloc(32, 1)),
      today: todayInChina,
      workingDays: readWorkingDays(),
    })
    const owedUntil = async (day: string) => {
      const asked = { until: plainDate(day), payOn: plainDate(`${YEAR + 1}-12-31`) }
      const { left } = await payments.preview(CASHIER, asked)
      return left.find(({ payee }) => payee === 'institution/H1')?.amount
    }
    // The 300.00 of last year were paid by no order of these payments.
    assert.equal(await owedUntil(`${YEAR}-01-31`), yuan('9800.00'))
    assert.equal(await owedUntil(`${YEAR}-02-28`), yuan('11700.00'))
  })

  test('a deduction is proposed by one and confirmed by another; an objection gives it back, by a third', async () => {
    const asked = {
      institution: 'H1',
      fund: FUND,
      amount: yuan('120.00'),
      reason: '重复收费',
      rule: '服务协议第三十二条',
    }
    assert.equal(
      refusal(await months.propose(REVIEWER, key(), { ...asked, bill: 'none' })),
      'bill_elsewhere',
    )
    const { id } = granted(await months.propose(REVIEWER, key(), asked))
    const owed = await balance('owed/institution/H1')
    const act = (actor: Actor, what: 'confirm' | 'withdraw' | 'restore') =>
      months.decide(actor, key(), id, { act: what, reason: '核实' })
    assert.equal(refusal(await act(REVIEWER, 'confirm')), 'second_person_needed')
    assert.equal(refusal(await act(CHIEF, 'restore')), 'deduction_moved')
    assert.equal(await balance('owed/institution/H1'), owed, 'nothing moved yet')
    granted(await act(CHIEF, 'confirm'))
    assert.equal(await balance('owed/institution/H1'), owed - yuan('120.00'))
    assert.equal(refusal(await act(HANDLER, 'withdraw')), 'deduction_moved')
    assert.equal(refusal(await act(CHIEF, 'restore')), 'second_person_needed')
    granted(await act(DEPUTY, 'restore'))
    assert.equal(await balance('owed/institution/H1'), owed)
    assert.equal(await balance('deducted/institution/H1'), 0)
  })

  test('a hospital sees its own months and deductions, and nobody else’s', async () => {
    const own = who('h1', 'hospital', ['H1'])
    const other = who('h2', 'hospital', ['H2'])
    assert.equal((await viewOf(`${YEAR}-01`, own)).result.payable, yuan('9500.00'))
    assert.deepEqual(
      (await months.months(other, `${YEAR}-01`)).map(({ institution }) => institution),
      ['H2'],
    )
    assert.equal((await months.deductions(own)).length, 1)
    assert.equal((await months.deductions(other)).length, 0)
    assert.equal(
      refusal(await months.month(other, { institution: 'H1', fund: FUND, month: `${YEAR}-01` })),
      'no_terms',
    )
  })

  test('the year: every month closed, a score by one, confirmed by another; the deposit is paid out or forfeited', async () => {
    await claimed(`${YEAR}-12-30`, -yuan('2000.00'))
    const asked = { institution: 'H1', fund: FUND, year: YEAR, score: 850, reason: '年度考核' }
    assert.equal(
      refusal(await months.proposeYear(HANDLER, key(), asked)),
      'institution_year_not_over',
    )
    await daysUntil(`${YEAR + 1}-01-02`)
    for (let month = 3; month <= 12; month++)
      granted(await months.close(CASHIER, key(), `${YEAR}-${String(month).padStart(2, '0')}`))
    assert.equal(
      await balance('deposit/institution/H1'),
      yuan('500.00'),
      'the reversal gave 100 back',
    )
    const { id } = granted(await months.proposeYear(HANDLER, key(), asked))
    assert.equal(refusal(await months.proposeYear(HANDLER, key(), asked)), 'year_in_hand')
    assert.equal(
      refusal(await months.decideYear(HANDLER, key(), id, 'confirmed')),
      'second_person_needed',
    )
    const owed = await balance('owed/institution/H1')
    granted(await months.decideYear(CHIEF, key(), id, 'confirmed'))
    assert.equal(await balance('owed/institution/H1'), owed + yuan('400.00'))
    assert.equal(await balance('deducted/institution/H1'), yuan('100.00'))
    assert.equal(await balance('deposit/institution/H1'), 0)
    const [year] = await months.years(HANDLER)
    assert.deepEqual(
      [year?.state, year?.madeBy, year?.decidedBy, year?.result.released],
      ['confirmed', 'handler', 'chief', yuan('400.00')],
    )
  })

  test('a prepayment that was agreed before its first month is given back; a year begins when the one before is closed', async () => {
    const later = { ...TERMS, from: `${YEAR + 1}-01`, backFrom: `${YEAR + 1}-01` }
    const { id } = granted(
      await months.addTerms(HANDLER, key(), { ...later, institution: 'H2', prepayment: 700 }),
    )
    granted(await months.decideTerms(CHIEF, key(), id, 'confirmed'))
    await daysUntil(`${YEAR + 1}-02-02`)
    const { result } = granted(
      await months.month(HANDLER, { institution: 'H2', fund: FUND, month: later.from }),
    )
    assert.deepEqual(
      [result.opening, result.advanced, result.offset, result.after.prepaid],
      [700, 0, 700, 0],
    )
    granted(await months.close(CASHIER, key(), later.from))
    const late = granted(
      await months.addTerms(HANDLER, key(), { ...TERMS, fund: OTHER, prepayment: 1 }),
    )
    assert.equal(
      refusal(await months.decideTerms(CHIEF, key(), late.id, 'confirmed')),
      'prepayment_too_late',
    )
    const older = granted(await months.addTerms(HANDLER, key(), { ...TERMS, fund: OTHER }))
    granted(await months.decideTerms(CHIEF, key(), older.id, 'confirmed'))
    const newer = granted(await months.addTerms(HANDLER, key(), { ...later, fund: OTHER }))
    granted(await months.decideTerms(CHIEF, key(), newer.id, 'confirmed'))
    const early = await months.close(CASHIER, key(), later.from)
    assert.equal(refusal(early), 'institution_month_out_of_order')
  })

  test('one name stands in both places of nothing, whoever writes it', async () => {
    await assert.rejects(
      database.query(`update month_deductions set made_by = confirmed_by where state = 'restored'`),
      /month_deductions_check/,
    )
  })

  test('the same command twice is one', async () => {
    const same = key()
    const asked = {
      institution: 'H2',
      fund: FUND,
      amount: 100,
      reason: '重复收费',
      rule: '服务协议',
    }
    const first = granted(await months.propose(REVIEWER, same, asked))
    assert.deepEqual(granted(await months.propose(REVIEWER, same, asked)), first)
    assert.equal(
      refusal(await months.propose(REVIEWER, same, { ...asked, amount: 101 })),
      'idempotency_key_reused',
    )
  })

  test('what is left after the year is what the ledger owes', async () => {
    const { payable } = (await viewOf(`${YEAR}-12`)).result
    assert.equal(await balance('owed/institution/H1'), payable + yuan('400.00'))
    assert.equal(await balance('owed/institution/H2'), 0, 'the advance was given back in November')
  })
})
