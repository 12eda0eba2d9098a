import type { Dated, Entry } from '#rulebook/dated.ts'
import { readRuleFile } from '#rulebook/rule-file.ts'
import { poolsOf } from './lint.ts'
import { rulesWithin } from './rules-within.ts'
import {
  type Benefit,
  COMPONENT_TITLES,
  COMPONENTS,
  PAYERS,
  type Payer,
  type Relief,
  type SchemeBook,
  type Tier,
  type Title,
} from './types.ts'

/** The texts of a rule book's files, by path. */
export type Files = Readonly<Record<string, string>>

/** Everything a reader may ask of a rule book: its words, places, schemes, and every value with its source. */
export function presentBook(book: SchemeBook, files: Files) {
  const { vocabulary, places, schemes, tiers, benefits, reliefs } = book
  return {
    vocabulary: [...vocabulary.values()].map(
      ({ name, of, title, answers, unit, whenAbsent, unregistered }) => ({
        name,
        of,
        title,
        answers,
        unit,
        whenAbsent,
        unregistered,
      }),
    ),
    places: [...places.values()].map(({ folder, file, title, teaching, sources, indexes }) => ({
      folder,
      title,
      teaching,
      sources: [...sources.values()],
      indexes: [...indexes.values()].map(({ amount, title }) => ({
        title,
        ...presentRule(amount, readRuleFile(file, files[file] ?? '').value),
      })),
    })),
    schemes: [...schemes.values()].map(
      ({ id, title, kind, teaching, order, benefits, reliefs }) => ({
        id,
        title,
        kind,
        teaching,
        place: id.slice(0, id.lastIndexOf('/')),
        tiers: order.map((step) => ('tier' in step ? step.tier.id : { covers: step.covers })),
        benefits: benefits.map((benefit) => benefit.id),
        reliefs: reliefs.map((relief) => relief.id),
      }),
    ),
    tiers: [...tiers.values()].map((tier) => presentPart(tier, files)),
    benefits: [...benefits.values()].map((benefit) => presentPart(benefit, files)),
    reliefs: [...reliefs.values()].map((relief) => presentPart(relief, files)),
    payers: (Object.keys(PAYERS) as Payer[]).map((name) => {
      const { zh, en, field } = PAYERS[name]
      return { name, title: { zh, en }, field }
    }),
    components: COMPONENTS.map((name) => ({ name, ...COMPONENT_TITLES[name] })),
  }
}

function presentPart(part: Tier | Benefit | Relief, files: Files) {
  const { id, title, payer, governing, period, place } = part
  const raw = readRuleFile(place.file, files[place.file] ?? '').value
  const rules = rulesWithin(part).map((rule) => presentRule(rule, raw))
  const pools = part.kind === 'insurance' ? [...new Set(poolsOf(part).map(({ pool }) => pool))] : []
  return { id, title, payer, governing, period, pools, file: place.file, rules }
}

function presentRule({ rule, entries }: Dated<unknown>, raw: unknown) {
  return {
    rule,
    label: labelOf(rule),
    entries: entries.map((entry, i) => presentEntry(entry, written(raw, rule, i))),
  }
}

/** One entry of a rule of a book, as its file writes it. */
export function presentEntryOf(
  entry: Entry<unknown> | undefined,
  rule: string,
  book: SchemeBook,
  files: Files,
) {
  if (!entry) return null
  const { file } = entry.place
  const parts = [...book.tiers.values(), ...book.benefits.values(), ...book.reliefs.values()]
  const part = parts.find(({ place }) => place.file === file)
  const rules = part
    ? rulesWithin(part)
    : [...book.places.values()].flatMap(({ indexes }) =>
        [...indexes.values()].map(({ amount }) => amount),
      )
  const dated = rules.find((each) => each.rule === rule)
  const index = dated ? dated.entries.indexOf(entry) : -1
  return presentEntry(entry, written(readRuleFile(file, files[file] ?? '').value, rule, index))
}

function presentEntry({ from, observed, source, article, place }: Entry<unknown>, value: unknown) {
  const { file, line } = place
  return { from, observed, source, article, file, line, value }
}

/** The value at a rule's place in its file: a rule is named by its path through it. */
function written(raw: unknown, rule: string, index: number): unknown {
  const path = [...rule.slice(rule.indexOf('#') + 1).split('.'), String(index), 'value']
  return path.reduce<unknown>(
    (inner, step) => (inner as Record<string, unknown> | undefined)?.[step],
    raw,
  )
}

// --- labels --------------------------------------------------------------------------------------

const LABELS: Readonly<Record<string, Title>> = {
  eligibility: { zh: '适用条件', en: 'Who and what it is for' },
  'rate.bands': { zh: '支付比例', en: 'Rate' },
  'rate.grows': { zh: '比例增长', en: 'Growth of the rate' },
  'deductible.amount': { zh: '起付线', en: 'Deductible' },
  'deductible.ordinal': { zh: '多次住院的起付线', en: 'Deductible of later admissions' },
  'deductible.floor': { zh: '起付线最低额', en: 'Least deductible' },
  certificate: { zh: '待遇资格', en: 'Certificate' },
  admission: { zh: '怎样算一次住院', en: 'What counts as one admission' },
  'deductible.counts': { zh: '是否计入住院次数', en: 'Whether it counts as an admission' },
  'deductible.chargedAgain': { zh: '超长住院另计起付线', en: 'Deductible of long stays' },
  'deductible.onceAPeriod': { zh: '期内只计一次的病种', en: 'Charged once in a period' },
  'deductible.periodTotal': { zh: '期内起付线合计上限', en: 'Most deductible in a period' },
  'eligibleCap.amount': { zh: '可计入费用上限', en: 'Most eligible cost' },
  'caps.amount': { zh: '封顶线', en: 'Cap' },
  'caps.grows': { zh: '封顶线增长', en: 'Growth of the cap' },
  'base.weight': { zh: '计入比例', en: 'Share that counts' },
  transferUpfront: { zh: '转外先行自付比例', en: 'Upfront share for care elsewhere' },
  'guaranteedRatio.ratio': { zh: '保底比例', en: 'Guaranteed ratio' },
  dueFactor: { zh: '应付折算比例', en: 'Factor on what is due' },
  baseWeight: { zh: '基数计入比例', en: 'Share of the base that counts' },
  'counted.amount': { zh: '按项限额', en: 'Limit per item' },
  waiting: { zh: '等待期', en: 'Waiting period' },
  threshold: { zh: '救助门槛', en: 'Threshold' },
  cap: { zh: '封顶线', en: 'Cap' },
  amount: { zh: '给付额', en: 'Amount' },
  perDay: { zh: '每日给付', en: 'Per day' },
  freeDays: { zh: '免赔天数', en: 'Days not paid' },
  minimum: { zh: '最低给付', en: 'Least' },
  maximum: { zh: '最高给付', en: 'Most' },
  maximumDays: { zh: '最多天数', en: 'Most days' },
}

/** What a rule is called. One of several of its kind carries its number. */
export function labelOf(rule: string): Title {
  const path = rule.slice(rule.indexOf('#') + 1)
  const published = /^indexes\.([^.]+)\.amount$/.exec(path)?.[1]
  if (published) return { zh: `公布的指标 ${published}`, en: `Published index ${published}` }
  const index = /\.(\d+)(\.|$)/.exec(path)?.[1]
  const label = LABELS[path.replace(/\.\d+/, '')] ?? { zh: path, en: path }
  if (index === undefined) return label
  const number = Number(index) + 1
  return { zh: `${label.zh} ${number}`, en: `${label.en} ${number}` }
}
