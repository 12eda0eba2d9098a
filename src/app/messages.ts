import { formatRate, formatYuan } from '#base/money.ts'
import { LIMIT_KINDS } from '#domains/catalogue/index.ts'
import type {
  Badge,
  Cause,
  Choice,
  LineItem,
  NotApplicable,
  OnChange,
  Refusal,
  ReliefRefusal,
  ReplayReason,
  Scheme,
  Step,
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
    case 'certificate':
      return {
        zh: `不适用：当日没有有效的${reason.kind}待遇资格（${reason.of}）`,
        en: `not applicable: no certificate in force that day (${reason.kind}, ${reason.of})`,
      }
  }
}

/** From when a newborn's cover pays. */
export function describeNewborn(step: Extract<Step, { step: 'newborn' }>): Title {
  const { born, enrolled, days, withinDays, from } = step
  return {
    zh: `新生儿：${born} 出生，${enrolled} 参保（第 ${days} 天，${withinDays} 天内追溯到出生）：待遇自 ${from} 起`,
    en: `newborn: born ${born}, enrolled ${enrolled} (after ${days} days; within ${withinDays} it goes back to birth): cover from ${from}`,
  }
}

/** A limit of the period that changed with the person. */
export function describeStatus(step: Extract<Step, { step: 'status' }>): Title {
  const { limit, on, before, after, how } = step
  const of = (amount: number | undefined) => (amount === undefined ? undefined : formatYuan(amount))
  const way = CHANGES[how]
  return {
    zh: `${limit === 'deductible' ? '起付线' : '封顶线'}自 ${on} 起随身份变更：${of(before) ?? '不设'} → ${of(after) ?? '不设'}；${way.zh}`,
    en: `the ${limit} changes with the person on ${on}: ${of(before) ?? 'none'} → ${of(after) ?? 'none'}; ${way.en}`,
  }
}

const CHANGES: Readonly<Record<OnChange, Title>> = {
  'catch-up': {
    zh: '按新的标准减去已计的部分',
    en: 'the new one, less what was met or paid before',
  },
  restart: { zh: '自变更之日起另计', en: 'counted anew from that day on' },
  replay: {
    zh: '整个期间按新的标准计',
    en: 'the whole period is settled under the new one',
  },
}

/** An answer that was worked out, and from what. */
export function describeAnswer(
  step: Extract<Step, { step: 'answer' }>,
  vocabulary?: Vocabulary,
): Title {
  const { attribute, answer, place, registration, diagnosis, condition } = step
  const { zh, en } = titleOf(attribute, vocabulary)
  const answerEn = answerInEnglish(attribute, answer, vocabulary)
  const because =
    place === undefined
      ? {
          zh: condition
            ? `诊断 ${diagnosis} 属于既往症 ${condition}`
            : `诊断 ${diagnosis ?? '—'} 不属于所列既往症`,
          en: condition
            ? `the diagnosis ${diagnosis} is of the listed condition ${condition}`
            : `the diagnosis ${diagnosis ?? '—'} is of no listed condition`,
        }
      : registration?.record !== undefined
        ? {
            zh: `就医地 ${place}，转诊单 ${registration.record}，自 ${registration.from} 起`,
            en: `care at ${place}, by the referral ${registration.record} from ${registration.from}`,
          }
        : registration
          ? {
              zh: `就医地 ${place}，备案自 ${registration.from} 起`,
              en: `care at ${place}, registered from ${registration.from}`,
            }
          : { zh: `就医地 ${place}，未用到备案`, en: `care at ${place}, no registration used` }
  return { zh: `${zh}为 ${answer}：${because.zh}`, en: `the ${en} is ${answerEn}: ${because.en}` }
}

/** Which admission a bill belongs to, where that is not plain from its stay. */
export function describeAdmission(step: Extract<Step, { step: 'admission' }>): Title[] {
  const { joins, gapDays, withinDays, group, counted, stretches, eachDays } = step
  const texts: Title[] = []
  if (joins === 'transfer')
    texts.push({
      zh: '转院：与转出的住院算同一次住院，起付线只补差额',
      en: 'transferred: one admission with the stay it comes from; only a difference in deductible is charged',
    })
  if (joins === 'readmission')
    texts.push({
      zh: `距上次出院 ${gapDays} 天，不超过 ${withinDays} 天：与上次算同一次住院，起付线只补差额`,
      en: `${gapDays} days after the last discharge, within ${withinDays}: one admission with it; only a difference in deductible is charged`,
    })
  if (joins === undefined && gapDays !== undefined)
    texts.push({
      zh: `距上次出院 ${gapDays} 天：另算一次住院`,
      en: `${gapDays} days after the last discharge: an admission of its own`,
    })
  if (group !== undefined)
    texts.push(
      joins === 'once'
        ? {
            zh: `${group}：期内起付线只计一次，已经计过的只补差额`,
            en: `${group}: one deductible in the period; only a difference to what was charged is due`,
          }
        : {
            zh: `${group}：期内起付线只计一次，本次为第一次`,
            en: `${group}: one deductible in the period; this admission is the first`,
          },
    )
  if (!counted)
    texts.push({
      zh: '不计入期内住院次数：按第一次的起付线',
      en: 'does not count among the admissions of the period: charged as a first one',
    })
  if (stretches > 1)
    texts.push({
      zh: `住院每满 ${eachDays} 天后另计起付线：共计 ${stretches} 次`,
      en: `charged again for each further stretch of ${eachDays} days: ${stretches} times in all`,
    })
  return texts
}

const CHOICES: Readonly<Record<Choice, Title & { readonly key: string }>> = {
  transfer: {
    zh: '转院算同一次住院还是新的一次住院',
    en: 'whether a transfer is the same admission or a new one',
    key: 'transfer: same / new',
  },
  acrossPeriods: {
    zh: '跨期间的住院在新的期间是否另算一次',
    en: 'whether a stay that goes on in another period is a new admission there',
    key: 'acrossPeriods: same / new',
  },
  onChange: {
    zh: '身份在期间中变更、限额随之不同时怎样计',
    en: 'what becomes of a limit that changes with the person in mid-period',
    key: 'onChange: catch-up / restart / replay',
  },
  newborn: {
    zh: '新生儿参保从哪天起有待遇',
    en: 'from which day the cover of a newborn pays',
    key: 'newborn: within',
  },
  handIn: {
    zh: '手工报销最迟哪一天交来、按哪一天结算',
    en: 'until which day a bill that was paid first may be handed in, and on which day it is settled',
    key: 'handIn: until, settledOn',
  },
  counts: {
    zh: '异地就医的住院是否计入住院次数',
    en: 'whether an admission elsewhere counts among the admissions of the period',
    key: 'counts',
  },
}

/** What the catalogue said of a line, in a line or two. */
export function describeItem(item: LineItem): { readonly zh: string[]; readonly en: string[] } {
  const { upfrontShare, limitPrice, chargedAs, limit } = item
  const share = upfrontShare === undefined ? undefined : formatRate(upfrontShare)
  const price = limitPrice === undefined ? undefined : formatYuan(limitPrice)
  const where = item.place || { zh: '全国', en: 'the nation' }
  const place = typeof where === 'string' ? { zh: where, en: where } : where
  const fell = chargedAs === item.class ? undefined : chargedAs
  const findings = item.findings.map((finding) => {
    const { zh, en } = LIMIT_KINDS[finding.limit]
    return finding.met === 'no'
      ? {
          zh: `${zh}须为 ${finding.asked}，而为 ${finding.found}`,
          en: `${en} must be ${finding.asked}, and is ${finding.found}`,
        }
      : {
          zh: `${zh}须为 ${finding.asked}，而账单没有写明`,
          en: `${en} must be ${finding.asked}, and the bill does not say`,
        }
  })
  const why = (lang: 'zh' | 'en') => findings.map((finding) => finding[lang])
  return {
    zh: [
      [
        `${item.on} ${place.zh} 目录：${item.class}类`,
        ...(share ? [`先行自付 ${share}`] : []),
        ...(price ? [`限价 ${price}`] : []),
        ...(limit ? [`限定支付：${limit}`] : []),
      ].join('，'),
      ...(item.review ? [`${why('zh').join('；')}${fell ? `，按${fell}类` : ''}。须人工复核`] : []),
    ],
    en: [
      [
        `catalogue of ${place.en} on ${item.on}: class ${item.class}`,
        ...(share ? [`upfront share ${share}`] : []),
        ...(price ? [`limit price ${price}`] : []),
        ...(limit ? [`limited to: ${limit}`] : []),
      ].join(', '),
      ...(item.review
        ? [
            `${why('en').join('; ')}${fell ? `, so charged as ${fell}` : ''}; for a person to review`,
          ]
        : []),
    ],
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
    case 'handed_in_late':
      return {
        zh: `手工报销最迟须在 ${refusal.last} 交来，而这张票据在 ${refusal.handedIn} 交来`,
        en: `a bill that was paid first had to be handed in by ${refusal.last}; this one came on ${refusal.handedIn}`,
        remedyZh: '核对交来日期；确有理由的，由经办人员写明原因后受理',
        remedyEn:
          'check the day it was handed in; a handler may take it all the same, with the reason',
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
    case 'choice_undeclared': {
      const { zh, en, key } = CHOICES[refusal.choice]
      return {
        zh: `规则 ${refusal.rule} 没有写明${zh}`,
        en: `the rule ${refusal.rule} does not say ${en}`,
        remedyZh: `查明后写入方案文件（${key}），并注明来源；账单记错的，更正账单`,
        remedyEn: `find out and write it (${key}), with its source, into the scheme file; if the bill is wrong, correct it`,
      }
    }
    case 'place_without_division':
      return {
        zh: `方案 ${refusal.scheme} 的参保地没有行政区划代码，无法判断是否异地`,
        en: `the place of ${refusal.scheme} has no division code, so nobody can tell whether care was elsewhere`,
        remedyZh: '在 place.yaml 写明 division；或不写 placeOfCare，直接回答 remote',
        remedyEn: 'write division into place.yaml; or leave placeOfCare out and answer remote',
      }
    case 'several_registrations':
      return {
        zh: `当日有几种备案适用：${refusal.kinds.join('、')}`,
        en: `several registrations apply that day: ${refusal.kinds.join(', ')}`,
        remedyZh: '在账单的 answers 里用 remote 写明按哪一种',
        remedyEn: "say by remote in the bill's answers which of them it was",
      }
    case 'answer_contradicted': {
      const { zh, en } = titleOf(refusal.attribute, vocabulary)
      return {
        zh: `账单回答${zh}为 ${refusal.answer}，而按就医地和备案应为 ${refusal.computed}`,
        en: `the bill says that the ${en} is ${refusal.answer}; by place of care and registrations it is ${refusal.computed}`,
        remedyZh: '核对备案（registrations）和就医地；或删去这个回答',
        remedyEn: 'check the registrations and the place of care, or leave the answer out',
      }
    }
    case 'diagnosis_missing':
      return {
        zh: `参保 ${refusal.scheme} 列有既往症 ${refusal.condition}，而账单没有可比对的诊断`,
        en: `the cover ${refusal.scheme} lists the condition ${refusal.condition}, and the bill has no diagnosis to compare`,
        remedyZh: '在账单的 diagnosis 里写明诊断编码（code）或名称（name）',
        remedyEn: "give the diagnosis' code or name in the bill's diagnosis",
      }
    case 'unknown_stay':
      return {
        zh: `${refusal.tier} 没有结算过转出的住院 ${refusal.stay}`,
        en: `${refusal.tier} has settled no stay ${refusal.stay}, from which this bill says it was transferred`,
        remedyZh: '先结算转出的住院；转出的住院不由此方案结算的，删去 transferFrom',
        remedyEn:
          'settle that stay first; if it is not for this scheme to settle, leave transferFrom out',
      }
    case 'replay_needed': {
      const { zh, en } = REPLAY_REASONS[refusal.reason]
      return {
        zh: `${refusal.tier}：${zh}`,
        en: `${refusal.tier}: ${en}`,
        remedyZh: '撤销该期间已结算的账单（从最近一次起），再按日期先后重新结算',
        remedyEn:
          'reverse the bills of the period, the latest first, and settle them again in the order of their days',
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

/** Why a relief is not worked out, and what to do next. */
export function describeReliefRefusal(
  refusal: ReliefRefusal,
  vocabulary?: Vocabulary,
): RefusalText {
  switch (refusal.code) {
    case 'period_not_over':
      return {
        zh: `救助 ${refusal.relief} 的年度到 ${refusal.until} 为止，今天是 ${refusal.today}`,
        en: `the year of the relief ${refusal.relief} ends on ${refusal.until}, and today is ${refusal.today}`,
        remedyZh: '年终救助自年度最后一日起才能计算；依申请救助须待年度开始',
        remedyEn:
          'relief at the year’s end is worked out from its last day on; on application, once the year has begun',
      }
    case 'relief_not_declared':
      return {
        zh: `方案 ${refusal.scheme} 没有救助 ${refusal.relief}`,
        en: `the scheme ${refusal.scheme} has no relief ${refusal.relief}`,
        remedyZh: '核对参保的方案；方案确有此项的，写入它的 reliefs',
        remedyEn:
          'check under which scheme the person is covered; if it has the relief, name it in its reliefs',
      }
    default:
      return describeRefusal(refusal, vocabulary)
  }
}

const REPLAY_REASONS: Readonly<Record<ReplayReason, Title>> = {
  status: {
    zh: '身份在期间中变更，已结算的账单要按变更后的限额重新结算',
    en: 'the person changed in mid-period, and what is settled has to be settled again under the new limits',
  },
  order: {
    zh: '此前已结算更晚入院的住院，住院次序要重新排',
    en: 'a stay that began later is settled already, so the order of admissions changes',
  },
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
