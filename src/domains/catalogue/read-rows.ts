import { type Fen, parseRate, parseYuan, type Rate } from '#base/money.ts'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import {
  CLASSES,
  type Entry,
  hasUpfrontShare,
  type ItemClass,
  KINDS,
  type Kind,
  type Limits,
  type RowCode,
  type RowFault,
  type Text,
  WHEN_UNMET,
} from './types.ts'

/** The columns of a catalogue file, by either name, in the order of the template. */
export const COLUMNS = {
  kind: { zh: '类别', en: 'kind' },
  code: { zh: '编码', en: 'code' },
  name: { zh: '名称', en: 'name' },
  class: { zh: '甲乙丙', en: 'class' },
  upfrontShare: { zh: '先行自付比例', en: 'upfrontShare' },
  limitPrice: { zh: '限价', en: 'limitPrice' },
  unit: { zh: '计价单位', en: 'unit' },
  category: { zh: '统计类别', en: 'category' },
  genericName: { zh: '通用名', en: 'genericName' },
  limit: { zh: '限定支付', en: 'limit' },
  minAge: { zh: '最小年龄', en: 'minAge' },
  maxAge: { zh: '最大年龄', en: 'maxAge' },
  sex: { zh: '性别', en: 'sex' },
  levels: { zh: '医院级别', en: 'levels' },
  medical: { zh: '医疗类别', en: 'medical' },
  diagnoses: { zh: '诊断编码', en: 'diagnoses' },
  maxQuantity: { zh: '最大数量', en: 'maxQuantity' },
  maxDays: { zh: '最大天数', en: 'maxDays' },
  whenUnmet: { zh: '不符合时', en: 'whenUnmet' },
  from: { zh: '施行日期', en: 'from' },
  until: { zh: '截止日期', en: 'until' },
  source: { zh: '来源', en: 'source' },
  address: { zh: '来源地址', en: 'address' },
  grade: { zh: '来源等级', en: 'grade' },
  article: { zh: '条款', en: 'article' },
} as const satisfies Record<string, Text>

export type Column = keyof typeof COLUMNS

const REQUIRED: readonly Column[] = ['kind', 'code', 'from', 'source', 'address', 'grade']
const GRADES = ['A', 'B', 'C', 'D', 'invented'] as const
const MOST_TEXT = 200
const MOST_LIMIT_TEXT = 2000

type Row = { readonly line: number; readonly cells: readonly string[] }

/**
 * Reads the rows of one place's catalogue file, one after another. The first row names the columns. Every
 * fault of a row is told, not only its first; `teaching` says whether the place is an invented one, whose
 * values all are invented, and no other place's is. Files of one place share what they have `seen`.
 */
export class RowReader {
  readonly #place: string
  readonly #teaching: boolean
  readonly #seen: Map<string, number>
  #columns: readonly (Column | undefined)[] | undefined

  constructor(
    place: string,
    {
      teaching,
      seen = new Map(),
    }: { readonly teaching: boolean; readonly seen?: Map<string, number> },
  ) {
    this.#place = place
    this.#teaching = teaching
    this.#seen = seen
  }

  /** The entry of a row; undefined for the row of names and for a row with faults, which go to `faults`. */
  read(row: Row, faults: RowFault[]): Entry | undefined {
    if (!this.#columns) {
      this.#columns = readHead(row, faults)
      return undefined
    }
    const before = faults.length
    const cells = new Cells(row, this.#columns, faults)
    const source = {
      title: cells.required('source'),
      address: cells.required('address'),
      grade: cells.oneOf('grade', GRADES) ?? 'D',
      note: undefined,
    }
    const entry: Entry = {
      place: this.#place,
      kind: cells.kind(),
      code: cells.required('code'),
      name: cells.text('name'),
      class: cells.oneOf('class', CLASSES) as ItemClass | undefined,
      upfrontShare: cells.rate('upfrontShare'),
      limitPrice: cells.yuan('limitPrice'),
      unit: cells.text('unit'),
      category: cells.text('category'),
      genericName: cells.text('genericName'),
      limits: readLimits(cells),
      from: cells.day('from') ?? ('' as PlainDate),
      until: cells.day('until'),
      source,
      article: cells.text('article'),
    }
    for (const column of ['from', 'grade'] as const)
      if (cells.text(column) === undefined) cells.fault(column, 'missing_value', ...MISSING)
    if (entry.until !== undefined && entry.until < entry.from)
      cells.fault('until', 'bad_dates', BEFORE_FROM, CHECK_DATES)
    if (hasUpfrontShare(entry.class) && cells.text('upfrontShare') === undefined)
      cells.fault('upfrontShare', 'missing_value', NO_SHARE, WRITE_SHARE)
    if (this.#teaching !== (source.grade === 'invented') && cells.text('grade') !== undefined)
      cells.fault('grade', 'mixed_invention', ...(this.#teaching ? ONLY_INVENTED : NOT_INVENTED))
    const key = `${entry.code} ${entry.from}`
    const first = this.#seen.get(key)
    if (first !== undefined)
      cells.fault(
        'code',
        'duplicate',
        {
          zh: `与第 ${first} 行的编码和施行日期相同`,
          en: `line ${first} has the same code and first day`,
        },
        { zh: '删去一行，或改正施行日期', en: 'remove one of them, or correct its first day' },
      )
    else this.#seen.set(key, row.line)
    return faults.length === before ? entry : undefined
  }
}

function readHead({ line, cells }: Row, faults: RowFault[]): (Column | undefined)[] {
  const names = Object.entries(COLUMNS) as [Column, Text][]
  const columns = cells.map((cell) => {
    const name = cell.trim()
    return names.find(
      ([, { zh, en }]) => name === zh || name.toLowerCase() === en.toLowerCase(),
    )?.[0]
  })
  for (const [i, cell] of cells.entries()) {
    if (columns[i] !== undefined || cell.trim() === '') continue
    faults.push({
      line,
      column: cell.trim(),
      value: cell.trim(),
      code: 'unknown_column',
      reason: { zh: '没有这一列', en: 'there is no such column' },
      remedy: {
        zh: '按模板改正列名，或删去这一列',
        en: 'correct the name as the template has it, or remove the column',
      },
    })
  }
  for (const column of REQUIRED)
    if (!columns.includes(column))
      faults.push({
        line,
        column: COLUMNS[column].zh,
        value: '',
        code: 'missing_column',
        reason: { zh: '缺少这一列', en: 'this column is missing' },
        remedy: { zh: '按模板补上', en: 'add it, as the template has it' },
      })
  return columns
}

function readLimits(cells: Cells): Limits | undefined {
  const limits: Limits = {
    text: cells.text('limit', MOST_LIMIT_TEXT),
    minAge: cells.whole('minAge'),
    maxAge: cells.whole('maxAge'),
    sex: cells.oneOf('sex', ['男', '女']),
    levels: cells.list('levels'),
    medical: cells.list('medical'),
    diagnoses: cells.list('diagnoses'),
    maxQuantity: cells.quantity('maxQuantity'),
    maxDays: cells.whole('maxDays'),
    whenUnmet: cells.oneOf('whenUnmet', WHEN_UNMET),
  }
  const { text, whenUnmet, ...asked } = limits
  const any = Object.values(asked).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  )
  if (any && whenUnmet === undefined)
    cells.fault('whenUnmet', 'missing_value', SAY_WHEN, WRITE_WHEN)
  return any || text !== undefined ? limits : undefined
}

/** The cells of one row by their columns; what is wrong with one is told and read as nothing. */
class Cells {
  readonly #line: number
  readonly #cells: ReadonlyMap<Column, string>
  readonly #faults: RowFault[]

  constructor({ line, cells }: Row, columns: readonly (Column | undefined)[], faults: RowFault[]) {
    this.#line = line
    this.#faults = faults
    const byColumn = new Map<Column, string>()
    for (const [i, column] of columns.entries()) {
      const cell = (cells[i] ?? '').trim()
      if (column !== undefined && cell !== '') byColumn.set(column, cell)
    }
    this.#cells = byColumn
  }

  fault(column: Column, code: RowCode, reason: Text, remedy: Text): undefined {
    const value = this.#cells.get(column) ?? ''
    this.#faults.push({ line: this.#line, column: COLUMNS[column].zh, value, code, reason, remedy })
    return undefined
  }

  text(column: Column, most = MOST_TEXT): string | undefined {
    const text = this.#cells.get(column)
    if (text !== undefined && text.length > most)
      return this.fault(
        column,
        'too_long',
        { zh: `超过 ${most} 个字符`, en: `longer than ${most} characters` },
        { zh: '缩短', en: 'shorten it' },
      )
    if (text !== undefined && /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text))
      return this.fault(column, 'bad_value', CONTROL, REMOVE_CONTROL)
    return text
  }

  required(column: Column): string {
    const text = this.text(column)
    if (text === undefined && !this.#cells.has(column))
      this.fault(column, 'missing_value', ...MISSING)
    return text ?? ''
  }

  kind(): Kind {
    const text = this.required('kind')
    const kinds = Object.entries(KINDS) as [Kind, Text][]
    const found = kinds.find(([kind, { zh }]) => text === kind || text === zh)?.[0]
    if (!found && text !== '')
      this.#badValue(
        'kind',
        kinds.map(([kind, { zh }]) => `${zh} ${kind}`),
      )
    return found ?? 'drug'
  }

  oneOf<const T extends string>(column: Column, words: readonly T[]): T | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    return words.find((word) => word === text) ?? this.#badValue(column, words)
  }

  list(column: Column): string[] {
    return (this.text(column) ?? '').split('|').flatMap((word) => word.trim() || [])
  }

  rate(column: Column): Rate | undefined {
    return this.#parsed(column, parseRate, ['10%', '0%'])
  }

  yuan(column: Column): Fen | undefined {
    const positive = (text: string) => (text.startsWith('-') ? undefined : parseYuan(text))
    return this.#parsed(column, positive, ['12.50'])
  }

  day(column: Column): PlainDate | undefined {
    return this.#parsed(column, parsePlainDate, ['2024-07-01'])
  }

  whole(column: Column): number | undefined {
    return this.#parsed(column, (text) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined), [
      '60',
    ])
  }

  quantity(column: Column): number | undefined {
    return this.#parsed(
      column,
      (text) => {
        const m = /^(\d{1,7})(?:\.(\d{1,4}))?$/.exec(text)
        return m ? Number(m[1]) * 10_000 + Number((m[2] ?? '').padEnd(4, '0')) : undefined
      },
      ['30', '0.5'],
    )
  }

  #parsed<T>(
    column: Column,
    parse: (text: string) => T | undefined,
    examples: readonly string[],
  ): T | undefined {
    const text = this.text(column)
    if (text === undefined) return undefined
    return parse(text) ?? this.#badValue(column, examples, true)
  }

  #badValue(column: Column, words: readonly string[], asExamples = false): undefined {
    return this.fault(
      column,
      'bad_value',
      { zh: '不能这样写', en: 'this cannot be read' },
      asExamples
        ? { zh: `写成 ${words.join(' 或 ')}`, en: `write it like ${words.join(' or ')}` }
        : { zh: `可写：${words.join('、')}`, en: `it can be ${words.join(', ')}` },
    )
  }
}

const MISSING: [Text, Text] = [
  { zh: '没有填写', en: 'nothing is written' },
  { zh: '补上', en: 'fill it in' },
]
const BEFORE_FROM = { zh: '截止日期早于施行日期', en: 'the last day is before the first' }
const CHECK_DATES = { zh: '核对两个日期', en: 'check the two dates' }
const NO_SHARE = {
  zh: '乙类或单列项目没有先行自付比例',
  en: 'class 乙 or 单列 without an upfront share',
}
const WRITE_SHARE = { zh: '写明比例，没有则写 0%', en: 'write the share, 0% if there is none' }
const ONLY_INVENTED: [Text, Text] = [
  { zh: '教学地区只能有虚构的取值', en: 'a teaching place holds invented values only' },
  { zh: '等级写 invented', en: 'write invented' },
]
const NOT_INVENTED: [Text, Text] = [
  {
    zh: '虚构的取值只能出现在教学地区',
    en: 'an invented value may stand only in a teaching place',
  },
  { zh: '写明真实来源及其等级', en: 'name a real source and its grade' },
]
const SAY_WHEN = {
  zh: '写了可核对的限定，却没有写不符合时怎样',
  en: 'there are limits to check, but not what becomes of a line that does not meet them',
}
const WRITE_WHEN = { zh: `写 ${WHEN_UNMET.join(' 或 ')}`, en: `write ${WHEN_UNMET.join(' or ')}` }
const CONTROL = { zh: '含控制字符', en: 'it holds a control character' }
const REMOVE_CONTROL = { zh: '删去该字符', en: 'remove that character' }
