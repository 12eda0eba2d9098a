/** One change of a draft: where a value stands in a rule file, and what is to stand there. */
export type DraftChange = {
  readonly file: string
  readonly at: readonly (string | number)[]
  readonly set: string
}

export type Unknown = { readonly from: number; readonly to: number; readonly step: number }

/** A draft that changes nothing yet. */
export const emptyDraft = (zh: string, en: string): string =>
  `title: { zh: ${JSON.stringify(zh)}, en: ${JSON.stringify(en)} }\nchanges: []\n`

/**
 * The text of a draft with one change more; a change of the same value takes the place of the one that is there. Whatever
 * else stands in the text stays as it was written.
 */
export function withChange(text: string, { file, at, set }: DraftChange): string {
  const way = `    at: [${at.map(scalar).join(', ')}]`
  const place = [`  - file: ${scalar(file)}`, way]
  const lines = text.replace(/\s*$/, '').split('\n')
  const known = lines.findIndex((line, i) => line === place[0] && lines[i + 1] === way)
  const value = `    set: ${scalar(set)}`
  if (known >= 0 && lines[known + 2]?.startsWith('    set:')) {
    lines[known + 2] = value
    return `${lines.join('\n')}\n`
  }
  const head = lines.findIndex((line) => /^changes:/.test(line))
  if (head < 0) return `${[...lines, 'changes:', ...place, value].join('\n')}\n`
  lines[head] = 'changes:'
  const after = lines.findIndex((line, i) => i > head && /^[^\s#-]/.test(line))
  lines.splice(after < 0 ? lines.length : after, 0, ...place, value)
  return `${lines.join('\n')}\n`
}

/** The same with what `$x` stands for, or without. */
export function withUnknown(text: string, unknown: Unknown | undefined): string {
  const lines = text.split('\n').filter((line) => !/^unknown:/.test(line))
  if (!unknown) return lines.join('\n')
  const { from, to, step } = unknown
  const head = lines.findIndex((line) => /^changes:/.test(line))
  const line = `unknown: { from: ${from}, to: ${to}, step: ${step} }`
  lines.splice(head < 0 ? lines.length : head, 0, line)
  return lines.join('\n')
}

/** Plain where YAML reads it as the same text, else in quotes. */
const scalar = (value: string | number): string =>
  typeof value === 'number' || /^[\p{L}\p{N}$][\p{L}\p{N} .%/$-]*$/u.test(value)
    ? String(value)
    : JSON.stringify(value)
