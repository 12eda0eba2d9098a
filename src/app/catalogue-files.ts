import { createHash } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import {
  type Catalogue,
  createCatalogue,
  type Entry,
  type RowFault,
  RowReader,
} from '#domains/catalogue/index.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import { readSheet } from '#platform/sheet.ts'
import { SheetError } from '#platform/sheet-error.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'

/** The catalogue files of one place, read: its entries, and the mark that names this very edition. */
export type PlaceCatalogue = {
  readonly place: string
  readonly version: string
  readonly entries: readonly Entry[]
}

type CatalogueFile = { readonly place: string; readonly path: string; readonly shown: string }

const NAME = /^catalogue([.-].*)?\.(csv|xlsx)$/

/** Every catalogue file below a folder: the folder it stands in is its place. */
export function catalogueFilesIn(folder: string): CatalogueFile[] {
  return globSync('**/catalogue*', { cwd: folder })
    .toSorted()
    .filter((path) => NAME.test(basename(path)))
    .map((path) => ({
      place: dirname(path) === '.' ? '' : dirname(path).split(sep).join('/'),
      path: join(folder, path),
      shown: path.split(sep).join('/'),
    }))
}

/** `--catalogue`: a folder laid out like the schemes folder, or `PLACE=FILE`. */
export function catalogueFilesNamed(text: string): CatalogueFile[] {
  const m = /^([^=]*)=(.+)$/.exec(text)
  const [place, path] = m ? [m[1] ?? '', m[2] ?? ''] : [undefined, text]
  if (place !== undefined) return [{ place, path, shown: path }]
  const files = statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? catalogueFilesIn(path)
    : []
  if (files.length > 0) return files
  throw new RuleFileError({
    file: path,
    line: 1,
    code: 'missing_file',
    message:
      'no catalogue files (catalogue.csv, catalogue.xlsx) below this folder; name one file as PLACE=FILE',
  })
}

/** Throws a `RuleFileError` at the first thing that is wrong: half a catalogue must not settle a bill. */
export async function readCatalogueFiles(
  files: readonly CatalogueFile[],
  book: SchemeBook,
): Promise<PlaceCatalogue[]> {
  const places = new Map<string, { seen: Map<string, number>; entries: Entry[]; hash: string }>()
  for (const { place, path, shown } of files) {
    const known = places.get(place) ?? { seen: new Map(), entries: [] as Entry[], hash: '' }
    places.set(place, known)
    known.hash += createHash('sha256').update(readFileSync(path)).digest('hex')
    const teaching = teachingOf(place, book)
    if (teaching === undefined)
      throw new RuleFileError({
        file: shown,
        line: 1,
        code: 'unknown_place',
        message: `"${place}" is no folder of the schemes, and none above one; name a place that has schemes`,
      })
    const reader = new RowReader(place, { teaching, seen: known.seen })
    const faults: RowFault[] = []
    try {
      for await (const row of readSheet(path)) {
        const entry = reader.read(row, faults)
        const [fault] = faults
        if (fault)
          throw new RuleFileError({
            file: shown,
            line: fault.line,
            code: fault.code,
            message: `${fault.column}${fault.value ? ` "${fault.value}"` : ''}: ${fault.reason.en}; ${fault.remedy.en}`,
          })
        if (entry) known.entries.push(entry)
      }
    } catch (error) {
      if (!(error instanceof SheetError)) throw error
      const { code, line = 1, what, remedy } = error
      throw new RuleFileError({ file: shown, line, code, message: `${what.en}; ${remedy.en}` })
    }
  }
  return [...places].map(([place, { entries, hash }]) => ({
    place,
    entries,
    version: createHash('sha256').update(hash).digest('hex').slice(0, 8),
  }))
}

/**
 * Whether a place is an invented one: its own file says so, or of a folder above places, all of them are.
 * Undefined for what is no place of the book at all. The nation is real.
 */
export function teachingOf(place: string, book: SchemeBook): boolean | undefined {
  if (place === '') return false
  const own = book.places.get(place)
  if (own) return own.teaching
  const below = [...book.places.values()].filter(({ folder }) => folder.startsWith(`${place}/`))
  return below.length > 0 ? below.every(({ teaching }) => teaching) : undefined
}

export function catalogueOf(places: readonly PlaceCatalogue[]): Catalogue {
  return createCatalogue(
    places.flatMap(({ entries }) => entries),
    new Map(places.map(({ place, version }) => [place, version])),
  )
}

/** The catalogues of the schemes folder; a place that `--catalogue` names has that one instead. */
export async function loadCatalogue(
  folder: string,
  named: string | undefined,
  book: SchemeBook,
): Promise<Catalogue> {
  const own = await readCatalogueFiles(catalogueFilesIn(folder), book)
  if (named === undefined) return catalogueOf(own)
  const given = await readCatalogueFiles(catalogueFilesNamed(named), book)
  const replaced = new Set(given.map(({ place }) => place))
  return catalogueOf([...own.filter(({ place }) => !replaced.has(place)), ...given])
}
