import { z } from 'zod'
import { nearest } from '#base/nearest.ts'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Place, RuleFile } from './rule-file.ts'
import type { Source, Sources } from './source.ts'
import { Day } from './units.ts'

/**
 * One value of a rule, from a date until the next entry. `value: null` repeals the rule.
 *
 * `from: 'unknown'` is a value whose first day no source gives: it was observed on `observed`, and is
 * used only where the caller opts in.
 */
export type Entry<T> = {
  readonly from: PlainDate | 'unknown'
  readonly observed: PlainDate | undefined
  readonly value: T | null
  readonly source: Source
  readonly article: string | undefined
  readonly place: Place
}

/** A rule through time, oldest entry first, dates strictly ascending (checked when loaded). */
export type Dated<T> = { readonly rule: string; readonly entries: readonly Entry<T>[] }

export type RuleRefusal =
  | { readonly code: 'rule_not_in_force'; readonly rule: string; readonly on: PlainDate }
  | {
      readonly code: 'rule_undated'
      readonly rule: string
      readonly on: PlainDate
      readonly observed: PlainDate
    }

/** The entries of one rule as a rule file writes them. */
export const datedList = <T extends z.ZodType>(value: T) =>
  z
    .array(
      z.strictObject({
        from: z.union([z.literal('unknown'), Day]),
        observed: Day.optional(),
        source: z.string({ error: 'missing source: every value names where it comes from' }),
        article: z.string().min(1).optional(),
        value: z.union([z.literal('repealed'), value]),
      }),
      {
        error:
          'expected a list of entries, each with its first day and its source: [{ from: 2024-01-01, source: notice, value: … }]',
      },
    )
    .min(1)

type RawEntry<T> = {
  from: PlainDate | 'unknown'
  observed?: PlainDate | undefined
  source: string
  article?: string | undefined
  value: T | 'repealed'
}

/**
 * Checks the entries at `path` of a file and ties each to its source.
 *
 * Throws a `RuleFileError` where dates do not ascend, a source is not listed, or an unknown first day
 * stands anywhere but first or lacks the day on which it was observed.
 */
export function readDated<Raw, T>(
  file: RuleFile,
  path: readonly PropertyKey[],
  raw: readonly RawEntry<Raw>[],
  rule: string,
  sources: Sources,
  read: (value: Raw, path: readonly PropertyKey[]) => T,
): Dated<T> {
  const entries = raw.map((entry, i): Entry<T> => {
    const at = [...path, i]
    const previous = raw[i - 1]
    if (entry.from === 'unknown') {
      if (previous)
        file.fail([...at, 'from'], 'bad_order', 'an unknown first day can only stand first')
      if (!entry.observed)
        file.fail(at, 'missing_observed', 'from: unknown needs observed: the day it was seen')
    } else if (previous && previous.from !== 'unknown' && previous.from >= entry.from) {
      file.fail(
        [...at, 'from'],
        'overlap',
        `${entry.from} is not after ${previous.from}: two values would hold on one day`,
      )
    }
    const source = sources.get(entry.source)
    if (!source)
      file.fail(
        [...at, 'source'],
        'missing_source',
        `"${entry.source}" is not in the sources of place.yaml${meant(entry.source, sources.keys())}`,
      )
    return {
      from: entry.from,
      observed: entry.observed,
      value: entry.value === 'repealed' ? null : read(entry.value as Raw, [...at, 'value']),
      source,
      article: entry.article,
      place: { file: file.file, line: file.lineOf(at) },
    }
  })
  return { rule, entries }
}

function meant(word: string, words: Iterable<string>): string {
  const found = nearest(word, words)
  return found === undefined ? '' : `; did you mean ${found}?`
}

/** The position in `entries` of the entry whose days include `on`, or -1 before the first. */
export function editionOn<T>({ entries }: Dated<T>, on: PlainDate): number {
  return entries.findLastIndex((e) => e.from === 'unknown' || e.from <= on)
}

/**
 * The entry of `rule` in force on `on`.
 *
 * Before the first entry this is an error and never a guess: a bill settled under a rule that did not
 * exist yet is wrong money, silently. A repealed rule answers with its repeal (`value: null`).
 */
export function inForce<T>(
  dated: Dated<T>,
  on: PlainDate,
  { allowUndated }: { allowUndated: boolean },
): Result<Entry<T>, RuleRefusal> {
  const entry = dated.entries[editionOn(dated, on)]
  const { rule } = dated
  if (!entry) return err({ code: 'rule_not_in_force', rule, on } as const)
  if (entry.from === 'unknown' && !allowUndated)
    return err({ code: 'rule_undated', rule, on, observed: entry.observed as PlainDate } as const)
  return ok(entry)
}
