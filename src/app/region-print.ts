import { formatRate } from '#base/money.ts'
import { amountOf, REGION_MONTH_STATES } from '#domains/crossregion/index.ts'
import type { RegionStatement } from '#domains/crossregion/service.ts'
import { GRADES } from './messages.ts'
import { Paper } from './paper.ts'
import { thousands } from './words.ts'

/** 异地就医清算单: what the funds of one region owe another for a month, on paper: 应付 of the one, 应收 of the other. */
export function printRegionMonth({
  view,
  insuredName,
  treatingName,
  printedOn,
}: RegionStatement): Promise<Buffer> {
  const { insured, treating, month, state, funds, amount, terms } = view
  const sheet = new Paper({
    Title: `异地就医清算单 ${insured} ${treating} ${month}`,
    Subject: 'Statement of a month between two regions',
    Creator: 'Kangyang',
  })
  sheet.title('异地就医清算单', 'Statement of a month between two regions')
  const moment = (at: string | null) => at?.replace('T', ' ').slice(0, 19) ?? ''
  sheet.pairs([
    ['参保地（应付）', 'Region of insurance, owes', `${insuredName.zh}（${insured}）`],
    ['就医地（应收）', 'Region of care, is owed', `${treatingName.zh}（${treating}）`],
    ['清算月份', 'Month', month],
    ['状态', 'State', `${REGION_MONTH_STATES[state].zh} · ${REGION_MONTH_STATES[state].en}`],
    ['关账', 'Closed', view.closedBy ? `${view.closedBy} · ${moment(view.closedAt)}` : '—'],
    [
      '确认',
      'Confirmed',
      view.confirmedBy ? `${view.confirmedBy} · ${moment(view.confirmedAt)}` : '—',
    ],
    ['申报截止', 'Stated until', view.stateUntil],
    ['付款截止', 'Paid until', view.payUntil ?? '—'],
    ['依据', 'Rule', `${terms.source} · ${GRADES[terms.grade].zh}`],
  ])
  sheet.section('分基金应付（元）', 'Owed by each fund (yuan)')
  sheet.table(
    [
      { head: ['基金', 'Fund'], width: 185 },
      { head: ['账单', 'Bills'], width: 50, right: true },
      { head: ['本月结算', 'Settled'], width: 95, right: true },
      { head: ['撤销与重算', 'Changed'], width: 95, right: true },
      { head: ['应付', 'Owed'], width: 90, right: true },
    ],
    [
      ...funds.map((each) => [
        each.fund,
        String(each.bills),
        thousands(each.settled),
        thousands(each.changed),
        thousands(amountOf(each)),
      ]),
      [
        '合计 · Sum',
        '',
        thousands(funds.reduce((sum, each) => sum + each.settled, 0)),
        thousands(funds.reduce((sum, each) => sum + each.changed, 0)),
        thousands(amount),
      ],
    ],
    { strong: 1 },
  )
  sheet.gap(6)
  sheet.faint(
    `预付金 ${terms.prepaymentMonths} 个月；预警线 ${formatRate(terms.yellow)}、${formatRate(terms.red)}；确认后 ${terms.payWithinDays} 个工作日内付款。关账后入账的差额计入下月；一张账单可由多个基金支付。· Prepayment of ${terms.prepaymentMonths} months; warning lines ${formatRate(terms.yellow)} and ${formatRate(terms.red)} used; paid within ${terms.payWithinDays} working days. What is booked after a month was closed comes with the next; several funds may pay on one bill.`,
  )
  sheet.small('参保地、就医地签章 / Both regions, signed: ________________    ________________')
  return sheet.finish({
    watermark: state === 'running' || state === 'open' ? '未关账' : undefined,
    stamp: undefined,
    foot: `异地就医清算单 ${insured} → ${treating} ${month} · ${printedOn}`,
  })
}
