import type { Readable } from 'node:stream'
import { formatValue, isDateFormat, serialToDate } from 'hucre'
import { SaxesParser } from 'saxes'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { MAX_WORKBOOK_ROWS, SheetError } from './sheet-error.ts'

type Row = { readonly line: number; readonly cells: readonly string[] }

/** A part that unpacks to more than this, and to more than so many times its size, is a trap and no table. */
const LARGE_PART = 32_000_000
const MANY_TIMES = 100
/** What is held in memory as a whole: everything but the rows. */
const MAX_HELD_PART = 400_000_000
const MAX_PARTS = 10_000
const MAX_TEXT = 1_000_000
const MAX_COLUMNS = 1000

/**
 * The rows of the first visible sheet of an XLSX workbook. The sheet is unpacked piece by piece, as its
 * rows are asked for.
 */
export async function* readWorkbook(path: string): AsyncGenerator<Row, void, void> {
  let zip: ZipFile | undefined
  try {
    zip = await openPromise(path, { autoClose: false })
    const parts = await Parts.of(zip)
    const { sheet, date1904, stylesPart, textsPart } = await findSheet(parts)
    const formats = stylesPart ? await readFormats(parts, stylesPart) : []
    const texts = textsPart ? await readTexts(parts, textsPart) : []
    yield* readRows(parts.stream(sheet), { formats, texts, date1904 })
  } catch (error) {
    // What the packed form or its XML breaks is the file's fault; all else is ours.
    if (error instanceof SheetError || !(error instanceof Error)) throw error
    if ('code' in error && error.code !== 'Z_DATA_ERROR' && error.code !== 'Z_BUF_ERROR')
      throw error
    throw new SheetError('damaged_workbook', { cause: error })
  } finally {
    zip?.close()
  }
}

// --- the parts of the package --------------------------------------------------------------------

class Parts {
  readonly #zip: ZipFile
  readonly #entries: ReadonlyMap<string, Entry>
  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip
    this.#entries = entries
  }

  static async of(zip: ZipFile): Promise<Parts> {
    if (zip.entryCount > MAX_PARTS) throw new SheetError('too_large')
    const entries = new Map<string, Entry>()
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
    return new Parts(zip, entries)
  }

  has(part: string): boolean {
    return this.#entries.has(part)
  }

  /** The unpacked bytes of a part. The stream itself breaks off where a part is larger than it claims. */
  async *stream(part: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(part)
    if (!entry) throw new SheetError('damaged_workbook')
    const { uncompressedSize, compressedSize } = entry
    if (uncompressedSize > LARGE_PART && uncompressedSize > MANY_TIMES * compressedSize)
      throw new SheetError('too_large')
    const bytes: Readable = await this.#zip.openReadStreamPromise(entry)
    yield* bytes
  }

  /** The elements of a part that is held as a whole, with their attributes. */
  async elements(part: string): Promise<Element[]> {
    const elements: Element[] = []
    for await (const _ of parseXml(this.held(part), {
      open: (name, attributes) => elements.push({ name, attributes }),
    }));
    return elements
  }

  /** The same, for a part that becomes texts in memory. */
  async *held(part: string): AsyncGenerator<Buffer> {
    if ((this.#entries.get(part)?.uncompressedSize ?? 0) > MAX_HELD_PART)
      throw new SheetError('too_large')
    yield* this.stream(part)
  }

  /** What a part refers to: the path of each other part, by its id and by its kind. */
  async relations(part: string): Promise<Relation[]> {
    const slash = part.lastIndexOf('/') + 1
    const folder = part.slice(0, slash)
    const relations = `${folder}_rels/${part.slice(slash)}.rels`
    if (!this.has(relations)) return []
    const elements = await this.elements(relations)
    return elements
      .filter(({ name }) => name === 'Relationship')
      .map(({ attributes: { Id = '', Type = '', Target = '' } }) => ({
        id: Id,
        kind: Type.slice(Type.lastIndexOf('/') + 1),
        part: resolve(folder, Target),
      }))
  }
}

type Element = { readonly name: string; readonly attributes: Attributes }
type Attributes = Readonly<Record<string, string>>
type Relation = { readonly id: string; readonly kind: string; readonly part: string }

/** `xl/` and `../styles.xml` is `styles.xml`. */
function resolve(folder: string, target: string): string {
  const steps = target.startsWith('/') ? [] : folder.split('/').filter(Boolean)
  for (const step of target.split('/').filter(Boolean)) {
    if (step === '..') steps.pop()
    else if (step !== '.') steps.push(step)
  }
  return steps.join('/')
}

async function findSheet(parts: Parts) {
  const workbook = (await parts.relations('')).find(({ kind }) => kind === 'officeDocument')
  if (!workbook) throw new SheetError('not_a_sheet')
  const elements = await parts.elements(workbook.part)
  const relations = await parts.relations(workbook.part)
  const sheets = elements.filter(({ name }) => name === 'sheet')
  const visible = sheets.find(({ attributes: { state = 'visible' } }) => state === 'visible')
  const id = Object.entries(visible?.attributes ?? {}).find(([name]) => /(^|:)id$/.test(name))?.[1]
  const sheet = relations.find((relation) => relation.id === id)
  if (!sheet) throw new SheetError('not_a_sheet')
  const partOf = (wanted: string) => relations.find(({ kind }) => kind === wanted)?.part
  const { date1904 } = elements.find(({ name }) => name === 'workbookPr')?.attributes ?? {}
  return {
    sheet: sheet.part,
    date1904: date1904 === '1' || date1904 === 'true',
    stylesPart: partOf('styles'),
    textsPart: partOf('sharedStrings'),
  }
}

// --- XML -----------------------------------------------------------------------------------------

type Handlers = {
  readonly open: (name: string, attributes: Attributes) => void
  readonly close?: (name: string) => void
  readonly text?: (text: string) => void
}

/** Parses piece by piece and gives way after each, so that what was read can be passed on. */
async function* parseXml(bytes: AsyncIterable<Buffer>, handlers: Handlers): AsyncGenerator<void> {
  const parser = new SaxesParser()
  const { open, close, text } = handlers
  let silence = 0
  parser.on('error', (error) => {
    throw new SheetError('damaged_workbook', { cause: error })
  })
  parser.on('opentag', ({ name, attributes }) => {
    silence = 0
    open(bare(name), attributes as Attributes)
  })
  if (close) parser.on('closetag', ({ name }) => close(bare(name)))
  if (text) {
    parser.on('text', text)
    parser.on('cdata', text)
  }
  const decoder = new TextDecoder()
  for await (const chunk of bytes) {
    // A text without end would be gathered up inside the parser.
    silence += chunk.length
    if (silence > 4 * MAX_TEXT) throw new SheetError('too_large')
    parser.write(decoder.decode(chunk, { stream: true }))
    yield
  }
  parser.write(decoder.decode()).close()
}

/** Some programs write `x:row` for `row`. */
const bare = (name: string): string => name.slice(name.indexOf(':') + 1)

/** Control characters are written `_x000D_`. */
const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
    : text

/** The shared texts. Reading aids above Chinese characters (`rPh`) are no part of them. */
async function readTexts(parts: Parts, part: string): Promise<string[]> {
  const texts: string[] = []
  let text = ''
  let inText = false
  let aids = 0
  const handlers: Handlers = {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 'rPh') aids++
      else if (name === 't') inText = aids === 0
    },
    close(name) {
      if (name === 'si') texts.push(unescaped(text))
      else if (name === 'rPh') aids--
      else if (name === 't') inText = false
    },
    text(piece) {
      if (inText) text += piece
    },
  }
  for await (const _ of parseXml(parts.held(part), handlers));
  return texts
}

/** How the numbers of a cell style are shown. */
type Format = 'general' | 'date' | { readonly pattern: string }

/** The formats that a workbook names by number and does not write out. */
const BUILT_IN: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  37: '#,##0',
  38: '#,##0',
  39: '#,##0.00',
  40: '#,##0.00',
  48: '##0.0E+0',
}

const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) ||
  (id >= 27 && id <= 36) ||
  (id >= 45 && id <= 47) ||
  (id >= 50 && id <= 58)

async function readFormats(parts: Parts, part: string): Promise<Format[]> {
  const written = new Map<number, string>()
  const formats: Format[] = []
  let inCellFormats = false
  const handlers: Handlers = {
    open(name, { numFmtId = '0', formatCode = '' }) {
      if (name === 'numFmt') written.set(Number(numFmtId), formatCode)
      else if (name === 'cellXfs') inCellFormats = true
      else if (name === 'xf' && inCellFormats) formats.push(formatOf(Number(numFmtId), written))
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false
    },
  }
  for await (const _ of parseXml(parts.held(part), handlers));
  return formats
}

function formatOf(id: number, written: ReadonlyMap<number, string>): Format {
  const pattern = written.get(id) ?? BUILT_IN[id]
  if (pattern === undefined) return isBuiltInDate(id) ? 'date' : 'general'
  if (isDateFormat(pattern)) return 'date'
  return pattern === 'General' || pattern === '@' ? 'general' : { pattern }
}

// --- rows ----------------------------------------------------------------------------------------

type Book = {
  readonly formats: readonly Format[]
  readonly texts: readonly string[]
  readonly date1904: boolean
}

async function* readRows(
  bytes: AsyncIterable<Buffer>,
  book: Book,
): AsyncGenerator<Row, void, void> {
  let rows: Row[] = []
  let line = 0
  let cells: string[] = []
  let column = 0
  let kind = ''
  let style = 0
  let text = ''
  let inText = false
  let aids = 0
  const handlers: Handlers = {
    open(name, attributes) {
      if (name === 'row') {
        line = attributes.r === undefined ? line + 1 : Number(attributes.r)
        if (!(line < MAX_WORKBOOK_ROWS)) throw new SheetError('sheet_full', { line })
        cells = []
        column = 0
      } else if (name === 'c') {
        column = attributes.r === undefined ? column + 1 : columnOf(attributes.r)
        if (!(column >= 1 && column <= MAX_COLUMNS)) throw new SheetError('row_too_long', { line })
        kind = attributes.t ?? 'n'
        style = Number(attributes.s ?? 0)
        text = ''
      } else if (name === 'rPh') aids++
      else if (name === 'v' || name === 't') inText = aids === 0
    },
    close(name) {
      if (name === 'row') rows.push({ line, cells })
      else if (name === 'c') {
        while (cells.length < column - 1) cells.push('')
        cells[column - 1] = shown(kind, text, style, book, { line, column })
      } else if (name === 'rPh') aids--
      else if (name === 'v' || name === 't') inText = false
    },
    text(piece) {
      if (!inText) return
      text += piece
      if (text.length > MAX_TEXT) throw new SheetError('row_too_long', { line })
    },
  }
  for await (const _ of parseXml(bytes, handlers)) {
    const read = rows
    rows = []
    yield* read
  }
  yield* rows
}

/** `C7` is in the third column. */
function columnOf(reference: string): number {
  let column = 0
  for (const letter of reference.replace(/\d+$/, ''))
    column = column * 26 + letter.charCodeAt(0) - 64
  return column
}

type Position = { readonly line: number; readonly column: number }

function shown(kind: string, text: string, style: number, book: Book, at: Position): string {
  if (kind === 's') return book.texts[Number(text)] ?? ''
  if (kind === 'b') return text === '1' ? 'TRUE' : 'FALSE'
  if (kind === 'd') return text.replace('T', ' ').replace(/ 00:00:00.*$/, '')
  if (kind !== 'n' || text === '') return unescaped(text)
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  const format = book.formats[style] ?? 'general'
  if (format === 'date') return dayOf(value, book.date1904)
  if (Math.abs(value) >= 1e15) throw new SheetError('digits_lost', at)
  // A spreadsheet holds fifteen digits: 0.1 + 0.2 is 0.3 there.
  const held = Number(value.toPrecision(15))
  if (format === 'general') return String(held)
  return formatValue(held, format.pattern)
    .trim()
    .replace(/(?<=\d),(?=\d{3})/g, '')
}

/** Each program shows a day in its own way; here it is always the same. A time of day follows if there is one. */
function dayOf(serial: number, date1904: boolean): string {
  const moment = serialToDate(Math.round(serial * 86_400) / 86_400, date1904)
  const iso = new Date(Math.round(moment.getTime() / 1000) * 1000).toISOString()
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 19)]
  if (serial < 1) return time
  return time === '00:00:00' ? day : `${day} ${time}`
}
