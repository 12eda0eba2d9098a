import { lazy, Suspense, useMemo } from 'react'
import { PAYERS } from '#domains/settlement/types.ts'
import type { SettlementView } from '#web/api.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { PATIENT_COLOUR, PAYER_COLOURS, TOTAL_COLOUR } from '#web/parts/colours.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { payersInOrder } from '#web/parts/payers-in-order.ts'
import { stepBars } from '#web/parts/step-bars.ts'
import { Waiting } from '#web/parts/waiting.tsx'
import { Amount, useAsk, type Why } from '#web/parts/why.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

type Step = {
  readonly name: string
  readonly amount: number
  /** What is still unpaid after this step. */
  readonly left: number
  readonly colour: string
  readonly why: Why
}

/** From the bill down to the patient: what each payer takes off, and what is left. */
export function Waterfall({ settlement }: { readonly settlement: SettlementView }) {
  const { lang, say } = useLanguage()
  const { ask } = useAsk()
  const steps = useMemo(() => stepsOf(settlement, lang, say), [settlement, lang, say])
  const option = useMemo(() => optionOf(steps), [steps])
  const label = say('waterfallLabel', {
    total: money(settlement.total),
    parts: steps
      .slice(1)
      .map(({ name, amount }) => `${name} ${money(amount)}`)
      .join(say('listComma')),
  })
  return (
    <ChartOrTable
      title={say('waterfall')}
      note={say('waterfallNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart
            option={option}
            label={label}
            height={steps.length * 44 + 12}
            onPick={(picked) => {
              const step = steps.find(({ name }) => name === picked)
              if (step) ask(step.why)
            }}
          />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('waterfall')}
          rows={steps}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', title: say('step'), heading: true, cell: ({ name }) => name },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount, why, name }) => <Amount fen={amount} why={why} label={name} />,
            },
            {
              key: 'left',
              title: say('leftAfter'),
              numeric: true,
              cell: ({ left }) => <Money fen={left} />,
            },
          ]}
        />
      }
    />
  )
}

function stepsOf(settlement: SettlementView, lang: Language, say: Say): Step[] {
  const { total, patient, payers, tiers } = settlement
  let left: number = total
  const paid = payersInOrder(settlement).flatMap((payer): Step[] => {
    const amount = payers[payer] ?? 0
    left -= amount
    const own = tiers.filter((tier) => tier.payer === payer && tier.paid > 0)
    const [only] = own
    const why: Why = own.length === 1 && only ? { of: 'tier', tier: only.tier } : { of: 'funds' }
    return [{ name: PAYERS[payer][lang], amount, left, colour: PAYER_COLOURS[payer], why }]
  })
  return [
    { name: say('total'), amount: total, left: total, colour: TOTAL_COLOUR, why: { of: 'total' } },
    ...paid,
    {
      name: say('patient'),
      amount: patient,
      left: 0,
      colour: PATIENT_COLOUR,
      why: { of: 'patient' },
    },
  ]
}

function optionOf(steps: readonly Step[]) {
  const last = steps.length - 1
  return stepBars(
    steps.map(({ left, ...step }, i) => ({
      ...step,
      start: i === 0 || i === last ? 0 : left,
      minus: i > 0 && i < last,
    })),
    { width: 22, right: 96, clickable: true },
  )
}
