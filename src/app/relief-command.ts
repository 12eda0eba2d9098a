import { nearest } from '#base/nearest.ts'
import { type Relief, reliefPeriod, settleRelief } from '#domains/settlement/index.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { loadWork } from './load-input.ts'
import { choice, languageOf, type Options, required } from './options.ts'
import { printReliefs, type ReliefOutcome } from './relief-report.ts'
import { reliefsJson } from './report-json.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang relief`: the bills of a file, then what a relief beside them comes to for each person. */
export async function reliefCommand(options: Options): Promise<ExitCode> {
  const format = choice(options, 'format', ['table', 'json'])
  const lang = languageOf(options)
  const id = required(options, 'relief', 'teaching/shifan/year-end')
  const key = required(options, 'period', '2025')
  const { book, input, inputPath, rules, settle } = await loadWork(options)
  const relief = book.reliefs.get(id)
  if (!relief) throw noSuchRelief(id, book.reliefs.keys())
  const period = reliefPeriod(relief, key)
  if (!period) throw noSuchPeriod(relief, key)

  const { outcomes: bills } = settle(() => false)
  const outcomes = input.persons.map(({ person }): ReliefOutcome => {
    const own = bills.filter(({ bill }) => bill.person === person.id)
    const standing = own.filter((each) => each.settled)
    const outcome = settleRelief(relief, period, person, standing, { book, ...rules })
    const without = own.flatMap(({ bill, settled }) => (settled ? [] : [bill.id]))
    return { person: person.id, without, outcome }
  })
  const text =
    format === 'json'
      ? reliefsJson(outcomes, book.vocabulary)
      : printReliefs(relief, outcomes, book.vocabulary, lang)
  writeOutput([text], options.text('out'), inputPath)
  return outcomes.every(({ outcome }) => outcome.ok) ? EXIT.done : EXIT.refused
}

function noSuchRelief(id: string, ids: Iterable<string>): UsageError {
  const meant = nearest(id, ids)
  return new UsageError({
    zh: `没有救助 ${id}${meant ? `；是否指 ${meant}？` : ''}`,
    en: `there is no relief ${id}${meant ? `; did you mean ${meant}?` : ''}`,
  })
}

function noSuchPeriod({ id, period }: Relief, key: string): UsageError {
  const example = period.starts === '01-01' ? '2024' : `2024-${period.starts}`
  return new UsageError({
    zh: `救助 ${id} 的年度写作 ${example}，而不是 "${key}"`,
    en: `a year of the relief ${id} is written ${example}, not "${key}"`,
  })
}
