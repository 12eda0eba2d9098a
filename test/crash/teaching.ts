import { fileURLToPath } from 'node:url'
import { type Input, readInput } from '#app/input.ts'
import { readSchemeTexts } from '#app/schemes-folder.ts'
import { readSchemes } from '#domains/settlement/index.ts'
import { pick } from '../chance.ts'

const texts = readSchemeTexts(fileURLToPath(new URL('../../schemes', import.meta.url)))

/** The shipped scheme files, as a rule book keeps them. */
export const SCHEME_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  texts.map(({ path, text }) => [path, text]),
)

export const BOOK = readSchemes(texts)

/** An upload as POST /api/bills takes it, as far as these tests use it. */
export type Upload = {
  readonly amounts: 'yuan'
  readonly persons: readonly { readonly id: string; readonly [field: string]: unknown }[]
  readonly bills: readonly {
    readonly id: string
    readonly person: string
    readonly [field: string]: unknown
  }[]
}

/** The persons and bills of an upload, as the program reads them. */
export const readUpload = (upload: Upload): Input =>
  readInput('upload', JSON.stringify(upload), BOOK.vocabulary)

/**
 * Employees of the teaching city with an account of 1,500 yuan, each with some bills of 2025: admissions
 * and outpatient visits, in the order in which a person would have them.
 */
export function teachingUpload(
  name: string,
  { persons, billsEach }: { readonly persons: number; readonly billsEach: number },
  random: () => number,
): Upload {
  const ids = Array.from({ length: persons }, (_, i) => `${name}-${i}`)
  return {
    amounts: 'yuan',
    persons: ids.map((id) => ({
      id,
      born: '1982-04-12',
      covers: [
        {
          scheme: 'teaching/shifan/employee',
          from: '2018-01-01',
          answers: { class: pick(random, ['在职', '退休']) },
        },
      ],
      accounts: { personal: '1500.00' },
    })),
    bills: ids.flatMap((person) =>
      Array.from({ length: billsEach }, (_, i) => teachingBill(`${person}-${i}`, person, random)),
    ),
  }
}

/** A bill of six lines with upfront shares, a limit price and something outside the catalogue. */
export function teachingBill(id: string, person: string, random: () => number) {
  const day = `2025-0${1 + Math.floor(random() * 6)}-1${Math.floor(random() * 10)}`
  const medical = pick(random, ['住院', '普通门诊', '普通门诊'])
  const scale = medical === '住院' ? 2_000 : 150
  const yuan = () => (scale * (0.2 + random())).toFixed(2)
  return {
    id,
    person,
    admitted: day,
    discharged: day,
    settled: day,
    answers: { medical, level: pick(random, ['一级', '二级', '三级']) },
    lines: [
      { id: '1', class: '甲', amount: yuan(), category: 'drug' },
      { id: '2', class: '甲', amount: yuan() },
      { id: '3', class: '乙', amount: yuan(), upfrontShare: '10%', category: 'drug' },
      { id: '4', class: '乙', amount: yuan(), upfrontShare: '20%', limitPrice: '100.00' },
      { id: '5', class: '甲', amount: yuan() },
      { id: '6', class: '丙', amount: yuan() },
    ],
  }
}
