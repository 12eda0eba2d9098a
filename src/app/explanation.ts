import { formatFactor, formatRate, WHOLE } from '#base/money.ts'
import {
  type Citation,
  COMPONENT_TITLES,
  type Component,
  type DerivedLimit,
  PAYERS,
  type Step,
  type Title,
} from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import type { Source } from '#rulebook/source.ts'
import { groupBy } from './group-by.ts'
import {
  describeAdmission,
  describeAnswer,
  describeItem,
  describeNewborn,
  describeNotApplicable,
  describeStatus,
} from './messages.ts'
import type { Language } from './options.ts'
import type { Outcome, SettledBill } from './settle-input.ts'
import { printAmounts, printHeader, printScheme, printWithout } from './statement.ts'
import { citationWords, documentWords, labelled, listed, thousands as yuan } from './words.ts'

type Settled = Outcome & { readonly settled: true }

/** One settled bill as a clerk would redo it: every sum written out, under it the rule it follows. */
export function printExplanation(outcome: Settled, vocabulary: Vocabulary, lang: Language): string {
  const { settlement, steps } = outcome
  const documents = new Documents(lang)
  const lines = [
    printHeader(outcome, lang),
    printScheme(settlement, lang),
    ...printBill(outcome, lang),
    ...printItems(outcome, documents, lang),
  ]
  const groups = groupBy(steps, (step) => ('tier' in step ? step.tier : ''))
  let number = 0
  let split = false
  for (const [tier, own] of groups) {
    lines.push('', `${++number}. ${nameOf(tier, settlement, lang)}`)
    const context = { settlement, steps: own, split, vocabulary, lang }
    for (const step of withoutIdle(own)) {
      const { texts, citations } = describeStep(step, context)
      lines.push(...texts.map((text) => `   ${text}`))
      lines.push(...citations.map((citation) => `       ${documents.cite(citation)}`))
    }
    split ||= own.some(splits)
  }
  lines.push('', lang === 'zh' ? '结果' : 'Result', ...printAmounts(settlement, lang))
  for (const { citations } of settlement.benefits)
    lines.push(...citations.map((citation) => `       ${documents.cite(citation)}`))
  if (outcome.without.length > 0) lines.push(printWithout(outcome.without, lang))
  const list = documents.list()
  if (list.length > 0) lines.push('', lang === 'zh' ? '依据文件' : 'Documents', ...list)
  return `${lines.join('\n')}\n`
}

function printBill({ bill }: Settled, lang: Language): string[] {
  const parts = Object.entries(bill.parts).filter(([, amount]) => amount > 0)
  const terms = parts.map(
    ([name, amount]) => `${COMPONENT_TITLES[name as Component].input[lang]} ${yuan(amount)}`,
  )
  const label = lang === 'zh' ? '费用组成' : 'Made up of'
  return terms.length > 0
    ? [labelled(label, `${terms.join(' + ')} = ${yuan(bill.total)}`, lang)]
    : []
}

/** What the catalogue said of each line that came with a code. */
function printItems({ bill, settlement }: Settled, documents: Documents, lang: Language): string[] {
  const zh = lang === 'zh'
  const lines = settlement.lines.flatMap(({ id, amount, item }, i) => {
    if (!item) return []
    const parts = Object.entries(bill.lines[i]?.parts ?? {}).filter(([, part]) => part > 0)
    const terms = parts.map(
      ([name, part]) => `${COMPONENT_TITLES[name as Component].input[lang]} ${yuan(part)}`,
    )
    return [
      labelled(`${id} ${item.code} ${item.name}`, `${yuan(amount)} = ${terms.join(' + ')}`, lang),
      ...describeItem(item)[lang].map((text) => `  ${text}`),
      ...item.citations.map((citation) => `    ${documents.cite(citation)}`),
    ]
  })
  return lines.length === 0 ? [] : ['', zh ? '目录' : 'Catalogue', ...lines.map((l) => `   ${l}`)]
}

function nameOf(tier: string, { tiers }: SettledBill, lang: Language): string {
  const found = tiers.find((each) => each.tier === tier)
  if (!found) return PAYERS.liableThirdParty[lang]
  const payer = PAYERS[found.payer][lang]
  return lang === 'zh'
    ? `${found.title.zh} · 支付方：${payer} · ${tier}`
    : `${found.title.en} · payer: ${payer} · ${tier}`
}

/** Where there is nothing to pay for, only that is said: the sums that follow would all be zero. */
function withoutIdle(steps: readonly Step[]): readonly Step[] {
  const nothing =
    steps.some((step) => step.step === 'base' && step.amount === 0) &&
    steps.every((step) => step.step !== 'paid' || step.amount === 0)
  return nothing ? steps.filter(({ step }) => step === 'base' || step === 'paid') : steps
}

/** Whether a tier divided the in-scope cost, so that what is left of it has another name from here on. */
function splits(step: Step): boolean {
  if (step.step !== 'paid') return false
  const paidInScope = step.parts.some(({ component }) => component === 'inScope')
  return paidInScope || step.transferUpfront > 0 || step.deductible > 0 || step.aboveCap > 0
}

// --- one step ------------------------------------------------------------------------------------

type Context = {
  readonly settlement: SettledBill
  /** The steps of this tier: some sums are only understood beside the ones before them. */
  readonly steps: readonly Step[]
  readonly split: boolean
  readonly vocabulary: Vocabulary
  readonly lang: Language
}

type Description = { readonly texts: readonly string[]; readonly citations: readonly Citation[] }
type StepOf<Name extends Step['step']> = Extract<Step, { step: Name }>

function describeStep(step: Step, context: Context): Description {
  const zh = context.lang === 'zh'
  switch (step.step) {
    case 'third-party':
      return describeThirdParty(step, context)
    case 'not-applicable': {
      const { reason, citation } = step
      const text = describeNotApplicable(reason, context.vocabulary)[context.lang]
      return { texts: [text], citations: citation ? [citation] : [] }
    }
    case 'base':
      return describeBase(step, context)
    case 'transfer-upfront': {
      const { of, share, amount, citation } = step
      const sum = `${yuan(of)} × ${formatRate(share)} = ${yuan(amount)}`
      const rounded = isShare(amount, of, share) ? '' : ROUNDINGS['half-up'][context.lang]
      const name = COMPONENT_TITLES.transferUpfront.input[context.lang]
      return { texts: [labelled(name, `${sum}${rounded}`, context.lang)], citations: [citation] }
    }
    case 'eligible-cap': {
      const { limit, used, over, citation } = step
      const rest = minus(limit, used)
      const text = zh
        ? `可计入限额：${rest}；超出而不计入 ${yuan(over)}`
        : `eligible up to ${rest}; not eligible above it: ${yuan(over)}`
      return { texts: [text], citations: [citation] }
    }
    case 'newborn':
      return { texts: [describeNewborn(step)[context.lang]], citations: [step.citation] }
    case 'status':
      return { texts: [describeStatus(step)[context.lang]], citations: [] }
    case 'answer':
      return { texts: [describeAnswer(step, context.vocabulary)[context.lang]], citations: [] }
    case 'admission':
      return {
        texts: describeAdmission(step).map((text) => text[context.lang]),
        citations: step.citations,
      }
    case 'derived-amount':
      return describeDerived(step, context)
    case 'deductible':
      return describeDeductible(step, context)
    case 'bands':
      return describeBands(step, context)
    case 'due-factor': {
      const { factor, of, after, before, due, rounding, citation } = step
      const plain = `${yuan(of)} × ${formatRate(factor)} = ${yuan(due)}`
      const rounded = isShare(due, of, factor)
        ? ''
        : before > 0
          ? ROUNDED_BELOW[context.lang]
          : ROUNDINGS[rounding][context.lang]
      const texts = [labelled(zh ? '应付折算' : 'times a factor', plain + rounded, context.lang)]
      if (before > 0)
        texts.push(
          zh
            ? `  即折算后的累计应付 ${yuan(after)} − 此前累计 ${yuan(before)} = ${yuan(due)}`
            : `  that is, by the factor, ${yuan(after)} on the period − ${yuan(before)} before = ${yuan(due)}`,
        )
      return { texts, citations: [citation] }
    }
    case 'guaranteed-ratio': {
      const { of, ratio, share, counted, ordinary, before, unpaid, due, rounding, citation } = step
      const rounded = isShare(share, of, ratio) ? '' : ROUNDINGS[rounding][context.lang]
      const sum = `${yuan(of)} × ${formatRate(ratio)} = ${yuan(share)}${rounded}`
      const least =
        counted > 0
          ? `${sum} − ${zh ? '其他待遇档已付' : 'paid by counted tiers'} ${yuan(counted)}`
          : sum
      const texts = [
        labelled(zh ? '保底（本次住院累计）' : 'guaranteed over the stay', least, context.lang),
        zh
          ? `  按规定累计应付 ${yuan(ordinary)}，取高者${before > 0 ? ` − 此前 ${yuan(before)}` : ''} → ${yuan(due)}`
          : `  due by the rules ${yuan(ordinary)}; the higher of both${before > 0 ? ` − ${yuan(before)} before` : ''} → ${yuan(due)}`,
      ]
      if (due === unpaid)
        texts.push(
          zh ? '  （不超过本次尚未支付的金额）' : '  (no more than is still unpaid of this bill)',
        )
      return { texts, citations: [citation] }
    }
    case 'cap': {
      const { per, limit, used, cut, citations } = step
      const name = zh
        ? per === 'period'
          ? '期内封顶'
          : '每次封顶'
        : `cap per ${per === 'period' ? 'period' : 'admission'}`
      const result =
        cut === 0 ? (zh ? '未超过' : 'not reached') : `${zh ? '扣减' : 'cut'} ${yuan(cut)}`
      const text = labelled(name, `${minus(limit, used)}${zh ? '；' : '; '}${result}`, context.lang)
      return { texts: [text], citations }
    }
    case 'no-cap':
      return {
        texts: [zh ? '不设封顶线' : 'no cap'],
        citations: [step.citation],
      }
    case 'unpaid-limit': {
      const { unpaid, cut } = step
      const text = zh
        ? `不超过尚未支付的 ${yuan(unpaid)}：扣减 ${yuan(cut)}`
        : `never more than is still unpaid, ${yuan(unpaid)}: cut ${yuan(cut)}`
      return { texts: [text], citations: [] }
    }
    case 'balance': {
      const text = zh ? `账户余额：${yuan(step.balance)}` : `account balance: ${yuan(step.balance)}`
      return { texts: [text], citations: [] }
    }
    case 'paid':
      return describePaid(step, context)
  }
}

function describeThirdParty(
  { share, amount, citation }: StepOf<'third-party'>,
  { settlement, lang }: Context,
): Description {
  const sum = `${yuan(settlement.total)} × ${formatRate(share)} = ${yuan(amount)}`
  const text =
    lang === 'zh'
      ? `责任第三方先承担：${sum}（逐个组成部分计算，四舍五入到分）`
      : `the liable third party bears its share first: ${sum} (component by component, half-up to the fen)`
  return { texts: [text], citations: [citation] }
}

function describeBase(
  { amount, parts, weight, citations }: StepOf<'base'>,
  { split, lang }: Context,
): Description {
  const shown = parts.filter(({ unpaid }) => unpaid > 0)
  const terms = shown.map(({ component, unpaid, notCounted, weight }) => {
    const titles = COMPONENT_TITLES[component]
    const name = (split ? titles.left : titles.input)[lang]
    const counted =
      notCounted > 0 ? `(${yuan(unpaid)} − ${NOT_COUNTED[lang]} ${yuan(notCounted)})` : yuan(unpaid)
    return `${name} ${counted}${weight === WHOLE ? '' : ` × ${formatRate(weight)}`}`
  })
  const sum = terms.join(' + ')
  const whole = weight === undefined || weight === WHOLE
  const left = whole ? sum : `${terms.length > 1 ? `(${sum})` : sum} × ${formatRate(weight)}`
  const plain = terms.length === 1 && !/[−×]/.test(left)
  const rounded = isExactBase(amount, shown, weight ?? WHOLE) ? '' : HALF_UP[lang]
  const text = terms.length === 0 ? yuan(0) : plain ? left : `${left} = ${yuan(amount)}${rounded}`
  const own = shown.flatMap(({ citation }) => citation ?? [])
  return {
    texts: [labelled(lang === 'zh' ? '计算基数' : 'base', text, lang)],
    citations: [...own, ...citations],
  }
}

type BasePart = StepOf<'base'>['parts'][number]

/** Whether the shares of a base come out in whole fen, or each was rounded. */
function isExactBase(amount: number, parts: readonly BasePart[], weight: number): boolean {
  const million = BigInt(WHOLE)
  const sum = parts.reduce(
    (sum, part) => sum + BigInt(Math.max(0, part.unpaid - part.notCounted)) * BigInt(part.weight),
    0n,
  )
  return sum * BigInt(weight) === BigInt(amount) * million * million
}

const HALF_UP = { zh: '（各项四舍五入到分）', en: ' (each half-up to the fen)' }
const NOT_COUNTED = { zh: '超出限额不计', en: 'above a counted limit' }

function describeDerived(
  {
    limit,
    title,
    basis,
    factor,
    product,
    atLeast,
    atMost,
    citations,
    amount,
  }: StepOf<'derived-amount'>,
  { lang }: Context,
): Description {
  const zh = lang === 'zh'
  const exact = isShare(product, basis, factor) ? '' : ROUNDINGS['half-up'][lang]
  const bounds = [
    ...(atLeast === undefined ? [] : [`${zh ? '不低于' : 'at least'} ${yuan(atLeast)}`]),
    ...(atMost === undefined ? [] : [`${zh ? '不高于' : 'at most'} ${yuan(atMost)}`]),
  ]
  const sum = `${title[lang]} ${yuan(basis)} × ${formatFactor(factor)} = ${yuan(product)}${exact}`
  const kept =
    bounds.length > 0 ? `${zh ? '；' : '; '}${listed(bounds, lang)} → ${yuan(amount)}` : ''
  return { texts: [labelled(DERIVED_NAMES[limit][lang], sum + kept, lang)], citations }
}

const DERIVED_NAMES: Readonly<Record<DerivedLimit, Title>> = {
  deductible: { zh: '起付标准', en: 'amount of the deductible' },
  floor: { zh: '起付线最低额', en: 'least deductible' },
  periodTotal: { zh: '期内起付线合计上限', en: 'most deductible in a period' },
  eligibleCap: { zh: '可计入限额标准', en: 'amount of the eligible cap' },
  cap: { zh: '封顶标准', en: 'amount of the cap' },
}

function describeDeductible(
  { ordinal, limit, met, offset, applied, citations }: StepOf<'deductible'>,
  { steps, lang }: Context,
): Description {
  const zh = lang === 'zh'
  const name =
    ordinal === undefined
      ? zh
        ? '起付线（期内累计）'
        : 'deductible (once a period)'
      : zh
        ? `起付线（期内第 ${ordinal} 次住院）`
        : `deductible (admission ${ordinal} of the period)`
  const terms = [
    yuan(limit),
    ...(met > 0 ? [`${zh ? '已计' : 'met before'} ${yuan(met)}`] : []),
    ...(offset > 0 ? [`${zh ? '其他支付抵扣' : 'offset by other payers'} ${yuan(offset)}`] : []),
  ]
  const due = Math.max(0, limit - met - offset)
  const sum = terms.length > 1 ? `${terms.join(' − ')} → ${yuan(due)}` : yuan(limit)
  const base = baseAfterLimits(steps)
  const why =
    applied === due
      ? ''
      : applied === base
        ? zh
          ? '（不超过基数）'
          : ' (no more than the base)'
        : zh
          ? '（期内各次合计的上限所限）'
          : ' (limited by the most that all admissions of a period are charged)'
  const result = zh ? `本次扣除 ${yuan(applied)}${why}` : `applied ${yuan(applied)}${why}`
  return { texts: [labelled(name, `${sum}${zh ? '；' : '; '}${result}`, lang)], citations }
}

/** What is left of the base when the deductible is taken off. */
function baseAfterLimits(steps: readonly Step[]): number {
  let base = 0
  for (const step of steps) {
    if (step.step === 'base') base = step.amount
    if (step.step === 'transfer-upfront') base -= step.amount
    if (step.step === 'eligible-cap') base -= step.over
  }
  return base
}

function describeBands(
  { axis, over, from, to, segments, after, before, due, rounding, citations }: StepOf<'bands'>,
  { steps, lang }: Context,
): Description {
  const zh = lang === 'zh'
  const deductible = steps.find((step) => step.step === 'deductible')
  const applied = deductible?.applied ?? 0
  const measure = deductible ? (axis === 'gross' ? INCLUDED[lang] : ABOVE[lang]) : ''
  const where = `${RUNNING[over][lang]}${measure}`
  const texts = [
    zh
      ? `分段位置：${where}自 ${yuan(from)} 至 ${yuan(to)}`
      : `position: ${where}, from ${yuan(from)} to ${yuan(to)}`,
  ]
  if (axis === 'net' && applied > 0 && to > from) {
    const sum = `${yuan(baseAfterLimits(steps))} − ${yuan(applied)} = ${yuan(to - from)}`
    texts.push(labelled(zh ? '起付线以上的部分' : 'above the deductible', sum, lang))
  }
  const terms = segments.map(({ from, to, rate }) => {
    const stretch = from === 0 ? yuan(to) : `(${yuan(to)} − ${yuan(from)})`
    return `${stretch} × ${formatRate(rate)}`
  })
  const exact = segments.reduce((sum, s) => sum + BigInt(s.to - s.from) * BigInt(s.rate), 0n)
  const even = exact === BigInt(due) * BigInt(WHOLE)
  const rounded = even ? '' : before > 0 ? ROUNDED_BELOW[lang] : ROUNDINGS[rounding][lang]
  const sum = terms.length > 0 ? `${terms.join(' + ')} = ` : ''
  texts.push(labelled(zh ? '应付' : 'due', `${sum}${yuan(due)}${rounded}`, lang))
  if (before > 0)
    texts.push(
      zh
        ? `  即累计应付 ${yuan(after)} − 此前累计 ${yuan(before)} = ${yuan(due)}`
        : `  that is, due on the period ${yuan(after)} − due before ${yuan(before)} = ${yuan(due)}`,
    )
  return { texts, citations }
}

const RUNNING = {
  period: { zh: '期内累计费用', en: 'cost of the period so far' },
  admission: { zh: '本次费用', en: 'cost of this admission' },
}
const INCLUDED = { zh: '（含起付线）', en: ', deductible included' }
const ABOVE = { zh: '（起付线以上）', en: ', above the deductible' }
export const ROUNDINGS = {
  'half-up': { zh: '（四舍五入到分）', en: ' (half-up to the fen)' },
  down: { zh: '（舍去分以下）', en: ' (down to the fen)' },
  up: { zh: '（进位到分）', en: ' (up to the fen)' },
}
/** What is due is a difference of rounded sums, which may be a fen off the rounded difference. */
const ROUNDED_BELOW = { zh: '（取整见下行）', en: ' (rounded as the next line shows)' }

function describePaid(
  { amount, parts, transferUpfront, deductible, aboveCap, eligibility }: StepOf<'paid'>,
  { split, lang }: Context,
): Description {
  const zh = lang === 'zh'
  const of = parts.map(({ component, amount }) => {
    const titles = COMPONENT_TITLES[component]
    return `${(split ? titles.left : titles.input)[lang]} ${yuan(amount)}`
  })
  const detail = of.length > 0 ? (zh ? `（冲减 ${of.join('、')}）` : ` (of ${of.join(', ')})`) : ''
  const texts = [labelled(zh ? '支付' : 'paid', yuan(amount) + detail, lang)]
  const named = [
    ...(transferUpfront > 0
      ? [`${COMPONENT_TITLES.transferUpfront.input[lang]} ${yuan(transferUpfront)}`]
      : []),
    ...(deductible > 0 ? [`${COMPONENT_TITLES.deductible.input[lang]} ${yuan(deductible)}`] : []),
    ...(aboveCap > 0 ? [`${COMPONENT_TITLES.aboveCap.input[lang]} ${yuan(aboveCap)}`] : []),
  ]
  if (named.length > 0)
    texts.push(labelled(zh ? '留给后续待遇档' : 'left to later tiers', listed(named, lang), lang))
  return { texts, citations: [eligibility] }
}

/** Whether a share of an amount comes out in whole fen. */
export const isShare = (part: number, of: number, rate: number): boolean =>
  BigInt(of) * BigInt(rate) === BigInt(part) * BigInt(WHOLE)

/** `52,000.00 − 300.00 = 51,700.00`, or the amount alone where nothing is taken off. Never below zero. */
function minus(limit: number, used: number): string {
  if (used === 0) return yuan(limit)
  return `${yuan(limit)} − ${yuan(used)} = ${yuan(Math.max(0, limit - used))}`
}

// --- where it stands written ---------------------------------------------------------------------

/** The documents of one explanation, numbered as they are first cited. */
export class Documents {
  readonly #lang: Language
  readonly #known: Source[] = []

  constructor(lang: Language) {
    this.#lang = lang
  }

  /** The rule, from when it holds, its article, and the number of its document. */
  cite(citation: Citation): string {
    const { source } = citation
    const same = ({ title, address }: Source) =>
      title === source.title && address === source.address
    if (!this.#known.some(same)) this.#known.push(source)
    return `${citationWords(citation, this.#lang)} [${this.#known.findIndex(same) + 1}]`
  }

  list(): string[] {
    return this.#known.map((source, i) => `  [${i + 1}] ${documentWords(source, this.#lang)}`)
  }
}
