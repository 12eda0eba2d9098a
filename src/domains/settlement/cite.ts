import type { Entry } from '#rulebook/dated.ts'
import type { Citation } from './types.ts'

/** What a reader can go and check of one value of a rule. */
export function cite<T>(rule: string, { from, observed, source, article }: Entry<T>): Citation {
  return { rule, from, observed, source, article }
}
