/**
 * Who may do what, as it is expected: written by hand, and by nobody else's table. `docs/access.md` is its
 * print. For each request: which marks of the answer each role finds. A role that is not named is refused (403), a
 * visitor who has not signed in with 401;
 * `may` stands for a request whose answer has no marks.
 */
export type Expected = {
  readonly request: string
  readonly what: string
  /** Where each mark stands in the answer. */
  readonly marks?: Readonly<Record<string, string>>
  readonly roles: Readonly<Record<string, string>>
}

const desk = (cell: string) => ({
  handler: cell,
  reviewer: cell,
  investigator: cell,
  supervisor: cell,
})
const own = (cell: string) => ({ insured: cell, agent: cell })
const everybody = (cell: string) => ({
  ...desk(cell),
  ...own(cell),
  insurer: cell,
  cashier: cell,
  actuary: cell,
  hospital: cell,
  employer: cell,
  regulator: cell,
  admin: cell,
})

/** Whoever has signed in, whatever their role: it is about themselves. */
const signedIn = everybody('may')
const anybody = { ...signedIn, visitor: 'may' }
const drafting = (cell: string) => ({ actuary: cell, admin: cell })
const drafters = drafting('may')
/** Months of institutions: the office, and the hospital its own. */
const months = (cell: string) => ({
  ...desk(cell),
  cashier: cell,
  actuary: cell,
  hospital: cell,
})
/** No record has this number: whoever may ask is told so, with 404. */
export const NOTHING = '00000000-0000-4000-8000-000000000000'

export const MATRIX: readonly Expected[] = [
  // --- signing in, and one's own account ---
  {
    request: 'GET /door',
    what: '是否已登录 Whether anybody is signed in',
    marks: { signedIn: 'signedIn' },
    roles: { ...everybody('signedIn'), visitor: 'signedIn' },
  },
  { request: 'POST /login', what: '登录 Signs in', roles: anybody },
  { request: 'POST /provider/login', what: '经统一身份认证登录 By a provider', roles: anybody },
  { request: 'GET /provider/callback', what: '统一身份认证的回调 And back', roles: anybody },
  {
    request: 'GET /session',
    what: '当前登录 Who is signed in',
    marks: { user: 'user.name' },
    roles: everybody('user'),
  },
  { request: 'POST /logout', what: '退出 Signs out', roles: signedIn },
  { request: 'POST /password', what: '修改密码 Changes the own password', roles: signedIn },
  {
    request: 'GET /account/sessions',
    what: '我的登录 Where I am signed in',
    marks: { sessions: 'sessions' },
    roles: everybody('sessions'),
  },
  { request: 'POST /account/sessions/end', what: '结束登录 Ends a session', roles: signedIn },
  {
    request: 'GET /account/second-factor',
    what: '我的两步验证 My second factor',
    roles: signedIn,
  },
  { request: 'POST /account/second-factor', what: '设置 Sets it up', roles: signedIn },
  { request: 'POST /account/second-factor/confirm', what: '确认 Confirms it', roles: signedIn },
  { request: 'POST /account/second-factor/remove', what: '停用 Removes it', roles: signedIn },
  { request: 'POST /account/recovery-codes', what: '恢复码 New recovery codes', roles: signedIn },
  {
    request: 'GET /commands/nobodys',
    what: '自己的请求的下落 What became of a request of one’s own',
    roles: signedIn,
  },

  // --- persons ---
  {
    request: 'GET /persons',
    what: '参保人名单 The list of persons',
    marks: { number: 'persons.0.id', name: 'persons.0.name', class: 'persons.0.class' },
    roles: { ...desk('number name class'), actuary: 'number class', cashier: 'number name' },
  },
  {
    request: 'GET /persons/employee',
    what: '一位参保人的账单和累计 A person’s bills and running totals',
    marks: {
      name: 'person.name',
      covers: 'person.covers',
      totals: 'totals',
      amounts: 'bills.0.total',
      care: 'bills.0.medical',
      admitted: 'bills.0.admitted',
    },
    roles: {
      ...desk('name covers totals amounts care admitted'),
      ...own('name covers totals amounts care admitted'),
      actuary: 'covers totals amounts care admitted',
      cashier: 'name amounts',
    },
  },
  {
    request: 'GET /enrolment/persons/employee',
    what: '参保档案 The file of a person',
    marks: { name: 'name', idNumber: 'idNumber', diseases: 'conditions', looked: 'looked' },
    roles: {
      ...desk('name idNumber diseases looked'),
      ...own('name idNumber diseases looked'),
      actuary: 'diseases looked',
    },
  },
  {
    request: 'GET /enrolment/persons/employee/eligibility?on=2025-03-01',
    what: '某日的参保 Who covers a person on a day',
    marks: { covers: 'covers.0.scheme' },
    roles: { ...desk('covers'), ...own('covers'), actuary: 'covers' },
  },
  {
    request: 'POST /enrolment/eligibility',
    what: '柜台凭证查询 The same at a counter, by the card',
    marks: { covers: 'covers', person: 'person' },
    roles: { handler: 'covers person', hospital: 'covers person' },
  },
  {
    request: 'POST /enrolment/persons/find',
    what: '按身份证号查找 A person by id-card number',
    marks: { person: 'person' },
    roles: desk('person'),
  },
  {
    request: 'POST /enrolment/persons/employee/reveal',
    what: '显示姓名和证件号码的全文 Name and id-card number in full',
    marks: { person: 'id' },
    roles: { handler: 'person' },
  },
  {
    request: 'GET /persons/employee/known?at=2026-01-01T00:00:00%2B08:00',
    what: '某一时刻所知 A person as known at a moment',
    roles: { ...desk('may'), ...own('may') },
  },
  {
    request: 'GET /persons/employee/replays',
    what: '重算说明 Statements of what changed',
    marks: { statements: 'statements' },
    roles: { ...desk('statements'), ...own('statements'), actuary: 'statements' },
  },
  {
    request: 'GET /replays/STATEMENT',
    what: '一份重算说明 One of them',
    marks: { differences: 'differences', adjustments: 'adjustments' },
    roles: {
      ...desk('differences adjustments'),
      ...own('differences adjustments'),
      actuary: 'differences adjustments',
    },
  },
  {
    request: 'GET /replays/STATEMENT/statement.pdf',
    what: '重算说明（打印） The same, to print',
    roles: { ...desk('may'), ...own('may') },
  },
  {
    request: 'POST /persons/employee/reliefs/trial',
    what: '试算救助 A relief of a year, tried out',
    roles: { ...desk('may'), ...own('may'), actuary: 'may' },
  },
  {
    request: 'POST /enrolment/persons/employee/changes',
    what: '参保变更 Changes who covers a person',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/persons/employee/premiums',
    what: '保费 Premiums',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/persons/employee/account',
    what: '个人账户 The personal account',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/persons/employee/family',
    what: '家庭共济 Shares the account with a relative',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/persons/employee/id-number',
    what: '补登身份证号 Adds an id-card number',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/merges',
    what: '合并档案 Makes one file of two',
    roles: { handler: 'may' },
  },
  {
    request: `POST /enrolment/merges/${NOTHING}/undo`,
    what: '撤销合并 Undoes that',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /enrolment/persons',
    what: '登记参保人 Adds a person',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /bills',
    what: '本机构的账单 The bills of one’s own institution',
    marks: { bill: 'bills.0.id', name: 'bills.0.name', care: 'bills.0.medical' },
    roles: { hospital: 'bill name care' },
  },
  {
    request: 'GET /bills/own-bill',
    what: '一张账单的内容 What a bill says',
    marks: { lines: 'versions.0.bill.lines', diagnosis: 'versions.0.bill.diagnosis' },
    roles: {
      ...desk('lines diagnosis'),
      ...own('lines diagnosis'),
      hospital: 'lines diagnosis',
      actuary: 'lines diagnosis',
    },
  },
  {
    request: 'POST /bills',
    what: '上传账单 Adds bills',
    roles: { handler: 'may', hospital: 'may' },
  },
  {
    request: 'POST /bills/own-bill/correct',
    what: '更正账单 Corrects a bill',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /bills/own-bill/correct/trial',
    what: '试算更正：也显示此人在别处的账单 What that would change, also of bills from elsewhere',
    roles: { ...desk('may'), actuary: 'may' },
  },
  {
    request: 'POST /bills/own-bill/accept-late',
    what: '受理逾期报销 Takes a bill handed in too late',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /settlements/SETTLED',
    what: '一次结算 A settlement',
    marks: {
      payers: 'settlement.payers',
      patient: 'settlement.patient',
      settledBy: 'settledBy',
      lines: 'settlement.lines',
      tiers: 'settlement.tiers',
      steps: 'steps',
    },
    roles: {
      ...desk('payers patient settledBy lines tiers steps'),
      ...own('payers patient settledBy lines tiers steps'),
      hospital: 'payers patient settledBy lines tiers steps',
      actuary: 'payers patient settledBy lines tiers steps',
      cashier: 'payers patient settledBy',
    },
  },
  {
    request: 'GET /settlements/SETTLED/slip.pdf',
    what: '结算单 The settlement slip',
    roles: { ...desk('may'), ...own('may'), hospital: 'may' },
  },
  {
    request: 'GET /settlements/SETTLED/national',
    what: '国家接口字段 In the national fields',
    marks: { total: 'medfee_sumamt' },
    roles: { ...desk('total'), ...own('total'), hospital: 'total' },
  },
  {
    request: 'POST /settlements/trial',
    what: '预结算 Tries a bill out',
    marks: { payers: 'settlement.payers', steps: 'steps' },
    roles: { ...desk('payers steps'), actuary: 'payers steps', hospital: 'payers steps' },
  },
  {
    request: 'POST /national/settle-trial',
    what: '以国家接口字段试算 The same in the national fields',
    roles: { ...desk('may'), actuary: 'may', hospital: 'may' },
  },
  {
    request: 'POST /settlements',
    what: '结算 Settles a bill',
    roles: { handler: 'may', hospital: 'may' },
  },
  {
    request: 'POST /settlements/SETTLED/reverse',
    what: '撤销结算 Reverses a settlement',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /settlements/SETTLED/reverse/trial',
    what: '试算撤销：也显示此人在别处的账单 What that would change, also of bills from elsewhere',
    marks: { differences: 'differences' },
    roles: { ...desk('differences'), actuary: 'differences' },
  },
  {
    request: 'GET /figures',
    what: '逐月汇总 Figures month by month',
    marks: { months: 'months' },
    roles: { supervisor: 'months', actuary: 'months', regulator: 'months' },
  },
  {
    request: 'GET /adjustments',
    what: '补付与追回 Supplements and recoveries',
    marks: { adjustments: 'adjustments' },
    roles: { ...desk('adjustments'), cashier: 'adjustments', actuary: 'adjustments' },
  },
  {
    request: `POST /adjustments/${NOTHING}/confirm`,
    what: '确认向个人追回 Confirms that a person pays back',
    roles: { handler: 'may', supervisor: 'may' },
  },
  {
    request: `POST /adjustments/${NOTHING}/waive`,
    what: '免予追回 Waives it',
    roles: { handler: 'may', supervisor: 'may' },
  },
  {
    request: 'POST /clearings/trial',
    what: '清算预览 What a clearing would clear',
    marks: { payers: 'payers' },
    roles: { ...desk('payers'), cashier: 'payers', actuary: 'payers' },
  },
  {
    request: 'POST /clearings',
    what: '清算 Records that money has moved',
    roles: { handler: 'may', cashier: 'may' },
  },
  {
    request: 'GET /ledger/trial',
    what: '试算平衡表 The trial balance',
    marks: { funds: 'funds' },
    roles: { ...desk('funds'), cashier: 'funds', actuary: 'funds' },
  },
  {
    request: 'GET /ledger/trial.csv',
    what: '试算平衡表（CSV） The same as CSV',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: 'GET /ledger/series?from=2026-01-01&until=2026-01-02',
    what: '基金每日余额 What stood on the accounts of a fund, day by day',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request:
      'GET /ledger/postings?fund=basicPool%40teaching%2Fshifan&account=claims&from=2026-01-01&until=2026-01-02',
    what: '科目明细账 The postings of an account',
    marks: { lines: 'lines' },
    roles: { ...desk('lines'), cashier: 'lines', actuary: 'lines' },
  },
  {
    request:
      'GET /ledger/postings.csv?fund=basicPool%40teaching%2Fshifan&account=claims&from=2026-01-01&until=2026-01-02',
    what: '科目明细账（CSV） The same as CSV',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  // --- what if ---
  {
    request: 'GET /scenarios',
    what: '情景列表 Scenarios of one’s own and shared ones',
    marks: { scenarios: 'scenarios' },
    roles: { ...drafting('scenarios'), supervisor: 'scenarios' },
  },
  {
    request: 'GET /scenarios/parameters',
    what: '可改的参数 What a draft can change',
    marks: { schemes: 'schemes' },
    roles: { ...drafting('schemes'), supervisor: 'schemes' },
  },
  {
    request: 'POST /scenarios/check',
    what: '检查推演草案 Tries a draft on the rules',
    roles: drafting('may'),
  },
  {
    request: 'POST /scenarios',
    what: '新建情景 A new scenario',
    roles: drafting('may'),
  },
  {
    request: `GET /scenarios/${NOTHING}`,
    what: '一个情景 One scenario',
    roles: { ...drafting('may'), supervisor: 'may' },
  },
  {
    request: `PUT /scenarios/${NOTHING}`,
    what: '修改情景 Changes one of one’s own',
    roles: drafting('may'),
  },
  {
    request: `DELETE /scenarios/${NOTHING}`,
    what: '删除情景 Deletes one of one’s own',
    roles: drafting('may'),
  },
  {
    request: `POST /scenarios/${NOTHING}/copy`,
    what: '复制情景 Copies one',
    roles: drafting('may'),
  },
  {
    request: `POST /scenarios/${NOTHING}/runs`,
    what: '推演 Has one run',
    roles: drafting('may'),
  },
  {
    request: `GET /scenarios/${NOTHING}/runs/${NOTHING}`,
    what: '一次推演 One run',
    roles: { ...drafting('may'), supervisor: 'may' },
  },
  {
    request: `POST /scenarios/${NOTHING}/runs/${NOTHING}/cancel`,
    what: '取消推演 Cancels a run',
    roles: drafting('may'),
  },
  {
    request: `GET /scenarios/${NOTHING}/runs/${NOTHING}/report.pdf`,
    what: '推演报告 Its report as PDF',
    roles: { ...drafting('may'), supervisor: 'may' },
  },
  {
    request: `GET /scenarios/${NOTHING}/runs/${NOTHING}/report.json`,
    what: '推演报告 Its report as JSON',
    roles: { ...drafting('may'), supervisor: 'may' },
  },

  {
    request: 'GET /referrals?person=employee',
    what: '转诊单 Referrals of a person',
    marks: { referrals: 'referrals' },
    roles: { ...desk('referrals'), ...own('referrals'), hospital: 'referrals' },
  },
  {
    request: 'POST /referrals',
    what: '登记转诊单 Enters a referral',
    roles: { handler: 'may', hospital: 'may' },
  },
  {
    request: `POST /referrals/${NOTHING}/acts`,
    what: '转诊单延期、终止、撤销 Extends, ends or withdraws one',
    roles: { handler: 'may', hospital: 'may' },
  },
  {
    request: 'GET /cases',
    what: '待办案件 Cases that wait',
    marks: { cases: 'cases' },
    roles: { ...desk('cases') },
  },
  {
    request: 'GET /cases/counts',
    what: '各岗待办数 How many wait at each desk',
    marks: { waiting: 'waiting' },
    roles: { ...desk('waiting') },
  },
  {
    request: 'POST /cases/next',
    what: '领取下一件 Gives the next case',
    roles: { ...desk('may') },
  },
  {
    request: 'POST /cases',
    what: '案件受理 Takes a bill in as a case',
    roles: { handler: 'may' },
  },
  {
    request: `GET /cases/${NOTHING}`,
    what: '一件案件 A case',
    roles: { ...desk('may') },
  },
  {
    request: `GET /cases/${NOTHING}/documents`,
    what: '案件材料 What was handed in',
    roles: desk('may'),
  },
  {
    request: `POST /cases/${NOTHING}/documents`,
    what: '提交材料 Hands something in',
    roles: desk('may'),
  },
  {
    request: `GET /cases/${NOTHING}/documents/${NOTHING}`,
    what: '查看一份材料 Looks at one',
    roles: desk('may'),
  },
  {
    request: `POST /cases/${NOTHING}/documents/${NOTHING}/remove`,
    what: '移除材料 Takes one out',
    roles: desk('may'),
  },
  {
    request: `GET /cases/${NOTHING}/notice.pdf`,
    what: '核定通知书 The decision, to be sent',
    roles: desk('may'),
  },
  {
    request: `POST /cases/${NOTHING}/trial`,
    what: '核减试算 Who would pay what after cuts',
    roles: { ...desk('may') },
  },
  {
    request: `POST /cases/${NOTHING}/acts`,
    what: '办理案件 Does an act to a case',
    roles: { ...desk('may') },
  },
  {
    request: `POST /cases/${NOTHING}/assign`,
    what: '领取或放回 Takes a case in hand, or puts it back',
    roles: { ...desk('may') },
  },
  {
    request: 'GET /own-cases',
    what: '我的案件 One’s own cases',
    marks: { cases: 'cases', bills: 'bills' },
    roles: { ...own('cases bills'), hospital: 'cases bills' },
  },
  {
    request: 'POST /own-cases',
    what: '提交账单 Hands in a bill',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `GET /own-cases/${NOTHING}`,
    what: '我的一件案件 One of them',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `POST /own-cases/${NOTHING}/acts`,
    what: '补材料、异议、撤回 Answers, objects, takes it back',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `GET /own-cases/${NOTHING}/documents`,
    what: '自己提交的材料 What one handed in',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `POST /own-cases/${NOTHING}/documents`,
    what: '提交材料 Hands something in',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `GET /own-cases/${NOTHING}/documents/${NOTHING}`,
    what: '查看自己的一份材料 Looks at one',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: `GET /own-cases/${NOTHING}/notice.pdf`,
    what: '核定通知书 The decision, as it was sent',
    roles: { ...own('may'), hospital: 'may' },
  },
  {
    request: 'GET /case-limits',
    what: '一人决定的限额 Up to what one person decides alone',
    marks: { limits: 'limits' },
    roles: { ...desk('limits'), admin: 'limits' },
  },
  {
    request: 'POST /case-limits',
    what: '设限额 Sets that limit',
    roles: { admin: 'may' },
  },
  {
    request: 'GET /reserves/funds',
    what: '提取准备金的基金 Funds that reserves are made for',
    marks: { funds: 'funds' },
    roles: { actuary: 'funds', supervisor: 'funds', cashier: 'funds' },
  },
  {
    request: 'GET /reserves/outlook?fund=none&month=2020-01',
    what: '赔付三角形与未决估计 A triangle, and what is still to come',
    roles: { actuary: 'may', supervisor: 'may', cashier: 'may' },
  },
  {
    request: 'GET /reserves/triangle.csv?fund=none&month=2020-01',
    what: '赔付三角形（CSV） The triangle, as a file',
    roles: { actuary: 'may', supervisor: 'may', cashier: 'may' },
  },
  {
    request: 'GET /reserves?fund=none&until=2020-01',
    what: '准备金及其回溯 Reserves, and what they were worth',
    roles: { actuary: 'may', supervisor: 'may', cashier: 'may' },
  },
  {
    request: 'POST /reserves',
    what: '拟提取准备金 Proposes a reserve',
    roles: { actuary: 'may' },
  },
  {
    request: `POST /reserves/${NOTHING}/confirm`,
    what: '准备金入账 Books one',
    roles: { supervisor: 'may' },
  },
  {
    request: `POST /reserves/${NOTHING}/withdraw`,
    what: '撤回准备金 Takes a proposal back',
    roles: { actuary: 'may' },
  },
  {
    request: 'POST /reserves/history',
    what: '赔付历史 What was claimed before the books were kept here',
    roles: { actuary: 'may' },
  },
  {
    request: 'GET /contracts',
    what: '承办合同 Contracts with insurers',
    marks: { contracts: 'contracts' },
    roles: {
      ...desk('contracts'),
      cashier: 'contracts',
      actuary: 'contracts',
      insurer: 'contracts',
    },
  },
  {
    request: 'POST /contracts',
    what: '上传合同 Keeps a contract as a draft',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: `GET /contracts/${NOTHING}`,
    what: '一份合同 A contract',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /contracts/${NOTHING}/versions/1/decide`,
    what: '确认或作废合同 Confirms a contract, or withdraws it',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: `POST /contracts/${NOTHING}/years/2024/trial`,
    what: '年度结算试算 What a year would come to',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: `POST /contracts/${NOTHING}/years`,
    what: '起草年度结算 Drafts the statement of a year',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: `POST /contracts/${NOTHING}/proofs`,
    what: '以新旧规则重放一年 Replays a year under two books of rules',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: `GET /contract-years/${NOTHING}`,
    what: '年度结算 A stated year',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `GET /contract-years/${NOTHING}/pdf`,
    what: '年度结算单 A stated year on paper',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /contract-years/${NOTHING}/decide`,
    what: '确认年度结算并入账 Confirms a stated year and posts it',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: `GET /contract-proofs/${NOTHING}`,
    what: '一次重放 A replay of a year',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /contract-proofs/${NOTHING}/again`,
    what: '再重放一次 Replays it again',
    roles: { actuary: 'may', supervisor: 'may' },
  },
  {
    request: 'GET /month-ends?month=2020-01',
    what: '机构月结 A month of every institution',
    marks: { months: 'months' },
    roles: months('months'),
  },
  {
    request: 'GET /month-ends/one?institution=none&fund=none&month=2020-01',
    what: '一个机构的月结 A month of one institution',
    roles: months('may'),
  },
  {
    request: 'GET /month-ends/one.pdf?institution=none&fund=none&month=2020-01',
    what: '机构月结单 Its statement, to print',
    roles: months('may'),
  },
  {
    request: 'GET /month-ends/one/bills.csv?institution=none&fund=none&month=2020-01',
    what: '月结账单 Its bills, as a file',
    roles: months('may'),
  },
  {
    request: 'POST /month-ends/2020-01/close',
    what: '关账 Closes a month',
    roles: { cashier: 'may' },
  },
  {
    request: 'GET /month-terms',
    what: '结算约定 What fund and institution agreed',
    roles: months('may'),
  },
  {
    request: 'POST /month-terms',
    what: '登记结算约定 Keeps terms',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: `POST /month-terms/${NOTHING}/confirm`,
    what: '确认约定 Confirms terms',
    roles: { supervisor: 'may' },
  },
  {
    request: `POST /month-terms/${NOTHING}/withdraw`,
    what: '撤回约定 Takes terms back',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: 'GET /month-deductions',
    what: '审核扣款 Deductions',
    roles: months('may'),
  },
  {
    request: 'POST /month-deductions',
    what: '拟扣款 Proposes a deduction',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: `POST /month-deductions/${NOTHING}/confirm`,
    what: '确认扣款 Confirms one',
    roles: { supervisor: 'may' },
  },
  {
    request: `POST /month-deductions/${NOTHING}/withdraw`,
    what: '撤回扣款 Takes a proposed one back',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: `POST /month-deductions/${NOTHING}/restore`,
    what: '申诉成立，退还 Gives one back',
    roles: { supervisor: 'may' },
  },
  {
    request: 'GET /year-ends',
    what: '年终清算 Ends of years',
    roles: months('may'),
  },
  {
    request: 'POST /year-ends',
    what: '年度考核得分 Gives the score of a year',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: `POST /year-ends/${NOTHING}/confirm`,
    what: '确认年终清算 Confirms it',
    roles: { supervisor: 'may' },
  },
  {
    request: `POST /year-ends/${NOTHING}/withdraw`,
    what: '撤回得分 Takes a score back',
    roles: { handler: 'may', reviewer: 'may', investigator: 'may' },
  },
  {
    request: 'GET /coinsurance/products',
    what: '可共保的产品 Products that insurers can share',
    marks: { products: 'products' },
    roles: {
      ...desk('products'),
      cashier: 'products',
      actuary: 'products',
      admin: 'products',
      insurer: 'products',
    },
  },
  {
    request: 'GET /coinsurance/panels',
    what: '共保体 Who shares which product, in which shares',
    marks: { panels: 'panels' },
    roles: {
      ...desk('panels'),
      cashier: 'panels',
      actuary: 'panels',
      admin: 'panels',
      insurer: 'panels',
    },
  },
  {
    request: 'POST /coinsurance/panels',
    what: '登记共保体 Enters a panel',
    roles: drafters,
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/confirm`,
    what: '确认共保体 Confirms what another person entered',
    roles: { admin: 'may' },
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/withdraw`,
    what: '作废共保体 Gives a panel up',
    roles: drafters,
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/months`,
    what: '已分摊的月份 The months that were shared',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/months`,
    what: '月结分摊 Shares the claims of a month',
    roles: { cashier: 'may' },
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/receipts`,
    what: '共保款收付 What insurers paid the lead',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/receipts`,
    what: '登记共保款 Records money of an insurer',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /coinsurance/receipts/${NOTHING}/confirm`,
    what: '复核共保款 Confirms what another person recorded',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /coinsurance/receipts/${NOTHING}/withdraw`,
    what: '作废未复核的共保款 Gives such a record up',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/agreements`,
    what: '对账确认、异议与答复 What was said of each month',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/agreements`,
    what: '确认对账单或提出异议 Agrees with the own month, or objects to it',
    roles: { insurer: 'may' },
  },
  {
    request: `POST /coinsurance/panels/${NOTHING}/answers`,
    what: '答复异议 Answers an objection',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/statement`,
    what: '共保对账 The year to a month, of all insurers or of one',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/statement.csv`,
    what: '对账单（CSV） The same as CSV',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: `GET /coinsurance/panels/${NOTHING}/statement.pdf`,
    what: '对账单（PDF） The same on paper',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may', insurer: 'may' },
  },
  {
    request: 'GET /regions/pairs',
    what: '异地清算的两地 Regions that clear with each other',
    marks: { pairs: 'pairs' },
    roles: { ...desk('pairs'), cashier: 'pairs', actuary: 'pairs' },
  },
  {
    request: 'GET /regions/months?insured=110000&treating=120000',
    what: '两地各月清算 The months of two regions',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: 'GET /regions/statement?insured=110000&treating=120000&month=2020-01',
    what: '异地就医清算单 A month of two regions',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: 'GET /regions/statement.pdf?insured=110000&treating=120000&month=2020-01',
    what: '清算单（PDF） The same on paper',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: 'GET /regions/statement.csv?insured=110000&treating=120000&month=2020-01',
    what: '清算明细（CSV） Its bills',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: 'POST /regions/months/close',
    what: '异地清算关账 Closes a month of two regions',
    roles: { cashier: 'may' },
  },
  {
    request: 'POST /regions/months/confirm',
    what: '确认异地清算 Confirms what another person closed',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: 'GET /regions/terms',
    what: '清算约定 What regions agreed',
    marks: { terms: 'terms' },
    roles: { ...desk('terms'), cashier: 'terms', actuary: 'terms' },
  },
  {
    request: 'POST /regions/terms',
    what: '登记清算约定 Enters what regions agreed',
    roles: { cashier: 'may' },
  },
  {
    request: 'GET /regions/prepayments',
    what: '预付金变动 What moved prepayments',
    marks: { prepayments: 'prepayments' },
    roles: { ...desk('prepayments'), cashier: 'prepayments', actuary: 'prepayments' },
  },
  {
    request: 'POST /regions/prepayments',
    what: '登记预付金变动 Enters what is to move a prepayment',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /regions/terms/${NOTHING}/confirm`,
    what: '确认清算约定 terms, that another person entered',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /regions/terms/${NOTHING}/withdraw`,
    what: '作废清算约定 terms, before it is confirmed',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /regions/prepayments/${NOTHING}/confirm`,
    what: '确认预付金变动 what moves a prepayment, that another person entered',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /regions/prepayments/${NOTHING}/withdraw`,
    what: '作废预付金变动 what moves a prepayment, before it is confirmed',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: 'GET /payment-accounts',
    what: '收付款账户 Bank accounts, masked',
    marks: { accounts: 'accounts' },
    roles: { handler: 'accounts', cashier: 'accounts', supervisor: 'accounts' },
  },
  {
    request: 'POST /payment-accounts',
    what: '登记账户 Gives somebody an account',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /payments/trial',
    what: '付款预览 What a batch would order',
    marks: { orders: 'orders' },
    roles: { ...desk('orders'), cashier: 'orders', actuary: 'orders' },
  },
  {
    request: 'POST /payments',
    what: '生成付款批次 Makes a payment batch',
    roles: { cashier: 'may' },
  },
  {
    request: 'GET /payments',
    what: '付款批次 Payment batches',
    marks: { batches: 'batches' },
    roles: { ...desk('batches'), cashier: 'batches', actuary: 'batches' },
  },
  {
    request: `GET /payments/${NOTHING}`,
    what: '付款批次及明细 A batch and its orders',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/submit`,
    what: '提交复核 Hands it to a second person',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/rework`,
    what: '退回修改 Sends it back',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/withdraw`,
    what: '作废 Gives it up',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/release`,
    what: '放行 Releases it',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/send`,
    what: '登记送盘 Records it as sent',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /payments/${NOTHING}/close`,
    what: '关闭 Closes it',
    roles: { cashier: 'may' },
  },
  {
    request: `GET /payments/${NOTHING}/pain001.xml`,
    what: '付款文件 The order for the bank, with names and accounts whole',
    roles: { cashier: 'may' },
  },
  {
    request: `GET /payments/${NOTHING}/orders.csv`,
    what: '付款文件（CSV） The same as CSV',
    roles: { cashier: 'may' },
  },
  {
    request: `GET /payment-orders/${NOTHING}`,
    what: '一笔付款 One order: what it pays, what its bank answered',
    roles: { ...desk('may'), cashier: 'may', actuary: 'may' },
  },
  {
    request: `POST /payment-orders/${NOTHING}/leave-out`,
    what: '移出草稿 Takes it out of a draft',
    roles: { cashier: 'may' },
  },
  {
    request: `POST /payment-orders/${NOTHING}/confirm-failure`,
    what: '确认失败 Confirms that it stays unpaid',
    roles: { cashier: 'may' },
  },
  {
    request: 'POST /payment-answers',
    what: '银行回盘 Takes a status file in',
    roles: { cashier: 'may' },
  },
  {
    request: 'GET /payment-breaks',
    what: '对账差异 What does not fit',
    marks: { breaks: 'breaks' },
    roles: { ...desk('breaks'), cashier: 'breaks', actuary: 'breaks' },
  },
  {
    request: `POST /payment-breaks/${NOTHING}/decide`,
    what: '处理差异 Decides a break',
    roles: { cashier: 'may', supervisor: 'may' },
  },
  {
    request: 'GET /replay-runs',
    what: '按新规则重算的批次 Runs by a corrected version of the rules',
    marks: { runs: 'runs', waiting: 'waiting' },
    roles: { ...desk('runs waiting'), actuary: 'runs waiting', admin: 'runs waiting' },
  },
  { request: 'POST /replay-runs', what: '试算批次 Opens a run', roles: { actuary: 'may' } },
  {
    request: `POST /replay-runs/${NOTHING}/start`,
    what: '执行批次 Carries it out',
    roles: { actuary: 'may' },
  },
  {
    request: `POST /replay-runs/${NOTHING}/cancel`,
    what: '取消批次 Cancels it',
    roles: { actuary: 'may' },
  },
  {
    request: 'GET /employers',
    what: '用人单位 Employers',
    marks: { number: 'employers.0.id', name: 'employers.0.name' },
    roles: { ...desk('number name'), employer: 'number name', actuary: 'number name' },
  },
  {
    request: 'POST /employers',
    what: '登记单位 Adds an employer',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /employers/mill',
    what: '用人单位及其职工 An employer and its staff',
    marks: { figures: 'figures', person: 'staff.0.person', name: 'staff.0.name' },
    roles: {
      ...desk('figures person name'),
      employer: 'figures person name',
      actuary: 'figures person',
    },
  },
  {
    request: 'POST /employers/mill/roster',
    what: '增减员 Changes a roster',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /employers/mill/sites',
    what: '工地不记名投保 Insures a construction site',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /sites/SITE',
    what: '工地和人员 A site and who was named',
    marks: { site: 'name', person: 'workers.0.person', name: 'workers.0.name' },
    roles: {
      ...desk('site person name'),
      employer: 'site person name',
      actuary: 'site person',
    },
  },
  {
    request: 'GET /institutions',
    what: '定点机构 Institutions',
    marks: { institutions: 'institutions' },
    roles: everybody('institutions'),
  },
  {
    request: 'POST /institutions',
    what: '登记机构 Adds an institution',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /institutions/h1/levels',
    what: '机构级别 Its level',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /institutions/h1/agreements',
    what: '定点协议 Its agreements',
    roles: { handler: 'may' },
  },
  { request: 'GET /imports', what: '参保导入 Imports', roles: { handler: 'may' } },
  {
    request: 'GET /imports/template.csv',
    what: '模板 A template',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /imports/template.xlsx',
    what: '同上 The same as a sheet',
    roles: { handler: 'may' },
  },
  {
    request: 'POST /imports',
    what: '上传文件 Receives a file',
    roles: { handler: 'may' },
  },
  {
    request: `GET /imports/${NOTHING}`,
    what: '进度 How far it is',
    roles: { handler: 'may' },
  },
  {
    request: `POST /imports/${NOTHING}/run`,
    what: '校验或导入 Checks or carries out',
    roles: { handler: 'may' },
  },
  {
    request: `POST /imports/${NOTHING}/cancel`,
    what: '停止 Stops it',
    roles: { handler: 'may' },
  },
  {
    request: `GET /imports/${NOTHING}/faults`,
    what: '错误 Its faults',
    roles: { handler: 'may' },
  },
  {
    request: `GET /imports/${NOTHING}/faults.csv`,
    what: '错误文件 The same as a file',
    roles: { handler: 'may' },
  },
  {
    request: 'GET /schemes',
    what: '现行规则 The rules in force',
    marks: { version: 'version' },
    roles: everybody('version'),
  },
  {
    request: 'GET /schemes/lint',
    what: '规则检查 What to look at in them',
    roles: everybody('may'),
  },
  {
    request: 'GET /schemes/changes?from=2025-01-01&until=2025-12-31',
    what: '变化 What changed in them',
    roles: everybody('may'),
  },
  {
    request: 'GET /schemes/files',
    what: '规则文件 Their files, to draft from',
    roles: drafters,
  },
  {
    request: 'GET /enrolment/account-uses',
    what: '个人账户用途 What accounts may be used for',
    roles: everybody('may'),
  },
  { request: 'GET /catalogue/versions', what: '目录 The catalogue', roles: everybody('may') },
  {
    request: 'GET /catalogue?q=a',
    what: '查目录 Finds items',
    roles: everybody('may'),
  },
  {
    request: 'GET /catalogue/item?place=land/none&code=none',
    what: '一项 One item',
    roles: everybody('may'),
  },
  {
    request: 'GET /codes?q=a',
    what: '公开编码 Public codes',
    roles: everybody('may'),
  },
  {
    request: 'GET /catalogue/template',
    what: '目录导入模板 The template of a catalogue file',
    roles: everybody('may'),
  },
  {
    request: 'POST /catalogue/imports',
    what: '导入目录 Reads a catalogue file into a draft',
    roles: drafters,
  },
  {
    request: 'GET /catalogue/drafts',
    what: '待发布的目录 Catalogues that wait',
    roles: drafters,
  },
  {
    request: `POST /catalogue/drafts/${NOTHING}/publish`,
    what: '发布目录 Publishes one',
    roles: { admin: 'may' },
  },
  {
    request: 'GET /drafts',
    what: '规则草稿 Drafts of rules',
    marks: { drafts: 'drafts' },
    roles: { actuary: 'drafts', admin: 'drafts' },
  },
  {
    request: 'POST /drafts',
    what: '起草 Keeps a draft',
    roles: drafters,
  },
  {
    request: `GET /drafts/${NOTHING}`,
    what: '一份草稿 One of them',
    roles: drafters,
  },
  {
    request: `PUT /drafts/${NOTHING}`,
    what: '修改 Changes it',
    roles: drafters,
  },
  {
    request: `POST /drafts/${NOTHING}/check`,
    what: '检查 Checks it',
    roles: drafters,
  },
  {
    request: `POST /drafts/${NOTHING}/compare`,
    what: '对照 Compares by it',
    roles: drafters,
  },
  {
    request: `POST /drafts/${NOTHING}/publish`,
    what: '发布规则 Publishes rules',
    roles: { admin: 'may' },
  },
  {
    request: 'POST /enrolment/account-uses',
    what: '个人账户用途 What accounts may be used for',
    roles: { admin: 'may' },
  },
  {
    request: 'POST /emergency-accesses',
    what: '紧急访问 Opens a file in an emergency',
    roles: { ...desk('may'), cashier: 'may', hospital: 'may' },
  },
  {
    request: 'GET /emergency-accesses/mine',
    what: '我的紧急访问 My own',
    marks: { accesses: 'accesses' },
    roles: { ...desk('accesses'), cashier: 'accesses', hospital: 'accesses' },
  },
  {
    request: `POST /emergency-accesses/${NOTHING}/end`,
    what: '提前结束 Ends it early',
    roles: { ...desk('may'), cashier: 'may', hospital: 'may' },
  },
  {
    request: 'GET /emergency-accesses',
    what: '紧急访问记录 Files opened in emergencies',
    roles: { supervisor: 'may' },
  },
  {
    request: 'GET /emergency-accesses/waiting',
    what: '待查看的 Those that wait for a look',
    marks: { waiting: 'waiting' },
    roles: { supervisor: 'waiting' },
  },
  {
    request: `POST /emergency-accesses/${NOTHING}/acknowledge`,
    what: '查看后签认 Says that one was looked at',
    roles: { supervisor: 'may' },
  },
  {
    request: 'GET /access-log',
    what: '访问日志 The access log',
    roles: { supervisor: 'may', regulator: 'may', admin: 'may' },
  },
  {
    request: 'GET /access-log/unusual',
    what: '异常查阅 Who opened very much in an hour, or was refused often',
    roles: { supervisor: 'may', regulator: 'may', admin: 'may' },
  },
  {
    request: 'GET /access-log/chain',
    what: '哈希链 How far the log is sealed',
    roles: { supervisor: 'may', regulator: 'may', admin: 'may' },
  },
  {
    request: 'GET /users',
    what: '用户 Users',
    marks: { users: 'users.0.name' },
    roles: { admin: 'users' },
  },
  {
    request: 'POST /users',
    what: '新用户 Adds a user',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/access`,
    what: '角色和范围 Role and scope',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/disable`,
    what: '停用 Disables',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/enable`,
    what: '启用 Enables',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/password`,
    what: '重置密码 A one-time password',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/unlock`,
    what: '解锁 Unlocks',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/second-factor/reset`,
    what: '取消两步验证 Takes a second factor away',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/sessions/end`,
    what: '结束其登录 Ends sessions',
    roles: { admin: 'may' },
  },
  {
    request: `POST /users/${NOTHING}/subject`,
    what: '统一身份 Links an identity',
    roles: { admin: 'may' },
  },
  {
    request: `GET /users/${NOTHING}/sessions`,
    what: '其登录 Where somebody is signed in',
    roles: { admin: 'may' },
  },
  {
    request: 'GET /sign-in-policy',
    what: '登录规则 The rules of signing in',
    roles: { admin: 'may' },
  },
  {
    request: 'PUT /sign-in-policy',
    what: '修改登录规则 Changes them',
    roles: { admin: 'may' },
  },
]

/** What each role is narrowed to, and what that keeps from it. */
export const SCOPES: readonly (readonly [string, string])[] = [
  ['handler', '本机构；可限于地区、方案 The office, or regions and schemes of it'],
  ['reviewer', '同上 The same'],
  ['investigator', '同上 The same'],
  ['supervisor', '同上 The same'],
  ['cashier', '同上；不见诊断、明细、步骤 The same; no diagnosis, lines or steps'],
  ['actuary', '同上；不见姓名 The same; no names'],
  ['hospital', '本机构的账单和结算；柜台上的人 Bills of its own; whoever stands at its counter'],
  ['employer', '本单位名册和汇总，不见账单 Its own roster and figures, and no bill'],
  ['insured', '本人档案 The own file'],
  ['agent', '授权期内受托人的档案 Files of an authorisation in force'],
  [
    'insurer',
    '一家保险公司：自己的份额、往来、合同，不见个人 One insurer: its own parts, account and contracts, and no person',
  ],
  ['regulator', '汇总，不见个人 Figures, and no person'],
  ['admin', '用户和规则，不见个人 Users and rules, and no person'],
]

export const ROLE_ORDER = SCOPES.map(([role]) => role)
/** Nobody: whoever has not signed in. Refused with 401 wherever no row names it. */
export const VISITOR = 'visitor'
