import { Tag } from 'antd'
import type { DraftRow } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'

export function DraftState({ draft }: { readonly draft: Pick<DraftRow, 'state'> }) {
  const { say } = useLanguage()
  return draft.state === 'published' ? (
    <Tag className="state state-settled">{say('draftPublished')}</Tag>
  ) : (
    <Tag className="state state-open">{say('draftOpen')}</Tag>
  )
}
