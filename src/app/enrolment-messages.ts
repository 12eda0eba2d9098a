import { formatYuan } from '#base/money.ts'
import { type BillFinding, REFERRAL_ACTS, REFERRAL_STATES } from '#domains/enrolment/index.ts'
import type { Description } from '#platform/problem.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal of enrolment, for requests and for the error file of an import alike. */
export function describeEnrolment(code: string, facts: Facts): Description | undefined {
  return describeFrom(CODES, code, facts)
}

/** What to look at in a bill, in words. */
export function describeFinding(
  finding: BillFinding,
  vocabulary: Vocabulary,
): {
  readonly code: string
  readonly zh: string
  readonly en: string
} {
  const { code } = finding
  const english = (attribute: string, answer: string): string => {
    const answers = vocabulary.get(attribute)?.answers
    return (typeof answers === 'object' ? answers[answer] : undefined) ?? answer
  }
  switch (finding.code) {
    case 'institution_unknown':
      return {
        code,
        zh: `账单上的机构“${finding.hospital}”没有登记，级别和协议无法核对`,
        en: `the institution "${finding.hospital}" of the bill is not kept here: its level and agreements cannot be compared`,
      }
    case 'institution_differs':
      return {
        code,
        zh: `账单写明的医院是“${finding.stated}”，机构编号却是${finding.institution}的；请核对是哪一家`,
        en: `the bill states the hospital "${finding.stated}", and the number of ${finding.institution}: check which of them it was`,
      }
    case 'level_differs':
      return {
        code,
        zh: `账单写明的级别是${finding.stated}，而${finding.institution}在 ${finding.on} 登记为${finding.known}；结算以账单为准，请核对`,
        en: `the bill states ${english('level', finding.stated)}; ${finding.institution} is kept as ${english('level', finding.known)} on ${finding.on}. The bill is settled as it states: check it`,
      }
    case 'level_unknown':
      return {
        code,
        zh: `${finding.institution}在 ${finding.on} 没有登记的级别`,
        en: `no level of ${finding.institution} is kept for ${finding.on}`,
      }
    case 'no_agreement':
      return {
        code,
        zh: `${finding.institution}在 ${finding.on} 没有有效的定点协议`,
        en: `${finding.institution} has no agreement in force on ${finding.on}`,
      }
    case 'no_certificate':
      return {
        code,
        zh: `此人在 ${finding.on} 没有“${finding.of}”的待遇资格`,
        en: `the person holds no certificate for "${english('disease', finding.of)}" on ${finding.on}`,
      }
  }
}

type Titles = Readonly<Record<string, { readonly zh: string; readonly en: string }>>
const nameOf = (table: Titles, name: unknown, lang: 'zh' | 'en', none = ''): string =>
  table[String(name)]?.[lang] ?? none
const namesIn = (states: unknown, lang: 'zh' | 'en'): string => {
  const names = (states as readonly string[]).map((each) => nameOf(REFERRAL_STATES, each, lang))
  return (
    names.join(lang === 'zh' ? '、' : ', ') || (lang === 'zh' ? '登记之前' : 'before it is entered')
  )
}

const yuan = (fen: unknown) => formatYuan(Number(fen))
const last = (until: unknown, none: string) => (until ? String(until) : none)

const CODES = {
  // The id-card number, and who a person is.
  id_number_malformed: () => [
    422,
    '身份证号须为 18 位',
    'an id-card number has 18 characters',
    '按身份证原样填写；15 位旧号须先换成 18 位',
    'write it as the card does; an old number of 15 digits has to be replaced first',
  ],
  id_number_birthday: () => [
    422,
    '身份证号中的出生日期不存在或尚未到来',
    'the birthday in the id-card number is no day, or has not come',
    '核对第 7 至 14 位',
    'check characters 7 to 14',
  ],
  id_number_check_digit: () => [
    422,
    '身份证号的校验码不符',
    'the last character of the id-card number does not belong to the others',
    '对照身份证逐位核对，通常是抄错了一位',
    'compare it with the card: usually one digit was misread',
  ],
  id_number_taken: ({ person }) => [
    409,
    `这个身份证号属于参保人 ${person}`,
    `this id-card number belongs to the person ${person}`,
    '使用已有的档案；若同一人有两份档案，办理合并',
    'use that file; where one person has two, merge them',
  ],
  id_number_known: () => [
    409,
    '此人已有身份证号',
    'the person has an id-card number already',
    '核对是否选对了人',
    'check that this is the right person',
  ],
  birthday_needed: () => [
    422,
    '没有身份证号时须填写出生日期和性别',
    'without an id-card number, birthday and sex are needed',
    '补填出生日期和性别，或填写身份证号',
    'state both, or give the id-card number',
  ],
  birthday_differs: ({ stated }) => [
    422,
    `出生日期 ${stated} 与身份证号不符`,
    `the birthday ${stated} is not the one of the id-card number`,
    '核对身份证号和出生日期',
    'check the number and the birthday',
  ],
  sex_differs: () => [
    422,
    '性别与身份证号不符',
    'the sex is not the one of the id-card number',
    '核对身份证号和性别',
    'check the number and the sex',
  ],
  person_exists: ({ person }) => [
    409,
    `已有编号为 ${person} 的参保人`,
    `there is a person of the number ${person} already`,
    '换一个编号，或不填由系统编号',
    'choose another number, or leave it out and one is made',
  ],
  person_enrolled: ({ person }) => [
    409,
    `参保人 ${person} 由参保管理维护，不能随账单改写`,
    `the person ${person} is kept by enrolment and cannot be replaced along with bills`,
    '从上传中去掉此人（账单照常上传），在参保档案中办理变更',
    'leave the person out of the upload, bills stay, and change the file of the person instead',
  ],
  person_merged: ({ into }) => [
    409,
    `此档案已并入 ${into}`,
    `this file was merged into ${into}`,
    `在 ${into} 的档案中办理`,
    `work in the file of ${into}`,
  ],
  person_died: ({ died }) => [
    409,
    `此人已登记于 ${died} 死亡`,
    `the person is recorded to have died on ${died}`,
    '核对档案',
    'check the file',
  ],
  born_in_future: () => [
    422,
    '出生日期尚未到来',
    'the birthday has not come',
    '核对日期',
    'check the day',
  ],
  died_in_future: () => [
    422,
    '死亡日期尚未到来',
    'the day of death has not come',
    '核对日期',
    'check the day',
  ],
  died_before_birth: () => [
    422,
    '死亡日期早于出生日期',
    'the day of death is before the birthday',
    '核对日期',
    'check the day',
  ],
  family_is_self: () => [
    422,
    '不能与自己共济',
    'nobody shares an account with themselves',
    '填写家庭成员的编号',
    'give the number of a relative',
  ],

  // Memberships.
  unknown_scheme: ({ scheme }) => [
    422,
    `没有方案 ${scheme}`,
    `there is no scheme ${scheme}`,
    '从方案目录中选择',
    'choose one of the schemes',
  ],
  unknown_attribute: ({ attribute }) => [
    422,
    `不能在此填写 ${attribute}`,
    `${attribute} cannot be stated here`,
    '参保关系只填参保类的词，身份状态只填个人类的词；见词汇表',
    'state what is asked of covers with a membership, of persons as a status; the vocabulary says which',
  ],
  unknown_answer: ({ attribute, answer }) => [
    422,
    `${attribute} 没有“${answer}”这个取值`,
    `"${answer}" is not an answer to ${attribute}`,
    '从词汇表的取值中选择',
    'choose one of its answers in the vocabulary',
  ],
  ends_before_begins: ({ from, until }) => [
    422,
    `终止日 ${until} 早于起始日 ${from}`,
    `the last day ${until} is before the first day ${from}`,
    '核对起止日期；从未生效的参保应撤回',
    'check both days; withdraw what never began',
  ],
  enrolled_in_future: ({ enrolledOn, today }) => [
    422,
    `参保登记日 ${enrolledOn} 晚于今天 ${today}`,
    `the day of signing up, ${enrolledOn}, is after today, ${today}`,
    '核对登记日',
    'check the day of signing up',
  ],
  begins_before_birth: ({ from, born }) => [
    422,
    `参保起始日 ${from} 早于出生日期 ${born}`,
    `cover from ${from} would begin before the birth on ${born}`,
    '新生儿最早从出生之日起参保',
    'a newborn is covered from the day of birth at the earliest',
  ],
  lasts_beyond_death: ({ died }) => [
    422,
    `此人已于 ${died} 死亡，参保不能延续到其后`,
    `the person died on ${died}; no cover lasts beyond`,
    '终止日填死亡日或更早',
    'end the cover on that day or earlier',
  ],
  retroactive_without_reason: ({ from, enrolledOn }) => [
    422,
    `参保从 ${from} 起，早于登记日 ${enrolledOn}，没有说明追溯的原因`,
    `cover from ${from} begins before the day of signing up, ${enrolledOn}, and no reason is given`,
    '写明原因（如新生儿落地参保、补缴）',
    'give the reason, such as a newborn or a payment in arrears',
  ],
  employer_needed: ({ scheme }) => [
    422,
    `${scheme} 由用人单位投保，须填写单位`,
    `${scheme} is taken out by an employer, who has to be named`,
    '填写单位编号',
    'give the number of the employer',
  ],
  unknown_employer: ({ employer }) => [
    404,
    `没有用人单位 ${employer}`,
    `there is no employer ${employer}`,
    '核对单位编号，或先登记单位',
    'check the number, or add the employer first',
  ],
  not_on_roster: ({ employer, on }) => [
    422,
    `${on} 此人不在 ${employer} 的职工名册上`,
    `the person is not on the roster of ${employer} on ${on}`,
    '核对单位和日期，或先由单位增员',
    'check employer and day, or have the employer add the person first',
  ],
  two_public_schemes: ({ scheme, from, until }) => [
    422,
    `与 ${scheme} 重叠（${from} 至 ${last(until, '长期')}）：同一天只能参加一个社会医保方案`,
    `overlaps ${scheme} (${from} to ${last(until, 'no end')}): one public scheme at a time`,
    '先终止原参保，或改起始日',
    'end the other membership first, or begin later',
  ],
  same_scheme_twice: ({ scheme, from, until }) => [
    422,
    `${scheme} 已有重叠的参保（${from} 至 ${last(until, '长期')}）`,
    `${scheme} is held already (${from} to ${last(until, 'no end')})`,
    '核对起始日：更正已有的参保须用相同的起始日',
    'check the first day: a correction names the same first day',
  ],
  unknown_membership: ({ scheme, from }) => [
    404,
    `此人没有从 ${from} 起的 ${scheme} 参保`,
    `the person holds no membership in ${scheme} from ${from}`,
    '核对方案和起始日',
    'check scheme and first day',
  ],
  status_overlaps: ({ attribute, from }) => [
    422,
    `${attribute} 与从 ${from} 起的记录重叠`,
    `${attribute} overlaps the one from ${from}`,
    '先改那一条的终止日',
    'change the last day of that one first',
  ],
  covered_already: ({ scheme, from }) => [
    422,
    `补缴的时段已有保障（${scheme}，从 ${from} 起）`,
    `the time to be repaired is covered already (${scheme}, from ${from})`,
    '只补断保的日子',
    'repair the days of the break alone',
  ],
  unknown_status: ({ attribute, from }) => [
    404,
    `没有从 ${from} 起的 ${attribute} 记录`,
    `there is no ${attribute} from ${from}`,
    '核对事项和起始日',
    'check what it is and its first day',
  ],
  unknown_repair: ({ scheme, from }) => [
    404,
    `没有从 ${from} 起的 ${scheme} 补缴`,
    `there is no repair of ${scheme} from ${from}`,
    '核对方案和起始日',
    'check scheme and first day',
  ],
  unknown_place: ({ place }) => [
    422,
    `就医地代码 ${place} 不是六位数字`,
    `the place ${place} is not six digits`,
    '填写六位行政区划代码；不限地点则不填',
    'give the six-digit division code; leave it out for everywhere',
  ],
  filing_overlaps: ({ kind, from }) => [
    422,
    `${kind} 与从 ${from} 起的一条重叠`,
    `${kind} overlaps the one from ${from}`,
    '先改那一条的终止日；更正须用相同的起始日',
    'set the last day of that one first; a correction names the same first day',
  ],
  unknown_filing: ({ kind, from }) => [
    404,
    `没有从 ${from} 起的 ${kind}`,
    `there is no ${kind} from ${from}`,
    '核对类别和起始日',
    'check its kind and first day',
  ],
  unknown_condition: () => [
    404,
    '档案中没有这个病种',
    'the file has no such condition',
    '核对名称',
    'check the name',
  ],

  // Employers, sites, institutions.
  on_roster_already: ({ from }) => [
    422,
    `此人从 ${from} 起已在名册上`,
    `the person is on the roster already, from ${from}`,
    '更正须用相同的起始日；重新入职须先填前一段的离职日',
    'a correction names the same first day; set the last day of that stretch before a new one',
  ],
  unknown_site: () => [
    404,
    '没有这个工地',
    'there is no such site',
    '核对编号',
    'check the number',
  ],
  site_exists: ({ site }) => [
    409,
    `已有编号为 ${site} 的工地`,
    `there is a site of the number ${site} already`,
    '换一个编号',
    'choose another number',
  ],
  basis_needed: () => [
    422,
    '工地须按人数或按面积投保，二者选一',
    'a site is insured by headcount or by area: one of the two',
    '只填其中一项',
    'state exactly one of them',
  ],
  not_for_employers: ({ scheme }) => [
    422,
    `${scheme} 不是团体保险`,
    `${scheme} is no group insurance`,
    '选择团体保险方案',
    'choose a group scheme',
  ],
  outside_site: ({ from, until }) => [
    422,
    `工地的保险期间为 ${from} 至 ${until}`,
    `the site is insured from ${from} to ${until}`,
    '核对日期',
    'check the days',
  ],
  at_site_already: ({ from, until }) => [
    422,
    `此人 ${from} 至 ${until} 已在工地名单上`,
    `the person is named for ${from} to ${until} already`,
    '核对日期',
    'check the days',
  ],
  headcount_reached: ({ headcount, on }) => [
    422,
    `${on} 工地已满 ${headcount} 人`,
    `the ${headcount} places of the site are taken on ${on}`,
    '核对已登记人员的离场日，或增加投保人数',
    'check when the others left, or insure more',
  ],
  unknown_institution: () => [
    404,
    '没有这个机构',
    'there is no such institution',
    '核对编号，或先登记机构',
    'check the number, or add it first',
  ],

  // Referrals.
  illegal_referral_move: ({ act, state, from }) => [
    409,
    `转诊单${nameOf(REFERRAL_STATES, state, 'zh', '尚未登记')}，不能${nameOf(REFERRAL_ACTS, act, 'zh')}`,
    `a referral that is ${nameOf(REFERRAL_STATES, state, 'en', 'not entered yet')} takes no “${nameOf(REFERRAL_ACTS, act, 'en')}”`,
    `只有这些状态可以：${namesIn(from, 'zh')}`,
    `it is done from: ${namesIn(from, 'en')}`,
  ],
  referral_until_wrong: ({ act, now }) => [
    422,
    act === 'extend' ? `延期后的最后一日须晚于 ${now}` : `提前终止的最后一日须早于 ${now}`,
    act === 'extend'
      ? `the last day after an extension is later than ${now}`
      : `the last day after an early end is before ${now}`,
    '改填最后一日',
    'state another last day',
  ],
  referral_to_itself: ({ institution }) => [
    422,
    `转出和转入是同一机构 ${institution}`,
    `the referral is from and to the same institution ${institution}`,
    '核对转入机构',
    'check where it is to',
  ],
  referral_overlaps: ({ record, from }) => [
    422,
    `与从 ${from} 起的转诊单 ${record} 重叠`,
    `it overlaps with the referral ${record} from ${from}`,
    '延期或提前终止那一张，不要重复登记',
    'extend or end that one instead of entering another',
  ],
  unknown_referral: () => [
    404,
    '没有这张转诊单',
    'there is no such referral',
    '核对编号',
    'check its number',
  ],
  referral_not_yours: () => [
    403,
    '医院只办理本院转出的转诊单',
    'a hospital works on the referrals that it gives itself',
    '由转出医院办理，或到经办柜面办理',
    'the institution that refers does so, or a handler at the counter',
  ],
  referral_changes_bills: () => [
    409,
    '此办理会改变已结算的账单，须由经办机构办理',
    'it changes bills that are settled: that is for the office to do',
    '持转诊单到经办柜面补办，由经办人员登记后重算',
    'take the paper to the counter: a handler enters it, and the bills are settled again',
  ],

  // Merging.
  merge_with_self: () => [
    422,
    '两份档案是同一份',
    'the two files are one',
    '填写两个不同的编号',
    'give two different numbers',
  ],
  different_id_numbers: () => [
    409,
    '两份档案各有身份证号，不是同一人',
    'each file has an id-card number of its own: these are two persons',
    '核对编号',
    'check the numbers',
  ],
  premiums_clash: () => [
    409,
    '两份档案有同一参保、同一缴费方的保费',
    'both files have a premium of the same membership and payer',
    '先在其中一份档案中退费并更正',
    'refund and correct it in one of them first',
  ],
  unknown_merge: () => [
    404,
    '没有这次合并',
    'there is no such merge',
    '核对编号',
    'check the number',
  ],
  merge_undone: () => [
    409,
    '这次合并已经撤销',
    'the merge has been undone already',
    '查看两份档案',
    'look at the two files',
  ],
  changed_since_merge: () => [
    409,
    '合并后档案又有变更或结算，不能撤销合并',
    'the file has changed, or bills were settled, since the merge',
    '先撤销其后的结算和变更',
    'take back what happened since first',
  ],

  // Accounts.
  account_day_in_future: ({ on, today }) => [
    422,
    `日期 ${on} 晚于今天 ${today}`,
    `the day ${on} is after today, ${today}`,
    '核对日期',
    'check the day',
  ],
  owner_lives: () => [
    422,
    '账户所有人在世，不能继承或结清',
    'the owner of the account lives; it is neither inherited nor paid out',
    '先登记死亡',
    'record the death first',
  ],
  account_closed: ({ died }) => [
    409,
    `账户所有人已于 ${died} 死亡`,
    `the owner of the account died on ${died}`,
    '余额只能由继承人继承或结清',
    'the balance goes to an heir or is paid out, and nothing else',
  ],
  purpose_needed: () => [
    422,
    '没有写明用途',
    'the purpose is not stated',
    '写明用途',
    'state what it is used for',
  ],
  purpose_unknown: ({ purpose, on }) => [
    422,
    `${on} 没有规则说明账户可否用于“${purpose}”`,
    `no rule says on ${on} whether an account may be used for "${purpose}"`,
    '由管理员登记规则及其出处',
    'an administrator records the rule with its source',
  ],
  purpose_not_permitted: ({ purpose, source }) => [
    422,
    `账户不能用于“${purpose}”（${source}）`,
    `an account may not be used for "${purpose}" (${source})`,
    '核对用途',
    'check the purpose',
  ],
  counterpart_needed: () => [
    422,
    '没有写明对方',
    'the other person is not named',
    '填写家庭成员或继承人的编号',
    'give the number of the relative or heir',
  ],
  not_family: () => [
    422,
    '当日没有家庭共济关系',
    'the two are not linked as family on that day',
    '先登记家庭共济',
    'record the family link first',
  ],
  whole_balance_wanted: ({ balance }) => [
    422,
    `余额须一次处理完：${yuan(balance)} 元`,
    `the whole balance goes at once: ${yuan(balance)} yuan`,
    '按余额填写',
    'state the whole balance',
  ],
  account_short: ({ balance }) => [
    422,
    `余额不足：${yuan(balance)} 元`,
    `the balance is too small: ${yuan(balance)} yuan`,
    '核对金额',
    'check the amount',
  ],

  // Imports.
  unknown_import: () => [
    404,
    '没有这次导入',
    'there is no such import',
    '核对编号',
    'check the number',
  ],
  import_running: () => [
    409,
    '导入正在进行',
    'the import is under way',
    '等它结束',
    'wait until it has ended',
  ],
  import_not_running: () => [
    409,
    '导入没有在进行',
    'the import is not under way',
    '刷新后查看它的结果',
    'look again at what came of it',
  ],
  import_done: () => [
    409,
    '这个文件已经导入',
    'the file has been carried out',
    '需要更正时上传新的文件',
    'upload a new file to correct it',
  ],
  import_failed: () => [
    409,
    '这个文件不能读取',
    'the file cannot be read',
    '按说明改正后重新上传',
    'correct it as it says, and upload it again',
  ],
  import_broke: () => [
    500,
    '导入因程序错误中断；已导入的行保持有效',
    'the import broke off by an error of this program; the rows that were imported stay',
    '请把时间和文件名告诉管理员；改正后可重新上传同一个文件，不会重复',
    'tell an administrator the time and the file; the same file may be uploaded again, nothing happens twice',
  ],
  file_empty: () => [
    422,
    '文件是空的',
    'the file is empty',
    '下载模板，填写后上传',
    'download the template, fill it in and upload it',
  ],
  unknown_column: ({ column }) => [
    422,
    `不认识的列“${column}”`,
    `an unknown column "${column}"`,
    '使用模板中的列名',
    'use the titles of the template',
  ],
  column_twice: ({ column }) => [
    422,
    `列“${column}”出现了两次`,
    `the column "${column}" is there twice`,
    '删去其中一列',
    'remove one of them',
  ],
  column_missing: ({ column }) => [
    422,
    `缺少列“${column}”`,
    `the column "${column}" is missing`,
    '按模板补上这一列',
    'add it as in the template',
  ],
  cell_empty: () => [422, '没有填写', 'nothing is written here', '填写这一格', 'fill it in'],
  cell_too_long: ({ most }) => [
    422,
    `超过 ${most} 个字符`,
    `more than ${most} characters`,
    '核对是否填错了列',
    'check that it stands in the right column',
  ],
  not_a_day: () => [422, '不是日期', 'not a day', '写成 2026-01-01', 'write it as 2026-01-01'],
  not_an_amount: () => [
    422,
    '不是以元为单位的金额',
    'not an amount in yuan',
    '写成 158 或 158.00',
    'write it as 158 or 158.00',
  ],
  unknown_payer: () => [
    422,
    '缴费方须为个人、单位、财政、资助之一',
    'the payer is one of self, employer, government, assistance',
    '改成其中之一',
    'write one of them',
  ],
  name_differs: () => [
    422,
    '姓名与档案中的不同',
    'the name is not the one in the file of the person',
    '核对证件号码和姓名；改名须先在档案中办理',
    'check number and name; a change of name is made in the file first',
  ],
  collected_already: ({ held }) => [
    422,
    `档案中已收 ${yuan(held)} 元，多于本行`,
    `${yuan(held)} yuan have come in already, more than this row says`,
    '核对金额；退费在档案中办理',
    'check the amount; a refund is made in the file',
  ],

  // Premiums.
  collected_beyond_due: ({ open }) => [
    422,
    `超过应收：还应收 ${yuan(open)} 元`,
    `more than is due: ${yuan(open)} yuan are open`,
    '核对金额，或先更正应收',
    'check the amount, or correct what is due first',
  ],
  refunded_beyond_collected: ({ held }) => [
    422,
    `超过已收：现收 ${yuan(held)} 元`,
    `more than came in: ${yuan(held)} yuan are held`,
    '核对金额',
    'check the amount',
  ],
} as const satisfies Record<string, Words>
