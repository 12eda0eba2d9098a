import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSchemes, type SchemeText } from '#domains/settlement/index.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { newCityFiles } from './new-city.ts'
import { languageOf, type Options, required, schemesFolderOf, todayOf } from './options.ts'
import { isRuleFile, readSchemeTexts } from './schemes-folder.ts'

const SCHEMAS = fileURLToPath(new URL('../../docs/schema', import.meta.url))

/**
 * `kangyang new-city PROVINCE/CITY`: the folder of a city of which nothing is known yet.
 *
 * It appears whole or not at all, loads at once, and refuses every bill by name until it is filled in. Nothing that is
 * there already is ever changed.
 */
export function newCityCommand(options: Options): ExitCode {
  process.stdout.write(makeCity(options))
  return EXIT.done
}

/** Makes the folder, and answers with what to do next. Throws a `UsageError` where it cannot. */
export function makeCity(options: Options): string {
  const lang = languageOf(options)
  const schemes = schemesFolderOf(options)
  const { province, city } = nameOf(options)
  const folder = join(schemes, province, city)
  const zh = titled(
    required(options, 'zh', '某市'),
    'zh',
    /^\p{Script=Han}[\p{Script=Han}（）·]{0,39}$/u,
  )
  const en = titled(required(options, 'en', 'Mycity'), 'en', /^[A-Z][A-Za-z' ,()-]{0,59}$/)
  const there = readSchemeTexts(schemes)
  refuseKnown(there, schemes, folder, zh)
  const files = newCityFiles({
    province,
    city,
    zh,
    en,
    division: divisionOf(options),
    teaching: options.flag('teaching'),
    today: todayOf(options),
    schemas: relative(folder, SCHEMAS).split(sep).join('/'),
  })
  // With the rules that are there: a schemes folder of one's own may lack the words that the new files ask.
  readSchemes([...there, ...files.filter(({ path }) => isRuleFile(path))])
  writeFolder(folder, files)
  return lang === 'zh' ? nextZh(folder, files) : nextEn(folder, files)
}

function nameOf(options: Options): { province: string; city: string } {
  const name = options.positionals[1]
  if (name === undefined)
    throw new UsageError({
      zh: '缺少地区的文件夹名，例如 kangyang new-city myprovince/mycity --zh 某市 --en Mycity',
      en: "the city's folder is missing; for example kangyang new-city myprovince/mycity --zh 某市 --en Mycity",
    })
  const m = /^([a-z]+(?:-[a-z]+)*)\/([a-z]+(?:-[a-z]+)*)$/.exec(name)
  if (m) return { province: m[1] ?? '', city: m[2] ?? '' }
  throw new UsageError({
    zh: `"${name}" 不是 省/市 形式的文件夹名：小写拼音，用一个 / 分开，例如 myprovince/mycity`,
    en: `"${name}" is not a folder as province/city: lower-case letters and one /, such as myprovince/mycity`,
  })
}

function titled(text: string, option: 'zh' | 'en', shape: RegExp): string {
  if (shape.test(text)) return text
  throw new UsageError({
    zh: `--${option} 须为${option === 'zh' ? '中文地名，例如 某市' : '英文地名，以大写字母开头，例如 Mycity'}，而不是 "${text}"`,
    en: `--${option} is the ${option === 'zh' ? 'Chinese name, such as 某市' : 'English name, such as Mycity'}, not "${text}"`,
  })
}

function divisionOf(options: Options): string | undefined {
  const text = options.text('division')
  if (text === undefined || /^[1-9]\d{5}$/.test(text)) return text
  throw new UsageError({
    zh: `--division 须为六位行政区划代码，例如 999999，而不是 "${text}"`,
    en: `--division is a six-digit code such as 999999, not "${text}"`,
  })
}

function refuseKnown(
  there: readonly SchemeText[],
  schemes: string,
  folder: string,
  zh: string,
): void {
  if (existsSync(folder))
    throw new UsageError({
      zh: `${folder} 已经存在，没有改动；要补充它，请直接编辑其中的文件`,
      en: `${folder} exists already and was not changed; to add to it, edit its files`,
    })
  const known = [...readSchemes(there).places.values()].find(({ title }) => title.zh === zh)
  if (known)
    throw new UsageError({
      zh: `${zh} 已在 ${join(schemes, known.folder)}`,
      en: `${zh} is there already, in ${join(schemes, known.folder)}`,
    })
}

/** Writes everything beside the folder's place, then moves it there: an interrupted run leaves no half of a city. */
function writeFolder(folder: string, files: readonly SchemeText[]): void {
  const temporary = join(dirname(folder), `.kangyang-${randomUUID()}`)
  try {
    mkdirSync(temporary, { recursive: true })
    for (const { path, text } of files)
      writeFileSync(join(temporary, basename(path)), text, { flag: 'wx' })
    renameSync(temporary, folder)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    const { message } = error as Error
    throw new UsageError({
      zh: `无法建立 ${folder}（${message}）`,
      en: `cannot make ${folder} (${message})`,
    })
  }
}

const list = (files: readonly SchemeText[]): string =>
  files.map(({ path }) => `  ${basename(path)}`).join('\n')

const nextZh = (folder: string, files: readonly SchemeText[]): string => `${folder}
${list(files)}

现在已能加载；在填写之前，每张账单都会被点名拒绝。接下来：
  1. place.yaml：写明读到的文件（标题、网址、可信度）
  2. *.tier.yaml：逐个填写标准，每个取值写明来源和施行日期；读不到的不写
  3. README.md：取得一项，就从「待取得」划去一项
  4. *.cases.yaml：把页面上的算例写成账单和应得的金额
  5. kangyang lint：看还缺什么；kangyang settle、kangyang explain：结算一张账单
docs/add-a-city.md 从头到尾做一遍。
`

const nextEn = (folder: string, files: readonly SchemeText[]): string => `${folder}
${list(files)}

It loads now, and refuses every bill by name until it is filled in. What comes next:
  1. place.yaml: the document you read, with its title, address and grade
  2. *.tier.yaml: value by value, each with its source and first day; leave out what the document does not say
  3. README.md: strike from "To obtain" what you have obtained
  4. *.cases.yaml: the bills of the page, and the figures that must come out
  5. kangyang lint says what is missing; kangyang settle and kangyang explain settle a bill
docs/add-a-city.md does all of it once.
`
