import type { PlainDate } from '#base/plain-date.ts'
import type { Attribute, Attributes } from '#rulebook/attributes.ts'
import { placeAdmission } from './admissions.ts'
import { planNumber } from './columns.ts'
import {
  type NotSql,
  NotSqlError,
  QueryChain,
  type SqlRow,
  type SqlStage,
  StageWriter,
} from './compile-sql.ts'
import { CERTIFICATES } from './facts.ts'
import { type ResolvedInsurance, resolveTier } from './resolve.ts'
import { attributesAsked, indexesWithin, rulesWithin } from './rules-within.ts'
import { type DialectName, SQL_DIALECTS, type SqlDialect } from './sql-dialect.ts'
import {
  type GoverningDate,
  type InsuranceTier,
  NATIVE_COMPONENTS,
  type Scheme,
  type SchemeBook,
  type Tier,
} from './types.ts'

/** What is compiled: some schemes, for bills whose days are within these, read from these tables. */
export type CompileRequest = {
  readonly schemes: readonly Scheme[]
  readonly from: PlainDate
  readonly until: PlainDate
  readonly allowUndated: boolean
  readonly dialect: DialectName
  readonly bills: SqlTable
  readonly persons: SqlTable
}

/** A table, or files, and the columns it has; undefined is every column that could be asked. */
export type SqlTable = {
  readonly from: { readonly table: string } | { readonly parquet: string }
  readonly columns: readonly string[] | undefined
}

/** The query, or for each tier that SQL cannot carry its name and the reason. */
export type Compiled =
  | { readonly ok: true; readonly sql: string; readonly tiers: number }
  | { readonly ok: false; readonly refusals: readonly SqlRefusal[] }

export type SqlRefusal = { readonly where: string; readonly reason: NotSql }

const MOST_KEYS = 20_000

/**
 * Compiles schemes to one query over a table of bills and one of covers. Its rows are those of the batch: for each bill
 * that is settled what each tier paid and what the patient bears, and the number with which the row enters the hash.
 */
export function compileSql(book: SchemeBook, request: CompileRequest): Compiled {
  const refusals = new Map<string, SqlRefusal>()
  const refuse = (where: string, reason: NotSql) =>
    refusals.set(`${where} ${reason}`, { where, reason })
  for (const scheme of request.schemes)
    if (scheme.benefits.some(({ event }) => event === undefined)) refuse(scheme.id, 'benefit')
  try {
    const tiers = tiersOf(request.schemes).flatMap(({ tier, scheme }) => {
      try {
        return [new CompiledTier(book, request, scheme, tier)]
      } catch (error) {
        if (!(error instanceof NotSqlError)) throw error
        refuse(error.tier, error.reason)
        return []
      }
    })
    if (refusals.size > 0) return { ok: false, refusals: [...refusals.values()] }
    return { ok: true, sql: new SchemesQuery(request, tiers).write(), tiers: tiers.length }
  } catch (error) {
    if (!(error instanceof NotSqlError)) throw error
    refuse(error.tier, error.reason)
    return { ok: false, refusals: [...refusals.values()] }
  }
}

/** Each tier once, though several schemes may have it. */
function tiersOf(schemes: readonly Scheme[]): { tier: Tier; scheme: Scheme }[] {
  const found = new Map<Tier, Scheme>()
  for (const scheme of schemes)
    for (const step of scheme.order)
      if ('tier' in step && !found.has(step.tier)) found.set(step.tier, scheme)
  return [...found].map(([tier, scheme]) => ({ tier, scheme }))
}

/** A word that some tier asks, as a digit of each bill: 0 where nobody answered, then its answers in order. */
type Question = {
  readonly id: string
  readonly attribute: Attribute
  readonly source: 'bill' | 'person' | 'age' | { readonly cover: string }
  readonly on: GoverningDate
  /** Words of the closed list, those that a rule names, or where ranges of numbers begin. */
  readonly answers: (string | number)[]
}

const OTHER = '\u0000'

/** One tier with its rules for every day of the request and every answer that chooses between them. */
class CompiledTier {
  readonly tier: InsuranceTier
  readonly scheme: Scheme
  readonly rows: SqlRow[] = []
  readonly asked: readonly { readonly id: string; readonly attribute: Attribute }[]
  readonly editions: readonly PlainDate[]
  /** For each edition and each class of answers: -1 is refused, 0 takes no part, else a row. */
  readonly keys: number[] = []
  readonly classes: readonly (readonly (string | number | undefined)[])[]

  constructor(book: SchemeBook, request: CompileRequest, scheme: Scheme, tier: Tier) {
    const refuse = (reason: NotSql): never => {
      throw new NotSqlError(reason, tier.id)
    }
    if (tier.kind === 'account') throw new NotSqlError('account', tier.id)
    if (tier.counted.length > 0) refuse('counted')
    if (tier.waiting) refuse('waiting')
    if (tier.period.kind === 'policy-year') refuse('policy_year')
    this.tier = tier
    this.scheme = scheme
    const attributes = new Map(attributesAsked(tier).map((each) => [each.name, each]))
    const remote = book.vocabulary.get('remote')
    if (remote && tier.deductible?.ordinal) attributes.set('remote', remote)
    const named = answersNamed(tier)
    this.asked = [...attributes.values()].map((attribute) => ({
      id: questionId(attribute, scheme, tier),
      attribute,
    }))
    this.classes = this.asked.map(({ attribute }) => {
      if (attribute.answers === 'number') {
        const found = named.get(attribute.name)
        if (!found || found.counts) refuse('number')
        return [undefined, ...new Set([0, ...(found?.starts ?? [])])].toSorted(
          (a, b) => (a ?? -1) - (b ?? -1),
        )
      }
      const words = new Set(named.get(attribute.name)?.words)
      if (attribute.name === 'remote' && attribute.whenAbsent) words.add(attribute.whenAbsent)
      return [undefined, ...words, OTHER]
    })
    this.editions = changesOf(tier, request)
    const size = this.classes.reduce((all, each) => all * each.length, this.editions.length)
    if (size > MOST_KEYS) refuse('too_many_answers')
    const known = new Map<string, number>()
    for (const on of this.editions)
      for (const answers of combinations(this.asked, this.classes))
        this.keys.push(this.#rowOf(book, request, on, answers, known))
  }

  #rowOf(
    book: SchemeBook,
    { allowUndated, from }: CompileRequest,
    on: PlainDate,
    answers: Attributes,
    known: Map<string, number>,
  ): number {
    const { tier } = this
    const attributes = { ...answers, [CERTIFICATES]: '' }
    const cover = { scheme: this.scheme.id, from, until: undefined, attributes: {} }
    const found = resolveTier(tier, on, attributes, cover as never, { allowUndated })
    if (!found.ok) return -1
    if (!found.value.applies) return 0
    const resolved = found.value.resolved as ResolvedInsurance
    const refuse = (reason: NotSql): never => {
      throw new NotSqlError(reason, tier.id)
    }
    const { admission } = resolved
    if (admission?.rule?.value.readmissionDays !== undefined) refuse('readmission')
    if (admission?.chargedAgain) refuse('charged_again')
    if (admission?.group) refuse('once_a_period')
    if (resolved.bands.at(-1)?.unknown) refuse('rate_unknown')
    const stay = { stay: 'own', admitted: on, discharged: on }
    const placed = placeAdmission(
      resolved,
      stay as never,
      'lifetime',
      new Map(),
      attributes,
      book.vocabulary,
    )
    if (!placed.ok) return -1
    const row = { resolved, counted: placed.value?.counted ?? true }
    const key = JSON.stringify(numbersOnly(row))
    const number = known.get(key) ?? this.rows.length + 1
    if (number > this.rows.length) {
      this.rows.push(row)
      known.set(key, number)
    }
    return number
  }

  /** The answers to shared questions with which the tier may take part, for telling which tiers exclude each other. */
  takesPartWith(ids: readonly string[], wordOf: (id: string, word: string) => string): Set<string> {
    const found = new Set<string>()
    let at = 0
    for (const _ of this.editions)
      for (const answers of combinations(this.asked, this.classes)) {
        if ((this.keys[at++] ?? 0) <= 0) continue
        found.add(
          ids
            .map((id) => {
              const asked = this.asked.find((each) => each.id === id)
              const name = asked?.attribute.name ?? ''
              return wordOf(id, String(answers[name] ?? asked?.attribute.whenAbsent ?? ''))
            })
            .join('|'),
        )
      }
    return found
  }
}

const questionId = ({ name, of }: Attribute, scheme: Scheme, { governing }: Tier): string => {
  if (name === 'age') return `age ${governing}`
  if (of !== 'cover') return `${of} ${name}`
  return `cover ${scheme.kind === 'public' ? 'public' : scheme.id} ${name}`
}

/** What a row of parameters is made of: two that hold the same numbers are one. */
function numbersOnly({ resolved: r, counted }: SqlRow): unknown {
  const { deductible } = r
  return [
    counted,
    r.base.map(({ component, weight }) => [component, weight]),
    r.baseWeight?.value,
    r.transferUpfront?.value,
    r.eligibleCap?.value,
    deductible && [deductible.ladder, deductible.ofStay, deductible.periodTotal],
    r.bands.map(({ above, upTo, rate }) => [above, upTo, rate]),
    r.dueFactor?.value,
    r.guaranteedRatio?.value,
    r.caps.map((cap) => [r.tier.caps.indexOf(cap.rule), cap.limit]),
  ]
}

/** Every combination of one answer a question, in a fixed order. */
function* combinations(
  asked: CompiledTier['asked'],
  classes: CompiledTier['classes'],
): Generator<Attributes> {
  const at = classes.map(() => 0)
  for (;;) {
    yield Object.fromEntries(
      asked.map(({ attribute }, i) => [attribute.name, classes[i]?.[at[i] as number]]),
    )
    let i = classes.length - 1
    while (i >= 0 && (at[i] as number) + 1 === classes[i]?.length) at[i--] = 0
    if (i < 0) return
    at[i] = (at[i] as number) + 1
  }
}

type Named = { readonly words: Set<string>; readonly starts: Set<number>; counts: boolean }

/** Which answers the tables of a tier tell apart. */
function answersNamed(tier: InsuranceTier): Map<string, Named> {
  const found = new Map<string, Named>()
  const of = (attribute: Attribute): Named => {
    const known = found.get(attribute.name)
    if (known) return known
    const made = { words: new Set<string>(), starts: new Set<number>(), counts: false }
    found.set(attribute.name, made)
    return made
  }
  const walk = (value: unknown, within: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('answers' in value && 'of' in value) {
      const isTable = typeof within === 'object' && within !== null && 'rows' in within
      const named = of(value as Attribute)
      if (!isTable) named.counts = true
      return
    }
    if ('by' in value && 'rows' in value) {
      const table = value as {
        by: Attribute
        rows: { matches: 'otherwise' | { oneOf: string[] } | { from: number; to: number } }[]
      }
      const named = of(table.by)
      for (const { matches } of table.rows) {
        if (matches === 'otherwise') continue
        if ('oneOf' in matches) for (const word of matches.oneOf) named.words.add(word)
        else {
          named.starts.add(matches.from)
          if (Number.isFinite(matches.to)) named.starts.add(matches.to + 1)
        }
      }
    }
    for (const inner of Object.values(value)) walk(inner, value)
  }
  // A condition names its attribute beside the table that asks it.
  const { eligibility, ...rest } = tier
  walk(
    eligibility.entries.map(({ value }) => value?.map(({ holds }) => holds)),
    undefined,
  )
  walk(rest, undefined)
  return found
}

/** The first days of the editions of a tier's rules within the days of the request. */
function changesOf(tier: Tier, { from, until }: CompileRequest): PlainDate[] {
  const rules = [...rulesWithin(tier), ...indexesWithin(tier).map(({ amount }) => amount)]
  const days = rules.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.from !== 'unknown' && entry.from > from && entry.from <= until ? [entry.from] : [],
    ),
  )
  return [...new Set([from, ...days])].toSorted()
}

/** One way in which persons are covered: a public scheme and the products beside it. */
type Variant = {
  readonly publicAt: number
  readonly products: readonly Scheme[]
  readonly tiers: readonly CompiledTier[]
}

const MOST_VARIANTS = 64

class SchemesQuery {
  readonly #request: CompileRequest
  readonly #dialect: SqlDialect
  readonly #publics: readonly Scheme[]
  readonly #products: readonly Scheme[]
  readonly #tiers: readonly CompiledTier[]
  readonly #variants: readonly Variant[]
  readonly #questions: readonly Question[]

  constructor(request: CompileRequest, tiers: readonly CompiledTier[]) {
    this.#request = request
    this.#dialect = SQL_DIALECTS[request.dialect]
    this.#publics = request.schemes.filter(({ kind }) => kind === 'public')
    this.#products = request.schemes.filter(({ kind }) => kind !== 'public')
    this.#tiers = tiers
    this.#variants = this.#variantsOf()
    this.#questions = this.#questionsOf()
  }

  #variantsOf(): Variant[] {
    const variants: Variant[] = []
    for (const [publicAt, scheme] of this.#publics.entries()) {
      const kinds = scheme.order.flatMap((step) => ('covers' in step ? [step.covers] : []))
      const fits = this.#products.filter(({ kind }) => kinds.some((each) => each === kind))
      for (let held = 0; held < 2 ** fits.length; held++) {
        const products = fits.filter((_, i) => held & (1 << i))
        // Of two in one place the person's file says which comes first.
        if (new Set(products.map(({ kind }) => kind)).size < products.length)
          throw new NotSqlError('several_products', scheme.id)
        const tiers = scheme.order.flatMap((step) =>
          'tier' in step
            ? [step.tier]
            : products
                .filter(({ kind }) => kind === step.covers)
                .flatMap(({ order }) =>
                  order.flatMap((each) => ('tier' in each ? [each.tier] : [])),
                ),
        )
        variants.push({
          publicAt,
          products,
          tiers: tiers.map(
            (tier) => this.#tiers.find((each) => each.tier === tier) as CompiledTier,
          ),
        })
      }
    }
    const [first] = this.#request.schemes
    if (variants.length > MOST_VARIANTS) throw new NotSqlError('several_products', first?.id ?? '')
    return variants
  }

  #questionsOf(): Question[] {
    const found = new Map<string, Question>()
    for (const { asked, classes, scheme, tier } of this.#tiers)
      for (const [i, { id, attribute }] of asked.entries()) {
        const { answers, of, name } = attribute
        const source =
          name === 'age'
            ? 'age'
            : of === 'cover'
              ? { cover: scheme.kind === 'public' ? 'public' : scheme.id }
              : of
        const known = found.get(id) ?? {
          id,
          attribute,
          source,
          on: tier.governing,
          answers: typeof answers === 'object' ? Object.keys(answers) : [],
        }
        found.set(id, known as Question)
        if (typeof answers === 'object') continue
        for (const each of classes[i] ?? [])
          if (each !== undefined && each !== OTHER && !known.answers.includes(each))
            known.answers.push(each)
        if (answers === 'number') known.answers.sort((a, b) => Number(a) - Number(b))
      }
    return [...found.values()]
  }

  /** The digits of one question, and whether the last stands for every other word. */
  #sizeOf({ attribute, answers }: Question): number {
    return answers.length + (attribute.answers === 'text' ? 2 : 1)
  }

  write(): string {
    const stages = this.#stages()
    const { divide } = this.#dialect
    const sizes = [...this.#questions.map((each) => this.#sizeOf(each)), this.#variants.length]
    const dates = [...new Set(this.#tiers.map(({ tier }) => tier.governing))]
    const editions = dates.map((date) => {
      const days = this.#tiers.flatMap(({ tier, editions }) =>
        tier.governing === date ? editions : [],
      )
      return { date, days: [...new Set(days)].toSorted() }
    })
    sizes.push(...editions.map(({ days }) => days.length))
    const size = sizes.reduce((all, each) => all * each, 1)
    if (size > 2 ** 60) throw new NotSqlError('too_many_answers', this.#publics[0]?.id ?? '')

    const ctes: string[] = []
    ctes.push(...this.#people())
    // One number holds everything that chooses the rules for a bill.
    const digits = [
      ...this.#questions.map((each, i) => this.#digitOnBill(each, i)),
      'variant_0',
      ...editions.map(({ date, days }) =>
        `CASE ${days
          .slice(1)
          .map((day, i) => ({ day, i }))
          .toReversed()
          .map(({ day, i }) => `WHEN ${date}_0 >= ${ymd(day)} THEN ${i + 1}`)
          .join(' ')}${days.length > 1 ? ' ELSE 0 END' : ''}`.replace(/^CASE $/, '0'),
      ),
    ]
    let radix = 1
    const code = digits.map((digit, i) => {
      const term = `CAST(${digit} AS BIGINT) * ${radix}`
      radix *= sizes[i] ?? 1
      return term
    })
    const native = NATIVE_COMPONENTS.map((name, i) => `${this.#amount(name)} AS cost_${i}`).join(
      ', ',
    )
    const { from, until } = this.#request
    const answered = this.#questions.flatMap((each, i) =>
      each.source === 'bill' ? [`${this.#wordDigit(each, 'b')} AS digit_${i}`] : [],
    )
    ctes.push(
      `bills_0 AS (SELECT CAST(b.bill AS BIGINT) AS bill_0, CAST(b.person AS BIGINT) AS person_0, ${(
        ['admitted', 'discharged', 'settled'] as const
      )
        .map((name) => `${day(`b.${name}`)} AS ${name}_0`)
        .join(', ')}, ${[native, ...answered].join(', ')} FROM ${this.#from('bills')} b)`,
      `coded AS (SELECT b.bill_0, b.person_0, b.admitted_0, b.discharged_0, b.settled_0, ${NATIVE_COMPONENTS.map((_, i) => `b.cost_${i}`).join(', ')}, ${code.join(' + ')} AS code_0 FROM bills_0 b JOIN spans s ON b.person_0 = s.owner_0 WHERE ${[
        'b.discharged_0 * 2 >= s.first_0',
        'b.discharged_0 * 2 < s.next_0',
        'b.admitted_0 <= b.discharged_0',
        'b.discharged_0 <= b.settled_0',
        `b.settled_0 <= ${ymd(until)}`,
        ...dates.map((date) => `b.${date}_0 >= ${ymd(from)}`),
        ...NATIVE_COMPONENTS.map((_, i) => `b.cost_${i} >= 0`),
        ...this.#questions.flatMap((each, i) => (each.source === 'age' ? [] : [`digit_${i} >= 0`])),
      ].join(' AND ')})`,
    )
    let below = 1
    const decoded = sizes.map((each, i) => {
      const sql = `${divide('code_0', String(below))} % ${each} AS d_${i}`
      below *= each
      return sql
    })
    ctes.push(
      `cases AS (SELECT code_0 AS case_0, ${decoded.join(', ')} FROM (SELECT DISTINCT code_0 FROM coded) c)`,
    )
    ctes.push(...this.#choices(stages, editions))
    const periods = stages.map((tiers, s) => {
      const kinds = [...new Set(tiers.map(periodSql(divide)))]
      const [only = '0'] = kinds
      const sql =
        kinds.length === 1
          ? only
          : `CASE c.kind_${s + 1} ${kinds.map((kind, i) => `WHEN ${i} THEN ${kind}`).join(' ')} ELSE 0 END`
      return `${sql} AS period_${s + 1}`
    })
    const rowNames = stages.flatMap((_, s) => [`row_${s + 1}`, `place_${s + 1}`])
    ctes.push(
      `placed AS (SELECT b.bill_0, b.person_0, ${NATIVE_COMPONENTS.map((_, i) => `b.cost_${i}`).join(', ')}, c.plan_0, ${rowNames.map((name) => `c.${name}`).join(', ')}, ${periods.join(', ')}, ROW_NUMBER() OVER (PARTITION BY b.person_0 ORDER BY b.settled_0, b.admitted_0, b.bill_0) AS seq_0 FROM coded b JOIN chosen c ON b.code_0 = c.case_0)`,
    )
    const columns = [
      'bill_0',
      'person_0',
      'plan_0',
      'seq_0',
      ...NATIVE_COMPONENTS.map((_, i) => `cost_${i}`),
      ...stages.flatMap((_, s) => [`row_${s + 1}`, `place_${s + 1}`, `period_${s + 1}`]),
    ]
    const writer = new StageWriter(new QueryChain('placed', columns), this.#dialect)
    for (const tiers of stages) writer.add(stageOf(tiers))
    const paid = Array.from(
      { length: Math.max(...this.#variants.map(({ tiers }) => tiers.length)) },
      (_, k) =>
        writer.results
          .map(({ paid }, s) => `CASE place_${s + 1} WHEN ${k + 1} THEN ${paid} ELSE 0 END`)
          .join(' + '),
    )
    const hash = `((${[writer.patient, ...writer.results.map(({ paid }, s) => `(2 * place_${s + 1} + 1) * ${paid}`)].join(' + ')}) % 2147483647) * (bill_0 % 1048573 + 1)`
    const { ctes: chain, last } = writer.chain.write([
      'bill_0',
      'person_0',
      'plan_0',
      ...paid,
      hash,
    ])
    const select = [
      'bill_0 AS bill',
      'person_0 AS person',
      'plan_0 AS plan',
      ...paid.map((sql, k) => `${sql} AS paid_${k + 1}`),
      `${writer.patient} AS patient`,
      `${hash} AS row_hash`,
    ]
    return `${this.#comment()}WITH\n${[...ctes, ...writer.tables, ...chain].join(',\n')}\nSELECT ${select.join(',\n  ')}\nFROM ${last}\n${this.#dialect.closing}`
  }

  #comment(): string {
    const { schemes, from, until, dialect } = this.#request
    const asked = (owner: (each: Question) => boolean) =>
      [...new Set(this.#questions.filter(owner).map(({ attribute }) => attribute.name))].toSorted()
    const ofBill = asked(({ source }) => source === 'bill')
    const ofPerson = asked(({ source }) => source !== 'bill' && source !== 'age')
    return [
      `-- ${schemes.map(({ id }) => id).join(', ')}: bills of ${from} to ${until}, for ${dialect}`,
      `-- bills: bill, person, admitted, discharged, settled, ${[...ofBill, ...NATIVE_COMPONENTS].join(', ')}`,
      `-- persons, one row a cover: person, born, scheme, from, until${ofPerson.map((name) => `, ${name}`).join('')}`,
      '-- A bill that is not among the rows is refused by the rules, or needs what the tables do not hold.',
      '',
    ].join('\n')
  }

  #from(which: 'bills' | 'persons'): string {
    const { from } = this.#request[which]
    return 'table' in from ? from.table : this.#dialect.parquet(from.parquet)
  }

  #has(which: 'bills' | 'persons', column: string): boolean {
    return this.#request[which].columns?.includes(column) ?? true
  }

  #amount(name: string): string {
    return this.#has('bills', name)
      ? `CAST(COALESCE(b.${quote(this.#request.dialect, name)}, 0) AS BIGINT)`
      : 'CAST(0 AS BIGINT)'
  }

  /** Who is covered by what from one day to another, with the answers of the person and of each cover. */
  #people(): string[] {
    const q = (name: string) => quote(this.#request.dialect, name)
    const named = [...this.#publics, ...this.#products]
    const publicly = `scheme_0 <= ${this.#publics.length}`
    const words = this.#questions.flatMap((each, i) =>
      each.source === 'bill' || each.source === 'age' ? [] : [{ each, i }],
    )
    const born = this.#has('persons', 'born')
    const until = this.#has('persons', 'until')
    const schemeAt = `CASE p.${q('scheme')} ${named.map(({ id }, i) => `WHEN '${id}' THEN ${i + 1}`).join(' ')} ELSE 0 END`
    const columns = [
      'CAST(p.person AS BIGINT) AS owner_0',
      `${schemeAt} AS scheme_0`,
      `${day(`p.${q('from')}`)} * 2 AS from_0`,
      until
        ? `CASE WHEN p.${q('until')} IS NULL THEN 99999999 ELSE ${day(`COALESCE(p.${q('until')}, DATE '2000-01-01')`)} * 2 + 1 END AS until_0`
        : 'CAST(99999999 AS BIGINT) AS until_0',
      born
        ? `CASE WHEN p.born IS NULL THEN 0 ELSE ${day(`COALESCE(p.born, DATE '2000-01-01')`)} END AS born_0`
        : 'CAST(0 AS BIGINT) AS born_0',
      ...words.map(({ each, i }) => `${this.#wordDigit(each, 'p')} AS digit_${i}`),
    ]
    const digits = words.map(({ each, i }) => {
      const of =
        each.source === 'person' ||
        (typeof each.source === 'object' && each.source.cover === 'public')
          ? publicly
          : `scheme_0 = ${named.findIndex(({ id }) => typeof each.source === 'object' && each.source.cover === id) + 1}`
      return `MAX(CASE WHEN ${of} AND scheme_0 > 0 THEN digit_${i} ELSE 0 END) AS digit_${i}`
    })
    const held = this.#products.map(
      (_, i) =>
        `MAX(CASE WHEN scheme_0 = ${this.#publics.length + i + 1} THEN 1 ELSE 0 END) AS held_${i}`,
    )
    const variants = this.#variants.map(({ publicAt, products }, v) => {
      const flags = this.#products.map(
        (product, i) => `held_${i} = ${products.includes(product) ? 1 : 0}`,
      )
      return `WHEN ${[`public_0 = ${publicAt + 1}`, ...flags].join(' AND ')} THEN ${v}`
    })
    return [
      `covers AS (SELECT ${columns.join(', ')} FROM ${this.#from('persons')} p)`,
      // A person with two covers of one scheme may have changed standing in mid-period.
      'known AS (SELECT owner_0 AS known_0 FROM covers WHERE scheme_0 > 0 GROUP BY owner_0, scheme_0 HAVING COUNT(*) > 1)',
      'cuts AS (SELECT owner_0, from_0 AS first_0 FROM covers UNION DISTINCT SELECT owner_0, until_0 AS first_0 FROM covers WHERE until_0 < 99999999)',
      'stretches AS (SELECT owner_0, first_0, COALESCE(NULLIF(MIN(first_0) OVER (PARTITION BY owner_0 ORDER BY first_0 ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), 0), 99999999) AS next_0 FROM cuts)',
      `held AS (SELECT t.owner_0 AS owner_0, t.first_0 AS first_0, MAX(t.next_0) AS next_0, MAX(c.born_0) AS born_0, MAX(CASE WHEN ${publicly} THEN scheme_0 ELSE 0 END) AS public_0, ${[...held, ...digits].map((each) => `${each}, `).join('')}SUM(CASE WHEN ${publicly} AND scheme_0 > 0 THEN 1 ELSE 0 END) AS publics_0, SUM(CASE WHEN scheme_0 = 0 THEN 1 ELSE 0 END) AS others_0 FROM stretches t JOIN covers c ON t.owner_0 = c.owner_0 WHERE c.from_0 <= t.first_0 AND t.first_0 < c.until_0 GROUP BY t.owner_0, t.first_0)`,
      `spans AS (SELECT owner_0, first_0, next_0, born_0, ${words.map(({ i }) => `digit_${i}, `).join('')}CASE ${variants.join(' ')} ELSE -1 END AS variant_0 FROM held WHERE publics_0 = 1 AND others_0 = 0 AND owner_0 NOT IN (SELECT known_0 FROM known) AND CASE ${variants.join(' ')} ELSE -1 END >= 0)`,
    ]
  }

  /** The digit of an answer that stands in a column of a table; below zero where it is none of the answers. */
  #wordDigit({ attribute, answers, source }: Question, alias: 'b' | 'p'): string {
    const { name } = attribute
    if (!this.#has(source === 'bill' ? 'bills' : 'persons', name)) return '0'
    const column = `${alias}.${quote(this.#request.dialect, name)}`
    if (attribute.answers === 'number') {
      const cases = answers
        .map((start, i) => `WHEN ${column} >= ${start} THEN ${i + 1}`)
        .toReversed()
      return `CASE WHEN ${column} IS NULL THEN 0 ${cases.join(' ')} ELSE -1 END`
    }
    const text = `COALESCE(CAST(${column} AS ${this.#dialect.text}), '')`
    const other = attribute.answers === 'text' ? answers.length + 1 : -1
    const cases = answers.map(
      (word, i) => `WHEN '${String(word).replaceAll("'", "''")}' THEN ${i + 1}`,
    )
    return `CASE ${text} WHEN '' THEN 0 ${cases.join(' ')} ELSE ${other} END`
  }

  #digitOnBill(question: Question, i: number): string {
    if (question.source !== 'age') return `digit_${i}`
    const age = this.#dialect.divide(`(b.${question.on}_0 - s.born_0)`, '10000')
    const cases = question.answers
      .map((start, k) => `WHEN ${age} >= ${start} THEN ${k + 1}`)
      .toReversed()
    return `CASE WHEN s.born_0 = 0 THEN 0 ${cases.join(' ')} ELSE 0 END`
  }

  /**
   * Tiers by stage: a tier stands after all that may take part in the same bill before it, beside those that never do,
   * and with those that share a limit with it.
   */
  #stages(): CompiledTier[][] {
    const at = new Map<CompiledTier, number>(this.#tiers.map((tier) => [tier, 0]))
    const get = (tier: CompiledTier) => at.get(tier) ?? 0
    const excluded = new Map<string, boolean>()
    const exclude = (a: CompiledTier, b: CompiledTier) => {
      const key = `${a.tier.id} ${b.tier.id}`
      const known = excluded.get(key) ?? this.#exclude(a, b)
      excluded.set(key, known)
      return known
    }
    const pools = new Map<string, CompiledTier[]>()
    for (const tier of this.#tiers)
      for (const pool of poolsOf(tier.tier)) pools.set(pool, [...(pools.get(pool) ?? []), tier])
    for (let round = 0; ; round++) {
      let moved = false
      const raise = (tier: CompiledTier, least: number) => {
        if (get(tier) >= least) return
        at.set(tier, least)
        moved = true
      }
      for (const { tiers } of this.#variants)
        for (const [i, tier] of tiers.entries())
          for (const earlier of tiers.slice(0, i))
            if (!exclude(earlier, tier)) raise(tier, get(earlier) + 1)
      for (const sharing of pools.values()) {
        const most = Math.max(...sharing.map(get))
        for (const tier of sharing) raise(tier, most)
      }
      if (!moved) break
      if (round > this.#tiers.length + 1) {
        const [first] = [...pools.values()].find((each) => each.length > 1)?.[0]
          ? [...pools.values()].filter((each) => each.length > 1)
          : []
        throw new NotSqlError(
          first ? 'shared_pool' : 'order_differs',
          (first?.[0] ?? this.#tiers[0])?.tier.id ?? '',
        )
      }
    }
    const stages: CompiledTier[][] = []
    for (const tier of this.#tiers) {
      const s = get(tier)
      stages[s] = [...(stages[s] ?? []), tier]
    }
    return stages.filter((each) => each !== undefined)
  }

  /** Whether two tiers never take part in one bill. */
  #exclude(a: CompiledTier, b: CompiledTier): boolean {
    if (!this.#variants.some(({ tiers }) => tiers.includes(a) && tiers.includes(b))) return true
    const shared = a.asked
      .filter(
        ({ id, attribute }) =>
          attribute.answers !== 'number' && b.asked.some((each) => each.id === id),
      )
      .map(({ id }) => id)
    if (shared.length === 0) return false
    // A word that one of the two does not name is any other word to it.
    const namedBy = (tier: CompiledTier, id: string) => {
      const i = tier.asked.findIndex((each) => each.id === id)
      return new Set((tier.classes[i] ?? []).map((word) => String(word ?? '')))
    }
    const common = new Map(
      shared.map((id) => {
        const [ofA, ofB] = [namedBy(a, id), namedBy(b, id)]
        const answers = a.asked.find((each) => each.id === id)?.attribute.answers
        const all = typeof answers === 'object' ? Object.keys(answers) : [...ofA, ...ofB, OTHER]
        return [id, { ofA, ofB, all: ['', ...new Set(all)] }] as const
      }),
    )
    const expand = (tier: CompiledTier, which: 'ofA' | 'ofB') =>
      tier.takesPartWith(shared, (id, word) => {
        const known = common.get(id)
        return known?.[which].has(word) ? word : OTHER
      })
    const [withA, withB] = [expand(a, 'ofA'), expand(b, 'ofB')]
    for (const each of withA) {
      const words = each.split('|')
      for (const other of withB) {
        const others = other.split('|')
        const meets = words.every((word, i) => {
          const { ofA, ofB, all } = common.get(shared[i] as string) as NonNullable<
            ReturnType<typeof common.get>
          >
          const theirs = others[i] as string
          return all.some(
            (answer) =>
              (word === OTHER ? !ofA.has(answer) || answer === OTHER : answer === word) &&
              (theirs === OTHER ? !ofB.has(answer) || answer === OTHER : answer === theirs),
          )
        })
        if (meets) return false
      }
    }
    return true
  }

  /** For each case that occurs, the row of each stage, the place of its tier, and the plan. */
  #choices(
    stages: readonly CompiledTier[][],
    editions: readonly { date: GoverningDate; days: readonly PlainDate[] }[],
  ): string[] {
    const ctes: string[] = []
    const variantDigit = `d_${this.#questions.length}`
    const joins: string[] = []
    const columns = ['d.case_0 AS case_0']
    const valid: string[] = []
    const inVariants = (tier: CompiledTier) =>
      this.#variants.flatMap(({ tiers }, v) => (tiers.includes(tier) ? [v] : []))
    for (const [s, tiers] of stages.entries()) {
      const rows: string[] = []
      const places: string[] = []
      const kinds: string[] = []
      const periods = [...new Set(tiers.map(periodSql(this.#dialect.divide)))]
      let offset = 0
      for (const [i, tier] of tiers.entries()) {
        const name = `k_${s + 1}_${i}`
        ctes.push(
          `${name} AS (SELECT * FROM ${this.#dialect.table(
            ['key_0', 'found_0'],
            tier.keys.map((row, key) => [key, row]),
          )})`,
        )
        joins.push(
          `JOIN ${name} ON ${name}.key_0 = CAST(${this.#keySql(tier, editions)} AS BIGINT)`,
        )
        const among = inVariants(tier)
        const here =
          among.length === this.#variants.length
            ? '1 = 1'
            : `d.${variantDigit} IN (${among.join(', ')})`
        valid.push(`(NOT (${here}) OR ${name}.found_0 >= 0)`)
        rows.push(
          `CASE WHEN ${here} AND ${name}.found_0 > 0 THEN ${name}.found_0 + ${offset} ELSE 0 END`,
        )
        const place = (v: number) => (this.#variants[v]?.tiers.indexOf(tier) ?? 0) + 1
        const spots = new Set(among.map(place))
        const spot =
          spots.size === 1
            ? String([...spots][0])
            : `CASE d.${variantDigit} ${among.map((v) => `WHEN ${v} THEN ${place(v)}`).join(' ')} ELSE 0 END`
        places.push(`CASE WHEN ${here} AND ${name}.found_0 > 0 THEN ${spot} ELSE 0 END`)
        kinds.push(
          `CASE WHEN ${here} AND ${name}.found_0 > 0 THEN ${periods.indexOf(periodSql(this.#dialect.divide)(tier))} ELSE 0 END`,
        )
        offset += tier.rows.length
      }
      columns.push(`${rows.join(' + ')} AS row_${s + 1}`, `${places.join(' + ')} AS place_${s + 1}`)
      if (periods.length > 1) columns.push(`${kinds.join(' + ')} AS kind_${s + 1}`)
    }
    const plans = new Map<string, number>()
    const numbers = this.#variants.map(({ publicAt, tiers }, v) => {
      const number = planNumber(
        plans,
        this.#publics[publicAt]?.id ?? '',
        tiers.map(({ tier }) => ({ tier: tier.id })),
      )
      return `WHEN ${v} THEN ${number}`
    })
    columns.push(`CASE d.${variantDigit} ${numbers.join(' ')} ELSE 0 END AS plan_0`)
    ctes.push(
      `chosen AS (SELECT ${columns.join(', ')} FROM cases d ${joins.join(' ')} WHERE ${valid.join(' AND ')})`,
    )
    return ctes
  }

  /** The number under which a tier finds its rules: its edition, and the class of each answer. */
  #keySql(
    tier: CompiledTier,
    editions: readonly { date: GoverningDate; days: readonly PlainDate[] }[],
  ): string {
    const dateAt = editions.findIndex(({ date }) => date === tier.tier.governing)
    const days = editions[dateAt]?.days ?? []
    const editionOf = days.map((day) => tier.editions.findLastIndex((each) => each <= day))
    let key = chosen(`d.d_${this.#questions.length + 1 + dateAt}`, editionOf)
    for (const [i, { id }] of tier.asked.entries()) {
      const at = this.#questions.findIndex((each) => each.id === id)
      const question = this.#questions[at] as Question
      const classes = tier.classes[i] ?? []
      const digits = Array.from({ length: this.#sizeOf(question) }, (_, digit) => {
        if (digit === 0) return 0
        const answer = question.answers[digit - 1]
        if (question.attribute.answers === 'number')
          return classes.findLastIndex(
            (each) => each !== undefined && Number(each) <= Number(answer),
          )
        const found = answer === undefined ? -1 : classes.indexOf(answer)
        return found >= 0 ? found : classes.length - 1
      })
      const digit = chosen(`d.d_${at}`, digits)
      key = key === '0' ? digit : `(${key}) * ${classes.length} + ${digit}`
    }
    return key
  }
}

/** A number by a digit, as a choice among those that are not the commonest. */
function chosen(digit: string, numbers: readonly number[]): string {
  const counts = new Map<number, number>()
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1)
  const [common = 0] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? []
  const cases = numbers.flatMap((each, i) => (each === common ? [] : [`WHEN ${i} THEN ${each}`]))
  return cases.length === 0 ? String(common) : `CASE ${digit} ${cases.join(' ')} ELSE ${common} END`
}

function poolsOf({ deductible, caps, eligibleCap }: InsuranceTier): string[] {
  return [
    ...(deductible?.pool === undefined ? [] : [`met ${deductible.pool}`]),
    ...caps.flatMap(({ pool }) => (pool === undefined ? [] : [`paid ${pool}`])),
    ...(eligibleCap?.pool === undefined ? [] : [`eligible ${eligibleCap.pool}`]),
  ]
}

function stageOf(tiers: readonly CompiledTier[]): SqlStage {
  return { rows: tiers.flatMap(({ rows }) => rows), optional: true }
}

const periodSql =
  (divide: SqlDialect['divide']) =>
  ({ tier }: CompiledTier): string => {
    if (tier.period.kind !== 'year') return '0'
    const starts = Number(tier.period.starts.replace('-', ''))
    return divide(`(b.${tier.governing}_0 - ${starts})`, '10000')
  }

const ymd = (day: PlainDate): number => Number(day.replaceAll('-', ''))
const day = (column: string): string =>
  `CAST(YEAR(${column}) * 10000 + MONTH(${column}) * 100 + DAY(${column}) AS BIGINT)`
const quote = (dialect: DialectName, name: string): string =>
  dialect === 'spark' ? `\`${name}\`` : `"${name}"`
