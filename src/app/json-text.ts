import { type JSONPath, type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import { InputError, type InputFault, type InputPlace } from './input-fault.ts'

/** A JSON text that parsed, and the way back from a value to its line. */
export type JsonText = {
  readonly value: unknown
  /** Throws an `InputError` that points at the value, or at the name of the field, at `path`. */
  fail(path: Path, fault: InputFault, at?: 'value' | 'name'): never
}

export type Path = readonly PropertyKey[]

/** No input nests deeper than eight; the parser that finds positions is recursive. */
const DEPTH_LIMIT = 64

/**
 * Reads strict JSON: no comments, no trailing commas, no key twice in one object.
 *
 * Throws an `InputError` with the place: `bad_json`, `duplicate_key`, and `unknown_field` for the key
 * `__proto__`, which would reach behind the data.
 */
export function readJson(file: string, text: string): JsonText {
  const failAt = (offset: number, path: Path, fault: InputFault): never => {
    throw new InputError(fault, placeOf(file, text, offset, path))
  }
  const deep = offsetOfDepth(text, DEPTH_LIMIT)
  if (deep !== undefined)
    failAt(
      deep,
      [],
      badJson(`嵌套超过 ${DEPTH_LIMIT} 层`, `nested deeper than ${DEPTH_LIMIT} levels`),
    )
  const value = parse(text, failAt)
  checkKeys(text, failAt)
  return {
    value,
    fail: (path, fault, at = 'value') => failAt(offsetOf(text, path, at), path, fault),
  }
}

type FailAt = (offset: number, path: Path, fault: InputFault) => never

function parse(text: string, failAt: FailAt): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    let first: { offset: number; what: string } | undefined
    visit(
      text,
      {
        onError: (code, offset) => {
          first ??= { offset, what: WORDS[printParseErrorCode(code)] ?? 'not valid JSON' }
        },
      },
      STRICT,
    )
    const found = first ?? { offset: positionIn(error), what: 'not valid JSON' }
    return failAt(
      found.offset,
      [],
      badJson(`不是合法的 JSON（${found.what}）`, `not valid JSON: ${found.what}`),
    )
  }
}

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }

const WORDS: Record<string, string> = {
  InvalidSymbol: 'a word that is not true, false or null',
  InvalidNumberFormat: 'a number that JSON cannot write',
  PropertyNameExpected: 'a field name in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'a closing } is expected here',
  CloseBracketExpected: 'a closing ] is expected here',
  EndOfFileExpected: 'the file should end here',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfString: 'a text without its closing quote',
  UnexpectedEndOfNumber: 'a number that breaks off',
  InvalidUnicode: 'a broken \\u escape',
  InvalidEscapeCharacter: 'a broken escape after \\',
  InvalidCharacter: 'a character that must be escaped',
}

/** V8 says where it stopped; a message without a position points at the start. */
function positionIn(error: unknown): number {
  return Number(/at position (\d+)/.exec(String(error))?.[1] ?? 0)
}

function checkKeys(text: string, failAt: FailAt): void {
  const open: Set<string>[] = []
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set())
    },
    onObjectEnd: () => {
      open.pop()
    },
    onObjectProperty: (name, offset, _length, _line, _character, path) => {
      if (name === '__proto__')
        failAt(offset, [...path(), name], {
          code: 'unknown_field',
          what: { zh: '字段 "__proto__" 不允许出现', en: 'the field "__proto__" may not appear' },
          remedy: { zh: '删去这个字段', en: 'remove the field' },
        })
      const keys = open.at(-1)
      if (keys?.has(name))
        failAt(offset, [...path(), name], {
          code: 'duplicate_key',
          what: {
            zh: `同一对象里字段 "${name}" 出现两次`,
            en: `the field "${name}" stands twice in one object`,
          },
          remedy: { zh: '只保留一个', en: 'keep one of the two' },
        })
      keys?.add(name)
    },
  })
}

/** Where the value at `path` begins, or its field's name; the nearest thing around it if it is missing. */
function offsetOf(text: string, path: Path, at: 'value' | 'name'): number {
  let best = { depth: -1, offset: 0 }
  const seen = (offset: number, here: JSONPath) => {
    if (here.length <= best.depth || here.length > path.length) return
    if (here.every((step, i) => step === path[i])) best = { depth: here.length, offset }
  }
  const value: JSONVisitor['onObjectBegin'] = (offset, _length, _line, _character, here) =>
    seen(offset, here())
  visit(text, {
    onObjectBegin: value,
    onArrayBegin: value,
    onLiteralValue: (_value, offset, _length, _line, _character, here) => seen(offset, here()),
    onObjectProperty: (name, offset, _length, _line, _character, here) => {
      const full = [...here(), name]
      if (at === 'name' && full.length === path.length) seen(offset, full)
    },
  })
  return best.offset
}

function placeOf(file: string, text: string, offset: number, path: Path): InputPlace {
  const before = text.slice(0, offset).split('\n')
  return {
    file,
    line: before.length,
    column: [...(before.at(-1) ?? '')].length + 1,
    path: formatPath(path),
  }
}

/** `bills[0].lines[2].amount` */
function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(String(step))) text += `${text && '.'}${String(step)}`
    else text += `[${JSON.stringify(String(step).slice(0, 60))}]`
  }
  return text
}

/** The offset of the bracket that opens one level too many. Texts are skipped, so brackets in them do not count. */
function offsetOfDepth(text: string, limit: number): number | undefined {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++)
        if (text.charCodeAt(i) === BACKSLASH) i++
    } else if (c === BRACE || c === BRACKET) {
      if (++depth > limit) return i
    } else if (c === BRACE_END || c === BRACKET_END) depth--
  }
  return undefined
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d]

function badJson(zh: string, en: string): InputFault {
  return {
    code: 'bad_json',
    what: { zh, en },
    remedy: {
      zh: '改正此处；用编辑器的 JSON 检查可以看到同一位置',
      en: "correct it here; an editor's JSON check shows the same place",
    },
  }
}
