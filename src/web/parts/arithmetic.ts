import { formatFactor, formatRate, WHOLE } from '#base/money.ts'
import {
  type Citation,
  COMPONENT_TITLES,
  type Component,
  type Step,
} from '#domains/settlement/types.ts'
import type { AttributeView, SettlementView } from '#web/api.ts'
import type { Language, Say } from '#web/parts/language.tsx'
import { money } from './money.ts'

/** One line of a clerk's working: `label`, `sum = result`, and the rules it follows. */
export type Equation = {
  readonly label: string
  readonly sum?: string
  readonly result?: string
  readonly note?: string
  readonly citations: readonly Citation[]
}

type Context = {
  readonly settlement: SettlementView
  readonly vocabulary: readonly AttributeView[]
  readonly lang: Language
  readonly say: Say
}
type TierContext = Context & { readonly own: readonly Step[]; readonly split: boolean }
type StepOf<Name extends Step['step']> = Extract<Step, { step: Name }>

export const THIRD_PARTY_TIER = 'liable-third-party'

/** The steps of one tier, in order. */
export const stepsOf = (steps: readonly Step[], tier: string): readonly Step[] =>
  steps.filter((step) => ('tier' in step ? step.tier === tier : tier === THIRD_PARTY_TIER))

/** The working of one tier as lines of arithmetic. Computes nothing: every figure is the engine's. */
export function workingOf(tier: string, steps: readonly Step[], context: Context): Equation[] {
  const own = stepsOf(steps, tier)
  const first = own[0]
  const earlier = first ? steps.slice(0, steps.indexOf(first)) : []
  const idle =
    own.some((step) => step.step === 'base' && step.amount === 0) &&
    own.every((step) => step.step !== 'paid' || step.amount === 0)
  const shown = idle ? own.filter(({ step }) => step === 'base' || step === 'paid') : own
  const tierContext = { ...context, own, split: earlier.some(divides) }
  return shown.flatMap((step) => equationsOf(step, tierContext))
}

/** Whether a tier divided the in-scope cost, so that what is left of it has another name from here on. */
function divides(step: Step): boolean {
  if (step.step !== 'paid') return false
  const paidInScope = step.parts.some(({ component }) => component === 'inScope')
  return paidInScope || step.transferUpfront > 0 || step.deductible > 0 || step.aboveCap > 0
}

function equationsOf(step: Step, context: TierContext): Equation[] {
  const { say, settlement } = context
  switch (step.step) {
    case 'third-party':
      return [
        {
          label: say('stepThirdParty'),
          sum: `${money(settlement.total)} × ${formatRate(step.share)}`,
          result: money(step.amount),
          note: say('byComponentHalfUp'),
          citations: [step.citation],
        },
      ]
    case 'not-applicable':
      return [
        {
          label: say('notApplicable'),
          result: reasonWords(step.reason, context),
          citations: step.citation ? [step.citation] : [],
        },
      ]
    case 'base':
      return [baseEquation(step, context)]
    case 'transfer-upfront':
      return [
        {
          label: COMPONENT_TITLES.transferUpfront.input[context.lang],
          sum: `${money(step.of)} × ${formatRate(step.share)}`,
          result: money(step.amount),
          ...(isShare(step.amount, step.of, step.share) ? {} : { note: say('roundHalfUp') }),
          citations: [step.citation],
        },
      ]
    case 'eligible-cap':
      return [
        {
          label: say('stepEligibleCap'),
          ...minus(step.limit, step.used),
          note: say('notEligibleAbove', { amount: money(step.over) }),
          citations: [step.citation],
        },
      ]
    case 'newborn':
      return [newbornEquation(step, context)]
    case 'status':
      return [statusEquation(step, context)]
    case 'answer':
      return [answerEquation(step, context)]
    case 'admission':
      return [admissionEquation(step, context)]
    case 'derived-amount':
      return derivedEquations(step, context)
    case 'deductible':
      return [deductibleEquation(step, context)]
    case 'bands':
      return bandEquations(step, context)
    case 'due-factor':
      return [
        {
          label: say('stepDueFactor'),
          sum: `${money(step.of)} × ${formatRate(step.factor)}`,
          result: money(step.due),
          ...factorNote(step, context),
          citations: [step.citation],
        },
      ]
    case 'guaranteed-ratio':
      return guaranteeEquations(step, context)
    case 'cap':
      return [
        {
          label: say(step.per === 'period' ? 'stepCapPeriod' : 'stepCapAdmission'),
          ...minus(step.limit, step.used),
          note: step.cut === 0 ? say('notReached') : say('cutBy', { amount: money(step.cut) }),
          citations: step.citations,
        },
      ]
    case 'no-cap':
      return [{ label: say('stepNoCap'), citations: [step.citation] }]
    case 'unpaid-limit':
      return [
        {
          label: say('stepUnpaidLimit'),
          result: money(step.unpaid),
          note: say('cutBy', { amount: money(step.cut) }),
          citations: [],
        },
      ]
    case 'balance':
      return [{ label: say('stepBalance'), result: money(step.balance), citations: [] }]
    case 'paid':
      return [paidEquation(step, context)]
  }
}

function baseEquation(
  { amount, parts, weight, citations }: StepOf<'base'>,
  { split, lang, say }: TierContext,
): Equation {
  const shown = parts.filter(({ unpaid }) => unpaid > 0)
  const terms = shown.map(({ component, unpaid, notCounted, weight }) => {
    const name = COMPONENT_TITLES[component][split ? 'left' : 'input'][lang]
    const counted =
      notCounted > 0
        ? `(${money(unpaid)} − ${say('aboveCounted')} ${money(notCounted)})`
        : money(unpaid)
    return `${name} ${counted}${weight === WHOLE ? '' : ` × ${formatRate(weight)}`}`
  })
  const sum = terms.join(' + ')
  const whole = weight === undefined || weight === WHOLE
  const weighted = whole ? sum : `${terms.length > 1 ? `(${sum})` : sum} × ${formatRate(weight)}`
  const plain = terms.length === 1 && !/[−×]/.test(weighted)
  return {
    label: say('stepBase'),
    ...(terms.length > 0 && !plain ? { sum: weighted } : {}),
    result: plain ? weighted : money(amount),
    ...(isExact(amount, shown, weight ?? WHOLE) ? {} : { note: say('eachHalfUp') }),
    citations: [...shown.flatMap(({ citation }) => citation ?? []), ...citations],
  }
}

type BasePart = StepOf<'base'>['parts'][number]

/** Whether the shares of a base come out in whole fen, or each was rounded. */
function isExact(amount: number, parts: readonly BasePart[], weight: number): boolean {
  const million = BigInt(WHOLE)
  const sum = parts.reduce(
    (sum, part) => sum + BigInt(Math.max(0, part.unpaid - part.notCounted)) * BigInt(part.weight),
    0n,
  )
  return sum * BigInt(weight) === BigInt(amount) * million * million
}

function newbornEquation(step: StepOf<'newborn'>, { say }: TierContext): Equation {
  const { born, enrolled, days, withinDays: within, from, citation } = step
  return {
    label: say('stepNewborn'),
    note: say('newbornFrom', { born, enrolled, days, within, from }),
    citations: [citation],
  }
}

function statusEquation(step: StepOf<'status'>, { say }: TierContext): Equation {
  const { limit, on, how } = step
  const amount = (fen: number | undefined) => (fen === undefined ? say('statusNone') : money(fen))
  const [before, after] = [amount(step.before), amount(step.after)]
  const changed = say(limit === 'deductible' ? 'statusDeductible' : 'statusCap', {
    on,
    before,
    after,
  })
  return { label: say('stepStatus'), note: `${changed} ${say(CHANGES[how])}`, citations: [] }
}

const CHANGES = {
  'catch-up': 'statusCatchUp',
  restart: 'statusRestart',
  replay: 'statusReplay',
} as const

function answerEquation(step: StepOf<'answer'>, context: TierContext): Equation {
  const { attribute, answer, place, registration, condition } = step
  const { vocabulary, lang, say } = context
  const diagnosis = step.diagnosis ?? '—'
  const note =
    place === undefined
      ? condition === undefined
        ? say('answerNoCondition', { diagnosis })
        : say('answerCondition', { diagnosis, condition })
      : registration?.record !== undefined
        ? say('answerReferred', { place, record: registration.record, from: registration.from })
        : registration
          ? say('answerRegistered', { place, from: registration.from })
          : say('answerUnregistered', { place })
  return {
    label: attributeName(attribute, vocabulary, lang),
    result: answerName(attribute, answer, vocabulary, lang),
    note,
    citations: [],
  }
}

function admissionEquation(step: StepOf<'admission'>, { say }: TierContext): Equation {
  const { joins, gapDays, withinDays, group, counted, stretches, eachDays, citations } = step
  const gap = gapDays ?? 0
  const notes = [
    ...(joins === 'transfer' ? [say('joinsTransfer')] : []),
    ...(joins === 'readmission' ? [say('joinsReadmission', { gap, within: withinDays ?? 0 })] : []),
    ...(joins === undefined && gapDays !== undefined ? [say('ownAdmission', { gap })] : []),
    ...(group === undefined
      ? []
      : [say(joins === 'once' ? 'onceGroupMet' : 'onceGroup', { group })]),
    ...(counted ? [] : [say('notCountedAdmission')]),
    ...(stretches > 1 ? [say('chargedStretches', { days: eachDays ?? 0, times: stretches })] : []),
  ]
  return { label: say('stepAdmission'), note: notes.join(' '), citations }
}

/** The product, and what its bounds make of it where they change it: no line says that 3 × 4 is 10. */
function derivedEquations(step: StepOf<'derived-amount'>, { lang, say }: TierContext): Equation[] {
  const { limit, title, basis, factor, product, atLeast, atMost, amount, citations } = step
  const rounded = isShare(product, basis, factor) ? [] : [say('roundHalfUp')]
  const bounds = [
    ...(atLeast === undefined ? [] : [say('derivedAtLeast', { amount: money(atLeast) })]),
    ...(atMost === undefined ? [] : [say('derivedAtMost', { amount: money(atMost) })]),
  ]
  const label = say(DERIVED_WORDS[limit])
  const sum = `${title[lang]} ${money(basis)} × ${formatFactor(factor)}`
  if (amount === product)
    return [{ label, sum, result: money(product), ...noteOf([...rounded, ...bounds]), citations }]
  return [
    { label, sum, result: money(product), ...noteOf(rounded), citations },
    { label: say('derivedBounded'), result: money(amount), ...noteOf(bounds), citations: [] },
  ]
}

const DERIVED_WORDS = {
  deductible: 'derivedDeductible',
  floor: 'derivedFloor',
  periodTotal: 'derivedPeriodTotal',
  eligibleCap: 'derivedEligibleCap',
  cap: 'derivedCap',
} as const

function deductibleEquation(
  { ordinal, limit, met, offset, applied, citations }: StepOf<'deductible'>,
  { own, say }: TierContext,
): Equation {
  const terms = [
    money(limit),
    ...(met > 0 ? [`${say('metBefore')} ${money(met)}`] : []),
    ...(offset > 0 ? [`${say('offsetByOthers')} ${money(offset)}`] : []),
  ]
  const due = Math.max(0, limit - met - offset)
  const why =
    applied === due
      ? undefined
      : applied === baseAfterLimits(own)
        ? say('noMoreThanBase')
        : say('limitedByPeriodTotal')
  return {
    label:
      ordinal === undefined
        ? say('stepDeductiblePeriod')
        : say('stepDeductibleAdmission', { n: ordinal }),
    ...(terms.length > 1 || applied !== due ? { sum: terms.join(' − ') } : {}),
    result: money(applied),
    ...(why === undefined ? {} : { note: why }),
    citations,
  }
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

function bandEquations(
  { axis, over, from, to, segments, after, before, due, rounding, citations }: StepOf<'bands'>,
  { own, say }: TierContext,
): Equation[] {
  const deductible = own.find((step) => step.step === 'deductible')
  const measure = deductible ? say(axis === 'gross' ? 'deductibleIncluded' : 'aboveDeductible') : ''
  const place: Equation = {
    label: say('stepPosition'),
    sum: `${money(from)} → ${money(to)}`,
    note: say(over === 'period' ? 'costOfPeriod' : 'costOfAdmission') + measure,
    citations: [],
  }
  const taken: Equation[] =
    axis === 'net' && (deductible?.applied ?? 0) > 0 && to > from
      ? [
          {
            label: say('stepAboveDeductible'),
            sum: `${money(baseAfterLimits(own))} − ${money(deductible?.applied ?? 0)}`,
            result: money(to - from),
            citations: [],
          },
        ]
      : []
  const terms = segments.map(({ from, to, rate }) => {
    const stretch = from === 0 ? money(to) : `(${money(to)} − ${money(from)})`
    return `${stretch} × ${formatRate(rate)}`
  })
  const exact = segments.reduce((sum, s) => sum + BigInt(s.to - s.from) * BigInt(s.rate), 0n)
  const even = exact === BigInt(due) * BigInt(WHOLE)
  const notes = [
    ...(even ? [] : [say(ROUNDINGS[rounding])]),
    ...(before > 0
      ? [say('dueOfPeriod', { after: money(after), before: money(before), due: money(due) })]
      : []),
  ]
  const sum: Equation = {
    label: say('stepDue'),
    ...(terms.length > 0 ? { sum: terms.join(' + ') } : {}),
    result: money(due),
    ...noteOf(notes),
    citations,
  }
  return [place, ...taken, sum]
}

/** The guaranteed share of the stay, and what of it is due of this bill. */
function guaranteeEquations(step: StepOf<'guaranteed-ratio'>, { say }: TierContext): Equation[] {
  const { of, ratio, share, counted, ordinary, before, unpaid, due, rounding, citation } = step
  const rounded = isShare(share, of, ratio) ? [] : [say(ROUNDINGS[rounding])]
  const notes = [
    ...(counted > 0 ? [say('guaranteedCounted', { amount: money(counted) })] : []),
    say('ordinaryDue', { amount: money(ordinary) }),
    ...(before > 0 ? [say('guaranteedBefore', { amount: money(before) })] : []),
    ...(due === unpaid ? [say('guaranteedUnpaid')] : []),
  ]
  return [
    {
      label: say('stepGuaranteed'),
      sum: `${money(of)} × ${formatRate(ratio)}`,
      result: money(share),
      ...noteOf(rounded),
      citations: [citation],
    },
    { label: say('stepDue'), result: money(due), ...noteOf(notes), citations: [] },
  ]
}

/** How what is due by a factor was rounded, and how it follows from the sums of the period. */
function factorNote(
  { of, factor, after, before, due, rounding }: StepOf<'due-factor'>,
  { say }: TierContext,
): Pick<Equation, 'note'> {
  const notes = [
    ...(isShare(due, of, factor) ? [] : [say(ROUNDINGS[rounding])]),
    ...(before > 0
      ? [say('dueOfPeriod', { after: money(after), before: money(before), due: money(due) })]
      : []),
  ]
  return noteOf(notes)
}

/** Several remarks are one note; none is no note. */
const noteOf = (notes: readonly string[]): Pick<Equation, 'note'> =>
  notes.length > 0 ? { note: notes.join(' ') } : {}

/** Whether a share of an amount comes out in whole fen. */
const isShare = (part: number, of: number, rate: number): boolean =>
  BigInt(of) * BigInt(rate) === BigInt(part) * BigInt(WHOLE)

const ROUNDINGS = { 'half-up': 'roundHalfUp', down: 'roundDown', up: 'roundUp' } as const

function paidEquation(
  { amount, parts, transferUpfront, deductible, aboveCap, eligibility }: StepOf<'paid'>,
  { split, lang, say }: TierContext,
): Equation {
  const nameOf = (component: Component) =>
    COMPONENT_TITLES[component][split ? 'left' : 'input'][lang]
  const paidDown = parts.map(({ component, amount }) => `${nameOf(component)} ${money(amount)}`)
  const named = [
    ...(transferUpfront > 0
      ? [`${COMPONENT_TITLES.transferUpfront.input[lang]} ${money(transferUpfront)}`]
      : []),
    ...(deductible > 0 ? [`${COMPONENT_TITLES.deductible.input[lang]} ${money(deductible)}`] : []),
    ...(aboveCap > 0 ? [`${COMPONENT_TITLES.aboveCap.input[lang]} ${money(aboveCap)}`] : []),
  ]
  const notes = [
    ...(paidDown.length > 0 ? [say('paysDown', { parts: paidDown.join(say('listComma')) })] : []),
    ...(named.length > 0 ? [say('leftToLater', { parts: named.join(say('listComma')) })] : []),
  ]
  return {
    label: say('stepPaid'),
    result: money(amount),
    ...noteOf(notes),
    citations: [eligibility],
  }
}

/** `52,000.00 − 300.00 = 51,700.00`, or the amount alone where nothing is taken off. Never below zero. */
function minus(limit: number, used: number): Pick<Equation, 'sum' | 'result'> {
  if (used === 0) return { result: money(limit) }
  return { sum: `${money(limit)} − ${money(used)}`, result: money(Math.max(0, limit - used)) }
}

/** Why a tier takes no part in a bill. */
export function reasonWords(
  reason: StepOf<'not-applicable'>['reason'],
  { vocabulary, lang, say }: Pick<Context, 'vocabulary' | 'lang' | 'say'>,
): string {
  switch (reason.code) {
    case 'repealed':
      return say('repealed')
    case 'waiting':
      return say('waitingUntil', { date: reason.until })
    case 'certificate':
      return say('certificateMissing', { kind: reason.kind, of: reason.of })
    case 'condition':
      return say('conditionIs', {
        attribute: attributeName(reason.attribute, vocabulary, lang),
        answer: answerName(reason.attribute, reason.answer, vocabulary, lang),
      })
  }
}

export function attributeName(
  name: string,
  vocabulary: readonly AttributeView[],
  lang: Language,
): string {
  return vocabulary.find((each) => each.name === name)?.title[lang] ?? name
}

/** Answers are data in Chinese; the vocabulary gives most an English name. */
export function answerName(
  attribute: string,
  answer: string | number,
  vocabulary: readonly AttributeView[],
  lang: Language,
): string {
  const answers = vocabulary.find((each) => each.name === attribute)?.answers
  if (lang === 'zh' || typeof answers !== 'object') return String(answer)
  return answers[String(answer)] ?? String(answer)
}
