import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { api, type CoinsuranceMonths as Months } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'

/** 月结分摊: the months that were shared, and the one that comes next. */
export function CoinsuranceMonths({
  panel,
  months: { months, next },
}: {
  readonly panel: string
  readonly months: Months
}) {
  const { say } = useLanguage()
  const closes = useMay('coinsurance close')
  const client = useQueryClient()
  const close = useCommand(api.closeCoinsuranceMonth, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = (month: string) =>
    setAct({
      title: say('shareClose', { month }),
      ok: say('shareClose', { month }),
      note: say('shareCloseNote', { month }),
      fields: [],
      send: () => close.mutateAsync({ of: panel, month }),
    })
  return (
    <Section
      title={say('shareMonths')}
      note={say('shareMonthsNote')}
      actions={
        closes &&
        next?.over && (
          <Button onClick={() => start(next.month)}>
            {say('shareClose', { month: next.month })}…
          </Button>
        )
      }
    >
      <DataTable
        caption={say('shareMonths')}
        cards
        rows={months.toReversed()}
        rowKey={({ month }) => month}
        empty={say('shareNoMonths')}
        columns={[
          { key: 'month', title: say('shareMonth'), heading: true, cell: ({ month }) => month },
          {
            key: 'moved',
            title: say('shareInMonth'),
            numeric: true,
            cell: ({ claims }) => <Money fen={claims.inMonth} />,
          },
          {
            key: 'year',
            title: say('shareInYear'),
            numeric: true,
            cell: ({ claims }) => <Money fen={claims.inYear} />,
          },
          { key: 'by', title: say('shareClosedBy'), cell: ({ closedBy }) => closedBy },
          {
            key: 'at',
            title: say('shareClosedAt'),
            cell: ({ closedAt }) => closedAt.replace('T', ' ').slice(0, 16),
          },
        ]}
      />
      {!next?.over && (
        <p className="quiet">
          {next ? say('shareNotOver', { month: next.month }) : say('shareAllClosed')}
        </p>
      )}
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
