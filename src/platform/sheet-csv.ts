import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { SheetError } from './sheet-error.ts'

type Row = { readonly line: number; readonly cells: readonly string[] }

const MAX_ROW = 1_000_000
const MAX_COLUMNS = 1000
const LINE_FEED = 0x0a

/** The rows of a CSV file. The file is read twice: which encoding it has shows at its end only. */
export async function* readCsv(path: string): AsyncGenerator<Row, void, void> {
  const encoding = await encodingOf(path)
  let next = 1
  const onRecord = (cells: readonly string[], { lines }: { readonly lines: number }): Row => {
    next = lines + 1
    return { line: lines - breaksIn(cells), cells }
  }
  const parser = parse({
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
    // Its types know of no row but a list of texts.
    on_record: onRecord as never,
  })
  const texts = Readable.from(decoded(path, encoding))
  texts.on('error', (error) => parser.destroy(error))
  texts.pipe(parser)
  try {
    for await (const row of parser as AsyncIterable<Row>) {
      if (row.cells.length > MAX_COLUMNS) throw new SheetError('row_too_long', { line: row.line })
      yield row
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const code = error.code === 'CSV_MAX_RECORD_SIZE' ? 'row_too_long' : 'bad_quotes'
    throw new SheetError(code, { line: next, cause: error })
  } finally {
    texts.destroy()
  }
}

/** How many lines a row takes beyond its first: cells may hold line breaks. */
const breaksIn = (cells: readonly string[]): number =>
  cells.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0)

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
  for await (const block of blocksOf(path)) {
    if (block.includes(0) || (line === 1 && /^\uFEFF?\s*</.test(block.toString('utf8', 0, 100))))
      throw new SheetError('not_a_sheet')
    if (!decodes(decoder, block)) {
      for (const text of linesOf(block)) {
        if (!decodes(decoder, text)) return line
        line++
      }
    }
    for (const byte of block) if (byte === LINE_FEED) line++
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

/** The decoder drops a byte-order mark only where it begins a text: the first block alone may. */
async function* decoded(path: string, encoding: Encoding): AsyncGenerator<string> {
  const first = new TextDecoder(encoding)
  const later = new TextDecoder(encoding, { ignoreBOM: true })
  let decoder = first
  for await (const block of blocksOf(path)) {
    yield decoder.decode(block)
    decoder = later
  }
}

/** A file in blocks of whole lines. A line feed is never part of another character, in either encoding. */
async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    if (bytes.length - end > 4 * MAX_ROW) throw new SheetError('row_too_long')
    if (end > 0) yield bytes.subarray(0, end)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) yield rest
}
