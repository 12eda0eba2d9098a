import { isAlias, isMap, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'

/** A place in a rule file: what an error points at and a citation leads back to. */
export type Place = { readonly file: string; readonly line: number }

/** One thing wrong with a rule file: where, what, and what to do about it. */
export type RuleFault = Place & {
  readonly code: string
  readonly message: string
}

/** A rule file that cannot be used. Loading stops: a bad rule must never settle a bill. */
export class RuleFileError extends Error {
  readonly fault: RuleFault
  constructor(fault: RuleFault) {
    super(`${fault.file}:${fault.line}: ${fault.message} [${fault.code}]`)
    this.name = 'RuleFileError'
    this.fault = fault
  }
}

type Path = readonly PropertyKey[]

/** The text of a rule file, read as YAML, with the line on which each value stands. */
export type RuleFile = {
  readonly file: string
  readonly value: unknown
  lineOf(path: Path): number
  /** Throws a `RuleFileError` that points at `path`. */
  fail(path: Path, code: string, message: string): never
  /** `value` in the shape of `schema`; throws a `RuleFileError` at the first thing that does not fit. */
  parse<T>(schema: z.ZodType<T>): T
}

/** Reads one YAML rule file. Throws a `RuleFileError` on anything YAML itself refuses (duplicate keys too). */
export function readRuleFile(file: string, text: string): RuleFile {
  const lines = new LineCounter()
  // A key is what it reads as: 3 and "3" are the same row.
  const uniqueKeys = (a: unknown, b: unknown) => String(a) === String(b)
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys })
  const failYaml = (message: string, offset: number): never => {
    const { line } = lines.linePos(offset)
    throw new RuleFileError({ file, line, code: 'bad_yaml', message: firstLine(message) })
  }
  const [error] = document.errors
  if (error) failYaml(error.message, error.pos[0])
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return
      failYaml(
        `*${alias.source} repeats something that no &${alias.source} above names`,
        alias.range?.[0] ?? 0,
      )
    },
  })
  const lineOf = (path: Path): number => {
    for (let depth = path.length; depth >= 0; depth--) {
      const offset = offsetAt(document, path.slice(0, depth))
      if (offset !== undefined) return lines.linePos(offset).line
    }
    return 1
  }
  const fail = (path: Path, code: string, message: string): never => {
    const where = path.length > 0 ? `${path.map(String).join('.')}: ` : ''
    throw new RuleFileError({ file, line: lineOf(path), code, message: where + message })
  }
  const value: unknown = document.toJS()
  return {
    file,
    value,
    lineOf,
    fail,
    parse(schema) {
      const parsed = schema.safeParse(value)
      if (parsed.success) return parsed.data
      const { path, code, message } = firstComplaint(parsed.error.issues, [], value)
      return fail(path, code, message)
    },
  }
}

type Document = ReturnType<typeof parseDocument>
type Node = { readonly range?: readonly [number, number, number] | null } | null | undefined

/** Where the key of the last step stands, or the item itself in a list. */
function offsetAt(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents
  let found = node as Node
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step))
      if (!pair) return undefined
      found = pair.key as Node
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      found = node as Node
    } else return undefined
  }
  return found?.range?.[0]
}

type Issue = z.core.$ZodIssue
type Complaint = { readonly path: Path; readonly code: string; readonly message: string }

/**
 * The complaint to show of several. A key nobody knows goes first: a misspelt key is also a missing one.
 */
function firstComplaint(issues: readonly Issue[], prefix: Path, value: unknown): Complaint {
  const complaints = issues.map((issue) => complaintOf(issue, prefix, value))
  const first = complaints.find(({ code }) => code === 'unknown_key') ?? complaints[0]
  if (!first) throw new Error('a failed parse always carries an issue')
  return first
}

function complaintOf(issue: Issue, prefix: Path, value: unknown): Complaint {
  const path = [...prefix, ...issue.path]
  const missing = valueAt(value, path) === undefined
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const message = 'no such key here; remove it, or see docs/formats.md for the keys that exist'
    return { path: [...path, key], code: 'unknown_key', message }
  }
  if (missing && path.at(-1) === 'source')
    return { path, code: 'missing_source', message: issue.message }
  if (missing) {
    const message = 'missing; this key is required (docs/formats.md)'
    return { path, code: 'missing_key', message }
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return nearestBranch(issue.errors, path, value)
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined
  return { path, code: 'bad_value', message: message ?? issue.message }
}

/**
 * A union complains about every branch. The branch that was meant is the one that fits furthest in, then
 * the one with the fewest complaints, then the one that says in words of our own what it expected.
 */
function nearestBranch(
  branches: readonly (readonly Issue[])[],
  path: Path,
  value: unknown,
): Complaint {
  const ranked = branches
    .filter((issues) => issues.length > 0)
    .map((issues) => {
      const complaint = firstComplaint(issues, path, value)
      const strangeKey = issues.some(({ code }) => code === 'invalid_key')
      const wrongType = issues.some(({ code }) => code === 'invalid_type')
      const vague = isDefault(complaint.message) ? (wrongType ? 2 : 1) : 0
      return { complaint, rank: [-complaint.path.length, Number(strangeKey), issues.length, vague] }
    })
    .toSorted((a, b) => compareInTurn(a.rank, b.rank))
  const nearest = ranked[0]
  if (!nearest) throw new Error('a failed union always carries an issue')
  return nearest.complaint
}

function compareInTurn(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((n, i) => n !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** Whether a message is zod's own rather than written for the reader of a rule file. */
const isDefault = (message: string): boolean => message.startsWith('Invalid ')

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  )
}

const firstLine = (text: string): string => text.split('\n')[0]?.replace(/ at line.*$/, '') ?? text
