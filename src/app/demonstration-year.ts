import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dateOfDay, plainDate } from '#base/plain-date.ts'
import type { EnrolmentService } from '#domains/enrolment/service.ts'
import {
  type Bills,
  CATEGORIES,
  CareMaker,
  type City,
  DISEASES,
  LEVELS,
  MEDICAL,
  type People,
  PeopleMaker,
  readRates,
  SEXES,
} from '#domains/population/index.ts'
import type { ScenarioService } from '#domains/pricing/service.ts'
import { type Bill, NATIVE_COMPONENTS, type SchemeBook } from '#domains/settlement/index.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { StatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Identity } from '#platform/identity.ts'
import { coversOf } from './city-covers.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { readInput } from './input.ts'

const { tenant } = DEMONSTRATION
const HANDLER: Actor = { tenant: tenant.id, user: '', name: 'handler', role: 'handler' }

export const RATES_FILE = fileURLToPath(new URL('../../rates/china.rates.yaml', import.meta.url))
const PLACE = 'teaching/shifan'
/** Enough that tables of persons have rows of ten and more, and few enough to be settled while a server starts. */
const CITY: City = { persons: 180, year: 2025, seed: 11 }
const HOSPITAL = '示例市第三人民医院'

/**
 * A year of a small town, invented like any city of `kangyang city`, settled as if its bills had come one by one, and
 * cleared long ago; and a scenario of the actuary's who asks what lower deductibles of outpatients would do to it.
 */
export async function prepareDemonstrationYear({
  service,
  statements,
  enrolment,
  scenarios,
  identity,
}: {
  readonly service: SettlementService
  readonly statements: StatementService
  readonly enrolment: EnrolmentService
  readonly scenarios: ScenarioService
  readonly identity: Identity
}): Promise<void> {
  const { book } = await service.rules(HANDLER)
  const rates = readRates(RATES_FILE, readFileSync(RATES_FILE, 'utf8'))
  const people = new PeopleMaker(rates, CITY).make(1, CITY.persons + 1)
  const care = new CareMaker(rates, CITY)
  const months = Array.from({ length: 12 }, (_, month) => care.make(people, month))
  const upload = {
    amounts: 'fen',
    persons: personsIn(people, book),
    bills: months.flatMap((bills, month) => billsIn(bills, month)),
  }
  const read = readInput('year', JSON.stringify(upload), book.vocabulary)
  const persons = read.persons.map((each, i) => ({ ...each, name: `示例居民${numbered(i + 1)}` }))
  const added = await service.addBills(HANDLER, 'demonstration year', {
    persons,
    bills: read.bills,
  })
  // The rules are no longer those of the demonstration, or one of these files is somebody's.
  if (!added.ok) return
  // Those of a person one after another, and persons beside each other: the database is asked for many at once.
  const own = new Map<string, Bill[]>()
  for (const bill of read.bills) own.set(bill.person, [...(own.get(bill.person) ?? []), bill])
  await Promise.all(
    [...own.values()].map(async (bills) => {
      for (const { id } of bills) await service.settle(HANDLER, `demonstration ${id}`, id)
    }),
  )
  await statements.clear(HANDLER, 'demonstration year cleared', {
    from: plainDate(`${CITY.year}-01-01`),
    until: plainDate(`${CITY.year}-12-31`),
    hospital: HOSPITAL,
  })
  await families(enrolment, people)
  await scenario(scenarios, identity)
}

const numbered = (n: number): string => String(n).padStart(3, '0')
const idOf = (person: number): string => `year-${numbered(person)}`

function personsIn(people: People, book: SchemeBook): object[] {
  const { classes } = coversOf(book, PLACE, CITY.year, true)
  return Array.from({ length: people.count }, (_, i) => {
    const at = <T>(words: readonly T[], column: Uint8Array) => words[column[i] as number]
    const cover = classes[people.klass[i] as number]
    const until = Math.min(
      ...[people.left[i], people.died[i]].filter((day) => day !== 0).map(Number),
    )
    const from = Math.max(people.born[i] ?? 0, people.arrived[i] ?? 0, COVERED_SINCE)
    const answers = {
      sex: at(SEXES, people.sex),
      category: at(CATEGORIES, people.category),
      civilServant: at(['否', '是'], people.civilServant),
    }
    return {
      id: idOf(people.first + i),
      born: dateOfDay(people.born[i] as number),
      attributes: [{ from: '1900-01-01', answers }],
      covers: [
        {
          scheme: cover?.scheme,
          from: dateOfDay(from),
          ...(Number.isFinite(until) ? { until: dateOfDay(until) } : {}),
          answers: { class: cover?.word },
        },
      ],
    }
  })
}

/** 2024-01-01: before it the teaching city has no rules. */
const COVERED_SINCE = 19_723

function billsIn(bills: Bills, month: number): object[] {
  return Array.from({ length: bills.count }, (_, i) => {
    const day = dateOfDay(bills.discharged[i] as number)
    const disease = DISEASES[bills.disease[i] as number]
    return {
      id: `year-${numbered(month + 1).slice(1)}-${numbered(i + 1)}`,
      person: idOf(bills.person[i] as number),
      admitted: dateOfDay(bills.admitted[i] as number),
      discharged: day,
      settled: day,
      answers: {
        medical: MEDICAL[bills.medical[i] as number],
        level: LEVELS[bills.level[i] as number],
        hospital: HOSPITAL,
        ...(disease === undefined ? {} : { disease }),
      },
      parts: Object.fromEntries(
        NATIVE_COMPONENTS.flatMap((name) =>
          name in bills ? [[name, bills[name as 'inScope'][i]]] : [],
        ),
      ),
    }
  })
}

/** Who shares an account with whom: the first of each household with the others. */
async function families(enrolment: EnrolmentService, people: People): Promise<void> {
  const first = new Map<number, number>()
  for (let i = 0; i < people.count; i++) {
    const household = people.household[i] as number
    const owner = first.get(household)
    if (owner === undefined) {
      first.set(household, i)
      continue
    }
    const years = ((people.born[i] as number) - (people.born[owner] as number)) / 365
    await enrolment.family(HANDLER, `demonstration year family ${i}`, {
      owner: idOf(people.first + owner),
      member: idOf(people.first + i),
      relation: years > 15 ? 'child' : years < -15 ? 'parent' : 'spouse',
      from: plainDate(`${CITY.year}-01-01`),
      until: null,
    })
  }
}

const DRAFT = `# 虚构的草案，供试用 / an invented draft to try things out with
title: { zh: 居民门诊起付线降到 50 元, en: Residents' outpatient deductible lowered to 50 yuan }
changes:
  - file: ${PLACE}/resident-outpatient.tier.yaml
    at: [deductible, amount, 2025-01-01, value]
    set: 50元
`

/** Shared, so that supervisors see it too, and run once: its report is there soon after the first start. */
async function scenario(scenarios: ScenarioService, identity: Identity): Promise<void> {
  const [known] = await identity.users(tenant.id, { q: 'actuary' })
  if (!known) return
  const actuary: Actor = { tenant: tenant.id, user: known.id, name: known.name, role: 'actuary' }
  const content = {
    name: '本地 2025 年：居民门诊起付线 50 元',
    draft: DRAFT,
    data: { kind: 'own', year: CITY.year },
    assumptions: {
      capacity: 24_000_00,
      capacitySource: '虚构的假设，供试用 / invented, to try things out with',
      elasticity: 200,
    },
  } as const
  const made = await scenarios.create(actuary, 'demonstration scenario', content)
  if (!made.ok) return
  const { id } = made.value
  await scenarios.change(actuary, 'demonstration scenario shared', id, { ...content, shared: true })
  await scenarios.run(actuary, 'demonstration scenario run', id)
}
