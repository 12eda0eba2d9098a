import type { PlainDate } from '#base/plain-date.ts'
import { createSettler, type SchemeBook } from '#domains/settlement/index.ts'
import { loadCatalogue } from './catalogue-files.ts'
import { type Input, readInput } from './input.ts'
import { nameOfInput, readInputFile } from './input-file.ts'
import { createItems } from './items.ts'
import { inputLimitOf, type Options, required, schemesFolderOf, todayOf } from './options.ts'
import { progressOver } from './progress.ts'
import { loadSchemes } from './schemes-folder.ts'
import { type Run, settleInput } from './settle-input.ts'

/** What `settle` and `explain` both begin with: the rule book and the checked bills. */
export type Work = {
  readonly book: SchemeBook
  readonly input: Input
  readonly inputPath: string
  readonly rules: { readonly allowUndated: boolean; readonly today: PlainDate }
  settle(explained: (bill: { readonly id: string }) => boolean): Run
}

export async function loadWork(options: Options): Promise<Work> {
  const inputPath = required(options, 'input', 'bills.json')
  const today = todayOf(options)
  const limit = inputLimitOf(options)
  const folder = schemesFolderOf(options)
  const book = loadSchemes(folder)
  const catalogue = await loadCatalogue(folder, options.text('catalogue'), book)
  const text = await readInputFile(inputPath, limit)
  const input = readInput(
    nameOfInput(inputPath),
    text,
    book.vocabulary,
    createItems(catalogue, book),
  )
  const rules = { allowUndated: options.flag('allow-undated'), today }
  const settler = createSettler(book, rules)
  return {
    book,
    input,
    inputPath,
    rules,
    settle(explained) {
      const progress = progressOver(input.bills.length)
      try {
        return settleInput(input, settler, explained, () => progress.step())
      } finally {
        progress.stop()
      }
    },
  }
}
