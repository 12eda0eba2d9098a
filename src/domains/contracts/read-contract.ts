import { z } from 'zod'
import { addDays, addMonths, yearOf as calendarYear, type PlainDate } from '#base/plain-date.ts'
import { PAYERS } from '#domains/settlement/index.ts'
import { datedList, readDated } from '#rulebook/dated.ts'
import { readRuleFile } from '#rulebook/rule-file.ts'
import { readSources, SourceList } from '#rulebook/source.ts'
import { Amount, Day, Percent } from '#rulebook/units.ts'
import {
  type Band,
  BEARERS,
  CAUSES,
  CLAIMS_BY,
  COUNTED,
  type Contract,
  type ContractYear,
  type Handling,
  LINES,
  TERMS,
  type Term,
  type TermName,
  type TermValues,
} from './types.ts'

const Title = z.strictObject({ zh: z.string().min(1).max(200), en: z.string().min(1).max(200) })
const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/, {
  error: 'expected lower-case letters, digits and hyphens, such as shifan-critical-illness',
})
const Fund = z.string().regex(/^[A-Za-z]+@[a-z0-9-]+(\/[a-z0-9-]+)*$/, {
  error: 'expected a payer in the place of its rules, such as basicPool@teaching/shifan',
})
/** Bands follow one another from nothing on, without a gap and with one end: each share has one answer. */
const Bands = z
  .array(z.strictObject({ above: Percent, upTo: Percent.optional(), rate: Percent }))
  .min(1)
  .superRefine((bands, context) => {
    const wrong = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message })
    for (const [i, { above, upTo }] of bands.entries()) {
      if (above !== (i === 0 ? 0 : bands[i - 1]?.upTo))
        wrong([i, 'above'], 'bands begin at 0% and each goes on where the last one ended')
      if ((upTo === undefined) !== (i === bands.length - 1))
        wrong([i], 'the last band has no upTo, and every other one has')
      if (upTo !== undefined && upTo <= above)
        wrong([i, 'upTo'], 'a band ends above where it begins')
    }
  })
  .transform((bands): readonly Band[] => bands.map((band) => ({ ...band, upTo: band.upTo })))

const Values: { readonly [N in TermName]: z.ZodType<TermValues[N]> } = {
  perHead: Amount,
  handling: z.union([
    z
      .strictObject({ actual: z.strictObject({ atMost: Percent }) })
      .transform(({ actual }): Handling => ({ kind: 'actual', atMost: actual.atMost })),
    z
      .strictObject({ perHead: Amount })
      .transform(({ perHead }): Handling => ({ kind: 'per-head', amount: perHead })),
    z.strictObject({ rate: Percent }).transform(({ rate }): Handling => ({ kind: 'rate', rate })),
  ]),
  profit: z.strictObject({ atMost: Percent }),
  surplus: z.strictObject({ returned: Bands }),
  loss: z.strictObject({ policy: Bands, business: Bands }),
  reserve: z.strictObject({
    paidIn: z.strictObject({ of: z.enum(['premium', 'returned']), rate: Percent }),
    ceiling: Percent,
    covers: z.array(keysOf(CAUSES)).min(1).max(2),
    opening: Amount,
  }),
  holdBack: z.strictObject({
    rate: Percent,
    released: z
      .array(z.strictObject({ atLeast: z.number().min(0).max(100), rate: Percent }))
      .min(1)
      .max(50)
      .refine(
        (steps) => steps.every((step, i) => i === 0 || step.atLeast < (steps[i - 1]?.atLeast ?? 0)),
        { error: 'scores go down from the highest to the lowest' },
      ),
  }),
}

const ContractFile = z.strictObject({
  id: Slug,
  contract: Title,
  line: keysOf(LINES),
  bears: keysOf(BEARERS),
  bureau: Title,
  insurer: z.strictObject({ id: Slug, zh: Title.shape.zh, en: Title.shape.en }),
  fund: Fund,
  financedBy: Fund,
  from: Day,
  until: Day,
  claims: keysOf(CLAIMS_BY),
  rounding: z.enum(['half-up', 'down', 'up']),
  insured: z.strictObject({
    schemes: z.array(z.string().min(1).max(200)).min(1).max(50),
    counted: keysOf(COUNTED),
  }),
  sources: SourceList,
  terms: z.strictObject({
    perHead: datedList(Values.perHead).optional(),
    handling: datedList(Values.handling),
    profit: datedList(Values.profit).optional(),
    surplus: datedList(Values.surplus).optional(),
    loss: datedList(Values.loss).optional(),
    reserve: datedList(Values.reserve).optional(),
    holdBack: datedList(Values.holdBack).optional(),
  }),
})

/** Terms without which a contract of its kind cannot be stated, and those that it has no use for. */
const NEEDED: Readonly<Record<Contract['bears'], readonly TermName[]>> = {
  insurer: ['perHead', 'handling', 'profit', 'surplus', 'loss'],
  fund: ['handling'],
}
const USELESS: Readonly<Record<Contract['bears'], readonly TermName[]>> = {
  insurer: [],
  fund: ['profit', 'surplus', 'loss', 'reserve'],
}

/**
 * Reads a contract. Throws a `RuleFileError` at the first thing that is wrong, with its line: half a contract is never
 * used. Each term names its clause and its source.
 */
export function readContract(file: string, text: string): Contract {
  const read = readRuleFile(file, text)
  const raw = read.parse(ContractFile)
  const sources = readSources(raw.sources)
  for (const key of ['fund', 'financedBy'] as const) {
    const [payer = ''] = raw[key].split('@')
    if (!Object.hasOwn(PAYERS, payer))
      read.fail([key], 'unknown_payer', `no payer ${payer}; docs/formats.md lists them`)
  }
  if (raw.until < raw.from) read.fail(['until'], 'ends_first', `${raw.until} is before ${raw.from}`)
  const wholeYears = yearsBetween(raw.from, raw.until).at(-1)?.until === raw.until
  if (!wholeYears)
    read.fail(['until'], 'broken_year', 'a contract runs for whole years from its first day')
  if (raw.bears === 'insurer' && raw.fund === raw.financedBy)
    read.fail(
      ['financedBy'],
      'pays_itself',
      'the fund that pays the premium is another than the one that the insurer answers for',
    )

  const termsOf = <N extends TermName>(name: N): Contract['terms'][N] => {
    const at = ['terms', name]
    const given = raw.terms[name]
    if (!given) {
      if (NEEDED[raw.bears].includes(name))
        read.fail(at, 'missing_term', `this contract needs ${name}: ${TERMS[name].en}`)
      return undefined
    }
    if (USELESS[raw.bears].includes(name))
      read.fail(at, 'useless_term', `where the fund bears the result, ${name} says nothing`)
    const { entries } = readDated(
      read,
      at,
      given as Parameters<typeof readDated<TermValues[N], TermValues[N]>>[2],
      `${raw.id} ${name}`,
      sources,
      (value) => value,
    )
    const terms = entries.map(({ from, value, source, article }, i): Term<TermValues[N]> => {
      if (from === 'unknown')
        return read.fail([...at, i, 'from'], 'unknown_day', 'a contract knows from when it holds')
      if (value === null)
        return read.fail([...at, i], 'repealed', 'a term is replaced by another, and not repealed')
      if (article === undefined)
        return read.fail([...at, i], 'missing_article', 'every term names its clause: article: …')
      const { title, address, grade, note } = source
      return { value, clause: { term: name, from, article, title, address, grade, note } }
    })
    return terms as Contract['terms'][N]
  }
  const terms: Contract['terms'] = {
    perHead: termsOf('perHead'),
    handling: termsOf('handling'),
    profit: termsOf('profit'),
    surplus: termsOf('surplus'),
    loss: termsOf('loss'),
    reserve: termsOf('reserve'),
    holdBack: termsOf('holdBack'),
  }
  for (const name of NEEDED[raw.bears]) {
    const first = terms[name]?.[0]?.clause.from
    if (first !== undefined && first > raw.from)
      read.fail(
        ['terms', name],
        'term_begins_late',
        `${name} holds from ${first}, and the contract begins on ${raw.from}`,
      )
  }
  const shares = terms.handling?.some(({ value }) => value.kind !== 'per-head')
  if (shares && !terms.perHead)
    read.fail(['terms', 'perHead'], 'missing_term', 'a share of what is raised needs perHead')
  const { contract: title, sources: _, ...plain } = raw
  return { ...plain, title, terms }
}

/** The years of a contract, each from the day and month on which it began. */
export function yearsBetween(from: PlainDate, until: PlainDate): ContractYear[] {
  const years: ContractYear[] = []
  for (let i = 0; ; i++) {
    const first = addMonths(from, 12 * i)
    if (first > until) return years
    years.push({
      year: calendarYear(first),
      from: first,
      until: addDays(addMonths(from, 12 * (i + 1)), -1),
    })
  }
}

function keysOf<T extends object>(table: T) {
  return z.enum(Object.keys(table) as [keyof T & string])
}
