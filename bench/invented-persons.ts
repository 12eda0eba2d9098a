/** The invented persons of a province: who the n-th one is, and the rows that are kept of them. */
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import { insure, type Membership } from '#domains/enrolment/index.ts'
import type { Person } from '#domains/settlement/index.ts'
import { copyLine } from '#platform/database.ts'
import { keepName } from '#platform/person-name.ts'
import { TENANT } from '../test/crash/server-process.ts'
import { BOOK, idNumberOf, SECRETS } from './enrolled.ts'

const day = plainDate
export const idOf = (n: number): string => `P${String(n + 1).padStart(10, '0')}`
export const nameOf = (n: number): string => `示例${n}`

const RESIDENT: Membership = {
  scheme: 'teaching/shifan/resident',
  from: day('2024-01-01'),
  until: undefined,
  enrolledOn: day('2023-12-01'),
  answers: { class: '成年居民' },
  employer: undefined,
}
const PRODUCT: Membership = {
  scheme: 'teaching/shifan/products/huimin',
  from: day('2026-01-01'),
  until: day('2026-12-31'),
  enrolledOn: day('2025-11-20'),
  answers: { preexisting: '无' },
  employer: undefined,
}
/** All are residents, the book of a critical-illness contract; every third has the city's product as well. */
const HISTORIES = [[RESIDENT], [RESIDENT, PRODUCT], [RESIDENT]] as const

export const membershipsOf = (n: number): readonly Membership[] => HISTORIES[n % 3] ?? []

/** What a history says of covers is the same for everybody who has it, so it is worked out once. */
const BODIES = HISTORIES.map((memberships) => {
  const nothing = { died: undefined, statuses: [], repairs: [], conditions: [] }
  const reading = {
    kindOf: (scheme: string) => BOOK.schemes.get(scheme)?.kind,
    vocabulary: BOOK.vocabulary,
  }
  const body = insure({ id: '', born: day('1900-01-01'), memberships, ...nothing }, reading)
  return (id: string, born: PlainDate): string => JSON.stringify({ ...body, id, born })
})

const bornOf = (number: string): PlainDate =>
  day(`${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`)

/** The n-th person as settlement sees them. */
export const personOf = (n: number): Person =>
  JSON.parse(BODIES[n % 3]?.(idOf(n), bornOf(idNumberOf(n))) ?? '')

function personLine(n: number): string {
  const number = idNumberOf(n)
  const born = bornOf(number)
  const name = keepName(SECRETS, nameOf(n))
  return copyLine([
    TENANT,
    idOf(n),
    name.sealed,
    name.digest,
    BODIES[n % 3]?.(idOf(n), born),
    't',
    Number(number[16]) % 2 === 1 ? 'male' : 'female',
    SECRETS.seal(number),
    SECRETS.digest(`id ${number}`),
  ])
}

const MEMBERSHIPS = HISTORIES.map((memberships) =>
  memberships.map(({ scheme, from, until, enrolledOn, answers }) =>
    copyLine([scheme, from, until, enrolledOn, JSON.stringify(answers)]),
  ),
)

function membershipLines(n: number): string {
  const whose = `${TENANT}\t${idOf(n)}\t`
  let lines = ''
  for (const membership of MEMBERSHIPS[n % 3] ?? []) lines += whose + membership
  return lines
}

/** The rows of the n-th person in each table, for COPY into these columns. */
export const LINES = { persons: personLine, memberships: membershipLines }
export const COLUMNS = {
  persons: 'tenant_id, id, name_sealed, name_digest, body, enrolled, sex, id_sealed, id_digest',
  memberships: 'tenant_id, person_id, scheme, from_day, until_day, enrolled_on, answers',
}
export type Table = keyof typeof LINES
/** Persons from one up to another. */
export type Stretch = { readonly table: Table; readonly from: number; readonly to: number }
