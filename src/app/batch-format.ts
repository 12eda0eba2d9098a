import { dayNumber, type PlainDate } from '#base/plain-date.ts'
import { NATIVE_COMPONENTS, type NativeComponent } from '#domains/settlement/index.ts'
import type { Attribute, Attributes, Owner, Vocabulary } from '#rulebook/attributes.ts'
import { UsageError } from './exit-codes.ts'

/** A column of a file, as DuckDB describes it. */
export type FileColumn = { readonly name: string; readonly type: string }

/**
 * Words of `attributes.yaml` that a file answers in columns of their own, as one number a row: a digit for each word,
 * 1 where it is not answered. A row with an answer that is none has no number.
 */
export class AnswerCodes {
  readonly #words: readonly {
    readonly name: string
    readonly answers: readonly (string | number)[]
  }[]

  constructor(words: readonly { name: string; answers: readonly (string | number)[] }[]) {
    this.#words = words
  }

  /** How many numbers there may be. */
  get size(): number {
    return this.#words.reduce((size, { answers }) => size * (answers.length + 2), 1)
  }

  /** The number as SQL; below zero where some answer is none. */
  get sql(): string {
    if (this.#words.length === 0) return '0'
    const digits = this.#words.map(
      ({ name, answers }) =>
        `COALESCE(list_position([${['', ...answers].map((each) => text(String(each))).join(', ')}], COALESCE(CAST(${column(name)} AS VARCHAR), '')), 0)`,
    )
    let times = 1
    const terms = digits.map((digit, i) => {
      const term = `${digit} * ${times}`
      times *= (this.#words[i]?.answers.length ?? 0) + 2
      return term
    })
    return `CASE WHEN ${digits.map((digit) => `${digit} = 0`).join(' OR ')} THEN -1 ELSE ${terms.join(' + ')} END`
  }

  /** What each column adds to the number: for a value, or where there is none. Far below zero where it is no answer. */
  get terms(): readonly {
    readonly name: string
    readonly of: (value: string | number | undefined) => number
  }[] {
    let times = 1
    return this.#words.map(({ name, answers }) => {
      const one = times
      times *= answers.length + 2
      const digits = new Map(['', ...answers].map((answer, i) => [String(answer), i + 1]))
      return { name, of: (value) => (digits.get(String(value ?? '')) ?? NO_ANSWER) * one }
    })
  }

  /** The answers behind a number. */
  answersOf(code: number): Attributes {
    const found: Record<string, string | number> = {}
    let left = code
    for (const { name, answers } of this.#words) {
      const digit = left % (answers.length + 2)
      left = Math.floor(left / (answers.length + 2))
      const answer = answers[digit - 2]
      if (answer !== undefined) found[name] = answer
    }
    return found
  }
}

/** Outweighs whatever the other columns of a row add, some millions of them together. */
const NO_ANSWER = -65_536

/** Counts up to here are digits of their own; a larger one goes the general way. */
export const MOST_COUNT = 250

/** The words of a vocabulary that some columns answer, as far as one number can hold them, and those that it cannot. */
export function answerColumns(
  columns: readonly FileColumn[],
  vocabulary: Vocabulary,
  owners: readonly string[],
  most: number,
): { readonly codes: AnswerCodes; readonly apart: readonly string[] } {
  const words: { name: string; answers: (string | number)[] }[] = []
  const apart: string[] = []
  let size = 1
  for (const { name } of columns) {
    const attribute = vocabulary.get(name)
    if (!attribute || !owners.includes(attribute.of)) continue
    const { answers } = attribute
    const list =
      answers === 'text'
        ? undefined
        : answers === 'number'
          ? Array.from({ length: MOST_COUNT + 1 }, (_, n) => n)
          : Object.keys(answers)
    if (list === undefined || size * (list.length + 2) > most) apart.push(name)
    else {
      size *= list.length + 2
      words.push({ name, answers: list })
    }
  }
  return { codes: new AnswerCodes(words), apart }
}

/** The first words that a writer gives columns: those by which most rules tell bills and persons apart. */
const FIRST_WORDS = ['medical', 'level', 'disease', 'class', 'category', 'sex']

/** The words of a vocabulary that one number can hold, so that columns of them keep a row out of the general way. */
export function wordsInColumns(vocabulary: Vocabulary, owner: Owner): readonly string[] {
  // Numbers go last: a digit for each of them would leave no room for the others.
  const rank = ({ name, answers }: Attribute) =>
    FIRST_WORDS.includes(name) ? 0 : answers === 'number' ? 2 : 1
  const columns = [...vocabulary.values()]
    .filter(({ of, answers }) => of === owner && answers !== 'text')
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ name }) => ({ name, type: 'VARCHAR' }))
  const most = owner === 'bill' ? MOST_ANSWERS : MOST_PERSON_ANSWERS
  const { apart } = answerColumns(columns, vocabulary, [owner], most)
  return columns.map(({ name }) => name).filter((name) => !apart.includes(name))
}

export const column = (name: string): string => `"${name.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

const INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT']
const LONG_INTEGERS = [...INTEGERS, 'UINTEGER', 'BIGINT']

/** A day, or one before all days where there is none. */
const NO_DAY = "DATE '1900-01-01'"
const dayOf = ({ name, type }: FileColumn): string =>
  type === 'DATE'
    ? `COALESCE(${column(name)}, ${NO_DAY})`
    : `COALESCE(TRY_CAST(${column(name)} AS DATE), ${NO_DAY})`

/** Whole fen as 32 bits; below zero where the value is none, or does not fit. */
function fenOf({ name, type }: FileColumn): string {
  const value = column(name)
  if (INTEGERS.includes(type)) return `COALESCE(CAST(${value} AS INTEGER), 0)`
  if (LONG_INTEGERS.includes(type))
    return `CASE WHEN ${value} IS NULL THEN 0 ELSE COALESCE(TRY_CAST(${value} AS INTEGER), -1) END`
  return `CASE WHEN ${value} IS NULL THEN 0 WHEN TRY_CAST(${value} AS DOUBLE) = floor(TRY_CAST(${value} AS DOUBLE)) THEN COALESCE(TRY_CAST(TRY_CAST(${value} AS DOUBLE) AS INTEGER), -1) ELSE -1 END`
}

/** How the rows of bill files are read: what SQL to ask, and what stands where in the answer. */
export type BillFormat = {
  readonly sql: string
  readonly ids: 'number' | 'text'
  readonly personIds: 'number' | 'text'
  readonly parts: readonly NativeComponent[]
  readonly codes: AnswerCodes
  /** Columns that nothing of a settlement asks. */
  readonly unread: readonly string[]
  /** What a file needs to be read without DuckDB; nothing where these columns cannot be. */
  readonly plain: PlainFormat | undefined
}

/** A file whose rows are days, whole numbers and words alone. */
export type PlainFormat = {
  /** Columns that a row for columns leaves empty. */
  readonly empty: readonly string[]
  /** Whether the parts have to add up to a column of their own. */
  readonly total: boolean
}

/** Columns of a bill beside its answers and parts; a row that fills one of these goes the general way. */
const APART = [
  'stay',
  'transferFrom',
  'placeOfCare',
  'diagnosisCode',
  'diagnosisName',
  'cause',
  'thirdPartyShare',
  'thirdPartyAdvance',
  'days',
  'events',
  'lines',
  'body',
  'kept',
]

/** The days of a bill, as the query for it names them. */
const DAYS = ['admitted', 'discharged', 'settled'] as const

/** Sixteen bits hold a row's answers, and the days between its three dates. */
const MOST_ANSWERS = 65_000
const MOST_DAYS = 65_000
const FIRST_DAY = '1970-01-02'
const LAST_DAY = '2149-01-01'
/** Thirty bits hold what is answered of a person, and as many of a cover. */
const MOST_PERSON_ANSWERS = 2 ** 30

/**
 * The plan to read bill files by. A row that columns cannot hold, for whatever reason, has answers below zero and comes
 * with the whole of itself as JSON.
 */
export function billFormat(columns: readonly FileColumn[], vocabulary: Vocabulary): BillFormat {
  const named = new Map(columns.map((each) => [each.name, each]))
  const body = named.has('body') || named.has('kept')
  const required = body
    ? ['bill', 'person', 'settled']
    : ['bill', 'person', 'admitted', 'discharged', 'settled']
  for (const name of required) if (!named.has(name)) throw missingColumn('--bills', name)
  const { codes, apart } = answerColumns(columns, vocabulary, ['bill'], MOST_ANSWERS)
  const parts = NATIVE_COMPONENTS.filter((name) => named.has(name))
  if (parts.length === 0 && !body) throw missingColumn('--bills', 'inScope')
  const of = (name: string) => named.get(name) ?? { name, type: 'DATE' }
  const day = (name: string) => (named.has(name) ? dayOf(of(name)) : dayOf(of('settled')))
  const amounts = parts.map((name) => fenOf(of(name)))
  const filled = [...APART, ...apart].filter((name) => named.has(name))
  const ids = idKind(of('bill'))
  const personIds = idKind(of('person'))
  const need = [
    'answers < 0',
    `admitted < DATE '${FIRST_DAY}' OR settled < DATE '${FIRST_DAY}' OR settled > DATE '${LAST_DAY}'`,
    `discharged < admitted OR settled < discharged OR settled - admitted > ${MOST_DAYS}`,
    ...parts.map((_, i) => `part${i} < 0`),
    ...filled.map((name) => `${column(name)} IS NOT NULL`),
    ...(ids === 'text' ? [] : ['bill_id IS NULL']),
    ...(personIds === 'text' ? [] : ['person_id < 0']),
    ...(named.has('total') && parts.length > 0
      ? [
          `${column('total')} IS DISTINCT FROM ${parts.map((_, i) => `CAST(part${i} AS BIGINT)`).join(' + ')}`,
        ]
      : []),
  ]
  const raw = columns.map(({ name }) => `${column(name)} := ${column(name)}`).join(', ')
  const sql = `SELECT ${ids === 'text' ? 'bill_id' : 'COALESCE(bill_id, -1) AS bill_id'}, person_id, admitted, discharged, settled,
    CASE WHEN need THEN -1 ELSE answers END::INTEGER AS answers,
    ${parts.map((_, i) => `part${i}, `).join('')}
    CASE WHEN need THEN CAST(to_json(row_itself) AS VARCHAR) END AS itself
    FROM (SELECT *, (${need.join(' OR ')}) AS need FROM (SELECT
      ${ids === 'text' ? 'CAST("bill" AS VARCHAR)' : 'CAST("bill" AS DOUBLE)'} AS bill_id,
      ${personIds === 'text' ? 'CAST("person" AS VARCHAR)' : 'COALESCE(TRY_CAST("person" AS INTEGER), -1)'} AS person_id,
      ${day('admitted')} AS admitted, ${day('discharged')} AS discharged, ${day('settled')} AS settled,
      ${codes.sql} AS answers,
      ${amounts.map((sql, i) => `${sql} AS part${i}, `).join('')}
      ${filled.map((name) => `${column(name)}, `).join('')}
      ${named.has('total') ? '"total", ' : ''}
      struct_pack(${raw}) AS row_itself
      FROM `
  const read = new Set<string>([
    ...required,
    ...parts,
    ...filled,
    'total',
    ...columns.map(({ name }) => name).filter((name) => vocabulary.get(name)?.of === 'bill'),
  ])
  const unread = columns.map(({ name }) => name).filter((name) => !read.has(name))
  const plain =
    !body &&
    ids === 'number' &&
    personIds === 'number' &&
    DAYS.every((name) => of(name).type === 'DATE')
      ? { empty: filled, total: named.has('total') }
      : undefined
  return { sql, ids, personIds, parts, codes, unread, plain }
}

/** Whether the days of a row are such as columns hold: what the query asks of a row, of its numbers. */
export function daysFit(admitted: number, discharged: number, settled: number): boolean {
  return (
    admitted >= FIRST_DAY_NUMBER &&
    settled <= LAST_DAY_NUMBER &&
    admitted <= discharged &&
    discharged <= settled &&
    settled - admitted <= MOST_DAYS
  )
}
const FIRST_DAY_NUMBER = dayNumber(FIRST_DAY as PlainDate)
const LAST_DAY_NUMBER = dayNumber(LAST_DAY as PlainDate)

/** The query for the rows of some files. */
export const billQuery = ({ sql }: BillFormat, files: string): string => `${sql}${files}))`

const idKind = ({ type }: FileColumn): 'number' | 'text' =>
  LONG_INTEGERS.includes(type) ? 'number' : 'text'

export function missingColumn(option: string, name: string): UsageError {
  return new UsageError({
    zh: `${option} 的文件缺少列 ${name}；docs/formats.md 列出全部列`,
    en: `the files of ${option} have no column ${name}; docs/formats.md lists the columns`,
  })
}

/** How the rows of person files are read. */
export type PersonFormat = {
  readonly sql: string
  readonly ids: 'number' | 'text'
  readonly personCodes: AnswerCodes
  readonly coverCodes: AnswerCodes
  readonly unread: readonly string[]
}

const PERSON_APART = [
  'conditions',
  'newborn',
  'attributes',
  'registrations',
  'certificates',
  'accounts',
  'totals',
  'body',
  'kept',
]

/** The plan to read person files by; what columns cannot hold comes as JSON, like a bill's. */
export function personFormat(
  columns: readonly FileColumn[],
  vocabulary: Vocabulary,
  schemes: readonly string[],
): PersonFormat {
  const named = new Map(columns.map((each) => [each.name, each]))
  const body = named.has('body') || named.has('kept')
  for (const name of body ? ['person'] : ['person', 'scheme', 'from'])
    if (!named.has(name)) throw missingColumn('--persons', name)
  const persons = answerColumns(columns, vocabulary, ['person'], MOST_PERSON_ANSWERS)
  const covers = answerColumns(columns, vocabulary, ['cover'], MOST_PERSON_ANSWERS)
  const filled = [...PERSON_APART, ...persons.apart, ...covers.apart].filter((name) =>
    named.has(name),
  )
  const ids = idKind(named.get('person') ?? { name: 'person', type: 'VARCHAR' })
  const day = (name: string) => {
    const found = named.get(name)
    return found ? dayOf(found) : NO_DAY
  }
  const bad = (name: string) =>
    named.has(name) ? [`(${column(name)} IS NOT NULL AND ${day(name)} = ${NO_DAY})`] : []
  const need = [
    'person_answers < 0',
    'cover_answers < 0',
    'scheme_at = 0',
    `starts = ${NO_DAY}`,
    "(ends <> DATE '1900-01-01' AND ends < starts)",
    ...bad('born'),
    ...bad('until'),
    ...filled.map((name) => `${column(name)} IS NOT NULL`),
  ]
  const raw = columns.map(({ name }) => `${column(name)} := ${column(name)}`).join(', ')
  const list = `[${schemes.map(text).join(', ')}]`
  const sql = `SELECT person_id, born_on, person_answers::INTEGER AS person_answers, cover_answers::INTEGER AS cover_answers,
    CASE WHEN need THEN 0 ELSE scheme_at END::INTEGER AS scheme_at, starts, ends,
    CASE WHEN need THEN CAST(to_json(row_itself) AS VARCHAR) END AS itself
    FROM (SELECT *, (${need.join(' OR ')}) AS need FROM (SELECT
      ${ids === 'text' ? 'CAST("person" AS VARCHAR)' : 'COALESCE(TRY_CAST("person" AS INTEGER), -1)'} AS person_id,
      ${day('born')} AS born_on, ${day('from')} AS starts, ${day('until')} AS ends,
      ${persons.codes.sql} AS person_answers, ${covers.codes.sql} AS cover_answers,
      ${named.has('scheme') ? `COALESCE(list_position(${list}, CAST("scheme" AS VARCHAR)), 0)` : '0'} AS scheme_at,
      ${filled.map((name) => `${column(name)}, `).join('')}
      ${named.has('until') ? '"until", ' : ''}${named.has('born') ? '"born", ' : ''}
      struct_pack(${raw}) AS row_itself
      FROM `
  const words = columns
    .map(({ name }) => name)
    .filter((name) => {
      const attribute = vocabulary.get(name)
      return attribute?.of === 'person' || attribute?.of === 'cover'
    })
  const read = new Set(['person', 'born', 'scheme', 'from', 'until', ...filled, ...words])
  const unread = columns.map(({ name }) => name).filter((name) => !read.has(name))
  return { sql, ids, personCodes: persons.codes, coverCodes: covers.codes, unread }
}

export const personQuery = ({ sql }: PersonFormat, files: string): string => `${sql}${files}))`
