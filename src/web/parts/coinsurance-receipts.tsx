import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { RECORD_STATES } from '#domains/coinsurance/types.ts'
import { api, type CoinsurancePanel, type CoinsuranceReceipt } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 共保款收付: what insurers paid the lead, recorded by one person and confirmed by another. */
export function CoinsuranceReceipts({ panel }: { readonly panel: CoinsurancePanel }) {
  const { lang, say } = useLanguage()
  const records = useMay('coinsurance close')
  const decides = useMay('coinsurance confirm')
  const client = useQueryClient()
  const receipts = useQuery({
    queryKey: ['coinsurance receipts', panel.id],
    queryFn: () => api.coinsuranceReceipts(panel.id),
  })
  const record = useCommand(api.addCoinsuranceReceipt, () => client.invalidateQueries())
  const decide = useCommand(api.decideCoinsuranceReceipt, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const nameOf = (insurer: string) =>
    `${insurer} ${panel.members.find((each) => each.insurer === insurer)?.name ?? ''}`
  const start = () =>
    setAct({
      title: say('shareReceive'),
      ok: say('shareReceive'),
      note: say('shareReceiptsNote'),
      fields: [
        {
          name: 'insurer',
          label: say('shareInsurer'),
          kind: 'choice',
          needed: true,
          options: panel.members
            .filter(({ insurer }) => insurer !== panel.lead)
            .map(({ insurer }) => ({ value: insurer, label: nameOf(insurer) })),
        },
        { name: 'on', label: say('shareOn'), kind: 'day', needed: true },
        { name: 'amount', label: say('amountYuan'), kind: 'yuan', needed: true },
        { name: 'reference', label: say('shareReference'), kind: 'text', needed: true },
        { name: 'back', label: say('shareBack'), kind: 'flag' },
      ],
      send: ({ back, amount, ...typed }) =>
        record.mutateAsync({
          of: panel.id,
          ...typed,
          amount: back ? -Number(amount) : Number(amount),
        }),
    })
  const decideOn = (row: CoinsuranceReceipt, what: 'confirm' | 'withdraw') =>
    setAct({
      title: say(what === 'confirm' ? 'shareConfirm' : 'shareWithdraw'),
      ok: say(what === 'confirm' ? 'shareConfirm' : 'shareWithdraw'),
      note: say('shareConfirmReceiptNote', {
        insurer: nameOf(row.insurer),
        on: row.on,
        amount: money(row.amount),
        reference: row.reference,
      }),
      danger: what === 'withdraw',
      fields:
        what === 'withdraw'
          ? [{ name: 'reason', label: say('shareReason'), kind: 'text', needed: true }]
          : [],
      send: (typed) => decide.mutateAsync({ of: row.id, act: what, ...typed }),
    })
  return (
    <Section
      title={say('shareReceipts')}
      note={say('shareReceiptsNote')}
      actions={records && <Button onClick={start}>{say('shareReceive')}…</Button>}
    >
      <Await query={receipts}>
        {({ receipts: rows }) => (
          <DataTable<CoinsuranceReceipt>
            caption={say('shareReceipts')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('shareNoReceipts')}
            columns={[
              {
                key: 'insurer',
                title: say('shareInsurer'),
                heading: true,
                cell: ({ insurer }) => nameOf(insurer),
              },
              { key: 'on', title: say('shareOn'), cell: ({ on }) => on },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
              {
                key: 'reference',
                title: say('shareReference'),
                cell: ({ reference }) => reference,
              },
              {
                key: 'state',
                title: say('state'),
                cell: ({ state, reason }) =>
                  [RECORD_STATES[state][lang], reason].filter(Boolean).join(' · '),
              },
              { key: 'madeBy', title: say('shareMadeBy'), cell: ({ madeBy }) => madeBy },
              {
                key: 'decidedBy',
                title: say('shareDecidedBy'),
                cell: ({ decidedBy }) => decidedBy ?? '—',
              },
              ...(decides
                ? [
                    {
                      key: 'act',
                      title: say('action'),
                      cell: (row: CoinsuranceReceipt) =>
                        row.state === 'proposed' && (
                          <RowActs
                            of={`${row.insurer} ${row.reference}`}
                            acts={[
                              { word: 'shareConfirm', start: () => decideOn(row, 'confirm') },
                              { word: 'shareWithdraw', start: () => decideOn(row, 'withdraw') },
                            ]}
                          />
                        ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Await>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
