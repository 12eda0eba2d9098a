import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { type AccountClass, CHART } from '#domains/ledger/types.ts'
import { api, type LedgerSeries } from '#web/api.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Await, Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

/** What a fund is asked about first: what it owes for care, and what of it is not paid. */
const DRAWN: readonly AccountClass[] = ['claims', 'owed', 'balance', 'due', 'proposed']
const COLOURS = ['#0f5f6b', '#c2541b', '#2f7d46', '#5b4bb5', '#8a5a24']
const LINES = ['solid', 'dashed', 'dotted'] as const

type Days = { readonly from: string; readonly until: string }

/** A fund's accounts day by day, as they were booked by the end of each. */
export function LedgerChart({
  fund,
  name,
  days,
}: {
  readonly fund: string
  readonly name: string
  readonly days: Days
}) {
  const series = useQuery({
    queryKey: ['ledger series', fund, days.from, days.until],
    queryFn: () => api.ledgerSeries({ fund, ...days }),
  })
  return <Await query={series}>{(found) => <Drawn series={found} name={name} />}</Await>
}

function Drawn({ series, name }: { readonly series: LedgerSeries; readonly name: string }) {
  const { lang, say } = useLanguage()
  const shown = useMemo(
    () => DRAWN.flatMap((of) => (series.classes[of] ? [{ of, values: series.classes[of] }] : [])),
    [series],
  )
  const option = useMemo(
    () => ({
      tooltip: {
        trigger: 'axis',
        valueFormatter: (value: number) => money(Math.round(value * 100)),
      },
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: 'category', data: series.days, boundaryGap: false },
      yAxis: { type: 'value' },
      series: shown.map(({ of, values }, i) => ({
        name: CHART[of][lang],
        type: 'line',
        step: 'end',
        showSymbol: false,
        data: values.map((fen) => fen / 100),
        lineStyle: { color: COLOURS[i], type: LINES[i % LINES.length], width: 2 },
        itemStyle: { color: COLOURS[i] },
      })),
    }),
    [series, shown, lang],
  )
  const title = say('ledgerSeries', { fund: name })
  const last = shown
    .map(({ of, values }) => `${CHART[of][lang]} ${money(values.at(-1) ?? 0)}`)
    .join(say('listComma'))
  return (
    <ChartOrTable
      title={title}
      note={say('ledgerSeriesNote', { last })}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={`${title}${say('colon')}${last}`} height={260} />
        </Suspense>
      }
      table={
        <DataTable
          caption={title}
          cards
          rows={series.days.map((day, i) => ({ day, i })).toReversed()}
          rowKey={({ day }) => day}
          columns={[
            { key: 'day', title: say('ledgerBookedOn'), heading: true, cell: ({ day }) => day },
            ...shown.map(({ of, values }) => ({
              key: of,
              title: CHART[of][lang],
              numeric: true,
              cell: ({ i }: { readonly i: number }) => <Money fen={values[i] ?? 0} />,
            })),
          ]}
        />
      }
    />
  )
}
