import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { schemaFiles } from './schema-command.ts'

const FOLDER = 'docs/schema'

test('docs/schema holds what "kangyang schema" prints now', () => {
  const files = schemaFiles()
  assert.deepEqual(readdirSync(FOLDER).toSorted(), files.map(({ name }) => name).toSorted())
  for (const { name, text } of files)
    assert.equal(
      readFileSync(`${FOLDER}/${name}`, 'utf8'),
      text,
      `${name} is out of date: run "kangyang schema --out ${FOLDER}"`,
    )
})

/** What another tool makes of a printed schema. */
const readerOf = (kind: string) => {
  const file = schemaFiles().find(({ name }) => name === `${kind}.schema.json`)
  return z.fromJSONSchema(JSON.parse(file?.text ?? 'null'))
}

const kindOf = (path: string, value: object): string => {
  if (path.endsWith('.tier.yaml')) return 'account' in value ? 'account-tier' : 'insurance-tier'
  return /([a-z]+)\.yaml$/.exec(path)?.[1] ?? ''
}

test('every scheme file fits its schema', () => {
  const paths = globSync('schemes/**/*.yaml')
  assert(paths.length > 0)
  for (const path of paths) {
    const value = parse(readFileSync(path, 'utf8'))
    const { error } = readerOf(kindOf(path, value)).safeParse(value)
    assert.equal(error, undefined, `${path}: ${error?.message}`)
  }
})

const TIER = `
tier: { zh: 住院, en: Inpatient }
payer: basicPool
governing: settled
period: calendar-year
eligibility: [{ from: 2023-01-01, source: notice, value: { medical: 住院 } }]
base: [inScope]
splits: true
rate:
  axis: net
  over: admission
  bands:
    - from: 2023-01-01
      source: notice
      value: { by level: { 三级: { by class: { 在职: 85%, 退休: 90% } }, otherwise: 80% } }
paysDown: [inScope]
rounding: half-up
`

test('a schema refuses what the reader refuses, however deep in a table', () => {
  const reader = readerOf('insurance-tier')
  const fits = (text: string) => reader.safeParse(parse(text)).success
  assert(fits(TIER))
  for (const [piece, by] of [
    ['85%', '85'],
    ['85%', '85元'],
    ['90%', '190%'],
    ['by class', 'class'],
    ['from: 2023-01-01\n', 'from: 2023\n'],
    ['payer: basicPool\n', ''],
    ['rounding: half-up', 'rounding: bankers'],
    ['splits: true', 'splits: true\nnote: text'],
  ] as const) {
    assert(TIER.includes(piece))
    assert(!fits(TIER.replace(piece, by)), `${piece} → ${by}`)
  }
})
