import { loadSchemes } from './schemes-folder.ts'
import { readInput } from './input.ts'
import { InputError } from './input-fault.ts'
import { settleInput } from './settle-input.ts'
import { createSettler } from '#domains/settlement/index.ts'
import { reportJson } from './report-json.ts'
import { reportCsv } from './report-csv.ts'
import { printStatements } from './statement.ts'
import { printExplanation } from './explanation.ts'
import { readFileSync } from 'node:fs'
const book = loadSchemes('schemes')
const sample = readFileSync('samples/teaching-city.json', 'utf8')
let seed = Number(process.argv[2] ?? 1)
const rnd = () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed / 0x7fffffff }
const pick = <T>(a: readonly T[]): T => a[Math.floor(rnd() * a.length)] as T
const codes = new Map<string, number>()
const count = (k: string) => codes.set(k, (codes.get(k) ?? 0) + 1)
const amounts = ['0', '0.01', '0.03', '1.00', '99999.99', '123456.78', '5000000.00', '89999999999.99', '9999999999999.99']
const dates = ['1900-01-01', '2023-12-31', '2024-01-01', '2024-02-29', '2025-06-30', '2025-07-01', '2025-12-31', '2029-12-31', '2024-03-01', '2025-03-01','9999-12-31']
const schemes = [...book.schemes.keys()]
const mutate = (node: any, p: number, key = ''): any => {
  if (Array.isArray(node)) { const a = node.map((x) => mutate(x, p, key)); return a }
  if (node && typeof node === 'object') { for (const k of Object.keys(node)) node[k] = mutate(node[k], p, k); return node }
  if (rnd() > p) return node
  if (key === 'amounts' || key === 'id' || key === 'person' || key==='category' && 0) return node
  const attr = book.vocabulary.get(key)
  if (attr && typeof attr.answers === 'object' && rnd()<0.9 && Object.hasOwn(attr.answers, node)) return pick(Object.keys(attr.answers))
  if (attr?.answers === 'number') return pick([0, 1, 2, 5, 60, 1000000])
  if (/^\d{4}-/.test(node)) return pick(dates)
  if (/^\d+(\.\d+)?$/.test(node) && key !== 'quantity') return pick(amounts)
  if (/%$/.test(node)) return pick(['0%', '100%', '33.3333%', '0.0001%'])
  if (key === 'scheme') return pick(schemes)
  if (key === 'class') return pick(['甲', '乙', '丙', '特药'])
  return node
}
for (let i = 0; i < 2500; i++) {
  const data = mutate(JSON.parse(sample), pick([0.01, 0.05, 0.2]))
  for (const b of data.bills) { const d = [b.admitted, b.discharged, b.settled].sort(); [b.admitted, b.discharged, b.settled] = d
    if (rnd() < 0.1) { b.cause = pick(['thirdParty', 'workInjury', 'overseas', 'publicHealth', 'illness']); delete b.thirdParty; if (b.cause === 'thirdParty' && rnd() < 0.8) b.thirdParty = { share: pick(['100%', '30%', '33.3333%', '0%']), advance: rnd() < 0.5 } }
    if (b.cause !== 'thirdParty') delete b.thirdParty
    for (const l of b.lines ?? []) if (l.class === '乙') l.upfrontShare ??= '5%'; if (b.parts) delete b.parts.total; if (b.national) { const n = b.national; const f = (x?: string) => Math.round(Number(x ?? 0) * 100); n.medfee_sumamt = ((f(n.inscp_scp_amt) + f(n.preselfpay_amt) + f(n.overlmt_selfpay) + f(n.fulamt_ownpay_amt)) / 100).toFixed(2) } }
  for (const q of data.persons) for (const c of q.covers) { if (c.until < c.from) delete c.until }
  let input
  try { input = readInput('f', JSON.stringify(data), book.vocabulary) } catch (e) { if (e instanceof InputError) { count(e.fault.code); continue } throw e }
  try { run(input); count('ok') } catch (e) { count('BUG'); console.log(String((e as Error).stack).slice(0, 700)); if (codes.get('BUG')! > 4) break }
}
function run(input: any) {
  const settler = createSettler(book, { allowUndated: true, today: '2030-01-01' as any })
  const r = settleInput(input, settler, () => true)
  for (const o of r.outcomes) { count(o.settled ? 'settled' : `refused ${o.refusal.code}`)
    if (o.settled) { const a = printExplanation(o, book.vocabulary, 'zh') + printExplanation(o, book.vocabulary, 'en'); if (/undefined|NaN|null|Infinity|✗/.test(a)) { console.log('TEXT', a.split('\n').filter(l=>/undefined|NaN|null|Infinity|✗/.test(l))); process.exit(1) } } }
  const plain = settleInput(input, settler, () => false)
  for (const [i,o] of plain.outcomes.entries()) { const p = r.outcomes[i]!; if (o.settled && p.settled && JSON.stringify(o.settlement) !== JSON.stringify(p.settlement)) { console.log('DIFF', o.bill.id); process.exit(1) } }
  const text = [...printStatements(r.outcomes, book.vocabulary, 'zh'), ...printStatements(r.outcomes, book.vocabulary, 'en'), ...reportCsv(r.outcomes, book.vocabulary, 'zh')].join('')
  if (/undefined|NaN|✗ *$/.test(text)) { console.log('TEXT2'); process.exit(1) }
  const j = JSON.parse([...reportJson(r, book.vocabulary)].join(''))
  const again = { amounts: 'yuan', persons: j.totals.map(({ person, ...rest }: any) => ({ id: person, covers: [], ...rest })), bills: [] }
  readInput('again', JSON.stringify(again), book.vocabulary)
}
console.log(codes)
