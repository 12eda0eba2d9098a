import { loadSchemes } from '#app/schemes-folder.ts'
import { Planner } from '../src/domains/settlement/plan.ts'
import { COMPONENTS } from '#domains/settlement/index.ts'
const book = loadSchemes(new URL('./schemes', import.meta.url).pathname)
const planner = new Planner(book, { allowUndated: false })
const bill: any = { id: 'b', person: 'p', admitted: '2024-02-01', discharged: '2024-02-09', settled: '2024-02-09', stay: 'b', total: 0, parts: {}, lines: [], attributes: { level: '三级', medical: '住院' }, cause: 'illness', days: 3, events: [] }
const person: any = { id: 'p', attributes: [], covers: [{ scheme: 'bench/five/five', from: '2024-01-01', attributes: {} }] }
const plan = planner.plan(bill, person)
if (!plan.ok) throw new Error(JSON.stringify(plan.error))
const code = plan.value.code
console.log(code.slots, code.outLength, code.traceLength)
if (process.argv[2]) console.log(code.run.toString())
const N = 1_000_000, W = 6
const bills = new Float64Array(N * W)
let seed = 1
const rnd = () => (seed = (seed * 48271) % 2147483647) / 2147483647
for (let i = 0; i < N; i++) {
  bills[i * W] = Math.floor(Math.exp(11 + rnd() * 6))
  bills[i * W + 1] = Math.floor(rnd() * 200000)
  bills[i * W + 3] = Math.floor(rnd() * 500000)
}
const L = code.slots.length
const stay = code.slots.flatMap((s, i) => (s.runsOver === 'stay' ? [i] : []))
const state = new Float64Array(L)
const out = new Float64Array(code.outLength)
const trace = new Float64Array(code.traceLength)
for (const k of ['run', 'traced'] as const)
for (let r = 0; r < 6; r++) {
  const t = performance.now()
  let h = 0
  const run = code[k]
  for (let i = 0; i < N; i++) {
    if (i % 5 === 0) state.fill(0)
    else for (let j = 0; j < stay.length; j++) state[stay[j]!] = 0
    run(bills, i * W, state, 0, out, 0, trace)
    h += out[code.left]!
  }
  console.log(k, (N / (performance.now() - t) / 1000).toFixed(2), 'M/s', h)
}
