import { join } from 'node:path'
import { FEWEST, hiddenRows } from '#domains/pricing/index.ts'
import type { FundTotal, Title } from '#domains/settlement/index.ts'
import { type ColumnFiles, quote } from '#platform/columns.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { type Batch, columnsOf, type Summary, sourceOf } from './batch-command.ts'
import { column } from './batch-format.ts'

/** What one fund pays in one period under both rules, in fen. */
export type FundRow = Pick<FundTotal, 'scheme' | 'tier' | 'payer' | 'period'> & {
  readonly before: number
  readonly after: number
}

/**
 * Persons of one group: how many gain and lose, and what they bear under both rules, in fen. A count that would tell of
 * too few persons is null.
 */
export type GroupRow = {
  readonly group: string
  readonly persons: number
  readonly gain: number | null
  readonly lose: number | null
  readonly before: number
  readonly after: number
}

/** A table of groups. A row that would tell of too few persons is hidden: it has its name alone. */
export type GroupTable = {
  readonly by: keyof typeof GROUPS
  readonly rows: readonly (GroupRow | { readonly group: string; readonly hidden: true })[]
}

/** What a draft changes. Amounts in fen; shares of the whole burden as fractions. */
export type Comparison = {
  readonly bills: Moved
  readonly refused: Moved
  readonly patient: Moved
  readonly funds: readonly FundRow[]
  readonly groups: readonly GroupTable[]
  /** Tenths of all persons in the order of what they bear, lightest first: what part of all is theirs. */
  readonly lorenz: { readonly before: readonly number[]; readonly after: readonly number[] }
  readonly gini: Moved
  /** Households that bear more than 40 % of what they can pay; nothing where that was not said. */
  readonly catastrophic: Catastrophic | undefined
  /** What care would cost more, or less, if its price to patients moved how much of it they take; if that was assumed. */
  readonly induced: Induced | undefined
}
/** Whole fen, and who would bear them at the shares of the draft. */
export type Induced = { readonly cost: number; readonly funds: number; readonly patients: number }
export type Moved = { readonly before: number; readonly after: number }
export type Catastrophic = Moved & {
  readonly households: number
  /** Above the line under the draft alone, and no longer above it; null for too few to be told. */
  readonly entering: number | null
  readonly leaving: number | null
}

/** By what persons are told apart. */
export const GROUPS = {
  class: { zh: '人员类别', en: 'Class' },
  category: { zh: '救助身份', en: 'Category' },
  sex: { zh: '性别', en: 'Sex' },
  age: { zh: '年龄', en: 'Age' },
  level: { zh: '医院级别', en: 'Hospital level' },
  burden: { zh: '原个人负担（元）', en: 'Borne before (yuan)' },
} as const satisfies Record<string, Title>

/** Household out-of-pocket above this share of what it can pay is catastrophic: WHO, 2005 (40 %). */
const CATASTROPHIC = 0.4

export type Side = { readonly out: string; readonly summary: Summary }

/**
 * Compares two settlements of the same bills. `capacity` is what one member of a household can pay in a year beside
 * what they need to live, in fen; `elasticity` says by how many per cent care grows where its price to a patient falls by one.
 */
export async function compare(
  files: ColumnFiles,
  batch: Pick<Batch, 'bills' | 'persons'>,
  [before, after]: readonly [Side, Side],
  {
    year,
    capacity,
    elasticity,
    vocabulary,
  }: {
    readonly year: number
    readonly capacity: number | undefined
    readonly elasticity: number | undefined
    readonly vocabulary: Vocabulary
  },
): Promise<Comparison> {
  const persons = new Set((await columnsOf(files, 'persons', batch.persons)).map(nameOf))
  const bills = new Set((await columnsOf(files, 'bills', batch.bills)).map(nameOf))
  const results = (side: Side, kind: 'persons' | 'bills') =>
    `read_parquet(${quote(join(side.out, kind, '*.parquet'))}, union_by_name = true)`
  const text = (name: string) =>
    persons.has(name) ? `CAST(any_value(${column(name)}) AS VARCHAR)` : 'NULL'
  const age = persons.has('born')
    ? `${year} - CAST(year(TRY_CAST(any_value("born") AS DATE)) AS INTEGER)`
    : 'NULL'
  await files.rows(`CREATE OR REPLACE TEMP TABLE people AS
    SELECT p.*, COALESCE(b.patient, 0) AS before, COALESCE(a.patient, 0) AS after, COALESCE(a.cost, 0) AS cost
      FROM (SELECT CAST("person" AS VARCHAR) AS person, ${text('class')} AS class, ${text('category')} AS category,
                   ${text('sex')} AS sex, ${age} AS age, ${text('household')} AS household
              FROM ${sourceOf(batch.persons)} GROUP BY 1) p
      LEFT JOIN (SELECT CAST(person AS VARCHAR) AS person, patient FROM ${results(before, 'persons')}) b USING (person)
      LEFT JOIN (SELECT CAST(person AS VARCHAR) AS person, patient, cost FROM ${results(after, 'persons')}) a USING (person)`)
  const groups: GroupTable[] = []
  for (const by of Object.keys(GROUPS) as (keyof typeof GROUPS)[]) {
    if (by === 'level') {
      if (!bills.has('level')) continue
      await files.rows(`CREATE OR REPLACE TEMP TABLE levels AS
        SELECT l.level AS band, ${rankOf('level', vocabulary)} AS rank, l.person, sum(b.patient) AS before, sum(a.patient) AS after
          FROM (SELECT CAST("bill" AS VARCHAR) AS bill, CAST("person" AS VARCHAR) AS person,
                       CAST("level" AS VARCHAR) AS level FROM ${sourceOf(batch.bills)}) l
          JOIN (SELECT CAST(bill AS VARCHAR) AS bill, patient FROM ${results(before, 'bills')}) b USING (bill)
          JOIN (SELECT CAST(bill AS VARCHAR) AS bill, patient FROM ${results(after, 'bills')}) a USING (bill)
         GROUP BY ALL`)
      groups.push(await groupTable(files, by, 'levels'))
      continue
    }
    if (
      (by === 'age' && !persons.has('born')) ||
      (by !== 'age' && by !== 'burden' && !persons.has(by))
    )
      continue
    await files.rows(`CREATE OR REPLACE TEMP VIEW banded AS
      SELECT ${BANDS[by] ?? `COALESCE(${by}, '')`} AS band, ${RANKS[by] ?? rankOf(by, vocabulary)} AS rank, person, before, after FROM people`)
    groups.push(await groupTable(files, by, 'banded'))
  }
  return {
    bills: { before: before.summary.tally.settled, after: after.summary.tally.settled },
    refused: { before: before.summary.tally.refused, after: after.summary.tally.refused },
    patient: { before: before.summary.tally.patient, after: after.summary.tally.patient },
    funds: fundRows(before.summary.funds, after.summary.funds),
    groups,
    lorenz: { before: await tenths(files, 'before'), after: await tenths(files, 'after') },
    gini: { before: await gini(files, 'before'), after: await gini(files, 'after') },
    catastrophic:
      capacity === undefined || !persons.has('household')
        ? undefined
        : await catastrophic(files, capacity * CATASTROPHIC),
    induced: elasticity === undefined ? undefined : await induced(files, elasticity),
  }
}

const nameOf = ({ name }: { readonly name: string }): string => name

const AGES = [18, 45, 60, 75]
/** Upper ends of what persons bear, in yuan. */
const BURDENS = [0, 1_000, 5_000, 20_000, 50_000]
const banded = (
  value: string,
  ends: readonly number[],
  name: (i: number) => string,
  below: '<' | '<=',
): string =>
  `CASE ${ends.map((end, i) => `WHEN ${value} ${below} ${end} THEN ${name(i)}`).join(' ')} ELSE ${name(ends.length)} END`
const ageName = (i: number): string =>
  i === AGES.length
    ? `'${AGES.at(-1)}+'`
    : `'${i === 0 ? 0 : AGES[i - 1]}–${(AGES[i] as number) - 1}'`
const burdenName = (i: number): string => {
  if (i === 0) return `'0'`
  return i === BURDENS.length ? `'> ${BURDENS.at(-1)}'` : `'≤ ${BURDENS[i]}'`
}
const BANDS: Partial<Record<keyof typeof GROUPS, string>> = {
  age: banded('age', AGES, ageName, '<'),
  burden: banded('before / 100', BURDENS, burdenName, '<='),
}
const RANKS: Partial<Record<keyof typeof GROUPS, string>> = {
  age: banded('age', AGES, String, '<'),
  burden: banded('before / 100', BURDENS, String, '<='),
}

/** Where an answer stands among those that the vocabulary knows. */
function rankOf(name: string, vocabulary: Vocabulary): string {
  const answers = vocabulary.get(name)?.answers
  const known = typeof answers === 'object' ? Object.keys(answers) : []
  return `list_position([${known.map(quote).join(', ')}]::VARCHAR[], ${name})`
}

async function groupTable(
  files: ColumnFiles,
  by: keyof typeof GROUPS,
  table: string,
): Promise<GroupTable> {
  const found = await files.rows(`SELECT band, count(*)::DOUBLE AS persons,
      count(*) FILTER (after < before)::DOUBLE AS gain, count(*) FILTER (after > before)::DOUBLE AS lose,
      sum(before)::DOUBLE AS before, sum(after)::DOUBLE AS after
    FROM ${table} GROUP BY band ORDER BY min(rank), band`)
  const rows = found.map((row) => ({
    group: String(row.band),
    persons: Number(row.persons),
    gain: Number(row.gain),
    lose: Number(row.lose),
    before: Number(row.before),
    after: Number(row.after),
  }))
  const hidden = hiddenRows(rows.map(({ persons }) => persons))
  return {
    by,
    rows: rows.map((row, i) =>
      hidden.has(i) ? { group: row.group, hidden: true } : discreet(row),
    ),
  }
}

const told = (count: number | null): number | null =>
  count !== null && count > 0 && count < FEWEST ? null : count

function discreet(row: GroupRow): GroupRow {
  return { ...row, gain: told(row.gain), lose: told(row.lose) }
}

function fundRows(before: readonly FundTotal[], after: readonly FundTotal[]): FundRow[] {
  const rows = new Map<string, FundRow>()
  const add = ({ scheme, tier, payer, period, paid }: FundTotal, side: keyof Moved) => {
    const key = [scheme, tier, payer, period].join('\n')
    const known = rows.get(key) ?? { scheme, tier, payer, period, before: 0, after: 0 }
    rows.set(key, { ...known, [side]: known[side] + paid })
  }
  for (const each of before) add(each, 'before')
  for (const each of after) add(each, 'after')
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

async function tenths(files: ColumnFiles, side: keyof Moved): Promise<number[]> {
  const rows = await files.rows(`SELECT tenth, sum(burden)::DOUBLE AS burden FROM
      (SELECT ${side} AS burden, ntile(10) OVER (ORDER BY ${side}, person) AS tenth FROM people) GROUP BY 1 ORDER BY 1`)
  const amounts = rows.map(({ burden }) => Number(burden))
  const all = amounts.reduce((sum, each) => sum + each, 0)
  return amounts.map((each) => (all === 0 ? 0 : rounded(each / all)))
}

/** 0 where everybody bears the same, towards 1 where one person bears everything. */
async function gini(files: ColumnFiles, side: keyof Moved): Promise<number> {
  const [row] = await files.rows(`SELECT count(*)::DOUBLE AS n, sum(burden)::DOUBLE AS whole,
      sum(place::HUGEINT * burden)::DOUBLE AS weighed
    FROM (SELECT ${side} AS burden, row_number() OVER (ORDER BY ${side}, person) AS place FROM people)`)
  const [n, all, weighed] = [Number(row?.n), Number(row?.whole), Number(row?.weighed)]
  return all > 0 ? rounded((2 * weighed) / (n * all) - (n + 1) / n) : 0
}

const rounded = (share: number): number => Math.round(share * 1e6) / 1e6

async function catastrophic(files: ColumnFiles, line: number): Promise<Catastrophic> {
  const [row] =
    await files.rows(`SELECT count(*)::DOUBLE AS households, count(*) FILTER (was)::DOUBLE AS before,
      count(*) FILTER (becomes)::DOUBLE AS after, count(*) FILTER (becomes AND NOT was)::DOUBLE AS entering,
      count(*) FILTER (was AND NOT becomes)::DOUBLE AS leaving
    FROM (SELECT sum(before) > ${line} * count(*) AS was, sum(after) > ${line} * count(*) AS becomes
            FROM people GROUP BY household)`)
  const of = (name: string) => Number(row?.[name])
  return {
    households: of('households'),
    before: of('before'),
    after: of('after'),
    entering: told(of('entering')),
    leaving: told(of('leaving')),
  }
}

/** Each person by their own price, which is what they bear of their year; who bears nothing has none. */
async function induced(files: ColumnFiles, elasticity: number): Promise<Induced> {
  const [row] =
    await files.rows(`SELECT round(sum(more))::DOUBLE AS cost, round(sum(more * after / cost))::DOUBLE AS patients
    FROM (SELECT after, cost, cost::DOUBLE * ${elasticity} * (before - after) / before AS more
            FROM people WHERE before > 0 AND cost > 0 AND before <> after ORDER BY person)`)
  const [cost, patients] = [Number(row?.cost ?? 0), Number(row?.patients ?? 0)]
  return { cost, funds: cost - patients, patients }
}
