import type { Dated } from '#rulebook/dated.ts'
import type { Place } from '#rulebook/rule-file.ts'
import { leavesOf, type Table } from '#rulebook/table.ts'
import { rulesWithin } from './rules-within.ts'
import type { Band, Ordinal, SchemeBook, SchemePlace, Tier } from './types.ts'

/** Something about a rule book that a person should look at. Errors should stop a publication. */
export type LintFinding = {
  readonly severity: 'error' | 'warning' | 'note'
  readonly code: string
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly zh: string
  readonly en: string
}

/**
 * What loading does not refuse but a policy officer would question: rates that fall as cost rises,
 * answers that no row covers, sources listed twice or never used, totals shared by tiers with different
 * periods, and what every value that is not official would need to become so.
 */
export function lintBook(book: SchemeBook): LintFinding[] {
  const tiers = [...book.tiers.values()]
  return [
    ...tiers.flatMap(lintBands),
    ...tiers.flatMap(lintOrdinals),
    ...rulesOf(book).flatMap(lintCoverage),
    ...rulesOf(book).flatMap(lintUnchanged),
    ...lintPools(tiers),
    ...[...book.places.values()].flatMap((place) => lintSources(place, rulesOf(book))),
    ...lintGrades(book),
  ]
}

type Rule = Dated<unknown>

function rulesOf({ tiers, benefits }: SchemeBook): Rule[] {
  return [...tiers.values(), ...benefits.values()].flatMap(rulesWithin)
}

function lintBands(tier: Tier): LintFinding[] {
  if (tier.kind === 'account') return []
  return eachLeaf(tier.rate).flatMap(({ value, words, place }) => {
    const falls = (value as readonly Band[]).find(
      ({ unknown, rate, upTo }, i, all) =>
        // A last band that pays nothing is how a limit is written, not a falling rate.
        !unknown && !(rate === 0 && upTo === undefined) && rate < (all[i - 1]?.rate ?? 0),
    )
    if (!falls) return []
    const where = words.join('、')
    return finding('warning', 'non_monotone_bands', place, tier.rate.rule, {
      zh: `支付比例随费用上升而下降(${where || '全部'});请对照原文核实`,
      en: `the rate falls as the cost rises (${where || 'all'}); check it against the document`,
    })
  })
}

function lintOrdinals(tier: Tier): LintFinding[] {
  if (tier.kind === 'account' || !tier.deductible?.ordinal) return []
  const { ordinal } = tier.deductible
  return eachLeaf(ordinal).flatMap(({ value, place }) => {
    const steps = 'steps' in (value as Ordinal) ? (value as { steps: readonly object[] }).steps : []
    const rates = steps.flatMap((step) => ('rate' in step ? [Number(step.rate)] : []))
    if (!rates.some((rate, i) => rate > (rates[i - 1] ?? rate))) return []
    return finding('warning', 'rising_deductible', place, ordinal.rule, {
      zh: '再次住院的起付线高于前一次;请对照原文核实',
      en: 'a later admission is charged more than an earlier one; check it against the document',
    })
  })
}

/** A question with a closed list of answers, some of which no row covers: bills will be refused. */
function lintCoverage(rule: Rule): LintFinding[] {
  if (rule.rule.endsWith('#eligibility')) return []
  return rule.entries.flatMap(({ value, place }) => {
    return isTable(value)
      ? uncovered(value).flatMap(({ attribute, answers }) =>
          finding('note', 'uncovered_answers', place, rule.rule, {
            zh: `${attribute} 为 ${answers.join('、')} 时没有取值:这样的账单会被拒绝结算,而不是套用相近的值`,
            en: `no value where ${attribute} is ${answers.join(', ')}: such a bill is refused, not given a neighbour's value`,
          }),
        )
      : []
  })
}

function uncovered(table: Table<unknown>): { attribute: string; answers: string[] }[] {
  if ('value' in table) return []
  const { by, rows } = table
  const inner = rows.flatMap((row) => uncovered(row.table))
  if (rows.some(({ matches }) => matches === 'otherwise') || by.answers === 'text') return inner
  if (by.answers === 'number') {
    const ranges = rows.flatMap(({ matches }) =>
      typeof matches === 'object' && 'from' in matches ? [matches] : [],
    )
    const first = ranges[0]?.from ?? 0
    const last = ranges.at(-1)?.to ?? 0
    const missing = [
      ...(first > 0 ? [`<${first}`] : []),
      ...(Number.isFinite(last) ? [`>${last}`] : []),
    ]
    return missing.length > 0 ? [{ attribute: by.name, answers: missing }, ...inner] : inner
  }
  const covered = new Set(
    rows.flatMap(({ matches }) =>
      typeof matches === 'object' && 'oneOf' in matches ? matches.oneOf : [],
    ),
  )
  const answers = Object.keys(by.answers).filter((answer) => !covered.has(answer))
  return answers.length > 0 ? [{ attribute: by.name, answers }, ...inner] : inner
}

/** An entry that repeats the value before it is a change that changes nothing: often a slip. */
function lintUnchanged(rule: Rule): LintFinding[] {
  return rule.entries.flatMap((entry, i) => {
    const previous = rule.entries[i - 1]
    if (!previous || JSON.stringify(previous.value) !== JSON.stringify(entry.value)) return []
    return finding('warning', 'unchanged_value', entry.place, rule.rule, {
      zh: `自 ${entry.from} 起的取值与之前相同`,
      en: `the value from ${entry.from} is the one before it again`,
    })
  })
}

/** Tiers that share a total must count over the same period, or they would share nothing. */
function lintPools(tiers: readonly Tier[]): LintFinding[] {
  const periods = new Map<string, { period: string; tier: Tier }>()
  return tiers.flatMap((tier) => {
    if (tier.kind === 'account') return []
    const pools = [tier.deductible?.pool, tier.eligibleCap?.pool, ...tier.caps.map((c) => c.pool)]
    return pools.flatMap((pool) => {
      if (pool === undefined) return []
      const period = JSON.stringify(tier.period)
      const known = periods.get(pool)
      if (!known) periods.set(pool, { period, tier })
      if (!known || known.period === period) return []
      return finding('error', 'pool_periods_differ', tier.place, `${tier.id}#${pool}`, {
        zh: `与 ${known.tier.id} 共用额度,但累计期间不同`,
        en: `shares a limit with ${known.tier.id} but counts over another period`,
      })
    })
  })
}

function lintSources(place: SchemePlace, rules: readonly Rule[]): LintFinding[] {
  const used = new Set(rules.flatMap(({ entries }) => entries.map(({ source }) => source)))
  const byAddress = new Map<string, string>()
  return [...place.sources.values()].flatMap((source) => {
    const at = { file: place.file, line: place.lineOf(source.id) }
    const known = byAddress.get(`${source.address} ${source.title}`)
    byAddress.set(`${source.address} ${source.title}`, source.id)
    return [
      ...(known === undefined
        ? []
        : finding('warning', 'duplicate_citation', at, `${place.folder}#${source.id}`, {
            zh: `与来源 ${known} 的标题和地址相同`,
            en: `has the title and address of source ${known}`,
          })),
      ...(used.has(source)
        ? []
        : finding('note', 'unused_source', at, `${place.folder}#${source.id}`, {
            zh: '没有任何取值引用这个来源',
            en: 'no value rests on this source',
          })),
    ]
  })
}

/** What each value that is not official, or not dated, would need. */
function lintGrades(book: SchemeBook): LintFinding[] {
  return rulesOf(book).flatMap((rule) =>
    rule.entries.flatMap(({ source, from, observed, place }) => [
      ...(source.grade === 'C' || source.grade === 'D'
        ? finding('note', 'not_official', place, rule.rule, {
            zh: `${source.grade} 级来源「${source.title}」:需取得发布机关的文件(标题、文号、网址、条款)后方可标为官方`,
            en: `grade ${source.grade}, "${source.title}": needs the issuing authority's own document (title, number, address, article) to become official`,
          })
        : []),
      ...(from === 'unknown'
        ? finding('note', 'undated', place, rule.rule, {
            zh: `施行日期未知(${observed} 见到):需取得施行日期;在此之前只有 --allow-undated 才会使用`,
            en: `first day unknown (seen ${observed}): needs its effective date; until then it is used only with --allow-undated`,
          })
        : []),
    ]),
  )
}

function eachLeaf<T>(dated: Dated<Table<T>>) {
  return dated.entries.flatMap(({ value, place }) =>
    value === null ? [] : leavesOf(value).map((leaf) => ({ ...leaf, place })),
  )
}

const isTable = (value: unknown): value is Table<unknown> =>
  typeof value === 'object' && value !== null && 'by' in value && 'rows' in value

function finding(
  severity: LintFinding['severity'],
  code: string,
  { file, line }: Place,
  rule: string,
  text: { zh: string; en: string },
): LintFinding[] {
  return [{ severity, code, file, line, rule, ...text }]
}
