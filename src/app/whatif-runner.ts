import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { householdsOfYear } from '#domains/enrolment/households.service.ts'
import type { Progress, RunFault, Whatif, YearSettled } from '#domains/pricing/index.ts'
import type { RunAsked, RunCame, Runner } from '#domains/pricing/service.ts'
import { readSchemes, type SchemeBook, type SchemeText } from '#domains/settlement/index.ts'
import { personsOfYear } from '#domains/settlement/year.service.ts'
import type { Guarded } from '#platform/database.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { draftTexts, readDraftText } from './whatif-draft.ts'
import type { JobMessage, WhatifJob } from './whatif-job.ts'
import { writeYear, type YearWritten } from './whatif-year.ts'

const JOB = fileURLToPath(new URL('./whatif-job.ts', import.meta.url))
/** Persons whom columns do not hold stand whole in memory; more of them belong into columnar files and to the command. */
const MOST_APART = 500_000

/**
 * Carries runs of scenarios out: in a folder of its own for each, which nobody else can read and which is gone when the
 * run is over, and by a process beside the server. What of it is done when it is stopped is not done again.
 */
export function createWhatifRunner({
  database,
  folder,
  allowUndated,
}: {
  readonly database: Guarded
  /** The folder in which runs have theirs. */
  readonly folder: string
  readonly allowUndated: (tenant: string) => boolean
}): Runner {
  async function run(
    asked: RunAsked,
    told: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<RunCame | undefined> {
    const own = join(folder, asked.id)
    await mkdir(own, { recursive: true, mode: 0o700 })
    const job = await prepare(asked, own, told, signal)
    if (job && 'fault' in job) return job
    if (!job || signal.aborted) return undefined
    const fault = await inProcess(own, told, signal)
    if (signal.aborted) return undefined
    if (fault) return { fault }
    const { report, settled } = JSON.parse(await readFile(join(own, 'came.json'), 'utf8')) as {
      readonly report: Whatif
      readonly settled?: YearSettled
    }
    return { report, settled, paper: await readFile(join(own, 'report.pdf')) }
  }

  /** The rules, the draft and the year as files; what an earlier try has written stays as it was. */
  async function prepare(
    { tenant, content, rules }: RunAsked,
    own: string,
    told: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<WhatifJob | { readonly fault: RunFault } | undefined> {
    const file = join(own, 'job.json')
    if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as WhatifJob
    for (const [path, text] of Object.entries(rules.files)) {
      const place = join(own, 'schemes', path)
      await mkdir(dirname(place), { recursive: true })
      await writeFile(place, text)
    }
    await writeFile(join(own, 'draft.yaml'), content.draft)
    const { data } = content
    let year: YearWritten | undefined
    if (data.kind === 'own') {
      const made = join(own, 'year')
      await rm(made, { recursive: true, force: true })
      await mkdir(made, { mode: 0o700 })
      const texts = Object.entries(rules.files).map(([path, text]) => ({ path, text }))
      const households = await householdsOfYear(database, tenant, data.year)
      const books = [readSchemes(texts), ...draftedBook(texts, content.draft)]
      const persons = untilStopped(
        personsOfYear(database, tenant, data.year, ({ persons, ofPersons }) =>
          told({ step: 'reading', done: persons, of: ofPersons }),
        ),
        signal,
      )
      year = await writeYear(made, persons, {
        year: data.year,
        books,
        everybody: content.assumptions.premium?.scheme,
        households,
      })
      if (signal.aborted) return undefined
      if (year.bills === 0)
        return {
          fault: {
            zh: `${data.year} 年内没有结算的账单`,
            en: `no bill was settled in ${data.year}`,
          },
        }
      if (year.apart > MOST_APART)
        return {
          fault: {
            zh: `${data.year} 年有 ${year.apart} 人须逐张结算（带有账户、结转、待遇资格等），页面推演最多 ${MOST_APART} 人；请用 kangyang whatif 推演列式文件`,
            en: `${year.apart} persons of ${data.year} have to be settled bill by bill (accounts, totals from before, certificates …); a page settles at most ${MOST_APART} of them: use kangyang whatif on columnar files`,
          },
        }
      await rename(made, join(own, 'data'))
    }
    const job: WhatifJob = {
      content,
      allowUndated: allowUndated(tenant),
      rules: rules.version,
      year,
    }
    // Last: where it is there, everything is.
    await writeFile(`${file}.tmp`, JSON.stringify(job))
    await rename(`${file}.tmp`, file)
    return job
  }

  return {
    run,
    forget: (id) => rm(join(folder, id), { recursive: true, force: true }),
    left: async () => (existsSync(folder) ? readdir(folder) : []),
  }
}

/**
 * The rules under a draft, at its first value where it has several: which words they ask does not depend on it. None where
 * the draft no longer holds, which the run itself will say.
 */
function draftedBook(texts: readonly SchemeText[], draft: string): readonly SchemeBook[] {
  try {
    const drafted = readDraftText('draft.yaml', draft)
    return [readSchemes(draftTexts(texts, drafted, drafted.draft.unknown?.from))]
  } catch (error) {
    if (error instanceof RuleFileError) return []
    throw error
  }
}

/** Ends with whatever the process says; where it says nothing, that is our own fault and thrown. */
async function inProcess(
  own: string,
  told: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RunFault | undefined> {
  // It has no use for the database, nor for the keys that the server's environment may hold.
  const { PATH, TZ, TMPDIR } = process.env
  const child: ChildProcess = fork(JOB, [own], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH, TZ, TMPDIR },
  })
  const kill = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  let said = ''
  let fault: RunFault | undefined
  let done = false
  child.stderr?.on('data', (piece: Buffer) => {
    said = `${said}${piece}`.slice(-2_000)
  })
  child.on('message', (message: JobMessage) => {
    if ('progress' in message) told(message.progress)
    else if ('fault' in message) fault = message.fault
    else done = true
  })
  try {
    const code = await new Promise<number | null>((ended, failed) => {
      child.once('error', failed)
      child.once('close', ended)
    })
    if (done || fault || signal.aborted) return fault
    throw new Error(`the run ended with ${code}: ${said}`)
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

async function* untilStopped<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of items) {
    if (signal.aborted) return
    yield item
  }
}
