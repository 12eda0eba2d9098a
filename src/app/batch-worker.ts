import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { PlainDate } from '#base/plain-date.ts'
import type { Amounts, FundTotal, Persons, SchemeBook } from '#domains/settlement/index.ts'
import { type Column, ColumnFiles } from '#platform/columns.ts'
import {
  type BucketResult,
  BucketSettler,
  type Reject,
  type RowsItself,
  type Tally,
} from './batch-bucket.ts'
import { billFormat, billQuery, type FileColumn } from './batch-format.ts'
import { RowStore } from './batch-rows.ts'
import { readSpill, Spill } from './batch-spill.ts'

/** What every thread of a batch begins with. */
export type BatchWork = {
  readonly book: SchemeBook
  readonly persons: Persons
  readonly personNames: readonly string[] | undefined
  readonly itself: RowsItself
  readonly billColumns: readonly FileColumn[]
  readonly allowUndated: boolean
  readonly today: PlainDate
  readonly out: string
  /** Where the rows of buckets are put away. */
  readonly spill: string
  readonly buckets: number
  readonly codes: boolean
  readonly caps: boolean
}

/** One file to be divided among the buckets, or one bucket to be settled. */
export type BatchTask =
  | {
      readonly kind: 'divide'
      readonly source: string
      readonly ordinal: number
    }
  | { readonly kind: 'close' }
  | { readonly kind: 'settle'; readonly part: string; readonly from: BucketSource }

/** The rows of a bucket: a file that holds whole persons, or what was put away for it. */
export type BucketSource = { readonly source: string } | { readonly bucket: number }

/** What is known of a bucket once it is done; kept beside its results. */
export type BucketDone = {
  readonly part: string
  readonly rows: number
  readonly persons: number
  readonly general: number
  readonly tally: Tally
  readonly hash: string
  readonly plans: ReturnType<BucketSettler['plans']>
  readonly funds: readonly FundTotal[]
  readonly rejects: number
}

export type BatchAnswer = { readonly rows: number; readonly done?: BucketDone }

const work = workerData as BatchWork
const { book } = work
const format = billFormat(work.billColumns, book.vocabulary)
const answers = Array.from({ length: format.codes.size }, (_, code) =>
  // Code by code they are few; a file with more words than that sends them the general way.
  format.codes.answersOf(code),
)
const settler = new BucketSettler(book, work.persons, { ...work, answers })
const files = await ColumnFiles.open({
  threads: 1,
  memoryMb: 256,
  temporary: join(work.out, 'spill'),
})
const numbers = work.personNames && new Map(work.personNames.map((name, i) => [name, i]))
const numberOf = numbers && ((name: string) => numbers.get(name) ?? -1)
const store = new RowStore(format.parts, format.ids === 'text', 1 << 16)
let spill: Spill | undefined

parentPort?.on('message', (task: BatchTask) => {
  carryOut(task).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => {
      throw error
    },
  )
})

async function carryOut(task: BatchTask): Promise<BatchAnswer> {
  switch (task.kind) {
    case 'divide':
      return { rows: await divide(task.source, task.ordinal) }
    case 'close':
      spill?.close()
      spill = undefined
      return { rows: 0 }
    case 'settle':
      return await settle(task.part, task.from)
  }
}

async function divide(source: string, ordinal: number): Promise<number> {
  spill ??= new Spill(work.spill, work.buckets, format.parts.length)
  const into = spill
  into.begin(ordinal)
  let rows = 0
  await files.read(billQuery(format, source), (chunk) => {
    store.clear()
    store.add(chunk, numberOf)
    into.add(store)
    rows += chunk.rows
  })
  into.end()
  return rows
}

async function settle(part: string, from: BucketSource): Promise<BatchAnswer> {
  store.clear()
  if ('source' in from)
    await files.read(billQuery(format, from.source), (chunk) => store.add(chunk, numberOf))
  else readSpill(work.spill, from.bucket, format.parts.length, store)
  const before = settler.general
  const result = settler.settle(store)
  await writeResults(part, result)
  const done: BucketDone = {
    part,
    rows: result.rows,
    persons: result.persons.rows,
    general: settler.general - before,
    tally: result.tally,
    hash: result.hash.toString(),
    plans: settler.plans(),
    funds: result.funds,
    rejects: result.rejects.length,
  }
  replace(join(work.out, 'done', `${part}.json`), JSON.stringify(done))
  return { rows: result.tally.bills, done }
}

async function writeResults(part: string, result: BucketResult): Promise<void> {
  const { rows, names, persons, codes } = result
  const bill: Column = names
    ? { name: 'bill', kind: 'text', values: names }
    : fen('bill', result.bill, rows)
  const person = (numbers: Int32Array, count: number): Column =>
    work.personNames
      ? {
          name: 'person',
          kind: 'text',
          values: Array.from(numbers.subarray(0, count), (n) => work.personNames?.[n] ?? ''),
        }
      : { name: 'person', kind: 'integer', values: numbers.subarray(0, count) }
  await files.writeParquet(
    join(work.out, 'bills', `${part}.parquet`),
    [
      bill,
      person(result.person, rows),
      { name: 'plan', kind: 'integer', values: result.plan.subarray(0, rows) },
      ...result.paid.map((values, t) => fen(`paid_${t + 1}`, values, rows)),
      ...(result.thirdParty ? [fen('thirdParty', result.thirdParty, rows)] : []),
      ...(result.benefits ? [fen('benefits', result.benefits, rows)] : []),
      ...(result.capped ? [fen('capped', result.capped, rows)] : []),
      fen('patient', result.patient, rows),
    ],
    rows,
  )
  await files.writeParquet(
    join(work.out, 'persons', `${part}.parquet`),
    [
      person(persons.person, persons.rows),
      { name: 'bills', kind: 'integer', values: persons.bills.subarray(0, persons.rows) },
      fen('cost', persons.cost, persons.rows),
      fen('patient', persons.patient, persons.rows),
    ],
    persons.rows,
  )
  if (codes) {
    await files.writeParquet(
      join(work.out, 'codes', `${part}.parquet`),
      [
        bill,
        { name: 'keys', kind: 'integer', values: codes.keys.subarray(0, rows) },
        ...codes.values.map((values, i) => fen(`total_${i + 1}`, values, rows)),
      ],
      rows,
    )
    replace(join(work.out, 'codes', `${part}.keys.json`), JSON.stringify(settler.codeKeys))
  }
  if (result.rejects.length > 0)
    replace(join(work.out, 'rejects', `${part}.ndjson`), lines(result.rejects))
}

const lines = (rejects: readonly Reject[]): string =>
  rejects.map((each) => `${JSON.stringify(each)}\n`).join('')

/** Amounts as 32 bits where all of them fit, as they nearly always do. */
function fen(name: string, values: Amounts, rows: number): Column {
  if (values instanceof Int32Array)
    return { name, kind: 'integer', values: values.subarray(0, rows) }
  const whole = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const value = values[i] as number
    whole[i] = value
    if (whole[i] !== value) return { name, kind: 'bigint', values: values.subarray(0, rows) }
  }
  return { name, kind: 'integer', values: whole }
}

/** Writes a small file whole or not at all. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.tmp`, content)
  renameSync(`${file}.tmp`, file)
}
