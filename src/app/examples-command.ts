import {
  type Case,
  type CaseResult,
  readCases,
  runCase,
  type Shipped,
  shippedSchemes,
} from './cases.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Options, schemesFolderOf } from './options.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang examples`: settles every worked example now and writes what came out as a page. */
export function examplesCommand(options: Options): ExitCode {
  const schemes = schemesFolderOf(options)
  const page = examplesPage(readCases(schemes), shippedSchemes(schemes))
  writeOutput([page.text], options.text('out'))
  return page.agrees ? EXIT.done : EXIT.refused
}

type Row = { readonly one: Case; readonly result: CaseResult | undefined }

/** The page of examples, and whether every one of them agrees. */
export function examplesPage(
  cases: readonly Case[],
  shipped: Shipped,
): { readonly text: string; readonly agrees: boolean } {
  const rows = cases.map((one): Row => {
    return { one, result: one.unreached === undefined ? runCase(one, shipped) : undefined }
  })
  const published = rows.filter(({ one }) => one.published !== 'own')
  const own = rows.filter(({ one }) => one.published === 'own')
  const settled = published.filter(({ result }) => result)
  const agreeing = settled.filter(({ result }) => result?.agrees)
  const lines = [
    '# Worked examples 算例',
    '',
    'Printed by `kangyang examples`, which settles each of them again. Do not edit by hand.',
    '',
    'Agreement with a published example is agreement with that page, and nothing more: most pages are not an',
    "authority's, and the grade says how far each can be trusted. A figure that a page prints wrongly is shown",
    'with ≠: it must not come back.',
    '',
    `Published examples: ${published.length}. Settled here: ${settled.length}, of which ${agreeing.length} agree.`,
    `Cases of our own: ${own.length}.`,
    '',
    '## Published',
    '',
    '| Example | What it shows | Place, source, grade | Reproducible | Result |',
    '|---|---|---|---|---|',
    ...published.map(publishedRow),
    '',
    '## Our own',
    '',
    'Parameters of the shape that places publish; bills worked by hand in the comments beside them.',
    '',
    '| Case | What it shows | Building blocks | Result |',
    '|---|---|---|---|',
    ...own.map(
      ({ one, result }) =>
        `| ${one.id} | ${cell(one.name)} | ${one.mechanisms.join(', ')} | ${resultOf(result)} |`,
    ),
    '',
  ]
  return { text: lines.join('\n'), agrees: rows.every(({ result }) => result?.agrees !== false) }
}

const REPRODUCIBLE = { full: 'in full', partial: 'in part', inconsistent: 'no: the page errs' }

function publishedRow({ one, result }: Row): string {
  const { source, published } = one
  const where = source
    ? `${cell(source.place)}; [${cell(source.title)}](${source.address.startsWith('http') ? source.address : `#${one.id}`}) (${source.grade})`
    : ''
  const reproducible = published === 'own' ? '' : REPRODUCIBLE[published]
  const said = result ? resultOf(result) : `not reached: ${cell(one.unreached ?? '')}`
  const note = one.note ? ` ${cell(one.note)}` : ''
  return `| <a id="${one.id}"></a>${one.id} | ${cell(one.name)}${note} | ${where} | ${reproducible} | ${said} |`
}

function resultOf(result: CaseResult | undefined): string {
  if (!result) return ''
  const figures = result.figures.map(({ name, wanted, got, agrees }) => {
    const same =
      wanted === got ? got : `${got} (${wanted.startsWith('≠') ? '' : 'printed '}${wanted})`
    return `${agrees ? '✓' : '✗'} ${name}: ${same}`
  })
  return figures.map(cell).join('<br>')
}

/** A bar inside a cell would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
