import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Input } from 'antd'
import { useId, useState } from 'react'
import { PAYERS } from '#domains/settlement/types.ts'
import { api, type ToClear } from '#web/api.ts'
import { Adjustments } from '#web/parts/adjustments.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await, Working } from '#web/parts/waiting.tsx'

/** 清算与追回: records that money has moved, and decides what is taken back from persons. */
export default function ClearingPage() {
  const { say } = useLanguage()
  const waiting = useQuery({
    queryKey: ['adjustments', 'waiting'],
    queryFn: api.adjustmentsWaiting,
  })
  return (
    <Page title={say('clearingPage')} lead={say('clearingLead')}>
      <Clear />
      <Section title={say('recoveriesWaiting')}>
        <Await query={waiting}>
          {({ adjustments }) => (
            <Adjustments adjustments={adjustments} empty={say('noRecoveriesWaiting')} ofPersons />
          )}
        </Await>
      </Section>
    </Page>
  )
}

function Clear() {
  const { lang, say } = useLanguage()
  const { modal } = App.useApp()
  const handles = useMay('clearings clear')
  const client = useQueryClient()
  const [asked, setAsked] = useState({ from: '', until: '', hospital: '' })
  const ids = { from: useId(), until: useId(), hospital: useId() }
  const preview = useMutation({ mutationFn: api.previewClearing })
  const clear = useCommand(api.clear, async () => {
    preview.reset()
    await client.invalidateQueries()
  })
  const change = (field: keyof typeof asked) => (value: string) => {
    preview.reset()
    clear.reset()
    setAsked({ ...asked, [field]: value })
  }
  const toClear = (): ToClear => {
    const { from, until, hospital } = asked
    return { from, until, ...(hospital.trim() ? { hospital: hospital.trim() } : {}) }
  }
  const confirm = (settlements: number, total: number) =>
    modal.confirm({
      title: say('clearQuestion'),
      content: say('clearExplains', { n: String(settlements), total: money(total) }),
      okText: say('clearNow'),
      cancelText: say('cancel'),
      onOk: () => clear.mutate(toClear()),
    })
  return (
    <Section title={say('clearSettlements')}>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          preview.mutate(toClear())
        }}
      >
        <label htmlFor={ids.from}>{say('clearFrom')}</label>
        <Input
          id={ids.from}
          type="date"
          value={asked.from}
          onChange={({ target }) => change('from')(target.value)}
          required
        />
        <label htmlFor={ids.until}>{say('clearUntil')}</label>
        <Input
          id={ids.until}
          type="date"
          min={asked.from}
          value={asked.until}
          onChange={({ target }) => change('until')(target.value)}
          required
        />
        <label htmlFor={ids.hospital}>{say('clearHospital')}</label>
        <Input
          id={ids.hospital}
          value={asked.hospital}
          onChange={({ target }) => change('hospital')(target.value)}
          maxLength={200}
        />
        <Button htmlType="submit" loading={preview.isPending}>
          {say('clearPreview')}
        </Button>
      </form>
      {(preview.isPending || clear.isPending) && <Working text={say('workingSave')} />}
      <ProblemAlert error={preview.error} retry={() => preview.mutate(toClear())} />
      <ProblemAlert error={clear.error} retry={() => clear.mutate(toClear())} />
      {clear.isSuccess && (
        <Alert type="success" showIcon title={say('clearedDone')} role="status" />
      )}
      {preview.data?.settlements === 0 && (
        <Alert type="info" showIcon title={say('clearNothing')} />
      )}
      {preview.data && preview.data.settlements > 0 && (
        <>
          <p>{say('clearCount', { n: String(preview.data.settlements) })}</p>
          <DataTable
            caption={say('clearSettlements')}
            rows={[
              ...preview.data.payers.map(({ payer, amount }) => ({
                name: PAYERS[payer][lang],
                amount,
              })),
              { name: say('patient'), amount: preview.data.patient },
              { name: say('total'), amount: preview.data.total },
            ]}
            rowKey={({ name }) => name}
            columns={[
              { key: 'name', title: say('party'), heading: true, cell: ({ name }) => name },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
            ]}
          />
          {handles && (
            <div className="actions">
              <Button
                type="primary"
                onClick={() => confirm(preview.data.settlements, preview.data.total)}
              >
                {say('clearNow')}…
              </Button>
            </div>
          )}
        </>
      )}
    </Section>
  )
}
