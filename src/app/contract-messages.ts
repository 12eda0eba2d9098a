import { formatYuan } from '#base/money.ts'
import { STATES, type State, TERMS, type TermName } from '#domains/contracts/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal about contracts with insurers. */
export function describeContract(code: string, facts: Facts): Description | undefined {
  return describeFrom(CODES, code, facts)
}

type Fault = { readonly line: number; readonly code: string; readonly message: string }
const fault = (value: unknown): Fault => value as Fault
const term = (value: unknown) => TERMS[value as TermName] ?? { zh: value, en: value }
const state = (value: unknown) => STATES[value as State] ?? { zh: value, en: value }

const CODES: Readonly<Record<string, Words>> = {
  unknown_contract: () => [
    404,
    '没有这份合同',
    'there is no such contract',
    '在“合同”页查找',
    'look for it on the page of contracts',
  ],
  unknown_contract_version: () => [
    404,
    '没有这一版合同',
    'the contract has no such version',
    '重新打开合同',
    'open the contract again',
  ],
  unknown_statement: () => [
    404,
    '没有这份年度结算',
    'there is no such statement of a year',
    '在合同页查找',
    'look for it on the page of its contract',
  ],
  unknown_proof: () => [
    404,
    '没有这次重放',
    'there is no such replay of a year',
    '在合同页查找',
    'look for it on the page of its contract',
  ],
  bad_contract: (facts) => [
    422,
    `合同文件第 ${fault(facts.fault).line} 行有误（${fault(facts.fault).code}）：${fault(facts.fault).message}`,
    `line ${fault(facts.fault).line} of the contract is wrong (${fault(facts.fault).code}): ${fault(facts.fault).message}`,
    '按 docs/contracts.md 改正后再上传',
    'correct it by docs/contracts.md, then send it again',
  ],
  contract_not_confirmed: () => [
    409,
    '合同还没有经另一人确认',
    'nobody has confirmed the contract yet',
    '请另一位有权限的人确认',
    'ask somebody else who may to confirm it',
  ],
  contract_draft_open: ({ version, author }) => [
    409,
    `${author} 起草的第 ${version} 版还在等待确认`,
    `version ${version}, drafted by ${author}, still waits to be confirmed`,
    '先确认或作废那一版',
    'confirm or withdraw that one first',
  ],
  contract_unchanged: ({ version }) => [
    409,
    `与已确认的第 ${version} 版相同`,
    `it says what version ${version} says, which is confirmed`,
    '无需上传',
    'there is nothing to send',
  ],
  contract_of_another: ({ field }) => [
    409,
    `补充协议不能改变 ${field}`,
    `an amendment cannot change ${field}`,
    '另立一份合同，用另一个编号',
    'make another contract, with another id',
  ],
  not_waiting: (facts) => [
    409,
    `状态为“${state(facts.state).zh}”，不在等待复核`,
    `it is "${state(facts.state).en}" and waits for nobody`,
    '重新打开查看',
    'open it again and look',
  ],
  second_person_confirms: ({ author }) => [
    403,
    `由 ${author} 起草，须由另一人确认`,
    `${author} drafted it: somebody else confirms it`,
    '请另一位有权限的人确认',
    'ask somebody else who may',
  ],
  no_such_contract_year: ({ year }) => [
    422,
    `合同没有从 ${year} 年开始的年度`,
    `the contract has no year that begins in ${year}`,
    '选合同期内的年度',
    'choose a year of the contract',
  ],
  term_not_in_force: (facts) => [
    422,
    `${facts.on} 时“${term(facts.term).zh}”条款尚未生效`,
    `the term "${term(facts.term).en}" is not in force on ${facts.on}`,
    '核对合同条款的起始日',
    'check from when the term holds',
  ],
  year_not_over: ({ until }) => [
    409,
    `该年度到 ${until} 才结束`,
    `the year ends on ${until}`,
    '年度结束后再起草；此前可看总账',
    'draft it after its end; until then, look at the ledger',
  ],
  year_before_open: ({ year }) => [
    409,
    `${year} 年度尚未确认，风险调节金的年初余额不明`,
    `the year ${year} is not confirmed: what the reserve held is not known`,
    '先确认上一年度',
    'confirm that year first',
  ],
  later_year_confirmed: ({ year }) => [
    409,
    `${year} 年度已确认，其风险调节金以本年度为起点`,
    `the year ${year} is confirmed, and its reserve goes on from this one`,
    '差额计入以后年度；或与承办机构另行商定',
    'settle the difference in a later year, or agree on it with the insurer',
  ],
  claims_below_zero: ({ amount }) => [
    409,
    `该年度待遇支出合计为 ${formatYuan(Number(amount))} 元，不能结算`,
    `the claims of the year come to ${formatYuan(Number(amount))} yuan: it cannot be stated`,
    '在总账核对该基金该年度的分录',
    'look at the postings of the fund in the ledger',
  ],
  statement_open: ({ author }) => [
    409,
    `${author} 起草的该年度结算还在等待确认`,
    `a statement of that year, drafted by ${author}, still waits to be confirmed`,
    '先确认或作废那一份',
    'confirm or withdraw that one first',
  ],
  year_changed: () => [
    409,
    '起草以后账目、参保人数或合同有变化，金额已不同；未入账',
    'the books, the insured or the contract have changed since it was drafted: it comes to other amounts; nothing was posted',
    '作废这一份，重新起草',
    'withdraw it and draft it again',
  ],
  handling_cost_missing: () => [
    422,
    '合同按实际成本支付，须填写承办机构申报的成本',
    'the contract pays what handling cost: say what the insurer asks for',
    '填写承办机构申报的成本',
    'give the cost as the insurer claims it',
  ],
  handling_cost_misplaced: () => [
    422,
    '合同不按实际成本支付，不需填写成本',
    'the contract does not pay what handling cost: no cost is asked for',
    '去掉成本',
    'leave the cost out',
  ],
  score_misplaced: () => [
    422,
    '合同没有考核预留，不需填写考核分',
    'the contract holds nothing back: no score is asked for',
    '去掉考核分',
    'leave the score out',
  ],
  score_reason_missing: () => [
    422,
    '考核须写明理由',
    'a score needs a reason',
    '写明考核依据；扣减的理由会告知承办机构',
    'say what it rests on; the insurer is told why something is kept',
  ],
  policy_loss_misplaced: () => [
    422,
    '基金承担盈亏的合同不分担亏损',
    'where the fund bears the result, no loss is shared',
    '去掉证明',
    'leave the proof out',
  ],
  proof_not_done: () => [
    409,
    '重放尚未完成',
    'the replay is not done',
    '等它完成，或重新开始一次',
    'wait until it is, or begin another',
  ],
  proof_not_whole: ({ refused }) => [
    422,
    `有 ${refused} 张账单有一边规则不予结算，差额不能作为证明`,
    `${refused} bills are refused by the rules of one side: the difference proves nothing`,
    '补全旧规则或新规则后再重放一次',
    'complete the rules of that side, and replay the year again',
  ],
  proof_of_another_year: () => [
    422,
    '这次重放属于另一份合同或另一年度',
    'the replay is of another contract or year',
    '选本年度的重放',
    'choose one of this year',
  ],
  unknown_rules: ({ version, newest }) => [
    422,
    `没有规则第 ${version} 版，最新为第 ${newest} 版`,
    `there is no version ${version} of the rules; the newest is ${newest}`,
    '选已发布的版本',
    'choose one that was published',
  ],
  same_rules: () => [
    422,
    '新旧规则相同，没有可证明的变化',
    'both are the same rules: nothing changed that could be proven',
    '选变化前和变化后的规则',
    'choose the rules before and after the change',
  ],
}
