import { join } from 'node:path'
import { readDraftOn } from '#app/whatif-parameters.ts'
import { createWhatifRunner } from '#app/whatif-runner.ts'
import { createScenarioService, type ScenarioService } from '#domains/pricing/service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Guarded } from '#platform/database.ts'

/** Scenarios of a server that carries no run out: it is never started. */
export const idleScenarios = (
  database: Guarded,
  { rulesFor }: Pick<SettlementService, 'rulesFor'>,
  folder = join('/', 'nowhere'),
): ScenarioService =>
  createScenarioService({
    database,
    runner: createWhatifRunner({ database, folder, allowUndated: () => false }),
    rulesOf: rulesFor,
    readDraft: readDraftOn,
  })
