/**
 * Compares the kernel with compiled SQL over random plans.
 *
 *     npm run test:sql           PLANS=10000, SEED to repeat a run
 */
import { ColumnFiles } from '#platform/columns.ts'
import { comparePlans } from './compare.ts'

const plans = Number(process.env.PLANS ?? 10_000)
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000))
const files = await ColumnFiles.open({ threads: 1, memoryMb: 512, temporary: '.data/sql' })
const began = performance.now()
console.log(`${plans} random plans, seed ${seed}`)
const tally = await comparePlans(
  plans,
  'duckdb',
  async (sql) => (await files.rows(sql)).map((row) => Object.values(row).map(Number)),
  seed,
)
files.close()
console.log(
  `duckdb: ${tally.compared} plans and ${tally.bills} bills agree to the fen, ${tally.refused} plans are refused by name, ${((performance.now() - began) / 1000).toFixed(1)} s`,
)
