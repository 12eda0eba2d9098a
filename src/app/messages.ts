import { formatYuan } from '#base/money.ts'
import type {
  Badge,
  Cause,
  NotApplicable,
  Refusal,
  Scheme,
  Title,
} from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import type { Grade } from '#rulebook/source.ts'

/** Every text that explains a decision to a person, in both languages. */

export const BADGES: Readonly<Record<Badge, Title>> = {
  undated: { zh: '未注明日期', en: 'undated' },
  'grade-B': { zh: 'B级来源', en: 'grade B source' },
  'grade-C': { zh: 'C级来源', en: 'grade C source' },
  'grade-D': { zh: 'D级来源', en: 'grade D source' },
  invented: { zh: '虚构', en: 'invented' },
}

export const GRADES: Readonly<Record<Grade, Title>> = {
  A: { zh: 'A级：政府网站原文', en: "grade A: the authority's own page" },
  B: { zh: 'B级：具名媒体、保险机构或门户', en: 'grade B: named media, insurer or portal' },
  C: {
    zh: 'C级：转载、论坛、代码，或网址未留存',
    en: 'grade C: copy, forum, code, or address not kept',
  },
  D: { zh: 'D级：疑似机器生成', en: 'grade D: looks machine-generated' },
  invented: { zh: '虚构：仅供教学', en: 'invented: for teaching only' },
}

export const SCHEME_KINDS: Readonly<Record<Scheme['kind'], Title>> = {
  public: { zh: '社会保障', en: 'public' },
  enterprise: { zh: '企业补充', en: 'enterprise supplement' },
  supplementary: { zh: '惠民保', en: 'city supplementary' },
  group: { zh: '团体商业保险', en: 'group commercial' },
  individual: { zh: '个人商业保险', en: 'individual commercial' },
}

const CAUSES: Readonly<Record<Cause, Title & { readonly payer: Title }>> = {
  illness: { zh: '疾病', en: 'illness', payer: { zh: '医保', en: 'medical insurance' } },
  workInjury: {
    zh: '工伤',
    en: 'an injury at work',
    payer: { zh: '工伤保险', en: 'work-injury insurance' },
  },
  thirdParty: {
    zh: '第三人责任',
    en: 'a liable third party',
    payer: { zh: '责任第三方', en: 'the liable third party' },
  },
  publicHealth: {
    zh: '公共卫生',
    en: 'public health',
    payer: { zh: '公共卫生经费', en: 'the public-health budget' },
  },
  overseas: {
    zh: '境外就医',
    en: 'care abroad',
    payer: { zh: '商业保险或本人', en: 'a commercial policy or the patient' },
  },
}

/** Why a tier takes no part in a bill. `vocabulary` gives attributes their names. */
export function describeNotApplicable(reason: NotApplicable, vocabulary?: Vocabulary): Title {
  switch (reason.code) {
    case 'repealed':
      return { zh: '不适用：规定已废止', en: 'not applicable: repealed' }
    case 'condition': {
      const { zh, en } = titleOf(reason.attribute, vocabulary)
      return {
        zh: `不适用：${zh}为 ${reason.answer}`,
        en: `not applicable: ${en} is ${answerInEnglish(reason.attribute, reason.answer, vocabulary)}`,
      }
    }
    case 'waiting':
      return {
        zh: `不适用：等待期至 ${reason.until}`,
        en: `not applicable: waiting until ${reason.until}`,
      }
  }
}

export type RefusalText = Title & { readonly remedyZh: string; readonly remedyEn: string }

/** Why a bill is not settled, and what to do next. `vocabulary` gives attributes their names. */
export function describeRefusal(refusal: Refusal, vocabulary?: Vocabulary): RefusalText {
  switch (refusal.code) {
    case 'date_in_future':
      return {
        zh: `日期 ${refusal.date} 晚于今天 ${refusal.today}`,
        en: `the date ${refusal.date} is after today, ${refusal.today}`,
        remedyZh: '核对日期；待该日到来后再结算',
        remedyEn: 'check the date, or settle the bill once that day has come',
      }
    case 'not_covered':
      return {
        zh: `${refusal.on} 没有参加任何社会保障方案`,
        en: `no public scheme covers the person on ${refusal.on}`,
        remedyZh: '核对参保起止日期（covers 的 from、until）',
        remedyEn: 'check the days of the covers (from, until)',
      }
    case 'unknown_scheme':
      return {
        zh: `没有方案 ${refusal.scheme}`,
        en: `there is no scheme ${refusal.scheme}`,
        remedyZh: '用 kangyang schemes 查看已有方案，改正 covers 的 scheme',
        remedyEn: 'list the schemes with "kangyang schemes" and correct scheme in covers',
      }
    case 'several_schemes':
      return {
        zh: `同一天有互相冲突的参保：${refusal.schemes.join('、')}`,
        en: `covers that exclude each other on one day: ${refusal.schemes.join(', ')}`,
        remedyZh: '核实以哪一个为准，用 until 结束另一个',
        remedyEn: 'find out which one holds, and end the other with until',
      }
    case 'no_place_for_cover':
      return {
        zh: `方案 ${refusal.scheme} 的支付顺序里没有参保 ${refusal.cover} 的位置`,
        en: `the order of tiers in ${refusal.scheme} leaves no place for the cover ${refusal.cover}`,
        remedyZh: '在方案文件的 tiers 中写明这类保障的位置（covers: …），或更正 covers',
        remedyEn:
          'say in the tiers of the scheme file where such covers stand (covers: …), or correct the covers',
      }
    case 'excluded_cause': {
      const { zh, en, payer } = CAUSES[refusal.cause]
      return {
        zh: `${zh}的费用不由社会医疗保险支付`,
        en: `social medical insurance does not pay for ${en}`,
        remedyZh: `请向${payer.zh}申请；原因登记有误的，更正 cause`,
        remedyEn: `claim from ${payer.en}; if the cause is recorded wrongly, correct it`,
      }
    }
    case 'rule_not_in_force':
      return {
        zh: `规则 ${refusal.rule} 在 ${refusal.on} 没有有效的取值`,
        en: `the rule ${refusal.rule} has no value in force on ${refusal.on}`,
        remedyZh: '核对日期；或在方案文件里补上当时的取值及其来源',
        remedyEn:
          'check the date, or add the value of that day, with its source, to the scheme file',
      }
    case 'rule_undated':
      return {
        zh: `规则 ${refusal.rule} 没有注明施行日期（${refusal.observed} 见到）`,
        en: `the rule ${refusal.rule} does not say from when it holds (seen on ${refusal.observed})`,
        remedyZh:
          '查明施行日期并写入方案文件；试算可加 --allow-undated，结果会带「未注明日期」标记',
        remedyEn:
          'find its first day and write it into the scheme file; to try it out add --allow-undated, and the amounts are marked',
      }
    case 'attribute_missing': {
      const { zh, en } = titleOf(refusal.attribute, vocabulary)
      const owner = vocabulary?.get(refusal.attribute)?.of
      return {
        zh: `规则 ${refusal.rule} 需要知道${zh}`,
        en: `the rule ${refusal.rule} asks for the ${en}`,
        remedyZh: `在${owner ? OWNERS[owner].zh : ' '}answers 里写明 "${refusal.attribute}"`,
        remedyEn: `answer "${refusal.attribute}" in ${owner ? OWNERS[owner].en : 'answers'}`,
      }
    }
    case 'no_value_for': {
      const { zh, en } = titleOf(refusal.attribute, vocabulary)
      return {
        zh: `规则 ${refusal.rule} 没有${zh}为 ${refusal.answer} 的取值`,
        en: `the rule ${refusal.rule} has no value where the ${en} is ${answerInEnglish(refusal.attribute, refusal.answer, vocabulary)}`,
        remedyZh: '核对该项；或在方案文件里补上这一行及其来源',
        remedyEn: 'check the answer, or add the row, with its source, to the scheme file',
      }
    }
    case 'rate_unknown':
      return {
        zh: `规则 ${refusal.rule}：来源没有说明 ${formatYuan(refusal.above)} 元以上的支付比例`,
        en: `the rule ${refusal.rule}: no source says what is paid above ${formatYuan(refusal.above)} yuan`,
        remedyZh: '查明该段的支付比例，连同来源写入方案文件',
        remedyEn: 'find the rate of that band and write it, with its source, into the scheme file',
      }
    case 'lines_needed':
      return {
        zh: `规则 ${refusal.rule} 按明细计算限额，而账单没有明细`,
        en: `the rule ${refusal.rule} counts single charges, and the bill has none`,
        remedyZh: '用 lines 逐条写明费用',
        remedyEn: 'give the charges one by one in lines',
      }
  }
}

const OWNERS: Readonly<Record<'person' | 'cover' | 'bill', Title>> = {
  person: { zh: '参保人 attributes 的 ', en: "the person's attributes" },
  cover: { zh: '参保关系 covers 的 ', en: "the cover's answers" },
  bill: { zh: '账单的 ', en: "the bill's answers" },
}

function titleOf(name: string, vocabulary: Vocabulary | undefined): Title {
  const attribute = vocabulary?.get(name)
  if (!attribute) return { zh: ` ${name} `, en: name }
  return { zh: `「${attribute.title.zh}」`, en: attribute.title.en.toLowerCase() }
}

function answerInEnglish(
  name: string,
  answer: string | number,
  vocabulary: Vocabulary | undefined,
): string {
  const answers = vocabulary?.get(name)?.answers
  if (typeof answers !== 'object' || !Object.hasOwn(answers, String(answer))) return String(answer)
  return `${answer} (${answers[String(answer)]?.toLowerCase()})`
}
