import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Case, readCases, runCase, shippedSchemes } from '#app/cases.ts'
import { addDays, plainDate } from '#base/plain-date.ts'

const root = join(import.meta.dirname, '../../../schemes')
const shipped = shippedSchemes(root)
const usual = readCases(root).find(({ id }) => id === 'OWN-07-READMISSION') as Case

const rules = fc.record({
  admission: fc.record(
    {
      readmission: fc.constantFrom('5天', '15天'),
      transfer: fc.constantFrom('same', 'new'),
    },
    { requiredKeys: [] },
  ),
  ordinal: fc.constantFrom(['100%', '50%', '20%'], ['100%', '60%']),
  // A stay that its length charges again is not among them: what was paid before that day stays as it was.
  more: fc.record({ periodTotal: fc.constantFrom('1500元', '2000元') }, { requiredKeys: [] }),
  axis: fc.constantFrom('net', 'gross'),
  over: fc.constantFrom('admission', 'period'),
  cap: fc.record({
    amount: fc.constantFrom('2500元', '6000元', 'none'),
    per: fc.constantFrom('admission', 'period'),
    excess: fc.constantFrom('cost', 'payment'),
  }),
})
const stay = fc.record({
  gap: fc.integer({ min: 0, max: 25 }),
  days: fc.integer({ min: 3, max: 90 }),
  fen: fc.integer({ min: 3, max: 900_000 }),
  pieces: fc.integer({ min: 2, max: 3 }),
  transferred: fc.boolean(),
})

test('a stay in interim bills is charged, paid and capped as in one, whatever makes stays one admission', () => {
  fc.assert(
    fc.property(rules, fc.array(stay, { minLength: 2, maxLength: 3 }), (rule, stays) => {
      const { admission, ordinal, more, axis, over, cap } = rule
      const basic = {
        payer: 'basicPool',
        base: ['inScope'],
        paysDown: ['inScope'],
        splits: true,
        admission,
        deductible: { kind: 'admission', amount: '800元', ordinal: { steps: ordinal }, ...more },
        rate: {
          axis,
          over,
          bands: [
            { above: '0元', upTo: '3000元', rate: '60%' },
            { above: '3000元', rate: '80%' },
          ],
        },
        caps: [cap],
      }
      let admitted = plainDate('2024-01-02')
      const told = stays.map(({ gap, days, fen, pieces, transferred }, i) => {
        const begins = addDays(admitted, gap)
        const ends = addDays(begins, days)
        admitted = ends
        const from = transferred && admission.transfer && i > 0 ? { transferFrom: `s${i - 1}` } : {}
        const bill = (id: string, until: typeof begins, amount: number) => ({
          ...{ id, person: 'p', stay: `s${i}`, ...from, admitted: begins },
          ...{ discharged: until, settled: until, parts: { inScope: (amount / 100).toFixed(2) } },
        })
        const part = Math.floor(fen / pieces)
        return {
          whole: [bill(`b${i}`, ends, fen)],
          parts: Array.from({ length: pieces }, (_, k) =>
            k === pieces - 1
              ? bill(`b${i}x${k}`, ends, fen - part * k)
              : bill(`b${i}x${k}`, addDays(begins, Math.floor((days * (k + 1)) / pieces)), part),
          ),
        }
      })
      const sumsOf = (bills: readonly { id: string }[][]) => {
        const names = ['paid basic', 'deductible basic', 'left aboveCap']
        const expect = Object.fromEntries(
          bills.flat().flatMap(({ id }) => names.map((name) => [`${id} ${name}`, '0'])),
        )
        const covers = [{ scheme: 'case/case', from: '2000-01-01' }]
        const one = {
          ...usual,
          tiers: { basic },
          persons: [{ id: 'p', covers }],
          bills: bills.flat(),
          expect,
          never: {},
        }
        const { figures } = runCase(one as unknown as Case, shipped)
        return bills.map((ofStay) =>
          names.map((name) =>
            ofStay.reduce((sum, { id }) => {
              const got = figures.find((figure) => figure.name === `${id} ${name}`)?.got ?? ''
              return sum + Math.round(Number(got) * 100)
            }, 0),
          ),
        )
      }
      const whole = sumsOf(told.map((each) => each.whole))
      assert(whole.flat().every(Number.isInteger), 'every bill is settled')
      assert.deepEqual(sumsOf(told.map((each) => each.parts)), whole)
    }),
    { numRuns: 60 },
  )
})
