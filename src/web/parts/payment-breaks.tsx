import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { BREAKS } from '#domains/payments/types.ts'
import { api, type PaymentBreak } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

type Row = Pick<PaymentBreak, 'endToEnd' | 'item' | 'payee' | 'amount'> & {
  readonly key: string
  readonly kind: keyof typeof BREAKS
  readonly note: string
  readonly of: PaymentBreak | undefined
}

/** 对账差异: what does not fit, and who has waited too long; somebody other than who took the answers in decides. */
export function PaymentBreaks() {
  const { lang, say } = useLanguage()
  const decides = useMay('payments release')
  const client = useQueryClient()
  const breaks = useQuery({ queryKey: ['payment breaks'], queryFn: api.paymentBreaks })
  const decide = useCommand(api.decidePaymentBreak, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = (row: PaymentBreak, decision: 'booked' | 'dismissed') =>
    setAct({
      title: `${BREAKS[row.kind][lang]} · ${row.endToEnd}`,
      ok: say(decision === 'booked' ? 'payBook' : 'payDismiss'),
      note: say(decision === 'booked' ? 'payBookNote' : 'payDismissNote'),
      danger: decision === 'booked',
      fields: [
        ...(decision === 'booked' && row.payee === null
          ? ([
              { name: 'fund', label: say('ledgerFund'), kind: 'text', needed: true },
              {
                name: 'payee',
                label: say('payPayee'),
                note: say('payPayeeNote'),
                kind: 'text',
                needed: true,
              },
            ] as const)
          : []),
        { name: 'reason', label: say('payReason'), kind: 'text', needed: true },
      ],
      send: (typed) => decide.mutateAsync({ of: row.id, decision, ...typed }),
    })
  return (
    <Section title={say('payBreaks')}>
      <Await query={breaks}>
        {(found) => (
          <>
            {found.uncounted > 0 && (
              <Alert
                type="warning"
                showIcon
                title={say('payUncounted', { n: String(found.uncounted) })}
              />
            )}
            <DataTable<Row>
              caption={say('payBreaks')}
              cards
              empty={say('payNoBreaks')}
              rows={[
                ...found.breaks.map((each) => ({
                  ...each,
                  key: each.id,
                  note: each.raisedBy,
                  of: each,
                })),
                ...found.missing.map((each) => ({
                  ...each,
                  key: each.endToEnd,
                  kind: 'missing' as const,
                  note: say('payDue', { day: each.due ?? '' }),
                  of: undefined,
                })),
              ]}
              rowKey={({ key }) => key}
              columns={[
                {
                  key: 'kind',
                  title: say('payBreak'),
                  heading: true,
                  cell: ({ kind }) => BREAKS[kind][lang],
                },
                {
                  key: 'order',
                  title: say('payEndToEnd'),
                  cell: ({ endToEnd, item }) =>
                    item === null ? (
                      <code>{endToEnd}</code>
                    ) : (
                      <Link to={`/payments/orders/${item}`}>
                        <code>{endToEnd}</code>
                      </Link>
                    ),
                },
                { key: 'payee', title: say('payPayee'), cell: ({ payee }) => payee ?? '—' },
                {
                  key: 'amount',
                  title: say('amountYuan'),
                  numeric: true,
                  cell: ({ amount }) => (amount === null ? '—' : <Money fen={amount} />),
                },
                { key: 'by', title: say('payBy'), cell: ({ note }) => note },
                ...(decides
                  ? [
                      {
                        key: 'act',
                        title: say('action'),
                        cell: ({ of }: Row) =>
                          of && (
                            <RowActs
                              of={of.endToEnd}
                              acts={[
                                ...(of.kind === 'duplicate_order'
                                  ? []
                                  : [
                                      {
                                        word: 'payBook',
                                        start: () => start(of, 'booked'),
                                      } as const,
                                    ]),
                                { word: 'payDismiss', start: () => start(of, 'dismissed') },
                              ]}
                            />
                          ),
                      },
                    ]
                  : []),
              ]}
            />
          </>
        )}
      </Await>
      {act && <ActDialog key={act.title + act.ok} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
