/**
 * The same bills through four engines: the kernel (`kangyang batch settle`), and the compiled SQL of every scheme that
 * compiles in DuckDB, ClickHouse (chDB) and Apache Spark. Prints their hashes and times, and fails where two differ.
 *
 *     npm run test:engines                      a synthetic city of 20,000 persons
 *     BILLS=20000000 npm run test:engines       of so many persons that they have about as many bills
 *     npm run test:engines -- jiangsu           only schemes whose names begin so; ENGINES=duckdb,clickhouse leaves Spark out
 *
 * With FOLDER the city and each result stay there: a run that is stopped goes on where it was. Spark needs what
 * `npm run test:spark` needs.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Session } from 'chdb'
import { loadSchemes } from '#app/schemes-folder.ts'
import type { DialectName } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { groupsOf, makeCity } from './city.ts'
import { hashOf, queriesOf, type Settled, settleByKernel, settledOf, summed } from './kernel.ts'
import { Spark } from './spark.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What a person of the synthetic city has in its year, about. */
const BILLS_A_PERSON = 3.35

type Kept = { readonly bills: number; readonly hash: string; readonly seconds: number }
/** What is known so far: it is written after each result. */
type Found = {
  readonly city: string
  readonly bills: number
  kernel?: {
    readonly groups: readonly Omit<Kept, 'seconds'>[]
    readonly seconds: number
    readonly mb: number
  }
  readonly engines: Record<string, Record<string, Kept>>
}

const folder = process.env.FOLDER ?? mkdtempSync(join(tmpdir(), 'kangyang-engines-'))
const seed = Number(process.env.SEED ?? 1)
const persons = process.env.BILLS
  ? Math.ceil(Number(process.env.BILLS) / BILLS_A_PERSON)
  : Number(process.env.PERSONS ?? 20_000)
const engines = (process.env.ENGINES ?? 'duckdb,clickhouse,spark').split(',') as DialectName[]
const wanted = process.argv.slice(2)
const book = loadSchemes(join(ROOT, 'schemes'))
const groups = groupsOf(book).filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)
assert(groups.length > 0, `no scheme that compiles begins with ${wanted.join(' or ')}`)
const city = join(folder, 'city')
const kept = join(folder, 'found.json')
const whole = (n: number) => Math.round(n).toLocaleString('en-US')

const found = await begin()
const keep = () => {
  writeFileSync(`${kept}.tmp`, JSON.stringify(found, undefined, 1))
  renameSync(`${kept}.tmp`, kept)
}

async function begin(): Promise<Found> {
  const named = `${persons} persons, seed ${seed}: ${groups.map(({ name }) => name).join(' ')}`
  if (existsSync(kept)) {
    const earlier = JSON.parse(readFileSync(kept, 'utf8')) as Found
    assert.equal(earlier.city, named, `${folder} holds another city: name another FOLDER`)
    return earlier
  }
  const bills = await makeCity(book, groups, { folder: city, persons, seed })
  return { city: named, bills, engines: {} }
}

console.log(
  `${whole(found.bills)} bills of ${whole(persons)} persons under ${groups.length} schemes`,
)
keep()
if (!found.kernel) {
  const { settled, seconds, mb } = await settleByKernel(city, groups.length)
  const kept = settled.map(({ bills, hash }) => ({ bills, hash: String(hash) }))
  found.kernel = { groups: kept, seconds, mb }
  keep()
}
const kernel = found.kernel.groups.map(
  ({ bills, hash }): Settled => ({ bills, hash: BigInt(hash) }),
)
console.log(total('kernel', kernel, found.kernel.seconds))

const knownOf = (engine: string): Record<string, Kept> => {
  found.engines[engine] ??= {}
  return found.engines[engine]
}
const opened = new Map<DialectName, Engine>()
// Scheme by scheme, so that a run that is stopped has compared as many as it could in all engines.
for (const [g, { name }] of groups.entries())
  for (const engine of engines) {
    const known = knownOf(engine)
    if (known[name]) continue
    const ran = opened.get(engine) ?? (await open(engine))
    opened.set(engine, ran)
    const began = performance.now()
    const settled = settledOf(await ran.ask(summed(ran.queries[g] as string, engine)))
    const seconds = (performance.now() - began) / 1000
    known[name] = { bills: settled.bills, hash: String(settled.hash), seconds }
    keep()
    console.log(
      `${engine.padEnd(10)} ${name}: ${whole(settled.bills)} bills, ${hashOf(settled.hash)}, ${seconds.toFixed(1)} s`,
    )
    assert.deepEqual(settled, kernel[g], `${name} in ${engine}`)
  }
for (const { end } of opened.values()) await end()

for (const engine of engines) {
  const all = groups.map(({ name }) => knownOf(engine)[name] as Kept)
  const settled = all.map(({ bills, hash }): Settled => ({ bills, hash: BigInt(hash) }))
  assert.deepEqual(settled, kernel, engine)
  const seconds = all.reduce((sum, each) => sum + each.seconds, 0)
  console.log(total(engine, settled, seconds))
}
if (process.env.FOLDER === undefined) rmSync(folder, { recursive: true, force: true })

function total(name: string, all: readonly Settled[], seconds: number): string {
  const bills = all.reduce((sum, each) => sum + each.bills, 0)
  const hash = all.reduce((sum, each) => sum + each.hash, 0n)
  return `${name.padEnd(10)} ${whole(bills).padStart(12)} bills settled  ${hashOf(hash)}  ${seconds.toFixed(1).padStart(8)} s`
}

type Engine = {
  readonly queries: readonly string[]
  /** Answers a query of one row with its texts. */
  readonly ask: (sql: string) => Promise<readonly string[]>
  readonly end: () => Promise<void> | void
}

async function open(engine: DialectName): Promise<Engine> {
  const queries = await queriesOf(book, groups, city, engine)
  if (engine === 'spark') {
    const spark = await Spark.start()
    console.log(`Spark ${spark.version}, workers ${spark.executors.join(' and ')}`)
    return { queries, ask: async (sql) => (await spark.one(sql)).values, end: () => spark.stop() }
  }
  if (engine === 'clickhouse') {
    const session = new Session()
    return {
      queries,
      ask: (sql) => Promise.resolve(session.query(sql, 'TSV').trim().split('\t')),
      end: () => session.cleanup(),
    }
  }
  const files = await ColumnFiles.open({ threads: 2, memoryMb: 4096, temporary: folder })
  return {
    queries,
    ask: async (sql) => Object.values((await files.rows(sql))[0] ?? {}).map(String),
    end: () => files.close(),
  }
}
