import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { api, type PaymentAccount } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { Section } from '#web/parts/page.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

const HOLDERS = {
  institution: 'holderInstitution',
  person: 'holderPerson',
  fund: 'holderFund',
  region: 'holderRegion',
  insurer: 'holderInsurer',
  coinsurer: 'holderCoinsurer',
} as const satisfies Readonly<Record<PaymentAccount['holder'], string>>

/** 收付款账户: where funds pay from and payees are paid; masked. */
export function PaymentAccounts() {
  const { say } = useLanguage()
  const fundName = useFundName()
  const gives = useMay('payees write')
  const client = useQueryClient()
  const accounts = useQuery({ queryKey: ['payment accounts'], queryFn: api.paymentAccounts })
  const add = useCommand(api.addPaymentAccount, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const text = (name: string, label: string) =>
    ({ name, label, kind: 'text', needed: true }) as const
  const start = () =>
    setAct({
      title: say('payAddAccount'),
      ok: say('payAddAccount'),
      fields: [
        {
          name: 'holder',
          label: say('payHolder'),
          kind: 'choice',
          needed: true,
          value: 'institution',
          options: Object.entries(HOLDERS).map(([value, word]) => ({ value, label: say(word) })),
        },
        text('holderId', say('payHolderId')),
        { name: 'from', label: say('payFrom'), kind: 'day', needed: true },
        {
          name: 'kind',
          label: say('payAccountKind'),
          kind: 'choice',
          needed: true,
          value: 'account',
          options: [
            { value: 'account', label: say('kindAccount') },
            { value: 'card', label: say('kindCard') },
          ],
        },
        text('name', say('payAccountName')),
        text('number', say('payAccountNumber')),
        text('bankCode', say('payBankCode')),
        text('bankName', say('payBankName')),
        { name: 'answerDays', label: say('payAnswerDays'), kind: 'count' },
        text('document', say('payDocument')),
      ],
      send: (typed) => add.mutateAsync(typed),
    })
  return (
    <Section
      title={say('payAccounts')}
      note={say('payAccountsNote')}
      actions={gives && <Button onClick={start}>{say('payAddAccount')}…</Button>}
    >
      <Await query={accounts}>
        {({ accounts: rows }) => (
          <DataTable
            caption={say('payAccounts')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('payNoAccounts')}
            columns={[
              {
                key: 'holder',
                title: say('payHolder'),
                heading: true,
                cell: ({ holder, holderId }) =>
                  holder === 'fund' ? fundName(holderId) : `${say(HOLDERS[holder])} ${holderId}`,
              },
              { key: 'name', title: say('payAccountName'), cell: ({ name }) => name },
              { key: 'number', title: say('payAccountNumber'), cell: ({ number }) => number },
              { key: 'bank', title: say('payBankName'), cell: ({ bankName }) => bankName },
              { key: 'from', title: say('payFrom'), cell: ({ from }) => from },
              { key: 'by', title: say('payBy'), cell: ({ user }) => user },
            ]}
          />
        )}
      </Await>
      {act && <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
