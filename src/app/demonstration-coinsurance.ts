import { yuan } from '#base/money.ts'
import { lastDay, monthOf } from '#base/month.ts'
import { addDays, addMonths, type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Member, PanelTerms } from '#domains/coinsurance/index.ts'
import type { CoinsuranceService } from '#domains/coinsurance/service.ts'
import type { EnrolmentService } from '#domains/enrolment/service.ts'
import { booksUntil, type LedgerService, postPast } from '#domains/ledger/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Guarded } from '#platform/database.ts'
import { DEMONSTRATION } from './demonstration.ts'

const tenant = DEMONSTRATION.tenant.id
const actorOf = (name: string, role: Actor['role']): Actor => ({ tenant, user: '', name, role })
const HUIMIN = 'teaching/shifan/products/huimin'
const FUND = 'citySupplementary@teaching/shifan/products'

/** Eleven insurers, as many as share a published product; these and their shares are invented. */
const MEMBERS: readonly Member[] = [
  ['示例人寿（虚构）', 300_000],
  ['示例财险（虚构）', 120_000],
  ['青松人寿（虚构）', 100_000],
  ['白鹭养老（虚构）', 90_000],
  ['江岸健康（虚构）', 80_000],
  ['石桥财险（虚构）', 70_000],
  ['春田人寿（虚构）', 65_000],
  ['远山财险（虚构）', 60_000],
  ['南湖健康（虚构）', 50_000],
  ['云帆人寿（虚构）', 40_000],
  ['长堤财险（虚构）', 25_000],
].map(([name, share], i) => ({
  insurer: `R${String(i + 1).padStart(2, '0')}`,
  name: String(name),
  share: Number(share),
}))

/** What the first month came to before the demonstration kept the books: invented. */
const CLAIMS = [
  ['in-scope', '412.36'],
  ['out-of-scope', '150.00'],
  ['special-drug', '78.01'],
] as const

/** Six invented people who are insured for a year, at the 158 yuan that a published product costs. */
const INSURED = ['示例十七', '示例十八', '示例十九', '示例二十', '示例二十一', '示例二十二']
const PREMIUM = yuan('158')

/**
 * A panel of eleven, a month that was shared, two insurers who have paid and one whose payment waits for a second person.
 * Done once: what people changed since stays as they left it.
 */
export async function prepareDemonstrationCoinsurance({
  database,
  coinsurance,
  enrolment,
  ledger,
  today,
}: {
  readonly database: Guarded
  readonly coinsurance: CoinsuranceService
  readonly enrolment: EnrolmentService
  readonly ledger: LedgerService
  today(): PlainDate
}): Promise<void> {
  // The last month that is over for certain, also in the first hours of the next one.
  const month = monthOf(addMonths(addDays(today(), -1), -1))
  const from = plainDate(`${month}-01`)
  const terms: PanelTerms = {
    scheme: HUIMIN,
    fund: FUND,
    from,
    until: addDays(addMonths(from, 12), -1),
    lead: 'R01',
    members: MEMBERS,
    source: '示例惠民保共保协议（虚构）',
    grade: 'invented',
  }
  const proposed = await coinsurance.propose(
    actorOf('actuary', 'actuary'),
    'demonstration panel',
    terms,
  )
  // It was entered before, for an earlier year; or the rules are no longer those of the demonstration.
  if (!proposed.ok) return
  const { id } = proposed.value
  await coinsurance.confirm(actorOf('admin', 'admin'), 'demonstration panel confirmed', id)
  await insurePeople(enrolment, terms)
  const program = database.as({ tenant, role: 'system' })
  // A day that is closed in the ledger gets no more entries.
  if (((await booksUntil(program, tenant)) ?? '') < from)
    await postPast(
      program,
      tenant,
      CLAIMS.map(([rule, amount], i) => ({
        subject: `demonstration claims ${rule}`,
        kind: 'opened',
        at: `${month}-${10 + i}T10:00:00+08:00`,
        user: 'demonstration',
        legs: [
          {
            fund: FUND,
            debit: `claims/${HUIMIN}-${rule}`,
            credit: 'opening',
            amount: yuan(amount),
          },
        ],
      })),
    )
  await ledger.closeDays()
  const [cashier, second] = [actorOf('cashier', 'cashier'), actorOf('cashier2', 'cashier')]
  await coinsurance.close(cashier, 'demonstration coinsurance month', id, month)
  for (const [insurer, amount, confirmed] of [
    ['R02', '76.84', true],
    ['R03', '60.00', true],
    ['R04', '57.63', false],
  ] as const) {
    const key = `demonstration receipt ${insurer}`
    const receipt = await coinsurance.receive(cashier, key, id, {
      insurer,
      on: addDays(lastDay(month), 1),
      amount: yuan(amount),
      reference: `HD-${insurer}-001（虚构）`,
    })
    if (receipt.ok && confirmed)
      await coinsurance.confirmReceipt(second, `${key} confirmed`, receipt.value.id)
  }
}

async function insurePeople(enrolment: EnrolmentService, terms: PanelTerms): Promise<void> {
  const handler = actorOf('handler', 'handler')
  for (const [i, name] of INSURED.entries()) {
    const id = `huimin-${i + 1}`
    const key = `demonstration ${id}`
    const { scheme, from, until } = terms
    await enrolment.register(handler, key, {
      id,
      name,
      born: plainDate(`19${60 + 5 * i}-04-0${i + 1}`),
      sex: i % 2 === 0 ? 'female' : 'male',
    })
    if (i === 0)
      await enrolment.change(
        handler,
        `${key} disease`,
        id,
        { kind: 'declare', disease: '高血压', since: plainDate('2019-05-01') },
        undefined,
      )
    await enrolment.change(
      handler,
      `${key} enrolled`,
      id,
      {
        kind: 'enrol',
        membership: { scheme, from, until, enrolledOn: from, answers: {}, employer: undefined },
        premiums: [{ payer: 'self', due: PREMIUM }],
      },
      '演示补录',
    )
    await enrolment.premium(
      handler,
      `${key} premium`,
      id,
      { scheme, from, payer: 'self', posting: 'collected', amount: PREMIUM },
      undefined,
    )
  }
}
