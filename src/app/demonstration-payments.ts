import { plainDate } from '#base/plain-date.ts'
import type { BankAccount } from '#domains/payments/index.ts'
import type { PaymentService } from '#domains/payments/service.ts'
import type { Actor } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'

const HANDLER: Actor = {
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name: 'handler',
  role: 'handler',
}
const FROM = plainDate('2020-01-01')
const BANK = { bankCode: '999000000006', bankName: '示例银行示例市分行（虚构）' } as const

/**
 * Accounts of those whom the demonstration's bills owe, but for the community centre: what it is owed waits for one. No
 * bank has these numbers. Each is given once; what people changed since stays as they left it.
 */
export async function prepareDemonstrationPayments(payments: PaymentService): Promise<void> {
  const give = (account: Omit<BankAccount, 'from' | 'document' | 'bankCode' | 'bankName'>) =>
    payments.addAccount(HANDLER, `demonstration account of ${account.holderId}`, {
      ...account,
      ...BANK,
      from: FROM,
      document: '账户登记表（虚构）',
    })
  await give({
    holder: 'institution',
    holderId: 'H101',
    kind: 'account',
    name: '示例市第一人民医院',
    number: '10010000000001',
  })
  await give({
    holder: 'person',
    holderId: 'returned',
    kind: 'card',
    name: '示例十二',
    number: '6200000000000000018',
  })
  const all = { until: plainDate('9999-12-31'), payOn: plainDate('9999-12-31') }
  const { left, orders } = await payments.preview(HANDLER, all)
  const funds = new Set([...left, ...orders].map(({ fund }) => fund))
  for (const [i, fund] of [...funds].toSorted().entries())
    await give({
      holder: 'fund',
      holderId: fund,
      kind: 'account',
      name: `示例市医疗保障基金专户 ${i + 1}（虚构）`,
      number: String(20_010_000_000_001 + i),
      answerDays: 3,
    })
}
