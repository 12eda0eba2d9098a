import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Rate } from '#base/money.ts'
import { amount, plan, ppm } from '../../../test/plans/random.ts'
import { BILL_NOT_COUNTED, BILL_THIRD_PARTY, type Emitted, emit, type PlanStep } from './emit.ts'
import type { ResolvedInsurance } from './resolve.ts'
import { COMPONENTS, type Component, NATIVE_COMPONENTS } from './types.ts'

/**
 * A clerk who settles by hand: the same rules written a second time, in whole numbers of any size, one
 * tier after another, with nothing compiled and nothing clever. The fast code must agree to the fen.
 */
class Clerk {
  readonly totals = new Map<string, bigint>()
  readonly #steps: readonly PlanStep[]

  constructor(steps: readonly PlanStep[]) {
    this.#steps = steps
  }

  settle(bill: Float64Array, stay: string) {
    const unpaid = COMPONENTS.map((_, i) => (i < NATIVE_COMPONENTS.length ? big(bill[i]) : 0n))
    const cost = sum(unpaid)
    const paid: bigint[] = []
    const snapshots: bigint[][] = []
    let left = partsOf(unpaid)
    let excessAt = BILL_NOT_COUNTED
    for (const step of this.#steps) {
      snapshots.push([...unpaid])
      if (step.kind === 'thirdParty') {
        const shares = unpaid.map((amount) =>
          round(amount * big(bill[BILL_THIRD_PARTY]), 'half-up'),
        )
        for (const [i, share] of shares.entries()) unpaid[i] = (unpaid[i] ?? 0n) - share
        paid.push(sum(shares))
        left = partsOf(unpaid)
        continue
      }
      const before = this.#steps.findIndex(
        (other) => other.kind !== 'thirdParty' && other.tier.id === step.tier.baseBefore,
      )
      const seen = before < 0 ? unpaid : (snapshots[before] as bigint[])
      let base = 0n
      for (const { component, weight } of step.base) {
        let amount = seen[COMPONENTS.indexOf(component)] ?? 0n
        for (const limit of step.tier.counted)
          if (limit.component === component) amount -= big(bill[excessAt++])
        base += round(most(amount, 0n) * BigInt(weight), 'half-up')
      }
      if (step.baseWeight) base = round(base * BigInt(step.baseWeight.value), 'half-up')
      const due =
        step.kind === 'account'
          ? least(this.#get(`account:${step.tier.account}`), base)
          : this.#due(step, base, unpaid, stay, paid, left, cost)
      const available = sum(step.tier.paysDown.map((c) => unpaid[COMPONENTS.indexOf(c)] ?? 0n))
      const pays = least(due, available)
      let rest = pays
      for (const component of step.tier.paysDown) {
        const i = COMPONENTS.indexOf(component)
        const part = least(rest, unpaid[i] ?? 0n)
        unpaid[i] = (unpaid[i] ?? 0n) - part
        rest -= part
      }
      if (step.kind === 'account') this.#add(`account:${step.tier.account}`, -pays)
      else
        for (const key of new Set(step.caps.map((cap) => capKey(step, cap, stay))))
          this.#add(key, pays)
      paid.push(pays)
    }
    return { paid, unpaid }
  }

  #due(
    step: ResolvedInsurance,
    offered: bigint,
    unpaid: bigint[],
    stay: string,
    paid: readonly bigint[],
    bill: ReadonlyMap<string, bigint>,
    cost: bigint,
  ): bigint {
    const { tier } = step
    const move = (amount: bigint, to: Component) => {
      if (!tier.splits) return
      unpaid[0] = (unpaid[0] ?? 0n) - amount
      const i = COMPONENTS.indexOf(to)
      unpaid[i] = (unpaid[i] ?? 0n) + amount
    }
    let base = offered
    this.#add(`${tier.id}:stayCost@${stay}`, cost)
    if (step.transferUpfront) {
      const upfront = round(base * BigInt(step.transferUpfront.value), 'half-up')
      move(upfront, 'transferUpfront')
      base -= upfront
    }
    if (step.eligibleCap && tier.eligibleCap) {
      const key = `${tier.id}:eligible${tier.eligibleCap.per === 'admission' ? `@${stay}` : ''}`
      const left = most(BigInt(step.eligibleCap.value) - this.#get(key), 0n)
      move(most(base - left, 0n), 'aboveCap')
      base = least(base, left)
      this.#add(key, base)
    }
    let deductible = 0n
    if (step.deductible) {
      const { rule, periodTotal } = step.deductible
      this.#add(`${tier.id}:stayBase@${stay}`, base)
      const ladder = this.#ladder(step, stay)
      const met = `${rule.pool ?? tier.id}:met${step.deductible.since ?? ''}`
      let limit: bigint
      if (rule.kind === 'period') limit = BigInt(ladder[0] ?? 0) - this.#get(met)
      else {
        const ordinalKey = `${tier.id}:ordinal@${stay}`
        if (this.#get(ordinalKey) === 0n) {
          this.#add(`${tier.id}:admissions`, 1n)
          this.#add(ordinalKey, this.#get(`${tier.id}:admissions`))
        }
        const ordinal = Math.min(Number(this.#get(ordinalKey)), ladder.length)
        limit = BigInt(ladder[ordinal - 1] ?? 0) - this.#get(`${tier.id}:met@${stay}`)
        if (periodTotal !== undefined) limit = least(limit, BigInt(periodTotal) - this.#get(met))
      }
      limit = most(limit, 0n)
      // What a tier before this one took as met of the deductible they share is not met twice.
      const sharers = this.#steps.slice(0, paid.length).map((earlier) => {
        const shared = earlier.kind === 'insurance' ? earlier.deductible?.rule : undefined
        return rule.pool !== undefined && shared?.pool === rule.pool ? shared.offsetBy : []
      })
      const others = this.#steps.flatMap((other, i) => {
        if (i >= paid.length || other.kind === 'thirdParty') return []
        const { payer } = other.tier
        const taken = sharers.some((offsetBy, k) => k > i && offsetBy.includes(payer))
        return rule.offsetBy.includes(payer) && !taken ? [paid[i] ?? 0n] : []
      })
      const offset = least(sum(others), limit)
      deductible = least(base, limit - offset)
      this.#add(met, offset + deductible)
      if (rule.kind === 'admission') this.#add(`${tier.id}:met@${stay}`, offset + deductible)
      move(deductible, 'deductible')
    }
    const axis = `${tier.id}:axis${tier.over === 'admission' ? `@${stay}` : ''}`
    const start = this.#get(axis) + (tier.axis === 'gross' ? deductible : 0n)
    const end = start + base - deductible
    this.#add(axis, end - this.#get(axis))
    let due = this.#paidUpTo(step, end) - this.#paidUpTo(step, start)
    const guarantee = (stage: string) => {
      const rule = tier.guaranteedRatio
      if (!step.guaranteedRatio || rule?.stage !== stage) return
      const key = (name: string) => `${tier.id}:${name}@${stay}`
      const charged = sum(rule.of.map((component) => bill.get(component) ?? 0n))
      this.#add(key('of'), most(charged - (rule.lessDeductible ? deductible : 0n), 0n))
      const payable = sum(tier.paysDown.map((c) => unpaid[COMPONENTS.indexOf(c)] ?? 0n))
      this.#add(key('ordinary'), least(due, payable))
      for (const [i, other] of this.#steps.entries())
        if (
          i < paid.length &&
          other.kind !== 'thirdParty' &&
          rule.countedTiers.includes(other.tier.id)
        )
          this.#add(key('counted'), paid[i] ?? 0n)
      const share = round(this.#get(key('of')) * BigInt(step.guaranteedRatio.value), tier.rounding)
      const wanted = most(this.#get(key('ordinary')), share - this.#get(key('counted')))
      due = least(most(wanted - this.#get(key('granted')), 0n), payable)
      this.#add(key('granted'), due)
    }
    guarantee('before-caps')
    let over = 0n
    for (const cap of step.caps) {
      const left = most(BigInt(cap.limit) - this.#get(capKey(step, cap, stay)), 0n)
      if (due <= left) continue
      if (cap.rule.excess === 'cost') {
        // The last point at which the cap is not yet exceeded, found one bisection step at a time.
        let low = start
        let high = end - over
        while (low < high) {
          const middle = (low + high) / 2n
          if (this.#paidUpTo(step, middle) - this.#paidUpTo(step, start) >= left) high = middle
          else low = middle + 1n
        }
        move(end - over - low, 'aboveCap')
        over += end - over - low
      } else {
        const cut = step.guaranteedRatio ? least(due - left, unpaid[0] ?? 0n) : due - left
        move(cut, 'aboveCap')
        over += cut
      }
      due = left
    }
    guarantee('after-caps')
    return due
  }

  /** What each admission is charged; a share of the stay is worked out from all its bills so far. */
  #ladder({ deductible, tier }: ResolvedInsurance, stay: string): bigint[] {
    const ofStay = deductible?.ofStay
    if (!ofStay) return (deductible?.ladder ?? []).map(BigInt)
    const basis = this.#get(`${tier.id}:${ofStay.basis}@${stay}`)
    let amount = round(basis * BigInt(ofStay.factor), 'half-up')
    if (ofStay.atMost !== undefined) amount = least(amount, BigInt(ofStay.atMost))
    if (ofStay.atLeast !== undefined) amount = most(amount, BigInt(ofStay.atLeast))
    const floor = least(amount, BigInt(ofStay.floor))
    return ofStay.steps.map((step) =>
      most(
        'fixed' in step ? BigInt(step.fixed) : round(amount * BigInt(step.rate), 'half-up'),
        floor,
      ),
    )
  }

  #paidUpTo({ bands, tier, dueFactor }: ResolvedInsurance, x: bigint): bigint {
    let product = 0n
    for (const { above, upTo, rate } of bands) {
      const end = upTo === undefined ? x : least(x, BigInt(upTo))
      if (end > BigInt(above)) product += (end - BigInt(above)) * BigInt(rate)
    }
    const paid = round(product, tier.rounding)
    return dueFactor ? round(paid * BigInt(dueFactor.value), tier.rounding) : paid
  }

  #get(key: string): bigint {
    return this.totals.get(key) ?? 0n
  }

  #add(key: string, amount: bigint): void {
    this.totals.set(key, this.#get(key) + amount)
  }
}

function capKey(
  { tier }: ResolvedInsurance,
  { rule, since }: ResolvedInsurance['caps'][0],
  stay: string,
) {
  return rule.per === 'admission'
    ? `${tier.id}:paid@${stay}`
    : `${rule.pool ?? tier.id}:paid${since ?? ''}`
}

/** What a bill charges by component, less what a liable third party bears of it. */
const partsOf = (unpaid: readonly bigint[]) =>
  new Map<string, bigint>(NATIVE_COMPONENTS.map((component, i) => [component, unpaid[i] ?? 0n]))

const big = (n: number | undefined): bigint => BigInt(n ?? 0)
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
const round = (product: bigint, rounding: 'half-up' | 'down' | 'up'): bigint =>
  (product + { 'half-up': 500_000n, down: 0n, up: 999_999n }[rounding]) / 1_000_000n

const bill = fc.record({
  parts: fc.array(fc.oneof(fc.constant(0), amount, fc.integer({ min: 0, max: 20_000_000_000 })), {
    minLength: NATIVE_COMPONENTS.length,
    maxLength: NATIVE_COMPONENTS.length,
  }),
  share: ppm,
  notCounted: fc.integer({ min: 0, max: 1_000_000 }),
  stay: fc.constantFrom('a', 'b', 'c'),
})

/** The running totals of one person under one plan, kept by slot as the settling code wants them. */
class Year {
  readonly #code: Emitted
  readonly #totals = new Map<string, number>()
  constructor(code: Emitted) {
    this.#code = code
  }

  settle(kernel: 'run' | 'traced', numbers: Float64Array, stay: string): Float64Array {
    const { slots, outLength, traceLength } = this.#code
    const keys = slots.map(({ slot, runsOver }) => (runsOver === 'stay' ? `${slot}@${stay}` : slot))
    const state = Float64Array.from(keys, (key) => this.#totals.get(key) ?? 0)
    const out = new Float64Array(outLength)
    this.#code[kernel](numbers, 0, state, 0, out, 0, new Float64Array(traceLength))
    for (const [i, key] of keys.entries()) this.#totals.set(key, state[i] as number)
    return out
  }

  fund(balance: number): void {
    this.#totals.set('account:personal', balance)
  }
}

function numbersOf(
  code: Emitted,
  { parts, share, notCounted }: { parts: number[]; share: number; notCounted: number },
) {
  const numbers = new Float64Array(code.billLength)
  numbers.set(parts)
  numbers[BILL_THIRD_PARTY] = share
  for (let i = BILL_NOT_COUNTED; i < numbers.length; i++) numbers[i] = notCounted
  return numbers
}

const RUNS = { numRuns: 15_000 }
const year = fc.array(bill, { minLength: 4, maxLength: 10 })

test('100,000 random bills under 15,000 random plans: the fast code and a clerk agree to the fen', () => {
  let bills = 0
  fc.assert(
    fc.property(plan, year, fc.integer({ min: 0, max: 5_000_000 }), (steps, bills_, balance) => {
      const code = emit(steps)
      const clerk = new Clerk(steps)
      clerk.totals.set('account:personal', BigInt(balance))
      const fast = new Year(code)
      const traced = new Year(code)
      fast.fund(balance)
      traced.fund(balance)
      for (const one of bills_) {
        bills++
        const numbers = numbersOf(code, one)
        const expected = clerk.settle(numbers, one.stay)
        const out = fast.settle('run', numbers, one.stay)
        assert.deepEqual(traced.settle('traced', numbers, one.stay), out)
        assert.deepEqual(
          code.tiers.map(({ paid }) => out[paid]),
          expected.paid.map(Number),
        )
        const left = COMPONENTS.map((_, i) => out[code.left + i] ?? -1)
        assert.deepEqual(left, expected.unpaid.map(Number))
        checkInvariants(code, steps, numbers, out)
      }
    }),
    RUNS,
  )
  assert(bills >= 100_000, `${bills} bills`)
})

/** Payers plus patient equal the bill; nothing is negative; no tier pays more than its parts. */
function checkInvariants(
  code: Emitted,
  steps: readonly PlanStep[],
  numbers: Float64Array,
  out: Float64Array,
) {
  const total = NATIVE_COMPONENTS.reduce((all, _, i) => all + (numbers[i] ?? 0), 0)
  const patient = COMPONENTS.reduce((all, _, i) => all + (out[code.left + i] ?? 0), 0)
  let paid = 0
  for (const [t, layout] of code.tiers.entries()) {
    const amount = out[layout.paid] ?? -1
    const parts = layout.parts.map(({ at }) => out[at] ?? -1)
    assert(amount >= 0 && parts.every((part) => part >= 0))
    assert.equal(
      parts.reduce((a, b) => a + b, 0),
      amount,
    )
    const step = steps[t]
    const raised = step?.kind === 'insurance' && step.tier.guaranteedRatio?.stage === 'after-caps'
    if (step?.kind === 'insurance' && !raised)
      for (const cap of step.caps) assert(amount <= cap.limit)
    paid += amount
  }
  assert(COMPONENTS.every((_, i) => (out[code.left + i] ?? -1) >= 0))
  assert.equal(paid + patient, total)
}

test('a stay settled in any number of pieces costs every cumulative tier the same', () => {
  const whole = fc.array(fc.integer({ min: 0, max: 30_000_000 }), { minLength: 5, maxLength: 5 })
  const cumulative = plan.map((steps) =>
    steps.filter((step) => step.kind === 'insurance').map(asCumulative),
  )
  fc.assert(
    fc.property(cumulative, whole, fc.array(ppm, { maxLength: 4 }), (steps, parts, cuts) => {
      const code = emit(steps)
      const once = new Year(code).settle(
        'run',
        numbersOf(code, { parts, share: 0, notCounted: 0 }),
        's',
      )
      const pieces = new Year(code)
      const sums = new Array<number>(code.tiers.length).fill(0)
      let rest = parts
      for (const cut of [...cuts, 1_000_000]) {
        const piece = rest.map((amount) => Math.floor((amount * cut) / 1_000_000))
        rest = rest.map((amount, i) => amount - (piece[i] ?? 0))
        const out = pieces.settle(
          'run',
          numbersOf(code, { parts: piece, share: 0, notCounted: 0 }),
          's',
        )
        for (const [t, { paid }] of code.tiers.entries())
          sums[t] = (sums[t] ?? 0) + (out[paid] ?? 0)
      }
      assert.deepEqual(
        sums,
        code.tiers.map(({ paid }) => once[paid]),
      )
    }),
    { numRuns: 3_000 },
  )
})

/**
 * Only the first tier splits; the others look at all that is unpaid, without weights, and pay it down:
 * tiers whose payment is a function of the sum, whichever component it stands in.
 */
function asCumulative(step: ResolvedInsurance, position: number): ResolvedInsurance {
  const splits = step.tier.splits && position === 0
  const whole = splits ? (['inScope'] as const) : COMPONENTS
  return {
    ...step,
    base: whole.map((component) => ({ component, weight: 1_000_000 as Rate, citation: undefined })),
    baseWeight: undefined,
    transferUpfront: undefined,
    guaranteedRatio: undefined,
    deductible: step.deductible && {
      ...step.deductible,
      // What grows with the stay grows with the tier's own base, and is measured net of the deductible.
      ofStay: step.deductible.ofStay && { ...step.deductible.ofStay, basis: 'stayBase' },
      rule: { ...step.deductible.rule, offsetBy: [], pool: undefined },
    },
    tier: {
      ...step.tier,
      axis: step.deductible?.ofStay ? 'net' : step.tier.axis,
      splits,
      counted: [],
      baseBefore: undefined,
      paysDown: whole,
    },
  }
}
