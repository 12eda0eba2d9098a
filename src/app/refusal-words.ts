import type { Description } from '#platform/problem.ts'

export type Facts = Readonly<Record<string, unknown>>
/** What a refusal says of its facts, and what to do about it. */
export type Words = (
  facts: Facts,
) => readonly [status: number, zh: string, en: string, remedyZh: string, remedyEn: string]

/** A refusal in words, from the table that has its code; undefined where it has not. */
export function describeFrom(
  codes: Readonly<Record<string, Words>>,
  code: string,
  facts: Facts,
): Description | undefined {
  const words = Object.hasOwn(codes, code) ? codes[code] : undefined
  if (!words) return undefined
  const [status, zh, en, remedyZh, remedyEn] = words(facts)
  return { status, what: { zh, en }, remedy: { zh: remedyZh, en: remedyEn } }
}
