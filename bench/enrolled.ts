/** What the benchmarks of enrolment share: a tenant with the teaching city, and invented id-card numbers. */
import { readSchemeTexts } from '#app/schemes-folder.ts'
import { plainDate } from '#base/plain-date.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { checkOf } from '#domains/enrolment/index.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { readSchemes } from '#domains/settlement/index.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'

export const ACTOR: Actor = { tenant: 'bench', user: '', name: 'bench', role: 'handler' }
export const BOOK = readSchemes(readSchemeTexts('schemes'))
export const DATA_KEY = Buffer.alloc(32, 3)
export const SECRETS = createSecrets(DATA_KEY)
const today = () => plainDate('2026-11-25')

export async function services(database: Database) {
  await database.query(`insert into tenants (id, name) values ($1, 'bench')`, [ACTOR.tenant])
  const shared = { database, today, bookOf: async () => BOOK, secrets: SECRETS }
  const settlement = createSettlementService({
    database,
    today,
    allowUndated: () => true,
    secrets: SECRETS,
  })
  return {
    imports: createImportService(shared),
    enrolment: createEnrolmentService({ ...shared, settlement }),
  }
}

/** The id-card number of the n-th invented person: days from 1940 on, a thousand serial numbers each, region after region. */
export function idNumberOf(n: number): string {
  const day = new Date(Date.UTC(1940, 0, 1 + (Math.floor(n / 1000) % 28_000)))
  const born = day.toISOString().slice(0, 10).replaceAll('-', '')
  const region = 110_101 + (Math.floor(n / 28_000_000) % 100)
  const digits = `${region}${born}${String(n % 1000).padStart(3, '0')}`
  return digits + checkOf(digits)
}
