import { EXIT, type ExitCode } from './exit-codes.ts'
import { loadWork } from './load-input.ts'
import { choice, languageOf, type Options } from './options.ts'
import { reportCsv } from './report-csv.ts'
import { reportJson } from './report-json.ts'
import { printStatements } from './statement.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang settle`: every bill of a file, as a table, JSON or CSV. */
export async function settleCommand(options: Options): Promise<ExitCode> {
  const format = choice(options, 'format', ['table', 'json', 'csv'])
  const lang = languageOf(options)
  const work = await loadWork(options)
  const { vocabulary } = work.book
  // Only JSON names the rules behind each tier, and only the steps know them.
  const run = work.settle(() => format === 'json')
  const report =
    format === 'json'
      ? reportJson(run, vocabulary)
      : format === 'csv'
        ? reportCsv(run.outcomes, vocabulary, lang)
        : printStatements(run.outcomes, vocabulary, lang)
  writeOutput(report, options.text('out'), work.inputPath)
  return run.outcomes.every(({ settled }) => settled) ? EXIT.done : EXIT.refused
}
