import { nearest } from '#base/nearest.ts'
import { type LintFinding, lintBook, type SchemeBook } from '#domains/settlement/index.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { choice, type Language, languageOf, type Options, schemesFolderOf } from './options.ts'
import { loadSchemes, readReadmes } from './schemes-folder.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang lint`: what a policy officer should look at, most serious first. */
export function lintCommand(options: Options): ExitCode {
  const format = choice(options, 'format', ['table', 'json'])
  const lang = languageOf(options)
  const schemes = schemesFolderOf(options)
  const book = loadSchemes(schemes)
  const place = placeOf(options, book)
  const findings = lintBook(book, readReadmes(schemes))
    .filter(({ file }) => place === undefined || file.startsWith(`${place}/`))
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line),
    )
  const text =
    format === 'json'
      ? `${JSON.stringify({ format: 'kangyang/lint@1', findings }, null, 2)}\n`
      : printFindings(findings, lang)
  writeOutput([text], options.text('out'))
  return findings.some(({ severity }) => severity === 'error') ? EXIT.refused : EXIT.done
}

/** The one folder to look at, where one is named. What holds for one place may stand in the folders below it too. */
function placeOf(options: Options, { places }: SchemeBook): string | undefined {
  const place = options.text('place')
  if (place === undefined || places.has(place)) return place
  const meant = nearest(place, [...places.keys()])
  throw new UsageError({
    zh: `没有地区文件夹 ${place}${meant ? `；是否指 ${meant}？` : ''}`,
    en: `there is no place ${place}${meant ? `; did you mean ${meant}?` : ''}`,
  })
}

const SEVERITIES: readonly LintFinding['severity'][] = ['error', 'warning', 'note']
const NAMES = {
  error: { zh: '错误', en: 'error' },
  warning: { zh: '警告', en: 'warning' },
  note: { zh: '提示', en: 'note' },
}

function printFindings(findings: readonly LintFinding[], lang: Language): string {
  const lines = findings.map(
    ({ severity, code, file, line, rule, zh, en }) =>
      `${file}:${line}: ${NAMES[severity][lang]} [${code}] ${lang === 'zh' ? zh : en}\n    ${rule}`,
  )
  const counts = SEVERITIES.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return lang === 'zh' ? `${NAMES[severity].zh} ${count}` : `${NAMES[severity].en}s ${count}`
  })
  lines.push(lang === 'zh' ? `共 ${counts.join('，')}` : counts.join(', '))
  return `${lines.join('\n')}\n`
}
