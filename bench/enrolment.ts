/**
 * Enrolments a second, from a CSV file to memberships that settle: received, read, carried out.
 *
 *     npm run bench:enrolment -- 1200000
 *
 * Every row is a new person with one membership and one premium. Program and database share the machine.
 */
import { Buffer } from 'node:buffer'
import { migratedDatabase } from '../test/crash/database.ts'
import { ACTOR, idNumberOf, services } from './enrolled.ts'
import { describeMachine } from './machine.ts'

const ROWS = Number(process.argv[2] ?? 100_000)
const HEAD = '证件号码,姓名,方案,起始日,终止日,登记日,既往症,缴费方,应收保费,已收保费\n'

async function* file(): AsyncGenerator<Buffer> {
  yield Buffer.from(HEAD.replace('既往症', '特定既往症'))
  for (let i = 0; i < ROWS; i += 10_000) {
    let text = ''
    for (let n = i; n < Math.min(ROWS, i + 10_000); n++)
      text += `${idNumberOf(n)},示例${n},teaching/shifan/products/huimin,2026-01-01,2026-12-31,2025-11-20,无,个人,158.00,158.00\n`
    yield Buffer.from(text)
  }
}

const { database, close } = await migratedDatabase({ max: 6 })
const { imports } = await services(database)
const seconds = async (work: () => Promise<void>): Promise<number> => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1_000
}

async function once(label: string): Promise<void> {
  let id = ''
  const received = await seconds(async () => {
    const done = await imports.receive(ACTOR, 'bench.csv', file())
    if (!done.ok) throw new Error(done.error.code)
    id = done.value.id
  })
  let readAfter = 0
  const carried = await seconds(async () => {
    const began = performance.now()
    await imports.run(ACTOR, `bench ${label}`, id, 'good')
    for (;;) {
      const found = await imports.view(ACTOR, id)
      if (!found.ok) throw new Error(found.error.code)
      if (readAfter === 0 && found.value.rowsTotal !== null)
        readAfter = (performance.now() - began) / 1_000
      if (found.value.state === 'done') {
        console.log(JSON.stringify(found.value.outcome))
        return
      }
      if (found.value.state === 'failed') throw new Error(JSON.stringify(found.value.failure))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })
  const all = received + carried
  const rate = Math.round(ROWS / all).toLocaleString('en-US')
  console.log(
    `${label}: ${ROWS.toLocaleString('en-US')} rows in ${all.toFixed(1)} s, ${rate} rows/s (received ${received.toFixed(1)} s, read by ${readAfter.toFixed(1)} s, carried out by ${carried.toFixed(1)} s)`,
  )
}

try {
  console.log(describeMachine())
  await once('new')
  await once('the same file again')
  const memory = Math.round(process.memoryUsage.rss() / 2 ** 20)
  console.log(`memory of the program ${memory} MiB`)
} finally {
  await imports.stop()
  await close()
}
