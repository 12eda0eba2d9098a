import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { PlainDate } from '#base/plain-date.ts'
import type { Amounts, FundTotal, Persons, SchemeBook } from '#domains/settlement/index.ts'
import { ColumnFiles, quote } from '#platform/columns.ts'
import { type Column, encodeParquet } from '#platform/parquet-write.ts'
import {
  type BucketResult,
  BucketSettler,
  type Reject,
  type RowsItself,
  type Tally,
} from './batch-bucket.ts'
import { billFormat, billQuery, type FileColumn } from './batch-format.ts'
import { readPlainBills } from './batch-plain.ts'
import { RowStore } from './batch-rows.ts'
import { kindOf, sourceOf } from './batch-source.ts'
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
      readonly file: string
      readonly ordinal: number
    }
  | { readonly kind: 'close' }
  | { readonly kind: 'settle'; readonly part: string; readonly from: BucketSource }

/** The rows of a bucket: a file that holds whole persons, or what was put away for it. */
export type BucketSource = { readonly file: string } | { readonly bucket: number }

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
let opened: Promise<ColumnFiles> | undefined
/** Opened for the first rows that need it: most need none. */
const columnFiles = (): Promise<ColumnFiles> => {
  opened ??= ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: join(work.out, 'spill') })
  return opened
}
const numbers = work.personNames && new Map(work.personNames.map((name, i) => [name, i]))
const numberOf = numbers && ((name: string) => numbers.get(name) ?? -1)
const store = new RowStore(format.parts, format.ids === 'text', 1 << 16)
let spill: Spill | undefined

/** Tasks are worked on one after another, and answered so; what one writes may end while the next is worked on. */
let worked: Promise<unknown> = Promise.resolve()
let answered: Promise<void> = Promise.resolve()
parentPort?.on('message', (task: BatchTask) => {
  const working = worked.then(() => carryOut(task))
  worked = working
  const written = working.then((answer) => answer())
  answered = Promise.all([written, answered]).then(([answer]) => parentPort?.postMessage(answer))
})

/** Does a task but for what it writes in the end, which is left to the answer. */
async function carryOut(task: BatchTask): Promise<() => Promise<BatchAnswer> | BatchAnswer> {
  switch (task.kind) {
    case 'divide': {
      const rows = await divide(task.file, task.ordinal)
      return () => ({ rows })
    }
    case 'close':
      spill?.close()
      spill = undefined
      return () => ({ rows: 0 })
    case 'settle':
      return await settle(task.part, task.from)
  }
}

async function divide(file: string, ordinal: number): Promise<number> {
  spill ??= new Spill(work.spill, work.buckets, format.parts.length)
  const into = spill
  into.begin(ordinal)
  let rows = 0
  store.clear()
  await readBills(file, () => {
    into.add(store)
    rows += store.count
    store.clear()
  })
  into.end()
  return rows
}

/** Adds the rows of a file to the store; `took` is told whenever there are some more. */
async function readBills(file: string, took: () => void): Promise<void> {
  let done = 0
  // Persons who have names are looked up by them.
  if (kindOf(file) === 'parquet' && !numberOf) {
    const { rows, all } = readPlainBills(format, file, store, took)
    if (all) return
    done = rows
  }
  const rest =
    done === 0
      ? sourceOf([file])
      : `(SELECT * EXCLUDE (file_row_number) FROM read_parquet(${quote(file)}, file_row_number = true) WHERE file_row_number >= ${done})`
  const files = await columnFiles()
  await files.read(billQuery(format, rest), (chunk) => {
    store.add(chunk, numberOf)
    took()
  })
}

async function settle(part: string, from: BucketSource): Promise<() => Promise<BatchAnswer>> {
  store.clear()
  if ('file' in from) await readBills(from.file, () => undefined)
  else
    readSpill(work.spill, from.bucket, { buckets: work.buckets, parts: format.parts.length }, store)
  const before = settler.general
  const result = settler.settle(store)
  const results = resultFiles(part, result)
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
  return async () => {
    for (const { file, content } of results) await replace(file, content)
    // The note that a bucket is done comes after all that it is about.
    const note = Buffer.from(JSON.stringify(done))
    await replace(join(work.out, 'done', `${part}.json`), [note])
    return { rows: done.tally.bills, done }
  }
}

type Replacement = { readonly file: string; readonly content: readonly Uint8Array[] }

function parquet(file: string, columns: readonly Column[], rows: number): Replacement {
  const content: Uint8Array[] = []
  encodeParquet(columns, rows, (bytes) => content.push(bytes))
  return { file, content }
}

const textFile = (file: string, content: string): Replacement => ({
  file,
  content: [Buffer.from(content)],
})

/** What a bucket came to, as files that nothing changes any more. */
function resultFiles(part: string, result: BucketResult): Replacement[] {
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
  const bills = parquet(
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
  const ofPersons = parquet(
    join(work.out, 'persons', `${part}.parquet`),
    [
      person(persons.person, persons.rows),
      { name: 'bills', kind: 'integer', values: persons.bills.subarray(0, persons.rows) },
      fen('cost', persons.cost, persons.rows),
      fen('patient', persons.patient, persons.rows),
    ],
    persons.rows,
  )
  const kept = codes
    ? [
        parquet(
          join(work.out, 'codes', `${part}.parquet`),
          [
            bill,
            { name: 'keys', kind: 'integer', values: codes.keys.subarray(0, rows) },
            ...codes.values.map((values, i) => fen(`total_${i + 1}`, values, rows)),
          ],
          rows,
        ),
        textFile(join(work.out, 'codes', `${part}.keys.json`), JSON.stringify(settler.codeKeys)),
      ]
    : []
  const { rejects } = result
  const refused =
    rejects.length > 0
      ? [textFile(join(work.out, 'rejects', `${part}.ndjson`), lines(rejects))]
      : []
  return [bills, ofPersons, ...kept, ...refused]
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

/** Writes a file whole or not at all. */
async function replace(file: string, content: readonly Uint8Array[]): Promise<void> {
  await writeFile(`${file}.tmp`, content)
  await rename(`${file}.tmp`, file)
}
