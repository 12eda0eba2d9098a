import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import { err, ok, type Result } from '#base/result.ts'
import type { DraftFault, DraftRead, RuleFiles } from '#domains/pricing/service.ts'
import { lintBook, readSchemes, type SchemeBook, type Title } from '#domains/settlement/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { wordsOfFault } from './rule-fault-words.ts'
import { draftTexts, readDraftText, refuseReading } from './whatif-draft.ts'

/** One value of a rule file that a draft can change, and the way to it as a draft says it. */
export type Parameter = {
  readonly at: readonly (string | number)[]
  readonly value: string
  /** The first day of the dated value that it is part of. */
  readonly from: string | undefined
}

/** Schemes with the tiers of their own, each with its file. */
export type ParameterPlaces = readonly {
  readonly scheme: string
  readonly title: Title
  readonly tiers: readonly { readonly tier: string; readonly title: Title; readonly file: string }[]
}[]

export function parameterPlaces(book: SchemeBook, files: RuleFiles['files']): ParameterPlaces {
  return [...book.schemes.values()].flatMap(({ id, title, order }) => {
    const tiers = order.flatMap((step) => {
      if (!('tier' in step)) return []
      const { id: tier, title: name } = step.tier
      const file = `${tier}.tier.yaml`
      return file in files ? [{ tier, title: name, file }] : []
    })
    return tiers.length === 0 ? [] : [{ scheme: id, title, tiers }]
  })
}

/** Keys below which amounts and shares stand that a draft would change. */
const TURNED = new Set([
  'deductible',
  'rate',
  'caps',
  'eligibleCap',
  'guaranteedRatio',
  'dueFactor',
])
const AMOUNT = /^\d+(\.\d+)?(元|%)$/

/** The amounts and shares of a rule file, in the order of the file. */
export function parametersOf(text: string): Parameter[] {
  const found: Parameter[] = []
  const walk = (node: unknown, at: readonly (string | number)[], from: string | undefined) => {
    if (isScalar(node)) {
      const value = String(node.value)
      if (AMOUNT.test(value)) found.push({ at, value, from })
    } else if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = String(isScalar(key) ? key.value : key)
        if (name !== 'article' && name !== 'source') walk(value, [...at, name], from)
      }
    } else if (isSeq(node)) {
      for (const [i, item] of node.items.entries()) {
        const day = isMap(item) ? item.get('from') : undefined
        walk(item, [...at, day === undefined ? i : String(day)], day ? String(day) : from)
      }
    }
  }
  const root: Node | null = parseDocument(text).contents
  if (isMap(root))
    for (const { key, value } of root.items) {
      const name = String(isScalar(key) ? key.value : key)
      if (TURNED.has(name)) walk(value, [name], undefined)
    }
  return found
}

/** Reads a draft that came to a server, and tries it on the rules; with an unknown, at its first value. */
export function readDraftOn(
  text: string,
  files: RuleFiles['files'],
): Result<DraftRead, DraftFault> {
  try {
    const drafted = readDraftText('draft.yaml', text)
    refuseReading(drafted)
    const { title, changes, unknown, files: added } = drafted.draft
    const texts = Object.entries(files)
      .map(([path, rule]) => ({ path, text: rule }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const book = readSchemes(draftTexts(texts, drafted, unknown?.from))
    const [fault] = lintBook(book, new Map()).filter(({ severity }) => severity === 'error')
    if (fault) {
      const where = `${fault.file}:${fault.line}`
      return err({ line: 1, zh: `${where}：${fault.zh}`, en: `${where}: ${fault.en}` })
    }
    return ok({ title, changes: changes.length + Object.keys(added).length, unknown })
  } catch (error) {
    if (!(error instanceof RuleFileError)) throw error
    const { file, line } = error.fault
    const { zh, en } = wordsOfFault(error.fault)
    return err(
      file === 'draft.yaml'
        ? { line, zh, en }
        : { line: 1, zh: `${file}:${line}：${zh}`, en: `${file}:${line}: ${en}` },
    )
  }
}
