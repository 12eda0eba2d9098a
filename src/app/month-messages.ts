import {
  DEDUCTION_ACTS,
  DEDUCTION_STATES,
  type DeductionAct,
  type DeductionState,
  TERMS_STATES,
  type TermsState,
} from '#domains/monthend/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal about months of institutions. */
export const describeMonth = (code: string, facts: Facts): Description | undefined =>
  describeFrom(CODES, code, facts)

const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  month: ['月份须为 YYYY-MM', 'a month is YYYY-MM'],
  back_before: [
    '扣回预付金的首月须在约定期内（首月至当年十二月）',
    'the first month that gives the prepayment back lies within the terms, up to December',
  ],
  deposit_rate: ['预留比例不得高于 20%', 'no more than 20 % is held back'],
  release_empty: [
    '有预留金就须写明按考核得分返还的比例',
    'where something is held back, say which score pays out what',
  ],
  release_score: ['同一得分只能有一个返还比例', 'a score has one part that it pays out'],
  release_falls: ['得分高的返还比例不得更低', 'a higher score pays out no less'],
}
const faults = (facts: Facts, lang: 0 | 1): string =>
  (facts.faults as readonly string[])
    .map((fault) => FAULTS[fault]?.[lang] ?? fault)
    .join(lang === 0 ? '；' : '; ')
const termsState = (value: unknown) => TERMS_STATES[value as TermsState] ?? { zh: value, en: value }
const deductionState = (value: unknown) =>
  DEDUCTION_STATES[value as DeductionState] ?? { zh: value, en: value }
const deductionAct = (value: unknown) =>
  DEDUCTION_ACTS[value as DeductionAct] ?? { zh: value, en: value }

const CODES = {
  unknown_terms: () => [
    404,
    '没有这份结算约定',
    'there are no such terms',
    '在约定列表中查找',
    'look for them in the list of terms',
  ],
  unknown_deduction: () => [
    404,
    '没有这笔扣款',
    'there is no such deduction',
    '在扣款列表中查找',
    'look for it in the list of deductions',
  ],
  unknown_year_end: () => [
    404,
    '没有这次年终清算',
    'there is no such end of a year',
    '在年终清算列表中查找',
    'look for it in the list of years',
  ],
  institution_unknown: ({ institution }) => [
    404,
    `机构 ${institution} 没有登记`,
    `the institution ${institution} is not kept here`,
    '先登记机构，再约定或扣款',
    'register the institution first',
  ],
  bad_terms: (facts) => [
    422,
    faults(facts, 0),
    faults(facts, 1),
    '改正后再登记；未保存任何内容',
    'correct it and send it again; nothing was kept',
  ],
  terms_in_force: ({ year }) => [
    409,
    `该机构、该基金 ${year} 年已有确认的约定`,
    `the institution and fund have confirmed terms for ${year} already`,
    '同一年只有一份约定；撤回这份草稿',
    'there is one for a year; withdraw this draft',
  ],
  prepayment_too_late: ({ year }) => [
    409,
    `${year} 年已经结束，预付金不再生效`,
    `${year} is over: its prepayment is not owed any more`,
    '撤回这份约定，或改为没有预付金',
    'withdraw these terms, or agree to them without a prepayment',
  ],
  fund_owes_nothing: ({ institution, fund }) => [
    422,
    `基金 ${fund} 从未应付机构 ${institution}`,
    `the fund ${fund} has never owed the institution ${institution} anything`,
    '核对基金和机构：须与总账“应付待遇款”中的写法一致',
    'look at both: they are written as the ledger has them under what is payable',
  ],
  decided_already: ({ state }) => [
    409,
    `已经是“${termsState(state).zh}”`,
    `it is "${termsState(state).en}" already`,
    '刷新后查看是谁办理的',
    'reload to see who did it',
  ],
  second_person_needed: ({ made }) => [
    403,
    `${made} 自己经手的，须由另一人确认`,
    `${made} had a hand in it, so another person confirms it`,
    '请另一位有确认权限的人办理',
    'ask somebody else who may confirm',
  ],
  no_terms: ({ month }) => [
    404,
    `${month} 没有已确认的结算约定`,
    `there are no confirmed terms for ${month}`,
    '先登记约定并由另一人确认',
    'keep terms and have another person confirm them first',
  ],
  institution_month_not_over: ({ month }) => [
    409,
    `${month} 还没有结束，或最后一天尚未封账`,
    `${month} is not over, or its last day is not closed yet`,
    '月末次日凌晨一点一刻之后再关账',
    'close it a quarter past one on the day after',
  ],
  institution_month_out_of_order: ({ institution, month }) => [
    409,
    `机构 ${institution} 的 ${month} 还没有关账`,
    `${month} of the institution ${institution} is still open`,
    `先关 ${month} 的账`,
    `close ${month} first`,
  ],
  institution_month_closed: ({ month }) => [
    409,
    `${month} 已经关账`,
    `${month} is closed already`,
    '已关账的月份不再改动；之后的变动计入以后的月份',
    'a closed month does not change; what happens later counts in a later month',
  ],
  deduction_moved: ({ state, act }) => [
    409,
    `这笔扣款现为“${deductionState(state).zh}”，不能“${deductionAct(act).zh}”`,
    `the deduction is "${deductionState(state).en}": "${deductionAct(act).en}" is not done to it`,
    '刷新后查看',
    'reload and look again',
  ],
  bill_elsewhere: ({ bill, institution }) => [
    422,
    `账单 ${bill} 不是机构 ${institution} 的`,
    `bill ${bill} is not one of the institution ${institution}`,
    '核对账单编号和机构',
    'check the numbers of the bill and of the institution',
  ],
  institution_year_not_over: ({ year }) => [
    409,
    `${year} 年十二月还没有关账`,
    `December of ${year} is not closed yet`,
    '先把各月关账，再做年终清算',
    'close every month first',
  ],
  too_many_bills: ({ most }) => [
    422,
    `这个月的账单超过 ${most} 笔，一个文件放不下`,
    `the month has more than ${most} bills: one file does not hold them`,
    '到总账按日导出分录',
    'export the postings of the ledger, some days at a time',
  ],
  year_in_hand: ({ year }) => [
    409,
    `${year} 年已经给出得分`,
    `the score of ${year} has been given already`,
    '要改得分，先撤回未确认的那一次',
    'to give another score, withdraw the one that is not confirmed',
  ],
} satisfies Readonly<Record<string, Words>>
