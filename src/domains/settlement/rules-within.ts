import type { Attribute } from '#rulebook/attributes.ts'
import type { Dated } from '#rulebook/dated.ts'
import type { Benefit, PublishedIndex, Relief, Tier } from './types.ts'

/** Every dated rule of a tier, a benefit or a relief, wherever in it the rule stands. */
export function rulesWithin(part: Tier | Benefit | Relief): Dated<unknown>[] {
  const found: Dated<unknown>[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('entries' in value && 'rule' in value) found.push(value as Dated<unknown>)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(part)
  return found
}

/** Every published index that a tier's amounts are taken from. */
export function indexesWithin(part: Tier | Benefit | Relief): PublishedIndex[] {
  const found = new Set<PublishedIndex>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('kind' in value && value.kind === 'index' && 'index' in value)
      found.add(value.index as PublishedIndex)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(part)
  return [...found]
}

/** The name of every attribute that a tier, a benefit or a relief asks about. */
export function attributesWithin(part: Tier | Benefit | Relief): string[] {
  return attributesAsked(part).map(({ name }) => name)
}

/** Every attribute that some rules ask about. */
export function attributesAsked(part: unknown): Attribute[] {
  const found: Attribute[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('answers' in value && 'of' in value) found.push(value as Attribute)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(part)
  return found
}
