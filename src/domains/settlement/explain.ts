import type { Fen, Rate } from '#base/money.ts'
import { WHOLE } from '#base/money.ts'
import type { PlacedAdmission } from './admissions.ts'
import type { Emitted, TierLayout } from './emit.ts'
import type { Plan, PlannedTier } from './plan.ts'
import type { ResolvedInsurance, ResolvedTier } from './resolve.ts'
import type { Band, Bill, Citation, Component, Derivation, Step } from './types.ts'

/**
 * Turns the trace that the settling code itself left into the steps of an explanation: nothing is
 * computed a second time but the stretch of axis that falls into each band. What does not depend on the
 * bill is looked up once: make one per plan and use it for all its bills.
 */
export class Explainer {
  readonly #thirdParty: number | undefined
  readonly #tiers: readonly TierExplainer[]

  constructor({ code, steps, tiers }: Plan) {
    this.#thirdParty = steps[0]?.kind === 'thirdParty' ? code.tiers[0]?.paid : undefined
    this.#tiers = tiers.map((planned): TierExplainer => {
      const before = stepsBefore(planned)
      const explain = explainerOf(planned, code)
      if (before.length === 0) return explain
      return (out, trace, steps) => {
        steps.push(...before)
        explain(out, trace, steps)
      }
    })
  }

  /**
   * `out` and `trace` are what the traced kernel wrote for this bill; `liability` is the rule that holds a
   * third party liable, where one bears part of it.
   */
  explain(bill: Bill, out: Float64Array, trace: Float64Array, liability?: Citation): Step[] {
    const steps: Step[] = []
    if (this.#thirdParty !== undefined && liability) {
      const share = bill.thirdParty?.share ?? WHOLE
      const amount = out[this.#thirdParty] as Fen
      steps.push({ step: 'third-party', share, amount, citation: liability })
    }
    for (const explain of this.#tiers) explain(out, trace, steps)
    return steps
  }
}

type TierExplainer = (out: Float64Array, trace: Float64Array, steps: Step[]) => void

/** What was worked out before the tier's rules were asked: a newborn's first day, answers from the file. */
function stepsBefore({ tier, newborn, workedOut, restated }: PlannedTier): Step[] {
  const steps: Step[] = []
  if (newborn) {
    const { scheme: _, ...rest } = newborn
    steps.push({ step: 'newborn', tier: tier.id, ...rest })
  }
  for (const answer of workedOut) steps.push({ step: 'answer', tier: tier.id, ...answer })
  for (const change of restated?.steps ?? [])
    steps.push({ step: 'status', tier: tier.id, ...change })
  return steps
}

function explainerOf(planned: PlannedTier, code: Emitted): TierExplainer {
  if (!planned.applies) return explainerOfAbsent(planned)
  const layout = code.tiers[planned.step] as TierLayout
  return planned.resolved.kind === 'account'
    ? explainerOfAccount(planned.resolved, layout)
    : explainerOfInsurance(planned.resolved, layout, planned.admission?.step)
}

function explainerOfAbsent(planned: PlannedTier & { readonly applies: false }): TierExplainer {
  const { tier, reason, citation } = planned
  const step: Step = { step: 'not-applicable', tier: tier.id, reason, citation }
  return (_out, _trace, steps) => {
    steps.push(step)
  }
}

function explainerOfAccount(
  resolved: ResolvedTier & { readonly kind: 'account' },
  layout: TierLayout,
): TierExplainer {
  const { id } = resolved.tier
  const base = baseExplainer(resolved, layout)
  const balance = placeOf(layout, 'balance')
  return (out, trace, steps) => {
    steps.push(base(trace), { step: 'balance', tier: id, balance: trace[balance] as Fen })
    steps.push({
      step: 'paid',
      tier: id,
      amount: out[layout.paid] as Fen,
      parts: partsOf(layout, out),
      transferUpfront: 0 as Fen,
      deductible: 0 as Fen,
      aboveCap: 0 as Fen,
      eligibility: resolved.eligibility,
    })
  }
}

function explainerOfInsurance(
  resolved: ResolvedInsurance,
  layout: TierLayout,
  admission: PlacedAdmission['step'],
): TierExplainer {
  const { tier, transferUpfront, eligibleCap, deductible, bandCitations, dueFactor } = resolved
  const { guaranteedRatio } = resolved
  const { caps, uncapped, eligibility } = resolved
  const { id, axis, over, rounding, splits } = tier
  const place = (name: string) => placeOf(layout, name)
  const base = baseExplainer(resolved, layout)
  const at = {
    transferOf: place('transferOf'),
    transferUpfront: place('transferUpfront'),
    eligibleUsed: place('eligibleUsed'),
    eligibleOver: place('eligibleOver'),
    stayBasis: place('stayBasis'),
    stayProduct: place('stayProduct'),
    stayAmount: place('stayAmount'),
    ordinal: place('ordinal'),
    ladder: place('ladder'),
    met: place('met'),
    offset: place('offset'),
    applied: place('applied'),
    from: place('from'),
    to: place('to'),
    after: place('after'),
    before: place('before'),
    due: place('due'),
    factorAfter: place('factorAfter'),
    factorBefore: place('factorBefore'),
    factorDue: place('factorDue'),
    guaranteedOf: place('guaranteedOf'),
    guaranteedShare: place('guaranteedShare'),
    guaranteedCounted: place('guaranteedCounted'),
    ordinaryDue: place('ordinaryDue'),
    guaranteedBefore: place('guaranteedBefore'),
    guaranteedUnpaid: place('guaranteedUnpaid'),
    guaranteedDue: place('guaranteedDue'),
    aboveCap: place('aboveCap'),
    unpaid: place('unpaid'),
  }
  const capPlaces = caps.map((cap, i) => ({
    cap,
    used: place(`capUsed${i}`),
    cut: place(`capCut${i}`),
  }))
  const read = (trace: Float64Array, where: number) => (where < 0 ? 0 : trace[where]) as Fen

  return (out, trace, steps) => {
    steps.push(base(trace))
    if (transferUpfront)
      steps.push({
        step: 'transfer-upfront',
        tier: id,
        of: read(trace, at.transferOf),
        share: transferUpfront.value,
        amount: read(trace, at.transferUpfront),
        citation: transferUpfront.citation,
      })
    if (eligibleCap) {
      if (eligibleCap.derivation) steps.push(derivationStep(id, eligibleCap.derivation))
      steps.push({
        step: 'eligible-cap',
        tier: id,
        limit: eligibleCap.value,
        used: read(trace, at.eligibleUsed),
        over: read(trace, at.eligibleOver),
        citation: eligibleCap.citation,
      })
    }
    if (admission) steps.push({ step: 'admission', tier: id, ...admission })
    if (deductible) {
      const perAdmission = deductible.rule.kind === 'admission'
      if (deductible.ofStay) {
        const { basis, factor, atLeast, atMost } = deductible.ofStay
        steps.push({
          step: 'derived-amount',
          tier: id,
          limit: 'deductible',
          title: STAY_TITLES[basis],
          basis: read(trace, at.stayBasis),
          factor,
          product: read(trace, at.stayProduct),
          atLeast,
          atMost,
          amount: read(trace, at.stayAmount),
          citations: [],
        })
      }
      for (const derivation of deductible.derivations) steps.push(derivationStep(id, derivation))
      steps.push({
        step: 'deductible',
        tier: id,
        ordinal: perAdmission ? read(trace, at.ordinal) : undefined,
        limit: perAdmission ? read(trace, at.ladder) : (deductible.ladder[0] as Fen),
        met: read(trace, at.met),
        offset: read(trace, at.offset),
        applied: read(trace, at.applied),
        citations: deductible.citations,
      })
    }
    const from = read(trace, at.from)
    const to = read(trace, at.to)
    let due = read(trace, at.due) as number
    steps.push({
      step: 'bands',
      tier: id,
      axis,
      over,
      from,
      to,
      segments: segmentsOf(resolved.bands, from, to),
      after: read(trace, at.after),
      before: read(trace, at.before),
      due: due as Fen,
      rounding,
      citations: bandCitations,
    })
    if (dueFactor) {
      const of = due as Fen
      due = read(trace, at.factorDue)
      steps.push({
        step: 'due-factor',
        tier: id,
        factor: dueFactor.value,
        of,
        after: read(trace, at.factorAfter),
        before: read(trace, at.factorBefore),
        due: due as Fen,
        rounding,
        citation: dueFactor.citation,
      })
    }
    const guarantee = (stage: 'before-caps' | 'after-caps') => {
      if (!guaranteedRatio || tier.guaranteedRatio?.stage !== stage) return
      due = read(trace, at.guaranteedDue)
      steps.push({
        step: 'guaranteed-ratio',
        tier: id,
        ratio: guaranteedRatio.value,
        of: read(trace, at.guaranteedOf),
        share: read(trace, at.guaranteedShare),
        counted: read(trace, at.guaranteedCounted),
        ordinary: read(trace, at.ordinaryDue),
        before: read(trace, at.guaranteedBefore),
        unpaid: read(trace, at.guaranteedUnpaid),
        due: due as Fen,
        rounding,
        citation: guaranteedRatio.citation,
      })
    }
    guarantee('before-caps')
    for (const { cap, used, cut } of capPlaces) {
      if (cap.derivation) steps.push(derivationStep(id, cap.derivation))
      steps.push({
        step: 'cap',
        tier: id,
        per: cap.rule.per,
        limit: cap.limit,
        used: read(trace, used),
        cut: read(trace, cut),
        citations: cap.citations,
      })
      due -= read(trace, cut)
    }
    guarantee('after-caps')
    for (const citation of uncapped) steps.push({ step: 'no-cap', tier: id, citation })
    const unpaid = read(trace, at.unpaid)
    if (due > unpaid)
      steps.push({ step: 'unpaid-limit', tier: id, unpaid, cut: (due - unpaid) as Fen })
    steps.push({
      step: 'paid',
      tier: id,
      amount: out[layout.paid] as Fen,
      parts: partsOf(layout, out),
      transferUpfront: read(trace, at.transferUpfront),
      deductible: splits ? read(trace, at.applied) : (0 as Fen),
      aboveCap: (splits ? read(trace, at.aboveCap) + read(trace, at.eligibleOver) : 0) as Fen,
      eligibility,
    })
  }
}

const STAY_TITLES = {
  stayCost: { zh: '本次住院总费用', en: 'Cost of the stay' },
  stayBase: { zh: '本次住院计算基数', en: 'Base of the stay' },
}

function derivationStep(tier: string, derivation: Derivation): Step {
  return { step: 'derived-amount', tier, ...derivation }
}

function baseExplainer(resolved: ResolvedTier, layout: TierLayout): (trace: Float64Array) => Step {
  const weight = resolved.baseWeight?.value
  const citations: Citation[] = resolved.baseWeight ? [resolved.baseWeight.citation] : []
  if (resolved.kind === 'insurance')
    citations.push(...resolved.counted.flatMap((limit) => limit?.citation ?? []))
  const base = placeOf(layout, 'base')
  const places = resolved.base.map((part, k) => ({
    ...part,
    unpaid: placeOf(layout, `unpaid${k}`),
    notCounted: placeOf(layout, `notCounted${k}`),
  }))
  return (trace) => ({
    step: 'base',
    tier: resolved.tier.id,
    amount: trace[base] as Fen,
    parts: places.map(({ component, weight, citation, unpaid, notCounted }) => ({
      component,
      unpaid: trace[unpaid] as Fen,
      notCounted: trace[notCounted] as Fen,
      weight,
      citation,
    })),
    weight,
    citations,
  })
}

/** The bands as far as a stretch of the axis runs through them. */
export function segmentsOf(bands: readonly Band[], from: number, to: number) {
  const segments: { from: Fen; to: Fen; rate: Rate }[] = []
  for (const { above, upTo, rate } of bands) {
    const low = Math.max(from, above)
    const high = upTo === undefined ? to : Math.min(to, upTo)
    if (low < high) segments.push({ from: low as Fen, to: high as Fen, rate })
  }
  return segments
}

function partsOf(layout: TierLayout, out: Float64Array) {
  const parts: { component: Component; amount: Fen }[] = []
  for (const { component, at } of layout.parts)
    if (out[at] !== 0) parts.push({ component, amount: out[at] as Fen })
  return parts
}

/** Where the trace holds a number, or -1 for what this tier does not have. */
function placeOf({ trace }: TierLayout, name: string): number {
  return trace.get(name) ?? -1
}
