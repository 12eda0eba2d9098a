import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatYuan } from '#base/money.ts'
import { BLOCK, type City, readRates } from '#domains/population/index.ts'
import { coversOf } from './city-covers.ts'
import type { CityAnswer, CityTask, CityWork } from './city-worker.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { languageOf, type Options, required, schemesFolderOf } from './options.ts'
import { rateLine } from './rate-line.ts'
import { loadSchemes } from './schemes-folder.ts'
import { Cancelled, stopOnSignal, WorkerPool, workersOf } from './worker-pool.ts'

const RATES = 'rates/china.rates.yaml'

/** A bill and its lines take about so many bytes as Parquet, and a person so many. */
const BYTES = { bill: 40, line: 14, person: 30 }
const BILLS_A_PERSON = 4
const LINES_A_BILL = 6

/** `kangyang city`: an invented population and a year of its bills, as Parquet files in an empty folder. */
export async function cityCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const city: City = {
    persons: wholeNumber(options, 'persons', 1, 500_000_000),
    year: wholeNumber(options, 'year', 1990, 2100),
    seed: options.text('seed') === undefined ? 1 : wholeNumber(options, 'seed', 0, 4_294_967_295),
  }
  const lines = options.flag('lines')
  const folder = emptyFolder(required(options, 'out', 'city'))
  const ratesText = readFileSync(fileURLToPath(new URL(`../../${RATES}`, import.meta.url)), 'utf8')
  readRates(RATES, ratesText)
  const book = loadSchemes(schemesFolderOf(options))
  const names = (options.text('place') ?? 'teaching/shifan').split(',')
  const places = names.map((place) =>
    coversOf(book, place, city.year, options.flag('allow-undated')),
  )
  checkDisk(folder, city, lines)

  const work: CityWork = { city, ratesFile: RATES, ratesText, places, folder, lines }
  const tasks = tasksOf(city)
  const pool = new WorkerPool<CityTask, CityAnswer>(
    new URL('./city-worker.ts', import.meta.url),
    Math.min(workersOf(options), tasks.length),
    work,
  )
  const takeBack = stopOnSignal(() => pool.stop())
  const progress = rateLine(city.persons, lang === 'zh' ? '人' : 'persons')
  const began = performance.now()
  const sums = { persons: 0, covers: 0, bills: 0, lines: 0, cost: 0 }
  try {
    await pool.run(tasks, (answer) => {
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += answer[name]
      progress.done(answer.persons)
    })
  } catch (error) {
    await pool.close()
    // What was made is of no use without the rest, and a folder with half a city looks like a whole one.
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
    if (!(error instanceof Cancelled)) throw error
    process.stderr.write('已取消，文件夹已清空 / cancelled; the folder is empty again\n')
    return EXIT.refused
  } finally {
    progress.end()
    takeBack()
  }
  await pool.close()
  const seconds = (performance.now() - began) / 1000
  const { cost, ...counts } = sums
  const manifest = { ...city, places, lines, counts, costFen: cost, rates: RATES }
  writeFileSync(join(folder, 'city.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  process.stdout.write(summary(lang, sums, seconds, folder))
  return EXIT.done
}

function summary(
  lang: 'zh' | 'en',
  { persons, bills, lines, cost }: { persons: number; bills: number; lines: number; cost: number },
  seconds: number,
  folder: string,
): string {
  const whole = (n: number) => Math.round(n).toLocaleString('en-US')
  const rate = whole(bills / seconds)
  if (lang === 'en')
    return `An invented city: ${whole(persons)} persons, ${whole(bills)} bills${lines ? ` with ${whole(lines)} lines` : ''}, ${formatYuan(cost)} yuan
Written to ${folder} in ${seconds.toFixed(1)} s: ${rate} bills/s
`
  return `虚构的城市：${whole(persons)} 人，${whole(bills)} 张账单${lines ? `、${whole(lines)} 条明细` : ''}，共 ${formatYuan(cost)} 元
已写入 ${folder}，用时 ${seconds.toFixed(1)} 秒：每秒 ${rate} 张
`
}

/**
 * The parts a city is made in. They follow from its size alone, so that files and numbers are the same on any number
 * of threads.
 */
function tasksOf({ persons }: City): CityTask[] {
  const size = Math.min(1_000_000, Math.max(50_000, Math.ceil(persons / 8 / BLOCK) * BLOCK))
  return Array.from({ length: Math.ceil(persons / size) }, (_, part) => ({
    part,
    first: part * size + 1,
    end: Math.min(persons, (part + 1) * size) + 1,
    // No person is expected to have more than 20 bills a year on average, so numbers never meet.
    firstBill: part * size * 20 + 1,
  }))
}

function wholeNumber(
  options: Options,
  name: 'persons' | 'year' | 'seed',
  least: number,
  most: number,
): number {
  const text = required(options, name, String(least === 1 ? 100_000 : least))
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1
  if (number >= least && number <= most) return number
  throw new UsageError({
    zh: `--${name} 须为 ${least} 到 ${most} 的整数，而不是 "${text}"`,
    en: `--${name} is a whole number from ${least} to ${most}, not "${text}"`,
  })
}

function emptyFolder(path: string): string {
  const folder = resolve(path)
  try {
    mkdirSync(folder, { recursive: true })
    if (readdirSync(folder).length === 0) return folder
  } catch (error) {
    const { message } = error as Error
    throw new UsageError({
      zh: `无法使用文件夹 ${path}（${message}）`,
      en: `cannot use the folder ${path} (${message})`,
    })
  }
  throw new UsageError({
    zh: `--out ${path} 不是空文件夹；换一个，或先清空`,
    en: `--out ${path} is not empty; name another folder, or empty it first`,
  })
}

function checkDisk(folder: string, { persons }: City, lines: boolean): void {
  const bills = persons * BILLS_A_PERSON
  const needed =
    bills * BYTES.bill + (lines ? bills * LINES_A_BILL * BYTES.line : 0) + persons * BYTES.person
  refuseFullDisk(folder, needed)
}

/** Refuses work for which a disk has no room. */
export function refuseFullDisk(folder: string, needed: number): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize >= needed) return
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')
  throw new UsageError({
    zh: `${folder} 的磁盘空间不足：约需 ${mib(needed)} MiB，可用 ${mib(bavail * bsize)} MiB`,
    en: `not enough room on the disk of ${folder}: about ${mib(needed)} MiB needed, ${mib(bavail * bsize)} MiB free`,
  })
}
