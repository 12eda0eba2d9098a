import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { RuleFileError, readRuleFile } from './rule-file.ts'

const Bands = z.union([
  z.string().regex(/%$/, { error: 'expected a percentage' }),
  z.array(
    z.union([
      z.strictObject({ upTo: z.string(), rate: z.string() }),
      z.strictObject({ upTo: z.string(), personShare: z.string() }),
    ]),
  ),
])
const Rules = z.strictObject({
  title: z.string(),
  axis: z.enum(['gross', 'net']),
  bands: z.union([z.literal('repealed'), Bands]),
})

const GOOD = `# A rule file.
title: Inpatient
axis: net
bands:
  - { upTo: 40000元, rate: 70% }
  - upTo: none
    personShare: 20%
`

function faultOf(text: string) {
  try {
    readRuleFile('rules.yaml', text).parse(Rules)
  } catch (error) {
    assert(error instanceof RuleFileError, String(error))
    const { line, code, message } = error.fault
    return `${line} ${code}: ${message}`
  }
  return 'no fault'
}

/** The fault of the good file with one piece of text replaced. */
const broken = (piece: string, by: string) => {
  assert(GOOD.includes(piece))
  return faultOf(GOOD.replace(piece, by))
}

test('a good file is read as data', () => {
  assert.equal(faultOf(GOOD), 'no fault')
  assert.deepEqual(readRuleFile('rules.yaml', 'a: 1\nb: [x, y]').value, { a: 1, b: ['x', 'y'] })
})

test('a date, a yes and an on are texts: nothing is read as more than it says', () => {
  const { value } = readRuleFile('rules.yaml', '{ from: 2024-07-01, answer: yes, state: on }')
  assert.deepEqual(value, { from: '2024-07-01', answer: 'yes', state: 'on' })
})

test('what YAML itself refuses names the line', () => {
  assert.match(broken('axis: net', '\taxis: net'), /^3 bad_yaml: Tabs are not allowed/)
  assert.match(broken('{ upTo', '[ upTo'), /^5 bad_yaml: /)
  assert.match(faultOf('a: 1\n---\nb: 2\n'), /^2 bad_yaml: .*multiple documents/)
})

test('a key twice is refused: nobody could say which one holds', () => {
  assert.equal(
    broken('axis: net', 'axis: net\naxis: gross'),
    '4 bad_yaml: Map keys must be unique; write each key once',
  )
  assert.equal(
    faultOf('3: a\n"3": b\n'),
    '2 bad_yaml: Map keys must be unique; write each key once',
  )
})

test('a repetition of something that is not there is refused; one of something that is, is read', () => {
  assert.equal(
    broken('axis: net', 'axis: *usual'),
    '3 bad_yaml: *usual repeats something that no &usual above names',
  )
  const file = readRuleFile('rules.yaml', 'a: &usual { rate: 70% }\nb: *usual\n')
  assert.deepEqual(file.value, { a: { rate: '70%' }, b: { rate: '70%' } })
})

test('an unknown key is named, with its own line', () => {
  assert.equal(
    broken('axis: net', 'axis: net\ncomment: net'),
    '4 unknown_key: comment: no such key here; remove it, or see docs/formats.md for the keys that exist',
  )
  assert.equal(
    broken('axis: net', 'axis: net\naxle: net'),
    '4 unknown_key: axle: no such key here; did you mean axis?',
  )
})

test('a misspelt key is an unknown key before it is a missing one', () => {
  assert.match(broken('axis: net', 'axes: net'), /^3 unknown_key: axes: /)
  assert.match(broken('personShare', 'personalShare'), /^7 unknown_key: bands\.1\.personal/)
})

test('a missing key is named, with the line of what lacks it', () => {
  assert.equal(
    broken('title: Inpatient\n', ''),
    '2 missing_key: title: missing; this key is required (docs/formats.md)',
  )
  assert.match(broken('axis: net\n', ''), /^2 missing_key: axis: /)
  assert.match(broken('upTo: none\n    ', ''), /^6 missing_key: bands\.1\.upTo: /)
})

test('of all that a value could have been, the complaint is about what was meant', () => {
  assert.match(broken('rate: 70%', 'rate: 70'), /^5 bad_value: bands\.0\.rate: /)
  assert.equal(
    faultOf('title: x\naxis: net\nbands: 70元\n'),
    '3 bad_value: bands: expected a percentage',
  )
  assert.match(
    broken('axis: net', 'axis: nett'),
    /^3 bad_value: axis: "nett" is not one of gross, net; did you mean net\?$/,
  )
})

test('a file of the wrong shape altogether is refused on its first line', () => {
  assert.match(faultOf(''), /^1 bad_value: expected keys, .* got nothing$/)
  assert.match(faultOf('- a\n- b\n'), /^1 bad_value: expected keys, .* got a list$/)
})

test('lines are found below number keys, in lists, and behind repetitions', () => {
  const file = readRuleFile(
    'rules.yaml',
    `by age:
  0-59: &usual
    三级: 100元
    社区: 50元
  60:
    三级: 90元
    社区: 40元
  61+: *usual
list:
  - a
  -
    b: 1
`,
  )
  assert.equal(file.lineOf(['by age', '0-59', '社区']), 4)
  assert.equal(file.lineOf(['by age', '60', '社区']), 7)
  assert.equal(file.lineOf(['by age', '61+']), 8)
  assert.equal(file.lineOf(['by age', '61+', '三级']), 3)
  assert.equal(file.lineOf(['list', 1, 'b']), 12)
  assert.equal(
    file.lineOf(['by age', '60', '二级']),
    5,
    'what is not there: the line of what lacks it',
  )
  assert.equal(file.lineOf([]), 1)
})

test('a fault reads as a place, what is wrong, and its code', () => {
  const file = readRuleFile('zhejiang/rules.yaml', 'a:\n  b: 1\n')
  assert.throws(() => file.fail(['a', 'b'], 'bad_value', 'expected 2'), {
    name: 'RuleFileError',
    message: 'zhejiang/rules.yaml:2: a.b: expected 2 [bad_value]',
  })
})
