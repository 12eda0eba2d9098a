import { z } from 'zod'
import { type Fen, fen, parseRate, parseYuan, type Rate } from '#base/money.ts'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { CAUSES, CERTIFICATE_KINDS, type Title } from '#domains/settlement/index.ts'
import type { InputCode, InputFault } from './input-fault.ts'

/**
 * The shape of the input file. `docs/cli.md` explains every field. What depends on several fields, or
 * on the rule book, is checked in `input.ts`.
 */

/** How the file writes money: text in yuan with up to two decimals, or whole numbers of fen. */
export type AmountUnit = 'yuan' | 'fen'

/** No amount, and no sum of amounts, is above this: 90 trillion yuan. Beyond it whole fen lose exactness. */
export const MOST_FEN = 9_000_000_000_000_000
const MOST_TEXT = 200
const MOST_UNITS = 1_000_000

export const AmountUnitField = leaf((value) =>
  value === 'yuan' || value === 'fen' ? value : badChoice(value, ['yuan', 'fen']),
)

export function inputFormat(unit: AmountUnit) {
  const amount = unit === 'yuan' ? YuanAmount : FenAmount
  const answers = z.record(z.string(), Answer)
  const period = { from: Day }
  const cover = z.strictObject({
    scheme: Text,
    ...period,
    until: Day.optional(),
    answers: answers.optional(),
    conditions: z.array(Text).optional(),
    newborn: Flag.optional(),
  })
  const person = z.strictObject({
    id: Text,
    born: Day.optional(),
    attributes: z.array(z.strictObject({ ...period, answers })).optional(),
    covers: z.array(cover),
    registrations: z
      .array(
        z.strictObject({
          kind: Text,
          place: Division.optional(),
          ...period,
          until: Day.optional(),
          record: Text.optional(),
          institution: Text.optional(),
        }),
      )
      .optional(),
    certificates: z
      .array(
        z.strictObject({
          kind: oneOf(CERTIFICATE_KINDS),
          of: Text,
          ...period,
          until: Day.optional(),
        }),
      )
      .optional(),
    accounts: z
      .strictObject({
        personal: amount.optional(),
        family: amount.optional(),
        currentYear: amount.optional(),
        year: Count.optional(),
        previousYears: amount.optional(),
      })
      .optional(),
    totals: z.array(z.strictObject({ slot: Text, period: Text, value: Count })).optional(),
  })
  const line = z.strictObject({
    id: Text,
    code: Text.optional(),
    name: Text.optional(),
    class: oneOf(['甲', '乙', '丙', '特药', '单列']).optional(),
    amount,
    quantity: Quantity.optional(),
    limitPrice: amount.optional(),
    upfrontShare: Percent.optional(),
    category: Text.optional(),
    genericName: Text.optional(),
  })
  const parts = z.strictObject({
    total: amount.optional(),
    inScope: amount.optional(),
    upfront: amount.optional(),
    overLimit: amount.optional(),
    outOfScope: amount.optional(),
    specialDrug: amount.optional(),
    separateItem: amount.optional(),
  })
  const national = z.strictObject({
    medfee_sumamt: amount,
    inscp_scp_amt: amount.optional(),
    preselfpay_amt: amount.optional(),
    overlmt_selfpay: amount.optional(),
    fulamt_ownpay_amt: amount.optional(),
  })
  const bill = z.strictObject({
    id: Text,
    person: Text,
    admitted: Day,
    discharged: Day,
    settled: Day,
    stay: Text.optional(),
    transferFrom: Text.optional(),
    institution: Text.optional(),
    placeOfCare: Division.optional(),
    diagnosis: z.strictObject({ code: Text.optional(), name: Text.optional() }).optional(),
    invoice: z
      .strictObject({
        number: Text,
        code: Text.optional(),
        on: Day,
        handedIn: Day.optional(),
      })
      .optional(),
    answers: answers.optional(),
    cause: oneOf(CAUSES).optional(),
    thirdParty: z.strictObject({ share: Percent, advance: Flag }).optional(),
    days: Count.optional(),
    events: z.array(Text).optional(),
    lines: z.array(line).optional(),
    parts: parts.optional(),
    national: national.optional(),
  })
  return z.strictObject({
    amounts: AmountUnitField,
    persons: z.array(person),
    bills: z.array(bill),
  })
}

export type RawInput = z.infer<ReturnType<typeof inputFormat>>
export type RawPerson = RawInput['persons'][number]
export type RawBill = RawInput['bills'][number]

// --- fields --------------------------------------------------------------------------------------

const Text = leaf(readText)

function readText(value: unknown): string | InputFault {
  if (typeof value !== 'string') return wrongType(value, { zh: '文本', en: 'a text' })
  if (value.trim() === '')
    return fault(
      'bad_text',
      { zh: '文本为空', en: 'the text is empty' },
      { zh: '填写内容，或删去这个字段', en: 'fill it in, or leave the field out' },
    )
  if (value.length > MOST_TEXT)
    return fault(
      'text_too_long',
      { zh: `文本超过 ${MOST_TEXT} 个字符`, en: `the text is longer than ${MOST_TEXT} characters` },
      { zh: '缩短文本', en: 'shorten it' },
    )
  // Control and direction marks could rewrite the screen or the statement they are printed on.
  if (/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(value))
    return fault(
      'bad_text',
      {
        zh: '文本含控制字符或不成对的代理码',
        en: 'the text holds a control character or half a character',
      },
      { zh: '删去该字符', en: 'remove that character' },
    )
  return value
}

const Answer = leaf((value): string | number | InputFault => {
  if (typeof value === 'string') return readText(value)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  return wrongType(value, { zh: '文本或非负整数', en: 'a text or a whole number from 0' })
})

const Flag = leaf((value) =>
  typeof value === 'boolean'
    ? value
    : wrongType(value, { zh: 'true 或 false', en: 'true or false' }),
)

const Day = leaf((value): PlainDate | InputFault => {
  if (typeof value !== 'string')
    return wrongType(value, { zh: '日期文本 "YYYY-MM-DD"', en: 'a date as text, "YYYY-MM-DD"' })
  const date = parsePlainDate(value)
  if (date && date >= '1900-01-01') return date
  return fault(
    'bad_date',
    {
      zh: `"${clip(value)}" 不是 1900 年以来的日历日期`,
      en: `"${clip(value)}" is not a calendar date since 1900`,
    },
    { zh: '写成 YYYY-MM-DD，例如 "2024-07-01"', en: 'write YYYY-MM-DD, such as "2024-07-01"' },
  )
})

/** 行政区划代码 of the place of care, or of the place a registration is for. */
const Division = leaf((value): string | InputFault => {
  if (typeof value === 'string' && /^[1-9]\d{5}$/.test(value)) return value
  if (typeof value !== 'string')
    return wrongType(value, { zh: '六位行政区划代码的文本', en: 'a code of six digits as text' })
  return fault(
    'bad_text',
    {
      zh: `"${clip(value)}" 不是六位行政区划代码`,
      en: `"${clip(value)}" is not a 行政区划代码 of six digits`,
    },
    { zh: '写成六位数字，例如 "320100"', en: 'write six digits, such as "320100"' },
  )
})

const YuanAmount = leaf((value): Fen | InputFault => {
  if (typeof value !== 'string') {
    if (typeof value !== 'number') return wrongType(value, YUAN)
    return badAmount(
      `须为带引号的文本，而不是数字 ${value}`,
      `an amount is text in quotes, not the number ${value}`,
    )
  }
  const amount = parseYuan(value)
  if (amount !== undefined && amount >= 0 && !value.startsWith('-')) return amount
  const shown = clip(value)
  if (/^-\d/.test(value)) return badAmount(`"${shown}" 为负数`, `"${shown}" is negative`)
  if (/^\d+\.\d{3,}$/.test(value))
    return badAmount(`"${shown}" 的小数超过两位`, `"${shown}" has more than two decimals`)
  if (/^\d{14,}(\.\d+)?$/.test(value))
    return badAmount(`"${shown}" 过大`, `"${shown}" is too large`)
  return badAmount(`"${shown}" 不是金额`, `"${shown}" is not an amount`)
})

const FenAmount = leaf((value): Fen | InputFault => {
  if (typeof value !== 'number') {
    if (typeof value !== 'string') return wrongType(value, FEN)
    return badAmount(
      `"amounts" 为 "fen" 时须为整数，而不是文本 "${clip(value)}"`,
      `with "amounts": "fen" an amount is a whole number, not the text "${clip(value)}"`,
    )
  }
  return wholeNumber(value, MOST_FEN) ?? fen(value + 0)
})

/** A count, or a running total in fen: a whole number in either unit of money. */
const Count = leaf((value): number | InputFault => {
  if (typeof value !== 'number') return wrongType(value, { zh: '整数', en: 'a whole number' })
  return wholeNumber(value, MOST_FEN) ?? value + 0
})

const Percent = leaf((value): Rate | InputFault => {
  if (typeof value !== 'string')
    return wrongType(value, {
      zh: '百分比文本，例如 "10%"',
      en: 'a percentage as text, such as "10%"',
    })
  return (
    parseRate(value) ??
    fault(
      'bad_rate',
      {
        zh: `"${clip(value)}" 不是 0% 到 100% 的百分比`,
        en: `"${clip(value)}" is not a percentage from 0% to 100%`,
      },
      { zh: '写成 "10%"，最多四位小数', en: 'write it as "10%", with at most four decimals' },
    )
  )
})

/** In ten-thousandths of a unit. */
const Quantity = leaf((value): number | InputFault => {
  if (typeof value !== 'string')
    return wrongType(value, { zh: '数量文本，例如 "2"', en: 'a quantity as text, such as "2"' })
  const m = /^(\d{1,7})(?:\.(\d{1,4}))?$/.exec(value)
  const quantity = m ? Number(m[1]) * 10_000 + Number((m[2] ?? '').padEnd(4, '0')) : 0
  if (quantity > 0 && quantity <= MOST_UNITS * 10_000) return quantity
  return fault(
    'bad_quantity',
    { zh: `"${clip(value)}" 不是数量`, en: `"${clip(value)}" is not a quantity` },
    {
      zh: '写成大于 0 且不超过一百万的数，最多四位小数',
      en: 'write a number above 0, up to a million, with at most four decimals',
    },
  )
})

function oneOf<T extends string>(words: readonly T[]): z.ZodType<T> {
  return leaf((value) => words.find((word) => word === value) ?? badChoice(value, words))
}

// --- faults --------------------------------------------------------------------------------------

/** A field that reads its own value, so that every complaint carries a name and a remedy. */
function leaf<T>(read: (value: unknown) => T | InputFault): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const result = value === undefined ? MISSING : read(value)
    if (!isFault(result)) return result as T
    context.addIssue({ code: 'custom', message: result.what.en, params: { fault: result } })
    return z.NEVER
  }) as unknown as z.ZodType<T>
}

const isFault = (result: unknown): result is InputFault =>
  typeof result === 'object' && result !== null && 'remedy' in result

function fault(code: InputCode, what: Title, remedy: Title): InputFault {
  return { code, what, remedy }
}

export const MISSING = fault(
  'missing_field',
  { zh: '缺少这个字段', en: 'this field is missing' },
  { zh: '补上；各字段见 docs/cli.md', en: 'add it; docs/cli.md describes every field' },
)

const YUAN = { zh: '元的文本，例如 "1234.50"', en: 'an amount in yuan as text, such as "1234.50"' }
const FEN = { zh: '分的整数，例如 123450', en: 'a whole number of fen, such as 123450' }

export function badAmount(zh: string, en: string): InputFault {
  return fault(
    'bad_amount',
    { zh, en },
    {
      zh: '金额写成元的文本（"amounts": "yuan"），如 "1234.50"；或分的整数（"amounts": "fen"），如 123450；不得超过 9×10^15 分',
      en: 'write text in yuan ("amounts": "yuan"), such as "1234.50", or a whole number of fen ("amounts": "fen"), such as 123450; at most 9×10^15 fen',
    },
  )
}

function wholeNumber(value: number, most: number): InputFault | undefined {
  if (value < 0) return badAmount(`${value} 为负数`, `${value} is negative`)
  if (value > most) return badAmount(`${value} 过大`, `${value} is too large`)
  if (!Number.isInteger(value))
    return badAmount(`${value} 不是整数`, `${value} is not a whole number`)
  return undefined
}

export function wrongType(value: unknown, expected: Title): InputFault {
  const [zh, en] = typeName(value)
  return fault(
    'wrong_type',
    { zh: `须为${expected.zh}，而这里是${zh}`, en: `expected ${expected.en}, found ${en}` },
    {
      zh: '改正类型；没有内容就删去字段',
      en: 'correct it; where there is nothing to say, leave the field out',
    },
  )
}

function typeName(value: unknown): [string, string] {
  if (value === null) return ['null', 'null']
  if (Array.isArray(value)) return ['列表', 'a list']
  switch (typeof value) {
    case 'string':
      return ['文本', 'a text']
    case 'number':
      return [`数字 ${value}`, `the number ${value}`]
    case 'boolean':
      return [String(value), String(value)]
    default:
      return ['对象', 'an object']
  }
}

function badChoice(value: unknown, words: readonly string[]): InputFault {
  if (typeof value !== 'string')
    return wrongType(value, { zh: words.join('、'), en: words.join(', ') })
  return fault(
    'bad_choice',
    { zh: `没有 "${clip(value)}" 这个选项`, en: `"${clip(value)}" is not one of the choices` },
    { zh: `可选：${words.join('、')}`, en: `choose one of ${words.join(', ')}` },
  )
}

export const clip = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text).slice(1, -1)
