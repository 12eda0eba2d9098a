/**
 * Co-insurance on a real PostgreSQL: a panel of eleven that two people enter, months that are closed once and in order,
 * what goes back in a later month, two closers at once, what insurers pay, and books that agree throughout.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { todayInChina } from '#app/clock.ts'
import { productsOf } from '#app/coinsured-products.ts'
import { readInput } from '#app/input.ts'
import { verifyLedger } from '#app/ledger-command.ts'
import { yuan } from '#base/money.ts'
import { monthOf } from '#base/month.ts'
import { addMonths, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { type Member, type PanelTerms, partsOf } from '#domains/coinsurance/index.ts'
import {
  type CoinsuranceService,
  createCoinsuranceService,
  verifyCoinsurance,
} from '#domains/coinsurance/service.ts'
import { createEnrolmentService, type EnrolmentService } from '#domains/enrolment/service.ts'
import { checkLedger, createLedgerService, postPast } from '#domains/ledger/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { migratedDatabase } from './crash/database.ts'
import { BOOK, SCHEME_FILES } from './crash/teaching.ts'

const TENANT = 'city'
const RUN = fileURLToPath(new URL('crash/coinsurance-run.ts', import.meta.url))
const FUND = 'citySupplementary@teaching/shifan/products'
const HUIMIN = 'teaching/shifan/products/huimin'
const [IN_SCOPE, OUT_OF_SCOPE, DRUG] = ['in-scope', 'out-of-scope', 'special-drug'].map(
  (rule) => `${HUIMIN}-${rule}`,
) as [string, string, string]
const who = (name: string, role: Role, tenant = TENANT): Actor => ({
  tenant,
  user: name,
  name,
  role,
})
const [ACTUARY, ADMIN] = [who('gu', 'actuary'), who('admin', 'admin')]
const [MAKER, SECOND, HANDLER] = [
  who('cashier', 'cashier'),
  who('cashier2', 'cashier'),
  who('lin', 'handler'),
]

/** Eleven invented insurers; the lead bears 30 %. */
const ELEVEN: readonly Member[] = [
  300_000, 120_000, 100_000, 90_000, 80_000, 70_000, 65_000, 60_000, 50_000, 40_000, 25_000,
].map((share, i) => ({
  insurer: `R${String(i + 1).padStart(2, '0')}`,
  name: `虚构保险 ${i + 1}`,
  share,
}))
const YEAR_2023: PanelTerms = {
  scheme: HUIMIN,
  fund: FUND,
  from: plainDate('2023-01-01'),
  until: plainDate('2023-12-31'),
  lead: 'R01',
  members: ELEVEN,
  source: '共保协议（虚构）',
  grade: 'invented',
}

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code
/** The month of 2023 with this number. */
const nameOf = (month: number): string => `2023-${String(month).padStart(2, '0')}`
let keys = 0
const key = () => `key ${keys++}`

describe('co-insurance', { timeout: 300_000 }, () => {
  let database: Database
  let url: string
  let close: () => Promise<void>
  let settlement: SettlementService
  let enrolment: EnrolmentService
  let coinsurance: CoinsuranceService

  before(async () => {
    const opened = await migratedDatabase({ max: 8 })
    database = opened.database
    url = opened.url
    close = opened.close
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    const secrets = createSecrets(Buffer.alloc(32, 1))
    settlement = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: () => true,
      secrets,
    })
    await settlement.ensureRules(TENANT, SCHEME_FILES, 'test')
    enrolment = createEnrolmentService({
      database,
      today: todayInChina,
      bookOf: async () => BOOK,
      secrets,
      settlement,
    })
    coinsurance = createCoinsuranceService({
      database,
      products: async () => productsOf(BOOK),
      today: todayInChina,
    })
  })
  after(() => close?.())

  /** What the fund was claimed under a rule, booked on a day of the past. */
  let claims = 0
  async function claimed(
    day: string,
    rule: string,
    amount: number,
    tenant = TENANT,
  ): Promise<void> {
    const [debit, credit] =
      amount > 0 ? [`claims/${rule}`, 'opening'] : ['opening', `claims/${rule}`]
    await postPast(database, tenant, [
      {
        subject: `past claim ${claims++}`,
        kind: 'opened',
        // The first and the last second of the day in China: it is of this month, whatever day it is elsewhere.
        at: `${day}T${claims % 2 === 0 ? '00:00:00' : '23:59:59'}+08:00`,
        user: 'test',
        legs: [{ fund: FUND, debit, credit, amount: Math.abs(amount) }],
      },
    ])
  }

  /** The ledger closes every day up to the end of a month. */
  const booksOver = (month: string) =>
    createLedgerService({
      database,
      now: () => new Date(`${addMonths(plainDate(`${month}-01`), 1)}T02:00:00+08:00`),
    }).closeDays()

  async function confirmed(terms: PanelTerms, tenant = TENANT): Promise<string> {
    const { id } = granted(await coinsurance.propose({ ...ACTUARY, tenant }, key(), terms))
    granted(await coinsurance.confirm({ ...ADMIN, tenant }, key(), id))
    return id
  }

  /** What each insurer owes on the books, by its account. */
  async function owed(tenant = TENANT): Promise<Record<string, number>> {
    const rows = await database.query<{ account: string; amount: number }>(
      `select l.account, sum(l.amount)::bigint as amount from ledger_entries e
        cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.debit, t.amount), (t.credit, -t.amount)) as l (account, amount)
        where e.tenant_id = $1 and starts_with(l.account, 'coinsurer/') group by 1 having sum(l.amount) <> 0 order by 1`,
      [tenant],
    )
    return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]))
  }

  async function sound(): Promise<void> {
    const { text, sound: holds } = await verifyLedger(database, 'en')
    assert(holds, text)
    const { debit, credit } = await database.snapshot((sql) => checkLedger(sql, TENANT))
    assert.equal(debit, credit)
  }

  let panel = ''

  test('a panel is entered by one and confirmed by another; panels of one product never overlap', async () => {
    const { id } = granted(await coinsurance.propose(ADMIN, key(), YEAR_2023))
    assert.equal(refusal(await coinsurance.confirm(ADMIN, key(), id)), 'another_person_confirms')
    assert.equal(
      refusal(await coinsurance.close(MAKER, key(), id, '2023-01')),
      'panel_not_confirmed',
    )
    granted(await coinsurance.withdraw(ACTUARY, key(), id, '份额有误'))
    assert.equal(refusal(await coinsurance.confirm(who('x', 'admin'), key(), id)), 'record_decided')
    const short = { ...YEAR_2023, members: ELEVEN.slice(0, 10) }
    assert.equal(refusal(await coinsurance.propose(ACTUARY, key(), short)), 'shares_do_not_add_up')

    // Two that overlap are entered, and two people confirm them at once: one panel holds.
    const two = [
      granted(await coinsurance.propose(ACTUARY, key(), YEAR_2023)).id,
      granted(
        await coinsurance.propose(ACTUARY, key(), { ...YEAR_2023, until: plainDate('2024-06-30') }),
      ).id,
    ]
    const done = await Promise.all(two.map((each) => coinsurance.confirm(ADMIN, key(), each)))
    assert.deepEqual(done.map(refusal).toSorted(), ['granted', 'panel_overlaps'])
    const won = two[done.findIndex(({ ok }) => ok)] ?? ''
    granted(await coinsurance.withdraw(ADMIN, key(), won, '重新登记'))
    panel = await confirmed(YEAR_2023)
    assert.equal(
      refusal(
        await coinsurance.propose(ACTUARY, key(), {
          ...YEAR_2023,
          from: plainDate('2023-12-01'),
          until: plainDate('2024-11-30'),
        }),
      ),
      'panel_overlaps',
    )
  })

  test('a month is closed once, in its order, when the ledger has nothing more to book in it', async () => {
    await claimed('2023-01-01', IN_SCOPE, yuan('800000.07'))
    await claimed('2023-01-31', DRUG, yuan('199999.96'))
    assert.equal(refusal(await coinsurance.close(MAKER, key(), panel, '2023-01')), 'month_not_over')
    await booksOver('2023-01')
    assert.equal(
      refusal(await coinsurance.close(MAKER, key(), panel, '2022-12')),
      'month_without_panel',
    )
    assert.equal(
      refusal(await coinsurance.close(MAKER, key(), panel, '2023-02')),
      'earlier_month_open',
    )
    assert.equal(refusal(await coinsurance.statement(HANDLER, panel, {})), 'no_month_closed')

    // Two cashiers at once, and the first one's request again: it is shared once.
    const own = key()
    const [one, other] = await Promise.all([
      coinsurance.close(MAKER, own, panel, '2023-01'),
      coinsurance.close(SECOND, key(), panel, '2023-01'),
    ])
    assert.deepEqual([one, other].map(refusal).toSorted(), ['granted', 'month_closed'])
    if (one.ok) assert.deepEqual(await coinsurance.close(MAKER, own, panel, '2023-01'), one)
    const entries = await database.query(`select 1 from ledger_entries where kind = 'shared'`)
    assert.equal(entries.length, 1)
    // 1,000,000.03: the three fen fall where the shares added up pass a whole one.
    const parts = partsOf(yuan('1000000.03'), ELEVEN)
    assert.equal(
      parts.reduce((sum, part) => sum + part, 0),
      yuan('1000000.03'),
    )
    assert.deepEqual(
      await owed(),
      Object.fromEntries(
        ELEVEN.slice(1).map(({ insurer }, i) => [`coinsurer/${insurer}/2023-01`, parts[i + 1]]),
      ),
    )
    await sound()
  })

  test('what goes back later falls in the month when it is booked; the closed month stays as it was', async () => {
    const before = await database.query(`select * from coinsurance_shares order by insurer`)
    await claimed('2023-02-05', IN_SCOPE, yuan('-800000.07'))
    await claimed('2023-02-20', OUT_OF_SCOPE, yuan('12345.67'))
    await booksOver('2023-02')
    const { claims: moved } = granted(await coinsurance.close(MAKER, key(), panel, '2023-02'))
    assert.equal(moved, yuan('-787654.40'))
    const after = await database.query(
      `select * from coinsurance_shares where month = '2023-01-01' order by insurer`,
    )
    assert.deepEqual(after, before)
    const found = granted(await coinsurance.statement(HANDLER, panel, { month: '2023-02' }))
    assert.deepEqual(found.claims, { inMonth: yuan('-787654.40'), inYear: yuan('212345.63') })
    assert.deepEqual(
      found.liabilities.map(({ title, inMonth, inYear }) => [title.zh, inMonth, inYear]),
      [
        ['惠民保责任一（目录内）', yuan('-800000.07'), 0],
        ['惠民保责任二（目录外）', yuan('12345.67'), yuan('12345.67')],
        ['惠民保责任三（特药）', 0, yuan('199999.96')],
      ],
    )
    assert.deepEqual(
      found.insurers.map(({ claims: { inYear } }) => inYear),
      partsOf(yuan('212345.63'), ELEVEN),
    )
    assert.equal(
      refusal(await coinsurance.statement(HANDLER, panel, { month: '2023-03' })),
      'month_open',
    )
    await sound()
  })

  test('what an insurer pays is recorded by one and confirmed by another, each transfer once', async () => {
    const receive = (more: Partial<Parameters<CoinsuranceService['receive']>[3]> = {}) =>
      coinsurance.receive(MAKER, key(), panel, {
        insurer: 'R02',
        on: plainDate('2023-02-15'),
        amount: yuan('100000'),
        reference: '回单 1',
        ...more,
      })
    assert.equal(refusal(await receive({ insurer: 'R01' })), 'not_a_coinsurer')
    assert.equal(refusal(await receive({ insurer: 'R12' })), 'not_a_coinsurer')
    assert.equal(refusal(await receive({ on: plainDate('9999-01-01') })), 'received_in_future')
    assert.equal(refusal(await receive({ on: plainDate('2022-12-31') })), 'received_before_panel')
    const { id } = granted(await receive())
    // A panel of which money is recorded is not given up, though no month of it was shared.
    const next = await confirmed({
      ...YEAR_2023,
      from: plainDate('2025-01-01'),
      until: plainDate('2025-12-31'),
    })
    const early = granted(
      await coinsurance.receive(MAKER, key(), next, {
        insurer: 'R02',
        on: plainDate('2025-01-01'),
        amount: 1,
        reference: '回单 0',
      }),
    )
    assert.equal(
      refusal(await coinsurance.withdraw(ADMIN, key(), next, '撤回')),
      'panel_has_receipts',
    )
    granted(await coinsurance.withdrawReceipt(SECOND, key(), early.id, '录错'))
    granted(await coinsurance.withdraw(ADMIN, key(), next, '撤回'))
    assert.equal(refusal(await receive()), 'receipt_known')
    assert.equal(
      refusal(await coinsurance.confirmReceipt(MAKER, key(), id)),
      'another_person_confirms',
    )
    const balance = async () => (await owed())['coinsurer/R02/2023-01'] ?? 0
    const owing = await balance()
    const both = await Promise.all([
      coinsurance.confirmReceipt(SECOND, key(), id),
      coinsurance.confirmReceipt(who('sup', 'supervisor'), key(), id),
    ])
    assert.deepEqual(both.map(refusal).toSorted(), ['granted', 'record_decided'])
    assert.equal(await balance(), owing - yuan('100000'))
    assert.equal(
      refusal(await coinsurance.withdrawReceipt(MAKER, key(), id, '误')),
      'record_decided',
    )
    // It paid more than its part of what is left after February: the lead pays back.
    assert(owing < yuan('100000'))
    const back = granted(
      await receive({
        amount: owing - yuan('100000'),
        reference: '回单 2',
        on: plainDate('2023-03-05'),
      }),
    )
    granted(await coinsurance.confirmReceipt(SECOND, key(), back.id))
    assert.equal(await balance(), 0)
    const typo = granted(await receive({ reference: '回单 3' }))
    granted(await coinsurance.withdrawReceipt(MAKER, key(), typo.id, '录错'))
    granted(await receive({ reference: '回单 3', amount: yuan('1') }))

    const { insurers } = granted(
      await coinsurance.statement(HANDLER, panel, { month: '2023-02', insurer: 'R02' }),
    )
    const part = partsOf(yuan('1000000.03'), ELEVEN)[1] ?? 0
    assert.deepEqual(
      insurers.map(({ insurer, opening, paid, closing, owes }) => ({
        insurer,
        opening,
        paid,
        closing,
        owes,
      })),
      [
        {
          insurer: 'R02',
          opening: part,
          paid: { inMonth: yuan('100000'), inYear: yuan('100000') },
          closing: owing - yuan('100000'),
          owes: 0,
        },
      ],
    )
    await sound()
  })

  test('what no panel shares is refused by name: another rule of the fund, and a month between two panels', async () => {
    await claimed('2023-03-03', 'teaching/shifan/products/unheard-of', yuan('5'))
    await booksOver('2023-03')
    const done = await coinsurance.close(MAKER, key(), panel, '2023-03')
    assert(!done.ok && done.error.code === 'claims_without_panel')
    assert.deepEqual(done.error.claims, [
      { rule: 'teaching/shifan/products/unheard-of', amount: yuan('5') },
    ])
    // It is booked back in the same month, here by a ledger whose days are made anew.
    await database.query('delete from ledger_days where day >= $1', ['2023-03-01'])
    await database.query(`update ledger_closed set day = '2023-02-28'`)
    await claimed('2023-03-04', 'teaching/shifan/products/unheard-of', yuan('-5'))
    for (let month = 3; month <= 12; month++) {
      await booksOver(nameOf(month))
      granted(await coinsurance.close(MAKER, key(), panel, nameOf(month)))
    }
    const terms = { ...YEAR_2023, from: plainDate('2024-03-01'), until: plainDate('2024-12-31') }
    const next = await confirmed(terms)
    await claimed('2024-02-11', IN_SCOPE, yuan('7'))
    await booksOver('2024-03')
    const gap = await coinsurance.close(MAKER, key(), next, '2024-03')
    assert(!gap.ok && gap.error.code === 'claims_without_panel')
    assert.deepEqual([gap.error.from, gap.error.until], ['2024-01-01', '2024-02-29'])
    // The panel that was missing is entered, and everything has its place.
    granted(await coinsurance.withdraw(ADMIN, key(), next, '改自一月'))
    const whole = await confirmed({ ...terms, from: plainDate('2024-01-01') })
    for (const month of ['2024-01', '2024-02', '2024-03'])
      granted(await coinsurance.close(MAKER, key(), whole, month))
    assert.equal(refusal(await coinsurance.withdraw(ADMIN, key(), whole, 'x')), 'panel_in_use')
    await sound()
  })

  test('a month of the year before has to be closed before the next panel begins', async () => {
    const early = await confirmed({
      ...YEAR_2023,
      from: plainDate('2021-01-01'),
      until: plainDate('2021-12-31'),
    })
    const later = await confirmed({
      ...YEAR_2023,
      from: plainDate('2022-01-01'),
      until: plainDate('2022-12-31'),
    })
    const done = await coinsurance.close(MAKER, key(), later, '2022-01')
    assert(!done.ok && done.error.code === 'earlier_month_open')
    assert.equal(done.error.month, '2021-01')
    granted(await coinsurance.close(MAKER, key(), early, '2021-01'))
  })

  test('any claims and reversals in any months, closed at once or many together: the shares are those of the sum', async () => {
    let runs = 0
    const movement = fc.record({
      rule: fc.constantFrom(IN_SCOPE, OUT_OF_SCOPE, DRUG),
      amount: fc.integer({ min: -90_000_00, max: 90_000_00 }).filter((each) => each !== 0),
    })
    const year = fc.array(fc.array(movement, { maxLength: 4 }), { minLength: 12, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(year, fc.array(fc.integer({ min: 1, max: 12 })), async (months, pauses) => {
        const tenant = `property-${runs++}`
        await database.query('insert into tenants (id, name) values ($1, $1)', [tenant])
        const id = await confirmed(YEAR_2023, tenant)
        let all = 0
        let next = 1
        /** Closes every month that is over, one after another. */
        const catchUp = async (until: number) => {
          await booksOver(nameOf(until))
          for (; next <= until; next++)
            granted(await coinsurance.close({ ...MAKER, tenant }, key(), id, nameOf(next)))
        }
        for (const [i, booked] of months.entries()) {
          for (const { rule, amount } of booked) {
            await claimed(`${nameOf(i + 1)}-15`, rule, amount, tenant)
            all += amount
          }
          if (pauses.includes(i + 1)) await catchUp(i + 1)
        }
        await catchUp(12)
        const { insurers } = granted(await coinsurance.statement({ ...HANDLER, tenant }, id, {}))
        const parts = partsOf(all, ELEVEN)
        assert.deepEqual(
          insurers.map(({ claims: { inYear } }) => inYear),
          parts,
        )
        const books = await owed(tenant)
        for (const [i, { insurer }] of ELEVEN.entries())
          if (i > 0) assert.equal(books[`coinsurer/${insurer}/2023-01`] ?? 0, parts[i])
      }),
      { numRuns: 5 },
    )
    await sound()
  })

  test('killed at any point of a year and started again, the books are those of a year that nobody killed', async () => {
    const random = seeded(Number(process.env.SEED ?? 1))
    const kills = Number(process.env.KILLS ?? 4)
    const panels: Record<string, string> = {}
    for (const tenant of ['killed', 'unbroken']) {
      await database.query('insert into tenants (id, name) values ($1, $1)', [tenant])
      panels[tenant] = await confirmed(YEAR_2023, tenant)
      for (let month = 1; month <= 12; month++)
        await claimed(`${nameOf(month)}-15`, IN_SCOPE, 7 + month ** 7 * (month % 3 || -1), tenant)
    }
    await booksOver('2023-12')
    /** Runs the year of a tenant, killed after a while where it may be; says whether it was. */
    const run = async (tenant: string, mayKill: boolean): Promise<boolean> => {
      const child = spawn(process.execPath, [RUN, url, tenant, panels[tenant] ?? ''], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = once(child, 'exit')
      await once(child.stdout, 'data')
      if (mayKill) setTimeout(() => child.kill('SIGKILL'), random() * 200)
      const [code, signal] = await gone
      if (signal !== 'SIGKILL') assert.equal(code, 0)
      return signal === 'SIGKILL'
    }
    await run('unbroken', false)
    let killed = 0
    while (await run('killed', killed < kills)) killed++
    assert(killed > 0)
    const [one, other] = await Promise.all(
      ['killed', 'unbroken'].map((tenant) => database.snapshot((sql) => checkLedger(sql, tenant))),
    )
    assert.equal(one?.balancesHash, other?.balancesHash)
    assert.equal(one?.entries, other?.entries)
    assert.equal((await owed('killed'))['coinsurer/R02/2023-01'], undefined)
    await sound()
  })

  test('settlements and late bills of this month: what is shared is what the fund owes for them', async () => {
    const tenant = 'bills'
    await database.query('insert into tenants (id, name) values ($1, $1)', [tenant])
    await settlement.ensureRules(tenant, SCHEME_FILES, 'test')
    const handler = { ...HANDLER, tenant }
    const month = monthOf(todayInChina())
    const sample = readInput(
      'samples/teaching-city.json',
      readFileSync('samples/teaching-city.json', 'utf8'),
      BOOK.vocabulary,
    )
    const people = ['well-insured', 'retiree', 'adult']
    const persons = sample.persons.filter(({ person: { id } }) => people.includes(id))
    const bills = sample.bills.filter(({ person }) => people.includes(person))
    granted(await settlement.addBills(handler, key(), { persons, bills }))
    // The last bill first: each that follows is late, and the person's bills are settled again.
    for (const { id } of bills.toSorted((a, b) => (a.settled < b.settled ? 1 : -1)))
      await settlement.settle(handler, key(), id)
    const [row] = await database.query<{ paid: number }>(
      `select coalesce(sum((t->>'paid')::bigint), 0)::bigint as paid
         from settlements s cross join lateral jsonb_array_elements(s.result->'settlement'->'tiers') t
        where s.tenant_id = $1 and s.state = 'settled' and t->>'payer' = 'citySupplementary'`,
      [tenant],
    )
    const paid = row?.paid ?? 0
    assert(paid > 0, 'the sample has bills that the product pays')
    const from = plainDate(`${month}-01`)
    const until = plainDate(`${Number(month.slice(0, 4)) + 1}-12-31`)
    const id = await confirmed({ ...YEAR_2023, from, until }, tenant)
    await booksOver(month)
    const cashier = { ...MAKER, tenant }
    const { claims: shared } = granted(await coinsurance.close(cashier, key(), id, month))
    assert.equal(shared, paid)
    // The days of this month were taken as over before they were: they are closed anew with what was posted since.
    await database.query('delete from ledger_days where tenant_id = $1', [tenant])
    await database.query('delete from ledger_closed where tenant_id = $1', [tenant])
    await booksOver(month)
    await sound()
  })

  test('who is insured, what they paid, and with which disease before: as enrolment had it when a month was shared', async () => {
    const tenant = 'insured'
    await database.query('insert into tenants (id, name) values ($1, $1)', [tenant])
    await settlement.ensureRules(tenant, SCHEME_FILES, 'test')
    const handler = { ...HANDLER, tenant }
    const id = await confirmed(YEAR_2023, tenant)
    const enrol = async (person: string, from: string, answers: Record<string, string> = {}) => {
      granted(
        await enrolment.register(handler, key(), {
          id: person,
          name: '示例甲',
          born: plainDate('1980-01-01'),
          sex: 'male',
        }),
      )
      granted(
        await enrolment.change(
          handler,
          key(),
          person,
          {
            kind: 'enrol',
            membership: {
              scheme: HUIMIN,
              from: plainDate(from),
              until: plainDate('2023-12-31'),
              enrolledOn: plainDate(from),
              answers,
              employer: undefined,
            },
            premiums: [{ payer: 'self', due: 15_800 }],
          },
          '补录',
        ),
      )
    }
    await enrol('i1', '2023-01-01')
    await enrol('i2', '2023-02-01', { preexisting: '有' })
    await enrol('i3', '2023-03-01')
    // A disease declared before the cover counts, one that came later or was merely found does not.
    for (const [person, disease, since] of [
      ['i1', '高血压', '2020-01-01'],
      ['i2', '糖尿病', '2023-05-01'],
    ] as const)
      granted(
        await enrolment.change(
          handler,
          key(),
          person,
          { kind: 'declare', disease, since: plainDate(since) },
          undefined,
        ),
      )
    await database.query(
      `insert into conditions (tenant_id, person_id, disease, since, state) values ($1, 'i3', '高血压', '2020-01-01', 'found')`,
      [tenant],
    )
    const premium = async (
      person: string,
      from: string,
      posting: 'collected' | 'refunded',
      amount: number,
    ) =>
      granted(
        await enrolment.premium(
          handler,
          key(),
          person,
          { scheme: HUIMIN, from: plainDate(from), payer: 'self', posting, amount },
          undefined,
        ),
      )
    await premium('i1', '2023-01-01', 'collected', 15_800)
    await premium('i1', '2023-01-01', 'refunded', 800)
    await booksOver('2023-03')
    const share = async (month: string) =>
      granted(await coinsurance.close({ ...MAKER, tenant }, key(), id, month))
    await share('2023-01')
    await share('2023-02')
    const enrolled = async (month: string) =>
      granted(await coinsurance.statement(handler, id, { month })).enrolled
    const february = {
      insured: 2,
      everInsured: 2,
      preexisting: 2,
      premiumDue: 31_600,
      premiumCollected: 15_800,
      premiumRefunded: 800,
    }
    assert.deepEqual(await enrolled('2023-02'), february)
    // What came later is in the next month, and February's statement stays as it was sent out.
    await premium('i2', '2023-02-01', 'collected', 15_800)
    await share('2023-03')
    assert.deepEqual(await enrolled('2023-02'), february)
    assert.deepEqual(await enrolled('2023-03'), {
      insured: 3,
      everInsured: 3,
      preexisting: 2,
      premiumDue: 47_400,
      premiumCollected: 31_600,
      premiumRefunded: 800,
    })
    // The same as settlements are told of each: 有 or not.
    const told = await Promise.all(
      ['i1', 'i2', 'i3'].map(async (person) => {
        const found = granted(await settlement.person(handler, person))
        return found.person.covers.map(({ attributes }) => attributes.preexisting)
      }),
    )
    assert.deepEqual(told, [['有'], ['有'], [undefined]])
  })

  test('the guards bite: a month, a share, an entry and a receipt that do not agree are found', async () => {
    const faults = async () =>
      (await database.snapshot((sql) => verifyCoinsurance(sql, TENANT))).map(({ code }) => code)
    assert.deepEqual(await faults(), [])
    for (const text of [
      `update coinsurance_months set amounts = '{1}', rules = '{x}'`,
      `delete from coinsurance_months`,
      `update coinsurance_shares set moved = 0`,
      `update coinsurance_members set share = 1`,
      `update coinsurance_receipts set amount = 1 where state = 'confirmed'`,
      `delete from coinsurance_receipts`,
      `delete from coinsurance_panels`,
      `update coinsurance_panels set fund = 'x'`,
      `update coinsurance_panels set state = 'proposed'`,
    ])
      await assert.rejects(database.query(text), /never changed/, text)
    /** Changes what nobody may, looks, and changes it back. */
    const broken = async (table: string, change: string, back: string) => {
      const open = async (text: string) => {
        await database.query(`alter table ${table} disable trigger user`)
        await database.query(text)
        await database.query(`alter table ${table} enable trigger user`)
      }
      await open(change)
      const found = await faults()
      await open(back)
      assert.deepEqual(await faults(), [])
      return found
    }
    const at = `where panel_id = '${panel}' and month = '2023-01-01'`
    assert.deepEqual(
      await broken(
        'coinsurance_shares',
        `update coinsurance_shares set cumulative = cumulative + 1 ${at} and insurer = 'R03'`,
        `update coinsurance_shares set cumulative = cumulative - 1 ${at} and insurer = 'R03'`,
      ),
      ['shares_differ'],
    )
    assert(
      (
        await broken(
          'coinsurance_months',
          `update coinsurance_months set amounts[1] = amounts[1] + 100 ${at}`,
          `update coinsurance_months set amounts[1] = amounts[1] - 100 ${at}`,
        )
      ).includes('claims_differ'),
    )
    const receipt = `where panel_id = '${panel}' and reference = '回单 1'`
    assert.deepEqual(
      await broken(
        'coinsurance_receipts',
        `update coinsurance_receipts set amount = amount + 1 ${receipt}`,
        `update coinsurance_receipts set amount = amount - 1 ${receipt}`,
      ),
      ['received_otherwise', 'owes_differs'],
    )
    const entry = `where kind = 'shared' and subject = 'coinsurance ${panel} 2023-01'`
    assert.deepEqual(
      await broken(
        'ledger_entries',
        `update ledger_entries set amounts[1] = amounts[1] + 1 ${entry}`,
        `update ledger_entries set amounts[1] = amounts[1] - 1 ${entry}`,
      ),
      ['shared_otherwise'],
    )
    await sound()
  })

  test('an insurer sees its own part alone, agrees with a month or objects, and the lead answers', async () => {
    const as = (insurer: string, tenant = TENANT): Actor => ({
      ...who(`of ${insurer}`, 'insurer', tenant),
      scope: { insurer },
    })
    const [R02, R03] = [as('R02'), as('R03')]
    const { month } = granted(await coinsurance.statement(HANDLER, panel, { month: '2023-01' }))
    const own = granted(await coinsurance.statement(R02, panel, { month }))
    const known = granted(await coinsurance.statement(HANDLER, panel, { month, insurer: 'R02' }))
    assert.deepEqual(own.insurers, known.insurers)
    assert.deepEqual(own.account, known.account)
    assert.deepEqual(own.panel.members, [ELEVEN[1]])
    assert(!/R0[3-9]|R1\d/.test(JSON.stringify(own)), 'no other insurer is named')
    assert.equal(
      refusal(await coinsurance.statement(R02, panel, { month, insurer: 'R03' })),
      'unknown_panel',
    )
    for (const stranger of [as('R99'), as(''), as('R02', 'other')]) {
      assert.equal(refusal(await coinsurance.statement(stranger, panel, {})), 'unknown_panel')
      assert.equal(refusal(await coinsurance.months(stranger, panel)), 'unknown_panel')
      assert.equal(refusal(await coinsurance.receipts(stranger, panel)), 'unknown_panel')
      assert.equal(refusal(await coinsurance.acts(stranger, panel)), 'unknown_panel')
      assert.deepEqual(await coinsurance.panels(stranger), [])
    }
    const receipts = granted(await coinsurance.receipts(R02, panel))
    assert(receipts.every(({ insurer }) => insurer === 'R02'))

    const said = (actor: Actor, act: 'agreed' | 'objected', of = month) =>
      coinsurance.agree(actor, key(), panel, {
        month: of,
        act,
        reason: act === 'objected' ? '特药一笔重复' : null,
      })
    const answered = (insurer: string) =>
      coinsurance.answer(MAKER, key(), panel, { month, insurer, reason: '已核对，无重复' })
    assert.equal(refusal(await answered('R02')), 'no_objection')
    granted(await said(R02, 'objected'))
    assert.equal(refusal(await said(R02, 'objected')), 'objection_open')
    assert.deepEqual(granted(await coinsurance.acts(R03, panel)), [])
    granted(await answered('R02'))
    granted(await said(R02, 'agreed'))
    assert.equal(refusal(await said(R02, 'objected')), 'statement_agreed')
    assert.equal(refusal(await said(R02, 'agreed', '2024-01')), 'month_open')
    assert.equal(refusal(await said(as('R01'), 'agreed')), 'not_a_coinsurer')
    // What it owed by the month is kept with what it said.
    const acts = granted(await coinsurance.acts(HANDLER, panel))
    assert.deepEqual(
      acts.map(({ insurer, act, closing, madeBy }) => [insurer, act, closing, madeBy]),
      (['agreed', 'answered', 'objected'] as const).map((act) => [
        'R02',
        act,
        own.insurers[0]?.closing,
        act === 'answered' ? MAKER.name : R02.name,
      ]),
    )
    await assert.rejects(database.query(`delete from coinsurance_acts`), /never changed/)
    await sound()
  })
})
