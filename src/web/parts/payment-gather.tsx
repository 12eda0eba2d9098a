import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { useId, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, type PaymentPreview, type ToPay } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

const WHY = {
  unnamed: 'whyUnnamed',
  no_account: 'whyNoAccount',
  no_fund_account: 'whyNoFundAccount',
  below_zero: 'whyBelowZero',
} as const satisfies Readonly<Record<PaymentPreview['left'][number]['why'], string>>

/** What is owed by a day, and the batch that is made of it. */
export function PaymentGather() {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const client = useQueryClient()
  const navigate = useNavigate()
  const makes = useMay('payments make')
  const [asked, setAsked] = useState({ until: '', payOn: '', payee: '' })
  const ids = { until: useId(), payOn: useId(), payee: useId() }
  const preview = useMutation({ mutationFn: api.previewPayment })
  const make = useCommand(api.makePayment, async ({ id }) => {
    await client.invalidateQueries()
    await navigate(`/payments/${id}`)
  })
  const change = (field: keyof typeof asked) => (value: string) => {
    preview.reset()
    make.reset()
    setAsked({ ...asked, [field]: value })
  }
  const toPay = (): ToPay => {
    const { until, payOn, payee } = asked
    return { until, payOn, ...(payee.trim() ? { payee: payee.trim() } : {}) }
  }
  const orders = preview.data?.orders ?? []
  const facts = {
    n: String(orders.length),
    total: money(orders.reduce((sum, { amount }) => sum + amount, 0)),
  }
  const confirm = () =>
    modal.confirm({
      title: say('payMakeQuestion'),
      content: say('payMakeExplains', facts),
      okText: say('payMake'),
      cancelText: say('cancel'),
      onOk: () => make.mutate(toPay()),
    })
  return (
    <Section title={say('payGather')}>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          preview.mutate(toPay())
        }}
      >
        <label htmlFor={ids.until}>{say('payUntil')}</label>
        <Input
          id={ids.until}
          type="date"
          value={asked.until}
          onChange={({ target }) => change('until')(target.value)}
          required
        />
        <label htmlFor={ids.payOn}>{say('payOn')}</label>
        <Input
          id={ids.payOn}
          type="date"
          value={asked.payOn}
          onChange={({ target }) => change('payOn')(target.value)}
          required
        />
        <label htmlFor={ids.payee}>{say('payPayee')}</label>
        <Input
          id={ids.payee}
          value={asked.payee}
          maxLength={200}
          aria-describedby={`${ids.payee}-note`}
          onChange={({ target }) => change('payee')(target.value)}
        />
        <Button htmlType="submit" loading={preview.isPending}>
          {say('payPreview')}
        </Button>
      </form>
      <p id={`${ids.payee}-note`} className="quiet">
        {say('payPayee')}
        {say('colon')}
        {say('payPayeeNote')}
      </p>
      {(preview.isPending || make.isPending) && <Working text={say('workingAct')} />}
      <ProblemAlert error={preview.error} retry={() => preview.mutate(toPay())} />
      <ProblemAlert error={make.error} retry={() => make.mutate(toPay())} />
      {preview.data && <Owed preview={preview.data} />}
      {orders.length > 0 && (
        <div className="actions">
          <span>{say('payWould', facts)}</span>
          {makes && (
            <Button type="primary" onClick={confirm}>
              {say('payMake')}…
            </Button>
          )}
        </div>
      )}
    </Section>
  )
}

function Owed({ preview: { orders, left } }: { readonly preview: PaymentPreview }) {
  const { say } = useLanguage()
  const fundName = useFundName()
  const key = ({ fund, payee }: { readonly fund: string; readonly payee: string }) =>
    `${fund} ${payee}`
  return (
    <>
      <DataTable
        caption={say('payGather')}
        cards
        rows={orders}
        rowKey={key}
        empty={say('payNothing')}
        columns={[
          { key: 'name', title: say('payPayee'), heading: true, cell: ({ name }) => name },
          { key: 'account', title: say('payAccount'), cell: ({ number }) => number },
          { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
        ]}
      />
      {left.length > 0 && (
        <>
          <h3>{say('payLeft')}</h3>
          <DataTable
            caption={say('payLeft')}
            cards
            rows={left}
            rowKey={key}
            columns={[
              { key: 'payee', title: say('payPayee'), heading: true, cell: ({ payee }) => payee },
              { key: 'why', title: say('payWhy'), cell: ({ why }) => say(WHY[why]) },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
            ]}
          />
        </>
      )}
    </>
  )
}
