import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nearest } from '#base/nearest.ts'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { todayInChina } from './clock.ts'
import { UsageError } from './exit-codes.ts'

/** Every option there is, for any command. */
const KINDS = {
  schemes: { type: 'string' },
  catalogue: { type: 'string' },
  input: { type: 'string' },
  format: { type: 'string' },
  lang: { type: 'string' },
  out: { type: 'string' },
  bill: { type: 'string' },
  relief: { type: 'string' },
  period: { type: 'string' },
  today: { type: 'string' },
  'max-input-mib': { type: 'string' },
  'allow-undated': { type: 'boolean' },
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  'database-url': { type: 'string' },
  'public-url': { type: 'string' },
  demo: { type: 'boolean' },
  'no-demo': { type: 'boolean' },
  place: { type: 'string' },
  zh: { type: 'string' },
  en: { type: 'string' },
  division: { type: 'string' },
  teaching: { type: 'boolean' },
  persons: { type: 'string' },
  bills: { type: 'string' },
  year: { type: 'string' },
  dialect: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
  seed: { type: 'string' },
  lines: { type: 'boolean' },
  workers: { type: 'string' },
  bucketed: { type: 'boolean' },
  'bucket-persons': { type: 'string' },
  codes: { type: 'boolean' },
  explain: { type: 'string' },
  keep: { type: 'string' },
  drafts: { type: 'string' },
  capacity: { type: 'string' },
  'capacity-source': { type: 'string' },
  elasticity: { type: 'string' },
  premium: { type: 'string' },
  'take-up': { type: 'string' },
  selection: { type: 'string' },
  'loss-ratio': { type: 'string' },
  head: { type: 'string' },
  by: { type: 'string' },
  reason: { type: 'string' },
  tenant: { type: 'string' },
  contract: { type: 'string' },
  proof: { type: 'string' },
  before: { type: 'string' },
  after: { type: 'string' },
  'nothing-sent': { type: 'boolean' },
  'bank-orders': { type: 'string' },
  'bank-yuan': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

export type OptionName = keyof typeof KINDS
export type Language = 'zh' | 'en'

/** Options as typed, checked for names and values but not for what they mean. */
export type Options = {
  readonly positionals: readonly string[]
  text(name: OptionName): string | undefined
  flag(name: OptionName): boolean
}

/** The words of a command line. Throws a `UsageError` for an option nobody knows or that lacks its value. */
export function readArguments(args: readonly string[]): Options {
  const { tokens } = parseArgs({
    args: [...args],
    options: KINDS,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const given = new Map<OptionName, string | true>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const { rawName, value, inlineValue } = token
    if (!isOption(token.name) || (rawName.length === 2 && token.name !== 'help'))
      throw unknownOption(rawName)
    if (given.has(token.name))
      throw new UsageError({
        zh: `选项 ${rawName} 重复出现`,
        en: `${rawName} is given twice; give it once`,
      })
    const takesText = KINDS[token.name].type === 'string'
    if (takesText && (value === undefined || value === '' || looksLikeOption(value, inlineValue)))
      throw new UsageError({
        zh: `选项 ${rawName} 后面缺少取值`,
        en: `${rawName} needs a value after it`,
      })
    if (!takesText && value !== undefined)
      throw new UsageError({ zh: `选项 ${rawName} 不带取值`, en: `${rawName} takes no value` })
    given.set(token.name, value ?? true)
  }
  return {
    positionals,
    text: (name) => {
      const value = given.get(name)
      return typeof value === 'string' ? value : undefined
    },
    flag: (name) => given.has(name),
  }
}

/** Refuses options that exist, but not for this command: they would be ignored in silence. */
export function allowOnly(options: Options, command: string, names: readonly OptionName[]): void {
  const all = Object.keys(KINDS) as OptionName[]
  const stray = all.find((name) => options.flag(name) && !names.includes(name))
  if (stray)
    throw new UsageError({
      zh: `命令 ${command} 没有选项 --${stray}`,
      en: `"${command}" has no option --${stray}; it has ${names.map((n) => `--${n}`).join(' ')}`,
    })
}

export function choice<T extends string>(
  options: Options,
  name: OptionName,
  words: readonly [T, ...T[]],
): T {
  const text = options.text(name) ?? words[0]
  const found = words.find((word) => word === text)
  if (found) return found
  throw new UsageError({
    zh: `选项 --${name} 只能取 ${words.join('、')}，而不是 "${text}"`,
    en: `--${name} is one of ${words.join(', ')}, not "${text}"`,
  })
}

export function languageOf(options: Options): Language {
  return choice(options, 'lang', ['zh', 'en'])
}

export function todayOf(options: Options): PlainDate {
  const text = options.text('today')
  if (text === undefined) return todayInChina()
  const date = parsePlainDate(text)
  if (date) return date
  throw new UsageError({
    zh: `--today 须为日历日期 YYYY-MM-DD，而不是 "${text}"`,
    en: `--today is a calendar date YYYY-MM-DD, not "${text}"`,
  })
}

/** The most bytes an input may have. */
export function inputLimitOf(options: Options): number {
  const text = options.text('max-input-mib') ?? '8'
  const mib = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (mib >= 1 && mib <= 400) return mib * 1024 * 1024
  throw new UsageError({
    zh: `--max-input-mib 须为 1 到 400 的整数，而不是 "${text}"`,
    en: `--max-input-mib is a whole number from 1 to 400, not "${text}"`,
  })
}

/** The folder of scheme files: the project's own unless another is named. */
export function schemesFolderOf(options: Options): string {
  return resolve(
    options.text('schemes') ?? fileURLToPath(new URL('../../schemes', import.meta.url)),
  )
}

export function required(options: Options, name: OptionName, example: string): string {
  const text = options.text(name)
  if (text !== undefined) return text
  throw new UsageError({
    zh: `缺少选项 --${name}，例如 --${name} ${example}`,
    en: `--${name} is missing; for example --${name} ${example}`,
  })
}

const isOption = (name: string): name is OptionName => Object.hasOwn(KINDS, name)

/** `--input --format json` forgot a value; `--input -` and `--input=--x` did not. */
const looksLikeOption = (value: string, inline: boolean | undefined): boolean =>
  !inline && value !== '-' && value.startsWith('-')

function unknownOption(rawName: string): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ''), Object.keys(KINDS))
  return new UsageError({
    zh: `没有选项 ${rawName}${meant ? `；是否指 --${meant}？` : ''}`,
    en: `there is no option ${rawName}${meant ? `; did you mean --${meant}?` : ''}`,
  })
}
