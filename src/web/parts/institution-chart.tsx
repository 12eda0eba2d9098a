import { addDays, type PlainDate } from '#base/plain-date.ts'
import type { Institution } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Timeline, type TimelineLane } from '#web/parts/timeline.tsx'
import { useAnswers } from '#web/parts/use-book.ts'

const MOST_DRAWN = 6

/** Levels and agreements through time. The chart draws the first few institutions, the table has them all. */
export function InstitutionChart({
  institutions,
}: {
  readonly institutions: readonly Institution[]
}) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const lanesOf = ({ name, levels, agreements }: Institution): TimelineLane[] => [
    {
      title: `${name} · ${say('institutionLevel')}`,
      spans: levels.map(({ from, level, document }, i) => {
        // A level holds until the next one begins.
        const next = levels[i + 1]
        const until = next ? addDays(next.from as PlainDate, -1) : null
        return { kind: 'level', from, until, label: answer('level', level), document }
      }),
    },
    // Agreements of two kinds may hold at once: each kind has a lane.
    ...[...new Set(agreements.map(({ kind }) => kind))].map(
      (of): TimelineLane => ({
        title: `${name} · ${say('agreement')}`,
        spans: agreements
          .filter(({ kind }) => kind === of)
          .map(({ from, until, document }) => ({
            kind: 'agreement',
            from,
            until,
            label: of,
            document,
          })),
      }),
    ),
  ]
  const shown = (all: readonly Institution[]) =>
    all.flatMap(lanesOf).filter(({ spans }) => spans.length > 0)
  const more = institutions.length - MOST_DRAWN
  return (
    <Timeline
      title={say('institutionChart')}
      note={more > 0 ? say('institutionChartMore', { n: MOST_DRAWN }) : say('institutionChartNote')}
      laneTitle={say('institution')}
      lanes={shown(institutions)}
      drawn={shown(institutions.slice(0, MOST_DRAWN))}
    />
  )
}
