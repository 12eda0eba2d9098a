import { formatYuan } from '#base/money.ts'
import {
  ENTERED_STATES,
  type EnteredState,
  PREPAYMENT_KINDS,
  type PrepaymentKind,
  WARNINGS,
  type Warning,
} from '#domains/crossregion/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal about clearing between regions. */
export const describeRegion = (code: string, facts: Facts): Description | undefined =>
  describeFrom(CODES, code, facts)

const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  month: ['起始月份须为 YYYY-MM', 'the first month is YYYY-MM'],
  lines: [
    '黄色预警线须低于红色预警线，且都在 0 至 100% 之间',
    'the yellow line is below the red one, both between 0 and 100%',
  ],
  prepayment_months: ['预付金为 0 至 12 个月', 'the prepayment is of 0 to 12 months'],
  state_day: ['申报截止日为次月 1 至 28 日', 'a month is stated until the 1st to 28th of the next'],
  pay_days: ['付款期限为 1 至 90 个工作日', 'it is paid within 1 to 90 working days'],
  rebase_day: [
    '年度核定截止日须为每年都有的月日',
    'the day of the yearly re-base is a day of every year',
  ],
}
const faults = (facts: Facts, lang: 0 | 1): string =>
  (facts.faults as readonly string[])
    .map((fault) => FAULTS[fault]?.[lang] ?? fault)
    .join(lang === 0 ? '；' : '; ')
const state = (value: unknown) => ENTERED_STATES[value as EnteredState] ?? { zh: value, en: value }
const kind = (value: unknown) =>
  PREPAYMENT_KINDS[value as PrepaymentKind] ?? { zh: value, en: value }
const warning = (value: unknown) => WARNINGS[value as Warning] ?? { zh: value, en: value }

const CODES: Readonly<Record<string, Words>> = {
  unknown_regions: () => [
    404,
    '这两地之间没有往来',
    'nothing was booked between these two regions',
    '在异地清算列表中查找',
    'look for them in the list of regions',
  ],
  unknown_region_terms: () => [
    404,
    '没有这份清算约定',
    'there are no such terms between regions',
    '在清算约定列表中查找',
    'look for them in the list of terms',
  ],
  unknown_prepayment: () => [
    404,
    '没有这笔预付金变动',
    'there is no such entry of a prepayment',
    '在预付金列表中查找',
    'look for it among the prepayments',
  ],
  one_region: () => [
    422,
    '参保地与就医地不能相同',
    'the region of insurance and the region of care are one',
    '填写两个不同的行政区划代码',
    'give two different division codes',
  ],
  bad_region_terms: (facts) => [
    422,
    `清算约定有误：${faults(facts, 0)}`,
    `the terms cannot be used: ${faults(facts, 1)}`,
    '按协议更正后再登记',
    'correct them by the agreement and enter them again',
  ],
  region_terms_stand: ({ month }) => [
    409,
    `两地自 ${month} 起已有一份约定`,
    `the two regions have terms from ${month} already`,
    '未确认的可作废后重新登记；已确认的自下月起另立',
    'withdraw what is not confirmed; what is holds, and new terms begin with a later month',
  ],
  region_terms_too_late: ({ month }) => [
    409,
    `${month} 已按当时的约定关账`,
    `${month} was closed by the terms that held then`,
    '约定自尚未关账的月份起施行',
    'let the terms begin with a month that is not closed',
  ],
  no_clearing_rule: ({ month }) => [
    422,
    `${month} 没有适用的清算规则`,
    `no rule of clearing holds in ${month}`,
    '登记并确认两地的清算约定',
    'enter the terms of the two regions and have them confirmed',
  ],
  region_month_not_over: ({ month }) => [
    409,
    `${month} 总账尚未日结到月末`,
    `the ledger has not closed the last day of ${month}`,
    '次月初日结完成后再关账',
    'close it when the last day of the month is closed, early in the next',
  ],
  region_month_closed: ({ month }) => [
    409,
    `${month} 已经关账`,
    `${month} is closed already`,
    '之后入账的差额计入下月',
    'what is booked later comes with the next month',
  ],
  region_month_out_of_order: ({ month, next }) => [
    409,
    `${month} 之前还有 ${next} 未处理`,
    `${next} comes before ${month}`,
    `先处理 ${next}`,
    `deal with ${next} first`,
  ],
  region_month_not_closed: ({ month }) => [
    409,
    `${month} 尚未关账`,
    `${month} is not closed`,
    '先关账，再由另一人确认',
    'close it first; another person then confirms it',
  ],
  region_month_confirmed: ({ month, by }) => [
    409,
    `${month} 已由 ${by} 确认`,
    `${by} has confirmed ${month} already`,
    '在付款批次中查看付款',
    'see the payment among the batches',
  ],
  region_decided: (facts) => [
    409,
    `${facts.by} 已处理：${state(facts.state).zh}`,
    `${facts.by} has decided already: ${state(facts.state).en}`,
    '重新打开列表',
    'open the list again',
  ],
  another_person_for_region: ({ made }) => [
    403,
    `${made} 登记或关账的，须由另一人确认`,
    `what ${made} entered or closed is confirmed by somebody else`,
    '请另一位有权限的人确认',
    'ask another person who may',
  ],
  prepayment_fund_elsewhere: ({ fund, insured }) => [
    422,
    `${fund} 不是参保地 ${insured} 的基金`,
    `${fund} is no fund of the region of insurance ${insured}`,
    '预付金由参保地的基金支付',
    'a prepayment is paid by a fund of the region of insurance',
  ],
  prepayment_amount_needed: () => [
    422,
    '初始额度和紧急调增须填写金额',
    'a first prepayment and an emergency top-up have an amount',
    '按核定文件填写金额',
    'give the amount that the document says',
  ],
  prepayment_not_red: (facts) => [
    409,
    `当前为${warning(facts.warning).zh}，红色预警时方可紧急调增`,
    `this is no red warning but: ${warning(facts.warning).en}; an emergency top-up is for a red one`,
    '等待年度核定，或先确认并支付已到期的月份',
    'wait for the yearly re-base, or confirm and pay the months that are due',
  ],
  prepayment_stands: (facts) => [
    409,
    `两地已有一笔${kind(facts.kind).zh}`,
    `there is one already: ${kind(facts.kind).en}`,
    '未确认的可作废后重新登记',
    'withdraw it where nobody has confirmed it, and enter it again',
  ],
  quarter_not_confirmed: ({ months }) => [
    409,
    `年度核定所依据的月份尚未确认：${(months as readonly string[]).join('、')}`,
    `months that the yearly re-base rests on are not confirmed: ${(months as readonly string[]).join(', ')}`,
    '先关账并确认这些月份',
    'close and confirm them first',
  ],
  rebase_changes_nothing: ({ target }) => [
    409,
    `核定额度 ${formatYuan(Number(target))} 元，与现有额度相同`,
    `the prepayment is ${formatYuan(Number(target))} yuan by the rule, as it stands`,
    '无需变动',
    'nothing is to be done',
  ],
  rebase_moved: ({ difference }) => [
    409,
    `登记之后额度有变，现应变动 ${formatYuan(Number(difference))} 元`,
    `what stands was moved since: it is ${formatYuan(Number(difference))} yuan by now`,
    '作废后重新登记',
    'withdraw it and enter it again',
  ],
}
