import { Tag } from 'antd'
import { lazy, Suspense, useMemo } from 'react'
import { Link } from 'react-router'
import { formatRate } from '#base/money.ts'
import { type PairView, WARNINGS, type Warning } from '#domains/crossregion/types.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

/** Two regions by their names, or by their codes where no rule names them. */
export function usePairName(): (
  pair: Pick<PairView, 'insured' | 'treating' | 'insuredName' | 'treatingName'>,
) => string {
  const { lang } = useLanguage()
  return ({ insured, treating, insuredName, treatingName }) => {
    const name = (code: string, title: string) => (title === code ? code : `${title} ${code}`)
    return `${name(insured, insuredName[lang])} → ${name(treating, treatingName[lang])}`
  }
}

const WARNING_BADGES: Readonly<Record<Warning, string>> = {
  none: 'badge',
  normal: 'badge badge-grade-A',
  yellow: 'badge badge-undated',
  red: 'badge badge-grade-C',
}

/** The state of a prepayment: a word first, a colour beside it. */
export function WarningTag({ warning }: { readonly warning: Warning }) {
  const { lang } = useLanguage()
  return <Tag className={WARNING_BADGES[warning]}>{WARNINGS[warning][lang]}</Tag>
}

/** Every two regions that clear, what stands between them and which month is next. */
export function RegionPairs({ pairs }: { readonly pairs: readonly PairView[] }) {
  const { say } = useLanguage()
  const nameOf = usePairName()
  return (
    <Section title={say('regionPairs')} note={say('regionPairsNote')}>
      <DataTable<PairView>
        caption={say('regionPairs')}
        cards
        rows={pairs}
        rowKey={keyOf}
        empty={say('regionNoPairs')}
        columns={[
          {
            key: 'pair',
            title: say('regionPair'),
            heading: true,
            cell: (pair) => (
              <Link to={`/regions/${pair.insured}/${pair.treating}`}>{nameOf(pair)}</Link>
            ),
          },
          {
            key: 'unconfirmed',
            title: say('regionUnconfirmed'),
            numeric: true,
            cell: ({ unconfirmed }) => <Money fen={unconfirmed} />,
          },
          {
            key: 'next',
            title: say('regionNext'),
            cell: ({ next, isOver }) =>
              `${next} · ${say(isOver ? 'regionNextOver' : 'regionNextRuns')}`,
          },
          {
            key: 'warning',
            title: say('regionPrepayment'),
            cell: ({ position }) => <WarningTag warning={position.warning} />,
          },
          {
            key: 'rebase',
            title: say('regionRebase'),
            cell: ({ rebase, terms }) =>
              rebase === null
                ? '—'
                : say('regionRebaseDue', {
                    amount: money(rebase.difference),
                    until: `${rebase.year}-${terms.rebaseUntil}`,
                  }),
          },
        ]}
      />
    </Section>
  )
}

/** How much of each prepayment is used, against the lines at which somebody is warned. */
export function PrepaymentGauge({ pairs }: { readonly pairs: readonly PairView[] }) {
  const { lang, say } = useLanguage()
  const nameOf = usePairName()
  const shown = useMemo(() => pairs.filter(({ position }) => position.usedShare !== null), [pairs])
  const option = useMemo(() => {
    const percent = (share: number) => share / 10_000
    const zone = (name: string, colour: string, of: (pair: PairView) => number) => ({
      name,
      type: 'bar',
      stack: 'zone',
      silent: true,
      barWidth: 30,
      itemStyle: { color: colour },
      data: shown.map((pair) => percent(of(pair))),
    })
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: 'value', min: 0, max: 100, axisLabel: { formatter: '{value}%' } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map(({ insured, treating }) => `${insured} → ${treating}`),
      },
      series: [
        zone(WARNINGS.normal[lang], '#dcebe5', ({ terms }) => terms.yellow),
        zone(WARNINGS.yellow[lang], '#f7e3b5', ({ terms }) => terms.red - terms.yellow),
        zone(WARNINGS.red[lang], '#f4c9bd', ({ terms }) => 1_000_000 - terms.red),
        {
          name: say('regionUsed'),
          type: 'bar',
          barWidth: 12,
          barGap: '-70%',
          itemStyle: { color: '#0f5f6b' },
          data: shown.map(({ position }) => Math.min(100, percent(position.usedShare ?? 0))),
        },
      ],
    }
  }, [shown, lang, say])
  const title = say('regionGauge')
  const words = shown
    .map((pair) => {
      const { usedShare, warning } = pair.position
      return `${nameOf(pair)} ${formatRate(usedShare ?? 0)} ${WARNINGS[warning][lang]}`
    })
    .join(say('listComma'))
  return (
    <ChartOrTable
      title={title}
      note={say('regionGaugeNote', { words })}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart
            option={option}
            label={`${title}${say('colon')}${words}`}
            height={60 + 56 * shown.length}
          />
        </Suspense>
      }
      table={
        <DataTable<PairView>
          caption={title}
          cards
          rows={shown}
          rowKey={keyOf}
          columns={[
            { key: 'pair', title: say('regionPair'), heading: true, cell: nameOf },
            ...(['due', 'paid', 'used', 'left'] as const).map((of) => ({
              key: of,
              title: say(POSITION_WORDS[of]),
              numeric: true,
              cell: ({ position }: PairView) => <Money fen={position[of]} />,
            })),
            {
              key: 'share',
              title: say('regionUsedShare'),
              numeric: true,
              cell: ({ position }) => formatRate(position.usedShare ?? 0),
            },
            {
              key: 'lines',
              title: say('regionLines'),
              numeric: true,
              cell: ({ terms }) => `${formatRate(terms.yellow)} / ${formatRate(terms.red)}`,
            },
            {
              key: 'warning',
              title: say('state'),
              cell: ({ position }) => <WarningTag warning={position.warning} />,
            },
          ]}
        />
      }
    />
  )
}

const POSITION_WORDS = {
  due: 'regionDue',
  paid: 'regionPaid',
  used: 'regionUsed',
  left: 'regionLeft',
} as const

const keyOf = ({ insured, treating }: PairView): string => `${insured} ${treating}`
