import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { ENTRY_KINDS } from '#domains/ledger/types.ts'
import { type AnswerStatus, ITEM_STATES } from '#domains/payments/types.ts'
import { api, type PaymentOrderDetail } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { moment } from '#web/parts/moment.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

const STATUSES = {
  accepted: 'statusAccepted',
  settled: 'statusSettled',
  failed: 'statusFailed',
  returned: 'statusReturned',
} as const satisfies Readonly<Record<AnswerStatus, string>>

/** One payment: which bills it pays, by which rules, and what the bank said of it. */
export default function PaymentOrderPage() {
  const { order: id = '' } = useParams()
  const { say } = useLanguage()
  const order = useQuery({ queryKey: ['payment order', id], queryFn: () => api.paymentOrder(id) })
  const { name, batch } = order.data ?? {}
  return (
    <Page
      title={name === undefined ? say('payOrder') : say('payOrderOf', { name })}
      lead={
        <Link to={batch === undefined ? '/payments' : `/payments/${batch}`}>
          {say('payBackToBatch')}
        </Link>
      }
    >
      <Await query={order}>{(data) => <Order order={data} />}</Await>
    </Page>
  )
}

function Order({ order }: { readonly order: PaymentOrderDetail }) {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const navigate = useNavigate()
  const tries = useMay('settlements try')
  const open = useMutation({
    mutationFn: api.settlement,
    onSuccess: ({ settlement: { person, bill } }) =>
      navigate(`/?${new URLSearchParams({ person, bill })}`),
  })
  return (
    <>
      <p>
        <strong>
          <Money fen={order.amount} />
        </strong>{' '}
        · {ITEM_STATES[order.state][lang]} · {fundName(order.fund)} · {order.number}{' '}
        {order.bankName}
      </p>
      {order.endToEnd !== null && (
        <p>
          {say('payEndToEnd')} <code>{order.endToEnd}</code>
        </p>
      )}
      <Section title={say('payEntries')} note={say('payEntriesNote')}>
        <ProblemAlert error={open.error} />
        <DataTable
          caption={say('payEntries')}
          cards
          rows={order.entries}
          rowKey={({ subject, kind }) => subject + kind}
          columns={[
            {
              key: 'bill',
              title: say('billNumber'),
              heading: true,
              cell: ({ bill, settlement, subject }) =>
                bill !== null && settlement !== null && tries ? (
                  <Button
                    type="link"
                    className="link-in-cell"
                    onClick={() => open.mutate(settlement)}
                  >
                    {bill}
                  </Button>
                ) : (
                  (bill ?? subject)
                ),
            },
            { key: 'kind', title: say('ledgerKind'), cell: ({ kind }) => ENTRY_KINDS[kind][lang] },
            { key: 'day', title: say('ledgerBookedOn'), cell: ({ day }) => day },
            {
              key: 'rules',
              title: say('payRules'),
              cell: ({ rules }) => rules.join(say('listComma')) || '—',
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
      <Section title={say('payAnswers')}>
        <DataTable
          caption={say('payAnswers')}
          cards
          rows={order.answers}
          rowKey={(_, i) => String(i)}
          empty={say('payNoAnswers')}
          columns={[
            { key: 'at', title: say('payAt'), heading: true, cell: ({ at }) => moment(at) },
            { key: 'status', title: say('payStatus'), cell: ({ status }) => say(STATUSES[status]) },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => (amount === null ? '—' : <Money fen={amount} />),
            },
            { key: 'reason', title: say('payBankSays'), cell: ({ reason }) => reason ?? '—' },
            { key: 'file', title: say('payFile'), cell: ({ file }) => file },
          ]}
        />
      </Section>
    </>
  )
}
