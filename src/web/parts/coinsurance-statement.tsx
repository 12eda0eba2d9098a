import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { formatRate } from '#base/money.ts'
import { api, type CoinsuranceStatement, type OfCoinsuranceStatement } from '#web/api.ts'
import { GRADE_WORDS } from '#web/parts/badges.tsx'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { Await, Waiting } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

/** What is drawn of each insurer, in colours that differ in lightness as well. */
const DRAWN = [
  { key: 'shareClaimsOf', of: (line: Line) => line.claims.inYear, colour: '#0f5f6b' },
  { key: 'sharePaid', of: (line: Line) => line.paid.inYear, colour: '#e0a458' },
  { key: 'shareClosing', of: (line: Line) => line.closing, colour: '#c2541b' },
] as const

type Line = CoinsuranceStatement['insurers'][number]

/** 对账单: what a panel came to by the end of a month, for all of its insurers or one of them. */
export function CoinsuranceStatementView({
  panel,
  asked,
}: {
  readonly panel: string
  readonly asked: OfCoinsuranceStatement
}) {
  const statement = useQuery({
    queryKey: ['coinsurance statement', panel, asked],
    queryFn: () => api.coinsuranceStatement(panel, asked),
  })
  return (
    <Await query={statement}>
      {(found) => <Shown statement={found} insurer={asked.insurer} />}
    </Await>
  )
}

function Shown({
  statement,
  insurer,
}: {
  readonly statement: CoinsuranceStatement
  readonly insurer: string
}) {
  const { lang, say } = useLanguage()
  const { panel, product, month, enrolled, premium, claims, lossRatio, insurers, asOf } = statement
  const own = insurer === '' ? undefined : insurers[0]
  const facts: readonly (readonly [string, string])[] = [
    [say('shareLead'), `${panel.leadName} (${panel.lead})`],
    ...(own ? [[say('shareInsurer'), `${own.name} ${formatRate(own.share)}`] as const] : []),
    [say('shareInsured'), enrolled.insured.toLocaleString('en-US')],
    [say('shareEverInsured'), enrolled.everInsured.toLocaleString('en-US')],
    [
      say('sharePreexisting'),
      `${enrolled.preexisting.toLocaleString('en-US')}${enrolled.everInsured > 0 ? ` (${percent(Math.round((enrolled.preexisting / enrolled.everInsured) * 1_000_000))})` : ''}`,
    ],
    [say('sharePremium'), money(premium)],
    ...(own ? [[say('shareOwnPremium'), money(own.premium)] as const] : []),
    [say('shareClaims'), money(claims.inYear)],
    [say('shareLossRatio'), lossRatio === undefined ? '—' : percent(lossRatio)],
    [say('shareSource'), `${panel.source} · ${say(GRADE_WORDS[panel.grade])}`],
  ]
  const of = { month, insurer }
  return (
    <>
      <Section
        title={`${product[lang]} · ${month}`}
        note={`${say('shareAsOf', { day: asOf })}${panel.grade === 'invented' ? ` ${say('shareInvented')}` : ''}`}
        actions={
          <>
            <a href={api.coinsuranceAddress(panel.id, of, 'csv')}>{say('shareCsv')}</a>
            <a href={api.coinsuranceAddress(panel.id, of, 'pdf')} target="_blank" rel="noreferrer">
              {say('sharePdf')}
            </a>
          </>
        }
      >
        <dl className="facts">
          {facts.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {own ? <Account line={own} statement={statement} /> : <Insurers statement={statement} />}
      <Section title={say('shareLiabilities')}>
        <DataTable
          caption={say('shareLiabilities')}
          cards
          rows={[
            ...statement.liabilities.map((each) => ({ ...each, name: each.title[lang] })),
            { rule: '', name: say('sum'), ...claims },
          ]}
          rowKey={({ rule }) => rule}
          columns={[
            {
              key: 'rule',
              title: say('shareLiability'),
              heading: true,
              cell: ({ name }) => name,
            },
            {
              key: 'month',
              title: say('shareInMonth'),
              numeric: true,
              cell: ({ inMonth }) => <Money fen={inMonth} />,
            },
            {
              key: 'year',
              title: say('shareInYear'),
              numeric: true,
              cell: ({ inYear }) => <Money fen={inYear} />,
            },
          ]}
        />
      </Section>
    </>
  )
}

/** Every insurer's share of the claims, what it paid, and what it owed: drawn, and as a table. */
function Insurers({
  statement: { insurers, claims },
}: {
  readonly statement: CoinsuranceStatement
}) {
  const { say } = useLanguage()
  const others = insurers.filter(({ leads }) => !leads)
  const sum = (of: (line: Line) => number, lines = insurers) =>
    lines.reduce((all, line) => all + of(line), 0)
  const title = say('shareInsurers')
  const note = say('shareInsurersNote', {
    claims: money(claims.inYear),
    paid: money(sum((line) => line.paid.inYear)),
    closing: money(sum((line) => line.closing)),
  })
  return (
    <Bars
      title={title}
      note={note}
      names={insurers.map(({ insurer }) => insurer)}
      series={DRAWN.map((each) => ({ ...each, values: insurers.map(each.of) }))}
      table={
        <DataTable<Line>
          caption={title}
          cards
          rows={insurers}
          rowKey={({ insurer }) => insurer}
          columns={[
            {
              key: 'insurer',
              title: say('shareInsurer'),
              heading: true,
              cell: ({ insurer, name, leads }) =>
                `${insurer} ${leads ? say('shareLeads', { name }) : name}`,
            },
            {
              key: 'share',
              title: say('shareShare'),
              numeric: true,
              cell: ({ share }) => formatRate(share),
            },
            {
              key: 'premium',
              title: say('sharePremiumOf'),
              numeric: true,
              cell: ({ premium }) => <Money fen={premium} />,
            },
            {
              key: 'claims',
              title: say('shareClaimsOf'),
              numeric: true,
              cell: (line) => <Money fen={line.claims.inYear} />,
            },
            {
              key: 'paid',
              title: say('sharePaid'),
              numeric: true,
              cell: ({ leads, paid }) => (leads ? '—' : <Money fen={paid.inYear} />),
            },
            {
              key: 'closing',
              title: say('shareClosing'),
              numeric: true,
              cell: ({ leads, closing }) => (leads ? '—' : <Money fen={closing} />),
            },
            {
              key: 'owes',
              title: say('shareOwes'),
              numeric: true,
              cell: ({ leads, owes }) => (leads ? '—' : <Money fen={owes} />),
            },
          ]}
          footer={
            <tr>
              <th scope="row">{say('sum')}</th>
              <td className="numeric" data-name={say('shareShare')}>
                {formatRate(sum(({ share }) => share))}
              </td>
              {[
                ['sharePremiumOf', sum(({ premium }) => premium)] as const,
                ['shareClaimsOf', sum((line) => line.claims.inYear)] as const,
                ['sharePaid', sum((line) => line.paid.inYear, others)] as const,
                ['shareClosing', sum((line) => line.closing, others)] as const,
                ['shareOwes', sum((line) => line.owes, others)] as const,
              ].map(([key, fen]) => (
                <td key={key} className="numeric" data-name={say(key)}>
                  <Money fen={fen} />
                </td>
              ))}
            </tr>
          }
        />
      }
    />
  )
}

/** What one insurer and the lead have between them: from what was owed to what is owed, and month by month. */
function Account({
  line,
  statement: { account },
}: {
  readonly line: Line
  readonly statement: CoinsuranceStatement
}) {
  const { say } = useLanguage()
  const { name, leads, opening, claims, paid, closing, owes } = line
  const rows = leads
    ? [{ key: 'shareKept' as const, inMonth: claims.inMonth, inYear: claims.inYear }]
    : [
        { key: 'shareOpening' as const, inMonth: opening },
        { key: 'sharePlus' as const, ...claims },
        { key: 'shareMinus' as const, ...paid },
        { key: 'shareEnd' as const, inMonth: closing, inYear: closing },
        { key: 'shareOwes' as const, inYear: owes },
      ]
  const title = say('shareAccount', { name })
  return (
    <>
      <Section title={title} note={say('shareAccountNote')}>
        <DataTable<{ key: (typeof rows)[number]['key']; inMonth?: number; inYear?: number }>
          caption={title}
          cards
          rows={rows}
          rowKey={({ key }) => key}
          columns={[
            { key: 'item', title: say('shareItem'), heading: true, cell: ({ key }) => say(key) },
            {
              key: 'month',
              title: say('shareInMonth'),
              numeric: true,
              cell: ({ inMonth }) => (inMonth === undefined ? '' : <Money fen={inMonth} />),
            },
            {
              key: 'year',
              title: say('shareInYear'),
              numeric: true,
              cell: ({ inYear }) => (inYear === undefined ? '' : <Money fen={inYear} />),
            },
          ]}
        />
      </Section>
      <Bars
        title={say('shareByMonth')}
        note={say('shareByMonthNote', { closing: money(closing) })}
        names={account.map(({ month }) => month)}
        series={[
          { ...DRAWN[0], values: account.map((each) => each.claims) },
          { ...DRAWN[1], values: account.map((each) => each.paid) },
          { ...DRAWN[2], values: account.map((each) => each.closing) },
        ]}
        table={
          <DataTable
            caption={say('shareByMonth')}
            cards
            rows={account.toReversed()}
            rowKey={({ month }) => month}
            columns={[
              { key: 'month', title: say('shareMonth'), heading: true, cell: ({ month }) => month },
              ...(
                [
                  ['opening', 'shareBegin'],
                  ['claims', 'shareClaimsOf'],
                  ['paid', 'sharePaid'],
                  ['closing', 'shareClosing'],
                ] as const
              ).map(([key, word]) => ({
                key,
                title: say(word),
                numeric: true,
                cell: (row: (typeof account)[number]) => <Money fen={row[key]} />,
              })),
            ]}
          />
        }
      />
    </>
  )
}

/** Bars of amounts in fen, a group for each name, with what their colours mean and a table in their place. */
function Bars({
  title,
  note,
  names,
  series,
  table,
}: {
  readonly title: string
  readonly note: string
  readonly names: readonly string[]
  readonly series: readonly {
    readonly key: WordKey
    readonly colour: string
    readonly values: readonly number[]
  }[]
  readonly table: ReactNode
}) {
  const { say } = useLanguage()
  const height = 60 + 32 * names.length
  const option = {
    tooltip: {
      trigger: 'axis',
      valueFormatter: (value: number) => money(Math.round(value * 100)),
    },
    grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: 'value' },
    yAxis: { type: 'category', inverse: true, data: names },
    series: series.map(({ key, colour, values }) => ({
      name: say(key),
      type: 'bar',
      barGap: '10%',
      barMaxWidth: 14,
      data: values.map((fen) => fen / 100),
      itemStyle: { color: colour },
    })),
  }
  return (
    <ChartOrTable
      title={title}
      note={note}
      chart={
        <>
          <ul className="legend">
            {series.map(({ key, colour }) => (
              <li key={key}>
                <span className="swatch" style={{ background: colour }} /> {say(key)}
              </li>
            ))}
          </ul>
          {/* What stands below does not move when the chart arrives. */}
          <div style={{ minHeight: height }}>
            <Suspense fallback={<Waiting />}>
              <Chart option={option} label={`${title}${say('colon')}${note}`} height={height} />
            </Suspense>
          </div>
        </>
      }
      table={table}
    />
  )
}

/** `percent(1_234_500)` is `123.45%`. */
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)}%`
