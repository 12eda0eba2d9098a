import { Button, Dropdown } from 'antd'
import { useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

/** What can be done to one row: a menu, so that a table stays a table. */
export function RowActs({
  of,
  acts,
}: {
  /** What the row is, for whoever hears the page. */
  readonly of: string
  readonly acts: readonly { readonly word: WordKey; readonly start: () => void }[]
}) {
  const { say } = useLanguage()
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: acts.map(({ word, start }) => ({
          key: word,
          label: `${say(word)}…`,
          onClick: start,
        })),
      }}
    >
      <Button size="small" aria-label={`${say('doSomething')} ${of}`}>
        {say('doSomething')} ▾
      </Button>
    </Dropdown>
  )
}
