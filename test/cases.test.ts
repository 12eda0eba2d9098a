import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCases, runCase, shippedSchemes } from '#app/cases.ts'
import { examplesPage } from '#app/examples-command.ts'
import { plainDate } from '#base/plain-date.ts'

const root = join(import.meta.dirname, '..')
const cases = readCases(join(root, 'src/domains/settlement/cases'))
const shipped = shippedSchemes(join(root, 'schemes'))

for (const one of cases) {
  if (one.unreached !== undefined) continue
  test(`${one.id}: ${one.name}`, () => {
    const { figures } = runCase(one, shipped, plainDate('2026-11-01'))
    assert(figures.length > 0, 'a case names at least one figure')
    assert.deepEqual(
      figures.filter(({ agrees }) => !agrees),
      [],
    )
  })
}

test('no id is used twice', () => {
  const ids = cases.map(({ id }) => id)
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) < i),
    [],
  )
})

test('docs/examples.md says what the examples give today', () => {
  const { text } = examplesPage(cases, shipped, plainDate('2026-11-01'))
  assert.equal(
    readFileSync(join(root, 'docs/examples.md'), 'utf8'),
    text,
    'print it again: npx kangyang examples --out docs/examples.md',
  )
})
