import { z } from 'zod'
import {
  CAUSES,
  CERTIFICATE_KINDS,
  COMPONENTS,
  DERIVED_LIMITS,
  NATIVE_COMPONENTS,
  PAYERS,
  type Payer,
} from './types.ts'

/** What settlements look like on the wire: money in whole fen, rates in parts per million, dates as text. */

const Fen = z.int().meta({ id: 'Fen', description: 'Whole fen: 100 is one yuan' })
const Rate = z.int().meta({ id: 'Rate', description: 'Parts per million: 850000 is 85%' })
const Day = z.string().meta({ id: 'Day', format: 'date', description: 'YYYY-MM-DD, in China' })

/** Lists leave the program as they are: nothing here changes them. */
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()

export const Title = z.object({ zh: z.string(), en: z.string() }).meta({ id: 'Title' })
export const PayerName = z
  .enum(Object.keys(PAYERS) as [Payer, ...Payer[]])
  .meta({ id: 'Payer', description: '支付方 Who pays' })
const ComponentName = z.enum(COMPONENTS).meta({ id: 'Component' })
const BadgeName = z
  .enum(['undated', 'grade-B', 'grade-C', 'grade-D', 'invented'])
  .meta({ id: 'Badge', description: 'What an amount rests on is not an official, dated rule' })
const Rounding = z.enum(['half-up', 'down', 'up'])
const Per = z.enum(['admission', 'period'])

export const SourceShape = z
  .object({
    id: z.string(),
    title: z.string(),
    address: z.string(),
    grade: z.enum(['A', 'B', 'C', 'D', 'invented']),
    note: z.string().optional(),
  })
  .meta({ id: 'Source', description: 'A document that a reader can go and check' })

const Citation = z
  .object({
    rule: z.string(),
    from: z.string().meta({ description: 'The first day on which the value holds, or "unknown"' }),
    observed: Day.optional(),
    source: SourceShape,
    article: z.string().optional(),
  })
  .meta({ id: 'Citation', description: '依据 The rule behind an amount' })

const NotApplicable = z
  .discriminatedUnion('code', [
    z.object({ code: z.literal('repealed') }),
    z.object({
      code: z.literal('condition'),
      attribute: z.string(),
      answer: z.union([z.string(), z.number()]),
    }),
    z.object({ code: z.literal('waiting'), until: Day }),
    z.object({ code: z.literal('certificate'), kind: z.enum(CERTIFICATE_KINDS), of: z.string() }),
  ])
  .meta({ id: 'NotApplicable', description: 'Why a tier takes no part in a bill' })

const LineItem = z
  .object({
    code: z.string(),
    name: z.string(),
    place: z.string().meta({ description: 'Whose catalogue was asked: the place of care' }),
    on: Day,
    class: z.string(),
    chargedAs: z
      .string()
      .meta({ description: 'Another class where a limit is not met and the rule says so' }),
    upfrontShare: Rate.optional(),
    limitPrice: Fen.optional(),
    limit: z.string().optional().meta({ description: '限定支付 in words' }),
    findings: list(
      z.object({
        limit: z.enum(['age', 'sex', 'level', 'medical', 'diagnosis', 'quantity', 'days']),
        met: z.enum(['no', 'unknown']),
        asked: z.string(),
        found: z.string().optional(),
      }),
    ),
    review: z.boolean().meta({ description: 'Marked for a person to look at' }),
    citations: list(Citation),
  })
  .meta({ id: 'LineItem', description: '目录条目 What the catalogue said of a line' })

export const SettlementShape = z
  .object({
    bill: z.string(),
    person: z.string(),
    scheme: z.string(),
    title: Title,
    teaching: z.boolean().meta({ description: 'The place is invented, and so is every figure' }),
    settled: Day,
    total: Fen,
    tiers: list(
      z.object({
        tier: z.string(),
        title: Title,
        payer: PayerName,
        period: z.string().optional().meta({
          description:
            'Over which its totals run: a calendar year, the first day of a year, lifetime',
        }),
        paid: Fen,
        parts: z.partialRecord(ComponentName, Fen),
        notApplicable: NotApplicable.optional(),
        badges: list(BadgeName),
      }),
    ),
    payers: z.partialRecord(PayerName, Fen),
    patient: Fen,
    patientParts: z.record(ComponentName, Fen),
    components: z.record(
      z.enum(NATIVE_COMPONENTS),
      z.object({ total: Fen, paid: list(Fen), patient: Fen }),
    ),
    lines: list(
      z.object({
        id: z.string(),
        name: z.string().optional(),
        amount: Fen,
        paid: list(Fen),
        patient: Fen,
        item: LineItem.optional(),
      }),
    ),
    benefits: list(
      z.object({
        benefit: z.string(),
        title: Title,
        payer: PayerName,
        amount: Fen,
        days: z.int().optional(),
        citations: list(Citation),
        badges: list(BadgeName),
      }),
    ),
    recoveries: list(z.object({ tier: z.string(), payer: PayerName, amount: Fen })),
    elsewhere: z
      .object({ insured: z.string(), treating: z.string(), payers: list(z.string()) })
      .optional()
      .meta({
        description: '异地就医清算: what these payers pay is cleared between the two regions',
      }),
    badges: list(BadgeName),
  })
  .meta({ id: 'Settlement', description: '结算结果: payers plus patient are the bill, to the fen' })

const tier = z.string()
const citations = list(Citation)

export const StepShape = z
  .discriminatedUnion('step', [
    z.object({ step: z.literal('third-party'), share: Rate, amount: Fen, citation: Citation }),
    z.object({
      step: z.literal('not-applicable'),
      tier,
      reason: NotApplicable,
      citation: Citation.optional(),
    }),
    z.object({
      step: z.literal('base'),
      tier,
      amount: Fen,
      parts: list(
        z.object({
          component: ComponentName,
          unpaid: Fen,
          notCounted: Fen,
          weight: Rate,
          citation: Citation.optional(),
        }),
      ),
      weight: Rate.optional(),
      citations,
    }),
    z.object({
      step: z.literal('transfer-upfront'),
      tier,
      of: Fen,
      share: Rate,
      amount: Fen,
      citation: Citation,
    }),
    z.object({
      step: z.literal('eligible-cap'),
      tier,
      limit: Fen,
      used: Fen,
      over: Fen,
      citation: Citation,
    }),
    z.object({
      step: z.literal('newborn'),
      tier,
      born: Day,
      enrolled: Day,
      days: z.int(),
      withinDays: z.int(),
      from: Day,
      citation: Citation,
    }),
    z.object({
      step: z.literal('answer'),
      tier,
      attribute: z.string(),
      answer: z.string(),
      place: z.string().optional(),
      registration: z
        .object({
          kind: z.string(),
          place: z.string().optional(),
          from: Day,
          until: Day.optional(),
          record: z.string().optional(),
          institution: z.string().optional(),
        })
        .optional(),
      diagnosis: z.string().optional(),
      condition: z.string().optional(),
    }),
    z.object({
      step: z.literal('status'),
      tier,
      limit: z.enum(['deductible', 'cap']),
      on: Day,
      before: Fen.optional(),
      after: Fen.optional(),
      how: z.enum(['catch-up', 'restart', 'replay']),
    }),
    z.object({
      step: z.literal('admission'),
      tier,
      joins: z.enum(['readmission', 'transfer', 'once']).optional(),
      gapDays: z.int().optional(),
      withinDays: z.int().optional(),
      group: z.string().optional(),
      counted: z.boolean(),
      stretches: z.int(),
      eachDays: z.int().optional(),
      citations,
    }),
    z.object({
      step: z.literal('derived-amount'),
      tier,
      limit: z.enum(DERIVED_LIMITS),
      title: Title,
      basis: Fen,
      factor: z.int().meta({ description: 'Parts per million; more than a million is a multiple' }),
      product: Fen,
      atLeast: Fen.optional(),
      atMost: Fen.optional(),
      amount: Fen,
      citations,
    }),
    z.object({
      step: z.literal('deductible'),
      tier,
      ordinal: z.int().optional(),
      limit: Fen,
      met: Fen,
      offset: Fen,
      applied: Fen,
      citations,
    }),
    z.object({
      step: z.literal('bands'),
      tier,
      axis: z.enum(['gross', 'net']),
      over: Per,
      from: Fen,
      to: Fen,
      segments: list(z.object({ from: Fen, to: Fen, rate: Rate })),
      after: Fen,
      before: Fen,
      due: Fen,
      rounding: Rounding,
      citations,
    }),
    z.object({
      step: z.literal('due-factor'),
      tier,
      factor: Rate,
      of: Fen,
      after: Fen,
      before: Fen,
      due: Fen,
      rounding: Rounding,
      citation: Citation,
    }),
    z.object({
      step: z.literal('guaranteed-ratio'),
      tier,
      ratio: Rate,
      of: Fen,
      share: Fen,
      counted: Fen,
      ordinary: Fen,
      before: Fen,
      unpaid: Fen,
      due: Fen,
      rounding: Rounding,
      citation: Citation,
    }),
    z.object({
      step: z.literal('cap'),
      tier,
      per: Per,
      limit: Fen,
      used: Fen,
      cut: Fen,
      citations,
    }),
    z.object({ step: z.literal('no-cap'), tier, citation: Citation }),
    z.object({ step: z.literal('unpaid-limit'), tier, unpaid: Fen, cut: Fen }),
    z.object({ step: z.literal('balance'), tier, balance: Fen }),
    z.object({
      step: z.literal('paid'),
      tier,
      amount: Fen,
      parts: list(z.object({ component: ComponentName, amount: Fen })),
      transferUpfront: Fen,
      deductible: Fen,
      aboveCap: Fen,
      eligibility: Citation,
    }),
  ])
  .meta({ id: 'Step', description: 'One step that a clerk would redo by hand' })

export const ExplainedShape = z.object({ settlement: SettlementShape, steps: list(StepShape) })

/** With what a person should look at in the bill; no amount depends on it. */
export const LookedAtShape = ExplainedShape.extend({
  findings: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string() })),
})

/** A relief worked out: its steps come in words, each with the rule it follows. */
export const ReliefShape = z
  .object({
    relief: z.string(),
    title: Title,
    kind: z.enum(['yearEnd', 'onApplication']),
    payer: PayerName,
    person: z.string(),
    scheme: z.string(),
    teaching: z.boolean(),
    period: z.string(),
    from: Day,
    until: Day,
    on: Day.meta({ description: 'The day whose rules and answers are used' }),
    bills: list(z.string()),
    amount: Fen,
    notApplicable: NotApplicable.optional(),
    steps: list(z.object({ step: z.string(), says: Title, citation: Citation })),
    badges: list(BadgeName),
  })
  .meta({ id: 'Relief', description: '年终救助、依申请救助 Relief beside the bills of a year' })

export const FindingShape = z.object({
  severity: z.enum(['error', 'warning', 'note']),
  code: z.string(),
  file: z.string(),
  line: z.int(),
  rule: z.string(),
  zh: z.string(),
  en: z.string(),
})

export const EntryShape = z
  .object({
    from: z.string(),
    observed: Day.optional(),
    source: SourceShape,
    article: z.string().optional(),
    file: z.string(),
    line: z.int(),
    value: z
      .unknown()
      .meta({ description: 'As the scheme file writes it; "repealed" ends a rule' }),
  })
  .meta({ id: 'Entry', description: 'One value of a rule, from its first day until the next' })

const TierOfBook = z.object({
  id: z.string(),
  title: Title,
  payer: PayerName,
  governing: z.enum(['admitted', 'discharged', 'settled']),
  period: z.unknown(),
  pools: list(z.string()).meta({ description: 'Totals that it counts into together with others' }),
  file: z.string(),
  rules: list(z.object({ rule: z.string(), label: Title, entries: list(EntryShape) })),
})

export const BookShape = z
  .object({
    version: z.int(),
    hash: z.string(),
    publishedAt: z.string(),
    vocabulary: list(
      z.object({
        name: z.string(),
        of: z.enum(['person', 'bill', 'cover']),
        title: Title,
        answers: z.union([z.enum(['number', 'text']), z.record(z.string(), z.string())]),
        unit: z.literal('元').optional(),
        whenAbsent: z.string().optional(),
        unregistered: z.string().optional(),
      }),
    ),
    places: list(
      z.object({
        folder: z.string(),
        title: Title,
        teaching: z.boolean(),
        sources: list(SourceShape),
        indexes: list(
          z.object({ rule: z.string(), label: Title, title: Title, entries: list(EntryShape) }),
        ).meta({ description: 'Published figures that amounts are a share or a multiple of' }),
      }),
    ),
    schemes: list(
      z.object({
        id: z.string(),
        title: Title,
        kind: z.enum(['public', 'enterprise', 'supplementary', 'group', 'individual']),
        teaching: z.boolean(),
        place: z.string(),
        tiers: list(z.union([z.string(), z.object({ covers: z.string() })])),
        benefits: list(z.string()),
        reliefs: list(z.string()),
      }),
    ),
    tiers: list(TierOfBook),
    benefits: list(TierOfBook),
    reliefs: list(TierOfBook),
    payers: list(z.object({ name: PayerName, title: Title, field: z.string().optional() })),
    components: list(z.object({ name: ComponentName, input: Title, left: Title })),
  })
  .meta({
    id: 'Book',
    description: 'The rules in force: what they ask, what they pay, who says so',
  })

const Answers = z.record(z.string(), z.union([z.string(), z.int()]))
const Amount = z
  .union([z.string(), z.int()])
  .meta({ id: 'Amount', description: '"1234.50" where amounts is yuan, 123450 where it is fen' })

/**
 * The shape of an upload, for the interface's documents. The reader of the input file is the judge of
 * it: it names the field, the fault and the remedy in both languages.
 */
const Upload = z.strictObject({
  amounts: z.enum(['yuan', 'fen']),
  persons: z
    .array(
      z.strictObject({
        id: z.string(),
        born: z.string().optional(),
        attributes: z.array(z.strictObject({ from: z.string(), answers: Answers })).optional(),
        covers: z.array(
          z.strictObject({
            scheme: z.string(),
            from: z.string(),
            until: z.string().optional(),
            answers: Answers.optional(),
            conditions: z.array(z.string()).optional(),
            newborn: z.boolean().optional(),
          }),
        ),
        registrations: z
          .array(
            z.strictObject({
              kind: z.string(),
              place: z.string().optional(),
              from: z.string(),
              until: z.string().optional(),
              record: z.string().optional(),
              institution: z.string().optional(),
            }),
          )
          .optional(),
        certificates: z
          .array(
            z.strictObject({
              kind: z.enum(CERTIFICATE_KINDS),
              of: z.string(),
              from: z.string(),
              until: z.string().optional(),
            }),
          )
          .optional(),
        accounts: z
          .strictObject({
            personal: Amount.optional(),
            family: Amount.optional(),
            currentYear: Amount.optional(),
            year: z.int().optional(),
            previousYears: Amount.optional(),
          })
          .optional(),
        totals: z
          .array(z.strictObject({ slot: z.string(), period: z.string(), value: z.int() }))
          .optional(),
      }),
    )
    .optional()
    .meta({ description: 'Persons who are not known yet, or whose facts have changed' }),
  bills: z.array(
    z.strictObject({
      id: z.string(),
      person: z.string(),
      admitted: z.string(),
      discharged: z.string(),
      settled: z.string(),
      stay: z.string().optional(),
      transferFrom: z.string().optional(),
      institution: z.string().optional(),
      placeOfCare: z.string().optional(),
      diagnosis: z
        .strictObject({ code: z.string().optional(), name: z.string().optional() })
        .optional(),
      invoice: z
        .strictObject({
          number: z.string(),
          code: z.string().optional(),
          on: z.string(),
          handedIn: z.string().optional(),
        })
        .optional(),
      answers: Answers.optional(),
      cause: z.enum(CAUSES).optional(),
      thirdParty: z.strictObject({ share: z.string(), advance: z.boolean() }).optional(),
      days: z.int().optional(),
      events: z.array(z.string()).optional(),
      lines: z
        .array(
          z.strictObject({
            id: z.string(),
            code: z.string().optional(),
            name: z.string().optional(),
            class: z.enum(['甲', '乙', '丙', '特药', '单列']).optional(),
            amount: Amount,
            quantity: z.string().optional(),
            limitPrice: Amount.optional(),
            upfrontShare: z.string().optional(),
            category: z.string().optional(),
            genericName: z.string().optional(),
          }),
        )
        .optional(),
      parts: z
        .strictObject({
          total: Amount.optional(),
          inScope: Amount.optional(),
          upfront: Amount.optional(),
          overLimit: Amount.optional(),
          outOfScope: Amount.optional(),
          specialDrug: Amount.optional(),
          separateItem: Amount.optional(),
        })
        .optional(),
      national: z
        .strictObject({
          medfee_sumamt: Amount,
          inscp_scp_amt: Amount.optional(),
          preselfpay_amt: Amount.optional(),
          overlmt_selfpay: Amount.optional(),
          fulamt_ownpay_amt: Amount.optional(),
        })
        .optional(),
    }),
  ),
})

const { $schema: _, ...uploadSchema } = z.toJSONSchema(Upload, { metadata: z.registry() })

/** An upload, read elsewhere; here only documented. */
export const UploadShape = z.unknown().meta({
  ...uploadSchema,
  id: 'Upload',
  description:
    'Persons and bills, as the input file of "kangyang settle". Each bill gives its charges in exactly one of lines, parts, national.',
})
