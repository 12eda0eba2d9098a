import fc from 'fast-check'
import type { Fen, Rate } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { PlanStep } from '#domains/settlement/emit.ts'
import type {
  ResolvedAccount,
  ResolvedInsurance,
  ResolvedStayAmount,
} from '#domains/settlement/resolve.ts'
import { COMPONENTS, NATIVE_COMPONENTS, type Payer } from '#domains/settlement/types.ts'

/**
 * Random plans for tests: any mixture of building blocks, far wilder than a scheme file would be let through with.
 */

export const amount = fc.oneof(
  fc.integer({ min: 0, max: 500 }),
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: 100_000_000 }),
)
export const ppm = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((n) => n * 10_000),
  fc.integer({ min: 0, max: 1_000_000 }),
)
const rounding = fc.constantFrom('half-up', 'down', 'up')
const bands = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 10_000_000 }), ppm), { minLength: 1, maxLength: 4 })
  .map((segments) => {
    let above = 0
    return segments.map(([length, rate], i) => {
      const upTo = i === segments.length - 1 ? undefined : above + length
      const band = { above, upTo, rate }
      above += length
      return band
    })
  })
const per = fc.constantFrom('admission', 'period')
/** A limit may count anew from a day on which the person's standing changed. */
const since = fc.constantFrom(undefined, undefined, '2024-06-01' as PlainDate)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const citation = {} as never

/** One insurance tier with any mixture of building blocks. */
const insuranceTier = (id: string, position: number) =>
  fc
    .record({
      splits: fc.boolean(),
      base: fc.subarray([...COMPONENTS], { minLength: 1 }),
      weights: fc.array(fc.constantFrom(1_000_000, 500_000, 333_333), {
        minLength: COMPONENTS.length,
        maxLength: COMPONENTS.length,
      }),
      baseWeight: fc.constantFrom(undefined, undefined, 500_000),
      baseBefore: fc.boolean(),
      paysDown: fc.shuffledSubarray([...COMPONENTS], { minLength: 1 }),
      counted: fc.boolean(),
      transferUpfront: fc.constantFrom(undefined, undefined, 0, 100_000, 200_000, 333_333),
      dueFactor: optional(ppm),
      guaranteedRatio: optional(
        fc.record({
          ratio: ppm,
          of: fc.subarray([...NATIVE_COMPONENTS], { minLength: 1 }),
          lessDeductible: fc.boolean(),
          countedTiers: fc.subarray(['t0', 't1', 't2']),
          stage: fc.constantFrom('before-caps', 'after-caps'),
        }),
      ),
      eligibleCap: optional(fc.record({ value: amount, per })),
      deductible: optional(
        fc.record({
          kind: per,
          ladder: fc.array(amount, { minLength: 1, maxLength: 4 }),
          ofStay: optional(
            fc.record({
              basis: fc.constantFrom('stayCost', 'stayBase'),
              factor: ppm,
              bounds: fc.tuple(optional(amount), optional(amount)),
              steps: fc.array(
                fc.oneof(
                  ppm.map((rate) => ({ rate })),
                  amount.map((fixed) => ({ fixed })),
                ),
                { minLength: 1, maxLength: 3 },
              ),
              floor: amount,
            }),
          ),
          periodTotal: optional(amount),
          offset: fc.boolean(),
          pool: fc.constantFrom(undefined, undefined, 'shared'),
          since,
        }),
      ),
      axis: fc.constantFrom('gross', 'net'),
      over: per,
      bands,
      caps: fc.array(
        fc.record({ limit: amount, per, since, excess: fc.constantFrom('cost', 'payment') }),
        { maxLength: 2 },
      ),
      rounding,
    })
    .map((raw): ResolvedInsurance => {
      const splits = raw.splits
      const base = splits ? (['inScope'] as const) : raw.base
      const counted = !splits && raw.counted && raw.base.includes('outOfScope')
      return {
        kind: 'insurance',
        base: base.map((component, i) => ({
          component,
          weight: (splits ? 1_000_000 : (raw.weights[i] ?? 1_000_000)) as Rate,
          citation: undefined,
        })),
        baseWeight:
          splits || raw.baseWeight === undefined
            ? undefined
            : { value: raw.baseWeight as Rate, citation },
        eligibility: citation,
        citations: [],
        transferUpfront:
          splits && raw.transferUpfront !== undefined
            ? { value: raw.transferUpfront as Rate, citation }
            : undefined,
        dueFactor:
          raw.dueFactor === undefined ? undefined : { value: raw.dueFactor as Rate, citation },
        guaranteedRatio: raw.guaranteedRatio && {
          value: raw.guaranteedRatio.ratio as Rate,
          citation,
        },
        counted: [],
        admission: undefined,
        eligibleCap: raw.eligibleCap && {
          value: raw.eligibleCap.value as Fen,
          citation,
          derivation: undefined,
        },
        deductible: raw.deductible && {
          rule: {
            kind: raw.deductible.kind,
            pool: raw.deductible.pool,
            offsetBy: raw.deductible.offset ? (['basicPool'] as Payer[]) : [],
          } as never,
          since: raw.deductible.since,
          ladder: (raw.deductible.kind === 'period'
            ? raw.deductible.ladder.slice(0, 1)
            : raw.deductible.ladder) as Fen[],
          ofStay:
            raw.deductible.kind === 'admission' ? stayShare(raw.deductible.ofStay) : undefined,
          derivations: [],
          periodTotal:
            raw.deductible.kind === 'admission'
              ? (raw.deductible.periodTotal as Fen | undefined)
              : undefined,
          citations: [],
        },
        bands: raw.bands as never,
        bandCitations: [],
        uncapped: [],
        caps: raw.caps.map(({ limit, per, excess, since }) => ({
          rule: {
            per,
            // The reader refuses a guarantee before the caps beside the cost that a cap leaves.
            excess: raw.guaranteedRatio?.stage === 'before-caps' ? 'payment' : excess,
            pool: undefined,
          } as never,
          limit: limit as Fen,
          since,
          derivation: undefined,
          citations: [],
        })),
        tier: {
          kind: 'insurance',
          id,
          payer: position % 2 === 0 ? 'basicPool' : 'medicalAid',
          splits,
          counted: counted ? [{ component: 'outOfScope' }] : [],
          baseBefore: !splits && raw.baseBefore && position > 0 ? 't0' : undefined,
          eligibleCap: raw.eligibleCap && { per: raw.eligibleCap.per, pool: undefined },
          guaranteedRatio: raw.guaranteedRatio && {
            ...raw.guaranteedRatio,
            lessDeductible: raw.guaranteedRatio.lessDeductible && raw.deductible !== undefined,
          },
          axis: raw.axis,
          over: raw.over,
          paysDown: splits ? ['inScope'] : raw.paysDown,
          rounding: raw.rounding,
        } as never,
      }
    })

type RawStayShare = {
  readonly basis: 'stayCost' | 'stayBase'
  readonly factor: number
  readonly bounds: readonly [number | undefined, number | undefined]
  readonly steps: readonly ({ readonly rate: number } | { readonly fixed: number })[]
  readonly floor: number
}

/** Two bounds in any order: the smaller is the least, as the reader of scheme files sees to. */
function stayShare(raw: RawStayShare | undefined): ResolvedStayAmount | undefined {
  if (!raw) return undefined
  const [one, other] = raw.bounds
  const both = one !== undefined && other !== undefined
  return {
    basis: raw.basis,
    factor: raw.factor as Rate,
    atLeast: (both ? Math.min(one, other) : one) as Fen | undefined,
    atMost: (both ? Math.max(one, other) : other) as Fen | undefined,
    steps: raw.steps as ResolvedStayAmount['steps'],
    floor: raw.floor as Fen,
  }
}

const accountTier = (id: string) =>
  fc
    .record({
      base: fc.subarray([...COMPONENTS], { minLength: 1 }),
      paysDown: fc.shuffledSubarray([...COMPONENTS], { minLength: 1 }),
    })
    .map(
      ({ base, paysDown }): ResolvedAccount => ({
        kind: 'account',
        base: base.map((component) => ({
          component,
          weight: 1_000_000 as Rate,
          citation: undefined,
        })),
        baseWeight: undefined,
        eligibility: citation,
        citations: [],
        tier: {
          kind: 'account',
          id,
          payer: 'personalAccount',
          account: 'personal',
          counted: [],
          paysDown,
        } as never,
      }),
    )

export const plan: fc.Arbitrary<PlanStep[]> = fc
  .tuple(
    fc.boolean(),
    fc.tuple(...[0, 1, 2, 3, 4].map((i) => fc.option(insuranceTier(`t${i}`, i)))),
    fc.option(accountTier('account')),
  )
  .map(([third, tiers, account]): PlanStep[] => [
    ...(third ? [{ kind: 'thirdParty' as const }] : []),
    // A tier's base can be measured before another only where that other is in the plan.
    ...tiers.flatMap((tier) =>
      tier && (tier.tier.baseBefore === undefined || tiers[0]) ? [tier] : [],
    ),
    ...(account ? [account] : []),
  ])
