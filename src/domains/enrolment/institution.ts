import type { PlainDate } from '#base/plain-date.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import type { Institution } from './types.ts'

/** The level that held on a day; undefined before the first that is known. */
export const levelOn = ({ levels }: Institution, on: PlainDate): string | undefined =>
  levels.toSorted((a, b) => (a.from < b.from ? -1 : 1)).findLast(({ from }) => from <= on)?.level

/** The agreements that held on a day. */
export const agreementsOn = ({ agreements }: Institution, on: PlainDate): string[] =>
  agreements
    .filter(({ from, until }) => from <= on && on <= (until ?? '9999-12-31'))
    .map(({ kind }) => kind)

/** The levels that the rules know. */
export function levelAnswers(vocabulary: Vocabulary): readonly string[] {
  const answers = vocabulary.get('level')?.answers
  return typeof answers === 'object' ? Object.keys(answers) : []
}
