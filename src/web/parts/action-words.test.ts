import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CASE_ACTS } from '#domains/casework/types.ts'
import { REFERRAL_ACTS } from '#domains/enrolment/types.ts'
import { DEDUCTION_ACTS } from '#domains/monthend/types.ts'
import { BATCH_ACTS } from '#domains/payments/types.ts'
import { ownWordOf, wordsOfAction } from './action-words.ts'

/** Where the program names what goes on record, as a text and not put together. */
const NAMED = [
  /\blog(?:Access|Read|Reading|Command)\(\s*(?:[\w.()]+\([^()]*\)|[\w.]+),\s*(?:[\w.]+,\s*)?'([^']+)'/g,
  /\baction: '([^']+)'/g,
  /\b(?:change|command)\(\s*[\w.]+,\s*[\w.]+,\s*\[\s*'([^']+)'/g,
]
/** Those that are put together, from what they are put together of. */
const PUT_TOGETHER = [
  ...Object.keys(CASE_ACTS).map((act) => `case ${act}`),
  ...Object.keys(BATCH_ACTS)
    .filter((act) => act !== 'answer')
    .map((act) => `${act} payment batch`),
  ...Object.keys(REFERRAL_ACTS).map((act) => `${act} referral`),
  ...Object.keys(DEDUCTION_ACTS).map((act) => `${act} deduction`),
  ...['month terms', 'year end', 'reserve'].flatMap((what) => [
    `confirmed ${what}`,
    `withdrawn ${what}`,
  ]),
  ...['contract', 'contract year'].flatMap((what) => [`confirm ${what}`, `withdraw ${what}`]),
  ...['start', 'stop'].map((act) => `${act} replay run`),
]

test('whatever goes on record has words in both languages', () => {
  const named = globSync('src/{domains,app,platform}/**/*.ts')
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8')
      return NAMED.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(([, action = '']) => action),
      )
    })
  assert(named.length > 60, 'the names are found')
  const silent = [...new Set([...named, ...PUT_TOGETHER])].filter(
    (action) =>
      !ownWordOf(action) && (!wordsOfAction(action, 'zh') || !wordsOfAction(action, 'en')),
  )
  assert.deepEqual(silent, [])
})

test('a verb and what it is done to make a sentence', () => {
  assert.equal(wordsOfAction('read postings', 'zh'), '查阅分录')
  assert.equal(wordsOfAction('confirm panel', 'en'), 'Confirmed a panel')
  assert.equal(wordsOfAction('case accept', 'zh'), '案件：受理')
  assert.equal(wordsOfAction('dance about', 'en'), undefined)
})
