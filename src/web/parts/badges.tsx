import { Tag } from 'antd'
import type { Badge } from '#domains/settlement/types.ts'
import type { Grade } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'

const BADGE_WORDS = {
  undated: 'badgeUndated',
  'grade-B': 'badgeGradeB',
  'grade-C': 'badgeGradeC',
  'grade-D': 'badgeGradeD',
  invented: 'badgeInvented',
} as const

export const GRADE_WORDS = {
  A: 'gradeA',
  B: 'gradeB',
  C: 'gradeC',
  D: 'gradeD',
  invented: 'gradeInvented',
} as const

/** What an amount rests on, where it is not an official, dated rule. */
export function Badges({ badges }: { readonly badges: readonly Badge[] }) {
  const { say } = useLanguage()
  return badges.map((badge) => (
    <Tag key={badge} className={`badge badge-${badge}`}>
      {say(BADGE_WORDS[badge])}
    </Tag>
  ))
}

export function GradeTag({ grade }: { readonly grade: Grade }) {
  const { say } = useLanguage()
  const name = grade === 'invented' ? 'invented' : grade === 'A' ? 'grade-A' : `grade-${grade}`
  return <Tag className={`badge badge-${name}`}>{say(GRADE_WORDS[grade])}</Tag>
}

/** Every figure of a teaching city is invented, and says so wherever it is shown. */
export function TeachingTag() {
  const { say } = useLanguage()
  return <Tag className="badge badge-invented">{say('teaching')}</Tag>
}
