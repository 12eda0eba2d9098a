import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRate, formatYuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { badgesOf, resolveTier } from './resolve.ts'
import { readSchemes } from './scheme.ts'
import type { Citation } from './types.ts'

const ATTRIBUTES = `
level: { of: bill, zh: 医院级别, en: Level, answers: { 一级: One, 二级: Two, 三级: Three } }
category: { of: person, zh: 救助类别, en: Category, answers: { 普通: None, 低保: Allowance } }
continuousYears: { of: cover, zh: 连续参保年数, en: Years, answers: number, whenAbsent: 0 }
zeroClaimYears: { of: cover, zh: 零报销年数, en: Without a claim, answers: number, whenAbsent: 0 }
gapYears: { of: cover, zh: 断保年数, en: Gap, answers: number, whenAbsent: 0 }
`
const PLACE = `
place: { zh: 某市, en: Somewhere }
sources:
  official: { title: 通知, address: 'https://example.gov.cn/1', grade: A }
  media: { title: 报道, address: 'https://example.com/2', grade: B }
  copy: { title: 转载, address: 地址未留存, grade: C }
`

/** A tier whose rules are `rules`, each with one value since 2023 unless it is written as a list. */
function tier(rules: string, eligibility = '[{ from: 2023-01-01, source: official, value: {} }]') {
  const since2023 = (_: string, key: string, value: string) =>
    `${key}: [{ from: 2023-01-01, source: official, value: ${value} }]`
  const text = `
tier: { zh: 待遇, en: Tier }
payer: basicPool
governing: settled
period: calendar-year
eligibility: ${eligibility}
base: [inScope]
splits: false
paysDown: [inScope]
rounding: half-up
${rules.replace(/(\w+): = (.*)$/gm, since2023)}
`
  const files = { 'attributes.yaml': ATTRIBUTES, 'p/place.yaml': PLACE, 'p/t.tier.yaml': text }
  const book = readSchemes(Object.entries(files).map(([path, t]) => ({ path, text: t })))
  const found = book.tiers.get('p/t')
  assert(found)
  return found
}

const RATE = 'rate:\n  axis: net\n  over: admission\n  bands: = 60%'

type Asked = { on?: string; coverFrom?: string; allowUndated?: boolean }

function resolve(
  found: ReturnType<typeof tier>,
  attributes: Attributes = {},
  { on = '2024-06-01', coverFrom = '2020-01-01', allowUndated = false }: Asked = {},
) {
  const cover = { scheme: 'p/s', from: plainDate(coverFrom), until: undefined, attributes: {} }
  return resolveTier(found, plainDate(on), attributes, cover, { allowUndated })
}

/** The numbers of a tier that applies. */
function numbers(...asked: Parameters<typeof resolve>) {
  const found = resolve(...asked)
  assert(found.ok && found.value.applies && found.value.resolved.kind === 'insurance')
  return found.value.resolved
}

/** The reason of a tier that does not take part. */
function reason(...asked: Parameters<typeof resolve>) {
  const found = resolve(...asked)
  assert(found.ok && !found.value.applies)
  return found.value.reason
}

/** The refusal of the whole bill. */
function refusal(...asked: Parameters<typeof resolve>) {
  const found = resolve(...asked)
  assert(!found.ok)
  return found.error
}

// --- what each admission of a period is charged ----------------------------------------------------

const ladder = (amount: string, more: string, attributes: Attributes = {}) =>
  numbers(
    tier(`deductible:\n  kind: admission\n  amount: = ${amount}\n${more}\n${RATE}`),
    attributes,
  ).deductible?.ladder.map((fen) => fen / 100)

test('without an ordinal rule every admission is charged alike', () => {
  assert.deepEqual(ladder('800元', ''), [800])
})

test('镇江: half for the second admission, nothing from the third', () => {
  assert.deepEqual(ladder('1200元', '  ordinal: = { steps: [100%, 50%, 0%] }'), [1200, 600, 0])
})

test('江阴: a half, a quarter, nothing', () => {
  const steps = '  ordinal: = { steps: [100%, 50%, 25%, 0%] }'
  assert.deepEqual(ladder('900元', steps), [900, 450, 225, 0])
})

test('南京 children: three quarters, then half, never under 150', () => {
  const amount = '{ by level: { 一级: 300元, 二级: 400元, 三级: 500元 } }'
  const rules = '  ordinal: = { steps: [100%, 75%, 50%] }\n  floor: = 150元'
  assert.deepEqual(ladder(amount, rules, { level: '三级' }), [500, 375, 250])
  assert.deepEqual(ladder(amount, rules, { level: '一级' }), [300, 225, 150])
  assert.deepEqual(ladder('200元', rules), [200, 150, 150])
})

test('重庆: a tenth less with each admission, down to a floor by level', () => {
  const amount = '{ by level: { 三级: 800元, 二级: 300元, 一级: 100元 } }'
  const rules = `  ordinal: = { lessEach: 10% }
  floor: = { by level: { 三级: 620元, 二级: 260元, 一级: 100元 } }`
  assert.deepEqual(ladder(amount, rules, { level: '三级' }), [800, 720, 640, 620])
  assert.deepEqual(ladder(amount, rules, { level: '二级' }), [300, 270, 260])
  assert.deepEqual(ladder(amount, rules, { level: '一级' }), [100])
})

test('100 yuan less with each admission, down to a floor', () => {
  const rules = '  ordinal: = { lessEach: 100元 }\n  floor: = 300元'
  assert.deepEqual(ladder('650元', rules), [650, 550, 450, 350, 300])
  assert.deepEqual(ladder('250元', rules), [250], 'a floor never raises the amount itself')
  assert.deepEqual(ladder('250元', '  ordinal: = { lessEach: 100元 }'), [250, 150, 50, 0])
})

test('苏州: half for the second admission, a fixed 100 yuan from the third', () => {
  assert.deepEqual(ladder('800元', '  ordinal: = { steps: [100%, 50%, 100元] }'), [800, 400, 100])
})

test('an ordinal rule that is repealed leaves one amount for every admission', () => {
  const rules = `  ordinal:
    - { from: 2023-01-01, source: official, value: { steps: [100%, 0%] } }
    - { from: 2024-01-01, source: official, value: repealed }`
  assert.deepEqual(ladder('800元', rules), [800])
})

// --- what grows --------------------------------------------------------------------------------------

const cap = (terms: string, attributes: Attributes, atMost = '') => {
  const grows = `    grows: = { terms: [${terms}]${atMost} }`
  const [found] = numbers(
    tier(`${RATE}\ncaps:\n  - amount: = 300000元\n    per: period\n${grows}`),
    attributes,
  ).caps
  return found && Number(formatYuan(found.limit))
}
const CONTINUOUS = '{ each: 3000元, per: continuousYears, after: 4 }'
const ZERO_CLAIM = '{ each: 3000元, per: zeroClaimYears }'
const PENALTY = '{ each: 5000元, per: gapYears, less: true }'

test('a cap grows with each year of cover after the fourth', () => {
  assert.equal(cap(CONTINUOUS, {}), 300_000)
  assert.equal(cap(CONTINUOUS, { continuousYears: 4 }), 300_000)
  assert.equal(cap(CONTINUOUS, { continuousYears: 5 }), 303_000)
  assert.equal(cap(CONTINUOUS, { continuousYears: 10 }), 318_000)
})

test('years of cover and years without a claim add up', () => {
  const years = { continuousYears: 6, zeroClaimYears: 2 }
  assert.equal(cap(`${CONTINUOUS}, ${ZERO_CLAIM}`, years), 312_000)
})

test('growth is at most 20% of the cap, or an amount', () => {
  assert.equal(cap(CONTINUOUS, { continuousYears: 24 }, ', atMost: 20%'), 360_000)
  assert.equal(cap(CONTINUOUS, { continuousYears: 40 }, ', atMost: 20%'), 360_000)
  assert.equal(cap(CONTINUOUS, { continuousYears: 40 }, ', atMost: 50000元'), 350_000)
})

test('gaps in cover lower the cap, never below nothing', () => {
  assert.equal(cap(PENALTY, { gapYears: 2 }), 290_000)
  assert.equal(cap(PENALTY, { gapYears: 2 }, ', atMost: 20%'), 290_000)
  assert.equal(cap(`${CONTINUOUS}, ${PENALTY}`, { continuousYears: 5, gapYears: 1 }), 298_000)
  assert.equal(cap(PENALTY, { gapYears: 100 }), 0)
})

test('a cap of none is no cap', () => {
  const amount = '{ by category: { 低保: none, otherwise: 300000元 } }'
  const found = tier(`${RATE}\ncaps:\n  - amount: = ${amount}\n    per: period`)
  assert.equal(numbers(found, { category: '低保' }).caps.length, 0)
  assert.equal(numbers(found, { category: '普通' }).caps[0]?.limit, 30_000_000)
})

const raised = (terms: string, attributes: Attributes, atMost = '') => {
  const bands = `[{ above: 0元, upTo: 10000元, rate: 0% }, { above: 10000元, upTo: 50000元, rate: 60% },
    { above: 50000元, rate: 95% }]`
  const grows = `  grows: = { terms: [${terms}]${atMost} }`
  const rules = `rate:\n  axis: net\n  over: admission\n  bands: = ${bands.replace('\n', ' ')}\n${grows}`
  return numbers(tier(rules), attributes).bands.map(({ rate }) => formatRate(rate))
}

test('a rate grows by points in every band that pays, at most to the whole', () => {
  const bonus = '{ each: 1%, per: continuousYears }'
  assert.deepEqual(raised(bonus, {}), ['0%', '60%', '95%'])
  assert.deepEqual(raised(bonus, { continuousYears: 3 }), ['0%', '63%', '98%'])
  assert.deepEqual(raised(bonus, { continuousYears: 9 }), ['0%', '69%', '100%'])
  assert.deepEqual(raised(bonus, { continuousYears: 9 }, ', atMost: 5%'), ['0%', '65%', '100%'])
  const penalty = '{ each: 20%, per: gapYears, less: true }'
  assert.deepEqual(raised(penalty, { gapYears: 4 }), ['0%', '0%', '15%'])
})

// --- who takes part, and when ------------------------------------------------------------------------

test('a condition that does not hold keeps the tier out, and says which', () => {
  const eligibility = '[{ from: 2023-01-01, source: official, value: { category: 低保 } }]'
  const aid = tier(RATE, eligibility)
  assert.equal(numbers(aid, { category: '低保' }).kind, 'insurance')
  assert.deepEqual(reason(aid, { category: '普通' }), {
    code: 'condition',
    attribute: 'category',
    answer: '普通',
  })
  assert.deepEqual(refusal(aid), {
    code: 'attribute_missing',
    attribute: 'category',
    rule: 'p/t#eligibility',
  })
})

test('a tier takes part from its first day until it is repealed', () => {
  const eligibility = `
  - { from: 2023-01-01, source: official, value: {} }
  - { from: 2024-07-01, source: official, value: repealed }`
  const found = tier(RATE, eligibility)
  assert.deepEqual(refusal(found, {}, { on: '2022-12-31' }), {
    code: 'rule_not_in_force',
    rule: 'p/t#eligibility',
    on: plainDate('2022-12-31'),
  })
  assert.equal(numbers(found, {}, { on: '2023-01-01' }).kind, 'insurance')
  assert.equal(numbers(found, {}, { on: '2024-06-30' }).kind, 'insurance')
  assert.deepEqual(reason(found, {}, { on: '2024-07-01' }), { code: 'repealed' })
})

test('waiting runs from the first day of cover, longer for each year of interruption', () => {
  const found = tier(`waiting: = { months: 3个月, each: 1个月, per: gapYears }\n${RATE}`)
  const since = { coverFrom: '2024-01-15' }
  assert.deepEqual(reason(found, {}, { on: '2024-04-14', ...since }), {
    code: 'waiting',
    until: plainDate('2024-04-15'),
  })
  assert.equal(numbers(found, {}, { on: '2024-04-15', ...since }).kind, 'insurance')
  assert.deepEqual(reason(found, { gapYears: 2 }, { on: '2024-06-14', ...since }), {
    code: 'waiting',
    until: plainDate('2024-06-15'),
  })
  assert.equal(numbers(found, { gapYears: 2 }, { on: '2024-06-15', ...since }).kind, 'insurance')
})

test('a rate that is repealed while its tier is not refuses the bill: there is no rate to pay', () => {
  const bands = `[{ from: 2023-01-01, source: official, value: 60% },
      { from: 2024-01-01, source: official, value: repealed }]`
  const found = tier(`rate:\n  axis: net\n  over: admission\n  bands: ${bands}`)
  assert.equal(refusal(found, {}, { on: '2024-01-01' }).code, 'rule_not_in_force')
})

test('a parameter without a row for the answer refuses the bill by its name', () => {
  const found = tier(
    `deductible:\n  kind: admission\n  amount: = { by level: { 三级: 1元 } }\n${RATE}`,
  )
  assert.deepEqual(refusal(found, { level: '一级' }), {
    code: 'no_value_for',
    attribute: 'level',
    answer: '一级',
    rule: 'p/t#deductible.amount',
  })
})

// --- what must be said beside an amount ----------------------------------------------------------------

const badges = (from: string, source: string, allowUndated = true) => {
  const entry = `{ from: ${from}, observed: 2023-05-01, source: ${source}, value: 60% }`
  const found = tier(`rate:\n  axis: net\n  over: admission\n  bands: [${entry}]`)
  return badgesOf(numbers(found, {}, { allowUndated }).citations)
}

test('an official, dated rule needs no badge; anything less is named', () => {
  assert.deepEqual(badges('2023-01-01', 'official', false), [])
  assert.deepEqual(badges('unknown', 'official'), ['undated'])
  assert.deepEqual(badges('2023-01-01', 'media'), ['grade-B'])
  assert.deepEqual(badges('unknown', 'copy'), ['undated', 'grade-C'])
})

test('an undated rule refuses the bill unless it is asked for', () => {
  const entry = '{ from: unknown, observed: 2023-05-01, source: official, value: 60% }'
  const found = tier(`rate:\n  axis: net\n  over: admission\n  bands: [${entry}]`)
  assert.deepEqual(refusal(found), {
    code: 'rule_undated',
    rule: 'p/t#rate.bands',
    on: plainDate('2024-06-01'),
    observed: plainDate('2023-05-01'),
  })
  assert.deepEqual(badgesOf(numbers(found, {}, { allowUndated: true }).citations), ['undated'])
})

test('badges come most serious first, each once', () => {
  const cited = (grade: Citation['source']['grade'], from: Citation['from']): Citation => ({
    rule: 'p/t#rate.bands',
    from,
    observed: undefined,
    source: { id: 'x', title: 'x', address: 'x', grade, note: undefined },
    article: undefined,
  })
  const since = plainDate('2023-01-01')
  const all = [cited('B', since), cited('D', since), cited('A', 'unknown'), cited('C', since)]
  assert.deepEqual(badgesOf([...all, cited('invented', since), cited('B', since)]), [
    'invented',
    'undated',
    'grade-D',
    'grade-C',
    'grade-B',
  ])
  assert.deepEqual(badgesOf([cited('A', since)]), [])
})
