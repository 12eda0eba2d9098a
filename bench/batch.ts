/**
 * Bills from Parquet to Parquet through five tiers, by `kangyang batch settle` as a user calls it: start of the program,
 * reading of rules and persons, results and summary are all in the time.
 *
 *     npm run bench:batch               2 and 20 million bills
 *     npm run bench:batch -- 2 20 100   as many millions as are named
 *
 * prints growth, and the same bills beside: compiled SQL in DuckDB and in ClickHouse, and other programs for rules.
 *
 *     npm run bench:batch -- day        18 million bills of the teaching city, which has every kind of tier, with what they were settled from kept
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fsyncSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashText } from '#app/batch-bucket.ts'
import { loadSchemes } from '#app/schemes-folder.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { ColumnSettler, UNBORN } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { makeBatchData } from './batch-data.ts'
import { sqlBeside } from './batch-engines.ts'
import { describeMachine, rateOf } from './machine.ts'
import { generateBills } from './peers/arithmetic.ts'
import { createPublicodes } from './peers/publicodes.ts'
import { createZen } from './peers/zen.ts'
import { childrenSeconds } from './processor-time.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = process.env.BENCH_FOLDER ?? join(tmpdir(), 'kangyang-bench-batch')
const whole = (n: number) => Math.round(n).toLocaleString('en-US')
const MIB = 2 ** 20

type Ran = {
  readonly seconds: number
  readonly hash: string
  readonly memory: number
  readonly bytes: number
  /** Seconds of processors, which other work on the machine lengthens less than the time. */
  readonly processor: number
}

/** One batch into a new folder; its time from the start of the program to its end. */
function batch(bills: string, persons: string, schemes: string, more: readonly string[]): Ran {
  const out = join(FOLDER, 'out')
  rmSync(out, { recursive: true, force: true })
  const began = performance.now()
  const before = childrenSeconds()
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'src/app/cli.ts'),
      ...['batch', 'settle', '--lang', 'en', '--allow-undated', '--bills', bills],
      ...['--persons', persons, '--schemes', schemes, '--out', out, ...more],
    ],
    { encoding: 'utf8' },
  )
  const seconds = (performance.now() - began) / 1000
  assert(status === 0 || status === 1, stderr)
  const bytes = sizeOf(join(out, 'bills/*.parquet')) + sizeOf(join(out, 'codes/*.parquet'))
  const { hash } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as { hash: string }
  return {
    seconds,
    hash,
    bytes,
    processor: childrenSeconds() - before,
    memory: Number(/at most ([\d,]+) MB/.exec(stdout)?.[1]?.replace(',', '')),
  }
}

const sizeOf = (pattern: string): number =>
  globSync(pattern).reduce((sum, path) => sum + statSync(path).size, 0)

/** Megabytes a second that this disk takes for good. */
function durableWrites(): number {
  mkdirSync(FOLDER, { recursive: true })
  const path = join(FOLDER, 'disk')
  const block = Buffer.alloc(8 * MIB, 7)
  const file = openSync(path, 'w')
  const began = performance.now()
  for (let i = 0; i < 32; i++) writeSync(file, block)
  fsyncSync(file)
  const seconds = (performance.now() - began) / 1000
  closeSync(file)
  rmSync(path)
  return (32 * 8) / seconds
}

/** The columns alone, in memory, on one thread: what is left when nothing is read or written. */
function columnsAlone(): number {
  const n = 1_000_000
  const book = loadSchemes(join(ROOT, 'bench/schemes'))
  const cover = {
    scheme: 'bench/five/five',
    from: '2020-01-01' as PlainDate,
    until: undefined,
    attributes: {},
  }
  const persons = {
    profiles: [{ attributes: [], covers: [cover] }],
    profileOf: new Int32Array(n / 4 + 1),
    born: new Int32Array(n / 4 + 1).fill(UNBORN),
  }
  const day = Int32Array.from({ length: n }, (_, i) => 19_730 + (i % 4) * 80)
  const rows = {
    bill: Float64Array.from({ length: n }, (_, i) => i),
    person: Int32Array.from({ length: n }, (_, i) => i >> 2),
    admitted: day,
    discharged: day,
    settled: day,
    answers: new Int32Array(n),
    parts: [
      {
        component: 'inScope' as const,
        values: Int32Array.from({ length: n }, (_, i) =>
          Math.floor(Math.exp(10 + (i % 997) / 200)),
        ),
      },
      { component: 'upfront' as const, values: new Int32Array(n).fill(30_000) },
      { component: 'outOfScope' as const, values: new Int32Array(n).fill(80_000) },
    ],
  }
  const sink = {
    paid: Array.from({ length: 5 }, () => new Int32Array(n)),
    patient: new Int32Array(n),
    cost: new Int32Array(n),
    weighed: new Float64Array(n),
    plan: new Int32Array(n),
    codes: undefined,
    capped: undefined,
  }
  const answers = [{ medical: '住院', level: '三级' }]
  const settler = new ColumnSettler(book, persons, answers, {
    allowUndated: true,
    today: '2026-01-01' as PlainDate,
  })
  return rateOf(n, () => settler.settle(rows, sink, () => assert.fail('all are for columns')))
}

type Size = { readonly millions: number; readonly bucketed: Ran; readonly raw: Ran }

async function uniform(millions: number, disk: number): Promise<Size> {
  const data = join(FOLDER, `${millions}`)
  if (!existsSync(join(data, 'made'))) {
    rmSync(data, { recursive: true, force: true })
    await makeBatchData(data, millions * 1_000_000)
    mkdirSync(join(data, 'made'))
  }
  const persons = join(data, 'persons/*.parquet')
  const schemes = join(ROOT, 'bench/schemes')
  const ran: Record<string, Ran> = {}
  for (const [kind, more] of [
    ['bucketed', ['--bucketed']],
    ['raw', []],
  ] as const) {
    const bills = join(data, kind, '*.parquet')
    const one = batch(bills, persons, schemes, more)
    const { seconds, memory, bytes, processor } = one
    ran[kind] = one
    // Reading at 1.4 GB/s and writing as fast as the disk keeps it: nothing that reads and writes these files is faster.
    const limit = sizeOf(bills) / MIB / 1400 + bytes / MIB / disk
    console.log(
      `${String(millions).padStart(4)} million, ${kind === 'raw' ? 'as they arrived' : 'whole persons  '}` +
        `${seconds.toFixed(1).padStart(8)} s ${whole((millions * 1e6) / seconds).padStart(12)} bills/s` +
        `${processor.toFixed(1).padStart(7)} s of processors ${whole(memory).padStart(6)} MB ${(seconds / limit).toFixed(1).padStart(6)} × the limit of ${limit.toFixed(1)} s`,
    )
  }
  const { bucketed, raw } = ran as { bucketed: Ran; raw: Ran }
  assert.equal(bucketed.hash, raw.hash, 'both ways give the same results')
  return { millions, bucketed, raw }
}

/** How time and memory grow with the number of bills: a microsecond a bill that stays is time that grows no faster. */
function printGrowth(sizes: readonly Size[]): void {
  console.log('\nGrowth               whole persons               as they arrived')
  for (const { millions, bucketed, raw } of sizes) {
    const one = ({ seconds, memory }: Ran) =>
      `${seconds.toFixed(1).padStart(7)} s ${(seconds / millions).toFixed(2).padStart(6)} µs/bill ${whole(memory).padStart(6)} MB`
    console.log(`${String(millions).padStart(4)} million ${one(bucketed)} ${one(raw)}`)
  }
}

/** The same bills by the compiled SQL, and what other programs for rules settle: each as a ratio to the whole command. */
async function printBeside({ millions, bucketed }: Size): Promise<void> {
  const data = join(FOLDER, `${millions}`)
  const rate = (millions * 1e6) / bucketed.seconds
  console.log(
    `\nBeside the whole command on ${millions} million bills (whole persons, ${whole(rate)} bills/s)`,
  )
  const besides = await sqlBeside(loadSchemes(join(ROOT, 'bench/schemes')), {
    bills: join(data, 'bucketed', '*.parquet'),
    persons: join(data, 'persons', '*.parquet'),
    temporary: FOLDER,
  })
  for (const { name, seconds, hash } of besides) {
    assert.equal(hashText(BigInt.asUintN(64, hash)), bucketed.hash, `${name} settles otherwise`)
    console.log(
      `  ${`${name}, compiled SQL, nothing written`.padEnd(52)}${seconds.toFixed(1).padStart(8)} s ${(seconds / bucketed.seconds).toFixed(1).padStart(8)} × its time, same hash`,
    )
  }
  for (const [peer, count] of [
    [createZen(), 20_000],
    [createPublicodes(), 4_000],
  ] as const) {
    const bills = generateBills(count, 42)
    await peer.settleAll(bills)
    const began = performance.now()
    await peer.settleAll(bills)
    const theirs = (count / (performance.now() - began)) * 1000
    console.log(
      `  ${`${peer.name} ${peer.version}, four tiers, in memory, one thread`.padEnd(52)}${whole(theirs).padStart(8)} bills/s, 1/${whole(rate / theirs)} of its rate`,
    )
  }
}

// --- one national day --------------------------------------------------------------------------------

const DAY_PERSONS = Number(process.env.BENCH_PERSONS ?? 5_500_000)

async function nationalDay(): Promise<void> {
  const data = join(FOLDER, 'day')
  if (!existsSync(join(data, 'city.json'))) {
    rmSync(data, { recursive: true, force: true })
    const began = performance.now()
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'src/app/cli.ts'),
        ...['city', '--persons', String(DAY_PERSONS), '--year', '2025', '--seed', '18'],
        ...['--out', data],
      ],
      { encoding: 'utf8' },
    )
    assert.equal(status, 0, stderr)
    const { counts } = JSON.parse(readFileSync(join(data, 'city.json'), 'utf8')) as {
      counts: { bills: number }
    }
    const seconds = (performance.now() - began) / 1000
    console.log(
      `The teaching city, of every kind of tier: ${whole(counts.bills)} bills made in ${seconds.toFixed(1)} s, ${whole(counts.bills / seconds)} bills/s`,
    )
  }
  const { seconds, memory, bytes } = batch(
    join(data, 'bills-*.parquet'),
    join(data, 'persons-*.parquet'),
    join(ROOT, 'schemes'),
    ['--codes'],
  )
  const out = join(FOLDER, 'out')
  const { tally, general } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    tally: { bills: number; settled: number }
    general: number
  }
  console.log(
    `One national day: ${whole(tally.settled)} of ${whole(tally.bills)} bills settled and kept with what they were settled from in ${seconds.toFixed(1)} s` +
      ` (wanted 180 s for 18,000,000), ${whole(memory)} MB; ${whole(general)} the general way; results and codes take ${whole(bytes / MIB)} MiB`,
  )
  await explainSome(out)
}

/** Some bills explained from what was kept, and compared with the explanation of a live bill. */
async function explainSome(out: string): Promise<void> {
  const files = await ColumnFiles.open({ threads: 2, memoryMb: 1024, temporary: FOLDER })
  const some = await files.rows(
    `SELECT b.person, b.bill::VARCHAR AS bill FROM read_parquet('${out}/bills/*.parquet', union_by_name = true) b
     JOIN read_parquet('${out}/codes/*.parquet', union_by_name = true) c ON c.bill = b.bill
     WHERE c.keys >= 0 AND b.person % 5003 = 7 LIMIT 4`,
  )
  files.close()
  for (const { person, bill } of some) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'src/app/cli.ts'),
        ...['batch', 'settle', '--out', out, '--explain', String(person), '--bill', String(bill)],
      ],
      { encoding: 'utf8' },
    )
    assert(status === 0 || status === 1, stderr)
  }
  console.log(`${some.length} of them explained again, each as its live bill is`)
}

// --- the report --------------------------------------------------------------------------------------

console.log(`${describeMachine()}\n`)
const asked = process.argv.slice(2)
if (asked.includes('day')) await nationalDay()
else {
  const disk = durableWrites()
  console.log(`This disk takes ${whole(disk)} MB/s for good`)
  console.log(`Columns alone, one thread, in memory: ${whole(columnsAlone())} bills/s`)
  console.log('Five tiers, zstd Parquet to zstd Parquet, the whole command')
  const sizes: Size[] = []
  for (const millions of asked.length > 0 ? asked.map(Number) : [2, 20])
    sizes.push(await uniform(millions, disk))
  printGrowth(sizes)
  // The others take minutes and much memory for more.
  const beside = sizes.filter(({ millions }) => millions <= 20).at(-1)
  if (beside) await printBeside(beside)
}
if (process.env.BENCH_FOLDER === undefined) rmSync(FOLDER, { recursive: true, force: true })
