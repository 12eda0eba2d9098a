import { money } from '#web/parts/money.ts'

/** A figure of a tooltip that stands in the chart in yuan. */
const ofYuan = (value: number): string => money(Math.round(value * 100))
const ofCount = (value: number): string => value.toLocaleString('en-US')

const GRID = { left: 8, right: 24, bottom: 8, containLabel: true }

export type BarSeries = {
  readonly name: string
  /** In yuan, or persons; a bar may have a colour of its own. */
  readonly data: readonly (number | null | { readonly value: number; readonly itemStyle: object })[]
  readonly color?: string
  /** Bars of one stack stand on one line. */
  readonly stack?: string
}

/** Bars on their side, a row for each name. Names are cut off at a width where one is given. */
export function sideBars(
  names: readonly string[],
  series: readonly BarSeries[],
  { of, width }: { readonly of: 'yuan' | 'persons'; readonly width?: number },
) {
  return {
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      valueFormatter: of === 'yuan' ? ofYuan : ofCount,
    },
    grid: { ...GRID, top: 8 },
    xAxis: {
      type: 'value',
      axisLabel: { hideOverlap: true },
      ...(of === 'persons' ? { minInterval: 1 } : {}),
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      ...(width === undefined ? {} : { axisLabel: { width, overflow: 'truncate' } }),
    },
    series: series.map(({ color, ...rest }) => ({
      ...{ ...rest, type: 'bar' },
      ...(color === undefined ? {} : { itemStyle: { color } }),
    })),
  }
}

/** A line told apart by its stroke as well as by its colour. */
export const stroke = (
  name: string,
  data: readonly (number | readonly number[])[],
  color: string,
  type: 'solid' | 'dashed' | 'dotted',
) => ({
  ...{ name, type: 'line', data },
  lineStyle: { color, type, width: 2 },
  itemStyle: { color },
})

/** Amounts in yuan over a row of named values. `scale` lets the axis begin above zero. */
export const amountLines = (
  names: readonly string[],
  series: readonly ReturnType<typeof stroke>[],
  { scale = false }: { readonly scale?: boolean } = {},
) => ({
  tooltip: { trigger: 'axis', valueFormatter: ofYuan },
  grid: { ...GRID, top: 16 },
  xAxis: { type: 'category', data: names },
  yAxis: { type: 'value', scale },
  series,
})

/** Lines over hundredths of everybody and hundredths of everything. */
export const shareLines = (series: readonly ReturnType<typeof stroke>[]) => {
  const axis = { type: 'value', max: 100, axisLabel: { formatter: '{value}%' } }
  return {
    tooltip: { trigger: 'axis', valueFormatter: (value: number) => `${value.toFixed(2)}%` },
    grid: { ...GRID, top: 16 },
    xAxis: axis,
    yAxis: axis,
    series: series.map((each) => ({ ...each, showSymbol: false })),
  }
}
