import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from './exit-codes.ts'

/**
 * Writes a whole report to standard output, or to `out`.
 *
 * A file appears complete or not at all: it is written beside its place under another name and then
 * renamed. Throws a `UsageError` when it cannot be, and when it would replace `input`.
 */
export function writeOutput(
  chunks: Iterable<string>,
  out: string | undefined,
  input?: string,
): void {
  if (out === undefined) {
    for (const chunk of chunks) process.stdout.write(chunk)
    return
  }
  try {
    const stat = statSync(out, { throwIfNoEntry: false })
    const place = stat ? realpathSync(out) : resolve(out)
    if (input !== undefined && stat && sameFile(stat, input))
      throw new UsageError({
        zh: `--out 会覆盖输入文件 ${input}`,
        en: `--out would overwrite the input file ${input}`,
      })
    // A terminal, a pipe or /dev/null has no half-written state, and must not be replaced by a file.
    if (stat && !stat.isFile()) writeAll(openSync(place, 'w'), chunks)
    else replaceFile(place, chunks, stat)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { message } = error as Error
    throw new UsageError({
      zh: `无法写入 ${out}（${message}）`,
      en: `cannot write ${out} (${message})`,
    })
  }
}

function replaceFile(place: string, chunks: Iterable<string>, old: Stats | undefined): void {
  const temporary = join(dirname(place), `.kangyang-${randomUUID()}`)
  try {
    writeAll(openSync(temporary, 'wx', old ? old.mode & 0o777 : 0o666), chunks)
    renameSync(temporary, place)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function writeAll(file: number, chunks: Iterable<string>): void {
  try {
    for (const chunk of chunks) writeFileSync(file, chunk)
    if (fstatSync(file).isFile()) fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function sameFile({ dev, ino }: Stats, path: string): boolean {
  const other = statSync(path, { throwIfNoEntry: false })
  return other?.dev === dev && other.ino === ino
}
