import { formatRate, formatYuan } from '#base/money.ts'
import {
  type Citation,
  type LineItem,
  parseTotalKey,
  type ReliefStep,
  type Step,
  type Totals,
} from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import type { Grade } from '#rulebook/source.ts'
import { ACCOUNT_KEYS } from './input.ts'
import { describeRefusal, describeReliefRefusal } from './messages.ts'
import type { ReliefOutcome } from './relief-report.ts'
import type { Outcome, Run, SettledBill } from './settle-input.ts'

/**
 * The settlements as JSON. Money is decimal text in yuan; running totals are whole numbers, as in the
 * input, so that `totals` can stand in the next one. A rule is named in `rules` once, however many
 * bills rest on it.
 */
export function* reportJson({ outcomes, totals }: Run, vocabulary: Vocabulary): Generator<string> {
  const rules = new Rules()
  yield '{\n  "format": "kangyang/settlements@1",\n  "amounts": "yuan",\n  "settlements": '
  yield* list(outcomes, (outcome) => (outcome.settled ? settledJson(outcome, rules) : undefined))
  yield ',\n  "refusals": '
  yield* list(outcomes, (outcome) =>
    outcome.settled ? undefined : refusedJson(outcome, vocabulary),
  )
  yield ',\n  "totals": '
  yield* list([...totals], ([person, own]) => totalsJson(person, own))
  yield `,\n  "rules": ${indented(rules.toJson(), 2)}\n}\n`
}

/** One bill worked out step by step, with the same money and the same rules as `reportJson`. */
export function explanationJson({ settlement, steps }: Outcome & { settled: true }): string {
  const rules = new Rules()
  const explanation = {
    format: 'kangyang/explanation@1',
    amounts: 'yuan',
    settlement: settlementJson(settlement, steps, rules),
    steps: steps.map((step) => stepJson(step, rules)),
    rules: rules.toJson(),
  }
  return `${JSON.stringify(explanation, null, 2)}\n`
}

/** A refused bill where an explanation was asked for. */
export function refusalJson(outcome: Outcome & { settled: false }, vocabulary: Vocabulary): string {
  const refusal = { format: 'kangyang/refusal@1', ...refusedJson(outcome, vocabulary) }
  return `${JSON.stringify(refusal, null, 2)}\n`
}

/** A relief of each person, worked out step by step, with the same money and rules as `reportJson`. */
export function reliefsJson(outcomes: readonly ReliefOutcome[], vocabulary: Vocabulary): string {
  const rules = new Rules()
  const report = {
    format: 'kangyang/reliefs@1',
    amounts: 'yuan',
    reliefs: outcomes.flatMap(({ without, outcome }) => {
      if (!outcome.ok) return []
      const { amount, steps, notApplicable, ...result } = outcome.value
      return {
        ...result,
        amount: formatYuan(amount),
        ...(notApplicable ? { notApplicable } : {}),
        steps: steps.map((step) => stepJson(step, rules)),
        settledWithout: without,
      }
    }),
    refusals: outcomes.flatMap(({ person, outcome }) => {
      if (outcome.ok) return []
      const { code, ...facts } = outcome.error
      const { zh, en, remedyZh, remedyEn } = describeReliefRefusal(outcome.error, vocabulary)
      const message = { zh, en }
      return { person, code, message, remedy: { zh: remedyZh, en: remedyEn }, facts }
    }),
    rules: rules.toJson(),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

function settledJson({ settlement, steps, without }: Outcome & { settled: true }, rules: Rules) {
  return { ...settlementJson(settlement, steps, rules), settledWithout: without }
}

function refusedJson(
  { bill, refusal, without }: Outcome & { settled: false },
  vocabulary: Vocabulary,
) {
  const { code, ...facts } = refusal
  const { zh, en, remedyZh, remedyEn } = describeRefusal(refusal, vocabulary)
  return {
    bill: bill.id,
    person: bill.person,
    settled: bill.settled,
    total: formatYuan(bill.total),
    code,
    message: { zh, en },
    remedy: { zh: remedyZh, en: remedyEn },
    facts: 'citation' in facts ? { ...facts, citation: citationJson(facts.citation) } : facts,
    settledWithout: without,
  }
}

function settlementJson(settlement: SettledBill, steps: readonly Step[], rules: Rules) {
  const { bill, person, scheme, title, teaching, settled } = settlement
  return {
    bill,
    person,
    scheme,
    title,
    teaching,
    settled,
    total: formatYuan(settlement.total),
    tiers: settlement.tiers.map(({ tier, title, payer, paid, parts, notApplicable, badges }) => {
      const own = steps.filter((step) => 'tier' in step && step.tier === tier)
      return {
        tier,
        title,
        payer,
        paid: formatYuan(paid),
        parts: yuanOf(parts),
        ...(notApplicable ? { notApplicable } : {}),
        badges,
        grades: [...new Set(own.flatMap(citationsOf).map(({ source }) => source.grade))],
        rules: rules.names(own.flatMap(citationsOf)),
      }
    }),
    payers: yuanOf(settlement.payers),
    patient: formatYuan(settlement.patient),
    patientParts: yuanOf(settlement.patientParts),
    components: Object.fromEntries(
      Object.entries(settlement.components).map(([name, { total, paid, patient }]) => [
        name,
        { total: formatYuan(total), paid: paid.map(formatYuan), patient: formatYuan(patient) },
      ]),
    ),
    lines: settlement.lines.map(({ id, name, amount, paid, patient, item }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      amount: formatYuan(amount),
      paid: paid.map(formatYuan),
      patient: formatYuan(patient),
      ...(item ? { item: itemJson(item, rules) } : {}),
    })),
    benefits: settlement.benefits.map(({ amount, citations, days, ...benefit }) => ({
      ...benefit,
      amount: formatYuan(amount),
      ...(days === undefined ? {} : { days }),
      rules: rules.names(citations),
    })),
    recoveries: settlement.recoveries.map((each) => ({ ...each, amount: formatYuan(each.amount) })),
    badges: settlement.badges,
  }
}

function itemJson({ citations, upfrontShare, limitPrice, ...item }: LineItem, rules: Rules) {
  return {
    ...item,
    ...(upfrontShare === undefined ? {} : { upfrontShare: formatRate(upfrontShare) }),
    ...(limitPrice === undefined ? {} : { limitPrice: formatYuan(limitPrice) }),
    rules: rules.names(citations),
  }
}

const yuanOf = (amounts: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, formatYuan(amount)]))

/** In the shape in which an input gives a person's totals and accounts. */
function totalsJson(person: string, totals: Totals) {
  const accounts = Object.entries(ACCOUNT_KEYS).flatMap(([name, key]) => {
    const balance = totals.get(key)
    return balance === undefined ? [] : [[name, formatYuan(balance)]]
  })
  const isAccount = (key: string) => Object.values<string>(ACCOUNT_KEYS).includes(key)
  return {
    person,
    accounts: Object.fromEntries(accounts),
    totals: [...totals].flatMap(([key, value]) =>
      isAccount(key) ? [] : [{ ...parseTotalKey(key), value }],
    ),
  }
}

// --- steps ---------------------------------------------------------------------------------------

/** The numbers of a step that are not fen. */
const RATES = ['share', 'weight', 'rate']
const COUNTS = ['ordinal']

function stepJson(step: Step | ReliefStep, rules: Rules): unknown {
  const convert = (value: unknown, name: string): unknown => {
    if (typeof value === 'number')
      return RATES.includes(name)
        ? formatRate(value)
        : COUNTS.includes(name)
          ? value
          : formatYuan(value)
    if (typeof value !== 'object' || value === null || name === 'reason') return value
    if (isCitation(value)) return rules.name(value)
    if (Array.isArray(value)) return value.map((each) => convert(each, name))
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, convert(v, key)]))
  }
  return convert(step, '')
}

const isCitation = (value: object): value is Citation => 'rule' in value && 'source' in value

/** Every rule a step rests on. */
function citationsOf(step: Step): Citation[] {
  const found: Citation[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (isCitation(value)) found.push(value)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(step)
  return found
}

// --- rules ---------------------------------------------------------------------------------------

type RuleJson = {
  readonly from: string
  readonly observed?: string
  readonly document: string
  readonly article?: string
  readonly address: string
  readonly grade: Grade
}

/** The rules a report rests on, each named by rule and first day. */
class Rules {
  readonly #known = new Map<string, RuleJson>()

  name(citation: Citation): string {
    const name = `${citation.rule}@${citation.from}`
    if (!this.#known.has(name)) this.#known.set(name, citationJson(citation))
    return name
  }

  names(citations: readonly Citation[]): string[] {
    return [...new Set(citations.map((citation) => this.name(citation)))]
  }

  toJson(): Record<string, RuleJson> {
    return Object.fromEntries(this.#known)
  }
}

function citationJson({ from, observed, article, source }: Citation): RuleJson {
  return {
    from,
    ...(observed === undefined ? {} : { observed }),
    document: source.title,
    ...(article === undefined ? {} : { article }),
    address: source.address,
    grade: source.grade,
  }
}

// --- layout --------------------------------------------------------------------------------------

/** A list written item by item: a report may be longer than one text can be. */
function* list<T>(items: readonly T[], toJson: (item: T) => unknown): Generator<string> {
  let open = '['
  for (const item of items) {
    const value = toJson(item)
    if (value === undefined) continue
    yield `${open}\n    ${indented(value, 4)}`
    open = ','
  }
  yield open === '[' ? '[]' : '\n  ]'
}

const indented = (value: unknown, by: number): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(by)}`)
