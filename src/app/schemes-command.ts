import Table from 'cli-table3'
import {
  type Benefit,
  PAYERS,
  type Relief,
  type Scheme,
  type SchemeBook,
  type SchemePlace,
  type Tier,
} from '#domains/settlement/index.ts'
import type { Dated } from '#rulebook/dated.ts'
import type { Grade } from '#rulebook/source.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { groupBy } from './group-by.ts'
import { GRADES, SCHEME_KINDS } from './messages.ts'
import { choice, type Language, languageOf, type Options, schemesFolderOf } from './options.ts'
import { loadSchemes } from './schemes-folder.ts'
import { listed, TEACHING } from './words.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang schemes`: what the folder holds, and how far each tier can be trusted. */
export function schemesCommand(options: Options): ExitCode {
  const format = choice(options, 'format', ['table', 'json'])
  const lang = languageOf(options)
  const book = loadSchemes(schemesFolderOf(options))
  const text = format === 'json' ? schemesJson(book) : printBook(book, lang)
  writeOutput([text], options.text('out'))
  return EXIT.done
}

function printBook(book: SchemeBook, lang: Language): string {
  const schemesOf = groupBy(book.schemes.values(), ({ id }) => folderOf(id))
  const blocks = [...book.places.values()].map((place) =>
    printPlace(place, schemesOf.get(place.folder) ?? [], lang),
  )
  const { places, schemes, tiers } = book
  const count =
    lang === 'zh'
      ? `共 ${places.size} 处，${schemes.size} 个方案，${tiers.size} 个待遇档`
      : `${places.size} places, ${schemes.size} schemes, ${tiers.size} tiers`
  const grades = Object.values(GRADES).map((grade) => `  ${grade[lang]}`)
  return `${[...blocks, [lang === 'zh' ? '来源等级' : 'Grades of sources', ...grades].join('\n'), count].join('\n\n')}\n`
}

function printPlace(place: SchemePlace, schemes: readonly Scheme[], lang: Language): string {
  const heading = `${place.title[lang]} · ${place.folder}${place.teaching ? ` ${TEACHING[lang]}` : ''}`
  if (schemes.length === 0) return heading
  const table = new Table({
    head:
      lang === 'zh'
        ? ['方案', '待遇档', '支付方', '来源', '施行']
        : ['Scheme', 'Tier', 'Payer', 'Grades', 'From'],
    style: { head: [], border: [] },
  })
  // One row a scheme, one line of it a tier: no rule is drawn between the tiers of one scheme.
  for (const scheme of schemes) {
    const name = `${scheme.title[lang]}\n${scheme.id}\n${SCHEME_KINDS[scheme.kind][lang]}`
    const rows = rowsOf(scheme, lang)
    const column = (i: number) => rows.map((row) => row[i] ?? '').join('\n')
    table.push([name, column(0), column(1), column(2), column(3)])
  }
  return `${heading}\n${table.toString()}`
}

function rowsOf(scheme: Scheme, lang: Language): string[][] {
  const tiers = scheme.order.map((entry) =>
    'tier' in entry
      ? rowOf(entry.tier, lang)
      : [`→ ${SCHEME_KINDS[entry.covers][lang]}`, '', '', ''],
  )
  return [...tiers, ...[...scheme.benefits, ...scheme.reliefs].map((part) => rowOf(part, lang))]
}

function rowOf(tier: Tier | Benefit | Relief, lang: Language): string[] {
  return [
    tier.title[lang],
    PAYERS[tier.payer][lang],
    listed(gradesOf(tier).map(gradeName(lang)), lang),
    firstDay(tier, lang),
  ]
}

const gradeName = (lang: Language) => (grade: Grade) =>
  grade === 'invented' ? (lang === 'zh' ? '虚构' : 'invented') : grade

function firstDay(tier: Tier | Benefit | Relief, lang: Language): string {
  const first = tier.eligibility.entries[0]
  if (!first) return ''
  if (first.from !== 'unknown') return first.from
  return lang === 'zh' ? `未注明（${first.observed} 见到）` : `not stated (seen ${first.observed})`
}

const ORDER: readonly Grade[] = ['A', 'B', 'C', 'D', 'invented']

/** The grades of every source behind a tier, best first. */
function gradesOf(tier: Tier | Benefit | Relief): Grade[] {
  const found = new Set<Grade>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('entries' in value && 'rule' in value)
      for (const { source } of (value as Dated<unknown>).entries) found.add(source.grade)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(tier)
  return ORDER.filter((grade) => found.has(grade))
}

const folderOf = (id: string): string => id.slice(0, id.lastIndexOf('/'))

function schemesJson(book: SchemeBook): string {
  const tierJson = (tier: Tier | Benefit | Relief) => ({
    id: tier.id,
    title: tier.title,
    payer: tier.payer,
    grades: gradesOf(tier),
    from: tier.eligibility.entries[0]?.from,
  })
  const places = [...book.places.values()].map(({ folder, title, teaching }) => ({
    folder,
    title,
    teaching,
  }))
  const schemes = [...book.schemes.values()].map(
    ({ id, title, kind, teaching, order, benefits, reliefs }) => ({
      id,
      title,
      kind,
      teaching,
      tiers: order.map((entry) =>
        'tier' in entry ? tierJson(entry.tier) : { covers: entry.covers },
      ),
      benefits: benefits.map(tierJson),
      reliefs: reliefs.map(tierJson),
    }),
  )
  return `${JSON.stringify({ format: 'kangyang/schemes@1', places, schemes }, null, 2)}\n`
}
