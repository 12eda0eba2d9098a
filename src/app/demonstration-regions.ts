import { yuan } from '#base/money.ts'
import { firstDay, monthOf } from '#base/month.ts'
import { addDays, addMonths, type PlainDate, plainDate } from '#base/plain-date.ts'
import type { RegionService } from '#domains/crossregion/service.ts'
import { booksUntil, type LedgerService, postPast } from '#domains/ledger/service.ts'
import type { PaymentService } from '#domains/payments/service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Guarded } from '#platform/database.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { readInput } from './input.ts'

const tenant = DEMONSTRATION.tenant.id
const actorOf = (name: string, role: Actor['role']): Actor => ({ tenant, user: '', name, role })
const [HANDLER, CASHIER, SECOND] = [
  actorOf('handler', 'handler'),
  actorOf('cashier', 'cashier'),
  actorOf('cashier2', 'cashier'),
]
/** The teaching city, and a neighbour that is as invented as it is: no division of China has these codes. */
const REGIONS = { insured: '990100', treating: '990200' }
const FUNDS = ['basicPool@teaching/shifan', 'residentCriticalIllness@teaching/shifan'] as const

/** What the two months that are over came to before the demonstration kept the books: invented. */
const PAST = [
  ['8123.40', '610.00'],
  ['14870.25', '1204.75'],
] as const

/** The last two months that are over for certain, also in the first hours of the next one. */
function monthsOver(today: PlainDate): readonly [string, string] {
  const last = addMonths(addDays(today, -1), -1)
  return [monthOf(addMonths(last, -1)), monthOf(last)]
}

/** Books what the neighbour paid first in the months that are over. A day that is closed gets no more entries. */
export async function bookDemonstrationRegions(database: Guarded, today: PlainDate): Promise<void> {
  const months = monthsOver(today)
  const program = database.as({ tenant, role: 'system' })
  if (((await booksUntil(program, tenant)) ?? '') >= firstDay(months[0])) return
  await postPast(
    program,
    tenant,
    months.flatMap((month, i) =>
      FUNDS.map((fund, n) => ({
        subject: `demonstration regions ${month} ${fund}`,
        kind: 'opened' as const,
        at: `${month}-1${n}T10:00:00+08:00`,
        user: 'demonstration',
        legs: [
          {
            fund,
            debit: 'opening',
            credit: `region/${REGIONS.insured}/${REGIONS.treating}`,
            amount: yuan(PAST[i]?.[n] ?? '0'),
          },
        ],
      })),
    ),
  )
}

/**
 * A neighbour whose hospitals treated our insured: a month that was confirmed and paid, one that waits to be closed, a bill
 * of today, a prepayment of which four fifths are used. Done once: what people changed since stays as they left it.
 */
export async function prepareDemonstrationRegions({
  service,
  regions,
  payments,
  ledger,
  today,
}: {
  readonly service: SettlementService
  readonly regions: RegionService
  readonly payments: PaymentService
  readonly ledger: LedgerService
  today(): PlainDate
}): Promise<void> {
  await treatElsewhere(service)
  await payments.addAccount(HANDLER, 'demonstration account of 990200', {
    holder: 'region',
    holderId: REGIONS.treating,
    from: plainDate('2020-01-01'),
    kind: 'account',
    name: '邻市医疗保障经办中心（虚构）',
    number: '10010000000002',
    bankCode: '999000000006',
    bankName: '示例银行邻市分行（虚构）',
    document: '异地清算账户函（虚构）',
  })
  for (const [i, fund] of FUNDS.entries())
    await payments.addAccount(HANDLER, `demonstration account of ${fund}`, {
      holder: 'fund',
      holderId: fund,
      from: plainDate('2020-01-01'),
      kind: 'account',
      name: `示例市医疗保障基金清算专户 ${i + 1}（虚构）`,
      number: String(20_010_000_000_101 + i),
      bankCode: '999000000006',
      bankName: '示例银行示例市分行（虚构）',
      answerDays: 3,
      document: '账户登记表（虚构）',
    })
  await ledger.closeDays()
  const closed = { ...REGIONS, month: monthsOver(today())[0] }
  await regions.close(CASHIER, 'demonstration region month', closed)
  await regions.confirm(SECOND, 'demonstration region month confirmed', closed)
  const prepaid = await regions.prepay(CASHIER, 'demonstration prepayment', {
    ...REGIONS,
    kind: 'initial',
    fund: FUNDS[0],
    year: Number(today().slice(0, 4)),
    amount: yuan('20000.00'),
    document: '异地就医预付金核定通知（虚构）',
  })
  if (prepaid.ok)
    await regions.decidePrepayment(SECOND, 'demonstration prepayment confirmed', prepaid.value.id, {
      state: 'confirmed',
    })
  await payTheRegion(payments, today())
}

/** Somebody of the teaching city who lives with their children in the neighbour, and saw a doctor there. */
async function treatElsewhere(service: SettlementService): Promise<void> {
  const { book } = await service.rules(HANDLER)
  const day = '2024-06-03'
  const { persons, bills } = readInput(
    'demonstration-regions',
    JSON.stringify({
      amounts: 'yuan',
      persons: [
        {
          id: 'moved-away',
          born: '1958-02-11',
          covers: [
            { scheme: 'teaching/shifan/employee', from: '2015-01-01', answers: { class: '退休' } },
          ],
          registrations: [{ kind: '异地长期居住', from: '2023-05-01' }],
        },
      ],
      bills: [
        {
          id: 'elsewhere-1',
          person: 'moved-away',
          admitted: day,
          discharged: day,
          settled: day,
          placeOfCare: '990203',
          answers: { medical: '普通门诊', level: '三级', hospital: '邻市第一医院（虚构）' },
          parts: { inScope: '1860.00' },
        },
      ],
    }),
    book.vocabulary,
  )
  const named = persons.map((each) => ({ ...each, name: '示例二十三' }))
  const added = await service.addBills(HANDLER, 'demonstration elsewhere', {
    persons: named,
    bills,
  })
  if (added.ok) await service.settle(HANDLER, 'demonstration elsewhere-1', 'elsewhere-1')
}

/** One batch to the neighbour alone, released by the second cashier and paid by an invented bank. */
async function payTheRegion(payments: PaymentService, payOn: PlainDate): Promise<void> {
  const payee = `region/${REGIONS.treating}`
  const asked = { until: payOn, payOn, payee }
  const made = await payments.make(CASHIER, 'demonstration region payment', asked)
  if (!made.ok) return
  const { id } = made.value
  await payments.submit(CASHIER, 'demonstration region payment submitted', id)
  const drafted = await payments.batch(CASHIER, id, 0)
  const [{ orders, amount } = { orders: 0, amount: 0 }] = drafted.ok ? drafted.value.sums : []
  const seen = { orders, amount }
  await payments.release(SECOND, 'demonstration region payment released', id, seen)
  await payments.send(SECOND, 'demonstration region payment sent', id)
  const ordered = await payments.batch(CASHIER, id, 0)
  if (!ordered.ok) return
  const rows = ordered.value.orders.map(({ endToEnd }) => `${endToEnd},settled,,`)
  await payments.takeIn(SECOND, 'demonstration region payment answered', {
    name: '回盘（虚构）.csv',
    text: ['end_to_end_id,status,amount,reason', ...rows].join('\n'),
  })
}
