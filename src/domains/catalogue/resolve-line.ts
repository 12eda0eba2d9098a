import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { applyLimits, type LimitOutcome } from './limits.ts'
import { contradiction, lookUp } from './lookup.ts'
import type { Catalogue, Facts, Given, Item, LookupRefusal } from './types.ts'

/** A line by the catalogue: the item, and what its limits came to. */
export type ResolvedLine = { readonly item: Item; readonly outcome: LimitOutcome }

/**
 * What the catalogue of the place of care says of one line of a bill. A line that says its own class stands on
 * that where the place has no catalogue, or the catalogue does not know the code: then the answer is nothing.
 * Where the catalogue knows better, a line that says otherwise is refused: one of the two is wrong, and
 * neither may win in silence.
 */
export function resolveLine(
  catalogue: Catalogue,
  {
    code,
    place,
    on,
    given,
    facts,
  }: {
    readonly code: string
    readonly place: string
    readonly on: PlainDate
    readonly given: Given
    readonly facts: Facts
  },
): Result<ResolvedLine | undefined, LookupRefusal> {
  const found = lookUp(catalogue, code, place, on)
  if (!found.ok)
    return found.error.code === 'unknown_item' && given.class !== undefined ? ok(undefined) : found
  const contradicted = contradiction(found.value, given)
  if (contradicted) return err(contradicted)
  return ok({ item: found.value, outcome: applyLimits(found.value, facts) })
}
