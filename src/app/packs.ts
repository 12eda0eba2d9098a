import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fullPinyin, initials, normalWords } from '#domains/catalogue/index.ts'
import type { CodeList, PublicCode } from '#domains/catalogue/routes.ts'
import { readSheet } from '#platform/sheet.ts'

/** Where data packs are: beside the project unless another folder is named. They are read in place, never copied. */
export function packsFolder(named: string | undefined): string {
  const beside = fileURLToPath(new URL('../../../shared/packs', import.meta.url))
  return resolve(named ?? (process.env.KANGYANG_PACKS || beside))
}

/** The files of the pack of codes, with the columns that hold code, name and a note. */
const LISTS: Readonly<Record<CodeList, { readonly file: string; readonly columns: string[] }>> = {
  icd10: { file: 'icd10_yb2.csv', columns: ['code', 'name'] },
  icd9cm3: { file: 'icd9cm3_yb2.csv', columns: ['code', 'name'] },
  nrdl: { file: 'nrdl_2024_goodyeah.csv', columns: ['id', 'name', 'kind_name', 'dosage_form'] },
}

const MOST_CODES = 50

type Indexed = PublicCode & { readonly search: string }

/** Public lists of codes, read when first asked for. */
export function createCodeLists(packs: string) {
  const read = new Map<CodeList, Promise<readonly Indexed[]>>()
  const fileOf = (list: CodeList) => join(packs, 'codes', LISTS[list].file)

  return {
    /** The first codes that hold the words, those that begin with them first; undefined without the pack. */
    async search(list: CodeList, q: string): Promise<readonly PublicCode[] | undefined> {
      if (!read.has(list) && !existsSync(fileOf(list))) return undefined
      const codes = read.get(list) ?? readCodes(fileOf(list), LISTS[list].columns)
      read.set(list, codes)
      const words = normalWords(q)
      const found = (await codes).filter(({ search }) => search.includes(words))
      return found
        .toSorted((a, b) => rank(a, words) - rank(b, words))
        .slice(0, MOST_CODES)
        .map(({ search: _, ...code }) => code)
    },
    describeMissing: () => ({
      zh: `请把数据包放到 ${packs}，或用 KANGYANG_PACKS 指明其文件夹（内有 codes/icd10_yb2.csv 等）`,
      en: `put the packs into ${packs}, or name their folder with KANGYANG_PACKS (it holds codes/icd10_yb2.csv and others)`,
    }),
  }
}

export type CodeLists = ReturnType<typeof createCodeLists>

const rank = ({ code, name }: PublicCode, words: string): number =>
  code.toLowerCase().startsWith(words) || name.startsWith(words) ? 0 : 1

async function readCodes(file: string, columns: readonly string[]): Promise<Indexed[]> {
  const codes: Indexed[] = []
  let places: number[] | undefined
  for await (const { cells } of readSheet(file)) {
    if (!places) {
      places = columns.map((column) => cells.indexOf(column))
      continue
    }
    const [code = '', name = '', ...notes] = places.map((at) => cells[at] ?? '')
    const note = notes.filter((each) => each !== '').join(' · ')
    const search = [code, name, initials(name), fullPinyin(name)]
      .map((part) => part.toLowerCase())
      .join(' ')
    codes.push({ code, name, ...(note ? { note } : {}), search })
  }
  return codes
}
