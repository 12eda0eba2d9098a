import { compose } from '#base/plain-date.ts'
import { CLASSES, type InsuredClass } from '#domains/population/index.ts'
import {
  type Bill,
  createSettler,
  NATIVE_COMPONENTS,
  type Person,
  type SchemeBook,
} from '#domains/settlement/index.ts'
import { UsageError } from './exit-codes.ts'

/** Which scheme covers each class of a place's people, under which word, and the product some of them hold. */
export type PlaceCovers = {
  readonly place: string
  readonly classes: readonly { readonly scheme: string; readonly word: string }[]
  readonly product: string | undefined
}

/** A class whose scheme has no row for it is covered as one of these. */
const COVERED_AS: Readonly<Record<InsuredClass, readonly InsuredClass[]>> = {
  在职: ['在职', '成年居民'],
  退休: ['退休', '在职', '成年居民'],
  成年居民: ['成年居民', '在职'],
  学生儿童: ['学生儿童', '成年居民', '在职'],
  大学生: ['大学生', '学生儿童', '成年居民', '在职'],
}

/**
 * Finds out, by settling bills, which public scheme of a place pays for which class in a year. Throws a
 * `UsageError` where none does.
 */
export function coversOf(
  book: SchemeBook,
  place: string,
  year: number,
  allowUndated: boolean,
): PlaceCovers {
  const today = compose(year + 1, 12, 31)
  const settler = createSettler(book, { allowUndated, today })
  const schemes = [...book.schemes.values()].filter(({ id }) => id.startsWith(`${place}/`))
  const publics = schemes.filter(({ kind }) => kind === 'public')
  const pays = (scheme: string, word: string, product?: string) => {
    const paid = (['住院', '普通门诊'] as const).map((medical) => {
      const settled = settler.settle(
        bill(year, medical),
        person(year, scheme, word, product),
        NOTHING,
      )
      return settled.ok ? settled.value.total - settled.value.patient : -1
    })
    // Care in hospital has to be settled; whether the scheme knows outpatient care decides between two.
    return (paid[0] ?? -1) < 0
      ? -1
      : (paid[0] ?? 0) + Math.max(0, paid[1] ?? 0) + (paid[1] === -1 ? 0 : 1)
  }
  const classes = CLASSES.map((klass) => {
    const found = COVERED_AS[klass]
      .flatMap((word, i) =>
        publics.map(({ id }) => ({ scheme: id, word, paid: pays(id, word), order: i })),
      )
      .filter(({ paid }) => paid > 0)
      .toSorted((a, b) => a.order - b.order || b.paid - a.paid)[0]
    if (found) return { scheme: found.scheme, word: found.word }
    throw new UsageError({
      zh: `${place} 没有能结算 ${year} 年${klass}住院账单的基本医保方案；用 --place 指定别的地区，或加 --allow-undated`,
      en: `no public scheme of ${place} settles an inpatient bill of ${year} for ${klass}; name another place with --place, or add --allow-undated`,
    })
  })
  const product = schemes.find(
    ({ id, kind }) =>
      kind === 'supplementary' && classes.every(({ scheme, word }) => pays(scheme, word, id) >= 0),
  )
  return { place, classes, product: product?.id }
}

const NOTHING = new Map<string, number>()

function bill(year: number, medical: '住院' | '普通门诊'): Bill {
  const day = compose(year, 6, 3)
  const parts = Object.fromEntries(NATIVE_COMPONENTS.map((name) => [name, 0])) as Bill['parts']
  return {
    id: 'probe',
    person: 'probe',
    admitted: day,
    discharged: day,
    settled: day,
    stay: 'probe',
    total: 5_000_000 as Bill['total'],
    // Some of it out of scope: a product that needs the charges of such a bill is none for summaries.
    parts: { ...parts, inScope: 4_500_000 as Bill['total'], outOfScope: 500_000 as Bill['total'] },
    lines: [],
    attributes: { medical, level: '二级' },
    cause: 'illness',
    thirdParty: undefined,
    days: 1,
    events: [],
  }
}

function person(year: number, scheme: string, word: string, product?: string): Person {
  const from = compose(year, 1, 1)
  const cover = { from, until: undefined }
  return {
    id: 'probe',
    born: compose(year - 40, 1, 1),
    attributes: [{ from, attributes: { sex: '男', category: '普通', civilServant: '否' } }],
    covers: [
      { ...cover, scheme, attributes: { class: word } },
      ...(product ? [{ ...cover, scheme: product, attributes: { preexisting: '无' } }] : []),
    ],
  }
}
