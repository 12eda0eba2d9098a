import type { Text } from './problem.ts'

/** Why a file is not read as a table. `docs/formats.md` has a line on each. */
export type SheetCode =
  | 'not_a_sheet'
  | 'old_workbook'
  | 'damaged_workbook'
  | 'bad_encoding'
  | 'bad_quotes'
  | 'row_too_long'
  | 'too_large'
  | 'sheet_full'
  | 'digits_lost'

/** An XLSX sheet has no more rows than this: the format itself ends here. */
export const MAX_WORKBOOK_ROWS = 1_048_576

const WORDS: Readonly<Record<SheetCode, { readonly what: Text; readonly remedy: Text }>> = {
  not_a_sheet: {
    what: { zh: '这不是表格文件', en: 'this is not a table' },
    remedy: {
      zh: '请发送 CSV 文件（UTF-8 或 GB18030 编码，逗号分隔）或 XLSX 工作簿',
      en: 'send a CSV file (UTF-8 or GB18030, separated by commas) or an XLSX workbook',
    },
  },
  old_workbook: {
    what: {
      zh: '这是旧版 XLS 工作簿，或加了密码的工作簿',
      en: 'this is an XLS workbook of the old kind, or one under a password',
    },
    remedy: {
      zh: '请另存为不带密码的 XLSX，或存为 CSV',
      en: 'save it as XLSX without a password, or as CSV',
    },
  },
  damaged_workbook: {
    what: { zh: '这个工作簿已损坏或不完整', en: 'this workbook is damaged or incomplete' },
    remedy: {
      zh: '请用表格软件打开后重新另存为 XLSX，或存为 CSV',
      en: 'open it in a spreadsheet program and save it as XLSX again, or as CSV',
    },
  },
  bad_encoding: {
    what: {
      zh: '这一行既不是 UTF-8 也不是 GB18030 编码的文字',
      en: 'this line is text in neither UTF-8 nor GB18030',
    },
    remedy: {
      zh: '请用表格软件另存为“CSV UTF-8（逗号分隔）”',
      en: 'save it as "CSV UTF-8 (comma delimited)" in a spreadsheet program',
    },
  },
  bad_quotes: {
    what: { zh: '引号没有成对', en: 'a quotation mark is not closed, or stands inside a cell' },
    remedy: {
      zh: '含引号、逗号或换行的单元格要用双引号括起，其中的双引号写两次',
      en: 'put a cell with quotation marks, commas or line breaks between double quotation marks, and write those inside it twice',
    },
  },
  row_too_long: {
    what: {
      zh: '一行超过 100 万个字符或 1,000 列',
      en: 'a row has more than a million characters or 1,000 columns',
    },
    remedy: {
      zh: '请检查是否有没有成对的引号，并去掉不用的列',
      en: 'look for a quotation mark that is not closed, and remove columns that are not used',
    },
  },
  too_large: {
    what: {
      zh: '文件太大，或解压后大得不合常理',
      en: 'the file is too large, or unpacks to an unreasonable size',
    },
    remedy: {
      zh: '请分成几个文件，或改存为 CSV（不超过 1 GB）',
      en: 'divide it into several files, or save it as CSV (at most 1 GB)',
    },
  },
  sheet_full: {
    what: {
      zh: '工作表写到了最后一行（XLSX 最多 1,048,576 行），放不下的行已经丢失',
      en: 'the sheet is filled to its last row (XLSX holds at most 1,048,576); rows that did not fit are missing',
    },
    remedy: {
      zh: '请从原系统导出 CSV，CSV 没有行数限制',
      en: 'export it as CSV from where it comes from; CSV has no limit of rows',
    },
  },
  digits_lost: {
    what: {
      zh: '这个单元格是 15 位以上的数字，表格软件已把后面的位数改成了 0',
      en: 'this cell is a number of more than 15 digits; the spreadsheet program has turned the rest into zeros',
    },
    remedy: {
      zh: '请把这一列设为“文本”格式，再从原始资料重新填写',
      en: 'format the column as text and enter it again from the original',
    },
  },
}

/** A file that is not read as a table, and the line and column where that showed. */
export class SheetError extends Error {
  readonly code: SheetCode
  readonly line: number | undefined
  readonly column: number | undefined
  readonly what: Text
  readonly remedy: Text
  constructor(
    code: SheetCode,
    { line, column, cause }: { line?: number; column?: number; cause?: unknown } = {},
  ) {
    const { what, remedy } = WORDS[code]
    super(`${code}${line === undefined ? '' : ` on line ${line}`}: ${what.en}`, { cause })
    this.name = 'SheetError'
    this.code = code
    this.line = line
    this.column = column
    this.what = what
    this.remedy = remedy
  }
}
