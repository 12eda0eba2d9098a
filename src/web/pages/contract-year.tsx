import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, Suspense, useMemo, useState } from 'react'
import { Link, useParams } from 'react-router'
import {
  BEARERS,
  CLAIMS_BY,
  COUNTED,
  STATES,
  YEAR_LINES,
  type YearLineCode,
} from '#domains/contracts/types.ts'
import { api, type ContractYearFile, type ContractYearLine } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { GradeTag } from '#web/parts/badges.tsx'
import { ChartOrTable } from '#web/parts/chart-or-table.tsx'
import { PATIENT_COLOUR, PAYER_COLOURS } from '#web/parts/colours.ts'
import { countedWords } from '#web/parts/contract-proofs.tsx'
import { useRulesName } from '#web/parts/contract-words.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Language, useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { stepBars } from '#web/parts/step-bars.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await, Waiting } from '#web/parts/waiting.tsx'

const Chart = lazy(() => import('#web/parts/chart.tsx'))

/** One year of a contract: where the money came from and went, each line with its sum and clause; confirmed by a second person. */
export default function ContractYearPage() {
  const { lang, say } = useLanguage()
  const { statement = '' } = useParams()
  const year = useQuery({
    queryKey: ['contract year', statement],
    queryFn: () => api.contractYear(statement),
  })
  const { data } = year
  return (
    <Page
      title={
        data
          ? say('contractYearOf', { title: data.title[lang], year: String(data.year) })
          : say('contractYear')
      }
      lead={
        <Link to={data ? `/contracts/${data.contract}` : '/contracts'}>
          {say('contractBackTo')}
        </Link>
      }
      actions={data && <a href={api.contractYearAddress(statement)}>{say('contractPdf')}</a>}
    >
      <Await query={year}>{(file) => <Year key={file.id} file={file} />}</Await>
    </Page>
  )
}

function Year({ file }: { readonly file: ContractYearFile }) {
  const { lang, say } = useLanguage()
  const { heads, days, score, decidedBy, decidedAt, reason } = file
  const facts: readonly (readonly [string, string])[] = [
    [say('state'), STATES[file.state][lang]],
    [say('contractYear'), `${file.from} – ${file.until}`],
    [say('contractInsurer'), file.insurer[lang]],
    [say('contractBears'), BEARERS[file.bears][lang]],
    [
      say('contractHeads'),
      `${days === 1 ? heads : `${heads} ÷ ${days}`} · ${COUNTED[file.counted][lang]}`,
    ],
    [say('contractClaims'), CLAIMS_BY[file.claimsBy][lang]],
    [say('contractDrafted'), `${file.author} · ${moment(file.at)}`],
    [
      say('contractDecided'),
      decidedBy === null
        ? '—'
        : [decidedBy, moment(decidedAt ?? ''), reason].filter(Boolean).join(' · '),
    ],
    ...(score
      ? [
          [
            say('contractScore'),
            `${say('contractScoreSays', { ...score, points: String(score.points) })} · ${score.by}`,
          ] as const,
        ]
      : []),
  ]
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {file.state === 'draft' && <Decide file={file} />}
      <Waterfall file={file} />
      <Lines lines={file.lines} />
      <Proven file={file} />
    </>
  )
}

function Decide({ file }: { readonly file: ContractYearFile }) {
  const { say } = useLanguage()
  const { user } = useSession()
  const confirms = useMay('contracts confirm')
  const client = useQueryClient()
  const decide = useCommand(api.decideContractYear, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  if (!confirms) return null
  const own = file.author === user.name
  const confirm = () =>
    setAct({
      title: say('contractYearConfirm'),
      ok: say('contractYearConfirm'),
      note: say('contractYearConfirmNote'),
      fields: [],
      send: () => decide.mutateAsync({ of: file.id, act: 'confirm' }),
    })
  const withdraw = () =>
    setAct({
      title: say('contractWithdraw'),
      ok: say('contractWithdraw'),
      danger: true,
      fields: [{ name: 'reason', label: say('contractWhy'), kind: 'text', needed: true }],
      send: ({ reason }) =>
        decide.mutateAsync({ of: file.id, act: 'withdraw', reason: String(reason) }),
    })
  return (
    <>
      <div className="actions after-facts">
        {!own && (
          <Button type="primary" onClick={confirm}>
            {say('contractYearConfirm')}…
          </Button>
        )}
        <Button onClick={withdraw}>{say('contractWithdraw')}…</Button>
      </div>
      {own && <p className="quiet">{say('contractNotOwn')}</p>}
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

// --- the chart -----------------------------------------------------------------------------------

type Step = {
  readonly code: YearLineCode
  readonly name: string
  readonly side: 'source' | 'use'
  readonly amount: number
  /** Where its bar begins: what the sources have come to before it, or what the uses leave after it. */
  readonly start: number
}

/** From the premium up to everything that was there, and down again to nothing. */
function Waterfall({ file }: { readonly file: ContractYearFile }) {
  const { lang, say } = useLanguage()
  const steps = useMemo(() => stepsOf(file.lines, lang), [file.lines, lang])
  const option = useMemo(() => optionOf(steps), [steps])
  if (file.bears === 'fund' || steps.length === 0) return null
  const label = steps.map(({ name, amount }) => `${name} ${money(amount)}`).join(say('listComma'))
  return (
    <ChartOrTable
      title={say('contractChart')}
      note={say('contractChartNote')}
      chart={
        <Suspense fallback={<Waiting />}>
          <Chart option={option} label={label} height={steps.length * 40 + 12} />
        </Suspense>
      }
      table={
        <DataTable
          caption={say('contractChart')}
          rows={steps}
          rowKey={({ code }) => code}
          columns={[
            { key: 'name', title: say('contractItem'), heading: true, cell: ({ name }) => name },
            {
              key: 'side',
              title: say('contractSide'),
              cell: ({ side }) => say(side === 'source' ? 'contractSourceSide' : 'contractUseSide'),
            },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => <Money fen={amount} />,
            },
          ]}
        />
      }
    />
  )
}

function stepsOf(lines: readonly ContractYearLine[], lang: Language): Step[] {
  const named = ({ code, amount }: ContractYearLine) => ({
    code,
    amount,
    name: YEAR_LINES[code][lang],
  })
  let at = 0
  const up = lines
    .filter(({ of, amount }) => of === 'source' && amount > 0)
    .map((line): Step => {
      at += line.amount
      return { ...named(line), side: 'source', start: at - line.amount }
    })
  const down = lines
    .filter(({ of, amount }) => of === 'use' && amount > 0)
    .map((line): Step => {
      at -= line.amount
      return { ...named(line), side: 'use', start: at }
    })
  return [...up, ...down]
}

const optionOf = (steps: readonly Step[]) =>
  stepBars(
    steps.map(({ side, ...step }) => ({
      ...step,
      colour: side === 'source' ? PAYER_COLOURS.basicPool : PATIENT_COLOUR,
      minus: side === 'use',
    })),
    { width: 20, right: 104, clickable: false },
  )

// --- the lines -----------------------------------------------------------------------------------

function Lines({ lines }: { readonly lines: readonly ContractYearLine[] }) {
  const { lang, say } = useLanguage()
  return (
    <Section title={say('contractLines')}>
      <DataTable
        caption={say('contractLines')}
        cards
        rows={lines}
        rowKey={({ code }) => code}
        columns={[
          {
            key: 'code',
            title: say('contractItem'),
            heading: true,
            cell: ({ code }) => YEAR_LINES[code][lang],
          },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          { key: 'formula', title: say('contractFormula'), cell: ({ formula }) => formula || '—' },
          {
            key: 'clause',
            title: say('contractClause'),
            cell: ({ clause }) =>
              clause ? (
                <>
                  {clause.article} <GradeTag grade={clause.grade} />
                </>
              ) : (
                '—'
              ),
          },
          { key: 'by', title: say('contractBy'), cell: ({ by }) => by ?? '—' },
        ]}
      />
    </Section>
  )
}

function Proven({ file: { proof } }: { readonly file: ContractYearFile }) {
  const { say } = useLanguage()
  const rulesName = useRulesName()
  if (!proof) return null
  return (
    <Section title={say('contractProof')} note={countedWords(say, proof)}>
      <DataTable
        caption={say('contractProof')}
        rows={[
          {
            name: `${say('contractBefore')} · ${rulesName(proof.before)}`,
            amount: proof.sumBefore,
          },
          { name: `${say('contractAfter')} · ${rulesName(proof.after)}`, amount: proof.sumAfter },
          { name: say('contractDifference'), amount: proof.difference },
        ]}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: say('contractItem'), heading: true, cell: ({ name }) => name },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
        ]}
      />
    </Section>
  )
}
