import { compose, type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import {
  type Compiled,
  compileSql,
  DIALECTS,
  type Scheme,
  type SchemeBook,
  type SqlTable,
} from '#domains/settlement/index.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { choice, type OptionName, type Options, schemesFolderOf } from './options.ts'
import { loadSchemes } from './schemes-folder.ts'
import { SQL_REASONS } from './sql-reasons.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang compile`: schemes as one SQL query; without any, the list of those that can be. */
export async function compileCommand(options: Options): Promise<ExitCode> {
  const book = loadSchemes(schemesFolderOf(options))
  const [, ...names] = options.positionals
  const days = daysOf(options)
  if (names.length === 0) {
    writeOutput([compileList(book)], options.text('out'))
    return EXIT.done
  }
  const schemes = names.map((name) => {
    const found = book.schemes.get(name)
    if (found) return found
    throw new UsageError({
      zh: `没有方案 ${name}；kangyang schemes 列出全部方案`,
      en: `there is no scheme ${name}; kangyang schemes lists them`,
    })
  })
  if (!schemes.some(({ kind }) => kind === 'public'))
    throw new UsageError({
      zh: '至少写一个基本医保方案；产品只与它一同结算',
      en: 'name a public scheme as well: a product settles only beside one',
    })
  const bills = await tableOf(options, 'bills')
  const persons = await tableOf(options, 'persons')
  const compiled = compileSql(book, {
    schemes,
    ...days,
    allowUndated: options.flag('allow-undated'),
    dialect: choice(options, 'dialect', [...DIALECTS]),
    bills,
    persons,
  })
  if (compiled.ok) {
    writeOutput([compiled.sql], options.text('out'))
    return EXIT.done
  }
  for (const { where, reason } of compiled.refusals) {
    const { zh, en } = SQL_REASONS[reason]
    process.stderr.write(`${where} [${reason}]\n  ${zh}\n  ${en}\n`)
  }
  return EXIT.refused
}

/** Each shipped public scheme with all that stands beside it, and why it is not SQL where it is not. */
export function compileList(book: SchemeBook): string {
  const rows = [...book.schemes.values()].map((scheme) => {
    const compiled = compileAlone(book, scheme)
    const reasons = compiled.ok
      ? 'yes'
      : compiled.refusals
          .map(({ where, reason }) => {
            const name = where.slice(where.lastIndexOf('/') + 1)
            return `\`${name}\` ${SQL_REASONS[reason].en.split(';')[0]}`
          })
          .join('; ')
    return `| \`${scheme.id}\` | ${reasons} |`
  })
  return ['| Scheme | Compiles |', '|---|---|', ...rows, ''].join('\n')
}

/** The year for which the list is made: in it nearly every shipped rule has a value. */
export const LISTED_YEAR = 2025

/** A public scheme as it is; a product beside the first public scheme of its place that has room for it. */
export function compiledTogether(book: SchemeBook, scheme: Scheme): Scheme[] {
  const folder = scheme.id.slice(0, scheme.id.lastIndexOf('/'))
  const beside = [...book.schemes.values()].find(
    ({ id, kind, order }) =>
      kind === 'public' &&
      id.startsWith(`${folder.split('/').slice(0, 2).join('/')}/`) &&
      order.some((step) => 'covers' in step && step.covers === scheme.kind),
  )
  return scheme.kind === 'public' || !beside ? [scheme] : [beside, scheme]
}

/** How `compileList` sees whether a scheme compiles. */
export function compileAlone(book: SchemeBook, scheme: Scheme): Compiled {
  const table: SqlTable = { from: { table: 'bills' }, columns: undefined }
  return compileSql(book, {
    schemes: compiledTogether(book, scheme),
    from: compose(LISTED_YEAR, 1, 1),
    until: compose(LISTED_YEAR, 12, 31),
    allowUndated: true,
    dialect: 'duckdb',
    bills: table,
    persons: table,
  })
}

function daysOf(options: Options): { from: PlainDate; until: PlainDate } {
  const year = options.text('year') ?? String(LISTED_YEAR)
  if (!/^(19|20)\d\d$/.test(year))
    throw new UsageError({
      zh: `--year 须为四位年份，而不是 "${year}"`,
      en: `--year is a year such as 2025, not "${year}"`,
    })
  const day = (name: 'from' | 'until', usual: PlainDate) => {
    const text = options.text(name)
    const date = text === undefined ? usual : parsePlainDate(text)
    if (date) return date
    throw new UsageError({
      zh: `--${name} 须为日历日期 YYYY-MM-DD，而不是 "${text}"`,
      en: `--${name} is a calendar date YYYY-MM-DD, not "${text}"`,
    })
  }
  const from = day('from', compose(Number(year), 1, 1))
  const until = day('until', compose(Number(year), 12, 31))
  if (from <= until) return { from, until }
  throw new UsageError({
    zh: `--from ${from} 晚于 --until ${until}`,
    en: `--from ${from} is after --until ${until}`,
  })
}

/** Parquet files and the columns they have, or a table that is called so and has them all. */
async function tableOf(
  options: Options,
  name: Extract<OptionName, 'bills' | 'persons'>,
): Promise<SqlTable> {
  const files = options.text(name)
  if (files === undefined) return { from: { table: name }, columns: undefined }
  const { parquetColumns } = await import('./parquet-columns.ts')
  return { from: { parquet: files }, columns: await parquetColumns(name, files) }
}
