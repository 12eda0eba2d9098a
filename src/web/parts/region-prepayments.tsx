import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { PREPAYMENT_KINDS, type Prepayment } from '#domains/crossregion/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { today } from '#web/parts/moment.ts'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { useEntered } from '#web/parts/region-entered.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

const PAID_WORDS = { owed: 'regionOwed', ordered: 'regionOrdered', paid: 'regionPaidOut' } as const

/** 预付金: what moved it, entered by one person and confirmed by another; then it is paid as everything that is owed. */
export function RegionPrepayments() {
  const { lang, say } = useLanguage()
  const fundName = useFundName()
  const enters = useMay('regions close')
  const [act, setAct] = useState<Act>()
  const prepayments = useQuery({
    queryKey: ['region prepayments'],
    queryFn: api.regionPrepayments,
  })
  const { add, columns } = useEntered<Prepayment>(
    'prepayments',
    ({ kind, insured, treating, amount }) =>
      `${PREPAYMENT_KINDS[kind][lang]} · ${insured} → ${treating} · ${money(amount)}`,
    setAct,
  )
  const start = () =>
    setAct({
      title: say('regionPrepay'),
      ok: say('regionPrepay'),
      note: say('regionPrepayNote'),
      fields: [
        { name: 'insured', label: say('regionInsured'), kind: 'text', needed: true },
        { name: 'treating', label: say('regionTreating'), kind: 'text', needed: true },
        {
          name: 'kind',
          label: say('regionKind'),
          kind: 'choice',
          needed: true,
          value: 'emergency',
          options: Object.entries(PREPAYMENT_KINDS).map(([value, title]) => ({
            value,
            label: title[lang],
          })),
        },
        {
          name: 'fund',
          label: say('ledgerFund'),
          kind: 'text',
          needed: true,
          note: say('monthFundNote'),
        },
        {
          name: 'year',
          label: say('regionYear'),
          kind: 'count',
          needed: true,
          value: today().slice(0, 4),
        },
        {
          name: 'amount',
          label: say('amountYuan'),
          kind: 'yuan',
          note: say('regionAmountNote'),
        },
        { name: 'document', label: say('monthTermsDocument'), kind: 'text', needed: true },
      ],
      send: ({ year, ...typed }) => add({ ...typed, year: Number(year) }),
    })
  return (
    <Section
      title={say('regionPrepayments')}
      note={say('regionPrepaymentsNote')}
      actions={enters && <Button onClick={start}>{say('regionPrepay')}…</Button>}
    >
      <Await query={prepayments}>
        {({ prepayments: rows }) => (
          <DataTable<Prepayment>
            caption={say('regionPrepayments')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('regionNoPrepayments')}
            columns={[
              {
                key: 'pair',
                title: say('regionPair'),
                heading: true,
                cell: ({ insured, treating }) => `${insured} → ${treating}`,
              },
              {
                key: 'kind',
                title: say('regionKind'),
                cell: ({ kind, year }) => `${PREPAYMENT_KINDS[kind][lang]} · ${year}`,
              },
              { key: 'fund', title: say('ledgerFund'), cell: ({ fund }) => fundName(fund) },
              {
                key: 'amount',
                title: say('amountYuan'),
                numeric: true,
                cell: ({ amount }) => <Money fen={amount} />,
              },
              {
                key: 'document',
                title: say('monthTermsDocument'),
                cell: ({ document: text }) => text,
              },
              {
                key: 'paid',
                title: say('regionPayment'),
                cell: ({ paid }) => (paid === null ? '—' : say(PAID_WORDS[paid])),
              },
              ...columns,
            ]}
          />
        )}
      </Await>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
