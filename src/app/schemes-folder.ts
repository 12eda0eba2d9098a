import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { readSchemes, type SchemeBook, type SchemeText } from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'

/** Every scheme below `folder`, read and checked. Throws a `RuleFileError` if any file cannot be used. */
export function loadSchemes(folder: string): SchemeBook {
  return readSchemes(readSchemeTexts(folder))
}

/** The text of every scheme file below `folder`. Throws a `RuleFileError` where there is none. */
export function readSchemeTexts(folder: string): SchemeText[] {
  const paths = globSync('**/*.yaml', { cwd: folder }).toSorted()
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
