import Table from 'cli-table3'
import {
  type Badge,
  COMPONENT_TITLES,
  COMPONENTS,
  PAYERS,
  type TierResult,
} from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { groupBy } from './group-by.ts'
import { BADGES, describeNotApplicable, describeRefusal, GRADES } from './messages.ts'
import type { Language } from './options.ts'
import type { Outcome, SettledBill } from './settle-input.ts'
import {
  badgeWords,
  citationWords,
  documentWords,
  labelled,
  listed,
  TEACHING,
  thousands,
} from './words.ts'

/** Prints what became of bills, for people: one block a bill, in the order in which they were settled. */
export function* printStatements(
  outcomes: readonly Outcome[],
  vocabulary: Vocabulary,
  lang: Language,
): Generator<string> {
  const badges = new Set<Badge>()
  for (const outcome of outcomes) {
    yield `${printOutcome(outcome, vocabulary, lang)}\n\n`
    if (outcome.settled)
      for (const { badges: own } of [...outcome.settlement.tiers, ...outcome.settlement.benefits])
        for (const badge of own) badges.add(badge)
  }
  if (badges.size > 0) yield `${printLegend(badges, lang)}\n\n`
  yield `${printCount(outcomes, lang)}\n`
}

export function printOutcome(outcome: Outcome, vocabulary: Vocabulary, lang: Language): string {
  const lines = outcome.settled
    ? printSettlement(outcome.settlement, vocabulary, lang)
    : printRefusal(outcome, vocabulary, lang)
  if (outcome.without.length > 0) lines.push(printWithout(outcome.without, lang))
  return [printHeader(outcome, lang), ...lines].join('\n')
}

export function printHeader({ bill }: Outcome, lang: Language): string {
  return lang === 'zh'
    ? `账单 ${bill.id} · 参保人 ${bill.person} · 结算日 ${bill.settled} · 总费用 ${thousands(bill.total)} 元`
    : `Bill ${bill.id} · person ${bill.person} · settled on ${bill.settled} · total ${thousands(bill.total)} yuan`
}

export function printScheme({ title, scheme, teaching }: SettledBill, lang: Language): string {
  const label = lang === 'zh' ? '方案' : 'Scheme'
  return `${label} ${title[lang]} · ${scheme}${teaching ? ` ${TEACHING[lang]}` : ''}`
}

function printRefusal(
  outcome: Outcome & { settled: false },
  vocabulary: Vocabulary,
  lang: Language,
) {
  const { zh, en, remedyZh, remedyEn } = describeRefusal(outcome.refusal, vocabulary)
  const { refusal } = outcome
  const lines =
    lang === 'zh'
      ? [`  ✗ 未结算 [${refusal.code}] ${zh}`, `    处理：${remedyZh}`]
      : [`  ✗ not settled [${refusal.code}] ${en}`, `    what to do: ${remedyEn}`]
  if ('citation' in refusal) {
    const { citation } = refusal
    const document = documentWords(citation.source, lang)
    lines.push(`    ${citationWords(citation, lang)} · ${document}`)
  }
  return lines
}

export function printWithout(bills: readonly string[], lang: Language): string {
  return lang === 'zh'
    ? `  注意：此人先前的账单 ${listed(bills, lang)} 未结算，本账单按其不存在计算`
    : `  Note: earlier bills of this person were refused (${listed(bills, lang)}); this one is settled as if they did not exist`
}

// --- one settled bill ----------------------------------------------------------------------------

function printSettlement(
  settlement: SettledBill,
  vocabulary: Vocabulary,
  lang: Language,
): string[] {
  const idle = settlement.tiers.filter(({ notApplicable }) => notApplicable)
  return [
    printScheme(settlement, lang),
    ...printAmounts(settlement, lang),
    ...(idle.length > 0 ? [printIdle(idle, vocabulary, lang)] : []),
  ]
}

/** Who pays what, the sum that must hold, and what stands beside the bill. */
export function printAmounts(settlement: SettledBill, lang: Language): string[] {
  const lines = [printTable(settlement, lang), printCheck(settlement, lang)]
  for (const { title, payer, amount, days, badges } of settlement.benefits) {
    const label = lang === 'zh' ? '  账单之外的定额给付' : '  Benefit beside the bill'
    const facts = [
      `${title[lang]} · ${PAYERS[payer][lang]} · ${thousands(amount)}`,
      ...(days === undefined ? [] : [lang === 'zh' ? `${days} 天` : `${days} days`]),
      badgeWords(badges, lang),
    ]
    lines.push(labelled(label, facts.filter(Boolean).join(' · '), lang))
  }
  for (const { payer, amount } of settlement.recoveries)
    lines.push(
      lang === 'zh'
        ? `  先行支付、应向责任第三方追偿：${PAYERS[payer].zh} ${thousands(amount)}`
        : `  Paid in advance, to be recovered from the liable party: ${PAYERS[payer].en} ${thousands(amount)}`,
    )
  return lines
}

function printTable(settlement: SettledBill, lang: Language): string {
  const head =
    lang === 'zh'
      ? ['支付方', '待遇档', '金额（元）', '标记']
      : ['Payer', 'Tier', 'Amount (yuan)', 'Marks']
  const table = new Table({
    head,
    colAligns: ['left', 'left', 'right', 'left'],
    style: { head: [], border: [] },
  })
  for (const { payer, title, paid, notApplicable, badges } of settlement.tiers)
    if (!notApplicable)
      table.push([PAYERS[payer][lang], title[lang], thousands(paid), badgeWords(badges, lang)])
  table.push([lang === 'zh' ? '个人负担' : 'Patient', '', thousands(settlement.patient), ''])
  for (const component of COMPONENTS) {
    const amount = settlement.patientParts[component]
    if (amount === 0) continue
    const part = COMPONENT_TITLES[component].left[lang]
    table.push(['', lang === 'zh' ? `其中：${part}` : `of which ${part}`, thousands(amount), ''])
  }
  return withoutInnerRules(table.toString())
}

/** Only the rule under the heading is kept: amounts are read down a column. */
function withoutInnerRules(drawn: string): string {
  let rules = 0
  return drawn
    .split('\n')
    .filter((line) => !line.startsWith('├') || rules++ === 0)
    .join('\n')
}

/** Says the sum that must hold, worked out here from the printed amounts and not taken on trust. */
function printCheck({ tiers, patient, total }: SettledBill, lang: Language): string {
  const paid = tiers.reduce((sum, tier) => sum + tier.paid, 0)
  const mark = paid + patient === total ? '✓' : '✗'
  const [a, b, c] = [paid, patient, total].map(thousands)
  return lang === 'zh'
    ? `  核对：各方支付合计 ${a} + 个人负担 ${b} = 总费用 ${c} ${mark}`
    : `  Check: payers ${a} + patient ${b} = total ${c} ${mark}`
}

function printIdle(tiers: readonly TierResult[], vocabulary: Vocabulary, lang: Language): string {
  const reasons = groupBy(tiers, ({ notApplicable }) =>
    notApplicable ? describeNotApplicable(notApplicable, vocabulary)[lang] : '',
  )
  return [...reasons]
    .map(
      ([reason, idle]) =>
        `  ${reason} — ${listed(
          idle.map(({ title }) => title[lang]),
          lang,
        )}`,
    )
    .join('\n')
}

// --- the end -------------------------------------------------------------------------------------

function printLegend(badges: ReadonlySet<Badge>, lang: Language): string {
  const meanings: Readonly<Record<Badge, string>> = {
    undated: labelled(
      BADGES.undated[lang],
      lang === 'zh'
        ? '来源没有写明施行日期，只在 --allow-undated 时使用'
        : 'the source gives no first day; used only with --allow-undated',
      lang,
    ),
    'grade-B': GRADES.B[lang],
    'grade-C': GRADES.C[lang],
    'grade-D': GRADES.D[lang],
    invented: GRADES.invented[lang],
  }
  const lines = (Object.keys(meanings) as Badge[])
    .filter((badge) => badges.has(badge))
    .map((badge) => `  ${meanings[badge]}`)
  return [lang === 'zh' ? '标记说明' : 'Marks', ...lines].join('\n')
}

function printCount(outcomes: readonly Outcome[], lang: Language): string {
  const settled = outcomes.filter((outcome) => outcome.settled).length
  const refused = outcomes.length - settled
  return lang === 'zh'
    ? `共 ${outcomes.length} 张账单：已结算 ${settled}，未结算 ${refused}`
    : `${outcomes.length} bills: ${settled} settled, ${refused} refused`
}
