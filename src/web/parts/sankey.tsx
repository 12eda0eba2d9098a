import { lazy, Suspense, useMemo } from 'react'
import {
  COMPONENT_TITLES,
  NATIVE_COMPONENTS,
  PAYERS,
  type Payer,
} from '#domains/settlement/types.ts'
import type { SettlementView } from '#web/api.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import {
  COMPONENT_COLOURS,
  PATIENT_COLOUR,
  PAYER_COLOURS,
  TOTAL_COLOUR,
} from '#web/parts/colours.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { useNarrow } from '#web/parts/use-narrow.ts'
import { Waiting } from '#web/parts/waiting.tsx'
import { Amount, useAsk, type Why } from '#web/parts/why.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

type Node = { readonly name: string; readonly colour: string; readonly why: Why }
type Flow = {
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly why: Why
}

/** Where the money of each part of the bill comes from: bill, its parts, then payers and patient. */
export function Sankey({ settlement }: { readonly settlement: SettlementView }) {
  const { lang, say } = useLanguage()
  const { ask } = useAsk()
  const { nodes, flows } = useMemo(() => flowsOf(settlement, lang, say), [settlement, lang, say])
  const narrow = useNarrow()
  const option = useMemo(
    // A phone has room for two columns: what the whole bill is stands above the chart already.
    () => optionOf(...(narrow ? withoutFirst(nodes, flows) : ([nodes, flows] as const)), narrow),
    [nodes, flows, narrow],
  )
  const label = say('sankeyLabel', {
    parts: flows
      .map(({ from, to, amount }) => `${from} → ${to} ${money(amount)}`)
      .join(say('listComma')),
  })
  return (
    <ChartOrTable
      title={say('sankey')}
      note={say('sankeyNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart
            option={option}
            label={label}
            height={Math.max(280, nodes.length * 34)}
            onPick={(picked) => {
              const node = nodes.find(({ name }) => name === picked)
              const flow = flows.find(({ from, to }) => `${from} > ${to}` === picked)
              const why = node?.why ?? flow?.why
              if (why) ask(why)
            }}
          />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('sankey')}
          rows={flows}
          rowKey={({ from, to }) => `${from} ${to}`}
          columns={[
            { key: 'from', title: say('flowFrom'), heading: true, cell: ({ from }) => from },
            { key: 'to', title: say('flowTo'), cell: ({ to }) => to },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount, why, from, to }) => (
                <Amount fen={amount} why={why} label={`${from} → ${to}`} />
              ),
            },
          ]}
        />
      }
    />
  )
}

function flowsOf(settlement: SettlementView, lang: Language, say: Say) {
  const { components, tiers, patient, total } = settlement
  const bill = say('bill')
  const patientName = say('patient')
  const nodes = new Map<string, Node>([
    [bill, { name: bill, colour: TOTAL_COLOUR, why: { of: 'total' } }],
  ])
  const flows: Flow[] = []
  for (const native of NATIVE_COMPONENTS) {
    const part = components[native]
    if (part.total === 0) continue
    const from = COMPONENT_TITLES[native].input[lang]
    const why: Why = { of: 'component', component: native }
    nodes.set(from, { name: from, colour: COMPONENT_COLOURS[native], why })
    flows.push({ from: bill, to: from, amount: part.total, why })
    for (const payer of Object.keys(PAYERS) as Payer[]) {
      const own = tiers.flatMap((tier, i) =>
        tier.payer === payer ? [{ tier: tier.tier, amount: part.paid[i] ?? 0 }] : [],
      )
      const amount = own.reduce((sum, each) => sum + each.amount, 0)
      if (amount === 0) continue
      const to = PAYERS[payer][lang]
      const paying = own.filter((each) => each.amount > 0)
      const [only] = paying
      const whyPaid: Why =
        paying.length === 1 && only ? { of: 'tier', tier: only.tier } : { of: 'funds' }
      nodes.set(to, { name: to, colour: PAYER_COLOURS[payer], why: whyPaid })
      flows.push({ from, to, amount, why: whyPaid })
    }
    if (part.patient > 0)
      flows.push({ from, to: patientName, amount: part.patient, why: { of: 'patient' } })
  }
  if (patient > 0 && total > 0)
    nodes.set(patientName, { name: patientName, colour: PATIENT_COLOUR, why: { of: 'patient' } })
  return { nodes: [...nodes.values()], flows }
}

/** The parts of the bill and who pays for them, without the bill itself. */
function withoutFirst(nodes: readonly Node[], flows: readonly Flow[]) {
  const [first, ...rest] = nodes
  return [rest, flows.filter(({ from }) => from !== first?.name)] as const
}

function optionOf(nodes: readonly Node[], flows: readonly Flow[], narrow: boolean) {
  return {
    tooltip: {
      trigger: 'item',
      formatter: ({ name, value }: { name: string; value: number }) =>
        `${name.replace(' > ', ' → ')}<br><b>${money(value)}</b>`,
    },
    series: [
      {
        type: 'sankey',
        left: 4,
        right: narrow ? 4 : 240,
        top: 10,
        bottom: 10,
        nodeGap: narrow ? 22 : 14,
        nodeWidth: 14,
        draggable: false,
        layoutIterations: 32,
        emphasis: { focus: 'adjacency' },
        lineStyle: { color: 'gradient', opacity: 0.28, curveness: 0.5 },
        label: {
          color: '#22343a',
          fontSize: narrow ? 11 : 13,
          formatter: ({ name, value }: { name: string; value: number }) =>
            narrow ? `${name}\n${money(value)}` : `${name}  ${money(value)}`,
        },
        data: nodes.map(({ name, colour }) => ({
          name,
          itemStyle: { color: colour },
          // On a phone there is no room to the right of the last column.
          ...(narrow && flows.every(({ from }) => from !== name)
            ? { label: { position: 'left', align: 'right' } }
            : {}),
        })),
        links: flows.map(({ from, to, amount }) => ({ source: from, target: to, value: amount })),
      },
    ],
  }
}
