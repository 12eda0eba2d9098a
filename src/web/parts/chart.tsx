import { BarChart, CustomChart, LineChart, SankeyChart } from 'echarts/charts'
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use as register } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

register([
  BarChart,
  CustomChart,
  LineChart,
  SankeyChart,
  AriaComponent,
  GridComponent,
  TooltipComponent,
  SVGRenderer,
])

export const FONT = "'Noto Sans SC', sans-serif"

type Props = {
  readonly option: EChartsCoreOption
  /** What the chart shows, in words; the table beside it has every figure. */
  readonly label: string
  readonly height: number
  /** Called with the name of what was clicked. */
  readonly onPick?: (name: string) => void
}

/** One chart, drawn as SVG, resized with its box. */
export default function Chart({ option, label, height, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const pick = useRef(onPick)
  useEffect(() => {
    pick.current = onPick
  }, [onPick])
  useEffect(() => {
    if (!box.current) return
    const chart = init(box.current, null, { renderer: 'svg' })
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    chart.setOption({
      textStyle: { fontFamily: FONT },
      animation: !calm,
      animationDuration: 400,
      aria: { enabled: true, label: { enabled: true, description: label } },
      ...option,
    })
    chart.on('click', ({ name }) => pick.current?.(name))
    const watcher = new ResizeObserver(() => chart.resize())
    watcher.observe(box.current)
    return () => {
      watcher.disconnect()
      chart.dispose()
    }
  }, [option, label])
  return <div ref={box} role="img" aria-label={label} style={{ height }} />
}
