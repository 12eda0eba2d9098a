import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { BATCH_STATES } from '#domains/payments/types.ts'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { PaymentAccounts } from '#web/parts/payment-accounts.tsx'
import { PaymentAnswers } from '#web/parts/payment-answers.tsx'
import { PaymentBreaks } from '#web/parts/payment-breaks.tsx'
import { PaymentGather } from '#web/parts/payment-gather.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 付款: what is owed, the batches that pay it, what banks answered, and what does not fit. */
export default function PaymentsPage() {
  const { say } = useLanguage()
  const makes = useMay('payments make')
  const readsAccounts = useMay('payees read')
  return (
    <Page title={say('paymentsPage')} lead={say('paymentsLead')}>
      <Batches />
      <PaymentGather />
      {makes && <PaymentAnswers />}
      <PaymentBreaks />
      {readsAccounts && <PaymentAccounts />}
    </Page>
  )
}

function Batches() {
  const { lang, say } = useLanguage()
  const [before, setBefore] = useState('')
  const batches = useQuery({
    queryKey: ['payments', before],
    queryFn: () => api.paymentBatches(before),
  })
  const sumOf = (items: readonly { readonly orders: number; readonly amount: number }[]) =>
    items.reduce((sum, { amount }) => sum + amount, 0)
  return (
    <Section title={say('payBatches')}>
      <Await query={batches}>
        {({ batches: rows, held, next }) => (
          <>
            {held && (
              <Alert type="warning" showIcon role="alert" title={say('paymentHeld', held)} />
            )}
            <DataTable
              caption={say('payBatches')}
              cards
              rows={rows}
              rowKey={({ id }) => id}
              empty={say('payNoBatches')}
              columns={[
                {
                  key: 'no',
                  title: say('payBatches'),
                  heading: true,
                  cell: ({ id, no }) => (
                    <Link to={`/payments/${id}`}>{say('payBatch', { no: String(no) })}</Link>
                  ),
                },
                {
                  key: 'state',
                  title: say('state'),
                  cell: ({ state }) => BATCH_STATES[state][lang],
                },
                { key: 'payOn', title: say('payOn'), cell: ({ payOn }) => payOn },
                { key: 'madeBy', title: say('payMadeBy'), cell: ({ madeBy }) => madeBy },
                {
                  key: 'orders',
                  title: say('payOrders'),
                  numeric: true,
                  cell: ({ items }) => items.reduce((sum, { orders }) => sum + orders, 0),
                },
                {
                  key: 'amount',
                  title: say('amountYuan'),
                  numeric: true,
                  cell: ({ items }) => <Money fen={sumOf(items)} />,
                },
              ]}
            />
            {next !== undefined && (
              <Button onClick={() => setBefore(String(next))}>{say('payOlder')}</Button>
            )}
          </>
        )}
      </Await>
    </Section>
  )
}
