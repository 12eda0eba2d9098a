import type { PlainDate } from '#base/plain-date.ts'
import { createDocumentService } from '#domains/casework/documents.service.ts'
import { createCaseService } from '#domains/casework/service.ts'
import { createCatalogueService } from '#domains/catalogue/service.ts'
import { createCoinsuranceService } from '#domains/coinsurance/service.ts'
import { createContractService } from '#domains/contracts/service.ts'
import { createRegionService } from '#domains/crossregion/service.ts'
import { createImportService } from '#domains/enrolment/imports.service.ts'
import { createReferralService } from '#domains/enrolment/referrals.service.ts'
import { createRegistryService } from '#domains/enrolment/registry.service.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createLedgerService } from '#domains/ledger/service.ts'
import { createMonthService } from '#domains/monthend/service.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import { createScenarioService } from '#domains/pricing/service.ts'
import { createReserveService } from '#domains/reserves/service.ts'
import { createDueService } from '#domains/settlement/due.service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import type { Database, Sql } from '#platform/database.ts'
import type { Secrets } from '#platform/secrets.ts'
import { teachingOf } from './catalogue-files.ts'
import { readClearingRules } from './clearing-rules.ts'
import { productsOf } from './coinsured-products.ts'
import { divisionsOf } from './divisions.ts'
import { readDraftOn } from './whatif-parameters.ts'
import { createWhatifRunner } from './whatif-runner.ts'
import { readWorkingDays } from './working-days.ts'

export type Services = ReturnType<typeof createServices>

/** Every service that stands on settlement, over one database: wired here, and nowhere else. None is at work yet. */
export function createServices({
  database,
  service,
  secrets,
  today,
  allowUndated,
  folder,
}: {
  readonly database: Database
  readonly service: SettlementService
  readonly secrets: Secrets
  today(): PlainDate
  /** Whether a tenant settles on values whose first day no source gives. */
  allowUndated(tenant: string): boolean
  /** Where a scenario that runs keeps its files. */
  readonly folder: string
}) {
  const bookOf = async (actor: Actor, sql?: Sql) => (await service.rules(actor, sql)).book
  const shared = { database, secrets, today, bookOf }
  const settling = { database, settlement: service }
  const workingDays = readWorkingDays()
  const statements = createStatementService(settling)
  const enrolment = createEnrolmentService({ ...shared, settlement: service })
  return {
    statements,
    due: createDueService(settling),
    ledger: createLedgerService({ database }),
    payments: createPaymentService({ database, secrets, today, workingDays }),
    months: createMonthService({ database }),
    reserves: createReserveService({ database }),
    documents: createDocumentService({ database, secrets }),
    cases: createCaseService({ ...settling, statements, today, workingDays }),
    contracts: createContractService({ ...settling, today }),
    coinsurance: createCoinsuranceService({
      database,
      products: async (actor, sql) => productsOf(await bookOf(actor, sql)),
      today,
    }),
    regions: createRegionService({
      database,
      divisions: async (actor, sql) => divisionsOf(await bookOf(actor, sql)),
      rules: readClearingRules(),
      workingDays,
      today,
    }),
    scenarios: createScenarioService({
      database,
      runner: createWhatifRunner({ database, folder, allowUndated }),
      rulesOf: service.rulesFor,
      readDraft: readDraftOn,
    }),
    enrolment,
    referrals: createReferralService({ ...shared, enrolment }),
    registry: createRegistryService(shared),
    imports: createImportService(shared),
    catalogue: createCatalogueService({
      database,
      isTeaching: async (actor, place) => teachingOf(place, await bookOf(actor)),
    }),
  }
}
