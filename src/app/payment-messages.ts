import { formatYuan } from '#base/money.ts'
import {
  BATCH_ACTS,
  BATCH_STATES,
  type BatchAct,
  type BatchState,
} from '#domains/payments/index.ts'
import type { Description, FieldFault, Text } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal of payments. */
export function describePayment(code: string, facts: Facts): Description | undefined {
  const description = describeFrom(CODES, code, facts)
  return description && code === 'bad_account'
    ? { ...description, errors: fieldFaults(facts) }
    : description
}

const list = (value: unknown): string => (Array.isArray(value) ? value.join('、') : String(value))
const yuan = (value: unknown): string => formatYuan(Number(value))
const state = (value: unknown) => BATCH_STATES[value as BatchState] ?? { zh: value, en: value }
const act = (value: unknown) => BATCH_ACTS[value as BatchAct] ?? { zh: value, en: value }

/** A holder of an account who is not kept here, by its kind: what is said before its number, and what to do. */
const UNKNOWN_HOLDERS: Readonly<Record<string, readonly [string, string, string, string]>> = {
  person: ['没有人员', 'there is no person', '核对人员编号', 'check the number of the person'],
  institution: [
    '没有登记机构',
    'this institution is not kept here:',
    '先登记机构，再登记账户',
    'register the institution first, then its account',
  ],
  insurer: [
    '总账中没有承办机构',
    'the ledger has no insurer',
    '合同年度确认、记入应付之后再登记账户',
    'give its account when a year of its contract is confirmed and owed',
  ],
  coinsurer: [
    '没有共保体登记共保人',
    'no panel has this co-insurer:',
    '先登记共保体，再登记账户',
    'enter the panel first, then its account',
  ],
}

const CODES = {
  illegal_move: (facts) => [
    409,
    `批次现为“${state(facts.state).zh}”，不能${act(facts.act).zh}`,
    `the batch is "${state(facts.state).en}": "${act(facts.act).en}" is not done to it`,
    `重新打开批次；只有${(facts.from as unknown[]).map((each) => `“${state(each).zh}”`).join('或')}的批次可以${act(facts.act).zh}`,
    `open it again; that is done to a batch that is ${(facts.from as unknown[]).map((each) => `"${state(each).en}"`).join(' or ')}`,
  ],
  unknown_batch: () => [
    404,
    '没有这个付款批次',
    'there is no such payment batch',
    '在批次列表中查找',
    'look for it among the batches',
  ],
  unknown_item: () => [
    404,
    '没有这笔付款',
    'there is no such payment',
    '在批次中查找',
    'look for it in its batch',
  ],
  unknown_break: () => [
    404,
    '没有这条对账差异',
    'there is no such break',
    '在差异列表中查找',
    'look for it in the list of breaks',
  ],
  unknown_holder: ({ holder, id }) => {
    const [zh, en, remedyZh, remedyEn] = UNKNOWN_HOLDERS[String(holder)] ?? ['', '', '', '']
    return [404, `${zh} ${id}`, `${en} ${id}`, remedyZh, remedyEn]
  },
  bad_account: () => [
    422,
    '账户信息有误，未保存',
    'the account is wrong; nothing was kept',
    '按所列各项改正',
    'correct what is listed',
  ],
  nothing_to_pay: ({ left }) => [
    409,
    (left as unknown[]).length > 0
      ? '没有可付的款项：应付的都缺账户，或冲抵后没有余额'
      : '没有可付的款项：应付的都已在批次中，或已付清',
    (left as unknown[]).length > 0
      ? 'there is nothing to pay: what is owed has no account, or nothing is left after what has to come back'
      : 'there is nothing to pay: what is owed is in a batch already, or paid',
    '看预览中“不能付”的原因；缺账户的先登记账户',
    'the preview says of each why it cannot be paid; give the accounts that are missing',
  ],
  pay_day_past: ({ today }) => [
    422,
    '付款日已过',
    'the day of payment is past',
    `付款日不早于今天（${today}）；已提交的批次请退回后作废，另行生成`,
    `choose a day from today (${today}) on; a batch that was submitted is sent back, withdrawn and made anew`,
  ],
  another_person_releases: ({ made }) => [
    403,
    `批次由 ${made} 制单或由您提交，放行须由另一人`,
    `the batch was made by ${made} or submitted by you: somebody else releases it`,
    '请另一位出纳或主管复核放行',
    'ask another cashier or a supervisor to review and release it',
  ],
  own_account: ({ payees }) => [
    403,
    `收款账户由您登记：${list(payees)}`,
    `you gave the accounts that are paid to: ${list(payees)}`,
    '请另一人放行',
    'ask somebody else to release it',
  ],
  batch_changed: ({ orders, amount }) => [
    409,
    `批次已变：现为 ${orders} 笔、${yuan(amount)} 元，与您复核的不同`,
    `the batch has changed: ${orders} payments of ${yuan(amount)} yuan, other than you reviewed`,
    '重新打开批次，复核后再放行',
    'open it again, review it, then release it',
  ],
  owed_less_now: ({ payees }) => [
    409,
    `生成批次后应付减少，会多付：${list(payees)}`,
    `less is owed by now than the batch pays: ${list(payees)}`,
    '退回批次，移出这些款项或作废后重新生成',
    'send the batch back, leave these out, or withdraw it and make it anew',
  ],
  batch_empty: () => [
    409,
    '批次里已没有付款',
    'no payment is left in the batch',
    '作废这个批次',
    'withdraw it',
  ],
  reconcile_first: ({ since, cause }) => [
    409,
    `数据库在 ${since} 从备份恢复（${cause}），之后送过银行的指令可能未知，暂停付款`,
    `the database was restored at ${since} (${cause}): the bank may have been sent what it does not know, so nothing is paid`,
    '请管理员执行 kangyang payments reconcile，带上已送银行的付款文件和回盘文件',
    'an administrator runs kangyang payments reconcile with the files that were sent to the bank and its answers',
  ],
  not_in_draft: (facts) => [
    409,
    `批次现为“${state(facts.state).zh}”，只有草稿可以移出付款`,
    `the batch is "${state(facts.state).en}": payments are left out of drafts alone`,
    '先退回批次',
    'send the batch back first',
  ],
  not_failed: () => [
    409,
    '这笔付款没有失败或退汇，或已经确认',
    'this payment has not failed or come back, or that is confirmed already',
    '等银行回盘；重新打开这笔付款',
    'wait for the bank; open the payment again',
  ],
  break_open: ({ orders }) => [
    409,
    `有未处理的对账差异：${list(orders)}`,
    `breaks are open: ${list(orders)}`,
    '先处理差异',
    'decide them first',
  ],
  failure_not_confirmed: ({ orders }) => [
    409,
    `有 ${orders} 笔失败或退汇尚未确认`,
    `${orders} payments failed or came back, and nobody has confirmed it`,
    '逐笔确认失败后再关闭',
    'confirm each of them, then close the batch',
  ],
  break_decided: () => [
    409,
    '这条差异已经处理',
    'this break has been decided already',
    '重新打开列表',
    'open the list again',
  ],
  another_person_decides: ({ raised }) => [
    403,
    `回盘由 ${raised} 上传，差异须由另一人处理`,
    `${raised} took the answers in: somebody else decides about them`,
    '请另一位出纳或主管处理',
    'ask another cashier or a supervisor',
  ],
  cannot_be_booked: () => [
    409,
    '这条差异没有可入账的内容，或款项已经入账',
    'there is nothing to book of this break, or it is on the books already',
    '查清后选“不入账”，写明原因',
    'look into it, then dismiss it with a reason',
  ],
  payee_needed: () => [
    422,
    '不知道这笔钱付给了谁、从哪个基金付出',
    'nobody knows to whom this was paid, and from which fund',
    '填写基金和收款方（institution/编号、person/编号、region/区划代码、insurer/编号 或 coinsurer/编号/年月）',
    'name the fund and the payee (institution/number, person/number, region/division, insurer/number or coinsurer/number/month)',
  ],
  not_released: (facts) => [
    409,
    `批次现为“${state(facts.state).zh}”，放行后才有付款文件`,
    `the batch is "${state(facts.state).en}": there is a file when it is released`,
    '先放行',
    'release it first',
  ],
  bad_status_file: ({ fault, value, line }) => {
    const { zh, en } = FILE_FAULTS[String(fault)] ?? { zh: '', en: '' }
    const [lineZh, lineEn] = line === undefined ? ['', ''] : [`第 ${line} 行：`, `line ${line}: `]
    const shown = value === '' ? '' : `（${value}）`
    return [
      422,
      `文件有误，未处理任何内容：${lineZh}${zh}${shown}`,
      `the file is wrong, and nothing of it was taken in: ${lineEn}${en}${value === '' ? '' : ` (${value})`}`,
      '请银行重发；格式见 docs/payments.md',
      'ask the bank for it again; docs/payments.md has the formats',
    ]
  },
} as const satisfies Record<string, Words>

const FILE_FAULTS: Readonly<Record<string, Text>> = {
  not_xml: { zh: '不是完整的 XML', en: 'it is no well-formed XML' },
  other_message: { zh: '不是所要的报文', en: 'it is another message than expected' },
  no_answers: { zh: '没有任何指令', en: 'there is no order in it' },
  missing_column: { zh: '缺少列', en: 'a column is missing' },
  no_end_to_end: { zh: '缺少指令号', en: 'an order has no number' },
  unknown_status: { zh: '未知的状态', en: 'a status is unknown' },
  bad_amount: { zh: '金额有误', en: 'an amount is wrong' },
  other_currency: { zh: '不是人民币', en: 'it is not in yuan' },
  not_csv: { zh: '不是完整的 CSV', en: 'it is no well-formed CSV' },
}

const ACCOUNT_FAULTS: Readonly<Record<string, readonly [Text, Text]>> = {
  not_digits: [
    { zh: '账号须为 6 至 32 位数字', en: 'an account number has 6 to 32 digits' },
    { zh: '去掉空格和其他符号', en: 'leave spaces and other signs out' },
  ],
  card_length: [
    { zh: '银行卡号须为 16 至 19 位', en: 'a card number has 16 to 19 digits' },
    {
      zh: '核对卡号；存折和对公账户选“账户”',
      en: 'check it; a passbook or a business account is an "account"',
    },
  ],
  card_check: [
    { zh: '银行卡号的校验位不对', en: 'the check digit of the card number is wrong' },
    { zh: '对照卡片重新输入', en: 'type it again from the card' },
  ],
  bank_code_form: [
    { zh: '联行号须为 12 位数字', en: 'a bank code has 12 digits' },
    { zh: '向开户行查询联行号', en: 'ask the bank for it' },
  ],
  bank_code_check: [
    { zh: '联行号的校验位不对', en: 'the check digit of the bank code is wrong' },
    { zh: '核对后重新输入', en: 'check it and type it again' },
  ],
  fund_form: [
    {
      zh: '基金写作 支付方@地区，或 personalAccount、familyAccount',
      en: 'a fund is payer@place, or personalAccount or familyAccount',
    },
    { zh: '照总账中的基金填写', en: 'write it as the ledger does' },
  ],
  region_form: [
    { zh: '地区写作六位行政区划代码', en: 'a region is a division code of six digits' },
    { zh: '照清算单填写就医地代码', en: 'give the region of care as the statement has it' },
  ],
  answer_days: [
    {
      zh: '基金账户须有约定的回盘工作日，其他账户没有',
      en: 'an account of a fund has the working days within which its bank answers, others have none',
    },
    { zh: '按与银行的协议填写，或留空', en: 'give them as agreed with the bank, or leave it out' },
  ],
}

const fieldFaults = ({ faults }: Facts): FieldFault[] =>
  (faults as readonly { readonly field: string; readonly fault: string }[]).flatMap(
    ({ field, fault }) => {
      const [reason, remedy] = ACCOUNT_FAULTS[fault] ?? []
      return reason && remedy ? [{ field, reason, remedy }] : []
    },
  )
