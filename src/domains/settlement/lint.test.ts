import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lintBook } from './lint.ts'
import { readSchemes } from './scheme.ts'

const ATTRIBUTES = `
level: { of: bill, zh: 医院级别, en: Level, answers: { 社区: Community, 二级: Two, 三级: Three } }
age: { of: person, zh: 年龄, en: Age, answers: number }
plan: { of: cover, zh: 方案, en: Plan, answers: text }
`
const PLACE = `place: { zh: 某市, en: Somewhere }
sources:
  notice: { title: 通知, address: 'https://example.gov.cn/1', grade: A }
`
const TIER = `tier: { zh: 住院统筹, en: Inpatient }
payer: basicPool
governing: settled
period: calendar-year
eligibility:
  - { from: 2023-01-01, source: notice, value: { level: 三级 } }
base: [inScope]
splits: false
deductible:
  kind: admission
  amount:
    - { from: 2023-01-01, source: notice, value: 800元 }
  ordinal:
    - { from: 2023-01-01, source: notice, value: { steps: [100%, 50%, 0%] } }
rate:
  axis: net
  over: period
  bands:
    - from: 2023-01-01
      source: notice
      value:
        - { above: 0元, upTo: 10000元, rate: 60% }
        - { above: 10000元, rate: 70% }
caps:
  - amount:
      - { from: 2023-01-01, source: notice, value: 300000元 }
    per: period
paysDown: [inScope]
rounding: half-up
`

const BENEFIT = `benefit: { zh: 津贴, en: Allowance }
kind: lumpSum
payer: citySupplementary
governing: discharged
period: lifetime
eligibility: [{ from: 2023-01-01, source: notice, value: { age: 0+, plan: 基础 } }]
amount: [{ from: 2023-01-01, source: notice, value: 1元 }]
`

type Files = Readonly<Record<string, string>>
const GOOD: Files = {
  'attributes.yaml': ATTRIBUTES,
  'p/place.yaml': PLACE,
  'p/basic.tier.yaml': TIER,
  'p/allowance.benefit.yaml': BENEFIT,
}

/** What lint says of the good book with some files changed or added. */
function lint(changes: Files = {}) {
  const files = Object.entries({ ...GOOD, ...changes })
  return lintBook(readSchemes(files.map(([path, text]) => ({ path, text }))))
}

test('a published figure that no amount is taken from is named; one that is used is not', () => {
  const index =
    'indexes: { wage: { index: { zh: 工资, en: Wage }, amount: [{ from: 2023-01-01, source: notice, value: 9元 }] } }\n'
  const place = PLACE + index
  const codes = (tier: string) =>
    lint({ 'p/place.yaml': place, 'p/basic.tier.yaml': tier }).map(({ code, rule }) => [code, rule])
  assert.deepEqual(
    codes(TIER).filter(([code]) => code === 'unused_index'),
    [['unused_index', 'p/place#indexes.wage.amount']],
  )
  const used = TIER.replace('value: 300000元', 'value: { times: 6倍, of: wage }')
  assert.deepEqual(
    codes(used).filter(([code]) => code === 'unused_index'),
    [],
  )
})

/** The one finding of the good tier with a piece of its text replaced. */
function findingIn(piece: string, by: string) {
  assert(TIER.includes(piece))
  const findings = lint({ 'p/basic.tier.yaml': TIER.replace(piece, by) })
  assert.equal(findings.length, 1, JSON.stringify(findings, null, 1))
  const [finding] = findings
  assert(finding)
  const { severity, code, file, line, rule, zh, en } = finding
  return { at: `${severity} ${code} ${file}:${line} ${rule}`, zh, en }
}

test('a good book has no findings', () => {
  assert.deepEqual(lint(), [])
})

test('non_monotone_bands: the rate falls as the cost rises', () => {
  const { at, zh, en } = findingIn('rate: 70%', 'rate: 50%')
  assert.equal(at, 'warning non_monotone_bands p/basic.tier.yaml:19 p/basic#rate.bands')
  assert.match(en, /falls as the cost rises \(all\)/)
  assert.match(zh, /随费用上升而下降/)
})

test('non_monotone_bands: the finding names the row it stands in', () => {
  const bands = `value:
        - { above: 0元, upTo: 10000元, rate: 60% }
        - { above: 10000元, rate: 70% }`
  const table = `value:
        by level:
          三级: [{ above: 0元, upTo: 10000元, rate: 97% }, { above: 10000元, rate: 93% }]
          otherwise: 90%`
  assert.match(findingIn(bands, table).en, /\(三级\)/)
})

test('a last stretch of unknown rate is not a falling rate', () => {
  assert.deepEqual(lint({ 'p/basic.tier.yaml': TIER.replace('rate: 70%', 'rate: unknown') }), [])
})

test('rising_deductible: a later admission is charged more than an earlier one', () => {
  const { at, en } = findingIn('[100%, 50%, 0%]', '[100%, 50%, 80%]')
  assert.equal(at, 'warning rising_deductible p/basic.tier.yaml:14 p/basic#deductible.ordinal')
  assert.match(en, /a later admission is charged more/)
})

const uncovered = (value: string) => findingIn('value: 800元', `value: ${value}`)

test('uncovered_answers: answers of a closed list that no row covers', () => {
  const { at, en, zh } = uncovered('{ by level: { 三级: 800元 } }')
  assert.equal(at, 'note uncovered_answers p/basic.tier.yaml:12 p/basic#deductible.amount')
  assert.match(en, /no value where level is 社区, 二级/)
  assert.match(zh, /level 为 社区、二级 时没有取值/)
})

test('uncovered_answers: numbers before the first row and after the last', () => {
  assert.match(uncovered('{ by age: { 18-59: 800元 } }').en, /where age is <18, >59/)
  assert.match(uncovered('{ by age: { 3: 800元, 0-2: 700元 } }').en, /where age is >3/)
})

test('uncovered_answers: a table inside a table', () => {
  const inner = '{ by level: { 三级: { by age: { 0-59: 800元 } }, otherwise: 1元 } }'
  assert.match(uncovered(inner).en, /where age is >59/)
})

test('otherwise, a full list, an open range and an open text leave nothing uncovered', () => {
  for (const value of [
    '{ by level: { 三级: 800元, otherwise: 600元 } }',
    '{ by level: { 三级: 800元, 二级|社区: 600元 } }',
    '{ by age: { 0-59: 800元, 60+: 600元 } }',
    '{ by plan: { 基础: 800元 } }',
  ])
    assert.deepEqual(
      lint({ 'p/basic.tier.yaml': TIER.replace('value: 800元', `value: ${value}`) }),
      [],
      value,
    )
})

test('unchanged_value: a change that changes nothing', () => {
  const first = '    - { from: 2023-01-01, source: notice, value: 800元 }'
  const { at, en } = findingIn(first, `${first}\n${first.replace('2023', '2024')}`)
  assert.equal(at, 'warning unchanged_value p/basic.tier.yaml:13 p/basic#deductible.amount')
  assert.equal(en, 'the value from 2024-01-01 is the one before it again')
})

/** The good tier with its cap, or with its deductible and its cap, under a shared name. */
const pooled = (tier = TIER) =>
  tier.replace('    per: period\npaysDown', '    per: period\n    pool: fund\npaysDown')
const deductiblePooled = (tier: string) =>
  tier
    .replace(/ {2}kind: admission\n/, '  kind: period\n  pool: fund\n')
    .replace(/ {2}ordinal:\n.*\n/, '')

test('pool_periods_differ: tiers that share a limit count over different periods', () => {
  const other = pooled(TIER.replace('calendar-year', 'policy-year'))
  const findings = lint({ 'p/basic.tier.yaml': pooled(), 'p/outpatient.tier.yaml': other })
  assert.deepEqual(
    findings.map(({ severity, code, file, rule }) => [severity, code, file, rule]),
    [['error', 'pool_periods_differ', 'p/outpatient.tier.yaml', 'p/outpatient#caps p/fund']],
  )
  assert.equal(findings[0]?.en, 'shares a cap with p/basic but counts over another period')
  const same = { 'p/basic.tier.yaml': pooled(), 'p/outpatient.tier.yaml': pooled() }
  assert.deepEqual(lint(same), [], 'the same period is shared well')
})

test('a deductible and a cap under one name are two totals, each reported by itself', () => {
  const other = deductiblePooled(pooled(TIER.replace('calendar-year', 'policy-year')))
  const findings = lint({
    'p/basic.tier.yaml': deductiblePooled(pooled()),
    'p/outpatient.tier.yaml': other,
  })
  assert.deepEqual(
    findings.map(({ code, rule, en }) => [code, rule, en]),
    [
      [
        'pool_periods_differ',
        'p/outpatient#deductible p/fund',
        'shares a deductible with p/basic but counts over another period',
      ],
      [
        'pool_periods_differ',
        'p/outpatient#caps p/fund',
        'shares a cap with p/basic but counts over another period',
      ],
    ],
  )
})

test('unshared_pool: a deductible and a cap of one name share nothing with each other', () => {
  const findings = lint({
    'p/basic.tier.yaml': pooled(),
    'p/outpatient.tier.yaml': deductiblePooled(TIER),
  })
  assert.deepEqual(
    findings.map(({ severity, code, rule }) => [severity, code, rule]),
    [
      ['warning', 'unshared_pool', 'p/basic#caps p/fund'],
      ['warning', 'unshared_pool', 'p/outpatient#deductible p/fund'],
    ],
  )
  assert.match(findings[0]?.en ?? '', /no other tier shares this cap/)
})

test('duplicate_citation: one document listed twice', () => {
  const again = `${PLACE}  same: { title: 通知, address: 'https://example.gov.cn/1', grade: A }\n`
  const tier = TIER.replace('source: notice, value: 300000元', 'source: same, value: 300000元')
  const findings = lint({ 'p/place.yaml': again, 'p/basic.tier.yaml': tier })
  assert.deepEqual(
    findings.map(({ severity, code, file, line, en }) => [severity, code, file, line, en]),
    [
      [
        'warning',
        'duplicate_citation',
        'p/place.yaml',
        4,
        'has the title and address of source notice',
      ],
    ],
  )
})

test('unused_source: a document no value rests on', () => {
  const more = `${PLACE}  other: { title: 解读, address: 'https://example.gov.cn/2', grade: A }\n`
  const findings = lint({ 'p/place.yaml': more })
  assert.deepEqual(
    findings.map(({ severity, code, file, line, rule }) => [severity, code, file, line, rule]),
    [['note', 'unused_source', 'p/place.yaml', 4, 'p#other']],
  )
})

test('not_official: what each value of grade C or D would need; A and B need nothing', () => {
  const graded = (grade: string) => lint({ 'p/place.yaml': PLACE.replace('grade: A', grade) })
  assert.deepEqual(graded('grade: B'), [])
  for (const grade of ['C', 'D']) {
    const findings = graded(`grade: ${grade}`)
    assert.deepEqual([...new Set(findings.map(({ code }) => code))], ['not_official'])
    assert.equal(findings.length, 7, 'every value of the tier and of the benefit')
    assert.match(findings[0]?.en ?? '', new RegExp(`^grade ${grade}, "通知": needs the issuing`))
  }
})

test('undated: a value whose first day is not known', () => {
  const { at, en, zh } = findingIn(
    'from: 2023-01-01, source: notice, value: 800元',
    'from: unknown, observed: 2022-05-18, source: notice, value: 800元',
  )
  assert.equal(at, 'note undated p/basic.tier.yaml:12 p/basic#deductible.amount')
  assert.match(en, /^first day unknown \(seen 2022-05-18\): needs its effective date/)
  assert.match(zh, /^施行日期未知\(2022-05-18 见到\)/)
})

test('fixed benefits are looked at like tiers', () => {
  const undated = BENEFIT.replace(
    'amount: [{ from: 2023-01-01',
    'amount: [{ from: unknown, observed: 2022-05-18',
  )
  assert.deepEqual(
    lint({ 'p/allowance.benefit.yaml': undated }).map(({ code, rule }) => [code, rule]),
    [['undated', 'p/allowance#amount']],
  )
})

test('exclusions.yaml is looked at: its sources, its dates, and causes of which it says nothing', () => {
  const exclusions = (treatment: string) => `sources:
  law: { title: 社会保险法, address: 地址未留存, grade: C }
  other: { title: 解读, address: 'https://example.gov.cn/3', grade: A }
exclusions:
  - cause: workInjury
    treatment:
      - { from: 2011-07-01, source: law, value: refuse }
${treatment}`
  const causes = ['thirdParty', 'publicHealth', 'overseas']
  assert.deepEqual(
    lint({
      'exclusions.yaml': exclusions('      - { from: 2020-01-01, source: law, value: refuse }\n'),
    }).map(({ severity, code, file, line, rule }) => `${severity} ${code} ${file}:${line} ${rule}`),
    [
      'warning unchanged_value exclusions.yaml:8 exclusions#workInjury',
      ...causes.map((cause) => `note uncovered_cause exclusions.yaml:1 exclusions#${cause}`),
      'note unused_source exclusions.yaml:3 #other',
      'note not_official exclusions.yaml:7 exclusions#workInjury',
      'note not_official exclusions.yaml:8 exclusions#workInjury',
    ],
  )
})

test('unused_attribute: a word that no rule asks about', () => {
  const more = `${ATTRIBUTES}delivery: { of: bill, zh: 生育方式, en: Delivery, answers: text }\n`
  assert.deepEqual(
    lint({ 'attributes.yaml': more }).map(({ severity, code, file, line, en }) => [
      severity,
      code,
      `${file}:${line}`,
      en,
    ]),
    [['note', 'unused_attribute', 'attributes.yaml:5', 'no rule asks about delivery']],
  )
})

const NOT_PUBLISHED = `${PLACE}  not-published: { title: 待取得, address: 无, grade: C }\n`
const UNKNOWN = TIER.replace(
  '{ from: 2023-01-01, source: notice, value: 800元 }',
  '{ from: unknown, observed: 2022-05-18, source: not-published, value: { by level: {} } }',
)

test('to_obtain: what nobody has published is said once, not graded, dated and counted as well', () => {
  const files = { 'p/place.yaml': NOT_PUBLISHED, 'p/basic.tier.yaml': UNKNOWN }
  assert.deepEqual(
    lint(files).map(
      ({ severity, code, file, line, rule }) => `${severity} ${code} ${file}:${line} ${rule}`,
    ),
    ['note to_obtain p/basic.tier.yaml:12 p/basic#deductible.amount'],
  )
})

test('to_fill_in: a document whose title a person has still to write', () => {
  const place = PLACE.replace('title: 通知', 'title: 待填写：文件的标题')
  assert.deepEqual(
    lint({ 'p/place.yaml': place }).map(({ severity, code, rule }) => [severity, code, rule]),
    [['warning', 'to_fill_in', 'p#notice']],
  )
})

/** What lint says of a README beside the rules, by code and line. */
function lintReadme(text: string, changes: Files) {
  const files = Object.entries({ ...GOOD, ...changes })
  const book = readSchemes(files.map(([path, text]) => ({ path, text })))
  return lintBook(book, new Map([['p', text]])).flatMap(({ code, file, line, en }) =>
    file === 'p/README.md' ? [`${code} ${line}: ${en}`] : [],
  )
}

test('obtained: a README that still lists what the files have by now', () => {
  const text =
    '# 某市\n\n## 待取得 / To obtain\n\n- `basic`：起付线\n- `allowance`：不是待遇档\n- 别的\n'
  const unknown = { 'p/place.yaml': NOT_PUBLISHED, 'p/basic.tier.yaml': UNKNOWN }
  assert.deepEqual(lintReadme(text, unknown), [])
  assert.deepEqual(lintReadme(text, {}), [
    'obtained 5: basic has its values by now; strike it from "To obtain"',
  ])
})

test('nothing_to_obtain: something is missing, and the README does not say so', () => {
  assert.deepEqual(lintReadme('# 某市\n', {}), [])
  assert.deepEqual(lintReadme('# 某市\n', { 'p/place.yaml': NOT_PUBLISHED }), [
    'nothing_to_obtain 1: something is not published, but there is no section "To obtain"',
  ])
})

test('to_fill_in: a line of a README that a person has still to write', () => {
  assert.deepEqual(lintReadme('# 某市\n| `resident` | 待填写 |\n', {}), [
    'to_fill_in 2: still to be written',
  ])
})
