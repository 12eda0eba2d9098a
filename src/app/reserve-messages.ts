import { RESERVE_STATES, type ReserveState } from '#domains/reserves/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal about reserves. */
export const describeReserve = (code: string, facts: Facts): Description | undefined =>
  describeFrom(CODES, code, facts)

const state = (value: unknown) => RESERVE_STATES[value as ReserveState] ?? { zh: value, en: value }

const CODES = {
  too_few_months: ({ months, least }) => [
    422,
    `只有 ${months} 个月的赔付，至少要 ${least} 个月才能估计`,
    `there are claims of ${months} months, and no fewer than ${least} say how claims grow`,
    '等账上的月份够了再估计，或导入启用前的赔付历史',
    'wait for more months, or bring in what was claimed before',
  ],
  age_without_claims: ({ age }) => [
    422,
    `事故发生 ${age} 个月后各月都没有净赔付，无法算出发展系数`,
    `no month has claims above zero at the age of ${age} months, so no factor can be told`,
    '改用 Bornhuetter-Ferguson 法之前先核对赔付；或缩短发展期',
    'look at the claims, or shorten the window',
  ],
  expected_needed: () => [
    422,
    'Bornhuetter-Ferguson 法需要每月预期赔付',
    'Bornhuetter-Ferguson asks for what a month is expected to cost',
    '填写每月预期赔付',
    'say what a month is expected to cost',
  ],
  fund_on_cash_basis: ({ fund }) => [
    422,
    `${fund} 是公共基金，按收付实现制记账，不提取准备金`,
    `${fund} is a public fund: it books what was paid and sets nothing aside`,
    '选择保险机构的基金',
    'choose the fund of an insurer',
  ],
  unknown_reserve: () => [
    404,
    '没有这笔准备金',
    'there is no such reserve',
    '在列表中查找',
    'look for it in the list',
  ],
  reserve_month_not_over: ({ month }) => [
    409,
    `${month} 还没有结束，或最后一天尚未封账`,
    `${month} is not over, or its last day is not closed yet`,
    '月末次日凌晨一点一刻之后再提取',
    'propose it a quarter past one on the day after',
  ],
  reserve_month_taken: ({ month, state: of }) => [
    409,
    `${month} 已有一笔准备金（${state(of).zh}）`,
    `${month} has a reserve already ("${state(of).en}")`,
    '未入账的先撤回，再提出新的',
    'withdraw the one that is not booked, then propose another',
  ],
  another_reserve_waits: ({ month }) => [
    409,
    `${month} 的准备金还没有入账`,
    `the reserve of ${month} waits to be booked`,
    '先入账或撤回它，再提出下一个月的',
    'book it or withdraw it, then propose the next month',
  ],
  later_month_reserved: ({ month, later }) => [
    409,
    `${later} 已有准备金，不能再提取更早的 ${month}`,
    `${later} has a reserve: none is made for ${month} before it`,
    '以后各月的估计已包括以前的月份',
    'later estimates hold the months before',
  ],
  reserve_decided: ({ state: of }) => [
    409,
    `这笔准备金已经是“${state(of).zh}”`,
    `the reserve is "${state(of).en}" already`,
    '刷新后查看是谁办理的',
    'reload to see who did it',
  ],
  another_person_books: ({ made }) => [
    403,
    `这笔准备金由 ${made} 提出，须由另一人入账`,
    `${made} proposed the reserve, so another person books it`,
    '请另一位有权限的人办理',
    'ask somebody else who may',
  ],
  history_overlaps: ({ booked, first }) => [
    422,
    `历史中有 ${booked} 入账的赔付，而本系统自 ${first} 起已有账`,
    `the history has claims booked in ${booked}, and the books begin in ${first}`,
    `只保留 ${first} 以前入账的行`,
    `keep the rows that were booked before ${first}`,
  ],
  history_booked_before_care: ({ care, booked }) => [
    422,
    `就医月份 ${care} 的赔付不可能在 ${booked} 入账`,
    `what was claimed for care of ${care} cannot have been booked in ${booked}`,
    '核对这一行的两个月份',
    'look at the two months of that row',
  ],
  history_reserved: ({ month }) => [
    409,
    `${month} 的准备金已按现有历史提出`,
    `the reserve of ${month} rests on the history as it is`,
    '未入账的先撤回，再导入；已入账的历史不再改动',
    'withdraw it if it is not booked; what was booked rests on its history',
  ],
} satisfies Readonly<Record<string, Words>>
