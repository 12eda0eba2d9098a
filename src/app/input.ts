import type { z } from 'zod'
import { type Fen, fen, formatYuan, ZERO } from '#base/money.ts'
import { nearest } from '#base/nearest.ts'
import type { PlainDate } from '#base/plain-date.ts'
import {
  type Bill,
  type Line,
  NATIVE_COMPONENTS,
  type NativeComponent,
  type Person,
  splitLine,
  type Totals,
  totalKey,
} from '#domains/settlement/index.ts'
import type { Attribute, Attributes, Owner, Vocabulary } from '#rulebook/attributes.ts'
import type { InputFault } from './input-fault.ts'
import {
  AmountUnitField,
  badAmount,
  clip,
  inputFormat,
  MISSING,
  MOST_FEN,
  type RawBill,
  type RawInput,
  type RawPerson,
  wrongType,
} from './input-format.ts'
import { type Items, type ItemsOfBill, NO_ITEMS } from './items.ts'
import { type JsonText, type Path, readJson } from './json-text.ts'

/** One person of an input file, with the running totals that the file gives. */
export type InputPerson = { readonly person: Person; readonly totals: Totals }

/** A checked input file, in its own order. */
export type Input = {
  readonly persons: readonly InputPerson[]
  readonly bills: readonly Bill[]
}

/** An account's balance is a running total like any other. */
export const ACCOUNT_KEYS = {
  personal: totalKey('account:personal', 'lifetime'),
  family: totalKey('account:family', 'lifetime'),
  previousYears: totalKey('account:previousYears', 'lifetime'),
} as const

/**
 * Reads an input file's text. Throws an `InputError` (code, place, remedy) at the first thing that is
 * wrong anywhere: nothing of a bad file is settled.
 */
export function readInput(
  file: string,
  text: string,
  vocabulary: Vocabulary,
  items: Items = NO_ITEMS,
): Input {
  const json = readJson(file, text)
  const raw = readShape(json)
  checkIds(json, raw)
  const persons = raw.persons.map((person, i) =>
    readPerson(json, ['persons', i], person, vocabulary),
  )
  const byId = new Map(persons.map(({ person }) => [person.id, person]))
  const bills = raw.bills.map((bill, i) => {
    const person = byId.get(bill.person)
    if (!person)
      return json.fail(['bills', i, 'person'], unknownPerson(bill.person, new Set(byId.keys())))
    return readBill(json, ['bills', i], bill, { person, vocabulary, items })
  })
  checkSums(json, persons, bills)
  return { persons, bills }
}

// --- shape ---------------------------------------------------------------------------------------

function readShape(json: JsonText): RawInput {
  const { value } = json
  const object = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!object) json.fail([], wrongType(value, { zh: '对象 {…}', en: 'an object {…}' }))
  const unit = AmountUnitField.safeParse((value as { amounts?: unknown }).amounts)
  if (!unit.success) return failAtIssue(json, unit.error.issues, ['amounts'])
  const parsed = inputFormat(unit.data).safeParse(value)
  return parsed.success ? parsed.data : failAtIssue(json, parsed.error.issues, [])
}

function failAtIssue(json: JsonText, issues: readonly z.core.$ZodIssue[], prefix: Path): never {
  const [issue] = issues
  if (!issue) throw new Error('a failed parse always carries an issue')
  const path = [...prefix, ...issue.path]
  if (issue.code === 'custom') {
    const fault = issue.params?.fault as InputFault
    return json.fail(path, fault)
  }
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? ''
    return json.fail([...path, name], unknownField(name, path), 'name')
  }
  if (issue.code !== 'invalid_type') throw new Error(`unforeseen complaint: ${issue.message}`)
  const found = path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step],
    json.value,
  )
  if (found === undefined) return json.fail(path, MISSING)
  const list = issue.expected === 'array'
  return json.fail(
    path,
    wrongType(
      found,
      list ? { zh: '列表 […]', en: 'a list […]' } : { zh: '对象 {…}', en: 'an object {…}' },
    ),
  )
}

/** The fields that exist where an unknown one was found: the last named step says where we are. */
const FIELDS: Readonly<Record<string, string>> = {
  '': 'amounts persons bills',
  persons: 'id born attributes covers registrations certificates accounts totals',
  attributes: 'from answers',
  covers: 'scheme from until answers conditions newborn',
  registrations: 'kind place from until record institution',
  certificates: 'kind of from until',
  diagnosis: 'code name',
  invoice: 'number code on handedIn',
  accounts: 'personal family currentYear year previousYears',
  totals: 'slot period value',
  bills:
    'id person admitted discharged settled stay transferFrom institution placeOfCare diagnosis invoice answers cause thirdParty days events lines parts national',
  thirdParty: 'share advance',
  lines: 'id code name class amount quantity limitPrice upfrontShare category genericName',
  parts: 'total inScope upfront overLimit outOfScope specialDrug separateItem',
  national: 'medfee_sumamt inscp_scp_amt preselfpay_amt overlmt_selfpay fulamt_ownpay_amt',
}

function unknownField(name: string, path: Path): InputFault {
  const where = path.findLast((step) => typeof step === 'string') ?? ''
  const fields = (FIELDS[String(where)] ?? '').split(' ')
  const meant = nearest(name, fields)
  return {
    code: 'unknown_field',
    what: {
      zh: `没有字段 "${clip(name)}"${meant ? `；是否指 "${meant}"？` : ''}`,
      en: `there is no field "${clip(name)}"${meant ? `; did you mean "${meant}"?` : ''}`,
    },
    remedy: {
      zh: `改名或删去；此处的字段有 ${fields.join('、')}`,
      en: `rename or remove it; the fields here are ${fields.join(', ')}`,
    },
  }
}

function checkIds(json: JsonText, { persons, bills }: RawInput): void {
  checkUnique(json, ['persons'], persons)
  checkUnique(json, ['bills'], bills)
  for (const [i, { lines }] of bills.entries())
    checkUnique(json, ['bills', i, 'lines'], lines ?? [])
}

function checkUnique(json: JsonText, path: Path, items: readonly { readonly id: string }[]): void {
  const seen = new Map<string, number>()
  for (const [i, { id }] of items.entries()) {
    const first = seen.get(id)
    if (first !== undefined) json.fail([...path, i, 'id'], duplicate(id, first))
    seen.set(id, i)
  }
}

function duplicate(id: string, first: number): InputFault {
  return {
    code: 'duplicate_id',
    what: {
      zh: `"${clip(id)}" 已在第 ${first + 1} 项用过`,
      en: `"${clip(id)}" is already used by item ${first + 1} of this list`,
    },
    remedy: {
      zh: '改为不同的编号，或删去重复的一项',
      en: 'give it another id, or remove the repeated item',
    },
  }
}

// --- persons -------------------------------------------------------------------------------------

function readPerson(
  json: JsonText,
  path: Path,
  raw: RawPerson,
  vocabulary: Vocabulary,
): InputPerson {
  const attributes = (raw.attributes ?? []).map(({ from, answers }, i) => ({
    from,
    attributes: readAnswers(
      json,
      [...path, 'attributes', i, 'answers'],
      answers,
      'person',
      vocabulary,
    ),
  }))
  const covers = raw.covers.map(({ scheme, from, until, answers = {}, ...rest }, i) => {
    const at = [...path, 'covers', i]
    if (until !== undefined && until < from)
      json.fail([...at, 'until'], outOfOrder('until', until, 'from', from))
    if (rest.newborn && (raw.born === undefined || from < raw.born))
      json.fail([...at, 'newborn'], newbornFault(raw.born))
    if (rest.conditions && answers.preexisting !== undefined)
      json.fail([...at, 'conditions'], CONDITIONS_AND_ANSWER)
    return {
      scheme,
      from,
      until,
      attributes: readAnswers(json, [...at, 'answers'], answers, 'cover', vocabulary),
      ...(rest.conditions === undefined ? {} : { conditions: rest.conditions }),
      ...(rest.newborn ? { newborn: true } : {}),
    }
  })
  return {
    person: {
      id: raw.id,
      born: raw.born,
      attributes: attributes.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)),
      covers,
      ...readFiled(json, path, raw, vocabulary),
    },
    totals: readTotals(json, path, raw),
  }
}

/** What the person's file holds beside answers: registrations and certificates, each with its days. */
function readFiled(
  json: JsonText,
  path: Path,
  { registrations, certificates }: RawPerson,
  vocabulary: Vocabulary,
): Pick<Person, 'registrations' | 'certificates'> {
  const remote = vocabulary.get('remote')
  const kinds = Object.keys(typeof remote?.answers === 'object' ? remote.answers : {}).filter(
    (kind) => kind !== remote?.whenAbsent && kind !== remote?.unregistered,
  )
  for (const [i, { kind }] of (registrations ?? []).entries())
    if (!kinds.includes(kind))
      json.fail(
        [...path, 'registrations', i, 'kind'],
        unknownAnswer('remote', kind, { zh: kinds.join('、'), en: kinds.join(', ') }),
      )
  for (const [name, list] of Object.entries({ registrations, certificates }))
    for (const [i, { from, until }] of (list ?? []).entries())
      if (until !== undefined && until < from)
        json.fail([...path, name, i, 'until'], outOfOrder('until', until, 'from', from))
  return { registrations, certificates }
}

const YEAR_OF_ACCOUNT: InputFault = {
  code: 'contradiction',
  what: {
    zh: '当年账户 currentYear 要与它的年度 year 一起写',
    en: 'currentYear goes with its year, and the year with currentYear',
  },
  remedy: { zh: '写成四位年份，例如 2024', en: 'write a year of four digits, such as 2024' },
}

function newbornFault(born: PlainDate | undefined): InputFault {
  return {
    code: 'contradiction',
    what:
      born === undefined
        ? {
            zh: '新生儿参保却没有出生日期',
            en: 'a newborn cover of a person without a day of birth',
          }
        : {
            zh: `新生儿参保早于出生 ${born}`,
            en: `a newborn cover from before the birth, ${born}`,
          },
    remedy: {
      zh: '写明 born；from 写参保登记的那一天，从哪天起有待遇由方案决定',
      en: 'give born; from is the day of enrolment, and the scheme decides from when it pays',
    },
  }
}

const CONDITIONS_AND_ANSWER: InputFault = {
  code: 'contradiction',
  what: {
    zh: '既列出了既往症，又回答了 preexisting',
    en: 'conditions are listed and preexisting is answered as well',
  },
  remedy: {
    zh: '留下 conditions：由账单的诊断得出答案；或只回答 preexisting',
    en: "keep conditions, and the bill's diagnosis decides; or answer preexisting alone",
  },
}

function readTotals(json: JsonText, path: Path, { totals = [], accounts = {} }: RawPerson): Totals {
  const read = new Map<string, number>()
  for (const [i, { slot, period, value }] of totals.entries()) {
    const key = totalKey(slot, period)
    const at = [...path, 'totals', i]
    if (slot.startsWith('account:'))
      json.fail([...at, 'slot'], {
        code: 'contradiction',
        what: {
          zh: '账户余额不写在 totals 里',
          en: 'an account balance does not belong in totals',
        },
        remedy: { zh: '写在 accounts 里', en: 'write it in accounts' },
      })
    if (read.has(key)) json.fail(at, duplicate(`${slot} ${period}`, [...read.keys()].indexOf(key)))
    read.set(key, value)
  }
  for (const name of ['personal', 'family', 'previousYears'] as const) {
    const balance = accounts[name]
    if (balance !== undefined) read.set(ACCOUNT_KEYS[name], balance)
  }
  const { currentYear, year } = accounts
  if (
    (currentYear === undefined) !== (year === undefined) ||
    (year ?? 2000) < 1900 ||
    (year ?? 2000) > 9999
  )
    json.fail([...path, 'accounts', 'year'], YEAR_OF_ACCOUNT)
  if (currentYear !== undefined)
    read.set(totalKey('account:currentYear', String(year)), currentYear)
  return read
}

// --- answers -------------------------------------------------------------------------------------

const OWNER_PLACES: Readonly<Record<Owner, string>> = {
  person: 'persons[].attributes[].answers',
  cover: 'persons[].covers[].answers',
  bill: 'bills[].answers',
}

function readAnswers(
  json: JsonText,
  path: Path,
  answers: Readonly<Record<string, string | number>>,
  owner: Owner,
  vocabulary: Vocabulary,
): Attributes {
  const read: Record<string, string | number> = {}
  for (const [name, answer] of Object.entries(answers)) {
    const at = [...path, name]
    const attribute = vocabulary.get(name)
    if (!attribute) {
      const own = [...vocabulary.values()].filter((each) => each.of === owner)
      json.fail(at, unknownAttribute(name, own), 'name')
    } else if (attribute.of !== owner) {
      json.fail(at, wrongOwner(attribute), 'name')
    } else {
      const fault = checkAnswer(attribute, answer)
      if (fault) json.fail(at, fault)
      read[name] = answer
    }
  }
  return read
}

function checkAnswer(
  { name, answers, unit }: Attribute,
  answer: string | number,
): InputFault | undefined {
  if (answers === 'number') {
    const most = unit === '元' ? MOST_YUAN : MOST_NUMBER
    return typeof answer === 'number' && answer <= most
      ? undefined
      : unknownAnswer(name, answer, {
          zh: `不带引号的整数，不超过 ${most}`,
          en: `a whole number without quotes, at most ${most}`,
        })
  }
  if (answers === 'text')
    return typeof answer === 'string'
      ? undefined
      : unknownAnswer(name, answer, { zh: '文本', en: 'a text' })
  if (typeof answer === 'string' && Object.hasOwn(answers, answer)) return undefined
  const words = Object.keys(answers)
  return unknownAnswer(name, answer, { zh: words.join('、'), en: words.join(', ') })
}

/** Attributes count years, and dates are worked out from them. */
const MOST_NUMBER = 1_000
/** And some are whole yuan. */
const MOST_YUAN = 1_000_000_000

function unknownAnswer(name: string, answer: string | number, choices: { zh: string; en: string }) {
  const shown = typeof answer === 'string' ? `"${clip(answer)}"` : answer
  return {
    code: 'unknown_answer',
    what: { zh: `${name} 没有 ${shown} 这个取值`, en: `${shown} is not an answer of ${name}` },
    remedy: { zh: `可取：${choices.zh}`, en: `it can be ${choices.en}` },
  } as const
}

function unknownAttribute(name: string, own: readonly Attribute[]): InputFault {
  const names = own.map((each) => each.name)
  const meant = nearest(name, names)
  return {
    code: 'unknown_attribute',
    what: {
      zh: `没有属性 "${clip(name)}"${meant ? `；是否指 "${meant}"？` : ''}`,
      en: `there is no attribute "${clip(name)}"${meant ? `; did you mean "${meant}"?` : ''}`,
    },
    remedy: {
      zh: `此处可用：${own.map(({ name, title }) => `${name}（${title.zh}）`).join('、')}`,
      en: `here you can use ${names.join(', ')}`,
    },
  }
}

function wrongOwner({ name, title, of }: Attribute): InputFault {
  return {
    code: 'wrong_owner',
    what: {
      zh: `${name}（${title.zh}）不属于此处`,
      en: `${name} (${title.en}) does not belong here`,
    },
    remedy: { zh: `移到 ${OWNER_PLACES[of]}`, en: `move it to ${OWNER_PLACES[of]}` },
  }
}

// --- bills ---------------------------------------------------------------------------------------

type BillContext = {
  readonly person: Person
  readonly vocabulary: Vocabulary
  readonly items: Items
}

function readBill(
  json: JsonText,
  path: Path,
  raw: RawBill,
  { person, vocabulary, items }: BillContext,
): Bill {
  checkOrder(json, path, raw, 'admitted', 'discharged')
  checkOrder(json, path, raw, 'discharged', 'settled')
  const { cause = 'illness', thirdParty } = raw
  if (thirdParty && cause !== 'thirdParty')
    json.fail([...path, 'thirdParty'], {
      code: 'contradiction',
      what: {
        zh: `cause 为 ${cause}，却写了责任第三方`,
        en: `a liable third party is named, but the cause is ${cause}`,
      },
      remedy: {
        zh: '写明 "cause": "thirdParty"，或删去 thirdParty',
        en: 'write "cause": "thirdParty", or remove thirdParty',
      },
    })
  // A stay nobody named is this bill's own: also next year, when another bill may carry its id.
  const stay = raw.stay ?? `${raw.admitted}/${raw.id}`
  if (raw.transferFrom === stay)
    json.fail([...path, 'transferFrom'], {
      code: 'contradiction',
      what: { zh: '住院不能从自己转来', en: 'a stay cannot be transferred from itself' },
      remedy: {
        zh: '写明转出的住院（它的账单的 stay），或删去 transferFrom',
        en: 'name the stay it was transferred from (the stay of its bills), or remove transferFrom',
      },
    })
  const { on, handedIn } = raw.invoice ?? {}
  if (on !== undefined && handedIn !== undefined && handedIn < on)
    json.fail([...path, 'invoice', 'handedIn'], outOfOrder('handedIn', handedIn, 'on', on))
  const attributes = readAnswers(json, [...path, 'answers'], raw.answers ?? {}, 'bill', vocabulary)
  const days = raw.days ?? daysBetween(raw.admitted, raw.discharged)
  const itemsOfBill = items.of({
    person,
    on: raw.discharged,
    placeOfCare: raw.placeOfCare,
    diagnosis: raw.diagnosis?.code,
    attributes,
    days,
  })
  const { total, parts, lines } = readCharges(json, path, raw, itemsOfBill)
  return {
    id: raw.id,
    person: raw.person,
    admitted: raw.admitted,
    discharged: raw.discharged,
    settled: raw.settled,
    stay,
    ...(raw.transferFrom === undefined ? {} : { transferFrom: raw.transferFrom }),
    ...(raw.institution === undefined ? {} : { institution: raw.institution }),
    ...(raw.placeOfCare === undefined ? {} : { placeOfCare: raw.placeOfCare }),
    ...(raw.diagnosis === undefined ? {} : { diagnosis: raw.diagnosis }),
    ...(raw.invoice === undefined ? {} : { invoice: raw.invoice }),
    total,
    parts,
    lines,
    attributes,
    cause,
    thirdParty,
    days,
    events: raw.events ?? [],
  }
}

/** Nights stayed; admission and discharge on one day count as one. */
function daysBetween(admitted: PlainDate, discharged: PlainDate): number {
  const day = (date: PlainDate) => Date.parse(`${date}T00:00:00Z`) / 86_400_000
  return Math.max(1, day(discharged) - day(admitted))
}

function checkOrder(
  json: JsonText,
  path: Path,
  raw: RawBill,
  first: 'admitted' | 'discharged',
  second: 'discharged' | 'settled',
): void {
  if (raw[second] < raw[first])
    json.fail([...path, second], outOfOrder(second, raw[second], first, raw[first]))
}

function outOfOrder(
  second: string,
  later: PlainDate,
  first: string,
  earlier: PlainDate,
): InputFault {
  return {
    code: 'dates_out_of_order',
    what: {
      zh: `${second} ${later} 早于 ${first} ${earlier}`,
      en: `${second} ${later} is before ${first} ${earlier}`,
    },
    remedy: { zh: '核对两个日期', en: 'check the two dates' },
  }
}

type Charges = Pick<Bill, 'total' | 'parts' | 'lines'>

function readCharges(json: JsonText, path: Path, raw: RawBill, items: ItemsOfBill): Charges {
  const forms = (['lines', 'parts', 'national'] as const).filter((name) => raw[name] !== undefined)
  if (forms.length !== 1) json.fail(path, formsFault(forms))
  if (raw.lines) return readLines(json, [...path, 'lines'], raw.lines, items)
  if (raw.parts) {
    const { total, ...given } = raw.parts
    const parts = { ...NOTHING, ...withoutGaps(given) }
    checkTotal(json, [...path, 'parts'], 'total', total, parts)
    return { total: sumOf(parts), parts, lines: [] }
  }
  const { medfee_sumamt, ...fields } = raw.national as NonNullable<RawBill['national']>
  const parts = {
    ...NOTHING,
    inScope: fields.inscp_scp_amt ?? ZERO,
    upfront: fields.preselfpay_amt ?? ZERO,
    overLimit: fields.overlmt_selfpay ?? ZERO,
    outOfScope: fields.fulamt_ownpay_amt ?? ZERO,
  }
  checkTotal(json, [...path, 'national'], 'medfee_sumamt', medfee_sumamt, parts)
  return { total: sumOf(parts), parts, lines: [] }
}

type Parts = Record<NativeComponent, Fen>

const NOTHING: Parts = {
  inScope: ZERO,
  upfront: ZERO,
  overLimit: ZERO,
  outOfScope: ZERO,
  specialDrug: ZERO,
  separateItem: ZERO,
}

function withoutGaps(given: { [K in NativeComponent]?: Fen | undefined }): Partial<Parts> {
  return Object.fromEntries(Object.entries(given).filter(([, amount]) => amount !== undefined))
}

const sumOf = (parts: Parts): Fen =>
  NATIVE_COMPONENTS.reduce((sum, name) => sum + parts[name], 0) as Fen

function formsFault(forms: readonly string[]): InputFault {
  const remedy = {
    zh: '在 lines（明细）、parts（组成）、national（国家接口字段）中选写一种',
    en: 'write exactly one of lines, parts, national',
  }
  if (forms.length === 0)
    return {
      code: 'missing_field',
      what: { zh: '账单没有费用', en: 'the bill has no charges' },
      remedy,
    }
  return {
    code: 'several_forms',
    what: {
      zh: `账单的费用写了两遍：${forms.join('、')}`,
      en: `the bill's charges are given twice: ${forms.join(' and ')}`,
    },
    remedy,
  }
}

function checkTotal(
  json: JsonText,
  path: Path,
  name: string,
  total: Fen | undefined,
  parts: Parts,
): void {
  const sum = sumOf(parts)
  if (total === undefined || total === sum) return
  const [added, stated] = [formatYuan(sum), formatYuan(total)]
  json.fail([...path, name], {
    code: 'parts_do_not_add_up',
    what: {
      zh: `各组成部分合计 ${added} 元，而 ${name} 为 ${stated} 元`,
      en: `the parts add up to ${added} yuan, but ${name} is ${stated}`,
    },
    remedy: { zh: '核对各组成部分与总额', en: 'check the parts and the total' },
  })
}

function readLines(
  json: JsonText,
  path: Path,
  raw: NonNullable<RawBill['lines']>,
  items: ItemsOfBill,
): Charges {
  if (raw.length === 0)
    json.fail(path, {
      code: 'missing_field',
      what: { zh: '账单没有一条明细', en: 'the bill has no lines' },
      remedy: { zh: '至少写一条明细，或改用 parts', en: 'write at least one line, or use parts' },
    })
  const lines = raw.map((line, i): Line => {
    const found = items(line)
    if ('fault' in found) return json.fail([...path, i, found.field], found.fault)
    return splitLine({
      id: line.id,
      name: line.name,
      amount: line.amount,
      quantity: line.quantity ?? 10_000,
      ...found,
    })
  })
  const parts = { ...NOTHING }
  for (const line of lines)
    for (const name of NATIVE_COMPONENTS) parts[name] = (parts[name] + line.parts[name]) as Fen
  return { total: sumOf(parts), parts, lines }
}

function unknownPerson(id: string, ids: ReadonlySet<string>): InputFault {
  const meant = nearest(id, ids)
  return {
    code: 'unknown_person',
    what: {
      zh: `persons 里没有 "${clip(id)}"${meant ? `；是否指 "${clip(meant)}"？` : ''}`,
      en: `"${clip(id)}" is not among the persons${meant ? `; did you mean "${clip(meant)}"?` : ''}`,
    },
    remedy: {
      zh: '改正编号，或在 persons 里补上此人',
      en: 'correct the id, or add the person to persons',
    },
  }
}

/** What a person's bills and running totals come to stays exact: no later sum can leave whole fen. */
function checkSums(json: JsonText, persons: readonly InputPerson[], bills: readonly Bill[]): void {
  const sums = new Map(persons.map(({ person, totals }) => [person.id, largest(totals.values())]))
  for (const [i, { person, total }] of bills.entries()) {
    const sum = (sums.get(person) ?? 0) + total
    if (sum > MOST_FEN)
      json.fail(
        ['bills', i],
        badAmount(
          '此人的账单与累计数合计过大',
          "this person's bills and totals together are too large",
        ),
      )
    sums.set(person, fen(sum))
  }
}

function largest(values: Iterable<number>): number {
  let most = 0
  for (const value of values) most = Math.max(most, value)
  return most
}
