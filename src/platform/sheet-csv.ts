import { createReadStream } from 'node:fs'
import { CsvError } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import { SheetError } from './sheet-error.ts'

type Row = { readonly line: number; readonly cells: readonly string[] }

/** Whole rows of a CSV file, as they stand in it, and the line they begin on. */
export type CsvBlock = {
  readonly line: number
  readonly encoding: Encoding
  readonly bytes: Uint8Array
}

const MAX_ROW = 1_000_000
const MAX_COLUMNS = 1000
const BLOCK_BYTES = 256 * 1024
const LINE_FEED = 0x0a
const QUOTE = 0x22

/**
 * A CSV file in blocks that can be read by themselves, on any thread. The file is gone through twice: which
 * encoding it has shows at its end only.
 */
export async function* csvBlocks(path: string): AsyncGenerator<CsvBlock, void, void> {
  const encoding = await encodingOf(path)
  let line = 1
  for await (const bytes of blocksOf(path, wholeRows)) {
    yield { line, encoding, bytes }
    line += countOf(LINE_FEED, bytes)
  }
}

/** The rows of one block. */
export function readCsvBlock({ line, encoding, bytes }: CsvBlock): Row[] {
  // A byte-order mark is dropped where it begins the file, and nowhere else.
  const text = new TextDecoder(encoding, { ignoreBOM: line > 1 }).decode(bytes)
  const rows = text.includes('"') ? parsed(text, line) : (divided(text, line) ?? parsed(text, line))
  for (const row of rows)
    if (row.cells.length > MAX_COLUMNS) throw new SheetError('row_too_long', { line: row.line })
  return rows
}

/** Where nothing is quoted, lines are rows and commas part cells. Undefined where a line is too long for a row. */
function divided(text: string, first: number): Row[] | undefined {
  const lines = text.split('\n')
  const rows: Row[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    if (line.length > MAX_ROW) return undefined
    const row = line.endsWith('\r') && i < lines.length - 1 ? line.slice(0, -1) : line
    if (row !== '') rows.push({ line: first + i, cells: row.split(',') })
  }
  return rows
}

function parsed(text: string, first: number): Row[] {
  let next = first
  const onRecord = (cells: readonly string[], { lines }: { readonly lines: number }): Row => {
    next = first + lines
    return { line: next - 1 - breaksIn(cells), cells }
  }
  try {
    return parse(text, {
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: true,
      max_record_size: MAX_ROW,
      // Its types know of no row but a list of texts.
      on_record: onRecord as never,
    }) as never
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const code = error.code === 'CSV_MAX_RECORD_SIZE' ? 'row_too_long' : 'bad_quotes'
    throw new SheetError(code, { line: next, cause: error })
  }
}

/** How many lines a row takes beyond its first: cells may hold line breaks. */
const breaksIn = (cells: readonly string[]): number =>
  cells.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0)

function countOf(wanted: number, bytes: Uint8Array): number {
  let count = 0
  // An index, where an iterator would take ten times as long.
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === wanted) count++
  return count
}

type Encoding = 'utf-8' | 'gb18030'

/** Whole files only: a text whose first thousand lines fit both may have a name further down that fits one. */
async function encodingOf(path: string): Promise<Encoding> {
  const misfit = await firstMisfit(path, 'utf-8')
  if (misfit === undefined) return 'utf-8'
  const line = await firstMisfit(path, 'gb18030')
  if (line === undefined) return 'gb18030'
  throw new SheetError('bad_encoding', { line: Math.max(line, misfit) })
}

/** The first line that is not text in this encoding. */
async function firstMisfit(path: string, encoding: Encoding): Promise<number | undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let line = 1
  for await (const block of blocksOf(path, wholeLines)) {
    if (block.includes(0) || (line === 1 && /^\uFEFF?\s*</.test(block.toString('utf8', 0, 100))))
      throw new SheetError('not_a_sheet')
    if (!decodes(decoder, block)) {
      for (const text of linesOf(block)) {
        if (!decodes(decoder, text)) return line
        line++
      }
    }
    line += countOf(LINE_FEED, block)
  }
  return undefined
}

function decodes(decoder: TextDecoder, bytes: Buffer): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

function* linesOf(block: Buffer): Generator<Buffer> {
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(LINE_FEED, start)
    yield block.subarray(start, end < 0 ? block.length : end)
    start = end < 0 ? block.length : end + 1
  }
}

/** A file in blocks that end where `endOf` says, the last one at the end of the file. */
async function* blocksOf(
  path: string,
  endOf: (bytes: Buffer) => number,
): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const end = endOf(bytes)
    if (bytes.length - end > 4 * MAX_ROW) throw new SheetError('row_too_long')
    if (end > 0) yield bytes.subarray(0, end)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) yield rest
}

/** A line feed is never part of another character, in either encoding. Neither is a quotation mark. */
const wholeLines = (bytes: Buffer): number => bytes.lastIndexOf(LINE_FEED) + 1

/** After the last line feed that no quoted cell holds. What never ends is for whoever reads it to complain of. */
function wholeRows(bytes: Buffer): number {
  if (!bytes.includes(QUOTE)) return wholeLines(bytes)
  let quoted = false
  let end = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) quoted = !quoted
    else if (bytes[i] === LINE_FEED && !quoted) end = i + 1
  }
  return end === 0 && bytes.length > 2 * MAX_ROW ? bytes.length : end
}
