import type { PlainDate } from '#base/plain-date.ts'
import { rowsOf, type SheetPart } from '#platform/sheet.ts'
import { SheetError } from '#platform/sheet-error.ts'
import { serveThread } from '#platform/threads.ts'
import { type Columns, type RowCells, rowReader } from './import-row.ts'
import type { CellFault, ImportRow, ImportTerms } from './types.ts'

export type Reading = { readonly columns: Columns; readonly today: PlainDate }

/** What a stretch of a file holds. */
export type PartRead = {
  readonly rows: number
  /** The id-card numbers of the good rows, 18 characters each. */
  readonly idNumbers: string
  /** The good rows as `textWriter` writes them. */
  readonly texts: Uint8Array<ArrayBuffer>
  readonly faults: readonly (CellFault & { readonly line: number })[]
  /** Why it is not part of a table. */
  readonly unreadable?: Pick<SheetError, 'code' | 'what' | 'remedy'> & {
    readonly line: number | null
  }
}

const encoder = new TextEncoder()

/** Reads stretches of a file, and checks each of their cells. */
export function partReader({ columns, today }: Reading): (part: SheetPart) => PartRead {
  const readRow = rowReader(columns, today)
  const write = textWriter()
  return (part) => {
    const faults: (CellFault & { readonly line: number })[] = []
    let idNumbers = ''
    let texts = ''
    let rows = 0
    try {
      for (const { line, cells } of rowsOf(part)) {
        rows++
        const row = readRow(cells)
        if (row.ok) {
          idNumbers += row.value.person.idNumber
          texts += write(line, row.value)
        } else for (const fault of row.error) faults.push({ line, ...fault })
      }
      return { rows, idNumbers, texts: encoder.encode(texts), faults }
    } catch (error) {
      if (!(error instanceof SheetError)) throw error
      const { code, line = null, what, remedy } = error
      const unreadable = { code, line, what, remedy }
      return { rows: 0, idNumbers: '', texts: new Uint8Array(), faults: [], unreadable }
    }
  }
}

/** Writes rows as they are set aside: the line and whom it is about, a tabulator, its terms, a line feed. */
function textWriter(): (line: number, row: RowCells) => string {
  const known = new WeakMap<ImportTerms, string>()
  return (line, { person: { idNumber, born, sex, name }, terms }) => {
    const text = known.get(terms) ?? JSON.stringify(terms)
    known.set(terms, text)
    return `${JSON.stringify([line, idNumber, born, sex, name])}\t${text}\n`
  }
}

type RowRead = { readonly line: number; readonly row: ImportRow }

/** Reads such texts. Terms that were seen before are not read again. */
export function textReader(): (text: string) => RowRead {
  const known = new Map<string, ImportTerms>()
  return (text) => {
    const tab = text.indexOf('\t')
    const [line, idNumber, born, sex, name] = JSON.parse(text.slice(0, tab))
    const key = text.slice(tab + 1)
    const terms: ImportTerms = known.get(key) ?? JSON.parse(key)
    known.set(key, terms)
    return { line, row: { idNumber, born, sex, name, ...terms } }
  }
}

serveThread((reading: Reading) => {
  const readPart = partReader(reading)
  return (part: SheetPart) => {
    const output = readPart(part)
    return { output, moved: [output.texts.buffer] }
  }
})
