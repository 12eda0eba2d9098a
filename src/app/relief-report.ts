import { formatRate, WHOLE } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import {
  type Citation,
  COMPONENT_TITLES,
  PAYERS,
  type Relief,
  type ReliefRefusal,
  type ReliefResult,
  type ReliefStep,
  type Title,
} from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { Documents, isShare, ROUNDINGS } from './explanation.ts'
import { describeNotApplicable, describeReliefRefusal } from './messages.ts'
import type { Language } from './options.ts'
import { badgeWords, labelled, listed, TEACHING, thousands as yuan } from './words.ts'

/** What became of a relief for one person, and which bills were refused, so that it is worked out without them. */
export type ReliefOutcome = {
  readonly person: string
  readonly without: readonly string[]
  readonly outcome: Result<ReliefResult, ReliefRefusal>
}

export const RELIEF_KINDS: Readonly<Record<Relief['kind'], Title>> = {
  yearEnd: { zh: '年终救助', en: "relief at the year's end" },
  onApplication: { zh: '依申请救助', en: 'relief on application' },
}

/** A relief of each person as a clerk would redo it: every sum written out, under it the rule it follows. */
export function printReliefs(
  relief: Relief,
  outcomes: readonly ReliefOutcome[],
  vocabulary: Vocabulary,
  lang: Language,
): string {
  return outcomes
    .map((each) => `${printRelief(relief, each, vocabulary, lang).join('\n')}\n`)
    .join('\n')
}

function printRelief(
  { id, title, payer, kind }: Relief,
  { person, without, outcome }: ReliefOutcome,
  vocabulary: Vocabulary,
  lang: Language,
): string[] {
  const zh = lang === 'zh'
  const lines = [
    zh
      ? `参保人 ${person} · ${RELIEF_KINDS[kind].zh} ${title.zh} · 支付方：${PAYERS[payer].zh} · ${id}`
      : `Person ${person} · ${RELIEF_KINDS[kind].en}, ${title.en} · payer: ${PAYERS[payer].en} · ${id}`,
  ]
  if (!outcome.ok) {
    const text = describeReliefRefusal(outcome.error, vocabulary)
    return zh
      ? [...lines, `  ✗ 未计算 [${outcome.error.code}] ${text.zh}`, `    处理：${text.remedyZh}`]
      : [
          ...lines,
          `  ✗ not worked out [${outcome.error.code}] ${text.en}`,
          `    what to do: ${text.remedyEn}`,
        ]
  }
  const { scheme, teaching, from, until, on, bills, amount, steps, badges } = outcome.value
  const documents = new Documents(lang)
  const label = zh ? '方案' : 'Scheme'
  lines.push(
    `${label} ${scheme}${teaching ? ` ${TEACHING[lang]}` : ''}`,
    zh
      ? `年度 ${from} 至 ${until} · 按 ${on} 的规则 · 账单 ${bills.length} 张：${listed(bills, lang)}`
      : `Year ${from} to ${until} · rules of ${on} · ${bills.length} bills: ${listed(bills, lang)}`,
    '',
  )
  for (const step of steps) {
    lines.push(`   ${describeReliefStep(step, vocabulary)[lang]}`)
    lines.push(`       ${documents.cite(step.citation satisfies Citation)}`)
  }
  const marks = badgeWords(badges, lang)
  const total = labelled(zh ? '救助金额' : 'Relief', yuan(amount), lang)
  lines.push('', `${total}${marks ? ` · ${marks}` : ''}`)
  lines.push(
    zh
      ? '  在账单之外，不改变任何账单；此处只计算，不登记支付'
      : '  Beside the bills, none of which it changes; worked out here, and no payment recorded',
  )
  if (without.length > 0)
    lines.push(
      zh
        ? `  注意：账单 ${listed(without, lang)} 未结算，救助按其不存在计算`
        : `  Note: bills were refused (${listed(without, lang)}); the relief is worked out as if they did not exist`,
    )
  return [...lines, '', zh ? '依据文件' : 'Documents', ...documents.list()]
}

/** One step of a relief in words, with its sum. */
export function describeReliefStep(step: ReliefStep, vocabulary?: Vocabulary): Title {
  switch (step.step) {
    case 'not-applicable':
      return describeNotApplicable(step.reason, vocabulary)
    case 'own-cost': {
      const counted = step.parts.filter(({ amount }) => amount > 0)
      const terms = (lang: Language) =>
        counted
          .map(
            ({ component, amount }) => `${COMPONENT_TITLES[component].left[lang]} ${yuan(amount)}`,
          )
          .join(' + ')
      const sum = (lang: Language) =>
        counted.length > 0 ? `${terms(lang)} = ${yuan(step.amount)}` : yuan(step.amount)
      return { zh: `个人负担：${sum('zh')}`, en: `own cost: ${sum('en')}` }
    }
    case 'threshold': {
      const { share, of, cost, limit, above } = step
      const names = (lang: Language) =>
        listed(
          of.map((native) => COMPONENT_TITLES[native].input[lang]),
          lang,
        )
      const even = share === undefined || isShare(limit, cost, share)
      const sum = (lang: Language) =>
        share === undefined
          ? yuan(limit)
          : `${names(lang)} ${yuan(cost)} × ${formatRate(share)} = ${yuan(limit)}${even ? '' : ROUNDINGS['half-up'][lang]}`
      return {
        zh: `门槛：${sum('zh')}；超过部分 ${yuan(above)}`,
        en: `threshold: ${sum('en')}; above it: ${yuan(above)}`,
      }
    }
    case 'rate': {
      const { segments, due, rounding } = step
      const terms = segments.map(({ from, to, rate }) => {
        const stretch = from === 0 ? yuan(to) : `(${yuan(to)} − ${yuan(from)})`
        return `${stretch} × ${formatRate(rate)}`
      })
      const exact = segments.reduce((all, s) => all + BigInt(s.to - s.from) * BigInt(s.rate), 0n)
      const even = exact === BigInt(due) * BigInt(WHOLE)
      const sum = `${terms.length > 0 ? `${terms.join(' + ')} = ` : ''}${yuan(due)}`
      return {
        zh: `应补：${sum}${even ? '' : ROUNDINGS[rounding].zh}`,
        en: `due: ${sum}${even ? '' : ROUNDINGS[rounding].en}`,
      }
    }
    case 'cap': {
      const { limit, cut } = step
      return {
        zh: `封顶：${yuan(limit)}；${cut === 0 ? '未超过' : `扣减 ${yuan(cut)}`}`,
        en: `cap: ${yuan(limit)}; ${cut === 0 ? 'not reached' : `cut ${yuan(cut)}`}`,
      }
    }
    case 'no-cap':
      return { zh: '不设封顶', en: 'no cap' }
  }
}
