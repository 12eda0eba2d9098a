import type { Dated } from '#rulebook/dated.ts'
import type { Place } from '#rulebook/rule-file.ts'
import { leavesOf, type Table } from '#rulebook/table.ts'
import { attributesWithin, indexesWithin, rulesWithin } from './rules-within.ts'
import {
  type Band,
  CAUSES,
  type InsuranceTier,
  type Ordinal,
  type SchemeBook,
  type SchemePlace,
  type SourceDocuments,
  type Tier,
} from './types.ts'

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

/** The texts of the README files beside the rules, by their folders. */
export type Readmes = ReadonlyMap<string, string>

/**
 * What loading does not refuse but a policy officer would question: rates that fall as cost rises,
 * answers that no row covers, sources listed twice or never used, questions that no rule asks, totals shared by
 * tiers with different periods or by nobody, what is still to be obtained, and what every value that is not official
 * would need to become so. With the README files, also whether they say what is to be obtained.
 */
export function lintBook(book: SchemeBook, readmes: Readmes = new Map()): LintFinding[] {
  const tiers = [...book.tiers.values()]
  const rules = rulesOf(book)
  const exclusions = book.exclusions.map(({ treatment }) => treatment)
  const documents = [
    ...book.places.values(),
    ...(book.exclusionSources ? [book.exclusionSources] : []),
  ]
  return [
    ...tiers.flatMap(lintBands),
    ...tiers.flatMap(lintOrdinals),
    ...rules.flatMap(lintCoverage),
    ...[...rules, ...exclusions].flatMap(lintUnchanged),
    ...lintPools(tiers),
    ...lintCauses(book),
    ...lintAttributes(book),
    ...lintIndexes(book),
    ...documents.flatMap((place) => lintSources(place, [...rules, ...exclusions])),
    ...[...rules, ...exclusions].flatMap(lintGrades),
    ...rules.flatMap(lintToObtain),
    ...[...book.places.values()].flatMap((place) => lintReadme(place, book, readmes)),
  ]
}

/** The source of what nobody has published: its values refuse by name, and say nothing themselves. */
const NOT_PUBLISHED = 'not-published'

/** How a text begins that a person has still to write. */
const TO_FILL_IN = '待填写'

type Rule = Dated<unknown>

function rulesOf({ tiers, benefits, reliefs, places }: SchemeBook): Rule[] {
  const published = [...places.values()].flatMap(({ indexes }) => [...indexes.values()])
  return [
    ...[...tiers.values(), ...benefits.values(), ...reliefs.values()].flatMap(rulesWithin),
    ...published.map(({ amount }) => amount),
  ]
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
  return rule.entries.flatMap(({ value, source, place }) => {
    return isTable(value) && source.id !== NOT_PUBLISHED
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
  // What is met of a deductible, what is eligible and what is paid are three totals, even under one name.
  const shared = new Map<string, { tier: Tier; pool: string; kind: PoolKind }[]>()
  for (const tier of tiers) {
    if (tier.kind === 'account') continue
    for (const { pool, kind } of poolsOf(tier)) {
      const users = shared.get(`${kind} ${pool}`) ?? []
      shared.set(`${kind} ${pool}`, [...users, { tier, pool, kind }])
    }
  }
  return [...shared.values()].flatMap((users) => {
    const [first, ...others] = users
    if (!first) return []
    const { zh, en } = POOL_NAMES[first.kind]
    const rule = (tier: Tier) => `${tier.id}#${first.kind} ${first.pool}`
    if (others.length === 0)
      return finding('warning', 'unshared_pool', first.tier.place, rule(first.tier), {
        zh: `没有别的待遇档与它共用${zh}:是否写错了名称?`,
        en: `no other tier shares this ${en}: is the name misspelt?`,
      })
    return others.flatMap(({ tier }) =>
      JSON.stringify(tier.period) === JSON.stringify(first.tier.period)
        ? []
        : finding('error', 'pool_periods_differ', tier.place, rule(tier), {
            zh: `与 ${first.tier.id} 共用${zh},但累计期间不同`,
            en: `shares a ${en} with ${first.tier.id} but counts over another period`,
          }),
    )
  })
}

type PoolKind = 'deductible' | 'eligibleCap' | 'caps'
const POOL_NAMES = {
  deductible: { zh: '起付线', en: 'deductible' },
  eligibleCap: { zh: '可计入限额', en: 'eligible cap' },
  caps: { zh: '封顶线', en: 'cap' },
} as const

/** The totals that a tier counts into together with others. */
export function poolsOf(tier: InsuranceTier): { readonly pool: string; readonly kind: PoolKind }[] {
  const pools: [PoolKind, string | undefined][] = [
    ['deductible', tier.deductible?.pool],
    ['eligibleCap', tier.eligibleCap?.pool],
    ...tier.caps.map(({ pool }): [PoolKind, string | undefined] => ['caps', pool]),
  ]
  return pools.flatMap(([kind, pool]) => (pool === undefined ? [] : [{ kind, pool }]))
}

/** A cause of which nothing is said refuses the bill. */
function lintCauses({ exclusions, exclusionSources }: SchemeBook): LintFinding[] {
  if (!exclusionSources) return []
  const known = exclusions.map(({ cause }) => cause)
  return CAUSES.flatMap((cause) =>
    cause === 'illness' || known.includes(cause)
      ? []
      : finding(
          'note',
          'uncovered_cause',
          { file: exclusionSources.file, line: 1 },
          `exclusions#${cause}`,
          {
            zh: `没有规定 ${cause} 由谁支付:这样的账单会被拒绝结算`,
            en: `nothing says who pays for ${cause}: such a bill is refused`,
          },
        ),
  )
}

/** A word that no rule asks about is answered for nothing. */
function lintAttributes({ vocabulary, tiers, benefits, reliefs }: SchemeBook): LintFinding[] {
  const parts = [...tiers.values(), ...benefits.values(), ...reliefs.values()]
  const asked = new Set(parts.flatMap(attributesWithin))
  return [...vocabulary.values()].flatMap(({ name, place }) =>
    asked.has(name)
      ? []
      : finding('note', 'unused_attribute', place, `attributes#${name}`, {
          zh: `没有任何规则询问 ${name}`,
          en: `no rule asks about ${name}`,
        }),
  )
}

/** A published figure that no amount is taken from. */
function lintIndexes({ places, tiers }: SchemeBook): LintFinding[] {
  const used = new Set([...tiers.values()].flatMap(indexesWithin))
  return [...places.values()].flatMap(({ indexes }) =>
    [...indexes.values()].flatMap((index) => {
      const { rule, entries } = index.amount
      const at = entries[0]?.place
      if (used.has(index) || !at) return []
      return finding('note', 'unused_index', at, rule, {
        zh: '没有任何金额取自这个公布的指标',
        en: 'no amount is taken from this published figure',
      })
    }),
  )
}

function lintSources(place: SourceDocuments, rules: readonly Rule[]): LintFinding[] {
  const used = new Set(rules.flatMap(({ entries }) => entries.map(({ source }) => source)))
  const byAddress = new Map<string, string>()
  return [...place.sources.values()].flatMap((source) => {
    const at = { file: place.file, line: place.lineOf(source.id) }
    const known = byAddress.get(`${source.address} ${source.title}`)
    byAddress.set(`${source.address} ${source.title}`, source.id)
    const unwritten = [source.title, source.address, source.note ?? ''].some((text) =>
      text.startsWith(TO_FILL_IN),
    )
    return [
      ...(unwritten
        ? finding('warning', 'to_fill_in', at, `${place.folder}#${source.id}`, {
            zh: '标题、网址或说明还没有填写',
            en: 'its title, address or note is still to be written',
          })
        : []),
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
function lintGrades(rule: Rule): LintFinding[] {
  return rule.entries.flatMap(({ source, from, observed, place }) => {
    if (source.id === NOT_PUBLISHED) return []
    return [
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
    ]
  })
}

/** A rule of which no value was found. Conditions only say which bills come to it. */
function lintToObtain({ rule, entries }: Rule): LintFinding[] {
  if (rule.endsWith('#eligibility')) return []
  return entries.flatMap(({ source, place }) =>
    source.id === NOT_PUBLISHED
      ? finding('note', 'to_obtain', place, rule, {
          zh: '待取得:未见公布,需要它的账单会被点名拒绝',
          en: 'to be obtained: nothing published was found, and a bill that needs it is refused by name',
        })
      : [],
  )
}

/**
 * Whether a place's README still says what is so: a list "To obtain" that names a tier in `backticks` first names one
 * of which something is missing, and where something is missing there is such a list.
 */
function lintReadme(
  { folder, sources }: SchemePlace,
  book: SchemeBook,
  readmes: Readmes,
): LintFinding[] {
  const text = readmes.get(folder)
  if (text === undefined) return []
  const file = folder === '' ? 'README.md' : `${folder}/README.md`
  const lines = text.split('\n')
  const heading = lines.findIndex((line) => /^## .*(待取得|To obtain)/.test(line))
  const said = (
    severity: LintFinding['severity'],
    code: string,
    line: number,
    zh: string,
    en: string,
  ) => finding(severity, code, { file, line: line + 1 }, `${folder}#README`, { zh, en })
  return [
    ...(heading < 0 && sources.has(NOT_PUBLISHED)
      ? said(
          'warning',
          'nothing_to_obtain',
          0,
          '有未见公布的标准,却没有「待取得」一节',
          'something is not published, but there is no section "To obtain"',
        )
      : []),
    ...lines.flatMap((line, i) => {
      if (line.includes(TO_FILL_IN))
        return said('warning', 'to_fill_in', i, '还没有填写', 'still to be written')
      const name = heading >= 0 && i > heading ? /^- `([a-z0-9-]+)`/.exec(line)?.[1] : undefined
      const tier = name === undefined ? undefined : book.tiers.get(`${folder}/${name}`)
      const missing = tier && rulesWithin(tier).some((rule) => lintToObtain(rule).length > 0)
      return tier && !missing
        ? said(
            'warning',
            'obtained',
            i,
            `${name} 的取值已经写入方案,请从「待取得」中划去`,
            `${name} has its values by now; strike it from "To obtain"`,
          )
        : []
    }),
  ]
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
