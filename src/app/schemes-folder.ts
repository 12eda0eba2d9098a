import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { readSchemes, type SchemeBook } from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'

/** Reads every scheme below `folder`. Throws a `RuleFileError` if any file cannot be used. */
export function loadSchemes(folder: string): SchemeBook {
  const paths = globSync('**/*.yaml', { cwd: folder }).toSorted()
  if (paths.length === 0)
    throw new RuleFileError({
      file: folder,
      line: 1,
      code: 'missing_file',
      message: 'no scheme files (*.yaml) here; name the folder with --schemes DIR',
    })
  return readSchemes(
    paths.map((path) => ({
      path: path.split(sep).join('/'),
      text: readFileSync(join(folder, path), 'utf8'),
    })),
  )
}
