import { masked } from '#base/mask.ts'
import { parseYuan } from '#base/money.ts'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attribute, Vocabulary } from '#rulebook/attributes.ts'
import { maskedIdNumber, readIdNumber } from './id-number.ts'
import { type CellFault, type ImportRow, type ImportTerms, PREMIUM_PAYERS } from './types.ts'

/** The columns of an import, apart from those of the vocabulary, with what a template says of each. */
const COLUMNS = {
  idNumber: { zh: '证件号码', en: 'Id-card number', needed: true, example: '11010519491231002X' },
  name: { zh: '姓名', en: 'Name', needed: true, example: '示例' },
  scheme: { zh: '方案', en: 'Scheme', needed: true, example: '' },
  from: { zh: '起始日', en: 'First day', needed: true, example: '2026-01-01' },
  until: { zh: '终止日', en: 'Last day', needed: false, example: '2026-12-31' },
  enrolledOn: { zh: '登记日', en: 'Enrolled on', needed: true, example: '2025-11-20' },
  employer: { zh: '单位编号', en: 'Employer', needed: false, example: '' },
  payer: { zh: '缴费方', en: 'Payer', needed: false, example: '个人' },
  due: { zh: '应收保费', en: 'Premium due', needed: false, example: '158.00' },
  collected: { zh: '已收保费', en: 'Premium collected', needed: false, example: '158.00' },
  reason: { zh: '追溯原因', en: 'Reason', needed: false, example: '' },
} as const

type ColumnName = keyof typeof COLUMNS

const PAYERS: Readonly<Record<string, (typeof PREMIUM_PAYERS)[number]>> = {
  个人: 'self',
  单位: 'employer',
  财政: 'government',
  资助: 'assistance',
  ...Object.fromEntries(PREMIUM_PAYERS.map((name) => [name, name])),
}

/** What stands in which column of a file. */
export type Columns = {
  readonly titles: readonly string[]
  readonly at: Readonly<Partial<Record<ColumnName, number>>>
  readonly answers: readonly { readonly at: number; readonly attribute: Attribute }[]
}

export type HeaderRefusal =
  | { readonly code: 'unknown_column' | 'column_twice'; readonly column: string }
  | { readonly code: 'column_missing'; readonly column: string }
  | { readonly code: 'file_empty' }

/** Reads the titles of the columns, in Chinese, English or as the program names them, in any order. */
export function readHeader(
  cells: readonly string[],
  vocabulary: Vocabulary,
): Result<Columns, HeaderRefusal> {
  const at: Partial<Record<ColumnName, number>> = {}
  const answers: { at: number; attribute: Attribute }[] = []
  const titles = cells.map((cell) => cell.normalize('NFKC').replace(/[*＊]/g, '').trim())
  for (const [i, title] of titles.entries()) {
    if (title === '') continue
    const column = columnOf(title)
    const attribute = column ? undefined : attributeOf(title, vocabulary)
    const name = column ?? attribute?.name
    if (name === undefined) return err({ code: 'unknown_column', column: title })
    const twice = at[name as ColumnName] ?? answers.find((each) => each.attribute.name === name)
    if (twice !== undefined) return err({ code: 'column_twice', column: title })
    if (column) at[column] = i
    else if (attribute) answers.push({ at: i, attribute })
  }
  for (const [name, { zh, needed }] of Object.entries(COLUMNS))
    if (needed && at[name as ColumnName] === undefined)
      return err({ code: 'column_missing', column: zh })
  return ok({ titles, at, answers })
}

const columnOf = (title: string): ColumnName | undefined =>
  (Object.entries(COLUMNS) as [ColumnName, (typeof COLUMNS)[ColumnName]][]).find(
    ([name, { zh, en }]) => title === name || title === zh || title === en,
  )?.[0]

const attributeOf = (title: string, vocabulary: Vocabulary): Attribute | undefined =>
  [...vocabulary.values()].find(
    (each) => each.of === 'cover' && [each.name, each.title.zh, each.title.en].includes(title),
  )

/** A row in its two parts. Rows that say the same have one and the same `terms`. */
export type RowCells = {
  readonly person: Omit<ImportRow, keyof ImportTerms>
  readonly terms: ImportTerms
}

/**
 * Reads rows, one after another. Every cell that is wrong is named; a row with one has no enrolment. What was
 * already read for another row is not read again: a file says few different things, of many persons.
 */
export function rowReader(
  columns: Columns,
  today: PlainDate,
): (cells: readonly string[]) => Result<RowCells, readonly CellFault[]> {
  const known = new Map<string, ImportTerms>()
  const { idNumber, name } = columns.at
  const termsKey = (cells: readonly string[]): string => {
    let key = ''
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as string
      // With its length: no two rows of cells that differ have one key.
      if (i !== idNumber && i !== name) key += `${cell.length} ${cell}`
    }
    return key
  }
  return (cells) => {
    const faults: CellFault[] = []
    const cell = cellReader(cells, columns, faults)
    const person = readPerson(cell, today)
    const key = termsKey(cells)
    const terms = known.get(key) ?? readTerms(cell, cells, columns, faults)
    if (faults.length > 0 || !person || !terms) return err(faults)
    if (known.size >= MOST_TERMS) known.clear()
    known.set(key, terms)
    return ok({ person, terms })
  }
}

const MOST_TERMS = 10_000

type CellReader = ReturnType<typeof cellReader>

/** Reads the cells of a row by the name of their column, and gathers what is wrong with them. */
function cellReader(cells: readonly string[], { titles, at }: Columns, faults: CellFault[]) {
  const text = (name: ColumnName): string => cellAt(cells, at[name])
  const fault = (name: ColumnName, code: string, facts: CellFault['facts'] = {}) => {
    const i = at[name]
    const column = i === undefined ? COLUMNS[name].zh : (titles[i] ?? '')
    faults.push({ column, value: shown(name, text(name)), code, facts })
  }
  return {
    text,
    fault,
    needed(name: ColumnName, most = 200): string {
      const value = text(name)
      if (value === '') fault(name, 'cell_empty')
      else if (value.length > most) fault(name, 'cell_too_long', { most })
      return value
    },
    day(name: ColumnName): PlainDate | undefined {
      const value = text(name)
      const date = knownDay(value)
      if (value === '' && COLUMNS[name].needed) fault(name, 'cell_empty')
      else if (value !== '' && !date) fault(name, 'not_a_day')
      return date
    },
    money(name: ColumnName): number {
      const value = text(name)
      const amount = value === '' ? 0 : parseYuan(value)
      if (amount === undefined || amount < 0 || amount > MOST_FEN) fault(name, 'not_an_amount')
      return amount ?? 0
    },
  }
}

const cellAt = (cells: readonly string[], i: number | undefined): string =>
  i === undefined ? '' : (cells[i] ?? '').trim()

/** Whom the row is about; undefined where a cell is wrong. */
function readPerson(
  { text, fault, needed }: CellReader,
  today: PlainDate,
): RowCells['person'] | undefined {
  const given = text('idNumber')
  const read = given === '' ? undefined : readIdNumber(given, today)
  if (!read) fault('idNumber', 'cell_empty')
  else if (!read.ok) fault('idNumber', read.error.code)
  const name = needed('name', 100)
  if (!read?.ok) return undefined
  const { number, born, sex } = read.value
  return { idNumber: number, born, sex, name }
}

/** What is asked for; undefined where a cell is wrong. */
function readTerms(
  { text, fault, needed, day, money }: CellReader,
  cells: readonly string[],
  { titles, answers }: Columns,
  faults: CellFault[],
): ImportTerms | undefined {
  const before = faults.length
  const scheme = needed('scheme')
  const [from, until, enrolledOn] = [day('from'), day('until'), day('enrolledOn')]
  const [due, collected] = [money('due'), money('collected')]
  const payer = text('payer') === '' ? undefined : PAYERS[text('payer')]
  if (payer === undefined && text('payer') !== '') fault('payer', 'unknown_payer')
  if (payer === undefined && text('payer') === '' && due + collected > 0)
    fault('payer', 'cell_empty')
  if (collected > due) fault('collected', 'collected_beyond_due', { open: due })
  const stated: Record<string, string | number> = {}
  for (const { at: i, attribute } of answers) {
    const value = cellAt(cells, i)
    if (value === '') continue
    if (!fits(value, attribute)) {
      const facts = { attribute: attribute.title.zh, answer: value.slice(0, 50) }
      faults.push({
        column: titles[i] ?? '',
        value: value.slice(0, 50),
        code: 'unknown_answer',
        facts,
      })
    }
    stated[attribute.name] = attribute.answers === 'number' ? Number(value) : value
  }
  if (faults.length > before || !from || !enrolledOn) return undefined
  return {
    scheme,
    from,
    until,
    enrolledOn,
    answers: stated,
    employer: text('employer') || undefined,
    payer,
    due,
    collected,
    reason: text('reason') || undefined,
  }
}

const MOST_FEN = 1_000_000_000

/** A file names few days, many times over. */
const days = new Map<string, PlainDate | undefined>()
const MOST_DAYS = 10_000

function knownDay(text: string): PlainDate | undefined {
  if (days.has(text)) return days.get(text)
  if (days.size >= MOST_DAYS) days.clear()
  const day = parseDay(text)
  days.set(text, day)
  return day
}

/** `2026-01-01`, `2026/1/1` and `20260101` are one day. */
export function parseDay(text: string): PlainDate | undefined {
  const plain = parsePlainDate(text)
  if (plain) return plain
  const parts = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$|^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (!parts) return undefined
  const [year = '', month = '', day = ''] = parts.slice(1).filter((part) => part !== undefined)
  return parsePlainDate(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`)
}

function fits(value: string, { answers }: Attribute): boolean {
  if (answers === 'text') return value.length <= 200
  if (answers === 'number') return /^\d{1,3}$/.test(value)
  return Object.hasOwn(answers, value)
}

/** What the error file may show of a cell. */
function shown(name: ColumnName, value: string): string {
  if (name === 'idNumber') return maskedIdNumber(value.slice(0, 30))
  if (name === 'name') return masked(value.slice(0, 30))
  return value.slice(0, 50)
}

/** The first two rows of a template: the titles, and an example that is no person. */
export function templateRows(
  vocabulary: Vocabulary,
  scheme: string,
  language: 'zh' | 'en',
): readonly (readonly string[])[] {
  const asked = [...vocabulary.values()].filter(({ of }) => of === 'cover')
  const example = ({ answers }: Attribute): string =>
    typeof answers === 'object' ? (Object.keys(answers)[0] ?? '') : ''
  return [
    [
      ...Object.values(COLUMNS).map((column) => `${column[language]}${column.needed ? '*' : ''}`),
      ...asked.map(({ title }) => title[language]),
    ],
    [
      ...Object.entries(COLUMNS).map(([name, column]) =>
        name === 'scheme' ? scheme : column.example,
      ),
      ...asked.map(example),
    ],
  ]
}
