import { type LintFinding, lintBook } from '#domains/settlement/index.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { choice, type Language, languageOf, type Options, schemesFolderOf } from './options.ts'
import { loadSchemes } from './schemes-folder.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang lint`: what a policy officer should look at, most serious first. */
export function lintCommand(options: Options): ExitCode {
  const format = choice(options, 'format', ['table', 'json'])
  const lang = languageOf(options)
  const findings = lintBook(loadSchemes(schemesFolderOf(options))).toSorted(
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
