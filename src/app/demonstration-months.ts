import { rate, yuan } from '#base/money.ts'
import { addMonths, type PlainDate } from '#base/plain-date.ts'
import type { MonthService } from '#domains/monthend/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'

const who = (name: string, role: Role): Actor => ({
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name,
  role,
})

/**
 * Terms between the basic fund and one hospital for a year: invented rates and amounts, as agreements of funds with
 * hospitals have them. One person keeps them, another confirms; a deduction waits for that.
 */
export async function prepareDemonstrationMonths(
  months: MonthService,
  today: PlainDate,
): Promise<void> {
  // The year of the last month that is over, so that there is one to close.
  const year = addMonths(today, -1).slice(0, 4)
  const of = { institution: '示例市第一人民医院', fund: 'basicPool@teaching/shifan' }
  const kept = await months.addTerms(who('handler', 'handler'), `demonstration terms ${year}`, {
    ...of,
    from: `${year}-01`,
    depositRate: rate('5%'),
    // In January the year is over, and nothing is paid in advance any more.
    prepayment: year === today.slice(0, 4) ? yuan('2000.00') : 0,
    backFrom: `${year}-12`,
    release: [
      { score: 600, rate: rate('50%') },
      { score: 800, rate: rate('80%') },
      { score: 900, rate: rate('100%') },
    ],
    document: `定点医疗机构服务协议（${year}，虚构）`,
  })
  if (!kept.ok) return
  const supervisor = who('supervisor', 'supervisor')
  await months.decideTerms(
    supervisor,
    `demonstration terms ${year} confirmed`,
    kept.value.id,
    'confirmed',
  )
  await months.propose(who('reviewer', 'reviewer'), `demonstration deduction ${year}`, {
    ...of,
    amount: yuan('120.00'),
    reason: '重复收取护理费（虚构）',
    rule: '服务协议第三十二条（虚构）',
  })
}
