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

/**
 * What a stranger gets wrong in those examples: one piece of one file is written another way, and the answer names the
 * line, what is wrong, what to do, and its code.
 */
const MISTAKES: readonly (readonly [
  name: string,
  file: string,
  piece: string,
  by: string,
  answer: string,
])[] = [
  [
    'a misspelt key',
    'example/city/basic.tier.yaml',
    'rounding: half-up',
    'roundng: half-up',
    '21: roundng: no such key here; did you mean rounding? [unknown_key]',
  ],
  [
    'a misspelt key further in',
    'example/city/basic.tier.yaml',
    'kind: admission',
    'kinds: admission',
    '9: deductible.kinds: no such key here; did you mean kind? [unknown_key]',
  ],
  [
    'no unit',
    'example/city/basic.tier.yaml',
    'value: 1000元',
    'value: 1000',
    '10: deductible.amount.0.value: expected an amount with its unit, such as 1200元, got 1000 [bad_value]',
  ],
  [
    'a thousands separator',
    'example/city/basic.tier.yaml',
    'value: 300000元',
    'value: 300,000元',
    '17: caps.0.amount.0.000元: a comma between { and } begins a new key; write amounts without one, such as 300000元 [unknown_key]',
  ],
  [
    'ten thousands of yuan',
    'example/city/basic.tier.yaml',
    'value: 300000元',
    'value: 30万元',
    '17: caps.0.amount.0.value: expected an amount in yuan such as 1200元, got "30万元" [bad_value]',
  ],
  [
    'full-width digits',
    'example/city/basic.tier.yaml',
    'value: 1000元',
    'value: １０００元',
    '10: deductible.amount.0.value: expected an amount in yuan such as 1200元, got "１０００元" [bad_value]',
  ],
  [
    '60 without %',
    'example/city/basic.tier.yaml',
    'value: 70%',
    'value: 70',
    '15: rate.bands.0.value: expected a percentage with its sign, such as 85%, got 70 [bad_value]',
  ],
  [
    'a rate as a decimal',
    'example/city/basic.tier.yaml',
    'value: 70%',
    'value: 0.7',
    '15: rate.bands.0.value: expected a percentage with its sign, such as 85%, got 0.7 [bad_value]',
  ],
  [
    'a full-width percent sign',
    'example/city/basic.tier.yaml',
    'value: 70%',
    'value: 70％',
    '15: rate.bands.0.value: expected a percentage from 0% to 100% such as 85%, got "70％" [bad_value]',
  ],
  [
    'more than the whole',
    'example/city/basic.tier.yaml',
    'value: 70%',
    'value: 170%',
    '15: rate.bands.0.value: expected a percentage from 0% to 100% such as 85%, got "170%" [bad_value]',
  ],
  [
    'a Chinese colon',
    'example/city/basic.tier.yaml',
    'payer: basicPool',
    'payer： basicPool',
    '2: Implicit keys need to be on a single line; "：" is a full-width sign; YAML reads only : , { } [ ] " \' and the plain space [bad_yaml]',
  ],
  [
    'a Chinese comma',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024-01-01，source: basic，value: 70% }',
    '15: Nested mappings are not allowed in compact mappings; "，" is a full-width sign; YAML reads only : , { } [ ] " \' and the plain space [bad_yaml]',
  ],
  [
    'no space after the colon',
    'example/city/basic.tier.yaml',
    'payer: basicPool',
    'payer:basicPool',
    '2: Implicit keys need to be on a single line; a key is followed by a colon and a space [bad_yaml]',
  ],
  [
    'a tab',
    'example/city/basic.tier.yaml',
    '  kind: admission',
    '\tkind: admission',
    '9: Tabs are not allowed as indentation; indent with spaces [bad_yaml]',
  ],
  [
    'a date with slashes',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024/1/1, source: basic, value: 70% }',
    '15: rate.bands.0.from: expected a calendar date such as 2024-07-01, got "2024/1/1" [bad_value]',
  ],
  [
    'a date in Chinese',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024年1月1日, source: basic, value: 70% }',
    '15: rate.bands.0.from: expected a calendar date such as 2024-07-01, got "2024年1月1日" [bad_value]',
  ],
  [
    'a date without its zeros',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024-1-1, source: basic, value: 70% }',
    '15: rate.bands.0.from: expected a calendar date such as 2024-07-01, got "2024-1-1" [bad_value]',
  ],
  [
    'a day that no calendar has',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024-02-30, source: basic, value: 70% }',
    '15: rate.bands.0.from: 2024-02-30 is not a day of the calendar [bad_value]',
  ],
  [
    'a source that is not listed',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024-01-01, source: basics, value: 70% }',
    '15: rate.bands.0.source: "basics" is not in the sources of place.yaml; did you mean basic? [missing_source]',
  ],
  [
    'no source',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: 2024-01-01, value: 70% }',
    '15: rate.bands.0.source: missing source: every value names where it comes from [missing_source]',
  ],
  [
    'no first day',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ source: basic, value: 70% }',
    '15: rate.bands.0.from: missing; this key is required (docs/formats.md) [missing_key]',
  ],
  [
    'a bare value',
    'example/city/basic.tier.yaml',
    'bands: [{ from: 2024-01-01, source: basic, value: 70% }]',
    'bands: 70%',
    '15: rate.bands: expected a list of entries, each with its first day and its source: [{ from: 2024-01-01, source: notice, value: … }] [bad_value]',
  ],
  [
    'an entry outside a list',
    'example/city/basic.tier.yaml',
    'bands: [{ from: 2024-01-01, source: basic, value: 70% }]',
    'bands: { from: 2024-01-01, source: basic, value: 70% }',
    '15: rate.bands: expected a list of entries, each with its first day and its source: [{ from: 2024-01-01, source: notice, value: … }] [bad_value]',
  ],
  [
    'bands that overlap',
    'example/outpatient/outpatient.tier.yaml',
    'above: 4000元, upTo: 8000元, rate: 70%',
    'above: 3000元, upTo: 8000元, rate: 70%',
    '26: rate.bands.0.value.by level.社区.1: begins at 3000.00, inside the band above [overlap]',
  ],
  [
    'a gap between bands',
    'example/outpatient/outpatient.tier.yaml',
    'above: 4000元, upTo: 8000元, rate: 70%',
    'above: 5000元, upTo: 8000元, rate: 70%',
    '26: rate.bands.0.value.by level.社区.1: nothing is said between 4000.00 and 5000.00 [gap]',
  ],
  [
    'no last band',
    'example/outpatient/outpatient.tier.yaml',
    '            - { above: 8000元, rate: 60% }\n',
    '',
    '24: rate.bands.0.value.by level.社区: nothing is said above 8000.00; write a last band with rate: 0%, or rate: unknown [gap]',
  ],
  [
    'bands that do not begin at zero',
    'example/outpatient/outpatient.tier.yaml',
    '- { above: 0元, upTo: 4000元, rate: 80% }\n            - { above: 4000元',
    '- { above: 4000元',
    '25: rate.bands.0.value.by level.社区.0: nothing is said between 0.00 and 4000.00 [gap]',
  ],
  [
    'a rate and a share',
    'example/outpatient/outpatient.tier.yaml',
    'rate: 80% }',
    'rate: 80%, personShare: 20% }',
    '25: rate.bands.0.value.by level.社区.0.personShare: this key does not stand here, or not beside the others; see docs/formats.md [unknown_key]',
  ],
  [
    'an attribute twice',
    'attributes.yaml',
    'class: {',
    'level: {',
    '3: Map keys must be unique; write each key once [bad_yaml]',
  ],
  [
    'an answer in two rows',
    'example/outpatient/outpatient.tier.yaml',
    '二级|三级:',
    '二级|社区:',
    '28: rate.bands.0.value.by level.二级|社区: "社区" already has a row [overlap]',
  ],
  [
    'a misspelt attribute',
    'example/outpatient/outpatient.tier.yaml',
    'by level:',
    'by levels:',
    '23: rate.bands.0.value.by levels: "levels" is not in attributes.yaml; did you mean level? [unknown_attribute]',
  ],
  [
    'by without its space',
    'example/outpatient/outpatient.tier.yaml',
    'by level:',
    'bylevel:',
    '23: rate.bands.0.value.bylevel: a table is written "by level:", with the name of the attribute in attributes.yaml [bad_value]',
  ],
  [
    'a table by a Chinese name',
    'example/outpatient/outpatient.tier.yaml',
    'by level:',
    'by 医院级别:',
    '23: rate.bands.0.value.by 医院级别: a table is written "by level:", with the name of the attribute in attributes.yaml [bad_value]',
  ],
  [
    'an answer that does not exist',
    'example/outpatient/outpatient.tier.yaml',
    '          社区:',
    '          社区医院:',
    '24: rate.bands.0.value.by level.社区医院: "社区医院" is not an answer of level in attributes.yaml: 社区|二级|三级 [unknown_answer]',
  ],
  [
    'answers joined by a Chinese comma',
    'example/outpatient/outpatient.tier.yaml',
    '二级|三级:',
    '二级、三级:',
    '28: rate.bands.0.value.by level.二级、三级: "二级、三级" is not an answer of level in attributes.yaml: 社区|二级|三级; answers of one row are joined by | [unknown_answer]',
  ],
  [
    'a payer that does not exist',
    'example/city/basic.tier.yaml',
    'payer: basicPool',
    'payer: pooledFund',
    '2: payer: "pooledFund" is not one of liableThirdParty, basicPool, civilServant, employeeLargeAmount, residentCriticalIllness, medicalAid, enterpriseSupplement, citySupplementary, groupCommercial, individualCommercial, hospital, personalAccount, familyAccount [bad_value]',
  ],
  [
    'a governing date that does not exist',
    'example/city/basic.tier.yaml',
    'governing: settled',
    'governing: settlement',
    '3: governing: "settlement" is not one of admitted, discharged, settled; did you mean settled? [bad_value]',
  ],
  [
    'a period of another form',
    'example/city/basic.tier.yaml',
    'period: calendar-year',
    'period: year-from-7-1',
    '4: period: expected calendar-year, year-from-07-01 (any month-day), policy-year or lifetime [bad_value]',
  ],
  [
    'yes for true',
    'example/city/basic.tier.yaml',
    'splits: true',
    'splits: yes',
    '7: splits: expected true or false, got "yes" [bad_value]',
  ],
  [
    'a base that is no list',
    'example/city/basic.tier.yaml',
    'base: [inScope]',
    'base: inScope',
    '6: base: expected a list, such as [a, b] or lines that begin with "- ", got "inScope" [bad_value]',
  ],
  [
    'a component in another case',
    'example/city/basic.tier.yaml',
    'base: [inScope]',
    'base: [inscope]',
    '6: base.0: "inscope" is not one of inScope, upfront, overLimit, outOfScope, specialDrug, separateItem, deductible, aboveCap, transferUpfront; did you mean inScope? [bad_value]',
  ],
  [
    'a choice that is not declared',
    'example/city/basic.tier.yaml',
    '    excess: cost\n',
    '',
    '17: caps.0: a tier that splits says what its cap leaves to the next tier: excess: cost or payment [undeclared_choice]',
  ],
  [
    'a required key that is absent',
    'example/city/basic.tier.yaml',
    '    per: period\n',
    '',
    '17: caps.0.per: missing; this key is required (docs/formats.md) [missing_key]',
  ],
  [
    'a misspelt tier',
    'example/city/resident.scheme.yaml',
    '  - basic\n',
    '  - basics\n',
    '4: tiers.0: there is no basics.tier.yaml; did you mean basic? [unknown_tier]',
  ],
  [
    'a misspelt relief',
    'example/city/resident.scheme.yaml',
    'reliefs: [year-end]',
    'reliefs: [year-ends]',
    '9: reliefs.0: there is no year-ends.relief.yaml; did you mean year-end? [unknown_relief]',
  ],
  [
    'a relief of no year',
    'example/city/year-end.relief.yaml',
    'period: calendar-year',
    'period: lifetime',
    '5: period: a relief is of a calendar-year or a year-from-… [bad_value]',
  ],
  [
    'a threshold in parts that no bill arrives in',
    'example/city/year-end.relief.yaml',
    'of: [inScope] }',
    'of: [deductible] }',
    '8: threshold.0.value.of.0: "deductible" is not one of inScope, upfront, overLimit, outOfScope, specialDrug, separateItem [bad_value]',
  ],
  [
    'a relief that a single bill would have to answer for',
    'example/city/year-end.relief.yaml',
    'source: basic, value: {} }',
    'source: basic, value: { medical: 住院 } }',
    '1: "medical" is answered by a bill, and a relief is of a year [bad_value]',
  ],
  [
    'a tier with its suffix',
    'example/city/resident.scheme.yaml',
    '  - basic\n',
    '  - basic.tier.yaml\n',
    '4: tiers.0: a tier is named without its suffix: basic [unknown_tier]',
  ],
  [
    'a kind of product that does not exist',
    'example/city/resident.scheme.yaml',
    'covers: supplementary',
    'covers: huiminbao',
    '5: tiers.1.covers: "huiminbao" is not one of enterprise, supplementary, group, individual [bad_value]',
  ],
  [
    'a grade that does not exist',
    'example/city/place.yaml',
    'grade: invented',
    'grade: E',
    '4: sources.basic.grade: "E" is not one of A, B, C, D, invented [bad_value]',
  ],
  [
    'a real source in an invented place',
    'example/city/place.yaml',
    'basic: { title: 虚构的居民医保办法, address: 虚构文件，无地址, grade: invented }',
    'basic: { title: t, address: a, grade: A }',
    '4: sources.basic.grade: a teaching place holds invented values only, so that nothing in it can pass for real [mixed_invention]',
  ],
  [
    'a source with a Chinese name',
    'example/city/place.yaml',
    '  basic: {',
    '  基本: {',
    '4: sources.基本: a source is named in lower-case-with-hyphens [bad_value]',
  ],
  [
    'no English name',
    'example/city/basic.tier.yaml',
    'tier: { zh: 住院统筹, en: Inpatient }',
    'tier: { zh: 住院统筹 }',
    '1: tier.en: missing; this key is required (docs/formats.md) [missing_key]',
  ],
  [
    'a name in one language',
    'example/city/basic.tier.yaml',
    'tier: { zh: 住院统筹, en: Inpatient }',
    'tier: 住院统筹',
    '1: tier: expected keys, such as { a: b } or lines that stand further in, got "住院统筹" [bad_value]',
  ],
  [
    'a condition with an unknown answer',
    'example/city/basic.tier.yaml',
    'medical: 住院',
    'medical: 住院治疗',
    '5: eligibility.0.value.by medical.住院治疗: "住院治疗" is not an answer of medical in attributes.yaml: 住院|普通门诊 [unknown_answer]',
  ],
  [
    'days in another unit',
    'example/city/daily-allowance.benefit.yaml',
    'value: 3天',
    'value: 3日',
    '8: freeDays.0.value: expected a number of days such as 3天, got "3日" [bad_value]',
  ],
  [
    'months in days',
    'example/city/individual-indemnity.tier.yaml',
    'months: 1个月',
    'months: 30天',
    '8: waiting.0.value.months: expected a number of months such as 3个月, got "30天" [bad_value]',
  ],
  [
    'steps that are no list',
    'example/city/basic.tier.yaml',
    'steps: [100%, 50%, 0%]',
    'steps: 100% 50% 0%',
    '11: deductible.ordinal.0.value.steps: expected a list, such as [a, b] or lines that begin with "- ", got "100% 50% 0%" [bad_value]',
  ],
  [
    'a brace that is not closed',
    'example/city/basic.tier.yaml',
    'value: { medical: 住院 } }]',
    'value: { medical: 住院 }]',
    '5: Flow map in block collection must be sufficiently indented and end with a }; look at the indentation, and whether each bracket and brace is closed [bad_yaml]',
  ],
  [
    'Chinese quotation marks',
    'example/city/basic.tier.yaml',
    'payer: basicPool',
    'payer: “basicPool”',
    '2: payer: "“basicPool”" is not one of liableThirdParty, basicPool, civilServant, employeeLargeAmount, residentCriticalIllness, medicalAid, enterpriseSupplement, citySupplementary, groupCommercial, individualCommercial, hospital, personalAccount, familyAccount; did you mean basicPool? [bad_value]',
  ],
  [
    'a range of another form',
    'example/city/special-drug.tier.yaml',
    '1+: 8000元',
    '≥1: 8000元',
    '13: deductible.amount.0.value.by continuousYears.≥1: continuousYears is a number: write 3, 0-59 or 60+, not "≥1" [bad_key]',
  ],
  [
    'a gap between ranges',
    'example/city/special-drug.tier.yaml',
    '1+: 8000元',
    '2+: 8000元',
    '13: deductible.amount.0.value.by continuousYears.2+: nothing covers 1 [gap]',
  ],
  [
    'lines out of their column',
    'example/city/basic.tier.yaml',
    '  kind: admission\n',
    'kind: admission\n',
    '9: Nested mappings are not allowed in compact mappings; what belongs to a key stands two spaces further in, keys beside each other in one column, and a text with a colon in quotes [bad_yaml]',
  ],
  [
    'a table of two attributes',
    'example/outpatient/outpatient.tier.yaml',
    'value: { by class: { 在职: 300元, 退休: 200元 } }',
    'value: { by class: { 在职: 300元, 退休: 200元 }, by level: { 三级: 1元 } }',
    '14: deductible.amount.0.value: a table asks about one attribute at a time [bad_table]',
  ],
  [
    'an unknown first day that nobody saw',
    'example/city/basic.tier.yaml',
    '{ from: 2024-01-01, source: basic, value: 70% }',
    '{ from: unknown, source: basic, value: 70% }',
    '15: rate.bands.0: from: unknown needs observed: the day it was seen [missing_observed]',
  ],
]

for (const [name, file, piece, by, answer] of MISTAKES)
  test(`a mistake: ${name}`, () => {
    const files = FILES.filter(({ path }) => path.endsWith('.yaml')).map(({ path, text }) => {
      if (path !== file) return { path, text }
      assert(text.includes(piece), `${file} holds ${piece}`)
      return { path, text: text.replace(piece, () => by) }
    })
    assert.throws(() => readSchemes(files), { name: 'RuleFileError', message: `${file}:${answer}` })
  })
