import assert from 'node:assert/strict'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { lintBook } from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { readCases, runCase, shippedSchemes } from './cases.ts'
import { UsageError } from './exit-codes.ts'
import { makeCity } from './new-city-command.ts'
import { readArguments } from './options.ts'
import { loadSchemes } from './schemes-folder.ts'

const TODAY = '2026-11-01'
const FOLDERS: string[] = []
after(() => {
  for (const folder of FOLDERS) rmSync(folder, { recursive: true })
})

/** A schemes folder with the words of the shipped rules and no place yet. */
function emptySchemes(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-city-'))
  FOLDERS.push(folder)
  for (const file of ['attributes.yaml', 'exclusions.yaml'])
    cpSync(join('schemes', file), join(folder, file))
  return folder
}

const SOMEWHERE = ['new-city', 'myprovince/mycity', '--zh', '某市', '--en', 'Mycity']

const make = (schemes: string, ...args: string[]) =>
  makeCity(readArguments([...args, '--schemes', schemes, '--today', TODAY, '--lang', 'en']))

test('a new city loads at once, with every scheme and tier, and says what to do next', () => {
  const schemes = emptySchemes()
  const said = make(schemes, ...SOMEWHERE, '--division', '999999')
  const book = loadSchemes(schemes)
  assert.deepEqual(
    [...book.schemes.keys()],
    ['myprovince/mycity/employee', 'myprovince/mycity/resident'],
  )
  assert.deepEqual(
    [...book.places.values()].map(({ title, teaching }) => [title, teaching]),
    [[{ zh: '某市', en: 'Mycity' }, false]],
  )
  for (const file of readdirSync(join(schemes, 'myprovince/mycity')))
    assert.match(said, new RegExp(`^  ${file.replaceAll('.', '\\.')}$`, 'm'))
  assert.match(said, /refuses every bill by name until it is filled in/)
  assert.match(
    readFileSync(join(schemes, 'myprovince/mycity/place.yaml'), 'utf8'),
    /^division: '999999'$/m,
  )
})

test('nothing of a new city is left half written beside it', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  assert.deepEqual(readdirSync(join(schemes, 'myprovince')), ['mycity'])
})

test('its case passes: a bill is refused by name, not paid nothing', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  const cases = readCases(schemes).filter(({ id }) => id.startsWith('MYPROVINCE'))
  assert.deepEqual(
    cases.map((one) => runCase(one, shippedSchemes(schemes)).figures),
    [[{ name: 'refusal', wanted: 'rule_undated', got: 'rule_undated', agrees: true }]],
  )
})

test('whoever opts in to undated values is refused by the question that has no row', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  const [one] = readCases(schemes).filter(({ id }) => id.startsWith('MYPROVINCE'))
  assert(one)
  const undated = { ...one, allowUndated: true, expect: { refusal: 'no_value_for' } }
  assert(runCase(undated, shippedSchemes(schemes)).agrees)
})

test('a mistake in a case is answered like one in a rule, with its line', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  const file = join(schemes, 'myprovince/mycity/mycity.cases.yaml')
  const good = readFileSync(file, 'utf8')
  writeFileSync(file, good.replace('  expect:', '  expects:'))
  assert.throws(() => readCases(schemes), {
    name: 'RuleFileError',
    message:
      'myprovince/mycity/mycity.cases.yaml:12: 0.expects: no such key here; did you mean expect? [unknown_key]',
  })
  writeFileSync(file, good.replace('bills: [', 'bills: ［'))
  assert.throws(() => readCases(schemes), /mycity\.cases\.yaml:11: .*full-width sign.*bad_yaml/)
})

test('a teaching city is invented throughout', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE, '--teaching')
  const [place] = loadSchemes(schemes).places.values()
  assert.equal(place?.teaching, true)
  assert.match(readFileSync(join(schemes, 'myprovince/mycity/README.md'), 'utf8'), /does not exist/)
})

test('lint finds no error in it', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  const errors = lintBook(loadSchemes(schemes)).filter(({ severity }) => severity === 'error')
  assert.deepEqual(errors, [])
})

test('a folder that is there is never touched', () => {
  const schemes = emptySchemes()
  const folder = join(schemes, 'myprovince/mycity')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  assert.throws(() => make(schemes, ...SOMEWHERE), usage(/exists already and was not changed/))
  assert.deepEqual(readdirSync(folder), ['notes.txt'])
})

test('a name that another place has is refused, with where it stands', () => {
  const schemes = emptySchemes()
  make(schemes, ...SOMEWHERE)
  const other = SOMEWHERE.with(1, 'otherprovince/mycity')
  assert.throws(
    () => make(schemes, ...other),
    usage(/某市 is there already, in .*myprovince\/mycity$/),
  )
})

test('a bad name of the folder, in any letter, is refused with an example', () => {
  const schemes = emptySchemes()
  for (const name of [
    'mycity',
    'a/b/c',
    '../a',
    'A/b',
    'a/b1',
    '省/市',
    'a/',
    '/etc/passwd',
    'a//b',
    'a/b-',
  ])
    assert.throws(
      () => make(schemes, ...SOMEWHERE.with(1, name)),
      usage(/such as myprovince\/mycity/),
    )
  assert.throws(() => make(schemes, 'new-city', ...SOMEWHERE.slice(2)), usage(/folder is missing/))
})

test('a bad title or code is refused by its option', () => {
  const schemes = emptySchemes()
  const wrong: [string[], RegExp][] = [
    [SOMEWHERE.with(3, 'Mycity'), /^--zh is the Chinese name, such as 某市, not "Mycity"$/],
    [SOMEWHERE.with(5, '某市'), /^--en is the English name/],
    [SOMEWHERE.with(5, 'mycity'), /^--en is the English name/],
    [SOMEWHERE.slice(0, 4), /^--en is missing/],
    [[...SOMEWHERE, '--division', '99999'], /^--division is a six-digit code/],
    [[...SOMEWHERE, '--division', '099999'], /^--division is a six-digit code/],
  ]
  for (const [args, message] of wrong) assert.throws(() => make(schemes, ...args), usage(message))
  assert.deepEqual(readdirSync(schemes).toSorted(), ['attributes.yaml', 'exclusions.yaml'])
})

test('where the words that the files ask are missing, nothing is made', () => {
  const schemes = emptySchemes()
  writeFileSync(
    join(schemes, 'attributes.yaml'),
    'level: { of: bill, zh: 级别, en: Level, answers: { 三级: Level 3 } }\n',
  )
  assert.throws(() => make(schemes, ...SOMEWHERE), RuleFileError)
  assert.deepEqual(readdirSync(schemes).toSorted(), ['attributes.yaml', 'exclusions.yaml'])
})

function usage(message: RegExp) {
  return (error: unknown) => {
    assert(error instanceof UsageError, String(error))
    assert.match(error.message, message)
    assert(error.zh.length > 0)
    return true
  }
}
