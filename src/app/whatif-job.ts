/**
 * One run of a scenario, in a process of its own: `kangyang city` where it is of an invented one, then what
 * `kangyang whatif` does, in the folder that `job.json` stands in. Ends with the server that began it.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, setPriority } from 'node:os'
import { join } from 'node:path'
import { formatRate, formatYuan } from '#base/money.ts'
import { type Progress, type ScenarioContent, tooFew } from '#domains/pricing/index.ts'
import { ColumnFiles, quote } from '#platform/columns.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { sourceOf } from './batch-source.ts'
import { cityCommand } from './city-command.ts'
import { UsageError } from './exit-codes.ts'
import { readArguments } from './options.ts'
import { wordsOfFault } from './rule-fault-words.ts'
import { runWhatif } from './whatif-command.ts'
import { whatifPaper } from './whatif-print.ts'
import type { YearWritten } from './whatif-year.ts'

export type WhatifJob = {
  readonly content: ScenarioContent
  readonly allowUndated: boolean
  readonly rules: number
  /** Of a year of one's own, which is written already. */
  readonly year: YearWritten | undefined
}
export type JobMessage =
  | { readonly progress: Progress }
  | { readonly fault: { readonly zh: string; readonly en: string } }
  | { readonly done: true }

const [folder = ''] = process.argv.slice(2)
const tell = (message: JobMessage) => process.send?.(message)

// The server is gone: nobody waits for this any more.
process.on('disconnect', () => process.exit(1))
setPriority(10)

await carryOut()
  .then(() => tell({ done: true }))
  .catch((error: unknown) => {
    if (error instanceof UsageError) return tell({ fault: { zh: error.zh, en: error.message } })
    if (!(error instanceof RuleFileError)) throw error
    const { file, line } = error.fault
    const { zh, en } = wordsOfFault(error.fault)
    const where = file === draftFile() ? '' : `${file} `
    return tell({
      fault: {
        zh: `草案有误：${where}第 ${line} 行，${zh}`,
        en: `the draft does not hold: ${where}line ${line}: ${en}`,
      },
    })
  })
process.disconnect()

async function carryOut(): Promise<void> {
  const { content, allowUndated, rules, year } = JSON.parse(
    readFileSync(join(folder, 'job.json'), 'utf8'),
  ) as WhatifJob
  const { data, assumptions } = content
  // One core is left to the requests, where there are several.
  const shared = [
    ...['--schemes', join(folder, 'schemes')],
    ...['--workers', String(Math.max(1, availableParallelism() - 1))],
    ...(allowUndated ? ['--allow-undated'] : []),
  ]
  if (data.kind === 'city' && !existsSync(join(folder, 'data'))) {
    tell({ progress: { step: 'making', done: 0, of: data.persons } })
    const made = join(folder, 'city')
    // What an earlier try left half made.
    rmSync(made, { recursive: true, force: true })
    await cityCommand(
      readArguments([
        ...['city', '--place', data.place, '--persons', String(data.persons)],
        ...['--year', String(data.year), '--seed', String(data.seed), '--out', made, ...shared],
      ]),
    )
    renameSync(made, join(folder, 'data'))
  }
  const { capacity, capacitySource, elasticity, keep, premium } = assumptions
  const options = readArguments([
    ...['whatif', join(folder, 'draft.yaml'), '--out', join(folder, 'out')],
    ...['--bills', join(folder, 'data', 'bills-*.parquet')],
    ...['--persons', join(folder, 'data', 'persons-*.parquet'), ...shared],
    ...(capacity === undefined ? [] : ['--capacity', formatYuan(capacity)]),
    ...(capacitySource === undefined ? [] : [`--capacity-source=${capacitySource}`]),
    ...(elasticity === undefined ? [] : ['--elasticity', String(elasticity / 1000)]),
    ...(premium
      ? [
          ...['--premium', premium.scheme, '--take-up', formatRate(premium.takeUp)],
          ...['--selection', String(premium.selection / 1000)],
          ...['--loss-ratio', formatRate(premium.lossRatio)],
        ]
      : []),
    ...(keep ? ['--keep', `${keep.tier}=${formatYuan(keep.most)}`] : []),
  ])
  const report = await runWhatif(options, ({ pass, passes, bills, ofBills }) =>
    tell({ progress: { step: 'settling', done: bills, of: ofBills, pass, passes } }),
  )
  const settled = year && {
    persons: year.persons,
    bills: year.bills,
    together: tooFew(year.together) ? null : year.together,
    amounts: (await differsOfFew()) ? undefined : { paid: year.paid, patient: year.patient },
  }
  const own = settled && data.kind === 'own' ? { year: data.year, rules, settled } : undefined
  const paper = await whatifPaper(report, own)
  writeFileSync(join(folder, 'report.pdf'), paper)
  writeFileSync(join(folder, 'came.json'), JSON.stringify({ report, settled }))
}

/** Whether the baseline settles the bills of a few persons otherwise than they were settled. */
async function differsOfFew(): Promise<boolean> {
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 512, temporary: folder })
  try {
    const [row] = await files.rows(`SELECT count(*)::DOUBLE AS others
      FROM (SELECT person, any_value("settledPatient") AS "settledPatient"
              FROM ${sourceOf([join(folder, 'data', 'persons-*.parquet')])} GROUP BY person) p
      LEFT JOIN read_parquet(${quote(join(folder, 'out', 'before', 'persons', '*.parquet'))}) b USING (person)
     WHERE p."settledPatient" <> COALESCE(b.patient, 0)`)
    return tooFew(Number(row?.others))
  } finally {
    files.close()
  }
}

function draftFile(): string {
  return join(folder, 'draft.yaml')
}
