import { compose, dayNumber } from '#base/plain-date.ts'
import { Random, seedOf } from './random.ts'
import { type City, CLASSES, DISEASES, type Frequency, type People, type Rates } from './types.ts'

/** Households are formed among so many persons at a time, whatever asks for them. */
export const BLOCK = 1_000

const PERSON = 1
const HOUSEHOLDS = 2

const CLASS = {
  working: CLASSES.indexOf('在职'),
  retired: CLASSES.indexOf('退休'),
  resident: CLASSES.indexOf('成年居民'),
  pupil: CLASSES.indexOf('学生儿童'),
  student: CLASSES.indexOf('大学生'),
}
const CANCER = 1 << DISEASES.indexOf('恶性肿瘤')

/** Invents the persons of a city, block by block; the same block is the same persons wherever it is made. */
export class PeopleMaker {
  readonly #rates: Rates
  readonly #city: City
  readonly #january: number
  readonly #ages: readonly number[]
  readonly #men: number
  readonly #shares: ReturnType<typeof classShares>
  readonly #monthly: ReturnType<typeof monthlyRates>
  readonly #prevalence: readonly (readonly number[])[]
  readonly #random = new Random(0)

  constructor(rates: Rates, city: City) {
    this.#rates = rates
    this.#city = city
    this.#january = dayNumber(compose(city.year, 1, 1))
    const { men, women } = rates.population
    const all = sum(men) + sum(women)
    this.#ages = men.map((n, i) => (n + (women[i] ?? 0)) / all)
    this.#men = sum(men) / all
    this.#shares = classShares(rates)
    this.#monthly = monthlyRates(rates)
    this.#prevalence = prevalence(rates)
  }

  /** The persons from `first` to before `end`; both fall on a block, or `end` is the last of the city. */
  make(first: number, end: number): People {
    const count = end - first
    const people: People = {
      first,
      count,
      household: new Int32Array(count),
      born: new Int32Array(count),
      sex: new Uint8Array(count),
      klass: new Uint8Array(count),
      category: new Uint8Array(count),
      civilServant: new Uint8Array(count),
      supplementary: new Uint8Array(count),
      chronic: new Uint8Array(count),
      arrived: new Int32Array(count),
      left: new Int32Array(count),
      died: new Int32Array(count),
      inpatient: new Float32Array(count),
      outpatient: new Float32Array(count),
      chronicVisits: new Float32Array(count),
    }
    for (let at = 0; at < count; at += BLOCK) {
      const size = Math.min(BLOCK, count - at)
      const ages = new Uint8Array(size)
      for (let i = 0; i < size; i++) ages[i] = this.#person(people, at + i)
      this.#households(people, at, ages)
    }
    return people
  }

  /** One person but for the household. Answers with the age at the year's beginning. */
  #person(people: People, at: number): number {
    const random = this.#random
    const { insurance, moves, deaths } = this.#rates
    const chronic = this.#prevalence
    random.begin(seedOf(this.#city.seed, PERSON, people.first + at))
    const group = random.among(this.#ages)
    const of = this.#rates.population
    const men = of.men[group] as number
    const male = random.next() < men / (men + (of.women[group] as number))
    const age = group * 5 + random.below(5)
    // Of the youngest, those not yet born when the year begins are born in the course of it.
    const born =
      age === 0 ? this.#january + random.below(365) : this.#january - age * 365 - random.below(365)
    people.born[at] = born
    people.sex[at] = male ? 0 : 1

    const retires = male ? insurance.retirementAgeMen : insurance.retirementAgeWomen
    const shares = this.#shares
    const luck = random.next()
    let klass = CLASS.resident
    if (age >= retires) klass = luck < shares.retired ? CLASS.retired : CLASS.resident
    else if (age < 18) klass = CLASS.pupil
    else if (age < 23 && luck < shares.student) klass = CLASS.student
    else if (age >= 20 && luck >= 1 - shares.working) klass = CLASS.working
    people.klass[at] = klass
    const employee = klass === CLASS.working || klass === CLASS.retired
    people.civilServant[at] = employee && random.next() < insurance.civilServants ? 1 : 0
    people.supplementary[at] = random.next() < insurance.supplementaryTakeUp ? 1 : 0

    let ill = 0
    for (let d = 0; d < chronic.length; d++)
      if (random.next() < (chronic[d]?.[lifeStage(age)] as number)) ill |= 1 << d
    people.chronic[at] = ill

    if (age > 0 && random.next() < moves.arrive)
      people.arrived[at] = this.#january + random.below(365)
    if (random.next() < moves.leave)
      people.left[at] = Math.max(people.arrived[at] ?? 0, born, this.#january) + random.below(180)
    const dying = (male ? deaths.men : deaths.women)[
      age === 0 ? 0 : age < 5 ? 1 : Math.min(21, 1 + Math.floor(age / 5))
    ] as number
    if (random.next() < dying / 1_000_000)
      people.died[at] =
        Math.max(people.arrived[at] ?? 0, born, this.#january) + random.below(age === 0 ? 30 : 180)

    const { inpatient, outpatient } = this.#monthly
    const aged = ageGroup(age)
    const whom = employee ? 'employees' : 'residents'
    const frail = ill & CANCER ? this.#rates.inpatient.withCancer : 1
    people.inpatient[at] = (inpatient[whom][aged] as number) * frail
    people.outpatient[at] = outpatient[whom][aged] as number
    let visits = 0
    for (let d = 0; d < chronic.length; d++)
      if (ill & (1 << d)) visits += (this.#rates.chronicVisits[d]?.visits ?? 0) / 12
    people.chronicVisits[at] = visits
    return age
  }

  /**
   * Couples of about the same age, children with a mother 20 to 42 years older, and then single young and old people
   * with a household of their parents' or children's age, until households are as large as they are on average.
   */
  #households(people: People, start: number, ages: Uint8Array): void {
    const random = this.#random
    random.begin(seedOf(this.#city.seed, HOUSEHOLDS, people.first + start))
    const size = ages.length
    const grown: [men: number[], women: number[]] = [[], []]
    // Age before place in the block, so that each list is in the order of age.
    const order = Uint32Array.from(ages, (age, i) => age * BLOCK + i).sort()
    for (const each of order) {
      if (each < 20 * BLOCK) continue
      const i = each % BLOCK
      grown[people.sex[start + i] as 0 | 1].push(i)
    }
    const [men, women] = grown
    const homes: number[][] = []
    for (let i = 0; i < Math.max(men.length, women.length); i++) {
      const pair = [women[i], men[i]].filter((each) => each !== undefined)
      if (pair.length === 2 && random.next() < 0.8) homes.push(pair)
      else for (const each of pair) homes.push([each])
    }
    const headAge = (home: number[]) => ages[home[0] as number] as number
    const joinElder = (member: number, least: number, most: number, from: number[][]) => {
      const age = ages[member] as number
      const fitting = from.filter(
        (home) => home.length > 1 && headAge(home) - age >= least && headAge(home) - age <= most,
      )
      const home = fitting[random.below(fitting.length)] ?? from[random.below(from.length)]
      home?.push(member)
    }
    const couples = homes.filter((home) => home.length > 1)
    const parents = couples.length > 0 ? couples : homes
    for (let i = 0; i < size; i++) {
      if ((ages[i] as number) >= 20) continue
      if (parents.length === 0) homes.push([i])
      else joinElder(i, 20, 42, parents)
    }
    const wanted = Math.max(1, Math.round(size / this.#rates.householdMean))
    const single = homes.filter((home) => home.length === 1)
    let left = homes.length
    for (const home of single.toSorted((a, b) => distance(headAge(b)) - distance(headAge(a)))) {
      if (left <= wanted || parents === homes) break
      const member = home.pop() as number
      if (headAge([member]) < 45) joinElder(member, 20, 42, parents)
      else joinElder(member, -42, -20, parents)
      left--
    }
    let number = 0
    for (const home of homes) {
      if (home.length === 0) continue
      const category = random.among(this.#rates.categories)
      for (const member of home) {
        people.household[start + member] = people.first + start + number
        people.category[start + member] = category
      }
      number++
    }
  }
}

/** The young and the old live with their family before those in between do. */
const distance = (age: number): number => Math.abs(age - 45)

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** Ages 0–4, 5–14, 15–24, 25–44, 45–59, 60–69, 70–79, 80 and older. */
const AGE_BOUNDS = [5, 15, 25, 45, 60, 70, 80]
function ageGroup(age: number): number {
  const found = AGE_BOUNDS.findIndex((bound) => age < bound)
  return found < 0 ? AGE_BOUNDS.length : found
}

/** Ages 0–19, 20–39, 40–64, 65 and older. */
const lifeStage = (age: number): number => (age < 20 ? 0 : age < 40 ? 1 : age < 65 ? 2 : 3)

/** The share of each stage of life that has a disease, so that adults come to the published share. */
function prevalence(rates: Rates): number[][] {
  const adults = singleAges(rates).map((n, age) => (age < 18 ? 0 : n))
  return rates.chronic.map(({ adults: share, byAge }) => {
    const shaped = sum(adults.map((n, age) => n * (byAge[lifeStage(age)] ?? 0))) / sum(adults)
    return byAge.map((times) => Math.min(1, (share * times) / shaped))
  })
}

/** How many of a city are of an age, a year of age at a time. */
function singleAges({ population: { men, women } }: Rates, sex?: 'men' | 'women'): number[] {
  return Array.from({ length: 105 }, (_, age) => {
    const group = Math.floor(age / 5)
    const of = (list: readonly number[]) => (list[group] ?? 0) / 5
    return (sex === 'women' ? 0 : of(men)) + (sex === 'men' ? 0 : of(women))
  })
}

/** The share of each age that has a class, so that the classes come to what is published. */
function classShares(rates: Rates) {
  const { insurance } = rates
  const all = sum(singleAges(rates))
  const men = singleAges(rates, 'men')
  const women = singleAges(rates, 'women')
  const between = (ages: number[], from: number, to: number) => sum(ages.slice(from, to)) / all
  const old =
    between(men, insurance.retirementAgeMen, 105) +
    between(women, insurance.retirementAgeWomen, 105)
  const young =
    between(men, 20, insurance.retirementAgeMen) + between(women, 20, insurance.retirementAgeWomen)
  const students = between(singleAges(rates), 18, 23)
  const residents =
    insurance.residentAdults + insurance.residentPupils + insurance.universityStudents
  return {
    retired: Math.min(1, insurance.retired / insurance.insured / old),
    working: Math.min(1, insurance.working / insurance.insured / young),
    student: Math.min(
      1,
      ((insurance.universityStudents / residents) *
        (1 - (insurance.working + insurance.retired) / insurance.insured)) /
        students,
    ),
  }
}

/** What is to be expected in a month at each age, so that each class comes to its published rate on average. */
function monthlyRates(rates: Rates) {
  const shares = classShares(rates)
  const ages = singleAges(rates)
  const { insurance } = rates
  const retires = (insurance.retirementAgeMen + insurance.retirementAgeWomen) / 2
  const isEmployee = (age: number) =>
    age >= retires ? shares.retired : age >= 20 ? shares.working : 0
  const cancer = prevalence(rates)[DISEASES.indexOf('恶性肿瘤')] ?? []
  const average = (frequency: Frequency, weight: (age: number) => number, times: number) => {
    let persons = 0
    let events = 0
    for (const [age, number] of ages.entries()) {
      const n = number * weight(age)
      const ill = cancer[lifeStage(age)] ?? 0
      persons += n
      events += n * (frequency.byAge[ageGroup(age)] ?? 1) * (1 + ill * (times - 1))
    }
    return events / persons
  }
  const monthly = (frequency: Frequency, times: number) => {
    const employees = average(frequency, isEmployee, times)
    const residents = average(frequency, (age) => 1 - isEmployee(age), times)
    return {
      employees: frequency.byAge.map((n) => (n / employees) * (frequency.employees / 12)),
      residents: frequency.byAge.map((n) => (n / residents) * (frequency.residents / 12)),
    }
  }
  return {
    inpatient: monthly(rates.inpatient, rates.inpatient.withCancer),
    outpatient: monthly(rates.outpatient, 1),
  }
}
