import { lazy, Suspense, useMemo } from 'react'
import type { MonthResult } from '#domains/monthend/types.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Waiting } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

const ADDS = '#0f5f6b'
const TAKES = '#c2541b'
const SUM = '#3d4a52'

/** The lines of a month in their order, each with its sign: they add up to what is payable. */
export const linesOf = (result: MonthResult): readonly (readonly [WordKey, number])[] => [
  ['monthOpening', result.opening],
  ['monthClaims', result.claims],
  ['monthDeducted', 0 - result.deducted],
  ['monthAdvanced', result.advanced],
  ['monthYearEnd', result.yearEnd],
  ['monthPaid', 0 - result.paid],
  ['monthDeposit', 0 - result.deposit],
  ['monthOffset', 0 - result.offset],
]

/** How what is payable comes about: what adds to it, what takes from it. */
export function MonthLines({ result }: { readonly result: MonthResult }) {
  const { say } = useLanguage()
  const rows = useMemo(
    () =>
      [...linesOf(result), ['monthPayable', result.payable] as const].map(([word, amount]) => ({
        name: say(word),
        amount,
        colour: word === 'monthPayable' ? SUM : amount < 0 ? TAKES : ADDS,
      })),
    [result, say],
  )
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 24, top: 4, bottom: 4, containLabel: true },
      tooltip: {
        trigger: 'item',
        formatter: ({ name, dataIndex }: { name: string; dataIndex: number }) =>
          `${name}<br><b>${money(rows[dataIndex]?.amount ?? 0)}</b>`,
      },
      xAxis: { type: 'value', axisLabel: { show: false }, boundaryGap: ['12%', '12%'] },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ name }) => name),
        axisTick: { show: false },
        axisLabel: { color: '#22343a', fontSize: 13, width: 110, overflow: 'break' },
      },
      series: [
        {
          type: 'bar',
          barWidth: 20,
          data: rows.map(({ amount, colour }) => ({
            value: amount / 100,
            itemStyle: { color: colour },
          })),
          // On the right of the axis also where a bar points left: there the names are.
          label: {
            show: true,
            position: 'right',
            color: '#22343a',
            fontSize: 13,
            formatter: ({ dataIndex }: { dataIndex: number }) =>
              money(rows[dataIndex]?.amount ?? 0),
          },
        },
      ],
    }),
    [rows],
  )
  const label = rows.map(({ name, amount }) => `${name} ${money(amount)}`).join(say('listComma'))
  return (
    <ChartOrTable
      title={say('monthLines')}
      note={say('monthLinesNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={label} height={rows.length * 40 + 12} />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('monthLines')}
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', title: say('monthLine'), heading: true, cell: ({ name }) => name },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => <Money fen={amount} />,
            },
          ]}
        />
      }
    />
  )
}
