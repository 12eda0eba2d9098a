import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { api, type CoinsurancePanel } from '#web/api.ts'
import { CoinsuranceAgreements } from '#web/parts/coinsurance-agreements.tsx'
import { CoinsuranceMonths } from '#web/parts/coinsurance-months.tsx'
import { CoinsurancePanels, usePanelName } from '#web/parts/coinsurance-panels.tsx'
import { CoinsuranceReceipts } from '#web/parts/coinsurance-receipts.tsx'
import { CoinsuranceStatementView } from '#web/parts/coinsurance-statement.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 共保: what insurers owe one another, month by month, and the panels by which they share. */
export default function CoinsurancePage() {
  const { say } = useLanguage()
  const reads = useMay('coinsurance read')
  const panels = useQuery({ queryKey: ['coinsurance panels'], queryFn: api.coinsurancePanels })
  return (
    <Page title={say('coinsurancePage')} lead={say('coinsuranceLead')}>
      <Await query={panels}>
        {({ panels: rows }) => (
          <>
            {reads && <Shared panels={rows.filter(({ state }) => state === 'confirmed')} />}
            <CoinsurancePanels panels={rows} />
          </>
        )}
      </Await>
    </Page>
  )
}

function Shared({ panels }: { readonly panels: readonly CoinsurancePanel[] }) {
  const { say } = useLanguage()
  const nameOf = usePanelName()
  const [chosen, setChosen] = useState('')
  const [month, setMonth] = useState('')
  const [asked, setInsurer] = useState('')
  const forItself = useMay('coinsurance agree')
  const panel = panels.find(({ id }) => id === chosen) ?? panels[0]
  // Whoever signs in for an insurer finds it alone among the members.
  const insurer = forItself ? (panel?.members[0]?.insurer ?? '') : asked
  const months = useQuery({
    queryKey: ['coinsurance months', panel?.id],
    queryFn: () => api.coinsuranceMonths(panel?.id ?? ''),
    enabled: panel !== undefined,
  })
  if (!panel) return <p className="quiet">{say('shareNoPanels')}</p>
  const closed = months.data?.months ?? []
  return (
    <>
      <div className="filters">
        <div className="field">
          <label htmlFor="share-panel">{say('sharePanel')}</label>
          <Select
            id="share-panel"
            value={panel.id}
            popupMatchSelectWidth={false}
            options={panels.map((each) => ({ value: each.id, label: nameOf(each) }))}
            onChange={(next) => {
              setChosen(next)
              setMonth('')
              setInsurer('')
            }}
          />
        </div>
        <div className="field">
          <label htmlFor="share-month">{say('shareUntilMonth')}</label>
          <Select
            id="share-month"
            value={month}
            options={[
              { value: '', label: say('shareLastMonth') },
              ...closed.map((each) => ({ value: each.month, label: each.month })).toReversed(),
            ]}
            onChange={setMonth}
          />
        </div>
        <div className="field">
          <label htmlFor="share-insurer">{say('shareOf')}</label>
          <Select
            id="share-insurer"
            value={insurer}
            popupMatchSelectWidth={false}
            options={[
              ...(forItself ? [] : [{ value: '', label: say('shareAll') }]),
              ...panel.members.map((each) => ({
                value: each.insurer,
                label: `${each.insurer} ${each.name}`,
              })),
            ]}
            onChange={setInsurer}
          />
        </div>
      </div>
      {closed.length > 0 && (
        <CoinsuranceStatementView panel={panel.id} asked={{ month, insurer }} />
      )}
      <Await query={months}>
        {(found) => (
          <>
            <CoinsuranceAgreements panel={panel} months={found} />
            <CoinsuranceMonths panel={panel.id} months={found} />
          </>
        )}
      </Await>
      <CoinsuranceReceipts panel={panel} />
    </>
  )
}
