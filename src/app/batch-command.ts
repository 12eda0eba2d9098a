import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { formatYuan } from '#base/money.ts'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import {
  type FundTotal,
  PAYERS,
  readSchemes,
  type SchemeBook,
  type SchemeText,
} from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { writeParquet } from '#platform/parquet-write.ts'
import { addFund, emptyTally, hashText, type Tally } from './batch-bucket.ts'
import { type BillFormat, billFormat, type FileColumn } from './batch-format.ts'
import { type BatchPersons, readPersons } from './batch-persons.ts'
import { kindOf, sourceOf } from './batch-source.ts'
import type { BatchAnswer, BatchTask, BatchWork, BucketDone } from './batch-worker.ts'
import { refuseFullDisk } from './city-command.ts'
import { todayInChina } from './clock.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { languageOf, type Options, required, schemesFolderOf, todayOf } from './options.ts'
import { rateLine } from './rate-line.ts'
import { readSchemeTexts } from './schemes-folder.ts'
import { Cancelled, stopOnSignal, WorkerPool, workersOf } from './worker-pool.ts'

/** A bucket has at most so many persons, unless fewer are asked for, and about so many bills of each. */
const PERSONS_A_BUCKET = 100_000
const BILLS_A_PERSON = 20
/** Bytes that a bill takes on disk at most: while it is on its way, as a result, and what it was settled from. */
const BYTES = { spilled: 48, result: 48, codes: 80 }

/** What a run is made from. A run goes on only where all of it is as it was. */
export type Manifest = {
  readonly format: 'kangyang/batch@1'
  readonly bills: readonly InputFile[]
  readonly persons: readonly InputFile[]
  readonly schemes: string
  readonly schemesFolder: string
  readonly allowUndated: boolean
  readonly today: string
  readonly bucketed: boolean
  readonly codes: boolean
  /** Whether the results say which tiers a cap cut; it is not there where they do not. */
  readonly caps?: true
  readonly buckets: number
}
type InputFile = { readonly path: string; readonly bytes: number; readonly changed: number }

export type Batch = {
  readonly book: SchemeBook
  readonly texts: readonly SchemeText[]
  readonly files: ColumnFiles
  readonly bills: readonly string[]
  readonly persons: readonly string[]
  /** Says nothing of columns that no rule asks. */
  readonly quiet?: boolean
  /** Says of each bill which tiers a cap cut. */
  readonly caps?: boolean
  /** Is told how many bills are done of how many; each counts once for all its passes. */
  readonly told?: (bills: number, ofBills: number) => void
  /** What other settlements of the same bills have read already, and leave to the next. */
  readonly shared?: SharedBatch
}

/** Persons and divided bills that several settlements of the same files share, each under rules of its own. */
export type SharedBatch = {
  /** Where divided bills stand until the last of them is over. */
  readonly folder: string
  readonly people: Map<string, Promise<BatchPersons>>
}

/** `kangyang batch settle`: any number of bills, as columns, into a folder of results. */
export async function batchCommand(options: Options): Promise<ExitCode> {
  if (options.positionals[1] !== 'settle')
    throw new UsageError({
      zh: '写成 kangyang batch settle …',
      en: 'write kangyang batch settle …',
    })
  const out = resolve(required(options, 'out', 'results'))
  const explained = options.text('explain')
  if (explained !== undefined)
    return await (await import('./batch-explain.ts')).explainPerson(out, explained, options)
  const texts = readSchemeTexts(schemesFolderOf(options))
  const book = readSchemes(texts)
  const bills = filesOf('bills', required(options, 'bills', "'bills-*.parquet'"))
  const persons = filesOf('persons', required(options, 'persons', "'persons-*.parquet'"))
  makeFolder(out)
  const files = await ColumnFiles.open({
    threads: workersOf(options),
    memoryMb: 1024,
    temporary: join(out, 'spill'),
  })
  const began = performance.now()
  try {
    const done = await settleFolder(options, out, { book, texts, files, bills, persons })
    if (!done) return EXIT.refused
    const { summary, resumed } = done
    const seconds = (performance.now() - began) / 1000
    const about = { seconds, resumed, out, memory: peakMemory() }
    process.stdout.write(print(summary, languageOf(options), about))
    assertReconciled(summary)
    return summary.tally.refused + summary.tally.rejected > 0 ? EXIT.refused : EXIT.done
  } finally {
    files.close()
  }
}

/**
 * Settles all bills of a batch into the folder `out`, or goes on where an earlier run of the same was stopped. Nothing
 * where it was stopped now.
 */
export async function settleFolder(
  options: Options,
  out: string,
  batch: Batch,
): Promise<{ readonly summary: Summary; readonly resumed: boolean } | undefined> {
  const { book, texts, files, bills, persons } = batch
  const lang = languageOf(options)
  const billColumns = await columnsOf(files, 'bills', bills)
  const format = billFormat(billColumns, book.vocabulary)
  const people = await personsOf(batch)
  const total = await countRows(files, bills)
  const bucketed = options.flag('bucketed')
  const most = bucketSizeOf(options)
  const buckets = Math.max(
    1,
    Math.ceil(people.count / most),
    Math.ceil(total / (most * BILLS_A_PERSON)),
  )
  const spill = join(
    batch.shared?.folder ?? out,
    'spill',
    batch.shared ? spillName(format, buckets) : '',
  )
  const codes = options.flag('codes')
  const today = options.text('today') === undefined ? begunOn(out) : todayOf(options)
  const manifest: Manifest = {
    format: 'kangyang/batch@1',
    bills: bills.map(inputFile),
    persons: persons.map(inputFile),
    schemes: createHash('sha256').update(JSON.stringify(texts)).digest('hex'),
    schemesFolder: schemesFolderOf(options),
    allowUndated: options.flag('allow-undated'),
    today,
    bucketed,
    codes,
    ...(batch.caps ? { caps: true } : {}),
    buckets: bucketed ? bills.length : buckets,
  }
  const stopping = new AbortController()
  const takeBack = stopOnSignal(() => stopping.abort())
  const resumed = prepareFolder(out, manifest)
  const each = BYTES.result + (bucketed ? 0 : BYTES.spilled) + (codes ? BYTES.codes : 0)
  if (!resumed) refuseFullDisk(out, total * each)
  for (const name of batch.quiet ? [] : [...format.unread, ...people.unread])
    process.stderr.write(`列 ${name} 不参与结算 / the column ${name} is not asked by any rule\n`)

  const parts = bucketed
    ? bills.map((file) => ({ part: partName(file), from: { file } }))
    : Array.from({ length: buckets }, (_, bucket) => ({
        part: `part-${String(bucket + 1).padStart(5, '0')}`,
        from: { bucket },
      }))
  const waiting = parts.filter(({ part }) => !existsSync(join(out, 'done', `${part}.json`)))
  const work: BatchWork = {
    book: sendable(book),
    persons: people.persons,
    personNames: people.names,
    itself: people.itself,
    billColumns,
    allowUndated: manifest.allowUndated,
    today,
    out,
    spill,
    buckets,
    codes,
    caps: batch.caps ?? false,
  }
  if (waiting.length > 0) {
    const tasks = waiting.length + (bucketed ? 0 : bills.length)
    const pool = new WorkerPool<BatchTask, BatchAnswer>(
      new URL('./batch-worker.ts', import.meta.url),
      Math.min(workersOf(options), tasks),
      work,
    )
    stopping.signal.addEventListener('abort', () => pool.stop())
    if (stopping.signal.aborted) pool.stop()
    const rowPasses = bucketed || existsSync(join(spill, 'ready')) ? 1 : 2
    const line = rateLine(total * rowPasses, lang === 'zh' ? '张账单' : 'bills', rowPasses)
    let count = 0
    const progress = {
      ...line,
      done(rows: number) {
        line.done(rows)
        count += rows
        batch.told?.(Math.floor(count / rowPasses), total)
      },
    }
    try {
      if (!bucketed) await divide(pool, spill, bills, (n) => progress.done(n))
      await pool.run(
        waiting.map(({ part, from }) => ({ kind: 'settle' as const, part, from })),
        ({ rows }) => progress.done(rows),
      )
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
      takeBack()
      await pool.close()
      removeTemporary(out)
      process.stderr.write(
        '已停止；以同样的命令继续 / stopped; the same command goes on from here\n',
      )
      return undefined
    } finally {
      progress.end()
      await pool.close()
    }
  }
  takeBack()
  const summary = conclude(
    out,
    parts.map(({ part }) => part),
    manifest,
  )
  rmSync(join(out, 'spill'), { recursive: true, force: true })
  return { summary, resumed }
}

/** Persons are read once for all rule books that ask the same of them. */
async function personsOf({ book, files, persons, shared }: Batch): Promise<BatchPersons> {
  const read = async () =>
    readPersons(
      files,
      sourceOf(persons),
      await columnsOf(files, 'persons', persons),
      book,
      await countRows(files, persons),
    )
  if (!shared) return await read()
  const key = JSON.stringify([persons, [...book.schemes.keys()], [...book.vocabulary]])
  const known = shared.people.get(key) ?? read()
  shared.people.set(key, known)
  return await known
}

/** Bills divided in one way: by as many buckets, and with words that are numbered alike. */
const spillName = ({ sql }: BillFormat, buckets: number): string =>
  createHash('sha256').update(`${buckets} ${sql}`).digest('hex').slice(0, 16)

/** A rule book as threads can be sent it: without the ways back to lines of files, which settle nothing. */
function sendable(book: SchemeBook): SchemeBook {
  const lineOf = undefined as never
  const places = new Map([...book.places].map(([id, place]) => [id, { ...place, lineOf }]))
  const { exclusionSources } = book
  return { ...book, places, exclusionSources: exclusionSources && { ...exclusionSources, lineOf } }
}

function bucketSizeOf(options: Options): number {
  const text = options.text('bucket-persons') ?? String(PERSONS_A_BUCKET)
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= PERSONS_A_BUCKET) return number
  throw new UsageError({
    zh: `--bucket-persons 须为 1 到 ${PERSONS_A_BUCKET} 的整数，而不是 "${text}"`,
    en: `--bucket-persons is a whole number from 1 to ${PERSONS_A_BUCKET}, not "${text}"`,
  })
}

/** Brings every row to the bucket of its person, unless an earlier run has done so. */
async function divide(
  pool: WorkerPool<BatchTask, BatchAnswer>,
  spill: string,
  bills: readonly string[],
  done: (rows: number) => void,
): Promise<void> {
  const ready = join(spill, 'ready')
  if (existsSync(ready)) return
  rmSync(spill, { recursive: true, force: true })
  mkdirSync(spill, { recursive: true })
  await pool.run(
    bills.map((file, ordinal) => ({ kind: 'divide' as const, file, ordinal })),
    ({ rows }) => done(rows),
  )
  await pool.tellAll({ kind: 'close' })
  writeFileSync(ready, '')
}

// --- files -----------------------------------------------------------------------------------------

/** The files that a pattern names, in the order of their names. */
export function filesOf(option: 'bills' | 'persons', pattern: string): string[] {
  const found = pattern
    .split(',')
    .flatMap((each) => globSync(each))
    .map((path) => resolve(path))
    .toSorted()
  if (found.length === 0)
    throw new UsageError({
      zh: `--${option} ${pattern} 没有对应的文件`,
      en: `--${option} ${pattern} names no file`,
    })
  const strange = found.find((path) => kindOf(path) === undefined)
  if (strange)
    throw new UsageError({
      zh: `${strange} 不是 .parquet、.csv、.csv.gz 或 .ndjson 文件`,
      en: `${strange} is no .parquet, .csv, .csv.gz or .ndjson file`,
    })
  if (new Set(found.map(kindOf)).size > 1)
    throw new UsageError({
      zh: `--${option} 的文件须为同一种格式`,
      en: `the files of --${option} are to be of one format`,
    })
  return found
}

/** The columns of some files, which are the same in all of them. */
export async function columnsOf(
  files: ColumnFiles,
  option: 'bills' | 'persons',
  paths: readonly string[],
): Promise<FileColumn[]> {
  const [first = ''] = paths
  try {
    const rows = await files.rows(`DESCRIBE SELECT * FROM ${sourceOf([first])}`)
    return rows.map(({ column_name, column_type }) => ({
      name: String(column_name),
      type: String(column_type),
    }))
  } catch (error) {
    const { message } = error as Error
    throw new UsageError({
      zh: `--${option}：无法读取 ${first}（${message}）`,
      en: `--${option}: cannot read ${first} (${message})`,
    })
  }
}

async function countRows(files: ColumnFiles, paths: readonly string[]): Promise<number> {
  const [row] = await files.rows(`SELECT count(*)::DOUBLE AS n FROM ${sourceOf(paths)}`)
  return Number(row?.n ?? 0)
}

function inputFile(path: string): InputFile {
  const { size, mtimeMs } = statSync(path)
  return { path, bytes: size, changed: Math.round(mtimeMs) }
}

const partName = (path: string): string =>
  basename(path).replace(/\.(parquet|csv|csv\.gz|ndjson)$/, '')

export function makeFolder(out: string): void {
  try {
    mkdirSync(join(out, 'spill'), { recursive: true })
  } catch (error) {
    const { message } = error as Error
    throw new UsageError({
      zh: `无法使用文件夹 ${out}（${message}）`,
      en: `cannot use the folder ${out} (${message})`,
    })
  }
}

/** Makes the folders of a run, or finds those of the same run that was stopped. Anything else is refused. */
function prepareFolder(out: string, manifest: Manifest): boolean {
  const file = join(out, 'run.json')
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  const there = readdirSync(out).filter((name) => name !== 'spill')
  const resumed = there.length > 0
  if (resumed && (!existsSync(file) || readFileSync(file, 'utf8') !== text))
    throw new UsageError({
      zh: `${out} 里是别的内容，或者是用别的账单、规则、选项开始的批量；换一个 --out，或先清空`,
      en: `${out} holds something else, or a batch of other bills, rules or options; name another --out, or empty it first`,
    })
  for (const name of ['bills', 'persons', 'rejects', 'done', ...(manifest.codes ? ['codes'] : [])])
    mkdirSync(join(out, name), { recursive: true })
  removeTemporary(out)
  if (!resumed) replace(file, text)
  return resumed
}

/** The day that a run which was stopped took for today, or today: midnight does not make it another run. */
function begunOn(out: string): PlainDate {
  const file = join(out, 'run.json')
  if (!existsSync(file)) return todayInChina()
  const { today } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest>
  return parsePlainDate(today ?? '') ?? todayInChina()
}

/** What was being written when a run was stopped. */
function removeTemporary(out: string): void {
  for (const name of globSync('**/*.tmp', { cwd: out })) rmSync(join(out, name), { force: true })
}

function replace(file: string, content: string): void {
  writeFileSync(`${file}.tmp`, content)
  renameSync(`${file}.tmp`, file)
}

// --- the summary -----------------------------------------------------------------------------------

/** What became of all bills, in counts and fen. */
export type Summary = {
  readonly tally: Tally
  readonly hash: string
  readonly persons: number
  readonly general: number
  readonly funds: readonly FundTotal[]
  readonly rejects: number
}

function conclude(out: string, parts: readonly string[], manifest: Manifest): Summary {
  const tally = emptyTally()
  const funds = new Map<string, FundTotal>()
  const plans: Record<string, unknown> = {}
  let [hash, persons, general, rejects] = [0n, 0, 0, 0]
  for (const part of parts) {
    const done = JSON.parse(readFileSync(join(out, 'done', `${part}.json`), 'utf8')) as BucketDone
    for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += done.tally[name]
    for (const each of done.funds) addFund(funds, each)
    Object.assign(plans, done.plans)
    hash = (hash + BigInt(done.hash)) % 2n ** 64n
    persons += done.persons
    general += done.general
    rejects += done.rejects
  }
  const list = [...funds.values()].toSorted((a, b) =>
    `${a.scheme} ${a.tier} ${a.period}` < `${b.scheme} ${b.tier} ${b.period}` ? -1 : 1,
  )
  const summary = { tally, hash: hashText(hash), persons, general, funds: list, rejects }
  const texts = (values: string[]) => ({ kind: 'text' as const, values })
  writeParquet(
    join(out, 'funds.parquet'),
    [
      { name: 'scheme', ...texts(list.map(({ scheme }) => scheme)) },
      { name: 'tier', ...texts(list.map(({ tier }) => tier)) },
      { name: 'payer', ...texts(list.map(({ payer }) => payer)) },
      { name: 'period', ...texts(list.map(({ period }) => period)) },
      {
        name: 'payments',
        kind: 'bigint',
        values: Float64Array.from(list, ({ payments }) => payments),
      },
      { name: 'paid', kind: 'bigint', values: Float64Array.from(list, ({ paid }) => paid) },
    ],
    list.length,
  )
  replace(join(out, 'plans.json'), `${JSON.stringify(plans, undefined, 2)}\n`)
  const { schemes, allowUndated, today } = manifest
  replace(
    join(out, 'summary.json'),
    `${JSON.stringify({ format: manifest.format, rules: { schemes, allowUndated, today }, ...summary }, undefined, 2)}\n`,
  )
  return summary
}

/** What came in is what became of it, in bills and in fen. */
function reconciled({ tally }: Summary): boolean {
  const { bills, settled, refused, rejected, cost, settledCost, refusedCost, rejectedCost } = tally
  return (
    bills === settled + refused + rejected &&
    cost === settledCost + refusedCost + rejectedCost &&
    settledCost === tally.paid + tally.patient
  )
}

function assertReconciled(summary: Summary): void {
  if (!reconciled(summary))
    throw new Error(`the batch does not reconcile with its input: ${JSON.stringify(summary.tally)}`)
}

/** Megabytes that the process took at most. */
function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

function print(
  summary: Summary,
  lang: 'zh' | 'en',
  about: { seconds: number; resumed: boolean; out: string; memory: number },
): string {
  const { tally, hash, persons, funds, rejects } = summary
  const whole = (n: number) => Math.round(n).toLocaleString('en-US')
  const zh = lang === 'zh'
  const row = (label: string, bills: number, fen: number) =>
    `  ${label}  ${whole(bills).padStart(15)}  ${formatYuan(fen).padStart(22)}\n`
  const payers = new Map<string, { payments: number; paid: number }>()
  for (const { payer, payments, paid } of funds) {
    const known = payers.get(payer) ?? { payments: 0, paid: 0 }
    payers.set(payer, { payments: known.payments + payments, paid: known.paid + paid })
  }
  const payerRows = (Object.keys(PAYERS) as (keyof typeof PAYERS)[]).flatMap((payer) => {
    const found = payers.get(payer)
    return found ? [row(PAYERS[payer][lang], found.payments, found.paid)] : []
  })
  return [
    zh ? `批量结算：${whole(persons)} 人\n` : `Batch of ${whole(persons)} persons\n`,
    zh
      ? '                        账单              元\n'
      : '                       bills            yuan\n',
    row(zh ? '输入' : 'read', tally.bills, tally.cost),
    row(zh ? '已结算' : 'settled', tally.settled, tally.settledCost),
    row(zh ? '规则不予结算' : 'refused by the rules', tally.refused, tally.refusedCost),
    row(zh ? '无法读取' : 'unreadable', tally.rejected, tally.rejectedCost),
    zh ? '支付\n' : 'Paid\n',
    ...payerRows,
    row(zh ? '个人负担' : "patients' share", tally.settled, tally.patient),
    tally.benefits > 0
      ? row(zh ? '定额给付（账单之外）' : 'fixed benefits, beside the bills', 0, tally.benefits)
      : '',
    zh
      ? `账单与金额${reconciled(summary) ? '相符' : '不符'}；结果哈希 ${hash}\n`
      : `Bills and amounts ${reconciled(summary) ? 'agree' : 'DO NOT AGREE'}; hash of the results ${hash}\n`,
    rejects > 0
      ? zh
        ? `${whole(rejects)} 张未结算，逐张原因见 ${about.out}/rejects\n`
        : `${whole(rejects)} bills are not settled; each with its reason in ${about.out}/rejects\n`
      : '',
    zh
      ? `用时 ${about.seconds.toFixed(1)} 秒，每秒 ${whole(tally.bills / about.seconds)} 张，内存最多 ${whole(about.memory)} MB${about.resumed ? '（接续之前的批量）' : ''}\n`
      : `${about.seconds.toFixed(1)} s, ${whole(tally.bills / about.seconds)} bills/s, at most ${whole(about.memory)} MB of memory${about.resumed ? '; an earlier run went on' : ''}\n`,
  ].join('')
}
