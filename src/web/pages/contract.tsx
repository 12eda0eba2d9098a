import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { BEARERS, CLAIMS_BY, COUNTED, LINES, STATES, TERMS } from '#domains/contracts/types.ts'
import { api, type ContractFile, type ContractTerm } from '#web/api.ts'
import { type Act, ActDialog, type ActField } from '#web/parts/act-dialog.tsx'
import { GradeTag } from '#web/parts/badges.tsx'
import { Address } from '#web/parts/citations.tsx'
import { ContractProofs } from '#web/parts/contract-proofs.tsx'
import { useTermWords } from '#web/parts/contract-words.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** One contract: what it says and where, its versions, its years, and what changes of policy cost. */
export default function ContractPage() {
  const { lang, say } = useLanguage()
  const { contract: id = '' } = useParams()
  const contract = useQuery({ queryKey: ['contract', id], queryFn: () => api.contract(id) })
  const newest = contract.data?.versions[0]
  return (
    <Page
      title={newest ? newest.title[lang] : say('contractTitle')}
      lead={<Link to="/contracts">{say('contractBack')}</Link>}
    >
      <Await query={contract}>{(file) => <Contract id={id} file={file} />}</Await>
    </Page>
  )
}

function Contract({ id, file }: { readonly id: string; readonly file: ContractFile }) {
  const shown = file.versions.find(({ state }) => state === 'confirmed') ?? file.versions[0]
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  if (!shown) return null
  const facts = [
    [say('contractLine'), LINES[shown.line][lang]],
    [say('contractBureau'), shown.bureau[lang]],
    [say('contractInsurer'), shown.insurer[lang]],
    [say('contractTime'), `${shown.from} – ${shown.until}`],
    [say('contractFund'), fundName(shown.fund)],
    [say('contractFinancedBy'), fundName(shown.financedBy)],
    [say('contractBears'), BEARERS[shown.bears][lang]],
    [say('contractCounted'), COUNTED[shown.counted][lang]],
    [say('contractClaims'), CLAIMS_BY[shown.claims][lang]],
    [
      say('state'),
      `${STATES[shown.state][lang]} · ${say('contractVersion', { n: String(shown.version) })}`,
    ],
  ] as const
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
      <Terms terms={shown.terms} />
      <Years id={id} file={file} />
      <ContractProofs contract={id} file={file} />
      <Versions file={file} />
    </>
  )
}

function Terms({ terms }: { readonly terms: readonly ContractTerm[] }) {
  const { lang, say } = useLanguage()
  const words = useTermWords()
  return (
    <Section title={say('contractTerms')}>
      <DataTable
        caption={say('contractTerms')}
        cards
        rows={terms}
        rowKey={({ term, from }) => `${term} ${from}`}
        columns={[
          {
            key: 'term',
            title: say('contractTerm'),
            heading: true,
            cell: ({ term }) => TERMS[term][lang],
          },
          { key: 'says', title: say('contractSays'), cell: words },
          {
            key: 'from',
            title: say('contractFrom'),
            cell: ({ from }) => <span className="nowrap">{from}</span>,
          },
          { key: 'clause', title: say('contractClause'), cell: ({ article }) => article },
          {
            key: 'source',
            title: say('contractSource'),
            cell: ({ title, address, grade, note }) => (
              <>
                {title} <GradeTag grade={grade} /> <Address address={address} />
                {note && <span className="quiet"> {note}</span>}
              </>
            ),
          },
        ]}
      />
    </Section>
  )
}

function Years({ id, file }: { readonly id: string; readonly file: ContractFile }) {
  const { lang, say } = useLanguage()
  const writes = useMay('contracts write')
  const go = useNavigate()
  const client = useQueryClient()
  const [act, setAct] = useState<Act>()
  const words = useTermWords()
  const draft = useCommand(api.draftContractYear, async ({ id: statement }) => {
    await client.invalidateQueries()
    void go(`/contracts/years/${statement}`)
  })
  const start = () =>
    setAct({
      title: say('contractDraftYear'),
      ok: say('contractDraftYear'),
      note: say('contractYearsNote'),
      fields: yearFields(file, say, words),
      send: ({ year, cost, proof, points, released, reason }) =>
        draft.mutateAsync({
          of: id,
          year: Number(year),
          ...(cost === undefined ? {} : { cost }),
          ...(proof === undefined ? {} : { proof }),
          ...(points === undefined
            ? {}
            : { score: { points, released: released ?? '', reason: reason ?? '' } }),
        }),
    })
  const confirmed = file.versions.some(({ state }) => state === 'confirmed')
  return (
    <Section
      title={say('contractYears')}
      note={say('contractYearsNote')}
      actions={writes && confirmed && <Button onClick={start}>{say('contractDraftYear')}…</Button>}
    >
      <DataTable
        caption={say('contractYears')}
        cards
        rows={file.years}
        rowKey={({ id: statement }) => statement}
        empty={say('contractNoYears')}
        columns={[
          {
            key: 'year',
            title: say('contractYear'),
            heading: true,
            cell: ({ id: statement, year }) => (
              <Link to={`/contracts/years/${statement}`}>{year}</Link>
            ),
          },
          { key: 'state', title: say('state'), cell: ({ state }) => STATES[state][lang] },
          {
            key: 'insurer',
            title: say('contractToInsurer'),
            numeric: true,
            cell: ({ toInsurer }) => <Money fen={toInsurer} />,
          },
          {
            key: 'author',
            title: say('contractDrafted'),
            cell: ({ author, at }) => `${author} · ${moment(at)}`,
          },
          {
            key: 'decided',
            title: say('contractDecided'),
            cell: ({ decidedBy, decidedAt }) =>
              decidedBy === null ? '—' : `${decidedBy} · ${moment(decidedAt ?? '')}`,
          },
        ]}
      />
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}

/** What is asked of whoever states a year: no more than its contract has a use for. */
function yearFields(
  file: ContractFile,
  say: ReturnType<typeof useLanguage>['say'],
  words: ReturnType<typeof useTermWords>,
): ActField[] {
  const terms = file.versions.find(({ state }) => state === 'confirmed')?.terms ?? []
  const last = (name: ContractTerm['term']) => terms.findLast(({ term }) => term === name)
  const handling = last('handling')?.value as { readonly kind: string } | undefined
  const held = last('holdBack')
  const proofs = file.proofs.filter(
    ({ state, againOf, refused }) => state === 'done' && againOf === null && refused === 0,
  )
  return [
    {
      name: 'year',
      label: say('contractYear'),
      kind: 'choice',
      needed: true,
      options: file.periods.map(({ year, from, until }) => ({
        value: String(year),
        label: `${year}（${from} – ${until}）`,
      })),
    },
    ...(handling?.kind === 'actual'
      ? [{ name: 'cost', label: say('contractCost'), kind: 'yuan' as const, needed: true }]
      : []),
    ...(last('loss')
      ? [
          {
            name: 'proof',
            label: say('contractProof'),
            kind: 'choice' as const,
            options: proofs.map(({ id, no, difference, year }) => ({
              value: id,
              label: `${year} · ${say('contractProofOf', { no: String(no), amount: money(difference) })}`,
            })),
          },
        ]
      : []),
    ...(held
      ? [
          {
            name: 'points',
            label: say('contractPoints'),
            kind: 'count' as const,
            note: say('contractPointsNote'),
          },
          {
            name: 'released',
            label: say('contractReleased'),
            kind: 'text' as const,
            note: say('contractReleasedNote', { steps: words(held) }),
          },
          { name: 'reason', label: say('contractScoreReason'), kind: 'text' as const },
        ]
      : []),
  ]
}

function Versions({ file }: { readonly file: ContractFile }) {
  const { lang, say } = useLanguage()
  const { user } = useSession()
  const confirms = useMay('contracts confirm')
  const client = useQueryClient()
  const decide = useCommand(api.decideContract, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = (of: string, version: number, what: 'confirm' | 'withdraw') =>
    setAct({
      title: say(what === 'confirm' ? 'contractConfirm' : 'contractWithdraw'),
      ok: say(what === 'confirm' ? 'contractConfirm' : 'contractWithdraw'),
      note: say('contractConfirmNote'),
      danger: what === 'withdraw',
      fields:
        what === 'withdraw'
          ? [{ name: 'reason', label: say('contractWhy'), kind: 'text', needed: true }]
          : [],
      send: ({ reason }) =>
        decide.mutateAsync({
          of,
          version,
          act: what,
          ...(reason === undefined ? {} : { reason: String(reason) }),
        }),
    })
  return (
    <Section title={say('contractVersions')}>
      <DataTable
        caption={say('contractVersions')}
        cards
        rows={file.versions}
        rowKey={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            title: say('contractVersions'),
            heading: true,
            cell: ({ version }) => say('contractVersion', { n: String(version) }),
          },
          { key: 'state', title: say('state'), cell: ({ state }) => STATES[state][lang] },
          {
            key: 'author',
            title: say('contractDrafted'),
            cell: ({ author, at }) => `${author} · ${moment(at)}`,
          },
          {
            key: 'decided',
            title: say('contractDecided'),
            cell: ({ decidedBy, decidedAt, reason }) =>
              decidedBy === null
                ? '—'
                : [decidedBy, moment(decidedAt ?? ''), reason].filter(Boolean).join(' · '),
          },
          {
            key: 'act',
            title: say('action'),
            cell: ({ id, version, state, author }) =>
              state !== 'draft' || !confirms ? (
                '—'
              ) : (
                <RowActs
                  of={say('contractVersion', { n: String(version) })}
                  acts={[
                    ...(author === user.name
                      ? []
                      : [
                          {
                            word: 'contractConfirm' as const,
                            start: () => start(id, version, 'confirm'),
                          },
                        ]),
                    {
                      word: 'contractWithdraw' as const,
                      start: () => start(id, version, 'withdraw'),
                    },
                  ]}
                />
              ),
          },
        ]}
      />
      {file.versions.map(({ version, text }) => (
        <details key={version} className="more">
          <summary>
            {say('contractText')} · {say('contractVersion', { n: String(version) })}
          </summary>
          <pre className="contract-text">{text}</pre>
        </details>
      ))}
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
