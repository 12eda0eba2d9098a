import { Button, Select } from 'antd'
import { type ComponentProps, lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { formatRate } from '#base/money.ts'
import {
  type Comparison,
  type FanRow,
  GROUPS,
  type Grouping,
  type GroupTable,
  type Premium,
  type Whatif,
} from '#domains/pricing/types.ts'
import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import { api, type Scenario, type ScenarioRun } from '#web/api.ts'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { PATIENT_COLOUR, PAYER_COLOURS, TOTAL_COLOUR } from '#web/parts/colours.ts'
import { type Column, DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Section } from '#web/parts/page.tsx'
import { amountLines, shareLines, sideBars, stroke } from '#web/parts/scenario-charts.ts'
import { useAnswers, useBook } from '#web/parts/use-book.ts'
import { useNarrow } from '#web/parts/use-narrow.ts'
import { Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))
const [BEFORE, AFTER] = ['#5d7f88', PATIENT_COLOUR] as const

/** What a run came to: every table that the command prints, and a chart beside those that have one. */
export function ScenarioReport({
  scenario,
  run,
  report,
}: {
  readonly scenario: Scenario
  readonly run: ScenarioRun
  readonly report: Whatif
}) {
  const { comparison, fan } = report
  return (
    <>
      <About scenario={scenario} run={run} report={report} />
      {fan && <Fan fan={fan} report={report} />}
      {report.premium && <PremiumPart premium={report.premium} />}
      {comparison && (
        <>
          <InAll comparison={comparison} run={run} />
          <Funds comparison={comparison} />
          <Caps caps={comparison.caps} />
          <Groups groups={comparison.groups} />
          <Spread comparison={comparison} />
          <Catastrophic report={report} comparison={comparison} />
          <Induced report={report} comparison={comparison} />
        </>
      )}
    </>
  )
}

function About({
  scenario,
  run,
  report,
}: {
  readonly scenario: Scenario
  readonly run: ScenarioRun
  readonly report: Whatif
}) {
  const { lang, say } = useLanguage()
  const { data, baseline, draft, engine, program, hash } = report
  const files = [...data.bills, ...data.persons]
  const facts: readonly (readonly [string, string])[] = [
    [say('scenarioDraft'), draft.title[lang]],
    [say('scenarioBaseline'), say('scenarioRules', { n: run.rules ?? 0 })],
    [say('scenarioRulesHash'), `${baseline.rules.slice(0, 12)} → ${draft.rules.slice(0, 12)}`],
    [say('scenarioResultHash'), `${baseline.result} → ${draft.result || '—'}`],
    [say('scenarioProgram'), `${program} · ${engine}`],
    [say('scenarioFiles'), String(files.length)],
    [say('scenarioHash'), hash],
  ]
  return (
    <Section
      title={say('scenarioReport')}
      note={say('scenarioReportNote')}
      actions={(['pdf', 'json'] as const).map((kind) => (
        <Button
          key={kind}
          href={api.scenarioReportAddress(scenario.id, run.id, kind)}
          {...(kind === 'pdf' ? { target: '_blank' } : {})}
        >
          {kind.toUpperCase()}
        </Button>
      ))}
    >
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

// --- tables ----------------------------------------------------------------------------------------

/** A row of two sides. An amount is fen; null is hidden, for it would tell of a few persons. */
type Sides = {
  readonly name: string
  readonly before: number | null
  readonly after: number | null
}

function useSides(figure: (n: number) => string, first: string): readonly Column<Sides>[] {
  const { say } = useLanguage()
  const told = (n: number | null) => (n === null ? '*' : figure(n))
  return [
    { key: 'name', title: first, heading: true, cell: ({ name }) => name },
    {
      key: 'before',
      title: say('scenarioBaseline'),
      numeric: true,
      cell: ({ before }) => told(before),
    },
    { key: 'after', title: say('scenarioDraft'), numeric: true, cell: ({ after }) => told(after) },
    {
      key: 'difference',
      title: say('scenarioDifference'),
      numeric: true,
      cell: ({ before, after }) =>
        before === null || after === null ? '*' : signed(figure(after - before), after - before),
    },
  ]
}

const signed = (text: string, n: number): string => (n > 0 ? `+${text}` : text)
const whole = (n: number): string => n.toLocaleString('en-US').replace('-', '−')

/** A number, or a star where it would tell of a few persons. */
const told = (n: number | null): string => (n === null ? '*' : whole(n))

const nameColumn = <Row extends { readonly name: string }>(title: string): Column<Row> => ({
  ...{ key: 'name', title, heading: true },
  cell: ({ name }) => name,
})

/** A column of figures; a row that is hidden has a star in its place. */
const figureColumn = <Row extends object>(
  key: string,
  title: string,
  cell: (row: Exclude<Row, { readonly hidden: true }>) => string,
): Column<Row> => ({
  ...{ key, title, numeric: true },
  cell: (row) => ('hidden' in row ? '*' : cell(row as Exclude<Row, { readonly hidden: true }>)),
})

/** A chart and its table. Both have what chooses the rows above them, and below that some are hidden. */
function Drawn<Row extends object>({
  title,
  note,
  option,
  label,
  height,
  choice,
  caption = title,
  rows,
  rowKey,
  columns,
}: {
  readonly title: string
  readonly note: string
  /** Nothing where there is nothing to draw. */
  readonly option: ComponentProps<typeof Chart>['option'] | undefined
  readonly label: string
  readonly height: number
  readonly choice?: ReactNode
  readonly caption?: string
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly columns: readonly Column<Row>[]
}) {
  return (
    <ChartOrTable
      title={title}
      note={note}
      chart={
        <>
          {choice}
          {option && (
            <Suspense fallback={<Waiting />}>
              <Chart option={option} label={label} height={height} />
            </Suspense>
          )}
          <Starred rows={rows} />
        </>
      }
      table={
        <>
          {choice}
          <DataTable caption={caption} cards rows={rows} rowKey={rowKey} columns={columns} />
          <Starred rows={rows} />
        </>
      }
    />
  )
}

function Starred({ rows }: { readonly rows: readonly object[] }) {
  const { say } = useLanguage()
  return rows.some((row) => 'hidden' in row || Object.values(row).includes(null)) ? (
    <p className="quiet">{say('scenarioHidden')}</p>
  ) : null
}

function InAll({
  comparison,
  run,
}: {
  readonly comparison: Comparison
  readonly run: ScenarioRun
}) {
  const { say } = useLanguage()
  const amounts = useSides(money, say('scenarioItem'))
  const counts = useSides(whole, say('scenarioItem'))
  const { paid, patient, bills, refused } = comparison
  const { settled } = run
  return (
    <Section title={say('scenarioInAll')}>
      <DataTable
        caption={say('scenarioInAll')}
        cards
        rows={[
          { name: say('scenarioPaid'), ...paid },
          { name: say('scenarioBorne'), ...patient },
        ]}
        rowKey={({ name }) => name}
        columns={amounts}
      />
      <DataTable
        caption={say('scenarioBills')}
        cards
        rows={[
          { name: say('scenarioBills'), ...bills },
          { name: say('scenarioRefused'), ...refused },
        ]}
        rowKey={({ name }) => name}
        columns={counts}
      />
      {settled && (
        <p className="quiet">
          {say('scenarioSettledNote', {
            bills: whole(settled.bills),
            persons: whole(settled.persons),
            rules: run.rules ?? 0,
          })}{' '}
          {settled.amounts
            ? say('scenarioSettledDiffers', {
                paid: money(settled.amounts.paid),
                difference: signed(
                  money(paid.before - settled.amounts.paid),
                  paid.before - settled.amounts.paid,
                ),
              })
            : say('scenarioSettledHidden')}{' '}
          {settled.together !== undefined &&
            say('scenarioTogether', {
              persons: settled.together === null ? '*' : whole(settled.together),
            })}
        </p>
      )}
    </Section>
  )
}

function Funds({ comparison: { funds } }: { readonly comparison: Comparison }) {
  const { lang, say } = useLanguage()
  const { tiers = [] } = useBook().data ?? {}
  const narrow = useNarrow()
  const columns = useSides(money, say('scenarioFund'))
  const rows = useMemo(() => {
    const title = (tier: string) => tiers.find(({ id }) => id === tier)?.title[lang] ?? tier
    const several = (tier: string) => funds.filter((each) => each.tier === tier).length > 1
    return funds.map((fund) => ({
      key: [fund.scheme, fund.tier, fund.payer, fund.period].join(' '),
      name: [
        title(fund.tier),
        ...(several(fund.tier) ? [schemeName(fund.scheme), fund.period] : []),
      ].join(' · '),
      payer: fund.payer as Payer,
      before: 'hidden' in fund ? null : fund.before,
      after: 'hidden' in fund ? null : fund.after,
    }))
  }, [funds, tiers, lang])
  const drawn = rows.filter(({ before }) => before !== null)
  const option = useMemo(
    () =>
      sideBars(
        drawn.map(({ name }) => name),
        [
          {
            name: say('scenarioBaseline'),
            data: drawn.map(({ before }) => (before ?? 0) / 100),
            color: BEFORE,
          },
          {
            name: say('scenarioDraft'),
            data: drawn.map(({ after, payer }) => ({
              value: (after ?? 0) / 100,
              itemStyle: { color: PAYER_COLOURS[payer] ?? AFTER },
            })),
          },
        ],
        { of: 'yuan', width: nameWidth(narrow) },
      ),
    [drawn, narrow, say],
  )
  const label = drawn
    .map(({ name, before, after }) => `${name} ${money(before ?? 0)} → ${money(after ?? 0)}`)
    .join(say('listComma'))
  return (
    <Drawn
      title={say('scenarioFunds')}
      note={say('scenarioFundsNote')}
      option={option}
      label={label}
      height={Math.max(160, drawn.length * 44)}
      rows={rows}
      rowKey={({ key }) => key}
      columns={[
        ...columns.slice(0, 1),
        {
          key: 'payer',
          title: say('scenarioPayer'),
          cell: ({ payer }) => PAYERS[payer]?.[lang],
        },
        ...columns.slice(1),
      ]}
    />
  )
}

const nameWidth = (narrow: boolean): number => (narrow ? 110 : 260)
const schemeName = (scheme: string): string => scheme.slice(scheme.lastIndexOf('/') + 1)

/** Who reaches a cap, tier by tier. */
function Caps({ caps }: { readonly caps: Comparison['caps'] }) {
  const { lang, say } = useLanguage()
  const { tiers = [] } = useBook().data ?? {}
  const narrow = useNarrow()
  const rows = useMemo(
    () =>
      caps.map((row) => ({
        ...row,
        name: `${tiers.find(({ id }) => id === row.tier)?.title[lang] ?? row.tier} · ${schemeName(row.scheme)}`,
      })),
    [caps, tiers, lang],
  )
  const drawn = useMemo(
    () => rows.filter(({ before, after }) => before !== null || after !== null),
    [rows],
  )
  const option = useMemo(
    () =>
      sideBars(
        drawn.map(({ name }) => name),
        (
          [
            ['before', 'scenarioBaseline', BEFORE],
            ['after', 'scenarioDraft', AFTER],
          ] as const
        ).map(([of, word, color]) => ({
          name: say(word),
          data: drawn.map((row) => row[of]),
          color,
        })),
        { of: 'persons', width: nameWidth(narrow) },
      ),
    [drawn, narrow, say],
  )
  if (rows.length === 0) return null
  const label = rows
    .map(({ name, before, after }) => `${name} ${told(before)} → ${told(after)}`)
    .join(say('listComma'))
  const figure = (key: 'before' | 'after' | 'entering' | 'leaving', title: string) =>
    figureColumn<(typeof rows)[number]>(key, title, (row) => told(row[key]))
  return (
    <Drawn
      title={say('scenarioCaps')}
      note={say('scenarioCapsNote')}
      option={drawn.length > 0 ? option : undefined}
      label={label}
      height={Math.max(120, drawn.length * 44)}
      rows={rows}
      rowKey={({ scheme, tier }) => `${scheme} ${tier}`}
      columns={[
        nameColumn(say('scenarioFund')),
        figure('before', say('scenarioBaseline')),
        figure('after', say('scenarioDraft')),
        figure('entering', say('scenarioCapsEnter')),
        figure('leaving', say('scenarioCapsLeave')),
      ]}
    />
  )
}

// --- who gains and loses -----------------------------------------------------------------------------

function Groups({ groups }: { readonly groups: readonly GroupTable[] }) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const [by, setBy] = useState<Grouping>(groups[0]?.by ?? 'class')
  const { rows } = groups.find((each) => each.by === by) ?? { rows: [] }
  const named = ['class', 'category', 'sex', 'level'].includes(by)
  const nameOf = (group: string) => (named ? answer(by, group) : group) || '—'
  const shown = rows.flatMap((row) =>
    'hidden' in row ? [] : [{ ...row, name: nameOf(row.group), by: row.after - row.before }],
  )
  const option = sideBars(
    shown.map(({ name }) => name),
    [
      {
        name: say('scenarioGain'),
        data: shown.map(({ gain }) => gain ?? 0),
        color: '#2f7d46',
        stack: 'persons',
      },
      {
        name: say('scenarioLose'),
        data: shown.map(({ lose }) => -(lose ?? 0)),
        color: PATIENT_COLOUR,
        stack: 'persons',
      },
    ],
    { of: 'persons' },
  )
  const label = shown
    .map(
      ({ name, gain, lose }) =>
        `${name} ${say('scenarioGain')} ${told(gain)} ${say('scenarioLose')} ${told(lose)}`,
    )
    .join(say('listComma'))
  const title = say('scenarioGroups')
  if (groups.length === 0) return null
  return (
    <Drawn
      title={title}
      note={say('scenarioGroupsNote')}
      option={option}
      label={label}
      height={Math.max(140, shown.length * 44)}
      choice={<GroupChoice groups={groups} by={by} onBy={setBy} />}
      caption={`${title} · ${GROUPS[by][lang]}`}
      rows={rows}
      rowKey={({ group }) => group}
      columns={[
        {
          key: 'group',
          title: GROUPS[by][lang],
          heading: true,
          cell: ({ group }) => nameOf(group),
        },
        figureColumn<GroupTable['rows'][number]>('persons', say('scenarioPeople'), ({ persons }) =>
          whole(persons),
        ),
        figureColumn<GroupTable['rows'][number]>('gain', say('scenarioGain'), ({ gain }) =>
          told(gain),
        ),
        figureColumn<GroupTable['rows'][number]>('lose', say('scenarioLose'), ({ lose }) =>
          told(lose),
        ),
        figureColumn<GroupTable['rows'][number]>(
          'before',
          say('scenarioBorneBefore'),
          ({ before }) => money(before),
        ),
        figureColumn<GroupTable['rows'][number]>('after', say('scenarioBorneAfter'), ({ after }) =>
          money(after),
        ),
        figureColumn<GroupTable['rows'][number]>(
          'difference',
          say('scenarioDifference'),
          ({ before, after }) => signed(money(after - before), after - before),
        ),
      ]}
    />
  )
}

function GroupChoice({
  groups,
  by,
  onBy,
}: {
  readonly groups: readonly GroupTable[]
  readonly by: Grouping
  readonly onBy: (by: Grouping) => void
}) {
  const { lang, say } = useLanguage()
  return (
    <div className="filters">
      <div className="field">
        <label htmlFor="scenario-by">{say('scenarioGroupBy')}</label>
        <Select
          id="scenario-by"
          value={by}
          options={groups.map((each) => ({ value: each.by, label: GROUPS[each.by][lang] }))}
          onChange={onBy}
        />
      </div>
    </div>
  )
}

// --- how it is spread --------------------------------------------------------------------------------

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`.replace('-', '−')

function Spread({ comparison: { lorenz, gini } }: { readonly comparison: Comparison }) {
  const { say } = useLanguage()
  const columns = useSides(percent, say('scenarioTenth'))
  const ginis = useSides((n) => n.toFixed(4).replace('-', '−'), say('scenarioItem'))
  const option = useMemo(() => {
    if (!lorenz) return {}
    const upTo = (shares: readonly number[], n: number) =>
      shares.slice(0, n).reduce((sum, share) => sum + share, 0)
    const curve = (shares: readonly number[]) =>
      Array.from({ length: shares.length + 1 }, (_, i) => [
        (100 * i) / shares.length,
        Math.round(upTo(shares, i) * 1e4) / 100,
      ])
    return shareLines([
      stroke(
        say('scenarioEqual'),
        [
          [0, 0],
          [100, 100],
        ],
        TOTAL_COLOUR,
        'dotted',
      ),
      stroke(say('scenarioBaseline'), curve(lorenz.before), BEFORE, 'dashed'),
      stroke(say('scenarioDraft'), curve(lorenz.after), AFTER, 'solid'),
    ])
  }, [lorenz, say])
  const title = say('scenarioSpread')
  const said = say('scenarioGini', { before: gini.before.toFixed(4), after: gini.after.toFixed(4) })
  if (!lorenz)
    return (
      <Section title={title} note={say('scenarioSpreadHidden')}>
        <p>{said}</p>
      </Section>
    )
  return (
    <ChartOrTable
      title={title}
      note={`${say('scenarioSpreadNote')} ${said}`}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={`${title}${say('colon')}${said}`} height={300} />
        </Suspense>
      }
      table={
        <>
          <DataTable
            caption={title}
            cards
            rows={lorenz.before.map((before, i) => ({
              name: String(i + 1),
              before,
              after: lorenz.after[i] ?? 0,
            }))}
            rowKey={({ name }) => name}
            columns={columns}
          />
          <DataTable
            caption={say('scenarioGiniName')}
            cards
            rows={[{ name: say('scenarioGiniName'), ...gini }]}
            rowKey={({ name }) => name}
            columns={ginis}
          />
        </>
      }
    />
  )
}

function Catastrophic({
  report: { capacity, capacitySource },
  comparison: { catastrophic },
}: {
  readonly report: Whatif
  readonly comparison: Comparison
}) {
  const { say } = useLanguage()
  const columns = useSides(whole, say('scenarioItem'))
  if (!catastrophic) return null
  const { households, before, after, entering, leaving } = catastrophic
  return (
    <Section
      title={say('scenarioCatastrophic')}
      note={say('scenarioCatastrophicNote', {
        capacity: money(capacity ?? 0),
        households: whole(households),
        entering: told(entering),
        leaving: told(leaving),
      })}
    >
      <DataTable
        caption={say('scenarioCatastrophic')}
        cards
        rows={[{ name: say('scenarioHouseholds'), before, after }]}
        rowKey={({ name }) => name}
        columns={columns}
      />
      <Starred rows={[catastrophic]} />
      <p className="quiet">
        {say('scenarioCapacityFrom', {
          source: capacitySource ?? say('scenarioCapacityUnsaid'),
        })}
      </p>
    </Section>
  )
}

function Induced({
  report: { elasticity },
  comparison: { induced },
}: {
  readonly report: Whatif
  readonly comparison: Comparison
}) {
  const { say } = useLanguage()
  if (!induced) return null
  const { cost, funds, patients } = induced
  return (
    <Section
      title={say('scenarioInduced')}
      note={say('scenarioInducedNote', { elasticity: elasticity ?? 0 })}
    >
      <DataTable
        caption={say('scenarioInduced')}
        cards
        rows={[
          { name: say('scenarioInducedCost'), amount: cost },
          { name: say('scenarioInducedFunds'), amount: funds },
          { name: say('scenarioInducedPatients'), amount: patients },
        ]}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: say('scenarioItem'), heading: true, cell: ({ name }) => name },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => signed(money(amount), amount),
          },
        ]}
      />
    </Section>
  )
}

// --- the premium of a product ------------------------------------------------------------------------

function PremiumPart({ premium }: { readonly premium: Premium }) {
  const { say } = useLanguage()
  const { rows, scheme, takeUp, selection, lossRatio, persons, claimants, claims } = premium
  const title = say('scenarioPremium')
  const option = amountLines(
    rows.map((row) => formatRate(row.takeUp)),
    (
      [
        ['premium', say('scenarioPremiumHead'), '#0f5f6b', 'solid'],
        ['claimsAHead', say('scenarioClaimsHead'), PATIENT_COLOUR, 'dashed'],
      ] as const
    ).map(([of, name, color, type]) =>
      stroke(
        name,
        rows.map((row) => row[of] / 100),
        color,
        type,
      ),
    ),
  )
  const asked = rows.find((row) => row.takeUp === takeUp)
  const said = say('scenarioPremiumIs', {
    takeUp: formatRate(takeUp),
    premium: money(asked?.premium ?? 0),
  })
  return (
    <Drawn
      title={title}
      note={`${said} ${say('scenarioPremiumNote', {
        ...{ scheme, persons: whole(persons), claimants: whole(claimants) },
        ...{ claims: money(claims), selection: selection / 1000, lossRatio: formatRate(lossRatio) },
      })}`}
      option={option}
      label={`${title}${say('colon')}${said}`}
      height={260}
      rows={rows}
      rowKey={(row) => String(row.takeUp)}
      columns={[
        {
          key: 'takeUp',
          title: say('scenarioTakeUp'),
          heading: true,
          cell: (row) => `${formatRate(row.takeUp)}${row.takeUp === takeUp ? ' ◀' : ''}`,
        },
        figureColumn<Premium['rows'][number]>('claims', say('scenarioClaimsHead'), (row) =>
          money(row.claimsAHead),
        ),
        figureColumn<Premium['rows'][number]>('premium', say('scenarioPremiumHead'), (row) =>
          money(row.premium),
        ),
      ]}
    />
  )
}

// --- a range of values -------------------------------------------------------------------------------

function Fan({ fan, report }: { readonly fan: readonly FanRow[]; readonly report: Whatif }) {
  const { say } = useLanguage()
  const { kept, x } = report
  const shown = fan.flatMap((row) => ('hidden' in row ? [] : [row]))
  const option = amountLines(
    shown.map((row) => String(row.x)),
    [
      ...(kept ? [['spent', kept.tier, '#5b4bb5', 'dotted'] as const] : []),
      ['paid', say('scenarioPaid'), '#0f5f6b', 'solid'] as const,
      ['patient', say('scenarioBorne'), PATIENT_COLOUR, 'dashed'] as const,
    ].map(([of, name, color, type]) =>
      stroke(
        name,
        shown.map((row) => row[of] / 100),
        color,
        type,
      ),
    ),
    { scale: true },
  )
  const title = say('scenarioFan')
  const label = shown
    .map((row) => `${row.x}${say('colon')}${money(row.paid)}`)
    .join(say('listComma'))
  const note = kept
    ? x === undefined
      ? say('scenarioKeptNone', { tier: kept.tier, most: money(kept.most) })
      : say('scenarioKept', { tier: kept.tier, most: money(kept.most), x })
    : say('scenarioFanNote')
  const amount = (of: 'spent' | 'paid' | 'patient', title: string) =>
    figureColumn<FanRow>(of, title, (row) => money(row[of]))
  return (
    <Drawn
      title={title}
      note={note}
      option={option}
      label={`${title}${say('colon')}${label}`}
      height={280}
      rows={fan}
      rowKey={(row) => String(row.x)}
      columns={[
        {
          key: 'x',
          title: '$x',
          heading: true,
          cell: (row) => `${row.x}${row.x === x ? ' ◀' : ''}`,
        },
        ...(kept ? [amount('spent', kept.tier)] : []),
        amount('paid', say('scenarioPaid')),
        amount('patient', say('scenarioBorne')),
      ]}
    />
  )
}
