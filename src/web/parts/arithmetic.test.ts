import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readInput } from '#app/input.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import { settleInput } from '#app/settle-input.ts'
import { parseRate, parseYuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from '#domains/settlement/index.ts'
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
