/**
 * One payment run, from the draft to closed, and what failed in it paid again: each step a command of its own key, so that
 * whoever is killed in the middle is started again and goes on. `URL NAME` say on which database, and as which run.
 */
import assert from 'node:assert/strict'
import { readWorkingDays } from '#app/working-days.ts'
import { plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import type { Actor } from '#platform/actor.ts'
import { openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { openSecrets } from '#platform/kept-keys.ts'

const [url = '', run = '', dataKey = ''] = process.argv.slice(2)
const owner = openDatabase(url, { max: 1 })
const database = openDatabase(url, { max: 2, role: SERVER_ROLE })
const payments = createPaymentService({
  database,
  secrets: await openSecrets(owner, [Buffer.from(dataKey, 'hex')]),
  today: () => plainDate('2026-11-27'),
  workingDays: readWorkingDays(),
})
const cashier = (name: string): Actor => ({ tenant: 'city', user: name, name, role: 'cashier' })
const [maker, second] = [cashier('maker'), cashier('second')]
const all = { until: plainDate('9999-12-31'), payOn: plainDate('2026-12-31') }

console.log('begun')
for (const round of ['first', 'again']) {
  const key = (step: string) => `${run} ${round} ${step}`
  const { id } = granted(await payments.make(maker, key('make'), all))
  granted(await payments.submit(maker, key('submit'), id))
  const orders = async () => granted(await payments.batch(maker, id, 0)).orders
  const items = await orders()
  const amount = items.reduce((sum, each) => sum + each.amount, 0)
  granted(await payments.release(second, key('release'), id, { orders: items.length, amount }))
  granted(await payments.send(maker, key('send'), id))
  const fails = (no: number) => round === 'first' && no % 2 === 0
  const ordered = await orders()
  const rows = ordered.map(({ no, endToEnd }) => `${endToEnd},${fails(no) ? 'failed' : 'settled'}`)
  const text = ['end_to_end_id,status', ...rows].join('\n')
  granted(await payments.takeIn(maker, key('answers'), { name: key('answers'), text }))
  for (const { id: item, no } of ordered)
    if (fails(no))
      granted(await payments.confirmFailure(maker, key(`confirm ${no}`), item, '银行来函'))
  granted(await payments.close(maker, key('close'), id))
}
await database.close()
await owner.close()

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, JSON.stringify(done))
  return done.value
}
