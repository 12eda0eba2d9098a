/**
 * Bills settled a second on one core, and the same arithmetic in two published rule engines.
 *
 *     npm run bench
 *
 * Every figure is the median of several runs in this process. What is measured is checked first: our
 * figures against a plain integer reference, the engines against the same.
 */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { loadSchemes } from '#app/schemes-folder.ts'
import type { PlainDate } from '#base/plain-date.ts'
import {
  type Bill,
  COMPONENTS,
  Explainer,
  LINE_WIDTH,
  LineAllocator,
  NATIVE_COMPONENTS,
  type Person,
  type Plan,
  Planner,
  type SchemeBook,
  type Step,
} from '#domains/settlement/index.ts'
import { describeMachine, onOneCore, rateOf } from './machine.ts'
import { generateBills, type PeerBill, settleExactly } from './peers/arithmetic.ts'
import { createPublicodes } from './peers/publicodes.ts'
import { createZen } from './peers/zen.ts'

onOneCore(fileURLToPath(import.meta.url))
console.log(`${describeMachine()}\n`)

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const timing = loadSchemes(here('./schemes'))
const shipped = loadSchemes(here('../schemes'))

const BILLS = 400_000
const LINES = 10
/** Bills of one person in a year: after so many the running totals start again from nothing. */
const BILLS_A_YEAR = 4

const day = '2024-06-03' as PlainDate
const bill = (attributes: Bill['attributes']): Bill => ({
  id: 'timing',
  person: 'timing',
  admitted: day,
  discharged: day,
  settled: day,
  stay: 'timing',
  total: 0 as never,
  parts: Object.fromEntries(NATIVE_COMPONENTS.map((c) => [c, 0])) as never,
  lines: [],
  attributes,
  cause: 'illness',
  thirdParty: undefined,
  days: 0,
  events: [],
})
const person = (scheme: string, attributes: Person['covers'][0]['attributes'] = {}): Person => ({
  id: 'timing',
  born: undefined,
  attributes: [],
  covers: [{ scheme, from: '2020-01-01' as PlainDate, until: undefined, attributes }],
})

function planOf(book: SchemeBook, scheme: string): Plan {
  const planned = new Planner(book, { allowUndated: true }).plan(
    bill({ medical: '住院', level: '三级' }),
    person(scheme),
    new Map(),
  )
  assert(planned.ok, JSON.stringify(planned))
  return planned.value
}

// --- bills -------------------------------------------------------------------------------------

/** A seeded generator of numbers in [0, 1): the same bills in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Bills of ten lines, in-scope with some upfront and out-of-scope cost, about 11,000 yuan on average. */
function makeBills(width: number) {
  const random = seeded(20_240_603)
  const bills = new Float64Array(BILLS * width)
  const lines = new Float64Array(BILLS * LINES * LINE_WIDTH)
  let scale = 7
  for (let b = 0; b < BILLS; b++) {
    // One person in ten is seriously ill, and reaches the tiers that open late.
    if (b % BILLS_A_YEAR === 0) scale = random() < 0.1 ? 9 : 7
    for (let i = 0; i < LINES; i++) {
      const at = (b * LINES + i) * LINE_WIDTH
      const amount = Math.floor(Math.exp(scale + 6 * random()))
      const upfront = i % 3 === 0 ? Math.floor(amount * 0.1) : 0
      lines[at + (i === 9 ? 3 : 0)] = amount - upfront
      lines[at + 1] = upfront
      for (let k = 0; k < LINE_WIDTH; k++)
        bills[b * width + k] = (bills[b * width + k] as number) + (lines[at + k] as number)
    }
  }
  return { bills, lines }
}

/** A person's running totals under one plan, and which of them start anew with each stay. */
function stateOf({ code }: Plan) {
  const stays = code.slots.flatMap(({ runsOver }, i) => (runsOver === 'stay' ? [i] : []))
  return { state: new Float64Array(code.slots.length), stays }
}

const five = planOf(timing, 'bench/five/five')
const { bills, lines } = makeBills(five.code.billLength)
const width = five.code.billLength
let sink = 0

function settleAll(
  plan: Plan,
  each: (b: number, out: Float64Array, trace: Float64Array) => void,
  traced = false,
) {
  const { code } = plan
  const kernel = traced ? code.traced : code.run
  const { state, stays } = stateOf(plan)
  const out = new Float64Array(code.outLength)
  const trace = new Float64Array(code.traceLength)
  for (let b = 0; b < BILLS; b++) {
    if (b % BILLS_A_YEAR === 0) state.fill(0)
    else for (let k = 0; k < stays.length; k++) state[stays[k] as number] = 0
    kernel(bills, b * width, state, 0, out, 0, trace)
    each(b, out, trace)
  }
}

// --- one plan of five tiers --------------------------------------------------------------------

const left = five.code.left
const totalsOnly = rateOf(BILLS, () =>
  settleAll(five, (_, out) => {
    sink += out[left] as number
  }),
)

const allocator = new LineAllocator(five.code.tiers)
const paid = new Float64Array(LINES * five.code.tiers.length)
const withLines = rateOf(BILLS, () =>
  settleAll(five, (b, out) => {
    allocator.allocate(out, lines, b * LINES * LINE_WIDTH, LINES, paid)
    sink += paid[0] as number
  }),
)
checkLines()

/** Adds up every number and name an explanation says, so that none of it can be left out. */
function hash(steps: readonly Step[]): number {
  let sum = 17
  const mix = (n: number) => {
    sum = Math.imul(sum ^ (n | 0), 16_777_619)
  }
  for (const step of steps) {
    mix(step.step.length)
    switch (step.step) {
      case 'base':
        mix(step.amount)
        for (const part of step.parts) {
          mix(part.component.length)
          mix(part.unpaid)
          mix(part.notCounted)
          mix(part.weight)
        }
        break
      case 'deductible':
        mix(step.ordinal ?? 0)
        mix(step.limit)
        mix(step.met)
        mix(step.offset)
        mix(step.applied)
        for (const { rule } of step.citations) mix(rule.length)
        break
      case 'bands':
        mix(step.from)
        mix(step.to)
        for (const segment of step.segments) mix(segment.from + segment.to + segment.rate)
        mix(step.after)
        mix(step.before)
        mix(step.due)
        for (const { rule } of step.citations) mix(rule.length)
        break
      case 'cap':
        mix(step.limit)
        mix(step.used)
        mix(step.cut)
        for (const { rule } of step.citations) mix(rule.length)
        break
      case 'paid':
        mix(step.amount)
        for (const part of step.parts) mix(part.component.length + part.amount)
        mix(step.deductible)
        mix(step.aboveCap)
        mix(step.eligibility.rule.length)
        break
      default:
        throw new Error(`the plan that is timed has no step ${step.step}`)
    }
  }
  return sum
}

const explainer = new Explainer(five)
const subject = bill({ medical: '住院', level: '三级' })
const explained = rateOf(
  BILLS,
  () =>
    settleAll(
      five,
      (_, out, trace) => {
        sink += hash(explainer.explain(subject, out, trace))
      },
      true,
    ),
  3,
)
const asJson = rateOf(
  BILLS,
  () =>
    settleAll(
      five,
      (_, out, trace) => {
        sink += JSON.stringify(explainer.explain(subject, out, trace)).length
      },
      true,
    ),
  1,
)

// --- many plans --------------------------------------------------------------------------------

/** Every plan that the shipped public schemes give for the usual classes, levels and kinds of care. */
function shippedPlans(): Plan[] {
  const planner = new Planner(shipped, { allowUndated: true })
  const plans = new Map<unknown, Plan>()
  for (const scheme of shipped.schemes.values()) {
    if (scheme.kind !== 'public') continue
    for (const level of ['社区', '一级', '二级', '三级'])
      for (const medical of ['住院', '普通门诊', '门慢特'])
        for (const klass of ['在职', '退休', '成年居民', '学生儿童'])
          for (const amounts of ['全额', '医保结算后']) {
            const planned = planner.plan(
              bill({ medical, level, amounts }),
              person(scheme.id, { class: klass }),
              new Map(),
            )
            if (planned.ok && planned.value.steps.length > 1)
              plans.set(planned.value.code, planned.value)
          }
  }
  return [...plans.values()]
}

const plans = shippedPlans()
const mixed = rateOf(BILLS, () => {
  const states = plans.map((plan) => ({ plan, ...stateOf(plan) }))
  const out = new Float64Array(Math.max(...plans.map(({ code }) => code.outLength)))
  const trace = new Float64Array(0)
  const one = new Float64Array(Math.max(...plans.map(({ code }) => code.billLength)))
  const pick = seeded(7)
  let current = states[0] as (typeof states)[0]
  for (let b = 0; b < BILLS; b++) {
    if (b % BILLS_A_YEAR === 0) {
      current = states[Math.floor(pick() * states.length)] as (typeof states)[0]
      current.state.fill(0)
    } else
      for (let k = 0; k < current.stays.length; k++) current.state[current.stays[k] as number] = 0
    for (let i = 0; i < LINE_WIDTH; i++) one[i] = bills[b * width + i] as number
    current.plan.code.run(one, 0, current.state, 0, out, 0, trace)
    sink += out[0] as number
  }
})

// --- beside two rule engines -------------------------------------------------------------------

const four = planOf(timing, 'bench/five/four')
const peerBills = generateBills(20_000, 42)
const slotOf = (name: string) => {
  const at = four.code.slots.findIndex(
    ({ slot, runsOver }) => slot.endsWith(name) && runsOver !== 'stay',
  )
  assert(at >= 0, name)
  return at
}
const slots = {
  basicPaid: slotOf('peer-basic:paid'),
  criticalMet: slotOf('peer-critical:met'),
  criticalAxis: slotOf('peer-critical:axis'),
  aidPaid: slotOf('peer-aid:paid'),
  supplementaryPaid: slotOf('peer-supplementary:paid'),
  supplementaryMet: slotOf('peer-supplementary:met'),
}
const fourState = new Float64Array(four.code.slots.length)
const fourBill = new Float64Array(four.code.billLength)
const fourOut = new Float64Array(four.code.outLength)
const noTrace = new Float64Array(0)

function settlePeerBill(peer: PeerBill): void {
  fourState.fill(0)
  fourState[slots.basicPaid] = peer.basicPaid
  fourState[slots.criticalMet] = Math.min(peer.criticalIllnessBase, 1_800_000)
  fourState[slots.criticalAxis] = peer.criticalIllnessBase
  fourState[slots.aidPaid] = peer.medicalAidPaid
  fourState[slots.supplementaryPaid] = peer.supplementaryPaid
  fourState[slots.supplementaryMet] = peer.supplementaryMet
  fourBill[0] = peer.inScope
  fourBill[1] = peer.upfront
  fourBill[3] = peer.outOfScope
  four.code.run(fourBill, 0, fourState, 0, fourOut, 0, noTrace)
}

for (const peer of peerBills) {
  settlePeerBill(peer)
  const [basic, criticalIllness, medicalAid, supplementary] = four.code.tiers.map(
    ({ paid }) => fourOut[paid] as number,
  )
  const patient = COMPONENTS.reduce((all, _, i) => all + (fourOut[four.code.left + i] as number), 0)
  assert.deepEqual(
    { basic, criticalIllness, medicalAid, supplementary, patient },
    settleExactly(peer),
  )
}
const ours = rateOf(peerBills.length * 20, () => {
  for (let round = 0; round < 20; round++)
    for (const peer of peerBills) {
      settlePeerBill(peer)
      sink += fourOut[0] as number
    }
})

async function peerRate(peer: ReturnType<typeof createZen>, count: number): Promise<number> {
  const some = peerBills.slice(0, count)
  const results = await peer.settleAll(some)
  for (const [i, one] of some.entries()) {
    const exact = settleExactly(one)
    for (const key of Object.keys(exact) as (keyof typeof exact)[])
      assert(Math.abs((results[i]?.[key] ?? Number.NaN) - exact[key]) <= 1, `${peer.name} ${key}`)
  }
  const rates: number[] = []
  for (let run = 0; run < 5; run++) {
    const start = performance.now()
    await peer.settleAll(some)
    rates.push((count / (performance.now() - start)) * 1000)
  }
  return rates.toSorted((a, b) => a - b)[2] ?? 0
}
const zen = createZen()
const publicodes = createPublicodes()
const zenRate = await peerRate(zen, 20_000)
const publicodesRate = await peerRate(publicodes, 4_000)

// --- the report --------------------------------------------------------------------------------

const whole = (rate: number) => Math.round(rate).toLocaleString('en-US')
const row = (label: string, rate: number, note: string) =>
  console.log(`${label.padEnd(46)} ${whole(rate).padStart(12)} bills/s  ${note}`)
const paying = five.code.tiers.map(() => 0)
let cost = 0
settleAll(five, (b, out) => {
  for (const [t, { paid }] of five.code.tiers.entries())
    paying[t] = (paying[t] ?? 0) + ((out[paid] as number) > 0 ? 1 : 0)
  for (let i = 0; i < LINE_WIDTH; i++) cost += bills[b * width + i] as number
})
const shares = paying.map((n) => `${Math.round((100 * n) / BILLS)}%`).join(', ')
console.log('Five tiers, ten lines, one core')
console.log(
  `  (${whole(cost / BILLS / 100)} yuan a bill, ${BILLS_A_YEAR} bills a person; the tiers pay in ${shares} of them)`,
)
row('  component totals', totalsOnly, 'wanted 10,000,000')
row('  with lines allocated', withLines, 'wanted 1,500,000')
row('  with the whole explanation', explained, 'wanted 200,000')
row('  with the explanation written as JSON', asJson, 'no wish')
row(
  `  ${plans.length} shipped plans mixed`,
  mixed,
  `${(mixed / totalsOnly).toFixed(2)} of one plan, wanted 0.33`,
)
console.log('\nThe same four tiers, one bill after another, five numbers out, no explanation')
row('  Kangyang', ours, '1')
row(`  ${zen.name} ${zen.version}`, zenRate, `1/${Math.round(ours / zenRate)}`)
row(
  `  ${publicodes.name} ${publicodes.version}`,
  publicodesRate,
  `1/${Math.round(ours / publicodesRate)} (keeps an explanation tree as it goes)`,
)
if (sink === Number.POSITIVE_INFINITY) console.log(sink)

/** The lines of a bill add up, per line and per tier, to what the totals say. */
function checkLines(): void {
  settleAll(five, (b, out) => {
    if (b >= 1_000) return
    allocator.allocate(out, lines, b * LINES * LINE_WIDTH, LINES, paid)
    for (const [t, tier] of five.code.tiers.entries()) {
      let sum = 0
      for (let i = 0; i < LINES; i++) sum += paid[i * five.code.tiers.length + t] as number
      assert.equal(sum, out[tier.paid])
    }
  })
}
