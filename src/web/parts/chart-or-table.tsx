import { Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'

/** A chart and its twin: the same figures as a table, for whoever reads them better there. */
export function ChartOrTable({
  title,
  note,
  chart,
  table,
}: {
  readonly title: string
  readonly note: string
  readonly chart: ReactNode
  readonly table: ReactNode
}) {
  const { say } = useLanguage()
  const [shown, setShown] = useState<'chart' | 'table'>('chart')
  return (
    <Section
      title={title}
      note={note}
      actions={
        <Segmented
          aria-label={say('showAs', { title })}
          value={shown}
          onChange={setShown}
          options={[
            { value: 'chart', label: say('asChart') },
            { value: 'table', label: say('asTable') },
          ]}
        />
      }
    >
      {shown === 'chart' ? chart : table}
    </Section>
  )
}
