import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ContractService } from '#domains/contracts/service.ts'
import type { Actor } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'

export const CONTRACT_FILE = fileURLToPath(
  new URL('../../samples/critical-illness.contract.yaml', import.meta.url),
)

const as = (name: 'actuary' | 'supervisor'): Actor => ({
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name,
  role: name,
})

/** The invented contract of the teaching city, drafted by one and confirmed by another. Its years are left to visitors. */
export async function prepareDemonstrationContract(contracts: ContractService): Promise<void> {
  const text = readFileSync(CONTRACT_FILE, 'utf8')
  const drafted = await contracts.draftContract(as('actuary'), 'demonstration contract', text)
  if (!drafted.ok) return
  const key = 'demonstration contract confirmed'
  await contracts.decideContract(as('supervisor'), key, drafted.value, { act: 'confirm' })
}
