/**
 * A year of an invented city under the rules and under a draft of them, by `kangyang whatif` as a user calls it: start of
 * the program, reading, both settlements, every comparison and the report are all in the time. With a second number that
 * many drafts are held against one baseline, by `kangyang whatif --drafts`.
 *
 *     npm run bench:whatif            100,000 persons
 *     npm run bench:whatif -- 1000000
 *     npm run bench:whatif -- 6000000 20   20 drafts on some 20 million bills
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Whatif } from '#domains/pricing/index.ts'
import { describeMachine } from './machine.ts'

const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))
const persons = Number(process.argv[2] ?? 100_000)
const drafts = Number(process.argv[3] ?? 1)
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'kangyang-bench-whatif-'))
const whole = (n: number) => Math.round(n).toLocaleString('en-US')

/** How long it took, and what it said. */
function kangyang(...args: string[]): { readonly seconds: number; readonly said: string } {
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return { seconds: (performance.now() - began) / 1000, said: stdout }
}

const draftOf = (
  yuan: number,
) => `title: { zh: 三级医院起付线 ${yuan} 元, en: Deductible at tertiary hospitals ${yuan} yuan }
changes:
  - file: teaching/shifan/resident-inpatient.tier.yaml
    at: [deductible, amount, 2025-01-01, value, by class, 成年居民, by level, 三级]
    set: ${yuan}元
`

try {
  console.log(describeMachine())
  kangyang('city', '--persons', String(persons), '--year', '2025', '--seed', '7', '--out', 'city')
  if (drafts > 1) manyDrafts()
  else oneDraft()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function oneDraft(): void {
  writeFileSync(join(folder, 'draft.yaml'), draftOf(1500))
  const { seconds } = kangyang(
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
}

function manyDrafts(): void {
  mkdirSync(join(folder, 'drafts'))
  for (let i = 0; i < drafts; i++)
    writeFileSync(
      join(folder, 'drafts', `${String(i + 1).padStart(3, '0')}.yaml`),
      draftOf(1000 + 50 * i),
    )
  const { seconds, said } = kangyang(
    ...['whatif', '--drafts', 'drafts/*.yaml', '--bills', 'city/bills-*.parquet'],
    ...['--persons', 'city/persons-*.parquet', '--out', 'out', '--lang', 'en'],
  )
  const { tally } = JSON.parse(readFileSync(join(folder, 'out/before/summary.json'), 'utf8')) as {
    readonly tally: { readonly bills: number }
  }
  const last = String(drafts).padStart(3, '0')
  const { hash } = JSON.parse(
    readFileSync(join(folder, `out/drafts/${last}/report.json`), 'utf8'),
  ) as Whatif
  console.log(
    `${drafts} drafts: ${whole(persons)} persons, ${whole(tally.bills)} bills against one baseline in ${seconds.toFixed(0)} s, ${(seconds / (drafts + 1)).toFixed(1)} s a settlement with its comparison, ${/at most .*/.exec(said)?.[0]}, last report ${hash}`,
  )
}
