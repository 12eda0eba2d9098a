import { yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import type { CaseService } from '#domains/casework/service.ts'
import { DEMONSTRATION } from './demonstration.ts'

const ADMIN = { tenant: DEMONSTRATION.tenant.id, user: '', name: 'admin', role: 'admin' } as const

/** Up to what one person decides alone in the demonstration: an invented amount, set once. */
export async function prepareDemonstrationCases(cases: CaseService): Promise<void> {
  await cases.setLimit(ADMIN, 'demonstration case limit', {
    from: plainDate('2020-01-01'),
    amount: yuan('5000'),
    document: '经办规程（虚构）',
  })
}
