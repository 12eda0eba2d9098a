import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { rate } from '#base/money.ts'
import { monthOf } from '#base/month.ts'
import { parsePlainDate } from '#base/plain-date.ts'
import type { ClearingTerms } from '#domains/crossregion/index.ts'

const FILE = fileURLToPath(new URL('../../clearing/china.yaml', import.meta.url))

const Whole = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
const Share = z.string().transform(rate)
const Rules = z.strictObject({
  sources: z.record(
    z.string(),
    z.strictObject({
      title: z.string(),
      address: z.string(),
      grade: z.enum(['A', 'B', 'C', 'D']),
      note: z.string(),
    }),
  ),
  rules: z.array(
    z.strictObject({
      from: z
        .string()
        .refine((text) => parsePlainDate(text)?.endsWith('-01'), 'the first of a month'),
      source: z.string(),
      prepaymentMonths: Whole,
      yellow: Share,
      red: Share,
      stateUntilDay: Whole,
      payWithinDays: Whole,
      rebaseUntil: z.string().regex(/^\d{2}-\d{2}$/),
    }),
  ),
})

/** The rule by which regions clear that have agreed on nothing else, from each of its first months on. */
export function readClearingRules(text: string = readFileSync(FILE, 'utf8')): ClearingTerms[] {
  const { sources, rules } = Rules.parse(parse(text, { schema: 'failsafe' }))
  return rules.map(({ from, source, ...rule }) => {
    const cited = sources[source]
    if (!cited) throw new Error(`clearing/china.yaml: the rule from ${from} names no source`)
    return { ...rule, from: monthOf(from), source: cited.title, grade: cited.grade }
  })
}
