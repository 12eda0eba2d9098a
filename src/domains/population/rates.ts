import { z } from 'zod'
import { parseRate, WHOLE } from '#base/money.ts'
import { type RuleFile, readRuleFile } from '#rulebook/rule-file.ts'
import { readSources, SourceList } from '#rulebook/source.ts'
import { CATEGORIES, DISEASES, type Frequency, type Rates } from './types.ts'

const Percent = z
  .string()
  .refine((text) => parseRate(text) !== undefined, {
    error: 'a share is a percentage from 0% to 100%, such as 17.6%',
  })
  .transform((text) => (parseRate(text) ?? 0) / WHOLE)
const Amount = z.number().nonnegative()
const cited = { source: z.string(), note: z.string().optional() }
const one = <T extends z.ZodType>(value: T) => z.strictObject({ value, ...cited })
const list = <T extends z.ZodType>(value: T, length: number) =>
  z.strictObject({ values: z.array(value).length(length), ...cited })
const groups = (length: number) =>
  z.strictObject({
    men: z.array(Amount).length(length),
    women: z.array(Amount).length(length),
    ...cited,
  })
const eachDisease = <T extends z.ZodType>(value: T) =>
  z.strictObject(
    Object.fromEntries(DISEASES.map((d) => [d, value])) as Record<(typeof DISEASES)[number], T>,
  )

const RatesFormat = z.strictObject({
  sources: SourceList,
  population: groups(21),
  deaths: groups(22),
  moves: z.strictObject({ arrive: one(Percent), leave: one(Percent) }),
  households: z.strictObject({ meanSize: one(Amount) }),
  insurance: z.strictObject({
    insured: one(Amount),
    working: one(Amount),
    retired: one(Amount),
    residentAdults: one(Amount),
    residentPupils: one(Amount),
    universityStudents: one(Amount),
    retirementAgeMen: one(Amount),
    retirementAgeWomen: one(Amount),
    civilServants: one(Percent),
    supplementaryTakeUp: one(Percent),
  }),
  categories: z.strictObject({
    source: z.string(),
    特困: Percent,
    低保: Percent,
    低保边缘: Percent,
    返贫致贫: Percent,
  }),
  chronic: eachDisease(
    z.strictObject({
      adults: Percent,
      source: z.string(),
      byAge: z.array(Amount).length(4),
      ageSource: z.string(),
    }),
  ),
  inpatient: z.strictObject({
    employees: one(Percent),
    residents: one(Percent),
    byAge: list(Amount, 8),
    withCancer: one(Amount),
    shareByLevel: list(Percent, 3),
    costByLevel: list(Amount, 3),
    employeesCostTimes: one(Amount),
    spread: one(Amount),
    meanDays: one(Amount),
  }),
  outpatient: z.strictObject({
    employees: one(Amount),
    residents: one(Amount),
    byAge: list(Amount, 8),
    shareByLevel: list(Percent, 4),
    costByLevel: list(Amount, 4),
    spread: one(Amount),
  }),
  chronicVisits: z.strictObject({
    visits: eachDisease(Amount),
    visitsSource: z.string(),
    cost: eachDisease(Amount),
    costSource: z.string(),
  }),
  coverage: z.strictObject({
    outOfScope: list(Percent, 2),
    upfront: list(Percent, 2),
    overLimit: list(Percent, 2),
    specialDrug: one(Percent),
  }),
})

/**
 * The rates of a YAML file. Throws a `RuleFileError` where the file is not of this shape, or a figure names a
 * source that the file does not list.
 */
export function readRates(file: string, text: string): Rates {
  const rule = readRuleFile(file, text)
  const raw = rule.parse(RatesFormat as z.ZodType<z.infer<typeof RatesFormat>>)
  checkSources(rule, raw, [], new Set(Object.keys(raw.sources)))
  const { insurance, moves, inpatient, outpatient, coverage } = raw
  const apart = CATEGORIES.slice(1).map((name) => raw.categories[name as '低保'])
  return {
    sources: readSources(raw.sources),
    population: raw.population,
    deaths: raw.deaths,
    moves: { arrive: moves.arrive.value, leave: moves.leave.value },
    householdMean: raw.households.meanSize.value,
    insurance: Object.fromEntries(
      Object.entries(insurance).map(([name, { value }]) => [name, value]),
    ) as Rates['insurance'],
    categories: [1 - apart.reduce((a, b) => a + b, 0), ...apart],
    chronic: DISEASES.map((name) => raw.chronic[name]),
    inpatient: {
      ...frequency(inpatient),
      withCancer: inpatient.withCancer.value,
      employeesCostTimes: inpatient.employeesCostTimes.value,
      meanDays: inpatient.meanDays.value,
    },
    outpatient: frequency(outpatient),
    chronicVisits: DISEASES.map((name) => ({
      visits: raw.chronicVisits.visits[name],
      cost: raw.chronicVisits.cost[name],
    })),
    coverage: {
      outOfScope: coverage.outOfScope.values,
      upfront: coverage.upfront.values,
      overLimit: coverage.overLimit.values,
      specialDrug: coverage.specialDrug.value,
    },
  }
}

type RawFrequency = {
  employees: { value: number }
  residents: { value: number }
  byAge: { values: number[] }
  shareByLevel: { values: number[] }
  costByLevel: { values: number[] }
  spread: { value: number }
}

function frequency(raw: RawFrequency): Frequency {
  return {
    employees: raw.employees.value,
    residents: raw.residents.value,
    byAge: raw.byAge.values,
    shareByLevel: raw.shareByLevel.values,
    costByLevel: raw.costByLevel.values,
    spread: raw.spread.value,
  }
}

/** Every key that names a source names one of the file. */
function checkSources(
  rule: RuleFile,
  value: unknown,
  path: readonly string[],
  known: ReadonlySet<string>,
): void {
  if (typeof value !== 'object' || value === null || path[0] === 'sources') return
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key]
    if (/source$/i.test(key) && !known.has(String(inner)))
      rule.fail(at, 'unknown_source', `"${String(inner)}" is not among the sources of this file`)
    checkSources(rule, inner, at, known)
  }
}
