import { z } from 'zod'
import { nearest } from '#base/nearest.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Attribute, Attributes, Vocabulary } from './attributes.ts'
import type { RuleFile } from './rule-file.ts'

/** A value, or a table that chooses one by an attribute; tables nest. */
export type Table<T> =
  | { readonly value: T }
  | { readonly by: Attribute; readonly rows: readonly Row<T>[] }

type Row<T> = { readonly key: string; readonly matches: Key; readonly table: Table<T> }
type Key =
  | { readonly oneOf: readonly string[] }
  | { readonly from: number; readonly to: number }
  | 'otherwise'

export type TableRefusal =
  | { readonly code: 'attribute_missing'; readonly attribute: string }
  | {
      readonly code: 'no_value_for'
      readonly attribute: string
      readonly answer: string | number
    }

type RawTable<T> = T | { [by: string]: { [key: string]: RawTable<T> } }

/** `70%`, or `{ by level: { 三级: 70%, otherwise: { by class: … } } }`. */
export function table<T extends z.ZodType>(value: T): z.ZodType<RawTable<z.infer<T>>> {
  const cell: z.ZodType = z.lazy(() =>
    z.union([
      value,
      z.record(
        z.string().regex(/^by [a-z][A-Za-z]*$/, {
          error:
            'a table is written "by level:", with the name of the attribute in attributes.yaml',
        }),
        z.record(z.string(), cell, { error: 'expected one row for each answer' }),
      ),
    ]),
  )
  return cell as z.ZodType<RawTable<z.infer<T>>>
}

/**
 * Ties the words of a table to the vocabulary. Throws a `RuleFileError` for an unknown attribute or
 * answer, a row that can never be reached, and gaps or overlaps between ranges of numbers.
 */
export function readTable<T>(
  file: RuleFile,
  path: readonly PropertyKey[],
  raw: RawTable<T>,
  vocabulary: Vocabulary,
): Table<T> {
  const keys = isPlainObject(raw) ? Object.keys(raw) : []
  const by = keys[0]
  if (!isPlainObject(raw) || !by?.startsWith('by ')) return { value: raw as T }
  if (keys.length > 1) file.fail(path, 'bad_table', 'a table asks about one attribute at a time')
  const name = by.slice(3)
  const attribute = vocabulary.get(name)
  if (!attribute)
    return file.fail([...path, by], 'unknown_attribute', unknownAttribute(name, vocabulary))
  const written = Object.entries(raw[by] as Record<string, RawTable<T>>).map(([key, cell]) => ({
    key,
    matches: readKey(file, [...path, by, key], attribute, key),
    table: readTable(file, [...path, by, key], cell, vocabulary),
  }))
  // JavaScript puts a key such as 3 before all others, wherever the file has it.
  const rows =
    attribute.answers === 'number'
      ? written.toSorted((a, b) => startOf(a.matches) - startOf(b.matches))
      : written
  checkRows(file, [...path, by], rows)
  return { by: attribute, rows }
}

/** Says that a word is none of attributes.yaml, and which was probably meant. */
export function unknownAttribute(name: string, vocabulary: Vocabulary): string {
  const meant = nearest(name, vocabulary.keys())
  return `"${name}" is not in attributes.yaml${meant ? `; did you mean ${meant}?` : ''}`
}

/** Where a row of numbers begins; "otherwise" is read after all of them. */
const startOf = (key: Key): number =>
  typeof key === 'object' && 'from' in key ? key.from : Number.POSITIVE_INFINITY

function readKey(
  file: RuleFile,
  path: readonly PropertyKey[],
  attribute: Attribute,
  key: string,
): Key {
  if (key === 'otherwise') return 'otherwise'
  const { answers, name } = attribute
  if (answers === 'number') {
    const m = /^(\d+)(?:-(\d+)|(\+))?$/.exec(key)
    if (!m) file.fail(path, 'bad_key', `${name} is a number: write 3, 0-59 or 60+, not "${key}"`)
    const from = Number(m?.[1])
    return { from, to: m?.[3] ? Number.POSITIVE_INFINITY : Number(m?.[2] ?? from) }
  }
  const oneOf = key.split('|').map((word) => word.trim())
  const stranger =
    answers === 'text' ? undefined : oneOf.find((word) => !Object.hasOwn(answers, word))
  if (stranger !== undefined)
    file.fail(
      path,
      'unknown_answer',
      `"${stranger}" is not an answer of ${name} in attributes.yaml: ${Object.keys(answers).join('|')}${/[、,，/]/.test(stranger) ? '; answers of one row are joined by |' : ''}`,
    )
  return { oneOf }
}

function checkRows<T>(file: RuleFile, path: readonly PropertyKey[], rows: readonly Row<T>[]): void {
  const seen = new Set<string>()
  let reached = -1
  for (const [i, { key, matches }] of rows.entries()) {
    const at = [...path, key]
    if (matches === 'otherwise') {
      if (i < rows.length - 1)
        file.fail(at, 'unreachable', '"otherwise" must be the last row: those below are never read')
    } else if ('oneOf' in matches) {
      const twice = matches.oneOf.find((word) => seen.has(word))
      if (twice) file.fail(at, 'overlap', `"${twice}" already has a row`)
      for (const word of matches.oneOf) seen.add(word)
    } else {
      if (matches.from <= reached) file.fail(at, 'overlap', `${key} overlaps the row above`)
      if (reached >= 0 && matches.from > reached + 1)
        file.fail(at, 'gap', `nothing covers ${rangeOf(reached + 1, matches.from - 1)}`)
      if (matches.to < matches.from) file.fail(at, 'unreachable', `${key} is an empty range`)
      reached = matches.to
    }
  }
}

const rangeOf = (from: number, to: number): string => (from === to ? `${from}` : `${from} to ${to}`)

/** The value that `attributes` choose, or the question that has no answer. Never a neighbour's value. */
export function lookup<T>(table: Table<T>, attributes: Attributes): Result<T, TableRefusal> {
  if ('value' in table) return ok(table.value)
  const { by, rows } = table
  const answer = attributes[by.name] ?? by.whenAbsent
  if (answer === undefined) {
    return err({ code: 'attribute_missing', attribute: by.name } as const)
  }
  const row = rows.find(({ matches }) => keyMatches(matches, answer))
  if (!row) return err({ code: 'no_value_for', attribute: by.name, answer } as const)
  return lookup(row.table, attributes)
}

function keyMatches(key: Key, answer: string | number): boolean {
  if (key === 'otherwise') return true
  if ('oneOf' in key) return key.oneOf.includes(String(answer))
  const n = Number(answer)
  return n >= key.from && n <= key.to
}

/** Every attribute a table asks about, at any depth. */
export function attributesOf<T>(table: Table<T>): Attribute[] {
  if ('value' in table) return []
  return [table.by, ...table.rows.flatMap((row) => attributesOf(row.table))]
}

/** Every value a table can answer with, and the words that lead there. */
export function leavesOf<T>(table: Table<T>, words: readonly string[] = []): Leaf<T>[] {
  if ('value' in table) return [{ value: table.value, words }]
  return table.rows.flatMap((row) => leavesOf(row.table, [...words, row.key]))
}

export type Leaf<T> = { readonly value: T; readonly words: readonly string[] }

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
