import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { PROOF_STATES } from '#domains/contracts/types.ts'
import { api, type ContractFile, type ContractProof, type RulesAsked } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { useRulesName } from '#web/parts/contract-words.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useActive } from '#web/parts/use-active.ts'
import { useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'

/** Years replayed under the rules before and after a change, and what the difference is. */
export function ContractProofs({
  contract,
  file,
}: {
  readonly contract: string
  readonly file: ContractFile
}) {
  const { lang, say } = useLanguage()
  const writes = useMay('contracts write')
  const drafts = useMay('drafts write')
  const client = useQueryClient()
  const active = useActive()
  const rulesName = useRulesName()
  const running = file.proofs.some(({ state }) => state === 'running')
  // While one runs, the page asks how far it has come.
  useQuery({
    queryKey: ['contract running', contract],
    queryFn: async () => {
      await client.invalidateQueries({ queryKey: ['contract', contract] })
      return null
    },
    enabled: running,
    refetchInterval: active && running ? 1_000 : false,
  })
  const kept = useQuery({ queryKey: ['drafts'], queryFn: api.drafts, enabled: drafts })
  const { data: book } = useBook()
  const open = useCommand(api.openProof, () => client.invalidateQueries())
  const again = useCommand(api.proveAgain, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = () => {
    const versions = Array.from({ length: book?.version ?? 0 }, (_, i) => i + 1)
    const options = [
      ...versions.map((n) => ({
        value: `version ${n}`,
        label: say('contractRulesVersion', { n: String(n) }),
      })),
      ...(kept.data?.drafts ?? [])
        .filter(({ state }) => state === 'open')
        .map(({ id, name }) => ({
          value: `draft ${id}`,
          label: say('contractRulesDraft', { name }),
        })),
    ]
    setAct({
      title: say('contractProve'),
      ok: say('contractProve'),
      note: say('contractProofsNote'),
      fields: [
        {
          name: 'year',
          label: say('contractYear'),
          kind: 'choice',
          needed: true,
          options: file.periods.map(({ year }) => ({ value: String(year), label: String(year) })),
        },
        { name: 'before', label: say('contractBefore'), kind: 'choice', needed: true, options },
        { name: 'after', label: say('contractAfter'), kind: 'choice', needed: true, options },
      ],
      send: ({ year, before, after }) =>
        open.mutateAsync({
          of: contract,
          year: Number(year),
          before: rulesOf(String(before)),
          after: rulesOf(String(after)),
        }),
    })
  }
  const confirmed = file.versions.some(({ state }) => state === 'confirmed')
  return (
    <Section
      title={say('contractProofs')}
      note={say('contractProofsNote')}
      actions={writes && confirmed && <Button onClick={start}>{say('contractProve')}…</Button>}
    >
      <ProblemAlert error={again.error} />
      <DataTable<ContractProof>
        caption={say('contractProofs')}
        cards
        rows={file.proofs}
        rowKey={({ id }) => id}
        empty={say('contractNoProofs')}
        columns={[
          {
            key: 'no',
            title: say('contractProofNo'),
            heading: true,
            cell: ({ no, againOf }) =>
              [
                say('contractProofName', { no: String(no) }),
                ...(againOf === null ? [] : [say('contractAgainOf')]),
              ].join(' · '),
          },
          { key: 'year', title: say('contractYear'), cell: ({ year }) => year },
          { key: 'before', title: say('contractBefore'), cell: ({ before }) => rulesName(before) },
          { key: 'after', title: say('contractAfter'), cell: ({ after }) => rulesName(after) },
          {
            key: 'state',
            title: say('state'),
            cell: (proof) => <ProofState proof={proof} />,
          },
          {
            key: 'sumBefore',
            title: say('contractSumBefore'),
            numeric: true,
            cell: ({ sumBefore }) => <Money fen={sumBefore} />,
          },
          {
            key: 'sumAfter',
            title: say('contractSumAfter'),
            numeric: true,
            cell: ({ sumAfter }) => <Money fen={sumAfter} />,
          },
          {
            key: 'difference',
            title: say('contractDifference'),
            numeric: true,
            cell: ({ difference }) => <Money fen={difference} />,
          },
          {
            key: 'stood',
            title: say('contractStood'),
            numeric: true,
            cell: ({ stood }) => <Money fen={stood} />,
          },
          ...(writes
            ? [
                {
                  key: 'act',
                  title: say('action'),
                  cell: ({ id, no, state }: ContractProof) =>
                    state === 'done' ? (
                      <RowActs
                        of={say('contractProofName', { no: String(no) })}
                        acts={[{ word: 'contractAgain' as const, start: () => again.mutate(id) }]}
                      />
                    ) : (
                      PROOF_STATES[state][lang]
                    ),
                },
              ]
            : []),
        ]}
      />
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}

/** How far a replay has come, what it counted, and whether it came to the same where it was run again. */
function ProofState({ proof }: { readonly proof: ContractProof }) {
  const { lang, say } = useLanguage()
  const { state, persons, personsTotal, bills, refused, same, failure } = proof
  if (state === 'running')
    return (
      <span role="status">
        {PROOF_STATES.running[lang]} ·{' '}
        {say('contractProgress', { persons: String(persons), all: String(personsTotal ?? '…') })}
      </span>
    )
  const parts = [
    PROOF_STATES[state][lang],
    state === 'failed' ? failure : countedWords(say, { persons, bills, refused }),
    ...(same === undefined ? [] : [say(same ? 'contractSame' : 'contractNotSame')]),
  ]
  return <>{parts.filter(Boolean).join(' · ')}</>
}

/** What a replay counted. */
export const countedWords = (
  say: ReturnType<typeof useLanguage>['say'],
  { persons, bills, refused }: Pick<ContractProof, 'persons' | 'bills' | 'refused'>,
): string =>
  say('contractCountedBills', { persons: String(persons), bills: String(bills - refused) }) +
  (refused > 0 ? say('contractRefusedBills', { n: String(refused) }) : '')

const rulesOf = (named: string): RulesAsked => {
  const [kind, which = ''] = named.split(' ')
  return kind === 'draft' ? { draft: which } : { version: Number(which) }
}
