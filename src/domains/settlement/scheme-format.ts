import { z } from 'zod'
import { datedList } from '#rulebook/dated.ts'
import { SourceList } from '#rulebook/source.ts'
import { table } from '#rulebook/table.ts'
import { Amount, Days, Months, Percent, Times } from '#rulebook/units.ts'
import {
  ACCOUNTS,
  CERTIFICATE_KINDS,
  COMPONENTS,
  NATIVE_COMPONENTS,
  PAYERS,
  type Payer,
} from './types.ts'

/**
 * The shape of each kind of scheme file, as a person writes it. `docs/formats.md` explains every key;
 * the JSON Schemas beside it are printed from here.
 */

const Title = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const PayerName = z.enum(Object.keys(PAYERS) as [Payer, ...Payer[]])
const ComponentName = z.enum(COMPONENTS)
const Governing = z.enum(['admitted', 'discharged', 'settled'])
const Period = z
  .string()
  .regex(/^(calendar-year|policy-year|lifetime|year-from-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$/, {
    error: 'expected calendar-year, year-from-07-01 (any month-day), policy-year or lifetime',
  })

const dated = <T extends z.ZodType>(value: T) => datedList(value)
const amountTable = dated(table(Amount))

/** `{ share: 20%, of: stayCost, atLeast: 2000元 }`, `{ times: 6倍, of: averageWage }`. */
const derived = { of: z.string(), atLeast: Amount.optional(), atMost: Amount.optional() }
const DerivedAmount = z.union([
  z.strictObject({ share: Percent, ...derived }),
  z.strictObject({ times: Times, ...derived }),
])
export type RawDerivedAmount = z.infer<typeof DerivedAmount>
const derivableTable = dated(table(z.union([Amount, DerivedAmount])))
const percentTable = dated(table(Percent))
const dayTable = dated(table(Days))

/** `{ class: 在职|退休, age: 60+ }`: every condition must hold. */
const Conditions = z.record(z.string(), z.union([z.string(), z.number().transform(String)]))
export const eligibility = dated(Conditions)

const Band = z.union([
  z.strictObject({ above: Amount, upTo: Amount.optional(), rate: Percent }),
  z.strictObject({ above: Amount, upTo: Amount.optional(), personShare: Percent }),
  z.strictObject({ above: Amount, rate: z.literal('unknown') }),
])
export type RawBand = z.infer<typeof Band>
const Bands = z.union([Percent, z.array(Band).min(1)])

/** A percentage of something, or an amount of its own: tagged, because both are numbers once read. */
const PercentStep = Percent.transform((rate) => ({ rate }))
const StepText = z.union([PercentStep, Amount.transform((fixed) => ({ fixed }))])

const growth = <T extends z.ZodType>(each: z.ZodType<number>, atMost: T) =>
  dated(
    z.strictObject({
      terms: z
        .array(
          z.strictObject({
            each,
            per: z.string(),
            after: z.int().min(0).default(0),
            less: z.boolean().default(false),
          }),
        )
        .min(1),
      atMost: atMost.optional(),
    }),
  )

const Ordinal = z.union([
  z.strictObject({ steps: z.array(StepText).min(1) }),
  z.strictObject({ lessEach: StepText }),
])

/** What makes two stays one admission. What is left out is undeclared: a bill that needs it is refused. */
const Admission = z.strictObject({
  readmission: Days.optional(),
  transfer: z.enum(['same', 'new']).optional(),
  acrossPeriods: z.enum(['same', 'new']).optional(),
})

const OnChange = z.enum(['catch-up', 'restart', 'replay'])

const Deductible = z.strictObject({
  kind: z.enum(['admission', 'period']),
  amount: derivableTable,
  ordinal: dated(table(Ordinal)).optional(),
  floor: derivableTable.optional(),
  periodTotal: derivableTable.optional(),
  counts: dated(table(z.enum(['yes', 'no']))).optional(),
  chargedAgain: dated(z.strictObject({ each: Days, as: z.enum(['same', 'next']) })).optional(),
  onceAPeriod: dated(table(z.string().regex(/^[^@:]+$/))).optional(),
  onChange: OnChange.optional(),
  pool: z.string().optional(),
  offsetBy: z.array(PayerName).optional(),
})

const CapAmount = dated(table(z.union([Amount, z.literal('none'), DerivedAmount])))
const EligibleCap = z.strictObject({
  amount: CapAmount,
  per: z.enum(['admission', 'period']),
  pool: z.string().optional(),
})
const Cap = z.strictObject({
  amount: CapAmount,
  per: z.enum(['admission', 'period']),
  pool: z.string().optional(),
  excess: z.enum(['cost', 'payment']).optional(),
  onChange: OnChange.optional(),
  grows: growth(Amount, StepText).optional(),
})

const base = {
  tier: Title,
  payer: PayerName,
  governing: Governing,
  period: Period,
  eligibility,
  certificate: dated(
    z.strictObject({ kind: z.enum(CERTIFICATE_KINDS), by: z.string() }),
  ).optional(),
  base: z
    .array(
      z.union([ComponentName, z.strictObject({ component: ComponentName, weight: percentTable })]),
    )
    .min(1),
  baseBefore: z.string().optional(),
  baseWeight: percentTable.optional(),
  paysDown: z.array(ComponentName).min(1),
}

export const AccountTierFile = z.strictObject({ ...base, account: z.enum(ACCOUNTS) }).meta({
  title: 'account tier',
  description: 'An account that pays: personal, family, or of this year and the years before.',
})

export const InsuranceTierFile = z
  .strictObject({
    ...base,
    splits: z.boolean(),
    transferUpfront: percentTable.optional(),
    counted: z
      .array(
        z.strictObject({
          component: z.enum(NATIVE_COMPONENTS),
          category: z.string(),
          per: z.enum(['genericName', 'category']),
          amount: amountTable,
        }),
      )
      .optional(),
    waiting: dated(
      z.strictObject({
        months: Months,
        each: Months.optional(),
        per: z.string().optional(),
        repair: z.strictObject({ each: Months, per: z.string() }).optional(),
        atLeast: table(Months).optional(),
      }),
    ).optional(),
    admission: dated(Admission).optional(),
    deductible: Deductible.optional(),
    eligibleCap: EligibleCap.optional(),
    rate: z.strictObject({
      axis: z.enum(['gross', 'net']),
      over: z.enum(['admission', 'period']),
      bands: dated(table(Bands)),
      grows: growth(Percent, PercentStep).optional(),
    }),
    dueFactor: percentTable.optional(),
    guaranteedRatio: z
      .strictObject({
        ratio: percentTable,
        of: z.union([z.literal('bill'), z.array(z.enum(NATIVE_COMPONENTS)).min(1)]),
        lessDeductible: z.boolean(),
        countedTiers: z.array(z.string()),
        stage: z.enum(['before-caps', 'after-caps']),
      })
      .optional(),
    caps: z.array(Cap).optional(),
    rounding: z.enum(['half-up', 'down', 'up']),
  })
  .meta({ title: 'insurance tier', description: 'A tier that pays by deductible, bands and caps.' })

const benefitBase = {
  benefit: Title,
  payer: PayerName,
  governing: Governing,
  period: Period,
  eligibility,
  event: z.string().optional(),
}

export const BenefitFile = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...benefitBase, kind: z.literal('lumpSum'), amount: amountTable }),
    z.strictObject({
      ...benefitBase,
      kind: z.literal('dailyAllowance'),
      perDay: amountTable,
      freeDays: dayTable.optional(),
      minimum: amountTable.optional(),
      maximum: amountTable.optional(),
      maximumDays: dayTable.optional(),
    }),
  ])
  .meta({ title: 'fixed benefit', description: 'A benefit beside the bill, never in it.' })

/** `{ share: 10%, of: [inScope] }`: of what the bills of the period came to. */
const ShareOfCost = z.strictObject({
  share: Percent,
  of: z.array(z.enum(NATIVE_COMPONENTS)).min(1),
})

export const ReliefFile = z
  .strictObject({
    relief: Title,
    kind: z.enum(['yearEnd', 'onApplication']),
    payer: PayerName,
    governing: Governing,
    period: Period,
    eligibility,
    base: z.array(ComponentName).min(1),
    threshold: dated(table(z.union([Amount, ShareOfCost]))),
    rate: z.strictObject({ axis: z.literal('net'), bands: dated(table(Bands)) }),
    cap: dated(table(z.union([Amount, z.literal('none')]))).optional(),
    rounding: z.enum(['half-up', 'down', 'up']),
  })
  .meta({
    title: 'relief',
    description: 'Relief beside the bills of a year: at its end, or on application.',
  })

export const SchemeFile = z
  .strictObject({
    scheme: Title,
    kind: z.enum(['public', 'enterprise', 'supplementary', 'group', 'individual']),
    tiers: z.array(
      z.union([
        z.string(),
        z.strictObject({
          covers: z.enum(['enterprise', 'supplementary', 'group', 'individual']),
        }),
      ]),
    ),
    benefits: z.array(z.string()).optional(),
    reliefs: z.array(z.string()).optional(),
    newborn: dated(z.strictObject({ within: Days })).optional(),
    handIn: dated(
      z.strictObject({
        until: z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, {
          error: 'a day of the next year, such as 06-30',
        }),
        settledOn: z.enum(['invoice', 'handedIn']),
      }),
    ).optional(),
  })
  .meta({ title: 'scheme', description: 'The tiers that settle a bill, in order.' })

export const PlaceFile = z
  .strictObject({
    place: Title,
    division: z
      .string()
      .regex(/^\d{6}$/)
      .optional(),
    teaching: z.boolean().optional(),
    sources: SourceList,
    indexes: z
      .record(
        z.string().regex(/^[a-z][A-Za-z]*$/, { error: 'an index is named in camelCase' }),
        z.strictObject({ index: Title, amount: amountTable }),
      )
      .optional(),
  })
  .meta({ title: 'place', description: 'A place and the documents its values come from.' })

export const ExclusionsFile = z
  .strictObject({
    sources: SourceList,
    exclusions: z.array(
      z.strictObject({
        cause: z.enum(['workInjury', 'thirdParty', 'publicHealth', 'overseas']),
        treatment: dated(z.enum(['refuse', 'thirdParty'])),
      }),
    ),
  })
  .meta({
    title: 'exclusions',
    description: 'Causes of care that social insurance leaves to others.',
  })
