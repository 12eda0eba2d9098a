import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { BATCH_ACTS, BATCH_STATES, type BatchAct, ITEM_STATES } from '#domains/payments/types.ts'
import { api, type PaymentBatch, type PaymentOrder } from '#web/api.ts'
import { type Act, ActDialog, type ActField } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

/** One batch: its orders, what can be done to it now, and how it came there. */
export default function PaymentBatchPage() {
  const { batch: id = '' } = useParams()
  const { say } = useLanguage()
  const [after, setAfter] = useState(0)
  const batch = useQuery({
    queryKey: ['payment batch', id, after],
    queryFn: () => api.paymentBatch(id, String(after)),
  })
  const no = batch.data?.no
  return (
    <Page
      title={no === undefined ? say('payBatches') : say('payBatch', { no: String(no) })}
      lead={<Link to="/payments">{say('payBack')}</Link>}
    >
      <Await query={batch}>{(data) => <Batch batch={data} onNext={setAfter} />}</Await>
    </Page>
  )
}

/** Acts that somebody does, with their words, who may, and whether a reason is asked for. */
const ACTS: readonly {
  readonly act: Exclude<BatchAct, 'answer'>
  readonly word: WordKey
  readonly note?: WordKey
  readonly may: string
  readonly reason?: boolean
  readonly danger?: boolean
}[] = [
  { act: 'submit', word: 'paySubmit', note: 'paySubmitNote', may: 'payments make' },
  {
    act: 'release',
    word: 'payRelease',
    note: 'payReleaseNote',
    may: 'payments release',
    danger: true,
  },
  { act: 'rework', word: 'payRework', may: 'payments release', reason: true },
  {
    act: 'withdraw',
    word: 'payWithdraw',
    note: 'payWithdrawNote',
    may: 'payments make',
    reason: true,
    danger: true,
  },
  { act: 'send', word: 'paySend', note: 'paySendNote', may: 'payments make' },
  { act: 'close', word: 'payClose', note: 'payCloseNote', may: 'payments make' },
]

function Batch({
  batch,
  onNext,
}: {
  readonly batch: PaymentBatch
  readonly onNext: (after: number) => void
}) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const makes = useMay('payments make')
  const releases = useMay('payments release')
  const move = useCommand(api.movePayment, () => client.invalidateQueries())
  const leaveOut = useCommand(api.leavePaymentOut, () => client.invalidateQueries())
  const confirmFailure = useCommand(api.confirmPaymentFailure, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const reason: ActField = { name: 'reason', label: say('payReason'), kind: 'text', needed: true }
  const drafted = batch.sums.find(({ state }) => state === 'drafted') ?? { orders: 0, amount: 0 }
  const seen = { orders: drafted.orders, amount: drafted.amount }
  const possible = ACTS.filter(
    ({ act: each, may }) =>
      (BATCH_ACTS[each].from as readonly string[]).includes(batch.state) &&
      (may === 'payments make' ? makes : releases),
  )
  const start = ({ act: each, word, note, reason: asks, danger }: (typeof ACTS)[number]) =>
    setAct({
      title: say(word),
      ok: say(word),
      note: note && say(note, { n: String(seen.orders), total: money(seen.amount) }),
      danger: danger ?? false,
      fields: asks ? [reason] : [],
      send: (typed) =>
        move.mutateAsync({
          batch: batch.id,
          act: each,
          ...(each === 'release' ? seen : typed),
        }),
    })
  const startLeaveOut = (order: PaymentOrder) =>
    setAct({
      title: say('payLeaveOut'),
      ok: say('payLeaveOut'),
      note: say('payLeaveOutNote'),
      danger: true,
      fields: [],
      send: () => leaveOut.mutateAsync(order.id),
    })
  const startConfirm = (order: PaymentOrder) =>
    setAct({
      title: say('payConfirmFailure'),
      ok: say('payConfirmFailure'),
      note: say('payConfirmFailureNote'),
      danger: true,
      fields: [reason],
      send: (typed) =>
        confirmFailure.mutateAsync({ order: order.id, reason: String(typed.reason ?? '') }),
    })
  const actsOf = (order: PaymentOrder) => [
    ...(batch.state === 'draft' && order.state === 'drafted'
      ? [{ word: 'payLeaveOut', start: () => startLeaveOut(order) } as const]
      : []),
    ...(order.state === 'failed' || order.state === 'returned'
      ? [{ word: 'payConfirmFailure', start: () => startConfirm(order) } as const]
      : []),
  ]
  const { messageId, next } = batch
  return (
    <>
      <p>
        <strong>{BATCH_STATES[batch.state][lang]}</strong> · {say('payUntil')} {batch.until} ·{' '}
        {say('payOn')} {batch.payOn}
        {messageId !== null && (
          <>
            {' '}
            · <code>{messageId}</code>
          </>
        )}
      </p>
      <div className="actions">
        {possible.map((each) => (
          <Button
            key={each.act}
            type={each === possible[0] ? 'primary' : 'default'}
            onClick={() => start(each)}
          >
            {say(each.word)}…
          </Button>
        ))}
        {makes && messageId !== null && (
          <>
            <a href={api.paymentFile(batch.id, 'pain001.xml')}>{say('payXml')}</a>
            <a href={api.paymentFile(batch.id, 'orders.csv')}>{say('payCsv')}</a>
          </>
        )}
      </div>
      <Section title={say('payOrders')}>
        <Orders orders={batch.orders} actsOf={makes ? actsOf : undefined} />
        {next !== undefined && <Button onClick={() => onNext(next)}>{say('payMore')}</Button>}
        <DataTable
          caption={say('state')}
          rows={batch.sums}
          rowKey={({ state }) => state}
          columns={[
            {
              key: 'state',
              title: say('state'),
              heading: true,
              cell: ({ state }) => ITEM_STATES[state][lang],
            },
            {
              key: 'orders',
              title: say('payOrders'),
              numeric: true,
              cell: ({ orders }) => orders,
            },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => <Money fen={amount} />,
            },
          ]}
        />
      </Section>
      <Section title={say('payHistory')}>
        <DataTable
          caption={say('payHistory')}
          cards
          rows={batch.moves}
          rowKey={({ at, act: each }) => at + each}
          columns={[
            {
              key: 'act',
              title: say('payAct'),
              heading: true,
              cell: ({ act: each }) => (each === 'make' ? say('payMade') : BATCH_ACTS[each][lang]),
            },
            { key: 'by', title: say('payBy'), cell: ({ user }) => user },
            { key: 'at', title: say('payAt'), cell: ({ at }) => moment(at) },
            { key: 'reason', title: say('payReason'), cell: ({ reason: why }) => why ?? '—' },
          ]}
        />
      </Section>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

function Orders({
  orders,
  actsOf,
}: {
  readonly orders: readonly PaymentOrder[]
  readonly actsOf:
    | ((order: PaymentOrder) => readonly { readonly word: WordKey; readonly start: () => void }[])
    | undefined
}) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  return (
    <DataTable
      caption={say('payOrders')}
      cards
      rows={orders}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          title: say('payPayee'),
          heading: true,
          cell: ({ id, name }) => <Link to={`/payments/orders/${id}`}>{name}</Link>,
        },
        {
          key: 'account',
          title: say('payAccount'),
          cell: ({ number, bankName }) => `${number} ${bankName}`,
        },
        { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
        {
          key: 'amount',
          title: say('amountYuan'),
          numeric: true,
          cell: ({ amount }) => <Money fen={amount} />,
        },
        {
          key: 'state',
          title: say('state'),
          cell: ({ state, reason }) =>
            [ITEM_STATES[state][lang], reason].filter((each) => each).join(' · '),
        },
        ...(actsOf
          ? [
              {
                key: 'act',
                title: say('action'),
                cell: (order: PaymentOrder) => {
                  const acts = actsOf(order)
                  return acts.length > 0 ? <RowActs of={order.name} acts={acts} /> : '—'
                },
              },
            ]
          : []),
      ]}
    />
  )
}
