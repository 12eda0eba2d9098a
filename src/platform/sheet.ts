import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type CsvBlock, csvBlocks, readCsvBlock } from './sheet-csv.ts'
import { SheetError } from './sheet-error.ts'
import { readWorkbook } from './sheet-workbook.ts'

/** One row of a sheet that holds anything: the line it begins on, and the text of its cells. */
export type SheetRow = { readonly line: number; readonly cells: readonly string[] }

/** No upload that the program takes is larger. */
export const MAX_SHEET_BYTES = 1_000_000_000

/** A stretch of a sheet: rows of a workbook, or part of a CSV file that any thread can read. */
export type SheetPart = CsvBlock | { readonly rows: readonly SheetRow[] }

/**
 * The rows of a table that a person sends: a CSV file in UTF-8 (with or without the byte-order mark) or
 * GB18030, or the first visible sheet of an XLSX workbook. What it is, its first bytes say, not its name.
 * A cell comes out as the text that a person sees in it, but for two things: a day is always `YYYY-MM-DD`,
 * and thousands are not set apart. Rows without any text are left out.
 *
 * Memory does not grow with the number of rows: a stream goes to a temporary file first, and rows are read
 * as they are asked for. Of a workbook, its table of shared texts is held. Throws a `SheetError` at the
 * first thing that cannot be read.
 */
export async function* readSheet(source: string | Readable): AsyncGenerator<SheetRow, void, void> {
  for await (const part of sheetParts(source)) yield* rowsOf(part)
}

/** The same in stretches of some thousand rows, for whoever shares them among threads. */
export async function* sheetParts(
  source: string | Readable,
): AsyncGenerator<SheetPart, void, void> {
  if (typeof source === 'string') return yield* partsOf(source)
  const folder = await mkdtemp(join(tmpdir(), 'kangyang-sheet-'))
  try {
    const path = join(folder, 'upload')
    await pipeline(source, limited, createWriteStream(path))
    yield* partsOf(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The rows of one stretch that hold any text. */
export function rowsOf(part: SheetPart): readonly SheetRow[] {
  const rows = 'rows' in part ? part.rows : readCsvBlock(part)
  return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}

/** Of a workbook, about as many rows as a block of a CSV file holds. */
const WORKBOOK_ROWS = 2_000
const WORKBOOK = [0x50, 0x4b, 0x03, 0x04]
/** The container of workbooks before 2007, and of workbooks under a password. */
const OLD_WORKBOOK = [0xd0, 0xcf, 0x11, 0xe0]

async function* partsOf(path: string): AsyncGenerator<SheetPart, void, void> {
  const start = await firstBytes(path, 4)
  const isA = (signature: readonly number[]) => signature.every((byte, i) => start[i] === byte)
  if (isA(OLD_WORKBOOK)) throw new SheetError('old_workbook')
  if (!isA(WORKBOOK)) return yield* csvBlocks(path)
  let rows: SheetRow[] = []
  for await (const row of readWorkbook(path)) {
    rows.push(row)
    if (rows.length < WORKBOOK_ROWS) continue
    yield { rows }
    rows = []
  }
  yield { rows }
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAX_SHEET_BYTES) throw new SheetError('too_large')
    yield chunk
  }
}
