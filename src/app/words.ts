import { formatYuan } from '#base/money.ts'
import type { Badge, Citation, Title } from '#domains/settlement/index.ts'
import type { Source } from '#rulebook/source.ts'
import { BADGES, GRADES } from './messages.ts'
import type { Language } from './options.ts'

/** `thousands(123456789)` is `1,234,567.89`: fen, for people to read. Files get plain digits. */
export function thousands(amount: number): string {
  return formatYuan(amount).replace(/\B(?=(\d{3})+\.)/g, ',')
}

/** `起付线：300.00`, `deductible: 300.00` */
export const labelled = (label: string, text: string, lang: Language): string =>
  label + (lang === 'zh' ? '：' : ': ') + text

/** What a list is joined with: 、 in Chinese, a comma in English. */
export const listed = (words: readonly string[], lang: Language): string =>
  words.join(lang === 'zh' ? '、' : ', ')

export const badgeWords = (badges: readonly Badge[], lang: Language): string =>
  listed(
    badges.map((badge) => BADGES[badge][lang]),
    lang,
  )

/** A rule, from when it holds, and its article. */
export function citationWords(citation: Citation, lang: Language): string {
  const { rule, from, observed, article } = citation
  const since =
    from === 'unknown'
      ? lang === 'zh'
        ? `施行日期未注明（${observed} 见到）`
        : `first day not stated (seen ${observed})`
      : lang === 'zh'
        ? `自 ${from} 起`
        : `from ${from}`
  const facts = [rule, since, ...(article ? [article] : [])]
  return `${lang === 'zh' ? '依据' : 'rule'} ${facts.join(' · ')}`
}

/** A document, where to find it, and how far it can be trusted. */
export const documentWords = ({ title, address, grade }: Source, lang: Language): string =>
  `${title} · ${address} · ${GRADES[grade][lang]}`

/** A place marked as teaching says so in its every statement. */
export const TEACHING: Title = {
  zh: '【示例市：数据均为虚构，仅供教学】',
  en: '[teaching city: every figure is invented]',
}
