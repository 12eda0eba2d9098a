import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CapRow,
  type Catastrophic,
  type Comparison,
  type Counted,
  type Crossing,
  FEWEST,
  type FundRow,
  GROUPS,
  type Grouping,
  type GroupTable,
  hiddenRows,
  type Induced,
  type Moved,
  toldCounts,
  toldCrossing,
  tooFew,
} from '#domains/pricing/index.ts'
import { capBit, type FundTotal } from '#domains/settlement/index.ts'
import { type ColumnFiles, quote } from '#platform/columns.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { type Batch, columnsOf, type Summary } from './batch-command.ts'
import { column, type FileColumn } from './batch-format.ts'
import { sourceOf } from './batch-source.ts'
import { UsageError } from './exit-codes.ts'

/** Household out-of-pocket above this share of what it can pay is catastrophic: WHO, 2005 (40 %). */
const CATASTROPHIC = 0.4
const TENTHS = 10

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
  const billColumns = await columnsOf(files, 'bills', batch.bills)
  const bills = new Set(billColumns.map(nameOf))
  // Numbers are joined as numbers: as texts the bills of a province take minutes.
  const [bill = 'VARCHAR', who = 'VARCHAR'] = ['bill', 'person'].map((name) =>
    billColumns.some((each) => each.name === name && isWhole(each)) ? 'BIGINT' : 'VARCHAR',
  )
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
  const everybody = await countPeople(files)
  const groups: GroupTable[] = []
  for (const by of Object.keys(GROUPS) as Grouping[]) {
    if (by === 'level') {
      if (!bills.has('level')) continue
      // The same for every draft that is held against this baseline on these files.
      await files.rows(`CREATE TEMP TABLE IF NOT EXISTS settled_before AS
        SELECT bill, person, level, patient AS before
          FROM (SELECT CAST("bill" AS ${bill}) AS bill, CAST("person" AS ${who}) AS person,
                       CAST("level" AS VARCHAR) AS level FROM ${sourceOf(batch.bills)})
          JOIN (SELECT CAST(bill AS ${bill}) AS bill, patient FROM ${results(before, 'bills')}) USING (bill)`)
      await files.rows(`CREATE OR REPLACE TEMP TABLE levels AS
        SELECT level AS band, ${rankOf('level', vocabulary)} AS rank, person, sum(before) AS before, sum(after) AS after
          FROM settled_before
          JOIN (SELECT CAST(bill AS ${bill}) AS bill, patient AS after FROM ${results(after, 'bills')}) USING (bill)
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
    refused: {
      before: told(before.summary.tally.refused),
      after: told(after.summary.tally.refused),
    },
    patient: { before: before.summary.tally.patient, after: after.summary.tally.patient },
    paid: { before: paidIn(before), after: paidIn(after) },
    funds: await fundRows(files, before, after, results),
    caps: await capRows(files, before, after, results),
    groups,
    lorenz:
      everybody < TENTHS * FEWEST
        ? undefined
        : { before: await tenths(files, 'before'), after: await tenths(files, 'after') },
    gini: { before: await gini(files, 'before'), after: await gini(files, 'after') },
    catastrophic:
      capacity === undefined || !persons.has('household')
        ? undefined
        : await catastrophic(files, capacity * CATASTROPHIC),
    induced: elasticity === undefined ? undefined : await induced(files, elasticity),
  }
}

/** Whether a column is of whole numbers. */
const isWhole = ({ type }: FileColumn): boolean => /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type)
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
const BANDS: Partial<Record<Grouping, string>> = {
  age: banded('age', AGES, ageName, '<'),
  burden: banded('before / 100', BURDENS, burdenName, '<='),
}
const RANKS: Partial<Record<Grouping, string>> = {
  age: banded('age', AGES, String, '<'),
  burden: banded('before / 100', BURDENS, String, '<='),
}

/** Where an answer stands among those that the vocabulary knows. */
function rankOf(name: string, vocabulary: Vocabulary): string {
  const answers = vocabulary.get(name)?.answers
  const known = typeof answers === 'object' ? Object.keys(answers) : []
  return `list_position([${known.map(quote).join(', ')}]::VARCHAR[], ${name})`
}

async function groupTable(files: ColumnFiles, by: Grouping, table: string): Promise<GroupTable> {
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
  const hidden = hiddenRows(
    rows.map(({ persons, gain, lose }) => ({ persons, changed: gain + lose })),
  )
  const gain = toldCounts(
    rows.map((row) => row.gain),
    hidden,
  )
  const lose = toldCounts(
    rows.map((row) => row.lose),
    hidden,
  )
  return {
    by,
    rows: rows.map((row, i) =>
      hidden.has(i)
        ? { group: row.group, hidden: true }
        : { ...row, gain: gain[i] ?? null, lose: lose[i] ?? null },
    ),
  }
}

const told = (count: number): number | null => (tooFew(count) ? null : count)

/** How many persons there are. A draft that moves what a few bear would tell of them by its totals alone. */
async function countPeople(files: ColumnFiles): Promise<number> {
  const [row] = await files.rows(
    'SELECT count(*)::DOUBLE AS persons, count(*) FILTER (before <> after)::DOUBLE AS changed FROM people',
  )
  if (tooFew(Number(row?.changed)))
    throw new UsageError({
      zh: `草案改变负担的不足 ${FEWEST} 人：总数即会透露个人，不出报告`,
      en: `the draft changes what fewer than ${FEWEST} persons bear: totals alone would tell of them, so nothing is reported`,
    })
  return Number(row?.persons)
}

/** Of how many persons one side says that they bear something else than the other says. */
export async function countChanged(files: ColumnFiles, before: Side, after: Side): Promise<number> {
  const persons = ({ out }: Side) => `read_parquet(${quote(join(out, 'persons', '*.parquet'))})`
  const [row] = await files.rows(
    `SELECT count(*)::DOUBLE AS changed FROM ${persons(before)} b FULL JOIN ${persons(after)} a USING (person)
      WHERE a.patient IS DISTINCT FROM b.patient`,
  )
  return Number(row?.changed)
}

const paidIn = ({ summary }: Side): number => summary.funds.reduce((sum, { paid }) => sum + paid, 0)

type Paid = Omit<FundTotal, 'payments' | 'paid'> & {
  readonly before: number
  readonly after: number
  /** Payments under either rules of a side that makes so few that they could tell of somebody. */
  readonly few: boolean
  readonly most: number
}

async function fundRows(
  files: ColumnFiles,
  before: Side,
  after: Side,
  results: (side: Side, kind: 'bills') => string,
): Promise<FundRow[]> {
  const rows = new Map<string, Paid>()
  const add = (total: FundTotal, side: keyof Moved) => {
    const { scheme, tier, payer, period, payments, paid } = total
    const key = [scheme, tier, payer, period].join('\n')
    const known = rows.get(key) ?? {
      ...{ scheme, tier, payer, period, before: 0, after: 0, few: false, most: 0 },
    }
    const few = known.few || tooFew(payments)
    const most = Math.max(known.most, payments)
    rows.set(key, { ...known, [side]: known[side] + paid, few, most })
  }
  for (const each of before.summary.funds) add(each, 'before')
  for (const each of after.summary.funds) add(each, 'after')
  const list = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  const doubtful = list.filter((row) => row.before !== row.after || row.most < SURELY_MANY)
  const counts = await countPaid(files, before, after, results, doubtful)
  const counted = list.map((row): Counted => {
    const { persons, changed } = counts.get(tierKey(row)) ?? { persons: row.most, changed: 0 }
    return {
      persons: row.few ? 1 : persons,
      changed: row.before === row.after ? 0 : changed,
    }
  })
  const hidden = hiddenRows(counted)
  return list.map(({ scheme, tier, payer, period, before, after }, i) => ({
    ...{ scheme, tier, payer, period },
    ...(hidden.has(i) ? { hidden: true } : { before, after }),
  }))
}

/** So many payments of a year are never those of nine persons. */
const SURELY_MANY = 10_000
const tierKey = ({ scheme, tier }: Pick<Paid, 'scheme' | 'tier'>): string => `${scheme} ${tier}`

/** How many persons some tiers pay for under either rules, and for how many they pay something else. */
async function countPaid(
  files: ColumnFiles,
  before: Side,
  after: Side,
  results: (side: Side, kind: 'bills') => string,
  asked: readonly Paid[],
): Promise<ReadonlyMap<string, Counted>> {
  const tiers = [...new Set(asked.map(tierKey))]
  const parts: string[] = []
  for (const [side, name] of [
    [before, 'before'],
    [after, 'after'],
  ] as const) {
    const plans = plansOf(side)
    const most = Math.max(0, ...Object.values(plans).map((plan) => plan.tiers.length))
    for (let t = 0; t < most; t++) {
      const paying = Object.entries(plans).flatMap(([number, plan]) => {
        const at = tiers.indexOf(tierKey({ scheme: plan.scheme, tier: plan.tiers[t] ?? '' }))
        return at < 0 ? [] : [`(${number}, ${at})`]
      })
      if (paying.length === 0) continue
      const paid = `paid_${t + 1}`
      parts.push(`SELECT fund, person, ${name === 'before' ? `${paid} AS before, 0 AS after` : `0 AS before, ${paid} AS after`}
        FROM ${results(side, 'bills')} JOIN (VALUES ${paying.join(', ')}) paying(plan, fund) USING (plan) WHERE ${paid} > 0`)
    }
  }
  if (parts.length === 0) return new Map()
  const rows =
    await files.rows(`SELECT fund, count(*)::DOUBLE AS persons, count(*) FILTER (before <> after)::DOUBLE AS changed
    FROM (SELECT fund, person, sum(before) AS before, sum(after) AS after FROM (${parts.join(' UNION ALL ')}) GROUP BY ALL) GROUP BY fund`)
  return new Map(
    rows.map(({ fund, persons, changed }) => [
      tiers[Number(fund)] ?? '',
      { persons: Number(persons), changed: Number(changed) },
    ]),
  )
}

/** Persons who reach a cap of a tier under one of the rules, by the bits that their bills carry. */
async function capRows(
  files: ColumnFiles,
  before: Side,
  after: Side,
  results: (side: Side, kind: 'bills') => string,
): Promise<CapRow[]> {
  const tiers: { readonly scheme: string; readonly tier: string }[] = []
  const parts = ([before, after] as const).flatMap((side, s) =>
    Object.entries(plansOf(side)).flatMap(([number, { scheme, tiers: own }]) =>
      own.map((tier, place) => {
        const known = tiers.findIndex((each) => each.scheme === scheme && each.tier === tier)
        const at = known < 0 ? tiers.push({ scheme, tier }) - 1 : known
        return `(${s}, ${number}, ${capBit(place)}, ${at})`
      }),
    ),
  )
  if (parts.length === 0) return []
  const capped = (side: Side, s: number) =>
    `SELECT ${s} AS side, plan, person, capped FROM ${results(side, 'bills')} WHERE capped <> 0`
  const rows =
    await files.rows(`SELECT tier, count(*) FILTER (was)::DOUBLE AS before, count(*) FILTER (becomes)::DOUBLE AS after,
      count(*) FILTER (becomes AND NOT was)::DOUBLE AS entering, count(*) FILTER (was AND NOT becomes)::DOUBLE AS leaving
    FROM (SELECT tier, person, bool_or(side = 0) AS was, bool_or(side = 1) AS becomes
            FROM (${capped(before, 0)} UNION ALL ${capped(after, 1)})
            JOIN (VALUES ${parts.join(', ')}) places(side, plan, bit, tier) USING (side, plan)
           WHERE capped & bit <> 0 GROUP BY tier, person) GROUP BY tier ORDER BY tier`)
  return rows
    .map((row) => ({
      ...(tiers[Number(row.tier)] as (typeof tiers)[number]),
      ...toldCrossing(crossingIn(row)),
    }))
    .toSorted((a, b) => (tierKey(a) < tierKey(b) ? -1 : 1))
}

export const plansOf = (
  side: Side,
): Readonly<Record<string, { readonly scheme: string; readonly tiers: readonly string[] }>> =>
  JSON.parse(readFileSync(join(side.out, 'plans.json'), 'utf8'))

async function tenths(files: ColumnFiles, side: keyof Moved): Promise<number[]> {
  const rows = await files.rows(`SELECT tenth, sum(burden)::DOUBLE AS burden FROM
      (SELECT ${side} AS burden, ntile(${TENTHS}) OVER (ORDER BY ${side}, person) AS tenth FROM people) GROUP BY 1 ORDER BY 1`)
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
  return { households: Number(row?.households), ...toldCrossing(crossingIn(row ?? {})) }
}

const crossingIn = ({ before, after, entering, leaving }: Record<string, unknown>): Crossing => ({
  before: Number(before),
  after: Number(after),
  entering: Number(entering),
  leaving: Number(leaving),
})

/** Each person by their own price, which is what they bear of their year; who bears nothing has none. */
async function induced(files: ColumnFiles, elasticity: number): Promise<Induced> {
  const [row] =
    await files.rows(`SELECT round(sum(more))::DOUBLE AS cost, round(sum(more * after / cost))::DOUBLE AS patients
    FROM (SELECT after, cost, cost::DOUBLE * ${elasticity} * (before - after) / before AS more
            FROM people WHERE before > 0 AND cost > 0 AND before <> after ORDER BY person)`)
  const [cost, patients] = [Number(row?.cost ?? 0), Number(row?.patients ?? 0)]
  return { cost, funds: cost - patients, patients }
}
