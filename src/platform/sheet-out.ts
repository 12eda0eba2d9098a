import { stringify } from 'csv-stringify/sync'
import { writeXlsx } from 'hucre'

/** What spreadsheet programs need at the start of a CSV file to read Chinese. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** One line of a CSV file for a spreadsheet program: a text is kept from being read as a formula, a number stays one. */
export const csvRow = (cells: readonly string[]): string =>
  stringify([cells.map((cell) => (FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell))])

/** What spreadsheet programs take for the beginning of a formula, also in the wide signs of Chinese input. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/
const NUMBER = /^-\d+(\.\d+)?$/

/** A workbook of one sheet whose cells are all text, so that no code loses its zeros and no day its form. */
export function textWorkbook(
  name: string,
  [head = [], ...rows]: readonly (readonly string[])[],
): Promise<Uint8Array> {
  return writeXlsx({
    sheets: [
      {
        name,
        columns: head.map((title) => ({ width: Math.max(12, title.length + 4), numFmt: '@' })),
        rows: [[...head], ...rows.map((row) => [...row])],
        freezePane: { rows: 1 },
      },
    ],
  })
}
