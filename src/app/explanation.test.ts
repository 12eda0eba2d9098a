import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseRate, parseYuan, share } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from '#domains/settlement/index.ts'
import { printExplanation } from './explanation.ts'
import { readInput } from './input.ts'
import { loadSchemes } from './schemes-folder.ts'
import { settleInput } from './settle-input.ts'

const project = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const book = loadSchemes(project('schemes'))
const settler = createSettler(book, { allowUndated: true, today: plainDate('2026-01-01') })
const sample = readFileSync(project('samples/teaching-city.json'), 'utf8')
const { outcomes } = settleInput(readInput('sample', sample, book.vocabulary), settler, () => true)
const settled = outcomes.flatMap((outcome) => (outcome.settled ? [outcome] : []))
const fenOf = (text: string) => parseYuan(text.replaceAll(',', '')) as number

/** `(10,450.00 − 450.00) × 75%` or `88.00 × 20%`, redone from its text alone, in fen. */
function redo(term: string): number {
  const m = /^\(?([\d,.]+)(?: − ([\d,.]+)\))? × ([\d.]+%)$/.exec(term)
  assert(m, `not a sum a clerk could redo: ${term}`)
  const [, to = '', from = '0.00', percent = ''] = m
  return share(fenOf(to) - fenOf(from), parseRate(percent) as number, 'half-up')
}

for (const outcome of settled)
  for (const [lang, due] of [
    ['zh', '应付：'],
    ['en', 'due: '],
  ] as const)
    test(`${outcome.bill.id}: every sum printed in ${lang} comes out when it is redone`, () => {
      const lines = printExplanation(outcome, book.vocabulary, lang)
        .split('\n')
        .flatMap((line) => line.split(due)[1] ?? [])
      assert(lines.length > 0, 'at least one tier pays or could')
      for (const line of lines) {
        const [, left, right = ''] = /^(?:(.*) = )?([\d,.]+)/.exec(line) ?? []
        const terms = left?.split(' + ') ?? []
        const redone = terms.reduce((sum, term) => sum + redo(term), 0)
        // Each term redone here is rounded by itself; where the line says so, the settlement rounds their sum.
        const slack = /[（(]/.test(line.slice(line.lastIndexOf(right))) ? terms.length : 0
        assert(Math.abs(redone - fenOf(right)) <= slack, line)
      }
    })
