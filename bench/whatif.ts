/**
 * A year of an invented city under the rules and under a draft of them, by `kangyang whatif` as a user calls it: start of
 * the program, reading, both settlements, every comparison and the report are all in the time.
 *
 *     npm run bench:whatif            100,000 persons
 *     npm run bench:whatif -- 1000000
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Whatif } from '#domains/pricing/index.ts'
import { describeMachine } from './machine.ts'

const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))
const persons = Number(process.argv[2] ?? 100_000)
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'kangyang-bench-whatif-'))
const whole = (n: number) => Math.round(n).toLocaleString('en-US')

function kangyang(...args: string[]): number {
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return (performance.now() - began) / 1000
}

const DRAFT = `title: { zh: 三级医院起付线, en: Deductible at tertiary hospitals }
changes:
  - file: teaching/shifan/resident-inpatient.tier.yaml
    at: [deductible, amount, 2025-01-01, value, by class, 成年居民, by level, 三级]
    set: 1500元
`

try {
  console.log(describeMachine())
  kangyang('city', '--persons', String(persons), '--year', '2025', '--seed', '7', '--out', 'city')
  writeFileSync(join(folder, 'draft.yaml'), DRAFT)
  const seconds = kangyang(
    ...['whatif', 'draft.yaml', '--bills', 'city/bills-*.parquet'],
    ...['--persons', 'city/persons-*.parquet', '--out', 'out'],
  )
  const { comparison, hash } = JSON.parse(
    readFileSync(join(folder, 'out/report.json'), 'utf8'),
  ) as Whatif
  assert(comparison)
  const bills = comparison.bills.before
  console.log(
    `one draft: ${whole(persons)} persons, ${whole(bills)} bills settled twice and compared in ${seconds.toFixed(1)} s, ${whole(bills / seconds)} bills/s, report ${hash}`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
