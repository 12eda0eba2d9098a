import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCases, runCase, shippedSchemes } from '#app/cases.ts'
import { examplesPage } from '#app/examples-command.ts'
import { packsFolder } from '#app/packs.ts'

const root = join(import.meta.dirname, '..')
const cases = readCases(join(root, 'schemes'))
const shipped = shippedSchemes(join(root, 'schemes'))

for (const one of cases) {
  if (one.unreached !== undefined) continue
  test(`${one.id}: ${one.name}`, () => {
    const { figures } = runCase(one, shipped)
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

/** The collection that the published examples were taken from; it stands beside the packs. */
const COLLECTION = join(packsFolder(undefined), '../cases/worked_examples.json')

test('every published example of the collection is a case, settled or with its reason', {
  skip: existsSync(COLLECTION) ? false : `skipped: no pack ${COLLECTION}`,
}, () => {
  const collected = JSON.parse(readFileSync(COLLECTION, 'utf8')) as readonly { id: string }[]
  const known = cases.filter(({ published }) => published !== 'own').map(({ id }) => id)
  const listed = [
    ...readFileSync(join(root, 'docs/examples.md'), 'utf8').matchAll(/<a id="([^"]+)">/g),
  ]
  for (const { id } of collected) {
    assert(known.includes(id), `${id} is no case`)
    assert(
      listed.some(([, anchor]) => anchor === id),
      `${id} is not in docs/examples.md`,
    )
  }
})

test('docs/examples.md says what the examples give today', () => {
  const { text } = examplesPage(cases, shipped)
  assert.equal(
    readFileSync(join(root, 'docs/examples.md'), 'utf8'),
    text,
    'print it again: npx kangyang examples --out docs/examples.md',
  )
})
