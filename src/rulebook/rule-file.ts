import { isAlias, isMap, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { nearest } from '#base/nearest.ts'

/** A place in a rule file: what an error points at and a citation leads back to. */
export type Place = { readonly file: string; readonly line: number }

/** One thing wrong with a rule file: where, what, and what to do about it. */
export type RuleFault = Place & {
  readonly code: string
  readonly message: string
  /** The same in Chinese, of a fault that a page tells. */
  readonly zh?: string
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
  /** Throws a `RuleFileError` that points at `path`; with Chinese words, it says the same in both languages. */
  fail(path: Path, code: string, message: string, zh?: string): never
  /** `value` in the shape of `schema`; throws a `RuleFileError` at the first thing that does not fit. */
  parse<T>(schema: z.ZodType<T>): T
}

/** Reads one YAML rule file. Throws a `RuleFileError` on anything YAML itself refuses (duplicate keys too). */
export function readRuleFile(file: string, text: string): RuleFile {
  const lines = new LineCounter()
  // A key is what it reads as: 3 and "3" are the same row.
  const uniqueKeys = (a: unknown, b: unknown) => String(a) === String(b)
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys })
  const failYaml = (message: string, offset: number, remedy?: string): never => {
    const { line } = lines.linePos(offset)
    const hint = fullWidth(text.split('\n')[line - 1] ?? '') ?? remedy
    const said = hint === undefined ? firstLine(message) : `${firstLine(message)}; ${hint}`
    throw new RuleFileError({ file, line, code: 'bad_yaml', message: said })
  }
  const [error] = document.errors
  if (error) failYaml(error.message, error.pos[0], YAML_REMEDIES[error.code])
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
  const fail = (path: Path, code: string, message: string, zh?: string): never => {
    const at = path.map(String).join('.')
    const said = zh === undefined ? {} : { zh: at === '' ? zh : `${at}：${zh}` }
    const where = at === '' ? '' : `${at}: `
    throw new RuleFileError({ file, line: lineOf(path), code, message: where + message, ...said })
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
      return fail(path, code, code === 'unknown_key' ? unknownKey(path, schema) : message)
    },
  }
}

/** What to do about the mistakes that people new to YAML make. */
const YAML_REMEDIES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTILINE_IMPLICIT_KEY: 'a key is followed by a colon and a space',
  BLOCK_AS_IMPLICIT_KEY:
    'what belongs to a key stands two spaces further in, keys beside each other in one column, and a text with a colon in quotes',
  BAD_INDENT: 'look at the indentation, and whether each bracket and brace is closed',
  DUPLICATE_KEY: 'write each key once',
  MISSING_CHAR: 'a bracket, a brace or a quotation mark is not closed',
}

/** Signs of a Chinese keyboard that look like YAML's own. */
function fullWidth(line: string): string | undefined {
  const sign = /[：，；｛｝［］“”‘’　]/.exec(line.replace(/#.*/, ''))?.[0]
  return (
    sign && `"${sign}" is a full-width sign; YAML reads only : , { } [ ] " ' and the plain space`
  )
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
type Complaint = {
  readonly path: Path
  readonly code: string
  readonly message: string
  /** The message says no more than that something is wrong: another one may be nearer to what was meant. */
  readonly vague?: boolean
}

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
    return { path: [...path, key], code: 'unknown_key', message: 'no such key here' }
  }
  if (missing && path.at(-1) === 'source')
    return { path, code: 'missing_source', message: issue.message }
  if (missing) {
    const message = 'missing; this key is required (docs/formats.md)'
    return { path, code: 'missing_key', message }
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return nearestBranch(issue.errors, path, value)
  const said = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message
  const vague = /^(Invalid|Too) /.test(said)
  const message = vague ? inOurWords(issue, valueAt(value, path)) : said
  return { path, code: 'bad_value', message, vague }
}

/** The kinds of values as a writer of rule files knows them. */
const KINDS: Readonly<Record<string, string>> = {
  array: 'a list, such as [a, b] or lines that begin with "- "',
  object: 'keys, such as { a: b } or lines that stand further in',
  record: 'keys, such as { a: b } or lines that stand further in',
  string: 'a text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
}

/** A complaint of zod's own, for whoever wrote the file. */
function inOurWords(issue: Issue, got: unknown): string {
  if (issue.code === 'invalid_type') {
    const quotes =
      issue.expected === 'string' && typeof got === 'number' ? `; write it in quotes: '${got}'` : ''
    return `expected ${KINDS[issue.expected] ?? issue.expected}, got ${kindOf(got)}${quotes}`
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String)
    const meant = typeof got === 'string' && got.length > 2 ? nearest(got, words) : undefined
    return `${kindOf(got)} is not one of ${words.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`
  }
  if (issue.code === 'too_small') return 'expected at least one entry'
  return issue.message
}

function kindOf(got: unknown): string {
  if (got === null) return 'nothing'
  if (Array.isArray(got)) return 'a list'
  return typeof got === 'object' ? 'keys' : `"${String(got)}"`
}

/** What to do about a key that nobody knows. The keys that exist are looked up only once something is wrong. */
function unknownKey(path: Path, schema: z.ZodType): string {
  const key = String(path.at(-1))
  if (/^\d{3}(\.\d+)?(元|%)?$/.test(key))
    return 'a comma between { and } begins a new key; write amounts without one, such as 300000元'
  const known = new Set<string>()
  JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), (name, value) => {
    if (name === 'properties') for (const each of Object.keys(value)) known.add(each)
    return value
  })
  if (known.has(key))
    return 'this key does not stand here, or not beside the others; see docs/formats.md'
  const meant = nearest(key, known)
  const remedy = meant
    ? `did you mean ${meant}?`
    : 'remove it, or see docs/formats.md for the keys that exist'
  return `no such key here; ${remedy}`
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
      const vague = complaint.vague ? (wrongType ? 2 : 1) : 0
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
