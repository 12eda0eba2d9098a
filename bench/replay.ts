/**
 * What a late bill costs: `npm run bench:replay`. A person with a year of bills, of whom one more is settled in its
 * order, one before all the others, and one reversed; and the decision alone, without a database.
 */
import { plainDate } from '#base/plain-date.ts'
import { createSettler } from '#domains/settlement/index.ts'
import { type CountedBill, replay } from '#domains/settlement/replay.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from '../test/crash/database.ts'
import { BOOK, readUpload, SCHEME_FILES } from '../test/crash/teaching.ts'
import { describeMachine } from './machine.ts'

const BILLS = 50
const ROUNDS = 40
const TODAY = plainDate('2026-06-30')
const actor: Actor = { tenant: 'bench', user: 'u', name: 'bench', role: 'handler' }

const dayOf = (i: number): string =>
  `2025-${String(1 + Math.floor(i / 5)).padStart(2, '0')}-${String(1 + (i % 5) * 5).padStart(2, '0')}`

const bill = (id: string, day: string, person = 'p') => ({
  id,
  person,
  admitted: day,
  discharged: day,
  settled: day,
  answers: { medical: '普通门诊', level: '三级' },
  lines: Array.from({ length: 10 }, (_, i) => ({
    id: String(i + 1),
    name: `项目${i + 1}`,
    class: '甲',
    amount: '23.40',
  })),
})

const person = (id: string) => ({
  id,
  born: '1982-04-12',
  covers: [{ scheme: 'teaching/shifan/employee', from: '2018-01-01', answers: { class: '在职' } }],
})

function median(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return `${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(2)} ms`
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** A value that has to be there: a figure of something refused would mean nothing. */
function done<T>(answer: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (answer.ok) return answer.value
  throw new Error(JSON.stringify(answer.error))
}

const year = Array.from({ length: BILLS }, (_, i) => bill(`b${i}`, dayOf(i)))
const upload = readUpload({ amounts: 'yuan', persons: [person('p')], bills: year })
const settler = createSettler(BOOK, { allowUndated: true, today: TODAY })
const counted = upload.bills.map(
  (each): CountedBill => ({ bill: each, rules: 1, settler, standing: undefined, own: true }),
)
const [first] = upload.persons
if (!first) throw new Error('there is a person')
const alone = () => replay({ person: first.person, bills: counted, movements: [], opening: {} })
for (let i = 0; i < 50; i++) alone()
const decisions: number[] = []
for (let i = 0; i < 200; i++) {
  const began = performance.now()
  alone()
  decisions.push(performance.now() - began)
}

const { database, close } = await migratedDatabase({ max: 4 })
try {
  await database.query(`insert into tenants (id, name) values ('bench', 'bench')`)
  const service = createSettlementService({
    database,
    today: () => TODAY,
    allowUndated: () => true,
    secrets: createSecrets(Buffer.alloc(32, 1)),
  })
  await service.ensureRules('bench', SCHEME_FILES, 'bench')
  let key = 0
  const settle = (id: string) =>
    service.settle(actor, `key ${key++}`, id, { steps: false }).then(done)
  const add = async (bills: readonly ReturnType<typeof bill>[], persons: readonly object[] = []) =>
    done(
      await service.addBills(
        actor,
        `key ${key++}`,
        readUpload({ amounts: 'yuan', persons: [person('p'), ...persons] as never, bills }),
      ),
    )
  await add(year)
  for (const { id } of year) await settle(id)
  const inOrder: number[] = []
  const late: number[] = []
  const reversed: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    await add([bill(`last${i}`, '2025-12-31'), bill(`first${i}`, '2025-01-01')])
    let id = ''
    inOrder.push(
      await timed(async () => {
        id = (await settle(`last${i}`)).id
      }),
    )
    done(await service.reverse(actor, `key ${key++}`, id, 'bench'))
    late.push(
      await timed(async () => {
        id = (await settle(`first${i}`)).id
      }),
    )
    reversed.push(
      await timed(async () => done(await service.reverse(actor, `key ${key++}`, id, 'bench'))),
    )
  }
  console.log(describeMachine())
  console.log(`a person with ${BILLS} bills of ten lines in one year; medians of ${ROUNDS}`)
  console.log(`  the decision alone, ${BILLS} bills            ${median(decisions)}`)
  console.log(`  one more bill in its order                ${median(inOrder)}`)
  console.log(`  a bill before all the others              ${median(late)}`)
  console.log(`  a reversal of the first                   ${median(reversed)}`)
} finally {
  await close()
}
