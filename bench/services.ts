/** The services of enrolment over a database of their own, for one tenant. */
import { plainDate } from '#base/plain-date.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Database } from '#platform/database.ts'
import { ACTOR, BOOK, SECRETS } from './enrolled.ts'

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
