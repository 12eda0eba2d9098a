import { EXACT_PRODUCT_LIMIT, share, WHOLE } from '#base/money.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type {
  ResolvedAccount,
  ResolvedInsurance,
  ResolvedStayAmount,
  ResolvedTier,
} from './resolve.ts'
import {
  type Band,
  COMPONENTS,
  type Component,
  type GuaranteedRatio,
  NATIVE_COMPONENTS,
} from './types.ts'

/**
 * Where a bill's numbers stand in the bill array: its native components in fen, in their order, then
 * the third party's share in ppm, then what counted limits leave out, one number a limit.
 */
export const BILL_THIRD_PARTY = NATIVE_COMPONENTS.length
export const BILL_NOT_COUNTED = BILL_THIRD_PARTY + 1

/**
 * Settles one bill. `bill`, `state` and `out` are read and written from their offsets; nothing is
 * allocated. `state` holds the person's running totals before the bill and, after it, the new ones.
 */
export type Kernel = (
  bill: Float64Array,
  billAt: number,
  state: Float64Array,
  stateAt: number,
  out: Float64Array,
  outAt: number,
  trace: Float64Array,
) => void

/** Columns of bills, person by person, and columns for what comes of each. */
export type KernelColumns = {
  /** Whose bill a row is: where it changes, the running totals begin at nothing. */
  readonly person: Int32Array
  /** Fen, by the place of the component among the native ones. */
  readonly parts: readonly (Int32Array | Float64Array | undefined)[]
  /** Fen that each step paid, and what each of them counts for in `weighed`. */
  readonly paid: readonly (Int32Array | Float64Array)[]
  readonly weights: Float64Array
  readonly patient: Int32Array | Float64Array
  /** The whole bill. */
  readonly cost: Int32Array | Float64Array
  /** The patient's share and the payments, each by its weight. */
  readonly weighed: Float64Array
  /** For each bill, the bits of the steps that a cap cut; and what bit each step has. */
  readonly capped: Int32Array
  readonly bits: Int32Array
  /** The totals that do not begin anew with each stay, as they were before the bill, in the order of the slots. */
  readonly before: readonly Float64Array[]
}

/**
 * Settles the rows from `at` to before `end`, and adds what each step paid to `sums` and how often to `payments`. `state`
 * holds the totals of the first row's person before and of the last row's after it. Answers with `end`, or with the first
 * row that is not for it, of which nothing is written: one with an amount below zero, of more than `most` in all, or that
 * reaches where no source gives a rate.
 */
export type ColumnKernel = (
  at: number,
  end: number,
  columns: KernelColumns,
  state: Float64Array,
  sums: Float64Array,
  payments: Float64Array,
  most: number,
) => number

/** Which native components have a column, whether the totals before each bill are kept, and whether it is told which caps cut. */
export type ColumnShape = {
  readonly parts: readonly number[]
  readonly keep: boolean
  readonly caps: boolean
}

/** Which running total a state number is, and over what it runs. */
export type Slot = {
  readonly slot: string
  /** `stay` runs over one admission, `tier` over the period of the tier at this position. */
  readonly runsOver: 'stay' | 'lifetime' | { readonly tier: number }
  /** The step that first asks for it. */
  readonly step: number
}

/** Where a tier's results stand in the out array, and its steps in the trace array. */
export type TierLayout = {
  readonly paid: number
  readonly parts: readonly { readonly component: Component; readonly at: number }[]
  readonly trace: ReadonlyMap<string, number>
  /** Where the tier's place on its axis stands in the state array; an account has none. */
  readonly axisSlot: number | undefined
}

/** A plan as straight-line code with its numbers written in; equal plans share one function. */
export type Emitted = {
  readonly slots: readonly Slot[]
  readonly tiers: readonly TierLayout[]
  /** Where the unpaid components stand in the out array, in the order of COMPONENTS. */
  readonly left: number
  readonly outLength: number
  readonly traceLength: number
  readonly billLength: number
  readonly run: Kernel
  readonly traced: Kernel
  /** The same code over columns; written once for each shape. */
  readonly columns: (shape: ColumnShape) => ColumnKernel
}

export type PlanStep = ResolvedTier | { readonly kind: 'thirdParty' }

/**
 * Compiles the tiers of one plan, in order, into functions from the same emitter: `run` for the fen alone, `traced` for the
 * same fen with every intermediate number, `columns` for any number of bills with the totals in variables.
 */
export function emit(steps: readonly PlanStep[]): Emitted {
  const plain = new Emitter('plain').emitAll(steps)
  const traced = new Emitter('traced').emitAll(steps)
  const byShape = new Map<string, ColumnKernel>()
  return {
    slots: plain.slots,
    tiers: traced.layouts,
    left: plain.left,
    outLength: plain.outLength,
    traceLength: traced.traceLength,
    billLength: plain.billLength,
    run: functionOf(plain.source),
    traced: functionOf(traced.source),
    columns: (shape) => {
      const key = `${shape.parts.join()} ${shape.keep} ${shape.caps}`
      const known = byShape.get(key) ?? functionOf(new Emitter('columns').emitColumns(steps, shape))
      byShape.set(key, known)
      return known
    },
  }
}

/** The components that the settling code itself moves cost between. */
const variableOf = (component: Component): string => `c${COMPONENTS.indexOf(component)}`
const IN_SCOPE = variableOf('inScope')
const DEDUCTIBLE = variableOf('deductible')
const ABOVE_CAP = variableOf('aboveCap')
const TRANSFER_UPFRONT = variableOf('transferUpfront')

/** The source is made of numbers and fixed names only: no text of a scheme file reaches it. */
function functionOf<F extends Kernel | ColumnKernel>(source: string): F {
  return new Function('exactShare', 'exactBands', 'costAt', 'exactFactor', 'dueBefore', source)(
    (amount: number, rate: number) => share(amount, rate, 'half-up'),
    exactBands,
    costAt,
    exactFactor,
    dueBefore,
  ) as F
}

const LIMIT = String(EXACT_PRODUCT_LIMIT)
const MILLION = String(WHOLE)
const BUMPS = { 'half-up': 500_000, down: 0, up: 999_999 } as const

/** The upper end and rate of each band in turn; the last end is beyond any amount. */
type BandNumbers = readonly number[]

/** The bands beyond 90 million yuan, where plain products leave the safe integers. */
function exactBands(x: number, bands: BandNumbers, bump: number): number {
  let sum = BigInt(bump)
  let above = 0
  for (let i = 0; i < bands.length; i += 2) {
    const end = bands[i] as number
    const upTo = Math.min(x, end)
    if (upTo > above) sum += BigInt(upTo - above) * BigInt(bands[i + 1] as number)
    above = end
  }
  return Number(sum / BigInt(WHOLE))
}

/**
 * The first point of the axis, from `start` to `end`, up to which the bands have paid `paid` in all:
 * where a cap begins to bind.
 */
function costAt(
  start: number,
  end: number,
  paid: number,
  bands: BandNumbers,
  bump: number,
): number {
  const wanted = paid * WHOLE - bump
  let above = 0
  let below = 0
  let point = end
  for (let i = 0; i < bands.length; i += 2) {
    const upTo = bands[i] as number
    const rate = bands[i + 1] as number
    const within = wanted - below
    if (within <= 0) {
      point = above
      break
    }
    if (rate > 0 && above + within / rate <= upTo) {
      point = above + Math.ceil(within / rate)
      break
    }
    below += (upTo - above) * rate
    above = upTo
  }
  point = Math.min(end, Math.max(start, point))
  if (end <= EXACT_PRODUCT_LIMIT) return point
  // Beyond exact products the point is a close guess: step to where the exact bands agree.
  while (point > start && exactBands(point - 1, bands, bump) >= paid) point--
  while (point < end && exactBands(point, bands, bump) < paid) point++
  return point
}

/** A factor on what is due, with the tier's own rounding, at any size. */
function exactFactor(due: number, factor: number, bump: number): number {
  return Number((BigInt(due) * BigInt(factor) + BigInt(bump)) / BigInt(WHOLE))
}

/** The least amount of which a factor leaves `due`: what the bands paid where a cap begins to bind. */
function dueBefore(due: number, factor: number, bump: number): number {
  const wanted = BigInt(due) * BigInt(WHOLE) - BigInt(bump)
  return wanted <= 0n ? 0 : Number((wanted + BigInt(factor - 1)) / BigInt(factor))
}

class Emitter {
  readonly #mode: 'plain' | 'traced' | 'columns'
  readonly #lines: string[] = []
  readonly #tables: string[] = []
  readonly #slots: Slot[] = []
  readonly #slotOf = new Map<string, number>()
  readonly #layouts: TierLayout[] = []
  #out = 0
  #trace = 0
  /** The steps whose payments a deductible, by its pool or tier, has taken as met. */
  readonly #offsets = new Map<string, Set<number>>()
  #notCounted = BILL_NOT_COUNTED
  /** Of each step that has caps, what they cut. */
  readonly #cuts: { readonly step: number; readonly cut: string }[] = []

  constructor(mode: 'plain' | 'traced' | 'columns') {
    this.#mode = mode
  }

  emitAll(steps: readonly PlanStep[]) {
    this.#steps(steps)
    const left = this.#out
    for (const [i] of COMPONENTS.entries()) this.#lines.push(`O[o+${this.#out++}]=c${i};`)
    return {
      source: `${this.#tables.join('')}return function(B,b,S,s,O,o,T){${this.#lines.join('\n')}}`,
      slots: this.#slots,
      layouts: this.#layouts,
      left,
      outLength: this.#out,
      traceLength: this.#trace,
      billLength: this.#notCounted,
    }
  }

  /** A loop over rows with everything that a row needs in variables. */
  emitColumns(steps: readonly PlanStep[], { parts, keep, caps }: ColumnShape): string {
    this.#steps(steps)
    const each = <T>(list: readonly T[], text: (one: T, i: number) => string) =>
      list.map(text).join('')
    const natives = NATIVE_COMPONENTS.map((_, i) => i)
    const slots = this.#slots.map((_, i) => i)
    const ofStay = slots.filter((i) => this.#slots[i]?.runsOver === 'stay')
    const carried = slots.filter((i) => !ofStay.includes(i))
    const unknown = steps.flatMap((step, t) => {
      const last = step.kind === 'insurance' ? step.bands.at(-1) : undefined
      return last?.unknown ? [`s${this.#layouts[t]?.axisSlot}>${last.above}`] : []
    })
    const anew = (which: readonly number[]) => each(which, (i) => `s${i}=0;`)
    const paid = steps.map((_, t) => `y${t}`)
    const refuse = (conditions: readonly string[]) =>
      conditions.length > 0 ? `if(${conditions.join('||')})break;` : ''
    return [
      ...this.#tables,
      'return function(k,end,R,S,F,N,most){',
      'const P=R.person,L=R.patient,C=R.cost,W=R.weighed;let who=P[k];',
      each(parts, (i) => `const X${i}=R.parts[${i}];`),
      each(paid, (_, t) => `const Y${t}=R.paid[${t}],G${t}=R.weights[${t}];`),
      keep ? each(carried, (_, n) => `const V${n}=R.before[${n}];`) : '',
      caps ? 'const M=R.capped,Z=R.bits;' : '',
      each(slots, (i) => `let s${i}=S[${i}];`),
      'for(;k<end;k++){',
      `if(P[k]!==who){who=P[k];${anew(carried)}}${anew(ofStay)}`,
      each(natives, (i) => `const B${i}=${parts.includes(i) ? `X${i}[k]` : '0'};`),
      `const whole=${natives.map((i) => `B${i}`).join('+')};`,
      refuse([...parts.map((i) => `B${i}<0`), 'whole>most']),
      keep ? each(carried, (i, n) => `V${n}[k]=s${i};`) : '',
      ...this.#lines,
      refuse(unknown),
      `const left=${COMPONENTS.map((_, i) => `c${i}`).join('+')};`,
      `if(${['left', ...paid].join('+')}!==whole)throw new Error('payers + patient = bill');`,
      each(paid, (y, t) => `Y${t}[k]=${y};if(${y}!==0){F[${t}]+=${y};N[${t}]++;}`),
      caps ? `M[k]=0${each(this.#cuts, ({ step, cut }) => `|(${cut}>0?Z[${step}]:0)`)};` : '',
      `L[k]=left;C[k]=whole;W[k]=${['left', ...paid.map((y, t) => `G${t}*${y}`)].join('+')};`,
      `}${each(slots, (i) => `S[${i}]=s${i};`)}return k}`,
    ].join('\n')
  }

  #steps(steps: readonly PlanStep[]): void {
    for (const [i] of COMPONENTS.entries())
      this.#lines.push(`let c${i}=${i < NATIVE_COMPONENTS.length ? this.#native(i) : '0'};`)
    for (const [t, step] of steps.entries()) {
      const wanted = steps.some((s) => s.kind !== 'thirdParty' && this.#beforeOf(steps, s) === t)
      if (wanted)
        for (const [i] of COMPONENTS.entries()) this.#lines.push(`const w${t}_${i}=c${i};`)
      if (step.kind === 'thirdParty') this.#thirdParty(t)
      else if (step.kind === 'account') this.#account(t, step, steps)
      else this.#insurance(t, step, steps)
    }
  }

  /** What the bill came with of a native component. */
  #native(component: number): string {
    return this.#mode === 'columns' ? `B${component}` : `B[b+${component}]`
  }

  #beforeOf(steps: readonly PlanStep[], step: ResolvedTier): number {
    const { baseBefore } = step.tier
    if (baseBefore === undefined) return -1
    return steps.findIndex((other) => other.kind !== 'thirdParty' && other.tier.id === baseBefore)
  }

  /** The liable party bears its share of every component before any tier looks at the bill. */
  #thirdParty(t: number): void {
    const trace = new Map<string, number>()
    // Rows of columns are nobody else's liability.
    const share = this.#mode === 'columns' ? String(WHOLE) : `B[b+${BILL_THIRD_PARTY}]`
    const parts = NATIVE_COMPONENTS.map((component, i) => {
      this.#lines.push(`const y${t}_${i}=${mul(`c${i}`, share)};c${i}-=y${t}_${i};`)
      return { component, amount: `y${t}_${i}` }
    })
    this.#lines.push(`const y${t}=${parts.map(({ amount }) => amount).join('+')};`)
    this.#results(t, parts, trace)
  }

  #account(t: number, step: ResolvedAccount, steps: readonly PlanStep[]): void {
    const trace = new Map<string, number>()
    this.#base(t, step, steps, trace)
    const { account } = step.tier
    const runsOver = account === 'currentYear' ? { tier: t } : 'lifetime'
    const balance = this.#slot(`account:${account}`, runsOver, t)
    this.#mark(t, trace, 'balance', balance)
    this.#lines.push(`let y${t}=${balance}<b${t}?${balance}:b${t};`)
    this.#payDown(t, step, trace, `${balance}-=y${t};`)
  }

  #insurance(t: number, step: ResolvedInsurance, steps: readonly PlanStep[]): void {
    const { tier, transferUpfront, eligibleCap, deductible, bands, dueFactor, caps } = step
    const trace = new Map<string, number>()
    const mark = (name: string, value: string) => this.#mark(t, trace, name, value)
    const line = (text: string) => this.#lines.push(text)
    const inTier = (name: string) => this.#slot(`${tier.id}:${name}`, { tier: t }, t)
    const inStay = (name: string) => this.#slot(`${tier.id}:${name}`, 'stay', t)
    const running = (
      per: 'admission' | 'period',
      name: string,
      pool: string | undefined,
      since?: PlainDate,
    ) => {
      if (per === 'admission') return inStay(name)
      const owner = pool ?? tier.id
      return this.#slot(`${since ? `${owner}:since ${since}` : owner}:${name}`, { tier: t }, t)
    }

    this.#base(t, step, steps, trace)
    const ofStay = deductible?.ofStay
    // Every bill of the stay counts, also one that the deductible does not reach.
    if (ofStay?.basis === 'stayCost')
      line(`${inStay('stayCost')}+=${NATIVE_COMPONENTS.map((_, i) => this.#native(i)).join('+')};`)
    if (transferUpfront) {
      mark('transferOf', `b${t}`)
      if (transferUpfront.value > 0) {
        line(`const u${t}=${mul(`b${t}`, String(transferUpfront.value))};b${t}-=u${t};`)
        line(`${IN_SCOPE}-=u${t};${TRANSFER_UPFRONT}+=u${t};`)
        mark('transferUpfront', `u${t}`)
      }
    }
    if (eligibleCap && tier.eligibleCap) {
      const used = running(tier.eligibleCap.per, 'eligible', tier.eligibleCap.pool)
      mark('eligibleUsed', used)
      line(`const e${t}=${floorZero(`${eligibleCap.value}-${used}`)};`)
      line(`const v${t}=b${t}>e${t}?b${t}-e${t}:0;b${t}-=v${t};${used}+=b${t};`)
      mark('eligibleOver', `v${t}`)
      if (tier.splits) line(`${IN_SCOPE}-=v${t};${ABOVE_CAP}+=v${t};`)
    }

    if (deductible) {
      const { periodTotal, rule } = deductible
      if (ofStay?.basis === 'stayBase') line(`${inStay('stayBase')}+=b${t};`)
      const met = running('period', 'met', rule.pool, deductible.since)
      if (rule.kind === 'period') {
        mark('met', met)
        line(`let l${t}=${floorZero(`${deductible.ladder[0] ?? 0}-${met}`)};`)
      } else {
        const admissions = inTier('admissions')
        const ordinal = inStay('ordinal')
        const stayMet = inStay('met')
        line(`if(${ordinal}===0){${admissions}+=1;${ordinal}=${admissions};}`)
        mark('ordinal', ordinal)
        mark('met', stayMet)
        const ladder = ofStay
          ? this.#stayLadder(t, ofStay, inStay(ofStay.basis), mark)
          : deductible.ladder.map(String)
        const limit = ladder.reduceRight(
          (later, amount, i) =>
            later === '' ? amount : `(${ordinal}<${i + 2}?${amount}:${later})`,
          '',
        )
        mark('ladder', limit)
        line(`let l${t}=${floorZero(`${limit}-${stayMet}`)};`)
        if (periodTotal !== undefined) {
          const rest = floorZero(`${periodTotal}-${met}`)
          line(`{const r=${rest};if(l${t}>r)l${t}=r;}`)
        }
      }
      mark('limit', `l${t}`)
      // A payment counts once towards a deductible, however many tiers share it.
      const counted = this.#offsets.get(rule.pool ?? tier.id) ?? new Set()
      this.#offsets.set(rule.pool ?? tier.id, counted)
      const offsetBy = steps.flatMap((other, i) => {
        if (i >= t || other.kind === 'thirdParty' || counted.has(i)) return []
        if (!rule.offsetBy.includes(other.tier.payer)) return []
        counted.add(i)
        return [`y${i}`]
      })
      const stayMet = rule.kind === 'admission' ? `${inStay('met')}+=` : ''
      if (offsetBy.length > 0) {
        line(`let f${t}=${offsetBy.join('+')};if(f${t}>l${t})f${t}=l${t};l${t}-=f${t};`)
        line(`${met}+=f${t};${stayMet === '' ? '' : `${stayMet}f${t};`}`)
        mark('offset', `f${t}`)
      }
      line(`const d${t}=b${t}<l${t}?b${t}:l${t};${met}+=d${t};`)
      if (stayMet !== '') line(`${stayMet}d${t};`)
      if (tier.splits) line(`${IN_SCOPE}-=d${t};${DEDUCTIBLE}+=d${t};`)
    } else line(`const d${t}=0;`)
    mark('applied', `d${t}`)

    // F(after) − F(before) along the axis: nothing is rounded twice, however the cost arrives.
    const axis = running(tier.over, 'axis', undefined)
    const gross = tier.axis === 'gross'
    line(`const x${t}=${axis}${gross ? `+d${t}` : ''};`)
    line(`const z${t}=x${t}+b${t}-d${t};${axis}=z${t};`)
    const numbers = bands.flatMap(({ upTo, rate }) => [upTo ?? Number.MAX_SAFE_INTEGER, rate])
    this.#tables.push(`const F${t}=[${numbers.join()}];`)
    const bump = BUMPS[tier.rounding]
    const F = (x: string) => bandsOf(x, `F${t}`, bands, bump)
    line(`let h${t}=0,g${t}=0,y${t}=0;`)
    line(`if(z${t}>x${t}){h${t}=${F(`z${t}`)};if(x${t}>0)g${t}=${F(`x${t}`)};y${t}=h${t}-g${t};}`)
    mark('from', `x${t}`)
    mark('to', `z${t}`)
    mark('after', `h${t}`)
    mark('before', `g${t}`)
    mark('due', `y${t}`)

    // The same F(after) − F(before), each of it by the factor, so that pieces of a stay add up.
    const factor = dueFactor?.value ?? WHOLE
    if (factor !== WHOLE) {
      const times = (due: string) =>
        `(${due}<=${LIMIT}?Math.floor((${due}*${factor}+${bump})/${MILLION}):exactFactor(${due},${factor},${bump}))`
      line(`h${t}=${times(`h${t}`)};g${t}=${times(`g${t}`)};y${t}=h${t}-g${t};`)
    }
    if (dueFactor) {
      mark('factorAfter', `h${t}`)
      mark('factorBefore', `g${t}`)
      mark('factorDue', `y${t}`)
    }

    const { guaranteedRatio } = tier
    const guarantee = step.guaranteedRatio && guaranteedRatio
    if (guarantee?.stage === 'before-caps') this.#guarantee(t, step, guarantee, steps, mark)
    const capSlots = caps.map((cap, i) => {
      const used = running(cap.rule.per, 'paid', cap.rule.pool, cap.since)
      mark(`capUsed${i}`, used)
      line(`const r${t}_${i}=${floorZero(`${cap.limit}-${used}`)};`)
      line(`const k${t}_${i}=y${t}>r${t}_${i}?y${t}-r${t}_${i}:0;`)
      if (tier.splits) {
        const left = `g${t}+r${t}_${i}`
        const reached = factor === WHOLE ? left : `dueBefore(${left},${factor},${bump})`
        const excess =
          cap.rule.excess === 'cost'
            ? `z${t}-n${t}-costAt(x${t},z${t}-n${t},${reached},F${t},${bump})`
            : // What a guarantee raised may be more than is left in scope.
              guarantee
              ? `Math.min(${IN_SCOPE},k${t}_${i})`
              : `k${t}_${i}`
        if (i === 0) line(`let n${t}=0;`)
        line(`if(k${t}_${i}>0){const q=${excess};n${t}+=q;${IN_SCOPE}-=q;${ABOVE_CAP}+=q;}`)
      }
      line(`y${t}-=k${t}_${i};`)
      mark(`capCut${i}`, `k${t}_${i}`)
      return used
    })
    if (caps.length > 0)
      this.#cuts.push({ step: t, cut: caps.map((_, i) => `k${t}_${i}`).join('+') })
    if (guarantee?.stage === 'after-caps') this.#guarantee(t, step, guarantee, steps, mark)
    mark('aboveCap', tier.splits && caps.length > 0 ? `n${t}` : '0')
    this.#payDown(t, step, trace, [...new Set(capSlots)].map((s) => `${s}+=y${t};`).join(''), axis)
  }

  /**
   * Raises what is due to the guaranteed share. Everything is summed over the stay, so that an interim bill
   * is due what all of them together make due, less what was due before. What a bill has too little unpaid
   * for is left to the next.
   */
  #guarantee(
    t: number,
    { tier, guaranteedRatio, deductible }: ResolvedInsurance,
    { of, lessDeductible, countedTiers }: GuaranteedRatio,
    steps: readonly PlanStep[],
    mark: (name: string, value: string) => void,
  ): void {
    const inStay = (name: string) => this.#slot(`${tier.id}:${name}`, 'stay', t)
    const whole = inStay('guaranteedOf')
    const ordinary = inStay('ordinaryDue')
    const counted = inStay('guaranteedCounted')
    const granted = inStay('guaranteedDue')
    const borne = steps[0]?.kind === 'thirdParty'
    const parts = of.map((component) => {
      const i = NATIVE_COMPONENTS.indexOf(component)
      return borne ? `${this.#native(i)}-y0_${i}` : this.#native(i)
    })
    const less = lessDeductible && deductible ? `-d${t}` : ''
    const others = steps.flatMap((other, i) =>
      i < t && other.kind !== 'thirdParty' && countedTiers.includes(other.tier.id) ? [`y${i}`] : [],
    )
    const ratio = guaranteedRatio?.value ?? 0
    const bump = BUMPS[tier.rounding]
    this.#lines.push(
      `const o${t}=${tier.paysDown.map(variableOf).join('+')};if(y${t}>o${t})y${t}=o${t};`,
      `${whole}+=Math.max(0,${parts.join('+')}${less});${ordinary}+=y${t};`,
      others.length > 0 ? `${counted}+=${others.join('+')};` : '',
      `const i${t}=exactFactor(${whole},${ratio},${bump}),j${t}=${granted};`,
      `y${t}=Math.min(o${t},Math.max(0,Math.max(${ordinary},i${t}-${counted})-j${t}));`,
      `${granted}+=y${t};`,
    )
    mark('guaranteedOf', whole)
    mark('guaranteedShare', `i${t}`)
    mark('guaranteedCounted', counted)
    mark('ordinaryDue', ordinary)
    mark('guaranteedBefore', `j${t}`)
    mark('guaranteedUnpaid', `o${t}`)
    mark('guaranteedDue', `y${t}`)
  }

  /** What each admission is charged of a deductible that is a share of what the stay comes to so far. */
  #stayLadder(
    t: number,
    { factor, atLeast, atMost, steps, floor }: ResolvedStayAmount,
    basis: string,
    mark: (name: string, value: string) => void,
  ): string[] {
    mark('stayBasis', basis)
    const product = mul(basis, String(factor))
    const limited = atMost === undefined ? `p${t}` : `Math.min(${atMost},p${t})`
    const amount = atLeast === undefined ? limited : `Math.max(${atLeast},${limited})`
    this.#lines.push(`const p${t}=${product};const q${t}=${amount};`)
    mark('stayProduct', `p${t}`)
    mark('stayAmount', `q${t}`)
    const least = `Math.min(q${t},${floor})`
    return steps.map((step) => {
      const reduced = 'fixed' in step ? `${step.fixed}` : mul(`q${t}`, String(step.rate))
      return `Math.max(${reduced},${least})`
    })
  }

  /** The sum of what the tier looks at: weighted, and without what a counted limit leaves out. */
  #base(
    t: number,
    step: ResolvedTier,
    steps: readonly PlanStep[],
    trace: Map<string, number>,
  ): void {
    const before = this.#beforeOf(steps, step)
    const terms = step.base.map(({ component, weight }, k) => {
      const i = COMPONENTS.indexOf(component)
      const unpaid = before < 0 ? `c${i}` : `w${before}_${i}`
      this.#mark(t, trace, `unpaid${k}`, unpaid)
      const limits = step.tier.counted.filter((limit) => limit.component === component)
      // A row of columns has no charge that a counted limit asks for.
      const notCounted = limits.map(() =>
        this.#mode === 'columns' ? '0' : `B[b+${this.#notCounted++}]`,
      )
      const excess = notCounted.join('+')
      this.#mark(t, trace, `notCounted${k}`, excess === '' ? '0' : excess)
      const counts = excess === '' ? unpaid : floorZero(`${unpaid}-(${excess})`)
      return weight === WHOLE ? counts : mul(`(${counts})`, String(weight))
    })
    this.#lines.push(`let b${t}=${terms.join('+')};`)
    if (step.baseWeight) {
      this.#mark(t, trace, 'unweighted', `b${t}`)
      this.#lines.push(`b${t}=${mul(`b${t}`, String(step.baseWeight.value))};`)
    }
    this.#mark(t, trace, 'base', `b${t}`)
  }

  /** Pays the components down in the declared order, never more than stands unpaid. */
  #payDown(
    t: number,
    step: ResolvedTier,
    trace: Map<string, number>,
    thenCount: string,
    axis?: string,
  ): void {
    const indexes = step.tier.paysDown.map((component) => COMPONENTS.indexOf(component))
    this.#lines.push(
      `const a${t}=${indexes.map((i) => `c${i}`).join('+')};`,
      `if(y${t}>a${t})y${t}=a${t};`,
    )
    this.#mark(t, trace, 'unpaid', `a${t}`)
    const parts = indexes.map((i, k) => {
      const last = k === indexes.length - 1
      const rest = k === 0 ? `y${t}` : `m${t}_${k - 1}`
      const amount = `y${t}_${k}`
      this.#lines.push(
        last ? `const ${amount}=${rest};` : `const ${amount}=${rest}<c${i}?${rest}:c${i};`,
        last ? '' : `const m${t}_${k}=${rest}-${amount};`,
        `c${i}-=${amount};`,
      )
      return { component: COMPONENTS[i] as Component, amount }
    })
    this.#lines.push(thenCount)
    this.#results(t, parts, trace, axis)
  }

  #results(
    t: number,
    parts: readonly { readonly component: Component; readonly amount: string }[],
    trace: ReadonlyMap<string, number>,
    axis?: string,
  ): void {
    const paid = this.#out++
    const write = (at: number, amount: string) => {
      if (this.#mode !== 'columns') this.#lines.push(`O[o+${at}]=${amount};`)
    }
    write(paid, `y${t}`)
    const places = parts.map(({ component, amount }) => {
      const at = this.#out++
      write(at, amount)
      return { component, at }
    })
    this.#layouts.push({
      paid,
      parts: places,
      trace,
      axisSlot: axis === undefined ? undefined : Number(/\d+/.exec(axis)?.[0]),
    })
  }

  #mark(_t: number, trace: Map<string, number>, name: string, value: string): void {
    if (this.#mode !== 'traced') return
    trace.set(name, this.#trace)
    this.#lines.push(`T[${this.#trace++}]=${value};`)
  }

  #slot(slot: string, runsOver: Slot['runsOver'], step: number): string {
    const key = `${slot}@${runsOver === 'stay' ? 'stay' : ''}`
    const known = this.#slotOf.get(key)
    const number = known ?? this.#slots.length
    if (known === undefined) {
      this.#slotOf.set(key, number)
      this.#slots.push({ slot, runsOver, step })
    }
    return this.#mode === 'columns' ? `s${number}` : `S[s+${number}]`
  }
}

const floorZero = (difference: string): string => `Math.max(0,${difference})`

const mul = (amount: string, rate: string): string =>
  `(${amount}<=${LIMIT}?Math.floor((${amount}*${rate}+500000)/${MILLION}):exactShare(${amount},${rate}))`

/** What the bands have paid up to `x`, as nested choices with the constants written in. */
function bandsOf(x: string, table: string, bands: readonly Band[], bump: number): string {
  let paidBelow = 0
  const values = bands.map(({ above, upTo, rate }) => {
    const offset = paidBelow + bump - above * rate
    const value = `Math.floor((${x}*${rate}${offset < 0 ? '-' : '+'}${Math.abs(offset)})/${MILLION})`
    paidBelow += ((upTo ?? above) - above) * rate
    return value
  })
  const chosen = bands.reduceRight(
    (later, { upTo }, i) =>
      later === '' ? (values[i] ?? '') : `${x}<=${upTo}?${values[i]}:${later}`,
    '',
  )
  return `(${x}>${LIMIT}?exactBands(${x},${table},${bump}):${chosen})`
}
