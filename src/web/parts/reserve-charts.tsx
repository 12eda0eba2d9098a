import { lazy, Suspense, useMemo } from 'react'
import type { Estimate, Triangle } from '#domains/reserves/types.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

const CLAIMED = '#0f5f6b'
const COMING = '#c2541b'

/** How what care of each month costs has grown with the months that passed. */
export function Development({
  triangle: { rows },
  estimate: { factors },
}: {
  readonly triangle: Triangle
  readonly estimate: Estimate
}) {
  const { say } = useLanguage()
  const ages = rows[0]?.sums.map((_, age) => age) ?? []
  const option = useMemo(
    () => ({
      tooltip: {
        trigger: 'item',
        formatter: ({ seriesName, name, value }: Record<string, string | number>) =>
          `${seriesName} · ${name}<br><b>${money(Math.round(Number(value) * 100))}</b>`,
      },
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: 'category', data: ages.map((age) => say('reserveAge', { age: String(age) })) },
      yAxis: { type: 'value' },
      series: rows.map(({ care, sums }, i) => ({
        name: care,
        type: 'line',
        showSymbol: sums.length === 1,
        data: sums.map((fen) => fen / 100),
        // The newer, the darker.
        lineStyle: { color: CLAIMED, opacity: 0.25 + (0.75 * (i + 1)) / rows.length, width: 2 },
        itemStyle: { color: CLAIMED },
      })),
    }),
    [rows, ages, say],
  )
  const last = rows.map(({ care, sums }) => `${care} ${money(sums.at(-1) ?? 0)}`)
  return (
    <ChartOrTable
      title={say('reserveTriangle')}
      note={say('reserveTriangleNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={last.join(say('listComma'))} height={280} />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('reserveTriangle')}
          rows={[
            ...rows,
            {
              care: say('reserveFactor'),
              sums: undefined,
            },
          ]}
          rowKey={({ care }) => care}
          columns={[
            { key: 'care', title: say('reserveCare'), heading: true, cell: ({ care }) => care },
            ...ages.map((age) => ({
              key: String(age),
              title: say('reserveAge', { age: String(age) }),
              numeric: true,
              cell: ({ sums }: { readonly sums: readonly number[] | undefined }) => {
                if (sums === undefined) {
                  const factor = factors.find((each) => each.age === age - 1)
                  return factor ? (factor.to / factor.from).toFixed(4) : ''
                }
                const sum = sums[age]
                return sum === undefined ? '' : <Money fen={sum} />
              },
            })),
          ]}
        />
      }
    />
  )
}

/** What was claimed for care of each month, and what is still to come. */
export function StillToCome({ estimate: { months } }: { readonly estimate: Estimate }) {
  const { say } = useLanguage()
  const option = useMemo(
    () => ({
      tooltip: {
        trigger: 'axis',
        valueFormatter: (value: number) => money(Math.round(value * 100)),
      },
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: 'category', data: months.map(({ care }) => care) },
      yAxis: { type: 'value' },
      series: [
        {
          name: say('reserveClaimed'),
          type: 'bar',
          stack: 'care',
          data: months.map(({ claimed }) => claimed / 100),
          itemStyle: { color: CLAIMED },
        },
        {
          name: say('reserveIbnr'),
          type: 'bar',
          stack: 'care',
          data: months.map(({ ibnr }) => ibnr / 100),
          itemStyle: { color: COMING, decal: { symbol: 'rect' } },
        },
      ],
    }),
    [months, say],
  )
  const label = months.map(({ care, ibnr }) => `${care} ${money(ibnr)}`).join(say('listComma'))
  return (
    <ChartOrTable
      title={say('reserveMonths')}
      note={say('reserveMonthsNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart
            option={option}
            label={`${say('reserveIbnr')}${say('colon')}${label}`}
            height={260}
          />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('reserveMonths')}
          cards
          rows={months}
          rowKey={({ care }) => care}
          columns={[
            { key: 'care', title: say('reserveCare'), heading: true, cell: ({ care }) => care },
            {
              key: 'claimed',
              title: say('reserveClaimed'),
              numeric: true,
              cell: ({ claimed }) => <Money fen={claimed} />,
            },
            {
              key: 'ibnr',
              title: say('reserveIbnr'),
              numeric: true,
              cell: ({ ibnr }) => <Money fen={ibnr} />,
            },
            {
              key: 'ultimate',
              title: say('reserveUltimate'),
              numeric: true,
              cell: ({ ultimate }) => <Money fen={ultimate} />,
            },
          ]}
        />
      }
    />
  )
}
