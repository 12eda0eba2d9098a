import { nearest } from '#base/nearest.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { printExplanation } from './explanation.ts'
import { loadWork } from './load-input.ts'
import { choice, languageOf, type Options, required } from './options.ts'
import { explanationJson, refusalJson } from './report-json.ts'
import { printOutcome } from './statement.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang explain`: one bill worked out by hand, after the bills that come before it in time. */
export async function explainCommand(options: Options): Promise<ExitCode> {
  const format = choice(options, 'format', ['table', 'json'])
  const lang = languageOf(options)
  const id = required(options, 'bill', 'b1')
  const { book, input, inputPath, settle } = await loadWork(options)
  const ids = input.bills.map((bill) => bill.id)
  if (!ids.includes(id)) throw noSuchBill(id, ids)
  const outcome = settle((bill) => bill.id === id).outcomes.find(({ bill }) => bill.id === id)
  if (!outcome) throw new Error(`bill ${id} was read but never settled`)
  const { vocabulary } = book
  const json = format === 'json'
  const text = outcome.settled
    ? json
      ? explanationJson(outcome)
      : printExplanation(outcome, vocabulary, lang)
    : json
      ? refusalJson(outcome, vocabulary)
      : `${printOutcome(outcome, vocabulary, lang)}\n`
  writeOutput([text], options.text('out'), inputPath)
  return outcome.settled ? EXIT.done : EXIT.refused
}

function noSuchBill(id: string, ids: readonly string[]): UsageError {
  const meant = nearest(id, ids)
  return new UsageError({
    zh: `输入文件里没有账单 ${id}${meant ? `；是否指 ${meant}？` : ''}`,
    en: `the input has no bill ${id}${meant ? `; did you mean ${meant}?` : ''}`,
  })
}
