import { formatYuan } from '#base/money.ts'
import {
  ACTS,
  CASE_STATES,
  type CaseAct,
  type CaseState,
  DESKS,
  type Desk,
  OUTCOMES,
} from '#domains/casework/index.ts'
import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal of casework. */
export function describeCase(code: string, facts: Facts): Description | undefined {
  return describeFrom(CODES, code, facts)
}

const yuan = (value: unknown): string => formatYuan(Number(value))
const act = (value: unknown) => ACTS[value as CaseAct] ?? { zh: value, en: value }
const desk = (value: unknown) => DESKS[value as Desk] ?? { zh: value, en: value }
const state = (value: unknown) => CASE_STATES[value as CaseState] ?? { zh: value, en: value }
const states = (value: unknown, lang: 'zh' | 'en') =>
  (value as unknown[]).map((each) => `“${state(each)[lang]}”`).join(lang === 'zh' ? '或' : ' or ')

const CODES = {
  unknown_case: () => [
    404,
    '没有这件案件',
    'there is no such case',
    '在待办中查找，或按账单号查找',
    'look for it in the queue, or by the number of its bill',
  ],
  unknown_document: () => [
    404,
    '没有这份材料，或已被移除',
    'there is no such document, or it was taken out',
    '在案件的材料列表中查找',
    'look for it in the list of the case',
  ],
  case_is_over: (facts) => [
    409,
    `案件为“${state(facts.state).zh}”，材料不再增减`,
    `the case is "${state(facts.state).en}": documents are neither added nor taken out`,
    '有新材料的，由当事人提出异议或重新受理',
    'with new documents, object or hand the bill in again',
  ],
  document_type_unknown: () => [
    415,
    '只接受 PNG、JPEG 图片或 PDF；文件内容不是其中任何一种',
    'a PNG, a JPEG or a PDF is taken, and the content is none of these',
    '另存为这几种格式再提交',
    'save it as one of these and hand it in again',
  ],
  document_known: () => [
    409,
    '这份材料已经在案件中',
    'this very file is with the case already',
    '在材料列表中查看',
    'look at the list of the case',
  ],
  documents_full: ({ most }) => [
    409,
    `一件案件最多 ${most} 份材料`,
    `a case has ${most} documents at most`,
    '合并为一份 PDF 再提交',
    'put pages together into one PDF',
  ],
  case_not_decided: () => [
    409,
    '案件还没有决定，没有可送达的通知书',
    'nothing was decided in this case yet, so there is nothing to send',
    '作出决定后再打印',
    'decide first, then print it',
  ],
  no_case_waits: () => [
    404,
    '您的岗位没有待领取的案件',
    'no case waits at your desks that nobody is at',
    '稍后再领；“我的案件”里有您在办的',
    'ask again later; what you are at is among your own cases',
  ],
  bill_in_case: ({ bill }) => [
    409,
    `账单 ${bill} 已有在办案件`,
    `bill ${bill} has a case already`,
    '打开那件案件办理',
    'open that case and go on there',
  ],
  under_case: ({ bill }) => [
    409,
    `账单 ${bill} 由案件办理，不能另行结算、更正或撤销`,
    `a case decides about bill ${bill}: it is not settled, corrected or reversed beside it`,
    '在案件中作出决定；撤回案件后可照常办理',
    'decide in the case; when the case is withdrawn, the bill is free',
  ],
  case_changed: ({ acts }) => [
    409,
    `案件已有新的经过（共 ${acts} 步），未办理任何内容`,
    `the case has moved on (${acts} acts by now); nothing was done`,
    '重新打开案件，看过后再办',
    'open it again, read what was done, then go on',
  ],
  assigned_to_another: ({ assignee }) => [
    409,
    `${assignee} 正在办理这件案件`,
    `${assignee} is at this case`,
    '请其放回，或由主管调整',
    'ask them to put it back, or a supervisor',
  ],
  illegal_case_move: (facts) => [
    409,
    `案件现为“${state(facts.state).zh}”，不能${act(facts.act).zh}`,
    `the case is "${state(facts.state).en}": "${act(facts.act).en}" is not done to it`,
    `重新打开案件；${states(facts.from, 'zh')}的案件可以${act(facts.act).zh}`,
    `open it again; that is done to a case that is ${states(facts.from, 'en')}`,
  ],
  other_desk: (facts) => [
    403,
    `${act(facts.act).zh}由${desk(facts.desk).zh}办理`,
    `"${act(facts.act).en}" is done at the desk "${desk(facts.desk).en}"`,
    `请${desk(facts.desk).zh}的人办理`,
    'ask somebody of that desk',
  ],
  once_only: ({ on }) => [
    409,
    `${on} 已一次性告知补正，不能再次要求`,
    `what is missing was asked for on ${on}: it is asked for once`,
    '按已有材料办理；可向医院查询或转稽核',
    'decide on what is there; the hospital can be queried, or an investigation asked for',
  ],
  other_person_needed: ({ decidedBy }) => [
    403,
    `${decidedBy} 在本案作过决定，这一步须由另一人办理`,
    `${decidedBy} has decided in this case: somebody else does this`,
    '请另一位审核人或主管办理',
    'ask another reviewer or a supervisor',
  ],
  reasons_missing: (facts) => [
    422,
    `${act(facts.act).zh}须写明理由`,
    `"${act(facts.act).en}" needs a reason`,
    '写明理由；核减和不予给付的理由会告知申请人',
    'give the reason; that of a cut or a refusal is told to the person',
  ],
  decision_missing: (facts) => [
    422,
    `${act(facts.act).zh}须写明结论`,
    `"${act(facts.act).en}" says what becomes of the claim`,
    '选给付、核减或不予给付',
    'choose: pay, cut or refuse',
  ],
  decision_misplaced: (facts) => [
    422,
    `${act(facts.act).zh}不作结论`,
    `"${act(facts.act).en}" decides nothing`,
    '去掉结论，或改选决定',
    'leave the decision out, or decide',
  ],
  rule_missing: () => [
    422,
    '核减和不予给付须引用规则',
    'a cut or a refusal names the rule that it rests on',
    '从账单的结算依据中选',
    'choose from the rules of the trial settlement',
  ],
  cuts_missing: () => [
    422,
    '核减须写明核减哪些明细、多少',
    'a cut says which lines, and by how much',
    '在明细中填写核减金额',
    'give the amounts beside the lines',
  ],
  nothing_to_bear: ({ bill }) => [
    422,
    `账单 ${bill} 的这项核减没有基金向医疗机构付款，医疗机构没有可承担的`,
    `no fund pays a hospital anything on what is cut of the bill ${bill}: there is nothing for it to bear`,
    '核对核减的明细；先由本人垫付的账单改由参保人承担，或不核减',
    'check which lines are cut; of a bill that the person paid first, the cut is theirs or none',
  ],
  not_in_favour: (facts) => [
    422,
    `原决定为“${OUTCOMES[facts.was as 'pay'].zh}”；因异议改变决定，不得对申请人更不利，也不能相同`,
    `the decision was "${OUTCOMES[facts.was as 'pay'].en}"; revised on an objection it takes less from the person, never as much or more`,
    '减少核减、改为给付，或维持原决定',
    'cut less, pay, or uphold what was decided',
  ],
  date_before_last: ({ last }) => [
    422,
    `日期早于上一步（${last}）`,
    `it is dated before what was done last (${last})`,
    '核对服务器时间',
    'check the clock of the server',
  ],
  above_limit: ({ amount, limit }) => [
    403,
    Number(limit) < 0
      ? '尚未设定一人可独自决定的限额，须提交复核'
      : `${yuan(amount)} 元超过一人可独自决定的限额 ${yuan(limit)} 元`,
    Number(limit) < 0
      ? 'nobody has set up to what one person decides alone: a second person approves'
      : `${yuan(amount)} yuan is above the ${yuan(limit)} yuan that one person decides alone`,
    '提交复核，由另一人同意',
    'propose the decision; another person approves it',
  ],
  unknown_line: ({ line }) => [
    422,
    `账单没有明细 ${line}`,
    `the bill has no line ${line}`,
    '重新打开案件，在明细中填写',
    'open the case again and choose among its lines',
  ],
  cut_too_large: ({ line, amount, most }) => [
    422,
    `明细 ${line} 核减 ${yuan(amount)} 元，超过其政策范围内的 ${yuan(most)} 元`,
    `line ${line} is cut by ${yuan(amount)} yuan, more than the ${yuan(most)} yuan of it that are in scope`,
    '减少核减金额',
    'cut less',
  ],
  cut_twice: ({ line }) => [
    422,
    `明细 ${line} 写了两次`,
    `line ${line} is named twice`,
    '合为一个金额',
    'give one amount',
  ],
} as const satisfies Record<string, Words>
