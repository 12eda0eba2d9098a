import { lazy, Suspense, useMemo } from 'react'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import type { SpanKind } from '#web/parts/cover-lanes.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Waiting } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

export type TimelineKind = SpanKind | 'level' | 'agreement'
export type TimelineSpan = {
  readonly kind: TimelineKind
  readonly from: string
  readonly until: string | null
  /** What stands in the bar, in the reader's language. */
  readonly label: string
  /** What it rests on; the table says it. */
  readonly document?: string
}
export type TimelineLane = { readonly title: string; readonly spans: readonly TimelineSpan[] }

/** What each stretch is called and looks like: colour is never the only sign, for each is outlined its own way. */
const LOOKS: Readonly<
  Record<
    TimelineKind,
    {
      readonly word: WordKey
      readonly fill: string
      readonly line: string
      readonly text: string
      readonly dash?: readonly number[]
    }
  >
> = {
  cover: { word: 'spanCover', fill: '#0f5f6b', line: '#0f5f6b', text: '#ffffff' },
  wait: { word: 'spanWait', fill: '#d5e6e8', line: '#0f5f6b', text: '#1b2a2f', dash: [2, 2] },
  gap: { word: 'spanGap', fill: '#ffffff', line: '#a8430f', text: '#a8430f', dash: [5, 4] },
  repair: { word: 'spanRepair', fill: '#fdf5e2', line: '#9a5b00', text: '#6b3f00' },
  status: { word: 'spanStatus', fill: '#5b4bb5', line: '#5b4bb5', text: '#ffffff' },
  condition: { word: 'spanCondition', fill: '#fbf0e9', line: '#a8430f', text: '#7c3a0c' },
  registration: { word: 'spanRegistration', fill: '#2557a7', line: '#2557a7', text: '#ffffff' },
  certificate: { word: 'spanCertificate', fill: '#2f7d46', line: '#2f7d46', text: '#ffffff' },
  site: { word: 'spanSite', fill: '#8a5a24', line: '#8a5a24', text: '#ffffff' },
  level: { word: 'institutionLevel', fill: '#0f5f6b', line: '#0f5f6b', text: '#ffffff' },
  agreement: { word: 'agreement', fill: '#e7f0f1', line: '#0f5f6b', text: '#1b2a2f' },
}
const LANE_HEIGHT = 48
const DAY_MS = 86_400_000

/** What held from when to when, a lane for each thing, and the same as a table. */
export function Timeline({
  title,
  note,
  laneTitle,
  lanes,
  drawn = lanes,
}: {
  readonly title: string
  readonly note: string
  /** What a lane is, above the names of the lanes in the table. */
  readonly laneTitle: string
  readonly lanes: readonly TimelineLane[]
  /** The lanes that the chart shows, where there are too many to draw. */
  readonly drawn?: readonly TimelineLane[]
}) {
  const { say } = useLanguage()
  const rows = lanes.flatMap((lane) =>
    lane.spans
      .toSorted((a, b) => (a.from < b.from ? -1 : 1))
      .map((span) => ({ lane: lane.title, span })),
  )
  const option = useMemo(
    () =>
      optionOf(drawn, {
        open: say('goesOn'),
        wordOf: (kind) => say(LOOKS[kind].word),
      }),
    [drawn, say],
  )
  if (rows.length === 0) return null
  const kinds = [...new Set(rows.map(({ span }) => span.kind))]
  const documented = rows.some(({ span }) => span.document !== undefined)
  const label = say('timelineLabel', {
    title,
    parts: drawn
      .flatMap((lane) =>
        lane.spans.map(
          (span) => `${lane.title} ${say(LOOKS[span.kind].word)} ${daysOf(span, say('goesOn'))}`,
        ),
      )
      .join(say('listComma')),
  })
  return (
    <ChartOrTable
      title={title}
      note={note}
      chart={
        <>
          <Suspense fallback={<Waiting />}>
            <Chart option={option} label={label} height={drawn.length * LANE_HEIGHT + 44} />
          </Suspense>
          <ul className="share-key">
            {kinds.map((kind) => {
              const { word, fill, line, dash } = LOOKS[kind]
              const border = `2px ${dash ? 'dashed' : 'solid'} ${line}`
              return (
                <li key={kind}>
                  <span className="span-key" style={{ background: fill, border }} aria-hidden />
                  {say(word)}
                </li>
              )
            })}
          </ul>
        </>
      }
      table={
        <DataTable
          caption={title}
          cards
          rows={rows}
          rowKey={({ lane, span }, i) => `${lane} ${span.kind} ${span.from} ${i}`}
          columns={[
            { key: 'lane', title: laneTitle, heading: true, cell: ({ lane }) => lane },
            { key: 'kind', title: say('kind'), cell: ({ span }) => say(LOOKS[span.kind].word) },
            { key: 'label', title: say('value'), cell: ({ span }) => span.label || '—' },
            { key: 'from', title: say('coverFrom'), cell: ({ span }) => span.from },
            { key: 'until', title: say('coverUntil'), cell: ({ span }) => span.until ?? '—' },
            ...(documented
              ? [
                  {
                    key: 'document',
                    title: say('institutionDocument'),
                    cell: ({ span }: { readonly span: TimelineSpan }) => span.document ?? '—',
                  },
                ]
              : []),
          ]}
        />
      }
    />
  )
}

const daysOf = ({ from, until }: Pick<TimelineSpan, 'from' | 'until'>, open: string): string =>
  `${from} – ${until ?? open}`

/** The first instant of a day. The axis counts in UTC, so no zone moves it. */
const instant = (day: string): number => Date.parse(`${day}T00:00:00Z`)

/** What ECharts hands to a custom series while it draws. */
type Drawing = {
  readonly value: (dimension: number) => number
  readonly coord: (point: readonly [number, number]) => [number, number]
}
type Bounds = {
  readonly coordSys: { readonly x: number; readonly y: number; readonly width: number }
}

function optionOf(
  lanes: readonly TimelineLane[],
  words: {
    readonly open: string
    readonly wordOf: (kind: TimelineKind) => string
  },
) {
  const now = Date.now()
  const spans = lanes.flatMap(({ title, spans }, lane) =>
    spans.map((span) => ({ ...span, lane, title })),
  )
  const starts = spans.map(({ from }) => instant(from))
  const ends = spans.flatMap(({ until }) => (until === null ? [] : [instant(until) + DAY_MS]))
  const first = Math.min(now, ...starts)
  const last = Math.max(now, ...ends) + (now - first) / 40
  const data = spans.map(({ lane, from, until }) => [
    lane,
    instant(from),
    until === null ? last : instant(until) + DAY_MS,
  ])
  return {
    useUTC: true,
    grid: { left: 8, right: 12, top: 8, bottom: 28 },
    tooltip: {
      trigger: 'item',
      formatter: ({ dataIndex, seriesIndex }: { dataIndex: number; seriesIndex: number }) => {
        const span = spans[dataIndex]
        if (seriesIndex !== 0 || !span) return ''
        const what = [words.wordOf(span.kind), span.label].filter(Boolean).join(' · ')
        return `${escaped(span.title)}<br><b>${escaped(what)}</b><br>${daysOf(span, words.open)}`
      },
    },
    xAxis: {
      type: 'time',
      min: first,
      max: last,
      splitNumber: 4,
      axisLabel: { color: '#4b5c62', hideOverlap: true },
      splitLine: { show: true, lineStyle: { color: '#eceff0' } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: lanes.map(({ title }) => title),
      axisLabel: { show: false },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    series: [
      {
        type: 'custom',
        encode: { x: [1, 2], y: 0 },
        data,
        renderItem: ({ dataIndex, coordSys }: Bounds & { dataIndex: number }, api: Drawing) => {
          const span = spans[dataIndex]
          if (!span) return undefined
          const [x1, y] = api.coord([api.value(1), api.value(0)])
          const [x2] = api.coord([api.value(2), api.value(0)])
          // A break and a repair have nothing to say but what they are.
          const label = span.label || (span.kind === 'cover' ? '' : words.wordOf(span.kind))
          return bar({ ...span, label }, { x: x1, y, width: Math.max(3, x2 - x1) }, coordSys)
        },
      },
      {
        type: 'custom',
        silent: true,
        encode: { y: 0 },
        data: lanes.map((_, lane) => [lane, first]),
        renderItem: ({ dataIndex, coordSys }: Bounds & { dataIndex: number }, api: Drawing) => {
          const [, y] = api.coord([first, api.value(0)])
          return {
            type: 'text',
            style: {
              x: coordSys.x + 2,
              y: y - LANE_HEIGHT / 2 + 5,
              text: lanes[dataIndex]?.title ?? '',
              fill: '#33444a',
              font: "12px 'Noto Sans SC', sans-serif",
              width: coordSys.width - 8,
              overflow: 'truncate',
            },
          }
        },
      },
      {
        type: 'custom',
        silent: true,
        encode: { x: 1 },
        data: [[0, now]],
        renderItem: ({ coordSys }: Bounds, api: Drawing) => {
          const [x] = api.coord([now, 0])
          const height = lanes.length * LANE_HEIGHT
          return {
            type: 'line',
            shape: { x1: x, y1: coordSys.y, x2: x, y2: coordSys.y + height },
            style: { stroke: '#c2541b', lineDash: [4, 3] },
          }
        },
      },
    ],
  }
}

/** One stretch: a wait is a thin strip under its cover, so that both can be seen. */
function bar(
  { kind, label }: TimelineSpan,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
  bounds: Bounds['coordSys'],
) {
  const { fill, line, text, dash } = LOOKS[kind]
  const thin = kind === 'wait'
  const from = Math.max(x, bounds.x)
  const shown = Math.min(x + width, bounds.x + bounds.width) - from
  return {
    type: 'rect',
    z2: thin ? 2 : 1,
    shape: { x: from, y: thin ? y + 20 : y - 1, width: shown, height: thin ? 6 : 20, r: 2 },
    style: { fill, stroke: line, lineWidth: 1, ...(dash ? { lineDash: dash } : {}) },
    ...(shown > 56 && !thin
      ? {
          textContent: {
            style: {
              text: label,
              fill: text,
              font: "12px 'Noto Sans SC', sans-serif",
              width: shown - 12,
              overflow: 'truncate',
            },
          },
          textConfig: { position: 'insideLeft', distance: 6 },
        }
      : {}),
  }
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)
