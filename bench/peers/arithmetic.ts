/**
 * The arithmetic that every program of the comparison settles: one hospital bill through four tiers.
 * The figures are round ones of a usual size, not those of any city. All amounts are whole fen.
 *
 * 1. Basic insurance, on the in-scope cost: 1,200 yuan of deductible per bill, then 70 % of the first
 *    40,000 yuan and 75 % of the rest, up to 300,000 yuan a year.
 * 2. Critical illness, on the in-scope cost left unpaid, summed over the year: nothing on the first
 *    18,000 yuan, 60 % from there to 100,000 yuan and 80 % above.
 * 3. Medical aid, on the in-scope cost still unpaid: 70 %, up to 100,000 yuan a year.
 * 4. The supplementary tier, on the in-scope cost still unpaid and the upfront share: 15,000 yuan of
 *    deductible per year, then 80 %, up to 1,000,000 yuan a year.
 *
 * Each tier rounds once, half up to the fen. Critical illness rounds the sum of the year before and
 * after the bill and pays the difference.
 */

/** A bill and what its year has seen so far, in fen. Nothing is negative. */
export type PeerBill = {
  readonly inScope: number
  readonly upfront: number
  readonly outOfScope: number
  /** What basic insurance, medical aid and the supplementary tier have paid this year. */
  readonly basicPaid: number
  readonly medicalAidPaid: number
  readonly supplementaryPaid: number
  /** The sum of the bases of critical illness this year. */
  readonly criticalIllnessBase: number
  /** What the patient has borne of the supplementary deductible this year, at most all of it. */
  readonly supplementaryMet: number
}

/** Who pays what of one bill, in fen. The five add up to the bill. */
export type PeerResult = {
  readonly basic: number
  readonly criticalIllness: number
  readonly medicalAid: number
  readonly supplementary: number
  readonly patient: number
}

/** A rule engine set to the arithmetic above. It reads its rules when it is made, not per bill. */
export type Peer = {
  readonly name: string
  readonly version: string
  settle(bill: PeerBill): PeerResult | Promise<PeerResult>
  /** Many bills by the fastest way the engine documents, results in the order of the bills. */
  settleAll(bills: readonly PeerBill[]): PeerResult[] | Promise<PeerResult[]>
}

/** Every program is written from these figures: amounts in fen, rates in whole percent. */
export const FIGURES = {
  basic: { deductible: 120_000, bandEnd: 4_000_000, rates: [70, 75], cap: 30_000_000 },
  criticalIllness: { deductible: 1_800_000, bandEnd: 10_000_000, rates: [60, 80] },
  medicalAid: { rate: 70, cap: 10_000_000 },
  supplementary: { deductible: 1_500_000, rate: 80, cap: 100_000_000 },
} as const

/** Settles a bill in whole numbers: exact while a hundred times the bill is a safe integer. */
export function settleExactly(bill: PeerBill): PeerResult {
  const { basic: B, criticalIllness: K, medicalAid: M, supplementary: S } = FIGURES

  const net = Math.max(bill.inScope - B.deductible, 0)
  const banded = Math.min(net, B.bandEnd) * B.rates[0] + Math.max(net - B.bandEnd, 0) * B.rates[1]
  const basic = Math.min(halfUp(banded), Math.max(B.cap - bill.basicPaid, 0))

  const afterBasic = bill.inScope - basic
  const yearly = (base: number) =>
    halfUp(
      Math.max(Math.min(base, K.bandEnd) - K.deductible, 0) * K.rates[0] +
        Math.max(base - K.bandEnd, 0) * K.rates[1],
    )
  const criticalIllness =
    yearly(bill.criticalIllnessBase + afterBasic) - yearly(bill.criticalIllnessBase)

  const afterCritical = afterBasic - criticalIllness
  const medicalAid = Math.min(
    halfUp(afterCritical * M.rate),
    Math.max(M.cap - bill.medicalAidPaid, 0),
  )

  const unpaid = afterCritical - medicalAid + bill.upfront
  const beyond = Math.max(unpaid - Math.max(S.deductible - bill.supplementaryMet, 0), 0)
  const supplementary = Math.min(
    halfUp(beyond * S.rate),
    Math.max(S.cap - bill.supplementaryPaid, 0),
  )

  const patient = unpaid + bill.outOfScope - supplementary
  return { basic, criticalIllness, medicalAid, supplementary, patient }
}

/** Hundredths of a fen to the nearest fen, the half going up. */
function halfUp(hundredths: number): number {
  return Math.floor((hundredths + 50) / 100)
}

/**
 * The same bills for the same seed: mostly ordinary admissions (a median of about 12,000 yuan with a
 * long tail), a few empty bills, a few of several million yuan, and bills that stand on a boundary.
 * Some are the first of their year; the others come after paid ones, now and then with a cap used up.
 */
export function generateBills(count: number, seed: number): PeerBill[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => generateBill(random))
}

function generateBill(random: () => number): PeerBill {
  const { basic, criticalIllness, medicalAid, supplementary } = FIGURES
  const chance = (probability: number) => random() < probability
  const upTo = (limit: number) => Math.floor(random() * (limit + 1))

  const inScope = generateCost(random)
  const firstOfYear = chance(0.55)
  const spent = (cap: number, usual: number) =>
    firstOfYear ? 0 : chance(0.05) ? cap - upTo(100_000) : upTo(usual)
  return {
    inScope,
    upfront: chance(0.7) ? upTo(Math.floor(inScope * 0.15)) : 0,
    outOfScope: chance(0.8) ? upTo(Math.floor(inScope * 0.2) + 50_000) : 0,
    basicPaid: spent(basic.cap, 6_000_000),
    medicalAidPaid: spent(medicalAid.cap, 1_000_000),
    supplementaryPaid: spent(supplementary.cap, 500_000),
    criticalIllnessBase: spent(criticalIllness.bandEnd, 3_000_000),
    supplementaryMet: firstOfYear ? 0 : Math.min(upTo(2_500_000), supplementary.deductible),
  }
}

function generateCost(random: () => number): number {
  const kind = random()
  if (kind < 0.02) return 0
  if (kind < 0.04) return 100_000_000 + Math.floor(random() * 400_000_000)
  if (kind < 0.06) {
    const { basic, criticalIllness } = FIGURES
    const edges = [basic.deductible, basic.deductible + basic.bandEnd, criticalIllness.bandEnd]
    const edge = edges[Math.floor(random() * edges.length)] as number
    return edge - 1 + Math.floor(random() * 3)
  }
  // Box and Muller: a normal deviate, of which a cost is the exponential.
  const deviate = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.round(1_200_000 * Math.exp(1.1 * deviate))
}

/** Mulberry32: a small repeatable generator of numbers from 0 up to 1. Not for secrets. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
