import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ColumnFiles } from '#platform/columns.ts'

/** Bills of one uniform plan: four a person and year, 12,000 yuan on average, one person in ten seriously ill. */
const BILLS_A_PERSON = 4
const ROWS_A_FILE = 2_000_000
const PERSONS_A_FILE = 100_000

/** More than this are regions of this size: the same bills under other numbers, for other persons. */
const REGION = 20_000_000

/**
 * Writes bills in the order in which they arrive, and the same bills once more with each person's together, as many of
 * one as of the other. The same number always gives the same bills.
 */
export async function makeBatchData(folder: string, bills: number): Promise<void> {
  if (bills > REGION) return await makeRegions(folder, bills)

  const persons = Math.ceil(bills / BILLS_A_PERSON)
  for (const name of ['raw', 'bucketed', 'persons'])
    mkdirSync(join(folder, name), { recursive: true })
  const files = await ColumnFiles.open({ threads: 2, memoryMb: 4096, temporary: folder })
  await files.copyTo(
    join(folder, 'persons', 'persons.parquet'),
    `SELECT range::INTEGER AS person, 'bench/five/five' AS scheme, DATE '2020-01-01' AS "from" FROM range(1, ${persons + 1})`,
  )
  // A number from 0 to 1 that follows from a bill and a purpose.
  const draw = (of: string, purpose: number) =>
    `((hash(${of} * 64 + ${purpose}) >> 12) / 4503599627370496.0)`
  const rows = (from: number, end: number) => `
    SELECT bill::INTEGER AS bill, person, day AS admitted, day AS discharged, day AS settled,
      '住院' AS medical, '三级' AS level,
      (amount - amount // 30)::INTEGER AS "inScope", (amount // 30)::INTEGER AS upfront,
      (amount // 12)::INTEGER AS "outOfScope"
    FROM (SELECT range AS bill, person, DATE '2024-01-01' + (range * 366 // ${bills})::INTEGER AS day,
        round(exp(CASE WHEN ${draw('person', 1)} < 0.1 THEN 12.2 ELSE 10.6 END + 4.4 * ${draw('range', 2)}))::BIGINT AS amount
      FROM (SELECT range, (1 + floor(${draw('range', 3)} * ${persons}))::INTEGER AS person FROM range(${from}, ${end})))`
  for (let from = 0, n = 1; from < bills; from += ROWS_A_FILE, n++)
    await files.copyTo(
      join(folder, 'raw', `bills-${String(n).padStart(3, '0')}.parquet`),
      rows(from, Math.min(bills, from + ROWS_A_FILE)),
    )
  // Some at a time, so that few rows are in memory at once.
  const parts = Math.ceil(persons / PERSONS_A_FILE)
  const raw = `read_parquet('${join(folder, 'raw', '*.parquet')}')`
  for (let first = 0; first < parts; first += 50) {
    const some = Math.min(50, parts - first)
    await files.rows(
      `CREATE OR REPLACE TABLE part AS SELECT * FROM ${raw} WHERE person > ${first * PERSONS_A_FILE} AND person <= ${(first + some) * PERSONS_A_FILE}`,
    )
    for (let p = first; p < first + some; p++)
      await files.copyTo(
        join(folder, 'bucketed', `part-${String(p + 1).padStart(4, '0')}.parquet`),
        `SELECT * FROM part WHERE person > ${p * PERSONS_A_FILE} AND person <= ${(p + 1) * PERSONS_A_FILE} ORDER BY person, settled, bill`,
      )
  }
  files.close()
}

/** A larger land: each file of one region is followed by the same file of the others, so time goes on from file to file. */
async function makeRegions(folder: string, bills: number): Promise<void> {
  const one = join(folder, 'region')
  await makeBatchData(one, REGION)
  const files = await ColumnFiles.open({ threads: 2, memoryMb: 2048, temporary: folder })
  const persons = REGION / BILLS_A_PERSON
  for (const name of ['raw', 'bucketed', 'persons']) {
    mkdirSync(join(folder, name), { recursive: true })
    for (const file of readdirSync(join(one, name)))
      for (let region = 0; region < bills / REGION; region++) {
        const bill = name === 'persons' ? '' : `bill + ${region * REGION} AS bill, `
        const columns = `* REPLACE (${bill}person + ${region * persons} AS person)`
        await files.copyTo(
          join(folder, name, file.replace('.parquet', `-${region + 1}.parquet`)),
          `SELECT ${columns} FROM '${join(one, name, file)}'`,
        )
      }
  }
  files.close()
  rmSync(one, { recursive: true })
}
