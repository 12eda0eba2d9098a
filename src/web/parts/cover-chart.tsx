import { useMemo } from 'react'
import type { Book, EnrolmentFile } from '#web/api.ts'
import { type Lane, lanesOf, type Span } from '#web/parts/cover-lanes.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Timeline } from '#web/parts/timeline.tsx'
import { useAnswers, useSchemeTitle } from '#web/parts/use-book.ts'
import type { WordKey } from '#web/words.ts'

const LANES: Readonly<Record<Lane['of'], WordKey | undefined>> = {
  scheme: undefined,
  attribute: undefined,
  conditions: 'conditions',
  registrations: 'registrations',
  certificates: 'certificates',
  sites: 'sites',
}
/** The words by which the labels of a lane are named. */
const ANSWERS: Partial<Record<Span['kind'], string>> = {
  cover: 'class',
  registration: 'remote',
  certificate: 'disease',
}

/** Who covered a person when, and what else decided their bills. */
export function CoverChart({
  file,
  book,
}: {
  readonly file: EnrolmentFile
  readonly book: Book | undefined
}) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const schemeTitle = useSchemeTitle(book)
  const lanes = useMemo(() => lanesOf(file), [file])
  const titleOf = ({ of, name }: Lane): string => {
    const word = LANES[of]
    if (word) return say(word)
    if (of === 'scheme') return schemeTitle(name)
    return book?.vocabulary.find((each) => each.name === name)?.title[lang] ?? name
  }
  const titled = lanes.map((lane) => ({
    title: titleOf(lane),
    spans: lane.spans.map((span) => {
      const attribute = ANSWERS[span.kind] ?? (lane.of === 'attribute' ? lane.name : undefined)
      return { ...span, label: attribute ? answer(attribute, span.label) : span.label }
    }),
  }))
  return (
    <Timeline
      title={say('coverChart')}
      note={say('coverChartNote')}
      laneTitle={say('coverLane')}
      lanes={titled}
    />
  )
}
