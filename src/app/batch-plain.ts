import { NotPlain, PlainParquet } from '#platform/parquet-read.ts'
import { type BillFormat, daysFit, type PlainFormat } from './batch-format.ts'
import type { RowRoom, RowStore } from './batch-rows.ts'

/**
 * Reads a Parquet file of bills into the store, group by group, as long as every row of a group is for columns; `took` is
 * told of each group. Answers with the number of rows that were read, and whether they are all: the query reads what is
 * left, and judges it.
 */
export function readPlainBills(
  format: BillFormat,
  path: string,
  store: RowStore,
  took: () => void,
): { readonly rows: number; readonly all: boolean } {
  const { plain } = format
  const file = plain && PlainParquet.open(path)
  if (!file) return { rows: 0, all: false }
  const spare = new Int32Array(file.groups.reduce((most, group) => Math.max(most, group.rows), 0))
  let done = 0
  try {
    for (const [g, { rows }] of file.groups.entries()) {
      readGroup(file, g, format, store.room(rows), spare)
      if (!fits(format, plain, file, g, store.room(rows), rows)) return { rows: done, all: false }
      store.took(rows)
      done += rows
      took()
    }
    return { rows: done, all: true }
  } catch (error) {
    if (error instanceof NotPlain) return { rows: done, all: false }
    throw error
  } finally {
    file.close()
  }
}

function readGroup(
  file: PlainParquet,
  group: number,
  { parts, codes }: BillFormat,
  room: RowRoom,
  spare: Int32Array,
): void {
  const { rows } = file.groups[group] as { rows: number }
  const { at, answers } = room
  file.doubles(group, 'bill', room.bill, at)
  file.ints(group, 'person', room.person, at)
  for (const day of ['admitted', 'discharged', 'settled'] as const)
    file.ints(group, day, room[day], at)
  for (const [i, name] of parts.entries())
    file.ints(group, name, room.parts[i] as Int32Array, at, 0)
  if (codes.terms.length === 0) answers.fill(0, at, at + rows)
  for (const [i, { name, of }] of codes.terms.entries()) {
    if (i === 0) {
      file.codes(group, name, of, answers, at)
      continue
    }
    file.codes(group, name, of, spare, 0)
    for (let k = 0; k < rows; k++)
      answers[at + k] = (answers[at + k] as number) + (spare[k] as number)
  }
}

/** Whether every row of a group is for columns. */
function fits(
  { parts }: BillFormat,
  { empty, total }: PlainFormat,
  file: PlainParquet,
  group: number,
  room: RowRoom,
  rows: number,
): boolean {
  if (!empty.every((name) => file.isEmpty(group, name))) return false
  const { at } = room
  for (let from = at; from < at + rows; from += STRIDE)
    if (!someFit(room, from, Math.min(at + rows, from + STRIDE))) return false
  if (!total || parts.length === 0) return true
  const whole = new Float64Array(rows)
  file.doubles(group, 'total', whole, 0)
  for (let k = 0; k < rows; k++) {
    let sum = 0
    for (const values of room.parts) sum += values[at + k] as number
    if (sum !== whole[k]) return false
  }
  return true
}

/** A loop that is called for some rows at a time is compiled well once, and not in the middle of every group. */
const STRIDE = 4_096

function someFit(room: RowRoom, from: number, end: number): boolean {
  const { person, admitted, discharged, settled, answers } = room
  for (let k = from; k < end; k++) {
    if ((answers[k] as number) < 0 || (person[k] as number) < 0) return false
    if (!daysFit(admitted[k] as number, discharged[k] as number, settled[k] as number)) return false
  }
  for (const values of room.parts)
    for (let k = from; k < end; k++) if ((values[k] as number) < 0) return false
  return true
}
