/**
 * A panel's year: every month shared, and what an insurer owes by it paid. Each step is a command of its own key, so that
 * whoever is killed in the middle is started again and goes on. `URL TENANT PANEL` say on which database, and of which.
 */
import assert from 'node:assert/strict'
import { todayInChina } from '#app/clock.ts'
import { productsOf } from '#app/coinsured-products.ts'
import { lastDay } from '#base/month.ts'
import type { Result } from '#base/result.ts'
import { createCoinsuranceService } from '#domains/coinsurance/service.ts'
import type { Actor } from '#platform/actor.ts'
import { openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { BOOK } from './teaching.ts'

const [url = '', tenant = '', panel = ''] = process.argv.slice(2)
const database = openDatabase(url, { max: 2, role: SERVER_ROLE })
const coinsurance = createCoinsuranceService({
  database,
  products: async () => productsOf(BOOK),
  today: todayInChina,
})
const cashier = (name: string): Actor => ({ tenant, user: name, name, role: 'cashier' })
const [maker, second] = [cashier('maker'), cashier('second')]

console.log('begun')
for (let n = 1; n <= 12; n++) {
  const month = `2023-${String(n).padStart(2, '0')}`
  granted(await coinsurance.close(maker, `share ${month}`, panel, month))
  const { insurers } = granted(await coinsurance.statement(maker, panel, { month, insurer: 'R02' }))
  const amount = insurers[0]?.claims.inMonth ?? 0
  if (amount === 0) continue
  const { id } = granted(
    await coinsurance.receive(maker, `receive ${month}`, panel, {
      insurer: 'R02',
      on: lastDay(month),
      amount,
      reference: month,
    }),
  )
  granted(await coinsurance.confirmReceipt(second, `confirm ${month}`, id))
}
await database.close()

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, JSON.stringify(done))
  return done.value
}
