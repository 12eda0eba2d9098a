import { type Fen, formatYuan, type Rate } from '#base/money.ts'
import { ageOn, type PlainDate } from '#base/plain-date.ts'
import {
  type Catalogue,
  citationsOf,
  type ItemClass,
  type LookupRefusal,
  resolveLine,
} from '#domains/catalogue/index.ts'
import type { LineItem, Person, RawLine, SchemeBook } from '#domains/settlement/index.ts'
import type { Attributes } from '#rulebook/attributes.ts'
import type { InputFault } from './input-fault.ts'

/** What is known of a line before it is divided: from the catalogue, or as the line itself says. */
type Charge = Omit<RawLine, 'id' | 'amount' | 'quantity'>

type GivenLine = {
  readonly code?: string | undefined
  readonly class?: ItemClass | undefined
  readonly quantity?: number | undefined
  readonly limitPrice?: Fen | undefined
  readonly upfrontShare?: Rate | undefined
  readonly category?: string | undefined
  readonly genericName?: string | undefined
}

/** Tells what a line of one bill is, or what is wrong with which of its fields. */
export type ItemsOfBill = (
  line: GivenLine,
) => Charge | { readonly field: keyof GivenLine; readonly fault: InputFault }

/** What bills need of the catalogues: asked once for each bill. */
export type Items = {
  of(bill: {
    readonly person: Person
    readonly on: PlainDate
    /** The division 行政区划代码 in which care was given. */
    readonly placeOfCare: string | undefined
    readonly diagnosis: string | undefined
    readonly attributes: Attributes
    readonly days: number
  }): ItemsOfBill
}

/**
 * Looks lines up by their codes, in the catalogue of the place of care on the day care ended: the bill's own
 * `placeOfCare`, or else the place whose scheme insures the person.
 */
export function createItems(catalogue: Catalogue, book: SchemeBook): Items {
  return {
    of({ person, on, placeOfCare, diagnosis, attributes, days }) {
      const place =
        placeOfCare === undefined
          ? placeOfInsurance(person, on, book)
          : placeWithDivision(placeOfCare, book)
      const known = attributesKnown(person, on, attributes)
      return (line) => {
        const { code, quantity } = line
        const given = {
          class: line.class,
          limitPrice: line.limitPrice,
          upfrontShare: line.upfrontShare,
          category: line.category,
          genericName: line.genericName,
        }
        if (code === undefined) return asGiven(line)
        if (place === undefined)
          return line.class ? asGiven(line) : { field: 'code', fault: NO_PLACE }
        const found = resolveLine(catalogue, {
          code,
          place,
          on,
          given,
          facts: { ...known, diagnosis, quantity: quantity ?? UNIT, days },
        })
        if (!found.ok) return { field: fieldOf(found.error), fault: describe(found.error) }
        if (!found.value) return asGiven(line)
        const { item, outcome } = found.value
        if (item.limitPrice !== undefined && quantity === undefined && item.class !== '丙')
          return { field: 'quantity', fault: quantityMissing(item.limitPrice) }
        return {
          class: outcome.class,
          limitPrice: item.limitPrice,
          upfrontShare: item.upfrontShare,
          category: item.category ?? given.category,
          genericName: item.genericName ?? given.genericName,
          item: {
            code,
            name: item.name,
            place,
            on,
            class: item.class,
            chargedAs: outcome.class,
            upfrontShare: item.upfrontShare,
            limitPrice: item.limitPrice,
            limit: item.limits?.text,
            findings: outcome.findings,
            review: outcome.review,
            citations: citationsOf(item),
          } satisfies LineItem,
        }
      }
    },
  }
}

const UNIT = 10_000

/** Without a catalogue every line says itself what it is. */
export const NO_ITEMS: Items = {
  of: () => (line) =>
    line.class === undefined && line.code !== undefined
      ? { field: 'code', fault: NO_PLACE }
      : asGiven(line),
}

function asGiven(line: GivenLine): ReturnType<ItemsOfBill> {
  const { class: itemClass, limitPrice, upfrontShare, category, genericName } = line
  if (itemClass === undefined) return { field: 'class', fault: CLASS_MISSING }
  if ((itemClass === '乙' || itemClass === '单列') && upfrontShare === undefined)
    return { field: 'upfrontShare', fault: SHARE_MISSING }
  return { class: itemClass, limitPrice, upfrontShare, category, genericName }
}

/** The folder of the one public scheme that covers the person that day. */
function placeOfInsurance(person: Person, on: PlainDate, book: SchemeBook): string | undefined {
  const places = person.covers.flatMap(({ scheme, from, until }) =>
    from <= on &&
    (until === undefined || on <= until) &&
    book.schemes.get(scheme)?.kind === 'public'
      ? [scheme.slice(0, scheme.lastIndexOf('/'))]
      : [],
  )
  return new Set(places).size === 1 ? places[0] : undefined
}

/** The folder of the place with this division; none where the book has no such place. */
const placeWithDivision = (division: string, book: SchemeBook): string | undefined =>
  [...book.places.values()].find((place) => place.division === division)?.folder

/** The answers that limits ask for, as known that day. */
function attributesKnown(person: Person, on: PlainDate, bill: Attributes) {
  const known: Record<string, string | number | undefined> = {}
  for (const { from, attributes } of person.attributes)
    if (from <= on) Object.assign(known, attributes)
  Object.assign(known, bill)
  const text = (name: string) => (known[name] === undefined ? undefined : String(known[name]))
  return {
    age: person.born && ageOn(person.born, on),
    sex: text('sex'),
    level: text('level'),
    medical: text('medical'),
  }
}

// --- words ---------------------------------------------------------------------------------------

const fieldOf = (refusal: LookupRefusal): keyof GivenLine =>
  refusal.code === 'item_contradicted' ? refusal.field : 'code'

const FIELDS = {
  name: { zh: '名称', en: 'a name' },
  class: { zh: '甲乙丙', en: 'a class' },
  upfrontShare: { zh: '先行自付比例', en: 'an upfront share' },
}

function describe(refusal: LookupRefusal): InputFault {
  const { code, item, place } = refusal
  const where = { zh: place || '全国', en: place || 'the nation' }
  switch (refusal.code) {
    case 'unknown_item':
      return {
        code,
        what: {
          zh: `${where.zh} 的目录没有编码 ${item}`,
          en: `the catalogue of ${where.en} has no code ${item}`,
        },
        remedy: {
          zh: '核对编码；或在目录里补上这一项及其来源；目录外的项目写明 "class"',
          en: 'check the code, or add the item with its source to the catalogue; of an item outside the catalogue say its "class"',
        },
      }
    case 'item_not_in_force': {
      const { on, next } = refusal
      return {
        code,
        what: {
          zh: `编码 ${item} 在 ${on} 没有有效的目录条目${next ? `（${next} 起才有）` : ''}`,
          en: `code ${item} has no entry in force on ${on}${next ? ` (there is one from ${next})` : ''}`,
        },
        remedy: {
          zh: '核对日期；或在目录里补上当时的条目及其来源',
          en: 'check the date, or add the entry of that day, with its source, to the catalogue',
        },
      }
    }
    case 'item_incomplete':
      return {
        code,
        what: {
          zh: `编码 ${item} 的目录条目在 ${refusal.on} 没有${FIELDS[refusal.missing].zh}`,
          en: `the entry of code ${item} on ${refusal.on} lacks ${FIELDS[refusal.missing].en}`,
        },
        remedy: {
          zh: '在目录里补上；只写变动的行须有上级目录的条目',
          en: 'add it to the catalogue; a line that says only what changes needs an entry above it',
        },
      }
    case 'item_contradicted': {
      const { field, given, catalogue, citation } = refusal
      return {
        code,
        what: {
          zh: `${field} 写的是 ${given}，而目录为 ${catalogue || '无'}（${citation.rule}，${citation.from} 起，${citation.source.title}）`,
          en: `${field} says ${given}, but the catalogue says ${catalogue || 'none'} (${citation.rule}, from ${citation.from}, ${citation.source.title})`,
        },
        remedy: {
          zh: `删去这一行的 "${field}"，或更正目录`,
          en: `leave "${field}" out of the line, or correct the catalogue`,
        },
      }
    }
  }
}

const NO_PLACE: InputFault = {
  code: 'no_place_of_care',
  what: {
    zh: '只有编码，却不知道用哪里的目录',
    en: 'there is only a code, and it is not known whose catalogue to ask',
  },
  remedy: {
    zh: '核对账单的 "placeOfCare"（须为方案文件夹中某地的行政区划代码）和此人当天的参保，或写明 "class"',
    en: 'check the "placeOfCare" of the bill (the division of a place that has schemes) and who covers the person that day, or say the "class"',
  },
}

const CLASS_MISSING: InputFault = {
  code: 'class_missing',
  what: { zh: '既没有编码，也没有甲乙丙', en: 'the line has neither a code nor a class' },
  remedy: {
    zh: '写明目录编码 "code"，或写明 "class"',
    en: 'write the catalogue\'s "code", or the "class"',
  },
}

const SHARE_MISSING: InputFault = {
  code: 'upfront_share_missing',
  what: {
    zh: '乙类或单列项目没有先行自付比例',
    en: 'a class 乙 or 单列 line does not say its upfront share',
  },
  remedy: {
    zh: '写明 "upfrontShare"，没有则写 "0%"',
    en: 'write "upfrontShare", "0%" if there is none',
  },
}

const quantityMissing = (limitPrice: number): InputFault => ({
  code: 'missing_field',
  what: {
    zh: `这一项有限价 ${formatYuan(limitPrice)} 元，却没有数量`,
    en: `the item has a limit price of ${formatYuan(limitPrice)} yuan, and the line no quantity`,
  },
  remedy: { zh: '写明 "quantity"', en: 'write "quantity"' },
})
