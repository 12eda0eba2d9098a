import { formatRate } from '#base/money.ts'
import { MONTH_STATES } from '#domains/monthend/index.ts'
import type { MonthView } from '#domains/monthend/service.ts'
import { Paper } from './paper.ts'
import { thousands } from './words.ts'

/** 机构月结单: how what is payable for a month comes about, on paper. */
export function printMonth({
  institution,
  fund,
  month,
  state,
  terms,
  result,
  closedBy,
  closedAt,
}: MonthView): Promise<Buffer> {
  const sheet = new Paper({
    Title: `机构月结单 ${institution} ${month}`,
    Subject: 'Statement of a month of an institution',
    Creator: 'Kangyang',
  })
  sheet.title('机构月结单', 'Statement of a month of an institution')
  sheet.pairs([
    ['机构', 'Institution', institution],
    ['月份', 'Month', month],
    ['基金', 'Fund', fund],
    ['状态', 'State', `${MONTH_STATES[state].zh} · ${MONTH_STATES[state].en}`],
    ['依据', 'Document', terms.document],
    [
      '关账',
      'Closed',
      closedBy ? `${closedBy} · ${closedAt?.replace('T', ' ').slice(0, 19)}` : '—',
    ],
  ])
  sheet.section('应拨金额（元）', 'What is payable (yuan)')
  const { opening, claims, deducted, advanced, yearEnd, paid, deposit, offset, payable } = result
  const row = (zh: string, en: string, amount: number) => [`${zh}\n${en}`, thousands(amount)]
  sheet.table(
    [
      { head: ['项目', 'Line'], width: 395 },
      { head: ['金额', 'Amount'], width: 120, right: true },
    ],
    [
      row('月初未拨', 'Not paid when the month began', opening),
      row(
        '本月应付（结算，扣除撤销与重算）',
        'Claimed: settled, less reversed and settled again',
        claims,
      ),
      row('审核扣款', 'Deductions decided by people', -deducted),
      row('预付金', 'Paid in advance', advanced),
      row('上年清算', 'From the end of an earlier year', yearEnd),
      row('本月已拨', 'Paid in the month', -paid),
      row(
        `预留金（累计应付减扣款的 ${formatRate(terms.depositRate)}，减已预留）`,
        `Held back: ${formatRate(terms.depositRate)} of what was claimed since ${terms.from}, less what is held`,
        -deposit,
      ),
      row(
        `扣回预付金（自 ${terms.backFrom} 起）`,
        `Prepayment given back, from ${terms.backFrom} on`,
        -offset,
      ),
      row('月末应拨', 'Payable', payable),
    ],
    { strong: 1 },
  )
  sheet.section('累计', 'Since the terms began')
  sheet.table(
    [
      { head: ['项目', 'What'], width: 395 },
      { head: ['金额', 'Amount'], width: 120, right: true },
    ],
    [
      row('应付减扣款', 'Claimed, less deductions', result.after.base),
      row('预留金余额', 'Held back', result.after.deposit),
      row('预付金余额', 'Advance still to be given back', result.after.prepaid),
    ],
  )
  sheet.small(
    '出纳、机构签章 / Cashier and institution, signed: ________________    ________________',
  )
  return sheet.finish({
    watermark: state === 'closed' ? undefined : '未关账',
    stamp: undefined,
    foot: `机构月结单 ${institution} ${month}`,
  })
}
