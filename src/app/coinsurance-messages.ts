import { formatRate, formatYuan } from '#base/money.ts'
import { RECORD_STATES, type RecordState } from '#domains/coinsurance/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal of co-insurance. */
export const describeCoinsurance = (code: string, facts: Facts): Description | undefined =>
  describeFrom(CODES, code, facts)

const state = (value: unknown) => RECORD_STATES[value as RecordState] ?? { zh: value, en: value }
const claims = (value: unknown, comma: string) =>
  (value as readonly { readonly rule: string; readonly amount: number }[])
    .map(({ rule, amount }) => `${rule} ${formatYuan(amount)}`)
    .join(comma)

const CODES = {
  not_whole_months: ({ from, until }) => [
    422,
    `共保期间须为整月：${from} 至 ${until}`,
    `a panel holds for whole months, and these are not: ${from} to ${until}`,
    '自某月第一天起，至某月最后一天止',
    'begin on the first day of a month and end on the last of one',
  ],
  insurer_twice: ({ insurer }) => [
    422,
    `共保人 ${insurer} 列了两次`,
    `${insurer} stands twice in the panel`,
    '每家一行，份额合并',
    'one row for each insurer, with all of its share',
  ],
  lead_not_in_panel: ({ lead }) => [
    422,
    `主承保人 ${lead} 不在共保人之中`,
    `the lead ${lead} is not one of the insurers`,
    '把主承保人也列为共保人，写明其份额',
    'name the lead among the insurers, with its share',
  ],
  shares_do_not_add_up: ({ sum }) => [
    422,
    `各家份额合计 ${formatRate(Number(sum))}，不是 100%`,
    `the shares add up to ${formatRate(Number(sum))} and not to 100%`,
    '核对共保协议；份额可写四位小数',
    'check the agreement; a share may have four decimals',
  ],
  unknown_product: ({ scheme, fund }) => [
    422,
    `现行规则中 ${scheme} 没有由 ${fund} 支付的责任`,
    `by the rules as they are, ${fund} pays nothing of ${scheme}`,
    '在可共保的产品中选择',
    'choose among the products that can be shared',
  ],
  panel_overlaps: ({ scheme, from, until }) => [
    409,
    `${scheme} 在 ${from} 至 ${until} 已有共保体`,
    `${scheme} has a panel already from ${from} to ${until}`,
    '改为不相交的期间；未分摊过的共保体可先作废',
    'choose a period apart from it; a panel under which nothing was shared can be withdrawn first',
  ],
  unknown_panel: () => [
    404,
    '没有这个共保体',
    'there is no such panel',
    '在共保体列表中查找',
    'look for it among the panels',
  ],
  coinsurer_owed_less: ({ insurer, owed }) => [
    409,
    `现在只欠共保人 ${insurer} ${formatYuan(Number(owed))} 元`,
    `${insurer} is owed no more than ${formatYuan(Number(owed))} yuan now`,
    '应付共保人的款项可能已由付款批次支付：查看批次后作废这笔登记',
    'a payment batch may have ordered it: look there, and withdraw this record',
  ],
  statement_agreed: ({ month, insurer }) => [
    409,
    `${insurer} 已确认 ${month} 的对账单`,
    `${insurer} agreed with ${month} already`,
    '差错随之后的月份更正',
    'what was wrong comes right with a later month',
  ],
  objection_open: ({ month, insurer }) => [
    409,
    `${insurer} 对 ${month} 的异议还没有答复`,
    `an objection of ${insurer} to ${month} waits for its answer`,
    '等待主承保方答复，或确认对账单',
    'wait for the answer, or agree',
  ],
  no_objection: ({ month, insurer }) => [
    409,
    `${insurer} 对 ${month} 没有待答复的异议`,
    `no objection of ${insurer} to ${month} waits for an answer`,
    '刷新页面，核对月份和共保人',
    'load the page again, and check month and insurer',
  ],
  unknown_receipt: () => [
    404,
    '没有这笔共保款',
    'there is no such receipt',
    '在共保款列表中查找',
    'look for it among the receipts',
  ],
  record_decided: (facts) => [
    409,
    `${facts.by} 已处理：${state(facts.state).zh}`,
    `${facts.by} has decided already: ${state(facts.state).en}`,
    '重新打开列表；已确认的款项以相反的一笔更正',
    'open the list again; what was confirmed is corrected by money the other way',
  ],
  another_person_confirms: ({ made }) => [
    403,
    `由 ${made} 登记，确认须由另一人`,
    `${made} entered it: somebody else confirms it`,
    '请另一人复核确认',
    'ask somebody else to check and confirm it',
  ],
  panel_in_use: ({ month }) => [
    409,
    `这个共保体已分摊至 ${month}，不能作废`,
    `the panel has shared until ${month}: it is not withdrawn any more`,
    '份额有误的，由各家以共保款收付更正',
    'where its shares were wrong, the insurers settle the difference among themselves, as receipts',
  ],
  panel_has_receipts: ({ receipts }) => [
    409,
    `这个共保体登记了 ${receipts} 笔共保款，不能作废`,
    `${receipts} receipts are recorded of the panel: it is not withdrawn`,
    '未复核的先作废；已确认的以相反的一笔更正后仍留在这个共保体',
    'withdraw those that nobody has confirmed; what was confirmed stays with this panel',
  ],
  panel_not_confirmed: (facts) => [
    409,
    `这个共保体为“${state(facts.state).zh}”`,
    `the panel is "${state(facts.state).en}"`,
    '由另一人确认后再办',
    'have another person confirm it first',
  ],
  month_without_panel: ({ month, from, until }) => [
    422,
    `${month} 不在这个共保体的期间（${from} 至 ${until}）`,
    `${month} is not within the panel (${from} to ${until})`,
    '选当月有效的共保体；没有的先登记',
    'choose the panel that holds in the month, or enter the one that is missing',
  ],
  month_closed: ({ month }) => [
    409,
    `${month} 已分摊，不再改动`,
    `${month} was shared and is never changed`,
    '之后入账的差额计入下一个月',
    'what is booked later comes with the next month',
  ],
  earlier_month_open: ({ month }) => [
    409,
    `之前的 ${month} 还没有分摊`,
    `${month} comes first and was not shared`,
    `先分摊 ${month}`,
    `share ${month} first`,
  ],
  month_not_over: ({ month, until }) => [
    409,
    `${month} 的账还没有结完（须日结至 ${until}）`,
    `the books of ${month} are not closed yet (until ${until})`,
    '月末次日凌晨日结后再办',
    'wait for the first night of the next month, when its last day is closed',
  ],
  claims_without_panel: ({ from, until, claims: left }) => [
    409,
    `${from} 至 ${until} 有赔款不属于任何共保体：${claims(left, '、')} 元`,
    `from ${from} to ${until} something was claimed that belongs to no panel: ${claims(left, ', ')} yuan`,
    '先登记并确认缺少的共保体；独家承保的也登记，份额 100%',
    'enter and confirm the panel that is missing, also where one insurer bears all of it',
  ],
  month_open: ({ month }) => [
    409,
    `${month} 还没有分摊，没有对账单`,
    `${month} was not shared yet: there is no statement`,
    '先分摊这个月，或选已分摊的月份',
    'share the month first, or choose one that was shared',
  ],
  no_month_closed: () => [
    409,
    '还没有分摊过任何月份',
    'no month was shared yet',
    '月末日结后分摊第一个月',
    'share the first month when its books are closed',
  ],
  not_a_coinsurer: ({ insurer }) => [
    422,
    `${insurer} 不是这个共保体中向主承保人付款的共保人`,
    `${insurer} is none of the insurers of the panel who owe the lead`,
    '在共保人中选择',
    'choose among its insurers',
  ],
  receipt_known: ({ insurer, reference }) => [
    409,
    `${insurer} 的 ${reference} 已登记过`,
    `${reference} of ${insurer} is recorded already`,
    '核对银行回单号；登记有误的先作废',
    'check the number of the transfer; withdraw the record that is wrong',
  ],
  received_in_future: ({ today }) => [
    422,
    '到账日期在今天之后',
    'it is dated after today',
    `填写到账日期，不晚于 ${today}`,
    `give the day on which it arrived, ${today} at the latest`,
  ],
  received_before_panel: ({ from }) => [
    422,
    `到账日期早于共保期间（自 ${from}）`,
    `it is dated before the panel begins (${from})`,
    '核对日期，或选之前的共保体',
    'check the day, or choose the panel before',
  ],
} as const satisfies Record<string, Words>
