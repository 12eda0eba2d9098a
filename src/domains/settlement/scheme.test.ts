import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rate, yuan } from '#base/money.ts'
import { type RuleFault, RuleFileError } from '#rulebook/rule-file.ts'
import { lookup } from '#rulebook/table.ts'
import { readSchemes, type SchemeText } from './scheme.ts'

/** A small schemes folder in which nothing is wrong. Every row below breaks one thing in it. */
const ATTRIBUTES = 'attributes.yaml'
const EXCLUSIONS = 'exclusions.yaml'
const PLACE = 'zhejiang/somewhere/place.yaml'
const SCHEME = 'zhejiang/somewhere/resident.scheme.yaml'
const BASIC = 'zhejiang/somewhere/basic.tier.yaml'
const CRITICAL = 'zhejiang/somewhere/critical.tier.yaml'
const ACCOUNT = 'zhejiang/somewhere/account.tier.yaml'
const BENEFIT = 'zhejiang/somewhere/allowance.benefit.yaml'

const GOOD: Readonly<Record<string, string>> = {
  [ATTRIBUTES]: `medical: { of: bill, zh: 医疗类别, en: Kind of care, answers: { 住院: Inpatient, 门诊: Outpatient } }
level: { of: bill, zh: 医院级别, en: Level, answers: { 社区: Community, 二级: Level 2, 三级: Level 3 } }
age: { of: person, zh: 年龄, en: Age, answers: number }
years: { of: cover, zh: 连续参保年数, en: Years of cover, answers: number, whenAbsent: 0 }
`,
  [EXCLUSIONS]: `sources:
  law: { title: 社会保险法, address: 'https://example.gov.cn/law', grade: A }
exclusions:
  - cause: workInjury
    treatment:
      - { from: 2011-07-01, source: law, article: 第三十条, value: refuse }
`,
  [PLACE]: `place: { zh: 某市, en: Somewhere }
sources:
  notice: { title: 某市医保待遇的通知, address: 'https://example.gov.cn/1', grade: A }
`,
  [SCHEME]: `scheme: { zh: 居民医保, en: Residents }
kind: public
tiers:
  - basic
  - critical
  - covers: supplementary
  - account
benefits: [allowance]
`,
  [BASIC]: `tier: { zh: 住院统筹, en: Inpatient }
payer: basicPool
governing: settled
period: calendar-year
eligibility:
  - { from: 2023-01-01, source: notice, value: { medical: 住院 } }
base: [inScope]
splits: true
deductible:
  kind: admission
  amount:
    - from: 2023-01-01
      source: notice
      article: 第三条
      value:
        by level:
          三级: 1200元
          二级|社区: 600元
    - from: 2024-01-01
      source: notice
      value: 500元
  ordinal:
    - { from: 2023-01-01, source: notice, value: { steps: [100%, 50%, 0%] } }
rate:
  axis: net
  over: period
  bands:
    - from: 2023-01-01
      source: notice
      value:
        by age:
          0-59:
            - { above: 0元, upTo: 40000元, rate: 70% }
            - { above: 40000元, rate: 80% }
          60+:
            - { above: 0元, personShare: 20% }
caps:
  - amount:
      - { from: 2023-01-01, source: notice, value: 300000元 }
    per: period
    excess: cost
    grows:
      - { from: 2023-01-01, source: notice, value: { terms: [{ each: 10000元, per: years }] } }
paysDown: [inScope]
rounding: half-up
`,
  [CRITICAL]: `tier: { zh: 大病保险, en: Critical illness }
payer: residentCriticalIllness
governing: settled
period: calendar-year
eligibility:
  - { from: unknown, observed: 2023-05-01, source: notice, value: {} }
base:
  - inScope
  - component: upfront
    weight:
      - { from: 2023-01-01, source: notice, value: 50% }
  - outOfScope
baseBefore: basic
counted:
  - component: outOfScope
    category: drug
    per: genericName
    amount:
      - { from: 2023-01-01, source: notice, value: 30000元 }
splits: false
waiting:
  - { from: 2023-01-01, source: notice, value: { months: 3个月, each: 1个月, per: years } }
deductible:
  kind: period
  amount:
    - { from: 2023-01-01, source: notice, value: 15000元 }
rate:
  axis: net
  over: period
  bands:
    - { from: 2023-01-01, source: notice, value: 60% }
paysDown: [inScope, upfront]
rounding: half-up
`,
  [ACCOUNT]: `tier: { zh: 个人账户, en: Personal account }
payer: personalAccount
governing: settled
period: lifetime
eligibility:
  - { from: 2023-01-01, source: notice, value: {} }
base: [inScope]
paysDown: [inScope]
account: personal
`,
  [BENEFIT]: `benefit: { zh: 住院津贴, en: Daily allowance }
kind: dailyAllowance
payer: citySupplementary
governing: discharged
period: policy-year
eligibility:
  - { from: 2023-01-01, source: notice, value: { medical: 住院 } }
perDay:
  - { from: 2023-01-01, source: notice, value: 100元 }
freeDays:
  - { from: 2023-01-01, source: notice, value: 3天 }
`,
}

const folderOf = (files: Readonly<Record<string, string | undefined>>): SchemeText[] =>
  Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]))

test('the folder in which nothing is wrong loads', () => {
  const book = readSchemes(folderOf(GOOD))
  const resident = book.schemes.get('zhejiang/somewhere/resident')
  assert(resident)
  assert.deepEqual(
    resident.order.map((step) => ('tier' in step ? step.tier.title.zh : step.covers)),
    ['住院统筹', '大病保险', 'supplementary', '个人账户'],
  )
  assert.deepEqual(
    resident.benefits.map(({ title }) => title.zh),
    ['住院津贴'],
  )
  assert.equal(book.exclusions[0]?.cause, 'workInjury')
})

test('what is read is in fen, parts per million, and ids from the root', () => {
  const book = readSchemes(folderOf(GOOD))
  const basic = book.tiers.get('zhejiang/somewhere/basic')
  assert(basic?.kind === 'insurance')
  const [first, second] = basic.deductible?.amount.entries ?? []
  assert(first?.value && second?.value)
  assert.deepEqual(lookup(first.value, { level: '社区' }), { ok: true, value: yuan('600') })
  assert.deepEqual(lookup(second.value, {}), { ok: true, value: yuan('500') })
  assert.deepEqual(first.place, { file: BASIC, line: 12 })
  assert.equal(basic.deductible?.amount.rule, 'zhejiang/somewhere/basic#deductible.amount')

  const bands = basic.rate.entries[0]?.value
  assert(bands)
  assert.deepEqual(lookup(bands, { age: 60 }), {
    ok: true,
    value: [{ above: 0, upTo: undefined, rate: rate('80%') }],
  })
  assert.equal(
    book.tiers.get('zhejiang/somewhere/critical')?.baseBefore,
    'zhejiang/somewhere/basic',
  )
})

test('tiers of another folder are named from the root', () => {
  const city = 'zhejiang/city'
  const scheme = 'scheme: { zh: 甲, en: A }\nkind: public\ntiers: [/zhejiang/somewhere/basic]\n'
  const files = { ...GOOD, [`${city}/place.yaml`]: GOOD[PLACE], [`${city}/a.scheme.yaml`]: scheme }
  const [step] = readSchemes(folderOf(files)).schemes.get('zhejiang/city/a')?.order ?? []
  assert(step && 'tier' in step && step.tier.id === 'zhejiang/somewhere/basic')
})

test('a product may consist of fixed benefits alone; a public scheme may not', () => {
  const product = 'scheme: { zh: 津贴险, en: Allowance }\nkind: individual\ntiers: []\n'
  const file = 'zhejiang/somewhere/product.scheme.yaml'
  const load = (text: string) => readSchemes(folderOf({ ...GOOD, [file]: text }))
  load(`${product}benefits: [allowance]\n`)
  assert.throws(() => load(product), /\[bad_scheme\]/)
  assert.throws(() => load(product.replace('individual', 'public')), /\[bad_scheme\]/)
})

/**
 * One row for each thing that can be wrong: the code, what is wrong, the file, the text that is replaced
 * and what by (⏎ is a new line), then the line and the words that the refusal must name.
 */
const BAD = `
bad_yaml | a key twice | basic | splits: true | splits: true⏎splits: false | 9 | must be unique
bad_yaml | a tab | basic |   axis: | \taxis: | 25 | Tabs
bad_yaml | a bracket left open | resident | [allowance] | [allowance | 9 | end with a ]
bad_yaml | a repetition of nothing | basic | 500元 | *usual | 21 | no &usual above

unknown_key | a misspelt key | basic | rounding: | roundings: | 45 | roundings: no such key
unknown_key | a misspelt key inside a band | basic | upTo: | upto: | 33 | upto: no such key
unknown_key | both rate and personShare | basic | rate: 80% | rate: 80%, personShare: 20% | 34 | personShare
unknown_key | a deductible on an account | account | account: | deductible: 1元⏎account: | 9 | deductible
unknown_key | a last day: the next entry says it | basic | from: 2024-01-01 | from: 2024-01-01⏎      until: 2024-12-31 | 20 | until

missing_key | no axis | basic |   axis: net⏎ |  | 24 | rate.axis: missing
missing_key | no over | basic |   over: period⏎ |  | 24 | rate.over: missing
missing_key | a cap that does not say per what | basic |     per: period⏎ |  | 38 | caps.0.per: missing
missing_key | a value without its first day | basic | from: 2024-01-01⏎      source | source | 19 | from: missing
missing_key | a date without its value | basic |       value: 500元⏎ |  | 19 | value: missing
missing_key | a source without its grade | place | , grade: A |  | 3 | grade: missing
missing_key | a scheme without its kind | resident | kind: public⏎ |  | 1 | kind: missing
missing_key | an attribute without its owner | attributes | of: person, |  | 3 | age.of: missing

bad_value | an amount with a percent sign | basic | 1200元 | 60% | 17 | amount in yuan such as 1200元, got "60%"
bad_value | a rate with an amount | basic | rate: 70% | rate: 60元 | 33 | percentage from 0% to 100% such as 85%, got "60元"
bad_value | a rate without its sign | basic | rate: 70% | rate: 70 | 33 | percentage with its sign
bad_value | an unknown rate that is not the last | basic | rate: 70% | rate: unknown | 33 | got "unknown"
bad_value | a rate above the whole | basic | rate: 70% | rate: 170% | 33 | from 0% to 100%
bad_value | an amount without its unit | basic | 500元 | 500 | 21 | amount with its unit
bad_value | an amount below zero | basic | 500元 | -500元 | 21 | amount in yuan
bad_value | an amount in 万 | basic | 500元 | 5万元 | 21 | amount in yuan
bad_value | months in days | critical | 3个月 | 90天 | 22 | months such as 3个月, got "90天"
bad_value | days in months | allowance | 3天 | 3个月 | 11 | days such as 3天, got "3个月"
bad_value | a day that is none | basic | from: 2024-01-01 | from: 2024-02-30 | 19 | 2024-02-30 is not a day
bad_value | a day misspelt | basic | from: 2024-01-01 | from: 2024-1-1 | 19 | such as 2024-07-01, got "2024-1-1"
bad_value | a payer that does not exist | basic | basicPool | pool | 2 | "pool" is not one of liableThirdParty, basicPool
bad_value | a component that does not exist | account | base: [inScope] | base: [inscope] | 7 | "inscope" is not one of inScope
bad_value | a period that does not exist | basic | calendar-year | year | 4 | year-from-07-01
bad_value | a rounding that does not exist | basic | half-up | half-even | 45 | "half-even" is not one of half-up, down, up
bad_value | a source id in capitals | place |   notice: |   NOTICE: | 3 | lower-case
bad_value | silence that means no answer | attributes | whenAbsent: 0 | whenAbsent: none | 4 | none is not one of the answers
bad_value | growth by what is not a number | basic | per: years | per: level | 43 | "level" is not a number
bad_value | a limit on what is not in the base | critical | - component: outOfScope | - component: specialDrug | 15 | not in the base
bad_value | a shared cap per admission | basic |     per: period |     per: admission⏎    pool: fund | 41 | per period only

missing_source | a value without a source | basic |       source: notice⏎      value: 500元 |       value: 500元 | 19 | every value names where
missing_source | a source that is not listed | basic | source: notice⏎      article | source: rumour⏎      article | 13 | "rumour" is not in the sources
missing_source | an exclusion whose source is not listed | exclusions | source: law | source: notice | 6 | "notice" is not in the sources

missing_observed | an unknown first day nobody saw | critical | , observed: 2023-05-01 |  | 6 | the day it was seen
bad_order | an unknown first day in second place | basic | from: 2024-01-01 | from: unknown | 19 | can only stand first

overlap | two values from one day | basic | from: 2024-01-01 | from: 2023-01-01 | 19 | two values would hold on one day
overlap | dates that go back | basic | from: 2024-01-01 | from: 2022-01-01 | 19 | not after 2023-01-01
overlap | an answer in two rows | basic | 二级|社区 | 二级|三级 | 18 | "三级" already has a row
overlap | ranges of numbers | basic | 60+ | 59+ | 35 | 59+ overlaps
overlap | bands | basic | above: 40000元 | above: 30000元 | 34 | begins at 30000.00
overlap | a component twice in the base | account | base: [inScope] | base: [inScope, inScope] | 7 | inScope is named twice
overlap | a component paid down twice | critical | [inScope, upfront] | [inScope, inScope] | 32 | inScope is named twice
overlap | a tier twice | resident | - critical | - basic | 3 | basic is named twice
overlap | a cause twice | exclusions | value: refuse } | value: refuse }⏎  - cause: workInjury⏎    treatment: [{ from: 2012-01-01, source: law, value: refuse }] | 3 | workInjury is named twice

gap | between bands | basic | above: 40000元 | above: 50000元 | 34 | between 40000.00 and 50000.00
gap | below the first band | basic | above: 0元, upTo | above: 100元, upTo | 33 | between 0.00 and 100.00
gap | nothing above the last band | basic | 40000元, rate: 80% | 40000元, upTo: 90000元, rate: 80% | 32 | above 90000.00; write a last band with rate: 0%, or rate: unknown
gap | between ranges of numbers | basic | 60+ | 61+ | 35 | nothing covers 60

unreachable | a band after the last | basic | , upTo: 40000元 |  | 34 | never reached
unreachable | a band of no width | basic | upTo: 40000元 | upTo: 0元 | 33 | ends where it begins
unreachable | a band after one whose rate is unknown | basic | upTo: 40000元, rate: 70% | rate: unknown | 34 | never reached
unreachable | rows below otherwise | basic | 三级: 1200元 | otherwise: 1200元 | 17 | must be the last row
unreachable | an empty range | basic | 0-59 | 59-0 | 32 | 59-0 is an empty range

unknown_attribute | a table | basic | by level | by rank | 16 | "rank" is not in attributes.yaml
unknown_attribute | a condition | basic | { medical: | { care: | 6 | "care" is not in attributes.yaml
unknown_attribute | a growth | basic | per: years | per: decades | 43 | "decades" is not in attributes.yaml
unknown_answer | a row | basic | 三级: | 五级: | 17 | "五级" is not an answer of level
unknown_answer | one of several joined answers | basic | 二级|社区 | 二级|乡镇 | 18 | "乡镇" is not an answer of level
unknown_answer | a condition | basic | medical: 住院 | medical: 家床 | 6 | "家床" is not an answer of medical
bad_key | a word where a number is asked | basic | 60+ | 老年人 | 35 | write 3, 0-59 or 60+
bad_table | two questions at once | basic |           二级|社区: 600元 |         by age: { 0+: 1元 } | 15 | one attribute at a time

bad_split | a splitting tier with a wider base | basic | base: [inScope] | base: [inScope, upfront] | 7 | exactly [inScope]
bad_split | a splitting tier that weighs its base | basic | splits: true | splits: true⏎baseWeight: [{ from: 2023-01-01, source: notice, value: 50% }] | 8 | no weight
bad_value | a multiple without its unit | basic | 500元 | { times: 6, of: stayCost } | 21 | multiple with its unit
bad_value | a multiple of the stay | basic | 500元 | { times: 6倍, of: stayCost } | 21 | only a share
bad_value | a share of what is no number of yuan | basic | 500元 | { share: 6%, of: years } | 21 | unit: 元
bad_value | bounds the wrong way round | basic | 500元 | { share: 6%, of: stayCost, atLeast: 2元, atMost: 1元 } | 21 | more than atMost
bad_value | a cap that follows the stay | basic | value: 300000元 | value: { share: 6%, of: stayCost } | 39 | interim bills
bad_value | an index named like an attribute | place | sources: | indexes: { age: { index: { zh: 甲, en: A }, amount: [{ from: 2023-01-01, source: notice, value: 1元 }] } }⏎sources: | 2 | already means something else
bad_value | a unit of what is no number | attributes | answers: number, whenAbsent: 0 | answers: text, unit: 元 | 4 | not a number
unknown_attribute | a share of nothing known | basic | 500元 | { share: 6%, of: wage } | 21 | neither stayCost
bad_deductible | a yearly share of the stay | critical | 15000元 | { share: 6%, of: stayCost } | 23 | per admission
bad_deductible | a share of the stay on a gross axis | basic | 500元⏎  ordinal:⏎    - { from: 2023-01-01, source: notice, value: { steps: [100%, 50%, 0%] } }⏎rate:⏎  axis: net | { share: 6%, of: stayCost }⏎rate:⏎  axis: gross | 9 | axis: net
bad_deductible | a share of the stay that falls by an amount each | basic | 500元⏎  ordinal:⏎    - { from: 2023-01-01, source: notice, value: { steps: [100%, 50%, 0%] } } | { share: 6%, of: stayCost }⏎  ordinal:⏎    - { from: 2023-01-01, source: notice, value: { lessEach: 10% } } | 9 | not by lessEach
bad_deductible | a share of the stay that its length charges again | basic | 500元⏎  ordinal:⏎    - { from: 2023-01-01, source: notice, value: { steps: [100%, 50%, 0%] } } | { share: 6%, of: stayCost }⏎  chargedAgain: [{ from: 2023-01-01, source: notice, value: { each: 90天, as: same } }] | 9 | not charged again
bad_value | a guarantee before a cap that leaves cost | basic | caps: | guaranteedRatio:⏎  ratio: [{ from: 2023-01-01, source: notice, value: 45% }]⏎  of: bill⏎  lessDeductible: true⏎  countedTiers: []⏎  stage: before-caps⏎caps: | 42 | excess: payment
bad_value | a guarantee less a deductible there is none of | critical | deductible:⏎  kind: period⏎  amount:⏎    - { from: 2023-01-01, source: notice, value: 15000元 } | guaranteedRatio:⏎  ratio: [{ from: 2023-01-01, source: notice, value: 45% }]⏎  of: bill⏎  lessDeductible: true⏎  countedTiers: []⏎  stage: after-caps | 26 | no deductible to take off
missing_key | a guarantee that does not say of what | basic | caps: | guaranteedRatio:⏎  ratio: [{ from: 2023-01-01, source: notice, value: 45% }]⏎  lessDeductible: true⏎  countedTiers: []⏎  stage: after-caps⏎caps: | 37 | guaranteedRatio.of: missing
missing_key | a guarantee that does not say when | basic | caps: | guaranteedRatio:⏎  ratio: [{ from: 2023-01-01, source: notice, value: 45% }]⏎  of: bill⏎  lessDeductible: true⏎  countedTiers: []⏎caps: | 37 | guaranteedRatio.stage: missing
missing_key | a guarantee that does not say who counts | basic | caps: | guaranteedRatio:⏎  ratio: [{ from: 2023-01-01, source: notice, value: 45% }]⏎  of: bill⏎  lessDeductible: true⏎  stage: after-caps⏎caps: | 37 | guaranteedRatio.countedTiers: missing
bad_split | an upfront share for care elsewhere that no tier sets apart | critical | splits: false | splits: false⏎transferUpfront: [{ from: 2023-01-01, source: notice, value: 10% }] | 21 | only a tier that splits
bad_deductible | a yearly deductible that counts admissions | basic | kind: admission | kind: period | 9 | per admission
unknown_attribute | a certificate by a word nobody knows | basic | base: [inScope] | certificate: [{ from: 2023-01-01, source: notice, value: { kind: 门慢特, by: illness } }]⏎base: [inScope] | 7 | not in attributes.yaml
bad_value | a certificate by an answer of the person | basic | base: [inScope] | certificate: [{ from: 2023-01-01, source: notice, value: { kind: 门慢特, by: age } }]⏎base: [inScope] | 7 | not answered by the bill
bad_value | a stretch of no days | basic | kind: admission | kind: admission⏎  chargedAgain: [{ from: 2023-01-01, source: notice, value: { each: 0天, as: next } }] | 11 | at least one day
bad_value | the account of a year over a lifetime | account | account: personal | account: currentYear | 4 | the calendar year's
bad_deductible | a change of status in a deductible per admission | basic | kind: admission | kind: admission⏎  onChange: restart | 11 | per period
undeclared_choice | a cap that does not say what it leaves | basic |     excess: cost⏎ |  | 38 | excess: cost or payment

mixed_invention | an invented value in a real place | place | grade: A | grade: invented | 3 | teaching: true
mixed_invention | a real value in a teaching place | place | sources: | teaching: true⏎sources: | 4 | invented values only

unknown_tier | a tier without a file | resident | - critical | - criticall | 5 | no criticall.tier.yaml
unknown_tier | a base before a tier that is not here | resident |   - basic⏎ |  | 4 | does not come before
unknown_tier | a base before a later tier | resident | - basic⏎  - critical | - critical⏎  - basic | 4 | does not come before
unknown_benefit | a benefit without a file | resident | [allowance] | [cash] | 8 | no cash.benefit.yaml
unknown_relief | a relief without a file | resident | [allowance] | [allowance]⏎reliefs: [cash] | 9 | no cash.relief.yaml
bad_scheme | a product that leaves room for products | resident | kind: public | kind: supplementary | 3 | only a public scheme
bad_scheme | a scheme without tiers | resident | - basic⏎  - critical⏎  - covers: supplementary⏎  - account | [] | 3 | a scheme has a tier
`

const PATHS: Readonly<Record<string, string>> = {
  attributes: ATTRIBUTES,
  exclusions: EXCLUSIONS,
  place: PLACE,
  resident: SCHEME,
  basic: BASIC,
  critical: CRITICAL,
  account: ACCOUNT,
  allowance: BENEFIT,
}

/** What refuses the good folder once `file` reads `text`, or is gone. */
function faultWith(file: string, text: string | undefined): RuleFault {
  try {
    readSchemes(folderOf({ ...GOOD, [file]: text }))
  } catch (error) {
    assert(error instanceof RuleFileError, String(error))
    return error.fault
  }
  throw new assert.AssertionError({ message: 'the folder loads' })
}

for (const row of BAD.split('\n').filter((each) => each !== '')) {
  const [code = '', what = '', name = '', piece = '', by = '', line = '', says = ''] = row
    .replaceAll('⏎', '\n')
    .split(' | ')
  test(`${code}: ${what}`, () => {
    const file = PATHS[name]
    const text = file === undefined ? undefined : GOOD[file]
    assert(file && text && piece && text.includes(piece), 'the row breaks something')
    const fault = faultWith(file, text.replace(piece, by))
    assert.deepEqual(
      [fault.code, fault.file, fault.line],
      [code, file, Number(line)],
      fault.message,
    )
    assert(fault.message.includes(says), fault.message)
  })
}

for (const key of 'payer governing period eligibility base splits rate paysDown rounding'.split(
  ' ',
))
  test(`missing_key: a tier without ${key}: every choice is declared`, () => {
    const text = GOOD[BASIC]?.replace(new RegExp(`^${key}:.*\n( .*\n)*`, 'm'), '')
    const { code, file, line, message } = faultWith(BASIC, text)
    assert.deepEqual([code, file, line], ['missing_key', BASIC, 1])
    assert.equal(message, `${key}: missing; this key is required (docs/formats.md)`)
  })

test('missing_file: no attributes.yaml, or no place.yaml beside the rules', () => {
  assert.match(faultWith(ATTRIBUTES, undefined).message, /has no attributes\.yaml/)
  const { code, file, message } = faultWith(PLACE, undefined)
  assert.deepEqual([code, file], ['missing_file', BASIC], 'the first file that needs its sources')
  assert.match(message, /no place\.yaml in zhejiang\/somewhere/)
})

test('missing_file: a file of a kind that schemes are not made of', () => {
  for (const path of ['zhejiang/somewhere/rates.yaml', 'zhejiang/attributes.yaml', 'place.yml']) {
    const { code, file } = faultWith(path, 'a: 1\n')
    assert.deepEqual([code, file], ['missing_file', path])
  }
})

test('every code that a reader can raise is broken here, and explained in docs/formats.md', () => {
  const readers = ['rule-file', 'attributes', 'dated', 'table'].map((n) => `src/rulebook/${n}.ts`)
  const sources = [...readers, 'src/domains/settlement/scheme.ts'].map((p) =>
    readFileSync(p, 'utf8'),
  )
  const codes = /'((?:bad|missing|mixed|undeclared|unknown)_[a-z]+|gap|overlap|unreachable)'/g
  const raised = new Set(
    sources.flatMap((text) => [...text.matchAll(codes)].map(([, code]) => code)),
  )
  const broken = new Set([...BAD.matchAll(/^[a-z_]+/gm)].map(([code]) => code))
  assert.deepEqual([...raised].toSorted(), [...broken, 'missing_file'].toSorted())
  const [, section = ''] = readFileSync('docs/formats.md', 'utf8').split(
    '### A scheme file is refused',
  )
  for (const code of raised) assert(section.includes(`\`${code}\``), `${code} is not explained`)
})
