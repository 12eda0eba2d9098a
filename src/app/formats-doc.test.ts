import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatYuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { createSettler, lintBook, readSchemes } from '#domains/settlement/index.ts'
import { readInput } from './input.ts'
import { settleInput } from './settle-input.ts'

/** The files that docs/formats.md shows, each in a fenced block that names it. */
const DOC = readFileSync('docs/formats.md', 'utf8')
const FILES = [...DOC.matchAll(/^```(yaml|json) file=(\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, , path = '', text = '']) => ({ path, text }),
)
const schemes = readSchemes(FILES.filter(({ path }) => path.endsWith('.yaml')))

test('the examples of the format page load, and lint finds no error in them', () => {
  assert.equal(schemes.places.size, 2)
  const findings = lintBook(schemes).filter(({ severity }) => severity === 'error')
  assert.deepEqual(findings, [])
})

test('the bills of the format page come out as its table says', () => {
  const text = FILES.find(({ path }) => path === 'input.json')?.text ?? ''
  const input = readInput('input.json', text, schemes.vocabulary)
  const settler = createSettler(schemes, { allowUndated: false, today: plainDate('2024-12-31') })
  const { outcomes } = settleInput(input, settler, () => false)
  const got = outcomes.flatMap(({ bill, ...outcome }) => {
    assert(outcome.settled, JSON.stringify(outcome))
    const { tiers, patient, benefits } = outcome.settlement
    const name = (id: string) => id.slice(id.lastIndexOf('/') + 1)
    return [
      ...tiers.filter(({ paid }) => paid > 0).map(({ tier, paid }) => [name(tier), paid] as const),
      ['patient', patient] as const,
      ...benefits.map(({ benefit, amount }) => [name(benefit), amount] as const),
    ].map(([who, amount]) => `${bill.id} ${who} ${formatYuan(amount)}`)
  })
  const rows = DOC.matchAll(/^\| (b\d) \| ([a-z-]+) \| ([\d.]+) \|/gm)
  assert.deepEqual(
    got,
    [...rows].map(([, bill, who, amount]) => `${bill} ${who} ${amount}`),
  )
})
