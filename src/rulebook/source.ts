import { z } from 'zod'

/**
 * How far a source can be trusted. A: a government page at its own address. B: named media, insurer or
 * portal. C: content farm, forum, mirror, code, or an address not kept. D: looks machine-generated.
 * `invented`: made up for the teaching city, and labelled so wherever it is shown.
 */
export type Grade = 'A' | 'B' | 'C' | 'D' | 'invented'

/** Where a value comes from: a document a reader can go and check. */
export type Source = {
  readonly id: string
  readonly title: string
  /** Where it was read, or why there is no address. */
  readonly address: string
  readonly grade: Grade
  readonly note: string | undefined
}

export type Sources = ReadonlyMap<string, Source>

export const SourceList = z.record(
  z.string().regex(/^[a-z0-9-]+$/, { error: 'a source is named in lower-case-with-hyphens' }),
  z.strictObject({
    title: z.string().min(1),
    address: z.string().min(1),
    grade: z.enum(['A', 'B', 'C', 'D', 'invented']),
    note: z.string().min(1).optional(),
  }),
)

export function readSources(list: z.infer<typeof SourceList>): Sources {
  return new Map(
    Object.entries(list).map(([id, source]) => [id, { ...source, id, note: source.note }]),
  )
}

/** Grade A is a page of the authority itself. Nothing else may be called official. */
export const isOfficial = (grade: Grade): boolean => grade === 'A'
