import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type Fen, formatYuan, parseYuan, yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import {
  createSettler,
  type Explanation,
  type Refusal,
  readSchemes,
  reliefPeriod,
  type SchemeBook,
  type SchemeText,
  type StandingBill,
  settleRelief,
} from '#domains/settlement/index.ts'
import { readRuleFile } from '#rulebook/rule-file.ts'
import { Day } from '#rulebook/units.ts'
import { readInput } from './input.ts'
import { readSchemeTexts } from './schemes-folder.ts'

/**
 * Worked examples as files: bills, the rules they are settled under, and the figures that must come out.
 *
 * A case either names the shipped schemes or carries `tiers` of its own in a short form: one value
 * stands for a list of one entry dated and sourced by the case, and what is usual may be left out.
 */
const Case = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  /** Where the example was published; a case of our own has none. */
  source: z
    .strictObject({
      title: z.string().min(1),
      address: z.string().min(1),
      grade: z.enum(['A', 'B', 'C', 'D']),
      place: z.string().min(1),
    })
    .optional(),
  published: z.enum(['full', 'partial', 'inconsistent', 'own']),
  mechanisms: z.array(z.int()).min(1),
  note: z.string().optional(),
  observed: z.string().default('2026-11-01'),
  /** The day on which it is settled: no bill of a case may name a later one, whatever day a reader has. */
  today: Day.default(plainDate('2026-11-01')),
  tiers: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  benefits: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  reliefs: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  /** The published figures that amounts are taken from, through time. */
  indexes: z.record(z.string(), z.array(z.unknown())).optional(),
  /** The 行政区划代码 of the case's own place, and within how many days its newborns go back to birth. */
  division: z.string().optional(),
  newborn: z.strictObject({ within: z.string() }).optional(),
  /** How far a published figure may lie from ours, in yuan: pages round. */
  tolerance: z.string().default('0.00'),
  /** Whether values whose first day no source gives may be used: nearly every page leaves it out. */
  allowUndated: z.boolean().default(true),
  persons: z.array(z.record(z.string(), z.unknown())).optional(),
  bills: z.array(z.record(z.string(), z.unknown())).default([]),
  expect: z.record(z.string(), z.string()).default({}),
  /** Published figures that are wrong: none of them may come back. */
  never: z.record(z.string(), z.string()).default({}),
  /** Why an example cannot be settled by the mechanisms there are. */
  unreached: z.string().optional(),
})
export type Case = z.infer<typeof Case>

/** One figure of a case: what was wanted, what came out. */
export type Figure = {
  readonly name: string
  readonly wanted: string
  readonly got: string
  readonly agrees: boolean
}

export type CaseResult = { readonly figures: readonly Figure[]; readonly agrees: boolean }

/** The cases of the building blocks and of published pages. */
const CASES_FOLDER = fileURLToPath(new URL('../domains/settlement/cases', import.meta.url))

/** Every case there is: those of the domain, then those that stand beside the rules as `*.cases.yaml`. */
export function readCases(schemes: string): Case[] {
  return [...casesIn(CASES_FOLDER, '*.yaml'), ...casesIn(schemes, '**/*.cases.yaml')]
}

function casesIn(folder: string, pattern: string): Case[] {
  return globSync(pattern, { cwd: folder })
    .toSorted()
    .flatMap((file) =>
      readRuleFile(file, readFileSync(join(folder, file), 'utf8')).parse(z.array(Case)),
    )
}

/** The schemes of a folder: their texts, and the rule book made of them when a case first needs it. */
export type Shipped = { readonly texts: readonly SchemeText[]; readonly book: () => SchemeBook }

/** The schemes of a folder, for any number of cases: read once, not once a case. */
export function shippedSchemes(folder: string): Shipped {
  const texts = readSchemeTexts(folder)
  let book: SchemeBook | undefined
  return {
    texts,
    book: () => {
      book ??= readSchemes(texts)
      return book
    },
  }
}

/** Settles a case's bills in order and compares every figure it names. */
export function runCase(one: Case, shipped: Shipped): CaseResult {
  const book = one.tiers
    ? readSchemes(inlineSchemes(one, one.tiers, shipped.texts))
    : shipped.book()
  const settler = createSettler(book, { allowUndated: one.allowUndated, today: one.today })
  const input = readInput(one.id, JSON.stringify(inputOf(one)), book.vocabulary)
  const totals = new Map(input.persons.map(({ person, totals }) => [person.id, totals]))
  const outcomes = new Map<string, Explanation | Refusal>()
  const standing: StandingBill[] = []
  for (const bill of input.bills) {
    const person = input.persons.find(({ person }) => person.id === bill.person)?.person
    if (!person) throw new Error(`${one.id}: ${bill.id} has no person`)
    const settled = settler.explain(bill, person, totals.get(person.id) ?? new Map())
    outcomes.set(bill.id, settled.ok ? settled.value : settled.error)
    if (!settled.ok) continue
    totals.set(person.id, settled.value.settlement.totals)
    standing.push({ bill, settlement: settled.value.settlement })
  }
  const got = (name: string): Fen | string => {
    const [, id = 'p', which = '', key = ''] = RELIEF_FIGURE.exec(name) ?? []
    if (which === '') return figureOf(outcomes, name)
    const relief = [...book.reliefs.values()].find((each) => each.id.endsWith(`/${which}`))
    const period = relief && reliefPeriod(relief, key)
    const person = input.persons.find((each) => each.person.id === id)?.person
    if (!period || !person) return 'no such relief, year or person'
    const { allowUndated, today } = one
    const worked = settleRelief(relief, period, person, standing, { book, allowUndated, today })
    return worked.ok ? worked.value.amount : worked.error.code
  }
  const figures = [
    ...Object.entries(one.expect).map(([name, wanted]) => compare(one, got(name), name, wanted)),
    ...Object.entries(one.never).map(([name, wrong]): Figure => {
      const figure = compare(one, got(name), name, wrong)
      return { ...figure, wanted: `≠ ${figure.wanted}`, agrees: !figure.agrees }
    }),
  ]
  return { figures, agrees: figures.length > 0 && figures.every(({ agrees }) => agrees) }
}

/** `relief year-end 2024`, or `q relief year-end 2024` of another person: its amount, or why it is refused. */
const RELIEF_FIGURE = /^(?:(\S+) )?relief (\S+) (\S+)$/

function compare(one: Case, got: Fen | string, name: string, wanted: string): Figure {
  const amount = parseYuan(wanted)
  if (amount === undefined || typeof got === 'string')
    return { name, wanted, got: String(got), agrees: wanted === String(got) }
  return {
    name,
    wanted: formatYuan(amount),
    got: formatYuan(got),
    agrees: Math.abs(amount - got) <= yuan(one.tolerance),
  }
}

/**
 * `b2 paid basic`: what the bill `b2` was paid by the tier whose id ends so; without a bill, the last.
 * Also `patient`, `left COMPONENT`, `self-paid` (out of scope), `in-scope share` (what of the in-scope
 * cost and upfront share the patient bears), `benefit ID`, `base|deductible|period TIER`, `refusal`.
 */
function figureOf(
  outcomes: ReadonlyMap<string, Explanation | Refusal>,
  name: string,
): Fen | string {
  const words = name.split(' ')
  const bill = outcomes.has(words[0] ?? '') ? words.shift() : [...outcomes.keys()].at(-1)
  const outcome = outcomes.get(bill ?? '')
  const [what, which = ''] = words
  if (!outcome) return 'no such bill'
  if ('code' in outcome) return what === 'refusal' ? outcome.code : `refused: ${outcome.code}`
  const { settlement, steps } = outcome
  const ends = (id: string) => id === which || id.endsWith(`/${which}`)
  switch (what) {
    case 'refusal':
      return 'settled'
    case 'total':
      return sum(
        settlement.tiers.filter(({ payer }) => !payer.endsWith('Account')).map((t) => t.paid),
      )
    case 'paid':
      return settlement.tiers.find(({ tier }) => ends(tier))?.paid ?? 'no such tier'
    case 'payer':
      return sum(settlement.tiers.filter(({ payer }) => payer === which).map((t) => t.paid))
    case 'patient':
      return settlement.patient
    case 'left':
      return settlement.patientParts[which as keyof typeof settlement.patientParts]
    case 'benefit':
      return settlement.benefits.find(({ benefit }) => ends(benefit))?.amount ?? ('0' as string)
    case 'line':
      return settlement.lines.find(({ id }) => id === which)?.patient ?? 'no such line'
    case 'recovery':
      return settlement.recoveries.find(({ tier }) => ends(tier))?.amount ?? 'no recovery'
    case 'in-scope-share': {
      const { outOfScope, specialDrug, ...inScope } = settlement.patientParts
      return sum(Object.values(inScope))
    }
    case 'base': {
      const step = steps.find((s) => s.step === 'base' && ends(s.tier))
      return step?.step === 'base' ? step.amount : 'no such step'
    }
    case 'deductible': {
      const step = steps.find((s) => s.step === 'deductible' && ends(s.tier))
      return step?.step === 'deductible' ? step.applied : 'no such step'
    }
    case 'due': {
      const step = steps.find((s) => s.step === 'bands' && ends(s.tier))
      return step?.step === 'bands' ? step.due : 'no such step'
    }
    case 'cap-left': {
      const step = steps.find((s) => s.step === 'cap' && ends(s.tier))
      const paid = settlement.tiers.find(({ tier }) => ends(tier))?.paid ?? 0
      return step?.step === 'cap' ? sum([step.limit, -step.used, -paid]) : 'no such step'
    }
    case 'period':
      return (
        [...settlement.totals.keys()].find((key) => ends(key.split(':')[0] ?? ''))?.split('@')[1] ??
        'none'
      )
    default:
      return `no figure is called ${what}`
  }
}

const sum = (amounts: readonly number[]): Fen => amounts.reduce((a, b) => a + b, 0) as Fen

// --- the short form ------------------------------------------------------------------------------

/** Keys whose value a scheme file writes as a list of dated entries. */
const DATED = [
  'eligibility',
  'amount',
  'threshold',
  'cap',
  'ordinal',
  'floor',
  'periodTotal',
  'admission',
  'certificate',
  'counts',
  'chargedAgain',
  'onceAPeriod',
  'weight',
  'transferUpfront',
  'dueFactor',
  'ratio',
  'baseWeight',
  'bands',
  'grows',
  'waiting',
  'perDay',
  'freeDays',
  'minimum',
  'maximum',
  'maximumDays',
]

function inlineSchemes(
  {
    id,
    name,
    source,
    observed,
    division,
    newborn,
    benefits = {},
    reliefs = {},
    indexes = {},
  }: Case,
  tiers: NonNullable<Case['tiers']>,
  shipped: readonly SchemeText[],
): SchemeText[] {
  const entry = { from: 'unknown', observed, source: 'example' }
  const title = { zh: name, en: id }
  const cited = source ?? { title: '自拟算例', address: 'none', grade: 'C' as const }
  const usual = { governing: 'settled', period: 'calendar-year', eligibility: {} }
  const files: Record<string, unknown> = {
    'case/place.yaml': {
      place: title,
      ...(division === undefined ? {} : { division }),
      sources: { example: { title: cited.title, address: cited.address, grade: cited.grade } },
      indexes: Object.fromEntries(
        Object.entries(indexes).map(([key, amount]) => [
          key,
          { index: { zh: key, en: key }, amount },
        ]),
      ),
    },
    'case/case.scheme.yaml': {
      scheme: title,
      kind: 'public',
      tiers: Object.keys(tiers),
      benefits: Object.keys(benefits),
      reliefs: Object.keys(reliefs),
      ...(newborn === undefined ? {} : { newborn: [{ ...entry, value: newborn }] }),
    },
  }
  for (const [key, tier] of Object.entries(tiers)) {
    const insured = 'account' in tier ? {} : { splits: false, rounding: 'half-up' }
    const named = { tier: { zh: key, en: key }, ...usual, ...insured }
    files[`case/${key}.tier.yaml`] = withEntries({ ...named, ...tier }, entry)
  }
  for (const [key, benefit] of Object.entries(benefits))
    files[`case/${key}.benefit.yaml`] = withEntries(
      { benefit: { zh: key, en: key }, ...usual, ...benefit },
      entry,
    )
  for (const [key, relief] of Object.entries(reliefs))
    files[`case/${key}.relief.yaml`] = withEntries(
      { relief: { zh: key, en: key }, ...usual, rounding: 'half-up', ...relief },
      entry,
    )
  const national = shipped.filter(({ path }) => !path.includes('/'))
  return [
    ...national,
    ...Object.entries(files).map(([path, value]) => ({ path, text: stringify(value) })),
  ]
}

function withEntries(value: unknown, entry: object): unknown {
  if (Array.isArray(value)) return value.map((inner) => withEntries(inner, entry))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] => {
      if (!DATED.includes(key)) return [key, withEntries(inner, entry)]
      const dated = Array.isArray(inner) && typeof inner[0] === 'object' && 'from' in inner[0]
      return [key, dated ? inner : [{ ...entry, value: inner }]]
    }),
  )
}

/** The case as an input file; a case with one person need not write them out. */
function inputOf(one: Case): object {
  const persons = one.persons ?? [
    { id: 'p', covers: [{ scheme: 'case/case', from: '2000-01-01' }] },
  ]
  const day = '2024-03-01'
  const bills = one.bills.map((bill, i) => ({
    id: `b${i + 1}`,
    person: 'p',
    admitted: bill.settled ?? day,
    discharged: bill.settled ?? day,
    settled: day,
    ...bill,
  }))
  return { amounts: 'yuan', persons, bills }
}
