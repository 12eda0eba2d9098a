import { isMap, LineCounter, parseDocument } from 'yaml'
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
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const { line } = lines.linePos(error.pos[0])
    throw new RuleFileError({ file, line, code: 'bad_yaml', message: firstLine(error.message) })
  }
  const lineOf = (path: Path): number => {
    for (let depth = path.length; depth >= 0; depth--) {
      const range = rangeAt(document, path.slice(0, depth))
      if (range !== undefined) return lines.linePos(range).line
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
      const issue = deepestIssue(parsed.error.issues)
      return fail(issue.path, codeOf(issue), messageOf(issue))
    },
  }
}

type Document = ReturnType<typeof parseDocument>

/** Where the key of the last step stands, or the item itself in a list. */
function rangeAt(document: Document, path: Path): number | undefined {
  const last = path.at(-1)
  const parent: unknown = path.length > 0 ? document.getIn(path.slice(0, -1), true) : undefined
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String(item.key) === String(last))
    const key = pair?.key as { range?: [number, number, number] } | undefined
    if (key?.range) return key.range[0]
    return undefined
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
  return node?.range?.[0]
}

type Issue = z.core.$ZodIssue

/** Of several complaints the one furthest in: a union complains at its own level about every branch. */
function deepestIssue(issues: readonly Issue[], prefix: Path = []): Issue {
  const candidates = issues.map((issue): Issue => {
    const path = [...prefix, ...issue.path]
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { ...issue, path }
    const inner = issue.errors
      .filter((branch) => branch.length > 0)
      .map((branch) => deepestIssue(branch, path))
      .toSorted((a, b) => depth(b) - depth(a))
    const best = inner[0]
    return best && depth(best) > path.length ? best : { ...(best ?? issue), path }
  })
  const deepest = candidates.toSorted((a, b) => depth(b) - depth(a))[0]
  if (!deepest) throw new Error('a failed parse always carries an issue')
  return deepest
}

const depth = (issue: Issue): number =>
  issue.path.length + (issue.code === 'invalid_type' ? 0 : 0.5)

function codeOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return 'unknown_key'
  if (issue.code === 'invalid_type' && issue.message.includes('received undefined'))
    return 'missing_key'
  return 'bad_value'
}

function messageOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; remove it, or see docs/formats.md for the keys that exist`
  if (codeOf(issue) === 'missing_key') return 'missing; this key is required (docs/formats.md)'
  return issue.message
}

const firstLine = (text: string): string => text.split('\n')[0]?.replace(/ at line.*$/, '') ?? text
