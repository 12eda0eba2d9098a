import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plainDate } from '#base/plain-date.ts'
import type { ContractService } from '#domains/contracts/service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { StatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { readInput } from './input.ts'

export const CONTRACT_FILE = fileURLToPath(
  new URL('../../samples/critical-illness.contract.yaml', import.meta.url),
)

const as = (name: 'actuary' | 'supervisor' | 'handler'): Actor => ({
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name,
  role: name,
})

const HOSPITAL = '示例市第二人民医院'
const SCHEME = 'teaching/shifan/resident'
/** What the fund paid of the first band before rates were raised, in a draft with which a visitor replays the year. */
const TIER = `${SCHEME}-critical-illness.tier.yaml`
const BAND = 'upTo: 50000元, rate:'
export const BEFORE_THE_CHANGE = '大病报销比例调整前（虚构，测算用）'

/** Invented people with invented long stays: each year of the contract has claims, and 2025 more than was raised for it. */
const STAYS = [
  ['serious-a', '示例十七', '2024-06-18', '80000'],
  ['serious-b', '示例十八', '2025-06-18', '100000'],
  ['serious-c', '示例十九', '2025-11-12', '80000'],
] as const

/**
 * The invented contract of the teaching city, drafted by one and confirmed by another, and what was claimed in its years,
 * settled and cleared long ago. Its years are left to visitors.
 */
export async function prepareDemonstrationContract({
  contracts,
  service,
  statements,
}: {
  readonly contracts: ContractService
  readonly service: SettlementService
  readonly statements: StatementService
}): Promise<void> {
  await longStays(service, statements)
  const text = readFileSync(CONTRACT_FILE, 'utf8')
  const drafted = await contracts.draftContract(as('actuary'), 'demonstration contract', text)
  if (!drafted.ok) return
  const key = 'demonstration contract confirmed'
  await contracts.decideContract(as('supervisor'), key, drafted.value, { act: 'confirm' })
  const known = await service.drafts(as('actuary'))
  const { files } = await service.rules(as('actuary'))
  const before = files[TIER]?.replaceAll(`${BAND} 60%`, `${BAND} 50%`)
  if (before === undefined || known.some(({ name }) => name === BEFORE_THE_CHANGE)) return
  await service.addDraft(as('actuary'), BEFORE_THE_CHANGE, { [TIER]: before })
}

async function longStays(service: SettlementService, statements: StatementService): Promise<void> {
  const handler = as('handler')
  const upload = {
    amounts: 'yuan',
    persons: STAYS.map(([id]) => ({
      id,
      born: '1966-03-02',
      covers: [
        { scheme: SCHEME, from: '2019-01-01', answers: { class: '成年居民', continuousYears: 5 } },
      ],
    })),
    bills: STAYS.map(([person, , day, inScope]) => ({
      id: `${person}-${day.slice(0, 7)}`,
      person,
      admitted: day,
      discharged: day,
      settled: day,
      answers: { medical: '住院', level: '三级', hospital: HOSPITAL },
      parts: { inScope },
    })),
  }
  const { book } = await service.rules(handler)
  const { persons, bills } = readInput('stays', JSON.stringify(upload), book.vocabulary)
  const named = persons.map((each, i) => ({ ...each, name: STAYS[i]?.[1] ?? '' }))
  await service.addBills(handler, 'demonstration long stays', { persons: named, bills })
  for (const { id } of bills) await service.settle(handler, `demonstration ${id}`, id)
  await statements.clear(handler, 'demonstration long stays cleared', {
    from: plainDate('2024-01-01'),
    until: plainDate('2025-12-31'),
    hospital: HOSPITAL,
  })
}
