import { ZenDecisionContent, ZenEngine } from '@gorules/zen-engine'
import { FIGURES, type Peer, type PeerBill, type PeerResult } from './arithmetic.ts'
import { installedVersion } from './installed.ts'

/**
 * The arithmetic as a decision of GoRules Zen: an expression node between the input and the output.
 *
 * Amounts are fen. Zen computes in decimals of its own, not in binary floats, so `0.7` is seven
 * tenths and `round` takes the half up: it agrees with the reference to the fen. Handing back a whole
 * number past 64 bits aborts the process, which no bill here comes near.
 *
 * What its documentation advises for speed is followed: expression nodes rather than functions, content
 * compiled beforehand, and for many bills the loop mode of the node, so that one call settles a batch.
 * A decision has no synchronous call: each is handed to a pool of native threads and answered by a
 * promise. That hand-over is most of the time of `settle`, so `settleAll` is the figure to compare.
 */
export function createZen(): Peer {
  const engine = new ZenEngine()
  const one = engine.createDecision(new ZenDecisionContent(decision({ executionMode: 'single' })))
  const many = engine.createDecision(
    new ZenDecisionContent(
      decision({ executionMode: 'loop', inputField: 'bills', outputPath: 'results' }),
    ),
  )
  return {
    name: 'GoRules Zen',
    version: installedVersion('@gorules/zen-engine'),
    async settle(bill: PeerBill): Promise<PeerResult> {
      return (await one.evaluate(bill)).result
    },
    async settleAll(bills: readonly PeerBill[]): Promise<PeerResult[]> {
      const results: PeerResult[] = []
      for (let start = 0; start < bills.length; start += BATCH) {
        const response = await many.evaluate({ bills: bills.slice(start, start + BATCH) })
        for (const result of response.result.results) results.push(result)
      }
      return results
    },
  }
}

/** Bills per call. From a hundred to two thousand the speed is the same. */
const BATCH = 500

type LoopSettings = {
  executionMode: 'single' | 'loop'
  inputField?: string
  outputPath?: string
}

function decision(settings: LoopSettings): object {
  const position = { x: 0, y: 0 }
  const content = { expressions: EXPRESSIONS, passThrough: false, ...settings }
  return {
    nodes: [
      { id: 'bill', type: 'inputNode', name: 'Bill', position },
      { id: 'tiers', type: 'expressionNode', name: 'Tiers', position, content },
      { id: 'payments', type: 'outputNode', name: 'Payments', position },
    ],
    edges: [
      { id: 'bill-tiers', type: 'edge', sourceId: 'bill', targetId: 'tiers' },
      { id: 'tiers-payments', type: 'edge', sourceId: 'tiers', targetId: 'payments' },
    ],
  }
}

const { basic, criticalIllness, medicalAid, supplementary } = FIGURES

// `$` is the node's own result so far. Only the five payments are named, because every further name
// is one more value to build and hand back; conditions stand where they are faster than min and max.
const EXPRESSIONS = Object.entries({
  basic: `min([
    round(${bands('inScope', basic.deductible, basic.deductible + basic.bandEnd, basic.rates)}),
    max([${basic.cap} - basicPaid, 0])
  ])`,
  criticalIllness: `${yearly('(criticalIllnessBase + inScope - $.basic)')}
    - ${yearly('criticalIllnessBase')}`,
  medicalAid: `min([
    round((inScope - $.basic - $.criticalIllness) * ${medicalAid.rate / 100}),
    max([${medicalAid.cap} - medicalAidPaid, 0])
  ])`,
  supplementary: `min([
    round(${supplementary.rate / 100} * max([
      inScope - $.basic - $.criticalIllness - $.medicalAid + upfront
        - max([${supplementary.deductible} - supplementaryMet, 0]),
      0
    ])),
    max([${supplementary.cap} - supplementaryPaid, 0])
  ])`,
  patient: `inScope + upfront + outOfScope
    - $.basic - $.criticalIllness - $.medicalAid - $.supplementary`,
}).map(([key, value]) => ({ id: key, key, value }))

function yearly(base: string): string {
  const { deductible, bandEnd, rates } = criticalIllness
  return `round(${bands(base, deductible, bandEnd, rates)})`
}

/** Nothing up to `from`, the first rate from there to `to`, the second above. */
function bands(base: string, from: number, to: number, rates: readonly [number, number]): string {
  const [lower, upper] = rates
  return `${base} <= ${from} ? 0
    : ${base} <= ${to} ? (${base} - ${from}) * ${lower / 100}
    : ${((to - from) * lower) / 100} + (${base} - ${to}) * ${upper / 100}`
}
