import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { formatRate } from '#base/money.ts'
import { RECORD_STATES } from '#domains/coinsurance/types.ts'
import { api, type CoinsurancePanel } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { AddPanel } from '#web/parts/add-panel.tsx'
import { GRADE_WORDS } from '#web/parts/badges.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'

/** The products by name; a panel is called by its product and its period. */
export function usePanelName(): (
  panel: Pick<CoinsurancePanel, 'scheme' | 'from' | 'until'>,
) => string {
  const { lang, say } = useLanguage()
  const products = useQuery({
    queryKey: ['coinsurance products'],
    queryFn: api.coinsuranceProducts,
  })
  return ({ scheme, from, until }) =>
    say('sharePanelName', {
      product:
        products.data?.products.find((each) => each.scheme === scheme)?.title[lang] ?? scheme,
      from,
      until,
    })
}

/** 共保体登记: what insurers agreed, entered by one person and confirmed by another. */
export function CoinsurancePanels({ panels }: { readonly panels: readonly CoinsurancePanel[] }) {
  const { lang, say } = useLanguage()
  const enters = useMay('panels write')
  const confirms = useMay('panels confirm')
  const nameOf = usePanelName()
  const client = useQueryClient()
  const decide = useCommand(api.decideCoinsurancePanel, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const [adding, setAdding] = useState(false)
  const decideOn = (panel: CoinsurancePanel, what: 'confirm' | 'withdraw') =>
    setAct({
      title: say(what === 'confirm' ? 'shareConfirm' : 'shareWithdraw'),
      ok: say(what === 'confirm' ? 'shareConfirm' : 'shareWithdraw'),
      note: say('shareConfirmPanelNote', {
        product: nameOf(panel),
        from: panel.from,
        until: panel.until,
        n: String(panel.members.length),
        lead: panel.lead,
        source: panel.source,
      }),
      danger: what === 'withdraw',
      fields:
        what === 'withdraw'
          ? [{ name: 'reason', label: say('shareReason'), kind: 'text', needed: true }]
          : [],
      send: (typed) => decide.mutateAsync({ of: panel.id, act: what, ...typed }),
    })
  const actsOf = (panel: CoinsurancePanel) => [
    ...(confirms && panel.state === 'proposed'
      ? [{ word: 'shareConfirm', start: () => decideOn(panel, 'confirm') } as const]
      : []),
    ...(panel.state !== 'withdrawn' && panel.closedUntil === null
      ? [{ word: 'shareWithdraw', start: () => decideOn(panel, 'withdraw') } as const]
      : []),
  ]
  return (
    <Section
      title={say('sharePanels')}
      note={say('sharePanelsNote')}
      actions={enters && <Button onClick={() => setAdding(true)}>{say('shareAdd')}…</Button>}
    >
      <DataTable<CoinsurancePanel>
        caption={say('sharePanels')}
        cards
        rows={panels}
        rowKey={({ id }) => id}
        empty={say('shareNone')}
        columns={[
          {
            key: 'product',
            title: say('sharePanel'),
            heading: true,
            cell: (panel) => nameOf(panel),
          },
          {
            key: 'members',
            title: say('shareMembers'),
            cell: ({ members, lead }) => (
              <details>
                <summary>
                  {say('shareMembersSum', { n: String(members.length), sum: '100%' })}
                </summary>
                <ol>
                  {members.map(({ insurer, name, share }) => (
                    <li key={insurer}>
                      {insurer} {insurer === lead ? say('shareLeads', { name }) : name}{' '}
                      {formatRate(share)}
                    </li>
                  ))}
                </ol>
              </details>
            ),
          },
          {
            key: 'source',
            title: say('shareSource'),
            cell: ({ source, grade }) => `${source} · ${say(GRADE_WORDS[grade])}`,
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
          ...(enters
            ? [
                {
                  key: 'act',
                  title: say('action'),
                  cell: (panel: CoinsurancePanel) =>
                    actsOf(panel).length > 0 && <RowActs of={nameOf(panel)} acts={actsOf(panel)} />,
                },
              ]
            : []),
        ]}
      />
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
      {adding && <AddPanel onClose={() => setAdding(false)} />}
    </Section>
  )
}
