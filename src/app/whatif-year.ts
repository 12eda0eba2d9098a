import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { dayNumber, type PlainDate, plainDate } from '#base/plain-date.ts'
import {
  attributesAsked,
  type Bill,
  NATIVE_COMPONENTS,
  type PersonYear,
  type SchemeBook,
} from '#domains/settlement/index.ts'
import { type Column, writeParquet } from '#platform/parquet-write.ts'
import type { Attributes, Owner, Vocabulary } from '#rulebook/attributes.ts'
import type { KeptPerson } from './batch-bucket.ts'
import { MOST_COUNT, wordsInColumns } from './batch-format.ts'

/** What was written, and what it had come to when it was settled, in fen. */
export type YearWritten = Record<'persons' | 'bills' | 'paid' | 'patient', number> & {
  /** Persons of whom columns do not hold everything: they are settled like live ones, bill by bill. */
  readonly apart: number
  /** Persons of whom it is known with whom they live. */
  readonly together: number
}

const PERSONS_A_FILE = 10_000
/** By what persons are told apart, whether or not columns hold them. */
const PERSON_WORDS = ['class', 'category', 'sex'] as const
const LARGEST = 2_147_483_647

/**
 * Writes persons and their bills as files of a batch, in the columns of an invented city as far as they hold them, so that a
 * year of one's own is settled as fast. Whatever they do not hold exactly (totals and accounts from before, conditions,
 * certificates, a change of standing, charges that some rule counts one by one) stands as it is kept in a column of its own,
 * and is settled like a live bill. `books` are those by which it will be settled: what none of them asks is left out.
 */
export async function writeYear(
  folder: string,
  persons: AsyncIterable<readonly PersonYear[]>,
  {
    year,
    books,
    everybody,
    households,
  }: {
    readonly year: number
    readonly books: readonly SchemeBook[]
    /** A product that is to be added to everybody's covers, to find its premium. */
    readonly everybody?: string | undefined
    /** By person; whoever is not in it is taken to live alone. */
    readonly households: ReadonlyMap<string, string>
  },
): Promise<YearWritten> {
  const written = { persons: 0, bills: 0, paid: 0, patient: 0, apart: 0, together: 0 }
  const last = plainDate(`${year}-12-31`)
  const shape = shapeOf(books, everybody)
  let held: { of: PersonYear; apart: boolean; asks: Asks; number: number }[] = []
  let [part, firstBill] = [0, 1]
  const flush = () => {
    const name = `${String(part++).padStart(4, '0')}.parquet`
    const rows = held.flatMap(({ of, apart, number }): (Row & { readonly number: number })[] =>
      personRows(of, households, apart, last, shape).map((row) => ({ ...row, number })),
    )
    writeParquet(
      join(folder, `persons-${name}`),
      [
        numbers('person', rows),
        ...texts(rows, [...PERSON_COLUMNS, ...shape.person, ...shape.cover]),
        {
          name: 'settledPatient',
          kind: 'bigint',
          values: Float64Array.from(rows, ({ settledPatient }) => Number(settledPatient)),
        },
      ],
      rows.length,
    )
    const bills = held.flatMap(({ of, apart, asks, number }) =>
      of.bills.map((bill) => ({ bill, apart: apart || !fits(bill, asks, shape), number })),
    )
    if (bills.length > 0)
      writeParquet(
        join(folder, `bills-${name}`),
        [
          {
            name: 'bill',
            kind: 'bigint',
            values: Float64Array.from(bills, (_, i) => firstBill + i),
          },
          numbers('person', bills),
          ...texts(
            bills.map(({ bill, apart }) => billRow(bill, apart, shape)),
            [...BILL_COLUMNS, ...shape.bill],
          ),
          ...NATIVE_COMPONENTS.map((component) => ({
            name: component,
            kind: 'integer' as const,
            values: Int32Array.from(bills, ({ bill, apart }) =>
              apart ? 0 : bill.parts[component],
            ),
          })),
        ],
        bills.length,
      )
    firstBill += bills.length
    held = []
  }
  for await (const some of persons) {
    for (const of of some) {
      const asks = asksOf(of, shape)
      const apart = !fitsPerson(of, last, asks, shape)
      written.persons++
      written.bills += of.bills.length
      written.paid += of.settled.paid
      written.patient += of.settled.patient
      if (apart) written.apart++
      if (households.has(of.person.id)) written.together++
      held.push({ of, apart, asks, number: written.persons })
    }
    if (held.length >= PERSONS_A_FILE) flush()
  }
  if (held.length > 0) flush()
  return written
}

// --- what columns hold ---------------------------------------------------------------------------

/** The words that have columns, and what some rule looks at beside them. */
type Shape = {
  readonly vocabulary: Vocabulary
  readonly bill: readonly string[]
  readonly person: readonly string[]
  readonly cover: readonly string[]
  /** By scheme. */
  readonly asks: ReadonlyMap<string, Asks>
  /** What is asked of everybody, whatever covers them. */
  readonly ofAll: Asks
  /** What was found of the covers that came before: most persons share theirs with many. */
  readonly known: Map<string, Asks>
}

/** What the rules of some schemes ask for beside the columns that every bill has. */
type Asks = {
  /** A word that none of them asks can be left out. */
  readonly words: ReadonlySet<string>
  /** Components whose charges some limit counts one by one. */
  readonly counted: ReadonlySet<string>
}

function shapeOf(books: readonly SchemeBook[], everybody: string | undefined): Shape {
  const [{ vocabulary }] = books as readonly [SchemeBook]
  const words = (owner: Owner) => wordsInColumns(vocabulary, owner)
  const asks = new Map<string, Asks>()
  for (const scheme of books.flatMap((book) => [...book.schemes.values()])) {
    const counted = scheme.order.flatMap((step) =>
      'tier' in step ? step.tier.counted.map(({ component }) => component) : [],
    )
    const own = { words: new Set(attributesAsked(scheme).map(({ name }) => name)) }
    const known = asks.get(scheme.id)
    asks.set(
      scheme.id,
      together([{ ...own, counted: new Set(counted) }, ...(known ? [known] : [])]),
    )
  }
  const ofAll = together(everybody === undefined ? [] : [asks.get(everybody) ?? NOTHING])
  return {
    ...{ vocabulary, asks, ofAll, known: new Map() },
    ...{ bill: words('bill'), person: words('person'), cover: words('cover') },
  }
}

const NOTHING: Asks = { words: new Set(), counted: new Set() }
const together = (all: readonly Asks[]): Asks => ({
  words: new Set(all.flatMap(({ words }) => [...words])),
  counted: new Set(all.flatMap(({ counted }) => [...counted])),
})

/** What may be asked of the bills of somebody, by the schemes that cover them. */
function asksOf({ person: { covers } }: PersonYear, { asks, ofAll, known }: Shape): Asks {
  const key = covers.map(({ scheme }) => scheme).join('\n')
  const found =
    known.get(key) ?? together([ofAll, ...covers.map(({ scheme }) => asks.get(scheme) ?? NOTHING)])
  known.set(key, found)
  return found
}

/** Whether columns hold all that rules could ask about somebody: what is not known to fit does not. */
function fitsPerson(of: PersonYear, last: PlainDate, asks: Asks, shape: Shape): boolean {
  const { person, bills, opening, movements } = of
  const { id, born, attributes, covers, registrations = [], certificates = [], ...more } = person
  if (Object.keys(more).length + registrations.length + certificates.length > 0) return false
  if (movements.length > 0 || Object.values(opening).some((total) => total !== 0)) return false
  if (covers.length === 0 || new Set(covers.map(({ scheme }) => scheme)).size < covers.length)
    return false
  // Of two classes a file would tell either.
  if (new Set(covers.flatMap(({ attributes: { class: own } }) => own ?? [])).size > 1) return false
  const sinceAlways = attributes.every(({ from }) =>
    [last, ...bills.map(({ admitted }) => admitted)].every((day) => from <= day),
  )
  if (attributes.length > 1 || !sinceAlways) return false
  const known = attributes.every((each) => hasColumns(each.attributes, shape.person, asks, shape))
  return (
    known &&
    covers.every(({ scheme, from, until, attributes: own, ...others }) => {
      const nothing = Object.values(others).every((value) => value === undefined)
      return nothing && hasColumns(own, shape.cover, asks, shape)
    }) &&
    inOrder(bills)
  )
}

/** Whether a file's order, by day of settlement and of admission, is the one in which the bills count. */
const inOrder = (bills: readonly Bill[]): boolean =>
  bills.every((bill, i) => {
    const before = bills[i - 1]
    return (
      !before ||
      before.settled < bill.settled ||
      (before.settled === bill.settled && before.admitted <= bill.admitted)
    )
  })

/** Answers that have a column, or that no rule asks. */
const hasColumns = (
  answers: Attributes,
  columns: readonly string[],
  asks: Asks,
  shape: Shape,
): boolean =>
  Object.entries(answers).every(
    ([name, value]) =>
      value === undefined ||
      !asks.words.has(name) ||
      (columns.includes(name) && isAnswer(shape.vocabulary, name, value)),
  )

function isAnswer(vocabulary: Vocabulary, name: string, value: string | number): boolean {
  const answers = vocabulary.get(name)?.answers
  if (answers === 'number')
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_COUNT
  return typeof answers === 'object' && Object.hasOwn(answers, String(value))
}

/** A bill as a reader of the columns would make it, with what no rule asks, is the bill. */
function fits(bill: Bill, asks: Asks, shape: Shape): boolean {
  // The institution is asked by no rule, a diagnosis by those of covers that list conditions, and these are apart.
  const { institution, diagnosis, invoice, lines, attributes, ...rest } = bill
  if (invoice?.handedIn !== undefined) return false
  if (NATIVE_COMPONENTS.some((name) => asks.counted.has(name) && bill.parts[name] > 0)) return false
  if (bill.total > LARGEST || !hasColumns(attributes, shape.bill, asks, shape)) return false
  const { id, person, admitted, discharged, settled, total, parts } = bill
  const days = Math.max(1, dayNumber(discharged) - dayNumber(admitted))
  const stay = `${admitted}/${id}`
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return isDeepStrictEqual(Object.fromEntries(given), {
    ...{ id, person, admitted, discharged, settled, stay, total, parts, days },
    ...{ cause: 'illness', events: [] },
  })
}

// --- rows ----------------------------------------------------------------------------------------

type Row = Readonly<Record<string, string | number | null | undefined>>

const PERSON_COLUMNS = ['household', 'born', 'scheme', 'from', 'until', 'holds', 'kept']
/** The number by which the office knows a bill stands beside the one that it has in the files. */
const BILL_COLUMNS = ['known', 'admitted', 'discharged', 'settled', 'kept']

/** Persons are numbered as those of an invented city are: numbers need no memory beside the columns. */
const numbers = (name: string, rows: readonly { readonly number: number }[]): Column => ({
  name,
  kind: 'integer',
  values: Int32Array.from(rows, ({ number }) => number),
})

const texts = (rows: readonly Row[], names: readonly string[]): Column[] =>
  names.map((name) => ({
    name,
    kind: 'text',
    values: rows.map((row) => {
      const value = row[name]
      return value === undefined || value === null ? null : String(value)
    }),
  }))

/** A row for each cover of somebody whom columns hold, else one with the person as it is kept. */
function personRows(
  of: PersonYear,
  households: ReadonlyMap<string, string>,
  apart: boolean,
  last: PlainDate,
  shape: Shape,
): Row[] {
  const { person, opening, movements, settled } = of
  const words = PERSON_WORDS.map((word) => [word, wordOf(of, word, last, shape.vocabulary)])
  const about = {
    household: households.get(person.id) ?? person.id,
    born: person.born,
    settledPatient: settled.patient,
  }
  if (apart)
    return [
      {
        ...about,
        ...Object.fromEntries(words),
        holds: person.covers.map(({ scheme }) => `|${scheme}|`).join(''),
        kept: JSON.stringify({ person, opening, movements } satisfies KeptPerson),
      },
    ]
  const known = picked(person.attributes[0]?.attributes ?? {}, shape.person, shape)
  const [, category, sex] = words
  return person.covers.map(({ scheme, from, until, attributes }) => ({
    ...Object.fromEntries([category, sex].filter((word) => word !== undefined)),
    ...{ ...known, ...about, ...picked(attributes, shape.cover, shape), scheme, from, until },
  }))
}

function billRow(bill: Bill, apart: boolean, shape: Shape): Row {
  const { id, admitted, discharged, settled, attributes } = bill
  const days = { known: id, admitted, discharged, settled }
  if (!apart) return { ...picked(attributes, shape.bill, shape), ...days }
  // By its level persons are told apart in any case.
  return { ...picked(attributes, ['level'], shape), ...days, kept: JSON.stringify(bill) }
}

/** Answers that a column can hold; another is one that no rule asks. */
const picked = (answers: Attributes, names: readonly string[], { vocabulary }: Shape): Row =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = answers[name]
      return value !== undefined && isAnswer(vocabulary, name, value) ? [[name, value]] : []
    }),
  )

/** What somebody was at the end of the year: of a cover, the latest that held in it. */
function wordOf(
  { person }: PersonYear,
  word: (typeof PERSON_WORDS)[number],
  last: PlainDate,
  vocabulary: Vocabulary,
): string | number | undefined {
  const attribute = vocabulary.get(word)
  const known =
    attribute?.of === 'cover'
      ? person.covers.toSorted((a, b) => (a.from < b.from ? -1 : 1))
      : person.attributes
  const said = known.findLast(
    ({ from, attributes }) => from <= last && attributes[word] !== undefined,
  )
  return said?.attributes[word] ?? attribute?.whenAbsent
}
