/**
 * Runs the compiled SQL of every scheme that compiles on Apache Spark, and compares its results with the kernel's.
 *
 *     npm run test:spark                       a synthetic city of 20,000 persons
 *     npm run test:spark -- jiangsu shanghai   only schemes whose names begin so; PERSONS, SEED to change the city
 *
 * Spark is installed from PyPI into .data/spark, which needs Python 3.10 or newer with venv, and runs as a driver and two
 * worker processes on Java 17 (JAVA_HOME, or java on the path). One worker is killed in the middle of a query, and one query
 * is given a fault of one fen.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSchemes } from '#app/schemes-folder.ts'
import { groupsOf, makeCity } from './city.ts'
import { faulty, hashOf, queriesOf, settleByKernel, settledOf, summed } from './kernel.ts'
import { Spark } from './spark.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kangyang-spark-'))
const persons = Number(process.env.PERSONS ?? 20_000)
const seed = Number(process.env.SEED ?? 1)
const began = performance.now()
const since = () => `${((performance.now() - began) / 1000).toFixed(1)} s`

const wanted = process.argv.slice(2)
const book = loadSchemes(join(ROOT, 'schemes'))
const groups = groupsOf(book).filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)
assert(groups.length > 0, `no scheme that compiles begins with ${wanted.join(' or ')}`)
const spark = await Spark.start()
console.log(`Spark ${spark.version}, workers ${spark.executors.join(' and ')} (${since()})`)
assert(spark.executors.length >= 2)
try {
  const bills = await makeCity(book, groups, { folder, persons, seed })
  const { settled } = await settleByKernel(folder, groups.length)
  console.log(`${bills} bills of a synthetic city, settled by the kernel (${since()})`)
  const queries = await queriesOf(book, groups, folder, 'spark')
  const settle = async (
    g: number,
    more: { readonly kill?: boolean; readonly wrong?: boolean } = {},
  ) => {
    const sql = queries[g] as string
    const answer = await spark.one(summed(more.wrong ? faulty(sql) : sql, 'spark'), more)
    return { answer, found: settledOf(answer.values) }
  }
  let all = 0n
  let count = 0
  const largest = settled.indexOf(
    settled.reduce((most, each) => (each.bills > most.bills ? each : most)),
  )
  for (const [g, { name }] of groups.entries()) {
    const { answer, found } = await settle(g)
    assert.deepEqual(found, settled[g], name)
    assert(found.bills > 0, `${name}: no bill was settled`)
    all += found.hash
    count += found.bills
    console.log(
      `${name}: ${found.bills} bills, ${hashOf(found.hash)}, ${answer.seconds.toFixed(1)} s`,
    )
  }

  // A query may end between two looks at it.
  let tried = await settle(largest, { kill: true })
  for (let tries = 1; tries < 5 && !tried.answer.killed; tries++)
    tried = await settle(largest, { kill: true })
  const { killed, executors = [] } = tried.answer
  assert(killed, 'five queries ended before a worker could be killed in the middle of one')
  assert(spark.executors.includes(killed.pid) && !executors.includes(killed.pid))
  assert.equal(executors.length, 2, 'another worker took its place')
  assert.deepEqual(tried.found, settled[largest], 'after a worker was killed')
  console.log(
    `worker ${killed.pid} killed after ${killed.finished} of ${killed.tasks} tasks of a stage: ${hashOf(tried.found.hash)} as before`,
  )

  const wrong = (await settle(largest, { wrong: true })).found
  assert.equal(wrong.bills, settled[largest]?.bills)
  assert.notEqual(wrong.hash, settled[largest]?.hash, 'a fault of one fen was not seen')
  console.log(`one fen more for a few bills: ${hashOf(wrong.hash)}, which is seen`)
  console.log(
    `${groups.length} schemes, ${count} bills settled: ${hashOf(all)} in the kernel and in Spark (${since()})`,
  )
} finally {
  await spark.stop()
  rmSync(folder, { recursive: true, force: true })
}
