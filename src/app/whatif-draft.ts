import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Steps } from '#domains/pricing/index.ts'
import type { SchemeText } from '#domains/settlement/index.ts'
import { amendRule } from '#rulebook/amend.ts'
import { type RuleFile, RuleFileError, readRuleFile } from '#rulebook/rule-file.ts'

const CHANGE = z
  .strictObject({
    file: z.string().min(1),
    at: z.array(z.union([z.string(), z.int().min(0)])).min(1),
    set: z.unknown().optional(),
    add: z.unknown().optional(),
    remove: z.literal(true).optional(),
  })
  .refine(
    ({ set, add, remove }) => [set, add, remove].filter((each) => each !== undefined).length === 1,
    { message: 'a change has one of set, add and remove' },
  )

const DRAFT = z.strictObject({
  title: z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }),
  /** What `$x` stands for in the changes: whole numbers from … to …, a step apart. */
  unknown: z
    .strictObject({ from: z.int().min(0), to: z.int().min(0), step: z.int().min(1) })
    .refine(({ from, to }) => from < to, { message: 'from is less than to' })
    .optional(),
  changes: z.array(CHANGE).default([]),
  /** New rule files, such as those of a product, by where they stand beside the schemes: a file beside the draft, or its text. */
  files: z
    .record(z.string(), z.union([z.string(), z.strictObject({ text: z.string() })]))
    .default({}),
})

/** A draft of rules: what it changes of those that are there, and what it adds. */
export type Draft = z.infer<typeof DRAFT> & { readonly text: string; readonly unknown?: Steps }

export type DraftFile = { readonly draft: Draft; readonly file: RuleFile }

/** Reads a draft. Throws a `RuleFileError` that names the line and what is wrong. */
export function readDraft(path: string): DraftFile {
  return readDraftText(path, readText(path, path))
}

export function readDraftText(path: string, text: string): DraftFile {
  const file = readRuleFile(path, text)
  const draft = { ...file.parse(DRAFT), text } as Draft
  const named = JSON.stringify(draft.changes).includes('$x')
  if (named !== (draft.unknown !== undefined))
    file.fail(
      [],
      'unknown_without_use',
      named
        ? 'a change says $x; say under "unknown" from what to what, and in which steps'
        : '"unknown" is the value of $x, which no change says',
      named
        ? '改动里有 $x；请在 unknown 里写明从多少到多少、步长多少'
        : 'unknown 是 $x 的取值，而没有一处改动用到 $x',
    )
  return { draft, file }
}

/** Refuses a draft that reads files: one that comes to a server brings their texts. */
export function refuseReading({ draft, file }: DraftFile): void {
  for (const [path, beside] of Object.entries(draft.files))
    if (typeof beside === 'string')
      file.fail(
        ['files', path],
        'file_on_server',
        'a draft on a page reads no file; write its text: { text: "…" }',
        '页面上的草案不读取文件；请写入全文：{ text: "…" }',
      )
}

/** The rules under a draft, with `x` in the place of `$x`. Throws a `RuleFileError` for a change that leads nowhere. */
export function draftTexts(
  texts: readonly SchemeText[],
  { draft, file }: DraftFile,
  x: number | undefined,
): SchemeText[] {
  const changed = new Map(texts.map(({ path, text }) => [path, text]))
  for (const [i, change] of draft.changes.entries()) {
    const { file: path, ...amendment } = withUnknown(change, x)
    const text = changed.get(path)
    if (text === undefined)
      return file.fail(
        ['changes', i, 'file'],
        'unknown_file',
        `no rule file ${path}`,
        `没有规则文件 ${path}`,
      )
    const amended = amendRule(text, amendment as Parameters<typeof amendRule>[1])
    if (!amended.ok) {
      const { at, known } = amended.error
      const there = known.length > 0 ? `; there: ${known.join(', ')}` : ''
      return file.fail(
        ['changes', i, 'at'],
        'unknown_place',
        `${path} has nothing at [${at.join(', ')}]${there}`,
        `${path} 里没有 [${at.join(', ')}]${known.length > 0 ? `；那里有：${known.join('、')}` : ''}`,
      )
    }
    changed.set(path, amended.value)
  }
  for (const [path, beside] of Object.entries(draft.files)) {
    if (changed.has(path))
      return file.fail(
        ['files', path],
        'file_exists',
        `${path} is there; change it, or name another`,
        `${path} 已经存在；请在 changes 里修改它，或换一个名字`,
      )
    const text =
      typeof beside === 'string'
        ? readText(join(dirname(file.file), beside), file.file)
        : beside.text
    changed.set(path, text)
  }
  return [...changed].map(([path, text]) => ({ path, text })).toSorted(byPath)
}

const byPath = (a: SchemeText, b: SchemeText): number => (a.path < b.path ? -1 : 1)

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new RuleFileError({
      ...{ file, line: 1, code: 'missing_file' },
      ...{ message: `cannot read ${path}`, zh: `无法读取 ${path}` },
    })
  }
}

/** `$x元` is `300元` where x is 300. */
function withUnknown<T>(value: T, x: number | undefined): T {
  if (x === undefined) return value
  if (typeof value === 'string') return value.replaceAll('$x', String(x)) as T
  if (Array.isArray(value)) return value.map((each) => withUnknown(each, x)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withUnknown(each, x)]),
  ) as T
}
