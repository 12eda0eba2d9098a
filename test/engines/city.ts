import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileAlone, compiledTogether, LISTED_YEAR } from '#app/compile-command.ts'
import { addDays, compose } from '#base/plain-date.ts'
import { CATEGORIES, LEVELS, MEDICAL, SEXES } from '#domains/population/index.ts'
import {
  type Bill,
  createSettler,
  NATIVE_COMPONENTS,
  type Person,
  type Scheme,
  type SchemeBook,
} from '#domains/settlement/index.ts'
import { attributesWithin } from '#domains/settlement/rules-within.ts'
import { ColumnFiles, quote } from '#platform/columns.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import { seeded } from '../plans/invented.ts'

const CLI = fileURLToPath(new URL('../../src/app/cli.ts', import.meta.url))

/** What the invented city says itself; its persons and bills keep it. */
const CITY_ANSWERS: Readonly<Record<string, readonly string[]>> = {
  sex: SEXES,
  category: CATEGORIES,
  civilServant: ['否', '是'],
  medical: MEDICAL,
  level: LEVELS,
}

/** A birthday gives the age, the city the disease; care elsewhere is settled bill by bill, and slowly. */
const NOT_ANSWERED = ['age', 'disease', 'remote']

/** So many different persons, and bills, of one place; beside what the city says of them. */
const PROFILES = 3

/** Persons who are covered alike, and the query that settles them. */
export type Group = {
  readonly name: string
  readonly schemes: readonly Scheme[]
}

/** The schemes that compile: each public one alone, and each product beside a public one. */
export const groupsOf = (book: SchemeBook): Group[] =>
  [...book.schemes.values()].flatMap((scheme) =>
    compileAlone(book, scheme).ok
      ? [{ name: scheme.id, schemes: compiledTogether(book, scheme) }]
      : [],
  )

/** Files of one group, as an engine reads them. */
export const filesOf = (folder: string, group: number) => ({
  bills: join(folder, `bills/place=${group}/*/*.parquet`),
  persons: join(folder, `persons/place=${group}/*.parquet`),
})

/** In SQL, which group a person belongs to. */
export const placeSql = (person: string, groups: number): string => `${person} % ${groups}`

/**
 * Makes a synthetic city whose persons are spread over groups: a year of bills with the costs, days and sicknesses
 * that `kangyang city` gives them, and with the answers that the group's rules ask for. Answers how many bills it has.
 */
export async function makeCity(
  book: SchemeBook,
  groups: readonly Group[],
  {
    folder,
    persons,
    seed,
  }: { readonly folder: string; readonly persons: number; readonly seed: number },
): Promise<number> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const plain = join(folder, 'plain')
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...[CLI, 'city', '--persons', String(persons), '--year', String(LISTED_YEAR)],
      ...['--seed', String(seed), '--out', plain],
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`kangyang city: ${stderr}`)
  const profiles = groups.map((group, g) => profilesOf(book, group, seed + g))
  const asked = [...new Set(profiles.flatMap(({ asked }) => asked))].toSorted()
  const ofBill = asked.filter((name) => book.vocabulary.get(name)?.of === 'bill')
  const ofPerson = asked.filter((name) => book.vocabulary.get(name)?.of !== 'bill')
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 3072, temporary: folder })
  const place = placeSql('person', groups.length)
  const answer = (name: string, of: 'persons' | 'bills'): string => {
    const type = book.vocabulary.get(name)?.answers === 'number' ? 'BIGINT' : 'VARCHAR'
    const cases = profiles.flatMap((each, g) =>
      each[of].flatMap((answers, i) => {
        const value = answers[name]
        if (value === undefined) return []
        return [`WHEN ${g * PROFILES + i} THEN ${typeof value === 'number' ? value : quote(value)}`]
      }),
    )
    return `CAST(CASE profile ${cases.join(' ')} WHEN -1 THEN NULL END AS ${type}) AS "${name}"`
  }
  const profile = (of: string) => `place * ${PROFILES} + hash(${of} * 8 + 3) % ${PROFILES}`
  const write = (query: string, to: string, by: string) =>
    files.rows(
      `COPY (${query}) TO ${quote(join(folder, to))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (${by}))`,
    )
  const placed = (files: string) =>
    `SELECT *, ${place} AS place FROM read_parquet(${quote(join(plain, files))})`
  const inhabitants = `SELECT *, ${profile('person')} AS profile FROM (${placed('persons-*.parquet')}) WHERE class IS NOT NULL`
  const covers = [0, 1].map((n) => {
    const held = groups.flatMap(({ schemes }, g) =>
      schemes[n] ? [`WHEN ${g} THEN ${quote(schemes[n].id)}`] : [],
    )
    if (held.length === 0) return []
    const answers = ofPerson.map((name) => answer(name, 'persons'))
    return [
      `SELECT * FROM (SELECT ${['person, born, sex, category, "civilServant"', `CASE place ${held.join(' ')} END AS scheme`, '"from", until', ...answers, 'place'].join(', ')} FROM (${inhabitants})) WHERE scheme IS NOT NULL`,
    ]
  })
  await write(covers.flat().join(' UNION ALL '), 'persons', 'place')
  const last = `DATE '${compose(LISTED_YEAR, 12, 31)}'`
  const columns = [
    'bill, person, admitted, discharged',
    // Some are settled days after their end, so that two bills come in another order than they began.
    `LEAST(${last}, CAST(settled + CAST(CASE hash(bill * 8 + 5) % 5 WHEN 0 THEN hash(bill * 8 + 6) % 9 ELSE 0 END AS INTEGER) AS DATE)) AS settled`,
    'medical, level, disease, "inScope", upfront, "overLimit", "outOfScope", "specialDrug"',
    ...ofBill.map((name) => answer(name, 'bills')),
    // Bills of one day stand in one file, in the order of their numbers: a batch takes them in the order of its input.
    'place, CAST(month(admitted) > 6 AS INTEGER) AS half',
  ]
  await write(
    `SELECT ${columns.join(', ')} FROM (SELECT *, ${profile('bill')} AS profile FROM (${placed('bills-*.parquet')}))`,
    'bills',
    'place, half',
  )
  const [counted] = await files.rows(
    `SELECT COUNT(*) AS n FROM read_parquet(${quote(join(plain, 'bills-*.parquet'))})`,
  )
  files.close()
  rmSync(plain, { recursive: true })
  return Number(counted?.n)
}

type Profiles = {
  readonly asked: readonly string[]
  readonly persons: readonly Attributes[]
  readonly bills: readonly Attributes[]
}

/**
 * Answers with which some tier of a group pays. Most chance answers are refused or concern no tier, so those are taken that
 * get on with the most others.
 */
function profilesOf(book: SchemeBook, { schemes }: Group, seed: number): Profiles {
  const random = seeded(seed)
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const asked = [
    ...new Set(
      schemes.flatMap(({ order }) =>
        order.flatMap((step) => ('tier' in step ? attributesWithin(step.tier) : [])),
      ),
    ),
  ]
    .filter((name) => !NOT_ANSWERED.includes(name) && !(name in CITY_ANSWERS))
    .flatMap((name) => book.vocabulary.get(name) ?? [])
  const answersOf = (ofBill: boolean): Attributes =>
    Object.fromEntries(
      asked.flatMap(({ name, of, answers }): [string, string | number | undefined][] => {
        if ((of === 'bill') !== ofBill || random() < 0.05) return []
        if (answers === 'number') return [[name, whole(0, 12)]]
        const words = answers === 'text' ? ['某'] : Object.keys(answers)
        return [[name, words[whole(0, words.length - 1)]]]
      }),
    )
  const drawn = (names: readonly string[]): Attributes =>
    Object.fromEntries(
      names.map((name) => {
        const words = CITY_ANSWERS[name] ?? []
        // The first word of the city's is what most persons are.
        const usual = name === 'medical' ? 2 : 0
        return [name, random() < 0.6 ? words[usual] : words[whole(0, words.length - 1)]]
      }),
    )
  const from = compose(LISTED_YEAR - 1, 1, 1)
  const day = compose(LISTED_YEAR, 6, 3)
  const settler = createSettler(book, {
    allowUndated: true,
    today: compose(LISTED_YEAR, 12, 31),
  })
  /** Nothing where it is refused, little where no tier pays. */
  const worth = (person: Attributes, bill: Attributes): number => {
    const isOf = (owner: string) =>
      Object.fromEntries(
        Object.entries(person).filter(([name]) => book.vocabulary.get(name)?.of === owner),
      )
    const whose: Person = {
      id: 'probe',
      born: addDays(day, -365 * whole(1, 90)),
      attributes: [
        { from, attributes: { ...isOf('person'), ...drawn(['sex', 'category', 'civilServant']) } },
      ],
      covers: schemes.map(({ id }) => ({
        scheme: id,
        from,
        until: undefined,
        attributes: isOf('cover'),
      })),
    }
    const none = Object.fromEntries(NATIVE_COMPONENTS.map((name) => [name, 0]))
    const probe: Bill = {
      id: 'probe',
      person: 'probe',
      admitted: day,
      discharged: day,
      settled: day,
      stay: 'probe',
      total: 20_000_000 as Bill['total'],
      parts: { ...none, inScope: 18_000_000, outOfScope: 2_000_000 } as unknown as Bill['parts'],
      lines: [],
      attributes: { ...bill, ...drawn(['medical', 'level']) },
      cause: 'illness',
      thirdParty: undefined,
      days: 1,
      events: [],
    }
    const settled = settler.settle(probe, whose, new Map())
    if (!settled.ok) return 0
    return settled.value.patient < probe.total ? 5 : 1
  }
  const [persons, bills]: [Attributes[], Attributes[]] = [[], []]
  for (let tries = 0; tries < 3_000 && persons.length < 5 * PROFILES; tries++) {
    const [person, bill] = [answersOf(false), answersOf(true)]
    // Where next to nothing is paid for, what is merely settled has to do.
    if (worth(person, bill) < (tries < 2_000 ? 5 : 1)) continue
    persons.push(person)
    bills.push(bill)
  }
  if (persons.length === 0) throw new Error(`${schemes[0]?.id}: no answers were found that settle`)
  const best = (some: readonly Attributes[], fits: (one: Attributes) => number): Attributes[] => {
    const ranked = some.map((one) => ({ one, fits: fits(one) })).toSorted((a, b) => b.fits - a.fits)
    return Array.from(
      { length: PROFILES },
      (_, i) => (ranked[i % ranked.length] as (typeof ranked)[0]).one,
    )
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((all, n) => all + n, 0)
  const some = bills.slice(0, 2 * PROFILES)
  const chosen = best(persons, (person) => sum(some.map((bill) => worth(person, bill))))
  return {
    asked: asked.map(({ name }) => name),
    persons: chosen,
    bills: best(bills, (bill) => sum(chosen.map((person) => worth(person, bill)))),
  }
}
