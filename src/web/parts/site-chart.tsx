import { lazy, Suspense, useMemo } from 'react'
import type { Site } from '#web/api.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { siteDays } from '#web/parts/site-days.ts'
import { Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

/** How many workers were named on each day, beside how many places the policy has. */
export function SiteChart({ site }: { readonly site: Site }) {
  const { say } = useLanguage()
  const days = useMemo(() => siteDays(site), [site])
  const { headcount, until } = site
  const option = useMemo(
    () => ({
      useUTC: true,
      grid: { left: 36, right: 16, top: 16, bottom: 28 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'time', splitNumber: 4, axisLabel: { hideOverlap: true } },
      yAxis: {
        type: 'value',
        minInterval: 1,
        max: Math.max(headcount ?? 0, ...days.map(({ named }) => named)) + 1,
      },
      series: [
        {
          name: say('workersNamed'),
          type: 'line',
          step: 'end',
          symbol: 'none',
          areaStyle: { color: '#d5e6e8' },
          lineStyle: { color: '#0f5f6b' },
          itemStyle: { color: '#0f5f6b' },
          data: [...days, { from: until, named: days.at(-1)?.named ?? 0 }].map(
            ({ from, named }) => [Date.parse(`${from}T00:00:00Z`), named],
          ),
        },
        ...(headcount === null
          ? []
          : [
              {
                name: say('placesInsured'),
                type: 'line',
                symbol: 'none',
                lineStyle: { color: '#a8430f', type: 'dashed' },
                itemStyle: { color: '#a8430f' },
                data: [site.from, until].map((day) => [Date.parse(`${day}T00:00:00Z`), headcount]),
              },
            ]),
      ],
    }),
    [days, headcount, until, site.from, say],
  )
  const label = say('siteChartLabel', {
    parts: days.map(({ from, named }) => `${from} ${named}`).join(say('listComma')),
  })
  return (
    <ChartOrTable
      title={say('siteChart')}
      note={say('siteChartNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={label} height={220} />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('siteChart')}
          cards
          rows={days}
          rowKey={({ from }) => from}
          columns={[
            { key: 'from', title: say('coverFrom'), heading: true, cell: ({ from }) => from },
            {
              key: 'named',
              title: say('workersNamed'),
              numeric: true,
              cell: ({ named }) => named,
            },
            {
              key: 'places',
              title: say('placesInsured'),
              numeric: true,
              cell: () => headcount ?? '—',
            },
          ]}
        />
      }
    />
  )
}
