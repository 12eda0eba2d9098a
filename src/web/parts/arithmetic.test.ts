import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readInput } from '#app/input.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import { settleInput } from '#app/settle-input.ts'
import { type Fen, parseRate, parseYuan, type Rate } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from '#domains/settlement/index.ts'
import type { Citation, Step } from '#domains/settlement/types.ts'
import { workingOf } from './arithmetic.ts'
import { money } from './money.ts'

const project = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const book = loadSchemes(project('schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-01-01') })
const sample = readFileSync(project('samples/teaching-city.json'), 'utf8')
const { outcomes } = settleInput(readInput('sample', sample, book.vocabulary), settler, () => true)
const settled = outcomes.flatMap((outcome) => (outcome.settled ? [outcome] : []))
const context = { vocabulary: [], lang: 'zh', say: (key: string) => key } as const

/** In millionths of a fen, so that nothing is rounded: `(10,450.00 − 450.00) × 75%`, `88.00`. */
function redo(term: string): bigint {
  const m = /^\(?([\d,.]+)(?: − ([\d,.]+)\))?(?: × ([\d.]+%))?$/.exec(term)
  assert(m, `not a sum a clerk could redo: ${term}`)
  const [, to = '', from = '0.00', percent = '100%'] = m
  return BigInt(fenOf(to) - fenOf(from)) * BigInt(parseRate(percent) as number)
}

const yuan = (text: string) => parseYuan(text) as Fen
const fenOf = (text: string) => parseYuan(text.replaceAll(',', '')) as number

for (const { settlement, steps } of settled)
  test(`${settlement.bill}: the working of every tier ends in what it pays, and its sums come out`, () => {
    for (const { tier, paid, notApplicable } of settlement.tiers) {
      const working = workingOf(tier, steps, { settlement, ...context })
      assert(working.length > 0, `${tier} says something`)
      if (notApplicable || tier === 'liable-third-party') continue
      assert.equal(working.at(-1)?.result, money(paid))
      for (const { label, sum, result = '', note } of working) {
        if (label !== 'stepDue' || sum === undefined) continue
        const redone = sum.split(' + ').reduce((total, term) => total + redo(term), 0n)
        const off = redone - BigInt(fenOf(result)) * 1_000_000n
        // Where the note says how it was rounded, the sum may be off by less than two fen.
        assert(off === 0n || (note !== undefined && off < 2_000_000n && off > -2_000_000n), sum)
      }
    }
  })

/** Steps that no bill of the sample takes, written by hand. */
const CITATION = {} as Citation
const handWritten = (steps: readonly Step[]) => {
  const [first] = settled
  assert(first)
  const working = workingOf('tier', steps, { settlement: first.settlement, ...context })
  return working.map(({ label, sum, result, note }) => [label, sum, result, note])
}

test('a deductible of 10% of 60,000 that is at most 5,000: the product is a line, and its bound another', () => {
  const derived = {
    step: 'derived-amount',
    tier: 'tier',
    limit: 'deductible',
    title: { zh: '人均收入', en: 'Income' },
    basis: yuan('60000'),
    factor: 100_000,
    atLeast: undefined,
    citations: [CITATION],
  } as const
  const bounded = {
    ...derived,
    product: yuan('6000'),
    atMost: yuan('5000'),
    amount: yuan('5000'),
  }
  assert.deepEqual(handWritten([bounded]), [
    ['derivedDeductible', '人均收入 60,000.00 × 10%', '6,000.00', undefined],
    ['derivedBounded', undefined, '5,000.00', 'derivedAtMost'],
  ])
  const within = { ...bounded, atMost: yuan('7000'), amount: yuan('6000') }
  assert.deepEqual(handWritten([within]), [
    ['derivedDeductible', '人均收入 60,000.00 × 10%', '6,000.00', 'derivedAtMost'],
  ])
})

test('a guaranteed 45% of 20,000 where the rules give 12,000: the share comes out, and the higher is due', () => {
  const step = {
    step: 'guaranteed-ratio',
    tier: 'tier',
    ratio: parseRate('45%') as Rate,
    of: yuan('20000'),
    share: yuan('9000'),
    counted: yuan('0'),
    ordinary: yuan('12000'),
    before: yuan('0'),
    unpaid: yuan('20000'),
    due: yuan('12000'),
    rounding: 'half-up',
    citation: CITATION,
  } as const
  assert.deepEqual(handWritten([step]), [
    ['stepGuaranteed', '20,000.00 × 45%', '9,000.00', undefined],
    ['stepDue', undefined, '12,000.00', 'ordinaryDue'],
  ])
})
