import { formatFactor, formatRate } from '#base/money.ts'
import {
  type Badge,
  type Citation,
  COMPONENT_TITLES,
  COMPONENTS,
  NATIVE_COMPONENTS,
  PAYERS,
  type Step,
  type Title,
} from '#domains/settlement/index.ts'
import type { SlipRecord } from '#domains/settlement/routes.ts'
import { groupBy } from './group-by.ts'
import {
  BADGES,
  describeAdmission,
  describeAnswer,
  describeNewborn,
  describeNotApplicable,
  describeStatus,
  GRADES,
} from './messages.ts'
import { maskedNumber, Paper } from './paper.ts'
import { thousands } from './words.ts'

/** 结算单: one settlement on paper, in Chinese with English below, its amounts named as the interface names them. */
export function printSlip(record: SlipRecord): Promise<Buffer> {
  const sheet = new Paper({
    Title: `结算单 ${record.id}`,
    Subject: 'Settlement slip',
    Creator: 'Kangyang',
  })
  printHeading(sheet, record)
  printPersonAndBill(sheet, record)
  printPayers(sheet, record)
  printPatient(sheet, record)
  printComponents(sheet, record)
  printBeside(sheet, record)
  printSteps(sheet, record)
  printSources(sheet, record)
  return sheet.finish({
    watermark: record.settlement.teaching ? '示例市 虚构数据 仅供教学' : undefined,
    stamp: record.state === 'reversed' ? '已撤销 REVERSED' : undefined,
    foot: `结算单 ${record.id} · 规则第 ${record.rules.version} 版 ${record.rules.hash.slice(0, 12)}`,
  })
}

// --- what stands on it ---------------------------------------------------------------------------

function printHeading(sheet: Paper, { settlement }: SlipRecord): void {
  const { title, teaching } = settlement
  sheet.title('医疗保障基金结算单', 'Medical protection settlement slip')
  sheet.line(`${title.zh} · ${title.en}`)
  if (teaching)
    sheet.line(
      '本单各项规则和金额均为虚构，仅供教学 · Every rule and amount here is invented, for teaching',
    )
}

function printPersonAndBill(sheet: Paper, record: SlipRecord): void {
  const { bill, settlement } = record
  const answers = Object.values(bill.attributes).filter((answer) => answer !== undefined)
  sheet.pairs([
    ['参保人', 'Person', record.name || '—'],
    ['人员编号', 'Person no.', maskedNumber(bill.person)],
    ['账单号', 'Bill no.', bill.id],
    ['就诊情况', 'Care', answers.join(' · ') || '—'],
    ['入院日期', 'Admitted', bill.admitted],
    ['出院日期', 'Discharged', bill.discharged],
    ['费用结算日', 'Settlement date', settlement.settled],
    [
      '办理时间',
      'Recorded',
      `${record.settledAt.replace('T', ' ').slice(0, 19)} · ${record.settledBy}`,
    ],
  ])
}

function printPayers(sheet: Paper, { settlement, vocabulary }: SlipRecord): void {
  sheet.section('支付情况', 'Who pays (yuan)')
  const paying = settlement.tiers.filter(({ notApplicable }) => !notApplicable)
  sheet.table(
    [
      { head: ['支付方', 'Payer'], width: 118 },
      { head: ['待遇档', 'Tier'], width: 150 },
      { head: ['接口字段', 'Field'], width: 82 },
      { head: ['标记', 'Marks'], width: 85 },
      { head: ['金额', 'Amount'], width: 80, right: true },
    ],
    [
      ...paying.map(({ payer, title, badges, paid }) => [
        both(PAYERS[payer]),
        both(title),
        PAYERS[payer].field ?? '—',
        marks(badges),
        thousands(paid),
      ]),
      ['各方支付合计\nAll payers', '', '', '', thousands(settlement.total - settlement.patient)],
      ['个人负担\nPatient', '', '', '', thousands(settlement.patient)],
      ['总费用\nTotal', '', 'medfee_sumamt', '', thousands(settlement.total)],
    ],
    { strong: 3 },
  )
  sheet.gap(3)
  const idle = groupBy(
    settlement.tiers.filter(({ notApplicable }) => notApplicable),
    ({ notApplicable }) =>
      notApplicable ? both(describeNotApplicable(notApplicable, vocabulary), ' · ') : '',
  )
  for (const [reason, tiers] of idle)
    sheet.small(`${reason} — ${tiers.map(({ title }) => both(title, ' ')).join('；')}`)
}

function printPatient(sheet: Paper, { settlement }: SlipRecord): void {
  const parts = COMPONENTS.filter((name) => settlement.patientParts[name] > 0)
  if (parts.length === 0) return
  sheet.section('个人负担的组成', "The patient's share (yuan)")
  sheet.table(
    [
      { head: ['项目', 'Part'], width: 435 },
      { head: ['金额', 'Amount'], width: 80, right: true },
    ],
    parts.map((name) => [
      both(COMPONENT_TITLES[name].left, ' · '),
      thousands(settlement.patientParts[name]),
    ]),
  )
}

const COMPONENT_FIELDS = {
  inScope: 'inscp_scp_amt',
  upfront: 'preselfpay_amt',
  overLimit: 'overlmt_selfpay',
  outOfScope: 'fulamt_ownpay_amt',
  specialDrug: 'fulamt_ownpay_amt',
  separateItem: 'inscp_scp_amt',
} as const

function printComponents(sheet: Paper, { settlement }: SlipRecord): void {
  sheet.section('费用的组成', 'What the bill is made of (yuan)')
  sheet.table(
    [
      { head: ['组成', 'Component'], width: 163 },
      { head: ['接口字段', 'Field'], width: 112 },
      { head: ['费用', 'Cost'], width: 80, right: true },
      { head: ['各方支付', 'Paid'], width: 80, right: true },
      { head: ['个人', 'Patient'], width: 80, right: true },
    ],
    NATIVE_COMPONENTS.filter((name) => settlement.components[name].total > 0).map((name) => {
      const { total, patient } = settlement.components[name]
      return [
        both(COMPONENT_TITLES[name].input, ' · '),
        COMPONENT_FIELDS[name],
        thousands(total),
        thousands(total - patient),
        thousands(patient),
      ]
    }),
  )
}

/** What stands beside the bill, and what is to be claimed back. */
function printBeside(sheet: Paper, { settlement }: SlipRecord): void {
  const { benefits, recoveries } = settlement
  if (benefits.length + recoveries.length === 0) return
  sheet.section('账单之外', 'Beside the bill (yuan)')
  for (const { title, payer, amount, days, badges } of benefits) {
    const facts = [
      `定额给付 Fixed benefit：${both(title, ' ')}`,
      both(PAYERS[payer], ' '),
      ...(days === undefined ? [] : [`${days} 天 days`]),
      thousands(amount),
      marks(badges),
    ]
    sheet.line(facts.filter(Boolean).join(' · '))
  }
  for (const { payer, amount } of recoveries)
    sheet.line(
      `先行支付，应向责任第三方追偿 To be recovered from the liable party：${both(PAYERS[payer], ' ')} · ${thousands(amount)}`,
    )
}

function printSteps(sheet: Paper, { settlement, steps, recomputed }: SlipRecord): void {
  sheet.section('计算过程', 'How it was worked out (yuan)')
  if (recomputed.differences.length > 0 || recomputed.refusal !== undefined)
    sheet.line(
      '注意：今天重新计算的结果与当时保存的不同。以上为当时保存、据以支付的金额；以下步骤按今天的程序计算 · Computed again today this settlement comes out otherwise: the amounts above were kept and paid, the steps below are of the program of today',
    )
  for (const [tier, own] of groupBy(steps, (step) => ('tier' in step ? step.tier : ''))) {
    if (own.some(({ step }) => step === 'not-applicable')) continue
    const found = settlement.tiers.find((each) => each.tier === tier)
    const title = found?.title ?? PAYERS.liableThirdParty
    sheet.step(`${title.zh} ${title.en}`, tier)
    // Where there is nothing to pay for, the sums that follow would all be zero.
    const nothing = own.some((step) => step.step === 'base' && step.amount === 0)
    const told = nothing ? own.filter(({ step }) => step === 'base') : own
    for (const text of told.flatMap(describeStep)) sheet.small(text)
    const rules = [
      ...new Set(own.flatMap(citationsOf).map(({ rule, from }) => `${localName(rule)}@${from}`)),
    ]
    if (rules.length > 0) sheet.faint(`依据 Rules：${rules.join('  ')}`)
  }
}

function describeStep(step: Step): string[] {
  switch (step.step) {
    case 'third-party':
      return [
        `责任第三方先承担 The liable party bears ${formatRate(step.share)} = ${thousands(step.amount)}`,
      ]
    case 'base':
      return [`计入 Counts：${thousands(step.amount)}`]
    case 'transfer-upfront':
      return step.amount > 0
        ? [
            `转外自付 Upfront, care elsewhere：${thousands(step.of)} × ${formatRate(step.share)} = ${thousands(step.amount)}`,
          ]
        : []
    case 'eligible-cap':
      return step.over > 0
        ? [`超出可计入限额 Not eligible above ${thousands(step.limit)}：${thousands(step.over)}`]
        : []
    case 'newborn':
      return [both(describeNewborn(step), ' ')]
    case 'status':
      return [both(describeStatus(step), ' ')]
    case 'answer':
      return [both(describeAnswer(step), ' ')]
    case 'admission':
      return describeAdmission(step).map((text) => both(text, ' '))
    case 'derived-amount':
      return [
        `${step.title.zh} ${step.title.en}：${thousands(step.basis)} × ${formatFactor(step.factor)} → ${thousands(step.amount)}`,
      ]
    case 'deductible': {
      const ordinal =
        step.ordinal === undefined ? '' : `（第 ${step.ordinal} 次 no. ${step.ordinal}）`
      return [
        `起付线 Deductible${ordinal}：${thousands(step.limit)}，本次 applied ${thousands(step.applied)}`,
      ]
    }
    case 'bands': {
      const segments = step.segments.map(
        ({ from, to, rate }) => `${thousands(from)}–${thousands(to)} × ${formatRate(rate)}`,
      )
      return [`分段 Bands：${segments.join(' + ') || '—'} → ${thousands(step.due)}`]
    }
    case 'due-factor':
      return [
        `折算 Factor：${thousands(step.of)} × ${formatRate(step.factor)} → ${thousands(step.due)}`,
      ]
    case 'guaranteed-ratio':
      return [
        `保底 Guaranteed：${thousands(step.of)} × ${formatRate(step.ratio)} = ${thousands(step.share)} → ${thousands(step.due)}`,
      ]
    case 'cap':
      return step.cut > 0
        ? [
            `封顶线 Cap：${thousands(step.limit)} − 已用 used ${thousands(step.used)}，扣减 cut ${thousands(step.cut)}`,
          ]
        : []
    case 'unpaid-limit':
      return step.cut > 0
        ? [`不超过尚未支付的 Never more than unpaid：${thousands(step.unpaid)}`]
        : []
    case 'balance':
      return [`账户余额 Balance：${thousands(step.balance)}`]
    case 'paid':
      return [`支付 Pays：${thousands(step.amount)}`]
    case 'not-applicable':
    case 'no-cap':
      return []
  }
}

function printSources(sheet: Paper, { settlement, steps }: SlipRecord): void {
  const citations = [
    ...steps.flatMap(citationsOf),
    ...settlement.benefits.flatMap((benefit) => benefit.citations),
  ]
  const sources = new Map(citations.map(({ source }) => [source.id + source.address, source]))
  if (sources.size === 0) return
  sheet.section('依据文件', 'Documents')
  for (const { id, title, address, grade } of sources.values()) {
    const articles = citations.flatMap(({ source, article }) =>
      source.id === id && article ? [article] : [],
    )
    const list = [...new Set(articles)].join('、')
    sheet.small(`${title}${list ? ` ${list}` : ''}`)
    sheet.faint(`${address} · ${both(GRADES[grade], ' · ')}`)
  }
}

function citationsOf(step: Step): Citation[] {
  const found: Citation[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('rule' in value && 'source' in value) found.push(value as Citation)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(step)
  return found
}

const both = ({ zh, en }: Title, between = '\n'): string => zh + between + en
const marks = (badges: readonly Badge[]): string =>
  badges.map((badge) => both(BADGES[badge], ' ')).join('\n')
const localName = (rule: string): string => rule.slice(rule.lastIndexOf('/') + 1)
