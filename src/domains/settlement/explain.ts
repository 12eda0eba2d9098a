import { fen, type Rate, ZERO } from '#base/money.ts'
import type { TierLayout } from './emit.ts'
import type { Plan, PlannedTier } from './plan.ts'
import type { ResolvedInsurance, ResolvedTier } from './resolve.ts'
import type { Bill, Component, Step } from './types.ts'

/**
 * The steps behind a settlement, read off the trace that the settling code itself left: nothing is
 * computed a second time but the stretch of axis that falls into each band.
 */
export function explainSteps(
  plan: Plan,
  bill: Bill,
  out: Float64Array,
  trace: Float64Array,
): Step[] {
  const steps: Step[] = []
  if (plan.steps[0]?.kind === 'thirdParty') {
    const layout = plan.code.tiers[0]
    const share = bill.thirdParty?.share ?? (1_000_000 as Rate)
    steps.push({ step: 'third-party', share, amount: fen(out[layout?.paid ?? 0] as number) })
  }
  for (const planned of plan.tiers) explainTier(plan, planned, out, trace, steps)
  return steps
}

function explainTier(
  plan: Plan,
  planned: PlannedTier,
  out: Float64Array,
  trace: Float64Array,
  steps: Step[],
): void {
  const tier = planned.tier.id
  if (!planned.applies) {
    const { reason, citation } = planned
    steps.push({ step: 'not-applicable', tier, reason, citation })
    return
  }
  const layout = plan.code.tiers[planned.step] as TierLayout
  const { resolved } = planned
  const at = (name: string) => fen(trace[layout.trace.get(name) ?? -1] ?? 0)

  steps.push(explainBase(resolved, at))
  if (resolved.kind === 'account') steps.push({ step: 'balance', tier, balance: at('balance') })
  else explainInsurance(resolved, at, steps)
  const unpaid = at('unpaid')
  const due = resolved.kind === 'account' ? at('base') : dueAfterCaps(resolved, at)
  const paid = fen(out[layout.paid] as number)
  if (resolved.kind === 'insurance' && due > unpaid)
    steps.push({ step: 'unpaid-limit', tier, unpaid, cut: fen(due - unpaid) })
  const parts: { component: Component; amount: ReturnType<typeof fen> }[] = []
  for (const { component, at: place } of layout.parts)
    if (out[place] !== 0) parts.push({ component, amount: fen(out[place] as number) })
  const splits = resolved.kind === 'insurance' && resolved.tier.splits
  steps.push({
    step: 'paid',
    tier,
    amount: paid,
    parts,
    deductible: splits ? at('applied') : ZERO,
    aboveCap: splits ? fen(at('aboveCap') + at('eligibleOver')) : ZERO,
    eligibility: resolved.eligibility,
  })
}

type Read = (name: string) => ReturnType<typeof fen>

function explainBase(resolved: ResolvedTier, at: Read): Step {
  return {
    step: 'base',
    tier: resolved.tier.id,
    amount: at('base'),
    parts: resolved.base.map(({ component, weight, citation }, k) => ({
      component,
      unpaid: at(`unpaid${k}`),
      notCounted: at(`notCounted${k}`),
      weight,
      citation,
    })),
    weight: resolved.baseWeight?.value,
    citations: [
      ...(resolved.baseWeight ? [resolved.baseWeight.citation] : []),
      ...(resolved.kind === 'insurance' ? resolved.counted.map(({ citation }) => citation) : []),
    ],
  }
}

function explainInsurance(resolved: ResolvedInsurance, at: Read, steps: Step[]): void {
  const { tier, eligibleCap, deductible, bands, bandCitations, caps } = resolved
  if (eligibleCap)
    steps.push({
      step: 'eligible-cap',
      tier: tier.id,
      limit: eligibleCap.value,
      used: at('eligibleUsed'),
      over: at('eligibleOver'),
      citation: eligibleCap.citation,
    })
  if (deductible)
    steps.push({
      step: 'deductible',
      tier: tier.id,
      ordinal: deductible.rule.kind === 'admission' ? at('ordinal') : undefined,
      limit: deductible.rule.kind === 'admission' ? at('ladder') : (deductible.ladder[0] ?? ZERO),
      met: at('met'),
      offset: at('offset'),
      applied: at('applied'),
      citations: deductible.citations,
    })
  const [from, to] = [at('from'), at('to')]
  const segments: { from: typeof from; to: typeof to; rate: Rate }[] = []
  for (const { above, upTo, rate } of bands) {
    const low = Math.max(from, above)
    const high = Math.min(to, upTo ?? to)
    if (low < high) segments.push({ from: fen(low), to: fen(high), rate })
  }
  steps.push({
    step: 'bands',
    tier: tier.id,
    axis: tier.axis,
    over: tier.over,
    from,
    to,
    segments,
    after: at('after'),
    before: at('before'),
    due: at('due'),
    rounding: tier.rounding,
    citations: bandCitations,
  })
  for (const [i, cap] of caps.entries())
    steps.push({
      step: 'cap',
      tier: tier.id,
      per: cap.rule.per,
      limit: cap.limit,
      used: at(`capUsed${i}`),
      cut: at(`capCut${i}`),
      citations: cap.citations,
    })
}

function dueAfterCaps({ caps }: ResolvedInsurance, at: Read): number {
  return caps.reduce((due, _, i) => due - at(`capCut${i}`), at('due') as number)
}
