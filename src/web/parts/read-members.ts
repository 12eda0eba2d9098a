import { parseRate } from '#base/money.ts'

export type TypedMember = {
  readonly insurer: string
  readonly name: string
  readonly share: number
}

/**
 * Insurers as they are typed or pasted from a sheet: a line each with number, name and share, between spaces, tabs or
 * commas. `R01 示例人寿 30%`; the sign may be left out. Empty lines are none. The number of the first line that cannot be
 * read, where there is one.
 */
export function readMembers(
  text: string,
): { readonly members: readonly TypedMember[] } | { readonly line: number } {
  const members: TypedMember[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, insurer = '', name = '', percent = ''] =
      /^\s*([A-Za-z0-9-]{1,20})[\s,，]+(.+?)[\s,，]+([\d.]+)\s*[%％]?\s*$/.exec(line) ?? []
    const share = parseRate(`${percent}%`)
    if (share === undefined || share === 0) return { line: i + 1 }
    members.push({ insurer: insurer.toUpperCase(), name, share })
  }
  return { members }
}
