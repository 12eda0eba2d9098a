import { money } from '#web/parts/money.ts'

/** A bar that hangs where the one before it ended: from `start` on, as long as `amount`, both in fen. */
export type StepBar = {
  readonly name: string
  readonly start: number
  readonly amount: number
  readonly colour: string
  /** Whether it takes away from what stands above it. */
  readonly minus: boolean
}

/**
 * Steps from one amount to another, drawn one below the other. Bars lie on their side: names are long, and a phone is
 * narrow.
 */
export function stepBars(
  steps: readonly StepBar[],
  { width, right, clickable }: Record<'width' | 'right', number> & { readonly clickable: boolean },
) {
  return {
    grid: { left: 8, right, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'item',
      formatter: ({ name, dataIndex }: { name: string; dataIndex: number }) =>
        `${name}<br><b>${money(steps[dataIndex]?.amount ?? 0)}</b>`,
    },
    xAxis: {
      type: 'value',
      max: Math.max(1, ...steps.map(({ start, amount }) => start + amount)),
      show: false,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: steps.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: '#22343a', fontSize: 13, width: 128, overflow: 'break' },
    },
    series: [
      {
        type: 'bar',
        stack: 'steps',
        silent: true,
        itemStyle: { color: 'transparent' },
        data: steps.map(({ start }) => start),
      },
      {
        type: 'bar',
        stack: 'steps',
        barWidth: width,
        barMinHeight: 2,
        ...(clickable ? { cursor: 'pointer' } : {}),
        data: steps.map(({ amount, colour }) => ({ value: amount, itemStyle: { color: colour } })),
        label: {
          show: true,
          position: 'right',
          color: '#22343a',
          fontSize: 13,
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            `${steps[dataIndex]?.minus ? '−' : ''}${money(steps[dataIndex]?.amount ?? 0)}`,
        },
      },
    ],
  }
}
