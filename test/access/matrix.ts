/**
 * Who may do what, as it is expected: written by hand, and by nobody else's table. `docs/access.md` is its
 * print. For each request: which marks of the answer each role finds. A role that is not named is refused (403);
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
  cashier: cell,
  actuary: cell,
  hospital: cell,
  employer: cell,
  regulator: cell,
  admin: cell,
})

export const MATRIX: readonly Expected[] = [
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
    request: 'POST /settlements/trial',
    what: '预结算 Tries a bill out',
    marks: { payers: 'settlement.payers', steps: 'steps' },
    roles: { ...desk('payers steps'), actuary: 'payers steps', hospital: 'payers steps' },
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
    request: 'GET /replay-runs',
    what: '按新规则重算的批次 Runs by a corrected version of the rules',
    marks: { runs: 'runs', waiting: 'waiting' },
    roles: { ...desk('runs waiting'), actuary: 'runs waiting', admin: 'runs waiting' },
  },
  { request: 'POST /replay-runs', what: '试算批次 Opens a run', roles: { actuary: 'may' } },
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
  { request: 'GET /imports', what: '参保导入 Imports', roles: { handler: 'may' } },
  {
    request: 'GET /schemes',
    what: '现行规则 The rules in force',
    marks: { version: 'version' },
    roles: everybody('version'),
  },
  { request: 'GET /catalogue/versions', what: '目录 The catalogue', roles: everybody('may') },
  {
    request: 'GET /drafts',
    what: '规则草稿 Drafts of rules',
    marks: { drafts: 'drafts' },
    roles: { actuary: 'drafts', admin: 'drafts' },
  },
  {
    request: 'POST /drafts/00000000-0000-4000-8000-000000000000/publish',
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
    request: 'GET /emergency-accesses',
    what: '紧急访问记录 Files opened in emergencies',
    roles: { supervisor: 'may' },
  },
  {
    request: 'GET /access-log',
    what: '访问日志 The access log',
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
  ['regulator', '汇总，不见个人 Figures, and no person'],
  ['admin', '用户和规则，不见个人 Users and rules, and no person'],
]

export const ROLE_ORDER = SCOPES.map(([role]) => role)
