import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { PlainDate } from '#base/plain-date.ts'
import { createSettler, readSchemes, type Settler, type Totals } from '#domains/settlement/index.ts'
import { ColumnFiles, quote } from '#platform/columns.ts'
import type { Manifest } from './batch-command.ts'
import { type RawRow, rawBill, rawPerson } from './batch-raw.ts'
import { sourceOf } from './batch-source.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { printExplanation } from './explanation.ts'
import { type Input, readInput } from './input.ts'
import { choice, languageOf, type Options } from './options.ts'
import { explanationJson, reportJson } from './report-json.ts'
import { readSchemeTexts } from './schemes-folder.ts'
import { type Outcome, type Run, settleInput } from './settle-input.ts'
import { printOutcome, printStatements } from './statement.ts'
import { writeOutput } from './write-output.ts'

/**
 * One person's bills of a finished batch, settled again from the batch's own input by the code of a live bill, and
 * compared with what the batch kept. One of them is explained from what it was settled from, where that was kept.
 */
export async function explainPerson(
  out: string,
  person: string,
  options: Options,
): Promise<ExitCode> {
  const lang = languageOf(options)
  const format = choice(options, 'format', ['table', 'json'])
  const manifest = manifestOf(out)
  const texts = readSchemeTexts(manifest.schemesFolder)
  if (createHash('sha256').update(JSON.stringify(texts)).digest('hex') !== manifest.schemes)
    throw new UsageError({
      zh: `${manifest.schemesFolder} 的方案文件已与批量时不同，无法重现；请恢复当时的文件`,
      en: `the scheme files of ${manifest.schemesFolder} are not those of the batch any more; restore them to explain it`,
    })
  const book = readSchemes(texts)
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 512, temporary: out })
  try {
    const { vocabulary } = book
    const mine = (table: string) =>
      files.rows(
        `SELECT CAST(to_json(row_itself) AS VARCHAR) AS text FROM (SELECT row_itself FROM ${table} AS row_itself WHERE CAST(person AS VARCHAR) = ${quote(person)})`,
      )
    const rawOf = (rows: Record<string, unknown>[]) =>
      rows.map(({ text }) => JSON.parse(String(text)) as RawRow)
    const persons = rawOf(await mine(sourceOf(manifest.persons.map(({ path }) => path))))
    const bills = rawOf(await mine(sourceOf(manifest.bills.map(({ path }) => path))))
    if (persons.length === 0 || bills.length === 0)
      throw new UsageError({
        zh: `批量里没有 ${person} 的账单`,
        en: `the batch has no bills of ${person}`,
      })
    const content = {
      amounts: 'fen',
      persons: [rawPerson(persons, person, vocabulary)],
      bills: bills.map((row) => rawBill(row, person, vocabulary)),
    }
    const input = readInput('batch', JSON.stringify(content), vocabulary)
    const rules = { allowUndated: manifest.allowUndated, today: manifest.today as PlainDate }
    const settler = createSettler(book, rules)
    const one = options.text('bill')
    const run = settleInput(input, settler, (bill) => format === 'json' || bill.id === one)
    await compare(files, out, person, run)
    const text = one
      ? await explainOne(files, out, one, { run, input, settler, format, lang, vocabulary })
      : format === 'json'
        ? [...reportJson(run, vocabulary)].join('')
        : [...printStatements(run.outcomes, vocabulary, lang)].join('')
    writeOutput([text], undefined)
    return run.outcomes.every(({ settled }) => settled) ? EXIT.done : EXIT.refused
  } finally {
    files.close()
  }
}

function manifestOf(out: string): Manifest {
  const file = join(out, 'run.json')
  if (existsSync(file) && existsSync(join(out, 'summary.json')))
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest
  throw new UsageError({
    zh: `${out} 里没有完成的批量`,
    en: `${out} holds no finished batch`,
  })
}

/** Every amount that the batch kept of these bills is the one that comes out now; anything else is a bug. */
async function compare(files: ColumnFiles, out: string, person: string, run: Run): Promise<void> {
  const kept = await files.rows(
    `SELECT * FROM read_parquet(${quote(join(out, 'bills', '*.parquet'))}, union_by_name = true) WHERE CAST(person AS VARCHAR) = ${quote(person)}`,
  )
  const byBill = new Map(kept.map((row) => [String(row.bill), row]))
  for (const outcome of run.outcomes) {
    const row = byBill.get(outcome.bill.id)
    if (!outcome.settled) {
      if (row) throw new Error(`bill ${outcome.bill.id} is refused now, and was settled`)
      continue
    }
    const { tiers, patient } = outcome.settlement
    const paid = tiers.filter(({ payer }) => payer !== 'liableThirdParty')
    const same =
      row !== undefined &&
      Number(row.patient) === patient &&
      paid.every((tier, t) => Number(row[`paid_${t + 1}`] ?? 0) === tier.paid)
    if (!same) throw new Error(`bill ${outcome.bill.id} comes out otherwise than in the batch`)
  }
}

type About = {
  readonly run: Run
  readonly input: Input
  readonly settler: Settler
  readonly format: 'table' | 'json'
  readonly lang: 'zh' | 'en'
  readonly vocabulary: Parameters<typeof printExplanation>[1]
}

async function explainOne(
  files: ColumnFiles,
  out: string,
  id: string,
  { run, input, settler, format, lang, vocabulary }: About,
): Promise<string> {
  const outcome = run.outcomes.find(({ bill }) => bill.id === id)
  if (!outcome)
    throw new UsageError({
      zh: `此人在批量里没有账单 ${id}`,
      en: `this person has no bill ${id} in the batch`,
    })
  if (!outcome.settled) return `${printOutcome(outcome, vocabulary, lang)}\n`
  const before = await keptTotals(files, out, id)
  const person = input.persons[0]?.person
  let found: Outcome & { settled: true } = outcome
  if (before && person) {
    const explained = settler.explain(outcome.bill, person, before)
    if (!explained.ok) throw new Error(`bill ${id} is refused from what it was settled from`)
    const { totals: _, ...settlement } = explained.value.settlement
    found = { ...outcome, settlement, steps: explained.value.steps }
    if (JSON.stringify(found.steps) !== JSON.stringify(outcome.steps))
      throw new Error(`bill ${id} is explained otherwise from what it was settled from`)
  }
  return format === 'json' ? explanationJson(found) : printExplanation(found, vocabulary, lang)
}

/** The running totals that a bill was settled from, where the batch kept them. */
async function keptTotals(
  files: ColumnFiles,
  out: string,
  id: string,
): Promise<Totals | undefined> {
  if (!existsSync(join(out, 'codes'))) return undefined
  const [row] = await files.rows(
    `SELECT * FROM read_parquet(${quote(join(out, 'codes', '*.parquet'))}, union_by_name = true, filename = true) WHERE CAST(bill AS VARCHAR) = ${quote(id)}`,
  )
  const list = Number(row?.keys ?? -1)
  if (!row || list < 0) return undefined
  const file = String(row.filename)
  const part = join(dirname(file), `${basename(file, '.parquet')}.keys.json`)
  const keys = (JSON.parse(readFileSync(part, 'utf8')) as string[][])[list] ?? []
  const totals = new Map<string, number>()
  for (const [i, key] of keys.entries()) {
    const value = Number(row[`total_${i + 1}`] ?? 0)
    if (value !== 0) totals.set(key, value)
  }
  return totals
}
