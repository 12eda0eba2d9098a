import { globSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import {
  type Readmes,
  readSchemes,
  type SchemeBook,
  type SchemeText,
} from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'

/** Every scheme below `folder`, read and checked. Throws a `RuleFileError` if any file cannot be used. */
export function loadSchemes(folder: string): SchemeBook {
  return readSchemes(readSchemeTexts(folder))
}

/** Whether a file of a schemes folder is a rule; the worked examples beside the rules are none. */
export const isRuleFile = (path: string): boolean =>
  path.endsWith('.yaml') && !path.endsWith('.cases.yaml')

/** The text of every scheme file below `folder`. Throws a `RuleFileError` where there is none. */
export function readSchemeTexts(folder: string): SchemeText[] {
  const paths = globSync('**/*.yaml', { cwd: folder }).filter(isRuleFile).toSorted()
  if (paths.length === 0)
    throw new RuleFileError({
      file: folder,
      line: 1,
      code: 'missing_file',
      message: 'no scheme files (*.yaml) here; name the folder with --schemes DIR',
    })
  return paths.map((path) => ({
    path: path.split(sep).join('/'),
    text: readFileSync(join(folder, path), 'utf8'),
  }))
}

/** The README files below `folder`, by the folders they stand in. */
export function readReadmes(folder: string): Readmes {
  return new Map(
    globSync('**/README.md', { cwd: folder }).map((path) => [
      dirname(path).split(sep).join('/'),
      readFileSync(join(folder, path), 'utf8'),
    ]),
  )
}
