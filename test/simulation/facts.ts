import { createHash } from 'node:crypto'
import { readInput } from '#app/input.ts'
import { readSchemeTexts } from '#app/schemes-folder.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { AnswerStatus } from '#domains/payments/index.ts'
import { type Bill, type Person, readSchemes } from '#domains/settlement/index.ts'
import { pick, seeded } from '../chance.ts'

/** The day on which everything is settled: after the year, so that nothing lies in the future. */
export const TODAY = '2026-06-30' as PlainDate

/** What there is to know, in the order in which it comes to be known. */
export type Fact =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'bill'; readonly bill: Bill }
  | { readonly kind: 'reversal'; readonly bill: string }
  | { readonly kind: 'correction'; readonly bill: Bill }
  | {
      readonly kind: 'account'
      readonly person: string
      readonly on: PlainDate
      /** In fen; less than nothing for a use. */
      readonly amount: number
    }
  /** The money of everything that stands has moved. */
  | { readonly kind: 'clearing' }
  /** What is owed is ordered from the bank: a run from the draft to sent. `run` is its own name. */
  | { readonly kind: 'payment'; readonly run: string }
  /** The bank answers, people confirm what failed, and the run is closed. */
  | { readonly kind: 'answers'; readonly run: string }
  /** The bank pays after all what people were told had failed. */
  | { readonly kind: 'late-answers'; readonly run: string }
  /** Two numbers turn out to be one person: what is under the one goes to the other. */
  | { readonly kind: 'merge'; readonly from: string; readonly into: string }
  /** People decide what is to come back from persons. */
  | { readonly kind: 'decision'; readonly sitting: string }
  /** The rules are corrected, from the beginning of the year, and everybody is settled again by them. */
  | { readonly kind: 'rules' }

/** One year of a few people of the teaching city, as an office came to know it. */
export type Year = {
  readonly seed: number
  readonly facts: readonly Fact[]
  /** Whether the outcome may depend on the order: money that was spent or paid first is not taken back. */
  readonly ordered: boolean
}

/** Facts that concern everybody of an office: a year that has one has a tenant of its own. */
export const concernsAll = ({ kind }: Fact): boolean =>
  !['person', 'bill', 'reversal', 'correction', 'account', 'merge'].includes(kind)

/** Whom bills name, by turns. The last gave no account: what it is owed stays owed. */
export const INSTITUTIONS = ['H1', 'H2', 'H1', 'H2', 'H3'] as const
export const WITHOUT_ACCOUNT = 'institution/H3'

/** What a bank says of an order in one file: where it pays another amount, how much more or less, in fen. */
export type Heard = {
  readonly status: AnswerStatus
  readonly more?: number
  readonly reason?: string
}

/** What a bank says of an order, file by file, and what it says when the run has long been closed. */
export type Answers = {
  /** The first two files. */
  readonly files: readonly Heard[]
  /** What it says when people have decided what did not fit. */
  readonly afterwards?: Heard
  readonly late?: Heard
  /** What it has paid in the end of an amount, as it was decided. */
  readonly paid: (amount: number, booked: boolean, isLate: boolean) => number
}

const [accepted, settled, failed, returned] = (
  ['accepted', 'settled', 'failed', 'returned'] as const
).map((status) => ({ status })) as [Heard, Heard, Heard, Heard]
const whole = (amount: number) => amount
const none = () => 0

const ANSWERS: readonly Answers[] = [
  { files: [settled], paid: whole },
  { files: [accepted, settled], paid: whole },
  { files: [accepted, failed], paid: none },
  { files: [settled, returned], paid: none },
  // A refusal that was none, before anybody believed it; and one that somebody believed.
  { files: [failed, settled], paid: whole },
  { files: [failed], late: settled, paid: (amount, _, isLate) => (isLate ? amount : 0) },
  // What does not fit: another amount, success and then failure, a refusal as a duplicate.
  ...[100, -1].map(
    (more): Answers => ({
      files: [{ status: 'settled', more }],
      afterwards: settled,
      paid: (amount, booked) => amount + (booked ? more : 0),
    }),
  ),
  { files: [settled, failed], paid: (amount, booked) => (booked ? 0 : amount) },
  { files: [{ status: 'failed', reason: 'DU04' }, settled], paid: whole },
]

/** What a bank makes of the order of a run. The first way is as frequent as the others together. */
export function answersTo(run: string, fund: string, payee: string): Answers {
  const way = lotOf(run, fund, payee) % (2 * ANSWERS.length - 1)
  return ANSWERS[Math.max(0, way - ANSWERS.length + 1)] as Answers
}

/** Whether what does not fit is taken into the books, by whoever decides about it. */
export const isBooked = (run: string, kind: string, payee: string): boolean =>
  kind !== 'duplicate_order' && (kind === 'paid_again' || lotOf(run, kind, payee) % 2 === 0)

/** An order that nobody gave, in the first file of some runs, and whether its money comes back. */
export function strangerIn(
  run: string,
): { readonly amount: number; readonly comesBack: boolean } | undefined {
  const lot = lotOf(run, 'stranger')
  return lot % 3 === 0 ? { amount: 100 + (lot % 9_000), comesBack: lot % 2 === 0 } : undefined
}

/** The fund that a run pays from, of those that owe something; undefined where it pays from all. */
export const fundOfRun = (run: string, funds: readonly string[]): string | undefined =>
  lotOf(run, 'fund') % 2 === 0 ? undefined : funds[lotOf(run, 'which') % funds.length]

/** What people make of a sum that is to come back: the first of two may leave the second for another sitting. */
export type Ruling = 'confirmed' | 'waived' | 'confirmed-once' | 'waived by the second'
const RULINGS = ['confirmed', 'waived', 'confirmed-once', 'waived by the second'] as const

export const rulingOn = (
  sitting: string,
  { bill, to, amount }: { readonly bill: string; readonly to: string; readonly amount: number },
): Ruling => RULINGS[lotOf(sitting, bill, to, amount) % RULINGS.length] as Ruling

/** A whole number that is as good as thrown, and the same for the same words. */
const lotOf = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE()

/** The rules of the teaching city alone, and the same with the correction that a year may bring. */
const texts = readSchemeTexts('schemes').filter(({ path }) => /^(teaching\/|[^/]+$)/.test(path))
const OUTPATIENT = 'teaching/shifan/employee-outpatient.tier.yaml'
const corrected = texts.map(({ path, text }) => {
  if (path !== OUTPATIENT) return { path, text }
  const lower = text.replace('在职: 6000元', '在职: 5000元').replace('三级: 55%', '三级: 58%')
  if (lower === text) throw new Error(`${path} no longer says what is corrected here`)
  return { path, text: lower }
})
const filesOf = (all: typeof texts) => Object.fromEntries(all.map(({ path, text }) => [path, text]))

export const RULES = [filesOf(texts), filesOf(corrected)] as const
export const BOOKS = [readSchemes(texts), readSchemes(corrected)] as const

/** Each kind of person by scheme and class. */
const KINDS = {
  worker: ['employee', '在职'],
  retired: ['employee', '退休'],
  villager: ['resident', '成年居民'],
  'poor villager': ['resident', '成年居民'],
} as const

/**
 * A year made of a seed: two or three people, admissions and visits, of which some become known months later, are
 * reversed or corrected; a person who has two numbers; a category that is approved afterwards; an account that is credited and used; a clearing
 * in between; payment runs and decisions about what is to come back; a correction of the rules. The same seed makes
 * the same year.
 */
export function yearOf(seed: number): Year {
  // Neighbouring seeds begin alike, so each is spread before it is used.
  const random = seeded(Math.imul(seed, 0x9e3779b1) >>> 1)
  const chance = (share: number) => random() < share
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const cleared = chance(0.3)
  const spent = chance(0.3)
  const dated: { readonly day: number; readonly fact: Fact }[] = []
  const know = (day: number, fact: Fact) => dated.push({ day, fact })

  for (let i = 0, people = whole(2, 3); i < people; i++) {
    const kind = pick(random, ['worker', 'retired', 'villager', 'poor villager'] as const)
    const id = `s${seed}-${i}`
    const days = Array.from({ length: whole(3, 9) }, () => whole(1, 355))
    const sent = read(id, kind, days, random)
    const again = read(
      id,
      kind,
      days.map(() => whole(1, 355)),
      random,
    )
    know(0, { kind: 'person', person: sent.person })
    for (const [n, bill] of sent.bills.entries()) {
      const day = (days[n] ?? 0) + (chance(0.3) ? whole(20, 200) : whole(0, 3))
      know(day, { kind: 'bill', bill })
      const other = again.bills[n]
      const fate = random()
      if (fate < 0.15) know(day + whole(1, 60), { kind: 'reversal', bill: bill.id })
      else if (other && fate < 0.3) know(day + whole(1, 60), { kind: 'correction', bill: other })
    }
    if (kind === 'poor villager') {
      const from = whole(40, 250)
      const attributes = [{ from: dateOf(from), attributes: { category: '低保' } }]
      know(from + whole(5, 120), { kind: 'person', person: { ...sent.person, attributes } })
    }
    const entries = KINDS[kind][0] === 'employee' ? whole(1, 4) : 0
    for (let n = 0; n < entries; n++) {
      const on = whole(1, 300)
      const use = spent && n > 0 && chance(0.6)
      const amount = use ? -whole(50, 800) * 100 : whole(100, 900) * 100
      know(on + whole(0, 90), { kind: 'account', person: id, on: dateOf(on), amount })
    }
  }
  if (cleared) know(whole(120, 320), { kind: 'clearing' })
  if (chance(0.3)) know(whole(100, 500), { kind: 'rules' })
  const paid = moneyOf(seed, cleared, know)
  mergeOf(seed, spent, dated)
  const facts = dated.toSorted((a, b) => a.day - b.day).map(({ fact }) => fact)
  return { seed, facts, ordered: cleared || spent || paid }
}

/**
 * Payment runs and decisions of a year, by numbers of their own: the rest of it is the same with and without. Whether
 * there are any runs.
 */
function moneyOf(seed: number, cleared: boolean, know: (day: number, fact: Fact) => void): boolean {
  const random = seeded(Math.imul(seed, 0x85ebca6b) >>> 1)
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const runs = random() < 0.35 ? whole(1, 4) : 0
  for (let n = 0; n < runs; n++) {
    const run = `${seed} ${n}`
    // Much may come to be known between an order and its answer.
    const days = [whole(60, 520), random() < 0.5 ? 0 : whole(1, 150), whole(0, 150)] as const
    know(days[0], { kind: 'payment', run })
    know(days[0] + days[1], { kind: 'answers', run })
    know(days[0] + days[1] + days[2], { kind: 'late-answers', run })
  }
  const sittings = runs > 0 || cleared ? whole(0, 3) : 0
  for (let n = 0; n < sittings; n++)
    know(whole(150, 560), { kind: 'decision', sitting: `${seed} ${n}` })
  return runs > 0
}

/**
 * In some years one of the people has two numbers: some bills, and what is paid into the account, come under the other,
 * until somebody sees it. By numbers of its own as well.
 */
function mergeOf(
  seed: number,
  spent: boolean,
  dated: { readonly day: number; readonly fact: Fact }[],
): void {
  const random = seeded(Math.imul(seed, 0xc2b2ae35) >>> 1)
  if (random() >= 0.35) return
  const people = dated.flatMap(({ fact }) => (fact.kind === 'person' ? [fact.person] : []))
  const person = people.find(({ id, attributes }) => id === `s${seed}-0` && attributes.length === 0)
  if (!person || people.filter(({ id }) => id === person.id).length > 1) return
  const twin = `${person.id}-twin`
  for (const [i, { day, fact }] of dated.entries()) {
    if ((fact.kind === 'bill' || fact.kind === 'correction') && fact.bill.person === person.id) {
      if (lotOf(seed, fact.bill.id) % 2 === 0)
        dated[i] = { day, fact: { ...fact, bill: { ...fact.bill, person: twin } } }
    }
    if (fact.kind === 'account' && fact.person === person.id && !spent && random() < 0.5)
      dated[i] = { day, fact: { ...fact, person: twin } }
  }
  dated.unshift({ day: 0, fact: { kind: 'person', person: { ...person, id: twin } } })
  const [from, into] = random() < 0.5 ? [twin, person.id] : [person.id, twin]
  dated.push({ day: 30 + Math.floor(random() * 500), fact: { kind: 'merge', from, into } })
}

/** The facts in another order; those about one bill, or about one person's standing, keep theirs. */
export function shuffled(facts: readonly Fact[], random: () => number): Fact[] {
  const slots = new Map<string, number[]>()
  for (const fact of facts) {
    const about = aboutOf(fact)
    slots.set(about, [...(slots.get(about) ?? []), random()])
  }
  for (const [about, keys] of slots) {
    keys.sort((a, b) => a - b)
    // Nothing can be known of a person before the person is.
    if (about.startsWith('person ')) keys[0] = -1
  }
  return facts
    .map((fact) => ({ fact, key: slots.get(aboutOf(fact))?.shift() ?? 0 }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ fact }) => fact)
}

function aboutOf(fact: Fact): string {
  if (fact.kind === 'person') return `person ${fact.person.id}`
  if (fact.kind === 'reversal') return fact.bill
  if (fact.kind === 'bill' || fact.kind === 'correction') return fact.bill.id
  if (fact.kind === 'account') return `account ${fact.person}`
  return fact.kind
}

const dateOf = (day: number): PlainDate =>
  new Date(Date.UTC(2025, 0, 1 + Math.min(364, day))).toISOString().slice(0, 10) as PlainDate

/** A person and the bills of these days as a hospital sends them: visits, and admissions, a few of them very dear. */
function read(id: string, kind: keyof typeof KINDS, days: readonly number[], random: () => number) {
  const [scheme, ofClass] = KINDS[kind]
  const cover = {
    scheme: `teaching/shifan/${scheme}`,
    from: '2018-01-01',
    answers: { class: ofClass },
  }
  const bills = days.map((day, n) => {
    const medical = pick(random, ['住院', '普通门诊', '普通门诊'])
    const scale = medical === '普通门诊' ? 1_500 : random() < 0.3 ? 150_000 : 6_000
    const yuan = () => (scale * (0.1 + random())).toFixed(2)
    const date = dateOf(day)
    return {
      id: `${id}-${n}`,
      person: id,
      admitted: date,
      discharged: date,
      settled: date,
      institution: INSTITUTIONS[n % INSTITUTIONS.length],
      answers: { medical, level: pick(random, ['一级', '二级', '三级']) },
      lines: [
        { id: '1', class: '甲', amount: yuan(), category: 'drug' },
        { id: '2', class: '乙', amount: yuan(), upfrontShare: '10%' },
        { id: '3', class: '甲', amount: yuan() },
        { id: '4', class: '丙', amount: yuan() },
      ],
    }
  })
  const upload = { amounts: 'yuan', persons: [{ id, born: '1958-04-12', covers: [cover] }], bills }
  const input = readInput(id, JSON.stringify(upload), BOOKS[0].vocabulary)
  const person = input.persons[0]?.person
  if (!person) throw new Error(`${id} is nobody`)
  return { person, bills: input.bills }
}
