import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Mutation,
  mutate,
  printVerdicts,
  readBuildingBlocks,
  readMutations,
  runMutations,
  unbroken,
} from './mutation/run.ts'

test('every building block is broken by a mutation, and a case of its own notices each', async () => {
  const mutations = readMutations()
  assert.deepEqual(unbroken(readBuildingBlocks(), mutations), [])
  const missed = (await runMutations(mutations)).filter(({ caughtBy }) => caughtBy.length === 0)
  assert.equal(printVerdicts(missed), '\n', 'npm run test:mutation shows the whole table')
})

const rounding: Mutation = {
  id: 'example',
  mechanisms: [34],
  breaks: 'nothing',
  file: 'domains/settlement/emit.ts',
  find: 'down: 0, up: 999_999',
  replace: 'down: 0, up: 999_999',
}

test('a mutation that no case notices, that cannot be applied, or that stops the program is not caught', async () => {
  const verdicts = await runMutations([
    rounding,
    { ...rounding, find: 'text that is in no source' },
    { ...rounding, find: 'const' },
    { ...rounding, replace: 'down: 0, up: none' },
    { ...rounding, replace: 'down: 0, up: 0' },
  ])
  assert.deepEqual(
    verdicts.map(({ caughtBy, fault }) => fault ?? caughtBy.join()),
    [
      '',
      'its text is no longer in the source',
      verdicts[2]?.fault,
      'the program stops: ReferenceError: none is not defined',
      'OWN-34-ROUNDING',
    ],
  )
  assert.match(verdicts[2]?.fault ?? '', /^its text stands \d+ times in the source$/)
})

test('a replacement is taken as it stands, signs that a pattern would read included', () => {
  assert.deepEqual(mutate('a b', { ...rounding, find: 'a', replace: '$& $1' }), { text: '$& $1 b' })
})
