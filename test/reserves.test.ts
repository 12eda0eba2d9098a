/**
 * Reserves on a real PostgreSQL: a triangle from the books and from before them, a reserve that one proposes and another
 * books, the next that takes its place, and what the first turned out to be worth.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Result } from '#base/result.ts'
import { createLedgerService, postPast } from '#domains/ledger/service.ts'
import type { Basis, Booked } from '#domains/reserves/index.ts'
import { createReserveService, type ReserveService } from '#domains/reserves/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { migratedDatabase } from './crash/database.ts'

const TENANT = 'city'
const FUND = 'citySupplementary@teaching/shifan/products'
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const ACTUARY = who('actuary', 'actuary')
const CHIEF = who('chief', 'supervisor')
const BASIS: Basis = { method: 'chain-ladder', window: 24, tail: 1_000_000 }

let keys = 0
const key = () => `key ${keys++}`
function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

describe('reserves', { timeout: 120_000 }, () => {
  let database: Database
  let shut: () => Promise<void>
  let reserves: ReserveService

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    ;({ database } = opened)
    shut = opened.close
    await database.query(`insert into tenants (id, name) values ($1, '示例市')`, [TENANT])
    reserves = createReserveService({ database })
  })
  after(() => shut?.())

  let entries = 0
  /** What a fund was claimed on a day for a bill that was settled by another. */
  async function claimed(care: string, day: string, amount: number): Promise<void> {
    const id = `bill-${entries++}`
    await database.query(
      `insert into persons (tenant_id, id, body) values ($1, $2, '{}') on conflict do nothing`,
      [TENANT, 'p'],
    )
    await database.query(
      `insert into bills (tenant_id, id, person_id, settled_on, body) values ($1, $2, 'p', $3, '{}')`,
      [TENANT, id, care],
    )
    await database.transaction((sql) =>
      postPast(sql, TENANT, [
        {
          subject: id,
          kind: 'settled',
          bill: id,
          legs: [
            {
              fund: FUND,
              debit: 'claims/teaching/shifan/products/x',
              credit: 'owed/person/p',
              amount,
            },
          ],
          at: `${day}T12:00:00+08:00`,
          user: 'handler',
        },
      ]),
    )
  }
  const daysUntil = (day: string) =>
    createLedgerService({ database, now: () => new Date(`${day}T12:00:00+08:00`) }).closeDays()
  async function reserved(): Promise<number> {
    const [row] = await database.query<{ held: number }>(
      `select coalesce(sum(case when t.credit = 'ibnr' then t.amount when t.debit = 'ibnr' then -t.amount else 0 end), 0)::bigint as held
         from ledger_entries e cross join lateral unnest(e.debits, e.credits, e.amounts) as t (debit, credit, amount) where e.tenant_id = $1`,
      [TENANT],
    )
    return row?.held ?? 0
  }
  const propose = (month: string, actor = ACTUARY, basis = BASIS) =>
    reserves.propose(actor, key(), { fund: FUND, month, basis, reason: '月末' })

  test('the books begin the triangle, and history is what came before them', async () => {
    await claimed('2026-02-10', '2026-03-05', 200)
    await claimed('2026-03-20', '2026-03-25', 400)
    const asked = { fund: FUND, month: '2026-03', basis: BASIS }
    assert.equal(refusal(granted(await reserves.outlook(CHIEF, asked)).estimated), 'too_few_months')
    const rows: Booked[] = [
      { care: '2026-01', booked: '2026-01', amount: 100 },
      { care: '2026-01', booked: '2026-02', amount: 50 },
      { care: '2026-02', booked: '2026-02', amount: 100 },
    ]
    const keep = (all: readonly Booked[]) =>
      reserves.keepHistory(ACTUARY, key(), FUND, { rows: all, document: '历史' })
    assert.equal(
      refusal(await keep([...rows, { care: '2026-01', booked: '2026-03', amount: 1 }])),
      'history_overlaps',
    )
    assert.equal(
      refusal(await keep([{ care: '2026-02', booked: '2026-01', amount: 1 }])),
      'history_booked_before_care',
    )
    granted(await keep(rows))
    const { triangle, estimated } = granted(await reserves.outlook(CHIEF, asked))
    assert.deepEqual(
      triangle.rows.map(({ care, sums }) => [care, ...sums]),
      [
        ['2026-01', 100, 150, 150],
        ['2026-02', 100, 300],
        ['2026-03', 400],
      ],
    )
    // 200 grew to 450, and 150 to 150: of March 400 · 2.25 less what is there.
    assert.equal(granted(estimated).ibnr, 500)
  })

  test('a reserve is proposed by one when its month is over, and booked by another, once', async () => {
    assert.equal(refusal(await propose('2026-03')), 'reserve_month_not_over')
    await daysUntil('2026-04-02')
    const { id, ibnr } = granted(await propose('2026-03'))
    assert.equal(ibnr, 500)
    assert.equal(await reserved(), 0, 'nothing is booked yet')
    assert.equal(refusal(await propose('2026-03')), 'reserve_month_taken')
    assert.equal(
      refusal(await reserves.decide(ACTUARY, key(), id, 'confirmed')),
      'another_person_books',
    )
    const twice = await Promise.all([
      reserves.decide(CHIEF, key(), id, 'confirmed'),
      reserves.decide(CHIEF, key(), id, 'confirmed'),
    ])
    assert.deepEqual(twice.map(refusal).toSorted(), ['granted', 'reserve_decided'])
    assert.equal(await reserved(), 500)
    assert.equal(
      refusal(
        await reserves.keepHistory(ACTUARY, key(), FUND, {
          rows: [{ care: '2026-01', booked: '2026-01', amount: 1 }],
          document: '历史',
        }),
      ),
      'history_reserved',
    )
  })

  test('the next reserve takes its place, and the first is held against what came of it', async () => {
    await claimed('2026-03-31', '2026-04-10', 350)
    await claimed('2026-04-02', '2026-04-20', 300)
    await daysUntil('2026-05-02')
    const { id, ibnr } = granted(await propose('2026-04'))
    granted(await reserves.decide(CHIEF, key(), id, 'confirmed'))
    assert.equal(await reserved(), ibnr, 'the new one, and not both')
    assert.equal(refusal(await propose('2026-02')), 'later_month_reserved')
    const { runOffs } = await reserves.reserves(CHIEF, FUND, '2026-04')
    const [march] = runOffs
    assert(march)
    assert.deepEqual([march.month, march.reserved, march.claimedSince], ['2026-03', 500, 350])
    assert.equal(march.result, 500 - 350 - march.stillHeld)
  })

  test('public funds book what was paid, and set nothing aside', async () => {
    const asked = { fund: 'basicPool@teaching/shifan', month: '2026-03', basis: BASIS }
    assert.equal(refusal(await reserves.outlook(CHIEF, asked)), 'fund_on_cash_basis')
    assert.deepEqual(await reserves.funds(CHIEF), [FUND])
  })

  test('a proposal that is taken back leaves its month free', async () => {
    await daysUntil('2026-06-02')
    const { id } = granted(await propose('2026-05'))
    granted(await reserves.decide(ACTUARY, key(), id, 'withdrawn'))
    const again = granted(
      await propose('2026-05', ACTUARY, {
        ...BASIS,
        method: 'bornhuetter-ferguson',
        expected: 900,
      }),
    )
    assert.equal(refusal(await reserves.decide(CHIEF, key(), id, 'confirmed')), 'reserve_decided')
    await daysUntil('2026-07-02')
    assert.equal(refusal(await propose('2026-06')), 'another_reserve_waits')
    granted(await reserves.decide(CHIEF, key(), again.id, 'confirmed'))
    granted(await propose('2026-06'))
  })
})
