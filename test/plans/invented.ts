import { ResultHash } from '#app/batch-bucket.ts'
import { addDays, compose, type PlainDate } from '#base/plain-date.ts'
import {
  type Bill,
  createSettler,
  NATIVE_COMPONENTS,
  type Person,
  planNumber,
  type Scheme,
  type SchemeBook,
  type Totals,
} from '#domains/settlement/index.ts'
import { attributesWithin } from '#domains/settlement/rules-within.ts'
import type { Attribute } from '#rulebook/attributes.ts'

/** Persons of one scheme and their bills of a year, with whatever answers its rules ask for, and some left out. */
export type Invented = {
  readonly persons: readonly Person[]
  readonly bills: readonly Bill[]
  readonly asked: readonly Attribute[]
}

export type ResultRow = readonly [
  bill: number,
  person: number,
  plan: number,
  patient: number,
  ...paid: number[],
]

/** The same number, the same persons. */
export function invent(
  book: SchemeBook,
  scheme: Scheme,
  {
    year,
    persons: count,
    seed,
  }: { readonly year: number; readonly persons: number; readonly seed: number },
): Invented {
  const random = seeded(seed)
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const asked = [
    ...new Set([
      ...scheme.order.flatMap((step) => ('tier' in step ? attributesWithin(step.tier) : [])),
      'remote',
    ]),
  ]
    .filter((name) => name !== 'age')
    .flatMap((name) => book.vocabulary.get(name) ?? [])
  const answers = (owner: string) =>
    Object.fromEntries(
      asked.flatMap(({ name, of, answers }): [string, string | number | undefined][] => {
        if (of !== owner || random() < 0.03) return []
        if (answers === 'number') return [[name, whole(0, 12)]]
        const words = answers === 'text' ? ['某'] : Object.keys(answers)
        // Most care is at home; elsewhere some tiers refuse it.
        return [
          [
            name,
            name === 'remote' && random() < 0.7 ? words[0] : words[whole(0, words.length - 1)],
          ],
        ]
      }),
    )
  const first = compose(year, 1, 1)
  const settler = createSettler(book, { allowUndated: true, today: compose(year, 12, 31) })
  const persons: Person[] = []
  const bills: Bill[] = []
  const personOf = (id: string): Person => {
    const from = random() < 0.9 ? compose(year - 3, 1, 1) : addDays(first, whole(0, 200))
    const until = random() < 0.9 ? undefined : addDays(first, whole(200, 364))
    return {
      id,
      born: compose(whole(year - 95, year - 1), whole(1, 12), whole(1, 28)),
      attributes: [{ from: compose(1900, 1, 1), attributes: answers('person') }],
      covers: [{ scheme: scheme.id, from, until, attributes: answers('cover') }],
    }
  }
  const billOf = (id: string, person: string): Bill => {
    const admitted = addDays(first, whole(0, 355))
    const discharged = addDays(admitted, whole(0, 5))
    const parts = Object.fromEntries(
      NATIVE_COMPONENTS.map((name, i) => [
        name,
        random() < (i === 0 ? 0.03 : 0.4)
          ? 0
          : Math.floor(10 ** (2 + random() * (i === 0 ? 5.5 : 4))),
      ]),
    ) as Bill['parts']
    return {
      id,
      person,
      admitted,
      discharged,
      settled: addDays(discharged, random() < 0.8 ? 0 : whole(0, 4)),
      stay: id,
      total: NATIVE_COMPONENTS.reduce((sum, name) => sum + parts[name], 0) as Bill['total'],
      parts,
      lines: [],
      attributes: answers('bill'),
      cause: 'illness',
      thirdParty: undefined,
      days: 1,
      events: [],
    }
  }
  const settles = (bill: Bill, person: Person) => settler.settle(bill, person, new Map()).ok
  for (let p = 1; p <= count; p++) {
    let person = personOf(String(p))
    // Most chance answers are refused. One in ten is kept all the same, for a refused bill leaves no trace.
    for (let tries = 0; tries < 30 && random() < 0.9; tries++) {
      if (settles(billOf('probe', person.id), person)) break
      person = personOf(person.id)
    }
    persons.push(person)
    for (let b = whole(1, 9); b > 0; b--) {
      const id = String(bills.length + 1)
      let bill = billOf(id, person.id)
      for (let tries = 0; tries < 30 && random() < 0.95; tries++) {
        if (settles(bill, person)) break
        bill = billOf(id, person.id)
      }
      bills.push(bill)
    }
  }
  return { persons, bills, asked }
}

/** What the kernel makes of them: a row for each settled bill, in the order of bills, and the hash of all. */
export function settleInvented(
  book: SchemeBook,
  { persons, bills }: Invented,
  today: PlainDate,
): { readonly rows: ResultRow[]; readonly hash: bigint } {
  const settler = createSettler(book, { allowUndated: true, today })
  const plans = new Map<string, number>()
  const rows: ResultRow[] = []
  const hash = new ResultHash()
  for (const person of persons) {
    let totals: Totals = new Map()
    const own = bills
      .filter((bill) => bill.person === person.id)
      .toSorted(
        (a, b) =>
          a.settled.localeCompare(b.settled) ||
          a.admitted.localeCompare(b.admitted) ||
          Number(a.id) - Number(b.id),
      )
    for (const bill of own) {
      const settled = settler.settle(bill, person, totals)
      if (!settled.ok) continue
      const { tiers, patient, scheme } = settled.value
      totals = settled.value.totals
      rows.push([
        Number(bill.id),
        Number(person.id),
        planNumber(plans, scheme, tiers),
        patient,
        ...tiers.map(({ paid }) => paid),
      ])
      const weighed = tiers.reduce(
        (sum, { paid }, t) => sum + (2 * t + 3) * paid,
        patient as number,
      )
      hash.add(Float64Array.of(Number(bill.id)), Float64Array.of(weighed), 0, 1)
    }
  }
  return { rows: rows.toSorted(([a], [b]) => a - b), hash: hash.value }
}

/** The two tables as their columns and the values of their rows, in standard SQL. */
export function tablesOf({ persons, bills, asked }: Invented): Record<
  'bills' | 'persons',
  {
    readonly columns: readonly (readonly [name: string, type: string])[]
    readonly values: readonly string[]
  }
> {
  const typeOf = ({ answers }: Attribute) => (answers === 'number' ? 'BIGINT' : 'VARCHAR')
  const ofBill = asked.filter(({ of }) => of === 'bill')
  const ofPerson = asked.filter(({ of }) => of !== 'bill')
  const literal = (value: string | number | undefined): string =>
    value === undefined ? 'NULL' : typeof value === 'number' ? String(value) : `'${value}'`
  const date = (value: PlainDate | undefined): string => (value ? `DATE '${value}'` : 'NULL')
  return {
    bills: {
      columns: [
        ['bill', 'BIGINT'],
        ['person', 'BIGINT'],
        ['admitted', 'DATE'],
        ['discharged', 'DATE'],
        ['settled', 'DATE'],
        ...NATIVE_COMPONENTS.map((name) => [name, 'BIGINT'] as const),
        ...ofBill.map((each) => [each.name, typeOf(each)] as const),
      ],
      values: bills.map(
        (bill) =>
          `(${[
            bill.id,
            bill.person,
            date(bill.admitted),
            date(bill.discharged),
            date(bill.settled),
            ...NATIVE_COMPONENTS.map((name) => bill.parts[name]),
            ...ofBill.map(({ name }) => literal(bill.attributes[name])),
          ].join(', ')})`,
      ),
    },
    persons: {
      columns: [
        ['person', 'BIGINT'],
        ['born', 'DATE'],
        ['scheme', 'VARCHAR'],
        ['from', 'DATE'],
        ['until', 'DATE'],
        ...ofPerson.map((each) => [each.name, typeOf(each)] as const),
      ],
      values: persons.flatMap(({ id, born, attributes, covers }) =>
        covers.map(
          (cover) =>
            `(${[
              id,
              date(born),
              literal(cover.scheme),
              date(cover.from),
              date(cover.until),
              ...ofPerson.map(({ name }) =>
                literal(cover.attributes[name] ?? attributes[0]?.attributes[name]),
              ),
            ].join(', ')})`,
        ),
      ),
    },
  }
}

/** Numbers from 0 to 1 that follow from a seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
