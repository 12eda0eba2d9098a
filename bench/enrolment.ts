/**
 * Enrolments a second, from a file to memberships that settle: received, read, checked, carried out.
 *
 *     npm run bench:enrolment -- 1200000
 *     npm run bench:enrolment -- 200000 xlsx
 *     npm run bench:enrolment -- 1200000 csv 1
 *
 * Every row is a new person with one membership and one premium. The same file then comes again, and then once more
 * with every hundredth premium changed; a third argument says how many of the three. Program and database share the machine.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { writeXlsx } from 'hucre'
import { migratedDatabase } from '../test/crash/database.ts'
import { ACTOR, idNumberOf } from './enrolled.ts'
import { describeMachine } from './machine.ts'
import { describeUse, watch } from './resources.ts'
import { services } from './services.ts'

const ROWS = Number(process.argv[2] ?? 100_000)
const XLSX = process.argv[3] === 'xlsx'
const TIMES = Number(process.argv[4] ?? 3)
const TITLES = '证件号码,姓名,方案,起始日,终止日,登记日,特定既往症,缴费方,应收保费,已收保费'.split(
  ',',
)
const PIECE = 10_000

const rowOf = (n: number, due: string): string[] => [
  idNumberOf(n),
  `示例${n}`,
  'teaching/shifan/products/huimin',
  ...['2026-01-01', '2026-12-31', '2025-11-20', '无', '个人', due, '158.00'],
]
const dueOf = (changed: boolean) => (n: number) => (changed && n % 100 === 0 ? '168.00' : '158.00')

async function write(path: string, changed: boolean): Promise<void> {
  const due = dueOf(changed)
  function* lines(): Generator<string> {
    yield `${TITLES.join(',')}\n`
    for (let i = 0; i < ROWS; i += PIECE) {
      let text = ''
      for (let n = i; n < Math.min(ROWS, i + PIECE); n++) text += `${rowOf(n, due(n)).join(',')}\n`
      yield text
    }
  }
  const rows = XLSX ? Array.from({ length: ROWS }, (_, n) => rowOf(n, due(n))) : []
  const content = XLSX
    ? [await writeXlsx({ sheets: [{ name: '参保', rows: [TITLES, ...rows] }] })]
    : lines()
  await pipeline(Readable.from(content), createWriteStream(path))
}

const folder = mkdtempSync(join(tmpdir(), 'kangyang-bench-'))
const { database, close } = await migratedDatabase({ max: 6 })
const { imports } = await services(database)
const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1)

async function once(label: string, path: string): Promise<void> {
  const used = watch()
  const began = performance.now()
  const received = await imports.receive(ACTOR, 'bench', createReadStream(path))
  if (!received.ok) throw new Error(received.error.code)
  const { id } = received.value
  const steps = [`received after ${seconds(began)} s`]
  await imports.run(ACTOR, `bench ${label}`, id, 'good')
  for (;;) {
    const found = await imports.view(ACTOR, id)
    if (!found.ok) throw new Error(found.error.code)
    const { rowsTotal, state, outcome, failure } = found.value
    if (steps.length === 1 && rowsTotal !== null) steps.push(`read after ${seconds(began)} s`)
    if (state === 'failed') throw new Error(JSON.stringify(failure))
    if (state === 'done') {
      const rate = Math.round((ROWS * 1_000) / (performance.now() - began)).toLocaleString('en-US')
      console.log(
        `${label}: ${ROWS.toLocaleString('en-US')} rows in ${seconds(began)} s, ${rate} rows/s (${steps.join(', ')})`,
      )
      console.log(
        `  ${Object.entries(outcome)
          .map(([name, n]) => `${name} ${n}`)
          .join(', ')}`,
      )
      console.log(`  ${describeUse(used.end())}`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

try {
  console.log(describeMachine())
  const [file, changed] = [join(folder, 'file'), join(folder, 'changed')]
  await write(file, false)
  if (TIMES > 2) await write(changed, true)
  console.log(`a file of ${Math.round(statSync(file).size / 2 ** 20)} MiB`)
  await once('new', file)
  const [disk] = await database.query<{ bytes: number }>(
    'select pg_database_size(current_database()) as bytes',
  )
  console.log(`  ${Math.round((disk?.bytes ?? 0) / ROWS)} bytes on disk a row`)
  if (TIMES > 1) await once('the same file again', file)
  if (TIMES > 2) await once('one row in a hundred changed', changed)
} finally {
  await imports.stop()
  await close()
  rmSync(folder, { recursive: true })
}
