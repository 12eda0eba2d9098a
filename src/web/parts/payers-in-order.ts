import type { Payer } from '#domains/settlement/types.ts'
import type { SettlementView } from '#web/api.ts'

/** Everybody who pays something, in the order in which they were asked. */
export const payersInOrder = ({ tiers, payers }: SettlementView): Payer[] => [
  ...new Set(tiers.map(({ payer }) => payer).filter((payer) => (payers[payer] ?? 0) > 0)),
]
